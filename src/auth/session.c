/*
 * session: signing in, and the sessions that come of it. Only SHA-256(token) is stored, so
 * a copy of the database holds no usable token. The row is read in the request's own read
 * transaction and nothing of it is kept: ended here means refused with the next request.
 *
 * A wrong name, a wrong password and a disabled account answer alike and take the same
 * time: sign_in_find() gives a dummy hash for whoever cannot sign in, and the caller
 * verifies it all the same.
 */
#include "auth/auth_int.h"

#include <assert.h>

#include "base/arena.h"
#include "base/idgen.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "gen/q_person.h"
#include "gen/q_session.h"

#define AGENT_MAX_CHARS 200
#define SESSIONS_MAX 100	/* shown of one account */
#define ROLL_MS MS_HOUR

/* The hash of nothing anybody knows: its password was random and was thrown away. */
static const char dummy_hash[] = "$argon2id$v=19$m=19456,t=2,p=1$Gl1/hf24YNJUDIMcXlEuTQ"
	"$4zGMn1iPQeUCTB/YQu1UK7mROgkYbILD0QvaJEuAKTY";

/* ---- signing in --------------------------------------------------------------- */

enum err sign_in_find(struct op *op, const struct origin *o, struct sign_in *ret)
{
	struct sign_in s = { .encoded = STR(dummy_hash), .role = STR("") };
	struct q_account_get a;
	struct q_login_get login;
	enum err e = q_login_get(op, login_fold(op, o->login), &login);

	if (e == ERR_OK) {
		TRY(q_account_get(op, login.tenant_id, login.account_id, &a));
		s.account = login.account_id;
		s.tenant = login.tenant_id;
		s.role = a.role;
		if (str_eq(a.state, STR("active")) && a.password_hash.len) {
			s.known = true;
			s.encoded = a.password_hash;
		}
	} else if (e != ERR_NOTFOUND) {
		return e;
	}
	TRY(tries_check(op, o, s.account));
	*ret = s;
	return ERR_OK;
}

enum err sign_in_fail(struct op *op, const struct origin *o)
{
	struct q_login_get login = { .account_id = { 0 } };
	TX_SCOPE(tx);

	if (op->tenant.v == 0)
		op->tenant = INSTANCE_TENANT;	/* a name that nobody has belongs to no tenant */
	TRY(tx_join(op, &tx));
	enum err e = q_login_get(op, login_fold(op, o->login), &login);
	if (e && e != ERR_NOTFOUND)
		return e;
	TRY(tries_count(op, o, login.account_id));
	return tx_leave(&tx);
}

static str clean_agent(str agent)
{
	if (!utf8_valid(agent))
		return STR("");
	return utf8_cut(agent, AGENT_MAX_CHARS);
}

enum err session_start(struct op *op, tenant_id tenant, account_id account, bool own_device,
		       str agent, str token, str *ret_csrf)
{
	struct q_account_get a;
	TX_SCOPE(tx);

	if (op->tenant.v == 0)
		op->tenant = tenant;
	assert(op->tenant.v == tenant.v && token.len >= 32);
	TRY(tx_join(op, &tx));
	TRY(account_row(op, account, &a));
	if (!str_eq(a.state, STR("active")))	/* disabled between the halves of signing in */
		return FAIL(op, ERR_DENIED, "登录名或密码不对。");
	str csrf = entropy_token(op->entropy, op->arena, 20);
	TRY(q_session_add(op, &(struct q_session_add_in){
		.token_hash = hash_of(token), .id = { idgen_next(op->idgen, op->now_ms) },
		.tenant = tenant, .account = account, .csrf = csrf, .own_device = own_device,
		.agent = clean_agent(agent), .at = op->now_ms,
		.expires_at = op->now_ms + (own_device ? SESSION_OWN_MS : SESSION_SHARED_MS),
	}));
	TRY(tries_forgive(op, a.login));
	TRY(tx_leave(&tx));
	*ret_csrf = csrf;
	return ERR_OK;
}

/* ---- who asks ----------------------------------------------------------------- */

/* The hat, as long as the appointment is in force and the person's. */
static enum err hat_in_force(struct op *op, const struct scope *s, appointment_id hat, bool *ret_ok)
{
	struct q_appointments_of *row;
	size_t n;

	*ret_ok = false;
	if (hat.v == 0 || s->person.v == 0)
		return ERR_OK;
	TRY(q_appointments_of(op, s->tenant, s->person, &row, &n));
	for (size_t i = 0; i < n; i++)
		if ((row[i].id.v == hat.v || row[i].replaces.v == hat.v) &&
		    row[i].valid_from <= op->now_ms && op->now_ms < row[i].valid_to)
			*ret_ok = true;
	return ERR_OK;
}

enum err session_scope(struct op *op, str token, const struct caps_source *caps,
		       struct scope *ret_scope)
{
	struct q_session_by_token row;
	struct scope s;
	bool hat;

