/*
 * dispatch: see dispatch.h. What a route says is enforced here, in one order, for every
 * door: limits → method → session → capability and scope → CSRF → form → handler → commit →
 * render → log. A handler cannot skip a step, because it is called by the last one.
 *
 * Errors are answered in the form of their door (route_table.error) inside the read scope
 * that found them. A form with faults is shown again with what was typed (form.again).
 */
#include "web/dispatch.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rand.h"
#include "web/edge.h"
#include "web/work.h"

#define SWALLOW_MAX ((int64_t)MIB)	/* of a refused body from a stranger; then we hang up */
#define ANSWER_HEADERS_MAX (REPLY_HEADERS_MAX + 12)

enum outcome { OUT_NONE, OUT_RENDERED, OUT_COMMITTED, OUT_LATE };
enum pending { PENDING_NONE, PENDING_WORK, PENDING_WRITE };

struct call {
	struct dispatch *d;
	struct call *next_free;
	struct arena *arena;
	struct op op;
	struct scope scope;
	struct entropy entropy;
	struct req rq;
	struct reply rp;
	struct call_from from;
	const struct route_table *table;
	struct form_raw raw;
	struct multipart *mp;
	struct upload *up;
	struct buf body;
	enum err body_err;
	int refused;			/* HTTP status found before the handler; 0 = none */
	enum err refused_err;
	str allow;			/* of a 405 */
	bool swallow, close, reading;
	int64_t body_got;
	enum pending pending;
	enum outcome outcome;
	struct work work;
	int64_t began_ms;
	struct reply_header header[ANSWER_HEADERS_MAX];
	size_t header_n;
};

struct dispatch {
	struct web *web;
	struct arena *arena;		/* under `lock` once threads run */
	struct web_config cf;
	struct edge edge;
	const struct router *router;
	struct work_pool *pool;
	int tmp_dir;
	unsigned event_threads;
	atomic_bool refusing;
	atomic_llong open, requests, refused, busy, status[6];
	atomic_ullong next_id;
	pthread_mutex_t lock;
	struct call *free;
};

static void run_on_worker(struct work *w, unsigned thread);
static void too_late(struct work *w);
static void submit_write(struct call *c);

/* ---- life ------------------------------------------------------------------------- */

struct dispatch *dispatch_new(struct arena *a, const struct web_config *cf, int tmp_dir,
			      struct web *w)
{
	struct dispatch *d = NEW(a, struct dispatch);
	struct entropy e;
	unsigned workers = cf->workers ? cf->workers : HTTP_WORKERS;

	entropy_system(&e);
	d->web = w;
	d->arena = arena_new(64 * MIB);	/* not `a`: that one has another lock */
	d->cf = *cf;
	d->tmp_dir = tmp_dir;
	d->event_threads = web_threads(cf) - workers;
	d->router = router_new(a, cf->table, cf->table_n);
	edge_init(a, cf, &d->edge);
	atomic_init(&d->next_id, entropy_u64(&e) >> 8);
	pthread_mutex_init(&d->lock, NULL);
	d->pool = work_start(a, workers, d->event_threads);
	return d;
}

void dispatch_refuse_new(struct dispatch *d)
{
	atomic_store(&d->refusing, true);
}

int64_t dispatch_open(struct dispatch *d)
{
	return atomic_load(&d->open);
}

void dispatch_tick(struct dispatch *d)
{
	work_expire(d->pool, clock_monotonic_ms());
}

void dispatch_free(struct dispatch *d)
{
	assert(dispatch_open(d) == 0);
	work_stop(d->pool);
	for (struct call *c = d->free; c; c = c->next_free) {
		buf_release(&c->rp.body);
		buf_release(&c->body);
		arena_free(c->arena);
	}
	pthread_mutex_destroy(&d->lock);
	arena_free(d->arena);
}

