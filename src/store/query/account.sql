-- Accounts and sign-in names.

-- name: login_get :one
-- in: text name
-- out: tenant_id tenant_id, account_id account_id
SELECT tenant_id, account_id FROM login WHERE name = $1;

-- name: login_any :one
-- Is there any account at all? An empty instance asks for its set-up code first.
-- out: text name
SELECT name FROM login ORDER BY name LIMIT 1;

-- name: login_add :exec
-- in: text name, tenant_id tenant, account_id account
INSERT INTO login (name, tenant_id, account_id) VALUES ($1, $2, $3);

-- name: account_add :exec
-- in: tenant_id tenant, account_id id, person_id person, text login, text role, instant at, salt salt
INSERT INTO account (tenant_id, id, person_id, login, state, role, password_hash, password_at, created_at, version, salt)
VALUES ($1, $2, $3, $4, 'new', $5, '', 0, $6, 1, $7);

-- name: account_get :one
-- in: tenant_id tenant, account_id id
-- out: person_id person_id, text login, text state, text role, text password_hash, instant password_at, instant created_at, i64 version
SELECT person_id, login, state, role, password_hash, password_at, created_at, version FROM account
 WHERE tenant_id = $1 AND id = $2;

-- name: account_scope :one
-- What a request asks of the account: who it is, while he belongs to the unit.
-- in: tenant_id tenant, account_id id
-- out: person_id person_id, text login, text state, text role, text name, instant left_at
SELECT a.person_id, a.login, a.state, a.role, COALESCE(p.name, ''),
       COALESCE(p.left_at, CASE WHEN a.person_id = 0 THEN 9223372036854775807 ELSE 0 END)
  FROM account AS a LEFT JOIN person AS p ON p.tenant_id = a.tenant_id AND p.id = a.person_id
 WHERE a.tenant_id = $1 AND a.id = $2;

-- name: account_content :one
-- in: tenant_id tenant, account_id id
-- out: text login, salt salt, person_id person_id, text role
SELECT login, salt, person_id, role FROM account WHERE tenant_id = $1 AND id = $2;

-- name: accounts_of_person :many
-- in: tenant_id tenant, person_id person
-- out: account_id id, text login, text state, text role
SELECT id, login, state, role FROM account WHERE tenant_id = $1 AND person_id = $2 ORDER BY id;

-- name: accounts_list :many
-- list
-- A page of accounts, in the order in which they were made.
-- in: tenant_id tenant, account_id after, i64 limit
-- out: account_id id, person_id person_id, text login, text state, text role, instant password_at, instant created_at
SELECT id, person_id, login, state, role, password_at, created_at FROM account
 WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: account_set_password :execrows
-- in: tenant_id tenant, account_id id, text password_hash, instant at
UPDATE account SET password_hash = $3, password_at = $4, version = version + 1,
       state = CASE WHEN state = 'new' THEN 'active' ELSE state END
 WHERE tenant_id = $1 AND id = $2;

-- name: account_set_state :execrows
-- in: tenant_id tenant, account_id id, text state
UPDATE account SET state = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state <> $3;
