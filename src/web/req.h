/*
 * req: what a handler sees of a request: its operation, its declared form, the
 * parameters of its path. It is never more than the dispatcher has checked. It and
 * everything it points at live in op->arena, until the answer has been sent.
 *
 *	enum err page_x(struct req *rq, struct reply *rp)
 *	{
 *		const struct form_x *f = rq->form;
 *		…	read by services, fill a template struct, render into &rp->body
 *	}
 *
 * A handler that writes prepares the write and returns:
 *
 *	rq_write(rq, run_x, arg, finish_x);
 *	return ERR_OK;
 *
 * run_x(op, arg) runs on the writer's thread, in the arena of the request; after the commit
 * finish_x(rq, rp, err) renders (a redirect, mostly), on an event thread, in a read scope of
 * its own. ERR_LIMIT is a 413; who means "too often" sets rp->status = 429 before it returns
 * ERR_LIMIT. finish_x may return the error it got: then the form is shown again (ERR_INVALID) or
 * the error page.
 */
#ifndef WEB_REQ_H
#define WEB_REQ_H

#include "base/json.h"
#include "base/op.h"
#include "store/writer.h"
#include "web/form.h"
#include "web/reply.h"
#include "web/router.h"

struct web;

typedef enum err finish_fn(struct req *rq, struct reply *rp, enum err e);

struct req {
	struct op *op;			/* scope of the person; a reader, in a read scope */
	void *app;			/* of web_hooks: what main gave the doors to work with */
	const struct route *route;
	enum http_method method;	/* HEAD arrives as GET */
	str path, query;		/* as they came; for "here", not for deciding */
	struct route_param param[HTTP_PIECE_MAX];
	size_t param_n;
	tenant_id tenant;		/* of ":id" */
	int64_t id;
	const void *form;		/* struct form_NAME */
	const struct form_raw *typed;	/* as typed, for showing again: form_typed() */
	const struct json *json;	/* form `json` */
	str body;			/* its bytes, for the hash beside an Idempotency-Key */
	str host;			/* allowed by the settings */
	str client;			/* address; behind a trusted proxy the one it names */
	str sid, bearer;		/* tokens, for the session hook */
	str idempotency_key, if_match, accept, user_agent, theme;
	bool hx;			/* HX-Request: a fragment is enough */
	bool secure;			/* the client speaks TLS to the proxy */
	bool insecure;			/* open network without TLS: the banner */
	bool api;
	bool signed_in;
	unsigned thread;		/* which reader: 0 … threads - 1 */
	const struct guard *guard;	/* other headers; for the dispatcher */
	struct web *web;

	struct wop wop;			/* of rq_write() */
	finish_fn *finish;
	str csrf;			/* once made */
};

str rq_param(const struct req *rq, str name);	/* STR_NONE when the route has none */
str rq_cookie(const struct req *rq, str name);
/*
 * The token for forms of this page. Without a session it is a cookie's, which is set on
 * *rp when it is new.
 */
str rq_csrf(struct req *rq, struct reply *rp);
/* What was typed in a field, "" when nothing: for showing a form again. */
str rq_typed(const struct req *rq, str name);
/* The message of a field, STR_NONE when it has no fault. */
str rq_fault(const struct req *rq, str name);
/*
 * Queue a write of the scope's tenant (set rq->wop.op.tenant for another) as a person's. At most
 * once per handler or finish.
 */
void rq_write(struct req *rq, enum err (*run)(struct op *op, void *arg), void *arg,
	      finish_fn *finish);

#endif
