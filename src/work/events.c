/* events: see events.h. */
#include "work/events.h"

#include <assert.h>

#include "gen/q_record.h"
#include "gen/q_step.h"

struct events { struct event *at; size_t n, cap; };
struct subject_records { struct subject_record *at; size_t n, cap; };

bool duty_hears_loop(const struct duty *d, str loop)
{
	for (size_t i = 0; i < d->on_n; i++) {
		const struct trigger *t = &d->on[i];

		if (t->kind == TRIG_ANY_FINAL)
			return true;
		if ((t->kind == TRIG_STATE || t->kind == TRIG_STEP || t->kind == TRIG_DATE) &&
				str_eq(t->loop, loop))
			return true;
	}
	return d->per[0].kind == SUB_RECORD && str_eq(d->per[0].of, loop);
}

bool duty_hears_window(const struct duty *d, str duty)
{
	for (size_t i = 0; i < d->on_n; i++)
		if (d->on[i].kind == TRIG_WINDOW_CLOSED && str_eq(d->on[i].name, duty))
			return true;
	return false;
}

const struct entry *entry_of_word(const struct policy *p, str word)
{
	str rest = word;
	str cat = str_cut(&rest, '/');
	const struct catalogue *c = policy_catalogue(p, cat);

	return c ? catalogue_entry(c, rest) : NULL;
}

/* --- of records --- */

struct subject_record record_subject(struct rec *r)
{
	struct record_span *span = NEW_N(r->op->arena, r->past_n + 1, struct record_span);
	size_t n = 0;

	for (size_t i = 0; i < r->past_n; i++) {
		const struct past_step *p = &r->past[i];

		if (p->undone || p->to < 0 || (n && span[n - 1].state == p->to))
			continue;
		if (n)
			span[n - 1].to_ms = p->at_ms;
		span[n++] = (struct record_span){ p->to, p->at_ms, INSTANT_OPEN };
	}
	if (n && (r->row.is_void || r->loop->state[span[n - 1].state].final))
		span[n - 1].to_ms = r->row.is_void ? span[0].from_ms : INSTANT_OPEN;
	return (struct subject_record){ .id = r->row.id.v, .loop = r->loop, .fields = &r->fields,
		.creator = r->row.creator_id, .place = r->row.place_id, .span = span,
		.span_n = r->row.is_void ? 0 : n };
}

static void about_record(struct rec *r, struct event *e)
{
	const struct value *person = vmap_get(&r->fields, STR("person"));
	size_t n = 0;

	e->about[n++] = (struct subject){ .kind = SUB_RECORD, .id = r->row.id.v };
	if (r->row.place_id.v)
		e->about[n++] = (struct subject){ .kind = SUB_PLACE, .id = r->row.place_id.v };
	else if (person && person->kind == V_REF && person->ref == REF_PERSON)
		e->about[n++] = (struct subject){ .kind = SUB_PERSON, .id = person->id };
	e->about_n = n;
}

static void step_event(struct rec *r, struct events *es, const struct trigger *t,
		const struct past_step *p, int32_t no)
{
	struct event *e = VEC_PUSH(r->op->arena, es);

	*e = (struct event){
		.kind = t->kind, .loop = r->loop->m.id, .name = t->name, .object = r->row.id.v,
		.entry_no = no, .fields = &r->fields, .at_ms = p->at_ms, .known_ms = p->at_ms,
		.cancelled = p->undone || r->row.is_void,
	};
	about_record(r, e);
}

static bool step_fires(const struct rec *r, const struct trigger *t, const struct past_step *p)
{
	switch (t->kind) {
	case TRIG_STATE:
		return p->from != p->to && p->to >= 0 &&
		       str_eq(r->loop->state[p->to].m.id, t->name);
	case TRIG_STEP: return p->step >= 0 && str_eq(r->loop->step[p->step].m.id, t->name);
	case TRIG_ANY_FINAL: return p->from != p->to && p->to >= 0 && r->loop->state[p->to].final;
	default: return false;
	}
}

/* {date: "loop.field"}: the record's own date. */
static void date_event(struct rec *r, struct events *es, const struct trigger *t)
{
	const struct value *v = vmap_get(&r->fields, t->name);

	if (!v || (v->kind != V_DATE && v->kind != V_INSTANT) || !r->past_n)
		return;
	struct event *e = VEC_PUSH(r->op->arena, es);
	*e = (struct event){
		.kind = TRIG_DATE, .loop = r->loop->m.id, .name = t->name, .object = r->row.id.v,
		.known_ms = r->past[0].at_ms, .cancelled = r->row.is_void,
	};
	if (v->kind == V_DATE) {
		e->day_only = v->day;
		e->has_day_only = true;
		e->at_ms = day_start_ms(v->day, r->op->clock->utc_offset_ms);
	} else {
		e->at_ms = v->at_ms;
	}
	about_record(r, e);
}

