/*
 * scope: who asks, as a handle built in one place (auth/session.c, auth/code.c) from
 * a live row, in the request's own read transaction. Services take it from op->scope.
 * A person acts in one hat at a time; `appointment` is the hat chosen, or 0. Rights
 * are never cached: a withdrawn one is gone with the next request.
 */
#ifndef AUTH_SCOPE_H
#define AUTH_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"

struct op;

enum cap {
	CAP_PUBLIC,
#define CAP(name, word, allows) CAP_##name,
#include "auth/caps.def"
#undef CAP
	CAP_N
};

struct scope {
	bool system;			/* jobs, commands of the operator; never from the web */
	tenant_id tenant;
	account_id account;
	/* 0 for the system and for an administrator without person */
	person_id person;
	appointment_id appointment;	/* the hat chosen for this session or request, or 0 */
	uint64_t caps;			/* bit per enum cap */
	str login, person_name;
	str role;			/* "" or "admin" */
	session_id session;
	str csrf;
	/* when the password was last given: signing and grants ask again */
	int64_t password_at_ms;
	bool token;			/* by API token: never becomes a cookie */
	bool own_device;
	bool to_roll;			/* last rolled an hour ago or longer: session_roll() */
};

static inline bool scope_can(const struct scope *s, enum cap c)
{
	return s && (c == CAP_PUBLIC || s->system || (s->caps >> c & 1));
}
const char *cap_word(enum cap c);
bool cap_parse(str word, enum cap *ret_c);
/* ERR_DENIED, in words for people, when op->scope lacks it. */
MUST_CHECK enum err scope_require(struct op *op, enum cap c);
extern const struct scope scope_of_system;	/* op->scope of jobs and commands */

#endif
