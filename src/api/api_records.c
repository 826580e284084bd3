/*
 * api_records: beginning a record and taking steps, built-in acts among them. A step of the
 * loop comes first, then the engine's own: undo void correct reassign remind comment
 * (docs/adr/0030). Faults are the services'; here a body becomes their input.
 */
#include "api/api_int.h"

#include "base/pubid.h"
#include "rules/field.h"

#define BODY_NEW "loop step unit as for fields files tick untick reason"
#define BODY_STEP "step as for fields files tick untick reason"

struct call { struct submit in; struct submitted out; };

/* --- a body becomes a submission --- */

/* A hat: its id, or the post of one that the doer holds now. */
static appointment_id hat_of(struct input *b, const struct work *work, person_id doer)
{
	str text = body_text(b, "as", false);
	struct op *op = b->op;
	size_t first = 0, n = ov_appointments(work->org, doer, &first), fits = 0;
	appointment_id hat = { 0 };
	tenant_id tenant;
	int64_t id = 0;
	bool named = text.len && pubid_read(text, &tenant, &id);

	if (!text.len)
		return hat;
	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *a = &work->org->appointment[i];

		if (a->from_ms > op->now_ms || op->now_ms >= a->to_ms)
			continue;
		if (named ? a->id.v == id : str_eq(a->post, text)) {
			hat = a->id;
			fits++;
		}
	}
	if (fits != 1)
		b->e = INVALID(op, STR("as"), fits ? "这个岗位有几处任职，请用任职编号"
					    : "这个人现在没有这个任职");
	return hat;
}

static void check_unit(struct input *b, const struct work *work)
{
	int64_t unit = body_ref(b, "unit", REF_UNIT, false);

	if (unit && unit != work->org->unit.v)
		b->e = INVALID(b->op, STR("unit"), "记录属于学校，部门由办理人的岗位决定");
}

/* `files` stands for the first field of the form that takes files. */
static const struct field *files_field(const struct loop *lp, str step)
{
	int i = loop_step_index(lp, step);

	for (size_t k = 0; i >= 0 && k < lp->step[i].form.n; k++) {
		const struct field *f = loop_field(lp, lp->step[i].form.at[k]);

		if (f && f->type == F_FILES)
			return f;
	}
	return NULL;
}

static const struct json *with_files(struct input *b, const struct loop *lp, str step,
				     const struct json *fields)
{
	const struct json *files = body_has(b, "files") ? json_get(b->j, STR("files")) : NULL;
	const struct field *f = files && lp ? files_field(lp, step) : NULL;
	struct arena *a = b->op->arena;
	struct json *all;
	size_t n = fields ? fields->n : 0;

	if (!files)
		return fields;
	if (!f || (fields && json_get(fields, f->m.id))) {
		b->e = INVALID(b->op, STR("files"), f ? "附件写了两处，请只写一处" : "这一步不收附件");
		return fields;
	}
	all = NEW(a, struct json);
	*all = (struct json){ .kind = JSON_OBJ, .at = NEW_N(a, n + 1, struct json *),
			      .key = NEW_N(a, n + 1, str), .n = n + 1 };
	for (size_t i = 0; i < n; i++) {
		all->at[i] = fields->at[i];
		all->key[i] = fields->key[i];
	}
	all->at[n] = (struct json *)(uintptr_t)files;	/* trees are immutable: only pointed at */
	all->key[n] = f->m.id;
	return all;
}

/* What new records and steps have in common. `lp` may be NULL: then the service says so. */
static void fill(struct input *b, const struct work *work, const struct loop *lp, struct submit *in)
{
	struct strs tick = body_texts(b, "tick"), untick = body_texts(b, "untick");

	in->step = body_text(b, "step", true);
	in->on_behalf = (person_id){ body_ref(b, "for", REF_PERSON, false) };
	in->as = hat_of(b, work, in->on_behalf.v ? in->on_behalf : b->op->scope->person);
	in->fields = with_files(b, lp, in->step, body_object(b, "fields"));
	in->reason = body_text(b, "reason", false);
	in->ticks = (struct ticked){ tick.at, tick.n, untick.at, untick.n };
	in->client_hash = key_hash(b->rq);
}

static enum err read_new(struct req *rq, struct submit *in)
{
	const struct work *work;
	struct input b;

	TRY(work_load(rq->op, rq->op->scope->tenant, &work));
	body_open(rq, BODY_NEW, &b);
	in->loop = body_text(&b, "loop", true);
	check_unit(&b, work);
	if (in->loop.len && !policy_loop(work->policy, in->loop))
		b.e = INVALID(rq->op, STR("loop"), "没有这种记录");
	fill(&b, work, policy_loop(work->policy, in->loop), in);
	TRY(body_done(&b));
	return key_of(rq, &in->client_key);
}

/* --- answers --- */

