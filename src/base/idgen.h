/*
 * idgen: time-ordered 63-bit ids: 41 bits of ms since 2020-01-01 | 10 bits node |
 * 12 bits sequence. Monotonic over restarts and clocks set back: it starts from the
 * highest id stored (idgen_start) and never goes below what it gave before.
 * Not thread-safe: owned by the writer.
 */
#ifndef BASE_IDGEN_H
#define BASE_IDGEN_H

#include <stdint.h>

struct idgen { int64_t last; uint16_t node; };

void idgen_start(struct idgen *g, int64_t highest_stored, uint16_t node);
int64_t idgen_next(struct idgen *g, int64_t now_ms);	/* > every id given before */

/* The lowest id that a moment can give: a span of time is a span of ids. */
int64_t idgen_floor(int64_t at_ms);
int64_t idgen_time(int64_t id);	/* ms UTC: when it was given */

#endif
