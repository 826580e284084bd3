/*
 * date: see date.h. Day numbers come from counting years that start on 1 March,
 * so that the leap day is the last day of its year and months have a regular
 * length (153 days in five months); the unit test compares every day of
 * 1900–2199 with a loop that counts day by day. Years 1…9999 are computable, so
 * that arithmetic near the ends of the accepted range does not trap; only the
 * parsers hold to 1900–2199.
 */
#include "base/date.h"

#include <assert.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"

#define YEAR_MIN 1900
#define YEAR_MAX 2199
#define DAYS_IN_ERA 146097		/* 400 years */
#define EPOCH_SHIFT 719468		/* days from 0000-03-01 to 1970-01-01 */
#define DAY_MIN (-719162)		/* 0001-01-01 */
#define DAY_MAX 2932896			/* 9999-12-31 */

static int64_t floor_div(int64_t a, int64_t b)
{
	assert(b > 0);
	return a / b - (a % b < 0);
}

int date_month_days(int year, int month)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	assert(month >= 1 && month <= 12);
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

bool date_valid(int year, int month, int day)
{
	return year >= YEAR_MIN && year <= YEAR_MAX && month >= 1 && month <= 12 &&
	       day >= 1 && day <= date_month_days(year, month);
}

day_no day_from_date(struct date d)
{
	assert(d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12);
	assert(d.day >= 1 && d.day <= date_month_days(d.year, d.month));
	int y = d.month > 2 ? d.year : d.year - 1;
	int m = d.month > 2 ? d.month - 3 : d.month + 9;	/* 0 = March */
	int era = y / 400, of_era = y % 400;
	int of_year = (153 * m + 2) / 5 + d.day - 1;

	return era * DAYS_IN_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year
	       - EPOCH_SHIFT;
}

struct date date_from_day(day_no day)
{
	assert(day >= DAY_MIN && day <= DAY_MAX);
	int z = day + EPOCH_SHIFT;
	int era = z / DAYS_IN_ERA, of_era = z % DAYS_IN_ERA;
	/* Take the leap days out, so that every year has 365. */
	int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * y + y / 4 - y / 100);
	int m = (5 * of_year + 2) / 153;

	assert(m >= 0 && m < 12 && y < 400);
	return (struct date){
		.year = (int16_t)(y + era * 400 + (m >= 10)),
		.month = (int8_t)(m < 10 ? m + 3 : m - 9),
		.day = (int8_t)(of_year - (153 * m + 2) / 5 + 1),
	};
}

int day_weekday(day_no day)
{
	assert(day >= DAY_MIN && day <= DAY_MAX);
	int r = (day + 3) % 7;		/* 1970-01-01 was a Thursday */

	return (r < 0 ? r + 7 : r) + 1;
}

int day_iso_week(day_no day, int *ret_year)
{
	day_no thursday = day - day_weekday(day) + 4;
	int year = date_from_day(thursday).year;
	int week = (thursday - day_of(year, 1, 1)) / 7 + 1;

	assert(week >= 1 && week <= 53);
	*ret_year = year;
	return week;
}

day_no iso_week_start(int year, int week)
{
	assert(week >= 1 && week <= 53);
	day_no jan4 = day_of(year, 1, 4);	/* always in week 1 */

	return jan4 - day_weekday(jan4) + 1 + (week - 1) * 7;
}

int iso_weeks_in_year(int year)
{
	int of_year;
	int week = day_iso_week(day_of(year, 12, 28), &of_year);	/* always in the last */

	assert(of_year == year && (week == 52 || week == 53));
	return week;
}

/*
 * Always step from the first occurrence; stepping from the previous one loses
 * days: 31 January + 1 is 28 or 29 February, and + 2 is 31 March.
 */
day_no day_add_months(day_no first, int n)
{
	struct date d = date_from_day(first);
	int m = d.year * 12 + (d.month - 1) + n;

	assert(m >= 12 && m < 10000 * 12);
	int year = m / 12, month = m % 12 + 1;
	int last = date_month_days(year, month);
	return day_of(year, month, d.day < last ? d.day : last);
}

int32_t day_to_yyyymmdd(day_no day)
{
	if (day == DAY_NONE)
		return 0;
	struct date d = date_from_day(day);
	return d.year * 10000 + d.month * 100 + d.day;
}

day_no day_from_yyyymmdd(int32_t v)
{
	if (v == 0)
		return DAY_NONE;
	assert(v > 10000 && v <= 99991231);
	return day_of(v / 10000, v / 100 % 100, v % 100);
}

day_no instant_day(int64_t at_ms, int32_t utc_offset_ms)
{
	int64_t day = floor_div(at_ms + utc_offset_ms, MS_DAY);

	assert(day >= DAY_MIN && day <= DAY_MAX);
	return (day_no)day;
}

int64_t day_start_ms(day_no day, int32_t utc_offset_ms)
{
	assert(day >= DAY_MIN && day <= DAY_MAX + 1);
	return (int64_t)day * MS_DAY - utc_offset_ms;
}

