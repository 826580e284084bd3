/*
 * calendar: working days, school days, terms, nodes and periods of one unit; windows
 * of recurrences and ends of durations. Facts come in as plain arrays. A year without
 * its official holiday table is provisional: said aloud by cal_year_known(), never
 * guessed silently (C101).
 */
#ifndef RULES_CALENDAR_H
#define RULES_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/str.h"
#include "rules/value.h"

struct arena;

/* exceptions to Monday–Friday, by day */
struct cal_day { day_no day; bool work; };
/* school_year 2026 = 2026-2027; no 1 or 2 */
struct cal_term { day_no start, end; int32_t school_year; int8_t no; };
/* facts: set by people; computed ones too, once resolved */
struct cal_node { str id; day_no day; };
/* both inclusive; to = INT32_MAX while on */
struct cal_period { str id; day_no from, to; };

struct calendar {
	int32_t utc_offset_ms;
	bool has_pupils;			/* else there are no school days (B322) */
	const int32_t *known_year; size_t known_year_n;
	/* official exceptions: holidays and make-up days */
	const struct cal_day *work; size_t work_n;
	/* exceptions of the school: extra or free days */
	const struct cal_day *school; size_t school_n;
	const struct cal_term *term; size_t term_n;	/* by start, disjoint */
	const struct cal_node *node; size_t node_n;
	const struct cal_period *period; size_t period_n;
};

bool cal_year_known(const struct calendar *c, int year);
bool cal_work_day(const struct calendar *c, day_no d);
/* In a term, and a working day unless the school says otherwise. */
bool cal_school_day(const struct calendar *c, day_no d);
/* A day that would have school were all days in term: the measure by which a term cuts a window. */
bool cal_lesson_day(const struct calendar *c, day_no d);
int cal_school_days(const struct calendar *c, day_no from, day_no to);	/* inclusive */

/*
 * The end of `anchor + d` as an instant (exclusive: the first ms after the limit).
 * m, h: exact from anchor_ms. d, sd, wd: 24:00 of the n-th such day after the anchor's
 * day; 0d is the end of the anchor's day; negative n counts back to the end of that day.
 * sd in a unit without pupils, or with no school day in the next 400 days: INSTANT_OPEN.
 */
int64_t cal_limit(const struct calendar *c, int64_t anchor_ms, struct duration d);

/* --- periods --- */
enum per_kind { PER_DAY, PER_SCHOOL_DAY, PER_WEEK, PER_MONTH, PER_QUARTER, PER_HALF_YEAR, PER_YEAR,
		PER_TERM, PER_SCHOOL_YEAR, PER_ONCE };
struct period { enum per_kind kind; day_no start, end; };	/* civil, both inclusive */

bool per_kind_parse(str s, enum per_kind *ret_k);
str per_kind_say(enum per_kind k);	/* 每周, 每学期; 一次 */
/*
 * The period that holds day d; false for a term outside terms. School years run 1 September –
 * 31 August.
 */
bool cal_period_of(const struct calendar *c, enum per_kind k, day_no d, struct period *ret_p);
/* The next one after p. */
bool cal_period_next(const struct calendar *c, const struct period *p, struct period *ret_p);
/*
 * "2026", "2026-11", "2026Q4", "2026-W47", "2026-2027", "2026-2027/1", "2026H2", "2026-11-18",
 * "once".
 */
str period_format(struct arena *a, const struct calendar *c, const struct period *p);
bool period_parse(const struct calendar *c, str s, struct period *ret_p);
/* a named period (epidemic, flood) */
bool cal_period_on(const struct calendar *c, str id, day_no d);

#endif
