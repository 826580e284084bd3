/*
 * cockpit: the state of the school on one sheet: figures that are links, the three worst things,
 * two weeks, and what stands where. Figures are indicators and counters of the packs in force;
 * nothing is counted here.
 */
#include "web/page/org.h"

#include "base/utf8.h"
#include "web/routes.h"

#include "gen/html_cockpit.h"

#define WORST 3
#define OPEN_SHOWN 5
#define HOLES_SHOWN 5
#define EVENTS_A_DAY 4
#define DAYS 14
#define EVENT_CHARS 9
#define LOADS_SHOWN 6

struct cockpit {
	const struct work *w;
	struct holes holes;
	struct list open, late;
	struct tasks tasks;
	struct burden_line *week; size_t week_n;	/* everybody's, Monday to Sunday */
};

/* The loop whose records go through the stations: the first one. */
static const struct loop *main_loop(const struct work *w)
{
	for (size_t i = 0; i < w->policy->loop_n; i++)
		if (loop_has_stages(&w->policy->loop[i]) && w->policy->loop[i].again_same.n)
			return &w->policy->loop[i];
	for (size_t i = 0; i < w->policy->loop_n; i++)
		if (loop_has_stages(&w->policy->loop[i]))
			return &w->policy->loop[i];
	return NULL;
}

static enum err read_all(struct op *op, struct cockpit *c)
{
	const struct loop *lp = main_loop(c->w);
	day_no monday = page_today(op) - (day_weekday(page_today(op)) - 1);
	struct list_query q = {
		.loop = lp ? lp->m.id : STR_NONE, .state = STR("open"), .from = DAY_NONE,
		.to = DAY_NONE, .limit = LIST_LIMIT_MAX,
	};

	TRY(coverage_of(op, op->now_ms, &c->holes));
	TRY(burden_of(op, monday, monday + 6, &c->week, &c->week_n));
	TRY(records_list(op, &q, &c->open));
	q.state = STR("late");
	q.loop = STR_NONE;
	return records_list(op, &q, &c->late);
}

/* --- figures --- */

static str say_tenths(struct arena *a, int64_t num)	/* ten-thousandths to 94.6 */
{
	int64_t tenths = (num + 500) / 1000;

	return tenths % 10 ? str_fmt(a, "%lld.%lld", (long long)(tenths / 10),
		(long long)(tenths % 10))
			   : str_fmt(a, "%lld", (long long)(tenths / 10));
}

/* The first ratio of the packs, this month: the closure rate, as a rule. */
static enum err fill_ratio(struct op *op, struct html_stat *s, size_t *n)
{
	day_no today = page_today(op);
	struct date d = date_from_day(today);
	struct indicator_row *rows;
	size_t rows_n;

	TRY(indicators_of(op, day_of(d.year, d.month, 1), today, &rows, &rows_n));
	for (size_t i = 0; i < rows_n; i++) {
		const struct indicator_row *r = &rows[i];

		if (!r->known || r->indicator->kind != IND_RATIO)
			continue;
		s[(*n)++] = (struct html_stat){
			.url = STR("/records"), .unit = STR("%"),
			.label = str_fmt(op->arena, "本月%.*s", STR_ARG(r->indicator->m.label)),
			.value = say_tenths(op->arena, r->num * 100),
			.note = str_fmt(op->arena, "%lld / %lld", (long long)r->numerator,
					(long long)r->denominator),
		};
		return ERR_OK;
	}
	return ERR_OK;
}

static str many(struct arena *a, size_t n, bool more)
{
	return str_fmt(a, "%zu%s", n, more ? "+" : "");
}

static size_t late_of(const struct list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->at[i].late;
	return n;
}

/* What a person records in this week, on average. */
static void fill_usual(struct op *op, const struct cockpit *c, struct html_stat *s, size_t *n)
{
	int32_t recording = 0, doing = 0, people = (int32_t)c->week_n;

	for (size_t i = 0; i < c->week_n; i++) {
		recording += c->week[i].minutes_record;
		doing += c->week[i].minutes_do;
	}
	if (!people)
		return;
	*s = (struct html_stat){
		.url = STR("/year"), .label = STR("人均记录用时"), .unit = STR("分钟 / 周"),
		.value = str_fmt(op->arena, "%d", recording / people),
		.note = str_fmt(op->arena, "做 %d 分 · %d 人", doing / people, people),
	};
	(*n)++;
}

static enum err fill_stats(struct op *op, const struct cockpit *c, struct html_cockpit *v)
{
	struct html_stat *s = NEW_N(op->arena, 6, struct html_stat);
	const struct loop *lp = main_loop(c->w);
	size_t n = 0, late = late_of(&c->open),
		holes = c->holes.errors + c->holes.warnings + c->holes.infos;

