/*
 * pack_field: fields of loops and columns of rows and catalogues. What stands in
 * `default:` or `set:` is a word of a choice, a text, people or an expression; which
 * of them, the type of the field decides, here, once. So `handling: now` is the choice
 * and not the hour.
 */
#include "rules/pack_field.h"

static void field_range(struct loader *L, void *obj, const struct yaml *v)
{
	struct field *f = obj;

	f->has_range = read_range(L, v, f->type, &f->range_lo, &f->range_hi);
}

static void field_of(struct loader *L, void *obj, const struct yaml *v)
{
	struct field *f = obj;
	bool scalar = v->kind == YAML_SCALAR;
	struct strs words;

	switch (f->type) {
	case F_CHOICE:
	case F_CHOICES:
	case F_CHECKLIST:
		if (scalar && str_starts(v->s, STR("catalogue:")))
			f->of_catalogue = str_slice(v->s, 10, v->s.len);
		else if (scalar && f->type == F_CHECKLIST)
			f->of_text = v->s;
		else if (scalar)
			BAD(L, "B105", v, "选项要写成 {值: 名称}、[值, …] 或 catalogue:目录");
		else
			(void)read_choices(L, v, &f->choice, &f->choice_n);
		return;
	case F_RECORD:
	case F_RECORDS:
		(void)read_text(L, v, &f->of_loop);
		return;
	case F_PERSON:
	case F_PEOPLE:
	case F_SIGNATURES:
		(void)read_who(L, v, &f->of_who, &f->of_text);
		return;
	case F_PARAMETERS:
	case F_PERIOD:
	case F_UNIT:
	case F_CLASS:
	case F_PLACE:
	case F_ASSET:
	case F_POST:
		if (read_words(L, v, &words))
			f->of_text = str_join(L->a, words.at, words.n, STR(", "));
		return;
	default:
		BAD(L, "B105", v, "%s 类型的字段没有 of", ftype_word(f->type));
	}
}

static void field_accept(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "image", "any", NULL };
	struct field *f = obj;
	int i;

	if (read_word(L, v, words, &i))
		f->accept = v->s;
}

static void field_how(struct loader *L, void *obj, const struct yaml *v)
{
	struct field *f = obj;

	if (!read_words(L, v, &f->how))
		return;
	for (size_t i = 0; i < f->how.n; i++)
		if (!str_eq(f->how.at[i], STR("screen")) && !str_eq(f->how.at[i], STR("paper")))
			BAD(L, "B105", v, "签名方式只有 screen（屏幕）和 paper（纸面）");
}

static void field_columns(struct loader *L, void *obj, const struct yaml *v)
{
	struct field *f = obj;

	if (f->type != F_ROWS && f->type != F_CHECKLIST)
		BAD(L, "B105", v, "只有 rows 和 checklist 有列");
	else
		read_fields(L, v, true, "", &f->column, &f->column_n);
}

/* A text is itself unless it plainly computes: a field's name, a parameter or a call. */
static bool text_computes(const struct field *all, size_t n, str s)
{
	if (str_starts(s, STR("$")) || str_starts(s, STR("entry.")) || str_has(s, '('))
		return true;
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].m.id, s))
			return true;
	return false;
}

static bool own_choice(const struct field *f, str s)
{
	for (size_t i = 0; i < f->choice_n; i++)
		if (str_eq(f->choice[i].value, s))
			return true;
	return false;
}

static bool constant(struct loader *L, const struct yaml *y, struct value v,
		     const struct expr **ret)
{
	*ret = expr_const(L->a, v);
	mark(L, *ret, y);
	return true;
}

bool read_for_field(struct loader *L, const struct yaml *y, const struct field *f,
		    const struct field *all, size_t n, const struct expr **ret)
{
	struct value v;
	str s;

	if (y->kind == YAML_SEQ) {
		if (!read_literal(L, y, F_CHOICES, &v))
			return false;
		return constant(L, y, v, ret);
	}
	if (!read_text(L, y, &s))
		return false;
	if (f && ((f->choice_n && own_choice(f, s)) || f->type == F_POST)) {
		v = value_text(s);
		return constant(L, y, f->type == F_CHOICES ? value_list(L->a, &v, 1) : v, ret);
	}
	if (f && (f->type == F_TEXT || f->type == F_NOTE) && !text_computes(all, n, s)) {
		return constant(L, y, value_text(s), ret);
	}
	return read_expr(L, y, ret);
}

