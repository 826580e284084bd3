/*
 * Fuzz: the reader of requests. Oracles beyond "no crash": a message is read the same however it is
 * cut; what is accepted keeps its bounds; the head that we write for the library is itself accepted
 * and says the same about the body.
 */
#include <assert.h>

#include "web/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads one request; how many bytes were its own. */
static size_t read_one(struct guard *g, const char *p, size_t n, size_t step)
{
	size_t at = 0;

	while (at < n) {
		size_t used = guard_feed(g, p + at, n - at < step ? n - at : step);
		at += used;
		if (used == 0 || g->phase == GUARD_DONE || g->phase == GUARD_REFUSED)
			break;
	}
	return at;
}

static void check_accepted(const struct guard *g)
{
	assert(g->head.len <= HTTP_HEAD_MAX && g->header_n <= HTTP_HEADERS_MAX);
	assert(g->target.len > 0 && g->target.ptr[0] == '/');
	assert(g->body_size >= -1 && g->body_size <= (int64_t)HTTP_BODY_MAX);
	assert(g->body_got >= 0 && g->body_got <= (int64_t)HTTP_BODY_MAX);
	for (size_t i = 0; i < g->header_n; i++)
		for (size_t k = 0; k < g->header[i].value.len; k++)
			assert(g->header[i].value.ptr[k] != '\r' &&
					g->header[i].value.ptr[k] != '\n');
}

static void check_canonical(const struct guard *g)
{
	struct guard again;
	struct buf out;

	buf_init(&out, 1000);
	guard_init(&again);
	guard_canonical(g, false, &out);
	assert(!out.failed);
	size_t used = read_one(&again, out.ptr, out.len, out.len);
	assert(used == out.len && (again.phase == GUARD_DONE || again.phase == GUARD_BODY));
	assert(again.method == g->method && again.body_size == g->body_size);
	assert(again.chunked == g->chunked && again.close == g->close);
	guard_release(&again);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data;
	struct guard whole, bytes;

	guard_init(&whole);
	guard_init(&bytes);
	for (int i = 0; i < 4; i++) {
		size_t a = read_one(&whole, p, n, n ? n : 1), b = read_one(&bytes, p, n, 1);
		assert(whole.phase == bytes.phase && whole.refusal == bytes.refusal);
		if (whole.phase == GUARD_REFUSED)
			break;
		assert(a == b && whole.body_got == bytes.body_got &&
				whole.header_n == bytes.header_n);
		if (whole.phase == GUARD_BODY || whole.phase == GUARD_DONE) {
			check_accepted(&whole);
			check_canonical(&whole);
		}
		if (whole.phase != GUARD_DONE)
			break;
		guard_next(&whole);
		guard_next(&bytes);
		p += a;
		n -= a;
	}
	guard_release(&whole);
	guard_release(&bytes);
	return 0;
}
