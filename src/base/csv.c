/*
 * csv: see csv.h; the one adapter of iconv. GB18030 is only tried where the bytes are
 * not UTF-8: Chinese text in GB18030 is practically never valid UTF-8 by accident.
 * The parser is one pass over the bytes; a field that needs no change is a slice.
 */
#include "base/csv.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/sheet_int.h"
#include "base/utf8.h"

/* ---- encodings ---- */

/* false when the bytes are not of that encoding. */
static bool convert(struct op *op, const char *from, str bytes, str *ret_text)
{
	size_t cap = bytes.len * 2 + 16, left = cap, in_left = bytes.len;
	char *out = arena_alloc(op->arena, cap), *p = out;
	/* iconv reads, its prototype forgot const */
	char *in = (char *)(uintptr_t)bytes.ptr;

	iconv_t cd = iconv_open("UTF-8", from);
	if (cd == (iconv_t)-1)
		return false;
	size_t rc = iconv(cd, &in, &in_left, &p, &left);
	iconv_close(cd);
	if (rc == (size_t)-1 || in_left)
		return false;
	assert(left <= cap);
	*ret_text = (str){ out, cap - left };
	return utf8_valid(*ret_text);
}

static enum err no_text(struct op *op)
{
	return FAIL(op, ERR_INVALID, "认不出文件里的文字。请用 WPS 或 Excel 打开，"
		    "另存为 .xlsx 或“CSV UTF-8”，再上传");
}

enum err text_decode(struct op *op, str bytes, str *ret_text)
{
	bool ok;

	assert(op->arena && ret_text);
	if (str_starts(bytes, STR("\xEF\xBB\xBF"))) {
		*ret_text = str_slice(bytes, 3, bytes.len);
		ok = utf8_valid(*ret_text);
	} else if (str_starts(bytes, STR("\xFF\xFE"))) {
		ok = convert(op, "UTF-16LE", str_slice(bytes, 2, bytes.len), ret_text);
	} else if (str_starts(bytes, STR("\xFE\xFF"))) {
		ok = convert(op, "UTF-16BE", str_slice(bytes, 2, bytes.len), ret_text);
	} else if (utf8_valid(bytes)) {
		*ret_text = bytes;
		ok = true;
	} else {
		ok = !str_has(bytes, '\0') && convert(op, "GB18030", bytes, ret_text);
	}
	return ok ? ERR_OK : no_text(op);
}

/* ---- the delimiter ---- */

static size_t count_outside_quotes(str line, char c)
{
	size_t n = 0;
	bool quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '"')
			quoted = !quoted;
		else if (line.ptr[i] == c && !quoted)
			n++;
	}
	return n;
}

/* The first line that is not blank; good enough, because a head line has every column. */
static str first_line(str text)
{
	str rest = text;

	while (rest.ptr) {
		str line = str_cut(&rest, '\n');
		if (str_trim(line).len)
			return line;
	}
	return STR("");
}

static char find_delimiter(str text)
{
	str line = first_line(text);
	size_t comma = count_outside_quotes(line, ',');
	size_t semicolon = count_outside_quotes(line, ';');

	if (count_outside_quotes(line, '\t'))
		return '\t';	/* a title with a comma in it is not a delimiter */
	if (!comma && !semicolon && str_has(text, '\t'))
		return '\t';
	return semicolon > comma ? ';' : ',';
}

/* Excel's first line "sep=;": names the delimiter and is no row. */
static bool take_sep_line(str *text, char *ret_delimiter)
{
	str rest = *text, line = str_trim(str_cut(&rest, '\n'));

	if (line.len != 5 || !str_starts(line, STR("sep=")))
		return false;
	*ret_delimiter = line.ptr[4];
	*text = rest.ptr ? rest : STR("");
	return true;
}

/* ---- the fields ---- */

struct csv {
	struct op *op;
	str text;
	size_t at, row, col;
	char delimiter;
	struct sheet_builder sb;
};

