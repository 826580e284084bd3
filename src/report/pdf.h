/*
 * pdf: a document as PDF, for filing and sending: fonts are embedded, so it looks the same
 * everywhere. pango and cairo stand in the files pdf*.c alone. The same document with the
 * same fonts gives the same text and dates; nothing in it comes from the machine's clock.
 * Slow (tens of milliseconds and more): on workers only.
 */
#ifndef REPORT_PDF_H
#define REPORT_PDF_H

#include "base/err.h"
#include "report/block.h"

struct op;

/* The bytes of a picture (JPEG or PNG). Any error: its caption is printed alone. */
struct pdf_photos {
	enum err (*bytes)(void *ctx, struct op *op, const struct photo *p, str *ret_bytes);
	void *ctx;
};

/* ERR_IO when the machine has no Chinese font (it says which package); ERR_LIMIT. */
MUST_CHECK enum err document_pdf(struct op *op, const struct document *d,
				 const struct pdf_photos *photos, str *ret_bytes);

#endif
