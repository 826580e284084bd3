/*
 * sheet_xlsx: the values of an XLSX file, as Excel and WPS save it (ECMA-376 part 1,
 * 18.2–18.8). Each part is one pass of XML events; nothing of it is kept but text.
 * A date is a number with a style whose format shows days, so styles are read first.
 * Of a merged range the first column is filled downwards: "教务处" merged over ten
 * rows belongs to each of them; a title merged over ten columns stays one cell.
 * Formulas are not evaluated: their last stored value counts.
 */
#include "base/sheet_int.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/xml.h"
#include "base/zip.h"

enum number_kind { NUMBER_PLAIN, NUMBER_DATE, NUMBER_TIME };

struct rel { str id, type, target; };
struct tab { str name, rel_id; bool hidden; };
struct num_format { int64_t id; enum number_kind kind; };
struct merge { size_t row, col, row_last; };

struct xlsx {
	struct op *op;
	struct archive *zip;
	VEC(struct rel) rels;
	VEC(struct tab) tabs;
	VEC(str) shared;
	VEC(struct num_format) formats;
	VEC(enum number_kind) styles;	/* by the index that a cell names */
	bool date1904;
	size_t cells, area;		/* used by the sheets so far */
};

static enum err no_workbook(struct op *op)
{
	return FAIL(op, ERR_INVALID, "这个压缩文件不是表格。请上传 .xlsx 或 .csv 文件");
}

/* An XML part, or ERR_OK with nothing called when the file has no such part. */
static enum err read_part(struct xlsx *x, str path, const struct xml_handler *h)
{
	str bytes;
	enum err e = archive_read(x->op, x->zip, path, &bytes);

	if (e == ERR_NOTFOUND)
		return ERR_OK;
	TRY(e);
	return xml_read(x->op, bytes, h);
}

/* ---- relations: which part is what ---- */

static enum err rels_start(void *arg, str name, const char **attrs)
{
	struct xlsx *x = arg;

	if (!str_eq(name, STR("Relationship")) || x->rels.n >= ZIP_ENTRIES_MAX)
		return ERR_OK;
	*VEC_PUSH(x->op->arena, &x->rels) = (struct rel){
		str_dup(x->op->arena, xml_attr(attrs, STR("Id"))),
		str_dup(x->op->arena, xml_attr(attrs, STR("Type"))),
		str_dup(x->op->arena, xml_attr(attrs, STR("Target"))),
	};
	return ERR_OK;
}

static enum err read_rels(struct xlsx *x, str path)
{
	const struct xml_handler h = { .arg = x, .start = rels_start };

	x->rels.n = 0;
	return read_part(x, path, &h);
}

static const struct rel *rel_of_type(const struct xlsx *x, str ending)
{
	for (size_t i = 0; i < x->rels.n; i++)
		if (str_ends(x->rels.at[i].type, ending))
			return &x->rels.at[i];
	return NULL;
}

/* A target is absolute in the archive, or relative to the folder of the part that names it. */
static str resolve(struct xlsx *x, str folder, str target)
{
	if (str_starts(target, STR("/")))
		return str_slice(target, 1, target.len);
	return str_fmt(x->op->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(target));
}

/* ---- workbook ---- */

static enum err workbook_start(void *arg, str name, const char **attrs)
{
	struct xlsx *x = arg;
	str v;

	if (str_eq(name, STR("workbookPr"))) {
		v = xml_attr(attrs, STR("date1904"));
		x->date1904 = str_eq(v, STR("1")) || str_eq(v, STR("true"));
	}
	if (!str_eq(name, STR("sheet")))
		return ERR_OK;
	if (x->tabs.n >= SHEET_TABS_MAX)
		return FAIL(x->op, ERR_LIMIT, "工作表太多，最多 %d 张", SHEET_TABS_MAX);
	v = xml_attr(attrs, STR("state"));
	*VEC_PUSH(x->op->arena, &x->tabs) = (struct tab){
		str_dup(x->op->arena, xml_attr(attrs, STR("name"))),
		str_dup(x->op->arena, xml_attr(attrs, STR("id"))),
		str_eq(v, STR("hidden")) || str_eq(v, STR("veryHidden")),
	};
	return ERR_OK;
}

/* ---- text: what Excel escapes as _x000D_ ---- */

