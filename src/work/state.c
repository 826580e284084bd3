/*
 * state: what the unit looks like: holes, figures, minutes, and who answers for what. The
 * formulas and the judging are of the rules; here are only the look-ups that they ask for.
 * Coverage of a day before the present view's history, and all questions "as known then",
 * read the organisation anew for that moment.
 */
#include "base/limits.h"
#include "gen/q_occurrence.h"
#include "gen/q_state.h"
#include "gen/q_todo.h"
#include "rules/burden.h"
#include "rules/indicator.h"
#include "work/memo.h"
#include "work/occur.h"
#include "work/tasks.h"

#define STANDING_MAX 5000	/* records of one kind in force: letters of all, and more */
#define ROWS_CHUNK 500

/* --- coverage: facts that requires ask of --- */

struct standing { const struct loop *loop; struct vmap fields; };
struct stock {			/* records of a loop in a state, read once */
	str loop, state;
	struct standing *at; size_t n, cap;
};
struct cover {
	struct op *op;
	const struct work *w;
	int64_t at_ms;
	enum err err;		/* of a look-up: the first */
	VEC(struct stock) stock;
};

static void cover_fail(struct cover *c, enum err e)
{
	if (!c->err)
		c->err = e;
}

/*
 * Of a person the duty may never have been asked (admission training of who came before the
 * pack): what is not owed is not wanting.
 */
static bool stood(struct cover *c, str duty, const struct subject *s)
{
	struct q_duty_stood row;
	enum err e = q_duty_stood(c->op, c->w->org->tenant, duty, subject_key(c->op->arena, s),
				  c->at_ms, &row);

	if (e) {
		if (e != ERR_NOTFOUND)
			cover_fail(c, e);
		return e == ERR_NOTFOUND && s->kind == SUB_PERSON;
	}
	if (str_eq(row.state, STR("waived")))
		return true;
	return str_eq(row.state, STR("done")) && row.done_at <= c->at_ms;
}

static bool cover_fulfilled(void *ctx, str duty, const struct subject *s)
{
	return stood(ctx, duty, s);
}

static enum err stock_read(struct cover *c, struct stock *st)
{
	record_id after = { 0 };

	for (size_t all = 0; all < STANDING_MAX; all += ROWS_CHUNK) {
		struct q_records_standing *row;
		size_t n;

		TRY(q_records_standing(c->op, c->w->org->tenant, st->loop, st->state, after,
				       ROWS_CHUNK, &row, &n));
		for (size_t i = 0; i < n; i++) {
			const struct policy *p = c->w->policy;
			struct standing *s = VEC_PUSH(c->op->arena, st);

			if (row[i].composition_id != c->w->composition)
				TRY(work_policy_of(c->op, c->w->org->tenant,
					row[i].composition_id, &p));
			s->loop = policy_loop(p, st->loop);
			if (!s->loop)
				return FAIL(c->op, ERR_CORRUPT, "记录的闭环不在它的方案里");
			TRY(fields_load(c->op, s->loop->field, s->loop->field_n, row[i].body,
				&s->fields));
		}
		if (n < ROWS_CHUNK)
			break;
		after = row[n - 1].id;
	}
	return ERR_OK;
}

static const struct stock *stock_of(struct cover *c, str loop, str state)
{
	for (size_t i = 0; i < c->stock.n; i++)
		if (str_eq(c->stock.at[i].loop, loop) && str_eq(c->stock.at[i].state, state))
			return &c->stock.at[i];
	struct stock *s = VEC_PUSH(c->op->arena, &c->stock);
	s->loop = loop;
	s->state = state;
	enum err e = stock_read(c, s);
	if (e)
		cover_fail(c, e);
	return s;
}

static bool is_subject(const struct value *v, const struct subject *s)
{
	str word = s->word;

	if (v->kind == V_REF)
		return s->id && v->id == s->id;
	if (v->kind != V_TEXT)
		return false;
	if (s->kind == SUB_ENTRY)	/* "plan-kinds/fire": the field holds the entry */
		(void)str_cut(&word, '/');
	return word.len && str_eq(v->text, word);
}

static bool value_names(const struct value *v, const struct subject *s)
{
	if (!v)
		return false;
	if (v->kind != V_LIST)
		return is_subject(v, s);
	for (size_t i = 0; i < v->list.n; i++)
		if (is_subject(&v->list.at[i], s))
			return true;
	return false;
}

