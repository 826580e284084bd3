/*
 * What it would catch: a step that somebody else takes, a deed that does not count or counts
 * twice, a task that falls on the wrong person, a limit that fires at the wrong hour, a derived
 * row that drifts (every test ends with audit and verify). Cases are numbered as in the table
 * of the pack language.
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
#include "gen/q_occurrence.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "gen/q_todo.h"
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

#define OK(call) do { \
	enum err e_ = (call); \
	if (e_) \
		fail_msg("%s: %.*s", err_word(e_), STR_ARG(school_said(&s))); \
} while (0)
#define REFUSED(call, with) do { \
	enum err e_ = (call); \
	if (e_ != (with)) \
		fail_msg("%s, not %s: %.*s", err_word(e_), err_word(with), \
			 STR_ARG(school_said(&s))); \
} while (0)
#define IS(text, word) do { \
	str t_ = (text); \
	if (!str_eq(t_, STR(word))) \
		fail_msg("\"%.*s\", not \"%s\"", STR_ARG(t_), word); \
} while (0)

/* --- looking --- */

static str unit_key(const char *duty, const char *period)
{
	return str_fmt(s.in.arena, "%s|unit:%lld|%s|1", duty, (long long)s.t.v, period);
}

static str place_key(const char *duty, place_id p, const char *period)
{
	return str_fmt(s.in.arena, "%s|place:%lld|%s|1", duty, (long long)p.v, period);
}

static struct seen_occurrence see(str key)
{
	struct seen_occurrence o;

	if (!school_occurrence(&s, key, &o))
		fail_msg("no occurrence %.*s", STR_ARG(key));
	return o;
}

static struct q_record_get record(record_id id)
{
	struct q_record_get r;
	struct op op;

	school_read(&s, PEOPLE_N, &op);
	assert_int_equal(q_record_get(&op, s.t, id, &r), ERR_OK);
	school_read_end(&s, &op);
	return r;
}

static bool fills(const struct submitted *r, const char *duty)
{
	for (size_t i = 0; i < r->satisfied_n; i++)
		if (str_eq(r->satisfied[i].duty, str_of(duty)))
			return true;
	return false;
}

static bool credits(const struct submitted *r, const char *clause)
{
	for (size_t i = 0; i < r->satisfied_n; i++)
		for (size_t k = 0; k < r->satisfied[i].clauses.n; k++)
			if (str_eq(r->satisfied[i].clauses.at[k], str_of(clause)))
				return true;
	return false;
}

static enum why almost(const struct submitted *r, const char *duty)
{
	for (size_t i = 0; i < r->almost_n; i++)
		if (str_eq(r->almost[i].duty, str_of(duty)))
			return r->almost[i].why;
	return WHY_NONE;
}

/* The line of a person that is of this item and about this record or duty; NULL: none. */
static const struct task *task(enum who_is who, enum tasks_of which, const char *item,
			       record_id rec, const char *duty)
{
	struct tasks ts;
	struct op op;
	const struct task *hit = NULL;

	school_read(&s, who, &op);
	OK(tasks_list(&op, which, (person_id){ 0 }, 0, 0, 100, &ts));
	school_read_end(&s, &op);
	for (size_t i = 0; i < ts.n && !hit; i++) {
		const struct task *t = &ts.at[i];

		if (item && !str_eq(t->item, str_of(item)))
			continue;
		if (rec.v && t->record.v == rec.v)
			hit = t;
		for (size_t k = 0; duty && k < t->demand_n && !hit; k++)
			if (str_eq(t->demand[k].duty, str_of(duty)))
				hit = t;
	}
	return hit;
}

static bool has_step(enum who_is who, record_id rec)
{
	return task(who, TASKS_OPEN, "step", rec, NULL) != NULL;
}

static bool has_oversee(enum who_is who, record_id rec)
{
	return task(who, TASKS_OPEN, "oversee", rec, NULL) != NULL;
}

static size_t latenesses(record_id id)
{
	struct q_lateness_of_record *row;
	size_t n;
	struct op op;

	school_read(&s, PEOPLE_N, &op);
	assert_int_equal(q_lateness_of_record(&op, s.t, id, &row, &n), ERR_OK);
	school_read_end(&s, &op);
	return n;
}

/* --- the story of interfaces §4 --- */

static record_id hazard(enum who_is who, const char *place, const char *what)
{
	struct submitted r;
	char fields[512];

	snprintf(fields, sizeof(fields), "{\"place\":\"%s\",\"what\":\"%s\"}", place, what);
	OK(school_new_record(&s, who, "hazard", "report", fields, &r));
	IS(r.state, "found");
	return r.record;
}

static enum err grade(record_id h, const char *rectifier, const char *checker, const char *due,
		      struct submitted *r)
{
	char f[512];

	snprintf(f, sizeof(f), "{\"grade\":\"general\",\"handling\":\"by-date\","
		 "\"category\":\"guarding\",\"rectifier\":\"%s\",\"checker\":\"%s\","
		 "\"measures\":\"更换轨道\",\"due_on\":\"%s\"}", rectifier, checker, due);
	return school_step(&s, SAFETY, h, "grade", f, r);
}

