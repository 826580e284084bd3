/*
 * person: people of a tenant and their contact. A person is a current row; name and
 * staff number, and apart from them the phone, are what may have to be erased, so the
 * ledger only commits to them. When a row changes, what it said before moves to
 * past_content under its version: older events still open, and can be erased one by one.
 */
#include "org/org_int.h"

#include <assert.h>

#include "gen/q_person.h"
#include "gen/q_place.h"

#define PHONE_MAX_CHARS 30

static enum err clean_person(struct op *op, const struct new_person *p, struct new_person *ret)
{
	*ret = *p;
	TRY(org_clean(op, "name", p->name, NAME_MAX_CHARS, "请填写姓名。", &ret->name));
	TRY(org_clean(op, "staff_no", p->staff_no, CODE_MAX_CHARS, NULL, &ret->staff_no));
	TRY(org_clean(op, "kind", p->kind, CODE_MAX_CHARS, NULL, &ret->kind));
	TRY(org_clean(op, "phone", p->phone, PHONE_MAX_CHARS, NULL, &ret->phone));
	if (ret->unit.v == 0)
		ret->unit.v = op->tenant.v;
	if (ret->joined_ms == 0)
		ret->joined_ms = op->now_ms;
	return ERR_OK;
}

/* A number stands for one present person: tasks and sign-in rely on it. */
static enum err number_is_free(struct op *op, str staff_no, person_id but)
{
	struct q_persons_numbered *row;
	size_t n;

	TRY(q_persons_numbered(op, op->tenant, staff_no, op->now_ms, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (row[i].id.v != but.v)
			return INVALID(op, STR("staff_no"), "工号 %.*s 已经是别人的了。",
				       STR_ARG(staff_no));
	return ERR_OK;
}

/*
 * Chinese names sort as they are written until a table of readings comes: people look for
 * somebody by typing, and a list in a stable order is enough.
 */
static str sort_key_of(struct op *op, str name)
{
	return utf8_fold(op->arena, name);
}

static enum err keep_past(struct op *op, str subject, person_id id, int64_t version, str body,
			  struct salt salt)
{
	return q_past_content_add(op, &(struct q_past_content_add_in){
		.tenant = op->tenant, .subject = subject, .subject_id = id.v, .version = version,
		.body = body, .salt = salt,
	});
}

static enum err set_contact(struct op *op, person_id id, str phone)
{
	struct q_person_contact_get was = { 0 };
	enum err e = q_person_contact_get(op, op->tenant, id, &was);
	struct salt salt = ledger_salt(op);
	struct facts f = { .n = 0 };

	if (e && e != ERR_NOTFOUND)
		return e;
	if (str_eq(was.phone, phone))
		return ERR_OK;
	if (!e)
		TRY(keep_past(op, STR("contact"), id, was.version,
			      org_contact_content(op, was.phone), was.salt));
	TRY(q_person_contact_put(op, op->tenant, id, phone, was.version + 1, salt));
	fact_i64(op, &f, "version", was.version + 1);
	return org_event_content(op, "contact.set", "person", id.v, &f,
				 org_contact_content(op, phone), salt);
}

enum err org_person_add(struct op *op, const struct new_person *p, person_id *ret_id)
{
	struct facts f = { .n = 0 };
	struct new_person c;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(clean_person(op, p, &c));
	TRY(number_is_free(op, c.staff_no, (person_id){ 0 }));
	person_id id = { org_id(op) };
	struct salt salt = ledger_salt(op);
	TRY(q_person_add(op, &(struct q_person_add_in){
		.tenant = op->tenant, .id = id, .name = c.name, .sort_key = sort_key_of(op, c.name),
		.staff_no = c.staff_no, .person_kind = c.kind, .unit = c.unit,
		.joined_at = c.joined_ms, .salt = salt,
	}));
	fact_i64(op, &f, "version", 1);
	fact_str(&f, "kind", c.kind);
	fact_i64(op, &f, "unit", c.unit.v);
	fact_i64(op, &f, "from", c.joined_ms);
	TRY(org_event_content(op, "person.add", "person", id.v, &f,
			      org_person_content(op, c.name, c.staff_no), salt));
	TRY(set_contact(op, id, c.phone));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

static enum err person_row(struct op *op, person_id id, struct q_person_get *ret)
{
	enum err e = q_person_get(op, op->tenant, id, ret);

	if (e == ERR_NOTFOUND)
		return FAIL(op, ERR_NOTFOUND, "没有这个人。");
	return e;
}

enum err org_person_change(struct op *op, person_id id, int64_t version, const struct new_person *p)
{
	struct q_person_get was;
	struct facts f = { .n = 0 };
	struct new_person c;
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(person_row(op, id, &was));
	TRY(clean_person(op, p, &c));
	TRY(number_is_free(op, c.staff_no, id));
	struct salt salt = ledger_salt(op);
	TRY(q_person_set(op, &(struct q_person_set_in){
		.tenant = op->tenant, .id = id, .version = version, .name = c.name,
		.sort_key = sort_key_of(op, c.name), .staff_no = c.staff_no, .person_kind = c.kind,
		.unit = c.unit, .salt = salt,
	}, &changed));
	if (changed != 1)
		return FAIL(op, ERR_CONFLICT, "这个人的资料刚刚被别人改过，请刷新后再改。");
	TRY(keep_past(op, STR("person"), id, version,
		      org_person_content(op, was.name, was.staff_no), was.salt));
	fact_i64(op, &f, "version", version + 1);
	fact_str(&f, "kind", c.kind);
	fact_i64(op, &f, "unit", c.unit.v);
	TRY(org_event_content(op, "person.change", "person", id.v, &f,
			      org_person_content(op, c.name, c.staff_no), salt));
	TRY(set_contact(op, id, c.phone));
	return tx_leave(&tx);
}

static enum err end_appointments(struct op *op, person_id id, int64_t at_ms)
{
	struct q_appointments_of *row;
	size_t n;

	TRY(q_appointments_of(op, op->tenant, id, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (row[i].valid_to > at_ms)
			TRY(org_appointment_end(op, row[i].id, at_ms));
	return ERR_OK;
}

static enum err end_keepers(struct op *op, person_id id, int64_t at_ms)
{
	struct q_keepers_of_person *row;
	size_t n;

	TRY(q_keepers_of_person(op, op->tenant, id, at_ms, &row, &n));
	for (size_t i = 0; i < n; i++)
		TRY(org_keeper_end(op, row[i].id, at_ms));
	return ERR_OK;
}

enum err org_person_leave(struct op *op, person_id id, int64_t at_ms)
{
	struct q_person_get row;
	struct facts f = { .n = 0 };
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(person_row(op, id, &row));
	if (at_ms <= row.joined_at)
		return INVALID(op, STR("on"), "离开的日子要在来校之后。");
	TRY(q_person_leave(op, op->tenant, id, at_ms, &changed));
	if (changed != 1)
		return FAIL(op, ERR_CONFLICT, "这个人已经离开了。");
	TRY(end_appointments(op, id, at_ms));
	TRY(end_keepers(op, id, at_ms));
	fact_i64(op, &f, "to", at_ms);
	TRY(org_event(op, "person.leave", "person", id.v, &f));
	return tx_leave(&tx);
}
