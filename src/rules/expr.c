/*
 * expr: the parser of the expression language, and the walk over its names. A text is
 * cut into tokens first (names may hold a minus between letters, `by-date`; a minus
 * that subtracts stands between blanks), then parsed by descent with one function per
 * level of precedence: or, and, not, comparison, plus, times, primary. Operands of one
 * level make one flat node, so depth grows only with brackets and is bounded by
 * EXPR_DEPTH_MAX; a text of any length is parsed in linear time and bounded stack.
 * Functions are a closed table; those of later stages are known by name and refused.
 */
#include "rules/expr.h"

#include <assert.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/expr_int.h"

enum tok { T_END, T_NAME, T_LIT, T_PARAM, T_OP, T_BAD };

struct token {
	enum tok kind;
	uint32_t at, end;
	str text;		/* name without `$`, or the operator */
	struct value lit;
};

struct parser {
	struct arena *a;
	str text;
	size_t pos;		/* behind the present token */
	struct token tok;
	bool after_operand;	/* so a minus before a digit subtracts nothing */
	int depth;
	uint32_t last_end;
	struct expr_error *error;
	bool failed;
};

struct expr_vec { const struct expr **at; size_t n, cap; };

/* --- tokens --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool name_more(char c)
{
	return name_start(c) || is_digit(c);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char char_at(const struct parser *p, size_t i)
{
	return i < p->text.len ? p->text.ptr[i] : '\0';
}

static void fail_stage(struct parser *p, uint32_t at, int stage, str message)
{
	if (p->failed)
		return;
	p->failed = true;
	*p->error = (struct expr_error){ at, message, (uint8_t)stage };
}

static void fail(struct parser *p, uint32_t at, str message)
{
	fail_stage(p, at, 0, message);
}

/* The end of the name that starts at i: letters, digits, and minus between them. */
static size_t name_end(const struct parser *p, size_t i)
{
	while (name_more(char_at(p, i)) || (char_at(p, i) == '-' && name_more(char_at(p, i + 1))))
		i++;
	return i;
}

static bool num_parse(str s, int64_t *ret_num)
{
	str rest = s, whole = str_cut(&rest, '.');
	int64_t n, frac = 0, scale = NUM_SCALE;

	if (!str_to_i64(whole, &n) || n < 0)
		return false;
	if (rest.ptr && (rest.len == 0 || rest.len > 4))
		return false;
	for (size_t i = 0; i < rest.len; i++) {
		if (!is_digit(rest.ptr[i]))
			return false;
		scale /= 10;
		frac += (rest.ptr[i] - '0') * scale;
	}
	return !__builtin_mul_overflow(n, (int64_t)NUM_SCALE, &n) &&
	       !__builtin_add_overflow(n, frac, ret_num);
}

/* A literal that begins with a digit: number, duration, date, time of day. */
static struct value literal(str s)
{
	day_no day;
	int minutes;
	int64_t num = 0;
	struct duration d;

	if (date_parse(s, &day))
		return value_date(day);
	if (time_parse(s, &minutes))
		return (struct value){ .kind = V_TIME, .minute = minutes };
	if (duration_parse(s, &d))
		return (struct value){ .kind = V_DURATION, .dur = d };
	if (num_parse(s, &num))
		return value_num(num);
	return VALUE_NONE;
}

static void lex_literal(struct parser *p, size_t start, bool negative)
{
	size_t i = start + negative;
	struct value v;

	while (name_more(char_at(p, i)) || char_at(p, i) == ':' ||
	       ((char_at(p, i) == '.' || char_at(p, i) == '-') && is_digit(char_at(p, i + 1))))
		i++;
	v = literal(str_slice(p->text, start + negative, i));
	if (negative && v.kind == V_NUM)
		v.num = -v.num;
	else if (negative && v.kind == V_DURATION)
		v.dur.n = -v.dur.n;
	else if (negative)
		v = VALUE_NONE;
	if (v.kind == V_NONE)
		fail(p, (uint32_t)start,
		     str_fmt(p->a, "“%.*s”不是数、日期、时刻或时长（减号两边要有空格）",
			     STR_ARG(str_slice(p->text, start, i))));
	p->tok = (struct token){ .kind = T_LIT, .at = (uint32_t)start, .lit = v };
	p->pos = i;
}

