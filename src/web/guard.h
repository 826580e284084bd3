/*
 * guard: our own strict reader of HTTP/1.x requests, which stands before the library.
 *
 * It is fed the raw bytes of a connection. Until a head (request line and headers) is
 * whole and without fault, not one byte of it reaches libmicrohttpd; then the adapter
 * hands on a head that we wrote ourselves (guard_canonical), with nothing in it but
 * the method and the framing. So there are no two readings of one message: what we
 * accept is read by us alone, and the library sees only its plainest case. Why: the
 * packaged 0.9.75 takes bare LF, folded headers and doubled lengths (trust §0.10, 3.H).
 *
 * Invariant: a refused guard stays refused; views into `head` live until guard_next().
 * The guard does no I/O, knows no clock and never allocates more than HTTP_HEAD_MAX.
 *
 * Refused on purpose, though the RFCs would allow it: bytes beyond ASCII in names and
 * targets, trailers and chunk extensions, absolute-form targets, a body on GET,
 * leading zeros in Content-Length, TE other than exactly "chunked".
 */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

enum guard_phase { GUARD_IDLE, GUARD_HEAD, GUARD_BODY, GUARD_DONE, GUARD_REFUSED };

enum http_method {
	HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS,
	HTTP_METHOD_N
};

struct guard_header { str name, value; };

enum guard_chunk { CHUNK_SIZE, CHUNK_SIZE_LF, CHUNK_DATA, CHUNK_DATA_CR, CHUNK_DATA_LF,
		   CHUNK_END_CR, CHUNK_END_LF };

struct guard {
	enum guard_phase phase;
	int refusal;			/* HTTP status, once refused */
	const char *why;		/* for the log; a literal without user's bytes */

	struct buf head;
	size_t line_at;			/* where the current line of the head begins */
	size_t lines;			/* whole lines so far */
	bool skipped;			/* one empty line before the request was skipped */
	char before;			/* the byte before this one */

	/* Valid from GUARD_BODY on. */
	enum http_method method;
	str target;			/* "/path?query", printable ASCII */
	str host;
	bool http10, close, expect, chunked;
	int64_t body_size;		/* Content-Length; -1 when chunked */
	int64_t body_got;		/* payload bytes seen so far */
	struct guard_header header[HTTP_HEADERS_MAX];
	size_t header_n;

	enum guard_chunk chunk;
	int64_t chunk_left;
	int chunk_digits;
};

void guard_init(struct guard *g);
void guard_release(struct guard *g);
void guard_next(struct guard *g);	/* ready for the next request of the connection */

/*
 * Read on. Returns how many bytes were taken: the head is taken up to its last byte and
 * not further, then the body up to its last byte; call again with the rest. 0 when the
 * request is whole (bytes beyond it are not its own) or was refused.
 */
size_t guard_feed(struct guard *g, const char *bytes, size_t n);

/* The head for the library: method and framing only. After the head, before guard_next(). */
void guard_canonical(const struct guard *g, bool close, struct buf *out);

/* The value of a header (name in any case), STR_NONE when absent; the first when repeated. */
str guard_header(const struct guard *g, str name);
str http_method_name(enum http_method m);

/* ASCII without regard to case. */
bool ascii_eq(str a, str b);

#endif
