/*
 * import_read: from a table as a person made it to columns and rows. The heading is the
 * line, or the pair of lines, in which most cells are known headings; what stands above is
 * a title. Below it, blank lines, totals, notes, sub-headings and repeated headings are no
 * rows; each is said in left_out, so that nobody loses a row without seeing it.
 *
 * A body is JSON of cells as text. It holds no meaning: that is import_check's, each time.
 */
#include "org/import_int.h"

#include <assert.h>

#include "base/json.h"

#define HEAD_LINES_MAX 30	/* above which the heading must stand */
#define LEFT_OUT_MAX 60

/* ---- headings ----------------------------------------------------------------- */

struct head { const char *kind, *field, *label, *hint, *words; };
static const struct head heads[] = {
#define HEAD(kind, field, label, hint, words) { kind, field, label, hint, words },
#define DROP(words) { "", "", "", "", words },
#include "org/import_heads.def"
#undef HEAD
#undef DROP
};
#define HEADS_N (sizeof(heads) / sizeof(heads[0]))

static bool in_brackets(str s, size_t *at)
{
	static const char *const open[] = { "(", "（", "[", "【" }, *const shut[] = { ")", "）", "]",
			"】" };

	for (int k = 0; k < 4; k++) {
		if (!str_starts(str_slice(s, *at, s.len), str_of(open[k])))
			continue;
		ptrdiff_t end = str_find(s, str_of(shut[k]), *at);
		if (end < 0)
			return false;
		*at = (size_t)end + str_of(shut[k]).len;
		return true;
	}
	return false;
}

str import_fold(struct arena *a, str title)
{
	str s = utf8_fold(a, title);
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len;) {
		if (in_brackets(s, &i))
			continue;
		char c = s.ptr[i++];
		if (c != ' ' && c != '\n' && c != '\t' && c != '*' && c != ':' && c != '/')
			p[n++] = c;
	}
	str r = { p, n };
	static const str colon = STR("：");
	return str_ends(r, colon) ? str_slice(r, 0, r.len - colon.len) : r;
}

static bool has_word(str words, str word)
{
	while (words.ptr)
		if (str_eq(str_cut(&words, ' '), word))
			return word.len > 0;
	return false;
}

static str role_field(struct op *op, const struct import_words *w, str folded)
{
	for (size_t i = 0; i < w->role.n; i++) {
		const struct import_name *r = &w->role.at[i];
		bool hit = str_eq(import_fold(op->arena, r->label), folded);
		for (size_t k = 0; k < r->alias_n; k++)
			hit |= str_eq(import_fold(op->arena, r->alias[k]), folded);
		if (hit)
			return str_fmt(op->arena, "keeper:%.*s", STR_ARG(r->id));
	}
	return STR("");
}

str import_field_of(struct op *op, str kind, const struct import_words *w, str title,
		bool *ret_drop)
{
	str folded = import_fold(op->arena, title);

	*ret_drop = false;
	for (size_t i = 0; i < HEADS_N; i++) {
		if (heads[i].kind[0] && !str_eq(str_of(heads[i].kind), kind))
			continue;
		if (!has_word(str_of(heads[i].words), folded))
			continue;
		*ret_drop = !heads[i].kind[0];
		return str_of(heads[i].field);
	}
	return str_eq(kind, STR("places")) ? role_field(op, w, folded) : STR("");
}

size_t import_fields(struct op *op, str kind, const struct import_words *words,
		     struct import_option **ret)
{
	VEC(struct import_option) all = { 0 };

	for (size_t i = 0; i < HEADS_N; i++)
		if (heads[i].kind[0] && str_eq(str_of(heads[i].kind), kind))
			*VEC_PUSH(op->arena, &all) = (struct import_option){
				str_of(heads[i].field), str_of(heads[i].label),
			};
	if (str_eq(kind, STR("places")))
		for (size_t i = 0; i < words->role.n; i++)
			*VEC_PUSH(op->arena, &all) = (struct import_option){
				str_fmt(op->arena, "keeper:%.*s", STR_ARG(words->role.at[i].id)),
				words->role.at[i].label,
			};
	*ret = all.at;
	return all.n;
}

str import_label_of(struct op *op, str kind, const struct import_words *w, str field)
{
	struct import_option *o;
	size_t n = import_fields(op, kind, w, &o);

	for (size_t i = 0; i < n; i++)
		if (str_eq(o[i].value, field))
			return o[i].label;
	return STR("");
}

