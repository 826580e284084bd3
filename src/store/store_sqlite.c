/*
 * store_sqlite: the SQLite driver, and the only file that includes sqlite3.h.
 *
 * It owns the data folder's lock, the one writing connection and the readers. How a
 * connection is opened is trust.md §3.B: WAL with synchronous=FULL and no automatic
 * checkpoint, foreign keys, defensive, no double-quoted strings, no extensions, no
 * memory map, low limits. Readers are query_only and never checkpoint.
 *
 * Invariant: only the thread that owns the writing connection commits or checkpoints
 * (asserted in the commit hook and in store_checkpoint()), and no second process can
 * open the folder. This keeps us clear of the WAL-reset corruption of SQLite before
 * 3.51.3, which needs two connections that write or checkpoint at the same moment.
 *
 * Each connection keeps every statement that it has prepared, by its registry id. A
 * statement is never used recursively (asserted): generated code reads all rows first.
 *
 * Rejected: shared cache (locks between readers), SQLITE_OPEN_READONLY for readers
 * (cannot create the WAL index after a crash), parsing of error messages.
 */
#include "store/db_int.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fsutil.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "gen/schema.h"
#include "gen/statements.h"

#define CONN_ARENA_MAX (8 * MIB)
#define PAGE_BYTES 4096

/* Prepared once per connection, beside the registry: the words of transactions, and store_mark. */
enum fixed { FIX_READ = STORE_VERBS, FIX_MARK_GET, FIX_MARK_SET, FIX_N };

static const char *const fixed_sql[FIX_N] = {
	[STORE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[STORE_SAVEPOINT] = "SAVEPOINT op",
	[STORE_RELEASE] = "RELEASE op",
	[STORE_ROLLBACK_TO] = "ROLLBACK TO op",
	[STORE_COMMIT] = "COMMIT",
	[STORE_ROLLBACK] = "ROLLBACK",
	[FIX_READ] = "BEGIN",
	[FIX_MARK_GET] = "SELECT value FROM store_mark WHERE name = $1",
	[FIX_MARK_SET] = ("INSERT INTO store_mark (name, value) VALUES ($1, $2) "
			  "ON CONFLICT (name) DO UPDATE SET value = excluded.value"),
};

struct slot { sqlite3_stmt *h; uint8_t *index; bool busy; };

struct store {
	struct store_db *db;
	struct arena *arena;
	sqlite3 *h;
	struct slot *slot;		/* by statement id */
	sqlite3_stmt *fixed[FIX_N];
	pthread_t owner;
	bool writer, reading, in_op, io_failed;
	int64_t deadline_ms;		/* of the read scope; 0 = none */
	int64_t queries;
	int wal_pages, wal_done;	/* in the log; of them checkpointed */
	int fault_after;
	struct store_tx tx;
	struct store *next;		/* idle readers */
};

struct store_db {
	struct arena *arena;
	str dir;			/* NUL-terminated */
	const char *file;
	int lock_fd;
	struct store *writer;
	pthread_mutex_t mutex;		/* of idle, taken */
	struct store *idle;
	int taken;
};

/* ---- errors ------------------------------------------------------------------ */

static enum err map_constraint(struct op *op, int rc)
{
	if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return FAIL(op, ERR_CONFLICT, "已经有相同的一条了，没有重复保存。");
	if (rc == SQLITE_CONSTRAINT_FOREIGNKEY)
		return FAIL(op, ERR_CONFLICT, "所引用的内容已经不在了，请刷新后再试。");
	return FAIL(op, ERR_INVALID, "有一项内容不在允许的范围内，没有保存。");
}

/*
 * The classes of sql-rules 27. What cannot happen in a correct build panics: a
 * statement was prepared against this very schema at the start.
 */
static enum err map_error(struct op *op, struct store *s, int rc, const char *what)
{
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return map_constraint(op, rc);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return FAIL(op, ERR_BUSY, "系统正忙，请稍后再试。");
	case SQLITE_FULL:
		return FAIL(op, ERR_BUSY, "服务器的磁盘满了，这次没有保存。请管理员腾出空间后再试。");
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_NOMEM)
			panic("no memory in %s", what);
		s->io_failed = true;
		return FAIL(op, ERR_IO, "服务器的磁盘读写出错，这次没有保存。请马上联系管理员。");
	case SQLITE_CANTOPEN:
		return FAIL(op, ERR_IO, "数据库文件打不开，请联系管理员。");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return FAIL(op, ERR_CORRUPT, "数据库文件已损坏，请管理员准备从备份恢复。");
	case SQLITE_INTERRUPT:
		return FAIL(op, ERR_LIMIT, "这次查询的范围太大，请缩小范围后再试。");
	case SQLITE_TOOBIG:
		return FAIL(op, ERR_LIMIT, "内容太大，没有保存。");
	case SQLITE_ERROR:	/* an overflow of SUM, and the like: stored data is out of range */
		return FAIL(op, ERR_CORRUPT, "数据库里的内容超出了范围，请联系管理员。");
	default:
		panic("sqlite %d in %s: %s", rc, what, sqlite3_errmsg(s->h));
	}
}

