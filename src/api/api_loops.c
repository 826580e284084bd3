/* api_loops: the declared loops of the policy in force: fields, states, steps. */
#include "api/api_int.h"

static void meta(struct jw *w, const struct meta *m)
{
	jw_kv(w, "id", m->id);
	jw_text(w, "label", m->label);
	jw_text(w, "help", m->help);
	jw_strs(w, "clauses", &m->clauses);
}

static void fields(struct jw *w, const struct policy *p, const struct loop *lp)
{
	jw_key(w, "fields");
	jw_arr(w);
	for (size_t i = 0; i < lp->field_n; i++) {
		jw_obj(w);
		jw_field_kind(w, p, &lp->field[i]);
		jw_strs(w, "clauses", &lp->field[i].m.clauses);
		jw_end(w);
	}
	jw_end(w);
}

static void states(struct jw *w, const struct loop *lp)
{
	jw_key(w, "states");
	jw_arr(w);
	for (size_t i = 0; i < lp->state_n; i++) {
		const struct state *s = &lp->state[i];

		jw_obj(w);
		meta(w, &s->m);
		jw_text(w, "owner", s->owner_text);
		jw_kv_int(w, "ring", s->ring);
		jw_kv_bool(w, "final", s->final);
		jw_end(w);
	}
	jw_end(w);
}

static void from(struct jw *w, const struct loop *lp, const struct step *s)
{
	jw_key(w, "from");
	jw_arr(w);
	if (s->from_start)
		jw_str(w, STR("start"));
	for (size_t i = 0; i < lp->state_n; i++)
		if (s->from_any || (s->from >> i & 1))
			jw_str(w, lp->state[i].m.id);
	jw_end(w);
}

static void needs(struct jw *w, const struct step *s)
{
	jw_key(w, "need");
	jw_arr(w);
	for (size_t i = 0; i < s->need_n; i++)
		for (size_t k = 0; !s->need[i].when && k < s->need[i].fields.n; k++)
			jw_str(w, s->need[i].fields.at[k]);
	jw_end(w);
}

static void steps(struct jw *w, const struct loop *lp)
{
	jw_key(w, "steps");
	jw_arr(w);
	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *s = &lp->step[i];

		jw_obj(w);
		meta(w, &s->m);
		from(w, lp, s);
		jw_kv(w, "to", s->to < 0 ? STR("same") : lp->state[s->to].m.id);
		jw_text(w, "by", s->by_clock ? STR("clock") : s->by_text);
		jw_text(w, "when", s->when_text);
		jw_strs(w, "form", &s->form);
		jw_strs(w, "quick", &s->quick);
		needs(w, s);
		if (s->sign)
			jw_kv_bool(w, "sign", true);
		if (s->batch)
			jw_kv_bool(w, "batch", true);
		jw_end(w);
	}
	jw_end(w);
}

enum err api_loop(struct req *rq, struct reply *rp)
{
	const struct work *work;
	const struct loop *lp;
	struct jw w;

	TRY(work_load(rq->op, rq->op->scope->tenant, &work));
	lp = policy_loop(work->policy, rq_param(rq, STR("loop")));
	if (!lp)
		return ERR_NOTFOUND;
	api_begin(rq, rp, &w);
	meta(&w, &lp->m);
	jw_text(&w, "number", lp->number);
	jw_kv_bool(&w, "sealed", lp->sealed);
	fields(&w, work->policy, lp);
	states(&w, lp);
	steps(&w, lp);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* What the person may start from here. */
static void starts(struct jw *w, const struct loop *lp, const struct start *s, size_t n)
{
	jw_key(w, "starts");
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		if (str_eq(s[i].loop->m.id, lp->m.id))
			jw_str(w, s[i].step->m.id);
	jw_end(w);
}

enum err api_loops(struct req *rq, struct reply *rp)
{
	const struct work *work;
	struct start *s;
	size_t n;
	struct jw w;

	TRY(work_load(rq->op, rq->op->scope->tenant, &work));
	TRY(starts_of(rq->op, &s, &n));
	api_begin(rq, rp, &w);
	jw_key(&w, "loops");
	jw_arr(&w);
	for (size_t i = 0; i < work->policy->loop_n; i++) {
		const struct loop *lp = &work->policy->loop[i];

		jw_obj(&w);
		meta(&w, &lp->m);
		jw_text(&w, "number", lp->number);
		jw_kv(&w, "pack", lp->m.pack);
		starts(&w, lp, s, n);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}
