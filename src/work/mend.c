/*
 * mend: the built-in acts of every loop (pack-language §3 Mending): undo, void, correct,
 * reassign, remind, comment; and tick, untick, waive. Each is a step of its own in the
 * ledger; nothing is taken out of the past. What a record holds is the fold of what its
 * steps wrote, without those undone: undoing is folding again.
 */
#include "work/submit.h"

#include "base/json.h"
#include "base/limits.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "gen/q_todo.h"
#include "store/store.h"

#define VOID_MS (24 * MS_HOUR)

/* --- the fold --- */

static void unset_apply(struct op *op, str body, struct vmap *fields)
{
	struct json *j;

	if (json_read(op, body, &j)) {
		op_clear_error(op);
		return;
	}
	const struct json *un = json_get(j, STR("_unset"));
	for (size_t i = 0; un && un->kind == JSON_ARR && i < un->n; i++)
		vmap_set(op->arena, fields, un->at[i]->s, VALUE_NONE);
}

/* What one step wrote, on top of `all`. */
static enum err step_fold(struct rec *r, size_t i, struct vmap *all)
{
	struct vmap wrote;

	/* Undoing the first step leaves a void record, which says what it was about. */
	if ((r->step[i].undone && i) || str_eq(r->step[i].step, STR("undo")))
		return ERR_OK;
	TRY(fields_load(r->op, r->loop->field, r->loop->field_n, r->step[i].body, &wrote));
	for (size_t k = 0; k < wrote.n; k++)
		vmap_set(r->op->arena, all, wrote.name[k], wrote.val[k]);
	unset_apply(r->op, r->step[i].body, all);
	return ERR_OK;
}

enum err steps_fold(struct rec *r, struct vmap *ret)
{
	struct vmap all = { 0 };

	for (size_t i = 0; i < r->step_n; i++)
		TRY(step_fold(r, i, &all));
	*ret = all;
	return ERR_OK;
}

enum err steps_after(struct rec *r, const struct vmap **ret)
{
	struct vmap *after = NEW_N(r->op->arena, r->past_n, struct vmap);
	struct vmap all = { 0 };

	for (size_t i = 0; i < r->past_n; i++) {
		if (i >= r->step_n) {	/* a preview's step: not written yet */
			after[i] = r->fields;
			continue;
		}
		TRY(step_fold(r, i, &all));
		after[i] = vmap_copy(r->op->arena, &all);
		for (size_t k = i + 1; k < r->step_n; k++)
			if (r->step[k].built_in && str_eq(r->step[k].step, STR("correct")))
				TRY(step_fold(r, k, &after[i]));
	}
	*ret = after;
	return ERR_OK;
}

/* --- common to all acts --- */

/* The post that somebody is appointed to and acts in: the chosen one, else the first. */
static struct who_hit hat_now(const struct op *op, const struct work *w, person_id person,
			      appointment_id prefer)
{
	struct who_hit hat = { .person = person };
	size_t first, n = ov_appointments(w->org, person, &first);

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];

		if (a->from_ms > op->now_ms || op->now_ms >= a->to_ms)
			continue;
		if (hat.appointment.v && a->id.v != prefer.v)
			continue;
		hat.appointment = a->id;
		hat.post = a->post;
		hat.unit = a->unit;
	}
	return hat;
}

static enum err act_begin(struct op *op, record_id id, const char *name, struct plan *p,
		struct tally_lines *was)
{
	const struct work *w;

	*p = (struct plan){ .step = -1, .built_in = str_of(name) };
	TRY(work_load(op, op->scope->tenant, &w));
	enum err e = rec_load(op, w, id, &p->r);
	if (e == ERR_NOTFOUND || (!e && !rec_visible(&p->r)))
		return ERR_NOTFOUND;
	TRY(e);
	plan_bind(p);
	if (!op->scope->person.v)
		return FAIL(op, ERR_DENIED, "这个账号不对应任何人员，不能办理");
	p->who = (struct actor){ .person = op->scope->person, .typist = op->scope->person,
			.prefer = op->scope->appointment };
	p->hat = hat_now(op, w, p->who.person, p->who.prefer);
	p->again_of = p->r.row.again_of;
	p->again_n = p->r.row.again_n;
	tallies_of(&p->r, was);
	return ERR_OK;
}

