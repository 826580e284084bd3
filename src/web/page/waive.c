/*
 * waive: a hole that the pack lets somebody sign away: this school has no laboratory. Who may is
 * the pack's (requires: waive); the signature is a fact of the ledger, and ends with the school
 * year.
 */
#include "web/page/org.h"

#include "rules/expand.h"
#include "web/forms.h"
#include "web/routes.h"
#include "work/orgchange.h"

#include "gen/html_edit_page.h"

static const struct hole *hole_of(struct op *op, const struct holes *all, str code, str subject)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->at[i].code, code) && all->at[i].require &&
		    all->at[i].require->waive_by.len &&
		    str_eq(subject_outside(op, &all->at[i].subject), subject))
			return &all->at[i];
	return NULL;
}

static day_no year_end(struct op *op)
{
	struct date d = date_from_day(page_today(op));

	return day_of(d.month >= 9 ? d.year + 1 : d.year, 8, 31);
}

static enum err waive_show(struct req *rq, struct reply *rp, str code, str subject)
{
	struct op *op = rq->op;
	struct html_field *f = NEW(op->arena, struct html_field);
	struct html_hidden *h = NEW_N(op->arena, 2, struct html_hidden);
	struct html_edit_page v = { .heading = STR("签字免除"), .fields = f, .fields_n = 1,
		.hidden = h, .hidden_n = 2, .button = STR("签字免除"), .csrf = rq_csrf(rq, rp),
		.key = page_key(op), .url = STR("/waive") };
	struct holes all = { 0 };
	const struct hole *hole;
	const struct work *w;
	const struct post *by;

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(coverage_of(op, op->now_ms, &all));
	hole = hole_of(op, &all, code, subject);
	if (!hole)
		return ERR_NOTFOUND;
	by = policy_post(w->policy, hole->require->waive_by);
	TRY(page_shell(rq, rp, w, v.heading, TAB_NONE, &v.shell));
	v.shell.back = STR("/grid");
	v.sub = hole->sentence;
	v.note = str_fmt(op->arena, "由%.*s签字，到 %.*s 为止，记入台账。情况变了，登记上就不再缺。",
			 STR_ARG(by ? by->m.label : STR("负责人")),
			 STR_ARG(date_format(op->arena, year_end(op))));
	h[0] = (struct html_hidden){ STR("code"), code };
	h[1] = (struct html_hidden){ STR("subject"), subject };
	*f = (struct html_field){ .id = STR("reason"), .name = STR("reason"),
		.label = STR("为什么不需要"),
		.is_area = true, .need = true, .max_length = 200,
		.value = rq_typed(rq, STR("reason")), .error = rq_fault(rq, STR("reason")),
		.help = STR("例如：本校没有这类场所") };
	html_edit_page(&rp->body, &v);
	return ERR_OK;
}

/* Also what comes back when the reason is missing: then the form is that of the answer. */
enum err page_waive(struct req *rq, struct reply *rp)
{
	const struct form_waive_of *f = rq->form;
	bool again = rq_typed(rq, STR("code")).len > 0;

	return waive_show(rq, rp, again ? rq_typed(rq, STR("code")) : f->code,
			  again ? rq_typed(rq, STR("subject")) : f->subject);
}

struct waiving { const struct form_waive *form; str subject; };

static enum err run_waive(struct op *op, void *arg)
{
	const struct waiving *x = arg;

	return change_waive(op, x->form->code, x->subject, x->form->reason, page_today(op),
			    year_end(op));
}

static enum err finish_waive(struct req *rq, struct reply *rp, enum err e)
{
	if (e != ERR_OK)
		return e;
	page_said(rq, rp, STR("/grid"), STR("已签字免除，到学年结束为止"), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_waive_post(struct req *rq, struct reply *rp)
{
	struct waiving *x = NEW(rq->op->arena, struct waiving);
	struct holes all = { 0 };
	const struct hole *hole;

	(void)rp;
	x->form = rq->form;
	TRY(coverage_of(rq->op, rq->op->now_ms, &all));
	hole = hole_of(rq->op, &all, x->form->code, x->form->subject);
	if (!hole)
		return ERR_NOTFOUND;
	x->subject = subject_key(rq->op->arena, &hole->subject);
	rq_write(rq, run_waive, x, finish_waive);
	return ERR_OK;
}
