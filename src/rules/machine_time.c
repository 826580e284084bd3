/*
 * machine_time: when a record's state must be left, when its ladder fires, when the
 * clock acts. Limits are exclusive ends (the first millisecond after), as cal_limit
 * gives them, so `now >= due` is late. A state counts from each entry, unless it says
 * `stays: all`, or names an anchor; a pause before the anchored limit moves it on by
 * the time paused. Everything is computed from facts each time: nothing here is kept.
 */
#include "rules/machine.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/calendar.h"
#include "rules/machine_int.h"


/* What a duration counts from: a moment, or a whole day (`end`: m and h count from its end). */
struct anchor { bool known, day, end; int64_t at_ms; day_no on; };

static int32_t offset_of(const struct machine_ctx *c)
{
	return c->calendar ? c->calendar->utc_offset_ms : 0;
}

static struct anchor moment(int64_t at_ms)
{
	return (struct anchor){ .known = true, .at_ms = at_ms };
}

static struct anchor whole_day(day_no on, bool end)
{
	return (struct anchor){ .known = true, .day = true, .end = end, .on = on };
}

static struct anchor anchor_value(const struct value *v)
{
	if (v && v->kind == V_DATE)
		return whole_day(v->day, true);
	if (v && v->kind == V_INSTANT)
		return moment(v->at_ms);
	return (struct anchor){ 0 };
}

/* field.start, field.end of a field that holds a period */
static struct anchor anchor_period(const struct machine_ctx *c, const struct machine_record *r,
				   str name)
{
	str rest = name, head = str_cut(&rest, '.');
	const struct value *v = vmap_get(r->fields, head);
	struct period p;

	if (!v || v->kind != V_TEXT || !c->calendar || !period_parse(c->calendar, v->text, &p))
		return (struct anchor){ 0 };
	if (str_eq(rest, STR("start")))
		return whole_day(p.start, false);
	return str_eq(rest, STR("end")) ? whole_day(p.end, true) : (struct anchor){ 0 };
}

static struct anchor anchor_node(const struct machine_ctx *c, str name)
{
	for (size_t i = 0; c->calendar && i < c->calendar->node_n; i++)
		if (str_eq(c->calendar->node[i].id, name))
			return whole_day(c->calendar->node[i].day, true);
	return (struct anchor){ 0 };
}

static struct anchor anchor_closing(const struct machine_ctx *c, const struct machine_record *r)
{
	day_no day = instant_day(r->entered_ms, offset_of(c));

	return moment(day_start_ms(day, offset_of(c)) +
		      (int64_t)c->policy->closing_minute * MS_MINUTE);
}

static struct anchor anchor_of(struct arena *a, const struct machine_ctx *c,
			       const struct machine_record *r, str name)
{
	const struct value *v;
	int64_t due;

	if (str_empty(name) || str_eq(name, STR("enter")))
		return moment(r->entered_ms);
	if (str_eq(name, STR("start")))
		return moment(r->past_n ? r->past[0].at_ms : c->now_ms);
	if (str_eq(name, STR("closing")))
		return anchor_closing(c, r);
	if (str_eq(name, STR("limit"))) {
		due = machine_due(a, c, r);
		return due == INSTANT_OPEN ? (struct anchor){ 0 } : moment(due);
	}
	if (str_has(name, '.'))
		return anchor_period(c, r, name);
	v = vmap_get(r->fields, name);
	return v || loop_field(r->loop, name) ? anchor_value(v) : anchor_node(c, name);
}

static bool exact(struct duration d)
{
	return d.unit == DUR_M || d.unit == DUR_H;
}

static int64_t limit_from(const struct machine_ctx *c, const struct anchor *x, struct duration d)
{
	int32_t offset = offset_of(c);
	int64_t at_ms = x->at_ms;

	if (!x->known || !c->calendar)
		return INSTANT_OPEN;
	if (x->day)
		at_ms = day_start_ms(exact(d) && x->end ? x->on + 1 : x->on, offset);
	return cal_limit(c->calendar, at_ms, d);
}

/* false: the expression gives no duration (now). */
static bool within_duration(struct arena *a, const struct machine_ctx *c,
			    const struct machine_record *r, const struct within *w,
			    struct duration *ret_d)
{
	struct expr_env env;
	struct value v;

	if (!w->expr) {
		*ret_d = w->d;
		return true;
	}
	env = machine_env(a, c, r, r->fields);
	v = expr_eval(a, w->expr, &env);
	if (v.kind != V_DURATION)
		return false;
	*ret_d = v.dur;
	return true;
}

