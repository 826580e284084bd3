/*
 * What it would catch: a people expression that names others than pack-language §2 says;
 * an absent person who stays responsible; silence where there is a hole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/paper_school.h"
#include "rules/expr.h"
#include "rules/who.h"

#define N(x) (sizeof(x) / sizeof((x)[0]))

static struct paper_school s;
static struct vmap fields;

static int set_up(void **state)
{
	(void)state;
	paper_open(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	paper_close(&s);
	return 0;
}

static person_id doer(void *ctx, str step)
{
	(void)ctx;
	return (person_id){ str_eq(step, STR("report")) ? CLEANER : 0 };
}

static size_t on_duty(void *ctx, str roster, person_id *ret_people, size_t max)
{
	(void)ctx;
	(void)max;
	ret_people[0] = (person_id){ GUARD2 };
	return str_eq(roster, STR("gate-watch")) ? 1 : 0;
}

static struct who_ctx now(void)
{
	return (struct who_ctx){ .policy = s.policy,
				 .org = &s.org,
				 .at_ms = paper_ms(11, 18, 8, 0),
				 .fields = &fields,
				 .creator = { GUARD1 },
				 .typist = { GUARD2 },
				 .doer = doer,
				 .on_duty = on_duty,
				 .place = { LAB },
				 .unit = { CLASS_32 },
				 .subject = { SUBJECT } };
}

static struct who *parsed(const char *text)
{
	struct expr_error error;
	struct who *w;

	if (who_parse(s.op.arena, str_of(text), &w, &error))
		fail_msg("%s: %.*s at %u", text, STR_ARG(error.message), error.at);
	return w;
}

/* "3 4 5", rising; a star behind a stand-in. */
static str people(const struct who_set *set)
{
	str out = STR("");

	for (int64_t id = 1; id < SCHOOL_PEOPLE_END; id++) {
		bool in = false, stands_in = false;

		for (size_t i = 0; i < set->n; i++) {
			in = in || set->at[i].person.v == id;
			stands_in = stands_in || (set->at[i].person.v == id && set->at[i].stand_in);
		}
		if (in)
			out = str_fmt(s.op.arena, "%.*s%s%lld%s", STR_ARG(out), out.len ? " " : "",
				      (long long)id, stands_in ? "*" : "");
	}
	return out;
}

static void set_fields(void)
{
	struct value *two = NEW_N(s.op.arena, 2, struct value);
	struct row *rows = NEW_N(s.op.arena, 2, struct row);
	str *name = NEW(s.op.arena, str);

	fields = (struct vmap){ 0 };
	two[0] = value_ref(REF_PERSON, TEACHER);
	two[1] = value_ref(REF_PERSON, CLEANER);
	*name = STR("holder");
	rows[0] = (struct row){ name, &two[0], 1 };
	rows[1] = (struct row){ name, &two[1], 1 };
	vmap_set(s.op.arena, &fields, STR("audience"), value_list(s.op.arena, two, 2));
	vmap_set(s.op.arena, &fields, STR("rectifier"), value_ref(REF_PERSON, LOGISTICS));
	vmap_set(s.op.arena, &fields, STR("roles"),
		 (struct value){ .kind = V_ROWS, .rows = { rows, 2 } });
	vmap_set(s.op.arena, &fields, STR("place"), value_ref(REF_PLACE, GATE));
	vmap_set(s.op.arena, &fields, STR("room"), value_ref(REF_UNIT, CLASS_33));
	vmap_set(s.op.arena, &fields, STR("category"), value_text(STR("building")));
	vmap_set(s.op.arena, &fields, STR("duty_post"), value_text(STR("guard")));
}

