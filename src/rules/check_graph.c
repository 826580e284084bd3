/*
 * check_graph: that every loop closes (pack-language §8 B). A loop is a graph of at most
 * 64 states and 64 steps; each proof is a walk over it until nothing changes. Built-in
 * acts (undo, void, correct, reassign) lead nowhere new and are left out; a `replace`
 * leads to its state and counts.
 */
#include "rules/check_int.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"

/* States from which a step may be taken; `any` is every state that is not final. */
static uint64_t step_from(const struct loop *lp, const struct step *st)
{
	uint64_t from = st->from;

	for (size_t i = 0; st->from_any && i < lp->state_n; i++)
		if (!lp->state[i].final)
			from |= 1ULL << i;
	return from;
}

/* States that a step leads to: its own, or those in which it is taken. */
static uint64_t step_to(const struct loop *lp, const struct step *st, uint64_t taken_in)
{
	return st->to >= 0 ? 1ULL << st->to : step_from(lp, st) & taken_in;
}

/* Where `clash: replace` moves the record that it replaces. */
static uint64_t replaced_to(const struct loop *lp, size_t state)
{
	const struct unique *u = &lp->state[state].unique;
	int to = u->set && u->clash == CLASH_REPLACE ? loop_state(lp, u->to) : -1;

	return to >= 0 ? 1ULL << to : 0;
}

/* Bit n: step n can be taken at all. Judged once: a condition may have 4096 ways. */
static uint64_t possible_steps(const struct check *c, const struct loop *lp)
{
	uint64_t can = 0;
	bool sure;

	for (size_t i = 0; i < lp->step_n; i++) {
		const struct expr *when = lp->step[i].when;

		if (!when || expr_possible(c->a, c->p, lp, when, NULL, &sure))
			can |= 1ULL << i;
	}
	return can;
}

static uint64_t reachable(const struct loop *lp, uint64_t can)
{
	uint64_t seen = 0, before;

	do {
		before = seen;
		for (size_t i = 0; i < lp->step_n; i++) {
			const struct step *st = &lp->step[i];

			if ((can >> i & 1) && (st->from_start || (step_from(lp, st) & seen)))
				seen |= step_to(lp, st, seen);
		}
		for (size_t i = 0; i < lp->state_n; i++)
			if (seen >> i & 1)
				seen |= replaced_to(lp, i);
	} while (seen != before);
	return seen;
}

/* States from which some way leads to a final one. */
static uint64_t closing(const struct loop *lp, uint64_t can)
{
	uint64_t done = 0, before;

	for (size_t i = 0; i < lp->state_n; i++)
		if (lp->state[i].final)
			done |= 1ULL << i;
	do {
		before = done;
		for (size_t i = 0; i < lp->step_n; i++) {
			const struct step *st = &lp->step[i];

			if ((can >> i & 1) && st->to >= 0 && (done >> st->to & 1))
				done |= step_from(lp, st);
		}
	} while (done != before);
	return done;
}

static void check_reach(const struct check *c, const struct loop *lp)
{
	uint64_t can = possible_steps(c, lp);
	uint64_t seen = reachable(lp, can), done = closing(lp, can);
	bool start = false, final = false;

	for (size_t i = 0; i < lp->step_n; i++)
		start = start || lp->step[i].from_start;
	for (size_t i = 0; i < lp->state_n; i++)
		final = final || lp->state[i].final;
	if (!start || !final) {
		SAY(c, "B221", lp->m.pos, "闭环“%.*s”没有%s", STR_ARG(lp->m.label),
		    start ? "结束状态（final: true）" : "从 start 出发的步骤");
		return;
	}
	for (size_t i = 0; i < lp->state_n; i++) {
		const struct state *s = &lp->state[i];

		if (!(seen >> i & 1))
			SAY(c, "B201", s->m.pos, "走不到状态“%.*s”", STR_ARG(s->m.label));
		else if (!(done >> i & 1))
			SAY(c, "B202", s->m.pos, "从“%.*s”走不到任何结束状态", STR_ARG(s->m.label));
	}
}

/* --- fields that somebody fills --- */

static bool in_words(const struct strs *list, str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], name))
			return true;
	return false;
}

/* Another loop, or this one, starts records of `lp` and brings the field along. */
static bool brought(const struct spawn *sp, const struct loop *lp, str name)
{
	if (!str_eq(sp->loop, lp->m.id))
		return false;
	for (size_t i = 0; i < sp->carry_n; i++)
		if (str_eq(sp->carry[i].to, name))
			return true;
	return str_eq(sp->link, name);
}

