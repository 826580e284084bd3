/*
 * crypto: the one adapter of libsodium (hash.h, and crypto_int.h for rand.c).
 * Argon2id takes the parameters of OWASP's first choice (19 MiB, t=2, p=1); they
 * travel in the encoded form, so raising them later re-hashes at the next sign-in.
 * SHA-256 itself goes to the processor's own instructions where it has them (sha256.c).
 */
#include "base/hash.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/crypto_int.h"
#include "base/err.h"

#define PASSWORD_OPS 2
#define PASSWORD_MEM (19UL * 1024 * 1024)

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct hash_state), "state fits");
_Static_assert(crypto_hash_sha256_BYTES == sizeof(struct hash), "hash size");

static const unsigned char *bytes_of(str s)
{
	assert(s.ptr || s.len == 0);
	return s.ptr ? (const unsigned char *)s.ptr : (const unsigned char *)"";
}

/* Decided once, before any thread (crypto_start). */
static bool fast;

/* SHA-256 over sha256_blocks(): what is not yet a whole block waits in `rest`. */
struct fast_state { uint32_t h[8]; uint64_t len; uint8_t rest[64]; };
_Static_assert(sizeof(struct fast_state) <= sizeof(struct hash_state), "state fits");

static const uint32_t first_h[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

void crypto_start(void)
{
	if (sodium_init() < 0)
		panic("libsodium does not start");
	fast = sha256_in_hardware();
}

/* The last one or two blocks: a bit 1, zeros, the length in bits. */
static struct hash fast_finish(uint32_t h[8], const uint8_t *rest, size_t rest_n, uint64_t len)
{
	uint8_t tail[128] = { 0 };
	size_t blocks = rest_n < 56 ? 1 : 2;
	struct hash out;

	memcpy(tail, rest, rest_n);
	tail[rest_n] = 0x80;
	for (size_t i = 0; i < 8; i++)
		tail[blocks * 64 - 1 - i] = (uint8_t)(len * 8 >> (8 * i));
	sha256_blocks(h, tail, blocks);
	for (size_t i = 0; i < 32; i++)
		out.b[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
	return out;
}

struct hash hash_of(str bytes)
{
	const unsigned char *p = bytes_of(bytes);
	struct hash h;

	if (!fast) {
		crypto_hash_sha256(h.b, p, bytes.len);
		return h;
	}
	uint32_t st[8];
	size_t whole = bytes.len / 64;
	memcpy(st, first_h, sizeof(st));
	sha256_blocks(st, p, whole);
	return fast_finish(st, p + whole * 64, bytes.len % 64, bytes.len);
}

void hash_begin(struct hash_state *st)
{
	assert(((uintptr_t)st & 15) == 0);
	if (!fast) {
		crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)st->opaque);
		return;
	}
	struct fast_state *f = (void *)st->opaque;
	memcpy(f->h, first_h, sizeof(f->h));
	f->len = 0;
}

static void fast_add(struct fast_state *f, const uint8_t *p, size_t n)
{
	size_t have = f->len % 64;

	f->len += n;
	if (have) {
		size_t take = n < 64 - have ? n : 64 - have;
		memcpy(f->rest + have, p, take);
		p += take;
		n -= take;
		if (have + take < 64)
			return;
		sha256_blocks(f->h, f->rest, 1);
	}
	sha256_blocks(f->h, p, n / 64);
	memcpy(f->rest, p + n / 64 * 64, n % 64);
}

void hash_add(struct hash_state *st, str bytes)
{
	if (fast)
		fast_add((void *)st->opaque, bytes_of(bytes), bytes.len);
	else
		crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)st->opaque,
					  bytes_of(bytes), bytes.len);
}

struct hash hash_end(struct hash_state *st)
{
	struct hash h;

	if (fast) {
		struct fast_state *f = (void *)st->opaque;
		return fast_finish(f->h, f->rest, f->len % 64, f->len);
	}
	crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)st->opaque, h.b);
	return h;
}

