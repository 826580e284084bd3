/*
 * check_names: the names and types of expressions and people expressions in a scope.
 * First every name is looked up (B113, B114, B121 …); only when all are known is the
 * whole typed (B112), so that one mistake is said once.
 */
#include "rules/check_int.h"

#include <string.h>

#include "rules/field.h"

struct walk {
	const struct check *c;
	const struct scope *s;
	struct pos at; /* of the text */
	size_t faults;
	bool table; /* the name before was a table parameter: a field now is its element */
};

static struct pos inside(const struct walk *w, uint32_t offset)
{
	struct pos p = w->at;

	p.col += offset;
	return p;
}

bool is_person_field(const struct field *f)
{
	return f->type == F_PERSON || f->type == F_PEOPLE || f->type == F_SIGNATURES ||
	       f->type == F_COMPUTED;
}

/* --- fields in sight --- */

static const struct field *dotted(const struct loop *lp, str path)
{
	str col = path, base = str_cut(&col, '.');
	const struct field *f = lp ? loop_field(lp, base) : NULL;

	return f && col.ptr ? field_column(f, col) : NULL;
}

const struct field *scope_field(const struct scope *s, str name)
{
	const struct field *f = NULL;

	for (size_t i = 0; i < 2 && !f; i++)
		f = s->rows[i] ? field_column(s->rows[i], name) : NULL;
	if (!f && s->loop)
		f = str_has(name, '.') ? dotted(s->loop, name) : loop_field(s->loop, name);
	return f;
}

/* A column of any rows field: `row.x` of a proof stands for the row that names the subject. */
static const struct field *any_column(const struct scope *s, str name)
{
	const struct field *f = NULL;

	for (size_t i = 0; s->loop && i < s->loop->field_n && !f; i++)
		if (s->loop->field[i].type == F_ROWS || s->loop->field[i].type == F_CHECKLIST)
			f = field_column(&s->loop->field[i], name);
	return f;
}

static str field_word(const struct field *f)
{
	if (f->type == F_COMPUTED)
		return STR("any");
	return str_of(ftype_word(f->type));
}

/* --- subjects --- */

static const struct {
	const char *base;
	const char *attr[7];
} subject_attrs[] = {
	{ "place", { "kind", "name", "code", "risk", NULL } },
	{ "unit", { "kind", "name", "code", NULL } },
	{ "person", { "kind", "name", NULL } },
	{ "class", { "kind", "name", "code", NULL } },
	{ "grade", { "kind", "name", "code", NULL } },
	{ "asset", { "kind", "name", "code", NULL } },
	{ "post", { "of", "label", NULL } },
};

static const char *const kind_names[] = {
	[SUB_UNIT] = "unit",	 [SUB_PLACE] = "place",	  [SUB_CLASS] = "class",
	[SUB_GRADE] = "grade",	 [SUB_PERSON] = "person", [SUB_POST] = "post",
	[SUB_ASSET] = "asset",	 [SUB_BODY] = "body",	  [SUB_ENTRY] = "entry",
	[SUB_RECORD] = "record",
};

/* Is `base` something that this scope speaks about: the subject, the unit, a field of that type? */
static bool speaks_of(const struct scope *s, str base)
{
	const struct field *f = s->loop ? loop_field(s->loop, base) : NULL;

	if (str_eq(base, STR("unit")))
		return true;
	for (size_t i = 0; i < s->per_n; i++)
		if (str_eq(base, str_of(kind_names[s->per[i].kind])))
			return true;
	return f && str_eq(base, str_of(ftype_word(f->type)));
}

static bool has_attr(str base, str attr)
{
	for (size_t i = 0; i < sizeof(subject_attrs) / sizeof(*subject_attrs); i++)
		if (str_eq(base, str_of(subject_attrs[i].base)))
			for (const char *const *a = subject_attrs[i].attr; *a; a++)
				if (str_eq(attr, str_of(*a)))
					return true;
	return false;
}

