-- Official calendar, terms, exceptions of the school, nodes and periods.

-- name: holidays_all :many
-- A few dozen days for each year that was loaded.
-- out: day day, flag works
SELECT day, works FROM holiday ORDER BY day;

-- name: holiday_years :many
-- out: int year, text source
SELECT year, source FROM holiday_year ORDER BY year;

-- name: holidays_drop :exec
-- in: day from, day to
DELETE FROM holiday WHERE day >= $1 AND day <= $2;

-- name: holiday_put :exec
-- in: day day, flag works, text name, text source
INSERT INTO holiday (day, works, name, source) VALUES ($1, $2, $3, $4)
  ON CONFLICT (day) DO UPDATE SET works = excluded.works, name = excluded.name, source = excluded.source;

-- name: holiday_year_put :exec
-- in: int year, text source
INSERT INTO holiday_year (year, source) VALUES ($1, $2) ON CONFLICT (year) DO UPDATE SET source = excluded.source;

-- name: terms_all :many
-- scan: two terms a year
-- in: tenant_id tenant
-- out: i64 id, int school_year, int no, day start_on, day end_on
SELECT id, school_year, no, start_on, end_on FROM term WHERE tenant_id = $1 ORDER BY start_on, id;

-- name: term_put :one
-- in: tenant_id tenant, i64 id, int school_year, int no, day start_on, day end_on
-- out: i64 id
INSERT INTO term (tenant_id, id, school_year, no, start_on, end_on) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, school_year, no) DO UPDATE SET start_on = excluded.start_on, end_on = excluded.end_on
  RETURNING id;

-- name: school_days_all :many
-- scan: a school shifts a handful of days in a year
-- in: tenant_id tenant
-- out: day day, flag teaches, text name
SELECT day, teaches, name FROM school_day WHERE tenant_id = $1 ORDER BY day;

-- name: school_day_put :one
-- in: tenant_id tenant, i64 id, day day, flag teaches, text name
-- out: i64 id
INSERT INTO school_day (tenant_id, id, day, teaches, name) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, day) DO UPDATE SET teaches = excluded.teaches, name = excluded.name
  RETURNING id;

-- name: calendar_marks :many
-- scan: some dozens of nodes and periods in the life of a unit
-- in: tenant_id tenant
-- out: i64 id, text kind, text name, day from_on, day to_on, i64 record_id
SELECT id, kind, name, from_on, to_on, record_id FROM calendar_mark
 WHERE tenant_id = $1 AND retracted_at = 9223372036854775807 ORDER BY kind, name, from_on, id;

-- name: calendar_mark_add :exec
-- in: tenant_id tenant, i64 id, text kind, text name, day from_on, day to_on, i64 record_id, instant recorded_at
INSERT INTO calendar_mark (tenant_id, id, kind, name, from_on, to_on, record_id, recorded_at, retracted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 9223372036854775807);

-- name: calendar_mark_retract :execrows
-- in: tenant_id tenant, i64 id, instant at
UPDATE calendar_mark SET retracted_at = $3 WHERE tenant_id = $1 AND id = $2 AND retracted_at = 9223372036854775807;
