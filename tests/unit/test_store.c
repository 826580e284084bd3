/*
 * What it would catch: a folder opened twice, a schema that is newer, rows seen before their
 * commit, a value of another type taken for an answer, an endless query, a lost or foreign blob,
 * a backup that does not give back what was there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fsutil.h"
#include "base/limits.h"
#include "gen/q_ledger.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "gen/schema.h"
#include "lib/instance.h"
#include "store/backup.h"
#include "store/blob.h"
#include "store/db_int.h"
#include "store/migrate.h"
#include "store/tar.h"

static const tenant_id T1 = { 1001 }, T2 = { 2002 };

static enum err count_up(struct op *op, void *arg)
{
	struct q_counter_next row;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(q_counter_next(op, op->tenant, STR("YH"), 2026, &row));
	*(int64_t *)arg = row.n;
	return tx_commit(&tx);
}

static int64_t counted(struct instance *in, tenant_id t)
{
	int64_t n = 0;

	assert_int_equal(instance_write(in, t, count_up, &n), ERR_OK);
	return n;
}

static void store__opens_once(void **state)
{
	struct instance in;
	struct store_db *second;
	struct op op;

	(void)state;
	instance_new(&in);
	instance_op(&in, &op);
	assert_int_equal(store_open(&op, in.dir, false, &second), ERR_BUSY);
	assert_non_null(strstr(op.errmsg, in.dir.ptr));
	/* Another process is kept out just as well, and the lock goes with its holder. */
	pid_t pid = fork();
	if (pid == 0) {
		op_clear_error(&op);
		_exit(store_open(&op, in.dir, false, &second) == ERR_BUSY ? 7 : 1);
	}
	int status;
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	instance_stop(&in);
	op_clear_error(&op);
	assert_int_equal(store_open(&op, in.dir, false, &second), ERR_OK);
	store_close(second);
	instance_free(&in);
}

static void store__absent_instance(void **state)
{
	struct instance in;
	struct store_db *db;
	struct op op;

	(void)state;
	instance_new(&in);
	instance_op(&in, &op);
	assert_int_equal(store_open(&op, STR("/tmp/bihuan-none-such"), false, &db), ERR_NOTFOUND);
	assert_false(fs_exists(STR("/tmp/bihuan-none-such")));
	op_clear_error(&op);
	str empty = str_fmt(in.arena, "%s/empty", in.dir.ptr);
	assert_int_equal(mkdir(empty.ptr, 0700), 0);
	assert_int_equal(store_open(&op, empty, false, &db), ERR_NOTFOUND);
	instance_free(&in);
}

/* A file without content is not a new instance: what was in it is lost, and that is said. */
static void store__lost_content_refused(void **state)
{
	struct instance in;
	struct store_db *db;
	struct op op;

	(void)state;
	instance_new(&in);
	instance_stop(&in);
	instance_op(&in, &op);
	str file = str_fmt(in.arena, "%s/bihuan.db", in.dir.ptr);
	assert_int_equal(truncate(file.ptr, 0), 0);
	assert_int_equal(store_open(&op, in.dir, false, &db), ERR_CORRUPT);
	assert_true(str_find(str_of(op.errmsg), STR("restore"), 0) > 0);
	instance_free(&in);
}

