/*
 * reply: the answer that a handler fills. Default: 200, HTML, not stored anywhere.
 * The body is rendered into `body`; or it is bytes that outlive the answer; or an open
 * file. The dispatcher adds the security headers to every answer, whatever its status.
 */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct req;
struct arena;

#define REPLY_HEADERS_MAX 16

struct reply_header { const char *name; str value; };

struct reply {
	int status;			/* 0 = 200 */
	str type;			/* none = "text/html; charset=utf-8" */
	struct buf body;
	str bytes;			/* when set, instead of body */
	int fd;				/* when >= 0, instead of both; closed by the dispatcher */
	int64_t fd_size;
	str cache;			/* Cache-Control; none = "no-store" */
	bool sandbox;			/* it came from a person: nothing may run in it */
	bool close;			/* end the connection after this answer */
	struct reply_header header[REPLY_HEADERS_MAX];
	size_t header_n;
	struct arena *arena;
};

/* `name` is a literal; the value must have no control bytes (asserted) and is not copied. */
void reply_header(struct reply *rp, const char *name, str value);
/* Forget what was rendered, and headers; keep the cookies out too: for turning into an error. */
void reply_reset(struct reply *rp);

/* 303 to a path of ours: "/tasks?x=1". Anything else (another host, a scheme) becomes "/". */
void reply_redirect(struct reply *rp, str to);
/* May this be a target of reply_redirect()? For `next` and `back` fields. */
bool reply_is_local(str to);

/* Write JSON into what this returns (rp->body). */
struct buf *reply_json(struct reply *rp);
void reply_text(struct reply *rp, str text);	/* plain text, not copied */
/* A file that a person uploaded, or a document that we made: never runs, RFC 6266 name. */
void reply_file(struct reply *rp, int fd, int64_t size, str type, str filename, bool attachment);
void reply_download(struct reply *rp, str bytes, str type, str filename);

/*
 * True when the client has this version already: the reply is a 304 and the handler
 * returns. `tag` is without quotes: letters, digits, '-', '.'.
 */
bool reply_etag(struct req *rq, struct reply *rp, str tag);

/*
 * A cookie for the whole site: HttpOnly, SameSite=Lax, Secure where the connection is. max_age_s 0:
 * until the browser closes.
 */
void reply_cookie(struct req *rq, struct reply *rp, str name, str value, int64_t max_age_s);
void reply_cookie_end(struct req *rq, struct reply *rp, str name);
/* The session token: "__Host-sid" on a secure connection, else "sid". */
void reply_session(struct req *rq, struct reply *rp, str token, int64_t max_age_s);
void reply_session_end(struct req *rq, struct reply *rp);

/* The table of interfaces §3. ERR_OK is 200. */
int reply_status(enum err e, bool if_match);
/* What a status is called on an error page, in Chinese, and what to do then. */
str reply_status_title(int status);
str reply_status_advice(int status);

/* A bare page for an error, from nothing but the status, a message and the operation id. */
void reply_plain_error(struct reply *rp, int status, str message, uint64_t op_id);

#endif