static void lex_text(struct parser *p, size_t start)
{
	ptrdiff_t end = str_find(p->text, STR("\""), start + 1);

	if (end < 0) {
		fail(p, (uint32_t)start, STR("引号没有合上"));
		p->pos = p->text.len;
		return;
	}
	p->tok = (struct token){ .kind = T_LIT, .at = (uint32_t)start,
				 .lit = value_text(str_slice(p->text, start + 1, (size_t)end)) };
	p->pos = (size_t)end + 1;
}

static void lex_name(struct parser *p, size_t start, bool param)
{
	size_t from = start + param, end = name_end(p, from);

	if (end == from || !name_start(char_at(p, from)))
		fail(p, (uint32_t)start, STR("$ 后面要写参数名"));
	p->tok = (struct token){ .kind = param ? T_PARAM : T_NAME, .at = (uint32_t)start,
				 .text = str_slice(p->text, from, end) };
	p->pos = end;
}

static void lex_op(struct parser *p, size_t start)
{
	static const char *const two[] = { "!=", "<=", ">=" };
	size_t len = 1;

	for (size_t i = 0; i < 3; i++)
		if (str_starts(str_slice(p->text, start, p->text.len), str_of(two[i])))
			len = 2;
	str op = str_slice(p->text, start, start + len);
	if (len == 1 && !strchr("()[],.=<>+-*/", op.ptr[0])) {
		fail(p, (uint32_t)start, STR("不认识的符号"));
	} else if (str_eq(op, STR("-")) &&
		   (start == 0 || !blank(char_at(p, start - 1)) || !blank(char_at(p, start + 1)))) {
		fail(p, (uint32_t)start, STR("减号两边要有空格"));
	}
	p->tok = (struct token){ .kind = T_OP, .at = (uint32_t)start, .text = op };
	p->pos = start + len;
}

static void next(struct parser *p)
{
	size_t i = p->pos;
	char c;

	p->last_end = p->tok.end;
	p->after_operand =
		p->tok.kind == T_NAME || p->tok.kind == T_LIT || p->tok.kind == T_PARAM ||
		(p->tok.kind == T_OP && (p->tok.text.ptr[0] == ')' || p->tok.text.ptr[0] == ']'));
	while (blank(char_at(p, i)) && i < p->text.len)
		i++;
	c = char_at(p, i);
	if (i >= p->text.len || p->failed) {
		p->tok = (struct token){ .kind = T_END, .at = (uint32_t)i };
		p->pos = p->text.len;
	} else if (is_digit(c)) {
		lex_literal(p, i, false);
	} else if (c == '-' && !p->after_operand && is_digit(char_at(p, i + 1))) {
		lex_literal(p, i, true);
	} else if (c == '"') {
		lex_text(p, i);
	} else if (c == '$' || name_start(c)) {
		lex_name(p, i, c == '$');
	} else {
		lex_op(p, i);
	}
	p->tok.end = (uint32_t)p->pos;
	if (p->failed)
		p->tok.kind = T_BAD;
}

static bool at_op(const struct parser *p, const char *op)
{
	return p->tok.kind == T_OP && str_eq(p->tok.text, str_of(op));
}

static bool at_word(const struct parser *p, const char *word)
{
	return p->tok.kind == T_NAME && str_eq(p->tok.text, str_of(word));
}

static bool take_op(struct parser *p, const char *op)
{
	if (!at_op(p, op))
		return false;
	next(p);
	return true;
}

static bool take_word(struct parser *p, const char *word)
{
	if (!at_word(p, word))
		return false;
	next(p);
	return true;
}

