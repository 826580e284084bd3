/*
 * composition: the text that names what binds a unit: packs with versions, and the
 * unit's choices. Records are pinned to it. Inside work only.
 */
#ifndef WORK_COMPOSITION_H
#define WORK_COMPOSITION_H

#include <assert.h>

#include "base/op.h"
#include "rules/pack.h"

struct pinned_pack { str id, version; };
struct composition { const struct pinned_pack *pack; size_t pack_n; struct pack_options options; };

/* The text of what binds the tenant at a moment. */
MUST_CHECK enum err composition_text(struct op *op, tenant_id tenant, int64_t at_ms, str *ret_text);
MUST_CHECK enum err composition_read(struct op *op, str text, struct composition *ret_c);
/* The row of that text, made when it is new. Write. */
MUST_CHECK enum err composition_ensure(struct op *op, tenant_id tenant, int64_t at_ms,
	int64_t *ret_id);
/* Store the sources of a shipped pack under its version; *ret_version "1.0+ab12cd34". Write. */
MUST_CHECK enum err pack_store(struct op *op, str pack, str *ret_version);
/* A shipped pack and what it extends, lowest first. */
MUST_CHECK enum err packs_sources(struct op *op, str pack, struct pack_source **ret_src,
		size_t *ret_n);
bool pack_shipped(struct arena *a, str pack, struct pack_source *ret_src);
static inline void assert_policies(const struct policies *ps)
{
	assert(ps);	/* whoever makes an op for work fills op->policies */
}

#endif
