/*
 * print_fill: the Markdown of a print becomes the blocks of a sheet, its {{fields}} the
 * words of the data. A line of a table that holds {{f.x}} of a rows field, or {{row.x}} of
 * the query, is repeated for each row; none leaves one empty line, to be filled in by hand.
 * On the paper of a place a paragraph that is only {{code}} or {{qr}} is the QR code, with
 * the human code under it.
 */
#include "report/print_int.h"

#include "base/pubid.h"
#include "report/markdown.h"

/* --- texts ------------------------------------------------------------------------ */

static struct text fill_text(struct press *p, const struct text *t)
{
	struct run *run = NEW_N(p->a, t->n, struct run);
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		run[n] = t->run[i];
		if (run[n].field) {
			run[n].text = press_word(p, run[n].text);
			run[n].field = false;
		}
		n += run[n].text.len > 0;
	}
	return (struct text){ run, n };
}

/* A paragraph or cell that is nothing but one field: its name, else STR_NONE. */
static str sole_field(const struct text *t)
{
	return t->n == 1 && t->run[0].field ? t->run[0].text : STR_NONE;
}

/* --- the code of a place ------------------------------------------------------------- */

enum err press_qr(struct press *p, struct sheet *s, str code)
{
	struct block *b;
	str url, pub = pubid_make(p->a, p->org->tenant, p->about.id);

	if (str_empty(p->public_url))
		return INVALID(p->op, STR("public_url"),
			       "还没有设置本校网址，二维码没有地方可去。请管理员在设置文件里写上 public_url，重启后再打印");
	url = str_fmt(p->a, "%.*s/p/%.*s", STR_ARG(p->public_url), STR_ARG(pub));
	b = sheet_add(p->a, s, BLOCK_QR);
	b->text = text_of(p->a, code);
	return qr_make(p->op, url, &b->qr);
}

/* --- tables --------------------------------------------------------------------------- */

/* The rows field that a line repeats: the first {{f.x}} whose f is one. */
static const struct field *line_field(const struct press *p, const struct text *cell, size_t n)
{
	const struct record_view *r = p->about.rec;

	for (size_t i = 0; r && i < n; i++)
		for (size_t k = 0; k < cell[i].n; k++) {
			const struct run *x = &cell[i].run[k];
			ptrdiff_t dot = x->field ? str_find(x->text, STR("."), 0) : -1;
			const struct field *f =
				dot > 0 ? loop_field(r->loop, str_slice(x->text, 0, (size_t)dot))
					: NULL;

			if (f && (f->type == F_ROWS || f->type == F_CHECKLIST ||
				  f->type == F_SIGNATURES))
				return f;
		}
	return NULL;
}

static bool line_queries(const struct text *cell, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < cell[i].n; k++)
			if (cell[i].run[k].field && str_starts(cell[i].run[k].text, STR("row.")))
				return true;
	return false;
}

static void line_once(struct press *p, struct table_make *t, const struct text *cell)
{
	for (size_t i = 0; i < t->col_n; i++)
		table_text(t, fill_text(p, &cell[i]));
}

static void line_empty(struct table_make *t)
{
	for (size_t i = 0; i < t->col_n; i++)
		table_cell(t, STR_NONE);
}

static void line_of_rows(struct press *p, struct table_make *t, const struct text *cell,
			 const struct field *f)
{
	const struct value *v = vmap_get(&p->about.rec->fields, f->m.id);
	size_t n = v && v->kind == V_ROWS ? v->rows.n : 0;

	p->row_of = f;
	for (size_t i = 0; i < n; i++) {
		p->row = &v->rows.at[i];
		p->no = i + 1;
		line_once(p, t, cell);
	}
	p->row = NULL;
	p->no = 0;
	if (!n)
		line_empty(t);
}

static enum err line_of_query(struct press *p, struct table_make *t, const struct text *cell)
{
	const struct thing *row;
	size_t n;

	TRY(press_rows(p, &row, &n));
	for (size_t i = 0; i < n; i++) {
		p->thing = &row[i];
		p->no = i + 1;
		line_once(p, t, cell);
	}
	p->thing = NULL;
	p->no = 0;
	if (!n)
		line_empty(t);
	return ERR_OK;
}

static enum err fill_table(struct press *p, struct sheet *s, const struct md_block *m)
{
	struct table_make t = { .arena = p->a, .col_n = m->col_n,
				.head = NEW_N(p->a, m->col_n, struct text) };

	for (size_t i = 0; i < m->col_n; i++)
		t.head[i] = fill_text(p, &m->cell[i]);
	for (size_t i = 1; i < m->row_n; i++) {
		const struct text *cell = &m->cell[i * m->col_n];
		const struct field *f = line_field(p, cell, m->col_n);

		if (f)
			line_of_rows(p, &t, cell, f);
		else if (line_queries(cell, m->col_n))
			TRY(line_of_query(p, &t, cell));
		else
			line_once(p, &t, cell);
	}
	table_end(&t, s);
	return ERR_OK;
}

/* --- blocks ----------------------------------------------------------------------------- */

static bool is_code(const struct press *p, const struct text *t)
{
	str name = sole_field(t);

	return p->about.about == ABOUT_PLACE &&
	       (str_eq(name, STR("code")) || str_eq(name, STR("qr")));
}

static enum err fill_para(struct press *p, struct sheet *s, const struct md_block *m)
{
	struct text t;

	if (is_code(p, &m->text))
		return press_qr(p, s, press_word(p, STR("code")));
	t = fill_text(p, &m->text);
	if (text_empty(&t))
		t = text_of(p->a, STR("（未填）"));
	sheet_add(p->a, s, BLOCK_PARA)->text = t;
	return ERR_OK;
}

/* The items from *i on that belong together; *i is moved to the last. */
static void fill_list(struct press *p, struct sheet *s, const struct md_block *m, size_t n,
		      size_t *i)
{
	struct block *b = sheet_add(p->a, s, BLOCK_LIST);
	VEC(struct text) item = { 0 };

	b->ordered = m[*i].ordered;
	for (;; (*i)++) {
		*VEC_PUSH(p->a, &item) = fill_text(p, &m[*i].text);
		if (*i + 1 >= n || m[*i + 1].kind != MD_ITEM || m[*i + 1].ordered != b->ordered)
			break;
	}
	b->item = item.at;
	b->item_n = item.n;
}

static void fill_heading(struct press *p, struct sheet *s, const struct md_block *m)
{
	struct text t = fill_text(p, &m->text);
	struct block *b;

	if (m->level == 1 && str_empty(s->title)) {
		s->title = text_plain(p->a, &t);
		return;
	}
	b = sheet_add(p->a, s, BLOCK_HEADING);
	b->level = m->level;
	b->text = t;
}

enum err press_fill(struct press *p, struct document *d)
{
	struct sheet *s = document_sheet(d, STR_NONE);
	struct md_block *m;
	size_t n;

	TRY(markdown_read(p->op, p->print->body, &m, &n));
	for (size_t i = 0; i < n; i++) {
		switch (m[i].kind) {
		case MD_HEADING:
			fill_heading(p, s, &m[i]);
			break;
		case MD_PARA:
			TRY(fill_para(p, s, &m[i]));
			break;
		case MD_ITEM:
			fill_list(p, s, m, n, &i);
			break;
		case MD_TABLE:
			TRY(fill_table(p, s, &m[i]));
			break;
		case MD_RULE:
			(void)sheet_add(p->a, s, BLOCK_RULE);
			break;
		}
	}
	return press_signs(p, s);
}
