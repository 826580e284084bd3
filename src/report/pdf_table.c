/*
 * pdf_table: tables over pages. The head is repeated on every page; a row stays whole when
 * a page can hold it, and else breaks between lines.
 */
#include "report/pdf_int.h"

#define PAD 4.0
#define TEXT_SIZE 10.5

struct row { PangoLayout *cell[TABLE_COLS_MAX]; double height[TABLE_COLS_MAX], whole; };
struct grid {
	struct pdf *f;
	const struct table *t;
	double width[TABLE_COLS_MAX];
	bool facts;			/* the first column is a label */
};

/* --- columns ------------------------------------------------------------------------ */

static double natural(struct pdf *f, const struct text *t)
{
	static const struct face face = { FACE_TEXT, TEXT_SIZE, false };
	PangoLayout *l = pdf_layout(f, t, &face, -1);
	int w, h;

	pango_layout_set_width(l, -1);
	pango_layout_get_size(l, &w, &h);
	return (double)w / PANGO_SCALE + 2 * PAD;
}

/* As wide as the contents ask, none below a twentieth or above a half, scaled to the page. */
static void columns(struct grid *g)
{
	double whole = pdf_width(g->f), sum = 0;

	for (size_t i = 0; i < g->t->col_n; i++) {
		double w = g->t->width ? whole * g->t->width[i] / 100 : 0;

		if (!g->t->width && g->t->head)
			w = natural(g->f, &g->t->head[i]);
		for (size_t r = 0; !g->t->width && r < g->t->row_n && r < 50; r++) {
			double x = natural(g->f, &g->t->cell[r * g->t->col_n + i]);

			w = x > w ? x : w;
		}
		w = w < whole / 20 ? whole / 20 : w > whole / 2 && !g->t->width ? whole / 2 : w;
		g->width[i] = w;
		sum += w;
	}
	for (size_t i = 0; i < g->t->col_n; i++)
		g->width[i] *= whole / sum;
}

/* --- rows --------------------------------------------------------------------------- */

static struct row row_of(struct grid *g, const struct text *cell, bool head, bool sum)
{
	struct row r = { .whole = 0 };

	for (size_t i = 0; i < g->t->col_n; i++) {
		bool label = head || (g->facts && i == 0);
		struct face face = { label ? FACE_HEAD : FACE_TEXT, TEXT_SIZE, sum };

		r.cell[i] = pdf_layout(g->f, &cell[i], &face, g->width[i] - 2 * PAD);
		if (head || (i > 0 && !g->facts && pango_layout_get_line_count(r.cell[i]) == 1))
			pango_layout_set_alignment(r.cell[i], PANGO_ALIGN_CENTER);
		r.height[i] = pdf_height(r.cell[i]);
		if (r.height[i] > r.whole)
			r.whole = r.height[i];
	}
	r.whole += 2 * PAD;
	return r;
}

static void frame(struct grid *g, double height)
{
	double x = g->f->left;

	cairo_set_line_width(g->f->cr, 0.5);
	for (size_t i = 0; i < g->t->col_n; i++) {
		cairo_rectangle(g->f->cr, x, g->f->y, g->width[i], height);
		x += g->width[i];
	}
	cairo_stroke(g->f->cr);
}

static void row_whole(struct grid *g, struct row *r)
{
	double x = g->f->left;

	frame(g, r->whole);
	for (size_t i = 0; i < g->t->col_n; i++) {
		cairo_move_to(g->f->cr, x + PAD,
			      g->f->y + (r->whole - r->height[i]) / 2);
		pango_cairo_show_layout(g->f->cr, r->cell[i]);
		x += g->width[i];
	}
	g->f->y += r->whole;
}

/* Lines of a cell between `from` and what fits; how far it came. */
static double cell_part(struct pdf *f, PangoLayout *l, double x, double from, double room)
{
	PangoLayoutIter *it = pango_layout_get_iter(l);
	double end = from;

	do {
		PangoRectangle box;
		double top, bottom;

		pango_layout_iter_get_line_extents(it, NULL, &box);
		top = (double)box.y / PANGO_SCALE;
		bottom = top + (double)box.height / PANGO_SCALE;
		if (top < from - 0.01)
			continue;
		if (bottom - from > room)
			break;
		cairo_move_to(f->cr, x + (double)box.x / PANGO_SCALE, f->y + PAD - from +
			      (double)pango_layout_iter_get_baseline(it) / PANGO_SCALE);
		pango_cairo_show_layout_line(f->cr, pango_layout_iter_get_line_readonly(it));
		end = bottom;
	} while (pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
	return end;
}

/* A row that no page holds: its lines, page by page. */
static void row_long(struct grid *g, struct row *r)
{
	double from[TABLE_COLS_MAX] = { 0 };
	bool more = true;

	while (more) {
		double x = g->f->left, room = g->f->bottom - g->f->y - 2 * PAD, used = 0;

		more = false;
		for (size_t i = 0; i < g->t->col_n; i++) {
			double end = cell_part(g->f, r->cell[i], x + PAD, from[i], room);

			used = end - from[i] > used ? end - from[i] : used;
			more |= end > from[i] && end + 0.01 < r->height[i];
			from[i] = end;
			x += g->width[i];
		}
		frame(g, used + 2 * PAD);
		g->f->y += used + 2 * PAD;
		if (more)
			pdf_page(g->f);
	}
}

static void head_row(struct grid *g)
{
	struct row r;

	if (!g->t->head)
		return;
	r = row_of(g, g->t->head, true, false);
	row_whole(g, &r);
}

static void grid(struct grid *g)
{
	columns(g);
	(void)pdf_room(g->f, 60);
	head_row(g);
	for (size_t i = 0; i < g->t->row_n; i++) {
		bool sum = g->t->sum && i + 1 == g->t->row_n;
		struct row r = row_of(g, &g->t->cell[i * g->t->col_n], false, sum);
		int page = g->f->page;
		bool fits = pdf_room(g->f, r.whole);

		if (g->f->page != page)
			head_row(g);
		if (fits && g->f->y + r.whole <= g->f->bottom)
			row_whole(g, &r);
		else
			row_long(g, &r);
	}
	g->f->y += 8;
}

void pdf_table(struct pdf *f, const struct table *t)
{
	static const struct face face = { FACE_HEAD, 10, false };
	struct grid g = { .f = f, .t = t };
	struct text caption = text_of(f->op->arena, t->caption);

	if (t->caption.len) {
		PangoLayout *l = pdf_layout(f, &caption, &face, pdf_width(f));

		(void)pdf_room(f, 80);
		pdf_lines(f, l, f->left);
		f->y += 2;
	}
	if (t->col_n)
		grid(&g);
}

void pdf_facts(struct pdf *f, const struct block *b)
{
	static const uint8_t width[2] = { 26, 74 };
	struct text *cell = NEW_N(f->op->arena, 2 * b->fact_n, struct text);
	struct table t = { .cell = cell, .col_n = 2, .row_n = b->fact_n, .width = width };
	struct grid g = { .f = f, .t = &t, .facts = true };

	for (size_t i = 0; i < b->fact_n; i++) {
		cell[2 * i] = text_of(f->op->arena, b->fact[i].label);
		cell[2 * i + 1] = b->fact[i].value;
	}
	grid(&g);
}
