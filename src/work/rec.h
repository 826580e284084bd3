/*
 * rec: a record in memory, with all that the machine needs to judge it. Inside work
 * only. Loading does not ask who looks: rec_visible() does, and every public door of
 * work calls it.
 */
#ifndef WORK_REC_H
#define WORK_REC_H

#include "gen/q_record.h"
#include "gen/q_step.h"
#include "rules/field.h"
#include "work/work.h"

struct rec {
	struct op *op;
	tenant_id tenant;
	const struct work *w;
	const struct policy *policy;		/* the composition that the record is pinned to */
	const struct loop *loop;
	struct q_record_get row;		/* id 0: not written yet */
	struct vmap fields;
	const struct q_steps_of *step; size_t step_n;
	struct past_step *past; size_t past_n;
	struct machine_record m;
};

MUST_CHECK enum err rec_load(struct op *op, const struct work *w, record_id id, struct rec *ret);
/* A record that does not exist yet, of a loop of the composition in force. */
MUST_CHECK enum err rec_begin(struct op *op, const struct work *w, str loop, struct rec *ret);
bool rec_visible(const struct rec *r);
struct machine_ctx rec_ctx(const struct rec *r);
int rec_state(const struct rec *r);
/* The last step that counts (not undone, not built in), or NULL. */

str person_name_of(const struct work *w, person_id p);		/* "（已离开）" when unknown */
str place_name_of(const struct work *w, place_id p);
str unit_name_of(const struct work *w, unit_id u);

/* Facts outside the record (pack-language §2): the `fact` of expr_env; ctx is the struct rec. */
bool rec_fact(void *ctx, const struct fact_query *q, struct value *ret_v);
/* Who sits in a shift of the roster now; ctx is the struct rec. */
size_t rec_on_duty(void *ctx, str roster, person_id *ret, size_t max);
/*
 * The plans of a tenant's rosters, for its view: few, and asked about for each task and shift.
 * What changes a record of such a loop raises tenant_version.
 */
MUST_CHECK enum err roster_plans_read(struct op *op, const struct work *w,
			   struct roster_plans *ret);
bool roster_filled_by(const struct policy *p, str loop);
/* People who sit in a shift of its roster. */
size_t roster_seats(const struct work *w, const struct shift *sh, person_id *ret, size_t max);
/* The ids of duties that fall on a person now, sorted. */
size_t duties_of(struct op *op, const struct work *w, person_id p, str **ret_ids);

/*
 * What the record is called in lists: the first text of its first form, else its kind. Sealed
 * loops: their kind only.
 */
str rec_title(struct arena *a, const struct policy *p, const struct loop *lp,
		const struct vmap *fields);
/* Body as stored. */
MUST_CHECK enum err fields_text(struct arena *a, const struct vmap *fields, str *ret_json);

#endif