static void want_op(struct parser *p, const char *op)
{
	if (!take_op(p, op))
		fail(p, p->tok.at, str_fmt(p->a, "这里要写“%s”", op));
}

/* --- nodes --- */

static struct expr *node(struct parser *p, enum node kind, uint32_t at)
{
	struct expr *e = NEW(p->a, struct expr);

	e->kind = kind;
	e->at = at;
	return e;
}

static void vec_add(struct parser *p, struct expr_vec *v, const struct expr *e)
{
	*VEC_PUSH(p->a, v) = e;
}

static struct expr *finish(struct parser *p, struct expr *e, const struct expr_vec *args)
{
	if (args) {
		e->arg = args->at;
		e->n = args->n;
	}
	e->span = str_trim(str_slice(p->text, e->at, p->last_end));
	return e;
}

static const struct expr *parse_or(struct parser *p);

static bool reserved(str s)
{
	static const char *const words[] = { "and", "or", "not", "in", "where" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(s, str_of(words[i])))
			return true;
	return false;
}

/* A plain word where the grammar wants one (a step, a state, a duty, a post). */
static str want_name(struct parser *p)
{
	str s = p->tok.text;

	if (p->tok.kind != T_NAME) {
		fail(p, p->tok.at, STR("这里要写名称"));
		return STR_NONE;
	}
	next(p);
	return s;
}

/* --- functions: a closed table --- */

enum shape {
	S_VALUE,	/* (expression) */
	S_TWO,		/* (expression, expression) */
	S_MANY,		/* (expression, expression, …) */
	S_PATH,		/* (loop.field) */
	S_PATH_STATE,	/* (loop.field, state = s) */
	S_WORD,		/* (word) */
	S_WORD_VALUE,	/* (word[, expression]) */
	S_VALUE_WORD,	/* (expression, word) */
	S_ROWS,		/* (rows[.column] [where expression]) */
};

static const struct fn_entry {
	const char *name;
	enum shape shape;
	enum fn fn;
	enum fact_kind fact;
	int stage;
} FUNCTIONS[] = {
	{ "is_set", S_VALUE, FN_IS_SET, 0, 1 },
	{ "days", S_TWO, FN_DAYS, 0, 1 },
	{ "school_day", S_VALUE, FN_SCHOOL_DAY, 0, 1 },
	{ "distinct", S_MANY, FN_DISTINCT, 0, 1 },
	{ "count", S_ROWS, FN_COUNT, 0, 1 },
	{ "all", S_ROWS, FN_ALL, 0, 1 },
	{ "any", S_ROWS, FN_ANY, 0, 1 },
	{ "sum", S_ROWS, FN_SUM, 0, 1 },
	{ "linked", S_PATH_STATE, FN_FACT, FACT_LINKED, 1 },
	{ "done", S_PATH, FN_FACT, FACT_DONE, 1 },
	{ "total", S_PATH, FN_FACT, FACT_TOTAL, 1 },
	{ "fulfilled", S_WORD_VALUE, FN_FACT, FACT_FULFILLED, 1 },
	{ "at", S_WORD, FN_FACT, FACT_AT, 1 },
	{ "doer", S_WORD, FN_FACT, FACT_DOER, 1 },
	{ "times", S_WORD, FN_FACT, FACT_TIMES, 1 },
	{ "late", S_WORD, FN_FACT, FACT_LATE, 1 },
	{ "entered", S_WORD, FN_FACT, FACT_ENTERED, 1 },
	{ "period", S_WORD, FN_FACT, FACT_PERIOD, 1 },
	{ "includes", S_VALUE_WORD, FN_FACT, FACT_INCLUDES, 1 },
	{ "changed", S_WORD_VALUE, FN_FACT, FACT_CHANGED, 1 },
	{ "duties", S_VALUE, FN_FACT, FACT_DUTIES, 1 },
	{ "all_signed", S_WORD, FN_FACT, FACT_ALL_SIGNED, 1 },
	{ "tally", S_MANY, FN_FACT, 0, 2 },
	{ "balance", S_MANY, FN_FACT, 0, 2 },
	{ "mirror", S_MANY, FN_FACT, 0, 3 },
	{ "delivered", S_MANY, FN_FACT, 0, 3 },
	{ "received", S_MANY, FN_FACT, 0, 3 },
	{ "near", S_MANY, FN_FACT, 0, 3 },
};