	TRY(fill_ratio(op, s, &n));
	if (lp)
		s[n++] = (struct html_stat){
			.url = str_fmt(op->arena, "/loops/%.*s?state=open", STR_ARG(lp->m.id)),
			.unit = STR("条"),
			.label = str_fmt(op->arena, "未闭环%.*s", STR_ARG(lp->m.label)),
			.value = many(op->arena, c->open.n, c->open.more),
			.note_bad = late ? str_fmt(op->arena, "逾期 %zu", late) : STR_NONE,
			.note_good = late ? STR_NONE : STR("没有逾期"),
		};
	s[n++] = (struct html_stat){
		.url = STR("/grid"),
		.label = STR("责任缺口"),
		.value = many(op->arena, holes, false),
		.unit = STR("处"),
		.note_bad = c->holes.errors ? str_fmt(op->arena, "错误 %zu", c->holes.errors)
					    : STR_NONE,
		.note = str_fmt(op->arena, "警告 %zu · 提示 %zu", c->holes.warnings,
				c->holes.infos),
	};
	s[n++] = (struct html_stat){
		.url = STR("/records?state=late"), .label = STR("逾期事项"), .unit = STR("条"),
		.value = many(op->arena, c->late.n, c->late.more),
		.note_good = c->late.n ? STR_NONE : STR("都按时"),
	};
	fill_usual(op, c, &s[n], &n);
	v->stats = s;
	v->stats_n = n;
	return ERR_OK;
}

/* --- the three worst: what is grave, what is late, what nobody owns --- */

static void worst_record(struct op *op, const struct cockpit *c, const struct list_row *r,
	struct html_worst *h)
{
	struct html_who *who = NEW(op->arena, struct html_who);
	str left = say_left(op, r->due_ms);

	(void)c;
	*who = (struct html_who){
		.name = r->owner_name, .mark = page_mark(op->arena, r->owner_name, 1),
	};
	*h = (struct html_worst){
		.url = page_url(op, "/records/", r->id.v, ""), .tone = STR("e"),
		.title = str_fmt(op->arena, "%.*s，%.*s", STR_ARG(r->title), STR_ARG(left)),
		.why = str_fmt(op->arena, "%.*s%s%.*s · %.*s", STR_ARG(r->grade),
			r->grade.len ? " · " : "", STR_ARG(r->number), STR_ARG(r->state_label)),
		.owner = r->owner_name.len ? who : NULL };
}

struct ranked { const struct list_row *row; int rank; };

/* A grave one comes before all, a late one of the main loop before another that is late. */
static int rank_of(const struct cockpit *c, const struct list_row *r)
{
	const struct loop *lp = main_loop(c->w);

	if (grave(r->grade))
		return 0;
	return !r->late ? 3 : lp && str_eq(r->loop, lp->m.id) ? 1 : 2;
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->row->due_ms > y->row->due_ms) - (x->row->due_ms < y->row->due_ms);
}

/* Open ones of the main loop and whatever else is late, each once, the worst first. */
static size_t ranking(struct op *op, const struct cockpit *c, struct ranked **ret)
{
	struct ranked *all = NEW_N(op->arena, c->open.n + c->late.n, struct ranked);
	size_t n = 0;

	for (size_t i = 0; i < c->open.n; i++)
		all[n++] = (struct ranked){ &c->open.at[i], rank_of(c, &c->open.at[i]) };
	for (size_t i = 0; i < c->late.n; i++) {
		bool had = false;

		for (size_t k = 0; k < c->open.n && !had; k++)
			had = c->open.at[k].id.v == c->late.at[i].id.v;
		if (!had)
			all[n++] = (struct ranked){ &c->late.at[i], rank_of(c, &c->late.at[i]) };
	}
	if (n)
		qsort(all, n, sizeof(*all), by_rank);
	*ret = all;
	return n;
}

static void fill_worst(struct op *op, const struct cockpit *c, struct html_cockpit *v)
{
	struct html_worst *w = NEW_N(op->arena, WORST, struct html_worst);
	struct ranked *all;
	size_t all_n = ranking(op, c, &all), n = 0, k = 0;

	for (; k < all_n && all[k].rank < 3 && n < WORST; k++)
		worst_record(op, c, all[k].row, &w[n++]);
	for (size_t i = 0; i < c->holes.n && n < WORST; i++) {
		const struct hole *h = &c->holes.at[i];

		if (!h->pending && h->severity == SEV_ERROR)
			w[n++] = (struct html_worst){
				.url = STR("/grid"), .title = h->sentence, .why = h->code,
				.tone = STR("e"),
			};
	}
	for (; k < all_n && n < WORST; k++)
		worst_record(op, c, all[k].row, &w[n++]);
	for (size_t i = 0; i < n; i++)
		w[i].n = (int64_t)i + 1;
	v->worst = w;
	v->worst_n = n;
}

