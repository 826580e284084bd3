/*
 * writer: the one thread that writes. Requests queue typed write operations; the
 * thread runs many of them in one BEGIN IMMEDIATE transaction, a savepoint each, and
 * answers only after COMMIT with synchronous=FULL has returned. A failed operation
 * rolls back its own savepoint and the others live; a failed COMMIT, or a rollback by
 * the engine itself, fails the whole group and nobody is told yes. Nothing of an
 * operation lives outside the database until then.
 *
 * After an I/O error nothing is ever acknowledged again: the process says what to do
 * and exits 74 (a failed fsync must not be retried: trust §0.8).
 *
 * No operation may hold the thread longer than 50 ms: heavy work is prepared before
 * (on a reader or a worker) or cut into jobs of at most JOB_ROWS_MAX rows.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/op.h"
#include "store/store.h"

struct writer;
struct clock;
struct entropy;

/* Urgent (an incident) before normal (a person waits) before job. Within a class: first come. */
enum wop_class { WOP_URGENT, WOP_NORMAL, WOP_JOB };
#define WOP_CLASSES 3

/*
 * One write operation. The caller owns it, and its arena, until `done`: results that
 * run() puts into op.arena (or behind `arg`) survive. Before submitting, fill:
 *	op.arena, op.scope, op.tenant (0 = bound by the first tx_begin_write), op.id,
 *	and whatever else of op the service needs; run, arg, class, done, user.
 * The writer fills op.store, op.clock, op.idgen, op.entropy, and op.now_ms when it
 * accepts the operation (unless it is set). Afterwards `err`, op.errmsg, op.errat and
 * op.field_errors tell how it went; op.store is NULL again.
 */
struct wop {
	struct op op;
	enum err (*run)(struct op *op, void *arg);	/* a service; opens TX_SCOPE itself */
	void *arg;
	enum wop_class class;
	/*
	 * On the writer's thread, after the COMMIT: hand over and return; no work, no
	 * writer_run().
	 */
	void (*done)(struct wop *w, enum err e);
	void *user;				/* the caller's */
	enum err err;				/* the answer */
	/* The writer's own. */
	struct wop *next;
	int64_t queued_us;
};

struct writer_config {
	struct store_db *db;
	const struct clock *clock;
	struct entropy *entropy;	/* the writer's own from here on */
	uint16_t node;			/* of idgen */
	/* tests: a longer operation is an assertion failure; 0 = only counted */
	int64_t op_us_max;
	int64_t idle_ms;		/* checkpoint after so long without work; 0 = the default */
	/*
	 * What to do when acknowledging must stop. NULL = print `say` to stderr, _exit(74).
	 * Must not return.
	 */
	void (*fatal)(void *arg, const char *say);
	void *fatal_arg;
};

/* For /metrics, the administrator's page and the bench. Times in µs, sums since the start. */
struct writer_stats {
	int64_t ops, failed, groups, checkpoints, slow;	/* slow: over 50 ms */
	int64_t op_us_max, wait_us, run_us, commit_us, checkpoint_us, commit_us_max;
	int64_t wal_bytes;
	int64_t queued;			/* now */
};

/* The schema must be current (migrate_run). Reads the highest id, starts the thread. */
MUST_CHECK enum err writer_start(struct op *op, const struct writer_config *cfg,
		struct writer **ret_w);
/*
 * Queue it; w->done is called later, exactly once. ERR_BUSY when the queue is full or closing:
 * done is not called.
 */
MUST_CHECK enum err writer_submit(struct writer *wr, struct wop *w);
/*
 * Queue it and wait for the answer, which is returned (w->done must be NULL). For
 * commands, jobs, workers and tests; never on an event thread or inside run().
 */
MUST_CHECK enum err writer_run(struct writer *wr, struct wop *w);
/*
 * The short form: run `run(op2, arg)` as one write operation with the arena, scope and
 * tenant of `op`; errors and messages come back in `op`.
 */
MUST_CHECK enum err writer_do(struct writer *wr, struct op *op, enum wop_class class,
			      enum err (*run)(struct op *op, void *arg), void *arg);
/*
 * No new operations; those queued are run and answered; last checkpoint. Then free. Accepts
 * NULL.
 */
void writer_stop(struct writer *wr);
void writer_stats(struct writer *wr, struct writer_stats *ret_stats);

#endif
