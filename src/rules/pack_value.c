/*
 * pack_value: how the values of keys are read: words, numbers, durations, expressions,
 * people, limits, ladders, windows, literals. Each reader says what is wrong, with the
 * place, and answers false; the caller goes on, so that one run shows every fault.
 */
#include "rules/pack_int.h"

#include <assert.h>

bool read_text(struct loader *L, const struct yaml *y, str *ret_s)
{
	if (y->kind != YAML_SCALAR) {
		BAD(L, "B102", y, "这里要写一段文字，不能写列表或键值");
		return false;
	}
	*ret_s = str_trim(y->s);
	mark(L, ret_s->ptr, y);
	return true;
}

bool read_words(struct loader *L, const struct yaml *y, struct strs *ret)
{
	str *at;

	if (y->kind == YAML_SCALAR) {
		at = NEW(L->a, str);
		at[0] = y->s;
		mark(L, y->s.ptr, y);
		*ret = (struct strs){ at, y->null ? 0 : 1 };
		return true;
	}
	if (y->kind != YAML_SEQ) {
		BAD(L, "B102", y, "这里要写一个词或一列词");
		return false;
	}
	at = NEW_N(L->a, y->n, str);
	for (size_t i = 0; i < y->n; i++)
		if (!read_text(L, y->at[i], &at[i]))
			return false;
	*ret = (struct strs){ at, y->n };
	return true;
}

bool read_bool(struct loader *L, const struct yaml *y, bool *ret)
{
	if (y->kind == YAML_SCALAR && yaml_bool(y, ret))
		return true;
	BAD(L, "B105", y, "这里只能写 true 或 false");
	return false;
}

bool read_i64(struct loader *L, const struct yaml *y, int64_t lo, int64_t hi, int64_t *ret)
{
	int64_t n;

	if (y->kind != YAML_SCALAR || !str_to_i64(y->s, &n)) {
		BAD(L, "B107", y, "这里要写一个整数");
		return false;
	}
	if (n < lo || n > hi) {
		BAD(L, "B107", y, "数字超出范围：%lld 到 %lld", (long long)lo, (long long)hi);
		return false;
	}
	*ret = n;
	return true;
}

bool read_duration_text(struct loader *L, const struct yaml *y, str s, struct duration *ret)
{
	if (duration_parse(s, ret))
		return true;
	if (str_starts(s, STR("$")))
		BAD(L, "B106", y, "这里的时长要直接写出来，不能用参数“%.*s”", STR_ARG(s));
	else
		BAD(L, "B106", y,
		    "“%.*s”不是时长：写成 30m、2h、3d（自然日）、5sd（上课日）、10wd（工作日）",
		    STR_ARG(s));
	return false;
}

bool read_duration(struct loader *L, const struct yaml *y, struct duration *ret)
{
	str s;

	return read_text(L, y, &s) && read_duration_text(L, y, s, ret);
}

/* Where in the file an offset of the text lies; text over several lines keeps the start. */
static struct pos pos_inside(const struct loader *L, const struct yaml *y, uint32_t at)
{
	struct pos p = pos_of(L, y);

	if (y->kind == YAML_SCALAR && !str_has(y->s, '\n') && at <= y->s.len)
		p.col += at + (y->plain ? 0 : 1);
	return p;
}

static void bad_expr(struct loader *L, const char *code, const char *what, const struct yaml *y,
		     const struct expr_error *bad)
{
	struct pos at = pos_inside(L, y, bad->at);

	if (bad->stage)
		diag_add(L->op->arena, L->ds, "B190", at, "%.*s（needs stage %d）",
			 STR_ARG(bad->message), (int)bad->stage);
	else
		diag_add(L->op->arena, L->ds, code, at, "%s读不懂：%.*s", what,
			 STR_ARG(bad->message));
}

bool read_expr(struct loader *L, const struct yaml *y, const struct expr **ret)
{
	struct expr_error bad = { 0 };
	struct expr *e;
	str s;

	if (!read_text(L, y, &s))
		return false;
	if (expr_parse(L->a, s, &e, &bad)) {
		bad_expr(L, "B110", "表达式", y, &bad);
		return false;
	}
	mark(L, e, y);
	*ret = e;
	return true;
}

