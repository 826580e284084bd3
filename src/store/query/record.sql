-- name: record_get :one
-- One record of the tenant, with its body.
-- in: tenant_id tenant, record_id id
-- out: record_id id, i64 composition_id, text loop, text number, text state, flag final, flag is_void, flag sealed, i64 version, unit_id unit_id, place_id place_id, person_id creator_id, person_id typist_id, text title, record_id again_of, int again_n, record_id parent_id, text parent_link, instant created_at, instant changed_at, instant entered_at, instant due_at, int rung, instant wake_at, text body, salt salt
SELECT id, composition_id, loop, number, state, final, void, sealed, version, unit_id, place_id, creator_id, typist_id, title,
       again_of, again_n, parent_id, parent_link, created_at, changed_at, entered_at, due_at, rung, wake_at, body, salt
  FROM record WHERE tenant_id = $1 AND id = $2;

-- name: record_by_number :one
-- in: tenant_id tenant, text number
-- out: record_id id
SELECT id FROM record WHERE tenant_id = $1 AND number = $2 ORDER BY id LIMIT 1;

-- name: record_by_key :one
-- The record that a client's key made (interfaces §3).
-- in: tenant_id tenant, account_id account, text client_key
-- out: record_id id, blob client_hash
SELECT id, client_hash FROM record WHERE tenant_id = $1 AND account_id = $2 AND client_key = $3 AND client_key <> '';

-- name: record_add :exec
-- in: tenant_id tenant, record_id id, i64 composition_id, text loop, text number, text state, flag final, flag sealed, unit_id unit, place_id place, person_id creator_id, person_id typist_id, text title, record_id again_of, int again_n, record_id parent_id, text parent_link, instant created_at, instant due_at, instant wake_at, account_id account, text client_key, blob client_hash, text body, salt salt
INSERT INTO record (tenant_id, id, composition_id, loop, number, state, final, void, sealed, version, unit_id, place_id,
                    creator_id, typist_id, title, again_of, again_n, parent_id, parent_link, created_at, changed_at, entered_at, due_at, rung, wake_at,
                    account_id, client_key, client_hash, body, salt)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 1, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $18, $19, 0, $20, $21, $22, $23, $24, $25);

-- name: record_move :execrows
-- A step was taken: compare-and-set on the version.
-- in: tenant_id tenant, record_id id, i64 version, text state, flag final, flag is_void, flag sealed, place_id place, text title, instant changed_at, instant entered_at, instant due_at, int rung, instant wake_at, record_id again_of, int again_n, text body
UPDATE record SET state = $4, final = $5, void = $6, sealed = $7, place_id = $8, title = $9, changed_at = $10, entered_at = $11,
       due_at = $12, rung = $13, wake_at = $14, again_of = $15, again_n = $16, body = $17, version = version + 1
 WHERE tenant_id = $1 AND id = $2 AND version = $3;

-- name: record_rung_set :execrows
-- Time acted on the record: a rung fired, or its next moment changed. No new version: nobody's form is stale.
-- in: tenant_id tenant, record_id id, instant due_at, int rung, instant wake_at
UPDATE record SET due_at = $3, rung = $4, wake_at = $5 WHERE tenant_id = $1 AND id = $2;

-- name: record_wake_next :one
-- The next moment at which time acts on any record.
-- scope: system
-- in: instant until
-- out: instant wake_at, tenant_id tenant_id
SELECT wake_at, tenant_id FROM record WHERE wake_at <= $1 AND wake_at < 9223372036854775807
 ORDER BY wake_at, tenant_id, id LIMIT 1;

-- name: record_wake_due :many
-- Records of a tenant on which time acts by $2, earliest first.
-- in: tenant_id tenant, instant until, i64 limit
-- out: record_id id, instant wake_at
SELECT id, wake_at FROM record WHERE tenant_id = $1 AND wake_at <= $2 AND wake_at < 9223372036854775807
 ORDER BY wake_at, id LIMIT $3;

-- name: records_open :many
-- Records that are not final, for refreshing who they fall on; in order of id.
-- in: tenant_id tenant, record_id after, i64 limit
-- out: record_id id
SELECT id FROM record WHERE tenant_id = $1 AND final = 0 AND void = 0 AND id > $2 ORDER BY id LIMIT $3;

