-- Places and their keepers.

-- name: place_add :exec
-- in: tenant_id tenant, place_id id, place_id parent, unit_id unit, text kind, text code, text name, text risk, int position, instant opened_at, instant recorded_at
INSERT INTO place (tenant_id, id, parent_id, unit_id, kind, code, name, risk, position, opened_at, closed_at, recorded_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 9223372036854775807, $11, 1);

-- name: place_get :one
-- in: tenant_id tenant, place_id id
-- out: place_id parent_id, unit_id unit_id, text kind, text code, text name, text risk, int position, instant opened_at, instant closed_at, i64 version
SELECT parent_id, unit_id, kind, code, name, risk, position, opened_at, closed_at, version FROM place
 WHERE tenant_id = $1 AND id = $2;

-- name: place_set :execrows
-- in: tenant_id tenant, place_id id, i64 version, place_id parent, unit_id unit, text kind, text code, text name, text risk, int position
UPDATE place SET parent_id = $4, unit_id = $5, kind = $6, code = $7, name = $8, risk = $9, position = $10, version = version + 1
 WHERE tenant_id = $1 AND id = $2 AND version = $3;

-- name: place_close :execrows
-- in: tenant_id tenant, place_id id, instant at
UPDATE place SET closed_at = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND closed_at > $3;

-- name: place_by_code :one
-- in: tenant_id tenant, text code
-- out: place_id id
SELECT id FROM place WHERE tenant_id = $1 AND code = $2;

-- name: places_between :many
-- Places open at some time of [$3, $4) as known at $5, in the order of ids.
-- in: tenant_id tenant, place_id after, instant from, instant to, instant known, i64 limit
-- out: place_id id, place_id parent_id, unit_id unit_id, text kind, text code, text name, text risk, instant opened_at, instant closed_at
SELECT id, parent_id, unit_id, kind, code, name, risk, opened_at, closed_at FROM place
 WHERE tenant_id = $1 AND id > $2 AND opened_at < $4 AND closed_at > $3 AND recorded_at <= $5
 ORDER BY id LIMIT $6;

-- name: keeper_add :exec
-- in: tenant_id tenant, keeper_id id, place_id place, person_id person, text role, instant valid_from, instant valid_to, instant recorded_at, keeper_id replaces
INSERT INTO keeper (tenant_id, id, place_id, person_id, role, valid_from, valid_to, recorded_at, retracted_at, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807, $9);

-- name: keeper_get :one
-- in: tenant_id tenant, keeper_id id
-- out: place_id place_id, person_id person_id, text role, keeper_id replaces
SELECT place_id, person_id, role, replaces FROM keeper WHERE tenant_id = $1 AND id = $2;

-- name: keepers_of_place :many
-- What is known now of who keeps a place in a role, whenever.
-- in: tenant_id tenant, place_id place, text role
-- out: keeper_id id, keeper_id replaces, person_id person_id, instant valid_from, instant valid_to
SELECT id, replaces, person_id, valid_from, valid_to FROM keeper
 WHERE tenant_id = $1 AND place_id = $2 AND role = $3 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: keepers_of_person :many
-- in: tenant_id tenant, person_id person, instant after
-- out: keeper_id id, keeper_id replaces, place_id place_id, text role, instant valid_from, instant valid_to
SELECT id, replaces, place_id, role, valid_from, valid_to FROM keeper
 WHERE tenant_id = $1 AND person_id = $2 AND valid_to > $3 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: keeper_roles :many
-- The roles in which a place is kept now or later.
-- in: tenant_id tenant, place_id place, instant after
-- out: keeper_id id, keeper_id replaces, text role, person_id person_id, instant valid_from, instant valid_to
SELECT id, replaces, role, person_id, valid_from, valid_to FROM keeper
 WHERE tenant_id = $1 AND place_id = $2 AND valid_to > $3 AND retracted_at = 9223372036854775807 ORDER BY role, valid_from, id;

-- name: keepers_between :many
-- in: tenant_id tenant, keeper_id after, instant from, instant to, instant known, i64 limit
-- out: keeper_id id, keeper_id replaces, place_id place_id, person_id person_id, text role, instant valid_from, instant valid_to, instant recorded_at
SELECT id, replaces, place_id, person_id, role, valid_from, valid_to, recorded_at FROM keeper
 WHERE tenant_id = $1 AND id > $2 AND valid_from < $4 AND valid_to > $3 AND recorded_at <= $5 AND $5 < retracted_at
 ORDER BY id LIMIT $6;

-- name: keeper_retract :execrows
-- in: tenant_id tenant, keeper_id id, instant at
UPDATE keeper SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;
