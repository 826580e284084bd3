/*
 * expand: see expand.h. A recurring duty walks its windows over the span: the nominal
 * period, narrowed by window:, cut by adoption and joining, judged by the rule of half.
 * Triggers are in expand_trigger.c, subjects in expand_subject.c. Everything is a
 * function of the inputs: the same rows come out in the same order, by key.
 */
#include "rules/expand_int.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/date.h"

/* A doing window on the way: days, both inclusive. */
struct span { day_no start, end; };
#define INSTANCES_MAX 32

static int32_t off(const struct expand_in *in)
{
	return in->calendar->utc_offset_ms;
}

static int64_t start_of(const struct expand_in *in, day_no d)
{
	return day_start_ms(d, off(in));
}

bool school_time(const struct duty *d)
{
	if (d->in != IN_DEFAULT)
		return d->in == IN_SCHOOL_TIME;
	for (size_t i = 0; i < d->per_n; i++)
		if (d->per[i].kind == SUB_CLASS)
			return true;
	return d->has_every && d->every == PER_SCHOOL_DAY;
}

/* --- windows --- */

static int year_of(day_no d)
{
	return date_from_day(d).year;
}

static bool large(enum per_kind k)
{
	return k == PER_YEAR || k == PER_SCHOOL_YEAR || k == PER_ONCE || k == PER_HALF_YEAR ||
			k == PER_TERM;
}

/*
 * A long period has the instance that belongs to it, whole (one over new year is not torn); a
 * short one what lies in it.
 */
static bool narrow(struct arena *a, const struct expand_in *in, const struct window_spec *w,
		const struct period *p, struct span *ret)
{
	struct instance is[INSTANCES_MAX];
	struct period big;

	if (w->has_rest_of) {
		if (!cal_period_of(in->calendar, w->rest_of, p->start, &big))
			return false;
		*ret = (struct span){ p->start, big.end };
		return true;
	}
	size_t n = window_instances(a, in, w, p->start, p->end, is, INSTANCES_MAX);
	for (size_t i = 0; i < n; i++) {
		if (large(p->kind) && p->start <= is[i].by && is[i].by <= p->end) {
			*ret = (struct span){ is[i].start, is[i].end };
			return true;
		}
		if (!large(p->kind) && is[i].start <= p->end && is[i].end >= p->start) {
			*ret = (struct span){ is[i].start > p->start ? is[i].start : p->start,
					is[i].end < p->end ? is[i].end : p->end };
			return true;
		}
	}
	return false;
}

bool provisional(const struct expand_in *in, day_no from, day_no to)
{
	for (int y = year_of(from); y <= year_of(to); y++)
		if (!cal_year_known(in->calendar, y))
			return true;
	return false;
}

/* Days that a full window would have, by the measure of the duty: a holiday is no cut. */
static int measure_full(const struct expand_in *in, const struct duty *d, struct span s)
{
	int n = 0;

	if (!school_time(d))
		return s.end - s.start + 1;
	for (day_no x = s.start; x <= s.end; x++)
		n += cal_lesson_day(in->calendar, x);
	return n;
}

static int measure_left(const struct expand_in *in, const struct duty *d, struct span s)
{
	if (s.end < s.start)
		return 0;
	return school_time(d) ? cal_school_days(in->calendar, s.start, s.end) : s.end - s.start + 1;
}

static day_no last_school_day(const struct calendar *c, day_no from, day_no to)
{
	for (day_no d = to; d >= from; d--)
		if (cal_school_day(c, d))
			return d;
	return DAY_NONE;
}

/* --- dues --- */

bool duration_exact(struct duration d)
{
	return d.unit == DUR_M || d.unit == DUR_H;
}

int64_t due_roll(const struct expand_in *in, const struct duty *d, int64_t due_ms)
{
	enum basis b = policy_basis(in->policy, &d->m);
	int roll = (int)d->roll;

	if (roll == ROLL_DEFAULT)
		roll = b == BASIS_LAW || b == BASIS_SUPERIOR ? ROLL_NONE : ROLL_NEXT;
	if (due_ms == INSTANT_OPEN || roll == ROLL_NONE)
		return due_ms;
	day_no day = instant_day(due_ms - 1, off(in));
	for (int i = 0; i < 30 && !cal_work_day(in->calendar, day); i++)
		day += roll == ROLL_NEXT ? 1 : -1;
	return start_of(in, day + 1);
}

