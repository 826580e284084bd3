/*
 * block: what is printed, as data: a document of sheets, a sheet of blocks. Whoever makes
 * a document (print.h) knows nothing of HTML or PDF; whoever renders one (html.h, pdf.h)
 * knows nothing of records. Texts are plain: a value can never become markup, because no
 * back end ever parses one. A '\n' inside a text is a line break.
 *
 * Everything lives in the arena that the document was begun with. Strings are not copied.
 */
#ifndef REPORT_BLOCK_H
#define REPORT_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/qr.h"
#include "base/str.h"

enum paper { PAPER_A4, PAPER_A5, PAPER_PLATE, PAPER_CARD };
/* "A4", "A5", "plate" (A4, large letters), "card" (85 x 54 mm, cut out). "" is A4. */
bool paper_parse(str s, enum paper *ret_p);

/* field: the name of a {{field}} of a template; a finished document has none. */
struct run { str text; bool strong, em, field; };
struct text { const struct run *run; size_t n; };

struct fact { str label; struct text value; };
/* One who signs. name and at are empty until he has; an empty line is printed. */
struct sign_line { str role, name, at; };

struct table {
	str caption;
	const struct text *head;	/* col_n, or NULL */
	const struct text *cell;	/* row_n x col_n */
	size_t col_n, row_n;
	const uint8_t *width;		/* per cent by column, or NULL: as the contents ask */
	uint64_t num;			/* columns of numbers, bit by bit */
	bool sum;			/* the last row is a sum */
};

/* A picture of a record; its bytes come when it is rendered. */
struct photo { str url, type, caption; struct hash hash; int32_t width, height; };

enum block_kind {
	BLOCK_HEADING,		/* text, level 2 … */
	BLOCK_PARA,		/* text */
	BLOCK_LIST,		/* item, ordered */
	BLOCK_TABLE,
	BLOCK_FACTS,		/* label and value, two columns */
	BLOCK_SIGNS,
	BLOCK_QR,		/* qr, with `text` under it */
	BLOCK_PHOTO,
	BLOCK_RULE,		/* where the paper is cut */
	BLOCK_BREAK,		/* a new page */
};

struct block {
	enum block_kind kind;
	int level;
	bool ordered;
	struct text text;
	const struct text *item; size_t item_n;
	struct table table;
	const struct fact *fact; size_t fact_n;
	const struct sign_line *sign; size_t sign_n;
	struct qr qr;
	struct photo photo;
};

/* What ties a paper to the ledger. */
struct provenance {
	str number;		/* of the record */
	str unit;
	int64_t seq;		/* of the last event, 0: none */
	struct hash link;	/* of that event */
	str as_of;		/* "" = as printed */
	str printed_at, printed_by;
};

struct sheet {
	str title, sub;
	VEC(struct block) block;
	struct provenance from;
};

struct document {
	struct arena *arena;
	str title;		/* of the window, the file */
	enum paper size;
	bool landscape;
	bool centred;		/* a plaque on small paper: a place's A5 */
	int64_t made_ms;	/* printed in the file: same document, same bytes */
	VEC(struct sheet) sheet;
};

void document_begin(struct document *d, struct arena *a, str title, enum paper size,
		    int64_t made_ms);
/* The returned sheet is valid until the next one is added. */
struct sheet *document_sheet(struct document *d, str title);

/* 编号 YH-2026-0001 · 台账第 12 条 · 2026年11月18日 8:00 王芳打印 */
str provenance_line(struct arena *a, const struct provenance *p);

/* One run of plain text. */
struct text text_of(struct arena *a, str s);
bool text_empty(const struct text *t);
str text_plain(struct arena *a, const struct text *t);

struct block *sheet_add(struct arena *a, struct sheet *s, enum block_kind kind);
void sheet_heading(struct arena *a, struct sheet *s, int level, str text);
void sheet_para(struct arena *a, struct sheet *s, str text);
/* Facts and cells whose value is empty stay: an empty line is to be filled in by hand. */
void sheet_facts(struct arena *a, struct sheet *s, const struct fact *f, size_t n);
void sheet_signs(struct arena *a, struct sheet *s, const struct sign_line *l, size_t n);

/* A table that grows row by row. */
struct table_make {
	struct arena *arena;
	str caption;
	struct text *head;
	size_t col_n;
	VEC(struct text) cell;
	uint64_t num;
	bool sum;
};
#define TABLE_COLS_MAX 32
/* `head`: col_n labels. */
void table_begin(struct table_make *t, struct arena *a, const char *const *head, size_t col_n);
void table_cell(struct table_make *t, str text);	/* left to right, row by row */
void table_text(struct table_make *t, struct text text);
void table_end(struct table_make *t, struct sheet *s);	/* asserts whole rows */

#endif
