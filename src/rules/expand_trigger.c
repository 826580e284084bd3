/*
 * expand_trigger: occurrences born of events, nodes of the calendar, and the instances of
 * windows. A key is (event, object): an object gives one occurrence, however often the
 * event is told; with each: entry its entries are counted. A due is a function of what
 * the trigger says now, so it moves with it.
 */
#include "rules/expand_int.h"

#include <assert.h>

#include "base/arena.h"
#include "base/date.h"

#define NODES_MAX 8

static const char *const trig_words[] = {
	"state", "step", "any-final", "appointed", "leaves", "absent", "keeper", "place-added",
	"place-closed", "class-added", "duties-changed", "date", "node", "period", "window",
	"parameter", "adopted",
};

str trigger_key(struct arena *a, const struct event *e, bool each_entry)
{
	const char *word = trig_words[e->kind];
	bool of_loop = e->kind == TRIG_STATE || e->kind == TRIG_STEP || e->kind == TRIG_DATE;
	str name = of_loop ? str_fmt(a, "%.*s.%.*s", STR_ARG(e->loop),
			STR_ARG(e->name)) : e->kind == TRIG_ANY_FINAL ? STR("") : e->name;
	str key = str_fmt(a, "%s:%.*s:%lld", word, STR_ARG(name), (long long)e->object);

	return each_entry ? str_fmt(a, "%.*s:%d", STR_ARG(key), (int)e->entry_no) : key;
}

/* --- nodes --- */

static void node_push(day_no *ret, int64_t *obj, size_t *n, size_t max, day_no d, int64_t object)
{
	if (*n >= max)
		return;
	ret[*n] = d;
	obj[*n] = object;
	(*n)++;
}

static day_no first_school_day(const struct calendar *c, day_no from, day_no to)
{
	for (day_no d = from; d <= to; d++)
		if (cal_school_day(c, d))
			return d;
	return DAY_NONE;
}

static day_no nth_weekday(int year, int month, int nth, int weekday)
{
	day_no first = day_of(year, month, 1);
	int shift = (weekday - day_weekday(first) + 7) % 7;
	day_no d = first + shift + 7 * (nth - 1);

	if (nth < 0) {	/* the last one */
		day_no last = day_of(year, month, date_month_days(year, month));

		d = last - (day_weekday(last) - weekday + 7) % 7;
	}
	return date_from_day(d).month == month ? d : DAY_NONE;
}

/* A term's node is told apart by the term, not by the year: both may fall into one. */
static int64_t term_object(const struct cal_term *t)
{
	return (int64_t)t->school_year * 10 + t->no;
}

/* The days of a node that fall into a civil year. Unset ones give none (C102). */
size_t node_days(struct arena *a, const struct expand_in *in, str id, int year, day_no *ret,
		int64_t *obj, size_t max)
{
	const struct calendar *c = in->calendar;
	const struct node_spec *s = policy_node(in->policy, id);
	day_no d;
	size_t n = 0;

	(void)a;
	for (size_t i = 0; i < c->node_n; i++)	/* what people set wins over what is computed */
		if (str_eq(c->node[i].id, id) && date_from_day(c->node[i].day).year == year)
			node_push(ret, obj, &n, max, c->node[i].day, year);
	if (n || !s || s->set_by.len)
		return n;
	if (s->first_school_day_of.len)
		for (size_t i = 0; i < c->term_n; i++) {
			d = first_school_day(c, c->term[i].start, c->term[i].end);
			if (d != DAY_NONE && date_from_day(d).year == year)
				node_push(ret, obj, &n, max, d, term_object(&c->term[i]));
		}
	else if (s->after_month) {
		d = first_school_day(c, day_of(year, s->after_month, s->after_day) + 1, day_of(year,
				s->after_month, s->after_day) + 60);
		if (d != DAY_NONE)
			node_push(ret, obj, &n, max, d, year);
	} else if (s->nth && s->month) {
		d = nth_weekday(year, s->month, s->nth, s->weekday);
		if (d != DAY_NONE)
			node_push(ret, obj, &n, max, d, year);
	} else if (s->month && date_valid(year, s->month, s->day)) {
		node_push(ret, obj, &n, max, day_of(year, s->month, s->day), year);
	}
	return n;
}

