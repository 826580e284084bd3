/* fuzz_json: what was read and written again reads as the same text. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/op.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str written(const struct json *j, struct buf *b)
{
	str s;

	buf_init(b, 64 * MIB);
	json_write(b, j);
	enum err e = buf_finish(b, &s);
	assert(e == ERR_OK);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct json *j, *again;
	struct buf first, second;

	enum err e = json_read(&op, (str){ (const char *)data, size }, &j);
	if (e == ERR_OK && size < JSON_BYTES_MAX / 8) {
		str s = written(j, &first);
		e = json_read(&op, s, &again);
		assert(e == ERR_OK);
		assert(str_eq(s, written(again, &second)));
		buf_release(&first);
		buf_release(&second);
	} else {
		assert(e == ERR_OK || op.errmsg[0]);
	}
	arena_free(op.arena);
	return 0;
}
