/*
 * record_step: steps on a record, and mending: undo, void, correct, oversee. Each is one write;
 * the answer is a redirect to the record with a word of what was done, or the page again with
 * what was typed.
 */
#include "web/page/step.h"

#include "web/forms.h"
#include "web/page/record.h"
#include "web/routes.h"

#include "gen/html_mend_page.h"
#include "gen/html_receipt_page.h"

static const struct next_step *next_of(const struct record_view *v, str step)
{
	for (size_t i = 0; i < v->next_n; i++)
		if (str_eq(v->next[i].step->m.id, step))
			return &v->next[i];
	return NULL;
}

/* The step is not open to him now: say which it is, not permitted or not possible. */
static enum err no_step(struct op *op, const struct record_view *v, str step)
{
	if (loop_step_index(v->loop, step) < 0)
		return FAIL(op, ERR_CONFLICT, "没有这一步，请回到记录页重新办理");
	if (v->final)
		return FAIL(op, ERR_CONFLICT, "这条记录已经办结");
	return FAIL(op, ERR_DENIED, "这一步现在不由您办理，或者别人已经办过了");
}

static enum err finish_step(struct req *rq, struct reply *rp, enum err e)
{
	const struct taking *t = rq->wop.arg;
	const struct step *step = &t->loop->step[loop_step_index(t->loop, t->in.step)];
	str message = str_fmt(rq->op->arena, "已办理：%.*s", STR_ARG(step->m.label));
	bool undo = t->loop->undo && !step->sign;

	if (e != ERR_OK)
		return e;
	if (t->out.satisfied_n > 1)
		message = str_fmt(rq->op->arena, "%.*s，满足 %zu 项要求", STR_ARG(message),
			t->out.satisfied_n);
	page_said(rq, rp, t->back.len ? t->back : page_url(rq->op, "/records/", rq->id, ""),
		  message, undo ? (record_id){ rq->id } : (record_id){ 0 }, t->out.version);
	return ERR_OK;
}

static enum err preview_step(struct req *rq, struct reply *rp, struct record_page *r,
	const struct submit *in)
{
	struct submit asked = *in;
	struct submitted *out = NEW(rq->op->arena, struct submitted);
	enum err e;

	asked.fields = fields_json(rq->op, r->v.loop, &r->typed->f, NULL);
	e = record_preview(rq->op, &asked, out);
	if (e != ERR_OK && e != ERR_INVALID)
		return e;
	r->preview = e == ERR_OK ? out : NULL;
	return record_show(rq, rp, r);
}

enum err page_record_step(struct req *rq, struct reply *rp)
{
	const struct form_step *f = rq->form;
	struct record_page r;
	const struct next_step *next;
	struct submit in = { .record = { rq->id }, .step = f->step,
			     .if_version = f->version == FORM_ABSENT ? 0 : f->version };
	struct taking *t;

	TRY(record_read(rq, &r));
	r.typed = f;
	next = next_of(&r.v, f->step);
	if (!next)
		return no_step(rq->op, &r.v, f->step);
	if (f->more.len)
		return record_show(rq, rp, &r);
	if (f->preview)
		return preview_step(rq, rp, &r, &in);
	TRY(step_take(rq, r.v.loop, next->step, &in, &t));
	rq_write(rq, step_run, t, finish_step);
	return ERR_OK;
}

/* --- mending --- */

struct mending { record_id id; str reason, act; const struct json *fields; str field; person_id to;
		 struct submitted out; };

static enum err finish_mend(struct req *rq, struct reply *rp, enum err e)
{
	const struct mending *m = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	page_said(rq, rp, page_url(rq->op, "/records/", m->id.v, ""), m->act, (record_id){ 0 }, 0);
	return ERR_OK;
}

static enum err run_undo(struct op *op, void *arg)
{
	struct mending *m = arg;

	return record_undo(op, m->id, &m->out);
}

enum err page_record_undo(struct req *rq, struct reply *rp)
{
	struct mending *m = NEW(rq->op->arena, struct mending);

	(void)rp;
	m->id.v = rq->id;
	m->act = STR("已撤销，台账里留有这一步");
	rq_write(rq, run_undo, m, finish_mend);
	return ERR_OK;
}

