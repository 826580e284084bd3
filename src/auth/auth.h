/*
 * auth: accounts, sessions, activation slips, set-up codes, API tokens. Everything that
 * is random is stored as SHA-256 only; passwords as Argon2id, hashed on workers before
 * the write is queued. Answers to a wrong name, a wrong password and a disabled account
 * are the same, and take the same time.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "auth/scope.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/op.h"

#define SESSION_OWN_MS (30 * MS_DAY)	/* own phone: 30 days, rolling */
#define SESSION_SHARED_MS (12 * MS_HOUR)
#define SLIP_MS (14 * MS_DAY)
#define SETUP_CODE_MS (15 * MS_MINUTE)

/*
 * Functions that write join the caller's scope, or open their own of op->tenant (tx_join).
 * What belongs to no unit (a set-up code) is an event of INSTANCE_TENANT.
 */

/* --- accounts --- */
/* With ACCOUNTS; role "admin" only by an administrator or the system. */
MUST_CHECK enum err account_add(struct op *op, person_id person, str login, str role,
		account_id *ret_id);
/*
 * One's own, or by the system (set-up). Ends other sessions, slips, tokens, known devices.
 */
MUST_CHECK enum err account_set_password(struct op *op, account_id id, str encoded_hash);
/* With ACCOUNTS; ends its sessions, slips, tokens, known devices. */
MUST_CHECK enum err account_disable(struct op *op, account_id id, bool disabled);
/*
 * ≥ 8 characters (12 for administrators), not among the common ones, not the login. ERR_INVALID
 * in words.
 */
MUST_CHECK enum err password_check(struct op *op, str login, str role, str password);

struct account { account_id id; person_id person; str login, state, role; };
MUST_CHECK enum err accounts_list(struct op *op, tenant_id tenant, account_id after, int64_t limit,
		struct account **ret, size_t *ret_n);
/* Nobody can sign in yet: the set-up code comes first. */
MUST_CHECK enum err accounts_none(struct op *op, bool *ret_none);
MUST_CHECK enum err account_by_login(struct op *op, str login, tenant_id *ret_tenant,
		account_id *ret_account);

/* --- sign-in: in two halves, because hashing is for workers --- */
struct sign_in { tenant_id tenant; account_id account; str encoded; bool known; str role; };
/*
 * Whence a sign-in comes; device: the value of the cookie that an earlier sign-in left
 * (device_remember), or "". In a live session (the password again) the session itself is the
 * known device. Guesses of strangers cannot keep out who has a known one.
 */
struct origin { str login, address, device; };
/*
 * Reader. Unknown names give a dummy hash to verify against: verify always, sign in only when
 * `known` as well. ERR_LIMIT, in words, while the origin must wait.
 */
MUST_CHECK enum err sign_in_find(struct op *op, const struct origin *o, struct sign_in *ret);
/* Writer: the password was wrong; counts it. */
MUST_CHECK enum err sign_in_fail(struct op *op, const struct origin *o);
/* Used by the above: ERR_LIMIT, in words, while the origin must wait; count a failure. */
MUST_CHECK enum err tries_check(struct op *op, const struct origin *o, account_id account);
MUST_CHECK enum err tries_count(struct op *op, const struct origin *o, account_id account);
/* Writer, after session_start(): the token goes into a cookie of its own, for 400 days. */
MUST_CHECK enum err device_remember(struct op *op, account_id account, str token);
/*
 * Writer, after password_verify(): makes the session of `token` (token_new), which goes into the
 * cookie and is kept as a hash only.
 */
MUST_CHECK enum err session_start(struct op *op, tenant_id tenant, account_id account,
				  bool own_device, str agent, str token, str *ret_csrf);
/*
 * Reader: the scope of a live session, or ERR_NOTFOUND. Fills caps from `caps_of` (posts →
 * capabilities of the pack).
 */
struct caps_source {
	uint64_t (*caps)(void *ctx, struct op *op, tenant_id tenant, person_id person,
			 int64_t at_ms);
	void *ctx;
};
MUST_CHECK enum err session_scope(struct op *op, str token, const struct caps_source *caps,
		struct scope *ret_scope);
/*
 * Writer: seen now, and on a device of one's own 30 days more; at most once an hour
 * (scope.to_roll), else nothing is done.
 */
MUST_CHECK enum err session_roll(struct op *op, str token);
/* own, or another's with ACCOUNTS */
MUST_CHECK enum err session_end(struct op *op, session_id id);
MUST_CHECK enum err session_set_hat(struct op *op, session_id id, appointment_id hat);
/* after password_verify() */
MUST_CHECK enum err session_password_again(struct op *op, session_id id);
/* A new token and csrf for the own session: after a change of password. */
MUST_CHECK enum err session_rotate(struct op *op, session_id id, str token, str *ret_csrf);
/* A job: expired sessions, old codes, failures of days gone. */
MUST_CHECK enum err auth_sweep(struct op *op);
struct session_row {
	session_id id;
	str agent;
	int64_t created_ms, seen_ms;
	bool own_device, mine;
};
MUST_CHECK enum err session_list(struct op *op, account_id account, struct session_row **ret,
		size_t *ret_n);

/* --- one-time codes: made by the caller, shown once, stored as hashes --- */
str code_new(struct op *op);	/* 16 characters to type: set-up codes, slips */
str token_new(struct op *op);	/* 256 bits: sessions, devices, API tokens */
MUST_CHECK enum err setup_code_make(struct op *op, str code);		/* ledgered; 15 minutes */
MUST_CHECK enum err setup_code_check(struct op *op, str code);		/* reader */
/* In the operation that makes the tenant, after org_tenant_add(): op->tenant is set. */
MUST_CHECK enum err setup_code_use(struct op *op, str code);
/* revokes the old one */
MUST_CHECK enum err slip_make(struct op *op, account_id account, str code);
struct slip { tenant_id tenant; account_id account; str login, person_name, role; };
MUST_CHECK enum err slip_find(struct op *op, str code, struct slip *ret);	/* reader */
MUST_CHECK enum err slip_use(struct op *op, str code, str encoded_hash, struct slip *ret);
MUST_CHECK enum err token_make(struct op *op, account_id account, str token, int64_t ttl_ms,
		str scope);
MUST_CHECK enum err token_scope(struct op *op, str token, const struct caps_source *caps,
		struct scope *ret_scope);

/* For ledger_verify(): opens what auth committed to. */
struct ledger_opener;
size_t auth_openers(struct op *op, struct ledger_opener **ret);

#endif
