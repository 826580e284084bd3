/*
 * door: coming in and going out: sign-in, activation by a printed slip, the first run. What
 * is wrong with a sign-in is never told apart: an unknown name, a wrong password and a disabled
 * account are one answer that takes one time (auth hashes against a dummy).
 */
#include "web/page/page.h"

#include "auth/auth.h"
#include "base/hash.h"
#include "org/org.h"
#include "rules/field.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_activate.h"
#include "gen/html_activate_password.h"
#include "gen/html_first_run.h"
#include "gen/html_login.h"

#define DEVICE_S (400LL * 86400)

static struct html_door frame(struct req *rq, const char *title)
{
	return (struct html_door){
		.title = str_of(title), .theme = rq->theme, .insecure = rq->insecure,
		.size = rq_cookie(rq, STR("size")),
		.clock = page_site(rq)->demo
			 ? instant_say(rq->op->arena, rq->op->now_ms, page_utc(rq->op)) : STR_NONE,
	};
}

/* --- sign-in --- */

struct signing {
	struct sign_in account;
	struct origin from;
	const struct form_login *form;
	str token, device, csrf, agent;
	bool ok;
};

static enum err login_show(struct req *rq, struct reply *rp, str login, str next, str error)
{
	struct html_login v = { .door = frame(rq, "登录"), .csrf = rq_csrf(rq, rp), .login = login,
				.next = next, .error = error };

	html_login(&rp->body, &v);
	return ERR_OK;
}

enum err page_login(struct req *rq, struct reply *rp)
{
	const struct form_next *f = rq->form;
	bool none = false;

	if (rq->signed_in) {
		reply_redirect(rp, reply_is_local(f->next) ? f->next : STR("/"));
		return ERR_OK;
	}
	TRY(accounts_none(rq->op, &none));
	if (none) {
		reply_redirect(rp, STR("/setup-code"));
		return ERR_OK;
	}
	return login_show(rq, rp, STR_NONE, f->next, STR_NONE);
}

static enum err run_login(struct op *op, void *arg)
{
	struct signing *s = arg;

	if (!s->ok)
		return sign_in_fail(op, &s->from);
	TRY(session_start(op, s->account.tenant, s->account.account, s->form->remember, s->agent,
			  s->token, &s->csrf));
	return s->from.device.len ? ERR_OK : device_remember(op, s->account.account, s->device);
}

static enum err finish_login(struct req *rq, struct reply *rp, enum err e)
{
	const struct signing *s = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	if (!s->ok)
		return login_show(rq, rp, s->form->login, s->form->next, STR("账号或密码不对，请核对后再试。"));
	reply_redirect(rp, reply_is_local(s->form->next) ? s->form->next : STR("/"));
	reply_session(rq, rp, s->token, s->form->remember ? SESSION_OWN_MS / 1000 : 0);
	if (!s->from.device.len)
		reply_cookie(rq, rp, STR("device"), s->device, DEVICE_S);
	return ERR_OK;
}

enum err page_login_post(struct req *rq, struct reply *rp)
{
	const struct form_login *f = rq->form;
	struct signing *s = NEW(rq->op->arena, struct signing);
	enum err e;

	s->form = f;
	s->agent = rq->user_agent;
	s->from = (struct origin){ f->login, rq->client, rq_cookie(rq, STR("device")) };
	s->token = token_new(rq->op);
	s->device = token_new(rq->op);
	e = sign_in_find(rq->op, &s->from, &s->account);
	if (e == ERR_LIMIT) {
		rp->status = 429;
		return login_show(rq, rp, f->login, f->next, str_of(rq->op->errmsg));
	}
	TRY(e);
	s->ok = password_verify(s->account.encoded, f->password) && s->account.known;
	rq_write(rq, run_login, s, finish_login);
	rq->wop.op.tenant = s->account.tenant;
	return ERR_OK;
}

enum err page_login_again(struct req *rq, struct reply *rp)
{
	return login_show(rq, rp, rq_typed(rq, STR("login")), rq_typed(rq, STR("next")),
			  STR("请输入账号和密码。"));
}

static enum err run_logout(struct op *op, void *arg)
{
	return session_end(op, *(session_id *)arg);
}

