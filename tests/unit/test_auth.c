/*
 * What it would catch: a right that outlives its row, a code used twice, a token that becomes a
 * session, a grant above the granter, an answer that tells whether a name exists, a stranger
 * who keeps the owner out. peer_* are failures of comparable products (trust.md part 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/rand.h"
#include "gen/q_account.h"
#include "ledger/ledger.h"
#include "lib/instance.h"
#include "org/org.h"

#define NOW INSTANCE_AT
#define DAY MS_DAY

static const str token_a = STR("TOKENAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
static const str token_b = STR("TOKENBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB");
static const str device_a = STR("DEVICEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
static str hash_a, hash_b;

struct fix {
	struct instance in;
	tenant_id t;
	person_id li, wang;
	account_id li_account, wang_account, admin_account;
	appointment_id post, other_post;
	struct scope scope;	/* op->scope of what a test runs */
	uint64_t caps;		/* what the pack gives */
	/* arguments and results of the operations below */
	account_id account;
	str login, role, code, token, csrf;
	session_id session;
	appointment_id hat;
	struct origin origin;
	int64_t ttl;
};

static void ok(enum err e, const struct op *op)
{
	if (e)
		fail_msg("%s: %s (%s)", err_word(e), op->errmsg, op->errat ? op->errat : "?");
}

typedef enum err (*run_fn)(struct op *op, void *arg);

/* One write operation in the scope of the test. */
static enum err run(struct fix *f, run_fn fn)
{
	struct op op;

	instance_op(&f->in, &op);
	op.tenant = f->t;
	op.scope = &f->scope;
	return writer_do(f->in.writer, &op, WOP_NORMAL, fn, f);
}

static uint64_t caps_of(void *ctx, struct op *op, tenant_id tenant, person_id person, int64_t at_ms)
{
	struct fix *f = ctx;

	assert_int_equal(at_ms, op->now_ms);
	assert_int_equal(tenant.v, f->t.v);
	return person.v == f->li.v ? f->caps : 0;
}

static enum err look(struct fix *f, str token, struct scope *ret)
{
	struct caps_source source = { caps_of, f };
	struct op op;

	instance_read(&f->in, &op);
	enum err e = session_scope(&op, token, &source, ret);
	instance_read_end(&f->in, &op);
	return e;
}

static enum err look_token(struct fix *f, str token, struct scope *ret)
{
	struct caps_source source = { caps_of, f };
	struct op op;

	instance_read(&f->in, &op);
	enum err e = token_scope(&op, token, &source, ret);
	instance_read_end(&f->in, &op);
	return e;
}

/* ---- a school ----------------------------------------------------------------- */

static enum err make_school(struct op *op, void *arg)
{
	struct fix *f = arg;
	unit_id id;

	TRY(org_tenant_add(op, &(struct new_unit){ .kind = STR("school"), .code = STR("sy"),
			   .name = STR("实验小学"), .from_ms = NOW - 400 * DAY }, &id));
	f->t.v = id.v;
	return ERR_OK;
}

static enum err make_accounts(struct op *op, void *arg)
{
	struct fix *f = arg;
	int64_t from = NOW - 300 * DAY;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_person_add(op, &(struct new_person){ STR("李静"), STR("1001"), STR(""), STR(""),
			   { 0 }, from }, &f->li));
	TRY(org_person_add(op, &(struct new_person){ STR("王芳"), STR("1002"), STR(""), STR(""),
			   { 0 }, from }, &f->wang));
	TRY(org_appoint(op, &(struct new_appointment){ f->li, STR("safety-office"), { 0 }, from,
			0 },
			&f->post));
	TRY(org_appoint(op, &(struct new_appointment){ f->wang, STR("office"), { 0 }, from, 0 },
			&f->other_post));
	TRY(account_add(op, f->li, STR("Safety.SY"), STR(""), &f->li_account));
	TRY(account_add(op, f->wang, STR("office.sy"), STR(""), &f->wang_account));
	TRY(account_add(op, (person_id){ 0 }, STR("admin.sy"), STR("admin"), &f->admin_account));
	TRY(account_set_password(op, f->li_account, hash_a));
	TRY(account_set_password(op, f->wang_account, hash_b));
	TRY(account_set_password(op, f->admin_account, hash_a));
	return tx_commit(&tx);
}

