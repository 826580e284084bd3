/*
 * What it would catch: a fact without its event or version, an end that rewrites the past, a
 * question as of then that is answered as of now, a name that stands for two, a holiday guessed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/pubid.h"
#include "gen/q_person.h"
#include "ledger/ledger.h"
#include "lib/instance.h"
#include "org/org.h"

#define DAY MS_DAY
#define NOW INSTANCE_AT

struct fix {
	struct instance in;
	tenant_id t;
	person_id li, wang, zhao;
	place_id gate, lab;
};

static void ok(enum err e, const struct op *op)
{
	if (e)
		fail_msg("%s: %s (%s)", err_word(e), op->errmsg, op->errat ? op->errat : "?");
}

/* One write operation as a block: WRITE(f, { … }) with `op`, `f` in reach. */
typedef enum err (*run_fn)(struct op *op, void *arg);

static enum err write_as(struct fix *f, run_fn run)
{
	return instance_write(&f->in, f->t, run, f);
}

static enum err make_school(struct op *op, void *arg)
{
	struct fix *f = arg;
	unit_id id;

	TRY(org_tenant_add(op, &(struct new_unit){ .kind = STR("school"), .code = STR("sy"),
			   .name = STR("实验小学"), .from_ms = NOW - 400 * DAY }, &id));
	f->t.v = id.v;
	return ERR_OK;
}

static enum err make_people(struct op *op, void *arg)
{
	struct fix *f = arg;
	int64_t from = NOW - 300 * DAY;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_person_add(op, &(struct new_person){ STR("李静"), STR("1001"), STR("permanent"),
			   STR("13800000001"), { 0 }, from }, &f->li));
	TRY(org_person_add(op, &(struct new_person){ STR("王芳"), STR("1002"), STR("permanent"),
			   STR(""), { 0 }, from }, &f->wang));
	TRY(org_person_add(op, &(struct new_person){ STR("赵强"), STR("1003"), STR("hired"),
			   STR(""), { 0 }, from }, &f->zhao));
	TRY(org_place_add(op, &(struct new_place){ .kind = STR("gate"), .code = STR("G01"),
			  .name = STR("东门"), .risk = STR("general"), .from_ms = from }, &f->gate));
	TRY(org_place_add(op, &(struct new_place){ .kind = STR("laboratory"), .code = STR("L01"),
			  .name = STR("科学实验室"), .from_ms = from }, &f->lab));
	return tx_commit(&tx);
}

static int setup(void **state)
{
	static struct fix f;

	f = (struct fix){ .t = { 0 } };
	instance_new(&f.in);
	instance_serve(&f.in);
	assert_int_equal(instance_write(&f.in, (tenant_id){ 0 }, make_school, &f), ERR_OK);
	assert_int_equal(write_as(&f, make_people), ERR_OK);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	struct ledger_opener *opener;
	struct ledger_report report;
	struct op op;

	instance_read(&f->in, &op);	/* the chain holds, everything opens */
	size_t n = org_openers(&op, &opener);
	ok(ledger_verify(&op, f->t, opener, n, &report), &op);
	if (!report.ok)
		fail_msg("event %lld: %.*s", (long long)report.bad_seq, STR_ARG(report.bad_what));
	assert_int_equal(report.unopened, 0);
	instance_read_end(&f->in, &op);
	instance_free(&f->in);
	return 0;
}

static struct org_view view(struct fix *f, struct op *op, int64_t known)
{
	struct org_view v;

	ok(org_view_load(op, f->t, NOW - 200 * DAY, INSTANT_OPEN, known, &v), op);
	return v;
}

static int64_t version(struct fix *f)
{
	struct op op;
	int64_t n;

	instance_read(&f->in, &op);
	ok(org_version(&op, f->t, &n), &op);
	instance_read_end(&f->in, &op);
	return n;
}

/* ---- people ------------------------------------------------------------------- */

static enum err rename_li(struct op *op, void *arg)
{
	struct fix *f = arg;

	return org_person_change(op, f->li, 1, &(struct new_person){ STR("李静怡"), STR("1001"),
				 STR("permanent"), STR("13800000002"), { 0 }, 0 });
}

static enum err take_number(struct op *op, void *arg)
{
	struct fix *f = arg;

	return org_person_change(op, f->wang, 1, &(struct new_person){ STR("王芳"), STR("1001"),
				 STR(""), STR(""), { 0 }, 0 });
}