/* "place.kind", "period.start", or "rows.column". */
static str subject_type(const struct scope *s, str name)
{
	str attr = name, base = str_cut(&attr, '.');
	const struct field *f = dotted(s->loop, name);

	if (f)
		return f->type == F_INT || f->type == F_DECIMAL || f->type == F_MONEY
			       ? field_word(f)
			       : STR("list");
	if (str_eq(base, STR("period")) && (str_eq(attr, STR("start")) || str_eq(attr, STR("end"))))
		return STR("date");
	return has_attr(base, attr) && speaks_of(s, base) ? STR("text") : STR_NONE;
}

static const struct field *column_in(const struct catalogue *cat, str name)
{
	for (size_t i = 0; cat && i < cat->column_n; i++)
		if (str_eq(cat->column[i].m.id, name))
			return &cat->column[i];
	return NULL;
}

/* `entry.x`: the entry is the subject, or the one chosen in a field of the loop. */
static const struct field *entry_column(const struct check *c, const struct scope *s, str name)
{
	const struct field *f = NULL;

	for (size_t i = 0; i < s->per_n && !f; i++)
		if (s->per[i].kind == SUB_ENTRY)
			f = column_in(policy_catalogue(c->p, s->per[i].of), name);
	for (size_t i = 0; s->loop && i < s->loop->field_n && !f; i++)
		if (!str_empty(s->loop->field[i].of_catalogue))
			f = column_in(policy_catalogue(c->p, s->loop->field[i].of_catalogue), name);
	return f;
}

static str entry_type(const struct check *c, const struct scope *s, str name)
{
	const struct field *f = entry_column(c, s, name);

	if (f)
		return field_word(f);
	if (str_eq(name, STR("id")) || str_eq(name, STR("title")) || str_eq(name, STR("clause")))
		return STR("text");
	return STR_NONE;
}

/* Bare names that a duty's `where` may use for its subject. */
static str subject_word_type(const struct scope *s, str name)
{
	if (s->is_subject_record && str_eq(name, STR("state")))
		return STR("text");
	for (size_t i = 0; i < s->per_n; i++)
		if (str_eq(name, str_of(kind_names[s->per[i].kind])))
			return s->per[i].kind == SUB_POST
				       ? STR("text")
				       : STR("any"); /* `class` is a word of choices too */
	return STR_NONE;
}

static str name_type(const struct scope *s, str name, str in_rows)
{
	const struct field *f = NULL;

	if (!str_empty(in_rows)) {
		const struct field *rows = scope_field(s, in_rows);

		f = rows ? field_column(rows, name) : NULL;
	}
	if (!f)
		f = scope_field(s, name);
	return f ? field_word(f) : subject_word_type(s, name);
}

/* --- words --- */

bool choice_has(const struct policy *p, const struct field *f, str word)
{
	const struct catalogue *cat;

	for (size_t i = 0; i < f->choice_n; i++)
		if (str_eq(f->choice[i].value, word))
			return true;
	cat = str_empty(f->of_catalogue) ? NULL : policy_catalogue(p, f->of_catalogue);
	return cat && (catalogue_entry(cat, word) || cat->add_unit);
}

/* An empty list allows everything. */
static bool words_have(const struct strs *list, str word)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], word))
			return true;
	return list->n == 0;
}

/* A word against a parameter: its choices or its periods; open when it has neither. */
static bool param_has(const struct check *c, str span, str word)
{
	str rest = str_slice(span, 1, span.len), name = str_cut(&rest, '[');
	const struct parameter *p = policy_parameter(c->p, name);

	if (!p)
		return true; /* said already */
	if (p->type == F_INTERVAL)
		return str_eq(word, STR("off")) || words_have(&p->range_words, word);
	for (size_t i = 0; i < p->choice_n; i++)
		if (str_eq(p->choice[i].value, word))
			return true;
	if (!str_empty(p->of_catalogue)) {
		const struct catalogue *cat = policy_catalogue(c->p, p->of_catalogue);

		return !cat || cat->add_unit || catalogue_entry(cat, word);
	}
	return p->choice_n == 0;
}

