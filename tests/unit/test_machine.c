/*
 * What it would catch: a step that somebody may take who must not, or may not who must;
 * a limit or a ladder that fires on another day than pack-language says; a field that a
 * step loses. The hazard example of interfaces.md §4 and the boundary cases of
 * pack-language §10, on the packs that ship.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/paper_school.h"
#include "rules/field.h"
#include "rules/machine.h"

#define N(x) (sizeof(x) / sizeof((x)[0]))

static struct paper_school s;

/* A record under test: steps are taken in order, as the shell would write them. */
struct rec {
	struct machine_record r;
	struct machine_ctx c;
	struct past_step past[32];
	struct vmap fields;
	struct outcome out;
};

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

static int forget(void **state)
{
	(void)state;
	s.org.absence_n = 0;
	return 0;
}

static void start(struct rec *x, const char *loop, int64_t now_ms)
{
	*x = (struct rec){ .r = { .loop = policy_loop(s.policy, str_of(loop)), .state = -1 },
			   .c = { .policy = s.policy,
				  .org = &s.org,
				  .calendar = &s.calendar,
				  .now_ms = now_ms } };
	assert_non_null(x->r.loop);
	x->r.fields = &x->fields;
	x->r.past = x->past;
}

static int step_no(const struct rec *x, const char *step)
{
	int i = loop_step_index(x->r.loop, str_of(step));

	if (i < 0)
		fail_msg("no step %s", step);
	return i;
}

static enum verdict may_for(struct rec *x, const char *step, int64_t person, int64_t typist)
{
	struct who_hit hat;
	size_t hats;

	return machine_may(s.op.arena, &x->c, &x->r, step_no(x, step), (struct actor){
		.person = { person }, .typist = { typist },
	}, &hat, &hats);
}

static enum verdict may(struct rec *x, const char *step, int64_t person)
{
	return may_for(x, step, person, person);
}

static void apply(struct rec *x, int step, int64_t person, int64_t typist)
{
	struct past_step *p = &x->past[x->r.past_n++];

	assert_true(x->r.past_n < N(x->past));
	*p = (struct past_step){ .step = step,
				 .from = x->r.state,
				 .to = x->out.to,
				 .doer = { person },
				 .typist = { typist },
				 .at_ms = x->c.now_ms };
	if (!x->r.creator.v)
		x->r.creator.v = person;
	x->r.state = x->out.to;
	if (x->out.entered)
		x->r.entered_ms = x->c.now_ms;
	x->fields = x->out.fields;
}

/* Take a step that must be allowed and have no fault. */
static void take_for(struct rec *x, const char *step, int64_t person, int64_t typist,
		     struct vmap given)
{
	int i = step_no(x, step);
	enum verdict v = may_for(x, step, person, typist);

	if (v != MAY && v != MAY_OVERRIDE)
		fail_msg("%s by %d: verdict %d", step, (int)person, v);
	machine_take(s.op.arena, &x->c, &x->r, i,
		     (struct actor){ .person = { person }, .typist = { typist } }, &given, &x->out);
	if (x->out.faults)
		fail_msg("%s: %.*s: %.*s", step, STR_ARG(x->out.faults->field),
			 STR_ARG(x->out.faults->message));
	apply(x, i, person, typist);
}

static void take(struct rec *x, const char *step, int64_t person, struct vmap given)
{
	take_for(x, step, person, person, given);
}

static struct fault *faults(struct rec *x, const char *step, int64_t person, struct vmap given)
{
	machine_take(s.op.arena, &x->c, &x->r, step_no(x, step),
		     (struct actor){ .person = { person }, .typist = { person } }, &given, &x->out);
	return x->out.faults;
}

static bool has_fault(const struct fault *f, const char *field)
{
	for (; f; f = f->next)
		if (str_eq(f->field, str_of(field)) && f->message.len)
			return true;
	return false;
}

static const char *state_of(const struct rec *x)
{
	return x->r.loop->state[x->r.state].m.id.ptr;
}

static bool in_state(const struct rec *x, const char *state)
{
	return x->r.state >= 0 && str_eq(x->r.loop->state[x->r.state].m.id, str_of(state));
}

static void set(struct vmap *m, const char *name, struct value v)
{
	vmap_put(s.op.arena, m, str_of(name), v);
}

static struct value text(const char *t)
{
	return value_text(str_of(t));
}

static struct value person(int64_t id)
{
	return value_ref(REF_PERSON, id);
}

static struct vmap reported(void)
{
	struct vmap m = { 0 };

	set(&m, "place", value_ref(REF_PLACE, GATE));
	set(&m, "what", text("东门伸缩门轨道变形"));
	return m;
}

static struct vmap graded(int64_t rectifier, int64_t checker)
{
	struct vmap m = { 0 };

	set(&m, "grade", text("general"));
	set(&m, "handling", text("by-date"));
	set(&m, "rectifier", person(rectifier));
	set(&m, "checker", person(checker));
	set(&m, "measures", text("更换轨道"));
	set(&m, "due_on", value_date(day_of(2026, 11, 19)));
	return m;
}

static struct vmap one(const char *name, struct value v)
{
	struct vmap m = { 0 };

