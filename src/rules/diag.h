/*
 * diag: diagnostics as a compiler gives them: `file:line:col: error[B203]: message`.
 * Codes are one catalogue (diag.def), never reused: B1 syntax, names, stages; B2 loops;
 * B3 people, units, time; B4 clauses, duties, coverage; A adoption; C calendar; G holes.
 */
#ifndef RULES_DIAG_H
#define RULES_DIAG_H

#include <stddef.h>

#include "rules/policy.h"

enum severity { DIAG_ERROR, DIAG_WARNING, DIAG_INFO };

/* Chinese */
struct diag_code { const char *code; enum severity severity; const char *sentence, *cause, *cure,
		*example; };
const struct diag_code *diag_code(str code);	/* NULL when unknown */
const struct diag_code *diag_codes(size_t *ret_n);

struct diag { const struct diag_code *code; struct pos pos; str message; };
struct diags { struct diag *at; size_t n, cap; size_t errors; };

void diag_add(struct arena *a, struct diags *ds, const char *code, struct pos pos, const char *fmt,
	      ...) __attribute__((format(printf, 5, 6)));
str diag_format(struct arena *a, const struct diag *d);

#endif
