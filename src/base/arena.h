/*
 * arena: the memory of one operation. Everything allocated here dies together;
 * nothing is freed one by one. What is not memory (a file, a statement) registers
 * a destructor with arena_defer(). arena_alloc() never returns NULL: past the
 * ceiling, or when the system has no memory, the process panics (base/err.h),
 * the transaction is rolled back by recovery and a supervisor restarts us.
 * Input limits (base/limits.h) keep the ceiling out of reach of a request.
 * Under ASan the unused part is poisoned; debug builds fill freed memory.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena;

/* `size_max` is the ceiling in bytes over the life between two resets. */
struct arena *arena_new(size_t size_max);
void arena_reset(struct arena *a);	/* runs the destructors, keeps the first block */
void arena_free(struct arena *a);	/* accepts NULL */
size_t arena_used(const struct arena *a);

/* Zeroed, aligned for any type. `size` 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
/* Overflow of n * size panics. */
void *arena_alloc_n(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));
void arena_defer(struct arena *a, void (*destroy)(void *), void *arg);	/* last in, first out */

#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define NEW_N(a, n, type) ((type *)arena_alloc_n((a), (n), sizeof(type)))

/*
 * A growing array in an arena: struct { T *at; size_t n, cap; } name;
 * VEC_PUSH returns a pointer to a new zeroed element. The old block is left to
 * the arena, so a pointer to an element is valid only until the next push.
 */
#define VEC(type) struct { type *at; size_t n, cap; }
#define VEC_PUSH(a, v) \
	((v)->n == (v)->cap \
		? vec_grow((a), (void **)&(v)->at, (v)->n, &(v)->cap, sizeof(*(v)->at)) : (void)0, \
	 &(v)->at[(v)->n++])
void vec_grow(struct arena *a, void **at, size_t n, size_t *cap, size_t size);

#endif
