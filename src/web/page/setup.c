/*
 * setup: the wizard that turns an empty school into a running one: its name, its people, its
 * places, its plan, its terms, who does what, done. Each station saves as one goes; lists are
 * brought as files or pasted, mended cell by cell and taken in one operation (org/import.h). The
 * first plan is adopted here by the administrator, because before it nobody has a post; later
 * ones are adopted by who may.
 */
#include "web/page/setup.h"

#include "base/sheet.h"
#include "base/pubid.h"
#include "org/import.h"
#include "web/forms.h"
#include "web/page/org.h"
#include "web/routes.h"
#include "work/orgchange.h"

#include "gen/html_wiz_import.h"
#include "gen/html_wiz_unit.h"
#include "gen/html_wiz_upload.h"

#define ROWS_BAD 60
#define ROWS_ALL 300

static const struct { const char *label, *url; } stations[] = {
	{ "单位", "/setup" }, { "人员", "/setup/people" }, { "区域", "/setup/places" },
	{ "方案", "/setup/plan" }, { "校历", "/setup/calendar" }, { "分工", "/setup/posts" },
	{ "完成", "/setup/done" },
};
#define STATIONS (sizeof(stations) / sizeof(stations[0]))

enum err setup_frame(struct req *rq, struct reply *rp, size_t at, str title, struct html_wiz *ret)
{
	struct op *op = rq->op;
	struct html_wiz w = {
		.title = title, .theme = rq->theme, .size = rq_cookie(rq, STR("size")),
		.who = page_id(op, op->scope->account.v), .later_url = STR("/tasks"),
	};
	struct html_wiz_step *s = NEW_N(op->arena, STATIONS, struct html_wiz_step);
	struct org_view org;
	const struct ov_unit *unit;
	struct html_shell shell;

	TRY(org_view_load(op, op->scope->tenant, op->now_ms, op->now_ms + 1, INT64_MAX, &org));
	unit = ov_unit(&org, org.unit);
	w.unit = unit ? unit->name : STR_NONE;
	for (size_t i = 0; i < STATIONS; i++)
		s[i] = (struct html_wiz_step){
			.n = (int64_t)i + 1, .label = str_of(stations[i].label),
			.url = str_of(stations[i].url), .done = i < at, .now = i == at,
		};
	w.steps = s;
	w.steps_n = STATIONS;
	w.back_url = at ? str_of(stations[at - 1].url) : STR_NONE;
	w.next_label = STR("下一步");
	TRY(page_shell(rq, rp, NULL, title, TAB_NONE, &shell));	/* for the toast */
	w.toast = shell.toast;
	*ret = w;
	return ERR_OK;
}

/* --- 1: the unit --- */

enum err page_setup(struct req *rq, struct reply *rp)
{
	struct html_wiz_unit v = { .csrf = rq_csrf(rq, rp), .url = STR("/setup") };
	struct html_field *f = NEW(rq->op->arena, struct html_field);

	TRY(setup_frame(rq, rp, 0, STR("学校信息"), &v.wiz));
	*f = (struct html_field){
		.id = STR("name"), .name = STR("name"), .label = STR("学校全称"), .need = true,
		.is_line = true, .max_length = 60, .value = v.wiz.unit,
		.error = rq_fault(rq, STR("name")),
	};
	v.fields = f;
	v.fields_n = 1;
	html_wiz_unit(&rp->body, &v);
	return ERR_OK;
}

static enum err run_rename(struct op *op, void *arg)
{
	return org_unit_rename(op, (unit_id){ op->scope->tenant.v }, *(str *)arg);
}

static enum err finish_next(struct req *rq, struct reply *rp, enum err e)
{
	(void)rq;
	if (e != ERR_OK)
		return e;
	reply_redirect(rp, STR("/setup/people"));
	return ERR_OK;
}

enum err page_setup_post(struct req *rq, struct reply *rp)
{
	const struct form_setup_unit *f = rq->form;
	str *name = NEW(rq->op->arena, str);

