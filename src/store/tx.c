/*
 * tx: the write scope of a service, engine-independent. The writer holds the savepoint;
 * this file keeps the promises that belong to one scope: rows of one tenant, at least one
 * ledger event when a fact table was written, and the tenant's number of writes raised when
 * anything moved that is read back (work/memo.h). It keeps no state of its own
 * but the counters on the connection, which die with the savepoint.
 */
#include "store/store.h"

#include <assert.h>

#include "gen/q_policy.h"
#include "store/db_int.h"

enum err tx_begin_write(struct op *op, tenant_id tenant, struct tx *ret_tx)
{
	struct store_tx *t;

	assert(op->store && store_is_writer(op->store));
	/* a service that calls a service: split off the inner part */
	assert(op->tx_depth == 0);
	assert(tenant.v != 0);
	assert(op->tenant.v == 0 || op->tenant.v == tenant.v);
	t = store_tx(op->store);
	assert(!t->open);
	if (t->broken)
		return FAIL(op, ERR_CONFLICT, "前面的一步没有完成，整个操作已取消。");
	op->tenant = tenant;
	op->tx_depth = 1;
	t->open = true;
	t->facts = 0;
	t->events = 0;
	t->changes = 0;
	ret_tx->op = op;
	return ERR_OK;
}

enum err tx_commit(struct tx *tx)
{
	struct op *op = tx->op;
	struct store_tx *t;

	assert(op && op->tx_depth == 1);
	t = store_tx(op->store);
	assert(t->open);
	assert(t->facts == 0 || t->events > 0);	/* a fact without a ledger event */
	if (t->changes)
		TRY(q_tenant_write_raise(op, op->tenant));
	t->open = false;
	op->tx_depth = 0;
	tx->op = NULL;
	return ERR_OK;
}

/* Left without a commit: the operation's savepoint must go, whatever run() answers. */
void tx_end(struct tx *tx)
{
	struct store_tx *t;

	if (!tx->op)
		return;
	t = store_tx(tx->op->store);
	assert(t->open && tx->op->tx_depth == 1);
	t->open = false;
	t->broken = true;
	tx->op->tx_depth = 0;
	tx->op = NULL;
}

enum err tx_join(struct op *op, struct tx *ret_tx)
{
	if (op->tx_depth > 0)
		return ERR_OK;	/* the caller commits, and rolls back what fails here */
	return tx_begin_write(op, op->tenant, ret_tx);
}

enum err tx_leave(struct tx *tx)
{
	return tx->op ? tx_commit(tx) : ERR_OK;
}

void tx_note_event(struct op *op)
{
	struct store_tx *t = store_tx(op->store);

	assert(t->open);
	t->events++;
}
