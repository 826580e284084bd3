/*
 * What it would catch: a row of the database changed by hand that verify and audit both call whole:
 * a step given to another doer, moved in time or state, added or taken out with its event; an
 * account raised to administrator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "ledger/ledger.h"
#include "lib/school.h"

static struct school s;
static sqlite3 *db;

static enum err add_account(struct op *op, void *arg)
{
	account_id id;

	(void)arg;
	op->scope = &scope_of_system;
	return account_add(op, s.p[CLEANER], STR("cleaner.x"), STR(""), &id);
}

static int setup(void **state)
{
	struct submitted r;

	school_new(&s);
	*state = &s;
	assert_int_equal(school_write(&s, OFFICE, add_account, NULL), ERR_OK);
	assert_int_equal(school_new_record(&s, CLEANER, "hazard", "report",
					   "{\"place\":\"东门\",\"what\":\"门柱裂缝\"}", &r), ERR_OK);
	assert_int_equal(school_step(&s, SAFETY, r.record, "dismiss",
				     "{\"reason\":\"旧裂缝\"}", &r), ERR_OK);
	str file = str_fmt(s.in.arena, "%s/bihuan.db", s.in.dir.ptr);
	assert_int_equal(sqlite3_open(file.ptr, &db), SQLITE_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sqlite3_close(db);
	if (!s.in.reader)
		school_check(&s);	/* whatever a test changed it has put back */
	school_free(&s);
	return 0;
}

static void sql(const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
	if (!str_starts(str_of(text), STR("CREATE")) && sqlite3_changes(db) == 0)
		fail_msg("%s: changes nothing", text);
}

static bool is_whole(void)
{
	struct audit_report a;
	struct ledger_report v;
	struct ledger_opener *opener;
	struct op op;

	school_read(&s, PEOPLE_N, &op);
	store_read_budget(&op, 0);
	size_t n = work_openers(&op, &opener);
	assert_int_equal(ledger_verify(&op, s.t, opener, n, &v), ERR_OK);
	assert_int_equal(work_audit(&op, s.t, &a), ERR_OK);
	school_read_end(&s, &op);
	return v.ok && !a.differences;
}

#define LAST "WHERE id = (SELECT MAX(id) FROM step)"

static void test_rows_beside_the_ledger(void **state)
{
	static const char *const change[][2] = {
		{ "UPDATE step SET doer_id = doer_id + 1 " LAST,
		  "UPDATE step SET doer_id = doer_id - 1 " LAST },
		{ "UPDATE step SET at = at - 60000 " LAST,
		  "UPDATE step SET at = at + 60000 " LAST },
		{ "UPDATE step SET to_state = 'closed' " LAST,
		  "UPDATE step SET to_state = 'dismissed' " LAST },
		{ "UPDATE step SET doer_post = doer_post || 'x' " LAST,
		  "UPDATE step SET doer_post = rtrim(doer_post, 'x') " LAST },
		{ "UPDATE step SET account_id = account_id + 1 " LAST,
		  "UPDATE step SET account_id = account_id - 1 " LAST },
		{ "UPDATE step SET event_seq = event_seq - 1 " LAST,
		  "UPDATE step SET event_seq = event_seq + 1 " LAST },
		{ "UPDATE record SET creator_id = creator_id + 1",
		  "UPDATE record SET creator_id = creator_id - 1" },
		{ "UPDATE record SET created_at = created_at - 1",
		  "UPDATE record SET created_at = created_at + 1" },
		{ "UPDATE account SET role = 'admin'", "UPDATE account SET role = ''" },
		{ "UPDATE account SET person_id = person_id + 1",
		  "UPDATE account SET person_id = person_id - 1" },
		{ "UPDATE account SET login = 'x'", "UPDATE account SET login = 'cleaner.x'" },
	};

	(void)state;
	assert_true(is_whole());
	for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		sql(change[i][0]);
		if (is_whole())
			fail_msg("not noticed: %s", change[i][0]);
		sql(change[i][1]);
	}
}

/* The newest event cut off with its head leaves a whole chain, and a step without its event. */
static void test_newest_event_cut_off(void **state)
{
	(void)state;
	sql("CREATE TEMP TABLE e AS SELECT * FROM ledger_event WHERE (tenant_id, seq) IN"
	    " (SELECT tenant_id, event_seq FROM step ORDER BY id DESC LIMIT 1)");
	sql("CREATE TEMP TABLE h AS SELECT * FROM ledger_head");
	sql("DELETE FROM ledger_event WHERE seq = (SELECT seq FROM temp.e)");
	sql("UPDATE ledger_head SET seq = seq - 1, link = (SELECT l.link FROM ledger_event AS l"
	    " WHERE l.tenant_id = ledger_head.tenant_id AND l.seq = ledger_head.seq - 1)"
	    " WHERE tenant_id = (SELECT tenant_id FROM temp.e)");
	assert_false(is_whole());
	sql("INSERT INTO ledger_event SELECT * FROM temp.e");
	sql("INSERT OR REPLACE INTO ledger_head SELECT * FROM temp.h");
}

#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { T(rows_beside_the_ledger), T(newest_event_cut_off) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
