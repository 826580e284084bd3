/*
 * pack_cover: what must hold at every moment (requires), shifts that need people
 * (rosters), and formulas over counters (indicators).
 */
#include "rules/pack_int.h"

/* --- need: --- */

static void need_roles(struct loader *L, struct require *r, const struct yaml *v)
{
	const size_t max = sizeof(r->role) / sizeof(*r->role);
	int64_t n;

	if (v->kind != YAML_MAP) {
		(void)read_words(L, v, &r->words);
		for (size_t i = 0; i < r->words.n && i < max; i++) {
			r->role[i].role = r->words.at[i];
			r->role[i].n = 1;
			r->role_n = i + 1;
		}
		return;
	}
	if (v->n > max)
		BAD(L, "B105", v, "这里最多写 %zu 项", max);
	for (size_t i = 0; i < v->n && i < max; i++) {
		if (!read_i64(L, v->at[i], 1, 1000, &n))
			return;
		r->role[i].role = v->key[i];
		r->role[i].n = (int32_t)n;
		r->role_n = i + 1;
	}
}

static void need_true(struct loader *L, const struct yaml *v)
{
	bool b;

	if (read_bool(L, v, &b) && !b)
		BAD(L, "B105", v, "这里只能写 true；不要求就不写这一条");
}

static void need_count(struct loader *L, struct require *r, const struct yaml *v)
{
	int64_t n;

	if (v->kind == YAML_SCALAR && str_starts(v->s, STR("$")))
		r->limit_param = str_slice(v->s, 1, v->s.len);
	else if (read_i64(L, v, 0, 100000, &n))
		r->limit = value_int(n);
}

/* How the value of each kind of need is read. */
enum need_form { FORM_ROLES, FORM_TRUE, FORM_WORDS, FORM_COUNT, FORM_LOOP, FORM_DUTY, FORM_LATER };
static const struct {
	const char *key;
	enum need_kind kind;
	enum need_form form;
} needs[] = {
	{ "keeper", NEED_KEEPER, FORM_ROLES },
	{ "keeper_in_post", NEED_KEEPER_IN_POST, FORM_TRUE },
	{ "distinct", NEED_DISTINCT, FORM_WORDS },
	{ "max_places", NEED_MAX_PLACES, FORM_COUNT },
	{ "holder", NEED_HOLDER, FORM_ROLES },
	{ "duties", NEED_DUTIES, FORM_COUNT },
	{ "body_filled", NEED_BODY_FILLED, FORM_WORDS },
	{ "record", NEED_RECORD, FORM_LOOP },
	{ "fulfilled", NEED_FULFILLED, FORM_DUTY },
	{ "place", NEED_PLACE, FORM_COUNT },
	{ "asset", NEED_ASSET, FORM_COUNT },
	{ "roles_filled", NEED_ROLES_FILLED, FORM_LOOP },
	{ "no_open", NEED_NO_OPEN, FORM_LOOP },
	{ "link", NEED_KEEPER, FORM_LATER },
	{ "assigned", NEED_KEEPER, FORM_LATER },
};

static void need_one(struct loader *L, struct require *r, size_t i, const struct yaml *v)
{
	r->need = needs[i].kind;
	switch (needs[i].form) {
	case FORM_ROLES:
		need_roles(L, r, v);
		return;
	case FORM_TRUE:
		need_true(L, v);
		return;
	case FORM_WORDS:
		(void)read_words(L, v, &r->words);
		return;
	case FORM_COUNT:
		need_count(L, r, v);
		return;
	case FORM_LOOP:
		(void)read_text(L, v, &r->loop);
		return;
	case FORM_DUTY:
		(void)read_text(L, v, &r->duty);
		return;
	case FORM_LATER:
		BAD(L, "B190", v, "need 的“%s”要到第 3 阶段才有（needs stage 3）", needs[i].key);
		return;
	}
}

/* One need, and beside `record` and its like: state, same. */
static void require_need(struct loader *L, void *obj, const struct yaml *v)
{
	const size_t kinds = sizeof(needs) / sizeof(*needs);
	struct require *r = obj;
	int found = 0;

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "need 要写成“要什么: 多少”");
		return;
	}
	for (size_t k = 0; k < v->n; k++) {
		size_t i = 0;

		while (i < kinds && !str_eq(v->key[k], str_of(needs[i].key)))
			i++;
		if (i < kinds) {
			found++;
			need_one(L, r, i, v->at[k]);
		} else if (str_eq(v->key[k], STR("state"))) {
			(void)read_text(L, v->at[k], &r->state);
		} else if (str_eq(v->key[k], STR("same"))) {
			(void)read_same(L, v->at[k], &r->same, &r->same_n, NULL);
		} else {
			diag_add(L->op->arena, L->ds, "B407", pos_of_key(L, v, k),
				 "need 里没有“%.*s”", STR_ARG(v->key[k]));
			return;
		}
	}
	if (found != 1)
		BAD(L, "B407", v, "need 要有且只有一项要求");
}

