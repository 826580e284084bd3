/*
 * The demonstration instance, its first days only: the whole term is played by the stories.
 * Numbers of people and places, the file of accounts; the large one with two schools.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "auth/scope.h"
#include "base/arena.h"
#include "base/fsutil.h"
#include "cli/demo/demo.h"
#include "gen/q_state.h"
#include "lib/instance.h"
#include "org/instance.h"
#include "org/org.h"
#include "work/policies.h"
#include "work/work.h"

#define LARGE_AT_MS 1789516800000LL	/* 2026-09-16T08:00+08:00 */
#define FIRST_DAYS_MS 1787715000000LL	/* 2026-08-26T11:30+08:00 */

static enum err made(struct instance *in, bool large, struct op *op)
{
	struct entropy secrets;
	struct demo_options o = { .at_ms = large ? LARGE_AT_MS : FIRST_DAYS_MS, .seed = DEMO_SEED,
				  .large = large, .schools = 2, .hazards = 60,
				  .secrets = &secrets };

	entropy_system(&secrets);
	instance_new(in);
	instance_serve(in);
	instance_op(in, op);
	op->scope = &scope_of_system;
	op->policies = policies_new();
	o.accounts_path = str_fmt(in->arena, "%.*s/demo-accounts.tsv", STR_ARG(in->dir));
	return demo_build(op, in->writer, in->db, &in->clock, &o);
}

static void demo__has_its_people_places_and_accounts(void **state)
{
	struct instance in;
	struct op op, rd;
	struct org_view v;
	struct stat st;
	tenant_id sy;
	str accounts;

	(void)state;
	assert_int_equal(made(&in, false, &op), ERR_OK);
	assert_int_equal(clock_now(&in.clock), FIRST_DAYS_MS);
	instance_read(&in, &rd);
	assert_int_equal(instance_tenant(&rd, STR("sy"), &sy), ERR_OK);
	assert_int_equal(org_view_load(&rd, sy, FIRST_DAYS_MS, FIRST_DAYS_MS + 1, INT64_MAX, &v),
			 ERR_OK);
	assert_int_equal(v.place_n, 34);
	assert_true(v.person_n >= 64);
	instance_read_end(&in, &rd);
	str path = fs_join(in.arena, in.dir, STR("demo-accounts.tsv"));
	assert_int_equal(stat(path.ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fs_read(&op, path, 1024 * 1024, &accounts), ERR_OK);
	assert_true(str_find(accounts, STR("\nsafety.sy\t"), 0) > 0);
	assert_true(str_find(accounts, STR("\nadmin.wy\t"), 0) > 0);
	policies_free(op.policies);
	instance_free(&in);
}

static void large__is_schools_with_people_duties_and_hazards(void **state)
{
	struct instance in;
	struct op op, rd;
	struct org_view v;
	struct q_records_in_state closed, found;
	tenant_id x1, x2;

	(void)state;
	assert_int_equal(made(&in, true, &op), ERR_OK);
	instance_read(&in, &rd);
	assert_int_equal(instance_tenant(&rd, STR("x001"), &x1), ERR_OK);
	assert_int_equal(instance_tenant(&rd, STR("x002"), &x2), ERR_OK);
	assert_int_equal(org_view_load(&rd, x2, LARGE_AT_MS, LARGE_AT_MS + 1, INT64_MAX, &v),
			 ERR_OK);
	assert_int_equal(v.place_n, 50);
	assert_true(v.person_n >= 80);
	/* 60 hazards of two schools, one of thirty still to be looked at */
	assert_int_equal(q_records_in_state(&rd, x1, STR("hazard"), STR("closed"), &closed),
			 ERR_OK);
	assert_int_equal(q_records_in_state(&rd, x1, STR("hazard"), STR("found"), &found), ERR_OK);
	assert_int_equal(closed.n + found.n, 30);
	assert_int_equal(found.n, 1);
	instance_read_end(&in, &rd);
	policies_free(op.policies);
	instance_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(demo__has_its_people_places_and_accounts),
		cmocka_unit_test(large__is_schools_with_people_duties_and_hazards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
