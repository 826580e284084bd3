/*
 * import_take: writes what the good rows mean, through the services of org, in the one
 * operation that the caller opened. Classes, grades and departments are found however they
 * are spelled, and made when they are not there; so are buildings and floors.
 */
#include "org/import_int.h"

#include <assert.h>

#include "gen/q_person.h"
#include "gen/q_place.h"
#include "gen/q_unit.h"

struct take {
	struct op *op;
	const struct import_look *l;
	int64_t from_ms;
	person_id *person;		/* of each row, once it is made */
	VEC(struct ov_unit) unit;	/* those there, and those made here */
	VEC(struct ov_place) place;
	int next_code, next_unit, position;
	struct import_result r;
};

/* ---- units -------------------------------------------------------------------- */

static enum err make_unit(struct take *t, const char *kind, str code, str name, unit_id parent,
			  int position, unit_id *ret)
{
	TRY(org_unit_add(t->op, &(struct new_unit){
		.kind = str_of(kind), .code = code, .name = name, .parent = parent,
		.position = position, .from_ms = t->from_ms,
	}, ret));
	*VEC_PUSH(t->op->arena, &t->unit) = (struct ov_unit){
		*ret, parent, str_of(kind), code, name, t->from_ms, INSTANT_OPEN,
	};
	t->r.units++;
	return ERR_OK;
}

/* A code that is free: that of a class that was closed is not given again. */
static str free_unit_code(struct take *t, str wanted)
{
	struct q_unit_by_code there;
	str code = wanted;

	for (int i = 2; q_unit_by_code(t->op, t->op->tenant, code,
			&there) == ERR_OK && i < 1000; i++)
		code = str_fmt(t->op->arena, "%.*s-%d", STR_ARG(wanted), i);
	return code;
}

static enum err class_unit(struct take *t, struct class_no c, unit_id *ret)
{
	struct arena *a = t->op->arena;
	unit_id parent = { 0 };
	struct class_no is;

	for (size_t i = 0; i < t->unit.n; i++)
		if (class_no_is(a, t->unit.at[i].name, &is) && is.grade == c.grade &&
				is.no == c.no) {
			*ret = t->unit.at[i].id;
			return ERR_OK;
		}
	if (c.no && c.grade <= 12)
		TRY(class_unit(t, (struct class_no){ c.grade, 0 }, &parent));
	return make_unit(t, c.no ? "class" : "grade", free_unit_code(t, class_no_code(a, c)),
			 class_no_name(a, c), parent, c.grade * 100 + c.no, ret);
}

static enum err department_unit(struct take *t, str name, unit_id *ret)
{
	for (size_t i = 0; i < t->unit.n; i++)
		if (str_eq(t->unit.at[i].name, name)) {
			*ret = t->unit.at[i].id;
			return ERR_OK;
		}
	str code = free_unit_code(t, str_fmt(t->op->arena, "d%02d", ++t->next_unit));
	return make_unit(t, "department", code, name, (unit_id){ 0 }, t->next_unit, ret);
}

/* ---- people ------------------------------------------------------------------- */

/* What was empty is filled; what is there stays. */
static enum err fill_in(struct take *t, person_id id, const struct plan_row *p)
{
	struct q_person_get was;
	struct q_person_contact_get contact = { .phone = STR("") };

	TRY(q_person_get(t->op, t->op->tenant, id, &was));
	enum err e = q_person_contact_get(t->op, t->op->tenant, id, &contact);
	if (e && e != ERR_NOTFOUND)
		return e;
	bool number = p->staff_no.len && was.staff_no.len == 0;
	bool phone = p->phone.len && contact.phone.len == 0;
	bool kind = p->kind.len && was.person_kind.len == 0;
	if (!number && !phone && !kind)
		return ERR_OK;
	return org_person_change(t->op, id, was.version, &(struct new_person){
		was.name, number ? p->staff_no : was.staff_no, kind ? p->kind : was.person_kind,
		phone ? p->phone : contact.phone, was.unit_id, was.joined_at,
	});
}

static enum err take_person(struct take *t, const struct plan_row *p, person_id *ret)
{
	unit_id unit = { 0 };

	if (p->same_as && t->person[p->same_as - 1].v)
		*ret = t->person[p->same_as - 1];
	else
		*ret = p->person;
	if (ret->v)
		return fill_in(t, *ret, p);
	if (p->department.len)
		TRY(department_unit(t, p->department, &unit));
	else if (p->class.n && p->class.at[p->class.n - 1].no == 0)
		TRY(class_unit(t, p->class.at[p->class.n - 1], &unit));
	t->r.people++;
	return org_person_add(t->op, &(struct new_person){
		p->name, p->staff_no, p->kind, p->phone, unit,
		p->joined_ms ? p->joined_ms : t->from_ms,
	}, ret);
}

