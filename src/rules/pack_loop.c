/*
 * pack_loop: loops: fields, states, steps. A loop is read in that order, whatever the
 * order in the file, since steps name states and states name fields. Names of states
 * and steps become bits and indices here; an unknown one is said (B215, B216) and left
 * out, so that the proofs of check_loop.c always see a whole graph.
 */
#include "rules/pack_int.h"

#include "base/limits.h"
#include "rules/pack_field.h"

#include <assert.h>

/* --- states --- */

static void state_owner(struct loader *L, void *obj, const struct yaml *v)
{
	struct state *s = obj;

	(void)read_who(L, v, &s->owner, &s->owner_text);
}

static void state_within(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_within(L, v, &((struct state *)obj)->within);
}

static void state_late(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_ladder(L, v, &((struct state *)obj)->late);
}

static void state_stays(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "all", NULL };
	int i;

	((struct state *)obj)->stays_all = read_word(L, v, words, &i);
}

static void state_ring(struct loader *L, void *obj, const struct yaml *v)
{
	int64_t n;

	if (read_i64(L, v, 1, 5, &n))
		((struct state *)obj)->ring = (int8_t)n;
}

static void unique_clash(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "refuse", "warn", "replace", NULL };
	struct unique *u = obj;
	int i;

	if (!read_word(L, v, words, &i))
		return;
	u->clash = i == 0 ? CLASH_REFUSE : i == 1 ? CLASH_WARN : CLASH_REPLACE;
}

/* [unit, "each(kinds)"]: names of fields, `unit`, and at most one field whose elements each count.
 */
static void unique_per(struct loader *L, void *obj, const struct yaml *v)
{
	struct unique *u = obj;
	struct strs words, per = { 0 };

	if (!read_words(L, v, &words))
		return;
	for (size_t i = 0; i < words.n; i++) {
		str w = words.at[i];

		if (str_starts(w, STR("each(")) && str_ends(w, STR(")")))
			u->each_field = str_trim(str_slice(w, 5, w.len - 1));
		else
			strs_push(L->a, &per, w);
	}
	u->per = per;
}

static const struct key unique_keys[] = {
	{ "per", 1, KEY_FN, 0, 0, unique_per },
	{ "clash", 1, KEY_FN, 0, 0, unique_clash },
	{ "to", 1, KEY_ID, offsetof(struct unique, to), 0, NULL },
};
static const struct keys unique_table = KEYS("唯一性 unique ", unique_keys);

static void state_unique(struct loader *L, void *obj, const struct yaml *v)
{
	struct state *s = obj;

	s->unique.set =
		keys_read(L, v, &unique_table, &s->unique, NULL) && need_key(L, v, "per", "unique");
	if (s->unique.set && s->unique.clash == CLASH_REPLACE && str_empty(s->unique.to))
		(void)need_key(L, v, "to", "clash: replace 的 unique");
}