int instant_minute(int64_t at_ms, int32_t utc_offset_ms)
{
	int64_t in_day = at_ms + utc_offset_ms -
			 floor_div(at_ms + utc_offset_ms, MS_DAY) * MS_DAY;

	assert(in_day >= 0 && in_day < MS_DAY);
	return (int)(in_day / MS_MINUTE);
}

/* Exactly n digits at the front of *s; moves past them. */
static bool take_digits(str *s, size_t n, int *ret_v)
{
	int v = 0;

	assert(n <= 9);
	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		v = v * 10 + (s->ptr[i] - '0');
	}
	*s = str_slice(*s, n, s->len);
	*ret_v = v;
	return true;
}

static bool take_char(str *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	*s = str_slice(*s, 1, s->len);
	return true;
}

static bool take_date(str *s, day_no *ret_day)
{
	int y, m, d;

	if (!take_digits(s, 4, &y) || !take_char(s, '-') || !take_digits(s, 2, &m) ||
	    !take_char(s, '-') || !take_digits(s, 2, &d) || !date_valid(y, m, d))
		return false;
	*ret_day = day_of(y, m, d);
	return true;
}

/* HH:MM[:SS[.fraction]] → ms of the day. */
static bool take_clock(str *s, int64_t *ret_ms)
{
	int h, m, sec = 0, digit, ms = 0, scale = 100;

	if (!take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m) ||
	    h > 23 || m > 59)
		return false;
	if (take_char(s, ':')) {
		if (!take_digits(s, 2, &sec) || sec > 59)
			return false;
		if (take_char(s, '.')) {
			if (!take_digits(s, 1, &digit))
				return false;
			do {	/* what is finer than a millisecond is dropped */
				ms += digit * scale;
				scale /= 10;
			} while (take_digits(s, 1, &digit));
		}
	}
	*ret_ms = h * MS_HOUR + m * MS_MINUTE + sec * MS_SECOND + ms;
	return true;
}

/* Z or ±HH:MM → the offset in ms. */
static bool take_offset(str *s, int64_t *ret_ms)
{
	int h, m;
	int64_t sign = 1;

	if (take_char(s, 'Z')) {
		*ret_ms = 0;
		return true;
	}
	if (take_char(s, '-'))
		sign = -1;
	else if (!take_char(s, '+'))
		return false;
	if (!take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m) ||
	    h > 14 || m > 59)
		return false;
	*ret_ms = sign * (h * MS_HOUR + m * MS_MINUTE);
	return true;
}

bool date_parse(str s, day_no *ret_day)
{
	day_no day;

	assert(ret_day);
	if (!take_date(&s, &day) || s.len)
		return false;
	*ret_day = day;
	return true;
}

bool time_parse(str s, int *ret_minutes)
{
	int h, m;

	assert(ret_minutes);
	if (!take_digits(&s, 2, &h) || !take_char(&s, ':') || !take_digits(&s, 2, &m) || s.len)
		return false;
	if (h > 24 || m > 59 || (h == 24 && m))
		return false;
	*ret_minutes = h * 60 + m;
	return true;
}

bool instant_parse(str s, int64_t *ret_ms)
{
	day_no day;
	int64_t in_day, offset;

	assert(ret_ms);
	if (!take_date(&s, &day) || !take_char(&s, 'T') || !take_clock(&s, &in_day) ||
	    !take_offset(&s, &offset) || s.len)
		return false;
	*ret_ms = (int64_t)day * MS_DAY + in_day - offset;
	return true;
}

bool instant_parse_local(str s, int32_t utc_offset_ms, int64_t *ret_ms)
{
	day_no day;
	int64_t in_day = 0;

	assert(ret_ms);
	if (instant_parse(s, ret_ms))
		return true;
	if (!take_date(&s, &day))
		return false;
	if (s.len) {
		if (!take_char(&s, 'T') && !take_char(&s, ' '))
			return false;
		if (!take_clock(&s, &in_day) || s.len)
			return false;
	}
	*ret_ms = day_start_ms(day, utc_offset_ms) + in_day;
	return true;
}

str date_format(struct arena *a, day_no day)
{
	if (day == DAY_NONE)
		return STR("");
	struct date d = date_from_day(day);
	return str_fmt(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

str instant_format(struct arena *a, int64_t at_ms, int32_t utc_offset_ms)
{
	struct date d = date_from_day(instant_day(at_ms, utc_offset_ms));
	int minute = instant_minute(at_ms, utc_offset_ms);
	int64_t local = at_ms + utc_offset_ms;
	int sec = (int)((local - floor_div(local, MS_MINUTE) * MS_MINUTE) / MS_SECOND);
	int off = utc_offset_ms / (int)MS_MINUTE, abs_off = off < 0 ? -off : off;

	assert(sec >= 0 && sec < 60);
	return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", d.year, d.month, d.day,
		       minute / 60, minute % 60, sec, off < 0 ? '-' : '+',
		       abs_off / 60, abs_off % 60);
}
