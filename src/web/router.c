/*
 * router: see router.h. Patterns are cut into segments once, at the start; finding is a
 * walk over the table, which has some hundred lines: shorter than the request's own head.
 */
#include "web/router.h"

#include <assert.h>

#include "base/arena.h"
#include "base/pubid.h"
#include "base/utf8.h"
#include "web/url.h"

struct pattern {
	const struct route *route;
	const struct route_table *table;
	str segment[HTTP_PIECE_MAX];
	size_t segment_n;
	uint32_t literal;	/* bit 31 - i: segment i is literal; the larger wins */
};

struct router {
	struct pattern *at;
	size_t n;
	const struct route_table *const *table;
	size_t table_n;
};

static bool is_param(str segment)
{
	return segment.len > 1 && segment.ptr[0] == ':';
}

static void cut_pattern(struct pattern *p)
{
	str rest = p->route->path;

	if (!str_starts(rest, STR("/")))
		panic("route %.*s: no path", STR_ARG(p->route->name));
	rest = str_slice(rest, 1, rest.len);
	while (rest.ptr && rest.len) {
		assert(p->segment_n < HTTP_PIECE_MAX);
		str s = str_cut(&rest, '/');
		if (s.len == 0)
			panic("route %.*s: empty segment", STR_ARG(p->route->name));
		if (!is_param(s))
			p->literal |= 1U << (31 - p->segment_n);
		p->segment[p->segment_n++] = s;
	}
}

static bool same_shape(const struct pattern *a, const struct pattern *b)
{
	if (a->segment_n != b->segment_n || a->literal != b->literal)
		return false;
	for (size_t i = 0; i < a->segment_n; i++)
		if (!is_param(a->segment[i]) && !str_eq(a->segment[i], b->segment[i]))
			return false;
	return true;
}

static void check_pattern(const struct router *r, const struct pattern *p)
{
	const struct route *t = p->route;
	bool writes = t->method != HTTP_GET;

	if (t->method == HTTP_HEAD || t->method == HTTP_OPTIONS)
		panic("route %.*s: this method is answered by the dispatcher", STR_ARG(t->name));
	if (writes != (t->csrf == ROUTE_CSRF) && !p->table->api)
		panic("route %.*s: a page that changes something has CSRF, and no other",
		      STR_ARG(t->name));
	if (t->where == ROUTE_STATIC && (t->cap != CAP_PUBLIC || writes))
		panic("route %.*s: STATIC is for what everybody may read", STR_ARG(t->name));
	for (size_t i = 0; i < r->n && &r->at[i] != p; i++)
		if (r->at[i].route->method == t->method && same_shape(&r->at[i], p))
			panic("route %.*s: the same as %.*s", STR_ARG(t->name),
			      STR_ARG(r->at[i].route->name));
}

struct router *router_new(struct arena *a, const struct route_table *const *table, size_t n)
{
	struct router *r = NEW(a, struct router);
	size_t all = 0;

	assert(n > 0);
	for (size_t i = 0; i < n; i++)
		all += table[i]->n;
	r->at = NEW_N(a, all, struct pattern);
	r->table = table;
	r->table_n = n;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < table[i]->n; j++) {
			struct pattern *p = &r->at[r->n++];
			p->route = &table[i]->at[j];
			p->table = table[i];
			cut_pattern(p);
			check_pattern(r, p);
		}
	return r;
}

/* ---- a path as it came -------------------------------------------------------------- */

/* Decode one segment once, then judge what it became: '%' would decode again. */
static bool decode_segment(struct arena *a, str s, str *ret_s)
{
	if (!url_decode(a, s, false, ret_s) || ret_s->len == 0)
		return false;
	for (size_t i = 0; i < ret_s->len; i++) {
		char c = ret_s->ptr[i];

		if ((unsigned char)c < 0x20 || c == 0x7f || c == '/' || c == '\\' || c == '%')
			return false;
	}
	return !str_eq(*ret_s, STR(".")) && !str_eq(*ret_s, STR("..")) && utf8_valid(*ret_s)
	       && str_eq(utf8_nfc(a, *ret_s), *ret_s);
}

static bool cut_path(struct arena *a, str path, str *segment, size_t *ret_n)
{
	str rest = path;
	size_t n = 0;

	if (!str_starts(path, STR("/")))
		return false;
	rest = str_slice(path, 1, path.len);
	if (rest.len == 0) {
		*ret_n = 0;
		return true;
	}
	while (rest.ptr) {
		if (n == HTTP_PIECE_MAX || !decode_segment(a, str_cut(&rest, '/'), &segment[n]))
			return false;
		n++;
	}
	*ret_n = n;
	return true;
}

static bool is_word(str s)
{
	if (s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			  (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
		if (!ok)
			return false;
	}
	return s.len > 0;
}

static bool pattern_matches(const struct pattern *p, const str *segment, size_t n)
{
	tenant_id tenant;
	int64_t id;

	if (p->segment_n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_param(p->segment[i])) {
			if (!str_eq(p->segment[i], segment[i]))
				return false;
		} else if (str_eq(p->segment[i], STR(":id"))) {
			if (!pubid_read(segment[i], &tenant, &id))
				return false;
		} else if (!is_word(segment[i])) {
			return false;
		}
	}
	return true;
}

static void take_params(const struct pattern *p, const str *segment, struct route_match *m)
{
	for (size_t i = 0; i < p->segment_n; i++) {
		str name = p->segment[i];
		if (!is_param(name))
			continue;
		if (str_eq(name, STR(":id")))
			(void)pubid_read(segment[i], &m->tenant, &m->id);
		m->param[m->param_n++] =
			(struct route_param){ str_slice(name, 1, name.len), segment[i] };
	}
}

static const struct route_table *table_of_path(const struct router *r, str path)
{
	const struct route_table *best = r->table[0];
	size_t len = 0;

	for (size_t i = 0; i < r->table_n; i++)
		if (str_starts(path, r->table[i]->prefix) && r->table[i]->prefix.len > len) {
			best = r->table[i];
			len = best->prefix.len;
		}
	return best;
}

void router_find(const struct router *r, struct arena *a, enum http_method method, str path,
		 struct route_match *ret)
{
	str segment[HTTP_PIECE_MAX];
	const struct pattern *best = NULL;
	size_t n = 0;

	*ret = (struct route_match){ .table = table_of_path(r, path) };
	if (!cut_path(a, path, segment, &n))
		return;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (size_t i = 0; i < r->n; i++) {
		const struct pattern *p = &r->at[i];
		if (!pattern_matches(p, segment, n))
			continue;
		ret->found = true;
		ret->methods |= 1U << p->route->method;
		if (p->route->method == method && (!best || p->literal > best->literal))
			best = p;
	}
	if (!best)
		return;
	ret->route = best->route;
	ret->table = best->table;
	take_params(best, segment, ret);
}
