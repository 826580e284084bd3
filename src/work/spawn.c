/*
 * spawn: records that a step brings with it, in the same operation: for each row of a
 * field (or once), where a condition holds, with values carried over; the two link.
 * Nobody's right is asked: the declaration grants it to whoever took the step.
 */
#include "work/submit.h"

#include "gen/q_record.h"

#define SPAWN_ROWS_MAX 200

struct spawn_rows { struct row *at; size_t n, cap; };

static void push_row(struct arena *a, struct spawn_rows *rs, const struct row *outer, const struct row *inner)
{
	size_t n = (outer ? outer->n : 0) + (inner ? inner->n : 0), w = 0;
	str *name = NEW_N(a, n, str);
	struct value *cell = NEW_N(a, n, struct value);
	struct row *r = VEC_PUSH(a, rs);

	for (size_t i = 0; inner && i < inner->n; i++, w++) {	/* the inner one's names win: they come first */
		name[w] = inner->name[i];
		cell[w] = inner->cell[i];
	}
	for (size_t i = 0; outer && i < outer->n; i++, w++) {
		name[w] = outer->name[i];
		cell[w] = outer->cell[i];
	}
	*r = (struct row){ name, cell, n };
}

static void push_value(struct arena *a, struct spawn_rows *rs, str name, const struct value *v)
{
	str *nm = NEW_N(a, 1, str);
	struct value *cell = NEW_N(a, 1, struct value);
	struct row *r = VEC_PUSH(a, rs);

	*nm = name;
	*cell = *v;
	*r = (struct row){ nm, cell, 1 };
}

/* "found" (rows, or a list), "rows.seen" (a table inside each row). */
static void rows_of(struct arena *a, const struct vmap *fields, str path, struct spawn_rows *ret)
{
	str rest = path;
	str field = str_cut(&rest, '.');
	const struct value *v = vmap_get(fields, field);

	if (!v)
		return;
	for (size_t i = 0; v->kind == V_LIST && i < v->list.n; i++)
		push_value(a, ret, field, &v->list.at[i]);
	for (size_t i = 0; v->kind == V_ROWS && i < v->rows.n; i++) {
		const struct value *in = rest.len ? row_get(&v->rows.at[i], rest) : NULL;

		if (!rest.len)
			push_row(a, ret, &v->rows.at[i], NULL);
		for (size_t k = 0; in && in->kind == V_ROWS && k < in->rows.n; k++)
			push_row(a, ret, &v->rows.at[i], &in->rows.at[k]);
	}
	if (v->kind == V_REF)
		push_value(a, ret, field, v);
}

static bool in_form(const struct step *st, str name)
{
	for (size_t i = 0; i < st->form.n; i++)
		if (str_eq(st->form.at[i], name))
			return true;
	return false;
}

/* Names in the form go through the machine (defaults, needs); a link beside the form is written as it is. */
static enum err child_take(struct plan *child, const struct vmap *given)
{
	struct rec *r = &child->r;
	struct op *op = r->op;
	const struct step *st = &r->loop->step[child->step];
	struct machine_ctx c = rec_ctx(r);
	struct vmap asked = { 0 };

	for (size_t i = 0; i < given->n; i++)
		if (in_form(st, given->name[i]))
			vmap_set(op->arena, &asked, given->name[i], given->val[i]);
	machine_take(op->arena, &c, &r->m, child->step, child->who, &asked, &child->out);
	if (child->out.faults)
		return INVALID(op, STR(""), "由此带出的“%.*s”填不全：%.*s", STR_ARG(r->loop->m.label), STR_ARG(child->out.faults->message));
	for (size_t i = 0; i < given->n; i++)
		if (!in_form(st, given->name[i]) && loop_field(r->loop, given->name[i])) {
			vmap_set(op->arena, &child->out.fields, given->name[i], given->val[i]);
			vmap_set(op->arena, &child->out.given, given->name[i], given->val[i]);
		}
	return ERR_OK;
}