/*
 * Constraint failures are answers, not faults; the rest is for the operator, without bound
 * values.
 */
static void log_hook(void *arg, int rc, const char *message)
{
	int kind = rc & 0xff;

	(void)arg;
	if (kind != SQLITE_CONSTRAINT && kind != SQLITE_NOTICE && kind != SQLITE_INTERRUPT &&
	    kind != SQLITE_SCHEMA)	/* prepared again by itself */
		log_line(LOG_WARN, "sqlite %d: %s", rc, message);
}

static void configure_once(void)
{
	/* Fails harmlessly when a test has already started the library. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_LOG, log_hook, NULL);
	sqlite3_initialize();
}

/* ---- opening a connection ---------------------------------------------------- */

static const struct { int id, value; } limits[] = {
	{ SQLITE_LIMIT_LENGTH, 32 * 1024 * 1024 },
	/* a schema file is prepared statement by statement */
	{ SQLITE_LIMIT_SQL_LENGTH, 512 * 1024 },
	{ SQLITE_LIMIT_COLUMN, 200 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 32 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 16 },
	{ SQLITE_LIMIT_ATTACHED, 1 },			/* VACUUM INTO attaches its target */
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 2000 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 64 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 10 },		/* foreign key actions count as triggers */
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static const struct { int id, on; } db_configs[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
};

static const char pragmas[] =
	"PRAGMA synchronous=FULL;"
	"PRAGMA wal_autocheckpoint=0;"
	"PRAGMA cell_size_check=ON;"
	"PRAGMA mmap_size=0;"
	"PRAGMA secure_delete=ON;"
	"PRAGMA case_sensitive_like=ON;"
	"PRAGMA temp_store=MEMORY;"
	"PRAGMA journal_size_limit=67108864;";

/* The first column of the first row as text is `want`. */
static bool answers(sqlite3 *h, const char *sql, const char *want)
{
	sqlite3_stmt *st;
	bool yes = false;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(st) == SQLITE_ROW) {
		const char *got = (const char *)sqlite3_column_text(st, 0);
		yes = got && strcmp(got, want) == 0;
	}
	sqlite3_finalize(st);
	return yes;
}

static int configure(struct store *s)
{
	int rc = SQLITE_OK, was;

	sqlite3_extended_result_codes(s->h, 1);
	sqlite3_busy_timeout(s->h, STORE_BUSY_MS);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(s->h, limits[i].id, limits[i].value);
	for (size_t i = 0; i < sizeof(db_configs) / sizeof(db_configs[0]) && !rc; i++)
		rc = sqlite3_db_config(s->h, db_configs[i].id, db_configs[i].on, &was);
	if (!rc)
		rc = sqlite3_db_config(s->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !s->writer, &was);
	if (!rc)
		rc = sqlite3_exec(s->h, pragmas, NULL, NULL, NULL);
	if (!rc && !answers(s->h, "PRAGMA journal_mode=WAL", "wal"))
		rc = SQLITE_CANTOPEN;
	if (!rc)
		rc = sqlite3_exec(s->h,
				  s->writer ? "PRAGMA cache_size=-32000"
					    : "PRAGMA cache_size=-8000; PRAGMA query_only=ON",
				  NULL, NULL, NULL);
	return rc;
}

