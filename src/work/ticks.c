/*
 * ticks: a person says that a record fills an occurrence, or does not; and the signed
 * waiver of an occurrence, as far as its basis allows. Facts, with their events.
 */
#include "work/submit.h"

#include "base/pubid.h"
#include "base/idgen.h"
#include "gen/q_step.h"
#include "store/store.h"

enum err tick_key(struct op *op, tenant_id tenant, str named, str *ret_key)
{
	tenant_id t;
	int64_t id;
	struct q_occurrence_get row;
	struct q_occurrence_by_key by;

	if (!pubid_read(named, &t, &id)) {
		if (q_occurrence_by_key(op, tenant, named, &by))
			return INVALID(op, STR("tick"), "没有这项任务");
		*ret_key = named;
		return ERR_OK;
	}
	if (t.v != tenant.v || q_occurrence_get(op, tenant, (occurrence_id){ id }, &row))
		return INVALID(op, STR("tick"), "没有这项任务");
	*ret_key = row.key;
	return ERR_OK;
}

enum err tick_write(struct op *op, tenant_id tenant, const struct tick *t)
{
	int64_t id = idgen_next(op->idgen, op->now_ms), seq;
	struct ledger_fact facts[] = { { STR("occurrence"), t->key }, { STR("record"),
			str_fmt(op->arena, "%lld", (long long)t->record) } };

	TRY(q_tick_add(op, &(struct q_tick_add_in){
		.tenant = tenant, .id = id, .record = { t->record }, .occurrence_key = t->key,
		.un = t->un, .person = op->scope->person, .at = op->now_ms,
	}));
	return ledger_append(op, &(struct ledger_event){
		.kind = t->un ? STR("untick") : STR("tick"), .account = op->scope->account,
		.person = op->scope->person, .subject_kind = STR("tick"), .subject = id,
		.facts = facts, .facts_n = 2,
	}, &seq);
}

static bool took_part(const struct rec *r, person_id p)
{
	for (size_t i = 0; i < r->step_n; i++)
		if (r->step[i].doer_id.v == p.v || r->step[i].typist_id.v == p.v)
			return true;
	return false;
}

static enum err group_of_key(struct op *op, const struct work *w, str key)
{
	struct q_occurrence_by_key by;
	struct q_occurrence_get row;

	TRY(q_occurrence_by_key(op, w->org->tenant, key, &by));
	TRY(q_occurrence_get(op, w->org->tenant, by.id, &row));
	const struct duty *d = policy_duty(w->policy, row.duty);
	return d ? match_group(op, w, d, row.subject, row.subject2) : ERR_OK;
}

enum err occurrence_tick(struct op *op, record_id record, str occurrence, bool un)
{
	const struct work *w;
	struct plan p = { .step = -1 };
	struct tick t = { .record = record.v, .un = un };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(work_load(op, op->scope->tenant, &w));
	enum err e = rec_load(op, w, record, &p.r);
	if (e == ERR_NOTFOUND || (!e && !rec_visible(&p.r)))
		return ERR_NOTFOUND;
	TRY(e);
	if (!took_part(&p.r, op->scope->person))
		return FAIL(op, ERR_DENIED, "只有办理过这条记录的人可以勾选");
	TRY(tick_key(op, p.r.tenant, occurrence, &t.key));
	TRY(tick_write(op, p.r.tenant, &t));
	TRY(group_of_key(op, w, t.key));
	return tx_commit(&tx);
}

static enum err waive_allowed(struct op *op, const struct work *w, const struct duty *d)
{
	struct who_hit *hit;
	size_t n = who_posts(op->arena, w->policy, w->org, op->scope->person, op->now_ms, &hit);
	enum basis b = policy_basis(w->policy, &d->m);

	if (b == BASIS_LAW || b == BASIS_SUPERIOR)
		return FAIL(op, ERR_DENIED, "这一项依据%s，学校不能免除", basis_say(b));
	for (size_t i = 0; i < n; i++)
		if (d->waive_by.len && post_covers(w->policy, hit[i].post, d->waive_by))
			return ERR_OK;
	return FAIL(op, ERR_DENIED, "这一项不由您免除");
}

enum err occurrence_waive(struct op *op, str occurrence, str reason)
{
	const struct work *w;
	struct q_occurrence_by_key by;
	struct q_occurrence_get row;
	str key;
	int64_t id;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(work_load(op, op->scope->tenant, &w));
	TRY(tick_key(op, w->org->tenant, occurrence, &key));
	TRY(q_occurrence_by_key(op, w->org->tenant, key, &by));
	TRY(q_occurrence_get(op, w->org->tenant, by.id, &row));
	const struct duty *d = policy_duty(w->policy, row.duty);
	if (!d)
		return ERR_NOTFOUND;
	TRY(waive_allowed(op, w, d));
	if (!reason.len)
		return INVALID(op, STR("reason"), "请写明免除的理由");
	TRY(org_waive(op, &(struct new_waiver){
		.code = STR("occurrence"), .subject = key, .reason = reason,
		.from = row.period_start, .to = row.period_end, .person = op->scope->person,
		.person_name = op->scope->person_name,
	}, &id));
	TRY(group_of_key(op, w, key));
	return tx_commit(&tx);
}