/* A form of one reason, for voiding; for correcting, of the fields too. */
static enum err mend_show(struct req *rq, struct reply *rp, const struct record_page *r,
	bool correcting)
{
	struct op *op = rq->op;
	struct html_mend_page v = { 0 };
	struct html_step_form *form = NEW(op->arena, struct html_step_form);
	const struct loop *lp = r->v.loop;
	struct form_field *shown = NEW_N(op->arena, lp->field_n, struct form_field);
	struct next_step next = { .step = NEW(op->arena, struct step), .form = shown };
	struct step_page s = { .work = r->work, .policy = r->v.policy, .loop = lp, .next = &next,
			       .record = r->v.id, .version = r->v.version, .known = &r->v.fields,
			       .typed = r->typed };

	for (size_t i = 0; correcting && i < lp->field_n; i++) {
		const struct value *now = vmap_get(&r->v.fields, lp->field[i].m.id);
		enum ftype type = lp->field[i].type;

		if (now && type != F_COMPUTED && type != F_SIGNATURES && type != F_FILES)
			shown[next.form_n++] = (struct form_field){ .field = &lp->field[i],
				.preset = *now };
	}
	s.url = page_url(op, "/records/", r->v.id.v, correcting ? "/correct" : "/void");
	TRY(page_shell(rq, rp, r->work, correcting ? STR("订正") : STR("作废"), TAB_LOOPS, &v.shell));
	v.shell.back = page_url(op, "/records/", r->v.id.v, "");
	TRY(step_form_view(rq, rp, &s, form));
	form->can_preview = false;
	form->override = correcting ? STR("为什么订正") : STR("为什么作废");
	form->button = correcting ? STR("订正") : STR("作废");
	form->button_kind = correcting ? STR("btn-primary") : STR("btn-danger");
	v.heading = correcting ? STR("订正这条记录") : STR("作废这条记录");
	v.sub = str_fmt(op->arena, "%.*s · %.*s", STR_ARG(r->v.number), STR_ARG(r->v.title));
	v.warning = correcting ? STR("原来的内容会保留在旁边，谁都看得到改了什么。")
			       : STR("作废后不再计入统计，它满足过的要求会重新变成未办。编号保留，不会重用。");
	v.form = form;
	html_mend_page(&rp->body, &v);
	return ERR_OK;
}

static enum err mend_get(struct req *rq, struct reply *rp, bool correcting)
{
	struct record_page r;

	TRY(record_read(rq, &r));
	if (correcting ? !r.v.can_correct : !r.v.can_void)
		return FAIL(rq->op, ERR_DENIED, correcting ? "这条记录现在不由您订正" : "这条记录现在不由您作废");
	r.typed = rq->method == HTTP_POST ? rq->form : NULL;
	return mend_show(rq, rp, &r, correcting);
}

enum err page_record_void(struct req *rq, struct reply *rp)
{
	return mend_get(rq, rp, false);
}

enum err page_record_correct(struct req *rq, struct reply *rp)
{
	return mend_get(rq, rp, true);
}

static enum err run_void(struct op *op, void *arg)
{
	struct mending *m = arg;

	return record_void(op, m->id, m->reason, &m->out);
}

static enum err run_correct(struct op *op, void *arg)
{
	struct mending *m = arg;

	return record_correct(op, m->id, m->fields, m->reason, &m->out);
}

enum err page_record_void_post(struct req *rq, struct reply *rp)
{
	const struct form_step *f = rq->form;
	struct mending *m = NEW(rq->op->arena, struct mending);

	(void)rp;
	m->id.v = rq->id;
	m->reason = f->override_reason;
	m->act = STR("已作废，编号保留");
	rq_write(rq, run_void, m, finish_mend);
	return ERR_OK;
}

enum err page_record_correct_post(struct req *rq, struct reply *rp)
{
	const struct form_step *f = rq->form;
	struct mending *m = NEW(rq->op->arena, struct mending);
	struct record_page r;

	(void)rp;
	TRY(record_read(rq, &r));
	m->id.v = rq->id;
	m->reason = f->override_reason;
	m->fields = fields_json(rq->op, r.v.loop, &f->f, NULL);
	m->act = STR("已订正，原内容保留");
	rq_write(rq, run_correct, m, finish_mend);
	return ERR_OK;
}

/* --- overseeing --- */

static enum err run_oversee(struct op *op, void *arg)
{
	struct mending *m = arg;

