/* test_pack: the loader on the packs that ship. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/hash.h"
#include "lib/pack_dir.h"

static struct policy *compile_shipped(struct op *op, struct diags *ds)
{
	struct pack_source src[2];
	struct policy *p = NULL;

	src[0] = pack_dir(op->arena, "packs/base");
	src[1] = pack_dir(op->arena, "packs/primary-closed-loop");
	if (pack_compile(op, src, 2, NULL, ds, &p))
		p = NULL;
	for (size_t i = 0; i < ds->n; i++)
		print_error("%.*s\n", STR_ARG(diag_format(op->arena, &ds->at[i])));
	return p;
}

/* A pack that ships must compile without an error. */
static void pack__shipped_compile(void **state)
{
	struct diags ds = { 0 };
	struct policy *p;
	struct op op;

	(void)state;
	test_op_init(&op);
	p = compile_shipped(&op, &ds);
	assert_non_null(p);
	assert_int_equal(p->key.len, 64);
	policy_free(p);
	test_op_release(&op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pack__shipped_compile),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
