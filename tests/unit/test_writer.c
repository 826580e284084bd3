/*
 * What it would catch: a yes before the commit, a failed operation that leaves a row or takes its
 * neighbours with it, an answer after the disk failed, an id given twice, a job that goes before a
 * person, an fsync per operation instead of one per group, a log that is never checkpointed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/idgen.h"
#include "base/limits.h"
#include "gen/q_ledger.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "ledger/ledger.h"
#include "lib/faultvfs.h"
#include "lib/instance.h"
#include "store/db_int.h"

static const tenant_id T1 = { 1001 }, T2 = { 2002 };

/* ---- operations --------------------------------------------------------------- */

struct job {
	struct wop w;
	str kind;		/* of the counter */
	int64_t n;		/* what it counted */
	enum err then;		/* fail after the write */
	int place;		/* in the order of running */
	_Atomic bool *gate;	/* wait for it */
	enum err answered;
	bool done;
};

static _Atomic int ran, answers;

static enum err count_one(struct op *op, struct job *j)
{
	struct q_counter_next row;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(q_counter_next(op, op->tenant, j->kind, 2026, &row));
	j->n = row.n;
	if (j->then)
		return FAIL(op, j->then, "不行");
	return tx_commit(&tx);
}

static enum err run_job(struct op *op, void *arg)
{
	struct job *j = arg;

	while (j->gate && !*j->gate)
		usleep(1000);
	j->place = ran++;
	return count_one(op, j);
}

static void on_done(struct wop *w, enum err e)
{
	struct job *j = w->user;

	j->answered = e;
	j->done = true;
	answers++;
}

/* A fact and its event; the *arg-th statement of it fails (0: none). */
static enum err tick_with_event(struct op *op, void *arg)
{
	struct ledger_fact fact = { STR("key"), STR("d/2026-11") };
	int64_t id = idgen_next(op->idgen, op->now_ms);

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	if (*(int *)arg)
		store_fault_after(op->store, *(int *)arg);
	TRY(q_tick_add(op, &(struct q_tick_add_in){ .tenant = op->tenant, .id = id,
		.occurrence_key = STR("d/2026-11"), .person = { 7 }, .at = op->now_ms }));
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = STR("untick"), .subject_kind = STR("tick"), .subject = id, .facts = &fact,
		.facts_n = 1,
	}, NULL));
	store_fault_after(op->store, 0);
	return tx_commit(&tx);
}

static void job_init(struct job *j, struct instance *in, enum wop_class class)
{
	*j = (struct job){ .kind = STR("YH") };
	j->w = (struct wop){ .run = run_job, .arg = j, .class = class, .done = on_done, .user = j };
	j->w.op.arena = in->arena;
	j->w.op.tenant = T1;
}

static void wait_answers(int n)
{
	for (int i = 0; answers < n && i < 10000; i++)
		usleep(1000);
	assert_int_equal(answers, n);
}

static int64_t counter(struct instance *in)
{
	struct job j;

	job_init(&j, in, WOP_NORMAL);
	j.w.done = NULL;
	assert_int_equal(writer_run(in->writer, &j.w), ERR_OK);
	return j.n;
}

static void start(struct instance *in)
{
	ran = answers = 0;
	instance_new(in);
	instance_serve(in);
}

/* ---- tests -------------------------------------------------------------------- */

