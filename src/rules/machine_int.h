/* machine_int: what the parts of the machine share: environments, past steps, anchors. */
#ifndef RULES_MACHINE_INT_H
#define RULES_MACHINE_INT_H

#include "rules/machine.h"

/* Expressions and people of this record, over `fields` (which may be ahead of r->fields while a
 * step is taken). */
struct expr_env machine_env(struct arena *a, const struct machine_ctx *c,
			    const struct machine_record *r, const struct vmap *fields);
struct who_ctx machine_who_ctx(struct arena *a, const struct machine_ctx *c,
			       const struct machine_record *r, const struct vmap *fields);

/* A step of the loop that still counts: not built in, not undone. */
bool past_counts(const struct past_step *p);
/* Did it enter a state (an explicit `to`, or a built-in act that moved the record)? */
bool past_enters(const struct loop *lp, const struct past_step *p);
/* Has the person done or typed one of the steps in the bit set? */
bool past_by(const struct machine_record *r, uint64_t steps, person_id p);
bool past_taken(const struct machine_record *r, str step);

/* The end of `w` counted in the record's present state; INSTANT_OPEN when its anchor is not set. */
int64_t machine_limit(struct arena *a, const struct machine_ctx *c, const struct machine_record *r,
		      const struct within *w);

/* Who may take the step by `by`: named, and standing in. */
struct who_set machine_takers(struct arena *a, const struct machine_ctx *c,
			      const struct machine_record *r, const struct step *st);
/* Takers there are, and not_by bars every one: nobody independent is left. */
bool machine_nobody_independent(struct arena *a, const struct machine_ctx *c,
				const struct machine_record *r, const struct step *st);
struct who_set machine_outside_checkers(struct arena *a, const struct machine_ctx *c,
					const struct machine_record *r);
bool machine_step_from(const struct machine_record *r, const struct step *st);
struct value machine_default(struct arena *a, const struct machine_ctx *c,
			     const struct machine_record *r, const struct field *f,
			     const struct vmap *fields);
struct fault *fault_add(struct arena *a, struct fault **list, str field, str message);
void machine_check_people(struct arena *a, const struct machine_ctx *c,
			  const struct machine_record *r, const struct vmap *fields,
			  const struct vmap *changed, struct fault **faults);
void machine_check_distinct(struct arena *a, const struct loop *lp, const struct step *st,
			    const struct vmap *fields, struct fault **faults);

/*
 * Words that an earlier step asked for are that step's: who is asked for a reason, or for what he
 * did, says it himself, and does not pass with what another said before (the reason of a dismissal
 * for that of the dispute).
 */
bool machine_said_before(const struct machine_record *r, const struct field *f);

#endif
