/*
 * value: what a field, a parameter or an expression holds. One tagged union,
 * passed by const pointer, immutable once made, in an arena. Numbers of every type
 * (int, decimal, money, percent) are int64 in ten-thousandths, so that arithmetic
 * is exact and the same on every machine. A choice is V_TEXT with the bare word; a
 * post is V_TEXT with its id; a class, place, person, unit, record or file is V_REF.
 */
#ifndef RULES_VALUE_H
#define RULES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/str.h"

struct arena;
struct jw;

#define NUM_SCALE 10000

enum vkind {
	V_NONE,		/* unset: a comparison with it is false */
	V_FLAG, V_NUM, V_TEXT,
	V_DATE, V_TIME, V_INSTANT, V_DURATION,
	V_REF, V_LIST, V_ROWS,
};

enum ref_kind { REF_PERSON, REF_PLACE, REF_UNIT, REF_RECORD, REF_FILE, REF_APPOINTMENT };

/* m and h are exact; d, sd, wd end at 24:00 of the n-th such day (pack-language §2 Time). */
enum dur_unit { DUR_M, DUR_H, DUR_D, DUR_SD, DUR_WD };
struct duration { int32_t n; enum dur_unit unit; };

struct value {
	enum vkind kind;
	enum ref_kind ref;
	union {
		bool flag;
		int64_t num;		/* ten-thousandths */
		int64_t at_ms;		/* V_INSTANT */
		int64_t id;		/* V_REF */
		day_no day;
		int32_t minute;		/* V_TIME */
		struct duration dur;
		str text;
		struct { const struct value *at; size_t n; } list;
		struct { const struct row *at; size_t n; } rows;
	};
};

/* One row of a `rows` or `checklist` field: names are the column names of the field. */
struct row { const str *name; const struct value *cell; size_t n; };

/* Named values: the fields of a record, the answers of an environment. */
struct vmap { str *name; struct value *val; size_t n, cap; };

#define VALUE_NONE ((struct value){ .kind = V_NONE })
const struct value *vmap_get(const struct vmap *m, str name);	/* NULL when absent or V_NONE */
void vmap_set(struct arena *a, struct vmap *m, str name, struct value v);	/* V_NONE removes */
void vmap_put(struct arena *a, struct vmap *m, str name,
	      struct value v); /* V_NONE stays: "emptied", not "not given" */
bool vmap_named(const struct vmap *m, str name);	/* is it there, be it as V_NONE? */
struct vmap vmap_copy(struct arena *a, const struct vmap *m);
const struct value *row_get(const struct row *r, str name);

struct value value_text(str s);
struct value value_num(int64_t ten_thousandths);
struct value value_int(int64_t whole);
struct value value_flag(bool b);
struct value value_date(day_no d);
struct value value_instant(int64_t at_ms);
struct value value_ref(enum ref_kind kind, int64_t id);
struct value value_list(struct arena *a, const struct value *at, size_t n);

bool value_eq(const struct value *a,
	      const struct value *b); /* same kind and content; V_NONE equals nothing */
/* <0, 0, >0; false when not comparable (kinds differ, or one is V_NONE). Date against instant
 * compares the date's start. */
bool value_order(const struct value *a, const struct value *b, int *ret_order);
bool value_has(const struct value *list, const struct value *item); /* list, or one value equal */

/* "3d" "30m" "5sd" "1h" "10wd"; false when malformed or beyond ±40000. */
bool duration_parse(str s, struct duration *ret_d);
str duration_format(struct arena *a, struct duration d);	/* "3d" */
str duration_say(struct arena *a,
		 struct duration d); /* 3天, 5个上课日, 10个工作日, 1小时, 30分钟 */

/*
 * The stored form of a value inside a record's body (JSON): flags true/false; numbers as
 * decimal text without trailing zeros; dates "2026-11-19"; times "07:20"; instants as
 * integer ms; durations "3d"; refs as integer ids; lists arrays; rows arrays of objects.
 * Reading needs the field's type: rules/field.h.
 */
void value_write(struct jw *w, const struct value *v);
void vmap_write(struct jw *w, const struct vmap *m);
str num_format(struct arena *a, int64_t ten_thousandths);

#endif
