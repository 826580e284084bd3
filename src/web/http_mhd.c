/*
 * http_mhd: the one adapter of GNU libmicrohttpd 0.9.75: connections, event threads,
 * suspending, sending. It knows nothing of routes (dispatch.c) and nothing of messages
 * (guard.c).
 *
 * How the guard stands before the library: the library reads its sockets with recv(2). We
 * define recv(): for a socket of ours the bytes go to the connection's guard first, and
 * the library gets a head that we wrote (guard.h); for any other socket it is the
 * system's. A link-time fact can fail silently, so a request whose connection has no
 * accepted head is never answered: the handler checks and closes. The table from socket to
 * connection must be global because recv() has no other argument: it is the one global of
 * the program. Rejected: patching what the library has parsed (it is lenient), a proxy
 * thread before it (double copying), our own event loop
 * (docs/adr/0011-guard-before-the-library.md).
 *
 * A watcher thread ends what is too slow: head, body, taking the answer, idling (limits.h),
 * by shutdown(2); the library then closes. Suspended connections have no deadline here: their
 * queues have. Stopping: 0.9.75 aborts when it is stopped with suspended connections, so we
 * refuse, wait for all calls, and only then stop.
 */
#include "web/http_mhd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "web/dispatch.h"
#include "web/edge.h"
#include "web/guard.h"

#define READ_MAX (16 * KIB)
#define SOCKETS_MAX 65536
#define NEVER INT64_MAX

struct conn {
	struct web *web;
	struct MHD_Connection *mc;
	struct conn *prev, *next;	/* of web->conns, under web->lock */
	int fd;
	struct guard guard;
	struct buf out;			/* accepted bytes that the library has not taken yet */
	size_t out_at;
	bool dead;			/* refused: nothing more is read */
	bool surplus;			/* bytes beyond the request: answer and close */
	unsigned requests;
	int64_t body_at_ms;
	_Atomic int64_t deadline_ms;	/* monotonic; the watcher reads it */
	struct call *call;
	int64_t taken;			/* of the body, by the library's count */
	bool waiting;			/* suspended, or about to go on */
	char peer[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN];
};

struct web {
	struct arena *arena;
	struct dispatch *dispatch;
	struct MHD_Daemon *daemon;
	int listen_fd, tmp_dir, port;
	unsigned event_threads;
	atomic_uint next_thread;
	str address;
	pthread_mutex_t lock;
	struct conn *conns, *free;
	pthread_t watcher;
	atomic_bool stopping, hurry, ended;
};

static _Atomic(struct conn *) socket_conn[SOCKETS_MAX];
static _Thread_local int event_thread = -1;

ssize_t recv(int fd, void *bytes, size_t n, int flags) __attribute__((visibility("default"), used));

/* ---- bytes in ------------------------------------------------------------------------- */

static void set_deadline(struct conn *c, int64_t in_ms)
{
	atomic_store(&c->deadline_ms, in_ms == NEVER ? NEVER : clock_monotonic_ms() + in_ms);
}

/*
 * Our own short answer to what is no request, then the end. What has been said is read away, so
 * that the answer arrives.
 */
