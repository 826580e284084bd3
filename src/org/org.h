/*
 * org: people, units, posts, places, keepers, absences, calendar and adoptions of one
 * tenant, with valid and known time where accountability needs both. Rows with four
 * times are never updated but to be retracted; a change is a retraction and new rows.
 * Every write appends its ledger event and raises tenant_version, in the operation's
 * transaction: the caller's TX_SCOPE, or its own when none is open (tx_join). Ids of
 * appointments, keepers and absences are those of their first row: they stay when the end
 * changes. What a change means for open work is
 * not known here: doors call work/orgchange.h, which calls this and then refreshes.
 */
#ifndef ORG_ORG_H
#define ORG_ORG_H

#include "base/date.h"
#include "base/op.h"
#include "rules/calendar.h"
#include "rules/expand.h"
#include "rules/coverage.h"
#include "rules/org_view.h"

/* --- reading --- */
/*
 * The organisation as known at `known_ms` (INT64_MAX: now), with every row valid at any
 * time in [from_ms, to_ms). Arrays sorted as org_view.h says. In op->arena.
 */
MUST_CHECK enum err org_view_load(struct op *op, tenant_id tenant, int64_t from_ms, int64_t to_ms,
				  int64_t known_ms, struct org_view *ret_v);
MUST_CHECK enum err org_calendar_load(struct op *op, tenant_id tenant, struct calendar *ret_c);
MUST_CHECK enum err org_waivers_load(struct op *op, tenant_id tenant, struct waiver **ret,
		size_t *ret_n);
/* tenant_version.n */
MUST_CHECK enum err org_version(struct op *op, tenant_id tenant, int64_t *ret_n);

/* --- units --- */
struct new_unit { str kind, code, name; unit_id parent; int32_t position; int64_t from_ms; };
/*
 * A tenant of its own (school, bureau): tenant = its own id. With op->tenant 0 an id is
 * made and becomes op->tenant; inside a scope that the caller opened, op->tenant is the id
 * that he chose. The code is unique in the instance.
 */
MUST_CHECK enum err org_tenant_add(struct op *op, const struct new_unit *u, unit_id *ret_id);
MUST_CHECK enum err org_unit_add(struct op *op, const struct new_unit *u, unit_id *ret_id);
MUST_CHECK enum err org_unit_rename(struct op *op, unit_id id, str name);

/* --- people --- */
struct new_person { str name, staff_no, kind, phone; unit_id unit; int64_t joined_ms; };
MUST_CHECK enum err org_person_add(struct op *op, const struct new_person *p, person_id *ret_id);
MUST_CHECK enum err org_person_change(struct op *op, person_id id, int64_t version,
		const struct new_person *p);
/* ends appointments and keepers too; not the account (auth) */
MUST_CHECK enum err org_person_leave(struct op *op, person_id id, int64_t at_ms);

struct new_appointment { person_id person; str post; unit_id unit; int64_t from_ms, to_ms; };
MUST_CHECK enum err org_appoint(struct op *op, const struct new_appointment *a,
		appointment_id *ret_id);
MUST_CHECK enum err org_appointment_end(struct op *op, appointment_id id, int64_t at_ms);

/* --- places --- */
struct new_place {
	str kind, code, name, risk;
	place_id parent;
	unit_id unit;
	int32_t position;
	int64_t from_ms;
};
MUST_CHECK enum err org_place_add(struct op *op, const struct new_place *p, place_id *ret_id);
MUST_CHECK enum err org_place_change(struct op *op, place_id id, int64_t version,
		const struct new_place *p);
MUST_CHECK enum err org_place_close(struct op *op, place_id id, int64_t at_ms);
struct new_keeper { place_id place; person_id person; str role; int64_t from_ms, to_ms; };
/*
 * Ends the present keeper of the role at from_ms, if there is one; a planned one that begins
 * in [from, to) gives way.
 */
MUST_CHECK enum err org_keeper_set(struct op *op, const struct new_keeper *k, keeper_id *ret_id);
MUST_CHECK enum err org_keeper_end(struct op *op, keeper_id id, int64_t at_ms);

struct new_absence { person_id person, stand_in; int64_t from_ms, to_ms; };
MUST_CHECK enum err org_absence_add(struct op *op, const struct new_absence *a, int64_t *ret_id);
MUST_CHECK enum err org_absence_end(struct op *op, int64_t id, int64_t at_ms);

/* --- calendar, policy, waivers --- */
MUST_CHECK enum err org_holidays_load(struct op *op, int year, const struct cal_day *day, size_t n,
		const str *name, str source);
/*
 * A table as in packs/calendar-cn: for the shipped years, and for one that an
 * administrator brings.
 */
MUST_CHECK enum err org_holidays_read(struct op *op, str yaml, int *ret_year,
		struct cal_day **ret_day, str **ret_name, size_t *ret_n, str *ret_source);
MUST_CHECK enum err org_holidays_ship(struct op *op);	/* those that ship and are not known yet */
MUST_CHECK enum err org_term_set(struct op *op, int32_t school_year, int32_t no, day_no start,
		day_no end);
MUST_CHECK enum err org_school_day_set(struct op *op, day_no day, bool teaches, str name);
/* node | period */
MUST_CHECK enum err org_mark_set(struct op *op, str kind, str name, day_no from, day_no to,
		int64_t record);
MUST_CHECK enum err org_mark_end(struct op *op, str kind, str name, day_no to);
MUST_CHECK enum err org_adopt(struct op *op, str pack, str version, int64_t from_ms,
		int64_t *ret_id);
MUST_CHECK enum err org_parameter_set(struct op *op, str name, str yaml, int64_t from_ms,
		int64_t record);
/* kind: alias | off | entry; an empty value takes the choice back. */
MUST_CHECK enum err org_choice_set(struct op *op, str kind, str subject, str value,
		int64_t from_ms);
struct new_waiver {
	str code, subject, reason;
	day_no from, to;
	person_id person;
	str person_name, post;
};
MUST_CHECK enum err org_waive(struct op *op, const struct new_waiver *w, int64_t *ret_id);

/* --- names --- */
/*
 * A public id, a code, a staff number, a login, or a name that is unique among present ones. 0:
 * none; *ret_many: several.
 */
int64_t org_resolve(struct op *op, tenant_id tenant, enum ref_kind kind, str text, bool *ret_many);

/* For ledger_verify(): opens what org committed to. */
struct ledger_opener;
size_t org_openers(struct op *op, struct ledger_opener **ret);

#endif
