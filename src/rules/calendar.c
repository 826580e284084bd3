/*
 * calendar: see calendar.h. Days are integers, so everything is a small loop or a search
 * in a sorted array. A walk over days stops after WALK_DAYS: a calendar without terms
 * cannot hold anybody up.
 */
#include "rules/calendar.h"

#include <assert.h>

#include "base/arena.h"
#include "base/date.h"

#define WALK_DAYS 400

bool cal_year_known(const struct calendar *c, int year)
{
	for (size_t i = 0; i < c->known_year_n; i++)
		if (c->known_year[i] == year)
			return true;
	return false;
}

/* The exception for the day, or NULL: arrays are sorted by day. */
static const struct cal_day *exception(const struct cal_day *at, size_t n, day_no d)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (at[mid].day < d)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && at[lo].day == d ? &at[lo] : NULL;
}

bool cal_work_day(const struct calendar *c, day_no d)
{
	const struct cal_day *e = exception(c->work, c->work_n, d);

	return e ? e->work : day_weekday(d) <= 5;
}

static const struct cal_term *term_of(const struct calendar *c, day_no d)
{
	for (size_t i = 0; i < c->term_n; i++)
		if (c->term[i].start <= d && d <= c->term[i].end)
			return &c->term[i];
	return NULL;
}

bool cal_lesson_day(const struct calendar *c, day_no d)
{
	const struct cal_day *e;

	if (!c->has_pupils)
		return false;
	e = exception(c->school, c->school_n, d);
	return e ? e->work : cal_work_day(c, d);
}

bool cal_school_day(const struct calendar *c, day_no d)
{
	return c->has_pupils && term_of(c, d) && cal_lesson_day(c, d);
}

int cal_school_days(const struct calendar *c, day_no from, day_no to)
{
	int n = 0;

	for (day_no d = from; d <= to; d++)
		n += cal_school_day(c, d);
	return n;
}

static bool counts(const struct calendar *c, enum dur_unit unit, day_no d)
{
	return unit == DUR_D || (unit == DUR_SD ? cal_school_day(c, d) : cal_work_day(c, d));
}

/*
 * The n-th day of the kind after (n > 0) or before (n < 0) `from`; DAY_NONE when there is none
 * near.
 */
static day_no walk(const struct calendar *c, day_no from, int n, enum dur_unit unit)
{
	int step = n < 0 ? -1 : 1, left = n < 0 ? -n : n;
	day_no d = from;

	if (unit == DUR_D)
		return from + n;
	for (int i = 0, gap = 0; left > 0; i++) {
		d += step;
		gap++;
		if (counts(c, unit, d)) {
			left--;
			gap = 0;
		}
		if (gap >= WALK_DAYS)
			return DAY_NONE;
	}
	return d;
}

int64_t cal_limit(const struct calendar *c, int64_t anchor_ms, struct duration d)
{
	if (d.unit == DUR_M)
		return anchor_ms + d.n * MS_MINUTE;
	if (d.unit == DUR_H)
		return anchor_ms + d.n * MS_HOUR;
	if (d.unit == DUR_SD && !c->has_pupils)
		return INSTANT_OPEN;
	day_no day = walk(c, instant_day(anchor_ms, c->utc_offset_ms), d.n, d.unit);
	return day == DAY_NONE ? INSTANT_OPEN : day_start_ms(day + 1, c->utc_offset_ms);
}

/* --- periods --- */

static const struct { const char *word; enum per_kind kind; } per_words[] = {
	{ "day", PER_DAY }, { "school-day", PER_SCHOOL_DAY }, { "week", PER_WEEK }, { "month",
			PER_MONTH },
	{ "quarter", PER_QUARTER }, { "half-year", PER_HALF_YEAR }, { "year", PER_YEAR }, { "term",
			PER_TERM },
	{ "school-year", PER_SCHOOL_YEAR }, { "once", PER_ONCE },
};

bool per_kind_parse(str s, enum per_kind *ret_k)
{
	for (size_t i = 0; i < sizeof(per_words) / sizeof(per_words[0]); i++)
		if (str_eq(s, str_of(per_words[i].word))) {
			*ret_k = per_words[i].kind;
			return true;
		}
	return false;
}

