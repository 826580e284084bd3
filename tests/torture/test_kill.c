/*
 * test_kill [CYCLES [SEED]]: kill -9 at a random moment under write load, again and again on
 * one folder.
 * A child process writes from several threads and tells the parent, over a pipe, every operation
 * that was answered with yes; the parent kills it, opens the folder and counts:
 *
 *	answered ⊆ present, each exactly once; no fact without its event and no event without its
 *	fact; each file row has its blob with the right hash; the chains verify; the database is
 *	whole; opening takes at most a second.
 *
 * Prints the seed first, so that a failure can be run again.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/fsutil.h"
#include "base/idgen.h"
#include "base/limits.h"
#include "gen/q_ledger.h"
#include "gen/q_step.h"
#include "ledger/ledger.h"
#include "lib/instance.h"
#include "store/blob.h"
#include "store/db_int.h"
#include "store/migrate.h"

#define THREADS 8
#define TENANTS 3
#define ANSWERS_MAX 1000000

/* One answered operation: tenant, thread and count make its key; the cycle is the parent's. */
struct answer { int32_t cycle, tenant, thread, n; };

static struct answer *answers;
static size_t answers_n;

#define CHECK(x) do { if (!(x)) panic("%s:%d: %s", __FILE__, __LINE__, #x); } while (0)

/* ---- the child ------------------------------------------------------------------ */

struct client { struct instance *in; int cycle, thread, to_parent; };
struct fact { struct answer key; struct hash hash; bool with_file; };

static str key_of(struct arena *a, const struct answer *k)
{
	return str_fmt(a, "k/%d/%d/%d/%d", k->cycle, k->tenant, k->thread, k->n);
}

/* Two facts, two events, one counter: five tables in one operation. */
static enum err write_fact(struct op *op, void *arg)
{
	struct fact *f = arg;
	int64_t id = idgen_next(op->idgen, op->now_ms);

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(q_tick_add(op, &(struct q_tick_add_in){ .tenant = op->tenant, .id = id,
		.occurrence_key = key_of(op->arena, &f->key), .person = { 7 }, .at = op->now_ms }));
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = STR("tick"), .subject_kind = STR("tick"), .subject = id,
	}, NULL));
	if (f->with_file) {
		file_id file = { idgen_next(op->idgen, op->now_ms) };
		TRY(q_file_add(op, &(struct q_file_add_in){ .tenant = op->tenant,
							    .id = file,
							    .hash = f->hash,
							    .size = 1,
							    .type = STR("image/jpeg"),
							    .name = STR("x"),
							    .person = { 7 },
							    .created_at = op->now_ms }));
		TRY(ledger_append(op, &(struct ledger_event){
			.kind = STR("file"), .subject_kind = STR("file"), .subject = file.v,
		}, NULL));
	}
	return tx_commit(&tx);
}

static void *client_main(void *arg)
{
	struct client *c = arg;
	struct arena *a = arena_new(16 * MIB);

	for (int n = 0; ; n++) {
		struct op op = { .arena = a, .clock = &c->in->clock };
		struct fact f = { .key = { c->cycle, n % TENANTS, c->thread, n },
				  .with_file = n % 10 == 0 };
		op.tenant.v = 1001 + f.key.tenant;
		if (f.with_file)
			CHECK(!blob_put(&op, c->in->db, key_of(a, &f.key), &f.hash));
		CHECK(!writer_do(c->in->writer, &op, n % 7 ? WOP_NORMAL : WOP_JOB, write_fact, &f));
		CHECK(write(c->to_parent, &f.key, sizeof(f.key)) == (ssize_t)sizeof(f.key));
		arena_reset(a);
	}
	return NULL;
}

static _Noreturn void child_main(str dir, int cycle, int to_parent)
{
	struct instance in;
	struct client c[THREADS];
	pthread_t t;

	instance_open(&in, dir);
	clock_real(&in.clock, 8 * 3600 * 1000);
	instance_serve(&in);
	for (int i = 0; i < THREADS; i++) {
		c[i] = (struct client){ &in, cycle, i, to_parent };
		CHECK(pthread_create(&t, NULL, client_main, &c[i]) == 0);
	}
	for (;;)
		pause();
}

/* ---- the parent ----------------------------------------------------------------- */

/* What the dead child had said is still in the pipe. A torn last message was never wholly said. */
static void take_answers(int from)
{
	ssize_t n;

	for (;;) {
		CHECK(answers_n < ANSWERS_MAX);
		n = read(from, &answers[answers_n], sizeof(answers[0]));
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(answers[0]))
			return;
		answers_n++;
	}
}

static void check_answers(struct instance *in, size_t from)
{
	struct arena *a = arena_new(64 * MIB);
	struct q_ticks_between *rows;
	struct op op;
	size_t n;

	instance_read(in, &op);
	store_read_budget(&op, 0);
	op.arena = a;
	for (size_t i = from; i < answers_n; i++) {
		tenant_id t = { 1001 + answers[i].tenant };
		str key = key_of(a, &answers[i]), next = str_fmt(a, "%.*s\x01", STR_ARG(key));

		CHECK(!q_ticks_between(&op, t, key, next, &rows, &n));
		if (n != 1)
			panic("answered %.*s is present %zu times", STR_ARG(key), n);
		if (i % 1000 == 0)
			arena_reset(a);
	}
	instance_read_end(in, &op);
	arena_free(a);
}