/* --- instances of windows --- */

static bool yearly_instance(int fm, int fd, int tm, int td, int year, day_no *from, day_no *to)
{
	int ty = tm * 100 + td < fm * 100 + fd ? year + 1 : year;

	if (!date_valid(year, fm, fd))
		return false;
	*from = day_of(year, fm, fd);
	*to = day_of(ty, tm, td <= date_month_days(ty, tm) ? td : date_month_days(ty, tm));
	return true;
}

struct instances { struct instance *at; size_t n, max; };

static void instance_push(struct instances *is, day_no by, day_no start, day_no end)
{
	if (is->n < is->max && start <= end)
		is->at[is->n++] = (struct instance){ by, start, end };
}

/* `d` and so many days of its kind further; DAY_NONE when they do not come. */
static day_no day_shift(const struct expand_in *in, day_no d, struct duration by)
{
	int32_t off = in->calendar->utc_offset_ms;
	int64_t at = day_start_ms(d + 1, off);

	if (by.n)
		at = cal_limit(in->calendar, day_start_ms(d, off), by);

	return at == INSTANT_OPEN ? DAY_NONE : instant_day(at - 1, off);
}

static void node_instances(struct arena *a, const struct expand_in *in, const struct window_spec *w,
		int year, struct instances *is)
{
	day_no day[NODES_MAX], from, to;
	int64_t obj[NODES_MAX];
	size_t n = node_days(a, in, w->node, year, day, obj, NODES_MAX);

	for (size_t i = 0; i < n; i++) {
		from = day_shift(in, day[i], w->node_from);
		to = day_shift(in, day[i], w->node_to);
		if (from != DAY_NONE && to != DAY_NONE)
			instance_push(is, day[i], from, to);
	}
}

static void year_instances(struct arena *a, const struct expand_in *in, const struct window_spec *w,
		int year, struct instances *is)
{
	const struct period_spec *s = w->period.len ? policy_period(in->policy, w->period) : NULL;
	day_no from, to;

	if (w->month)
		instance_push(is, day_of(year, w->month, 1), day_of(year, w->month, 1),
				day_of(year, w->month, date_month_days(year, w->month)));
	else if (w->from_month && yearly_instance(w->from_month, w->from_day, w->to_month,
			w->to_day, year, &from, &to))
		instance_push(is, from, from, to);
	else if (s && s->from_month && yearly_instance(s->from_month, s->from_day, s->to_month,
			s->to_day, year, &from, &to))
		instance_push(is, from, from, to);
	else if (w->node.len)
		node_instances(a, in, w, year, is);
}

size_t window_instances(struct arena *a, const struct expand_in *in, const struct window_spec *w,
		day_no lo, day_no hi, struct instance *ret, size_t max)
{
	struct instances is = { ret, 0, max };
	int first = date_from_day(lo).year - 1, last = date_from_day(hi).year + 1;

	for (size_t i = 0; w->period.len && i < in->calendar->period_n; i++) {
		const struct cal_period *p = &in->calendar->period[i];

		if (str_eq(p->id, w->period) && p->from <= hi && p->to >= lo)
			instance_push(&is, p->from, p->from, p->to == INT32_MAX ? hi : p->to);
	}
	bool told = is.n > 0;	/* by people: then the yearly dates of the pack are not asked */
	for (int y = first; !told && y <= last && y < first + 5; y++)
		year_instances(a, in, w, y, &is);
	return is.n;
}

/* --- events that the calendar tells --- */

struct events { struct event *at; size_t n, cap; };

static void node_events(struct arena *a, const struct expand_in *in, const struct trigger *t,
		struct events *es)
{
	day_no day[NODES_MAX];
	int64_t obj[NODES_MAX];

	for (int y = date_from_day(in->from).year; y <= date_from_day(in->to).year; y++) {
		size_t n = node_days(a, in, t->name, y, day, obj, NODES_MAX);

		for (size_t i = 0; i < n; i++) {
			struct event *e = VEC_PUSH(a, es);

			*e = (struct event){
				.kind = TRIG_NODE, .name = t->name, .object = obj[i],
				.day_only = day[i], .has_day_only = true,
				.at_ms = day_start_ms(day[i], in->calendar->utc_offset_ms),
			};
			e->known_ms = e->at_ms;
		}
	}
}