static bool brought_by_any(const struct policy *p, const struct loop *lp, str name)
{
	for (size_t i = 0; i < p->loop_n; i++)
		for (size_t k = 0; k < p->loop[i].step_n; k++)
			for (size_t n = 0; n < p->loop[i].step[k].spawn_n; n++)
				if (brought(&p->loop[i].step[k].spawn[n], lp, name))
					return true;
	return false;
}

static bool written(const struct loop *lp, const struct field *f)
{
	if (f->dflt || f->dflt_who || f->type == F_COMPUTED)
		return true;
	for (size_t i = 0; i < lp->step_n; i++) {
		if (in_words(&lp->step[i].form, f->m.id))
			return true;
		for (size_t k = 0; k < lp->step[i].set_n; k++)
			if (str_eq(lp->step[i].set[k].field, f->m.id) && !lp->step[i].set[k].none)
				return true;
	}
	return false;
}

/* A field that no step fills is empty for ever: what waits for it waits in vain. */
static void check_filled(const struct check *c, const struct loop *lp)
{
	for (size_t i = 0; i < lp->field_n; i++)
		if (!written(lp, &lp->field[i]) && !brought_by_any(c->p, lp, lp->field[i].m.id))
			SAY(c, "B240", lp->field[i].m.pos, "没有哪一步填写字段“%.*s”",
			    STR_ARG(lp->field[i].m.id));
}

/* --- owners that are set on every path --- */

#define WORDS 4 /* 256 fields are more than any form has */
struct fieldset {
	uint64_t w[WORDS];
};

static bool set_has(const struct fieldset *s, size_t i)
{
	return i < WORDS * 64 && (s->w[i / 64] >> (i % 64) & 1);
}

static void set_put(struct fieldset *s, size_t i, bool on)
{
	if (i >= WORDS * 64)
		return;
	if (on)
		s->w[i / 64] |= 1ULL << (i % 64);
	else
		s->w[i / 64] &= ~(1ULL << (i % 64));
}

static void set_name(const struct loop *lp, struct fieldset *s, str name, bool on)
{
	const struct field *f = loop_field(lp, name);

	if (f)
		set_put(s, (size_t)(f - lp->field), on);
}

static bool has_default(const struct field *f)
{
	return f->dflt || f->dflt_who || f->type == F_COMPUTED;
}

static bool on_form(const struct step *st, str name)
{
	return in_words(&st->form, name) || in_words(&st->quick, name);
}

static bool on_any_form(const struct loop *lp, str name)
{
	for (size_t i = 0; i < lp->step_n; i++)
		if (on_form(&lp->step[i], name))
			return true;
	return false;
}

/* What is surely filled after a step that found `s` filled: needs, defaults of its form, settings.
 */
static void step_fills(const struct loop *lp, const struct step *st, struct fieldset *s)
{
	for (size_t i = 0; i < lp->field_n; i++)
		if (has_default(&lp->field[i]) && on_form(st, lp->field[i].m.id))
			set_put(s, i, true);
	for (size_t i = 0; i < st->need_n; i++)
		for (size_t k = 0; !st->need[i].when && k < st->need[i].fields.n; k++)
			set_name(lp, s, st->need[i].fields.at[k], true);
	for (size_t i = 0; i < st->set_n; i++)
		set_name(lp, s, st->set[i].field, !st->set[i].none);
}

/* A field that no form asks takes its default when the record begins (machine_take.c). */
static struct fieldset fields_at_start(const struct loop *lp)
{
	struct fieldset s = { { 0 } };

	for (size_t i = 0; i < lp->field_n; i++) {
		const struct field *f = &lp->field[i];

		if (f->type == F_COMPUTED || (has_default(f) && !on_any_form(lp, f->m.id)))
			set_put(&s, i, true);
	}
	return s;
}

/* Narrow the set of a state to what this way into it brings; true when it changed. */
static bool meet(struct fieldset *into, const struct fieldset *from, bool *seen)
{
	struct fieldset before = *into;
	bool changed = !*seen;

	for (size_t k = 0; k < WORDS; k++)
		into->w[k] = *seen ? into->w[k] & from->w[k] : from->w[k];
	for (size_t k = 0; k < WORDS; k++)
		changed = changed || into->w[k] != before.w[k];
	*seen = true;
	return changed;
}