	(void)rp;
	*name = f->name;
	rq_write(rq, run_rename, name, finish_next);
	return ERR_OK;
}

/* --- 2 and 3: lists --- */

struct list_kind { const char *kind, *title, *sub, *hint; size_t station; };
static const struct list_kind kinds[] = {
	{ "people", "导入教职工", "人事名单、通讯录都行，列名不用改", "姓名\t岗位\t部门\t手机\n梁以宁\t五(1)班班主任\t德育处\t13900004410",
		1 },
	{ "places", "导入校园区域", "房间、楼道、校门、围墙都算；有责任人的列也带上", "名称\t类别\t楼栋\t责任人\n三(2)班教室\t教室\tB 座\t许嘉宁",
		2 },
};

static const struct list_kind *kind_of(str kind)
{
	for (size_t i = 0; i < 2; i++)
		if (str_eq(kind, str_of(kinds[i].kind)))
			return &kinds[i];
	return NULL;
}

/* Lists of this kind that were taken in part. */
static enum err open_drafts(struct op *op, const struct list_kind *k, struct html_wiz_upload *v)
{
	struct import_open *open;
	struct html_view_tab *t;
	size_t n;

	TRY(import_drafts_open(op, op->scope->tenant, str_of(k->kind), &open, &n));
	t = NEW_N(op->arena, n, struct html_view_tab);
	for (size_t i = 0; i < n; i++)
		t[i] = (struct html_view_tab){ .label = open[i].name,
			.url = page_url(op, "/setup/draft/", open[i].id, "") };
	v->drafts = t;
	v->drafts_n = n;
	return ERR_OK;
}

static enum err upload_show(struct req *rq, struct reply *rp, const struct list_kind *k, str error)
{
	struct op *op = rq->op;
	struct html_wiz_upload v = {
		.heading = str_of(k->title), .sub = str_of(k->sub), .csrf = rq_csrf(rq, rp),
		.url = str_of(stations[k->station].url), .kind = str_of(k->kind),
		.hint = str_of(k->hint), .error = error, .pasted = rq_typed(rq, STR("rows")),
	};
	struct import_option *fields;
	struct import_words words;
	struct html_pair *columns;
	size_t n;

	TRY(setup_words(op, &words));
	n = import_fields(op, str_of(k->kind), &words, &fields);
	columns = NEW_N(op->arena, n, struct html_pair);
	for (size_t i = 0; i < n; i++)
		columns[i] = (struct html_pair){ .term = fields[i].label,
						 .value = i ? STR("可以没有") : STR("必有") };
	v.columns = columns;
	TRY(open_drafts(op, k, &v));
	v.columns_n = n;
	v.template_url = str_fmt(op->arena, "/setup/template/%s", k->kind);
	TRY(setup_frame(rq, rp, k->station, str_of(k->title), &v.wiz));
	v.wiz.next_label = STR("核对名单");
	v.wiz.foot_note = STR("先核对，再采纳，现在还不会写入");
	html_wiz_upload(&rp->body, &v);
	return ERR_OK;
}

enum err page_setup_people(struct req *rq, struct reply *rp)
{
	return upload_show(rq, rp, &kinds[0], STR_NONE);
}

enum err page_setup_places(struct req *rq, struct reply *rp)
{
	return upload_show(rq, rp, &kinds[1], STR_NONE);
}

enum err page_setup_template(struct req *rq, struct reply *rp)
{
	const struct list_kind *k = kind_of(rq_param(rq, STR("kind")));
	struct import_words words;
	str csv;

	if (!k)
		return ERR_NOTFOUND;
	TRY(setup_words(rq->op, &words));
	TRY(import_template(rq->op, str_of(k->kind), &words, &csv));
	reply_download(rp, csv, STR("text/csv; charset=utf-8"), str_fmt(rq->op->arena, "%s.csv",
		k->kind));
	return ERR_OK;
}

