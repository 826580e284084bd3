/* hash: SHA-256 and HMAC-SHA-256 over libsodium (base/crypto.c is its one adapter). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct hash { uint8_t b[32]; };
struct salt { uint8_t b[16]; };
struct hash_state { _Alignas(16) unsigned char opaque[256]; };

void crypto_start(void);	/* once per process, before anything else here; panics on failure */
struct hash hash_of(str bytes);
void hash_begin(struct hash_state *st);
void hash_add(struct hash_state *st, str bytes);
struct hash hash_end(struct hash_state *st);
/* HMAC-SHA-256(key = salt, bytes): a commitment that hides low-entropy content. */
struct hash hash_commit(struct salt salt, str bytes);
bool hash_eq(struct hash a, struct hash b);		/* constant time */
bool bytes_eq(const void *a, const void *b, size_t n);	/* constant time */
str hash_hex(struct arena *a, struct hash h);
bool hash_from_hex(str hex, struct hash *ret_h);
str bytes_hex(struct arena *a, str bytes);
/* As bytes_hex() writes it: lower case, exactly 2n digits; else false. */
bool bytes_from_hex(str hex, uint8_t *ret_bytes, size_t n);

/*
 * Argon2id in the encoded form that carries its parameters ("$argon2id$…"), 19 MiB, t=2, p=1.
 * ~25 ms: on workers only.
 */
str password_hash(struct arena *a, str password);
bool password_verify(str encoded, str password);

#endif
