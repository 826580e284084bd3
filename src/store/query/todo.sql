-- name: todo_of_ref :many
-- in: tenant_id tenant, i64 ref_id, text item
-- out: person_id person_id, text label, text detail, text group_key, text post, flag stand_in, instant from_at, instant due_at, int minutes_do, int minutes_record
SELECT person_id, label, detail, group_key, post, stand_in, from_at, due_at, minutes_do, minutes_record
  FROM todo WHERE tenant_id = $1 AND ref_id = $2 AND item = $3 ORDER BY person_id;

-- name: todo_put :exec
-- in: tenant_id tenant, person_id person, text item, i64 ref_id, text loop, text duty, text label, text detail, text group_key, text post, flag stand_in, instant from_at, instant due_at, int minutes_do, int minutes_record
INSERT INTO todo (tenant_id, person_id, item, ref_id, loop, duty, label, detail, group_key, post, stand_in, from_at, due_at, minutes_do, minutes_record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  ON CONFLICT (tenant_id, person_id, item, ref_id) DO UPDATE SET label = excluded.label, detail = excluded.detail,
  group_key = excluded.group_key, post = excluded.post, stand_in = excluded.stand_in, from_at = excluded.from_at,
  due_at = excluded.due_at, minutes_do = excluded.minutes_do, minutes_record = excluded.minutes_record;

-- name: todo_drop :exec
-- in: tenant_id tenant, person_id person, text item, i64 ref_id
DELETE FROM todo WHERE tenant_id = $1 AND person_id = $2 AND item = $3 AND ref_id = $4;

-- name: tally_add :exec
-- in: tenant_id tenant, text metric, text dim, text value, day day, i64 n
INSERT INTO tally (tenant_id, metric, dim, value, day, n) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, metric, dim, value, day) DO UPDATE SET n = tally.n + excluded.n;

-- name: tally_sum :one
-- in: tenant_id tenant, text metric, text dim, text value, day from, day to
-- out: i64 n
SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM tally
 WHERE tenant_id = $1 AND metric = $2 AND dim = $3 AND value = $4 AND day >= $5 AND day <= $6;

-- name: notice_add :exec
-- in: tenant_id tenant, i64 id, person_id person, text kind, record_id record, occurrence_id occurrence, step_id step, text text, instant created_at, instant not_before
INSERT INTO notice (tenant_id, id, person_id, kind, record_id, occurrence_id, step_id, text, created_at, not_before, read_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0);

-- name: notices_drop_of_step :exec
-- A step was undone within its minute: what it would have said is not said.
-- in: tenant_id tenant, step_id step, instant now
DELETE FROM notice WHERE tenant_id = $1 AND step_id = $2 AND not_before > $3;

-- name: notices_unread :many
-- in: tenant_id tenant, person_id person, instant now, i64 limit
-- out: i64 id, text kind, record_id record_id, occurrence_id occurrence_id, text text, instant created_at
SELECT id, kind, record_id, occurrence_id, text, created_at FROM notice
 WHERE tenant_id = $1 AND person_id = $2 AND read_at = 0 AND not_before <= $3 ORDER BY not_before DESC, id DESC LIMIT $4;

-- name: notices_count :one
-- How many are unread, as far as the limit.
-- in: tenant_id tenant, person_id person, instant now, i64 limit
-- out: i64 n
SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 AS one FROM notice
 WHERE tenant_id = $1 AND person_id = $2 AND read_at = 0 AND not_before <= $3
 ORDER BY not_before DESC, id DESC LIMIT $4) AS unread;

-- name: notice_read :exec
-- in: tenant_id tenant, person_id person, i64 id, instant at
UPDATE notice SET read_at = $4 WHERE tenant_id = $1 AND person_id = $2 AND id = $3 AND read_at = 0;