struct hash hash_commit(struct salt salt, str bytes)
{
	crypto_auth_hmacsha256_state st;
	struct hash h;

	crypto_auth_hmacsha256_init(&st, salt.b, sizeof(salt.b));
	crypto_auth_hmacsha256_update(&st, bytes_of(bytes), bytes.len);
	crypto_auth_hmacsha256_final(&st, h.b);
	sodium_memzero(&st, sizeof(st));
	return h;
}

bool bytes_eq(const void *a, const void *b, size_t n)
{
	assert((a && b) || n == 0);
	return n == 0 || sodium_memcmp(a, b, n) == 0;
}

bool hash_eq(struct hash a, struct hash b)
{
	return bytes_eq(a.b, b.b, sizeof(a.b));
}

str bytes_hex(struct arena *a, str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_alloc_n(a, bytes.len + 1, 2);

	for (size_t i = 0; i < bytes.len; i++) {
		p[2 * i] = digits[(unsigned char)bytes.ptr[i] >> 4];
		p[2 * i + 1] = digits[(unsigned char)bytes.ptr[i] & 15];
	}
	return (str){ p, bytes.len * 2 };
}

str hash_hex(struct arena *a, struct hash h)
{
	return bytes_hex(a, (str){ (const char *)h.b, sizeof(h.b) });
}

bool bytes_from_hex(str hex, uint8_t *ret_bytes, size_t n)
{
	if (hex.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char a = hex.ptr[2 * i], b = hex.ptr[2 * i + 1];
		int hi = hex_digit(a), lo = hex_digit(b);

		if (hi < 0 || lo < 0 || (a >= 'A' && a <= 'F') || (b >= 'A' && b <= 'F'))
			return false;
		ret_bytes[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

bool hash_from_hex(str hex, struct hash *ret_h)
{
	struct hash h;

	assert(ret_h);
	if (!bytes_from_hex(hex, h.b, sizeof(h.b)))
		return false;
	*ret_h = h;
	return true;
}

str password_hash(struct arena *a, str password)
{
	char out[crypto_pwhash_STRBYTES];

	assert(password.len > 0 && password.ptr);
	if (crypto_pwhash_str_alg(out, password.ptr, password.len, PASSWORD_OPS, PASSWORD_MEM,
				  crypto_pwhash_ALG_ARGON2ID13) != 0)
		panic("argon2id: no memory");
	return str_dup(a, str_of(out));
}

/* libsodium wants the encoded form in a NUL-terminated array of its own size. */
static bool encoded_copy(str encoded, char ret_out[crypto_pwhash_STRBYTES])
{
	if (encoded.len == 0 || encoded.len >= crypto_pwhash_STRBYTES)
		return false;
	if (memchr(encoded.ptr, '\0', encoded.len))
		return false;
	memset(ret_out, 0, crypto_pwhash_STRBYTES);
	memcpy(ret_out, encoded.ptr, encoded.len);
	return true;
}

bool password_verify(str encoded, str password)
{
	char copy[crypto_pwhash_STRBYTES];

	if (!encoded_copy(encoded, copy) || password.len == 0)
		return false;
	return crypto_pwhash_str_verify(copy, password.ptr, password.len) == 0;
}

void entropy_from_system(void *ret_bytes, size_t n)
{
	assert(ret_bytes || n == 0);
	randombytes_buf(ret_bytes, n);
}

void entropy_from_stream(const uint8_t key[32], uint64_t counter, void *ret_bytes, size_t n)
{
	uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

	_Static_assert(sizeof(nonce) == 8 && crypto_stream_chacha20_KEYBYTES == 32, "sizes");
	for (int i = 0; i < 8; i++)	/* by hand: the same stream on every machine */
		nonce[i] = (uint8_t)(counter >> (8 * i));
	crypto_stream_chacha20(ret_bytes, n, nonce, key);
}
