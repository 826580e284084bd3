/*
 * change: small changes of the organisation from a person's or the places' page: somebody new, a
 * post, its end, an absence, leaving with everything handed over, a place added or given up. Each
 * is one operation of work/orgchange.h, which sees to it that open work follows.
 */
#include "web/page/org.h"

#include "base/pubid.h"
#include "web/forms.h"
#include "web/routes.h"
#include "work/orgchange.h"

#include "gen/html_edit_page.h"
#include "gen/html_field_error.h"
#include "gen/html_handover.h"

/* --- one small form --- */

static struct html_field line(struct req *rq, const char *name, const char *label, bool need)
{
	str n = str_of(name);

	return (struct html_field){
		.id = n, .name = n, .label = str_of(label), .need = need, .is_line = true,
		.value = rq_typed(rq, n), .error = rq_fault(rq, n), .max_length = 60,
	};
}

static struct html_field date_line(struct req *rq, const char *name, const char *label, str value)
{
	struct html_field f = line(rq, name, label, true);

	f.is_date = true;
	f.max_length = 0;
	if (!f.value.len)
		f.value = value;
	return f;
}

static struct html_field pick(struct req *rq, const char *name, const char *label,
			      const struct html_opt *o, size_t n, bool need)
{
	struct html_field f = line(rq, name, label, need);

	f.is_line = false;
	f.is_select = true;
	f.long_list = n > 12;
	f.options = o;
	f.options_n = n;
	return f;
}

static const struct html_opt *people_options(struct op *op, const struct work *w, person_id but,
	size_t *ret_n)
{
	struct html_opt *o = NEW_N(op->arena, w->org->person_n, struct html_opt);
	size_t n = 0;

	for (size_t i = 0; i < w->org->person_n; i++)
		if (w->org->person[i].id.v != but.v &&
		    valid_at(w->org->person[i].from_ms, w->org->person[i].to_ms, op->now_ms))
			o[n++] = (struct html_opt){ .value = page_id(op, w->org->person[i].id.v),
						    .label = w->org->person[i].name,
						    .hint = posts_at(op, w, w->org->person[i].id,
							op->now_ms) };
	*ret_n = n;
	return o;
}

static const struct html_opt *post_options(struct op *op, const struct work *w, size_t *ret_n)
{
	struct html_opt *o = NEW_N(op->arena, w->policy->post_n, struct html_opt);
	size_t n = 0;

	for (size_t i = 0; i < w->policy->post_n; i++)
		if (w->policy->post[i].m.label.len && !w->policy->post[i].is.n)
			o[n++] = (struct html_opt){ .value = w->policy->post[i].m.id,
						    .label = w->policy->post[i].m.label };
	*ret_n = n;
	return o;
}

static void fill_faults(struct op *op, struct html_edit_page *v)
{
	VEC(struct html_field_error) all = { 0 };

	for (const struct field_error *e = op->field_errors; e; e = e->next)
		*VEC_PUSH(op->arena, &all) = (struct html_field_error){ .id = e->field,
			.message = e->message };
	v->errors = all.at;
	v->errors_n = all.n;
	v->kept = all.n > 0;
}

static enum err edit_show(struct req *rq, struct reply *rp, const struct work *w,
			  struct html_edit_page *v, str url, str back)
{
	TRY(page_shell(rq, rp, w, v->heading, TAB_NONE, &v->shell));
	v->shell.back = back;
	v->csrf = v->shell.csrf;
	v->key = page_key(rq->op);
	v->url = url;
	fill_faults(rq->op, v);
	html_edit_page(&rp->body, v);
	return ERR_OK;
}

/* --- a person, a post --- */

