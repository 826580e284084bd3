/*
 * admin: accounts and the slips that open them, and what the machine says of itself. An
 * administrator sees who has an account, not what people record. A slip's code is made with its
 * page and shown once.
 */
#include "web/page/org.h"

#include "auth/auth.h"
#include "base/html.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "base/qr.h"
#include "base/settings.h"
#include "org/instance.h"
#include "store/blob.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_admin.h"
#include "gen/html_plaques.h"
#include "gen/html_slips.h"

#define ACCOUNTS_SHOWN 300
#define SLIPS_MAX 100
#define BACKUP_OLD_MS (2 * MS_DAY)	/* one a day: two days without is worth a look */

str page_address(struct req *rq)
{
	str url = page_site(rq)->public_url;

	return url.len ? url : str_fmt(rq->op->arena, "%s%.*s", rq->secure ? "https://" : "http://",
				       STR_ARG(rq->host));
}

/* The picture of a code: a path of our own making, so it may stand as it is. */
static enum err qr_html(struct op *op, str text, struct html *ret)
{
	struct qr q;
	str path;

	TRY(qr_make(op, text, &q));
	path = qr_svg_path(op->arena, &q);
	*ret = html_vouch(str_fmt(op->arena,
				  "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"二维码\">"
				  "<path d=\"%.*s\"/></svg>",
				  qr_side(&q), qr_side(&q), STR_ARG(path)));
	return ERR_OK;
}

/* --- the page --- */

static str state_label(str state)
{
	return str_eq(state, STR("active")) ? STR("正常") : str_eq(state,
		STR("disabled")) ? STR("已停用")
									      : STR("未启用");
}

static void row_view(struct op *op, const struct work *w, const struct account *a,
	struct html_account_row *r)
{
	struct html_tag *t = NEW(op->arena, struct html_tag);
	str name = person_name(w, a->person);

	*t = (struct html_tag){ .label = state_label(a->state),
				.tone = str_eq(a->state,
					STR("active")) ? STR("green") : STR("amber") };
	*r = (struct html_account_row){
		.id = page_id(op, a->id.v), .name = name.len ? name : a->login, .login = a->login,
		.posts = a->role.len ? STR("管理员") : w ? posts_at(op, w, a->person, op->now_ms)
			 : STR_NONE,
		.status = t,
	};
}

static void fill_settings(struct req *rq, struct html_admin *v)
{
	const struct settings *s = page_site(rq)->settings;
	struct html_setting_row *rows = NEW_N(rq->op->arena, SET_N, struct html_setting_row);

	for (size_t i = 0; s && i < SET_N; i++) {
		if (setting_defs[i].secret)
			continue;
		rows[v->settings_n++] = (struct html_setting_row){
			.name = setting_defs[i].key, .label = setting_defs[i].help,
			.value = settings_text(s, (enum setting)i),
		};
	}
	v->settings = rows;
}

/* What is true of the backups: when the last one succeeded, or that none has. */
static enum err fill_backup(struct req *rq, struct html_admin *v)
{
	struct op *op = rq->op;
	int64_t at;

	TRY(instance_last_backup(op, &at));
	v->backup_tone = at && op->now_ms - at < BACKUP_OLD_MS ? STR("green") : STR("amber");
	if (!at)
		v->backup = STR("还没有备份过。服务运行着，每天会自动备份一次；现在就要，在服务器上运行 bihuan backup。");
	else if (op->now_ms - at < BACKUP_OLD_MS)
		v->backup = str_fmt(op->arena, "上次备份：%.*s。每天自动备份一次；恢复用 bihuan restore，先核对再恢复。",
				    STR_ARG(say_moment(op, at)));
	else
		v->backup = str_fmt(op->arena, "上次备份：%.*s，已经过了两天。请查看服务器的日志和磁盘。",
				    STR_ARG(say_moment(op, at)));
	return ERR_OK;
}

static enum err fill_health(struct req *rq, struct html_admin *v)
{
	struct html_pair *p = NEW_N(rq->op->arena, 2, struct html_pair);
	int64_t left, whole;

	TRY(blob_disk(rq->op, page_site(rq)->db, &left, &whole));
	p[0] = (struct html_pair){ STR("版本"), str_of(page_site(rq)->version) };
	p[1].term = STR("磁盘剩余");
	int64_t percent = whole ? left * 100 / whole : 0;
	p[1].value = str_fmt(rq->op->arena, "%lld%%%s", (long long)percent,
			     percent >= DISK_WARN_PERCENT
				     ? "" : "，快满了。请腾出空间；再少就不能传文件了。");
	v->health = p;
	v->health_n = 2;
	return fill_backup(rq, v);
}

