/*
 * setup_plan: the stations after the lists: the plan, the terms, who does what, done. See
 * setup.h.
 */
#include "web/page/setup.h"

#include "base/sheet.h"
#include "org/import.h"
#include "rules/diag.h"
#include "web/forms.h"
#include "web/page/org.h"
#include "web/routes.h"
#include "work/orgchange.h"
#include "work/tasks.h"

#include "gen/html_wiz_calendar.h"
#include "gen/html_wiz_done.h"
#include "gen/html_wiz_packs.h"
#include "gen/html_wiz_posts.h"

/* --- 4: the plan --- */

enum err page_setup_plan(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_wiz_packs v = { .csrf = rq_csrf(rq, rp), .url = STR("/setup/plan") };
	const struct policy *p;
	struct html_pack_choice *c;

	TRY(setup_policy(op, &p));
	TRY(setup_frame(rq, rp, 3, STR("制度方案"), &v.wiz));
	c = NEW_N(op->arena, p->pack_n, struct html_pack_choice);
	for (size_t i = 0; i < p->pack_n; i++) {
		size_t clauses = 0, duties = 0;

		for (size_t k = 0; k < p->clause_n; k++)
			clauses += str_eq(p->clause[k].m.pack, p->pack[i].id);
		for (size_t k = 0; k < p->duty_n; k++)
			duties += str_eq(p->duty[k].m.pack, p->pack[i].id);
		c[i] = (struct html_pack_choice){
			.name = STR("pack"), .value = p->pack[i].id, .title = p->pack[i].title,
			.on = true, .sub = p->pack[i].source, .fixed = !p->pack[i].extends.n,
			.counts = str_fmt(op->arena, "%zu 条条款，%zu 项职责", clauses, duties),
		};
	}
	v.packs = c;
	v.packs_n = p->pack_n;
	v.from = date_format(op->arena, page_today(op));
	html_wiz_packs(&rp->body, &v);
	return ERR_OK;
}

struct adopting { str pack; int64_t from_ms; struct diags ds; };

static enum err run_adopt(struct op *op, void *arg)
{
	struct adopting *a = arg;

	return change_adopt(op, a->pack, a->from_ms, &a->ds);
}

