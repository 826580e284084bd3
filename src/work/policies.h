/*
 * policies: compiled packs, and the view of a tenant that the rules work on. A compiled
 * policy is immutable and shared by its composition; a tenant's view (organisation,
 * calendar, parameters) is cached against tenant_version, which is read in the same
 * snapshot as everything else, so a stale view cannot be used. Only readers fill the
 * cache: what the writer sees may yet be rolled back.
 */
#ifndef WORK_POLICIES_H
#define WORK_POLICIES_H

#include "base/op.h"
#include "org/org.h"
#include "rules/coverage.h"
#include "rules/expand.h"
#include "rules/field.h"
#include "rules/machine.h"
#include "rules/pack.h"

struct policies;

/* One for a process; op->policies points at it. Thread-safe. */
struct policies *policies_new(void);
/* Compile every composition without this construct, before the first: mutation (HACKING.md). */
void policies_leave_out(struct policies *ps, str construct);
void policies_free(struct policies *ps);
struct memos;
struct memos *policies_memos(struct policies *ps);

/* Everything that the rules need to know of one tenant now. Lives as long as op->arena. */
/* A record in force that fills the rosters of its loop, as its fields stand. */
struct roster_plan { str loop; struct vmap fields; };
struct roster_plans { struct roster_plan *at; size_t n, cap; };

struct work {
	const struct policy *policy;	/* the composition in force */
	int64_t composition;
	struct vmap params;		/* values in force at op->now_ms that override defaults */
	const struct param_value *dated; size_t dated_n;
	const struct org_view *org;	/* from the start of the school year before, on */
	const struct calendar *calendar;
	const struct adoption *adoption; size_t adoption_n;
	const struct waiver *waiver; size_t waiver_n;
	const struct roster_plans *plans;
	int64_t version;		/* tenant_version.n */
	int64_t writes;			/* tenant_write.n: what memos are kept against */
	int64_t now_ms;
};
/* ERR_NOTFOUND "还没有采用任何方案" when the tenant has adopted nothing. */
MUST_CHECK enum err work_load(struct op *op, tenant_id tenant, const struct work **ret_w);
/* The policy that a record is pinned to. */
MUST_CHECK enum err work_policy_of(struct op *op, tenant_id tenant, int64_t composition,
		const struct policy **ret_p);

/* The contexts of the pure core, filled from a view. */
struct machine_ctx work_machine_ctx(const struct op *op, const struct work *w,
		const struct policy *p);
struct expand_in work_expand_in(struct op *op, const struct work *w);

/* Names and codes → ids and back, inside the tenant: rules/field.h. */
struct resolver work_resolver(struct op *op, const struct work *w);

/* A parameter of the engine by name: value in force, else the pack's default, else `otherwise`. */
struct duration work_duration(const struct work *w, const char *name, struct duration otherwise);

/* Capabilities that a person's posts give (auth's struct caps_source). */
uint64_t work_caps(void *ctx, struct op *op, tenant_id tenant, person_id person, int64_t at_ms);

/* --- adoption: sources are stored, compiled and checked before they bind --- */
struct embedded_pack { str id, version; };
size_t packs_shipped(struct arena *a, struct embedded_pack **ret);
/* Compile shipped (or stored) packs without adopting: for the reader, `check`, the wizard. */
MUST_CHECK enum err packs_compile_shipped(struct op *op, str pack, struct diags *ds,
		struct policy **ret_p);

#endif
