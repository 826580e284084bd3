/*
 * openers: for `verify`: what a commitment opens to, as stored now. A step's event commits
 * to what the step wrote and to the names of its doer and typist, encoded as apply.c
 * encodes them (step_content). A row whose salt is all zero was erased.
 */
#include "gen/q_step.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "work/submit.h"

static bool erased(struct salt s)
{
	static const struct salt zero;

	return memcmp(&s, &zero, sizeof(s)) == 0;
}

static enum err open_step(struct op *op, void *arg, const struct ledger_event *e,
			  struct ledger_content *ret)
{
	struct q_step_content row;

	(void)arg;
	TRY(q_step_content(op, e->tenant, (step_id){ e->subject }, &row));
	if (erased(row.salt))
		*ret = (struct ledger_content){ .state = LEDGER_CONTENT_ERASED };
	else
		*ret = (struct ledger_content){ LEDGER_CONTENT_HERE,
			step_content(op->arena, row.body, row.doer_name, row.typist_name),
				row.salt };
	return ERR_OK;
}

size_t work_openers(struct op *op, struct ledger_opener **ret)
{
	struct ledger_opener *of_org;
	size_t n = org_openers(op, &of_org);
	struct ledger_opener *all = NEW_N(op->arena, n + 1, struct ledger_opener);

	for (size_t i = 0; i < n; i++)
		all[i] = of_org[i];
	all[n] = (struct ledger_opener){ STR("record."), open_step, NULL };
	*ret = all;
	return n + 1;
}
