/*
 * print: from what is known to a document, by a print of a pack, or without one: any
 * record and any list prints. Data come through the services of work in op's scope, so a
 * paper shows what its reader may see, and nothing else; names of children and of visitors
 * are masked on paper whoever prints.
 *
 * A print is Markdown with {{fields}} (packs/README.md). What the data do not hold is left
 * empty on paper: a hole is to be seen and filled in by hand, never hidden.
 *
 * All read in the caller's read scope. ERR_NOTFOUND: absent, or not visible; ERR_INVALID by the
 * field `print` when there is no such print, or it is for something else.
 */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include "base/op.h"
#include "report/block.h"
#include "rules/policy.h"
#include "work/work.h"

enum print_about {
	ABOUT_RECORD, ABOUT_PLACE, ABOUT_PERSON, ABOUT_UNIT, ABOUT_CLASS, ABOUT_BODY, ABOUT_DUTY,
};

struct print_ask {
	enum print_about about;
	int64_t id;		/* record, place, person, unit, class; 0: the unit itself */
	str word;		/* body */
	/*
	 * id of a print; "": the first that is for this; "plain": everything that is known, without
	 * a print. One that is for a record of some loop, asked for a person or the unit, prints
	 * the newest such record (of that person).
	 */
	str print;
	int64_t as_of_ms;	/* 0: now */
	/* the look at a sealed record stands in the ledger (record_look); else it does not print */
	bool looked;
	str public_url;		/* of the instance, without '/' at the end: for plaques */
};

#define PRINT_ROWS_MAX 2000	/* rows of a query, sheets of a batch */

MUST_CHECK enum err print_make(struct op *op, const struct print_ask *ask, struct document *ret);
/* The same print for many: one sheet each, in the order given. */
MUST_CHECK enum err print_batch(struct op *op, const struct print_ask *ask, const int64_t *id,
				size_t n, struct document *ret);
/* A plaque for every place that is open (or those named): the pack's print for a place. */
MUST_CHECK enum err print_places(struct op *op, const struct print_ask *ask, const place_id *place,
				 size_t n, struct document *ret);
/* A list of records as a table, newest first; up to PRINT_ROWS_MAX. */
MUST_CHECK enum err print_list(struct op *op, const struct list_query *q, struct document *ret);

/* The prints of a policy that are for something: "place", "unit", "record:hazard". */
size_t prints_for(struct arena *a, const struct policy *p, str for_, const struct print ***ret);

#endif
