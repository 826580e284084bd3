/* print_int: what the parts of print share: one sheet in the making. */
#ifndef REPORT_PRINT_INT_H
#define REPORT_PRINT_INT_H

#include "report/print.h"
#include "rules/field.h"
#include "rules/org_view.h"
#include "work/policies.h"

/* What a name is asked of: the subject of the paper, or a row of its query. */
struct thing {
	enum print_about about;
	int64_t id;
	const struct record_view *rec;
	const struct duty *duty;
	const struct body *body;
};

struct press {
	struct op *op;
	struct arena *a;
	const struct work *w;
	const struct org_view *org;	/* as of at_ms */
	const struct policy *policy;	/* in force, or the record's */
	const struct print *print;	/* NULL: a plain one */
	struct resolver names;
	struct thing about;
	int64_t at_ms;
	bool past;			/* as_of was asked */
	str public_url;
	/* while a line of a table is repeated */
	const struct thing *thing;	/* {{row.x}} */
	const struct row *row;		/* {{f.x}} */
	const struct field *row_of;
	size_t no;			/* from 1 */
};

/* print_word.c */
str press_day(const struct press *p, int64_t at_ms);	/* 2026年11月18日 */
str press_moment(const struct press *p, int64_t at_ms);	/* 2026年11月18日 8:00 */
str press_person(const struct press *p, int64_t id);
str press_posts(const struct press *p, int64_t person);	/* 班主任、任课教师 */
str press_unit(const struct press *p, int64_t id);
/* A value in words, as paper shows it: masked where it must be, duties by their labels. */
str press_value(const struct press *p, const struct field *f, const struct value *v);
/* What a name stands for; STR_NONE when the data have nothing. */
str press_word(const struct press *p, str name);
str thing_word(const struct press *p, const struct thing *t, str name);
str keeper_name(const struct press *p, int64_t place, const char *role);
/* 每学期2次; 有事时：…  */
str duty_every(const struct press *p, const struct duty *d);

/* print_fill.c: the template into the sheet. */
MUST_CHECK enum err press_fill(struct press *p, struct document *d);
/* Set `b` to the code of a place: its address, with the human code under it. */
MUST_CHECK enum err press_qr(struct press *p, struct sheet *s, str code);

/* print_rows.c: the things of `rows:`. */
MUST_CHECK enum err press_rows(struct press *p, const struct thing **ret, size_t *ret_n);

/* print_sign.c */
MUST_CHECK enum err press_signs(struct press *p, struct sheet *s);

/* print_plain.c: without a print. */
void press_plain(struct press *p, struct document *d);

#endif
