/*
 * print_sign: the lines at the foot of a paper where people sign, from `sign:` of the
 * print. Whoever has signed in the system (a signature field, or a step that signs) stands
 * there with the day; for the others an empty line is printed, with the name of who it is.
 */
#include "report/print_int.h"

/* --- who has signed ------------------------------------------------------------------ */

static const struct step *step_of(const struct record_view *r, const struct step_row *s)
{
	int i = s->built_in ? -1 : loop_step_index(r->loop, s->step);

	return i < 0 ? NULL : &r->loop->step[i];
}

/* The day on which a person signed the record, 0: has not. */
static int64_t signed_by_step(const struct record_view *r, int64_t person)
{
	for (size_t i = r->step_n; i-- > 0;) {
		const struct step *st = step_of(r, &r->step[i]);

		if (st && st->sign && !r->step[i].undone && r->step[i].doer.v == person)
			return r->step[i].at_ms;
	}
	return 0;
}

static int64_t signed_in_field(const struct record_view *r, const struct field *f, int64_t person)
{
	const struct value *v = vmap_get(&r->fields, f->m.id);

	for (size_t i = 0; v && v->kind == V_ROWS && i < v->rows.n; i++) {
		const struct value *who = row_get(&v->rows.at[i], STR("person"));
		const struct value *at = row_get(&v->rows.at[i], STR("at"));

		if (who && who->kind == V_REF && who->id == person)
			return at && at->kind == V_INSTANT ? at->at_ms : r->changed_ms;
	}
	return 0;
}

static int64_t signed_at(const struct record_view *r, int64_t person)
{
	int64_t at = 0;

	for (size_t i = 0; !at && i < r->loop->field_n; i++)
		if (r->loop->field[i].type == F_SIGNATURES)
			at = signed_in_field(r, &r->loop->field[i], person);
	return at ? at : signed_by_step(r, person);
}

/* --- whom a line means ------------------------------------------------------------------ */

static person_id doer(void *ctx, str step)
{
	const struct press *p = ctx;
	const struct record_view *r = p->about.rec;

	for (size_t i = r->step_n; i-- > 0;)
		if (!r->step[i].built_in && !r->step[i].undone && str_eq(r->step[i].step, step))
			return r->step[i].doer;
	return (person_id){ 0 };
}

static struct who_ctx who_of(struct press *p)
{
	const struct record_view *r = p->about.rec;
	struct who_ctx c = { .policy = p->policy, .org = p->org, .at_ms = p->at_ms,
			     .params = &p->w->params, .unit = p->org->unit };

	if (r) {
		c.fields = &r->fields;
		c.loop = r->loop;
		c.creator = r->creator;
		c.typist = r->typist;
		c.doer = doer;
		c.fn_ctx = p;
		c.place = r->place;
		c.unit = r->unit;
	} else if (p->about.about == ABOUT_PLACE) {
		c.place = (place_id){ p->about.id };
	} else if (p->about.about == ABOUT_PERSON) {
		c.subject = (person_id){ p->about.id };
	} else if (p->about.about == ABOUT_CLASS && p->about.id) {
		c.unit = (unit_id){ p->about.id };
	}
	return c;
}

/* `field:person` on the paper of a person is that person (rules/check_print.c). */
static bool is_subject(const struct press *p, str text)
{
	return p->about.about == ABOUT_PERSON && str_eq(text, STR("field:person"));
}

static struct who_set people_of(struct press *p, str text, str *ret_role)
{
	struct who_ctx c = who_of(p);
	struct who_set set = { 0 };
	struct expr_error bad;
	struct who *w;

	if (is_subject(p, text)) {
		*ret_role = STR("本人");
		VEC_PUSH(p->a, &set)->person = (person_id){ p->about.id };
		return set;
	}
	*ret_role = text;
	if (who_parse(p->a, text, &w, &bad))
		return set;	/* `check` has refused it; as written then */
	*ret_role = who_say(p->a, p->policy, p->about.rec ? p->about.rec->loop : NULL, w);
	return who_eval(p->a, w, &c);
}

static struct sign_line line_of(struct press *p, str text)
{
	struct sign_line line = { 0 };
	str role, who;
	struct who_set set = people_of(p, text, &role);
	str *name = NEW_N(p->a, set.n, str);

	for (size_t i = 0; i < set.n; i++) {
		int64_t at = p->about.rec ? signed_at(p->about.rec, set.at[i].person.v) : 0;

		name[i] = press_person(p, set.at[i].person.v);
		if (!at)
			continue;
		line.name = name[i];
		line.at = str_fmt(p->a, "%.*s 在系统中签名", STR_ARG(press_day(p, at)));
	}
	who = str_join(p->a, name, set.n, STR("、"));
	line.role = line.name.len || !who.len || set.n > 3
			    ? role
			    : str_fmt(p->a, "%.*s（%.*s）", STR_ARG(role), STR_ARG(who));
	return line;
}

enum err press_signs(struct press *p, struct sheet *s)
{
	const struct strs *sign = &p->print->sign;
	struct sign_line *line = NEW_N(p->a, sign->n, struct sign_line);

	for (size_t i = 0; i < sign->n; i++)
		line[i] = line_of(p, sign->at[i]);
	sheet_signs(p->a, s, line, sign->n);
	return ERR_OK;
}
