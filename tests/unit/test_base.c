/*
 * What it would catch: a slice past its end, an escaper that lets markup through, a lost error,
 * an unsteady hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/op.h"
#include "base/rand.h"

static struct arena *ar;

static int set_up(void **state)
{
	(void)state;
	ar = arena_new(16 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(ar);
	return 0;
}

static int order[4], order_n;

static void note(void *arg)
{
	order[order_n++] = *(int *)arg;
}

static void arena__life(void **state)
{
	static int one = 1, two = 2;
	char *big;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 3000; n += 7) {
			char *p = arena_alloc(ar, n);
			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xAB, n);
		}
		big = arena_alloc(ar, 1 << 20);
		assert_int_equal(big[(1 << 20) - 1], 0);
		arena_defer(ar, note, &one);
		arena_defer(ar, note, &two);
		order_n = 0;
		arena_reset(ar);
		assert_int_equal(order_n, 2);
		assert_int_equal(order[0], 2);
		assert_int_equal(order[1], 1);
		assert_int_equal(arena_used(ar), 0);
	}
}

static void arena__vec(void **state)
{
	VEC(int) v = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		*VEC_PUSH(ar, &v) = i;
	assert_int_equal(v.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v.at[i], i);
}

static void str__basics(void **state)
{
	(void)state;
	assert_int_equal(str_cmp(STR("a"), STR("ab")), -1);
	assert_int_equal(str_cmp(STR("\xff"), STR("a")), 1);
	assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
	assert_true(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
	assert_true(str_has(STR("abc"), 'c') && !str_has(STR_NONE, 'c'));
	assert_int_equal(str_find(STR("abcabc"), STR("bc"), 2), 4);
	assert_int_equal(str_find(STR("abc"), STR("x"), 0), -1);
	assert_int_equal(str_find(STR("abc"), STR(""), 3), 3);
	assert_int_equal(str_find(STR("abc"), STR("a"), 4), -1);
	assert_int_equal(str_find(STR_NONE, STR("a"), 0), -1);
	assert_true(str_eq(str_trim(STR(" \t a b\r\n")), STR("a b")));
	assert_int_equal(str_trim(STR("   ")).len, 0);
	assert_true(str_eq(str_slice(STR("abc"), 1, 99), STR("bc")));
	assert_int_equal(str_slice(STR("abc"), 5, 2).len, 0);
	assert_null(str_of(NULL).ptr);
}

static void str__cut(void **state)
{
	str rest = STR("a,,b,");
	const char *want[] = { "a", "", "b", "" };
	size_t n = 0;

	(void)state;
	while (rest.ptr) {
		assert_true(n < 4);
		assert_true(str_eq(str_cut(&rest, ','), str_of(want[n])));
		n++;
	}
	assert_int_equal(n, 4);
}

static void str__numbers(void **state)
{
	int64_t v = 7;
	const char *bad[] = { "", "-", "+1", " 1", "1 ", "0x1", "9223372036854775808",
		"-9223372036854775809", "1-", "99999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(str_to_i64(str_of(bad[i]), &v));
	assert_int_equal(v, 7);
	assert_true(str_to_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	assert_true(str_to_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	assert_true(str_to_i64(STR("007"), &v) && v == 7);
}

static void str__making(void **state)
{
	str parts[] = { STR("a"), STR_NONE, STR("c") };

	(void)state;
	assert_string_equal(str_join(ar, parts, 3, STR(", ")).ptr, "a, , c");
	assert_string_equal(str_fmt(ar, "%d-%s", 5, "x").ptr, "5-x");
	char room[STR_DECIMAL_MAX];
	assert_true(str_eq(str_decimal(room, 0), STR("0")));
	assert_true(str_eq(str_decimal(room, -70), STR("-70")));
	assert_true(str_eq(str_decimal(room, INT64_MAX), STR("9223372036854775807")));
	assert_true(str_eq(str_decimal(room, INT64_MIN), STR("-9223372036854775808")));
	assert_string_equal(str_lower(ar, STR("AbZ\xC3\x84")).ptr, "abz\xC3\x84");
	assert_string_equal(str_kebab(ar, STR("a_b")).ptr, "a-b");
	assert_null(str_dup(ar, STR_NONE).ptr);
	assert_string_equal(str_c(ar, STR_NONE), "");
	assert_int_equal(str_lower(ar, STR_NONE).len, 0);
}

static void check_escape(void (*add)(struct buf *, str), const char *in, const char *want)
{
	struct buf b;
	str out;

	buf_init(&b, 1000);
	add(&b, str_of(in));
	assert_int_equal(buf_finish(&b, &out), ERR_OK);
	assert_string_equal(out.ptr, want);
	buf_release(&b);
}

static void buf__escapes(void **state)
{
	(void)state;
	check_escape(buf_add_html, "<a href=\"x\" b='&'>好",
			"&lt;a href=&quot;x&quot; b=&#39;&amp;&#39;&gt;好");
	check_escape(buf_add_url, "a b/好~.-_", "a%20b%2F%E5%A5%BD~.-_");
	check_escape(buf_add_json, "a\"\\\n</script>&\x01",
			"\"a\\\"\\\\\\n\\u003c/script\\u003e\\u0026\\u0001\"");
	check_escape(buf_add_json, "\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA",
			"\"\\u2028\\u2029\xE2\x80\xAA\"");
	check_escape(buf_add_json, "\xE2\x80", "\"\xE2\x80\"");
}

static void buf__hrefs(void **state)
{
	const char *bad[] = {
		"javascript:alert(1)",
		"JaVaScRiPt:x",
		"java\tscript:x",
		" javascript:x",
		"\x01javascript:x",
		"data:text/html,x",
		"vbscript:x",
		"//evil",
		"/\\evil",
		"\\\\evil",
		"\njavascript:x",
		"blob:x",
		":x",
	};
	const char *good[] = { "/tasks?a=1", "tasks", "#top", "?q=a:b", "a/b:c", "http://x",
		"HTTPS://x", "mailto:a@b", "tel:+86", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		check_escape(buf_add_href, bad[i], "#");
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (*good[i])
			check_escape(buf_add_href, good[i], good[i]);
	check_escape(buf_add_href, "/a?b=\"&c", "/a?b=&quot;&amp;c");
}

static void buf__ceiling(void **state)
{
	struct buf b;
	str out = STR("untouched");

	(void)state;
	buf_init(&b, 5);
	buf_add(&b, STR("abc"));
	buf_add(&b, STR("def"));
	buf_add(&b, STR("g"));		/* fits, but the failure sticks */
	assert_true(b.failed);
	assert_int_equal(b.len, 3);
	assert_int_equal(buf_finish(&b, &out), ERR_LIMIT);
	assert_string_equal(out.ptr, "untouched");
	buf_clear(&b);
	buf_addf(&b, "%s", "12345");
	assert_int_equal(buf_finish(&b, &out), ERR_OK);
	assert_string_equal(out.ptr, "12345");
	buf_release(&b);
	buf_init(&b, 5000);
	buf_add_i64(&b, INT64_MIN);
	buf_addf(&b, "%0600d", 1);
	buf_add_i64(&b, 0);
	assert_int_equal(buf_finish(&b, &out), ERR_OK);
	assert_int_equal(out.len, 20 + 600 + 1);
	assert_true(str_starts(out, STR("-9223372036854775808000")));
	buf_release(&b);
}

