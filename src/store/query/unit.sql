-- name: unit_add :exec
-- in: unit_id id, tenant_id tenant, unit_id parent, text kind, text code, text name, int position, instant valid_from
INSERT INTO unit (id, tenant_id, parent_id, kind, code, name, position, valid_from, valid_to)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807);

-- name: unit_get :one
-- in: tenant_id tenant, unit_id id
-- out: unit_id id, unit_id parent_id, text kind, text code, text name, int position, instant valid_from, instant valid_to
SELECT id, parent_id, kind, code, name, position, valid_from, valid_to FROM unit WHERE tenant_id = $1 AND id = $2;

-- name: unit_by_code :one
-- in: tenant_id tenant, text code
-- out: unit_id id
SELECT id FROM unit WHERE tenant_id = $1 AND code = $2;

-- name: tenant_by_code :one
-- The unit that owns rows under this code; the oldest, should two have it.
-- in: text code
-- out: tenant_id id, text kind, text name
SELECT id, kind, name FROM unit WHERE id = tenant_id AND code = $1 ORDER BY id LIMIT 1;

-- name: units_named :many
-- Units of a tenant by name, present at $3; two are enough to know that the name is not unique.
-- in: tenant_id tenant, text name, instant at
-- out: unit_id id
SELECT id FROM unit WHERE tenant_id = $1 AND name = $2 AND valid_from <= $3 AND $3 < valid_to ORDER BY id LIMIT 2;

-- name: units_of :many
-- Every unit of a tenant that exists at some time of [$3, $4), in the order of ids.
-- in: tenant_id tenant, unit_id after, instant from, instant to, i64 limit
-- out: unit_id id, unit_id parent_id, text kind, text code, text name, instant valid_from, instant valid_to
SELECT id, parent_id, kind, code, name, valid_from, valid_to FROM unit
 WHERE tenant_id = $1 AND id > $2 AND valid_from < $4 AND valid_to > $3 ORDER BY id LIMIT $5;

-- name: unit_rename :execrows
-- in: tenant_id tenant, unit_id id, text name
UPDATE unit SET name = $3 WHERE tenant_id = $1 AND id = $2 AND name <> $3;
