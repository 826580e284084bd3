/*
 * html: a document as HTML: what stands inside <main> of the paper page, by the classes of
 * web/asset/bihuan.css. Every text is escaped here; there is no style attribute and no script.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/err.h"
#include "base/html.h"
#include "report/block.h"

struct op;

/* ERR_LIMIT above PAGE_BYTES_MAX. */
MUST_CHECK enum err document_html(struct op *op, const struct document *d, struct html *ret);

#endif
