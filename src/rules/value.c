/*
 * value: one tagged union for everything that a field, a parameter or an expression
 * holds (value.h). Nothing here knows a field's type: comparing, ordering and writing
 * go by the tag alone, so that two values made on different machines compare equal
 * exactly when their bytes say the same. Maps are small arrays searched in order: a
 * record has some thirty fields, and the order in which they were set is the order
 * in which they are written, which keeps stored bodies stable.
 */
#include "rules/value.h"

#include <assert.h>

#include "base/arena.h"
#include "base/json.h"

#define DURATION_MAX 40000	/* keeping is counted in days: 100 years */

static ptrdiff_t vmap_find(const struct vmap *m, str name)
{
	for (size_t i = 0; m && i < m->n; i++)
		if (str_eq(m->name[i], name))
			return (ptrdiff_t)i;
	return -1;
}

const struct value *vmap_get(const struct vmap *m, str name)
{
	ptrdiff_t i = vmap_find(m, name);

	return i < 0 || m->val[i].kind == V_NONE ? NULL : &m->val[i];
}

static void vmap_grow(struct arena *a, struct vmap *m)
{
	size_t cap = m->cap ? m->cap * 2 : 8;
	str *name = NEW_N(a, cap, str);
	struct value *val = NEW_N(a, cap, struct value);

	if (m->n) {
		memcpy(name, m->name, m->n * sizeof(*name));
		memcpy(val, m->val, m->n * sizeof(*val));
	}
	m->name = name;
	m->val = val;
	m->cap = cap;
}

bool vmap_named(const struct vmap *m, str name)
{
	return vmap_find(m, name) >= 0;
}

void vmap_put(struct arena *a, struct vmap *m, str name, struct value v)
{
	ptrdiff_t i = vmap_find(m, name);

	assert(m->n <= m->cap);
	if (i >= 0) {
		m->val[i] = v;
		return;
	}
	if (m->n == m->cap)
		vmap_grow(a, m);
	m->name[m->n] = name;
	m->val[m->n++] = v;
}

static void vmap_remove(struct vmap *m, size_t at)
{
	size_t rest = m->n - at - 1;

	memmove(&m->name[at], &m->name[at + 1], rest * sizeof(*m->name));
	memmove(&m->val[at], &m->val[at + 1], rest * sizeof(*m->val));
	m->n--;
}

void vmap_set(struct arena *a, struct vmap *m, str name, struct value v)
{
	ptrdiff_t i = vmap_find(m, name);

	if (v.kind != V_NONE)
		vmap_put(a, m, name, v);
	else if (i >= 0)
		vmap_remove(m, (size_t)i);
}

struct vmap vmap_copy(struct arena *a, const struct vmap *m)
{
	struct vmap c = { .n = m ? m->n : 0 };

	if (!c.n)
		return (struct vmap){ 0 };
	c.cap = c.n;
	c.name = NEW_N(a, c.cap, str);
	c.val = NEW_N(a, c.cap, struct value);
	memcpy(c.name, m->name, c.n * sizeof(*c.name));
	memcpy(c.val, m->val, c.n * sizeof(*c.val));
	return c;
}

const struct value *row_get(const struct row *r, str name)
{
	for (size_t i = 0; r && i < r->n; i++)
		if (str_eq(r->name[i], name))
			return r->cell[i].kind == V_NONE ? NULL : &r->cell[i];
	return NULL;
}

struct value value_text(str s)
{
	return (struct value){ .kind = V_TEXT, .text = s };
}

struct value value_num(int64_t ten_thousandths)
{
	return (struct value){ .kind = V_NUM, .num = ten_thousandths };
}

struct value value_int(int64_t whole)
{
	int64_t num;

	if (__builtin_mul_overflow(whole, (int64_t)NUM_SCALE, &num))
		return VALUE_NONE;
	return value_num(num);
}

struct value value_flag(bool b)
{
	return (struct value){ .kind = V_FLAG, .flag = b };
}

struct value value_date(day_no d)
{
	return d == DAY_NONE ? VALUE_NONE : (struct value){ .kind = V_DATE, .day = d };
}

struct value value_instant(int64_t at_ms)
{
	return at_ms == INSTANT_NONE ? VALUE_NONE
				     : (struct value){ .kind = V_INSTANT, .at_ms = at_ms };
}

struct value value_ref(enum ref_kind kind, int64_t id)
{
	return id ? (struct value){ .kind = V_REF, .ref = kind, .id = id } : VALUE_NONE;
}

