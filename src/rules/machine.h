/*
 * machine: what a record's loop allows and what a step does. Pure: the record comes as
 * a struct, the organisation as an org_view, the outcome goes back as a struct; work/
 * writes it. `not_by` looks at doers and typists of every step of the record.
 */
#ifndef RULES_MACHINE_H
#define RULES_MACHINE_H

#include "base/ids.h"
#include "rules/expr.h"
#include "rules/org_view.h"
#include "rules/policy.h"

struct past_step {		/* one step already taken, oldest first */
	int step;		/* index in the loop; -1 for a built-in act (built_in) */
	str built_in;		/* undo void correct reassign remind comment lapse */
	int from, to;		/* states; from -1 at the start */
	person_id doer, typist;
	int64_t at_ms;
	bool undone;		/* compensated: counts for nothing */
	int32_t version;	/* version of the record after it */
};

struct machine_record {
	const struct loop *loop;
	int state;		/* -1 before the first step */
	int64_t entered_ms;	/* of the state */
	bool is_void;
	person_id creator;
	/* the tenant's, or the hat's department (unit: hat); 0 = the tenant's */
	unit_id unit;
	const struct vmap *fields;
	const struct past_step *past; size_t past_n;
	int32_t version;
	/*
	 * Facts and look-ups for expressions and people; see expr_env, who_ctx. at, doer, times,
	 * entered, includes and all_signed are answered here from `past` and the organisation; late
	 * is, when the shell does not know it.
	 */
	bool (*fact)(void *ctx, const struct fact_query *q, struct value *ret_v);
	bool (*has_signed)(void *ctx, str field, person_id p);
	size_t (*on_duty)(void *ctx, str roster, person_id *ret, size_t max);
	void *ctx;
};

struct machine_ctx {
	const struct policy *policy;
	const struct vmap *params;
	const struct org_view *org;
	const struct calendar *calendar;
	int64_t now_ms;
};

/*
 * Who wants to act. `as` is the hat that he named for this step: only in it. `prefer` is the
 * hat of his session: it decides when several fit, and hinders nothing.
 */
struct actor {
	person_id person;
	appointment_id as;
	person_id typist;	/* = person unless on behalf */
	appointment_id prefer;
};

enum verdict {
	MAY = 0,
	MAY_OVERRIDE,		/* `when` does not hold, but override: lets him, with a reason */
	NO_STATE,		/* conflict: the state has no such step now */
	NO_PERSON,		/* not_allowed: by: does not name him */
	NO_SELF,		/* not_allowed: not_by */
	NO_WHEN,		/* hidden: when: does not hold; answered as conflict */
	NO_TIME,		/* conflict: within: of a final state is over */
	NO_ONCE,		/* conflict: once: version is taken already */
};

/* May this person take the step now? *ret_post: the post of the hat in which he does (many hats:
 * *ret_hats > 1 and `as` missing). */
/*
 * `state` is asked first, then the person, then the rest, so that what somebody may not do at all
 * is not answered by "not now". Where not_by leaves nobody of `by`, the people of $outside_checker
 * may (G330).
 */
enum verdict machine_may(struct arena *a, const struct machine_ctx *c,
			 const struct machine_record *r, int step, struct actor who,
			 struct who_hit *ret_hat, size_t *ret_hats);

/* The form of a step now: fields shown (when holds), which are needed, defaults filled in (record
 * value, else default). */
struct form_field {
	const struct field *field;
	bool need, quick, frozen;
	/* `when` does not hold now, but may by what is filled in elsewhere in this form */
	bool maybe;
	struct value preset;
};
size_t machine_form(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		    int step, struct form_field **ret_fields);

struct fault { str field, message; struct fault *next; };	/* Chinese, says what to do */

/*
 * What taking the step does, after `given`: typed values from the form; names outside the form are
 * faults; a V_NONE (vmap_put) empties a field. A form's field that is neither given nor set takes
 * its default; one whose `when` does not hold keeps what it had. Setters see the fields after the
 * form. Rights are machine_may's, asked before.
 */
struct outcome {
	struct fault *faults;		/* not empty: invalid, nothing below counts */
	int to;				/* state after it */
	bool entered; /* a state was entered (also the same one by a loop back; not by `same`) */
	struct vmap fields;		/* all fields after it */
	struct vmap given; /* what this step wrote: form, defaults and set: (V_NONE: emptied) */
	struct strs clauses;		/* credited by the step (and its catalogue entry) */
	int64_t due_ms; /* limit of the state after it; INSTANT_OPEN when none or paused */
};
void machine_take(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		  int step, struct actor who, const struct vmap *given, struct outcome *ret_out);

/*
 * New values for fields outside a step (correct, reassign): the rules that the steps taken so far
 * asked of them (distinct, whom a field may hold), and for a new owner that a step onward is open
 * to him. NULL: fine.
 */
struct fault *machine_change(struct arena *a, const struct machine_ctx *c,
			     const struct machine_record *r, const struct vmap *changed);
/* The person fields that name the owners of the present state: what reassign may change. */
size_t machine_owner_fields(struct arena *a, const struct machine_record *r, str **ret_names);
/* All fields, the computed ones with their value now. */
struct vmap machine_fields(struct arena *a, const struct machine_ctx *c,
			   const struct machine_record *r);
/* What the step spawns: `r` as it is after the step (fields, past). One for each row, list member,
 * or once. */
struct spawned { const struct spawn *spawn; struct vmap given; };
size_t machine_spawns(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		      int step, struct spawned **ret);

/* The limit of the present state, from its anchor (stays: all adds earlier stays). INSTANT_OPEN
 * when none. */
int64_t machine_due(struct arena *a, const struct machine_ctx *c, const struct machine_record *r);
/* Owners of the state, present ones; who_set.n == 0: G200. G330 when every step onward is not_by
 * for all of them. */
struct who_set machine_owners(struct arena *a, const struct machine_ctx *c,
			      const struct machine_record *r, bool *ret_nobody_independent);
/* The rung of a ladder that is due: when it fires and whom it names. */
int64_t ladder_at(const struct calendar *cal, const struct ladder *l, size_t rung, int64_t due_ms);
/* Those named, without the owners; when that leaves nobody, those of the next rung of the present
 * state. remind is the caller's. */
struct who_set ladder_receivers(struct arena *a, const struct machine_ctx *c,
				const struct machine_record *r, const struct rung *g);
/* The next step that the clock takes by itself and when (INSTANT_OPEN: none; <= now: due). */
int64_t machine_clock_step(struct arena *a, const struct machine_ctx *c,
			   const struct machine_record *r, int *ret_step);
/*
 * May this person see the record, and the field? Who made it, took a step, owns the state, may take
 * a step from it, or is named by see: sees it; unless it is sealed, everybody of the unit does too
 * where `see` is absent or home: all.
 */
bool machine_sees(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		  person_id p);
bool machine_sees_field(struct arena *a, const struct machine_ctx *c,
			const struct machine_record *r, const struct field *f, person_id p);

#endif
