/*
 * check_loop: every name in a loop leads somewhere and every value fits: fields, states,
 * steps, forms, needs, settings, spawns. Whether the loop closes is check_graph.c.
 */
#include "rules/check_int.h"

#include "rules/field.h"

/* --- limits and pupils --- */

/* A kind of unit has pupils when classes live in it. */
static bool has_pupils(const struct policy *p, str kind)
{
	for (size_t i = 0; i < p->unit_kind_n; i++)
		if (str_eq(p->unit_kind[i].m.id, STR("class")) &&
		    str_eq(p->unit_kind[i].tenant, kind))
			return true;
	return p->unit_kind_n == 0;
}

bool pack_has_pupils(const struct policy *p, str pack)
{
	for (size_t i = 0; i < p->pack_n; i++)
		if (str_eq(p->pack[i].id, pack))
			return has_pupils(p, p->pack[i].level);
	return true;
}

void check_duration(const struct check *c, const struct meta *m, struct duration d)
{
	if (d.unit == DUR_SD && !pack_has_pupils(c->p, m->pack))
		SAY(c, "B322", m->pos, "“%.*s”按上课日计时，可是这一级单位没有学生",
		    STR_ARG(m->label.len ? m->label : m->id));
}

static bool is_time_field(const struct field *f)
{
	return f && (f->type == F_DATE || f->type == F_INSTANT || f->type == F_PERIOD);
}

/* Anchors of a limit inside a loop. */
static void check_anchor(const struct check *c, const struct loop *lp, str anchor, struct pos at)
{
	static const char *const words[] = { "enter",	   "limit", "closing", "period.start",
					     "period.end", "start", "end" };
	const struct field *f;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_empty(anchor) || str_eq(anchor, str_of(words[i])))
			return;
	f = loop_field(lp, anchor);
	if (!is_time_field(f) && !policy_node(c->p, anchor))
		SAY(c, "B314", at,
		    "没有起点“%.*s”：要是日期或时刻字段、节点，或 enter、limit、closing 等",
		    STR_ARG(anchor));
}

void check_within(const struct check *c, const struct scope *s, const struct meta *m,
		  const struct within *w)
{
	if (!w->set)
		return;
	if (s->loop)
		check_anchor(c, s->loop, w->anchor, m->pos);
	if (w->expr)
		check_expr(c, s, w->expr, "duration", m->pos);
	else
		check_duration(c, m, w->d);
}

static int64_t weight(struct duration d)
{
	return d.unit == DUR_M ? d.n : (int64_t)d.n * (d.unit == DUR_H ? 60 : 24 * 60);
}

void check_ladder(const struct check *c, const struct scope *s, const struct meta *m,
		  const struct ladder *l)
{
	for (size_t i = 0; i < l->n; i++) {
		check_duration(c, m, l->at[i].d);
		for (size_t k = 0; k < l->at[i].to_n; k++)
			check_who(c, s, l->at[i].to[k], m->pos);
		if (i && weight(l->at[i].d) < weight(l->at[i - 1].d))
			SAY(c, "B235", m->pos, "“%.*s”的逾期梯级没有从小到大",
			    STR_ARG(m->label.len ? m->label : m->id));
	}
}

/* --- fields --- */

static void check_of(const struct check *c, const struct scope *s, const struct field *f)
{
	if (!str_empty(f->of_catalogue) && !policy_catalogue(c->p, f->of_catalogue))
		SAY(c, "B122", at_text(c, f->of_catalogue, f->m.pos), "没有目录“%.*s”",
		    STR_ARG(f->of_catalogue));
	if (!str_empty(f->of_loop) && !policy_loop(c->p, f->of_loop))
		SAY(c, "B224", at_text(c, f->of_loop, f->m.pos), "没有闭环“%.*s”",
		    STR_ARG(f->of_loop));
	check_who(c, s, f->of_who, f->m.pos);
	if ((f->type == F_CHOICE || f->type == F_CHOICES) && !f->choice_n &&
	    str_empty(f->of_catalogue))
		SAY(c, "B104", f->m.pos, "选择字段“%.*s”没有选项（of）", STR_ARG(f->m.id));
	if (f->type == F_PARAMETERS) {
		str rest = f->of_text;

		while (rest.ptr) {
			str name = str_trim(str_cut(&rest, ','));

			if (!policy_parameter(c->p, name))
				SAY(c, "B114", f->m.pos, "没有参数 $%.*s", STR_ARG(name));
		}
	}
}