/* Only the owner of the writing connection commits; a reader never does. */
static int commit_hook(void *arg)
{
	struct store *s = arg;

	assert(s->writer);
	assert(pthread_equal(s->owner, pthread_self()));
	return 0;
}

static int wal_hook(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct store *s = arg;

	(void)h;
	(void)name;
	if (pages < s->wal_pages)	/* the log was started anew */
		s->wal_done = 0;
	s->wal_pages = pages;
	return SQLITE_OK;
}

static int progress_hook(void *arg)
{
	struct store *s = arg;

	return s->deadline_ms && clock_monotonic_ms() > s->deadline_ms;
}

static void conn_close(struct store *s)
{
	for (size_t i = 0; i < STMT_N; i++)
		sqlite3_finalize(s->slot[i].h);
	for (size_t i = 0; i < FIX_N; i++)
		sqlite3_finalize(s->fixed[i]);
	int rc = sqlite3_close(s->h);
	assert(rc != SQLITE_BUSY);	/* a statement that nobody knows */
	arena_free(s->arena);
}

static enum err conn_open(struct op *op, struct store_db *db, bool writer, struct store **ret_s)
{
	struct arena *a = arena_new(CONN_ARENA_MAX);
	struct store *s = NEW(a, struct store);

	s->arena = a;
	s->db = db;
	s->writer = writer;
	s->owner = pthread_self();
	s->slot = NEW_N(a, STMT_N, struct slot);
	int rc = sqlite3_open_v2(db->file, &s->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				 SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW, NULL);
	if (!rc)
		rc = configure(s);
	if (rc) {
		enum err e = map_error(op, s, rc, "open");
		conn_close(s);
		return e;
	}
	sqlite3_commit_hook(s->h, commit_hook, s);
	if (writer)
		sqlite3_wal_hook(s->h, wal_hook, s);
	else
		sqlite3_progress_handler(s->h, 4000, progress_hook, s);
	*ret_s = s;
	return ERR_OK;
}

/* ---- the data folder --------------------------------------------------------- */

/* The lock file is never removed: a second opener could then lock another inode. */
static enum err lock_folder(struct op *op, struct store_db *db)
{
	enum err e = fs_lock(op, str_fmt(db->arena, "%s/lock", db->dir.ptr), &db->lock_fd);

	if (e != ERR_BUSY)
		return e;
	op_clear_error(op);
	return FAIL(op, ERR_BUSY, "数据文件夹 %s 正被另一个 bihuan 使用。", db->dir.ptr);
}

/*
 * An instance has at least its schema. Nothing in the file and nothing in the log beside it: the
 * content was lost, and to go on would put an empty instance in its place.
 */
static bool is_lost(struct op *op, const struct store_db *db)
{
	struct stat db_is, wal_is;
	str wal = str_fmt(op->arena, "%s-wal", db->file);

	if (stat(db->file, &db_is) || db_is.st_size > 0)
		return false;
	return stat(wal.ptr, &wal_is) || wal_is.st_size == 0;
}

/* The database file is made here, and not by the library, so that its mode is 0600. */
static enum err make_files(struct op *op, struct store_db *db, bool create)
{
	int fd;