/* What a bare word is compared with decides whether it can be one. */
static bool word_fits(const struct check *c, const struct scope *s, const struct expr_name *n)
{
	str against = n->against;
	const struct field *f = NULL;

	if (str_empty(against))
		return true;
	if (against.ptr[0] == '$')
		return param_has(c, against, n->name);
	if (!str_empty(n->in_rows)) {
		const struct field *rows = scope_field(s, n->in_rows);

		f = rows ? field_column(rows, against) : NULL;
	}
	if (!f && str_starts(against, STR("entry.")))
		f = entry_column(c, s, str_slice(against, 6, against.len));
	else if (!f && str_starts(against, STR("row.")))
		f = any_column(s, str_slice(against, 4, against.len));
	else if (!f)
		f = scope_field(s, against);
	if (f && (f->type == F_CHOICE || f->type == F_CHOICES))
		return choice_has(c->p, f, n->name);
	if (f && f->type == F_POST)
		return policy_post(c->p, n->name) != NULL;
	if (!f && s->is_subject_record && str_eq(against, STR("state")))
		return loop_state(s->loop, n->name) >= 0;
	return !f || f->type == F_TEXT || f->type == F_COMPUTED || f->type == F_PERIOD;
}

/* --- facts --- */

static bool fact_link(const struct walk *w, const struct fact_query *q, uint32_t at)
{
	const struct loop *lp = policy_loop(w->c->p, q->loop);
	const struct field *f = lp ? loop_field(lp, q->field) : NULL;

	if (!lp)
		SAY(w->c, "B224", inside(w, at), "没有闭环“%.*s”", STR_ARG(q->loop));
	else if (!f || (f->type != F_RECORD && f->type != F_RECORDS))
		SAY(w->c, "B217", inside(w, at), "闭环“%.*s”没有指向记录的字段“%.*s”",
		    STR_ARG(q->loop), STR_ARG(q->field));
	else if (w->s->loop && !str_eq(f->of_loop, w->s->loop->m.id))
		SAY(w->c, "B227", inside(w, at), "字段“%.*s.%.*s”指向的不是本闭环",
		    STR_ARG(q->loop), STR_ARG(q->field));
	else if (q->state.len && loop_state(lp, q->state) < 0)
		SAY(w->c, "B215", inside(w, at), "闭环“%.*s”没有状态“%.*s”", STR_ARG(q->loop),
		    STR_ARG(q->state));
	else
		return true;
	return false;
}

static bool fact_step(const struct walk *w, const struct fact_query *q, uint32_t at, bool state)
{
	const struct loop *lp = w->s->loop;
	bool ok = lp && (state ? loop_state(lp, q->name) : loop_step_index(lp, q->name)) >= 0;

	if (!ok && lp && q->kind == FACT_LATE) /* late(step) or late(state): both have limits */
		ok = loop_state(lp, q->name) >= 0;
	if (!ok)
		SAY(w->c, state ? "B215" : "B216", inside(w, at), "闭环里没有%s“%.*s”",
		    state ? "状态" : "步骤", STR_ARG(q->name));
	return ok;
}

static bool fact_ok(const struct walk *w, const struct fact_query *q, uint32_t at)
{
	const struct field *f;

	switch (q->kind) {
	case FACT_LINKED:
	case FACT_DONE:
	case FACT_TOTAL:
		return fact_link(w, q, at);
	case FACT_AT:
	case FACT_DOER:
	case FACT_TIMES:
	case FACT_LATE:
		return fact_step(w, q, at, false);
	case FACT_ENTERED:
		return fact_step(w, q, at, true);
	case FACT_FULFILLED:
		if (policy_duty(w->c->p, q->name))
			return true;
		SAY(w->c, "B411", inside(w, at), "没有职责“%.*s”", STR_ARG(q->name));
		return false;
	case FACT_PERIOD:
		if (policy_period(w->c->p, q->name))
			return true;
		SAY(w->c, "B312", inside(w, at), "没有时期“%.*s”", STR_ARG(q->name));
		return false;
	case FACT_INCLUDES:
		if (policy_post(w->c->p, q->name))
			return true;
		SAY(w->c, "B301", inside(w, at), "没有岗位“%.*s”", STR_ARG(q->name));
		return false;
	case FACT_ALL_SIGNED:
		f = scope_field(w->s, str_empty(q->field) ? q->name : q->field);
		if (f && f->type == F_SIGNATURES)
			return true;
		SAY(w->c, "B227", inside(w, at), "all_signed 里要写签名字段");
		return false;
	case FACT_CHANGED:
	case FACT_DUTIES:
		return true;
	}
	return true;
}

