/*
 * test_pack: what the loader makes of the packs that ship: values land where policy.h
 * says, refinements are joined, an adoption changes what it names and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/hash.h"
#include "lib/pack_dir.h"

static struct op op;

static int begin(void **state)
{
	(void)state;
	test_op_init(&op);
	return 0;
}

static int end(void **state)
{
	(void)state;
	test_op_release(&op);
	return 0;
}

/* Compile what ships; faults are printed, and NULL is the answer. */
static struct policy *shipped(const struct pack_options *opt, struct diags *ds)
{
	struct pack_source src[2];
	struct policy *p = NULL;

	src[0] = pack_dir(op.arena, "packs/primary-closed-loop");
	src[1] = pack_dir(op.arena, "packs/base");
	if (pack_compile(&op, src, 2, opt, ds, &p))
		return NULL;
	for (size_t i = 0; i < ds->n; i++)
		print_error("%.*s\n", STR_ARG(diag_format(op.arena, &ds->at[i])));
	return p;
}

static bool has_word(const struct strs *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], str_of(word)))
			return true;
	return false;
}

/* The order of the sources does not matter: what is extended comes first. */
static void pack__base_comes_first(void **state)
{
	struct diags ds = { 0 };
	struct policy *p = shipped(NULL, &ds);

	(void)state;
	assert_non_null(p);
	assert_int_equal(ds.n, 0);
	assert_int_equal(p->pack_n, 2);
	assert_true(str_eq(p->pack[0].id, STR("base")));
	assert_int_equal(p->clause_n, 95);
	policy_free(p);
}

/* The hazard loop of the language's reference example, as a machine sees it. */
static void pack__hazard_as_written(void **state)
{
	struct diags ds = { 0 };
	struct policy *p = shipped(NULL, &ds);
	const struct loop *lp;
	const struct step *verify, *dispute, *grade;
	const struct state *found;

	(void)state;
	assert_non_null(p);
	lp = policy_loop(p, STR("hazard"));
	assert_non_null(lp);
	assert_true(lp->undo && lp->see_n == 1 && lp->see[0].all);
	found = &lp->state[loop_state(lp, STR("found"))];
	assert_true(found->within.set && found->within.expr && found->ring == 1);
	assert_int_equal(found->late.n, 3);
	assert_true(found->late.at[0].remind && found->late.at[0].to_n == 0);
	verify = &lp->step[loop_step_index(lp, STR("verify"))];
	assert_true(verify->not_by == 1ULL << loop_step_index(lp, STR("rectify")));
	assert_int_equal(verify->to, loop_state(lp, STR("closed")));
	dispute = &lp->step[loop_step_index(lp, STR("dispute"))];
	assert_true(dispute->within.set && dispute->within.d.n == 30);
	grade = &lp->step[loop_step_index(lp, STR("grade"))];
	assert_int_equal(grade->distinct.n, 2);
	assert_null(grade->need[0].when);
	assert_non_null(grade->need[1].when);
	assert_non_null(loop_field(lp, STR("checker"))->dflt_who);
	assert_true(
		str_eq(choice_label(p, loop_field(lp, STR("grade")), STR("major")), STR("重大")));
	assert_true(
		str_eq(choice_label(p, loop_field(lp, STR("category")), STR("fire")), STR("消防")));
	policy_free(p);
}

/* `set: {handling: now}` is the choice, not the hour. */
static void pack__a_choice_is_a_word(void **state)
{
	struct diags ds = { 0 };
	struct policy *p = shipped(NULL, &ds);
	const struct loop *lp;
	const struct step *fix;
	struct expr_env env = { .now_ms = 5 };
	struct value v;

	(void)state;
	assert_non_null(p);
	lp = policy_loop(p, STR("hazard"));
	fix = &lp->step[loop_step_index(lp, STR("fix-now"))];
	assert_true(str_eq(fix->set[0].field, STR("handling")));
	v = expr_eval(op.arena, fix->set[0].value, &env);
	assert_int_equal(v.kind, V_TEXT);
	assert_true(str_eq(v.text, STR("now")));
	policy_free(p);
}

/* What S1 tightens is joined to the loop of the base: needs are added, clauses are credited. */
static void pack__refinement_joins(void **state)
{
	struct diags ds = { 0 };
	struct policy *p = shipped(NULL, &ds);
	const struct loop *lp;
	const struct step *grade;

	(void)state;
	assert_non_null(p);
	lp = policy_loop(p, STR("hazard"));
	grade = &lp->step[loop_step_index(lp, STR("grade"))];
	assert_true(str_eq(lp->m.pack, STR("base")));
	assert_int_equal(grade->need_n, 3);
	assert_true(has_word(&grade->m.clauses, "S1-3.3.1a"));
	assert_true(has_word(&grade->m.clauses, "S0-5.2d"));
	policy_free(p);
}

