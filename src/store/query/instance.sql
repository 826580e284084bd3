-- name: instance_value_get :one
-- scope: system
-- in: text name
-- out: text value
SELECT value FROM instance_value WHERE name = $1;

-- name: instance_value_put :exec
-- scope: system
-- in: text name, text value
INSERT INTO instance_value (name, value) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: tenant_by_code :one
-- Codes of tenants are unique among tenants of an instance by the way they are made.
-- scope: system
-- in: text code
-- out: tenant_id id, text name
SELECT id, name FROM unit WHERE id = tenant_id AND code = $1 ORDER BY id LIMIT 1;

-- name: login_get :one
-- scope: system
-- in: text name
-- out: tenant_id tenant_id, account_id account_id
SELECT tenant_id, account_id FROM login WHERE name = $1;
