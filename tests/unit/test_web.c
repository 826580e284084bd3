/*
 * What it would catch: a request that is answered though the guard, the session, the capability or
 * CSRF should have stopped it; an answer before the commit; a slow one that delays its
 * neighbour; a stop that aborts or hangs. A real server on loopback, raw sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/pubid.h"
#include "web/http_mhd.h"
#include "web/reply.h"
#include "web/req.h"

#include "web/form_as_struct.inc"
#include "test_web.def"
#include "web/form_off.inc"
const struct form *form_t_write_spec(void);
const struct form *form_t_up_spec(void);
const struct form *form_t_query_spec(void);
static enum err t_again(struct req *rq, struct reply *rp);
#include "web/form_as_table.inc"
#include "test_web.def"
#include "web/form_off.inc"

#define TOKEN "TOKENTOKENTOKENTOKENTOKENTOKEN"
#define CSRF "CSRFCSRFCSRFCSRFCSRFCSRFCSRF"

/* ---- the routes ---------------------------------------------------------------------- */

static atomic_int written, handled;

static enum err t_page(struct req *rq, struct reply *rp)
{
	atomic_fetch_add(&handled, 1);
	buf_addf(&rp->body, "hello %s %lld", rq->signed_in ? "you" : "stranger", (long long)rq->id);
	return ERR_OK;
}

static enum err t_slow(struct req *rq, struct reply *rp)
{
	(void)rq;
	usleep(300000);
	buf_add(&rp->body, STR("slow"));
	return ERR_OK;
}

static enum err run_write(struct op *op, void *arg)
{
	str *name = arg;

	if (str_eq(*name, STR("taken")))
		return INVALID(op, STR("name"), "这个名称已经有了。");
	if (str_eq(*name, STR("moved")))
		return FAIL(op, ERR_CONFLICT, "变了");
	atomic_fetch_add(&written, 1);
	return ERR_OK;
}

static enum err finish_write(struct req *rq, struct reply *rp, enum err e)
{
	TRY(e);
	/* where the handler ran: what is long before the write is so after it */
	assert_int_equal(rq->thread >= 2, rq->route->where == ROUTE_WORKER);
	reply_redirect(rp, STR("/page"));
	return ERR_OK;
}

static enum err t_write(struct req *rq, struct reply *rp)
{
	const struct form_t_write *f = rq->form;
	str *name = NEW(rq->op->arena, str);

	(void)rp;
	*name = f->name;
	rq_write(rq, run_write, name, finish_write);
	return ERR_OK;
}

static enum err t_again(struct req *rq, struct reply *rp)
{
	buf_add(&rp->body, STR("again: "));
	buf_add_html(&rp->body, rq_typed(rq, STR("name")));
	buf_add(&rp->body, STR(" | "));
	buf_add_html(&rp->body, rq_fault(rq, STR("name")));
	return ERR_OK;
}

static enum err t_up(struct req *rq, struct reply *rp)
{
	const struct form_t_up *f = rq->form;
	str bytes = STR("");

	if (f->photos.n)
		TRY(upload_bytes(rq->op, f->photos.at[0], &bytes));
	buf_addf(&rp->body, "%zu files, first %zu bytes", f->photos.n, bytes.len);
	return ERR_OK;
}

static enum err t_login(struct req *rq, struct reply *rp)
{
	buf_addf(&rp->body, "token=%.*s", STR_ARG(rq_csrf(rq, rp)));
	return ERR_OK;
}

static enum err t_login_post(struct req *rq, struct reply *rp)
{
	reply_session(rq, rp, STR(TOKEN), 3600);
	reply_redirect(rp, STR("//evil.example/"));
	return ERR_OK;
}

static enum err t_etag(struct req *rq, struct reply *rp)
{
	if (reply_etag(rq, rp, STR("v7")))
		return ERR_OK;
	buf_add(&rp->body, STR("seven"));
	return ERR_OK;
}

static enum err t_json(struct req *rq, struct reply *rp)
{
	struct jw w;

	jw_start(&w, reply_json(rp));
	jw_obj(&w);
	jw_kv(&w, "got", json_get_str(rq->json, STR("a")));
	jw_end(&w);
	return ERR_OK;
}

static enum err t_list(struct req *rq, struct reply *rp)
{
	const struct form_t_query *f = rq->form;

	buf_addf(reply_json(rp), "%lld", (long long)f->limit);
	return ERR_OK;
}

static enum err t_file(struct req *rq, struct reply *rp)
{
	buf_addf(reply_json(rp), "%lld", (long long)rq->typed->file.at[0]->size);
	return ERR_OK;
}

