/*
 * router: the table of routes and the finding in it. A route is one line of a .def file;
 * what it says the dispatcher enforces: nothing is checked by a handler.
 *
 * A path is literal segments and parameters: ":id" is a public id (its tenant travels
 * with it), every other ":name" a word of at most 64 letters, digits, '-', '_', '.'.
 * Segments are decoded once; what is empty, ".", "..", not UTF-8, not NFC, would decode
 * again, or holds '/', '\' or a control is no path at all. Literal beats parameter.
 */
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include <stddef.h>
#include <stdint.h>

#include "auth/scope.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/str.h"
#include "web/form.h"
#include "web/guard.h"

struct req;
struct reply;
struct arena;

typedef enum err page_fn(struct req *rq, struct reply *rp);

enum route_where {
	ROUTE_INLINE,	/* a short read, on the event thread */
	ROUTE_WORKER,	/* anything slow: PDF, import, files to keep */
	ROUTE_HASHING,	/* passwords: a worker, HTTP_HASHERS at once, waits HTTP_SIGN_IN_WAIT_MS */
	ROUTE_STATIC,	/* on the event thread, without session and without a read scope */
};
enum route_csrf { ROUTE_NONE, ROUTE_CSRF };

struct route {
	enum http_method method;
	str path;
	enum route_where where;
	enum cap cap;			/* CAP_PUBLIC is spelled PUBLIC in the table */
	enum route_csrf csrf;
	const struct form *(*form)(void);
	page_fn *handler;
	str name;			/* of the handler: for the log */
};

/*
 * For the tables:
 *	#define ROUTE(...) page_fn …;  see ROUTE_DECLARE, ROUTE_ROW
 */
#define ROUTE_DECLARE(method, path, where, cap, csrf, form, handler) page_fn handler;
#define ROUTE_ROW(method, path, where, cap, csrf, form, handler) \
	{ HTTP_##method, { path, sizeof(path) - 1 }, ROUTE_##where, CAP_##cap, ROUTE_##csrf, \
	  form_##form##_spec, handler, { #handler, sizeof(#handler) - 1 } },

/* One door's routes. Pages and API each register one. */
struct route_table {
	const struct route *at;
	size_t n;
	bool api;	/* bearer tokens, no cookies, no CSRF; unknown query fields are faults */
	str prefix;	/* whose unknown paths are this table's 404: "/api/"; "/" for the rest */
	/*
	 * Render an error in this door's form; op->errmsg and op->field_errors say more. NULL, or
	 * an answer other than ERR_OK: the plain one. When the fault was found before the read
	 * scope (404, 405, 413 …) or instead of it, op->store is NULL and nobody is signed in.
	 */
	enum err (*error)(struct req *rq, struct reply *rp, int status, enum err e);
};

extern const struct route_table web_pages;	/* web/routes.def */

struct route_param { str name, value; };

struct route_match {
	const struct route *route;		/* NULL: see found */
	const struct route_table *table;	/* never NULL */
	bool found;				/* the path exists, with other methods */
	uint32_t methods;			/* bit per enum http_method, of the path */
	struct route_param param[HTTP_PIECE_MAX];
	size_t param_n;
	tenant_id tenant;
	int64_t id;				/* of ":id" */
};

struct router;
/*
 * Panics when a table contradicts itself: two routes alike, a POST without CSRF outside the API, an
 * odd path.
 */
struct router *router_new(struct arena *a, const struct route_table *const *table, size_t n);
/* `path` is what stands before '?', as it came. */
void router_find(const struct router *r, struct arena *a, enum http_method m, str path,
		 struct route_match *ret);

#endif
