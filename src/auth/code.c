/*
 * code: everything that is random and shown once: the set-up code of an instance, the
 * activation slip of an account, API tokens, and the mark of a known device. Stored as
 * SHA-256, used by compare-and-set, never shown again. A code that is wrong, used, revoked
 * or too old answers alike. A token makes a scope, never a session: nothing here gives
 * out a cookie for one (DHIS2 did: trust.md part 4).
 */
#include "auth/auth_int.h"

#include <assert.h>

#include "base/arena.h"
#include "base/idgen.h"
#include "base/rand.h"
#include "gen/q_person.h"
#include "gen/q_session.h"

#define DEVICE_MS (400 * MS_DAY)
#define TOKEN_MS_MAX (366 * MS_DAY)

str code_new(struct op *op)
{
	return entropy_token(op->entropy, op->arena, 10);	/* 16 characters, 80 bits */
}

str token_new(struct op *op)
{
	return entropy_token(op->entropy, op->arena, 32);	/* 256 bits */
}

struct hash code_hash_of(struct op *op, str code)
{
	char *p = arena_alloc(op->arena, code.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];
		if (c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		p[n++] = c == 'I' || c == 'L' ? '1' : c == 'O' ? '0' : c;
	}
	return hash_of((str){ p, n });
}

static enum err add(struct op *op, struct hash hash, str kind, account_id account, str scope,
		    int64_t ttl_ms)
{
	return q_code_add(op, &(struct q_code_add_in){
		.code_hash = hash, .id = idgen_next(op->idgen, op->now_ms), .kind = kind,
		.tenant = account.v ? op->tenant : (tenant_id){ 0 }, .account = account,
		.scope = scope, .created_at = op->now_ms, .expires_at = op->now_ms + ttl_ms,
	});
}

/* ---- setting up --------------------------------------------------------------- */

enum err setup_code_make(struct op *op, str code)
{
	static const account_id none;
	int64_t n;
	TX_SCOPE(tx);

	if (op->tenant.v == 0)
		op->tenant = INSTANCE_TENANT;
	assert(code.len >= 12);
	TRY(tx_join(op, &tx));
	if (!op->scope || !op->scope->system)
		return FAIL(op, ERR_DENIED, "设置码只能在服务器上用命令生成。");
	TRY(q_codes_revoke(op, (tenant_id){ 0 }, none, CODE_SETUP, op->now_ms, &n));
	TRY(add(op, code_hash_of(op, code), CODE_SETUP, none, STR(""), SETUP_CODE_MS));
	TRY(auth_event(op, "setup-code.make", none, NULL, 0));
	return tx_leave(&tx);
}

static enum err wrong_code(struct op *op)
{
	return FAIL(op, ERR_NOTFOUND, "这个码不对，或者已经用过、过期。");
}

enum err setup_code_check(struct op *op, str code)
{
	struct q_code_get row;
	enum err e = q_code_get(op, code_hash_of(op, code), CODE_SETUP, op->now_ms, &row);

	return e == ERR_NOTFOUND ? wrong_code(op) : e;
}

enum err setup_code_use(struct op *op, str code)
{
	int64_t changed;
	TX_SCOPE(tx);

	assert(op->tenant.v != 0);	/* being set up, or its administrator comes back */
	TRY(tx_join(op, &tx));
	TRY(q_code_use(op, code_hash_of(op, code), CODE_SETUP, op->now_ms, &changed));
	if (changed != 1)
		return wrong_code(op);
	TRY(auth_event(op, "setup-code.use", (account_id){ 0 }, NULL, 0));
	return tx_leave(&tx);
}

/* ---- activation slips --------------------------------------------------------- */

enum err slip_make(struct op *op, account_id account, str code)
{
	struct q_account_get a;
	int64_t n;
	TX_SCOPE(tx);

	assert(code.len >= 12);
	TRY(tx_join(op, &tx));
	TRY(account_row(op, account, &a));
	TRY(account_within_reach(op, &a));
	if (str_eq(a.state, STR("disabled")))
		return FAIL(op, ERR_CONFLICT, "这个账号已经停用，请先启用。");
	TRY(q_codes_revoke(op, op->tenant, account, CODE_SLIP, op->now_ms, &n));
	TRY(add(op, code_hash_of(op, code), CODE_SLIP, account, STR(""), SLIP_MS));
	TRY(auth_event(op, "slip.make", account, NULL, 0));
	return tx_leave(&tx);
}

