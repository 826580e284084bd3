/*
 * check_adopt: what only the people of a unit can answer (pack-language §8 A): whether
 * posts that own something have holders, and whether two steps that must be taken by
 * different people have two. Expressions that need a record, a place or a class are
 * judged when the record is there (G200, G330), not here.
 */
#include "rules/pack.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/op.h"
#include "rules/org_view.h"

struct adoption {
	struct op *op;
	const struct policy *p;
	struct who_ctx who;
	struct diags *ds;
};

/* Only posts, bodies and parameters: the answer does not depend on a case. */
static void depends(void *ctx, const char *kind, str name)
{
	bool *on_case = ctx;

	(void)name;
	if (strcmp(kind, "post") && strcmp(kind, "body") && strcmp(kind, "param"))
		*on_case = true;
}

static bool judged_now(const struct who *w)
{
	bool on_case = false;

	if (!w || who_is_anyone(w) || who_needs_record(w))
		return false;
	who_names(w, depends, &on_case);
	return !on_case;
}

static struct who_set present(const struct adoption *ad, const struct who *w)
{
	return who_present(ad->op->arena, w, &ad->who);
}

static void need_somebody(const struct adoption *ad, const struct meta *m, const struct who *w,
			  const struct loop *lp)
{
	struct arena *a = ad->op->arena;

	if (!judged_now(w) || present(ad, w).n)
		return;
	diag_add(a, ad->ds, "A201", policy_pos(ad->p, w, m->pos),
		 "“%.*s”由%.*s负责，现在没有人担任", STR_ARG(m->label),
		 STR_ARG(who_say(a, ad->p, lp, w)));
}

/* Is there somebody for s and another for t? */
static bool two_people(const struct who_set *s, const struct who_set *t)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < t->n; k++)
			if (s->at[i].person.v != t->at[k].person.v)
				return true;
	return false;
}

static void check_apart(const struct adoption *ad, const struct loop *lp, const struct step *s,
			const struct step *t)
{
	struct who_set by, other;
	const struct ov_person *who;

	if (!judged_now(s->by) || !judged_now(t->by))
		return;
	by = present(ad, s->by);
	other = present(ad, t->by);
	if (!by.n || !other.n || two_people(&by, &other))
		return;
	who = ov_person(ad->who.org, by.at[0].person);
	diag_add(ad->op->arena, ad->ds, "A202", policy_pos(ad->p, s->by, s->m.pos),
		 "%.*s的“%.*s”和“%.*s”要由不同的人办，现在只有%.*s一个人", STR_ARG(lp->m.label),
		 STR_ARG(t->m.label), STR_ARG(s->m.label), STR_ARG(who ? who->name : STR("同")));
}

static void check_loop(const struct adoption *ad, const struct loop *lp)
{
	for (size_t i = 0; i < lp->state_n; i++)
		need_somebody(ad, &lp->state[i].m, lp->state[i].owner, lp);
	for (size_t i = 0; i < lp->step_n; i++)
		for (size_t k = 0; k < lp->step_n; k++)
			if (lp->step[i].not_by >> k & 1)
				check_apart(ad, lp, &lp->step[i], &lp->step[k]);
}

void check_adoption(struct op *op, const struct policy *p, const struct org_view *v, int64_t at_ms,
		    struct diags *ds)
{
	struct adoption ad = { .op = op, .p = p, .ds = ds };

	assert(op && p && v && ds);
	ad.who = (struct who_ctx){ .policy = p, .org = v, .at_ms = at_ms, .unit = v->unit };
	for (size_t i = 0; i < p->loop_n; i++)
		check_loop(&ad, &p->loop[i]);
	for (size_t i = 0; i < p->duty_n; i++)
		need_somebody(&ad, &p->duty[i].m, p->duty[i].who, NULL);
}
