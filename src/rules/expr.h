/*
 * expr: the expression language of packs (pack-language §2): parsed once, typed when
 * the pack is checked, evaluated with a step budget. Total: no loops but over rows,
 * no I/O. Facts outside the record are a closed list; each is asked of the
 * environment's `fact` function, which the shell answers by one indexed look-up and
 * tests by a table. An unset value makes a comparison false.
 */
#ifndef RULES_EXPR_H
#define RULES_EXPR_H

#include "base/err.h"
#include "rules/value.h"

struct op;
struct policy;
struct loop;
struct org_view;
struct calendar;
struct expr;		/* opaque AST */

/* One question to the shell, in the words of the table in pack-language §2. */
enum fact_kind {
	/* loop.field [, state]: records of `loop` whose `field` points at this one */
	FACT_LINKED, FACT_DONE, FACT_TOTAL,
	FACT_FULFILLED,		/* duty, subject */
	/* of this record: step or state name */
	FACT_AT, FACT_DOER, FACT_TIMES, FACT_LATE, FACT_ENTERED,
	FACT_PERIOD,		/* period id: is it on */
	FACT_INCLUDES,		/* people field value, post */
	FACT_CHANGED,		/* duties, person */
	FACT_DUTIES,		/* duties(person): the list of duty ids that fall on him */
	/* field: everybody of its `of` has signed (answered by the machine) */
	FACT_ALL_SIGNED,
};
struct fact_query {
	enum fact_kind kind;
	/* as the kind needs; `name` = step, state, duty, period, post */
	str loop, field, state, name;
	const struct value *subject;	/* person, unit … where the kind takes one */
};

/* Where names are looked up. Any pointer may be NULL: its names are then unset. */
struct expr_env {
	const struct policy *policy;	/* $parameters (with overrides in force), catalogues */
	const struct vmap *params;	/* values that override policy defaults */
	const struct vmap *fields;	/* of the record */
	/* the loop's fields: a declared one without value is unset, not a word */
	const struct field *declared;
	size_t declared_n;
	const struct row *row;		/* `row.x`; columns also by bare name */
	const struct field *row_field; /* the declaration of the rows field that `row` belongs to */
	const struct vmap *entry;	/* `entry.x`: columns of the catalogue entry */
	const struct vmap *subject;	/* `place.kind`, `unit.kind`, …: keys "place.kind" */
	const struct calendar *calendar;	/* school_day() */
	int64_t now_ms;
	int32_t utc_offset_ms;
	bool (*fact)(void *ctx, const struct fact_query *q, struct value *ret_v); /* false: unset */
	void *fact_ctx;
};

/*
 * A bare name is a field (or a column) when it is declared or set, else a word; compared
 * with a choice field whose values hold it, it is always that value (`handling = now`).
 * Overrides of a table stand in `params` by element: "rectify_days[major]". A date
 * compared with an instant is the whole day.
 */
struct expr_error {
	uint32_t at;		/* byte offset in the text */
	str message;
	uint8_t stage;		/* 2, 3: a later construct (B190) */
};

/* Parse `text`. ERR_INVALID with *ret_error. */
MUST_CHECK enum err expr_parse(struct arena *a, str text, struct expr **ret_expr,
			       struct expr_error *ret_error);

/* A constant: a word that a pack writes where a typed value stands (`set: {handling: now}`,
 * `default: by-date`). */
struct expr *expr_const(struct arena *a, struct value v);

/* The bare name that the whole expression is (`by-date`, `due_on`), or STR_NONE. */
str expr_word(const struct expr *e);

/* Evaluate. V_NONE when unset or not applicable; the budget EXPR_STEPS_MAX ends with V_NONE too. */
struct value expr_eval(struct arena *a, const struct expr *e, const struct expr_env *env);
/* A condition: NULL is true; anything but a true flag is false. */
bool expr_true(struct arena *a, const struct expr *e, const struct expr_env *env);

/* Names that an expression uses, for checking and for mutating: fields, $params, facts. */
enum name_kind { NAME_FIELD, NAME_PARAM, NAME_ENTRY, NAME_ROW, NAME_SUBJECT, NAME_FACT, NAME_WORD };
struct expr_name {
	enum name_kind kind;
	/* NAME_SUBJECT: "place.kind", or "rows.column" of a field; NAME_FACT: the function */
	str name;
	uint32_t at;
	struct fact_query fact;	/* NAME_FACT: words as written */
	/* NAME_FIELD: stands where a word may (comparison, in, list): unknown, it is one */
	bool may_be_word;
	/* then: the field, "rows.column", or "$param" on the other side, or "" */
	str against;
	/* NAME_FIELD inside `count(items where …)`: the columns of this field come first */
	str in_rows;
};
void expr_names(const struct expr *e, void (*each)(void *ctx, const struct expr_name *n),
		void *ctx);

/*
 * The static type in a context, for `check`: a type word of pack-language §2 ("flag", "int",
 * "date", …; "any" when open), or STR_NONE with *ret_error. `type_of` answers names (STR_NONE: no
 * such name): fields by their type word, $parameters (tables: the type of their `to`), rows by
 * "rows". A bare name that it does not know and that may be a word is asked again as NAME_WORD with
 * `against`: STR_NONE then says that the choice has no such value.
 */
struct expr_types { str (*type_of)(void *ctx, const struct expr_name *n); void *ctx; };
str expr_type(struct arena *a, const struct expr *e, const struct expr_types *t,
	      struct expr_error *ret_error);

/*
 * All ways in which a condition can hold, over finite names (choice, flag, is_set):
 * can it be true at all, and can `a` and `b` both be true? Up to 2^12 combinations;
 * beyond, *ret_sure is false (B219) and the answer is "possible".
 */
bool expr_possible(struct arena *a, const struct policy *p, const struct loop *lp,
		   const struct expr *x, const struct expr *y, bool *ret_sure);

#endif
