/*
 * who: people expressions as text: parsing, the names that they use, and how they are
 * said to people. The grammar is small: words (posts and a few of the language), calls
 * from a closed table, lists, `a not b`, `field:x`, `body:x.part`, `$param[field]`.
 * Forms over the tree of units (post@bureau, assigned, line) are known by name and
 * refused with their stage, so that a pack never means less than it says.
 */
#include "rules/who.h"

#include <assert.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/expr.h"
#include "rules/policy.h"
#include "rules/who_int.h"

struct wparser {
	struct arena *a;
	str text;
	size_t pos;
	int depth;
	bool failed;
	struct expr_error *error;
};

struct who_vec { const struct who **at; size_t n, cap; };

static void fail_stage(struct wparser *p, size_t at, int stage, str message)
{
	if (p->failed)
		return;
	p->failed = true;
	*p->error = (struct expr_error){ (uint32_t)at, message, (uint8_t)stage };
}

static void fail(struct wparser *p, size_t at, str message)
{
	fail_stage(p, at, 0, message);
}

static char peek(struct wparser *p)
{
	while (p->pos < p->text.len && strchr(" \t\r\n", p->text.ptr[p->pos]))
		p->pos++;
	return p->pos < p->text.len && !p->failed ? p->text.ptr[p->pos] : '\0';
}

static bool take(struct wparser *p, char c)
{
	if (peek(p) != c)
		return false;
	p->pos++;
	return true;
}

static void want(struct wparser *p, char c)
{
	if (!take(p, c))
		fail(p, p->pos, str_fmt(p->a, "这里要写“%c”", c));
}

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

/* A word, or STR_NONE with a fault. */
static str word(struct wparser *p)
{
	size_t from;

	peek(p);
	from = p->pos;
	while (p->pos < p->text.len && word_char(p->text.ptr[p->pos]))
		p->pos++;
	if (p->pos == from)
		fail(p, from, STR("这里要写岗位、字段或人员的写法"));
	return str_slice(p->text, from, p->pos);
}

/* A word or `rows.column`. */
static str path(struct wparser *p)
{
	size_t from;

	peek(p);
	from = p->pos;
	word(p);
	if (!p->failed && p->pos < p->text.len && p->text.ptr[p->pos] == '.') {
		p->pos++;
		word(p);
	}
	return str_slice(p->text, from, p->pos);
}

static struct who *node(struct wparser *p, enum wkind kind, size_t at, str name, str part)
{
	struct who *w = NEW(p->a, struct who);

	*w = (struct who){ .kind = kind, .at = (uint32_t)at, .name = name, .part = part };
	return w;
}

static const struct who *parse_not(struct wparser *p);

static const struct who *parse_many(struct wparser *p, enum wkind kind, size_t at, char close)
{
	struct who_vec v = { 0 };
	struct who *w = node(p, kind, at, STR_NONE, STR_NONE);

	do {
		*VEC_PUSH(p->a, &v) = parse_not(p);
	} while (!p->failed && take(p, ','));
	want(p, close);
	w->arg = v.at;
	w->n = v.n;
	return w;
}

enum shape { SH_WHOS, SH_WHO, SH_NAME, SH_PATH, SH_PART, SH_NAME_PART, SH_PART_NAME };

static const struct call {
	const char *name;
	enum wkind kind;
	enum shape shape;
	int stage;
} CALLS[] = {
	{ "any", W_ANY, SH_WHOS, 1 },
	{ "first", W_FIRST, SH_WHOS, 1 },
	{ "all", W_ALL, SH_WHOS, 1 },
	{ "head", W_HEAD, SH_WHO, 1 },
	{ "doer", W_DOER, SH_NAME, 1 },
	{ "on-duty", W_ON_DUTY, SH_NAME, 1 },
	{ "each", W_EACH, SH_PATH, 1 },
	{ "unsigned", W_UNSIGNED, SH_PATH, 1 },
	{ "members", W_MEMBERS, SH_PART, 1 },
	{ "class-teacher", W_CLASS_TEACHER, SH_PART, 1 },
	{ "holder", W_HOLDER, SH_NAME_PART, 1 },
	{ "keeper", W_KEEPER, SH_PART_NAME, 1 },
	{ "assigned", W_ANYONE, SH_WHO, 3 },
	{ "line", W_ANYONE, SH_WHO, 3 },
};

static void parse_inner(struct wparser *p, struct who *w)
{
	const struct who **arg = NEW(p->a, const struct who *);

	*arg = parse_not(p);
	w->arg = arg;
	w->n = 1;
}

