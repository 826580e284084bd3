/*
 * policy: the compiled form of all packs that bind one unit: what `adopt` composes,
 * `check` proves and everything else reads. Immutable after policy_compile(), shared
 * by reference, no pointers out of its own arena. Every construct carries `struct meta`:
 * where it stands, which clauses it implements, on what basis. Expressions and people
 * expressions are parsed once, here. Order of arrays is the order in the files; lookups
 * by id go through policy_*() functions.
 */
#ifndef RULES_POLICY_H
#define RULES_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "rules/calendar.h"
#include "rules/expr.h"
#include "rules/value.h"
#include "rules/who.h"

struct op;

struct pos { str file; uint32_t line, col; };
enum basis { BASIS_UNSET, BASIS_LAW, BASIS_SUPERIOR, BASIS_INTERNAL, BASIS_NONE };


struct meta {
	str id, label, help, source, mechanism;
	str pack;			/* the pack that wrote it */
	/* of the construct; BASIS_UNSET: that of its clauses, strongest first */
	enum basis basis;
	struct strs clauses;
	const struct expr *if_;		/* decided when expanding */
	struct pos pos;
	/* set by `clauses --mutate` before compiling; never in service */
	bool removed;
};

/* kind: obligation rule structure goal context */
struct clause { struct meta m; str kind, title, article, why; };

struct pack_info {
	str id, title, version, level, source;
	struct strs extends;
	enum basis basis;
	day_no valid_from, valid_to;
};

/* --- types of fields and parameters --- */
enum ftype {
	F_TEXT, F_NOTE, F_INT, F_DECIMAL, F_MONEY, F_PERCENT, F_DATE, F_TIME, F_INSTANT, F_DURATION,
	F_CHOICE, F_CHOICES, F_FLAG, F_PERSON, F_PEOPLE, F_POST, F_PLACE, F_UNIT, F_CLASS, F_ASSET,
	F_PERIOD, F_RECORD, F_RECORDS, F_FILES, F_SIGNATURES, F_ROWS, F_CHECKLIST, F_PARAMETERS,
	F_PHONE, F_MASKED, F_COMPUTED,
	F_INTERVAL, F_WHO, F_LIST, F_TABLE,	/* parameters only */
};
const char *ftype_word(enum ftype t);		/* "choice" */
bool ftype_parse(str s, enum ftype *ret_t);

struct choice { str value, label; };

struct field {
	struct meta m;			/* m.id is the name, snake_case */
	enum ftype type;
	/* text: code points; files: count; 0 = the default of limits.h */
	int64_t max;
	bool has_range; struct value range_lo, range_hi;
	str unit;			/* shown behind a number: 分钟, 人 */
	str accept;			/* files: image | any */
	const struct choice *choice; size_t choice_n;	/* of: a map or list */
	str of_catalogue;		/* of: catalogue:id */
	str of_loop;			/* record, records: of */
	str of_text;			/* `of` of signatures, parameters, period …, as written */
	const struct who *of_who;	/* signatures, person, people: whom it may hold, or NULL */
	int32_t count;			/* signatures: how many */
	struct strs how;		/* signatures: screen, paper */
	const struct field *column; size_t column_n;	/* rows, checklist */
	str key;			/* rows: the column that is unique */
	const struct expr *value;	/* computed */
	/* default; a word of a choice is already a constant (expr_const) */
	const struct expr *dflt;
	/* default of person, people, post: "keeper(place, recheck)", "$hazard_owner[category]" */
	const struct who *dflt_who;
	const struct expr *when;	/* governs form and need */
	str freeze;			/* step from which it keeps its value */
	str part;			/* the section of a form in which it stands */
	const struct who *see;		/* narrows further, or NULL */
};

/* What follows a missed limit: rungs counted from it, rising. */
struct rung {
	struct duration d;
	bool remind;
	const struct who *const *to;
	size_t to_n;
	const str *to_text;
};
struct ladder { const struct rung *at; size_t n; };

/* One line of a table parameter: `who` with to: who, `ladder` with to: ladder, else `val`. */
struct table_row { str key; struct value val; const struct who *who; struct ladder ladder; };

struct parameter {
	struct meta m;			/* m.id snake_case, without $ */
	enum ftype type;
	struct value dflt;		/* tables: see table */
	bool has_range; struct value range_lo, range_hi; struct strs range_words;
	str unit, change;		/* change: the post that may */
	/* of_text: `of` as one word */
	const struct choice *choice; size_t choice_n; str of_catalogue, of_text;
	str from, to;			/* table */
	const struct table_row *table; size_t table_n;
	const struct who *who;		/* type who */
	/* type interval; dflt holds the text too */
	enum per_kind interval; int32_t interval_times; bool interval_off;
	enum ftype to_type;	/* table: type of its values (F_WHO and ladders apart) */
};

