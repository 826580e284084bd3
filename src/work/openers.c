/*
 * openers: for `verify`: what a commitment opens to, as stored now. A step's event commits
 * to what the step wrote and to the names of its doer and typist, encoded as apply.c
 * encodes them (step_content). A row whose salt is all zero was erased. What the event says in
 * clear stands in the row too, and is compared: a row moved to another doer or state opens to
 * nothing.
 */
#include "auth/auth.h"
#include "gen/q_step.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "work/submit.h"

static bool erased(struct salt s)
{
	static const struct salt zero;

	return memcmp(&s, &zero, sizeof(s)) == 0;
}

static bool says(const struct ledger_event *e, str key, str value)
{
	for (size_t i = 0; i < e->facts_n; i++)
		if (str_eq(e->facts[i].key, key))
			return str_eq(e->facts[i].value, value);
	return false;
}

static bool row_is_of(struct op *op, const struct q_step_content *row, const struct ledger_event *e)
{
	return row->event_seq == e->seq && row->at == e->at_ms &&
	       row->doer_id.v == e->person.v && row->account_id.v == e->account.v &&
	       row->appointment_id.v == e->appointment.v && says(e, STR("step"), row->step) &&
	       says(e, STR("from"), row->from_state) && says(e, STR("to"), row->to_state) &&
	       says(e, STR("post"), row->doer_post) &&
	       says(e, STR("version"), str_fmt(op->arena, "%lld", (long long)row->version));
}

static enum err open_step(struct op *op, void *arg, const struct ledger_event *e,
			  struct ledger_content *ret)
{
	struct q_step_content row;

	(void)arg;
	TRY(q_step_content(op, e->tenant, (step_id){ e->subject }, &row));
	if (!row_is_of(op, &row, e))
		*ret = (struct ledger_content){ .state = LEDGER_CONTENT_HERE, .bytes = STR("") };
	else if (erased(row.salt))
		*ret = (struct ledger_content){ .state = LEDGER_CONTENT_ERASED };
	else
		*ret = (struct ledger_content){
			LEDGER_CONTENT_HERE,
			step_content(op->arena, row.body, row.doer_name, row.typist_name), row.salt,
		};
	return ERR_OK;
}

size_t work_openers(struct op *op, struct ledger_opener **ret)
{
	struct ledger_opener *of_org, *of_auth;
	size_t org_n = org_openers(op, &of_org), n = org_n + auth_openers(op, &of_auth);
	struct ledger_opener *all = NEW_N(op->arena, n + 1, struct ledger_opener);

	for (size_t i = 0; i < n; i++)
		all[i] = i < org_n ? of_org[i] : of_auth[i - org_n];
	all[n] = (struct ledger_opener){ STR("record."), open_step, NULL };
	*ret = all;
	return n + 1;
}
