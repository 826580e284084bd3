/*
 * store: the only code that knows a database. A `struct store_db` is one opened
 * data folder: its exclusive lock (DIR/lock), its rows (DIR/bihuan.db), its blobs
 * (DIR/blobs). A `struct store` is one connection to it, and hangs in op->store:
 * either a reader (query_only, used by one thread at a time) or the writer's, the
 * only one that ever writes, commits or checkpoints (store/writer.h).
 *
 * Invariants: one process per folder; one writing connection per process; a write
 * statement runs only on the writer's connection, inside tx_begin_write(), and only
 * with the operation's own tenant; an operation that wrote a fact table noted at
 * least one ledger event. All of them are asserted, in release too, because SQLite
 * before 3.51.3 corrupts its WAL when two connections write or checkpoint at once.
 *
 * Queries are not here: they are generated from the files of store/query ("gen/q_NAME.h").
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ids.h"
#include "base/op.h"
#include "base/str.h"

struct store;
struct store_db;

/*
 * Open (and with `create`, make) the data folder. Takes the lock: ERR_BUSY when
 * another process holds it. The schema is not looked at: call migrate_run() next.
 * ERR_NOTFOUND when there is no instance and `create` is false.
 */
MUST_CHECK enum err store_open(struct op *op, str dir, bool create, struct store_db **ret_db);
/* All readers given back, the writer stopped. Accepts NULL. Releases the lock last. */
void store_close(struct store_db *db);
str store_dir(const struct store_db *db);		/* NUL-terminated */
const char *store_engine_version(void);			/* "SQLite 3.40.1" */

/*
 * A reader for the calling thread: taken once by an event thread and kept, or taken
 * and given back by a worker for each piece of work. Opens a connection when none is
 * idle. Never used by two threads at a time (asserted).
 */
MUST_CHECK enum err store_reader_take(struct op *op, struct store_db *db, struct store **ret_s);
void store_reader_give(struct store *s);		/* accepts NULL */

/*
 * One request reads in one snapshot: BEGIN … COMMIT on op->store, the session row
 * with it. Within it statements may use at most STORE_READ_MS of time in all, then
 * fail with ERR_LIMIT. Reading outside of a read scope is an assertion failure.
 */
MUST_CHECK enum err store_read_begin(struct op *op);
void store_read_end(struct op *op);			/* also after a failed begin; idempotent */
/* Another budget for the open read scope (an export, a verification); 0 = none. */
void store_read_budget(struct op *op, int64_t ms);
/* Statements run by this connection since the scope began: budgets of stories. */
int64_t store_queries(const struct store *s);

/*
 * A write scope. The writer has already opened the operation's savepoint; a service
 * marks the part that must be whole:
 *
 *	TX_SCOPE(tx);
 *	TRY(tx_begin_write(op, tenant, &tx));
 *	…
 *	return tx_commit(&tx);
 *
 * Left without tx_commit(), the whole operation is rolled back whatever its run()
 * returns. Nesting is an assertion failure; one after another is fine. The first
 * tenant named binds the operation; another one is an assertion failure.
 */
struct tx { struct op *op; };
MUST_CHECK enum err tx_begin_write(struct op *op, tenant_id tenant, struct tx *ret_tx);
MUST_CHECK enum err tx_commit(struct tx *tx);
void tx_end(struct tx *tx);
#define TX_SCOPE(name) struct tx name __attribute__((cleanup(tx_end))) = { 0 }
/*
 * For services that are called alone and within others: join the scope that the caller has
 * opened, or open one of op->tenant; tx_leave() commits only what tx_join() opened.
 */
MUST_CHECK enum err tx_join(struct op *op, struct tx *ret_tx);
MUST_CHECK enum err tx_leave(struct tx *tx);
/* Said by the ledger for each event it appended; tx_commit() counts them. */
void tx_note_event(struct op *op);

#endif
