/*
 * What it would catch: a limit, a period or a school day that is not what pack-language §2 Time
 * says; the boundary cases of its table that are about the calendar. Random calendars against the
 * slow reference: tests/property.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "rules/calendar.h"

#define CST (8 * 3600 * 1000)
#define N(x) (sizeof(x) / sizeof((x)[0]))

static struct arena *a;
static struct cal_day work[16], school[1];
static struct cal_term term[2];
static const int32_t known[] = { 2026 };
static struct calendar cal;

static day_no day(const char *s)
{
	day_no d = DAY_NONE;

	assert_true(date_parse(str_of(s), &d));
	return d;
}

/* 24:00 of the day. */
static int64_t end(const char *s)
{
	return day_start_ms(day(s) + 1, CST);
}

static int64_t limit(const char *anchor, int minutes, const char *duration)
{
	struct duration d = { 0 };

	assert_true(duration_parse(str_of(duration), &d));
	return cal_limit(&cal, day_start_ms(day(anchor), CST) + minutes * MS_MINUTE, d);
}

/* National Day of 2026, 1-7 October, with its two made-up days; the autumn term. */
static int set_up(void **state)
{
	size_t n = 0;

	(void)state;
	a = arena_new(1 << 20);
	work[n++] = (struct cal_day){ day("2026-09-20"), true };
	for (day_no d = day("2026-10-01"); d <= day("2026-10-07"); d++)
		work[n++] = (struct cal_day){ d, false };
	work[n++] = (struct cal_day){ day("2026-10-10"), true };
	school[0] = (struct cal_day){ day("2026-10-16"), false };	/* sports day */
	term[0] = (struct cal_term){ day("2026-09-01"), day("2027-01-22"), 2026, 1 };
	term[1] = (struct cal_term){ day("2027-02-22"), day("2027-07-02"), 2026, 2 };
	cal = (struct calendar){ .utc_offset_ms = CST, .has_pupils = true, .known_year = known,
				 .known_year_n = 1, .work = work, .work_n = n, .school = school,
				 .school_n = 1, .term = term, .term_n = 2 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void days__official_made_up_and_of_the_school(void **state)
{
	(void)state;
	assert_true(cal_work_day(&cal, day("2026-09-20")));	/* a Sunday, made up */
	assert_false(cal_work_day(&cal, day("2026-10-05")));
	assert_true(cal_school_day(&cal, day("2026-10-10")));
	assert_false(cal_school_day(&cal, day("2026-10-16")));
	assert_true(cal_work_day(&cal, day("2026-10-16")));
	assert_false(cal_school_day(&cal, day("2027-02-01")));	/* between the terms */
	assert_true(cal_lesson_day(&cal, day("2027-02-01")));
	assert_int_equal(cal_school_days(&cal, day("2026-10-01"), day("2026-10-16")), 7);
	cal.has_pupils = false;
	assert_false(cal_school_day(&cal, day("2026-10-10")));
	assert_int_equal(limit("2026-10-08", 0, "1sd"), INSTANT_OPEN);
}

/* Case 23: entered on the 16th, 3d is 24:00 on the 19th; 0d is the end of the day itself. */
static void limits__end_at_midnight_of_the_nth_day(void **state)
{
	(void)state;
	assert_int_equal(limit("2026-11-16", 600, "3d"), end("2026-11-19"));
	assert_int_equal(limit("2026-11-16", 0, "0d"), end("2026-11-16"));
	assert_int_equal(limit("2026-11-16", 1439, "0sd"), end("2026-11-16"));
	assert_int_equal(limit("2026-09-30", 600, "1wd"), end("2026-10-08"));
	assert_int_equal(limit("2026-09-30", 600, "3sd"), end("2026-10-10"));
	assert_int_equal(limit("2026-10-08", 600, "-1wd"), end("2026-09-30"));
	assert_int_equal(limit("2026-10-15", 600, "1sd"), end("2026-10-19"));
	assert_int_equal(limit("2026-11-16", 600, "90m"),
			 day_start_ms(day("2026-11-16"), CST) + 690 * MS_MINUTE);
	assert_int_equal(limit("2027-07-02", 600, "1sd"), INSTANT_OPEN);
}

static void periods__in_their_words(void **state)
{
	static const struct {
		const char *day, *name, *first, *last;
		enum per_kind kind;
	} rows[] = {
		{ "2027-01-02", "2026-W53", "2026-12-28", "2027-01-03", PER_WEEK },
		{ "2026-02-10", "2026-02", "2026-02-01", "2026-02-28", PER_MONTH },
		{ "2026-12-31", "2026Q4", "2026-10-01", "2026-12-31", PER_QUARTER },
		{ "2026-07-01", "2026H2", "2026-07-01", "2026-12-31", PER_HALF_YEAR },
		{ "2026-08-31", "2025-2026", "2025-09-01", "2026-08-31", PER_SCHOOL_YEAR },
		{ "2027-01-22", "2026-2027/1", "2026-09-01", "2027-01-22", PER_TERM },
		{ "2026-11-18", "2026-11-18", "2026-11-18", "2026-11-18", PER_DAY },
	};
	struct period p, back;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		assert_true(cal_period_of(&cal, rows[i].kind, day(rows[i].day), &p));
		assert_int_equal(p.start, day(rows[i].first));
		assert_int_equal(p.end, day(rows[i].last));
		assert_true(str_eq(period_format(a, &cal, &p), str_of(rows[i].name)));
		assert_true(period_parse(&cal, str_of(rows[i].name), &back));
		assert_int_equal(back.start, p.start);
		assert_int_equal(back.end, p.end);
	}
	assert_false(cal_period_of(&cal, PER_TERM, day("2027-02-01"), &p));
	assert_false(cal_period_of(&cal, PER_SCHOOL_DAY, day("2026-10-03"), &p));
}

static void periods__the_next_one(void **state)
{
	struct period p;

	(void)state;
	assert_true(cal_period_of(&cal, PER_WEEK, day("2026-12-28"), &p));
	assert_true(cal_period_next(&cal, &p, &p));
	assert_int_equal(p.start, day("2027-01-04"));
	assert_true(cal_period_of(&cal, PER_SCHOOL_DAY, day("2026-09-30"), &p));
	assert_true(cal_period_next(&cal, &p, &p));
	assert_int_equal(p.start, day("2026-10-08"));
	assert_true(cal_period_of(&cal, PER_TERM, day("2026-12-01"), &p));
	assert_true(cal_period_next(&cal, &p, &p));
	assert_int_equal(p.start, day("2027-02-22"));
	assert_false(cal_period_next(&cal, &p, &p));	/* not known yet */
}

/* Case 31: without its table a year is Monday to Friday, and says that it is not known. */
static void years__without_table_are_said_to_be(void **state)
{
	(void)state;
	assert_true(cal_year_known(&cal, 2026));
	assert_false(cal_year_known(&cal, 2027));
	assert_int_equal(limit("2027-09-30", 0, "1wd"), end("2027-10-01"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(days__official_made_up_and_of_the_school, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(limits__end_at_midnight_of_the_nth_day, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(periods__in_their_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(periods__the_next_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(years__without_table_are_said_to_be, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
