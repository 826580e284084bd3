/*
 * submit: the parts of a submission, shared by record.c (people's steps), mend.c
 * (built-in acts), wake.c (time's steps) and spawn. Inside work only. A plan is what
 * would happen, found by reading; applying it writes record, step, ledger event and all
 * that follows, in one operation.
 */
#ifndef WORK_SUBMIT_H
#define WORK_SUBMIT_H

#include "ledger/ledger.h"
#include "work/derive.h"
#include "work/events.h"
#include "work/occur.h"

#define FOLLOW_DEPTH_MAX 4

struct plan {
	struct rec r;			/* before; after plan_apply(): as it is now */
	int step;			/* index in the loop, or -1: built in */
	str built_in;
	struct actor who;
	struct who_hit hat;
	bool by_clock;
	/* of spawning and of steps by clock that follow from one another */
	int depth;
	struct outcome out;
	str reason;			/* override, back-dating */
	bool overridden;
	record_id parent; str parent_link;
	str client_key; struct hash client_hash; bool has_key;
	record_id again_of; int32_t again_n;
	str warning;
	record_id *replaced; size_t replaced_n;	/* unique: clash replace */
	/* results */
	step_id step_id;
	record_id *spawned; size_t spawned_n;
	bool org_changed;		/* parameters or periods moved: refresh at the end */
};

/* Judge, read the fields, take the step in memory. Faults by field. */
MUST_CHECK enum err plan_make(struct plan *p, const struct submit *in);
/* After plan_make() or filled by hand: everything is written but what record_follow() does. */
MUST_CHECK enum err plan_apply(struct plan *p);
/* spawn: of a step that was just taken. */
MUST_CHECK enum err spawns_write(struct plan *p);
/* Records that this one points at may have a step by clock that waited for it. */
MUST_CHECK enum err parents_follow(struct plan *p);
/* Take the steps by clock that are due now. */
MUST_CHECK enum err clock_take(struct op *op, const struct work *w, record_id id, int depth,
		bool *ret_org_changed);
void plan_bind(struct plan *p);	/* after p->r was filled: pointers into it */
/* The record in memory as it will be: for previews. */
void plan_show(struct plan *p);

/* One row of step, its event, the record moved; used for loop steps and built-in acts alike. */
struct step_write { str step; bool built_in; str from, to; const struct vmap *wrote; };
MUST_CHECK enum err step_write(struct plan *p, const struct step_write *s);
/* What a step's event commits to. */
str step_content(struct arena *a, str body, str doer, str typist);
MUST_CHECK enum err record_write(struct plan *p, int to, bool entered, int64_t due_ms,
		const struct vmap *fields);
/*
 * A period is on while a record is in a state; `taken_back`: it never was, so today counts no more.
 */
MUST_CHECK enum err periods_apply(struct plan *p, int from, int to, bool taken_back);
/* After a record changed in any way: derived rows, occurrences, matches, tasks. */
MUST_CHECK enum err record_follow(struct plan *p, const struct tally_lines *was,
				  const struct tick *tick, size_t tick_n,
				  struct match_result *ret_m);
/* An occurrence as somebody names it (public id or key) → its key. Faults in the field of `un`. */
MUST_CHECK enum err tick_key(struct op *op, tenant_id tenant, bool un, str named, str *ret_key);
/* All that `in` names, as of the record with its newest step; `id`: the record's in the ticks. */
MUST_CHECK enum err ticks_named(struct rec *r, int64_t id, const struct ticked *in,
		struct tick **ret, size_t *ret_n);
MUST_CHECK enum err tick_write(struct op *op, tenant_id tenant, const struct tick *t);
/* What a record holds: the fold of what its steps wrote, without those undone. */
MUST_CHECK enum err steps_fold(struct rec *r, struct vmap *ret);
/* By index of past: what it held after that step, with what was corrected since. */
MUST_CHECK enum err steps_after(struct rec *r, const struct vmap **ret);
/* Rights of the built-in acts. */
const struct q_steps_of *undoable(const struct rec *r, person_id p);
bool voidable(struct rec *r, person_id p);
bool correctable(struct rec *r, person_id p);
bool oversees(struct rec *r, person_id p);
/* What the answer says. */
void submitted_fill(struct plan *p, const struct match_result *m, struct submitted *ret);
struct satisfied satisfied_of(struct op *op, const struct work *w,
		const struct q_occurrence_get *row, str how);
/* When time acts next on the record: a rung of its state's ladder, or a step by clock. */
int64_t record_wake_at(struct rec *r, int32_t rung);
MUST_CHECK enum err records_todo_all(struct op *op, const struct work *w);
/*
 * When parameters or calendar marks were set by a record, the view is loaded anew and all is
 * refreshed.
 */
MUST_CHECK enum err org_follow(struct op *op, tenant_id tenant);

#endif