static void check_default(const struct check *c, const struct scope *s, const struct field *f)
{
	str t;

	check_who(c, s, f->dflt_who, f->m.pos);
	if (!f->dflt)
		return;
	if ((f->type == F_CHOICE || f->type == F_CHOICES) && expr_word(f->dflt).ptr &&
	    !scope_field(s, expr_word(f->dflt))) {
		if (!choice_has(c->p, f, expr_word(f->dflt)))
			SAY(c, "B121", policy_pos(c->p, f->dflt, f->m.pos),
			    "字段“%.*s”没有选项“%.*s”", STR_ARG(f->m.id),
			    STR_ARG(expr_word(f->dflt)));
		return;
	}
	check_expr(c, s, f->dflt, NULL, f->m.pos);
	t = type_in(c, s, f->dflt);
	if (!same_type(t, str_of(ftype_word(f->type))) &&
	    !(f->type == F_DATE && str_eq(t, STR("instant"))))
		SAY(c, "B226", policy_pos(c->p, f->dflt, f->m.pos),
		    "默认值是 %.*s，字段“%.*s”是 %s", STR_ARG(t), STR_ARG(f->m.id),
		    ftype_word(f->type));
}

static void check_field(const struct check *c, const struct scope *s, const struct field *f)
{
	check_of(c, s, f);
	check_default(c, s, f);
	check_expr(c, s, f->value, NULL, f->m.pos);
	check_expr(c, s, f->when, "flag", f->m.pos);
	check_expr(c, s, f->m.if_, "flag", f->m.pos);
	check_who(c, s, f->see, f->m.pos);
	if (!str_empty(f->freeze) && loop_step_index(s->loop, f->freeze) < 0)
		SAY(c, "B216", at_text(c, f->freeze, f->m.pos), "闭环里没有步骤“%.*s”",
		    STR_ARG(f->freeze));
	for (size_t i = 0; i < f->column_n; i++) {
		struct scope in = *s;

		in.rows[0] = f;
		check_field(c, &in, &f->column[i]);
	}
}

/* --- states --- */

static void need_field(const struct check *c, const struct loop *lp, str name, struct pos otherwise)
{
	struct scope s = { .loop = lp };

	if (!scope_field(&s, name))
		SAY(c, "B217", at_text(c, name, otherwise), "闭环“%.*s”没有字段“%.*s”",
		    STR_ARG(lp->m.id), STR_ARG(name));
}

static bool holds_many(const struct field *f)
{
	return f->type == F_CHOICES || f->type == F_PEOPLE || f->type == F_RECORDS ||
	       f->type == F_ROWS;
}

static void check_unique(const struct check *c, const struct loop *lp, const struct state *st)
{
	const struct unique *u = &st->unique;
	const struct field *f;

	for (size_t i = 0; i < u->per.n; i++)
		if (!str_eq(u->per.at[i], STR("unit")) && !loop_field(lp, u->per.at[i]))
			SAY(c, "B228", at_text(c, u->per.at[i], st->m.pos),
			    "唯一性的“%.*s”不是字段", STR_ARG(u->per.at[i]));
	f = str_empty(u->each_field) ? NULL : loop_field(lp, u->each_field);
	if (!str_empty(u->each_field) && (!f || !holds_many(f)))
		SAY(c, "B228", st->m.pos, "按“%.*s”里的每一个判断唯一，它要是多选、多人的字段",
		    STR_ARG(u->each_field));
	if (!str_empty(u->to) && loop_state(lp, u->to) < 0)
		SAY(c, "B215", at_text(c, u->to, st->m.pos), "闭环里没有状态“%.*s”",
		    STR_ARG(u->to));
}