	set(&m, name, v);
	return m;
}

/* A hazard in `recheck`, entered on 16 November at 08:00. */
static void until_recheck(struct rec *x, int64_t rectifier, int64_t checker)
{
	start(x, "hazard", paper_ms(11, 16, 8, 0));
	take(x, "report", CLEANER, reported());
	take(x, "grade", SAFETY, graded(rectifier, checker));
	take(x, "rectify", rectifier, one("done", text("已更换")));
}

/* --- the example of interfaces.md §4 --- */

static void hazard__from_found_to_closed(void **state)
{
	struct rec x;

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	assert_int_equal(may(&x, "grade", SAFETY), NO_STATE);
	take(&x, "report", CLEANER, reported());
	assert_string_equal(state_of(&x), "found");
	assert_true(x.out.entered);
	assert_true(x.out.clauses.n >= 1 && str_eq(x.out.clauses.at[0], STR("S1-3.3.4e")));
	assert_int_equal(may(&x, "grade", CLEANER), NO_PERSON);
	take(&x, "grade", SAFETY, graded(LOGISTICS, SAFETY));
	assert_string_equal(state_of(&x), "rectifying");
	assert_true(x.out.due_ms == paper_ms(11, 20, 0, 0));	/* due_on, at 24:00 */
	assert_int_equal(may(&x, "rectify", SAFETY), NO_PERSON);
	take(&x, "rectify", LOGISTICS, one("done", text("已更换")));
	assert_string_equal(state_of(&x), "recheck");
	assert_int_equal(may(&x, "verify", LOGISTICS), NO_PERSON);
	assert_int_equal(may(&x, "report", CLEANER), NO_STATE);
	take(&x, "verify", SAFETY, one("effect", text("good")));
	assert_string_equal(state_of(&x), "closed");
	assert_true(x.out.due_ms == INSTANT_OPEN);
	assert_int_equal(may(&x, "verify", SAFETY), NO_STATE);
}

/* Case 12: the checker would be the rectifier. */
static void hazard__nobody_checks_himself(void **state)
{
	struct rec x;
	struct who_set owners;
	bool nobody = false;
	struct vmap g = graded(LOGISTICS, LOGISTICS);

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	take(&x, "report", CLEANER, reported());
	assert_true(has_fault(faults(&x, "grade", SAFETY, g), "checker")); /* the chooser refuses */
	take(&x, "grade", SAFETY, graded(LOGISTICS, SAFETY));
	take(&x, "rectify", LOGISTICS, one("done", text("已更换")));
	set(&x.fields, "checker", person(LOGISTICS));	/* however it came about */
	assert_int_equal(may(&x, "verify", LOGISTICS), NO_SELF);
	owners = machine_owners(s.op.arena, &x.c, &x.r, &nobody);
	assert_true(nobody);				/* G330 */
	assert_true(who_has(&owners, (person_id){ LOGISTICS }));
	set(&x.fields, "checker", person(SAFETY));
	owners = machine_owners(s.op.arena, &x.c, &x.r, &nobody);
	assert_true(!nobody && owners.n == 1);
}

/* Offered to the outside checker, where the unit names one. */
static void hazard__outside_checker(void **state)
{
	struct rec x;
	struct parameter *p = NEW_N(s.op.arena, s.policy->parameter_n + 1, struct parameter);
	struct policy with = *s.policy;
	struct who *w;
	struct expr_error error;
	struct who_set owners;
	bool nobody;

	(void)state;
	memcpy(p, s.policy->parameter, s.policy->parameter_n * sizeof(*p));
	assert_int_equal(who_parse(s.op.arena, STR("office"), &w, &error), ERR_OK);
	p[with.parameter_n++] =
		(struct parameter){ .m.id = STR("outside_checker"), .type = F_WHO, .who = w };
	with.parameter = p;
	until_recheck(&x, LOGISTICS, SAFETY);
	x.c.policy = &with;
	assert_int_equal(may(&x, "verify", OFFICE), NO_PERSON);	/* somebody independent is there */
	set(&x.fields, "checker", person(LOGISTICS));
	owners = machine_owners(s.op.arena, &x.c, &x.r, &nobody);
	assert_true(nobody && who_has(&owners, (person_id){ OFFICE }));
	assert_int_equal(may(&x, "verify", OFFICE), MAY);
	assert_int_equal(may(&x, "verify", VICE), NO_PERSON);
}

/* Case 28: a guard enters a cleaner's slip; neither may confirm. */
static void hazard__doer_and_typist(void **state)
{
	struct rec x;
	struct vmap m = reported();

	(void)state;
	set(&m, "done", text("已扶正"));
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	take_for(&x, "fix-now", CLEANER, SAFETY, m);
	assert_true(str_eq(vmap_get(&x.fields, STR("handling"))->text, STR("now")));	/* set: */
	assert_true(vmap_get(&x.fields, STR("small"))->flag);
	assert_int_equal(may(&x, "confirm", SAFETY), NO_SELF);	/* he typed it */
	assert_int_equal(may(&x, "confirm", CLEANER), NO_PERSON);
	assert_int_equal(may_for(&x, "confirm", VICE, SAFETY), NO_SELF);
	assert_int_equal(may(&x, "confirm", VICE), MAY);
	x.past[0].undone = true;			/* undone counts for nothing */
	assert_int_equal(may(&x, "confirm", SAFETY), MAY);
}