static void record_events(struct rec *r, const struct duty *d, struct events *es)
{
	for (size_t i = 0; i < d->on_n; i++) {
		const struct trigger *t = &d->on[i];
		int32_t no = 0;

		if (t->kind != TRIG_ANY_FINAL && !str_eq(t->loop, r->loop->m.id))
			continue;
		if (t->kind == TRIG_DATE)
			date_event(r, es, t);
		for (size_t k = 0; k < r->past_n; k++)
			if (step_fires(r, t, &r->past[k]))
				step_event(r, es, t, &r->past[k],
						r->past[k].undone ? no + 1 : ++no);
	}
}

void events_of_record(struct rec *r, const struct duty *d, struct expand_in *in)
{
	struct events es = { 0 };
	struct subject_record *sr = NEW(r->op->arena, struct subject_record);

	record_events(r, d, &es);
	*sr = record_subject(r);
	in->record = sr;
	in->record_n = 1;
	in->event = es.at;
	in->event_n = es.n;
}

static const char *trigger_word(enum trig_kind k)
{
	return k == TRIG_STATE ? "state" : k == TRIG_STEP ? "step"
		: k == TRIG_DATE ? "date" : "any-final";
}

static int row_key_cmp(const void *x, const void *y)
{
	return str_cmp(((const struct q_occurrence_get *)x)->key,
			((const struct q_occurrence_get *)y)->key);
}

enum err rows_of_record(struct rec *r, const struct duty *d, struct q_occurrence_get **ret,
		size_t *ret_n)
{
	struct arena *a = r->op->arena;
	VEC(struct q_occurrence_get) all = { 0 };

	if (!d->on_n) {	/* it runs while the record is in a state: all of this subject */
		struct q_occurrences_of_subject *row;

		TRY(q_occurrences_of_subject(r->op, r->tenant, d->m.id,
			str_fmt(a, "record:%lld", (long long)r->row.id.v), STR(""), &row, ret_n));
		*ret = occ_rows(a, row, *ret_n);
		qsort(*ret, *ret_n, sizeof(**ret), row_key_cmp);
		return ERR_OK;
	}
	for (size_t i = 0; i < d->on_n; i++) {
		const struct trigger *t = &d->on[i];
		struct q_occurrences_of_trigger *row;
		size_t n;

		if (t->kind != TRIG_ANY_FINAL && !str_eq(t->loop, r->loop->m.id))
			continue;
		str key = t->kind == TRIG_ANY_FINAL
			? str_fmt(a, "any-final::%lld", (long long)r->row.id.v)
			: str_fmt(a, "%s:%.*s.%.*s:%lld", trigger_word(t->kind), STR_ARG(t->loop),
					STR_ARG(t->name), (long long)r->row.id.v);
		TRY(q_occurrences_of_trigger(r->op, r->tenant, d->m.id, key, str_fmt(a, "%.*s:",
				STR_ARG(key)),
					     str_fmt(a, "%.*s;", STR_ARG(key)), &row, &n));
		struct q_occurrence_get *g = occ_rows(a, row, n);
		for (size_t k = 0; k < n; k++) {
			struct q_occurrence_get *to = VEC_PUSH(a, &all);
			*to = g[k];
		}
	}
	if (all.n)
		qsort(all.at, all.n, sizeof(all.at[0]), row_key_cmp);	/* the merge walks by key */
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}

/* --- of the organisation --- */

static void person_about(struct event *e, person_id p)
{
	e->about[0] = (struct subject){ .kind = SUB_PERSON, .id = p.v };
	e->about_n = 1;
}

static bool first_of_person(const struct org_view *v, const struct ov_appointment *a)
{
	for (size_t i = 0; i < v->appointment_n; i++)
		if (v->appointment[i].person.v == a->person.v &&
				v->appointment[i].from_ms < a->from_ms)
			return false;
	return true;
}

/*
 * What ends at a midnight ends with the day before: "a date without time is the whole day", so what
 * is due after it counts from that day, and what is done on that day is done after it.
 */
static void ends_at(struct event *e, int64_t to_ms, int32_t utc_offset_ms)
{
	day_no last = instant_day(to_ms - 1, utc_offset_ms);

	e->at_ms = to_ms;
	if (day_start_ms(last + 1, utc_offset_ms) != to_ms)
		return;
	e->at_ms = day_start_ms(last, utc_offset_ms);
	e->day_only = last;
	e->has_day_only = true;
}

