-- People, their contact, appointments and absences.

-- name: person_add :exec
-- in: tenant_id tenant, person_id id, text name, text sort_key, text staff_no, text person_kind, unit_id unit, instant joined_at, salt salt
INSERT INTO person (tenant_id, id, name, sort_key, staff_no, person_kind, unit_id, joined_at, left_at, version, salt)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807, 1, $9);

-- name: person_get :one
-- in: tenant_id tenant, person_id id
-- out: text name, text sort_key, text staff_no, text person_kind, unit_id unit_id, instant joined_at, instant left_at, i64 version, salt salt
SELECT name, sort_key, staff_no, person_kind, unit_id, joined_at, left_at, version, salt FROM person
 WHERE tenant_id = $1 AND id = $2;

-- name: person_set :execrows
-- in: tenant_id tenant, person_id id, i64 version, text name, text sort_key, text staff_no, text person_kind, unit_id unit, salt salt
UPDATE person SET name = $4, sort_key = $5, staff_no = $6, person_kind = $7, unit_id = $8, salt = $9, version = version + 1
 WHERE tenant_id = $1 AND id = $2 AND version = $3;

-- name: person_leave :execrows
-- in: tenant_id tenant, person_id id, instant at
UPDATE person SET left_at = $3 WHERE tenant_id = $1 AND id = $2 AND left_at > $3;

-- name: persons_between :many
-- Everybody who belongs to the tenant at some time of [$3, $4), in the order of ids.
-- in: tenant_id tenant, person_id after, instant from, instant to, i64 limit
-- out: person_id id, text name, text person_kind, instant joined_at, instant left_at, flag has_account
SELECT p.id, p.name, p.person_kind, p.joined_at, p.left_at,
       CASE WHEN EXISTS (SELECT 1 FROM account AS a
                          WHERE a.tenant_id = p.tenant_id AND a.person_id = p.id AND a.state <> 'disabled') THEN 1 ELSE 0 END
  FROM person AS p
 WHERE p.tenant_id = $1 AND p.id > $2 AND p.joined_at < $4 AND p.left_at > $3
 ORDER BY p.id LIMIT $5;

-- name: persons_named :many
-- People of that name, present at $3; two are enough to know that the name is not unique.
-- in: tenant_id tenant, text name, instant at
-- out: person_id id
SELECT id FROM person WHERE tenant_id = $1 AND name = $2 AND joined_at <= $3 AND $3 < left_at ORDER BY id LIMIT 2;

-- name: persons_numbered :many
-- in: tenant_id tenant, text staff_no, instant at
-- out: person_id id
SELECT id FROM person WHERE tenant_id = $1 AND staff_no = $2 AND staff_no <> '' AND joined_at <= $3 AND $3 < left_at
 ORDER BY id LIMIT 2;

-- name: person_contact_get :one
-- in: tenant_id tenant, person_id person
-- out: text phone, i64 version, salt salt
SELECT phone, version, salt FROM person_contact WHERE tenant_id = $1 AND person_id = $2;

-- name: person_contact_put :exec
-- in: tenant_id tenant, person_id person, text phone, i64 version, salt salt
INSERT INTO person_contact (tenant_id, person_id, phone, version, salt) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, person_id) DO UPDATE SET phone = excluded.phone, version = excluded.version, salt = excluded.salt;

-- name: past_content_add :exec
-- in: tenant_id tenant, text subject, i64 subject_id, i64 version, blob body, salt salt
INSERT INTO past_content (tenant_id, subject, subject_id, version, body, salt) VALUES ($1, $2, $3, $4, $5, $6);

-- name: past_content_get :one
-- in: tenant_id tenant, text subject, i64 subject_id, i64 version
-- out: blob body, salt salt
SELECT body, salt FROM past_content WHERE tenant_id = $1 AND subject = $2 AND subject_id = $3 AND version = $4;

-- name: appointment_add :exec
-- in: tenant_id tenant, appointment_id id, person_id person, text post, unit_id unit, instant valid_from, instant valid_to, instant recorded_at, appointment_id replaces
INSERT INTO appointment (tenant_id, id, person_id, post, unit_id, valid_from, valid_to, recorded_at, retracted_at, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807, $9);

-- name: appointment_get :one
-- in: tenant_id tenant, appointment_id id
-- out: person_id person_id, appointment_id replaces
SELECT person_id, replaces FROM appointment WHERE tenant_id = $1 AND id = $2;

-- name: appointments_of :many
-- What is known now of a person's appointments, whenever.
-- in: tenant_id tenant, person_id person
-- out: appointment_id id, appointment_id replaces, text post, unit_id unit_id, instant valid_from, instant valid_to
SELECT id, replaces, post, unit_id, valid_from, valid_to FROM appointment
 WHERE tenant_id = $1 AND person_id = $2 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: appointments_between :many
-- Appointments valid at some time of [$3, $4) as known at $5, in the order of ids.
-- in: tenant_id tenant, appointment_id after, instant from, instant to, instant known, i64 limit
-- out: appointment_id id, appointment_id replaces, person_id person_id, text post, unit_id unit_id, instant valid_from, instant valid_to, instant recorded_at
SELECT id, replaces, person_id, post, unit_id, valid_from, valid_to, recorded_at FROM appointment
 WHERE tenant_id = $1 AND id > $2 AND valid_from < $4 AND valid_to > $3 AND recorded_at <= $5 AND $5 < retracted_at
 ORDER BY id LIMIT $6;

-- name: appointment_retract :execrows
-- in: tenant_id tenant, appointment_id id, instant at
UPDATE appointment SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;

-- name: absence_add :exec
-- in: tenant_id tenant, i64 id, person_id person, person_id stand_in, instant valid_from, instant valid_to, instant recorded_at, i64 replaces
INSERT INTO absence (tenant_id, id, person_id, stand_in_id, valid_from, valid_to, recorded_at, retracted_at, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, 9223372036854775807, $8);

-- name: absence_get :one
-- in: tenant_id tenant, i64 id
-- out: person_id person_id, i64 replaces
SELECT person_id, replaces FROM absence WHERE tenant_id = $1 AND id = $2;

-- name: absences_of :many
-- in: tenant_id tenant, person_id person
-- out: i64 id, i64 replaces, person_id stand_in, instant valid_from, instant valid_to
SELECT id, replaces, stand_in_id, valid_from, valid_to FROM absence
 WHERE tenant_id = $1 AND person_id = $2 AND retracted_at = 9223372036854775807 ORDER BY valid_from, id;

-- name: absences_between :many
-- in: tenant_id tenant, i64 after, instant from, instant to, instant known, i64 limit
-- out: i64 id, person_id person_id, person_id stand_in, instant valid_from, instant valid_to
SELECT id, person_id, stand_in_id, valid_from, valid_to FROM absence
 WHERE tenant_id = $1 AND id > $2 AND valid_from < $4 AND valid_to > $3 AND recorded_at <= $5 AND $5 < retracted_at
 ORDER BY id LIMIT $6;

-- name: absence_retract :execrows
-- in: tenant_id tenant, i64 id, instant at
UPDATE absence SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;
