/*
 * year: what falls when, and what it costs whom: the school year expanded from the packs in
 * force and the calendar. A year without its holiday table is provisional, and says so.
 */
#include "web/page/org.h"

#include "rules/burden.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_year.h"

#define MONTHS 12

struct year { int first; const struct work *w; struct occurrences all; };

static int month_index(const struct year *y, day_no d)
{
	struct date at = date_from_day(d);

	return (at.year - y->first) * 12 + at.month - 9;
}

static struct html_month_cell *cells_of(struct op *op, const struct year *y,
					const struct duty *duty, size_t *ret_total)
{
	struct html_month_cell *cells = NEW_N(op->arena, MONTHS, struct html_month_cell);
	int n[MONTHS] = { 0 }, now = month_index(y, page_today(op));

	for (size_t i = 0; i < y->all.n; i++) {
		const struct occurrence *o = &y->all.at[i];
		int m;

		if (o->duty != duty || o->is_void || o->due_ms == INSTANT_OPEN)
			continue;
		m = month_index(y, instant_day(o->due_ms - 1, page_utc(op)));
		if (m >= 0 && m < MONTHS) {
			n[m]++;
			(*ret_total)++;
		}
	}
	for (int m = 0; m < MONTHS; m++) {
		cells[m].now = m == now;
		if (n[m])
			cells[m].text = str_fmt(op->arena, "%d", n[m]);
	}
	return cells;
}

static void row_view(struct op *op, const struct year *y, const struct duty *d,
		     struct html_year_row *r, size_t *ret_total)
{
	*r = (struct html_year_row){
		.url = str_fmt(op->arena, "/packs/%.*s", STR_ARG(d->m.pack)), .label = d->m.label,
		.who = say_people(op, y->w->policy, d->who_text),
		.minutes = say_minutes(op->arena, d->minutes_do, d->minutes_record),
		.clause = say_clauses(op->arena, &d->m.clauses),
		.months = cells_of(op, y, d, ret_total), .months_n = MONTHS,
	};
}

/* Duties by the pack that wrote them; what never falls in this year is left out. */
static void fill_groups(struct op *op, const struct year *y, struct html_year *v)
{
	const struct policy *p = y->w->policy;
	struct html_year_group *g = NEW_N(op->arena, p->pack_n, struct html_year_group);
	size_t total = 0, duties = 0;

	for (size_t k = 0; k < p->pack_n; k++) {
		struct html_year_row *rows = NEW_N(op->arena, p->duty_n, struct html_year_row);
		size_t n = 0;

		for (size_t i = 0; i < p->duty_n; i++) {
			size_t mine = 0;

			if (!str_eq(p->duty[i].m.pack, p->pack[k].id) ||
				p->duty[i].group == GROUP_NONE)
				continue;
			row_view(op, y, &p->duty[i], &rows[n], &mine);
			n += mine > 0;
			total += mine;
		}
		if (!n)
			continue;
		g[v->groups_n++] = (struct html_year_group){
			.label = p->pack[k].title, .span = MONTHS + 1, .rows = rows, .rows_n = n,
			.note = str_fmt(op->arena, "%zu 项", n),
		};
		duties += n;
	}
	v->groups = g;
	v->total = str_fmt(op->arena, "%zu 项职责，%zu 次", duties, total);
	v->sub = v->total;
}

static void fill_months(struct op *op, const struct year *y, struct html_year *v)
{
	struct html_month_head *h = NEW_N(op->arena, MONTHS, struct html_month_head);

	for (int m = 0; m < MONTHS; m++)
		h[m] = (struct html_month_head){ .label = str_fmt(op->arena, "%d 月",
			(m + 8) % 12 + 1),
						 .now = m == month_index(y, page_today(op)) };
	v->months = h;
	v->months_n = MONTHS;
}

/* --- who carries how much --- */

static struct burdens loads_of(struct op *op, const struct year *y)
{
	struct expand_in in = work_expand_in(op, y->w);
	struct who_set *owners = NEW_N(op->arena, y->all.n, struct who_set);
	struct burdens b = { 0 };

