/*
 * orgchange: changes of the organisation as the doors make them: org writes the facts,
 * then open work follows: occurrences are expanded anew, open items fall on whom they
 * now fall, tasks and notices move. One write operation each.
 */
#ifndef WORK_ORGCHANGE_H
#define WORK_ORGCHANGE_H

#include "org/org.h"
#include "work/work.h"

MUST_CHECK enum err change_person_add(struct op *op, const struct new_person *p, person_id *ret_id);
MUST_CHECK enum err change_appoint(struct op *op, const struct new_appointment *a,
		appointment_id *ret_id);
MUST_CHECK enum err change_appointment_end(struct op *op, appointment_id id, int64_t at_ms);
MUST_CHECK enum err change_keeper(struct op *op, const struct new_keeper *k, keeper_id *ret_id);
MUST_CHECK enum err change_place_add(struct op *op, const struct new_place *p, place_id *ret_id);
MUST_CHECK enum err change_place_close(struct op *op, place_id id, int64_t at_ms);
MUST_CHECK enum err change_absence(struct op *op, const struct new_absence *a, int64_t *ret_id);
/* a shipped pack and what it extends */
MUST_CHECK enum err change_adopt(struct op *op, str pack, int64_t from_ms, struct diags *ret_ds);
MUST_CHECK enum err change_parameter(struct op *op, str name, str yaml, int64_t from_ms);
MUST_CHECK enum err change_mark(struct op *op, str kind, str name, day_no from, day_no to);
MUST_CHECK enum err change_waive(struct op *op, str code, str subject, str reason, day_no from,
		day_no to);
/* After several raw org_* writes in one operation (import, wizard, demo): one refresh for all. */
MUST_CHECK enum err change_refresh(struct op *op);

/*
 * Somebody leaves: what is open of his, proposed takers, what becomes a hole (read); then the
 * leave itself.
 */
struct open_item {
	str item, label;
	record_id record;
	occurrence_id occurrence;
	place_id place;
	str role;
	int64_t due_ms;
	const struct who_hit *taker;
	size_t taker_n;
};
struct leaving { struct open_item *item; size_t item_n; struct hole *hole; size_t hole_n; };
MUST_CHECK enum err leave_preview(struct op *op, person_id p, int64_t at_ms, struct leaving *ret);
MUST_CHECK enum err change_leave(struct op *op, person_id p, int64_t at_ms, person_id taker);

#endif
