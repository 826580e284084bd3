/*
 * guard: see guard.h. Two passes: while bytes come, only what must be judged byte by
 * byte (line ends, NUL, controls, lengths); when the blank line has come, the lines one
 * after the other. Nothing here recurses, and every loop is bounded by HTTP_HEAD_MAX.
 */
#include "web/guard.h"

#include <assert.h>
#include <string.h>

static const char *const METHODS[HTTP_METHOD_N] = {
	"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
};

str http_method_name(enum http_method m)
{
	assert(m < HTTP_METHOD_N);
	return str_of(METHODS[m]);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool ascii_eq(str a, str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

void guard_init(struct guard *g)
{
	memset(g, 0, sizeof(*g));
	buf_init(&g->head, HTTP_HEAD_MAX);
}

void guard_release(struct guard *g)
{
	buf_release(&g->head);
}

void guard_next(struct guard *g)
{
	struct buf head = g->head;

	assert(g->phase == GUARD_DONE);
	buf_clear(&head);
	memset(g, 0, sizeof(*g));
	g->head = head;
}

static void refuse(struct guard *g, int status, const char *why)
{
	assert(status >= 400 && why);
	g->phase = GUARD_REFUSED;
	g->refusal = status;
	g->why = why;
}

static bool is_token(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool all_tokens(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token(s.ptr[i]))
			return false;
	return s.len > 0;
}

/* ---- the head, byte by byte ------------------------------------------------- */

static const char *bad_byte(char before, char c)
{
	unsigned char u = (unsigned char)c;

	if (before == '\r' && c != '\n')
		return "bare CR";
	if (c == '\n')
		return before == '\r' ? NULL : "bare LF";
	if (c == '\r' || c == '\t')
		return NULL;
	return u < 0x20 || u == 0x7f ? "control byte" : NULL;
}

/* A line has ended at the LF just added. Returns whether it was the blank one. */
static bool line_ended(struct guard *g)
{
	size_t len = g->head.len - g->line_at;	/* with CRLF */

	assert(len >= 2);
	g->line_at = g->head.len;
	if (len == 2)
		return true;
	g->lines++;
	if (g->lines > HTTP_HEADERS_MAX + 1)
		refuse(g, 431, "too many headers");
	return false;
}

static void parse_head(struct guard *g);

static size_t feed_head(struct guard *g, const char *p, size_t n)
{
	size_t i = 0, from = 0;

	while (i < n && g->phase == GUARD_HEAD) {
		char c = p[i++];
		const char *why = bad_byte(g->before, c);

		g->before = c;
		if (why) {
			refuse(g, 400, why);
			return i;
		}
		if (g->lines == 0 && g->head.len - g->line_at + (i - from) > HTTP_LINE_MAX) {
			refuse(g, 414, "request line too long");
			return i;
		}
		if (c != '\n')
			continue;
		buf_add(&g->head, (str){ p + from, i - from });
		from = i;
		if (g->head.failed) {
			refuse(g, 431, "head too large");
			return i;
		}
		if (line_ended(g)) {
			parse_head(g);
			return i;
		}
	}
	if (g->phase != GUARD_HEAD)
		return i;
	buf_add(&g->head, (str){ p + from, i - from });
	if (g->head.failed)
		refuse(g, 431, "head too large");
	return i;
}

/* Some clients send an empty line after a body: one is skipped before a request. */
static size_t feed_idle(struct guard *g, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		char c = p[i];
		if (g->before == '\r') {
			if (c != '\n') {
				refuse(g, 400, "bare CR");
				return i + 1;
			}
			g->before = 0;
			i++;
		} else if (c == '\r' && !g->skipped) {
			g->skipped = true;
			g->before = c;
			i++;
		} else {
			g->phase = GUARD_HEAD;
			return i;
		}
	}
	return i;
}

/* ---- the head, line by line --------------------------------------------------- */

/* Cut one line (without its CRLF) off the head. */
static str next_line(str *rest)
{
	ptrdiff_t at = str_find(*rest, STR("\r\n"), 0);

	assert(at >= 0);
	str line = str_slice(*rest, 0, (size_t)at);
	*rest = str_slice(*rest, (size_t)at + 2, rest->len);
	return line;
}

/* Origin form only; what a URL may hold unescaped, and whole escapes. */
static bool target_ok(str t)
{
	if (t.len == 0 || t.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.ptr[i];
		if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}#", c))
			return false;
		if (c == '%' &&
		    (i + 2 >= t.len || hex_digit(t.ptr[i + 1]) < 0 || hex_digit(t.ptr[i + 2]) < 0))
			return false;
	}
	return true;
}

