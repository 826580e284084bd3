/*
 * preset: what a form that serves a demand holds already. A duty says how a record fulfils it
 * (loop, same, where); read backwards, that is what the program knows and nobody should
 * type: the class, the theme, the place, the month. Only plain equalities of `where` are read
 * (way = assembly, online in learning); whatever else it asks is the person's to fill in.
 */
#include "work/tasks.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/pubid.h"
#include "gen/q_occurrence.h"
#include "rules/expand.h"
#include "work/occur.h"

#define PRESETS_MAX 16

struct presets {
	struct op *op;
	const struct work *w;
	const struct loop *lp;
	const struct q_occurrence_get *o;
	struct { str field, column, value; } at[PRESETS_MAX];
	size_t n;
};

static bool has(const struct presets *p, str field)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->at[i].field, field))
			return true;
	return false;
}

static void add(struct presets *p, str field, str column, str value)
{
	if (value.len && p->n < PRESETS_MAX && loop_field(p->lp, field) && !has(p, field)) {
		p->at[p->n].field = field;
		p->at[p->n].column = column;
		p->at[p->n++].value = value;
	}
}

/* "entry:theme-months/m11" → the id of the entry; others as they are seen outside. */
static str seen_as(const struct presets *p, str key)
{
	struct subject s;
	str rest = key;

	if (!subject_parse(key, &s))
		return STR("");
	if (s.id)
		return pubid_make(p->op->arena, p->op->scope->tenant, s.id);
	(void)str_cut(&rest, ':');
	str entry = rest;
	(void)str_cut(&entry, '/');
	return entry.ptr ? entry : rest;
}

static str value_of(const struct presets *p, str word)
{
	const str keys[] = { p->o->subject, p->o->subject2 };

	if (str_eq(word, STR("period")))
		return p->o->period;
	for (size_t i = 0; i < 2; i++) {
		str rest = keys[i];
		if (rest.len && str_eq(str_cut(&rest, ':'), word))
			return seen_as(p, keys[i]);
	}
	return STR("");
}

/* "home in audience and is_set(fit)": the first part is plain, the second is not. */
static void read_where(struct presets *p, str where)
{
	static const str and = STR(" and "), in = STR(" in "), is = STR(" = ");

	while (where.len) {
		ptrdiff_t end = str_find(where, and, 0);
		str part = str_trim(str_slice(where, 0, end < 0 ? where.len : (size_t)end));
		ptrdiff_t at_in = str_find(part, in, 0), at_is = str_find(part, is, 0);

		if (at_in > 0)
			add(p, str_slice(part, (size_t)at_in + in.len, part.len), STR(""),
			    str_slice(part, 0, (size_t)at_in));
		else if (at_is > 0)
			add(p, str_slice(part, 0, (size_t)at_is), STR(""),
			    str_slice(part, (size_t)at_is + is.len, part.len));
		where = end < 0 ? STR("") : str_slice(where, (size_t)end + and.len, where.len);
	}
}

/* A title that must be given: the entry's (119消防安全), else the duty's. It can be overwritten. */
static void add_title(struct presets *p, const struct step *st, const struct duty *d)
{
	str about = p->o->subject2.len ? p->o->subject2 : p->o->subject;
	bool entry = str_starts(about, STR("entry:"));
	str title = entry ? occ_subject_say(p->op, p->w, about) : STR("");

	for (size_t i = 0; i < st->need_n; i++)
		for (size_t k = 0; !st->need[i].when && k < st->need[i].fields.n; k++) {
			const struct field *f = loop_field(p->lp, st->need[i].fields.at[k]);
			if (!f || f->type != F_TEXT)
				continue;
			add(p, f->m.id, STR(""), title.len ? title : d->m.label);
			return;
		}
}

static bool is_list(const struct field *f)
{
	return f->type == F_CHOICES || f->type == F_PEOPLE || f->type == F_RECORDS;
}

static enum err write(const struct presets *p, struct json **ret)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	struct jw w;
	str text;

	buf_init(&b, 16 * KIB);
	jw_start(&w, &b);
	jw_obj(&w);
	for (size_t i = 0; i < p->n; i++) {
		const struct field *f = loop_field(p->lp, p->at[i].field);
		bool row = p->at[i].column.len > 0;

		jw_key_s(&w, p->at[i].field);
		if (row || is_list(f))
			jw_arr(&w);
		if (row) {
			jw_obj(&w);
			jw_key_s(&w, p->at[i].column);
		}
		jw_str(&w, p->at[i].value);
		if (row)
			jw_end(&w);
		if (row || is_list(f))
			jw_end(&w);
	}
	jw_end(&w);
	TRY(buf_finish(&b, &text));
	return json_read(p->op, str_dup(p->op->arena, text), ret);
}

enum err task_preset(struct op *op, const struct work *w, occurrence_id id, const struct loop *lp,
		     const struct step *st, struct json **ret)
{
	struct q_occurrence_get o;
	struct presets p = { .op = op, .w = w, .lp = lp, .o = &o };
	const struct duty *d;
	const struct proof *f;
	enum err e = q_occurrence_get(op, op->scope->tenant, id, &o);

	*ret = NULL;
	if (e == ERR_NOTFOUND)
		return ERR_OK;		/* a stale link presets nothing */
	TRY(e);
	d = policy_duty(w->policy, o.duty);
	f = d ? duty_proof(d) : NULL;
	if (!f || !str_eq(f->loop, lp->m.id))
		return ERR_OK;
	for (size_t i = 0; i < f->same_n; i++)
		add(&p, f->same[i].rows ? f->same[i].rows_field : f->same[i].path,
		    f->same[i].rows ? f->same[i].rows_col : STR(""),
		    value_of(&p, f->same[i].subject));
	if (f->where)
		read_where(&p, f->where_text);
	add_title(&p, st, d);
	return write(&p, ret);
}
