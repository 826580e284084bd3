/*
 * coverage: see coverage.h. Each require is asked of every subject of its `for:` that
 * exists at the moment and for which `where` holds; waived ones are not asked, those
 * within `by:` are pending. What is counted is counted once a subject.
 */
#include "rules/coverage.h"

#include <assert.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/expand_int.h"
#include "rules/who.h"

struct asking {
	struct arena *a;
	const struct coverage_in *in;
	const struct require *r;
	const struct life *life;
	struct holes *out;
};

static str subject_name(const struct asking *q)
{
	const struct org_view *v = q->in->org;
	const struct subject *s = &q->life->s;

	switch (s->kind) {
	case SUB_PLACE: return ov_place(v, (place_id){ s->id })->name;
	case SUB_PERSON: return ov_person(v, (person_id){ s->id })->name;
	case SUB_CLASS: case SUB_GRADE: return ov_unit(v, (unit_id){ s->id })->name;
	case SUB_POST: return policy_post(q->in->policy, s->word)->m.label;
	case SUB_ENTRY: return q->life->entry->m.label;
	case SUB_UNIT: case SUB_BODY: case SUB_ASSET: case SUB_RECORD: break;
	}
	return STR_NONE;
}

/* --- people of a place --- */

static size_t keepers(const struct coverage_in *in, int64_t place, str role, person_id *ret,
		size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < in->org->keeper_n; i++) {
		const struct ov_keeper *k = &in->org->keeper[i];

		if (k->place.v == place && str_eq(k->role, role) && k->from_ms <= in->at_ms &&
				in->at_ms < k->to_ms && n < max)
			ret[n++] = k->person;
	}
	return n;
}

static bool in_post(const struct coverage_in *in, person_id p)
{
	const struct ov_person *x = ov_person(in->org, p);

	if (!x || in->at_ms >= x->to_ms)
		return false;
	for (size_t i = 0; i < in->org->appointment_n; i++) {
		const struct ov_appointment *a = &in->org->appointment[i];

		if (a->person.v == p.v && a->from_ms <= in->at_ms && in->at_ms < a->to_ms)
			return true;
	}
	return false;
}

static bool keeper_ok(const struct asking *q, str *ret_missing)
{
	person_id p[16];
	str missing = STR("");

	for (size_t i = 0; i < q->r->role_n; i++)
		if (keepers(q->in, q->life->s.id, q->r->role[i].role, p,
				16) < (size_t)q->r->role[i].n)
			missing = str_fmt(q->a, "%.*s%s%.*s", STR_ARG(missing),
					missing.len ? "," : "", STR_ARG(q->r->role[i].role));
	*ret_missing = missing;
	return !missing.len;
}

static bool keeper_in_post_ok(const struct asking *q, str *ret_missing)
{
	for (size_t i = 0; i < q->in->org->keeper_n; i++) {
		const struct ov_keeper *k = &q->in->org->keeper[i];

		if (k->place.v != q->life->s.id || k->from_ms > q->in->at_ms ||
				q->in->at_ms >= k->to_ms)
			continue;
		if (!in_post(q->in, k->person)) {
			*ret_missing = k->role;
			return false;
		}
	}
	return true;
}

static bool distinct_ok(const struct asking *q)
{
	person_id a[16], b[16];

	for (size_t i = 0; i < q->r->words.n; i++)
		for (size_t k = i + 1; k < q->r->words.n; k++) {
			size_t an = keepers(q->in, q->life->s.id, q->r->words.at[i], a, 16);
			size_t bn = keepers(q->in, q->life->s.id, q->r->words.at[k], b, 16);

			for (size_t x = 0; x < an; x++)
				for (size_t y = 0; y < bn; y++)
					if (a[x].v == b[y].v)
						return false;
		}
	return true;
}

static int64_t count_wanted(const struct asking *q)
{
	const struct value *v = q->r->limit_param.len && q->in->params ? vmap_get(q->in->params,
			q->r->limit_param) : NULL;
	const struct parameter *p = q->r->limit_param.len ? policy_parameter(q->in->policy,
			q->r->limit_param) : NULL;

	if (v && v->kind == V_NUM)
		return v->num / NUM_SCALE;
	if (p && p->dflt.kind == V_NUM)
		return p->dflt.num / NUM_SCALE;
	return q->r->limit.kind == V_NUM ? q->r->limit.num / NUM_SCALE : 1;
}

static bool max_places_ok(const struct asking *q)
{
	int64_t places = 0, last = 0;

	/* by place: each counts once whatever the role */
	for (size_t i = 0; i < q->in->org->keeper_n; i++) {
		const struct ov_keeper *k = &q->in->org->keeper[i];

		if (k->person.v != q->life->s.id || k->from_ms > q->in->at_ms ||
				q->in->at_ms >= k->to_ms || k->place.v == last)
			continue;
		last = k->place.v;
		places++;
	}
	return places <= count_wanted(q);
}

