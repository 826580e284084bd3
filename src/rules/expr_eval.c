/*
 * expr_eval: the value of an expression in an environment. Every node costs one step
 * of a budget, so that no expression over no record runs away; when it is spent the
 * answer is V_NONE, as for anything unset or senseless (a division by zero, a date out
 * of range, a sum of texts). Comparisons with V_NONE are false, not unset: conditions
 * stay two-valued, and `not` of a comparison with an empty field is true.
 */
#include "rules/expr.h"

#include <assert.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/calendar.h"
#include "rules/expr_int.h"
#include "rules/field.h"
#include "rules/policy.h"

struct eval {
	struct arena *a;
	const struct expr_env *env;
	int32_t *steps;
	int computed;		/* computed fields inside computed fields */
};

static struct value eval(const struct eval *ev, const struct expr *e);

/* --- declarations and words --- */

static const struct field *field_named(const struct field *f, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(f[i].m.id, name))
			return &f[i];
	return NULL;
}

static const struct field *column_named(const struct field *rows, str name)
{
	return rows ? field_column(rows, name) : NULL;
}

const struct field *expr_declared(const struct expr_env *env, const struct expr *e)
{
	const struct field *f;

	if (e->kind == N_NAME) {
		f = column_named(env->row_field, e->name);
		return f ? f : field_named(env->declared, env->declared_n, e->name);
	}
	if (e->kind != N_DOT)
		return NULL;
	if (str_eq(e->base, STR("row")))
		return column_named(env->row_field, e->member);
	return column_named(field_named(env->declared, env->declared_n, e->base), e->member);
}

bool field_has_word(const struct policy *p, const struct field *f, str word)
{
	const struct catalogue *c;

	if (!f || (f->type != F_CHOICE && f->type != F_CHOICES))
		return false;
	for (size_t i = 0; i < f->choice_n; i++)
		if (str_eq(f->choice[i].value, word))
			return true;
	if (str_empty(f->of_catalogue) || !p)
		return false;
	c = policy_catalogue(p, f->of_catalogue);
	return c && catalogue_entry(c, word);
}

static bool clock_word(const struct expr *e)
{
	return e->kind == N_NAME && (str_eq(e->name, STR("today")) || str_eq(e->name, STR("now")));
}

/* --- names --- */

static struct value value_or_none(const struct value *v)
{
	return v ? *v : VALUE_NONE;
}

static struct value eval_declared(const struct eval *ev, const struct field *f)
{
	struct eval inner = *ev;

	if (f->type != F_COMPUTED || !f->value || ev->computed >= 4)
		return VALUE_NONE;
	inner.computed++;
	return eval(&inner, f->value);
}

/* A field or column by name; *ret_known is false when there is none of that name. */
static struct value lookup(const struct eval *ev, const struct expr *e, bool *ret_known)
{
	const struct value *v = row_get(ev->env->row, e->name);
	const struct field *f;

	*ret_known = true;
	if (v)
		return *v;
	if (column_named(ev->env->row_field, e->name))
		return VALUE_NONE;
	v = vmap_get(ev->env->fields, e->name);
	if (v)
		return *v;
	f = field_named(ev->env->declared, ev->env->declared_n, e->name);
	if (f)
		return eval_declared(ev, f);
	*ret_known = false;
	return VALUE_NONE;
}

static struct value eval_name(const struct eval *ev, const struct expr *e)
{
	bool known;
	struct value v = lookup(ev, e, &known);

	if (known)
		return v;
	if (str_eq(e->name, STR("now")))
		return value_instant(ev->env->now_ms);
	if (str_eq(e->name, STR("today")))
		return value_date(instant_day(ev->env->now_ms, ev->env->utc_offset_ms));
	return value_text(e->name);
}

/* The cells of one column, as a list; what is empty in a row is left out. */
static struct value column_cells(const struct eval *ev, const struct value *rows, str column)
{
	struct value *at;
	size_t n = 0;