struct value value_list(struct arena *a, const struct value *at, size_t n)
{
	struct value *copy = NEW_N(a, n, struct value);

	if (n)
		memcpy(copy, at, n * sizeof(*copy));
	return (struct value){ .kind = V_LIST, .list = { copy, n } };
}

/* Minutes and hours are one measure; days of three kinds are three. */
static bool duration_order(struct duration a, struct duration b, int *ret_order)
{
	int64_t x = a.n, y = b.n;
	bool exact_a = a.unit == DUR_M || a.unit == DUR_H,
	     exact_b = b.unit == DUR_M || b.unit == DUR_H;

	if (a.unit != b.unit && !(exact_a && exact_b))
		return false;
	if (a.unit == DUR_H)
		x *= 60;
	if (b.unit == DUR_H)
		y *= 60;
	*ret_order = (x > y) - (x < y);
	return true;
}

#define ORDER(x, y) (((x) > (y)) - ((x) < (y)))

bool value_order(const struct value *a, const struct value *b, int *ret_order)
{
	if (!a || !b || a->kind != b->kind)
		return false;
	switch (a->kind) {
	case V_NUM:
		*ret_order = ORDER(a->num, b->num);
		return true;
	case V_TEXT:
		*ret_order = str_cmp(a->text, b->text);
		return true;
	case V_DATE:
		*ret_order = ORDER(a->day, b->day);
		return true;
	case V_TIME:
		*ret_order = ORDER(a->minute, b->minute);
		return true;
	case V_INSTANT:
		*ret_order = ORDER(a->at_ms, b->at_ms);
		return true;
	case V_DURATION:
		return duration_order(a->dur, b->dur, ret_order);
	case V_NONE: case V_FLAG: case V_REF: case V_LIST: case V_ROWS:
		break;
	}
	return false;
}

static bool row_eq(const struct row *a, const struct row *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->name[i], b->name[i]) || !value_eq(&a->cell[i], &b->cell[i]))
			return false;
	return true;
}

static bool rows_eq(const struct value *a, const struct value *b)
{
	if (a->rows.n != b->rows.n)
		return false;
	for (size_t i = 0; i < a->rows.n; i++)
		if (!row_eq(&a->rows.at[i], &b->rows.at[i]))
			return false;
	return true;
}

static bool list_eq(const struct value *a, const struct value *b)
{
	if (a->list.n != b->list.n)
		return false;
	for (size_t i = 0; i < a->list.n; i++)
		if (!value_eq(&a->list.at[i], &b->list.at[i]))
			return false;
	return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
	int order;

	if (!a || !b || a->kind != b->kind)
		return false;
	switch (a->kind) {
	case V_NONE:
		return false;
	case V_FLAG:
		return a->flag == b->flag;
	case V_TEXT:
		return str_eq(a->text, b->text);
	case V_REF:
		return a->ref == b->ref && a->id == b->id;
	case V_LIST:
		return list_eq(a, b);
	case V_ROWS:
		return rows_eq(a, b);
	case V_NUM: case V_DATE: case V_TIME: case V_INSTANT: case V_DURATION:
		break;
	}
	return value_order(a, b, &order) && order == 0;
}

bool value_has(const struct value *list, const struct value *item)
{
	if (!list || !item)
		return false;
	if (list->kind != V_LIST)
		return value_eq(list, item);
	for (size_t i = 0; i < list->list.n; i++)
		if (value_eq(&list->list.at[i], item))
			return true;
	return false;
}

static const struct { const char *suffix; enum dur_unit unit; const char *say; } DUR_UNITS[] = {
	{ "sd", DUR_SD, "个上课日" },
	{ "wd", DUR_WD, "个工作日" },
	{ "m", DUR_M, "分钟" },
	{ "h", DUR_H, "小时" },
	{ "d", DUR_D, "天" },
};
#define DUR_UNITS_N (sizeof(DUR_UNITS) / sizeof(DUR_UNITS[0]))

bool duration_parse(str s, struct duration *ret_d)
{
	int64_t n;

	for (size_t i = 0; i < DUR_UNITS_N; i++) {
		str suffix = str_of(DUR_UNITS[i].suffix);

		if (s.len <= suffix.len || !str_ends(s, suffix))
			continue;
		if (!str_to_i64(str_slice(s, 0, s.len - suffix.len), &n))
			return false;
		if (n > DURATION_MAX || n < -DURATION_MAX)
			return false;
		*ret_d = (struct duration){ (int32_t)n, DUR_UNITS[i].unit };
		return true;
	}
	return false;
}

