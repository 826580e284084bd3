-- name: step_add :exec
-- in: tenant_id tenant, step_id id, record_id record, int seq, text step, flag built_in, text from_state, text to_state, instant at, i64 version, instant left_due_at, person_id doer_id, text doer_name, text doer_post, appointment_id appointment, person_id typist_id, text typist_name, i64 event_seq, account_id account, text client_key, blob client_hash, text body, salt salt
INSERT INTO step (tenant_id, id, record_id, seq, step, built_in, from_state, to_state, undone, at, version, left_due_at, doer_id, doer_name, doer_post,
                  appointment_id, typist_id, typist_name, event_seq, account_id, client_key, client_hash, body, salt)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23);

-- name: steps_of :many
-- All steps of a record, oldest first.
-- in: tenant_id tenant, record_id record
-- out: step_id id, int seq, text step, flag built_in, text from_state, text to_state, flag undone, instant at, i64 version, instant left_due_at, person_id doer_id, text doer_name, text doer_post, appointment_id appointment_id, person_id typist_id, text typist_name, i64 event_seq, text body
SELECT id, seq, step, built_in, from_state, to_state, undone, at, version, left_due_at, doer_id, doer_name, doer_post, appointment_id,
       typist_id, typist_name, event_seq, body
  FROM step WHERE tenant_id = $1 AND record_id = $2 ORDER BY seq;

-- name: step_content :one
-- What a step wrote and its salt: for opening the ledger's commitment; the rest as its event has it.
-- in: tenant_id tenant, step_id id
-- out: text body, salt salt, text doer_name, text typist_name, text step, text from_state, text to_state, instant at, i64 version, person_id doer_id, appointment_id appointment_id, text doer_post, account_id account_id, i64 event_seq
SELECT body, salt, doer_name, typist_name, step, from_state, to_state, at, version, doer_id, appointment_id, doer_post, account_id, event_seq
  FROM step WHERE tenant_id = $1 AND id = $2;

-- name: step_undo :execrows
-- in: tenant_id tenant, step_id id
UPDATE step SET undone = 1 WHERE tenant_id = $1 AND id = $2 AND undone = 0;

-- name: step_by_key :one
-- in: tenant_id tenant, account_id account, text client_key
-- out: step_id id, record_id record_id, blob client_hash
SELECT id, record_id, client_hash FROM step
 WHERE tenant_id = $1 AND account_id = $2 AND client_key = $3 AND client_key <> '';

-- name: file_add :exec
-- in: tenant_id tenant, file_id id, hash hash, i64 size, text type, text name, int width, int height, person_id person, instant created_at, account_id account, text client_key
INSERT INTO file (tenant_id, id, hash, size, type, name, width, height, person_id, record_id, step_id, created_at, account_id, client_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11, $12);

-- name: file_get :one
-- in: tenant_id tenant, file_id id
-- out: file_id id, hash hash, i64 size, text type, text name, int width, int height, person_id person_id, record_id record_id, step_id step_id, instant created_at
SELECT id, hash, size, type, name, width, height, person_id, record_id, step_id, created_at FROM file WHERE tenant_id = $1 AND id = $2;

-- name: file_by_key :one
-- in: tenant_id tenant, account_id account, text client_key
-- out: file_id id, hash hash
SELECT id, hash FROM file WHERE tenant_id = $1 AND account_id = $2 AND client_key = $3 AND client_key <> '';

-- name: file_attach :execrows
-- A step names the file; a file belongs to one record for good.
-- in: tenant_id tenant, file_id id, record_id record, step_id step
UPDATE file SET record_id = $3, step_id = $4 WHERE tenant_id = $1 AND id = $2 AND record_id = 0;

-- name: files_of :many
-- in: tenant_id tenant, record_id record
-- out: file_id id, hash hash, i64 size, text type, text name, int width, int height, step_id step_id
SELECT id, hash, size, type, name, width, height, step_id FROM file WHERE tenant_id = $1 AND record_id = $2 ORDER BY id;

-- name: files_all :many
-- For verification of blobs.
-- in: tenant_id tenant, file_id after, i64 limit
-- out: file_id id, hash hash, i64 size
SELECT id, hash, size FROM file WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: lateness_add :exec
-- in: tenant_id tenant, i64 id, record_id record, text occurrence_key, text state, int rung, instant due_at, instant at, person_id owner_id
INSERT INTO lateness (tenant_id, id, record_id, occurrence_key, state, rung, due_at, at, owner_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: lateness_of_record :many
-- in: tenant_id tenant, record_id record
-- out: text state, int rung, instant due_at, instant at, person_id owner_id
SELECT state, rung, due_at, at, owner_id FROM lateness WHERE tenant_id = $1 AND record_id = $2 ORDER BY id;

-- name: lateness_of_occurrence :many
-- in: tenant_id tenant, text occurrence_key
-- out: int rung, instant due_at, instant at, person_id owner_id
SELECT rung, due_at, at, owner_id FROM lateness WHERE tenant_id = $1 AND occurrence_key = $2 ORDER BY id;

-- name: tick_add :exec
-- in: tenant_id tenant, i64 id, record_id record, text occurrence_key, flag un, person_id person, instant at
INSERT INTO tick (tenant_id, id, record_id, occurrence_key, un, person_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ticks_between :many
-- Ticks and unticks of the occurrences of one duty and subject (keys from $2 up to, not with, $3), oldest first.
-- in: tenant_id tenant, text from_key, text to_key
-- out: i64 id, record_id record_id, text occurrence_key, flag un, person_id person_id
SELECT id, record_id, occurrence_key, un, person_id FROM tick
 WHERE tenant_id = $1 AND occurrence_key >= $2 AND occurrence_key < $3 ORDER BY id;
