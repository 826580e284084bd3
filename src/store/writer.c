/*
 * writer: see writer.h for what is promised. The thread's life is: wait, run a group
 * (BEGIN IMMEDIATE, a savepoint per operation, COMMIT), answer, checkpoint when the log
 * is long or nobody came for a while.
 *
 * Invariant: no answer leaves before the COMMIT that holds its rows has returned, and
 * none at all once the disk has failed. The queue and the counters are under `mutex`;
 * everything else belongs to the thread.
 *
 * Ids: the highest id given is a mark in the database, written in the same transaction as the
 * rows that use it, so that ids stay monotonic over restarts and over clocks set back.
 *
 * Rejected: one transaction per operation (an fsync each: tens of operations a second on a
 * school's disk); retrying a failed group one by one (its operations would see another
 * `now`, and the cause, a full disk, is rarely gone).
 */
#include "store/writer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/idgen.h"
#include "base/limits.h"
#include "store/db_int.h"

#define JOB_EVERY 16	/* a waiting job gets its turn after so many others */
#define EXIT_IO 74
#define GATHER_US_MAX 2000	/* longest wait for one more member of a group */

struct fifo { struct wop *head, **tail; };

struct writer {
	struct arena *arena;
	struct writer_config cfg;
	struct store *s;
	struct idgen idgen;
	int64_t id_stored;		/* the mark in the database */
	int64_t wal_next;		/* empty the log past this length */
	int since_job;
	size_t crowd;			/* of late, so many came to one group */
	int64_t last_commit_us;
	pthread_t thread;
	pthread_mutex_t mutex;		/* queue, closing, stats */
	pthread_cond_t wake;
	struct fifo queue[WOP_CLASSES];
	int64_t queued;
	bool closing;
	struct writer_stats stats;
};

struct group { struct wop *at[WRITER_GROUP_MAX]; size_t n; };

static void fatal_default(void *arg, const char *say)
{
	(void)arg;
	fprintf(stderr, "%s\n", say);
	_exit(EXIT_IO);
}

/*
 * A failed fsync has dropped the pages from memory: what SQLite believes is no longer what is
 * on the disk.
 */
static _Noreturn void stop_acknowledging(struct writer *wr)
{
	wr->cfg.fatal(wr->cfg.fatal_arg,
		"bihuan: 磁盘读写失败，已停止确认任何操作（退出码 74）。请依次：检查磁盘和 dmesg；"
		"重新挂载或重启机器；运行 bihuan verify；然后再启动 bihuan serve。");
	_exit(EXIT_IO);
}

/* ---- the queue ---------------------------------------------------------------- */

static void fifo_put(struct fifo *q, struct wop *w)
{
	w->next = NULL;
	*q->tail = w;
	q->tail = &w->next;
}

static struct wop *fifo_take(struct fifo *q)
{
	struct wop *w = q->head;

	if (!w)
		return NULL;
	q->head = w->next;
	if (!q->head)
		q->tail = &q->head;
	w->next = NULL;
	return w;
}

/* The next operation, or NULL. Called with the mutex held. */
static struct wop *pick(struct writer *wr)
{
	struct wop *w = NULL;

	if (wr->since_job >= JOB_EVERY)
		w = fifo_take(&wr->queue[WOP_JOB]);
	for (int class = 0; !w && class < WOP_CLASSES; class++)
		w = fifo_take(&wr->queue[class]);
	if (!w)
		return NULL;
	wr->since_job = w->class == WOP_JOB ? 0 : wr->since_job + 1;
	wr->queued--;
	return w;
}

static struct wop *next_now(struct writer *wr)
{
	struct wop *w;

	pthread_mutex_lock(&wr->mutex);
	w = pick(wr);
	pthread_mutex_unlock(&wr->mutex);
	return w;
}

static struct timespec after_us(int64_t us)
{
	int64_t at = clock_monotonic_us() + us;

	return (struct timespec){ .tv_sec = at / 1000000, .tv_nsec = (long)(at % 1000000) * 1000 };
}

enum waited { CAME, IDLE, CLOSED };

/* Wait for an operation; IDLE once, after `idle_ms`, when there is something to checkpoint. */
static enum waited wait_for_work(struct writer *wr, struct wop **ret_w)
{
	struct timespec until = after_us(wr->cfg.idle_ms * 1000);
	bool pending = store_wal_pending(wr->s) > 0;
	enum waited how = CAME;
	struct wop *w;

