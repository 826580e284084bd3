/*
 * control: see control.h. One thread accepts; each command has a thread of its own, because it
 * may take minutes (an import, a clock that moves a month) and must not hold a worker of the web.
 * Sockets are reached through the folder's descriptor (/proc/self/fd), since a socket's path may
 * have 107 bytes only and a data folder's may be longer.
 */
#include "cli/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

#define ARGS_WAIT_MS 5000
#define SEND_WAIT_MS 30000
#define ARENA_CONTROL_MAX (8 * MIB)

enum frame_kind { FRAME_ARGS = 'A', FRAME_OUT = 'O', FRAME_ERR = 'E', FRAME_EXIT = 'X' };

struct guest {
	struct control *ct;
	int fd;
	bool busy;		/* under ct->lock */
	bool lost;		/* the client has gone */
};

struct control {
	struct arena *arena;
	control_run_fn *run;
	void *app;
	int dir_fd, listen_fd, wake[2];
	pthread_t accepter;
	pthread_mutex_t lock;
	pthread_cond_t left;
	unsigned running;
	atomic_bool stopping;
	struct guest guest[CONTROL_CLIENTS_MAX];
};

/* ---- frames ---------------------------------------------------------------------------- */

static bool send_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool send_frame(int fd, enum frame_kind kind, str bytes)
{
	unsigned char head[5];

	assert(bytes.len <= CONTROL_FRAME_MAX);
	for (int i = 0; i < 4; i++)
		head[i] = (unsigned char)(bytes.len >> (8 * i));
	head[4] = (unsigned char)kind;
	return send_all(fd, head, sizeof(head)) && send_all(fd, bytes.ptr, bytes.len);
}

static bool read_all(int fd, void *bytes, size_t n)
{
	char *p = bytes;

	while (n) {
		ssize_t got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* One frame into `bytes` (CONTROL_FRAME_MAX). False: the end, a fault, or too large. */
static bool read_frame(int fd, char *bytes, enum frame_kind *ret_kind, size_t *ret_n)
{
	unsigned char head[5];
	size_t n = 0;

	if (!read_all(fd, head, sizeof(head)))
		return false;
	for (int i = 0; i < 4; i++)
		n |= (size_t)head[i] << (8 * i);
	if (n > CONTROL_FRAME_MAX || !read_all(fd, bytes, n))
		return false;
	*ret_kind = (enum frame_kind)head[4];
	*ret_n = n;
	return true;
}

bool control_read_args(struct arena *a, str bytes, str *ret_cwd, str **ret_argv, size_t *ret_argc)
{
	VEC(str) argv = { 0 };
	str rest = bytes;

	if (bytes.len < 2 || bytes.len > CONTROL_FRAME_MAX || bytes.ptr[bytes.len - 1] != '\0')
		return false;
	rest.len--;		/* the last NUL ends a word and begins none */
	*ret_cwd = str_dup(a, str_cut(&rest, '\0'));
	while (rest.ptr) {
		if (argv.n == CONTROL_ARGS_MAX)
			return false;
		*VEC_PUSH(a, &argv) = str_dup(a, str_cut(&rest, '\0'));
	}
	*ret_argv = argv.at;
	*ret_argc = argv.n;
	return argv.n > 0 && str_starts(*ret_cwd, STR("/"));
}

/* ---- the server ---------------------------------------------------------------------------- */

static void guest_write(void *to, int stream, str s)
{
	struct guest *g = to;

	while (s.len && !g->lost) {
		str piece = str_slice(s, 0, CONTROL_FRAME_MAX);
		g->lost = !send_frame(g->fd, stream == 2 ? FRAME_ERR : FRAME_OUT, piece);
		s = str_slice(s, piece.len, s.len);
	}
}

static bool guest_gone(void *to)
{
	struct guest *g = to;
	struct pollfd p = { .fd = g->fd, .events = POLLRDHUP };

	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)))
		g->lost = true;
	return g->lost || atomic_load(&g->ct->stopping);
}

