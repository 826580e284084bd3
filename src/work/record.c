/*
 * record: submitting. plan_make() reads and judges; plan_apply() writes. A preview is a
 * plan that is never applied. Order of writing matters only inside one savepoint: nobody
 * sees a part of it.
 */
#include "work/submit.h"

#include <assert.h>

#include "base/json.h"
#include "base/pubid.h"
#include "gen/q_account.h"
#include "gen/q_step.h"
#include "gen/q_todo.h"
#include "store/store.h"
#include "work/once.h"

/* --- the client's key --- */

/*
 * A record or step that the key made before: the same body gives it again, another body is
 * refused.
 */
static enum err replayed(struct op *op, tenant_id tenant, const struct submit *in,
		record_id *ret_id, bool *ret_yes)
{
	struct q_record_by_key rk;
	struct q_step_by_key sk;
	str hash = { (const char *)in->client_hash.b, sizeof(in->client_hash.b) };
	str had = STR_NONE;

	*ret_yes = false;
	if (!in->client_key.len || !op->scope->account.v)
		return ERR_OK;
	enum err e = q_record_by_key(op, tenant, op->scope->account, in->client_key, &rk);
	if (e == ERR_OK) {
		*ret_id = rk.id;
		had = rk.client_hash;
	} else if (e == ERR_NOTFOUND) {
		e = q_step_by_key(op, tenant, op->scope->account, in->client_key, &sk);
		if (e == ERR_OK) {
			*ret_id = sk.record_id;
			had = sk.client_hash;
		}
	}
	if (e == ERR_NOTFOUND)
		return key_is_free(op, in->client_key, KEY_RECORD | KEY_STEP);
	TRY(e);
	if (!str_eq(had, hash))
		return INVALID(op, STR("Idempotency-Key"), "这个提交编号已经用过，内容却不一样");
	*ret_yes = true;
	return ERR_OK;
}

/* --- reading the form --- */

static enum err fields_read(struct plan *p, const struct json *in, struct vmap *given)
{
	struct op *op = p->r.op;
	struct resolver names = work_resolver(op, p->r.w);
	enum err worst = ERR_OK;

	if (in && in->kind != JSON_OBJ)
		return INVALID(op, STR("fields"), "表单的格式不对");
	for (size_t i = 0; in && i < in->n; i++) {
		const struct field *f = loop_field(p->r.loop, in->key[i]);
		struct value v;

		if (!f) {
			worst = INVALID(op, in->key[i], "这张表里没有“%.*s”这一项",
					STR_ARG(in->key[i]));
			continue;
		}
		enum err e = field_read(op, p->r.policy, f, in->at[i], &names,
				op->clock->utc_offset_ms, &v);
		if (e == ERR_OK)
			vmap_put(op->arena, given, f->m.id, v);
		else
			worst = e;
	}
	return worst;
}

static enum err verdict_err(struct op *op, enum verdict v, bool reason)
{
	switch (v) {
	case MAY: return ERR_OK;
	case MAY_OVERRIDE:
		return reason ? ERR_OK
			      : INVALID(op, STR("reason"), "条件还不具备；确有需要请写明理由");
	case NO_PERSON: return FAIL(op, ERR_DENIED, "这一步不由您办理");
	case NO_SELF: return FAIL(op, ERR_DENIED, "前面的步骤是您办的，这一步要换一个人");
	case NO_STATE: return FAIL(op, ERR_CONFLICT, "记录现在不在这一步，请刷新后再看");
	case NO_WHEN: return FAIL(op, ERR_CONFLICT, "这一步的条件还不具备");
	case NO_TIME: return FAIL(op, ERR_CONFLICT, "已经过了可以办理的期限");
	case NO_ONCE: return FAIL(op, ERR_CONFLICT, "这一版您已经办过");
	}
	return FAIL(op, ERR_CONFLICT, "不能办理");
}

static struct actor actor_of(const struct op *op, const struct submit *in)
{
	person_id me = op->scope->person;

	/* The hat of the session is the typist's: it says nothing of whom he types for. */
	return (struct actor){ .person = in->on_behalf.v ? in->on_behalf : me,
			       .as = in->as,
			       .typist = me,
			       .prefer = { in->on_behalf.v ? 0 : op->scope->appointment.v } };
}

