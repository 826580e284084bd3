/*
 * handover: somebody leaves. What is open of his is found before he goes, with who would
 * take it: whom the people expression itself gives once he is gone (other holders, the
 * stand-in, the head), else those around his posts. What nobody takes becomes a hole at
 * once, and the preview names it. The leave itself is org's fact; places that he kept and
 * records that name him pass to the taker as facts and ledgered steps of the same operation.
 *
 * Nothing is guessed about the future: the organisation as it will be is the present view
 * with his rows cut at the day, and the same rules are asked of it.
 */
#include "base/limits.h"
#include "gen/q_list.h"
#include "store/store.h"
#include "work/orgchange.h"
#include "work/submit.h"
#include "work/tasks.h"

#define ITEMS_MAX 2000

struct leave {
	struct op *op;			/* at the day, for the rules */
	const struct work *w;		/* as it will be */
	person_id who;
	int64_t at_ms;
	VEC(struct open_item) item;
};

/* --- the organisation without him --- */

static struct ov_appointment *appointments_cut(struct arena *a, const struct org_view *v,
					       person_id p, int64_t at_ms)
{
	struct ov_appointment *c = NEW_N(a, v->appointment_n, struct ov_appointment);

	for (size_t i = 0; i < v->appointment_n; i++) {
		c[i] = v->appointment[i];
		if (c[i].person.v == p.v && c[i].to_ms > at_ms)
			c[i].to_ms = c[i].from_ms > at_ms ? c[i].from_ms : at_ms;
	}
	return c;
}

static struct ov_keeper *keepers_cut(struct arena *a, const struct org_view *v, person_id p,
				     int64_t at_ms)
{
	struct ov_keeper *c = NEW_N(a, v->keeper_n, struct ov_keeper);

	for (size_t i = 0; i < v->keeper_n; i++) {
		c[i] = v->keeper[i];
		if (c[i].person.v == p.v && c[i].to_ms > at_ms)
			c[i].to_ms = c[i].from_ms > at_ms ? c[i].from_ms : at_ms;
	}
	return c;
}

static const struct org_view *view_without(struct arena *a, const struct org_view *v, person_id p,
					   int64_t at_ms)
{
	struct org_view *g = NEW(a, struct org_view);
	struct ov_person *person = NEW_N(a, v->person_n, struct ov_person);

	*g = *v;
	for (size_t i = 0; i < v->person_n; i++) {
		person[i] = v->person[i];
		if (person[i].id.v == p.v && person[i].to_ms > at_ms)
			person[i].to_ms = at_ms;
	}
	g->person = person;
	g->appointment = appointments_cut(a, v, p, at_ms);
	g->keeper = keepers_cut(a, v, p, at_ms);
	return g;
}

/* --- takers --- */

struct takers { struct who_hit *at; size_t n, cap; };

static void takers_add(struct leave *l, struct takers *ts, const struct who_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		bool had = s->at[i].person.v == l->who.v;

		for (size_t k = 0; k < ts->n && !had; k++)
			had = ts->at[k].person.v == s->at[i].person.v;
		if (had)
			continue;
		struct who_hit *h = VEC_PUSH(l->op->arena, ts);
		*h = s->at[i];
	}
}

static void takers_by(struct leave *l, struct takers *ts, str text)
{
	struct who_ctx c = { .policy = l->w->policy, .org = l->w->org, .at_ms = l->at_ms,
		.params = &l->w->params, .unit = l->w->org->unit };
	struct who *w;
	struct expr_error ee;

	if (who_parse(l->op->arena, text, &w, &ee))
		return;
	struct who_set s = who_present(l->op->arena, w, &c);
	takers_add(l, ts, &s);
}