static const struct fn_entry *fn_find(str name)
{
	for (size_t i = 0; i < sizeof(FUNCTIONS) / sizeof(FUNCTIONS[0]); i++)
		if (str_eq(name, str_of(FUNCTIONS[i].name)))
			return &FUNCTIONS[i];
	return NULL;
}

static void call_path(struct parser *p, struct expr *e, bool state)
{
	e->fact.loop = want_name(p);
	want_op(p, ".");
	e->fact.field = want_name(p);
	if (!state || !take_op(p, ","))
		return;
	if (!take_word(p, "state"))
		fail(p, p->tok.at, STR("这里要写 state = 状态名"));
	want_op(p, "=");
	e->fact.state = want_name(p);
}

/* rows, rows.column, or any expressions parted by commas (all and any of conditions). */
static void call_rows(struct parser *p, struct expr *e, struct expr_vec *args)
{
	vec_add(p, args, parse_or(p));
	if (p->failed)
		return;
	if (take_word(p, "where")) {
		enum node k = args->at[0]->kind;

		if (k != N_NAME && k != N_DOT)
			fail(p, args->at[0]->at, STR("where 前面要写表格字段"));
		vec_add(p, args, parse_or(p));
		e->has_where = true;
		return;
	}
	while (!p->failed && take_op(p, ","))
		vec_add(p, args, parse_or(p));
	if (args->n > 1 && e->fn != FN_ALL && e->fn != FN_ANY)
		fail(p, e->at, STR("这里只要一个表格字段"));
}

static void call_values(struct parser *p, struct expr_vec *args, size_t least, size_t most)
{
	do {
		vec_add(p, args, parse_or(p));
	} while (!p->failed && take_op(p, ","));
	if (!p->failed && (args->n < least || args->n > most))
		fail(p, p->tok.at, STR("参数个数不对"));
}

static void call_args(struct parser *p, const struct fn_entry *f, struct expr *e,
		      struct expr_vec *args)
{
	switch (f->shape) {
	case S_VALUE:
		call_values(p, args, 1, 1);
		return;
	case S_TWO:
		call_values(p, args, 2, 2);
		return;
	case S_MANY:
		call_values(p, args, 2, 64);
		return;
	case S_PATH: case S_PATH_STATE:
		call_path(p, e, f->shape == S_PATH_STATE);
		return;
	case S_WORD:
		e->fact.name = want_name(p);
		return;
	case S_WORD_VALUE:
		e->fact.name = want_name(p);
		if (take_op(p, ","))
			vec_add(p, args, parse_or(p));
		return;
	case S_VALUE_WORD:
		vec_add(p, args, parse_or(p));
		want_op(p, ",");
		e->fact.name = want_name(p);
		return;
	case S_ROWS:
		call_rows(p, e, args);
		return;
	}
}

static const struct expr *parse_call(struct parser *p, str name, uint32_t at)
{
	const struct fn_entry *f = fn_find(name);
	struct expr_vec args = { 0 };
	struct expr *e = node(p, N_CALL, at);

	if (!f) {
		fail(p, at, str_fmt(p->a, "没有“%.*s”这个函数", STR_ARG(name)));
		return e;
	}
	if (f->stage > 1) {
		fail_stage(p, at, f->stage,
			   str_fmt(p->a, "“%.*s”要到第 %d 阶段才有", STR_ARG(name), f->stage));
		return e;
	}
	e->kind = f->shape == S_ROWS ? N_AGG : N_CALL;
	e->name = name;
	e->fn = f->fn;
	e->fact.kind = f->fact;
	want_op(p, "(");
	call_args(p, f, e, &args);
	want_op(p, ")");
	return finish(p, e, &args);
}