static void person__changes_keep_what_was(void **state)
{
	struct fix *f = *state;
	struct q_person_contact_get contact;
	int64_t before = version(f);
	struct op op;

	assert_int_equal(write_as(f, rename_li), ERR_OK);
	assert_true(version(f) > before);
	assert_int_equal(write_as(f, rename_li), ERR_CONFLICT);	/* version 1 is gone */
	assert_int_equal(write_as(f, take_number), ERR_INVALID);
	instance_read(&f->in, &op);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_true(str_eq(ov_person(&v, f->li)->name, STR("李静怡")));
	ok(q_person_contact_get(&op, f->t, f->li, &contact), &op);
	assert_true(str_eq(contact.phone, STR("13800000002")));
	instance_read_end(&f->in, &op);
}

static enum err blank_name(struct op *op, void *arg)
{
	struct fix *f = arg;
	person_id id;

	return org_person_add(op, &(struct new_person){
		STR("  "), STR(""), STR(""), STR(""), f->t.v ? (unit_id){ 0 } : (unit_id){ 1 }, 0,
	}, &id);
}

static void person__needs_a_name(void **state)
{
	assert_int_equal(write_as(*state, blank_name), ERR_INVALID);
}

/* ---- appointments ------------------------------------------------------------- */

static appointment_id post_id;

static enum err appoint_li(struct op *op, void *arg)
{
	struct fix *f = arg;

	return org_appoint(op, &(struct new_appointment){ f->li, STR("safety-office"), { 0 },
			   NOW - 100 * DAY, 0 }, &post_id);
}

static enum err end_li(struct op *op, void *arg)
{
	(void)arg;
	return org_appointment_end(op, post_id, NOW + 10 * DAY);
}

static enum err end_li_earlier(struct op *op, void *arg)
{
	(void)arg;
	return org_appointment_end(op, post_id, NOW + 5 * DAY);
}

static void appointment__keeps_its_id_when_it_ends(void **state)
{
	struct fix *f = *state;
	struct op op;
	size_t first;

	assert_int_equal(write_as(f, appoint_li), ERR_OK);
	appointment_id id = post_id;
	assert_int_equal(write_as(f, appoint_li), ERR_CONFLICT);	/* holds it already */
	f->in.clock.manual_ms += MS_HOUR;
	assert_int_equal(write_as(f, end_li), ERR_OK);
	f->in.clock.manual_ms += MS_HOUR;
	assert_int_equal(write_as(f, end_li), ERR_CONFLICT);
	assert_int_equal(write_as(f, end_li_earlier), ERR_OK);
	instance_read(&f->in, &op);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_int_equal(ov_appointments(&v, f->li, &first), 1);
	assert_int_equal(v.appointment[first].id.v, id.v);
	assert_int_equal(v.appointment[first].to_ms, NOW + 5 * DAY);
	v = view(f, &op, NOW + MS_HOUR);	/* as known an hour ago */
	assert_int_equal(ov_appointments(&v, f->li, &first), 1);
	assert_int_equal(v.appointment[first].to_ms, NOW + 10 * DAY);
	v = view(f, &op, NOW);			/* as known when it was entered */
	assert_int_equal(ov_appointments(&v, f->li, &first), 1);
	assert_int_equal(v.appointment[first].to_ms, INSTANT_OPEN);
	v = view(f, &op, NOW - 1);		/* valid then, but nobody had entered it */
	assert_int_equal(ov_appointments(&v, f->li, &first), 0);
	instance_read_end(&f->in, &op);
}

static enum err leave_li(struct op *op, void *arg)
{
	struct fix *f = arg;
	keeper_id k;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_appoint(op, &(struct new_appointment){ f->li, STR("office"), { 0 }, NOW - 10, 0 },
			&post_id));
	TRY(org_keeper_set(op, &(struct new_keeper){
		f->lab, f->li, STR("owner"), NOW - 10, 0,
	}, &k));
	TRY(org_person_leave(op, f->li, NOW + DAY));
	return tx_commit(&tx);
}

static void person__leaves_with_posts_and_places(void **state)
{
	struct fix *f = *state;
	bool many;
	struct op op;

	assert_int_equal(write_as(f, leave_li), ERR_OK);
	instance_read(&f->in, &op);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_int_equal(ov_person(&v, f->li)->to_ms, NOW + DAY);
	for (size_t i = 0; i < v.appointment_n; i++)
		assert_int_equal(v.appointment[i].to_ms, NOW + DAY);
	for (size_t i = 0; i < v.keeper_n; i++)
		assert_int_equal(v.keeper[i].to_ms, NOW + DAY);
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, STR("李静"), &many), f->li.v);
	op.now_ms = NOW + 2 * DAY;	/* gone: his name may be another's */
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, STR("李静"), &many), 0);
	instance_read_end(&f->in, &op);
}