static void check_apply(const struct check *c, const struct loop *lp, const struct state *st)
{
	const struct field *f = str_empty(st->apply) ? NULL : loop_field(lp, st->apply);

	if (str_empty(st->apply))
		return;
	if (!f || f->type != F_PARAMETERS)
		SAY(c, "B227", at_text(c, st->apply, st->m.pos),
		    "apply 要写 parameters 类型的字段");
	f = str_empty(st->from) ? NULL : loop_field(lp, st->from);
	if (!str_empty(st->from) && (!f || f->type != F_DATE))
		SAY(c, "B227", at_text(c, st->from, st->m.pos), "from 要写日期字段");
}

static void check_state(const struct check *c, const struct scope *s, const struct state *st)
{
	check_who(c, s, st->owner, st->m.pos);
	check_within(c, s, &st->m, &st->within);
	check_ladder(c, s, &st->m, &st->late);
	check_unique(c, s->loop, st);
	check_apply(c, s->loop, st);
	check_expr(c, s, st->m.if_, "flag", st->m.pos);
}

/* --- steps: forms --- */

static bool form_has(const struct strs *form, str name)
{
	str rest = name, base = str_cut(&rest, '.');

	for (size_t i = 0; i < form->n; i++)
		if (str_eq(form->at[i], base))
			return true;
	return false;
}

static bool step_sets(const struct step *st, str name)
{
	for (size_t i = 0; i < st->set_n; i++)
		if (str_eq(st->set[i].field, name) && !st->set[i].none)
			return true;
	return false;
}

static bool has_default(const struct loop *lp, str name)
{
	const struct field *f = loop_field(lp, name);

	return f && (f->dflt || f->dflt_who || f->type == F_COMPUTED);
}

static void check_need(const struct check *c, const struct loop *lp, const struct step *st,
		       const struct need *n)
{
	for (size_t i = 0; i < n->fields.n; i++) {
		str name = n->fields.at[i];
		struct pos at = at_text(c, name, st->m.pos);
		size_t before = c->ds->n;

		need_field(c, lp, name, st->m.pos);
		if (c->ds->n != before)
			continue;
		if (!form_has(&st->form, name) && !step_sets(st, name))
			SAY(c, "B218", at, "步骤“%.*s”要填“%.*s”，表单里却没有",
			    STR_ARG(st->m.label), STR_ARG(name));
		else if (!n->when && st->quick.n && !form_has(&st->quick, name) &&
			 !has_default(lp, name) && !step_sets(st, name))
			SAY(c, "B218", at, "简表里没有必填的“%.*s”", STR_ARG(name));
	}
}

static void check_form(const struct check *c, const struct loop *lp, const struct step *st)
{
	struct scope s = { .loop = lp };

	for (size_t i = 0; i < st->form.n; i++)
		need_field(c, lp, st->form.at[i], st->m.pos);
	for (size_t i = 0; i < st->quick.n; i++)
		if (!form_has(&st->form, st->quick.at[i]))
			SAY(c, "B225", at_text(c, st->quick.at[i], st->m.pos),
			    "简表的“%.*s”不在表单里", STR_ARG(st->quick.at[i]));
	for (size_t i = 0; i < st->need_n; i++) {
		check_expr(c, &s, st->need[i].when, "flag", st->m.pos);
		check_need(c, lp, st, &st->need[i]);
	}
	for (size_t i = 0; i < st->distinct.n; i++) {
		const struct field *f = loop_field(lp, st->distinct.at[i]);

		need_field(c, lp, st->distinct.at[i], st->m.pos);
		if (f && !is_person_field(f))
			SAY(c, "B227", at_text(c, st->distinct.at[i], st->m.pos),
			    "distinct 要写人员字段");
	}
}

