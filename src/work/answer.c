/* answer: what a submission tells: which demands it meets and why, and why others not. */
#include "work/submit.h"

#include "gen/q_step.h"
#include "work/tasks.h"

struct satisfied satisfied_of(struct op *op, const struct work *w,
		const struct q_occurrence_get *row, str how)
{
	const struct duty *d = policy_duty(w->policy, row->duty);
	struct satisfied s = {
		.occurrence = row->id, .duty = row->duty, .label = d ? d->m.label : row->duty,
		.how = how, .period = occ_period_say(op, w, row->period),
		.subject = occ_subject_say(op, w, row->subject), .due_ms = row->due_at,
	};

	if (d) {
		s.clauses = duty_clauses(op->arena, w->policy, d, row->subject, row->subject2);
		s.basis = policy_basis(w->policy, &d->m);
	}
	s.reason = str_eq(how, STR("on-time")) ? STR("按时") : str_eq(how, STR("late")) ? STR("逾期办理")
		: str_eq(how, STR("entered-late")) ? STR("按时办，补录") : STR("");
	return s;
}

/* Clauses that the step itself carries: credited, never due (pack-language §1). */
static void credit(struct plan *p, struct submitted *ret, struct satisfied *at, size_t *n)
{
	const struct step *st = p->step >= 0 ? &p->r.loop->step[p->step] : NULL;

	(void)ret;
	if (!st || !p->out.clauses.n)
		return;
	at[(*n)++] = (struct satisfied){ .label = st->m.label, .clauses = p->out.clauses,
			.reason = STR("办理即记入"), .basis = st->m.basis };
}

static struct almost_row almost_of(struct op *op, const struct work *w,
		const struct match_almost *m)
{
	const struct duty *d = policy_duty(w->policy, m->row.duty);

	return (struct almost_row){
		.occurrence = m->row.id, .duty = m->row.duty, .label = d ? d->m.label : m->row.duty,
		.why = m->why, .say = str_of(why_say(m->why)),
		.subject = occ_subject_say(op, w, m->row.subject),
		.period = occ_period_say(op, w, m->row.period),
	};
}

void submitted_fill(struct plan *p, const struct match_result *m, struct submitted *ret)
{
	struct rec *r = &p->r;
	struct op *op = r->op;
	struct satisfied *sat = NEW_N(op->arena, m->fill.n + 1, struct satisfied);
	struct almost_row *al = NEW_N(op->arena, m->almost.n, struct almost_row);
	struct q_record_get again;
	size_t n = 0;

	*ret = (struct submitted){
		.record = r->row.id, .number = r->row.number, .loop = r->loop->m.id,
		.state = rec_state(r) < 0 ? STR("") : r->loop->state[rec_state(r)].m.id,
		.version = r->row.version, .made = r->row.version == 1, .step = p->step_id,
		.again_of = r->row.again_of.v ? r->row.again_of : p->again_of,
		.spawned = p->spawned, .spawned_n = p->spawned_n, .warning = p->warning,
	};
	credit(p, ret, sat, &n);
	for (size_t i = 0; i < m->fill.n; i++) {
		sat[n] = satisfied_of(op, r->w, &m->fill.at[i].row, str_of(m->fill.at[i].how));
		sat[n++].ticked = m->fill.at[i].ticked;
	}
	for (size_t i = 0; i < m->almost.n; i++)
		al[i] = almost_of(op, r->w, &m->almost.at[i]);
	ret->satisfied = sat;
	ret->satisfied_n = n;
	ret->almost = al;
	ret->almost_n = m->almost.n;
	if (ret->again_of.v && !q_record_get(op, r->tenant, ret->again_of, &again))
		ret->again_number = again.number;
}