	for (size_t i = 0; i < y->all.n; i++)
		owners[i] = occurrence_owners(op->arena, &in, &y->all.at[i], op->now_ms);
	burden(op->arena, y->w->policy, y->all.at, owners, y->all.n, page_utc(op), &b);
	return b;
}

static void person_view(struct op *op, const struct year *y, const struct burden_row *r, size_t n,
			struct html_burden_row *h)
{
	const struct burden_row *worst = r;
	int64_t sum = 0;
	int week, iso_year;

	for (size_t i = 0; i < n; i++) {
		sum += r[i].minutes_record;
		worst = r[i].minutes_record > worst->minutes_record ? &r[i] : worst;
	}
	week = day_iso_week(worst->week, &iso_year);
	*h = (struct html_burden_row){
		.url = page_url(op, "/people/", r->person.v, ""),
		.name = person_name(y->w, r->person),
		.post = posts_at(op, y->w, r->person, op->now_ms),
		.usual = str_fmt(op->arena, "%lld 分", (long long)(sum / (int64_t)n)),
		.worst = str_fmt(op->arena, "%d 分", worst->minutes_record),
		.worst_week = str_fmt(op->arena, "%d 年第 %d 周", iso_year, week),
		.doing = str_fmt(op->arena, "%d 分", worst->minutes_do),
	};
}

static int by_usual(const void *a, const void *b)
{
	int64_t x = 0, y = 0;
	str left = ((const struct html_burden_row *)a)->worst,
		right = ((const struct html_burden_row *)b)->worst;

	(void)str_to_i64(str_cut(&left, ' '), &x);
	(void)str_to_i64(str_cut(&right, ' '), &y);
	return (x < y) - (x > y);
}

static void fill_people(struct op *op, const struct year *y, struct html_year *v)
{
	struct burdens b = loads_of(op, y);
	struct html_burden_row *rows = NEW_N(op->arena, b.n, struct html_burden_row);

	for (size_t i = 0; i < b.n;) {
		size_t n = 1;

		while (i + n < b.n && b.at[i + n].person.v == b.at[i].person.v)
			n++;
		person_view(op, y, &b.at[i], n, &rows[v->people_n++]);
		i += n;
	}
	if (v->people_n)
		qsort(rows, v->people_n, sizeof(*rows), by_usual);
	v->people = rows;
	v->people_note = STR("只算定期的事；隐患、来访这些临时的不在内");
}

enum err page_year(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_year *f = rq->form;
	struct date today = date_from_day(page_today(op));
	int this_year = today.month >= 9 ? today.year : today.year - 1;
	struct year y = { .first = f->y == FORM_ABSENT ? this_year
						       : (int)f->y };
	struct html_year v = { 0 };
	struct expand_in in;

	if (y.first > this_year + YEARS_AHEAD_MAX)
		return INVALID(op, STR("y"), "年度安排最多看到 %d 学年", this_year + YEARS_AHEAD_MAX);
	TRY(work_load(op, op->scope->tenant, &y.w));
	TRY(page_shell(rq, rp, y.w, STR("年度安排"), TAB_NONE, &v.shell));
	in = work_expand_in(op, y.w);
	in.from = day_of(y.first, 9, 1);
	in.to = day_of(y.first + 1, 8, 31);
	expand(op->arena, &in, &y.all);
	v.heading = str_fmt(op->arena, "%d—%d 学年安排", y.first, y.first + 1);
	v.prev_url = str_fmt(op->arena, "/year?y=%d", y.first - 1);
	if (y.first < this_year + YEARS_AHEAD_MAX)
		v.next_url = str_fmt(op->arena, "/year?y=%d", y.first + 1);
	if (!cal_year_known(y.w->calendar, y.first) || !cal_year_known(y.w->calendar, y.first + 1))
		v.provisional = str_fmt(op->arena, "%d 年的节假日安排还没有载入，相关日期先按双休日估算，载入后自动重排。",
					cal_year_known(y.w->calendar,
						y.first) ? y.first + 1 : y.first);
	fill_months(op, &y, &v);
	fill_groups(op, &y, &v);
	fill_people(op, &y, &v);
	html_year(&rp->body, &v);
	return ERR_OK;
}