/* Masked values are shown by a look, which is an event: never here. */
static void fields_shown(struct jw *w, const struct op *op, const struct record_view *v)
{
	jw_key(w, "fields");
	jw_obj(w);
	for (size_t i = 0; i < v->loop->field_n; i++) {
		const struct field *f = &v->loop->field[i];
		const struct value *x = f->type == F_MASKED ? NULL : vmap_get(&v->fields, f->m.id);

		if (!x)
			continue;
		jw_key_s(w, f->m.id);
		field_write_api(w, op->arena, v->tenant, f, x, op->clock->utc_offset_ms);
	}
	jw_end(w);
}

static void answer(struct req *rq, struct reply *rp, const struct submitted *s, int status)
{
	struct record_view v;
	struct jw w;

	if (status == 201)
		reply_header(rp, "Location",
			     str_fmt(rq->op->arena, "/api/v1/records/%.*s",
				     STR_ARG(pubid_make(rq->op->arena, rq->op->scope->tenant,
							s->record.v))));
	api_begin(rq, rp, &w);
	jw_submitted(&w, rq->op, s);
	if (status == 200 && s->record.v && record_view(rq->op, s->record, &v) == ERR_OK &&
	    !v.sealed)
		fields_shown(&w, rq->op, &v);
	api_send_status(rp, &w, status);
}

static enum err run_submit(struct op *op, void *arg)
{
	struct call *c = arg;

	return record_submit(op, &c->in, &c->out);
}

static enum err finish_new(struct req *rq, struct reply *rp, enum err e)
{
	struct call *c = rq->wop.arg;

	TRY(e);
	answer(rq, rp, &c->out, 201);
	return ERR_OK;
}

static enum err finish_step(struct req *rq, struct reply *rp, enum err e)
{
	struct call *c = rq->wop.arg;

	TRY(e);
	answer(rq, rp, &c->out, 200);
	return ERR_OK;
}

enum err api_record_new(struct req *rq, struct reply *rp)
{
	struct call *c = NEW(rq->op->arena, struct call);

	(void)rp;
	TRY(read_new(rq, &c->in));
	rq_write(rq, run_submit, c, finish_new);
	return ERR_OK;
}

/* --- the engine's own steps --- */

struct act { str step; record_id record; int64_t if_version; const struct json *fields;
	     str reason, text, field; person_id to; struct ticked ticks; appointment_id as;
	     struct submitted out;
	     struct once_call once; };

static bool is_act(str step)
{
	static const char *const all[] = { "undo", "void", "correct", "reassign", "remind",
					    "comment" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq(step, str_of(all[i])))
			return true;
	return false;
}

static enum err act_take(struct op *op, struct act *a)
{
	if (str_eq(a->step, STR("undo")))
		return record_undo(op, a->record, &a->out);
	if (str_eq(a->step, STR("void")))
		return record_void(op, a->record, a->reason, &a->out);
	if (str_eq(a->step, STR("correct")))
		return record_correct(op, a->record, a->fields, a->reason, &a->out);
	if (str_eq(a->step, STR("reassign")))
		return record_reassign(op, a->record, a->field, a->to, a->reason, &a->out);
	if (str_eq(a->step, STR("remind")))
		return record_remind(op, a->record, &a->out);
	return record_comment(op, a->record, a->text, &a->out);
}

/* The version is looked at by the writer too, where it cannot move any more. */
static enum err act_version(struct op *op, const struct act *a)
{
	struct record_view v;

	if (!a->if_version)
		return ERR_OK;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(record_view(op, a->record, &v));
	if (v.version != a->if_version)
		return FAIL(op, ERR_CONFLICT, "记录已经被别人改动，请刷新后再办");
	return tx_commit(&tx);
}

static enum err act_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct act *a = arg;

	const struct scope *was = op->scope;
	struct scope hatted = *was;
	enum err e;

	TRY(act_version(op, a));
	if (a->as.v)
		hatted.appointment = a->as;
	op->scope = &hatted;
	e = act_take(op, a);
	op->scope = was;
	TRY(e);
	if (a->ticks.tick_n + a->ticks.untick_n) {
		step_id step = a->out.step;

		TRY(record_ticks(op, a->record, &a->ticks, &a->out));
		a->out.step = step;
	}
	*ret_made = a->record.v;
	return ERR_OK;
}

static enum err act_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *once = rq->wop.arg;
	struct act *a = once->arg;
	struct record_view v;

	TRY(e);
	if (once->replayed) {	/* as it is now */
		TRY(record_view(rq->op, a->record, &v));
		a->out = (struct submitted){ .record = v.id, .number = v.number,
			.loop = v.loop->m.id, .state = v.state->m.id, .version = v.version,
			.satisfied = v.satisfied, .satisfied_n = v.satisfied_n };
	}
	answer(rq, rp, &a->out, 200);
	return ERR_OK;
}

