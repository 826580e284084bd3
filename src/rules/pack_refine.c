/*
 * pack_refine: `refine: LOOP`: another pack tightens a loop and can do nothing else
 * (pack-language §8): add fields, choices, needs, conditions, not_by, distinct,
 * receivers, clauses, prints, and steps that do not lead to a final state; shorten a
 * limit; lengthen keeping. A key that is not in the tables below cannot be written, so
 * loosening has no words; what could loosen by its value (a limit, a keep) is compared.
 */
#include "rules/pack_int.h"

#include "rules/pack_field.h"

/* The loop and the part of it that is being tightened. */
struct refining {
	struct loop *lp;
	struct step *step;
	struct state *state;
	struct field *field;
};

static int64_t weight(struct duration d)
{
	return d.unit == DUR_M ? d.n : (int64_t)d.n * (d.unit == DUR_H ? 60 : 24 * 60);
}

static void add_words(struct loader *L, struct strs *list, const struct strs *more)
{
	for (size_t i = 0; i < more->n; i++)
		if (!strs_has(list, more->at[i]))
			strs_push(L->a, list, more->at[i]);
}

/* Of what may stand on every construct, a refinement writes clauses only. */
static const char *const fixed_words[] = { "label",  "help",	  "basis", "if",
					   "source", "mechanism", NULL };

static bool in_list(const char *const *words, str s)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

/* Clauses are joined; a name, a basis or a condition is not another pack's to change. */
static void refine_meta(struct loader *L, const struct yaml *y, struct meta *m)
{
	const struct yaml *v = yaml_get(y, STR("clauses"));
	struct strs clauses;

	if (v && read_words(L, v, &clauses))
		add_words(L, &m->clauses, &clauses);
}

/* Keys that a refinement may not write get B233, not "unknown": they are known, and not its own. */
static void refine_keys(struct loader *L, const struct yaml *y, const char *const *allowed,
			const char *what)
{
	for (size_t i = 0; i < y->n; i++) {
		bool fixed = in_list(fixed_words, y->key[i]);

		if (fixed || !(in_list(allowed, y->key[i]) || str_eq(y->key[i], STR("clauses"))))
			diag_add(L->op->arena, L->ds, "B233", pos_of_key(L, y, i),
				 "细化不能改%s的“%.*s”：只能收紧", what, STR_ARG(y->key[i]));
	}
}

/* --- fields --- */

static void refine_choices(struct loader *L, const struct yaml *v, struct field *f)
{
	const struct choice *more;
	struct choice *at;
	size_t n;

	if (!f->choice_n) {
		BAD(L, "B233", v, "字段“%.*s”没有自己的选项可加", STR_ARG(f->m.id));
		return;
	}
	if (!read_choices(L, v, &more, &n))
		return;
	at = NEW_N(L->a, f->choice_n + n, struct choice);
	for (size_t i = 0; i < f->choice_n; i++)
		at[i] = f->choice[i];
	for (size_t i = 0; i < n; i++) {
		at[f->choice_n + i] = more[i];
		for (size_t k = 0; k < f->choice_n; k++)
			if (str_eq(f->choice[k].value, more[i].value))
				BAD(L, "B108", v, "选项“%.*s”已经有了", STR_ARG(more[i].value));
	}
	f->choice = at;
	f->choice_n += n;
}

static void refine_field(struct loader *L, const struct yaml *y, struct field *f)
{
	static const char *const allowed[] = { "of", NULL };
	const struct yaml *v = yaml_get(y, STR("of"));

	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "字段要写成“键: 值”");
		return;
	}
	refine_keys(L, y, allowed, "字段");
	refine_meta(L, y, &f->m);
	if (v)
		refine_choices(L, v, f);
}

/* Fields of the same name are tightened; the others are new, and read as any field. */
static void refine_fields(struct loader *L, const struct yaml *y, struct loop *lp)
{
	struct yaml fresh = { .kind = YAML_MAP, .line = y->line, .col = y->col };
	struct field *at;
	const struct field *added = NULL;
	size_t n = 0;

	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "细化的 fields 要写成“名称: 内容”");
		return;
	}
	fresh.at = NEW_N(L->a, y->n, struct yaml *);
	fresh.key = NEW_N(L->a, y->n, str);
	fresh.key_line = NEW_N(L->a, y->n, uint32_t);
	fresh.key_col = NEW_N(L->a, y->n, uint32_t);
	for (size_t i = 0; i < y->n; i++) {
		const struct field *old = loop_field(lp, y->key[i]);

		if (old) {
			refine_field(L, y->at[i], (struct field *)&lp->field[old - lp->field]);
			continue;
		}
		fresh.at[fresh.n] = y->at[i];
		fresh.key[fresh.n] = y->key[i];
		fresh.key_line[fresh.n] = y->key_line[i];
		fresh.key_col[fresh.n++] = y->key_col[i];
	}
	if (fresh.n)
		read_fields(L, &fresh, false,
			    str_c(L->a, str_fmt(L->a, "%.*s.", STR_ARG(lp->m.id))), &added, &n);
	at = NEW_N(L->a, lp->field_n + n, struct field);
	for (size_t i = 0; i < lp->field_n; i++)
		at[i] = lp->field[i];
	for (size_t i = 0; i < n; i++)
		at[lp->field_n + i] = added[i];
	lp->field = at;
	lp->field_n += n;
}

