/*
 * What it would catch: a step that somebody else takes, a deed that does not count or counts
 * twice, a task that falls on the wrong person, a limit that fires at the wrong hour, a derived
 * row that drifts. Cases are numbered as in the table of the pack language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/school.h"

static struct school s;

static int setup(void **state)
{
	school_new(&s);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	school_check(&s);
	school_free(&s);
	return 0;
}

#define OK(call) do { \
	enum err e_ = (call); \
	if (e_) \
		fail_msg("%s: %.*s", err_word(e_), STR_ARG(school_said(&s))); \
} while (0)
#define IS(text, word) assert_true(str_eq((text), STR(word)))

static void test_adopted(void **state)
{
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_adopted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
