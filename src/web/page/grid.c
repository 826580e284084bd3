/*
 * grid: places down, roles across, and a linter at the side that says what nobody owns. A cell
 * that is empty and should not be carries the code of its hole, and leads to the form that fills
 * it; where one person is the obvious one, the linter does it in one click.
 */
#include "web/page/org.h"

#include "base/pubid.h"
#include "report/print.h"
#include "web/forms.h"
#include "web/routes.h"
#include "work/orgchange.h"

#include "gen/html_assign.h"
#include "gen/html_grid.h"

#define ROLES KEEPER_ROLES

struct grid { const struct work *w; struct holes holes; const struct form_grid *form; };

/* --- cells --- */

static const struct hole *hole_at(const struct grid *g, place_id place, str role)
{
	for (size_t i = 0; i < g->holes.n; i++) {
		const struct hole *h = &g->holes.at[i];

		if (!h->pending && h->subject.kind == SUB_PLACE && h->subject.id == place.v &&
		    str_eq(h->missing, role))
			return h;
	}
	return NULL;
}

static str sev_word(int severity)
{
	static const char *const sev[] = { "e", "w", "i" };

	return str_of(sev[severity]);
}

static void cell_view(struct op *op, const struct grid *g, place_id place, str role,
	struct html_grid_cell *c)
{
	const struct hole *h = hole_at(g, place, role);
	struct html_who *who = NEW(op->arena, struct html_who);
	str pub = page_id(op, place.v);

	for (size_t i = 0; i < g->w->org->keeper_n && !c->who; i++) {
		const struct ov_keeper *k = &g->w->org->keeper[i];

		if (k->place.v != place.v || !str_eq(k->role, role) ||
		    !valid_at(k->from_ms, k->to_ms, op->now_ms))
			continue;
		*who = page_who(op->arena, k->person, person_name(g->w, k->person));
		c->who = who;
		c->url = page_url(op, "/people/", k->person.v, "");
	}
	if (h) {
		c->who = NULL;
		c->gap_code = h->code;
		c->gap_sev = sev_word(h->severity);
		c->gap_text = who->name.len ? who->name : str_fmt(op->arena, "无%.*s",
			STR_ARG(role_label(role)));
		if (scope_can(op->scope, CAP_ORGANISE))
			c->gap_url = str_fmt(op->arena, "/assign/%.*s/%.*s", STR_ARG(pub),
					     STR_ARG(role));
	} else if (!c->who) {
		c->text = STR("—");
	}
}

static const struct hole *worst_of(const struct grid *g, place_id place)
{
	const struct hole *worst = NULL;

	for (size_t i = 0; i < g->holes.n; i++) {
		const struct hole *h = &g->holes.at[i];

		if (!h->pending && h->subject.kind == SUB_PLACE && h->subject.id == place.v &&
		    (!worst || h->severity < worst->severity))
			worst = h;
	}
	return worst;
}

static void row_view(struct op *op, const struct grid *g, const struct ov_place *p,
	struct html_grid_row *r)
{
	const struct hole *worst = worst_of(g, p->id);
	struct html_tag *risk = NEW(op->arena, struct html_tag);
	struct html_grid_cell *cells = NEW_N(op->arena, ROLES, struct html_grid_cell);

	*r = (struct html_grid_row){
		.url = page_url(op, "/places/", p->id.v, ""), .label = p->name,
		.sev = worst ? sev_word(worst->severity) : STR_NONE, .cells = cells,
		.cells_n = ROLES,
	};
	if (p->risk.len) {
		*risk = risk_tag(p->risk);
		r->risk = risk;
	}
	for (size_t i = 0; i < ROLES; i++)
		cell_view(op, g, p->id, str_of(keeper_roles[i]), &cells[i]);
}

/* --- sections: what stands directly under a place without a parent --- */

static place_id root_of(const struct work *w, const struct ov_place *p)
{
	place_id root = p->id;

	for (int depth = 0; p && p->parent.v && depth < 8; depth++) {
		p = ov_place(w->org, p->parent);
		root = p ? p->id : root;
	}
	return root;
}

static bool shown(struct op *op, const struct grid *g, const struct ov_place *p)
{
	const struct hole *worst = worst_of(g, p->id);
	bool kept = false;

	if (!valid_at(p->from_ms, p->to_ms, op->now_ms))
		return false;
	for (size_t i = 0; i < g->w->org->keeper_n && !kept; i++)
		kept = g->w->org->keeper[i].place.v == p->id.v &&
		       (!g->form->mine || g->w->org->keeper[i].person.v == op->scope->person.v);
	if (g->form->holes)
		return worst != NULL;
	if (g->form->mine)
		return kept;
	if (g->form->risky)
		return str_eq(p->risk, STR("major"));
	return kept || worst || p->parent.v;	/* a building itself is a head, not a row */
}

static void section_view(struct op *op, const struct grid *g, const struct ov_place *root,
			 struct html_grid_section *s)
{
	VEC(struct html_grid_row) rows = { 0 };
	size_t holes = 0;