static void op__first_message_wins(void **state)
{
	struct op op = { .arena = ar };
	struct op cut = { .arena = ar };

	(void)state;
	assert_int_equal(FAIL(&op, ERR_CONFLICT, "甲 %d", 1), ERR_CONFLICT);
	assert_int_equal(FAIL(&op, ERR_IO, "乙"), ERR_IO);
	assert_string_equal(op.errmsg, "甲 1");
	assert_non_null(strstr(op.errat, "test_base.c:"));
	op_clear_error(&op);
	assert_int_equal(INVALID(&op, STR("name"), "请填写%s。", "姓名"), ERR_INVALID);
	assert_int_equal(INVALID(&op, STR("age"), "太大。"), ERR_INVALID);
	assert_string_equal(op.field_errors->field.ptr, "name");
	assert_string_equal(op.field_errors->message.ptr, "请填写姓名。");
	assert_string_equal(op.field_errors->next->field.ptr, "age");
	assert_string_equal(op.errmsg, "请填写姓名。");
	assert_int_equal(FAIL(&cut, ERR_IO, "x%0300d", 1), ERR_IO);
	assert_int_equal(strlen(cut.errmsg), 255);
	op_clear_error(&cut);
	const char *han = "好好好好好好好好好好好好好好好好好好好好";	/* 60 bytes */
	(void)FAIL(&cut, ERR_IO, "ab%s%s%s%s%s", han, han, han, han, han);
	assert_int_equal(strlen(cut.errmsg), 2 + 84 * 3);	/* no half character */
}

