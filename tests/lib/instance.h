/*
 * instance: an empty data folder with the current schema under /tmp, for tests of everything
 * above base.
 */
#ifndef TESTS_LIB_INSTANCE_H
#define TESTS_LIB_INSTANCE_H

#include "base/op.h"
#include "base/rand.h"
#include "store/store.h"
#include "store/writer.h"

struct instance {
	str dir;
	struct arena *arena;
	struct clock clock;		/* manual, 2026-11-18T08:00+08:00 */
	struct entropy entropy;		/* seeded: the test's; the writer has its own */
	struct entropy writer_entropy;
	struct store_db *db;
	struct writer *writer;		/* NULL until instance_serve() */
	struct store *reader;		/* of instance_read() */
};

#define INSTANCE_AT 1794960000000LL

/* A new folder, opened and migrated. Fails the test when it cannot. */
void instance_new(struct instance *in);
/* Open an existing folder again, migrated. */
void instance_open(struct instance *in, str dir);
/* After instance_stop(): the same folder, as a new process finds it. */
void instance_reopen(struct instance *in);
void instance_serve(struct instance *in);		/* start the writer */
void instance_stop(struct instance *in); /* writer and folder closed; the files stay */
void instance_free(struct instance *in);		/* stop, and remove the folder */
void instance_op(struct instance *in, struct op *ret_op);	/* an op with the test's arena */
/* An op that reads, in an open read scope; instance_read_end() gives the reader back. */
void instance_read(struct instance *in, struct op *ret_op);
void instance_read_end(struct instance *in, struct op *op);
/* One write operation, waited for. */
enum err instance_write(struct instance *in, tenant_id tenant,
			enum err (*run)(struct op *op, void *arg), void *arg);
void remove_tree(const char *dir);

#endif
