/* sheet_int: how the readers of CSV and XLSX build a sheet; here the bounds are enforced. */
#ifndef BASE_SHEET_INT_H
#define BASE_SHEET_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/sheet.h"

struct sheet_cell_at { uint32_t row, col; str text; };
/* `cells` and `area` start with what the sheets before used, and are passed on. */
struct sheet_builder {
	VEC(struct sheet_cell_at) list;
	size_t rows, cols, cells, area;
};

/* Empty text is not stored. Positions from 0. ERR_LIMIT past limits.h. */
MUST_CHECK enum err sheet_put(struct op *op, struct sheet_builder *sb, size_t row, size_t col,
	str text);
/* A later cell at the same place wins. */
MUST_CHECK enum err sheet_build(struct op *op, struct sheet_builder *sb, str name,
				struct sheet *ret_sheet);

MUST_CHECK enum err xlsx_read(struct op *op, str bytes, struct book *ret_book);

#endif