/* --- primaries --- */

static const struct expr *parse_dot(struct parser *p, str base, uint32_t at)
{
	struct expr *e = node(p, N_DOT, at);

	e->base = base;
	e->member = want_name(p);
	e->name = str_fmt(p->a, "%.*s.%.*s", STR_ARG(e->base), STR_ARG(e->member));
	return finish(p, e, NULL);
}

static const struct expr *parse_name(struct parser *p)
{
	struct token t = p->tok;
	struct expr *e;

	if (reserved(t.text)) {
		fail(p, t.at, str_fmt(p->a, "“%.*s”不能放在这里", STR_ARG(t.text)));
		return node(p, N_LIT, t.at);
	}
	next(p);
	if (at_op(p, "("))
		return parse_call(p, t.text, t.at);
	if (take_op(p, "."))
		return parse_dot(p, t.text, t.at);
	e = node(p, N_NAME, t.at);
	e->name = t.text;
	if (str_eq(t.text, STR("true")) || str_eq(t.text, STR("false"))) {
		e->kind = N_LIT;
		e->lit = value_flag(str_eq(t.text, STR("true")));
	}
	return finish(p, e, NULL);
}

static const struct expr *parse_list(struct parser *p, const char *close, enum node kind,
				     uint32_t at)
{
	struct expr_vec args = { 0 };
	struct expr *e = node(p, kind, at);

	if (!at_op(p, close)) {
		do {
			vec_add(p, &args, parse_or(p));
		} while (!p->failed && take_op(p, ","));
	}
	want_op(p, close);
	return finish(p, e, &args);
}

static const struct expr *parse_param(struct parser *p)
{
	struct token t = p->tok;
	struct expr_vec args = { 0 };
	struct expr *e = node(p, N_PARAM, t.at);

	next(p);
	e->name = t.text;
	if (take_op(p, "[")) {
		vec_add(p, &args, parse_or(p));
		want_op(p, "]");
	}
	return finish(p, e, &args);
}

static const struct expr *parse_primary(struct parser *p)
{
	struct token t = p->tok;
	const struct expr *inner;
	struct expr *e;

	switch (t.kind) {
	case T_NAME:
		return parse_name(p);
	case T_PARAM:
		return parse_param(p);
	case T_LIT:
		next(p);
		e = node(p, N_LIT, t.at);
		e->lit = t.lit;
		return finish(p, e, NULL);
	case T_OP:
		if (take_op(p, "[")) {
			return parse_list(p, "]", N_LIST, t.at);
		} else if (take_op(p, "(")) {
			inner = parse_or(p);
			want_op(p, ")");
			return inner;
		}
		break;
	case T_END: case T_BAD:
		break;
	}
	fail(p, t.at, t.kind == T_END ? STR("式子没有写完") : STR("这里要写一个值"));
	return node(p, N_LIT, t.at);
}

/* --- levels of precedence --- */

static char chain_op(const struct parser *p, int level)
{
	switch (level) {
	case 0:
		return at_word(p, "or") ? '|' : '\0';
	case 1:
		return at_word(p, "and") ? '&' : '\0';
	case 2:
		return at_op(p, "+") ? '+' : at_op(p, "-") ? '-' : '\0';
	default:
		return at_op(p, "*") ? '*' : at_op(p, "/") ? '/' : '\0';
	}
}

