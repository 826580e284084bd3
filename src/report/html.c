/*
 * html: see html.h. One function for each kind of block. Widths of columns are classes of
 * the style sheet (p0 … p100), because the policy of the site allows no style attribute.
 */
#include "report/html.h"

#include <assert.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/op.h"

/* --- text --------------------------------------------------------------------- */

static void add_lines(struct buf *b, str s)
{
	for (str rest = s; rest.ptr;) {
		buf_add_html(b, str_cut(&rest, '\n'));
		if (rest.ptr)
			buf_add(b, STR("<br>"));
	}
}

static void add_text(struct buf *b, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct run *r = &t->run[i];

		assert(!r->field);	/* a finished document has none */
		if (r->strong)
			buf_add(b, STR("<b>"));
		if (r->em)
			buf_add(b, STR("<em>"));
		add_lines(b, r->text);
		if (r->em)
			buf_add(b, STR("</em>"));
		if (r->strong)
			buf_add(b, STR("</b>"));
	}
}

static void add_tag(struct buf *b, const char *open, str s, const char *close)
{
	if (str_empty(s))
		return;
	buf_add(b, str_of(open));
	add_lines(b, s);
	buf_add(b, str_of(close));
}

/* --- blocks -------------------------------------------------------------------- */

static void add_heading(struct buf *b, const struct block *x)
{
	int level = x->level < 2 ? 2 : x->level > 4 ? 4 : x->level;

	buf_addf(b, "<h%d>", level);
	add_text(b, &x->text);
	buf_addf(b, "</h%d>\n", level);
}

static void add_para(struct buf *b, const struct block *x)
{
	buf_add(b, STR("<p>"));
	add_text(b, &x->text);
	buf_add(b, STR("</p>\n"));
}

static void add_list(struct buf *b, const struct block *x)
{
	buf_add(b, x->ordered ? STR("<ol>") : STR("<ul>"));
	for (size_t i = 0; i < x->item_n; i++) {
		buf_add(b, STR("<li>"));
		add_text(b, &x->item[i]);
		buf_add(b, STR("</li>"));
	}
	buf_add(b, x->ordered ? STR("</ol>\n") : STR("</ul>\n"));
}

static void add_cols(struct buf *b, const struct table *t)
{
	if (!t->width)
		return;
	buf_add(b, STR("<colgroup>"));
	for (size_t i = 0; i < t->col_n; i++)
		buf_addf(b, "<col class=\"w p%d\">", t->width[i] > 100 ? 100 : t->width[i]);
	buf_add(b, STR("</colgroup>"));
}

static void add_row(struct buf *b, const struct table *t, size_t row)
{
	bool sum = t->sum && row + 1 == t->row_n;

	buf_add(b, sum ? STR("<tr class=\"sum\">") : STR("<tr>"));
	for (size_t i = 0; i < t->col_n; i++) {
		buf_add(b, t->num >> i & 1 ? STR("<td class=\"num\">") : STR("<td>"));
		add_text(b, &t->cell[row * t->col_n + i]);
		buf_add(b, STR("</td>"));
	}
	buf_add(b, STR("</tr>\n"));
}

static void add_table(struct buf *b, const struct table *t)
{
	buf_add(b, STR("<table class=\"doc-table\">"));
	add_tag(b, "<caption>", t->caption, "</caption>");
	add_cols(b, t);
	if (t->head) {
		buf_add(b, STR("<thead><tr>"));
		for (size_t i = 0; i < t->col_n; i++) {
			buf_add(b, STR("<th scope=\"col\">"));
			add_text(b, &t->head[i]);
			buf_add(b, STR("</th>"));
		}
		buf_add(b, STR("</tr></thead>"));
	}
	buf_add(b, STR("<tbody>\n"));
	for (size_t i = 0; i < t->row_n; i++)
		add_row(b, t, i);
	buf_add(b, STR("</tbody></table>\n"));
}

static void add_facts(struct buf *b, const struct block *x)
{
	buf_add(b, STR("<table class=\"doc-table doc-facts\"><tbody>\n"));
	for (size_t i = 0; i < x->fact_n; i++) {
		buf_add(b, STR("<tr><th scope=\"row\">"));
		buf_add_html(b, x->fact[i].label);
		buf_add(b, STR("</th><td>"));
		add_text(b, &x->fact[i].value);
		buf_add(b, STR("</td></tr>\n"));
	}
	buf_add(b, STR("</tbody></table>\n"));
}