static void test_hazard_story(void **state)
{
	struct submitted r;

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	OK(school_new_record(&s, CLEANER, "hazard", "report",
			     "{\"place\":\"东门\",\"what\":\"东门伸缩门轨道变形\"}", &r));
	record_id h = r.record;
	IS(r.number, "YH-2026-0001");
	assert_true(credits(&r, "S1-3.3.4e"));
	assert_true(has_step(SAFETY, h));
	REFUSED(grade(h, "总主任", "总主任", "2026-11-19", &r), ERR_INVALID);
	REFUSED(school_step(&s, LOGISTICS, h, "dismiss", "{\"reason\":\"不是\"}", &r), ERR_DENIED);
	OK(grade(h, "总主任", "安主任", "2026-11-19", &r));
	IS(r.state, "rectifying");
	assert_true(has_step(LOGISTICS, h));
	assert_false(has_step(SAFETY, h));
	OK(school_step(&s, LOGISTICS, h, "rectify", "{\"done\":\"已更换\"}", &r));
	IS(r.state, "recheck");
	REFUSED(school_step(&s, LOGISTICS, h, "verify", "{\"effect\":\"good\"}", &r), ERR_DENIED);
	school_check(&s);
	school_wait(&s, AT(11, 21, 8, 0));
	assert_true(has_oversee(VICE, h));
	assert_true(task(SAFETY, TASKS_LATE, "step", h, NULL) != NULL);
	REFUSED(school_step(&s, VICE, h, "verify", "{\"effect\":\"good\"}", &r), ERR_DENIED);
	school_check(&s);
	OK(school_step(&s, SAFETY, h, "verify", "{\"effect\":\"good\"}", &r));
	IS(r.state, "closed");
	assert_false(has_oversee(VICE, h));
	assert_true(task(SAFETY, TASKS_DONE, NULL, h, NULL) != NULL);
}

/* --- meetings: cases 1, 2, 3, 5, 8, 21 --- */

static enum err meeting(enum who_is who, const char *held_at, const char *kinds, struct submit *in,
			struct submitted *r)
{
	char f[512];

	snprintf(f, sizeof(f), "{\"kinds\":[%s],\"title\":\"会\",\"held_at\":\"%s\","
		 "\"chair\":\"钱校长\",\"points\":\"排查情况\"}", kinds, held_at);
	in->loop = STR("meeting");
	in->step = STR("file");
	return school_submit(&s, who, in, f, r);
}

static void file_meeting(const char *held_at, struct submitted *r)
{
	struct submit in = { 0 };

	OK(meeting(SAFETY, held_at, "\"special\"", &in, r));
}

static void test_case_1(void **state)
{
	struct submitted r;
	str oct = unit_key("monthly-meeting", "2026-10"), nov = unit_key("monthly-meeting",
		"2026-11");

	(void)state;
	school_wait(&s, AT(11, 3, 15, 0));
	file_meeting("2026-11-03T14:00:00+08:00", &r);
	assert_true(fills(&r, "monthly-meeting"));
	IS(see(nov).state, "done");
	IS(see(nov).how, "on-time");
	IS(see(oct).state, "open");
	assert_true(see(oct).rung > 0);
	school_check(&s);
	school_wait(&s, AT(11, 30, 23, 0));
	IS(see(oct).state, "open");
	school_wait(&s, AT(12, 1, 0, 0));
	IS(see(oct).state, "missed");
}

static void test_case_1_ticked(void **state)
{
	struct submitted r;
	str oct = unit_key("monthly-meeting", "2026-10"), nov = unit_key("monthly-meeting",
		"2026-11");
	struct submit in = { .ticks = { .tick = &oct, .tick_n = 1 } };

	(void)state;
	school_wait(&s, AT(11, 3, 15, 0));
	OK(meeting(SAFETY, "2026-11-03T14:00:00+08:00", "\"special\"", &in, &r));
	IS(see(oct).state, "done");
	IS(see(oct).how, "late");
	IS(see(nov).state, "open");
}

static void test_case_2(void **state)
{
	struct submitted r;
	str oct = unit_key("monthly-meeting", "2026-10");

	(void)state;
	school_wait(&s, AT(11, 2, 9, 0));
	file_meeting("2026-10-30T14:00:00+08:00", &r);
	IS(see(oct).how, "on-time");
}

static void test_case_2_later(void **state)
{
	struct submitted r;
	struct submit in = { 0 };
	str oct = unit_key("monthly-meeting", "2026-10");

	(void)state;
	school_wait(&s, AT(11, 4, 9, 0));
	REFUSED(meeting(SAFETY, "2026-11-05T14:00:00+08:00", "\"special\"", &in, &r), ERR_INVALID);
	REFUSED(meeting(SAFETY, "2026-10-30T14:00:00+08:00", "\"special\"", &in, &r), ERR_INVALID);
	in.reason = STR("出差，回来补录");
	OK(meeting(SAFETY, "2026-10-30T14:00:00+08:00", "\"special\"", &in, &r));
	IS(see(oct).state, "done");
	IS(see(oct).how, "entered-late");
}