/* m.clauses holds `clause:` */
struct entry {
	struct meta m;
	struct window_spec *window;
	str why;
	bool hidden;
	struct vmap columns;
};
struct catalogue {
	struct meta m;
	struct strs edit;
	bool add_unit, hide;
	int32_t slots;
	const struct field *column;
	size_t column_n;
	const struct entry *entry;
	size_t entry_n;
};

/* --- organisation in packs --- */
struct unit_kind { struct meta m; str tenant; struct strs of; };
/* A relation between units; before the hierarchy only the spine. from[i] belongs to to[i]. */
struct unit_link { struct meta m; struct strs from, to; int32_t max_up; bool roll_up, witness; };
struct post {
	struct meta m;
	str of;				/* department */
	bool head;			/* heads it */
	str stand_in;			/* post id */
	struct strs includes, is, alias;
	struct strs can;		/* capabilities (ADR 0003) */
	struct strs covered_by;		/* posts whose holders answer for it, of a compiled pack */
};
struct seat { str post, name; int32_t count; bool outside; };
struct body {
	struct meta m;
	str per;
	str leader;
	struct strs deputies;
	const struct seat *member;
	size_t member_n;
	str host;
	bool outside;
	struct strs alias;
};

/* --- time --- */
/* {ANCHOR: DURATION}; anchor "" = the default of its place */
struct offset { str anchor; struct duration d; };
struct window_spec {
	int8_t month;			/* 1…12, or 0 */
	/* yearly, 0 when unset; may wrap over new year */
	int8_t from_month, from_day, to_month, to_day;
	str node; struct duration node_from, node_to;
	str period;			/* a named period */
	bool entry;			/* entry.window */
	enum per_kind rest_of; bool has_rest_of;
};
struct node_spec {
	struct meta m;
	str set_by;
	int8_t month, day;
	int8_t nth, weekday;
	str first_school_day_of;
	int8_t after_month, after_day;
};
struct period_spec {
	struct meta m;
	str set_by;
	int8_t from_month, from_day, to_month, to_day;
	str record_loop, record_state;
	const struct expr *record_where;
};

/* --- loops --- */
/* a limit: one duration from an anchor, or a $parameter of type duration/table */
struct within {
	bool set;
	str anchor;		/* "" = enter */
	struct duration d;
	/* when written as an expression ($triage_limit); gives a V_DURATION */
	const struct expr *expr;
};

struct unique {
	bool set;
	struct strs per;
	str each_field;
	enum { CLASH_REFUSE, CLASH_WARN, CLASH_REPLACE } clash;
	str to;
};

struct state {
	struct meta m;
	const struct who *owner; str owner_text;
	struct within within;
	bool stays_all, pause, final, sealed;
	int8_t ring;
	struct ladder late;
	struct unique unique;
	str apply, from;	/* parameters field put in force, from the date field */
};

struct need { const struct expr *when; struct strs fields; };
struct setter { str field; const struct expr *value; bool none; };
struct carry { str to; const struct expr *value; };
/* for_each: a rows field, "rows.items", or a field of several people, choices or records */
struct spawn {
	str loop, step;
	str for_each;
	const struct expr *where;
	const struct carry *carry;
	size_t carry_n;
	str link;
	struct pos pos;
};
struct notify { const struct who *to; str to_text; str text; };

struct step {
	struct meta m;
	uint64_t from;		/* bit n: state n (0…); see from_start, from_any */
	bool from_start, from_any;
	int8_t to;		/* index of a state, or -1: same */
	bool by_clock;
	const struct who *by; str by_text;
	uint64_t not_by;	/* bits over steps of this loop */
	struct strs distinct;
	const struct expr *when; str when_text;
	const struct who *override;
	struct strs form, quick;
	const struct need *need; size_t need_n;	/* unconditional needs first */
	const struct setter *set; size_t set_n;
	bool sign, batch, undo, undo_set;
	str once;		/* "version": once per person and version of the record */
	struct within within;	/* leaving a final state */
	struct within at;	/* by clock */
	const struct spawn *spawn; size_t spawn_n;
	const struct notify *notify; size_t notify_n;
	str print;
};

struct loop {
	struct meta m;
	str number;		/* "YH-{year}-{seq:4}"; "" = none */
	struct see { str relation; const struct who *who; bool all; } see[4]; size_t see_n;
	str keep_after; const struct expr *keep_for;
	struct strs index;
	struct strs again_same; struct duration again_within;
	const struct field *field; size_t field_n;
	const struct state *state; size_t state_n;
	const struct step *step; size_t step_n;
	bool sealed, undo;	/* undo defaults to true */
	bool unit_hat;		/* unit: hat */
};

