/*
 * serve: the server: pages, API, jobs, control socket, in one process that holds the folder.
 * SIGTERM and SIGINT: refuse new work, drain the writer, stop.
 */
#include <signal.h>
#include <unistd.h>

#include "api/api.h"
#include "auth/auth.h"
#include "base/fsutil.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/control.h"
#include "job/sched.h"
#include "org/org.h"
#include "web/routes.h"
#include "web/web.h"

#define CMD CMD_DECLARE
#include "cli/cmds.def"
#undef CMD

/* --- hooks of the server --- */

static enum err hook_read_begin(void *arg, unsigned thread, struct op *op)
{
	struct app *app = arg;

	if (thread >= sizeof(app->reader) / sizeof(app->reader[0]))
		return FAIL(op, ERR_BUSY, "服务正忙");
	if (!app->reader[thread])
		TRY(store_reader_take(op, app->db, &app->reader[thread]));
	op->store = app->reader[thread];
	op->policies = app->policies;
	return store_read_begin(op);
}

static void hook_read_end(void *arg, unsigned thread, struct op *op)
{
	(void)arg;
	(void)thread;
	store_read_end(op);
	op->store = NULL;
}

static enum err hook_session(void *arg, struct req *rq, struct scope *ret_scope)
{
	static const struct caps_source caps = { .caps = work_caps };

	(void)arg;
	if (rq->bearer.len)
		return token_scope(rq->op, rq->bearer, &caps, ret_scope);
	return session_scope(rq->op, rq->sid, &caps, ret_scope);
}

/* With a manual clock it stands still between writes: one second each (interfaces §4). */
static enum err hook_submit(void *arg, struct wop *w)
{
	struct app *app = arg;

	w->op.policies = app->policies;
	if (app->clock_mode == CLOCK_MANUAL)
		clock_add(&app->clock, MS_SECOND);
	return writer_submit(app->writer, w);
}

struct roll { struct wop wop; str sid; };

static enum err roll_run(struct op *op, void *arg)
{
	const struct roll *r = arg;

	return session_roll(op, r->sid);
}

static void roll_done(struct wop *w, enum err e)
{
	if (e)
		log_line(LOG_WARN, "session roll: %s (%s)", err_word(e),
			 w->op.errat ? w->op.errat : "");
	arena_free(w->op.arena);	/* w lies in it */
}

/* Nobody waits for it: when the writer is busy, the next request asks again. */
static void hook_roll(void *arg, struct req *rq)
{
	struct app *app = arg;
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct roll *r = NEW(a, struct roll);

	r->sid = str_dup(a, rq->sid);
	r->wop = (struct wop){
		.op = { .arena = a, .scope = &scope_of_system, .tenant = rq->op->tenant,
			.id = rq->op->id },
		.run = roll_run, .arg = r, .class = WOP_JOB, .done = roll_done,
	};
	if (writer_submit(app->writer, &r->wop))
		arena_free(a);
}

static void hook_metrics(void *arg, struct buf *out)
{
	struct app *app = arg;
	struct writer_stats s;

	writer_stats(app->writer, &s);
	buf_addf(out,
		 "# TYPE bihuan_writer_operations_total counter\n"
		 "bihuan_writer_operations_total %lld\n"
		 "# TYPE bihuan_writer_failed_total counter\n"
		 "bihuan_writer_failed_total %lld\n"
		 "# TYPE bihuan_writer_slow_total counter\n"
		 "bihuan_writer_slow_total %lld\n"
		 "# TYPE bihuan_writer_groups_total counter\n"
		 "bihuan_writer_groups_total %lld\n"
		 "# TYPE bihuan_writer_seconds_total counter\n"
		 "bihuan_writer_seconds_total{part=\"run\"} %.3f\n"
		 "bihuan_writer_seconds_total{part=\"commit\"} %.3f\n"
		 "bihuan_writer_seconds_total{part=\"checkpoint\"} %.3f\n"
		 "# TYPE bihuan_writer_queued gauge\nbihuan_writer_queued %lld\n"
		 "# TYPE bihuan_wal_bytes gauge\nbihuan_wal_bytes %lld\n",
		 (long long)s.ops, (long long)s.failed, (long long)s.slow,
		 (long long)s.groups, (double)s.run_us / 1e6, (double)s.commit_us / 1e6,
		 (double)s.checkpoint_us / 1e6, (long long)s.queued,
		 (long long)s.wal_bytes);
}

/* --- commands inside the server --- */

static int control_run(void *arg, const str *argv, size_t argc, str cwd,
		const struct cmd_sink *sink)
{
	struct app *app = arg;
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct op op;

	app_op(app, a, &op);
	int status = cmd_run(cmd_table, cmd_table_n, &op, app, argv, argc, cwd, sink);
	arena_free(a);
	return status;
}

