/*
 * What it would catch: a school-year turn that proposes the wrong teacher, forgets the rooms of a
 * class, changes who was responsible before the day, or takes part of a choice that is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/school.h"
#include "work/orgchange.h"
#include "work/turn.h"

static struct school s;

static int setup(void **state)
{
	(void)state;
	school_new(&s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (!s.in.reader)
		school_check(&s);
	school_free(&s);
	return 0;
}

static enum err run_class(struct op *op, void *arg)
{
	op->tenant = s.t;
	TRY(org_unit_add(op, &(struct new_unit){ .kind = STR("class"), .code = STR("C21"),
		.name = STR("二(1)班"), .from_ms = school_ms(2026, 9, 1, 0, 0) }, arg));
	return change_refresh(op);
}

static void test_proposal(void **state)
{
	struct turn_row *row;
	unit_id two_one;
	struct op op;
	size_t n;

	(void)state;
	assert_int_equal(school_write(&s, VICE, run_class, &two_one), ERR_OK);
	school_read(&s, OFFICE, &op);
	assert_int_equal(turn_propose(&op, &row, &n), ERR_OK);
	assert_int_equal(n, 3);	/* one post, three classes, the lowest grade first */
	assert_int_equal(row[0].unit.v, two_one.v);
	assert_int_equal(row[0].now.v, 0);
	assert_int_equal(row[0].next.v, s.p[TEACHER1].v);	/* of 三(1)班, which leaves */
	assert_int_equal(row[1].unit.v, s.class1.v);
	assert_int_equal(row[1].now.v, s.p[TEACHER1].v);
	assert_int_equal(row[1].next.v, 0);	/* nobody came up from 二(1)班 */
	assert_int_equal(row[2].next.v, 0);	/* there is no 二(2)班 */
	school_read_end(&s, &op);
}

struct turning { struct turn_choice c[2]; int64_t from_ms; size_t moved; };

static enum err run_turn(struct op *op, void *arg)
{
	struct turning *t = arg;

	return change_turn(op, t->c, 2, t->from_ms, &t->moved);
}

static person_id keeper_on(struct op *op, const char *role, int64_t at_ms)
{
	const struct work *w;

	assert_int_equal(work_load(op, s.t, &w), ERR_OK);
	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (k->place.v == s.place[ROOM1].v && str_eq(k->role, str_of(role)) &&
		    k->from_ms <= at_ms && at_ms < k->to_ms)
			return k->person;
	}
	return (person_id){ 0 };
}

static void test_turn(void **state)
{
	struct turning t = { .from_ms = school_ms(2026, 11, 20, 0, 0) };
	struct turn_row *row;
	struct op op;
	size_t n;

	(void)state;
	t.c[0] = (struct turn_choice){ s.class1, STR("class-teacher"), s.p[TEACHER2] };
	t.c[1] = (struct turn_choice){ s.class2, STR("class-teacher"), s.p[TEACHER1] };
	assert_int_equal(school_write(&s, VICE, run_turn, &t), ERR_OK);
	assert_int_equal(t.moved, 2);
	school_read(&s, OFFICE, &op);
	assert_int_equal(keeper_on(&op, "daily", t.from_ms - 1).v, s.p[TEACHER1].v);
	assert_int_equal(keeper_on(&op, "daily", t.from_ms).v, s.p[TEACHER2].v);
	assert_int_equal(keeper_on(&op, "recheck", t.from_ms).v, s.p[SAFETY].v);
	school_read_end(&s, &op);
	school_wait(&s, t.from_ms + 60 * 60 * 1000);
	school_read(&s, OFFICE, &op);
	assert_int_equal(turn_propose(&op, &row, &n), ERR_OK);
	assert_int_equal(row[0].now.v, s.p[TEACHER2].v);
	assert_int_equal(row[1].now.v, s.p[TEACHER1].v);
	school_read_end(&s, &op);
}

static void test_all_or_nothing(void **state)
{
	struct turning t = { .from_ms = school_ms(2026, 11, 20, 0, 0) };
	struct op op;

	(void)state;
	t.c[0] = (struct turn_choice){ s.class1, STR("class-teacher"), s.p[TEACHER2] };
	t.c[1] = (struct turn_choice){ { s.t.v }, STR("class-teacher"), s.p[TEACHER1] };
	assert_int_equal(school_write(&s, VICE, run_turn, &t), ERR_INVALID);
	school_read(&s, OFFICE, &op);
	assert_int_equal(keeper_on(&op, "daily", t.from_ms).v, s.p[TEACHER1].v);
	school_read_end(&s, &op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_proposal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
