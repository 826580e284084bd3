/*
 * buf: a growable byte buffer with a hard ceiling. Errors stick: after the first
 * append that would pass `max` (or finds no memory), `failed` is set and later
 * appends do nothing, so a page is written straight through and checked once,
 * by buf_finish(). Invariant: len <= cap <= max, and ptr[len] == '\0' when cap != 0.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct buf { char *ptr; size_t len, cap, max; bool failed; };

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);	/* frees the memory; the buf is as after buf_init */
void buf_clear(struct buf *b);		/* keeps the memory, forgets contents and failure */
void buf_add(struct buf *b, str s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_add_i64(struct buf *b, int64_t v);
void buf_add_html(struct buf *b, str s);	/* text and quoted attributes: & < > " ' */
void buf_add_url(struct buf *b, str s);		/* percent-encoded but for unreserved */
/* A whole address for href or src: only relative, http, https, mailto, tel; else "#". */
void buf_add_href(struct buf *b, str s);
/*
 * A JSON string with its quotes; `<`, `>`, `&`, U+2028/9 escaped, so it is safe in a page's
 * data island.
 */
void buf_add_json(struct buf *b, str s);
/* The contents as a view, or ERR_LIMIT when anything did not fit. */
MUST_CHECK enum err buf_finish(const struct buf *b, str *ret_s);

#endif
