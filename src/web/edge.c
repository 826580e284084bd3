/* edge: see edge.h. */
#include "web/edge.h"

#include <assert.h>

#include "base/arena.h"
#include "web/dispatch.h"

/* Nothing inline, so no nonce. htmx is no reason for eval. */
#define CSP \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; " \
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " \
	"form-action 'self'; " \
	"frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
#define CSP_SANDBOX "sandbox; default-src 'none'; frame-ancestors 'none'"

bool address_is_loopback(str address)
{
	return str_starts(address, STR("127.")) || str_eq(address, STR("::1")) ||
		str_starts(address, STR("::ffff:127."));
}

/* "name:8443" → "name", "[::1]:8443" → "::1". */
static str without_port(str host)
{
	if (host.len && host.ptr[0] == '[') {
		ptrdiff_t end = str_find(host, STR("]"), 1);
		return end > 0 ? str_slice(host, 1, (size_t)end) : STR("");
	}
	ptrdiff_t colon = str_find(host, STR(":"), 0);
	if (colon >= 0 && str_find(host, STR(":"), (size_t)colon + 1) >= 0)
		return host;	/* a bare IPv6 address of the settings */
	return colon >= 0 ? str_slice(host, 0, (size_t)colon) : host;
}

static void cut_list(struct arena *a, str list, str *to, size_t max, size_t *ret_n)
{
	while (list.ptr && *ret_n < max) {
		str one = str_trim(str_cut(&list, ','));
		if (one.len)
			to[(*ret_n)++] = str_lower(a, one);
	}
}

void edge_init(struct arena *a, const struct web_config *cf, struct edge *ret)
{
	str url = cf->public_url;
	ptrdiff_t scheme = str_find(url, STR("://"), 0);

	*ret = (struct edge){ .insecure = cf->insecure_lan };
	if (scheme > 0) {
		url = str_slice(url, (size_t)scheme + 3, url.len);
		ret->host[ret->host_n++] = str_lower(a, without_port(str_cut(&url, '/')));
	}
	cut_list(a, cf->trusted_proxy, ret->proxy, 16, &ret->proxy_n);
}

static bool is_proxy(const struct edge *ed, str peer)
{
	if (str_starts(peer, STR("::ffff:")))
		peer = str_slice(peer, 7, peer.len);
	for (size_t i = 0; i < ed->proxy_n; i++)
		if (str_eq(ed->proxy[i], peer))
			return true;
	return false;
}

static bool is_address(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			  (c >= 'A' && c <= 'F') || c == '.' || c == ':';
		if (!ok)
			return false;
	}
	return s.len > 0 && s.len <= 45;
}

/*
 * The nearest address that is not a proxy of ours: what stands further left anybody may have
 * written.
 */
static str forwarded(const struct edge *ed, const struct guard *g, str peer)
{
	str list = guard_header(g, STR("x-forwarded-for"));

	while (list.len) {
		size_t at = list.len;
		while (at > 0 && list.ptr[at - 1] != ',')
			at--;
		str one = str_trim(str_slice(list, at, list.len));
		if (!is_address(one))
			break;
		peer = one;
		if (!is_proxy(ed, one))
			break;
		list = str_slice(list, 0, at ? at - 1 : 0);
	}
	return peer;
}

void edge_read(const struct edge *ed, const struct call_from *from, struct req *rq)
{
	rq->client = from->peer;
	rq->insecure = ed->insecure && !address_is_loopback(from->peer);
	if (!is_proxy(ed, from->peer))
		return;
	rq->client = forwarded(ed, from->guard, from->peer);
	rq->secure = ascii_eq(guard_header(from->guard, STR("x-forwarded-proto")), STR("https"));
}

