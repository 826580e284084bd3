/*
 * calendar: official holidays (of the instance), terms and exceptions of the school, and
 * the nodes and periods that people set. What is not loaded is never guessed: a year is
 * known only when its official table is there.
 */
#include "org/org_int.h"

#include <assert.h>

#include "gen/q_calendar.h"
#include "gen/q_unit.h"

/* ---- reading ------------------------------------------------------------------ */

static enum err load_official(struct op *op, struct calendar *c)
{
	struct q_holidays_all *day;
	struct q_holiday_years *year;
	size_t day_n, year_n;

	TRY(q_holiday_years(op, &year, &year_n));
	TRY(q_holidays_all(op, &day, &day_n));
	int32_t *known = NEW_N(op->arena, year_n, int32_t);
	struct cal_day *work = NEW_N(op->arena, day_n, struct cal_day);
	for (size_t i = 0; i < year_n; i++)
		known[i] = year[i].year;
	for (size_t i = 0; i < day_n; i++)
		work[i] = (struct cal_day){ day[i].day, day[i].works };
	c->known_year = known;
	c->known_year_n = year_n;
	c->work = work;
	c->work_n = day_n;
	return ERR_OK;
}

static enum err load_school(struct op *op, tenant_id tenant, struct calendar *c)
{
	struct q_terms_all *t;
	struct q_school_days_all *d;
	size_t t_n, d_n;

	TRY(q_terms_all(op, tenant, &t, &t_n));
	TRY(q_school_days_all(op, tenant, &d, &d_n));
	struct cal_term *term = NEW_N(op->arena, t_n, struct cal_term);
	struct cal_day *school = NEW_N(op->arena, d_n, struct cal_day);
	for (size_t i = 0; i < t_n; i++)
		term[i] = (struct cal_term){ t[i].start_on, t[i].end_on, t[i].school_year,
					     (int8_t)t[i].no };
	for (size_t i = 0; i < d_n; i++)
		school[i] = (struct cal_day){ d[i].day, d[i].teaches };
	c->term = term;
	c->term_n = t_n;
	c->school = school;
	c->school_n = d_n;
	return ERR_OK;
}

static enum err load_marks(struct op *op, tenant_id tenant, struct calendar *c)
{
	struct q_calendar_marks *m;
	size_t n;

	TRY(q_calendar_marks(op, tenant, &m, &n));
	struct cal_node *node = NEW_N(op->arena, n, struct cal_node);
	struct cal_period *period = NEW_N(op->arena, n, struct cal_period);
	c->node_n = c->period_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (str_eq(m[i].kind, STR("node")))
			node[c->node_n++] = (struct cal_node){ m[i].name, m[i].from_on };
		else
			period[c->period_n++] = (struct cal_period){
				m[i].name, m[i].from_on,
				m[i].to_on == DAY_NONE ? INT32_MAX : m[i].to_on,
			};
	}
	c->node = node;
	c->period = period;
	return ERR_OK;
}

enum err org_calendar_load(struct op *op, tenant_id tenant, struct calendar *ret_c)
{
	struct calendar c = { .utc_offset_ms = op->clock->utc_offset_ms };
	struct q_unit_get unit;

	TRY(q_unit_get(op, tenant, (unit_id){ tenant.v }, &unit));
	c.has_pupils = str_eq(unit.kind, STR("school"));
	TRY(load_official(op, &c));
	TRY(load_school(op, tenant, &c));
	TRY(load_marks(op, tenant, &c));
	*ret_c = c;
	return ERR_OK;
}

/* ---- official holidays -------------------------------------------------------- */

static enum err check_holidays(struct op *op, int year, const struct cal_day *day, size_t n)
{
	if (year < 1949 || year > 2199)
		return INVALID(op, STR("year"), "年份不对。");
	for (size_t i = 0; i < n; i++) {
		struct date d = date_from_day(day[i].day);
		/* A notice may begin with the last days of December before. */
		if (d.year != year && !(d.year == year - 1 && d.month == 12))
			return INVALID(op, STR("day"), "%d-%02d-%02d 不属于 %d 年的放假安排。", d.year,
				       d.month, d.day, year);
		for (size_t k = 0; k < i; k++)
			if (day[k].day == day[i].day)
				return INVALID(op, STR("day"), "%d-%02d-%02d 写了两次。", d.year,
					       d.month, d.day);
	}
	return ERR_OK;
}

enum err org_holidays_load(struct op *op, int year, const struct cal_day *day, size_t n,
			   const str *name, str source)
{
	struct facts f = { .n = 0 };
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "source", source, 200, "请写明放假安排的出处。", &source));
	TRY(check_holidays(op, year, day, n));
	TRY(q_holidays_drop(op, day_of(year, 1, 1), day_of(year, 12, 31)));
	for (size_t i = 0; i < n; i++)
		TRY(q_holiday_put(op, day[i].day, day[i].work, name ? name[i] : STR(""), source));
	TRY(q_holiday_year_put(op, year, source));
	fact_i64(op, &f, "year", year);
	fact_i64(op, &f, "days", (int64_t)n);
	fact_str(&f, "source", source);
	TRY(org_event(op, "holidays.load", "year", year, &f));
	return tx_leave(&tx);
}

/* ---- terms and exceptions ----------------------------------------------------- */

static enum err term_fits(struct op *op, int32_t school_year, int32_t no, day_no start, day_no end)
{
	struct q_terms_all *t;
	size_t n;

