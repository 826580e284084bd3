/*
 * list: records of one loop, or of all that I may see: filters are links and a plain GET form, a
 * page at a time by cursor. The same rows go out as CSV. No total beyond "100+" is ever counted.
 */
#include "web/page/page.h"

#include "base/pubid.h"
#include "web/forms.h"
#include "web/page/fields.h"
#include "web/routes.h"

#include "gen/html_list.h"

#define PAGE_ROWS 30
#define BATCH_MAX 25	/* records of one press: the writer is held some 2 ms by each */

/* --- the query --- */

static str with(struct op *op, const struct form_list *f, str base, const char *name, str value)
{
	struct buf b;
	str out;
	const struct { const char *name; str value; } all[] = {
		{ "q", f->q }, { "state", f->state }, { "from", f->from == DAY_NONE ? STR_NONE
			: date_format(op->arena, f->from) },
		{ "to", f->to == DAY_NONE ? STR_NONE : date_format(op->arena, f->to) },
		{ "field", f->field }, { "value", f->value },
	};
	bool any = false;

	buf_init(&b, 4096);
	buf_add(&b, base);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bool mine = str_eq(str_of(all[i].name), str_of(name));
		str v = mine ? value : all[i].value;

		if (!v.len)
			continue;
		buf_addf(&b, "%c%s=", any ? '&' : '?', all[i].name);
		buf_add_url(&b, v);
		any = true;
	}
	if (str_eq(str_of(name), STR("after")) && value.len)
		buf_addf(&b, "%cafter=%.*s", any ? '&' : '?', STR_ARG(value));
	out = buf_finish(&b, &out) == ERR_OK ? str_dup(op->arena, out) : base;
	buf_release(&b);
	return out;
}

static struct list_query query_of(const struct form_list *f, str loop)
{
	return (struct list_query){
		.loop = loop, .state = f->state, .q = f->q, .from = f->from, .to = f->to,
		.field = f->field, .value = f->value, .after = { f->after.id }, .limit = PAGE_ROWS,
	};
}

/* --- rows --- */

static void row_view(struct op *op, const struct list_row *r, struct html_rec_row *h)
{
	struct html_loop_ring *ring = NEW(op->arena, struct html_loop_ring);
	struct html_task_fact *facts = NEW_N(op->arena, 3, struct html_task_fact);
	struct html_tag *tag = NEW(op->arena, struct html_tag);

	*h = (struct html_rec_row){
		.url = page_url(op, "/records/", r->id.v, ""), .number = r->number,
		.title = r->title.len ? r->title : r->number, .icon = STR("file-text"),
		.facts = facts, .who = r->final ? r->creator_name : r->owner_name,
	};
	if (r->ring && !r->final) {
		*ring = page_ring(op, r->ring, r->state_label, r->final, r->late);
		h->ring = ring;
	} else if (r->final) {
		h->icon = STR("circle-check");
	}
	if (r->place_name.len)
		facts[h->facts_n++].text = r->place_name;
	facts[h->facts_n++].text = r->state_label;
	facts[h->facts_n++].text = say_date(op, r->created_ms);
	if (r->grade.len) {
		*tag = (struct html_tag){ .label = r->grade,
			.tone = grave(r->grade) ? STR("solid-red") : STR("line"),
			.icon = grave(r->grade) ? STR("alert-triangle") : STR_NONE };
		h->tags = tag;
		h->tags_n = 1;
	}
	h->left = r->final ? STR_NONE : say_left(op, r->due_ms);
	h->left_tone = r->late ? STR("red") : STR_NONE;
}

static void fill_rows(struct op *op, const struct list *l, struct html_list *v)
{
	struct html_rec_row *rows = NEW_N(op->arena, l->n, struct html_rec_row);

	for (size_t i = 0; i < l->n; i++)
		row_view(op, &l->at[i], &rows[i]);
	v->rows = rows;
	v->rows_n = l->n;
	v->shown = str_fmt(op->arena, "这一页 %zu 条%s", l->n, l->more ? "，后面还有" : "");
}

/* --- filters --- */

static void fill_states(struct op *op, const struct form_list *f, const struct loop *lp, str base,
			struct html_list *v)
{
	size_t n = lp ? lp->state_n : 0;
	struct html_chip_link *c = NEW_N(op->arena, n + 3, struct html_chip_link);
	static const struct { const char *state, *label; } ways[] = { { "", "全部" }, { "open",
		"未办结" },
								      { "late", "逾期" } };

