/* tasks: what the files of work share about lines of tasks. Inside work only. */
#ifndef WORK_TASKS_H
#define WORK_TASKS_H

#include "base/limits.h"
#include "work/work.h"

/* Clauses of a duty for a subject: entry.clause gives those of its catalogue entries. */
struct strs duty_clauses(struct arena *a, const struct policy *p, const struct duty *d, str subject,
			 str subject2);

#endif