static const struct { const char *text, *people;
} MEANS[] = {
	{ "safety-office", "4" },
	{ "guard", "11 12" },
	{ "first-responsible", "1 2" }, /* is */
	{ "subject-teacher", "9 10" },	/* a class teacher is one */
	{ "staff",
	  "1 2 3 4 5 6 7 8 9 10 14" }, /* included over two steps; property staff are not */
	{ "personnel", "1 2 3 4 5 6 7 8 9 10 11 12 13 14" },
	{ "安全办", "4" }, /* an alias */
	{ "anyone", "1 2 3 4 5 6 7 8 9 10 11 12 13 14" },
	{ "canteen", "" }, /* left in September */
	{ "creator", "11" },
	{ "typist", "12" },
	{ "person", "10" },
	{ "doer(report)", "13" },
	{ "doer(grade)", "" },
	{ "field:rectifier", "5" },
	{ "each(audience)", "9 13" },
	{ "each(roles.holder)", "9 13" },
	{ "field:none", "" },
	{ "field:duty_post", "11 12" },
	{ "holder(class-teacher, class)", "9" },
	{ "holder(class-teacher, room)", "9" },
	{ "holder(class-teacher, sy)", "" },
	{ "class-teacher(class)", "9" },
	{ "class-teacher", "9" },
	{ "keeper(place)", "9" },
	{ "keeper(place, daily)", "13" },
	{ "keeper(place, recheck)", "4" },
	{ "on-duty(gate-watch)", "12" },
	{ "on-duty(other)", "" },
	{ "members(safety-office)", "4 11 12" },
	{ "head(guard)", "4" },
	{ "head(field:rectifier)", "5" },
	{ "head(class-teacher(class))", "7" },
	{ "body:leading-group.leader", "1 2" },
	{ "body:leading-group.deputies", "3" },
	{ "body:leading-group.office", "4" },
	{ "body:class-committee.leader", "9" },
	{ "[safety-office, vice-principal]", "3 4" },
	{ "any(safety-office, vice-principal)", "3 4" },
	{ "first(field:none, office)", "8" },
	{ "first(safety-office, office)", "4" },
	{ "all(principal, safety-office)", "1 4" },
	{ "guard not creator", "12" },
	{ "[safety-office, guard] not [creator, safety-office]", "12" },
	{ "first(guard not guard, office)", "8" },
	{ "$hazard_owner[category]", "5" },
};

static void who__means(void **state)
{
	const struct who_ctx c = now();

	(void)state;
	set_fields();
	for (size_t i = 0; i < N(MEANS); i++) {
		struct who_set set = who_eval(s.op.arena, parsed(MEANS[i].text), &c);
		str is = people(&set);

		if (!str_eq(is, str_of(MEANS[i].people)))
			fail_msg("%s gives %.*s, not %s", MEANS[i].text, STR_ARG(is),
				 MEANS[i].people);
	}
}

static void who__place_of_subject_without_record(void **state)
{
	struct who_ctx c = now();
	struct who_set set;

	(void)state;
	c.fields = NULL;
	set = who_eval(s.op.arena, parsed("keeper(place)"), &c);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.at[0].person.v, ACADEMIC);
}

/* Who is away, with which stand-in, and who acts then. */
static const struct { int away, stand_in, away2; const char *text, *people;
} PRESENT[] = {
	{ 0, 0, 0, "safety-office", "4" },
	{ SAFETY, VICE, 0, "safety-office", "3*" }, /* the named stand-in */
	{ SAFETY, 0, 0, "safety-office", "8*" },      /* the stand-in of the post */
	{ SAFETY, 0, OFFICE, "safety-office", "" },  /* nobody above: G200 */
	{ GUARD1, OFFICE, 0, "guard", "12" },	      /* one of them is there */
	{ GUARD1, 0, GUARD2, "guard", "4*" },
	{ CLEANER, GUARD1, 0, "keeper(place, daily)", "11*" }, /* case 10: keeper with a stand-in */
	{ CLEANER, 0, 0, "keeper(place, daily)", "5" }, /* without: the head of the department */
	{ CLEANER, 0, LOGISTICS, "keeper(place, daily)", "" }, /* nobody above: G200 */
	{ TEACHER, 0, 0, "keeper(place)", "7" },
	{ LOGISTICS, 0, 0, "field:rectifier", "4*" }, /* a head himself: the stand-in of his post */
	{ OFFICE, SAFETY, 0, "first(office, vice-principal)",
	  "3" }, /* the first that has somebody present */
	{ OFFICE, SAFETY, VICE, "first(office, vice-principal)", "4*" },
	{ PRINCIPAL, VICE, 0, "all(principal, safety-office)", "3* 4" }, /* each for himself */
	/* nor by standing in: the next level */
	{ SAFETY, GUARD1, 0, "safety-office not guard", "8*" },
	{ PRINCIPAL, 0, 0, "first-responsible", "2" },
	{ PRINCIPAL, 0, SECRETARY, "first-responsible", "3*" },
	{ TEACHER, 0, 0, "class-teacher(class)", "14*" },
	{ SAFETY, LEFT, 0, "safety-office", "8*" }, /* a stand-in who has left is none */
};

