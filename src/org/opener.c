/*
 * opener: for ledger_verify(): what a commitment of org opens to, as stored now. An event
 * names the version of the row that it committed to: the newest is the row itself, older
 * ones stand in past_content. A row whose salt is all zero was erased.
 */
#include "org/org_int.h"

#include "gen/q_adoption.h"
#include "gen/q_person.h"

static bool erased(struct salt s)
{
	static const struct salt zero;

	return bytes_eq(&s, &zero, sizeof(s));
}

static void give(struct ledger_content *ret, str bytes, struct salt salt)
{
	if (erased(salt))
		*ret = (struct ledger_content){ .state = LEDGER_CONTENT_ERASED };
	else
		*ret = (struct ledger_content){ LEDGER_CONTENT_HERE, bytes, salt };
}

static int64_t fact_version(const struct ledger_event *e)
{
	int64_t v = 0;

	for (size_t i = 0; i < e->facts_n; i++)
		if (str_eq(e->facts[i].key, STR("version")) && !str_to_i64(e->facts[i].value, &v))
			v = 0;
	return v;
}

static enum err open_past(struct op *op, const struct ledger_event *e, str subject, int64_t version,
			  struct ledger_content *ret)
{
	struct q_past_content_get row;

	TRY(q_past_content_get(op, e->tenant, subject, e->subject, version, &row));
	give(ret, row.body, row.salt);
	return ERR_OK;
}

static enum err open_person(struct op *op, void *arg, const struct ledger_event *e,
			    struct ledger_content *ret)
{
	int64_t version = fact_version(e);
	struct q_person_get row;

	(void)arg;
	TRY(q_person_get(op, e->tenant, (person_id){ e->subject }, &row));
	if (row.version != version)
		return open_past(op, e, STR("person"), version, ret);
	give(ret, org_person_content(op, row.name, row.staff_no), row.salt);
	return ERR_OK;
}

static enum err open_contact(struct op *op, void *arg, const struct ledger_event *e,
			     struct ledger_content *ret)
{
	int64_t version = fact_version(e);
	struct q_person_contact_get row;

	(void)arg;
	TRY(q_person_contact_get(op, e->tenant, (person_id){ e->subject }, &row));
	if (row.version != version)
		return open_past(op, e, STR("contact"), version, ret);
	give(ret, org_contact_content(op, row.phone), row.salt);
	return ERR_OK;
}

static enum err open_waiver(struct op *op, void *arg, const struct ledger_event *e,
			    struct ledger_content *ret)
{
	struct q_waiver_content row;

	(void)arg;
	TRY(q_waiver_content(op, e->tenant, e->subject, &row));
	give(ret, org_waiver_content(op, row.person_name, row.reason), row.salt);
	return ERR_OK;
}

size_t org_openers(struct op *op, struct ledger_opener **ret)
{
	static const struct ledger_opener all[] = {
		{ STR("person."), open_person, NULL },
		{ STR("contact."), open_contact, NULL },
		{ STR("waiver."), open_waiver, NULL },
	};
	size_t n = sizeof(all) / sizeof(all[0]);

	*ret = NEW_N(op->arena, n, struct ledger_opener);
	memcpy(*ret, all, sizeof(all));
	return n;
}
