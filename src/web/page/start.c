/*
 * start: beginning a record of any loop. /report is the short form (`quick`) of the first loop that
 * anybody may begin so; /start lists what is open to me; /start/LOOP/STEP is one form. A
 * plaque leads to the same form with its place filled in.
 */
#include "web/page/step.h"

#include "base/json.h"
#include "base/pubid.h"
#include "web/forms.h"
#include "web/page/record.h"
#include "web/routes.h"

#include "gen/html_form_page.h"
#include "gen/html_snap.h"
#include "gen/html_starts.h"

#define USUAL 4
#define DONE_SEEN 60

struct beginning {
	const struct work *work;
	const struct loop *loop;
	struct next_step next;
	const struct form_step *typed;
	const struct submitted *preview;
	struct json *preset;	/* what the form holds already; NULL */
	str url;
};

/* --- which --- */

/* The first start with a short form, and the other one of its loop that has none: 已当场处理. */
static enum err quick_start(struct op *op, const struct start **ret, const struct step **ret_other)
{
	struct start *all;
	size_t n;

	TRY(starts_of(op, &all, &n));
	*ret = NULL;
	*ret_other = NULL;
	for (size_t i = 0; i < n && !*ret; i++)
		if (all[i].step->quick.n && loop_has_stages(all[i].loop))
			*ret = &all[i];
	for (size_t i = 0; *ret && i < n; i++)
		if (all[i].loop == (*ret)->loop && all[i].step != (*ret)->step)
			*ret_other = all[i].step;
	return *ret ? ERR_OK : FAIL(op, ERR_NOTFOUND, "还没有可以上报的事项");
}

/* The person of the form whom nothing else proposes: who is trained, not who trains. */
static str person_field(const struct loop *lp, const struct step *st)
{
	for (size_t i = 0; i < st->form.n; i++) {
		const struct field *f = loop_field(lp, st->form.at[i]);

		if (f && f->type == F_PERSON && !f->dflt && !f->dflt_who)
			return f->m.id;
	}
	return STR("");
}

static struct json *preset_of(struct op *op, const struct form_preset *f, const struct loop *lp,
			      const struct step *st)
{
	struct json *obj = NEW(op->arena, struct json), *v;
	const struct form_id *of;
	str field;

	if (!f || !st)
		return NULL;
	of = f->person.id ? &f->person : &f->place;
	field = f->person.id ? person_field(lp, st) : f->place.id ? STR("place") : STR("");
	if (!field.len || !loop_field(lp, field))
		return NULL;
	v = NEW(op->arena, struct json);
	*v = (struct json){ .kind = JSON_STR, .s = pubid_make(op->arena, of->tenant, of->id) };
	*obj = (struct json){ .kind = JSON_OBJ, .n = 1, .at = NEW(op->arena, struct json *),
			      .key = NEW(op->arena, str) };
	obj->at[0] = v;
	obj->key[0] = field;
	return obj;
}

static enum err begin(struct req *rq, str loop, str step, const struct form_preset *f,
		      struct beginning *ret)
{
	struct op *op = rq->op;
	struct beginning b = { 0 };
	const struct loop *lp;
	int i;

	TRY(work_load(op, op->scope->tenant, &b.work));
	lp = policy_loop(b.work->policy, loop);
	if (!lp)
		return ERR_NOTFOUND;
	i = loop_step_index(lp, step);
	b.preset = preset_of(op, f, lp, i >= 0 ? &lp->step[i] : NULL);
	if (f && f->task.id && i >= 0)
		TRY(task_preset(op, b.work, (occurrence_id){ f->task.id }, lp, &lp->step[i],
				&b.preset));
	TRY(start_form(op, loop, step, b.preset, &b.next, &b.loop));
	b.url = str_fmt(op->arena, "/start/%.*s/%.*s", STR_ARG(loop), STR_ARG(step));
	*ret = b;
	return ERR_OK;
}

static struct step_page step_page_of(const struct beginning *b)
{
	return (struct step_page){ .work = b->work, .policy = b->work->policy, .loop = b->loop,
				   .next = &b->next, .typed = b->typed, .preview = b->preview,
				   .url = b->url };
}

/* --- the short form --- */

