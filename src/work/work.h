/*
 * work: the shell round the pure core: what people do, written once. Reads what the
 * rules need, lets them decide, writes what they say, in one operation of one tenant:
 * record, step, files, ledger event, counters, deeds, satisfactions, occurrences, tasks,
 * notices. Contains no policy. Functions that write run inside a write operation
 * (writer_do / wop.run) and open TX_SCOPE themselves; functions that read need a read
 * scope. Who asks comes from op->scope; visibility is judged here, on every look.
 */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include "auth/scope.h"
#include "base/hash.h"
#include "base/op.h"
#include "rules/machine.h"
#include "rules/match.h"
#include "work/policies.h"

struct json;

/* --- submitting: a new record, or a step of one --- */
/*
 * What people say of a record: it fills this, or it does not. Each names an occurrence by its id
 * (public) or key, or a duty: then the earliest that the record could still fill, or, to untick,
 * those that it fills.
 */
struct ticked { const str *tick; size_t tick_n; const str *untick; size_t untick_n; };

struct submit {
	record_id record;		/* 0: a new one */
	str loop;			/* for a new one */
	str step;
	appointment_id as;		/* hat; 0: choose if only one fits */
	/* `for`: the doer, typed by op->scope's person; 0: himself */
	person_id on_behalf;
	const struct json *fields;	/* object; values as in interfaces §3 */
	struct ticked ticks;
	str reason;			/* for override: and back-dating beyond the limit */
	int64_t if_version;		/* If-Match; 0: not asked */
	str client_key;			/* Idempotency-Key, or "" */
	struct hash client_hash;	/* of the body that came with it */
	/* the password was given again just now: steps that sign ask for it */
	bool password_fresh;
};
struct satisfied {
	occurrence_id occurrence;
	str duty, label;
	struct strs clauses;
	str reason;
	str period;
	str subject;
	str how;
	int64_t due_ms;
	enum basis basis;
	bool ticked;
};
struct almost_row {
	occurrence_id occurrence;
	str duty, label;
	enum why why;
	str say;
	str subject, period;
};
struct submitted {
	record_id record; str number, loop, state; int64_t version;
	bool made, replayed;
	/* also credited clauses: occurrence 0 */
	const struct satisfied *satisfied; size_t satisfied_n;
	const struct almost_row *almost; size_t almost_n;
	step_id step;
	record_id again_of; str again_number;	/* found again */
	const record_id *spawned; size_t spawned_n;
	str warning;			/* unique: clash warn */
};
/* write */
MUST_CHECK enum err record_submit(struct op *op, const struct submit *in, struct submitted *ret);
/* What would be satisfied; nothing is written. Faults as record_submit. */
/* read */
MUST_CHECK enum err record_preview(struct op *op, const struct submit *in, struct submitted *ret);

/* --- mending (built in for every loop) --- */
MUST_CHECK enum err record_undo(struct op *op, record_id id, struct submitted *ret);
MUST_CHECK enum err record_void(struct op *op, record_id id, str reason, struct submitted *ret);
MUST_CHECK enum err record_correct(struct op *op, record_id id, const struct json *fields,
		str reason, struct submitted *ret);
MUST_CHECK enum err record_reassign(struct op *op, record_id id, str field, person_id to,
		str reason, struct submitted *ret);
MUST_CHECK enum err record_remind(struct op *op, record_id id, struct submitted *ret);
MUST_CHECK enum err record_comment(struct op *op, record_id id, str text, struct submitted *ret);
/* Ticks and unticks of a record without a step of its loop: by who took part in it. */
MUST_CHECK enum err record_ticks(struct op *op, record_id record, const struct ticked *in,
		struct submitted *ret);
MUST_CHECK enum err occurrence_tick(struct op *op, record_id record, str occurrence, bool un);
MUST_CHECK enum err occurrence_waive(struct op *op, str occurrence, str reason);

