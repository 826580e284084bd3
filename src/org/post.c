/*
 * post: appointments and absences: rows with four times (sql-rules 30). Such a row is
 * never changed but to be retracted once; an end is a retraction and a new row with the
 * earlier end, so that "who was responsible, as known at K" stays answerable. All rows
 * of one appointment carry the id of its first row in `replaces`: that id is the one that
 * everybody else keeps (hats, triggers), and it does not change when the end does.
 */
#include "org/org_int.h"

#include "gen/q_person.h"
#include "gen/q_unit.h"

/* The person belongs to the tenant at some time of [from, to). */
static enum err person_there(struct op *op, const char *field, person_id id, int64_t from_ms,
			     int64_t to_ms)
{
	struct q_person_get row;
	enum err e = q_person_get(op, op->tenant, id, &row);

	if (e == ERR_NOTFOUND)
		return INVALID(op, str_of(field), "没有这个人。");
	if (e)
		return e;
	if (row.left_at <= from_ms || row.joined_at >= to_ms)
		return INVALID(op, str_of(field), "%.*s这段时间不在本单位。", STR_ARG(row.name));
	return ERR_OK;
}

/* ---- appointments ------------------------------------------------------------- */

static enum err insert_appointment(struct op *op, appointment_id id, appointment_id first,
				   const struct new_appointment *a)
{
	return q_appointment_add(op, &(struct q_appointment_add_in){
		.tenant = op->tenant, .id = id, .person = a->person, .post = a->post,
		.unit = a->unit, .valid_from = a->from_ms, .valid_to = a->to_ms,
		.recorded_at = op->now_ms, .replaces = first,
	});
}

static enum err not_yet_held(struct op *op, const struct new_appointment *a)
{
	struct q_appointments_of *row;
	size_t n;

	TRY(q_appointments_of(op, op->tenant, a->person, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(row[i].post, a->post) && row[i].unit_id.v == a->unit.v &&
		    row[i].valid_from < a->to_ms && row[i].valid_to > a->from_ms)
			return FAIL(op, ERR_CONFLICT, "这个人这段时间已经担任这个岗位。");
	return ERR_OK;
}

enum err org_appoint(struct op *op, const struct new_appointment *given, appointment_id *ret_id)
{
	struct new_appointment a = *given;
	struct facts f = { .n = 0 };
	struct q_unit_get unit;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "post", a.post, CODE_MAX_CHARS, "请选择岗位。", &a.post));
	TRY(org_span(op, a.from_ms, &a.to_ms));
	if (a.unit.v == 0)
		a.unit.v = op->tenant.v;
	if (q_unit_get(op, op->tenant, a.unit, &unit))
		return INVALID(op, STR("unit"), "没有这个班级或部门。");
	TRY(person_there(op, "person", a.person, a.from_ms, a.to_ms));
	TRY(not_yet_held(op, &a));
	appointment_id id = { org_id(op) };
	TRY(insert_appointment(op, id, (appointment_id){ 0 }, &a));
	fact_i64(op, &f, "person", a.person.v);
	fact_str(&f, "post", a.post);
	fact_i64(op, &f, "unit", a.unit.v);
	fact_span(op, &f, a.from_ms, a.to_ms);
	TRY(org_event(op, "appointment.add", "appointment", id.v, &f));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

/* The row of an appointment as known now, by the id of any of its rows. */
static enum err live_appointment(struct op *op, appointment_id id, person_id *ret_person,
				 struct q_appointments_of *ret)
{
	struct q_appointment_get any;
	struct q_appointments_of *row;
	size_t n;
	enum err e = q_appointment_get(op, op->tenant, id, &any);