static int setup(void **state)
{
	static struct fix f;

	f = (struct fix){ .scope = scope_of_system };
	instance_new(&f.in);
	instance_serve(&f.in);
	assert_int_equal(instance_write(&f.in, (tenant_id){ 0 }, make_school, &f), ERR_OK);
	assert_int_equal(run(&f, make_accounts), ERR_OK);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	struct ledger_opener *org, *auth, all[16];
	struct ledger_report report;
	struct op op;

	instance_read(&f->in, &op);
	size_t n = org_openers(&op, &org), m = auth_openers(&op, &auth);
	memcpy(all, org, n * sizeof(*org));
	memcpy(all + n, auth, m * sizeof(*auth));
	ok(ledger_verify(&op, f->t, all, n + m, &report), &op);
	if (!report.ok)
		fail_msg("event %lld: %.*s", (long long)report.bad_seq, STR_ARG(report.bad_what));
	assert_int_equal(report.unopened, 0);
	instance_read_end(&f->in, &op);
	instance_free(&f->in);
	return 0;
}

/* ---- the operations ----------------------------------------------------------- */

static enum err do_start(struct op *op, void *arg)
{
	struct fix *f = arg;

	return session_start(op, f->t, f->account, true, STR("手机"), f->token, &f->csrf);
}

static enum err do_start_shared(struct op *op, void *arg)
{
	struct fix *f = arg;

	return session_start(op, f->t, f->account, false, STR("门卫室电脑"), f->token, &f->csrf);
}

static void sign_in(struct fix *f, account_id account, str token, struct scope *ret)
{
	f->account = account;
	f->token = token;
	assert_int_equal(run(f, do_start), ERR_OK);
	assert_int_equal(look(f, token, ret), ERR_OK);
}

static enum err do_disable(struct op *op, void *arg)
{
	return account_disable(op, ((struct fix *)arg)->account, true);
}

static enum err do_enable(struct op *op, void *arg)
{
	return account_disable(op, ((struct fix *)arg)->account, false);
}

static enum err do_password(struct op *op, void *arg)
{
	return account_set_password(op, ((struct fix *)arg)->account, hash_b);
}

static enum err do_slip(struct op *op, void *arg)
{
	struct fix *f = arg;

	return slip_make(op, f->account, f->code);
}

static enum err do_use_slip(struct op *op, void *arg)
{
	struct fix *f = arg;
	struct slip s;

	TRY(slip_use(op, f->code, hash_b, &s));
	f->account = s.account;
	return ERR_OK;
}

static enum err do_token(struct op *op, void *arg)
{
	struct fix *f = arg;

	return token_make(op, f->account, f->token, f->ttl, f->role);
}

static enum err do_add(struct op *op, void *arg)
{
	struct fix *f = arg;

	return account_add(op, f->wang, f->login, f->role, &f->account);
}

static enum err do_end(struct op *op, void *arg)
{
	return session_end(op, ((struct fix *)arg)->session);
}

static enum err do_hat(struct op *op, void *arg)
{
	struct fix *f = arg;

	return session_set_hat(op, f->session, f->hat);
}

static enum err do_again(struct op *op, void *arg)
{
	return session_password_again(op, ((struct fix *)arg)->session);
}

static enum err do_rotate(struct op *op, void *arg)
{
	struct fix *f = arg;

	return session_rotate(op, f->session, f->token, &f->csrf);
}

static enum err do_touch(struct op *op, void *arg)
{
	return session_roll(op, ((struct fix *)arg)->token);
}

static enum err do_fail(struct op *op, void *arg)
{
	return sign_in_fail(op, &((struct fix *)arg)->origin);
}

static enum err do_device(struct op *op, void *arg)
{
	struct fix *f = arg;

	return device_remember(op, f->account, device_a);
}

static enum err do_setup_code(struct op *op, void *arg)
{
	return setup_code_make(op, ((struct fix *)arg)->code);
}

static enum err do_use_setup(struct op *op, void *arg)
{
	return setup_code_use(op, ((struct fix *)arg)->code);
}

static enum err do_sweep(struct op *op, void *arg)
{
	(void)arg;
	return auth_sweep(op);
}

