/* pdf_int: a page in the making, shared by pdf*.c. Lengths are points (1/72 inch). */
#ifndef REPORT_PDF_INT_H
#define REPORT_PDF_INT_H

#include <cairo.h>
#include <pango/pangocairo.h>

#include "base/op.h"
#include "report/pdf.h"

#define MM (72.0 / 25.4)

/*
 * The faces of official documents, with free ones behind them; each family names a fallback
 * that has every character (rare names: 喆 堃 昇).
 */
#define FACE_TEXT "FangSong_GB2312,FangSong,FandolFang,Noto Serif CJK SC"
#define FACE_TITLE "FZXiaoBiaoSong-B05S,Noto Serif CJK SC"
#define FACE_HEAD "SimHei,Noto Sans CJK SC"

struct face { const char *family; double size; bool bold; };

struct pdf {
	struct op *op;
	const struct document *d;
	const struct pdf_photos *photos;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoContext *pango;
	double page_w, page_h;
	double left, top, right, bottom;	/* of the area for text; bottom is its lower edge */
	double y;				/* where the next thing goes */
	double scale;				/* of letters: small paper, small letters */
	bool centre;				/* plaques */
	int page;				/* of this sheet, from 1 */
};

/* pdf.c */
void pdf_page(struct pdf *f);			/* ends this page, begins the next */
/* Room for `h`, or a new page; false when there is none even there. */
bool pdf_room(struct pdf *f, double h);
static inline double pdf_width(const struct pdf *f)
{
	return f->right - f->left;
}
/* A layout that the arena frees. */
PangoLayout *pdf_layout(struct pdf *f, const struct text *t, const struct face *face,
			double width);
double pdf_height(PangoLayout *l);
/* Lines, over pages where needed; `indent` of the first. */
void pdf_lines(struct pdf *f, PangoLayout *l, double x);

/* pdf_block.c */
void pdf_block(struct pdf *f, const struct block *b);
/* pdf_table.c */
void pdf_table(struct pdf *f, const struct table *t);
void pdf_facts(struct pdf *f, const struct block *b);

#endif
