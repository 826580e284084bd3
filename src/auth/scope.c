/*
 * scope: who asks, built here and nowhere else, from live rows, for every request anew.
 * Rights are never stored in a session or a token: an account disabled, a post ended or a
 * person gone has no rights with the next request (peers kept them: trust.md part 4).
 */
#include "auth/scope.h"

#include <assert.h>

#include "auth/auth_int.h"
#include "gen/q_account.h"

const struct scope scope_of_system = { .system = true, .login = STR(""), .person_name = STR("") };

static const struct { const char *word; const char *allows; } cap_table[CAP_N] = {
	[CAP_PUBLIC] = { "public", "everybody" },
#define CAP(name, word, allows) [CAP_##name] = { word, allows },
#include "auth/caps.def"
#undef CAP
};

const char *cap_word(enum cap c)
{
	assert(c >= 0 && c < CAP_N);
	return cap_table[c].word;
}

bool cap_parse(str word, enum cap *ret_c)
{
	for (int c = CAP_PUBLIC + 1; c < CAP_N; c++)
		if (str_eq(str_of(cap_table[c].word), word)) {
			*ret_c = (enum cap)c;
			return true;
		}
	return false;
}

enum err scope_require(struct op *op, enum cap c)
{
	if (scope_can(op->scope, c))
		return ERR_OK;
	return FAIL(op, ERR_DENIED, "您现在的岗位不能做这件事。");
}

/* The whole of what an administrator may do; the posts of a pack never add to it. */
static uint64_t admin_caps(void)
{
	return 1ULL << CAP_SIGNED_IN | 1ULL << CAP_ORGANISE | 1ULL << CAP_ACCOUNTS
	       | 1ULL << CAP_ADMIN;
}

static uint64_t person_caps(struct op *op, const struct caps_source *caps, const struct scope *s)
{
	uint64_t got = 0;

	if (s->person.v && caps && caps->caps)
		got = caps->caps(caps->ctx, op, s->tenant, s->person, op->now_ms);
	/* Posts give neither everybody's capability nor the administrator's. */
	return (got & ~(1ULL << CAP_PUBLIC | 1ULL << CAP_ADMIN)) | 1ULL << CAP_SIGNED_IN;
}

enum err scope_of_account(struct op *op, tenant_id tenant, account_id account,
			  const struct caps_source *caps, struct scope *ret)
{
	struct q_account_scope a;

	TRY(q_account_scope(op, tenant, account, &a));
	if (!str_eq(a.state, STR("active")) || a.left_at <= op->now_ms)
		return ERR_NOTFOUND;
	struct scope s = { .tenant = tenant, .account = account, .person = a.person_id,
			   .login = a.login, .person_name = a.name, .role = a.role };
	s.caps = str_eq(a.role, ROLE_ADMIN) ? admin_caps() : person_caps(op, caps, &s);
	*ret = s;
	return ERR_OK;
}
