/*
 * migrate: see migrate.h. The version is a mark in the database, set in the transaction
 * that changed the schema, so a crash leaves the old or the new schema whole.
 */
#include "store/migrate.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "gen/schema.h"
#include "store/db_int.h"

static const char own_tables[] =
	"CREATE TABLE IF NOT EXISTS store_mark (name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (name))";

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

static enum err apply_one(struct op *op, struct store *s, const struct store_migration *m)
{
	TRY(store_script(op, s, m->sql));
	return store_mark_set(op, s, "schema", m->version);
}

static enum err apply(struct op *op, struct store *s, const struct store_migration *m)
{
	struct op quiet = { .arena = op->arena };
	enum err e;

	TRY(store_verb(op, s, STORE_BEGIN_WRITE));
	e = apply_one(op, s, m);
	if (!e)
		return store_verb(op, s, STORE_COMMIT);
	if (store_in_transaction(s)) {
		enum err back = store_verb(&quiet, s, STORE_ROLLBACK);
		assert(!back);
	}
	return e;
}

enum err migrate_run(struct op *op, struct store_db *db, struct migrate_result *ret_result)
{
	struct store *s = store_writer_conn(db);
	struct migrate_result r = { 0 };
	int64_t version = 0;

	TRY(store_script(op, s, own_tables));
	TRY(store_mark_get(op, s, "schema", &version));
	r.from = (int)version;
	r.to = (int)STORE_MIGRATION_N;
	if (version > r.to)
		return FAIL(op, ERR_CONFLICT, "数据的版本是 %d，这个程序只认识到 %d。请使用更新的 bihuan，数据没有改动。",
			    r.from, r.to);
	if (version > 0 && version < r.to)
		TRY(backup_first(op, db, r.from, &r.backup));
	for (size_t i = (size_t)version; i < STORE_MIGRATION_N; i++) {
		assert(store_migrations[i].version == (int)i + 1);
		TRY(apply(op, s, &store_migrations[i]));
	}
	/* Lost by a crash here, they are missed only in speed; the next migration brings them. */
	if (r.from != r.to)
		TRY(store_script(op, s, store_plan_stats));
	store_check_registry(s);
	*ret_result = r;
	return ERR_OK;
}