bool edge_host_ok(const struct edge *ed, const struct call_from *from, str host)
{
	str name = without_port(host);
	str local = from->local;

	if (str_starts(local, STR("::ffff:")))
		local = str_slice(local, 7, local.len);
	if (name.len == 0)
		return false;
	for (size_t i = 0; i < ed->host_n; i++)
		if (ascii_eq(name, ed->host[i]))
			return true;
	if (ascii_eq(name, local))
		return true;
	return address_is_loopback(local) &&
	       (ascii_eq(name, STR("localhost")) || address_is_loopback(name));
}

static bool origin_is_ours(const struct req *rq, str origin)
{
	str scheme = rq->secure ? STR("https://") : STR("http://");

	if (!str_starts(origin, scheme))
		return false;
	origin = str_slice(origin, scheme.len, origin.len);
	return ascii_eq(str_cut(&origin, '/'), rq->host);
}

bool edge_same_origin(const struct req *rq)
{
	str site = guard_header(rq->guard, STR("sec-fetch-site"));
	str origin = guard_header(rq->guard, STR("origin"));
	str referer = guard_header(rq->guard, STR("referer"));

	if (site.ptr && !ascii_eq(site, STR("same-origin")))
		return false;
	if (origin.ptr)
		return origin_is_ours(rq, origin);
	if (referer.ptr)
		return origin_is_ours(rq, referer);
	return site.ptr != NULL;
}

void edge_to_sign_in(struct req *rq, struct reply *rp)
{
	struct buf b;

	buf_init(&b, 8192);
	buf_add(&b, STR("/login"));
	if (rq->path.len > 1 && rq->path.len + rq->query.len < 1000) {
		buf_add(&b, STR("?next="));
		buf_add_url(&b, rq->path);
		if (rq->query.len) {
			buf_add(&b, STR("%3F"));
			buf_add_url(&b, rq->query);
		}
	}
	reply_redirect(rp, (str){ b.ptr, b.len });
	buf_release(&b);
}

/* ---- headers --------------------------------------------------------------------------- */

static void put(struct reply_header *header, size_t max, size_t *n, const char *name, str value)
{
	assert(*n < max);
	header[(*n)++] = (struct reply_header){ name, value };
}

size_t edge_headers(struct req *rq, struct reply *rp, struct reply_header *header, size_t max)
{
	size_t n = 0;
	bool bare = rp->status == 303 || rp->status == 304 || rp->status == 204;

	if (!rp->type.ptr && !bare)
		rp->type = STR("text/html; charset=utf-8");
	if (rp->type.ptr)
		put(header, max, &n, "Content-Type", rp->type);
	put(header, max, &n, "Content-Security-Policy", rp->sandbox ? STR(CSP_SANDBOX) : STR(CSP));
	put(header, max, &n, "X-Content-Type-Options", STR("nosniff"));
	put(header, max, &n, "Referrer-Policy", STR("same-origin"));
	put(header, max, &n, "Cross-Origin-Opener-Policy", STR("same-origin"));
	put(header, max, &n, "Cross-Origin-Resource-Policy", STR("same-origin"));
	put(header, max, &n, "X-Frame-Options", STR("DENY"));
	put(header, max, &n, "Cache-Control", rp->cache.ptr ? rp->cache : STR("no-store"));
	if (rq->secure)
		put(header, max, &n, "Strict-Transport-Security", STR("max-age=31536000"));
	for (size_t i = 0; i < rp->header_n; i++)
		put(header, max, &n, rp->header[i].name, rp->header[i].value);
	return n;
}

/* ---- cookies ------------------------------------------------------------------------------ */

/* On a secure connection only the name with __Host- counts: no other host can have set it. */
str rq_cookie(const struct req *rq, str name)
{
	str rest = guard_header(rq->guard, STR("cookie"));

	while (rest.ptr) {
		str value = str_cut(&rest, ';');
		str key = str_trim(str_cut(&value, '='));
		if (rq->secure) {
			if (!str_starts(key, STR("__Host-")))
				continue;
			key = str_slice(key, 7, key.len);
		}
		if (value.ptr && str_eq(key, name))
			return str_trim(value);
	}
	return STR("");
}