	for (size_t i = 0; i < 3; i++)
		c[v->states_n++] = (struct html_chip_link){
			.url = with(op, f, base, "state", str_of(ways[i].state)),
			.label = str_of(ways[i].label), .red = i == 2,
			.current = str_eq(f->state, str_of(ways[i].state)),
		};
	for (size_t i = 0; i < n; i++)
		c[v->states_n++] = (struct html_chip_link){
			.url = with(op, f, base, "state", lp->state[i].m.id),
			.label = lp->state[i].m.label,
			.current = str_eq(f->state, lp->state[i].m.id),
		};
	v->states = c;
}

static void fill_loops(struct op *op, const struct work *w, const struct loop *now,
	struct html_list *v)
{
	struct html_chip_link *c = NEW_N(op->arena, w->policy->loop_n + 1, struct html_chip_link);

	c[v->loops_n++] = (struct html_chip_link){ .url = STR("/records"), .label = STR("全部"),
						   .current = !now };
	for (size_t i = 0; i < w->policy->loop_n; i++) {
		const struct loop *lp = &w->policy->loop[i];

		c[v->loops_n++] = (struct html_chip_link){
			.url = str_fmt(op->arena, "/loops/%.*s", STR_ARG(lp->m.id)),
			.label = lp->m.label, .current = lp == now,
		};
	}
	v->loops = c;
}

/* One choice at a time: the first indexed choice field of the loop. */
static enum err fill_filter(struct op *op, const struct work *w, const struct form_list *f,
			    const struct loop *lp, struct html_list *v)
{
	struct html_filter_select *s = NEW(op->arena, struct html_filter_select);
	struct html_hidden *h = NEW_N(op->arena, 2, struct html_hidden);
	const struct field *by = NULL;
	VEC(struct html_opt) o = { 0 };

	for (size_t i = 0; lp && i < lp->index.n && !by; i++) {
		const struct field *at = loop_field(lp, lp->index.at[i]);

		by = at && at->type == F_CHOICE ? at : NULL;
	}
	h[v->hidden_n++] = (struct html_hidden){ .name = STR("state"), .value = f->state };
	v->hidden = h;
	if (!by)
		return ERR_OK;
	h[v->hidden_n++] = (struct html_hidden){ .name = STR("field"), .value = by->m.id };
	for (size_t i = 0; i < by->choice_n; i++)
		*VEC_PUSH(op->arena, &o) = (struct html_opt){
			.value = by->choice[i].value, .label = by->choice[i].label,
			.on = str_eq(f->value, by->choice[i].value),
		};
	if (by->of_catalogue.len) {
		const struct catalogue *cat = policy_catalogue(w->policy, by->of_catalogue);

		for (size_t i = 0; cat && i < cat->entry_n; i++)
			*VEC_PUSH(op->arena, &o) = (struct html_opt){
				.value = cat->entry[i].m.id, .label = cat->entry[i].m.label,
				.on = str_eq(f->value, cat->entry[i].m.id),
			};
	}
	*s = (struct html_filter_select){
		.name = STR("value"), .label = by->m.label, .options = o.at, .options_n = o.n,
	};
	v->filters = s;
	v->filters_n = 1;
	return ERR_OK;
}

/* --- CSV --- */

static void csv_cell(struct buf *b, str s, bool last)
{
	bool quote = str_has(s, ',') || str_has(s, '"') || str_has(s, '\n');
	/* A spreadsheet would run a cell that begins like a formula. */
	bool formula = s.len && strchr("=+-@\t", s.ptr[0]);

	if (quote || formula)
		buf_addc(b, '"');
	if (formula)
		buf_addc(b, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			buf_addc(b, '"');
		buf_addc(b, s.ptr[i]);
	}
	if (quote || formula)
		buf_addc(b, '"');
	buf_add(b, last ? STR("\r\n") : STR(","));
}

#define CSV_COLUMNS 8
static const char *const csv_heads[CSV_COLUMNS] = { "编号", "内容", "区域", "状态", "登记时间", "办理期限",
						    "登记人", "现在由谁办理" };

static enum err list_csv(struct req *rq, struct reply *rp, const struct list_query *query)
{
	struct op *op = rq->op;
	struct list_query q = *query;
	struct list l;
	int32_t utc = page_utc(op);