enum err page_person_new(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_field *f = NEW_N(op->arena, 3, struct html_field);
	struct html_edit_page v = {
		.heading = STR("添加人员"), .fields = f, .fields_n = 3, .button = STR("添加"),
		.note = STR("一次要加很多人，请用导入名单。"),
	};
	const struct html_opt *posts;
	const struct work *w;
	size_t n;

	TRY(work_load(op, op->scope->tenant, &w));
	posts = post_options(op, w, &n);
	f[0] = line(rq, "name", "姓名", true);
	f[1] = pick(rq, "post", "岗位", posts, n, false);
	f[2] = line(rq, "phone", "手机", false);
	f[2].is_phone = true;
	return edit_show(rq, rp, w, &v, STR("/people/new"), STR("/people"));
}

struct changing {
	struct new_person person;
	struct new_appointment post;
	struct new_place place;
	struct new_absence absence;
	appointment_id ends;
	place_id closes;
	person_id who, taker;
	int64_t at_ms;
	str said, to;
};

static enum err finish_change(struct req *rq, struct reply *rp, enum err e)
{
	const struct changing *c = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	page_said(rq, rp, c->to.len ? c->to : page_url(rq->op, "/people/", c->who.v, ""), c->said,
		  (record_id){ 0 }, 0);
	return ERR_OK;
}

static enum err run_person(struct op *op, void *arg)
{
	struct changing *c = arg;
	appointment_id id;

	TRY(change_person_add(op, &c->person, &c->who));
	if (!c->post.post.len)
		return ERR_OK;
	c->post.person = c->who;
	return change_appoint(op, &c->post, &id);
}

static struct new_appointment new_post(const struct op *op, str post)
{
	return (struct new_appointment){
		.post = post, .unit = { op->scope->tenant.v }, .from_ms = op->now_ms,
		.to_ms = INSTANT_OPEN,
	};
}

enum err page_person_new_post(struct req *rq, struct reply *rp)
{
	const struct form_person *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);

	(void)rp;
	c->person = (struct new_person){
		.name = f->name, .phone = f->phone, .kind = STR("staff"),
		.unit = { rq->op->scope->tenant.v }, .joined_ms = rq->op->now_ms,
	};
	c->post = new_post(rq->op, f->post);
	c->said = str_fmt(rq->op->arena, "已添加 %.*s", STR_ARG(f->name));
	rq_write(rq, run_person, c, finish_change);
	return ERR_OK;
}

enum err page_appoint(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_field *f = NEW_N(op->arena, 2, struct html_field);
	struct html_edit_page v = { .fields = f, .fields_n = 2, .button = STR("任职") };
	const struct html_opt *posts;
	const struct work *w;
	size_t n;

	TRY(work_load(op, op->scope->tenant, &w));
	if (!ov_person(w->org, (person_id){ rq->id }))
		return ERR_NOTFOUND;
	posts = post_options(op, w, &n);
	v.heading = str_fmt(op->arena, "%.*s 任职", STR_ARG(person_name(w, (person_id){ rq->id })));
	f[0] = pick(rq, "post", "岗位", posts, n, true);
	f[1] = date_line(rq, "from", "从哪天起", date_format(op->arena, page_today(op)));
	return edit_show(rq, rp, w, &v, page_url(op, "/people/", rq->id, "/appoint"),
			 page_url(op, "/people/", rq->id, ""));
}

static enum err run_appoint(struct op *op, void *arg)
{
	struct changing *c = arg;
	appointment_id id;

	return change_appoint(op, &c->post, &id);
}

static int64_t day_begin(struct op *op, day_no d)
{
	return d == DAY_NONE || d == page_today(op) ? op->now_ms : day_start_ms(d, page_utc(op));
}

enum err page_appoint_post(struct req *rq, struct reply *rp)
{
	const struct form_appoint *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);

	(void)rp;
	c->who.v = rq->id;
	c->post = new_post(rq->op, f->post);
	c->post.person = c->who;
	c->post.from_ms = day_begin(rq->op, f->from);
	c->said = STR("任职已记下，任务会跟着到人");
	rq_write(rq, run_appoint, c, finish_change);
	return ERR_OK;
}

