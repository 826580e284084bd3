/*
 * account: an account for everybody who has a login, with a password from the system's
 * entropy, and the file that says them: tab-separated login, password, name, post, unit.
 * Hashes are made before the operation that stores them, as at sign-in.
 */
#include "cli/demo/demo_int.h"

#include "auth/auth.h"
#include "base/fsutil.h"
#include "base/hash.h"

static enum err account_run(struct op *op, void *arg)
{
	struct actor_row *a = arg;

	TRY(account_add(op, a->person, a->login, a->role, &a->account));
	return account_set_password(op, a->account, a->encoded);
}

enum err demo_accounts_build(struct demo *d)
{
	for (size_t i = 0; i < d->actor.n; i++) {
		struct actor_row *a = &d->actor.at[i];
		struct scope sc;
		struct op op;

		a->password =
			str_lower(d->op->arena, entropy_token(d->o->secrets, d->op->arena, 8));
		a->encoded = password_hash(d->op->arena, a->password);
		demo_op(d, NULL, &sc, &op);
		op.tenant = a->tenant;
		enum err e = writer_do(d->wr, &op, WOP_NORMAL, account_run, a);
		if (e)
			return FAIL(d->op, e, "账号 %.*s：%s（%s）", STR_ARG(a->login), op.errmsg,
				    op.errat ? op.errat : "");
		arena_reset(d->one);
	}
	return ERR_OK;
}

enum err demo_accounts_write(struct demo *d)
{
	struct buf b CLEANUP(buf_release);
	str all;

	buf_init(&b, 4 * 1024 * 1024);
	buf_add(&b, STR("login\tpassword\tname\tpost\tunit\n"));
	for (size_t i = 0; i < d->actor.n; i++) {
		const struct actor_row *a = &d->actor.at[i];

		buf_addf(&b, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(a->login),
			 STR_ARG(a->password), STR_ARG(a->name), STR_ARG(a->posts),
			 STR_ARG(a->unit));
	}
	if (buf_finish(&b, &all))
		return FAIL(d->op, ERR_LIMIT, "账号太多");
	return fs_write_atomic(d->op, d->o->accounts_path, all, 0600);
}