/* --- duties --- */
enum subject_kind { SUB_UNIT, SUB_PLACE, SUB_CLASS, SUB_GRADE, SUB_PERSON, SUB_POST, SUB_ASSET,
		SUB_BODY, SUB_ENTRY, SUB_RECORD };
struct per { enum subject_kind kind; str of; };		/* of: body id, catalogue id, loop */

enum trig_kind { TRIG_STATE, TRIG_STEP, TRIG_ANY_FINAL, TRIG_APPOINTED, TRIG_LEAVES, TRIG_ABSENT,
		TRIG_KEEPER_CHANGED,
	TRIG_PLACE_ADDED, TRIG_PLACE_CLOSED, TRIG_CLASS_ADDED, TRIG_DUTIES_CHANGED, TRIG_DATE,
			TRIG_NODE, TRIG_PERIOD,
	TRIG_WINDOW_CLOSED, TRIG_PARAMETER, TRIG_ADOPTED };
/* name: state, step, post, path, node, period, duty, parameter, pack */
struct trigger { enum trig_kind kind; str loop, name; bool ends; bool each_entry; };

/* path "rows.place": rows */
struct same { str subject; str path; bool rows; str rows_field, rows_col; };
struct proof {
	str loop, state, step, at;	/* state or step */
	/* as written: proofs with one text are one demand on a form */
	const struct expr *where; str where_text;
	const struct same *same; size_t same_n;
	bool person_doer;		/* same: {person: doer} */
	const struct who *doer;		/* doer: who */
	enum { PROOF_ONE, PROOF_ALL, PROOF_EACH } mode;
	str each_of, each_duty;		/* PROOF_EACH: {each: {of: class, duty: d}} */
	const struct proof *part; size_t part_n;	/* PROOF_ALL */
};

struct due_spec {
	bool set;
	str anchor;
	struct duration d;
	int8_t day;
	enum { DUE_OF_THIS, DUE_OF_NEXT } of;
};

struct duty {
	struct meta m;
	const struct who *who; str who_text;
	struct per per[2]; size_t per_n;
	const struct expr *where;
	bool has_every; enum per_kind every; int32_t times;	/* {quarter: 2} → times 2 */
	str every_param;		/* $interval parameter, without $ */
	const struct trigger *on; size_t on_n;
	struct within within, before;	/* triggers */
	struct window_spec *window;	/* NULL: none */
	struct duration early; bool has_early;
	struct due_spec due;
	/* from the end of the period or the due of the trigger */
	struct duration late_to; bool has_late_to;
	enum { IN_DEFAULT, IN_SCHOOL_TIME, IN_ALWAYS } in;
	enum { ROLL_DEFAULT, ROLL_NONE, ROLL_NEXT, ROLL_PREV } roll;
	enum { JOINS_HALF, JOINS_ALWAYS, JOINS_LEFT } joins; struct duration joins_left;
	struct duration by_adopted; bool has_by_adopted;	/* by: {adopted: 30d} */
	struct duration apart; bool has_apart; bool spread;
	int32_t minutes_do, minutes_record; bool has_minutes;
	const struct proof *proof; size_t proof_n;	/* any of them */
	struct ladder late; bool has_late;
	enum { GROUP_TASK, GROUP_SHEET, GROUP_NONE } group; bool ask_gaps; bool tick_ask;
	str waive_by, waive_for, waive_tell;
};

/* --- coverage --- */
enum need_kind { NEED_KEEPER, NEED_KEEPER_IN_POST, NEED_DISTINCT, NEED_MAX_PLACES, NEED_HOLDER,
		NEED_DUTIES, NEED_BODY_FILLED,
	NEED_RECORD, NEED_FULFILLED, NEED_PLACE, NEED_ASSET, NEED_ROLES_FILLED, NEED_NO_OPEN };
struct require {
	struct meta m;			/* m.id = code, G101 */
	int32_t no;			/* the how-manieth of its code, from 1: "require:G101#1" */
	enum hole_severity { SEV_ERROR, SEV_WARNING, SEV_INFO } severity;
	struct per per;			/* for: */
	const struct expr *where;
	enum need_kind need;
	struct { str role; int32_t n; } role[4]; size_t role_n;	/* keeper: {owner: 1, daily: 1} */
	struct strs words;		/* distinct roles; holder posts; … */
	str duty, loop, state; const struct same *same; size_t same_n;	/* fulfilled, record */
	struct value limit;		/* max_places, place, asset, duties: the count */
	str limit_param;		/* the count is this parameter */
	str by_anchor; struct duration by; bool has_by;
	str waive_by, waive_for, fix;
};
struct roster_during { str period; const struct expr *min; };
struct roster {
	struct meta m;
	struct { bool school_day; str param; struct strs times; enum per_kind every; } when;
	struct per per; bool has_per; const struct expr *where;
	const struct expr *min; struct strs count;
	struct { str post; int32_t n; } of[8]; size_t of_n;
	const struct roster_during *during; size_t during_n;
	struct strs from; str leader;
	str fill_loop, fill_rows; struct duration fill_ahead; bool has_fill_ahead;
	str swap_agree, swap_tell;	/* who agrees to a swap (other), which post is told */
	str presence_by, presence_how;
	const struct trigger *on; size_t on_n;
};

