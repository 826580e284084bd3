/*
 * wake: time as an actor. Rows carry the moment at which time acts on them next
 * (wake_at); a job finds the earliest, over all tenants, and does what is due in one
 * operation: steps by clock, rungs of ladders, occurrences that open or are missed, and
 * once a day the expansion. Nothing here decides: limits and ladders are the pack's.
 */
#include "work/submit.h"

#include "base/limits.h"
#include "gen/q_policy.h"
#include "store/store.h"

#define WAKE_ROWS_MAX 100	/* of each kind in one operation: the writer is not held for long */

/* --- records --- */

static enum err clock_step(struct plan *p, int step)
{
	struct rec *r = &p->r;
	struct op *op = r->op;
	struct machine_ctx c = rec_ctx(r);
	struct vmap none = { 0 };
	struct tally_lines was;
	struct match_result m;

	p->step = step;
	p->by_clock = true;
	p->again_of = r->row.again_of;
	p->again_n = r->row.again_n;
	tallies_of(r, &was);
	machine_take(op->arena, &c, &r->m, step, (struct actor){ 0 }, &none, &p->out);
	if (p->out.faults)
		return FAIL(op, ERR_CORRUPT, "到点的步骤 %.*s 不能自动办理：%.*s",
			    STR_ARG(r->loop->step[step].m.id), STR_ARG(p->out.faults->message));
	TRY(plan_apply(p));
	return record_follow(p, &was, NULL, 0, &m);
}

enum err clock_take(struct op *op, const struct work *w, record_id id, int depth,
		bool *ret_org_changed)
{
	for (int i = 0; i < FOLLOW_DEPTH_MAX; i++) {
		struct plan p = { .step = -1, .depth = depth };
		int step = -1;

		TRY(rec_load(op, w, id, &p.r));
		plan_bind(&p);
		if (p.r.row.is_void)
			return ERR_OK;
		struct machine_ctx c = rec_ctx(&p.r);
		int64_t at = machine_clock_step(op->arena, &c, &p.r.m, &step);
		if (at > op->now_ms || step < 0) {
			int64_t wake = record_wake_at(&p.r, p.r.row.rung), n;

			if (wake != p.r.row.wake_at)
				TRY(q_record_rung_set(op, p.r.tenant, id, p.r.row.due_at,
						p.r.row.rung, wake, &n));
			return ERR_OK;
		}
		TRY(clock_step(&p, step));
		*ret_org_changed |= p.org_changed;
	}
	return ERR_OK;
}

static enum err record_rung(struct rec *r)
{
	struct op *op = r->op;
	struct machine_ctx c = rec_ctx(r);
	const struct state *st = &r->loop->state[rec_state(r)];
	const struct rung *g = &st->late.at[r->row.rung];
	bool alone;
	struct who_set own = machine_owners(op->arena, &c, &r->m, &alone);
	struct who_set to = ladder_receivers(op->arena, &c, &r->m, g);
	int64_t at = ladder_at(r->w->calendar, &st->late, (size_t)r->row.rung, r->row.due_at);
	str label = str_fmt(op->arena, "%.*s %.*s", STR_ARG(r->loop->m.label),
			STR_ARG(r->row.number));

	TRY(late_note(op, r->w, r->row.id, STR(""), st->m.id, r->row.rung, r->row.due_at, at,
			own.n ? own.at[0].person : (person_id){ 0 }));
	return late_tell(op, r->w, g->remind ? &own : NULL, &to, r->row.id, (occurrence_id){ 0 },
			 label);
}

static enum err record_wake(struct op *op, const struct work *w, record_id id, bool *org_changed)
{
	struct plan p = { .step = -1 };
	int64_t n;

	TRY(clock_take(op, w, id, 0, org_changed));
	TRY(rec_load(op, w, id, &p.r));
	plan_bind(&p);
	struct rec *r = &p.r;
	const struct state *st = &r->loop->state[rec_state(r)];
	while (!st->final && !r->row.is_void && !st->pause && r->row.due_at != INSTANT_OPEN &&
	       (size_t)r->row.rung < st->late.n &&
	       ladder_at(w->calendar, &st->late, (size_t)r->row.rung, r->row.due_at) <=
		       op->now_ms) {
		TRY(record_rung(r));
		r->row.rung++;
	}
	TRY(q_record_rung_set(op, r->tenant, id, r->row.due_at, r->row.rung, record_wake_at(r,
			r->row.rung), &n));
	return todo_of_record(r);
}

