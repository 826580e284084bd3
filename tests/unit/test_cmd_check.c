/* test_cmd_check: the commands of packs, as a person types them, on the packs that ship. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/hash.h"
#include "cli/cmd.h"
#include "lib/pack_dir.h"

/* These two alone, as in cli/cmds.def: the test needs no server, store or page. */
static const struct command table[] = { CMD_ROW(check, PURE, "PACK…", "--explain= --json", "")
						CMD_ROW(clauses, PURE, "PACK…",
							"--against= --mutate --json", "") };

struct caught {
	struct buf out, err;
};

static void catch_write(void *to, int stream, str bytes)
{
	struct caught *k = to;

	buf_add(stream == 1 ? &k->out : &k->err, bytes);
}

/* Run a command line (words parted by blanks); its exit status. */
static int run(struct op *op, struct caught *k, const char *line)
{
	struct cmd_sink sink = { catch_write, NULL, k };
	VEC(str) argv = { 0 };
	str rest = str_of(line);

	test_op_init(op);
	buf_init(&k->out, 8UL << 20);
	buf_init(&k->err, 1UL << 20);
	while (rest.ptr)
		*VEC_PUSH(op->arena, &argv) = str_cut(&rest, ' ');
	return cmd_run(table, sizeof(table) / sizeof(*table), op, NULL, argv.at, argv.n, STR(""),
		       &sink);
}

static void done(struct op *op, struct caught *k)
{
	buf_release(&k->out);
	buf_release(&k->err);
	test_op_release(op);
}

static str out_of(const struct caught *k)
{
	return (str){ k->out.ptr, k->out.len };
}

static bool says(const struct caught *k, const char *what)
{
	return str_find(out_of(k), str_of(what), 0) >= 0 ||
	       str_find((str){ k->err.ptr, k->err.len }, str_of(what), 0) >= 0;
}

/* What ships is without error, by name and by folder alike; a base is found by itself. */
static void check__shipped(void **state)
{
	struct caught k;
	struct op op;

	(void)state;
	assert_int_equal(run(&op, &k, "check primary-closed-loop"), 0);
	assert_true(says(&k, "2 个规则包"));
	done(&op, &k);
	assert_int_equal(run(&op, &k, "check packs/primary-closed-loop/"), 0);
	assert_true(says(&k, "2 个规则包"));
	done(&op, &k);
}

/* A fault is said with the path that was typed, and the status is 1. */
static void check__says_where(void **state)
{
	struct caught k;
	struct op op;

	(void)state;
	assert_int_equal(run(&op, &k, "check tests/packs/broken"), 1);
	assert_true(says(&k, "tests/packs/broken/duties.yaml:2:5: error[B103]:"));
	done(&op, &k);
	assert_int_equal(run(&op, &k, "check --json tests/packs/broken"), 1);
	assert_true(says(&k, "\"code\":\"B103\""));
	done(&op, &k);
}

/* Nothing typed, or no such pack: usage and not found, never a crash. */
static void check__refuses(void **state)
{
	struct caught k;
	struct op op;

	(void)state;
	assert_int_equal(run(&op, &k, "check"), CMD_USAGE);
	done(&op, &k);
	assert_int_not_equal(run(&op, &k, "check no-such-pack"), 0);
	assert_true(says(&k, "no-such-pack"));
	done(&op, &k);
}

static void check__explains(void **state)
{
	struct caught k;
	struct op op;

	(void)state;
	assert_int_equal(run(&op, &k, "check --explain B203"), 0);
	assert_true(says(&k, "没有责任人的状态"));
	done(&op, &k);
	assert_int_equal(run(&op, &k, "check --explain G101 primary-closed-loop"), 0);
	assert_true(says(&k, "G101"));
	done(&op, &k);
	assert_int_equal(run(&op, &k, "check --explain X999"), CMD_USAGE);
	done(&op, &k);
}

/* Every clause of the scheme is accounted for, and the last line counts. */
static void clauses__all_accounted(void **state)
{
	struct caught k;
	struct op op;
	str out;

	(void)state;
	assert_int_equal(run(&op, &k,
			     "clauses primary-closed-loop --against "
			     "packs/primary-closed-loop/clauses.yaml"),
			 0);
	out = out_of(&k);
	assert_true(str_ends(out, STR("\n95 of 95\n")));
	done(&op, &k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check__shipped),	  cmocka_unit_test(check__says_where),
		cmocka_unit_test(check__refuses),	  cmocka_unit_test(check__explains),
		cmocka_unit_test(clauses__all_accounted),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