/* --- indicators and prints --- */
struct indicator {
	struct meta m;
	enum indicator_kind { IND_COUNT, IND_SUM, IND_RATIO, IND_DUTY, IND_STATE, IND_ACK,
			IND_COVERAGE } kind;
	str text;			/* the formula as written */
	/*
	 * over counters: names loop.step, loop.state; duty words due, on_time, late,
	 * entered_late, missed, waived
	 */
	const struct expr *value;
	/* ratio: two indicator ids; coverage: codes; duty, state: its id */
	struct strs of;
	str by;
};
/* body: CommonMark with {{fields}} */
struct print {
	struct meta m;
	str for_;
	str rows;
	str as_of;
	bool batch;
	str size;
	struct strs sign;
	str grid;
	str body;
	uint32_t body_line;
};

/* Where a text, an expression or a people expression stands in its file: by its address. */
struct written { const void *what; struct pos pos; };

struct policy {
	struct arena *arena;
	/* stable hash of its sources and overrides: what records are pinned to */
	str key;
	const struct pack_info *pack; size_t pack_n;
	const struct clause *clause; size_t clause_n;
	const struct parameter *parameter; size_t parameter_n;
	const struct catalogue *catalogue; size_t catalogue_n;
	const struct unit_kind *unit_kind; size_t unit_kind_n;
	const struct unit_link *unit_link; size_t unit_link_n;
	const struct post *post; size_t post_n;
	const struct body *body; size_t body_n;
	const struct node_spec *node; size_t node_n;
	const struct period_spec *period; size_t period_n;
	const struct written *written; size_t written_n;	/* by address; policy_pos() */
	int32_t closing_minute;		/* closing: "18:00" */
	const struct loop *loop; size_t loop_n;
	const struct duty *duty; size_t duty_n;
	const struct require *require; size_t require_n;
	const struct roster *roster; size_t roster_n;
	const struct indicator *indicator; size_t indicator_n;
	const struct print *print; size_t print_n;
};

/* NULL when there is none. */
const struct clause *policy_clause(const struct policy *p, str id);
const struct parameter *policy_parameter(const struct policy *p, str id);
const struct catalogue *policy_catalogue(const struct policy *p, str id);
const struct entry *catalogue_entry(const struct catalogue *c, str id);
const struct post *policy_post(const struct policy *p, str id);	/* also by alias or label */
const struct body *policy_body(const struct policy *p, str id);
const struct loop *policy_loop(const struct policy *p, str id);
const struct duty *policy_duty(const struct policy *p, str id);
const struct indicator *policy_indicator(const struct policy *p, str id);
const struct print *policy_print(const struct policy *p, str id);
const struct roster *policy_roster(const struct policy *p, str id);
const struct require *policy_require(const struct policy *p, str code);	/* the first of this code */
/*
 * Roles of keepers: the three of the language (pack-language §2) in the order in which they stand
 * side by side, and whatever else a require of the pack asks for; p may be NULL.
 */
#define KEEPER_ROLES 3
extern const char *const keeper_roles[KEEPER_ROLES];
bool policy_keeper_role(const struct policy *p, str role);
const struct node_spec *policy_node(const struct policy *p, str id);
const struct period_spec *policy_period(const struct policy *p, str id);
const struct unit_kind *policy_unit_kind(const struct policy *p, str id);
const struct field *loop_field(const struct loop *lp, str name);
int loop_state(const struct loop *lp, str name);	/* -1 when none */
int loop_step_index(const struct loop *lp, str name);
/* the value itself when unknown */
str choice_label(const struct policy *p, const struct field *f, str value);
/* The place of `what` (a str's ptr, an expr, a who), else `otherwise`. */
struct pos policy_pos(const struct policy *p, const void *what, struct pos otherwise);
/* The strongest basis: of the construct, else of its clauses. */
enum basis policy_basis(const struct policy *p, const struct meta *m);
const char *basis_word(enum basis b);		/* law superior internal none */
const char *basis_say(enum basis b);		/* 法律法规 上级要求 校内制度 建议 */

#endif
