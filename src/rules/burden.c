/*
 * burden: see burden.h. An occurrence on several people counts for each in full where all
 * must act, and is shared out where any of them may: one of them will do it, nobody knows
 * which, so each carries his part (rounded up to the minute at the end).
 */
#include "rules/burden.h"

#include <stdlib.h>

#include "base/arena.h"

struct share { person_id person; day_no week; int64_t count_1000, do_1000, record_1000; };

static int share_cmp(const void *x, const void *y)
{
	const struct share *a = x, *b = y;

	if (a->person.v != b->person.v)
		return a->person.v < b->person.v ? -1 : 1;
	return (a->week > b->week) - (a->week < b->week);
}

static int32_t up(int64_t thousandths)
{
	return (int32_t)((thousandths + 999) / 1000);
}

void burden(struct arena *a, const struct policy *p, const struct occurrence *occ,
	    const struct who_set *owners, size_t n, int32_t utc_offset_ms, struct burdens *ret)
{
	struct { struct share *at; size_t n, cap; } all = { 0 };

	(void)p;
	*ret = (struct burdens){ 0 };
	for (size_t i = 0; i < n; i++) {
		day_no due = instant_day(occ[i].due_ms - 1, utc_offset_ms);
		int64_t part = owners[i].all || !owners[i].n ? 1000 : 1000 / (int64_t)owners[i].n;

		for (size_t k = 0; k < owners[i].n && occ[i].due_ms != INSTANT_OPEN &&
				!occ[i].is_void; k++) {
			struct share *s = VEC_PUSH(a, &all);

			*s = (struct share){
				owners[i].at[k].person, due - (day_weekday(due) - 1), part,
				part * occ[i].duty->minutes_do, part * occ[i].duty->minutes_record,
			};
		}
	}
	if (all.n)
		qsort(all.at, all.n, sizeof(all.at[0]), share_cmp);
	for (size_t i = 0; i < all.n; ) {
		struct share sum = all.at[i];
		size_t k = i + 1;

		for (; k < all.n && !share_cmp(&all.at[i], &all.at[k]); k++) {
			sum.count_1000 += all.at[k].count_1000;
			sum.do_1000 += all.at[k].do_1000;
			sum.record_1000 += all.at[k].record_1000;
		}
		struct burden_row *r = VEC_PUSH(a, ret);
		*r = (struct burden_row){ sum.person, sum.week, up(sum.count_1000), up(sum.do_1000),
				up(sum.record_1000) };
		i = k;
	}
}
