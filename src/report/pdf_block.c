/* pdf_block: blocks other than tables. See pdf_int.h. */
#include "report/pdf_int.h"

#define SIGN_HEIGHT 58.0
#define PHOTO_HEIGHT (75 * MM)
#define PHOTO_PIXELS_MAX (16 << 20)

static const struct face body = { FACE_TEXT, 13, false };

static void block_text(struct pdf *f, const struct text *t, const struct face *face, bool indent,
		       double after)
{
	PangoLayout *l = pdf_layout(f, t, face, pdf_width(f));

	if (f->centre)
		pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	else if (indent)
		pango_layout_set_indent(l, (int)(2 * face->size * f->scale * PANGO_SCALE));
	pdf_lines(f, l, f->left);
	f->y += after * f->scale;
}

static void heading(struct pdf *f, const struct block *b)
{
	struct face face = { FACE_HEAD, b->level <= 2 ? 14 : 13, true };

	(void)pdf_room(f, 60 * f->scale);	/* never alone at the foot of a page */
	f->y += 5 * f->scale;
	block_text(f, &b->text, &face, true, 3);
}

static void list(struct pdf *f, const struct block *b)
{
	struct arena *a = f->op->arena;

	for (size_t i = 0; i < b->item_n; i++) {
		struct run *run = NEW_N(a, b->item[i].n + 1, struct run);

		run[0].text = b->ordered ? str_fmt(a, "%zu. ", i + 1) : STR("• ");
		for (size_t k = 0; k < b->item[i].n; k++)
			run[k + 1] = b->item[i].run[k];
		block_text(f, &(struct text){ run, b->item[i].n + 1 }, &body, true, 2);
	}
}

/* --- signatures ------------------------------------------------------------------- */

static void sign_text(struct pdf *f, str s, double size, double x, double y, double w)
{
	struct face face = { FACE_TEXT, size, false };
	struct text t = text_of(f->op->arena, s);
	PangoLayout *l = pdf_layout(f, &t, &face, w);

	cairo_move_to(f->cr, x, y);
	pango_cairo_show_layout(f->cr, l);
}

static void signs(struct pdf *f, const struct block *b)
{
	double gap = 14, w = (pdf_width(f) - 2 * gap) / 3, h = SIGN_HEIGHT * f->scale;

	f->y += 10 * f->scale;
	for (size_t i = 0; i < b->sign_n; i += 3) {
		(void)pdf_room(f, h + 6);
		for (size_t k = i; k < b->sign_n && k < i + 3; k++) {
			double x = f->left + (double)(k - i) * (w + gap);

			sign_text(f, b->sign[k].role, 11, x, f->y, w);
			sign_text(f, b->sign[k].name, 12, x, f->y + 18 * f->scale, w);
			sign_text(f, b->sign[k].at, 9, x, f->y + 38 * f->scale, w);
			cairo_set_line_width(f->cr, 0.7);
			cairo_move_to(f->cr, x, f->y + h);
			cairo_line_to(f->cr, x + w, f->y + h);
			cairo_stroke(f->cr);
		}
		f->y += h + 6;
	}
}

/* --- pictures ------------------------------------------------------------------------ */

static void qr(struct pdf *f, const struct block *b)
{
	double side = (f->d->size == PAPER_PLATE ? 75 : f->d->size == PAPER_CARD ? 22 : 45) * MM;
	double unit = side / qr_side(&b->qr), x = f->left + (pdf_width(f) - side) / 2;
	struct face face = { FACE_HEAD, 16, true };
	PangoLayout *l = pdf_layout(f, &b->text, &face, pdf_width(f));

	(void)pdf_room(f, side + pdf_height(l));
	for (int row = 0; row < b->qr.size; row++)
		for (int col = 0; col < b->qr.size; col++)
			if (qr_dark(&b->qr, row, col))
				cairo_rectangle(f->cr, x + (col + QR_QUIET) * unit,
						f->y + (row + QR_QUIET) * unit, unit, unit);
	cairo_fill(f->cr);
	f->y += side;
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	pdf_lines(f, l, f->left);
	f->y += 4 * f->scale;
}

