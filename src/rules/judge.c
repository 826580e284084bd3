/*
 * judge: one record against the proofs of one duty: which subjects it is about, when it
 * was done, and whether it counts (rules/match.h). Fields are those after the step into
 * the state, as corrected since: moving on withdraws nothing.
 */
#include "rules/match.h"

#include "base/arena.h"
#include "base/date.h"

struct judging {
	struct arena *a;
	const struct expand_in *in;
	const struct duty *duty;
	const struct judged_record *r;
	const struct proof *proof;
	int32_t part;
	const struct past_step *step;	/* the one that counts, or NULL */
	const struct vmap *fields;	/* as they stood after it */
	struct deeds *out;
};

static const struct past_step *counting_step(const struct judging *j)
{
	int state = j->proof->state.len ? loop_state(j->r->loop, j->proof->state) : -1;
	int step = j->proof->step.len ? loop_step_index(j->r->loop, j->proof->step) : -1;

	for (size_t i = 0; i < j->r->past_n; i++) {
		const struct past_step *p = &j->r->past[i];

		if (p->undone || p->step < 0)
			continue;
		if (step >= 0 ? p->step == step : state >= 0 && p->to == state && p->from != p->to)
			return p;
	}
	return NULL;
}

/* Without a step that counts: when something last happened, not the moment of asking. */
static int64_t last_time(const struct judging *j)
{
	return j->r->past_n ? j->r->past[j->r->past_n - 1].at_ms : j->in->now_ms;
}

static int64_t doing_time(const struct judging *j)
{
	const struct value *v = j->proof->at.len ? vmap_get(j->fields, j->proof->at) : NULL;

	if (v && v->kind == V_INSTANT)
		return v->at_ms;
	if (v && v->kind == V_DATE)
		return day_start_ms(v->day, j->in->calendar->utc_offset_ms);
	if (j->step)
		return j->step->at_ms;
	return last_time(j);
}

/* --- subjects that the record names --- */

struct named { struct subject s; const struct row *row; };
struct nameds { struct named *at; size_t n, cap; };

static const char *const same_words[] = { "unit", "place", "class", "grade", "person", "post",
		"asset", "body", "entry", "record" };

static const struct same *same_for(const struct proof *f, enum subject_kind k)
{
	for (size_t i = 0; i < f->same_n; i++)
		if (str_eq(f->same[i].subject, str_of(same_words[k])))
			return &f->same[i];
	return NULL;
}

static void name_one(const struct judging *j, const struct per *p, const struct value *v,
		const struct row *row, struct nameds *ret)
{
	struct subject s = { .kind = p->kind };

	if (v->kind == V_REF)
		s.id = v->id;
	else if (v->kind == V_TEXT && p->kind == SUB_ENTRY)
		s.word = str_fmt(j->a, "%.*s/%.*s", STR_ARG(p->of), STR_ARG(v->text));
	else if (v->kind == V_TEXT && (p->kind == SUB_POST || p->kind == SUB_BODY))
		s.word = v->text;
	else
		return;
	struct named *n = VEC_PUSH(j->a, ret);
	*n = (struct named){ s, row };
}

static void name_value(const struct judging *j, const struct per *p, const struct value *v,
		const struct row *row, struct nameds *ret)
{
	if (!v)
		return;
	if (v->kind != V_LIST)
		name_one(j, p, v, row, ret);
	for (size_t i = 0; v->kind == V_LIST && i < v->list.n; i++)
		name_one(j, p, &v->list.at[i], row, ret);
}

static void name_rows(const struct judging *j, const struct per *p, const struct same *sm,
		struct nameds *ret)
{
	const struct value *v = vmap_get(j->fields, sm->rows_field);

	for (size_t i = 0; v && v->kind == V_ROWS && i < v->rows.n; i++)
		name_value(j, p, row_get(&v->rows.at[i], sm->rows_col), &v->rows.at[i], ret);
}

static void subjects(const struct judging *j, const struct per *p, struct nameds *ret)
{
	const struct same *sm = same_for(j->proof, p->kind);
	struct value self;

	*ret = (struct nameds){ 0 };
	if (p->kind == SUB_UNIT && !sm) {
		self = value_ref(REF_UNIT, j->in->org->unit.v);
		name_one(j, p, &self, NULL, ret);
	} else if (p->kind == SUB_BODY && !sm) {
		self = value_text(p->of);
		name_one(j, p, &self, NULL, ret);
	} else if (p->kind == SUB_PERSON && (j->proof->person_doer || (sm && str_eq(sm->path,
			STR("doer"))))) {
		self = value_ref(REF_PERSON, j->step ? j->step->doer.v : 0);
		if (self.id)
			name_one(j, p, &self, NULL, ret);
	} else if (sm && p->kind == SUB_RECORD && !loop_field(j->r->loop, sm->path)) {
		/* same: {record: record}: the record itself */
		self = value_ref(REF_RECORD, j->r->id);
		name_one(j, p, &self, NULL, ret);
	} else if (sm && sm->rows) {
		name_rows(j, p, sm, ret);
	} else if (sm) {
		name_value(j, p, vmap_get(j->fields, sm->path), NULL, ret);
	}
}

/* --- does it count? --- */

