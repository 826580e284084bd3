/*
 * memo: see memo.h. A table of slots by hash of the key without its versions: a newer answer
 * takes the place of the older one, and two keys that fall together push each other out. An
 * answer is counted by references, of its slot and of operations that read it.
 */
#include "work/memo.h"

#include <pthread.h>

#include "base/limits.h"

#define SLOTS 4096
#define ALL_BYTES_MAX (8 * MIB)
#define ONE_BYTES_MAX (64 * KIB)

struct memo {
	struct arena *arena;
	int refs;
	struct memo_key key;
	tenant_id tenant;
	int64_t version, writes;
	str bytes;
};

struct memos {
	pthread_mutex_t lock;
	struct memo *slot[SLOTS];
	size_t bytes, hand;
};

struct memo_ref { struct memos *ms; struct memo *m; };

struct memos *memos_new(struct arena *a)
{
	struct memos *ms = NEW(a, struct memos);

	pthread_mutex_init(&ms->lock, NULL);
	return ms;
}

static void memo_drop(struct memo *m)	/* under the lock */
{
	if (--m->refs == 0)
		arena_free(m->arena);
}

static void slot_empty(struct memos *ms, size_t i)
{
	struct memo *m = ms->slot[i];

	if (!m)
		return;
	ms->bytes -= m->bytes.len;
	ms->slot[i] = NULL;
	memo_drop(m);
}

void memos_free(struct memos *ms)
{
	for (size_t i = 0; i < SLOTS; i++)
		slot_empty(ms, i);
	pthread_mutex_destroy(&ms->lock);
}

static size_t slot_of(tenant_id tenant, struct memo_key k)
{
	uint64_t h = (uint64_t)tenant.v * 0x9e3779b97f4a7c15u;

	h = (h ^ (uint64_t)k.of) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (uint64_t)k.of2 ^ h >> 29) * 0x94d049bb133111ebu;
	return (size_t)((h ^ (uint64_t)k.kind ^ h >> 32) % SLOTS);
}

static bool is_it(const struct memo *m, const struct work *w, struct memo_key k)
{
	return m && m->tenant.v == w->org->tenant.v && m->key.kind == k.kind && m->key.of == k.of
		&& m->key.of2 == k.of2 && m->version == w->version && m->writes == w->writes;
}

static void memo_unref(void *arg)
{
	struct memo_ref *r = arg;

	pthread_mutex_lock(&r->ms->lock);
	memo_drop(r->m);
	pthread_mutex_unlock(&r->ms->lock);
}

str memo_find(struct op *op, const struct work *w, struct memo_key key)
{
	struct memos *ms = policies_memos(op->policies);
	struct memo_ref *r;

	if (op->idgen)
		return STR_NONE;
	pthread_mutex_lock(&ms->lock);
	struct memo *m = ms->slot[slot_of(w->org->tenant, key)];
	if (!is_it(m, w, key))
		m = NULL;
	if (m)
		m->refs++;
	pthread_mutex_unlock(&ms->lock);
	if (!m)
		return STR_NONE;
	r = NEW(op->arena, struct memo_ref);
	*r = (struct memo_ref){ ms, m };
	arena_defer(op->arena, memo_unref, r);
	return m->bytes;
}

static struct memo *memo_new(const struct work *w, struct memo_key key, str bytes)
{
	struct arena *a = arena_new(sizeof(struct memo) + bytes.len + 64);
	struct memo *m = NEW(a, struct memo);

	*m = (struct memo){ .arena = a, .refs = 1, .key = key, .tenant = w->org->tenant,
			    .version = w->version, .writes = w->writes };
	char *copy = arena_alloc(a, bytes.len + 1);
	if (bytes.len)
		memcpy(copy, bytes.ptr, bytes.len);
	m->bytes = (str){ copy, bytes.len };
	return m;
}

void memo_keep(struct op *op, const struct work *w, struct memo_key key, str bytes)
{
	struct memos *ms = policies_memos(op->policies);
	size_t i = slot_of(w->org->tenant, key);
	struct memo *m;

	if (op->idgen || bytes.len > ONE_BYTES_MAX)
		return;
	m = memo_new(w, key, bytes);
	pthread_mutex_lock(&ms->lock);
	slot_empty(ms, i);
	while (ms->bytes + bytes.len > ALL_BYTES_MAX)
		slot_empty(ms, ms->hand++ % SLOTS);
	ms->slot[i] = m;
	ms->bytes += bytes.len;
	pthread_mutex_unlock(&ms->lock);
}