static enum err t_big(struct req *rq, struct reply *rp)
{
	(void)rq;
	for (int i = 0; i < 100000; i++)
		buf_add(&rp->body, STR("01234567890123456789012345678901234567890123456789012345678"
				       "90123456789\n"));
	return ERR_OK;
}

static const struct route routes[] = {
	ROUTE_ROW(GET,  "/page",      INLINE,  PUBLIC,    NONE, none,    t_page)
	ROUTE_ROW(GET,  "/mine",      INLINE,  SIGNED_IN, NONE, none,    t_page)
	ROUTE_ROW(GET,  "/mine/:id",  INLINE,  SIGNED_IN, NONE, none,    t_page)
	ROUTE_ROW(GET,  "/admin",     INLINE,  ADMIN,     NONE, none,    t_page)
	ROUTE_ROW(GET,  "/static",    STATIC,  PUBLIC,    NONE, none,    t_page)
	ROUTE_ROW(GET,  "/slow",      WORKER,  PUBLIC,    NONE, none,    t_slow)
	ROUTE_ROW(POST, "/write",     INLINE,  SIGNED_IN, CSRF, t_write, t_write)
	ROUTE_ROW(POST, "/write2",    WORKER,  SIGNED_IN, CSRF, t_write, t_write)
	ROUTE_ROW(POST, "/up",        WORKER,  SIGNED_IN, CSRF, t_up,    t_up)
	ROUTE_ROW(GET,  "/login",     INLINE,  PUBLIC,    NONE, none,    t_login)
	ROUTE_ROW(POST, "/login",     HASHING, PUBLIC,    CSRF, none,    t_login_post)
	ROUTE_ROW(GET,  "/etag",      INLINE,  PUBLIC,    NONE, none,    t_etag)
	ROUTE_ROW(GET,  "/big",       INLINE,  PUBLIC,    NONE, none,    t_big)
};
static const struct route api_routes[] = {
	ROUTE_ROW(POST, "/api/v1/x",     INLINE, SIGNED_IN, NONE, json,    t_json)
	ROUTE_ROW(GET,  "/api/v1/x",     INLINE, SIGNED_IN, NONE, t_query, t_list)
	ROUTE_ROW(POST, "/api/v1/files", WORKER, SIGNED_IN, NONE, upload,  t_file)
};

static enum err api_error(struct req *rq, struct reply *rp, int status, enum err e)
{
	struct jw w;

	(void)rq, (void)status;
	jw_start(&w, reply_json(rp));
	jw_obj(&w);
	jw_kv(&w, "code", str_of(err_word(e)));
	jw_end(&w);
	return ERR_OK;
}

static const struct route_table pages = { .at = routes,
					  .n = sizeof(routes) / sizeof(routes[0]),
					  .prefix = { "/", 1 } };
static const struct route_table api = {
	.at = api_routes, .n = 3, .api = true, .prefix = { "/api/", 5 }, .error = api_error
};
static const struct route_table *const tables[] = { &pages, &api };

/* ---- the hooks ---------------------------------------------------------------------------- */

static atomic_int readers[16], open_reads, hold_writes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct wop *queue;
static pthread_t writer;
static atomic_bool writer_ends;

static enum err read_begin(void *app, unsigned thread, struct op *op)
{
	(void)app, (void)op;
	if (atomic_exchange(&readers[thread], 1) != 0)
		abort();	/* two at a time with one number */
	atomic_fetch_add(&open_reads, 1);
	return ERR_OK;
}

static void read_end(void *app, unsigned thread, struct op *op)
{
	(void)app, (void)op;
	if (atomic_exchange(&readers[thread], 0) != 1)
		abort();
	atomic_fetch_sub(&open_reads, 1);
}

static atomic_bool own_device, to_roll;
static atomic_int rolled;

static enum err session(void *app, struct req *rq, struct scope *ret)
{
	(void)app;
	if (!str_eq(rq->api ? rq->bearer : rq->sid, STR(TOKEN)))
		return ERR_NOTFOUND;
	*ret = (struct scope){
		.tenant = { 7 }, .person = { 8 }, .caps = 1ULL << CAP_SIGNED_IN, .csrf = STR(CSRF),
		.token = rq->api, .own_device = own_device, .to_roll = to_roll,
	};
	return ERR_OK;
}

static void roll(void *app, struct req *rq)
{
	(void)app;
	if (str_eq(rq->sid, STR(TOKEN)))
		atomic_fetch_add(&rolled, 1);
}

