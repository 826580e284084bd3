/*
 * events: facts that trigger duties (pack-language §4), gathered for expand(): from
 * records and their steps, appointments, keepers, places, classes, periods, parameters,
 * adoptions and closed windows. Nodes are the calendar's. Inside work only.
 */
#ifndef WORK_EVENTS_H
#define WORK_EVENTS_H

#include "work/occur.h"

/*
 * Sets in->event to everything that any trigger of the duty may hear, since its pack was
 * adopted.
 */
MUST_CHECK enum err events_of_duty(struct op *op, const struct work *w, const struct duty *d,
		struct expand_in *in);
/* Only what this record says. */
void events_of_record(struct rec *r, const struct duty *d, struct expand_in *in);
/* The record as a subject: its fields, and when it was in which state. */
struct subject_record record_subject(struct rec *r);
/* Rows of the duty that this record triggered before. */
MUST_CHECK enum err rows_of_record(struct rec *r, const struct duty *d,
		struct q_occurrence_get **ret, size_t *ret_n);
bool duty_hears_loop(const struct duty *d, str loop);
bool duty_hears_window(const struct duty *d, str duty);
const struct entry *entry_of_word(const struct policy *p, str word);	/* "theme-months/m08" */

/*
 * Lateness: the fact, its ledger event, and who is told (work/late.c). `own`: owners who are
 * reminded, or NULL.
 */
MUST_CHECK enum err late_note(struct op *op, const struct work *w, record_id record,
			      str occurrence_key, str state, int32_t rung, int64_t due_ms,
			      int64_t at_ms, person_id owner);
MUST_CHECK enum err late_tell(struct op *op, const struct work *w, const struct who_set *own,
			      const struct who_set *to, record_id record, occurrence_id occurrence,
			      str label);

#endif
