/*
 * expand_subject: whom and what a duty is about: units, places, people, posts, entries of
 * catalogues, records; the expressions asked of them; and on whom an occurrence falls.
 */
#include "rules/expand_int.h"

#include <assert.h>

#include "base/arena.h"
#include "rules/who.h"

/* --- keys --- */

static const char *const subject_words[] = { "unit", "place", "class", "grade", "person", "post",
		"asset", "body", "entry", "record" };

str subject_key(struct arena *a, const struct subject *s)
{
	const char *word = subject_words[s->kind];

	char room[STR_DECIMAL_MAX];
	bool worded = s->kind == SUB_POST || s->kind == SUB_BODY || s->kind == SUB_ENTRY;
	str part[] = { str_of(word), worded ? s->word : str_decimal(room, s->id) };

	return str_join(a, part, 2, STR(":"));
}

bool subject_parse(str key, struct subject *ret_s)
{
	str rest = key;
	str word = str_cut(&rest, ':');

	for (int k = SUB_UNIT; k <= SUB_RECORD; k++) {
		if (!str_eq(word, str_of(subject_words[k])) || !rest.len)
			continue;
		*ret_s = (struct subject){ .kind = (enum subject_kind)k };
		if (k == SUB_POST || k == SUB_BODY || k == SUB_ENTRY) {
			ret_s->word = rest;
			return true;
		}
		return str_to_i64(rest, &ret_s->id);
	}
	return false;
}

/* --- enumerating --- */

static struct life *life_push(struct arena *a, struct lives *ls, enum subject_kind k, int64_t id,
		str word, int64_t from, int64_t to)
{
	struct life *l = VEC_PUSH(a, ls);

	*l = (struct life){ .s = { .kind = k, .id = id, .word = word }, .from_ms = from,
			.to_ms = to };
	return l;
}

static void units_of_kind(struct arena *a, const struct org_view *v, enum subject_kind k, str kind,
		struct lives *ret)
{
	for (size_t i = 0; i < v->unit_n; i++)
		if (str_eq(v->unit_at[i].kind, kind))
			life_push(a, ret, k, v->unit_at[i].id.v, STR_NONE, v->unit_at[i].from_ms,
					v->unit_at[i].to_ms);
}

/*
 * Posts that somebody holds at some time: from the first appointment to the last. A post nobody
 * holds is a hole, not a duty.
 */
static void posts_held(struct arena *a, const struct expand_in *in, struct lives *ret)
{
	for (size_t i = 0; i < in->policy->post_n; i++) {
		str id = in->policy->post[i].m.id;
		int64_t from = INT64_MAX, to = INT64_MIN;

		for (size_t k = 0; k < in->org->appointment_n; k++) {
			const struct ov_appointment *ap = &in->org->appointment[k];

			if (!str_eq(ap->post, id))
				continue;
			from = ap->from_ms < from ? ap->from_ms : from;
			to = ap->to_ms > to ? ap->to_ms : to;
		}
		if (to > from)
			life_push(a, ret, SUB_POST, 0, id, from, to);
	}
}

static void entries_of(struct arena *a, const struct policy *p, str catalogue, struct lives *ret)
{
	const struct catalogue *c = policy_catalogue(p, catalogue);

	for (size_t i = 0; c && i < c->entry_n; i++) {
		const struct entry *e = &c->entry[i];

		if (e->hidden || e->why.len)
			continue;	/* a slot whose text is missing is never due */
		struct life *l = life_push(a, ret, SUB_ENTRY, 0, str_fmt(a, "%.*s/%.*s",
				STR_ARG(catalogue), STR_ARG(e->m.id)), INT64_MIN, INSTANT_OPEN);
		l->entry = e;
		l->columns = &e->columns;
	}
}

static void records_of(struct arena *a, const struct expand_in *in, str loop, struct lives *ret)
{
	for (size_t i = 0; i < in->record_n; i++) {
		const struct subject_record *r = &in->record[i];

		if (!str_eq(r->loop->m.id, loop) || !r->span_n)
			continue;
		struct life *l = life_push(a, ret, SUB_RECORD, r->id, STR_NONE, r->span[0].from_ms,
				r->span[r->span_n - 1].to_ms);
		l->record = r;
	}
}

