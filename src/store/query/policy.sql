-- name: tenant_version_get :one
-- The number that every change of organisation, calendar or policy raises.
-- in: tenant_id tenant
-- out: i64 n, day expanded_on, instant turn_at
SELECT n, expanded_on, turn_at FROM tenant_version WHERE tenant_id = $1;

-- name: tenant_version_raise :exec
-- in: tenant_id tenant
INSERT INTO tenant_version (tenant_id, n, expanded_on) VALUES ($1, 1, 0)
  ON CONFLICT (tenant_id) DO UPDATE SET n = tenant_version.n + 1;

-- name: tenant_turned :exec
-- Everything falls on whom it should: the day for which, and the moment until which that holds.
-- in: tenant_id tenant, day on, instant until
UPDATE tenant_version SET expanded_on = $2, turn_at = $3 WHERE tenant_id = $1;

-- name: tenant_turn_next :one
-- scope: system
-- in: instant until
-- out: tenant_id tenant_id, instant turn_at
SELECT tenant_id, turn_at FROM tenant_version WHERE turn_at <= $1 ORDER BY turn_at, tenant_id LIMIT 1;

-- name: tenant_stand_get :one
-- What is kept of a tenant is kept against these: its version, and its number of operations that
-- changed facts or derived rows.
-- in: tenant_id tenant
-- out: i64 version, i64 writes
SELECT v.n, COALESCE(w.n, 0) FROM tenant_version AS v LEFT JOIN tenant_write AS w ON w.tenant_id = v.tenant_id
 WHERE v.tenant_id = $1;

-- name: tenant_write_raise :exec
-- in: tenant_id tenant
INSERT INTO tenant_write (tenant_id, n) VALUES ($1, 1)
  ON CONFLICT (tenant_id) DO UPDATE SET n = tenant_write.n + 1;

-- name: tenants_all :many
-- Every tenant that has adopted something: for jobs.
-- scope: system
-- in: tenant_id after, i64 limit
-- out: tenant_id id, text code, text name, text kind
SELECT id, code, name, kind FROM unit WHERE id = tenant_id AND id > $1 ORDER BY id LIMIT $2;

-- name: adoptions_in_force :many
-- scan: a unit adopts a handful of packs in its life
-- Packs that bind the tenant at $2, as known now.
-- in: tenant_id tenant, instant at
-- out: i64 id, text pack, text version, instant valid_from
SELECT id, pack, version, valid_from FROM adoption
 WHERE tenant_id = $1 AND valid_from <= $2 AND $2 < valid_to AND retracted_at = 9223372036854775807
 ORDER BY valid_from, id;

-- name: adoption_parameters :many
-- scan: a unit changes some dozens of numbers in its life
-- Values of parameters that are or will be in force, as known now.
-- in: tenant_id tenant
-- out: text name, text value, instant valid_from, instant valid_to, record_id record_id
SELECT name, value, valid_from, valid_to, record_id FROM adoption_parameter
 WHERE tenant_id = $1 AND retracted_at = 9223372036854775807
 ORDER BY name, valid_from, id;

-- name: adoption_choices :many
-- scan: a unit makes some dozens of choices in its life
-- Aliases, switched-off constructs and changed entries in force at $2.
-- in: tenant_id tenant, instant at
-- out: text kind, text subject, text value
SELECT kind, subject, value FROM adoption_choice
 WHERE tenant_id = $1 AND valid_from <= $2 AND $2 < valid_to AND retracted_at = 9223372036854775807
 ORDER BY kind, subject, id;

-- name: composition_find :one
-- in: tenant_id tenant, text packs
-- out: i64 id
SELECT id FROM composition WHERE tenant_id = $1 AND packs = $2;

-- name: composition_get :one
-- in: tenant_id tenant, i64 id
-- out: text packs
SELECT packs FROM composition WHERE tenant_id = $1 AND id = $2;

-- name: composition_add :exec
-- in: i64 id, tenant_id tenant, text packs, instant at
INSERT INTO composition (id, tenant_id, packs, created_at) VALUES ($1, $2, $3, $4);

-- name: pack_file_put :exec
-- in: text pack, text version, text path, text body
INSERT INTO pack_file (pack, version, path, body) VALUES ($1, $2, $3, $4)
  ON CONFLICT (pack, version, path) DO UPDATE SET body = excluded.body;

-- name: pack_files :many
-- The sources of one version of a pack, as stored at adoption.
-- in: text pack, text version
-- out: text path, text body
SELECT path, body FROM pack_file WHERE pack = $1 AND version = $2 ORDER BY path;
