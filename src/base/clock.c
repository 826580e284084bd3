/* clock: see clock.h. The one file that asks the system for the time. */
#include "base/clock.h"

#include <assert.h>
#include <stddef.h>
#include <time.h>

#define UTC_OFFSET_MAX_MS (14 * MS_HOUR)

static int64_t system_ms(clockid_t which)
{
	struct timespec ts;
	int rc = clock_gettime(which, &ts);

	assert(rc == 0);
	return (int64_t)ts.tv_sec * MS_SECOND + ts.tv_nsec / 1000000;
}

static int64_t now_real(const struct clock *ck)
{
	return system_ms(CLOCK_REALTIME) + ck->offset_ms;
}

static int64_t now_manual(const struct clock *ck)
{
	return __atomic_load_n(&ck->manual_ms, __ATOMIC_SEQ_CST);
}

static void check_offset(int32_t utc_offset_ms)
{
	assert(utc_offset_ms >= -UTC_OFFSET_MAX_MS && utc_offset_ms <= UTC_OFFSET_MAX_MS);
	assert(utc_offset_ms % MS_MINUTE == 0);
}

void clock_real(struct clock *ret_ck, int32_t utc_offset_ms)
{
	check_offset(utc_offset_ms);
	*ret_ck = (struct clock){ .now_ms = now_real, .utc_offset_ms = utc_offset_ms };
}

void clock_manual(struct clock *ret_ck, int64_t at_ms, int32_t utc_offset_ms)
{
	check_offset(utc_offset_ms);
	*ret_ck = (struct clock){ .now_ms = now_manual, .manual_ms = at_ms,
				  .utc_offset_ms = utc_offset_ms };
}

void clock_set(struct clock *ck, int64_t at_ms)
{
	assert(ck->now_ms == now_manual);
	__atomic_store_n(&ck->manual_ms, at_ms, __ATOMIC_SEQ_CST);
}

void clock_add(struct clock *ck, int64_t by_ms)
{
	assert(ck->now_ms == now_manual && by_ms >= 0);
	__atomic_fetch_add(&ck->manual_ms, by_ms, __ATOMIC_SEQ_CST);
}

void clock_shifted(struct clock *ret_ck, int64_t at_ms, int32_t utc_offset_ms)
{
	check_offset(utc_offset_ms);
	*ret_ck = (struct clock){ .now_ms = now_real,
				  .offset_ms = at_ms - system_ms(CLOCK_REALTIME),
				  .utc_offset_ms = utc_offset_ms };
}

int64_t clock_monotonic_ms(void)
{
	return system_ms(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_us(void)
{
	struct timespec ts;
	int rc = clock_gettime(CLOCK_MONOTONIC, &ts);

	assert(rc == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