static void test_case_3(void **state)
{
	struct submitted first, second;
	struct submit in = { .reason = STR("补录") };
	str oct = unit_key("monthly-meeting", "2026-10");
	struct q_satisfactions_of_record *row;
	struct op op;
	size_t n;

	(void)state;
	school_wait(&s, AT(10, 30, 15, 0));
	file_meeting("2026-10-30T14:00:00+08:00", &first);
	assert_int_equal(see(oct).record.v, first.record.v);
	school_wait(&s, AT(11, 3, 9, 0));
	OK(meeting(SAFETY, "2026-10-28T14:00:00+08:00", "\"special\"", &in, &second));
	assert_int_equal(see(oct).record.v, second.record.v);
	school_read(&s, PEOPLE_N, &op);
	assert_int_equal(q_satisfactions_of_record(&op, s.t, first.record, &row, &n), ERR_OK);
	school_read_end(&s, &op);
	assert_int_equal(n, 1);
	IS(row[0].kind, "further");
}

static void test_case_5(void **state)
{
	struct submitted r;
	struct submit in = { 0 };

	(void)state;
	school_wait(&s, AT(11, 2, 9, 0));
	OK(meeting(SAFETY, "2026-11-02T08:30:00+08:00", "\"special\"", &in, &r));
	assert_true(fills(&r, "monthly-meeting"));
	assert_int_equal(r.satisfied_n, 2);	/* and the clause that the step itself carries */
}

static void test_case_8(void **state)
{
	struct submitted r;
	str nov = unit_key("monthly-meeting", "2026-11");
	struct submit in = { .ticks = { .untick = &nov, .untick_n = 1 } };

	(void)state;
	school_wait(&s, AT(11, 3, 15, 0));
	OK(meeting(SAFETY, "2026-11-03T14:00:00+08:00", "\"special\"", &in, &r));
	assert_false(fills(&r, "monthly-meeting"));
	assert_int_equal(almost(&r, "monthly-meeting"), WHY_UNTICKED);
	IS(see(nov).state, "open");
}

struct ticking { record_id record; str key; bool un; };

static enum err run_tick(struct op *op, void *arg)
{
	const struct ticking *t = arg;

	return occurrence_tick(op, t->record, t->key, t->un);
}

static void test_case_8_again(void **state)
{
	struct submitted r;
	str nov = unit_key("monthly-meeting", "2026-11");
	struct ticking t = { .key = nov, .un = true };

	(void)state;
	school_wait(&s, AT(11, 3, 15, 0));
	file_meeting("2026-11-03T14:00:00+08:00", &r);
	t.record = r.record;
	OK(school_write(&s, SAFETY, run_tick, &t));
	IS(see(nov).state, "open");
	t.un = false;
	REFUSED(school_write(&s, TEACHER1, run_tick, &t), ERR_DENIED);
	OK(school_write(&s, SAFETY, run_tick, &t));
	IS(see(nov).state, "done");
}

struct mending { record_id id; const char *fields; const char *reason; struct submitted r; };

static enum err run_void(struct op *op, void *arg)
{
	struct mending *m = arg;

	return record_void(op, m->id, str_of(m->reason), &m->r);
}

static enum err run_correct(struct op *op, void *arg)
{
	struct mending *m = arg;
	struct json *j;

	TRY(json_read(op, str_of(m->fields), &j));
	return record_correct(op, m->id, j, str_of(m->reason), &m->r);
}

static enum err run_undo(struct op *op, void *arg)
{
	struct mending *m = arg;

	return record_undo(op, m->id, &m->r);
}

static void test_case_21(void **state)
{
	struct submitted a, b;
	str nov = unit_key("monthly-meeting", "2026-11");
	struct mending m = { .reason = "记错了", .fields = "{\"kinds\":[\"group\"]}" };

	(void)state;
	school_wait(&s, AT(11, 3, 15, 0));
	file_meeting("2026-11-03T14:00:00+08:00", &a);
	IS(see(nov).state, "done");
	m.id = a.record;
	OK(school_write(&s, SAFETY, run_correct, &m));
	IS(see(nov).state, "open");
	school_check(&s);
	file_meeting("2026-11-03T15:00:00+08:00", &b);
	IS(see(nov).state, "done");
	m.id = b.record;
	REFUSED(school_write(&s, TEACHER1, run_void, &m), ERR_DENIED);
	OK(school_write(&s, SAFETY, run_void, &m));
	IS(see(nov).state, "open");
	assert_true(record(b.record).is_void);
	assert_true(record(b.record).number.len > 0);
	school_wait(&s, AT(2, 1, 0, 0) + 365 * MS_DAY);
	IS(see(nov).state, "missed");
}

