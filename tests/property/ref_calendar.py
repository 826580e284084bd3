"""The slow reference of the calendar: pack-language §2 Time and Recurrences, read word by word.

It owns the meaning, not the speed: days are counted one by one. It was written from the text alone,
without looking at src/rules, so that a difference is a finding. Days are numbers since 1970-01-01,
instants milliseconds UTC; an end is exclusive (the first millisecond after 24:00).
"""

import datetime
from functools import lru_cache

DAY_MS = 86400000
OPEN = (1 << 63) - 1  # an end that never comes
NEVER = -(1 << 63)  # a front that never was
SEARCH = 400  # days in which the next school day must come
EPOCH = datetime.date(1970, 1, 1).toordinal()


@lru_cache(maxsize=None)
def civil(day):
    """(year, month, day of the month)"""
    d = datetime.date.fromordinal(day + EPOCH)
    return d.year, d.month, d.day


@lru_cache(maxsize=None)
def day_of(year, month, day):
    return datetime.date(year, month, day).toordinal() - EPOCH


def weekday(day):
    """1 Monday … 7 Sunday"""
    return (day + 3) % 7 + 1


def month_end(year, month):
    return (day_of(year, month + 1, 1) if month < 12 else day_of(year + 1, 1, 1)) - 1


class Calendar:
    """Facts of one unit: `work` and `school` map a day to whether it is worked; `terms` are
    (start, end, school year, number); `nodes` (id, day); `periods` (id, from, to), both inclusive."""

    def __init__(self, off=8 * 3600000, pupils=True, known=(), work=None, school=None, terms=(), nodes=(), periods=()):
        self.off, self.pupils, self.known = off, pupils, set(known)
        self.work, self.school = dict(work or {}), dict(school or {})
        self.terms, self.nodes, self.periods = sorted(terms), list(nodes), list(periods)

    # -- instants and days
    def day(self, ms):
        return (ms + self.off) // DAY_MS

    def start_ms(self, day):
        return day * DAY_MS - self.off

    def end_ms(self, day):
        return self.start_ms(day + 1)

    # -- kinds of days
    def year_known(self, year):
        return year in self.known

    def work_day(self, day):
        """National working day: what the official table says, else Monday to Friday."""
        if day in self.work:
            return self.work[day]
        return weekday(day) <= 5

    def lesson_day(self, day):
        """A day on which there would be school if it lay in a term (the measure of a cut window)."""
        if not self.pupils:
            return False
        return self.school.get(day, self.work_day(day))

    def term_of(self, day):
        for t in self.terms:
            if t[0] <= day <= t[1]:
                return t
        return None

    def school_day(self, day):
        return self.term_of(day) is not None and self.lesson_day(day)

    def school_days(self, first, last):
        return sum(1 for d in range(first, last + 1) if self.school_day(d))

    def is_day(self, unit, day):
        return {"d": True, "sd": self.school_day(day) if unit == "sd" else False,
                "wd": self.work_day(day) if unit == "wd" else False}[unit]

    def nth_day(self, day, n, unit):
        """The n-th such day after `day` (before it, for negative n); the day itself for 0."""
        if unit == "d":
            return day + n
        step = 1 if n > 0 else -1
        for _ in range(abs(n)):
            for _ in range(SEARCH):
                day += step
                if self.is_day(unit, day):
                    break
            else:
                return None
        return day

    def limit(self, anchor_ms, n, unit):
        """m and h are exact; d, sd, wd end at 24:00 of the n-th such day after the anchor's day."""
        if anchor_ms == OPEN:
            return OPEN
        if unit == "m":
            return anchor_ms + n * 60000
        if unit == "h":
            return anchor_ms + n * 3600000
        if unit == "sd" and not self.pupils:
            return OPEN
        day = self.nth_day(self.day(anchor_ms), n, unit)
        return OPEN if day is None else self.end_ms(day)

    # -- periods of recurrences
    def period_of(self, kind, day):
        """(first, last) of the period of this kind that holds the day, or None."""
        y, m, _ = civil(day)
        if kind == "day":
            return day, day
        if kind == "school-day":
            return (day, day) if self.school_day(day) else None
        if kind == "week":
            monday = day - weekday(day) + 1
            return monday, monday + 6
        if kind == "month":
            return day_of(y, m, 1), month_end(y, m)
        if kind == "quarter":
            q = (m - 1) // 3 * 3
            return day_of(y, q + 1, 1), month_end(y, q + 3)
        if kind == "half-year":
            h = (m - 1) // 6 * 6
            return day_of(y, h + 1, 1), month_end(y, h + 6)
        if kind == "year":
            return day_of(y, 1, 1), day_of(y, 12, 31)
        if kind == "term":
            t = self.term_of(day)
            return (t[0], t[1]) if t else None
        if kind == "school-year":
            s = y if m >= 9 else y - 1
            return day_of(s, 9, 1), day_of(s + 1, 8, 31)
        raise ValueError(kind)

    def period_next(self, kind, period):
        """The period after this one, or None: the next term may not be known yet."""
        day = period[1] + 1
        if kind == "term":
            later = [t for t in self.terms if t[0] >= day]
            return (later[0][0], later[0][1]) if later else None
        for d in range(day, day + SEARCH):
            p = self.period_of(kind, d)
            if p:
                return p
        return None

    def period_format(self, kind, period):
        first = period[0]
        y, m, d = civil(first)
        if kind in ("day", "school-day"):
            return "%04d-%02d-%02d" % (y, m, d)
        if kind == "week":
            wy, week, _ = datetime.date.fromordinal(first + EPOCH).isocalendar()
            return "%04d-W%02d" % (wy, week)
        if kind == "month":
            return "%04d-%02d" % (y, m)
        if kind == "quarter":
            return "%04dQ%d" % (y, (m + 2) // 3)
        if kind == "half-year":
            return "%04dH%d" % (y, 1 if m <= 6 else 2)
        if kind == "year":
            return "%04d" % y
        if kind == "term":
            t = self.term_of(first)
            return "%d-%d/%d" % (t[2], t[2] + 1, t[3])
        if kind == "school-year":
            return "%d-%d" % (y, y + 1)
        raise ValueError(kind)

    def period_on(self, name, day):
        return any(p[0] == name and p[1] <= day <= p[2] for p in self.periods)