static int64_t day_of_month(const struct expand_in *in, const struct due_spec *u,
		const struct period *p)
{
	struct date g = date_from_day(u->of == DUE_OF_NEXT ? p->end + 1 : p->start);
	int last = date_month_days(g.year, g.month);

	return start_of(in, day_of(g.year, g.month, u->day < last ? u->day : last) + 1);
}

/* The first day of a node within the period. */
static bool node_in(struct arena *a, const struct expand_in *in, str id, const struct period *p,
		day_no *ret)
{
	struct window_spec w = { .node = id };
	struct instance is[INSTANCES_MAX];
	size_t n = window_instances(a, in, &w, p->start, p->end, is, INSTANCES_MAX);

	for (size_t i = 0; i < n; i++)
		if (p->start <= is[i].by && is[i].by <= p->end) {
			*ret = is[i].by;
			return true;
		}
	return false;
}

/* From the end of a day: hours from its 24:00, days from the day. The end itself does not roll. */
static int64_t due_from_end(const struct expand_in *in, const struct duty *d, day_no end)
{
	struct duration u = d->due.d;

	if (duration_exact(u))
		return cal_limit(in->calendar, start_of(in, end + 1), u);
	if (!u.n)
		return start_of(in, end + 1);
	return due_roll(in, d, cal_limit(in->calendar, start_of(in, end), u));
}

/* False: the node that it hangs on has no day yet (C102). */
static bool due_of(struct arena *a, const struct expand_in *in, const struct duty *d,
		const struct period *p, struct span s, int64_t joined_ms, int64_t *ret_due)
{
	const struct due_spec *u = &d->due;
	int64_t base = start_of(in, s.start);
	day_no node;

	if (u->day) {
		*ret_due = due_roll(in, d, day_of_month(in, u, p));
		return true;
	}
	if (!u->set || !u->anchor.len || str_eq(u->anchor, STR("end"))) {
		*ret_due = u->set ? due_from_end(in, d, s.end) : start_of(in, s.end + 1);
		return true;
	}
	if (str_eq(u->anchor, STR("period.end"))) {
		*ret_due = due_from_end(in, d, p->end);
		return true;
	}
	if (str_eq(u->anchor, STR("start"))) {
		base = joined_ms > base ? joined_ms : base;
	} else if (str_eq(u->anchor, STR("period.start"))) {
		base = start_of(in, p->start);
	} else if (str_eq(u->anchor, STR("closing"))) {
		base = start_of(in, s.end) + in->policy->closing_minute * MS_MINUTE;
	} else {
		if (!node_in(a, in, u->anchor, p, &node))
			return false;
		base = start_of(in, node);
	}
	*ret_due = cal_limit(in->calendar, base, u->d);
	if (!duration_exact(u->d))
		*ret_due = due_roll(in, d, *ret_due);
	return true;
}

static bool names_period(const struct duty *d)
{
	for (size_t i = 0; i < d->proof_n; i++)
		for (size_t k = 0; k < d->proof[i].same_n; k++)
			if (str_eq(d->proof[i].same[k].subject, STR("period")))
				return true;
	return false;
}

static int64_t late_to_of(const struct expand_in *in, const struct duty *d, const struct period *p,
		struct span s, int64_t due)
{
	struct period next;
	int64_t at = INSTANT_OPEN;

	if (d->has_late_to)
		at = cal_limit(in->calendar, start_of(in, s.end + duration_exact(d->late_to)),
				d->late_to);
	else if (cal_period_next(in->calendar, p, &next))
		at = start_of(in, next.end + 1);
	return at < due ? due : at;
}

/* --- one window of one subject --- */

struct walk {
	struct arena *a;
	const struct expand_in *in;
	const struct duty *d;
	const struct life *const *life; size_t life_n;
	int64_t adopted_ms;
	struct occurrences *out;
};

static struct occurrence *occ_push(struct walk *w)
{
	struct occurrence *o = VEC_PUSH(w->a, w->out);