static const struct key state_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "owner", 1, KEY_FN, 0, 0, state_owner },
	{ "within", 1, KEY_FN, 0, 0, state_within },
	{ "stays", 1, KEY_FN, 0, 0, state_stays },
	{ "pause", 1, KEY_BOOL, offsetof(struct state, pause), 0, NULL },
	{ "late", 1, KEY_FN, 0, 0, state_late },
	{ "final", 1, KEY_BOOL, offsetof(struct state, final), 0, NULL },
	{ "ring", 1, KEY_FN, 0, 0, state_ring },
	{ "sealed", 1, KEY_BOOL, offsetof(struct state, sealed), 0, NULL },
	{ "unique", 1, KEY_FN, 0, 0, state_unique },
	{ "apply", 1, KEY_NAME, offsetof(struct state, apply), 0, NULL },
	{ "from", 1, KEY_NAME, offsetof(struct state, from), 0, NULL },
	{ "top", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys state_table = KEYS("状态", state_keys);

struct states {
	struct loop *lp;
	VEC(struct state) at;
};

static void one_state(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct states *list = ctx;
	struct state s = { 0 };

	if (is_removed(L, "state",
		       str_fmt(L->a, "%.*s.%.*s", STR_ARG(list->lp->m.id), STR_ARG(id))) ||
	    !id_ok(L, y, id))
		return;
	meta_init(L, &s.m, y, id);
	if (str_eq(id, STR("start")) || str_eq(id, STR("same")) || str_eq(id, STR("any")))
		BAD(L, "B109", y, "状态不能叫“%.*s”：这是语言自己的词", STR_ARG(id));
	if (list->at.n == LOOP_STATES_MAX) {
		BAD(L, "B120", y, "一个闭环最多 %d 个状态", LOOP_STATES_MAX);
		return;
	}
	(void)keys_read(L, y, &state_table, &s, &s.m);
	*VEC_PUSH(L->a, &list->at) = s;
}

void loop_read_states(struct loader *L, const struct yaml *y, struct loop *lp)
{
	struct states list = { .lp = lp };

	each_named(L, y, "状态", one_state, &list);
	lp->state = list.at.at;
	lp->state_n = list.at.n;
}

/* --- steps --- */

/* A step being read knows its loop: its keys name states, fields and other steps. */
struct step_read {
	struct step *s;
	struct loop *lp;
};

static void step_from(struct loader *L, void *obj, const struct yaml *v)
{
	struct step_read *r = obj;
	struct strs words;
	int i;

	if (!read_words(L, v, &words))
		return;
	for (size_t n = 0; n < words.n; n++) {
		if (str_eq(words.at[n], STR("start")))
			r->s->from_start = true;
		else if (str_eq(words.at[n], STR("any")))
			r->s->from_any = true;
		else if ((i = loop_state(r->lp, words.at[n])) < 0)
			BAD(L, "B215", v, "闭环里没有状态“%.*s”", STR_ARG(words.at[n]));
		else
			r->s->from |= 1ULL << i;
	}
}

static void step_to(struct loader *L, void *obj, const struct yaml *v)
{
	struct step_read *r = obj;
	str s;
	int i;

	if (!read_text(L, v, &s) || str_eq(s, STR("same")))
		return;
	i = loop_state(r->lp, s);
	if (i < 0)
		BAD(L, "B215", v, "闭环里没有状态“%.*s”", STR_ARG(s));
	else
		r->s->to = (int8_t)i;
}

static void step_by(struct loader *L, void *obj, const struct yaml *v)
{
	struct step_read *r = obj;

	if (v->kind == YAML_SCALAR && str_eq(v->s, STR("clock"))) {
		r->s->by_clock = true;
		r->s->by_text = v->s;
		return;
	}
	if (v->kind == YAML_SCALAR && str_eq(v->s, STR("relay"))) {
		BAD(L, "B190", v, "by: relay 要到第 3 阶段才有（needs stage 3）");
		return;
	}
	(void)read_who(L, v, &r->s->by, &r->s->by_text);
}

/* `not: WHO` takes people out of `by:`; it is kept as the one expression `by not who`. */
static void step_not(struct loader *L, struct step *s, const struct yaml *v)
{
	struct expr_error bad = { 0 };
	const struct who *w;
	struct who *both;
	str text;

	if (!read_who(L, v, &w, &text) || !s->by)
		return;
	text = str_fmt(L->a, "%.*s not %.*s", STR_ARG(s->by_text), STR_ARG(text));
	if (who_parse(L->a, text, &both, &bad)) {
		BAD(L, "B111", v, "人员表达式读不懂：%.*s", STR_ARG(bad.message));
		return;
	}
	s->by = both;
	s->by_text = text;
}

static void step_not_by(struct loader *L, void *obj, const struct yaml *v)
{
	struct step_read *r = obj;
	struct strs words;
	int i;

	if (!read_words(L, v, &words))
		return;
	for (size_t n = 0; n < words.n; n++) {
		i = loop_step_index(r->lp, words.at[n]);
		if (i < 0)
			BAD(L, "B216", v, "闭环里没有步骤“%.*s”", STR_ARG(words.at[n]));
		else
			r->s->not_by |= 1ULL << i;
	}
}

/* [a, b, {when: "…", fields: [c]}]: the unconditional fields make the first need. */
static void step_need(struct loader *L, void *obj, const struct yaml *v)
{
	struct step *s = ((struct step_read *)obj)->s;
	VEC(struct need) list = { 0 };
	struct need plain = { 0 };
	size_t n = v->kind == YAML_SEQ ? v->n : 1;

	*VEC_PUSH(L->a, &list) = plain;
	for (size_t i = 0; i < n; i++) {
		const struct yaml *y = v->kind == YAML_SEQ ? v->at[i] : v;
		static const struct key need_keys[] = {
			{ "when", 1, KEY_EXPR, offsetof(struct need, when), 0, NULL },
			{ "fields", 1, KEY_WORDS, offsetof(struct need, fields), 0, NULL },
		};
		static const struct keys need_table = KEYS("need 的条件项", need_keys);

		if (y->kind == YAML_SCALAR)
			strs_push(L->a, &list.at[0].fields, y->s);
		else if (need_key(L, y, "fields", "need 的条件项"))
			(void)keys_read(L, y, &need_table, VEC_PUSH(L->a, &list), NULL);
	}
	s->need = list.at[0].fields.n ? list.at : list.at + 1;
	s->need_n = list.at[0].fields.n ? list.n : list.n - 1;
}

static void step_set(struct loader *L, void *obj, const struct yaml *v)
{
	struct step_read *r = obj;
	struct setter *at;

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "set 要写成“字段: 值”");
		return;
	}
	at = NEW_N(L->a, v->n, struct setter);
	for (size_t i = 0; i < v->n; i++) {
		const struct field *f = loop_field(r->lp, v->key[i]);

		at[i].field = v->key[i];
		at[i].none = v->at[i]->kind == YAML_SCALAR && str_eq(v->at[i]->s, STR("none"));
		if (!at[i].none)
			(void)read_for_field(L, v->at[i], f, r->lp->field, r->lp->field_n,
					     &at[i].value);
	}
	r->s->set = at;
	r->s->set_n = v->n;
}

