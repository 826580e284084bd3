/*
 * gate: the page of who watches a gate: large tiles to begin what the guard begins, and what is
 * open of it, each with its next step as one press. Which loops belong here follows from the
 * packs: those that a post with the gate's page may begin.
 */
#include "web/page/step.h"

#include "base/utf8.h"
#include "web/page/org.h"
#include "web/routes.h"

#include "gen/html_gate.h"

#define TILES 6
#define OPEN_ROWS 20
#define GROUPS 8

struct gate {
	const struct work *w;
	struct start *start;
	size_t start_n;
	VEC(const struct loop *) loop;
};

/*
 * Is the step for a post that has this page, by name? What anybody may begin is not the gate's
 * own.
 */
static bool for_gate(const struct policy *p, const struct step *step)
{
	for (size_t i = 0; i < p->post_n; i++) {
		bool gate = false;

		for (size_t k = 0; k < p->post[i].can.n; k++)
			gate |= str_eq(p->post[i].can.at[k], STR("gate"));
		if (gate && str_find(step->by_text, p->post[i].m.id, 0) >= 0)
			return true;
	}
	return false;
}

static void fill_tiles(struct op *op, struct gate *g, struct html_gate *v)
{
	struct html_gate_tile *t = NEW_N(op->arena, TILES, struct html_gate_tile);

	for (size_t i = 0; i < g->start_n && v->tiles_n < TILES; i++) {
		const struct start *s = &g->start[i];
		bool known = false;

		if (!for_gate(g->w->policy, s->step))
			continue;
		for (size_t k = 0; k < g->loop.n; k++)
			known |= g->loop.at[k] == s->loop;
		if (!known)
			*VEC_PUSH(op->arena, &g->loop) = s->loop;
		t[v->tiles_n] = (struct html_gate_tile){
			.url = str_fmt(op->arena, "/start/%.*s/%.*s", STR_ARG(s->loop->m.id),
				       STR_ARG(s->step->m.id)),
			.icon = v->tiles_n ? STR("clipboard-list") : STR("user-plus"),
			.note = s->loop->m.label, .label = s->step->m.label,
			.kind = v->tiles_n ? STR_NONE : STR("tile-p"),
		};
		v->tiles_n++;
	}
	v->tiles = t;
}

static bool asks_nothing(const struct next_step *n)
{
	for (size_t i = 0; i < n->form_n; i++)
		if (n->form[i].need && n->form[i].preset.kind == V_NONE)
			return false;
	return !n->step->sign && n->verdict == MAY;
}

/* The one line that a step needs, when it needs one and no more, and the matter goes on from it. */
static const struct form_field *one_line(const struct record_view *v, const struct next_step *n)
{
	const struct form_field *one = NULL;

	if (n->step->sign || n->verdict != MAY || n->step->to < 0 ||
	    v->loop->state[n->step->to].final)
		return NULL;
	for (size_t i = 0; i < n->form_n; i++) {
		if (!n->form[i].need || n->form[i].preset.kind != V_NONE)
			continue;
		if (one || n->form[i].field->type != F_TEXT)
			return NULL;
		one = &n->form[i];
	}
	return one;
}

static void ask_view(struct req *rq, struct reply *rp, const struct record_view *v,
		     const struct next_step *n, const struct form_field *f, struct html_gate_row *h)
{
	struct op *op = rq->op;
	struct html_gate_ask *ask = NEW(op->arena, struct html_gate_ask);

	*ask = (struct html_gate_ask){
		.url = page_url(op, "/records/", v->id.v, "/steps"), .csrf = rq_csrf(rq, rp),
		.key = page_key(op), .version = str_fmt(op->arena, "%lld", (long long)v->version),
		.step = n->step->m.id, .label = f->field->m.label, .button = n->step->m.label,
		.name = str_fmt(op->arena, "f.%.*s", STR_ARG(f->field->m.id)) };
	h->ask = ask;
}

/* Two who bring goods are told apart by whom they come to. */
static str to_whom(const struct work *w, const struct record_view *v)
{
	for (size_t i = 0; i < v->loop->field_n; i++) {
		const struct field *f = &v->loop->field[i];
		const struct value *at = vmap_get(&v->fields, f->m.id);

		if (f->type == F_PERSON && at && at->kind == V_REF)
			return person_name(w, (person_id){ at->id });
	}
	return STR_NONE;
}

