-- name: on_duty :many
-- Who sits in a shift of the roster that is on at $3.
-- in: tenant_id tenant, text roster, instant at, i64 limit
-- out: person_id person_id, place_id place_id, flag lead
SELECT person_id, place_id, lead FROM shift
 WHERE tenant_id = $1 AND roster = $2 AND end_at > $3 AND start_at <= $3
 ORDER BY end_at, record_id, no LIMIT $4;

-- name: shifts_between :many
-- Filled seats of a roster that end in a span.
-- in: tenant_id tenant, text roster, instant from, instant to, i64 limit
-- out: record_id record_id, day day, instant start_at, instant end_at, place_id place_id, person_id person_id, flag lead
SELECT record_id, day, start_at, end_at, place_id, person_id, lead FROM shift
 WHERE tenant_id = $1 AND roster = $2 AND end_at > $3 AND end_at <= $4
 ORDER BY end_at, record_id, no LIMIT $5;

-- name: shifts_of_person :many
-- in: tenant_id tenant, person_id person, instant from, instant to, i64 limit
-- out: text roster, record_id record_id, instant start_at, instant end_at, place_id place_id, flag lead
SELECT roster, record_id, start_at, end_at, place_id, lead FROM shift
 WHERE tenant_id = $1 AND person_id = $2 AND start_at >= $3 AND start_at < $4
 ORDER BY start_at, record_id, no LIMIT $5;

-- name: shifts_of_record :many
-- in: tenant_id tenant, record_id record
-- out: int no, text roster, day day, instant start_at, instant end_at, place_id place_id, person_id person_id, flag lead
SELECT no, roster, day, start_at, end_at, place_id, person_id, lead FROM shift
 WHERE tenant_id = $1 AND record_id = $2 ORDER BY no;

-- name: shift_put :exec
-- in: tenant_id tenant, record_id record, int no, text roster, day day, instant start_at, instant end_at, place_id place, person_id person, flag lead
INSERT INTO shift (tenant_id, record_id, no, roster, day, start_at, end_at, place_id, person_id, lead)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: shifts_drop :exec
-- in: tenant_id tenant, record_id record
DELETE FROM shift WHERE tenant_id = $1 AND record_id = $2;