void dispatch_stats(struct dispatch *d, struct web_stats *ret)
{
	*ret = (struct web_stats){
		.requests = atomic_load(&d->requests), .refused = atomic_load(&d->refused),
		.busy = atomic_load(&d->busy), .open = atomic_load(&d->open),
	};
	for (int i = 0; i < 6; i++)
		ret->status[i] = atomic_load(&d->status[i]);
}

void dispatch_metrics(struct dispatch *d, struct buf *out)
{
	if (d->cf.hooks.metrics)
		d->cf.hooks.metrics(d->cf.hooks.app, out);
}

void dispatch_note_refused(struct dispatch *d, int status, const char *why)
{
	atomic_fetch_add(&d->refused, 1);
	log_line(LOG_INFO, "http refused %d %s", status, why);
}

static struct call *call_take(struct dispatch *d)
{
	struct call *c;

	pthread_mutex_lock(&d->lock);
	c = d->free;
	if (c)
		d->free = c->next_free;
	else
		c = NEW(d->arena, struct call);
	pthread_mutex_unlock(&d->lock);
	if (!c->arena) {
		c->arena = arena_new(ARENA_OP_MAX);
		buf_init(&c->rp.body, PAGE_BYTES_MAX);
		buf_init(&c->body, HTTP_BODY_MAX);
	}
	return c;
}

/* Everything but the memory is new; large buffers are not kept. */
static void call_give(struct dispatch *d, struct call *c)
{
	struct arena *arena = c->arena;
	struct buf page = c->rp.body, body = c->body;

	if (c->rp.fd >= 0)
		close(c->rp.fd);
	if (page.cap > MIB)
		buf_release(&page);
	if (body.cap > MIB)
		buf_release(&body);
	buf_clear(&page);
	buf_clear(&body);
	arena_reset(arena);
	memset(c, 0, sizeof(*c));
	c->arena = arena;
	c->rp.body = page;
	c->body = body;
	pthread_mutex_lock(&d->lock);
	c->next_free = d->free;
	d->free = c;
	pthread_mutex_unlock(&d->lock);
}

void call_done(struct call *c, bool sent)
{
	struct dispatch *d = c->d;
	int status = c->rp.status ? c->rp.status : sent ? 200 : 0;
	str name = c->rq.route ? c->rq.route->name : STR("-");

	atomic_fetch_add(&d->status[status / 100 % 6], 1);
	log_line(LOG_INFO, "http id=%llx route=%.*s status=%d ms=%lld%s%s%s",
		 (unsigned long long)c->op.id, STR_ARG(name), status,
		 (long long)(clock_monotonic_ms() - c->began_ms), sent ? "" : " gone",
		 status >= 500 && c->op.errat ? " at=" : "",
		 status >= 500 && c->op.errat ? c->op.errat : "");
	call_give(d, c);
	atomic_fetch_sub(&d->open, 1);
}

/* ---- errors --------------------------------------------------------------------------- */

static void render_status(struct call *c, int status, enum err e)
{
	str message = str_of(c->op.errmsg);

	reply_reset(&c->rp);
	c->rp.status = status;
	if (status == 503)
		atomic_fetch_add(&c->d->busy, 1);
	if (status == 401 && !c->rq.api && c->rq.method == HTTP_GET && !c->rq.hx) {
		edge_to_sign_in(&c->rq, &c->rp);
		return;
	}
	if (status >= 500)
		message = STR_NONE;	/* what broke inside is for the log */
	if (c->table->error && c->table->error(&c->rq, &c->rp, status, e) == ERR_OK &&
	    !c->rp.body.failed) {
		c->rp.status = c->rp.status ? c->rp.status : status;
	} else {
		reply_reset(&c->rp);
		reply_plain_error(&c->rp, status, message, c->op.id);
	}
	if (status == 503 || status == 429)
		reply_header(&c->rp, "Retry-After", STR("3"));
	if (status == 405)
		reply_header(&c->rp, "Allow", c->allow);
}