	if (!rows || rows->kind != V_ROWS)
		return VALUE_NONE;
	at = NEW_N(ev->a, rows->rows.n, struct value);
	for (size_t i = 0; i < rows->rows.n; i++) {
		const struct value *cell = row_get(&rows->rows.at[i], column);

		if (cell)
			at[n++] = *cell;
	}
	return (struct value){ .kind = V_LIST, .list = { at, n } };
}

static struct value eval_dot(const struct eval *ev, const struct expr *e)
{
	const struct expr_env *env = ev->env;
	const struct value *v;

	if (str_eq(e->base, STR("entry")))
		return value_or_none(vmap_get(env->entry, e->member));
	if (str_eq(e->base, STR("row")))
		return value_or_none(row_get(env->row, e->member));
	v = vmap_get(env->fields, e->base);
	if (v && v->kind == V_ROWS)
		return column_cells(ev, v, e->member);
	return value_or_none(vmap_get(env->subject, e->name));
}

static struct value table_element(const struct eval *ev, const struct parameter *p, str key)
{
	const struct value *set = vmap_get(
		ev->env->params, str_fmt(ev->a, "%.*s[%.*s]", STR_ARG(p->m.id), STR_ARG(key)));
	const struct value *rest = NULL;

	if (set)
		return *set;
	for (size_t i = 0; i < p->table_n; i++) {
		if (str_eq(p->table[i].key, key))
			return p->table[i].val;
		if (str_eq(p->table[i].key, STR("other")))
			rest = &p->table[i].val;
	}
	return value_or_none(rest);
}

static struct value eval_param(const struct eval *ev, const struct expr *e)
{
	const struct value *set = vmap_get(ev->env->params, e->name);
	const struct parameter *p =
		ev->env->policy ? policy_parameter(ev->env->policy, e->name) : NULL;
	struct value key;

	if (!e->n)
		return set ? *set : p ? p->dflt : VALUE_NONE;
	key = eval(ev, e->arg[0]);
	if (!p || (key.kind != V_TEXT && key.kind != V_NONE))
		return VALUE_NONE;
	return table_element(ev, p, key.kind == V_TEXT ? key.text : STR(""));
}

/* --- comparisons --- */

/* One side of a comparison: a bare name that is a value of the other side's choice is that value.
 */
static struct value eval_side(const struct eval *ev, const struct expr *e, const struct expr *other)
{
	if (e->kind == N_NAME &&
	    field_has_word(ev->env->policy, expr_declared(ev->env, other), e->name))
		return value_text(e->name);
	if (e->kind == N_LIST) {
		struct value *at = NEW_N(ev->a, e->n, struct value);

		for (size_t i = 0; i < e->n; i++)
			at[i] = eval_side(ev, e->arg[i], other);
		return (struct value){ .kind = V_LIST, .list = { at, e->n } };
	}
	return eval(ev, e);
}

static bool is_words(const struct value *v)
{
	return v->kind == V_TEXT ||
	       (v->kind == V_LIST && v->list.n && v->list.at[0].kind == V_TEXT);
}

/* `handling = now`: without a declaration too, beside a text it is the word. */
static void clock_to_word(const struct expr *e, struct value *v, const struct value *other)
{
	if (clock_word(e) && v->kind != V_TEXT && is_words(other))
		*v = value_text(e->name);
}

/* A date is its whole day: beside a date, an instant counts as its day. */
static void same_kind(const struct expr_env *env, struct value *a, struct value *b)
{
	if (a->kind == V_DATE && b->kind == V_INSTANT)
		*b = value_date(instant_day(b->at_ms, env->utc_offset_ms));
	else if (a->kind == V_INSTANT && b->kind == V_DATE)
		*a = value_date(instant_day(a->at_ms, env->utc_offset_ms));
}