static void who__present(void **state)
{
	const struct who_ctx c = now();

	(void)state;
	set_fields();
	for (size_t i = 0; i < N(PRESENT); i++) {
		struct who_set set;
		str is;

		s.org.absence_n = 0;
		if (PRESENT[i].away)
			paper_absent(&s, (enum paper_person)PRESENT[i].away, PRESENT[i].stand_in);
		if (PRESENT[i].away2)
			paper_absent(&s, (enum paper_person)PRESENT[i].away2, 0);
		set = who_present(s.op.arena, parsed(PRESENT[i].text), &c);
		is = people(&set);
		if (!str_eq(is, str_of(PRESENT[i].people)))
			fail_msg("%s without %d, %d: %.*s, not %s", PRESENT[i].text,
				 PRESENT[i].away, PRESENT[i].away2, STR_ARG(is), PRESENT[i].people);
	}
	s.org.absence_n = 0;
}

static void who__all_says_who_is_missing(void **state)
{
	const struct who_ctx c = now();
	struct who_set set;

	(void)state;
	set = who_present(s.op.arena, parsed("all(principal, field:none)"), &c);
	assert_true(set.all && set.missing);
	assert_int_equal(set.n, 1);
	set = who_present(s.op.arena, parsed("all(principal, canteen)"),
			  &c); /* a vacant post has its stand-in */
	assert_true(!set.missing && set.n == 2);
	set = who_present(s.op.arena, parsed("all(principal, guard)"), &c);
	assert_true(set.all && !set.missing);
	set = who_present(s.op.arena, parsed("[principal, guard]"), &c);
	assert_false(set.all);
}

/* Case 11: one person is secretary and principal: one person in the set, in two hats. */
static void who__two_posts_one_person(void **state)
{
	const struct who_ctx c = now();
	struct who_set set;
	size_t persons = 0;

	(void)state;
	for (size_t i = 0; i < s.org.appointment_n; i++)
		if (s.appointment[i].person.v == SECRETARY)
			s.appointment[i].person.v = PRINCIPAL;
	set = who_eval(s.op.arena, parsed("all(party-secretary, principal)"), &c);
	assert_int_equal(set.n, 2);
	for (int64_t p = 1; p < SCHOOL_PEOPLE_END; p++)
		persons += who_has(&set, (person_id){ p });
	assert_int_equal(persons, 1);
	for (size_t i = 0; i < s.org.appointment_n; i++)
		if (s.appointment[i].id.v == 1000 + SECRETARY)
			s.appointment[i].person.v = SECRETARY;
}

static const struct { const char *text; uint32_t at; int stage;
} FAULTS[] = {
	{ "", 0, 0 },
	{ "[a, b", 5, 0 },
	{ "a b", 2, 0 },
	{ "remind", 0, 0 },
	{ "clock", 0, 0 },
	{ "any()", 4, 0 },
	{ "head(a, b)", 6, 0 },
	{ "holder(a)", 8, 0 },
	{ "foo(a)", 0, 0 },
	{ "foo:a", 0, 0 },
	{ "field:", 6, 0 },
	{ "body:x.boss", 0, 0 },
	{ "$", 1, 0 },
	{ "a not", 5, 0 },
	{ "a not b not c", 8, 0 },
	{ "a, b", 1, 0 },
	{ "legal@bureau", 0, 3 },
	{ "assigned(unit)", 0, 3 },
	{ "line(topic, unit)", 0, 3 },
	{ "head(legal@bureau)", 5, 3 },
};

static void who__faults_say_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(FAULTS); i++) {
		struct expr_error error = { 0 };
		struct who *w;

		assert_int_equal(who_parse(s.op.arena, str_of(FAULTS[i].text), &w, &error),
				 ERR_INVALID);
		if (error.at != FAULTS[i].at || error.stage != FAULTS[i].stage ||
		    !error.message.len)
			fail_msg("%s: at %u, stage %d: %.*s", FAULTS[i].text, error.at, error.stage,
				 STR_ARG(error.message));
	}
}