static struct html_field *take(struct html_field *all, size_t n,
	bool (*is)(const struct html_field *))
{
	for (size_t i = 0; i < n; i++)
		if (is(&all[i]))
			return &all[i];
	return NULL;
}

static bool is_files(const struct html_field *f)
{
	return f->is_files;
}

static bool is_place(const struct html_field *f)
{
	return f->is_search;
}

static size_t without(struct html_field *all, size_t n, const struct html_field *a,
		      const struct html_field *b, struct html_field *ret)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (&all[i] != a && &all[i] != b)
			ret[kept++] = all[i];
	return kept;
}

static str destiny(struct op *op, const struct beginning *b)
{
	const struct step *step = b->next.step;
	const struct state *to = step->to >= 0 ? &b->loop->state[step->to] : NULL;
	size_t n = step->m.clauses.n;
	str clauses = str_join(op->arena, step->m.clauses.at, n, STR("、"));

	return str_fmt(op->arena, "%s%.*s%s%.*s", to ? "提交后进入：" : "",
		       STR_ARG(to ? to->m.label : STR_NONE), n ? " · 依据 " : "", STR_ARG(clauses));
}

/* The fields of the form sorted into picture, place and the rest. */
static void fill_snap_fields(struct op *op, const struct html_step_form *form, struct html_snap *v)
{
	struct html_field *first = NEW_N(op->arena, form->fields_n, struct html_field);
	struct html_field *more = NEW_N(op->arena, form->more_n, struct html_field);
	struct html_field *rest = NEW_N(op->arena, form->fields_n, struct html_field);
	struct html_field *fold = NEW_N(op->arena, form->more_n, struct html_field);

	if (form->fields_n)
		memcpy(first, form->fields, form->fields_n * sizeof(*first));
	if (form->more_n)
		memcpy(more, form->more, form->more_n * sizeof(*more));
	v->place = take(first, form->fields_n, is_place);
	v->photos = take(first, form->fields_n, is_files);
	if (!v->photos)
		v->photos = take(more, form->more_n, is_files);
	v->fields_n = without(first, form->fields_n, v->photos, v->place, rest);
	v->more_n = without(more, form->more_n, v->photos, v->place, fold);
	v->fields = rest;
	v->more = fold;
}

static void fill_snap_form(struct op *op, const struct html_step_form *form, struct html_snap *v)
{
	struct html_hidden *quick = NEW(op->arena, struct html_hidden);

	*quick = (struct html_hidden){ .name = STR("quick"), .value = STR("1") };
	v->hidden = quick;
	v->hidden_n = 1;
	v->url = form->url;
	v->csrf = form->csrf;
	v->key = form->key;
	v->step = form->step;
	v->draft = form->draft;
	v->kept = form->kept;
	v->errors = form->errors;
	v->errors_n = form->errors_n;
	v->hats = form->hats;
	v->hats_n = form->hats_n;
	v->preview = form->preview;
}

/* For whom one may type what he has seen: both stand in the record, neither checks it again. */
static void fill_behalf(struct op *op, const struct work *w, struct html_snap *v)
{
	struct html_opt *o = NEW_N(op->arena, w->org->person_n, struct html_opt);

	for (size_t i = 0; i < w->org->person_n; i++) {
		const struct ov_person *p = &w->org->person[i];

		if (p->id.v == op->scope->person.v || op->now_ms < p->from_ms ||
		    op->now_ms >= p->to_ms)
			continue;
		o[v->behalf_n++] = (struct html_opt){ .value = page_id(op, p->id.v),
						      .label = p->name };
	}
	v->behalf = o;
}

static enum err snap_show(struct req *rq, struct reply *rp, const struct beginning *b,
			  const struct step *other)
{
	struct op *op = rq->op;
	struct step_page s = step_page_of(b);
	struct html_step_form form;
	struct html_snap v = { .heading = b->next.step->m.label, .destiny = destiny(op, b),
			       .button = STR("提交") };

	TRY(page_shell(rq, rp, b->work, v.heading, TAB_SNAP, &v.shell));
	v.shell.back = STR("/tasks");
	v.shell.no_tabs = v.shell.has_act = true;
	TRY(step_form_view(rq, rp, &s, &form));
	fill_snap_fields(op, &form, &v);
	fill_snap_form(op, &form, &v);
	fill_behalf(op, b->work, &v);
	if (other) {
		v.alt_url = str_fmt(op->arena, "/start/%.*s/%.*s", STR_ARG(b->loop->m.id),
				    STR_ARG(other->m.id));
		v.alt_label = other->m.label;
		v.alt_help = STR("换一张表，登记处理情况");
	}
	html_snap(&rp->body, &v);
	return ERR_OK;
}

