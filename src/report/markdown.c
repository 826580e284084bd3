/*
 * markdown: see markdown.h. Two passes: lines become blocks, the text of a block becomes
 * runs. A paragraph's lines are joined as Chinese is written: without a space, but between
 * two ASCII words; two spaces or a backslash at a line's end break it.
 */
#include "report/markdown.h"

#include "base/limits.h"
#include "base/op.h"

/* --- inside a line ------------------------------------------------------------ */

struct inline_ {
	struct arena *a;
	str in;
	VEC(struct run) run;
	bool strong, em;
	bool no_strong, no_em;	/* none is closed from here to the end */
	char *out;		/* the run being written */
	size_t out_n;
};

static bool punct(char c)
{
	return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
	       (c >= '{' && c <= '~');
}

static void run_end(struct inline_ *x)
{
	struct run *r;

	if (!x->out_n)
		return;
	r = VEC_PUSH(x->a, &x->run);
	*r = (struct run){ .text = { x->out, x->out_n }, .strong = x->strong, .em = x->em };
	x->out += x->out_n;
	x->out_n = 0;
}

/* {{name}} on one line; how many bytes it takes, 0: none. Looks no further than the next brace. */
static size_t field_at(struct inline_ *x, size_t i)
{
	size_t end = i + 2;
	str name;

	if (!str_starts(str_slice(x->in, i, x->in.len), STR("{{")))
		return 0;
	while (end < x->in.len && x->in.ptr[end] != '{' && x->in.ptr[end] != '}' &&
	       x->in.ptr[end] != '\n')
		end++;
	name = str_trim(str_slice(x->in, i + 2, end));
	if (str_empty(name) || !str_starts(str_slice(x->in, end, x->in.len), STR("}}")))
		return 0;
	run_end(x);
	*VEC_PUSH(x->a, &x->run) =
		(struct run){ .text = name, .strong = x->strong, .em = x->em, .field = true };
	return end + 2 - i;
}

/* Is the mark at i (of `len` stars) closed later? Remembered, so that this stays linear. */
static bool closes(struct inline_ *x, size_t i, size_t len)
{
	str mark = len == 2 ? STR("**") : STR("*");
	bool *none = len == 2 ? &x->no_strong : &x->no_em;

	if (*none || i + len >= x->in.len || x->in.ptr[i + len] == ' ' ||
	    x->in.ptr[i + len] == '\n')
		return false;
	if (str_find(x->in, mark, i + len + 1) >= 0)
		return true;
	*none = true;
	return false;
}

/* Stars at i: how many were a mark, 0: they are text. */
static size_t star_at(struct inline_ *x, size_t i)
{
	size_t len = i + 1 < x->in.len && x->in.ptr[i + 1] == '*' ? 2 : 1;
	bool *on = len == 2 ? &x->strong : &x->em;

	if (!*on && !closes(x, i, len))
		return 0;
	run_end(x);
	*on = !*on;
	return len;
}

static struct text inline_read(struct arena *a, str in)
{
	struct inline_ x = { .a = a, .in = in, .out = arena_alloc(a, in.len + 1) };

	for (size_t i = 0; i < in.len;) {
		char c = in.ptr[i];
		size_t took = c == '{' ? field_at(&x, i) : c == '*' ? star_at(&x, i) : 0;

		if (took) {
			i += took;
			continue;
		}
		if (c == '\\' && i + 1 < in.len && punct(in.ptr[i + 1]))
			c = in.ptr[++i];
		x.out[x.out_n++] = c;
		i++;
		if (c == '*' && i < in.len && in.ptr[i] == '*' && !x.strong && x.no_strong)
			x.out[x.out_n++] = in.ptr[i++];
	}
	run_end(&x);
	return (struct text){ x.run.at, x.run.n };
}

/* --- lines -------------------------------------------------------------------- */

struct lines {
	struct op *op;
	struct arena *a;
	str rest;
	VEC(struct md_block) out;
	VEC(str) para;		/* lines of the paragraph or item that is open */
	enum md_kind open;	/* of that */
	int level;
	bool ordered;
};