static bool compare(const struct expr_env *env, enum cmp cmp, struct value l, struct value r)
{
	int order;

	if (l.kind == V_NONE || r.kind == V_NONE)
		return false;
	same_kind(env, &l, &r);
	switch (cmp) {
	case CMP_EQ:
		return value_eq(&l, &r);
	case CMP_NE:
		return !value_eq(&l, &r);
	case CMP_IN:
		return value_has(&r, &l);
	case CMP_NOT_IN:
		return !value_has(&r, &l);
	case CMP_LT: case CMP_LE: case CMP_GT: case CMP_GE:
		break;
	}
	if (!value_order(&l, &r, &order))
		return false;
	return cmp == CMP_LT   ? order < 0
	       : cmp == CMP_LE ? order <= 0
	       : cmp == CMP_GT ? order > 0
			       : order >= 0;
}

static struct value eval_cmp(const struct eval *ev, const struct expr *e)
{
	struct value l = eval_side(ev, e->arg[0], e->arg[1]);
	struct value r = eval_side(ev, e->arg[1], e->arg[0]);

	clock_to_word(e->arg[0], &l, &r);
	clock_to_word(e->arg[1], &r, &l);
	return value_flag(compare(ev->env, e->cmp, l, r));
}

/* --- arithmetic --- */

static struct value num_op(char op, int64_t x, int64_t y)
{
	__int128 r;

	switch (op) {
	case '+':
		r = (__int128)x + y;
		break;
	case '-':
		r = (__int128)x - y;
		break;
	case '*':
		r = (__int128)x * y / NUM_SCALE;
		break;
	default:
		if (!y)
			return VALUE_NONE;
		r = (__int128)x * NUM_SCALE / y;
	}
	if (r > INT64_MAX || r < INT64_MIN)
		return VALUE_NONE;
	return value_num((int64_t)r);
}

static struct value day_checked(int64_t day)
{
	if (day < day_of(1900, 1, 1) || day > day_of(2199, 12, 31))
		return VALUE_NONE;
	return value_date((day_no)day);
}

/* The day on which `day + d` ends. Minutes and hours do not move a day: unset. */
static struct value day_plus(const struct expr_env *env, day_no day, struct duration d)
{
	int64_t limit;

	if (d.unit == DUR_D)
		return day_checked((int64_t)day + d.n);
	if (d.unit == DUR_M || d.unit == DUR_H || !env->calendar)
		return VALUE_NONE;
	limit = cal_limit(env->calendar, day_start_ms(day, env->utc_offset_ms), d);
	if (limit == INSTANT_OPEN)
		return VALUE_NONE;
	return day_checked(instant_day(limit - 1, env->utc_offset_ms));
}

/* m, h exact; days to 24:00 of the n-th, as limits are. */
static struct value instant_plus(const struct expr_env *env, int64_t at_ms, struct duration d)
{
	int64_t step = d.unit == DUR_M ? MS_MINUTE : MS_HOUR, moved;
	struct value day;

	if (d.unit == DUR_M || d.unit == DUR_H) {
		if (__builtin_add_overflow(at_ms, step * d.n, &moved))
			return VALUE_NONE;
		return value_instant(moved);
	}
	day = day_plus(env, instant_day(at_ms, env->utc_offset_ms), d);
	if (day.kind == V_NONE)
		return VALUE_NONE;
	return value_instant(day_start_ms(day.day + 1, env->utc_offset_ms));
}

static struct value duration_op(char op, struct duration x, struct duration y)
{
	if (x.unit == DUR_H && y.unit == DUR_M)
		x = (struct duration){ x.n * 60, DUR_M };
	else if (x.unit == DUR_M && y.unit == DUR_H)
		y = (struct duration){ y.n * 60, DUR_M };
	if (x.unit != y.unit)
		return VALUE_NONE;
	x.n += op == '-' ? -y.n : y.n;
	if (x.n > 1000000 || x.n < -1000000)
		return VALUE_NONE;
	return (struct value){ .kind = V_DURATION, .dur = x };
}