/* --- the whole form --- */

static void fill_other(struct op *op, const struct beginning *b, struct html_form_page *v)
{
	const struct loop *lp = b->loop;
	struct html_act *acts = NEW_N(op->arena, lp->step_n, struct html_act);

	for (size_t i = 0; i < lp->step_n; i++)
		if (lp->step[i].from_start && !lp->step[i].by_clock && &lp->step[i] != b->next.step)
			acts[v->other_steps_n++] = (struct html_act){
				.url = str_fmt(op->arena, "/start/%.*s/%.*s", STR_ARG(lp->m.id),
					       STR_ARG(lp->step[i].m.id)),
				.label = lp->step[i].m.label,
			};
	v->other_steps = acts;
}

static enum err form_show(struct req *rq, struct reply *rp, const struct beginning *b)
{
	struct step_page s = step_page_of(b);
	struct html_step_form *form = NEW(rq->op->arena, struct html_step_form);
	struct html_form_page v = { 0 };

	TRY(page_shell(rq, rp, b->work, b->loop->m.label, TAB_NONE, &v.shell));
	v.shell.back = STR("/start");
	page_crumbs(rq, &v.shell, (const str[]){
		STR("记一件事"), STR("/start"), b->loop->m.label, STR_NONE, STR_NONE,
	});
	TRY(step_form_view(rq, rp, &s, form));
	v.heading = str_fmt(rq->op->arena, "%.*s：%.*s", STR_ARG(b->loop->m.label),
			    STR_ARG(b->next.step->m.label));
	v.sub = b->loop->m.help;
	v.basis = destiny(rq->op, b);
	v.form = form;
	fill_other(rq->op, b, &v);
	html_form_page(&rp->body, &v);
	return ERR_OK;
}

static enum err show(struct req *rq, struct reply *rp, const struct beginning *b, bool quick)
{
	return quick ? snap_show(rq, rp, b, NULL) : form_show(rq, rp, b);
}

enum err page_report(struct req *rq, struct reply *rp)
{
	const struct start *start;
	const struct step *other;
	struct beginning b;

	TRY(quick_start(rq->op, &start, &other));
	TRY(begin(rq, start->loop->m.id, start->step->m.id, rq->form, &b));
	return snap_show(rq, rp, &b, other);
}

/* Come from a task: what sending will tick is said before anything is typed. */
static void promise(struct req *rq, struct beginning *b)
{
	const struct form_preset *f = rq->form;
	struct submit asked = { .loop = b->loop->m.id, .step = b->next.step->m.id,
				.fields = b->preset };
	struct submitted *out = NEW(rq->op->arena, struct submitted);

	if (!f || !f->task.id || !b->preset)
		return;
	if (record_preview(rq->op, &asked, out) == ERR_OK)
		b->preview = out;
	else
		op_clear_error(rq->op);
}

enum err page_start_form(struct req *rq, struct reply *rp)
{
	struct beginning b;

	TRY(begin(rq, rq_param(rq, STR("loop")), rq_param(rq, STR("step")), rq->form, &b));
	promise(rq, &b);
	return show(rq, rp, &b, false);
}

/* --- taking it --- */

static enum err finish_start(struct req *rq, struct reply *rp, enum err e)
{
	const struct taking *t = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	if (t->back.len) {
		page_said(rq, rp, t->back, str_fmt(rq->op->arena, "已记录 %.*s",
			STR_ARG(t->out.number)),
			  t->out.record, t->out.version);
		return ERR_OK;
	}
	reply_redirect(rp, page_url(rq->op, "/records/", t->out.record.v, "/receipt"));
	return ERR_OK;
}

static enum err preview_start(struct req *rq, struct reply *rp, struct beginning *b,
			      const struct submit *in)
{
	struct submit asked = *in;
	struct submitted *out = NEW(rq->op->arena, struct submitted);
	enum err e;

	asked.fields = fields_json(rq->op, b->loop, &b->typed->f, NULL);
	e = record_preview(rq->op, &asked, out);
	if (e != ERR_OK && e != ERR_INVALID)
		return e;
	b->preview = e == ERR_OK ? out : NULL;
	return show(rq, rp, b, b->typed->quick);
}

