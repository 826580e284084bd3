/*
 * machine_take: what a step does to a record. The order is part of the language:
 * given values; fields whose `when` does not hold fall back to what they had; defaults,
 * in the order of the form, so that one may stand on another (the deadline on the
 * grade); setters, all seeing the same fields; computed fields that freeze at this
 * step; then needs and distinctness are judged on the result. Faults are gathered,
 * not thrown at the first, so that a form comes back with all of them.
 */
#include "rules/machine.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/field.h"
#include "rules/machine_int.h"

struct taking {
	struct arena *a;
	const struct machine_ctx *c;
	const struct machine_record *r;
	const struct step *st;
	int step;
	struct actor who;
	struct outcome *out;
};

struct fault *fault_add(struct arena *a, struct fault **list, str field, str message)
{
	struct fault *f = NEW(a, struct fault);

	*f = (struct fault){ .field = field, .message = message };
	while (*list)
		list = &(*list)->next;
	*list = f;
	return f;
}

static void fault(const struct taking *t, str field, str message)
{
	fault_add(t->a, &t->out->faults, field, message);
}

static struct expr_env env_now(const struct taking *t)
{
	return machine_env(t->a, t->c, t->r, &t->out->fields);
}

static void write(const struct taking *t, str name, struct value v)
{
	vmap_set(t->a, &t->out->fields, name, v);
	vmap_put(t->a, &t->out->given, name, v);
}

static bool listed(const struct strs *s, str x)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->at[i], x))
			return true;
	return false;
}

static bool on_form(const struct step *st, str name)
{
	return listed(&st->form, name) || listed(&st->quick, name);
}

/* --- given values --- */

/* Columns that a row leaves empty take their defaults. */
static struct value with_column_defaults(const struct taking *t, const struct field *f,
					 struct value v)
{
	struct row *rows = NEW_N(t->a, v.rows.n, struct row);
	struct expr_env env = env_now(t);
	size_t cols;
	const struct field *c = field_columns(f, &cols);

	env.row_field = f;
	for (size_t i = 0; i < v.rows.n; i++) {
		const struct row *old = &v.rows.at[i];
		str *name = NEW_N(t->a, old->n + cols, str);
		struct value *cell = NEW_N(t->a, old->n + cols, struct value);
		size_t n = old->n;

		if (n) {
			memcpy(name, old->name, n * sizeof(*name));
			memcpy(cell, old->cell, n * sizeof(*cell));
		}
		env.row = old;
		for (size_t k = 0; k < cols; k++) {
			if (!c[k].dflt || row_get(old, c[k].m.id))
				continue;
			name[n] = c[k].m.id;
			cell[n] = expr_eval(t->a, c[k].dflt, &env);
			n += cell[n].kind != V_NONE;
		}
		rows[i] = (struct row){ .name = name, .cell = cell, .n = n };
	}
	return (struct value){ .kind = V_ROWS, .rows = { rows, v.rows.n } };
}

static bool signed_already(const struct value *rows, person_id p)
{
	const struct value person = value_ref(REF_PERSON, p.v);

	for (size_t i = 0; rows && rows->kind == V_ROWS && i < rows->rows.n; i++)
		if (value_eq(row_get(&rows->rows.at[i], STR("person")), &person))
			return true;
	return false;
}

static bool asked_to_sign(const struct taking *t, const struct field *f, person_id p)
{
	struct who_ctx wc = machine_who_ctx(t->a, t->c, t->r, t->r->fields);
	struct who_set s;

	if (!f->of_who)
		return true;
	s = who_eval(t->a, f->of_who, &wc);
	return who_has(&s, p);
}

/* A signature is one's own on the screen; a paper slip may be entered for another. */
static bool signature_row(const struct taking *t, const struct field *f, const struct row *in,
			  const struct value *had, struct row *ret_row)
{
	const struct value *how = row_get(in, STR("how")), *file = row_get(in, STR("file")),
			   *for_ = row_get(in, STR("person"));
	person_id p = { for_ && for_->kind == V_REF ? for_->id : t->who.person.v };
	bool paper = how && how->kind == V_TEXT && str_eq(how->text, STR("paper"));
	str *name = NEW_N(t->a, 4, str);
	struct value *cell = NEW_N(t->a, 4, struct value);

	if (p.v != t->who.person.v && !paper)
		fault(t, f->m.id, STR("屏幕签名只能由本人签"));
	else if (!asked_to_sign(t, f, p))
		fault(t, f->m.id, STR("这里不需要这个人签名"));
	if (signed_already(had, p))
		return false;
	name[0] = STR("person");
	cell[0] = value_ref(REF_PERSON, p.v);
	name[1] = STR("at");
	cell[1] = value_instant(t->c->now_ms);
	name[2] = STR("how");
	cell[2] = how ? *how : value_text(STR("screen"));
	name[3] = STR("file");
	cell[3] = file ? *file : VALUE_NONE;
	*ret_row = (struct row){ .name = name, .cell = cell, .n = file ? 4 : 3 };
	return true;
}