/* --- reading one record --- */
struct step_row {
	step_id id; str step, label; bool built_in, undone; str from_state, to_state, to_label;
	int64_t at_ms; person_id doer, typist; str doer_name, doer_post, post_label,
			typist_name; int64_t event_seq;
	struct vmap fields;		/* what it wrote, as stored */
	str body;
};
struct file_row {
	file_id id;
	struct hash hash;
	int64_t size;
	str type, name;
	int32_t width, height;
	step_id step;
};
struct late_row { str state; int32_t rung; int64_t due_ms, at_ms; person_id owner; };
struct next_step {
	const struct step *step;
	enum verdict verdict;
	const struct form_field *form;
	size_t form_n;
	const struct who_hit *hats;
	size_t hat_n;
};
struct record_view {
	record_id id; tenant_id tenant;
	const struct policy *policy; const struct loop *loop;
	str number, title; const struct state *state;
	bool final, is_void, sealed; int64_t version;
	unit_id unit; place_id place; person_id creator, typist;
	int64_t created_ms, changed_ms, entered_ms, due_ms;
	int32_t rung;			/* rungs fired in this stay: > 0 is late */
	record_id again_of, parent; int32_t again_n;
	struct vmap fields;		/* only those that the reader may see */
	const struct step_row *step; size_t step_n;
	const struct file_row *file; size_t file_n;
	const struct late_row *late; size_t late_n;
	const struct satisfied *satisfied; size_t satisfied_n;
	/* steps that the reader may take now, with their forms */
	const struct next_step *next; size_t next_n;
	struct who_set owners;
	/* oversees: an `oversee` item of this record is his */
	bool can_undo, can_void, can_correct, oversees;
	int64_t undo_until_ms;
	const record_id *child; size_t child_n;
};
/*
 * ERR_NOTFOUND when absent or not visible. A look at a sealed record is an event: use
 * record_look() (write) for those.
 */
MUST_CHECK enum err record_view(struct op *op, record_id id, struct record_view *ret);
/* Ledger the look at sealed or masked content ("look" event); call before showing. */
MUST_CHECK enum err record_look(struct op *op, record_id id, str what);
/*
 * The form of a start step for this person: fields, defaults (query presets in `preset`, may be
 * NULL). ERR_DENIED when not his.
 */
MUST_CHECK enum err start_form(struct op *op, str loop, str step, const struct json *preset,
		struct next_step *ret, const struct loop **ret_loop);
/* Loops that the person may start, with the steps. */
struct start { const struct loop *loop; const struct step *step; };
MUST_CHECK enum err starts_of(struct op *op, struct start **ret, size_t *ret_n);

/* --- files --- */
struct new_file {
	struct hash hash;
	int64_t size;
	str type, name;
	int32_t width, height;
	str client_key;
};
/* write; the blob is stored already */
MUST_CHECK enum err file_add(struct op *op, const struct new_file *f, file_id *ret_id);
/* Read rights: its record is visible to me, or I uploaded it and no record has it yet. */
MUST_CHECK enum err file_get(struct op *op, file_id id, struct file_row *ret);

/* Hashes of all stored files of a tenant: for verification. */
MUST_CHECK enum err files_hashes(struct op *op, tenant_id tenant, struct hash **ret, size_t *ret_n);

/* --- my tasks --- */
struct task {
	str item;			/* step | oversee | duty */
	record_id record; occurrence_id occurrence;	/* the first of the line */
	/* duty: the step that would fulfil it */
	const struct loop *loop; const struct duty *duty; const struct step *start;
	str label, detail, subject, period, number;
	str about;			/* duty: the key of its subject, place:… or person:… */
	/* oversee: the steps it waits for; step: the state's label */
	str steps;
	struct strs step_ids;		/* step, oversee: of the loop, from the state it is in */
	/* a line may serve several demands (group: task) */
	const struct satisfied *demand; size_t demand_n;
	enum basis basis; struct strs clauses;
	int64_t from_ms, due_ms; bool late; bool stand_in;
	int32_t minutes_do, minutes_record;
	str group_key;
};
struct tasks {
	struct task *at;
	size_t n;
	int32_t late_n, today_n, minutes_record;
	bool more;
	int64_t after_due, after_ref;
};
enum tasks_of { TASKS_OPEN, TASKS_DONE, TASKS_DONE_TODAY, TASKS_LATE };
/* Of op->scope's person, or with `person` (and SEE_UNIT) of another. */
MUST_CHECK enum err tasks_list(struct op *op, enum tasks_of which, person_id person,
			       int64_t after_due, int64_t after_ref, int64_t limit,
			       struct tasks *ret);

/*
 * What the form of `st`, which begins a record of `lp`, holds already when it serves the demand
 * `id`: an object of fields as the API takes them; NULL when nothing is known.
 */
