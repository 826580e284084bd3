/*
 * expr_type: what an expression gives, found before it runs, so that a pack with a
 * comparison that can never hold, or a sum of dates, does not compile. Types are
 * gathered into classes that compare with each other (all numbers, all words); what
 * cannot be known is "any" and passes. Names are asked of the checker, which knows
 * the loop, the parameters and the catalogues.
 */
#include "rules/expr.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/expr_int.h"

enum tclass {
	C_ANY,
	C_NUM,
	C_TEXT,
	C_FLAG,
	C_DATE,
	C_INSTANT,
	C_TIME,
	C_DURATION,
	C_REF,
	C_LIST,
	C_ROWS
};

struct typer {
	struct arena *a;
	const struct expr_types *t;
	struct expr_error *error;
	bool failed;
	str rows;		/* the rows field whose columns are in sight */
};

static str type(struct typer *t, const struct expr *e);

static const struct { const char *word; enum tclass class;
} CLASSES[] = {
	{ "int", C_NUM },	  { "decimal", C_NUM },	      { "money", C_NUM },
	{ "percent", C_NUM },	  { "text", C_TEXT },	      { "note", C_TEXT },
	{ "choice", C_TEXT },	  { "phone", C_TEXT },	      { "masked", C_TEXT },
	{ "post", C_TEXT },	  { "period", C_TEXT },	      { "interval", C_TEXT },
	{ "flag", C_FLAG },	  { "date", C_DATE },	      { "instant", C_INSTANT },
	{ "time", C_TIME },	  { "duration", C_DURATION }, { "person", C_REF },
	{ "place", C_REF },	  { "unit", C_REF },	      { "class", C_REF },
	{ "asset", C_REF },	  { "record", C_REF },	      { "choices", C_LIST },
	{ "people", C_LIST },	  { "records", C_LIST },      { "files", C_LIST },
	{ "list", C_LIST },	  { "rows", C_ROWS },	      { "checklist", C_ROWS },
	{ "signatures", C_ROWS },
};

static enum tclass class_of(str word)
{
	for (size_t i = 0; i < sizeof(CLASSES) / sizeof(CLASSES[0]); i++)
		if (str_eq(word, str_of(CLASSES[i].word)))
			return CLASSES[i].class;
	return C_ANY;
}

static str fail(struct typer *t, const struct expr *e, str message)
{
	if (!t->failed)
		*t->error = (struct expr_error){ .at = e->at, .message = message };
	t->failed = true;
	return STR("any");
}

static str ask(struct typer *t, const struct expr *e, enum name_kind kind, str name,
	       const struct expr *other)
{
	struct expr_name n = {
		.kind = kind, .name = name, .at = e->at, .fact = e->fact, .in_rows = t->rows
	};

	if (other && (other->kind == N_NAME || other->kind == N_DOT))
		n.against = other->name;
	else if (other && other->kind == N_PARAM)
		n.against = other->span;
	n.may_be_word = other != NULL;
	return t->t->type_of(t->t->ctx, &n);
}

static bool clock_word(const struct expr *e)
{
	return e->kind == N_NAME && (str_eq(e->name, STR("today")) || str_eq(e->name, STR("now")));
}

static str type_name(struct typer *t, const struct expr *e)
{
	str s = ask(t, e, NAME_FIELD, e->name, NULL);

	if (s.ptr)
		return s;
	if (clock_word(e))
		return str_eq(e->name, STR("now")) ? STR("instant") : STR("date");
	return fail(t, e, str_fmt(t->a, "没有“%.*s”这个字段", STR_ARG(e->name)));
}

static str type_dot(struct typer *t, const struct expr *e)
{
	enum name_kind kind = str_eq(e->base, STR("entry")) ? NAME_ENTRY
			      : str_eq(e->base, STR("row")) ? NAME_ROW
							    : NAME_SUBJECT;
	str s = ask(t, e, kind, kind == NAME_SUBJECT ? e->name : e->member, NULL);

	return s.ptr ? s : fail(t, e, str_fmt(t->a, "没有“%.*s”", STR_ARG(e->name)));
}

static str type_param(struct typer *t, const struct expr *e)
{
	str s = ask(t, e, NAME_PARAM, e->name, NULL);

	for (size_t i = 0; i < e->n; i++)
		if (e->arg[i]->kind != N_NAME ||
		    !ask(t, e->arg[i], NAME_FIELD, e->arg[i]->name, e).ptr)
			type(t, e->arg[i]);
	return s.ptr ? s : fail(t, e, str_fmt(t->a, "没有“$%.*s”这个参数", STR_ARG(e->name)));
}