static bool same_holds(const struct vmap *fields, const struct same *m, const struct subject *s)
{
	const struct value *v = vmap_get(fields, m->rows ? m->rows_field : m->path);

	if (!m->rows)
		return value_names(v, s);
	for (size_t i = 0; v && v->kind == V_ROWS && i < v->rows.n; i++)
		if (value_names(row_get(&v->rows.at[i], m->rows_col), s))
			return true;
	return false;
}

static bool standing_for(const struct standing *x, const struct require *r, const struct subject *s)
{
	for (size_t i = 0; i < r->same_n; i++)
		if (!same_holds(&x->fields, &r->same[i], s))
			return false;
	return true;
}

static bool present(const struct cover *c, const struct value *v)
{
	const struct ov_person *p = v && v->kind == V_REF
		? ov_person(c->w->org, (person_id){ v->id }) : NULL;

	return p && p->from_ms <= c->at_ms && c->at_ms < p->to_ms;
}

/* Every row with a person column names somebody of the school in the first of them. */
static bool roles_filled(const struct cover *c, const struct standing *x)
{
	for (size_t i = 0; i < x->loop->field_n; i++) {
		const struct field *f = &x->loop->field[i];
		const struct value *v = f->type == F_ROWS ? vmap_get(&x->fields, f->m.id) : NULL;
		const struct field *who = NULL;

		for (size_t k = 0; k < f->column_n && !who; k++)
			if (f->column[k].type == F_PERSON)
				who = &f->column[k];
		for (size_t k = 0; who && v && v->kind == V_ROWS && k < v->rows.n; k++)
			if (!present(c, row_get(&v->rows.at[k], who->m.id)))
				return false;
	}
	return true;
}

/* no_open: no record of the loop is in the state, or, without one, in any that is not final. */
static bool none_open(struct cover *c, const struct require *r, const struct subject *s)
{
	const struct loop *lp = policy_loop(c->w->policy, r->loop);

	for (size_t i = 0; lp && i < lp->state_n; i++) {
		const struct state *st = &lp->state[i];

		if (r->state.len ? !str_eq(st->m.id, r->state) : st->final)
			continue;
		const struct stock *x = stock_of(c, r->loop, st->m.id);
		for (size_t k = 0; k < x->n; k++)
			if (standing_for(&x->at[k], r, s))
				return false;
	}
	return true;
}

static bool cover_record(void *ctx, const struct require *r, const struct subject *s)
{
	struct cover *c = ctx;

	if (r->need == NEED_NO_OPEN)
		return none_open(c, r, s);
	const struct stock *x = stock_of(c, r->loop, r->state);
	for (size_t i = 0; i < x->n; i++) {
		if (r->need == NEED_ROLES_FILLED) {
			if (standing_for(&x->at[i], r, s) && !roles_filled(c, &x->at[i]))
				return false;
		} else if (standing_for(&x->at[i], r, s)) {
			return true;
		}
	}
	return r->need == NEED_ROLES_FILLED;
}

static size_t cover_duties(void *ctx, person_id p)
{
	struct cover *c = ctx;
	str *id;

	return duties_of(c->op, c->w, p, &id);
}

static size_t cover_seats(void *ctx, const struct shift *sh, person_id *ret, size_t max)
{
	const struct cover *c = ctx;

	return roster_seats(c->w, sh, ret, max);
}

/* The organisation as of a moment: the present view where it reaches back so far. */
static enum err view_at(struct op *op, const struct work *w, int64_t at_ms, int64_t known_ms,
			struct work *ret)
{
	struct date d = date_from_day(instant_day(op->now_ms, op->clock->utc_offset_ms));
	int64_t from = day_start_ms(day_of(d.month >= 9 ? d.year : d.year - 1, 9, 1),
				    op->clock->utc_offset_ms);
	struct org_view *v;

	*ret = *w;
	if (at_ms >= from && known_ms == INT64_MAX)
		return ERR_OK;
	v = NEW(op->arena, struct org_view);
	TRY(org_view_load(op, w->org->tenant, at_ms, at_ms + 1, known_ms, v));
	ret->org = v;
	return ERR_OK;
}

