/*
 * turn: the school-year turn. A class is a seat, 三（2）班, through which children and their
 * teachers pass; on 1 September whoever holds a post of it moves up with them, and the rooms that
 * bear its name fall to the next. So "who was the class teacher of 三（2）班 last May" stays
 * answered, and what was recorded for the seat keeps its name.
 */
#ifndef WORK_TURN_H
#define WORK_TURN_H

#include "work/work.h"

/* One post of one class: who holds it at the moment, and who would after the turn. */
struct turn_row {
	unit_id unit;
	str name;			/* of the class */
	str post;
	person_id now, next;		/* 0: nobody; next is proposed */
	str from;			/* the class from which `next` comes; "": none */
};
/*
 * For every class whose name tells grade and number, lowest grade first, and every post that some
 * class has: the holder in the class one grade below; in the lowest, those of the highest, whose
 * children leave. Posts that the packs in force do not know are left out.
 */
MUST_CHECK enum err turn_propose(struct op *op, struct turn_row **ret, size_t *ret_n);

struct turn_choice { unit_id unit; str post; person_id person; };	/* person 0: nobody */
/*
 * From `from_ms` on each chosen post is held by the chosen one; the holder before it ends there,
 * and passes on the places whose name begins with the class's. One operation, one refresh.
 * *ret_moved: posts that changed hands. ERR_INVALID: a post, unit or person that is not there.
 */
MUST_CHECK enum err change_turn(struct op *op, const struct turn_choice *c, size_t n,
				int64_t from_ms, size_t *ret_moved);

#endif