/* The type of one side of a comparison, where a bare name may be a word. */
static str type_side(struct typer *t, const struct expr *e, const struct expr *other)
{
	str s;

	if (e->kind == N_LIST) {
		for (size_t i = 0; i < e->n; i++)
			type_side(t, e->arg[i], other);
		return STR("list");
	}
	if (e->kind != N_NAME)
		return type(t, e);
	s = ask(t, e, NAME_WORD, e->name, other);
	if (s.ptr && !ask(t, e, NAME_FIELD, e->name, NULL).ptr && !clock_word(e))
		return STR("text");
	if (s.ptr && clock_word(e) && other && class_of(type(t, other)) == C_TEXT)
		return STR("text");
	s = ask(t, e, NAME_FIELD, e->name, NULL);
	if (s.ptr || clock_word(e))
		return type_name(t, e);
	return fail(t, e, str_fmt(t->a, "“%.*s”既不是字段，也不是可选的值", STR_ARG(e->name)));
}

static bool same_class(enum tclass a, enum tclass b)
{
	bool day_a = a == C_DATE || a == C_INSTANT, day_b = b == C_DATE || b == C_INSTANT;

	return a == C_ANY || b == C_ANY || a == b || (day_a && day_b);
}

static str type_cmp(struct typer *t, const struct expr *e)
{
	enum tclass l = class_of(type_side(t, e->arg[0], e->arg[1]));
	enum tclass r = class_of(type_side(t, e->arg[1], e->arg[0]));

	if (t->failed)
		return STR("flag");
	if (e->cmp == CMP_IN || e->cmp == CMP_NOT_IN) {
		if (r == C_ROWS || l == C_ROWS || l == C_LIST)
			fail(t, e, STR("in 左边要写一个值，右边要写一组值"));
		return STR("flag");
	}
	if (!same_class(l, r) || l == C_ROWS || r == C_ROWS)
		fail(t, e, STR("两边的类型不能相比"));
	else if (e->cmp != CMP_EQ && e->cmp != CMP_NE && (l == C_FLAG || l == C_REF || l == C_LIST))
		fail(t, e, STR("这种类型没有大小先后"));
	return STR("flag");
}

static void want_flag(struct typer *t, const struct expr *e)
{
	enum tclass c = class_of(type(t, e));

	if (c != C_ANY && c != C_FLAG)
		fail(t, e, STR("这里要写条件"));
}

static str type_num(char op, str l, str r)
{
	if (str_eq(l, STR("money")) || str_eq(r, STR("money")))
		return STR("money");
	if (op != '/' && str_eq(l, STR("int")) && str_eq(r, STR("int")))
		return STR("int");
	return STR("decimal");
}

static str type_arith(struct typer *t, const struct expr *e, char op, str l, str r)
{
	enum tclass a = class_of(l), b = class_of(r);
	bool sum = op == '+' || op == '-';

	if (a == C_ANY || b == C_ANY)
		return STR("any");
	if (a == C_NUM && b == C_NUM)
		return type_num(op, l, r);
	if (sum && a == C_DURATION && b == C_DURATION)
		return l;
	if (sum && (a == C_DATE || a == C_INSTANT) && b == C_DURATION)
		return l;
	if (op == '+' && a == C_DURATION && (b == C_DATE || b == C_INSTANT))
		return r;
	if (op == '-' && a == C_DATE && b == C_DATE)
		return STR("duration");
	if (op == '*' && ((a == C_DURATION && b == C_NUM) || (a == C_NUM && b == C_DURATION)))
		return STR("duration");
	return fail(t, e, STR("这两种类型不能这样计算"));
}

static str type_chain(struct typer *t, const struct expr *e)
{
	bool logic = e->op[0] == '|' || e->op[0] == '&';
	str s;

	if (logic) {
		for (size_t i = 0; i < e->n; i++)
			want_flag(t, e->arg[i]);
		return STR("flag");
	}
	s = type(t, e->arg[0]);
	for (size_t i = 1; i < e->n && !t->failed; i++)
		s = type_arith(t, e, e->op[i - 1], s, type(t, e->arg[i]));
	return s;
}

