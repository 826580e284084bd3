/*
 * bench/writer [OPERATIONS]: durable write operations from 64 waiting callers over 120 tenants,
 * each
 * with two rows and a ledger event, against raw SQL that writes the same rows with the same
 * groups on
 * the same disk. Prints one JSON line with the time by phase.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/idgen.h"
#include "base/limits.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "ledger/chain.h"
#include "ledger/encode.h"
#include "ledger/ledger.h"
#include "lib/instance.h"

#define CALLERS 64
#define TENANTS 120

struct caller {
	struct wop w;
	struct arena *arena;
	struct instance *in;
};

static _Atomic int64_t left, answered, failed;

static enum err one_op(struct op *op, void *arg)
{
	static const struct ledger_fact facts[] = { { STR("from"), STR("found") },
						    { STR("to"), STR("rectifying") } };
	int64_t id = idgen_next(op->idgen, op->now_ms);
	struct q_counter_next n;

	(void)arg;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(q_counter_next(op, op->tenant, STR("YH"), 2026, &n));
	TRY(q_tick_add(op, &(struct q_tick_add_in){ .tenant = op->tenant,
						    .id = id,
						    .occurrence_key = STR("duty/2026-11/unit"),
						    .person = { 7 },
						    .at = op->now_ms }));
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = STR("record.step"), .account = { 1 }, .person = { 2 }, .appointment = { 3 },
		.subject_kind = STR("record"), .subject = id, .facts = facts, .facts_n = 2,
		.content = STR("content"), .salt = ledger_salt(op),
	}, NULL));
	return tx_commit(&tx);
}

static void again(struct wop *w, enum err e)
{
	struct caller *c = w->user;

	answered++;
	failed += e != ERR_OK;
	if (left-- <= 0)
		return;
	arena_reset(c->arena);
	int64_t tenant = w->op.tenant.v % TENANTS + 1;
	w->op = (struct op){ .arena = c->arena, .tenant = { tenant } };
	if (writer_submit(c->in->writer, w))
		failed++;
}

static int64_t run_ops(struct instance *in, int64_t ops)
{
	static struct caller c[CALLERS];
	int64_t start = clock_monotonic_us();

	left = ops - CALLERS;
	answered = 0;
	for (int i = 0; i < CALLERS; i++) {
		c[i].in = in;
		c[i].arena = arena_new(16 * MIB);
		c[i].w = (struct wop){
			.run = one_op, .class = WOP_NORMAL, .done = again, .user = &c[i]
		};
		c[i].w.op = (struct op){ .arena = c[i].arena, .tenant = { 1 + i % TENANTS } };
		if (writer_submit(in->writer, &c[i].w))
			failed++;
	}
	while (answered < ops)
		usleep(200);
	int64_t us = clock_monotonic_us() - start;
	for (int i = 0; i < CALLERS; i++)
		arena_free(c[i].arena);
	return us;
}

/* ---- the same rows by plain SQL ------------------------------------------------- */

static void must(sqlite3 *h, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		panic("%s", sqlite3_errmsg(h));
}

static sqlite3_stmt *prepared(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;

	must(h, sqlite3_prepare_v3(h, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL));
	return st;
}

static void step_all(sqlite3 *h, sqlite3_stmt *st)
{
	while (sqlite3_step(st) == SQLITE_ROW)
		;
	must(h, sqlite3_reset(st));
}

