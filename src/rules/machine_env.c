/*
 * machine_env: the surroundings of a record in which its expressions and people
 * expressions are judged. Facts about the record itself (who took which step, when a
 * state was entered, who has signed) are answered here from its past steps; what lies
 * outside is asked of the shell. Undone steps count for nothing, anywhere.
 */
#include "rules/machine.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/calendar.h"
#include "rules/field.h"
#include "rules/machine_int.h"

/* What the functions of expr_env and who_ctx get as their context. */
struct around {
	struct arena *a;
	const struct machine_ctx *c;
	const struct machine_record *r;
	const struct vmap *fields;
};

bool past_counts(const struct past_step *p)
{
	return !p->undone && p->step >= 0;
}

bool past_enters(const struct loop *lp, const struct past_step *p)
{
	if (p->undone || p->to < 0)
		return false;
	if (p->step < 0)
		return p->from != p->to;
	assert((size_t)p->step < lp->step_n);
	return lp->step[p->step].to >= 0;
}

bool past_by(const struct machine_record *r, uint64_t steps, person_id p)
{
	for (size_t i = 0; i < r->past_n; i++) {
		const struct past_step *x = &r->past[i];

		if (past_counts(x) && (steps >> x->step & 1) &&
		    (x->doer.v == p.v || x->typist.v == p.v))
			return true;
	}
	return false;
}

static const struct past_step *past_last(const struct machine_record *r, str step)
{
	int s = loop_step_index(r->loop, step);

	for (size_t i = r->past_n; s >= 0 && i-- > 0; )
		if (past_counts(&r->past[i]) && r->past[i].step == s)
			return &r->past[i];
	return NULL;
}

bool past_taken(const struct machine_record *r, str step)
{
	return past_last(r, step) != NULL;
}

/* --- facts of the record itself --- */

static struct value fact_times(const struct machine_record *r, str step)
{
	int s = loop_step_index(r->loop, step);
	int64_t n = 0;

	for (size_t i = 0; i < r->past_n; i++)
		n += past_counts(&r->past[i]) && r->past[i].step == s;
	return value_int(n);
}

static struct value fact_entered(const struct machine_record *r, str state)
{
	int s = loop_state(r->loop, state);

	for (size_t i = r->past_n; s >= 0 && i-- > 0; )
		if (past_enters(r->loop, &r->past[i]) && r->past[i].to == s)
			return value_instant(r->past[i].at_ms);
	return VALUE_NONE;
}

static bool holds_post(const struct around *x, person_id p, str post)
{
	size_t first, n = ov_appointments(x->c->org, p, &first);

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *ap = &x->c->org->appointment[i];

		if (ap->from_ms <= x->c->now_ms && x->c->now_ms < ap->to_ms &&
		    post_covers(x->c->policy, ap->post, post))
			return true;
	}
	return false;
}

static struct value fact_includes(const struct around *x, const struct fact_query *q)
{
	const struct value *v = q->subject;
	size_t n = v->kind == V_LIST ? v->list.n : 1;

	for (size_t i = 0; i < n; i++) {
		const struct value *p = v->kind == V_LIST ? &v->list.at[i] : v;

		if (p->kind == V_REF && p->ref == REF_PERSON &&
		    holds_post(x, (person_id){ p->id }, q->name))
			return value_flag(true);
	}
	return value_flag(false);
}

/* Everybody of the field's `of` has signed, and at least `count` have. */
static struct value fact_all_signed(const struct around *x, str field)
{
	const struct field *f = loop_field(x->r->loop, field);
	struct who_ctx wc = machine_who_ctx(x->a, x->c, x->r, x->fields);
	const struct value *v = vmap_get(x->fields, field);
	int64_t have = v && v->kind == V_ROWS ? (int64_t)v->rows.n : 0;
	struct expr_error error;
	struct who_set asked, open;
	struct who *w;