static bool where_true(const struct judging *j, const struct row *row)
{
	struct expr_env env = {
		.policy = j->in->policy, .params = j->in->params, .fields = j->fields, .row = row,
		.calendar = j->in->calendar, .now_ms = j->in->now_ms,
		.utc_offset_ms = j->in->calendar->utc_offset_ms,
	};

	return expr_true(j->a, j->proof->where, &env);
}

static bool doer_fits(const struct judging *j, const struct subject *s, size_t n)
{
	struct who_ctx c = {
		.policy = j->in->policy, .org = j->in->org,
		.at_ms = j->step ? j->step->at_ms : j->in->now_ms, .params = j->in->params,
		.fields = j->fields, .unit = j->in->org->unit,
	};

	if (!j->proof->doer)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (s[i].kind == SUB_PLACE)
			c.place = (place_id){ s[i].id };
		else if (s[i].kind == SUB_CLASS || s[i].kind == SUB_GRADE)
			c.unit = (unit_id){ s[i].id };
		else if (s[i].kind == SUB_PERSON)
			c.subject = (person_id){ s[i].id };
		else if (s[i].kind == SUB_POST)
			c.subject_post = s[i].word;
	}
	/* doer: who — the people on whom the duty falls, when the pack says so by that word */
	struct who_set set = who_eval(j->a, j->proof->doer, &c);
	return j->step && who_has(&set, j->step->doer);
}

/*
 * "": this way of proving does not ask for a period; "?": it does, and the record says none,
 * which fits nowhere.
 */
static str period_named(const struct judging *j)
{
	for (size_t i = 0; i < j->proof->same_n; i++) {
		const struct value *v;

		if (!str_eq(j->proof->same[i].subject, STR("period")))
			continue;
		v = vmap_get(j->fields, j->proof->same[i].path);
		return v && v->kind == V_TEXT && v->text.len ? v->text : STR("?");
	}
	return STR("");
}

static bool same_subject(const struct subject *a, const struct subject *b)
{
	return a->kind == b->kind && a->id == b->id && str_eq(a->word, b->word);
}

/* One deed a subject and part; of several rows about one subject the best counts. */
static void deed_note(const struct judging *j, const struct deed *d)
{
	for (size_t i = 0; i < j->out->n; i++) {
		struct deed *o = &j->out->at[i];
		bool same = o->part == d->part && o->subject_n == d->subject_n;

		for (size_t k = 0; same && k < d->subject_n; k++)
			same = same_subject(&o->subject[k], &d->subject[k]);
		if (!same)
			continue;
		if (o->why != WHY_NONE && (d->why == WHY_NONE || o->why < d->why))
			*o = *d;
		return;
	}
	struct deed *n = VEC_PUSH(j->a, j->out);
	*n = *d;
}

static void deed_judge(const struct judging *j, const struct named *n0, const struct named *n1)
{
	struct deed d = {
		.record = j->r->id, .part = j->part, .done_ms = doing_time(j),
		.period = period_named(j), .accepted_ms = j->step ? j->step->at_ms : last_time(j),
		.doer = j->step ? j->step->doer : (person_id){ 0 },
	};
	const struct row *row = n0->row ? n0->row : n1 ? n1->row : NULL;

	d.subject[0] = n0->s;
	d.subject_n = 1;
	if (n1) {
		d.subject[1] = n1->s;
		d.subject_n = 2;
	}
	if (!where_true(j, row))
		d.why = WHY_WHERE;
	else if (!j->step)
		d.why = WHY_STATE;
	else if (!doer_fits(j, d.subject, d.subject_n))
		d.why = WHY_PERSON;
	deed_note(j, &d);
}

static void proof_judge(struct judging *j)
{
	struct nameds n0, n1 = { 0 };

	j->step = counting_step(j);
	j->fields = j->step && j->r->after ? &j->r->after[j->step - j->r->past] : j->r->fields;
	subjects(j, &j->duty->per[0], &n0);
	if (j->duty->per_n == 2)
		subjects(j, &j->duty->per[1], &n1);
	for (size_t i = 0; i < n0.n; i++) {
		if (j->duty->per_n == 1)
			deed_judge(j, &n0.at[i], NULL);
		for (size_t k = 0; j->duty->per_n == 2 && k < n1.n; k++)
			deed_judge(j, &n0.at[i], &n1.at[k]);
	}
}

void judge(struct arena *a, const struct expand_in *in, const struct duty *d,
		const struct judged_record *r, struct deeds *ret)
{
	struct judging j = { .a = a, .in = in, .duty = d, .r = r, .out = ret };

	*ret = (struct deeds){ 0 };
	if (r->is_void)
		return;
	for (size_t i = 0; i < d->proof_n; i++) {
		const struct proof *f = &d->proof[i];

		if (f->mode == PROOF_EACH)
			continue;	/* filled by other occurrences, not by records */
		for (size_t k = 0; f->mode == PROOF_ALL && k < f->part_n; k++) {
			j.proof = &f->part[k];
			j.part = (int32_t)k;
			if (str_eq(j.proof->loop, r->loop->m.id))
				proof_judge(&j);
		}
		if (f->mode == PROOF_ONE && str_eq(f->loop, r->loop->m.id)) {
			j.proof = f;
			j.part = 0;
			proof_judge(&j);
		}
	}
}
