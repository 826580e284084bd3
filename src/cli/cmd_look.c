/* Commands that look: verify, audit, coverage, who. */
#include "base/date.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "ledger/ledger.h"
#include "org/instance.h"
#include "store/blob.h"
#include "work/work.h"

#define CMD CMD_DECLARE
#include "cli/cmds.def"
#undef CMD

static int64_t at_of(struct cmd *c, const char *opt, int64_t otherwise, bool *ret_bad)
{
	struct app *app = c->app;
	int64_t at = otherwise;

	*ret_bad = cmd_has(c, str_of(opt))
		   && !instant_parse_local(cmd_opt(c, str_of(opt)), app->clock.utc_offset_ms, &at);
	if (*ret_bad)
		cmd_err(c, "%s 要写成 2026-11-18 或 2026-11-18T08:00", opt);
	return at;
}

/* --- verify --- */

static enum err files_verify(struct cmd *c, struct app *app, int64_t *ret_files)
{
	struct hash *h;
	size_t n;

	TRY(files_hashes(c->op, c->op->tenant, &h, &n));
	for (size_t i = 0; i < n; i++) {
		enum err e = blob_verify(c->op, app->db, h[i]);

		if (e)
			return e;
	}
	*ret_files += (int64_t)n;
	return ERR_OK;
}

static int verify_tenant(struct cmd *c, struct app *app, const struct tenant_row *t, struct jw *w)
{
	struct ledger_opener *op_at;
	struct ledger_report r;
	int64_t files = 0;
	size_t n = work_openers(c->op, &op_at);

	c->op->tenant = t->id;
	enum err e = ledger_verify(c->op, t->id, op_at, n, &r);
	if (e)
		return cmd_fail(c, e);
	e = r.ok ? files_verify(c, app, &files) : ERR_OK;
	bool ok = r.ok && !e;
	str what = !r.ok ? r.bad_what : e ? str_of(c->op->errmsg) : STR("");

	if (c->json) {
		jw_obj(w);
		jw_kv(w, "unit", t->code);
		jw_kv_bool(w, "ok", ok);
		jw_kv_int(w, "events", r.events);
		jw_kv_int(w, "files", files);
		jw_kv_int(w, "bad", r.ok ? 0 : r.bad_seq);
		jw_kv(w, "what", what);
		jw_end(w);
	} else if (ok) {
		cmd_out(c, "%.*s：%lld 条存证，%lld 个文件，完好\n", STR_ARG(t->name), (long long)r.events,
				(long long)files);
	} else if (r.ok) {
		cmd_out(c, "%.*s：%.*s\n", STR_ARG(t->name), STR_ARG(what));
	} else {
		cmd_out(c, "%.*s：第 %lld 条不对：%.*s\n", STR_ARG(t->name), (long long)r.bad_seq,
				STR_ARG(what));
	}
	return ok ? CMD_DONE : CMD_FOUND;
}

static int each_tenant(struct cmd *c, int (*one)(struct cmd *, struct app *,
		const struct tenant_row *, struct jw *))
{
	struct app *app = c->app;
	struct tenant_row *t;
	size_t n;
	int worst = CMD_DONE;
	struct buf b CLEANUP(buf_release);
	struct jw w;
	str s;

	buf_init(&b, MIB);
	jw_start(&w, &b);
	enum err e = app_read(app, c->op);
	if (e)
		return cmd_fail(c, e);
	store_read_budget(c->op, 0);
	e = instance_tenants(c->op, &t, &n);
	if (c->json)
		jw_arr(&w);
	for (size_t i = 0; !e && i < n && !cmd_gone(c); i++) {
		int status = one(c, app, &t[i], &w);

		worst = status > worst ? status : worst;
	}
	if (c->json)
		jw_end(&w);
	app_read_end(c->op);
	if (e)
		return cmd_fail(c, e);
	if (c->json && !buf_finish(&b, &s)) {
		cmd_out_str(c, s);
		cmd_out(c, "\n");
	}
	return worst;
}

int cmd_verify(struct cmd *c)
{
	return each_tenant(c, verify_tenant);
}

/* --- audit --- */

static int audit_tenant(struct cmd *c, struct app *app, const struct tenant_row *t, struct jw *w)
{
	struct audit_report r = { 0 };

	(void)app;
	c->op->tenant = t->id;
	enum err e = work_audit(c->op, t->id, &r);
	if (e == ERR_NOTFOUND) {	/* nothing adopted: nothing derived */
		op_clear_error(c->op);
		return CMD_DONE;
	}
	if (e)
		return cmd_fail(c, e);
	if (c->json) {
		jw_obj(w);
		jw_kv(w, "unit", t->code);
		jw_kv_int(w, "rows", r.rows);
		jw_kv_int(w, "differences", r.differences);
		jw_kv(w, "first", r.first);
		jw_end(w);
	} else {
		cmd_out(c, "%.*s：%lld differences（共 %lld 行）%s%.*s\n", STR_ARG(t->name),
			(long long)r.differences, (long long)r.rows, r.first.len ? "，" : "",
			STR_ARG(r.first));
	}
	return r.differences ? CMD_FOUND : CMD_DONE;
}

