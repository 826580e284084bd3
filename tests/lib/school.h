/*
 * school: a small school in a real store, with the packs that ship adopted, for tests of work:
 * everybody acts through the write services as a signed-in person would; time passes as the
 * jobs make it pass.
 */
#ifndef TESTS_LIB_SCHOOL_H
#define TESTS_LIB_SCHOOL_H

#include "auth/scope.h"
#include "job/sched.h"
#include "lib/instance.h"
#include "org/org.h"
#include "work/orgchange.h"
#include "work/work.h"

enum who_is {	/* as the logins of interfaces §5 */
	PRINCIPAL, SECRETARY, VICE, SAFETY, MORAL, OFFICE, ACADEMIC, RESEARCH, LOGISTICS, UNION,
	TEACHER1, TEACHER2, TEACHER3, GUARD1, GUARD2, CLEANER, DOCTOR, ARCHIVIST, PEOPLE_N
};
enum where_is { GATE, LAB, ROOM1, ROOM2, CORRIDOR, GUARD_ROOM, PLACES_N };

struct school {
	struct instance in;
	struct policies *ps;
	tenant_id t;
	person_id p[PEOPLE_N];
	place_id place[PLACES_N];
	unit_id class1, class2;
	int64_t adopted_ms;
	struct arena *scratch;	/* of all ops; school_forget() empties it */
};

/*
 * A school that adopted primary-closed-loop on 1 October 2026, at 07:00 of that day. Made once
 * a program and copied: setup is quick.
 */
void school_new(struct school *s);
void school_free(struct school *s);
void school_forget(struct school *s);	/* results so far are gone: for long tests */

/* Civil time at +08:00: AT(11, 16, 8, 30) is 2026-11-16T08:30. */
int64_t school_ms(int year, int month, int day, int hour, int minute);
#define AT(month, day, hour, minute) school_ms(2026, (month), (day), (hour), (minute))

/* An op of a person (PEOPLE_N: the system) outside of a write: for reading. */
void school_read(struct school *s, enum who_is who, struct op *ret_op);
void school_read_end(struct school *s, struct op *op);
/* One write operation of a person. */
enum err school_write(struct school *s, enum who_is who, enum err (*run)(struct op *op, void *arg),
		      void *arg);

/* Time goes on to the moment; whatever is due on the way happens when it is due. */
void school_wait(struct school *s, int64_t until_ms);

/* --- what people do; results stay valid for the life of the test --- */
/* Fields as JSON; names stand for people, places and classes. */
enum err school_new_record(struct school *s, enum who_is who, const char *loop, const char *step,
			   const char *fields, struct submitted *ret);
enum err school_step(struct school *s, enum who_is who, record_id id, const char *step,
		     const char *fields, struct submitted *ret);
enum err school_submit(struct school *s, enum who_is who, struct submit *in, const char *fields,
		       struct submitted *ret);
/* Message of the last failed write. */
str school_said(const struct school *s);

/* audit gives no differences and verify finds a whole chain with everything opened. */
void school_check(struct school *s);
/* The occurrence of a key, or a failed test. */
struct seen_occurrence { str state, how; int64_t due_ms; record_id record; int32_t rung; };
bool school_occurrence(struct school *s, str key, struct seen_occurrence *ret);

#endif