/* Others of his posts, their stand-ins, their heads: in this order. */
static void takers_around(struct leave *l, const struct org_view *before, struct takers *ts)
{
	for (size_t i = 0; i < before->appointment_n; i++) {
		const struct ov_appointment *a = &before->appointment[i];
		const struct post *p;

		if (a->person.v != l->who.v || a->from_ms > l->at_ms || l->at_ms > a->to_ms)
			continue;
		takers_by(l, ts, a->post);
		p = policy_post(l->w->policy, a->post);
		if (p && p->stand_in.len)
			takers_by(l, ts, p->stand_in);
		takers_by(l, ts, str_fmt(l->op->arena, "head(%.*s)", STR_ARG(a->post)));
	}
}

static void item_takers(struct leave *l, struct open_item *it, const struct who_set *named,
			const struct org_view *before)
{
	struct takers ts = { 0 };

	if (named)
		takers_add(l, &ts, named);
	if (!ts.n)
		takers_around(l, before, &ts);
	it->taker = ts.at;
	it->taker_n = ts.n;
}

/* --- what is open --- */

static enum err item_step(struct leave *l, const struct q_todo_lines *row,
			  const struct org_view *before)
{
	struct rec *r = NEW(l->op->arena, struct rec);
	bool alone;

	TRY(rec_load(l->op, l->w, (record_id){ row->ref_id }, r));
	r->m.ctx = r;
	r->m.fields = &r->fields;
	struct machine_ctx c = rec_ctx(r);
	struct who_set s = machine_owners(l->op->arena, &c, &r->m, &alone);
	struct open_item *it = VEC_PUSH(l->op->arena, &l->item);
	*it = (struct open_item){ .item = row->item, .record = { row->ref_id },
		.due_ms = row->due_at,
		.label = str_fmt(l->op->arena, "%.*s　%.*s", STR_ARG(row->label),
			STR_ARG(row->detail)) };
	item_takers(l, it, &s, before);
	return ERR_OK;
}

static enum err item_duty(struct leave *l, const struct q_todo_lines *row,
			  const struct org_view *before)
{
	struct q_occurrence_get o;
	struct occurrence occ;
	struct expand_in in = work_expand_in(l->op, l->w);

	TRY(q_occurrence_get(l->op, l->w->org->tenant, (occurrence_id){ row->ref_id }, &o));
	if (!occ_from_row(l->op->arena, l->w->policy, &o, &occ))
		return ERR_OK;
	TRY(occ_record(l->op, l->w, &occ, &in));
	struct who_set s = occurrence_owners(l->op->arena, &in, &occ, l->at_ms);
	struct open_item *it = VEC_PUSH(l->op->arena, &l->item);
	*it = (struct open_item){ .item = row->item, .occurrence = { row->ref_id },
		.due_ms = row->due_at, .label = row->detail.len ? str_fmt(l->op->arena, "%.*s　%.*s",
		STR_ARG(row->label), STR_ARG(row->detail)) : row->label };
	item_takers(l, it, &s, before);
	return ERR_OK;
}

static enum err items_todo(struct leave *l, const struct org_view *before)
{
	struct q_todo_lines *row;
	size_t n;

	TRY(q_todo_lines(l->op, &(struct q_todo_lines_in){ .tenant = l->w->org->tenant,
		.person = l->who, .after_due = INT64_MIN, .now = l->at_ms, .limit = ITEMS_MAX },
		&row, &n));
	for (size_t i = 0; i < n; i++) {
		if (str_eq(row[i].item, STR("step")))
			TRY(item_step(l, &row[i], before));
		else if (str_eq(row[i].item, STR("duty")))
			TRY(item_duty(l, &row[i], before));
	}
	return ERR_OK;
}

static void items_keeper(struct leave *l, const struct org_view *before)
{
	for (size_t i = 0; i < before->keeper_n; i++) {
		const struct ov_keeper *k = &before->keeper[i];

		if (k->person.v != l->who.v || k->to_ms <= l->at_ms)
			continue;
		struct open_item *it = VEC_PUSH(l->op->arena, &l->item);
		*it = (struct open_item){ .item = STR("keeper"), .place = k->place, .role = k->role,
			.label = place_name_of(l->w, k->place), .due_ms = l->at_ms };
		item_takers(l, it, NULL, before);
	}
}