static enum err cover(struct op *op, const struct work *w, int64_t at_ms, struct holes *ret)
{
	struct cover c = { .op = op, .w = w, .at_ms = at_ms };
	struct coverage_in in = { .policy = w->policy, .params = &w->params, .org = w->org,
		.calendar = w->calendar, .waiver = w->waiver, .waiver_n = w->waiver_n,
		.adoption = w->adoption, .adoption_n = w->adoption_n, .at_ms = at_ms,
		.fulfilled = cover_fulfilled, .record = cover_record, .duties = cover_duties,
		.seats = cover_seats, .ctx = &c };

	coverage(op->arena, &in, ret);
	TRY(c.err);
	int32_t off = op->clock->utc_offset_ms;
	/* whom open work falls on is kept as of now: of a past day it is not asked */
	return instant_day(at_ms, off) < instant_day(op->now_ms, off) ? ERR_OK
								     : nobody_holes(op, w, ret);
}

enum err work_cover(struct op *op, const struct work *w, int64_t at_ms, struct holes *ret)
{
	return cover(op, w, at_ms, ret);
}

enum err coverage_of(struct op *op, int64_t at_ms, struct holes *ret)
{
	const struct work *w;
	struct work then;

	TRY(scope_require(op, CAP_SEE_UNIT));
	TRY(work_load(op, op->scope->tenant, &w));
	TRY(view_at(op, w, at_ms, INT64_MAX, &then));
	return cover(op, &then, at_ms, ret);
}

/* --- indicators --- */

struct figures {
	struct op *op;
	const struct work *w;
	day_no from, to;
	enum err err;
	struct holes holes; bool covered;
};

static int64_t figure_counter(void *ctx, str metric)
{
	struct figures *f = ctx;
	struct q_tally_sum row;

	enum err e = q_tally_sum(f->op, &(struct q_tally_sum_in){
		.tenant = f->w->org->tenant, .metric = metric, .dim = STR(""), .value = STR(""),
		.from = f->from, .to = f->to,
	}, &row);
	if (!e)
		return row.n;
	if (!f->err)
		f->err = e;
	return 0;
}

static int64_t figure_in_state(void *ctx, str loop, str state)
{
	struct figures *f = ctx;
	struct q_records_in_state row;

	enum err e = q_records_in_state(f->op, f->w->org->tenant, loop, state, &row);
	if (!e)
		return row.n;
	if (!f->err)
		f->err = e;
	return 0;
}

static bool code_of(const struct strs *codes, str code)
{
	for (size_t i = 0; i < codes->n; i++)
		if (str_eq(codes->at[i], code))
			return true;
	return false;
}

/* As of the end of the span, or of now: what stands, not what was counted. */
static void figure_covered(void *ctx, const struct strs *codes, int64_t *ret_filled,
			   int64_t *ret_asked)
{
	struct figures *f = ctx;
	int64_t end = day_start_ms(f->to + 1, f->op->clock->utc_offset_ms) - 1;
	int64_t asked = 0, open = 0;

	if (!f->covered) {
		f->covered = true;
		enum err e = cover(f->op, f->w, end < f->op->now_ms ? end : f->op->now_ms,
			&f->holes);
		if (e && !f->err)
			f->err = e;
		if (e)
			f->holes = (struct holes){ 0 };
	}
	for (size_t i = 0; f->holes.asked && i < f->w->policy->require_n; i++)
		if (code_of(codes, f->w->policy->require[i].m.id))
			asked += f->holes.asked[i];
	for (size_t i = 0; i < f->holes.n; i++)
		open += !f->holes.at[i].pending && code_of(codes, f->holes.at[i].code);
	*ret_asked = asked;
	*ret_filled = asked - open;
}

static bool took(const struct rec *r, int step, person_id p)
{
	for (size_t i = 0; i < r->past_n; i++)
		if (!r->past[i].undone && r->past[i].step == step && r->past[i].doer.v == p.v)
			return true;
	return false;
}