static bool show_again(struct call *c)
{
	const struct form *form = c->rq.route->form();

	if (!form->again || c->rq.api)
		return false;
	reply_reset(&c->rp);
	c->rp.status = 422;
	return form->again(&c->rq, &c->rp) == ERR_OK && !c->rp.body.failed;
}

/* The answer to an error of a step, a handler or a commit. */
static void render_error(struct call *c, enum err e)
{
	int status = c->refused ? c->refused : reply_status(e, c->rq.if_match.len > 0);

	if (e == ERR_LIMIT && c->rp.status == 429)
		status = 429;	/* the handler meant: too often */
	memset(&c->rq.wop, 0, sizeof(c->rq.wop));
	if (e == ERR_INVALID && !c->refused && show_again(c))
		return;
	/* 503 with words: a full disk */
	if (status >= 500 && (status != 503 || c->op.errmsg[0]))
		log_line(status == 503 ? LOG_WARN : LOG_ERROR, "http id=%llx %s: %s",
			 (unsigned long long)c->op.id, c->op.errat ? c->op.errat : "?",
			 c->op.errmsg);
	render_status(c, status, e);
}

static enum err refuse(struct call *c, int status, enum err e)
{
	assert(status >= 400 && e);
	if (!c->refused) {
		c->refused = status;
		c->refused_err = e;
	}
	return e;
}

/* ---- the steps -------------------------------------------------------------------------- */

static enum err step_session(struct call *c)
{
	struct req *rq = &c->rq;
	const struct web_hooks *h = &c->d->cf.hooks;
	enum err e;

	rq->signed_in = false;
	memset(&c->scope, 0, sizeof(c->scope));
	c->op.scope = &c->scope;
	if ((rq->sid.len == 0 && rq->bearer.len == 0) || !h->session)
		return ERR_OK;
	e = h->session(h->app, rq, &c->scope);
	if (e == ERR_NOTFOUND) {
		op_clear_error(&c->op);
		memset(&c->scope, 0, sizeof(c->scope));
		return ERR_OK;
	}
	if (e)
		return e;
	assert(!c->scope.system);	/* never from the web */
	assert(c->scope.token == rq->api);
	rq->signed_in = true;
	c->op.tenant = c->scope.tenant;
	return ERR_OK;
}

static enum err step_allow(struct call *c)
{
	const struct req *rq = &c->rq;

	if (rq->route->cap == CAP_PUBLIC)
		return ERR_OK;
	if (!rq->signed_in)
		return refuse(c, 401, ERR_DENIED);
	if (!scope_can(&c->scope, rq->route->cap))
		return FAIL(&c->op, ERR_DENIED, "这一页不在您的职责内。");
	/* Of another tenant: as good as absent. */
	if (rq->id && rq->tenant.v != c->scope.tenant.v)
		return ERR_NOTFOUND;
	return ERR_OK;
}

static enum err step_csrf(struct call *c)
{
	struct req *rq = &c->rq;
	str want, got;

	if (rq->route->csrf != ROUTE_CSRF || rq->api)
		return ERR_OK;
	want = rq->signed_in ? c->scope.csrf : rq_cookie(rq, STR("pre"));
	got = form_typed(&c->raw, STR("csrf"));
	if (got.len == 0)
		got = guard_header(rq->guard, STR("x-csrf-token"));
	if (want.len < 26 || got.len != want.len || !bytes_eq(got.ptr, want.ptr, want.len))
		return FAIL(&c->op, ERR_DENIED, "这个页面放得太久了。请刷新页面再提交一次。");
	return ERR_OK;
}

static bool is_declared(const struct form *form, str name)
{
	for (size_t i = 0; i < form->field_n; i++) {
		const struct form_input *f = &form->field[i];
		if (f->kind == FORM_OPEN ? str_starts(name, f->name) : str_eq(name, f->name))
			return true;
	}
	return false;
}

/* The API says when it does not know a parameter; a browser's link may carry anything. */
static enum err check_declared(struct call *c, const struct form *form)
{
	enum err e = ERR_OK;

