/*
 * places: the tree of places, and one of them: who keeps it, what is missing, what has happened
 * here.
 */
#include "web/page/org.h"

#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_place.h"
#include "gen/html_places.h"

#define RECORDS_SHOWN 10
#define DEPTH_MAX 4

static str kind_label(const struct work *w, str kind)
{
	const struct catalogue *c = policy_catalogue(w->policy, STR("place-kinds"));
	const struct entry *e = c ? catalogue_entry(c, kind) : NULL;

	return e && e->m.label.len ? e->m.label : kind;
}

static int depth_of(const struct work *w, const struct ov_place *p)
{
	int depth = 0;

	while (p && p->parent.v && depth < DEPTH_MAX) {
		p = ov_place(w->org, p->parent);
		depth += p != NULL;
	}
	return depth;
}

static person_id keeper_of(const struct op *op, const struct work *w, place_id place, str role)
{
	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (k->place.v == place.v && str_eq(k->role, role) &&
		    valid_at(k->from_ms, k->to_ms, op->now_ms))
			return k->person;
	}
	return (person_id){ 0 };
}

static const struct hole *worst_hole(const struct holes *holes, place_id place)
{
	const struct hole *worst = NULL;

	for (size_t i = 0; i < holes->n; i++) {
		const struct hole *h = &holes->at[i];

		if (!h->pending && h->subject.kind == SUB_PLACE && h->subject.id == place.v &&
		    (!worst || h->severity < worst->severity))
			worst = h;
	}
	return worst;
}

static void row_view(struct op *op, const struct work *w, const struct holes *holes,
		     const struct ov_place *p, struct html_place_row *r)
{
	static const char *const tones[] = { "red", "amber", "blue" };
	const struct hole *h = worst_hole(holes, p->id);
	struct html_tag *tag = NEW_N(op->arena, 2, struct html_tag);

	*r = (struct html_place_row){
		.depth = depth_of(w, p), .url = page_url(op, "/places/", p->id.v, ""),
		.code = p->code, .label = p->name, .kind = kind_label(w, p->kind),
		.owner = person_name(w, keeper_of(op, w, p->id, STR("owner"))),
	};
	if (p->risk.len) {
		tag[0] = risk_tag(p->risk);
		r->risk = &tag[0];
	}
	if (h) {
		tag[1] = (struct html_tag){ .label = h->code, .tone = str_of(tones[h->severity]) };
		r->hole = &tag[1];
	}
}

/* Children after their parent, as deep as they stand. */
static void add_under(struct op *op, const struct work *w, const struct holes *holes,
		      place_id parent, const struct form_places *f, int depth,
		      struct html_places *v, struct html_place_row *rows)
{
	for (size_t i = 0; i < w->org->place_n; i++) {
		const struct ov_place *p = &w->org->place[i];

		if (p->parent.v != parent.v || !valid_at(p->from_ms, p->to_ms, op->now_ms))
			continue;
		if (!f->q.len || str_find(p->name, f->q, 0) >= 0 || str_find(p->code, f->q, 0) >= 0)
			row_view(op, w, holes, p, &rows[v->rows_n++]);
		if (depth < DEPTH_MAX * 2)
			add_under(op, w, holes, p->id, f, depth + 1, v, rows);
	}
}

enum err page_places(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_places *f = rq->form;
	struct html_places v = { .query = f->q, .action = STR("/places") };
	struct html_place_row *rows;
	const struct work *w;
	struct holes holes = { 0 };

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(page_shell(rq, rp, w, STR("区域"), TAB_NONE, &v.shell));
	if (scope_can(op->scope, CAP_SEE_UNIT))
		TRY(coverage_of(op, op->now_ms, &holes));
	rows = NEW_N(op->arena, w->org->place_n, struct html_place_row);
	add_under(op, w, &holes, (place_id){ 0 }, f, 0, &v, rows);
	v.rows = rows;
	v.sub = str_fmt(op->arena, "%zu 处", v.rows_n);
	if (scope_can(op->scope, CAP_ORGANISE)) {
		v.add_url = STR("/places/new");
		v.import_url = STR("/setup/places");
		v.plaques_url = STR("/plaques");
	}
	html_places(&rp->body, &v);
	return ERR_OK;
}

/* --- one place --- */

static void fill_keepers(struct op *op, const struct work *w, place_id place, struct html_place *v)
{
	VEC(struct html_span_row) rows = { 0 };
	bool may = scope_can(op->scope, CAP_ORGANISE);

	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];
		struct html_act *way = NEW(op->arena, struct html_act);
		str pub = page_id(op, place.v);

		if (k->place.v != place.v || !valid_at(k->from_ms, k->to_ms, op->now_ms))
			continue;
		*way = (struct html_act){
			.url = str_fmt(op->arena, "/assign/%.*s/%.*s", STR_ARG(pub),
				       STR_ARG(k->role)),
			.label = STR("换人"), .kind = STR("btn-sm"),
		};
		*VEC_PUSH(op->arena, &rows) = (struct html_span_row){
			.label = person_name(w, k->person), .note = role_label(k->role),
			.url = page_url(op, "/people/", k->person.v, ""),
			.span = span_say(op, k->from_ms, k->to_ms), .way = may ? way : NULL,
		};
	}
	v->keepers = rows.at;
	v->keepers_n = rows.n;
}