	if (!create && is_lost(op, db))
		return FAIL(op, ERR_CORRUPT, "数据文件夹 %s 里的数据库是空的，内容丢失了。请用备份恢复：bihuan restore。",
			    db->dir.ptr);
	if (access(db->file, F_OK) == 0)
		return ERR_OK;
	if (!create)
		return FAIL(op, ERR_NOTFOUND, "文件夹 %s 里没有实例，请先运行 bihuan init。", db->dir.ptr);
	fd = open(db->file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return FAIL(op, ERR_IO, "不能在数据文件夹 %s 里建立数据库。", db->dir.ptr);
	close(fd);
	return ERR_OK;
}

static enum err open_folder(struct op *op, struct store_db *db, bool create)
{
	if (create)
		TRY(fs_mkdirs(op, db->dir));
	else if (!fs_is_dir(db->dir))
		return FAIL(op, ERR_NOTFOUND, "没有数据文件夹 %s，请先运行 bihuan init。", db->dir.ptr);
	TRY(lock_folder(op, db));
	TRY(make_files(op, db, create));
	return conn_open(op, db, true, &db->writer);
}

enum err store_open(struct op *op, str dir, bool create, struct store_db **ret_db)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct arena *a = arena_new(MIB);
	struct store_db *db = NEW(a, struct store_db);

	pthread_once(&once, configure_once);
	db->arena = a;
	db->dir = str_dup(a, dir);
	db->file = str_c(a, str_fmt(a, "%.*s/bihuan.db", STR_ARG(dir)));
	db->lock_fd = -1;
	pthread_mutex_init(&db->mutex, NULL);
	enum err e = open_folder(op, db, create);
	if (e) {
		store_close(db);
		return e;
	}
	*ret_db = db;
	return ERR_OK;
}

void store_close(struct store_db *db)
{
	if (!db)
		return;
	assert(db->taken == 0);
	while (db->idle) {
		struct store *s = db->idle;
		db->idle = s->next;
		conn_close(s);
	}
	if (db->writer)
		conn_close(db->writer);	/* last: its close may checkpoint, and it is the writer */
	if (db->lock_fd >= 0)
		fs_unlock(db->lock_fd);
	pthread_mutex_destroy(&db->mutex);
	arena_free(db->arena);
}

str store_dir(const struct store_db *db)
{
	return db->dir;
}

const char *store_engine_version(void)
{
	return "SQLite " SQLITE_VERSION;
}

struct store *store_writer_conn(struct store_db *db)
{
	return db->writer;
}

bool store_is_writer(const struct store *s)
{
	return s->writer;
}

void store_own(struct store *s)
{
	assert(!s->reading && !s->in_op);
	s->owner = pthread_self();
}

struct store_tx *store_tx(struct store *s)
{
	return &s->tx;
}

void store_fault_after(struct store *s, int n)
{
	s->fault_after = n;
}

/* ---- readers ----------------------------------------------------------------- */

enum err store_reader_take(struct op *op, struct store_db *db, struct store **ret_s)
{
	struct store *s;

	pthread_mutex_lock(&db->mutex);
	s = db->idle;
	if (s)
		db->idle = s->next;
	db->taken++;
	pthread_mutex_unlock(&db->mutex);
	if (!s) {
		enum err e = conn_open(op, db, false, &s);
		if (e) {
			pthread_mutex_lock(&db->mutex);
			db->taken--;
			pthread_mutex_unlock(&db->mutex);
			return e;
		}
	}
	store_own(s);
	*ret_s = s;
	return ERR_OK;
}

void store_reader_give(struct store *s)
{
	if (!s)
		return;
	/* not asked who gives it: whoever stops a server gives back the readers of its threads */
	assert(!s->writer && !s->reading);
	pthread_mutex_lock(&s->db->mutex);
	s->next = s->db->idle;
	s->db->idle = s;
	s->db->taken--;
	pthread_mutex_unlock(&s->db->mutex);
}

/* ---- transactions ------------------------------------------------------------ */

static int fixed_prepare(struct store *s, int which)
{
	if (s->fixed[which])
		return SQLITE_OK;
	return sqlite3_prepare_v3(s->h, fixed_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
				  &s->fixed[which], NULL);
}

static int fixed_run(struct store *s, int which)
{
	int rc = fixed_prepare(s, which);

	if (rc)
		return rc;
	sqlite3_step(s->fixed[which]);
	return sqlite3_reset(s->fixed[which]);
}

enum err store_read_begin(struct op *op)
{
	struct store *s = op->store;