	for (size_t i = 0; i < g->w->org->place_n; i++) {
		const struct ov_place *p = &g->w->org->place[i];

		if (root_of(g->w, p).v != root->id.v || !shown(op, g, p))
			continue;
		holes += worst_of(g, p->id) != NULL;
		row_view(op, g, p, VEC_PUSH(op->arena, &rows));
	}
	*s = (struct html_grid_section){
		.label = root->name,
		.span = ROLES + 2,
		.rows = rows.at,
		.rows_n = rows.n,
		.whole = !holes,
		.url = page_url(op, "/places/", root->id.v, ""),
		.note = holes ? str_fmt(op->arena, "%zu 区 · %zu 处有缺口", rows.n, holes)
			      : str_fmt(op->arena, "%zu 区 · 无缺口", rows.n),
	};
}

static void fill_sections(struct op *op, const struct grid *g, struct html_grid *v)
{
	struct html_grid_section *s = NEW_N(op->arena, g->w->org->place_n,
		struct html_grid_section);
	size_t rows = 0;

	for (size_t i = 0; i < g->w->org->place_n; i++) {
		const struct ov_place *p = &g->w->org->place[i];

		if (p->parent.v || !valid_at(p->from_ms, p->to_ms, op->now_ms))
			continue;
		section_view(op, g, p, &s[v->sections_n]);
		rows += s[v->sections_n].rows_n;
		v->sections_n += s[v->sections_n].rows_n > 0;
	}
	v->sections = s;
	v->sub = str_fmt(op->arena, "%zu 处区域 · %zu 个错误、%zu 个警告、%zu 个提示", rows, g->holes.errors,
			 g->holes.warnings, g->holes.infos);
}

/* --- head and linter --- */

static void fill_head(struct op *op, const struct grid *g, struct html_grid *v)
{
	struct html_head_cell *heads = NEW_N(op->arena, ROLES, struct html_head_cell);
	struct html_chip_link *f = NEW_N(op->arena, 4, struct html_chip_link);
	bool all = !g->form->holes && !g->form->mine && !g->form->risky;
	const struct print **unit_print;

	for (size_t i = 0; i < ROLES; i++)
		heads[i].label = role_label(str_of(keeper_roles[i]));
	f[0] = (struct html_chip_link){ .url = STR("/grid"), .label = STR("全部"), .current = all };
	f[1] = (struct html_chip_link){ .url = STR("/grid?holes=1"), .label = STR("有缺口"),
					.current = g->form->holes };
	f[2] = (struct html_chip_link){ .url = STR("/grid?risky=1"), .label = STR("重大风险"),
					.current = g->form->risky };
	f[3] = (struct html_chip_link){ .url = STR("/grid?mine=1"), .label = STR("我负责的"),
					.current = g->form->mine };
	v->heads = heads;
	v->heads_n = ROLES;
	v->filters = f;
	v->filters_n = 4;
	v->plaques_url = STR("/plaques");
	v->check_url = STR("/grid");
	if (prints_for(op->arena, g->w->policy, STR("unit"), &unit_print))
		v->statement_url = STR("/print/unit");
}

static void fill_lint(struct req *rq, struct reply *rp, const struct grid *g, struct html_grid *v)
{
	struct op *op = rq->op;
	struct html_tag *c = NEW_N(op->arena, 3, struct html_tag);

	if (g->holes.errors)
		c[v->counts_n++] = (struct html_tag){ .tone = STR("red"),
			.label = str_fmt(op->arena, "%zu 错误", g->holes.errors) };
	if (g->holes.warnings)
		c[v->counts_n++] = (struct html_tag){ .tone = STR("amber"),
			.label = str_fmt(op->arena, "%zu 警告", g->holes.warnings) };
	if (g->holes.infos)
		c[v->counts_n++] = (struct html_tag){ .tone = STR("blue"),
			.label = str_fmt(op->arena, "%zu 提示", g->holes.infos) };
	v->counts = c;
	v->holes = holes_view(rq, rp, g->w, &g->holes, NULL, &v->holes_n);
}

enum err page_grid(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct grid g = { .form = rq->form };
	struct html_grid v = { 0 };

	TRY(work_load(op, op->scope->tenant, &g.w));
	TRY(coverage_of(op, op->now_ms, &g.holes));
	TRY(page_shell(rq, rp, g.w, STR("责任网格"), TAB_NONE, &v.shell));
	fill_head(op, &g, &v);
	fill_sections(op, &g, &v);
	fill_lint(rq, rp, &g, &v);
	html_grid(&rp->body, &v);
	return ERR_OK;
}

/* --- assigning --- */

/* Where somebody comes from who assigns: an administrator sees no grid, but the place. */
static str back_of(struct req *rq)
{
	return scope_can(rq->op->scope, CAP_SEE_UNIT)
		? STR("/grid") : page_url(rq->op, "/places/", rq->id, "");
}

static int compare_load(const void *a, const void *b)
{
	const struct html_candidate *x = a, *y = b;

	return (x->best < y->best) - (x->best > y->best);
}

static void add_candidate(struct op *op, const struct work *w, person_id who, str note, bool best,
			  struct html_assign *v, struct html_candidate *all)
{
	const struct ov_person *p = ov_person(w->org, who);
	struct html_who shown_as;