/* reassign: {rectifier: "王芳"}: the field that says who acts next, and whom it shall name. */
static void read_reassign(struct input *b, struct act *a)
{
	struct input inner = { .rq = b->rq, .op = b->op, .j = a->fields };

	if (!a->fields || a->fields->n != 1) {
		b->e = INVALID(b->op, STR("fields"), "请写明把哪一项改派给谁，只能一项");
		return;
	}
	a->field = a->fields->key[0];
	a->to = (person_id){ body_ref(&inner, str_c(b->op->arena, a->field), REF_PERSON, true) };
	if (inner.e)
		b->e = inner.e;
}

static void read_comment(struct input *b, struct act *a)
{
	struct input inner = { .rq = b->rq, .op = b->op, .j = a->fields };

	for (size_t i = 0; a->fields && i < a->fields->n; i++)
		if (!str_eq(a->fields->key[i], STR("text")))
			inner.e = INVALID(b->op, a->fields->key[i], "没有这一项");
	a->text = body_text(&inner, "text", true);
	if (inner.e)
		b->e = inner.e;
}

/* What an act takes beside its own: ticks, where the record goes on; never for somebody else. */
static void read_beside(struct input *b, const struct work *work, struct act *a)
{
	struct strs tick = body_texts(b, "tick"), untick = body_texts(b, "untick");
	bool ends = str_eq(a->step, STR("undo")) || str_eq(a->step, STR("void"));

	if (body_has(b, "for"))
		b->e = INVALID(b->op, STR("for"), "这一步要由本人办理，不能代录");
	if (body_has(b, "files"))
		b->e = INVALID(b->op, STR("files"), "这一步不收附件");
	if (ends && tick.n + untick.n)
		b->e = INVALID(b->op, tick.n ? STR("tick") : STR("untick"),
			       "撤销和作废时不能勾选任务");
	a->as = hat_of(b, work, b->op->scope->person);
	a->ticks = (struct ticked){ tick.at, tick.n, untick.at, untick.n };
}

static enum err act_begin(struct req *rq, struct input *b, const struct work *work, str step)
{
	struct act *a = NEW(rq->op->arena, struct act);

	a->step = step;
	a->record = (record_id){ rq->id };
	if (b) {
		a->fields = body_object(b, "fields");
		a->reason = body_text(b, "reason", false);
		read_beside(b, work, a);
		if (str_eq(step, STR("reassign")))
			read_reassign(b, a);
		if (str_eq(step, STR("comment")))
			read_comment(b, a);
		TRY(body_done(b));
	}
	TRY(if_match_of(rq, &a->if_version));
	return once_write(rq, &a->once, act_run, a, act_finish);
}

enum err api_record_undo(struct req *rq, struct reply *rp)
{
	struct record_view v;
	struct input b;

	(void)rp;
	TRY(record_view(rq->op, (record_id){ rq->id }, &v));
	body_open(rq, "", &b);
	TRY(body_done(&b));
	return act_begin(rq, NULL, NULL, STR("undo"));
}

/* --- steps --- */

enum err api_record_step(struct req *rq, struct reply *rp)
{
	struct call *c = NEW(rq->op->arena, struct call);
	const struct work *work;
	struct record_view v;
	struct input b;
	str step;

	(void)rp;
	/* First of all: whoever may not see it learns nothing from the faults of his body. */
	TRY(record_view(rq->op, (record_id){ rq->id }, &v));
	TRY(work_load(rq->op, rq->op->scope->tenant, &work));
	body_open(rq, BODY_STEP, &b);
	step = body_text(&b, "step", true);
	if (step.len && loop_step_index(v.loop, step) < 0 && is_act(step))
		return act_begin(rq, &b, work, step);
	c->in.record = v.id;
	fill(&b, work, v.loop, &c->in);
	TRY(body_done(&b));
	TRY(if_match_of(rq, &c->in.if_version));
	TRY(key_of(rq, &c->in.client_key));
	rq_write(rq, run_submit, c, finish_step);
	return ERR_OK;
}

/* --- what it would satisfy --- */

static enum err read_preview(struct req *rq, struct submit *in)
{
	struct record_view v;
	const struct work *work;
	struct input b;
	str text = json_get_str(rq->json, STR("record"));
	tenant_id tenant;

	if (!text.ptr)
		return read_new(rq, in);
	if (!pubid_read(text, &tenant, &in->record.v) || tenant.v != rq->op->scope->tenant.v)
		return INVALID(rq->op, STR("record"), "没有这条记录");
	TRY(record_view(rq->op, in->record, &v));
	TRY(work_load(rq->op, rq->op->scope->tenant, &work));
	body_open(rq, BODY_STEP " record", &b);
	fill(&b, work, v.loop, in);
	return body_done(&b);
}

enum err api_record_preview(struct req *rq, struct reply *rp)
{
	struct submit in = { 0 };
	struct submitted out;

	TRY(read_preview(rq, &in));
	TRY(record_preview(rq->op, &in, &out));
	answer(rq, rp, &out, 200);
	return ERR_OK;
}
