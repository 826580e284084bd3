/*
 * What it would catch: invalid bytes or direction tricks that get in, a name that is changed, a
 * slow cleaning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/op.h"
#include "base/utf8.h"

static struct op op;

static int set_up(void **state)
{
	(void)state;
	op = (struct op){ .arena = arena_new(64 << 20) };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(op.arena);
	return 0;
}

static void utf8__validity(void **state)
{
	const char *bad[] = { "\xff", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\x80", "\xe4\xbd", "\xf0\x9f\x98" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(utf8_valid(str_of(bad[i])));
	assert_false(utf8_valid((str){ "a\0b", 3 }));
	assert_true(utf8_valid(STR("a好\xF0\xA0\x80\x80\xF4\x8F\xBF\xBF")));
	assert_true(utf8_valid(STR_NONE));
}

static void utf8__counting(void **state)
{
	(void)state;
	assert_int_equal(utf8_len(STR("a好\xF0\xA0\x80\x80")), 3);
	assert_true(str_eq(utf8_cut(STR("好好b"), 2), STR("好好")));
	assert_true(str_eq(utf8_cut(STR("好"), 5), STR("好")));
	assert_int_equal(utf8_cut(STR("好"), 0).len, 0);
	assert_int_equal(utf8_width(STR("a好e\xCC\x81")), 4);
	assert_string_equal(utf8_nfc(op.arena, STR("e\xCC\x81")).ptr, "é");
	assert_string_equal(utf8_fold(op.arena, STR("ＡＢｃÉ①好")).ptr, "abcé1好");
}

static void cleans(const char *raw, bool multiline, const char *want)
{
	str out;

	op_clear_error(&op);
	if (utf8_clean(&op, STR("f"), str_of(raw), 20, multiline, &out))
		fail_msg("refused %s: %s", raw, op.errmsg);
	assert_true(str_eq(out, str_of(want)));
}

static void refuses(str raw, bool multiline)
{
	str out = STR("same");

	op_clear_error(&op);
	assert_int_equal(utf8_clean(&op, STR("f"), raw, 20, multiline, &out), ERR_INVALID);
	assert_string_equal(out.ptr, "same");
	assert_string_equal(op.field_errors->field.ptr, "f");
}

static void utf8__clean(void **state)
{
	(void)state;
	cleans("  张三 \r\n", false, "张三");
	cleans("\xE3\x80\x80张 三\xE3\x80\x80\xC2\xA0", false, "张 三");
	cleans("阿依古丽·买买提", false, "阿依古丽·买买提");
	cleans("\xF0\xA0\x80\x80\xF0\xB0\xBB\x9D", false, "\xF0\xA0\x80\x80\xF0\xB0\xBB\x9D");
	cleans("a\xE2\x80\xAE" "b\xE2\x81\xA9\xEF\xBB\xBF", false, "ab");
	cleans("👨\xE2\x80\x8D👩", false, "👨\xE2\x80\x8D👩");
	cleans("e\xCC\x81", false, "é");
	cleans("一\r\n二\n\t三", true, "一\n二\n\t三");
	cleans("", false, "");
	cleans(" \xE2\x80\xAE ", false, "");
	cleans("12345678901234567890", false, "12345678901234567890");
	refuses(STR("123456789012345678901"), false);
	refuses(STR("一\n二"), false);
	refuses(STR("一\t二"), false);
	refuses(STR("a\x07"), true);
	refuses(STR("a\xC2\x85z"), true);
	refuses(STR("a\rz"), true);
	refuses(STR("\xEF\xBF\xBFz"), true);
	refuses(STR("\xff"), true);
	refuses((str){ "a\0b", 3 }, true);
}

/* A field of combining marks alone: refused at once, not sorted for seconds. */
static void utf8__clean_is_bounded(void **state)
{
	struct buf b;
	int64_t start = clock_monotonic_ms();

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 250000; i++)
		buf_add(&b, i % 2 ? STR("\xCC\x81") : STR("\xCC\xA7"));
	refuses((str){ b.ptr, b.len }, true);
	assert_true(clock_monotonic_ms() - start < 2000);
	buf_release(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(utf8__validity), T(utf8__counting), T(utf8__clean), T(utf8__clean_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
