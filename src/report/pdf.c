/*
 * pdf: see pdf.h. Pages are filled from the top; what does not fit goes to the next one.
 * Everything that pango and cairo give is handed back by destructors on the arena, so that
 * no path forgets it.
 */
#include "report/pdf.h"

#include <cairo-pdf.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "report/pdf_int.h"

/* --- paper ------------------------------------------------------------------------ */

struct sizes { double w, h, left, top, right, bottom, scale; };

static struct sizes sizes_of(const struct document *d)
{
	static const struct sizes all[] = {
		[PAPER_A4] = { 210, 297, 22, 20, 20, 22, 1 },
		[PAPER_A5] = { 148, 210, 14, 13, 13, 15, 0.8 },
		[PAPER_PLATE] = { 210, 297, 20, 25, 20, 20, 1.6 },
		[PAPER_CARD] = { 85.6, 54, 6, 4, 6, 3, 0.62 },
	};
	struct sizes s = all[d->size];

	if (d->landscape && d->size == PAPER_A4) {
		s.w = 297;
		s.h = 210;
	}
	return s;
}

static void page_begin(struct pdf *f)
{
	f->page++;
	f->y = f->top;
	cairo_set_source_rgb(f->cr, 0, 0, 0);
}

static void page_frame(struct pdf *f)
{
	double in = (f->d->size == PAPER_CARD ? 1.5 : 12) * MM;

	if (f->d->size != PAPER_PLATE && f->d->size != PAPER_CARD)
		return;
	cairo_set_line_width(f->cr, f->d->size == PAPER_CARD ? 0.5 : 1.5);
	cairo_rectangle(f->cr, in, in, f->page_w - 2 * in, f->page_h - 2 * in);
	cairo_stroke(f->cr);
}

static void page_number(struct pdf *f)
{
	static const struct face face = { FACE_TEXT, 9, false };
	str s = str_fmt(f->op->arena, "— %d —", f->page);
	struct text t = text_of(f->op->arena, s);
	PangoLayout *l = pdf_layout(f, &t, &face, pdf_width(f));

	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	cairo_move_to(f->cr, f->left, f->bottom + 7 * MM);
	pango_cairo_show_layout(f->cr, l);
}

static void page_end(struct pdf *f)
{
	if (f->d->size == PAPER_A4 || f->d->size == PAPER_A5)
		page_number(f);
	page_frame(f);
	cairo_show_page(f->cr);
}

void pdf_page(struct pdf *f)
{
	page_end(f);
	page_begin(f);
}

bool pdf_room(struct pdf *f, double h)
{
	if (f->y + h <= f->bottom)
		return true;
	if (f->y > f->top)
		pdf_page(f);
	return f->y + h <= f->bottom;
}

/* --- text ------------------------------------------------------------------------- */

static void unref(void *object)
{
	g_object_unref(object);
}

static void attributes(PangoLayout *l, const struct text *t)
{
	PangoAttrList *list = pango_attr_list_new();
	guint at = 0;

	for (size_t i = 0; i < t->n; i++) {
		guint end = at + (guint)t->run[i].text.len;

		if (t->run[i].strong) {
			PangoAttribute *a = pango_attr_weight_new(PANGO_WEIGHT_BOLD);

			a->start_index = at;
			a->end_index = end;
			pango_attr_list_insert(list, a);
		}
		if (t->run[i].em) {
			PangoAttribute *a = pango_attr_underline_new(PANGO_UNDERLINE_SINGLE);

			a->start_index = at;
			a->end_index = end;
			pango_attr_list_insert(list, a);
		}
		at = end;
	}
	pango_layout_set_attributes(l, list);
	pango_attr_list_unref(list);
}

PangoLayout *pdf_layout(struct pdf *f, const struct text *t, const struct face *face,
			double width)
{
	PangoLayout *l = pango_layout_new(f->pango);
	PangoFontDescription *font = pango_font_description_new();
	str s = text_plain(f->op->arena, t);

	arena_defer(f->op->arena, unref, l);
	pango_font_description_set_family(font, face->family);
	pango_font_description_set_weight(font, face->bold ? PANGO_WEIGHT_BOLD
							   : PANGO_WEIGHT_NORMAL);
	pango_font_description_set_absolute_size(font, face->size * f->scale * PANGO_SCALE);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_spacing(l, (int)(face->size * f->scale * 0.15 * PANGO_SCALE));
	pango_layout_set_text(l, s.len ? s.ptr : "", (int)s.len);
	attributes(l, t);
	return l;
}

double pdf_height(PangoLayout *l)
{
	int w, h;

	pango_layout_get_size(l, &w, &h);
	return (double)h / PANGO_SCALE;
}