	assert(s && !s->writer && !s->reading);
	assert(pthread_equal(s->owner, pthread_self()));
	s->queries = 0;
	op->work = NULL;
	s->deadline_ms = clock_monotonic_ms() + STORE_READ_MS;
	int rc = fixed_run(s, FIX_READ);
	if (rc)
		return map_error(op, s, rc, "begin");
	s->reading = true;
	return ERR_OK;
}

void store_read_end(struct op *op)
{
	struct store *s = op->store;

	if (!s || !s->reading)
		return;
	s->deadline_ms = 0;
	/* Nothing was written: ending a read cannot fail in a way that matters to the answer. */
	fixed_run(s, STORE_COMMIT);
	if (!sqlite3_get_autocommit(s->h))
		fixed_run(s, STORE_ROLLBACK);
	s->reading = false;
}

void store_read_budget(struct op *op, int64_t ms)
{
	assert(ms >= 0);
	if (!op->store->writer)
		op->store->deadline_ms = ms ? clock_monotonic_ms() + ms : 0;
}

int64_t store_queries(const struct store *s)
{
	return s->queries;
}

enum err store_verb(struct op *op, struct store *s, enum store_verb verb)
{
	assert(s->writer);
	assert(pthread_equal(s->owner, pthread_self()));
	if (verb == STORE_COMMIT || verb == STORE_BEGIN_WRITE)
		assert(!s->in_op);
	int rc = fixed_run(s, (int)verb);
	if (rc)
		return map_error(op, s, rc, fixed_sql[verb]);
	if (verb == STORE_SAVEPOINT) {
		s->in_op = true;
		s->queries = 0;
		s->tx = (struct store_tx){ 0 };
	} else if (verb != STORE_ROLLBACK_TO) {
		s->in_op = false;
	}
	return ERR_OK;
}

bool store_in_transaction(const struct store *s)
{
	return !sqlite3_get_autocommit(s->h);
}

bool store_io_failed(const struct store *s)
{
	return s->io_failed;
}

/*
 * The short patience is for readers that still stand on the log: they are done within their
 * budget.
 */
enum err store_checkpoint(struct op *op, struct store *s, bool truncate)
{
	int log = 0, done = 0;

	assert(s->writer && !store_in_transaction(s));
	assert(pthread_equal(s->owner, pthread_self()));
	sqlite3_busy_timeout(s->h, 50);
	int rc = sqlite3_wal_checkpoint_v2(s->h, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE :
					   SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	sqlite3_busy_timeout(s->h, STORE_BUSY_MS);
	if ((rc & 0xff) != SQLITE_BUSY && rc)
		return map_error(op, s, rc, "checkpoint");
	if (log >= 0 && done >= 0) {
		s->wal_pages = log;
		s->wal_done = done;
	}
	return ERR_OK;
}

int64_t store_wal_bytes(const struct store *s)
{
	return (int64_t)s->wal_pages * PAGE_BYTES;
}

int64_t store_wal_pending(const struct store *s)
{
	return (int64_t)(s->wal_pages - s->wal_done) * PAGE_BYTES;
}

/* ---- statements -------------------------------------------------------------- */

/*
 * $n is a name to SQLite, numbered by first appearance: keep the index of each once (sql-rules
 * 1).
 */
static enum err slot_prepare(struct op *op, struct store *s, const struct store_statement *st)
{
	struct slot *slot = &s->slot[st->id];
	char name[16];

	int rc = sqlite3_prepare_v3(s->h, st->sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->h, NULL);
	if (rc)
		return map_error(op, s, rc, st->name);
	slot->index = NEW_N(s->arena, (size_t)st->in_n + 1, uint8_t);
	for (int n = 1; n <= st->in_n; n++) {
		snprintf(name, sizeof(name), "$%d", n);
		int i = sqlite3_bind_parameter_index(slot->h, name);
		assert(i > 0 && i < 256);
		slot->index[n] = (uint8_t)i;
	}
	return ERR_OK;
}

enum err stmt_begin(struct op *op, const struct store_statement *st, struct store_cursor *ret_cur)
{
	struct store *s = op->store;

