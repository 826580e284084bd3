/* The command that makes the demonstration instance (cli/demo). */
#include "base/date.h"
#include "base/fsutil.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/demo/demo.h"

static bool options_read(struct cmd *c, const struct app *app, struct demo_options *o)
{
	str at = cmd_opt(c, STR("--at")), seed = cmd_opt(c, STR("--seed")),
	    hazards = cmd_opt(c, STR("--hazards"));
	int64_t n = DEMO_SEED;

	*o = (struct demo_options){ .at_ms = DEMO_AT_MS, .large = cmd_has(c, STR("--large")) };
	if (at.len && !instant_parse_local(at, app->clock.utc_offset_ms, &o->at_ms))
		return false;
	if (seed.len && (!str_to_i64(seed, &n) || n < 0))
		return false;
	o->seed = (uint64_t)n;
	return !hazards.len || (str_to_i64(hazards, &o->hazards) && o->hazards > 0);
}

static enum err demo_make(struct cmd *c, struct app *app, struct demo_options *o)
{
	entropy_seeded(&app->entropy, o->seed);
	TRY(app_open(c->op, app, true));
	enum err e = demo_build(c->op, app->writer, app->db, &app->clock, o);
	app_close(app);
	return e;
}

int cmd_demo(struct cmd *c)
{
	struct app *app = c->app;
	struct demo_options o;

	if (!options_read(c, app, &o)) {
		cmd_err(c,
			"用法：bihuan demo -d 文件夹 [--at 2026-11-18T08:00:00+08:00] [--seed 1] "
			"[--large [--hazards 120000]]");
		return CMD_USAGE;
	}
	o.accounts_path = str_fmt(c->op->arena, "%.*s/demo-accounts.tsv", STR_ARG(app->dir));
	o.secrets = &app->secrets;
	if (fs_exists(fs_join(c->op->arena, app->dir, STR("bihuan.db")))) {
		cmd_err(c, "%.*s 里已经有一个实例；演示实例要放在空文件夹里", STR_ARG(app->dir));
		return CMD_USAGE;
	}
	enum err e = demo_make(c, app, &o);
	if (e)
		return cmd_fail(c, e);
	cmd_out(c, "演示实例已建在 %.*s，账号和密码在 %.*s\n", STR_ARG(app->dir),
		STR_ARG(o.accounts_path));
	return CMD_DONE;
}