struct reader { str rest; };

static cairo_status_t read_png(void *from, unsigned char *to, unsigned int n)
{
	struct reader *r = from;

	if (n > r->rest.len)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(to, r->rest.ptr, n);
	r->rest = str_slice(r->rest, n, r->rest.len);
	return CAIRO_STATUS_SUCCESS;
}

/*
 * A JPEG goes into the file as it is: the surface carries its bytes, and nobody looks at its
 * own pixels. The bytes are in the arena, which outlives the surface.
 */
static cairo_surface_t *surface_of(const struct photo *p, str bytes)
{
	cairo_surface_t *s;

	if (str_eq(p->type, STR("image/png"))) {
		struct reader r = { bytes };

		return cairo_image_surface_create_from_png_stream(read_png, &r);
	}
	if (!str_eq(p->type, STR("image/jpeg")))
		return NULL;
	s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->width, p->height);
	if (cairo_surface_set_mime_data(s, CAIRO_MIME_TYPE_JPEG,
					(const unsigned char *)bytes.ptr, bytes.len, NULL, NULL)) {
		cairo_surface_destroy(s);
		return NULL;
	}
	return s;
}

static void photo_draw(struct pdf *f, cairo_surface_t *s, const struct photo *p)
{
	double w = pdf_width(f) * 0.7, h = PHOTO_HEIGHT, k = w / p->width;

	if (k * p->height > h)
		k = h / p->height;
	(void)pdf_room(f, k * p->height + 20);
	cairo_save(f->cr);
	cairo_translate(f->cr, f->left + (pdf_width(f) - k * p->width) / 2, f->y);
	cairo_scale(f->cr, k, k);
	cairo_set_source_surface(f->cr, s, 0, 0);
	cairo_paint(f->cr);
	cairo_restore(f->cr);
	f->y += k * p->height + 3;
}

static void photo(struct pdf *f, const struct photo *p)
{
	static const struct face face = { FACE_HEAD, 9, false };
	bool sane = p->width > 0 && p->height > 0 &&
		    (int64_t)p->width * p->height <= PHOTO_PIXELS_MAX;
	struct text caption = text_of(f->op->arena, p->caption);
	cairo_surface_t *s = NULL;
	str bytes;

	if (sane && f->photos && !f->photos->bytes(f->photos->ctx, f->op, p, &bytes))
		s = surface_of(p, bytes);
	else
		op_clear_error(f->op);
	if (s && !cairo_surface_status(s))
		photo_draw(f, s, p);
	if (s)
		cairo_surface_destroy(s);
	block_text(f, &caption, &face, false, 6);
}

static void rule(struct pdf *f)
{
	static const double dash[] = { 4, 3 };

	f->y += 8 * f->scale;
	(void)pdf_room(f, 2);
	cairo_save(f->cr);
	cairo_set_line_width(f->cr, 0.5);
	cairo_set_dash(f->cr, dash, 2, 0);
	cairo_move_to(f->cr, f->left, f->y);
	cairo_line_to(f->cr, f->right, f->y);
	cairo_stroke(f->cr);
	cairo_restore(f->cr);
	f->y += 8 * f->scale;
}

void pdf_block(struct pdf *f, const struct block *b)
{
	switch (b->kind) {
	case BLOCK_HEADING:
		heading(f, b);
		return;
	case BLOCK_PARA:
		block_text(f, &b->text, &body, true, 4);
		return;
	case BLOCK_LIST:
		list(f, b);
		return;
	case BLOCK_TABLE:
		pdf_table(f, &b->table);
		return;
	case BLOCK_FACTS:
		pdf_facts(f, b);
		return;
	case BLOCK_SIGNS:
		signs(f, b);
		return;
	case BLOCK_QR:
		qr(f, b);
		return;
	case BLOCK_PHOTO:
		photo(f, &b->photo);
		return;
	case BLOCK_RULE:
		rule(f);
		return;
	case BLOCK_BREAK:
		if (f->y > f->top)
			pdf_page(f);
		return;
	}
}
