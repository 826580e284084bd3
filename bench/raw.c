/*
 * bench/raw BEFORE AFTER OPERATIONS: by plain SQL, in BEFORE, the rows that operations have written
 * in AFTER (both folders were one once): the same rows, indexes, groups of 64, durability and
 * checkpoints, and nothing else. New rows are found by their rowid. Three tables are counted up in
 * place: there one statement stands for each time (a tally once for each 1 that it has grown).
 * Prints one JSON line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

#define COLS_MAX 40
#define TABLES_MAX 64

struct rows {
	char name[64];
	sqlite3_stmt *write;
	int cols;
	sqlite3_value **at;	/* cols of each row */
	size_t n, cap;
};

static sqlite3 *db;
static struct rows table[TABLES_MAX];
static size_t table_n;

static void must(int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		panic("%s", sqlite3_errmsg(db));
}

static sqlite3_stmt *prepared(const char *sql)
{
	sqlite3_stmt *st;

	must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL));
	return st;
}

static void run(const char *sql)
{
	must(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* ---- what is to be written ------------------------------------------------------- */

static void row_keep(struct rows *t, sqlite3_stmt *st)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 1024;
		t->at = realloc(t->at, t->cap * (size_t)t->cols * sizeof(t->at[0]));
		if (!t->at)
			panic("no memory");
	}
	for (int i = 0; i < t->cols; i++)
		t->at[t->n * (size_t)t->cols + (size_t)i] =
			sqlite3_value_dup(sqlite3_column_value(st, i));
	t->n++;
}

static void read_rows(const char *name, const char *select, const char *write)
{
	struct rows *t = &table[table_n];
	sqlite3_stmt *st = prepared(select);

	if (table_n == TABLES_MAX)
		panic("more than %d tables", TABLES_MAX);
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->cols = sqlite3_column_count(st);
	while (sqlite3_step(st) == SQLITE_ROW)
		row_keep(t, st);
	sqlite3_finalize(st);
	if (!t->n)
		return;
	t->write = prepared(write);
	table_n++;
}

static void read_new(const char *name)
{
	char select[256], write[512], marks[4 * COLS_MAX] = "?";
	size_t len = 1;
	sqlite3_stmt *st;

	snprintf(select, sizeof(select), "SELECT * FROM later.%s WHERE rowid > "
		 "(SELECT COALESCE(MAX(rowid), 0) FROM main.%s) ORDER BY rowid", name, name);
	st = prepared(select);
	for (int i = 1; i < sqlite3_column_count(st); i++)
		len += (size_t)snprintf(marks + len, sizeof(marks) - len, ", ?");
	sqlite3_finalize(st);
	snprintf(write, sizeof(write), "INSERT INTO %s VALUES (%s)", name, marks);
	read_rows(name, select, write);
}

/* Counted up in place; in the order of the operations, which spread over all tenants. */
static void read_counted(void)
{
	read_rows("counter", "SELECT e.tenant_id, 'hazard', 2026 FROM later.record AS e "
		  "WHERE e.rowid > (SELECT MAX(rowid) FROM main.record) ORDER BY e.rowid",
		  "INSERT INTO counter (tenant_id, kind, year, n) VALUES (?, ?, ?, 1) "
		  "ON CONFLICT (tenant_id, kind, year) DO UPDATE SET n = counter.n + 1");
	read_rows("ledger_head", "SELECT tenant_id, seq, link FROM later.ledger_event "
		  "WHERE rowid > (SELECT MAX(rowid) FROM main.ledger_event) ORDER BY rowid",
		  "UPDATE ledger_head SET seq = ?2, link = ?3 WHERE tenant_id = ?1");
	read_rows("tally", "WITH RECURSIVE grown AS (SELECT l.*, l.n - COALESCE(m.n, 0) AS k "
		  "FROM later.tally AS l LEFT JOIN main.tally AS m USING (tenant_id, metric, dim, "
		  "value, day) WHERE l.n > COALESCE(m.n, 0)), each AS (SELECT tenant_id, metric, "
		  "dim, value, day, k FROM grown UNION ALL SELECT tenant_id, metric, dim, value, "
		  "day, k - 1 FROM each WHERE k > 1) SELECT tenant_id, metric, dim, value, day "
		  "FROM each ORDER BY k, tenant_id",
		  "INSERT INTO tally (tenant_id, metric, dim, value, day, n) "
		  "VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (tenant_id, metric, dim, value, day) "
		  "DO UPDATE SET n = tally.n + 1");
}