/* Ten operations behind a closed gate become one group: one sync of the log for all. */
static void writer__one_sync_for_a_group(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	struct job j[11];
	struct writer_stats st;

	(void)state;
	start(&in);
	for (int i = 0; i < 11; i++) {
		job_init(&j[i], &in, WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
	}
	int before = faultvfs_syncs(true);
	assert_int_equal(answers, 0);	/* nobody hears anything before the commit */
	gate = true;
	wait_answers(11);
	assert_true(faultvfs_syncs(true) - before <= 4);
	for (int i = 0; i < 11; i++) {
		assert_int_equal(j[i].answered, ERR_OK);
		assert_int_equal(j[i].place, i);
		assert_int_equal(j[i].n, i + 1);
	}
	writer_stats(in.writer, &st);
	assert_int_equal(st.ops, 11);
	assert_true(st.groups <= 2);
	assert_int_equal(st.queued, 0);
	instance_free(&in);
}

static void writer__failed_op_leaves_nothing(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	struct job j[9];

	(void)state;
	start(&in);
	for (int i = 0; i < 9; i++) {
		job_init(&j[i], &in, WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		j[i].then = i % 3 == 1 ? ERR_DENIED : ERR_OK;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
	}
	gate = true;
	wait_answers(9);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(j[i].answered, i % 3 == 1 ? ERR_DENIED : ERR_OK);
		if (i % 3 == 1)
			assert_string_equal(j[i].w.op.errmsg, "不行");
	}
	assert_int_equal(counter(&in), 7);	/* six and this one: numbers have no gap */
	instance_free(&in);
}

/* A caller that goes on after a failed service does not get half of the work kept. */
static enum err swallow(struct op *op, void *arg)
{
	struct job bad = { .kind = STR("YH"), .then = ERR_CONFLICT }, good = { .kind = STR("YH") };

	(void)arg;
	if (count_one(op, &bad))
		op_clear_error(op);
	return count_one(op, &good) ? ERR_OK : ERR_OK;
}

static enum err two_services(struct op *op, void *arg)
{
	struct job one = { .kind = STR("YH") }, two = { .kind = STR("YH") };

	(void)arg;
	TRY(count_one(op, &one));
	return count_one(op, &two);
}

static void writer__swallowed_failure_rolls_back(void **state)
{
	struct instance in;

	(void)state;
	start(&in);
	assert_int_equal(instance_write(&in, T1, two_services, NULL), ERR_OK);
	assert_int_equal(instance_write(&in, T1, swallow, NULL), ERR_CONFLICT);
	assert_int_equal(counter(&in), 3);
	instance_free(&in);
}

static void writer__people_before_jobs(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	struct job j[7];
	static const enum wop_class class[7] = { WOP_NORMAL, WOP_JOB,	 WOP_NORMAL, WOP_URGENT,
						 WOP_JOB,    WOP_NORMAL, WOP_URGENT };
	static const int want[7] = { 0, 5, 3, 1, 6, 4, 2 };

	(void)state;
	start(&in);
	for (int i = 0; i < 7; i++) {
		job_init(&j[i], &in, class[i]);
		j[i].gate = i == 0 ? &gate : NULL;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
		if (i == 0)
			usleep(20000);	/* it runs, and holds the writer, before the others come */
	}
	gate = true;
	wait_answers(7);
	for (int i = 0; i < 7; i++)
		assert_int_equal(j[i].place, want[i]);
	instance_free(&in);
}

static void writer__jobs_do_not_starve(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	static struct job j[60];

	(void)state;
	start(&in);
	for (int i = 0; i < 60; i++) {
		job_init(&j[i], &in, i == 1 ? WOP_JOB : WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
	}
	gate = true;
	wait_answers(60);
	assert_true(j[1].place < 20);
	instance_free(&in);
}

static void writer__full_queue_says_busy(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	static struct job j[WRITER_QUEUE_MAX + 2];
	int n = 0;

	(void)state;
	start(&in);
	for (int i = 0; i < WRITER_QUEUE_MAX + 2; i++) {
		job_init(&j[i], &in, WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		enum err e = writer_submit(in.writer, &j[i].w);
		assert_true(e == ERR_OK || e == ERR_BUSY);
		n += !e;
		if (i == 0)
			usleep(20000);
	}
	assert_int_equal(n, WRITER_QUEUE_MAX + 1);
	gate = true;
	wait_answers(n);
	instance_free(&in);
}

/* The disk is full at the commit: the whole group hears no, and nothing is there. */
static void writer__failed_commit_fails_all(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	struct job j[5];

	(void)state;
	start(&in);
	assert_int_equal(counter(&in), 1);
	for (int i = 0; i < 5; i++) {
		job_init(&j[i], &in, WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		j[i].then = i == 2 ? ERR_DENIED : ERR_OK;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
	}
	faultvfs_arm(FAULT_WRITE_FULL, 1, "-wal");
	gate = true;
	wait_answers(5);
	assert_true(faultvfs_hits() > 0);
	faultvfs_disarm();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(j[i].answered, i == 2 ? ERR_DENIED : ERR_BUSY);
		assert_non_null(strstr(j[i].w.op.errmsg, i == 2 ? "不行" : "满"));
	}
	assert_int_equal(counter(&in), 2);	/* it goes on once there is room */
	instance_free(&in);
}

/* Wherever the room ends: no, nothing kept, and it goes on afterwards. */
static void writer__room_ends_anywhere(void **state)
{
	int none = 0, refused = 0;
	struct ledger_report r;
	struct instance in;
	struct op op;

	(void)state;
	start(&in);
	assert_int_equal(instance_write(&in, T1, tick_with_event, &none), ERR_OK);
	for (int nth = 1; nth <= 12; nth++) {
		faultvfs_arm(FAULT_WRITE_FULL, nth, "-wal");
		enum err e = instance_write(&in, T1, tick_with_event, &none);
		assert_int_equal(e, faultvfs_hits() ? ERR_BUSY : ERR_OK);
		refused += e != ERR_OK;
		faultvfs_disarm();
	}
	assert_true(refused > 3);
	instance_read(&in, &op);
	assert_int_equal(ledger_verify(&op, T1, NULL, 0, &r), ERR_OK);
	assert_true(r.ok);
	assert_int_equal(r.events, 13 - refused);
	instance_read_end(&in, &op);
	instance_free(&in);
}

/* In a process of its own: after a failed sync there is no answer, and the exit status is 74. */
static void die_of_sync(struct instance *in, enum fault_kind kind, int nth, int to_parent)
{
	struct job j;

	instance_serve(in);
	counter(in);
	faultvfs_arm(kind, nth, "-wal");
	freopen("/dev/null", "w", stderr);
	for (;;) {
		job_init(&j, in, WOP_NORMAL);
		j.w.done = NULL;
		if (writer_run(in->writer, &j.w) == ERR_OK && faultvfs_hits() > 0)
			write(to_parent, "!", 1);	/* a yes after the failure: the bug */
	}
}

static void writer__failed_sync_exits_74(void **state)
{
	static const enum fault_kind kinds[] = { FAULT_SYNC_IO, FAULT_WRITE_IO };
	struct instance in;
	int status, fd[2];
	char c;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		for (int nth = 1; nth <= 4; nth++) {
			assert_int_equal(pipe(fd), 0);
			pid_t pid = fork();
			if (pid == 0) {
				close(fd[0]);
				instance_new(&in);
				dprintf(fd[1], "%s\n", in.dir.ptr);
				die_of_sync(&in, kinds[k], nth, fd[1]);
			}
			close(fd[1]);
			char dir[64] = "";
			ssize_t n = read(fd[0], dir, sizeof(dir) - 1);
			assert_true(n > 1 && dir[n - 1] == '\n');
			dir[n - 1] = '\0';
			waitpid(pid, &status, 0);
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 74);
			assert_int_equal(read(fd[0], &c, 1), 0);
			close(fd[0]);
			remove_tree(dir);
		}
	}
}

/* The n-th statement fails, for every n: an error, and nothing kept. */
static void writer__nth_statement_fails(void **state)
{
	struct ledger_report r;
	struct instance in;
	struct op op;
	int nth;

	(void)state;
	start(&in);
	for (nth = 1; ; nth++) {
		enum err e = instance_write(&in, T1, tick_with_event, &nth);
		if (e == ERR_OK)
			break;
		assert_int_equal(e, ERR_IO);
	}
	assert_int_equal(nth, 6);	/* the loop did reach every statement */
	instance_read(&in, &op);
	assert_int_equal(ledger_verify(&op, T1, NULL, 0, &r), ERR_OK);
	assert_true(r.ok);
	assert_int_equal(r.events, 1);
	instance_read_end(&in, &op);
	instance_free(&in);
}

/* ---- what must abort: each in a process of its own ------------------------------ */

static enum err other_tenant(struct op *op, void *arg)
{
	struct q_counter_next row;

	(void)arg;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(q_counter_next(op, T2, STR("YH"), 2026, &row));
	return tx_commit(&tx);
}

static enum err fact_without_event(struct op *op, void *arg)
{
	(void)arg;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(q_tick_add(op, &(struct q_tick_add_in){ .tenant = op->tenant,
						    .id = 5,
						    .occurrence_key = STR("d"),
						    .person = { 7 },
						    .at = 1 }));
	return tx_commit(&tx);
}

static enum err write_without_scope(struct op *op, void *arg)
{
	struct q_counter_next row;

	(void)arg;
	return q_counter_next(op, op->tenant, STR("YH"), 2026, &row);
}

static enum err nested(struct op *op, void *arg)
{
	struct job j = { .kind = STR("YH") };

	(void)arg;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(count_one(op, &j));
	return tx_commit(&tx);
}

static enum err two_tenants(struct op *op, void *arg)
{
	struct job j = { .kind = STR("YH") };

	(void)arg;
	TRY(count_one(op, &j));
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, T2, &tx));
	return tx_commit(&tx);
}

