/*
 * spawn: records that a step brings with it, in the same operation: for each row of a
 * field (or once), where a condition holds, with values carried over; the two link.
 * Nobody's right is asked: the declaration grants it to whoever took the step.
 */
#include "work/submit.h"

#include "gen/q_record.h"

#define SPAWN_ROWS_MAX 200

static bool in_form(const struct step *st, str name)
{
	for (size_t i = 0; i < st->form.n; i++)
		if (str_eq(st->form.at[i], name))
			return true;
	return false;
}

/*
 * Names in the form go through the machine (defaults, needs); a link beside the form is written
 * as it is.
 */
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
		return INVALID(op, STR(""), "由此带出的“%.*s”填不全：%.*s", STR_ARG(r->loop->m.label),
				STR_ARG(child->out.faults->message));
	for (size_t i = 0; i < given->n; i++)
		if (!in_form(st, given->name[i]) && loop_field(r->loop, given->name[i])) {
			vmap_set(op->arena, &child->out.fields, given->name[i], given->val[i]);
			vmap_set(op->arena, &child->out.given, given->name[i], given->val[i]);
		}
	return ERR_OK;
}

static enum err spawn_one(struct plan *p, const struct spawned *sp)
{
	struct rec *r = &p->r;
	struct op *op = r->op;
	struct plan child = { .who = p->who, .hat = p->hat, .by_clock = p->by_clock,
		.parent = r->row.id, .parent_link = sp->spawn->link, .depth = p->depth + 1 };
	struct vmap given = vmap_copy(op->arena, &sp->given);
	struct tally_lines none = { 0 };
	struct match_result m;

	TRY(rec_begin(op, r->w, sp->spawn->loop, &child.r));
	plan_bind(&child);
	child.r.m.creator = p->who.person;
	child.step = loop_step_index(child.r.loop, sp->spawn->step);
	if (sp->spawn->link.len)
		vmap_set(op->arena, &given, sp->spawn->link, value_ref(REF_RECORD, r->row.id.v));
	TRY(child_take(&child, &given));
	TRY(plan_apply(&child));
	p->spawned[p->spawned_n++] = child.r.row.id;
	TRY(record_follow(&child, &none, NULL, 0, &m));
	p->org_changed |= child.org_changed;
	return clock_take(op, r->w, child.r.row.id, child.depth, &p->org_changed);
}

enum err spawns_write(struct plan *p)
{
	struct rec *r = &p->r;
	struct machine_ctx c = rec_ctx(r);
	struct spawned *sp;
	size_t n = machine_spawns(r->op->arena, &c, &r->m, p->step, &sp);

	if (!n)
		return ERR_OK;
	if (p->depth >= FOLLOW_DEPTH_MAX)
		return FAIL(r->op, ERR_LIMIT, "记录一环带一环，超过了 %d 层", FOLLOW_DEPTH_MAX);
	if (n > SPAWN_ROWS_MAX)
		return INVALID(r->op, sp[0].spawn->for_each, "一次最多带出 %d 条", SPAWN_ROWS_MAX);
	p->spawned = NEW_N(r->op->arena, n, record_id);
	for (size_t i = 0; i < n; i++)
		TRY(spawn_one(p, &sp[i]));
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