enum err import_template(struct op *op, str kind, const struct import_words *words, str *ret_csv)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	struct import_option *o;
	size_t n = import_fields(op, kind, words, &o);
	str s;

	if (n == 0)
		return FAIL(op, ERR_INVALID, "可以导入的有 people（人员）和 places（区域）。");
	buf_init(&b, 16 * KIB);
	buf_add(&b, STR("\xEF\xBB\xBF"));
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%.*s", i ? "," : "", STR_ARG(o[i].label));
	buf_add(&b, STR("\r\n"));
	for (size_t i = 0; i < n; i++) {
		const char *hint = "写姓名，同名的写工号";
		for (size_t k = 0; k < HEADS_N; k++)
			if (str_eq(str_of(heads[k].kind), kind) && str_eq(str_of(heads[k].field),
					o[i].value))
				hint = heads[k].hint;
		buf_addf(&b, "%s%s%s", i ? "," : "填写说明：", hint, "");
	}
	buf_add(&b, STR("\r\n"));
	TRY(buf_finish(&b, &s));
	*ret_csv = str_dup(op->arena, s);
	return ERR_OK;
}

/* ---- the heading of a sheet --------------------------------------------------- */

struct heading { size_t first, last; str title[IMPORT_COLS_MAX]; size_t score; };

static size_t columns_of(const struct sheet *s)
{
	return s->cols < IMPORT_COLS_MAX ? s->cols : IMPORT_COLS_MAX;
}

/* How many different fields these titles name, known words twice; the name alone is the least. */
static size_t score_of(struct op *op, str kind, const struct import_words *w, const str *title,
		       size_t n)
{
	str seen[IMPORT_COLS_MAX];
	size_t seen_n = 0, score = 0;
	bool named = false, drop;

	for (size_t i = 0; i < n; i++) {
		str field = title[i].len ? import_field_of(op, kind, w, title[i], &drop) : STR("");
		bool sure = field.len > 0;
		if (!sure && title[i].len)
			field = import_field_like(op, kind, w, title[i], &drop);
		size_t k = 0;
		while (k < seen_n && !str_eq(seen[k], field))
			k++;
		if (field.len && k == seen_n) {
			seen[seen_n++] = field;
			score += sure ? 2 : 1;
		}
		named |= str_eq(field, STR("name"));
	}
	return named ? score : 0;
}

static str cell_text(struct op *op, const struct sheet *s, size_t row, size_t col)
{
	struct op quiet = { .arena = op->arena };
	str text;

	if (utf8_clean(&quiet, STR(""), sheet_cell(s, row, col), IMPORT_CELL_CHARS, true, &text))
		return utf8_valid(sheet_cell(s, row, col)) ?
			str_trim(utf8_cut(sheet_cell(s, row, col), IMPORT_CELL_CHARS)) : STR("");
	return text;
}

/* The lower line holds headings too, and nobody's name. */
static bool lower_heads(struct op *op, str kind, const struct import_words *w,
			const struct sheet *s, const struct heading *h)
{
	bool any = false, drop;

	for (size_t c = 0; c < columns_of(s); c++) {
		str lower = cell_text(op, s, h->last, c);
		bool known = lower.len && import_field_of(op, kind, w, lower, &drop).len > 0;
		if (str_eq(import_field_of(op, kind, w, h->title[c], &drop), STR("name")) &&
		    lower.len && !known)
			return false;
		any |= known;
	}
	return any;
}

/* Of two lines the lower one where it says something: 联系方式 over 手机 and 办公电话. */
static void try_heading(struct op *op, str kind, const struct import_words *w,
			const struct sheet *s, size_t first, size_t last, struct heading *best)
{
	struct heading h = { .first = first, .last = last };
	size_t n = columns_of(s);

	for (size_t c = 0; c < n; c++) {
		h.title[c] = cell_text(op, s, last, c);
		if (h.title[c].len == 0)
			h.title[c] = cell_text(op, s, first, c);
	}
	h.score = score_of(op, kind, w, h.title, n);
	if (h.score > best->score || (last > first && h.score == best->score && h.score > 0 &&
				      first == best->first && lower_heads(op, kind, w, s, &h)))
		*best = h;
}

static enum err find_heading(struct op *op, str kind, const struct import_words *w,
			     const struct sheet *s, struct heading *ret)
{
	struct heading best = { .score = 0 };

	for (size_t r = 0; r < s->rows && r < HEAD_LINES_MAX; r++)
		try_heading(op, kind, w, s, r, r, &best);
	for (size_t r = 0; r + 1 < s->rows && r < HEAD_LINES_MAX; r++)
		try_heading(op, kind, w, s, r, r + 1, &best);
	if (best.score == 0)
		return FAIL(op, ERR_INVALID, "没有找到表头。表里要有一行列名，至少有“%s”这一列，例如“%s”。",
			    str_eq(kind, STR("people")) ? "姓名" : "名称",
			    str_eq(kind, STR("people")) ? "姓名、手机、岗位" : "名称、类别、责任人");
	*ret = best;
	return ERR_OK;
}