static enum err submit(void *app, struct wop *w)
{
	(void)app;
	pthread_mutex_lock(&lock);
	w->next = queue;
	queue = w;
	pthread_mutex_unlock(&lock);
	return ERR_OK;
}

static void *write_loop(void *arg)
{
	(void)arg;
	while (!atomic_load(&writer_ends)) {
		pthread_mutex_lock(&lock);
		struct wop *w = atomic_load(&hold_writes) ? NULL : queue;
		if (w)
			queue = w->next;
		pthread_mutex_unlock(&lock);
		if (!w) {
			usleep(1000);
			continue;
		}
		w->next = NULL;
		w->err = w->run(&w->op, w->arg);
		w->done(w, w->err);
	}
	return NULL;
}

/* ---- the client ------------------------------------------------------------------------------ */

static struct arena *arena;
static struct op op;
static struct clock ck;
static struct web *web;

static int dial(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)web_port(web)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void say(int fd, str s)
{
	while (s.len) {
		ssize_t n = send(fd, s.ptr, s.len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		s = str_slice(s, (size_t)n, s.len);
	}
}

/* One answer, or what came until the end; "" when the connection ended without a word. */
static str hear_ms(int fd, int ms)
{
	static char in[8 << 20];
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, ms) <= 0)
			break;
		ssize_t got = recv(fd, in + n, sizeof(in) - n - 1, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
		in[n] = '\0';
		str all = { in, n };
		ptrdiff_t head = str_find(all, STR("\r\n\r\n"), 0);
		ptrdiff_t cl = str_find(all, STR("Content-Length: "), 0);
		if (head > 0 && cl > 0 && cl < head &&
		    n >= (size_t)head + 4 + strtoul(in + cl + 16, NULL, 10))
			break;
		if (head > 0 && str_starts(all, STR("HTTP/1.1 304")))
			break;
	}
	return str_dup(arena, (str){ in, n });
}

static str ask_n(const char *text, size_t n)
{
	int fd = dial();
	str s;

	say(fd, (str){ text, n });
	s = hear_ms(fd, 3000);
	close(fd);
	return s;
}

static str ask(const char *text)
{
	return ask_n(text, strlen(text));
}

static int status_of(str answer)
{
	int64_t v = 0;

	if (!str_starts(answer, STR("HTTP/1.1 ")) || !str_to_i64(str_slice(answer, 9, 12), &v))
		return 0;
	return (int)v;
}

static bool has(str answer, const char *what)
{
	return str_find(answer, str_of(what), 0) >= 0;
}

#define H "Host: localhost\r\n"
#define ME "Cookie: x=y; sid=" TOKEN "\r\n"
#define SAME "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"
#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

static const char *post(const char *path, const char *headers, const char *body)
{
	return str_fmt(arena, "POST %s HTTP/1.1\r\n" H "%sContent-Length: %zu\r\n\r\n%s", path,
		       headers, strlen(body), body)
		.ptr;
}

