/*
 * What it would catch: JSON that is read though it is not JSON, an order or a number that
 * changes, a writer's comma.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/op.h"

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

static void json__reads(void **state)
{
	struct json *j;
	const struct json *arr;

	(void)state;
	assert_int_equal(json_read(&op, STR("{\"z\":1,\"a\":[true,null,-2,1.50,\"\\u597d\\n\"],"
		"\"big\":9223372036854775807}"), &j), ERR_OK);
	assert_int_equal(j->n, 3);
	assert_string_equal(j->key[0].ptr, "z");	/* the order written */
	assert_int_equal(json_get_int(j, STR("big"), 0), INT64_MAX);
	assert_int_equal(json_get_int(j, STR("none"), -1), -1);
	assert_null(json_get_str(j, STR("z")).ptr);
	arr = json_get(j, STR("a"));
	assert_int_equal(arr->kind, JSON_ARR);
	assert_true(arr->at[0]->kind == JSON_BOOL && arr->at[0]->b);
	assert_int_equal(arr->at[1]->kind, JSON_NULL);
	assert_int_equal(arr->at[2]->i, -2);
	assert_int_equal(arr->at[3]->kind, JSON_REAL);
	assert_string_equal(arr->at[3]->s.ptr, "1.5");
	assert_string_equal(arr->at[4]->s.ptr, "好\n");
	assert_null(json_get(arr, STR("a")));
	assert_int_equal(json_read(&op, STR(" 5 "), &j), ERR_OK);
	assert_int_equal(j->i, 5);
}

static void json__strict(void **state)
{
	const char *bad[] = { "", " ", "{", "{\"a\":1,}", "[1,]", "{\"a\":1,\"a\":2}", "{'a':1}",
		"[1] x", "01", "1.", ".5", "+1", "NaN", "Infinity", "9223372036854775808", "1e999",
		"\"\xff\"", "\"\\ud800\"", "\"a\nb\"", "// c\n1", "tru", "\"\\u0000\"", "[1 2]",
		"\xEF\xBB\xBF{}", "\"\xED\xA0\x80\"" };
	struct json *j = (struct json *)&op;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		op_clear_error(&op);
		if (json_read(&op, str_of(bad[i]), &j) != ERR_INVALID)
			fail_msg("accepted: %s", bad[i]);
		assert_ptr_equal(j, &op);
	}
	assert_int_equal(json_read(&op, (str){ "[1]\0", 4 }, &j), ERR_INVALID);
	op_clear_error(&op);
	assert_int_equal(json_read(&op, STR("{\n\"a\": 1\n\"b\"}"), &j), ERR_INVALID);
	assert_non_null(strstr(op.errmsg, "第 3 行"));
}

static void json__bounds(void **state)
{
	struct buf b;
	struct json *j;

	(void)state;
	buf_init(&b, 3 * MIB);
	for (int n = JSON_DEPTH_MAX; n <= 100000; n = n == JSON_DEPTH_MAX ? n + 1 : n * 10) {
		buf_clear(&b);
		for (int i = 0; i < n; i++)
			buf_addc(&b, '[');
		for (int i = 0; i < n; i++)
			buf_addc(&b, ']');
		assert_int_equal(json_read(&op, (str){ b.ptr, b.len }, &j),
				 n == JSON_DEPTH_MAX ? ERR_OK : ERR_LIMIT);
	}
	assert_int_equal(json_read(&op, STR("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"\""),
		&j), ERR_OK);
	buf_clear(&b);
	for (size_t i = 0; i <= JSON_BYTES_MAX; i++)
		buf_addc(&b, ' ');
	assert_int_equal(json_read(&op, (str){ b.ptr, b.len }, &j), ERR_LIMIT);
	buf_release(&b);
}

static void json__round_trip(void **state)
{
	const char *text[] = { "{}", "[]", "[[],{}]", "{\"b\":[1,{\"c\":null}],\"a\":\"x\"}",
		"-0.25",
		"[1.1,2,\"\\\"\\\\\\n\\u003c\",true,false]", "\"\"", "0.1", "123456789.123" };
	struct buf b;
	struct json *j;
	str out;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		buf_clear(&b);
		assert_int_equal(json_read(&op, str_of(text[i]), &j), ERR_OK);
		json_write(&b, j);
		assert_int_equal(buf_finish(&b, &out), ERR_OK);
		assert_string_equal(out.ptr, text[i]);
	}
	buf_release(&b);
}

static void json__writer(void **state)
{
	struct buf b;
	struct jw w;

	(void)state;
	buf_init(&b, 1000);
	jw_start(&w, &b);
	jw_obj(&w);
	jw_kv(&w, "a", STR("</x>"));
	jw_key(&w, "list");
	jw_arr(&w);
	jw_int(&w, -1);
	jw_obj(&w);
	jw_end(&w);
	jw_bool(&w, true);
	jw_null(&w);
	jw_raw(&w, STR("{\"r\":1}"));
	jw_arr(&w);
	jw_arr(&w);
	jw_end(&w);
	jw_end(&w);
	jw_end(&w);
	jw_kv_int(&w, "n", INT64_MIN);
	jw_kv_bool(&w, "f", false);
	jw_end(&w);
	assert_string_equal(b.ptr,
		"{\"a\":\"\\u003c/x\\u003e\",\"list\":[-1,{},true,null,{\"r\":1},[[]]],"
		"\"n\":-9223372036854775808,\"f\":false}");
	buf_release(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(json__reads), T(json__strict), T(json__bounds), T(json__round_trip),
		T(json__writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
