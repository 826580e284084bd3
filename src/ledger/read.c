/*
 * read: the chain as people look at it: a page of entries, newest first, and its head. It
 * only shows; what proves is verify.c.
 */
#include "ledger/encode.h"

#include "gen/q_ledger.h"

enum err ledger_newest(struct op *op, tenant_id tenant, int64_t before, int64_t limit,
		       struct ledger_entry **ret, size_t *ret_n)
{
	struct q_ledger_event_newest *rows;
	size_t n;

	TRY(q_ledger_event_newest(op, tenant, before, limit, &rows, &n));
	struct ledger_entry *all = NEW_N(op->arena, n, struct ledger_entry);
	for (size_t i = 0; i < n; i++) {
		struct ledger_event event;

		all[i] = (struct ledger_entry){ .seq = rows[i].seq, .at_ms = rows[i].at,
						.kind = rows[i].kind, .link = rows[i].link,
						.subject = rows[i].subject,
						.account = rows[i].account,
						.person = rows[i].person };
		if (!ledger_decode(op->arena, rows[i].event, &event))
			continue;
		all[i].facts = event.facts;
		all[i].facts_n = event.facts_n;
	}
	*ret = all;
	*ret_n = n;
	return ERR_OK;
}
