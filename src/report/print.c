/*
 * print: see print.h. Finds the print and its subject, sees that they belong together, and
 * puts the provenance under each sheet: the last event of the record, or the head of the
 * ledger for what is computed from the whole.
 */
#include "report/print_int.h"

#include "auth/scope.h"
#include "base/limits.h"
#include "ledger/ledger.h"

#define PLAIN STR("plain")

/* --- which print ------------------------------------------------------------------ */

size_t prints_for(struct arena *a, const struct policy *p, str for_, const struct print ***ret)
{
	const struct print **all = NEW_N(a, p->print_n, const struct print *);
	size_t n = 0;

	for (size_t i = 0; i < p->print_n; i++)
		if (str_eq(p->print[i].for_, for_))
			all[n++] = &p->print[i];
	*ret = all;
	return n;
}

static str for_word(struct press *p)
{
	static const char *const words[] = { "record", "place", "person", "unit", "class", "body",
					     "duty" };

	if (p->about.rec)
		return str_fmt(p->a, "record:%.*s", STR_ARG(p->about.rec->loop->m.id));
	return str_of(words[p->about.about]);
}

static enum err wrong_print(struct press *p, str id)
{
	return INVALID(p->op, STR("print"), "没有适用的打印件“%.*s”", STR_ARG(id));
}

/* The print by its id, or the first that is for this. NULL: plain. */
static enum err choose(struct press *p, str id)
{
	const struct print **all;
	size_t n = prints_for(p->a, p->policy, for_word(p), &all);

	if (str_eq(id, PLAIN) || (str_empty(id) && !n && p->about.rec)) {
		p->print = NULL;
		return p->about.rec ? ERR_OK : wrong_print(p, id);
	}
	for (size_t i = 0; i < n; i++)
		if (str_empty(id) || str_eq(all[i]->m.id, id)) {
			p->print = all[i];
			return ERR_OK;
		}
	return wrong_print(p, id);
}

/* --- which subject ------------------------------------------------------------------ */

static enum err take_record(struct press *p, int64_t id, bool looked)
{
	struct record_view *r = NEW(p->a, struct record_view);

	TRY(record_view(p->op, (record_id){ id }, r));
	if (r->sealed && !looked)
		return FAIL(p->op, ERR_DENIED, "密封的记录只能从它自己的页面打印，并留下查看记录");
	p->about = (struct thing){ .about = ABOUT_RECORD, .id = id, .rec = r };
	p->policy = r->policy;
	return ERR_OK;
}

static bool is_of(const struct record_view *r, const struct print_ask *ask)
{
	for (size_t i = 0; ask->about == ABOUT_PERSON && i < r->loop->field_n; i++) {
		const struct field *f = &r->loop->field[i];
		const struct value *v = f->type == F_PERSON ? vmap_get(&r->fields, f->m.id) : NULL;

		if (v && v->kind == V_REF && v->id == ask->id)
			return true;
	}
	return ask->about == ABOUT_UNIT;
}

/* The newest record of a loop (of a person) that is not void: for prints that are for a record. */
static enum err take_newest(struct press *p, str loop, const struct print_ask *ask)
{
	struct list_query q = { .loop = loop, .limit = LIST_LIMIT_MAX };
	struct list page = { .more = true };

	for (size_t seen = 0; page.more && seen < PRINT_ROWS_MAX; seen += page.n) {
		TRY(records_list(p->op, &q, &page));
		for (size_t i = 0; i < page.n; i++) {
			enum err e = take_record(p, page.at[i].id.v, false);

			if (e == ERR_DENIED) {
				op_clear_error(p->op);
				continue;
			}
			TRY(e);
			if (!p->about.rec->is_void && is_of(p->about.rec, ask))
				return ERR_OK;
		}
		q.after = page.after;
	}
	return FAIL(p->op, ERR_NOTFOUND, "还没有可以打印的记录");
}