static struct md_block *push(struct lines *l, enum md_kind kind)
{
	struct md_block *b = VEC_PUSH(l->a, &l->out);

	b->kind = kind;
	return b;
}

static bool word_end(str s, bool first)
{
	char c = s.len ? s.ptr[first ? 0 : s.len - 1] : ' ';

	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == ',' || c == '.' || c == ';';
}

static str join_lines(struct lines *l)
{
	str *part = NEW_N(l->a, 2 * l->para.n, str);
	size_t n = 0;

	for (size_t i = 0; i < l->para.n; i++) {
		str s = l->para.at[i], t = str_trim(s);
		bool last = i + 1 == l->para.n;
		bool slash = !last && str_ends(t, STR("\\"));

		part[n++] = slash ? str_slice(t, 0, t.len - 1) : t;
		if (last)
			break;
		if (slash || str_ends(s, STR("  ")))
			part[n++] = STR("\n");
		else if (word_end(t, false) && word_end(str_trim(l->para.at[i + 1]), true))
			part[n++] = STR(" ");
	}
	return str_join(l->a, part, n, STR(""));
}

static void para_end(struct lines *l)
{
	struct md_block *b;

	if (!l->para.n)
		return;
	b = push(l, l->open);
	b->level = l->level;
	b->ordered = l->ordered;
	b->text = inline_read(l->a, join_lines(l));
	l->para.n = 0;
}

static str line_next(struct lines *l)
{
	str s = str_cut(&l->rest, '\n');

	return str_ends(s, STR("\r")) ? str_slice(s, 0, s.len - 1) : s;
}

static bool heading(struct lines *l, str t)
{
	size_t n = 0;
	struct md_block *b;

	while (n < t.len && n < 7 && t.ptr[n] == '#')
		n++;
	if (!n || n > 6 || (n < t.len && t.ptr[n] != ' '))
		return false;
	para_end(l);
	b = push(l, MD_HEADING);
	b->level = (int)n;
	b->text = inline_read(l->a, str_trim(str_slice(t, n, t.len)));
	return true;
}

static bool rule(struct lines *l, str t)
{
	if (t.len < 3 || (t.ptr[0] != '-' && t.ptr[0] != '*' && t.ptr[0] != '_'))
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] != t.ptr[0] && t.ptr[i] != ' ')
			return false;
	para_end(l);
	(void)push(l, MD_RULE);
	return true;
}

/* "- x", "* x", "+ x", "1. x", "1) x": how many bytes the mark takes, 0: none. */
static size_t item_mark(str t, bool *ret_ordered)
{
	size_t n = 0;

	*ret_ordered = false;
	if (t.len >= 2 && (t.ptr[0] == '-' || t.ptr[0] == '*' || t.ptr[0] == '+') &&
	    t.ptr[1] == ' ')
		return 2;
	while (n < t.len && n < 9 && t.ptr[n] >= '0' && t.ptr[n] <= '9')
		n++;
	*ret_ordered = n > 0;
	if (n > 0 && n + 1 < t.len && (t.ptr[n] == '.' || t.ptr[n] == ')') && t.ptr[n + 1] == ' ')
		return n + 2;
	return 0;
}

static bool item(struct lines *l, str line, str t)
{
	bool ordered;
	size_t mark = item_mark(t, &ordered), indent = 0;

	if (!mark)
		return false;
	para_end(l);
	while (indent < line.len && line.ptr[indent] == ' ')
		indent++;
	l->open = MD_ITEM;
	l->ordered = ordered;
	l->level = (int)(indent / 2 > MD_DEPTH_MAX ? MD_DEPTH_MAX : indent / 2);
	*VEC_PUSH(l->a, &l->para) = str_slice(t, mark, t.len);
	return true;
}

/* --- tables ------------------------------------------------------------------- */

