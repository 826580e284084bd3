/* pack_dir: packs of the tree, read from disk, for tests that compile them. */
#ifndef TESTS_PACK_DIR_H
#define TESTS_PACK_DIR_H

#include "base/op.h"
#include "rules/pack.h"

/* All files below `dir` as one source named after its last folder; panics when it is not there. */
struct pack_source pack_dir(struct arena *a, const char *dir);
/* An operation with an arena, for tests. */
void test_op_init(struct op *op);
void test_op_release(struct op *op);

#endif
