/*
 * api_units: the organisation as of a moment (`at`) as it was known at another (`known`), and
 * who was responsible. Names, posts and places are what hangs in the corridor: everybody
 * signed in sees them; telephone numbers are nowhere here. What was known before is a question
 * of account: it asks for see-unit or audit.
 */
#include "api/api_int.h"

struct as_of { int64_t at, known; struct org_view v; const struct policy *policy; };

static enum err as_of_load(struct req *rq, str at, str known, struct as_of *ret)
{
	struct op *op = rq->op;
	const struct work *work;
	enum err e;

	TRY(query_moment(op, "at", at, op->now_ms, &ret->at));
	TRY(query_moment(op, "known", known, INT64_MAX, &ret->known));
	if (known.len && !scope_can(op->scope, CAP_AUDIT))
		TRY(scope_require(op, CAP_SEE_UNIT));
	e = work_load(op, op->scope->tenant, &work);
	if (e && e != ERR_NOTFOUND)
		return e;
	ret->policy = e ? NULL : work->policy;
	op_clear_error(op);
	return org_view_load(op, op->scope->tenant, ret->at, ret->at + 1, ret->known, &ret->v);
}

static enum err of_query(struct req *rq, struct as_of *ret)
{
	const struct form_api_as_of *f = rq->form;

	TRY(as_of_load(rq, f->at, f->known, ret));
	return rq->id ? own_unit(rq, &ret->v, (unit_id){ rq->id }) : ERR_OK;
}

static bool holds(const struct as_of *x, int64_t from_ms, int64_t to_ms)
{
	return from_ms <= x->at && x->at < to_ms;
}

static void unit_members(struct jw *w, const struct op *op, const struct as_of *x,
			 const struct ov_unit *u)
{
	jw_id(w, op, "id", u->id.v);
	jw_kv(w, "name", u->name);
	jw_text(w, "code", u->code);
	jw_kv(w, "kind", u->kind);
	jw_unit(w, op, "parent", &x->v, u->parent);
	jw_moment(w, op, "from", u->from_ms);
	jw_moment(w, op, "to", u->to_ms);
}

enum err api_units(struct req *rq, struct reply *rp)
{
	struct as_of x;
	struct jw w;