static void pack__duty_as_written(void **state)
{
	struct diags ds = { 0 };
	struct policy *p = shipped(NULL, &ds);
	const struct duty *d;

	(void)state;
	assert_non_null(p);
	d = policy_duty(p, STR("hazard-sweep"));
	assert_non_null(d);
	assert_true(str_eq(d->every_param, STR("sweep_interval")) && d->has_every);
	assert_int_equal(d->per[0].kind, SUB_PLACE);
	assert_true(d->due.set && str_eq(d->due.anchor, STR("end")));
	assert_int_equal(d->proof_n, 1);
	assert_true(d->proof[0].same[0].rows);
	assert_true(str_eq(d->proof[0].same[0].rows_field, STR("rows")));
	assert_true(str_eq(d->proof[0].same[0].rows_col, STR("place")));
	assert_true(d->has_late && d->has_minutes);
	assert_true(policy_basis(p, &d->m) != BASIS_UNSET);
	policy_free(p);
}

/* An adoption sets values within their range, and the key of the policy tells. */
static void pack__override_sets_and_marks(void **state)
{
	const struct override o[] = { { STR("recheck_limit"), STR("5d") },
				      { STR("sweep_interval"), STR("week") } };
	const struct alias al[] = { { STR("safety-office"), STR("平安办") } };
	struct pack_options opt = { .override = o, .override_n = 2, .alias = al, .alias_n = 1 };
	struct diags ds = { 0 };
	struct policy *plain = shipped(NULL, &ds), *p = shipped(&opt, &ds);

	(void)state;
	assert_non_null(plain);
	assert_non_null(p);
	assert_int_equal(policy_parameter(plain, STR("recheck_limit"))->dflt.dur.n, 3);
	assert_int_equal(policy_parameter(p, STR("recheck_limit"))->dflt.dur.n, 5);
	assert_int_equal(policy_parameter(p, STR("sweep_interval"))->interval, PER_WEEK);
	assert_true(str_eq(policy_post(p, STR("平安办"))->m.id, STR("safety-office")));
	assert_false(str_eq(plain->key, p->key));
	policy_free(plain);
	policy_free(p);
}

static void pack__override_out_of_range_is_refused(void **state)
{
	const struct override o = { STR("recheck_limit"), STR("90d") };
	struct pack_options opt = { .override = &o, .override_n = 1 };
	struct diags ds = { 0 };

	(void)state;
	assert_null(shipped(&opt, &ds));
	assert_int_equal(ds.errors, 1);
	assert_string_equal(ds.at[0].code->code, "B123");
}

/* A unit may leave what its basis allows; a duty switched off is gone from the policy. */
static void pack__off_by_basis(void **state)
{
	const str mild = STR("primary-closed-loop/platform-home");
	struct pack_options opt = { .off = &mild, .off_n = 1 };
	struct diags ds = { 0 };
	struct policy *p = shipped(&opt, &ds);

	(void)state;
	assert_non_null(p);
	assert_null(policy_duty(p, STR("platform-home")));
	policy_free(p);
}

/* What an upper level asks cannot be switched off by the school. */
static void pack__off_refused_by_basis(void **state)
{
	const str asked = STR("primary-closed-loop/drill-monthly");
	struct pack_options opt = { .off = &asked, .off_n = 1 };
	struct diags ds = { 0 };

	(void)state;
	assert_null(shipped(&opt, &ds));
	assert_string_equal(ds.at[0].code->code, "A103");
}

/* A mutant lacks exactly the construct named. */
static void pack__remove_leaves_out(void **state)
{
	struct pack_options opt = { .remove = STR("duty:letter-file") };
	struct diags ds = { 0 };
	struct policy *plain = shipped(NULL, &ds), *p = shipped(&opt, &ds);

	(void)state;
	assert_non_null(plain);
	assert_non_null(p);
	assert_null(policy_duty(p, STR("letter-file")));
	assert_int_equal(p->duty_n + 1, plain->duty_n);
	assert_int_equal(p->loop_n, plain->loop_n);
	policy_free(plain);
	policy_free(p);
}

/* The same sources give the same key, whoever compiles them. */
static void pack__key_is_stable(void **state)
{
	struct diags ds = { 0 };
	struct policy *a = shipped(NULL, &ds), *b = shipped(NULL, &ds);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_true(str_eq(a->key, b->key));
	assert_int_equal(a->key.len, 64);
	policy_free(a);
	policy_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pack__base_comes_first, begin, end),
		cmocka_unit_test_setup_teardown(pack__hazard_as_written, begin, end),
		cmocka_unit_test_setup_teardown(pack__a_choice_is_a_word, begin, end),
		cmocka_unit_test_setup_teardown(pack__refinement_joins, begin, end),
		cmocka_unit_test_setup_teardown(pack__duty_as_written, begin, end),
		cmocka_unit_test_setup_teardown(pack__override_sets_and_marks, begin, end),
		cmocka_unit_test_setup_teardown(pack__override_out_of_range_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(pack__off_by_basis, begin, end),
		cmocka_unit_test_setup_teardown(pack__off_refused_by_basis, begin, end),
		cmocka_unit_test_setup_teardown(pack__remove_leaves_out, begin, end),
		cmocka_unit_test_setup_teardown(pack__key_is_stable, begin, end),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
