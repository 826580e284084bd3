-- The state of a unit: figures and look-ups that its pages ask for, beside the counters (todo.sql).

-- name: duty_stood :one
-- The occurrence of a duty and subject in the period that runs at $4, or its latest trigger, with when it was done.
-- in: tenant_id tenant, text duty, text subject, instant at
-- out: text state, instant done_at
SELECT state, done_at FROM occurrence
 WHERE tenant_id = $1 AND duty = $2 AND subject = $3 AND subject2 = '' AND from_at <= $4 AND state <> 'void'
 ORDER BY from_at DESC, id DESC LIMIT 1;

-- name: records_in_state :one
-- How many records of a loop are in a state now.
-- in: tenant_id tenant, text loop, text state
-- out: i64 n
SELECT CAST(COUNT(*) AS BIGINT) FROM record WHERE tenant_id = $1 AND loop = $2 AND state = $3 AND void = 0;

-- name: records_standing :many
-- Records of a loop in a state, with what they hold: for requires that ask for one.
-- in: tenant_id tenant, text loop, text state, record_id after, i64 limit
-- out: record_id id, i64 composition_id, text body
SELECT id, composition_id, body FROM record
 WHERE tenant_id = $1 AND loop = $2 AND state = $3 AND void = 0 AND id > $4 ORDER BY id LIMIT $5;

-- name: records_of_nobody :many
-- Open records that are on nobody's list: nobody of the state's owners is present, nor anybody in their place.
-- in: tenant_id tenant, i64 limit
-- out: record_id id, i64 composition_id, text loop, text state, text number
SELECT r.id, r.composition_id, r.loop, r.state, r.number FROM record r
 WHERE r.tenant_id = $1 AND r.final = 0 AND r.void = 0
   AND NOT EXISTS (SELECT 1 FROM todo t WHERE t.tenant_id = $1 AND t.ref_id = r.id AND t.item = 'step')
 ORDER BY r.id LIMIT $2;

-- name: occurrences_of_nobody :many
-- The same of open occurrences; those that are counted and not asked (group: none) are among them.
-- in: tenant_id tenant, i64 limit
-- out: text duty, text subject, text period
SELECT o.duty, o.subject, o.period FROM occurrence o
 WHERE o.tenant_id = $1 AND o.state = 'open'
   AND NOT EXISTS (SELECT 1 FROM todo t WHERE t.tenant_id = $1 AND t.ref_id = o.id AND t.item = 'duty')
 ORDER BY o.due_at, o.id LIMIT $2;