/* Signatures are added to those that stand, never written over. */
static struct value with_signatures(const struct taking *t, const struct field *f, struct value v)
{
	const struct value *had = vmap_get(t->r->fields, f->m.id);
	size_t n = had && had->kind == V_ROWS ? had->rows.n : 0;
	struct row *rows = NEW_N(t->a, n + v.rows.n, struct row);

	if (n)
		memcpy(rows, had->rows.at, n * sizeof(*rows));
	for (size_t i = 0; i < v.rows.n; i++) {
		const struct value so_far = { .kind = V_ROWS, .rows = { rows, n } };

		n += signature_row(t, f, &v.rows.at[i], &so_far, &rows[n]);
	}
	return (struct value){ .kind = V_ROWS, .rows = { rows, n } };
}

static void give(const struct taking *t, str name, struct value v)
{
	const struct field *f = loop_field(t->r->loop, name);
	const struct value *had = vmap_get(t->r->fields, name);

	if (!f || !on_form(t->st, name)) {
		fault(t, name, STR("这一步不填这一项"));
		return;
	}
	if (f->type == F_COMPUTED || (f->freeze.len && past_taken(t->r, f->freeze))) {
		if (!(had ? value_eq(had, &v) : v.kind == V_NONE))
			fault(t, name,
			      str_fmt(t->a, "“%.*s”已经定下，不能再改", STR_ARG(f->m.label)));
		return;
	}
	if (f->type == F_SIGNATURES && v.kind == V_ROWS)
		v = with_signatures(t, f, v);
	else if ((f->type == F_ROWS || f->type == F_CHECKLIST) && v.kind == V_ROWS)
		v = with_column_defaults(t, f, v);
	write(t, name, v);
}

/* --- when, defaults, setters --- */

static void unset_hidden(const struct taking *t, const struct field *f)
{
	const struct value *had = vmap_get(t->r->fields, f->m.id);

	vmap_set(t->a, &t->out->fields, f->m.id, had ? *had : VALUE_NONE);
	vmap_set(t->a, &t->out->given, f->m.id, VALUE_NONE);
}

static bool applies(const struct taking *t, const struct field *f)
{
	struct expr_env env;

	if (!f->when)
		return true;
	env = env_now(t);
	return expr_true(t->a, f->when, &env);
}

static void apply_when(const struct taking *t)
{
	for (size_t i = 0; i < t->r->loop->field_n; i++) {
		const struct field *f = &t->r->loop->field[i];

		if (f->when && vmap_named(&t->out->given, f->m.id) && !applies(t, f))
			unset_hidden(t, f);
	}
}

static void apply_default(const struct taking *t, str name)
{
	const struct field *f = loop_field(t->r->loop, name);
	struct value v;

	if (!f || f->type == F_COMPUTED || vmap_named(&t->out->given, name) ||
	    vmap_get(&t->out->fields, name) || !applies(t, f))
		return;
	v = machine_default(t->a, t->c, t->r, f, &t->out->fields);
	if (v.kind != V_NONE)
		write(t, name, v);
}

static bool on_any_form(const struct loop *lp, str name)
{
	for (size_t i = 0; i < lp->step_n; i++)
		if (on_form(&lp->step[i], name))
			return true;
	return false;
}

/*
 * A form's fields take their defaults with the form; a field that no form ever asks
 * (the drafter, default: creator) takes it when the record begins. The checker counts
 * on it (B204).
 */
static void apply_defaults(const struct taking *t)
{
	const struct loop *lp = t->r->loop;

	for (size_t i = 0; t->r->state < 0 && i < lp->field_n; i++)
		if (!on_any_form(lp, lp->field[i].m.id))
			apply_default(t, lp->field[i].m.id);
	for (size_t i = 0; i < t->st->form.n; i++)
		apply_default(t, t->st->form.at[i]);
	for (size_t i = 0; i < t->st->quick.n; i++)
		apply_default(t, t->st->quick.at[i]);
}

static void apply_setters(const struct taking *t)
{
	struct value *v = NEW_N(t->a, t->st->set_n, struct value);
	struct expr_env env = env_now(t);

	for (size_t i = 0; i < t->st->set_n; i++)
		if (!t->st->set[i].none)
			v[i] = expr_eval(t->a, t->st->set[i].value, &env);
	for (size_t i = 0; i < t->st->set_n; i++)
		write(t, t->st->set[i].field, v[i]);
}

