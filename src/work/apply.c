/*
 * apply: what a plan writes. One step is one row of `step`, one event of the ledger that
 * commits to what the step wrote, one move of the record; then everything that follows
 * from the declaration: replaced holders, spawned records, notices, parameters and
 * periods put in force.
 */
#include "work/submit.h"

#include <assert.h>

#include "base/limits.h"
#include "base/idgen.h"
#include "gen/q_policy.h"
#include "gen/q_step.h"
#include "gen/q_todo.h"

/* --- numbers --- */

/* "YH-{year}-{seq:4}": per tenant, loop and civil year, gapless. */
static enum err number_make(struct rec *r, str *ret)
{
	struct arena *a = r->op->arena;
	int year = date_from_day(instant_day(r->op->now_ms, r->op->clock->utc_offset_ms)).year;
	struct q_counter_next n;
	str out = STR("");

	*ret = STR("");
	if (!r->loop->number.len)
		return ERR_OK;
	TRY(q_counter_next(r->op, r->tenant, r->loop->m.id, year, &n));
	for (str rest = r->loop->number; rest.ptr; ) {
		str lit = str_cut(&rest, '{');

		out = str_fmt(a, "%.*s%.*s", STR_ARG(out), STR_ARG(lit));
		if (!rest.ptr)
			break;
		str hole = str_cut(&rest, '}');
		str width = hole;
		str name = str_cut(&width, ':');
		int64_t w = 1;

		if (width.ptr)
			(void)!str_to_i64(width, &w);
		if (str_eq(name, STR("year")))
			out = str_fmt(a, "%.*s%d", STR_ARG(out), year);
		else
			out = str_fmt(a, "%.*s%0*lld", STR_ARG(out), (int)w, (long long)n.n);
	}
	*ret = out;
	return ERR_OK;
}

/* --- the step's row and its event --- */

str step_content(struct arena *a, str body, str doer, str typist)
{
	struct buf b CLEANUP(buf_release);
	str s;

	buf_init(&b, LEDGER_CONTENT_MAX);
	ledger_put_str(&b, body);
	ledger_put_str(&b, doer);
	ledger_put_str(&b, typist);
	if (buf_finish(&b, &s))
		panic("a step larger than its limits");
	return str_dup(a, s);
}

static str kind_of_event(struct arena *a, const struct step_write *s)
{
	return s->built_in ? str_fmt(a, "record.%.*s", STR_ARG(s->step)) : STR("record.step");
}

enum err step_write(struct plan *p, const struct step_write *s)
{
	struct op *op = p->r.op;
	struct rec *r = &p->r;
	struct salt salt = ledger_salt(op);
	int64_t seq;
	str body, doer = p->by_clock ? STR("系统") : person_name_of(r->w, p->who.person);
	str typist = p->who.typist.v == p->who.person.v ? STR("") : person_name_of(r->w,
			p->who.typist);
	struct ledger_fact facts[] = {
		{ STR("loop"), r->loop->m.id },
		{ STR("step"), s->step },
		{ STR("from"), s->from },
		{ STR("to"), s->to },
		{ STR("number"), r->row.number },
		{ STR("version"), str_fmt(op->arena, "%lld", (long long)r->row.version) },
		{ STR("post"), p->hat.post },
		{ STR("clock"), p->by_clock ? STR("1") : STR("0") },
	};

	TRY(fields_text(op->arena, s->wrote, &body));
	p->step_id = (step_id){ idgen_next(op->idgen, op->now_ms) };
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = kind_of_event(op->arena, s), .account = op->scope->account,
		.person = p->who.person, .appointment = p->hat.appointment,
		.subject_kind = STR("step"), .subject = p->step_id.v, .facts = facts,
		.facts_n = sizeof(facts) / sizeof(facts[0]),
		.content = step_content(op->arena, body, doer, typist), .salt = salt,
	}, &seq));
	return q_step_add(op, &(struct q_step_add_in){
		.tenant = r->tenant, .id = p->step_id, .record = r->row.id,
		.seq = (int32_t)r->step_n + 1, .step = s->step, .built_in = s->built_in,
		.from_state = s->from, .to_state = s->to, .at = op->now_ms,
		.version = r->row.version,
		.left_due_at = s->from.len ? r->row.due_at : INSTANT_OPEN, .doer_id = p->who.person,
		.doer_name = doer, .doer_post = p->hat.post, .appointment = p->hat.appointment,
		.typist_id = p->who.typist, .typist_name = typist, .event_seq = seq,
		.account = op->scope->account,
		.client_key = r->row.version > 1 ? p->client_key : STR(""),
		.client_hash = {
			(const char *)p->client_hash.b, p->has_key ? sizeof(p->client_hash.b) : 0,
		},
		.body = body, .salt = salt,
	});
}

