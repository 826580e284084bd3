/*
 * resolve: what people and other systems write for a thing: its public id, its code, a
 * staff number, a sign-in name, or its name where that is unique among those present.
 * Only rows of the tenant are found: a public id of another one is nothing.
 */
#include "org/org_int.h"

#include "base/pubid.h"
#include "gen/q_account.h"
#include "gen/q_person.h"
#include "gen/q_place.h"
#include "gen/q_unit.h"
#include "org/class_no.h"

static int64_t only_one(int64_t first, size_t n, bool *ret_many)
{
	*ret_many = n > 1;
	return n == 1 ? first : 0;
}

static int64_t person_by_login(struct op *op, tenant_id tenant, str text)
{
	struct q_login_get login;
	struct q_account_get account;

	if (q_login_get(op, utf8_fold(op->arena, text), &login) || login.tenant_id.v != tenant.v)
		return 0;
	if (q_account_get(op, tenant, login.account_id, &account))
		return 0;
	return account.person_id.v;
}

static int64_t resolve_person(struct op *op, tenant_id tenant, str text, bool *ret_many)
{
	struct q_persons_named *named;
	struct q_persons_numbered *numbered;
	size_t n;
	int64_t id = person_by_login(op, tenant, text);

	if (id)
		return id;
	if (q_persons_numbered(op, tenant, text, op->now_ms, &numbered, &n) == ERR_OK && n > 0)
		return only_one(numbered[0].id.v, n, ret_many);
	if (q_persons_named(op, tenant, text, op->now_ms, &named, &n) == ERR_OK && n > 0)
		return only_one(named[0].id.v, n, ret_many);
	return 0;
}

/* Names of places are few and not indexed: the places of a school are read through once. */
static int64_t resolve_place(struct op *op, tenant_id tenant, str text, bool *ret_many)
{
	struct q_place_by_code coded;
	struct q_places_between *row;
	struct q_places_between_in in = {
		tenant, { 0 }, op->now_ms, op->now_ms + 1, INSTANT_OPEN - 1, ORG_PAGE,
	};
	size_t n, found = 0;
	int64_t id = 0;

	if (q_place_by_code(op, tenant, text, &coded) == ERR_OK)
		return coded.id.v;
	do {
		if (q_places_between(op, &in, &row, &n))
			return 0;
		for (size_t i = 0; i < n; i++) {
			in.after = row[i].id;
			if (str_eq(row[i].name, text) && found++ == 0)
				id = row[i].id.v;
		}
	} while (n == ORG_PAGE && found < 2);
	return only_one(id, found, ret_many);
}

/* 三(2)班, 三年级2班 and 302班 are the same class, however it is entered. */
static int64_t resolve_class(struct op *op, tenant_id tenant, str text)
{
	struct q_units_of *row;
	struct class_no asked, is;
	unit_id after = { 0 };
	size_t n;

	if (!class_no_is(op->arena, text, &asked))
		return 0;
	do {
		if (q_units_of(op, tenant, after, op->now_ms, op->now_ms + 1, ORG_PAGE, &row, &n))
			return 0;
		for (size_t i = 0; i < n; i++) {
			after = row[i].id;
			if (class_no_is(op->arena, row[i].name, &is) && is.grade == asked.grade &&
			    is.no == asked.no)
				return row[i].id.v;
		}
	} while (n == ORG_PAGE);
	return 0;
}

static int64_t resolve_unit(struct op *op, tenant_id tenant, str text, bool *ret_many)
{
	struct q_unit_by_code coded;
	struct q_units_named *named;
	size_t n;

	if (q_unit_by_code(op, tenant, text, &coded) == ERR_OK)
		return coded.id.v;
	if (q_units_named(op, tenant, text, op->now_ms, &named, &n) || n == 0)
		return resolve_class(op, tenant, text);
	return only_one(named[0].id.v, n, ret_many);
}

/* The row of a public id exists in the tenant, and is of that kind. */
static int64_t resolve_pubid(struct op *op, tenant_id tenant, enum ref_kind kind, int64_t id)
{
	struct q_person_get person;
	struct q_place_get place;
	struct q_unit_get unit;
	struct q_appointment_get appointment;
	enum err e = ERR_NOTFOUND;

	switch (kind) {
	case REF_PERSON: e = q_person_get(op, tenant, (person_id){ id }, &person); break;
	case REF_PLACE: e = q_place_get(op, tenant, (place_id){ id }, &place); break;
	case REF_UNIT: e = q_unit_get(op, tenant, (unit_id){ id }, &unit); break;
	case REF_APPOINTMENT:
		e = q_appointment_get(op, tenant, (appointment_id){ id }, &appointment);
		break;
	case REF_RECORD:
	case REF_FILE: break;	/* not org's */
	}
	return e == ERR_OK ? id : 0;
}

int64_t org_resolve(struct op *op, tenant_id tenant, enum ref_kind kind, str text, bool *ret_many)
{
	tenant_id owner;
	int64_t id;
	bool many = false;

	text = str_trim(text);
	if (pubid_read(text, &owner, &id)) {
		id = owner.v == tenant.v ? resolve_pubid(op, tenant, kind, id) : 0;
	} else if (kind == REF_PERSON) {
		id = resolve_person(op, tenant, text, &many);
	} else if (kind == REF_PLACE) {
		id = resolve_place(op, tenant, text, &many);
	} else {
		id = kind == REF_UNIT ? resolve_unit(op, tenant, text, &many) : 0;
	}
	if (ret_many)
		*ret_many = many;
	return id;
}
