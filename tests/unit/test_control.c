/*
 * What it would catch: a command that runs in the server but answers elsewhere, a lost exit status,
 * a dead socket taken for a server, a server that ends under a running command, an option nobody
 * declared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/control.h"

static struct op op;
static char top[] = "/tmp/control-XXXXXX";
static str dir;
static struct control *ct;
static atomic_int running, stopped;

/* ---- a small set of commands ------------------------------------------------------------ */

static int cmd_say(struct cmd *c)
{
	cmd_out(c, "out %.*s", STR_ARG(cmd_arg(c, 0)));
	cmd_err(c, "err %.*s", STR_ARG(cmd_opt(c, STR("--unit"))));
	cmd_out(c, c->json ? " json" : " text");
	return CMD_FOUND;
}

static int cmd_much(struct cmd *c)
{
	for (int i = 0; i < 100000; i++)
		cmd_out(c, "%07d\n", i);
	cmd_out_str(c, (str){ arena_alloc(c->op->arena, 500000), 500000 });
	return CMD_DONE;
}

static int cmd_wait(struct cmd *c)
{
	atomic_fetch_add(&running, 1);
	while (!cmd_gone(c))
		usleep(2000);
	atomic_fetch_sub(&running, 1);
	atomic_fetch_add(&stopped, 1);
	return CMD_BUSY;
}

static int cmd_where(struct cmd *c)
{
	cmd_out(c, "%s", cmd_path(c, cmd_arg(c, 0)));
	return CMD_DONE;
}

static int cmd_break(struct cmd *c)
{
	(void)!INVALID(c->op, STR("姓名"), "请填写姓名。");
	return cmd_fail(c, ERR_INVALID);
}

static const struct command table[] = {
	CMD_ROW(say, EITHER, "WORD", "--unit= --json", "说话")
	CMD_ROW(much, EITHER, "", "", "很多")
	CMD_ROW(wait, EITHER, "", "", "等")
	CMD_ROW(where, EITHER, "PATH", "", "哪里")
	CMD_ROW(break, EITHER, "", "", "坏")
};

static int run_it(void *app, const str *argv, size_t argc, str cwd, const struct cmd_sink *sink)
{
	struct op mine = { .arena = arena_new(64 * MIB) };
	int status =
		cmd_run(table, sizeof(table) / sizeof(table[0]), &mine, app, argv, argc, cwd, sink);

	arena_free(mine.arena);
	return status;
}

/* ---- what came back ----------------------------------------------------------------------- */

struct heard { struct buf stream[3]; };

static void hear_write(void *to, int stream, str s)
{
	struct heard *h = to;

	buf_add(&h->stream[stream], s);
}

static struct heard heard;
static const struct cmd_sink sink = { hear_write, NULL, &heard };

static void forget(void)
{
	for (int i = 0; i < 3; i++) {
		buf_release(&heard.stream[i]);
		buf_init(&heard.stream[i], 8 * MIB);
	}
}

#define SAID(i) (heard.stream[i].ptr ? heard.stream[i].ptr : "")

/* Words parted by blanks. */
static enum err call(const char *line, int *ret_status)
{
	str argv[16], rest = str_of(line);
	size_t n = 0;

	forget();
	while (rest.ptr)
		argv[n++] = str_cut(&rest, ' ');
	op_clear_error(&op);
	return control_call(&op, dir, argv, n, STR("/home/x"), &sink, ret_status);
}

static int local(const char *line)
{
	str argv[16], rest = str_of(line);
	size_t n = 0;

	forget();
	while (rest.ptr)
		argv[n++] = str_cut(&rest, ' ');
	op_clear_error(&op);
	return cmd_run(table, sizeof(table) / sizeof(table[0]), &op, NULL, argv, n, STR("/home/x"),
		       &sink);
}

