/*
 * burden: minutes of doing and of recording, by person and week, from occurrences and
 * their owners. What one record serves at once counts once (group: task). Indicator
 * formulas over counters stand in indicator.h.
 */
#ifndef RULES_BURDEN_H
#define RULES_BURDEN_H

#include "rules/expand.h"

struct burden_row { person_id person; day_no week; int32_t count, minutes_do, minutes_record; };
struct burdens { struct burden_row *at; size_t n, cap; };
/* owners[i]: of occ[i]. Rows by person, then Monday of the week of due. */
void burden(struct arena *a, const struct policy *p, const struct occurrence *occ,
	    const struct who_set *owners, size_t n, int32_t utc_offset_ms, struct burdens *ret);

#endif
