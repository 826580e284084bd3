/*
 * sha256: the block function of SHA-256 on the SHA extensions of x86-64, and nothing more:
 * padding, lengths and the portable way stay in crypto.c over libsodium. It is here because
 * verifying a ledger is two hashes an event, and libsodium 1.0.18 has no hardware path: 1.2 µs
 * an event in hashing alone against 0.2 µs, and the goal is a million events a second.
 * Rejected: libcrypto, whose one-shot call costs as much as the hash of so few bytes.
 *
 * The state is kept as the instructions want it: (a b e f) and (c d g h). The schedule of
 * 64 words is made as 16 vectors of four first; the compiler unrolls both loops. Checked
 * against libsodium for every length up to a few blocks (tests/unit/test_sha256.c).
 */
#include "base/crypto_int.h"

#include <assert.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

static const uint32_t round_k[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

/* CPUID leaf 7: SHA is bit 29 of ebx; leaf 1: SSSE3 and SSE4.1 are bits 9 and 19 of ecx. */
bool sha256_in_hardware(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 9 & 1) || !(c >> 19 & 1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}

__attribute__((target("sha,ssse3,sse4.1")))
static void one_block(__m128i *abef, __m128i *cdgh, const uint8_t *p)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i w[16], x = *abef, y = *cdgh, k;

	for (int i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(
			_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), swap);
	for (int i = 4; i < 16; i++)
		w[i] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w[i - 4], w[i - 3]),
							  _mm_alignr_epi8(w[i - 1], w[i - 2], 4)),
					    w[i - 1]);
	for (int i = 0; i < 16; i++) {	/* four rounds: two on each half */
		k = _mm_add_epi32(w[i],
				  _mm_load_si128((const __m128i *)(const void *)&round_k[4 * i]));
		y = _mm_sha256rnds2_epu32(y, x, k);
		x = _mm_sha256rnds2_epu32(x, y, _mm_shuffle_epi32(k, 0x0e));
	}
	*abef = _mm_add_epi32(*abef, x);
	*cdgh = _mm_add_epi32(*cdgh, y);
}

__attribute__((target("sha,ssse3,sse4.1")))
void sha256_blocks(uint32_t h[8], const uint8_t *p, size_t blocks)
{
	__m128i abef = _mm_set_epi32((int)h[0], (int)h[1], (int)h[4], (int)h[5]);
	__m128i cdgh = _mm_set_epi32((int)h[2], (int)h[3], (int)h[6], (int)h[7]);

	for (; blocks; blocks--, p += 64)
		one_block(&abef, &cdgh, p);
	h[0] = (uint32_t)_mm_extract_epi32(abef, 3);
	h[1] = (uint32_t)_mm_extract_epi32(abef, 2);
	h[4] = (uint32_t)_mm_extract_epi32(abef, 1);
	h[5] = (uint32_t)_mm_extract_epi32(abef, 0);
	h[2] = (uint32_t)_mm_extract_epi32(cdgh, 3);
	h[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
	h[6] = (uint32_t)_mm_extract_epi32(cdgh, 1);
	h[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}

#else

bool sha256_in_hardware(void)
{
	return false;
}

void sha256_blocks(uint32_t h[8], const uint8_t *p, size_t blocks)
{
	(void)h;
	(void)p;
	(void)blocks;
	assert(false);	/* asked for without sha256_in_hardware() */
}

#endif