static size_t without_account(struct op *op, const struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; w && i < w->org->person_n; i++)
		n += !w->org->person[i].has_account &&
		     valid_at(w->org->person[i].from_ms, w->org->person[i].to_ms, op->now_ms);
	return n;
}

enum err page_admin(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_places *f = rq->form;
	struct html_admin v = { .query = f->q, .setup_url = STR("/setup") };
	const struct work *w;
	struct account *all;
	struct html_account_row *rows;
	size_t n;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("管理"), TAB_NONE, &v.shell));
	v.csrf = v.shell.csrf;
	v.sub = v.shell.unit;
	TRY(accounts_list(op, op->scope->tenant, (account_id){ 0 }, ACCOUNTS_SHOWN, &all, &n));
	rows = NEW_N(op->arena, n, struct html_account_row);
	for (size_t i = 0; i < n; i++) {
		row_view(op, w, &all[i], &rows[v.rows_n]);
		if (!f->q.len || str_find(rows[v.rows_n].name, f->q, 0) >= 0 ||
		    str_find(rows[v.rows_n].login, f->q, 0) >= 0)
			v.rows_n++;
	}
	v.rows = rows;
	v.shown = str_fmt(op->arena, "%zu 个", v.rows_n);
	v.to_make = (int64_t)without_account(op, w);
	fill_settings(rq, &v);
	TRY(fill_health(rq, &v));
	html_admin(&rp->body, &v);
	return ERR_OK;
}

/* --- what is done with accounts --- */

struct acting { const struct form_accounts *form; const struct work *w; str act,
	code; struct account *all;
		size_t n; str *codes; size_t made; };

static bool chosen(struct op *op, const struct acting *a, account_id id)
{
	(void)op;
	for (size_t i = 0; i < a->form->account.n; i++)
		if (a->form->account.at[i].id == id.v)
			return true;
	return false;
}

/* Sign-in names that can be typed anywhere: t001.sy. */
static enum err make_accounts(struct op *op, struct acting *a)
{
	const struct org_view *v = a->w->org;
	const struct ov_unit *unit = ov_unit(v, v->unit);
	int number = 0;

	for (size_t i = 0; i < v->person_n; i++) {
		const struct ov_person *p = &v->person[i];
		tenant_id tenant;
		account_id id;
		str login;

		if (p->has_account || !valid_at(p->from_ms, p->to_ms, op->now_ms))
			continue;
		do
			login = str_fmt(op->arena, "t%03d.%.*s", ++number,
				STR_ARG(unit ? unit->code : STR("x")));
		while (account_by_login(op, login, &tenant, &id) == ERR_OK);
		op_clear_error(op);
		TRY(account_add(op, p->id, login, STR_NONE, &id));
		a->made++;
	}
	return ERR_OK;
}

static enum err run_accounts(struct op *op, void *arg)
{
	struct acting *a = arg;

	if (str_eq(a->act, STR("make")))
		return make_accounts(op, a);
	for (size_t i = 0; i < a->n; i++) {
		if (!chosen(op, a, a->all[i].id))
			continue;
		if (str_eq(a->act, STR("slips")))
			TRY(slip_make(op, a->all[i].id, a->codes[i]));
		else
			TRY(account_disable(op, a->all[i].id, str_eq(a->act, STR("lock"))));
		a->made++;
	}
	return ERR_OK;
}

static enum err slips_show(struct req *rq, struct reply *rp, const struct acting *a)
{
	struct op *op = rq->op;
	struct html_slips v = { .sheet = { .title = STR("启用条"), .back_url = STR("/admin") } };
	struct html_slip *s = NEW_N(op->arena, a->n, struct html_slip);
	str site = page_address(rq), until = say_date(op, op->now_ms + SLIP_MS);
	const struct ov_unit *unit = a->w ? ov_unit(a->w->org, a->w->org->unit) : NULL;

