/*
 * machine_people: on whom a record lies, who may see it, whom its ladder reaches, what
 * may be changed outside steps, and what a step spawns. Sight follows from work: who
 * must act, acted, or may act sees the record; sealing takes away only the sight of
 * those who have nothing to do with it.
 */
#include "rules/machine.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/field.h"
#include "rules/machine_int.h"

static const struct state *state_of(const struct machine_record *r)
{
	return r->state < 0 ? NULL : &r->loop->state[r->state];
}

static void merge(struct arena *a, struct who_set *to, const struct who_set *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!who_has(to, from->at[i].person))
			*VEC_PUSH(a, to) = from->at[i];
}

/* A step that somebody else must take, and nobody else is left. */
static bool lacks_independent(struct arena *a, const struct machine_ctx *c,
			      const struct machine_record *r)
{
	struct expr_env env = machine_env(a, c, r, r->fields);

	for (size_t i = 0; i < r->loop->step_n; i++) {
		const struct step *st = &r->loop->step[i];

		if (!st->not_by || !machine_step_from(r, st) || !expr_true(a, st->when, &env))
			continue;
		if (machine_nobody_independent(a, c, r, st))
			return true;
	}
	return false;
}

static struct who_set state_owners(struct arena *a, const struct machine_ctx *c,
				   const struct machine_record *r)
{
	const struct state *s = state_of(r);
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);

	if (!s || s->final || r->is_void || !s->owner)
		return (struct who_set){ 0 };
	return who_present(a, s->owner, &wc);
}

struct who_set machine_owners(struct arena *a, const struct machine_ctx *c,
			      const struct machine_record *r, bool *ret_nobody_independent)
{
	const struct state *s = state_of(r);
	struct who_set owners = state_owners(a, c, r), outside;
	bool lacks = s && !s->final && !r->is_void && lacks_independent(a, c, r);

	if (lacks) {
		outside = machine_outside_checkers(a, c, r);
		merge(a, &owners, &outside);
	}
	if (ret_nobody_independent)
		*ret_nobody_independent = lacks;
	return owners;
}

static struct who_set rung_people(struct arena *a, const struct who_ctx *wc, const struct rung *g,
				  const struct who_set *owners)
{
	struct who_set s = { 0 };

	for (size_t i = 0; i < g->to_n; i++) {
		struct who_set part = who_present(a, g->to[i], wc);

		for (size_t k = 0; k < part.n; k++)
			if (!who_has(owners, part.at[k].person) && !who_has(&s, part.at[k].person))
				*VEC_PUSH(a, &s) = part.at[k];
	}
	return s;
}

struct who_set ladder_receivers(struct arena *a, const struct machine_ctx *c,
				const struct machine_record *r, const struct rung *g)
{
	const struct state *s = state_of(r);
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);
	struct who_set owners = state_owners(a, c, r), out = rung_people(a, &wc, g, &owners);
	bool behind = false;

	/* One person in both posts: the next takes over. */
	for (size_t i = 0; s && g->to_n && !out.n && i < s->late.n; i++) {
		if (behind)
			out = rung_people(a, &wc, &s->late.at[i], &owners);
		behind = behind || &s->late.at[i] == g;
	}
	return out;
}

/* --- sight --- */

static bool took_part(const struct machine_record *r, person_id p)
{
	if (r->creator.v == p.v)
		return true;
	for (size_t i = 0; i < r->past_n; i++)
		if (r->past[i].doer.v == p.v || r->past[i].typist.v == p.v)
			return true;
	return false;
}

static bool may_take_some(struct arena *a, const struct machine_ctx *c,
			  const struct machine_record *r, person_id p)
{
	for (size_t i = 0; i < r->loop->step_n; i++) {
		const struct step *st = &r->loop->step[i];
		struct who_set s;

		if (st->by_clock || !st->by || who_is_anyone(st->by) || !machine_step_from(r, st))
			continue;
		s = machine_takers(a, c, r, st);
		if (who_has(&s, p))
			return true;
	}
	return false;
}

