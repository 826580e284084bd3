/*
 * org_view: how the rules see the organisation: plain arrays as of a moment, for one
 * tenant, filled by org/view.c (or a test). Rows carry their valid times, so that
 * expand can walk a year; functions that take a moment look only at rows valid then.
 * Known time is applied by who fills the view. Nothing here points into a database.
 */
#ifndef RULES_ORG_VIEW_H
#define RULES_ORG_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/ids.h"
#include "base/str.h"

struct ov_person {
	person_id id;
	str name, kind;		/* staff | hired | outsourced */
	int64_t from_ms, to_ms;	/* belongs to the tenant */
	bool has_account;
};
struct ov_unit { unit_id id; unit_id parent; str kind, code, name; int64_t from_ms, to_ms; };
struct ov_place {
	place_id id; place_id parent; unit_id unit;
	str kind, code, name, risk;
	int64_t from_ms, to_ms;
};
struct ov_appointment {
	appointment_id id; person_id person; str post; unit_id unit;
	int64_t from_ms, to_ms;
	int64_t recorded_ms;	/* when it was entered (born late: pack-language §4 Triggers) */
};
struct ov_keeper {
	keeper_id id;
	place_id place;
	person_id person;
	str role;
	int64_t from_ms, to_ms, recorded_ms;
};
struct ov_absence { person_id person, stand_in; int64_t from_ms, to_ms; };

struct org_view {
	tenant_id tenant;
	unit_id unit;			/* the tenant's own unit */
	const struct ov_person *person; size_t person_n;	/* by id */
	const struct ov_unit *unit_at;
	size_t unit_n; /* by id; the tenant's unit among them */
	const struct ov_place *place; size_t place_n;		/* by id */
	const struct ov_appointment *appointment; size_t appointment_n;	/* by person, from */
	const struct ov_keeper *keeper; size_t keeper_n;	/* by place, role, from */
	const struct ov_absence *absence; size_t absence_n;	/* by person, from */
};

const struct ov_person *ov_person(const struct org_view *v, person_id id); /* NULL when unknown */
const struct ov_unit *ov_unit(const struct org_view *v, unit_id id);
const struct ov_place *ov_place(const struct org_view *v, place_id id);
/* How many appointments a person has, whenever; *ret_first: the index of the first. */
size_t ov_appointments(const struct org_view *v, person_id p, size_t *ret_first);
/* *ret_stand_in is touched only when the absence names one. */
bool ov_absent(const struct org_view *v, person_id p, int64_t at_ms, person_id *ret_stand_in);
/* The first moment after `after_ms` at which a row begins or ends; INSTANT_OPEN when none does. */
int64_t ov_next_edge(const struct org_view *v, int64_t after_ms);

#endif