struct flow {
	struct fieldset in[LOOP_STATES_MAX];
	bool seen[LOOP_STATES_MAX];
};

static bool flow_step(const struct loop *lp, const struct step *st, struct flow *f)
{
	struct fieldset start = fields_at_start(lp);
	uint64_t from = step_from(lp, st);
	bool changed = false;

	if (st->from_start && st->to >= 0) {
		step_fills(lp, st, &start);
		changed = meet(&f->in[st->to], &start, &f->seen[st->to]);
	}
	for (size_t i = 0; i < lp->state_n; i++) {
		struct fieldset out = f->in[i];
		size_t to = st->to >= 0 ? (size_t)st->to : i;

		if (!(from >> i & 1) || !f->seen[i])
			continue;
		step_fills(lp, st, &out);
		changed = meet(&f->in[to], &out, &f->seen[to]) || changed;
	}
	return changed;
}

/* An owner is sure when it names anybody but fields, or a field that is filled. */
struct owner {
	const struct check *c;
	const struct loop *lp;
	const struct fieldset *filled;
	bool sure, any;
	str missing;
};

static void owner_name(void *ctx, const char *kind, str name)
{
	struct owner *o = ctx;
	str rest = name, base = str_cut(&rest, '.');
	const struct field *f = loop_field(o->lp, base);
	const struct post *post = policy_post(o->c->p, name);
	bool is_field = !strcmp(kind, "field") ||
			(!strcmp(kind, "post") && !(post && str_eq(post->m.id, name)));

	o->any = true;
	if (!is_field || (f && set_has(o->filled, (size_t)(f - o->lp->field))) ||
	    (f && f->type == F_SIGNATURES))
		o->sure = true;
	else
		o->missing = name;
}

static void check_owner(const struct check *c, const struct loop *lp, const struct state *s,
			const struct fieldset *filled)
{
	struct owner o = { .c = c, .lp = lp, .filled = filled };

	who_names(s->owner, owner_name, &o);
	if (o.any && !o.sure)
		SAY(c, "B204", policy_pos(c->p, s->owner, s->m.pos),
		    "走到“%.*s”时“%.*s”可能还没有填", STR_ARG(s->m.label), STR_ARG(o.missing));
}

static void check_owners(const struct check *c, const struct loop *lp)
{
	struct flow f = { 0 };
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < lp->step_n; i++)
			changed = flow_step(lp, &lp->step[i], &f) || changed;
	}
	for (size_t i = 0; i < lp->state_n; i++)
		if (lp->state[i].owner && f.seen[i])
			check_owner(c, lp, &lp->state[i], &f.in[i]);
}

/* --- limits and ladders --- */

/* Is `name` somebody that the owner's expression already means? */
struct among {
	const struct policy *p;
	str name;
	bool found;
};

static void among_name(void *ctx, const char *kind, str name)
{
	struct among *a = ctx;

	(void)kind;
	a->found = a->found || str_eq(name, a->name) || post_covers(a->p, a->name, name) ||
		   (policy_post(a->p, name) && policy_post(a->p, name)->is.n &&
		    post_covers(a->p, name, a->name));
}

struct reach {
	const struct check *c;
	const struct who *owner;
	bool other;
};

static void reach_name(void *ctx, const char *kind, str name)
{
	struct reach *r = ctx;
	struct among a = { r->c->p, name, false };

	(void)kind;
	who_names(r->owner, among_name, &a);
	r->other = r->other || !a.found;
}

static bool ladder_leaves_owner(const struct check *c, const struct state *s)
{
	struct reach r = { c, s->owner, false };

	for (size_t i = 0; i < s->late.n; i++)
		for (size_t k = 0; k < s->late.at[i].to_n; k++) {
			if (str_starts(s->late.at[i].to_text[k], STR("head(")))
				return true;
			who_names(s->late.at[i].to[k], reach_name, &r);
		}
	return r.other;
}

static void check_limits(const struct check *c, const struct state *s)
{
	if (s->final) {
		if (s->owner || s->within.set || s->late.n)
			SAY(c, "B237", s->m.pos, "“%.*s”已经结束，不再有责任人和时限",
			    STR_ARG(s->m.label));
		return;
	}
	if (!s->owner)
		SAY(c, "B203", s->m.pos, "“%.*s”没有责任人（owner）", STR_ARG(s->m.label));
	if (!s->within.set)
		SAY(c, "B205", s->m.pos, "“%.*s”没有时限（within）", STR_ARG(s->m.label));
	if (s->owner && !ladder_leaves_owner(c, s))
		SAY(c, "B206", s->m.pos, "“%.*s”逾期后没有通到责任人以外的岗位（late）",
		    STR_ARG(s->m.label));
}

