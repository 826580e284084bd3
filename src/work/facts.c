/*
 * facts: answers to the closed list of facts outside a record (pack-language §2). Each
 * is one look-up in the home tenant, or is read off the record's own steps. What is not
 * known is unset: the comparison that asked is then false.
 */
#include "gen/q_occurrence.h"
#include "work/rec.h"

static struct value count_value(int64_t n)
{
	return value_int(n);
}

static bool fact_linked(struct rec *r, const struct fact_query *q, struct value *ret)
{
	struct q_record_linked *row;
	size_t n, hit = 0;
	str id = str_fmt(r->op->arena, "%lld", (long long)r->row.id.v);

	if (!r->row.id.v || q_record_linked(r->op, r->tenant, q->loop, q->field, id, &row, &n))
		return false;
	if (q->kind == FACT_TOTAL) {
		*ret = count_value((int64_t)n);
		return true;
	}
	for (size_t i = 0; i < n; i++)
		hit += q->kind == FACT_DONE ? row[i].final : (!q->state.len || str_eq(row[i].state,
				q->state));
	*ret = q->kind == FACT_DONE ? count_value((int64_t)hit) : value_flag(hit > 0);
	return true;
}

static str subject_key_of(struct rec *r, const struct value *v)
{
	struct subject s = { .kind = SUB_UNIT, .id = r->w->org->unit.v };

	if (v && v->kind == V_REF) {
		s.id = v->id;
		s.kind = v->ref == REF_PERSON ? SUB_PERSON : v->ref == REF_PLACE ? SUB_PLACE
			: v->ref == REF_RECORD ? SUB_RECORD : SUB_CLASS;
		if (v->ref == REF_UNIT && v->id == r->w->org->unit.v)
			s.kind = SUB_UNIT;
	}
	return subject_key(r->op->arena, &s);
}

/*
 * A duty that was never asked of somebody who is at work (admission training, of who was there
 * before the pack) holds nothing up, as it leaves no hole.
 */
static bool works_here(const struct rec *r, const struct value *v)
{
	size_t first = 0, n = v && v->kind == V_REF && v->ref == REF_PERSON
		? ov_appointments(r->w->org, (person_id){ v->id }, &first) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct ov_appointment *a = &r->w->org->appointment[first + i];

		if (a->from_ms <= r->op->now_ms && r->op->now_ms < a->to_ms)
			return true;
	}
	return false;
}

static bool fact_fulfilled(struct rec *r, const struct fact_query *q, struct value *ret)
{
	struct q_duty_fulfilled row;

	enum err e = q_duty_fulfilled(r->op, r->tenant, q->name, subject_key_of(r, q->subject),
			r->op->now_ms, &row);
	if (e && e != ERR_NOTFOUND)
		return false;
	*ret = value_flag(e ? works_here(r, q->subject)
			  : str_eq(row.state, STR("done")) || str_eq(row.state, STR("waived")));
	return true;
}

/* at, doer, times, entered: of this record's own steps. */
static bool fact_past(struct rec *r, const struct fact_query *q, struct value *ret)
{
	int step = loop_step_index(r->loop, q->name), state = loop_state(r->loop, q->name),
			times = 0;
	const struct past_step *last = NULL;

	for (size_t i = 0; i < r->past_n; i++) {
		const struct past_step *p = &r->past[i];
		bool hit = q->kind == FACT_ENTERED ? p->to == state &&
				p->from != p->to : p->step >= 0 && p->step == step;

		if (p->undone || !hit)
			continue;
		last = p;
		times++;
	}
	if (q->kind == FACT_TIMES) {
		*ret = count_value(times);
		return true;
	}
	if (!last)
		return false;
	*ret = q->kind == FACT_DOER ? value_ref(REF_PERSON,
			last->doer.v) : value_instant(last->at_ms);
	return true;
}

/* late(step): whole days between the limit that the step kept or broke, and the step. */
static bool fact_late(struct rec *r, const struct fact_query *q, struct value *ret)
{
	for (size_t i = r->step_n; i-- > 0; ) {
		const struct q_steps_of *s = &r->step[i];

		if (s->undone || !str_eq(s->step, q->name))
			continue;
		int64_t over = s->left_due_at == INSTANT_OPEN ? 0 : s->at - s->left_due_at;
		*ret = count_value(over <= 0 ? 0 : (over + MS_DAY - 1) / MS_DAY);
		return true;
	}
	return false;
}

static bool spec_period_on(const struct policy *p, str id, day_no d)
{
	const struct period_spec *s = policy_period(p, id);
	struct date c = date_from_day(d);
	int at = c.month * 100 + c.day, from, to;

	if (!s || !s->from_month)
		return false;
	from = s->from_month * 100 + s->from_day;
	to = s->to_month * 100 + s->to_day;
	return from <= to ? from <= at && at <= to : at >= from || at <= to;
}

static bool fact_period(struct rec *r, const struct fact_query *q, struct value *ret)
{
	day_no today = instant_day(r->op->now_ms, r->op->clock->utc_offset_ms);

	*ret = value_flag(cal_period_on(r->w->calendar, q->name, today) || spec_period_on(r->policy,
			q->name, today));
	return true;
}