static struct value duration_times(struct duration d, int64_t num)
{
	__int128 n = (__int128)d.n * num / NUM_SCALE;

	if (n > 1000000 || n < -1000000)
		return VALUE_NONE;
	return (struct value){ .kind = V_DURATION, .dur = { (int32_t)n, d.unit } };
}

static struct value plus_duration(const struct expr_env *env, char op, const struct value *l,
				  struct duration d)
{
	if (op == '-')
		d.n = -d.n;
	if (l->kind == V_DATE)
		return day_plus(env, l->day, d);
	if (l->kind == V_INSTANT)
		return instant_plus(env, l->at_ms, d);
	return VALUE_NONE;
}

static struct value arith(const struct expr_env *env, char op, struct value l, struct value r)
{
	bool sum = op == '+' || op == '-';

	if (l.kind == V_NUM && r.kind == V_NUM)
		return num_op(op, l.num, r.num);
	if (sum && l.kind == V_DURATION && r.kind == V_DURATION)
		return duration_op(op, l.dur, r.dur);
	if (sum && r.kind == V_DURATION)
		return plus_duration(env, op, &l, r.dur);
	if (op == '+' && l.kind == V_DURATION)
		return plus_duration(env, op, &r, l.dur);
	if (op == '-' && l.kind == V_DATE && r.kind == V_DATE)
		return (struct value){ .kind = V_DURATION, .dur = { l.day - r.day, DUR_D } };
	if (op == '*' && l.kind == V_DURATION && r.kind == V_NUM)
		return duration_times(l.dur, r.num);
	if (op == '*' && l.kind == V_NUM && r.kind == V_DURATION)
		return duration_times(r.dur, l.num);
	return VALUE_NONE;
}

static bool holds(const struct value *v)
{
	return v->kind == V_FLAG && v->flag;
}

static struct value eval_chain(const struct eval *ev, const struct expr *e)
{
	struct value v = eval(ev, e->arg[0]);
	bool logic = e->op[0] == '|' || e->op[0] == '&';

	for (size_t i = 1; i < e->n && *ev->steps > 0; i++) {
		if (logic && holds(&v) == (e->op[i - 1] == '|'))
			break;
		struct value r = eval(ev, e->arg[i]);
		v = logic ? r : arith(ev->env, e->op[i - 1], v, r);
	}
	return logic ? value_flag(holds(&v)) : v;
}

/* --- functions --- */

static struct value fn_days(const struct eval *ev, const struct expr *e)
{
	day_no day[2];

	for (size_t i = 0; i < 2; i++) {
		struct value v = eval(ev, e->arg[i]);

		if (v.kind == V_INSTANT)
			v = value_date(instant_day(v.at_ms, ev->env->utc_offset_ms));
		if (v.kind != V_DATE)
			return VALUE_NONE;
		day[i] = v.day;
	}
	return value_int((int64_t)day[1] - day[0]);
}

static struct value fn_school_day(const struct eval *ev, const struct expr *e)
{
	struct value v = eval(ev, e->arg[0]);

	if (v.kind == V_INSTANT)
		v = value_date(instant_day(v.at_ms, ev->env->utc_offset_ms));
	if (v.kind != V_DATE || !ev->env->calendar)
		return VALUE_NONE;
	return value_flag(cal_school_day(ev->env->calendar, v.day));
}

/* A bare name here is a field, never a word. */
static struct value fn_is_set(const struct eval *ev, const struct expr *e)
{
	bool known;
	struct value v =
		e->arg[0]->kind == N_NAME ? lookup(ev, e->arg[0], &known) : eval(ev, e->arg[0]);

	return value_flag(v.kind != V_NONE && !(v.kind == V_LIST && !v.list.n) &&
			  !(v.kind == V_ROWS && !v.rows.n));
}

