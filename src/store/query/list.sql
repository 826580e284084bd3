-- Lists of records and of what falls on a person: written-out orders, each with its index; never counted.

-- name: todo_lines :many
-- list
-- What falls on a person and has begun, earliest due first, with the record or the occurrence it is about
-- (CASE: the other of the two is not looked for).
-- in: tenant_id tenant, person_id person, instant after_due, i64 after_ref, instant now, i64 limit
-- out: text item, i64 ref_id, text loop, text duty, text label, text detail, text group_key, text post, flag stand_in, instant from_at, instant due_at, int minutes_do, int minutes_record, text number, text state, i64 composition_id, flag sealed, text subject, text subject2, text period
SELECT t.item, t.ref_id, t.loop, t.duty, t.label, t.detail, t.group_key, t.post, t.stand_in, t.from_at, t.due_at,
       t.minutes_do, t.minutes_record, COALESCE(r.number, ''), COALESCE(r.state, ''),
       CAST(COALESCE(r.composition_id, 0) AS BIGINT), CAST(COALESCE(r.sealed, 0) AS INTEGER),
       COALESCE(o.subject, ''), COALESCE(o.subject2, ''), COALESCE(o.period, '')
  FROM todo AS t
  LEFT JOIN record AS r ON r.tenant_id = t.tenant_id AND r.id = CASE WHEN t.duty = '' THEN t.ref_id END
  LEFT JOIN occurrence AS o ON o.tenant_id = t.tenant_id AND o.id = CASE WHEN t.duty <> '' THEN t.ref_id END
 WHERE t.tenant_id = $1 AND t.person_id = $2 AND (t.due_at, t.ref_id) > ($3, $4) AND t.from_at <= $5
 ORDER BY t.due_at, t.ref_id LIMIT $6;

-- name: done_lines :many
-- list
-- Records in which a person took a step, by his last one, newest first, below step $3 and from step $4 on.
-- in: tenant_id tenant, person_id person, step_id before, step_id from, i64 limit
-- out: step_id id, record_id record_id, text step, flag built_in, instant at, text doer_post, text loop, text number, text title, text state, i64 composition_id, flag sealed, instant due_at
SELECT s.id, s.record_id, s.step, s.built_in, s.at, s.doer_post, r.loop, r.number, r.title, r.state, r.composition_id,
       r.sealed, r.due_at
  FROM step AS s JOIN record AS r ON r.tenant_id = s.tenant_id AND r.id = s.record_id
 WHERE s.tenant_id = $1 AND s.doer_id = $2 AND s.id < $3 AND s.id >= $4 AND s.undone = 0 AND r.void = 0
   AND NOT EXISTS (SELECT 1 FROM step AS l
                    WHERE l.tenant_id = $1 AND l.record_id = s.record_id AND l.doer_id = $2 AND l.undone = 0 AND l.seq > s.seq)
 ORDER BY s.id DESC LIMIT $5;

-- name: list_all :many
-- list
-- Every record of the tenant, newest first.
-- in: tenant_id tenant, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT id, loop, number, title, state, final, sealed, place_id, creator_id, created_at, changed_at, due_at, again_n, composition_id
  FROM record WHERE tenant_id = $1 AND id < $2 AND id >= $3 AND void = 0
 ORDER BY id DESC LIMIT $4;

-- name: list_loop :many
-- list
-- Of one loop, newest first.
-- in: tenant_id tenant, text loop, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT id, loop, number, title, state, final, sealed, place_id, creator_id, created_at, changed_at, due_at, again_n, composition_id
  FROM record WHERE tenant_id = $1 AND loop = $2 AND void = 0 AND id < $3 AND id >= $4
 ORDER BY id DESC LIMIT $5;

-- name: list_state :many
-- list
-- Of one loop in one state, if asked at one place, newest first.
-- in: tenant_id tenant, text loop, text state, place_id place, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT id, loop, number, title, state, final, sealed, place_id, creator_id, created_at, changed_at, due_at, again_n, composition_id
  FROM record WHERE tenant_id = $1 AND loop = $2 AND state = $3 AND void = 0 AND ($4 = 0 OR place_id = $4)
   AND id < $5 AND id >= $6
 ORDER BY id DESC LIMIT $7;