/* A step whose condition does not hold is not there. */
static void hazard__when(void **state)
{
	struct rec x;

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	take(&x, "report", CLEANER, reported());
	assert_int_equal(may(&x, "confirm", VICE), NO_WHEN);
	assert_int_equal(may(&x, "confirm", CLEANER), NO_PERSON);
}

/* Case 23: entered on the 16th, within 3d. */
static void hazard__limit_and_ladder(void **state)
{
	struct rec x;
	const struct ladder *late;
	struct who_set to;
	int64_t due;

	(void)state;
	until_recheck(&x, LOGISTICS, SAFETY);
	due = machine_due(s.op.arena, &x.c, &x.r);
	assert_true(due == paper_ms(11, 20, 0, 0));		/* 24:00 on the 19th */
	assert_true(x.out.due_ms == due);
	late = &x.r.loop->state[x.r.state].late;
	assert_true(late->n >= 2);
	assert_true(ladder_at(&s.calendar, late, 0, due) == due); /* 0d: 00:00 on the 20th */
	assert_true(ladder_at(&s.calendar, late, 1, due) ==
		    paper_ms(11, 23, 0, 0)); /* 3d: 24:00 on the 22nd */
	assert_true(late->at[0].remind);
	to = ladder_receivers(s.op.arena, &x.c, &x.r, &late->at[0]);
	assert_true(to.n == 1 && to.at[0].person.v == VICE);
	to = ladder_receivers(s.op.arena, &x.c, &x.r, &late->at[1]);
	assert_true(who_has(&to, (person_id){ PRINCIPAL }));
	/* case 24: the vice-principal does not get the step */
	x.c.now_ms = paper_ms(11, 21, 8, 0);
	assert_int_equal(may(&x, "verify", VICE), NO_PERSON);
	assert_true(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ VICE }));
}

/* One person as owner and receiver: the next rung takes over. */
static void hazard__next_receiver(void **state)
{
	struct rec x;
	struct who_set to;
	const struct ladder *late;

	(void)state;
	until_recheck(&x, LOGISTICS, VICE);
	late = &x.r.loop->state[x.r.state].late;
	to = ladder_receivers(s.op.arena, &x.c, &x.r, &late->at[0]);
	assert_false(who_has(&to, (person_id){ VICE }));
	assert_true(who_has(&to, (person_id){ PRINCIPAL }));
}

/* Case 10 at a record: its owner is away. */
static void hazard__owner_away(void **state)
{
	struct rec x;
	struct who_set owners;
	struct who_hit hat;
	size_t hats;

	(void)state;
	until_recheck(&x, LOGISTICS, SAFETY);
	paper_absent(&s, SAFETY, OFFICE);
	owners = machine_owners(s.op.arena, &x.c, &x.r, NULL);
	assert_true(owners.n == 1 && owners.at[0].person.v == OFFICE && owners.at[0].stand_in);
	assert_int_equal(machine_may(s.op.arena, &x.c, &x.r, step_no(&x, "verify"), (struct actor){
				 .person = { OFFICE }, .typist = { OFFICE },
			 }, &hat, &hats),
			 MAY);
	assert_true(hat.stand_in && hats == 1 && hat.appointment.v == 1000 + OFFICE);
	assert_int_equal(may(&x, "verify", SAFETY), MAY);	/* he holds the post, away or not */
	s.org.absence_n = 0;
	paper_absent(&s, SAFETY, 0);
	paper_absent(&s, OFFICE, 0);
	owners = machine_owners(s.op.arena, &x.c, &x.r, NULL);
	assert_int_equal(owners.n, 0);			/* G200 */
}

/* Case 30: disputed: found again, with a new limit; only by who reported it, within 30 days. */
static void hazard__dispute(void **state)
{
	struct rec x;

	(void)state;
	until_recheck(&x, LOGISTICS, SAFETY);
	take(&x, "verify", SAFETY, one("effect", text("good")));
	assert_int_equal(may(&x, "dispute", SAFETY), NO_PERSON);
	x.c.now_ms = paper_ms(12, 16, 23, 59);
	assert_int_equal(may(&x, "dispute", CLEANER), MAY);
	x.c.now_ms = paper_ms(12, 17, 0, 0);
	assert_int_equal(may(&x, "dispute", CLEANER), NO_TIME);
	x.c.now_ms = paper_ms(11, 25, 8, 0);
	take(&x, "dispute", CLEANER, one("reason", text("还是卡住")));
	assert_true(in_state(&x, "found"));
	assert_true(x.out.due_ms == paper_ms(11, 27, 0, 0));	/* triage 1wd after the 25th */
	assert_int_equal(may(&x, "confirm", VICE), NO_WHEN);
}

