/*
 * pack_param: parameters and what an adoption sets. A value is read by its type once,
 * here, for a default, a table row and an override alike, so an override can never hold
 * what a default could not.
 */
#include "rules/pack_int.h"

#include <assert.h>

/* Keys that decide how others are read are taken first: type, from, to, of. */
static bool param_type(struct loader *L, const struct yaml *y, struct parameter *p)
{
	const struct yaml *t = yaml_get(y, STR("type"));
	const struct yaml *to = yaml_get(y, STR("to"));

	if (!need_key(L, y, "type", "参数"))
		return false;
	if (!ftype_parse(t->s, &p->type) || p->type == F_COMPUTED || p->type == F_ROWS ||
	    p->type == F_FILES || p->type == F_SIGNATURES || p->type == F_CHECKLIST ||
	    p->type == F_PARAMETERS) {
		BAD(L, "B105", t, "“%.*s”不是参数的类型", STR_ARG(t->s));
		return false;
	}
	if (p->type != F_TABLE)
		return true;
	if (!need_key(L, y, "from", "表格参数") || !need_key(L, y, "to", "表格参数"))
		return false;
	p->from = yaml_get(y, STR("from"))->s;
	p->to = to->s;
	if (str_eq(to->s, STR("ladder")))
		return true;
	if (!ftype_parse(to->s, &p->to_type) || p->to_type == F_TABLE) {
		BAD(L, "B105", to, "表格的值不能是“%.*s”类型", STR_ARG(to->s));
		return false;
	}
	return true;
}

static void param_of(struct loader *L, void *obj, const struct yaml *v)
{
	struct parameter *p = obj;

	if (p->type == F_INTERVAL) {
		(void)read_words(L, v, &p->range_words);
		return;
	}
	if (v->kind != YAML_SCALAR) {
		(void)read_choices(L, v, &p->choice, &p->choice_n);
		return;
	}
	p->of_text = v->s;
	if (str_starts(v->s, STR("catalogue:")))
		p->of_catalogue = str_slice(v->s, 10, v->s.len);
}

static void param_range(struct loader *L, void *obj, const struct yaml *v)
{
	struct parameter *p = obj;
	enum ftype t = p->type == F_TABLE ? p->to_type : p->type;

	p->has_range = read_range(L, v, t, &p->range_lo, &p->range_hi);
}

/* Calendar lengths compared for ranges only: a working day weighs as a day. */
static int64_t duration_weight(struct duration d)
{
	switch (d.unit) {
	case DUR_M:
		return d.n;
	case DUR_H:
		return (int64_t)d.n * 60;
	case DUR_D:
	case DUR_SD:
	case DUR_WD:
		return (int64_t)d.n * 24 * 60;
	}
	return 0;
}

static bool in_range(const struct parameter *p, const struct value *v)
{
	int lo, hi;

	if (!p->has_range)
		return true;
	if (v->kind == V_DURATION)
		return duration_weight(v->dur) >= duration_weight(p->range_lo.dur) &&
		       duration_weight(v->dur) <= duration_weight(p->range_hi.dur);
	return value_order(&p->range_lo, v, &lo) && value_order(v, &p->range_hi, &hi) && lo <= 0 &&
	       hi <= 0;
}

static bool is_choice(const struct parameter *p, str word)
{
	for (size_t i = 0; i < p->choice_n; i++)
		if (str_eq(p->choice[i].value, word))
			return true;
	return p->choice_n == 0;
}

/* A scalar or list value of type t: literal, within range and choices. */
static bool scalar_value(struct loader *L, const struct yaml *y, const struct parameter *p,
			 enum ftype t, struct value *ret)
{
	struct value v;