static enum err run_end(struct op *op, void *arg)
{
	struct changing *c = arg;

	return change_appointment_end(op, c->ends, c->at_ms);
}

/* Whose appointment it is, for where to go back to. */
static person_id holder_of(const struct work *w, appointment_id id)
{
	for (size_t i = 0; i < w->org->appointment_n; i++)
		if (w->org->appointment[i].id.v == id.v)
			return w->org->appointment[i].person;
	return (person_id){ 0 };
}

enum err page_appointment_end(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_field *f = NEW(op->arena, struct html_field);
	struct html_edit_page v = {
		.heading = STR("结束任职"), .fields = f, .fields_n = 1, .button = STR("结束"),
		.note = STR("结束后，这个岗位的任务落到别人身上；没有别人就成为缺口。"),
	};
	const struct work *w;
	person_id who;

	TRY(work_load(op, op->scope->tenant, &w));
	who = holder_of(w, (appointment_id){ rq->id });
	if (!who.v)
		return ERR_NOTFOUND;
	*f = date_line(rq, "from", "最后一天", date_format(op->arena, page_today(op)));
	return edit_show(rq, rp, w, &v, page_url(op, "/appointments/", rq->id, "/end"),
			 page_url(op, "/people/", who.v, ""));
}

enum err page_appointment_end_post(struct req *rq, struct reply *rp)
{
	const struct form_last_day *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);
	const struct work *w;

	(void)rp;
	TRY(work_load(rq->op, rq->op->scope->tenant, &w));
	c->who = holder_of(w, (appointment_id){ rq->id });
	if (!c->who.v)
		return ERR_NOTFOUND;
	c->ends.v = rq->id;
	c->at_ms = day_start_ms(f->from + 1, page_utc(rq->op));
	c->said = STR("任职已结束");
	rq_write(rq, run_end, c, finish_change);
	return ERR_OK;
}

/* --- a place is given up --- */

static enum err run_place_close(struct op *op, void *arg)
{
	struct changing *c = arg;

	return change_place_close(op, c->closes, c->at_ms);
}

enum err page_place_close(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_field *f = NEW(op->arena, struct html_field);
	struct html_edit_page v = {
		.fields = f, .fields_n = 1, .button = STR("停用"),
		.note = STR("停用后，这里不再有责任人和例行任务；已经记下的都还在。"),
	};
	const struct work *w;
	const struct ov_place *p;

	TRY(work_load(op, op->scope->tenant, &w));
	p = ov_place(w->org, (place_id){ rq->id });
	if (!p)
		return ERR_NOTFOUND;
	v.heading = str_fmt(op->arena, "停用%.*s", STR_ARG(p->name));
	*f = date_line(rq, "from", "最后一天", date_format(op->arena, page_today(op)));
	return edit_show(rq, rp, w, &v, page_url(op, "/places/", rq->id, "/close"),
			 page_url(op, "/places/", rq->id, ""));
}

enum err page_place_close_post(struct req *rq, struct reply *rp)
{
	const struct form_close *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);

	(void)rp;
	c->closes.v = rq->id;
	c->at_ms = day_start_ms(f->from + 1, page_utc(rq->op));
	c->to = page_url(rq->op, "/places/", rq->id, "");
	c->said = STR("区域已停用");
	rq_write(rq, run_place_close, c, finish_change);
	return ERR_OK;
}

/* --- a place --- */