/* Setters see the fields after the form, all at once; `none` empties. */
static void hazard__extension(void **state)
{
	struct rec x;
	struct vmap m = { 0 };

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	take(&x, "report", CLEANER, reported());
	take(&x, "grade", SAFETY, graded(LOGISTICS, SAFETY));
	assert_int_equal(may(&x, "grant-extension", VICE), NO_WHEN);
	set(&m, "asked_due_on", value_date(day_of(2026, 11, 24)));
	set(&m, "reason", text("等配件"));
	take(&x, "ask-extension", LOGISTICS, m);
	assert_false(x.out.entered);
	assert_int_equal(may(&x, "grant-extension", LOGISTICS), NO_PERSON);
	take(&x, "grant-extension", VICE, (struct vmap){ 0 });
	assert_int_equal(vmap_get(&x.fields, STR("due_on"))->day, day_of(2026, 11, 24));
	assert_null(vmap_get(&x.fields, STR("asked_due_on")));
	assert_true(vmap_named(&x.out.given, STR("asked_due_on")));	/* written as emptied */
	assert_true(x.out.due_ms == paper_ms(11, 25, 0, 0));
}

static const struct form_field *form_field(const struct form_field *f, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(f[i].field->m.id, str_of(name)))
			return &f[i];
	return NULL;
}

static void hazard__form_of_grade(void **state)
{
	struct rec x;
	struct form_field *f;
	size_t n;
	struct vmap m = reported();

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	n = machine_form(s.op.arena, &x.c, &x.r, step_no(&x, "report"), &f);
	assert_true(form_field(f, n, "place")->need && form_field(f, n, "place")->quick);
	assert_false(form_field(f, n, "photos")->need);
	set(&m, "category", text("building"));
	take(&x, "report", CLEANER, m);
	n = machine_form(s.op.arena, &x.c, &x.r, step_no(&x, "grade"), &f);
	assert_int_equal(form_field(f, n, "rectifier")->preset.id,
			 LOGISTICS); /* $hazard_owner[category] */
	assert_int_equal(form_field(f, n, "checker")->preset.id,
			 SAFETY); /* keeper(place, recheck) */
	assert_true(str_eq(form_field(f, n, "handling")->preset.text, STR("by-date")));
	assert_int_equal(form_field(f, n, "due_on")->preset.kind, V_NONE); /* stands on the grade */
	assert_true(form_field(f, n, "rectifier")->need);
	assert_true(form_field(f, n, "funds")->maybe);		/* shown when the grade is major */
	set(&x.fields, "grade", text("major"));
	n = machine_form(s.op.arena, &x.c, &x.r, step_no(&x, "grade"), &f);
	assert_int_equal(form_field(f, n, "due_on")->preset.day, day_of(2026, 12, 16));
	assert_true(form_field(f, n, "funds")->need && !form_field(f, n, "funds")->maybe);
}

static void hazard__needs_and_defaults(void **state)
{
	struct rec x;
	struct vmap m = { 0 };
	struct fault *f;

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	f = faults(&x, "report", CLEANER, (struct vmap){ 0 });
	assert_true(has_fault(f, "place") && has_fault(f, "what"));
	set(&m, "grade", text("general"));
	assert_true(has_fault(faults(&x, "report", CLEANER, m), "grade")); /* not of this form */
	take(&x, "report", CLEANER, reported());
	m = (struct vmap){ 0 };
	set(&m, "grade", text("major"));
	set(&m, "rectifier", person(LOGISTICS));
	f = faults(&x, "grade", SAFETY, m);
	assert_true(has_fault(f, "responsible") && has_fault(f, "funds") &&
		    has_fault(f, "measures"));
	assert_false(has_fault(f, "checker"));		/* its default stands */
	assert_false(has_fault(f, "due_on"));
	set(&m, "grade", text("general"));
	set(&m, "measures", text("更换轨道"));
	set(&m, "funds", value_int(100));
	take(&x, "grade", SAFETY, m);			/* funds does not apply to a general one */
	assert_null(vmap_get(&x.fields, STR("funds")));
	assert_int_equal(vmap_get(&x.fields, STR("checker"))->id, SAFETY);
	assert_int_equal(vmap_get(&x.fields, STR("due_on"))->day, day_of(2026, 11, 23));
	m = graded(LOGISTICS, SAFETY);
	set(&m, "due_on", VALUE_NONE);			/* emptied is not "not given" */
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	take(&x, "report", CLEANER, reported());
	assert_true(has_fault(faults(&x, "grade", SAFETY, m), "due_on"));
}