static str type_fact(struct typer *t, const struct expr *e)
{
	str s = ask(t, e, NAME_FACT, e->name, NULL);

	for (size_t i = 0; i < e->n; i++)
		type(t, e->arg[i]);
	if (!s.ptr)
		return fail(t, e, str_fmt(t->a, "“%.*s”里的名称不存在", STR_ARG(e->span)));
	switch (e->fact.kind) {
	case FACT_DONE: case FACT_TOTAL: case FACT_TIMES: case FACT_LATE:
		return STR("int");
	case FACT_AT: case FACT_ENTERED:
		return STR("instant");
	case FACT_DOER:
		return STR("person");
	case FACT_DUTIES:
		return STR("list");
	case FACT_LINKED:
	case FACT_FULFILLED:
	case FACT_PERIOD:
	case FACT_INCLUDES:
	case FACT_CHANGED:
	case FACT_ALL_SIGNED:
		break;
	}
	return STR("flag");
}

static void want_day(struct typer *t, const struct expr *e)
{
	enum tclass c = class_of(type(t, e));

	if (c != C_ANY && c != C_DATE && c != C_INSTANT)
		fail(t, e, STR("这里要写日期"));
}

static str type_call(struct typer *t, const struct expr *e)
{
	if (e->fn == FN_FACT)
		return type_fact(t, e);
	for (size_t i = 0; i < e->n; i++) {
		if (e->fn == FN_DAYS || e->fn == FN_SCHOOL_DAY)
			want_day(t, e->arg[i]);
		else
			type(t, e->arg[i]);
	}
	return e->fn == FN_DAYS ? STR("int") : STR("flag");
}

static str type_where(struct typer *t, const struct expr *e)
{
	const struct expr *source = e->arg[0];
	struct typer inner = *t;
	str base = source->kind == N_DOT ? source->base : source->name;
	str s = type(t, source);

	if (source->kind == N_NAME && class_of(s) != C_ROWS && class_of(s) != C_ANY)
		fail(t, source, STR("where 前面要写表格字段"));
	inner.rows = base;
	inner.failed = t->failed;
	want_flag(&inner, e->arg[1]);
	t->failed = inner.failed;
	return s;
}

static str type_agg(struct typer *t, const struct expr *e)
{
	str s = STR("any");

	if (e->has_where)
		s = type_where(t, e);
	else if (e->n == 1)
		s = type(t, e->arg[0]);
	else
		for (size_t i = 0; i < e->n; i++)
			want_flag(t, e->arg[i]);
	if (e->fn == FN_COUNT)
		return STR("int");
	if (e->fn != FN_SUM)
		return STR("flag");
	if (e->arg[0]->kind != N_DOT)
		return fail(t, e, STR("sum 里要写“表格.列”"));
	return class_of(s) == C_NUM ? s : STR("decimal");
}

static str type_lit(const struct expr *e)
{
	switch (e->lit.kind) {
	case V_FLAG:
		return STR("flag");
	case V_NUM:
		return e->lit.num % NUM_SCALE ? STR("decimal") : STR("int");
	case V_TEXT:
		return STR("text");
	case V_DATE:
		return STR("date");
	case V_TIME:
		return STR("time");
	case V_INSTANT:
		return STR("instant");
	case V_DURATION:
		return STR("duration");
	case V_LIST:
		return STR("list");
	case V_NONE: case V_REF: case V_ROWS:
		break;
	}
	return STR("any");
}

static str type(struct typer *t, const struct expr *e)
{
	if (t->failed)
		return STR("any");
	switch (e->kind) {
	case N_LIT:
		return type_lit(e);
	case N_NAME:
		return type_name(t, e);
	case N_DOT:
		return type_dot(t, e);
	case N_PARAM:
		return type_param(t, e);
	case N_LIST:
		return type_side(t, e, e);
	case N_CHAIN:
		return type_chain(t, e);
	case N_NOT:
		want_flag(t, e->arg[0]);
		return STR("flag");
	case N_CMP:
		return type_cmp(t, e);
	case N_CALL:
		return type_call(t, e);
	case N_AGG:
		return type_agg(t, e);
	}
	return STR("any");
}

str expr_type(struct arena *a, const struct expr *e, const struct expr_types *t,
	      struct expr_error *ret_error)
{
	struct expr_error error = { 0 };
	struct typer ty = { .a = a, .t = t, .error = &error };
	str s;

	assert(e && t && ret_error);
	s = type(&ty, e);
	if (!ty.failed)
		return s;
	*ret_error = error;
	return STR_NONE;
}