static void require_severity(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "error", "warning", "info", NULL };
	struct require *r = obj;
	int i;

	if (read_word(L, v, words, &i))
		r->severity = i == 0 ? SEV_ERROR : i == 1 ? SEV_WARNING : SEV_INFO;
}

static void require_for(struct loader *L, void *obj, const struct yaml *v)
{
	size_t n;

	(void)read_per(L, v, &((struct require *)obj)->per, 1, &n);
}

static void require_by(struct loader *L, void *obj, const struct yaml *v)
{
	struct require *r = obj;
	const struct yaml *len;

	if (read_pair(L, v, &r->by_anchor, &len))
		r->has_by = read_duration(L, len, &r->by);
}

static const struct key waive_keys[] = {
	{ "by", 1, KEY_ID, offsetof(struct require, waive_by), 0, NULL },
	{ "for", 1, KEY_TEXT, offsetof(struct require, waive_for), 0, NULL },
};
static const struct keys waive_table = KEYS("免除 waive ", waive_keys);

static void require_waive(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &waive_table, obj, NULL))
		(void)(need_key(L, v, "by", "waive") && need_key(L, v, "for", "waive"));
}

static const struct key require_keys[] = {
	{ "code", 1, KEY_TEXT, offsetof(struct require, m.id), 0, NULL },
	{ "severity", 1, KEY_FN, 0, 0, require_severity },
	{ "for", 1, KEY_FN, 0, 0, require_for },
	{ "where", 1, KEY_EXPR, offsetof(struct require, where), 0, NULL },
	{ "need", 1, KEY_FN, 0, 0, require_need },
	{ "by", 1, KEY_FN, 0, 0, require_by },
	{ "waive", 1, KEY_FN, 0, 0, require_waive },
	{ "fix", 1, KEY_ID, offsetof(struct require, fix), 0, NULL },
};
static const struct keys require_table = KEYS("常备要求", require_keys);

static bool code_ok(str code)
{
	if (code.len != 4 || code.ptr[0] != 'G')
		return false;
	for (size_t i = 1; i < 4; i++)
		if (code.ptr[i] < '0' || code.ptr[i] > '9')
			return false;
	return true;
}

/* How many of this code stand already: the n of "require:G101#n", from 1. */
static int require_no(struct loader *L, str code)
{
	for (size_t i = L->require.n; i-- > 0;)
		if (str_eq(L->require.at[i].m.id, code))
			return L->require.at[i].no + 1;
	return 1;
}

void load_requires(struct loader *L, const struct yaml *doc)
{
	if (doc->kind != YAML_SEQ) {
		BAD(L, "B102", doc, "requires.yaml 要写成列表");
		return;
	}
	for (size_t i = 0; i < doc->n; i++) {
		const struct yaml *y = doc->at[i];
		struct require r = { 0 };

		meta_init(L, &r.m, y, STR_NONE);
		if (!keys_read(L, y, &require_table, &r, &r.m) ||
		    !need_key(L, y, "code", "常备要求") || !need_key(L, y, "for", "常备要求") ||
		    !need_key(L, y, "need", "常备要求") || !need_key(L, y, "severity", "常备要求"))
			continue;
		if (!code_ok(r.m.id))
			BAD(L, "B109", y, "编码要写成 G 加三位数字");
		r.no = require_no(L, r.m.id);
		r.m.removed = is_removed(L, "require",
					 str_fmt(L->a, "%.*s#%d", STR_ARG(r.m.id), (int)r.no));
		*VEC_PUSH(L->a, &L->require) = r;
	}
}

/* --- rosters --- */

/* {school-day: $dismissal_times} or {day: ["22:00-06:00"]}. */
static void roster_when(struct loader *L, void *obj, const struct yaml *v)
{
	struct roster *r = obj;
	const struct yaml *times;
	str per;

	if (!read_pair(L, v, &per, &times) || !per_kind_of(L, v, per, &r->when.every))
		return;
	r->when.school_day = r->when.every == PER_SCHOOL_DAY;
	if (times->kind == YAML_SCALAR && str_starts(times->s, STR("$")))
		r->when.param = str_slice(times->s, 1, times->s.len);
	else
		(void)read_words(L, times, &r->when.times);
}