struct bringing { str kind, name; struct sheet sheet; struct import_words words; int64_t draft; };

static enum err run_bring(struct op *op, void *arg)
{
	struct bringing *b = arg;

	return import_draft_make(op, b->kind, &b->sheet, b->name, &b->words, &b->draft);
}

static enum err finish_bring(struct req *rq, struct reply *rp, enum err e)
{
	const struct bringing *b = rq->wop.arg;

	if (e == ERR_INVALID)
		return upload_show(rq, rp, kind_of(b->kind), rq->op->field_errors
			? rq->op->field_errors->message : str_of(rq->op->errmsg));
	if (e != ERR_OK)
		return e;
	reply_redirect(rp, page_url(rq->op, "/setup/draft/", b->draft, ""));
	return ERR_OK;
}

static enum err read_sheet(struct req *rq, const struct form_setup_list *f, struct bringing *b)
{
	str bytes = f->rows;

	b->name = STR("粘贴的表格");
	if (f->file && f->file->size) {
		b->name = f->file->name;
		TRY(upload_bytes(rq->op, f->file, &bytes));
	}
	if (!str_trim(bytes).len)
		return INVALID(rq->op, STR("file"), "请选一个文件，或者把表格粘贴进来。");
	return sheet_open(rq->op, bytes, b->name, &b->sheet);
}

enum err page_setup_list(struct req *rq, struct reply *rp)
{
	const struct form_setup_list *f = rq->form;
	struct bringing *b = NEW(rq->op->arena, struct bringing);
	const struct list_kind *k = kind_of(f->kind);
	enum err e;

	if (!k)
		return ERR_NOTFOUND;
	b->kind = f->kind;
	e = read_sheet(rq, f, b);
	if (e == ERR_INVALID || e == ERR_LIMIT)
		return upload_show(rq, rp, k, rq->op->field_errors ? rq->op->field_errors->message
								   : str_of(rq->op->errmsg));
	TRY(e);
	TRY(setup_words(rq->op, &b->words));
	rq_write(rq, run_bring, b, finish_bring);
	return ERR_OK;
}

/* --- the draft --- */

static void cell_view(struct op *op, const struct import_cell *c, size_t row, size_t col, str label,
		      struct html_imp_cell *h)
{
	struct html_opt *o = NEW_N(op->arena, c->option_n, struct html_opt);

	*h = (struct html_imp_cell){
		.value = c->text, .label = label, .error = c->error, .note = c->note,
		.bold = col == 0, .options = o, .options_n = c->option_n,
		.name = str_fmt(op->arena, "c.%zu.%zu", row, col),
	};
	for (size_t i = 0; i < c->option_n; i++)
		o[i] = (struct html_opt){ .value = c->option[i].value,
			.label = c->option[i].label,
			.on = c->propose.len && str_eq(c->option[i].value, c->propose) };
	h->proposed = c->propose.len > 0;
	h->is_select = c->error.len && c->option_n;
	h->is_line = c->error.len && !c->option_n;
}

static bool blankable(const struct import_draft *d, const struct import_row *r, size_t col)
{
	return !r->cell[col].must && !str_eq(d->column[col].field, STR("name"));
}

static void row_view(struct op *op, const struct import_draft *d, size_t row,
	struct html_imp_row *h)
{
	const struct import_row *r = &d->row[row];
	struct html_imp_cell *cells = NEW_N(op->arena, d->column_n, struct html_imp_cell);
	bool noted = false, may_blank = r->bad;

