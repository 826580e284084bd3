/*
 * check_int: what the proofs share; for src/rules/check*.c only. A check never changes
 * the policy; it says what it found and goes on. Names are judged in a scope: the loop
 * whose fields are in sight, the rows whose columns stand by name, the subject of a duty.
 */
#ifndef RULES_CHECK_INT_H
#define RULES_CHECK_INT_H

#include "base/arena.h"
#include "base/op.h"
#include "rules/pack.h"

struct check {
	struct op *op;
	struct arena *a;
	const struct policy *p;
	struct diags *ds;
};

struct scope {
	const struct loop *loop; /* its fields by bare name */
	const struct field
		*rows[2]; /* for_each: columns of the element, then of the enclosing rows */
	const struct per *per;
	size_t per_n;		/* subject: place.kind, post, entry.x … */
	bool any_row;		/* row.x: a column of any rows field of the loop */
	bool is_subject_record; /* the loop is that of `per: record:loop`: its `state` is a name too
				 */
};

#define SAY(c, code, at, ...) diag_add((c)->op->arena, (c)->ds, (code), (at), __VA_ARGS__)

/* Where a text stands; the construct's place when it is not known. */
struct pos at_text(const struct check *c, str s, struct pos otherwise);

/* --- check_names.c --- */
/* Names and types of an expression. `want`: "flag", "duration", a type word, or NULL for any. */
void check_expr(const struct check *c, const struct scope *s, const struct expr *e,
		const char *want, struct pos otherwise);
void check_who(const struct check *c, const struct scope *s, const struct who *w,
	       struct pos otherwise);
/* A field, or "rows.column", in the scope; NULL when there is none. */
const struct field *scope_field(const struct scope *s, str name);
/* Do two types hold the same kind of thing: numbers, words, days …? */
bool same_type(str a, str b);
/* The static type of an expression whose names are in order; "any" when open. */
str type_in(const struct check *c, const struct scope *s, const struct expr *e);
/* A bare word as value of a choice field: is it one of its values? */
bool choice_has(const struct policy *p, const struct field *f, str word);
bool is_person_field(const struct field *f);

/* --- check_loop.c: limits, shared with duties --- */
bool pack_has_pupils(const struct policy *p, str pack);
void check_duration(const struct check *c, const struct meta *m, struct duration d);
void check_within(const struct check *c, const struct scope *s, const struct meta *m,
		  const struct within *w);
void check_ladder(const struct check *c, const struct scope *s, const struct meta *m,
		  const struct ladder *l);

/* --- check_duty.c: shared with requires and rosters --- */
void check_per(const struct check *c, const struct per *per, struct pos otherwise);
void check_same(const struct check *c, const struct loop *lp, const struct same *s, size_t n,
		const struct per *per, size_t per_n, struct pos otherwise);
void check_triggers(const struct check *c, const struct trigger *on, size_t n, struct pos at);

/* --- the proofs, one file each --- */
void check_org(const struct check *c);	    /* check_org.c */
void check_loops(const struct check *c);    /* check_loop.c: names and types */
void check_closing(const struct check *c);  /* check_graph.c: that every loop closes */
void check_duties(const struct check *c);   /* check_duty.c */
void check_coverage(const struct check *c); /* check_cover.c: requires, rosters, indicators */
void check_prints(const struct check *c);   /* check_print.c */
void check_clauses(const struct check *c);  /* clause_use.c */

#endif