static void err__words(void **state)
{
	(void)state;
	assert_string_equal(err_word(ERR_OK), "");
	for (int e = 1; e < ERR_N; e++)
		assert_true(strlen(err_word((enum err)e)) > 0);
	assert_string_equal(err_word(ERR_DENIED), "not_allowed");
}

static void hash__vectors(void **state)
{
	struct hash h, parts;
	struct hash_state st;
	struct salt salt = { { 0x0b } };

	(void)state;
	h = hash_of(STR("abc"));	/* FIPS 180-4 */
	assert_string_equal(hash_hex(ar, h).ptr,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(hash_hex(ar, hash_of(STR_NONE)).ptr,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_begin(&st);
	hash_add(&st, STR("a"));
	hash_add(&st, STR_NONE);
	hash_add(&st, STR("bc"));
	parts = hash_end(&st);
	assert_true(hash_eq(h, parts));
	assert_true(hash_from_hex(hash_hex(ar, h), &parts) && hash_eq(h, parts));
	assert_false(hash_from_hex(STR("ba78"), &parts));
	/* python3: hmac.new(b"\x0b" + b"\0" * 15, b"Hi There", "sha256") */
	assert_string_equal(hash_hex(ar, hash_commit(salt, STR("Hi There"))).ptr,
		"4ba8d7ff5303ea4037e322f685ce82d056ccb6432cdc00456c73ab7398ae63f8");
}

static void password__round_trip(void **state)
{
	str h;

	(void)state;
	h = password_hash(ar, STR("正确的马电池"));
	assert_true(str_starts(h, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_true(password_verify(h, STR("正确的马电池")));
	assert_false(password_verify(h, STR("正确的马电地")));
	assert_false(password_verify(h, STR("")));
	assert_false(password_verify(STR("plain"), STR("plain")));
	assert_false(password_verify(STR_NONE, STR("x")));
}

static void rand__seeded_and_bounded(void **state)
{
	struct entropy a, b, sys;
	int seen[7] = { 0 };
	str t1, t2;

	(void)state;
	entropy_seeded(&a, 42);
	entropy_seeded(&b, 42);
	for (int i = 0; i < 100; i++)
		assert_int_equal(entropy_u64(&a), entropy_u64(&b));
	entropy_seeded(&b, 43);
	assert_int_not_equal(entropy_u64(&a), entropy_u64(&b));
	for (int i = 0; i < 7000; i++)
		seen[entropy_below(&a, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
	entropy_system(&sys);
	t1 = entropy_token(&sys, ar, 16);
	t2 = entropy_token(&sys, ar, 16);
	assert_int_equal(t1.len, 26);
	assert_false(str_eq(t1, t2));
	assert_int_equal(entropy_token(&sys, ar, 5).len, 8);
}

static void clock__kinds(void **state)
{
	struct clock c;

	(void)state;
	clock_manual(&c, 1000, 8 * 3600000);
	assert_int_equal(clock_now(&c), 1000);
	c.manual_ms += 5;
	assert_int_equal(clock_now(&c), 1005);
	clock_real(&c, 0);
	assert_true(clock_now(&c) > 1600000000000);
	clock_shifted(&c, 5000, 0);
	assert_in_range(clock_now(&c), 5000, 15000);
	assert_true(clock_monotonic_ms() <= clock_monotonic_ms());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arena__life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(arena__vec, set_up, tear_down),
		cmocka_unit_test(str__basics),
		cmocka_unit_test(str__cut),
		cmocka_unit_test(str__numbers),
		cmocka_unit_test_setup_teardown(str__making, set_up, tear_down),
		cmocka_unit_test(buf__escapes),
		cmocka_unit_test(buf__hrefs),
		cmocka_unit_test(buf__ceiling),
		cmocka_unit_test_setup_teardown(op__first_message_wins, set_up, tear_down),
		cmocka_unit_test(err__words),
		cmocka_unit_test_setup_teardown(hash__vectors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(password__round_trip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rand__seeded_and_bounded, set_up, tear_down),
		cmocka_unit_test(clock__kinds),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
