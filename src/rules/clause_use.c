/*
 * clause_use: which constructs implement which clause, by walking every construct of a
 * policy; and the proof that each clause is either implemented or explained (B401, B402).
 * The names of constructs given here are those that pack_options.remove takes.
 */
#include "rules/check_int.h"

/* Called for every construct that may carry clauses, with its name "duty:hazard-sweep". */
typedef void (*each_construct)(void *ctx, str name, const struct meta *m);

struct visit {
	struct arena *a;
	each_construct each;
	void *ctx;
};

static void give(const struct visit *v, const char *kind, str id, const struct meta *m)
{
	if (m->clauses.n)
		v->each(v->ctx, str_fmt(v->a, "%s:%.*s", kind, STR_ARG(id)), m);
}

static void give_part(const struct visit *v, const char *kind, str owner, const struct meta *m)
{
	if (m->clauses.n)
		v->each(v->ctx, str_fmt(v->a, "%s:%.*s.%.*s", kind, STR_ARG(owner), STR_ARG(m->id)),
			m);
}

static void visit_loop(const struct visit *v, const struct loop *lp)
{
	give(v, "loop", lp->m.id, &lp->m);
	for (size_t i = 0; i < lp->field_n; i++)
		give_part(v, "field", lp->m.id, &lp->field[i].m);
	for (size_t i = 0; i < lp->state_n; i++)
		give_part(v, "state", lp->m.id, &lp->state[i].m);
	for (size_t i = 0; i < lp->step_n; i++)
		give_part(v, "step", lp->m.id, &lp->step[i].m);
}

static void visit_catalogue(const struct visit *v, const struct catalogue *c)
{
	give(v, "catalogue", c->m.id, &c->m);
	for (size_t i = 0; i < c->entry_n; i++)
		give_part(v, "catalogue-entry", c->m.id, &c->entry[i].m);
}

static void visit_require(const struct visit *v, const struct require *r)
{
	give(v, "require", str_fmt(v->a, "%.*s#%d", STR_ARG(r->m.id), (int)r->no), &r->m);
}

#define VISIT_ALL(v, p, name, kind)                                                                \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < (p)->name##_n; i_++)                                      \
			give((v), (kind), (p)->name[i_].m.id, &(p)->name[i_].m);                   \
	} while (0)

static void visit_policy(const struct visit *v, const struct policy *p)
{
	VISIT_ALL(v, p, unit_kind, "kind");
	VISIT_ALL(v, p, post, "post");
	VISIT_ALL(v, p, body, "body");
	VISIT_ALL(v, p, parameter, "parameter");
	for (size_t i = 0; i < p->catalogue_n; i++)
		visit_catalogue(v, &p->catalogue[i]);
	VISIT_ALL(v, p, node, "node");
	VISIT_ALL(v, p, period, "period");
	for (size_t i = 0; i < p->loop_n; i++)
		visit_loop(v, &p->loop[i]);
	VISIT_ALL(v, p, duty, "duty");
	for (size_t i = 0; i < p->require_n; i++)
		visit_require(v, &p->require[i]);
	VISIT_ALL(v, p, roster, "roster");
	VISIT_ALL(v, p, indicator, "indicator");
	VISIT_ALL(v, p, print, "print");
}

/* --- uses --- */

struct uses {
	struct arena *a;
	struct clause_use *at;
	struct strs *list;
	size_t n;
};

static void add_use(void *ctx, str name, const struct meta *m)
{
	struct uses *u = ctx;

	for (size_t i = 0; i < m->clauses.n; i++)
		for (size_t k = 0; k < u->n; k++)
			if (str_eq(u->at[k].id, m->clauses.at[i])) {
				str *at = NEW_N(u->a, u->list[k].n + 1, str);

				for (size_t j = 0; j < u->list[k].n; j++)
					at[j] = u->list[k].at[j];
				at[u->list[k].n] = name;
				u->list[k] = (struct strs){ at, u->list[k].n + 1 };
			}
}

void policy_clause_uses(struct arena *a, const struct policy *p, struct clause_use **ret_uses,
			size_t *ret_n)
{
	struct uses u = { .a = a, .n = p->clause_n };
	struct visit v = { a, add_use, &u };

	u.at = NEW_N(a, p->clause_n, struct clause_use);
	u.list = NEW_N(a, p->clause_n, struct strs);
	for (size_t i = 0; i < p->clause_n; i++) {
		const struct clause *c = &p->clause[i];

		u.at[i] = (struct clause_use){
			.clause = c, .id = c->m.id, .kind = c->kind, .title = c->title
		};
	}
	visit_policy(&v, p);
	for (size_t i = 0; i < u.n; i++) {
		u.at[i].construct = u.list[i].at;
		u.at[i].construct_n = u.list[i].n;
	}
	*ret_uses = u.at;
	*ret_n = u.n;
}

/* --- proofs --- */

/* The document of a clause: "S1" of S1-3.3.4e. */
static str document(str clause)
{
	str rest = clause;

	return str_cut(&rest, '-');
}

/* A clause of a document that no pack here declares may stand: it counts when that document is
 * adopted. */
static bool document_loaded(const struct policy *p, str clause)
{
	str doc = document(clause);

	for (size_t i = 0; i < p->clause_n; i++)
		if (str_eq(document(p->clause[i].m.id), doc))
			return true;
	return false;
}

static void known_clauses(void *ctx, str name, const struct meta *m)
{
	const struct check *c = ctx;

	for (size_t i = 0; i < m->clauses.n; i++) {
		str id = m->clauses.at[i];

		if (str_eq(id, STR("entry.clause")) || policy_clause(c->p, id) ||
		    !document_loaded(c->p, id))
			continue;
		SAY(c, "B402", at_text(c, id, m->pos), "没有条款 %.*s（写在 %.*s）", STR_ARG(id),
		    STR_ARG(name));
	}
}

void check_clauses(const struct check *c)
{
	struct visit v = { c->a, known_clauses, (void *)c };
	struct clause_use *use;
	size_t n;

	visit_policy(&v, c->p);
	policy_clause_uses(c->a, c->p, &use, &n);
	for (size_t i = 0; i < n; i++) {
		bool why = !str_empty(use[i].clause->why);

		if (!why && !use[i].construct_n)
			SAY(c, "B401", use[i].clause->m.pos,
			    "条款 %.*s“%.*s”没有构件实现，也没有说明为何没有（why）",
			    STR_ARG(use[i].id), STR_ARG(use[i].title));
		else if (why && use[i].construct_n)
			SAY(c, "B401", use[i].clause->m.pos,
			    "条款 %.*s“%.*s”说没有实现（why: %.*s），可是 %.*s 写着实现它",
			    STR_ARG(use[i].id), STR_ARG(use[i].title), STR_ARG(use[i].clause->why),
			    STR_ARG(use[i].construct[0]));
	}
}