/* Two hats fit: the person must say which; a wrong one is refused. */
static void hazard__hats(void **state)
{
	struct rec x;
	struct who_hit hat;
	size_t hats;
	struct vmap m = reported();
	const struct machine_record *r = &x.r;
	struct actor who = { .person = { VICE }, .typist = { VICE } };

	(void)state;
	set(&m, "done", text("已扶正"));
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	take(&x, "fix-now", CLEANER, m);
	for (size_t i = 0; i < s.org.appointment_n;
	     i++) /* the vice-principal heads the safety office too */
		if (s.appointment[i].id.v == 1000 + SAFETY)
			s.appointment[i].person.v = VICE;
	assert_int_equal(machine_may(s.op.arena, &x.c, r, step_no(&x, "confirm"), who, &hat, &hats),
			 MAY);
	assert_int_equal(hats, 2);
	who.as.v = 1000 + SAFETY;
	assert_int_equal(machine_may(s.op.arena, &x.c, r, step_no(&x, "confirm"), who, &hat, &hats),
			 MAY);
	assert_true(hats == 1 && str_eq(hat.post, STR("safety-office")));
	who = (struct actor){ .person = { VICE }, .typist = { VICE }, .prefer = { 1000 + SAFETY } };
	assert_int_equal(machine_may(s.op.arena, &x.c, r, step_no(&x, "confirm"), who, &hat, &hats),
			 MAY);
	assert_true(hats == 1 && str_eq(hat.post, STR("safety-office")));
	assert_int_equal(machine_may(s.op.arena, &x.c, r, step_no(&x, "grade"), who, &hat, &hats),
			 MAY);
	who.prefer.v = 1000 + VICE;	/* the hat of the session hinders nothing */
	assert_int_equal(machine_may(s.op.arena, &x.c, r, step_no(&x, "grade"), who, &hat, &hats),
			 MAY);
	assert_true(hats == 1 && hat.appointment.v == 1000 + SAFETY);
	who.as.v = 1000 + GUARD1;
	assert_int_equal(machine_may(s.op.arena, &x.c, r, step_no(&x, "confirm"), who, &hat, &hats),
			 NO_PERSON);
	for (size_t i = 0; i < s.org.appointment_n; i++)
		if (s.appointment[i].id.v == 1000 + SAFETY)
			s.appointment[i].person.v = SAFETY;
}

static void hazard__reassign(void **state)
{
	struct rec x;
	struct vmap m = one("checker", person(LOGISTICS));
	str *names;

	(void)state;
	until_recheck(&x, LOGISTICS, SAFETY);
	assert_int_equal(machine_owner_fields(s.op.arena, &x.r, &names), 1);
	assert_true(str_eq(names[0], STR("checker")));
	assert_true(has_fault(machine_change(s.op.arena, &x.c, &x.r, &m), "checker"));
	m = one("checker", person(OFFICE));
	assert_null(machine_change(s.op.arena, &x.c, &x.r, &m));
}

/* A void record has no steps; who left the school has none either. */
static void hazard__void_and_gone(void **state)
{
	struct rec x;

	(void)state;
	start(&x, "hazard", paper_ms(11, 16, 8, 0));
	assert_int_equal(may(&x, "report", LEFT), NO_PERSON);
	assert_int_equal(may(&x, "report", 999), NO_PERSON);
	take(&x, "report", CLEANER, reported());
	x.r.is_void = true;
	assert_int_equal(may(&x, "grade", SAFETY), NO_STATE);
	assert_true(machine_due(s.op.arena, &x.c, &x.r) == INSTANT_OPEN);
}

/* --- other loops of the packs --- */

static struct row item(const char *name, const char *result)
{
	str *n = NEW_N(s.op.arena, 3, str);
	struct value *c = NEW_N(s.op.arena, 3, struct value);

	n[0] = STR("item");
	c[0] = text(name);
	n[1] = STR("result");
	c[1] = text(result);
	n[2] = STR("text");
	c[2] = value_text(str_fmt(s.op.arena, "%s坏了", name));
	return (struct row){ n, c, 3 };
}

static struct value rows(struct row *at, size_t n)
{
	return (struct value){ .kind = V_ROWS, .rows = { at, n } };
}

/* One sweep over two places: each bad item and each bad place with a note becomes a hazard. */
static void inspection__spawns(void **state)
{
	struct rec x;
	struct row *place = NEW_N(s.op.arena, 2, struct row),
		   *items = NEW_N(s.op.arena, 2, struct row);
	str *n = NEW_N(s.op.arena, 4, str);
	struct value *c = NEW_N(s.op.arena, 8, struct value);
	struct vmap m = { 0 };
	struct spawned *out;
	size_t made;

	(void)state;
	items[0] = item("plug", "bad");
	items[1] = item("door", "good");
	n[0] = STR("place");
	n[1] = STR("items");
	n[2] = STR("result");
	n[3] = STR("note");
	c[0] = value_ref(REF_PLACE, GATE);
	c[1] = rows(items, 2);
	place[0] = (struct row){ n, c, 2 };
	c[4] = value_ref(REF_PLACE, LAB);
	c[5] = rows(&items[1], 1);
	c[6] = text("bad");
	c[7] = text("气味大");
	place[1] = (struct row){ n, c + 4, 4 };
	set(&m, "rows", rows(place, 2));
	start(&x, "inspection", paper_ms(11, 18, 9, 0));
	take(&x, "file", TEACHER, m);
	assert_true(
		str_eq(row_get(&vmap_get(&x.fields, STR("rows"))->rows.at[0], STR("result"))->text,
		       STR("good")));
	assert_true(vmap_get(&x.fields, STR("done_at"))->at_ms == paper_ms(11, 18, 9, 0));
	made = machine_spawns(s.op.arena, &x.c, &x.r, step_no(&x, "file"), &out);
	assert_int_equal(made, 2);
	assert_int_equal(vmap_get(&out[0].given, STR("place"))->id, GATE);
	assert_true(str_eq(vmap_get(&out[0].given, STR("what"))->text, STR("plug坏了")));
	assert_int_equal(vmap_get(&out[1].given, STR("place"))->id, LAB);
	assert_true(str_eq(vmap_get(&out[1].given, STR("what"))->text, STR("气味大")));
}

