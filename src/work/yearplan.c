/*
 * yearplan: what a unit's year looks like before anybody does anything: duties by month, with the
 * minutes they cost. Read from the occurrences, never counted anew by another rule.
 */
#include "gen/q_occurrence.h"
#include "rules/who.h"
#include "work/work.h"

#define PAGE 500

static struct plan_line *line_of(struct year_plan *p, const struct duty *d)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].duty == d)
			return &p->at[i];
	p->at[p->n].duty = d;
	return &p->at[p->n++];
}

static int month_of(const struct year_plan *p, int64_t due_ms, int32_t utc_offset_ms)
{
	struct date d = date_from_day(instant_day(due_ms - 1, utc_offset_ms));

	return (d.year - p->first_year) * 12 + d.month - p->first_month;
}

/* Does the duty fall on somebody who holds the post? By its words, without a subject. */
static bool falls_on(struct op *op, const struct work *w, const struct duty *d, str post)
{
	struct who_ctx c = {
		.policy = w->policy, .org = w->org, .at_ms = op->now_ms, .params = &w->params,
		.unit = w->org->unit, .subject_post = post,
	};
	struct who_set s;
	bool hit = false;

	if (!post.len || !d->who)
		return !post.len;
	s = who_eval(op->arena, d->who, &c);
	for (size_t i = 0; i < s.n; i++)
		hit |= str_eq(s.at[i].post, post) || post_covers(w->policy, s.at[i].post, post);
	return hit;
}

static void count(struct op *op, struct year_plan *p, const struct duty *d,
		  const struct q_occurrences_between *o)
{
	int m = month_of(p, o->due_at, op->clock->utc_offset_ms);
	struct plan_line *l;

	if (m < 0 || m >= p->months || str_eq(o->state, STR("void")))
		return;
	l = line_of(p, d);
	l->due[m]++;
	l->total++;
	l->provisional |= o->provisional;
	l->done[m] += str_eq(o->state, STR("done"));
	l->missed[m] += str_eq(o->state, STR("missed"));
	p->minutes_do += d->minutes_do;
	p->minutes_record += d->minutes_record;
}

enum err plan_of(struct op *op, day_no from, day_no to, str post, struct year_plan *ret)
{
	const struct work *w;
	int32_t off = op->clock->utc_offset_ms;
	struct date f = date_from_day(from), t = date_from_day(to);
	struct year_plan p = { .first_year = f.year, .first_month = f.month };
	int64_t after_due = INT64_MIN;
	occurrence_id after = { 0 };

	TRY(work_load(op, op->tenant.v ? op->tenant : op->scope->tenant, &w));
	p.at = NEW_N(op->arena, w->policy->duty_n + 1, struct plan_line);
	p.months = (t.year - f.year) * 12 + t.month - f.month + 1;
	if (p.months < 1 || p.months > PLAN_MONTHS_MAX)
		return INVALID(op, STR("year"), "计划最多看 %d 个月", PLAN_MONTHS_MAX);
	for (;;) {
		struct q_occurrences_between *row;
		size_t n;

		TRY(q_occurrences_between(op,
				&(struct q_occurrences_between_in){ .tenant = w->org->tenant,
			.from = day_start_ms(from, off) + 1, .to = day_start_ms(to + 1, off) + 1,
			.after_due = after_due, .after_id = after, .limit = PAGE }, &row, &n));
		for (size_t i = 0; i < n; i++) {
			const struct duty *d = policy_duty(w->policy, row[i].duty);

			if (d && falls_on(op, w, d, post))
				count(op, &p, d, &row[i]);
		}
		if (n < PAGE)
			break;
		after_due = row[n - 1].due_at;
		after = row[n - 1].id;
	}
	*ret = p;
	return ERR_OK;
}