static void serve_guest(struct guest *g, struct arena *a)
{
	const struct cmd_sink sink = { guest_write, guest_gone, g };
	char *bytes = arena_alloc(a, CONTROL_FRAME_MAX);
	enum frame_kind kind;
	str cwd, *argv;
	size_t n, argc;
	char status;

	if (!read_frame(g->fd, bytes, &kind, &n) || kind != FRAME_ARGS ||
	    !control_read_args(a, (str){ bytes, n }, &cwd, &argv, &argc))
		return;
	status = (char)g->ct->run(g->ct->app, argv, argc, cwd, &sink);
	(void)!send_frame(g->fd, FRAME_EXIT, (str){ &status, 1 });
}

static void *guest_loop(void *arg)
{
	struct guest *g = arg;
	struct control *ct = g->ct;
	struct arena *a = arena_new(ARENA_CONTROL_MAX);

	serve_guest(g, a);
	arena_free(a);
	close(g->fd);
	pthread_mutex_lock(&ct->lock);
	g->busy = false;
	ct->running--;
	pthread_cond_signal(&ct->left);
	pthread_mutex_unlock(&ct->lock);
	return NULL;
}

static bool is_owner(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return false;
	return who.uid == geteuid() || who.uid == 0;
}

static void set_timeouts(int fd)
{
	struct timeval in = { .tv_sec = ARGS_WAIT_MS / 1000 },
		       out = { .tv_sec = SEND_WAIT_MS / 1000 };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &in, sizeof(in));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &out, sizeof(out));
}

static struct guest *take_seat(struct control *ct, int fd)
{
	struct guest *seat = NULL;

	pthread_mutex_lock(&ct->lock);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX && !seat; i++)
		if (!ct->guest[i].busy)
			seat = &ct->guest[i];
	if (seat) {
		*seat = (struct guest){ .ct = ct, .fd = fd, .busy = true };
		ct->running++;
	}
	pthread_mutex_unlock(&ct->lock);
	return seat;
}

static void refuse_guest(int fd)
{
	char busy = CMD_BUSY;

	(void)!send_frame(fd, FRAME_ERR, STR("bihuan: 服务器正在执行别的命令，请稍后再试。\n"));
	(void)!send_frame(fd, FRAME_EXIT, (str){ &busy, 1 });
	close(fd);
}

static void welcome(struct control *ct, int fd)
{
	struct guest *g;
	pthread_attr_t attr;
	pthread_t id;

	if (!is_owner(fd)) {
		close(fd);
		return;
	}
	set_timeouts(fd);
	g = take_seat(ct, fd);
	if (!g) {
		refuse_guest(fd);
		return;
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&id, &attr, guest_loop, g) != 0)
		panic("control: no thread for a command");
	pthread_attr_destroy(&attr);
}

static void *accept_loop(void *arg)
{
	struct control *ct = arg;

	while (!atomic_load(&ct->stopping)) {
		struct pollfd p[2] = {
			{ .fd = ct->listen_fd, .events = POLLIN },
			{ .fd = ct->wake[0], .events = POLLIN },
		};
		if (poll(p, 2, -1) < 0 || !(p[0].revents & POLLIN))
			continue;
		int fd = accept4(ct->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			welcome(ct, fd);
	}
	return NULL;
}

static void socket_name(int dir_fd, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/control", dir_fd);
}

static bool bind_socket(struct control *ct)
{
	struct sockaddr_un name;
	mode_t old;
	bool ok;

	socket_name(ct->dir_fd, &name);
	ct->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ct->listen_fd < 0)
		return false;
	(void)unlinkat(ct->dir_fd, "control", 0);	/* a dead server's: we hold the lock */
	old = umask(0177);
	ok = bind(ct->listen_fd, (struct sockaddr *)&name, sizeof(name)) == 0;
	umask(old);
	return ok && listen(ct->listen_fd, 16) == 0;
}

enum err control_start(struct op *op, str dir, control_run_fn *run, void *app,
		       struct control **ret_ct)
{
	struct arena *a = arena_new(MIB);
	struct control *ct = NEW(a, struct control);