	if (!read_literal(L, y, t, &v))
		return false;
	if (!in_range(p, &v)) {
		BAD(L, "B123", y, "参数 $%.*s 的值超出了它的范围", STR_ARG(p->m.id));
		return false;
	}
	if (v.kind == V_TEXT && !is_choice(p, v.text)) {
		BAD(L, "B123", y, "参数 $%.*s 没有选项“%.*s”", STR_ARG(p->m.id), STR_ARG(v.text));
		return false;
	}
	for (size_t i = 0; v.kind == V_LIST && i < v.list.n; i++)
		if (v.list.at[i].kind == V_TEXT && !is_choice(p, v.list.at[i].text)) {
			BAD(L, "B123", y, "参数 $%.*s 没有选项“%.*s”", STR_ARG(p->m.id),
			    STR_ARG(v.list.at[i].text));
			return false;
		}
	*ret = v;
	return true;
}

static bool interval_value(struct loader *L, const struct yaml *y, struct parameter *p)
{
	const struct yaml *count = NULL;
	int64_t times = 1;
	str word;

	if (y->kind == YAML_MAP) {
		if (!read_pair(L, y, &word, &count) || !read_i64(L, count, 1, 366, &times))
			return false;
	} else if (!read_text(L, y, &word)) {
		return false;
	}
	if (p->range_words.n && !strs_has(&p->range_words, word)) {
		BAD(L, "B123", y, "参数 $%.*s 不允许周期“%.*s”", STR_ARG(p->m.id), STR_ARG(word));
		return false;
	}
	p->interval_off = str_eq(word, STR("off"));
	if (!p->interval_off && !per_kind_of(L, y, word, &p->interval))
		return false;
	p->interval_times = (int32_t)times;
	p->dflt = value_text(times > 1 ? str_fmt(L->a, "{%.*s: %d}", STR_ARG(word), (int)times)
				       : word);
	return true;
}

static bool table_cell(struct loader *L, const struct yaml *y, const struct parameter *p,
		       struct table_row *row)
{
	if (str_eq(p->to, STR("ladder")))
		return read_ladder(L, y, &row->ladder);
	if (p->to_type == F_WHO)
		return read_who(L, y, &row->who, &row->val.text);
	return scalar_value(L, y, p, p->to_type, &row->val);
}

static bool table_value(struct loader *L, const struct yaml *y, struct parameter *p)
{
	struct table_row *at;

	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "表格参数的值要写成“键: 值”");
		return false;
	}
	at = NEW_N(L->a, y->n, struct table_row);
	for (size_t i = 0; i < y->n; i++) {
		at[i].key = y->key[i];
		if (!table_cell(L, y->at[i], p, &at[i]))
			return false;
	}
	p->table = at;
	p->table_n = y->n;
	return true;
}

static bool param_value(struct loader *L, const struct yaml *y, struct parameter *p)
{
	switch (p->type) {
	case F_INTERVAL:
		return interval_value(L, y, p);
	case F_TABLE:
		return table_value(L, y, p);
	case F_WHO:
		return read_who(L, y, &p->who, &p->dflt.text);
	default:
		return scalar_value(L, y, p, p->type, &p->dflt);
	}
}