static void check_ledger(struct instance *in)
{
	struct ledger_report r;
	struct op op;

	instance_read(in, &op);
	for (int t = 0; t < TENANTS; t++) {
		CHECK(!ledger_verify(&op, (tenant_id){ 1001 + t }, NULL, 0, &r));
		if (!r.ok)
			panic("chain %d breaks at %lld: %.*s", t, (long long)r.bad_seq,
			      STR_ARG(r.bad_what));
	}
	instance_read_end(in, &op);
}

static int64_t ask(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;
	int64_t v;

	CHECK(sqlite3_prepare_v2(h, sql, -1, &st, NULL) == SQLITE_OK);
	CHECK(sqlite3_step(st) == SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* Fact and event go together, both ways; keys are unique; each file's blob is there. */
static void check_rows(struct instance *in, str file)
{
	sqlite3_stmt *st;
	struct op op;
	sqlite3 *h;

	CHECK(sqlite3_open_v2(file.ptr, &h, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
	CHECK(ask(h,
		  "SELECT COUNT(*) FROM tick AS t WHERE NOT EXISTS (SELECT 1 FROM ledger_event AS e"
		  " WHERE e.tenant_id = t.tenant_id AND e.subject_id = t.id AND e.kind = "
		  "'tick')") == 0);
	CHECK(ask(h,
		  "SELECT COUNT(*) FROM file AS t WHERE NOT EXISTS (SELECT 1 FROM ledger_event AS e"
		  " WHERE e.tenant_id = t.tenant_id AND e.subject_id = t.id AND e.kind = "
		  "'file')") == 0);
	CHECK(ask(h, "SELECT COUNT(*) FROM ledger_event") ==
	      ask(h, "SELECT COUNT(*) FROM tick") + ask(h, "SELECT COUNT(*) FROM file"));
	CHECK(ask(h, "SELECT COUNT(*) - COUNT(DISTINCT occurrence_key) FROM tick") == 0);
	CHECK(sqlite3_prepare_v2(h, "SELECT hash FROM file", -1, &st, NULL) == SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct arena *a = arena_new(MIB);
		struct hash hash;
		memcpy(hash.b, sqlite3_column_blob(st, 0), 32);
		op = (struct op){ .arena = a };
		CHECK(!blob_verify(&op, in->db, hash));
		arena_free(a);
	}
	sqlite3_finalize(st);
	sqlite3_close(h);
}

static int64_t check_all(struct instance *in, size_t from)
{
	str file = str_fmt(in->arena, "%s/bihuan.db", in->dir.ptr);
	int64_t start = clock_monotonic_ms(), open_ms;
	struct op op;

	instance_reopen(in);
	open_ms = clock_monotonic_ms() - start;
	check_answers(in, from);
	check_ledger(in);
	check_rows(in, file);
	instance_stop(in);
	instance_op(in, &op);
	if (store_check_file(&op, file.ptr))
		panic("%s", op.errmsg);
	return open_ms;
}

static void cycle_once(struct instance *in, int cycle, struct entropy *e)
{
	int fd[2], status;

	CHECK(pipe(fd) == 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(fd[0]);
		child_main(in->dir, cycle, fd[1]);
	}
	close(fd[1]);
	usleep(20000 + entropy_below(e, 380000));
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		panic("the writing process ended by itself (status %d)", status);
	take_answers(fd[0]);
	close(fd[0]);
}

int main(int argc, char **argv)
{
	int cycles = 30;
	int64_t v, open_ms = 0, seed = clock_monotonic_ms();
	struct instance in;
	struct entropy e;

	if (argc > 1 && str_to_i64(str_of(argv[1]), &v))
		cycles = (int)v;
	if (argc > 2 && str_to_i64(str_of(argv[2]), &v))
		seed = v;
	printf("kill -9: %d cycles, seed %lld\n", cycles, (long long)seed);
	fflush(stdout);
	entropy_seeded(&e, (uint64_t)seed);
	answers = calloc(ANSWERS_MAX, sizeof(answers[0]));
	CHECK(answers);
	instance_new(&in);
	instance_stop(&in);
	for (int c = 0; c < cycles; c++) {
		size_t from = answers_n;
		cycle_once(&in, c, &e);
		int64_t ms = check_all(&in, c % 10 == 9 ? 0 : from);
		if (ms > open_ms)
			open_ms = ms;
	}
	printf("kill -9: %d cycles, %zu answered, 0 lost, 0 doubled, 0 half done; opening at most "
	       "%lld ms\n",
	       cycles, answers_n, (long long)open_ms);
	CHECK(answers_n > (size_t)cycles);
	CHECK(open_ms <= 1000);
	instance_free(&in);
	free(answers);
	return 0;
}
