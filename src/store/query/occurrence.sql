-- name: occurrence_add :exec
-- in: tenant_id tenant, occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, flag provisional, flag born_late, text state, text void_why, instant void_at, instant wake_at
INSERT INTO occurrence (tenant_id, id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at,
                        period_start, period_end, provisional, born_late, state, how, record_id, done_at, rung, owner_id, void_why, void_at, wake_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '', 0, 0, 0, 0, $19, $20, $21);

-- name: occurrence_move :exec
-- Its window or due moved, or it became void or came back.
-- in: tenant_id tenant, occurrence_id id, instant from_at, instant to_at, instant due_at, instant late_to_at, flag provisional, flag born_late, text state, text void_why, instant void_at, int rung, instant wake_at
UPDATE occurrence SET from_at = $3, to_at = $4, due_at = $5, late_to_at = $6, provisional = $7, born_late = $8, state = $9,
       void_why = $10, void_at = $11, rung = $12, wake_at = $13 WHERE tenant_id = $1 AND id = $2;

-- name: occurrence_fill :exec
-- State, and what fills it.
-- in: tenant_id tenant, occurrence_id id, text state, text how, record_id record, instant done_at, int rung, person_id owner_id, instant wake_at
UPDATE occurrence SET state = $3, how = $4, record_id = $5, done_at = $6, rung = $7, owner_id = $8, wake_at = $9
 WHERE tenant_id = $1 AND id = $2;

-- name: occurrence_drop :exec
-- It is no longer expected, and nothing was done for it: as if never born.
-- in: tenant_id tenant, occurrence_id id
DELETE FROM occurrence WHERE tenant_id = $1 AND id = $2;

-- name: occurrence_get :one
-- in: tenant_id tenant, occurrence_id id
-- out: occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, flag provisional, flag born_late, text state, text how, record_id record_id, instant done_at, int rung, person_id owner_id, text void_why, instant void_at, instant wake_at
SELECT id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at, period_start, period_end,
       provisional, born_late, state, how, record_id, done_at, rung, owner_id, void_why, void_at, wake_at
  FROM occurrence WHERE tenant_id = $1 AND id = $2;

-- name: occurrence_by_key :one
-- in: tenant_id tenant, text key
-- out: occurrence_id id
SELECT id FROM occurrence WHERE tenant_id = $1 AND key = $2;

-- name: occurrences_of_subject :many
-- All occurrences of a duty for one subject: what match works on.
-- in: tenant_id tenant, text duty, text subject, text subject2
-- out: occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, flag provisional, flag born_late, text state, text how, record_id record_id, instant done_at, int rung, person_id owner_id, text void_why, instant void_at, instant wake_at
SELECT id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at, period_start, period_end,
       provisional, born_late, state, how, record_id, done_at, rung, owner_id, void_why, void_at, wake_at
  FROM occurrence WHERE tenant_id = $1 AND duty = $2 AND subject = $3 AND subject2 = $4 ORDER BY due_at, id;

-- name: occurrences_of_duty :many
-- All occurrences of a duty: what expand is compared with.
-- in: tenant_id tenant, text duty
-- out: occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, flag provisional, flag born_late, text state, text how, record_id record_id, instant done_at, int rung, person_id owner_id, text void_why, instant void_at, instant wake_at
SELECT id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at, period_start, period_end,
       provisional, born_late, state, how, record_id, done_at, rung, owner_id, void_why, void_at, wake_at
  FROM occurrence WHERE tenant_id = $1 AND duty = $2 ORDER BY key;

-- name: occurrence_wake_next :one
-- scope: system
-- in: instant until
-- out: instant wake_at, tenant_id tenant_id
SELECT wake_at, tenant_id FROM occurrence WHERE wake_at <= $1 AND wake_at < 9223372036854775807
 ORDER BY wake_at, tenant_id, id LIMIT 1;

-- name: occurrence_wake_due :many
-- in: tenant_id tenant, instant until, i64 limit
-- out: occurrence_id id, instant wake_at
SELECT id, wake_at FROM occurrence WHERE tenant_id = $1 AND wake_at <= $2 AND wake_at < 9223372036854775807
 ORDER BY wake_at, id LIMIT $3;

-- name: occurrences_live :many
-- Occurrences that somebody may still have to do, for refreshing whom they fall on.
-- in: tenant_id tenant, text state, i64 after, i64 limit
-- out: occurrence_id id
SELECT id FROM occurrence WHERE tenant_id = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4;

-- name: occurrence_windows :many
-- Periods of a duty with what is done of them: when a window is closed.
-- in: tenant_id tenant, text duty
-- out: text period, i64 total, i64 done, instant last_done, instant ends
SELECT period, CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN state = 'done' OR state = 'waived' THEN 1 ELSE 0 END), 0) AS BIGINT),
       CAST(COALESCE(MAX(done_at), 0) AS BIGINT), CAST(COALESCE(MAX(to_at), 0) AS BIGINT)
  FROM occurrence WHERE tenant_id = $1 AND duty = $2 AND state <> 'void' AND period <> ''
 GROUP BY period ORDER BY period;

