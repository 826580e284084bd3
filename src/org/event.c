/*
 * event: the one way in which org writes the ledger. Every write of org ends here, so
 * that no fact is without its event and no change without a new tenant_version, against
 * which views are cached (work/policies.h). What is personal is committed to with a salt
 * that stands beside it; ids, posts, codes, days are facts of the event itself.
 */
#include "org/org_int.h"

#include <assert.h>

#include "auth/scope.h"
#include "base/idgen.h"
#include "gen/q_policy.h"

void fact_str(struct facts *f, const char *key, str value)
{
	assert(f->n < LEDGER_FACTS_MAX);
	if (value.len)
		f->at[f->n++] = (struct ledger_fact){ str_of(key), value };
}

void fact_i64(struct op *op, struct facts *f, const char *key, int64_t value)
{
	fact_str(f, key, str_fmt(op->arena, "%lld", (long long)value));
}

void fact_day(struct op *op, struct facts *f, const char *key, day_no day)
{
	if (day != DAY_NONE && day != INT32_MAX)
		fact_str(f, key, date_format(op->arena, day));
}

void fact_span(struct op *op, struct facts *f, int64_t from_ms, int64_t to_ms)
{
	fact_i64(op, f, "from", from_ms);
	if (to_ms != INSTANT_OPEN)
		fact_i64(op, f, "to", to_ms);
}

int64_t org_id(struct op *op)
{
	assert(op->idgen);	/* only the writer makes ids */
	return idgen_next(op->idgen, op->now_ms);
}

enum err org_event_content(struct op *op, const char *kind, const char *subject_kind,
			   int64_t subject, const struct facts *f, str content, struct salt salt)
{
	static const struct scope nobody = { 0 };
	const struct scope *who = op->scope ? op->scope : &nobody;

	TRY(ledger_append(op, &(struct ledger_event){
		.kind = str_of(kind), .account = who->account, .person = who->person,
		.appointment = who->appointment, .subject_kind = str_of(subject_kind),
		.subject = subject, .facts = f->at, .facts_n = f->n, .content = content,
		.salt = salt,
	}, NULL));
	return q_tenant_version_raise(op, op->tenant);
}

enum err org_event(struct op *op, const char *kind, const char *subject_kind, int64_t subject,
		   const struct facts *f)
{
	return org_event_content(op, kind, subject_kind, subject, f, STR_NONE,
			(struct salt){ { 0 } });
}

enum err org_version(struct op *op, tenant_id tenant, int64_t *ret_n)
{
	struct q_tenant_version_get row = { 0 };
	enum err e = q_tenant_version_get(op, tenant, &row);

	if (e && e != ERR_NOTFOUND)
		return e;
	*ret_n = row.n;
	return ERR_OK;
}

/* ---- what comes in ------------------------------------------------------------ */

enum err org_clean(struct op *op, const char *field, str raw, size_t max, const char *empty,
		   str *ret_s)
{
	str s;

	TRY(utf8_clean(op, str_of(field), raw.ptr ? raw : STR(""), max, false, &s));
	if (empty && s.len == 0)
		return INVALID(op, str_of(field), "%s", empty);
	*ret_s = s;
	return ERR_OK;
}

enum err org_span(struct op *op, int64_t from_ms, int64_t *to_ms)
{
	if (*to_ms == 0)
		*to_ms = INSTANT_OPEN;
	if (from_ms <= 0)
		return INVALID(op, STR("from"), "请填写从哪一天起。");
	if (*to_ms <= from_ms)
		return INVALID(op, STR("to"), "结束时间要晚于开始时间。");
	return ERR_OK;
}

/* ---- content ------------------------------------------------------------------ */

static str content_of(struct op *op, const str *part, size_t n)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	str s;

	buf_init(&b, LEDGER_CONTENT_MAX);
	for (size_t i = 0; i < n; i++)
		ledger_put_str(&b, part[i]);
	if (buf_finish(&b, &s))
		panic("personal content passes its ceiling");	/* bounded part by part */
	return str_dup(op->arena, s);
}

str org_person_content(struct op *op, str name, str staff_no)
{
	return content_of(op, (str[]){ name, staff_no }, 2);
}

str org_contact_content(struct op *op, str phone)
{
	return content_of(op, &phone, 1);
}

str org_waiver_content(struct op *op, str person_name, str reason)
{
	return content_of(op, (str[]){ person_name, reason }, 2);
}