/* --- the record's row --- */

static bool state_sealed(const struct loop *lp, int state)
{
	return lp->sealed || (state >= 0 && lp->state[state].sealed);
}

static place_id place_of(const struct vmap *fields)
{
	const struct value *v = vmap_get(fields, STR("place"));

	return v && v->kind == V_REF && v->ref == REF_PLACE ? (place_id){ v->id } : (place_id){ 0 };
}

int64_t record_wake_at(struct rec *r, int32_t rung)
{
	struct machine_ctx c = rec_ctx(r);
	const struct state *st = rec_state(r) < 0 ? NULL : &r->loop->state[rec_state(r)];
	int step;

	if (!st || r->row.is_void)
		return INSTANT_OPEN;
	int64_t at = machine_clock_step(r->op->arena, &c, &r->m, &step);
	if (!st->final && !st->pause && r->row.due_at != INSTANT_OPEN &&
			(size_t)rung < st->late.n) {
		int64_t g = ladder_at(r->w->calendar, &st->late, (size_t)rung, r->row.due_at);

		if (g < at)
			at = g;
	}
	return at;
}

static enum err record_insert(struct plan *p, str body)
{
	struct rec *r = &p->r;

	return q_record_add(r->op, &(struct q_record_add_in){
		.tenant = r->tenant, .id = r->row.id, .composition_id = r->row.composition_id,
		.loop = r->loop->m.id, .number = r->row.number, .state = r->row.state,
		.final = r->row.final, .sealed = r->row.sealed, .unit = r->row.unit_id,
		.place = r->row.place_id, .creator_id = r->row.creator_id,
		.typist_id = p->who.typist, .title = r->row.title, .again_of = p->again_of,
		.again_n = p->again_n, .parent_id = p->parent, .parent_link = p->parent_link,
		.created_at = r->op->now_ms, .due_at = r->row.due_at, .wake_at = r->row.wake_at,
		.account = r->op->scope->account, .client_key = p->client_key,
		.client_hash = {
			(const char *)p->client_hash.b, p->has_key ? sizeof(p->client_hash.b) : 0,
		},
		.body = body, .salt = ledger_salt(r->op),
	});
}

static enum err record_update(struct plan *p, str body, int64_t was_version)
{
	struct rec *r = &p->r;
	int64_t n;

	TRY(q_record_move(r->op, &(struct q_record_move_in){
		.tenant = r->tenant, .id = r->row.id, .version = was_version, .state = r->row.state,
		.final = r->row.final, .is_void = r->row.is_void, .sealed = r->row.sealed,
		.place = r->row.place_id, .title = r->row.title, .changed_at = r->op->now_ms,
		.entered_at = r->row.entered_at, .due_at = r->row.due_at, .rung = r->row.rung,
		.wake_at = r->row.wake_at, .again_of = p->again_of, .again_n = p->again_n,
		.body = body,
	}, &n));
	return n == 1 ? ERR_OK : FAIL(r->op, ERR_CONFLICT, "记录已经被别人改动，请刷新后再办");
}

/* Plans of rosters are part of the tenant's view: who is on duty is asked of the new one. */
static enum err view_renew(struct rec *r)
{
	TRY(q_tenant_version_raise(r->op, r->tenant));
	return work_load(r->op, r->tenant, &r->w);
}

/* Put the record where it is now; r->row.version is that after the step already. */
enum err record_write(struct plan *p, int to, bool entered, int64_t due_ms,
		const struct vmap *fields)
{
	struct rec *r = &p->r;
	str body;

	r->fields = *fields;
	r->m.state = to;
	r->row.state = r->loop->state[to].m.id;
	r->row.final = r->loop->state[to].final;
	r->row.sealed = state_sealed(r->loop, to);
	r->row.place_id = place_of(fields);
	r->row.title = rec_title(r->op->arena, r->policy, r->loop, fields);
	r->row.changed_at = r->op->now_ms;
	if (entered) {
		r->row.entered_at = r->op->now_ms;
		r->row.rung = 0;
	}
	if (due_ms != r->row.due_at)
		/* a new limit begins its ladder anew; what was late stays in `lateness` */
		r->row.rung = 0;
	r->row.due_at = due_ms;
	r->m.entered_ms = r->row.entered_at;
	r->row.again_of = p->again_of;
	r->row.again_n = p->again_n;
	r->row.wake_at = record_wake_at(r, r->row.rung);
	TRY(fields_text(r->op->arena, fields, &body));
	r->row.body = body;
	TRY(r->row.version == 1 ? record_insert(p, body)
				: record_update(p, body, r->row.version - 1));
	if (!roster_filled_by(r->w->policy, r->loop->m.id))
		return ERR_OK;
	p->org_changed = true;
	return view_renew(r);
}

