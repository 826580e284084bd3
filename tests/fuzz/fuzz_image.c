/* fuzz_image: what is stripped is a picture of the same kind and size, and strips to itself. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/image.h"
#include "base/limits.h"
#include "base/op.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct image one, two;

	enum err e = image_strip(&op, STR("f"), (str){ (const char *)data, size }, &one);
	if (e == ERR_OK) {
		assert((uint64_t)one.width * one.height <= IMAGE_PIXELS_MAX);
		assert(one.bytes.len <= size + 64);
		e = image_strip(&op, STR("f"), one.bytes, &two);
		assert(e == ERR_OK);
		assert(one.kind == two.kind && one.width == two.width && one.height == two.height);
		assert(one.orientation == two.orientation);
		assert(str_eq(one.bytes, two.bytes));
	} else {
		assert(op.errmsg[0]);
	}
	arena_free(op.arena);
	return 0;
}