	for (size_t i = 0; c->rq.api && i < c->raw.pair.n; i++)
		if (!is_declared(form, c->raw.pair.at[i].name))
			e = INVALID(&c->op, c->raw.pair.at[i].name, "没有这个参数。");
	return e;
}

static enum err read_json(struct call *c)
{
	struct json *j;

	if (c->body.len == 0)
		return c->rq.route->form()->may_be_empty ? ERR_OK : FAIL(&c->op, ERR_INVALID,
				"请求里没有 JSON 内容。");
	TRY(json_read(&c->op, (str){ c->body.ptr, c->body.len }, &j));
	if (j->kind != JSON_OBJ)
		return FAIL(&c->op, ERR_INVALID, "JSON 内容应是一个对象。");
	c->rq.json = j;
	return ERR_OK;
}

/* Bytes become pairs; what was typed is kept even when the next step refuses. */
static enum err step_read(struct call *c)
{
	const struct form *form = c->rq.route->form();

	c->rq.typed = &c->raw;
	if (c->body_err)
		return c->body_err;
	if (c->rq.method == HTTP_GET)
		return form_read_urlencoded(&c->op, c->rq.query, form_bytes_max(form), &c->raw);
	c->rq.body = (str){ c->body.ptr, c->body.len };
	if (form->body == BODY_FORM && !c->mp)
		return form_read_urlencoded(&c->op, c->rq.body, form_bytes_max(form), &c->raw);
	return c->mp ? multipart_end(&c->op, c->mp) : ERR_OK;
}

static enum err step_bind(struct call *c)
{
	const struct form *form = c->rq.route->form();

	switch (form->body) {
	case BODY_FORM:
		TRY(check_declared(c, form));
		return form_bind(&c->op, form, &c->raw, &c->rq.form);
	case BODY_JSON:
		return c->rq.method == HTTP_GET ? ERR_OK : read_json(c);
	case BODY_UPLOAD:
		if (c->raw.file.n != 1)
			return FAIL(&c->op, ERR_INVALID, "请附上一个文件。");
		return ERR_OK;
	}
	panic("a body outside of its enum");
}

static enum err judge(struct call *c)
{
	TRY(step_session(c));
	TRY(step_allow(c));
	TRY(step_read(c));
	TRY(step_csrf(c));
	return step_bind(c);
}

/* ---- running ----------------------------------------------------------------------------- */

static enum err begin_read(struct call *c, unsigned thread)
{
	const struct web_hooks *h = &c->d->cf.hooks;
	enum err e = ERR_OK;

	assert(!c->reading);
	c->rq.thread = thread;
	if (h->read_begin)
		e = h->read_begin(h->app, thread, &c->op);
	c->reading = e == ERR_OK;
	return e;
}

static void end_read(struct call *c)
{
	const struct web_hooks *h = &c->d->cf.hooks;

	if (c->reading && h->read_end)
		h->read_end(h->app, c->rq.thread, &c->op);
	c->reading = false;
	c->op.store = NULL;
}

static void check_rendered(struct call *c)
{
	if (!c->rp.body.failed)
		return;
	op_fail(&c->op, ERR_LIMIT, OP_AT, "这一页太大，请缩小范围。");
	c->refused = 500;
	render_error(c, ERR_LIMIT);
}

/* Session to handler, in one read scope on this thread. */
static void run_handler(struct call *c, unsigned thread)
{
	enum err e;

	if (c->rq.route->where == ROUTE_STATIC) {
		e = c->rq.route->handler(&c->rq, &c->rp);
		if (e)
			render_error(c, e);
		return;
	}
	e = begin_read(c, thread);
	if (!e)
		e = judge(c);
	if (!e)
		e = c->rq.route->handler(&c->rq, &c->rp);
	if (e)
		render_error(c, e);
	check_rendered(c);
	end_read(c);
}