static enum err take_thing(struct press *p, const struct print_ask *ask)
{
	p->about = (struct thing){ .about = ask->about, .id = ask->id };
	switch (ask->about) {
	case ABOUT_RECORD:
		return take_record(p, ask->id, ask->looked);
	case ABOUT_PLACE:
		return ov_place(p->org, (place_id){ ask->id }) ? ERR_OK : ERR_NOTFOUND;
	case ABOUT_PERSON:
		if (!p->op->scope->system && p->op->scope->person.v != ask->id)
			TRY(scope_require(p->op, CAP_SEE_UNIT));
		return ov_person(p->org, (person_id){ ask->id }) ? ERR_OK : ERR_NOTFOUND;
	case ABOUT_UNIT:
	case ABOUT_CLASS:
		TRY(scope_require(p->op, CAP_SEE_UNIT));
		return !ask->id || ov_unit(p->org, (unit_id){ ask->id }) ? ERR_OK : ERR_NOTFOUND;
	case ABOUT_BODY:
		p->about.body = policy_body(p->policy, ask->word);
		return p->about.body ? ERR_OK : ERR_NOTFOUND;
	case ABOUT_DUTY:
		break;
	}
	return ERR_NOTFOUND;
}

/* --- the press ------------------------------------------------------------------------ */

static enum err press_begin(struct op *op, const struct print_ask *ask, struct press *p)
{
	*p = (struct press){ .op = op, .a = op->arena, .at_ms = op->now_ms,
			     .public_url = ask->public_url };
	TRY(work_load(op, op->scope->tenant, &p->w));
	p->org = p->w->org;
	p->policy = p->w->policy;
	p->names = work_resolver(op, p->w);
	if (ask->as_of_ms && ask->as_of_ms < op->now_ms) {
		struct org_view *v = NEW(op->arena, struct org_view);

		TRY(org_view_load(op, op->scope->tenant, ask->as_of_ms, ask->as_of_ms + 1,
				  INT64_MAX, v));
		p->org = v;
		p->at_ms = ask->as_of_ms;
		p->past = true;
	}
	return ERR_OK;
}

static enum err press_take(struct press *p, const struct print_ask *ask)
{
	const struct print *x = str_empty(ask->print) ? NULL : policy_print(p->policy, ask->print);

	TRY(take_thing(p, ask));
	if (x && ask->about != ABOUT_RECORD && str_starts(x->for_, STR("record:")))
		TRY(take_newest(p, str_slice(x->for_, 7, x->for_.len), ask));
	return choose(p, ask->print);
}

static enum err provenance_fill(struct press *p, struct provenance *from)
{
	const struct record_view *r = p->about.rec;
	struct op *op = p->op;

	*from = (struct provenance){ .unit = press_unit(p, 0),
		.printed_at = press_moment(p, op->now_ms),
		.printed_by = op->scope->person_name };
	if (p->past)
		from->as_of = press_day(p, p->at_ms);
	if (!r || !r->step_n)
		return ledger_head_at(op, op->scope->tenant, &from->seq, &from->link);
	from->number = r->number;
	from->seq = r->step[r->step_n - 1].event_seq;
	return ledger_link_at(op, r->tenant, from->seq, &from->link);
}

static enum err press_sheet(struct press *p, struct document *d)
{
	if (p->print && !str_empty(p->print->grid))
		return INVALID(p->op, STR("print"), "这份打印件是计数表，现在还不能打印");
	if (p->print)
		TRY(press_fill(p, d));
	else
		press_plain(p, d);
	return provenance_fill(p, &d->sheet.at[d->sheet.n - 1].from);
}

static str title_of(struct press *p)
{
	const struct record_view *r = p->about.rec;

	if (r && r->number.len)
		return r->number;
	return p->print ? p->print->m.id : STR("打印");
}

static enum err document_of(struct press *p, struct document *d)
{
	enum paper size = PAPER_A4;