int cmd_audit(struct cmd *c)
{
	return each_tenant(c, audit_tenant);
}

/* --- coverage --- */

static const char *severity_word(int s)
{
	return s == SEV_ERROR ? "error" : s == SEV_WARNING ? "warning" : "info";
}

static void holes_print(struct cmd *c, const struct holes *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (!h->at[i].pending)
			cmd_out(c, "%s[%.*s]: %.*s\n", severity_word(h->at[i].severity),
					STR_ARG(h->at[i].code), STR_ARG(h->at[i].sentence));
	cmd_out(c, "%zu 个错误，%zu 个警告，%zu 个提示\n", h->errors, h->warnings, h->infos);
}

static enum err holes_json(struct cmd *c, const struct holes *h)
{
	struct buf b CLEANUP(buf_release);
	struct jw w;
	str s;

	buf_init(&b, MIB);
	jw_start(&w, &b);
	jw_arr(&w);
	for (size_t i = 0; i < h->n; i++) {
		jw_obj(&w);
		jw_kv(&w, "code", h->at[i].code);
		jw_kv(&w, "severity", str_of(severity_word(h->at[i].severity)));
		jw_kv(&w, "subject", subject_key(c->op->arena, &h->at[i].subject));
		jw_kv(&w, "sentence", h->at[i].sentence);
		jw_kv_bool(&w, "pending", h->at[i].pending);
		jw_end(&w);
	}
	jw_end(&w);
	TRY(buf_finish(&b, &s));
	cmd_out_str(c, s);
	cmd_out(c, "\n");
	return ERR_OK;
}

int cmd_coverage(struct cmd *c)
{
	struct app *app = c->app;
	struct holes h;
	bool bad;
	int64_t at = at_of(c, "--at", clock_now(&app->clock), &bad);

	if (bad || !cmd_opt(c, STR("--unit")).len)
		return bad ? CMD_USAGE : (cmd_err(c, "用法：bihuan coverage --unit 编号 [--at 时刻]"),
				CMD_USAGE);
	enum err e = app_read(app, c->op);
	if (!e)
		e = app_unit(c->op, cmd_opt(c, STR("--unit")), &c->op->tenant);
	if (!e)
		e = coverage_of(c->op, at, &h);
	if (!e && c->json)
		e = holes_json(c, &h);
	else if (!e)
		holes_print(c, &h);
	if (c->op->store)
		app_read_end(c->op);
	if (e)
		return cmd_fail(c, e);
	return h.errors ? CMD_FOUND : CMD_DONE;
}

/* --- who --- */

static enum err who_json(struct cmd *c, const struct responsible *r, size_t n)
{
	struct buf b CLEANUP(buf_release);
	struct jw w;
	str s;

	buf_init(&b, MIB);
	jw_start(&w, &b);
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&w);
		jw_kv(&w, "role", r[i].role);
		jw_kv(&w, "name", r[i].name);
		jw_kv(&w, "post", r[i].post);
		jw_end(&w);
	}
	jw_end(&w);
	TRY(buf_finish(&b, &s));
	cmd_out_str(c, s);
	cmd_out(c, "\n");
	return ERR_OK;
}

int cmd_who(struct cmd *c)
{
	struct app *app = c->app;
	struct responsible *r;
	size_t n = 0;
	bool bad1, bad2, many = false;
	int64_t at = at_of(c, "--at", clock_now(&app->clock), &bad1), known = at_of(c, "--known",
			INT64_MAX, &bad2);
	place_id place = { 0 };

	if (bad1 || bad2)
		return CMD_USAGE;
	enum err e = app_read(app, c->op);
	if (!e)
		e = app_unit(c->op, cmd_opt(c, STR("--unit")), &c->op->tenant);
	if (!e && cmd_has(c, STR("--place"))) {
		place.v = org_resolve(c->op, c->op->tenant, REF_PLACE, cmd_opt(c, STR("--place")),
				      &many);
		if (!place.v)
			e = INVALID(c->op, STR("place"), many ? "有几个区域叫这个名字，请用编号" : "没有这个区域");
	}
	if (!e)
		e = who_was(c->op, place, cmd_opt(c, STR("--duty")), at, known, &r, &n);
	if (!e && c->json)
		e = who_json(c, r, n);
	for (size_t i = 0; !e && !c->json && i < n; i++)
		cmd_out(c, "%.*s\t%.*s\t%.*s\n", STR_ARG(r[i].role), STR_ARG(r[i].name),
			STR_ARG(r[i].post));
	if (c->op->store)
		app_read_end(c->op);
	return e ? cmd_fail(c, e) : CMD_DONE;
}
