/*
 * memo: answers about a tenant that cost much and are asked often, as bytes, kept until the
 * tenant's next write. A key holds the tenant's version and its number of writes, read in the
 * same snapshot as everything else, so that a stale answer cannot be given; what hangs on the
 * clock besides is in `of`. Only readers keep and are given: the writer's may yet be rolled
 * back. Bounded in number and bytes; forgetting one costs nothing but time.
 */
#ifndef WORK_MEMO_H
#define WORK_MEMO_H

#include "base/op.h"
#include "work/policies.h"

struct memos;

struct memos *memos_new(struct arena *a);
void memos_free(struct memos *ms);

/* of, of2: of what, e.g. a week and a day. */
enum memo_kind { MEMO_NONE, MEMO_BURDEN, MEMO_TASKS };
struct memo_key { enum memo_kind kind; int64_t of, of2; };

/* The bytes, aligned as by malloc, alive as long as op->arena; STR_NONE: not kept. */
str memo_find(struct op *op, const struct work *w, struct memo_key key);
void memo_keep(struct op *op, const struct work *w, struct memo_key key, str bytes);

#endif
