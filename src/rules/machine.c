/*
 * machine: who may take a step, with which form, and what it does. Three questions that
 * must agree: the form offers only what machine_take accepts, and machine_may is asked
 * before either. A record is judged as it is now and a step as a whole: given values,
 * defaults, setters, needs and distinctness are looked at together, and any fault means
 * that nothing happens. Rights are never in the form: hiding a button is not a refusal.
 */
#include "rules/machine.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/field.h"
#include "rules/machine_int.h"

/* --- may --- */

bool machine_step_from(const struct machine_record *r, const struct step *st)
{
	const struct state *s;

	if (r->state < 0)
		return st->from_start;
	assert((size_t)r->state < r->loop->state_n && r->state < 64);
	if (!st->from_any && !(st->from >> r->state & 1))
		return false;
	s = &r->loop->state[r->state]; /* a final state is left in time, by the clock, or not at all
					*/
	return !s->final || st->to < 0 || st->within.set || st->by_clock;
}

struct who_set machine_takers(struct arena *a, const struct machine_ctx *c,
			      const struct machine_record *r, const struct step *st)
{
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);
	struct who_set s = who_eval(a, st->by, &wc), more = who_present(a, st->by, &wc);

	for (size_t i = 0; i < more.n; i++)
		if (!who_has(&s, more.at[i].person))
			*VEC_PUSH(a, &s) = more.at[i];
	return s;
}

struct who_set machine_outside_checkers(struct arena *a, const struct machine_ctx *c,
					const struct machine_record *r)
{
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);
	struct expr_error error;
	struct who *w;

	if (who_parse(a, STR("$outside_checker"), &w, &error))
		return (struct who_set){ 0 };
	return who_present(a, w, &wc);
}

bool machine_nobody_independent(struct arena *a, const struct machine_ctx *c,
				const struct machine_record *r, const struct step *st)
{
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);
	struct who_set s;

	if (!st->not_by || st->by_clock || who_is_anyone(st->by))
		return false;
	s = who_present(a, st->by, &wc);
	for (size_t i = 0; i < s.n; i++)
		if (!past_by(r, st->not_by, s.at[i].person))
			return false;
	return s.n > 0;
}

/* The hat of a person meant as a person: the one named, else that of the session, else the first.
 */
static bool any_hat(const struct machine_ctx *c, struct actor who, struct who_hit *hit)
{
	size_t first, n = ov_appointments(c->org, who.person, &first);
	const struct ov_appointment *best = NULL;

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *x = &c->org->appointment[i];

		if (x->from_ms > c->now_ms || c->now_ms >= x->to_ms ||
		    (who.as.v && x->id.v != who.as.v))
			continue;
		if (!best || (who.prefer.v && x->id.v == who.prefer.v))
			best = x;
	}
	if (!best)
		return !who.as.v;
	hit->appointment = best->id;
	hit->unit = best->unit;
	if (!hit->post.len)
		hit->post = best->post;
	return true;
}

/* Which hat fits; false: the person is not among them, or not in the hat that he chose. */
static bool pick_hat(const struct machine_ctx *c, const struct who_set *s, struct actor who,
		     struct who_hit *ret_hat, size_t *ret_hats)
{
	struct who_hit found = { .person = { 0 } };
	size_t hats = 0;
	bool preferred = false;

	for (size_t i = 0; i < s->n; i++) {
		struct who_hit h = s->at[i];
		bool own = !h.appointment.v || h.stand_in;

		if (h.person.v != who.person.v)
			continue;
		if (own && !any_hat(c, who, &h))
			continue;
		if (!own && who.as.v && h.appointment.v != who.as.v)
			continue;
		if (!hats || h.appointment.v != found.appointment.v)
			hats++;
		preferred = preferred || (who.prefer.v && h.appointment.v == who.prefer.v);
		if (hats == 1 || (who.prefer.v && h.appointment.v == who.prefer.v))
			found = h;
	}
	if (!hats)
		return false;
	*ret_hat = found;
	*ret_hats = who.as.v || preferred ? 1 : hats;
	return true;
}

static bool in_unit(const struct machine_ctx *c, person_id p)
{
	const struct ov_person *x = ov_person(c->org, p);

	return x && x->from_ms <= c->now_ms && c->now_ms < x->to_ms;
}