static void roster_per(struct loader *L, void *obj, const struct yaml *v)
{
	struct roster *r = obj;
	size_t n;

	if (v->kind == YAML_SCALAR && str_starts(v->s, STR("body:")))
		BAD(L, "B190", v, "按组织排班要到第 2 阶段才有（needs stage 2）");
	else
		r->has_per = read_per(L, v, &r->per, 1, &n);
}

static void people_of(struct loader *L, void *obj, const struct yaml *v)
{
	struct roster *r = obj;
	const size_t max = sizeof(r->of) / sizeof(*r->of);
	int64_t n;

	if (v->kind != YAML_MAP || v->n > max) {
		BAD(L, "B102", v, "人员构成要写成“岗位: 人数”，最多 %zu 种", max);
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		if (!read_i64(L, v->at[i], 0, 1000, &n))
			return;
		r->of[i].post = v->key[i];
		r->of[i].n = (int32_t)n;
		r->of_n = i + 1;
	}
}

static const struct key people_keys[] = {
	{ "min", 1, KEY_EXPR, offsetof(struct roster, min), 0, NULL },
	{ "count", 1, KEY_WORDS, offsetof(struct roster, count), 0, NULL },
	{ "of", 1, KEY_FN, 0, 0, people_of },
};
static const struct keys people_table = KEYS("排班人员 people ", people_keys);

static void roster_people(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &people_table, obj, NULL))
		(void)need_key(L, v, "min", "people");
}

static const struct key during_people_keys[] = {
	{ "min", 1, KEY_EXPR, offsetof(struct roster_during, min), 0, NULL },
};
static const struct keys during_people_table = KEYS("时期内的 people ", during_people_keys);

static void during_people(struct loader *L, void *obj, const struct yaml *v)
{
	(void)keys_read(L, v, &during_people_table, obj, NULL);
}

static const struct key during_keys[] = {
	{ "people", 1, KEY_FN, 0, 0, during_people },
};
static const struct keys during_table = KEYS("时期 during ", during_keys);

static void roster_during(struct loader *L, void *obj, const struct yaml *v)
{
	struct roster *r = obj;
	struct roster_during *at = NEW_N(L->a, v->n, struct roster_during);

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "during 要写成“时期: {people: …}”");
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		at[i].period = v->key[i];
		if (!keys_read(L, v->at[i], &during_table, &at[i], NULL))
			return;
	}
	r->during = at;
	r->during_n = v->n;
}

static const struct key swap_keys[] = {
	{ "agree", 1, KEY_TEXT, offsetof(struct roster, swap_agree), 0, NULL },
	{ "tell", 1, KEY_ID, offsetof(struct roster, swap_tell), 0, NULL },
};
static const struct keys swap_table = KEYS("换班 swap ", swap_keys);

static void fill_swap(struct loader *L, void *obj, const struct yaml *v)
{
	(void)keys_read(L, v, &swap_table, obj, NULL);
}

static const struct key fill_keys[] = {
	{ "loop", 1, KEY_ID, offsetof(struct roster, fill_loop), 0, NULL },
	{ "rows", 1, KEY_NAME, offsetof(struct roster, fill_rows), 0, NULL },
	{ "ahead", 1, KEY_DURATION, offsetof(struct roster, fill_ahead),
	  offsetof(struct roster, has_fill_ahead), NULL },
	{ "swap", 1, KEY_FN, 0, 0, fill_swap },
};
static const struct keys fill_table = KEYS("排班表 fill ", fill_keys);

static void roster_fill(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &fill_table, obj, NULL))
		(void)(need_key(L, v, "loop", "fill") && need_key(L, v, "rows", "fill"));
}

static void presence_how(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "exceptions", NULL };
	int i;

	if (read_word(L, v, words, &i))
		((struct roster *)obj)->presence_how = v->s;
}

static const struct key presence_keys[] = {
	{ "by", 1, KEY_ID, offsetof(struct roster, presence_by), 0, NULL },
	{ "how", 1, KEY_FN, 0, 0, presence_how },
};
static const struct keys presence_table = KEYS("到岗 presence ", presence_keys);

static void roster_presence(struct loader *L, void *obj, const struct yaml *v)
{
	(void)keys_read(L, v, &presence_table, obj, NULL);
}

static void roster_on(struct loader *L, void *obj, const struct yaml *v)
{
	struct roster *r = obj;

	(void)read_triggers(L, v, &r->on, &r->on_n);
}