void lives_of(struct arena *a, const struct expand_in *in, const struct per *p, struct lives *ret)
{
	const struct org_view *v = in->org;

	*ret = (struct lives){ 0 };
	switch (p->kind) {
	case SUB_UNIT: life_push(a, ret, SUB_UNIT, v->unit.v, STR_NONE, INT64_MIN,
			INSTANT_OPEN); break;
	case SUB_CLASS: units_of_kind(a, v, SUB_CLASS, STR("class"), ret); break;
	case SUB_GRADE: units_of_kind(a, v, SUB_GRADE, STR("grade"), ret); break;
	case SUB_PLACE:
		for (size_t i = 0; i < v->place_n; i++)
			life_push(a, ret, SUB_PLACE, v->place[i].id.v, STR_NONE,
					v->place[i].from_ms, v->place[i].to_ms);
		break;
	case SUB_PERSON:
		for (size_t i = 0; i < v->person_n; i++)
			life_push(a, ret, SUB_PERSON, v->person[i].id.v, STR_NONE,
					v->person[i].from_ms, v->person[i].to_ms)->joins = true;
		break;
	case SUB_POST: posts_held(a, in, ret); break;
	case SUB_BODY: life_push(a, ret, SUB_BODY, 0, p->of, INT64_MIN, INSTANT_OPEN); break;
	case SUB_ENTRY: entries_of(a, in->policy, p->of, ret); break;
	case SUB_RECORD: records_of(a, in, p->of, ret); break;
	/* assets are places or records until a register of them is declared */
	case SUB_ASSET: break;
	}
}

/* --- parameters and conditions --- */

struct value expand_param(const struct expand_in *in, str name, int64_t at_ms)
{
	const struct parameter *p = policy_parameter(in->policy, name);
	const struct value *v = NULL;
	bool dated = false;

	for (size_t i = 0; i < in->dated_n; i++) {
		if (!str_eq(in->dated[i].name, name))
			continue;
		dated = true;
		if (in->dated[i].from_ms <= at_ms)
			v = &in->dated[i].val;
	}
	if (!dated && in->params)
		v = vmap_get(in->params, name);
	if (v)
		return *v;
	return p ? p->dflt : VALUE_NONE;
}

struct vmap params_at(struct arena *a, const struct expand_in *in, int64_t at_ms)
{
	struct vmap m;

	if (!in->dated_n)	/* nobody writes into what this gives */
		return in->params ? *in->params : (struct vmap){ 0 };
	m = in->params ? vmap_copy(a, in->params) : (struct vmap){ 0 };
	/* what is dated is in force by its date, not by now */
	for (size_t i = 0; i < in->dated_n; i++)
		vmap_set(a, &m, in->dated[i].name, expand_param(in, in->dated[i].name, at_ms));
	return m;
}

static void subject_facts(struct arena *a, const struct expand_in *in, const struct life *l,
		int state, struct vmap *facts, struct vmap *fields)
{
	const struct ov_place *pl;
	const struct ov_unit *u;
	const struct ov_person *ps;

	switch (l->s.kind) {
	case SUB_PLACE:
		pl = ov_place(in->org, (place_id){ l->s.id });
		vmap_set(a, facts, STR("place.kind"), value_text(pl->kind));
		vmap_set(a, facts, STR("place.risk"), value_text(pl->risk));
		break;
	case SUB_UNIT: case SUB_CLASS: case SUB_GRADE:
		u = ov_unit(in->org, (unit_id){ l->s.id });
		vmap_set(a, facts, l->s.kind == SUB_UNIT ? STR("unit.kind") : STR("class.kind"),
				value_text(u ? u->kind : STR("")));
		break;
	case SUB_PERSON:
		ps = ov_person(in->org, (person_id){ l->s.id });
		vmap_set(a, facts, STR("person.kind"), value_text(ps->kind));
		vmap_set(a, fields, STR("person"), value_ref(REF_PERSON, l->s.id));
		break;
	case SUB_POST: vmap_set(a, fields, STR("post"), value_text(l->s.word)); break;
	case SUB_RECORD:
		for (size_t i = 0; l->record && l->record->fields && i < l->record->fields->n; i++)
			vmap_set(a, fields, l->record->fields->name[i], l->record->fields->val[i]);
		if (l->record && state >= 0)
			vmap_set(a, fields, STR("state"),
					value_text(l->record->loop->state[state].m.id));
		break;
	case SUB_ASSET: case SUB_BODY: case SUB_ENTRY: break;
	}
}

/* Facts of the organisation and the calendar as of a moment: includes(), period(). */
struct moment { const struct expand_in *in; int64_t at_ms; };

static bool holds_post(const struct moment *m, person_id p, str post)
{
	size_t first, n = ov_appointments(m->in->org, p, &first);

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *ap = &m->in->org->appointment[i];

		if (ap->from_ms <= m->at_ms && m->at_ms < ap->to_ms
		    && post_covers(m->in->policy, ap->post, post))
			return true;
	}
	return false;
}

