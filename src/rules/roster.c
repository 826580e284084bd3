/*
 * roster: shifts that a roster yields: for each place of `per`, date and slot. A shift
 * over midnight belongs to the day on which it starts. How many people it needs may
 * depend on parameters and on periods that are on.
 */
#include "rules/coverage.h"

#include "base/arena.h"
#include "base/date.h"
#include "rules/expand_int.h"

void slot_minutes(str slot, int *ret_from, int *ret_to)
{
	int at[2] = { 0, 0 }, n = 0;

	for (size_t i = 0; i + 5 <= slot.len && n < 2; i++)
		if (time_parse(str_slice(slot, i, i + 5), &at[n])) {
			n++;
			i += 4;
		}
	*ret_from = n ? at[0] : 0;
	*ret_to = n == 2 ? at[1] : n ? at[0] + 60 : 1440;
	if (*ret_to <= *ret_from)
		*ret_to += 1440;
}

struct shifts { struct shift *at; size_t n, cap; };

static const struct value *slots_value(const struct coverage_in *in, const struct roster *r)
{
	const struct value *v = in->params ? vmap_get(in->params, r->when.param) : NULL;
	const struct parameter *p = policy_parameter(in->policy, r->when.param);

	return v ? v : p ? &p->dflt : NULL;
}

static int32_t people_min(struct arena *a, const struct coverage_in *in, const struct roster *r,
		day_no day)
{
	struct expr_env env = {
		.policy = in->policy, .params = in->params, .calendar = in->calendar,
		.now_ms = in->at_ms, .utc_offset_ms = in->calendar->utc_offset_ms,
	};
	const struct expr *min = r->min;

	for (size_t i = 0; i < r->during_n; i++)
		if (cal_period_on(in->calendar, r->during[i].period, day) && r->during[i].min)
			min = r->during[i].min;
	if (!min)
		return 1;
	struct value v = expr_eval(a, min, &env);
	return v.kind == V_NUM ? (int32_t)(v.num / NUM_SCALE) : 1;
}

static void slot_push(struct arena *a, const struct coverage_in *in, const struct roster *r,
		const struct life *l, day_no day, str slot, struct shifts *ss)
{
	int from, to;
	int64_t base = day_start_ms(day, in->calendar->utc_offset_ms);
	struct shift *s = VEC_PUSH(a, ss);

	slot_minutes(slot, &from, &to);
	*s = (struct shift){
		.roster = r, .place = { l && l->s.kind == SUB_PLACE ? l->s.id : 0 }, .day = day,
		.slot = slot, .start_ms = base + from * MS_MINUTE, .end_ms = base + to * MS_MINUTE,
		.min = people_min(a, in, r, day),
	};
}

static void day_push(struct arena *a, const struct coverage_in *in, const struct roster *r,
		const struct life *l, day_no day, struct shifts *ss)
{
	const struct value *v = r->when.param.len ? slots_value(in, r) : NULL;

	for (size_t i = 0; i < r->when.times.n; i++)
		slot_push(a, in, r, l, day, r->when.times.at[i], ss);
	if (v && v->kind == V_TEXT)
		slot_push(a, in, r, l, day, v->text, ss);
	for (size_t i = 0; v && v->kind == V_LIST && i < v->list.n; i++)
		if (v->list.at[i].kind == V_TEXT)
			slot_push(a, in, r, l, day, v->list.at[i].text, ss);
}

static bool on_day(const struct coverage_in *in, const struct roster *r, day_no d)
{
	if (r->on_n && !r->when.times.n && !r->when.param.len)
		return false;	/* a roster of events: its shifts come with the event's record */
	if (r->when.school_day)
		return cal_school_day(in->calendar, d);
	return r->when.every != PER_SCHOOL_DAY || cal_school_day(in->calendar, d);
}

size_t roster_shifts(struct arena *a, const struct coverage_in *in, const struct roster *r,
		day_no from, day_no to, struct shift **ret)
{
	struct expand_in ex = { .policy = in->policy, .params = in->params, .org = in->org,
			.calendar = in->calendar, .now_ms = in->at_ms };
	struct duty as = { .where = r->where };
	struct shifts ss = { 0 };
	struct lives ls = { 0 };

	if (r->has_per)
		lives_of(a, &ex, &r->per, &ls);
	for (day_no d = from; d <= to; d++) {
		if (!on_day(in, r, d))
			continue;
		if (!r->has_per)
			day_push(a, in, r, NULL, d, &ss);
		for (size_t i = 0; i < ls.n; i++) {
			const struct life *one = &ls.at[i];

			if (one->from_ms <= in->at_ms && in->at_ms < one->to_ms && where_holds(a,
					&ex, &as, &one, 1, in->at_ms, -1))
				day_push(a, in, r, one, d, &ss);
		}
	}
	*ret = ss.at;
	return ss.n;
}
