/*
 * clock: the only source of "now". The real clock for serving; a manual one for
 * demonstration, stories and tests. Instants are int64 milliseconds since 1970 UTC.
 * The civil time of an instance is UTC + utc_offset_ms (a setting, +08:00): no
 * tzdata, no TZ. Time-outs use clock_monotonic_ms(), never "now".
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/date.h"	/* MS_DAY and its like: who reads a clock counts with them */

struct clock {
	int64_t (*now_ms)(const struct clock *ck);
	int64_t manual_ms;	/* of clock_manual(); threads read it: clock_set(), clock_add() */
	int64_t offset_ms;	/* clock_shifted(): the real time plus this */
	int32_t utc_offset_ms;	/* of the instance */
};

void clock_real(struct clock *ret_ck, int32_t utc_offset_ms);
void clock_manual(struct clock *ret_ck, int64_t at_ms, int32_t utc_offset_ms);
/* Move a manual clock that other threads may be reading. */
void clock_set(struct clock *ck, int64_t at_ms);
void clock_add(struct clock *ck, int64_t by_ms);
/* Runs on from at_ms in real time (the demonstration instance). */
void clock_shifted(struct clock *ret_ck, int64_t at_ms, int32_t utc_offset_ms);
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);	/* for measuring */

static inline int64_t clock_now(const struct clock *ck)
{
	return ck->now_ms(ck);
}

#endif