/* --- not-self --- */

/* May two steps be taken by different people? Somebody of `s` is not meant by `t`. */
struct apart {
	const struct policy *p;
	const struct who *other;
	int own;
	bool other_one;
};

static void apart_name(void *ctx, const char *kind, str name)
{
	struct apart *x = ctx;
	struct among a = { x->p, name, false };

	(void)kind;
	who_names(x->other, among_name, &a);
	x->own++;
	x->other_one = x->other_one || !a.found;
}

static void check_not_by(const struct check *c, const struct loop *lp, const struct step *s)
{
	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *t = &lp->step[i];
		struct apart x = { c->p, t->by, 0, false };

		if (!(s->not_by >> i & 1) || !s->by || !t->by || who_is_anyone(s->by) ||
		    who_is_anyone(t->by))
			continue;
		who_names(s->by, apart_name, &x);
		if (x.own && !x.other_one)
			SAY(c, "B207", s->m.pos,
			    "“%.*s”不能由办“%.*s”的人来办，可是两步写的是同样的人",
			    STR_ARG(s->m.label), STR_ARG(t->m.label));
	}
}

/* --- steps side by side --- */

static bool same_words(const struct strs *a, const struct strs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->at[i], b->at[i]))
			return false;
	return true;
}

static bool side_by_side(const struct loop *lp, const struct step *a, const struct step *b)
{
	return (a->from_start && b->from_start) || (step_from(lp, a) & step_from(lp, b));
}

static void check_pair(const struct check *c, const struct loop *lp, const struct step *a,
		       const struct step *b)
{
	bool sure;

	if (a->by_clock || b->by_clock || !side_by_side(lp, a, b))
		return;
	if (str_eq(a->m.label, b->m.label)) {
		if (!a->when || !b->when || expr_possible(c->a, c->p, lp, a->when, b->when, &sure))
			SAY(c, "B208", b->m.pos, "步骤“%.*s”和“%.*s”同名，又从同一状态出发",
			    STR_ARG(a->m.id), STR_ARG(b->m.id));
		return;
	}
	if (same_words(&a->form, &b->form) && str_eq(a->when_text, b->when_text))
		SAY(c, "B209", b->m.pos, "步骤“%.*s”和“%.*s”的表单和条件都一样",
		    STR_ARG(a->m.label), STR_ARG(b->m.label));
}

/* --- single steps --- */

/* A decision of people from S to T, which a clock may not take in their place. */
static bool decided_by_people(const struct loop *lp, const struct step *clock)
{
	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *s = &lp->step[i];

		if (!s->by_clock && s->to == clock->to && side_by_side(lp, s, clock) &&
		    (s->not_by || s->sign))
			return true;
	}
	return false;
}

static void check_clock(const struct check *c, const struct loop *lp, const struct step *st)
{
	if (!st->at.set && !st->when)
		SAY(c, "B234", st->m.pos, "时钟步骤“%.*s”要写 at 或 when", STR_ARG(st->m.label));
	if (st->form.n || st->need_n || st->quick.n || st->sign || st->batch || st->override)
		SAY(c, "B223", st->m.pos, "时钟不能替人填表、签名：“%.*s”", STR_ARG(st->m.label));
	else if (decided_by_people(lp, st))
		SAY(c, "B223", st->m.pos, "“%.*s”是人要作的决定，时钟不能代替",
		    STR_ARG(st->m.label));
}

static void check_final_exit(const struct check *c, const struct loop *lp, const struct step *st)
{
	uint64_t from = step_from(lp, st);

	if (st->within.set || st->by_clock)
		return;
	for (size_t i = 0; i < lp->state_n; i++)
		if ((from >> i & 1) && lp->state[i].final) {
			SAY(c, "B222", st->m.pos, "“%.*s”从结束状态“%.*s”出发，要写期限（within）",
			    STR_ARG(st->m.label), STR_ARG(lp->state[i].m.label));
			return;
		}
}