static bool holds(const struct rec *r, person_id p, str post)
{
	struct who_hit *hit;
	size_t n = who_posts(r->op->arena, r->policy, r->w->org, p, r->op->now_ms, &hit);

	for (size_t i = 0; i < n; i++)
		if (post_covers(r->policy, hit[i].post, post))
			return true;
	return false;
}

static bool fact_includes(struct rec *r, const struct fact_query *q, struct value *ret)
{
	const struct value *v = q->subject ? q->subject : vmap_get(&r->fields, q->field);
	bool yes = false;

	if (!v)
		return false;
	if (v->kind == V_REF)
		yes = holds(r, (person_id){ v->id }, q->name);
	for (size_t i = 0; v->kind == V_LIST && i < v->list.n && !yes; i++)
		yes = v->list.at[i].kind == V_REF &&
		      holds(r, (person_id){ v->list.at[i].id }, q->name);
	*ret = value_flag(yes);
	return true;
}

static bool fact_duties(struct rec *r, const struct fact_query *q, struct value *ret)
{
	str *id;

	if (!q->subject || q->subject->kind != V_REF)
		return false;
	size_t n = duties_of(r->op, r->w, (person_id){ q->subject->id }, &id);
	struct value *at = NEW_N(r->op->arena, n, struct value);
	for (size_t i = 0; i < n; i++)
		at[i] = value_text(id[i]);
	*ret = value_list(r->op->arena, at, n);
	return true;
}

/* changed(duties, person): the duties now differ from those that the record froze. */
static bool fact_changed(struct rec *r, const struct fact_query *q, struct value *ret)
{
	const struct value *was = vmap_get(&r->fields, q->field.len ? q->field : STR("duties"));
	struct value now;

	if (!was || was->kind != V_LIST || !fact_duties(r, q, &now))
		return false;
	bool same = was->list.n == now.list.n;
	for (size_t i = 0; same && i < was->list.n; i++)
		same = value_has(&now, &was->list.at[i]);
	*ret = value_flag(!same);
	return true;
}

bool rec_fact(void *ctx, const struct fact_query *q, struct value *ret_v)
{
	struct rec *r = ctx;

	switch (q->kind) {
	case FACT_LINKED: case FACT_DONE: case FACT_TOTAL: return fact_linked(r, q, ret_v);
	case FACT_FULFILLED: return fact_fulfilled(r, q, ret_v);
	case FACT_AT:
	case FACT_DOER:
	case FACT_TIMES:
	case FACT_ENTERED: return fact_past(r, q, ret_v);
	case FACT_LATE: return fact_late(r, q, ret_v);
	case FACT_PERIOD: return fact_period(r, q, ret_v);
	case FACT_INCLUDES: return fact_includes(r, q, ret_v);
	case FACT_CHANGED: return fact_changed(r, q, ret_v);
	case FACT_DUTIES: return fact_duties(r, q, ret_v);
	case FACT_ALL_SIGNED: return false;	/* answered by the machine */
	}
	return false;
}

/* --- duties of a person --- */

static struct who_ctx duty_who(struct op *op, const struct work *w, person_id p)
{
	return (struct who_ctx){
		.policy = w->policy, .org = w->org, .at_ms = op->now_ms, .params = &w->params,
		.unit = w->org->unit, .subject = p,
	};
}

static bool counts(struct op *op, const struct work *w, const struct duty *d,
		enum subject_kind kind, int64_t id)
{
	struct expand_in in = work_expand_in(op, w);

	return duty_concerns(op->arena, &in, d, &(struct subject){ .kind = kind, .id = id },
		op->now_ms);
}

/* Over places that he keeps, units where he is appointed, or once. */
static bool duty_falls(struct op *op, const struct work *w, const struct duty *d, person_id p)
{
	struct who_ctx c = duty_who(op, w, p);
	struct who_set s;

	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (d->per[0].kind != SUB_PLACE || k->person.v != p.v || k->from_ms > op->now_ms ||
		    op->now_ms >= k->to_ms || !ov_place(w->org, k->place) ||
		    !counts(op, w, d, SUB_PLACE, k->place.v))
			continue;
		c.place = k->place;
		s = who_eval(op->arena, d->who, &c);
		if (who_has(&s, p))
			return true;
	}
	if (d->per[0].kind == SUB_PLACE || (d->per[0].kind == SUB_PERSON
	    && (!ov_person(w->org, p) || !counts(op, w, d, SUB_PERSON, p.v))))
		return false;
	for (size_t i = 0; i < w->org->appointment_n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];

		if (a->person.v != p.v || a->from_ms > op->now_ms || op->now_ms >= a->to_ms)
			continue;
		c.unit = a->unit.v && d->per[0].kind != SUB_UNIT ? a->unit : w->org->unit;
		c.subject_post = a->post;
		s = who_eval(op->arena, d->who, &c);
		if (who_has(&s, p))
			return true;
	}
	return false;
}

size_t duties_of(struct op *op, const struct work *w, person_id p, str **ret_ids)
{
	str *id = NEW_N(op->arena, w->policy->duty_n, str);
	size_t n = 0;

	for (size_t i = 0; i < w->policy->duty_n; i++)
		if (duty_falls(op, w, &w->policy->duty[i], p))
			id[n++] = w->policy->duty[i].m.id;
	*ret_ids = id;
	return n;
}