	q.limit = LIST_LIMIT_MAX;
	rp->type = STR("text/csv; charset=utf-8");
	reply_header(rp, "Content-Disposition", STR("attachment; filename=\"records.csv\""));
	buf_add(&rp->body, STR("\xef\xbb\xbf"));	/* so that a spreadsheet knows UTF-8 */
	for (size_t i = 0; i < CSV_COLUMNS; i++)
		csv_cell(&rp->body, str_of(csv_heads[i]), i == CSV_COLUMNS - 1);
	for (int pages = 0; pages < 50; pages++) {	/* 5,000 rows at most */
		TRY(records_list(op, &q, &l));
		for (size_t i = 0; i < l.n; i++) {
			const struct list_row *r = &l.at[i];

			csv_cell(&rp->body, r->number, false);
			csv_cell(&rp->body, r->title, false);
			csv_cell(&rp->body, r->place_name, false);
			csv_cell(&rp->body, r->state_label, false);
			csv_cell(&rp->body, instant_format(op->arena, r->created_ms, utc), false);
			csv_cell(&rp->body, r->due_ms == INSTANT_OPEN ? STR_NONE
				 : instant_format(op->arena, r->due_ms, utc), false);
			csv_cell(&rp->body, r->creator_name, false);
			csv_cell(&rp->body, r->owner_name, true);
		}
		if (!l.more)
			break;
		q.after = l.after;
	}
	return ERR_OK;
}

/* --- the page --- */

static void fill_head(struct op *op, const struct form_list *f, const struct loop *lp, str base,
		      struct html_list *v)
{
	v->heading = lp ? lp->m.label : STR("全部记录");
	v->sub = lp ? lp->m.help : STR("您能看到的记录，新的在前");
	v->filter_url = base;
	v->query = f->q;
	v->from = f->from == DAY_NONE ? STR_NONE : date_format(op->arena, f->from);
	v->to = f->to == DAY_NONE ? STR_NONE : date_format(op->arena, f->to);
	v->filtered = f->q.len || f->state.len || f->value.len || v->from.len || v->to.len;
	v->empty_text = v->filtered ? STR("换个条件试试。") : STR("有了记录会出现在这里。");
	if (lp)
		v->print_url = str_fmt(op->arena, "/print/list/%.*s%s%.*s", STR_ARG(lp->m.id),
				       f->state.len ? "?state=" : "", STR_ARG(f->state));
	v->csv_url = str_fmt(op->arena, "%.*s%scsv=1", STR_ARG(with(op, f, base, "", STR_NONE)),
			     v->filtered ? "&" : "?");
}

/* The first step that this person may begin such a record with; none: no button. */
static enum err fill_new(struct op *op, const struct loop *lp, struct html_list *v)
{
	struct start *all;
	size_t n;

	if (!lp)
		return ERR_OK;
	TRY(starts_of(op, &all, &n));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(all[i].loop->m.id, lp->m.id))
			continue;
		v->new_url = str_fmt(op->arena, "/start/%.*s/%.*s", STR_ARG(lp->m.id),
				     STR_ARG(all[i].step->m.id));
		v->new_label = all[i].step->m.label;
		break;
	}
	return ERR_OK;
}

/* --- one step on all of a page: 发给本人签 of sixty letters --- */

static const struct next_step *batch_step(const struct record_view *v)
{
	for (size_t i = 0; i < v->next_n; i++) {
		const struct next_step *n = &v->next[i];
		bool asks = n->step->sign || n->verdict != MAY;

		for (size_t k = 0; k < n->form_n && !asks; k++)
			asks = n->form[k].need && n->form[k].preset.kind == V_NONE;
		if (n->step->batch && !asks)
			return n;
	}
	return NULL;
}

/* What the first of the page may do by the heap, the others may try; who may not is left out. */
static enum err fill_batch(struct req *rq, struct reply *rp, const struct form_list *f,
			   const struct loop *lp, const struct list *l, struct html_list *v)
{
	struct op *op = rq->op;
	struct html_hidden *h = NEW_N(op->arena, BATCH_MAX, struct html_hidden);
	const struct next_step *n;
	struct record_view first;

	if (!lp || loop_state(lp, f->state) < 0 || l->n < 2)
		return ERR_OK;
	TRY(record_view(op, l->at[0].id, &first));
	n = batch_step(&first);
	if (!n)
		return ERR_OK;
	for (size_t i = 0; i < l->n && v->batch_n < BATCH_MAX; i++)
		h[v->batch_n++] = (struct html_hidden){ .name = STR("record"),
			.value = page_id(op, l->at[i].id.v) };
	v->batch = h;
	v->batch_url = str_fmt(op->arena, "/loops/%.*s/batch", STR_ARG(lp->m.id));
	v->batch_csrf = rq_csrf(rq, rp);
	v->batch_step = n->step->m.id;
	v->batch_state = f->state;
	v->batch_label = str_fmt(op->arena, "%.*s（%zu 条）", STR_ARG(n->step->m.label), v->batch_n);
	return ERR_OK;
}

