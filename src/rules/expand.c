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
#include "base/clock.h"

/* A doing window on the way: days, both inclusive. */
struct span { day_no start, end; };

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

static bool rest_instance(const struct expand_in *in, const struct window_spec *w,
		const struct period *p, struct span *ret)
{
	struct period big;

	if (!cal_period_of(in->calendar, w->rest_of, p->start, &big))
		return false;
	*ret = (struct span){ p->start, big.end };
	return true;
}

static bool large(enum per_kind k)
{
	return k == PER_YEAR || k == PER_SCHOOL_YEAR || k == PER_ONCE || k == PER_HALF_YEAR ||
			k == PER_TERM;
}

/*
 * The first instance of the window that begins in the period (large ones), or the part of one
 * that lies in it.
 */
static bool narrow(struct arena *a, const struct expand_in *in, const struct window_spec *w,
		const struct period *p, struct span *ret)
{
	if (w->has_rest_of)
		return rest_instance(in, w, p, ret);
	for (int y = year_of(p->start) - 1; y <= year_of(p->end) + 1 &&
			y < year_of(p->start) + 4; y++) {
		day_no from, to;

		if (!window_instance(a, in, w, y, &from, &to))
			continue;
		if (large(p->kind)) {
			if (p->start <= from && from <= p->end) {
				*ret = (struct span){ from, to };
				return true;
			}
			continue;
		}
		if (from <= p->end && to >= p->start) {
			*ret = (struct span){ from > p->start ? from : p->start,
					to < p->end ? to : p->end };
			return true;
		}
	}
	return false;
}

