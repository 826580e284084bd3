/*
 * pack: from files to a policy. Sources are read by the shell (folder or embedded) and
 * handed in as bytes; pack_compile() parses, composes (extends, refine), resolves names
 * and types, and reports everything it finds as diagnostics; check_policy() proves the
 * rest (pack-language §8 B). A policy with errors is never given out.
 */
#ifndef RULES_PACK_H
#define RULES_PACK_H

#include "rules/diag.h"
#include "rules/policy.h"

struct op;

struct pack_file { str path; str bytes; };	/* path: "base/loops/hazard.yaml" */
struct pack_source { str id; const struct pack_file *file; size_t file_n; };

/*
 * What a unit's adoption adds: values within range, entries of catalogues, aliases,
 * switched-off constructs.
 */
/* the value as written in YAML flow style: "3d", "[week]" */
struct override { str parameter; str yaml; };
struct alias { str id, name; };
struct pack_options {
	const struct override *override; size_t override_n;
	const struct alias *alias; size_t alias_n;
	/* ids "pack/duty" switched off (basis none or internal only) */
	const str *off; size_t off_n;
	/* mutation: "kind:id" of the construct to leave out; STR_NONE in service */
	str remove;
};

/*
 * Compile `source[0..n)`: the packs named and all that they extend must be among them.
 * ERR_INVALID when ds has errors; then *ret_policy is untouched. The policy has its own
 * arena: release with policy_free().
 */
MUST_CHECK enum err pack_compile(struct op *op, const struct pack_source *source, size_t n,
				 const struct pack_options *opt, struct diags *ds,
				 struct policy **ret_policy);
void policy_free(struct policy *p);
/*
 * The proofs: every loop closes, owners, limits, ladders, not-self, labels, spawns, prints,
 * clauses (called by pack_compile; alone for tests).
 */
void check_policy(struct op *op, const struct policy *p, struct diags *ds);

/*
 * At adoption (pack-language §8 A): do the posts that own states and duties have holders, and can
 * not-self be kept by different people? Warnings: what is not so is a hole, and does not hinder.
 */
struct org_view;
void check_adoption(struct op *op, const struct policy *p, const struct org_view *v, int64_t at_ms,
		    struct diags *ds);

/* How many occurrences a duty gives in a year in the model school (B409). */
int64_t duty_model_count(const struct policy *p, const struct duty *d);

/*
 * A value of a parameter as a unit or a rule sets it (YAML flow text), within its type and range:
 * into `ret` by its name, of a table "name[key]" for each. False when it does not read.
 */
bool parameter_values(struct op *op, const struct parameter *pm, str yaml, struct vmap *ret);

/* Clauses and what implements them, for `bihuan clauses`. */
/* construct "duty:hazard-sweep" */
struct clause_use { const struct clause *clause; str id, kind,
		title; const str *construct; size_t construct_n; };
void policy_clause_uses(struct arena *a, const struct policy *p, struct clause_use **ret_uses,
		size_t *ret_n);

#endif