/* The write stands, but the page after it cannot be read now: that must not look like a failure. */
static void render_kept(struct call *c)
{
	reply_reset(&c->rp);
	if (c->rq.api)
		render_status(c, 503, ERR_BUSY);
	else
		reply_plain_error(&c->rp, 503, STR("您提交的内容已经保存。下一页暂时打不开，请过几秒回到首页查看，不要重复提交。"),
				  c->op.id);
}

static void run_finish(struct call *c, unsigned thread)
{
	struct req *rq = &c->rq;
	enum err e = rq->wop.err, opened;

	memcpy(c->op.errmsg, rq->wop.op.errmsg, sizeof(c->op.errmsg));
	c->op.errat = rq->wop.op.errat;
	c->op.field_errors = rq->wop.op.field_errors;
	rq->wop.run = NULL;
	opened = begin_read(c, thread);
	if (opened && !e) {
		render_kept(c);
		return;
	}
	e = rq->finish(rq, &c->rp, e);
	if (e)
		render_error(c, e);
	check_rendered(c);
	end_read(c);
}

static void finish_on_worker(struct work *work, unsigned thread)
{
	struct call *c = (struct call *)((char *)work - offsetof(struct call, work));

	run_finish(c, thread);
	if (c->rq.wop.run) {
		submit_write(c);
		return;
	}
	c->outcome = OUT_RENDERED;
	c->from.resume(c->from.conn);
}

/* What was too long for an event thread before the write is so after it: on to a worker again. */
static void committed(struct wop *w, enum err e)
{
	struct call *c = w->user;

	assert(c->pending == PENDING_WRITE);
	w->err = e;
	c->work = (struct work){ .run = finish_on_worker, .late = too_late, .late_ms = INT64_MAX };
	if (c->rq.route->where == ROUTE_WORKER && work_put(c->d->pool, &c->work) == ERR_OK)
		return;
	c->outcome = OUT_COMMITTED;
	c->from.resume(c->from.conn);
}

static void submit_write(struct call *c)
{
	const struct web_hooks *h = &c->d->cf.hooks;
	struct wop *w = &c->rq.wop;
	enum err e = ERR_BUSY;

	c->pending = PENDING_WRITE;
	w->done = committed;
	w->user = c;
	if (h->submit)
		e = h->submit(h->app, w);
	if (e)
		committed(w, e);
}

static void run_on_worker(struct work *work, unsigned thread)
{
	struct call *c = (struct call *)((char *)work - offsetof(struct call, work));

	run_handler(c, thread);
	if (c->rq.wop.run) {
		submit_write(c);
		return;
	}
	c->outcome = OUT_RENDERED;
	c->from.resume(c->from.conn);
}

static void too_late(struct work *work)
{
	struct call *c = (struct call *)((char *)work - offsetof(struct call, work));

	c->outcome = OUT_LATE;
	c->from.resume(c->from.conn);
}

/* After the handler or the finish on an event thread: done, or on to the writer? */
static enum call_step after_run(struct call *c)
{
	if (!c->rq.wop.run)
		return STEP_ANSWER;
	c->pending = PENDING_WRITE;
	return STEP_WAIT;
}

enum call_step call_end(struct call *c)
{
	enum route_where where;

	if (c->refused) {
		render_error(c, c->refused_err);
		return STEP_ANSWER;
	}
	where = c->rq.route->where;
	if (where == ROUTE_STATIC || (where == ROUTE_INLINE && !c->d->cf.all_workers)) {
		run_handler(c, c->rq.thread);
		return after_run(c);
	}
	c->pending = PENDING_WORK;
	c->work = (struct work){
		.run = run_on_worker,
		.late = too_late,
		.hashing = where == ROUTE_HASHING,
		.late_ms = clock_monotonic_ms() +
			   (where == ROUTE_HASHING ? HTTP_SIGN_IN_WAIT_MS : HTTP_WAIT_MS),
	};
	return STEP_WAIT;
}

void call_go(struct call *c)
{
	assert(c->pending != PENDING_NONE);
	c->outcome = OUT_NONE;
	if (c->pending == PENDING_WRITE)
		submit_write(c);
	else if (work_put(c->d->pool, &c->work) != ERR_OK)
		too_late(&c->work);
}