/* ---- keepers ------------------------------------------------------------------ */

static enum err keep_li(struct op *op, void *arg)
{
	struct fix *f = arg;
	keeper_id k;

	return org_keeper_set(op, &(struct new_keeper){
		f->lab, f->li, STR("owner"), NOW - 50 * DAY, 0,
	}, &k);
}

static enum err keep_wang(struct op *op, void *arg)
{
	struct fix *f = arg;
	keeper_id k;

	return org_keeper_set(op, &(struct new_keeper){
		f->lab, f->wang, STR("owner"), NOW, 0,
	}, &k);
}

static person_id keeper_at(const struct org_view *v, place_id p, int64_t at)
{
	person_id found = { 0 };

	for (size_t i = 0; i < v->keeper_n; i++)
		if (v->keeper[i].place.v == p.v && v->keeper[i].from_ms <= at &&
				at < v->keeper[i].to_ms)
			found = v->keeper[i].person;
	return found;
}

static void keeper__as_of_then_as_known_then(void **state)
{
	struct fix *f = *state;
	struct op op;

	assert_int_equal(write_as(f, keep_li), ERR_OK);
	f->in.clock.manual_ms += DAY;	/* entered a day late */
	assert_int_equal(write_as(f, keep_wang), ERR_OK);
	assert_int_equal(write_as(f, keep_wang), ERR_OK);	/* the same again changes nothing */
	instance_read(&f->in, &op);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_int_equal(v.keeper_n, 2);
	assert_int_equal(keeper_at(&v, f->lab, NOW - 1).v, f->li.v);
	assert_int_equal(keeper_at(&v, f->lab, NOW).v, f->wang.v);
	v = view(f, &op, NOW + DAY - 1);	/* what was known before it was entered */
	assert_int_equal(keeper_at(&v, f->lab, NOW).v, f->li.v);
	instance_read_end(&f->in, &op);
}

/* ---- absences ----------------------------------------------------------------- */

static int64_t absence;

static enum err away(struct op *op, void *arg)
{
	struct fix *f = arg;

	return org_absence_add(op, &(struct new_absence){ f->li, f->wang, NOW, NOW + 3 * DAY },
			&absence);
}

static enum err back(struct op *op, void *arg)
{
	(void)arg;
	return org_absence_end(op, absence, NOW + DAY);
}

static enum err stand_in_self(struct op *op, void *arg)
{
	struct fix *f = arg;

	return org_absence_add(op, &(struct new_absence){ f->li, f->li, NOW, NOW + DAY }, &absence);
}

static void absence__stand_in_and_early_return(void **state)
{
	struct fix *f = *state;
	person_id by = { 0 };
	struct op op;

	assert_int_equal(write_as(f, stand_in_self), ERR_INVALID);
	assert_int_equal(write_as(f, away), ERR_OK);
	assert_int_equal(write_as(f, back), ERR_OK);
	instance_read(&f->in, &op);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_true(ov_absent(&v, f->li, NOW, &by));
	assert_int_equal(by.v, f->wang.v);
	assert_false(ov_absent(&v, f->li, NOW + DAY, &by));
	instance_read_end(&f->in, &op);
}

/* ---- names -------------------------------------------------------------------- */

static enum err second_wang(struct op *op, void *arg)
{
	person_id id;

	(void)arg;
	return org_person_add(op, &(struct new_person){ STR("王芳"), STR("1009"), STR(""), STR(""),
			      { 0 }, NOW }, &id);
}

static void resolve__only_what_is_certain(void **state)
{
	struct fix *f = *state;
	bool many;
	struct op op;

	assert_int_equal(write_as(f, second_wang), ERR_OK);
	instance_read(&f->in, &op);
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, STR(" 赵强 "), &many), f->zhao.v);
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, STR("1002"), &many), f->wang.v);
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, STR("王芳"), &many), 0);
	assert_true(many);
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, STR("无此人"), &many), 0);
	assert_false(many);
	assert_int_equal(org_resolve(&op, f->t, REF_PLACE, STR("东门"), &many), f->gate.v);
	assert_int_equal(org_resolve(&op, f->t, REF_PLACE, STR("L01"), &many), f->lab.v);
	assert_int_equal(org_resolve(&op, f->t, REF_UNIT, STR("sy"), &many), f->t.v);
	str pub = pubid_make(op.arena, f->t, f->gate.v);
	assert_int_equal(org_resolve(&op, f->t, REF_PLACE, pub, &many), f->gate.v);
	assert_int_equal(org_resolve(&op, f->t, REF_PERSON, pub, &many), 0);	/* another kind */
	pub = pubid_make(op.arena, (tenant_id){ f->t.v + 1 }, f->gate.v);	/* another tenant */
	assert_int_equal(org_resolve(&op, f->t, REF_PLACE, pub, &many), 0);
	instance_read_end(&f->in, &op);
}