struct heap { const struct form_batch *form; size_t done, left; str why; };

static enum err run_heap(struct op *op, void *arg)
{
	struct heap *h = arg;

	h->done = h->left = 0;
	for (size_t i = 0; i < h->form->record.n; i++) {
		struct submit in = { .record = { h->form->record.at[i].id },
				     .step = h->form->step };
		struct submitted out;
		enum err e = record_submit(op, &in, &out);

		if (e == ERR_OK) {
			h->done++;
			continue;
		}
		if (e != ERR_INVALID && e != ERR_CONFLICT && e != ERR_DENIED && e != ERR_NOTFOUND)
			return e;
		if (!h->left++)
			h->why = str_dup(op->arena, str_of(op->errmsg));
		op_clear_error(op);
	}
	return ERR_OK;
}

static enum err finish_heap(struct req *rq, struct reply *rp, enum err e)
{
	const struct heap *h = rq->wop.arg;
	str loop = rq_param(rq, STR("loop"));

	if (e != ERR_OK)
		return e;
	page_said(rq, rp, str_fmt(rq->op->arena, "/loops/%.*s?state=%.*s", STR_ARG(loop),
		  STR_ARG(h->form->state)), h->left
		? str_fmt(rq->op->arena, "办了 %zu 条，%zu 条没办成：%.*s", h->done, h->left,
			  STR_ARG(h->why))
		: str_fmt(rq->op->arena, "一起办了 %zu 条", h->done), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_records_batch(struct req *rq, struct reply *rp)
{
	const struct form_batch *f = rq->form;
	struct heap *h = NEW(rq->op->arena, struct heap);
	const struct loop *lp;
	const struct work *w;
	int at;

	(void)rp;
	TRY(work_load(rq->op, rq->op->scope->tenant, &w));
	lp = policy_loop(w->policy, rq_param(rq, STR("loop")));
	if (!lp || loop_state(lp, f->state) < 0)
		return ERR_NOTFOUND;
	at = loop_step_index(lp, f->step);
	if (at < 0 || !lp->step[at].batch)
		return INVALID(rq->op, STR("step"), "这一步不能一起办，请逐条办理。");
	h->form = f;
	rq_write(rq, run_heap, h, finish_heap);
	return ERR_OK;
}

enum err page_records(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_list *f = rq->form;
	str loop = rq_param(rq, STR("loop"));
	str base = loop.len ? str_fmt(op->arena, "/loops/%.*s", STR_ARG(loop)) : STR("/records");
	struct list_query q = query_of(f, loop);
	struct html_list v = { 0 };
	const struct work *w;
	const struct loop *lp;
	struct list l;

	TRY(work_load(op, op->scope->tenant, &w));
	lp = loop.len ? policy_loop(w->policy, loop) : NULL;
	if (loop.len && !lp)
		return ERR_NOTFOUND;
	if (f->csv)
		return list_csv(rq, rp, &q);
	TRY(records_list(op, &q, &l));
	fill_head(op, f, lp, base, &v);
	TRY(fill_new(op, lp, &v));
	TRY(page_shell(rq, rp, w, v.heading, TAB_LOOPS, &v.shell));
	if (lp)
		page_crumbs(rq, &v.shell, (const str[]){ STR("全部记录"), STR("/records"), v.heading,
							 STR_NONE, STR_NONE });
	fill_states(op, f, lp, base, &v);
	if (!lp)
		fill_loops(op, w, lp, &v);
	TRY(fill_filter(op, w, f, lp, &v));
	fill_rows(op, &l, &v);
	TRY(fill_batch(rq, rp, f, lp, &l, &v));
	if (f->after.id)
		v.first_url = with(op, f, base, "", STR_NONE);
	if (l.more)
		v.next_url = with(op, f, base, "after", page_id(op, l.after.v));
	html_list(&rp->body, &v);
	return ERR_OK;
}