/* Where the standard is "each", every row needs its items. */
static void inspection__needs_items(void **state)
{
	struct rec x;
	struct row *place = NEW(s.op.arena, struct row);
	str n = STR("place");
	struct value c = value_ref(REF_PLACE, GATE);
	struct vmap m = { 0 };

	(void)state;
	*place = (struct row){ &n, &c, 1 };
	set(&m, "rows", rows(place, 1));
	start(&x, "inspection", paper_ms(11, 18, 9, 0));
	assert_true(has_fault(faults(&x, "file", TEACHER, m), "rows.0.items"));
}

static bool fact_duties(void *ctx, const struct fact_query *q, struct value *ret_v)
{
	const struct value d = text("hazard-sweep");

	(void)ctx;
	if (q->kind != FACT_DUTIES || !q->subject || q->subject->id != TEACHER)
		return false;
	*ret_v = value_list(s.op.arena, &d, 1);
	return true;
}

static struct vmap letter(void)
{
	struct vmap m = { 0 };

	set(&m, "person", person(TEACHER));
	set(&m, "kind", text("class"));
	set(&m, "period", text("2026-11"));
	set(&m, "party", person(MORAL));
	return m;
}

/* Both sides sign, each once and only for himself; then the clock puts it into force. */
static void letter__both_sign(void **state)
{
	struct rec x;
	struct row paper, screen;
	str n[2] = { STR("person"), STR("how") }, how = STR("how");
	struct value c[2] = { person(TEACHER), text("screen") }, on_screen = text("screen");
	struct who_set owners;
	int step;

	(void)state;
	start(&x, "letter", paper_ms(11, 2, 8, 0));
	x.r.fact = fact_duties;
	take(&x, "draft", OFFICE, letter());
	assert_null(vmap_get(&x.fields, STR("duties")));
	take(&x, "offer", OFFICE, (struct vmap){ 0 });
	assert_int_equal(vmap_get(&x.fields, STR("duties"))->list.n, 1);	/* freeze: offer */
	owners = machine_owners(s.op.arena, &x.c, &x.r, NULL);
	assert_true(owners.n == 2 && who_has(&owners, (person_id){ TEACHER }) &&
		    who_has(&owners, (person_id){ MORAL }));
	assert_true(owners.all);
	assert_int_equal(may(&x, "sign", GUARD1), NO_PERSON);
	paper = (struct row){ n, c, 2 };
	assert_true(has_fault(faults(&x, "sign", MORAL, one("signed", rows(&paper, 1))), "signed"));
	screen = (struct row){ &how, &on_screen, 1 };
	take(&x, "sign", TEACHER, one("signed", rows(&screen, 1)));
	assert_int_equal(may(&x, "sign", TEACHER), NO_PERSON);		/* once */
	assert_true(machine_clock_step(s.op.arena, &x.c, &x.r, &step) == INSTANT_OPEN);
	owners = machine_owners(s.op.arena, &x.c, &x.r, NULL);
	assert_true(owners.n == 1 && owners.at[0].person.v == MORAL);
	take(&x, "sign", MORAL, one("signed", rows(&screen, 1)));
	assert_int_equal(vmap_get(&x.fields, STR("signed"))->rows.n, 2);
	assert_int_equal(
		row_get(&vmap_get(&x.fields, STR("signed"))->rows.at[0], STR("person"))->id,
		TEACHER);
	assert_true(machine_clock_step(s.op.arena, &x.c, &x.r, &step) <= x.c.now_ms);
	assert_int_equal(step, step_no(&x, "take-effect"));
	assert_int_equal(may(&x, "take-effect", PRINCIPAL),
			 NO_PERSON); /* nobody clicks what a clock can do */
	faults(&x, "take-effect", 0, (struct vmap){ 0 });
	apply(&x, step, 0, 0);
	assert_true(x.out.due_ms == paper_ms(12, 31, 0, 0));	/* period.end + 30d */
}

static void letter__is_not_everybodys(void **state)
{
	struct rec x;

	(void)state;
	start(&x, "letter", paper_ms(11, 2, 8, 0));
	take(&x, "draft", OFFICE, letter());
	assert_true(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ TEACHER }));
	assert_true(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ VICE }));
	assert_false(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ SUBJECT }));
	assert_false(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ LEFT }));
}

/* What is frozen is not changed by a later form. */
static void letter__frozen(void **state)
{
	struct rec x;
	struct vmap m = letter();
	struct form_field *f;
	size_t n;

	(void)state;
	set(&m, "extra", text("一"));
	start(&x, "letter", paper_ms(11, 2, 8, 0));
	take(&x, "draft", OFFICE, m);
	take(&x, "offer", OFFICE, (struct vmap){ 0 });
	x.r.state = loop_state(x.r.loop, STR("drafted"));
	assert_true(has_fault(faults(&x, "edit", OFFICE, one("extra", text("二"))), "extra"));
	assert_null(faults(&x, "edit", OFFICE, one("extra", text("一"))));
	n = machine_form(s.op.arena, &x.c, &x.r, step_no(&x, "edit"), &f);
	assert_true(form_field(f, n, "extra")->frozen);
}

