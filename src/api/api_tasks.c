/*
 * api_tasks: what falls on me, or with see-unit on another or on the whole unit. The cursor is
 * the due and the id of the last line: places in an order, not a snapshot.
 */
#include "api/api_int.h"

#include "base/pubid.h"

#define PEOPLE_MAX 2000		/* of one unit: more is the hierarchy's matter */

static str cursor_make(struct op *op, const struct tasks *t)
{
	return str_fmt(op->arena, "%lld-%.*s", (long long)t->after_due,
		       STR_ARG(pubid_make(op->arena, op->scope->tenant, t->after_ref)));
}

static enum err cursor_read(struct op *op, str text, int64_t *ret_due, int64_t *ret_ref)
{
	tenant_id tenant;
	str due = text, id = STR_NONE;
	ptrdiff_t at = text.len ? str_find(text, STR("-"), 1) : -1;

	*ret_due = INT64_MIN;
	*ret_ref = 0;
	if (!text.len)
		return ERR_OK;
	if (at > 0) {
		due = str_slice(text, 0, (size_t)at);
		id = str_slice(text, (size_t)at + 1, text.len);
	}
	if (at < 0 || !str_to_i64(due, ret_due) || !pubid_read(id, &tenant, ret_ref))
		return INVALID(op, STR("after"), "游标不对，请从头读起");
	return ERR_OK;
}

static void steps(struct jw *w, const struct task *t)
{
	if (str_eq(t->item, STR("oversee")))
		jw_kv(w, "step", STR("oversee"));
	else if (t->start)
		jw_kv(w, "step", t->start->m.id);
	jw_text(w, "waits_for", t->steps);
	jw_strs(w, "steps", &t->step_ids);
}

static void task(struct jw *w, const struct op *op, const struct task *t)
{
	jw_obj(w);
	jw_kv(w, "item", t->item);
	jw_kv(w, "label", t->label);
	jw_text(w, "detail", t->detail);
	jw_text(w, "subject", t->subject);
	jw_text(w, "period", t->period);
	jw_text(w, "number", t->number);
	jw_id(w, op, "record", t->record.v);
	jw_id(w, op, "occurrence", t->occurrence.v);
	if (t->loop)
		jw_kv(w, "loop", t->loop->m.id);
	if (t->duty)
		jw_kv(w, "duty", t->duty->m.id);
	steps(w, t);
	jw_strs(w, "clauses", &t->clauses);
	if (t->basis != BASIS_UNSET)
		jw_kv(w, "basis", str_of(basis_word(t->basis)));
	jw_moment(w, op, "from", t->from_ms);
	jw_moment(w, op, "due", t->due_ms);
	jw_kv_bool(w, "late", t->late);
	if (t->stand_in)
		jw_kv_bool(w, "stand_in", true);
	jw_key(w, "minutes");
	jw_obj(w);
	jw_kv_int(w, "do", t->minutes_do);
	jw_kv_int(w, "record", t->minutes_record);
	jw_end(w);
	if (t->demand_n)
		jw_satisfied(w, op, "demands", t->demand, t->demand_n);
	jw_end(w);
}

static bool on_day(const struct op *op, const struct task *t, day_no on)
{
	if (on == DAY_NONE)
		return true;
	return t->due_ms != INSTANT_OPEN &&
	       instant_day(t->due_ms - 1, op->clock->utc_offset_ms) == on;
}

static enum tasks_of which_of(str state)
{
	if (str_eq(state, STR("done")))
		return TASKS_DONE;
	return str_eq(state, STR("late")) ? TASKS_LATE : TASKS_OPEN;
}

static void items(struct jw *w, const struct op *op, const struct tasks *t, day_no on)
{
	for (size_t i = 0; i < t->n; i++)
		if (on_day(op, &t->at[i], on))
			task(w, op, &t->at[i]);
}

/* Of one person, page by page. */
static enum err of_person(struct req *rq, struct reply *rp, person_id person)
{
	const struct form_api_tasks *f = rq->form;
	struct tasks t;
	int64_t due, ref;
	struct jw w;

	TRY(cursor_read(rq->op, f->after, &due, &ref));
	enum err e = tasks_list(rq->op, which_of(f->state), person, due, ref,
				f->limit == FORM_ABSENT ? 50 : f->limit, &t);
	if (e == ERR_NOTFOUND) {	/* no plan adopted yet: nothing falls on anybody */
		op_clear_error(rq->op);
		t = (struct tasks){ 0 };
		e = ERR_OK;
	}
	TRY(e);
	api_begin(rq, rp, &w);
	jw_key(&w, "tasks");
	jw_arr(&w);
	items(&w, rq->op, &t, f->on);
	jw_end(&w);
	jw_kv_int(&w, "late", t.late_n);
	jw_kv_int(&w, "today", t.today_n);
	jw_kv_int(&w, "minutes_record", t.minutes_record);
	if (t.more)
		jw_kv(&w, "after", cursor_make(rq->op, &t));
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* Of everybody: a line for each person who has something; `limit` lines of each. */
static enum err of_unit(struct req *rq, struct reply *rp, unit_id unit)
{
	const struct form_api_tasks *f = rq->form;
	struct op *op = rq->op;
	struct org_view v;
	struct jw w;

	TRY(scope_require(op, CAP_SEE_UNIT));
	TRY(org_view_load(op, op->scope->tenant, op->now_ms, op->now_ms + 1, INT64_MAX, &v));
	TRY(own_unit(rq, &v, unit));
	api_begin(rq, rp, &w);
	jw_key(&w, "people");
	jw_arr(&w);
	for (size_t i = 0; i < v.person_n && i < PEOPLE_MAX; i++) {
		struct tasks t;

		TRY(tasks_list(op, which_of(f->state), v.person[i].id, INT64_MIN, 0,
			       f->limit == FORM_ABSENT ? 50 : f->limit, &t));
		if (!t.n)
			continue;
		jw_obj(&w);
		jw_person(&w, op, "person", &v, v.person[i].id);
		jw_key(&w, "tasks");
		jw_arr(&w);
		items(&w, op, &t, f->on);
		jw_end(&w);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

enum err api_tasks(struct req *rq, struct reply *rp)
{
	const struct form_api_tasks *f = rq->form;
	int64_t person, unit;

	TRY(query_ref(rq->op, "person", f->person, REF_PERSON, &person));
	TRY(query_ref(rq->op, "unit", f->unit, REF_UNIT, &unit));
	if (person && person != rq->op->scope->person.v)
		TRY(scope_require(rq->op, CAP_SEE_UNIT));
	if (unit && !person)
		return of_unit(rq, rp, (unit_id){ unit });
	return of_person(rq, rp, (person_id){ person ? person : rq->op->scope->person.v });
}
