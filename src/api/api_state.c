/* api_state: holes, indicators and minutes of a unit. Computed when asked, never typed. */
#include "api/api_int.h"

#include "web/web.h"

/* Before the hierarchy these are the tenant's own; a department has none of its own. */
static enum err own_tenant(const struct req *rq)
{
	return rq->id == rq->op->scope->tenant.v ? ERR_OK : ERR_NOTFOUND;
}

enum err api_coverage(struct req *rq, struct reply *rp)
{
	const struct form_api_coverage *f = rq->form;
	struct op *op = rq->op;
	int64_t at;
	struct holes h;
	struct jw w;

	TRY(own_tenant(rq));
	TRY(query_moment(op, "at", f->at, op->now_ms, &at));
	TRY(coverage_of(op, at, &h));
	api_begin(rq, rp, &w);
	jw_moment(&w, op, "at", at);
	jw_kv_int(&w, "errors", (int64_t)h.errors);
	jw_kv_int(&w, "warnings", (int64_t)h.warnings);
	jw_kv_int(&w, "infos", (int64_t)h.infos);
	jw_key(&w, "holes");
	jw_arr(&w);
	for (size_t i = 0; i < h.n; i++)
		jw_hole(&w, op, &h.at[i]);
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* --- periods: 2026, 2026-11, 2026Q4, 2026-W47, 2026-2027, 2026-2027/1 --- */

static bool digits(str s, int *ret)
{
	int64_t v;

	if (!s.len || s.len > 4 || s.ptr[0] == '-' || !str_to_i64(s, &v))
		return false;
	*ret = (int)v;
	return true;
}

static bool civil_period(str s, day_no *ret_from, day_no *ret_to)
{
	int year, n;

	if (s.len < 4 || !digits(str_slice(s, 0, 4), &year) || year < 1900 || year > 2190)
		return false;
	if (s.len == 4) {
		*ret_from = day_of(year, 1, 1);
		*ret_to = day_of(year, 12, 31);
		return true;
	}
	if (s.len == 6 && s.ptr[4] == 'Q' && digits(str_slice(s, 5, 6), &n) && n >= 1 && n <= 4) {
		*ret_from = day_of(year, n * 3 - 2, 1);
		*ret_to = day_of(year, n * 3, date_month_days(year, n * 3));
		return true;
	}
	if (s.len == 7 && s.ptr[4] == '-' && digits(str_slice(s, 5, 7), &n) && n >= 1 && n <= 12) {
		*ret_from = day_of(year, n, 1);
		*ret_to = day_of(year, n, date_month_days(year, n));
		return true;
	}
	if (s.len == 8 && s.ptr[5] == 'W' && digits(str_slice(s, 6, 8), &n) && n >= 1 &&
	    n <= iso_weeks_in_year(year)) {
		*ret_from = iso_week_start(year, n);
		*ret_to = *ret_from + 6;
		return true;
	}
	return false;
}

/* A school year runs from 1 September; a term as the school's calendar has it. */
static bool school_period(const struct calendar *cal, str s, day_no *ret_from, day_no *ret_to)
{
	int from, to, no = 0;

	if (s.len < 9 || s.ptr[4] != '-' || !digits(str_slice(s, 0, 4), &from) ||
	    !digits(str_slice(s, 5, 9), &to) || to != from + 1 || from < 1900 || from > 2190)
		return false;
	if (s.len == 9) {
		*ret_from = day_of(from, 9, 1);
		*ret_to = day_of(to, 8, 31);
		return true;
	}
	if (s.len != 11 || s.ptr[9] != '/' || !digits(str_slice(s, 10, 11), &no))
		return false;
	for (size_t i = 0; i < cal->term_n; i++)
		if (cal->term[i].school_year == from && cal->term[i].no == no) {
			*ret_from = cal->term[i].start;
			*ret_to = cal->term[i].end;
			return true;
		}
	return false;
}

static enum err period_read(struct req *rq, const struct calendar *cal, str s, day_no *ret_from,
			    day_no *ret_to)
{
	day_no today = instant_day(rq->op->now_ms, rq->op->clock->utc_offset_ms);
	struct date d = date_from_day(today);

	if (!s.len) {	/* the month that runs */
		*ret_from = day_of(d.year, d.month, 1);
		*ret_to = day_of(d.year, d.month, date_month_days(d.year, d.month));
		return ERR_OK;
	}
	if (civil_period(s, ret_from, ret_to) || school_period(cal, s, ret_from, ret_to))
		return ERR_OK;
	return INVALID(rq->op, STR("period"),
		       "应是 2026、2026-11、2026Q4、2026-W47、2026-2027 或 2026-2027/1");
}

/* The loop that a formula counts first: "hazard.report + hazard.fix-now" -> hazard; "" for none. */
static str counted_loop(const struct policy *p, const struct indicator *ind)
{
	if (ind->kind == IND_RATIO)	/* of two counts (rules/indicator.c) */
		ind = ind->of.n ? policy_indicator(p, ind->of.at[0]) : NULL;
	if (!ind || ind->kind == IND_COVERAGE || ind->kind == IND_DUTY)
		return STR("");
	str rest = ind->of.n ? ind->of.at[0] : ind->text;
	str loop = str_cut(&rest, '.');

	return policy_loop(p, loop) ? loop : STR("");
}

/* Where what is behind a value can be looked at. */
static str behind(struct req *rq, const struct policy *p, const struct indicator *ind, str span)
{
	str loop = counted_loop(p, ind);

	if (ind->kind == IND_COVERAGE)
		return str_fmt(rq->op->arena, "/api/v1/units/%.*s/coverage",
			       STR_ARG(rq_param(rq, STR("id"))));
	if (loop.len)
		span = str_fmt(rq->op->arena, "loop=%.*s&%.*s", STR_ARG(loop), STR_ARG(span));
	return str_fmt(rq->op->arena, "/api/v1/records?%.*s", STR_ARG(span));
}

static void indicator(struct jw *w, struct req *rq, const struct policy *p,
		      const struct indicator_row *r, str span)
{
	const struct op *op = rq->op;

	jw_obj(w);
	jw_kv(w, "id", r->indicator->m.id);
	jw_text(w, "label", r->indicator->m.label);
	jw_strs(w, "clauses", &r->indicator->m.clauses);
	jw_key(w, "value");
	if (r->known)
		jw_raw(w, num_format(op->arena, r->num));
	else
		jw_null(w);	/* nothing to divide by: not zero */
	if (r->ratio) {
		jw_kv_int(w, "numerator", r->numerator);
		jw_kv_int(w, "denominator", r->denominator);
	}
	jw_kv(w, "records", behind(rq, p, r->indicator, span));
	jw_end(w);
}

enum err api_indicators(struct req *rq, struct reply *rp)
{
	const struct form_api_indicators *f = rq->form;
	const struct work *work;
	struct indicator_row *r;
	size_t n;
	day_no from, to;
	struct jw w;