static enum err finish_logout(struct req *rq, struct reply *rp, enum err e)
{
	if (e != ERR_OK && e != ERR_NOTFOUND)
		return e;
	reply_redirect(rp, STR("/login"));
	reply_session_end(rq, rp);
	return ERR_OK;
}

enum err page_logout(struct req *rq, struct reply *rp)
{
	session_id *id = NEW(rq->op->arena, session_id);

	(void)rp;
	*id = rq->op->scope->session;
	rq_write(rq, run_logout, id, finish_logout);
	return ERR_OK;
}

/* --- activation --- */

struct activating { struct slip slip; str code, encoded, token, csrf, agent; };

static enum err activate_show(struct req *rq, struct reply *rp, str code, str error)
{
	struct html_activate v = { .door = frame(rq, "用启用条激活账号"), .csrf = rq_csrf(rq, rp),
				   .code = code, .error = error };

	rp->status = error.len ? 422 : 200;
	html_activate(&rp->body, &v);
	return ERR_OK;
}

/* Who the slip is for, and a place for the password. */
static enum err chosen_show(struct req *rq, struct reply *rp, str code, const struct slip *slip,
			    str error)
{
	struct html_activate_password v = { .door = frame(rq, "设置密码"), .csrf = rq_csrf(rq, rp),
					    .code = code, .person = slip->person_name,
					    .login = slip->login, .error = error };

	rp->status = error.len ? 422 : 200;
	html_activate_password(&rp->body, &v);
	return ERR_OK;
}

static enum err find_slip(struct req *rq, str code, struct slip *ret, bool *ret_found)
{
	enum err e = slip_find(rq->op, code, ret);

	*ret_found = e == ERR_OK;
	if (e == ERR_NOTFOUND || e == ERR_INVALID) {
		op_clear_error(rq->op);
		return ERR_OK;
	}
	return e;
}

static const char *const BAD_SLIP = "启用码不对，或者已经用过、过期了。请核对，或找管理员补打一张。";

enum err page_activate(struct req *rq, struct reply *rp)
{
	const struct form_code *f = rq->form;
	struct slip slip;
	bool found = false;

	if (f->code.len)
		TRY(find_slip(rq, f->code, &slip, &found));
	if (found)
		return chosen_show(rq, rp, f->code, &slip, STR_NONE);
	return activate_show(rq, rp, f->code, f->code.len ? str_of(BAD_SLIP) : STR_NONE);
}

static enum err run_activate(struct op *op, void *arg)
{
	struct activating *a = arg;

	TRY(slip_use(op, a->code, a->encoded, &a->slip));
	return session_start(op, a->slip.tenant, a->slip.account, false, a->agent, a->token,
		&a->csrf);
}

static enum err finish_activate(struct req *rq, struct reply *rp, enum err e)
{
	const struct activating *a = rq->wop.arg;

	if (e == ERR_NOTFOUND || e == ERR_INVALID)
		return activate_show(rq, rp, a->code, str_of(BAD_SLIP));
	if (e != ERR_OK)
		return e;
	reply_redirect(rp, STR("/"));
	reply_session(rq, rp, a->token, 0);
	return ERR_OK;
}

enum err page_activate_password(struct req *rq, struct reply *rp)
{
	const struct form_activate *f = rq->form;
	struct activating *a = NEW(rq->op->arena, struct activating);
	bool found;

	TRY(find_slip(rq, f->code, &a->slip, &found));
	if (!found)
		return activate_show(rq, rp, f->code, str_of(BAD_SLIP));
	if (!str_eq(f->password, f->again))
		return chosen_show(rq, rp, f->code, &a->slip, STR("两次输入的密码不一样，请重新输入。"));
	if (password_check(rq->op, a->slip.login, a->slip.role, f->password) != ERR_OK) {
		str why = rq->op->field_errors ? rq->op->field_errors->message
					       : str_of(rq->op->errmsg);

		return chosen_show(rq, rp, f->code, &a->slip, why);
	}
	a->code = f->code;
	a->encoded = password_hash(rq->op->arena, f->password);
	a->token = token_new(rq->op);
	a->agent = rq->user_agent;
	rq_write(rq, run_activate, a, finish_activate);
	rq->wop.op.tenant = a->slip.tenant;
	return ERR_OK;
}