/* --- spawn and notify --- */

static void spawn_carry(struct loader *L, void *obj, const struct yaml *v)
{
	struct spawn *sp = obj;
	struct carry *at;

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "carry 要写成“对方字段: 值”");
		return;
	}
	at = NEW_N(L->a, v->n, struct carry);
	for (size_t i = 0; i < v->n; i++) {
		at[i].to = v->key[i];
		(void)read_expr(L, v->at[i], &at[i].value);
	}
	sp->carry = at;
	sp->carry_n = v->n;
}

static const struct key spawn_keys[] = {
	{ "loop", 1, KEY_ID, offsetof(struct spawn, loop), 0, NULL },
	{ "step", 1, KEY_ID, offsetof(struct spawn, step), 0, NULL },
	{ "for_each", 1, KEY_TEXT, offsetof(struct spawn, for_each), 0, NULL },
	{ "where", 1, KEY_EXPR, offsetof(struct spawn, where), 0, NULL },
	{ "carry", 1, KEY_FN, 0, 0, spawn_carry },
	{ "link", 1, KEY_NAME, offsetof(struct spawn, link), 0, NULL },
	{ "at", 3, KEY_LATER, 0, 0, NULL },
	{ "on", 3, KEY_LATER, 0, 0, NULL },
	{ "when", 3, KEY_LATER, 0, 0, NULL },
	{ "consent", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys spawn_table = KEYS("派生 spawn ", spawn_keys);

static void step_spawn(struct loader *L, void *obj, const struct yaml *v)
{
	struct step *s = ((struct step_read *)obj)->s;
	size_t n = v->kind == YAML_SEQ ? v->n : 1;
	VEC(struct spawn) list = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct yaml *y = v->kind == YAML_SEQ ? v->at[i] : v;
		struct spawn sp = { .pos = pos_of(L, y) };

		if (keys_read(L, y, &spawn_table, &sp, NULL) && need_key(L, y, "loop", "spawn") &&
		    need_key(L, y, "step", "spawn"))
			*VEC_PUSH(L->a, &list) = sp;
	}
	s->spawn = list.at;
	s->spawn_n = list.n;
}

static void notify_to(struct loader *L, void *obj, const struct yaml *v)
{
	struct notify *n = obj;

	(void)read_who(L, v, &n->to, &n->to_text);
}

static const struct key notify_keys[] = {
	{ "to", 1, KEY_FN, 0, 0, notify_to },
	{ "text", 1, KEY_TEXT, offsetof(struct notify, text), 0, NULL },
};
static const struct keys notify_table = KEYS("通知 notify ", notify_keys);

/* One receiver, a list of receivers, or maps {to, text}. */
static void step_notify(struct loader *L, void *obj, const struct yaml *v)
{
	struct step *s = ((struct step_read *)obj)->s;
	size_t n = v->kind == YAML_SEQ ? v->n : 1;
	struct notify *at = NEW_N(L->a, n, struct notify);

	for (size_t i = 0; i < n; i++) {
		const struct yaml *y = v->kind == YAML_SEQ ? v->at[i] : v;

		if (y->kind == YAML_MAP) {
			if (!keys_read(L, y, &notify_table, &at[i], NULL) ||
			    !need_key(L, y, "to", "notify"))
				return;
		} else {
			notify_to(L, &at[i], y);
		}
	}
	s->notify = at;
	s->notify_n = n;
}

static void step_within(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_within(L, v, &((struct step_read *)obj)->s->within);
}

static void step_at(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_within(L, v, &((struct step_read *)obj)->s->at);
}

static void step_once(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "version", NULL };
	int i;

	if (read_word(L, v, words, &i))
		((struct step_read *)obj)->s->once = v->s;
}