/* --- steps: what they write --- */

/* A value for a field: a word of its choices, or an expression of its type. */
static void check_value(const struct check *c, const struct scope *s, const struct field *f,
			const struct expr *e, struct pos otherwise)
{
	struct pos at = policy_pos(c->p, e, otherwise);
	str t, word = expr_word(e);

	if (word.ptr && !scope_field(s, word) && !str_eq(word, STR("today")) &&
	    !str_eq(word, STR("now"))) {
		if (f->type != F_CHOICE && f->type != F_CHOICES)
			SAY(c, "B113", at, "这里没有“%.*s”", STR_ARG(word));
		else if (!choice_has(c->p, f, word))
			SAY(c, "B121", at, "字段“%.*s”没有选项“%.*s”", STR_ARG(f->m.id),
			    STR_ARG(word));
		return;
	}
	check_expr(c, s, e, NULL, otherwise);
	t = type_in(c, s, e);
	if (same_type(t, str_of(ftype_word(f->type))))
		return;
	/* one person, choice or record may fill a list of them; an instant, a date */
	if ((f->type == F_PEOPLE && str_eq(t, STR("person"))) ||
	    (f->type == F_CHOICES && str_eq(t, STR("choice"))) ||
	    (f->type == F_CHOICES && str_eq(t, STR("text"))) ||
	    (f->type == F_PERSON && str_eq(t, STR("people"))) ||
	    (f->type == F_RECORDS && str_eq(t, STR("record"))))
		return;
	SAY(c, "B226", at, "写进“%.*s”的是 %.*s，字段是 %s", STR_ARG(f->m.id), STR_ARG(t),
	    ftype_word(f->type));
}

static void check_set(const struct check *c, const struct scope *s, const struct step *st)
{
	for (size_t i = 0; i < st->set_n; i++) {
		const struct field *f = loop_field(s->loop, st->set[i].field);

		if (!f)
			SAY(c, "B217", st->m.pos, "闭环“%.*s”没有字段“%.*s”",
			    STR_ARG(s->loop->m.id), STR_ARG(st->set[i].field));
		else if (st->set[i].value)
			check_value(c, s, f, st->set[i].value, st->m.pos);
	}
}

/* --- steps: spawn --- */

/* for_each: rows, rows.items, or a field of several things, whose name then stands for the one. */
static bool spawn_scope(const struct check *c, const struct loop *lp, const struct spawn *sp,
			struct scope *ret)
{
	str inner = sp->for_each, outer = str_cut(&inner, '.');
	const struct field *f, *col;

	*ret = (struct scope){ .loop = lp };
	if (str_empty(sp->for_each))
		return true;
	f = loop_field(lp, outer);
	col = f && inner.ptr ? field_column(f, inner) : NULL;
	if (!f || (inner.ptr && !col)) {
		SAY(c, "B217", at_text(c, sp->for_each, sp->pos), "闭环里没有字段“%.*s”",
		    STR_ARG(sp->for_each));
		return false;
	}
	if (!holds_many(col ? col : f) && (col ? col : f)->type != F_CHECKLIST) {
		SAY(c, "B236", at_text(c, sp->for_each, sp->pos),
		    "“%.*s”里只有一个值，不能逐个派生", STR_ARG(sp->for_each));
		return false;
	}
	ret->rows[0] = col ? col : f;
	ret->rows[1] = col ? f : NULL;
	return true;
}

static bool carries(const struct spawn *sp, str name)
{
	for (size_t i = 0; i < sp->carry_n; i++)
		if (str_eq(sp->carry[i].to, name))
			return true;
	return str_eq(sp->link, name);
}