/* --- expressions --- */

static void each_name(void *ctx, const struct expr_name *n)
{
	struct walk *w = ctx;
	size_t before = w->c->ds->n;
	struct pos at = inside(w, n->at);

	switch (n->kind) {
	case NAME_PARAM:
		if (!policy_parameter(w->c->p, n->name))
			SAY(w->c, "B114", at, "没有参数 $%.*s", STR_ARG(n->name));
		break;
	case NAME_ENTRY:
		if (!entry_type(w->c, w->s, n->name).ptr)
			SAY(w->c, "B113", at, "条目没有列“%.*s”", STR_ARG(n->name));
		break;
	case NAME_ROW:
		if (!w->s->any_row || !any_column(w->s, n->name))
			SAY(w->c, "B113", at, "没有列“row.%.*s”", STR_ARG(n->name));
		break;
	case NAME_SUBJECT:
		if (!subject_type(w->s, n->name).ptr)
			SAY(w->c, "B113", at, "这里没有“%.*s”", STR_ARG(n->name));
		break;
	case NAME_FACT:
		(void)fact_ok(w, &n->fact, n->at);
		break;
	case NAME_FIELD:
	case NAME_WORD:
		if (name_type(w->s, n->name, n->in_rows).ptr)
			break;
		if (!n->may_be_word)
			SAY(w->c, "B113", at, "这里没有“%.*s”", STR_ARG(n->name));
		else if (!word_fits(w->c, w->s, n))
			SAY(w->c, "B121", at, "“%.*s”没有选项“%.*s”", STR_ARG(n->against),
			    STR_ARG(n->name));
		break;
	}
	w->faults += w->c->ds->n - before;
}

static str param_type(const struct check *c, str name)
{
	const struct parameter *p = policy_parameter(c->p, name);

	if (!p)
		return STR("any");
	if (p->type == F_WHO || (p->type == F_TABLE && p->to_type == F_WHO))
		return STR("any");
	return str_of(ftype_word(p->type == F_TABLE ? p->to_type : p->type));
}

/* Names are known by now: what cannot be typed is open. */
static str type_of(void *ctx, const struct expr_name *n)
{
	const struct walk *w = ctx;
	str s = STR_NONE;

	switch (n->kind) {
	case NAME_PARAM:
		return param_type(w->c, n->name);
	case NAME_ENTRY:
		s = entry_type(w->c, w->s, n->name);
		break;
	case NAME_ROW: {
		const struct field *f = any_column(w->s, n->name);

		s = f ? field_word(f) : STR_NONE;
		break;
	}
	case NAME_SUBJECT:
		s = subject_type(w->s, n->name);
		break;
	case NAME_FACT:
		return STR("any");
	case NAME_WORD:
		return word_fits(w->c, w->s, n) ? STR("text") : STR_NONE;
	case NAME_FIELD:
		return name_type(w->s, n->name, n->in_rows);
	}
	return s.ptr ? s : STR("any");
}