MUST_CHECK enum err task_preset(struct op *op, const struct work *w, occurrence_id id,
		const struct loop *lp, const struct step *st, struct json **ret);

/* --- lists and search --- */
struct list_query {
	str loop, state;
	place_id place;
	str field, value;
	str q;
	day_no from, to;
	bool mine;
	record_id after;
	int64_t limit;
};
struct list_row {
	record_id id; str loop, number, title, state, state_label; int8_t ring; bool final,
			late; place_id place; str place_name;
	int64_t created_ms, changed_ms, due_ms; person_id creator; str creator_name,
			owner_name; int32_t again_n; str grade;
};
struct list { struct list_row *at; size_t n; bool more; record_id after; };
MUST_CHECK enum err records_list(struct op *op, const struct list_query *q, struct list *ret);

/* --- the state of the unit --- */
MUST_CHECK enum err coverage_of(struct op *op, int64_t at_ms, struct holes *ret);
struct indicator_row {
	const struct indicator *indicator;
	int64_t num, numerator, denominator;
	bool known, ratio;
};
MUST_CHECK enum err indicators_of(struct op *op, day_no from, day_no to, struct indicator_row **ret,
		size_t *ret_n);
MUST_CHECK enum err counter_of(struct op *op, str metric, str dim, str value, day_no from,
		day_no to, int64_t *ret_n);
struct burden_line {
	person_id person;
	str name;
	day_no week;
	int32_t count, minutes_do, minutes_record;
};
MUST_CHECK enum err burden_of(struct op *op, day_no from, day_no to, struct burden_line **ret,
		size_t *ret_n);
/* Duties that fall on a person now, in the order of the packs. His own, or with SEE_UNIT. */
MUST_CHECK enum err duties_list(struct op *op, person_id person, const struct duty ***ret,
		size_t *ret_n);
/* Who was responsible for a place (roles) or a duty at T, as known at K. */
struct responsible { person_id person; str name, role, post; int64_t from_ms, to_ms, recorded_ms; };
MUST_CHECK enum err who_was(struct op *op, place_id place, str duty, int64_t at_ms,
		int64_t known_ms, struct responsible **ret, size_t *ret_n);

/* The year plan: what is due by duty and month (months counted from the month of `from`). */
#define PLAN_MONTHS_MAX 14
struct plan_line {
	const struct duty *duty;
	int32_t due[PLAN_MONTHS_MAX], done[PLAN_MONTHS_MAX], missed[PLAN_MONTHS_MAX];
	int32_t total;
	bool provisional;	/* a year without its official holidays */
};
struct year_plan {
	struct plan_line *at; size_t n;
	int32_t first_year, first_month, months;
	int64_t minutes_do, minutes_record;
};
/* `post`: only duties that fall on it; STR_NONE: all. */
MUST_CHECK enum err plan_of(struct op *op, day_no from, day_no to, str post, struct year_plan *ret);

/* --- time --- */
/*
 * The next moment at which something happens by itself, over all tenants (≤ until), or
 * INSTANT_OPEN. Read, system.
 */
MUST_CHECK enum err work_next_wake(struct op *op, int64_t until_ms, int64_t *ret_at_ms,
		tenant_id *ret_tenant);
/*
 * Do what is due for one tenant by op->now_ms, at most JOB_ROWS_MAX rows. Write, system.
 * *ret_more: call again.
 */
MUST_CHECK enum err work_wake(struct op *op, tenant_id tenant, bool *ret_more);

/* --- notices to op->scope's person, unread ones --- */
struct notice_row { int64_t id; str kind; record_id record; str text; int64_t at_ms; };
MUST_CHECK enum err notices_list(struct op *op, int64_t limit, struct notice_row **ret,
				 size_t *ret_n);
MUST_CHECK enum err notices_unread(struct op *op, int64_t limit, int64_t *ret_n);
MUST_CHECK enum err notices_seen(struct op *op, int64_t limit);	/* write: the oldest are read */

/* --- derived rows --- */
/*
 * Recompute everything derived of a tenant and compare (read): the number of differences, the
 * first in words.
 */
struct audit_report { int64_t rows, differences; str first; };
MUST_CHECK enum err work_audit(struct op *op, tenant_id tenant, struct audit_report *ret);
/* For ledger_verify: opens the commitments of work, org and auth. */
struct ledger_opener;
size_t work_openers(struct op *op, struct ledger_opener **ret);

#endif
