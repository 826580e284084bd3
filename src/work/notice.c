/*
 * notice: what the program has to say to a person, until he has seen it. Written by steps
 * and ladders (todo.c); read here.
 */
#include "work/work.h"

#include "store/store.h"

#include "gen/q_todo.h"

enum err notices_list(struct op *op, int64_t limit, struct notice_row **ret, size_t *ret_n)
{
	struct q_notices_unread *rows;
	size_t n;

	TRY(q_notices_unread(op, op->scope->tenant, op->scope->person, op->now_ms, limit, &rows,
			     &n));
	struct notice_row *all = NEW_N(op->arena, n, struct notice_row);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct notice_row){ .id = rows[i].id, .kind = rows[i].kind,
					      .record = rows[i].record_id, .text = rows[i].text,
					      .at_ms = rows[i].created_at };
	*ret = all;
	*ret_n = n;
	return ERR_OK;
}

enum err notices_unread(struct op *op, int64_t limit, int64_t *ret_n)
{
	struct q_notices_count row;

	TRY(q_notices_count(op, op->scope->tenant, op->scope->person, op->now_ms, limit, &row));
	*ret_n = row.n;
	return ERR_OK;
}

enum err notices_seen(struct op *op, int64_t limit)
{
	struct notice_row *all;
	size_t n;
	TX_SCOPE(tx);

	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(notices_list(op, limit, &all, &n));
	for (size_t i = 0; i < n; i++)
		TRY(q_notice_read(op, op->scope->tenant, op->scope->person, all[i].id, op->now_ms));
	return tx_commit(&tx);
}