/* The steps as they are stored now: what judging and counting read. */
static enum err reload_steps(struct rec *r)
{
	struct rec fresh;

	TRY(rec_load(r->op, r->w, r->row.id, &fresh));
	struct q_record_get row = fresh.row;
	*r = fresh;
	r->row = row;
	r->m.ctx = r;
	r->m.fields = &r->fields;
	return ERR_OK;
}

/* --- files --- */

static bool takes_type(const struct field *f, str type)
{
	return !f || !str_eq(f->accept, STR("image")) || str_starts(type, STR("image/"));
}

static enum err file_take(struct plan *p, const struct field *f, int64_t id)
{
	struct rec *r = &p->r;
	struct q_file_get row;
	int64_t n;

	enum err e = q_file_get(r->op, r->tenant, (file_id){ id }, &row);
	if (e == ERR_NOTFOUND || (!e && row.record_id.v && row.record_id.v != r->row.id.v &&
			row.record_id.v != p->parent.v))
		return INVALID(r->op, STR("files"), "没有这个文件");
	TRY(e);
	if (!takes_type(f, row.type))
		return INVALID(r->op, f->m.id, "“%.*s”只收照片", STR_ARG(f->m.label));
	if (row.record_id.v)
		return ERR_OK;
	if (!r->op->scope->system && row.person_id.v != r->op->scope->person.v)
		return INVALID(r->op, STR("files"), "没有这个文件");
	return q_file_attach(r->op, r->tenant, (file_id){ id }, r->row.id, p->step_id, &n);
}

static enum err files_take(struct plan *p)
{
	for (size_t i = 0; i < p->out.given.n; i++) {
		const struct value *v = &p->out.given.val[i];
		const struct field *f = loop_field(p->r.loop, p->out.given.name[i]);

		if (v->kind == V_REF && v->ref == REF_FILE)
			TRY(file_take(p, f, v->id));
		for (size_t k = 0; v->kind == V_LIST && k < v->list.n; k++)
			if (v->list.at[k].kind == V_REF && v->list.at[k].ref == REF_FILE)
				TRY(file_take(p, f, v->list.at[k].id));
	}
	return ERR_OK;
}

/* --- what the step brings with it --- */

static struct who_ctx who_of(struct rec *r)
{
	return (struct who_ctx){
		.policy = r->policy, .org = r->w->org, .at_ms = r->op->now_ms, .fields = &r->fields,
		.params = &r->w->params, .creator = r->row.creator_id, .typist = r->row.typist_id,
		.place = r->row.place_id, .unit = r->row.unit_id,
	};
}

static enum err notices_write(struct plan *p, const struct step *st)
{
	struct rec *r = &p->r;
	bool undo = r->loop->undo && !st->sign;
	int64_t not_before = r->op->now_ms + (undo ? UNDO_MS : 0);

	for (size_t i = 0; i < st->notify_n; i++) {
		struct who_ctx wc = who_of(r);
		struct who_set s = who_present(r->op->arena, st->notify[i].to, &wc);
		str text = st->notify[i].text.len ? st->notify[i].text
			: str_fmt(r->op->arena, "%.*s %.*s：%.*s", STR_ARG(r->loop->m.label),
					STR_ARG(r->row.number), STR_ARG(st->m.label));

		for (size_t k = 0; k < s.n; k++)
			TRY(q_notice_add(r->op, &(struct q_notice_add_in){
				.tenant = r->tenant, .id = idgen_next(r->op->idgen, r->op->now_ms),
				.person = s.at[k].person, .kind = STR("notify"),
				.record = r->row.id, .step = p->step_id, .text = text,
				.created_at = r->op->now_ms, .not_before = not_before,
			}));
	}
	return ERR_OK;
}