/* --- states --- */

static void refine_within(struct loader *L, const struct yaml *v, struct within *w)
{
	struct within next;

	if (!read_within(L, v, &next))
		return;
	if (w->expr || next.expr) {
		BAD(L, "B230", v, "这里的时限由参数决定：各校不同的时限改参数，不写细化");
		return;
	}
	if (!str_eq(w->anchor, next.anchor)) {
		BAD(L, "B230", v, "时限的起点不同，不能比较长短");
		return;
	}
	if (w->set && weight(next.d) > weight(w->d))
		BAD(L, "B230", v, "时限只能缩短：原来是 %.*s",
		    STR_ARG(duration_format(L->a, w->d)));
	else
		*w = next;
}

/* Rungs of both, by their distance from the limit. */
static void refine_late(struct loader *L, const struct yaml *v, struct ladder *old)
{
	struct ladder more;
	struct rung *at;
	size_t n = 0, i = 0, k = 0;

	if (!read_ladder(L, v, &more))
		return;
	at = NEW_N(L->a, old->n + more.n, struct rung);
	while (i < old->n || k < more.n) {
		bool first =
			k == more.n || (i < old->n && weight(old->at[i].d) <= weight(more.at[k].d));

		at[n++] = first ? old->at[i++] : more.at[k++];
	}
	*old = (struct ladder){ at, n };
}

static void refine_state(struct loader *L, struct loop *lp, str id, const struct yaml *y)
{
	static const char *const allowed[] = { "within", "late", NULL };
	const struct yaml *v;
	struct state *s;
	int i = loop_state(lp, id);

	if (i < 0) {
		BAD(L, "B215", y, "闭环“%.*s”没有状态“%.*s”；细化不能加状态", STR_ARG(lp->m.id),
		    STR_ARG(id));
		return;
	}
	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "状态要写成“键: 值”");
		return;
	}
	s = (struct state *)&lp->state[i];
	refine_keys(L, y, allowed, "状态");
	refine_meta(L, y, &s->m);
	if ((v = yaml_get(y, STR("within"))))
		refine_within(L, v, &s->within);
	if ((v = yaml_get(y, STR("late"))))
		refine_late(L, v, &s->late);
}

/* --- steps --- */

static void refine_when(struct loader *L, const struct yaml *v, struct step *s)
{
	struct expr_error bad = { 0 };
	const struct expr *more;
	struct expr *both;

	if (!read_expr(L, v, &more))
		return;
	if (!s->when) {
		s->when = more;
		s->when_text = v->s;
		return;
	}
	s->when_text = str_fmt(L->a, "(%.*s) and (%.*s)", STR_ARG(s->when_text), STR_ARG(v->s));
	if (expr_parse(L->a, s->when_text, &both, &bad))
		BAD(L, "B110", v, "两个条件合起来太长或太深：%.*s", STR_ARG(bad.message));
	else
		s->when = both;
}

/* Needs, receivers and forms are read as of a step of their own, then joined. */
static void refine_join(struct loader *L, struct step *s, const struct step *more)
{
	struct need *need = NEW_N(L->a, s->need_n + more->need_n, struct need);
	struct notify *notify = NEW_N(L->a, s->notify_n + more->notify_n, struct notify);

	for (size_t i = 0; i < s->need_n + more->need_n; i++)
		need[i] = i < s->need_n ? s->need[i] : more->need[i - s->need_n];
	for (size_t i = 0; i < s->notify_n + more->notify_n; i++)
		notify[i] = i < s->notify_n ? s->notify[i] : more->notify[i - s->notify_n];
	s->need = need;
	s->need_n += more->need_n;
	s->notify = notify;
	s->notify_n += more->notify_n;
	s->not_by |= more->not_by;
	add_words(L, &s->form, &more->form);
	add_words(L, &s->distinct, &more->distinct);
	add_words(L, &s->m.clauses, &more->m.clauses);
}

/* A loop of one step with the keys of the refinement, so that they are read by the same table. */
static bool read_part(struct loader *L, const struct loop *lp, str id, const struct yaml *y,
		      struct step *ret)
{
	struct yaml one = { .kind = YAML_MAP, .n = 1, .line = y->line, .col = y->col };
	struct yaml *at[1] = { (struct yaml *)y };
	str key[1] = { id };
	uint32_t line[1] = { y->line }, col[1] = { y->col };
	struct loop copy = *lp;

	one.at = at;
	one.key = key;
	one.key_line = line;
	one.key_col = col;
	loop_read_steps(L, &one, &copy);
	if (copy.step_n != lp->step_n + 1)
		return false;
	*ret = copy.step[lp->step_n];
	return true;
}