str per_kind_say(enum per_kind k)
{
	static const char *const words[] = {
		[PER_DAY] = "每天", [PER_SCHOOL_DAY] = "每个上课日", [PER_WEEK] = "每周",
		[PER_MONTH] = "每月", [PER_QUARTER] = "每季度", [PER_HALF_YEAR] = "每半年",
		[PER_YEAR] = "每年", [PER_TERM] = "每学期", [PER_SCHOOL_YEAR] = "每学年",
		[PER_ONCE] = "一次",
	};

	return str_of(words[k]);
}

/* `months` long, beginning with the month that is a multiple of it. */
static struct period months_of(enum per_kind k, struct date d, int months)
{
	int first = (d.month - 1) / months * months + 1;
	day_no start = day_of(d.year, first, 1);

	return (struct period){ k, start, day_add_months(start, months) - 1 };
}

static bool school_day_next(const struct calendar *c, day_no from, day_no *ret_d)
{
	for (int i = 0; i <= WALK_DAYS; i++)
		if (cal_school_day(c, from + i)) {
			*ret_d = from + i;
			return true;
		}
	return false;
}

bool cal_period_of(const struct calendar *c, enum per_kind k, day_no d, struct period *ret_p)
{
	struct date g = date_from_day(d);
	const struct cal_term *t;
	day_no monday = d - (day_weekday(d) - 1);
	int year = g.month >= 9 ? g.year : g.year - 1;

	switch (k) {
	case PER_DAY: *ret_p = (struct period){ k, d, d }; return true;
	case PER_SCHOOL_DAY:
		if (!cal_school_day(c, d))
			return false;
		*ret_p = (struct period){ k, d, d };
		return true;
	case PER_WEEK: *ret_p = (struct period){ k, monday, monday + 6 }; return true;
	case PER_MONTH: *ret_p = months_of(k, g, 1); return true;
	case PER_QUARTER: *ret_p = months_of(k, g, 3); return true;
	case PER_HALF_YEAR: *ret_p = months_of(k, g, 6); return true;
	case PER_YEAR: *ret_p = months_of(k, g, 12); return true;
	case PER_TERM:
		t = term_of(c, d);
		if (!t)
			return false;
		*ret_p = (struct period){ k, t->start, t->end };
		return true;
	case PER_SCHOOL_YEAR: *ret_p = (struct period){ k, day_of(year, 9, 1), day_of(year + 1, 8,
			31) }; return true;
	case PER_ONCE: *ret_p = (struct period){ k, day_of(1900, 1, 1), day_of(2199, 12,
			31) }; return true;
	}
	return false;
}

bool cal_period_next(const struct calendar *c, const struct period *p, struct period *ret_p)
{
	day_no d;

	switch (p->kind) {
	case PER_ONCE: return false;
	case PER_SCHOOL_DAY:
		return school_day_next(c, p->end + 1, &d) &&
		       cal_period_of(c, PER_SCHOOL_DAY, d, ret_p);
	case PER_TERM:
		for (size_t i = 0; i < c->term_n; i++)
			if (c->term[i].start > p->end)
				return cal_period_of(c, PER_TERM, c->term[i].start, ret_p);
		return false;
	case PER_DAY: case PER_WEEK: case PER_MONTH: case PER_QUARTER:
	case PER_HALF_YEAR: case PER_YEAR: case PER_SCHOOL_YEAR:
		return cal_period_of(c, p->kind, p->end + 1, ret_p);
	}
	return false;
}

/* "2026-09", "2026Q3"; with an empty `sep` the year alone. */
static str year_and(struct arena *a, int year, const char *sep, int n, size_t width)
{
	char room[STR_DECIMAL_MAX], zeros[] = "0000";
	str digits = str_decimal(room, n);
	str pad = { zeros, digits.len < width ? width - digits.len : 0 };
	char year_room[STR_DECIMAL_MAX];
	str y = str_decimal(year_room, year), year_pad = { zeros, y.len < 4 ? 4 - y.len : 0 };
	str part[] = { year_pad, y, str_of(sep), pad, digits };

	assert(year >= 0 && n >= 0 && width <= 4);
	return str_join(a, part, *sep ? 5 : 2, STR(""));
}