static void test_case_22(void **state)
{
	struct submitted r;
	struct mending m = { 0 };

	(void)state;
	school_wait(&s, AT(11, 3, 15, 0));
	m.id = hazard(TEACHER1, "东门", "门轴松动");
	s.in.clock.manual_ms += 59 * MS_SECOND;
	OK(school_write(&s, TEACHER1, run_undo, &m));
	assert_true(record(m.id).is_void);
	m.id = hazard(TEACHER1, "东门", "门轴松动");
	assert_int_equal(record(m.id).again_n, 0);	/* a void one was no hazard */
	s.in.clock.manual_ms += 61 * MS_SECOND;
	REFUSED(school_write(&s, TEACHER1, run_undo, &m), ERR_CONFLICT);
	m.id = hazard(TEACHER1, "东门", "门锁坏");
	OK(grade(m.id, "总主任", "安主任", "2026-11-06", &r));
	REFUSED(school_write(&s, TEACHER1, run_undo, &m), ERR_CONFLICT);
	OK(school_write(&s, SAFETY, run_undo, &m));
	IS(record(m.id).state, "found");
	assert_true(has_step(SAFETY, m.id));
	OK(grade(m.id, "总主任", "安主任", "2026-11-06", &r));
	IS(record(m.id).state, "rectifying");
}

/* --- time: cases 9, 10, 23, 24 --- */

struct keeping { place_id place; enum who_is who; const char *role; int64_t from_ms; };

static enum err run_keeper(struct op *op, void *arg)
{
	const struct keeping *k = arg;
	keeper_id id;

	return change_keeper(op, &(struct new_keeper){ .place = k->place, .person = s.p[k->who],
		.role = str_of(k->role), .from_ms = k->from_ms }, &id);
}

static void test_case_9(void **state)
{
	struct keeping k = { s.place[LAB], TEACHER2, "daily", AT(10, 15, 0, 0) };
	str key = place_key("hazard-sweep", s.place[LAB], "2026-10");
	struct q_lateness_of_occurrence *row;
	struct responsible *was;
	struct op op;
	size_t n;

	(void)state;
	school_wait(&s, AT(10, 14, 9, 0));
	assert_non_null(task(TEACHER3, TASKS_OPEN, "duty", (record_id){ 0 }, "hazard-sweep"));
	OK(school_write(&s, VICE, run_keeper, &k));
	school_check(&s);
	school_wait(&s, AT(10, 15, 9, 0));
	assert_null(task(TEACHER3, TASKS_OPEN, "duty", (record_id){ 0 }, "hazard-sweep"));
	assert_non_null(task(TEACHER2, TASKS_OPEN, "duty", (record_id){ 0 }, "hazard-sweep"));
	school_wait(&s, AT(11, 1, 9, 0));
	IS(see(key).state, "open");
	school_read(&s, PEOPLE_N, &op);
	OK(q_lateness_of_occurrence(&op, s.t, key, &row, &n));
	assert_int_equal(n, 1);
	assert_int_equal(row[0].owner_id.v, s.p[TEACHER2].v);
	OK(who_was(&op, s.place[LAB], STR(""), AT(10, 14, 9, 0), INT64_MAX, &was, &n));
	assert_int_equal(n, 3);
	bool old = false;
	for (size_t i = 0; i < n; i++)
		old |= was[i].person.v == s.p[TEACHER3].v && str_eq(was[i].role, STR("daily"));
	assert_true(old);
	school_read_end(&s, &op);
}

struct going { enum who_is who, stand_in; int64_t from_ms, to_ms; };

static enum err run_absent(struct op *op, void *arg)
{
	const struct going *g = arg;
	int64_t id;

	return change_absence(op, &(struct new_absence){ .person = s.p[g->who], .stand_in =
		g->stand_in == PEOPLE_N ? (person_id){ 0 } : s.p[g->stand_in],
		.from_ms = g->from_ms, .to_ms = g->to_ms }, &id);
}

static void test_case_10(void **state)
{
	struct going g = { TEACHER3, TEACHER2, AT(10, 25, 0, 0), AT(11, 1, 0, 0) };
	struct going h = { GUARD1, PEOPLE_N, AT(10, 25, 0, 0), AT(11, 1, 0, 0) };
	record_id none = { 0 };

	(void)state;
	school_wait(&s, AT(10, 20, 9, 0));
	OK(school_write(&s, VICE, run_absent, &g));
	OK(school_write(&s, VICE, run_absent, &h));
	school_check(&s);
	assert_non_null(task(TEACHER3, TASKS_OPEN, "duty", none, "hazard-sweep"));
	school_wait(&s, AT(10, 26, 9, 0));
	assert_null(task(TEACHER3, TASKS_OPEN, "duty", none, "hazard-sweep"));
	assert_non_null(task(TEACHER2, TASKS_OPEN, "duty", none, "hazard-sweep"));
	/* nobody named: the stand-in of the post guard, the head of safety */
	assert_null(task(GUARD1, TASKS_OPEN, "duty", none, "hazard-sweep"));
	assert_non_null(task(SAFETY, TASKS_OPEN, "duty", none, "hazard-sweep"));
	school_wait(&s, AT(11, 1, 9, 0));
	assert_non_null(task(TEACHER3, TASKS_OPEN, "duty", none, "hazard-sweep"));
}