/* The first step that asks nothing is a press; the usual one, when it asks one line, a line. */
static enum err row_view(struct req *rq, struct reply *rp, const struct work *w,
			 const struct list_row *r, struct html_gate_row *h)
{
	struct op *op = rq->op;
	struct record_view v;
	struct html_post_act *act = NEW(op->arena, struct html_post_act);
	struct html_task_fact *facts = NEW_N(op->arena, 2, struct html_task_fact);
	const struct form_field *one;

	TRY(record_view(op, r->id, &v));
	*h = (struct html_gate_row){
		.url = page_url(op, "/records/", r->id.v, "#next"), .facts = facts,
		.name = r->title.len ? r->title : r->number,
		.mark = utf8_cut(r->title.len ? r->title : r->number, 2),
	};
	facts[h->facts_n++].text = say_moment(op, r->created_ms);
	facts[h->facts_n++] = (struct html_task_fact){ .text = say_left(op, r->due_ms),
						       .tone = r->late ? STR("red") : STR_NONE };
	h->from = to_whom(w, &v);
	one = v.next_n ? one_line(&v, &v.next[0]) : NULL;
	if (one && !asks_nothing(&v.next[0]))
		ask_view(rq, rp, &v, &v.next[0], one, h);
	for (size_t i = 0; i < v.next_n; i++) {
		if (!asks_nothing(&v.next[i]))
			continue;
		*act = (struct html_post_act){
			.url = page_url(op, "/records/", r->id.v, "/steps"),
			.csrf = rq_csrf(rq, rp), .key = page_key(op), .name = STR("step"),
			.value = v.next[i].step->m.id,
			.version = str_fmt(op->arena, "%lld", (long long)v.version),
			.back = STR("/gate"), .label = v.next[i].step->m.label,
			.kind = STR("btn-lg"),
		};
		h->leave = act;
		break;
	}
	return ERR_OK;
}

static enum err fill_state(struct req *rq, struct reply *rp, const struct work *w,
			   const struct loop *lp, const struct state *st,
			   const struct list *l, struct html_gate_group *g)
{
	struct html_gate_row *rows = NEW_N(rq->op->arena, l->n, struct html_gate_row);

	*g = (struct html_gate_group){
		.place = STR("g-vis"), .rows = rows,
		.title = str_fmt(rq->op->arena, "%.*s · %.*s", STR_ARG(lp->m.label),
				 STR_ARG(st->m.label)),
		.foot_url = str_fmt(rq->op->arena, "/loops/%.*s", STR_ARG(lp->m.id)),
		.foot = lp->m.label,
	};
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->at[i].state, st->m.id))
			TRY(row_view(rq, rp, w, &l->at[i], &rows[g->rows_n++]));
	g->count = str_fmt(rq->op->arena, "%zu", g->rows_n);
	return ERR_OK;
}

/* Who waits stands at the right, and first on a phone: the first state of a loop. */
static enum err fill_groups(struct req *rq, struct reply *rp, const struct gate *gate,
	struct html_gate *v)
{
	struct html_gate_group *left = NEW_N(rq->op->arena, GROUPS, struct html_gate_group);
	struct html_gate_group *right = NEW_N(rq->op->arena, GROUPS, struct html_gate_group);

	for (size_t k = 0; k < gate->loop.n; k++) {
		const struct loop *lp = gate->loop.at[k];
		struct list_query q = { .loop = lp->m.id, .state = STR("open"), .from = DAY_NONE,
					.to = DAY_NONE, .limit = OPEN_ROWS };
		struct list l;

		TRY(records_list(rq->op, &q, &l));
		for (size_t i = 0; i < lp->state_n; i++) {
			struct html_gate_group g;

			if (lp->state[i].final)
				continue;
			TRY(fill_state(rq, rp, gate->w, lp, &lp->state[i], &l, &g));
			if (!g.rows_n)
				continue;
			if (i == 0 && v->right_n < GROUPS) {
				g.place = STR("g-wait");
				right[v->right_n++] = g;
			} else if (v->left_n < GROUPS) {
				left[v->left_n++] = g;
			}
		}
	}
	v->left = left;
	v->right = right;
	return ERR_OK;
}

enum err page_gate(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct gate g = { 0 };
	struct html_gate v = { .back_url = STR("/tasks") };
	struct html_shell shell;
	int minute = instant_minute(op->now_ms, page_utc(op));

	TRY(work_load(op, op->scope->tenant, &g.w));
	TRY(page_shell(rq, rp, g.w, STR("门卫台"), TAB_NONE, &shell));
	v.bare = (struct html_bare){ .title = shell.title, .theme = shell.theme, .size = shell.size,
				     .who = shell.who };
	v.toast = shell.toast;
	v.place = STR("门卫台");
	v.unit = shell.unit;
	v.shift = shell.person;
	v.clock = str_fmt(op->arena, "%02d:%02d", minute / 60, minute % 60);
	v.demo_clock = page_site(rq)->demo ? STR("1") : STR_NONE;
	TRY(starts_of(op, &g.start, &g.start_n));
	fill_tiles(op, &g, &v);
	TRY(fill_groups(rq, rp, &g, &v));
	html_gate(&rp->body, &v);
	return ERR_OK;
}