/* ---- places ------------------------------------------------------------------- */

static enum err same_code(struct op *op, void *arg)
{
	place_id id;

	(void)arg;
	return org_place_add(op, &(struct new_place){ .kind = STR("gate"), .code = STR("G01"),
			     .name = STR("西门") }, &id);
}

static enum err own_parent(struct op *op, void *arg)
{
	struct fix *f = arg;

	return org_place_change(op, f->gate, 1, &(struct new_place){ .kind = STR("gate"),
				.code = STR("G01"), .name = STR("东门"), .parent = f->gate });
}

static enum err close_lab(struct op *op, void *arg)
{
	struct fix *f = arg;
	keeper_id k;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_keeper_set(op, &(struct new_keeper){ f->lab, f->li, STR("daily"), NOW, 0 }, &k));
	TRY(org_place_close(op, f->lab, NOW + DAY));
	return tx_commit(&tx);
}

static void place__codes_trees_and_closing(void **state)
{
	struct fix *f = *state;
	struct op op;

	assert_int_equal(write_as(f, same_code), ERR_INVALID);
	assert_int_equal(write_as(f, own_parent), ERR_INVALID);
	assert_int_equal(write_as(f, close_lab), ERR_OK);
	instance_read(&f->in, &op);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_int_equal(ov_place(&v, f->lab)->to_ms, NOW + DAY);
	assert_int_equal(keeper_at(&v, f->lab, NOW + DAY).v, 0);
	instance_read_end(&f->in, &op);
}

/* ---- calendar ----------------------------------------------------------------- */

static enum err fill_calendar(struct op *op, void *arg)
{
	struct fix *f = arg;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_holidays_ship(op));
	TRY(org_term_set(op, 2026, 1, day_of(2026, 9, 1), day_of(2027, 1, 22)));
	TRY(org_school_day_set(op, day_of(2026, 11, 27), false, STR("运动会")));
	TRY(org_mark_set(op, STR("period"), STR("epidemic"), day_of(2026, 11, 1), INT32_MAX, 0));
	TRY(org_mark_set(op, STR("node"), STR("open-day"), day_of(2026, 12, 1), 0, 0));
	TRY(org_mark_set(op, STR("node"), STR("open-day"), day_of(2026, 12, 4), 0, 0));
	return tx_commit(&tx);
}

static enum err end_epidemic(struct op *op, void *arg)
{
	(void)arg;
	return org_mark_end(op, STR("period"), STR("epidemic"), day_of(2026, 11, 20));
}

static enum err overlapping_term(struct op *op, void *arg)
{
	(void)arg;
	return org_term_set(op, 2026, 2, day_of(2027, 1, 10), day_of(2027, 7, 3));
}

static void calendar__official_days_terms_and_marks(void **state)
{
	struct fix *f = *state;
	struct calendar c;
	struct op op;

	assert_int_equal(write_as(f, fill_calendar), ERR_OK);
	assert_int_equal(write_as(f, end_epidemic), ERR_OK);
	assert_int_equal(write_as(f, overlapping_term), ERR_INVALID);
	instance_read(&f->in, &op);
	ok(org_calendar_load(&op, f->t, &c), &op);
	assert_true(c.has_pupils);
	assert_int_equal(c.known_year_n, 2);
	assert_int_equal(c.known_year[0], 2025);
	assert_int_equal(c.known_year[1], 2026);
	/* 2026: 33 days off, 6 made up; 2025: 28 and 5. */
	assert_int_equal(c.work_n, 33 + 6 + 28 + 5);
	for (size_t i = 1; i < c.work_n; i++)
		assert_true(c.work[i - 1].day < c.work[i].day);
	for (size_t i = 0; i < c.work_n; i++)	/* who works on such a day works on a weekend */
		assert_true(!c.work[i].work || day_weekday(c.work[i].day) >= 6);
	assert_int_equal(c.term_n, 1);
	assert_int_equal(c.school_n, 1);
	assert_int_equal(c.node_n, 1);		/* moved before it came */
	assert_int_equal(c.node[0].day, day_of(2026, 12, 4));
	assert_int_equal(c.period_n, 1);
	assert_int_equal(c.period[0].to, day_of(2026, 11, 20));
	instance_read_end(&f->in, &op);
}