static void appointed_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	for (size_t i = 0; i < w->org->appointment_n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];
		bool leaves = t->kind == TRIG_LEAVES;
		bool first = str_eq(t->name, STR("first"));

		if (leaves && a->to_ms == INSTANT_OPEN)
			continue;
		if (!str_eq(t->name, STR("any")) && t->name.len && !first && !post_covers(w->policy,
				a->post, t->name))
			continue;
		if (first && !first_of_person(w->org, a))
			continue;
		struct event *e = VEC_PUSH(op->arena, es);
		*e = (struct event){ .kind = t->kind, .name = t->name, .object = a->id.v,
			.at_ms = a->from_ms, .known_ms = a->recorded_ms };
		if (leaves)
			ends_at(e, a->to_ms, op->clock->utc_offset_ms);
		person_about(e, a->person);
	}
}

static void absent_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	for (size_t i = 0; i < w->org->absence_n; i++) {
		const struct ov_absence *b = &w->org->absence[i];
		struct event *e = VEC_PUSH(op->arena, es);

		*e = (struct event){ .kind = TRIG_ABSENT, .name = t->name, .object = b->person.v,
				.at_ms = b->from_ms, .known_ms = b->from_ms };
		person_about(e, b->person);
	}
}

/*
 * Changes of one place on one day are one event: whoever sets three roles at once changed it
 * once.
 */
static bool keeper_first_of_day(const struct work *w, size_t at, int32_t utc_offset_ms)
{
	const struct ov_keeper *k = &w->org->keeper[at];
	day_no day = instant_day(k->from_ms, utc_offset_ms);

	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *x = &w->org->keeper[i];

		if (x->place.v == k->place.v && instant_day(x->from_ms, utc_offset_ms) == day
		    && x->id.v < k->id.v)
			return false;
	}
	return true;
}

static void keeper_events(struct op *op, const struct work *w, const struct trigger *t,
			  struct events *es)
{
	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (!keeper_first_of_day(w, i, op->clock->utc_offset_ms))
			continue;
		struct event *e = VEC_PUSH(op->arena, es);
		*e = (struct event){ .kind = TRIG_KEEPER_CHANGED, .name = t->name,
			.object = k->id.v, .at_ms = k->from_ms, .known_ms = k->recorded_ms };
		e->about[0] = (struct subject){ .kind = SUB_PLACE, .id = k->place.v };
		e->about_n = 1;
	}
}

static void place_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	for (size_t i = 0; i < w->org->place_n; i++) {
		const struct ov_place *p = &w->org->place[i];
		bool closed = t->kind == TRIG_PLACE_CLOSED;

		if (closed && p->to_ms == INSTANT_OPEN)
			continue;
		struct event *e = VEC_PUSH(op->arena, es);
		*e = (struct event){ .kind = t->kind, .name = t->name, .object = p->id.v,
				.at_ms = p->from_ms, .known_ms = p->from_ms };
		if (closed)
			ends_at(e, p->to_ms, op->clock->utc_offset_ms);
		e->about[0] = (struct subject){ .kind = SUB_PLACE, .id = p->id.v };
		e->about_n = 1;
	}
}

static void class_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	for (size_t i = 0; i < w->org->unit_n; i++) {
		const struct ov_unit *u = &w->org->unit_at[i];

		if (!str_eq(u->kind, STR("class")))
			continue;
		struct event *e = VEC_PUSH(op->arena, es);
		*e = (struct event){ .kind = TRIG_CLASS_ADDED, .name = t->name, .object = u->id.v,
				.at_ms = u->from_ms, .known_ms = u->from_ms };
		e->about[0] = (struct subject){ .kind = SUB_CLASS, .id = u->id.v };
		e->about_n = 1;
	}
}

static void plain_event(struct op *op, struct events *es, enum trig_kind kind, str name,
		int64_t object, int64_t at_ms)
{
	struct event *e = VEC_PUSH(op->arena, es);

	*e = (struct event){ .kind = kind, .name = name, .object = object, .at_ms = at_ms,
			.known_ms = at_ms };
}

static void period_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	int32_t off = op->clock->utc_offset_ms;

	for (size_t i = 0; i < w->calendar->period_n; i++) {
		const struct cal_period *p = &w->calendar->period[i];

		if (!str_eq(p->id, t->name) || (t->ends && p->to == INT32_MAX))
			continue;
		plain_event(op, es, TRIG_PERIOD, t->name, t->ends ? p->to : p->from,
			    t->ends ? day_start_ms(p->to + 1, off) : day_start_ms(p->from, off));
	}
}

static enum err window_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	struct q_occurrence_windows *row;
	size_t n;

	TRY(q_occurrence_windows(op, w->org->tenant, t->name, &row, &n));
	for (size_t i = 0; i < n; i++) {
		bool all = row[i].done == row[i].total;
		int64_t at = all ? row[i].last_done : row[i].ends;
		struct period p;

		if (!all && row[i].ends > op->now_ms)
			continue;
		/*
		 * the object of a window is its period: its first day keeps the key the same
		 * however it closes
		 */
		plain_event(op, es, TRIG_WINDOW_CLOSED, t->name,
			    period_parse(w->calendar, row[i].period, &p) ? p.start : (int64_t)i,
			    at);
	}
	return ERR_OK;
}