static struct vmap visitor(void)
{
	struct vmap m = { 0 };

	set(&m, "name", text("访客甲"));
	set(&m, "host", person(TEACHER));
	set(&m, "purpose",
	    value_text(policy_catalogue(s.policy, STR("visitor-purposes"))->entry[0].m.id));
	return m;
}

/* Exact minutes; the host, else the office; the closing time. */
static void visitor__minutes_and_closing(void **state)
{
	struct rec x;
	struct who_set owners;
	const struct field *name;

	(void)state;
	start(&x, "visitor", paper_ms(11, 18, 9, 0));
	take(&x, "arrive", GUARD1, visitor());
	assert_true(x.out.due_ms == paper_ms(11, 18, 9, 10));
	owners = machine_owners(s.op.arena, &x.c, &x.r, NULL);
	assert_true(owners.n == 1 && owners.at[0].person.v == TEACHER);
	paper_absent(&s, TEACHER, 0);
	owners = machine_owners(s.op.arena, &x.c, &x.r, NULL);
	assert_true(owners.n == 1 && owners.at[0].person.v == OFFICE);
	s.org.absence_n = 0;
	name = loop_field(x.r.loop, STR("name"));
	assert_true(machine_sees_field(s.op.arena, &x.c, &x.r, name, (person_id){ TEACHER }));
	assert_false(machine_sees_field(s.op.arena, &x.c, &x.r, name,
					(person_id){ SUBJECT })); /* masked */
	take(&x, "agree", TEACHER, (struct vmap){ 0 });
	take(&x, "admit", GUARD2, one("card", text("12")));
	assert_true(x.out.due_ms == paper_ms(11, 18, 18, 0));
}

static bool fact_untrained(void *ctx, const struct fact_query *q, struct value *ret_v)
{
	*ret_v = value_flag(*(bool *)ctx);
	return q->kind == FACT_FULFILLED;
}

/* No card before the training, unless the vice-principal lets urgent work pass. */
static void card__override(void **state)
{
	struct rec x;
	bool trained = false;
	struct vmap m = { 0 };

	(void)state;
	set(&m, "person", person(CLEANER));
	set(&m, "kind", value_text(policy_catalogue(s.policy, STR("staff-kinds"))->entry[0].m.id));
	start(&x, "card", paper_ms(11, 18, 9, 0));
	x.r.fact = fact_untrained;
	x.r.ctx = &trained;
	take(&x, "request", OFFICE, m);
	assert_int_equal(may(&x, "issue", OFFICE), NO_WHEN);
	assert_int_equal(may(&x, "issue", VICE), MAY_OVERRIDE);
	assert_int_equal(may(&x, "issue", GUARD1), NO_PERSON);
	trained = true;
	assert_int_equal(may(&x, "issue", OFFICE), MAY);
	assert_int_equal(may(&x, "issue", VICE), NO_PERSON);
}

/* Everybody of the audience says once for each version that he knows the rule. */
static void rule__acknowledged_once(void **state)
{
	struct rec x;
	struct value who[2] = { person(TEACHER), person(GUARD1) };

	(void)state;
	start(&x, "rule", paper_ms(11, 18, 9, 0));
	x.r.state = loop_state(x.r.loop, STR("in-force"));
	x.r.creator.v = OFFICE;
	set(&x.fields, "audience", value_list(s.op.arena, who, 2));
	set(&x.fields, "review_on", value_date(day_of(2027, 11, 18)));
	x.out.to = x.r.state;
	assert_int_equal(may(&x, "acknowledge", SUBJECT), NO_PERSON);
	take(&x, "acknowledge", TEACHER, (struct vmap){ 0 });
	assert_int_equal(may(&x, "acknowledge", TEACHER), NO_ONCE);
	assert_int_equal(may(&x, "acknowledge", GUARD1), MAY);
	x.past[x.r.past_n++] = (struct past_step){
		.step = -1, .built_in = STR("correct"), .from = x.r.state, .to = x.r.state
	};
	assert_int_equal(may(&x, "acknowledge", TEACHER), MAY);
}

/* --- keys that the packs that ship do not use --- */

static struct loop *altered(const char *name, struct state **ret_states)
{
	struct loop *lp = NEW(s.op.arena, struct loop);

	*lp = *policy_loop(s.policy, str_of(name));
	*ret_states = NEW_N(s.op.arena, lp->state_n, struct state);
	memcpy(*ret_states, lp->state, lp->state_n * sizeof(**ret_states));
	lp->state = *ret_states;
	return lp;
}

