/*
 * date: civil dates of the proleptic Gregorian calendar, without time zones.
 * A day is an int32 count since 1970-01-01 ("day number"): comparing and adding
 * days is arithmetic. struct date is for reading and writing. SQL keeps yyyymmdd.
 * Range 1900-01-01 … 2199-12-31; anything else is refused by the parsers.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct date { int16_t year; int8_t month, day; };
typedef int32_t day_no;

#define MS_SECOND 1000LL
#define MS_MINUTE 60000LL
#define MS_HOUR 3600000LL
#define MS_DAY 86400000LL

#define DAY_NONE INT32_MIN
#define INSTANT_NONE INT64_MIN
#define INSTANT_OPEN INT64_MAX	/* an open end (sql-rules 30) */

day_no day_from_date(struct date d);
struct date date_from_day(day_no day);
static inline day_no day_of(int year, int month, int day)
{
	return day_from_date((struct date){ (int16_t)year, (int8_t)month, (int8_t)day });
}
int date_month_days(int year, int month);
bool date_valid(int year, int month, int day);
int day_weekday(day_no day);			/* 1 Monday … 7 Sunday */
/* ISO 8601 week; *ret_year is the year of its Thursday. */
int day_iso_week(day_no day, int *ret_year);
day_no iso_week_start(int year, int week);	/* its Monday */
int iso_weeks_in_year(int year);		/* 52 or 53 */
/* The same day `n` months later, or the last day of that month when it is shorter. */
day_no day_add_months(day_no first, int n);
int32_t day_to_yyyymmdd(day_no day);
day_no day_from_yyyymmdd(int32_t v);

/* Instants and civil time at a fixed offset. */
day_no instant_day(int64_t at_ms, int32_t utc_offset_ms);
int64_t day_start_ms(day_no day, int32_t utc_offset_ms);	/* 00:00 of the day */
/* minute of the civil day, 0…1439 */
int instant_minute(int64_t at_ms, int32_t utc_offset_ms);

/* "2026-11-19"; false when malformed or outside the range. */
bool date_parse(str s, day_no *ret_day);
/* "07:20" → minutes of the day; "24:00" is 1440. */
bool time_parse(str s, int *ret_minutes);
/* RFC 3339 with offset or Z, seconds optional: "2026-11-16T08:00:00+08:00", "…T08:00+08:00". */
bool instant_parse(str s, int64_t *ret_ms);
/*
 * As instant_parse, or a local "2026-11-16T08:00[:00]" / "2026-11-16 08:00", or a date (its
 * start), at the offset given.
 */
bool instant_parse_local(str s, int32_t utc_offset_ms, int64_t *ret_ms);
str date_format(struct arena *a, day_no day);				/* 2026-11-19 */
/* RFC 3339, seconds, offset */
str instant_format(struct arena *a, int64_t at_ms, int32_t utc_offset_ms);

#endif