static bool parse_request_line(struct guard *g, str line)
{
	str method = str_cut(&line, ' ');
	str target = str_cut(&line, ' ');

	if (!all_tokens(method) || !line.ptr || !target_ok(target))
		return refuse(g, 400, "request line"), false;
	if (str_eq(line, STR("HTTP/1.0")))
		g->http10 = true;
	else if (!str_eq(line, STR("HTTP/1.1")))
		return refuse(g, str_starts(line, STR("HTTP/")) ? 505 : 400, "version"), false;
	g->target = target;
	for (int m = 0; m < HTTP_METHOD_N; m++)
		if (str_eq(method, str_of(METHODS[m]))) {
			g->method = (enum http_method)m;
			return true;
		}
	return refuse(g, 501, "method"), false;
}

/* Headers that decide something here or above: two of them are two opinions. */
static bool is_single(str name)
{
	static const char *const once[] = {
		"host", "content-length", "transfer-encoding", "content-type", "content-encoding",
		"authorization", "cookie", "origin", "referer", "expect", "if-match",
		"if-none-match", "idempotency-key", "sec-fetch-site", "x-forwarded-for",
		"x-forwarded-proto",
	};

	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		if (ascii_eq(name, str_of(once[i])))
			return true;
	return false;
}

static bool value_ok(str v)
{
	for (size_t i = 0; i < v.len; i++) {
		unsigned char c = (unsigned char)v.ptr[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool parse_header(struct guard *g, str line)
{
	struct guard_header *h;
	str rest = line;
	str name = str_cut(&rest, ':');

	if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
		return refuse(g, 400, "folded header"), false;
	if (!rest.ptr || !all_tokens(name))
		return refuse(g, 400, "header name"), false;
	rest = str_trim(rest);
	if (!value_ok(rest))
		return refuse(g, 400, "header value"), false;
	if (is_single(name) && guard_header(g, name).ptr)
		return refuse(g, 400, "doubled header"), false;
	assert(g->header_n < HTTP_HEADERS_MAX);
	h = &g->header[g->header_n++];
	h->name = name;
	h->value = rest.ptr ? rest : (str){ line.ptr + line.len, 0 };
	return true;
}

static bool parse_host(struct guard *g)
{
	str host = guard_header(g, STR("host"));

	if (!host.ptr)
		return g->http10 ? true : (refuse(g, 400, "no Host"), false);
	if (host.len == 0 || host.len > 255)
		return refuse(g, 400, "Host"), false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		bool name =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!name && !strchr(".-:[]", c))
			return refuse(g, 400, "Host"), false;
	}
	g->host = host;
	return true;
}

static bool parse_length(struct guard *g, str value)
{
	if (value.len == 0 || value.len > 15 || (value.len > 1 && value.ptr[0] == '0'))
		return refuse(g, 400, "Content-Length"), false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return refuse(g, 400, "Content-Length"), false;
		g->body_size = g->body_size * 10 + (value.ptr[i] - '0');
	}
	if (g->body_size > (int64_t)HTTP_BODY_MAX)
		return refuse(g, 413, "body too large"), false;
	return true;
}

static bool parse_framing(struct guard *g)
{
	str length = guard_header(g, STR("content-length"));
	str te = guard_header(g, STR("transfer-encoding"));

	if (te.ptr && (length.ptr || g->http10))
		return refuse(g, 400, "length and transfer coding"), false;
	if (te.ptr) {
		if (!ascii_eq(te, STR("chunked")))
			return refuse(g, 501, "transfer coding"), false;
		g->chunked = true;
		g->body_size = -1;
	} else if (length.ptr && !parse_length(g, length)) {
		return false;
	}
	if (g->body_size != 0 &&
	    (g->method == HTTP_GET || g->method == HTTP_HEAD || g->method == HTTP_OPTIONS))
		return refuse(g, 400, "body on a reading method"), false;
	return true;
}

static bool parse_connection(struct guard *g)
{
	str expect = guard_header(g, STR("expect"));

	g->close = g->http10;
	for (size_t i = 0; i < g->header_n; i++) {
		str rest = g->header[i].value;
		if (!ascii_eq(g->header[i].name, STR("connection")))
			continue;
		while (rest.ptr)
			if (ascii_eq(str_trim(str_cut(&rest, ',')), STR("close")))
				g->close = true;
	}
	if (!expect.ptr)
		return true;
	if (!ascii_eq(expect, STR("100-continue")))
		return refuse(g, 417, "expectation"), false;
	g->expect = true;
	return true;
}

static bool parse_cookies(struct guard *g)
{
	str rest = guard_header(g, STR("cookie"));
	size_t n = 0;

	for (size_t i = 0; i < rest.len; i++)
		n += rest.ptr[i] == ';';
	if (n >= HTTP_COOKIES_MAX)
		return refuse(g, 431, "too many cookies"), false;
	return true;
}