	*h = (struct html_imp_row){ .number = str_fmt(op->arena, "%d", r->line), .cells = cells };
	for (size_t col = 0; col < d->column_n; col++) {
		if (!d->column[col].field.len)
			continue;
		noted |= r->cell[col].note.len > 0;
		may_blank &= !r->cell[col].error.len || blankable(d, r, col);
		cell_view(op, &r->cell[col], row, col, d->column[col].label, &cells[h->cells_n++]);
	}
	h->state = r->skip ? STR("skip") : r->bad ? STR("bad") : noted ? STR("fixed") : STR("ok");
	if (r->bad || r->skip) {
		h->act_name = r->skip ? STR("unskip") : STR("skip");
		h->act_value = str_fmt(op->arena, "%zu", row);
		h->act_label = r->skip ? STR("恢复") : STR("跳过");
		if (may_blank)
			h->blank = h->act_value;
	}
}

/* The bad rows, with a good one before each, so that one sees the pattern. */
static void fill_rows(struct op *op, const struct import_draft *d, bool all,
	struct html_wiz_import *v)
{
	size_t max = all ? ROWS_ALL : ROWS_BAD;
	struct html_imp_row *rows = NEW_N(op->arena, max, struct html_imp_row);

	for (size_t i = 0; i < d->row_n && v->rows_n < max; i++) {
		bool next_bad = i + 1 < d->row_n && d->row[i + 1].bad;

		if (all || d->row[i].bad || d->row[i].skip || next_bad)
			row_view(op, d, i, &rows[v->rows_n++]);
	}
	v->rows = rows;
	if (v->rows_n == max)
		v->more_note = STR("先改好这些，其余的会接着显示。");
}

static void fill_columns(struct op *op, const struct import_draft *d,
			 const struct import_option *fields, size_t fields_n,
			 struct html_wiz_import *v)
{
	struct html_head_cell *heads = NEW_N(op->arena, d->column_n, struct html_head_cell);
	struct html_imp_map *maps = NEW_N(op->arena, d->column_n, struct html_imp_map);

	for (size_t c = 0; c < d->column_n; c++) {
		struct html_opt *o = NEW_N(op->arena, fields_n, struct html_opt);

		if (d->column[c].field.len)
			heads[v->heads_n++].label = d->column[c].label;
		for (size_t i = 0; i < fields_n; i++)
			o[i] = (struct html_opt){
				.value = fields[i].value, .label = fields[i].label,
				.on = str_eq(fields[i].value, d->column[c].field),
			};
		maps[c] = (struct html_imp_map){
			.name = str_fmt(op->arena, "m.%zu", c), .from = d->column[c].title,
			.options = o, .options_n = fields_n,
			.sample = d->row_n ? d->row[0].cell[c].text : STR_NONE,
		};
	}
	v->heads = heads;
	v->maps = maps;
	v->maps_n = d->column_n;
}

static enum err draft_load(struct req *rq, struct import_words *ret_words, struct import_draft *ret)
{
	TRY(setup_words(rq->op, ret_words));
	return import_draft_load(rq->op, rq->op->scope->tenant, rq->id, ret_words, ret);
}

/* Rows on the page whose every fault has a proposal: taken as they stand. */
static size_t proposed_rows(const struct import_draft *d, bool all)
{
	size_t n = 0, shown = 0;

	for (size_t r = 0; r < d->row_n && shown < (all ? ROWS_ALL : ROWS_BAD); r++) {
		bool every = d->row[r].bad;

		shown += all || d->row[r].bad || d->row[r].skip ||
			(r + 1 < d->row_n && d->row[r + 1].bad);
		for (size_t c = 0; c < d->column_n && every; c++)
			every = !d->row[r].cell[c].error.len || d->row[r].cell[c].propose.len;
		n += every;
	}
	return n;
}

/* What of the file will not be kept, by its own words. */
static str unused_columns(struct op *op, const struct import_draft *d)
{
	VEC(str) names = { 0 };

	for (size_t c = 0; c < d->column_n; c++)
		if (!d->column[c].field.len)
			*VEC_PUSH(op->arena, &names) = d->column[c].title;
	return names.n ? str_fmt(op->arena, "用不上：%.*s",
			STR_ARG(str_join(op->arena, names.at, names.n, STR("、")))) : STR_NONE;
}