static bool held(const struct asking *q, str post)
{
	for (size_t i = 0; i < q->in->org->appointment_n; i++) {
		const struct ov_appointment *a = &q->in->org->appointment[i];

		if (a->from_ms <= q->in->at_ms && q->in->at_ms < a->to_ms &&
				post_covers(q->in->policy, a->post, post))
			return true;
	}
	return false;
}

static void miss(const struct asking *q, str post, str *missing)
{
	const struct post *p = policy_post(q->in->policy, post);

	*missing = str_fmt(q->a, "%.*s%s%.*s", STR_ARG(*missing), missing->len ? "、" : "",
			STR_ARG(p ? p->m.label : post));
}

static bool holders_ok(const struct asking *q, str *ret_missing)
{
	*ret_missing = STR("");
	for (size_t i = 0; i < q->r->words.n; i++)
		if (!held(q, q->r->words.at[i]))
			miss(q, q->r->words.at[i], ret_missing);
	return !ret_missing->len;
}

static bool body_ok(const struct asking *q, str *ret_missing)
{
	const struct body *b = q->r->words.n ? policy_body(q->in->policy, q->r->words.at[0]) : NULL;

	*ret_missing = STR("");
	if (!b)
		return false;
	if (b->leader.len && !held(q, b->leader))
		miss(q, b->leader, ret_missing);
	for (size_t i = 0; i < b->deputies.n; i++)
		if (!held(q, b->deputies.at[i]))
			miss(q, b->deputies.at[i], ret_missing);
	for (size_t i = 0; i < b->member_n; i++)
		if (b->member[i].post.len && !held(q, b->member[i].post))
			miss(q, b->member[i].post, ret_missing);
	return !ret_missing->len;
}

static bool place_ok(const struct asking *q)
{
	int64_t n = 0;

	for (size_t i = 0; i < q->in->org->place_n; i++) {
		const struct ov_place *p = &q->in->org->place[i];

		n += p->from_ms <= q->in->at_ms && q->in->at_ms < p->to_ms && str_eq(p->kind,
				q->life->entry->m.id);
	}
	return n >= count_wanted(q);
}

static bool need_ok(const struct asking *q, str *ret_missing)
{
	const struct coverage_in *in = q->in;

	*ret_missing = STR("");
	switch (q->r->need) {
	case NEED_KEEPER: return keeper_ok(q, ret_missing);
	case NEED_KEEPER_IN_POST: return keeper_in_post_ok(q, ret_missing);
	case NEED_DISTINCT: return distinct_ok(q);
	case NEED_MAX_PLACES: return max_places_ok(q);
	case NEED_HOLDER: return holders_ok(q, ret_missing);
	case NEED_DUTIES: return !in->duties || (int64_t)in->duties(in->ctx,
			(person_id){ q->life->s.id }) >= count_wanted(q);
	case NEED_BODY_FILLED: return body_ok(q, ret_missing);
	case NEED_FULFILLED: return in->fulfilled && in->fulfilled(in->ctx, q->r->duty,
			&q->life->s);
	case NEED_RECORD: case NEED_ROLES_FILLED: case NEED_NO_OPEN: return in->record &&
			in->record(in->ctx, q->r, &q->life->s);
	case NEED_PLACE: return place_ok(q);
	case NEED_ASSET: return false;
	}
	return false;
}

/* --- waivers, pending --- */

static bool waived(const struct asking *q)
{
	day_no d = instant_day(q->in->at_ms, q->in->calendar->utc_offset_ms);

	for (size_t i = 0; i < q->in->waiver_n; i++) {
		const struct waiver *w = &q->in->waiver[i];

		if (str_eq(w->code, q->r->m.id) && w->subject.kind == q->life->s.kind &&
		    w->subject.id == q->life->s.id && str_eq(w->subject.word, q->life->s.word) &&
		    w->from <= d && d <= w->to)
			return true;
	}
	return false;
}

static int64_t first_appointed(const struct coverage_in *in, int64_t person)
{
	int64_t at = INT64_MIN;

	for (size_t i = 0; i < in->org->appointment_n; i++) {
		const struct ov_appointment *a = &in->org->appointment[i];

		if (a->person.v == person && (at == INT64_MIN || a->from_ms < at))
			at = a->from_ms;
	}
	return at;
}

