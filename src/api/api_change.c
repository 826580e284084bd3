/*
 * api_change: changes of the organisation with valid dates. A date that ends something holds
 * through that day (24:00); one that begins something begins it at 0:00.
 */
#include "api/api_int.h"

/* Makes something with an id of its own. */
static enum err finish_made(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_id(&w, rq->op, "id", c->made);
	api_send_status(rp, &w, 201);
	return ERR_OK;
}

/* --- appointments --- */

struct appoint { struct new_appointment in; struct once_call once; };

static enum err appoint_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct appoint *a = arg;
	appointment_id id;

	TRY(change_appoint(op, &a->in, &id));
	*ret_made = id.v;
	return ERR_OK;
}

enum err api_appoint(struct req *rq, struct reply *rp)
{
	struct appoint *a = NEW(rq->op->arena, struct appoint);
	struct input b;
	int64_t unit;

	(void)rp;
	body_open(rq, "person post unit from to", &b);
	a->in.person = (person_id){ body_ref(&b, "person", REF_PERSON, true) };
	a->in.post = body_text(&b, "post", true);
	unit = body_ref(&b, "unit", REF_UNIT, false);
	a->in.unit = (unit_id){ unit ? unit : rq->op->scope->tenant.v };
	a->in.from_ms = body_moment(&b, "from", false, rq->op->now_ms);
	a->in.to_ms = body_moment(&b, "to", true, INSTANT_OPEN);
	TRY(body_done(&b));
	return once_write(rq, &a->once, appoint_run, a, finish_made);
}

struct ending { appointment_id id; int64_t at_ms; struct once_call once; };

static enum err ending_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct ending *x = arg;

	TRY(change_appointment_end(op, x->id, x->at_ms));
	*ret_made = x->id.v;
	return ERR_OK;
}

static enum err finish_ending(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;
	struct ending *x = c->arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_id(&w, rq->op, "id", c->made);
	jw_moment(&w, rq->op, "to", x->at_ms);
	api_send_status(rp, &w, 200);
	return ERR_OK;
}

enum err api_appointment_end(struct req *rq, struct reply *rp)
{
	struct ending *x = NEW(rq->op->arena, struct ending);
	struct org_view v;
	struct input b;
	bool known = false;

	(void)rp;
	TRY(org_view_load(rq->op, rq->op->scope->tenant, 0, INSTANT_OPEN, INT64_MAX, &v));
	for (size_t i = 0; i < v.appointment_n; i++)
		known |= v.appointment[i].id.v == rq->id;
	if (!known)
		return ERR_NOTFOUND;
	/* `to` as of an appointment, `on` as of a leave: all say the last day */
	body_open(rq, "at to on", &b);
	x->id = (appointment_id){ rq->id };
	const char *last = body_has(&b, "to") ? "to" : body_has(&b, "on") ? "on" : "at";
	x->at_ms = body_moment(&b, last, true, rq->op->now_ms);
	TRY(body_done(&b));
	return once_write(rq, &x->once, ending_run, x, finish_ending);
}

/* --- keepers --- */

struct keeping { struct new_keeper in; struct once_call once; };

static enum err keeping_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct keeping *k = arg;
	keeper_id id;

	TRY(change_keeper(op, &k->in, &id));
	*ret_made = id.v;
	return ERR_OK;
}

enum err api_keeper(struct req *rq, struct reply *rp)
{
	struct keeping *k = NEW(rq->op->arena, struct keeping);
	struct input b;

	(void)rp;
	body_open(rq, "place person role from to", &b);
	k->in.place = (place_id){ body_ref(&b, "place", REF_PLACE, true) };
	k->in.person = (person_id){ body_ref(&b, "person", REF_PERSON, true) };
	k->in.role = body_text(&b, "role", false);
	if (!k->in.role.len)
		k->in.role = STR("owner");
	k->in.from_ms = body_moment(&b, "from", false, rq->op->now_ms);
	k->in.to_ms = body_moment(&b, "to", true, INSTANT_OPEN);
	TRY(body_done(&b));
	return once_write(rq, &k->once, keeping_run, k, finish_made);
}

/* --- absence and leave --- */

static enum err known_person(struct req *rq)
{
	struct org_view v;

	TRY(org_view_load(rq->op, rq->op->scope->tenant, rq->op->now_ms, INSTANT_OPEN, INT64_MAX,
			  &v));
	return ov_person(&v, (person_id){ rq->id }) ? ERR_OK : ERR_NOTFOUND;
}

struct absence { struct new_absence in; struct once_call once; };

