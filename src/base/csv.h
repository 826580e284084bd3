/*
 * csv: delimited text as people's programs write it: UTF-8 with or without a byte
 * order mark, UTF-16 with one, else GB18030; comma, semicolon or tab, told by the
 * first line; quotes with doubled quotes and line ends inside; CRLF, LF, CR. Lines
 * pasted from a spreadsheet are tab-separated text of the same kind.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/err.h"
#include "base/str.h"

struct op;
struct sheet;

MUST_CHECK enum err csv_read(struct op *op, str bytes, struct sheet *ret_sheet);
/* Bytes of a text file in any of these encodings → valid UTF-8 without a byte order mark. */
MUST_CHECK enum err text_decode(struct op *op, str bytes, str *ret_text);

#endif
