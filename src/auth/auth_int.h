/* auth_int: what the files of auth share. */
#ifndef AUTH_AUTH_INT_H
#define AUTH_AUTH_INT_H

#include "auth/auth.h"
#include "gen/q_account.h"
#include "ledger/ledger.h"
#include "store/store.h"

#define CODE_SETUP STR("setup")
#define CODE_SLIP STR("slip")
#define CODE_TOKEN STR("token")
#define CODE_DEVICE STR("device")

/* "" or "admin": an administrator organises; no post gives him more. */
#define ROLE_ADMIN STR("admin")

/* Sign-in names are compared folded: full-width digits and capitals are the same name. */
str login_fold(struct op *op, str login);
/* What is typed from paper: without blanks and dashes, capitals, I and L as 1, O as 0. */
struct hash code_hash_of(struct op *op, str code);
MUST_CHECK enum err account_row(struct op *op, account_id id, struct q_account_get *ret);
/* An administrator's account is touched only by an administrator, or by the system. */
MUST_CHECK enum err account_within_reach(struct op *op, const struct q_account_get *row);
/* Sessions, slips, tokens and known devices of the account are void (but session `but`). */
MUST_CHECK enum err account_sign_out(struct op *op, account_id id, session_id but);
MUST_CHECK enum err auth_event(struct op *op, const char *kind, account_id subject,
			       const struct ledger_fact *facts, size_t n);
/* Fill everything of a scope that comes from the account; ERR_NOTFOUND when it is not in force. */
MUST_CHECK enum err scope_of_account(struct op *op, tenant_id tenant, account_id account,
				     const struct caps_source *caps, struct scope *ret);
/* Failures forgiven after a success. */
MUST_CHECK enum err tries_forgive(struct op *op, str login);

#endif
