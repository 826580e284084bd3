/* paper_school: the packs that ship, compiled, and a small invented school: tests of the rules. */
#ifndef TESTS_SCHOOL_H
#define TESTS_SCHOOL_H

#include "base/op.h"
#include "rules/calendar.h"
#include "rules/org_view.h"
#include "rules/pack.h"

#define SCHOOL_OFFSET (8 * 3600000)

enum paper_person {
	PRINCIPAL = 1,
	SECRETARY,
	VICE,
	SAFETY,
	LOGISTICS,
	ACADEMIC,
	MORAL,
	OFFICE,
	TEACHER,
	SUBJECT,
	GUARD1,
	GUARD2,
	CLEANER,
	GRADE_LEADER,
	LEFT,
	SCHOOL_PEOPLE_END,
};
enum { SCHOOL_UNIT = 1, CLASS_32 = 20, CLASS_33 = 21, GATE = 101, LAB = 102, YARD = 103 };

/* Appointments are numbered 1000 + person; the class teacher's second one is 2000 + person. */
struct paper_school {
	struct op op;
	struct policy *policy;
	struct org_view org;
	struct calendar calendar;
	struct ov_person person[SCHOOL_PEOPLE_END - 1];
	struct ov_unit unit[3];
	struct ov_place place[3];
	struct ov_appointment appointment[SCHOOL_PEOPLE_END + 2];
	struct ov_keeper keeper[4];
	struct ov_absence absence[8];
};

void paper_open(struct paper_school *s);	/* panics when the packs do not compile */
void paper_close(struct paper_school *s);
/* Away from now on, for ever; keeps the absences sorted. stand_in 0: none. */
void paper_absent(struct paper_school *s, enum paper_person p, int stand_in);
int64_t paper_ms(int month, int day, int hour, int minute);	/* of 2026, civil time */

#endif