	if (!f || have < f->count)
		return value_flag(false);
	if (!f->of_who)
		return value_flag(have > 0);
	asked = who_eval(x->a, f->of_who, &wc);
	if (!asked.n || asked.missing ||
	    who_parse(x->a, str_fmt(x->a, "unsigned(%.*s)", STR_ARG(field)), &w, &error))
		return value_flag(false);
	open = who_eval(x->a, w, &wc);
	return value_flag(open.n == 0);
}

/* Days between the limit of the state that the step left and the step; 0 when in time. */
static struct value fact_late(const struct around *x, str step)
{
	const struct past_step *p = past_last(x->r, step);
	struct machine_record then = *x->r;
	int32_t offset = x->c->calendar ? x->c->calendar->utc_offset_ms : 0;
	int64_t due;

	if (!p || p->from < 0)
		return VALUE_NONE;
	then.state = p->from;
	then.past_n = (size_t)(p - x->r->past);
	for (size_t i = then.past_n; i-- > 0; ) {
		if (!past_enters(x->r->loop, &x->r->past[i]))
			continue;
		then.entered_ms = x->r->past[i].at_ms;
		break;
	}
	due = machine_due(x->a, x->c, &then);
	if (due == INSTANT_OPEN || p->at_ms < due)
		return value_int(0);
	return value_int((int64_t)instant_day(p->at_ms, offset) - instant_day(due - 1, offset));
}

static bool own_fact(const struct around *x, const struct fact_query *q, struct value *ret_v)
{
	const struct past_step *p;

	switch (q->kind) {
	case FACT_AT: case FACT_DOER:
		p = past_last(x->r, q->name);
		if (!p)
			return false;
		*ret_v = q->kind == FACT_AT ? value_instant(p->at_ms)
					    : value_ref(REF_PERSON, p->doer.v);
		return ret_v->kind != V_NONE;
	case FACT_TIMES:
		*ret_v = fact_times(x->r, q->name);
		return true;
	case FACT_ENTERED:
		*ret_v = fact_entered(x->r, q->name);
		return ret_v->kind != V_NONE;
	case FACT_LATE:
		*ret_v = fact_late(x, q->name);
		return ret_v->kind != V_NONE;
	case FACT_INCLUDES:
		*ret_v = fact_includes(x, q);
		return true;
	case FACT_ALL_SIGNED:
		*ret_v = fact_all_signed(x, q->name);
		return true;
	case FACT_LINKED:
	case FACT_DONE:
	case FACT_TOTAL:
	case FACT_FULFILLED:
	case FACT_PERIOD:
	case FACT_CHANGED:
	case FACT_DUTIES:
		break;
	}
	return false;
}

static bool fact(void *ctx, const struct fact_query *q, struct value *ret_v)
{
	const struct around *x = ctx;
	bool shell_first = q->kind == FACT_LATE;	/* it knows the limits as they were */

	if (shell_first && x->r->fact && x->r->fact(x->r->ctx, q, ret_v))
		return true;
	if (own_fact(x, q, ret_v))
		return true;
	return !shell_first && x->r->fact && x->r->fact(x->r->ctx, q, ret_v);
}

/* --- what stands beside the fields: place.kind, unit.kind … --- */

static void beside(struct arena *a, struct vmap *m, str name, const char *what, str text)
{
	if (text.len)
		vmap_set(a, m, str_fmt(a, "%.*s.%s", STR_ARG(name), what), value_text(text));
}

static void beside_ref(struct arena *a, const struct org_view *v, struct vmap *m, str name,
		       const struct value *ref)
{
	const struct ov_place *place =
		ref->ref == REF_PLACE ? ov_place(v, (place_id){ ref->id }) : NULL;
	const struct ov_unit *unit = ref->ref == REF_UNIT ? ov_unit(v, (unit_id){ ref->id }) : NULL;
	const struct ov_person *person =
		ref->ref == REF_PERSON ? ov_person(v, (person_id){ ref->id }) : NULL;

	if (place) {
		beside(a, m, name, "kind", place->kind);
		beside(a, m, name, "code", place->code);
		beside(a, m, name, "risk", place->risk);
	} else if (unit) {
		beside(a, m, name, "kind", unit->kind);
		beside(a, m, name, "code", unit->code);
	} else if (person) {
		beside(a, m, name, "kind", person->kind);
	}
}