/* Milliseconds spent in states for which `in` holds, before the present stay, after `from_ms`. */
static int64_t stayed(const struct machine_record *r,
		      bool (*in)(const struct machine_record *r, int state), int64_t from_ms)
{
	int64_t sum = 0, since = 0;
	int state = -1;

	for (size_t i = 0; i < r->past_n; i++) {
		const struct past_step *p = &r->past[i];

		if (!past_enters(r->loop, p))
			continue;
		if (state >= 0 && in(r, state) && p->at_ms > from_ms)
			sum += p->at_ms - (since > from_ms ? since : from_ms);
		state = p->to;
		since = p->at_ms;
	}
	return sum;
}

static bool in_present(const struct machine_record *r, int state)
{
	return state == r->state;
}

static bool in_pause(const struct machine_record *r, int state)
{
	return r->loop->state[state].pause;
}

/* An anchored limit after pauses: as much later, and still at the end of a day where it was. */
static int64_t after_pauses(const struct machine_ctx *c, const struct machine_record *r,
			    const struct anchor *x, int64_t due, struct duration d)
{
	int64_t from_ms = x->day ? INT64_MIN : x->at_ms, paused = stayed(r, in_pause, from_ms);
	int32_t offset = offset_of(c);

	if (!paused || due == INSTANT_OPEN)
		return due;
	due += paused;
	return exact(d) ? due : day_start_ms(instant_day(due - 1, offset) + 1, offset);
}

int64_t machine_limit(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		      const struct within *w)
{
	struct duration d;
	struct anchor x;

	if (!w->set || !within_duration(a, c, r, w, &d))
		return INSTANT_OPEN;
	x = anchor_of(a, c, r, w->anchor);
	if (str_eq(w->anchor, STR("limit")) && x.known && !exact(d))
		x.at_ms--;	/* the limit is the end of its day, and that day is the anchor's */
	return limit_from(c, &x, d);
}

int64_t machine_due(struct arena *a, const struct machine_ctx *c, const struct machine_record *r)
{
	const struct state *s;
	struct duration d;
	struct anchor x;
	bool entry;

	if (r->state < 0 || r->is_void)
		return INSTANT_OPEN;
	assert((size_t)r->state < r->loop->state_n);
	s = &r->loop->state[r->state];
	if (s->final || s->pause || !s->within.set || str_eq(s->within.anchor, STR("limit")))
		return INSTANT_OPEN;
	if (!within_duration(a, c, r, &s->within, &d))
		return INSTANT_OPEN;
	entry = str_empty(s->within.anchor) || str_eq(s->within.anchor, STR("enter"));
	x = anchor_of(a, c, r, s->within.anchor);
	if (entry && s->stays_all)
		x.at_ms -= stayed(r, in_present, INT64_MIN);
	if (entry)
		return limit_from(c, &x, d);
	return after_pauses(c, r, &x, limit_from(c, &x, d), d);
}

int64_t ladder_at(const struct calendar *cal, const struct ladder *l, size_t rung, int64_t due_ms)
{
	struct duration d;

	assert(rung < l->n);
	if (due_ms == INSTANT_OPEN)
		return INSTANT_OPEN;
	d = l->at[rung].d;
	/* The limit ends a day: that day is the anchor, so 0d fires with the limit and 3d at 24:00
	 * of the third day after. */
	return cal_limit(cal, exact(d) ? due_ms : due_ms - 1, d);
}

static int64_t clock_at(struct arena *a, const struct machine_ctx *c,
			const struct machine_record *r, const struct step *st)
{
	struct expr_env env;

	if (st->when) {
		env = machine_env(a, c, r, r->fields);
		if (!expr_true(a, st->when, &env))
			return INSTANT_OPEN;
	}
	if (st->at.set)
		return machine_limit(a, c, r, &st->at);
	return st->when ? c->now_ms : INSTANT_OPEN;
}

int64_t machine_clock_step(struct arena *a, const struct machine_ctx *c,
			   const struct machine_record *r, int *ret_step)
{
	int64_t first = INSTANT_OPEN;

	assert(ret_step);
	*ret_step = -1;
	if (r->state < 0 || r->is_void)
		return INSTANT_OPEN;
	for (size_t i = 0; i < r->loop->step_n; i++) {
		const struct step *st = &r->loop->step[i];
		int64_t at;

		if (!st->by_clock || !machine_step_from(r, st))
			continue;
		at = clock_at(a, c, r, st);
		if (at < first) {
			first = at;
			*ret_step = (int)i;
		}
	}
	return first;
}
