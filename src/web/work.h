/*
 * work: the workers of the web server: what must not run on an event thread. A bounded
 * queue, first come first served, but that of the hashing work only HTTP_HASHERS run at
 * once, so that two hundred people who sign in together do not stop the rest. Whoever has waited
 * past his time is told so by `late` instead of being run; work that has begun ends.
 */
#ifndef WEB_WORK_H
#define WEB_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct work_pool;

struct work {
	void (*run)(struct work *w, unsigned thread);
	void (*late)(struct work *w);	/* from any thread; as short as a hand-over */
	int64_t late_ms;		/* monotonic */
	bool hashing;
	struct work *next;		/* the pool's */
};

/* Threads are numbered from `first`. Panics when the system gives no thread. */
struct work_pool *work_start(struct arena *a, unsigned threads, unsigned first);
/* ERR_BUSY when the queue is full; neither run nor late is called then. */
MUST_CHECK enum err work_put(struct work_pool *p, struct work *w);
void work_expire(struct work_pool *p, int64_t now_ms);	/* call it often */
void work_stop(struct work_pool *p);	/* the queue is empty; joins the threads */

#endif
