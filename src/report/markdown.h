/*
 * markdown: the part of CommonMark in which printed documents are written: headings,
 * paragraphs, lists, **strong** and *em*, pipe tables, rules, and {{fields}}. What it does
 * not know is text: no raw HTML, no links, no code. A {{field}} stays a run of its own, so
 * a value that is filled in later is never read as Markdown. Time is linear in the bytes,
 * and nothing nests but a list's depth, so hostile text costs no more than honest text.
 */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include "base/err.h"
#include "report/block.h"

struct op;

enum md_kind { MD_HEADING, MD_PARA, MD_ITEM, MD_TABLE, MD_RULE };

struct md_block {
	enum md_kind kind;
	int level;			/* heading 1 … 6; item: depth from 0 */
	bool ordered;			/* item */
	struct text text;		/* heading, paragraph, item */
	const struct text *cell;	/* table: row_n x col_n, the head is row 0 */
	size_t col_n, row_n;
};

#define MD_DEPTH_MAX 6

/* ERR_LIMIT above YAML_BYTES_MAX (a file of a pack) or TABLE_COLS_MAX columns. */
MUST_CHECK enum err markdown_read(struct op *op, str text, struct md_block **ret, size_t *ret_n);

#endif
