/*
 * expr_int: the tree of an expression, known to expr.c (parse), expr_eval.c (evaluate),
 * expr_type.c (types) and expr_possible.c (which ways can hold) alone. A chain holds any
 * number of operands of one level of precedence (`a or b or c`), so that the depth of
 * the tree is the depth of the brackets in the text, which the parser bounds.
 */
#ifndef RULES_EXPR_INT_H
#define RULES_EXPR_INT_H

#include "rules/expr.h"

enum node {
	N_LIT,		/* lit */
	N_NAME,		/* name: a field, a column, today, now, or a word */
	N_DOT,		/* name "place.kind", base "place", member "kind" */
	N_PARAM,	/* $name, arg[0] its index when n is 1 */
	N_LIST,		/* [arg…] */
	N_CHAIN,	/* arg[0] op[0] arg[1] op[1] …: | or, & and, + - * / */
	N_NOT,		/* arg[0] */
	N_CMP,		/* arg[0] cmp arg[1] */
	N_CALL,		/* fn(arg…) */
	N_AGG,		/* fn(arg[0] where arg[1]) with n 2 and has_where, else fn(arg…) */
};
enum cmp { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_IN, CMP_NOT_IN };
enum fn {
	FN_IS_SET,
	FN_DAYS,
	FN_SCHOOL_DAY,
	FN_DISTINCT,
	FN_FACT,
	FN_COUNT,
	FN_ALL,
	FN_ANY,
	FN_SUM
};

struct expr {
	enum node kind;
	uint32_t at;			/* byte offset in the text */
	str span;			/* its own text */
	str name, base, member;
	struct value lit;
	enum cmp cmp;
	enum fn fn;
	struct fact_query fact;		/* FN_FACT: what is known before it is asked */
	bool has_where;
	const char *op;			/* N_CHAIN: n - 1 of them */
	const struct expr *const *arg;
	size_t n;
};


/* The declaration that a name or `rows.column` stands for, or NULL. */
const struct field *expr_declared(const struct expr_env *env, const struct expr *e);
/* Is the word a value of this choice field? */
bool field_has_word(const struct policy *p, const struct field *f, str word);

#endif
