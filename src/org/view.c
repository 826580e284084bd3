/*
 * view: the organisation as plain arrays for the rules (rules/org_view.h). Valid time
 * stays in the rows; known time is applied here: `known` now is one before the open end,
 * so that a row retracted never is in force and one not retracted always is. Rows of one
 * appointment or keeper appear under the id of the first of them (post.c).
 */
#include "org/org_int.h"

#include <stdlib.h>

#include "gen/q_person.h"
#include "gen/q_place.h"
#include "gen/q_unit.h"

struct span { tenant_id tenant; int64_t from, to, known; };

static enum err load_persons(struct op *op, const struct span *s, struct org_view *v)
{
	VEC(struct ov_person) all = { 0 };
	struct q_persons_between *row;
	person_id after = { 0 };
	size_t n;

	do {
		TRY(q_persons_between(op, s->tenant, after, s->from, s->to, ORG_PAGE, &row, &n));
		for (size_t i = 0; i < n; i++)
			*VEC_PUSH(op->arena, &all) = (struct ov_person){
				row[i].id, row[i].name, row[i].person_kind, row[i].joined_at,
				row[i].left_at, row[i].has_account,
			};
		if (n)
			after = row[n - 1].id;
	} while (n == ORG_PAGE);
	v->person = all.at;
	v->person_n = all.n;
	return ERR_OK;
}

static enum err load_units(struct op *op, const struct span *s, struct org_view *v)
{
	VEC(struct ov_unit) all = { 0 };
	struct q_units_of *row;
	unit_id after = { 0 };
	size_t n;

	do {
		TRY(q_units_of(op, s->tenant, after, s->from, s->to, ORG_PAGE, &row, &n));
		for (size_t i = 0; i < n; i++)
			*VEC_PUSH(op->arena, &all) = (struct ov_unit){
				row[i].id, row[i].parent_id, row[i].kind, row[i].code, row[i].name,
				row[i].valid_from, row[i].valid_to,
			};
		if (n)
			after = row[n - 1].id;
	} while (n == ORG_PAGE);
	v->unit_at = all.at;
	v->unit_n = all.n;
	return ERR_OK;
}

static enum err load_places(struct op *op, const struct span *s, struct org_view *v)
{
	VEC(struct ov_place) all = { 0 };
	struct q_places_between *row;
	place_id after = { 0 };
	size_t n;

	do {
		TRY(q_places_between(op, &(struct q_places_between_in){
			s->tenant, after, s->from, s->to, s->known, ORG_PAGE,
		}, &row, &n));
		for (size_t i = 0; i < n; i++)
			*VEC_PUSH(op->arena, &all) = (struct ov_place){
				row[i].id, row[i].parent_id, row[i].unit_id, row[i].kind,
				row[i].code, row[i].name, row[i].risk, row[i].opened_at,
				row[i].closed_at,
			};
		if (n)
			after = row[n - 1].id;
	} while (n == ORG_PAGE);
	v->place = all.at;
	v->place_n = all.n;
	return ERR_OK;
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_person(const void *x, const void *y)
{
	const struct ov_appointment *a = x, *b = y;
	int c = order(a->person.v, b->person.v);

	if (c == 0)
		c = order(a->from_ms, b->from_ms);
	return c ? c : order(a->id.v, b->id.v);
}

static enum err load_appointments(struct op *op, const struct span *s, struct org_view *v)
{
	VEC(struct ov_appointment) all = { 0 };
	struct q_appointments_between *row;
	appointment_id after = { 0 };
	size_t n;

	do {
		TRY(q_appointments_between(op, &(struct q_appointments_between_in){
			s->tenant, after, s->from, s->to, s->known, ORG_PAGE,
		}, &row, &n));
		for (size_t i = 0; i < n; i++)
			*VEC_PUSH(op->arena, &all) = (struct ov_appointment){
				row[i].replaces.v ? row[i].replaces : row[i].id, row[i].person_id,
				row[i].post, row[i].unit_id, row[i].valid_from, row[i].valid_to,
				row[i].recorded_at,
			};
		if (n)
			after = row[n - 1].id;
	} while (n == ORG_PAGE);
	if (all.n)
		qsort(all.at, all.n, sizeof(*all.at), by_person);
	v->appointment = all.at;
	v->appointment_n = all.n;
	return ERR_OK;
}

static int by_place(const void *x, const void *y)
{
	const struct ov_keeper *a = x, *b = y;
	int c = order(a->place.v, b->place.v);

	if (c == 0)
		c = str_cmp(a->role, b->role);
	if (c == 0)
		c = order(a->from_ms, b->from_ms);
	return c ? c : order(a->id.v, b->id.v);
}

static enum err load_keepers(struct op *op, const struct span *s, struct org_view *v)
{
	VEC(struct ov_keeper) all = { 0 };
	struct q_keepers_between *row;
	keeper_id after = { 0 };
	size_t n;

	do {
		TRY(q_keepers_between(op, &(struct q_keepers_between_in){
			s->tenant, after, s->from, s->to, s->known, ORG_PAGE,
		}, &row, &n));
		for (size_t i = 0; i < n; i++)
			*VEC_PUSH(op->arena, &all) = (struct ov_keeper){
				row[i].replaces.v ? row[i].replaces : row[i].id, row[i].place_id,
				row[i].person_id, row[i].role, row[i].valid_from, row[i].valid_to,
				row[i].recorded_at,
			};
		if (n)
			after = row[n - 1].id;
	} while (n == ORG_PAGE);
	if (all.n)
		qsort(all.at, all.n, sizeof(*all.at), by_place);
	v->keeper = all.at;
	v->keeper_n = all.n;
	return ERR_OK;
}

static int by_absent(const void *x, const void *y)
{
	const struct ov_absence *a = x, *b = y;
	int c = order(a->person.v, b->person.v);

	if (c == 0)
		c = order(a->from_ms, b->from_ms);
	return c ? c : order(a->to_ms, b->to_ms);
}

static enum err load_absences(struct op *op, const struct span *s, struct org_view *v)
{
	VEC(struct ov_absence) all = { 0 };
	struct q_absences_between *row;
	int64_t after = 0;
	size_t n;

	do {
		TRY(q_absences_between(op, &(struct q_absences_between_in){
			s->tenant, after, s->from, s->to, s->known, ORG_PAGE,
		}, &row, &n));
		for (size_t i = 0; i < n; i++)
			*VEC_PUSH(op->arena, &all) = (struct ov_absence){
				row[i].person_id, row[i].stand_in, row[i].valid_from,
				row[i].valid_to,
			};
		if (n)
			after = row[n - 1].id;
	} while (n == ORG_PAGE);
	if (all.n)
		qsort(all.at, all.n, sizeof(*all.at), by_absent);
	v->absence = all.at;
	v->absence_n = all.n;
	return ERR_OK;
}

enum err org_view_load(struct op *op, tenant_id tenant, int64_t from_ms, int64_t to_ms,
		       int64_t known_ms, struct org_view *ret_v)
{
	struct org_view v = { .tenant = tenant, .unit = { tenant.v } };
	struct span s = { tenant, from_ms, to_ms,
			  known_ms == INSTANT_OPEN ? INSTANT_OPEN - 1 : known_ms };

	TRY(load_persons(op, &s, &v));
	TRY(load_units(op, &s, &v));
	TRY(load_places(op, &s, &v));
	TRY(load_appointments(op, &s, &v));
	TRY(load_keepers(op, &s, &v));
	TRY(load_absences(op, &s, &v));
	*ret_v = v;
	return ERR_OK;
}