	TRY(q_session_by_token(op, hash_of(token), op->now_ms, &row));
	TRY(scope_of_account(op, row.tenant_id, row.account_id, caps, &s));
	s.session = row.id;
	s.csrf = row.csrf;
	s.password_at_ms = row.password_at;
	s.own_device = row.own_device;
	s.to_roll = op->now_ms - row.seen_at >= ROLL_MS;
	TRY(hat_in_force(op, &s, row.appointment_id, &hat));
	if (hat)
		s.appointment = row.appointment_id;
	*ret_scope = s;
	return ERR_OK;
}

enum err session_roll(struct op *op, str token)
{
	int64_t changed;
	TX_SCOPE(tx);

	if (op->tenant.v == 0)
		op->tenant = op->scope ? op->scope->tenant : INSTANCE_TENANT;
	TRY(tx_join(op, &tx));
	TRY(q_session_roll(op, hash_of(token), op->now_ms, op->now_ms - ROLL_MS,
			   op->now_ms + SESSION_OWN_MS, &changed));
	return tx_leave(&tx);
}

/* ---- the sessions of an account ----------------------------------------------- */

/* The account whose session it is; another's only with ACCOUNTS, else it is not there. */
static enum err session_account(struct op *op, session_id id, account_id *ret_account)
{
	struct q_session_get row;
	enum err e = q_session_get(op, op->tenant, id, &row);

	if (e == ERR_OK && op->scope && row.account_id.v != op->scope->account.v &&
	    !scope_can(op->scope, CAP_ACCOUNTS))
		e = ERR_NOTFOUND;
	if (e == ERR_NOTFOUND)
		return FAIL(op, e, "没有这台设备，或者它已经退出。");
	*ret_account = row.account_id;
	return e;
}

enum err session_end(struct op *op, session_id id)
{
	account_id account;
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(session_account(op, id, &account));
	TRY(q_session_drop(op, op->tenant, account, id, &changed));
	return tx_leave(&tx);
}

/* Only of the session itself: nobody changes somebody else's. */
static enum err my_session(struct op *op, session_id id)
{
	if (!op->scope || op->scope->session.v != id.v || op->scope->token)
		return FAIL(op, ERR_DENIED, "只能在自己登录的设备上做这件事。");
	return ERR_OK;
}

enum err session_set_hat(struct op *op, session_id id, appointment_id hat)
{
	int64_t changed;
	bool in_force = true;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(my_session(op, id));
	if (hat.v)
		TRY(hat_in_force(op, op->scope, hat, &in_force));
	if (!in_force)
		return FAIL(op, ERR_INVALID, "您现在没有担任这个岗位。");
	TRY(q_session_set_hat(op, op->tenant, op->scope->account, id, hat, &changed));
	return tx_leave(&tx);
}

enum err session_password_again(struct op *op, session_id id)
{
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(my_session(op, id));
	TRY(q_session_set_password_at(op, op->tenant, op->scope->account, id, op->now_ms,
			&changed));
	return tx_leave(&tx);
}

enum err session_rotate(struct op *op, session_id id, str token, str *ret_csrf)
{
	int64_t changed;
	TX_SCOPE(tx);

	assert(token.len >= 32);
	TRY(tx_join(op, &tx));
	TRY(my_session(op, id));
	str csrf = entropy_token(op->entropy, op->arena, 20);
	TRY(q_session_set_token(op, op->tenant, op->scope->account, id, hash_of(token), csrf,
			&changed));
	if (changed != 1)
		return FAIL(op, ERR_NOTFOUND, "没有这台设备，或者它已经退出。");
	TRY(tx_leave(&tx));
	*ret_csrf = csrf;
	return ERR_OK;
}

enum err session_list(struct op *op, account_id account, struct session_row **ret, size_t *ret_n)
{
	struct q_sessions_of *row;
	const struct scope *s = op->scope;
	size_t n;

	if (!s || (s->account.v != account.v && !scope_can(s, CAP_ACCOUNTS)))
		return FAIL(op, ERR_NOTFOUND, "没有这个账号。");
	tenant_id tenant = s->system ? op->tenant : s->tenant;
	TRY(q_sessions_of(op, tenant, account, op->now_ms, SESSIONS_MAX, &row, &n));
	struct session_row *all = NEW_N(op->arena, n, struct session_row);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct session_row){ row[i].id, row[i].agent, row[i].created_at,
					       row[i].seen_at, row[i].own_device,
					       row[i].id.v == s->session.v };
	*ret = all;
	*ret_n = n;
	return ERR_OK;
}

enum err auth_sweep(struct op *op)
{
	int64_t n;
	TX_SCOPE(tx);

	if (op->tenant.v == 0)
		op->tenant = INSTANCE_TENANT;
	TRY(tx_join(op, &tx));
	TRY(q_sessions_sweep(op, op->now_ms, &n));
	TRY(q_codes_sweep(op, op->now_ms - 30 * MS_DAY, &n));
	TRY(q_sign_in_tries_sweep(op, instant_day(op->now_ms, op->clock->utc_offset_ms) - 1, &n));
	return tx_leave(&tx);
}