static void test_cases_23_24(void **state)
{
	struct submitted r;

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	record_id h = hazard(GUARD1, "东门", "门柱裂缝");
	OK(grade(h, "总主任", "安主任", "2026-11-20", &r));
	OK(school_step(&s, LOGISTICS, h, "rectify", "{\"done\":\"已修\"}", &r));
	assert_int_equal(record(h).due_at, AT(11, 20, 0, 0));
	school_wait(&s, AT(11, 19, 23, 59));
	assert_int_equal(latenesses(h), 0);
	assert_false(has_oversee(VICE, h));
	school_wait(&s, AT(11, 20, 0, 0));
	assert_int_equal(latenesses(h), 1);
	assert_true(has_oversee(VICE, h));
	assert_false(has_oversee(PRINCIPAL, h));
	school_wait(&s, AT(11, 22, 23, 59));
	assert_int_equal(latenesses(h), 1);
	school_wait(&s, AT(11, 23, 0, 0));
	assert_int_equal(latenesses(h), 2);
	assert_true(has_oversee(PRINCIPAL, h));
	REFUSED(school_step(&s, VICE, h, "verify", "{\"effect\":\"good\"}", &r), ERR_DENIED);
	const struct task *t = task(VICE, TASKS_OPEN, "oversee", h, NULL);
	assert_true(str_find(t->steps, STR("复查合格"), 0) >= 0);
}

struct overseeing { record_id id; const char *field; enum who_is to; struct submitted r; };

static enum err run_reassign(struct op *op, void *arg)
{
	struct overseeing *o = arg;

	return record_reassign(op, o->id, str_of(o->field), s.p[o->to], STR("原复查人出差"), &o->r);
}

static enum err run_remind(struct op *op, void *arg)
{
	struct overseeing *o = arg;

	return record_remind(op, o->id, &o->r);
}

static void test_oversee(void **state)
{
	struct submitted r;
	struct overseeing o = { .field = "checker", .to = LOGISTICS };

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	o.id = hazard(GUARD1, "东门", "门柱裂缝");
	OK(grade(o.id, "总主任", "安主任", "2026-11-20", &r));
	OK(school_step(&s, LOGISTICS, o.id, "rectify", "{\"done\":\"已修\"}", &r));
	REFUSED(school_write(&s, VICE, run_remind, &o), ERR_DENIED);
	school_wait(&s, AT(11, 20, 8, 0));
	OK(school_write(&s, VICE, run_remind, &o));
	REFUSED(school_write(&s, VICE, run_reassign, &o), ERR_INVALID);	/* who mended */
	o.to = MORAL;
	OK(school_write(&s, VICE, run_reassign, &o));
	assert_true(has_step(MORAL, o.id));
	assert_false(has_step(SAFETY, o.id));
	school_check(&s);
	OK(school_step(&s, MORAL, o.id, "verify", "{\"effect\":\"good\"}", &r));
	IS(r.state, "closed");
}

/* --- cases 28, 30 --- */

static void test_case_28(void **state)
{
	struct submitted r;
	struct submit in = { .loop = STR("hazard"), .step = STR("fix-now"),
		.on_behalf = s.p[CLEANER] };

	(void)state;
	school_wait(&s, AT(11, 18, 8, 0));
	OK(school_submit(&s, GUARD1, &in, "{\"place\":\"东门\",\"what\":\"落叶湿滑\","
			 "\"done\":\"已清扫\"}", &r));
	assert_true(credits(&r, "S1-3.3.4e"));
	assert_int_equal(record(r.record).creator_id.v, s.p[CLEANER].v);
	assert_int_equal(record(r.record).typist_id.v, s.p[GUARD1].v);
	REFUSED(school_step(&s, CLEANER, r.record, "confirm", "{}", &r), ERR_DENIED);
	REFUSED(school_step(&s, GUARD1, r.record, "confirm", "{}", &r), ERR_DENIED);
	OK(school_step(&s, SAFETY, r.record, "confirm", "{}", &r));
	IS(r.state, "closed");
}

static void test_case_30(void **state)
{
	struct submitted r;

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	record_id h = hazard(TEACHER1, "东门", "门柱裂缝");
	school_wait(&s, AT(11, 18, 8, 0));	/* triage within a working day: late */
	assert_int_equal(latenesses(h), 1);
	OK(school_step(&s, SAFETY, h, "dismiss", "{\"reason\":\"旧裂缝\"}", &r));
	IS(r.state, "dismissed");
	REFUSED(school_step(&s, TEACHER2, h, "dispute", "{\"reason\":\"不对\"}", &r), ERR_DENIED);
	OK(school_step(&s, TEACHER1, h, "dispute", "{\"reason\":\"在变宽\"}", &r));
	IS(r.state, "found");
	assert_int_equal(latenesses(h), 1);
	assert_int_equal(record(h).due_at, AT(11, 20, 0, 0));
	assert_int_equal(record(h).rung, 0);
}

