/* instance: see instance.h. */
#include "lib/instance.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "store/migrate.h"

static void must(enum err e, const struct op *op, const char *what)
{
	if (e)
		panic("%s: %s: %s (%s)", what, err_word(e), op->errmsg,
		      op->errat ? op->errat : "?");
}

void instance_op(struct instance *in, struct op *ret_op)
{
	*ret_op = (struct op){ .arena = in->arena, .clock = &in->clock, .entropy = &in->entropy,
			       .now_ms = clock_now(&in->clock) };
}

void instance_reopen(struct instance *in)
{
	struct migrate_result mr;
	struct op op;

	assert(!in->db);
	instance_op(in, &op);
	must(store_open(&op, in->dir, true, &in->db), &op, "open");
	must(migrate_run(&op, in->db, &mr), &op, "migrate");
}

void instance_open(struct instance *in, str dir)
{
	crypto_start();
	*in = (struct instance){ .arena = arena_new(ARENA_OP_MAX) };
	in->dir = str_dup(in->arena, dir);
	clock_manual(&in->clock, INSTANCE_AT, 8 * 3600 * 1000);
	entropy_seeded(&in->entropy, 1);
	entropy_seeded(&in->writer_entropy, 2);
	instance_reopen(in);
}

void instance_new(struct instance *in)
{
	char dir[] = "/tmp/bihuan-test-XXXXXX";
	char *made = mkdtemp(dir);

	assert(made);
	instance_open(in, str_of(made));
}

void instance_serve(struct instance *in)
{
	struct writer_config cfg = { .db = in->db,
				     .clock = &in->clock,
				     .entropy = &in->writer_entropy };
	struct op op;

	instance_op(in, &op);
	must(writer_start(&op, &cfg, &in->writer), &op, "writer");
}

void instance_stop(struct instance *in)
{
	writer_stop(in->writer);
	in->writer = NULL;
	store_close(in->db);
	in->db = NULL;
}

void remove_tree(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	char path[4096];

	if (!d)
		return;
	while ((ent = readdir(d))) {
		if (ent->d_name[0] == '.' && (!ent->d_name[1] || ent->d_name[1] == '.'))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, ent->d_name);
		if (unlink(path) != 0)
			remove_tree(path);
	}
	closedir(d);
	rmdir(dir);
}

void instance_free(struct instance *in)
{
	if (in->db)
		instance_stop(in);
	remove_tree(in->dir.ptr);
	arena_free(in->arena);
}

void instance_read(struct instance *in, struct op *ret_op)
{
	instance_op(in, ret_op);
	must(store_reader_take(ret_op, in->db, &in->reader), ret_op, "reader");
	ret_op->store = in->reader;
	must(store_read_begin(ret_op), ret_op, "read");
}

void instance_read_end(struct instance *in, struct op *op)
{
	store_read_end(op);
	store_reader_give(in->reader);
	in->reader = NULL;
	op->store = NULL;
}

enum err instance_write(struct instance *in, tenant_id tenant,
			enum err (*run)(struct op *op, void *arg), void *arg)
{
	struct op op;

	instance_op(in, &op);
	op.tenant = tenant;
	return writer_do(in->writer, &op, WOP_NORMAL, run, arg);
}