static void writer__broken_promises_abort(void **state)
{
	static enum err (*const run[])(struct op *op, void *arg) = {
		other_tenant, fact_without_event, write_without_scope, nested, two_tenants,
	};
	struct rlimit no_core = { 0, 0 };
	int status, fd[2];

	(void)state;
	for (size_t i = 0; i < sizeof(run) / sizeof(run[0]); i++) {
		assert_int_equal(pipe(fd), 0);
		pid_t pid = fork();
		if (pid == 0) {
			struct instance in;
			signal(SIGABRT, SIG_DFL);
			setrlimit(RLIMIT_CORE, &no_core);
			start(&in);
			dprintf(fd[1], "%s\n", in.dir.ptr);
			freopen("/dev/null", "w", stderr);
			instance_write(&in, T1, run[i], NULL);
			_exit(0);
		}
		close(fd[1]);
		char dir[64] = "";
		ssize_t n = read(fd[0], dir, sizeof(dir) - 1);
		assert_true(n > 1);
		dir[n - 1] = '\0';
		close(fd[0]);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
		remove_tree(dir);
	}
}

/* ---- ids, checkpoints, stopping ------------------------------------------------- */

static enum err next_id(struct op *op, void *arg)
{
	struct job j = { .kind = STR("YH") };

	*(int64_t *)arg = idgen_next(op->idgen, op->now_ms);
	return count_one(op, &j);
}