static void who__depth_is_bounded(void **state)
{
	char text[200] = { 0 };
	struct expr_error error;
	struct who *w;

	(void)state;
	memset(text, '[', 100);
	assert_int_equal(who_parse(s.op.arena, str_of(text), &w, &error), ERR_INVALID);
}

static const struct { const char *text, *say;
} SAYS[] = {
	{ "safety-office", "安全办主任" },
	{ "[safety-office, vice-principal]", "安全办主任或分管副校长" },
	{ "[office, safety-office, vice-principal]", "办公室主任、安全办主任或分管副校长" },
	{ "first(office, vice-principal)", "办公室主任（不在时由分管副校长）" },
	{ "all(principal, party-secretary)", "校长和书记" },
	{ "staff not guard", "教职工（保安除外）" },
	{ "keeper(place, recheck)", "区域复查人" },
	{ "anyone", "任何人" },
	{ "body:leading-group.leader", "学校安全工作领导小组组长" },
	{ "head(guard)", "保安的部门负责人" },
	{ "field:rectifier", "整改责任人" },
	{ "doer(rectify)", "办理“整改完成”的人" },
	{ "$reviewer", "总务主任或教导主任" },
};

static void who__says(void **state)
{
	const struct loop *hazard = policy_loop(s.policy, STR("hazard"));

	(void)state;
	for (size_t i = 0; i < N(SAYS); i++) {
		str is = who_say(s.op.arena, s.policy, hazard, parsed(SAYS[i].text));

		if (!str_eq(is, str_of(SAYS[i].say)))
			fail_msg("%s is said %.*s", SAYS[i].text, STR_ARG(is));
	}
}

static void who__posts_of_a_person(void **state)
{
	struct who_hit *hits;
	size_t n = who_posts(s.op.arena, s.policy, &s.org, (person_id){ GUARD1 },
			     paper_ms(11, 18, 8, 0), &hits);
	bool personnel = false, staff = false;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		personnel = personnel || str_eq(hits[i].post, STR("personnel"));
		staff = staff || str_eq(hits[i].post, STR("staff"));
		assert_int_equal(hits[i].appointment.v, 1000 + GUARD1);
	}
	assert_true(personnel && !staff);
	assert_true(post_covers(s.policy, STR("class-teacher"), STR("staff")));
	assert_true(post_covers(s.policy, STR("principal"), STR("first-responsible")));
	assert_false(post_covers(s.policy, STR("subject-teacher"), STR("class-teacher")));
	assert_false(post_covers(s.policy, STR("first-responsible"), STR("principal")));
}

/* A row that begins at the moment itself is no next one; of an open end nothing is waited for. */
static void edge__is_the_next_begin_or_end(void **state)
{
	struct ov_absence a[] = { { .from_ms = 100, .to_ms = 300 },
				  { .from_ms = 200, .to_ms = 400 } };
	struct ov_appointment p[] = { { .from_ms = 0, .to_ms = INSTANT_OPEN },
				      { .from_ms = 0, .to_ms = 350 } };
	struct org_view v = { .absence = a, .absence_n = 2, .appointment = p, .appointment_n = 2 };
	static const int64_t want[][2] = { { 0, 100 },	 { 99, 100 },  { 100, 200 }, { 299, 300 },
					   { 300, 350 }, { 350, 400 }, { 400, INSTANT_OPEN } };

	(void)state;
	for (size_t i = 0; i < N(want); i++)
		assert_int_equal(ov_next_edge(&v, want[i][0]), want[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who__means),
		cmocka_unit_test(who__place_of_subject_without_record),
		cmocka_unit_test(who__present),
		cmocka_unit_test(who__all_says_who_is_missing),
		cmocka_unit_test(who__two_posts_one_person),
		cmocka_unit_test(who__faults_say_where),
		cmocka_unit_test(who__depth_is_bounded),
		cmocka_unit_test(who__says),
		cmocka_unit_test(who__posts_of_a_person),
		cmocka_unit_test(edge__is_the_next_begin_or_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
