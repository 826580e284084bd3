/*
 * dispatch: one request from its head to its answer, without a socket: limits → method →
 * session → capability and scope → CSRF → form → handler → commit → render → one log
 * line. The adapter (http_mhd.c) owns the connection and calls in; a test may call in
 * as well. A `call` has one owner at a time: an event thread, a worker, or the writer.
 *
 *	call_begin ─► STEP_BODY ─► call_body … ─► call_end ─► STEP_ANSWER ─► send, call_done
 *	                                                   └► STEP_WAIT: suspend, call_go ─►
 *	                                                      resume ─► call_again ─► …
 */
#ifndef WEB_DISPATCH_H
#define WEB_DISPATCH_H

#include "web/guard.h"
#include "web/req.h"
#include "web/web.h"

struct call;
struct dispatch;

enum call_step {
	STEP_BODY,	/* hand on the body, then call_end */
	STEP_WAIT,	/* suspend the connection, then call_go */
	STEP_ANSWER,	/* call_reply is ready */
};

/* What the adapter knows about who sends. */
struct call_from {
	const struct guard *guard;	/* its head stays until call_done */
	str peer;			/* address of the other end, text */
	str local;			/* address of our end, text */
	void (*resume)(void *conn);	/* from any thread, once per STEP_WAIT */
	void *conn;
};

struct dispatch *dispatch_new(struct arena *a, const struct web_config *cf, int tmp_dir,
			      struct web *w);
void dispatch_refuse_new(struct dispatch *d);	/* from now on 503 */
int64_t dispatch_open(struct dispatch *d);	/* calls under way */
void dispatch_tick(struct dispatch *d);		/* a few times a second: queues */
void dispatch_free(struct dispatch *d);		/* no call under way */
void dispatch_stats(struct dispatch *d, struct web_stats *ret);
void dispatch_metrics(struct dispatch *d, struct buf *out);	/* the hook's lines */
void dispatch_note_refused(struct dispatch *d, int status, const char *why);	/* by the guard */

struct call *call_begin(struct dispatch *d, const struct call_from *from, unsigned thread,
			enum call_step *ret_step);
void call_body(struct call *c, str bytes);
enum call_step call_end(struct call *c);
void call_go(struct call *c);
enum call_step call_again(struct call *c, unsigned thread);	/* of the event thread it runs on */
/* All headers of the answer, the security headers among them. */
struct reply *call_reply(struct call *c, const struct reply_header **ret_header, size_t *ret_n);
bool call_wants_close(const struct call *c);	/* a refused body was not read */
void call_done(struct call *c, bool sent);	/* or broken off: log, recycle */

#endif