	TRY(own_tenant(rq));
	TRY(work_load(rq->op, rq->op->scope->tenant, &work));
	TRY(period_read(rq, work->calendar, f->period, &from, &to));
	TRY(indicators_of(rq->op, from, to, &r, &n));
	api_begin(rq, rp, &w);
	jw_day(&w, rq->op, "from", from);
	jw_day(&w, rq->op, "to", to);
	jw_key(&w, "indicators");
	jw_arr(&w);
	str span = str_fmt(rq->op->arena, "from=%.*s&to=%.*s",
			   STR_ARG(date_format(rq->op->arena, from)),
			   STR_ARG(date_format(rq->op->arena, to)));
	for (size_t i = 0; i < n; i++)
		indicator(&w, rq, work->policy, &r[i], span);
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

enum err api_burden(struct req *rq, struct reply *rp)
{
	const struct form_api_burden *f = rq->form;
	day_no today = instant_day(rq->op->now_ms, rq->op->clock->utc_offset_ms);
	day_no from = f->from == DAY_NONE ? today : f->from;
	day_no to = f->to == DAY_NONE ? from + 27 : f->to;
	struct burden_line *b;
	size_t n;
	struct jw w;

	TRY(own_tenant(rq));
	if (to < from || to - from > 400)
		return INVALID(rq->op, STR("to"), "截止日期应在起始日期之后，最多相隔 400 天");
	TRY(burden_of(rq->op, from, to, &b, &n));
	api_begin(rq, rp, &w);
	jw_day(&w, rq->op, "from", from);
	jw_day(&w, rq->op, "to", to);
	jw_key(&w, "burden");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&w);
		jw_ref(&w, rq->op, "person", b[i].person.v, b[i].name);
		jw_day(&w, rq->op, "week", b[i].week);
		jw_kv_int(&w, "count", b[i].count);
		jw_kv_int(&w, "minutes_do", b[i].minutes_do);
		jw_kv_int(&w, "minutes_record", b[i].minutes_record);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* --- metrics --- */

enum err api_metrics(struct req *rq, struct reply *rp)
{
	(void)rq;
	rp->type = STR("text/plain; version=0.0.4; charset=utf-8");
	web_metrics(rq->web, &rp->body);
	return ERR_OK;
}
