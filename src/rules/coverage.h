/*
 * coverage: what nobody owns, as of a moment (pack-language §5). Holes have stable codes,
 * a sentence, whom they concern and a fix. Pure: facts about records and fulfilments come
 * in as functions.
 */
#ifndef RULES_COVERAGE_H
#define RULES_COVERAGE_H

#include "rules/expand.h"

struct waiver { str code; struct subject subject; day_no from, to; };

/* One sitting of a roster. */
struct shift {
	const struct roster *roster;
	place_id place;
	day_no day;
	str slot;		/* as the roster names it: "07:20-08:00" */
	int64_t start_ms, end_ms;
	int32_t min;		/* people it needs */
};

struct coverage_in {
	const struct policy *policy;
	const struct vmap *params;
	const struct org_view *org;
	const struct calendar *calendar;
	const struct waiver *waiver; size_t waiver_n;
	const struct adoption *adoption; size_t adoption_n;
	int64_t at_ms;
	/* the duty is done for the subject in the running period, or its latest trigger */
	bool (*fulfilled)(void *ctx, str duty, const struct subject *s);
	/*
	 * need: record, roles_filled, no_open: does what the require says of records hold for
	 * the subject?
	 */
	bool (*record)(void *ctx, const struct require *r, const struct subject *s);
	size_t (*duties)(void *ctx, person_id p);	/* how many duties fall on a person */
	/* filled seats of a shift: people of its roster at its place within its time */
	size_t (*seats)(void *ctx, const struct shift *sh, person_id *ret_people, size_t max);
	void *ctx;
};
struct hole {
	const struct require *require;	/* NULL: of the engine */
	str code;
	int severity;			/* SEV_* */
	struct subject subject;
	str sentence;			/* Chinese: 三楼实验室没有区域责任人 */
	str missing;			/* "owner", "daily", … */
	bool pending;			/* `by:` not yet over: does not count */
	int64_t pending_until_ms;
	str fix;			/* appoint-keeper … */
};
struct holes {
	struct hole *at; size_t n, cap;
	size_t errors, warnings, infos;	/* counts without the pending */
	int64_t *asked;	/* by index of policy->require: subjects asked (not waived, not pending) */
};
void coverage(struct arena *a, const struct coverage_in *in, struct holes *ret);

/*
 * "07:20-07:50": the first two times of day in a text; one: an hour from it; none: the whole
 * day. Over midnight: beyond 1440.
 */
void slot_minutes(str slot, int *ret_from, int *ret_to);
/* Shifts of a roster between two days. */
size_t roster_shifts(struct arena *a, const struct coverage_in *in, const struct roster *r,
		day_no from, day_no to, struct shift **ret);

#endif
