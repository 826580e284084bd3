/*
 * Answers that are kept until the school's next write: given again while nothing moved, never
 * after a write of the same school, and what a person sees of his tasks and his burden is what
 * stands, whoever asked before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "lib/school.h"
#include "work/memo.h"
#include "work/policies.h"
#include "work/work.h"

static struct school s;

static int fresh(void **state)
{
	(void)state;
	school_new(&s);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	school_free(&s);
	return 0;
}

static void report(enum who_is who)
{
	struct submitted r;

	assert_int_equal(school_new_record(&s, who, "hazard", "report",
					   "{\"place\":\"东门\",\"what\":\"门轴松动\"}", &r),
			 ERR_OK);
}

static struct memo_key key_of(int64_t of)
{
	return (struct memo_key){ MEMO_TASKS, of, 7 };
}

static void memo__is_kept_until_the_school_writes(void **state)
{
	const struct work *w;
	struct op op;

	(void)state;
	school_read(&s, SAFETY, &op);
	assert_int_equal(work_load(&op, s.t, &w), ERR_OK);
	assert_null(memo_find(&op, w, key_of(1)).ptr);
	memo_keep(&op, w, key_of(1), STR("一页"));
	assert_true(str_eq(memo_find(&op, w, key_of(1)), STR("一页")));
	assert_null(memo_find(&op, w, key_of(2)).ptr);
	assert_null(memo_find(&op, w, (struct memo_key){ MEMO_BURDEN, 1, 7 }).ptr);
	school_read_end(&s, &op);

	report(TEACHER1);
	school_read(&s, SAFETY, &op);
	assert_int_equal(work_load(&op, s.t, &w), ERR_OK);
	assert_null(memo_find(&op, w, key_of(1)).ptr);
	school_read_end(&s, &op);
}

/* One that pushes another out is no harm, nor is one too large to keep. */
static void memo__is_bounded(void **state)
{
	const struct work *w;
	struct op op;

	(void)state;
	school_read(&s, SAFETY, &op);
	assert_int_equal(work_load(&op, s.t, &w), ERR_OK);
	str large = { arena_alloc(op.arena, 60000), 60000 };
	for (int64_t i = 0; i < 1000; i++)
		memo_keep(&op, w, key_of(i), large);
	size_t kept = 0;
	for (int64_t i = 0; i < 1000; i++)
		kept += memo_find(&op, w, key_of(i)).ptr != NULL;
	assert_true(kept > 0 && kept * large.len <= 8 * 1024 * 1024);
	str too = { arena_alloc(op.arena, 70000), 70000 };
	memo_keep(&op, w, key_of(5000), too);
	assert_null(memo_find(&op, w, key_of(5000)).ptr);
	school_read_end(&s, &op);
}

static void work__is_loaded_once_in_a_read_scope(void **state)
{
	const struct work *w, *again;
	struct op op;

	(void)state;
	school_read(&s, SAFETY, &op);
	assert_int_equal(work_load(&op, s.t, &w), ERR_OK);
	assert_int_equal(work_load(&op, s.t, &again), ERR_OK);
	assert_ptr_equal(w, again);
	op.now_ms += 1000;	/* values in force hang on the moment */
	assert_int_equal(work_load(&op, s.t, &again), ERR_OK);
	assert_ptr_not_equal(w, again);
	school_read_end(&s, &op);
}

/* The week of everybody, asked by one person after the other, with a write between. */
static void burden__is_what_stands_now(void **state)
{
	day_no monday = day_of(2026, 10, 12);
	struct burden_line *all, *mine;
	size_t n, mine_n = 0, k;
	struct op op;

	(void)state;
	school_read(&s, PRINCIPAL, &op);
	assert_int_equal(burden_of(&op, monday, monday + 6, &all, &n), ERR_OK);
	assert_true(n > 1);
	for (k = 0; k < n && all[k].person.v != s.p[TEACHER1].v; k++)
		;
	assert_true(k < n);
	int32_t minutes = all[k].minutes_do;
	school_read_end(&s, &op);
	school_read(&s, TEACHER1, &op);
	assert_int_equal(burden_of(&op, monday, monday + 6, &mine, &mine_n), ERR_OK);
	assert_int_equal(mine_n, 1);
	assert_int_equal(mine[0].minutes_do, minutes);
	school_read_end(&s, &op);
	report(TEACHER1);
	school_read(&s, TEACHER1, &op);
	assert_int_equal(burden_of(&op, monday, monday + 6, &mine, &mine_n), ERR_OK);
	assert_int_equal(mine[0].minutes_do, minutes);
	school_read_end(&s, &op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memo__is_kept_until_the_school_writes, fresh, gone),
		cmocka_unit_test_setup_teardown(memo__is_bounded, fresh, gone),
		cmocka_unit_test_setup_teardown(work__is_loaded_once_in_a_read_scope, fresh, gone),
		cmocka_unit_test_setup_teardown(burden__is_what_stands_now, fresh, gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