enum call_step call_again(struct call *c, unsigned thread)
{
	assert(thread < c->d->event_threads);
	c->pending = PENDING_NONE;
	switch (c->outcome) {
	case OUT_RENDERED:
		return STEP_ANSWER;
	case OUT_COMMITTED:
		run_finish(c, thread);
		return after_run(c);
	case OUT_LATE:
		c->refused = 503;
		render_error(c, ERR_BUSY);
		return STEP_ANSWER;
	case OUT_NONE:
		break;
	}
	panic("resumed without an outcome");
}

/* ---- the head of a request ------------------------------------------------------------------ */

static void fill_req(struct call *c, unsigned thread)
{
	const struct guard *g = c->from.guard;
	struct req *rq = &c->rq;
	str rest = g->target;

	c->op = (struct op){
		.arena = c->arena,
		.clock = c->d->cf.clock,
		.scope = &c->scope,
		.entropy = &c->entropy,
		.now_ms = clock_now(c->d->cf.clock),
		.id = atomic_fetch_add(&c->d->next_id, 1),
	};
	entropy_system(&c->entropy);
	c->rp.fd = -1;
	c->rp.arena = c->arena;
	c->table = c->d->cf.table[0];
	rq->op = &c->op;
	rq->app = c->d->cf.hooks.app;
	rq->web = c->d->web;
	rq->guard = g;
	rq->thread = thread;
	rq->method = g->method == HTTP_HEAD ? HTTP_GET : g->method;
	rq->path = str_cut(&rest, '?');
	rq->query = rest;
	rq->host = g->host;
	rq->if_match = guard_header(g, STR("if-match"));
	rq->idempotency_key = guard_header(g, STR("idempotency-key"));
	rq->accept = guard_header(g, STR("accept"));
	rq->user_agent = guard_header(g, STR("user-agent"));
	rq->hx = str_eq(guard_header(g, STR("hx-request")), STR("true"));
	edge_read(&c->d->edge, &c->from, rq);
	rq->theme = rq_cookie(rq, STR("theme"));
}

static void take_tokens(struct req *rq)
{
	str auth = guard_header(rq->guard, STR("authorization"));

	if (!rq->api) {
		rq->sid = rq_cookie(rq, STR("sid"));
	} else if (auth.len > 7 && ascii_eq(str_slice(auth, 0, 7), STR("bearer "))) {
		rq->bearer = str_trim(str_slice(auth, 7, auth.len));
	}
	if (rq->sid.len > 256)
		rq->sid = STR_NONE;
	if (rq->bearer.len > 256)
		rq->bearer = STR_NONE;
}

static enum err find_route(struct call *c)
{
	struct route_match m;
	struct req *rq = &c->rq;
	struct buf allow;

	router_find(c->d->router, c->arena, c->from.guard->method, rq->path, &m);
	c->table = m.table;
	rq->api = m.table->api;
	rq->route = m.route;
	take_tokens(rq);
	if (m.route) {
		memcpy(rq->param, m.param, sizeof(rq->param));
		rq->param_n = m.param_n;
		rq->tenant = m.tenant;
		rq->id = m.id;
		return ERR_OK;
	}
	if (!m.found)
		return refuse(c, 404, ERR_NOTFOUND);
	buf_init(&allow, 200);
	for (int i = 0; i < HTTP_METHOD_N; i++)
		if (m.methods >> i & 1)
			buf_addf(&allow, "%s%s", allow.len ? ", " : "",
				 http_method_name((enum http_method)i).ptr);
	if (m.methods >> HTTP_GET & 1)
		buf_add(&allow, STR(", HEAD"));
	c->allow = str_dup(c->arena, (str){ allow.ptr, allow.len });
	buf_release(&allow);
	return refuse(c, 405, ERR_NOTFOUND);
}