	assert(s && st->id < STMT_N);
	assert(pthread_equal(s->owner, pthread_self()));
	if (st->write)
		assert(s->writer && s->in_op && s->tx.open && op->tx_depth == 1);
	else
		assert(s->reading || s->in_op);
	struct slot *slot = &s->slot[st->id];
	assert(!slot->busy);
	s->queries++;
	if (s->fault_after && --s->fault_after == 0)
		return FAIL(op, ERR_IO, "（测试）注入的故障。");
	if (!slot->h)
		TRY(slot_prepare(op, s, st));
	slot->busy = true;
	*ret_cur = (struct store_cursor){ .op = op, .st = st, .handle = slot };
	return ERR_OK;
}

static void cursor_fail(struct store_cursor *cur, enum err e)
{
	if (!cur->failed)
		cur->failed = e;
}

static struct slot *cursor_slot(struct store_cursor *cur)
{
	struct slot *slot = cur->handle;

	assert(slot && slot->busy);
	return slot;
}

static int cursor_index(struct store_cursor *cur, int n, char type)
{
	assert(n >= 1 && n <= cur->st->in_n);
	assert(cur->st->types[n - 1] == type);
	return cursor_slot(cur)->index[n];
}

static void bound(struct store_cursor *cur, int rc)
{
	if (rc)
		cursor_fail(cur, map_error(cur->op, cur->op->store, rc, cur->st->name));
}

void stmt_bind_i64(struct store_cursor *cur, int n, int64_t v)
{
	int i = cursor_index(cur, n, 'i');

	if (cur->st->write && n == cur->st->tenant_n)	/* one write operation, one tenant */
		assert(v != 0 && v == cur->op->tenant.v);
	bound(cur, sqlite3_bind_int64(cursor_slot(cur)->h, i, v));
}

/* A NULL pointer would bind NULL, which the schema does not have. */
void stmt_bind_text(struct store_cursor *cur, int n, str s)
{
	int i = cursor_index(cur, n, 't');

	if (!utf8_valid(s)) {
		cursor_fail(cur, FAIL(cur->op, ERR_INVALID, "文字里有不能保存的字符。"));
		return;
	}
	bound(cur, sqlite3_bind_text64(cursor_slot(cur)->h, i, s.ptr ? s.ptr : "", s.len,
				       SQLITE_STATIC, SQLITE_UTF8));
}

void stmt_bind_blob(struct store_cursor *cur, int n, str bytes)
{
	int i = cursor_index(cur, n, 'b');

	bound(cur, sqlite3_bind_blob64(cursor_slot(cur)->h, i, bytes.ptr ? bytes.ptr : "",
				       bytes.len, SQLITE_STATIC));
}

static void cursor_close(struct store_cursor *cur)
{
	struct slot *slot = cursor_slot(cur);

	sqlite3_reset(slot->h);
	sqlite3_clear_bindings(slot->h);
	slot->busy = false;
	cur->handle = NULL;
}

enum err stmt_step(struct store_cursor *cur, bool *ret_row)
{
	struct slot *slot = cursor_slot(cur);

	if (!cur->failed) {
		int rc = sqlite3_step(slot->h);
		if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
			*ret_row = rc == SQLITE_ROW;
			return ERR_OK;
		}
		cursor_fail(cur, map_error(cur->op, cur->op->store, rc, cur->st->name));
	}
	cursor_close(cur);
	return cur->failed;
}

static sqlite3_stmt *column(struct store_cursor *cur, int col, int type)
{
	sqlite3_stmt *h = cursor_slot(cur)->h;

	assert(col >= 0 && col < cur->st->out_n);
	if (sqlite3_column_type(h, col) == type)
		return h;
	cursor_fail(cur, FAIL(cur->op, ERR_CORRUPT, "数据库里有一项内容的类型不对（%s 第 %d 列），请联系管理员。",
			      cur->st->name, col + 1));
	return NULL;
}

int64_t stmt_col_i64(struct store_cursor *cur, int col)
{
	sqlite3_stmt *h = column(cur, col, SQLITE_INTEGER);

	return h ? sqlite3_column_int64(h, col) : 0;
}