static enum err act_end(struct plan *p, int to, bool entered, int64_t due_ms,
			const struct vmap *fields, const struct vmap *wrote,
			const struct tally_lines *was, struct submitted *ret)
{
	struct rec *r = &p->r;
	struct match_result m;
	int from = rec_state(r);

	r->row.version++;
	TRY(step_write(p, &(struct step_write){
		.step = p->built_in, .built_in = true, .from = r->loop->state[from].m.id,
		.to = r->loop->state[to].m.id, .wrote = wrote,
	}));
	TRY(record_write(p, to, entered, due_ms, fields));
	TRY(record_follow(p, was, NULL, 0, &m));
	TRY(clock_take(r->op, r->w, r->row.id, 0, &p->org_changed));
	if (p->org_changed)
		TRY(org_follow(r->op, r->tenant));
	TRY(rec_load(r->op, r->w, r->row.id, r));
	plan_bind(p);
	submitted_fill(p, &m, ret);
	return ERR_OK;
}

static bool is_head_of(struct rec *r, person_id boss, person_id of)
{
	struct who *w;
	struct expr_error ee;
	struct who_ctx c = { .policy = r->policy, .org = r->w->org, .at_ms = r->op->now_ms,
			.creator = of, .unit = r->row.unit_id };

	if (who_parse(r->op->arena, STR("head(creator)"), &w, &ee))
		return false;
	struct who_set s = who_present(r->op->arena, w, &c);
	return who_has(&s, boss);
}

/* --- undo --- */

/* Where the last step of a person begins: what time did in the same operation goes with it. */
static size_t last_step(const struct rec *r)
{
	size_t i = r->step_n;

	while (i > 1 && !r->step[i - 1].built_in && !r->step[i - 1].doer_id.v &&
	       r->step[i - 1].at == r->step[i - 2].at)
		i--;
	return i - 1;
}

/* What a state put in force is not taken back by a click: other people work by it already. */
static bool in_force(const struct rec *r, size_t from)
{
	for (size_t i = from; i < r->step_n; i++) {
		int to = loop_state(r->loop, r->step[i].to_state);

		if (to >= 0 && r->loop->state[to].apply.len &&
		    !str_eq(r->step[i].from_state, r->step[i].to_state))
			return true;
	}
	return false;
}

/*
 * The step that may be undone now, or NULL: the last one of all, not signed, its loop allowing
 * it.
 */
const struct q_steps_of *undoable(const struct rec *r, person_id p)
{
	const struct q_steps_of *s = r->step_n ? &r->step[last_step(r)] : NULL;
	int step = s && !s->built_in ? loop_step_index(r->loop, s->step) : -1;

	if (step < 0 || s->undone || r->row.is_void || !r->loop->undo)
		return NULL;
	if (s->doer_id.v != p.v && s->typist_id.v != p.v)
		return NULL;
	if (r->op->now_ms - s->at > UNDO_MS || r->loop->step[step].sign)
		return NULL;
	if (r->loop->step[step].undo_set && !r->loop->step[step].undo)
		return NULL;
	return in_force(r, last_step(r)) ? NULL : s;
}

static int64_t entered_of(const struct rec *r, int state)
{
	int64_t at = r->row.created_at;

	for (size_t i = 0; i < r->past_n; i++)
		if (!r->past[i].undone && r->past[i].to == state && r->past[i].from != state)
			at = r->past[i].at_ms;
	return at;
}

/* The steps from `first` on never were: the record stands where it stood, or is void. */
static enum err take_back(struct plan *p, size_t first, const struct tally_lines *was,
		struct submitted *ret)
{
	struct op *op = p->r.op;
	struct vmap fields, wrote = { 0 };
	const struct q_steps_of *s = &p->r.step[first];
	int was_in = rec_state(&p->r), to = was_in,
			back = s->from_state.len ? loop_state(p->r.loop, s->from_state) : -1;
	int64_t n;

	if (back >= 0)
		to = back;
	for (size_t i = first; i < p->r.step_n; i++) {
		TRY(q_step_undo(op, p->r.tenant, p->r.step[i].id, &n));
		TRY(q_notices_drop_of_step(op, p->r.tenant, p->r.step[i].id, op->now_ms));
	}
	TRY(rec_load(op, p->r.w, p->r.row.id, &p->r));
	plan_bind(p);
	TRY(steps_fold(&p->r, &fields));
	p->r.row.is_void = back < 0;
	p->r.row.entered_at = entered_of(&p->r, to);
	p->r.m.state = to;
	p->r.m.entered_ms = p->r.row.entered_at;
	p->r.fields = fields;
	struct machine_ctx c = rec_ctx(&p->r);
	int64_t due = back < 0 ? INSTANT_OPEN : machine_due(op->arena, &c, &p->r.m);
	TRY(periods_apply(p, was_in, back, true));
	return act_end(p, to, false, due, &fields, &wrote, was, ret);
}

