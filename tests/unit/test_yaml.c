/*
 * What it would catch: a refusal that is missing or points at another place; a scalar that
 * changes its text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/yaml.h"

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

static struct yaml *read_one(const char *text)
{
	struct yaml_doc docs;
	struct yaml_error e = { 0 };

	if (yaml_read(&op, str_of(text), &docs, &e))
		fail_msg("%u:%u: %s", e.line, e.col, e.message.ptr);
	assert_int_equal(docs.n, 1);
	return docs.at[0];
}

static void refused(str text, uint32_t line, uint32_t col, const char *word)
{
	struct yaml_doc docs = { NULL, 99 };
	struct yaml_error e = { 0 };

	op_clear_error(&op);
	assert_int_equal(yaml_read(&op, text, &docs, &e), ERR_INVALID);
	assert_int_equal(docs.n, 99);
	if (e.line != line || e.col != col || str_find(e.message, str_of(word), 0) < 0)
		fail_msg("`%.*s`: got %u:%u %s", STR_ARG(str_slice(text, 0, 60)), e.line, e.col,
			 e.message.ptr);
	assert_true(op.errmsg[0] != '\0');
}

static void yaml__tree_and_positions(void **state)
{
	struct yaml *y = read_one("a: 1\n安全:\n  - x\n  - {k: 'v', e: }\nt: |\n  line\n   two\n");
	const struct yaml *list, *map;

	(void)state;
	assert_int_equal(y->kind, YAML_MAP);
	assert_int_equal(y->n, 3);
	assert_string_equal(y->key[1].ptr, "安全");
	assert_int_equal(y->key_line[1], 2);
	assert_int_equal(y->key_col[1], 1);
	list = yaml_get(y, STR("安全"));
	assert_int_equal(list->kind, YAML_SEQ);
	assert_int_equal(list->line, 3);
	assert_int_equal(list->col, 3);
	map = list->at[1];
	assert_int_equal(map->line, 4);
	assert_int_equal(map->col, 5);
	assert_string_equal(map->at[0]->s.ptr, "v");
	assert_false(map->at[0]->plain);
	assert_true(map->at[1]->null);
	assert_int_equal(map->key_col[1], 14);
	assert_string_equal(yaml_get(y, STR("t"))->s.ptr, "line\n two\n");
	assert_null(yaml_get(y, STR("none")));
	assert_null(yaml_get(list, STR("a")));
	assert_null(yaml_get(NULL, STR("a")));
}

static void yaml__scalars_stay_text(void **state)
{
	struct yaml *y = read_one("[NO, yes, 010, 1:20, 1e3, ~, null, "
				  "'null', '', true, 'true', False, 0x1F]");
	const char *want[] = { "NO", "yes", "010", "1:20", "1e3", "~", "null", "null", "", "true",
		"true", "False", "0x1F" };
	bool b = false;

	(void)state;
	assert_int_equal(y->n, 13);
	for (size_t i = 0; i < y->n; i++) {
		assert_string_equal(y->at[i]->s.ptr, want[i]);
		assert_int_equal(y->at[i]->null, i == 5 || i == 6);
		assert_int_equal(yaml_bool(y->at[i], &b), i == 9);
	}
	assert_true(b);
}

static void yaml__documents(void **state)
{
	struct yaml_doc docs;
	struct yaml_error e;

	(void)state;
	assert_int_equal(yaml_read(&op, STR("a: 1\n---\nb: 2\n---\n- c\n"), &docs, &e), ERR_OK);
	assert_int_equal(docs.n, 3);
	assert_int_equal(docs.at[1]->key_line[0], 3);
	assert_int_equal(yaml_read(&op, STR("# only words\n"), &docs, &e), ERR_OK);
	assert_int_equal(docs.n, 0);
	assert_int_equal(yaml_read(&op, STR_NONE, &docs, &e), ERR_OK);
	assert_int_equal(docs.n, 0);
	assert_int_equal(yaml_read(&op, STR("\xEF\xBB\xBF" "a: 1\n"), &docs, &e), ERR_OK);
	assert_int_equal(docs.n, 1);
	assert_string_equal(docs.at[0]->key[0].ptr, "a");
	assert_int_equal(yaml_read(&op, STR("a: 1\r\nb: 2\r\n"), &docs, &e), ERR_OK);
	assert_string_equal(docs.at[0]->at[0]->s.ptr, "1");
}

static void yaml__refusals(void **state)
{
	(void)state;
	refused(STR("a: 1\nb: 2\na: 3\n"), 3, 1, "“a”重复");
	refused(STR("a:\n  x: 1\n  \"x\": 2\n"), 3, 3, "重复");
	refused(STR("- {p: 1, q: 2, p: 3}\n"), 1, 16, "重复");
	refused(STR("a: &x 1\n"), 1, 4, "锚点");
	refused(STR("a: &x [1]\n"), 1, 4, "锚点");
	refused(STR("a: &x {b: 1}\n"), 1, 4, "锚点");
	refused(STR("&k a: 1\n"), 1, 1, "锚点");
	refused(STR("a: 1\nb: *x\n"), 2, 4, "别名");
	refused(STR("a: !!str 1\n"), 1, 4, "标签");
	refused(STR("a: !x {b: 1}\n"), 1, 4, "标签");
	refused(STR("a: ! 1\n"), 1, 4, "标签");
	refused(STR("a:\n  <<: {b: 1}\n"), 2, 3, "合并键");
	refused(STR("%YAML 1.1\n---\na: 1\n"), 1, 1, "指令");
	refused(STR("%TAG ! tag:x,2000:\n---\na: 1\n"), 1, 1, "指令");
	refused(STR("a:\n\tb: 1\n"), 2, 1, "制表符");
	refused(STR("a:\n  \tb: 1\n"), 2, 3, "制表符");
	refused(STR("? [a, b]\n: 1\n"), 1, 3, "键");
	refused(STR("? {a: 1}\n: 1\n"), 1, 3, "键");
	refused(STR("\"\": 1\n"), 1, 1, "键是空的");
	refused(STR("a: \"x\\0y\"\n"), 1, 4, "空字符");
	refused(STR("a: 1\nb: x\xE2\x80\xAEy\n"), 2, 5, "不可见");
	refused(STR("a: x\xE2\x81\xA6y\n"), 1, 5, "不可见");
	refused(STR("a: 1\nb: \xff\n"), 2, 1, "UTF-8");
	refused(((str){ "a: \0b\n", 6 }), 1, 1, "UTF-8");
	refused(STR("a: [1, 2\nb: 3\n"), 2, 2, "YAML");
	refused(STR("a: 'x\n"), 2, 1, "YAML");
	refused(STR("a: @x\n"), 1, 4, "YAML");
}

static void yaml__bounds(void **state)
{
	struct buf b;
	struct yaml_doc docs;
	struct yaml_error e;

	(void)state;
	buf_init(&b, 4 * MIB);
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		buf_addc(&b, ']');
	assert_int_equal(yaml_read(&op, (str){ b.ptr, b.len }, &docs, &e), ERR_OK);
	buf_clear(&b);
	for (int i = 0; i < 10000; i++)
		buf_addc(&b, '[');
	refused((str){ b.ptr, b.len }, 1, YAML_DEPTH_MAX + 1, "嵌套");
	buf_clear(&b);
	for (int i = 0; i < 10000; i++)
		buf_add(&b, STR("- "));
	refused((str){ b.ptr, b.len }, 1, 2 * YAML_DEPTH_MAX + 1, "嵌套");
	buf_clear(&b);
	for (size_t i = 0; i <= YAML_BYTES_MAX; i++)
		buf_addc(&b, 'a');
	refused((str){ b.ptr, b.len }, 1, 1, "超过");
	buf_clear(&b);		/* many keys are no problem: not compared pair by pair */
	for (int i = 0; i < 60000; i++)
		buf_addf(&b, "k%d: 1\n", i);
	assert_int_equal(yaml_read(&op, (str){ b.ptr, b.len }, &docs, &e), ERR_OK);
	assert_int_equal(docs.at[0]->n, 60000);
	buf_add(&b, STR("k30000: 2\n"));
	refused((str){ b.ptr, b.len }, 60001, 1, "重复");
	buf_release(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(yaml__tree_and_positions), T(yaml__scalars_stay_text), T(yaml__documents),
		T(yaml__refusals), T(yaml__bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
