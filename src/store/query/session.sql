-- Sessions, one-time codes and failed sign-ins: operational rows, no tenant's own.

-- name: session_add :exec
-- in: hash token_hash, session_id id, tenant_id tenant, account_id account, text csrf, flag own_device, text agent, instant at, instant expires_at
INSERT INTO session (token_hash, id, tenant_id, account_id, csrf, own_device, agent, appointment_id, created_at, seen_at, password_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, $8, $9);

-- name: session_by_token :one
-- A live session; what has expired is as if it were not there.
-- in: hash token_hash, instant now
-- out: session_id id, tenant_id tenant_id, account_id account_id, text csrf, flag own_device, appointment_id appointment_id, instant password_at, instant seen_at
SELECT id, tenant_id, account_id, csrf, own_device, appointment_id, password_at, seen_at FROM session
 WHERE token_hash = $1 AND expires_at > $2;

-- name: session_get :one
-- in: tenant_id tenant, session_id id
-- out: account_id account_id
SELECT account_id FROM session WHERE tenant_id = $1 AND id = $2;

-- name: session_roll :execrows
-- in: hash token_hash, instant now, instant seen_before, instant expires_at
UPDATE session SET seen_at = $2, expires_at = CASE WHEN own_device = 1 THEN $4 ELSE expires_at END
 WHERE token_hash = $1 AND seen_at <= $3 AND expires_at > $2;

-- name: session_set_hat :execrows
-- in: tenant_id tenant, account_id account, session_id id, appointment_id appointment
UPDATE session SET appointment_id = $4 WHERE tenant_id = $1 AND account_id = $2 AND id = $3;

-- name: session_set_password_at :execrows
-- in: tenant_id tenant, account_id account, session_id id, instant at
UPDATE session SET password_at = $4 WHERE tenant_id = $1 AND account_id = $2 AND id = $3;

-- name: session_set_token :execrows
-- in: tenant_id tenant, account_id account, session_id id, hash token_hash, text csrf
UPDATE session SET token_hash = $4, csrf = $5 WHERE tenant_id = $1 AND account_id = $2 AND id = $3;

-- name: session_drop :execrows
-- in: tenant_id tenant, account_id account, session_id id
DELETE FROM session WHERE tenant_id = $1 AND account_id = $2 AND id = $3;

-- name: sessions_drop_others :execrows
-- Every session of the account but $3 (0: every one).
-- in: tenant_id tenant, account_id account, session_id but
DELETE FROM session WHERE tenant_id = $1 AND account_id = $2 AND id <> $3;

-- name: sessions_of :many
-- in: tenant_id tenant, account_id account, instant now, i64 limit
-- out: session_id id, text agent, flag own_device, instant created_at, instant seen_at
SELECT id, agent, own_device, created_at, seen_at FROM session
 WHERE tenant_id = $1 AND account_id = $2 AND expires_at > $3 ORDER BY id LIMIT $4;

-- name: sessions_sweep :execrows
-- in: instant now
DELETE FROM session WHERE expires_at <= $1;

-- name: code_add :exec
-- in: hash code_hash, i64 id, text kind, tenant_id tenant, account_id account, text scope, instant created_at, instant expires_at
INSERT INTO one_time_code (code_hash, id, kind, tenant_id, account_id, scope, created_at, expires_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0);

-- name: code_get :one
-- A code that can still be used.
-- in: hash code_hash, text kind, instant now
-- out: i64 id, tenant_id tenant_id, account_id account_id, text scope
SELECT id, tenant_id, account_id, scope FROM one_time_code
 WHERE code_hash = $1 AND kind = $2 AND used_at = 0 AND expires_at > $3;

-- name: code_use :execrows
-- Compare and set: of two who bring the same code one gets a row.
-- in: hash code_hash, text kind, instant now
UPDATE one_time_code SET used_at = $3 WHERE code_hash = $1 AND kind = $2 AND used_at = 0 AND expires_at > $3;

-- name: codes_revoke :execrows
-- in: tenant_id tenant, account_id account, text kind, instant now
UPDATE one_time_code SET used_at = $4 WHERE tenant_id = $1 AND account_id = $2 AND kind = $3 AND used_at = 0;

-- name: codes_sweep :execrows
-- in: instant before
DELETE FROM one_time_code WHERE expires_at <= $1;

-- name: sign_in_try_get :one
-- in: text key, day day
-- out: int n, instant last_at
SELECT n, last_at FROM sign_in_try WHERE key = $1 AND day = $2;

-- name: sign_in_try_add :exec
-- in: text key, day day, instant at
INSERT INTO sign_in_try (key, day, n, last_at) VALUES ($1, $2, 1, $3)
  ON CONFLICT (key, day) DO UPDATE SET n = sign_in_try.n + 1, last_at = excluded.last_at;

-- name: sign_in_try_clear :exec
-- in: text key
DELETE FROM sign_in_try WHERE key = $1;

-- name: sign_in_tries_sweep :execrows
-- in: day before
DELETE FROM sign_in_try WHERE day < $1;