/*
 * Periods that the pack dates every year (flood season) tell their edges; those that people
 * switch come from the shell.
 */
static void period_spec_events(struct arena *a, const struct expand_in *in, const struct trigger *t,
		struct events *es)
{
	const struct period_spec *s = policy_period(in->policy, t->name);

	for (int y = date_from_day(in->from).year - 1; s && s->from_month &&
			y <= date_from_day(in->to).year; y++) {
		day_no from, to;

		if (!yearly_instance(s->from_month, s->from_day, s->to_month, s->to_day, y, &from,
				     &to))
			continue;
		struct event *e = VEC_PUSH(a, es);
		day_no d = t->ends ? to + 1 : from;
		*e = (struct event){ .kind = TRIG_PERIOD, .name = t->name, .object = d,
				.at_ms = day_start_ms(d, in->calendar->utc_offset_ms) };
		e->known_ms = e->at_ms;
	}
}

/* --- from an event to occurrences --- */

static bool hears(const struct trigger *t, const struct event *e)
{
	if (t->kind != e->kind)
		return false;
	switch (t->kind) {
	case TRIG_ANY_FINAL: return true;
	case TRIG_STATE: case TRIG_STEP: case TRIG_DATE: return str_eq(t->loop, e->loop) &&
			str_eq(t->name, e->name);
	case TRIG_APPOINTED: case TRIG_LEAVES: case TRIG_NODE: case TRIG_PERIOD:
	case TRIG_WINDOW_CLOSED: case TRIG_PARAMETER: case TRIG_ADOPTED:
		return str_eq(t->name, e->name);
	case TRIG_ABSENT: case TRIG_KEEPER_CHANGED: case TRIG_PLACE_ADDED:
	case TRIG_PLACE_CLOSED: case TRIG_CLASS_ADDED:
	case TRIG_DUTIES_CHANGED: return true;
	}
	return false;
}

/* The anchor of within: and before: is the event, or a date that its record holds. */
static bool anchor_of(const struct expand_in *in, const struct event *e, str anchor,
		int64_t *ret_ms)
{
	const struct value *v = anchor.len && e->fields ? vmap_get(e->fields, anchor) : NULL;

	if (v && v->kind == V_INSTANT) {
		*ret_ms = v->at_ms;
		return true;
	}
	if (v && v->kind == V_DATE) {
		*ret_ms = day_start_ms(v->day, in->calendar->utc_offset_ms);
		return true;
	}
	*ret_ms = e->at_ms;	/* the event itself: "", appointed_from, enter, start … */
	return !anchor.len || !e->fields || !(e->kind == TRIG_STATE || e->kind == TRIG_STEP) ||
			str_eq(anchor, STR("enter"));
}

struct birth {
	struct arena *a;
	const struct expand_in *in;
	const struct duty *d;
	const struct trigger *t;
	const struct event *e;
	int64_t adopted_ms;
	struct occurrences *out;
};

/*
 * {starts_at: 2d} in before: is two days before; in within: two days after. What must precede is
 * not rolled past it; a within: in days is a due on a day, and rolls.
 */
static bool born_due(const struct birth *b, int64_t *ret_due, bool *ret_before)
{
	const struct within *w = b->d->before.set ? &b->d->before : &b->d->within;
	int64_t anchor;

	*ret_before = b->d->before.set;
	if (!w->set) {
		*ret_due = cal_limit(b->in->calendar, b->e->at_ms, (struct duration){ 0, DUR_D });
		return true;
	}
	if (!anchor_of(b->in, b->e, w->anchor, &anchor))
		return false;	/* the date is not known yet: nothing is expected yet */
	struct duration d = within_duration(b->a, b->in, w, b->e->fields, b->e->at_ms);
	if (*ret_before)
		d.n = d.n > 0 ? -d.n : d.n;
	*ret_due = cal_limit(b->in->calendar, anchor, d);
	if (!*ret_before && !duration_exact(d))
		*ret_due = due_roll(b->in, b->d, *ret_due);
	return true;
}

