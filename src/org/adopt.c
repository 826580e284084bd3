/*
 * adopt: which packs bind the unit, the values of parameters, the choices it makes, and
 * the waivers it signs. All but waivers have four times: what holds from T on ends, at T,
 * whatever held before, by a retraction and a new row with the earlier end; what was
 * planned for later than T is superseded. The packs themselves are compiled and checked
 * by who calls this (work/composition.c): org only keeps what was decided.
 */
#include "org/org_int.h"

#include "gen/q_adoption.h"

#define VALUE_BYTES_MAX (64 * KIB)
#define VALUE_IN_EVENT 1000	/* a longer value is named by its hash */
#define REASON_MAX_CHARS 500

/* ---- packs -------------------------------------------------------------------- */

static enum err add_adoption(struct op *op, int64_t id, str pack, str version, int64_t from_ms,
			     int64_t to_ms)
{
	return q_adoption_add(op, &(struct q_adoption_add_in){
		.tenant = op->tenant, .id = id, .pack = pack, .version = version,
		.valid_from = from_ms, .valid_to = to_ms, .recorded_at = op->now_ms,
	});
}

/* *ret_same: the version holds at from_ms already. */
static enum err end_adoptions(struct op *op, str pack, str version, int64_t from_ms,
		int64_t *ret_same)
{
	struct q_adoptions_of_pack *row;
	int64_t changed;
	size_t n;

	TRY(q_adoptions_of_pack(op, op->tenant, pack, &row, &n));
	for (size_t i = 0; i < n; i++) {
		if (row[i].valid_to <= from_ms)
			continue;
		if (row[i].valid_from <= from_ms && row[i].valid_to == INSTANT_OPEN &&
		    str_eq(row[i].version, version)) {
			*ret_same = row[i].id;
			continue;
		}
		TRY(q_adoption_retract(op, op->tenant, row[i].id, op->now_ms, &changed));
		if (row[i].valid_from < from_ms)
			TRY(add_adoption(op, org_id(op), pack, row[i].version, row[i].valid_from,
					from_ms));
	}
	return ERR_OK;
}

enum err org_adopt(struct op *op, str pack, str version, int64_t from_ms, int64_t *ret_id)
{
	struct facts f = { .n = 0 };
	int64_t id = 0;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "pack", pack, 80, "请选择方案。", &pack));
	TRY(org_clean(op, "version", version, 80, "方案没有版本。", &version));
	TRY(end_adoptions(op, pack, version, from_ms, &id));
	if (id == 0) {
		id = org_id(op);
		TRY(add_adoption(op, id, pack, version, from_ms, INSTANT_OPEN));
		fact_str(&f, "pack", pack);
		fact_str(&f, "version", version);
		fact_i64(op, &f, "from", from_ms);
		TRY(org_event(op, "adoption.add", "adoption", id, &f));
	}
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

/* ---- parameters and choices --------------------------------------------------- */

static void fact_value(struct op *op, struct facts *f, str value)
{
	if (value.len <= VALUE_IN_EVENT)
		fact_str(f, "value", value);
	else
		fact_str(f, "value-sha256", hash_hex(op->arena, hash_of(value)));
}

static enum err add_parameter(struct op *op, int64_t id, str name, str value, int64_t record,
			      int64_t from_ms, int64_t to_ms)
{
	return q_adoption_parameter_add(op, &(struct q_adoption_parameter_add_in){
		.tenant = op->tenant, .id = id, .name = name, .value = value, .record_id = record,
		.valid_from = from_ms, .valid_to = to_ms, .recorded_at = op->now_ms,
	});
}

enum err org_parameter_set(struct op *op, str name, str yaml, int64_t from_ms, int64_t record)
{
	struct q_adoption_parameter_of *row;
	struct facts f = { .n = 0 };
	int64_t changed;
	size_t n;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "name", name, 80, "请选择是哪一项。", &name));
	if (yaml.len > VALUE_BYTES_MAX)
		return INVALID(op, name, "内容太长了。");
	TRY(q_adoption_parameter_of(op, op->tenant, name, &row, &n));
	for (size_t i = 0; i < n; i++) {
		if (row[i].valid_to <= from_ms)
			continue;
		TRY(q_adoption_parameter_retract(op, op->tenant, row[i].id, op->now_ms, &changed));
		if (row[i].valid_from < from_ms)
			TRY(add_parameter(op, org_id(op), name, row[i].value, row[i].record_id,
					  row[i].valid_from, from_ms));
	}
	int64_t id = org_id(op);
	TRY(add_parameter(op, id, name, yaml, record, from_ms, INSTANT_OPEN));
	fact_str(&f, "name", name);
	fact_value(op, &f, yaml);
	fact_i64(op, &f, "from", from_ms);
	if (record)
		fact_i64(op, &f, "record", record);
	TRY(org_event(op, "parameter.set", "parameter", id, &f));
	return tx_leave(&tx);
}

