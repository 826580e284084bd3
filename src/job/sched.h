/*
 * sched: the background thread of a server: what is due by the clock is done, tenant by tenant,
 * through the same writer as everything else. It decides nothing: rows carry the moment at which
 * time acts on them (work/wake.c). With a manual clock it sleeps, and sched_run_due() is called
 * when the clock moves.
 */
#ifndef JOB_SCHED_H
#define JOB_SCHED_H

#include "base/op.h"
#include "store/writer.h"

struct sched;
struct policies;
struct store_db;

struct sched_config {
	struct store_db *db;
	struct writer *writer;
	struct policies *policies;
	const struct clock *clock;
	bool manual;
	str backup_dir;		/* daily backups; "" = none */
	int backups_kept;
};

MUST_CHECK enum err sched_start(struct op *op, const struct sched_config *cf, struct sched **ret);
void sched_stop(struct sched *s);	/* accepts NULL */
/*
 * Everything due by op->now_ms, over all tenants; *ret_next: when something is due next
 * (INSTANT_OPEN: nothing before `until`).
 */
MUST_CHECK enum err sched_run_due(const struct sched_config *cf, struct op *op, int64_t until_ms,
				  int64_t *ret_next);
/* The day turns for every tenant: expansion, and whom open items fall on. */
MUST_CHECK enum err sched_turn_day(const struct sched_config *cf, struct op *op);

#endif