/* --- the day, and people who come and go in it --- */

static enum err people_turn(struct op *op, const struct work *w)
{
	TRY(occur_refresh(op, w));
	TRY(occur_todo_all(op, w));
	TRY(records_todo_all(op, w));
	return q_tenant_turned(op, w->org->tenant,
			       instant_day(op->now_ms, op->clock->utc_offset_ms),
			       ov_next_edge(w->org, op->now_ms));
}

static enum err day_turn(struct op *op, const struct work *w)
{
	struct q_tenant_version_get v;

	TRY(q_tenant_version_get(op, w->org->tenant, &v));
	if (v.expanded_on == instant_day(op->now_ms, op->clock->utc_offset_ms) &&
	    op->now_ms < v.turn_at)
		return ERR_OK;
	return people_turn(op, w);
}

static void sooner(int64_t at_ms, tenant_id tenant, int64_t *ret_at_ms, tenant_id *ret_tenant)
{
	if (at_ms >= *ret_at_ms)
		return;
	*ret_at_ms = at_ms;
	*ret_tenant = tenant;
}

enum err work_next_wake(struct op *op, int64_t until_ms, int64_t *ret_at_ms, tenant_id *ret_tenant)
{
	struct q_record_wake_next rw;
	struct q_occurrence_wake_next ow;
	struct q_tenant_turn_next tn;
	enum err e;

	*ret_at_ms = INSTANT_OPEN;
	*ret_tenant = (tenant_id){ 0 };
	if (!(e = q_record_wake_next(op, until_ms, &rw)))
		sooner(rw.wake_at, rw.tenant_id, ret_at_ms, ret_tenant);
	else if (e != ERR_NOTFOUND)
		return e;
	if (!(e = q_occurrence_wake_next(op, until_ms, &ow)))
		sooner(ow.wake_at, ow.tenant_id, ret_at_ms, ret_tenant);
	else if (e != ERR_NOTFOUND)
		return e;
	if (!(e = q_tenant_turn_next(op, until_ms, &tn)))
		sooner(tn.turn_at, tn.tenant_id, ret_at_ms, ret_tenant);
	else if (e != ERR_NOTFOUND)
		return e;
	return ERR_OK;
}

enum err work_wake(struct op *op, tenant_id tenant, bool *ret_more)
{
	const struct work *w;
	struct q_record_wake_due *rec;
	struct q_occurrence_wake_due *occ;
	size_t rec_n, occ_n;
	bool org_changed = false;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, tenant, &tx));
	TRY(work_load(op, tenant, &w));
	TRY(day_turn(op, w));
	TRY(q_record_wake_due(op, tenant, op->now_ms, WAKE_ROWS_MAX, &rec, &rec_n));
	for (size_t i = 0; i < rec_n; i++)
		TRY(record_wake(op, w, rec[i].id, &org_changed));
	TRY(q_occurrence_wake_due(op, tenant, op->now_ms, WAKE_ROWS_MAX, &occ, &occ_n));
	for (size_t i = 0; i < occ_n; i++) {
		enum err e = occur_wake(op, w, occ[i].id);

		if (e != ERR_NOTFOUND)	/* it may have gone with one before it */
			TRY(e);
	}
	if (org_changed)
		TRY(org_follow(op, tenant));
	*ret_more = rec_n == WAKE_ROWS_MAX || occ_n == WAKE_ROWS_MAX;
	return tx_commit(&tx);
}

/* Whom open records fall on, after a change of people or a new day. */
enum err records_todo_all(struct op *op, const struct work *w)
{
	for (record_id after = { 0 };;) {
		struct q_records_open *row;
		size_t n;

		TRY(q_records_open(op, w->org->tenant, after, 500, &row, &n));
		for (size_t i = 0; i < n; i++) {
			struct plan p = { .step = -1 };

			TRY(rec_load(op, w, row[i].id, &p.r));
			plan_bind(&p);
			TRY(todo_of_record(&p.r));
		}
		if (n < 500)
			return ERR_OK;
		after = row[n - 1].id;
	}
}

enum err org_follow(struct op *op, tenant_id tenant)
{
	const struct work *w;

	TRY(work_load(op, tenant, &w));
	return people_turn(op, w);
}
