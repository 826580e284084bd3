/* tasks: what the reading files of work share. Inside work only. */
#ifndef WORK_TASKS_H
#define WORK_TASKS_H

#include "base/limits.h"
#include "work/work.h"

/* Clauses of a duty for a subject: entry.clause gives those of its catalogue entries. */
struct strs duty_clauses(struct arena *a, const struct policy *p, const struct duty *d, str subject,
			 str subject2);
/* How a record proves a duty, where one record does; NULL else. */
const struct proof *duty_proof(const struct duty *d);
/* Holes of a view, which may be one that will be so (work/state.c). */
MUST_CHECK enum err work_cover(struct op *op, const struct work *w, int64_t at_ms,
			       struct holes *ret);

/*
 * Holes of the engine, as things stand now: what is on nobody's list (G200), and what nobody
 * independent is left for (G330). Added to *hs.
 */
MUST_CHECK enum err nobody_holes(struct op *op, const struct work *w, struct holes *hs);

#endif
