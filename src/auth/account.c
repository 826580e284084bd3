/*
 * account: how a person signs in. A sign-in name is unique in the instance (table login),
 * an account lives in its tenant. States: new (no password yet), active, disabled.
 *
 * Invariants: role, tenant and owner are set when the account is made and by no other
 * statement; only an administrator (or the operator) makes an administrator or touches
 * his account; who changes a password, or disables an account, ends every session, slip,
 * token and known device that came before.
 */
#include "auth/auth_int.h"

#include <assert.h>

#include "base/arena.h"
#include "base/idgen.h"
#include "base/utf8.h"
#include "gen/q_person.h"
#include "gen/q_policy.h"
#include "gen/q_session.h"

#define LOGIN_MAX_CHARS 40

str login_fold(struct op *op, str login)
{
	return utf8_valid(login) ? utf8_fold(op->arena, str_trim(login)) : STR("");
}

enum err auth_event(struct op *op, const char *kind, account_id subject,
		    const struct ledger_fact *facts, size_t n)
{
	static const struct scope nobody = { 0 };
	const struct scope *who = op->scope ? op->scope : &nobody;

	return ledger_append(op, &(struct ledger_event){
		.kind = str_of(kind), .account = who->account, .person = who->person,
		.appointment = who->appointment, .subject_kind = STR("account"),
		.subject = subject.v, .facts = facts, .facts_n = n,
	}, NULL);
}

enum err account_row(struct op *op, account_id id, struct q_account_get *ret)
{
	enum err e = q_account_get(op, op->tenant, id, ret);

	return e == ERR_NOTFOUND ? FAIL(op, e, "没有这个账号。") : e;
}

static bool is_admin(const struct scope *s)
{
	return s && (s->system || str_eq(s->role, ROLE_ADMIN));
}

enum err account_within_reach(struct op *op, const struct q_account_get *row)
{
	TRY(scope_require(op, CAP_ACCOUNTS));
	if (str_eq(row->role, ROLE_ADMIN) && !is_admin(op->scope))
		return FAIL(op, ERR_DENIED, "管理员的账号只能由管理员处理。");
	return ERR_OK;
}

enum err account_sign_out(struct op *op, account_id id, session_id but)
{
	int64_t n;

	TRY(q_sessions_drop_others(op, op->tenant, id, but, &n));
	TRY(q_codes_revoke(op, op->tenant, id, CODE_SLIP, op->now_ms, &n));
	TRY(q_codes_revoke(op, op->tenant, id, CODE_TOKEN, op->now_ms, &n));
	return q_codes_revoke(op, op->tenant, id, CODE_DEVICE, op->now_ms, &n);
}

/* ---- making ------------------------------------------------------------------- */

static enum err login_is_free(struct op *op, str login)
{
	struct q_login_get there;
	enum err e = q_login_get(op, login, &there);

	if (e == ERR_NOTFOUND)
		return ERR_OK;
	if (e)
		return e;
	return INVALID(op, STR("login"), "登录名 %.*s 已经有人用了，请换一个。", STR_ARG(login));
}

static enum err clean_login(struct op *op, str raw, str *ret_login)
{
	str s;

	TRY(utf8_clean(op, STR("login"), raw.ptr ? raw : STR(""), LOGIN_MAX_CHARS, false, &s));
	s = login_fold(op, s);
	if (s.len == 0)
		return INVALID(op, STR("login"), "请填写登录名，用手机号或工号。");
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == ' ')
			return INVALID(op, STR("login"), "登录名中间不能有空格。");
	TRY(login_is_free(op, s));
	*ret_login = s;
	return ERR_OK;
}

static enum err role_fits(struct op *op, person_id person, str role)
{
	struct q_person_get p;

	if (role.len && !str_eq(role, ROLE_ADMIN))
		return INVALID(op, STR("role"), "账号只有普通账号和管理员两种。");
	if (role.len && !is_admin(op->scope))
		return FAIL(op, ERR_DENIED, "只有管理员能再设管理员。");
	if (person.v == 0 && role.len == 0)
		return INVALID(op, STR("person"), "请选择这是谁的账号。");
	if (person.v && q_person_get(op, op->tenant, person, &p))
		return INVALID(op, STR("person"), "没有这个人。");
	return ERR_OK;
}

static str account_content(struct op *op, str login)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	str s;

	buf_init(&b, LEDGER_CONTENT_MAX);
	ledger_put_str(&b, login);
	if (buf_finish(&b, &s))
		panic("a sign-in name passes the ceiling of content");
	return str_dup(op->arena, s);
}

enum err account_add(struct op *op, person_id person, str login, str role, account_id *ret_id)
{
	struct salt salt;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(scope_require(op, CAP_ACCOUNTS));
	TRY(clean_login(op, login, &login));
	TRY(role_fits(op, person, role));
	account_id id = { idgen_next(op->idgen, op->now_ms) };
	salt = ledger_salt(op);
	TRY(q_login_add(op, login, op->tenant, id));
	TRY(q_account_add(op, &(struct q_account_add_in){ op->tenant, id, person, login, role,
			  op->now_ms, salt }));
	struct ledger_fact f[2] = { { STR("person"), str_fmt(op->arena, "%lld",
			(long long)person.v) },
				    { STR("role"), role } };
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = STR("account.add"), .account = op->scope->account,
		.person = op->scope->person, .appointment = op->scope->appointment,
		.subject_kind = STR("account"), .subject = id.v, .facts = f,
		.facts_n = role.len ? 2 : 1, .content = account_content(op, login), .salt = salt,
	}, NULL));
	TRY(q_tenant_version_raise(op, op->tenant));	/* the view tells who has an account */
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