enum err page_place_new(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_field *f = NEW_N(op->arena, 4, struct html_field);
	struct html_edit_page v = { .heading = STR("添加区域"), .fields = f, .fields_n = 4,
		.button = STR("添加") };
	const struct work *w;
	const struct catalogue *c;
	struct html_opt *kinds, *up;
	size_t kinds_n = 0, up_n = 0;

	TRY(work_load(op, op->scope->tenant, &w));
	c = policy_catalogue(w->policy, STR("place-kinds"));
	kinds = NEW_N(op->arena, c ? c->entry_n : 0, struct html_opt);
	for (size_t i = 0; c && i < c->entry_n; i++)
		if (!c->entry[i].hidden)
			kinds[kinds_n++] = (struct html_opt){ .value = c->entry[i].m.id,
							      .label = c->entry[i].m.label };
	up = NEW_N(op->arena, w->org->place_n, struct html_opt);
	for (size_t i = 0; i < w->org->place_n; i++)
		if (valid_at(w->org->place[i].from_ms, w->org->place[i].to_ms, op->now_ms))
			up[up_n++] = (struct html_opt){ .value = page_id(op, w->org->place[i].id.v),
							.label = w->org->place[i].name };
	f[0] = line(rq, "name", "名称", true);
	f[1] = pick(rq, "kind", "种类", kinds, kinds_n, true);
	f[2] = line(rq, "code", "编号", false);
	f[3] = pick(rq, "parent", "在哪里面", up, up_n, false);
	return edit_show(rq, rp, w, &v, STR("/places/new"), STR("/places"));
}

static enum err run_place(struct op *op, void *arg)
{
	struct changing *c = arg;
	place_id id;

	return change_place_add(op, &c->place, &id);
}

enum err page_place_new_post(struct req *rq, struct reply *rp)
{
	const struct form_place *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);
	const struct work *w;
	const struct catalogue *kinds;
	const struct entry *kind;
	const struct value *risk;

	(void)rp;
	TRY(work_load(rq->op, rq->op->scope->tenant, &w));
	kinds = policy_catalogue(w->policy, STR("place-kinds"));
	kind = kinds ? catalogue_entry(kinds, f->kind) : NULL;
	risk = kind ? vmap_get(&kind->columns, STR("risk")) : NULL;
	c->place = (struct new_place){
		.kind = f->kind, .code = f->code, .name = f->name,
		.risk = risk && risk->kind == V_TEXT ? risk->text : STR_NONE,
		.parent = { f->parent.id }, .unit = { rq->op->scope->tenant.v },
		.from_ms = rq->op->now_ms,
	};
	c->to = STR("/places");
	c->said = str_fmt(rq->op->arena, "已添加 %.*s", STR_ARG(f->name));
	rq_write(rq, run_place, c, finish_change);
	return ERR_OK;
}

/* --- being away, leaving --- */

/* Oneself, or who may organise. */
static enum err may_change(struct op *op, person_id who)
{
	return who.v == op->scope->person.v ? ERR_OK : scope_require(op, CAP_ORGANISE);
}

enum err page_absence(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	person_id who = { rq->id };
	struct html_handover v = { .sub = STR("不在的日子里，事情由代的人办"), .button = STR("记下"),
				   .effect = STR("不选人代，就按岗位的代理人；都没有的，会成为缺口，领导看得到。") };
	const struct work *w;

	TRY(work_load(op, op->scope->tenant, &w));
	if (!ov_person(w->org, who))
		return ERR_NOTFOUND;
	TRY(may_change(op, who));
	v.heading = str_fmt(op->arena, "%.*s 请假、外出", STR_ARG(person_name(w, who)));
	TRY(page_shell(rq, rp, w, v.heading, TAB_NONE, &v.shell));
	v.shell.back = page_url(op, "/people/", who.v, "");
	v.csrf = v.shell.csrf;
	v.key = page_key(op);
	v.url = page_url(op, "/people/", who.v, "/absence");
	v.from = rq_typed(rq, STR("from")).len ? rq_typed(rq, STR("from"))
					       : date_format(op->arena, page_today(op));
	v.to = rq_typed(rq, STR("to"));
	v.error = op->field_errors ? op->field_errors->message : str_of(op->errmsg);
	v.standins = people_options(op, w, who, &v.standins_n);
	html_handover(&rp->body, &v);
	return ERR_OK;
}