static void store__pragmas_hold(void **state)
{
	struct instance in;
	struct stat st;

	(void)state;
	instance_new(&in);
	instance_serve(&in);
	counted(&in, T1);
	str file = str_fmt(in.arena, "%s/bihuan.db", in.dir.ptr);
	assert_int_equal(stat(file.ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	file = str_fmt(in.arena, "%s/bihuan.db-wal", in.dir.ptr);
	assert_int_equal(stat(file.ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(str_starts(str_of(store_engine_version()), STR("SQLite 3.")));
	instance_free(&in);
}

static void store__reader_sees_one_snapshot(void **state)
{
	struct q_ledger_tenants *rows;
	struct instance in;
	struct op op;
	size_t n;

	(void)state;
	instance_new(&in);
	instance_serve(&in);
	assert_int_equal(counted(&in, T1), 1);
	instance_read(&in, &op);
	assert_int_equal(q_ledger_tenants(&op, &rows, &n), ERR_OK);
	assert_int_equal(store_queries(op.store), 1);
	assert_int_equal(counted(&in, T1), 2);
	assert_int_equal(q_ledger_tenants(&op, &rows, &n), ERR_OK);
	assert_int_equal(n, 0);
	instance_read_end(&in, &op);
	/* The connection comes back from the idle list, and counts anew. */
	instance_read(&in, &op);
	assert_int_equal(store_queries(op.store), 0);
	instance_read_end(&in, &op);
	instance_free(&in);
}

/* A statement of our own, as the generator would make it. */
static const struct store_statement slow = {
	.id = 0,
	.name = "slow",
	.types = "i",
	.in_n = 1,
	.out_n = 1,
	.reads = "",
	.changes = "",
	.sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) "
	       "SELECT COUNT(*) FROM c",
};
static const struct store_statement typed = {
	.id = 1, .name = "typed", .types = "t", .in_n = 1, .out_n = 1, .reads = "", .changes = "",
	.sql = "SELECT CAST($1 AS TEXT)",
};
static const struct store_statement nothing = {
	.id = 2, .name = "nothing", .types = "", .out_n = 1, .reads = "", .changes = "",
	.sql = "SELECT NULL",
};

static void store__query_has_a_budget(void **state)
{
	struct store_cursor cur;
	struct instance in;
	struct op op;
	bool row;

	(void)state;
	instance_new(&in);
	instance_read(&in, &op);
	store_read_budget(&op, 30);
	assert_int_equal(stmt_begin(&op, &slow, &cur), ERR_OK);
	stmt_bind_i64(&cur, 1, 1LL << 40);
	int64_t start = clock_monotonic_ms();
	assert_int_equal(stmt_step(&cur, &row), ERR_LIMIT);
	assert_true(clock_monotonic_ms() - start < 1000);
	/* The connection is whole afterwards. */
	op_clear_error(&op);
	store_read_budget(&op, 1000);
	assert_int_equal(stmt_begin(&op, &slow, &cur), ERR_OK);
	stmt_bind_i64(&cur, 1, 10);
	assert_int_equal(stmt_step(&cur, &row), ERR_OK);
	assert_int_equal(stmt_col_i64(&cur, 0), 10);
	assert_int_equal(stmt_end(&cur, NULL), ERR_OK);
	instance_read_end(&in, &op);
	instance_free(&in);
}

static void store__types_are_checked(void **state)
{
	static const struct { str bytes; enum err e;
	} text[] = {
		{ STR("东门"), ERR_OK },      { STR(""), ERR_OK },
		{ { NULL, 0 }, ERR_OK },      { STR("a\0b"), ERR_INVALID },
		{ STR("\xff"), ERR_INVALID }, { STR("\xe4\xb8"), ERR_INVALID },
	};
	struct store_cursor cur;
	struct instance in;
	struct op op;
	bool row;

	(void)state;
	instance_new(&in);
	instance_read(&in, &op);
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		op_clear_error(&op);
		assert_int_equal(stmt_begin(&op, &typed, &cur), ERR_OK);
		stmt_bind_text(&cur, 1, text[i].bytes);
		assert_int_equal(stmt_step(&cur, &row), text[i].e);
		if (text[i].e)
			continue;
		assert_true(str_eq(stmt_col_text(&cur, 0), text[i].bytes));
		assert_int_equal(stmt_end(&cur, NULL), ERR_OK);
	}
	/* Text read as a number is not silently 0, and NULL is nothing that we know. */
	assert_int_equal(stmt_begin(&op, &typed, &cur), ERR_OK);
	stmt_bind_text(&cur, 1, STR("12"));
	assert_int_equal(stmt_step(&cur, &row), ERR_OK);
	stmt_col_i64(&cur, 0);
	assert_int_equal(stmt_end(&cur, NULL), ERR_CORRUPT);
	assert_int_equal(stmt_begin(&op, &nothing, &cur), ERR_OK);
	assert_int_equal(stmt_step(&cur, &row), ERR_OK);
	stmt_col_text(&cur, 0);
	assert_int_equal(stmt_end(&cur, NULL), ERR_CORRUPT);
	instance_read_end(&in, &op);
	instance_free(&in);
}

/* ---- migration ---------------------------------------------------------------- */

static void migrate__again_changes_nothing(void **state)
{
	struct migrate_result r;
	struct instance in;
	struct op op;

	(void)state;
	instance_new(&in);
	instance_serve(&in);
	counted(&in, T1);
	instance_stop(&in);
	instance_reopen(&in);
	instance_op(&in, &op);
	assert_int_equal(migrate_run(&op, in.db, &r), ERR_OK);
	assert_int_equal(r.from, STORE_MIGRATION_N);
	assert_int_equal(r.to, STORE_MIGRATION_N);
	assert_true(str_empty(r.backup));
	instance_serve(&in);
	assert_int_equal(counted(&in, T1), 2);
	instance_free(&in);
}

static void migrate__newer_is_refused(void **state)
{
	struct migrate_result r;
	struct instance in;
	struct op op;

	(void)state;
	instance_new(&in);
	instance_op(&in, &op);
	assert_int_equal(
		store_mark_set(&op, store_writer_conn(in.db), "schema", STORE_MIGRATION_N + 1),
		ERR_OK);
	assert_int_equal(migrate_run(&op, in.db, &r), ERR_CONFLICT);
	instance_free(&in);
}

static const struct store_migration steps[] = {
	{ 1, "0001_a", "CREATE TABLE a (n BIGINT NOT NULL); INSERT INTO a (n) VALUES (1);" },
	{ 2, "0002_b", "ALTER TABLE a ADD COLUMN m BIGINT NOT NULL DEFAULT 5;" },
	{ 3, "0003_c", "CREATE TABLE c (n BIGINT NOT NULL); INSERT INTO c (n) SELECT m FROM a;" },
};

/* An older schema is copied first, and the copy is the older one. */
static void migrate__backs_up_then_goes_on(void **state)
{
	char dir[] = "/tmp/bihuan-test-XXXXXX";
	struct arena *a = arena_new(16 * MIB);
	struct op op = { .arena = a };
	struct store_db *db;
	struct migrate_result r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(store_open(&op, str_of(dir), true, &db), ERR_OK);
	assert_int_equal(migrate_to(&op, db, steps, 1, &r), ERR_OK);
	assert_int_equal(r.from, 0);
	assert_true(str_empty(r.backup));
	assert_int_equal(migrate_to(&op, db, steps, 3, &r), ERR_OK);
	assert_int_equal(r.from, 1);
	assert_int_equal(r.to, 3);
	assert_true(str_ends(r.backup, STR("/backup/pre-1.db")));
	assert_int_equal(store_check_file(&op, r.backup.ptr), ERR_OK);
	assert_int_equal(migrate_to(&op, db, steps, 2, &r), ERR_CONFLICT);
	store_close(db);

	/* The copy opens as an instance of schema 1. */
	str old = str_fmt(a, "%s/old", dir), db_file = str_fmt(a, "%s/old/bihuan.db", dir);
	assert_int_equal(mkdir(old.ptr, 0700), 0);
	assert_int_equal(rename(str_fmt(a, "%s/backup/pre-1.db", dir).ptr, db_file.ptr), 0);
	op_clear_error(&op);
	assert_int_equal(store_open(&op, old, false, &db), ERR_OK);
	assert_int_equal(migrate_to(&op, db, steps, 2, &r), ERR_OK);
	assert_int_equal(r.from, 1);
	store_close(db);
	arena_free(a);
	remove_tree(dir);
}

/* Killed in the middle of a migration: the old schema is whole, and the next start goes on. */
static void migrate__crash_leaves_old_or_new(void **state)
{
	struct store_migration two[2] = { steps[0], { 2, "0002_slow", NULL } };
	char dir[] = "/tmp/bihuan-test-XXXXXX";
	struct arena *a = arena_new(16 * MIB);
	struct op op = { .arena = a };
	struct store_db *db;
	struct migrate_result r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	two[1].sql = "CREATE TABLE big (n BIGINT NOT NULL);"
		     "INSERT INTO big (n) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
		     "FROM c "
		     "WHERE n < 3000000) SELECT n FROM c; CREATE TABLE done (n BIGINT NOT NULL);";
	assert_int_equal(store_open(&op, str_of(dir), true, &db), ERR_OK);
	assert_int_equal(migrate_to(&op, db, two, 1, &r), ERR_OK);
	store_close(db);
	for (int ms = 1; ms < 200; ms = ms * 3) {
		pid_t pid = fork();
		if (pid == 0) {
			if (!store_open(&op, str_of(dir), false, &db) &&
			    !migrate_to(&op, db, two, 2, &r))
				pause();
			_exit(1);
		}
		usleep((useconds_t)ms * 1000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_int_equal(store_open(&op, str_of(dir), false, &db), ERR_OK);
		assert_int_equal(store_script(&op, store_writer_conn(db), "SELECT n FROM a"),
				 ERR_OK);
		store_close(db);
	}
	two[1].sql = steps[1].sql;	/* a lighter one, so that the end is quick */
	assert_int_equal(store_open(&op, str_of(dir), false, &db), ERR_OK);
	assert_int_equal(migrate_to(&op, db, two, 2, &r), ERR_OK);
	assert_int_equal(r.from, 1);
	store_close(db);
	arena_free(a);
	remove_tree(dir);
}

/* ---- blobs -------------------------------------------------------------------- */

static enum err count_blob(struct op *op, void *arg, struct hash h, int64_t size,
			   int64_t changed_ms)
{
	(void)op;
	(void)h;
	(void)changed_ms;
	*(int64_t *)arg += size;
	return ERR_OK;
}

static void blob__keeps_and_finds(void **state)
{
	struct hash h, again, other = hash_of(STR("no such"));
	int64_t total = 0, free_bytes, whole;
	struct instance in;
	struct op op;
	str got;

	(void)state;
	instance_new(&in);
	instance_op(&in, &op);
	assert_int_equal(blob_put(&op, in.db, STR("照片"), &h), ERR_OK);
	assert_int_equal(blob_put(&op, in.db, STR("照片"), &again), ERR_OK);
	assert_true(hash_eq(h, again) && hash_eq(h, hash_of(STR("照片"))));
	assert_int_equal(blob_put(&op, in.db, STR(""), &again), ERR_OK);
	assert_int_equal(blob_get(&op, in.db, h, &got), ERR_OK);
	assert_true(str_eq(got, STR("照片")));
	assert_int_equal(blob_get(&op, in.db, again, &got), ERR_OK);
	assert_int_equal(got.len, 0);
	assert_int_equal(blob_get(&op, in.db, other, &got), ERR_NOTFOUND);
	assert_int_equal(blob_each(&op, in.db, count_blob, &total), ERR_OK);
	assert_int_equal(total, 6);
	assert_int_equal(blob_disk(&op, in.db, &free_bytes, &whole), ERR_OK);
	assert_true(free_bytes > 0 && free_bytes <= whole);
	assert_int_equal(blob_remove(&op, in.db, h), ERR_OK);
	op_clear_error(&op);
	assert_int_equal(blob_remove(&op, in.db, h), ERR_NOTFOUND);
	instance_free(&in);
}

static void overwrite(struct instance *in, struct hash h, str bytes)
{
	str hex = hash_hex(in->arena, h);
	str path = str_fmt(in->arena, "%s/blobs/%.2s/%s", in->dir.ptr, hex.ptr, hex.ptr + 2);
	int fd = open(path.ptr, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
	close(fd);
}

static void blob__change_is_found(void **state)
{
	struct instance in;
	struct hash h;
	struct op op;
	str got;

	(void)state;
	instance_new(&in);
	instance_op(&in, &op);
	assert_int_equal(blob_put(&op, in.db, STR("evidence"), &h), ERR_OK);
	assert_int_equal(blob_verify(&op, in.db, h), ERR_OK);
	overwrite(&in, h, STR("evidencf"));
	assert_int_equal(blob_verify(&op, in.db, h), ERR_CORRUPT);
	op_clear_error(&op);
	assert_int_equal(blob_get(&op, in.db, h, &got), ERR_CORRUPT);
	/* A file of the wrong size is written anew, not trusted. */
	overwrite(&in, h, STR("ev"));
	op_clear_error(&op);
	assert_int_equal(blob_put(&op, in.db, STR("evidence"), &h), ERR_OK);
	assert_int_equal(blob_verify(&op, in.db, h), ERR_OK);
	instance_free(&in);
}

/* ---- backup ------------------------------------------------------------------- */

static void backup__restores_everything(void **state)
{
	struct backup_result w, v, r;
	struct instance in, back;
	struct hash h, h2;
	struct op op;
	str got;

	(void)state;
	instance_new(&in);
	instance_serve(&in);
	instance_op(&in, &op);
	assert_int_equal(blob_put(&op, in.db, STR("one"), &h), ERR_OK);
	assert_int_equal(blob_put(&op, in.db, STR("two"), &h2), ERR_OK);
	for (int i = 0; i < 10; i++)
		counted(&in, T1);
	counted(&in, T2);
	str file = str_fmt(in.arena, "%s/x.bihuan-backup", in.dir.ptr);
	assert_int_equal(backup_write(&op, in.db, file, &w), ERR_OK);
	assert_int_equal(w.files, 3);
	assert_int_equal(backup_verify(&op, file, &v), ERR_OK);
	assert_int_equal(v.bytes, w.bytes);
	/* not over another one */
	assert_int_equal(backup_write(&op, in.db, file, &w), ERR_CONFLICT);
	counted(&in, T1);	/* after the backup */

	op_clear_error(&op);
	/* not into a full folder */
	assert_int_equal(backup_restore(&op, file, in.dir, &r), ERR_CONFLICT);
	op_clear_error(&op);
	str to = str_fmt(in.arena, "%s-restored", in.dir.ptr);
	assert_int_equal(backup_restore(&op, file, to, &r), ERR_OK);
	instance_open(&back, to);
	instance_serve(&back);
	assert_int_equal(counted(&back, T1), 11);
	assert_int_equal(counted(&back, T2), 2);
	instance_op(&back, &op);
	assert_int_equal(blob_get(&op, back.db, h2, &got), ERR_OK);
	assert_true(str_eq(got, STR("two")));
	instance_free(&back);
	instance_free(&in);
}

/* Every byte of a small backup changed, and every cut: nothing is restored from it. */
static void backup__damage_is_found(void **state)
{
	struct backup_result r;
	struct instance in;
	struct hash h;
	struct op op;
	str whole;

	(void)state;
	instance_new(&in);
	instance_op(&in, &op);
	assert_int_equal(blob_put(&op, in.db, STR("one"), &h), ERR_OK);
	str file = str_fmt(in.arena, "%s/x.bihuan-backup", in.dir.ptr);
	assert_int_equal(backup_write(&op, in.db, file, &r), ERR_OK);
	assert_int_equal(fs_read(&op, file, 64 * MIB, &whole), ERR_OK);
	int fd = open(file.ptr, O_RDWR);
	size_t step = whole.len / 400;
	struct arena *a = arena_new(64 * MIB);
	for (size_t i = 0; i < whole.len - 1024; i += 1 + (i * 7 + 1) % step) {
		struct op one = { .arena = a };
		char c = (char)(whole.ptr[i] ^ (1 << i % 8));
		assert_int_equal(pwrite(fd, &c, 1, (off_t)i), 1);
		enum err e = backup_verify(&one, file, &r);
		/* Padding after a member is not content. */
		if (!e)
			assert_true(whole.ptr[i] == 0);
		else
			assert_true(e == ERR_CORRUPT || e == ERR_LIMIT);
		assert_int_equal(pwrite(fd, whole.ptr + i, 1, (off_t)i), 1);
		arena_reset(a);
	}
	for (size_t n = 0; n < whole.len; n += 1 + n / 3) {
		struct op one = { .arena = a };
		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		assert_int_equal(backup_verify(&one, file, &r), ERR_CORRUPT);
		assert_int_equal(pwrite(fd, whole.ptr, whole.len, 0), whole.len);
		arena_reset(a);
	}
	close(fd);
	arena_free(a);
	instance_free(&in);
}

/* A foreign tar with a path that leads out of the folder writes nothing. */
static void backup__foreign_names_refused(void **state)
{
	static const char *const names[] = { "../evil", "/tmp/evil", "blobs/../../x", "keys/master",
					     "bihuan.db" };
	struct backup_result r;
	struct instance in;
	struct op op;

	(void)state;
	instance_new(&in);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		instance_op(&in, &op);
		str file = str_fmt(in.arena, "%s/%zu.tar", in.dir.ptr, i);
		int fd = open(file.ptr, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_int_equal(tar_add_bytes(&op, fd, STR("bihuan.db"), STR("x")), ERR_OK);
		assert_int_equal(tar_add_bytes(&op, fd, str_of(names[i]), STR("x")), ERR_OK);
		assert_int_equal(tar_finish(&op, fd), ERR_OK);
		close(fd);
		str to = str_fmt(in.arena, "%s/to", in.dir.ptr);
		assert_int_equal(backup_restore(&op, file, to, &r), ERR_CORRUPT);
		assert_false(fs_exists(to));
		assert_false(fs_exists(str_fmt(in.arena, "%s/evil", in.dir.ptr)));
	}
	instance_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store__opens_once),
		cmocka_unit_test(store__absent_instance),
		cmocka_unit_test(store__lost_content_refused),
		cmocka_unit_test(store__pragmas_hold),
		cmocka_unit_test(store__reader_sees_one_snapshot),
		cmocka_unit_test(store__query_has_a_budget),
		cmocka_unit_test(store__types_are_checked),
		cmocka_unit_test(migrate__again_changes_nothing),
		cmocka_unit_test(migrate__newer_is_refused),
		cmocka_unit_test(migrate__backs_up_then_goes_on),
		cmocka_unit_test(migrate__crash_leaves_old_or_new),
		cmocka_unit_test(blob__keeps_and_finds),
		cmocka_unit_test(blob__change_is_found),
		cmocka_unit_test(backup__restores_everything),
		cmocka_unit_test(backup__damage_is_found),
		cmocka_unit_test(backup__foreign_names_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