/* Does `w` let him, and in which hat? */
static bool named(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		  const struct step *st, const struct who *w, struct actor who,
		  struct who_hit *ret_hat, size_t *ret_hats)
{
	struct step as = *st;
	struct who_set s;

	if (!w)
		return false;
	if (who_is_anyone(w)) {
		struct who_hit h = { .person = who.person };

		if (!in_unit(c, who.person) || !any_hat(c, who, &h))
			return false;
		*ret_hat = h;
		*ret_hats = 1;
		return true;
	}
	as.by = w;
	s = machine_takers(a, c, r, &as);
	return pick_hat(c, &s, who, ret_hat, ret_hats);
}

static bool may_by(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		   const struct step *st, struct actor who, struct who_hit *ret_hat,
		   size_t *ret_hats)
{
	struct who_set outside;

	if (named(a, c, r, st, st->by, who, ret_hat, ret_hats))
		return true;
	if (!machine_nobody_independent(a, c, r, st))
		return false;
	outside = machine_outside_checkers(a, c, r);
	return pick_hat(c, &outside, who, ret_hat, ret_hats);
}

/* Since the present state was entered, or the record corrected, has he taken the step? */
static bool taken_of_version(const struct machine_record *r, int step, person_id p)
{
	for (size_t i = r->past_n; i-- > 0; ) {
		const struct past_step *x = &r->past[i];

		if (past_counts(x) && x->step == step && x->doer.v == p.v)
			return true;
		if (past_enters(r->loop, x) ||
		    (!x->undone && x->step < 0 && str_eq(x->built_in, STR("correct"))))
			return false;
	}
	return false;
}

static bool too_late(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		     const struct step *st)
{
	return st->within.set && !st->from_start &&
	       c->now_ms >= machine_limit(a, c, r, &st->within);
}

enum verdict machine_may(struct arena *a, const struct machine_ctx *c,
			 const struct machine_record *rec, int step, struct actor who,
			 struct who_hit *ret_hat, size_t *ret_hats)
{
	struct machine_record r = *rec;
	const struct step *st;
	struct who_hit hat = { .person = who.person };
	size_t hats = 1;
	struct expr_env env;
	bool by;

	assert(step >= 0 && (size_t)step < rec->loop->step_n);
	if (!who.person.v)	/* an account without a person: it administers, and takes no step */
		return NO_PERSON;
	st = &rec->loop->step[step];
	if (r.state < 0 && !r.creator.v)
		r.creator = who.person;
	if (r.is_void || !machine_step_from(&r, st))
		return NO_STATE;
	if (st->by_clock)
		return NO_PERSON;
	env = machine_env(a, c, &r, r.fields);
	by = may_by(a, c, &r, st, who, &hat, &hats);
	bool when = expr_true(a, st->when, &env);
	bool over = !when && named(a, c, &r, st, st->override, who, &hat, &hats);
	if (!by && !over)
		return NO_PERSON;
	if (past_by(&r, st->not_by, who.person) ||
	    (who.typist.v && past_by(&r, st->not_by, who.typist)))
		return NO_SELF;
	if (too_late(a, c, &r, st))
		return NO_TIME;
	if (st->once.len && taken_of_version(&r, step, who.person))
		return NO_ONCE;
	if (!when && !over)
		return NO_WHEN;
	*ret_hat = hat;
	*ret_hats = hats;
	return when ? MAY : MAY_OVERRIDE;
}

/* --- the form --- */

static bool strs_have(const struct strs *s, str x)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->at[i], x))
			return true;
	return false;
}

static bool in_form(const struct step *st, str name)
{
	return strs_have(&st->form, name) || strs_have(&st->quick, name);
}

static bool needs(struct arena *a, const struct step *st, const struct expr_env *env, str name)
{
	for (size_t i = 0; i < st->need_n; i++)
		if (strs_have(&st->need[i].fields, name) && expr_true(a, st->need[i].when, env))
			return true;
	return false;
}

static bool frozen(const struct machine_record *r, const struct field *f)
{
	return f->type == F_COMPUTED || (f->freeze.len && past_taken(r, f->freeze));
}

static struct value people_value(struct arena *a, const struct field *f, const struct who_set *s)
{
	struct value *at = NEW_N(a, s->n, struct value);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct value v = value_ref(REF_PERSON, s->at[i].person.v);
		const struct value so_far = { .kind = V_LIST, .list = { at, n } };