/* Days that a full window would have, by the measure of the duty. */
static int measure_full(const struct expand_in *in, const struct duty *d, struct span s)
{
	int n = 0;

	if (!school_time(d))
		return s.end - s.start + 1;
	for (day_no x = s.start; x <= s.end; x++)
		n += cal_work_day(in->calendar, x);
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

static int64_t due_of(struct arena *a, const struct expand_in *in, const struct duty *d,
		const struct period *p, struct span s, int64_t joined_ms)
{
	const struct due_spec *u = &d->due;
	int64_t from = start_of(in, s.start), at;
	enum basis b = policy_basis(in->policy, &d->m);
	day_no day;

	(void)a;
	if (!u->set)
		return start_of(in, s.end + 1);
	if (u->day) {
		day_no base = u->of == DUE_OF_NEXT ? p->end + 1 : p->start;
		struct date g = date_from_day(base);
		int last = date_month_days(g.year, g.month);

		at = start_of(in, day_of(g.year, g.month, u->day < last ? u->day : last) + 1);
	} else if (str_eq(u->anchor, STR("start"))) {
		at = cal_limit(in->calendar, joined_ms > from ? joined_ms : from, u->d);
	} else {
		at = cal_limit(in->calendar, start_of(in, s.end), u->d);
		if (u->d.n == 0)
			return at;	/* the end itself: not a due set on a day */
	}
	if (at == INSTANT_OPEN)
		return at;
	int roll = d->roll != ROLL_DEFAULT ? (int)d->roll : b == BASIS_LAW ||
			b == BASIS_SUPERIOR ? ROLL_NONE : ROLL_NEXT;
	day = instant_day(at - 1, off(in));
	for (int i = 0; roll != ROLL_NONE && i < 30 && !cal_work_day(in->calendar, day); i++)
		day += roll == ROLL_NEXT ? 1 : -1;
	return roll == ROLL_NONE ? at : start_of(in, day + 1);
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
		at = cal_limit(in->calendar, start_of(in, s.end), d->late_to);
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

static void slot_push(struct walk *w, const struct period *p, struct span s, int64_t from_ms,
		int64_t due, int32_t slot, int64_t left_ms)
{
	const struct expand_in *in = w->in;
	struct occurrence *o = occ_push(w);
	int64_t to = start_of(in, s.end + 1);

	o->period = period_format(w->a, in->calendar, p);
	o->slot = slot;
	o->from_ms = from_ms;
	o->to_ms = due > to && names_period(w->d) ? due : to;
	o->due_ms = due;
	o->late_to_ms = late_to_of(in, w->d, p, s, due);
	o->period_start = p->start;
	o->period_end = p->end;
	o->provisional = !cal_year_known(in->calendar, year_of(s.start)) ||
			!cal_year_known(in->calendar, year_of(s.end));
	o->is_void = left_ms < to;
	o->void_why = o->is_void ? "已离开" : NULL;
	o->void_ms = left_ms;
	o->known_ms = from_ms;
}

static void window_push(struct walk *w, const struct period *p, struct span s, int64_t from_ms,
		int64_t joined_ms, int64_t left_ms)
{
	int times = w->d->times > 1 ? w->d->times : 1;
	int days = s.end - s.start + 1;

	for (int i = 0; i < times; i++) {
		struct span part = s;
		int64_t at = from_ms;

		if (w->d->spread) {
			part.start = s.start + days * i / times;
			part.end = s.start + days * (i + 1) / times - 1;
			if (i)
				at = start_of(w->in, part.start);
		}
		int64_t due = due_of(w->a, w->in, w->d, p, part, joined_ms);
		if (w->d->has_by_adopted && w->adopted_ms > start_of(w->in, part.start)) {
			int64_t by = cal_limit(w->in->calendar, w->adopted_ms, w->d->by_adopted);

			due = by > due ? by : due;
		}
		slot_push(w, p, part, at, due, i + 1, left_ms);
	}
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
static bool cut_counts(const struct walk *w, struct span full, struct span cut, int64_t at_ms,
		bool joining)
{
	const struct duty *d = w->d;
	day_no day = instant_day(at_ms, off(w->in));
	struct span left = { day > cut.start ? day : cut.start, cut.end };

	if (joining && d->joins == JOINS_ALWAYS)
		return left.start <= left.end;
	if (joining && d->joins == JOINS_LEFT)
		return left.end - left.start + 1 >= d->joins_left.n;
	return 2 * measure_left(w->in, d, left) >= measure_full(w->in, d, full) &&
			measure_left(w->in, d, left) > 0;
}

/* One nominal window: narrowed, cut, judged, and made an occurrence. */
static void window_take(struct walk *w, const struct period *p)
{
	const struct expand_in *in = w->in;
	struct span full = { p->start, p->end }, s;
	int64_t from, to, joined;
	const struct window_spec *ws = w->d->window;

	for (size_t i = 0; ws && ws->entry && i < w->life_n; i++)
		if (w->life[i]->entry && w->life[i]->entry->window) {
			ws = w->life[i]->entry->window;
			break;
		}
	if (ws && ws->entry)
		return;	/* the entry names no window: never due */
	if (ws && !narrow(w->a, in, ws, p, &full))
		return;
	s = full;
	if (school_time(w->d)) {
		day_no last = last_school_day(in->calendar, s.start, s.end);

		if (last == DAY_NONE)
			return;
		s.end = last;
	}
	life_bounds(w, &from, &to, &joined);
	int64_t start_ms = start_of(in, s.start), end_ms = start_of(in, s.end + 1);
	if (from >= end_ms || w->adopted_ms >= end_ms || to <= start_ms)
		return;
	/* the term cuts by itself (school days); adoption by its day; a subject by its beginning */
	if (p->kind != PER_TERM && p->kind != PER_SCHOOL_DAY && school_time(w->d) && !cut_counts(w,
			full, s, start_ms, false))
		return;
	if (w->adopted_ms > start_ms && !w->d->has_by_adopted && !cut_counts(w, full, s,
			w->adopted_ms, false))
		return;
	if (from > start_ms && from > w->adopted_ms && !cut_counts(w, full, s, from,
			joined == from))
		return;
	if (!where_holds(w->a, in, w->d, w->life, w->life_n,
			start_ms > w->adopted_ms ? start_ms : w->adopted_ms, -1))
		return;
	int64_t begin = start_ms;
	begin = w->adopted_ms > begin ? w->adopted_ms : begin;
	begin = from > begin ? from : begin;
	if (w->d->has_early && begin == start_ms)
		begin = cal_limit(in->calendar, start_ms, (struct duration){ -w->d->early.n - 1,
				w->d->early.unit });
	window_push(w, p, s, begin, joined > start_ms ? joined : INT64_MIN, to);
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

/* The first day after `from` on which a value of the parameter begins. */
static day_no next_change(const struct expand_in *in, const struct duty *d, day_no from)
{
	day_no best = INT32_MAX;

	for (size_t i = 0; i < in->dated_n; i++) {
		day_no day = instant_day(in->dated[i].from_ms, off(in));

		if (str_eq(in->dated[i].name, d->every_param) && day > from && day < best)
			best = day;
	}
	return best;
}

static void walk_windows(struct walk *w)
{
	const struct expand_in *in = w->in;
	day_no cursor = in->from;
	bool fresh = true;	/* no window runs: the one that holds the cursor may count */

	while (cursor <= in->to) {
		struct rate r = rate_at(in, w->d, start_of(in, cursor));
		struct period p;

		if (r.off) {
			cursor = next_change(in, w->d, cursor);
			fresh = true;
			continue;
		}
		bool have = cal_period_of(in->calendar, r.kind, cursor, &p);
		if (!have) {	/* outside terms, no school day: the next one */
			cursor++;
			fresh = true;
			continue;
		}
		/* a new rate begins with a whole window of its own */
		if (p.start < cursor && !fresh) {
			cursor = p.end + 1;
			continue;
		}
		window_take(w, &p);
		cursor = p.end + 1;
		fresh = false;
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
		for (size_t k = first; k < w->out->n; k++) {
			w->out->at[k].duty = w->d;
			/* leaving the state ends the run; what began stays due */
			w->out->at[k].is_void = false;
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

	return str_fmt(a, "%.*s|%.*s%s%.*s|%.*s|%d", STR_ARG(o->duty->m.id), STR_ARG(s0),
			s1.len ? "+" : "", STR_ARG(s1),
		       STR_ARG(when), o->slot);
}

struct keyed_occ { str key; struct occurrence o; };

static int keyed_cmp(const void *x, const void *y)
{
	return str_cmp(((const struct keyed_occ *)x)->key, ((const struct keyed_occ *)y)->key);
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

static bool duty_on(struct arena *a, const struct expand_in *in, const struct duty *d)
{
	struct vmap params;
	struct expr_env env = { .policy = in->policy, .calendar = in->calendar,
			.now_ms = in->now_ms, .utc_offset_ms = off(in) };

	if (!d->m.if_)
		return true;
	params = params_at(a, in, in->now_ms);
	env.params = &params;
	return expr_true(a, d->m.if_, &env);
}

void expand(struct arena *a, const struct expand_in *in, struct occurrences *ret)
{
	assert(in->policy && in->org && in->calendar && in->from <= in->to);
	*ret = (struct occurrences){ 0 };
	for (size_t i = 0; i < in->policy->duty_n; i++) {
		const struct duty *d = &in->policy->duty[i];

		if ((in->only_duty.len && !str_eq(in->only_duty, d->m.id)) || !d->per_n ||
				!duty_on(a, in, d))
			continue;
		if (d->has_every || d->every_param.len)
			expand_recurring(a, in, d, ret);
		if (d->on_n)
			expand_triggers(a, in, d, ret);
	}
	order(a, ret);
}
