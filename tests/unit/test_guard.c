/*
 * What it would catch: a request that two readers would cut differently, a head without bound, a
 * byte that slips through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "web/guard.h"

#define SP16 "aaaaaaaaaaaaaaaa"
#define HOST "Host: x\r\n"

/* Feed in pieces of `step` bytes; what is left over goes to *ret_left. */
static void feed(struct guard *g, str in, size_t step, size_t *ret_left)
{
	size_t at = 0;

	while (at < in.len) {
		size_t n = in.len - at < step ? in.len - at : step;
		size_t used = guard_feed(g, in.ptr + at, n);
		at += used;
		if (used == 0 || g->phase == GUARD_DONE || g->phase == GUARD_REFUSED)
			break;
	}
	*ret_left = in.len - at;
}

struct bad { const char *in; size_t n; int status; };
#define BAD(text, status) { text, sizeof(text) - 1, status }

static const struct bad bads[] = {
	BAD("GET / HTTP/1.1\r\n\r\n", 400), /* no Host */
	BAD("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400),
	BAD("GET / HTTP/1.1\nHost: x\n\n", 400), /* bare LF */
	BAD("GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
	BAD("GET / HTTP/1.1\rHost: x\r\n\r\n", 400),		     /* bare CR */
	BAD("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400), /* folded */
	BAD("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
	BAD("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 400),
	BAD("GET /\0 HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400), /* blank before the colon */
	BAD("GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400),
	BAD("GET / HTTP/1.1\r\n" HOST ": empty\r\n\r\n", 400),
	BAD("GET / HTTP/1.1\r\n" HOST "N\xC3\xA4me: x\r\n\r\n", 400),
	BAD("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
	BAD("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
	BAD("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
	BAD("GET http://x/ HTTP/1.1\r\n" HOST "\r\n", 400), /* absolute form */
	BAD("GET x HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("CONNECT x:443 HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET  / HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET /  HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET / HTTP/1.1 \r\n" HOST "\r\n", 400 + 105),
	BAD("GET /\r\n" HOST "\r\n", 400), /* HTTP/0.9 */
	BAD("GET / HTTP/2.0\r\n" HOST "\r\n", 505),
	BAD("GET / http/1.1\r\n" HOST "\r\n", 400),
	BAD("GET /%zz HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET /%4 HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET /\xE4\xB8\xAD HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET /<x> HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("BREW / HTTP/1.1\r\n" HOST "\r\n", 501),
	BAD("get / HTTP/1.1\r\n" HOST "\r\n", 501),
	BAD("G{T / HTTP/1.1\r\n" HOST "\r\n", 400),
	BAD("GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde", 400), /* body on GET */
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 05\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 5 5\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999\r\n\r\n", 413),
	BAD("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	    400),
	BAD("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
	    400),
	BAD("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", 501),
	BAD("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
	BAD("POST / HTTP/1.1\r\n" HOST
	    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	    400),
	BAD("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \x0b"
	    "chunked\r\n\r\n",
	    400),
	BAD("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400),
	BAD("POST / HTTP/1.1\r\n" HOST "Expect: something\r\n\r\n", 417),
	BAD("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
	    400), /* one empty line is forgiven, two are not */
#define CHUNKED "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	BAD(CHUNKED "5;x=y\r\nabcde\r\n0\r\n\r\n", 400), /* extension */
	BAD(CHUNKED "5\nabcde\r\n0\r\n\r\n", 400),
	BAD(CHUNKED "5\r\nabcdef\r\n0\r\n\r\n", 400),
	BAD(CHUNKED "\r\nabcde\r\n0\r\n\r\n", 400),
	BAD(CHUNKED "-1\r\n", 400),
	BAD(CHUNKED "0x5\r\n", 400),
	BAD(CHUNKED " 5\r\n", 400),
	BAD(CHUNKED "ffffffff\r\n", 413),
	BAD(CHUNKED "000000005\r\n", 400),
	BAD(CHUNKED "0\r\nTrailer: x\r\n\r\n", 400),
};

static void guard__refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
		for (size_t step = 1; step < 4096; step = step * 7) {
			struct guard g;
			size_t left;
			guard_init(&g);
			feed(&g, (str){ bads[i].in, bads[i].n }, step, &left);
			if (g.phase != GUARD_REFUSED || g.refusal != bads[i].status)
				fail_msg("case %zu, step %zu: phase %d, status %d", i, step,
					 (int)g.phase, g.refusal);
			assert_int_equal(guard_feed(&g, "GET", 3), 0);	/* it stays so */
			guard_release(&g);
		}
}

static void guard__reads(void **state)
{
	static const char in[] =
		"\r\nPOST /a%20b?x=1&y HTTP/1.1\r\nhOsT:  [::1]:80 \r\nX-Empty:\r\n"
		"User-Agent: \xE4\xB8\xAD\xE6\x96\x87\r\nContent-Length: 4\r\nConnection: "
		"keep-alive, Close\r\n\r\nbodyGET";

	(void)state;
	for (size_t step = 1; step < sizeof(in); step++) {
		struct guard g;
		struct buf out;
		size_t left;
		guard_init(&g);
		buf_init(&out, 1000);
		feed(&g, (str){ in, sizeof(in) - 1 }, step, &left);
		assert_int_equal(g.phase, GUARD_DONE);
		assert_int_equal(left, 3);
		assert_true(str_eq(g.target, STR("/a%20b?x=1&y")));
		assert_true(str_eq(g.host, STR("[::1]:80")));
		assert_true(g.close && g.method == HTTP_POST && g.body_got == 4);
		assert_true(str_eq(guard_header(&g, STR("x-empty")), STR("")));
		assert_non_null(guard_header(&g, STR("x-empty")).ptr);
		assert_null(guard_header(&g, STR("absent")).ptr);
		guard_canonical(&g, false, &out);
		assert_string_equal(out.ptr, "POST / HTTP/1.1\r\nHost: -\r\nContent-Length: "
					     "4\r\nConnection: close\r\n\r\n");
		guard_next(&g);
		feed(&g, STR("GET /2 HTTP/1.0\r\n\r\n"), 5, &left);
		assert_true(g.phase == GUARD_DONE && g.http10 && g.close && g.host.len == 0);
		buf_release(&out);
		guard_release(&g);
	}
}

static void guard__chunks(void **state)
{
	static const char in[] = CHUNKED "5\r\nabcde\r\nA\r\n0123456789\r\n0\r\n\r\nX";

	(void)state;
	for (size_t step = 1; step < sizeof(in); step++) {
		struct guard g;
		size_t left;
		guard_init(&g);
		feed(&g, (str){ in, sizeof(in) - 1 }, step, &left);
		assert_int_equal(g.phase, GUARD_DONE);
		assert_int_equal(g.body_got, 15);
		assert_int_equal(left, 1);
		guard_release(&g);
	}
}

/* `n` times `piece` between a head's start and end. */
static int refusal_of(const char *start, const char *piece, size_t n, const char *end)
{
	struct guard g;
	int status;

	guard_init(&g);
	(void)guard_feed(&g, start, strlen(start));
	for (size_t i = 0; i < n; i++)
		(void)guard_feed(&g, piece, strlen(piece));
	(void)guard_feed(&g, end, strlen(end));
	assert_true(g.head.len <= HTTP_HEAD_MAX);
	status = g.refusal;
	guard_release(&g);
	return status;
}

static void guard__bounds(void **state)
{
	(void)state;
	assert_int_equal(refusal_of("GET /", SP16, 500, " HTTP/1.1\r\n" HOST "\r\n"), 0);
	assert_int_equal(refusal_of("GET /", SP16, 520, " HTTP/1.1\r\n" HOST "\r\n"), 414);
	assert_int_equal(refusal_of("GET /", SP16, 100000, ""), 414);
	assert_int_equal(refusal_of("GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 63, "\r\n"), 0);
	assert_int_equal(refusal_of("GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 64, "\r\n"), 431);
	assert_int_equal(refusal_of("GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 100000, ""), 431);
	assert_int_equal(refusal_of("GET / HTTP/1.1\r\n" HOST "A: ", SP16, 100000, ""), 431);
	assert_int_equal(
		refusal_of("GET / HTTP/1.1\r\n" HOST "Cookie: a=b", "; a=b", 49, "\r\n\r\n"), 0);
	assert_int_equal(
		refusal_of("GET / HTTP/1.1\r\n" HOST "Cookie: a=b", "; a=b", 50, "\r\n\r\n"), 431);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guard__refuses), cmocka_unit_test(guard__reads),
		cmocka_unit_test(guard__chunks), cmocka_unit_test(guard__bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