static void parameter_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	for (size_t i = 0; i < w->dated_n; i++)
		if (str_eq(w->dated[i].name, t->name))
			plain_event(op, es, TRIG_PARAMETER, t->name, w->dated[i].from_ms,
					w->dated[i].from_ms);
}

static void adopted_events(struct op *op, const struct work *w, const struct trigger *t,
		struct events *es)
{
	for (size_t i = 0; i < w->adoption_n; i++)
		if (!t->name.len || str_eq(w->adoption[i].pack, t->name))
			plain_event(op, es, TRIG_ADOPTED, t->name, 0, w->adoption[i].from_ms);
}

/* Every record of the loop: a full expansion hears all of them. */
static enum err loop_events(struct op *op, const struct work *w, const struct duty *d, str loop,
		struct events *es, struct subject_records *rs)
{
	bool after_void = false;

	for (record_id after = { 0 };;) {
		struct q_records_of_loop *row;
		size_t n;

		TRY(q_records_of_loop(op, w->org->tenant, loop, after_void, after, 500, &row, &n));
		for (size_t i = 0; i < n; i++) {
			struct rec *r = NEW(op->arena, struct rec);

			TRY(rec_load(op, w, row[i].id, r));
			record_events(r, d, es);
			if (d->per[0].kind == SUB_RECORD && str_eq(d->per[0].of, loop)) {
				struct subject_record *sr = VEC_PUSH(op->arena, rs);
				*sr = record_subject(r);
			}
		}
		if (n < 500)
			return ERR_OK;
		after = row[n - 1].id;
		after_void = row[n - 1].is_void;
	}
}

static enum err any_final_events(struct op *op, const struct work *w, const struct duty *d,
		struct events *es, struct subject_records *rs)
{
	for (size_t i = 0; i < w->policy->loop_n; i++)
		TRY(loop_events(op, w, d, w->policy->loop[i].m.id, es, rs));
	return ERR_OK;
}

static enum err trigger_events(struct op *op, const struct work *w, const struct duty *d,
		const struct trigger *t, struct events *es, struct subject_records *rs)
{
	switch (t->kind) {
	case TRIG_STATE: case TRIG_STEP: case TRIG_DATE:
		return t->loop.len ? loop_events(op, w, d, t->loop, es, rs) : ERR_OK;
	case TRIG_ANY_FINAL: return any_final_events(op, w, d, es, rs);
	case TRIG_APPOINTED: case TRIG_LEAVES: appointed_events(op, w, t, es); return ERR_OK;
	case TRIG_ABSENT: absent_events(op, w, t, es); return ERR_OK;
	case TRIG_KEEPER_CHANGED: keeper_events(op, w, t, es); return ERR_OK;
	case TRIG_PLACE_ADDED: case TRIG_PLACE_CLOSED: place_events(op, w, t, es); return ERR_OK;
	case TRIG_CLASS_ADDED: class_events(op, w, t, es); return ERR_OK;
	case TRIG_PERIOD: period_events(op, w, t, es); return ERR_OK;
	case TRIG_WINDOW_CLOSED: return window_events(op, w, t, es);
	case TRIG_PARAMETER: parameter_events(op, w, t, es); return ERR_OK;
	case TRIG_ADOPTED: adopted_events(op, w, t, es); return ERR_OK;
	case TRIG_DUTIES_CHANGED:	/* said by appointments: whoever got or lost one */
		appointed_events(op, w, &(struct trigger){ .kind = TRIG_APPOINTED,
				.name = STR("any") }, es);
		for (size_t i = 0; i < es->n; i++)
			es->at[i].kind = TRIG_DUTIES_CHANGED;
		return ERR_OK;
	case TRIG_NODE: return ERR_OK;	/* the calendar resolves nodes */
	}
	assert(!"a trigger kind without events");
	return ERR_OK;
}

enum err events_of_duty(struct op *op, const struct work *w, const struct duty *d,
		struct expand_in *in)
{
	struct events es = { 0 };
	struct subject_records rs = { 0 };

	for (size_t i = 0; i < d->on_n; i++)
		TRY(trigger_events(op, w, d, &d->on[i], &es, &rs));
	/*
	 * per: record:loop with every: runs while `where` holds: the records are told as
	 * entering the loop
	 */
	if (!d->on_n && d->per[0].kind == SUB_RECORD)
		TRY(loop_events(op, w, d, d->per[0].of, &es, &rs));
	in->record = rs.at;
	in->record_n = rs.n;
	in->event = es.at;
	in->event_n = es.n;
	return ERR_OK;
}
