/* late: a rung of a ladder that was reached: the fact, its event in the ledger, and who is told. */
#include "work/events.h"

#include "base/idgen.h"
#include "gen/q_step.h"
#include "gen/q_todo.h"
#include "ledger/ledger.h"

enum err late_note(struct op *op, const struct work *w, record_id record, str occurrence_key,
		   str state, int32_t rung, int64_t due_ms, int64_t at_ms, person_id owner)
{
	int64_t id = idgen_next(op->idgen, op->now_ms), seq;
	struct ledger_fact facts[] = {
		{ STR("state"), state }, { STR("occurrence"), occurrence_key }, { STR("rung"),
				str_fmt(op->arena, "%d", rung) },
		{ STR("due"), str_fmt(op->arena, "%lld", (long long)due_ms) }, { STR("owner"),
				str_fmt(op->arena, "%lld", (long long)owner.v) },
	};

	TRY(q_lateness_add(op, &(struct q_lateness_add_in){
		.tenant = w->org->tenant, .id = id, .record = record,
		.occurrence_key = occurrence_key, .state = state, .rung = rung, .due_at = due_ms,
		.at = at_ms, .owner_id = owner,
	}));
	return ledger_append(op, &(struct ledger_event){
		.kind = STR("late"), .subject_kind = record.v ? STR("record") : STR("lateness"),
		.subject = record.v ? record.v : id, .facts = facts,
		.facts_n = sizeof(facts) / sizeof(facts[0]),
	}, &seq);
}

static enum err tell(struct op *op, tenant_id tenant, person_id to, const char *kind,
		record_id record, occurrence_id occ, str text)
{
	return q_notice_add(op, &(struct q_notice_add_in){
		.tenant = tenant, .id = idgen_next(op->idgen, op->now_ms), .person = to,
		.kind = str_of(kind), .record = record, .occurrence = occ, .step = { 0 },
		.text = text, .created_at = op->now_ms, .not_before = op->now_ms,
	});
}

enum err late_tell(struct op *op, const struct work *w, const struct who_set *own,
		   const struct who_set *to, record_id record, occurrence_id occurrence, str label)
{
	for (size_t i = 0; own && i < own->n; i++)
		TRY(tell(op, w->org->tenant, own->at[i].person, "remind", record, occurrence,
			 str_fmt(op->arena, "“%.*s”已到期，请尽快办理", STR_ARG(label))));
	for (size_t i = 0; to && i < to->n; i++)
		TRY(tell(op, w->org->tenant, to->at[i].person, "oversee", record, occurrence,
			 str_fmt(op->arena, "“%.*s”逾期，请您督办", STR_ARG(label))));
	return ERR_OK;
}