/* Who left does not owe it; a leaving that itself asks for something is no reason. */
static void born_left(const struct birth *b, const struct life *const *l, size_t n,
		struct occurrence *o)
{
	if (o->is_void || b->t->kind == TRIG_LEAVES || b->t->kind == TRIG_PLACE_CLOSED)
		return;
	for (size_t i = 0; i < n; i++)
		if (l[i]->to_ms > b->e->at_ms && l[i]->to_ms < o->late_to_ms &&
				l[i]->to_ms < o->void_ms) {
			o->is_void = true;
			o->void_why = "已离开";
			o->void_ms = l[i]->to_ms;
		}
}

/* The state of the record when it asked for this, for `where`; -1: no record, or not known. */
static int state_at_birth(const struct birth *b, const struct life *l)
{
	int state = -1;

	if (!l->record)
		return -1;
	if (b->t->kind == TRIG_STATE)
		return loop_state(l->record->loop, b->t->name);
	for (size_t i = 0; i < l->record->span_n; i++)
		if (l->record->span[i].from_ms <= b->e->at_ms)
			state = l->record->span[i].state;
	return state;
}

/*
 * `where` asks for the state that the record is in (state != cancelled): when it has moved on to
 * one that is not meant, nothing more is owed, from the time when it did; coming back, it is.
 */
static void born_moot(const struct birth *b, const struct life *const *l, size_t n,
		struct occurrence *o)
{
	const struct subject_record *r = l[0]->record;
	int64_t since = INSTANT_OPEN;

	for (size_t i = r ? r->span_n : 0; i-- > 0 && r->span[i].from_ms > b->e->at_ms; ) {
		if (where_holds(b->a, b->in, b->d, l, n, b->e->at_ms, r->span[i].state))
			break;
		since = r->span[i].from_ms;
	}
	if (since == INSTANT_OPEN || o->is_void)
		return;
	o->is_void = true;
	o->void_why = "条件不再成立";
	o->void_ms = since;
}

static void birth_push(const struct birth *b, const struct life *const *l, size_t n)
{
	const struct expand_in *in = b->in;
	int64_t due;
	bool before;

	if (!duty_on(b->a, in, b->d, b->e->at_ms) || !born_due(b, &due, &before) ||
			!where_holds(b->a, in, b->d, l, n, b->e->at_ms, state_at_birth(b, l[0])))
		return;
	if (b->e->at_ms < b->adopted_ms && b->d->has_by_adopted) {
		int64_t by = due_roll(in, b->d, cal_limit(in->calendar, b->adopted_ms,
				b->d->by_adopted));

		due = by > due ? by : due;
	}
	struct occurrence *o = VEC_PUSH(b->a, b->out);
	*o = (struct occurrence){
		.duty = b->d, .slot = 1, .period = b->e->period.len ? b->e->period : STR(""),
		.trigger = trigger_key(b->a, b->e, b->t->each_entry),
		.from_ms = before ? 0 : b->e->at_ms, .to_ms = INSTANT_OPEN, .due_ms = due,
		.late_to_ms = INSTANT_OPEN,
		.born_late = due != INSTANT_OPEN && b->e->known_ms >= due,
		.is_void = b->e->cancelled, .void_why = b->e->cancelled ? "事由已取消" : NULL,
		.void_ms = INSTANT_OPEN, .known_ms = b->e->known_ms,
	};
	if (b->d->has_late_to && due != INSTANT_OPEN)
		o->late_to_ms = cal_limit(in->calendar, due - 1, b->d->late_to);
	o->period_start = instant_day(b->e->at_ms, in->calendar->utc_offset_ms);
	o->period_end = due == INSTANT_OPEN ? o->period_start : instant_day(due - 1,
			in->calendar->utc_offset_ms);
	o->provisional = provisional(in, o->period_start, o->period_end > o->period_start ?
			o->period_end : o->period_start);
	born_moot(b, l, n, o);
	born_left(b, l, n, o);
	for (size_t i = 0; i < n; i++)
		o->subject[i] = l[i]->s;
	o->subject_n = n;
}

