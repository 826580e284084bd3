/*
 * occur: occurrences in the database: expanded, matched, waived, shown to whom they fall
 * on. Derived rows: everything here can be made again from facts, and audit does so.
 * Inside work only.
 */
#ifndef WORK_OCCUR_H
#define WORK_OCCUR_H

#include "gen/q_occurrence.h"
#include "work/derive.h"
#include "work/rec.h"

static inline bool occ_live(str state)	/* somebody may still be expected to do it */
{
	return str_eq(state, STR("open")) || str_eq(state, STR("planned"));
}

/* Rows of the queries that give whole occurrences are of one shape: as rows of q_occurrence_get. */
_Static_assert(sizeof(struct q_occurrences_of_duty) == sizeof(struct q_occurrence_get),
		"one shape");
_Static_assert(sizeof(struct q_occurrences_of_subject) == sizeof(struct q_occurrence_get),
		"one shape");
_Static_assert(sizeof(struct q_occurrences_of_trigger) == sizeof(struct q_occurrence_get),
		"one shape");
static inline struct q_occurrence_get *occ_rows(struct arena *a, const void *rows, size_t n)
{
	struct q_occurrence_get *at = NEW_N(a, n, struct q_occurrence_get);

	if (n)
		memcpy(at, rows, n * sizeof(*at));
	return at;
}

/* A row as the rules see it. False when its duty is no longer in the policy. */
bool occ_from_row(struct arena *a, const struct policy *p, const struct q_occurrence_get *row,
		struct occurrence *ret);
str occ_subject_say(struct op *op, const struct work *w, str key);	/* 三楼实验室, 三(2)班, 防溺水 … */
str occ_period_say(struct op *op, const struct work *w, str period);	/* 2026年11月 */

/*
 * Judge the record and match every (duty, subject) that it touches or touched. With
 * `write` occurrences, satisfactions, counters and tasks follow. *ret gets what the
 * record fills and nearly fills.
 */
struct match_fill { struct q_occurrence_get row; const char *how; bool ticked; };
struct match_almost { struct q_occurrence_get row; enum why why; };
struct match_result {
	struct { struct match_fill *at; size_t n, cap; } fill;
	struct { struct match_almost *at; size_t n, cap; } almost;
};
MUST_CHECK enum err match_record(struct rec *r, const struct tick *tick, size_t tick_n, bool write,
		struct match_result *ret);
/* Match one duty and subject anew from what is stored. */
MUST_CHECK enum err match_group(struct op *op, const struct work *w, const struct duty *d,
		str subject, str subject2);

/* What a group of one duty and subject comes to: rows as they are and as they should be. */
struct want { record_id record; const char *kind; const char *how; bool by_tick; };
struct settled { struct q_occurrence_get was, now; const struct want *want; size_t want_n; };
MUST_CHECK enum err group_settled(struct op *op, const struct work *w, const struct duty *d,
		str subject, str subject2, struct settled **ret, size_t *ret_n);
/* The record judged against every duty that its loop proves. */
struct duty_deeds { const struct duty *duty; struct deeds deeds; };
MUST_CHECK enum err deeds_judged(struct rec *r, struct duty_deeds **ret, size_t *ret_n);
str deed_subject(struct arena *a, const struct deed *d, size_t i);
/* What should exist of a duty, by key, in the span that is kept expanded from *ret_from on. */
struct keyed { str key; const struct occurrence *o; };
MUST_CHECK enum err duty_expected(struct op *op, const struct work *w, const struct duty *d,
		struct keyed **ret, size_t *ret_n, day_no *ret_from);
bool occ_same_time(const struct q_occurrence_get *row, const struct occurrence *o);

/*
 * Expand every duty of the policy for the school year of now (and the next, from July on) and
 * bring the rows to it.
 */
MUST_CHECK enum err occur_refresh(struct op *op, const struct work *w);
/* Only duties that something of this record triggers. */
/* Expand one duty anew. */
MUST_CHECK enum err occur_of_duty(struct op *op, const struct work *w, const struct duty *d);
MUST_CHECK enum err occur_of_record(struct rec *r);
/* Windows of duties closed by what was just done. */
MUST_CHECK enum err occur_windows(struct op *op, const struct work *w, str duty);
/* Whom live occurrences fall on, after a change of people or by time. */
MUST_CHECK enum err occur_todo(struct op *op, const struct work *w,
		const struct q_occurrence_get *row);
MUST_CHECK enum err occur_todo_all(struct op *op, const struct work *w);
/* Time acts on one occurrence: it opens, a rung fires, it is missed. */
MUST_CHECK enum err occur_wake(struct op *op, const struct work *w, occurrence_id id);
int64_t occur_wake_at(struct op *op, const struct work *w, const struct occurrence *o,
		const struct q_occurrence_get *row);
/* Whom a rung of an occurrence's ladder names; `remind`: its owners. */
struct who_set occ_receivers(struct op *op, const struct expand_in *in, const struct occurrence *o,
		const struct rung *g);
/* A record as the subject of an occurrence: what its people expression may ask. */
MUST_CHECK enum err occ_record(struct op *op, const struct work *w, const struct occurrence *o,
		struct expand_in *in);
const struct ladder *duty_ladder(const struct work *w, const struct duty *d);

/* --- tasks --- */
struct todo_line {
	person_id person;
	str label, detail, group_key, post;
	bool stand_in;
	int64_t from_ms, due_ms;
	int32_t minutes_do, minutes_record;
};
struct todo_lines { struct todo_line *at; size_t n, cap; };
MUST_CHECK enum err todo_write(struct op *op, tenant_id tenant, const char *item, int64_t ref,
		str loop, str duty, struct todo_lines *now);
/* Lines as they should be, one a person, in order of people: also what audit compares with. */
void todo_lines_of_record(struct rec *r, struct todo_lines *own, struct todo_lines *over);
MUST_CHECK enum err todo_lines_of_occurrence(struct op *op, const struct work *w,
		const struct q_occurrence_get *row, struct todo_lines *own,
		struct todo_lines *over);
/* Tasks of a record: its state's owners, and oversee items of fired rungs. */
MUST_CHECK enum err todo_of_record(struct rec *r);
str group_key_of(struct arena *a, const struct policy *p, const struct duty *d, str subject,
		str subject2);

#endif
