/*
 * account: my own page: posts, the look, the password, the devices; and the two small acts that
 * any page offers: change the hat, change the theme.
 */
#include "web/page/page.h"

#include "auth/auth.h"
#include "base/hash.h"
#include "base/pubid.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_account.h"

#define YEAR_S (365LL * 86400)

static str back_to(str back)
{
	return reply_is_local(back) ? back : STR("/account");
}

/* --- the page --- */

static void fill_posts(struct op *op, const struct work *w, struct html_account *v)
{
	size_t first, n = ov_appointments(w->org, op->scope->person, &first);
	struct html_span_row *rows = NEW_N(op->arena, n, struct html_span_row);
	struct html_opt *hats = NEW_N(op->arena, n, struct html_opt);

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];
		const struct post *p = policy_post(w->policy, a->post);
		str from = say_date(op, a->from_ms), label = p ? p->m.label : a->post;

		if (a->from_ms > op->now_ms || a->to_ms <= op->now_ms)
			continue;
		hats[v->posts_n] = (struct html_opt){ .value = page_id(op, a->id.v), .label = label,
						      .on = a->id.v == op->scope->appointment.v };
		rows[v->posts_n++] = (struct html_span_row){
			.label = label, .span = str_fmt(op->arena, "%.*s 起", STR_ARG(from)),
		};
	}
	v->posts = rows;
	v->hats = hats;
	v->hats_n = v->posts_n > 1 ? v->posts_n : 0;
}

struct agent_word { const char *mark, *say; };

static str agent_word(str agent, const struct agent_word *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(agent, str_of(of[i].mark), 0) >= 0)
			return str_of(of[i].say);
	return STR_NONE;
}

/* What a browser says of itself, in the words in which people know their devices. */
static str agent_say(struct arena *a, str agent)
{
	/* the first that is found: many say Chrome and Safari, and mean themselves */
	static const struct agent_word browser[] = {
		{ "DingTalk", "钉钉" }, { "MicroMessenger", "微信" }, { "Edg", "Edge" },
		{ "Firefox/", "火狐" }, { "Chrome/", "Chrome 类浏览器" }, { "Safari/", "Safari" },
	};
	static const struct agent_word device[] = {
		{ "iPhone", "苹果手机" }, { "iPad", "苹果平板" }, { "Android", "安卓手机或平板" },
		{ "Windows", "Windows 电脑" }, { "Mac OS X", "苹果电脑" }, { "Linux", "Linux 电脑" },
	};
	str b = agent_word(agent, browser, sizeof(browser) / sizeof(browser[0]));
	str d = agent_word(agent, device, sizeof(device) / sizeof(device[0]));

	if (!b.len && !d.len)
		return agent.len ? agent : STR("未知设备");
	return str_fmt(a, "%.*s%s%.*s", STR_ARG(d), b.len && d.len ? "，" : "", STR_ARG(b));
}

static enum err fill_sessions(struct op *op, struct html_account *v)
{
	struct session_row *all;
	struct html_session_row *rows;
	size_t n;

	TRY(session_list(op, op->scope->account, &all, &n));
	rows = NEW_N(op->arena, n, struct html_session_row);
	for (size_t i = 0; i < n; i++) {
		str seen = say_moment(op, all[i].seen_ms);

		rows[i] = (struct html_session_row){
			.id = page_id(op, all[i].id.v), .current = all[i].mine,
			.label = agent_say(op->arena, all[i].agent),
			.note = str_fmt(op->arena, "%.*s%s", STR_ARG(seen),
					all[i].own_device ? " · 30 天免登录" : ""),
		};
	}
	v->sessions = rows;
	v->sessions_n = n;
	return ERR_OK;
}

/* On a phone there is no side navigation: its pages are links here. */
static void fill_links(struct op *op, struct html_account *v)
{
	static const struct { const char *url, *icon, *label; enum cap cap; } all[] = {
		{ "/cockpit", "layout-dashboard", "学校驾驶舱", CAP_SEE_UNIT },
		{ "/start", "plus", "记一件事", CAP_SIGNED_IN },
		{ "/grid", "sitemap", "责任网格", CAP_SEE_UNIT },
		{ "/people", "users", "人员", CAP_SIGNED_IN },
		{ "/places", "map-pin", "区域", CAP_SIGNED_IN },
		{ "/packs", "book-2", "制度方案", CAP_SIGNED_IN },
		{ "/gate", "door-enter", "门卫台", CAP_GATE },
		{ "/year", "calendar-event", "年度安排", CAP_SEE_UNIT },
		{ "/ledger", "database", "台账存证", CAP_AUDIT },
		{ "/admin", "settings", "管理", CAP_ACCOUNTS },
	};
	struct html_act *links = NEW_N(op->arena, sizeof(all) / sizeof(all[0]), struct html_act);

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (scope_can(op->scope, all[i].cap) &&
		    (v->shell.acts || !str_eq(str_of(all[i].url), STR("/start"))))
			links[v->links_n++] = (struct html_act){ .url = str_of(all[i].url),
								 .icon = str_of(all[i].icon),
								 .label = str_of(all[i].label) };
	v->links = links;
}

