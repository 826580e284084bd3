/*
 * demo: the demonstration instance (interfaces §5): an invented district, built through
 * the services under a virtual clock, never by SQL, so that it is what real use would
 * have left behind: numbers, ledger, satisfactions, lateness. What it says stands in
 * src/cli/demo/data (embedded); this code only reads, orders and plays it.
 *
 * The same seed and moment give the same content. Passwords are the exception: they come
 * from the system's entropy and stand only in the file of accounts.
 */
#ifndef CLI_DEMO_DEMO_H
#define CLI_DEMO_DEMO_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/op.h"
#include "store/writer.h"

/* 2026-11-18T08:00:00+08:00, a Wednesday */
#define DEMO_AT_MS 1794960000000LL
#define DEMO_SEED 1

struct demo_options {
	int64_t at_ms;		/* the "now" that it ends at */
	uint64_t seed;
	bool large;		/* a district for the bench instead, with two weeks of history */
	size_t schools;		/* of the large one; 0 = 120 */
	int64_t hazards;	/* of the large one; 0 = 120,000 */
	str accounts_path;	/* the file of accounts, mode 0600 */
	struct entropy *secrets; /* the system's: passwords */
};

/*
 * Fill the empty, migrated folder of `wr`, whose clock is `clock`: it is set by hand from
 * 24 August on and stands at o->at_ms in the end. op: arena, policies, scope of the system.
 * A step of the story that is refused ends the building, and the message names it.
 */
MUST_CHECK enum err demo_build(struct op *op, struct writer *wr, struct store_db *db,
			       struct clock *clock, const struct demo_options *o);

#endif
