/*
 * migrate: see migrate.h. The version is a mark in the database, set in the transaction
 * that changed the schema, so a crash leaves the old or the new schema whole.
 */
#include "store/migrate.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/hash.h"
#include "gen/schema.h"
#include "store/db_int.h"

static const char own_tables[] = "CREATE TABLE IF NOT EXISTS store_mark ("
				 "name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (name))";

/* Written under another name first: a copy that was cut off never looks like a backup. */
static enum err backup_first(struct op *op, struct store_db *db, int from, str *ret_path)
{
	const char *dir = str_c(op->arena, str_fmt(op->arena, "%s/backup", store_dir(db).ptr));
	str path = str_fmt(op->arena, "%s/pre-%d.db", dir, from);
	const char *part = str_c(op->arena, str_fmt(op->arena, "%s.part", path.ptr));

	TRY(fs_mkdirs(op, str_of(dir)));
	unlink(part);
	TRY(store_copy(op, db, part));
	TRY(store_check_file(op, part));
	if (rename(part, path.ptr) != 0)
		return FAIL(op, ERR_IO, "升级前的备份 %s 没有写成，数据没有改动。", path.ptr);
	*ret_path = path;
	return fs_sync_dir(op, str_of(dir));
}

/* A script and the mark that says that it has run, as one. */
static enum err run_marked(struct op *op, struct store *s, const char *sql, const char *mark,
			   int64_t value)
{
	TRY(store_script(op, s, sql));
	return store_mark_set(op, s, mark, value);
}

static enum err apply(struct op *op, struct store *s, const char *sql, const char *mark,
		      int64_t value)
{
	struct op quiet = { .arena = op->arena };
	enum err e;

	TRY(store_verb(op, s, STORE_BEGIN_WRITE));
	e = run_marked(op, s, sql, mark, value);
	if (!e)
		return store_verb(op, s, STORE_COMMIT);
	if (store_in_transaction(s)) {
		enum err back = store_verb(&quiet, s, STORE_ROLLBACK);
		assert(!back);
	}
	return e;
}

/*
 * The planner's figures are fixed by the build, so that plans are those of the golden files in
 * every instance; laid down anew when the build has others.
 */
static enum err fix_plans(struct op *op, struct store *s)
{
	struct hash h = hash_of(str_of(store_plan_stats));
	int64_t have, want;

	memcpy(&want, h.b, sizeof(want));
	TRY(store_mark_get(op, s, "plan_stats", &have));
	return have == want ? ERR_OK : apply(op, s, store_plan_stats, "plan_stats", want);
}

enum err migrate_to(struct op *op, struct store_db *db, const struct store_migration *list,
		    size_t list_n, struct migrate_result *ret_result)
{
	struct store *s = store_writer_conn(db);
	struct migrate_result r = { 0 };
	int64_t version = 0;

	TRY(store_script(op, s, own_tables));
	TRY(store_mark_get(op, s, "schema", &version));
	r.from = (int)version;
	r.to = (int)list_n;
	if (version > r.to)
		return FAIL(op, ERR_CONFLICT, "数据的版本是 %d，这个程序只认识到 %d。请使用更新的 bihuan，数据没有改动。",
			    r.from, r.to);
	if (version > 0 && version < r.to)
		TRY(backup_first(op, db, r.from, &r.backup));
	for (size_t i = (size_t)version; i < list_n; i++) {
		assert(list[i].version == (int)i + 1);
		TRY(apply(op, s, list[i].sql, "schema", list[i].version));
	}
	*ret_result = r;
	return ERR_OK;
}

enum err migrate_run(struct op *op, struct store_db *db, struct migrate_result *ret_result)
{
	struct migrate_result r;

	TRY(migrate_to(op, db, store_migrations, STORE_MIGRATION_N, &r));
	TRY(fix_plans(op, store_writer_conn(db)));
	store_check_registry(store_writer_conn(db));
	*ret_result = r;
	return ERR_OK;
}