/* apply: parameters in force from the date; periods that a state switches on and off. */
static enum err parameters_apply(struct plan *p, const struct state *st)
{
	struct rec *r = &p->r;
	const struct value *v = st->apply.len ? vmap_get(&r->fields, st->apply) : NULL;
	const struct value *from = st->from.len ? vmap_get(&r->fields, st->from) : NULL;
	int64_t at = from && from->kind == V_DATE ? day_start_ms(from->day,
			r->op->clock->utc_offset_ms) : r->op->now_ms;

	/* One row: each cell is a parameter, its value as an adoption writes it (rules/field.h). */
	for (size_t i = 0; v && v->kind == V_ROWS && v->rows.n && i < v->rows.at[0].n; i++) {
		const struct value *val = &v->rows.at[0].cell[i];

		if (val->kind != V_TEXT)
			continue;
		TRY(org_parameter_set(r->op, v->rows.at[0].name[i], val->text, at, r->row.id.v));
		p->org_changed = true;
	}
	return ERR_OK;
}

enum err periods_apply(struct plan *p, int from, int to, bool taken_back)
{
	struct rec *r = &p->r;
	day_no today = instant_day(r->op->now_ms, r->op->clock->utc_offset_ms);
	struct expr_env env = {
		.policy = r->policy, .params = &r->w->params, .fields = &r->fields,
		.calendar = r->w->calendar, .now_ms = r->op->now_ms,
		.utc_offset_ms = r->op->clock->utc_offset_ms,
	};

	for (size_t i = 0; i < r->policy->period_n; i++) {
		const struct period_spec *s = &r->policy->period[i];
		int on = str_eq(s->record_loop, r->loop->m.id) ? loop_state(r->loop,
				s->record_state) : -1;

		if (on < 0 || from == to || (from != on && to != on) || !expr_true(r->op->arena,
				s->record_where, &env))
			continue;
		if (to == on)
			TRY(org_mark_set(r->op, STR("period"), s->m.id, today, INT32_MAX,
					r->row.id.v));
		else
			TRY(org_mark_end(r->op, STR("period"), s->m.id, today - taken_back));
		p->org_changed = true;
	}
	return ERR_OK;
}

/* --- unique: the old holder gives way --- */

static void element_drop(struct arena *a, struct vmap *fields, str field, const struct value *taken)
{
	const struct value *v = vmap_get(fields, field);
	size_t n = 0;

	if (!v || v->kind != V_LIST) {
		vmap_set(a, fields, field, VALUE_NONE);
		return;
	}
	struct value *keep = NEW_N(a, v->list.n, struct value);
	for (size_t i = 0; i < v->list.n; i++)
		if (!taken || !value_has(taken, &v->list.at[i]))
			keep[n++] = v->list.at[i];
	vmap_set(a, fields, field, n ? value_list(a, keep, n) : VALUE_NONE);
}

static enum err replace_one(struct plan *p, record_id id, const struct unique *u)
{
	struct op *op = p->r.op;
	struct plan old = { .step = -1, .by_clock = true, .built_in = STR("replace") };
	struct tally_lines was;
	struct match_result m;

	TRY(rec_load(op, p->r.w, id, &old.r));
	old.r.m.ctx = &old.r;
	old.r.m.fields = &old.r.fields;
	old.again_of = old.r.row.again_of;
	old.again_n = old.r.row.again_n;
	tallies_of(&old.r, &was);
	struct vmap fields = vmap_copy(op->arena, &old.r.fields);
	int from = rec_state(&old.r), to = loop_state(old.r.loop, u->to);
	if (u->each_field.len)
		element_drop(op->arena, &fields, u->each_field, vmap_get(&p->out.fields,
				u->each_field));
	bool moves = to >= 0 && (!u->each_field.len || !vmap_get(&fields, u->each_field));
	struct vmap wrote = { 0 };
	vmap_set(op->arena, &wrote, STR("_replaced_by"), value_ref(REF_RECORD, p->r.row.id.v));
	if (u->each_field.len && vmap_get(&fields, u->each_field))
		vmap_set(op->arena, &wrote, u->each_field, *vmap_get(&fields, u->each_field));
	else if (u->each_field.len)
		vmap_set(op->arena, &wrote, STR("_unset"), value_list(op->arena,
				&(struct value){ .kind = V_TEXT, .text = u->each_field }, 1));
	old.r.row.version++;
	TRY(step_write(&old, &(struct step_write){
		.step = STR("replace"), .built_in = true, .from = old.r.loop->state[from].m.id,
		.to = old.r.loop->state[moves ? to : from].m.id, .wrote = &wrote,
	}));
	TRY(record_write(&old, moves ? to : from, moves, moves ? INSTANT_OPEN : old.r.row.due_at,
			&fields));
	TRY(periods_apply(&old, from, moves ? to : from, false));
	return record_follow(&old, &was, NULL, 0, &m);
}

