/* school: see paper_school.h. Everything is valid from 1970 on and open-ended, but LEFT left on 1
 * September 2026. */
#include "lib/paper_school.h"

#include <assert.h>
#include <stdio.h>

#include "base/limits.h"
#include "gen/packs.h"

static const struct {
	enum paper_person person;
	const char *name, *post;
	int64_t unit;
} STAFF[] = {
	{ PRINCIPAL, "周明", "principal", SCHOOL_UNIT },
	{ SECRETARY, "吴静", "party-secretary", SCHOOL_UNIT },
	{ VICE, "郑强", "vice-principal", SCHOOL_UNIT },
	{ SAFETY, "王芳", "safety-office", SCHOOL_UNIT },
	{ LOGISTICS, "李伟", "logistics", SCHOOL_UNIT },
	{ ACADEMIC, "赵敏", "academic", SCHOOL_UNIT },
	{ MORAL, "孙丽", "moral-education", SCHOOL_UNIT },
	{ OFFICE, "钱进", "office", SCHOOL_UNIT },
	{ TEACHER, "陈晨", "class-teacher", CLASS_32 },
	{ SUBJECT, "林青", "subject-teacher", SCHOOL_UNIT },
	{ GUARD1, "高山", "guard", SCHOOL_UNIT },
	{ GUARD2, "高峰", "guard", SCHOOL_UNIT },
	{ CLEANER, "何花", "cleaner", SCHOOL_UNIT },
	{ GRADE_LEADER, "罗兰", "grade-leader", SCHOOL_UNIT },
	{ LEFT, "离人", "canteen", SCHOOL_UNIT },
};
#define STAFF_N (sizeof(STAFF) / sizeof(STAFF[0]))

int64_t paper_ms(int month, int day, int hour, int minute)
{
	return day_start_ms(day_of(2026, month, day), SCHOOL_OFFSET) +
	       (hour * 60 + minute) * INT64_C(60000);
}

static void staff(struct paper_school *s)
{
	size_t n = 0;

	for (size_t i = 0; i < STAFF_N; i++) {
		int64_t to_ms = STAFF[i].person == LEFT ? paper_ms(9, 1, 0, 0) : INSTANT_OPEN;

		s->person[i] = (struct ov_person){ .id = { STAFF[i].person },
						   .name = str_of(STAFF[i].name),
						   .kind = STR("staff"),
						   .to_ms = to_ms,
						   .has_account = true };
		s->appointment[n++] = (struct ov_appointment){ .id = { 1000 + STAFF[i].person },
							       .person = { STAFF[i].person },
							       .post = str_of(STAFF[i].post),
							       .unit = { STAFF[i].unit },
							       .to_ms = to_ms };
		if (STAFF[i].person != TEACHER)
			continue;
		s->appointment[n++] = (struct ov_appointment){ .id = { 2000 + TEACHER },
							       .person = { TEACHER },
							       .post = STR("class-teacher"),
							       .unit = { CLASS_33 },
							       .to_ms = to_ms };
	}
	s->org.person = s->person;
	s->org.person_n = STAFF_N;
	s->org.appointment = s->appointment;
	s->org.appointment_n = n;
}

static void places(struct paper_school *s)
{
	s->unit[0] = (struct ov_unit){ { SCHOOL_UNIT }, { 0 }, STR("school"), STR("sy"),
				       STR("实验小学"), 0,     INSTANT_OPEN };
	s->unit[1] = (struct ov_unit){ { CLASS_32 }, { SCHOOL_UNIT },  STR("class"),
				       STR("c32"),   STR("三（2）班"), 0,
				       INSTANT_OPEN };
	s->unit[2] = (struct ov_unit){ { CLASS_33 }, { SCHOOL_UNIT },  STR("class"),
				       STR("c33"),   STR("三（3）班"), 0,
				       INSTANT_OPEN };
	s->place[0] = (struct ov_place){ .id = { GATE },
					 .kind = STR("gate"),
					 .code = STR("G1"),
					 .name = STR("东门"),
					 .to_ms = INSTANT_OPEN };
	s->place[1] = (struct ov_place){ .id = { LAB },
					 .kind = STR("laboratory"),
					 .code = STR("L1"),
					 .name = STR("实验室"),
					 .to_ms = INSTANT_OPEN };
	s->place[2] = (struct ov_place){ .id = { YARD },
					 .kind = STR("yard"),
					 .code = STR("Y1"),
					 .name = STR("操场"),
					 .to_ms = INSTANT_OPEN };
	s->keeper[0] = (struct ov_keeper){ { 1 },	 { GATE }, { CLEANER }, STR("daily"), 0,
					   INSTANT_OPEN, 0 };
	s->keeper[1] = (struct ov_keeper){ { 2 },	 { GATE }, { TEACHER }, STR("owner"), 0,
					   INSTANT_OPEN, 0 };
	s->keeper[2] = (struct ov_keeper){ { 3 }, { GATE },	{ SAFETY }, STR("recheck"),
					   0,	  INSTANT_OPEN, 0 };
	s->keeper[3] = (struct ov_keeper){ { 4 },	 { LAB }, { ACADEMIC }, STR("owner"), 0,
					   INSTANT_OPEN, 0 };
	s->org.unit_at = s->unit;
	s->org.unit_n = 3;
	s->org.place = s->place;
	s->org.place_n = 3;
	s->org.keeper = s->keeper;
	s->org.keeper_n = 4;
}

static struct pack_source shipped(struct paper_school *s, str id)
{
	struct pack_file *f = NEW_N(s->op.arena, EMBEDDED_PACK_N, struct pack_file);
	str folder = str_fmt(s->op.arena, "%.*s/", STR_ARG(id));
	size_t n = 0;

	for (size_t i = 0; i < EMBEDDED_PACK_N; i++)
		if (str_starts(embedded_packs[i].path, folder))
			f[n++] = (struct pack_file){ embedded_packs[i].path,
						     embedded_packs[i].bytes };
	return (struct pack_source){ id, f, n };
}

static void packs(struct paper_school *s)
{
	const struct pack_source src[2] = { shipped(s, STR("base")),
					    shipped(s, STR("primary-closed-loop")) };
	struct diags ds = { 0 };

	if (!pack_compile(&s->op, src, 2, NULL, &ds, &s->policy))
		return;
	for (size_t i = 0; i < ds.n; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(diag_format(s->op.arena, &ds.at[i])));
	panic("the packs that ship do not compile");
}

void paper_open(struct paper_school *s)
{
	*s = (struct paper_school){ .op = { .arena = arena_new(ARENA_OP_MAX) } };
	s->org.tenant = (tenant_id){ SCHOOL_UNIT };
	s->org.unit = (unit_id){ SCHOOL_UNIT };
	s->org.absence = s->absence;
	s->calendar = (struct calendar){ .utc_offset_ms = SCHOOL_OFFSET, .has_pupils = true };
	staff(s);
	places(s);
	packs(s);
}

void paper_close(struct paper_school *s)
{
	policy_free(s->policy);
	arena_free(s->op.arena);
}

void paper_absent(struct paper_school *s, enum paper_person p, int stand_in)
{
	size_t i = s->org.absence_n++;

	assert(s->org.absence_n <= sizeof(s->absence) / sizeof(s->absence[0]));
	for (; i > 0 && s->absence[i - 1].person.v > (int64_t)p; i--)
		s->absence[i] = s->absence[i - 1];
	s->absence[i] = (struct ov_absence){ { p }, { stand_in }, 0, INSTANT_OPEN };
}