	*o = (struct occurrence){ .duty = w->d, .slot = 1, .period = STR(""), .trigger = STR("") };
	for (size_t i = 0; i < w->life_n; i++)
		o->subject[i] = w->life[i]->s;
	o->subject_n = w->life_n;
	return o;
}

/* What is left of a window after all cuts. */
struct cut {
	struct span full, s;	/* as the recurrence gives it; its end moved into school time */
	int64_t begin_ms, joined_ms, left_ms;
	int32_t slot;
};

static void slot_push(struct walk *w, const struct period *p, const struct cut *c, int64_t due)
{
	const struct expand_in *in = w->in;
	struct occurrence *o = occ_push(w);
	int64_t to = start_of(in, c->s.end + 1);
	day_no last = due == INSTANT_OPEN ? c->full.end : instant_day(due - 1, off(in));

	o->period = period_format(w->a, in->calendar, p);
	o->slot = c->slot;
	o->from_ms = c->begin_ms;
	o->to_ms = due > to && due != INSTANT_OPEN && names_period(w->d) ? due : to;
	o->due_ms = due;
	o->late_to_ms = late_to_of(in, w->d, p, c->s, due);
	o->period_start = p->start;
	o->period_end = p->end;
	o->provisional = provisional(in, c->full.start, last > c->full.end ? last : c->full.end);
	o->is_void = c->left_ms < o->late_to_ms;	/* who left cannot do it late either */
	o->void_why = o->is_void ? "已离开" : NULL;
	o->void_ms = c->left_ms;
	o->known_ms = c->begin_ms;
}

/* Time in which the subjects exist together. */
static void life_bounds(const struct walk *w, int64_t *ret_from, int64_t *ret_to,
		int64_t *ret_joined)
{
	*ret_from = INT64_MIN;
	*ret_to = INSTANT_OPEN;
	*ret_joined = INT64_MIN;
	for (size_t i = 0; i < w->life_n; i++) {
		const struct life *l = w->life[i];

		if (l->from_ms > *ret_from)
			*ret_from = l->from_ms;
		if (l->to_ms < *ret_to)
			*ret_to = l->to_ms;
		if (l->joins && l->from_ms > *ret_joined)
			*ret_joined = l->from_ms;
	}
}

/* Does what is left of the window after a cut at `at_ms` count? */
static bool cut_counts(const struct walk *w, const struct cut *c, int64_t at_ms, bool joining)
{
	const struct duty *d = w->d;
	day_no day = instant_day(at_ms, off(w->in));
	struct span left = { day > c->full.start ? day : c->full.start, c->s.end };
	int32_t n = 0;

	if (joining && d->joins == JOINS_ALWAYS)
		return left.start <= left.end;
	if (joining && d->joins == JOINS_LEFT) {
		enum dur_unit unit = d->joins_left.unit;

		for (day_no x = left.start; x <= left.end; x++)
			n += unit == DUR_SD ? cal_school_day(w->in->calendar, x)
				: unit != DUR_WD || cal_work_day(w->in->calendar, x);
		return n >= d->joins_left.n;
	}
	/* moving the end into school time is no cut: the days behind it count where days do */
	left.end = c->full.end;
	n = measure_left(w->in, d, left);
	return n > 0 && 2 * n >= measure_full(w->in, d, c->full);
}

/*
 * A window that already runs at adoption. Standing stock (by: {adopted: N}) is asked for when N
 * after adoption still lies in it: adopted in late August, nobody signs for the year that ends.
 */
static bool adoption_counts(const struct walk *w, const struct cut *c, int64_t end_ms)
{
	if (w->d->has_by_adopted)
		return cal_limit(w->in->calendar, w->adopted_ms, w->d->by_adopted) <= end_ms;
	return cut_counts(w, c, w->adopted_ms, false);
}