static const struct who *parse_args(struct wparser *p, const struct call *c, size_t at)
{
	struct who *w = node(p, c->kind, at, STR_NONE, STR_NONE);

	switch (c->shape) {
	case SH_WHOS:
		return parse_many(p, c->kind, at, ')');
	case SH_WHO:
		parse_inner(p, w);
		break;
	case SH_NAME:
		w->name = word(p);
		break;
	case SH_PATH:
		w->name = path(p);
		break;
	case SH_PART:
		w->part = path(p);
		break;
	case SH_NAME_PART:
		w->name = word(p);
		want(p, ',');
		w->part = path(p);
		break;
	case SH_PART_NAME:
		w->part = path(p);
		w->name = take(p, ',') ? word(p) : STR("owner");
		break;
	}
	want(p, ')');
	return w;
}

static const struct who *parse_call(struct wparser *p, str name, size_t at)
{
	for (size_t i = 0; i < sizeof(CALLS) / sizeof(CALLS[0]); i++) {
		if (!str_eq(name, str_of(CALLS[i].name)))
			continue;
		if (CALLS[i].stage > 1)
			fail_stage(p, at, CALLS[i].stage,
				   str_fmt(p->a, "“%.*s()”要到第 %d 阶段才有", STR_ARG(name),
					   CALLS[i].stage));
		return parse_args(p, &CALLS[i], at);
	}
	fail(p, at, str_fmt(p->a, "没有“%.*s()”这种人员写法", STR_ARG(name)));
	return node(p, W_ANYONE, at, STR_NONE, STR_NONE);
}

static const struct who *parse_prefixed(struct wparser *p, str prefix, size_t at)
{
	struct who *w;

	if (str_eq(prefix, STR("field")))
		return node(p, W_FIELD, at, path(p), STR_NONE);
	if (!str_eq(prefix, STR("body"))) {
		fail(p, at, str_fmt(p->a, "没有“%.*s:”这种人员写法", STR_ARG(prefix)));
		return node(p, W_ANYONE, at, STR_NONE, STR_NONE);
	}
	w = node(p, W_BODY, at, word(p), STR_NONE);
	if (p->failed || p->pos >= p->text.len || p->text.ptr[p->pos] != '.')
		return w;
	p->pos++;
	w->part = word(p);
	if (!p->failed && !str_eq(w->part, STR("leader")) && !str_eq(w->part, STR("deputies")) &&
	    !str_eq(w->part, STR("members")) && !str_eq(w->part, STR("office")))
		fail(p, at, STR("组织后面只能写 leader、deputies、members 或 office"));
	return w;
}

static const struct who *parse_param(struct wparser *p, size_t at)
{
	struct who *w;

	p->pos++;
	w = node(p, W_PARAM, at, word(p), STR_NONE);
	if (take(p, '[')) {
		w->part = path(p);
		want(p, ']');
	}
	return w;
}

static const struct who *parse_word(struct wparser *p, size_t at)
{
	static const struct { const char *word; enum wkind kind; } special[] = {
		{ "anyone", W_ANYONE }, { "creator", W_CREATOR }, { "typist", W_TYPIST },
		{ "person", W_SUBJECT }, { "subject", W_SUBJECT },
	};
	str s = word(p);
	char c = p->pos < p->text.len && !p->failed ? p->text.ptr[p->pos] : '\0';

	if (c == '@')
		fail_stage(p, at, 3, STR("跨单位的写法“岗位@单位”要到第 3 阶段才有"));
	if (c == ':') {
		p->pos++;
		return parse_prefixed(p, s, at);
	}
	if (c == '(') {
		p->pos++;
		return parse_call(p, s, at);
	}
	if (str_eq(s, STR("remind")) || str_eq(s, STR("clock")) || str_eq(s, STR("not")))
		fail(p, at, str_fmt(p->a, "“%.*s”不是人员", STR_ARG(s)));
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (str_eq(s, str_of(special[i].word)))
			return node(p, special[i].kind, at, STR_NONE, STR_NONE);
	return node(p, W_POST, at, s, STR_NONE);
}

static const struct who *parse_one(struct wparser *p)
{
	char c = peek(p);
	size_t at = p->pos;

	if (c == '[') {
		p->pos++;
		return parse_many(p, W_ANY, at, ']');
	}
	return c == '$' ? parse_param(p, at) : parse_word(p, at);
}