enum err page_setup_draft(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_draft *f = rq->form;
	struct html_wiz_import v = { .csrf = rq_csrf(rq, rp) };
	struct html_view_tab *tabs = NEW_N(op->arena, 2, struct html_view_tab);
	struct html_outcome *out = NEW(op->arena, struct html_outcome);
	struct import_words words;
	struct import_draft d;
	struct import_option *fields;
	const struct list_kind *k;
	size_t n, live, proposed;

	TRY(draft_load(rq, &words, &d));
	k = kind_of(d.kind);
	if (!k)
		return ERR_NOTFOUND;
	n = import_fields(op, d.kind, &words, &fields);
	live = d.good_n + d.bad_n;
	TRY(setup_frame(rq, rp, k->station, str_of(k->title), &v.wiz));
	v.heading = str_of(k->title);
	v.sub = str_fmt(op->arena, "%.*s · %zu 行", STR_ARG(d.name), d.row_n);
	v.url = page_url(op, "/setup/draft/", d.id, "");
	v.version = str_fmt(op->arena, "%lld", (long long)d.version);
	v.other_url = str_of(stations[k->station].url);
	v.percent = live ? (int64_t)(d.good_n * 100 / live) : 0;
	v.progress = d.bad_n ? str_fmt(op->arena, "%zu / %zu 行通过，%zu 行需要您看一下", d.good_n,
				       live, d.bad_n)
			     : str_fmt(op->arena, "%zu 行全部通过", d.good_n);
	v.list_title = d.bad_n ? str_fmt(op->arena, "需要确认的 %zu 行", d.bad_n) : STR("名单");
	v.list_note = d.bad_n ? STR("前面各带一行，便于对照") : STR_NONE;
	tabs[0] = (struct html_view_tab){ .url = v.url, .label = STR("有问题"), .current = !f->all };
	tabs[1] = (struct html_view_tab){
		.url = str_fmt(op->arena, "%.*s?all=1", STR_ARG(v.url)),
		.label = str_fmt(op->arena, "全部 %zu", d.row_n), .current = f->all,
	};
	v.views = tabs;
	v.views_n = 2;
	fill_rows(op, &d, f->all, &v);
	fill_columns(op, &d, fields, n, &v);
	*out = (struct html_outcome){
		.icon = k->station == 1 ? STR("users") : STR("map-pin"),
		.count = str_fmt(op->arena, "%zu", d.good_n),
		.text = k->station == 1 ? STR("名教职工（一人多岗合成一人）") : STR("处区域和它们的责任人"),
	};
	v.outcome = out;
	v.outcome_n = 1;
	v.left = d.left_out;
	v.left_n = d.left_out_n;
	v.left_note = str_fmt(op->arena, "这份表是怎么读的：%zu 条", d.left_out_n);
	v.unused = unused_columns(op, &d);
	v.privacy = STR("身份证号、住址这类用不到的列不会保存。");
	proposed = proposed_rows(&d, f->all);
	v.wiz.next_label = str_fmt(op->arena, "采纳 %zu 行并继续", d.good_n + proposed);
	v.wiz.foot_note = proposed && d.bad_n > proposed
		? str_fmt(op->arena, "%zu 行按选好的建议采纳，%zu 行留在草稿里", proposed, d.bad_n - proposed)
		: proposed ? str_fmt(op->arena, "其中 %zu 行按选好的建议采纳", proposed)
		: d.bad_n ? str_fmt(op->arena, "其余 %zu 行留在草稿里", d.bad_n) : STR_NONE;
	html_wiz_import(&rp->body, &v);
	return ERR_OK;
}

struct mending {
	const struct form_draft_mend *form;
	struct import_words words;
	struct import_draft draft;
		 struct import_result result; bool accept; };