/* The first day in term of a window that begins outside. */
static day_no term_begin(const struct calendar *cal, struct span s)
{
	struct period t;

	for (day_no d = s.start; d < s.end; d++)
		if (cal_period_of(cal, PER_TERM, d, &t))
			return d;
	return s.end;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* early: widens the front, but not before the adoption or before the subject was there. */
static int64_t early_from(const struct walk *w, int64_t start_ms, int64_t from)
{
	struct duration e = w->d->early;
	int64_t at;

	if (duration_exact(e))
		return later(later(cal_limit(w->in->calendar, start_ms,
				(struct duration){ -e.n, e.unit }), w->adopted_ms), from);
	at = e.n ? cal_limit(w->in->calendar, start_ms, (struct duration){ -e.n, e.unit })
		: INSTANT_OPEN;
	at = at == INSTANT_OPEN ? start_ms : start_of(w->in, instant_day(at - 1, off(w->in)));
	return later(later(at, w->adopted_ms), from);
}

/* One window: cut by term, adoption and joining, judged, and made an occurrence. */
static void window_take(struct walk *w, const struct period *p, struct cut c)
{
	const struct expand_in *in = w->in;
	bool school = school_time(w->d);
	int64_t from, joined, due, start_ms = start_of(in, c.full.start), front = start_ms;

	c.s = c.full;
	if (school)
		c.s.end = last_school_day(in->calendar, c.s.start, c.s.end);
	if (c.s.end == DAY_NONE)
		return;
	life_bounds(w, &from, &c.left_ms, &joined);
	int64_t end_ms = start_of(in, c.s.end + 1);
	if (from >= end_ms || w->adopted_ms >= end_ms || c.left_ms <= start_ms)
		return;
	if (school && !cut_counts(w, &c, start_ms, false))
		return;
	if (school)
		front = start_of(in, term_begin(in->calendar, c.s));
	if (w->adopted_ms > start_ms && !adoption_counts(w, &c, end_ms))
		return;
	if (from > start_ms && !cut_counts(w, &c, from, joined != INT64_MIN))
		return;
	int64_t value_ms = later(later(start_ms, w->adopted_ms), from);
	if (!duty_on(w->a, in, w->d, value_ms) ||
			!where_holds(w->a, in, w->d, w->life, w->life_n, value_ms, -1))
		return;
	c.joined_ms = joined != INT64_MIN && from > start_ms ? from : INT64_MIN;
	if (!due_of(w->a, in, w->d, p, c.s, c.joined_ms, &due))
		return;
	if (w->d->has_by_adopted && w->adopted_ms > start_ms)
		due = later(due, due_roll(in, w->d, cal_limit(in->calendar, w->adopted_ms,
				w->d->by_adopted)));
	c.begin_ms = later(later(front, w->adopted_ms), from);
	if (w->d->has_early && front == start_ms)
		c.begin_ms = early_from(w, start_ms, from);
	slot_push(w, p, &c, due);
}

/* One nominal period: narrowed by window:, and in as many slots as it has. */
static void period_take(struct walk *w, struct period p)
{
	const struct expand_in *in = w->in;
	const struct window_spec *ws = w->d->window;
	int times = w->d->times > 1 ? w->d->times : 1;
	int64_t from, to, joined;

	for (size_t i = 0; ws && ws->entry && i < w->life_n; i++)
		if (w->life[i]->entry && w->life[i]->entry->window) {
			ws = w->life[i]->entry->window;
			break;
		}
	if (ws && ws->entry)
		return;	/* the entry names no window: never due */
	if (p.kind == PER_ONCE) {	/* it begins with the adoption, or with its subject */
		life_bounds(w, &from, &to, &joined);
		p.start = instant_day(later(w->adopted_ms, from), off(in));
	}
	struct cut c = { .full = { p.start, p.end } };
	if (ws && !narrow(w->a, in, ws, &p, &c.full))
		return;
	struct span whole = c.full;
	int days = whole.end - whole.start + 1;
	for (int i = 0; i < times; i++) {
		if (w->d->spread) {
			c.full.start = whole.start + days * i / times;
			c.full.end = whole.start + days * (i + 1) / times - 1;
		}
		c.slot = i + 1;
		if (c.full.start <= c.full.end)
			window_take(w, &p, c);
	}
}

/* --- the walk over a span --- */

struct rate { bool off; enum per_kind kind; };

static struct rate rate_at(const struct expand_in *in, const struct duty *d, int64_t at_ms)
{
	const struct parameter *p;
	struct value v;
	struct rate r = { .kind = d->every };

	if (!d->every_param.len)
		return r;
	p = policy_parameter(in->policy, d->every_param);
	v = expand_param(in, d->every_param, at_ms);
	if (v.kind == V_TEXT && !str_eq(v.text, STR("off")) && per_kind_parse(v.text, &r.kind))
		return r;
	if (v.kind == V_NONE && p && !p->interval_off) {
		r.kind = p->interval;
		return r;
	}
	r.off = true;
	return r;
}

/*
 * The first day after `from` that begins with a later value; INT32_MAX: none. Over all of them,
 * for from = INT32_MIN.
 */
static day_no next_change(const struct expand_in *in, const struct duty *d, day_no from)
{
	day_no best = INT32_MAX;

	for (size_t i = 0; i < in->dated_n; i++) {
		if (!str_eq(in->dated[i].name, d->every_param))
			continue;
		day_no day = instant_day(in->dated[i].from_ms - 1, off(in)) + 1;
		if (day > from && day < best)
			best = day;
	}
	return best;
}

/*
 * Where to begin: so far back that a window which still reaches the range is seen, and, with an
 * interval, before its first change: which windows run now follows from those that ran before.
 */
static day_no walk_from(const struct expand_in *in, const struct duty *d)
{
	day_no from = in->from;

	if (d->window)
		from -= 400;
	if (names_period(d) && (d->due.set || d->has_by_adopted))
		from -= 150 + 3 * abs(d->due.d.n) + 3 * abs(d->by_adopted.n);
	if (d->every_param.len) {
		day_no first = next_change(in, d, INT32_MIN);

		from = first != INT32_MAX && first - 1 < from ? first - 1 : from;
	}
	return from;
}

/* How many days before a window its front may lie: school days may be a whole holiday away. */
static day_no reach(struct duration d)
{
	return (d.unit == DUR_SD ? 450 : 90) + 3 * abs(d.n);
}

static day_no walk_to(const struct expand_in *in, const struct duty *d)
{
	day_no to = in->to;

	if (d->has_early)
		to += reach(d->early);
	if (d->window && d->window->node.len)
		to += reach(d->window->node_from);
	return to;
}

static void walk_windows(struct walk *w)
{
	const struct expand_in *in = w->in;
	day_no cursor = walk_from(in, w->d), end = walk_to(in, w->d);
	bool fresh = true;	/* nothing is known of before: the window that holds the day runs */

	for (; cursor <= end; fresh = false) {
		struct rate r = rate_at(in, w->d, start_of(in, cursor));
		struct period p;

		if (r.off) {
			cursor = next_change(in, w->d, cursor);
			continue;
		}
		/* outside terms, no school day; or a new interval: it waits for a whole window */
		if (!cal_period_of(in->calendar, r.kind, cursor, &p) ||
				(p.start < cursor && !fresh)) {
			cursor++;
			continue;
		}
		period_take(w, p);
		cursor = p.end + 1;
	}
}

static void walk_pair(struct walk *w, const struct life *l0, const struct life *l1)
{
	const struct life *pair[2] = { l0, l1 };

	w->life = pair;
	w->life_n = l1 ? 2 : 1;
	walk_windows(w);
}

/* Records as subjects: the duty runs while `where` holds, state by state. */
static void walk_record(struct walk *w, const struct life *l)
{
	for (size_t i = 0; i < l->record->span_n; i++) {
		struct life part = *l;
		const struct life *one[1] = { &part };

		part.from_ms = l->record->span[i].from_ms;
		part.to_ms = l->record->span[i].to_ms;
		if (!where_holds(w->a, w->in, w->d, one, 1, part.from_ms, l->record->span[i].state))
			continue;
		/* the condition has been asked, with the state of this span */
		struct duty bare = *w->d;
		struct walk sub = *w;
		size_t first = w->out->n;

		bare.where = NULL;
		sub.d = &bare;
		walk_pair(&sub, &part, NULL);
		/* it runs while `where` holds: leaving the state ends what is open */
		for (size_t k = first; k < w->out->n; k++) {
			w->out->at[k].duty = w->d;
			if (w->out->at[k].is_void)
				w->out->at[k].void_why = "条件不再成立";
		}
	}
}

static void expand_recurring(struct arena *a, const struct expand_in *in, const struct duty *d,
		struct occurrences *ret)
{
	struct lives l0, l1 = { 0 };
	struct walk w = { .a = a, .in = in, .d = d, .adopted_ms = adopted_ms(in, d), .out = ret };

	if (w.adopted_ms == INT64_MAX)
		return;
	lives_of(a, in, &d->per[0], &l0);
	if (d->per_n == 2)
		lives_of(a, in, &d->per[1], &l1);
	for (size_t i = 0; i < l0.n; i++) {
		if (d->per[0].kind == SUB_RECORD)
			walk_record(&w, &l0.at[i]);
		else if (d->per_n == 1)
			walk_pair(&w, &l0.at[i], NULL);
		for (size_t k = 0; d->per_n == 2 && k < l1.n; k++)
			walk_pair(&w, &l0.at[i], &l1.at[k]);
	}
}

/* --- the whole --- */

str occurrence_key(struct arena *a, const struct occurrence *o)
{
	str s0 = o->subject_n ? subject_key(a, &o->subject[0]) : STR("");
	str s1 = o->subject_n > 1 ? subject_key(a, &o->subject[1]) : STR("");
	str when = o->trigger.len ? o->trigger : o->period;
	char room[STR_DECIMAL_MAX];
	str part[] = { o->duty->m.id, STR("|"), s0, s1.len ? STR("+") : STR(""), s1, STR("|"),
		       when, STR("|"), str_decimal(room, o->slot) };

	return str_join(a, part, sizeof(part) / sizeof(part[0]), STR(""));
}

struct keyed_occ { str key; struct occurrence o; };

static int keyed_cmp(const void *x, const void *y)
{
	const struct keyed_occ *a = x, *b = y;
	int c = str_cmp(a->key, b->key);

	if (c)
		return c;
	if (a->o.is_void != b->o.is_void)	/* the one that stands speaks for both */
		return a->o.is_void ? 1 : -1;
	return (a->o.from_ms > b->o.from_ms) - (a->o.from_ms < b->o.from_ms);
}

/* By key, each once: two triggers of one kind about one object are one occurrence. */
static void order(struct arena *a, struct occurrences *os)
{
	struct keyed_occ *k = NEW_N(a, os->n, struct keyed_occ);
	size_t w = 0;

	for (size_t i = 0; i < os->n; i++)
		k[i] = (struct keyed_occ){ occurrence_key(a, &os->at[i]), os->at[i] };
	qsort(k, os->n, sizeof(k[0]), keyed_cmp);
	for (size_t i = 0; i < os->n; i++)
		if (!w || !str_eq(k[w - 1].key, k[i].key))
			k[w++] = k[i];
	for (size_t i = 0; i < w; i++)
		os->at[i] = k[i].o;
	os->n = w;
}

bool duty_on(struct arena *a, const struct expand_in *in, const struct duty *d, int64_t at_ms)
{
	struct vmap params;
	struct expr_env env = { .policy = in->policy, .calendar = in->calendar,
			.now_ms = in->now_ms, .utc_offset_ms = off(in) };

	if (!d->m.if_)
		return true;
	params = params_at(a, in, at_ms);
	env.params = &params;
	return expr_true(a, d->m.if_, &env);
}

/* The walks look further than the range: keep what touches it with its period or its window. */
static void within_range(const struct expand_in *in, struct occurrences *os)
{
	size_t n = 0;

	for (size_t i = 0; i < os->n; i++) {
		const struct occurrence *o = &os->at[i];
		bool period = !o->trigger.len && o->period_start <= in->to &&
				o->period_end >= in->from;

		if (period || (o->from_ms < start_of(in, in->to + 1) &&
				o->to_ms > start_of(in, in->from)))
			os->at[n++] = *o;
	}
	os->n = n;
}

void expand(struct arena *a, const struct expand_in *in, struct occurrences *ret)
{
	assert(in->policy && in->org && in->calendar && in->from <= in->to);
	*ret = (struct occurrences){ 0 };
	for (size_t i = 0; i < in->policy->duty_n; i++) {
		const struct duty *d = &in->policy->duty[i];

		if ((in->only_duty.len && !str_eq(in->only_duty, d->m.id)) || !d->per_n)
			continue;
		if (d->has_every || d->every_param.len)
			expand_recurring(a, in, d, ret);
		if (d->on_n)
			expand_triggers(a, in, d, ret);
	}
	within_range(in, ret);
	order(a, ret);
}