/* Is the next thing the word `not`? */
static bool take_not(struct wparser *p)
{
	peek(p);
	str rest = str_slice(p->text, p->pos, p->text.len);

	if (p->failed || !str_starts(rest, STR("not")) || (rest.len > 3 && word_char(rest.ptr[3])))
		return false;
	p->pos += 3;
	return true;
}

/* a not b. Once: `a not b not c` would need a reading; `a not [b, c]` says it. */
static const struct who *parse_not(struct wparser *p)
{
	size_t at = p->pos;
	const struct who **arg, *w;
	struct who *n;

	if (p->depth >= EXPR_DEPTH_MAX) {
		fail(p, p->pos, STR("括号套得太深"));
		return node(p, W_ANYONE, at, STR_NONE, STR_NONE);
	}
	p->depth++;
	w = parse_one(p);
	if (take_not(p)) {
		arg = NEW_N(p->a, 2, const struct who *);
		arg[0] = w;
		arg[1] = parse_one(p);
		n = node(p, W_NOT, at, STR_NONE, STR_NONE);
		n->arg = arg;
		n->n = 2;
		w = n;
	}
	p->depth--;
	return w;
}

enum err who_parse(struct arena *a, str text, struct who **ret_who, struct expr_error *ret_error)
{
	struct expr_error error = { 0 };
	struct wparser p = { .a = a, .text = str_dup(a, text), .error = &error };
	const struct who *w;

	assert(ret_who && ret_error);
	if (text.len > EXPR_BYTES_MAX)
		fail(&p, 0, STR("写得太长"));
	w = parse_not(&p);
	if (!p.failed && peek(&p) != '\0')
		fail(&p, p.pos, STR("这里多出了内容"));
	if (p.failed) {
		*ret_error = error;
		return ERR_INVALID;
	}
	*ret_who = NEW(a, struct who);
	**ret_who = *w;
	return ERR_OK;
}

bool who_is_anyone(const struct who *w)
{
	if (!w)
		return false;
	if (w->kind == W_ANY || w->kind == W_FIRST)
		for (size_t i = 0; i < w->n; i++)
			if (who_is_anyone(w->arg[i]))
				return true;
	return w->kind == W_ANYONE;
}

bool who_needs_record(const struct who *w)
{
	if (!w)
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (who_needs_record(w->arg[i]))
			return true;
	return w->kind == W_FIELD || w->kind == W_DOER || w->kind == W_CREATOR ||
	       w->kind == W_TYPIST || w->kind == W_EACH || w->kind == W_UNSIGNED;
}

static const char *name_kind_of(enum wkind kind)
{
	switch (kind) {
	case W_POST: case W_HOLDER:
		return "post";
	case W_FIELD: case W_EACH: case W_UNSIGNED:
		return "field";
	case W_BODY:
		return "body";
	case W_KEEPER:
		return "role";
	case W_ON_DUTY:
		return "roster";
	case W_PARAM:
		return "param";
	case W_DOER:
		return "step";
	case W_CREATOR:
	case W_TYPIST:
	case W_SUBJECT:
	case W_ANYONE:
	case W_CLASS_TEACHER:
	case W_MEMBERS:
		return "form";
	case W_HEAD: case W_ANY: case W_FIRST: case W_ALL: case W_NOT:
		break;
	}
	return NULL;
}

static str form_word(enum wkind kind)
{
	return kind == W_CREATOR	 ? STR("creator")
	       : kind == W_TYPIST	 ? STR("typist")
	       : kind == W_SUBJECT	 ? STR("subject")
	       : kind == W_ANYONE	 ? STR("anyone")
	       : kind == W_CLASS_TEACHER ? STR("class-teacher")
					 : STR("members");
}

void who_names(const struct who *w, void (*each)(void *ctx, const char *kind, str name), void *ctx)
{
	const char *kind;

	if (!w)
		return;
	kind = name_kind_of(w->kind);
	if (kind)
		each(ctx, kind, w->name.ptr ? w->name : form_word(w->kind));
	if (w->kind == W_PARAM && w->part.ptr)
		each(ctx, "field", w->part);
	for (size_t i = 0; i < w->n; i++)
		who_names(w->arg[i], each, ctx);
}

/* --- in words for people --- */

struct sayer { struct arena *a; const struct policy *p; const struct loop *lp; int params; };

static str say(const struct sayer *s, const struct who *w);

static str say_post(const struct sayer *s, str id)
{
	const struct post *post = s->p ? policy_post(s->p, id) : NULL;
	const struct field *f = post || !s->lp ? NULL : loop_field(s->lp, id);

	return post ? post->m.label : f ? f->m.label : id;
}