static int64_t pending_until(const struct asking *q)
{
	int64_t at = INT64_MIN;

	if (!q->r->has_by)
		return INT64_MIN;
	for (size_t i = 0; i < q->in->adoption_n; i++)
		if (str_eq(q->in->adoption[i].pack, q->r->m.pack))
			at = q->in->adoption[i].from_ms;
	if (str_eq(q->r->by_anchor, STR("appointed")))
		at = first_appointed(q->in, q->life->s.id);
	else if (str_eq(q->r->by_anchor, STR("added")) && q->life->from_ms > at)
		at = q->life->from_ms;	/* what stood there before the adoption counts from it */
	return at == INT64_MIN ? INT64_MIN : cal_limit(q->in->calendar, at, q->r->by);
}

static str sentence(const struct asking *q, str missing)
{
	str name = subject_name(q), label = q->r->m.label;
	bool names = q->r->need == NEED_HOLDER || q->r->need == NEED_BODY_FILLED;

	if (name.len)
		return str_fmt(q->a, "%.*s：%.*s", STR_ARG(name), STR_ARG(label));
	if (names && missing.len)
		return str_fmt(q->a, "%.*s：缺%.*s", STR_ARG(label), STR_ARG(missing));
	return label;
}

static void ask(const struct asking *q, int64_t *asked)
{
	str missing;
	int64_t until;

	if (waived(q))
		return;
	if (need_ok(q, &missing)) {
		(*asked)++;
		return;
	}
	until = pending_until(q);
	struct hole *h = VEC_PUSH(q->a, q->out);
	*h = (struct hole){
		.require = q->r, .code = q->r->m.id, .severity = (int)q->r->severity,
		.subject = q->life->s, .sentence = sentence(q, missing), .missing = missing,
		.pending = until > q->in->at_ms, .pending_until_ms = until, .fix = q->r->fix,
	};
	if (h->pending)
		return;
	(*asked)++;
	if (q->r->severity == SEV_ERROR)
		q->out->errors++;
	else if (q->r->severity == SEV_WARNING)
		q->out->warnings++;
	else
		q->out->infos++;
}

/* Rosters: an unfilled shift within `ahead` of its start is a hole of the engine. */
static void roster_holes(struct arena *a, const struct coverage_in *in, const struct roster *r,
		struct holes *out)
{
	day_no today = instant_day(in->at_ms, in->calendar->utc_offset_ms);
	int64_t until = r->has_fill_ahead ? cal_limit(in->calendar, in->at_ms,
			r->fill_ahead) : in->at_ms;
	day_no last = until == INSTANT_OPEN ? today : instant_day(until - 1,
			in->calendar->utc_offset_ms);
	struct shift *sh;
	size_t n = in->seats ? roster_shifts(a, in, r, today, last, &sh) : 0;

	size_t open = 0, first = 0;
	for (size_t i = 0; i < n; i++) {
		person_id p[ON_DUTY_MAX];

		if (sh[i].start_ms <= in->at_ms
		    || in->seats(in->ctx, &sh[i], p, ON_DUTY_MAX) >= (size_t)sh[i].min)
			continue;
		if (!open++)
			first = i;
	}
	if (!open)
		return;
	struct date d = date_from_day(sh[first].day);
	/* one a roster: who mends it opens the roster, not a shift */
	struct hole *h = VEC_PUSH(a, out);
	*h = (struct hole){
		.code = STR("G210"), .severity = SEV_WARNING, .fix = STR("fill-roster"),
		.missing = r->m.id, .subject = { .kind = SUB_UNIT, .id = in->org->unit.v },
		.sentence = str_fmt(a, "%.*s：有 %zu 班还没排满，最早是 %d 月 %d 日 %.*s", STR_ARG(r->m.label),
				    open, d.month, d.day, STR_ARG(sh[first].slot)),
	};
	out->warnings++;
}

void coverage(struct arena *a, const struct coverage_in *in, struct holes *ret)
{
	struct expand_in ex = { .policy = in->policy, .params = in->params, .org = in->org,
			.calendar = in->calendar, .now_ms = in->at_ms };

	*ret = (struct holes){ .asked = NEW_N(a, in->policy->require_n, int64_t) };
	for (size_t i = 0; i < in->policy->require_n; i++) {
		const struct require *r = &in->policy->require[i];
		struct duty as = { .where = r->where };
		struct lives ls;

		lives_of(a, &ex, &r->per, &ls);
		for (size_t k = 0; k < ls.n; k++) {
			const struct life *one = &ls.at[k];

			if (one->from_ms > in->at_ms || in->at_ms >= one->to_ms || !where_holds(a,
					&ex, &as, &one, 1, in->at_ms, -1))
				continue;
			/* who holds no post now owes nothing: a hole is of those who work here */
			if (one->s.kind == SUB_PERSON && !in_post(in, (person_id){ one->s.id }))
				continue;
			ask(&(struct asking){ a, in, r, one, ret }, &ret->asked[i]);
		}
	}
	for (size_t i = 0; i < in->policy->roster_n; i++)
		roster_holes(a, in, &in->policy->roster[i], ret);
}