static enum err take_post(struct take *t, person_id person, int64_t from_ms,
		const struct plan_post *p)
{
	struct q_appointments_of *row;
	unit_id unit = { t->op->tenant.v };
	appointment_id id;
	size_t n;

	if (p->at.grade)
		TRY(class_unit(t, p->at, &unit));
	TRY(q_appointments_of(t->op, t->op->tenant, person, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(row[i].post, p->post->id) && row[i].unit_id.v == unit.v &&
		    row[i].valid_to > from_ms)
			return ERR_OK;	/* he holds it */
	t->r.appointments++;
	return org_appoint(t->op, &(struct new_appointment){ person, p->post->id, unit, from_ms,
			0 }, &id);
}

static enum err take_people_row(struct take *t, size_t row)
{
	const struct plan_row *p = &t->l->plan[row];
	int64_t from = t->from_ms;

	TRY(take_person(t, p, &t->person[row]));
	if (p->joined_ms > from)
		from = p->joined_ms;
	for (size_t i = 0; i < p->post.n; i++)
		TRY(take_post(t, t->person[row], from, &p->post.at[i]));
	return ERR_OK;
}

/* ---- places ------------------------------------------------------------------- */

static str free_place_code(struct take *t)
{
	struct q_place_by_code there;
	str code;

	do
		code = str_fmt(t->op->arena, "P%03d", ++t->next_code);
	while (q_place_by_code(t->op, t->op->tenant, code, &there) == ERR_OK &&
			t->next_code < 100000);
	return code;
}

static enum err make_place(struct take *t, const struct new_place *p, place_id *ret)
{
	TRY(org_place_add(t->op, p, ret));
	*VEC_PUSH(t->op->arena, &t->place) = (struct ov_place){
		*ret, p->parent, p->unit, p->kind, p->code, p->name, p->risk, p->from_ms,
		INSTANT_OPEN,
	};
	t->r.places++;
	return ERR_OK;
}

/* A building, or a floor in it. */
static enum err place_above(struct take *t, const char *kind, str name, place_id parent,
		place_id *ret)
{
	for (size_t i = 0; i < t->place.n; i++)
		if (str_eq(t->place.at[i].name, name) && t->place.at[i].parent.v == parent.v) {
			*ret = t->place.at[i].id;
			return ERR_OK;
		}
	return make_place(t, &(struct new_place){ .kind = str_of(kind), .code = free_place_code(t),
			  .name = name, .parent = parent, .position = ++t->position,
			  .from_ms = t->from_ms }, ret);
}

static enum err take_place(struct take *t, const struct plan_row *p, place_id *ret)
{
	place_id parent = { 0 };
	unit_id unit = { 0 };

	*ret = p->place;
	if (ret->v)
		return ERR_OK;
	if (p->building.len)
		TRY(place_above(t, "building", p->building, parent, &parent));
	if (p->floor.len)
		TRY(place_above(t, "floor", p->floor, parent, &parent));
	if (p->class.n)
		TRY(class_unit(t, p->class.at[0], &unit));
	return make_place(t, &(struct new_place){
		.kind = p->kind, .code = p->code.len ? p->code : free_place_code(t),
		.name = p->name, .risk = p->risk, .parent = parent, .unit = unit,
		.position = ++t->position, .from_ms = t->from_ms,
	}, ret);
}

static enum err take_place_row(struct take *t, size_t row)
{
	const struct plan_row *p = &t->l->plan[row];
	place_id place;
	keeper_id id;

	TRY(take_place(t, p, &place));
	for (size_t i = 0; i < p->keeper.n; i++) {
		TRY(org_keeper_set(t->op, &(struct new_keeper){ place, p->keeper.at[i].person,
				   p->keeper.at[i].role, t->from_ms, 0 }, &id));
		t->r.keepers++;
	}
	return ERR_OK;
}

/* ---- all ---------------------------------------------------------------------- */

static void copy_there(struct take *t)
{
	const struct org_view *v = &t->l->org;

	for (size_t i = 0; i < v->unit_n; i++)
		*VEC_PUSH(t->op->arena, &t->unit) = v->unit_at[i];
	for (size_t i = 0; i < v->place_n; i++)
		*VEC_PUSH(t->op->arena, &t->place) = v->place[i];
	t->position = (int)v->place_n;
}

enum err import_take(struct op *op, const struct import_look *l, int64_t from_ms,
		     struct import_result *ret)
{
	struct take t = { .op = op, .l = l, .from_ms = from_ms };
	bool people = str_eq(l->kind, STR("people"));

	assert(op->tx_depth == 1);
	t.person = NEW_N(op->arena, l->body->row.n, person_id);
	copy_there(&t);
	for (size_t r = 0; r < l->body->row.n; r++) {
		if (l->body->row.at[r].skip || import_row_bad(l, r))
			continue;
		t.r.rows++;
		TRY(people ? take_people_row(&t, r) : take_place_row(&t, r));
	}
	*ret = t.r;
	return ERR_OK;
}