str stmt_col_text(struct store_cursor *cur, int col)
{
	sqlite3_stmt *h = column(cur, col, SQLITE_TEXT);

	if (!h)
		return STR_NONE;
	const char *p = (const char *)sqlite3_column_text(h, col);
	return (str){ p, (size_t)sqlite3_column_bytes(h, col) };
}

str stmt_col_blob(struct store_cursor *cur, int col)
{
	sqlite3_stmt *h = column(cur, col, SQLITE_BLOB);

	if (!h)
		return STR_NONE;
	const char *p = sqlite3_column_blob(h, col);
	return (str){ p ? p : "", (size_t)sqlite3_column_bytes(h, col) };
}

/*
 * With RETURNING every change is made by the first step; the count is right only after the
 * reset.
 */
enum err stmt_end(struct store_cursor *cur, int64_t *ret_changed)
{
	struct store *s = cur->op->store;
	int64_t changed = 0;

	cursor_close(cur);
	if (cur->failed)
		return cur->failed;
	if (cur->st->write)
		changed = sqlite3_changes64(s->h);
	if (cur->st->writes & (1 << KIND_FACT))
		s->tx.facts += changed;
	if (cur->st->writes & (1 << KIND_FACT | 1 << KIND_DERIVED))
		s->tx.changes += changed;
	if (ret_changed)
		*ret_changed = changed;
	return ERR_OK;
}

/* ---- scripts, marks ---------------------------------------------------------- */

enum err store_script(struct op *op, struct store *s, const char *sql)
{
	assert(s->writer && pthread_equal(s->owner, pthread_self()));
	int rc = sqlite3_exec(s->h, sql, NULL, NULL, NULL);
	if ((rc & 0xff) == SQLITE_ERROR)
		panic("schema: %s", sqlite3_errmsg(s->h));
	return rc ? map_error(op, s, rc, "schema") : ERR_OK;
}

enum err store_mark_get(struct op *op, struct store *s, const char *name, int64_t *ret_v)
{
	int rc = fixed_prepare(s, FIX_MARK_GET);
	sqlite3_stmt *h = s->fixed[FIX_MARK_GET];
	int64_t v = 0;

	if (rc)
		return map_error(op, s, rc, "mark");
	sqlite3_bind_text(h, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(h) == SQLITE_ROW)
		v = sqlite3_column_int64(h, 0);
	rc = sqlite3_reset(h);
	sqlite3_clear_bindings(h);
	if (rc)
		return map_error(op, s, rc, "mark");
	*ret_v = v;
	return ERR_OK;
}

enum err store_mark_set(struct op *op, struct store *s, const char *name, int64_t v)
{
	int rc = fixed_prepare(s, FIX_MARK_SET);
	sqlite3_stmt *h = s->fixed[FIX_MARK_SET];

	if (rc)
		return map_error(op, s, rc, "mark");
	sqlite3_bind_text(h, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(h, 2, v);
	sqlite3_step(h);
	rc = sqlite3_reset(h);
	sqlite3_clear_bindings(h);
	return rc ? map_error(op, s, rc, "mark") : ERR_OK;
}

/* ---- copies of the whole database -------------------------------------------- */

static enum err sync_file(struct op *op, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return FAIL(op, ERR_IO, "备份文件 %s 打不开。", file);
	e = fs_sync_fd(op, fd);
	close(fd);
	return e;
}

/*
 * VACUUM is refused under query_only; this connection reads the rows and writes only the new
 * file.
 */
enum err store_copy(struct op *op, struct store_db *db, const char *file)
{
	struct store *s;
	sqlite3_stmt *st = NULL;

