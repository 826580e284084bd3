/*
 * indicator: formulas over counters (pack-language §6). Counters come by themselves:
 * "hazard.report" (step taken), "hazard@found" (state entered), "hazard@found:due", ":met";
 * "duty:monthly-meeting:due", ":on-time", ":late", ":entered-late", ":missed", ":waived".
 * The shell gives each by one indexed look-up over the period.
 */
#ifndef RULES_INDICATOR_H
#define RULES_INDICATOR_H

#include "rules/policy.h"

struct indicator_env {
	int64_t (*counter)(void *ctx, str metric);
	/* records that are in the state now */
	int64_t (*in_state)(void *ctx, str loop, str state);
	/* coverage of codes: filled and asked */
	void (*covered)(void *ctx, const struct strs *codes, int64_t *ret_filled,
			int64_t *ret_asked);
	/* acknowledgements: done and asked */
	void (*acknowledged)(void *ctx, str loop, str step, int64_t *ret_done, int64_t *ret_asked);
	void *ctx;
};
/* num in ten-thousandths */
struct indicator_value { bool known; bool ratio; int64_t num; int64_t numerator, denominator; };
void indicator_eval(struct arena *a, const struct policy *p, const struct indicator *ind,
		    const struct indicator_env *env, struct indicator_value *ret);

#endif
