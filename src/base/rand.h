/*
 * rand: the only source of randomness. entropy_system() is the kernel's CSPRNG;
 * entropy_seeded() is a reproducible stream for demonstration data and tests, and
 * is refused for secrets by the doors that make them.
 */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

struct arena;
struct entropy { bool seeded; uint8_t key[32]; uint64_t counter; };

void entropy_system(struct entropy *ret_e);
void entropy_seeded(struct entropy *ret_e, uint64_t seed);
void entropy_bytes(struct entropy *e, void *ret_bytes, size_t n);
uint64_t entropy_u64(struct entropy *e);
uint32_t entropy_below(struct entropy *e, uint32_t n);	/* 0 … n-1, unbiased */
struct salt entropy_salt(struct entropy *e);
/* `n` random bytes as base32 (Crockford, upper case): tokens, codes. */
str entropy_token(struct entropy *e, struct arena *a, size_t n);

#endif