enum err slip_find(struct op *op, str code, struct slip *ret)
{
	struct q_account_get a;
	struct q_person_get p = { .name = STR("") };
	struct q_code_get row;
	enum err e = q_code_get(op, code_hash_of(op, code), CODE_SLIP, op->now_ms, &row);

	if (e == ERR_NOTFOUND)
		return wrong_code(op);
	if (e)
		return e;
	TRY(q_account_get(op, row.tenant_id, row.account_id, &a));
	if (a.person_id.v)
		TRY(q_person_get(op, row.tenant_id, a.person_id, &p));
	if (str_eq(a.state, STR("disabled")) || (a.person_id.v && p.left_at <= op->now_ms))
		return wrong_code(op);
	*ret = (struct slip){ row.tenant_id, row.account_id, a.login, p.name, a.role };
	return ERR_OK;
}

/* Whatever the account had before is void: who pre-made it keeps no way in (PocketBase). */
enum err slip_use(struct op *op, str code, str encoded_hash, struct slip *ret)
{
	struct slip s;
	int64_t changed;
	TX_SCOPE(tx);

	assert(str_starts(encoded_hash, STR("$argon2id$")));
	TRY(slip_find(op, code, &s));
	if (op->tenant.v == 0)
		op->tenant = s.tenant;
	assert(op->tenant.v == s.tenant.v);
	TRY(tx_join(op, &tx));
	TRY(q_code_use(op, code_hash_of(op, code), CODE_SLIP, op->now_ms, &changed));
	if (changed != 1)
		return wrong_code(op);
	TRY(q_account_set_password(op, s.tenant, s.account, encoded_hash, op->now_ms, &changed));
	TRY(account_sign_out(op, s.account, (session_id){ 0 }));
	TRY(auth_event(op, "account.activate", s.account, NULL, 0));
	TRY(tx_leave(&tx));
	*ret = s;
	return ERR_OK;
}

/* ---- known devices ------------------------------------------------------------ */

enum err device_remember(struct op *op, account_id account, str token)
{
	TX_SCOPE(tx);

	assert(token.len >= 32);
	TRY(tx_join(op, &tx));
	TRY(add(op, hash_of(token), CODE_DEVICE, account, STR(""), DEVICE_MS));
	return tx_leave(&tx);
}

/* ---- API tokens --------------------------------------------------------------- */

/* Words of capabilities; nothing: all of the account's. */
static enum err scope_bits(struct op *op, str scope, uint64_t *ret_bits)
{
	uint64_t bits = 1ULL << CAP_SIGNED_IN;
	str rest = scope;
	enum cap c;

	if (scope.len == 0) {
		*ret_bits = UINT64_MAX;
		return ERR_OK;
	}
	while (rest.ptr) {
		str word = str_trim(str_cut(&rest, ','));
		if (!cap_parse(word, &c))
			return INVALID(op, STR("scope"), "没有“%.*s”这项权限。", STR_ARG(word));
		bits |= 1ULL << c;
	}
	*ret_bits = bits;
	return ERR_OK;
}

enum err token_make(struct op *op, account_id account, str token, int64_t ttl_ms, str scope)
{
	struct ledger_fact f = { STR("scope"), scope.len ? scope : STR("all") };
	struct q_account_get a;
	uint64_t bits;
	TX_SCOPE(tx);

	assert(token.len >= 32);
	TRY(tx_join(op, &tx));
	TRY(account_row(op, account, &a));
	if (!op->scope || (!op->scope->system && op->scope->account.v != account.v) ||
			op->scope->token)
		return FAIL(op, ERR_DENIED, "只能为自己的账号生成接口令牌。");
	if (ttl_ms <= 0 || ttl_ms > TOKEN_MS_MAX)
		return INVALID(op, STR("ttl"), "接口令牌最长一年。");
	TRY(scope_bits(op, scope, &bits));
	TRY(add(op, hash_of(token), CODE_TOKEN, account, scope, ttl_ms));
	TRY(auth_event(op, "token.make", account, &f, 1));
	return tx_leave(&tx);
}

enum err token_scope(struct op *op, str token, const struct caps_source *caps,
		     struct scope *ret_scope)
{
	struct q_code_get row;
	struct scope s;
	uint64_t bits;

	TRY(q_code_get(op, hash_of(token), CODE_TOKEN, op->now_ms, &row));
	TRY(scope_bits(op, row.scope, &bits));
	TRY(scope_of_account(op, row.tenant_id, row.account_id, caps, &s));
	s.caps &= bits;		/* never more than the account has now */
	s.token = true;
	*ret_scope = s;
	return ERR_OK;
}