static struct vmap *subject_map(struct arena *a, const struct machine_ctx *c,
				const struct machine_record *r, const struct vmap *fields)
{
	struct vmap *m = NEW(a, struct vmap);
	unit_id unit = r->unit.v ? r->unit : c->org ? c->org->unit : (unit_id){ 0 };
	const struct value own = { .kind = V_REF, .ref = REF_UNIT, .id = unit.v };

	beside_ref(a, c->org, m, STR("unit"), &own);
	for (size_t i = 0; fields && i < fields->n; i++)
		if (fields->val[i].kind == V_REF)
			beside_ref(a, c->org, m, fields->name[i], &fields->val[i]);
	return m;
}

struct expr_env machine_env(struct arena *a, const struct machine_ctx *c,
			    const struct machine_record *r, const struct vmap *fields)
{
	struct around *x = NEW(a, struct around);

	*x = (struct around){ a, c, r, fields };
	return (struct expr_env){
		.policy = c->policy,
		.params = c->params,
		.fields = fields,
		.declared = r->loop->field,
		.declared_n = r->loop->field_n,
		.subject = subject_map(a, c, r, fields),
		.calendar = c->calendar,
		.now_ms = c->now_ms,
		.utc_offset_ms = c->calendar ? c->calendar->utc_offset_ms : 0,
		.fact = fact,
		.fact_ctx = x,
	};
}

/* --- people --- */

static person_id doer_of(void *ctx, str step)
{
	const struct around *x = ctx;
	const struct past_step *p = past_last(x->r, step);

	return p ? p->doer : (person_id){ 0 };
}

static bool signed_by(void *ctx, str field, person_id p)
{
	const struct around *x = ctx;

	return x->r->has_signed && x->r->has_signed(x->r->ctx, field, p);
}

static size_t on_duty(void *ctx, str roster, person_id *ret_people, size_t max)
{
	const struct around *x = ctx;

	return x->r->on_duty ? x->r->on_duty(x->r->ctx, roster, ret_people, max) : 0;
}

struct who_ctx machine_who_ctx(struct arena *a, const struct machine_ctx *c,
			       const struct machine_record *r, const struct vmap *fields)
{
	struct around *x = NEW(a, struct around);
	const struct value *place = vmap_get(fields, STR("place"));

	*x = (struct around){ a, c, r, fields };
	return (struct who_ctx){
		.policy = c->policy,
		.org = c->org,
		.at_ms = c->now_ms,
		.fields = fields,
		.loop = r->loop,
		.params = c->params,
		.creator = r->creator,
		.typist = r->past_n ? r->past[0].typist : r->creator,
		.doer = doer_of,
		.has_signed = signed_by,
		.on_duty = on_duty,
		.fn_ctx = x,
		.place = { place && place->kind == V_REF ? place->id : 0 },
		.unit = r->unit.v ? r->unit
			: c->org  ? c->org->unit
				  : (unit_id){ 0 },
	};
}

struct vmap machine_fields(struct arena *a, const struct machine_ctx *c,
			   const struct machine_record *r)
{
	struct vmap m = vmap_copy(a, r->fields);
	struct expr_env env = machine_env(a, c, r, &m);

	for (size_t i = 0; i < r->loop->field_n; i++) {
		const struct field *f = &r->loop->field[i];

		if (f->type == F_COMPUTED && f->value && !vmap_get(&m, f->m.id))
			vmap_set(a, &m, f->m.id, expr_eval(a, f->value, &env));
	}
	return m;
}