static enum err do_leave(struct op *op, void *arg)
{
	return org_person_leave(op, ((struct fix *)arg)->li, op->now_ms + 1);
}

static enum err do_end_post(struct op *op, void *arg)
{
	return org_appointment_end(op, ((struct fix *)arg)->post, op->now_ms + 1);
}

static enum err find(struct fix *f, str login, str address, str device, struct sign_in *ret)
{
	struct op op;

	instance_read(&f->in, &op);
	enum err e = sign_in_find(&op, &(struct origin){ login, address, device }, ret);
	instance_read_end(&f->in, &op);
	return e;
}

/* ---- sessions ----------------------------------------------------------------- */

static void session__is_what_the_rows_say(void **state)
{
	struct fix *f = *state;
	struct scope s;

	f->caps = 1ULL << CAP_SEE_UNIT | 1ULL << CAP_ADMIN;
	sign_in(f, f->li_account, token_a, &s);
	assert_int_equal(s.person.v, f->li.v);
	assert_int_equal(s.tenant.v, f->t.v);
	assert_true(str_eq(s.login, STR("safety.sy")));
	assert_true(str_eq(s.person_name, STR("李静")));
	assert_true(s.own_device && !s.token && !s.system && s.csrf.len >= 26);
	assert_true(scope_can(&s, CAP_SIGNED_IN) && scope_can(&s, CAP_SEE_UNIT));
	assert_false(scope_can(&s, CAP_ORGANISE));
	assert_false(scope_can(&s, CAP_ADMIN));		/* never from a post */
	assert_int_equal(look(f, STR("TOKENZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ"), &s), ERR_NOTFOUND);
	assert_int_equal(look(f, STR(""), &s), ERR_NOTFOUND);
}

static void session__own_rolls_shared_does_not(void **state)
{
	struct fix *f = *state;
	struct scope s;

	sign_in(f, f->li_account, token_a, &s);
	f->account = f->wang_account;
	f->token = token_b;
	assert_int_equal(run(f, do_start_shared), ERR_OK);
	f->in.clock.manual_ms += 11 * MS_HOUR;
	assert_int_equal(run(f, do_touch), ERR_OK);
	assert_int_equal(look(f, token_b, &s), ERR_OK);
	f->in.clock.manual_ms += 61 * MS_MINUTE;	/* 12 h are over, touched or not */
	assert_int_equal(look(f, token_b, &s), ERR_NOTFOUND);
	f->in.clock.manual_ms += 20 * DAY;
	f->token = token_a;
	assert_int_equal(run(f, do_touch), ERR_OK);
	f->in.clock.manual_ms += 20 * DAY;
	assert_int_equal(look(f, token_a, &s), ERR_OK);
	f->in.clock.manual_ms += 11 * DAY;
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);
	assert_int_equal(run(f, do_sweep), ERR_OK);
}

static void session__hat_of_ones_own_while_it_lasts(void **state)
{
	struct fix *f = *state;
	struct scope s;

	sign_in(f, f->li_account, token_a, &s);
	f->scope = s;
	f->session = s.session;
	f->hat = f->other_post;
	assert_int_equal(run(f, do_hat), ERR_INVALID);	/* another person's post */
	f->hat = f->post;
	assert_int_equal(run(f, do_hat), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_OK);
	assert_int_equal(s.appointment.v, f->post.v);
	assert_int_equal(run(f, do_end_post), ERR_OK);
	f->in.clock.manual_ms += MS_SECOND;
	assert_int_equal(look(f, token_a, &s), ERR_OK);
	assert_int_equal(s.appointment.v, 0);
}

static void session__password_again_and_rotation(void **state)
{
	struct fix *f = *state;
	struct scope s, t;

	sign_in(f, f->wang_account, token_b, &t);
	sign_in(f, f->li_account, token_a, &s);
	f->in.clock.manual_ms += MS_HOUR;
	f->scope = s;
	f->session = t.session;
	assert_int_equal(run(f, do_again), ERR_DENIED);	/* not mine */
	f->session = s.session;
	assert_int_equal(run(f, do_again), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_OK);
	assert_int_equal(s.password_at_ms, NOW + MS_HOUR);
	str old_csrf = s.csrf;
	f->token = STR("TOKENCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC");
	assert_int_equal(run(f, do_rotate), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);
	assert_int_equal(look(f, f->token, &s), ERR_OK);
	assert_false(str_eq(s.csrf, old_csrf));
}

