/* turn: see turn.h. Proposals are read from the view; the change is org's facts, once followed. */
#include "work/turn.h"

#include <stdlib.h>

#include "org/class_no.h"
#include "store/store.h"
#include "work/orgchange.h"
#include "work/submit.h"

/* Only what the pack calls a class (unit kind of per: class). */
#define CLASS_KIND "class"

struct class_seat { const struct ov_unit *unit; struct class_no at; };
struct seats { struct class_seat *at; size_t n; };

static int by_grade(const void *a, const void *b)
{
	const struct class_seat *x = a, *y = b;

	if (x->at.grade != y->at.grade)
		return x->at.grade < y->at.grade ? -1 : 1;
	return (x->at.no > y->at.no) - (x->at.no < y->at.no);
}

static bool lasts(int64_t from_ms, int64_t to_ms, int64_t at_ms)
{
	return from_ms <= at_ms && at_ms < to_ms;
}

static struct seats seats_of(struct op *op, const struct org_view *v)
{
	struct seats s = { NEW_N(op->arena, v->unit_n, struct class_seat), 0 };

	for (size_t i = 0; i < v->unit_n; i++) {
		const struct ov_unit *u = &v->unit_at[i];
		struct class_no at;

		if (str_eq(u->kind, STR(CLASS_KIND)) && lasts(u->from_ms, u->to_ms, op->now_ms) &&
		    class_no_is(op->arena, u->name, &at) && at.no)
			s.at[s.n++] = (struct class_seat){ u, at };
	}
	if (s.n)
		qsort(s.at, s.n, sizeof(s.at[0]), by_grade);
	return s;
}

static const struct ov_appointment *holder(const struct org_view *v, unit_id unit, str post,
					   int64_t at_ms)
{
	for (size_t i = 0; i < v->appointment_n; i++) {
		const struct ov_appointment *a = &v->appointment[i];

		if (a->unit.v == unit.v && str_eq(a->post, post) &&
		    lasts(a->from_ms, a->to_ms, at_ms))
			return a;
	}
	return NULL;
}

/* One grade below with the same number; below the lowest is the highest. */
static const struct class_seat *seat_below(const struct seats *s, const struct class_seat *of)
{
	int lowest = s->at[0].at.grade, highest = s->at[s->n - 1].at.grade;
	int grade = of->at.grade == lowest ? highest : of->at.grade - 1;

	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].at.grade == grade && s->at[i].at.no == of->at.no)
			return &s->at[i];
	return NULL;
}

static bool post_of_classes(const struct work *w, const struct seats *s, str post, int64_t at_ms)
{
	for (size_t i = 0; i < s->n; i++)
		if (holder(w->org, s->at[i].unit->id, post, at_ms))
			return true;
	return false;
}

static struct turn_row row_of(const struct work *w, const struct seats *s,
			      const struct class_seat *seat, str post, int64_t at_ms)
{
	const struct class_seat *below = seat_below(s, seat);
	const struct ov_appointment *now = holder(w->org, seat->unit->id, post, at_ms),
		*next = below ? holder(w->org, below->unit->id, post, at_ms) : NULL;

	return (struct turn_row){ .unit = seat->unit->id, .name = seat->unit->name, .post = post,
				  .now = now ? now->person : (person_id){ 0 },
				  .next = next ? next->person : (person_id){ 0 },
				  .from = next ? below->unit->name : STR("") };
}

enum err turn_propose(struct op *op, struct turn_row **ret, size_t *ret_n)
{
	const struct work *w;
	VEC(struct turn_row) rows = { 0 };

	TRY(work_load(op, op->scope->tenant, &w));
	struct seats s = seats_of(op, w->org);
	for (size_t p = 0; p < w->policy->post_n; p++) {
		str post = w->policy->post[p].m.id;

		if (!post_of_classes(w, &s, post, op->now_ms))
			continue;
		for (size_t i = 0; i < s.n; i++)
			*VEC_PUSH(op->arena, &rows) = row_of(w, &s, &s.at[i], post, op->now_ms);
	}
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

/* --- the turn --- */

/* What he kept of the rooms of the class falls to the next, in the same roles. */
static enum err rooms_pass(struct op *op, const struct org_view *v, str class_name, person_id was,
			   person_id next, int64_t from_ms)
{
	for (size_t i = 0; i < v->keeper_n; i++) {
		const struct ov_keeper *k = &v->keeper[i];
		const struct ov_place *p = ov_place(v, k->place);
		keeper_id id;

		if (k->person.v != was.v || !lasts(k->from_ms, k->to_ms, from_ms) || !p ||
		    !str_starts(p->name, class_name))
			continue;
		TRY(org_keeper_set(op, &(struct new_keeper){ .place = k->place, .person = next,
							     .role = k->role, .from_ms = from_ms,
							     .to_ms = INSTANT_OPEN }, &id));
	}
	return ERR_OK;
}

static enum err seat_turn(struct op *op, const struct work *w, const struct turn_choice *c,
			  int64_t from_ms, size_t *moved)
{
	const struct ov_unit *u = ov_unit(w->org, c->unit);
	const struct ov_appointment *was;
	appointment_id id;

	if (!u || !str_eq(u->kind, STR(CLASS_KIND)) || !policy_post(w->policy, c->post) ||
	    (c->person.v && !ov_person(w->org, c->person)))
		return INVALID(op, STR("from"), "班级、岗位或人员有变动，请刷新后再安排");
	was = holder(w->org, c->unit, c->post, from_ms);
	if ((was ? was->person.v : 0) == c->person.v)
		return ERR_OK;
	if (was)
		TRY(org_appointment_end(op, was->id, from_ms));
	if (c->person.v)
		TRY(org_appoint(op, &(struct new_appointment){ .person = c->person,
							       .post = c->post, .unit = c->unit,
							       .from_ms = from_ms,
							       .to_ms = INSTANT_OPEN }, &id));
	if (was && c->person.v)
		TRY(rooms_pass(op, w->org, u->name, was->person, c->person, from_ms));
	*moved += 1;
	return ERR_OK;
}

enum err change_turn(struct op *op, const struct turn_choice *c, size_t n, int64_t from_ms,
		     size_t *ret_moved)
{
	const struct work *w;

	*ret_moved = 0;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(work_load(op, op->scope->tenant, &w));
	for (size_t i = 0; i < n; i++)
		TRY(seat_turn(op, w, &c[i], from_ms, ret_moved));
	TRY(org_follow(op, op->scope->tenant));
	return tx_commit(&tx);
}