enum err page_activate_again(struct req *rq, struct reply *rp)
{
	return activate_show(rq, rp, rq_typed(rq, STR("code")), STR("请把启用码和两次密码都填上。"));
}

/* --- the first run --- */

struct first { const struct form_first_run *form; str encoded, token, csrf, agent; };

static enum err first_show(struct req *rq, struct reply *rp, const struct form_first_run *f,
	str error)
{
	struct html_first_run v = { .door = frame(rq, "开始使用闭环"), .csrf = rq_csrf(rq, rp),
				    .error = error };

	v.code = f ? f->code : rq_typed(rq, STR("code"));
	v.school = f ? f->school : rq_typed(rq, STR("school"));
	v.short_code = f ? f->short_code : rq_typed(rq, STR("short_code"));
	v.name = f ? f->name : rq_typed(rq, STR("name"));
	v.login = f ? f->login : rq_typed(rq, STR("login"));
	if (!v.login.len)
		v.login = STR("admin");
	rp->status = error.len ? 422 : 200;
	html_first_run(&rp->body, &v);
	return ERR_OK;
}

enum err page_first_run(struct req *rq, struct reply *rp)
{
	return first_show(rq, rp, NULL, STR_NONE);
}

enum err page_first_run_again(struct req *rq, struct reply *rp)
{
	return first_show(rq, rp, NULL, rq->op->field_errors ? rq->op->field_errors->message
							     : STR("请把每一项都填上。"));
}

/* The code makes the school and its administrator, who is a person of it too. */
static enum err run_first(struct op *op, void *arg)
{
	struct first *s = arg;
	struct new_unit unit = { .kind = STR("school"), .code = s->form->short_code,
				 .name = s->form->school, .from_ms = op->now_ms };
	struct new_person person = { .name = s->form->name,
		.joined_ms = op->now_ms };
	account_id account;
	person_id who;

	TRY(org_tenant_add(op, &unit, &person.unit));
	TRY(setup_code_use(op, s->form->code));
	op->scope = &scope_of_system;	/* the code is the operator's: it says who administers */
	TRY(org_person_add(op, &person, &who));
	TRY(account_add(op, who, s->form->login, STR("admin"), &account));
	TRY(account_set_password(op, account, s->encoded));
	return session_start(op, (tenant_id){ person.unit.v }, account, false, s->agent, s->token,
		&s->csrf);
}

static const char *const BAD_CODE =
	"设置码不对，或者已经用过、过了 15 分钟。请在服务器上再生成一个。";

static enum err finish_first(struct req *rq, struct reply *rp, enum err e)
{
	const struct first *s = rq->wop.arg;

	if (e == ERR_NOTFOUND)
		return first_show(rq, rp, s->form, str_of(BAD_CODE));
	if (e == ERR_INVALID)
		return first_show(rq, rp, s->form,
				  rq->op->field_errors ? rq->op->field_errors->message
						       : str_of(rq->op->errmsg));
	if (e != ERR_OK)
		return e;
	reply_redirect(rp, STR("/setup"));
	reply_session(rq, rp, s->token, 0);
	return ERR_OK;
}

enum err page_first_run_post(struct req *rq, struct reply *rp)
{
	const struct form_first_run *f = rq->form;
	struct first *s = NEW(rq->op->arena, struct first);

	enum err code = setup_code_check(rq->op, f->code);

	if (code == ERR_NOTFOUND || code == ERR_INVALID)
		return first_show(rq, rp, f, str_of(BAD_CODE));
	TRY(code);
	if (password_check(rq->op, f->login, STR("admin"), f->password) != ERR_OK)
		return first_show(rq, rp, f, rq->op->field_errors ? rq->op->field_errors->message
								  : str_of(rq->op->errmsg));
	s->form = f;
	s->encoded = password_hash(rq->op->arena, f->password);
	s->token = token_new(rq->op);
	s->agent = rq->user_agent;
	rq_write(rq, run_first, s, finish_first);
	return ERR_OK;
}