static enum err has_account(struct op *op, person_id person, bool *ret_yes)
{
	struct q_accounts_of_person *row;
	size_t n;

	TRY(q_accounts_of_person(op, op->scope->tenant, person, &row, &n));
	*ret_yes = false;
	for (size_t i = 0; i < n; i++)
		*ret_yes |= str_eq(row[i].state, STR("active"));
	return ERR_OK;
}

/*
 * Typing for another (pack-language §2): a paper slip. It gives nobody a right: the typist may take
 * the step himself, or looks after the people of the unit and types for one who has no account.
 * Who has one signs with it.
 */
static enum err behalf_check(struct plan *p, const struct submit *in)
{
	struct op *op = p->r.op;
	struct machine_ctx c = rec_ctx(&p->r);
	struct actor typist = { .person = p->who.typist, .typist = p->who.typist };
	struct who_hit hat;
	bool has = true;
	size_t hats;

	if (!in->on_behalf.v || in->on_behalf.v == p->who.typist.v || op->scope->system)
		return ERR_OK;
	if (!ov_person(p->r.w->org, in->on_behalf))
		return INVALID(op, STR("for"), "没有这个人");
	if (!typist.person.v)
		return FAIL(op, ERR_DENIED, "这个账号不对应任何人员，不能代录");
	if (scope_can(op->scope, CAP_ORGANISE))
		TRY(has_account(op, in->on_behalf, &has));
	if (!has)
		return ERR_OK;
	if (p->r.loop->step[p->step].sign)
		return FAIL(op, ERR_DENIED, "签字要由本人办理，不能代录");
	if (machine_may(op->arena, &c, &p->r.m, p->step, typist, &hat, &hats) == NO_PERSON)
		return FAIL(op, ERR_DENIED, "这一步您自己不能办理，也就不能替别人录入");
	return ERR_OK;
}

static enum err judge_step(struct plan *p, const struct submit *in)
{
	struct op *op = p->r.op;
	struct machine_ctx c = rec_ctx(&p->r);
	size_t hats = 0;

	p->step = loop_step_index(p->r.loop, in->step);
	if (p->step < 0)
		return INVALID(op, STR("step"), "“%.*s”没有名为 %.*s 的步骤",
			       STR_ARG(p->r.loop->m.label), STR_ARG(in->step));
	if (!p->who.person.v)
		return FAIL(op, ERR_DENIED, "这个账号不对应任何人员，不能办理");
	TRY(behalf_check(p, in));
	enum verdict v = machine_may(op->arena, &c, &p->r.m, p->step, p->who, &p->hat, &hats);
	TRY(verdict_err(op, v, in->reason.len > 0));
	p->overridden = v == MAY_OVERRIDE;
	if (hats > 1)
		return INVALID(op, STR("as"), "您有几个岗位都可以办这一步，请选择以哪个岗位办理");
	if (p->r.loop->step[p->step].sign && !in->password_fresh && !op->scope->token)
		return INVALID(op, STR("password"), "签字前请再输一次密码");
	return ERR_OK;
}

static enum err faults_err(struct op *op, const struct fault *f)
{
	for (; f; f = f->next)
		(void)!INVALID(op, f->field, "%.*s", STR_ARG(f->message));
	return op->field_errors ? ERR_INVALID : ERR_OK;
}

/* --- dates of doing: not in the future; back-dating beyond the limit needs a reason --- */

static enum err doing_time_check(struct plan *p, const struct vmap *given)
{
	struct op *op = p->r.op;
	const struct work *w = p->r.w;

	for (size_t i = 0; i < w->policy->duty_n; i++)
		for (size_t k = 0; k < w->policy->duty[i].proof_n; k++) {
			const struct proof *f = &w->policy->duty[i].proof[k];
			const struct value *v = f->at.len && str_eq(f->loop,
					p->r.loop->m.id) ? vmap_get(given, f->at) : NULL;
			int32_t off = op->clock->utc_offset_ms;

			if (!v || (v->kind != V_DATE && v->kind != V_INSTANT))
				continue;
			int64_t at = v->kind == V_DATE ? day_start_ms(v->day, off) : v->at_ms;
			if (at > op->now_ms)
				return INVALID(op, f->at, "办理时间不能是将来");
			int64_t limit = cal_limit(w->calendar, at, work_duration(w,
					"backdate_limit", (struct duration){ 3, DUR_D }));
			if (limit <= op->now_ms && !p->reason.len)
				return INVALID(op, STR("reason"),
					       "补录较早的事项，请写明补录的理由");
			return ERR_OK;
		}
	return ERR_OK;
}