/* Whom the step asks in the record as it stands, and who of them has taken it. */
static void ack_count(struct rec *r, int step, int64_t *done, int64_t *asked)
{
	struct machine_ctx c = rec_ctx(r);
	struct who_ctx wc = { .policy = r->policy, .org = r->w->org, .at_ms = r->op->now_ms,
		.fields = &r->fields, .loop = r->loop, .params = &r->w->params,
		.creator = r->row.creator_id, .typist = r->row.typist_id, .place = r->row.place_id,
		.unit = r->row.unit_id };
	struct who_set s = who_eval(r->op->arena, r->loop->step[step].by, &wc);

	for (size_t i = 0; i < s.n; i++) {
		struct who_hit hat;
		size_t hats;
		bool had = false;

		for (size_t k = 0; k < i && !had; k++)
			had = s.at[k].person.v == s.at[i].person.v;
		if (had)
			continue;
		enum verdict v = machine_may(r->op->arena, &c, &r->m, step, (struct actor){
			.person = s.at[i].person, .typist = s.at[i].person,
		}, &hat, &hats);
		*asked += 1;
		*done += v == NO_ONCE || (v != MAY && took(r, step, s.at[i].person));
	}
}

static enum err ack_state(struct figures *f, const struct loop *lp, const struct state *st,
			  str step, int64_t *done, int64_t *asked)
{
	for (record_id after = { 0 };;) {
		struct q_records_standing *row;
		size_t n;

		TRY(q_records_standing(f->op, f->w->org->tenant, lp->m.id, st->m.id, after,
				       ROWS_CHUNK, &row, &n));
		for (size_t i = 0; i < n; i++) {
			struct rec *r = NEW(f->op->arena, struct rec);

			TRY(rec_load(f->op, f->w, row[i].id, r));
			int k = loop_step_index(r->loop, step);
			if (k >= 0)
				ack_count(r, k, done, asked);
		}
		if (n < ROWS_CHUNK)
			return ERR_OK;
		after = row[n - 1].id;
	}
}

static void figure_acknowledged(void *ctx, str loop, str step, int64_t *ret_done,
	int64_t *ret_asked)
{
	struct figures *f = ctx;
	const struct loop *lp = policy_loop(f->w->policy, loop);
	int k = lp ? loop_step_index(lp, step) : -1;

	*ret_done = *ret_asked = 0;
	for (size_t i = 0; k >= 0 && i < lp->state_n; i++) {
		if (!(lp->step[k].from >> i & 1))
			continue;
		enum err e = ack_state(f, lp, &lp->state[i], step, ret_done, ret_asked);
		if (e && !f->err)
			f->err = e;
	}
}

enum err indicators_of(struct op *op, day_no from, day_no to, struct indicator_row **ret,
		       size_t *ret_n)
{
	struct figures f = { .op = op, .from = from, .to = to };
	struct indicator_env env = { figure_counter, figure_in_state, figure_covered,
		figure_acknowledged, &f };

	TRY(scope_require(op, CAP_SEE_UNIT));
	TRY(work_load(op, op->scope->tenant, &f.w));
	struct indicator_row *row = NEW_N(op->arena, f.w->policy->indicator_n,
		struct indicator_row);
	for (size_t i = 0; i < f.w->policy->indicator_n; i++) {
		struct indicator_value v;

		indicator_eval(op->arena, f.w->policy, &f.w->policy->indicator[i], &env, &v);
		row[i] = (struct indicator_row){ &f.w->policy->indicator[i], v.num, v.numerator,
			v.denominator, v.known, v.ratio };
	}
	TRY(f.err);
	*ret = row;
	*ret_n = f.w->policy->indicator_n;
	return ERR_OK;
}

enum err counter_of(struct op *op, str metric, str dim, str value, day_no from, day_no to,
		    int64_t *ret_n)
{
	struct q_tally_sum row;

	TRY(scope_require(op, CAP_SEE_UNIT));
	TRY(q_tally_sum(op, &(struct q_tally_sum_in){ .tenant = op->scope->tenant, .metric = metric,
		.dim = dim, .value = value, .from = from, .to = to }, &row));
	*ret_n = row.n;
	return ERR_OK;
}

/* --- burden --- */

struct spans { struct occurrence *occ; struct who_set *owners; size_t n, cap; };

