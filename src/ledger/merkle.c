/*
 * merkle: see merkle.h. An odd node moves up unchanged; it is never paired with itself
 * (that would let a doubled last leaf pass). Checked against the recursive definition of
 * RFC 6962 for 1 … 130 leaves.
 */
#include "ledger/merkle.h"

#include <assert.h>
#include <string.h>

static struct hash node(struct hash left, struct hash right)
{
	char bytes[65];

	bytes[0] = 1;
	memcpy(bytes + 1, left.b, 32);
	memcpy(bytes + 33, right.b, 32);
	return hash_of((str){ bytes, sizeof(bytes) });
}

struct hash ledger_root(struct hash *leaf, size_t n)
{
	assert(leaf && n > 0);
	for (; n > 1; n = (n + 1) / 2) {
		for (size_t i = 0; i < n / 2; i++)
			leaf[i] = node(leaf[2 * i], leaf[2 * i + 1]);
		if (n % 2)
			leaf[n / 2] = leaf[n - 1];
	}
	return leaf[0];
}
