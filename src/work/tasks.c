/*
 * tasks: what falls on a person, as lines. A row of `todo` is one item; a line is what one
 * submitted form can serve: open duties with one group key, at most one occurrence of a
 * duty and subject in it, because one record fills at most one. Grouping is display: rows
 * are read whole (a person has tens of them), grouped, and only then cut into pages, so
 * that a line never falls apart between two pages.
 *
 * Minutes of a line: recording once, for it is one form; doing once for each subject.
 */
#include "work/tasks.h"

#include "base/idgen.h"
#include "gen/q_list.h"
#include "work/occur.h"
#include "work/submit.h"

#define TODO_CHUNK 500
#define TODO_ROWS_MAX 5000	/* beyond that nobody reads: the rest comes when these are done */
#define SUBJECTS_SAID 3

struct line {
	struct q_todo_lines first;
	const struct duty *duty;	/* of item duty; NULL: no longer in the policy */
	VEC(struct q_todo_lines) row;	/* more than one only of item duty */
};
/* The step that begins what proves a duty: asked once, however many lines it is for. */
struct begin { const struct proof *of; const struct step *step; };
struct lines {
	struct line *at;
	size_t n, cap;
	VEC(struct begin) begin;
};

/* --- clauses --- */

static bool strs_has(const struct strs *s, str x)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->at[i], x))
			return true;
	return false;
}

static void strs_add(struct arena *a, struct strs *s, const struct strs *more)
{
	str *at = NEW_N(a, s->n + more->n, str);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		at[n++] = s->at[i];
	for (size_t i = 0; i < more->n; i++)
		if (!strs_has(&(struct strs){ at, n }, more->at[i]))
			at[n++] = more->at[i];
	*s = (struct strs){ at, n };
}

static void entry_clauses(struct arena *a, const struct policy *p, str subject, struct strs *ret)
{
	struct subject s;
	const struct entry *e = NULL;

	if (subject.len && subject_parse(subject, &s) && s.kind == SUB_ENTRY)
		e = entry_of_word(p, s.word);
	if (e)
		strs_add(a, ret, &e->m.clauses);
}

struct strs duty_clauses(struct arena *a, const struct policy *p, const struct duty *d, str subject,
			 str subject2)
{
	struct strs all = { 0 };

	for (size_t i = 0; i < d->m.clauses.n; i++) {
		if (!str_eq(d->m.clauses.at[i], STR("entry.clause"))) {
			strs_add(a, &all, &(struct strs){ &d->m.clauses.at[i], 1 });
			continue;
		}
		entry_clauses(a, p, subject, &all);
		entry_clauses(a, p, subject2, &all);
	}
	return all;
}

/* --- rows into lines --- */

static bool same_place(const struct q_todo_lines *x, const struct q_todo_lines *y)
{
	return str_eq(x->duty, y->duty) && str_eq(x->subject, y->subject)
		&& str_eq(x->subject2, y->subject2);
}

static bool takes(const struct line *l, const struct q_todo_lines *row)
{
	if (!str_eq(l->first.item, STR("duty")) || !str_eq(l->first.group_key, row->group_key))
		return false;
	for (size_t i = 0; i < l->row.n; i++)
		if (same_place(&l->row.at[i], row))
			return false;
	return true;
}

static void line_add(struct op *op, const struct work *w, struct lines *ls,
		     const struct q_todo_lines *row)
{
	struct line *to = NULL;
	bool duty = str_eq(row->item, STR("duty"));

	for (size_t i = 0; duty && i < ls->n && !to; i++)
		if (takes(&ls->at[i], row))
			to = &ls->at[i];
	if (!to) {
		to = VEC_PUSH(op->arena, ls);
		to->first = *row;
		to->duty = duty ? policy_duty(w->policy, row->duty) : NULL;
	}
	struct q_todo_lines *mine = VEC_PUSH(op->arena, &to->row);
	*mine = *row;
}

