/* work: see work.h. One mutex over one list: a few hundred entries at most. */
#include "web/work.h"

#include <assert.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"

#define WORKER_NICE 10

struct work_pool;
struct work_thread { struct work_pool *pool; pthread_t id; unsigned number; };

struct work_pool {
	pthread_mutex_t lock;
	pthread_cond_t come;
	struct work *first, **end;
	int64_t queued;
	unsigned hashing;	/* running now */
	bool stopping;
	struct work_thread *thread;
	unsigned thread_n;
};

static void unlink_at(struct work_pool *p, struct work **at)
{
	struct work *w = *at;

	*at = w->next;
	if (!w->next)
		p->end = at;
	w->next = NULL;
	p->queued--;
	assert(p->queued >= 0);
}

/* The first that may run now, off the list; NULL when there is none. */
static struct work *take(struct work_pool *p)
{
	for (struct work **at = &p->first; *at; at = &(*at)->next) {
		struct work *w = *at;
		if (w->hashing && p->hashing >= HTTP_HASHERS)
			continue;
		p->hashing += w->hashing;
		unlink_at(p, at);
		return w;
	}
	return NULL;
}

static void *work_loop(void *arg)
{
	struct work_thread *t = arg;
	struct work_pool *p = t->pool;

	/* Behind the event threads and the writer, for whom many wait; no harm where refused. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct work *w = take(p);
		if (!w && p->stopping)
			break;
		if (!w) {
			pthread_cond_wait(&p->come, &p->lock);
			continue;
		}
		bool hashing = w->hashing;
		pthread_mutex_unlock(&p->lock);
		if (clock_monotonic_ms() > w->late_ms)
			w->late(w);
		else
			w->run(w, t->number);	/* w may be gone now */
		pthread_mutex_lock(&p->lock);
		p->hashing -= hashing;
		if (hashing && p->first)
			pthread_cond_signal(&p->come);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct work_pool *work_start(struct arena *a, unsigned threads, unsigned first)
{
	struct work_pool *p = NEW(a, struct work_pool);

	assert(threads > 0);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->come, NULL);
	p->end = &p->first;
	p->thread = NEW_N(a, threads, struct work_thread);
	p->thread_n = threads;
	for (unsigned i = 0; i < threads; i++) {
		p->thread[i] = (struct work_thread){ .pool = p, .number = first + i };
		if (pthread_create(&p->thread[i].id, NULL, work_loop, &p->thread[i]) != 0)
			panic("web: no thread for worker %u", i);
	}
	return p;
}

enum err work_put(struct work_pool *p, struct work *w)
{
	enum err e = ERR_BUSY;

	assert(w->run && w->late && !w->next);
	pthread_mutex_lock(&p->lock);
	if (p->queued < HTTP_WORK_QUEUE_MAX && !p->stopping) {
		*p->end = w;
		p->end = &w->next;
		p->queued++;
		pthread_cond_signal(&p->come);
		e = ERR_OK;
	}
	pthread_mutex_unlock(&p->lock);
	return e;
}

void work_expire(struct work_pool *p, int64_t now_ms)
{
	struct work *late = NULL;

	pthread_mutex_lock(&p->lock);
	for (struct work **at = &p->first; *at;) {
		struct work *w = *at;
		if (now_ms <= w->late_ms) {
			at = &w->next;
			continue;
		}
		unlink_at(p, at);
		w->next = late;
		late = w;
	}
	pthread_mutex_unlock(&p->lock);
	while (late) {
		struct work *w = late;
		late = w->next;
		w->next = NULL;
		w->late(w);
	}
}

void work_stop(struct work_pool *p)
{
	pthread_mutex_lock(&p->lock);
	assert(!p->first);
	p->stopping = true;
	pthread_cond_broadcast(&p->come);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_n; i++)
		pthread_join(p->thread[i].id, NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->come);
}