static void check_when(const struct check *c, const struct loop *lp, const struct step *st)
{
	bool sure = true;

	if (!st->when)
		return;
	if (!expr_possible(c->a, c->p, lp, st->when, NULL, &sure))
		SAY(c, "B220", policy_pos(c->p, st->when, st->m.pos), "“%.*s”的条件永远不成立",
		    STR_ARG(st->m.label));
	else if (!sure)
		SAY(c, "B219", policy_pos(c->p, st->when, st->m.pos),
		    "“%.*s”的条件组合太多，没有全部查过", STR_ARG(st->m.label));
}

static void check_one_step(const struct check *c, const struct loop *lp, const struct step *st)
{
	check_when(c, lp, st);
	check_final_exit(c, lp, st);
	check_not_by(c, lp, st);
	if (st->by_clock)
		check_clock(c, lp, st);
	else if (!st->by)
		SAY(c, "B229", st->m.pos, "步骤“%.*s”没有写由谁来办（by）", STR_ARG(st->m.label));
	if (!st->from_start && !st->from_any && !st->from)
		SAY(c, "B104", st->m.pos, "步骤“%.*s”没有写从哪里出发（from）",
		    STR_ARG(st->m.label));
	if (st->from_start && st->to < 0)
		SAY(c, "B104", st->m.pos, "开始的步骤“%.*s”要写到哪个状态（to）",
		    STR_ARG(st->m.label));
}

/* --- events without people --- */

/* Every step of every loop is a node: a spawn leads to its first step, a step to the clock steps of
 * its state. */
struct node {
	const struct loop *lp;
	const struct step *st;
	uint8_t mark;
}; /* mark: 0 new, 1 on the way, 2 done */
struct events {
	const struct check *c;
	int depth;
	struct node *at;
	size_t n;
};

static size_t node_of(const struct events *e, const struct step *st)
{
	size_t i = 0;

	while (i < e->n && e->at[i].st != st)
		i++;
	return i;
}

/* A chain of automatic steps longer than this is not walked further: no pack has one. */
#define CHAIN_MAX 256

static void visit(struct events *e, size_t i);

static void follow(struct events *e, const struct node *from, const struct step *next)
{
	size_t k = node_of(e, next);

	if (k == e->n)
		return;
	if (e->at[k].mark == 1)
		SAY(e->c, "B211", from->st->m.pos,
		    "“%.*s”引出“%.*s”，绕一圈又回到自己，中间没有人参与",
		    STR_ARG(from->st->m.label), STR_ARG(next->m.label));
	else if (e->at[k].mark == 0 && e->depth < CHAIN_MAX)
		visit(e, k);
}

static void visit(struct events *e, size_t i)
{
	struct node *n = &e->at[i];
	uint64_t to = step_to(n->lp, n->st, ~0ULL);

	n->mark = 1;
	e->depth++;
	for (size_t k = 0; k < n->st->spawn_n; k++) {
		const struct loop *lp = policy_loop(e->c->p, n->st->spawn[k].loop);
		int first = lp ? loop_step_index(lp, n->st->spawn[k].step) : -1;

		if (first >= 0)
			follow(e, n, &lp->step[first]);
	}
	for (size_t k = 0; k < n->lp->step_n; k++)
		if (n->lp->step[k].by_clock && (step_from(n->lp, &n->lp->step[k]) & to))
			follow(e, n, &n->lp->step[k]);
	n->mark = 2;
	e->depth--;
}

static void check_events(const struct check *c)
{
	struct events e = { .c = c };
	size_t n = 0;

	for (size_t i = 0; i < c->p->loop_n; i++)
		n += c->p->loop[i].step_n;
	e.at = NEW_N(c->a, n, struct node);
	for (size_t i = 0; i < c->p->loop_n; i++)
		for (size_t k = 0; k < c->p->loop[i].step_n; k++)
			e.at[e.n++] = (struct node){ &c->p->loop[i], &c->p->loop[i].step[k], 0 };
	assert(e.n == n);
	for (size_t i = 0; i < n; i++)
		if (e.at[i].mark == 0)
			visit(&e, i);
}

void check_closing(const struct check *c)
{
	for (size_t i = 0; i < c->p->loop_n; i++) {
		const struct loop *lp = &c->p->loop[i];

		check_reach(c, lp);
		check_filled(c, lp);
		check_owners(c, lp);
		for (size_t k = 0; k < lp->state_n; k++)
			check_limits(c, &lp->state[k]);
		for (size_t k = 0; k < lp->step_n; k++) {
			check_one_step(c, lp, &lp->step[k]);
			for (size_t j = 0; j < k; j++)
				check_pair(c, lp, &lp->step[j], &lp->step[k]);
		}
	}
	check_events(c);
}