static void session__ended_by_owner_or_accounts_only(void **state)
{
	struct fix *f = *state;
	struct scope li, wang;
	struct session_row *row;
	struct op op;
	size_t n;

	sign_in(f, f->li_account, token_a, &li);
	sign_in(f, f->wang_account, token_b, &wang);
	f->scope = wang;
	f->session = li.session;
	assert_int_equal(run(f, do_end), ERR_NOTFOUND);
	instance_read(&f->in, &op);
	op.scope = &wang;
	assert_int_equal(session_list(&op, f->li_account, &row, &n), ERR_NOTFOUND);
	op_clear_error(&op);
	ok(session_list(&op, f->wang_account, &row, &n), &op);
	assert_int_equal(n, 1);
	assert_true(row[0].mine && str_eq(row[0].agent, STR("手机")));
	instance_read_end(&f->in, &op);
	f->scope.caps |= 1ULL << CAP_ACCOUNTS;
	assert_int_equal(run(f, do_end), ERR_OK);
	assert_int_equal(look(f, token_a, &li), ERR_NOTFOUND);
}

/* ---- rights ------------------------------------------------------------------- */

static void peer_cool_admin_240__role_and_tenant_from_the_database(void **state)
{
	struct fix *f = *state;
	struct scope s;

	f->caps = UINT64_MAX;	/* whatever a pack may say */
	sign_in(f, f->admin_account, token_a, &s);
	assert_true(str_eq(s.role, STR("admin")));
	assert_true(scope_can(&s, CAP_ORGANISE) && scope_can(&s, CAP_ACCOUNTS));
	assert_true(scope_can(&s, CAP_ADMIN));
	assert_false(scope_can(&s, CAP_ADOPT) || scope_can(&s, CAP_SEE_UNIT));
	assert_false(scope_can(&s, CAP_AUDIT) || scope_can(&s, CAP_GATE));
	sign_in(f, f->li_account, token_b, &s);
	assert_true(str_empty(s.role) && !s.system);
}

static void peer_directus_56p6__disabled_means_next_request(void **state)
{
	struct fix *f = *state;
	struct scope s;

	sign_in(f, f->li_account, token_a, &s);
	f->scope = scope_of_system;
	f->account = f->li_account;
	assert_int_equal(run(f, do_disable), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);
	assert_int_equal(run(f, do_enable), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);	/* signed in anew or not at all */
}

static void session__of_who_has_left_is_dead(void **state)
{
	struct fix *f = *state;
	struct scope s;

	sign_in(f, f->li_account, token_a, &s);
	assert_int_equal(run(f, do_leave), ERR_OK);
	f->in.clock.manual_ms += MS_SECOND;
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);
}

static void rights__withdrawn_at_once(void **state)
{
	struct fix *f = *state;
	struct scope s;

	f->caps = 1ULL << CAP_ADOPT;
	sign_in(f, f->li_account, token_a, &s);
	assert_true(scope_can(&s, CAP_ADOPT));
	f->caps = 0;
	assert_int_equal(look(f, token_a, &s), ERR_OK);
	assert_false(scope_can(&s, CAP_ADOPT));
}

static void peer_dhis2_41948__no_grant_above_ones_own(void **state)
{
	struct fix *f = *state;
	struct scope s;

	f->caps = 1ULL << CAP_ACCOUNTS;
	sign_in(f, f->li_account, token_a, &s);
	f->scope = s;
	f->login = STR("second.sy");
	f->role = STR("admin");
	assert_int_equal(run(f, do_add), ERR_DENIED);
	f->role = STR("root");
	assert_int_equal(run(f, do_add), ERR_INVALID);
	f->role = STR("");
	assert_int_equal(run(f, do_add), ERR_OK);
	f->account = f->admin_account;	/* no way round: a slip for the administrator, or his end */
	f->code = STR("AAAABBBBCCCCDDDD");
	assert_int_equal(run(f, do_slip), ERR_DENIED);
	assert_int_equal(run(f, do_disable), ERR_DENIED);
	assert_int_equal(run(f, do_password), ERR_DENIED);
	f->account = f->wang_account;	/* nobody sets another's password */
	assert_int_equal(run(f, do_password), ERR_DENIED);
	f->scope.caps = 1ULL << CAP_SIGNED_IN;
	f->login = STR("third.sy");
	assert_int_equal(run(f, do_add), ERR_DENIED);
}

