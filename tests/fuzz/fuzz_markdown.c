/* fuzz_markdown: any bytes become blocks whose runs are inside what was given, or a refusal. */
#include <assert.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"
#include "report/markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t weigh(const struct text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->run[i].text.len;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct md_block *b;
	size_t n, all = 0;

	if (markdown_read(&op, (str){ (const char *)data, size }, &b, &n)) {
		assert(op.errmsg[0]);
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		all += weigh(&b[i].text);
		assert(b[i].col_n <= TABLE_COLS_MAX);
		for (size_t k = 0; k < b[i].row_n * b[i].col_n; k++)
			all += weigh(&b[i].cell[k]);
	}
	assert(all <= 2 * size + 1);
	arena_free(op.arena);
	return 0;
}
