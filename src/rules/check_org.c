/*
 * check_org: what packs say about the organisation holds together: posts lead
 * somewhere and in no circle, bodies and catalogues name what exists, parameters hold
 * what their type promises, a node or period names its loop.
 */
#include "rules/check_int.h"

static bool post_exact(const struct policy *p, str id)
{
	const struct post *post = policy_post(p, id);

	return post && str_eq(post->m.id, id);
}

static void need_post(const struct check *c, str id, struct pos otherwise)
{
	if (!str_empty(id) && !post_exact(c->p, id))
		SAY(c, "B301", at_text(c, id, otherwise), "没有岗位“%.*s”", STR_ARG(id));
}

static void need_posts(const struct check *c, const struct strs *ids, struct pos otherwise)
{
	for (size_t i = 0; i < ids->n; i++)
		need_post(c, ids->at[i], otherwise);
}

/* Everything that a post leads to over includes and is; each post is walked once. */
static void walk_posts(const struct policy *p, const struct post *from, bool *seen)
{
	const struct strs *ways[] = { &from->includes, &from->is };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < ways[k]->n; i++) {
			const struct post *to = policy_post(p, ways[k]->at[i]);

			if (to && !seen[to - p->post]) {
				seen[to - p->post] = true;
				walk_posts(p, to, seen);
			}
		}
}

static bool leads_to_itself(const struct check *c, const struct post *post)
{
	bool *seen = NEW_N(c->a, c->p->post_n, bool);

	walk_posts(c->p, post, seen);
	return seen[post - c->p->post];
}

static void check_post(const struct check *c, const struct post *post)
{
	bool dept = str_empty(post->of);

	for (size_t i = 0; i < c->p->post_n && !dept; i++)
		dept = c->p->post[i].head && str_eq(c->p->post[i].of, post->of);
	if (!dept)
		SAY(c, "B301", at_text(c, post->of, post->m.pos),
		    "没有岗位是处室“%.*s”的负责人（head: true）", STR_ARG(post->of));
	need_post(c, post->stand_in, post->m.pos);
	need_posts(c, &post->includes, post->m.pos);
	need_posts(c, &post->is, post->m.pos);
	if (leads_to_itself(c, post))
		SAY(c, "B306", post->m.pos, "岗位“%.*s”绕一圈又包含自己", STR_ARG(post->m.id));
	if (str_eq(post->stand_in, post->m.id))
		SAY(c, "B306", post->m.pos, "岗位“%.*s”不能由自己代办", STR_ARG(post->m.id));
}

static void check_body(const struct check *c, const struct body *b)
{
	if (!str_empty(b->per) && !str_eq(b->per, STR("unit")) && !policy_unit_kind(c->p, b->per))
		SAY(c, "B309", at_text(c, b->per, b->m.pos), "没有单位类别“%.*s”", STR_ARG(b->per));
	need_post(c, b->leader, b->m.pos);
	need_posts(c, &b->deputies, b->m.pos);
	need_post(c, b->host, b->m.pos);
	for (size_t i = 0; i < b->member_n; i++)
		need_post(c, b->member[i].post, b->m.pos);
}

static void check_kinds(const struct check *c)
{
	const struct policy *p = c->p;

	for (size_t i = 0; i < p->unit_kind_n; i++) {
		const struct unit_kind *k = &p->unit_kind[i];

		if (!str_eq(k->tenant, STR("self")) && !policy_unit_kind(p, k->tenant))
			SAY(c, "B309", at_text(c, k->tenant, k->m.pos), "没有单位类别“%.*s”",
			    STR_ARG(k->tenant));
	}
	for (size_t i = 0; i < p->unit_link_n; i++)
		for (size_t n = 0; n < p->unit_link[i].from.n; n++) {
			const struct unit_link *k = &p->unit_link[i];
			str bad = !policy_unit_kind(p, k->from.at[n]) ? k->from.at[n] : k->to.at[n];

			if (!policy_unit_kind(p, bad))
				SAY(c, "B309", at_text(c, bad, k->m.pos), "没有单位类别“%.*s”",
				    STR_ARG(bad));
		}
	for (size_t i = 0; i < p->pack_n; i++)
		if (p->unit_kind_n && !str_empty(p->pack[i].level) &&
		    !policy_unit_kind(p, p->pack[i].level))
			SAY(c, "B309",
			    at_text(c, p->pack[i].level, (struct pos){ p->pack[i].id, 1, 1 }),
			    "没有单位类别“%.*s”", STR_ARG(p->pack[i].level));
}

