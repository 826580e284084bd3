/*
 * What it would catch: a right that comes from an input: typing for another, naming a record that
 * the doer cannot see, a file that the field does not take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/pubid.h"
#include "gen/q_record.h"
#include "lib/school.h"

static struct school s;

static int setup(void **state)
{
	school_new(&s);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (!s.in.reader)	/* else the test failed while it read */
		school_check(&s);
	school_free(&s);
	return 0;
}

#define OK(call) REFUSED(call, ERR_OK)
#define REFUSED(call, with) do { \
	enum err e_ = (call); \
	if (e_ != (with)) \
		fail_msg("%s, not %s: %.*s", err_word(e_), err_word(with), \
			 STR_ARG(school_said(&s))); \
} while (0)

static struct q_record_get record(record_id id)
{
	struct q_record_get r;
	struct op op;

	school_read(&s, PEOPLE_N, &op);
	assert_int_equal(q_record_get(&op, s.t, id, &r), ERR_OK);
	school_read_end(&s, &op);
	return r;
}

static record_id hazard(void)
{
	struct submitted r;

	OK(school_new_record(&s, CLEANER, "hazard", "report",
			     "{\"place\":\"东门\",\"what\":\"门柱裂缝\"}", &r));
	return r.record;
}

/* Typing for another gives nobody a right that he does not have. */
static void test_behalf_gives_no_right(void **state)
{
	struct submitted r;
	struct submit in = { .step = STR("grade"), .on_behalf = s.p[SAFETY] };
	const char *f = "{\"grade\":\"general\",\"handling\":\"by-date\",\"rectifier\":\"总主任\","
			"\"checker\":\"安主任\",\"measures\":\"修\",\"due_on\":\"2026-11-20\"}";
	struct submit file = { .loop = STR("meeting"), .step = STR("file"),
			       .on_behalf = s.p[PRINCIPAL] };

	(void)state;
	school_wait(&s, AT(11, 18, 8, 0));
	in.record = hazard();
	REFUSED(school_submit(&s, GUARD1, &in, f, &r), ERR_DENIED);
	REFUSED(school_submit(&s, CLEANER, &file, "{\"kinds\":[\"special\"],\"title\":\"会\","
			      "\"held_at\":\"2026-11-18T07:30:00+08:00\",\"chair\":\"安主任\","
			      "\"points\":\"点\"}", &r), ERR_DENIED);
	/* who looks after the people types the slip of one without an account */
	OK(school_submit(&s, LOGISTICS, &in, f, &r));
	assert_int_equal(record(r.record).version, 2);
}

struct attaching { struct new_file file; struct submit in; struct submitted out; };

static enum err run_attach(struct op *op, void *arg)
{
	struct attaching *a = arg;
	struct json *fields;
	file_id id;
	str text;

	TRY(file_add(op, &a->file, &id));
	text = str_fmt(op->arena, "{\"place\":\"东门\",\"what\":\"裂缝\",\"photos\":[\"%.*s\"]}",
		       STR_ARG(pubid_make(op->arena, s.t, id.v)));
	TRY(json_read(op, text, &fields));
	a->in.fields = fields;
	return record_submit(op, &a->in, &a->out);
}

/* `accept: image` is a rule, not a hint to the browser. */
static void test_only_pictures_where_the_pack_says(void **state)
{
	struct attaching a = { .file = { .type = STR("application/octet-stream"),
					 .name = STR("照片.exe"), .size = 3 },
			       .in = { .loop = STR("hazard"), .step = STR("report") } };

	(void)state;
	school_wait(&s, AT(11, 18, 8, 0));
	REFUSED(school_write(&s, CLEANER, run_attach, &a), ERR_INVALID);
	a.file.type = STR("image/png");
	OK(school_write(&s, CLEANER, run_attach, &a));
}

/* A field that names a record names one of its loop that the doer may see; all else is absent. */
static void test_records_named_are_seen(void **state)
{
	static const char PLAN[] = "{\"activity\":\"%.*s\",\"organise\":\"分组\"}";
	struct submitted r;
	char f[256];

	(void)state;
	school_wait(&s, AT(11, 18, 8, 0));
	OK(school_new_record(&s, SAFETY, "incident", "notice", "{\"what\":\"摔倒\",\"place\":\"东门\","
			     "\"noticed_at\":\"2026-11-18T07:58:00+08:00\"}", &r));
	str hidden[] = { r.number, pubid_make(s.in.arena, s.t, r.record.v),
			 STR("SJ-2026-9999"), pubid_make(s.in.arena, s.t, 12345),
			 record(hazard()).number };
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		snprintf(f, sizeof(f), PLAN, STR_ARG(hidden[i]));
		REFUSED(school_new_record(&s, TEACHER1, "activity-plan", "draft", f, &r),
			ERR_INVALID);
	}
	OK(school_new_record(&s, TEACHER1, "activity", "announce", "{\"title\":\"秋游\","
			     "\"spot\":\"植物园\",\"pupils\":90,"
			     "\"starts_at\":\"2026-11-28T08:00:00+08:00\","
			     "\"ends_at\":\"2026-11-28T16:00:00+08:00\"}", &r));
	snprintf(f, sizeof(f), PLAN, STR_ARG(record(r.record).number));
	OK(school_new_record(&s, TEACHER1, "activity-plan", "draft", f, &r));
}

#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(behalf_gives_no_right), T(only_pictures_where_the_pack_says),
		T(records_named_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
