/*
 * ticks: a person says that a record fills an occurrence, or does not; and the signed
 * waiver of an occurrence, as far as its basis allows. Facts, with their events.
 */
#include "work/submit.h"

#include "base/pubid.h"
#include "base/idgen.h"
#include "gen/q_step.h"
#include "store/store.h"

enum err tick_key(struct op *op, tenant_id tenant, bool un, str named, str *ret_key)
{
	str field = un ? STR("untick") : STR("tick");
	tenant_id t;
	int64_t id;
	struct q_occurrence_get row;
	struct q_occurrence_by_key by;

	if (!pubid_read(named, &t, &id)) {
		if (q_occurrence_by_key(op, tenant, named, &by))
			return INVALID(op, field, "没有这项任务");
		*ret_key = named;
		return ERR_OK;
	}
	if (t.v != tenant.v || q_occurrence_get(op, tenant, (occurrence_id){ id }, &row))
		return INVALID(op, field, "没有这项任务");
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

/* --- naming an occurrence --- */

struct named { struct tick *at; size_t n, cap; };

static void name_push(struct rec *r, struct named *all, int64_t id, str key, bool un)
{
	struct tick *t = VEC_PUSH(r->op->arena, all);

	*t = (struct tick){ .record = id, .key = key, .un = un };
}

/* Of one subject: to tick, the earliest open; to untick, those whose time holds the deed. */
static enum err name_of_deed(struct rec *r, const struct duty *d, const struct deed *deed,
		int64_t id, bool un, struct named *all)
{
	struct q_occurrences_of_subject *row;
	size_t n;

	TRY(q_occurrences_of_subject(r->op, r->tenant, d->m.id, deed_subject(r->op->arena, deed, 0),
			deed_subject(r->op->arena, deed, 1), &row, &n));
	for (size_t i = 0; i < n; i++) {
		bool open = str_eq(row[i].state, STR("open")) && deed->done_ms < row[i].late_to_at;
		bool holds = row[i].from_at <= deed->done_ms && deed->done_ms < row[i].to_at;

		if (un ? !holds && row[i].record_id.v != id : !open)
			continue;
		name_push(r, all, id, row[i].key, un);
		if (!un)
			break;
	}
	return ERR_OK;
}

static enum err name_of_duty(struct rec *r, const struct duty *d, int64_t id, bool un,
		struct named *all)
{
	struct duty_deeds *dd;
	size_t n, before = all->n;

	TRY(deeds_judged(r, &dd, &n));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; dd[i].duty == d && k < dd[i].deeds.n; k++)
			if (dd[i].deeds.at[k].why == WHY_NONE)
				TRY(name_of_deed(r, d, &dd[i].deeds.at[k], id, un, all));
	return all->n > before ? ERR_OK : INVALID(r->op, un ? STR("untick") : STR("tick"),
			"“%.*s”没有这条记录能办的任务", STR_ARG(d->m.label));
}

enum err ticks_named(struct rec *r, int64_t id, const struct ticked *in, struct tick **ret,
		size_t *ret_n)
{
	struct named all = { 0 };

	for (size_t i = 0; i < in->tick_n + in->untick_n; i++) {
		bool un = i >= in->tick_n;
		str name = un ? in->untick[i - in->tick_n] : in->tick[i], key;
		const struct duty *d = policy_duty(r->w->policy, name);

		if (d) {
			TRY(name_of_duty(r, d, id, un, &all));
			continue;
		}
		TRY(tick_key(r->op, r->tenant, un, name, &key));
		name_push(r, &all, id, key, un);
	}
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}

enum err record_ticks(struct op *op, record_id record, const struct ticked *in,
		struct submitted *ret)
{
	const struct work *w;
	struct plan p = { .step = -1 };
	struct match_result m;
	struct tick *tick;
	size_t tick_n;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(work_load(op, op->scope->tenant, &w));
	enum err e = rec_load(op, w, record, &p.r);
	if (e == ERR_NOTFOUND || (!e && !rec_visible(&p.r)))
		return ERR_NOTFOUND;
	TRY(e);
	if (!took_part(&p.r, op->scope->person))
		return FAIL(op, ERR_DENIED, "只有办理过这条记录的人可以勾选");
	plan_bind(&p);
	TRY(ticks_named(&p.r, record.v, in, &tick, &tick_n));
	for (size_t i = 0; i < tick_n; i++) {
		TRY(tick_write(op, p.r.tenant, &tick[i]));
		TRY(group_of_key(op, w, tick[i].key));
	}
	TRY(match_record(&p.r, NULL, 0, false, &m));
	submitted_fill(&p, &m, ret);
	return tx_commit(&tx);
}

enum err occurrence_tick(struct op *op, record_id record, str occurrence, bool un)
{
	struct submitted all;

	return record_ticks(op, record, &(struct ticked){ .tick = &occurrence, .tick_n = !un,
			.untick = &occurrence, .untick_n = un }, &all);
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
	TRY(tick_key(op, w->org->tenant, false, occurrence, &key));
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