static bool moment_fact(void *ctx, const struct fact_query *q, struct value *ret)
{
	const struct moment *m = ctx;
	const struct value *v = q->subject;
	bool yes = false;

	if (q->kind == FACT_PERIOD) {
		*ret = value_flag(cal_period_on(m->in->calendar, q->name, instant_day(m->at_ms,
				m->in->calendar->utc_offset_ms)));
		return true;
	}
	if (q->kind != FACT_INCLUDES || !v)
		return false;
	if (v->kind == V_REF)
		yes = holds_post(m, (person_id){ v->id }, q->name);
	for (size_t i = 0; v->kind == V_LIST && i < v->list.n && !yes; i++)
		yes = v->list.at[i].kind == V_REF
			&& holds_post(m, (person_id){ v->list.at[i].id }, q->name);
	*ret = value_flag(yes);
	return true;
}

bool where_holds(struct arena *a, const struct expand_in *in, const struct duty *d,
		 const struct life *const *l, size_t n, int64_t at_ms, int state)
{
	struct vmap facts = { 0 }, fields = { 0 }, params;
	struct moment moment = { in, at_ms };
	struct expr_env env = {
		.policy = in->policy, .fields = &fields, .subject = &facts,
		.calendar = in->calendar, .fact = moment_fact, .fact_ctx = &moment,
		.now_ms = in->now_ms, .utc_offset_ms = in->calendar->utc_offset_ms,
	};

	if (!d->where)
		return true;
	params = params_at(a, in, at_ms);
	env.params = &params;
	for (size_t i = 0; i < n; i++) {
		subject_facts(a, in, l[i], state, &facts, &fields);
		if (l[i]->columns)
			env.entry = l[i]->columns;
	}
	return expr_true(a, d->where, &env);
}

int64_t adopted_ms(const struct expand_in *in, const struct duty *d)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < in->adoption_n; i++)
		if (str_eq(in->adoption[i].pack, d->m.pack) && in->adoption[i].from_ms < at)
			at = in->adoption[i].from_ms;
	return at;
}

struct duration within_duration(struct arena *a, const struct expand_in *in, const struct within *w,
		const struct vmap *fields, int64_t at_ms)
{
	struct vmap params;
	struct expr_env env = {
		.policy = in->policy, .fields = fields, .calendar = in->calendar,
		.now_ms = in->now_ms, .utc_offset_ms = in->calendar->utc_offset_ms,
	};
	struct value v;

	if (!w->expr)
		return w->d;
	params = params_at(a, in, at_ms);
	env.params = &params;
	v = expr_eval(a, w->expr, &env);
	return v.kind == V_DURATION ? v.dur : (struct duration){ 0, DUR_D };
}

/* --- on whom it falls --- */

static const struct subject_record *record_by_id(const struct expand_in *in, int64_t id)
{
	for (size_t i = 0; i < in->record_n; i++)
		if (in->record[i].id == id)
			return &in->record[i];
	return NULL;
}

static void who_subject(const struct expand_in *in, const struct subject *s, struct who_ctx *c)
{
	const struct subject_record *r;

	switch (s->kind) {
	case SUB_UNIT: break;
	case SUB_PLACE: c->place = (place_id){ s->id }; break;
	case SUB_CLASS: case SUB_GRADE: c->unit = (unit_id){ s->id }; break;
	case SUB_PERSON: c->subject = (person_id){ s->id }; break;
	case SUB_POST: c->subject_post = s->word; break;
	case SUB_RECORD:
		r = record_by_id(in, s->id);
		if (!r)
			break;
		c->fields = r->fields;
		c->creator = r->creator;
		c->place = r->place;
		break;
	case SUB_ASSET: case SUB_BODY: case SUB_ENTRY: break;
	}
}

struct who_set occurrence_owners(struct arena *a, const struct expand_in *in,
		const struct occurrence *o, int64_t at_ms)
{
	struct who_ctx c = {
		.policy = in->policy, .org = in->org, .at_ms = at_ms, .params = in->params,
		.unit = in->org->unit, .on_duty = in->on_duty, .fn_ctx = in->on_duty_ctx,
	};

	for (size_t i = 0; i < o->subject_n; i++)
		who_subject(in, &o->subject[i], &c);
	if (!o->duty->who)
		return (struct who_set){ 0 };
	return who_present(a, o->duty->who, &c);
}

bool duty_concerns(struct arena *a, const struct expand_in *in, const struct duty *d,
		const struct subject *s, int64_t at_ms)
{
	struct vmap params = params_at(a, in, at_ms);
	struct expr_env env = { .policy = in->policy, .params = &params, .calendar = in->calendar,
		.now_ms = in->now_ms, .utc_offset_ms = in->calendar->utc_offset_ms };
	const struct life one = { .s = *s }, *l = &one;

	return expr_true(a, d->m.if_, &env) && where_holds(a, in, d, &l, 1, at_ms, -1);
}