	TRY(of_query(rq, &x));
	api_begin(rq, rp, &w);
	jw_key(&w, "units");
	jw_arr(&w);
	for (size_t i = 0; i < x.v.unit_n; i++) {
		if (!holds(&x, x.v.unit_at[i].from_ms, x.v.unit_at[i].to_ms))
			continue;
		jw_obj(&w);
		unit_members(&w, rq->op, &x, &x.v.unit_at[i]);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

enum err api_unit(struct req *rq, struct reply *rp)
{
	struct as_of x;
	struct jw w;

	TRY(of_query(rq, &x));
	api_begin(rq, rp, &w);
	unit_members(&w, rq->op, &x, ov_unit(&x.v, (unit_id){ rq->id }));
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* Is `u` the unit asked for, or below it? Units are a tree of few levels. */
static bool within(const struct as_of *x, unit_id u, int64_t asked)
{
	for (int i = 0; u.v && i < 16; i++) {
		const struct ov_unit *o = ov_unit(&x->v, u);

		if (u.v == asked)
			return true;
		u = o ? o->parent : (unit_id){ 0 };
	}
	return false;
}

static void posts(struct jw *w, const struct op *op, const struct as_of *x, person_id p)
{
	size_t first = 0, n = ov_appointments(&x->v, p, &first);

	jw_key(w, "posts");
	jw_arr(w);
	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *a = &x->v.appointment[i];
		const struct post *post = x->policy ? policy_post(x->policy, a->post) : NULL;

		if (!holds(x, a->from_ms, a->to_ms))
			continue;
		jw_obj(w);
		jw_id(w, op, "id", a->id.v);
		jw_kv(w, "post", a->post);
		jw_kv(w, "label", post ? post->m.label : a->post);
		jw_unit(w, op, "unit", &x->v, a->unit);
		jw_moment(w, op, "from", a->from_ms);
		jw_moment(w, op, "to", a->to_ms);
		jw_end(w);
	}
	jw_end(w);
}

static bool belongs(const struct as_of *x, person_id p, int64_t unit)
{
	size_t first = 0, n = ov_appointments(&x->v, p, &first);

	if (unit == x->v.unit.v)
		return true;
	for (size_t i = first; i < first + n; i++)
		if (holds(x, x->v.appointment[i].from_ms, x->v.appointment[i].to_ms) &&
		    within(x, x->v.appointment[i].unit, unit))
			return true;
	return false;
}

static void person(struct jw *w, const struct op *op, const struct as_of *x,
		   const struct ov_person *p)
{
	person_id stand_in = { 0 };

	jw_obj(w);
	jw_id(w, op, "id", p->id.v);
	jw_kv(w, "name", p->name);
	jw_text(w, "kind", p->kind);
	posts(w, op, x, p->id);
	if (ov_absent(&x->v, p->id, x->at, &stand_in)) {
		jw_kv_bool(w, "absent", true);
		jw_person(w, op, "stand_in", &x->v, stand_in);
	}
	jw_moment(w, op, "from", p->from_ms);
	jw_moment(w, op, "to", p->to_ms);
	jw_end(w);
}

enum err api_people(struct req *rq, struct reply *rp)
{
	struct as_of x;
	struct jw w;

	TRY(of_query(rq, &x));
	api_begin(rq, rp, &w);
	jw_key(&w, "people");
	jw_arr(&w);
	for (size_t i = 0; i < x.v.person_n; i++)
		if (holds(&x, x.v.person[i].from_ms, x.v.person[i].to_ms) &&
		    belongs(&x, x.v.person[i].id, rq->id))
			person(&w, rq->op, &x, &x.v.person[i]);
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

static void keepers(struct jw *w, const struct op *op, const struct as_of *x, place_id p)
{
	jw_key(w, "keepers");
	jw_arr(w);
	for (size_t i = 0; i < x->v.keeper_n; i++) {
		const struct ov_keeper *k = &x->v.keeper[i];

		if (k->place.v != p.v || !holds(x, k->from_ms, k->to_ms))
			continue;
		jw_obj(w);
		jw_id(w, op, "id", k->id.v);
		jw_kv(w, "role", k->role);
		jw_person(w, op, "person", &x->v, k->person);
		jw_moment(w, op, "from", k->from_ms);
		jw_moment(w, op, "to", k->to_ms);
		jw_end(w);
	}
	jw_end(w);
}

enum err api_places(struct req *rq, struct reply *rp)
{
	struct as_of x;
	struct jw w;

	TRY(of_query(rq, &x));
	api_begin(rq, rp, &w);
	jw_key(&w, "places");
	jw_arr(&w);
	for (size_t i = 0; i < x.v.place_n; i++) {
		const struct ov_place *p = &x.v.place[i];

		if (!holds(&x, p->from_ms, p->to_ms) || !within(&x, p->unit, rq->id))
			continue;
		jw_obj(&w);
		jw_id(&w, rq->op, "id", p->id.v);
		jw_kv(&w, "name", p->name);
		jw_text(&w, "code", p->code);
		jw_kv(&w, "kind", p->kind);
		jw_text(&w, "risk", p->risk);
		jw_place(&w, rq->op, "parent", &x.v, p->parent);
		keepers(&w, rq->op, &x, p->id);
		jw_moment(&w, rq->op, "from", p->from_ms);
		jw_moment(&w, rq->op, "to", p->to_ms);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* --- who was responsible --- */

enum err api_who(struct req *rq, struct reply *rp)
{
	const struct form_api_who *f = rq->form;
	struct op *op = rq->op;
	int64_t place, at, known;
	struct responsible *r;
	size_t n;
	struct jw w;

	if (!f->place.len == !f->duty.len)
		return INVALID(op, f->place.len ? STR("duty") : STR("place"),
			       "请写明区域或职责，二者取一");
	TRY(query_ref(op, "place", f->place, REF_PLACE, &place));
	TRY(query_moment(op, "at", f->at, op->now_ms, &at));
	TRY(query_moment(op, "known", f->known, INT64_MAX, &known));
	TRY(who_was(op, (place_id){ place }, f->duty, at, known, &r, &n));
	api_begin(rq, rp, &w);
	jw_moment(&w, op, "at", at);
	if (known != INT64_MAX)
		jw_moment(&w, op, "known", known);
	jw_key(&w, "people");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&w);
		jw_ref(&w, op, "person", r[i].person.v, r[i].name);
		jw_text(&w, "role", r[i].role);
		jw_text(&w, "post", r[i].post);
		jw_moment(&w, op, "from", r[i].from_ms);
		jw_moment(&w, op, "to", r[i].to_ms);
		jw_moment(&w, op, "recorded_at", r[i].recorded_ms);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}
