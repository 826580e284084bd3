/* What it would catch: any wrong day, weekday, ISO week or month step in 1900–2199. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"

#define CST (8 * 3600 * 1000)

static bool leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int slow_month_days(int y, int m)
{
	if (m == 2)
		return leap(y) ? 29 : 28;
	return m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

/* Days from 1900-01-01 to 1970-01-01, counted one by one. */
static int slow_start(void)
{
	int n = 0;

	for (int y = 1900; y < 1970; y++)
		n += leap(y) ? 366 : 365;
	return -n;
}

static void date__every_day_counted(void **state)
{
	day_no day = slow_start();
	int weekday = 1;	/* 1900-01-01 was a Monday */

	(void)state;
	for (int y = 1900; y <= 2199; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= slow_month_days(y, m); d++, day++) {
				struct date back = date_from_day(day);
				assert_int_equal(day_of(y, m, d), day);
				assert_int_equal(back.year, y);
				assert_int_equal(back.month, m);
				assert_int_equal(back.day, d);
				assert_int_equal(day_weekday(day), weekday);
				assert_int_equal(day_to_yyyymmdd(day), y * 10000 + m * 100 + d);
				assert_int_equal(day_from_yyyymmdd(y * 10000 + m * 100 + d), day);
				weekday = weekday % 7 + 1;
			}
}

/* Week 1 has the year's first Thursday; counted forwards from the Monday of 1900-01-01. */
static void date__iso_weeks_counted(void **state)
{
	int year = 1900, week = 1;

	(void)state;
	for (day_no monday = slow_start(); monday < day_of(2199, 12, 20); monday += 7) {
		for (int i = 0; i < 7; i++) {
			int of_year;
			assert_int_equal(day_iso_week(monday + i, &of_year), week);
			assert_int_equal(of_year, year);
		}
		assert_int_equal(iso_week_start(year, week), monday);
		struct date next = date_from_day(monday + 7 + 3);
		if (next.year != year) {
			assert_int_equal(iso_weeks_in_year(year), week);
			year = next.year;
			week = 1;
		} else {
			week++;
		}
	}
}

static void date__add_months_slow(void **state)
{
	(void)state;
	for (day_no first = day_of(1995, 1, 1); first < day_of(2005, 1, 1); first++) {
		struct date f = date_from_day(first);
		for (int n = -26; n <= 26; n++) {
			int y = f.year, m = f.month;
			for (int i = 0; i < n; i++)
				m = m == 12 ? (y++, 1) : m + 1;
			for (int i = 0; i > n; i--)
				m = m == 1 ? (y--, 12) : m - 1;
			int last = slow_month_days(y, m);
			assert_int_equal(day_add_months(first, n),
					 day_of(y, m, f.day < last ? f.day : last));
		}
	}
}

static void date__valid_and_parse(void **state)
{
	day_no day = 77;
	const char *bad[] = { "", "2026-11-1", "2026-13-01", "2026-02-29", "1899-12-31",
		"2200-01-01", "2026-11-19 ", " 2026-11-19", "2026/11/19", "2026-00-10",
		"2026-11-00", "+026-11-19", "2026-11-31" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(date_parse(str_of(bad[i]), &day));
		assert_int_equal(day, 77);
	}
	assert_true(date_parse(STR("2024-02-29"), &day));
	assert_int_equal(day, day_of(2024, 2, 29));
	assert_true(date_parse(STR("1900-01-01"), &day));
	assert_true(date_parse(STR("2199-12-31"), &day));
	assert_int_equal(day_to_yyyymmdd(DAY_NONE), 0);
	assert_int_equal(day_from_yyyymmdd(0), DAY_NONE);
}

static void date__times(void **state)
{
	int m = -1;
	const char *bad[] = { "", "7:20", "07:60", "24:01", "25:00", "07:20:00", "0720", "-1:00" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(time_parse(str_of(bad[i]), &m));
	assert_int_equal(m, -1);
	assert_true(time_parse(STR("07:20"), &m));
	assert_int_equal(m, 440);
	assert_true(time_parse(STR("24:00"), &m));
	assert_int_equal(m, 1440);
}

static void date__instants(void **state)
{
	int64_t t = -5, u;
	const char *bad[] = { "2026-11-16T08:00", "2026-11-16 08:00Z", "2026-11-16T24:00Z",
		"2026-11-16T08:00:60Z", "2026-11-16T08:00+8", "2026-11-16T08:00+15:00",
		"2026-11-16T08:00:00.Z", "2026-11-16T08:00:00Zx", "2026-11-16" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(instant_parse(str_of(bad[i]), &t));
	assert_int_equal(t, -5);
	assert_true(instant_parse(STR("1970-01-01T08:00:00+08:00"), &t));
	assert_int_equal(t, 0);
	assert_true(instant_parse(STR("2026-11-16T08:00+08:00"), &t));
	assert_true(instant_parse(STR("2026-11-16T00:00:00Z"), &u));
	assert_int_equal(t, u);
	assert_true(instant_parse(STR("1970-01-01T00:00:00.1234567Z"), &t));
	assert_int_equal(t, 123);
	assert_true(instant_parse(STR("1969-12-31T23:30:00-00:30"), &t));
	assert_int_equal(t, 0);
	assert_true(instant_parse_local(STR("2026-11-16 08:00"), CST, &t));
	assert_int_equal(t, u);
	assert_true(instant_parse_local(STR("2026-11-16"), CST, &t));
	assert_int_equal(t, u - 8 * MS_HOUR);
	assert_true(instant_parse_local(STR("2026-11-16T00:00Z"), CST, &t));
	assert_int_equal(t, u);
	assert_false(instant_parse_local(STR("2026-11-16x"), CST, &t));
}

static void date__instants_to_days(void **state)
{
	day_no d = day_of(2026, 11, 16);
	int64_t start = day_start_ms(d, CST);

	(void)state;
	assert_int_equal(instant_day(start, CST), d);
	assert_int_equal(instant_day(start - 1, CST), d - 1);
	assert_int_equal(instant_minute(start - 1, CST), 1439);
	assert_int_equal(instant_minute(start + 441 * MS_MINUTE + 59999, CST), 441);
	assert_int_equal(instant_day(-1, 0), -1);
	assert_int_equal(instant_minute(-1, 0), 1439);
	assert_int_equal(instant_day(-CST - 1, CST), -1);
}

static void date__format(void **state)
{
	struct arena *a = arena_new(1 << 20);
	int64_t t, u;

	(void)state;
	assert_string_equal(date_format(a, day_of(2026, 1, 9)).ptr, "2026-01-09");
	assert_int_equal(date_format(a, DAY_NONE).len, 0);
	assert_string_equal(instant_format(a, 0, CST).ptr, "1970-01-01T08:00:00+08:00");
	assert_string_equal(instant_format(a, -1, 0).ptr, "1969-12-31T23:59:59+00:00");
	assert_string_equal(instant_format(a, 0, -(int)(5 * MS_HOUR + 30 * MS_MINUTE)).ptr,
			    "1969-12-31T18:30:00-05:30");
	for (t = -2000000000000; t < 6000000000000; t += 777777777000) {
		assert_true(instant_parse(instant_format(a, t, CST), &u));
		assert_int_equal(t, u);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date__every_day_counted),
		cmocka_unit_test(date__iso_weeks_counted),
		cmocka_unit_test(date__add_months_slow),
		cmocka_unit_test(date__valid_and_parse),
		cmocka_unit_test(date__times),
		cmocka_unit_test(date__instants),
		cmocka_unit_test(date__instants_to_days),
		cmocka_unit_test(date__format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
