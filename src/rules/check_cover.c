/* check_cover: requires, rosters and indicators name what exists, and can be judged. */
#include "rules/check_int.h"

#include <string.h>

static void need_post(const struct check *c, str id, struct pos otherwise)
{
	const struct post *p = policy_post(c->p, id);

	if (!str_empty(id) && (!p || !str_eq(p->m.id, id)))
		SAY(c, "B301", at_text(c, id, otherwise), "没有岗位“%.*s”", STR_ARG(id));
}

/* --- requires --- */

static void require_loop(const struct check *c, const struct require *r)
{
	const struct loop *lp = policy_loop(c->p, r->loop);

	if (!lp) {
		SAY(c, "B224", at_text(c, r->loop, r->m.pos), "没有闭环“%.*s”", STR_ARG(r->loop));
		return;
	}
	if (!str_empty(r->state) && loop_state(lp, r->state) < 0)
		SAY(c, "B215", at_text(c, r->state, r->m.pos), "闭环“%.*s”没有状态“%.*s”",
		    STR_ARG(lp->m.id), STR_ARG(r->state));
	check_same(c, lp, r->same, r->same_n, &r->per, 1, r->m.pos);
}

static void require_count(const struct check *c, const struct require *r)
{
	const struct parameter *q =
		str_empty(r->limit_param) ? NULL : policy_parameter(c->p, r->limit_param);

	if (!str_empty(r->limit_param) && !q)
		SAY(c, "B114", at_text(c, r->limit_param, r->m.pos), "没有参数 $%.*s",
		    STR_ARG(r->limit_param));
	else if (q && q->type != F_INT)
		SAY(c, "B124", at_text(c, r->limit_param, r->m.pos),
		    "这里要用整数参数，$%.*s 是 %s", STR_ARG(q->m.id), ftype_word(q->type));
}

static void require_need(const struct check *c, const struct require *r)
{
	switch (r->need) {
	case NEED_RECORD:
	case NEED_ROLES_FILLED:
	case NEED_NO_OPEN:
		require_loop(c, r);
		break;
	case NEED_FULFILLED:
		if (!policy_duty(c->p, r->duty))
			SAY(c, "B411", at_text(c, r->duty, r->m.pos), "没有职责“%.*s”",
			    STR_ARG(r->duty));
		break;
	case NEED_HOLDER:
		for (size_t i = 0; i < r->role_n; i++)
			need_post(c, r->role[i].role, r->m.pos);
		break;
	case NEED_BODY_FILLED:
		for (size_t i = 0; i < r->words.n; i++)
			if (!policy_body(c->p, r->words.at[i]))
				SAY(c, "B302", at_text(c, r->words.at[i], r->m.pos),
				    "没有组织“%.*s”", STR_ARG(r->words.at[i]));
		break;
	case NEED_DISTINCT:
		if (r->words.n < 2)
			SAY(c, "B407", r->m.pos, "distinct 要写两种以上的区域责任");
		break;
	case NEED_MAX_PLACES:
	case NEED_PLACE:
	case NEED_ASSET:
	case NEED_DUTIES:
		require_count(c, r);
		break;
	case NEED_KEEPER:
	case NEED_KEEPER_IN_POST:
		break;
	}
}

static void require_twin(const struct check *c, size_t i)
{
	const struct require *r = &c->p->require[i];

	for (size_t k = 0; k < i; k++)
		if (str_eq(c->p->require[k].m.id, r->m.id) &&
		    c->p->require[k].severity != r->severity) {
			SAY(c, "B414", r->m.pos, "编码 %.*s 已有另一种轻重（%.*s:%u）",
			    STR_ARG(r->m.id), STR_ARG(c->p->require[k].m.pos.file),
			    (unsigned)c->p->require[k].m.pos.line);
			return;
		}
}

static void check_require(const struct check *c, size_t i)
{
	const struct require *r = &c->p->require[i];
	struct scope s = { .per = &r->per, .per_n = 1 };

	if (r->per.kind == SUB_RECORD) {
		s.loop = policy_loop(c->p, r->per.of);
		s.is_subject_record = s.loop != NULL;
	}
	check_per(c, &r->per, r->m.pos);
	check_expr(c, &s, r->where, "flag", r->m.pos);
	check_expr(c, &s, r->m.if_, "flag", r->m.pos);
	require_need(c, r);
	require_twin(c, i);
	check_duration(c, &r->m, r->by);
	need_post(c, r->waive_by, r->m.pos);
}

/* --- rosters --- */

static void roster_fill(const struct check *c, const struct roster *r)
{
	const struct loop *lp = policy_loop(c->p, r->fill_loop);
	const struct field *f = lp ? loop_field(lp, r->fill_rows) : NULL;

	if (str_empty(r->fill_loop))
		return;
	if (!lp)
		SAY(c, "B224", at_text(c, r->fill_loop, r->m.pos), "没有闭环“%.*s”",
		    STR_ARG(r->fill_loop));
	else if (!f || f->type != F_ROWS)
		SAY(c, "B217", at_text(c, r->fill_rows, r->m.pos), "闭环“%.*s”没有表格字段“%.*s”",
		    STR_ARG(lp->m.id), STR_ARG(r->fill_rows));
	if (r->has_fill_ahead)
		check_duration(c, &r->m, r->fill_ahead);
}