/* ---- rows --------------------------------------------------------------------- */

enum line { LINE_ROW, LINE_BLANK, LINE_TOTAL, LINE_NOTE, LINE_SECTION, LINE_HEADING };

static bool starts_with_any(str s, const char *const *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, str_of(word[i])))
			return true;
	return false;
}

/* A line, and what stands in it over all columns, those that are not kept too. */
struct seen { const struct body_row *row; str first; size_t filled; };

/* 注： 例： 日期： 联系人： with a colon of either width. */
static bool has_colon(str s)
{
	static const char *const word[] = { "注", "例", "日期", "联系人", "说明", "要求" };

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		str w = str_of(word[i]);
		if (str_starts(s, w) && (str_starts(str_slice(s, w.len, s.len), STR("：")) ||
					 str_starts(str_slice(s, w.len, s.len), STR(":"))))
			return true;
	}
	return false;
}

static bool all_digits(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return true;
}

static enum line kind_of_line(struct op *op, const struct seen *l, const struct import_body *b,
			      size_t name_col)
{
	static const char *const total[] = { "合计", "总计", "小计", "共计", "总数", "人数合计" };
	static const char *const note[] = { "备注", "说明", "填写说明", "填表", "制表", "审核", "负责人签",
					    "单位负责人", "示例", "以下空白", "打印日期", "填报", "备 注" };
	str name = l->row->cell[name_col];

	if (l->filled == 0 || (l->filled == 1 && all_digits(l->first)))
		return LINE_BLANK;	/* a number drawn down beyond the list */
	if (starts_with_any(l->first, note, sizeof(note) / sizeof(note[0])) || has_colon(l->first))
		return LINE_NOTE;
	if (name.len == 0 && str_find(l->first, STR("："), 0) >= 0)
		return LINE_NOTE;	/* 校长签字：      填表人： */
	if (starts_with_any(import_fold(op->arena, l->first), total,
			sizeof(total) / sizeof(total[0])) ||
	    starts_with_any(import_fold(op->arena, name), total, sizeof(total) / sizeof(total[0])))
		return LINE_TOTAL;
	if (name.len && str_eq(import_fold(op->arena, name),
			       import_fold(op->arena, b->column.at[name_col].title)))
		return LINE_HEADING;
	if (l->filled == 1 && (name.len == 0 || (b->column.n > 1 && utf8_len(name) > 12)))
		return LINE_SECTION;	/* 后勤组, or a line of text over the whole width */
	return LINE_ROW;
}

static void leave_out(struct op *op, struct import_body *b, int32_t line, str text, const char *why)
{
	if (b->left_out.n < LEFT_OUT_MAX)
		*VEC_PUSH(op->arena, &b->left_out) = str_fmt(op->arena, "第 %d 行“%.*s”%s，没有导入。",
			(int)line, STR_ARG(utf8_cut(text, 20)), why);
}

static void add_line(struct op *op, struct import_body *b, const struct seen *l, size_t name_col)
{
	static const char *const why[] = { [LINE_TOTAL] = "是合计", [LINE_NOTE] = "是说明",
					   [LINE_SECTION] = "像是小标题", [LINE_HEADING] = "是重复的表头" };
	enum line k = kind_of_line(op, l, b, name_col);

	if (k == LINE_ROW)
		*VEC_PUSH(op->arena, &b->row) = *l->row;
	else if (k != LINE_BLANK)
		leave_out(op, b, l->row->line, l->first, why[k]);
}

static struct seen look_at(struct op *op, const struct sheet *s, size_t r,
		const struct body_row *row)
{
	struct seen l = { .row = row, .first = STR("") };

	for (size_t c = 0; c < s->cols; c++) {
		str text = cell_text(op, s, r, c);
		if (text.len && l.filled++ == 0)
			l.first = text;
	}
	return l;
}