static void apply_freeze(const struct taking *t)
{
	for (size_t i = 0; i < t->r->loop->field_n; i++) {
		const struct field *f = &t->r->loop->field[i];
		struct expr_env env;
		struct value v;

		if (f->type != F_COMPUTED || !f->value || !str_eq(f->freeze, t->st->m.id))
			continue;
		env = env_now(t);
		v = expr_eval(t->a, f->value, &env);
		if (v.kind != V_NONE)
			write(t, f->m.id, v);
	}
}

/* --- judged on the result --- */

static str ask(struct arena *a, const struct field *f)
{
	const char *verb = "请填";

	switch (f->type) {
	case F_CHOICE:
	case F_CHOICES:
	case F_PERSON:
	case F_PEOPLE:
	case F_PLACE:
	case F_UNIT:
	case F_CLASS:
	case F_POST:
	case F_DATE:
	case F_TIME:
	case F_INSTANT:
	case F_PERIOD:
	case F_RECORD:
	case F_RECORDS:
	case F_ASSET:
		verb = "请选";
		break;
	case F_FILES:
		verb = "请上传";
		break;
	case F_SIGNATURES:
		verb = "请签名：";
		break;
	default:
		break;
	}
	return str_fmt(a, "%s“%.*s”", verb, STR_ARG(f->m.label.len ? f->m.label : f->m.id));
}

/* rows.column: in every row in which the column's own `when`, which looks at the row, holds */
static void need_column(const struct taking *t, str path)
{
	struct expr_env env = env_now(t);
	str rest = path, head = str_cut(&rest, '.');
	const struct field *f = loop_field(t->r->loop, head),
			   *col = f ? field_column(f, rest) : NULL;
	const struct value *v = vmap_get(&t->out->fields, head);

	env.row_field = f;
	for (size_t i = 0; col && v && v->kind == V_ROWS && i < v->rows.n; i++) {
		env.row = &v->rows.at[i];
		if (!row_get(env.row, rest) && expr_true(t->a, col->when, &env))
			fault(t, str_fmt(t->a, "%.*s.%zu.%.*s", STR_ARG(head), i, STR_ARG(rest)),
			      ask(t->a, col));
	}
}

static void need_field(const struct taking *t, str name)
{
	const struct field *f;

	if (str_has(name, '.')) {
		need_column(t, name);
		return;
	}
	f = loop_field(t->r->loop, name);
	if (f && (!vmap_get(&t->out->fields, name) ||
		  (!vmap_get(&t->out->given, name) && machine_said_before(t->r, f))))
		fault(t, name, ask(t->a, f));
}

static void check_needs(const struct taking *t)
{
	struct expr_env env = env_now(t);

	for (size_t i = 0; i < t->st->need_n; i++) {
		const struct need *n = &t->st->need[i];

		if (!expr_true(t->a, n->when, &env))
			continue;
		for (size_t k = 0; k < n->fields.n; k++) {
			const struct field *f = loop_field(t->r->loop, n->fields.at[k]);

			if (!f || expr_true(t->a, f->when, &env)) /* `when` governs need too */
				need_field(t, n->fields.at[k]);
		}
	}
}

void machine_check_distinct(struct arena *a, const struct loop *lp, const struct step *st,
			    const struct vmap *fields, struct fault **faults)
{
	for (size_t i = 0; i < st->distinct.n; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct field *f = loop_field(lp, st->distinct.at[i]),
					   *g = loop_field(lp, st->distinct.at[k]);
			const struct value *v = vmap_get(fields, st->distinct.at[i]),
					   *w = vmap_get(fields, st->distinct.at[k]);

			if (!f || !g || !v || !w || !(value_has(v, w) || value_has(w, v)))
				continue;
			fault_add(a, faults, f->m.id,
				  str_fmt(a, "“%.*s”和“%.*s”不能是同一个人，请换一个人",
					  STR_ARG(f->m.label), STR_ARG(g->m.label)));
		}
	}
}

static bool all_in(const struct who_set *s, const struct value *v)
{
	size_t n = v->kind == V_LIST ? v->list.n : 1;

	for (size_t i = 0; i < n; i++) {
		const struct value *p = v->kind == V_LIST ? &v->list.at[i] : v;

		if (p->kind != V_REF || !who_has(s, (person_id){ p->id }))
			return false;
	}
	return true;
}

