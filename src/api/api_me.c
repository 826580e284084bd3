/* api_me: who I am: person, hats, units, capabilities. */
#include "api/api_int.h"

static void hat(struct jw *w, const struct op *op, const struct policy *p,
		const struct org_view *v, const struct ov_appointment *a)
{
	const struct post *post = p ? policy_post(p, a->post) : NULL;

	jw_obj(w);
	jw_id(w, op, "id", a->id.v);
	jw_kv(w, "post", a->post);
	jw_kv(w, "label", post ? post->m.label : a->post);
	jw_unit(w, op, "unit", v, a->unit);
	jw_moment(w, op, "from", a->from_ms);
	jw_moment(w, op, "to", a->to_ms);
	jw_end(w);
}

static void hats(struct jw *w, const struct op *op, const struct policy *p,
		 const struct org_view *v)
{
	size_t first = 0, n = ov_appointments(v, op->scope->person, &first);

	jw_key(w, "appointments");
	jw_arr(w);
	for (size_t i = first; i < first + n; i++)
		if (v->appointment[i].from_ms <= op->now_ms && op->now_ms < v->appointment[i].to_ms)
			hat(w, op, p, v, &v->appointment[i]);
	jw_end(w);
}

static void caps(struct jw *w, const struct scope *s)
{
	jw_key(w, "capabilities");
	jw_arr(w);
	for (int i = CAP_PUBLIC + 1; i < CAP_N; i++)
		if (scope_can(s, (enum cap)i))
			jw_str(w, str_of(cap_word((enum cap)i)));
	jw_end(w);
}

enum err api_me(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct scope *s = op->scope;
	struct org_view v;
	const struct work *work;
	const struct policy *policy = NULL;
	enum err e = work_load(op, s->tenant, &work);
	struct jw w;

	if (e && e != ERR_NOTFOUND)
		return e;
	if (!e)
		policy = work->policy;
	op_clear_error(op);
	TRY(org_view_load(op, s->tenant, op->now_ms, op->now_ms + 1, INT64_MAX, &v));
	api_begin(rq, rp, &w);
	jw_kv(&w, "login", s->login);
	jw_ref(&w, op, "person", s->person.v, s->person_name);
	jw_text(&w, "role", s->role);
	hats(&w, op, policy, &v);
	jw_key(&w, "units");
	jw_arr(&w);
	jw_obj(&w);
	jw_id(&w, op, "id", s->tenant.v);
	jw_text(&w, "name", ov_unit(&v, v.unit) ? ov_unit(&v, v.unit)->name : STR_NONE);
	jw_text(&w, "code", ov_unit(&v, v.unit) ? ov_unit(&v, v.unit)->code : STR_NONE);
	jw_end(&w);
	jw_end(&w);
	caps(&w, s);
	jw_moment(&w, op, "now", op->now_ms);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}
