/*
 * web: the HTTP server and what it is given. It knows no product: pages and the API
 * are tables of routes, sessions come through a hook. Nothing here is global but the
 * adapter's table of connections (http_mhd.c says why).
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/clock.h"
#include "base/err.h"
#include "base/op.h"
#include "store/writer.h"
#include "web/req.h"
#include "web/router.h"

struct web;

/* Filled by src/cli at the start. All are called from several threads at once. */
struct web_hooks {
	void *app;		/* the first argument of all, and rq->app */
	/*
	 * Set op->store to the reader of thread `thread` (0 … web_threads() - 1; never two at a
	 * time with one number) and begin the request's read scope. ERR_BUSY and others are
	 * answered.
	 */
	enum err (*read_begin)(void *app, unsigned thread, struct op *op);
	void (*read_end)(void *app, unsigned thread, struct op *op);
	/*
	 * The live session of rq->sid, or the token of rq->bearer (one of them is set), in the read
	 * scope. ERR_NOTFOUND: there is none (any more).
	 */
	enum err (*session)(void *app, struct req *rq, struct scope *ret_scope);
	/* writer_submit() */
	enum err (*submit)(void *app, struct wop *w);
	/* The session of rq->sid goes on (scope.to_roll): queue it, do not wait. May be NULL. */
	void (*roll)(void *app, struct req *rq);
	/* More lines for web_metrics(): of the writer, the jobs, the disk. May be NULL. */
	void (*metrics)(void *app, struct buf *out);
};

struct web_config {
	str listen;		/* "127.0.0.1:8443", "[::1]:0"; port 0: any */
	str tmp_dir;		/* for uploads, on the file system of the blobs */
	str public_url;		/* "https://aq.example.cn": its host is allowed; may be "" */
	str trusted_proxy;	/* addresses that may say X-Forwarded-*, by commas; may be "" */
	str tls_cert;		/* refused: TLS is the proxy's (docs/adr/0011) */
	bool insecure_lan;
	bool all_workers;	/* INLINE runs on workers too (PostgreSQL) */
	unsigned event_threads;	/* 0 = 2 */
	unsigned workers;	/* 0 = HTTP_WORKERS */
	const struct clock *clock;
	struct web_hooks hooks;
	const struct route_table *const *table;
	size_t table_n;
};

struct web_stats { int64_t requests, refused, busy, status[6], open; };

/* ERR_INVALID, in words: an address that the settings do not allow. ERR_IO: it is taken. */
MUST_CHECK enum err web_start(struct op *op, const struct web_config *cf, struct web **ret_web);
int web_port(const struct web *w);
str web_address(const struct web *w);		/* "http://127.0.0.1:8443" */
unsigned web_threads(const struct web_config *cf);
void web_stats(struct web *w, struct web_stats *ret);
/* Prometheus text: this server's counters, then what the hook adds. */
void web_metrics(struct web *w, struct buf *out);
/*
 * Take nothing new; answer what is under way (the writer must still run); then stop and
 * free. ERR_BUSY when something did not end within HTTP_STOP_MS: then the process must end without
 * tearing down what that still uses. Accepts NULL.
 */
enum err web_stop(struct web *w);

#endif