static void need_catalogue(const struct check *c, str id, struct pos otherwise)
{
	if (!str_empty(id) && !policy_catalogue(c->p, id))
		SAY(c, "B122", at_text(c, id, otherwise), "没有目录“%.*s”", STR_ARG(id));
}

/* A list over a catalogue holds entries of it. */
static void check_entries(const struct check *c, const struct parameter *q)
{
	const struct catalogue *cat =
		str_empty(q->of_catalogue) ? NULL : policy_catalogue(c->p, q->of_catalogue);

	for (size_t i = 0; cat && q->dflt.kind == V_LIST && i < q->dflt.list.n; i++) {
		const struct value *v = &q->dflt.list.at[i];

		if (v->kind == V_TEXT && !catalogue_entry(cat, v->text))
			SAY(c, "B122", at_text(c, v->text, q->m.pos), "目录“%.*s”没有条目“%.*s”",
			    STR_ARG(cat->m.id), STR_ARG(v->text));
	}
}

static void check_parameter(const struct check *c, const struct parameter *q)
{
	struct scope none = { 0 };

	need_catalogue(c, q->of_catalogue, q->m.pos);
	if (str_starts(q->from, STR("catalogue:")))
		need_catalogue(c, str_slice(q->from, 10, q->from.len), q->m.pos);
	check_entries(c, q);
	need_post(c, q->change, q->m.pos);
	check_who(c, &none, q->who, q->m.pos);
	for (size_t i = 0; i < q->table_n; i++)
		check_who(c, &none, q->table[i].who, q->m.pos);
}

static void check_catalogue(const struct check *c, const struct catalogue *cat)
{
	for (size_t i = 0; i < cat->column_n; i++)
		need_catalogue(c, cat->column[i].of_catalogue, cat->column[i].m.pos);
	for (size_t i = 0; i < cat->entry_n; i++) {
		const struct window_spec *w = cat->entry[i].window;

		if (w && !str_empty(w->node) && !policy_node(c->p, w->node))
			SAY(c, "B312", at_text(c, w->node, cat->entry[i].m.pos), "没有节点“%.*s”",
			    STR_ARG(w->node));
		if (w && !str_empty(w->period) && !policy_period(c->p, w->period))
			SAY(c, "B312", at_text(c, w->period, cat->entry[i].m.pos), "没有时期“%.*s”",
			    STR_ARG(w->period));
	}
}

static void check_period(const struct check *c, const struct period_spec *q)
{
	const struct loop *lp =
		str_empty(q->record_loop) ? NULL : policy_loop(c->p, q->record_loop);
	struct scope s = { .loop = lp };

	need_post(c, q->set_by, q->m.pos);
	if (str_empty(q->record_loop))
		return;
	if (!lp)
		SAY(c, "B224", at_text(c, q->record_loop, q->m.pos), "没有闭环“%.*s”",
		    STR_ARG(q->record_loop));
	else if (loop_state(lp, q->record_state) < 0)
		SAY(c, "B215", at_text(c, q->record_state, q->m.pos), "闭环“%.*s”没有状态“%.*s”",
		    STR_ARG(lp->m.id), STR_ARG(q->record_state));
	else
		check_expr(c, &s, q->record_where, "flag", q->m.pos);
}

void check_org(const struct check *c)
{
	const struct policy *p = c->p;

	check_kinds(c);
	for (size_t i = 0; i < p->post_n; i++)
		check_post(c, &p->post[i]);
	for (size_t i = 0; i < p->body_n; i++)
		check_body(c, &p->body[i]);
	for (size_t i = 0; i < p->parameter_n; i++)
		check_parameter(c, &p->parameter[i]);
	for (size_t i = 0; i < p->catalogue_n; i++)
		check_catalogue(c, &p->catalogue[i]);
	for (size_t i = 0; i < p->node_n; i++)
		need_post(c, p->node[i].set_by, p->node[i].m.pos);
	for (size_t i = 0; i < p->period_n; i++)
		check_period(c, &p->period[i]);
}