str period_format(struct arena *a, const struct calendar *c, const struct period *p)
{
	struct date g = date_from_day(p->start);
	const struct cal_term *t;
	int year, week;

	switch (p->kind) {
	case PER_DAY: case PER_SCHOOL_DAY: return date_format(a, p->start);
	case PER_WEEK:
		week = day_iso_week(p->start, &year);
		return year_and(a, year, "-W", week, 2);
	case PER_MONTH: return year_and(a, g.year, "-", g.month, 2);
	case PER_QUARTER: return year_and(a, g.year, "Q", (g.month - 1) / 3 + 1, 1);
	case PER_HALF_YEAR: return year_and(a, g.year, "H", g.month < 7 ? 1 : 2, 1);
	case PER_YEAR: return year_and(a, g.year, "", 0, 0);
	case PER_SCHOOL_YEAR: return year_and(a, g.year, "-", g.year + 1, 4);
	case PER_TERM:
		t = term_of(c, p->start);
		assert(t);
		return str_fmt(a, "%04d-%04d/%d", (int)t->school_year, (int)t->school_year + 1,
			       t->no);
	case PER_ONCE: return STR("once");
	}
	return STR_NONE;
}

static bool digits(str s, size_t at, size_t n, int *ret_v)
{
	int64_t v;

	if (at + n > s.len || s.ptr[at] == '-' || !str_to_i64(str_slice(s, at, at + n), &v))
		return false;
	*ret_v = (int)v;
	return true;
}

static bool term_parse(const struct calendar *c, int year, int no, struct period *ret_p)
{
	for (size_t i = 0; i < c->term_n; i++)
		if (c->term[i].school_year == year && c->term[i].no == no) {
			*ret_p = (struct period){ PER_TERM, c->term[i].start, c->term[i].end };
			return true;
		}
	return false;
}

static bool ranged(int y)
{
	return y >= 1900 && y < 2199;
}

/* "2026-2027" and "2026-2027/1". */
static bool school_year_parse(const struct calendar *c, str s, int y, struct period *ret_p)
{
	int to, no;

	if (s.len < 9 || s.ptr[4] != '-' || !digits(s, 5, 4, &to) || to != y + 1)
		return false;
	if (s.len == 9) {
		*ret_p = (struct period){ PER_SCHOOL_YEAR, day_of(y, 9, 1), day_of(to, 8, 31) };
		return true;
	}
	return s.len == 11 && s.ptr[9] == '/' && digits(s, 10, 1, &no) &&
	       term_parse(c, y, no, ret_p);
}

bool period_parse(const struct calendar *c, str s, struct period *ret_p)
{
	int y, n;
	day_no d;

	if (str_eq(s, STR("once")))
		return cal_period_of(c, PER_ONCE, 0, ret_p);
	if (s.len < 4 || !digits(s, 0, 4, &y) || !ranged(y))
		return false;
	if (s.len == 4)
		return cal_period_of(c, PER_YEAR, day_of(y, 1, 1), ret_p);
	if (s.len == 6 && s.ptr[4] == 'Q' && digits(s, 5, 1, &n) && n >= 1 && n <= 4)
		return cal_period_of(c, PER_QUARTER, day_of(y, n * 3, 1), ret_p);
	if (s.len == 6 && s.ptr[4] == 'H' && digits(s, 5, 1, &n) && n >= 1 && n <= 2)
		return cal_period_of(c, PER_HALF_YEAR, day_of(y, n * 6, 1), ret_p);
	if (s.len == 8 && s.ptr[4] == '-' && s.ptr[5] == 'W' && digits(s, 6, 2, &n) && n >= 1 &&
			n <= iso_weeks_in_year(y))
		return cal_period_of(c, PER_WEEK, iso_week_start(y, n), ret_p);
	if (s.len == 7 && s.ptr[4] == '-' && digits(s, 5, 2, &n) && n >= 1 && n <= 12)
		return cal_period_of(c, PER_MONTH, day_of(y, n, 1), ret_p);
	if (s.len == 10 && date_parse(s, &d))
		return cal_period_of(c, PER_DAY, d, ret_p);
	return school_year_parse(c, s, y, ret_p);
}

bool cal_period_on(const struct calendar *c, str id, day_no d)
{
	for (size_t i = 0; i < c->period_n; i++)
		if (str_eq(c->period[i].id, id) && c->period[i].from <= d && d <= c->period[i].to)
			return true;
	return false;
}