	pthread_mutex_lock(&wr->mutex);
	while (!(w = pick(wr))) {
		if (wr->closing) {
			how = CLOSED;
			break;
		}
		int rc = pending ? pthread_cond_timedwait(&wr->wake, &wr->mutex, &until) :
			pthread_cond_wait(&wr->wake, &wr->mutex);
		if (rc == ETIMEDOUT && wr->queued == 0 && !wr->closing) {
			how = IDLE;
			break;
		}
	}
	pthread_mutex_unlock(&wr->mutex);
	*ret_w = w;
	return how;
}

/* ---- one operation ------------------------------------------------------------ */

static void note_run(struct writer *wr, const struct wop *w, int64_t start_us, int64_t us)
{
	if (wr->cfg.op_us_max)
		assert(us <= wr->cfg.op_us_max);	/* an operation held the writer too long */
	pthread_mutex_lock(&wr->mutex);
	wr->stats.ops++;
	wr->stats.failed += w->err != ERR_OK;
	wr->stats.slow += us > WRITER_OP_US;
	wr->stats.run_us += us;
	wr->stats.wait_us += start_us - w->queued_us;
	if (us > wr->stats.op_us_max)
		wr->stats.op_us_max = us;
	pthread_mutex_unlock(&wr->mutex);
}

static enum err call(struct writer *wr, struct wop *w)
{
	struct store_tx *tx = store_tx(wr->s);
	enum err e;

	TRY(store_verb(&w->op, wr->s, STORE_SAVEPOINT));
	e = w->run(&w->op, w->arg);
	assert(!tx->open && w->op.tx_depth == 0);
	if (!e && tx->broken)	/* a service failed, and its caller went on */
		e = FAIL(&w->op, ERR_CONFLICT, "这次操作没有做完，已全部取消。");
	if (e && store_in_transaction(wr->s)) {
		struct op quiet = { .arena = w->op.arena };
		enum err back = store_verb(&quiet, wr->s, STORE_ROLLBACK_TO);
		assert(!back);	/* nothing is written by a rollback */
	}
	if (store_in_transaction(wr->s)) {
		enum err rel = store_verb(&w->op, wr->s, STORE_RELEASE);
		return e ? e : rel;
	}
	/* The engine rolled back the whole group, whatever this operation made of it. */
	return e ? e : FAIL(&w->op, ERR_BUSY, "系统正忙，这次没有保存，请稍后再试。");
}

static void run_one(struct writer *wr, struct wop *w)
{
	int64_t start = clock_monotonic_us();

	w->op.store = wr->s;
	w->op.clock = wr->cfg.clock;
	w->op.idgen = &wr->idgen;
	w->op.entropy = wr->cfg.entropy;
	w->op.work = NULL;	/* of the reader that prepared it */
	w->op.tx_depth = 0;
	w->err = call(wr, w);
	w->op.store = NULL;
	w->op.idgen = NULL;
	w->op.entropy = NULL;
	if (store_io_failed(wr->s) || w->op.sync_failed)
		stop_acknowledging(wr);
	note_run(wr, w, start, clock_monotonic_us() - start);
}

/* ---- a group ------------------------------------------------------------------ */

/* Whoever believed to have succeeded learns otherwise; the others keep their own error. */
static void fail_group(struct group *g, enum err e, const struct op *why)
{
	for (size_t i = 0; i < g->n; i++) {
		struct wop *w = g->at[i];
		if (w->err)
			continue;
		op_clear_error(&w->op);
		w->err = op_fail(&w->op, e, why->errat, "%s", why->errmsg);
	}
}

/*
 * The next for a group that has begun. Who was just answered comes again in a moment: to wait
 * for him a fraction of what a commit costs gives one commit less.
 */
static struct wop *next_member(struct writer *wr, const struct group *g)
{
	int64_t patience = wr->last_commit_us / 4;
	struct wop *w = next_now(wr);