static int newer(const void *a, const void *b)
{
	const struct list_row *x = a, *y = b;

	return (x->id.v < y->id.v) - (x->id.v > y->id.v);
}

/* The newest at a place, of all loops that have places: a list is asked loop by loop. */
static enum err records_at(struct op *op, const struct work *w, place_id place,
			   struct list_row **ret, size_t *ret_n)
{
	VEC(struct list_row) all = { 0 };

	for (size_t i = 0; i < w->policy->loop_n; i++) {
		const struct loop *lp = &w->policy->loop[i];
		struct list_query q = { .loop = lp->m.id, .place = place, .from = DAY_NONE,
					.to = DAY_NONE, .limit = RECORDS_SHOWN };
		struct list l;

		if (!loop_field(lp, STR("place")))
			continue;
		TRY(records_list(op, &q, &l));
		for (size_t k = 0; k < l.n; k++)
			*VEC_PUSH(op->arena, &all) = l.at[k];
	}
	if (all.n)
		qsort(all.at, all.n, sizeof(*all.at), newer);
	*ret = all.at;
	*ret_n = all.n < RECORDS_SHOWN ? all.n : RECORDS_SHOWN;
	return ERR_OK;
}

static enum err fill_records(struct op *op, const struct work *w, place_id place,
			     struct html_place *v)
{
	struct html_rec_row *rows;
	struct list_row *at;
	size_t n;

	TRY(records_at(op, w, place, &at, &n));
	rows = NEW_N(op->arena, n, struct html_rec_row);
	for (size_t i = 0; i < n; i++) {
		struct html_task_fact *fact = NEW(op->arena, struct html_task_fact);

		fact->text = at[i].state_label;
		rows[i] = (struct html_rec_row){
			.url = page_url(op, "/records/", at[i].id.v, ""), .number = at[i].number,
			.title = at[i].title, .icon = STR("file-text"), .facts = fact, .facts_n = 1,
			.left = at[i].final ? STR_NONE : say_left(op, at[i].due_ms),
			.left_tone = at[i].late ? STR("red") : STR_NONE, .who = at[i].owner_name,
		};
	}
	v->records = rows;
	v->records_n = n;
	return ERR_OK;
}

static void fill_facts(struct op *op, const struct work *w, const struct ov_place *p,
	struct html_place *v)
{
	struct html_fact *facts = NEW_N(op->arena, 4, struct html_fact);
	const struct ov_unit *unit = ov_unit(w->org, p->unit);

	facts[v->facts_n++] = (struct html_fact){ .label = STR("种类"), .value = kind_label(w,
		p->kind) };
	facts[v->facts_n++] = (struct html_fact){ .label = STR("编号"), .value = p->code };
	if (unit)
		facts[v->facts_n++] = (struct html_fact){ .label = STR("归属"), .value = unit->name };
	facts[v->facts_n++] = (struct html_fact){ .label = STR("启用"),
		.value = span_say(op, p->from_ms, p->to_ms) };
	v->facts = facts;
}

static enum err fill_holes(struct req *rq, struct reply *rp, const struct work *w,
	struct html_place *v)
{
	struct subject about = { .kind = SUB_PLACE, .id = rq->id };
	struct holes holes;

	if (!scope_can(rq->op->scope, CAP_SEE_UNIT))
		return ERR_OK;
	TRY(coverage_of(rq->op, rq->op->now_ms, &holes));
	v->holes = holes_view(rq, rp, w, &holes, &about, &v->holes_n);
	return ERR_OK;
}

enum err page_place(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_place v = { .report_label = STR("在这里报隐患") };
	struct html_tag *tag = NEW(op->arena, struct html_tag);
	const struct work *w;
	const struct ov_place *p;

	TRY(work_load(op, op->scope->tenant, &w));
	p = ov_place(w->org, (place_id){ rq->id });
	if (!p)
		return ERR_NOTFOUND;
	TRY(page_shell(rq, rp, w, p->name, TAB_NONE, &v.shell));
	v.shell.back = STR("/places");
	page_crumbs(rq, &v.shell, (const str[]){ STR("区域"), STR("/places"), p->name, STR_NONE,
		STR_NONE });
	v.label = p->name;
	v.sub = place_path(op, w, p);
	if (p->risk.len) {
		*tag = risk_tag(p->risk);
		tag->label = str_fmt(op->arena, "%.*s风险", STR_ARG(tag->label));
		v.tags = tag;
		v.tags_n = 1;
	}
	if (op->scope->person.v)
		v.report_url = page_url(op, "/report?place=", p->id.v, "");
	v.plaque_url = page_url(op, "/plaques?place=", p->id.v, "");
	if (scope_can(op->scope, CAP_ORGANISE) && p->to_ms == INSTANT_OPEN)
		v.close_url = page_url(op, "/places/", p->id.v, "/close");
	fill_keepers(op, w, p->id, &v);
	fill_facts(op, w, p, &v);
	TRY(fill_holes(rq, rp, w, &v));
	TRY(fill_records(op, w, p->id, &v));
	html_place(&rp->body, &v);
	return ERR_OK;
}