	ct->arena = a;
	ct->run = run;
	ct->app = app;
	ct->listen_fd = -1;
	ct->dir_fd = open(str_c(op->arena, dir), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (ct->dir_fd < 0 || !bind_socket(ct) || pipe2(ct->wake, O_CLOEXEC) != 0) {
		int why = errno;
		if (ct->dir_fd >= 0)
			close(ct->dir_fd);
		if (ct->listen_fd >= 0)
			close(ct->listen_fd);
		arena_free(a);
		return FAIL(op, ERR_IO, "打不开控制口 control：%s", strerror(why));
	}
	pthread_mutex_init(&ct->lock, NULL);
	pthread_cond_init(&ct->left, NULL);
	if (pthread_create(&ct->accepter, NULL, accept_loop, ct) != 0)
		panic("control: no thread");
	*ret_ct = ct;
	return ERR_OK;
}

void control_stop(struct control *ct)
{
	if (!ct)
		return;
	atomic_store(&ct->stopping, true);
	(void)!write(ct->wake[1], "x", 1);
	pthread_join(ct->accepter, NULL);
	(void)unlinkat(ct->dir_fd, "control", 0);
	close(ct->listen_fd);
	pthread_mutex_lock(&ct->lock);
	while (ct->running)
		pthread_cond_wait(&ct->left, &ct->lock);
	pthread_mutex_unlock(&ct->lock);
	close(ct->wake[0]);
	close(ct->wake[1]);
	close(ct->dir_fd);
	pthread_mutex_destroy(&ct->lock);
	pthread_cond_destroy(&ct->left);
	arena_free(ct->arena);
}

/* ---- the client ------------------------------------------------------------------------------ */

static enum err dial(struct op *op, str dir, int *ret_fd)
{
	struct sockaddr_un name;
	int fd, dir_fd = open(str_c(op->arena, dir), O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	if (dir_fd < 0)
		return ERR_NOTFOUND;
	socket_name(dir_fd, &name);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) != 0) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		close(dir_fd);
		if (why == ENOENT || why == ECONNREFUSED)
			return ERR_NOTFOUND;
		if (why == EACCES || why == EPERM)
			return FAIL(op, ERR_DENIED, "服务器属于另一个用户，请用那个用户执行命令。");
		return FAIL(op, ERR_IO, "连不上服务器的控制口：%s", strerror(why));
	}
	close(dir_fd);
	*ret_fd = fd;
	return ERR_OK;
}

static enum err send_args(struct op *op, int fd, const str *argv, size_t argc, str cwd)
{
	struct buf b;

	buf_init(&b, CONTROL_FRAME_MAX);
	buf_add(&b, cwd);
	buf_addc(&b, '\0');
	for (size_t i = 0; i < argc; i++) {
		buf_add(&b, argv[i]);
		buf_addc(&b, '\0');
	}
	if (b.failed || argc > CONTROL_ARGS_MAX) {
		buf_release(&b);
		return FAIL(op, ERR_LIMIT, "命令行太长。");
	}
	/* A busy server says so and hangs up before it has read: that is heard next. */
	(void)!send_frame(fd, FRAME_ARGS, (str){ b.ptr, b.len });
	buf_release(&b);
	return ERR_OK;
}

static enum err hear(struct op *op, int fd, const struct cmd_sink *sink, int *ret_status)
{
	char *bytes = arena_alloc(op->arena, CONTROL_FRAME_MAX);
	enum frame_kind kind;
	size_t n;

	while (read_frame(fd, bytes, &kind, &n)) {
		if (kind == FRAME_OUT || kind == FRAME_ERR) {
			sink->write(sink->to, kind == FRAME_ERR ? 2 : 1, (str){ bytes, n });
		} else if (kind == FRAME_EXIT && n == 1) {
			*ret_status = (unsigned char)bytes[0];
			return ERR_OK;
		} else {
			break;
		}
	}
	return FAIL(op, ERR_IO, "服务器中途断开，命令可能已经执行，请先查看结果再重试。");
}

enum err control_call(struct op *op, str dir, const str *argv, size_t argc, str cwd,
		      const struct cmd_sink *sink, int *ret_status)
{
	enum err e;
	int fd = -1;

	assert(argc > 0 && str_starts(cwd, STR("/")));
	TRY(dial(op, dir, &fd));
	e = send_args(op, fd, argv, argc, cwd);
	if (!e)
		e = hear(op, fd, sink, ret_status);
	close(fd);
	return e;
}