/* --- plans and cards: case 25 --- */

static record_id plan(const char *kinds, const char *title)
{
	struct submitted r;
	char f[512];

	snprintf(f, sizeof(f), "{\"title\":\"%s\",\"kinds\":[%s],\"edition\":\"一\","
		 "\"scope\":\"全校\",\"alarm\":\"拨打\",\"response\":\"疏散\","
		 "\"roles\":[{\"role\":\"指挥\",\"holder\":\"孙副校\",\"does\":\"指挥\"},"
		 "{\"role\":\"疏散\",\"holder\":\"王一班\",\"does\":\"带队\"}]}", title, kinds);
	OK(school_new_record(&s, SAFETY, "plan", "draft", f, &r));
	record_id id = r.record;
	OK(school_step(&s, SAFETY, id, "submit", "{}", &r));
	OK(school_step(&s, PRINCIPAL, id, "approve", "{}", &r));
	IS(r.state, "in-force");
	return id;
}

static bool holds_kind(record_id id, const char *kind)
{
	return str_find(record(id).body, str_fmt(s.in.arena, "\"%s\"", kind), 0) >= 0;
}

static void test_case_25(void **state)
{
	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	record_id a = plan("\"fire\",\"earthquake\"", "消防地震预案");
	school_check(&s);
	record_id b = plan("\"earthquake\"", "地震预案");
	IS(record(a).state, "in-force");
	assert_true(holds_kind(a, "fire"));
	assert_false(holds_kind(a, "earthquake"));
	school_check(&s);
	(void)plan("\"fire\"", "消防预案");
	IS(record(a).state, "superseded");
	IS(record(b).state, "in-force");
}

static record_id visitor(const char *card, enum err want)
{
	struct submitted r;
	char f[256];

	OK(school_new_record(&s, GUARD1, "visitor", "arrive",
			     "{\"name\":\"张三\",\"host\":\"王一班\",\"purpose\":\"parent\"}", &r));
	record_id id = r.record;
	OK(school_step(&s, TEACHER1, id, "agree", "{}", &r));
	snprintf(f, sizeof(f), "{\"card\":\"%s\"}", card);
	REFUSED(school_step(&s, GUARD1, id, "admit", f, &r), want);
	return id;
}

static void test_case_25_card(void **state)
{
	struct submitted r;

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	record_id a = visitor("12", ERR_OK);
	(void)visitor("12", ERR_INVALID);
	assert_true(str_find(school_said(&s), record(a).number, 0) >= 0);
	OK(school_step(&s, GUARD1, a, "leave", "{}", &r));
	(void)visitor("12", ERR_OK);
}

/* --- tasks: grouping, sweeps --- */

static enum err run_short_lists(struct op *op, void *arg)
{
	(void)arg;
	return change_parameter(op, STR("check_standard"), STR("bad-only"), AT(10, 1, 0, 0));
}

static void test_grouping(void **state)
{
	struct submitted r;
	record_id none = { 0 };
	char f[1024];

	(void)state;
	school_wait(&s, AT(10, 12, 9, 0));
	OK(school_write(&s, VICE, run_short_lists, NULL));
	const struct task *t = task(TEACHER1, TASKS_OPEN, "duty", none, "hazard-sweep");
	assert_non_null(t);
	assert_int_equal(t->demand_n, 2);	/* 三(1)班教室 and 三楼走廊: one form */
	assert_int_equal(t->minutes_record, 1);
	assert_int_equal(t->minutes_do, 12);
	IS(t->start->m.id, "file");
	snprintf(f, sizeof(f), "{\"done_at\":\"2026-10-12T08:50:00+08:00\",\"rows\":["
		 "{\"place\":\"三(1)班教室\",\"result\":\"good\"},"
		 "{\"place\":\"三楼走廊\",\"result\":\"not-there\"}]}");
	OK(school_new_record(&s, TEACHER1, "inspection", "file", f, &r));
	IS(see(place_key("hazard-sweep", s.place[ROOM1], "2026-10")).state, "done");
	IS(see(place_key("hazard-sweep", s.place[CORRIDOR], "2026-10")).state, "open");
	assert_int_equal(almost(&r, "hazard-sweep"), WHY_WHERE);
	t = task(TEACHER1, TASKS_OPEN, "duty", none, "hazard-sweep");
	assert_int_equal(t->demand_n, 1);
}

/* --- the state of the unit, lists, leaving --- */

static size_t holes_of(const struct holes *h, const char *code)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += str_eq(h->at[i].code, str_of(code)) && !h->at[i].pending;
	return n;
}