static void check_roster(const struct check *c, const struct roster *r)
{
	struct scope s = { .per = &r->per, .per_n = r->has_per };
	const struct parameter *q =
		str_empty(r->when.param) ? NULL : policy_parameter(c->p, r->when.param);

	if (r->has_per)
		check_per(c, &r->per, r->m.pos);
	if (!str_empty(r->when.param) && !q)
		SAY(c, "B114", at_text(c, r->when.param, r->m.pos), "没有参数 $%.*s",
		    STR_ARG(r->when.param));
	else if (q && q->type != F_LIST)
		SAY(c, "B124", at_text(c, r->when.param, r->m.pos), "值班的时段要用列表参数");
	check_expr(c, &s, r->where, "flag", r->m.pos);
	check_expr(c, &s, r->m.if_, "flag", r->m.pos);
	check_expr(c, &s, r->min, "int", r->m.pos);
	for (size_t i = 0; i < r->during_n; i++) {
		check_expr(c, &s, r->during[i].min, "int", r->m.pos);
		if (!policy_period(c->p, r->during[i].period))
			SAY(c, "B312", at_text(c, r->during[i].period, r->m.pos), "没有时期“%.*s”",
			    STR_ARG(r->during[i].period));
	}
	for (size_t i = 0; i < r->from.n; i++)
		need_post(c, r->from.at[i], r->m.pos);
	for (size_t i = 0; i < r->count.n; i++)
		need_post(c, r->count.at[i], r->m.pos);
	for (size_t i = 0; i < r->of_n; i++)
		if (!str_eq(r->of[i].post, STR("leader")))
			need_post(c, r->of[i].post, r->m.pos);
	need_post(c, r->leader, r->m.pos);
	need_post(c, r->presence_by, r->m.pos);
	need_post(c, r->swap_tell, r->m.pos);
	roster_fill(c, r);
	check_triggers(c, r->on, r->on_n, r->m.pos);
}

/* --- indicators --- */

struct formula {
	const struct check *c;
	const struct indicator *ind;
};

/* "hazard.report", "hazard.found": a step or a state of a loop. */
static bool is_counter(const struct policy *p, str name)
{
	str part = name, loop = str_cut(&part, '.');
	const struct loop *lp = policy_loop(p, loop);

	return lp && part.ptr && (loop_step_index(lp, part) >= 0 || loop_state(lp, part) >= 0);
}

static bool is_figure(const struct indicator *ind, str name)
{
	static const char *const duty[] = { "due",    "on_time", "late", "entered_late",
					    "missed", "waived",	 NULL };
	static const char *const ack[] = { "done", "asked", NULL };
	static const char *const covered[] = { "filled", "asked", NULL };
	static const char *const state[] = { "met", "due", "now", NULL };
	const char *const *words = ind->kind == IND_DUTY       ? duty
				   : ind->kind == IND_ACK      ? ack
				   : ind->kind == IND_COVERAGE ? covered
				   : ind->kind == IND_STATE    ? state
							       : NULL;

	for (; words && *words; words++)
		if (str_eq(name, str_of(*words)))
			return true;
	return false;
}

static void formula_name(void *ctx, const struct expr_name *n)
{
	const struct formula *f = ctx;
	struct pos at = policy_pos(f->c->p, f->ind->value, f->ind->m.pos);
	bool counts = f->ind->kind == IND_COUNT || f->ind->kind == IND_SUM;

	at.col += n->at;
	if (n->kind == NAME_PARAM)
		return;
	if (counts ? !is_counter(f->c->p, n->name) : !is_figure(f->ind, n->name))
		SAY(f->c, "B410", at, "没有计数“%.*s”", STR_ARG(n->name));
}

static void ind_each(const struct check *c, const struct indicator *ind, str id)
{
	struct pos at = at_text(c, id, ind->m.pos);

	switch (ind->kind) {
	case IND_RATIO:
		if (!policy_indicator(c->p, id))
			SAY(c, "B410", at, "没有指标“%.*s”", STR_ARG(id));
		break;
	case IND_DUTY:
		if (!policy_duty(c->p, id))
			SAY(c, "B411", at, "没有职责“%.*s”", STR_ARG(id));
		break;
	case IND_STATE:
	case IND_ACK:
		if (!is_counter(c->p, id))
			SAY(c, "B410", at, "没有计数“%.*s”", STR_ARG(id));
		break;
	case IND_COVERAGE:
		if (!policy_require(c->p, id))
			SAY(c, "B412", at, "没有常备要求 %.*s", STR_ARG(id));
		break;
	case IND_COUNT:
	case IND_SUM:
		break;
	}
}

static void check_indicator(const struct check *c, const struct indicator *ind)
{
	struct formula f = { c, ind };

	for (size_t i = 0; i < ind->of.n; i++)
		ind_each(c, ind, ind->of.at[i]);
	if (ind->kind == IND_RATIO && ind->of.n != 2)
		SAY(c, "B410", ind->m.pos, "ratio 要写两个指标，先分子后分母");
	if (ind->value)
		expr_names(ind->value, formula_name, &f);
}

void check_coverage(const struct check *c)
{
	for (size_t i = 0; i < c->p->require_n; i++)
		check_require(c, i);
	for (size_t i = 0; i < c->p->roster_n; i++)
		check_roster(c, &c->p->roster[i]);
	for (size_t i = 0; i < c->p->indicator_n; i++)
		check_indicator(c, &c->p->indicator[i]);
}