static int64_t body_max(const struct call *c, const struct form *form)
{
	switch (form->body) {
	case BODY_JSON:
		return (int64_t)JSON_BYTES_MAX;
	case BODY_UPLOAD:
		return (int64_t)(UPLOAD_BYTES_MAX + FORM_BYTES_MAX);
	case BODY_FORM:
		break;
	}
	/* A Han character is 3 bytes, and 9 when it is percent-encoded. */
	return c->mp ? (int64_t)HTTP_BODY_MAX : 3 * (int64_t)form_bytes_max(form);
}

/* Which reader takes the body? */
static enum err choose_body(struct call *c)
{
	const struct guard *g = c->from.guard;
	const struct form *form = c->rq.route->form();
	str type = guard_header(g, STR("content-type")), rest = type, boundary;

	if (g->body_size == 0)
		return ERR_OK;
	if (guard_header(g, STR("content-encoding")).len)
		return refuse(c, 415, ERR_INVALID);
	rest = str_trim(str_cut(&rest, ';'));
	if (form->body != BODY_JSON && multipart_boundary(type, &boundary))
		c->mp = multipart_start(&c->op, form, boundary, c->d->tmp_dir, &c->raw);
	else if (form->body == BODY_UPLOAD && !str_starts(rest, STR("multipart/")))
		c->body_err = upload_start(&c->op, c->d->tmp_dir, &c->up);
	else if (!ascii_eq(rest, form->body == BODY_JSON ? STR("application/json")
						  : STR("application/x-www-form-urlencoded")))
		return refuse(c, 415, ERR_INVALID);
	return ERR_OK;
}

/* A large body is not taken from whoever may not send it. */
static enum err judge_early(struct call *c)
{
	enum err e;

	if (!c->mp && !c->up && c->from.guard->body_size >= 0 &&
	    c->from.guard->body_size <= (int64_t)FORM_BYTES_MAX)
		return ERR_OK;
	e = begin_read(c, c->rq.thread);
	if (!e)
		e = step_session(c);
	if (!e)
		e = step_allow(c);
	end_read(c);
	return e ? refuse(c, reply_status(e, false), e) : ERR_OK;
}

static enum err judge_head(struct call *c)
{
	if (atomic_load(&c->d->refusing)) {
		c->rp.close = true;
		return refuse(c, 503, ERR_BUSY);
	}
	TRY(find_route(c));
	if (c->rq.route->where == ROUTE_STATIC)
		return ERR_OK;
	if (!edge_host_ok(&c->d->edge, &c->from, c->rq.host))
		return refuse(c, 421, ERR_INVALID);
	if (c->rq.route->csrf == ROUTE_CSRF && !c->rq.api && !edge_same_origin(&c->rq))
		return refuse(c, 403, ERR_DENIED);
	TRY(choose_body(c));
	TRY(judge_early(c));
	/* After the session: what a person sends too much of is read to its end, and he is told. */
	if (c->from.guard->body_size > body_max(c, c->rq.route->form()))
		return refuse(c, 413, ERR_LIMIT);
	return ERR_OK;
}

struct call *call_begin(struct dispatch *d, const struct call_from *from, unsigned thread,
			enum call_step *ret_step)
{
	struct call *c = call_take(d);
	const struct guard *g = from->guard;

	assert(g->phase == GUARD_BODY || g->phase == GUARD_DONE);
	atomic_fetch_add(&d->open, 1);
	atomic_fetch_add(&d->requests, 1);
	c->d = d;
	c->from = *from;
	c->began_ms = clock_monotonic_ms();
	fill_req(c, thread);
	*ret_step = STEP_BODY;
	if (judge_head(c) == ERR_OK)
		return c;
	assert(c->refused);
	c->swallow = true;
	if (g->body_size != 0 && !c->rq.signed_in &&
	    (g->body_size < 0 || g->body_size > SWALLOW_MAX || g->expect)) {
		render_error(c, c->refused_err);
		c->close = true;
		*ret_step = STEP_ANSWER;
	}
	return c;
}