static int hex_value(str s)
{
	int v = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10
			: c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* ASCII only: the escape exists for control characters; others are left as written. */
static str unescape(struct arena *a, str s)
{
	size_t n = 0;

	if (str_find(s, STR("_x"), 0) < 0)
		return str_dup(a, s);
	char *out = arena_alloc(a, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		bool escape = i + 7 <= s.len && s.ptr[i] == '_' && s.ptr[i + 1] == 'x' &&
			      s.ptr[i + 6] == '_';
		int v = escape ? hex_value(str_slice(s, i + 2, i + 6)) : -1;
		if (v < 0 || v > 0x7E) {
			out[n++] = s.ptr[i];
			continue;
		}
		if (v == '\t' || v == '\n' || v >= 0x20)
			out[n++] = (char)v;
		i += 6;
	}
	return (str){ out, n };
}

/* ---- shared strings ---- */

struct strings { struct xlsx *x; struct buf text; bool in_t; int phonetic; };

static enum err strings_start(void *arg, str name, const char **attrs)
{
	struct strings *s = arg;

	(void)attrs;
	if (str_eq(name, STR("si")))
		buf_clear(&s->text);
	else if (str_eq(name, STR("rPh")))	/* how to read it aloud: not its text */
		s->phonetic++;
	s->in_t = str_eq(name, STR("t")) && s->phonetic == 0;
	return ERR_OK;
}

static enum err strings_end(void *arg, str name)
{
	struct strings *s = arg;
	str text;

	s->in_t = false;
	if (str_eq(name, STR("rPh")))
		s->phonetic--;
	if (!str_eq(name, STR("si")))
		return ERR_OK;
	if (s->x->shared.n >= SHEET_CELLS_MAX || buf_finish(&s->text, &text) != ERR_OK)
		return FAIL(s->x->op, ERR_LIMIT, "文件里的文字太多");
	*VEC_PUSH(s->x->op->arena, &s->x->shared) = unescape(s->x->op->arena, text);
	return ERR_OK;
}

static enum err strings_text(void *arg, str text)
{
	struct strings *s = arg;

	if (s->in_t)
		buf_add(&s->text, text);
	return ERR_OK;
}

static enum err read_strings(struct xlsx *x, str path)
{
	struct strings s = { .x = x };
	const struct xml_handler h = { &s, strings_start, strings_end, strings_text };

	buf_init(&s.text, CELL_BYTES_MAX);
	enum err e = read_part(x, path, &h);
	buf_release(&s.text);
	return e;
}

/* ---- styles: which numbers are dates ---- */

/* Formats that need no code in the file: 18.8.30, and those of the Chinese editions. */
static enum number_kind builtin_kind(int64_t id)
{
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) ||
	    id == 55 || id == 56)
		return NUMBER_TIME;
	if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
		return NUMBER_DATE;
	return NUMBER_PLAIN;
}

/* What a format code shows; text in quotes, after a backslash and in brackets does not count. */
static enum number_kind code_kind(str code)
{
	bool date = false, month = false, clock = false, quoted = false;

	for (size_t i = 0; i < code.len && (quoted || code.ptr[i] != ';'); i++) {
		char c = code.ptr[i];
		if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (c == '\\' || c == '_' || c == '*') {
			i++;
			continue;
		}
		if (c == '[') {
			ptrdiff_t close = str_find(code, STR("]"), i);
			str in = close < 0 ? STR("") : str_slice(code, i + 1, (size_t)close);
			clock |= in.len && (str_has(STR("hHmMsS"), in.ptr[0]) && in.len <= 2);
			i = close < 0 ? code.len : (size_t)close;
			continue;
		}
		date |= str_has(STR("yYdD"), c);
		month |= str_has(STR("mM"), c);
		clock |= str_has(STR("hHsS"), c);
	}
	if (date || (month && !clock))
		return NUMBER_DATE;
	return clock ? NUMBER_TIME : NUMBER_PLAIN;
}

struct styles { struct xlsx *x; bool in_cell_formats; };

static int64_t int_attr(const char **attrs, str name, int64_t otherwise)
{
	int64_t v;

	return str_to_i64(xml_attr(attrs, name), &v) ? v : otherwise;
}

static enum number_kind format_kind(const struct xlsx *x, int64_t id)
{
	for (size_t i = 0; i < x->formats.n; i++)
		if (x->formats.at[i].id == id)
			return x->formats.at[i].kind;
	return builtin_kind(id);
}

static enum err styles_start(void *arg, str name, const char **attrs)
{
	struct styles *s = arg;
	struct xlsx *x = s->x;