/* Columns that are kept, and where they stand in the sheet. A field is meant by one column only. */
static void take_columns(struct op *op, str kind, const struct import_words *w,
			 const struct heading *h, size_t n, struct import_body *b, size_t *ret_at)
{
	for (size_t c = 0; c < n; c++) {
		bool drop = false;
		str title = h->title[c];
		if (title.len == 0)
			continue;
		str field = import_field_of(op, kind, w, title, &drop);
		if (!field.len && !drop)	/* not before the known words have theirs */
			(void)import_field_like(op, kind, w, title, &drop);
		if (drop)
			continue;
		if (field.len && import_col(b, field) != SIZE_MAX)
			field = STR("");
		ret_at[b->column.n] = c;
		*VEC_PUSH(op->arena, &b->column) = (struct import_column){ title, field, STR("") };
	}
	for (size_t i = 0; i < b->column.n; i++) {
		struct import_column *col = &b->column.at[i];
		bool drop;
		str like = col->field.len ? STR("") :
			import_field_like(op, kind, w, col->title, &drop);
		if (like.len && import_col(b, like) == SIZE_MAX)
			col->field = like;
	}
	/* A place must have a kind: where the table has no such column, it can be mended here. */
	if (str_eq(kind, STR("places")) && import_col(b, STR("kind")) == SIZE_MAX &&
	    b->column.n < IMPORT_COLS_MAX) {
		ret_at[b->column.n] = SIZE_MAX;
		*VEC_PUSH(op->arena, &b->column) =
			(struct import_column){ STR("类别"), STR("kind"), STR("") };
	}
}

/* The upper line of a heading of two is no title. */
static bool heads_in(struct op *op, str kind, const struct import_words *w, const struct sheet *s,
		     size_t row)
{
	str title[IMPORT_COLS_MAX];
	size_t n = columns_of(s);

	for (size_t c = 0; c < n; c++)
		title[c] = cell_text(op, s, row, c);
	return score_of(op, kind, w, title, n) > 2;
}

/*
 * Two lists side by side, 姓名 电话 姓名 电话: how far the next one stands to the right, 0 when
 * there is one. Every heading of the first must come again.
 */
static size_t next_list(struct op *op, str kind, const struct import_words *w,
			const struct heading *h, size_t n, size_t *ret_first)
{
	size_t first = SIZE_MAX, width = 0;
	bool drop;

	for (size_t c = 0; c < n && !width; c++) {
		if (!h->title[c].len || !str_eq(import_field_of(op, kind, w, h->title[c], &drop),
				STR("name")))
			continue;
		if (first == SIZE_MAX)
			first = c;
		else
			width = c - first;
	}
	for (size_t c = first; width && c < first + width; c++)
		if (c + width < n && !str_eq(import_fold(op->arena, h->title[c]),
				import_fold(op->arena, h->title[c + width])))
			return 0;
	*ret_first = first;
	return width;
}

static void add_beside(struct op *op, const struct sheet *s, size_t r, const size_t *at,
		       size_t width, size_t name_col, struct import_body *b)
{
	for (size_t shift = width; shift + at[name_col] < columns_of(s); shift += width) {
		struct body_row row = { .line = (int32_t)r + 1,
					.cell = NEW_N(op->arena, b->column.n, str) };
		for (size_t c = 0; c < b->column.n; c++)
			row.cell[c] = at[c] == SIZE_MAX || at[c] + shift >= s->cols ? STR("") :
				cell_text(op, s, r, at[c] + shift);
		if (row.cell[name_col].len && !str_eq(import_fold(op->arena, row.cell[name_col]),
				import_fold(op->arena, b->column.at[name_col].title)))
			*VEC_PUSH(op->arena, &b->row) = row;
	}
}

enum err import_read_sheet(struct op *op, str kind, const struct sheet *s,
			   const struct import_words *w, struct import_body *ret)
{
	struct import_body b = { .row = { 0 } };
	size_t at[IMPORT_COLS_MAX];
	struct heading h = { 0 };
	size_t width, lists_from = 0;

	TRY(find_heading(op, kind, w, s, &h));
	width = next_list(op, kind, w, &h, columns_of(s), &lists_from);
	take_columns(op, kind, w, &h, width ? lists_from + width : columns_of(s), &b, at);
	size_t name_col = import_col(&b, STR("name"));
	assert(name_col != SIZE_MAX);	/* a heading without it has no score */
	for (size_t r = 0; r < h.first; r++)
		for (size_t c = 0; c < s->cols && !heads_in(op, kind, w, s, r); c++)
			if (cell_text(op, s, r, c).len) {
				leave_out(op, &b, (int32_t)r + 1, cell_text(op, s, r, c), "是标题");
				break;
			}
	for (size_t r = h.last + 1; r < s->rows; r++) {
		struct body_row row = { .line = (int32_t)r + 1,
					.cell = NEW_N(op->arena, b.column.n, str) };
		for (size_t c = 0; c < b.column.n; c++)
			row.cell[c] = at[c] == SIZE_MAX ? STR("") : cell_text(op, s, r, at[c]);
		struct seen l = look_at(op, s, r, &row);
		add_line(op, &b, &l, name_col);
		if (width && kind_of_line(op, &l, &b, name_col) == LINE_ROW)
			add_beside(op, s, r, at, width, name_col, &b);
		if (b.row.n > IMPORT_ROWS_MAX)
			return FAIL(op, ERR_LIMIT, "一次最多导入 %d 行，请分成几份。", IMPORT_ROWS_MAX);
	}
	import_fill_merged(op, &b);
	if (b.row.n == 0)
		return FAIL(op, ERR_INVALID, "找到了表头（第 %zu 行），下面没有内容。", h.last + 1);
	*ret = b;
	return ERR_OK;
}

