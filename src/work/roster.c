/*
 * roster: who sits in a shift, from the records that fill rosters (packs/README.md): rows with
 * roster, weekday, day, slot, place, person; what a row leaves open stands for all. A plan counts
 * while it has left its first state and is not final, between its days.
 */
#include "gen/q_record.h"
#include "work/rec.h"

#define PLANS_MAX 200

static str row_text(const struct row *row, const char *col)
{
	const struct value *v = row_get(row, str_of(col));

	return v && v->kind == V_TEXT ? v->text : STR_NONE;
}

static int64_t row_ref(const struct row *row, const char *col)
{
	const struct value *v = row_get(row, str_of(col));

	return v && v->kind == V_REF ? v->id : 0;
}

static bool names_day(const struct row *row, day_no d)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	const struct value *on = row_get(row, STR("day")), *week = row_get(row, STR("weekday"));
	struct value today = value_text(str_of(days[day_weekday(d) - 1]));

	if (on && on->kind == V_DATE)
		return on->day == d;
	return !week || value_has(week, &today);
}

static bool names_slot(const struct row *row, int64_t start_ms, int64_t end_ms, day_no d,
		       int32_t utc_offset_ms)
{
	int from, to;
	int64_t base = day_start_ms(d, utc_offset_ms);
	str slot = row_text(row, "slot");

	if (!slot.len)
		return true;
	slot_minutes(slot, &from, &to);
	return base + from * MS_MINUTE == start_ms && base + to * MS_MINUTE == end_ms;
}

static bool holds_day(const struct vmap *fields, day_no d)
{
	const struct value *from = vmap_get(fields, STR("from_on"));
	const struct value *to = vmap_get(fields, STR("to_on"));

	return from && from->kind == V_DATE && from->day <= d && to && to->kind == V_DATE
	       && d <= to->day;
}

/* In force: past the state in which it began, and not ended. */
static bool in_force(const struct rec *r)
{
	return rec_state(r) >= 0 && !r->row.is_void && !r->row.final
	       && (!r->past_n || r->past[0].to != rec_state(r));
}

static size_t plan_seats(const struct roster_plan *p, const struct shift *sh, day_no day,
			 int32_t utc_offset_ms, person_id *ret, size_t n, size_t max)
{
	const struct value *rows = vmap_get(&p->fields, sh->roster->fill_rows);

	for (size_t i = 0; rows && rows->kind == V_ROWS && i < rows->rows.n && n < max; i++) {
		const struct row *row = &rows->rows.at[i];
		str of = row_text(row, "roster");
		int64_t place = row_ref(row, "place"), person = row_ref(row, "person");

		if (!person || (of.len && !str_eq(of, sh->roster->m.id))
		    || (place && sh->place.v && place != sh->place.v) || !names_day(row, day)
		    || !names_slot(row, sh->start_ms, sh->end_ms, day, utc_offset_ms))
			continue;
		ret[n++] = (person_id){ person };
	}
	return n;
}

static enum err plans_of_loop(struct op *op, const struct work *w, str loop,
			      struct roster_plans *ret)
{
	struct q_records_unfinished *row;
	size_t n;

	TRY(q_records_unfinished(op, w->org->tenant, loop, PLANS_MAX, &row, &n));
	for (size_t i = 0; i < n; i++) {
		struct rec r;

		TRY(rec_load(op, w, row[i].id, &r));
		if (!in_force(&r))
			continue;
		struct roster_plan *p = VEC_PUSH(op->arena, ret);
		*p = (struct roster_plan){ loop, r.fields };
	}
	return ERR_OK;
}

bool roster_filled_by(const struct policy *p, str loop)
{
	for (size_t i = 0; i < p->roster_n; i++)
		if (p->roster[i].fill_loop.len && str_eq(p->roster[i].fill_loop, loop))
			return true;
	return false;
}

enum err roster_plans_read(struct op *op, const struct work *w, struct roster_plans *ret)
{
	*ret = (struct roster_plans){ 0 };
	for (size_t i = 0; i < w->policy->loop_n; i++)
		if (roster_filled_by(w->policy, w->policy->loop[i].m.id))
			TRY(plans_of_loop(op, w, w->policy->loop[i].m.id, ret));
	return ERR_OK;
}

size_t roster_seats(const struct work *w, const struct shift *sh, person_id *ret, size_t max)
{
	int32_t off = w->calendar->utc_offset_ms;
	day_no day = instant_day(sh->start_ms, off);
	size_t n = 0;

	for (size_t i = 0; i < w->plans->n; i++) {
		const struct roster_plan *p = &w->plans->at[i];

		if (str_eq(p->loop, sh->roster->fill_loop) && holds_day(&p->fields, day))
			n = plan_seats(p, sh, day, off, ret, n, max);
	}
	return n;
}

/* --- on-duty(roster): the shifts that are on now --- */

size_t rec_on_duty(void *ctx, str roster, person_id *ret, size_t max)
{
	const struct rec *r = ctx;
	const struct work *w = r->w;
	struct op *op = r->op;
	const struct roster *ro = policy_roster(w->policy, roster);
	struct coverage_in in = { .policy = w->policy, .params = &w->params, .org = w->org,
		.calendar = w->calendar, .at_ms = op->now_ms };
	day_no today = instant_day(op->now_ms, op->clock->utc_offset_ms);
	struct shift *sh;
	size_t n = 0, shifts;

	if (!ro || !ro->fill_loop.len)
		return 0;
	shifts = roster_shifts(op->arena, &in, ro, today - 1, today, &sh);
	for (size_t i = 0; i < shifts; i++)
		if (sh[i].start_ms <= op->now_ms && op->now_ms < sh[i].end_ms)
			n += roster_seats(w, &sh[i], ret + n, max - n);
	return n;
}