static const struct key roster_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "when", 1, KEY_FN, 0, 0, roster_when },
	{ "per", 1, KEY_FN, 0, 0, roster_per },
	{ "where", 1, KEY_EXPR, offsetof(struct roster, where), 0, NULL },
	{ "people", 1, KEY_FN, 0, 0, roster_people },
	{ "during", 1, KEY_FN, 0, 0, roster_during },
	{ "from", 1, KEY_WORDS, offsetof(struct roster, from), 0, NULL },
	{ "leader", 1, KEY_ID, offsetof(struct roster, leader), 0, NULL },
	{ "fill", 1, KEY_FN, 0, 0, roster_fill },
	{ "presence", 1, KEY_FN, 0, 0, roster_presence },
	{ "on", 1, KEY_FN, 0, 0, roster_on },
};
static const struct keys roster_table = KEYS("值班", roster_keys);

static void one_roster(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct roster r = { 0 };

	(void)ctx;
	if (is_removed(L, "roster", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &r.m, y, id);
	if (!keys_read(L, y, &roster_table, &r, &r.m) || !need_key(L, y, "people", "值班"))
		return;
	if (!yaml_get(y, STR("when")) && !yaml_get(y, STR("on")))
		BAD(L, "B104", y, "值班要写 when（什么时候）或 on（随什么事）");
	*VEC_PUSH(L->a, &L->roster) = r;
}

void load_rosters(struct loader *L, const struct yaml *doc)
{
	each_named(L, doc, "值班", one_roster, NULL);
}

/* --- indicators --- */

static void ind_formula(struct loader *L, struct indicator *ind, const struct yaml *v)
{
	if (read_text(L, v, &ind->text))
		(void)read_expr(L, v, &ind->value);
}

static void ind_of(struct loader *L, struct indicator *ind, const struct yaml *v,
		   enum indicator_kind kind)
{
	ind->kind = kind;
	if (kind == IND_COUNT || kind == IND_SUM)
		ind_formula(L, ind, v);
	else
		(void)read_words(L, v, &ind->of);
}

#define IND_KEY(name, kind)                                                                        \
	static void ind_##name(struct loader *L, void *obj, const struct yaml *v)                  \
	{                                                                                          \
		ind_of(L, obj, v, (kind));                                                         \
	}
IND_KEY(count, IND_COUNT)
IND_KEY(sum, IND_SUM)
IND_KEY(ratio, IND_RATIO)
IND_KEY(duty, IND_DUTY)
IND_KEY(state, IND_STATE)
IND_KEY(ack, IND_ACK)
IND_KEY(coverage, IND_COVERAGE)

static void ind_value(struct loader *L, void *obj, const struct yaml *v)
{
	ind_formula(L, obj, v);
}

static const struct key indicator_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "count", 1, KEY_FN, 0, 0, ind_count },
	{ "sum", 1, KEY_FN, 0, 0, ind_sum },
	{ "ratio", 1, KEY_FN, 0, 0, ind_ratio },
	{ "duty", 1, KEY_FN, 0, 0, ind_duty },
	{ "state", 1, KEY_FN, 0, 0, ind_state },
	{ "ack", 1, KEY_FN, 0, 0, ind_ack },
	{ "coverage", 1, KEY_FN, 0, 0, ind_coverage },
	{ "value", 1, KEY_FN, 0, 0, ind_value },
	{ "by", 1, KEY_NAME, offsetof(struct indicator, by), 0, NULL },
	{ "over", 3, KEY_LATER, 0, 0, NULL },
	{ "view", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys indicator_table = KEYS("指标", indicator_keys);

static void one_indicator(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	static const char *const ways[] = { "count", "sum", "ratio",   "duty",
					    "state", "ack", "coverage" };
	struct indicator ind = { 0 };
	int n = 0;

	(void)ctx;
	if (is_removed(L, "indicator", id) || !name_ok(L, y, id))
		return;
	meta_init(L, &ind.m, y, id);
	if (!keys_read(L, y, &indicator_table, &ind, &ind.m))
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		n += yaml_get(y, str_of(ways[i])) != NULL;
	if (n != 1)
		BAD(L, "B410", y,
		    "指标要有且只有一种算法：count、sum、ratio、duty、state、ack 或 coverage");
	else
		*VEC_PUSH(L->a, &L->indicator) = ind;
}

static void indicators_of(struct loader *L, void *obj, const struct yaml *v)
{
	(void)obj;
	each_named(L, v, "指标", one_indicator, NULL);
}

static const struct key indicators_keys[] = {
	{ "indicators", 1, KEY_FN, 0, 0, indicators_of },
};
static const struct keys indicators_table = KEYS("indicators.yaml ", indicators_keys);

void load_indicators(struct loader *L, const struct yaml *doc)
{
	(void)keys_read(L, doc, &indicators_table, L, NULL);
}
