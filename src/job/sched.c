/*
 * sched: see sched.h. A pass: the earliest wake over all tenants; the tenant's due rows in
 * operations of bounded size, until nothing is due. A failed pass is logged and tried again with
 * the next; nothing is lost, since the rows keep their moment.
 */
#include "job/sched.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>

#include "auth/auth.h"
#include "base/fsutil.h"
#include "base/limits.h"
#include "base/log.h"
#include "org/instance.h"
#include "store/backup.h"
#include "store/blob.h"
#include "work/work.h"

#define PASS_MS 1000
#define PASS_OPS_MAX 10000

struct sched {
	struct sched_config cf;
	struct arena *arena;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	day_no backed_up;
};

struct wake_arg { tenant_id tenant; bool more; };

static enum err wake_run(struct op *op, void *arg)
{
	struct wake_arg *w = arg;

	return work_wake(op, w->tenant, &w->more);
}

/* One reader, one question: whom does time concern next? */
static enum err next_wake(const struct sched_config *cf, struct op *op, int64_t until_ms,
			  int64_t *ret_at, tenant_id *ret_tenant)
{
	struct store *reader;
	struct op in = *op;

	TRY(store_reader_take(op, cf->db, &reader));
	in.arena = arena_new(ARENA_OP_MAX);
	in.store = reader;
	enum err e = store_read_begin(&in);
	if (!e)
		e = work_next_wake(&in, until_ms, ret_at, ret_tenant);
	store_read_end(&in);
	arena_free(in.arena);
	store_reader_give(reader);
	return e;
}

static enum err tenant_wake(const struct sched_config *cf, struct op *op, tenant_id tenant,
			    bool *ret_more)
{
	struct wake_arg w = { tenant, false };
	struct op in = *op;

	in.arena = arena_new(ARENA_OP_MAX);	/* a year of wakes must not add up */
	in.tenant = tenant;
	in.scope = &scope_of_system;
	in.policies = cf->policies;
	enum err e = writer_do(cf->writer, &in, WOP_JOB, wake_run, &w);
	if (e && e != ERR_NOTFOUND)	/* a unit that has adopted nothing has nothing to wake */
		log_line(LOG_ERROR, "job wake: %s (%s)", err_word(e), in.errat ? in.errat : "");
	*ret_more = w.more;
	arena_free(in.arena);
	if (e && e != ERR_NOTFOUND)
		return FAIL(op, e, "到点的事没有办成：%s", in.errmsg);
	return e;
}

static enum err sweep_run(struct op *op, void *arg)
{
	(void)arg;
	return auth_sweep(op);
}

/* Once a day, for the instance: what nobody needs any more goes, and how full the disk is. */
static void upkeep(const struct sched_config *cf, const struct op *op)
{
	int64_t left = 1, whole = 1;
	struct op in = *op;

	in.tenant.v = 0;	/* sessions, codes and tries are the instance's */
	enum err e = writer_do(cf->writer, &in, WOP_JOB, sweep_run, NULL);
	if (e)
		log_line(LOG_ERROR, "job sweep: %s (%s)", err_word(e), in.errat ? in.errat : "");
	op_clear_error(&in);
	if (!blob_disk(&in, cf->db, &left, &whole) && left < whole / 100 * DISK_WARN_PERCENT)
		log_line(LOG_WARN, "job disk: less than %d %% free, no files below %d %%",
			 DISK_WARN_PERCENT, UPLOAD_FREE_PERCENT);
}

/* The day turns for every tenant that has adopted something, also where no row is due. */
enum err sched_turn_day(const struct sched_config *cf, struct op *op)
{
	struct store *reader;
	struct tenant_row *t = NULL;
	size_t n = 0;
	bool more;

	upkeep(cf, op);
	TRY(store_reader_take(op, cf->db, &reader));
	op->store = reader;
	enum err e = store_read_begin(op);
	if (!e)
		e = instance_tenants(op, &t, &n);
	store_read_end(op);
	op->store = NULL;
	store_reader_give(reader);
	TRY(e);
	for (size_t i = 0; i < n; i++) {
		struct op in = *op;

		op_clear_error(&in);
		e = tenant_wake(cf, &in, t[i].id, &more);
		if (e && e != ERR_NOTFOUND)
			return e;
	}
	return ERR_OK;
}