static void spawn_needs(const struct check *c, const struct loop *to, const struct step *first,
			const struct spawn *sp)
{
	for (size_t i = 0; i < first->need_n; i++)
		for (size_t k = 0; !first->need[i].when && k < first->need[i].fields.n; k++) {
			str name = first->need[i].fields.at[k];

			if (!carries(sp, name) && !has_default(to, name) && !step_sets(first, name))
				SAY(c, "B210", sp->pos, "派生“%.*s”时没有带去必填的“%.*s”",
				    STR_ARG(to->m.label), STR_ARG(name));
		}
}

static void check_carry(const struct check *c, const struct scope *s, const struct loop *to,
			const struct spawn *sp)
{
	for (size_t i = 0; i < sp->carry_n; i++) {
		const struct field *f = loop_field(to, sp->carry[i].to);

		if (!f)
			SAY(c, "B217", sp->pos, "闭环“%.*s”没有字段“%.*s”", STR_ARG(to->m.id),
			    STR_ARG(sp->carry[i].to));
		else if (sp->carry[i].value)
			check_value(c, s, f, sp->carry[i].value, sp->pos);
	}
}

static void check_spawn(const struct check *c, const struct loop *lp, const struct spawn *sp)
{
	const struct loop *to = policy_loop(c->p, sp->loop);
	int first = to ? loop_step_index(to, sp->step) : -1;
	const struct field *link;
	struct scope s;

	if (!to) {
		SAY(c, "B224", at_text(c, sp->loop, sp->pos), "没有闭环“%.*s”", STR_ARG(sp->loop));
		return;
	}
	if (first < 0 || !to->step[first].from_start) {
		SAY(c, "B210", at_text(c, sp->step, sp->pos), "“%.*s”不是“%.*s”开始的步骤",
		    STR_ARG(sp->step), STR_ARG(sp->loop));
		return;
	}
	if (!spawn_scope(c, lp, sp, &s))
		return;
	check_expr(c, &s, sp->where, "flag", sp->pos);
	check_carry(c, &s, to, sp);
	link = str_empty(sp->link) ? NULL : loop_field(to, sp->link);
	if (!str_empty(sp->link) && (!link || (link->type != F_RECORD && link->type != F_RECORDS) ||
				     !str_eq(link->of_loop, lp->m.id)))
		SAY(c, "B210", at_text(c, sp->link, sp->pos), "“%.*s”里没有指回本闭环的字段“%.*s”",
		    STR_ARG(sp->loop), STR_ARG(sp->link));
	spawn_needs(c, to, &to->step[first], sp);
}

/* --- steps --- */

/* A form shows only what its takers may see: each post that takes the step is among those of `see`.
 */
struct seers {
	const struct check *c;
	const struct field *f;
	const struct step *st;
	bool said;
};
struct seen_by {
	const struct policy *p;
	str taker;
	bool found;
};

static void covers(void *ctx, const char *kind, str name)
{
	struct seen_by *s = ctx;

	(void)kind;
	s->found = s->found || str_eq(s->taker, name) || post_covers(s->p, s->taker, name);
}

static void each_taker(void *ctx, const char *kind, str name)
{
	struct seers *s = ctx;
	struct seen_by by = { s->c->p, name, false };

	(void)kind;
	who_names(s->f->see, covers, &by);
	if (!by.found && !s->said) {
		s->said = true;
		SAY(s->c, "B212", s->st->m.pos, "步骤“%.*s”的表单有“%.*s”，办的人里“%.*s”看不到它",
		    STR_ARG(s->st->m.label), STR_ARG(s->f->m.label), STR_ARG(name));
	}
}

static void check_sight(const struct check *c, const struct loop *lp, const struct step *st)
{
	for (size_t i = 0; i < st->form.n; i++) {
		struct seers s = { .c = c, .f = loop_field(lp, st->form.at[i]), .st = st };

		if (s.f && s.f->see && !who_is_anyone(s.f->see) && st->by)
			who_names(st->by, each_taker, &s);
	}
}

