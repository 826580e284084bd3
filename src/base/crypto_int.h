/* crypto_int: what the rest of base needs of libsodium; crypto.c stays its one adapter. */
#ifndef BASE_CRYPTO_INT_H
#define BASE_CRYPTO_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void entropy_from_system(void *ret_bytes, size_t n);	/* the kernel's CSPRNG */
/* The first n bytes of the ChaCha20 stream number `counter` under `key`. */
void entropy_from_stream(const uint8_t key[32], uint64_t counter, void *ret_bytes, size_t n);

/* base/sha256.c: whole blocks of 64 bytes, only where sha256_in_hardware(). */
bool sha256_in_hardware(void);
void sha256_blocks(uint32_t h[8], const uint8_t *p, size_t blocks);

#endif
