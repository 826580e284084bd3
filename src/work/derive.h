/*
 * derive: rows that follow from a record and can be made again at any time: values for
 * lists and links, search text, counters. Each is computed as a set, from
 * the record as it was and as it is, and the difference is written; audit computes the
 * same sets and compares. Inside work only.
 */
#ifndef WORK_DERIVE_H
#define WORK_DERIVE_H

#include "gen/q_occurrence.h"
#include "work/rec.h"

struct value_line { str field, value; };
struct tally_line { str metric, dim, value; day_no day; int64_t n; };
struct value_lines { struct value_line *at; size_t n, cap; };
struct tally_lines { struct tally_line *at; size_t n, cap; };

void values_of(struct rec *r, struct value_lines *ret);		/* sorted, distinct */
void tallies_of(struct rec *r, struct tally_lines *ret);
void tallies_of_occurrence(struct op *op, const struct q_occurrence_get *o,
		struct tally_lines *ret);
str search_of(struct rec *r);

/* Add `now` and take `was` away, in as few writes as the difference needs. */
MUST_CHECK enum err tallies_write(struct op *op, tenant_id tenant, const struct tally_lines *was,
		const struct tally_lines *now);
/*
 * Bring all derived rows of the record (but deeds, occurrences, tasks) to what it is now;
 * `was`: its counters before.
 */
MUST_CHECK enum err derive_record(struct rec *r, const struct tally_lines *was);

/*
 * The text that stands for a value in record_value: ids in decimal, words as they are; "" when
 * it has no single one.
 */
str value_key(struct arena *a, const struct value *v);
/* "place=12|category=fire" of loop.again's fields, or STR_NONE while one is unset. */
str again_key(struct rec *r);
/* Places that the record holds in its state (unique:). */
size_t unique_keys(struct rec *r, int state, const struct vmap *fields, str **ret_keys);

#endif
