/*
 * orgchange: see orgchange.h. Each is org's fact, then one refresh. change_leave() is in
 * handover.c.
 */
#include "work/orgchange.h"

#include "base/buf.h"
#include "gen/q_policy.h"
#include "store/store.h"
#include "work/composition.h"
#include "work/submit.h"

/* Nothing adopted yet (a school on the way): there is no open work to follow. */
static enum err follow(struct op *op)
{
	const struct work *w;
	enum err e = work_load(op, op->tenant, &w);

	if (e == ERR_NOTFOUND) {
		op_clear_error(op);
		return ERR_OK;
	}
	TRY(e);
	return org_follow(op, op->tenant);
}

enum err change_refresh(struct op *op)
{
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(follow(op));
	return tx_commit(&tx);
}

#define CHANGE(call) \
	TX_SCOPE(tx); \
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx)); \
	TRY(call); \
	TRY(follow(op)); \
	return tx_commit(&tx)

enum err change_person_add(struct op *op, const struct new_person *p, person_id *ret_id)
{
	CHANGE(org_person_add(op, p, ret_id));
}

/*
 * A post that somebody can be appointed to: it has a department. The others (personnel,
 * first-responsible) are held by who holds the posts that they are made of.
 */
static enum err post_exists(struct op *op, str post)
{
	const struct work *w;
	const struct post *p;
	enum err e = work_load(op, op->tenant, &w);

	if (e == ERR_NOTFOUND) {
		op_clear_error(op);
		return ERR_OK;
	}
	TRY(e);
	p = policy_post(w->policy, post);
	if (!p)
		return INVALID(op, STR("post"), "方案里没有“%.*s”这个岗位", STR_ARG(post));
	return p->of.len ? ERR_OK : INVALID(op, STR("post"), "“%.*s”不单独任命，任命了相应的岗位就是",
			STR_ARG(p->m.label));
}

enum err change_appoint(struct op *op, const struct new_appointment *a, appointment_id *ret_id)
{
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx));
	TRY(post_exists(op, a->post));
	TRY(org_appoint(op, a, ret_id));
	TRY(follow(op));
	return tx_commit(&tx);
}

enum err change_appointment_end(struct op *op, appointment_id id, int64_t at_ms)
{
	CHANGE(org_appointment_end(op, id, at_ms));
}

static enum err role_exists(struct op *op, str role)
{
	const struct work *w;
	enum err e = work_load(op, op->tenant, &w);

	if (e == ERR_NOTFOUND)
		op_clear_error(op);
	else
		TRY(e);
	return policy_keeper_role(e ? NULL : w->policy, role) ? ERR_OK
	     : INVALID(op, STR("role"), "方案里没有“%.*s”这种责任人", STR_ARG(role));
}

enum err change_keeper(struct op *op, const struct new_keeper *k, keeper_id *ret_id)
{
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx));
	TRY(role_exists(op, k->role));
	TRY(org_keeper_set(op, k, ret_id));
	TRY(follow(op));
	return tx_commit(&tx);
}

enum err change_place_add(struct op *op, const struct new_place *p, place_id *ret_id)
{
	CHANGE(org_place_add(op, p, ret_id));
}

enum err change_place_close(struct op *op, place_id id, int64_t at_ms)
{
	CHANGE(org_place_close(op, id, at_ms));
}

enum err change_absence(struct op *op, const struct new_absence *a, int64_t *ret_id)
{
	CHANGE(org_absence_add(op, a, ret_id));
}

enum err change_mark(struct op *op, str kind, str name, day_no from, day_no to)
{
	CHANGE(org_mark_set(op, kind, name, from, to, 0));
}

static enum err parameter_allowed(struct op *op, const struct work *w, const struct parameter *p)
{
	struct who_hit *hit;
	size_t n;

	if (!p->change.len || op->scope->system)
		return ERR_OK;
	n = who_posts(op->arena, w->policy, w->org, op->scope->person, op->now_ms, &hit);
	for (size_t i = 0; i < n; i++)
		if (post_covers(w->policy, hit[i].post, p->change))
			return ERR_OK;
	return FAIL(op, ERR_DENIED, "“%.*s”由%.*s改", STR_ARG(p->m.label),
			STR_ARG(policy_post(w->policy, p->change)->m.label));
}

/* Within its type and range, by the post that may. */
enum err change_parameter(struct op *op, str name, str yaml, int64_t from_ms)
{
	const struct work *w;
	const struct parameter *p;
	struct vmap v = { 0 };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx));
	TRY(work_load(op, op->tenant, &w));
	p = policy_parameter(w->policy, name);
	if (!p)
		return INVALID(op, STR("name"), "方案里没有这个数值");
	TRY(parameter_allowed(op, w, p));
	if (!parameter_values(op, p, yaml, &v))
		return INVALID(op, STR("value"), "“%.*s”不能这样写，或超出了允许的范围", STR_ARG(p->m.label));
	TRY(org_parameter_set(op, name, yaml, from_ms, 0));
	TRY(follow(op));
	return tx_commit(&tx);
}