static void refine_step(struct loader *L, struct loop *lp, struct step *s, const struct yaml *y)
{
	static const char *const allowed[] = { "form",	   "need",   "when",  "not_by",
					       "distinct", "notify", "print", NULL };
	const struct yaml *when = yaml_get(y, STR("when"));
	struct meta kept = s->m;
	struct step more;

	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "步骤要写成“键: 值”");
		return;
	}
	refine_keys(L, y, allowed, "步骤");
	refine_meta(L, y, &kept);
	if (!read_part(L, lp, s->m.id, y, &more))
		return;
	refine_join(L, s, &more);
	s->m = kept;
	if (when)
		refine_when(L, when, s);
	if (!str_empty(more.print) && !str_empty(s->print) && !str_eq(more.print, s->print))
		BAD(L, "B230", yaml_get(y, STR("print")), "这一步已经打印“%.*s”",
		    STR_ARG(s->print));
	else if (!str_empty(more.print))
		s->print = more.print;
}

static void add_step(struct loader *L, struct loop *lp, str id, const struct yaml *y)
{
	struct step *at, s;

	if (!read_part(L, lp, id, y, &s))
		return;
	if (s.to >= 0 && lp->state[s.to].final) {
		BAD(L, "B232", y, "步骤“%.*s”通向结束状态：别的规则包不能替人结束", STR_ARG(id));
		return;
	}
	at = NEW_N(L->a, lp->step_n + 1, struct step);
	for (size_t i = 0; i < lp->step_n; i++)
		at[i] = lp->step[i];
	at[lp->step_n] = s;
	lp->step = at;
	lp->step_n++;
}

/* --- the whole --- */

static int64_t keep_weight(struct loader *L, const struct expr *e)
{
	struct vmap params = { 0 };
	struct expr_env env = { .params = &params };
	struct value v;

	for (size_t i = 0; i < L->parameter.n; i++)
		vmap_set(L->a, &params, L->parameter.at[i].m.id, L->parameter.at[i].dflt);
	v = expr_eval(L->a, e, &env);
	return v.kind == V_DURATION ? weight(v.dur) : 0;
}

static void refine_keep(struct loader *L, const struct yaml *v, struct loop *lp)
{
	const struct yaml *len = yaml_get(v, STR("for"));
	static const char *const allowed[] = { "for", NULL };
	const struct expr *e;

	if (!need_key(L, v, "for", "keep"))
		return;
	refine_keys(L, v, allowed, "保存期");
	if (read_expr(L, len, &e) &&
	    (!lp->keep_for || keep_weight(L, e) > keep_weight(L, lp->keep_for)))
		lp->keep_for = e; /* the longest wins; a shorter one is no fault */
}

static struct loop *find_loop(struct loader *L, str id)
{
	for (size_t i = 0; i < L->loop.n; i++)
		if (str_eq(L->loop.at[i].m.id, id))
			return &L->loop.at[i];
	return NULL;
}

static void refine_steps(struct loader *L, const struct yaml *y, struct loop *lp)
{
	size_t owned = lp->step_n;

	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "细化的 steps 要写成“标识: 内容”");
		return;
	}
	/* New steps first, so that a tightened one may name them in not_by. */
	for (size_t i = 0; i < y->n; i++)
		if (loop_step_index(lp, y->key[i]) < 0 &&
		    !is_removed(L, "step",
				str_fmt(L->a, "%.*s.%.*s", STR_ARG(lp->m.id), STR_ARG(y->key[i]))))
			add_step(L, lp, y->key[i], y->at[i]);
	for (size_t i = 0; i < y->n; i++) {
		int k = loop_step_index(lp, y->key[i]);

		if (k >= 0 && (size_t)k < owned)
			refine_step(L, lp, (struct step *)&lp->step[k], y->at[i]);
	}
}

static void refine_loop(struct loader *L, const struct refinement *r)
{
	static const char *const allowed[] = {
		"refine", "fields", "states", "steps", "keep", NULL
	};
	const struct yaml *y = r->doc, *v;
	struct loop *lp = find_loop(L, r->loop);

	if (!lp) {
		BAD(L, "B231", y, "要细化的闭环“%.*s”不存在", STR_ARG(r->loop));
		return;
	}
	if (str_eq(lp->m.pack, r->pack)) {
		BAD(L, "B231", y, "闭环“%.*s”就在本包里，直接改它", STR_ARG(r->loop));
		return;
	}
	refine_keys(L, y, allowed, "闭环");
	refine_meta(L, y, &lp->m);
	if ((v = yaml_get(y, STR("fields"))))
		refine_fields(L, v, lp);
	if ((v = yaml_get(y, STR("keep"))))
		refine_keep(L, v, lp);
	v = yaml_get(y, STR("states"));
	for (size_t i = 0; v && v->kind == YAML_MAP && i < v->n; i++)
		refine_state(L, lp, v->key[i], v->at[i]);
	if ((v = yaml_get(y, STR("steps"))))
		refine_steps(L, v, lp);
}

void apply_refinements(struct loader *L)
{
	for (size_t i = 0; i < L->refine.n; i++) {
		const struct refinement *r = &L->refine.at[i];

		for (size_t k = 0; k < L->packs.n; k++)
			if (str_eq(L->packs.at[k].id, r->pack))
				L->pack = &L->packs.at[k];
		L->file = r->file;
		refine_loop(L, r);
	}
}
