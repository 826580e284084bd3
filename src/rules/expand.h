/*
 * expand: which occurrences exist (pack-language §4). A pure function of policy,
 * organisation (with its valid times), calendar and trigger events over a range of
 * days; linear in what it gives. Keys never name a version or a person: (duty, subject,
 * period or trigger, slot).
 */
#ifndef RULES_EXPAND_H
#define RULES_EXPAND_H

#include "base/ids.h"
#include "rules/calendar.h"
#include "rules/org_view.h"
#include "rules/policy.h"

/*
 * Subject: kind and id (place, unit, person, record, …); entries, posts and bodies by word. A
 * product of two has both.
 */
struct subject { enum subject_kind kind; int64_t id; str word; };

/* A fact that triggers: collected by the shell, in no order. */
struct event {
	enum trig_kind kind;
	/* state/step/post/node/period/duty/parameter/pack/path as in struct trigger */
	str loop, name;
	/* id of its object: appointment, keeper, place, record, person … */
	int64_t object;
	/* number of the entry into the state, from 1 (each: entry) */
	int32_t entry_no;
	int64_t at_ms;			/* when it is so (may be later than known) */
	int64_t known_ms;		/* when we knew: born late when past due */
	day_no day_only; bool has_day_only;	/* a date without time: the whole day */
	str period;			/* of a closed window: the period it was */
	/* of its record: anchors such as starts_at; NULL otherwise */
	const struct vmap *fields;
	bool cancelled;			/* retracted or void: open occurrences become void */
	/* place, person, unit, class, record of it */
	struct subject about[2]; size_t about_n;
};

enum occ_state { OCC_PLANNED, OCC_OPEN, OCC_DONE, OCC_MISSED, OCC_WAIVED, OCC_VOID };

struct occurrence {
	const struct duty *duty;
	struct subject subject[2]; size_t subject_n;
	str period;			/* "2026-11", or "" with a trigger */
	str trigger;			/* "state:recheck:123", or "" */
	int32_t slot;			/* from 1 */
	int64_t from_ms, to_ms;		/* doing window, [from, to) */
	int64_t due_ms;			/* exclusive end, as cal_limit */
	int64_t late_to_ms;		/* done late until then; then missed */
	day_no period_start, period_end;
	bool provisional;		/* a year without holiday table: C101 */
	bool born_late;
	bool is_void; const char *void_why;	/* subject left, trigger cancelled */
	/* from when on; deeds before it still count (cancelled: open end, all do) */
	int64_t void_ms;
	int64_t known_ms;
};

struct adoption { str pack; int64_t from_ms; };

/* A record as a subject (per: record:loop): what it holds now, and when it was in which state. */
struct record_span { int state; int64_t from_ms, to_ms; };
struct subject_record {
	int64_t id;
	const struct loop *loop;
	const struct vmap *fields;
	person_id creator;
	place_id place;
	const struct record_span *span; size_t span_n;	/* oldest first */
};

struct expand_in {
	const struct policy *policy;
	/* values in force now; dated values below */
	const struct vmap *params;
	const struct param_value {
		str name;
		struct value val;
		int64_t from_ms;
	} *dated;
	size_t dated_n;
	const struct org_view *org;
	const struct calendar *calendar;
	const struct adoption *adoption; size_t adoption_n;
	const struct event *event; size_t event_n;
	const struct subject_record *record; size_t record_n;	/* by id */
	/* give occurrences whose period or window touches it */
	day_no from, to;
	int64_t now_ms;
	/* on-duty(roster) in who: expressions */
	size_t (*on_duty)(void *ctx, str roster, person_id *ret_people, size_t max);
	void *on_duty_ctx;
	str only_duty;				/* STR_NONE: all */
};
struct occurrences { struct occurrence *at; size_t n, cap; };

/* Ordered by key. */
void expand(struct arena *a, const struct expand_in *in, struct occurrences *ret);
/*
 * The trigger's part of a key: KIND:NAME:OBJECT, with :NO behind it for `each: entry`. KIND is
 * one of
 * state step any-final appointed leaves absent keeper place-added place-closed class-added
 * duties-changed
 * date node period window parameter adopted; NAME of state, step and date is loop.name; OBJECT is a
 * decimal id (0 without one; of a node its year, of a term's node year × 10 + term, of a window
 * the first
 * day of its period).
 */
str trigger_key(struct arena *a, const struct event *e, bool each_entry);
/* The key as stored: "duty|subject|period-or-trigger|slot"; a product has "subject+subject". */
str occurrence_key(struct arena *a, const struct occurrence *o);
/*
 * The parameter in force at a moment: dated value, else `params` when nothing is dated, else
 * the default. V_NONE: none.
 */
struct value expand_param(const struct expand_in *in, str name, int64_t at_ms);
/* On whom it falls at a moment: who: with the subject filled in; present people. */
struct who_set occurrence_owners(struct arena *a, const struct expand_in *in,
		const struct occurrence *o, int64_t at_ms);
/* Is the duty in force (`if`), and does its `where` hold for this place, person or post? */
bool duty_concerns(struct arena *a, const struct expand_in *in, const struct duty *d,
		const struct subject *s, int64_t at_ms);
/* "place:123", "entry:theme-months/m08" */
str subject_key(struct arena *a, const struct subject *s);
bool subject_parse(str key, struct subject *ret_s);

#endif