/* The subject's key, or of an entry what coverage tells (place-kinds/clinic), or its id alone. */
static enum err subject_named(struct op *op, const struct policy *p, const struct require *r,
			      str *subject)
{
	str key = *subject;
	struct subject s;

	if (r->per.kind == SUB_ENTRY && !str_starts(key, STR("entry:")))
		key = str_has(key, '/') ? str_fmt(op->arena, "entry:%.*s", STR_ARG(key))
			: str_fmt(op->arena, "entry:%.*s/%.*s", STR_ARG(r->per.of), STR_ARG(key));

	if (!subject_parse(key, &s) || s.kind != r->per.kind ||
	    (s.kind == SUB_ENTRY &&
	     (!entry_of_word(p, s.word) ||
	      !str_starts(s.word, str_fmt(op->arena, "%.*s/", STR_ARG(r->per.of))))))
		return INVALID(op, STR("subject"), "没有这个对象，请照缺口里写的填");
	*subject = key;
	return ERR_OK;
}

enum err change_waive(struct op *op, str code, str subject, str reason, day_no from, day_no to)
{
	const struct work *w;
	const struct require *r;
	struct who_hit *hit;
	bool may = false;
	int64_t id;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx));
	TRY(work_load(op, op->tenant, &w));
	r = policy_require(w->policy, code);
	if (!r || !r->waive_by.len)
		return INVALID(op, STR("code"), "这个缺口不能免除");
	TRY(subject_named(op, w->policy, r, &subject));
	size_t n = who_posts(op->arena, w->policy, w->org, op->scope->person, op->now_ms, &hit);
	for (size_t i = 0; i < n; i++)
		may |= post_covers(w->policy, hit[i].post, r->waive_by);
	if (!may && !op->scope->system)
		return FAIL(op, ERR_DENIED, "要由%.*s签字", STR_ARG(policy_post(w->policy,
				r->waive_by)->m.label));
	TRY(org_waive(op, &(struct new_waiver){
		.code = code, .subject = subject, .reason = reason, .from = from, .to = to,
		.person = op->scope->person, .person_name = op->scope->person_name,
		.post = r->waive_by,
	}, &id));
	TRY(follow(op));
	return tx_commit(&tx);
}

/* --- adoption --- */

static bool adopted_already(const struct q_adoptions_in_force *ad, size_t n, str pack, str version)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(ad[i].pack, pack) && str_eq(ad[i].version, version))
			return true;
	return false;
}

/* Store and adopt one pack; an older version of it ends on the day. */
static enum err adopt_one(struct op *op, str pack, int64_t from_ms)
{
	struct q_adoptions_in_force *ad;
	size_t n;
	str version;
	int64_t id;

	TRY(pack_store(op, pack, &version));
	TRY(q_adoptions_in_force(op, op->tenant, op->now_ms > from_ms ? op->now_ms : from_ms, &ad,
				 &n));
	if (adopted_already(ad, n, pack, version))
		return ERR_OK;
	return org_adopt(op, pack, version, from_ms, &id);
}

/* What the people of today make of it: warnings, which hinder nothing; the grid shows them too. */
static enum err adoption_warnings(struct op *op, struct diags *ret_ds)
{
	const struct work *w;
	enum err e = work_load(op, op->tenant, &w);

	if (e == ERR_NOTFOUND) {	/* it begins later */
		op_clear_error(op);
		return ERR_OK;
	}
	TRY(e);
	check_adoption(op, w->policy, w->org, op->now_ms, ret_ds);
	return ERR_OK;
}

enum err change_adopt(struct op *op, str pack, int64_t from_ms, struct diags *ret_ds)
{
	struct pack_source *src;
	struct policy *p;
	size_t n;
	int64_t composition;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->system ? op->tenant : op->scope->tenant, &tx));
	TRY(packs_sources(op, pack, &src, &n));
	enum err e = pack_compile(op, src, n, &(struct pack_options){ 0 }, ret_ds, &p);
	if (e)
		return FAIL(op, e, "方案没有通过检查，不能采用");
	policy_free(p);
	for (size_t i = 0; i < n; i++)
		TRY(adopt_one(op, src[i].id, from_ms));
	TRY(composition_ensure(op, op->tenant, op->now_ms, &composition));
	if (from_ms > op->now_ms)	/* what will bind is registered now */
		TRY(composition_ensure(op, op->tenant, from_ms, &composition));
	TRY(follow(op));
	TRY(adoption_warnings(op, ret_ds));
	return tx_commit(&tx);
}