	TRY(q_terms_all(op, op->tenant, &t, &n));
	for (size_t i = 0; i < n; i++) {
		if (t[i].school_year == school_year && t[i].no == no)
			continue;
		if (start <= t[i].end_on && t[i].start_on <= end)
			return INVALID(op, STR("start"), "与 %d—%d 学年第%s学期重叠。", t[i].school_year,
				       t[i].school_year + 1, t[i].no == 1 ? "一" : "二");
	}
	return ERR_OK;
}

enum err org_term_set(struct op *op, int32_t school_year, int32_t no, day_no start, day_no end)
{
	struct facts f = { .n = 0 };
	struct q_term_put row;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	if (no != 1 && no != 2)
		return INVALID(op, STR("no"), "学期只有第一学期和第二学期。");
	if (end <= start || end - start > 250)
		return INVALID(op, STR("end"), "请核对学期的起止日期。");
	if (start < day_of(school_year, 8, 1) || end > day_of(school_year + 1, 8, 31))
		return INVALID(op, STR("start"), "这个学期不在 %d—%d 学年里。", school_year,
			       school_year + 1);
	TRY(term_fits(op, school_year, no, start, end));
	TRY(q_term_put(op, &(struct q_term_put_in){
		.tenant = op->tenant, .id = org_id(op), .school_year = school_year, .no = no,
		.start_on = start, .end_on = end,
	}, &row));
	fact_i64(op, &f, "school-year", school_year);
	fact_i64(op, &f, "no", no);
	fact_day(op, &f, "start", start);
	fact_day(op, &f, "end", end);
	TRY(org_event(op, "term.set", "term", row.id, &f));
	return tx_leave(&tx);
}

enum err org_school_day_set(struct op *op, day_no day, bool teaches, str name)
{
	struct facts f = { .n = 0 };
	struct q_school_day_put row;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "name", name, NAME_MAX_CHARS, NULL, &name));
	TRY(q_school_day_put(op, op->tenant, org_id(op), day, teaches, name, &row));
	fact_day(op, &f, "day", day);
	fact_str(&f, "teaches", teaches ? STR("1") : STR("0"));
	fact_str(&f, "name", name);
	TRY(org_event(op, "school-day.set", "school-day", row.id, &f));
	return tx_leave(&tx);
}

/* ---- nodes and periods -------------------------------------------------------- */

static enum err add_mark(struct op *op, str kind, str name, day_no from, day_no to, int64_t record)
{
	return q_calendar_mark_add(op, &(struct q_calendar_mark_add_in){
		.tenant = op->tenant, .id = org_id(op), .kind = kind, .name = name, .from_on = from,
		.to_on = to == INT32_MAX ? DAY_NONE : to, .record_id = record,
		.recorded_at = op->now_ms,
	});
}

static bool mark_overlaps(const struct q_calendar_marks *m, day_no from, day_no to)
{
	day_no end = m->to_on == DAY_NONE ? INT32_MAX : m->to_on;

	return m->from_on <= to && from <= end;
}

/*
 * A node that has not come yet is moved, a past one stays: it may come again. A period
 * takes the place of what it overlaps.
 */
static enum err retract_marks(struct op *op, str kind, str name, day_no from, day_no to)
{
	bool node = str_eq(kind, STR("node"));
	day_no today = instant_day(op->now_ms, op->clock->utc_offset_ms);
	struct q_calendar_marks *m;
	int64_t changed;
	size_t n;

	TRY(q_calendar_marks(op, op->tenant, &m, &n));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(m[i].kind, kind) || !str_eq(m[i].name, name))
			continue;
		if (node ? m[i].from_on >= today || m[i].from_on == from : mark_overlaps(&m[i],
				from, to))
			TRY(q_calendar_mark_retract(op, op->tenant, m[i].id, op->now_ms, &changed));
	}
	return ERR_OK;
}

static enum err mark_event(struct op *op, const char *what, str kind, str name, day_no from,
			   day_no to, int64_t record)
{
	struct facts f = { .n = 0 };

	fact_str(&f, "kind", kind);
	fact_str(&f, "name", name);
	fact_day(op, &f, "from", from);
	fact_day(op, &f, "to", to);
	if (record)
		fact_i64(op, &f, "record", record);
	return org_event(op, what, "mark", 0, &f);
}

enum err org_mark_set(struct op *op, str kind, str name, day_no from, day_no to, int64_t record)
{
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	assert(str_eq(kind, STR("node")) || str_eq(kind, STR("period")));
	TRY(org_clean(op, "name", name, CODE_MAX_CHARS, "请选择是哪个日子。", &name));
	if (str_eq(kind, STR("node")))
		to = from;
	if (to < from)
		return INVALID(op, STR("to"), "结束日期要在开始日期之后。");
	TRY(retract_marks(op, kind, name, from, to));
	TRY(add_mark(op, kind, name, from, to, record));
	TRY(mark_event(op, "mark.set", kind, name, from, to, record));
	return tx_leave(&tx);
}

enum err org_mark_end(struct op *op, str kind, str name, day_no to)
{
	struct q_calendar_marks *m;
	int64_t changed;
	bool any = false;
	size_t n;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(q_calendar_marks(op, op->tenant, &m, &n));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(m[i].kind, kind) || !str_eq(m[i].name, name) ||
		    (m[i].to_on != DAY_NONE && m[i].to_on <= to))
			continue;
		any = true;
		TRY(q_calendar_mark_retract(op, op->tenant, m[i].id, op->now_ms, &changed));
		if (m[i].from_on <= to)
			TRY(add_mark(op, kind, m[i].name, m[i].from_on, to, m[i].record_id));
	}
	if (any)
		TRY(mark_event(op, "mark.end", kind, name, DAY_NONE, to, 0));
	return tx_leave(&tx);
}
