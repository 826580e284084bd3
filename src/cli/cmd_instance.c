/* Commands about the instance itself: init, setup-code, token, config, clock, backup, restore. */
#include "auth/auth.h"
#include "base/date.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "org/instance.h"
#include "store/backup.h"

#define CMD CMD_DECLARE
#include "cli/cmds.def"
#undef CMD

/* --- codes and tokens: the secret is made here and shown once; only its hash is stored --- */

struct code_arg { str code; tenant_id tenant; account_id account; int64_t ttl_ms; str scope; };

static enum err setup_run(struct op *op, void *arg)
{
	return setup_code_make(op, ((struct code_arg *)arg)->code);
}

static int setup_code_print(struct cmd *c, struct app *app)
{
	struct code_arg a = { .code = entropy_token(&app->secrets, c->op->arena, 10) };
	enum err e = writer_do(app->writer, c->op, WOP_NORMAL, setup_run, &a);

	if (e)
		return cmd_fail(c, e);
	cmd_out(c, "初始设置码（15 分钟内有效，只显示这一次）：%.*s\n", STR_ARG(a.code));
	return CMD_DONE;
}

int cmd_init(struct cmd *c)
{
	struct app *app = c->app;
	enum err e = app_open(c->op, app, true);

	if (e)
		return cmd_fail(c, e);
	int status = setup_code_print(c, app);
	if (status == CMD_DONE)
		cmd_out(c, "然后运行：bihuan serve -d %.*s，在浏览器里打开，填入设置码。\n", STR_ARG(app->dir));
	app_close(app);
	return status;
}

int cmd_setup_code(struct cmd *c)
{
	return setup_code_print(c, c->app);
}

static enum err token_run(struct op *op, void *arg)
{
	struct code_arg *a = arg;

	return token_make(op, a->account, a->code, a->ttl_ms, a->scope);
}

/* "90m", "1h", "2d" */
static bool ttl_read(str s, int64_t *ret_ms)
{
	int64_t n;
	char unit = s.len ? s.ptr[s.len - 1] : 0;

	if (!str_to_i64(str_slice(s, 0, s.len ? s.len - 1 : 0), &n) || n < 1 || n > 10000)
		return false;
	*ret_ms = n * (unit == 'm' ? MS_MINUTE : unit == 'h' ? MS_HOUR : unit == 'd' ? MS_DAY : 0);
	return *ret_ms > 0;
}

int cmd_token(struct cmd *c)
{
	struct app *app = c->app;
	struct code_arg a = { .ttl_ms = MS_HOUR, .scope = cmd_opt(c, STR("--scope")) };
	struct sign_in si;
	str login = cmd_opt(c, STR("--account"));

	if (!login.len || (cmd_has(c, STR("--ttl")) && !ttl_read(cmd_opt(c, STR("--ttl")),
			&a.ttl_ms))) {
		cmd_err(c, "用法：bihuan token --account 登录名 [--ttl 1h]");
		return CMD_USAGE;
	}
	enum err e = app_read(app, c->op);
	if (!e) {
		e = sign_in_find(c->op, &(struct origin){ login, STR("cli"), STR("") }, &si);
		app_read_end(c->op);
	}
	if (e)
		return cmd_fail(c, e);
	if (!si.known) {
		cmd_err(c, "没有这个登录名");
		return CMD_BAD_DATA;
	}
	a.account = si.account;
	a.code = entropy_token(&app->secrets, c->op->arena, 32);
	c->op->tenant = si.tenant;
	e = writer_do(app->writer, c->op, WOP_NORMAL, token_run, &a);
	if (e)
		return cmd_fail(c, e);
	cmd_out(c, "%.*s\n", STR_ARG(a.code));
	return CMD_DONE;
}

int cmd_config(struct cmd *c)
{
	struct app *app = c->app;
	struct buf b CLEANUP(buf_release);
	struct jw w;
	str s;

	buf_init(&b, 64 * KIB);
	if (c->json) {
		jw_start(&w, &b);
		settings_json(&w, &app->settings);
		buf_addc(&b, '\n');
	} else {
		settings_print(&b, &app->settings);
	}
	if (buf_finish(&b, &s))
		return cmd_fail(c, ERR_LIMIT);
	cmd_out_str(c, s);
	return CMD_DONE;
}

/* "+4d", "+30m", "+2h", or an instant. */
int cmd_clock(struct cmd *c)
{
	struct app *app = c->app;
	str to = cmd_arg(c, 0);
	int64_t at, by;

	if (str_starts(to, STR("+")) && ttl_read(str_slice(to, 1, to.len), &by))
		at = clock_now(&app->clock) + by;
	else if (!instant_parse_local(to, app->clock.utc_offset_ms, &at)) {
		cmd_err(c, "用法：bihuan clock +4d（m 分、h 时、d 天）或一个时刻");
		return CMD_USAGE;
	}
	enum err e = app_clock_move(app, c->op, at);
	if (e)
		return cmd_fail(c, e);
	cmd_out(c, "%.*s\n", STR_ARG(instant_format(c->op->arena, at, app->clock.utc_offset_ms)));
	return CMD_DONE;
}

static enum err backup_run(struct op *op, void *arg)
{
	(void)arg;
	return instance_backed_up(op);
}

int cmd_backup(struct cmd *c)
{
	struct app *app = c->app;
	struct backup_result r;

	if (!cmd_arg(c, 0).len) {
		cmd_err(c, "用法：bihuan backup 文件");
		return CMD_USAGE;
	}
	enum err e = backup_write(c->op, app->db, str_of(cmd_path(c, cmd_arg(c, 0))), &r);
	if (!e)
		e = writer_do(app->writer, c->op, WOP_NORMAL, backup_run, NULL);
	if (e)
		return cmd_fail(c, e);
	cmd_out(c, "已备份并核对：%lld 个文件，%lld 字节\n", (long long)r.files, (long long)r.bytes);
	return CMD_DONE;
}

int cmd_restore(struct cmd *c)
{
	struct app *app = c->app;
	struct backup_result r;

	if (!cmd_arg(c, 0).len) {
		cmd_err(c, "用法：bihuan restore 文件 -d 空文件夹");
		return CMD_USAGE;
	}
	enum err e = backup_restore(c->op, str_of(cmd_path(c, cmd_arg(c, 0))), app->dir, &r);
	if (e)
		return cmd_fail(c, e);
	cmd_out(c, "已恢复并核对：%lld 个文件，%lld 字节\n", (long long)r.files, (long long)r.bytes);
	return CMD_DONE;
}