	if (e == ERR_NOTFOUND)
		return FAIL(op, ERR_NOTFOUND, "没有这项任职。");
	if (e)
		return e;
	int64_t first = any.replaces.v ? any.replaces.v : id.v;
	TRY(q_appointments_of(op, op->tenant, any.person_id, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (row[i].id.v == first || row[i].replaces.v == first) {
			*ret_person = any.person_id;
			*ret = row[i];
			return ERR_OK;
		}
	return FAIL(op, ERR_NOTFOUND, "这项任职已经撤销。");
}

enum err org_appointment_end(struct op *op, appointment_id id, int64_t at_ms)
{
	struct q_appointments_of was = { 0 };	/* gcc does not see that it is filled */
	struct facts f = { .n = 0 };
	person_id person = { 0 };
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(live_appointment(op, id, &person, &was));
	if (at_ms >= was.valid_to)
		return FAIL(op, ERR_CONFLICT, "这项任职在那之前已经结束。");
	appointment_id first = was.replaces.v ? was.replaces : was.id;
	TRY(q_appointment_retract(op, op->tenant, was.id, op->now_ms, &changed));
	if (at_ms > was.valid_from)	/* else it never came to be */
		TRY(insert_appointment(op, (appointment_id){ org_id(op) }, first,
				       &(struct new_appointment){ person, was.post, was.unit_id,
								  was.valid_from, at_ms }));
	fact_i64(op, &f, "person", person.v);
	fact_str(&f, "post", was.post);
	fact_span(op, &f, was.valid_from, at_ms);
	TRY(org_event(op, "appointment.end", "appointment", first.v, &f));
	return tx_leave(&tx);
}

/* ---- absences ----------------------------------------------------------------- */

static enum err insert_absence(struct op *op, int64_t id, int64_t first,
		const struct new_absence *a)
{
	return q_absence_add(op, &(struct q_absence_add_in){
		.tenant = op->tenant, .id = id, .person = a->person, .stand_in = a->stand_in,
		.valid_from = a->from_ms, .valid_to = a->to_ms, .recorded_at = op->now_ms,
		.replaces = first,
	});
}

enum err org_absence_add(struct op *op, const struct new_absence *given, int64_t *ret_id)
{
	struct new_absence a = *given;
	struct facts f = { .n = 0 };
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_span(op, a.from_ms, &a.to_ms));
	TRY(person_there(op, "person", a.person, a.from_ms, a.to_ms));
	if (a.stand_in.v == a.person.v)
		return INVALID(op, STR("stand_in"), "代班的要是另一个人。");
	if (a.stand_in.v)
		TRY(person_there(op, "stand_in", a.stand_in, a.from_ms, a.to_ms));
	int64_t id = org_id(op);
	TRY(insert_absence(op, id, 0, &a));
	fact_i64(op, &f, "person", a.person.v);
	if (a.stand_in.v)
		fact_i64(op, &f, "stand-in", a.stand_in.v);
	fact_span(op, &f, a.from_ms, a.to_ms);
	TRY(org_event(op, "absence.add", "absence", id, &f));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

static enum err live_absence(struct op *op, int64_t id, person_id *ret_person,
			     struct q_absences_of *ret)
{
	struct q_absence_get any;
	struct q_absences_of *row;
	size_t n;
	enum err e = q_absence_get(op, op->tenant, id, &any);

	if (e == ERR_NOTFOUND)
		return FAIL(op, ERR_NOTFOUND, "没有这条请假。");
	if (e)
		return e;
	int64_t first = any.replaces ? any.replaces : id;
	TRY(q_absences_of(op, op->tenant, any.person_id, &row, &n));
	for (size_t i = 0; i < n; i++)
		if (row[i].id == first || row[i].replaces == first) {
			*ret_person = any.person_id;
			*ret = row[i];
			return ERR_OK;
		}
	return FAIL(op, ERR_NOTFOUND, "这条请假已经撤销。");
}

enum err org_absence_end(struct op *op, int64_t id, int64_t at_ms)
{
	struct q_absences_of was = { 0 };
	struct facts f = { .n = 0 };
	person_id person = { 0 };
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(live_absence(op, id, &person, &was));
	if (at_ms >= was.valid_to)
		return FAIL(op, ERR_CONFLICT, "这条请假在那之前已经结束。");
	int64_t first = was.replaces ? was.replaces : was.id;
	TRY(q_absence_retract(op, op->tenant, was.id, op->now_ms, &changed));
	if (at_ms > was.valid_from)
		TRY(insert_absence(op, org_id(op), first,
				   &(struct new_absence){ person, was.stand_in, was.valid_from,
						at_ms }));
	fact_i64(op, &f, "person", person.v);
	fact_span(op, &f, was.valid_from, at_ms);
	TRY(org_event(op, "absence.end", "absence", first, &f));
	return tx_leave(&tx);
}
