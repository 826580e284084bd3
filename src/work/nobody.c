/*
 * nobody: the holes of the engine itself (pack-language §2, §5): an open record or occurrence
 * for which nobody is present (G200), and a record of which nobody is left who may check it,
 * because all who could did the work (G330). An empty answer is a hole, never silence. Whom
 * things fall on is kept as rows of `todo`; what is on nobody's list is found there, so that
 * looking costs no evaluation of people.
 */
#include "gen/q_record.h"
#include "gen/q_state.h"
#include "work/occur.h"
#include "work/tasks.h"

#define NOBODY_MAX 200		/* holes of one kind: more say nothing new */

static void hole_put(struct op *op, struct holes *hs, const char *code, struct subject s, str say)
{
	struct hole *h = VEC_PUSH(op->arena, hs);

	*h = (struct hole){ .code = str_of(code), .severity = SEV_ERROR, .subject = s,
			.sentence = say, .fix = STR("reassign") };
	hs->errors++;
}

static enum err of_records(struct op *op, const struct work *w, struct holes *hs)
{
	struct q_records_of_nobody *row;
	size_t n;

	TRY(q_records_of_nobody(op, w->org->tenant, NOBODY_MAX, &row, &n));
	for (size_t i = 0; i < n; i++) {
		const struct policy *p;
		const struct loop *lp;
		int st;

		TRY(work_policy_of(op, w->org->tenant, row[i].composition_id, &p));
		lp = policy_loop(p, row[i].loop);
		st = lp ? loop_state(lp, row[i].state) : -1;
		if (st < 0 || lp->state[st].pause || !lp->state[st].owner)
			continue;
		hole_put(op, hs, "G200", (struct subject){ .kind = SUB_RECORD, .id = row[i].id.v },
			 str_fmt(op->arena, "%.*s %.*s：%.*s，没有人在岗可办", STR_ARG(lp->m.label),
				 STR_ARG(row[i].number), STR_ARG(lp->state[st].m.label)));
	}
	return ERR_OK;
}

/* A place without its keeper is a hole already; what falls on that keeper is not a second one. */
static bool known_hole(const struct holes *hs, size_t n, const struct subject *s)
{
	for (size_t i = 0; i < n; i++)
		if (s->id && hs->at[i].subject.kind == s->kind && hs->at[i].subject.id == s->id &&
		    hs->at[i].severity == SEV_ERROR)
			return true;
	return false;
}

static enum err of_occurrences(struct op *op, const struct work *w, struct holes *hs)
{
	struct q_occurrences_of_nobody *row;
	size_t n, before = hs->n;

	TRY(q_occurrences_of_nobody(op, w->org->tenant, NOBODY_MAX, &row, &n));
	for (size_t i = 0; i < n; i++) {
		const struct duty *d = policy_duty(w->policy, row[i].duty);
		struct subject s = { .kind = SUB_UNIT, .id = w->org->unit.v };
		str about = occ_subject_say(op, w, row[i].subject);

		if (!d || d->group == GROUP_NONE)
			continue;
		if (row[i].subject.len && !subject_parse(row[i].subject, &s))
			continue;
		if (known_hole(hs, before, &s))
			continue;
		/* who has left owes nothing more: of an earlier year it may still be there */
		if (s.kind == SUB_PERSON && !ov_person(w->org, (person_id){ s.id }))
			continue;
		hole_put(op, hs, "G200", s,
			 str_fmt(op->arena, "%.*s%s%.*s：没有人在岗可办", STR_ARG(d->m.label),
				 about.len ? "，" : "", STR_ARG(about)));
	}
	return ERR_OK;
}

static bool asks_another(const struct loop *lp, int state)
{
	for (size_t i = 0; i < lp->step_n; i++)
		if (lp->step[i].not_by && (lp->step[i].from_any ||
					   (lp->step[i].from >> state & 1)))
			return true;
	return false;
}

static enum err dependent(struct op *op, const struct work *w, record_id id, struct holes *hs)
{
	struct rec r;
	bool alone = false;

	TRY(rec_load(op, w, id, &r));
	struct machine_ctx c = rec_ctx(&r);
	(void)machine_owners(op->arena, &c, &r.m, &alone);
	if (alone)
		hole_put(op, hs, "G330", (struct subject){ .kind = SUB_RECORD, .id = id.v },
			 str_fmt(op->arena, "%.*s %.*s：办过的人不能自己核实，没有别人可以",
				 STR_ARG(r.loop->m.label), STR_ARG(r.row.number)));
	return ERR_OK;
}

/* Only states with a step that another must take can lack one: few records at a time. */
static enum err of_checkers(struct op *op, const struct work *w, struct holes *hs)
{
	for (size_t i = 0; i < w->policy->loop_n; i++) {
		const struct loop *lp = &w->policy->loop[i];

		for (size_t s = 0; s < lp->state_n; s++) {
			struct q_records_standing *row;
			size_t n;

			if (lp->state[s].final || !asks_another(lp, (int)s))
				continue;
			TRY(q_records_standing(op, w->org->tenant, lp->m.id, lp->state[s].m.id,
					(record_id){ 0 }, NOBODY_MAX, &row, &n));
			for (size_t k = 0; k < n; k++)
				TRY(dependent(op, w, row[k].id, hs));
		}
	}
	return ERR_OK;
}

enum err nobody_holes(struct op *op, const struct work *w, struct holes *hs)
{
	TRY(of_records(op, w, hs));
	TRY(of_occurrences(op, w, hs));
	return of_checkers(op, w, hs);
}