bool read_who(struct loader *L, const struct yaml *y, const struct who **ret, str *ret_text)
{
	struct expr_error bad = { 0 };
	struct strs list;
	struct who *w;
	str text;

	if (y->kind == YAML_SCALAR) {
		text = y->s;
	} else {
		if (!read_words(L, y, &list))
			return false;
		text = str_fmt(L->a, "[%.*s]", STR_ARG(str_join(L->a, list.at, list.n, STR(", "))));
	}
	if (who_parse(L->a, text, &w, &bad)) {
		bad_expr(L, "B111", "人员表达式", y, &bad);
		return false;
	}
	mark(L, w, y);
	*ret = w;
	if (ret_text)
		*ret_text = text;
	return true;
}

bool read_pair(struct loader *L, const struct yaml *y, str *ret_key, const struct yaml **ret_value)
{
	if (y->kind != YAML_MAP || y->n != 1) {
		BAD(L, "B102", y, "这里要写成一个“起点: 时长”，如 {end: 0d}");
		return false;
	}
	*ret_key = y->key[0];
	*ret_value = y->at[0];
	return true;
}

bool read_within(struct loader *L, const struct yaml *y, struct within *ret)
{
	struct within w = { .set = true };
	const struct yaml *v = y;

	if (y->kind == YAML_MAP && !read_pair(L, y, &w.anchor, &v))
		return false;
	if (v->kind == YAML_SCALAR && str_starts(v->s, STR("$"))) {
		if (!read_expr(L, v, &w.expr))
			return false;
	} else if (!read_duration(L, v, &w.d)) {
		return false;
	}
	*ret = w;
	return true;
}

/* --- ladders: [{0d: remind}, {1d: [vice-principal, …]}] --- */

static bool read_rung(struct loader *L, const struct yaml *y, struct rung *ret)
{
	const struct yaml *v, *const *item;
	const struct who **to;
	str *text;
	str key;
	size_t n;

	if (!read_pair(L, y, &key, &v) || !read_duration_text(L, y, key, &ret->d))
		return false;
	n = v->kind == YAML_SEQ ? v->n : 1;
	item = v->kind == YAML_SEQ ? (const struct yaml *const *)v->at : &v;
	to = NEW_N(L->a, n, const struct who *);
	text = NEW_N(L->a, n, str);
	for (size_t i = 0; i < n; i++) {
		if (item[i]->kind == YAML_SCALAR && str_eq(item[i]->s, STR("remind")))
			ret->remind = true;
		else if (!read_who(L, item[i], &to[ret->to_n], &text[ret->to_n]))
			return false;
		else
			ret->to_n++;
	}
	ret->to = to;
	ret->to_text = text;
	return true;
}

bool read_ladder(struct loader *L, const struct yaml *y, struct ladder *ret)
{
	struct rung *at;
	bool ok = true;

	if (y->kind != YAML_SEQ) {
		BAD(L, "B102", y, "逾期梯级要写成列表，如 [{0d: remind}, {1d: vice-principal}]");
		return false;
	}
	at = NEW_N(L->a, y->n, struct rung);
	for (size_t i = 0; i < y->n; i++)
		ok = read_rung(L, y->at[i], &at[i]) && ok;
	if (!ok)
		return false;
	*ret = (struct ladder){ at, y->n };
	return true;
}

bool read_word(struct loader *L, const struct yaml *y, const char *const *words, int *ret_i)
{
	str list = STR_NONE;

	for (int i = 0; y->kind == YAML_SCALAR && words[i]; i++)
		if (str_eq(y->s, str_of(words[i]))) {
			*ret_i = i;
			return true;
		}
	for (int i = 0; words[i]; i++)
		list = str_fmt(L->a, "%.*s%s%s", STR_ARG(list), i ? "、" : "", words[i]);
	BAD(L, "B105", y, "这里只能写：%.*s", STR_ARG(list));
	return false;
}