static void items_post(struct leave *l, const struct org_view *before)
{
	for (size_t i = 0; i < before->appointment_n; i++) {
		const struct ov_appointment *a = &before->appointment[i];
		const struct post *p = policy_post(l->w->policy, a->post);

		if (a->person.v != l->who.v || a->to_ms <= l->at_ms)
			continue;
		struct open_item *it = VEC_PUSH(l->op->arena, &l->item);
		*it = (struct open_item){ .item = STR("post"), .role = a->post,
			.label = p ? p->m.label : a->post, .due_ms = l->at_ms };
		item_takers(l, it, NULL, before);
	}
}

/* --- holes that would arise --- */

static bool hole_same(struct arena *a, const struct hole *x, const struct hole *y)
{
	return str_eq(x->code, y->code) && str_eq(x->missing, y->missing)
		&& str_eq(subject_key(a, &x->subject), subject_key(a, &y->subject));
}

static enum err holes_new(struct leave *l, const struct work *now, struct leaving *ret)
{
	struct holes had, then;
	struct hole *new;

	TRY(work_cover(l->op, now, l->at_ms, &had));
	TRY(work_cover(l->op, l->w, l->at_ms, &then));
	new = NEW_N(l->op->arena, then.n, struct hole);
	for (size_t i = 0; i < then.n; i++) {
		bool old = false;

		for (size_t k = 0; k < had.n && !old; k++)
			old = hole_same(l->op->arena, &then.at[i], &had.at[k]);
		if (!old)
			new[ret->hole_n++] = then.at[i];
	}
	ret->hole = new;
	return ERR_OK;
}

static enum err leave_begin(struct op *op, person_id p, const struct work **ret_w)
{
	if (!op->scope->system)
		TRY(scope_require(op, CAP_ORGANISE));
	TRY(work_load(op, op->scope->system ? op->tenant : op->scope->tenant, ret_w));
	const struct ov_person *x = ov_person((*ret_w)->org, p);
	if (!x)
		return ERR_NOTFOUND;
	if (x->to_ms <= op->now_ms)
		return FAIL(op, ERR_CONFLICT, "%.*s已经离校", STR_ARG(x->name));
	return ERR_OK;
}

enum err leave_preview(struct op *op, person_id p, int64_t at_ms, struct leaving *ret)
{
	const struct work *now;
	struct work then;
	struct op at = *op;
	struct leave l = { .op = &at, .who = p, .at_ms = at_ms };

	TRY(leave_begin(op, p, &now));
	at.now_ms = at_ms > op->now_ms ? at_ms : op->now_ms;
	l.at_ms = at.now_ms;
	then = *now;
	then.org = view_without(op->arena, now->org, p, l.at_ms);
	l.w = &then;
	*ret = (struct leaving){ 0 };
	TRY(items_todo(&l, now->org));
	items_keeper(&l, now->org);
	items_post(&l, now->org);
	TRY(holes_new(&l, now, ret));
	ret->item = l.item.at;
	ret->item_n = l.item.n;
	return ERR_OK;
}

/* --- the leave --- */

/* Fields that name him as owner of the present state; none where the rules refuse the taker. */
static bool owner_fields(struct rec *r, person_id from, person_id to, struct vmap *ret_wrote)
{
	struct machine_ctx c = rec_ctx(r);
	str *name;
	size_t n = machine_owner_fields(r->op->arena, &r->m, &name);

	*ret_wrote = (struct vmap){ 0 };
	for (size_t i = 0; i < n; i++) {
		const struct value *v = vmap_get(&r->fields, name[i]);

		if (v && v->kind == V_REF && v->id == from.v)
			vmap_set(r->op->arena, ret_wrote, name[i], value_ref(REF_PERSON, to.v));
	}
	return ret_wrote->n && !machine_change(r->op->arena, &c, &r->m, ret_wrote);
}