/* Do two values, or lists of values, share a member? */
static bool share(const struct value *a, const struct value *b)
{
	if (a->kind != V_LIST)
		return value_has(b, a);
	for (size_t i = 0; i < a->list.n; i++)
		if (value_has(b, &a->list.at[i]))
			return true;
	return false;
}

static struct value fn_distinct(const struct eval *ev, const struct expr *e)
{
	struct value *v = NEW_N(ev->a, e->n, struct value);

	for (size_t i = 0; i < e->n; i++) {
		v[i] = eval(ev, e->arg[i]);
		if (v[i].kind == V_NONE)
			return value_flag(false);
		for (size_t k = 0; k < i; k++) {
			--*ev->steps;
			if (share(&v[k], &v[i]))
				return value_flag(false);
		}
	}
	return value_flag(true);
}

/* A period is on when people, or a record, switched it on, or when it is on each year. */
static bool period_on(const struct expr_env *env, str id)
{
	const struct period_spec *p = env->policy ? policy_period(env->policy, id) : NULL;
	day_no today = instant_day(env->now_ms, env->utc_offset_ms);
	struct date d = date_from_day(today);
	int from, to, at = d.month * 100 + d.day;

	if (cal_period_on(env->calendar, id, today))
		return true;
	if (!p || !p->from_month || !p->to_month)
		return false;
	from = p->from_month * 100 + p->from_day;
	to = p->to_month * 100 + p->to_day;
	return from <= to ? from <= at && at <= to : at >= from || at <= to;
}

static struct value fn_fact(const struct eval *ev, const struct expr *e)
{
	struct fact_query q = e->fact;
	struct value subject, v = VALUE_NONE;
	const struct expr_env *env = ev->env;

	if (e->n) {
		subject = eval(ev, e->arg[0]);
		if (subject.kind == V_NONE)
			return VALUE_NONE;
		q.subject = &subject;
	}
	if (q.kind == FACT_PERIOD && env->calendar)
		return value_flag(period_on(env, q.name));
	if (!env->fact || !env->fact(env->fact_ctx, &q, &v))
		return VALUE_NONE;
	return v;
}

static struct value eval_call(const struct eval *ev, const struct expr *e)
{
	switch (e->fn) {
	case FN_IS_SET:
		return fn_is_set(ev, e);
	case FN_DAYS:
		return fn_days(ev, e);
	case FN_SCHOOL_DAY:
		return fn_school_day(ev, e);
	case FN_DISTINCT:
		return fn_distinct(ev, e);
	case FN_FACT:
		return fn_fact(ev, e);
	case FN_COUNT: case FN_ALL: case FN_ANY: case FN_SUM:
		break;
	}
	assert(0);
	return VALUE_NONE;
}

/* --- over rows --- */

struct agg { int64_t rows, held; __int128 sum; bool sum_ok; };

static struct value agg_value(enum fn fn, const struct agg *g)
{
	switch (fn) {
	case FN_COUNT:
		return value_int(g->held);
	case FN_ALL:
		return value_flag(g->rows > 0 && g->held == g->rows);
	case FN_ANY:
		return value_flag(g->held > 0);
	case FN_SUM:
		if (!g->sum_ok || g->sum > INT64_MAX || g->sum < INT64_MIN)
			return VALUE_NONE;
		return value_num((int64_t)g->sum);
	default:
		return VALUE_NONE;
	}
}

static void agg_add(struct agg *g, const struct value *v)
{
	if (v && v->kind == V_NUM)
		g->sum += v->num;
	else if (v)
		g->sum_ok = false;
}

static struct value agg_where(const struct eval *ev, const struct expr *e)
{
	const struct expr *source = e->arg[0];
	str base = source->kind == N_DOT ? source->base : source->name;
	const struct value *rows = vmap_get(ev->env->fields, base);
	struct expr_env env = *ev->env;
	struct eval inner = *ev;
	struct agg g = { .sum_ok = true };