/* ---- signing in --------------------------------------------------------------- */

static void sign_in__answers_alike(void **state)
{
	struct fix *f = *state;
	struct sign_in known, unknown, fresh, disabled;

	f->login = STR("fresh.sy");
	f->role = STR("");
	assert_int_equal(run(f, do_add), ERR_OK);
	assert_int_equal(find(f, STR("ＳＡＦＥＴＹ.sy "), STR("1.2.3.4"), STR(""), &known), ERR_OK);
	assert_true(known.known && password_verify(known.encoded, STR("correct horse")));
	assert_int_equal(find(f, STR("nobody"), STR("1.2.3.4"), STR(""), &unknown), ERR_OK);
	assert_int_equal(find(f, STR("fresh.sy"), STR("1.2.3.4"), STR(""), &fresh), ERR_OK);
	f->account = f->li_account;
	assert_int_equal(run(f, do_disable), ERR_OK);
	assert_int_equal(find(f, STR("safety.sy"), STR("1.2.3.4"), STR(""), &disabled), ERR_OK);
	assert_false(unknown.known || fresh.known || disabled.known);
	/* The dummy costs what a real one costs, and no password opens it. */
	size_t cost = (size_t)str_find(known.encoded, STR("p=1$"), 0) + 4;
	assert_true(str_eq(str_slice(unknown.encoded, 0, cost),
			   str_slice(known.encoded, 0, cost)));
	assert_false(password_verify(unknown.encoded, STR("")));
	assert_true(str_eq(unknown.encoded, fresh.encoded) && str_eq(unknown.encoded,
			disabled.encoded));
}

static void sign_in__known_names_wait_like_unknown_ones(void **state)
{
	struct fix *f = *state;
	struct sign_in s;
	static const str name[2] = { STR("safety.sy"), STR("nobody") };

	for (int k = 0; k < 2; k++) {
		f->origin = (struct origin){ name[k], STR("9.9.9.9"), STR("") };
		for (int i = 0; i < 5; i++) {
			assert_int_equal(find(f, name[k], STR("9.9.9.9"), STR(""), &s), ERR_OK);
			assert_int_equal(run(f, do_fail), ERR_OK);
		}
		assert_int_equal(find(f, name[k], STR("9.9.9.9"), STR(""), &s), ERR_LIMIT);
		assert_int_equal(find(f, name[k], STR("8.8.8.8"), STR(""), &s), ERR_LIMIT);
	}
	f->in.clock.manual_ms += MS_SECOND;
	assert_int_equal(find(f, name[0], STR("8.8.8.8"), STR(""), &s), ERR_OK);
}

static void sign_in__few_guesses_in_a_day(void **state)
{
	struct fix *f = *state;
	struct sign_in s;
	int guesses = 0;

	f->origin = (struct origin){ STR("safety.sy"), STR(""), STR("") };
	for (int64_t end = f->in.clock.manual_ms + 12 * MS_HOUR; f->in.clock.manual_ms < end;
	     f->in.clock.manual_ms += 10 * MS_SECOND) {
		f->origin.address = str_fmt(f->in.arena, "10.0.0.%d", guesses % 250);
		if (find(f, STR("safety.sy"), f->origin.address, STR(""), &s))
			continue;
		assert_int_equal(run(f, do_fail), ERR_OK);
		guesses++;
	}
	assert_true(guesses < 80);
}

