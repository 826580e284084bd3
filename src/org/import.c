/*
 * import: the draft and its acceptance (import.h). A draft is an operational row: it has
 * no events; what it makes has. When nothing is left of it its body is emptied: lists of
 * people are not kept twice.
 */
#include "org/import_int.h"

#include "auth/scope.h"
#include "gen/q_import.h"

#define OPEN_SEEN 30		/* drafts looked through for those that are open */
#define REFUSALS_MAX 50		/* named when a whole draft is refused */

static enum err kind_known(struct op *op, str kind)
{
	if (str_eq(kind, STR("people")) || str_eq(kind, STR("places")))
		return ERR_OK;
	return INVALID(op, STR("kind"), "可以导入的有 people（人员）和 places（区域）。");
}

enum err import_draft_make(struct op *op, str kind, const struct sheet *sheet, str name,
			   const struct import_words *words, int64_t *ret_id)
{
	struct import_body body;
	str json;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(kind_known(op, kind));
	TRY(org_clean(op, "name", name, 200, NULL, &name));
	TRY(import_read_sheet(op, kind, sheet, words, &body));
	TRY(import_body_write(op, &body, &json));
	int64_t id = org_id(op);
	TRY(q_import_draft_add(op, &(struct q_import_draft_add_in){
		.tenant = op->tenant, .id = id, .kind = kind,
		.person = op->scope ? op->scope->person : (person_id){ 0 }, .name = name,
		.body = json, .at = op->now_ms,
	}));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

static enum err draft_row(struct op *op, tenant_id tenant, int64_t id,
			  struct q_import_draft_get *ret, struct import_body *ret_body)
{
	enum err e = q_import_draft_get(op, tenant, id, ret);

	if (e == ERR_NOTFOUND)
		return FAIL(op, e, "没有这份导入的草稿。");
	if (e)
		return e;
	return import_body_read(op, ret->body, ret_body);
}

enum err import_draft_load(struct op *op, tenant_id tenant, int64_t id,
			   const struct import_words *words, struct import_draft *ret)
{
	struct import_body *b = NEW(op->arena, struct import_body);
	struct import_look l;
	struct q_import_draft_get row;

	TRY(draft_row(op, tenant, id, &row, b));
	TRY(import_look_make(op, tenant, row.kind, words, b, &l));
	struct import_draft d = { .id = id, .kind = row.kind, .name = row.name, .state = row.state,
				  .version = row.changed_at, .column = b->column.at,
				  .column_n = b->column.n, .row_n = b->row.n,
				  .left_out = b->left_out.at, .left_out_n = b->left_out.n };
	for (size_t c = 0; c < b->column.n; c++)
		b->column.at[c].label = import_label_of(op, row.kind, words, b->column.at[c].field);
	d.row = NEW_N(op->arena, b->row.n, struct import_row);
	for (size_t r = 0; r < b->row.n; r++) {
		bool skip = b->row.at[r].skip, bad = !skip && import_row_bad(&l, r);
		d.row[r] = (struct import_row){ b->row.at[r].line, skip, bad, l.cell[r] };
		d.skip_n += skip;
		d.bad_n += bad;
	}
	d.good_n = d.row_n - d.bad_n - d.skip_n;
	*ret = d;
	return ERR_OK;
}

/* ---- mending ------------------------------------------------------------------ */

static enum err store(struct op *op, int64_t id, const struct import_body *b, const char *state)
{
	str json = STR("");
	int64_t changed;

	if (b)
		TRY(import_body_write(op, b, &json));
	TRY(q_import_draft_set(op, op->tenant, id, json, str_of(state), &changed));
	if (changed != 1)
		return FAIL(op, ERR_CONFLICT, "这份草稿已经导入或者放弃了。");
	return ERR_OK;
}

static enum err open_draft(struct op *op, int64_t id, struct q_import_draft_get *ret,
			   struct import_body *ret_body)
{
	TRY(draft_row(op, op->tenant, id, ret, ret_body));
	if (!str_eq(ret->state, STR("open")))
		return FAIL(op, ERR_CONFLICT, "这份草稿已经导入或者放弃了。");
	return ERR_OK;
}

enum err import_draft_set(struct op *op, int64_t id, size_t row, size_t col, str text)
{
	struct q_import_draft_get draft;
	struct import_body b;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(open_draft(op, id, &draft, &b));
	if (row >= b.row.n || col >= b.column.n)
		return FAIL(op, ERR_INVALID, "草稿里没有这一格，请刷新后再改。");
	TRY(utf8_clean(op, b.column.at[col].title, text.ptr ? text : STR(""), IMPORT_CELL_CHARS,
		       true, &b.row.at[row].cell[col]));
	TRY(store(op, id, &b, "open"));
	return tx_leave(&tx);
}

enum err import_draft_skip(struct op *op, int64_t id, size_t row, bool skip)
{
	struct q_import_draft_get draft;
	struct import_body b;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(open_draft(op, id, &draft, &b));
	if (row >= b.row.n)
		return FAIL(op, ERR_INVALID, "草稿里没有这一行，请刷新后再改。");
	b.row.at[row].skip = skip;
	TRY(store(op, id, &b, "open"));
	return tx_leave(&tx);
}

enum err import_draft_map(struct op *op, int64_t id, size_t col, str field)
{
	struct q_import_draft_get draft;
	struct import_body b;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(open_draft(op, id, &draft, &b));
	if (col >= b.column.n || field.len > 60)
		return FAIL(op, ERR_INVALID, "草稿里没有这一列，请刷新后再改。");
	size_t was = field.len ? import_col(&b, field) : SIZE_MAX;
	if (was != SIZE_MAX)
		b.column.at[was].field = STR("");
	b.column.at[col].field = field;
	if (import_col(&b, STR("name")) == SIZE_MAX)
		return INVALID(op, STR("field"), "总要有一列是%s。",
			       str_eq(draft.kind, STR("people")) ? "姓名" : "名称");
	TRY(store(op, id, &b, "open"));
	return tx_leave(&tx);
}

enum err import_draft_blank(struct op *op, int64_t id, size_t row,
			    const struct import_words *words)
{
	struct q_import_draft_get draft;
	struct import_body b;
	struct import_look l;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(open_draft(op, id, &draft, &b));
	if (row >= b.row.n)
		return FAIL(op, ERR_INVALID, "草稿里没有这一行，请刷新后再改。");
	TRY(import_look_make(op, op->tenant, draft.kind, words, &b, &l));
	for (size_t c = 0; c < b.column.n; c++)
		if (l.cell[row][c].error.len && import_may_be_empty(&l, row, c))
			b.row.at[row].cell[c] = STR("");
	TRY(store(op, id, &b, "open"));
	return tx_leave(&tx);
}

enum err import_drafts_open(struct op *op, tenant_id tenant, str kind, struct import_open **ret,
			    size_t *ret_n)
{
	VEC(struct import_open) open = { 0 };
	struct q_import_drafts_newest *row;
	size_t n;

	TRY(q_import_drafts_newest(op, tenant, INT64_MAX, OPEN_SEEN, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(row[i].state, STR("open")) && str_eq(row[i].kind, kind))
			*VEC_PUSH(op->arena, &open) = (struct import_open){ row[i].id,
				row[i].name };
	*ret = open.at;
	*ret_n = open.n;
	return ERR_OK;
}

enum err import_draft_drop(struct op *op, int64_t id)
{
	struct q_import_draft_get draft;
	struct import_body b;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(open_draft(op, id, &draft, &b));
	TRY(store(op, id, NULL, "dropped"));
	return tx_leave(&tx);
}

/* ---- accepting ---------------------------------------------------------------- */

/* Every bad row by its line, so that a command can print them. */
static enum err refuse(struct op *op, const struct import_look *l, size_t bad)
{
	size_t said = 0;

	for (size_t r = 0; r < l->body->row.n && said < REFUSALS_MAX; r++) {
		if (l->body->row.at[r].skip)
			continue;
		for (size_t c = 0; c < l->body->column.n; c++) {
			if (!l->cell[r][c].error.len)
				continue;
			int line = (int)l->body->row.at[r].line;
			(void)INVALID(op, str_fmt(op->arena, "line.%d", line),
				      "第 %d 行“%.*s”：%.*s", line,
				      STR_ARG(l->body->column.at[c].title),
				      STR_ARG(l->cell[r][c].error));
			said++;
			break;
		}
	}
	op->errmsg[0] = '\0';
	return FAIL(op, ERR_INVALID, "有 %zu 行不能导入，整份都没有导入。请改正或者跳过这些行。", bad);
}

/* Bad rows stay in an open draft; without any the draft is done. */
static enum err keep_rest(struct op *op, int64_t id, const struct import_look *l, size_t bad)
{
	struct import_body rest = *l->body;

	if (bad == 0)
		return store(op, id, NULL, "accepted");
	memset(&rest.row, 0, sizeof(rest.row));
	for (size_t r = 0; r < l->body->row.n; r++)
		if (!l->body->row.at[r].skip && import_row_bad(l, r))
			*VEC_PUSH(op->arena, &rest.row) = l->body->row.at[r];
	return store(op, id, &rest, "open");
}

enum err import_accept(struct op *op, int64_t id, const struct import_words *words, bool skip_bad,
		       int64_t from_ms, struct import_result *ret)
{
	struct q_import_draft_get draft;
	struct import_result r;
	struct import_body b;
	struct import_look l;
	size_t bad = 0;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(open_draft(op, id, &draft, &b));
	TRY(import_look_make(op, op->tenant, draft.kind, words, &b, &l));
	for (size_t i = 0; i < b.row.n; i++)
		bad += !b.row.at[i].skip && import_row_bad(&l, i);
	if (bad && !skip_bad)
		return refuse(op, &l, bad);
	TRY(import_take(op, &l, from_ms ? from_ms : op->now_ms, &r));
	TRY(keep_rest(op, id, &l, bad));
	TRY(tx_leave(&tx));
	r.left = bad;
	*ret = r;
	return ERR_OK;
}