-- name: occurrences_between :many
-- Occurrences due in a span, for the year plan and the burden; keyset by (due, id).
-- in: tenant_id tenant, instant from, instant to, instant after_due, occurrence_id after_id, i64 limit
-- out: occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, text state, text how, record_id record_id, instant done_at, person_id owner_id, flag provisional
SELECT id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at, period_start, period_end,
       state, how, record_id, done_at, owner_id, provisional
  FROM occurrence
 WHERE tenant_id = $1 AND due_at >= $2 AND due_at < $3 AND (due_at, id) > ($4, $5)
 ORDER BY due_at, id LIMIT $6;

-- name: deed_add :exec
-- in: tenant_id tenant, text duty, text subject, text subject2, record_id record, int part, instant done_at, instant accepted_at, text period, text why, person_id doer_id
INSERT INTO deed (tenant_id, duty, subject, subject2, record_id, part, done_at, accepted_at, period, why, doer_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (tenant_id, duty, subject, subject2, record_id, part) DO UPDATE
  SET done_at = excluded.done_at, accepted_at = excluded.accepted_at, period = excluded.period, why = excluded.why, doer_id = excluded.doer_id;

-- name: deeds_of_record :many
-- in: tenant_id tenant, record_id record
-- out: text duty, text subject, text subject2, record_id record_id, int part, instant done_at, instant accepted_at, text period, text why, person_id doer_id
SELECT duty, subject, subject2, record_id, part, done_at, accepted_at, period, why, doer_id
  FROM deed WHERE tenant_id = $1 AND record_id = $2 ORDER BY duty, subject, subject2, part;

-- name: deeds_of_subject :many
-- in: tenant_id tenant, text duty, text subject, text subject2
-- out: text duty, text subject, text subject2, record_id record_id, int part, instant done_at, instant accepted_at, text period, text why, person_id doer_id
SELECT duty, subject, subject2, record_id, part, done_at, accepted_at, period, why, doer_id
  FROM deed WHERE tenant_id = $1 AND duty = $2 AND subject = $3 AND subject2 = $4 ORDER BY done_at, record_id, part;

-- name: deed_drop :exec
-- in: tenant_id tenant, text duty, text subject, text subject2, record_id record, int part
DELETE FROM deed WHERE tenant_id = $1 AND duty = $2 AND subject = $3 AND subject2 = $4 AND record_id = $5 AND part = $6;

-- name: satisfaction_add :exec
-- in: tenant_id tenant, record_id record, occurrence_id occurrence, text kind, text duty, text how, flag by_tick
INSERT INTO satisfaction (tenant_id, record_id, occurrence_id, kind, duty, how, by_tick) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: satisfaction_drop :exec
-- in: tenant_id tenant, record_id record, occurrence_id occurrence
DELETE FROM satisfaction WHERE tenant_id = $1 AND record_id = $2 AND occurrence_id = $3;

-- name: satisfactions_of_record :many
-- in: tenant_id tenant, record_id record
-- out: occurrence_id occurrence_id, text kind, text duty, text how, flag by_tick, text key, text subject, text period, instant due_at
SELECT s.occurrence_id, s.kind, s.duty, s.how, s.by_tick, o.key, o.subject, o.period, o.due_at
  FROM satisfaction AS s JOIN occurrence AS o ON o.tenant_id = s.tenant_id AND o.id = s.occurrence_id
 WHERE s.tenant_id = $1 AND s.record_id = $2 ORDER BY s.kind, s.duty, s.occurrence_id;

-- name: satisfactions_of_occurrence :many
-- in: tenant_id tenant, occurrence_id occurrence
-- out: record_id record_id, text kind, text duty, text how, flag by_tick
SELECT record_id, kind, duty, how, by_tick FROM satisfaction WHERE tenant_id = $1 AND occurrence_id = $2 ORDER BY kind, record_id;

-- name: duty_fulfilled :one
-- The occurrence of a duty and subject in the running period, or its latest trigger: fulfilled().
-- in: tenant_id tenant, text duty, text subject, instant now
-- out: text state, instant from_at, text period
SELECT state, from_at, period FROM occurrence
 WHERE tenant_id = $1 AND duty = $2 AND subject = $3 AND subject2 = '' AND from_at <= $4 AND state <> 'void'
 ORDER BY from_at DESC, id DESC LIMIT 1;

-- name: waived_between :many
-- Occurrences waived by a signed waiver (code 'occurrence', subject = key), of one duty and subject.
-- in: tenant_id tenant, text from_key, text to_key
-- out: text subject
SELECT subject FROM waiver
 WHERE tenant_id = $1 AND code = 'occurrence' AND subject >= $2 AND subject < $3 AND retracted_at = 9223372036854775807
 ORDER BY subject;

-- name: occurrences_of_trigger :many
-- Those of a duty that one event gave: the key as such, or with the number of the entry behind it.
-- in: tenant_id tenant, text duty, text trigger_key, text from_key, text to_key
-- out: occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, flag provisional, flag born_late, text state, text how, record_id record_id, instant done_at, int rung, person_id owner_id, text void_why, instant void_at, instant wake_at
SELECT id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at, period_start, period_end,
       provisional, born_late, state, how, record_id, done_at, rung, owner_id, void_why, void_at, wake_at
  FROM occurrence
 WHERE tenant_id = $1 AND duty = $2 AND (trigger_key = $3 OR (trigger_key >= $4 AND trigger_key < $5)) ORDER BY key;