/* Subjects of one `per` for this event: the one it is about, else all that exist then. */
static void event_lives(const struct birth *b, const struct per *p, struct lives *ret)
{
	struct lives all;
	const struct subject *about = NULL;

	lives_of(b->a, b->in, p, &all);
	for (size_t i = 0; i < b->e->about_n; i++)
		if (b->e->about[i].kind == p->kind)
			about = &b->e->about[i];
	*ret = (struct lives){ 0 };
	for (size_t i = 0; i < all.n; i++) {
		const struct life *l = &all.at[i];
		bool mine = about && about->id == l->s.id && str_eq(about->word, l->s.word);

		if (about ? mine : (!b->e->about_n || p->kind == SUB_UNIT || p->kind == SUB_ENTRY ||
				p->kind == SUB_BODY)
				   && l->from_ms <= b->e->at_ms && b->e->at_ms < l->to_ms) {
			struct life *x = VEC_PUSH(b->a, ret);
			*x = *l;
		}
	}
	/* the shell told only the event: the record is known by its id */
	if (about && p->kind == SUB_RECORD && !ret->n) {
		struct life *x = VEC_PUSH(b->a, ret);
		*x = (struct life){ .s = *about, .from_ms = INT64_MIN, .to_ms = INSTANT_OPEN };
	}
}

static void birth(const struct birth *b)
{
	struct lives l0, l1 = { 0 };

	if (instant_day(b->e->at_ms, b->in->calendar->utc_offset_ms) > b->in->to)
		return;
	event_lives(b, &b->d->per[0], &l0);
	if (b->d->per_n == 2)
		event_lives(b, &b->d->per[1], &l1);
	for (size_t i = 0; i < l0.n; i++) {
		const struct life *pair[2] = { &l0.at[i], NULL };

		if (b->d->per_n == 1)
			birth_push(b, pair, 1);
		for (size_t k = 0; b->d->per_n == 2 && k < l1.n; k++) {
			pair[1] = &l1.at[k];
			birth_push(b, pair, 2);
		}
	}
}

/*
 * Once per object: the first of its events that was not cancelled; all cancelled: the first,
 * void.
 */
static bool speaks_for_object(const struct event *all, size_t n, size_t at, const struct trigger *t)
{
	const struct event *e = &all[at];
	size_t best = at;

	if (!hears(t, e) || t->each_entry)
		return hears(t, e);
	for (size_t i = 0; i < n; i++) {
		const struct event *x = &all[i];

		if (!hears(t, x) || x->object != e->object)
			continue;
		if (all[best].cancelled != x->cancelled ? all[best].cancelled
		    : x->at_ms != all[best].at_ms ? x->at_ms < all[best].at_ms : i < best)
			best = i;
	}
	return best == at;
}

/* Event duties begin with the day of adoption; standing stock (by:) is from before. */
static void begun(const struct duty *d, int64_t adopted, struct events *es)
{
	size_t n = 0;

	for (size_t i = 0; i < es->n && !d->has_by_adopted; i++)
		if (es->at[i].at_ms >= adopted)
			es->at[n++] = es->at[i];
	es->n = d->has_by_adopted ? es->n : n;
}

void expand_triggers(struct arena *a, const struct expand_in *in, const struct duty *d,
		struct occurrences *ret)
{
	struct events es = { 0 };
	int64_t adopted = adopted_ms(in, d);

	if (adopted == INT64_MAX)
		return;
	for (size_t i = 0; i < in->event_n; i++)
		*VEC_PUSH(a, &es) = in->event[i];
	for (size_t i = 0; i < d->on_n; i++) {
		if (d->on[i].kind == TRIG_NODE)
			node_events(a, in, &d->on[i], &es);
		if (d->on[i].kind == TRIG_PERIOD)
			period_spec_events(a, in, &d->on[i], &es);
	}
	begun(d, adopted, &es);
	for (size_t i = 0; i < d->on_n; i++)
		for (size_t k = 0; k < es.n; k++)
			if (speaks_for_object(es.at, es.n, k,
					&d->on[i]))
				birth(&(struct birth){ a, in, d, &d->on[i], &es.at[k], adopted,
						ret });
}