	TRY(conn_open(op, db, false, &s));
	sqlite3_progress_handler(s->h, 0, NULL, NULL);
	int rc = sqlite3_exec(s->h, "PRAGMA query_only=OFF", NULL, NULL, NULL);
	sqlite3_commit_hook(s->h, NULL, NULL);
	if (!rc)
		rc = sqlite3_prepare_v2(s->h, "VACUUM INTO $1", -1, &st, NULL);
	if (!rc) {
		sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
		sqlite3_step(st);
		rc = sqlite3_finalize(st);
	}
	enum err e = rc ? map_error(op, s, rc, "VACUUM INTO") : ERR_OK;
	conn_close(s);
	return e ? e : sync_file(op, file);
}

/* No row may come out but one `ok`; the first complaint is for the operator. */
static enum err check_pragma(struct op *op, sqlite3 *h, const char *sql, const char *file)
{
	sqlite3_stmt *st;
	enum err e = ERR_OK;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		return FAIL(op, ERR_CORRUPT, "%s 不是完好的数据库文件。", file);
	int rc = sqlite3_step(st);
	const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
	if (rc == SQLITE_ROW && (!said || strcmp(said, "ok") != 0))
		e = FAIL(op, ERR_CORRUPT, "%s 已损坏：%.120s", file, said ? said : "?");
	else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		e = FAIL(op, ERR_CORRUPT, "%s 已损坏。", file);
	sqlite3_finalize(st);
	return e;
}

enum err store_check_file(struct op *op, const char *file)
{
	sqlite3 *h;
	enum err e;

	if (sqlite3_open_v2(file, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK) {
		sqlite3_close(h);
		return FAIL(op, ERR_IO, "%s 打不开。", file);
	}
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
	e = check_pragma(op, h, "PRAGMA integrity_check(1)", file);
	if (!e)
		e = check_pragma(op, h, "PRAGMA foreign_key_check", file);
	sqlite3_close(h);
	return e;
}

/* ---- the registry against what SQLite says ----------------------------------- */

struct recorder { const struct store_statement *st; };

/* `names`: table names, each followed by a space. */
static bool listed(const char *names, const char *table)
{
	size_t n = strlen(table);

	for (const char *p = names; *p; ) {
		const char *end = strchr(p, ' ');
		if (!end)
			return strcmp(p, table) == 0;
		if ((size_t)(end - p) == n && memcmp(p, table, n) == 0)
			return true;
		p = end + 1;
	}
	return false;
}

static int record_access(void *arg, int action, const char *table, const char *detail,
			 const char *database, const char *trigger)
{
	const struct store_statement *st = ((struct recorder *)arg)->st;

	(void)detail;
	(void)database;
	switch (action) {
	case SQLITE_READ:
		if (!listed(st->reads, table) && !listed(st->changes, table) && !trigger)
			panic("statement %s reads %s, which its entry does not name", st->name,
			      table);
		return SQLITE_OK;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		if (!st->write || (!listed(st->changes, table) && !trigger))
			panic("statement %s changes %s, which its entry does not name", st->name,
			      table);
		return SQLITE_OK;
	case SQLITE_SELECT:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	default:
		panic("statement %s does what no query may (action %d)", st->name, action);
	}
}

/* A tenant table is bound to a tenant, or the statement says `-- scope: system`. */
static void check_tenant(const struct store_statement *st)
{
	for (size_t i = 0; i < STORE_TABLE_N; i++) {
		const struct store_table *t = &store_tables[i];
		if (!t->tenant || st->tenant_n || st->system)
			continue;
		if (listed(st->reads, t->name) || listed(st->changes, t->name))
			panic("statement %s touches %s without a tenant", st->name, t->name);
	}
}

void store_check_registry(struct store *s)
{
	struct recorder rec;
	sqlite3_stmt *h;

	sqlite3_set_authorizer(s->h, record_access, &rec);
	for (size_t i = 0; i < STMT_N; i++) {
		const struct store_statement *st = &store_statements[i];
		rec.st = st;
		assert(st->id == i);
		if (sqlite3_prepare_v2(s->h, st->sql, -1, &h, NULL) != SQLITE_OK)
			panic("statement %s: %s", st->name, sqlite3_errmsg(s->h));
		if (sqlite3_bind_parameter_count(h) != st->in_n ||
		    sqlite3_column_count(h) != st->out_n || !sqlite3_stmt_readonly(h) != st->write)
			panic("statement %s is not what its entry says", st->name);
		check_tenant(st);
		sqlite3_finalize(h);
	}
	sqlite3_set_authorizer(s->h, NULL, NULL);
}