static enum err account_show(struct req *rq, struct reply *rp, str password_error)
{
	struct op *op = rq->op;
	struct html_account v = { .password_error = password_error };
	const struct work *w;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("我"), TAB_ME, &v.shell));
	v.name = v.shell.person;
	v.mark = v.shell.person_mark;
	v.login = op->scope->login;
	v.csrf = v.shell.csrf;
	v.theme = rq->theme;
	v.size = v.shell.size;
	if (w && op->scope->person.v)
		fill_posts(op, w, &v);
	TRY(fill_sessions(op, &v));
	fill_links(op, &v);
	html_account(&rp->body, &v);
	return ERR_OK;
}

enum err page_account(struct req *rq, struct reply *rp)
{
	return account_show(rq, rp, STR_NONE);
}

/* --- the look: cookies, read by the server before the first paint --- */

enum err page_theme(struct req *rq, struct reply *rp)
{
	const struct form_theme *f = rq->form;
	str theme = f->theme;

	if (str_eq(theme, STR("toggle")))
		theme = str_eq(rq->theme, STR("dark")) ? STR("light") : STR("dark");
	reply_redirect(rp, back_to(f->back));
	if (theme.len)
		reply_cookie(rq, rp, STR("theme"), theme, YEAR_S);
	else
		reply_cookie_end(rq, rp, STR("theme"));
	if (f->size.len)
		reply_cookie(rq, rp, STR("size"), f->size, YEAR_S);
	else if (!str_eq(f->theme, STR("toggle")))
		reply_cookie_end(rq, rp, STR("size"));
	return ERR_OK;
}

/* --- the hat --- */

struct hatting { session_id session; appointment_id hat; str back; };

static enum err run_hat(struct op *op, void *arg)
{
	struct hatting *h = arg;

	return session_set_hat(op, h->session, h->hat);
}

static enum err finish_hat(struct req *rq, struct reply *rp, enum err e)
{
	const struct hatting *h = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	reply_redirect(rp, back_to(h->back));
	return ERR_OK;
}

enum err page_hat(struct req *rq, struct reply *rp)
{
	const struct form_hat *f = rq->form;
	struct hatting *h = NEW(rq->op->arena, struct hatting);

	(void)rp;
	*h = (struct hatting){ rq->op->scope->session, { f->hat.id }, f->back };
	rq_write(rq, run_hat, h, finish_hat);
	return ERR_OK;
}

/* --- the password --- */

struct changing { account_id account; session_id session; str encoded, token, csrf; };

static enum err run_password(struct op *op, void *arg)
{
	struct changing *c = arg;

	TRY(account_set_password(op, c->account, c->encoded));
	return session_rotate(op, c->session, c->token, &c->csrf);
}

static enum err finish_password(struct req *rq, struct reply *rp, enum err e)
{
	const struct changing *c = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	page_said(rq, rp, STR("/account"), STR("密码已改，别的设备要重新登录"), (record_id){ 0 }, 0);
	reply_session(rq, rp, c->token, rq->op->scope->own_device ? SESSION_OWN_MS / 1000 : 0);
	return ERR_OK;
}

static enum err account_again(struct req *rq, struct reply *rp, str why)
{
	rp->status = 422;
	return account_show(rq, rp, why);
}

enum err page_password(struct req *rq, struct reply *rp)
{
	const struct form_password *f = rq->form;
	struct changing *c = NEW(rq->op->arena, struct changing);
	struct origin from = { rq->op->scope->login, rq->client, rq_cookie(rq, STR("device")) };
	struct sign_in mine;

	TRY(sign_in_find(rq->op, &from, &mine));
	if (!password_verify(mine.encoded, f->old) || !mine.known)
		return account_again(rq, rp, STR("现在的密码不对，没有改。"));
	if (!str_eq(f->new_, f->again))
		return account_again(rq, rp, STR("两次输入的新密码不一样，没有改。"));
	if (password_check(rq->op, rq->op->scope->login, rq->op->scope->role, f->new_) != ERR_OK)
		return account_again(rq, rp, rq->op->field_errors ? rq->op->field_errors->message
								 : str_of(rq->op->errmsg));
	c->session = rq->op->scope->session;
	c->token = token_new(rq->op);
	c->account = rq->op->scope->account;
	c->encoded = password_hash(rq->op->arena, f->new_);
	rq_write(rq, run_password, c, finish_password);
	return ERR_OK;
}

enum err page_password_again(struct req *rq, struct reply *rp)
{
	return account_show(rq, rp, STR("三个格子都要填。"));
}

/* --- the devices --- */

static enum err run_end(struct op *op, void *arg)
{
	return session_end(op, *(session_id *)arg);
}

static enum err finish_end(struct req *rq, struct reply *rp, enum err e)
{
	if (e != ERR_OK)
		return e;
	page_said(rq, rp, STR("/account"), STR("那台设备已退出"), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_session_end(struct req *rq, struct reply *rp)
{
	const struct form_session *f = rq->form;
	session_id *id = NEW(rq->op->arena, session_id);

	(void)rp;
	id->v = f->session.id;
	rq_write(rq, run_end, id, finish_end);
	return ERR_OK;
}