/* ---- changing ----------------------------------------------------------------- */

static bool is_mine(const struct op *op, account_id id)
{
	return op->scope && (op->scope->system ||
			     (op->scope->tenant.v == op->tenant.v && op->scope->account.v == id.v));
}

enum err account_set_password(struct op *op, account_id id, str encoded_hash)
{
	session_id but = { 0 };
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	assert(str_starts(encoded_hash, STR("$argon2id$")));	/* never a password itself */
	if (!is_mine(op, id))	/* an administrator prints a slip; he never knows a password */
		return FAIL(op, ERR_DENIED, "只能改自己的密码。");
	if (op->scope->account.v == id.v)
		but = op->scope->session;
	TRY(q_account_set_password(op, op->tenant, id, encoded_hash, op->now_ms, &changed));
	if (changed != 1)
		return FAIL(op, ERR_NOTFOUND, "没有这个账号。");
	TRY(account_sign_out(op, id, but));
	TRY(auth_event(op, "account.password", id, NULL, 0));
	return tx_leave(&tx);
}

enum err account_disable(struct op *op, account_id id, bool disabled)
{
	struct q_account_get row;
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(account_row(op, id, &row));
	TRY(account_within_reach(op, &row));
	if (disabled && op->scope->account.v == id.v)
		return FAIL(op, ERR_INVALID, "不能停用自己正在用的账号。");
	str state = disabled ? STR("disabled") : row.password_hash.len ? STR("active") : STR("new");
	TRY(q_account_set_state(op, op->tenant, id, state, &changed));
	if (changed == 0)
		return tx_leave(&tx);	/* it is so already */
	if (disabled)
		TRY(account_sign_out(op, id, (session_id){ 0 }));
	TRY(auth_event(op, disabled ? "account.disable" : "account.enable", id, NULL, 0));
	TRY(q_tenant_version_raise(op, op->tenant));
	return tx_leave(&tx);
}

/* ---- reading ------------------------------------------------------------------ */

enum err accounts_list(struct op *op, tenant_id tenant, account_id after, int64_t limit,
		       struct account **ret, size_t *ret_n)
{
	struct q_accounts_list *row;
	size_t n;

	TRY(q_accounts_list(op, tenant, after, limit, &row, &n));
	struct account *all = NEW_N(op->arena, n, struct account);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct account){ row[i].id, row[i].person_id, row[i].login, row[i].state,
					   row[i].role };
	*ret = all;
	*ret_n = n;
	return ERR_OK;
}

enum err accounts_none(struct op *op, bool *ret_none)
{
	struct q_login_any row;
	enum err e = q_login_any(op, &row);

	if (e != ERR_OK && e != ERR_NOTFOUND)
		return e;
	*ret_none = e == ERR_NOTFOUND;
	return ERR_OK;
}

enum err account_by_login(struct op *op, str login, tenant_id *ret_tenant, account_id *ret_account)
{
	struct q_login_get row;

	TRY(q_login_get(op, login_fold(op, login), &row));
	*ret_tenant = row.tenant_id;
	*ret_account = row.account_id;
	return ERR_OK;
}

/* ---- the ledger --------------------------------------------------------------- */

/* A role and a person are never changed: the row has them as the event says. */
static bool row_is_of(struct op *op, const struct q_account_content *row,
		      const struct ledger_event *e)
{
	str person = str_fmt(op->arena, "%lld", (long long)row->person_id.v), role = STR("");
	bool same = false;

	for (size_t i = 0; i < e->facts_n; i++) {
		if (str_eq(e->facts[i].key, STR("person")))
			same = str_eq(e->facts[i].value, person);
		if (str_eq(e->facts[i].key, STR("role")))
			role = e->facts[i].value;
	}
	return same && str_eq(role, row->role);
}

static enum err open_account(struct op *op, void *arg, const struct ledger_event *e,
			     struct ledger_content *ret)
{
	static const struct salt zero;
	struct q_account_content row;

	(void)arg;
	TRY(q_account_content(op, e->tenant, (account_id){ e->subject }, &row));
	if (!row_is_of(op, &row, e))
		*ret = (struct ledger_content){ .state = LEDGER_CONTENT_HERE, .bytes = STR("") };
	else if (bytes_eq(&row.salt, &zero, sizeof(zero)))
		*ret = (struct ledger_content){ .state = LEDGER_CONTENT_ERASED };
	else
		*ret = (struct ledger_content){ LEDGER_CONTENT_HERE, account_content(op, row.login),
						row.salt };
	return ERR_OK;
}

size_t auth_openers(struct op *op, struct ledger_opener **ret)
{
	*ret = NEW(op->arena, struct ledger_opener);
	**ret = (struct ledger_opener){ STR("account.add"), open_account, NULL };
	return 1;
}
