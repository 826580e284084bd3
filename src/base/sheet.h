/*
 * sheet: a table of text, from CSV, pasted lines or XLSX. Row i of the sheet is row
 * i + 1 of the program it was made with, so that a message can name it: blank rows
 * inside are kept, blank ones at the end are not. Every row has `cols` cells; what is
 * not there is "". Text is valid UTF-8 and otherwise raw: utf8_clean() is for the
 * reader of a cell. Numbers are plain decimals as a person would type them; dates are
 * 2026-11-19, with a time 2026-11-19 08:30[:05]; a time alone 08:30[:05].
 */
#ifndef BASE_SHEET_H
#define BASE_SHEET_H

#include <assert.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct op;

struct sheet { str name; size_t rows, cols; str *cell; };
struct book { struct sheet *at; size_t n; };	/* visible sheets, in the order of the tabs */

static inline str sheet_cell(const struct sheet *s, size_t row, size_t col)
{
	assert(row < s->rows);
	return col < s->cols ? s->cell[row * s->cols + col] : STR("");
}

/*
 * Open an uploaded table; the kind is told by its bytes, the name is only for messages.
 * ERR_INVALID with what to do (an .xls, a password, another kind of file), ERR_LIMIT.
 */
MUST_CHECK enum err book_open(struct op *op, str bytes, str filename, struct book *ret_book);
/* The first visible sheet that is not empty; an empty file is ERR_INVALID. */
MUST_CHECK enum err sheet_open(struct op *op, str bytes, str filename, struct sheet *ret_sheet);

#endif