static void spans_grow(struct arena *a, struct spans *s)
{
	size_t cap = s->cap ? s->cap * 2 : 512;
	struct occurrence *occ = NEW_N(a, cap, struct occurrence);
	struct who_set *owners = NEW_N(a, cap, struct who_set);

	if (s->n) {
		memcpy(occ, s->occ, s->n * sizeof(occ[0]));
		memcpy(owners, s->owners, s->n * sizeof(owners[0]));
	}
	s->occ = occ;
	s->owners = owners;
	s->cap = cap;
}

static enum err span_add(struct op *op, const struct work *w, struct expand_in *in,
			 const struct q_occurrences_between *row, struct spans *s)
{
	struct q_occurrence_get as = { .id = row->id, .key = row->key, .duty = row->duty,
		.subject = row->subject, .subject2 = row->subject2, .period = row->period,
		.trigger_key = row->trigger_key, .slot = row->slot, .from_at = row->from_at,
		.to_at = row->to_at, .due_at = row->due_at, .late_to_at = row->late_to_at,
		.period_start = row->period_start, .period_end = row->period_end };
	struct occurrence o;

	if (str_eq(row->state, STR("void")) || str_eq(row->state, STR("waived"))
	    || !occ_from_row(op->arena, w->policy, &as, &o) || o.duty->group == GROUP_NONE)
		return ERR_OK;
	if (s->n == s->cap)
		spans_grow(op->arena, s);
	TRY(occ_record(op, w, &o, in));
	s->occ[s->n] = o;
	s->owners[s->n++] = occurrence_owners(op->arena, in, &o, row->due_at - 1);
	return ERR_OK;
}

static enum err spans_read(struct op *op, const struct work *w, day_no from, day_no to,
			   struct spans *s)
{
	int32_t off = op->clock->utc_offset_ms;
	struct expand_in in = work_expand_in(op, w);
	struct q_occurrences_between_in q = { .tenant = w->org->tenant,
		.from = day_start_ms(from, off) + 1, .to = day_start_ms(to + 1, off) + 1,
		.after_due = 0, .limit = ROWS_CHUNK };

	for (;;) {
		struct q_occurrences_between *row;
		size_t n;

		TRY(q_occurrences_between(op, &q, &row, &n));
		for (size_t i = 0; i < n; i++)
			TRY(span_add(op, w, &in, &row[i], s));
		if (n < ROWS_CHUNK)
			return ERR_OK;
		q.after_due = row[n - 1].due_at;
		q.after_id = row[n - 1].id;
	}
}

static enum err burdens_make(struct op *op, const struct work *w, day_no from, day_no to,
			     struct burdens *ret)
{
	struct spans s = { 0 };

	TRY(spans_read(op, w, from, to, &s));
	burden(op->arena, w->policy, s.occ, s.owners, s.n, op->clock->utc_offset_ms, ret);
	return ERR_OK;
}

/* Of all people, as the tenant stands: asked by each of them for the same week. */
static enum err burdens_get(struct op *op, const struct work *w, day_no from, day_no to,
			    struct burdens *ret)
{
	day_no today = instant_day(op->now_ms, op->clock->utc_offset_ms);	/* dated values */
	struct memo_key key = { MEMO_BURDEN, (int64_t)from << 32 | to, today };
	str kept = memo_find(op, w, key);

	if (kept.ptr) {
		ret->at = (struct burden_row *)(uintptr_t)kept.ptr;	/* only read */
		ret->n = kept.len / sizeof(ret->at[0]);
		return ERR_OK;
	}
	TRY(burdens_make(op, w, from, to, ret));
	memo_keep(op, w, key, (str){ (const char *)ret->at, ret->n * sizeof(ret->at[0]) });
	return ERR_OK;
}

enum err burden_of(struct op *op, day_no from, day_no to, struct burden_line **ret, size_t *ret_n)
{
	const struct work *w;
	struct burdens b = { 0 };
	bool all = scope_can(op->scope, CAP_SEE_UNIT);
	size_t n = 0;

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(burdens_get(op, w, from, to, &b));
	struct burden_line *line = NEW_N(op->arena, b.n, struct burden_line);
	for (size_t i = 0; i < b.n; i++)
		if (all || b.at[i].person.v == op->scope->person.v)	/* else only one's own */
			line[n++] = (struct burden_line){ b.at[i].person,
				person_name_of(w, b.at[i].person), b.at[i].week, b.at[i].count,
				b.at[i].minutes_do, b.at[i].minutes_record };
	*ret = line;
	*ret_n = n;
	return ERR_OK;
}