static struct value ids_value(const struct plan *p)
{
	struct arena *a = p->r.op->arena;
	struct value *id = NEW_N(a, p->replaced_n, struct value);

	for (size_t i = 0; i < p->replaced_n; i++)
		id[i] = value_text(str_fmt(a, "%lld", (long long)p->replaced[i].v));
	return value_list(a, id, p->replaced_n);
}

static enum err replaced_write(struct plan *p)
{
	const struct unique *u = &p->r.loop->state[p->out.to].unique;

	for (size_t i = 0; i < p->replaced_n; i++)
		TRY(replace_one(p, p->replaced[i], u));
	if (p->replaced_n)	/* undoing must find them */
		vmap_set(p->r.op->arena, &p->out.given, STR("_replaced"), ids_value(p));
	return ERR_OK;
}

/* --- the whole --- */

/* Fields that the step emptied are named in what it wrote: the fold of the steps must know. */
static void unset_note(struct plan *p)
{
	struct arena *a = p->r.op->arena;
	struct value *gone = NEW_N(a, p->r.fields.n, struct value);
	size_t n = 0;

	for (size_t i = 0; i < p->r.fields.n; i++)
		if (!vmap_get(&p->out.fields, p->r.fields.name[i]))
			gone[n++] = value_text(p->r.fields.name[i]);
	if (n)
		vmap_set(a, &p->out.given, STR("_unset"), value_list(a, gone, n));
}

enum err plan_apply(struct plan *p)
{
	struct rec *r = &p->r;
	struct op *op = r->op;
	const struct step *st = &r->loop->step[p->step];
	int from = rec_state(r);
	bool made = !r->row.id.v;

	assert(p->out.to >= 0 && (size_t)p->out.to < r->loop->state_n);
	if (made) {
		r->row.id = (record_id){ idgen_next(op->idgen, op->now_ms) };
		TRY(number_make(r, &r->row.number));
		r->row.creator_id = p->who.person;
		r->row.typist_id = p->who.typist;
		if (r->loop->unit_hat && p->hat.unit.v)
			r->row.unit_id = p->hat.unit;
		r->row.parent_id = p->parent;
		r->row.parent_link = p->parent_link;
		r->row.created_at = op->now_ms;
		r->row.due_at = INSTANT_OPEN;
	}
	r->row.version++;
	unset_note(p);
	if (p->reason.len)
		vmap_set(op->arena, &p->out.given,
				p->overridden ? STR("_override") : STR("_reason"),
				value_text(p->reason));
	TRY(replaced_write(p));
	str from_word = from < 0 ? STR("") : r->loop->state[from].m.id;
	TRY(step_write(p, &(struct step_write){ .step = st->m.id, .from = from_word,
			.to = r->loop->state[p->out.to].m.id, .wrote = &p->out.given }));
	TRY(record_write(p, p->out.to, p->out.entered || made, p->out.due_ms, &p->out.fields));
	TRY(files_take(p));
	TRY(reload_steps(r));
	TRY(notices_write(p, st));
	if (p->out.entered || made)
		TRY(parameters_apply(p, &r->loop->state[p->out.to]));
	TRY(periods_apply(p, from, p->out.to, false));
	return spawns_write(p);
}

enum err record_follow(struct plan *p, const struct tally_lines *was, const struct tick *tick,
		size_t tick_n, struct match_result *ret_m)
{
	struct rec *r = &p->r;

	TRY(reload_steps(r));
	TRY(derive_record(r, was));
	TRY(occur_of_record(r));
	TRY(match_record(r, tick, tick_n, true, ret_m));
	int64_t wake = record_wake_at(r, r->row.rung);
	if (wake != r->row.wake_at) {
		r->row.wake_at = wake;
		int64_t n;
		TRY(q_record_rung_set(r->op, r->tenant, r->row.id, r->row.due_at, r->row.rung, wake,
				      &n));
	}
	TRY(todo_of_record(r));
	return parents_follow(p);
}