static const struct key param_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "type", 1, KEY_SKIP, 0, 0, NULL },
	{ "of", 1, KEY_SKIP, 0, 0, NULL },
	{ "default", 1, KEY_SKIP, 0, 0, NULL },
	{ "range", 1, KEY_FN, 0, 0, param_range },
	{ "unit", 1, KEY_TEXT, offsetof(struct parameter, unit), 0, NULL },
	{ "change", 1, KEY_ID, offsetof(struct parameter, change), 0, NULL },
	{ "from", 1, KEY_SKIP, 0, 0, NULL },
	{ "to", 1, KEY_SKIP, 0, 0, NULL },
	{ "stricter", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys param_table = KEYS("参数", param_keys);

static void one_parameter(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	const struct yaml *dflt, *of;
	struct parameter p = { 0 };

	(void)ctx;
	if (is_removed(L, "parameter", id) || !name_ok(L, y, id))
		return;
	meta_init(L, &p.m, y, id);
	if (y->kind != YAML_MAP || !param_type(L, y, &p)) {
		if (y->kind != YAML_MAP)
			BAD(L, "B102", y, "参数“%.*s”要写成 {type: …, default: …}", STR_ARG(id));
		return;
	}
	of = yaml_get(y, STR("of"));
	if (of)
		param_of(L, &p, of);
	if (!keys_read(L, y, &param_table, &p, &p.m) || !need_key(L, y, "default", "参数"))
		return;
	dflt = yaml_get(y, STR("default"));
	if (param_value(L, dflt, &p))
		*VEC_PUSH(L->a, &L->parameter) = p;
}

void load_parameters(struct loader *L, const struct yaml *doc)
{
	each_named(L, doc, "参数", one_parameter, NULL);
}

/* --- adoption --- */

static struct parameter *find_parameter(struct loader *L, str id)
{
	for (size_t i = 0; i < L->parameter.n; i++)
		if (str_eq(L->parameter.at[i].m.id, id))
			return &L->parameter.at[i];
	return NULL;
}

/* The text is a value as a pack would write it; it is read as a file of its own. */
static void apply_override(struct loader *L, const struct override *o)
{
	struct parameter *p = find_parameter(L, o->parameter);
	struct yaml_error bad;
	struct yaml_doc docs;
	struct parameter copy;

	L->file = str_fmt(L->a, "$%.*s", STR_ARG(o->parameter));
	if (!p) {
		diag_add(L->op->arena, L->ds, "A101", (struct pos){ L->file, 1, 1 },
			 "没有参数 $%.*s", STR_ARG(o->parameter));
		return;
	}
	if (yaml_read(&L->inner, o->yaml, &docs, &bad) || docs.n != 1) {
		op_clear_error(&L->inner);
		diag_add(L->op->arena, L->ds, "A102", (struct pos){ L->file, 1, 1 }, "“%.*s”读不懂",
			 STR_ARG(o->yaml));
		return;
	}
	copy = *p;
	if (param_value(L, docs.at[0], &copy))
		*p = copy;
}

static void apply_alias(struct loader *L, const struct alias *al)
{
	for (size_t i = 0; i < L->post.n; i++)
		if (str_eq(L->post.at[i].m.id, al->id)) {
			strs_push(L->a, &L->post.at[i].alias, al->name);
			return;
		}
	for (size_t i = 0; i < L->body.n; i++)
		if (str_eq(L->body.at[i].m.id, al->id)) {
			strs_push(L->a, &L->body.at[i].alias, al->name);
			return;
		}
	diag_add(L->op->arena, L->ds, "A101", (struct pos){ STR("alias"), 1, 1 },
		 "没有岗位或组织“%.*s”，不能给它起别名", STR_ARG(al->id));
}

void apply_options(struct loader *L)
{
	for (size_t i = 0; i < L->opt->override_n; i++)
		apply_override(L, &L->opt->override[i]);
	for (size_t i = 0; i < L->opt->alias_n; i++)
		apply_alias(L, &L->opt->alias[i]);
}

/* --- values set while a pack is in force --- */

static void values_put(struct arena *a, const struct parameter *p, struct vmap *ret)
{
	if (p->type != F_TABLE) {
		vmap_set(a, ret, p->m.id, p->type == F_WHO ? value_text(p->dflt.text) : p->dflt);
		return;
	}
	for (size_t i = 0; i < p->table_n; i++) {
		const struct table_row *t = &p->table[i];
		struct value v = p->to_type == F_WHO ? value_text(t->val.text) : t->val;

		vmap_set(a, ret, str_fmt(a, "%.*s[%.*s]", STR_ARG(p->m.id), STR_ARG(t->key)), v);
	}
}

bool parameter_values(struct op *op, const struct parameter *pm, str yaml, struct vmap *ret)
{
	struct diags ds = { 0 };
	struct pack_options none = { 0 };
	struct loader L = { .op = op, .inner = *op, .a = op->arena, .ds = &ds, .opt = &none };
	struct parameter copy = *pm;
	struct yaml_error bad;
	struct yaml_doc docs;

	L.file = pm->m.id;
	if (yaml_read(&L.inner, yaml, &docs, &bad) || docs.n != 1)
		return false;
	if (!param_value(&L, docs.at[0], &copy) || ds.errors)
		return false;
	values_put(op->arena, &copy, ret);
	return true;
}
