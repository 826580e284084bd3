/*
 * class_no: a small reader over code points. It accepts a grade by name (三, 初一, 高二, 大)
 * or by digits, then a class by digits or numerals in or without brackets, then 班; "302班"
 * is grade 3, class 2. What is not certain is no class: "12班" names no grade.
 */
#include "org/class_no.h"

#include "base/arena.h"
#include "base/utf8.h"

#define POINTS_MAX 64
#define CLASS_MAX 40

struct points { str at[POINTS_MAX]; size_t n; };

static void split(str s, struct points *p)
{
	p->n = 0;
	for (size_t i = 0; i < s.len && p->n < POINTS_MAX;) {
		unsigned char c = (unsigned char)s.ptr[i];
		size_t len = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
		p->at[p->n++] = str_slice(s, i, i + len);
		i += len;
	}
}

static bool is(const struct points *p, size_t i, const char *what)
{
	return i < p->n && str_eq(p->at[i], str_of(what));
}

/* One Chinese numeral, 0 when it is none. */
static int numeral(str s)
{
	static const char *const name[] = { "一", "二", "三", "四", "五", "六", "七", "八", "九" };

	for (int i = 0; i < 9; i++)
		if (str_eq(s, str_of(name[i])))
			return i + 1;
	return 0;
}

/* 1…99 in digits or numerals (十二, 二十, 二十一) at *at; moves *at. */
static int number(const struct points *p, size_t *at)
{
	size_t i = *at;
	int v = 0;

	for (; i < p->n && i < *at + 3 && p->at[i].len == 1 && p->at[i].ptr[0] >= '0' &&
	     p->at[i].ptr[0] <= '9'; i++)
		v = v * 10 + (p->at[i].ptr[0] - '0');
	if (i == *at) {
		if (i < p->n && (v = numeral(p->at[i])) > 0)
			i++;
		if (is(p, i, "十")) {
			v = (v ? v : 1) * 10;
			i++;
			int one = i < p->n ? numeral(p->at[i]) : 0;
			if (one) {
				v += one;
				i++;
			}
		}
	}
	*at = i;
	return v;
}

/* 初一 → 7, 高二 → 11, 三 → 3, 大 → 24; moves *at; 0 when there is no grade. */
static int grade_at(const struct points *p, size_t *at)
{
	static const char *const small[] = { "托", "小", "中", "大" };
	size_t i = *at;
	int base = 0, v;

	for (int k = 0; k < 4; k++)
		if (is(p, i, small[k])) {
			*at = i + 1;
			return 21 + k;
		}
	if (is(p, i, "初") || is(p, i, "高")) {
		base = is(p, i, "初") ? 6 : 9;
		i++;
	}
	v = number(p, &i);
	if (v == 0 || v > (base ? 3 : 12) + (base ? 0 : 900))
		return 0;
	*at = i;
	return base + v;
}

/* "(2)", "2", ".2", "-2" and then 班. */
static bool class_at(const struct points *p, size_t *at, int *ret_no)
{
	size_t i = *at;

	while (is(p, i, "(") || is(p, i, "（") || is(p, i, "[") || is(p, i, ".") || is(p, i, "-") ||
	       is(p, i, "、"))
		i++;
	int v = number(p, &i);
	while (is(p, i, ")") || is(p, i, "）") || is(p, i, "]"))
		i++;
	if (v < 1 || v > CLASS_MAX || !is(p, i, "班"))
		return false;
	*at = i + 1;
	*ret_no = v;
	return true;
}

static bool read_at(const struct points *p, size_t *at, struct class_no *ret)
{
	size_t i = *at;
	int grade = grade_at(p, &i), no = 0;
	bool named = false;

	if (grade == 0)
		return false;
	if (is(p, i, "年") && is(p, i + 1, "级")) {
		named = true;
		i += 2;
	}
	if (!named && grade >= 101 && grade <= 12 * 100 + CLASS_MAX && is(p, i, "班")) {
		*ret = (struct class_no){ grade / 100, grade % 100 };	/* 302班 */
		*at = i + 1;
		return ret->no >= 1 && ret->no <= CLASS_MAX;
	}
	if (grade > 24 || (grade > 12 && grade < 21))
		return false;
	if (class_at(p, &i, &no)) {
		*ret = (struct class_no){ grade, no };
		*at = i;
		return true;
	}
	if (!named || grade > 12)	/* a grade alone must say so: 三年级 */
		return false;
	*ret = (struct class_no){ grade, 0 };
	*at = i;
	return true;
}

static str joined(struct arena *a, const struct points *p, size_t from, size_t to)
{
	str part[2] = { STR(""), STR("") };

	if (from > 0)
		part[0] = (str){ p->at[0].ptr, (size_t)(p->at[from - 1].ptr - p->at[0].ptr) +
						p->at[from - 1].len };
	if (to < p->n)
		part[1] = (str){ p->at[to].ptr, (size_t)(p->at[p->n - 1].ptr - p->at[to].ptr) +
						p->at[p->n - 1].len };
	return str_trim(str_join(a, part, 2, STR("")));
}

/* Full-width digits and brackets become plain; blanks go. */
static str plain(struct arena *a, str text)
{
	str s = utf8_fold(a, text);
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != ' ' && s.ptr[i] != '\n' && s.ptr[i] != '\t')
			p[n++] = s.ptr[i];
	return (str){ p, n };
}

bool class_no_find(struct arena *a, str text, struct class_no *ret, str *ret_rest)
{
	struct points p;

	split(plain(a, text), &p);
	for (size_t i = 0; i < p.n; i++) {
		size_t at = i;
		if (!read_at(&p, &at, ret))
			continue;
		*ret_rest = joined(a, &p, i, at);
		return true;
	}
	return false;
}

bool class_no_is(struct arena *a, str text, struct class_no *ret)
{
	str rest;

	return class_no_find(a, text, ret, &rest) &&
		(rest.len == 0 || str_eq(rest, STR("组")) || str_eq(rest, STR("年级组")));
}

static const char *grade_word(int grade)
{
	static const char *const name[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九",
					    "高一", "高二", "高三" };
	static const char *const small[] = { "托", "小", "中", "大" };

	return grade > 20 ? small[grade - 21] : name[grade];
}

str class_no_name(struct arena *a, struct class_no c)
{
	if (c.no == 0)
		return str_fmt(a, c.grade >= 10 ? "%s" : "%s年级", grade_word(c.grade));
	return str_fmt(a, "%s（%d）班", grade_word(c.grade), c.no);
}

str class_no_code(struct arena *a, struct class_no c)
{
	return c.no == 0 ? str_fmt(a, "g%02d", c.grade) : str_fmt(a, "c%02d%02d", c.grade, c.no);
}