static const struct key field_keys[] = {
	{ "type", 1, KEY_SKIP, 0, 0, NULL },
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "of", 1, KEY_FN, 0, 0, field_of },
	{ "max", 1, KEY_I64, offsetof(struct field, max), 0, NULL },
	{ "range", 1, KEY_FN, 0, 0, field_range },
	{ "unit", 1, KEY_TEXT, offsetof(struct field, unit), 0, NULL },
	{ "accept", 1, KEY_FN, 0, 0, field_accept },
	{ "count", 1, KEY_I32, offsetof(struct field, count), 0, NULL },
	{ "how", 1, KEY_FN, 0, 0, field_how },
	{ "columns", 1, KEY_FN, 0, 0, field_columns },
	{ "key", 1, KEY_TEXT, offsetof(struct field, key), 0, NULL },
	{ "value", 1, KEY_EXPR, offsetof(struct field, value), 0, NULL },
	{ "default", 1, KEY_SKIP, 0, 0, NULL },
	{ "when", 1, KEY_EXPR, offsetof(struct field, when), 0, NULL },
	{ "freeze", 1, KEY_ID, offsetof(struct field, freeze), 0, NULL },
	{ "part", 1, KEY_TEXT, offsetof(struct field, part), 0, NULL },
	{ "see", 1, KEY_WHO, offsetof(struct field, see), 0, NULL },
	{ "upward", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys field_table = KEYS("字段", field_keys);

struct field_list {
	VEC(struct field) at;
	const char *prefix;
	bool column;
};

static bool field_type(struct loader *L, const struct yaml *y, struct field *f)
{
	const struct yaml *t;

	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "字段要写成 {type: …, label: …}");
		return false;
	}
	if (!need_key(L, y, "type", "字段"))
		return false;
	t = yaml_get(y, STR("type"));
	if (str_eq(t->s, STR("units"))) {
		BAD(L, "B190", t, "类型 units 要到第 3 阶段才有（needs stage 3）");
		return false;
	}
	if (!ftype_parse(t->s, &f->type) || f->type >= F_INTERVAL) {
		BAD(L, "B105", t, "“%.*s”不是字段的类型", STR_ARG(t->s));
		return false;
	}
	return true;
}

static void one_field(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct field_list *list = ctx;
	struct field f = { 0 };

	if (!list->column &&
	    is_removed(L, "field", str_fmt(L->a, "%s%.*s", list->prefix, STR_ARG(id))))
		return;
	if (!name_ok(L, y, id) || !field_type(L, y, &f))
		return;
	meta_init(L, &f.m, y, id);
	if (!keys_read(L, y, &field_table, &f, &f.m))
		return;
	for (size_t i = 0; i < list->at.n; i++)
		if (str_eq(list->at.at[i].m.id, id))
			BAD(L, "B108", y, "字段“%.*s”重复", STR_ARG(id));
	if (f.type == F_RECORD || f.type == F_RECORDS)
		(void)need_key(L, y, "of", "record 类型的字段");
	if (f.type == F_COMPUTED)
		(void)need_key(L, y, "value", "computed 类型的字段");
	if (f.type == F_ROWS)
		(void)need_key(L, y, "columns", "rows 类型的字段");
	*VEC_PUSH(L->a, &list->at) = f;
}

/* Defaults come last: they may name fields that stand further down. */
static void field_default(struct loader *L, struct field_list *list, struct field *f,
			  const struct yaml *y)
{
	if (f->type == F_PERSON || f->type == F_PEOPLE)
		(void)read_who(L, y, &f->dflt_who, NULL);
	else
		(void)read_for_field(L, y, f, list->at.at, list->at.n, &f->dflt);
}

static const struct yaml *node_of(const struct yaml *y, str id)
{
	const struct yaml *v;

	if (y->kind == YAML_MAP)
		return yaml_get(y, id);
	for (size_t i = 0; y->kind == YAML_SEQ && i < y->n; i++) {
		v = yaml_get(y->at[i], STR("id"));
		if (v && str_eq(v->s, id))
			return y->at[i];
	}
	return NULL;
}

void read_fields(struct loader *L, const struct yaml *y, bool column, const char *prefix,
		 const struct field **ret, size_t *ret_n)
{
	struct field_list list = { .prefix = prefix, .column = column };

	each_named(L, y, column ? "列" : "字段", one_field, &list);
	for (size_t i = 0; i < list.at.n; i++) {
		const struct yaml *d = yaml_get(node_of(y, list.at.at[i].m.id), STR("default"));

		if (d)
			field_default(L, &list, &list.at.at[i], d);
	}
	*ret = list.at.at;
	*ret_n = list.at.n;
}