/*
 * A record that the step moved or made: back too, if nobody has gone on with it. `step`: its last
 * step must be this one; none: it must have no other than its first.
 */
static enum err take_back_other(const struct plan *by, record_id id, str step, int64_t at)
{
	struct plan p = { .step = -1, .built_in = STR("undo"), .who = by->who, .hat = by->hat };
	struct tally_lines was;
	struct submitted all;

	TRY(rec_load(by->r.op, by->r.w, id, &p.r));
	plan_bind(&p);
	p.again_of = p.r.row.again_of;
	p.again_n = p.r.row.again_n;
	tallies_of(&p.r, &was);
	size_t last = p.r.step_n ? last_step(&p.r) : 0;
	if (p.r.row.is_void || !p.r.step_n || p.r.step[last].at != at ||
	    (step.len ? !str_eq(p.r.step[last].step, step) : last > 0))
		return FAIL(by->r.op, ERR_CONFLICT, "由它带来的 %.*s 已经有人接着办了，不能撤销",
				STR_ARG(p.r.row.number));
	return take_back(&p, last, &was, &all);
}

static enum err children_back(const struct plan *p, int64_t at)
{
	struct q_record_children *row;
	struct q_record_get child;
	size_t n;

	TRY(q_record_children(p->r.op, p->r.tenant, p->r.row.id, &row, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(q_record_get(p->r.op, p->r.tenant, row[i].id, &child));
		if (child.created_at == at)
			TRY(take_back_other(p, row[i].id, STR_NONE, at));
	}
	return ERR_OK;
}

/* Those whose place it took (unique: clash replace) have it again. */
static enum err replaced_back(const struct plan *p, str body, int64_t at)
{
	struct json *j;
	int64_t id;

	if (json_read(p->r.op, body, &j)) {
		op_clear_error(p->r.op);
		return ERR_OK;
	}
	const struct json *old = json_get(j, STR("_replaced"));
	for (size_t i = 0; old && old->kind == JSON_ARR && i < old->n; i++)
		if (old->at[i]->kind == JSON_STR && str_to_i64(old->at[i]->s, &id))
			TRY(take_back_other(p, (record_id){ id }, STR("replace"), at));
	return ERR_OK;
}

/* What waited for this record and went on by the clock when it was done waits again. */
static enum err waiting_back(const struct plan *p, int64_t id, int64_t at)
{
	struct rec r;
	const struct q_steps_of *s;