/* --- two weeks: what falls due, by duty --- */

struct due { const struct duty *duty; size_t n; };

/* What comes every day or nearly says nothing on any of them. */
static bool daily(struct op *op, const struct occurrences *all, const struct duty *duty)
{
	day_no monday = page_today(op) - (day_weekday(page_today(op)) - 1);
	uint32_t on = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct occurrence *o = &all->at[i];

		if (o->duty != duty || o->is_void || o->due_ms == INSTANT_OPEN)
			continue;
		day_no d = instant_day(o->due_ms - 1, page_utc(op)) - monday;
		if (d >= 0 && d < DAYS)
			on |= 1u << d;
	}
	return __builtin_popcount(on) > DAYS / 3;
}

/* Records of the main loop that must be done by that day. */
static void add_open(struct op *op, const struct cockpit *c, day_no d, struct html_day *h,
		     struct html_event *e)
{
	for (size_t i = 0; i < c->open.n && h->events_n < EVENTS_A_DAY; i++) {
		const struct list_row *r = &c->open.at[i];

		if (r->due_ms == INSTANT_OPEN || instant_day(r->due_ms - 1, page_utc(op)) != d)
			continue;
		str cut = utf8_cut(r->title, EVENT_CHARS);
		e[h->events_n++] = (struct html_event){
			.url = page_url(op, "/records/", r->id.v, ""),
			.label = str_fmt(op->arena, "%.*s%s", STR_ARG(cut),
				cut.len < r->title.len ? "…" : ""),
			.tone = STR("ev-r") };
	}
}

static void fill_day(struct op *op, const struct cockpit *c, const struct occurrences *all,
		     day_no d, struct html_day *h)
{
	static const char *const names[] = { "一", "二", "三", "四", "五", "六", "日" };
	VEC(struct due) due = { 0 };
	struct html_event *e;

	h->number = str_fmt(op->arena, "%d", date_from_day(d).day);
	h->name = str_of(names[day_weekday(d) - 1]);
	for (size_t i = 0; i < all->n; i++) {
		const struct occurrence *o = &all->at[i];
		size_t k = 0;

		if (o->is_void || o->due_ms == INSTANT_OPEN || o->duty->group == GROUP_NONE ||
		    instant_day(o->due_ms - 1, page_utc(op)) != d || daily(op, all, o->duty))
			continue;
		while (k < due.n && due.at[k].duty != o->duty)
			k++;
		if (k == due.n)
			VEC_PUSH(op->arena, &due)->duty = o->duty;
		due.at[k].n++;
	}
	e = NEW_N(op->arena, EVENTS_A_DAY, struct html_event);
	add_open(op, c, d, h, e);
	for (size_t i = 0; i < due.n && h->events_n < EVENTS_A_DAY; i++)
		e[h->events_n++] = (struct html_event){ .url = STR("/year"),
					    .label = due.at[i].duty->m.label,
					    .tone = STR("ev-b"),
					    .n = due.at[i].n > 1 ? many(op->arena, due.at[i].n,
						false)
								 : STR_NONE };
	h->events = e;
}

static void fill_days(struct op *op, const struct cockpit *c, struct html_cockpit *v)
{
	day_no today = page_today(op), monday = today - (day_weekday(today) - 1);
	struct html_day *d = NEW_N(op->arena, DAYS, struct html_day);
	struct expand_in in = work_expand_in(op, c->w);
	struct occurrences all = { 0 };

	in.from = monday;
	in.to = monday + DAYS - 1;
	expand(op->arena, &in, &all);
	for (int i = 0; i < DAYS; i++) {
		day_no day = monday + i;

		fill_day(op, c, &all, day, &d[i]);
		d[i].now = day == today;
		d[i].past = day < today;
		d[i].off = !cal_work_day(c->w->calendar, day);
	}
	v->days = d;
	v->days_n = DAYS;
}

/* --- the loop, the holes, the loads --- */