	if (w || g->n >= wr->crowd)
		return w;
	if (patience > GATHER_US_MAX)
		patience = GATHER_US_MAX;
	struct timespec until = after_us(patience);
	pthread_mutex_lock(&wr->mutex);
	while (!(w = pick(wr)) && !wr->closing)
		if (pthread_cond_timedwait(&wr->wake, &wr->mutex, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&wr->mutex);
	return w;
}

/*
 * Fill the group until it is full, has run long enough, or did a job; false: the engine rolled
 * everything back.
 */
static bool run_members(struct writer *wr, struct group *g, struct wop *w)
{
	int64_t start = clock_monotonic_us();

	while (w) {
		g->at[g->n++] = w;
		run_one(wr, w);
		if (!store_in_transaction(wr->s))
			return false;
		if (g->n == WRITER_GROUP_MAX || w->class == WOP_JOB ||
		    clock_monotonic_us() - start > WRITER_GROUP_US)
			break;
		w = next_member(wr, g);
	}
	wr->crowd = g->n > wr->crowd * 3 / 4 ? g->n : wr->crowd * 3 / 4;
	return true;
}

static enum err commit_group(struct writer *wr, struct op *self)
{
	int64_t start = clock_monotonic_us();
	int64_t id_high = wr->idgen.last;

	if (id_high != wr->id_stored)
		TRY(store_mark_set(self, wr->s, "id_high", id_high));
	TRY(store_verb(self, wr->s, STORE_COMMIT));
	wr->id_stored = id_high;
	int64_t us = clock_monotonic_us() - start;
	wr->last_commit_us = us;
	pthread_mutex_lock(&wr->mutex);
	wr->stats.groups++;
	wr->stats.commit_us += us;
	if (us > wr->stats.commit_us_max)
		wr->stats.commit_us_max = us;
	pthread_mutex_unlock(&wr->mutex);
	return ERR_OK;
}

static void answer(struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct wop *w = g->at[i];
		w->done(w, w->err);	/* may free w */
	}
}

static void run_group(struct writer *wr, struct wop *first)
{
	struct op self = { .arena = wr->arena };
	struct group g = { .n = 0 };
	enum err e = store_verb(&self, wr->s, STORE_BEGIN_WRITE);

	if (e) {
		g.at[g.n++] = first;
		first->err = ERR_OK;
	} else if (run_members(wr, &g, first)) {
		e = commit_group(wr, &self);
	} else {	/* the member that failed last says why */
		const struct wop *last = g.at[g.n - 1];
		e = op_fail(&self, last->err, last->op.errat, "%s", last->op.errmsg);
	}
	if (store_io_failed(wr->s))
		stop_acknowledging(wr);
	if (e) {
		fail_group(&g, e, &self);
		op_clear_error(&self);
		if (store_in_transaction(wr->s))
			e = store_verb(&self, wr->s, STORE_ROLLBACK);
		else
			e = ERR_OK;
		assert(!e);
	}
	answer(&g);
}

/* A checkpoint that readers held up is tried again later; only a failed disk matters. */
static void checkpoint(struct writer *wr, bool truncate)
{
	struct op self = { .arena = wr->arena };
	int64_t start = clock_monotonic_us();
	enum err e = store_checkpoint(&self, wr->s, truncate);

	if (e && store_io_failed(wr->s))
		stop_acknowledging(wr);
	if (truncate && store_wal_bytes(wr->s) >= wr->wal_next)
		wr->wal_next = store_wal_bytes(wr->s) + (int64_t)STORE_WAL_BYTES / 4;
	else
		wr->wal_next = (int64_t)STORE_WAL_BYTES;
	pthread_mutex_lock(&wr->mutex);
	wr->stats.checkpoints++;
	wr->stats.checkpoint_us += clock_monotonic_us() - start;
	pthread_mutex_unlock(&wr->mutex);
}

static void *writer_main(void *arg)
{
	struct writer *wr = arg;
	struct wop *w = NULL;
	enum waited how;

	store_own(wr->s);
	while ((how = wait_for_work(wr, &w)) != CLOSED) {
		if (how == IDLE) {
			checkpoint(wr, false);
			continue;
		}
		run_group(wr, w);
		if (store_wal_bytes(wr->s) >= wr->wal_next)
			checkpoint(wr, true);
		else if (store_wal_pending(wr->s) >= (int64_t)STORE_CHECKPOINT_BYTES)
			checkpoint(wr, false);	/* little and often: nobody waits for long */
		pthread_mutex_lock(&wr->mutex);
		wr->stats.wal_bytes = store_wal_bytes(wr->s);
		pthread_mutex_unlock(&wr->mutex);
	}
	checkpoint(wr, true);
	return NULL;
}

/* ---- the door ----------------------------------------------------------------- */

static void init_sync(struct writer *wr)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&wr->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&wr->wake, &attr);
	pthread_condattr_destroy(&attr);
	for (int i = 0; i < WOP_CLASSES; i++)
		wr->queue[i].tail = &wr->queue[i].head;
}