static void test_state(void **state)
{
	struct submitted r;
	struct holes h;
	struct indicator_row *ind;
	struct burden_line *line;
	struct op op;
	size_t n;
	int64_t found;

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	(void)plan("\"fire\"", "消防预案");
	record_id id = hazard(GUARD1, "东门", "门柱裂缝");
	OK(school_step(&s, SAFETY, id, "dismiss", "{\"reason\":\"旧裂缝\"}", &r));
	school_read(&s, VICE, &op);
	OK(coverage_of(&op, op.now_ms, &h));
	assert_int_equal(holes_of(&h, "G101"), 0);	/* every place has its keepers */
	assert_int_equal(holes_of(&h, "G401"), 8);	/* nine plans are asked, one is there */
	assert_true(holes_of(&h, "G110") > 0);
	OK(indicators_of(&op, day_of(2026, 11, 1), day_of(2026, 11, 30), &ind, &n));
	bool seen = false;
	for (size_t i = 0; i < n; i++)
		if (str_eq(ind[i].indicator->m.id, STR("hazards_found"))) {
			assert_int_equal(ind[i].numerator, 1);
			seen = true;
		}
	assert_true(seen);
	OK(counter_of(&op, STR("hazard.report"), STR("place"), str_fmt(op.arena, "%lld",
		(long long)s.place[GATE].v), day_of(2026, 11, 16), day_of(2026, 11, 16), &found));
	assert_int_equal(found, 1);
	OK(burden_of(&op, day_of(2026, 11, 16), day_of(2026, 11, 22), &line, &n));
	assert_true(n > 1);
	school_read_end(&s, &op);
	school_read(&s, TEACHER3, &op);
	assert_int_equal(coverage_of(&op, op.now_ms, &h), ERR_DENIED);
	OK(burden_of(&op, day_of(2026, 10, 1), day_of(2026, 11, 22), &line, &n));
	for (size_t i = 0; i < n; i++)	/* one's own */
		assert_int_equal(line[i].person.v, s.p[TEACHER3].v);
	school_read_end(&s, &op);
}

static size_t listed(enum who_is who, const struct list_query *q)
{
	struct list l;
	struct op op;

	school_read(&s, who, &op);
	OK(records_list(&op, q, &l));
	school_read_end(&s, &op);
	return l.n;
}

static void test_lists(void **state)
{
	struct submitted r;
	struct list l;
	struct op op;
	char what[64];

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	for (int i = 0; i < 5; i++) {
		snprintf(what, sizeof(what), "第%d处裂缝100%%", i);
		(void)hazard(GUARD1, i % 2 ? "东门" : "三楼走廊", what);
	}
	(void)visitor("7", ERR_OK);
	const struct list_query all = { .loop = STR("hazard") };
	const struct list_query at = { .loop = STR("hazard"), .place = s.place[GATE] };
	const struct list_query in = { .loop = STR("hazard"), .state = STR("found"),
		.place = s.place[GATE] };
	const struct list_query word = { .q = STR("裂缝100%"), .loop = STR("hazard") };
	const struct list_query none = { .q = STR("裂_缝") };
	const struct list_query mine = { .mine = true };
	const struct list_query day = { .loop = STR("hazard"), .from = day_of(2026, 11, 16),
		.to = day_of(2026, 11, 16) };
	const struct list_query gone = { .loop = STR("hazard"), .from = day_of(2026, 11, 17) };
	const struct list_query visitors = { .loop = STR("visitor") };
	assert_int_equal(listed(TEACHER1, &all), 5);
	assert_int_equal(listed(TEACHER1, &at), 2);
	assert_int_equal(listed(TEACHER1, &in), 2);
	assert_int_equal(listed(TEACHER1, &word), 5);
	assert_int_equal(listed(TEACHER1, &none), 0);
	assert_int_equal(listed(GUARD1, &mine), 6);
	assert_int_equal(listed(TEACHER2, &mine), 0);
	assert_int_equal(listed(TEACHER1, &day), 5);
	assert_int_equal(listed(TEACHER1, &gone), 0);
	assert_int_equal(listed(OFFICE, &visitors), 1);
	assert_int_equal(listed(TEACHER2, &visitors), 0);	/* visitors are not for all */
	school_read(&s, TEACHER2, &op);	/* pages: 2, 2, 1 */
	struct list_query page = { .loop = STR("hazard"), .limit = 2 };
	OK(records_list(&op, &page, &l));
	assert_true(l.more && l.n == 2);
	page.after = l.after;
	OK(records_list(&op, &page, &l));
	assert_true(l.more && l.n == 2);
	page.after = l.after;
	OK(records_list(&op, &page, &l));
	assert_true(!l.more && l.n == 1);
	school_read_end(&s, &op);
	(void)r;
}

static enum err run_leave(struct op *op, void *arg)
{
	(void)arg;
	return change_leave(op, s.p[LOGISTICS], op->now_ms, s.p[ACADEMIC]);
}