/* --- unique: who holds the place --- */

static enum err unique_check(struct plan *p)
{
	struct op *op = p->r.op;
	const struct state *st = &p->r.loop->state[p->out.to];
	str *key;

	if (!st->unique.set || p->out.to == rec_state(&p->r))
		return ERR_OK;
	size_t n = unique_keys(&p->r, p->out.to, &p->out.fields, &key);
	p->replaced = NEW_N(op->arena, n, record_id);
	for (size_t i = 0; i < n; i++) {
		struct q_record_unique_holder h;
		enum err e = q_record_unique_holder(op, p->r.tenant, p->r.loop->m.id, key[i],
				p->r.row.id, &h);

		if (e == ERR_NOTFOUND)
			continue;
		TRY(e);
		if (st->unique.clash == CLASH_REFUSE)
			return INVALID(
				op, st->unique.each_field.len ? st->unique.each_field : STR(""),
				"已被 %.*s（%.*s）占用", STR_ARG(h.number), STR_ARG(h.title));
		if (st->unique.clash == CLASH_WARN)
			p->warning = str_fmt(op->arena, "与 %.*s（%.*s）重复", STR_ARG(h.number),
					STR_ARG(h.title));
		else
			p->replaced[p->replaced_n++] = h.id;
	}
	return ERR_OK;
}

static enum err again_check(struct plan *p)
{
	struct rec *r = &p->r;
	struct q_record_again row;
	struct vmap was = r->fields;

	p->again_of = r->row.again_of;
	p->again_n = r->row.again_n;
	if (!r->loop->again_same.n || r->row.again_of.v)
		return ERR_OK;
	r->fields = p->out.fields;
	str key = again_key(r);
	r->fields = was;
	if (!key.len)
		return ERR_OK;
	int64_t since = r->op->now_ms - (int64_t)r->loop->again_within.n * MS_DAY;
	enum err e = q_record_again(r->op, r->tenant, r->loop->m.id, key, since, r->row.id, &row);
	if (e == ERR_NOTFOUND)
		return ERR_OK;
	TRY(e);
	if (r->row.id.v && row.id.v > r->row.id.v)
		return ERR_OK;	/* the later one is the repetition */
	p->again_of = row.again_of.v ? row.again_of : row.id;
	p->again_n = row.again_n + 1;
	return ERR_OK;
}

enum err plan_make(struct plan *p, const struct submit *in)
{
	struct op *op = p->r.op;
	struct machine_ctx c;
	struct vmap given = { 0 };

	p->who = actor_of(op, in);
	p->reason = in->reason;
	p->client_key = in->client_key;
	p->client_hash = in->client_hash;
	p->has_key = in->client_key.len > 0;
	if (in->if_version && in->if_version != p->r.row.version)
		return FAIL(op, ERR_CONFLICT, "记录已经被别人改动，请刷新后再办");
	if (!p->r.row.id.v) {
		/* who may begin can hang on what the record is about: the owner of a mechanism */
		TRY(fields_read(p, in->fields, &given));
		struct vmap none = p->r.fields;
		p->r.fields = given;
		enum err e = judge_step(p, in);
		p->r.fields = none;
		TRY(e);
	} else {
		TRY(judge_step(p, in));
		TRY(fields_read(p, in->fields, &given));
	}
	TRY(doing_time_check(p, &given));
	c = rec_ctx(&p->r);
	if (!p->r.row.id.v)
		p->r.m.creator = p->who.person;
	machine_take(op->arena, &c, &p->r.m, p->step, p->who, &given, &p->out);
	TRY(faults_err(op, p->out.faults));
	TRY(unique_check(p));
	return again_check(p);
}

static place_id place_of(const struct vmap *fields)
{
	const struct value *v = vmap_get(fields, STR("place"));

	return v && v->kind == V_REF && v->ref == REF_PLACE ? (place_id){ v->id } : (place_id){ 0 };
}