-- name: records_all :many
-- Every record of a tenant in order of id: for audit and full recomputation.
-- in: tenant_id tenant, record_id after, i64 limit
-- out: record_id id
SELECT id FROM record WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: records_of_loop :many
-- Every record of a loop, then those that are void: what they triggered is void, not gone.
-- in: tenant_id tenant, text loop, flag after_void, record_id after, i64 limit
-- out: record_id id, flag is_void
SELECT id, void FROM record
 WHERE tenant_id = $1 AND loop = $2 AND (void, id) > ($3, $4) ORDER BY void, id LIMIT $5;

-- name: record_children :many
-- in: tenant_id tenant, record_id parent
-- out: record_id id, text loop, text number, text state, text title
SELECT id, loop, number, state, title FROM record WHERE tenant_id = $1 AND parent_id = $2 AND void = 0 ORDER BY id;

-- name: record_again :one
-- The latest record of the loop with the same value hash since a moment: found again.
-- in: tenant_id tenant, text loop, text value, instant since, record_id not_id
-- out: record_id id, record_id again_of, int again_n, text number
SELECT r.id, r.again_of, r.again_n, r.number
  FROM record_value AS v JOIN record AS r ON r.tenant_id = v.tenant_id AND r.id = v.record_id
 WHERE v.tenant_id = $1 AND v.loop = $2 AND v.field = '#again' AND v.value = $3 AND r.created_at >= $4 AND r.id <> $5 AND r.void = 0
 ORDER BY r.id DESC LIMIT 1;

-- name: record_unique_holder :one
-- The record that holds a unique place: field '#unique' and the key of the place.
-- in: tenant_id tenant, text loop, text value, record_id not_id
-- out: record_id id, text number, text title
SELECT r.id, r.number, r.title
  FROM record_value AS v JOIN record AS r ON r.tenant_id = v.tenant_id AND r.id = v.record_id
 WHERE v.tenant_id = $1 AND v.loop = $2 AND v.field = '#unique' AND v.value = $3 AND r.id <> $4 AND r.void = 0
 ORDER BY r.id LIMIT 1;

-- name: record_linked :many
-- Records of `loop` whose field points at one: linked(), done(), total().
-- in: tenant_id tenant, text loop, text field, text value
-- out: record_id id, text state, flag final
SELECT r.id, r.state, r.final
  FROM record_value AS v JOIN record AS r ON r.tenant_id = v.tenant_id AND r.id = v.record_id
 WHERE v.tenant_id = $1 AND v.loop = $2 AND v.field = $3 AND v.value = $4 AND r.void = 0
 ORDER BY r.id;

-- name: record_value_add :exec
-- in: tenant_id tenant, text loop, text field, text value, record_id record
INSERT INTO record_value (tenant_id, loop, field, value, record_id) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, loop, field, value, record_id) DO NOTHING;

-- name: record_values_of :many
-- in: tenant_id tenant, record_id record
-- out: text loop, text field, text value
SELECT loop, field, value FROM record_value WHERE tenant_id = $1 AND record_id = $2 ORDER BY field, value;

-- name: record_value_drop :exec
-- in: tenant_id tenant, text loop, text field, text value, record_id record
DELETE FROM record_value WHERE tenant_id = $1 AND loop = $2 AND field = $3 AND value = $4 AND record_id = $5;

-- name: record_search_put :exec
-- in: tenant_id tenant, record_id record, text loop, text text
INSERT INTO record_search (tenant_id, record_id, loop, text) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant_id, record_id) DO UPDATE SET text = excluded.text;

-- name: record_search_get :one
-- in: tenant_id tenant, record_id record
-- out: text text
SELECT text FROM record_search WHERE tenant_id = $1 AND record_id = $2;

-- name: counter_next :one
-- Gapless numbers: per tenant, kind and year, in the operation's own savepoint.
-- in: tenant_id tenant, text kind, int year
-- out: i64 n
INSERT INTO counter (tenant_id, kind, year, n) VALUES ($1, $2, $3, 1)
  ON CONFLICT (tenant_id, kind, year) DO UPDATE SET n = counter.n + 1
RETURNING n;

-- name: records_unfinished :many
-- Records of a loop that are not final, the newest first: few, for loops whose records rule (rosters, rules).
-- in: tenant_id tenant, text loop, i64 limit
-- out: record_id id, text state
SELECT id, state FROM record WHERE tenant_id = $1 AND loop = $2 AND final = 0 AND void = 0 ORDER BY id DESC LIMIT $3;