	for (size_t i = 0; i < a->n; i++) {
		str c = a->codes[i], url = str_fmt(op->arena, "%.*s/activate?code=%.*s",
			STR_ARG(site), STR_ARG(c));
		struct html_slip *at = &s[v.slips_n];

		if (!chosen(op, a, a->all[i].id))
			continue;
		*at = (struct html_slip){
			.unit = unit ? unit->name : STR_NONE,
			.name = person_name(a->w, a->all[i].person), .login = a->all[i].login,
			.until = until,
			.post = a->w ? posts_at(op, a->w, a->all[i].person, op->now_ms) : STR_NONE,
			.code = str_fmt(op->arena, "%.4s-%.4s-%.4s-%.4s", c.ptr, c.ptr + 4,
					c.ptr + 8, c.ptr + 12),
			.url = str_fmt(op->arena, "%.*s/activate", STR_ARG(site)),
		};
		TRY(qr_html(op, url, &at->qr));
		v.slips_n++;
	}
	v.slips = s;
	html_slips(&rp->body, &v);
	return ERR_OK;
}

static enum err finish_accounts(struct req *rq, struct reply *rp, enum err e)
{
	const struct acting *a = rq->wop.arg;

	if (e != ERR_OK)
		return e;
	if (str_eq(a->act, STR("slips")) && a->made)
		return slips_show(rq, rp, a);
	page_said(rq, rp, STR("/admin"), a->made ? str_fmt(rq->op->arena, "已处理 %zu 个账号", a->made)
						 : STR("请先勾选账号"), (record_id){ 0 }, 0);
	return ERR_OK;
}

enum err page_admin_accounts(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_accounts *f = rq->form;
	struct acting *a = NEW(op->arena, struct acting);

	(void)rp;
	a->form = f;
	a->act = f->act;
	if (f->account.n > SLIPS_MAX)
		return INVALID(op, STR("account"), "一次最多 %d 个账号", SLIPS_MAX);
	TRY(page_work(op, &a->w));
	TRY(accounts_list(op, op->scope->tenant, (account_id){ 0 }, ACCOUNTS_SHOWN, &a->all,
			  &a->n));
	a->codes = NEW_N(op->arena, a->n, str);
	for (size_t i = 0; i < a->n; i++)
		a->codes[i] = code_new(op);
	if (str_eq(a->act, STR("make")) && !a->w)
		return FAIL(op, ERR_CONFLICT, "请先完成启用向导");
	rq_write(rq, run_accounts, a, finish_accounts);
	return ERR_OK;
}

/* --- plaques --- */

static enum err plaque_view(struct req *rq, const struct work *w, const struct ov_place *p,
	struct html_plaque *h)
{
	struct op *op = rq->op;
	struct html_pair *k = NEW_N(op->arena, 4, struct html_pair);
	str site = page_address(rq), pub = page_id(op, p->id.v);
	const struct ov_unit *unit = ov_unit(w->org, w->org->unit);

	*h = (struct html_plaque){
		.unit = unit ? unit->name : STR_NONE, .label = p->name, .code = p->code,
		.keepers = k, .url = str_fmt(op->arena, "%.*s/p/%.*s", STR_ARG(site), STR_ARG(pub)),
	};
	if (p->risk.len) {
		struct html_tag t = risk_tag(p->risk);

		h->risk = str_fmt(op->arena, "%.*s风险", STR_ARG(t.label));
	}
	for (size_t i = 0; i < w->org->keeper_n && h->keepers_n < 4; i++) {
		const struct ov_keeper *at = &w->org->keeper[i];

		if (at->place.v == p->id.v && valid_at(at->from_ms, at->to_ms, op->now_ms))
			k[h->keepers_n++] = (struct html_pair){ role_label(at->role), person_name(w,
				at->person) };
	}
	return qr_html(op, h->url, &h->qr);
}

/* One place, or all that somebody keeps. */
enum err page_plaques(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_preset *f = rq->form;
	struct html_plaques v = { .sheet = { .title = STR("区域铭牌"), .back_url = STR("/places") } };
	const struct work *w;
	struct html_plaque *all;

	TRY(work_load(op, op->scope->tenant, &w));
	all = NEW_N(op->arena, w->org->place_n, struct html_plaque);
	for (size_t i = 0; i < w->org->place_n; i++) {
		const struct ov_place *p = &w->org->place[i];

		if (!valid_at(p->from_ms, p->to_ms, op->now_ms) || (f->place.id &&
			f->place.id != p->id.v))
			continue;
		TRY(plaque_view(rq, w, p, &all[v.plaques_n]));
		v.plaques_n += f->place.id || all[v.plaques_n].keepers_n;
	}
	v.plaques = all;
	html_plaques(&rp->body, &v);
	return ERR_OK;
}
