-- Reading whole tables of one tenant in order of their keys, for `audit`.

-- name: audit_todo :many
-- Every row of what falls on whom.
-- in: tenant_id tenant, person_id after_person, text after_item, i64 after_ref, i64 limit
-- out: person_id person_id, text item, i64 ref_id, text label, text detail, text group_key, text post, flag stand_in, instant from_at, instant due_at, int minutes_do, int minutes_record
SELECT person_id, item, ref_id, label, detail, group_key, post, stand_in, from_at, due_at, minutes_do, minutes_record
  FROM todo WHERE tenant_id = $1 AND (person_id, item, ref_id) > ($2, $3, $4)
 ORDER BY person_id, item, ref_id LIMIT $5;

-- name: audit_tally :many
-- Every counter that is not nought.
-- in: tenant_id tenant, text after_metric, text after_dim, text after_value, day after_day, i64 limit
-- out: text metric, text dim, text value, day day, i64 n
SELECT metric, dim, value, day, n FROM tally
 WHERE tenant_id = $1 AND (metric, dim, value, day) > ($2, $3, $4, $5) AND n <> 0
 ORDER BY metric, dim, value, day LIMIT $6;

-- name: audit_occurrences :many
-- Every occurrence of the tenant in order of id.
-- in: tenant_id tenant, occurrence_id after, i64 limit
-- out: occurrence_id id, text key, text duty, text subject, text subject2, text period, text trigger_key, int slot, instant from_at, instant to_at, instant due_at, instant late_to_at, day period_start, day period_end, flag provisional, flag born_late, text state, text how, record_id record_id, instant done_at, int rung, person_id owner_id, text void_why, instant void_at, instant wake_at
SELECT id, key, duty, subject, subject2, period, trigger_key, slot, from_at, to_at, due_at, late_to_at, period_start, period_end,
       provisional, born_late, state, how, record_id, done_at, rung, owner_id, void_why, void_at, wake_at
  FROM occurrence WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: audit_orphans :one
-- Derived rows whose record is not there: values, search text, deeds, satisfactions.
-- scan: `audit` looks at everything of one tenant
-- in: tenant_id tenant
-- out: i64 n
SELECT CAST((SELECT COUNT(*) FROM record_value AS v WHERE v.tenant_id = $1
                AND NOT EXISTS (SELECT 1 FROM record AS r WHERE r.tenant_id = $1 AND r.id = v.record_id))
     + (SELECT COUNT(*) FROM record_search AS s WHERE s.tenant_id = $1
           AND NOT EXISTS (SELECT 1 FROM record AS r WHERE r.tenant_id = $1 AND r.id = s.record_id))
     + (SELECT COUNT(*) FROM deed AS d WHERE d.tenant_id = $1
           AND NOT EXISTS (SELECT 1 FROM record AS r WHERE r.tenant_id = $1 AND r.id = d.record_id))
     + (SELECT COUNT(*) FROM satisfaction AS f WHERE f.tenant_id = $1
           AND NOT EXISTS (SELECT 1 FROM occurrence AS o WHERE o.tenant_id = $1 AND o.id = f.occurrence_id)) AS BIGINT);

-- name: audit_steps_alone :one
-- Steps of which the ledger knows nothing: every fact has its event.
-- scan: `audit` looks at everything of one tenant
-- in: tenant_id tenant
-- out: i64 n
SELECT COUNT(*) AS n FROM step AS s
 WHERE s.tenant_id = $1
   AND NOT EXISTS (SELECT 1 FROM ledger_event AS e WHERE e.tenant_id = $1 AND e.seq = s.event_seq AND e.subject_id = s.id);