/* The iterator gives each line's place in the layout; a page takes lines until it is full. */
void pdf_lines(struct pdf *f, PangoLayout *l, double x)
{
	PangoLayoutIter *it = pango_layout_get_iter(l);
	double from = 0;	/* of the layout, at the top of what stands on this page */
	double base = f->y;

	do {
		PangoLayoutLine *line = pango_layout_iter_get_line_readonly(it);
		PangoRectangle box;
		double top, bottom;

		pango_layout_iter_get_line_extents(it, NULL, &box);
		top = (double)box.y / PANGO_SCALE;
		bottom = top + (double)box.height / PANGO_SCALE;
		if (base + bottom - from > f->bottom && f->y > f->top) {
			pdf_page(f);
			base = f->y;
			from = top;
		}
		cairo_move_to(f->cr, x + (double)box.x / PANGO_SCALE,
			      base - from +
				      (double)pango_layout_iter_get_baseline(it) / PANGO_SCALE);
		pango_cairo_show_layout_line(f->cr, line);
		f->y = base + bottom - from;
	} while (pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
}

/* --- sheets ------------------------------------------------------------------------- */

static void centred(struct pdf *f, str s, const struct face *face, double after)
{
	struct text t = text_of(f->op->arena, s);
	PangoLayout *l;

	if (str_empty(s))
		return;
	l = pdf_layout(f, &t, face, pdf_width(f));
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	pdf_lines(f, l, f->left);
	f->y += after * f->scale;
}

static void foot(struct pdf *f, const struct provenance *p)
{
	static const struct face face = { FACE_HEAD, 8, false };

	if (f->d->size == PAPER_PLATE || f->d->size == PAPER_CARD)
		return;
	f->y += 10 * f->scale;
	centred(f, provenance_line(f->op->arena, p), &face, 1);
	if (p->seq)
		centred(f, hash_hex(f->op->arena, p->link), &face, 0);
}

static void sheet(struct pdf *f, const struct sheet *s)
{
	static const struct face title = { FACE_TITLE, 22, true }, sub = { FACE_TEXT, 12, false };

	f->page = 0;
	page_begin(f);
	centred(f, s->title, &title, str_empty(s->sub) ? 12 : 4);
	centred(f, s->sub, &sub, 10);
	for (size_t i = 0; i < s->block.n; i++)
		pdf_block(f, &s->block.at[i]);
	foot(f, &s->from);
	page_end(f);
}

/* --- the file ------------------------------------------------------------------------- */

static cairo_status_t take(void *to, const unsigned char *bytes, unsigned int n)
{
	struct buf *b = to;

	buf_add(b, (str){ (const char *)bytes, n });
	return b->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* Without a face for Han every character is a box: say so instead. */
static enum err fonts_check(struct pdf *f)
{
	static const struct face face = { FACE_TEXT, 12, false };
	struct text t = text_of(f->op->arena, STR("安全"));
	PangoLayout *l = pdf_layout(f, &t, &face, 100);

	if (pango_layout_get_unknown_glyphs_count(l))
		return FAIL(f->op, ERR_IO, "服务器上没有中文字体，请管理员安装 fonts-noto-cjk");
	return ERR_OK;
}

static void metadata(struct pdf *f)
{
	str at = instant_format(f->op->arena, f->d->made_ms, f->op->clock->utc_offset_ms);

	cairo_pdf_surface_set_metadata(f->surface, CAIRO_PDF_METADATA_TITLE,
				       str_c(f->op->arena, f->d->title));
	cairo_pdf_surface_set_metadata(f->surface, CAIRO_PDF_METADATA_CREATOR, "Bihuan");
	cairo_pdf_surface_set_metadata(f->surface, CAIRO_PDF_METADATA_CREATE_DATE,
				       str_c(f->op->arena, at));
}

static void pdf_begin(struct pdf *f, struct buf *out)
{
	struct sizes s = sizes_of(f->d);

	f->page_w = s.w * MM;
	f->page_h = s.h * MM;
	f->left = s.left * MM;
	f->top = s.top * MM;
	f->right = (s.w - s.right) * MM;
	f->bottom = (s.h - s.bottom) * MM;
	f->scale = s.scale;
	f->centre = f->d->centred || f->d->size == PAPER_PLATE;
	f->surface = cairo_pdf_surface_create_for_stream(take, out, f->page_w, f->page_h);
	f->cr = cairo_create(f->surface);
	/* A map of our own: the default one belongs to a thread and lives on with it. */
	PangoFontMap *map = pango_cairo_font_map_new();
	f->pango = pango_font_map_create_context(map);
	g_object_unref(map);
	arena_defer(f->op->arena, unref, f->pango);
	pango_context_set_language(f->pango, pango_language_from_string("zh-cn"));
	pango_cairo_update_context(f->cr, f->pango);
	metadata(f);
}

static cairo_status_t pdf_end(struct pdf *f)
{
	cairo_status_t drawn = cairo_status(f->cr), written;

	cairo_destroy(f->cr);
	cairo_surface_finish(f->surface);
	written = cairo_surface_status(f->surface);
	cairo_surface_destroy(f->surface);
	return drawn ? drawn : written;
}

enum err document_pdf(struct op *op, const struct document *d, const struct pdf_photos *photos,
		      str *ret_bytes)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	struct pdf f = { .op = op, .d = d, .photos = photos };
	enum err e;
	str bytes;

	buf_init(&b, PDF_BYTES_MAX);
	pdf_begin(&f, &b);
	e = fonts_check(&f);
	for (size_t i = 0; !e && i < d->sheet.n; i++)
		sheet(&f, &d->sheet.at[i]);
	cairo_status_t status = pdf_end(&f);
	TRY(e);
	if (buf_finish(&b, &bytes))
		return FAIL(op, ERR_LIMIT, "这份 PDF 太大，请分几次打印");
	if (status)
		return FAIL(op, ERR_IO, "PDF 没有做成：%s", cairo_status_to_string(status));
	*ret_bytes = str_dup(op->arena, bytes);
	return ERR_OK;
}
