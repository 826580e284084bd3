-- What a unit adopts, sets, chooses and waives: written here, read by query/policy.sql.

-- name: adoption_add :exec
-- in: tenant_id tenant, i64 id, text pack, text version, instant valid_from, instant valid_to, instant recorded_at
INSERT INTO adoption (tenant_id, id, pack, version, valid_from, valid_to, recorded_at, retracted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 9223372036854775807);

-- name: adoptions_of_pack :many
-- scan: a unit adopts a handful of packs in its life
-- in: tenant_id tenant, text pack
-- out: i64 id, text version, instant valid_from, instant valid_to
SELECT id, version, valid_from, valid_to FROM adoption
 WHERE tenant_id = $1 AND pack = $2 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: adoption_retract :execrows
-- in: tenant_id tenant, i64 id, instant at
UPDATE adoption SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;

-- name: adoption_parameter_add :exec
-- in: tenant_id tenant, i64 id, text name, text value, i64 record_id, instant valid_from, instant valid_to, instant recorded_at
INSERT INTO adoption_parameter (tenant_id, id, name, value, record_id, valid_from, valid_to, recorded_at, retracted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807);

-- name: adoption_parameter_of :many
-- in: tenant_id tenant, text name
-- out: i64 id, text value, i64 record_id, instant valid_from, instant valid_to
SELECT id, value, record_id, valid_from, valid_to FROM adoption_parameter
 WHERE tenant_id = $1 AND name = $2 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: adoption_parameter_retract :execrows
-- in: tenant_id tenant, i64 id, instant at
UPDATE adoption_parameter SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;

-- name: adoption_choice_add :exec
-- in: tenant_id tenant, i64 id, text kind, text subject, text value, instant valid_from, instant valid_to, instant recorded_at
INSERT INTO adoption_choice (tenant_id, id, kind, subject, value, valid_from, valid_to, recorded_at, retracted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807);

-- name: adoption_choices_of :many
-- scan: a unit makes some dozens of choices in its life
-- in: tenant_id tenant, text kind, text subject
-- out: i64 id, text value, instant valid_from, instant valid_to
SELECT id, value, valid_from, valid_to FROM adoption_choice
 WHERE tenant_id = $1 AND kind = $2 AND subject = $3 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: adoption_choice_retract :execrows
-- in: tenant_id tenant, i64 id, instant at
UPDATE adoption_choice SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;

-- name: waiver_add :exec
-- in: tenant_id tenant, i64 id, text code, text subject, day from_on, day to_on, person_id person, text person_name, text post, text reason, instant recorded_at, salt salt
INSERT INTO waiver (tenant_id, id, code, subject, from_on, to_on, person_id, person_name, post, reason, recorded_at, retracted_at, salt)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 9223372036854775807, $12);

-- name: waivers_all :many
-- in: tenant_id tenant, i64 after, i64 limit
-- out: i64 id, text code, text subject, day from_on, day to_on, person_id person_id, text person_name, text post, text reason, instant recorded_at
SELECT id, code, subject, from_on, to_on, person_id, person_name, post, reason, recorded_at FROM waiver
 WHERE tenant_id = $1 AND id > $2 AND retracted_at = 9223372036854775807 ORDER BY id LIMIT $3;

-- name: waiver_content :one
-- in: tenant_id tenant, i64 id
-- out: text person_name, text reason, salt salt
SELECT person_name, reason, salt FROM waiver WHERE tenant_id = $1 AND id = $2;