static void add_signs(struct buf *b, const struct block *x)
{
	buf_add(b, STR("<div class=\"sign3\">"));
	for (size_t i = 0; i < x->sign_n; i++) {
		buf_add(b, STR("<div><span class=\"k\">"));
		buf_add_html(b, x->sign[i].role);
		buf_add(b, STR("</span>"));
		add_tag(b, "<p>", x->sign[i].name, "</p>");
		add_tag(b, "<p class=\"xs\">", x->sign[i].at, "</p>");
		buf_add(b, STR("</div>"));
	}
	buf_add(b, STR("</div>\n"));
}

static void add_qr(struct buf *b, struct arena *a, const struct block *x)
{
	int side = qr_side(&x->qr);

	buf_addf(b, "<div class=\"doc-qr\"><div class=\"qr-box\">"
		    "<svg viewBox=\"0 0 %d %d\" role=\"img\" "
		    "aria-label=\"二维码\"><path d=\"", side, side);
	buf_add_html(b, qr_svg_path(a, &x->qr));
	buf_add(b, STR("\"/></svg></div><p class=\"code\">"));
	add_text(b, &x->text);
	buf_add(b, STR("</p></div>\n"));
}

static void add_photo(struct buf *b, const struct photo *p)
{
	buf_add(b, STR("<figure class=\"doc-photo\"><img src=\""));
	buf_add_href(b, p->url);
	buf_add(b, STR("\" alt=\""));
	buf_add_html(b, p->caption);
	buf_addf(b, "\" width=\"%d\" height=\"%d\"><figcaption>", p->width, p->height);
	buf_add_html(b, p->caption);
	buf_add(b, STR("</figcaption></figure>\n"));
}

static void add_block(struct buf *b, struct arena *a, const struct block *x)
{
	switch (x->kind) {
	case BLOCK_HEADING:
		add_heading(b, x);
		return;
	case BLOCK_PARA:
		add_para(b, x);
		return;
	case BLOCK_LIST:
		add_list(b, x);
		return;
	case BLOCK_TABLE:
		add_table(b, &x->table);
		return;
	case BLOCK_FACTS:
		add_facts(b, x);
		return;
	case BLOCK_SIGNS:
		add_signs(b, x);
		return;
	case BLOCK_QR:
		add_qr(b, a, x);
		return;
	case BLOCK_PHOTO:
		add_photo(b, &x->photo);
		return;
	case BLOCK_RULE:
		buf_add(b, STR("<hr class=\"doc-cut\">\n"));
		return;
	case BLOCK_BREAK:
		buf_add(b, STR("<div class=\"doc-break\"></div>\n"));
		return;
	}
}

/* --- sheets -------------------------------------------------------------------- */

static void add_foot(struct buf *b, struct arena *a, const struct provenance *p)
{
	add_tag(b, "<p class=\"pgno\">", provenance_line(a, p), "</p>\n");
	if (p->seq)
		add_tag(b, "<p class=\"pgno mono\">", hash_hex(a, p->link), "</p>\n");
}

static const char *sheet_class(const struct document *d)
{
	switch (d->size) {
	case PAPER_A4:
		return d->landscape ? "paper a4 a4-wide" : "paper a4";
	case PAPER_A5:
		return d->centred ? "paper plaque a5" : "paper a4 a5";
	case PAPER_PLATE:
		return "paper plaque";
	case PAPER_CARD:
		return "paper wcard";
	}
	return "paper a4";
}

static void add_sheet(struct buf *b, const struct document *d, const struct sheet *s)
{
	buf_addf(b, "<article class=\"%s\">", sheet_class(d));
	add_tag(b, "<h1 class=\"doc-title\">", s->title, "</h1>\n");
	add_tag(b, "<p class=\"doc-sub\">", s->sub, "</p>\n");
	for (size_t i = 0; i < s->block.n; i++)
		add_block(b, d->arena, &s->block.at[i]);
	if ((d->size == PAPER_A4 || d->size == PAPER_A5) && !d->centred)
		add_foot(b, d->arena, &s->from);
	buf_add(b, STR("</article>\n"));
}

enum err document_html(struct op *op, const struct document *d, struct html *ret)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	str bytes;

	buf_init(&b, PAGE_BYTES_MAX);
	for (size_t i = 0; i < d->sheet.n; i++)
		add_sheet(&b, d, &d->sheet.at[i]);
	if (buf_finish(&b, &bytes))
		return FAIL(op, ERR_LIMIT, "一次打印的内容太多，请分几次打印");
	*ret = html_vouch(str_dup(op->arena, bytes));
	return ERR_OK;
}