/* One level: operands by `operand`, joined by the operators of the level, in one flat node. */
static const struct expr *parse_chain(struct parser *p, int level,
				      const struct expr *(*operand)(struct parser *))
{
	uint32_t at = p->tok.at;
	const struct expr *first = operand(p);
	struct expr_vec args = { 0 };
	struct buf_ops { char *at; size_t n, cap; } ops = { 0 };
	char op;

	if (p->failed || !chain_op(p, level))
		return first;
	struct expr *e = node(p, N_CHAIN, at);
	vec_add(p, &args, first);
	while (!p->failed && (op = chain_op(p, level))) {
		next(p);
		*VEC_PUSH(p->a, &ops) = op;
		vec_add(p, &args, operand(p));
	}
	e->op = ops.at;
	return finish(p, e, &args);
}

static const struct expr *parse_times(struct parser *p)
{
	return parse_chain(p, 3, parse_primary);
}

static const struct expr *parse_plus(struct parser *p)
{
	return parse_chain(p, 2, parse_times);
}

static bool take_cmp(struct parser *p, enum cmp *ret_cmp)
{
	static const struct { const char *op; enum cmp cmp;
	} ops[] = {
		{ "=", CMP_EQ },  { "!=", CMP_NE }, { "<", CMP_LT },
		{ "<=", CMP_LE }, { ">", CMP_GT },  { ">=", CMP_GE },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (take_op(p, ops[i].op)) {
			*ret_cmp = ops[i].cmp;
			return true;
		}
	}
	*ret_cmp = CMP_IN;
	if (take_word(p, "in"))
		return true;
	if (!take_word(p, "not"))
		return false;
	*ret_cmp = CMP_NOT_IN;
	if (!take_word(p, "in"))
		fail(p, p->tok.at, STR("not 后面要写 in"));
	return true;
}

static const struct expr *parse_compare(struct parser *p)
{
	uint32_t at = p->tok.at;
	const struct expr *left = parse_plus(p);
	struct expr_vec args = { 0 };
	enum cmp cmp, again;

	if (p->failed || !take_cmp(p, &cmp))
		return left;
	struct expr *e = node(p, N_CMP, at);
	e->cmp = cmp;
	vec_add(p, &args, left);
	vec_add(p, &args, parse_plus(p));
	finish(p, e, &args);
	at = p->tok.at;
	if (!p->failed && take_cmp(p, &again))
		fail(p, at, STR("比较不能连写，请用 and 分开"));
	return e;
}

/* `not` may be repeated; an even number is none, so no depth comes of it. */
static const struct expr *parse_not(struct parser *p)
{
	uint32_t at = p->tok.at;
	bool negate = false, any = false;
	struct expr_vec args = { 0 };

	while (take_word(p, "not")) {
		negate = !negate;
		any = true;
	}
	const struct expr *inner = parse_compare(p);
	if (!any)
		return inner;
	struct expr *e = node(p, N_NOT, at);
	vec_add(p, &args, inner);
	finish(p, e, &args);
	if (negate)
		return e;
	struct expr_vec outer = { 0 };	/* not not x: a flag, also when x is unset */
	struct expr *twice = node(p, N_NOT, at);
	vec_add(p, &outer, e);
	return finish(p, twice, &outer);
}

static const struct expr *parse_and(struct parser *p)
{
	return parse_chain(p, 1, parse_not);
}

static const struct expr *parse_or(struct parser *p)
{
	const struct expr *e;

	if (p->depth >= EXPR_DEPTH_MAX) {
		fail(p, p->tok.at, STR("括号套得太深"));
		return node(p, N_LIT, p->tok.at);
	}
	p->depth++;
	e = parse_chain(p, 0, parse_and);
	p->depth--;
	return e;
}

enum err expr_parse(struct arena *a, str text, struct expr **ret_expr, struct expr_error *ret_error)
{
	struct expr_error error = { 0 };
	struct parser p = { .a = a, .text = str_dup(a, text), .error = &error };
	const struct expr *e;

	assert(ret_expr && ret_error);
	if (text.len > EXPR_BYTES_MAX) {
		*ret_error = (struct expr_error){ .message = STR("式子太长") };
		return ERR_INVALID;
	}
	next(&p);
	e = parse_or(&p);
	if (!p.failed && p.tok.kind != T_END)
		fail(&p, p.tok.at, STR("这里多出了内容"));
	if (p.failed) {
		*ret_error = error;
		return ERR_INVALID;
	}
	struct expr *top = NEW(a, struct expr);
	*top = *e;
	*ret_expr = top;
	return ERR_OK;
}