/* ---- a body as stored --------------------------------------------------------- */

enum err import_body_write(struct op *op, const struct import_body *b, str *ret_json)
{
	struct buf out CLEANUP(buf_release) = { 0 };
	struct jw w;
	str s;

	buf_init(&out, JSON_BYTES_MAX);
	jw_start(&w, &out);
	jw_obj(&w);
	jw_key(&w, "cols");
	jw_arr(&w);
	for (size_t i = 0; i < b->column.n; i++) {
		jw_obj(&w);
		jw_kv(&w, "t", b->column.at[i].title);
		jw_kv(&w, "f", b->column.at[i].field);
		jw_end(&w);
	}
	jw_end(&w);
	jw_key(&w, "rows");
	jw_arr(&w);
	for (size_t i = 0; i < b->row.n; i++) {
		jw_obj(&w);
		jw_kv_int(&w, "n", b->row.at[i].line);
		jw_kv_bool(&w, "s", b->row.at[i].skip);
		jw_key(&w, "c");
		jw_arr(&w);
		for (size_t c = 0; c < b->column.n; c++)
			jw_str(&w, b->row.at[i].cell[c]);
		jw_end(&w);
		jw_end(&w);
	}
	jw_end(&w);
	jw_key(&w, "left");
	jw_arr(&w);
	for (size_t i = 0; i < b->left_out.n; i++)
		jw_str(&w, b->left_out.at[i]);
	jw_end(&w);
	jw_end(&w);
	if (buf_finish(&out, &s))
		return FAIL(op, ERR_LIMIT, "这份名单太大了，请分成几份，或者删掉用不到的列。");
	*ret_json = str_dup(op->arena, s);
	return ERR_OK;
}

static bool read_row(struct op *op, const struct json *j, struct import_body *b)
{
	const struct json *cells = json_get(j, STR("c")), *skip = json_get(j, STR("s"));

	if (!cells || cells->kind != JSON_ARR || cells->n != b->column.n)
		return false;
	struct body_row r = { .line = (int32_t)json_get_int(j, STR("n"), 0),
			      .skip = skip && skip->b, .cell = NEW_N(op->arena, cells->n, str) };
	for (size_t c = 0; c < cells->n; c++)
		r.cell[c] = cells->at[c]->s;
	*VEC_PUSH(op->arena, &b->row) = r;
	return true;
}

enum err import_body_read(struct op *op, str text, struct import_body *ret)
{
	struct import_body b = { .row = { 0 } };
	const struct json *cols, *rows, *left;
	struct json *j;

	if (text.len == 0) {	/* accepted or dropped: nothing is kept */
		*ret = b;
		return ERR_OK;
	}
	TRY(json_read(op, text, &j));
	cols = json_get(j, STR("cols"));
	rows = json_get(j, STR("rows"));
	left = json_get(j, STR("left"));
	if (!cols || !rows || !left)
		return FAIL(op, ERR_CORRUPT, "导入的草稿读不出来了，请重新上传。");
	for (size_t i = 0; i < cols->n; i++)
		*VEC_PUSH(op->arena, &b.column) = (struct import_column){
			json_get_str(cols->at[i], STR("t")), json_get_str(cols->at[i], STR("f")),
			STR(""),
		};
	for (size_t i = 0; i < rows->n; i++)
		if (!read_row(op, rows->at[i], &b))
			return FAIL(op, ERR_CORRUPT, "导入的草稿读不出来了，请重新上传。");
	for (size_t i = 0; i < left->n; i++)
		*VEC_PUSH(op->arena, &b.left_out) = left->at[i]->s;
	*ret = b;
	return ERR_OK;
}

size_t import_col(const struct import_body *b, str field)
{
	for (size_t i = 0; i < b->column.n; i++)
		if (str_eq(b->column.at[i].field, field))
			return i;
	return SIZE_MAX;
}