static enum err finish_adopt(struct req *rq, struct reply *rp, enum err e)
{
	if (e != ERR_OK)
		return e;
	page_said(rq, rp, STR("/setup/calendar"), STR("方案已选用，任务会按条款生成"), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_setup_plan_post(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_setup_plan *f = rq->form;
	struct adopting *a = NEW(op->arena, struct adopting);
	const struct work *w;
	struct policy *p;

	TRY(page_work(op, &w));
	if (w) {	/* it runs already: changing it is for who may adopt */
		reply_redirect(rp, STR("/setup/calendar"));
		return ERR_OK;
	}
	TRY(setup_offer(op, &a->pack, &p));
	a->from_ms = f->from == DAY_NONE ? op->now_ms : day_start_ms(f->from, page_utc(op));
	rq_write(rq, run_adopt, a, finish_adopt);
	return ERR_OK;
}

/* --- 5: the terms --- */

static int school_year(struct op *op)
{
	struct date d = date_from_day(page_today(op));

	return d.month >= 8 ? d.year : d.year - 1;
}

enum err page_setup_calendar(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_wiz_calendar v = { .csrf = rq_csrf(rq, rp), .url = STR("/setup/calendar") };
	struct html_term_row *t = NEW_N(op->arena, 2, struct html_term_row);
	struct calendar cal;
	int year = school_year(op);
	bool known;

	TRY(org_calendar_load(op, op->scope->tenant, &cal));
	TRY(setup_frame(rq, rp, 4, STR("校历"), &v.wiz));
	known = cal_year_known(&cal, year) && cal_year_known(&cal, year + 1);
	v.holidays = known ? str_fmt(op->arena, "%d、%d 年的国家节假日已载入。", year, year + 1)
			   : str_fmt(op->arena, "%d 年的节假日安排还没有公布，先按双休日排，公布后自动重排。",
				     cal_year_known(&cal, year) ? year + 1 : year);
	v.holidays_tone = known ? STR("green") : STR("amber");
	t[0] = (struct html_term_row){ .name = STR("t.1"), .first = str_fmt(op->arena, "%d-09-01",
		year),
		.last = str_fmt(op->arena, "%d-01-22", year + 1),
		.label = str_fmt(op->arena, "%d—%d 学年 第一学期", year, year + 1) };
	t[1] = (struct html_term_row){ .name = STR("t.2"), .first = str_fmt(op->arena, "%d-02-22",
		year + 1),
		.last = str_fmt(op->arena, "%d-07-03", year + 1),
		.label = str_fmt(op->arena, "%d—%d 学年 第二学期", year, year + 1) };
	for (size_t i = 0; i < cal.term_n; i++)
		if (cal.term[i].school_year == year && cal.term[i].no >= 1 && cal.term[i].no <= 2) {
			t[cal.term[i].no - 1].first = date_format(op->arena, cal.term[i].start);
			t[cal.term[i].no - 1].last = date_format(op->arena, cal.term[i].end);
		}
	v.terms = t;
	v.terms_n = 2;
	html_wiz_calendar(&rp->body, &v);
	return ERR_OK;
}

struct terms { int year; day_no at[4]; };

static enum err run_terms(struct op *op, void *arg)
{
	const struct terms *t = arg;

	TRY(org_term_set(op, t->year, 1, t->at[0], t->at[1]));
	TRY(org_term_set(op, t->year, 2, t->at[2], t->at[3]));
	return change_refresh(op);
}

static enum err finish_terms(struct req *rq, struct reply *rp, enum err e)
{
	if (e != ERR_OK)
		return e;
	page_said(rq, rp, STR("/setup/posts"), STR("校历已保存"), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_setup_calendar_post(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_setup_terms *f = rq->form;
	struct terms *t = NEW(op->arena, struct terms);
	static const char *const names[] = { "1.first", "1.last", "2.first", "2.last" };

	(void)rp;
	t->year = school_year(op);
	for (size_t i = 0; i < 4; i++) {
		t->at[i] = DAY_NONE;
		for (size_t k = 0; k < f->t.n; k++)
			if (str_eq(f->t.at[k].name, str_of(names[i])) &&
			    !date_parse(f->t.at[k].value, &t->at[i]))
				t->at[i] = DAY_NONE;
		if (t->at[i] == DAY_NONE || (i && t->at[i] <= t->at[i - 1]))
			return INVALID(op, STR("t"), "四个日期都要填，并且一个比一个晚。");
	}
	rq_write(rq, run_terms, t, finish_terms);
	return ERR_OK;
}

/* --- 6: who does what --- */

static bool held(struct op *op, const struct work *w, str post)
{
	for (size_t i = 0; i < w->org->appointment_n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];

		if (str_eq(a->post, post) && valid_at(a->from_ms, a->to_ms, op->now_ms))
			return true;
	}
	return false;
}

static void fill_people(struct op *op, const struct work *w, struct html_wiz_post *h)
{
	struct html_opt *o = NEW_N(op->arena, w->org->person_n, struct html_opt);

	for (size_t i = 0; i < w->org->person_n; i++)
		if (valid_at(w->org->person[i].from_ms, w->org->person[i].to_ms, op->now_ms))
			o[h->options_n++] = (struct html_opt){
				.value = page_id(op, w->org->person[i].id.v),
				.label = w->org->person[i].name,
				.hint = posts_at(op, w, w->org->person[i].id, op->now_ms),
			};
	h->options = o;
}

/* Posts that head something or open pages are asked for; the rest came with the list. */
static void fill_posts(struct op *op, const struct work *w, struct html_wiz_posts *v)
{
	const struct policy *p = w->policy;
	struct html_wiz_post *missing = NEW_N(op->arena, p->post_n, struct html_wiz_post);
	size_t known = 0;

	for (size_t i = 0; i < p->post_n; i++) {
		const struct post *post = &p->post[i];

		if (post->is.n || (!post->head && !post->can.n))
			continue;
		if (held(op, w, post->m.id)) {
			known++;
			continue;
		}
		missing[v->missing_n] = (struct html_wiz_post){
			.name = str_fmt(op->arena, "p.%.*s", STR_ARG(post->m.id)),
			.label = post->m.label, .duties = post->m.help, .missing = true,
		};
		fill_people(op, w, &missing[v->missing_n++]);
	}
	v->missing = missing;
	v->sub = str_fmt(op->arena, "%zu 个岗位已按名单认出，%zu 个要您指定", known, v->missing_n);
}

/* The entry of a subject: place-kinds/laboratory. */
static const struct entry *entry_of(const struct policy *p, str word)
{
	str id = word, catalogue = str_cut(&id, '/');
	const struct catalogue *c = policy_catalogue(p, catalogue);

	for (size_t i = 0; c && i < c->entry_n; i++)
		if (str_eq(c->entry[i].m.id, id))
			return &c->entry[i];
	return NULL;
}

/* Kinds of places that a school has and this list has not: ticked, because most have them. */
static void fill_kinds(struct op *op, const struct work *w, const struct holes *holes,
		       struct html_wiz_posts *v)
{
	struct html_mark *m = NEW_N(op->arena, holes->n, struct html_mark);

	for (size_t i = 0; i < holes->n; i++) {
		const struct hole *h = &holes->at[i];
		const struct entry *e;

		if (!h->require || h->require->need != NEED_PLACE || h->pending ||
		    h->subject.kind != SUB_ENTRY)
			continue;
		e = entry_of(w->policy, h->subject.word);
		if (e)
			m[v->kinds_n++] = (struct html_mark){ .name = STR("kind"),
				.value = e->m.label, .label = e->m.label, .on = true };
	}
	v->kinds = m;
}

enum err page_setup_posts(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_wiz_posts v = { .csrf = rq_csrf(rq, rp), .url = STR("/setup/posts") };
	const struct work *w;
	struct holes holes = { 0 };

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(setup_frame(rq, rp, 5, STR("分工"), &v.wiz));
	fill_posts(op, w, &v);
	TRY(work_cover(op, w, op->now_ms, &holes));
	fill_kinds(op, w, &holes, &v);
	v.holes = holes_view(rq, rp, w, &holes, NULL, &v.holes_n);
	v.holes_note = str_fmt(op->arena, "%zu 个错误", holes.errors);
	html_wiz_posts(&rp->body, &v);
	return ERR_OK;
}

struct appointing { const struct form_setup_posts *form; struct import_words words; size_t n;
		    struct import_result places; };

/* A list of one column, each place named by its kind, taken as any other list is. */
static enum err add_kinds(struct op *op, struct appointing *a)
{
	const struct form_setup_posts *f = a->form;
	struct sheet s = { .rows = f->kind.n + 1, .cols = 2 };
	int64_t draft;

	if (!f->kind.n)
		return ERR_OK;
	s.cell = NEW_N(op->arena, 2 * s.rows, str);
	s.cell[0] = STR("名称");
	s.cell[1] = STR("类别");
	for (size_t i = 0; i < f->kind.n; i++)
		s.cell[2 * i + 2] = s.cell[2 * i + 3] = f->kind.at[i];
	TRY(import_draft_make(op, STR("places"), &s, STR("一般学校都有的区域"), &a->words, &draft));
	return import_accept(op, draft, &a->words, false, 0, &a->places);
}


static enum err run_appoint(struct op *op, void *arg)
{
	struct appointing *a = arg;

	for (size_t i = 0; i < a->form->p.n; i++) {
		const struct form_pair *p = &a->form->p.at[i];
		struct new_appointment n = { .post = p->name, .unit = { op->scope->tenant.v },
					     .from_ms = op->now_ms, .to_ms = INSTANT_OPEN };
		appointment_id id;
		bool many = false;

		if (!p->value.len)
			continue;
		n.person.v = org_resolve(op, op->scope->tenant, REF_PERSON, p->value, &many);
		if (!n.person.v)
			return INVALID(op, p->name, "请从列表中选人");
		TRY(org_appoint(op, &n, &id));
		a->n++;
	}
	TRY(add_kinds(op, a));
	return change_refresh(op);
}

static enum err finish_appoint(struct req *rq, struct reply *rp, enum err e)
{
	const struct appointing *a = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	if (!a->n && !a->places.places) {
		reply_redirect(rp, STR("/setup/done"));
		return ERR_OK;
	}
	page_said(rq, rp, STR("/setup/done"), str_fmt(rq->op->arena,
		  a->n && a->places.places ? "已安排 %zu 个岗位，登记 %zu 处区域"
		  : a->n ? "已安排 %zu 个岗位" : "已登记 %zu 处区域",
		  a->n ? a->n : a->places.places, a->places.places), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_setup_posts_post(struct req *rq, struct reply *rp)
{
	struct appointing *a = NEW(rq->op->arena, struct appointing);

	(void)rp;
	a->form = rq->form;
	TRY(setup_words(rq->op, &a->words));
	rq_write(rq, run_appoint, a, finish_appoint);
	return ERR_OK;
}

/* --- 7: done --- */

static void fill_outcome(struct op *op, const struct work *w, struct html_wiz_done *v)
{
	struct html_outcome *o = NEW_N(op->arena, 3, struct html_outcome);
	size_t people = 0, places = 0;

	for (size_t i = 0; i < w->org->person_n; i++)
		people += valid_at(w->org->person[i].from_ms, w->org->person[i].to_ms, op->now_ms);
	for (size_t i = 0; i < w->org->place_n; i++)
		places += valid_at(w->org->place[i].from_ms, w->org->place[i].to_ms, op->now_ms);
	o[0] = (struct html_outcome){ STR("users"), str_fmt(op->arena, "%zu", people),
		STR("名教职工") };
	o[1] = (struct html_outcome){ STR("map-pin"), str_fmt(op->arena, "%zu", places),
		STR("处区域") };
	o[2] = (struct html_outcome){ STR("id-badge-2"), str_fmt(op->arena, "%zu",
		w->policy->duty_n),
				      STR("项职责，按条款生成任务") };
	v->outcome = o;
	v->outcome_n = 3;
}

enum err page_setup_done(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_wiz_done v = { .slips_url = STR("/admin"), .plaques_url = STR("/plaques") };
	struct html_tag *c = NEW_N(op->arena, 3, struct html_tag);
	const struct work *w;
	struct holes holes = { 0 };

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(setup_frame(rq, rp, 6, STR("完成"), &v.wiz));
	TRY(work_cover(op, w, op->now_ms, &holes));
	v.wiz.next_label = STR("进入我的任务");
	v.wiz.next_url = STR("/tasks");
	v.sub = holes.errors ? str_fmt(op->arena, "还有 %zu 个错误，可以现在补，也可以以后在责任网格里补", holes.errors)
			     : STR("没有错误，可以启用了");
	c[v.counts_n++] = (struct html_tag){ .tone = STR("red"),
		.label = str_fmt(op->arena, "%zu 错误", holes.errors) };
	c[v.counts_n++] = (struct html_tag){ .tone = STR("amber"),
		.label = str_fmt(op->arena, "%zu 警告", holes.warnings) };
	c[v.counts_n++] = (struct html_tag){ .tone = STR("blue"),
		.label = str_fmt(op->arena, "%zu 提示", holes.infos) };
	v.counts = c;
	v.holes = holes_view(rq, rp, w, &holes, NULL, &v.holes_n);
	fill_outcome(op, w, &v);
	html_wiz_done(&rp->body, &v);
	return ERR_OK;
}