	if (str_eq(name, STR("cellXfs")))
		s->in_cell_formats = true;
	if (x->formats.n + x->styles.n > SHEET_COLS_MAX * 256)
		return FAIL(x->op, ERR_LIMIT, "文件里的格式太多");
	if (str_eq(name, STR("numFmt")) && x->formats.n < 1000)	/* bounds the search per style */
		*VEC_PUSH(x->op->arena, &x->formats) = (struct num_format){
			int_attr(attrs, STR("numFmtId"), -1),
			code_kind(xml_attr(attrs, STR("formatCode"))),
		};
	if (s->in_cell_formats && str_eq(name, STR("xf")))
		*VEC_PUSH(x->op->arena, &x->styles) =
			format_kind(x, int_attr(attrs, STR("numFmtId"), 0));
	return ERR_OK;
}

static enum err styles_end(void *arg, str name)
{
	struct styles *s = arg;

	if (str_eq(name, STR("cellXfs")))
		s->in_cell_formats = false;
	return ERR_OK;
}

static enum err read_styles(struct xlsx *x, str path)
{
	struct styles s = { x, false };
	const struct xml_handler h = { &s, styles_start, styles_end, NULL };

	return read_part(x, path, &h);
}

/* ---- numbers ---- */

/* As a person would type it: no exponent, no digits that only binary fractions have. */
static str plain_number(struct arena *a, str raw, double d)
{
	bool digits = raw.len > 0;

	for (size_t i = 0; i < raw.len; i++)
		digits &= raw.ptr[i] >= '0' && raw.ptr[i] <= '9';
	if (digits)
		return str_dup(a, raw);
	if (fabs(d) < 1e15 && floor(d) == d)
		return str_fmt(a, "%.0f", d == 0 ? 0.0 : d);
	return str_fmt(a, "%.15g", d);
}

static str clock_text(struct arena *a, int64_t sec)
{
	int h = (int)(sec / 3600), m = (int)(sec / 60 % 60), s = (int)(sec % 60);

	assert(h < 24);
	return s ? str_fmt(a, "%02d:%02d:%02d", h, m, s) : str_fmt(a, "%02d:%02d", h, m);
}

/* Days since 1899-12-31 with a 29 February 1900 that never was, or since 1904-01-01. */
static bool serial_day(const struct xlsx *x, int64_t serial, day_no *ret_day)
{
	const day_no last = day_of(2199, 12, 31);
	int64_t day = x->date1904 ? serial - 24107 : serial - (serial < 60 ? 25568 : 25569);

	if ((!x->date1904 && (serial < 1 || serial == 60)) || serial < 0 || day > last)
		return false;
	*ret_day = (day_no)day;
	return true;
}

static str number_text(const struct xlsx *x, str raw, enum number_kind kind)
{
	struct arena *a = x->op->arena;
	char *end;
	day_no day;
	double d = strtod(str_c(a, raw), &end);

	if (*end != '\0' || !isfinite(d))
		return unescape(a, raw);	/* not a number: shown as it is */
	if (kind == NUMBER_PLAIN || d < 0 || d >= 3000000)
		return plain_number(a, raw, d);
	int64_t seconds = llround(d * 86400);
	if (kind == NUMBER_TIME && d < 1 && seconds < 86400)
		return clock_text(a, seconds);
	if (kind == NUMBER_TIME || !serial_day(x, seconds / 86400, &day))
		return plain_number(a, raw, d);
	if (seconds % 86400 == 0)
		return date_format(a, day);
	str clock = clock_text(a, seconds % 86400);
	return str_fmt(a, "%.*s %.*s", STR_ARG(date_format(a, day)), STR_ARG(clock));
}

/* ---- a sheet ---- */

struct grid {
	struct xlsx *x;
	struct sheet_builder sb;
	VEC(struct merge) merges;
	struct buf text;
	size_t row, col;		/* of the cell being read; next ones from 0 */
	bool row_seen, in_cell, in_value, in_inline;
	int phonetic;
	str type;			/* "", "s", "str", "inlineStr", "b", "e", "d", "n" */
	int64_t style;
};

