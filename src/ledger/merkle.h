/*
 * merkle: the RFC 6962 tree over leaves that are already hashed with prefix 0x00;
 * node = H(0x01 ‖ left ‖ right). For checkpoints.
 */
#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include <stddef.h>

#include "base/hash.h"

/* The root over leaf[0..n), n > 0. Overwrites leaf[]. */
struct hash ledger_root(struct hash *leaf, size_t n);

#endif