static enum err absence_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct absence *x = arg;

	return change_absence(op, &x->in, ret_made);
}

enum err api_absence(struct req *rq, struct reply *rp)
{
	struct absence *x = NEW(rq->op->arena, struct absence);
	struct input b;

	(void)rp;
	TRY(known_person(rq));
	body_open(rq, "from to stand_in", &b);
	x->in.person = (person_id){ rq->id };
	x->in.stand_in = (person_id){ body_ref(&b, "stand_in", REF_PERSON, false) };
	x->in.from_ms = body_moment(&b, "from", false, rq->op->now_ms);
	x->in.to_ms = body_moment(&b, "to", true, INSTANT_OPEN);
	TRY(body_done(&b));
	return once_write(rq, &x->once, absence_run, x, finish_made);
}

struct leave { person_id person, to; int64_t at_ms; bool dry; struct leaving what;
	       struct once_call once; };

static enum err leave_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct leave *x = arg;

	TRY(change_leave(op, x->person, x->at_ms, x->to));
	*ret_made = x->person.v;
	return ERR_OK;
}

static void open_item(struct jw *w, const struct op *op, const struct org_view *v,
		      const struct open_item *it)
{
	jw_obj(w);
	jw_kv(w, "item", it->item);
	jw_text(w, "label", it->label);
	jw_id(w, op, "record", it->record.v);
	jw_id(w, op, "occurrence", it->occurrence.v);
	jw_place(w, op, "place", v, it->place);
	jw_text(w, "role", it->role);
	jw_moment(w, op, "due", it->due_ms);
	jw_key(w, "takers");
	jw_arr(w);
	for (size_t i = 0; i < it->taker_n; i++) {
		const struct ov_person *p = ov_person(v, it->taker[i].person);

		jw_obj(w);
		jw_id(w, op, "id", it->taker[i].person.v);
		jw_text(w, "name", p ? p->name : STR_NONE);
		jw_text(w, "post", it->taker[i].post);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
}

void jw_hole(struct jw *w, const struct op *op, const struct hole *h)
{
	static const char *const severity[] = { "error", "warning", "info" };

	assert(h->severity >= 0 && h->severity < 3);
	jw_obj(w);
	jw_kv(w, "code", h->code);
	jw_kv(w, "severity", str_of(severity[h->severity]));
	jw_kv(w, "sentence", h->sentence);
	jw_text(w, "missing", h->missing);
	jw_text(w, "fix", h->fix);
	if (h->subject.id)
		jw_id(w, op, "subject", h->subject.id);
	else
		jw_text(w, "subject_word", h->subject.word);
	if (h->require)
		jw_strs(w, "clauses", &h->require->m.clauses);
	if (h->pending) {
		jw_kv_bool(w, "pending", true);
		jw_moment(w, op, "until", h->pending_until_ms);
	}
	jw_end(w);
}

static enum err leave_answer(struct req *rq, struct reply *rp, const struct leave *x)
{
	struct op *op = rq->op;
	struct org_view v;
	struct jw w;

	TRY(org_view_load(op, op->scope->tenant, op->now_ms, INSTANT_OPEN, INT64_MAX, &v));
	api_begin(rq, rp, &w);
	jw_id(&w, op, "person", x->person.v);
	jw_moment(&w, op, "at", x->at_ms);
	jw_kv_bool(&w, "dry_run", x->dry);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < x->what.item_n; i++)
		open_item(&w, op, &v, &x->what.item[i]);
	jw_end(&w);
	jw_key(&w, "holes");
	jw_arr(&w);
	for (size_t i = 0; i < x->what.hole_n; i++)
		jw_hole(&w, op, &x->what.hole[i]);
	jw_end(&w);
	api_send_status(rp, &w, 200);
	return ERR_OK;
}

static enum err leave_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;

	TRY(e);
	return leave_answer(rq, rp, c->arg);
}

enum err api_leave(struct req *rq, struct reply *rp)
{
	struct leave *x = NEW(rq->op->arena, struct leave);
	struct input b;

	TRY(known_person(rq));
	body_open(rq, "on to dry_run", &b);
	x->person = (person_id){ rq->id };
	x->at_ms = body_moment(&b, "on", true, rq->op->now_ms);
	x->to = (person_id){ body_ref(&b, "to", REF_PERSON, false) };
	x->dry = body_flag(&b, "dry_run");
	TRY(body_done(&b));
	TRY(leave_preview(rq->op, x->person, x->at_ms, &x->what));
	if (x->dry)
		return leave_answer(rq, rp, x);
	return once_write(rq, &x->once, leave_run, x, leave_finish);
}