/* "BC12" → row 11, column 54. */
static bool read_ref(str ref, size_t *ret_row, size_t *ret_col)
{
	size_t i = 0, col = 0;
	int64_t row;

	for (; i < ref.len && i < 3 && ref.ptr[i] >= 'A' && ref.ptr[i] <= 'Z'; i++)
		col = col * 26 + (size_t)(ref.ptr[i] - 'A' + 1);
	if (col == 0 || !str_to_i64(str_slice(ref, i, ref.len), &row) || row < 1 || row > 1048576)
		return false;
	*ret_row = (size_t)row - 1;
	*ret_col = col - 1;
	return true;
}

static enum err damaged_cell(struct op *op)
{
	return FAIL(op, ERR_INVALID, "文件已损坏，读不了。请重新保存后再上传");
}

static enum err grid_row(struct grid *g, const char **attrs)
{
	int64_t r = int_attr(attrs, STR("r"), 0);

	if (r > 0 && r <= 1048576)
		g->row = (size_t)r - 1;
	else
		g->row = g->row_seen ? g->row + 1 : 0;
	g->row_seen = true;
	g->col = 0;
	return ERR_OK;
}

static enum err grid_cell(struct grid *g, const char **attrs)
{
	static const char *const types[] = { "s", "str", "inlineStr", "b", "e", "d", "n" };
	str ref = xml_attr(attrs, STR("r")), type = xml_attr(attrs, STR("t"));

	if (ref.len && !read_ref(ref, &g->row, &g->col))
		return damaged_cell(g->x->op);
	g->type = STR("n");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (str_eq(type, str_of(types[i])))
			g->type = str_of(types[i]);	/* the literal: attributes do not stay */
	g->style = int_attr(attrs, STR("s"), 0);
	g->in_cell = true;
	buf_clear(&g->text);
	return ERR_OK;
}

/* mergeCell ref="A2:A11": only its first column is filled, so only that is kept. */
static enum err grid_merge(struct grid *g, const char **attrs)
{
	str rest = xml_attr(attrs, STR("ref")), first = str_cut(&rest, ':');
	size_t row, col, row_last, col_last;

	if (!read_ref(first, &row, &col) || !read_ref(rest, &row_last, &col_last))
		return ERR_OK;
	if (row_last <= row)
		return ERR_OK;
	if (g->merges.n >= SHEET_MERGES_MAX)
		return FAIL(g->x->op, ERR_LIMIT, "合并的单元格太多");
	*VEC_PUSH(g->x->op->arena, &g->merges) = (struct merge){ row, col, row_last };
	return ERR_OK;
}

static enum err grid_start(void *arg, str name, const char **attrs)
{
	struct grid *g = arg;

	g->in_value = false;
	if (str_eq(name, STR("row")))
		return grid_row(g, attrs);
	if (str_eq(name, STR("c")))
		return grid_cell(g, attrs);
	if (str_eq(name, STR("mergeCell")))
		return grid_merge(g, attrs);
	if (!g->in_cell)
		return ERR_OK;
	if (str_eq(name, STR("is")))
		g->in_inline = true;
	if (str_eq(name, STR("rPh")))
		g->phonetic++;
	g->in_value = str_eq(name, STR("v")) ||
		      (str_eq(name, STR("t")) && g->in_inline && !g->phonetic);
	return ERR_OK;
}

static str cell_text(struct grid *g, str raw)
{
	struct xlsx *x = g->x;
	int64_t at;

	if (str_eq(g->type, STR("s"))) {
		bool known = str_to_i64(raw, &at) && at >= 0 && (size_t)at < x->shared.n;
		return known ? x->shared.at[at] : STR("");
	}
	if (str_eq(g->type, STR("b")))
		return str_eq(raw, STR("1")) ? STR("TRUE") : STR("FALSE");
	if (str_eq(g->type, STR("d")) && str_ends(raw, STR("T00:00:00")))
		return str_dup(x->op->arena, str_slice(raw, 0, raw.len - 9));
	if (!str_eq(g->type, STR("n")))
		return unescape(x->op->arena, raw);
	bool styled = g->style >= 0 && (size_t)g->style < x->styles.n;
	return number_text(x, raw, styled ? x->styles.at[g->style] : NUMBER_PLAIN);
}

static enum err grid_cell_end(struct grid *g)
{
	str raw;

	g->in_cell = false;
	g->in_inline = false;
	g->phonetic = 0;
	if (buf_finish(&g->text, &raw) != ERR_OK)
		return FAIL(g->x->op, ERR_LIMIT, "第 %zu 行有一格太长", g->row + 1);
	size_t col = g->col++;
	if (raw.len == 0)
		return ERR_OK;
	return sheet_put(g->x->op, &g->sb, g->row, col, cell_text(g, raw));
}