/* --- starting and stopping --- */

static enum err web_up(struct cmd *c, struct app *app)
{
	static const struct route_table *tables[2];
	struct web_config cf = {
		.listen = settings_text(&app->settings, SET_LISTEN),
		.tmp_dir = fs_join(app->arena, app->dir, STR("blobs")),
		.public_url = settings_text(&app->settings, SET_PUBLIC_URL),
		.trusted_proxy = settings_text(&app->settings, SET_TRUSTED_PROXY),
		.tls_cert = settings_text(&app->settings, SET_TLS_CERT),
		.insecure_lan = settings_number(&app->settings, SET_INSECURE_LAN) != 0,
		.clock = &app->clock,
		.hooks = { .app = app, .read_begin = hook_read_begin, .read_end = hook_read_end,
			   .session = hook_session, .submit = hook_submit, .roll = hook_roll,
			   .metrics = hook_metrics },
		.table = tables, .table_n = 2,
	};

	tables[0] = &web_pages;
	tables[1] = &api_routes;
	TRY(settings_check_serve(c->op, &app->settings));
	TRY(fs_mkdirs(c->op, cf.tmp_dir));
	app->site.insecure_lan = cf.insecure_lan;
	app->site.public_url = cf.public_url;
	return web_start(c->op, &cf, &app->web);
}

static enum err jobs_up(struct cmd *c, struct app *app)
{
	str dir = settings_text(&app->settings, SET_BACKUP_DIR);

	return sched_start(c->op, &(struct sched_config){ .db = app->db, .writer = app->writer,
			.policies = app->policies, .clock = &app->clock,
			.manual = app->clock_mode == CLOCK_MANUAL, .backups_kept = 14,
			.backup_dir = dir.len ? dir : fs_join(app->arena, app->dir,
					STR("backup")) },
			&app->sched);
}

static void wait_for_signal(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigwait(&set, &sig);
}

static void block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);	/* before any thread: all inherit it */
}

/* The clock of a stopped server stands where it stood. */
static void clock_keep(struct cmd *c, struct app *app)
{
	if (app->clock_mode == CLOCK_MANUAL)
		(void)!app_value_put(app, c->op, "clock_ms",
				     str_fmt(c->op->arena, "%lld",
				     		(long long)app->clock.manual_ms));
}

static enum err holidays_run(struct op *op, void *arg)
{
	(void)arg;
	return org_holidays_ship(op);
}

/* The official tables that came with this program, a new year's with a new version too. */
static enum err holidays_up(struct cmd *c, struct app *app)
{
	struct op in = *c->op;

	in.tenant = INSTANCE_TENANT;
	in.store = NULL;
	enum err e = writer_do(app->writer, &in, WOP_NORMAL, holidays_run, NULL);
	if (e)
		memcpy(c->op->errmsg, in.errmsg, sizeof(c->op->errmsg));
	return e;
}

static int serve(struct cmd *c, struct app *app)
{
	struct control *ct = NULL;
	enum err e = holidays_up(c, app);

	if (!e)
		e = web_up(c, app);
	if (!e)
		e = jobs_up(c, app);
	if (!e)
		e = control_start(c->op, app->dir, control_run, app, &ct);
	if (!e) {
		cmd_out(c, "%.*s\n", STR_ARG(web_address(app->web)));
		cmd_flush(c);
		log_line(LOG_INFO, "serve: %s, %s", store_engine_version(), BIHUAN_VERSION);
		wait_for_signal();
	}
	control_stop(ct);
	enum err down = web_stop(app->web);
	sched_stop(app->sched);
	clock_keep(c, app);
	if (down == ERR_BUSY)
		/* something still uses what we would free */
		_exit(e ? cmd_exit_of(e) : CMD_DONE);
	for (size_t i = 0; i < sizeof(app->reader) / sizeof(app->reader[0]); i++)
		store_reader_give(app->reader[i]);
	return e ? cmd_fail(c, e) : CMD_DONE;
}

int cmd_serve(struct cmd *c)
{
	struct app *app = c->app;
	str clock = cmd_opt(c, STR("--clock"));

	if (clock.len && !str_eq(clock, STR("manual"))) {
		cmd_err(c, "--clock 只有 manual 一种");
		return CMD_USAGE;
	}
	app->clock_mode = clock.len ? CLOCK_MANUAL : CLOCK_REAL;
	policies_leave_out(app->policies, cmd_opt(c, STR("--without")));
	block_signals();
	enum err e = app_open(c->op, app, false);
	if (e)
		return e == ERR_CONFLICT || e == ERR_INVALID ? (cmd_fail(c, e),
				CMD_CONFIG) : cmd_fail(c, e);
	c->op->now_ms = clock_now(&app->clock);
	int status = serve(c, app);
	app_close(app);
	return status;
}
