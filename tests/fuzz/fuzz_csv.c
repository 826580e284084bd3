/* fuzz_csv: a table of valid text within the bounds, or a refusal in words. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/sheet.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct sheet s;

	enum err e = csv_read(&op, (str){ (const char *)data, size }, &s);
	if (e == ERR_OK) {
		assert(s.rows <= SHEET_ROWS_MAX && s.cols <= SHEET_COLS_MAX);
		for (size_t i = 0; i < s.rows * s.cols; i++)
			assert(utf8_valid(s.cell[i]) && s.cell[i].len <= CELL_BYTES_MAX);
	} else {
		assert(op.errmsg[0]);
	}
	arena_free(op.arena);
	return 0;
}