static enum err add_choice(struct op *op, int64_t id, str kind, str subject, str value,
			   int64_t from_ms, int64_t to_ms)
{
	return q_adoption_choice_add(op, &(struct q_adoption_choice_add_in){
		.tenant = op->tenant, .id = id, .kind = kind, .subject = subject, .value = value,
		.valid_from = from_ms, .valid_to = to_ms, .recorded_at = op->now_ms,
	});
}

/* An empty value takes the choice back from from_ms on. */
enum err org_choice_set(struct op *op, str kind, str subject, str value, int64_t from_ms)
{
	struct q_adoption_choices_of *row;
	struct facts f = { .n = 0 };
	int64_t changed, id = org_id(op);
	size_t n;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "kind", kind, CODE_MAX_CHARS, "请选择要改什么。", &kind));
	TRY(org_clean(op, "subject", subject, 200, "请选择要改什么。", &subject));
	if (value.len > VALUE_BYTES_MAX)
		return INVALID(op, STR("value"), "内容太长了。");
	TRY(q_adoption_choices_of(op, op->tenant, kind, subject, &row, &n));
	for (size_t i = 0; i < n; i++) {
		if (row[i].valid_to <= from_ms)
			continue;
		TRY(q_adoption_choice_retract(op, op->tenant, row[i].id, op->now_ms, &changed));
		if (row[i].valid_from < from_ms)
			TRY(add_choice(op, org_id(op), kind, subject, row[i].value,
				       row[i].valid_from, from_ms));
	}
	if (value.len)
		TRY(add_choice(op, id, kind, subject, value, from_ms, INSTANT_OPEN));
	fact_str(&f, "kind", kind);
	fact_str(&f, "subject", subject);
	fact_value(op, &f, value);
	fact_i64(op, &f, "from", from_ms);
	TRY(org_event(op, "choice.set", "choice", id, &f));
	return tx_leave(&tx);
}

/* ---- waivers ------------------------------------------------------------------ */

enum err org_waive(struct op *op, const struct new_waiver *given, int64_t *ret_id)
{
	struct new_waiver w = *given;
	struct facts f = { .n = 0 };
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "code", w.code, CODE_MAX_CHARS, "请选择要免去什么。", &w.code));
	TRY(org_clean(op, "subject", w.subject, 300, NULL, &w.subject));
	TRY(org_clean(op, "reason", w.reason, REASON_MAX_CHARS, "请写明理由。", &w.reason));
	if (w.to < w.from)
		return INVALID(op, STR("to"), "结束日期要在开始日期之后。");
	int64_t id = org_id(op);
	struct salt salt = ledger_salt(op);
	TRY(q_waiver_add(op, &(struct q_waiver_add_in){
		.tenant = op->tenant, .id = id, .code = w.code, .subject = w.subject,
		.from_on = w.from, .to_on = w.to, .person = w.person, .person_name = w.person_name,
		.post = w.post, .reason = w.reason, .recorded_at = op->now_ms, .salt = salt,
	}));
	fact_str(&f, "code", w.code);
	fact_str(&f, "subject", w.subject);
	fact_i64(op, &f, "person", w.person.v);
	fact_str(&f, "post", w.post);
	fact_day(op, &f, "from", w.from);
	fact_day(op, &f, "to", w.to);
	TRY(org_event_content(op, "waiver.sign", "waiver", id, &f,
			      org_waiver_content(op, w.person_name, w.reason), salt));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

enum err org_waivers_load(struct op *op, tenant_id tenant, struct waiver **ret, size_t *ret_n)
{
	VEC(struct waiver) all = { 0 };
	struct q_waivers_all *row;
	int64_t after = 0;
	size_t n;

	do {
		TRY(q_waivers_all(op, tenant, after, ORG_PAGE, &row, &n));
		for (size_t i = 0; i < n; i++) {
			struct waiver w = { .code = row[i].code, .from = row[i].from_on,
					    .to = row[i].to_on };
			after = row[i].id;
			/* Codes of holes start with G; others waive one occurrence. */
			if (!str_starts(w.code, STR("G")))
				continue;
			if (row[i].subject.len && !subject_parse(row[i].subject, &w.subject))
				continue;
			*VEC_PUSH(op->arena, &all) = w;
		}
	} while (n == ORG_PAGE);
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}