static str say_field(const struct sayer *s, str name)
{
	const struct field *f = s->lp ? loop_field(s->lp, name) : NULL;

	return f && f->m.label.len ? f->m.label : STR("表中所填的人");
}

static str say_body(const struct sayer *s, const struct who *w)
{
	const struct body *b = s->p ? policy_body(s->p, w->name) : NULL;
	str label = b ? b->m.label : w->name;
	const char *part = str_eq(w->part, STR("leader"))     ? "组长"
			   : str_eq(w->part, STR("deputies")) ? "副组长"
			   : str_eq(w->part, STR("members"))  ? "成员"
			   : str_eq(w->part, STR("office"))   ? "办公室"
							      : "";

	return str_fmt(s->a, "%.*s%s", STR_ARG(label), part);
}

static str say_role(const struct sayer *s, str role)
{
	if (str_eq(role, STR("owner")))
		return STR("区域责任人");
	if (str_eq(role, STR("daily")))
		return STR("区域日常管理人");
	if (str_eq(role, STR("recheck")))
		return STR("区域复查人");
	return str_fmt(s->a, "区域的“%.*s”", STR_ARG(role));
}

static str say_step(const struct sayer *s, str step)
{
	int i = s->lp ? loop_step_index(s->lp, step) : -1;

	return str_fmt(s->a, "办理“%.*s”的人", STR_ARG(i < 0 ? step : s->lp->step[i].m.label));
}

static str say_param(const struct sayer *s, const struct who *w)
{
	const struct parameter *p = s->p ? policy_parameter(s->p, w->name) : NULL;
	struct sayer inner = *s;

	if (p && p->who && s->params < WHO_PARAM_DEPTH) {
		inner.params++;
		return say(&inner, p->who);
	}
	return p && p->m.label.len ? p->m.label : STR("按规定指定的人");
}

static str say_many(const struct sayer *s, const struct who *w, const char *last)
{
	str out = STR("");

	for (size_t i = 0; i < w->n; i++) {
		str one = say(s, w->arg[i]);
		const char *between = i == 0 ? "" : i + 1 == w->n ? last : "、";

		out = str_fmt(s->a, "%.*s%s%.*s", STR_ARG(out), between, STR_ARG(one));
	}
	return out;
}

static str say_first(const struct sayer *s, const struct who *w)
{
	str out = say(s, w->arg[0]);

	for (size_t i = 1; i < w->n; i++)
		out = str_fmt(s->a, "%.*s（不在时由%.*s）", STR_ARG(out),
			      STR_ARG(say(s, w->arg[i])));
	return out;
}

static str say(const struct sayer *s, const struct who *w)
{
	switch (w->kind) {
	case W_ANYONE:
		return STR("任何人");
	case W_CREATOR:
		return STR("发起人");
	case W_TYPIST:
		return STR("录入人");
	case W_SUBJECT:
		return STR("本人");
	case W_DOER:
		return say_step(s, w->name);
	case W_FIELD: case W_EACH:
		return say_field(s, w->name);
	case W_UNSIGNED:
		return STR("还没有签字的人");
	case W_POST: case W_HOLDER:
		return say_post(s, w->name);
	case W_MEMBERS:
		return str_fmt(s->a, "%.*s部门的人", STR_ARG(say_post(s, w->part)));
	case W_HEAD:
		return str_fmt(s->a, "%.*s的部门负责人", STR_ARG(say(s, w->arg[0])));
	case W_BODY:
		return say_body(s, w);
	case W_KEEPER:
		return say_role(s, w->name);
	case W_CLASS_TEACHER:
		return say_post(s, STR("class-teacher"));
	case W_ON_DUTY:
		return STR("值班人");
	case W_ANY:
		return say_many(s, w, "或");
	case W_FIRST:
		return say_first(s, w);
	case W_ALL:
		return say_many(s, w, "和");
	case W_NOT:
		return str_fmt(s->a, "%.*s（%.*s除外）", STR_ARG(say(s, w->arg[0])),
			       STR_ARG(say(s, w->arg[1])));
	case W_PARAM:
		return say_param(s, w);
	}
	return STR_NONE;
}

str who_say(struct arena *a, const struct policy *p, const struct loop *lp, const struct who *w)
{
	const struct sayer s = { .a = a, .p = p, .lp = lp };

	return w ? say(&s, w) : STR_NONE;
}