	if (!p || !valid_at(p->from_ms, p->to_ms, op->now_ms))
		return;
	for (size_t i = 0; i < v->candidates_n; i++)
		if (str_eq(all[i].value, page_id(op, who.v)))
			return;
	shown_as = page_who(op->arena, who, p->name);
	all[v->candidates_n++] = (struct html_candidate){
		.value = page_id(op, who.v), .name = p->name, .mark = shown_as.mark, .best = best,
		.note = note, .minutes = posts_at(op, w, who, op->now_ms),
	};
}

/* Who keeps it in another role, who keeps the neighbours; the re-checker must be another. */
static void fill_candidates(struct op *op, const struct work *w, const struct ov_place *place,
			    str role, struct html_assign *v)
{
	struct html_candidate *all = NEW_N(op->arena, 8, struct html_candidate);

	for (size_t i = 0; i < w->org->keeper_n && v->candidates_n < 8; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];
		const struct ov_place *at = ov_place(w->org, k->place);

		if (!at || !valid_at(k->from_ms, k->to_ms, op->now_ms))
			continue;
		if (k->place.v == place->id.v && !str_eq(k->role, role) && !str_eq(role,
			STR("recheck")))
			add_candidate(op, w, k->person, str_fmt(op->arena, "已是%.*s",
				STR_ARG(role_label(k->role))),
				      true, v, all);
		else if (str_eq(k->role, role) && at->parent.v == place->parent.v &&
			 at->id.v != place->id.v)
			add_candidate(op, w, k->person,
				      str_fmt(op->arena, "负责%.*s", STR_ARG(at->name)), false, v,
				      all);
	}
	if (v->candidates_n)
		qsort(all, v->candidates_n, sizeof(*all), compare_load);
	v->candidates = all;
}

static void fill_people(struct op *op, const struct work *w, struct html_assign *v)
{
	struct html_opt *o = NEW_N(op->arena, w->org->person_n, struct html_opt);

	for (size_t i = 0; i < w->org->person_n; i++) {
		const struct ov_person *p = &w->org->person[i];

		if (valid_at(p->from_ms, p->to_ms, op->now_ms))
			o[v->people_n++] = (struct html_opt){
				.value = page_id(op, p->id.v), .label = p->name,
				.hint = posts_at(op, w, p->id, op->now_ms),
			};
	}
	v->people = o;
}

enum err page_assign(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	str role = rq_param(rq, STR("role")), pub = page_id(op, rq->id);
	struct html_assign v = { .error = rq_fault(rq, STR("person")) };
	const struct work *w;
	const struct ov_place *p;

	TRY(work_load(op, op->scope->tenant, &w));
	p = ov_place(w->org, (place_id){ rq->id });
	if (!p || !policy_keeper_role(w->policy, role))
		return ERR_NOTFOUND;
	TRY(page_shell(rq, rp, w, STR("指派"), TAB_NONE, &v.shell));
	v.shell.back = back_of(rq);
	v.heading = str_fmt(op->arena, "%.*s 的%.*s", STR_ARG(p->name), STR_ARG(role_label(role)));
	v.sub = place_path(op, w, p);
	v.url = str_fmt(op->arena, "/keepers/%.*s/%.*s", STR_ARG(pub), STR_ARG(role));
	v.csrf = v.shell.csrf;
	v.key = page_key(op);
	v.from = date_format(op->arena, page_today(op));
	fill_candidates(op, w, p, role, &v);
	fill_people(op, w, &v);
	html_assign(&rp->body, &v);
	return ERR_OK;
}

struct keeping { struct new_keeper k; keeper_id id; str name, role; };

static enum err run_keeper(struct op *op, void *arg)
{
	struct keeping *k = arg;

	return change_keeper(op, &k->k, &k->id);
}

static enum err finish_keeper(struct req *rq, struct reply *rp, enum err e)
{
	const struct keeping *k = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	page_said(rq, rp, back_of(rq), str_fmt(rq->op->arena, "已指派 %.*s 为%.*s", STR_ARG(k->name),
						STR_ARG(k->role)), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_keeper_post(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_keeper *f = rq->form;
	str role = rq_param(rq, STR("role"));
	struct keeping *k = NEW(op->arena, struct keeping);
	const struct work *w;

	(void)rp;
	TRY(work_load(op, op->scope->tenant, &w));
	if (!ov_place(w->org, (place_id){ rq->id }))
		return ERR_NOTFOUND;
	if (!ov_person(w->org, (person_id){ f->person.id }))
		return INVALID(op, STR("person"), "请选一个人");
	k->k = (struct new_keeper){
		.place = { rq->id }, .person = { f->person.id }, .role = role,
		.to_ms = INSTANT_OPEN,
		.from_ms = f->from == DAY_NONE || f->from == page_today(op) ? op->now_ms
			   : day_start_ms(f->from, page_utc(op)),
	};
	k->name = person_name(w, k->k.person);
	k->role = role_label(role);
	rq_write(rq, run_keeper, k, finish_keeper);
	return ERR_OK;
}
