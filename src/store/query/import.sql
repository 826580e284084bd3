-- Files and pasted rows on their way in.

-- name: import_draft_add :exec
-- in: tenant_id tenant, i64 id, text kind, person_id person, text name, text body, instant at
INSERT INTO import_draft (tenant_id, id, kind, person_id, name, body, state, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $7);

-- name: import_draft_get :one
-- in: tenant_id tenant, i64 id
-- out: text kind, person_id person_id, text name, text body, text state, instant created_at, instant changed_at
SELECT kind, person_id, name, body, state, created_at, changed_at FROM import_draft WHERE tenant_id = $1 AND id = $2;

-- name: import_draft_set :execrows
-- changed_at is the version that a page sends back: it grows with every change, whatever the clock says.
-- in: tenant_id tenant, i64 id, text body, text state
UPDATE import_draft SET body = $3, state = $4, changed_at = changed_at + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'open';

-- name: import_drafts_newest :many
-- in: tenant_id tenant, i64 before, i64 limit
-- out: i64 id, text kind, text name, text state
SELECT id, kind, name, state FROM import_draft
 WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;