bool per_kind_of(struct loader *L, const struct yaml *y, str word, enum per_kind *ret)
{
	if (per_kind_parse(word, ret))
		return true;
	BAD(L, "B105", y,
	    "“%.*s”不是周期：写 day、school-day、week、month、quarter、half-year、year、"
	    "term、school-year 或 once",
	    STR_ARG(word));
	return false;
}

bool read_month_day(struct loader *L, const struct yaml *y, int8_t *ret_month, int8_t *ret_day)
{
	int64_t m, d;
	str s, month;

	if (!read_text(L, y, &s))
		return false;
	month = str_cut(&s, '-');
	if (!str_to_i64(month, &m) || !str_to_i64(s, &d) || month.len != 2 || s.len != 2 ||
	    m > 12 || !date_valid(2024, (int)m, (int)d)) {
		BAD(L, "B107", y, "这里要写“月-日”，如 \"09-01\"");
		return false;
	}
	*ret_month = (int8_t)m;
	*ret_day = (int8_t)d;
	return true;
}

/* --- window: --- */

static void window_month(struct loader *L, void *obj, const struct yaml *v)
{
	struct window_spec *w = obj;
	int64_t n;

	if (read_i64(L, v, 1, 12, &n))
		w->month = (int8_t)n;
}

/* `from:` and `to:` are days of the year, or distances from a node. */
static void window_edge(struct loader *L, struct window_spec *w, const struct yaml *v, bool end)
{
	struct duration *d = end ? &w->node_to : &w->node_from;

	if (!str_empty(w->node)) {
		(void)read_duration(L, v, d);
		return;
	}
	(void)read_month_day(L, v, end ? &w->to_month : &w->from_month,
			     end ? &w->to_day : &w->from_day);
}

static void window_from(struct loader *L, void *obj, const struct yaml *v)
{
	window_edge(L, obj, v, false);
}

static void window_to(struct loader *L, void *obj, const struct yaml *v)
{
	window_edge(L, obj, v, true);
}

static void window_rest(struct loader *L, void *obj, const struct yaml *v)
{
	struct window_spec *w = obj;

	if (per_kind_of(L, v, v->s, &w->rest_of))
		w->has_rest_of = true;
}

static const struct key window_keys[] = {
	{ "month", 1, KEY_FN, 0, 0, window_month },
	{ "node", 1, KEY_SKIP, 0, 0, NULL },
	{ "from", 1, KEY_FN, 0, 0, window_from },
	{ "to", 1, KEY_FN, 0, 0, window_to },
	{ "period", 1, KEY_ID, offsetof(struct window_spec, period), 0, NULL },
	{ "rest_of", 1, KEY_FN, 0, 0, window_rest },
};
static const struct keys window_table = KEYS("办理窗口 window ", window_keys);

bool read_window(struct loader *L, const struct yaml *y, struct window_spec **ret)
{
	struct window_spec *w = NEW(L->a, struct window_spec);
	const struct yaml *node;

	if (y->kind == YAML_SCALAR && str_eq(y->s, STR("entry.window"))) {
		w->entry = true;
		*ret = w;
		return true;
	}
	node = yaml_get(y, STR("node")); /* decides how from and to are read */
	if (node && !read_text(L, node, &w->node))
		return false;
	if (!keys_read(L, y, &window_table, w, NULL))
		return false;
	*ret = w;
	return true;
}

/* --- literals --- */

/* "12.5" → ten-thousandths; at most four decimals. */
static bool num_parse(str s, int64_t *ret)
{
	bool minus = str_starts(s, STR("-"));
	str frac = minus ? str_slice(s, 1, s.len) : s;
	str whole = str_cut(&frac, '.');
	int64_t w, f = 0;

	if (!str_to_i64(whole, &w) || w < 0 || w > INT64_MAX / NUM_SCALE - 1 || frac.len > 4 ||
	    (frac.ptr && str_empty(frac)) || (!str_empty(frac) && (!str_to_i64(frac, &f) || f < 0)))
		return false;
	for (size_t i = frac.len; i < 4; i++)
		f *= 10;
	w = w * NUM_SCALE + f;
	*ret = minus ? -w : w;
	return true;
}