static void sign_in__a_known_device_is_never_kept_out(void **state)
{
	struct fix *f = *state;
	struct sign_in s;

	f->account = f->li_account;
	assert_int_equal(run(f, do_device), ERR_OK);
	f->origin = (struct origin){ STR("safety.sy"), STR("6.6.6.6"), STR("") };
	for (int i = 0; i < 40; i++)	/* a stranger guesses on and on */
		assert_int_equal(run(f, do_fail), ERR_OK);
	assert_int_equal(find(f, STR("safety.sy"), STR("6.6.6.6"), STR(""), &s), ERR_LIMIT);
	assert_int_equal(find(f, STR("safety.sy"), STR("6.6.6.6"), device_a, &s), ERR_OK);
	/* The device speaks for its own account only, and is counted itself. */
	f->origin.login = STR("office.sy");
	for (int i = 0; i < 6; i++)
		assert_int_equal(run(f, do_fail), ERR_OK);
	assert_int_equal(find(f, STR("office.sy"), STR("5.5.5.5"), device_a, &s), ERR_LIMIT);
	f->origin = (struct origin){ STR("safety.sy"), STR("6.6.6.6"), device_a };
	for (int i = 0; i < 5; i++)
		assert_int_equal(run(f, do_fail), ERR_OK);
	assert_int_equal(find(f, STR("safety.sy"), STR("6.6.6.6"), device_a, &s), ERR_LIMIT);
}

static void password__change_ends_the_others(void **state)
{
	struct fix *f = *state;
	struct scope mine, other;

	sign_in(f, f->li_account, token_b, &other);
	sign_in(f, f->li_account, token_a, &mine);
	f->scope = mine;
	f->account = f->li_account;
	assert_int_equal(run(f, do_password), ERR_OK);
	assert_int_equal(look(f, token_a, &mine), ERR_OK);
	assert_int_equal(look(f, token_b, &other), ERR_NOTFOUND);
}

/* ---- slips, codes, tokens ------------------------------------------------------ */

static void slip__once_and_only_the_newest(void **state)
{
	struct fix *f = *state;
	struct slip s;
	struct op op;

	f->account = f->wang_account;
	f->code = STR("ABCDEFGH01234567");
	assert_int_equal(run(f, do_slip), ERR_OK);
	f->code = STR("ZZZZEFGH01234567");
	assert_int_equal(run(f, do_slip), ERR_OK);
	f->code = STR("ABCDEFGH01234567");
	assert_int_equal(run(f, do_use_slip), ERR_NOTFOUND);	/* revoked by the second */
	instance_read(&f->in, &op);
	assert_int_equal(slip_find(&op, STR("zzzz-efgh o1z3 4567"), &s), ERR_NOTFOUND);
	op_clear_error(&op);
	ok(slip_find(&op, STR("zzzz-efgh-oi23-4567"), &s), &op);	/* as people type it */
	assert_true(str_eq(s.person_name, STR("王芳")));
	instance_read_end(&f->in, &op);
	f->code = STR("ZZZZEFGH01234567");
	assert_int_equal(run(f, do_use_slip), ERR_OK);
	assert_int_equal(run(f, do_use_slip), ERR_NOTFOUND);
}

static void slip__fourteen_days(void **state)
{
	struct fix *f = *state;

	f->account = f->wang_account;
	f->code = STR("ABCDEFGH01234567");
	assert_int_equal(run(f, do_slip), ERR_OK);
	f->in.clock.manual_ms += 14 * DAY;
	assert_int_equal(run(f, do_use_slip), ERR_NOTFOUND);
}

static void peer_pocketbase_38351__activation_drops_what_came_before(void **state)
{
	struct fix *f = *state;
	struct scope s;

	/* Somebody pre-made the account and kept a session, a token and a device. */
	sign_in(f, f->wang_account, token_a, &s);
	f->account = f->wang_account;
	f->token = token_b;
	f->ttl = DAY;
	f->role = STR("");
	assert_int_equal(run(f, do_token), ERR_OK);
	f->code = STR("ABCDEFGH01234567");
	assert_int_equal(run(f, do_slip), ERR_OK);
	assert_int_equal(run(f, do_use_slip), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);
	assert_int_equal(look_token(f, token_b, &s), ERR_NOTFOUND);
}