/* Another's sealed records are not told to whoever may not see them. */
static bool shown(struct op *op, const struct work *w, const struct q_todo_lines *row)
{
	struct rec r;

	if (!row->sealed)
		return true;
	return !rec_load(op, w, (record_id){ row->ref_id }, &r) && rec_visible(&r);
}

static enum err lines_read(struct op *op, const struct work *w, person_id who, bool late,
			   struct lines *ret)
{
	int64_t due = INT64_MIN, ref = 0;
	bool own = who.v == op->scope->person.v;

	*ret = (struct lines){ 0 };
	for (size_t rows = 0; rows < TODO_ROWS_MAX; rows += TODO_CHUNK) {
		struct q_todo_lines *row;
		size_t n;

		TRY(q_todo_lines(op, &(struct q_todo_lines_in){ .tenant = w->org->tenant,
			.person = who, .after_due = due, .after_ref = ref, .now = op->now_ms,
			.limit = TODO_CHUNK }, &row, &n));
		for (size_t i = 0; i < n; i++) {
			if (late && row[i].due_at > op->now_ms)
				return ERR_OK;	/* by due: the rest is not late */
			if (own || shown(op, w, &row[i]))
				line_add(op, w, ret, &row[i]);
		}
		if (n < TODO_CHUNK)
			return ERR_OK;
		due = row[n - 1].due_at;
		ref = row[n - 1].ref_id;
	}
	return ERR_OK;
}

/* --- what fulfils a duty --- */

static bool step_fits(const struct proof *f, const struct loop *lp, const struct step *st)
{
	if (!st->from_start || st->by_clock)
		return false;
	if (f->step.len)
		return str_eq(st->m.id, f->step);
	return st->to >= 0 && str_eq(lp->state[st->to].m.id, f->state);
}

/* The start step that leads to the proof: directly if there is one, else any that he may take. */
static const struct step *start_of(struct op *op, const struct work *w, const struct proof *f,
				   const struct loop *lp, person_id who)
{
	struct rec r;
	const struct step *open = NULL;

	if (rec_begin(op, w, lp->m.id, &r))
		return NULL;
	r.m.ctx = &r;
	r.m.fields = &r.fields;
	struct machine_ctx c = rec_ctx(&r);
	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *st = &lp->step[i];
		struct who_hit hat;
		size_t hats;

		if (!st->from_start || st->by_clock)
			continue;
		enum verdict v = machine_may(op->arena, &c, &r.m, (int)i, (struct actor){
			.person = who, .typist = who,
		}, &hat, &hats);
		if (v != MAY && v != MAY_OVERRIDE)
			continue;
		if (step_fits(f, lp, st))
			return st;
		if (!open)
			open = st;
	}
	return f->step.len ? NULL : open;
}

/* The record that the duty is about, when its own loop proves it: the step is taken there. */
static record_id record_of(const struct duty *d, const struct proof *f, str subject)
{
	struct subject s;

	if (d->per[0].kind != SUB_RECORD || !str_eq(d->per[0].of, f->loop))
		return (record_id){ 0 };
	return subject.len && subject_parse(subject, &s) ? (record_id){ s.id } : (record_id){ 0 };
}

const struct proof *duty_proof(const struct duty *d)
{
	const struct proof *f = d->proof_n ? &d->proof[0] : NULL;

	if (f && f->mode == PROOF_ALL)
		return f->part_n ? &f->part[0] : NULL;
	return f && f->mode == PROOF_ONE ? f : NULL;
}

static bool same_proof(const struct proof *x, const struct proof *y)
{
	return x == y || (str_eq(x->loop, y->loop) && str_eq(x->step, y->step)
			  && str_eq(x->state, y->state));
}

static const struct step *begin_of(struct op *op, const struct work *w, struct lines *ls,
				   const struct proof *f, const struct loop *lp, person_id who)
{
	for (size_t i = 0; i < ls->begin.n; i++)
		if (same_proof(ls->begin.at[i].of, f))
			return ls->begin.at[i].step;
	const struct step *st = start_of(op, w, f, lp, who);
	*VEC_PUSH(op->arena, &ls->begin) = (struct begin){ f, st };
	return st;
}