static void read_all(const char *after)
{
	static const char counted[] = " counter ledger_head tally ";
	sqlite3_stmt *st = prepared("ATTACH ? AS later"), *names;
	char file[4096], word[80];

	snprintf(file, sizeof(file), "%s/bihuan.db", after);
	must(sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC));
	must(sqlite3_step(st));
	sqlite3_finalize(st);
	names = prepared("SELECT name FROM main.sqlite_master WHERE type = 'table' "
			 "AND name NOT LIKE 'sqlite_%'");
	while (sqlite3_step(names) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(names, 0);

		snprintf(word, sizeof(word), " %s ", name);
		if (!strstr(counted, word))
			read_new(name);
	}
	sqlite3_finalize(names);
	read_counted();
	run("DETACH later");
}

/* ---- writing --------------------------------------------------------------------- */

static void write_part(const struct rows *t, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		for (int k = 0; k < t->cols; k++)
			must(sqlite3_bind_value(t->write, k + 1,
						t->at[i * (size_t)t->cols + (size_t)k]));
		must(sqlite3_step(t->write));
		must(sqlite3_reset(t->write));
	}
}

static int log_pages, log_done;

static int log_grew(void *arg, sqlite3 *h, const char *name, int pages)
{
	(void)arg, (void)h, (void)name;
	if (pages < log_pages)
		log_done = 0;
	log_pages = pages;
	return SQLITE_OK;
}

static void checkpoint_as_writer(void)
{
	if ((size_t)(log_pages - log_done) * 4096 >= STORE_CHECKPOINT_BYTES)
		must(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log_pages,
					       &log_done));
}

struct spent { int64_t write, commit, checkpoint; };

static void group_write(size_t g, size_t groups, struct spent *s)
{
	int64_t start = clock_monotonic_us();

	run("BEGIN IMMEDIATE");
	for (size_t i = 0; i < table_n; i++)
		write_part(&table[i], table[i].n * g / groups, table[i].n * (g + 1) / groups);
	int64_t written = clock_monotonic_us();
	run("COMMIT");
	int64_t committed = clock_monotonic_us();
	checkpoint_as_writer();
	s->write += written - start;
	s->commit += committed - written;
	s->checkpoint += clock_monotonic_us() - committed;
}

int main(int argc, char **argv)
{
	char file[4096];
	int64_t ops;
	size_t rows = 0;
	struct spent s = { 0 };

	if (argc < 4 || !str_to_i64(str_of(argv[3]), &ops) || ops < 1)
		return 2;
	snprintf(file, sizeof(file), "%s/bihuan.db", argv[1]);
	must(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	read_all(argv[2]);
	/* As the writer's connection (store_sqlite.c). */
	run("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cell_size_check=ON;"
	    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;"
	    "PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=67108864");
	sqlite3_wal_hook(db, log_grew, NULL);
	size_t groups = ((size_t)ops + WRITER_GROUP_MAX - 1) / WRITER_GROUP_MAX;
	int64_t start = clock_monotonic_us();
	for (size_t g = 0; g < groups; g++)
		group_write(g, groups, &s);
	int64_t us = clock_monotonic_us() - start;
	printf("{\"ops\": %lld, \"per_s\": %lld, \"seconds\": %.3f, \"us\": {\"write\": %.0f, "
	       "\"commit\": %.0f, \"checkpoint\": %.0f}, \"rows\": {", (long long)ops,
	       (long long)(ops * 1000000 / us), (double)us / 1e6, (double)s.write / (double)ops,
	       (double)s.commit / (double)ops, (double)s.checkpoint / (double)ops);
	for (size_t i = 0; i < table_n; i++, rows += table[i - 1].n)
		printf("%s\"%s\": %.2f", i ? ", " : "", table[i].name,
		       (double)table[i].n / (double)ops);
	printf("}, \"rows_of_one\": %.1f}\n", (double)rows / (double)ops);
	return 0;
}