static void peer_dhis2_31139__a_token_is_never_a_session(void **state)
{
	struct fix *f = *state;
	struct scope s;

	f->caps = 1ULL << CAP_SEE_UNIT | 1ULL << CAP_ADOPT;
	f->account = f->li_account;
	f->token = token_a;
	f->ttl = MS_HOUR;
	f->role = STR("see-unit,audit");
	assert_int_equal(run(f, do_token), ERR_OK);
	assert_int_equal(look(f, token_a, &s), ERR_NOTFOUND);	/* no session by it */
	assert_int_equal(look_token(f, token_a, &s), ERR_OK);
	assert_true(s.token && s.session.v == 0 && s.csrf.len == 0 && s.password_at_ms == 0);
	assert_true(scope_can(&s, CAP_SEE_UNIT));
	assert_false(scope_can(&s, CAP_ADOPT));		/* not asked for */
	assert_false(scope_can(&s, CAP_AUDIT));		/* asked for, but not the account's */
	f->scope = s;
	f->token = token_b;
	assert_int_equal(run(f, do_token), ERR_DENIED);	/* a token makes no tokens */
	f->session = (session_id){ 0 };
	assert_int_equal(run(f, do_again), ERR_DENIED);
	f->in.clock.manual_ms += MS_HOUR;
	assert_int_equal(look_token(f, token_a, &s), ERR_NOTFOUND);
}

static void token__only_known_words_and_a_year(void **state)
{
	struct fix *f = *state;

	f->account = f->li_account;
	f->token = token_a;
	f->ttl = MS_HOUR;
	f->role = STR("everything");
	assert_int_equal(run(f, do_token), ERR_INVALID);
	f->role = STR("");
	f->ttl = 400 * DAY;
	assert_int_equal(run(f, do_token), ERR_INVALID);
}

static void setup_code__once_in_fifteen_minutes(void **state)
{
	struct fix *f = *state;
	tenant_id t = f->t;

	f->code = STR("SETP0000SETP0000");
	f->t.v = 0;	/* before there is any unit */
	assert_int_equal(run(f, do_setup_code), ERR_OK);
	f->t = t;
	assert_int_equal(run(f, do_use_setup), ERR_OK);
	assert_int_equal(run(f, do_use_setup), ERR_NOTFOUND);
	f->code = STR("SETP1111SETP1111");
	assert_int_equal(run(f, do_setup_code), ERR_OK);
	f->in.clock.manual_ms += 15 * MS_MINUTE;
	assert_int_equal(run(f, do_use_setup), ERR_NOTFOUND);
	f->scope = (struct scope){ .account = f->li_account, .tenant = f->t, .caps = UINT64_MAX };
	f->code = STR("SETP2222SETP2222");
	assert_int_equal(run(f, do_setup_code), ERR_DENIED);	/* never from the web */
}

/* How often a text stands in a file of the data folder. */
static int hits(struct fix *f, const char *file, str needle)
{
	FILE *fp = fopen(str_c(f->in.arena, str_fmt(f->in.arena, "%.*s/%s", STR_ARG(f->in.dir),
			file)), "rb");
	int n = 0;

	if (!fp)
		return 0;
	char *all = arena_alloc(f->in.arena, 4 * MIB);
	size_t len = fread(all, 1, 4 * MIB, fp);
	fclose(fp);
	assert_true(len < 4 * MIB);
	for (size_t i = 0; i + needle.len <= len; i++)
		n += memcmp(all + i, needle.ptr, needle.len) == 0;
	return n;
}

static void peer_directus_39943__no_secret_in_the_database(void **state)
{
	struct fix *f = *state;
	static const str secret[] = {
		STR("TOKENAAAAAAAA"), STR("TOKENBBBBBBBB"), STR("DEVICEAAAAAAA"),
		STR("CANARYCODE12"), STR("correct horse"), STR("battery staple"),
	};
	struct scope s;

	sign_in(f, f->li_account, token_a, &s);
	f->account = f->li_account;
	assert_int_equal(run(f, do_device), ERR_OK);
	f->token = token_b;
	f->ttl = DAY;
	f->role = STR("");
	assert_int_equal(run(f, do_token), ERR_OK);
	f->code = STR("CANARYCODE123456");
	assert_int_equal(run(f, do_slip), ERR_OK);
	f->origin = (struct origin){ STR("correct horse"), STR("1.1.1.1"), STR("") };
	assert_int_equal(run(f, do_fail),
			ERR_OK);	/* a password typed into the field of names */
	assert_true(hits(f, "bihuan.db", STR("safety.sy")) + hits(f, "bihuan.db-wal",
			STR("safety.sy")) > 0);
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		assert_int_equal(hits(f, "bihuan.db", secret[i]), 0);
		assert_int_equal(hits(f, "bihuan.db-wal", secret[i]), 0);
	}
}