enum err page_start_post(struct req *rq, struct reply *rp)
{
	const struct form_step *f = rq->form;
	struct beginning b;
	struct submit in = { .loop = rq_param(rq, STR("loop")), .step = rq_param(rq, STR("step")) };
	struct taking *t;

	TRY(begin(rq, in.loop, in.step, NULL, &b));
	b.typed = f;
	if (f->more.len)
		return show(rq, rp, &b, f->quick);
	if (f->preview)
		return preview_start(rq, rp, &b, &in);
	TRY(step_take(rq, b.loop, b.next.step, &in, &t));
	rq_write(rq, step_run, t, finish_start);
	return ERR_OK;
}

/* A form that did not fit: the same page, with what was typed and what is wrong. */
enum err page_step_again(struct req *rq, struct reply *rp)
{
	const struct form_step *f = rq->form;
	str loop = rq_param(rq, STR("loop"));
	struct record_page r;
	struct beginning b;

	if (!f)
		return ERR_INVALID;
	if (loop.len) {
		TRY(begin(rq, loop, rq_param(rq, STR("step")), NULL, &b));
		b.typed = f;
		return show(rq, rp, &b, f->quick);
	}
	TRY(record_read(rq, &r));
	r.typed = f;
	return record_show(rq, rp, &r);
}

/* --- the list --- */

/* What this person begins most lately, the newest first. */
static enum err fill_usual(struct op *op, const struct start *all,
			   const struct html_start_row *rows, size_t n, struct html_start_group *g)
{
	struct tasks done = { 0 };
	struct html_start_row *usual = NEW_N(op->arena, USUAL, struct html_start_row);

	if (n <= USUAL || !op->scope->person.v)
		return ERR_OK;		/* a short list needs no other before it */
	TRY(tasks_list(op, TASKS_DONE, (person_id){ 0 }, 0, 0, DONE_SEEN, &done));
	for (size_t i = 0; i < done.n && g->rows_n < USUAL; i++)
		for (size_t k = 0; k < n; k++) {
			bool had = false;

			if (!done.at[i].loop || !str_eq(done.at[i].loop->m.id, all[k].loop->m.id) ||
			    !str_eq(done.at[i].steps, all[k].step->m.id))
				continue;
			for (size_t j = 0; j < g->rows_n && !had; j++)
				had = str_eq(usual[j].url, rows[k].url);
			if (!had && g->rows_n < USUAL)
				usual[g->rows_n++] = rows[k];
		}
	g->title = STR("最近记过");
	g->rows = usual;
	return ERR_OK;
}

enum err page_starts(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_starts v = { .sub = STR("选一种记录。做完再记，一次就够。") };
	struct html_start_group *g = NEW_N(op->arena, 2, struct html_start_group);
	const struct work *w;
	struct html_start_row *rows;
	struct start *all;
	size_t n;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("记一件事"), TAB_NONE, &v.shell));
	TRY(starts_of(op, &all, &n));
	rows = NEW_N(op->arena, n, struct html_start_row);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct html_start_row){
			.url = str_fmt(op->arena, "/start/%.*s/%.*s", STR_ARG(all[i].loop->m.id),
				       STR_ARG(all[i].step->m.id)),
			.icon = step_icon(all[i].loop, all[i].step),
			.label = str_fmt(op->arena, "%.*s：%.*s", STR_ARG(all[i].loop->m.label),
					 STR_ARG(all[i].step->m.label)),
	.note = all[i].step->m.help.len ? all[i].step->m.help : all[i].loop->m.help };
	v.groups = g;
	TRY(fill_usual(op, all, rows, n, &g[0]));
	v.groups_n += g[0].rows_n > 0;
	g[v.groups_n] = (struct html_start_group){ .rows = rows, .rows_n = n,
		.title = v.groups_n ? STR("全部") : STR_NONE };
	v.groups_n++;
	html_starts(&rp->body, &v);
	return ERR_OK;
}

enum err page_plaque(struct req *rq, struct reply *rp)
{
	reply_redirect(rp, page_url(rq->op, "/report?place=", rq->id, ""));
	return ERR_OK;
}
