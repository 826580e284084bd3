/* idgen: see idgen.h. When a millisecond's 4,096 numbers are used up, ids borrow the next one. */
#include "base/idgen.h"

#include <assert.h>
#include <stdbool.h>

#define IDGEN_EPOCH_MS 1577836800000LL	/* 2020-01-01T00:00:00Z */
#define NODE_BITS 10
#define SEQ_BITS 12
#define MS_SHIFT (NODE_BITS + SEQ_BITS)
#define SEQ_MASK ((1LL << SEQ_BITS) - 1)

void idgen_start(struct idgen *g, int64_t highest_stored, uint16_t node)
{
	assert(highest_stored >= 0);
	assert(node < 1u << NODE_BITS);
	*g = (struct idgen){ .last = highest_stored, .node = node };
}

int64_t idgen_next(struct idgen *g, int64_t now_ms)
{
	int64_t last_ms = g->last >> MS_SHIFT;
	int64_t ms = now_ms - IDGEN_EPOCH_MS;

	if (ms < last_ms)
		ms = last_ms;		/* the clock was set back: go on from where we were */
	if (ms < 1)
		ms = 1;			/* a virtual clock before 2020; 0 means "none" */
	int64_t id = ms << MS_SHIFT | (int64_t)g->node << SEQ_BITS;
	if (id <= g->last) {
		bool same_node = (g->last >> SEQ_BITS & ((1 << NODE_BITS) - 1)) == g->node;
		if (same_node && (g->last & SEQ_MASK) < SEQ_MASK)
			id = g->last + 1;
		else
			id = (ms + 1) << MS_SHIFT | (int64_t)g->node << SEQ_BITS;
	}
	assert(id > g->last);
	assert(id >> 41 >> MS_SHIFT == 0);
	g->last = id;
	return id;
}

int64_t idgen_floor(int64_t at_ms)
{
	if (at_ms <= IDGEN_EPOCH_MS)
		return 0;
	if (at_ms - IDGEN_EPOCH_MS > INT64_MAX >> MS_SHIFT)
		return INT64_MAX;	/* a question about 2198; no id is that late */
	return (at_ms - IDGEN_EPOCH_MS) << MS_SHIFT;
}

int64_t idgen_time(int64_t id)
{
	return (id >> MS_SHIFT) + IDGEN_EPOCH_MS;
}