/* ---- passwords ----------------------------------------------------------------- */

static void password__what_guessers_try_is_refused(void **state)
{
	static const char *bad[] = {
		"12345678", "87654321", "11111111", "abababab", "password", "Password1!",
		"passw0rd", "P@ssw0rd2026", "qwertyuiop", "qwer1234", "1qaz2wsx", "1q2w3e4r",
		"qwe123asd", "asdfzxcv", "woaini1314", "woaini520", "xuexiao2026", "anquan123",
		"19900203", "03021990", "13800000001", "safety.sy", "safety.sy1", "147258369",
		"!@#$%^&*", "short", "５２０１３１４52", "abcd1234", "aa123456", "iloveyou", "admin888",
		"zhang123456", "xiaoxue1",
	};
	static const char *good[] = { "correct horse", "三楼的灯又坏了一盏", "k7#mPq2v", "tree7house9lamp",
		"晚上八点关门锁窗" };
	struct op op = { .arena = arena_new(MIB) };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (password_check(&op, STR("Safety.sy"), STR(""), str_of(bad[i])) != ERR_INVALID)
			fail_msg("%s was taken", bad[i]);
		op_clear_error(&op);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(password_check(&op, STR("safety.sy"), STR(""), str_of(good[i])), &op);
	assert_int_equal(password_check(&op, STR("admin.sy"), STR("admin"), STR("k7#mPq2v")),
			ERR_INVALID);
	arena_free(op.arena);
}

static void peer_yang123apple__no_plaintext_path(void **state)
{
	static const char *stored[] = {
		"", "secret123", "admin123456", "$argon2id$", "$argon2id$v=19$", "$2y$10$x",
		"$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(stored) / sizeof(stored[0]); i++)
		assert_false(password_verify(str_of(stored[i]), str_of(stored[i])));
}

static void caps__words_read_back(void **state)
{
	enum cap c, back;

	(void)state;
	for (c = CAP_SIGNED_IN; c < CAP_N; c = (enum cap)(c + 1)) {
		assert_true(cap_parse(str_of(cap_word(c)), &back));
		assert_int_equal(back, c);
	}
	assert_false(cap_parse(STR("public"), &back));	/* nobody asks for what all have */
	assert_false(cap_parse(STR(""), &back));
	assert_true(scope_can(&scope_of_system, CAP_ADMIN));
	assert_false(scope_can(NULL, CAP_SIGNED_IN));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session__is_what_the_rows_say),
		TEST(session__own_rolls_shared_does_not),
		TEST(session__hat_of_ones_own_while_it_lasts),
		TEST(session__password_again_and_rotation),
		TEST(session__ended_by_owner_or_accounts_only),
		TEST(peer_cool_admin_240__role_and_tenant_from_the_database),
		TEST(peer_directus_56p6__disabled_means_next_request),
		TEST(session__of_who_has_left_is_dead),
		TEST(rights__withdrawn_at_once),
		TEST(peer_dhis2_41948__no_grant_above_ones_own),
		TEST(sign_in__answers_alike),
		TEST(sign_in__known_names_wait_like_unknown_ones),
		TEST(sign_in__few_guesses_in_a_day),
		TEST(sign_in__a_known_device_is_never_kept_out),
		TEST(password__change_ends_the_others),
		TEST(slip__once_and_only_the_newest),
		TEST(slip__fourteen_days),
		TEST(peer_pocketbase_38351__activation_drops_what_came_before),
		TEST(peer_dhis2_31139__a_token_is_never_a_session),
		TEST(token__only_known_words_and_a_year),
		TEST(peer_directus_39943__no_secret_in_the_database),
		TEST(setup_code__once_in_fifteen_minutes),
		cmocka_unit_test(password__what_guessers_try_is_refused),
		cmocka_unit_test(peer_yang123apple__no_plaintext_path),
		cmocka_unit_test(caps__words_read_back),
	};
	struct arena *a = arena_new(MIB);

	crypto_start();
	hash_a = password_hash(a, STR("correct horse"));
	hash_b = password_hash(a, STR("battery staple"));
	int failed = cmocka_run_group_tests_name("auth", tests, NULL, NULL);
	arena_free(a);
	return failed;
}