str duration_format(struct arena *a, struct duration d)
{
	for (size_t i = 0; i < DUR_UNITS_N; i++)
		if (DUR_UNITS[i].unit == d.unit)
			return str_fmt(a, "%d%s", d.n, DUR_UNITS[i].suffix);
	return STR_NONE;
}

str duration_say(struct arena *a, struct duration d)
{
	if (d.n == 0 && d.unit != DUR_M && d.unit != DUR_H)
		return STR("当天");
	for (size_t i = 0; i < DUR_UNITS_N; i++)
		if (DUR_UNITS[i].unit == d.unit)
			return str_fmt(a, "%d%s", d.n, DUR_UNITS[i].say);
	return STR_NONE;
}

str num_format(struct arena *a, int64_t ten_thousandths)
{
	bool neg = ten_thousandths < 0;
	uint64_t v = neg ? 0 - (uint64_t)ten_thousandths : (uint64_t)ten_thousandths;
	unsigned long long whole = v / NUM_SCALE;
	unsigned frac = (unsigned)(v % NUM_SCALE);
	int digits = 4;

	if (!frac)
		return str_fmt(a, "%s%llu", neg ? "-" : "", whole);
	for (; frac % 10 == 0; frac /= 10)
		digits--;
	return str_fmt(a, "%s%llu.%0*u", neg ? "-" : "", whole, digits, frac);
}

/* As num_format, without an arena: a body is written into a buffer alone. */
static void num_write(struct jw *w, int64_t num)
{
	char text[32];
	bool neg = num < 0;
	uint64_t v = neg ? 0 - (uint64_t)num : (uint64_t)num;
	int n = snprintf(text, sizeof(text), "%s%llu.%04u", neg ? "-" : "",
			 (unsigned long long)(v / NUM_SCALE), (unsigned)(v % NUM_SCALE));

	assert(n > 0 && (size_t)n < sizeof(text));
	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	jw_raw(w, (str){ text, (size_t)n });
}

static void day_write(struct jw *w, day_no day)
{
	struct date d = date_from_day(day);
	char text[32];
	int n = snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, d.day);

	jw_str(w, (str){ text, (size_t)n });
}

static void short_write(struct jw *w, const struct value *v)
{
	char text[32];
	int n = 0;

	if (v->kind == V_TIME) {
		n = snprintf(text, sizeof(text), "%02d:%02d", v->minute / 60, v->minute % 60);
	} else {
		assert(v->kind == V_DURATION);
		for (size_t i = 0; i < DUR_UNITS_N; i++)
			if (DUR_UNITS[i].unit == v->dur.unit)
				n = snprintf(text, sizeof(text), "%d%s", v->dur.n,
					     DUR_UNITS[i].suffix);
	}
	assert(n > 0);
	jw_str(w, (str){ text, (size_t)n });
}

static void rows_write(struct jw *w, const struct value *v)
{
	jw_arr(w);
	for (size_t i = 0; i < v->rows.n; i++) {
		const struct row *r = &v->rows.at[i];

		jw_obj(w);
		for (size_t k = 0; k < r->n; k++) {
			if (r->cell[k].kind == V_NONE)
				continue;
			jw_key_s(w, r->name[k]);
			value_write(w, &r->cell[k]);
		}
		jw_end(w);
	}
	jw_end(w);
}

static void list_write(struct jw *w, const struct value *v)
{
	jw_arr(w);
	for (size_t i = 0; i < v->list.n; i++)
		value_write(w, &v->list.at[i]);
	jw_end(w);
}

void value_write(struct jw *w, const struct value *v)
{
	switch (v->kind) {
	case V_NONE:
		jw_null(w);
		return;
	case V_FLAG:
		jw_bool(w, v->flag);
		return;
	case V_NUM:
		num_write(w, v->num);
		return;
	case V_TEXT:
		jw_str(w, v->text);
		return;
	case V_DATE:
		day_write(w, v->day);
		return;
	case V_TIME: case V_DURATION:
		short_write(w, v);
		return;
	case V_INSTANT:
		jw_int(w, v->at_ms);
		return;
	case V_REF:
		jw_int(w, v->id);
		return;
	case V_LIST:
		list_write(w, v);
		return;
	case V_ROWS:
		rows_write(w, v);
		return;
	}
}

void vmap_write(struct jw *w, const struct vmap *m)
{
	jw_obj(w);
	for (size_t i = 0; m && i < m->n; i++) {
		if (m->val[i].kind == V_NONE)
			continue;
		jw_key_s(w, m->name[i]);
		value_write(w, &m->val[i]);
	}
	jw_end(w);
}
