/* expand_int: shared by the files of expand; nobody else includes it. */
#ifndef RULES_EXPAND_INT_H
#define RULES_EXPAND_INT_H

#include "rules/expand.h"

/* A subject with the time in which it exists, and what expressions may ask of it. */
struct life {
	struct subject s;
	int64_t from_ms, to_ms;
	/* a person: joining and leaving are told apart from adoption */
	bool joins;
	const struct vmap *columns;	/* of a catalogue entry */
	const struct entry *entry;
	const struct subject_record *record;
};
struct lives { struct life *at; size_t n, cap; };

/* All subjects of one `per`, in a stable order. */
void lives_of(struct arena *a, const struct expand_in *in, const struct per *p, struct lives *ret);
/*
 * Does `where` hold for the pair, with the parameters in force at `at_ms`? `state`: of a record
 * then, or -1.
 */
bool where_holds(struct arena *a, const struct expand_in *in, const struct duty *d,
		 const struct life *const *l, size_t n, int64_t at_ms, int state);
struct vmap params_at(struct arena *a, const struct expand_in *in, int64_t at_ms);
/* Days of a named node, and spans of a window, in a year. */
size_t node_days(struct arena *a, const struct expand_in *in, str id, int year, day_no *ret,
		int64_t *ret_object, size_t max);
/* An instance of a window: it belongs to the period that holds `by`, its first day or its node. */
struct instance { day_no by, start, end; };
/* Those of the years that lo…hi touches, oldest first. */
size_t window_instances(struct arena *a, const struct expand_in *in, const struct window_spec *w,
		day_no lo, day_no hi, struct instance *ret, size_t max);
/* A due on a non-working day, as `roll:` or the basis says. */
int64_t due_roll(const struct expand_in *in, const struct duty *d, int64_t due_ms);
/* `if:` of the duty, with the parameters in force at a moment. */
bool duty_on(struct arena *a, const struct expand_in *in, const struct duty *d, int64_t at_ms);
/* Does a span of days touch a year without its official holiday table? */
bool provisional(const struct expand_in *in, day_no from, day_no to);
bool duration_exact(struct duration d);		/* m, h: not counted in days */
int64_t adopted_ms(const struct expand_in *in, const struct duty *d);
struct duration within_duration(struct arena *a, const struct expand_in *in, const struct within *w,
		const struct vmap *fields, int64_t at_ms);
void expand_triggers(struct arena *a, const struct expand_in *in, const struct duty *d,
		struct occurrences *ret);
bool school_time(const struct duty *d);

#endif