/* "3.1" → row 3, column 1 of the draft. */
static bool cell_at(const struct import_draft *d, str name, size_t *ret_row, size_t *ret_col)
{
	int64_t row, col;
	str rest = name, first = str_cut(&rest, '.');

	if (!str_to_i64(first, &row) || !str_to_i64(rest, &col) || row < 0 || col < 0 ||
	    (size_t)row >= d->row_n || (size_t)col >= d->column_n)
		return false;
	*ret_row = (size_t)row;
	*ret_col = (size_t)col;
	return true;
}

static enum err mend_cells(struct op *op, const struct mending *m)
{
	for (size_t i = 0; i < m->form->c.n; i++) {
		const struct form_pair *p = &m->form->c.at[i];
		size_t row, col;

		if (cell_at(&m->draft, p->name, &row, &col) &&
		    (p->value.len || !m->draft.row[row].cell[col].option_n) &&
		    !str_eq(m->draft.row[row].cell[col].text, p->value))
			TRY(import_draft_set(op, m->draft.id, row, col, p->value));
	}
	for (size_t i = 0; i < m->form->m.n; i++) {
		const struct form_pair *p = &m->form->m.at[i];
		int64_t col;

		if (str_to_i64(p->name, &col) && col >= 0 && (size_t)col < m->draft.column_n &&
		    !str_eq(m->draft.column[col].field, p->value))
			TRY(import_draft_map(op, m->draft.id, (size_t)col, p->value));
	}
	return ERR_OK;
}

static enum err run_mend(struct op *op, void *arg)
{
	struct mending *m = arg;
	const struct form_draft_mend *f = m->form;

	TRY(mend_cells(op, m));
	if (f->skip != FORM_ABSENT && (size_t)f->skip < m->draft.row_n)
		TRY(import_draft_skip(op, m->draft.id, (size_t)f->skip, true));
	if (f->unskip != FORM_ABSENT && (size_t)f->unskip < m->draft.row_n)
		TRY(import_draft_skip(op, m->draft.id, (size_t)f->unskip, false));
	if (f->blank != FORM_ABSENT && (size_t)f->blank < m->draft.row_n)
		TRY(import_draft_blank(op, m->draft.id, (size_t)f->blank, &m->words));
	if (str_eq(f->act, STR("drop")))
		return import_draft_drop(op, m->draft.id);
	if (!m->accept)
		return ERR_OK;
	TRY(import_accept(op, m->draft.id, &m->words, true, 0, &m->result));
	return change_refresh(op);
}

static enum err finish_mend(struct req *rq, struct reply *rp, enum err e)
{
	const struct mending *m = rq->wop.arg;
	const struct list_kind *k = kind_of(m->draft.kind);

	if (e != ERR_OK)
		return e;
	if (str_eq(m->form->act, STR("drop"))) {
		page_said(rq, rp, str_of(stations[k->station].url), STR("这份名单放弃了，什么都没有导入"),
			  (record_id){ 0 }, 0);
		return ERR_OK;
	}
	if (!m->accept) {
		reply_redirect(rp, page_url(rq->op, "/setup/draft/", m->draft.id, ""));
		return ERR_OK;
	}
	page_said(rq, rp, str_of(stations[k->station + !str_eq(m->form->act, STR("more"))].url),
		  m->result.left ? str_fmt(rq->op->arena, "已采纳 %zu 行，%zu 行留在草稿里",
					   m->result.rows, m->result.left)
				 : str_fmt(rq->op->arena, "已采纳 %zu 行", m->result.rows),
		  (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_setup_mend(struct req *rq, struct reply *rp)
{
	struct mending *m = NEW(rq->op->arena, struct mending);

	(void)rp;
	m->form = rq->form;
	TRY(draft_load(rq, &m->words, &m->draft));
	m->accept = (!m->form->act.len || str_eq(m->form->act, STR("more"))) &&
		m->form->skip == FORM_ABSENT && m->form->unskip == FORM_ABSENT &&
		m->form->blank == FORM_ABSENT;
	rq_write(rq, run_mend, m, finish_mend);
	return ERR_OK;
}
