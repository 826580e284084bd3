/*
 * turn: the school-year turn as one page: every post of every class with who moves up into it,
 * proposed, to be confirmed or changed; one button. What follows, new letters and what nobody holds
 * then, is said with its way there.
 */
#include "web/page/org.h"

#include "base/pubid.h"
#include "web/forms.h"
#include "web/routes.h"
#include "work/turn.h"

#include "gen/html_edit_page.h"
#include "gen/html_field_error.h"

#define CATCH_UP_DAYS 45		/* a turn may be entered late by so much, no more */

/* The next 1 September; in September the one that has been. */
static day_no turn_day(struct op *op)
{
	struct date d = date_from_day(page_today(op));

	return day_of(d.month <= 9 ? d.year : d.year + 1, 9, 1);
}

static const struct html_opt *holders(struct op *op, const struct work *w, person_id chosen,
				      size_t *ret_n)
{
	struct html_opt *o = NEW_N(op->arena, w->org->person_n, struct html_opt);
	size_t n = 0;

	for (size_t i = 0; i < w->org->person_n; i++) {
		const struct ov_person *p = &w->org->person[i];

		if (valid_at(p->from_ms, p->to_ms, op->now_ms))
			o[n++] = (struct html_opt){ .value = page_id(op, p->id.v),
						    .label = p->name, .on = p->id.v == chosen.v };
	}
	*ret_n = n;
	return o;
}

static person_id typed_or(struct req *rq, str name, person_id proposed)
{
	str typed = rq_typed(rq, name);
	tenant_id tenant;
	person_id p;

	return typed.len && pubid_read(typed, &tenant, &p.v) ? p : proposed;
}

static struct html_field row_field(struct req *rq, const struct work *w, const struct turn_row *r)
{
	struct op *op = rq->op;
	const struct post *post = policy_post(w->policy, r->post);
	const struct ov_person *now = r->now.v ? ov_person(w->org, r->now) : NULL;
	str name = str_fmt(op->arena, "p.%.*s.%.*s", STR_ARG(page_id(op, r->unit.v)),
			   STR_ARG(r->post));
	struct html_field f = { .id = name, .name = name, .is_select = true };

	f.label = str_fmt(op->arena, "%.*s%.*s", STR_ARG(r->name),
			  STR_ARG(post ? post->m.label : r->post));
	f.help = str_fmt(op->arena, "现在%s%.*s%s%.*s", now ? "是" : "没有人",
			 STR_ARG(now ? now->name : STR("")), r->from.len ? "；建议由原来带这个班的接着带，来自" : "",
			 STR_ARG(r->from));
	f.options = holders(op, w, typed_or(rq, name, r->next), &f.options_n);
	return f;
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

enum err page_turn(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_edit_page v = { .heading = STR("新学年"), .button = STR("确认，到那天生效"),
				    .url = STR("/turn") };
	const struct work *w;
	struct turn_row *row;
	str from = rq_typed(rq, STR("from"));
	size_t n;

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(turn_propose(op, &row, &n));
	struct html_field *f = NEW_N(op->arena, n + 1, struct html_field);
	f[0] = (struct html_field){ .id = STR("from"), .name = STR("from"), .need = true,
				    .label = STR("从哪天起"), .is_line = true, .is_date = true,
				    .value = from.len ? from : date_format(op->arena, turn_day(op)),
				    .error = rq_fault(rq, STR("from")) };
	for (size_t i = 0; i < n; i++)
		f[i + 1] = row_field(rq, w, &row[i]);
	TRY(page_shell(rq, rp, w, v.heading, TAB_NONE, &v.shell));
	v.shell.back = STR("/people");
	v.csrf = v.shell.csrf;
	v.key = page_key(op);
	v.fields = f;
	v.fields_n = n + 1;
	v.sub = n ? str_fmt(op->arena, "班级升一级，%zu 个岗位已按原班跟上排好，改了不对的再确认。", n)
		  : STR("名册里还没有带年级和班号的班级，没有要升的班。");
	v.note = STR("到那天，原来的任期结束、新的开始，以班级命名的教室换新的责任人；以前的记录和当时的负责人不变。"
		     "之后请到“记一件事”批量拟新学年的责任书，并在责任网格看有没有缺人的地方。");
	fill_faults(op, &v);
	html_edit_page(&rp->body, &v);
	return ERR_OK;
}

struct turning { struct turn_choice *choice; size_t n, moved; int64_t from_ms; day_no from; };

static enum err choice_read(struct op *op, const struct form_pair *p, struct turn_choice *ret)
{
	tenant_id tenant = op->scope->tenant, of = tenant;
	str rest = p->name;
	str unit = str_cut(&rest, '.');

	*ret = (struct turn_choice){ .post = rest };
	if (!pubid_read(unit, &of, &ret->unit.v) || of.v != tenant.v ||
	    (p->value.len && (!pubid_read(p->value, &of, &ret->person.v) || of.v != tenant.v)))
		return INVALID(op, str_fmt(op->arena, "p.%.*s", STR_ARG(p->name)), "请从列表中选人");
	return ERR_OK;
}

static enum err run_turn(struct op *op, void *arg)
{
	struct turning *t = arg;

	return change_turn(op, t->choice, t->n, t->from_ms, &t->moved);
}

static enum err finish_turn(struct req *rq, struct reply *rp, enum err e)
{
	const struct turning *t = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	page_said(rq, rp, STR("/people"),
		  str_fmt(rq->op->arena, "新学年已排好：%zu 个岗位从 %.*s 起换人", t->moved,
			  STR_ARG(date_format(rq->op->arena, t->from))), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_turn_post(struct req *rq, struct reply *rp)
{
	const struct form_turn *f = rq->form;
	struct turning *t = NEW(rq->op->arena, struct turning);
	enum err worst = ERR_OK;

	(void)rp;
	t->choice = NEW_N(rq->op->arena, f->p.n, struct turn_choice);
	t->from = f->from;
	t->from_ms = day_start_ms(f->from, page_utc(rq->op));
	for (size_t i = 0; i < f->p.n; i++) {
		enum err e = choice_read(rq->op, &f->p.at[i], &t->choice[t->n++]);

		worst = e ? e : worst;
	}
	TRY(worst);
	if (f->from < page_today(rq->op) - CATCH_UP_DAYS)
		return INVALID(rq->op, STR("from"), "这一天太早了：补排最多往前 %d 天", CATCH_UP_DAYS);
	rq_write(rq, run_turn, t, finish_turn);
	return ERR_OK;
}
