-- name: client_key_get :one
-- in: tenant_id tenant, account_id account, text client_key
-- out: hash client_hash, i64 made
SELECT client_hash, made FROM client_key WHERE tenant_id = $1 AND account_id = $2 AND client_key = $3;

-- name: client_key_add :exec
-- in: tenant_id tenant, account_id account, text client_key, hash client_hash, i64 made, instant created_at
INSERT INTO client_key (tenant_id, account_id, client_key, client_hash, made, created_at) VALUES ($1, $2, $3, $4, $5, $6);