static enum err foreign_day(struct op *op, void *arg)
{
	struct cal_day d = { day_of(2026, 3, 3), false };

	(void)arg;
	return org_holidays_load(op, 2027, &d, 1, NULL, STR("手工"));
}

static void holidays__of_their_year_only(void **state)
{
	assert_int_equal(write_as(*state, foreign_day), ERR_INVALID);
}

/* ---- policy ------------------------------------------------------------------- */

static enum err adopt_twice(struct op *op, void *arg)
{
	struct fix *f = arg;
	int64_t a, b, c;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_adopt(op, STR("base"), STR("1"), NOW, &a));
	TRY(org_adopt(op, STR("base"), STR("1"), NOW + DAY, &b));
	assert_int_equal(a, b);			/* in force already */
	TRY(org_adopt(op, STR("base"), STR("2"), NOW + 2 * DAY, &c));
	assert_true(c != a);
	TRY(org_parameter_set(op, STR("triage-limit"), STR("2d"), NOW, 0));
	TRY(org_parameter_set(op, STR("triage-limit"), STR("1d"), NOW + DAY, 0));
	TRY(org_choice_set(op, STR("alias"), STR("safety-office"), STR("保卫科"), NOW));
	TRY(org_waive(op, &(struct new_waiver){ STR("G110"), STR("entry:place-kinds/dormitory"),
		      STR("没有住校生"), day_of(2026, 9, 1), day_of(2027, 8, 31), f->li,
		      STR("李静"), STR("principal") }, &c));
	TRY(org_waive(op, &(struct new_waiver){ STR("occurrence"), STR("a|b|c|1"), STR("停课"),
		      day_of(2026, 9, 1), day_of(2026, 9, 2), f->li, STR("李静"), STR("") }, &c));
	return tx_commit(&tx);
}

static void policy__versions_values_and_waivers(void **state)
{
	struct fix *f = *state;
	struct waiver *w;
	struct op op;
	size_t n;

	assert_int_equal(write_as(f, adopt_twice), ERR_OK);
	instance_read(&f->in, &op);
	ok(org_waivers_load(&op, f->t, &w, &n), &op);
	assert_int_equal(n, 1);
	assert_true(str_eq(w[0].code, STR("G110")));
	assert_int_equal(w[0].from, day_of(2026, 9, 1));
	instance_read_end(&f->in, &op);
}

/* ---- units -------------------------------------------------------------------- */

static enum err add_class(struct op *op, void *arg)
{
	struct fix *f = arg;
	unit_id id;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, f->t, &tx));
	TRY(org_unit_add(op, &(struct new_unit){ .kind = STR("class"), .code = STR("c0302"),
			 .name = STR("三(2)班") }, &id));
	TRY(org_unit_rename(op, id, STR("三年级2班")));
	return tx_commit(&tx);
}

static enum err same_tenant_code(struct op *op, void *arg)
{
	unit_id id;

	(void)arg;
	return org_tenant_add(op, &(struct new_unit){ .kind = STR("school"), .code = STR("sy"),
			      .name = STR("另一所") }, &id);
}

static void unit__codes_and_names(void **state)
{
	struct fix *f = *state;
	bool many;
	struct op op;

	assert_int_equal(write_as(f, add_class), ERR_OK);
	assert_int_equal(write_as(f, add_class), ERR_INVALID);
	assert_int_equal(instance_write(&f->in, (tenant_id){ 0 }, same_tenant_code, f),
			ERR_INVALID);
	instance_read(&f->in, &op);
	assert_true(org_resolve(&op, f->t, REF_UNIT, STR("三年级2班"), &many) != 0);
	struct org_view v = view(f, &op, INSTANT_OPEN);
	assert_int_equal(v.unit_n, 2);
	assert_int_equal(ov_unit(&v, v.unit)->id.v, f->t.v);
	instance_read_end(&f->in, &op);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(person__changes_keep_what_was),
		TEST(person__needs_a_name),
		TEST(person__leaves_with_posts_and_places),
		TEST(appointment__keeps_its_id_when_it_ends),
		TEST(keeper__as_of_then_as_known_then),
		TEST(absence__stand_in_and_early_return),
		TEST(resolve__only_what_is_certain),
		TEST(place__codes_trees_and_closing),
		TEST(calendar__official_days_terms_and_marks),
		TEST(holidays__of_their_year_only),
		TEST(policy__versions_values_and_waivers),
		TEST(unit__codes_and_names),
	};

	return cmocka_run_group_tests_name("org", tests, NULL, NULL);
}