	if (!id)
		return ERR_OK;
	enum err e = rec_load(p->r.op, p->r.w, (record_id){ id }, &r);
	if (e)
		return e == ERR_NOTFOUND ? ERR_OK : e;
	s = r.step_n ? &r.step[r.step_n - 1] : NULL;
	if (!s || s->built_in || s->doer_id.v || s->at != at)
		return ERR_OK;
	return take_back_other(p, r.row.id, s->step, at);
}

static enum err parents_back(const struct plan *p, const struct vmap *fields, int64_t at)
{
	TRY(waiting_back(p, p->r.row.parent_id.v, at));
	for (size_t i = 0; i < p->r.loop->field_n; i++) {
		const struct field *f = &p->r.loop->field[i];
		const struct value *v = f->type == F_RECORD ? vmap_get(fields, f->m.id) : NULL;

		if (v && v->kind == V_REF && v->id != p->r.row.parent_id.v)
			TRY(waiting_back(p, v->id, at));
	}
	return ERR_OK;
}

enum err record_undo(struct op *op, record_id id, struct submitted *ret)
{
	struct plan p;
	struct tally_lines was;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(act_begin(op, id, "undo", &p, &was));
	const struct q_steps_of *s = undoable(&p.r, op->scope->person);
	if (!s)
		return FAIL(op, ERR_CONFLICT, "已经不能撤销：只能在一分钟内撤销自己的最后一步，签字的步骤和已经执行的制度不能撤销");
	int64_t at = s->at;
	str body = s->body;
	struct vmap fields = p.r.fields;
	TRY(take_back(&p, last_step(&p.r), &was, ret));
	TRY(children_back(&p, at));
	TRY(replaced_back(&p, body, at));
	TRY(parents_back(&p, &fields, at));
	if (p.org_changed)
		TRY(org_follow(op, p.r.tenant));
	return tx_commit(&tx);
}

/* --- void --- */

bool voidable(struct rec *r, person_id p)
{
	if (r->row.is_void)
		return false;
	if (r->row.creator_id.v == p.v && r->op->now_ms - r->row.created_at <= VOID_MS)
		return true;
	return r->row.creator_id.v != p.v && is_head_of(r, p, r->row.creator_id);
}

enum err record_void(struct op *op, record_id id, str reason, struct submitted *ret)
{
	struct plan p;
	struct tally_lines was;
	struct vmap wrote = { 0 };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(act_begin(op, id, "void", &p, &was));
	if (p.r.row.is_void)
		return FAIL(op, ERR_CONFLICT, "这条记录已经作废");
	if (!voidable(&p.r, op->scope->person))
		return FAIL(op, ERR_DENIED, "只有登记人一天之内，或登记人的上级，可以作废");
	if (!reason.len)
		return INVALID(op, STR("reason"), "请写明作废的理由");
	int in = rec_state(&p.r);
	if (in >= 0 && p.r.loop->state[in].apply.len)
		return FAIL(op, ERR_CONFLICT, "“%.*s”的制度不能作废，请用新版代替或废止",
				STR_ARG(p.r.loop->state[in].m.label));
	vmap_set(op->arena, &wrote, STR("_reason"), value_text(reason));
	p.r.row.is_void = true;
	struct vmap fields = p.r.fields;
	TRY(periods_apply(&p, in, -1, true));
	TRY(act_end(&p, in, false, INSTANT_OPEN, &fields, &wrote, &was, ret));
	if (p.org_changed)
		TRY(org_follow(op, p.r.tenant));
	return tx_commit(&tx);
}

/* --- correct --- */

bool correctable(struct rec *r, person_id p)
{
	struct machine_ctx c = rec_ctx(r);
	bool alone;

	if (r->row.is_void)
		return false;
	for (size_t i = 0; i < r->step_n; i++)
		if (r->step[i].doer_id.v == p.v || r->step[i].typist_id.v == p.v)
			return true;
	struct who_set s = machine_owners(r->op->arena, &c, &r->m, &alone);
	return who_has(&s, p);
}

static enum err change_check(struct rec *r, const struct vmap *changed);

static enum err correct_read(struct plan *p, const struct json *in, struct vmap *fields,
		struct vmap *wrote)
{
	struct op *op = p->r.op;
	struct resolver names = work_resolver(op, p->r.w);

	if (!in || in->kind != JSON_OBJ || !in->n)
		return INVALID(op, STR("fields"), "没有要更正的内容");
	for (size_t i = 0; i < in->n; i++) {
		const struct field *f = loop_field(p->r.loop, in->key[i]);
		struct value v = VALUE_NONE;

		if (!f || f->type == F_COMPUTED || f->type == F_SIGNATURES)
			return INVALID(op, in->key[i], "这一项不能更正");
		if (!vmap_get(&p->r.fields, f->m.id))
			return INVALID(op, in->key[i], "“%.*s”还没有填，请在办理时填写", STR_ARG(f->m.label));
		TRY(field_read(op, p->r.policy, f, in->at[i], &names, op->clock->utc_offset_ms,
			       &v));
		if (v.kind == V_NONE)
			return INVALID(op, in->key[i], "更正不能改成空白");
		vmap_set(op->arena, fields, f->m.id, v);
		vmap_set(op->arena, wrote, f->m.id, v);
	}
	return change_check(&p->r, wrote);
}

enum err record_correct(struct op *op, record_id id, const struct json *in, str reason,
		struct submitted *ret)
{
	struct plan p;
	struct tally_lines was;
	struct vmap wrote = { 0 };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(act_begin(op, id, "correct", &p, &was));
	if (!correctable(&p.r, op->scope->person))
		return FAIL(op, ERR_DENIED, "只有办理过这条记录的人和现在的办理人可以更正");
	if (!reason.len)
		return INVALID(op, STR("reason"), "请写明更正的理由");
	struct vmap fields = vmap_copy(op->arena, &p.r.fields);
	TRY(correct_read(&p, in, &fields, &wrote));
	vmap_set(op->arena, &wrote, STR("_reason"), value_text(reason));
	p.r.fields = fields;
	struct machine_ctx c = rec_ctx(&p.r);
	int64_t due = p.r.row.final ? INSTANT_OPEN : machine_due(op->arena, &c, &p.r.m);
	TRY(act_end(&p, rec_state(&p.r), false, due, &fields, &wrote, &was, ret));
	return tx_commit(&tx);
}

/* --- oversee: remind, reassign, comment --- */

bool oversees(struct rec *r, person_id p)
{
	struct machine_ctx c = rec_ctx(r);
	const struct state *st = rec_state(r) < 0 ? NULL : &r->loop->state[rec_state(r)];

	for (int32_t g = 0; st && !st->final && g < r->row.rung && (size_t)g < st->late.n; g++) {
		struct who_set s = ladder_receivers(r->op->arena, &c, &r->m, &st->late.at[g]);

		if (who_has(&s, p))
			return true;
	}
	return false;
}

static enum err oversee_begin(struct op *op, record_id id, const char *name, struct plan *p,
		struct tally_lines *was)
{
	TRY(act_begin(op, id, name, p, was));
	if (!oversees(&p->r, op->scope->person))
		return FAIL(op, ERR_DENIED, "逾期后轮到您督办时，才能催办、改派");
	return ERR_OK;
}

enum err record_remind(struct op *op, record_id id, struct submitted *ret)
{
	struct plan p;
	struct tally_lines was;
	struct vmap wrote = { 0 };
	bool alone;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(oversee_begin(op, id, "remind", &p, &was));
	struct machine_ctx c = rec_ctx(&p.r);
	struct who_set own = machine_owners(op->arena, &c, &p.r.m, &alone);
	TRY(late_tell(op, p.r.w, &own, NULL, id, (occurrence_id){ 0 },
		      str_fmt(op->arena, "%.*s %.*s（%.*s催办）", STR_ARG(p.r.loop->m.label),
			      STR_ARG(p.r.row.number), STR_ARG(op->scope->person_name))));
	struct vmap fields = p.r.fields;
	TRY(act_end(&p, rec_state(&p.r), false, p.r.row.due_at, &fields, &wrote, &was, ret));
	return tx_commit(&tx);
}

/* Is the field one that names who acts in this state? */
static bool names_owner(struct rec *r, str field)
{
	str *name;
	size_t n = machine_owner_fields(r->op->arena, &r->m, &name);

	for (size_t i = 0; i < n; i++)
		if (str_eq(name[i], field))
			return true;
	return false;
}

static enum err change_check(struct rec *r, const struct vmap *changed)
{
	struct machine_ctx c = rec_ctx(r);