static void fill_loop(struct op *op, const struct cockpit *c, struct html_cockpit *v)
{
	const struct loop *lp = main_loop(c->w);
	struct html_pipe_step *p = NEW_N(op->arena, 5, struct html_pipe_step);
	struct html_open_row *rows = NEW_N(op->arena, OPEN_SHOWN, struct html_open_row);

	if (!lp)
		return;
	v->loop_label = lp->m.label;
	v->loop_url = str_fmt(op->arena, "/loops/%.*s", STR_ARG(lp->m.id));
	v->loop_note = str_fmt(op->arena, "未闭环 %zu 条", c->open.n);
	for (int i = 0; i < 4; i++)
		p[i] = (struct html_pipe_step){ .label = str_of(stage_names[i]),
			.url = v->loop_url };
	for (size_t i = 0; i < c->open.n; i++)
		if (c->open.at[i].ring >= 1 && c->open.at[i].ring <= 4)
			p[c->open.at[i].ring - 1].n++;
	v->pipe = p;
	v->pipe_n = 4;
	for (size_t i = 0; i < c->open.n && v->open_n < OPEN_SHOWN; i++) {
		const struct list_row *r = &c->open.at[i];
		struct html_loop_ring *ring = NEW(op->arena, struct html_loop_ring);

		*ring = page_ring(op, r->ring, r->state_label, r->final, r->late);
		rows[v->open_n++] = (struct html_open_row){
			.url = page_url(op, "/records/", r->id.v, ""), .title = r->title,
			.ring = ring, .who = r->owner_name, .left = say_left(op, r->due_ms),
			.tone = r->late ? STR("red") : STR_NONE,
		};
	}
	v->open = rows;
}

static void fill_holes(struct op *op, const struct cockpit *c, struct html_cockpit *v)
{
	static const char *const sev[] = { "e", "w", "i" };
	struct html_hole_row *rows = NEW_N(op->arena, HOLES_SHOWN, struct html_hole_row);
	size_t all = c->holes.errors + c->holes.warnings + c->holes.infos;

	for (int severity = SEV_ERROR; severity <= SEV_INFO; severity++)
		for (size_t i = 0; i < c->holes.n && v->holes_n < HOLES_SHOWN; i++) {
			const struct hole *h = &c->holes.at[i];

			if (!h->pending && h->severity == severity)
				rows[v->holes_n++] = (struct html_hole_row){
					.url = STR("/grid"), .code = h->code,
					.sev = str_of(sev[severity]), .title = h->sentence,
				};
		}
	v->holes = rows;
	v->holes_note = str_fmt(op->arena, "%zu 处", all);
	if (all > v->holes_n)
		v->holes_more = str_fmt(op->arena, "另有 %zu 处", all - v->holes_n);
}

static int busier(const void *x, const void *y)
{
	const struct burden_line *a = x, *b = y;

	if (a->minutes_record != b->minutes_record)
		return a->minutes_record < b->minutes_record ? 1 : -1;
	return (a->person.v > b->person.v) - (a->person.v < b->person.v);
}

/* Who records most this week. */
static void fill_loads(struct op *op, struct cockpit *c, struct html_cockpit *v)
{
	struct html_load_row *rows = NEW_N(op->arena, LOADS_SHOWN, struct html_load_row);
	struct burden_line *line = c->week;

	if (c->week_n)
		qsort(line, c->week_n, sizeof(*line), busier);
	for (size_t i = 0; i < c->week_n && i < LOADS_SHOWN && line[i].minutes_record; i++)
		rows[v->loads_n++] = (struct html_load_row){
			.label = line[i].name, .cap_percent = 100,
			.percent = line[i].minutes_record * 100 / line[0].minutes_record,
			.figures = say_minutes(op->arena, line[i].minutes_do,
					       line[i].minutes_record),
		};
	v->loads = rows;
	v->loads_note = STR("本周记录用时最多的人；办事本身的时间不算负担。");
}

enum err page_cockpit(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct cockpit c = { 0 };
	struct html_cockpit v = { .theme_title = STR("本月主题") };
	str now = say_moment(op, op->now_ms), weekday = say_weekday(page_today(op));

	TRY(work_load(op, op->scope->tenant, &c.w));
	TRY(read_all(op, &c));
	TRY(page_shell(rq, rp, c.w, STR("学校驾驶舱"), TAB_NONE, &v.shell));
	v.sub = str_fmt(op->arena, "%.*s · %.*s", STR_ARG(now), STR_ARG(weekday));
	TRY(fill_stats(op, &c, &v));
	fill_worst(op, &c, &v);
	fill_days(op, &c, &v);
	fill_loop(op, &c, &v);
	fill_holes(op, &c, &v);
	fill_loads(op, &c, &v);
	html_cockpit(&rp->body, &v);
	return ERR_OK;
}