void machine_check_people(struct arena *a, const struct machine_ctx *c,
			  const struct machine_record *r, const struct vmap *fields,
			  const struct vmap *changed, struct fault **faults)
{
	struct who_ctx wc = machine_who_ctx(a, c, r, fields);

	for (size_t i = 0; i < changed->n; i++) {
		const struct field *f = loop_field(r->loop, changed->name[i]);
		struct who_set s;

		if (!f || !f->of_who || (f->type != F_PERSON && f->type != F_PEOPLE) ||
		    changed->val[i].kind == V_NONE)
			continue;
		s = who_eval(a, f->of_who, &wc);
		if (!all_in(&s, &changed->val[i]))
			fault_add(a, faults, f->m.id,
				  str_fmt(a, "“%.*s”只能从%.*s中选", STR_ARG(f->m.label),
					  STR_ARG(who_say(a, c->policy, r->loop, f->of_who))));
	}
}

/* --- credit --- */

struct str_vec { str *at; size_t n, cap; };

static void credit(struct arena *a, struct str_vec *v, str clause)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->at[i], clause))
			return;
	*VEC_PUSH(a, v) = clause;
}

static void credit_entry(const struct taking *t, struct str_vec *v, const struct field *f,
			 const struct value *word)
{
	const struct catalogue *c = policy_catalogue(t->c->policy, f->of_catalogue);
	const struct entry *e = c && word->kind == V_TEXT ? catalogue_entry(c, word->text) : NULL;

	for (size_t i = 0; e && i < e->m.clauses.n; i++)
		credit(t->a, v, e->m.clauses.at[i]);
}

/* entry.clause: those of the entries that the record names. */
static void credit_entries(const struct taking *t, struct str_vec *v)
{
	for (size_t i = 0; i < t->r->loop->field_n; i++) {
		const struct field *f = &t->r->loop->field[i];
		const struct value *x =
			f->of_catalogue.len ? vmap_get(&t->out->fields, f->m.id) : NULL;

		for (size_t k = 0; x && x->kind == V_LIST && k < x->list.n; k++)
			credit_entry(t, v, f, &x->list.at[k]);
		if (x)
			credit_entry(t, v, f, x);
	}
}

static struct strs credited(const struct taking *t)
{
	struct str_vec v = { 0 };

	for (size_t i = 0; i < t->st->m.clauses.n; i++) {
		if (str_eq(t->st->m.clauses.at[i], STR("entry.clause")))
			credit_entries(t, &v);
		else
			credit(t->a, &v, t->st->m.clauses.at[i]);
	}
	return (struct strs){ v.at, v.n };
}

/* The limit of the state after the step: the record as it will be. */
static int64_t due_after(const struct taking *t)
{
	struct machine_record after = *t->r;
	struct past_step *past = NEW_N(t->a, t->r->past_n + 1, struct past_step);

	if (t->r->past_n)
		memcpy(past, t->r->past, t->r->past_n * sizeof(*past));
	past[t->r->past_n] = (struct past_step){ .step = t->step,
						 .from = t->r->state,
						 .to = t->out->to,
						 .doer = t->who.person,
						 .typist = t->who.typist,
						 .at_ms = t->c->now_ms };
	after.past = past;
	after.past_n = t->r->past_n + 1;
	after.state = t->out->to;
	after.fields = &t->out->fields;
	if (t->out->entered)
		after.entered_ms = t->c->now_ms;
	return machine_due(t->a, t->c, &after);
}

void machine_take(struct arena *a, const struct machine_ctx *c, const struct machine_record *rec,
		  int step, struct actor who, const struct vmap *given, struct outcome *ret_out)
{
	struct machine_record r = *rec;
	struct outcome out = { .to = rec->state, .due_ms = INSTANT_OPEN };

	assert(step >= 0 && (size_t)step < rec->loop->step_n);
	const struct step *st = &rec->loop->step[step];
	const struct taking t = {
		.a = a, .c = c, .r = &r, .st = st, .step = step, .who = who, .out = &out
	};
	if (r.state < 0 && !r.creator.v)
		r.creator = who.person;
	out.fields = vmap_copy(a, r.fields);
	for (size_t i = 0; given && i < given->n; i++)
		give(&t, given->name[i], given->val[i]);
	apply_when(&t);
	apply_defaults(&t);
	apply_setters(&t);
	apply_freeze(&t);
	check_needs(&t);
	machine_check_distinct(a, r.loop, st, &out.fields, &out.faults);
	machine_check_people(a, c, &r, &out.fields, &out.given, &out.faults);
	out.entered = st->to >= 0;
	out.to = st->to >= 0 ? st->to : r.state;
	assert(out.to >= 0);	/* a first step leads to a state: B2xx */
	out.clauses = credited(&t);
	if (!out.faults)
		out.due_ms = due_after(&t);
	*ret_out = out;
}