/* A fault of the body is kept until its end: then the answer is heard. */
void call_body(struct call *c, str bytes)
{
	if (c->swallow || c->body_err)
		return;
	c->body_got += (int64_t)bytes.len;
	if (c->body_got > body_max(c, c->rq.route->form())) {
		c->body_err = FAIL(&c->op, ERR_LIMIT, "内容太大，请减少文字或文件，分几次提交。");
	} else if (c->mp) {
		c->body_err = multipart_feed(&c->op, c->mp, bytes);
	} else if (c->up) {
		if (c->up->size == 0)
			*VEC_PUSH(c->arena, &c->raw.file) = c->up;
		c->body_err = upload_add(&c->op, c->up, bytes, (int64_t)UPLOAD_BYTES_MAX);
	} else {
		buf_add(&c->body, bytes);
		if (c->body.failed)
			c->body_err = ERR_LIMIT;
	}
}

bool call_wants_close(const struct call *c)
{
	return c->close || c->rp.close;
}

static bool sets_session(const struct reply *rp)
{
	for (size_t i = 0; i < rp->header_n; i++)
		if (!strcmp(rp->header[i].name, "Set-Cookie") &&
		    str_find(rp->header[i].value, STR("sid="), 0) >= 0)
			return true;
	return false;
}

/* Who comes back within the 30 days of an own device need not sign in again. */
static void roll_session(struct call *c)
{
	const struct web_hooks *h = &c->d->cf.hooks;

	if (!c->rq.signed_in || !c->scope.to_roll || !h->roll || sets_session(&c->rp))
		return;
	h->roll(h->app, &c->rq);
	if (c->scope.own_device && c->rp.header_n < REPLY_HEADERS_MAX)
		reply_session(&c->rq, &c->rp, c->rq.sid, SESSION_OWN_MS / MS_SECOND);
}

struct reply *call_reply(struct call *c, const struct reply_header **ret_header, size_t *ret_n)
{
	roll_session(c);
	c->header_n = edge_headers(&c->rq, &c->rp, c->header, ANSWER_HEADERS_MAX);
	*ret_header = c->header;
	*ret_n = c->header_n;
	return &c->rp;
}

/* ---- what handlers call ------------------------------------------------------------------ */

str rq_param(const struct req *rq, str name)
{
	for (size_t i = 0; i < rq->param_n; i++)
		if (str_eq(rq->param[i].name, name))
			return rq->param[i].value;
	return STR_NONE;
}

str rq_typed(const struct req *rq, str name)
{
	str s = form_typed(rq->typed, name);

	return s.ptr ? s : STR("");
}

str rq_fault(const struct req *rq, str name)
{
	for (const struct field_error *f = rq->op->field_errors; f; f = f->next)
		if (str_eq(f->field, name))
			return f->message;
	return STR_NONE;
}

str rq_csrf(struct req *rq, struct reply *rp)
{
	if (rq->signed_in)
		return rq->op->scope->csrf;
	if (!rq->csrf.len)
		rq->csrf = rq_cookie(rq, STR("pre"));
	if (rq->csrf.len < 26 || rq->csrf.len > 64) {
		rq->csrf = entropy_token(rq->op->entropy, rq->op->arena, 20);
		reply_cookie(rq, rp, STR("pre"), rq->csrf, 0);
	}
	return rq->csrf;
}

void rq_write(struct req *rq, enum err (*run)(struct op *op, void *arg), void *arg,
	      finish_fn *finish)
{
	assert(run && finish);
	assert(!rq->wop.run);		/* at most once */
	memset(&rq->wop, 0, sizeof(rq->wop));
	rq->wop.op = *rq->op;
	rq->wop.op.store = NULL;
	rq->wop.op.entropy = NULL;
	rq->wop.op.idgen = NULL;
	rq->wop.op.tx_depth = 0;
	op_clear_error(&rq->wop.op);
	rq->wop.run = run;
	rq->wop.arg = arg;
	rq->wop.class = WOP_NORMAL;
	rq->finish = finish;
}
