/*
 * rand: see rand.h. The seeded stream is ChaCha20 under a key made of the seed,
 * one stream number per call: the same calls give the same bytes everywhere.
 */
#include "base/rand.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/crypto_int.h"

void entropy_system(struct entropy *ret_e)
{
	*ret_e = (struct entropy){ .seeded = false };
}

void entropy_seeded(struct entropy *ret_e, uint64_t seed)
{
	unsigned char text[8];

	for (int i = 0; i < 8; i++)
		text[i] = (unsigned char)(seed >> (8 * i));
	struct hash h = hash_of((str){ (const char *)text, sizeof(text) });
	*ret_e = (struct entropy){ .seeded = true };
	memcpy(ret_e->key, h.b, sizeof(ret_e->key));
}

void entropy_bytes(struct entropy *e, void *ret_bytes, size_t n)
{
	assert(e && (ret_bytes || n == 0));
	if (n == 0)
		return;
	if (e->seeded)
		entropy_from_stream(e->key, e->counter++, ret_bytes, n);
	else
		entropy_from_system(ret_bytes, n);
}

uint64_t entropy_u64(struct entropy *e)
{
	unsigned char b[8];
	uint64_t v = 0;

	entropy_bytes(e, b, sizeof(b));
	for (int i = 0; i < 8; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

uint32_t entropy_below(struct entropy *e, uint32_t n)
{
	assert(n > 0);
	/* Draws from the incomplete last round of n would favour small values. */
	uint64_t rounds = ((uint64_t)1 << 32) / n * n;

	for (;;) {
		uint64_t v = entropy_u64(e) & 0xFFFFFFFFu;
		if (v < rounds)
			return (uint32_t)(v % n);
	}
}

struct salt entropy_salt(struct entropy *e)
{
	struct salt s;

	entropy_bytes(e, s.b, sizeof(s.b));
	return s;
}

str entropy_token(struct entropy *e, struct arena *a, size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char raw[64];
	size_t len = (n * 8 + 4) / 5, at = 0;
	unsigned bits = 0, have = 0;

	assert(n > 0 && n <= sizeof(raw));
	entropy_bytes(e, raw, n);
	char *p = arena_alloc(a, len + 1);
	for (size_t i = 0; i < n; i++) {
		bits = (bits << 8 | raw[i]) & 0xFFF;
		for (have += 8; have >= 5; have -= 5)
			p[at++] = digits[bits >> (have - 5) & 31];
	}
	if (have)
		p[at++] = digits[bits << (5 - have) & 31];
	assert(at == len);
	return (str){ p, len };
}