	if (p->print && !paper_parse(p->print->size, &size))
		return INVALID(p->op, STR("print"), "打印件的纸张“%.*s”不认识",
			       STR_ARG(p->print->size));
	document_begin(d, p->a, title_of(p), size, p->op->now_ms);
	d->centred = p->about.about == ABOUT_PLACE && size != PAPER_A4;
	return ERR_OK;
}

enum err print_make(struct op *op, const struct print_ask *ask, struct document *ret)
{
	return print_batch(op, ask, &ask->id, 1, ret);
}

enum err print_batch(struct op *op, const struct print_ask *ask, const int64_t *id, size_t n,
		     struct document *ret)
{
	struct document d = { 0 };
	struct press p;

	if (n > PRINT_ROWS_MAX)
		return FAIL(op, ERR_LIMIT, "一次最多打印 %d 份", PRINT_ROWS_MAX);
	if (!n)
		return FAIL(op, ERR_NOTFOUND, "没有可以打印的");
	TRY(press_begin(op, ask, &p));
	for (size_t i = 0; i < n; i++) {
		struct print_ask one = *ask;
		struct press x = p;

		one.id = id[i];
		TRY(press_take(&x, &one));
		if (!d.arena)
			TRY(document_of(&x, &d));
		TRY(press_sheet(&x, &d));
	}
	if (d.sheet.n == 1 && d.sheet.at[0].title.len)
		d.title = d.sheet.at[0].title;
	*ret = d;
	return ERR_OK;
}

enum err print_places(struct op *op, const struct print_ask *ask, const place_id *place, size_t n,
		      struct document *ret)
{
	VEC(int64_t) id = { 0 };
	struct press p;

	TRY(press_begin(op, ask, &p));
	for (size_t i = 0; i < n; i++)
		*VEC_PUSH(op->arena, &id) = place[i].v;
	for (size_t i = 0; !n && i < p.org->place_n; i++)
		if (p.org->place[i].from_ms <= p.at_ms && p.at_ms < p.org->place[i].to_ms)
			*VEC_PUSH(op->arena, &id) = p.org->place[i].id.v;
	return print_batch(op, ask, id.at, id.n, ret);
}

/* --- lists -------------------------------------------------------------------------- */

static void list_rows(struct press *p, struct table_make *t, const struct list *page)
{
	for (size_t i = 0; i < page->n; i++) {
		const struct list_row *r = &page->at[i];

		table_cell(t, r->number);
		table_cell(t, r->title);
		table_cell(t, r->place_name);
		table_cell(t, r->late ? str_fmt(p->a, "%.*s，逾期", STR_ARG(r->state_label))
				      : r->state_label);
		table_cell(t, r->owner_name);
		table_cell(t, press_day(p, r->created_ms));
	}
}

enum err print_list(struct op *op, const struct list_query *q, struct document *ret)
{
	static const char *const head[] = { "编号", "内容", "区域", "现在", "责任人", "发起" };
	struct list page = { .more = true };
	struct list_query one = *q;
	const struct loop *lp;
	struct table_make t;
	struct press p;
	struct sheet *s;

	TRY(press_begin(op, &(struct print_ask){ 0 }, &p));
	table_begin(&t, op->arena, head, 6);
	one.limit = LIST_LIMIT_MAX;
	while (page.more && t.cell.n < 6 * PRINT_ROWS_MAX) {
		TRY(records_list(op, &one, &page));
		list_rows(&p, &t, &page);
		one.after = page.after;
	}
	lp = policy_loop(p.policy, q->loop);
	document_begin(ret, op->arena, lp ? lp->m.label : STR("记录"), PAPER_A4, op->now_ms);
	s = document_sheet(ret, str_fmt(op->arena, "%.*s清单", STR_ARG(ret->title)));
	s->sub = str_fmt(op->arena, "共 %zu 条%s", t.cell.n / 6,
			 page.more ? "，其余未列出" : "");
	table_end(&t, s);
	return provenance_fill(&p, &s->from);
}