static enum err pass_on(struct op *op, const struct work *w, record_id id, person_id from,
	person_id to)
{
	struct plan p = { .step = -1, .built_in = STR("reassign"),
		.by_clock = !op->scope->person.v };
	struct vmap wrote, fields;
	struct tally_lines was;
	struct match_result m;

	TRY(rec_load(op, w, id, &p.r));
	plan_bind(&p);
	struct rec *r = &p.r;
	if (!owner_fields(r, from, to, &wrote))
		return ERR_OK;	/* his place in the expression is taken by stand-in and head */
	p.who = (struct actor){ .person = op->scope->person, .typist = op->scope->person };
	p.again_of = r->row.again_of;
	p.again_n = r->row.again_n;
	tallies_of(r, &was);
	fields = vmap_copy(op->arena, &r->fields);
	for (size_t i = 0; i < wrote.n; i++)
		vmap_set(op->arena, &fields, wrote.name[i], wrote.val[i]);
	vmap_set(op->arena, &wrote, STR("_reason"), value_text(STR("人员离校，工作移交")));
	str state = r->loop->state[rec_state(r)].m.id;
	r->row.version++;
	TRY(step_write(&p, &(struct step_write){ .step = p.built_in, .built_in = true,
		.from = state,
		.to = state, .wrote = &wrote }));
	TRY(record_write(&p, rec_state(r), false, r->row.due_at, &fields));
	return record_follow(&p, &was, NULL, 0, &m);
}

static enum err records_pass_on(struct op *op, const struct work *w, person_id from, int64_t at_ms,
				person_id to)
{
	struct q_todo_lines *row;
	size_t n;

	TRY(q_todo_lines(op, &(struct q_todo_lines_in){ .tenant = w->org->tenant, .person = from,
		.after_due = INT64_MIN, .now = op->now_ms, .limit = ITEMS_MAX }, &row, &n));
	for (size_t i = 0; i < n; i++)	/* what is due before he goes is still his */
		if (str_eq(row[i].item, STR("step")) && (at_ms <= op->now_ms
			|| row[i].due_at > at_ms))
			TRY(pass_on(op, w, (record_id){ row[i].ref_id }, from, to));
	return ERR_OK;
}

static enum err keepers_pass_on(struct op *op, const struct org_view *before, person_id from,
				int64_t at_ms, person_id to)
{
	for (size_t i = 0; i < before->keeper_n; i++) {
		const struct ov_keeper *k = &before->keeper[i];
		keeper_id id;

		if (k->person.v == from.v && k->to_ms > at_ms)
			TRY(org_keeper_set(op, &(struct new_keeper){ .place = k->place,
				.person = to,
				.role = k->role, .from_ms = k->from_ms > at_ms ? k->from_ms : at_ms,
				.to_ms = k->to_ms }, &id));
	}
	return ERR_OK;
}

static enum err taker_check(struct op *op, const struct work *w, person_id from, person_id to,
			    int64_t at_ms)
{
	const struct ov_person *x = ov_person(w->org, to);

	if (to.v == from.v || !x || x->to_ms <= at_ms)
		return INVALID(op, STR("taker"), "请选一位仍在岗的人接手");
	return ERR_OK;
}

enum err change_leave(struct op *op, person_id p, int64_t at_ms, person_id taker)
{
	const struct work *w;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx));
	TRY(leave_begin(op, p, &w));
	if (taker.v)
		TRY(taker_check(op, w, p, taker, at_ms));
	TRY(org_person_leave(op, p, at_ms));
	if (taker.v) {
		TRY(keepers_pass_on(op, w->org, p, at_ms, taker));
		TRY(records_pass_on(op, w, p, at_ms, taker));
	}
	TRY(org_follow(op, w->org->tenant));
	return tx_commit(&tx);
}
