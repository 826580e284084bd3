/*
 * main: bihuan COMMAND [-d DIR] [options]. A command that may run beside a server first tries the
 * control socket and then runs inside it; without a server this process takes the lock of the
 * folder itself. One rule, no second writer. `demo`, `init` and `serve` hold the folder alone.
 */
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fsutil.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/control.h"

#define ARGS_MAX 256

struct line {
	const struct command *command;
	str argv[ARGS_MAX]; size_t argc;	/* the command's own words */
	struct setting_flag flag[SET_N + 1]; size_t flag_n;
};

static bool setting_word(str word, enum setting *ret_id)
{
	return str_starts(word, STR("--")) && setting_is_flag(str_slice(word, 2, word.len), ret_id);
}

/* -d DIR and --SETTING VALUE are the program's; the rest is the command's. */
static bool line_read(struct arena *a, int argc, char **argv, struct line *l)
{
	enum setting id;

	for (int i = 1; i < argc; i++) {
		str w = str_of(argv[i]);
		bool dir = str_eq(w, STR("-d"));

		if (l->argc + 1 >= ARGS_MAX)
			return false;
		if (!dir && !setting_word(w, &id)) {
			l->argv[l->argc++] = w;
			continue;
		}
		if (i + 1 >= argc || l->flag_n > SET_N)
			return false;
		l->flag[l->flag_n++] = (struct setting_flag){
			dir ? STR("data") : str_slice(w, 2, w.len), str_dup(a, str_of(argv[++i])),
		};
	}
	return true;
}

static int run_pure(struct op *op, struct app *app, struct line *l, str cwd)
{
	return cmd_run(cmd_table, cmd_table_n, op, app, l->argv, l->argc, cwd, cmd_sink_process());
}

/* Inside the server when there is one. */
static bool run_there(struct op *op, struct app *app, struct line *l, str cwd, int *ret_status)
{
	enum err e = control_call(op, app->dir, l->argv, l->argc, cwd, cmd_sink_process(),
			ret_status);

	if (e == ERR_NOTFOUND) {
		op_clear_error(op);
		return false;
	}
	if (e) {
		fprintf(stderr, "bihuan: %s\n", op->errmsg);
		*ret_status = cmd_exit_of(e);
	}
	return true;
}

static int run_here(struct op *op, struct app *app, struct line *l, str cwd)
{
	enum err e = app_open(op, app, false);

	if (e) {
		fprintf(stderr, "bihuan: %s\n", op->errmsg[0] ? op->errmsg : "数据文件夹打不开");
		return e == ERR_CONFLICT || e == ERR_INVALID ? CMD_CONFIG : cmd_exit_of(e);
	}
	struct op in;
	app_op(app, op->arena, &in);
	int status = cmd_run(cmd_table, cmd_table_n, &in, app, l->argv, l->argc, cwd,
			cmd_sink_process());
	app_close(app);
	return status;
}

static int run(struct op *op, struct app *app, struct line *l, str cwd)
{
	int status;

	switch (l->command->where) {
	case CMD_PURE:
	case CMD_ALONE:
		return run_pure(op, app, l, cwd);
	case CMD_EITHER:
		return run_there(op, app, l, cwd, &status) ? status : run_here(op, app, l, cwd);
	case CMD_SERVER:
		if (run_there(op, app, l, cwd, &status))
			return status;
		fprintf(stderr, "bihuan: 这个命令要在服务运行时使用\n");
		return CMD_UNAVAILABLE;
	}
	return CMD_BUG;
}

static str working_dir(struct arena *a)
{
	char at[4096];

	return getcwd(at, sizeof(at)) ? str_dup(a, str_of(at)) : STR("/");
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct op op = { .arena = a };
	struct line l = { 0 };
	static struct app app;

	prctl(PR_SET_DUMPABLE, 0);	/* no core file with people's data in it */
	crypto_start();
	if (!line_read(a, argc, argv, &l) || !l.argc)
		l.argv[l.argc++] = STR("help");
	l.command = cmd_find(cmd_table, cmd_table_n, l.argv[0]);
	if (!l.command) {
		fprintf(stderr, "bihuan: 没有“%.*s”这个命令，bihuan help 列出所有命令\n", STR_ARG(l.argv[0]));
		return CMD_USAGE;
	}
	if (app_init(&op, &app, l.flag, l.flag_n)) {
		fprintf(stderr, "bihuan: %s\n", op.errmsg);
		return CMD_CONFIG;
	}
	log_start((enum log_level)settings_number(&app.settings, SET_LOG_LEVEL));
	app_op(&app, a, &op);
	int status = run(&op, &app, &l, working_dir(a));
	arena_free(a);
	return status;
}