static void task_start(struct op *op, const struct work *w, struct lines *ls, const struct line *l,
		       person_id who, struct task *t)
{
	const struct proof *f = l->duty ? duty_proof(l->duty) : NULL;

	if (!f)
		return;
	t->loop = policy_loop(w->policy, f->loop);
	t->record = record_of(l->duty, f, l->first.subject);
	if (t->loop && !t->record.v)
		t->start = begin_of(op, w, ls, f, t->loop, who);
}

/* --- lines as tasks --- */

static struct satisfied demand_of(struct op *op, const struct work *w,
	const struct q_todo_lines *row)
{
	struct q_occurrence_get o = { .id = { row->ref_id }, .duty = row->duty,
		.subject = row->subject, .subject2 = row->subject2, .period = row->period,
		.due_at = row->due_at };

	return satisfied_of(op, w, &o, STR(""));
}

/* 三(1)班、三(2)班等 5 处 */
static str subjects_say(struct op *op, const struct line *l)
{
	str said[SUBJECTS_SAID];
	size_t n = 0, all = 0;

	for (size_t i = 0; i < l->row.n; i++) {
		str s = l->row.at[i].detail;
		bool had = !s.len;

		for (size_t k = 0; k < i && !had; k++)
			had = str_eq(l->row.at[k].detail, s);
		if (had)
			continue;
		if (n < SUBJECTS_SAID)
			said[n++] = s;
		all++;
	}
	str text = str_join(op->arena, said, n, STR("、"));
	return all > n ? str_fmt(op->arena, "%.*s等 %zu 项", STR_ARG(text), all) : text;
}

static void minutes_of(const struct line *l, struct task *t)
{
	for (size_t i = 0; i < l->row.n; i++) {
		int32_t most = l->row.at[i].minutes_do;
		bool counted = false;

		for (size_t k = 0; k < l->row.n; k++) {
			const struct q_todo_lines *o = &l->row.at[k];

			if (!str_eq(o->subject, l->row.at[i].subject)
			    || !str_eq(o->subject2, l->row.at[i].subject2))
				continue;
			counted |= k < i;
			if (o->minutes_do > most)
				most = o->minutes_do;
		}
		if (!counted)
			t->minutes_do += most;
		if (l->row.at[i].minutes_record > t->minutes_record)
			t->minutes_record = l->row.at[i].minutes_record;
	}
}

static void task_duty(struct op *op, const struct work *w, struct lines *ls, const struct line *l,
		      person_id who, struct task *t)
{
	struct satisfied *d = NEW_N(op->arena, l->row.n, struct satisfied);

	for (size_t i = 0; i < l->row.n; i++) {
		d[i] = demand_of(op, w, &l->row.at[i]);
		strs_add(op->arena, &t->clauses, &d[i].clauses);
		if (d[i].basis != BASIS_UNSET && (t->basis == BASIS_UNSET || d[i].basis < t->basis))
			t->basis = d[i].basis;	/* the strongest comes first */
	}
	t->demand = d;
	t->demand_n = l->row.n;
	t->duty = l->duty;
	t->occurrence = (occurrence_id){ l->first.ref_id };
	t->subject = d[0].subject;
	t->about = l->first.subject;
	t->period = d[0].period;
	t->detail = subjects_say(op, l);
	task_start(op, w, ls, l, who, t);
}

/*
 * Labels of the steps that the record waits for, 、 between them: those of the one on whom the
 * state falls, else all that leave it. Who oversees a letter waits for 签名, not for 撤回.
 */
static str steps_say(struct arena *a, const struct loop *lp, int state)
{
	str *own = NEW_N(a, lp->step_n, str), *all = NEW_N(a, lp->step_n, str);
	size_t own_n = 0, all_n = 0;

	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *st = &lp->step[i];

		if (st->by_clock || (!st->from_any && !(st->from >> state & 1)))
			continue;
		if (str_eq(st->by_text, lp->state[state].owner_text))
			own[own_n++] = st->m.label;
		if (st->to >= 0 && st->to != state)
			all[all_n++] = st->m.label;
	}
	return own_n ? str_join(a, own, own_n, STR("、")) : str_join(a, all, all_n, STR("、"));
}