static ssize_t conn_refuse(struct conn *c)
{
	char answer[512], rest[READ_MAX];
	int status = c->guard.refusal;
	str title = reply_status_title(status);
	int n = snprintf(answer, sizeof(answer),
			 "HTTP/1.1 %d Refused\r\nContent-Type: text/plain; charset=utf-8\r\n"
			 "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
			 "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
			 "Cache-Control: no-store\r\nConnection: close\r\n\r\n%.*s\n",
			 status, title.len + 1, STR_ARG(title));

	assert(n > 0 && (size_t)n < sizeof(answer));
	dispatch_note_refused(c->web->dispatch, status, c->guard.why);
	c->dead = true;
	(void)!send(c->fd, answer, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(c->fd, SHUT_WR);
	for (int i = 0; i < 8; i++)
		if (recvfrom(c->fd, rest, sizeof(rest), MSG_DONTWAIT, NULL, NULL) <= 0)
			break;
	errno = ECONNRESET;
	return -1;
}

static void body_deadline(struct conn *c)
{
	int64_t so_far = c->guard.body_got / (int64_t)HTTP_BODY_RATE * 1000;
	int64_t all = c->guard.body_size >= 0 && c->guard.body_size <= (int64_t)FORM_BYTES_MAX
		? HTTP_FORM_MS : HTTP_UPLOAD_MS;
	int64_t limit = HTTP_BODY_FREE_MS + so_far;

	atomic_store(&c->deadline_ms, c->body_at_ms + (limit < all ? limit : all));
}

/* Bytes beyond the request: pipelining is not served; a line end is nothing. */
static void note_surplus(struct conn *c, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r' && p[i] != '\n')
			c->surplus = true;
}

/* The head is whole: what the library gets is ours, then what has come of the body. */
static bool head_done(struct conn *c, const char *rest, size_t n)
{
	bool last = ++c->requests >= HTTP_KEEPALIVE_MAX;
	size_t used = 0;

	if (c->guard.phase == GUARD_BODY) {
		used = guard_feed(&c->guard, rest, n);
		if (c->guard.phase == GUARD_REFUSED)
			return false;
	}
	if (used < n)
		note_surplus(c, rest + used, n - used);
	guard_canonical(&c->guard, last || c->surplus, &c->out);
	buf_add(&c->out, (str){ rest, used });
	assert(!c->out.failed);
	c->body_at_ms = clock_monotonic_ms();
	if (c->guard.phase == GUARD_BODY)
		body_deadline(c);
	else
		set_deadline(c, NEVER);
	return true;
}

static ssize_t conn_gone(struct conn *c)
{
	c->dead = true;
	errno = ECONNRESET;
	return -1;
}

/*
 * The other side has closed. The library takes a short answer to mean that the socket is empty and
 * waits for an edge; the end came with the bytes, so no edge follows.
 */
static bool hung_up(const struct conn *c)
{
	char one;

	return recvfrom(c->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL) == 0;
}

static ssize_t recv_body(struct conn *c, void *bytes, size_t n)
{
	ssize_t got;
	char more;

	if (!c->guard.chunked && (int64_t)n > c->guard.body_size - c->guard.body_got)
		n = (size_t)(c->guard.body_size - c->guard.body_got);
	got = recvfrom(c->fd, bytes, n, 0, NULL, NULL);
	if (got <= 0)
		return got;
	size_t used = guard_feed(&c->guard, bytes, (size_t)got);
	if (c->guard.phase == GUARD_REFUSED)
		return conn_refuse(c);
	if (used < (size_t)got)
		note_surplus(c, (char *)bytes + used, (size_t)got - used);
	if (c->guard.phase == GUARD_DONE) {
		set_deadline(c, NEVER);
		if (!c->surplus &&
		    recvfrom(c->fd, &more, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL) == 1)
			note_surplus(c, &more, 1);
	} else if ((size_t)got < n && hung_up(c)) {
		return conn_gone(c);
	} else {
		body_deadline(c);
	}
	return (ssize_t)used;
}

/*
 * Hand on what is accepted, and go on reading into the room that is left: the library takes a
 * short answer to mean that the socket is empty, and would wait for an edge that never comes.
 */
static ssize_t take_out(struct conn *c, void *bytes, size_t n)
{
	size_t left = c->out.len - c->out_at, take = n < left ? n : left;
	ssize_t more;

	memcpy(bytes, c->out.ptr + c->out_at, take);
	c->out_at += take;
	if (c->out_at < c->out.len)
		return (ssize_t)take;
	buf_clear(&c->out);
	c->out_at = 0;
	if (take == n || c->guard.phase != GUARD_BODY)
		return (ssize_t)take;
	more = recv_body(c, (char *)bytes + take, n - take);
	if (c->dead)
		return more;
	if (more == 0)
		return conn_gone(c);
	return (ssize_t)take + (more > 0 ? more : 0);
}

/* Read until the head is whole or the socket is empty: the library waits for edges. */
static ssize_t recv_head(struct conn *c, void *bytes, size_t n)
{
	char in[READ_MAX];

	for (;;) {
		ssize_t got = recvfrom(c->fd, in, sizeof(in), 0, NULL, NULL);
		if (got <= 0)
			return got;
		bool fresh = c->guard.phase == GUARD_IDLE;
		size_t used = guard_feed(&c->guard, in, (size_t)got);
		if (c->guard.phase == GUARD_REFUSED)
			return conn_refuse(c);
		if (c->guard.phase == GUARD_BODY || c->guard.phase == GUARD_DONE) {
			if (!head_done(c, in + used, (size_t)got - used))
				return conn_refuse(c);
			return take_out(c, bytes, n);
		}
		if (fresh && c->guard.phase == GUARD_HEAD)
			set_deadline(c, HTTP_HEAD_MS);
	}
}

ssize_t recv(int fd, void *bytes, size_t n, int flags)
{
	struct conn *c = fd >= 0 && fd < SOCKETS_MAX ? atomic_load(&socket_conn[fd]) : NULL;

	if (!c)
		return recvfrom(fd, bytes, n, flags, NULL, NULL);
	assert(c->fd == fd);
	if (c->dead) {
		errno = ECONNRESET;
		return -1;
	}
	if (c->out.len > c->out_at)
		return take_out(c, bytes, n);
	switch (c->guard.phase) {
	case GUARD_IDLE:
	case GUARD_HEAD:
		return recv_head(c, bytes, n);
	case GUARD_BODY:
		return recv_body(c, bytes, n);
	case GUARD_DONE:
	case GUARD_REFUSED:
		break;
	}
	errno = EAGAIN;
	return -1;
}

/* ---- connections ------------------------------------------------------------------------ */

static void address_text(const struct sockaddr *sa, char *to)
{
	const void *from = NULL;

	to[0] = '\0';
	if (sa->sa_family == AF_INET)
		from = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	else if (sa->sa_family == AF_INET6)
		from = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	if (from)
		inet_ntop(sa->sa_family, from, to, INET6_ADDRSTRLEN);
}

/* Called before the library has a connection: how many has this address? */
static enum MHD_Result accept_policy(void *cls, const struct sockaddr *sa, socklen_t len)
{
	struct web *w = cls;
	char peer[INET6_ADDRSTRLEN];
	unsigned n = 0;

	(void)len;
	if (atomic_load(&w->stopping))
		return MHD_NO;
	address_text(sa, peer);
	if (address_is_loopback(str_of(peer)))
		return MHD_YES;	/* also a proxy on this machine, which counts for itself */
	pthread_mutex_lock(&w->lock);
	for (const struct conn *c = w->conns; c; c = c->next)
		n += strcmp(c->peer, peer) == 0;
	pthread_mutex_unlock(&w->lock);
	return n < HTTP_PER_ADDRESS_MAX ? MHD_YES : MHD_NO;
}

static struct conn *conn_take(struct web *w)
{
	struct conn *c;

	pthread_mutex_lock(&w->lock);
	c = w->free;
	if (c)
		w->free = c->next;
	else
		c = NEW(w->arena, struct conn);
	memset(c, 0, sizeof(*c));
	pthread_mutex_unlock(&w->lock);
	return c;
}

static void conn_open(struct web *w, struct MHD_Connection *mc, void **socket_context)
{
	int fd = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	struct conn *c;

	if (fd < 0 || fd >= SOCKETS_MAX)
		return;		/* stays without guard, so it is never answered */
	c = conn_take(w);
	c->web = w;
	c->mc = mc;
	c->fd = fd;
	guard_init(&c->guard);
	buf_init(&c->out, HTTP_HEAD_MAX + 2 * READ_MAX);
	address_text(MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
		     c->peer);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		address_text((struct sockaddr *)&sa, c->local);
	set_deadline(c, HTTP_HEAD_MS);
	pthread_mutex_lock(&w->lock);
	c->next = w->conns;
	if (c->next)
		c->next->prev = c;
	w->conns = c;
	pthread_mutex_unlock(&w->lock);
	*socket_context = c;
	atomic_store(&socket_conn[fd], c);
}

/* The socket is still open: under the lock, so that the watcher never ends another one's. */
static void conn_close(struct web *w, struct conn *c)
{
	assert(!c->call);
	atomic_store(&socket_conn[c->fd], NULL);
	guard_release(&c->guard);
	buf_release(&c->out);
	pthread_mutex_lock(&w->lock);
	if (c->prev)
		c->prev->next = c->next;
	else
		w->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->next = w->free;
	w->free = c;
	pthread_mutex_unlock(&w->lock);
}

static void on_connection(void *cls, struct MHD_Connection *mc, void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		conn_open(cls, mc, socket_context);
	else if (*socket_context)
		conn_close(cls, *socket_context);
}

/* ---- requests ------------------------------------------------------------------------------ */

static void conn_resume(void *conn)
{
	struct conn *c = conn;

	MHD_resume_connection(c->mc);
}

/* The number of this event thread, given at its first request. */
static unsigned thread_number(struct web *w)
{
	if (event_thread < 0)
		event_thread = (int)atomic_fetch_add(&w->next_thread, 1);
	assert((unsigned)event_thread < w->event_threads);
	return (unsigned)event_thread;
}

static struct MHD_Response *make_response(struct reply *rp, int64_t *ret_size)
{
	static char nothing[1];
	struct MHD_Response *r;

	if (rp->fd >= 0) {
		*ret_size = rp->fd_size;
		r = MHD_create_response_from_fd64((uint64_t)rp->fd_size, rp->fd);
		if (r)
			rp->fd = -1;	/* closed with the response */
		return r;
	}
	str s = rp->bytes.ptr ? rp->bytes : (str){ rp->body.ptr, rp->body.len };
	*ret_size = (int64_t)s.len;
	/* Kept until call_done(), never written: the cast is the library's wish. */
	return MHD_create_response_from_buffer(s.len, s.len ? (void *)(uintptr_t)s.ptr : nothing,
					       MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result conn_send(struct conn *c)
{
	const struct reply_header *header;
	char value[8 * KIB];
	int64_t size = 0;
	size_t n;
	struct reply *rp = call_reply(c->call, &header, &n);
	struct MHD_Response *r = make_response(rp, &size);
	enum MHD_Result ok = MHD_YES;

	if (!r)
		return MHD_NO;
	for (size_t i = 0; i < n && ok == MHD_YES; i++) {
		if (header[i].value.len >= sizeof(value)) {
			ok = MHD_NO;
			break;
		}
		memcpy(value, header[i].value.ptr, header[i].value.len);
		value[header[i].value.len] = '\0';
		ok = MHD_add_response_header(r, header[i].name, value);
	}
	if (c->surplus || call_wants_close(c->call))
		(void)MHD_add_response_header(r, "Connection", "close");
	set_deadline(c, HTTP_ANSWER_MS + size / 16);
	if (ok == MHD_YES)
		ok = MHD_queue_response(c->mc, (unsigned)(rp->status ? rp->status : 200), r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result conn_step(struct conn *c, enum call_step step)
{
	switch (step) {
	case STEP_BODY:
		return MHD_YES;
	case STEP_ANSWER:
		return conn_send(c);
	case STEP_WAIT:
		c->waiting = true;
		MHD_suspend_connection(c->mc);	/* before anybody can resume it */
		call_go(c->call);
		return MHD_YES;
	}
	panic("a step outside of its enum");
}

static enum MHD_Result conn_begin(struct conn *c)
{
	struct call_from from = {
		.guard = &c->guard, .peer = str_of(c->peer), .local = str_of(c->local),
		.resume = conn_resume, .conn = c,
	};
	enum call_step step;

	c->call = call_begin(c->web->dispatch, &from, thread_number(c->web), &step);
	return conn_step(c, step);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mc, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_n, void **request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mc, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct conn *c = info ? info->socket_context : NULL;

	(void)cls, (void)url, (void)method, (void)version;
	if (!c || c->dead || c->guard.phase < GUARD_BODY || c->guard.phase == GUARD_REFUSED) {
		log_line(LOG_ERROR, "http: a request that the guard has not read; is recv() ours?");
		return MHD_NO;
	}
	if (!*request) {
		*request = c;
		c->taken = 0;
		return conn_begin(c);
	}
	if (c->waiting) {
		c->waiting = false;
		return conn_step(c, call_again(c->call, thread_number(c->web)));
	}
	if (*data_n) {
		c->taken += (int64_t)*data_n;
		call_body(c->call, (str){ data, *data_n });
		*data_n = 0;
		return MHD_YES;
	}
	/* The library and the guard must agree on where the body ends. */
	if (c->guard.phase != GUARD_DONE || c->taken != c->guard.body_got)
		return MHD_NO;
	return conn_step(c, call_end(c->call));
}

static void on_completed(void *cls, struct MHD_Connection *mc, void **request,
			 enum MHD_RequestTerminationCode why)
{
	struct conn *c = *request;

	(void)cls, (void)mc;
	*request = NULL;
	if (!c)
		return;
	assert(!c->waiting);
	if (c->call)
		call_done(c->call, why == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	c->call = NULL;
	if (c->guard.phase != GUARD_DONE || c->out.len > c->out_at || c->surplus) {
		c->dead = true;
		return;
	}
	guard_next(&c->guard);
	set_deadline(c, HTTP_IDLE_MS);
}

/* ---- the watcher ------------------------------------------------------------------------- */

static void end_slow(struct web *w, int64_t now_ms)
{
	bool hurry = atomic_load(&w->hurry);

	pthread_mutex_lock(&w->lock);
	for (struct conn *c = w->conns; c; c = c->next) {
		int64_t deadline = atomic_load(&c->deadline_ms);
		if (now_ms > deadline || (hurry && deadline != NEVER)) {
			shutdown(c->fd, SHUT_RDWR);
			atomic_store(&c->deadline_ms, NEVER);
		}
	}
	pthread_mutex_unlock(&w->lock);
}

static void nap(long ms)
{
	struct timespec ts = { .tv_nsec = ms * 1000000L };

	nanosleep(&ts, NULL);
}

static void *watch(void *arg)
{
	struct web *w = arg;

	while (!atomic_load(&w->ended)) {
		end_slow(w, clock_monotonic_ms());
		dispatch_tick(w->dispatch);
		nap(100);
	}
	return NULL;
}

/* ---- start and stop ---------------------------------------------------------------------- */

unsigned web_threads(const struct web_config *cf)
{
	return (cf->event_threads ? cf->event_threads : 2) +
	       (cf->workers ? cf->workers : HTTP_WORKERS);
}

struct address { struct sockaddr_storage sa; socklen_t len; bool loopback; };

static enum err read_address(struct op *op, str listen_at, struct address *ret)
{
	ptrdiff_t colon = -1;
	int64_t port;
	str host;

	for (size_t i = 0; i < listen_at.len; i++)
		if (listen_at.ptr[i] == ':')
			colon = (ptrdiff_t)i;
	if (colon <= 0 ||
	    !str_to_i64(str_slice(listen_at, (size_t)colon + 1, listen_at.len), &port) ||
	    port < 0 || port > 65535)
		return FAIL(op, ERR_INVALID, "listen 应是地址和端口，形如 127.0.0.1:8443。");
	host = str_slice(listen_at, 0, (size_t)colon);
	if (str_eq(host, STR("localhost")))
		host = STR("127.0.0.1");
	if (host.len > 2 && host.ptr[0] == '[')
		host = str_slice(host, 1, host.len - 1);
	memset(ret, 0, sizeof(*ret));
	struct sockaddr_in *v4 = (void *)&ret->sa;
	struct sockaddr_in6 *v6 = (void *)&ret->sa;
	if (inet_pton(AF_INET, str_c(op->arena, host), &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		ret->len = sizeof(*v4);
	} else if (inet_pton(AF_INET6, str_c(op->arena, host), &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		ret->len = sizeof(*v6);
	} else {
		return FAIL(op, ERR_INVALID, "listen 里的“%.*s”不是 IP 地址。", STR_ARG(host));
	}
	ret->loopback = address_is_loopback(host);
	return ERR_OK;
}

static enum err check_config(struct op *op, const struct web_config *cf, const struct address *at)
{
	if (cf->tls_cert.len)
		return FAIL(op, ERR_INVALID, "本版本自己不做 TLS：请用 nginx 或 Caddy 提供 HTTPS，"
			    "并设置 trusted_proxy，不要设置 tls_cert。");
	if (!at->loopback && !cf->trusted_proxy.len && !cf->insecure_lan)
		return FAIL(op, ERR_INVALID, "listen 不是本机地址，但没有 HTTPS：请设置 trusted_proxy，"
			    "或者（仅限可信的校内网络）加上 --insecure-lan。");
	return ERR_OK;
}

static enum err open_listener(struct op *op, const struct address *at, int *ret_fd, int *ret_port)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int one = 1;
	int fd = socket(at->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return FAIL(op, ERR_IO, "打不开网络端口：%s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&at->sa, at->len) != 0 || listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) != 0) {
		int why = errno;
		close(fd);
		return FAIL(op, ERR_IO, "端口不能用（%s）：可能有另一个程序占着它。", strerror(why));
	}
	*ret_fd = fd;
	*ret_port = ntohs(sa.ss_family == AF_INET
				  ? ((struct sockaddr_in *)(void *)&sa)->sin_port
				  : ((struct sockaddr_in6 *)(void *)&sa)->sin6_port);
	return ERR_OK;
}

static struct MHD_Daemon *start_daemon(struct web *w)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0,
		accept_policy, w, on_request, w,
		MHD_OPTION_LISTEN_SOCKET, w->listen_fd,
		MHD_OPTION_THREAD_POOL_SIZE, w->event_threads,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(48 * KIB),
		MHD_OPTION_CONNECTION_TIMEOUT, 0u,	/* the watcher's business */
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, w,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, w,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_END);
}

static str address_of(struct arena *a, const struct address *at, int port)
{
	char text[INET6_ADDRSTRLEN];

	address_text((const struct sockaddr *)&at->sa, text);
	if (at->sa.ss_family == AF_INET6)
		return str_fmt(a, "http://[%s]:%d", text, port);
	return str_fmt(a, "http://%s:%d", text, port);
}

enum err web_start(struct op *op, const struct web_config *cf, struct web **ret_web)
{
	struct address at;
	struct arena *a;
	struct web *w;
	int tmp;

	TRY(read_address(op, cf->listen, &at));
	TRY(check_config(op, cf, &at));
	tmp = open(str_c(op->arena, cf->tmp_dir), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (tmp < 0)
		return FAIL(op, ERR_IO, "打不开上传用的临时文件夹：%s", strerror(errno));
	a = arena_new(64 * MIB);
	w = NEW(a, struct web);
	w->arena = a;
	w->tmp_dir = tmp;
	w->event_threads = cf->event_threads ? cf->event_threads : 2;
	enum err e = open_listener(op, &at, &w->listen_fd, &w->port);
	if (e) {
		close(tmp);
		arena_free(a);
		return e;
	}
	w->address = address_of(a, &at, w->port);
	pthread_mutex_init(&w->lock, NULL);
	w->dispatch = dispatch_new(a, cf, tmp, w);
	w->daemon = start_daemon(w);
	if (!w->daemon || pthread_create(&w->watcher, NULL, watch, w) != 0)
		panic("web: the server does not start");
	*ret_web = w;
	return ERR_OK;
}

int web_port(const struct web *w)
{
	return w->port;
}

str web_address(const struct web *w)
{
	return w->address;
}

void web_stats(struct web *w, struct web_stats *ret)
{
	dispatch_stats(w->dispatch, ret);
}

void web_metrics(struct web *w, struct buf *out)
{
	struct web_stats s;

	web_stats(w, &s);
	buf_addf(out, "# TYPE bihuan_http_requests_total counter\n");
	for (int i = 1; i < 6; i++)
		buf_addf(out, "bihuan_http_requests_total{status=\"%dxx\"} %lld\n", i,
			 (long long)s.status[i]);
	buf_addf(out, "# TYPE bihuan_http_refused_total counter\nbihuan_http_refused_total %lld\n",
		 (long long)s.refused);
	buf_addf(out, "# TYPE bihuan_http_busy_total counter\nbihuan_http_busy_total %lld\n",
		 (long long)s.busy);
	buf_addf(out, "# TYPE bihuan_http_open gauge\nbihuan_http_open %lld\n", (long long)s.open);
	dispatch_metrics(w->dispatch, out);
}

static bool wait_for_calls(struct web *w, int64_t ms)
{
	int64_t until = clock_monotonic_ms() + ms;

	while (dispatch_open(w->dispatch) > 0 && clock_monotonic_ms() < until)
		nap(5);
	return dispatch_open(w->dispatch) == 0;
}

enum err web_stop(struct web *w)
{
	if (!w)
		return ERR_OK;
	atomic_store(&w->stopping, true);
	dispatch_refuse_new(w->dispatch);
	int fd = MHD_quiesce_daemon(w->daemon);
	if (fd >= 0)
		close(fd);
	if (!wait_for_calls(w, HTTP_STOP_MS / 3)) {
		/* Who takes his answer too slowly, and half requests. */
		atomic_store(&w->hurry, true);
		if (!wait_for_calls(w, HTTP_STOP_MS - HTTP_STOP_MS / 3))
			return ERR_BUSY;
	}
	MHD_stop_daemon(w->daemon);
	atomic_store(&w->ended, true);
	pthread_join(w->watcher, NULL);
	dispatch_free(w->dispatch);
	close(w->tmp_dir);
	pthread_mutex_destroy(&w->lock);
	arena_free(w->arena);
	return ERR_OK;
}