static void parse_head(struct guard *g)
{
	str rest = { g->head.ptr, g->head.len };

	assert(str_ends(rest, STR("\r\n")));
	if (g->lines == 0) {
		refuse(g, 400, "empty request");
		return;
	}
	if (!parse_request_line(g, next_line(&rest)))
		return;
	for (size_t i = 1; i < g->lines; i++)
		if (!parse_header(g, next_line(&rest)))
			return;
	if (!parse_host(g) || !parse_framing(g) || !parse_connection(g) || !parse_cookies(g))
		return;
	g->phase = g->body_size == 0 ? GUARD_DONE : GUARD_BODY;
}

/* ---- the body ------------------------------------------------------------------ */

static void chunk_size_byte(struct guard *g, char c)
{
	int v = hex_digit(c);

	if (v >= 0 && g->chunk_digits < 8) {
		g->chunk_left = g->chunk_left * 16 + v;
		g->chunk_digits++;
		if (g->body_got + g->chunk_left > (int64_t)HTTP_BODY_MAX)
			refuse(g, 413, "body too large");
	} else if (c == '\r' && g->chunk_digits > 0) {
		g->chunk = CHUNK_SIZE_LF;
	} else {
		refuse(g, 400, "chunk size");
	}
}

static void chunk_expect(struct guard *g, char c, char want, enum guard_chunk then)
{
	if (c != want)
		refuse(g, 400, "chunk framing");
	else
		g->chunk = then;
}

/* One byte of chunk framing (not of data). */
static void chunk_byte(struct guard *g, char c)
{
	switch (g->chunk) {
	case CHUNK_SIZE:
		chunk_size_byte(g, c);
		break;
	case CHUNK_SIZE_LF:
		chunk_expect(g, c, '\n', g->chunk_left ? CHUNK_DATA : CHUNK_END_CR);
		break;
	case CHUNK_DATA:
		panic("data is taken whole");
	case CHUNK_DATA_CR:
		chunk_expect(g, c, '\r', CHUNK_DATA_LF);
		break;
	case CHUNK_DATA_LF:
		g->chunk_digits = 0;
		chunk_expect(g, c, '\n', CHUNK_SIZE);
		break;
	case CHUNK_END_CR:	/* a trailer would begin here: none is taken */
		chunk_expect(g, c, '\r', CHUNK_END_LF);
		break;
	case CHUNK_END_LF:
		if (c == '\n')
			g->phase = GUARD_DONE;
		else
			refuse(g, 400, "chunk framing");
		break;
	}
}

static size_t feed_chunked(struct guard *g, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && g->phase == GUARD_BODY) {
		if (g->chunk != CHUNK_DATA) {
			chunk_byte(g, p[i++]);
			continue;
		}
		size_t take = n - i < (size_t)g->chunk_left ? n - i : (size_t)g->chunk_left;
		i += take;
		g->chunk_left -= (int64_t)take;
		g->body_got += (int64_t)take;
		if (g->chunk_left == 0)
			g->chunk = CHUNK_DATA_CR;
	}
	return i;
}

static size_t feed_length(struct guard *g, size_t n)
{
	int64_t left = g->body_size - g->body_got;
	size_t take = (int64_t)n < left ? n : (size_t)left;

	assert(left > 0);
	g->body_got += (int64_t)take;
	if (g->body_got == g->body_size)
		g->phase = GUARD_DONE;
	return take;
}

size_t guard_feed(struct guard *g, const char *bytes, size_t n)
{
	size_t i = 0;

	if (g->phase == GUARD_IDLE)
		i = feed_idle(g, bytes, n);
	switch (g->phase) {
	case GUARD_HEAD:
		return i + feed_head(g, bytes + i, n - i);
	case GUARD_BODY:
		return g->chunked ? feed_chunked(g, bytes, n) : feed_length(g, n);
	case GUARD_IDLE:
	case GUARD_DONE:
	case GUARD_REFUSED:
		break;
	}
	return i;
}

void guard_canonical(const struct guard *g, bool close, struct buf *out)
{
	assert(g->phase == GUARD_BODY || g->phase == GUARD_DONE);
	buf_add(out, http_method_name(g->method));
	buf_add(out, STR(" / HTTP/1.1\r\nHost: -\r\n"));
	if (g->chunked) {
		buf_add(out, STR("Transfer-Encoding: chunked\r\n"));
	} else if (g->body_size > 0) {
		buf_add(out, STR("Content-Length: "));
		buf_add_i64(out, g->body_size);
		buf_add(out, STR("\r\n"));
	}
	if (g->expect && g->body_size != 0)
		buf_add(out, STR("Expect: 100-continue\r\n"));
	if (close || g->close)
		buf_add(out, STR("Connection: close\r\n"));
	buf_add(out, STR("\r\n"));
}

str guard_header(const struct guard *g, str name)
{
	for (size_t i = 0; i < g->header_n; i++)
		if (ascii_eq(g->header[i].name, name))
			return g->header[i].value;
	return STR_NONE;
}
