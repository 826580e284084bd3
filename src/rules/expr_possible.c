/*
 * expr_possible: can a condition hold, and can two hold at once? Decided by trying all
 * values of what is finite: choices (and unset), flags, is_set. Everything else in a
 * condition (a date compared with today, a fact) is one unknown that may be either way,
 * the same text the same way. That errs on one side only: what is called impossible
 * is impossible. Beyond 2^12 combinations nothing is tried, and the answer is "possible".
 */
#include "rules/expr.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/expr_int.h"
#include "rules/policy.h"

#define WAYS_MAX 4096

struct unknown {
	const struct field *field;	/* NULL: the truth of the text */
	bool set_only;			/* of the field only whether it is set */
	str text;
	size_t n;			/* how many values, unset among them */
};

struct ways {
	struct arena *a;
	const struct policy *p;
	const struct loop *lp;
	VEC(struct unknown) u;
	size_t *way;			/* the value of each, now tried */
	struct vmap fields;
};

static size_t values_of(const struct ways *w, const struct field *f)
{
	const struct catalogue *c;

	if (f->type == F_FLAG)
		return 3;
	if (f->type != F_CHOICE)
		return 0;
	if (f->choice_n)
		return f->choice_n + 1;
	c = f->of_catalogue.len && w->p ? policy_catalogue(w->p, f->of_catalogue) : NULL;
	return c ? c->entry_n + 1 : 0;
}

static struct value value_no(const struct ways *w, const struct unknown *u, size_t i)
{
	const struct field *f = u->field;

	if (i == 0)
		return VALUE_NONE;
	if (f->type == F_FLAG)
		return value_flag(i == 1);
	if (f->choice_n)
		return value_text(f->choice[i - 1].value);
	return value_text(policy_catalogue(w->p, f->of_catalogue)->entry[i - 1].m.id);
}

/* A bare name beside a choice that has it as a value is that word, whatever else it may be. */
static bool word_beside(const struct ways *w, const struct expr *e, const struct expr *other)
{
	if (e->kind != N_NAME || !other || other->kind != N_NAME)
		return false;
	return field_has_word(w->p, loop_field(w->lp, other->name), e->name);
}

/* What the i-th operand is compared with; a list hands on what it is compared with itself. */
static const struct expr *beside(const struct expr *e, size_t i, const struct expr *other)
{
	if (e->kind == N_CMP)
		return e->arg[1 - i];
	return e->kind == N_LIST ? other : NULL;
}

/* Does the leaf depend on finite fields alone? */
static bool only_finite(const struct ways *w, const struct expr *e, const struct expr *other)
{
	const struct field *f;

	switch (e->kind) {
	case N_NAME:
		f = word_beside(w, e, other) ? NULL : loop_field(w->lp, e->name);
		if (f)
			return values_of(w, f) > 0;
		return !str_eq(e->name, STR("today"));
	case N_PARAM:
		if (!w->p)
			return false;
		break;
	case N_DOT: case N_CALL: case N_AGG:
		return false;
	case N_LIT: case N_LIST: case N_CHAIN: case N_NOT: case N_CMP:
		break;
	}
	for (size_t i = 0; i < e->n; i++)
		if (!only_finite(w, e->arg[i], beside(e, i, other)))
			return false;
	return true;
}

static void add(struct ways *w, struct unknown u)
{
	for (size_t i = 0; i < w->u.n; i++)
		if (w->u.at[i].field == u.field && w->u.at[i].set_only == u.set_only &&
		    str_eq(w->u.at[i].text, u.text))
			return;
	*VEC_PUSH(w->a, &w->u) = u;
}

static void add_fields(struct ways *w, const struct expr *e, const struct expr *other)
{
	const struct field *f =
		e->kind == N_NAME && !word_beside(w, e, other) ? loop_field(w->lp, e->name) : NULL;

	if (f)
		add(w, (struct unknown){ .field = f, .n = values_of(w, f) });
	for (size_t i = 0; i < e->n; i++)
		add_fields(w, e->arg[i], beside(e, i, other));
}

/* is_set(field): the field, or STR_NONE. */
static const struct field *set_of(const struct ways *w, const struct expr *e)
{
	if (e->kind != N_CALL || e->fn != FN_IS_SET || e->arg[0]->kind != N_NAME)
		return NULL;
	return loop_field(w->lp, e->arg[0]->name);
}

static bool boolean(const struct expr *e)
{
	return e->kind == N_NOT || (e->kind == N_CHAIN && (e->op[0] == '|' || e->op[0] == '&'));
}

static void collect(struct ways *w, const struct expr *e)
{
	const struct field *f;

	if (!e)
		return;
	if (boolean(e)) {
		for (size_t i = 0; i < e->n; i++)
			collect(w, e->arg[i]);
		return;
	}
	f = set_of(w, e);
	if (f && values_of(w, f))
		add(w, (struct unknown){ .field = f, .n = values_of(w, f) });
	else if (f)
		add(w, (struct unknown){ .field = f, .set_only = true, .n = 2 });
	else if (only_finite(w, e, NULL))
		add_fields(w, e, NULL);
	else
		add(w, (struct unknown){ .text = e->span, .n = 2 });
}

static bool tried(const struct ways *w, const struct field *f, str text)
{
	for (size_t i = 0; i < w->u.n; i++)
		if (w->u.at[i].field == f && str_eq(w->u.at[i].text, text))
			return w->way[i] != 0;
	assert(0);
	return false;
}

static bool holds(const struct ways *w, const struct expr *e)
{
	struct expr_env env = { .policy = w->p,
				.fields = &w->fields,
				.declared = w->lp->field,
				.declared_n = w->lp->field_n };
	const struct field *f;

	if (!e)
		return true;
	if (e->kind == N_NOT)
		return !holds(w, e->arg[0]);
	if (boolean(e)) {
		for (size_t i = 0; i < e->n; i++)
			if (holds(w, e->arg[i]) == (e->op[0] == '|'))
				return e->op[0] == '|';
		return e->op[0] != '|';
	}
	f = set_of(w, e);
	if (f)
		return tried(w, f, STR_NONE);
	if (!only_finite(w, e, NULL))
		return tried(w, NULL, e->span);
	return expr_true(w->a, e, &env);
}

static void assign(struct ways *w)
{
	w->fields.n = 0;
	for (size_t i = 0; i < w->u.n; i++)
		if (w->u.at[i].field && !w->u.at[i].set_only)
			vmap_set(w->a, &w->fields, w->u.at[i].field->m.id,
				 value_no(w, &w->u.at[i], w->way[i]));
}

static bool next_way(struct ways *w)
{
	for (size_t i = 0; i < w->u.n; i++) {
		if (++w->way[i] < w->u.at[i].n)
			return true;
		w->way[i] = 0;
	}
	return false;
}

bool expr_possible(struct arena *a, const struct policy *p, const struct loop *lp,
		   const struct expr *x, const struct expr *y, bool *ret_sure)
{
	struct ways w = { .a = a, .p = p, .lp = lp };
	size_t count = 1;

	assert(a && lp && ret_sure);
	collect(&w, x);
	collect(&w, y);
	for (size_t i = 0; i < w.u.n && count <= WAYS_MAX; i++)
		count *= w.u.at[i].n;
	*ret_sure = count <= WAYS_MAX;
	if (!*ret_sure)
		return true;
	w.way = NEW_N(a, w.u.n, size_t);
	do {
		assign(&w);
		if (holds(&w, x) && holds(&w, y))
			return true;
	} while (next_way(&w));
	return false;
}