static enum err grid_end(void *arg, str name)
{
	struct grid *g = arg;

	g->in_value = false;
	if (str_eq(name, STR("rPh")) && g->phonetic)
		g->phonetic--;
	if (str_eq(name, STR("is")))
		g->in_inline = false;
	if (str_eq(name, STR("c")) && g->in_cell)
		return grid_cell_end(g);
	return ERR_OK;
}

static enum err grid_text(void *arg, str text)
{
	struct grid *g = arg;

	if (g->in_value)
		buf_add(&g->text, text);
	return ERR_OK;
}

static void fill_merges(const struct grid *g, struct sheet *s)
{
	for (size_t i = 0; i < g->merges.n; i++) {
		const struct merge *m = &g->merges.at[i];
		if (m->row >= s->rows || m->col >= s->cols)
			continue;
		str first = s->cell[m->row * s->cols + m->col];
		for (size_t r = m->row + 1; first.len && r <= m->row_last && r < s->rows; r++)
			s->cell[r * s->cols + m->col] = first;
	}
}

static enum err read_sheet(struct xlsx *x, str path, str name, struct sheet *ret_sheet)
{
	struct grid g = { .x = x, .sb = { .cells = x->cells, .area = x->area } };
	const struct xml_handler h = { &g, grid_start, grid_end, grid_text };

	buf_init(&g.text, CELL_BYTES_MAX);
	enum err e = read_part(x, path, &h);
	buf_release(&g.text);
	TRY(e);
	TRY(sheet_build(x->op, &g.sb, name, ret_sheet));
	fill_merges(&g, ret_sheet);
	x->cells = g.sb.cells;
	x->area = g.sb.area;
	return ERR_OK;
}

/* ---- the file ---- */

/* The workbook's own folder with its slash, and its name. */
static enum err find_workbook(struct xlsx *x, str *ret_folder, str *ret_name)
{
	TRY(read_rels(x, STR("_rels/.rels")));
	const struct rel *rel = rel_of_type(x, STR("/officeDocument"));
	if (!rel)
		return no_workbook(x->op);
	str path = resolve(x, STR(""), rel->target);
	size_t cut = path.len;
	while (cut > 0 && path.ptr[cut - 1] != '/')
		cut--;
	*ret_folder = str_slice(path, 0, cut);
	*ret_name = str_slice(path, cut, path.len);
	return ERR_OK;
}

static enum err read_common_parts(struct xlsx *x, str folder)
{
	const struct rel *strings = rel_of_type(x, STR("/sharedStrings"));
	const struct rel *styles = rel_of_type(x, STR("/styles"));

	if (strings)
		TRY(read_strings(x, resolve(x, folder, strings->target)));
	if (styles)
		TRY(read_styles(x, resolve(x, folder, styles->target)));
	return ERR_OK;
}

static enum err read_tabs(struct xlsx *x, str folder, struct book *ret_book)
{
	struct book book = { NEW_N(x->op->arena, x->tabs.n, struct sheet), 0 };

	for (size_t i = 0; i < x->tabs.n; i++) {
		const struct tab *t = &x->tabs.at[i];
		for (size_t k = 0; k < x->rels.n; k++) {
			const struct rel *rel = &x->rels.at[k];
			if (t->hidden || !str_eq(rel->id, t->rel_id) ||
			    !str_ends(rel->type, STR("/worksheet")))
				continue;
			TRY(read_sheet(x, resolve(x, folder, rel->target), t->name,
				       &book.at[book.n++]));
			break;
		}
	}
	*ret_book = book;
	return ERR_OK;
}

enum err xlsx_read(struct op *op, str bytes, struct book *ret_book)
{
	struct xlsx *x = NEW(op->arena, struct xlsx);
	const struct xml_handler workbook = { .arg = x, .start = workbook_start };
	str folder, name;

	x->op = op;
	TRY(archive_open(op, bytes, SHEET_INFLATE_MAX, &x->zip));
	TRY(find_workbook(x, &folder, &name));
	TRY(read_part(x, resolve(x, folder, name), &workbook));
	if (x->tabs.n == 0)
		return no_workbook(op);
	TRY(read_rels(x, str_fmt(op->arena, "%.*s_rels/%.*s.rels", STR_ARG(folder),
		STR_ARG(name))));
	TRY(read_common_parts(x, folder));
	return read_tabs(x, folder, ret_book);
}