/* The record in memory after the step, as far as judging needs. */
void plan_show(struct plan *p)
{
	struct rec *r = &p->r;
	struct past_step *past = NEW_N(r->op->arena, r->past_n + 1, struct past_step);

	if (r->past_n)
		memcpy(past, r->past, r->past_n * sizeof(past[0]));
	past[r->past_n] = (struct past_step){
		.step = p->step, .built_in = p->built_in, .from = rec_state(r), .to = p->out.to,
		.doer = p->who.person, .typist = p->who.typist, .at_ms = r->op->now_ms,
		.version = (int32_t)r->row.version + 1,
	};
	r->past = past;
	r->past_n++;
	r->fields = p->out.fields;
	r->row.place_id = place_of(&r->fields);
	if (!r->row.id.v) {
		r->row.creator_id = p->who.person;
		r->row.unit_id = r->loop->unit_hat && p->hat.unit.v ? p->hat.unit : r->row.unit_id;
	}
	r->m.state = p->out.to;
	r->m.fields = &r->fields;
	r->m.past = r->past;
	r->m.past_n = r->past_n;
}

/* --- doors --- */

static enum err begin(struct op *op, const struct submit *in, struct plan *p)
{
	const struct work *w;

	*p = (struct plan){ .step = -1 };
	TRY(work_load(op, op->scope->tenant, &w));
	if (!in->record.v)
		return rec_begin(op, w, in->loop, &p->r);
	enum err e = rec_load(op, w, in->record, &p->r);
	if (e == ERR_NOTFOUND || (!e && !rec_visible(&p->r)))
		return ERR_NOTFOUND;
	return e;
}

/* rec.m.ctx and rec.m.fields point into the rec: after a copy they must point into the copy. */
void plan_bind(struct plan *p)
{
	p->r.m.ctx = &p->r;
	p->r.m.fields = &p->r.fields;
}

enum err record_preview(struct op *op, const struct submit *in, struct submitted *ret)
{
	struct plan p;
	struct tick *tick;
	size_t tick_n;
	struct match_result m;

	TRY(begin(op, in, &p));
	plan_bind(&p);
	TRY(plan_make(&p, in));
	plan_show(&p);
	TRY(ticks_named(&p.r, p.r.row.id.v ? p.r.row.id.v : INT64_MAX, &in->ticks, &tick, &tick_n));
	TRY(match_record(&p.r, tick, tick_n, false, &m));
	submitted_fill(&p, &m, ret);
	ret->made = false;
	return ERR_OK;
}

static enum err answer_again(struct op *op, const struct work *w, record_id id,
		struct submitted *ret)
{
	struct plan p = { .step = -1 };
	struct match_result m;

	TRY(rec_load(op, w, id, &p.r));
	plan_bind(&p);
	TRY(match_record(&p.r, NULL, 0, false, &m));
	submitted_fill(&p, &m, ret);
	ret->replayed = true;
	return ERR_OK;
}

enum err record_submit(struct op *op, const struct submit *in, struct submitted *ret)
{
	const struct work *w;
	struct plan p;
	struct tick *tick;
	size_t tick_n;
	record_id again = { 0 };
	bool replay;
	int64_t version;
	struct tally_lines was;
	struct match_result m;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(replayed(op, op->scope->tenant, in, &again, &replay));
	if (replay) {
		TRY(work_load(op, op->scope->tenant, &w));
		TRY(answer_again(op, w, again, ret));
		return tx_commit(&tx);
	}
	TRY(begin(op, in, &p));
	plan_bind(&p);
	TRY(plan_make(&p, in));
	tallies_of(&p.r, &was);
	TRY(plan_apply(&p));
	TRY(ticks_named(&p.r, p.r.row.id.v, &in->ticks, &tick, &tick_n));
	for (size_t i = 0; i < tick_n; i++)
		TRY(tick_write(op, p.r.tenant, &tick[i]));
	TRY(record_follow(&p, &was, NULL, 0, &m));
	TRY(clock_take(op, p.r.w, p.r.row.id, 0, &p.org_changed));
	if (p.org_changed)
		TRY(org_follow(op, p.r.tenant));
	version = p.r.row.version;
	TRY(rec_load(op, p.r.w, p.r.row.id, &p.r));
	plan_bind(&p);
	if (p.r.row.version != version)	/* the clock went on: what that fulfils is told too */
		TRY(match_record(&p.r, NULL, 0, false, &m));
	submitted_fill(&p, &m, ret);
	return tx_commit(&tx);
}
