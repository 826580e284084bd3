/*
 * db_int: the work on a connection itself that migrate, backup and the writer need, and
 * that no query may do. Implemented by the driver (store_sqlite.c, the only file that
 * includes sqlite3.h). Generated code sees store_int.h only.
 */
#ifndef STORE_DB_INT_H
#define STORE_DB_INT_H

#include "store/store.h"
#include "store/store_int.h"

/* The connection that writes. Until writer_start() it belongs to the thread that opened it. */
struct store *store_writer_conn(struct store_db *db);
bool store_is_writer(const struct store *s);
/*
 * The calling thread owns this connection from here on; every use by another is asserted
 * against.
 */
void store_own(struct store *s);

enum store_verb {
	STORE_BEGIN_WRITE,
	STORE_SAVEPOINT,
	STORE_RELEASE,
	STORE_ROLLBACK_TO,
	STORE_COMMIT,
	STORE_ROLLBACK,
};
#define STORE_VERBS 6
MUST_CHECK enum err store_verb(struct op *op, struct store *s, enum store_verb verb);
bool store_in_transaction(const struct store *s); /* false after the engine itself rolled back */
bool store_io_failed(const struct store *s);	/* an I/O error was seen: never acknowledge again */

/* Passive, or (truncate) waiting for the readers and emptying the log. */
MUST_CHECK enum err store_checkpoint(struct op *op, struct store *s, bool truncate);
int64_t store_wal_bytes(const struct store *s);		/* the log, since it was last emptied */
int64_t store_wal_pending(const struct store *s);	/* of it, not yet checkpointed */

/* A script of statements that is not in the registry: schema files and the store's own tables. */
MUST_CHECK enum err store_script(struct op *op, struct store *s, const char *sql);
/* Named numbers of the store itself (table store_mark): "schema", "id_high". 0 when absent. */
MUST_CHECK enum err store_mark_get(struct op *op, struct store *s, const char *name,
				   int64_t *ret_v);
MUST_CHECK enum err store_mark_set(struct op *op, struct store *s, const char *name, int64_t v);

/*
 * The rows of `db` as one clean new file, made on a connection of its own while the writer goes
 * on.
 */
MUST_CHECK enum err store_copy(struct op *op, struct store_db *db, const char *file);
/*
 * integrity_check and foreign_key_check of a file that nobody has open. ERR_CORRUPT with the
 * first complaint.
 */
MUST_CHECK enum err store_check_file(struct op *op, const char *file);
/*
 * Prepare every statement of the program under an authorizer that compares what it really
 * touches with its registry entry. A difference is a bug of the build: panics.
 */
void store_check_registry(struct store *s);

/* migrate_run() with another list of schemas: for the tests of upgrades. */
struct migrate_result;
MUST_CHECK enum err migrate_to(struct op *op, struct store_db *db,
			       const struct store_migration *list, size_t list_n,
			       struct migrate_result *ret_result);

/* Tests only: the n-th stmt_begin() from now fails with ERR_IO (1 = the next); 0 = none. */
void store_fault_after(struct store *s, int n);

/*
 * The write scope of the running operation, kept by tx.c on the writer's connection.
 * `facts`, `events` and `changes` (rows of facts and derived tables) count since
 * tx_begin_write(); `broken`: a scope was left without tx_commit(), the operation must be
 * rolled back.
 */
struct store_tx { int64_t facts, events, changes; bool open, broken; };
struct store_tx *store_tx(struct store *s);

#endif