/* The cells of a line; '|' inside {{ }} or after a backslash does not part them. */
static size_t cells_of(str t, str *ret, size_t max)
{
	size_t n = 0, from = 0;
	bool field = false;

	if (str_starts(t, STR("|")))
		t = str_slice(t, 1, t.len);
	if (str_ends(t, STR("|")) && !str_ends(t, STR("\\|")))
		t = str_slice(t, 0, t.len - 1);
	for (size_t i = 0; i <= t.len; i++) {
		if (i < t.len && t.ptr[i] == '\\') {
			i++;
			continue;
		}
		if (i + 1 < t.len && t.ptr[i] == '{' && t.ptr[i + 1] == '{')
			field = true;
		else if (i + 1 < t.len && t.ptr[i] == '}' && t.ptr[i + 1] == '}')
			field = false;
		if (i < t.len && (t.ptr[i] != '|' || field))
			continue;
		if (n < max)
			ret[n] = str_trim(str_slice(t, from, i));
		n++;
		from = i + 1;
	}
	return n;
}

/* | --- | :-: | */
static bool is_ruler(str t, size_t *ret_cols)
{
	str cell[TABLE_COLS_MAX];
	size_t n;

	if (!str_has(t, '|') || !str_has(t, '-'))
		return false;
	n = cells_of(t, cell, TABLE_COLS_MAX);
	*ret_cols = n;
	for (size_t i = 0; i < n && i < TABLE_COLS_MAX; i++) {
		if (str_empty(cell[i]))
			return false;
		for (size_t k = 0; k < cell[i].len; k++)
			if (cell[i].ptr[k] != '-' && cell[i].ptr[k] != ':')
				return false;
	}
	return true;
}

static void table_row(struct lines *l, str t, size_t cols, struct table_make *into)
{
	str cell[TABLE_COLS_MAX];
	size_t n = cells_of(t, cell, cols);

	for (size_t i = 0; i < cols; i++)
		table_text(into, i < n ? inline_read(l->a, cell[i]) : (struct text){ NULL, 0 });
}

/* A line, then a ruler of as many cells. */
static enum err table(struct lines *l, str t, bool *ret_took)
{
	struct table_make into = { .arena = l->a };
	struct md_block *b;
	str peek = l->rest, cell[1];
	size_t cols, n;

	*ret_took = false;
	if (!str_has(t, '|') || !peek.ptr || !is_ruler(str_trim(str_cut(&peek, '\n')), &cols))
		return ERR_OK;
	n = cells_of(t, cell, 1);
	if (n != cols)
		return ERR_OK;
	if (cols > TABLE_COLS_MAX)
		return FAIL(l->op, ERR_LIMIT, "表格超过 %d 列", TABLE_COLS_MAX);
	para_end(l);
	(void)line_next(l);
	table_row(l, t, cols, &into);
	for (str next = l->rest; next.ptr; next = l->rest) {
		if (!str_has(str_cut(&next, '\n'), '|'))
			break;
		table_row(l, str_trim(line_next(l)), cols, &into);
	}
	b = push(l, MD_TABLE);
	b->cell = into.cell.at;
	b->col_n = cols;
	b->row_n = into.cell.n / cols;
	*ret_took = true;
	return ERR_OK;
}

static enum err line_read(struct lines *l, str line)
{
	str t = str_trim(line);
	bool took;

	if (str_empty(t)) {
		para_end(l);
		return ERR_OK;
	}
	if (heading(l, t) || rule(l, t) || item(l, line, t))
		return ERR_OK;
	TRY(table(l, t, &took));
	if (took)
		return ERR_OK;
	if (!l->para.n) {
		l->open = MD_PARA;
		l->level = 0;
		l->ordered = false;
	}
	*VEC_PUSH(l->a, &l->para) = line;
	return ERR_OK;
}

enum err markdown_read(struct op *op, str text, struct md_block **ret, size_t *ret_n)
{
	struct lines l = { .op = op, .a = op->arena, .rest = text };

	if (text.len > YAML_BYTES_MAX)
		return FAIL(op, ERR_LIMIT, "文档太大");
	while (l.rest.ptr)
		TRY(line_read(&l, line_next(&l)));
	para_end(&l);
	*ret = l.out.at;
	*ret_n = l.out.n;
	return ERR_OK;
}