/* --- who was --- */

struct answers { struct responsible *at; size_t n, cap; };

static str posts_say(struct op *op, const struct work *w, person_id p, int64_t at_ms)
{
	struct who_hit *hit;
	size_t n = who_posts(op->arena, w->policy, w->org, p, at_ms, &hit);
	const struct post *x = n ? policy_post(w->policy, hit[0].post) : NULL;

	return x ? x->m.label : STR("");
}

static void who_place(struct op *op, const struct work *w, place_id place, int64_t at_ms,
		      struct answers *ret)
{
	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (k->place.v != place.v || k->from_ms > at_ms || at_ms >= k->to_ms)
			continue;
		struct responsible *r = VEC_PUSH(op->arena, ret);
		*r = (struct responsible){ k->person, person_name_of(w, k->person), k->role,
			posts_say(op, w, k->person, at_ms), k->from_ms, k->to_ms, k->recorded_ms };
	}
}

static void answer_add(struct op *op, const struct work *w, const struct who_hit *h, int64_t at_ms,
		       struct answers *ret)
{
	const struct post *post = h->post.len ? policy_post(w->policy, h->post) : NULL;

	for (size_t i = 0; i < ret->n; i++)
		if (ret->at[i].person.v == h->person.v)
			return;
	struct responsible *r = VEC_PUSH(op->arena, ret);
	*r = (struct responsible){ .person = h->person, .name = person_name_of(w, h->person),
		.role = h->stand_in ? STR("stand-in") : STR(""),
		.post = post ? post->m.label : posts_say(op, w, h->person, at_ms),
		.from_ms = at_ms, .to_ms = INSTANT_OPEN };
	for (size_t i = 0; i < w->org->appointment_n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];

		if (a->person.v == h->person.v && a->from_ms <= at_ms && at_ms < a->to_ms
		    && (!h->appointment.v || a->id.v == h->appointment.v)) {
			r->from_ms = a->from_ms;
			r->to_ms = a->to_ms;
			r->recorded_ms = a->recorded_ms;
			return;
		}
	}
}

/* Owners of every occurrence whose window holds the moment; without one, of the duty as such. */
static void who_duty(struct op *op, const struct work *w, const struct duty *d, int64_t at_ms,
		     struct answers *ret)
{
	struct expand_in in = work_expand_in(op, w);
	struct occurrences os = { 0 };

	in.only_duty = d->m.id;
	in.from = in.to = instant_day(at_ms, op->clock->utc_offset_ms);
	if (!d->on_n)
		expand(op->arena, &in, &os);
	for (size_t i = 0; i < os.n; i++) {
		if (os.at[i].from_ms > at_ms || at_ms >= os.at[i].to_ms)
			continue;
		struct who_set s = occurrence_owners(op->arena, &in, &os.at[i], at_ms);
		for (size_t k = 0; k < s.n; k++)
			answer_add(op, w, &s.at[k], at_ms, ret);
	}
	if (ret->n)
		return;
	struct who_ctx c = { .policy = w->policy, .org = w->org, .at_ms = at_ms,
		.params = &w->params, .unit = w->org->unit };
	struct who_set s = who_present(op->arena, d->who, &c);
	for (size_t k = 0; k < s.n; k++)
		answer_add(op, w, &s.at[k], at_ms, ret);
}

enum err who_was(struct op *op, place_id place, str duty, int64_t at_ms, int64_t known_ms,
		 struct responsible **ret, size_t *ret_n)
{
	const struct work *w;
	struct work then;
	struct answers all = { 0 };

	if (!scope_can(op->scope, CAP_AUDIT))
		TRY(scope_require(op, CAP_SEE_UNIT));
	TRY(work_load(op, op->scope->tenant, &w));
	TRY(view_at(op, w, at_ms, known_ms, &then));
	if (place.v) {
		if (!ov_place(w->org, place))
			return ERR_NOTFOUND;
		who_place(op, &then, place, at_ms, &all);
	} else {
		const struct duty *d = policy_duty(w->policy, duty);

		if (!d)
			return INVALID(op, STR("duty"), "没有名为“%.*s”的职责", STR_ARG(duty));
		who_duty(op, &then, d, at_ms, &all);
	}
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}