static void test_leave(void **state)
{
	struct submitted r;
	struct leaving l;
	struct op op;
	bool record_seen = false, place_seen = false, post_seen = false;

	(void)state;
	school_wait(&s, AT(11, 16, 8, 0));
	record_id h = hazard(GUARD1, "东门", "门柱裂缝");
	OK(grade(h, "总主任", "安主任", "2026-11-20", &r));
	school_read(&s, VICE, &op);
	OK(leave_preview(&op, s.p[LOGISTICS], op.now_ms, &l));
	for (size_t i = 0; i < l.item_n; i++) {
		record_seen |= l.item[i].record.v == h.v && l.item[i].taker_n > 0;
		place_seen |= l.item[i].place.v == s.place[CORRIDOR].v;
		post_seen |= str_eq(l.item[i].item, STR("post"));
	}
	assert_true(record_seen && place_seen && post_seen);
	bool hole = false;
	for (size_t i = 0; i < l.hole_n; i++)
		hole |= str_eq(l.hole[i].code, STR("G101"));
	assert_true(hole);
	school_read_end(&s, &op);
	REFUSED(school_write(&s, TEACHER1, run_leave, NULL), ERR_DENIED);
	OK(school_write(&s, VICE, run_leave, NULL));
	assert_true(has_step(ACADEMIC, h));
	assert_false(has_step(LOGISTICS, h));
	school_check(&s);
	OK(school_step(&s, ACADEMIC, h, "rectify", "{\"done\":\"已修\"}", &r));
	IS(r.state, "recheck");
}

/* --- a plan due before its activity: cases 13, 14 --- */

static record_id activity(const char *day)
{
	struct submitted r;
	char f[512];

	snprintf(f, sizeof(f), "{\"title\":\"秋季运动会\",\"host\":\"德主任\","
		 "\"starts_at\":\"%sT09:00:00+08:00\",\"ends_at\":\"%sT16:00:00+08:00\","
		 "\"spot\":\"操场\",\"pupils\":600}", day, day);
	OK(school_new_record(&s, MORAL, "activity", "announce", f, &r));
	return r.record;
}

static str filing_key(record_id a)
{
	return str_fmt(s.in.arena, "activity-plan-filed|record:%lld|state:activity.planned:%lld|1",
		       (long long)a.v, (long long)a.v);
}

static void file_plan(record_id a)
{
	struct submitted r;
	char f[256];

	snprintf(f, sizeof(f), "{\"activity\":\"%.*s\"}",
		 STR_ARG(pubid_make(s.in.arena, s.t, a.v)));
	OK(school_new_record(&s, MORAL, "activity-plan", "draft", f, &r));
	record_id p = r.record;
	OK(school_step(&s, MORAL, p, "submit", "{\"organise\":\"分批入场\","
		       "\"emergency\":\"就近救护\"}", &r));
	OK(school_step(&s, VICE, p, "approve", "{}", &r));
	IS(r.state, "approved");
}

static void test_case_13(void **state)
{
	struct submitted r;
	struct q_lateness_of_occurrence *row;
	struct op op;
	size_t n;

	(void)state;
	school_wait(&s, AT(11, 2, 8, 0));
	record_id a = activity("2026-11-10");
	str key = filing_key(a);
	IS(see(key).state, "open");
	school_wait(&s, AT(11, 11, 8, 0));
	assert_true(see(key).rung > 0);
	OK(school_step(&s, MORAL, a, "move", "{\"starts_at\":\"2026-11-20T09:00:00+08:00\","
		       "\"ends_at\":\"2026-11-20T16:00:00+08:00\",\"reason\":\"下雨\"}", &r));
	assert_true(see(key).due_ms > AT(11, 20, 0, 0));
	assert_int_equal(see(key).rung, 0);
	assert_null(task(VICE, TASKS_OPEN, "oversee", (record_id){ 0 }, "activity-plan-filed"));
	school_wait(&s, AT(11, 12, 8, 0));
	file_plan(a);
	IS(see(key).how, "on-time");
	school_read(&s, PEOPLE_N, &op);
	OK(q_lateness_of_occurrence(&op, s.t, key, &row, &n));
	assert_true(n >= 1);	/* the lateness of the 10th stays in the history */
	school_read_end(&s, &op);
}

static void test_case_14(void **state)
{
	struct submitted r;

	(void)state;
	school_wait(&s, AT(11, 2, 8, 0));
	record_id a = activity("2026-11-10"), b = activity("2026-11-12");
	file_plan(b);
	OK(school_step(&s, MORAL, a, "cancel", "{\"reason\":\"下雨\"}", &r));
	OK(school_step(&s, MORAL, b, "cancel", "{\"reason\":\"下雨\"}", &r));
	IS(see(filing_key(b)).state, "done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
		T(hazard_story), T(case_1), T(case_1_ticked), T(case_2), T(case_2_later), T(case_3),
		T(case_5), T(case_8), T(case_8_again), T(case_21), T(case_22), T(case_9),
			T(case_10),
		T(cases_23_24), T(oversee), T(case_28), T(case_30), T(case_25), T(case_25_card),
		T(grouping), T(state), T(lists), T(leave), T(case_13), T(case_14),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
