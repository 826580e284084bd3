/*
 * arena: see arena.h. Memory is a list of blocks, newest first; the first few
 * are kept over resets so that a busy server does not go to malloc for each request.
 * What does not fit in a standard block gets a block of its own, put behind the
 * current one, so that the rest of the current one is not lost.
 * Invariant: used <= max; the unused tail of every block is poisoned under ASan,
 * and a red zone follows every allocation there.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define ARENA_REDZONE 16
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define ARENA_REDZONE 0
#endif

#define ARENA_BLOCK 32768UL
#define ARENA_SPARES 7		/* standard blocks kept over a reset, beside the first */
#define ARENA_ALIGN 16UL

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(16) char bytes[];
};

struct arena_defer {
	struct arena_defer *next;
	void (*destroy)(void *);
	void *arg;
};

struct arena {
	struct arena_block *head;	/* the block that is being filled */
	struct arena_block *first;	/* kept over resets */
	struct arena_block *spare;	/* the same, for when the first is full */
	size_t spares;
	struct arena_defer *defers;
	size_t used, size_max;
};

static struct arena_block *block_new(size_t size)
{
	size_t total;

	if (__builtin_add_overflow(sizeof(struct arena_block), size, &total))
		panic("arena: size overflow");
	struct arena_block *b = malloc(total);
	if (!b)
		panic("arena: no memory for %zu bytes", size);
	b->next = NULL;
	b->size = size;
	b->used = 0;
	POISON(b->bytes, size);
	return b;
}

static void block_free(struct arena_block *b)
{
	UNPOISON(b->bytes, b->size);
#ifdef BUILD_DEBUG
	memset(b->bytes, 0xdd, b->size);
#endif
	free(b);
}

struct arena *arena_new(size_t size_max)
{
	assert(size_max > 0);
	struct arena *a = malloc(sizeof(*a));
	if (!a)
		panic("arena: no memory");
	/* What can only become small begins small: two objects of the whole size always fit. */
	struct arena_block *b = block_new(size_max < ARENA_BLOCK / 2 ?
		size_max + 4 * (ARENA_ALIGN + ARENA_REDZONE) : ARENA_BLOCK);
	*a = (struct arena){ .head = b, .first = b, .size_max = size_max };
	return a;
}

static void run_defers(struct arena *a)
{
	/* A destructor may register no new one: its arena is going away. */
	while (a->defers) {
		struct arena_defer *d = a->defers;
		a->defers = d->next;
		d->destroy(d->arg);
	}
}

static void free_blocks(struct arena_block *b)
{
	struct arena_block *next;

	for (; b; b = next) {
		next = b->next;
		block_free(b);
	}
}

static void block_empty(struct arena_block *b)
{
	UNPOISON(b->bytes, b->size);
#ifdef BUILD_DEBUG
	memset(b->bytes, 0xdd, b->used);
#endif
	b->used = 0;
	b->next = NULL;
	POISON(b->bytes, b->size);
}

/* Standard blocks become spares, up to their number; the others go. */
static void keep_blocks(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->head; b; b = next) {
		next = b->next;
		if (b == a->first)
			continue;
		if (b->size != ARENA_BLOCK || a->spares == ARENA_SPARES) {
			block_free(b);
			continue;
		}
		block_empty(b);
		b->next = a->spare;
		a->spare = b;
		a->spares++;
	}
}

void arena_reset(struct arena *a)
{
	assert(a && a->first);
	run_defers(a);
	keep_blocks(a);
	block_empty(a->first);
	a->head = a->first;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	run_defers(a);
	free_blocks(a->head);
	free_blocks(a->spare);
	free(a);
}

size_t arena_used(const struct arena *a)
{
	assert(a && a->used <= a->size_max);
	return a->used;
}

/* A block with room for `need`: the current one, a new one, or one of its own. */
static struct arena_block *block_for(struct arena *a, size_t need)
{
	struct arena_block *b = a->head;

	if (b->size - b->used >= need)
		return b;
	if (need > ARENA_BLOCK / 4) {
		struct arena_block *own = block_new(need);
		own->next = b->next;
		b->next = own;
		return own;
	}
	struct arena_block *fresh = a->spare;
	if (fresh) {
		a->spare = fresh->next;
		a->spares--;
	} else {
		fresh = block_new(ARENA_BLOCK);
	}
	fresh->next = a->head;
	a->head = fresh;
	return fresh;
}

void *arena_alloc(struct arena *a, size_t size)
{
	assert(a && a->head);
	if (size > a->size_max - a->used)
		panic("arena: ceiling of %zu bytes reached (asked for %zu more)",
		      a->size_max, size);
	size_t need = (size + ARENA_REDZONE + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	if (need == 0)
		need = ARENA_ALIGN;
	struct arena_block *b = block_for(a, need);
	char *p = b->bytes + b->used;
	b->used += need;
	a->used += size;
	assert(b->used <= b->size && ((uintptr_t)p & (ARENA_ALIGN - 1)) == 0);
	UNPOISON(p, size);
	memset(p, 0, size);
	return p;
}

void *arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		panic("arena: %zu elements of %zu bytes overflow", n, size);
	return arena_alloc(a, total);
}

void arena_defer(struct arena *a, void (*destroy)(void *), void *arg)
{
	assert(a && destroy);
	struct arena_defer *d = NEW(a, struct arena_defer);
	*d = (struct arena_defer){ .next = a->defers, .destroy = destroy, .arg = arg };
	a->defers = d;
}

void vec_grow(struct arena *a, void **at, size_t n, size_t *cap, size_t size)
{
	void *old;
	size_t fresh_cap = *cap ? *cap * 2 : 8;

	assert(n == *cap && fresh_cap > n);
	void *fresh = arena_alloc_n(a, fresh_cap, size);
	memcpy(&old, at, sizeof(old));	/* *at is a T *, not a void *: copied, not aliased */
	if (n)
		memcpy(fresh, old, n * size);
	memcpy(at, &fresh, sizeof(fresh));
	*cap = fresh_cap;
}