static enum err run_absence(struct op *op, void *arg)
{
	struct changing *c = arg;
	int64_t id;

	return change_absence(op, &c->absence, &id);
}

enum err page_absence_post(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_absence *f = rq->form;
	struct changing *c = NEW(op->arena, struct changing);

	(void)rp;
	c->who.v = rq->id;
	TRY(may_change(op, c->who));
	if (f->to < f->from)
		return INVALID(op, STR("to"), "结束的一天不能早于开始的一天。");
	c->absence = (struct new_absence){ .person = c->who, .stand_in = { f->stand_in.id },
					   .from_ms = day_begin(op, f->from),
					   .to_ms = day_start_ms(f->to + 1, page_utc(op)) };
	c->said = STR("已记下，这几天的事会找代的人");
	rq_write(rq, run_absence, c, finish_change);
	return ERR_OK;
}

static void fill_items(struct op *op, const struct work *w, const struct leaving *l,
	struct html_handover *v)
{
	struct html_handover_row *rows = NEW_N(op->arena, l->item_n, struct html_handover_row);

	for (size_t i = 0; i < l->item_n; i++) {
		const struct open_item *it = &l->item[i];
		str who = it->taker_n ? person_name(w, it->taker[0].person) : STR_NONE;
		str due = say_due(op, it->due_ms, false);

		rows[i] = (struct html_handover_row){
			.kind = it->place.v ? STR("区域") : it->record.v ? STR("记录") : STR("任务"),
			.label = it->label,
			.note = str_fmt(op->arena, "%.*s%s%.*s", STR_ARG(due),
					who.len ? " 建议交给 " : " 没有现成的接手人", STR_ARG(who)),
		};
	}
	v->rows = rows;
	v->rows_n = l->item_n;
}

enum err page_leave(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	person_id who = { rq->id };
	struct html_handover v = { .leaving = true, .button = STR("完成交接") };
	const struct work *w;
	struct leaving l = { 0 };

	TRY(work_load(op, op->scope->tenant, &w));
	if (!ov_person(w->org, who))
		return ERR_NOTFOUND;
	TRY(leave_preview(op, who, op->now_ms, &l));
	v.heading = str_fmt(op->arena, "%.*s 离岗交接", STR_ARG(person_name(w, who)));
	v.sub = str_fmt(op->arena, "%.*s · 手上 %zu 项", STR_ARG(posts_at(op, w, who, op->now_ms)),
		l.item_n);
	TRY(page_shell(rq, rp, w, v.heading, TAB_NONE, &v.shell));
	v.shell.back = page_url(op, "/people/", who.v, "");
	v.csrf = v.shell.csrf;
	v.key = page_key(op);
	v.url = page_url(op, "/people/", who.v, "/leave");
	v.from = date_format(op->arena, page_today(op));
	v.error = op->field_errors ? op->field_errors->message : str_of(op->errmsg);
	v.standins = people_options(op, w, who, &v.standins_n);
	fill_items(op, w, &l, &v);
	v.effect = l.hole_n ? str_fmt(op->arena, "交接后会出现 %zu 处缺口，请在责任网格里补上。", l.hole_n)
			    : STR("交接后没有新的缺口。");
	html_handover(&rp->body, &v);
	return ERR_OK;
}

static enum err run_leave(struct op *op, void *arg)
{
	struct changing *c = arg;

	return change_leave(op, c->who, c->at_ms, c->taker);
}

enum err page_leave_post(struct req *rq, struct reply *rp)
{
	const struct form_leave *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);

	(void)rp;
	c->who.v = rq->id;
	c->taker.v = f->stand_in.id;
	c->at_ms = day_start_ms(f->from + 1, page_utc(rq->op));
	c->said = STR("交接完成，各项工作已转给接手的人");
	rq_write(rq, run_leave, c, finish_change);
	return ERR_OK;
}