	inner.env = &env;
	env.row_field = field_named(env.declared, env.declared_n, base);
	for (size_t i = 0; rows && rows->kind == V_ROWS && i<rows->rows.n && * ev->steps> 0; i++) {
		env.row = &rows->rows.at[i];
		struct value hit = eval(&inner, e->arg[1]);

		g.rows++;
		if (!holds(&hit))
			continue;
		g.held++;
		if (e->fn == FN_SUM && source->kind == N_DOT)
			agg_add(&g, row_get(env.row, source->member));
	}
	if (e->fn == FN_SUM && source->kind != N_DOT)
		return VALUE_NONE;
	return agg_value(e->fn, &g);
}

/* Without where: the members of a list or rows, or several conditions. */
static struct value agg_plain(const struct eval *ev, const struct expr *e)
{
	struct agg g = { .sum_ok = true };
	struct value v;

	if (e->n == 1) {
		bool known;

		v = e->arg[0]->kind == N_NAME ? lookup(ev, e->arg[0], &known) : eval(ev, e->arg[0]);
		if (v.kind == V_ROWS) {
			g.rows = g.held = (int64_t)v.rows.n;
			g.sum_ok = false;
			return agg_value(e->fn, &g);
		}
		if (v.kind != V_LIST)
			v = v.kind == V_NONE ? value_list(ev->a, NULL, 0)
					     : value_list(ev->a, &v, 1);
	} else {
		struct value *at = NEW_N(ev->a, e->n, struct value);

		for (size_t i = 0; i < e->n; i++)
			at[i] = eval(ev, e->arg[i]);
		v = (struct value){ .kind = V_LIST, .list = { at, e->n } };
	}
	for (size_t i = 0; i < v.list.n && --*ev->steps > 0; i++) {
		g.rows++;
		g.held += e->fn == FN_COUNT || holds(&v.list.at[i]);
		agg_add(&g, &v.list.at[i]);
	}
	return agg_value(e->fn, &g);
}

static struct value eval_list(const struct eval *ev, const struct expr *e)
{
	struct value *at = NEW_N(ev->a, e->n, struct value);

	for (size_t i = 0; i < e->n; i++)
		at[i] = eval(ev, e->arg[i]);
	return (struct value){ .kind = V_LIST, .list = { at, e->n } };
}

static struct value eval(const struct eval *ev, const struct expr *e)
{
	struct value v;

	if (--*ev->steps <= 0)
		return VALUE_NONE;
	switch (e->kind) {
	case N_LIT:
		return e->lit;
	case N_NAME:
		return eval_name(ev, e);
	case N_DOT:
		return eval_dot(ev, e);
	case N_PARAM:
		return eval_param(ev, e);
	case N_LIST:
		return eval_list(ev, e);
	case N_CHAIN:
		return eval_chain(ev, e);
	case N_NOT:
		v = eval(ev, e->arg[0]);
		return value_flag(!holds(&v));
	case N_CMP:
		return eval_cmp(ev, e);
	case N_CALL:
		return eval_call(ev, e);
	case N_AGG:
		return e->has_where ? agg_where(ev, e) : agg_plain(ev, e);
	}
	assert(0);
	return VALUE_NONE;
}

struct value expr_eval(struct arena *a, const struct expr *e, const struct expr_env *env)
{
	int32_t steps = EXPR_STEPS_MAX;
	const struct eval ev = { .a = a, .env = env, .steps = &steps };
	struct value v;

	assert(a && env);
	if (!e)
		return VALUE_NONE;
	v = eval(&ev, e);
	return steps > 0 ? v : VALUE_NONE;
}

bool expr_true(struct arena *a, const struct expr *e, const struct expr_env *env)
{
	struct value v;

	if (!e)
		return true;
	v = expr_eval(a, e, env);
	return holds(&v);
}