static struct strs step_ids(struct arena *a, const struct loop *lp, int state)
{
	str *id = NEW_N(a, lp->step_n, str);
	size_t n = 0;

	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *st = &lp->step[i];

		if (!st->by_clock && (st->from_any || st->from >> state & 1))
			id[n++] = st->m.id;
	}
	return (struct strs){ id, n };
}

static enum err task_record(struct op *op, const struct work *w, const struct q_todo_lines *row,
			    struct task *t)
{
	const struct policy *p = w->policy;

	t->record = (record_id){ row->ref_id };
	if (row->composition_id != w->composition)
		TRY(work_policy_of(op, w->org->tenant, row->composition_id, &p));
	t->loop = policy_loop(p, row->loop);
	int state = t->loop ? loop_state(t->loop, row->state) : -1;
	if (state < 0)
		return FAIL(op, ERR_CORRUPT, "任务所在的闭环不在它的方案里");
	t->clauses = t->loop->m.clauses;
	t->basis = policy_basis(p, &t->loop->m);
	t->step_ids = step_ids(op->arena, t->loop, state);
	t->steps = str_eq(row->item, STR("oversee")) ? steps_say(op->arena, t->loop, state)
		: t->loop->state[state].m.label;
	return ERR_OK;
}

static enum err task_of(struct op *op, const struct work *w, struct lines *ls,
			const struct line *l, person_id who, struct task *t)
{
	const struct q_todo_lines *row = &l->first;

	*t = (struct task){ .item = row->item, .label = row->label, .detail = row->detail,
		.number = row->number, .from_ms = row->from_at, .due_ms = row->due_at,
		.late = row->due_at <= op->now_ms, .stand_in = row->stand_in,
		.group_key = row->group_key };
	minutes_of(l, t);
	if (!row->duty.len)
		return task_record(op, w, row, t);
	task_duty(op, w, ls, l, who, t);
	return ERR_OK;
}

/* --- pages --- */

static bool after(const struct line *l, int64_t due, int64_t ref)
{
	if (!ref)
		return true;
	return l->first.due_at > due || (l->first.due_at == due && l->first.ref_id > ref);
}

static void totals(const struct op *op, const struct lines *ls, struct tasks *ret)
{
	day_no today = instant_day(op->now_ms, op->clock->utc_offset_ms);

	for (size_t i = 0; i < ls->n; i++) {
		const struct q_todo_lines *row = &ls->at[i].first;
		struct task t = { 0 };

		minutes_of(&ls->at[i], &t);
		ret->minutes_record += t.minutes_record;
		if (row->due_at <= op->now_ms)
			ret->late_n++;
		else if (row->due_at != INSTANT_OPEN
			 && instant_day(row->due_at - 1, op->clock->utc_offset_ms) == today)
			ret->today_n++;
	}
}

static enum err tasks_open(struct op *op, const struct work *w, person_id who, bool late,
			   int64_t after_due, int64_t after_ref, int64_t limit, struct tasks *ret)
{
	struct lines ls;

	TRY(lines_read(op, w, who, late, &ls));
	*ret = (struct tasks){ .at = NEW_N(op->arena, (size_t)limit, struct task) };
	totals(op, &ls, ret);
	for (size_t i = 0; i < ls.n; i++) {
		if (!after(&ls.at[i], after_due, after_ref))
			continue;
		if ((int64_t)ret->n == limit) {
			ret->more = true;
			break;
		}
		TRY(task_of(op, w, &ls, &ls.at[i], who, &ret->at[ret->n++]));
		ret->after_due = ls.at[i].first.due_at;
		ret->after_ref = ls.at[i].first.ref_id;
	}
	return ERR_OK;
}

/* --- done --- */