static int64_t run_raw(struct instance *in, int64_t ops)
{
	static char event[180], hash[32];
	str file = str_fmt(in->arena, "%s/bihuan.db", in->dir.ptr);
	sqlite3 *h;

	must(NULL,
	     sqlite3_open_v2(file.ptr, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	must(h, sqlite3_exec(h,
			     "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
			     "PRAGMA secure_delete=ON; PRAGMA cache_size=-32000",
			     NULL, NULL, NULL));
	sqlite3_stmt *begin = prepared(h, "BEGIN IMMEDIATE"), *commit = prepared(h, "COMMIT");
	sqlite3_stmt *count = prepared(
		h, "INSERT INTO counter (tenant_id, kind, year, n) VALUES (?1, 'YH', 2027, 1)"
		   " ON CONFLICT (tenant_id, kind, year) DO UPDATE SET n = counter.n + 1");
	sqlite3_stmt *tick = prepared(
		h, "INSERT INTO tick (tenant_id, id, record_id, occurrence_key, un, person_id, at)"
		   " VALUES (?1, ?2, 0, 'duty/2026-11/unit', 0, 7, 5)");
	sqlite3_stmt *ev = prepared(h, "INSERT INTO ledger_event (tenant_id, seq, at, kind, "
				       "subject_id, account_id, person_id,"
				       " event, commitment, leaf, link) VALUES (?1, ?2, 5, "
				       "'record.step', ?2, 1, 2, ?3, ?4, ?4, ?4)");
	sqlite3_stmt *head =
		prepared(h, "UPDATE ledger_head SET seq = ?2, link = ?3 WHERE tenant_id = ?1");
	int64_t start = clock_monotonic_us(), id = 4000000000000000000LL;
	for (int64_t done = 0; done < ops;) {
		step_all(h, begin);
		for (int i = 0; i < WRITER_GROUP_MAX && done < ops; i++, done++, id++) {
			int64_t tenant = 1 + done % TENANTS;
			sqlite3_bind_int64(count, 1, tenant);
			sqlite3_bind_int64(tick, 1, tenant);
			sqlite3_bind_int64(tick, 2, id);
			sqlite3_bind_int64(ev, 1, tenant);
			sqlite3_bind_int64(ev, 2, id);
			sqlite3_bind_blob(ev, 3, event, sizeof(event), SQLITE_STATIC);
			sqlite3_bind_blob(ev, 4, hash, sizeof(hash), SQLITE_STATIC);
			sqlite3_bind_int64(head, 1, tenant);
			sqlite3_bind_int64(head, 2, id);
			sqlite3_bind_blob(head, 3, hash, sizeof(hash), SQLITE_STATIC);
			step_all(h, count);
			step_all(h, tick);
			step_all(h, ev);
			step_all(h, head);
		}
		step_all(h, commit);
	}
	int64_t us = clock_monotonic_us() - start;
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(count);
	sqlite3_finalize(tick);
	sqlite3_finalize(ev);
	sqlite3_finalize(head);
	sqlite3_close(h);
	return us;
}

int main(int argc, char **argv)
{
	int64_t ops = 40000, ours, raw;
	struct writer_stats st;
	struct instance in;

	if (argc > 1 && !str_to_i64(str_of(argv[1]), &ops))
		return 2;
	instance_new(&in);
	instance_serve(&in);
	ours = run_ops(&in, ops);
	writer_stats(in.writer, &st);
	instance_stop(&in);
	raw = run_raw(&in, ops);
	printf("{\"bench\": \"writer\", \"ops\": %lld, \"ops_per_s\": %lld, \"raw_per_s\": %lld, "
	       "\"percent_of_raw\": %lld, \"limit_percent\": 60, ",
	       (long long)ops, (long long)(ops * 1000000 / ours), (long long)(ops * 1000000 / raw),
	       (long long)(raw * 100 / ours));
	printf("\"us_per_op\": {\"run\": %.1f, \"commit\": %.1f, \"checkpoint\": %.1f}, ",
	       (double)st.run_us / (double)ops, (double)st.commit_us / (double)ops,
	       (double)st.checkpoint_us / (double)ops);
	printf("\"groups\": %lld, \"commit_us_max\": %lld, \"checkpoints\": %lld, "
	       "\"checkpoint_us_avg\": %lld}\n",
	       (long long)st.groups, (long long)st.commit_us_max, (long long)st.checkpoints,
	       (long long)(st.checkpoint_us / (st.checkpoints ? st.checkpoints : 1)));
	instance_free(&in);
	return failed ? 1 : 0;
}