static void check_step(const struct check *c, const struct scope *s, const struct step *st)
{
	const struct loop *lp = s->loop;

	check_who(c, s, st->by, st->m.pos);
	check_who(c, s, st->override, st->m.pos);
	check_expr(c, s, st->when, "flag", st->m.pos);
	check_expr(c, s, st->m.if_, "flag", st->m.pos);
	check_within(c, s, &st->m, &st->within);
	check_within(c, s, &st->m, &st->at);
	check_form(c, lp, st);
	check_set(c, s, st);
	check_sight(c, lp, st);
	for (size_t i = 0; i < st->notify_n; i++)
		check_who(c, s, st->notify[i].to, st->m.pos);
	for (size_t i = 0; i < st->spawn_n; i++)
		check_spawn(c, lp, &st->spawn[i]);
	if (!str_empty(st->print) && !policy_print(c->p, st->print))
		SAY(c, "B415", at_text(c, st->print, st->m.pos), "没有打印件“%.*s”",
		    STR_ARG(st->print));
}

/* --- the loop --- */

static void check_index(const struct check *c, const struct loop *lp)
{
	for (size_t i = 0; i < lp->index.n; i++) {
		const struct field *f = loop_field(lp, lp->index.at[i]);

		need_field(c, lp, lp->index.at[i], lp->m.pos);
		if (f && (f->type == F_TEXT || f->type == F_NOTE || f->type == F_FILES ||
			  f->type == F_ROWS || f->type == F_CHECKLIST || f->type == F_SIGNATURES ||
			  f->type == F_PARAMETERS || f->type == F_MASKED))
			SAY(c, "B239", at_text(c, lp->index.at[i], lp->m.pos),
			    "不能按 %s 字段“%.*s”筛选", ftype_word(f->type), STR_ARG(f->m.id));
	}
}

/* A number names its year and counts: else it repeats next year, or at once. */
static void check_number(const struct check *c, const struct loop *lp, size_t no)
{
	struct pos at = at_text(c, lp->number, lp->m.pos);

	if (str_empty(lp->number))
		return;
	if (str_find(lp->number, STR("{seq"), 0) < 0 || str_find(lp->number, STR("{year}"), 0) < 0)
		SAY(c, "B214", at, "编号“%.*s”要有 {year} 和 {seq:4}，否则会重复",
		    STR_ARG(lp->number));
	for (size_t i = 0; i < no; i++)
		if (str_eq(c->p->loop[i].number, lp->number))
			SAY(c, "B214", at, "编号“%.*s”和闭环“%.*s”的一样", STR_ARG(lp->number),
			    STR_ARG(c->p->loop[i].m.id));
}

static void check_loop(const struct check *c, const struct loop *lp, size_t no)
{
	struct scope s = { .loop = lp };

	check_number(c, lp, no);
	check_index(c, lp);
	for (size_t i = 0; i < lp->again_same.n; i++)
		need_field(c, lp, lp->again_same.at[i], lp->m.pos);
	if (!str_empty(lp->keep_after) && loop_state(lp, lp->keep_after) < 0)
		SAY(c, "B215", at_text(c, lp->keep_after, lp->m.pos), "闭环里没有状态“%.*s”",
		    STR_ARG(lp->keep_after));
	check_expr(c, &s, lp->keep_for, "duration", lp->m.pos);
	for (size_t i = 0; i < lp->see_n; i++)
		check_who(c, &s, lp->see[i].who, lp->m.pos);
	for (size_t i = 0; i < lp->field_n; i++)
		check_field(c, &s, &lp->field[i]);
	for (size_t i = 0; i < lp->state_n; i++)
		check_state(c, &s, &lp->state[i]);
	for (size_t i = 0; i < lp->step_n; i++)
		check_step(c, &s, &lp->step[i]);
}

void check_loops(const struct check *c)
{
	for (size_t i = 0; i < c->p->loop_n; i++)
		check_loop(c, &c->p->loop[i], i);
}