static int set_up(void **state)
{
	(void)state;
	op = (struct op){ .arena = arena_new(64 * MIB) };
	buf_init(&heard.stream[1], MIB);
	/* A folder whose socket has a path longer than a socket may have. */
	dir = str_fmt(op.arena, "%s/%0120d", top, (int)getpid());
	assert_int_equal(mkdir(dir.ptr, 0700), 0);
	assert_int_equal(control_start(&op, dir, run_it, NULL, &ct), ERR_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	control_stop(ct);
	forget();
	assert_int_equal(rmdir(dir.ptr), 0);	/* the socket is gone */
	arena_free(op.arena);
	return 0;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void control__runs_inside(void **state)
{
	int status = -1;
	struct stat st;

	(void)state;
	assert_int_equal(call("say hello --unit sy --json", &status), ERR_OK);
	assert_int_equal(status, CMD_FOUND);
	assert_string_equal(SAID(1), "out hello json");
	assert_string_equal(SAID(2), "err sy\n");
	assert_int_equal(call("where a/b.csv", &status), ERR_OK);
	assert_string_equal(SAID(1), "/home/x/a/b.csv");
	assert_int_equal(call("where /a/b.csv", &status), ERR_OK);
	assert_string_equal(SAID(1), "/a/b.csv");
	assert_int_equal(call("much", &status), ERR_OK);
	assert_int_equal(heard.stream[1].len, 1300000);
	assert_int_equal(call("break", &status), ERR_OK);
	assert_int_equal(status, CMD_BAD_DATA);
	assert_string_equal(SAID(2), "bihuan: 姓名：请填写姓名。\n");
	assert_int_equal(stat(str_fmt(op.arena, "%s/control", dir.ptr).ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void control__no_server(void **state)
{
	int status = -1;

	(void)state;
	control_stop(ct);
	ct = NULL;
	assert_int_equal(call("say x", &status), ERR_NOTFOUND);
	/* A socket that a killed server left behind. */
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/control", top);
	str long_dir = dir;
	dir = str_of(top);
	assert_int_equal(bind(dead, (struct sockaddr *)&name, sizeof(name)), 0);
	close(dead);
	assert_int_equal(call("say x", &status), ERR_NOTFOUND);
	assert_int_equal(control_start(&op, dir, run_it, NULL, &ct), ERR_OK); /* takes its place */
	assert_int_equal(call("say x", &status), ERR_OK);
	control_stop(ct);
	ct = NULL;
	dir = STR("/tmp/there/is/no/such/folder");
	assert_int_equal(call("say x", &status), ERR_NOTFOUND);
	dir = long_dir;
}

static void *wait_call(void *arg)
{
	struct op mine = { .arena = arena_new(MIB) };
	struct heard h = { 0 };
	const struct cmd_sink quiet = { hear_write, NULL, &h };
	str word = STR("wait");
	int *status = arg;

	if (control_call(&mine, dir, &word, 1, STR("/"), &quiet, status) != ERR_OK)
		*status = -1;
	arena_free(mine.arena);
	return NULL;
}

static void control__full_and_stopped(void **state)
{
	pthread_t t[CONTROL_CLIENTS_MAX];
	int status[CONTROL_CLIENTS_MAX], one = -1;

	(void)state;
	stopped = 0;
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		assert_int_equal(pthread_create(&t[i], NULL, wait_call, &status[i]), 0);
	while (atomic_load(&running) < CONTROL_CLIENTS_MAX)
		usleep(1000);
	assert_int_equal(call("say x", &one), ERR_OK);
	assert_int_equal(one, CMD_BUSY);	/* come again */
	assert_string_equal(SAID(1), "");
	control_stop(ct);			/* waits for them; they are told */
	ct = NULL;
	assert_int_equal(stopped, CONTROL_CLIENTS_MAX);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(status[i], CMD_BUSY);
	}
}

/* Whoever sends rubbish, or leaves, harms nobody. */
static void control__rubbish(void **state)
{
	static const struct { const char *bytes; size_t n;
	} rubbish[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "\0\0\0\0A", 5 },
		{ "\xff\xff\xff\xff"
		  "A",
		  5 },
		{ "\4\0\0\0A/\0x", 8 },
		{ "\4\0\0\0Xabcd", 9 },
		{ "\5\0\0\0Ax\0y\0z", 10 },
		{ "GET / HTTP/1.1\r\n\r\n", 18 },
	};
	int status = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		struct sockaddr_un name = { .sun_family = AF_UNIX };
		char answer[16];
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		/* Relative, for the path is long. */
		assert_int_equal(chdir(dir.ptr), 0);
		snprintf(name.sun_path, sizeof(name.sun_path), "control");
		assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
		assert_int_equal(chdir("/"), 0);
		assert_int_equal(send(fd, rubbish[i].bytes, rubbish[i].n, MSG_NOSIGNAL),
				 rubbish[i].n);
		shutdown(fd, SHUT_WR);
		assert_true(read(fd, answer, sizeof(answer)) <= 0);	/* hung up, nothing said */
		close(fd);
	}
	stopped = 0;
	pthread_t t;
	assert_int_equal(pthread_create(&t, NULL, wait_call, &status), 0);
	while (!atomic_load(&running))
		usleep(1000);
	assert_int_equal(call("say x", &status), ERR_OK);	/* beside it */
	control_stop(ct);
	ct = NULL;
	pthread_join(t, NULL);
}

static void control__args(void **state)
{
	str cwd, *argv;
	size_t n;

	(void)state;
	assert_true(control_read_args(op.arena, (str){ "/a\0check\0\0b\0", 12 }, &cwd, &argv, &n));
	assert_true(n == 3 && str_eq(cwd, STR("/a")) && argv[1].len == 0 &&
		    str_eq(argv[2], STR("b")));
	assert_false(control_read_args(op.arena, (str){ "/a\0check", 8 }, &cwd, &argv,
				       &n)); /* not ended */
	assert_false(
		control_read_args(op.arena, (str){ "/a\0", 3 }, &cwd, &argv, &n)); /* no word */
	assert_false(control_read_args(op.arena, (str){ "a\0b\0", 4 }, &cwd, &argv, &n));
	assert_false(control_read_args(op.arena, STR_NONE, &cwd, &argv, &n));
}

static void cmd__options(void **state)
{
	(void)state;
	assert_int_equal(local("say --unit=a --unit b -- --json"), CMD_FOUND);
	assert_string_equal(SAID(1), "out --json text");
	assert_string_equal(SAID(2), "err b\n");
	assert_int_equal(local("say -5"), CMD_FOUND);
	assert_string_equal(SAID(1), "out -5 text");
	assert_int_equal(local("say --nothing"), CMD_USAGE);
	assert_int_equal(local("say --unit"), CMD_USAGE);
	assert_int_equal(local("say --json=1"), CMD_USAGE);
	assert_int_equal(local("say -x"), CMD_USAGE);
	assert_int_equal(local("nothing"), CMD_USAGE);
	assert_true(strstr(SAID(2), "没有“nothing”这个命令") != NULL);
	assert_non_null(cmd_find(cmd_table, cmd_table_n, STR("help")));
	str help = STR("help");
	forget();
	assert_int_equal(cmd_run(cmd_table, cmd_table_n, &op, NULL, &help, 1, STR("/"), &sink),
			 CMD_DONE);
	assert_true(strstr(SAID(1), "列出所有命令") != NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(control__runs_inside), T(control__no_server), T(control__full_and_stopped),
		T(control__rubbish), T(control__args), T(cmd__options),
	};

	if (!mkdtemp(top))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(top);
	return failed;
}