static void writer__ids_grow_over_restarts(void **state)
{
	struct instance in;
	int64_t last = 0, id;

	(void)state;
	start(&in);
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < 3; k++) {
			assert_int_equal(instance_write(&in, T1, next_id, &id), ERR_OK);
			assert_true(id > last);
			last = id;
		}
		instance_stop(&in);
		in.clock.manual_ms -= 86400000;	/* and the clock is set back by a day */
		instance_reopen(&in);
		instance_serve(&in);
	}
	instance_free(&in);
}

static void writer__now_is_the_moment_of_acceptance(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	struct job j[2];

	(void)state;
	start(&in);
	for (int i = 0; i < 2; i++) {
		job_init(&j[i], &in, WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
	}
	in.clock.manual_ms += 5000;
	gate = true;
	wait_answers(2);
	assert_int_equal(j[1].w.op.now_ms, INSTANCE_AT);
	instance_free(&in);
}

static off_t wal_size(struct instance *in)
{
	struct stat st;
	str path = str_fmt(in->arena, "%s/bihuan.db-wal", in->dir.ptr);

	return stat(path.ptr, &st) == 0 ? st.st_size : 0;
}

static void writer__checkpoints_when_idle(void **state)
{
	struct instance in;
	struct writer_stats st = { 0 };
	int all;

	(void)state;
	start(&in);
	counter(&in);
	assert_true(wal_size(&in) > 0);
	all = faultvfs_syncs(false);
	for (int i = 0; st.checkpoints == 0 && i < 300; i++) {
		usleep(10000);
		writer_stats(in.writer, &st);
	}
	assert_int_equal(st.checkpoints, 1);
	assert_true(faultvfs_syncs(false) > all);	/* the database file itself was synced */
	usleep(700000);
	writer_stats(in.writer, &st);
	assert_int_equal(st.checkpoints, 1);	/* nothing new: it sleeps */
	instance_stop(&in);
	assert_int_equal(wal_size(&in), 0);
	instance_reopen(&in);
	instance_serve(&in);
	assert_int_equal(counter(&in), 2);
	instance_free(&in);
}

static void writer__stop_answers_everybody(void **state)
{
	_Atomic bool gate = false;
	struct instance in;
	static struct job j[200];

	(void)state;
	start(&in);
	for (int i = 0; i < 200; i++) {
		job_init(&j[i], &in, i % 2 ? WOP_JOB : WOP_NORMAL);
		j[i].gate = i == 0 ? &gate : NULL;
		assert_int_equal(writer_submit(in.writer, &j[i].w), ERR_OK);
	}
	gate = true;
	instance_stop(&in);
	assert_int_equal(answers, 200);
	for (int i = 0; i < 200; i++)
		assert_int_equal(j[i].answered, ERR_OK);
	instance_free(&in);
}

/* Readers beside the writer, for the thread sanitizer and for the shared snapshot rules. */
static void *read_much(void *arg)
{
	struct instance *in = arg;
	struct arena *a = arena_new(16 * MIB);
	struct q_ledger_tenants *rows;
	size_t n;

	for (int i = 0; i < 200; i++) {
		struct op op = { .arena = a, .clock = &in->clock };
		assert(!store_reader_take(&op, in->db, &op.store));
		assert(!store_read_begin(&op));
		assert(!q_ledger_tenants(&op, &rows, &n));
		store_read_end(&op);
		store_reader_give(op.store);
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

static void *write_much(void *arg)
{
	struct instance *in = arg;
	struct arena *a = arena_new(16 * MIB);

	for (int i = 0; i < 100; i++) {
		struct op op = { .arena = a, .clock = &in->clock, .tenant = T1 };
		int none = 0;
		assert(!writer_do(in->writer, &op, WOP_NORMAL, tick_with_event, &none));
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

static void writer__many_threads(void **state)
{
	struct ledger_report r;
	struct instance in;
	pthread_t t[6];
	struct op op;

	(void)state;
	start(&in);
	for (int i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, i < 3 ? read_much : write_much, &in);
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	instance_read(&in, &op);
	assert_int_equal(ledger_verify(&op, T1, NULL, 0, &r), ERR_OK);
	assert_true(r.ok);
	assert_int_equal(r.events, 300);
	instance_read_end(&in, &op);
	instance_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writer__one_sync_for_a_group),
		cmocka_unit_test(writer__failed_op_leaves_nothing),
		cmocka_unit_test(writer__swallowed_failure_rolls_back),
		cmocka_unit_test(writer__people_before_jobs),
		cmocka_unit_test(writer__jobs_do_not_starve),
		cmocka_unit_test(writer__full_queue_says_busy),
		cmocka_unit_test(writer__failed_commit_fails_all),
		cmocka_unit_test(writer__room_ends_anywhere),
		cmocka_unit_test(writer__failed_sync_exits_74),
		cmocka_unit_test(writer__nth_statement_fails),
		cmocka_unit_test(writer__broken_promises_abort),
		cmocka_unit_test(writer__ids_grow_over_restarts),
		cmocka_unit_test(writer__now_is_the_moment_of_acceptance),
		cmocka_unit_test(writer__checkpoints_when_idle),
		cmocka_unit_test(writer__stop_answers_everybody),
		cmocka_unit_test(writer__many_threads),
	};

	faultvfs_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