static bool at_end_of_field(const struct csv *c)
{
	if (c->at == c->text.len)
		return true;
	char ch = c->text.ptr[c->at];
	return ch == c->delimiter || ch == '\n' || ch == '\r';
}

/* Many systems write ="0012" so that Excel keeps the zero. */
static str unwrap_formula_text(str s)
{
	if (s.len >= 3 && str_starts(s, STR("=\"")) && s.ptr[s.len - 1] == '"')
		return str_slice(s, 2, s.len - 1);
	return s;
}

static str plain_field(struct csv *c)
{
	size_t from = c->at;

	while (!at_end_of_field(c))
		c->at++;
	return unwrap_formula_text(str_slice(c->text, from, c->at));
}

/* Past the opening quote. What follows a closing quote is taken as it stands, as Excel does. */
static enum err quoted_field(struct csv *c, str *ret_field)
{
	size_t from = c->at, n = 0;
	str text = c->text;

	assert(text.ptr[from - 1] == '"');
	ptrdiff_t close = str_find(text, STR("\""), from);
	if (close < 0)
		return FAIL(c->op, ERR_INVALID, "第 %zu 行有一个引号没有收尾", c->row + 1);
	if ((size_t)close + 1 == text.len || text.ptr[close + 1] != '"') {
		*ret_field = str_slice(text, from, (size_t)close);
		c->at = (size_t)close + 1;
		return ERR_OK;
	}
	/* Doubled quotes: find the end first, then copy with each pair made one. */
	size_t end = (size_t)close;
	while (end < text.len && (text.ptr[end] != '"' ||
				  (end + 1 < text.len && text.ptr[end + 1] == '"')))
		end += text.ptr[end] == '"' ? 2 : 1;
	if (end >= text.len)
		return FAIL(c->op, ERR_INVALID, "第 %zu 行有一个引号没有收尾", c->row + 1);
	if (end - from > CELL_BYTES_MAX)
		return FAIL(c->op, ERR_LIMIT, "第 %zu 行有一格太长", c->row + 1);
	char *out = arena_alloc(c->op->arena, end - from + 1);
	for (size_t i = from; i < end; i++) {
		out[n++] = text.ptr[i];
		if (text.ptr[i] == '"')
			i++;
	}
	*ret_field = (str){ out, n };
	c->at = end + 1;
	return ERR_OK;
}

static enum err next_field(struct csv *c)
{
	str field;

	if (c->at < c->text.len && c->text.ptr[c->at] == '"') {
		c->at++;
		TRY(quoted_field(c, &field));
		if (!at_end_of_field(c)) {
			str parts[] = { field, plain_field(c) };
			field = str_join(c->op->arena, parts, 2, STR(""));
		}
	} else {
		field = plain_field(c);
	}
	assert(at_end_of_field(c));
	return sheet_put(c->op, &c->sb, c->row, c->col, field);
}

static void next_place(struct csv *c)
{
	assert(c->at < c->text.len);
	char ch = c->text.ptr[c->at++];
	if (ch == c->delimiter) {
		c->col++;
		return;
	}
	if (ch == '\r' && c->at < c->text.len && c->text.ptr[c->at] == '\n')
		c->at++;
	c->row++;
	c->col = 0;
}

enum err csv_read(struct op *op, str bytes, struct sheet *ret_sheet)
{
	struct csv c = { .op = op };

	assert(op->arena && ret_sheet);
	if (bytes.len > SHEET_BYTES_MAX)
		return FAIL(op, ERR_LIMIT, "文件太大，最多 %lu MB", SHEET_BYTES_MAX / MIB);
	TRY(text_decode(op, bytes, &c.text));
	if (!take_sep_line(&c.text, &c.delimiter))
		c.delimiter = find_delimiter(c.text);
	while (c.at < c.text.len) {
		TRY(next_field(&c));
		if (c.at < c.text.len)
			next_place(&c);
	}
	return sheet_build(op, &c.sb, STR(""), ret_sheet);
}