/* Receivers of rungs that have fired: an `oversee` item shows them the record. */
static bool oversees(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		     person_id p)
{
	const struct state *s = state_of(r);
	int64_t due = machine_due(a, c, r);

	for (size_t i = 0; s && due != INSTANT_OPEN && i < s->late.n; i++) {
		struct who_set to;

		if (ladder_at(c->calendar, &s->late, i, due) > c->now_ms)
			break;
		to = ladder_receivers(a, c, r, &s->late.at[i]);
		if (who_has(&to, p))
			return true;
	}
	return false;
}

/* Somebody whose work the record is. */
static bool works_on(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		     person_id p)
{
	struct who_set owners;

	if (took_part(r, p))
		return true;
	owners = machine_owners(a, c, r, NULL);
	return who_has(&owners, p) || may_take_some(a, c, r, p) || oversees(a, c, r, p);
}

static bool belongs(const struct machine_ctx *c, person_id p)
{
	const struct ov_person *x = ov_person(c->org, p);

	return x && x->from_ms <= c->now_ms && c->now_ms < x->to_ms;
}

bool machine_sees(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		  person_id p)
{
	const struct state *s = state_of(r);
	bool sealed = r->loop->sealed || (s && s->sealed), all = !r->loop->see_n && !sealed;
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);

	if (!belongs(c, p))
		return false;
	for (size_t i = 0; i < r->loop->see_n; i++) {
		struct who_set named;

		if (!str_eq(r->loop->see[i].relation, STR("home")))
			continue;
		all = all || (r->loop->see[i].all && !sealed);
		named = who_eval(a, r->loop->see[i].who, &wc);
		if (who_has(&named, p))
			return true;
	}
	return all || works_on(a, c, r, p);
}

bool machine_sees_field(struct arena *a, const struct machine_ctx *c,
			const struct machine_record *r, const struct field *f, person_id p)
{
	struct who_ctx wc = machine_who_ctx(a, c, r, r->fields);
	struct who_set named;

	if (!f->see)
		return f->type != F_MASKED || works_on(a, c, r, p);
	named = who_eval(a, f->see, &wc);
	return who_has(&named, p);
}

/* --- changes outside steps --- */

struct str_vec { str *at; size_t n, cap; };
struct owner_names { struct arena *a; struct str_vec v; };

static void find_owner_field(void *ctx, const char *kind, str name)
{
	struct owner_names *o = ctx;

	if (str_eq(str_of(kind), STR("field")))
		*VEC_PUSH(o->a, &o->v) = name;
}

size_t machine_owner_fields(struct arena *a, const struct machine_record *r, str **ret_names)
{
	const struct state *s = state_of(r);
	struct owner_names o = { .a = a };
	size_t n = 0;

	if (s && s->owner)
		who_names(s->owner, find_owner_field, &o);
	for (size_t i = 0; i < o.v.n; i++) {
		const struct field *f = loop_field(r->loop, o.v.at[i]);

		if (f && f->type == F_PERSON)
			o.v.at[n++] = o.v.at[i];
	}
	*ret_names = o.v.at;
	return n;
}

static bool touches(const struct strs *names, const struct vmap *changed)
{
	for (size_t i = 0; i < names->n; i++)
		if (vmap_named(changed, names->at[i]))
			return true;
	return false;
}

struct fault *machine_change(struct arena *a, const struct machine_ctx *c,
			     const struct machine_record *r, const struct vmap *changed)
{
	struct machine_record after = *r;
	struct vmap fields = vmap_copy(a, r->fields);
	struct fault *faults = NULL;
	str *owner;
	size_t owner_n = machine_owner_fields(a, r, &owner);
	bool new_owner = false;

	for (size_t i = 0; i < changed->n; i++)
		vmap_set(a, &fields, changed->name[i], changed->val[i]);
	for (size_t i = 0; i < r->past_n; i++)
		if (past_counts(&r->past[i]) &&
		    touches(&r->loop->step[r->past[i].step].distinct, changed) && !faults)
			machine_check_distinct(a, r->loop, &r->loop->step[r->past[i].step], &fields,
					       &faults);
	machine_check_people(a, c, r, &fields, changed, &faults);
	for (size_t i = 0; i < owner_n; i++)
		new_owner = new_owner || vmap_named(changed, owner[i]);
	after.fields = &fields;
	if (!faults && new_owner && lacks_independent(a, c, &after))
		fault_add(a, &faults, owner[0],
			  STR("这个人办过前面的步骤，不能再由他来办，请换一个人"));
	return faults;
}

