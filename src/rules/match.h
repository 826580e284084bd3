/*
 * match: which record fills which occurrence (pack-language §4 Match). A pure function
 * of sets, per duty and subject; never of the order of arrival. A deed is a record (or
 * a step of it) already judged against one proof of a duty for one subject: judge()
 * makes deeds from a record, match() fills occurrences with them.
 */
#ifndef RULES_MATCH_H
#define RULES_MATCH_H

#include "rules/expand.h"
#include "rules/machine.h"

/* Why an almost-match does not count: the closed list. */
enum why { WHY_NONE, WHY_STATE, WHY_WHERE, WHY_PERIOD, WHY_PLACE, WHY_CLASS, WHY_PERSON, WHY_ENTRY,
		WHY_UNIT, WHY_APART, WHY_UNTICKED, WHY_FILLED };
const char *why_word(enum why w);	/* "already-filled" */
const char *why_say(enum why w);	/* Chinese: 没到要求的环节 … */

struct deed {
	int64_t record;			/* id */
	int32_t part;			/* of {all: […]}: which part; 0 otherwise */
	struct subject subject[2]; size_t subject_n;
	int64_t done_ms;		/* doing time */
	int64_t accepted_ms;
	/* same: [period]: the period that the record names, else "" */
	str period;
	enum why why;			/* WHY_NONE: a candidate; else almost */
	person_id doer;
};
struct deeds { struct deed *at; size_t n, cap; };

/*
 * A record as judge() sees it: fields as they stood after the step into the state (as corrected
 * since).
 */
struct judged_record {
	int64_t id;
	const struct loop *loop;
	const struct vmap *fields;
	const struct past_step *past; size_t past_n;
	/* by index of past: the fields after that step, as corrected; NULL: `fields` always */
	const struct vmap *after;
	bool is_void;
	/* tenant's unit, or the hat's department where the loop says unit: hat */
	unit_id unit;
};
/*
 * All deeds of this record for a duty. With `subjects` NULL: every subject that the record
 * names.
 */
void judge(struct arena *a, const struct expand_in *in, const struct duty *d,
		const struct judged_record *r, struct deeds *ret);

struct tick { int64_t record; str key; bool un; };	/* occurrence key; un: untick */

struct match_in {
	const struct duty *duty;
	const struct calendar *calendar;
	const struct occurrence *occ; size_t occ_n;	/* of one duty and subject, any order */
	const struct deed *deed; size_t deed_n;
	/* ticks and unticks; an untick beats a tick of the same pair */
	const struct tick *tick; size_t tick_n;
	struct duration record_grace;			/* $record_grace */
	int64_t now_ms;
};
enum fill_how { FILL_ON_TIME, FILL_LATE, FILL_ENTERED_LATE };
struct filled {
	size_t occ;			/* index in match_in.occ */
	int64_t record;
	enum fill_how how;
	bool by_tick;
};
struct almost { size_t occ; int64_t record; enum why why; };
struct match_out {
	struct filled *fill;
	size_t fill_n;
	struct almost *almost;
	size_t almost_n;
	struct { size_t occ; int64_t record; } *further;
	size_t further_n;
};
void match(struct arena *a, const struct match_in *in, struct match_out *ret);

/* The derived state of an occurrence at a moment (waived and void come from facts). */
enum occ_state occurrence_state(const struct occurrence *o, bool filled, bool waived,
		int64_t now_ms);

#endif