static int set_up(void **state)
{
	struct web_config cf = {
		.listen = STR("127.0.0.1:0"),
		.tmp_dir = STR("/tmp"),
		.clock = &ck,
		.table = tables,
		.table_n = 2,
		.trusted_proxy = STR("127.0.0.1"),
		.public_url = STR("https://aq.example.cn/"),
		.hooks = { NULL, read_begin, read_end, session, submit, roll, NULL },
	};

	(void)state;
	arena = arena_new(256 << 20);
	clock_real(&ck, 8 * 3600 * 1000);
	op = (struct op){ .arena = arena, .clock = &ck };
	writer_ends = false;
	hold_writes = 0;
	assert_int_equal(pthread_create(&writer, NULL, write_loop, NULL), 0);
	assert_int_equal(web_start(&op, &cf, &web), ERR_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(web_stop(web), ERR_OK);
	writer_ends = true;
	pthread_join(writer, NULL);
	assert_int_equal(atomic_load(&open_reads), 0);
	arena_free(arena);
	return 0;
}

/*
 * ---- the tests
 * -----------------------------------------------------------------------------------
 */

static void web__answers(void **state)
{
	str s = ask("GET /page?x=1 HTTP/1.1\r\n" H "\r\n");

	(void)state;
	assert_int_equal(status_of(s), 200);
	assert_true(has(s, "\r\n\r\nhello stranger 0"));
	assert_true(has(s, "Content-Security-Policy: default-src 'none'; script-src 'self'"));
	assert_true(has(s, "X-Content-Type-Options: nosniff\r\n") &&
		    has(s, "Cache-Control: no-store\r\n"));
	assert_true(has(s, "Content-Type: text/html; charset=utf-8\r\n") && !has(s, "Set-Cookie"));
	s = ask("HEAD /page HTTP/1.1\r\n" H "\r\n");
	assert_true(status_of(s) == 200 && has(s, "Content-Length: 16\r\n") && !has(s, "hello"));
	s = ask("DELETE /page HTTP/1.1\r\n" H "\r\n");
	assert_true(status_of(s) == 405 && has(s, "Allow: GET, HEAD\r\n"));
	assert_int_equal(status_of(ask("GET /absent HTTP/1.1\r\n" H "\r\n")), 404);
	assert_int_equal(status_of(ask("GET /page HTTP/1.1\r\nHost: evil.example\r\n\r\n")), 421);
	assert_int_equal(status_of(ask("GET /static HTTP/1.1\r\nHost: anything\r\n\r\n")), 200);
	assert_int_equal(status_of(ask("GET /page HTTP/1.0\r\nHost: 127.0.0.1:1\r\n\r\n")), 200);
	s = ask("GET /big HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(s.len > 7100000, 1);
}

static void web__keeps_the_connection(void **state)
{
	int fd = dial();

	(void)state;
	for (int i = 0; i < 100; i++) {
		say(fd, STR("GET /page HTTP/1.1\r\n" H "\r\n"));
		str s = hear_ms(fd, 3000);
		assert_int_equal(status_of(s), 200);
		assert_int_equal(has(s, "Connection: close"), i == 99);
	}
	assert_int_equal(hear_ms(fd, 3000).len, 0);
	close(fd);
}

static void web__session_and_capability(void **state)
{
	str id = pubid_make(arena, (tenant_id){ 7 }, 99),
	    other = pubid_make(arena, (tenant_id){ 9 }, 99);
	str s = ask("GET /mine?a=b&c=d HTTP/1.1\r\n" H "\r\n");

	(void)state;
	assert_true(status_of(s) == 303 &&
		    has(s, "Location: /login?next=%2Fmine%3Fa%3Db%26c%3Dd\r\n"));
	assert_true(has(ask("GET /mine HTTP/1.1\r\n" H ME "\r\n"), "hello you 0"));
	assert_int_equal(status_of(ask("GET /mine HTTP/1.1\r\n" H "Cookie: sid=wrong\r\n\r\n")),
			 303);
	assert_int_equal(status_of(ask("GET /admin HTTP/1.1\r\n" H ME "\r\n")), 403);
	assert_true(
		has(ask(str_fmt(arena, "GET /mine/%.*s HTTP/1.1\r\n" H ME "\r\n", STR_ARG(id)).ptr),
		    "hello you 99"));
	/* Of another tenant: the same as absent, byte for byte but for the date. */
	s = ask(str_fmt(arena, "GET /mine/%.*s HTTP/1.1\r\n" H ME "\r\n", STR_ARG(other)).ptr);
	str t = ask("GET /mine/nothing HTTP/1.1\r\n" H ME "\r\n");
	assert_int_equal(status_of(s), 404);
	s = str_slice(s, (size_t)str_find(s, STR("<!doctype"), 0), s.len);
	t = str_slice(t, (size_t)str_find(t, STR("<!doctype"), 0), t.len);
	assert_true(str_eq(s, t));
}

/* Catches: a phone of one's own that must sign in again although it came back in time. */
static void web__session_rolls(void **state)
{
	const char *renewed = "Set-Cookie: sid=" TOKEN
			      "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000\r\n";
	int before = rolled;

	(void)state;
	assert_false(has(ask("GET /mine HTTP/1.1\r\n" H ME "\r\n"), "Set-Cookie"));
	to_roll = true;
	assert_false(has(ask("GET /mine HTTP/1.1\r\n" H ME "\r\n"), "Set-Cookie"));
	own_device = true;
	assert_true(has(ask("GET /mine HTTP/1.1\r\n" H ME "\r\n"), renewed));
	assert_int_equal(rolled, before + 2);
	assert_false(has(ask("GET /mine HTTP/1.1\r\n" H "Cookie: sid=wrong\r\n\r\n"), "sid="));
	assert_int_equal(rolled, before + 2);
	own_device = to_roll = false;
}

static void web__csrf(void **state)
{
	static const char *const bad[] = {
		ME FORM_TYPE,
		ME FORM_TYPE "Origin: http://evil.example\r\n",
		ME FORM_TYPE "Origin: null\r\n",
		ME FORM_TYPE "Origin: http://localhost\r\nSec-Fetch-Site: cross-site\r\n",
		ME FORM_TYPE "Origin: https://localhost\r\n",
		ME FORM_TYPE "Referer: http://evil.example/localhost\r\n",
		ME FORM_TYPE "Sec-Fetch-Site: same-site\r\n",
	};
	int before = written;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(status_of(ask(post("/write", bad[i], "name=a&csrf=" CSRF))), 403);
	assert_int_equal(status_of(ask(post("/write", ME SAME FORM_TYPE, "name=a"))), 403);
	assert_int_equal(status_of(ask(post("/write", ME SAME FORM_TYPE, "name=a&csrf=" TOKEN))),
			 403);
	assert_int_equal(status_of(ask(post("/write", ME SAME "Content-Type: text/plain\r\n",
					    "name=a&csrf=" CSRF))),
			 415);
	assert_int_equal(
		status_of(ask(
			post("/write", ME SAME FORM_TYPE "Content-Encoding: gzip\r\n", "name=a"))),
		415);
	assert_int_equal(status_of(ask(post("/write", SAME FORM_TYPE, "name=a&csrf=" CSRF))), 401);
	assert_int_equal(written, before);
	assert_int_equal(
		status_of(ask(post("/write", ME FORM_TYPE "Referer: http://localhost/x\r\n",
				   "name=a&csrf=" CSRF))),
		303);
	assert_int_equal(written, before + 1);
}

static void web__sign_in(void **state)
{
	str s = ask("GET /login HTTP/1.1\r\n" H "\r\n");
	ptrdiff_t at = str_find(s, STR("token="), 0);

	(void)state;
	assert_true(at > 0 && has(s, "Set-Cookie: pre=") &&
		    has(s, "; Path=/; HttpOnly; SameSite=Lax\r\n"));
	str token = str_slice(s, (size_t)at + 6, s.len);
	const char *headers =
		str_fmt(arena, SAME FORM_TYPE "Cookie: pre=%.*s\r\n", STR_ARG(token)).ptr;
	const char *body = str_fmt(arena, "csrf=%.*s", STR_ARG(token)).ptr;
	s = ask(post("/login", headers, body));
	assert_true(status_of(s) == 303 && has(s, "Location: /\r\n"));	/* never to another host */
	assert_true(has(s, "Set-Cookie: sid=" TOKEN
			   "; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600\r\n"));
	assert_int_equal(status_of(ask(post("/login", SAME FORM_TYPE, body))), 403);
	/* Behind the proxy, with TLS: only __Host- names count, and Secure is said. */
	s = ask("GET /mine HTTP/1.1\r\nHost: aq.example.cn\r\nX-Forwarded-Proto: https\r\nCookie: "
		"__Host-sid=" TOKEN "\r\n\r\n");
	assert_true(status_of(s) == 200 && has(s, "Strict-Transport-Security"));
	s = ask("GET /mine HTTP/1.1\r\nHost: aq.example.cn\r\nX-Forwarded-Proto: https\r\n" ME
		"\r\n");
	assert_int_equal(status_of(s), 303);
	s = ask("GET /login HTTP/1.1\r\nHost: aq.example.cn\r\nX-Forwarded-Proto: https\r\n\r\n");
	assert_true(has(s, "Set-Cookie: __Host-pre=") && has(s, "; SameSite=Lax; Secure\r\n"));
}

static void web__writes(void **state)
{
	static const char *const paths[] = { "/write", "/write2" };
	str s;

	(void)state;
	for (int i = 0; i < 2; i++) {
		int before = written;
		s = ask(post(paths[i], ME SAME FORM_TYPE, "name=a&csrf=" CSRF));
		assert_true(status_of(s) == 303 && has(s, "Location: /page\r\n"));
		assert_int_equal(written, before + 1);
		s = ask(post(paths[i], ME SAME FORM_TYPE, "name=&csrf=" CSRF));
		assert_true(status_of(s) == 422 && has(s, "again:  | 请填写名称。"));
		s = ask(post(paths[i], ME SAME FORM_TYPE, "name=taken&csrf=" CSRF));
		assert_true(status_of(s) == 422 && has(s, "again: taken | 这个名称已经有了。"));
		assert_int_equal(
			status_of(ask(post(paths[i], ME SAME FORM_TYPE, "name=moved&csrf=" CSRF))),
			409);
		assert_int_equal(written, before + 1);
	}
	/* No answer before the commit. */
	int fd = dial();
	hold_writes = 1;
	say(fd, str_of(post("/write", ME SAME FORM_TYPE, "name=a&csrf=" CSRF)));
	assert_int_equal(hear_ms(fd, 200).len, 0);
	hold_writes = 0;
	assert_int_equal(status_of(hear_ms(fd, 3000)), 303);
	close(fd);
}

static void web__uploads(void **state)
{
	size_t n = 900000;
	char *file = arena_alloc(arena, n + 1);
	const char *headers = ME SAME "Content-Type: multipart/form-data; boundary=B\r\n";
	str body;

	(void)state;
	memset(file, 'x', n);
	body = str_fmt(arena,
		       "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" CSRF
		       "\r\n--B\r\n"
		       "Content-Disposition: form-data; name=\"photos\"; "
		       "filename=\"a.jpg\"\r\n\r\n%s\r\n--B--\r\n",
		       file);
	str s = ask(post("/up", headers, body.ptr));
	if (!has(s, "1 files, first 900000 bytes"))
		fail_msg("%.*s", STR_ARG(s));
	/* In chunks, and announced. */
	int fd = dial();
	say(fd, str_fmt(arena,
			"POST /up HTTP/1.1\r\n" H
			"%sTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
			headers));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char in[26];
	assert_int_equal(poll(&p, 1, 3000), 1);
	assert_int_equal(recv(fd, in, 25, MSG_WAITALL), 25);
	assert_memory_equal(in, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	for (size_t at = 0; at < body.len; at += 50000) {
		str piece = str_slice(body, at, at + 50000);
		say(fd, str_fmt(arena, "%zx\r\n%.*s\r\n", piece.len, STR_ARG(piece)));
	}
	say(fd, STR("0\r\n\r\n"));
	assert_true(has(hear_ms(fd, 3000), "1 files, first 900000 bytes"));
	close(fd);
	/* From a stranger it is not even read; from a person it is read away and refused. */
	assert_int_equal(
		status_of(ask(post(
			"/up",
			SAME
			"Content-Type: multipart/form-data; boundary=B\r\nExpect: 100-continue\r\n",
			""))),
		401);
	memset(file, 'y', n);
	body = str_fmt(arena,
		       "--B\r\nContent-Disposition: form-data; name=\"photos\"; "
		       "filename=\"a.jpg\"\r\n\r\n%s%s\r\n--B--\r\n",
		       file, file);
	assert_int_equal(status_of(ask(post("/up", headers, body.ptr))), 422);
}

static void web__api(void **state)
{
	const char *headers =
		"Authorization: Bearer " TOKEN "\r\nContent-Type: application/json\r\n";
	const char *raw = "Authorization: Bearer " TOKEN "\r\nContent-Type: image/jpeg\r\n";
	str s;

	(void)state;
	s = ask(post("/api/v1/x", headers, "{\"a\":\"b\"}"));
	assert_true(status_of(s) == 200 && has(s, "{\"got\":\"b\"}") &&
		    has(s, "Content-Type: application/json\r\n"));
	s = ask(post("/api/v1/x", "Content-Type: application/json\r\n", "{}"));
	assert_true(status_of(s) == 401 && has(s, "{\"code\":\"not_allowed\"}"));
	assert_int_equal(
		status_of(ask(post("/api/v1/x", ME "Content-Type: application/json\r\n", "{}"))),
		401); /* no cookies here */
	assert_int_equal(status_of(ask(post("/api/v1/x", headers, "{"))), 422);
	assert_int_equal(status_of(ask(post("/api/v1/x", headers, "[]"))), 422);
	assert_int_equal(status_of(ask(post("/api/v1/x", headers, ""))), 422);
	assert_true(has(ask("GET /api/v1/none HTTP/1.1\r\n" H "\r\n"), "{\"code\":\"not_found\"}"));
	s = ask("GET /api/v1/x?limit=5 HTTP/1.1\r\n" H "Authorization: bearer " TOKEN "\r\n\r\n");
	assert_true(has(s, "\r\n\r\n5"));
	assert_int_equal(status_of(ask("GET /api/v1/x?limitt=5 HTTP/1.1\r\n" H
				       "Authorization: Bearer " TOKEN "\r\n\r\n")),
			 422);
	assert_true(has(ask(post("/api/v1/files", raw, "12345")), "\r\n\r\n5"));
	assert_int_equal(status_of(ask(post("/api/v1/files", raw, ""))), 422);
}

static void web__etag(void **state)
{
	str s = ask("GET /etag HTTP/1.1\r\n" H "\r\n");

	(void)state;
	assert_true(status_of(s) == 200 && has(s, "ETag: \"v7\"\r\n"));
	s = ask("GET /etag HTTP/1.1\r\n" H "If-None-Match: \"v6\", W/\"v7\"\r\n\r\n");
	assert_true(status_of(s) == 304 && has(s, "X-Content-Type-Options") && !has(s, "seven"));
	assert_int_equal(status_of(ask("GET /etag HTTP/1.1\r\n" H "If-None-Match: \"v8\"\r\n\r\n")),
			 200);
}

struct hostile { const char *text; size_t n; };
#define X(t) { t, sizeof(t) - 1 }
static const struct hostile hostile[] = {
	X("GET /page HTTP/1.1\n"
	  "Host: localhost\n\n"),
	X("GET /page HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n"),
	X("GET /page HTTP/1.1\r\n" H H "\r\n"),
	X("GET http://localhost/page HTTP/1.1\r\n" H "\r\n"),
	X("GET /page HTTP/1.1\r\nHost: local\0host\r\n\r\n"),
	X("GET /\0page HTTP/1.1\r\n" H "\r\n"),
	X("POST /write HTTP/1.1\r\n" H "Content-Length: 6\r\nContent-Length: 0\r\n\r\nGET /p"),
	X("POST /write HTTP/1.1\r\n" H
	  "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"),
	X("POST /write HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
	X("POST /write HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
	X("GET /page HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"),
	X("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
	X("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	X("GET /page\r\n\r\n"),
	X("\r\n\r\n\r\n"),
	X("GARBAGE\r\n\r\n"),
	X("POST /write HTTP/1.1\r\n" H
	  "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nabcde\r\n0\r\n\r\n"),
};

static void web__hostile(void **state)
{
	int before = handled;

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		str s = ask_n(hostile[i].text, hostile[i].n);
		if (s.len && (status_of(s) < 400 || status_of(s) > 505))
			fail_msg("case %zu: %.*s", i, STR_ARG(s));
		assert_true(!s.len || has(s, "Content-Security-Policy"));
	}
	static const char *const out[] = { "/%2e%2e/page", "/..%2fpage", "//page",  "/page/",
					   "/page%00",	   "/%70age%2f", "/page%5c" };
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		assert_int_equal(
			status_of(ask(str_fmt(arena, "GET %s HTTP/1.1\r\n" H "\r\n", out[i]).ptr)),
			404);
	assert_int_equal(handled, before);
	/* Bytes beyond a request are not the next one: the answer, then the end. */
	int fd = dial();
	say(fd, STR("GET /page HTTP/1.1\r\n" H "\r\nGET /page HTTP/1.1\r\n" H "\r\n"));
	assert_true(has(hear_ms(fd, 3000), "Connection: close\r\n"));
	assert_int_equal(hear_ms(fd, 3000).len, 0);
	close(fd);
	fd = dial();
	say(fd, str_fmt(arena, "%sGET /page HTTP/1.1\r\n" H "\r\n",
			post("/write", ME SAME FORM_TYPE, "name=a&csrf=" CSRF)));
	str s = hear_ms(fd, 3000);
	assert_true(status_of(s) == 303 && has(s, "Connection: close\r\n"));
	assert_int_equal(hear_ms(fd, 3000).len, 0);
	close(fd);
	/* A head without end. */
	fd = dial();
	say(fd, STR("GET /page HTTP/1.1\r\nA: "));
	for (int i = 0; i < 100; i++)
		say(fd, STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	s = hear_ms(fd, 3000);
	assert_true(s.len == 0 || status_of(s) == 431);
	close(fd);
	assert_int_equal(status_of(ask("GET /page HTTP/1.1\r\n" H "\r\n")), 200);
}

/* Byte by byte the same answer. */
static void web__drips(void **state)
{
	str in = str_of(post("/write", ME SAME FORM_TYPE, "name=a&csrf=" CSRF));
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < in.len; i++) {
		say(fd, str_slice(in, i, i + 1));
		if (i % 16 == 0)
			usleep(500);
	}
	assert_int_equal(status_of(hear_ms(fd, 3000)), 303);
	close(fd);
}

/* Whoever leaves in the middle of a body takes its call and its file with him at once. */
static void web__left_in_the_middle(void **state)
{
	str in = str_fmt(arena, "POST /up HTTP/1.1\r\n" H ME SAME
			 "Content-Type: multipart/form-data; boundary=B\r\n"
			 "Content-Length: 900000\r\n\r\n--B\r\nContent-Disposition: form-data; "
			 "name=\"photos\"; filename=\"a.jpg\"\r\n\r\n%05000d", 0);
	struct web_stats st;
	int left = 300;

	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd = dial();

		say(fd, in);
		close(fd);	/* the end is there with the bytes */
	}
	do {
		usleep(10000);
		web_stats(web, &st);
	} while (st.open > 0 && --left > 0);
	assert_int_equal(st.open, 0);
	assert_int_equal(status_of(ask("GET /page HTTP/1.1\r\n" H "\r\n")), 200);
}

static void web__slow_neighbour(void **state)
{
	int slow[3];
	int64_t worst = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		slow[i] = dial();
		say(slow[i], STR("GET /slow HTTP/1.1\r\n" H "\r\n"));
	}
	for (int i = 0; i < 50; i++) {
		int64_t at = clock_monotonic_ms();
		assert_int_equal(status_of(ask("GET /page HTTP/1.1\r\n" H "\r\n")), 200);
		at = clock_monotonic_ms() - at;
		worst = at > worst ? at : worst;
	}
	assert_true(worst < 150);
	for (int i = 0; i < 3; i++) {
		assert_true(has(hear_ms(slow[i], 3000), "slow"));
		close(slow[i]);
	}
}

/* 4 workers of 300 ms: who would wait more than 2 s is told so, and when to come back. */
static void web__overload(void **state)
{
	enum { N = 40 };
	int fd[N], ok = 0, busy = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		fd[i] = dial();
		say(fd[i], STR("GET /slow HTTP/1.1\r\n" H "\r\n"));
	}
	for (int i = 0; i < N; i++) {
		str s = hear_ms(fd[i], 5000);
		ok += status_of(s) == 200;
		busy += status_of(s) == 503 && has(s, "Retry-After: 3\r\n");
		close(fd[i]);
	}
	assert_int_equal(ok + busy, N);
	assert_true(ok >= 20 && busy >= 4);
}

static void *stopper(void *arg)
{
	(void)arg;
	usleep(100000);
	atomic_store(&hold_writes, 0);
	return NULL;
}

/* Stopped while one waits for the writer, one for a worker, one sends half a head: all end well. */
static void web__stops_with_suspended(void **state)
{
	int a = dial(), b = dial(), c = dial();
	pthread_t t;
	enum err e;

	(void)state;
	hold_writes = 1;
	say(a, str_of(post("/write", ME SAME FORM_TYPE, "name=a&csrf=" CSRF)));
	say(b, STR("GET /slow HTTP/1.1\r\n" H "\r\n"));
	say(c, STR("GET /page HTTP/1.1\r\nHo"));
	usleep(50000);
	assert_int_equal(pthread_create(&t, NULL, stopper, NULL), 0);
	e = web_stop(web);
	web = NULL;	/* tear_down has nothing to stop */
	assert_int_equal(e, ERR_OK);
	assert_int_equal(status_of(hear_ms(a, 3000)), 303);
	assert_true(has(hear_ms(b, 3000), "slow"));
	assert_int_equal(hear_ms(c, 3000).len, 0);
	pthread_join(t, NULL);
	close(a), close(b), close(c);
}

static void web__refuses_an_open_door(void **state)
{
	struct web_config cf = { .listen = STR("0.0.0.0:0"),
				 .tmp_dir = STR("/tmp"),
				 .clock = &ck,
				 .table = tables,
				 .table_n = 2 };
	struct web *w = NULL;

	(void)state;
	assert_int_equal(web_start(&op, &cf, &w), ERR_INVALID);
	cf.listen = STR("127.0.0.1");
	assert_int_equal(web_start(&op, &cf, &w), ERR_INVALID);
	cf.listen = STR("example.cn:80");
	assert_int_equal(web_start(&op, &cf, &w), ERR_INVALID);
	cf.listen = STR("127.0.0.1:0");
	cf.tls_cert = STR("x.pem");
	assert_int_equal(web_start(&op, &cf, &w), ERR_INVALID);
	cf.tls_cert = STR_NONE;
	cf.listen = str_fmt(arena, "127.0.0.1:%d", web_port(web));
	assert_int_equal(web_start(&op, &cf, &w), ERR_IO);	/* taken */
	assert_null(w);
	cf.listen = STR("0.0.0.0:0");
	cf.insecure_lan = true;
	assert_int_equal(web_start(&op, &cf, &w), ERR_OK);
	assert_int_equal(web_stop(w), ERR_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(web__answers),
		T(web__keeps_the_connection),
		T(web__session_and_capability),
		T(web__session_rolls),
		T(web__csrf),
		T(web__sign_in),
		T(web__writes),
		T(web__uploads),
		T(web__api),
		T(web__etag),
		T(web__hostile),
		T(web__drips),
		T(web__left_in_the_middle),
		T(web__slow_neighbour),
		T(web__overload),
		T(web__stops_with_suspended),
		T(web__refuses_an_open_door),
	};

	crypto_start();
	log_start(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