/* stays: all: the earlier stay in recheck counts. */
static void state__stays_all(void **state)
{
	struct rec x;
	struct state *st;
	struct loop *lp = altered("hazard", &st);
	struct vmap back = { 0 };
	int recheck = loop_state(lp, STR("recheck"));

	(void)state;
	st[recheck].stays_all = true;
	st[recheck].within = (struct within){ .set = true, .d = { 72, DUR_H } };
	until_recheck(&x, LOGISTICS, SAFETY);
	x.r.loop = lp;
	assert_true(machine_due(s.op.arena, &x.c, &x.r) == paper_ms(11, 19, 8, 0));
	x.c.now_ms = paper_ms(11, 17, 8, 0);		/* one day in recheck */
	set(&back, "reason", text("没修好"));
	set(&back, "due_on", value_date(day_of(2026, 11, 25)));
	take(&x, "return", SAFETY, back);
	x.c.now_ms = paper_ms(11, 20, 8, 0);
	take(&x, "rectify", LOGISTICS, one("done", text("换了")));
	assert_true(x.out.due_ms == paper_ms(11, 22, 8, 0));	/* two days are left */
	st[recheck].stays_all = false;
	assert_true(machine_due(s.op.arena, &x.c, &x.r) == paper_ms(11, 23, 8, 0));
}

/* pause: true: nothing is due in it, and the anchored limit moves on by it. */
static void state__pause(void **state)
{
	struct rec x;
	struct state *st;
	struct loop *lp = altered("hazard", &st);
	struct vmap back = { 0 };

	(void)state;
	st[loop_state(lp, STR("recheck"))].pause = true;
	until_recheck(&x, LOGISTICS, SAFETY);
	x.r.loop = lp;
	assert_true(machine_due(s.op.arena, &x.c, &x.r) == INSTANT_OPEN);
	x.c.now_ms = paper_ms(11, 18, 8, 0);		/* two days later */
	set(&back, "reason", text("没修好"));
	set(&back, "due_on", value_date(day_of(2026, 11, 25)));
	take(&x, "return", SAFETY, back);
	assert_true(x.out.due_ms == paper_ms(11, 28, 0, 0));	/* end of the 25th, two days on */
}

/* sealed: only those whose work it is, and those named by see. */
static void state__sealed(void **state)
{
	struct rec x;
	struct state *st;
	struct loop *lp = altered("hazard", &st);

	(void)state;
	until_recheck(&x, LOGISTICS, SAFETY);
	assert_true(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ SUBJECT }));
	st[loop_state(lp, STR("recheck"))].sealed = true;
	x.r.loop = lp;
	assert_false(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ SUBJECT }));
	assert_true(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ CLEANER })); /* reported it */
	assert_true(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ SAFETY }));
	assert_false(machine_sees(s.op.arena, &x.c, &x.r, (person_id){ VICE })); /* not late yet */
	x.c.now_ms = paper_ms(11, 20, 0, 0);
	assert_true(
		machine_sees(s.op.arena, &x.c, &x.r, (person_id){ VICE })); /* oversees it now */
}

/* Facts of the record itself: who, when, how often. Undone steps count for nothing. */
static void record__facts(void **state)
{
	static const struct { const char *text; bool holds;
	} facts[] = {
		{ "times(rectify) = 1", true },		{ "times(verify) = 0", true },
		{ "doer(rectify) = rectifier", true },	{ "is_set(at(grade))", true },
		{ "entered(recheck) = now", true },	{ "is_set(entered(closed))", false },
		{ "place.kind = gate", true },		{ "unit.kind = school", true },
		{ "includes(rectifier, staff)", true }, { "includes(rectifier, guard)", false },
		{ "late(rectify) = 0", true },		{ "late(report) = 0", false },
	};
	struct rec x;
	struct step *probe;
	struct loop *lp;
	struct state *st;

	(void)state;
	until_recheck(&x, LOGISTICS, SAFETY);
	lp = altered("hazard", &st);
	probe = NEW_N(s.op.arena, lp->step_n, struct step);
	memcpy(probe, lp->step, lp->step_n * sizeof(*probe));
	lp->step = probe;
	x.r.loop = lp;
	for (size_t i = 0; i < N(facts); i++) {
		struct expr_error error;
		struct expr *e;
		int n = step_no(&x, "return");

		assert_int_equal(expr_parse(s.op.arena, str_of(facts[i].text), &e, &error), ERR_OK);
		probe[n].when = e;
		if ((may(&x, "return", SAFETY) == MAY) != facts[i].holds)
			fail_msg("%s", facts[i].text);
	}
}

#define CASE(f) cmocka_unit_test_teardown(f, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(hazard__from_found_to_closed),
		CASE(hazard__nobody_checks_himself),
		CASE(hazard__outside_checker),
		CASE(hazard__doer_and_typist),
		CASE(hazard__when),
		CASE(hazard__limit_and_ladder),
		CASE(hazard__next_receiver),
		CASE(hazard__owner_away),
		CASE(hazard__dispute),
		CASE(hazard__extension),
		CASE(hazard__form_of_grade),
		CASE(hazard__needs_and_defaults),
		CASE(hazard__hats),
		CASE(hazard__reassign),
		CASE(hazard__void_and_gone),
		CASE(inspection__spawns),
		CASE(inspection__needs_items),
		CASE(letter__both_sign),
		CASE(letter__is_not_everybodys),
		CASE(letter__frozen),
		CASE(visitor__minutes_and_closing),
		CASE(card__override),
		CASE(rule__acknowledged_once),
		CASE(state__stays_all),
		CASE(state__pause),
		CASE(state__sealed),
		CASE(record__facts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