static bool literal_of(str s, enum ftype t, struct value *ret)
{
	struct duration d;
	int64_t n;
	day_no day;
	int minute;
	bool ok = true;

	switch (t) {
	case F_INT:
	case F_DECIMAL:
	case F_MONEY:
	case F_PERCENT:
		ok = num_parse(s, &n) && (t != F_INT || n % NUM_SCALE == 0);
		if (ok)
			*ret = value_num(n);
		return ok;
	case F_DATE:
		ok = date_parse(s, &day);
		if (ok)
			*ret = value_date(day);
		return ok;
	case F_TIME:
		ok = time_parse(s, &minute);
		if (ok)
			*ret = (struct value){ .kind = V_TIME, .minute = minute };
		return ok;
	case F_DURATION:
		ok = duration_parse(s, &d);
		if (ok)
			*ret = (struct value){ .kind = V_DURATION, .dur = d };
		return ok;
	default:
		*ret = value_text(s);
		return true;
	}
}

/* A list of literals: their own types are words, times or durations, told by their look. */
static bool read_literal_list(struct loader *L, const struct yaml *y, struct value *ret)
{
	size_t n = y->kind == YAML_SEQ ? y->n : 1;
	struct value *at = NEW_N(L->a, n, struct value);

	for (size_t i = 0; i < n; i++) {
		str s;

		if (!read_text(L, y->kind == YAML_SEQ ? y->at[i] : y, &s))
			return false;
		if (!literal_of(s, F_TIME, &at[i]))
			at[i] = value_text(s);
	}
	*ret = value_list(L->a, at, n);
	return true;
}

bool read_literal(struct loader *L, const struct yaml *y, enum ftype t, struct value *ret)
{
	bool b;
	str s;

	if (t == F_LIST || t == F_CHOICES)
		return read_literal_list(L, y, ret);
	if (t == F_FLAG) {
		if (!read_bool(L, y, &b))
			return false;
		*ret = value_flag(b);
		return true;
	}
	if (!read_text(L, y, &s))
		return false;
	if (literal_of(s, t, ret))
		return true;
	BAD(L, t == F_DURATION ? "B106" : "B107", y, "“%.*s”不是 %s 类型的值", STR_ARG(s),
	    ftype_word(t));
	return false;
}

bool read_range(struct loader *L, const struct yaml *y, enum ftype t, struct value *ret_lo,
		struct value *ret_hi)
{
	struct value lo, hi;
	int order;

	if (y->kind != YAML_SEQ || y->n != 2) {
		BAD(L, "B102", y, "范围要写成 [下限, 上限]");
		return false;
	}
	if (!read_literal(L, y->at[0], t, &lo) || !read_literal(L, y->at[1], t, &hi))
		return false;
	if (t != F_DURATION && (!value_order(&lo, &hi, &order) || order > 0)) {
		BAD(L, "B107", y, "范围的下限大于上限");
		return false;
	}
	*ret_lo = lo;
	*ret_hi = hi;
	return true;
}

bool read_choices(struct loader *L, const struct yaml *y, const struct choice **ret, size_t *ret_n)
{
	struct choice *at = NEW_N(L->a, y->n, struct choice);

	for (size_t i = 0; i < y->n; i++) {
		if (y->kind == YAML_MAP) {
			at[i].value = y->key[i];
			if (!read_text(L, y->at[i], &at[i].label))
				return false;
		} else if (!read_text(L, y->at[i], &at[i].value)) {
			return false;
		}
		(void)id_ok(L, y->at[i], at[i].value);
		for (size_t j = 0; j < i; j++)
			if (str_eq(at[j].value, at[i].value))
				BAD(L, "B108", y->at[i], "选项“%.*s”重复", STR_ARG(at[i].value));
	}
	*ret = at;
	*ret_n = y->n;
	return true;
}
