/*
 * op: one request, one job run or one command: who asks, when it is, where the
 * data is, and where memory comes from. First argument of everything that can
 * fail; it replaces global variables.
 */
#ifndef BASE_OP_H
#define BASE_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"

struct store;	/* store/store.h: a reader, or the writer's connection */
struct scope;	/* auth/scope.h */
struct policy;	/* rules/policy.h */
struct idgen;	/* base/idgen.h */
struct entropy;	/* base/rand.h */
struct policies;	/* work/policies.h: compiled packs, shared by version */
struct work;	/* work/policies.h: how a tenant stands */

/* One fault of the input, by the field it stands in ("" for the whole). */
struct field_error { str field, message; struct field_error *next; };

struct op {
	struct arena *arena;		/* reset when the op ends */
	struct store *store;
	const struct clock *clock;	/* the only source of "now" */
	const struct scope *scope;	/* who asks, the system too */
	struct idgen *idgen;		/* makes ids; only the writer uses it */
	struct entropy *entropy;	/* salts, tokens; seeded in tests and demo */
	struct policies *policies;	/* compiled packs by composition */
	const struct work *work;	/* loaded in this read scope, or NULL; no writer's */
	/* when the server accepted the operation; fixed for its life */
	int64_t now_ms;
	tenant_id tenant;		/* the tenant whose rows a write may touch */
	int tx_depth;			/* 0, or 1 inside a write operation */
	uint64_t id;			/* operation id, for the log and the error page */
	/* set once, where the failure is found; Chinese, for people */
	char errmsg[256];
	const char *errat;		/* its file:line, for the log */
	struct field_error *field_errors;	/* of ERR_INVALID, in the order they were found */
	/* an fsync failed: never retried; stop acknowledging, exit 74 */
	bool sync_failed;
};

/* Set the message (kept if one is set already: the first is nearest the fault) and return `e`. */
enum err op_fail(struct op *op, enum err e, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Add a field error; returns ERR_INVALID. `message` is copied to the arena. */
enum err op_invalid(struct op *op, const char *at, str field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void op_clear_error(struct op *op);

#define OP_STR2(x) #x
#define OP_STR1(x) OP_STR2(x)
#define OP_AT __FILE__ ":" OP_STR1(__LINE__)
#define FAIL(op, e, ...) op_fail((op), (e), OP_AT, __VA_ARGS__)
#define INVALID(op, field, ...) op_invalid((op), OP_AT, (field), __VA_ARGS__)

#endif