/* The types that compare with each other, as in expr_type.c. */
static int type_class(str t)
{
	static const char *const classes[][8] = {
		{ "int", "decimal", "money", "percent", NULL },
		{ "text", "note", "choice", "phone", "masked", "post", "period", NULL },
		{ "flag", NULL },
		{ "date", "instant", NULL },
		{ "time", NULL },
		{ "duration", NULL },
		{ "person", NULL },
		{ "place", NULL },
		{ "unit", "class", NULL },
		{ "asset", NULL },
		{ "record", NULL },
		{ "choices", "list", NULL },
		{ "people", NULL },
		{ "records", NULL },
		{ "files", NULL },
		{ "rows", "checklist", NULL },
		{ "signatures", NULL },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		for (const char *const *w = classes[i]; *w; w++)
			if (str_eq(t, str_of(*w)))
				return (int)i;
	return -1; /* any */
}

bool same_type(str a, str b)
{
	int x = type_class(a), y = type_class(b);

	return x < 0 || y < 0 || x == y;
}

str type_in(const struct check *c, const struct scope *s, const struct expr *e)
{
	struct walk w = { .c = c, .s = s };
	struct expr_types types = { type_of, &w };
	struct expr_error bad = { 0 };
	str t = expr_type(c->a, e, &types, &bad);

	return t.ptr && !bad.message.ptr ? t : STR("any");
}

void check_expr(const struct check *c, const struct scope *s, const struct expr *e,
		const char *want, struct pos otherwise)
{
	struct walk w = { .c = c, .s = s };
	struct expr_types types = { type_of, &w };
	struct expr_error bad = { 0 };
	str t;

	if (!e)
		return;
	w.at = policy_pos(c->p, e, otherwise);
	expr_names(e, each_name, &w);
	if (w.faults)
		return;
	t = expr_type(c->a, e, &types, &bad);
	if (bad.message.ptr)
		SAY(c, "B112", inside(&w, bad.at), "%.*s", STR_ARG(bad.message));
	else if (want && !same_type(t, str_of(want)))
		SAY(c, "B112", w.at, "这里要的是 %s，写的是 %.*s", want, STR_ARG(t));
}

/* --- people --- */

static void who_post(const struct walk *w, str name)
{
	const struct post *post = policy_post(w->c->p, name);
	const struct field *f;

	if (post && str_eq(post->m.id, name))
		return;
	f = scope_field(w->s, name);
	if (f && !is_person_field(f))
		SAY(w->c, "B308", w->at, "字段“%.*s”里不是人", STR_ARG(name));
	else if (!f)
		SAY(w->c, "B301", w->at, "没有岗位“%.*s”", STR_ARG(name));
}

static void who_field(const struct walk *w, str name, bool element)
{
	const struct field *f = scope_field(w->s, name);

	if (!f)
		SAY(w->c, "B217", w->at, "没有字段“%.*s”", STR_ARG(name));
	else if (!element && !is_person_field(f))
		SAY(w->c, "B308", w->at, "字段“%.*s”里不是人", STR_ARG(name));
}

static void who_param(const struct walk *w, str name)
{
	const struct parameter *p = policy_parameter(w->c->p, name);

	if (!p)
		SAY(w->c, "B114", w->at, "没有参数 $%.*s", STR_ARG(name));
	else if (p->type != F_WHO && !(p->type == F_TABLE && p->to_type == F_WHO))
		SAY(w->c, "B124", w->at, "参数 $%.*s 里不是人员", STR_ARG(name));
}

static void who_name(void *ctx, const char *kind, str name)
{
	struct walk *w = ctx;
	const struct parameter *p = strcmp(kind, "param") ? NULL : policy_parameter(w->c->p, name);
	bool element = w->table;

	w->table = p && p->type == F_TABLE;
	if (!strcmp(kind, "post"))
		who_post(w, name);
	else if (!strcmp(kind, "field"))
		who_field(w, name, element);
	else if (!strcmp(kind, "param"))
		who_param(w, name);
	else if (!strcmp(kind, "body") && !policy_body(w->c->p, name))
		SAY(w->c, "B302", w->at, "没有组织“%.*s”", STR_ARG(name));
	else if (!strcmp(kind, "roster") && !policy_roster(w->c->p, name))
		SAY(w->c, "B303", w->at, "没有值班“%.*s”", STR_ARG(name));
	else if (!strcmp(kind, "role") && !policy_keeper_role(w->c->p, name))
		SAY(w->c, "B307", w->at, "没有区域责任“%.*s”", STR_ARG(name));
	else if (!strcmp(kind, "step") && (!w->s->loop || loop_step_index(w->s->loop, name) < 0))
		SAY(w->c, "B216", w->at, "闭环里没有步骤“%.*s”", STR_ARG(name));
}

void check_who(const struct check *c, const struct scope *s, const struct who *w,
	       struct pos otherwise)
{
	struct walk walk = { .c = c, .s = s };

	if (!w)
		return;
	walk.at = policy_pos(c->p, w, otherwise);
	who_names(w, who_name, &walk);
}
