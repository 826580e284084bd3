/*
 * What the build embedded: assets and packs are there, whole, sorted and addressed by
 * content. Would catch an assembler section that the linker dropped, or a length that
 * does not fit the bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "gen/assets.h"
#include "gen/packs.h"

static void assets__are_whole_and_addressed_by_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < ASSET_N; i++) {
		const struct asset *a = &assets[i];

		assert_true(str_starts(a->url, STR("/a/")));
		assert_true(a->url.len > a->name.len + 3);
		assert_true(a->bytes.len > 0);
		assert_int_equal(a->bytes.ptr[a->bytes.len], 0);
		if (a->gzip.len) {
			assert_true(a->gzip.len < a->bytes.len);
			assert_memory_equal(a->gzip.ptr, "\x1f\x8b", 2);
		}
		if (i > 0)
			assert_true(str_cmp(assets[i - 1].name, a->name) < 0);
	}
	assert_true(str_find(STR(ASSET_SPRITE_SVG), STR("/a/sprite-"), 0) == 0);
}

static void packs__are_sorted_and_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < EMBEDDED_PACK_N; i++) {
		const struct embedded_file *f = &embedded_packs[i];

		assert_true(f->path.len > 0);
		assert_int_equal(f->bytes.ptr[f->bytes.len], 0);
		if (i > 0)
			assert_true(str_cmp(embedded_packs[i - 1].path, f->path) < 0);
	}
	assert_null(embedded_packs[EMBEDDED_PACK_N].path.ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assets__are_whole_and_addressed_by_content),
		cmocka_unit_test(packs__are_sorted_and_end),
	};

	return cmocka_run_group_tests_name("embedded", tests, NULL, NULL);
}