/* --- names --- */

struct namer {
	void (*each)(void *ctx, const struct expr_name *n);
	void *ctx;
	str rows;	/* the rows field whose columns are in sight */
};

static void names_of(const struct namer *w, const struct expr *e, const struct expr *other);

static void name_give(const struct namer *w, const struct expr *e, enum name_kind kind, str name,
		      const struct expr *other)
{
	struct expr_name n = { .kind = kind, .name = name, .at = e->at, .fact = e->fact };

	if (kind == NAME_FIELD)
		n.in_rows = w->rows;
	if (kind == NAME_FIELD && other) {
		n.may_be_word = true;
		if (other->kind == N_NAME || other->kind == N_DOT)
			n.against = other->name;
		else if (other->kind == N_PARAM)
			n.against = other->span;
	}
	w->each(w->ctx, &n);
}

static void names_dot(const struct namer *w, const struct expr *e)
{
	if (str_eq(e->base, STR("entry")))
		name_give(w, e, NAME_ENTRY, e->member, NULL);
	else if (str_eq(e->base, STR("row")))
		name_give(w, e, NAME_ROW, e->member, NULL);
	else
		name_give(w, e, NAME_SUBJECT, e->name, NULL);
}

static void names_in(const struct namer *w, const struct expr *e)
{
	for (size_t i = 0; i < e->n; i++)
		names_of(w, e->arg[i], NULL);
}

static void names_agg(const struct namer *w, const struct expr *e)
{
	struct namer inner = *w;

	if (!e->has_where) {
		names_in(w, e);
		return;
	}
	names_of(w, e->arg[0], NULL);
	inner.rows = e->arg[0]->kind == N_DOT ? e->arg[0]->base : e->arg[0]->name;
	names_of(&inner, e->arg[1], NULL);
}

/* `other`: what this operand is compared with, NULL outside comparisons. */
static void names_of(const struct namer *w, const struct expr *e, const struct expr *other)
{
	switch (e->kind) {
	case N_LIT:
		return;
	case N_NAME:
		if (str_eq(e->name, STR("today")) || str_eq(e->name, STR("now")))
			return;
		name_give(w, e, NAME_FIELD, e->name, other);
		return;
	case N_DOT:
		names_dot(w, e);
		return;
	case N_PARAM:
		name_give(w, e, NAME_PARAM, e->name, NULL);
		for (size_t i = 0; i < e->n; i++)
			names_of(w, e->arg[i], e);
		return;
	case N_LIST:
		for (size_t i = 0; i < e->n; i++)
			names_of(w, e->arg[i], other ? other : e);
		return;
	case N_CMP:
		names_of(w, e->arg[0], e->arg[1]);
		names_of(w, e->arg[1], e->arg[0]);
		return;
	case N_CALL:
		if (e->fn == FN_FACT)
			name_give(w, e, NAME_FACT, e->name, NULL);
		names_in(w, e);
		return;
	case N_AGG:
		names_agg(w, e);
		return;
	case N_CHAIN: case N_NOT:
		names_in(w, e);
		return;
	}
}

void expr_names(const struct expr *e, void (*each)(void *ctx, const struct expr_name *n), void *ctx)
{
	const struct namer w = { .each = each, .ctx = ctx };

	if (e)
		names_of(&w, e, NULL);
}

struct expr *expr_const(struct arena *a, struct value v)
{
	struct expr *e = NEW(a, struct expr);

	e->kind = N_LIT;
	e->lit = v;
	e->span = v.kind == V_TEXT ? v.text : STR("");
	return e;
}

str expr_word(const struct expr *e)
{
	return e->kind == N_NAME ? e->name : STR_NONE;
}