	if (m->to.v)
		return record_reassign(op, m->id, m->field, m->to, m->reason, &m->out);
	return m->reason.len ? record_comment(op, m->id, m->reason, &m->out)
			     : record_remind(op, m->id, &m->out);
}

enum err page_record_oversee(struct req *rq, struct reply *rp)
{
	const struct form_oversee *f = rq->form;
	struct mending *m = NEW(rq->op->arena, struct mending);
	struct record_page r;
	str lead = STR("field:");

	(void)rp;
	TRY(record_read(rq, &r));
	m->id.v = rq->id;
	m->act = STR("已催办，对方会收到通知");
	if (str_eq(f->act, STR("reassign"))) {
		str owner = r.v.state->owner_text;

		if (!f->person.id || !f->reason.len)
			return INVALID(rq->op, STR("person"), "请选交给谁，并写明理由");
		if (!str_starts(owner, lead))
			return FAIL(rq->op, ERR_CONFLICT, "这一步按岗位办理，不能改派，请调整任职");
		m->field = str_slice(owner, lead.len, owner.len);
		m->to.v = f->person.id;
		m->reason = f->reason;
		m->act = STR("已改派");
	} else if (str_eq(f->act, STR("comment"))) {
		if (!f->text.len)
			return INVALID(rq->op, STR("text"), "请写留言");
		m->reason = f->text;
		m->act = STR("留言已发给办理人");
	}
	rq_write(rq, run_oversee, m, finish_mend);
	return ERR_OK;
}

/* --- the receipt --- */

static str handler_line(struct op *op, const struct record_page *r)
{
	str who, due;

	if (r->v.final || !r->v.owners.n)
		return r->v.final ? STR("已办结。") : STR_NONE;
	who = person_name(r->work, r->v.owners.at[0].person);
	due = say_due(op, r->v.due_ms, false);
	return str_fmt(op->arena, "接下来由 %.*s 办理（%.*s）%s%.*s，每一步都能在这里看到。", STR_ARG(who),
		       STR_ARG(r->v.state->m.label), due.len ? "，" : "", STR_ARG(due));
}

enum err receipt_show(struct req *rq, struct reply *rp, const struct record_page *r)
{
	struct op *op = rq->op;
	struct html_receipt_page v = { 0 };
	struct html_receipt *c = NEW(op->arena, struct html_receipt);
	struct html_post_act *undo = NEW(op->arena, struct html_post_act);

	bool snap = loop_has_stages(r->v.loop);
	/* whose page is the gate, and no other */
	bool gate = scope_can(op->scope, CAP_GATE) && !scope_can(op->scope, CAP_SEE_UNIT);
	TRY(page_shell(rq, rp, r->work, STR("已记录"), snap ? TAB_SNAP : TAB_LOOPS, &v.shell));
	*c = (struct html_receipt){
		.number = r->v.number.len ? r->v.number : STR("已记录"), .label = r->v.loop->m.label,
		.what = r->v.title, .next = handler_line(op, r), .url = page_url(op, "/records/",
			rq->id, ""),
		.again_url = snap || !r->v.step_n ? STR("/report") : str_fmt(op->arena,
			"/start/%.*s/%.*s", STR_ARG(r->v.loop->m.id), STR_ARG(r->v.step[0].step)),
		.again_label = snap ? STR("再报一条") : STR("再记一条"),
		.again_icon = snap ? STR("camera-plus") : STR("plus"),
		.satisfied = satisfied_view(op, r->v.satisfied, r->v.satisfied_n, NULL, 0, true),
		.home_url = gate ? STR("/gate") : STR("/tasks"),
		.home_label = gate ? STR("回到门卫台") : STR("回到任务"),
	};
	if (r->v.can_undo && r->v.undo_until_ms > op->now_ms) {
		*undo = (struct html_post_act){ .url = page_url(op, "/records/", rq->id, "/undo"),
						.csrf = v.shell.csrf, .label = STR("撤销"),
						.kind = STR("btn-sm") };
		c->undo = undo;
		c->undo_note = STR("1 分钟内可以撤销");
	}
	v.receipt = c;
	html_receipt_page(&rp->body, &v);
	return ERR_OK;
}

enum err page_record_receipt(struct req *rq, struct reply *rp)
{
	struct record_page r;

	TRY(record_read(rq, &r));
	return receipt_show(rq, rp, &r);
}