/* --- spawns --- */

struct spawn_vec { struct spawned *at; size_t n, cap; };
struct spawning {
	struct arena *a;
	const struct machine_ctx *c;
	const struct machine_record *r;
	const struct spawn *s;
	struct spawn_vec *out;
};

static void spawn_one(const struct spawning *x, const struct row *row,
		      const struct field *row_field)
{
	struct expr_env env = machine_env(x->a, x->c, x->r, x->r->fields);
	struct vmap given = { 0 };

	env.row = row;
	env.row_field = row_field;
	if (!expr_true(x->a, x->s->where, &env))
		return;
	for (size_t i = 0; i < x->s->carry_n; i++)
		vmap_set(x->a, &given, x->s->carry[i].to,
			 expr_eval(x->a, x->s->carry[i].value, &env));
	*VEC_PUSH(x->a, x->out) = (struct spawned){ .spawn = x->s, .given = given };
}

/* The cells of an inner row, and behind them those of the row that holds it. */
static struct row both(struct arena *a, const struct row *inner, const struct row *outer)
{
	size_t n = inner->n + outer->n;
	str *name = NEW_N(a, n, str);
	struct value *cell = NEW_N(a, n, struct value);

	for (size_t i = 0; i < n; i++) {
		const struct row *from = i < inner->n ? inner : outer;
		size_t k = i < inner->n ? i : i - inner->n;

		name[i] = from->name[k];
		cell[i] = from->cell[k];
	}
	return (struct row){ .name = name, .cell = cell, .n = n };
}

/* A field that declares the columns of both. */
static const struct field *both_columns(struct arena *a, const struct field *inner,
					const struct field *outer)
{
	size_t n, m;
	const struct field *x = field_columns(inner, &n), *y = field_columns(outer, &m);
	struct field *f = NEW(a, struct field), *c = NEW_N(a, n + m, struct field);

	for (size_t i = 0; i < n + m; i++)
		c[i] = i < n ? x[i] : y[i - n];
	*f = (struct field){ .type = F_ROWS, .column = c, .column_n = n + m };
	return f;
}

static void spawn_inner(const struct spawning *x, const struct field *f, const struct row *outer,
			str column)
{
	const struct field *inner = field_column(f, column);
	const struct value *v = row_get(outer, column);

	for (size_t i = 0; inner && v && v->kind == V_ROWS && i < v->rows.n; i++) {
		struct row row = both(x->a, &v->rows.at[i], outer);

		spawn_one(x, &row, both_columns(x->a, inner, f));
	}
}

/* One for each member of a list: by the field's own name the member is meant. */
static void spawn_list(const struct spawning *x, str name, const struct value *v)
{
	for (size_t i = 0; i < v->list.n; i++) {
		const struct row row = { .name = &name, .cell = &v->list.at[i], .n = 1 };

		spawn_one(x, &row, NULL);
	}
}

static void spawn_each(const struct spawning *x)
{
	str rest = x->s->for_each, head = str_cut(&rest, '.');
	const struct field *f = loop_field(x->r->loop, head);
	const struct value *v = vmap_get(x->r->fields, head);

	if (!f || !v)
		return;
	if (v->kind == V_LIST)
		spawn_list(x, head, v);
	for (size_t i = 0; v->kind == V_ROWS && i < v->rows.n; i++) {
		if (rest.ptr)
			spawn_inner(x, f, &v->rows.at[i], rest);
		else
			spawn_one(x, &v->rows.at[i], f);
	}
}

size_t machine_spawns(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		      int step, struct spawned **ret)
{
	const struct step *st = &r->loop->step[step];
	struct spawn_vec out = { 0 };

	assert(step >= 0 && (size_t)step < r->loop->step_n && ret);
	for (size_t i = 0; i < st->spawn_n; i++) {
		const struct spawning x = { a, c, r, &st->spawn[i], &out };

		if (x.s->for_each.len)
			spawn_each(&x);
		else
			spawn_one(&x, NULL, NULL);
	}
	*ret = out.at;
	return out.n;
}