enum err sched_run_due(const struct sched_config *cf, struct op *op, int64_t until_ms,
		       int64_t *ret_next)
{
	for (int i = 0; i < PASS_OPS_MAX; i++) {
		int64_t at;
		tenant_id tenant;
		bool more;

		TRY(next_wake(cf, op, until_ms, &at, &tenant));
		if (at > op->now_ms) {
			*ret_next = at;
			return ERR_OK;
		}
		TRY(tenant_wake(cf, op, tenant, &more));
	}
	return FAIL(op, ERR_LIMIT, "到点要办的事一次办不完");
}

/* --- the daily backup --- */

static void backup_file_name(struct arena *a, str dir, day_no d, str *ret)
{
	*ret = str_fmt(a, "%.*s/bihuan-%.*s.tar", STR_ARG(dir), STR_ARG(date_format(a, d)));
}

static void backup_prune(struct op *op, const struct sched_config *cf, day_no today)
{
	str old;

	for (int i = cf->backups_kept; i < cf->backups_kept + 60; i++) {
		backup_file_name(op->arena, cf->backup_dir, today - i, &old);
		if (fs_exists(old))
			(void)!fs_remove(op, old);
	}
}

static enum err backup_note(struct op *op, void *arg)
{
	(void)arg;
	return instance_backed_up(op);
}

/* The file first; then the instance knows of it, for the page of the administrator. */
static enum err backup_make(struct sched *s, struct op *op, str file)
{
	struct backup_result r;

	TRY(fs_mkdirs(op, s->cf.backup_dir));
	TRY(backup_write(op, s->cf.db, file, &r));
	return writer_do(s->cf.writer, op, WOP_JOB, backup_note, NULL);
}

static void backup_daily(struct sched *s, struct op *op)
{
	day_no today = instant_day(op->now_ms, s->cf.clock->utc_offset_ms);
	str file;

	if (!s->cf.backup_dir.len || s->backed_up == today)
		return;
	s->backed_up = today;
	backup_file_name(op->arena, s->cf.backup_dir, today, &file);
	if (fs_exists(file))
		return;
	enum err e = backup_make(s, op, file);
	log_line(e ? LOG_ERROR : LOG_INFO, "job backup: %s", e ? op->errmsg : "ok");
	if (!e)
		backup_prune(op, &s->cf, today);
}

/* --- the thread --- */

static bool wait_or_stop(struct sched *s, int64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&s->lock);
	if (!s->stop)
		pthread_cond_timedwait(&s->wake, &s->lock, &at);
	bool stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

static void pass(struct sched *s, day_no *turned)
{
	struct op op = { .arena = s->arena, .clock = s->cf.clock, .scope = &scope_of_system,
			 .policies = s->cf.policies, .now_ms = clock_now(s->cf.clock) };
	day_no today = instant_day(op.now_ms, s->cf.clock->utc_offset_ms);
	int64_t next;

	if (*turned != today) {
		if (sched_turn_day(&s->cf, &op) == ERR_OK)
			*turned = today;
		op_clear_error(&op);
	}
	enum err e = sched_run_due(&s->cf, &op, op.now_ms, &next);
	if (e)
		log_line(LOG_ERROR, "job sched: %s", op.errmsg);
	op_clear_error(&op);
	backup_daily(s, &op);
	arena_reset(s->arena);
}

static void *sched_main(void *arg)
{
	struct sched *s = arg;
	day_no turned = DAY_NONE;

	do {
		if (!s->cf.manual)
			pass(s, &turned);
	} while (!wait_or_stop(s, PASS_MS));
	return NULL;
}

enum err sched_start(struct op *op, const struct sched_config *cf, struct sched **ret)
{
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct sched *s = NEW(op->arena, struct sched);
	pthread_condattr_t attr;

	assert(cf->writer && cf->db && cf->policies);
	s->cf = *cf;
	s->arena = a;
	s->backed_up = DAY_NONE;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	if (pthread_create(&s->thread, NULL, sched_main, s))
		return FAIL(op, ERR_IO, "后台线程起不来");
	*ret = s;
	return ERR_OK;
}

void sched_stop(struct sched *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	arena_free(s->arena);
}
