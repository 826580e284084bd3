/*
 * check: the proofs of pack-language §8 B over a composed policy. (Landing in slices:
 * this one only opens the door, so that the loader can be used.)
 */
#include "rules/pack.h"

#include <assert.h>

void check_policy(struct op *op, const struct policy *p, struct diags *ds)
{
	assert(op && p && ds);
}