enum err writer_start(struct op *op, const struct writer_config *cfg, struct writer **ret_w)
{
	struct arena *a = arena_new(MIB);
	struct writer *wr = NEW(a, struct writer);

	assert(cfg->db && cfg->clock && cfg->entropy);
	wr->arena = a;
	wr->cfg = *cfg;
	if (!wr->cfg.fatal)
		wr->cfg.fatal = fatal_default;
	if (!wr->cfg.idle_ms)
		wr->cfg.idle_ms = WRITER_IDLE_MS;
	wr->s = store_writer_conn(cfg->db);
	wr->wal_next = (int64_t)STORE_WAL_BYTES;
	enum err e = store_mark_get(op, wr->s, "id_high", &wr->id_stored);
	if (e) {
		arena_free(a);
		return e;
	}
	idgen_start(&wr->idgen, wr->id_stored, cfg->node);
	wr->id_stored = wr->idgen.last;
	init_sync(wr);
	if (pthread_create(&wr->thread, NULL, writer_main, wr) != 0)
		panic("no thread for the writer");
	*ret_w = wr;
	return ERR_OK;
}

enum err writer_submit(struct writer *wr, struct wop *w)
{
	bool full;

	assert(w->run && w->done && w->op.arena);
	assert(w->class < WOP_CLASSES);
	if (!w->op.now_ms)
		w->op.now_ms = clock_now(wr->cfg.clock);
	w->queued_us = clock_monotonic_us();
	w->err = ERR_OK;
	pthread_mutex_lock(&wr->mutex);
	full = wr->closing || wr->queued >= WRITER_QUEUE_MAX;
	if (!full) {
		fifo_put(&wr->queue[w->class], w);
		wr->queued++;
		pthread_cond_signal(&wr->wake);
	}
	pthread_mutex_unlock(&wr->mutex);
	return full ? FAIL(&w->op, ERR_BUSY, "系统正忙，请稍后再试。") : ERR_OK;
}

struct waiter { pthread_mutex_t mutex; pthread_cond_t cond; bool done; };

static void wake_waiter(struct wop *w, enum err e)
{
	struct waiter *wait = w->user;

	(void)e;
	pthread_mutex_lock(&wait->mutex);
	wait->done = true;
	pthread_cond_signal(&wait->cond);
	pthread_mutex_unlock(&wait->mutex);
}

enum err writer_run(struct writer *wr, struct wop *w)
{
	struct waiter wait = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
	void *user = w->user;
	enum err e;

	assert(!w->done);
	assert(!pthread_equal(pthread_self(), wr->thread));	/* it would wait for itself */
	w->done = wake_waiter;
	w->user = &wait;
	e = writer_submit(wr, w);
	if (!e) {
		pthread_mutex_lock(&wait.mutex);
		while (!wait.done)
			pthread_cond_wait(&wait.cond, &wait.mutex);
		pthread_mutex_unlock(&wait.mutex);
		e = w->err;
	}
	w->done = NULL;
	w->user = user;
	return e;
}

enum err writer_do(struct writer *wr, struct op *op, enum wop_class class,
		   enum err (*run)(struct op *op, void *arg), void *arg)
{
	struct wop w = { .op = *op, .run = run, .arg = arg, .class = class };
	enum err e;

	w.op.store = NULL;
	w.op.tx_depth = 0;
	op_clear_error(&w.op);
	e = writer_run(wr, &w);
	if (e) {
		memcpy(op->errmsg, w.op.errmsg, sizeof(op->errmsg));
		op->errat = w.op.errat;
		op->field_errors = w.op.field_errors;
	}
	return e;
}

void writer_stop(struct writer *wr)
{
	if (!wr)
		return;
	pthread_mutex_lock(&wr->mutex);
	assert(!wr->closing);
	wr->closing = true;
	pthread_cond_signal(&wr->wake);
	pthread_mutex_unlock(&wr->mutex);
	pthread_join(wr->thread, NULL);
	assert(wr->queued == 0);
	store_own(wr->s);
	pthread_cond_destroy(&wr->wake);
	pthread_mutex_destroy(&wr->mutex);
	arena_free(wr->arena);
}

void writer_stats(struct writer *wr, struct writer_stats *ret_stats)
{
	pthread_mutex_lock(&wr->mutex);
	*ret_stats = wr->stats;
	ret_stats->queued = wr->queued;
	pthread_mutex_unlock(&wr->mutex);
}
