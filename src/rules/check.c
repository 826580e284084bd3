/*
 * check: the proofs of pack-language §8 B over a composed policy, in the order in which
 * a reader wants to hear them: names first, then loops, then demands, then clauses.
 * Each lives in its own file; this one says the order and knows nothing else.
 */
#include "rules/pack.h"

#include <assert.h>

#include "rules/check_int.h"

struct pos at_text(const struct check *c, str s, struct pos otherwise)
{
	return s.ptr ? policy_pos(c->p, s.ptr, otherwise) : otherwise;
}

void check_policy(struct op *op, const struct policy *p, struct diags *ds)
{
	struct check c = { op, op->arena, p, ds };

	assert(op && p && ds);
	check_org(&c);
	check_loops(&c);
	check_closing(&c);
	check_duties(&c);
	check_coverage(&c);
	check_prints(&c);
	check_clauses(&c);
}