-- name: list_open :many
-- list
-- Records in which something is owed, of one loop or of all; with $3 those whose limit is over by then.
-- in: tenant_id tenant, text loop, instant due_by, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT id, loop, number, title, state, final, sealed, place_id, creator_id, created_at, changed_at, due_at, again_n, composition_id
  FROM record WHERE tenant_id = $1 AND final = 0 AND void = 0 AND ($2 = '' OR loop = $2) AND due_at <= $3
   AND id < $4 AND id >= $5
 ORDER BY id DESC LIMIT $6;

-- name: list_place :many
-- list
-- Of one loop at one place, newest first.
-- in: tenant_id tenant, text loop, place_id place, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT id, loop, number, title, state, final, sealed, place_id, creator_id, created_at, changed_at, due_at, again_n, composition_id
  FROM record WHERE tenant_id = $1 AND loop = $2 AND place_id = $3 AND void = 0 AND id < $4 AND id >= $5
 ORDER BY id DESC LIMIT $6;

-- name: list_value :many
-- list
-- Of one loop with a value in an index field, if asked in one state and at one place, newest first.
-- in: tenant_id tenant, text loop, text field, text value, text state, place_id place, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT r.id, r.loop, r.number, r.title, r.state, r.final, r.sealed, r.place_id, r.creator_id, r.created_at, r.changed_at, r.due_at,
       r.again_n, r.composition_id
  FROM record_value AS v JOIN record AS r ON r.tenant_id = v.tenant_id AND r.id = v.record_id
 WHERE v.tenant_id = $1 AND v.loop = $2 AND v.field = $3 AND v.value = $4 AND v.record_id < $7 AND v.record_id >= $8
   AND r.void = 0 AND ($5 = '' OR r.state = $5) AND ($6 = 0 OR r.place_id = $6)
 ORDER BY v.record_id DESC LIMIT $9;

-- name: list_search :many
-- list
-- Records whose folded text holds three words ('%' for none), newest first, if asked of one loop, state or place.
-- in: tenant_id tenant, text a, text b, text c, text loop, text state, place_id place, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT r.id, r.loop, r.number, r.title, r.state, r.final, r.sealed, r.place_id, r.creator_id, r.created_at, r.changed_at, r.due_at,
       r.again_n, r.composition_id
  FROM record_search AS s JOIN record AS r ON r.tenant_id = s.tenant_id AND r.id = s.record_id
 WHERE s.tenant_id = $1 AND s.text LIKE $2 ESCAPE '\' AND s.text LIKE $3 ESCAPE '\' AND s.text LIKE $4 ESCAPE '\'
   AND ($5 = '' OR s.loop = $5) AND s.record_id < $8 AND s.record_id >= $9
   AND r.void = 0 AND ($6 = '' OR r.state = $6) AND ($7 = 0 OR r.place_id = $7)
 ORDER BY s.record_id DESC LIMIT $10;

-- name: list_mine :many
-- list
-- Records that a person made, newest first, if asked of one loop, state or place.
-- in: tenant_id tenant, person_id person, text loop, text state, place_id place, record_id before, record_id from, i64 limit
-- out: record_id id, text loop, text number, text title, text state, flag final, flag sealed, place_id place_id, person_id creator_id, instant created_at, instant changed_at, instant due_at, int again_n, i64 composition_id
SELECT r.id, r.loop, r.number, r.title, r.state, r.final, r.sealed, r.place_id, r.creator_id, r.created_at, r.changed_at, r.due_at,
       r.again_n, r.composition_id
  FROM record AS r
 WHERE r.tenant_id = $1 AND r.creator_id = $2 AND r.void = 0 AND ($3 = '' OR r.loop = $3) AND ($4 = '' OR r.state = $4)
   AND ($5 = 0 OR r.place_id = $5) AND r.id < $6 AND r.id >= $7
 ORDER BY r.id DESC LIMIT $8;