/* Keys that need the loop, then those that only fill the struct. */
static const struct key step_loop_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },	    { "from", 1, KEY_FN, 0, 0, step_from },
	{ "to", 1, KEY_FN, 0, 0, step_to },	    { "by", 1, KEY_FN, 0, 0, step_by },
	{ "not_by", 1, KEY_FN, 0, 0, step_not_by }, { "not", 1, KEY_SKIP, 0, 0, NULL },
	{ "need", 1, KEY_FN, 0, 0, step_need },	    { "set", 1, KEY_FN, 0, 0, step_set },
	{ "within", 1, KEY_FN, 0, 0, step_within }, { "at", 1, KEY_FN, 0, 0, step_at },
	{ "once", 1, KEY_FN, 0, 0, step_once },	    { "spawn", 1, KEY_FN, 0, 0, step_spawn },
	{ "notify", 1, KEY_FN, 0, 0, step_notify }, { "distinct", 1, KEY_SKIP, 0, 0, NULL },
	{ "when", 1, KEY_SKIP, 0, 0, NULL },	    { "override", 1, KEY_SKIP, 0, 0, NULL },
	{ "form", 1, KEY_SKIP, 0, 0, NULL },	    { "quick", 1, KEY_SKIP, 0, 0, NULL },
	{ "sign", 1, KEY_SKIP, 0, 0, NULL },	    { "batch", 1, KEY_SKIP, 0, 0, NULL },
	{ "print", 1, KEY_SKIP, 0, 0, NULL },	    { "undo", 1, KEY_SKIP, 0, 0, NULL },
	{ "two", 2, KEY_LATER, 0, 0, NULL },	    { "or", 3, KEY_LATER, 0, 0, NULL },
	{ "proxy", 3, KEY_LATER, 0, 0, NULL },	    { "recuse", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys step_loop_table = KEYS("步骤", step_loop_keys);

static void step_plain(struct loader *L, const struct yaml *y, struct step *s)
{
	const struct yaml *v;

	if ((v = yaml_get(y, STR("distinct"))))
		(void)read_words(L, v, &s->distinct);
	if ((v = yaml_get(y, STR("when"))) && read_expr(L, v, &s->when))
		s->when_text = v->s;
	if ((v = yaml_get(y, STR("override"))))
		(void)read_who(L, v, &s->override, NULL);
	if ((v = yaml_get(y, STR("form"))))
		(void)read_words(L, v, &s->form);
	if ((v = yaml_get(y, STR("quick"))))
		(void)read_words(L, v, &s->quick);
	if ((v = yaml_get(y, STR("sign"))))
		(void)read_bool(L, v, &s->sign);
	if ((v = yaml_get(y, STR("batch"))))
		(void)read_bool(L, v, &s->batch);
	if ((v = yaml_get(y, STR("print"))))
		(void)read_text(L, v, &s->print);
	if ((v = yaml_get(y, STR("undo"))))
		s->undo_set = read_bool(L, v, &s->undo);
	if ((v = yaml_get(y, STR("not"))))
		step_not(L, s, v);
}

struct steps {
	struct loop *lp;
	VEC(struct step) at;
	VEC(const struct yaml *) node;
};

/* First the ids of all steps, for not_by may name one further down. */
static void name_step(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct steps *list = ctx;
	struct step s = { .to = -1 };

	if (is_removed(L, "step",
		       str_fmt(L->a, "%.*s.%.*s", STR_ARG(list->lp->m.id), STR_ARG(id))) ||
	    !id_ok(L, y, id))
		return;
	if (list->at.n == LOOP_STEPS_MAX) {
		BAD(L, "B120", y, "一个闭环最多 %d 个步骤", LOOP_STEPS_MAX);
		return;
	}
	meta_init(L, &s.m, y, id);
	*VEC_PUSH(L->a, &list->at) = s;
	*VEC_PUSH(L->a, &list->node) = y;
}

void loop_read_steps(struct loader *L, const struct yaml *y, struct loop *lp)
{
	struct steps list = { .lp = lp };
	size_t first = lp->step_n;

	for (size_t i = 0; i < first; i++) { /* a refinement adds behind what is there */
		*VEC_PUSH(L->a, &list.at) = lp->step[i];
		*VEC_PUSH(L->a, &list.node) = NULL;
	}
	each_named(L, y, "步骤", name_step, &list);
	lp->step = list.at.at;
	lp->step_n = list.at.n;
	for (size_t i = first; i < list.at.n; i++) {
		struct step_read r = { &list.at.at[i], lp };

		if (keys_read(L, list.node.at[i], &step_loop_table, &r, &r.s->m))
			step_plain(L, list.node.at[i], r.s);
	}
}

/* --- the loop itself --- */

static void loop_see(struct loader *L, void *obj, const struct yaml *v)
{
	struct loop *lp = obj;

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "see 要写成“关系: 谁”，如 {home: all}");
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		struct see *s = &lp->see[0];

		if (!str_eq(v->key[i], STR("home"))) {
			diag_add(L->op->arena, L->ds, "B190", pos_of_key(L, v, i),
				 "see 的关系“%.*s”要到第 3 阶段才有（needs stage 3）",
				 STR_ARG(v->key[i]));
			continue;
		}
		s->relation = v->key[i];
		s->all = v->at[i]->kind == YAML_SCALAR && str_eq(v->at[i]->s, STR("all"));
		if (s->all || read_who(L, v->at[i], &s->who, NULL))
			lp->see_n = 1;
	}
}

