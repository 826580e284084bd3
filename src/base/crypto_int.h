/* crypto_int: what the rest of base needs of libsodium; crypto.c stays its one adapter. */
#ifndef BASE_CRYPTO_INT_H
#define BASE_CRYPTO_INT_H

#include <stddef.h>
#include <stdint.h>

void entropy_from_system(void *ret_bytes, size_t n);	/* the kernel's CSPRNG */
/* The first n bytes of the ChaCha20 stream number `counter` under `key`. */
void entropy_from_stream(const uint8_t key[32], uint64_t counter, void *ret_bytes, size_t n);

#endif