	for (struct fault *f = machine_change(r->op->arena, &c, &r->m, changed); f; f = f->next)
		(void)!INVALID(r->op, f->field, "%.*s", STR_ARG(f->message));
	return r->op->field_errors ? ERR_INVALID : ERR_OK;
}

enum err record_reassign(struct op *op, record_id id, str field, person_id to, str reason,
		struct submitted *ret)
{
	struct plan p;
	struct tally_lines was;
	struct vmap wrote = { 0 };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(oversee_begin(op, id, "reassign", &p, &was));
	if (!names_owner(&p.r, field))
		return INVALID(op, STR("field"), "这个环节的办理人不是指定的人，不能改派");
	if (!ov_person(p.r.w->org, to) || ov_absent(p.r.w->org, to, op->now_ms, &(person_id){ 0 }))
		return INVALID(op, STR("to"), "请选一位在岗的人");
	struct vmap fields = vmap_copy(op->arena, &p.r.fields);
	vmap_set(op->arena, &fields, field, value_ref(REF_PERSON, to.v));
	vmap_set(op->arena, &wrote, field, value_ref(REF_PERSON, to.v));
	if (reason.len)
		vmap_set(op->arena, &wrote, STR("_reason"), value_text(reason));
	TRY(change_check(&p.r, &(struct vmap){ &field, (struct value[]){ value_ref(REF_PERSON,
			to.v) }, 1, 1 }));
	TRY(act_end(&p, rec_state(&p.r), false, p.r.row.due_at, &fields, &wrote, &was, ret));
	return tx_commit(&tx);
}

enum err record_comment(struct op *op, record_id id, str text, struct submitted *ret)
{
	struct plan p;
	struct tally_lines was;
	struct vmap wrote = { 0 };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(act_begin(op, id, "comment", &p, &was));
	if (!text.len)
		return INVALID(op, STR("text"), "请写留言");
	if (!oversees(&p.r, op->scope->person) && !correctable(&p.r, op->scope->person))
		return FAIL(op, ERR_DENIED, "办理过的人和督办的人可以留言");
	vmap_set(op->arena, &wrote, STR("_comment"), value_text(text));
	struct vmap fields = p.r.fields;
	TRY(act_end(&p, rec_state(&p.r), false, p.r.row.due_at, &fields, &wrote, &was, ret));
	return tx_commit(&tx);
}
