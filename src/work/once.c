/* once: see once.h. */
#include "work/once.h"

#include "auth/scope.h"
#include "gen/q_client_key.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "store/store.h"

enum err once_find(struct op *op, str key, struct hash hash, bool *ret_yes, int64_t *ret_made)
{
	struct q_client_key_get had;
	enum err e;

	*ret_yes = false;
	if (!key.len || !op->scope->account.v)
		return ERR_OK;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	e = q_client_key_get(op, op->scope->tenant, op->scope->account, key, &had);
	if (e && e != ERR_NOTFOUND)
		return e;
	if (!e && !hash_eq(had.client_hash, hash))
		return INVALID(op, STR("Idempotency-Key"), "这个提交编号已经用过，内容却不一样");
	if (!e) {
		*ret_yes = true;
		*ret_made = had.made;
	} else {
		TRY(key_is_free(op, key, KEY_CHANGE));
	}
	return tx_commit(&tx);
}

enum err key_is_free(struct op *op, str key, int but)
{
	struct q_record_by_key r;
	struct q_step_by_key s;
	struct q_file_by_key f;
	struct q_client_key_get c;
	tenant_id t = op->scope->tenant;
	account_id who = op->scope->account;
	enum err e = ERR_NOTFOUND;

	if (!key.len || !who.v)
		return ERR_OK;
	if (!(but & KEY_RECORD))
		e = q_record_by_key(op, t, who, key, &r);
	if (e == ERR_NOTFOUND && !(but & KEY_STEP))
		e = q_step_by_key(op, t, who, key, &s);
	if (e == ERR_NOTFOUND && !(but & KEY_FILE))
		e = q_file_by_key(op, t, who, key, &f);
	if (e == ERR_NOTFOUND && !(but & KEY_CHANGE))
		e = q_client_key_get(op, t, who, key, &c);
	if (e == ERR_OK)
		return INVALID(op, STR("Idempotency-Key"), "这个提交编号已经用过，内容却不一样");
	return e == ERR_NOTFOUND ? ERR_OK : e;
}

enum err once_note(struct op *op, str key, struct hash hash, int64_t made)
{
	if (!key.len || !op->scope->account.v)
		return ERR_OK;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(q_client_key_add(op, &(struct q_client_key_add_in){ .tenant = op->scope->tenant,
		.account = op->scope->account, .client_key = key, .client_hash = hash,
		.made = made, .created_at = op->now_ms }));
	return tx_commit(&tx);
}