static enum err spawn_one(struct plan *p, const struct spawn *sp, const struct row *row)
{
	struct rec *r = &p->r;
	struct op *op = r->op;
	struct plan child = { .who = p->who, .hat = p->hat, .by_clock = p->by_clock, .parent = r->row.id, .parent_link = sp->link,
		.depth = p->depth + 1 };
	struct vmap given = { 0 };
	struct expr_env env = { .policy = r->policy, .params = &r->w->params, .fields = &r->fields, .row = row,
		.calendar = r->w->calendar, .now_ms = op->now_ms, .utc_offset_ms = op->clock->utc_offset_ms, .fact = rec_fact, .fact_ctx = r };
	struct tally_lines none = { 0 };
	struct match_result m;

	TRY(rec_begin(op, r->w, sp->loop, &child.r));
	plan_bind(&child);
	child.r.m.creator = p->who.person;
	child.step = loop_step_index(child.r.loop, sp->step);
	for (size_t i = 0; i < sp->carry_n; i++)
		vmap_set(op->arena, &given, sp->carry[i].to, expr_eval(op->arena, sp->carry[i].value, &env));
	if (sp->link.len)
		vmap_set(op->arena, &given, sp->link, value_ref(REF_RECORD, r->row.id.v));
	TRY(child_take(&child, &given));
	TRY(plan_apply(&child));
	p->spawned[p->spawned_n++] = child.r.row.id;
	return record_follow(&child, &none, NULL, 0, &m);
}

static enum err spawn_each(struct plan *p, const struct spawn *sp)
{
	struct rec *r = &p->r;
	struct spawn_rows rows = { 0 };

	if (!sp->for_each.len)
		return spawn_one(p, sp, NULL);
	rows_of(r->op->arena, &r->fields, sp->for_each, &rows);
	if (rows.n > SPAWN_ROWS_MAX)
		return INVALID(r->op, sp->for_each, "一次最多带出 %d 条", SPAWN_ROWS_MAX);
	for (size_t i = 0; i < rows.n; i++) {
		struct expr_env env = { .policy = r->policy, .params = &r->w->params, .fields = &r->fields, .row = &rows.at[i],
			.calendar = r->w->calendar, .now_ms = r->op->now_ms, .utc_offset_ms = r->op->clock->utc_offset_ms };

		if (expr_true(r->op->arena, sp->where, &env))
			TRY(spawn_one(p, sp, &rows.at[i]));
	}
	return ERR_OK;
}

enum err spawns_write(struct plan *p, const struct step *st)
{
	if (!st->spawn_n)
		return ERR_OK;
	if (p->depth >= FOLLOW_DEPTH_MAX)
		return FAIL(p->r.op, ERR_LIMIT, "记录一环带一环，超过了 %d 层", FOLLOW_DEPTH_MAX);
	p->spawned = NEW_N(p->r.op->arena, st->spawn_n * SPAWN_ROWS_MAX, record_id);
	for (size_t i = 0; i < st->spawn_n; i++)
		TRY(spawn_each(p, &st->spawn[i]));
	return ERR_OK;
}

/* --- upward: who waited for this record --- */

static enum err parent_follow(struct plan *p, int64_t id)
{
	struct q_record_get row;

	if (!id || id == p->r.row.id.v)
		return ERR_OK;
	enum err e = q_record_get(p->r.op, p->r.tenant, (record_id){ id }, &row);
	if (e == ERR_NOTFOUND || (!e && (row.final || row.is_void)))
		return ERR_OK;
	TRY(e);
	return clock_take(p->r.op, p->r.w, (record_id){ id }, p->depth + 1, &p->org_changed);
}

enum err parents_follow(struct plan *p)
{
	struct rec *r = &p->r;

	if (p->depth >= FOLLOW_DEPTH_MAX)
		return ERR_OK;
	TRY(parent_follow(p, r->row.parent_id.v));
	for (size_t i = 0; i < r->loop->field_n; i++) {
		const struct field *f = &r->loop->field[i];
		const struct value *v = f->type == F_RECORD ? vmap_get(&r->fields, f->m.id) : NULL;

		if (v && v->kind == V_REF && v->id != r->row.parent_id.v)
			TRY(parent_follow(p, v->id));
	}
	return ERR_OK;
}