static const struct key keep_keys[] = {
	{ "after", 1, KEY_ID, offsetof(struct loop, keep_after), 0, NULL },
	{ "for", 1, KEY_EXPR, offsetof(struct loop, keep_for), 0, NULL },
};
static const struct keys keep_table = KEYS("保存 keep ", keep_keys);

static void loop_keep(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &keep_table, obj, NULL))
		(void)(need_key(L, v, "after", "keep") && need_key(L, v, "for", "keep"));
}

static const struct key again_keys[] = {
	{ "same", 1, KEY_WORDS, offsetof(struct loop, again_same), 0, NULL },
	{ "within", 1, KEY_DURATION, offsetof(struct loop, again_within), 0, NULL },
};
static const struct keys again_table = KEYS("again ", again_keys);

static void loop_again(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &again_table, obj, NULL))
		(void)(need_key(L, v, "same", "again") && need_key(L, v, "within", "again"));
}

static void loop_unit(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "hat", NULL };
	int i;

	((struct loop *)obj)->unit_hat = read_word(L, v, words, &i);
}

static const struct key loop_keys[] = {
	{ "loop", 1, KEY_ID, offsetof(struct loop, m.id), 0, NULL },
	{ "number", 1, KEY_TEXT, offsetof(struct loop, number), 0, NULL },
	{ "see", 1, KEY_FN, 0, 0, loop_see },
	{ "keep", 1, KEY_FN, 0, 0, loop_keep },
	{ "index", 1, KEY_WORDS, offsetof(struct loop, index), 0, NULL },
	{ "again", 1, KEY_FN, 0, 0, loop_again },
	{ "fields", 1, KEY_SKIP, 0, 0, NULL },
	{ "states", 1, KEY_SKIP, 0, 0, NULL },
	{ "steps", 1, KEY_SKIP, 0, 0, NULL },
	{ "sealed", 1, KEY_BOOL, offsetof(struct loop, sealed), 0, NULL },
	{ "undo", 1, KEY_BOOL, offsetof(struct loop, undo), 0, NULL },
	{ "unit", 1, KEY_FN, 0, 0, loop_unit },
	{ "balance", 2, KEY_LATER, 0, 0, NULL },
	{ "propose", 2, KEY_LATER, 0, 0, NULL },
	{ "home", 3, KEY_LATER, 0, 0, NULL },
	{ "parties", 3, KEY_LATER, 0, 0, NULL },
	{ "deliver", 3, KEY_LATER, 0, 0, NULL },
	{ "clocks", 3, KEY_LATER, 0, 0, NULL },
	{ "spawn", 3, KEY_LATER, 0, 0, NULL },
	{ "relay", 3, KEY_LATER, 0, 0, NULL },
	{ "veil", 3, KEY_LATER, 0, 0, NULL },
	{ "recuse", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys loop_table = KEYS("闭环", loop_keys);

void load_loop(struct loader *L, const struct yaml *doc)
{
	struct loop lp = { .undo = true };
	const struct yaml *v;

	meta_init(L, &lp.m, doc, STR_NONE);
	if (!keys_read(L, doc, &loop_table, &lp, &lp.m) || str_empty(lp.m.id) ||
	    is_removed(L, "loop", lp.m.id))
		return;
	v = yaml_get(doc, STR("fields"));
	if (v)
		read_fields(L, v, false, str_c(L->a, str_fmt(L->a, "%.*s.", STR_ARG(lp.m.id))),
			    &lp.field, &lp.field_n);
	if (!need_key(L, doc, "states", "闭环") || !need_key(L, doc, "steps", "闭环") ||
	    !need_key(L, doc, "label", "闭环"))
		return;
	loop_read_states(L, yaml_get(doc, STR("states")), &lp);
	loop_read_steps(L, yaml_get(doc, STR("steps")), &lp);
	*VEC_PUSH(L->a, &L->loop) = lp;
}