static enum err done_demands(struct op *op, const struct work *w, record_id id, struct task *t)
{
	struct q_satisfactions_of_record *row;
	size_t n;

	TRY(q_satisfactions_of_record(op, w->org->tenant, id, &row, &n));
	struct satisfied *d = NEW_N(op->arena, n, struct satisfied);
	for (size_t i = 0; i < n; i++) {
		struct q_occurrence_get o;

		if (!str_eq(row[i].kind, STR("fills")))
			continue;
		TRY(q_occurrence_get(op, w->org->tenant, row[i].occurrence_id, &o));
		d[t->demand_n] = satisfied_of(op, w, &o, row[i].how);
		strs_add(op->arena, &t->clauses, &d[t->demand_n++].clauses);
	}
	t->demand = d;
	if (t->demand_n)
		t->occurrence = d[0].occurrence;
	return ERR_OK;
}

static enum err task_done(struct op *op, const struct work *w, const struct q_done_lines *row,
			  struct task *t)
{
	const struct policy *p = w->policy;

	*t = (struct task){ .item = STR("step"), .record = row->record_id, .detail = row->title,
		.number = row->number, .from_ms = row->at, .due_ms = row->due_at };
	if (row->composition_id != w->composition)
		TRY(work_policy_of(op, w->org->tenant, row->composition_id, &p));
	t->loop = policy_loop(p, row->loop);
	int st = t->loop && !row->built_in ? loop_step_index(t->loop, row->step) : -1;
	str label = t->loop ? t->loop->m.label : row->loop;
	t->label = st < 0 ? label : str_fmt(op->arena, "%.*s：%.*s", STR_ARG(label),
					   STR_ARG(t->loop->step[st].m.label));
	t->steps = row->step;
	return done_demands(op, w, row->record_id, t);
}

static int64_t midnight(const struct op *op)
{
	int32_t off = op->clock->utc_offset_ms;

	return day_start_ms(instant_day(op->now_ms, off), off);
}

static enum err tasks_done(struct op *op, const struct work *w, person_id who, bool today,
			   int64_t after_ref, int64_t limit, struct tasks *ret)
{
	struct q_done_lines *row;
	size_t n;
	step_id before = { after_ref ? after_ref : INT64_MAX }, from = { 0 };
	bool own = who.v == op->scope->person.v;

	if (today)
		from.v = idgen_floor(midnight(op));
	TRY(q_done_lines(op, w->org->tenant, who, before, from, limit + 1, &row, &n));
	*ret = (struct tasks){ .at = NEW_N(op->arena, n, struct task), .more = (int64_t)n > limit };
	for (size_t i = 0; i < n && (int64_t)i < limit; i++) {
		struct q_todo_lines as = { .sealed = row[i].sealed, .ref_id = row[i].record_id.v };

		ret->after_ref = row[i].id.v;
		if (own || shown(op, w, &as))
			TRY(task_done(op, w, &row[i], &ret->at[ret->n++]));
	}
	return ERR_OK;
}

enum err tasks_list(struct op *op, enum tasks_of which, person_id person, int64_t after_due,
		    int64_t after_ref, int64_t limit, struct tasks *ret)
{
	const struct work *w;
	person_id who = person.v ? person : op->scope->person;

	if (limit < 1 || limit > LIST_LIMIT_MAX)
		limit = LIST_LIMIT_MAX;
	TRY(work_load(op, op->scope->tenant, &w));
	if (who.v != op->scope->person.v) {
		TRY(scope_require(op, CAP_SEE_UNIT));
		if (!ov_person(w->org, who))
			return ERR_NOTFOUND;
	}
	if (!who.v) {	/* an administrator without person: nothing falls on him */
		*ret = (struct tasks){ 0 };
		return ERR_OK;
	}
	if (which == TASKS_DONE || which == TASKS_DONE_TODAY)
		return tasks_done(op, w, who, which == TASKS_DONE_TODAY, after_ref, limit, ret);
	return tasks_open(op, w, who, which == TASKS_LATE, after_due, after_ref, limit, ret);
}