		if (!value_has(&so_far, &v))
			at[n++] = v;
	}
	if (f->type == F_PEOPLE)
		return n ? (struct value){ .kind = V_LIST, .list = { at, n } } : VALUE_NONE;
	return n == 1 ? at[0] : VALUE_NONE;	/* of several, a person chooses */
}

/* What an expression gives, as the field's type wants it: the day of an instant, one as a list. */
static struct value fitted(struct arena *a, const struct field *f, struct value v,
			   int32_t utc_offset_ms)
{
	bool list = f->type == F_CHOICES || f->type == F_PEOPLE || f->type == F_RECORDS ||
		    f->type == F_FILES;

	if (f->type == F_DATE && v.kind == V_INSTANT)
		return value_date(instant_day(v.at_ms, utc_offset_ms));
	if (f->type == F_INSTANT && v.kind == V_DATE)
		return value_instant(day_start_ms(v.day, utc_offset_ms));
	if (list && v.kind != V_LIST && v.kind != V_NONE)
		return value_list(a, &v, 1);
	if (list && v.kind == V_LIST && !v.list.n)
		return VALUE_NONE;
	return v;
}

struct value machine_default(struct arena *a, const struct machine_ctx *c,
			     const struct machine_record *r, const struct field *f,
			     const struct vmap *fields)
{
	struct expr_env env;
	struct who_ctx wc;
	struct who_set s;

	if (f->dflt_who && (f->type == F_PERSON || f->type == F_PEOPLE)) {
		wc = machine_who_ctx(a, c, r, fields);
		s = who_present(a, f->dflt_who, &wc);
		return people_value(a, f, &s);
	}
	if (!f->dflt)
		return VALUE_NONE;
	env = machine_env(a, c, r, fields);
	return fitted(a, f, expr_eval(a, f->dflt, &env), env.utc_offset_ms);
}

struct form_names { const struct step *st; bool found; };

static void find_form_name(void *ctx, const struct expr_name *n)
{
	struct form_names *x = ctx;

	x->found = x->found || (n->kind == NAME_FIELD && in_form(x->st, n->name));
}

/* Does the condition look at something that is filled in on this very form? */
static bool depends_on_form(const struct step *st, const struct expr *when)
{
	struct form_names x = { .st = st };

	expr_names(when, find_form_name, &x);
	return x.found;
}

bool machine_said_before(const struct machine_record *r, const struct field *f)
{
	if (f->type != F_TEXT)
		return false;
	for (size_t i = 0; i < r->past_n; i++) {
		const struct past_step *p = &r->past[i];
		const struct step *st = p->step < 0 || p->undone ? NULL : &r->loop->step[p->step];

		for (size_t k = 0; st && k < st->need_n; k++)
			if (strs_have(&st->need[k].fields, f->m.id))
				return true;
	}
	return false;
}

size_t machine_form(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		    int step, struct form_field **ret_fields)
{
	const struct step *st = &r->loop->step[step];
	struct vmap fields = machine_fields(a, c, r);
	struct form_field *out = NEW_N(a, r->loop->field_n, struct form_field);
	size_t n = 0;

	assert(step >= 0 && (size_t)step < r->loop->step_n && ret_fields);
	for (size_t i = 0; i < st->form.n + st->quick.n; i++) {
		bool quick = i >= st->form.n;
		str name = quick ? st->quick.at[i - st->form.n] : st->form.at[i];
		const struct field *f = loop_field(r->loop, name);
		struct expr_env env;
		bool shown;

		if (!f || (quick && strs_have(&st->form, name)))
			continue;
		env = machine_env(a, c, r, &fields);
		shown = expr_true(a, f->when, &env);
		if (!shown && !depends_on_form(st, f->when))
			continue;
		if (!vmap_get(&fields, name) && !frozen(r, f))
			vmap_set(a, &fields, name, machine_default(a, c, r, f, &fields));
		const struct value *v = vmap_get(&fields, name);
		out[n++] = (struct form_field){ .field = f,
						.quick = strs_have(&st->quick, name),
						.frozen = frozen(r, f),
						.maybe = !shown,
						.preset = v ? *v : VALUE_NONE };
	}
	struct expr_env env = machine_env(a, c, r, &fields);
	for (size_t i = 0; i < n; i++) {
		out[i].need = needs(a, st, &env, out[i].field->m.id);
		if (out[i].need && machine_said_before(r, out[i].field))
			out[i].preset = VALUE_NONE;
	}
	*ret_fields = out;
	return n;
}
