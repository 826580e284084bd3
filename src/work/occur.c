/*
 * occur: expansion brought into rows. expand() says what should exist; rows that exist
 * already are moved, void or come back; what is no longer expected and has nothing done
 * for it goes. A key names neither version nor person, so a change of policy or people
 * keeps what was done.
 */
#include "work/occur.h"

#include "base/idgen.h"
#include "gen/q_policy.h"
#include "gen/q_record.h"
#include "gen/q_step.h"
#include "work/events.h"

/* --- rows and structs --- */

static const char *const state_words[] = { "planned", "open", "done", "missed", "waived", "void" };

static size_t subjects_read(str s1, str s2, struct subject ret[2])
{
	size_t n = 0;

	if (s1.len && subject_parse(s1, &ret[0]))
		n = 1;
	if (n && s2.len && subject_parse(s2, &ret[1]))
		n = 2;
	return n;
}

bool occ_from_row(struct arena *a, const struct policy *p, const struct q_occurrence_get *row,
		struct occurrence *ret)
{
	const struct duty *d = policy_duty(p, row->duty);

	(void)a;
	if (!d)
		return false;
	*ret = (struct occurrence){
		.duty = d, .period = row->period, .trigger = row->trigger_key, .slot = row->slot,
		.from_ms = row->from_at, .to_ms = row->to_at, .due_ms = row->due_at,
		.late_to_ms = row->late_to_at, .period_start = row->period_start,
		.period_end = row->period_end, .provisional = row->provisional,
		.born_late = row->born_late, .is_void = row->void_why.len > 0,
		.void_ms = row->void_at,
	};
	ret->subject_n = subjects_read(row->subject, row->subject2, ret->subject);
	return true;
}

str occ_subject_say(struct op *op, const struct work *w, str key)
{
	struct subject s;
	const struct entry *e;
	struct q_record_get rec;

	if (!key.len || !subject_parse(key, &s))
		return STR_NONE;
	switch (s.kind) {
	case SUB_UNIT: return STR_NONE;	/* the school itself: said by the page */
	case SUB_PLACE: return place_name_of(w, (place_id){ s.id });
	case SUB_CLASS: case SUB_GRADE: return unit_name_of(w, (unit_id){ s.id });
	case SUB_PERSON: return person_name_of(w, (person_id){ s.id });
	case SUB_POST: return policy_post(w->policy, s.word) ? policy_post(w->policy,
			s.word)->m.label : s.word;
	case SUB_BODY: return policy_body(w->policy, s.word) ? policy_body(w->policy,
			s.word)->m.label : s.word;
	case SUB_ENTRY:
		e = entry_of_word(w->policy, s.word);
		return e ? e->m.label : s.word;
	case SUB_RECORD: case SUB_ASSET:
		if (q_record_get(op, w->org->tenant, (record_id){ s.id }, &rec))
			return STR_NONE;
		return str_fmt(op->arena, "%.*s %.*s", STR_ARG(rec.number), STR_ARG(rec.title));
	}
	return STR_NONE;
}

str occ_period_say(struct op *op, const struct work *w, str period)
{
	struct period p;

	if (!period.len || !period_parse(w->calendar, period, &p))
		return STR_NONE;
	struct date s = date_from_day(p.start);
	switch (p.kind) {
	case PER_DAY: case PER_SCHOOL_DAY: return str_fmt(op->arena, "%d月%d日", s.month, s.day);
	case PER_WEEK: return str_fmt(op->arena, "%d月%d日起的一周", s.month, s.day);
	case PER_MONTH: return str_fmt(op->arena, "%d年%d月", s.year, s.month);
	case PER_QUARTER: return str_fmt(op->arena, "%d年第%d季度", s.year, (s.month - 1) / 3 + 1);
	case PER_HALF_YEAR: return str_fmt(op->arena, "%d年%s半年", s.year, s.month < 7 ? "上" : "下");
	case PER_YEAR: return str_fmt(op->arena, "%d年", s.year);
	case PER_SCHOOL_YEAR: return str_fmt(op->arena, "%d—%d学年", s.year, s.year + 1);
	case PER_TERM: return str_fmt(op->arena, "%.*s学期", STR_ARG(period));
	case PER_ONCE: return STR_NONE;
	}
	return STR_NONE;
}

/* --- time --- */

const struct ladder *duty_ladder(const struct work *w, const struct duty *d)
{
	static const struct ladder none;
	const struct parameter *p = policy_parameter(w->policy, STR("late_default"));
	str basis = str_of(basis_word(policy_basis(w->policy, &d->m)));

	if (d->has_late)
		return &d->late;
	for (size_t i = 0; p && i < p->table_n; i++)
		if (str_eq(p->table[i].key, basis) || str_eq(p->table[i].key, STR("other")))
			return &p->table[i].ladder;
	return &none;
}

/*
 * When a rung of its ladder is reached. What was born after its due (entered when it had happened)
 * escalates from its birth, which its id tells: nobody is overseen for days on which nobody knew.
 */
static int64_t rung_at(const struct work *w, const struct ladder *l,
		const struct q_occurrence_get *row)
{
	int64_t since = row->due_at;

	if (row->born_late && idgen_time(row->id.v) > since)
		since = idgen_time(row->id.v);
	return ladder_at(w->calendar, l, (size_t)row->rung, since);
}

int64_t occur_wake_at(struct op *op, const struct work *w, const struct occurrence *o,
		const struct q_occurrence_get *row)
{
	const struct ladder *l = duty_ladder(w, o->duty);
	int64_t at = INSTANT_OPEN;

	(void)op;
	if (str_eq(row->state, STR("planned")))
		return row->from_at;
	if (!str_eq(row->state, STR("open")))
		return INSTANT_OPEN;
	if ((size_t)row->rung < l->n && row->due_at != INSTANT_OPEN)
		at = rung_at(w, l, row);
	return row->late_to_at < at ? row->late_to_at : at;
}

/* --- bringing rows to what is expected --- */

bool occ_same_time(const struct q_occurrence_get *row, const struct occurrence *o)
{
	return row->from_at == o->from_ms && row->to_at == o->to_ms && row->due_at == o->due_ms &&
			row->late_to_at == o->late_to_ms
		&& row->provisional == o->provisional && row->born_late == o->born_late
		&& (row->void_why.len > 0) == o->is_void && row->void_at == o->void_ms;
}

static enum err occ_insert(struct op *op, const struct work *w, const struct occurrence *o, str key)
{
	struct arena *a = op->arena;
	enum occ_state st = o->is_void ? OCC_VOID : occurrence_state(o, false, false, op->now_ms);
	struct q_occurrence_get row = {
		.id = { idgen_next(op->idgen, op->now_ms) },
		.state = str_of(state_words[st]), .from_at = o->from_ms, .due_at = o->due_ms,
		.born_late = o->born_late, .late_to_at = o->late_to_ms,
	};
	struct q_occurrence_add_in in = {
		.tenant = w->org->tenant, .id = row.id, .key = key,
		.duty = o->duty->m.id,
		.subject = o->subject_n ? subject_key(a, &o->subject[0]) : STR(""),
		.subject2 = o->subject_n > 1 ? subject_key(a, &o->subject[1]) : STR(""),
		.period = o->period, .trigger_key = o->trigger, .slot = o->slot,
		.from_at = o->from_ms, .to_at = o->to_ms, .due_at = o->due_ms,
		.late_to_at = o->late_to_ms, .period_start = o->period_start,
		.period_end = o->period_end, .provisional = o->provisional,
		.born_late = o->born_late, .state = row.state,
		.void_why = o->is_void && o->void_why ? str_of(o->void_why) : STR(""),
		.void_at = o->void_ms, .wake_at = occur_wake_at(op, w, o, &row),
	};
	struct tally_lines none = { 0 }, now;
	struct q_occurrence_get made;

	TRY(q_occurrence_add(op, &in));
	TRY(q_occurrence_get(op, in.tenant, in.id, &made));
	tallies_of_occurrence(op, &made, &now);
	TRY(tallies_write(op, in.tenant, &none, &now));
	return occur_todo(op, w, &made);
}

static enum err occ_moved(struct op *op, const struct work *w, const struct q_occurrence_get *row,
		const struct occurrence *o)
{
	bool kept = str_eq(row->state, STR("done")) || str_eq(row->state, STR("waived"));
	struct tally_lines was, now;
	struct q_occurrence_get next = *row;

	next.from_at = o->from_ms;
	next.due_at = o->due_ms;
	next.late_to_at = o->late_to_ms;
	next.born_late = o->born_late;
	if (o->due_ms != row->due_at)	/* a new limit: its ladder begins anew,
		what was late stays noted */
		next.rung = 0;
	if (!kept)	/* a done one stays, also when its trigger is cancelled */
		next.state = str_of(state_words[o->is_void ? OCC_VOID : occurrence_state(o, false,
				false, op->now_ms)]);
	tallies_of_occurrence(op, row, &was);
	TRY(q_occurrence_move(op, &(struct q_occurrence_move_in){
		.tenant = w->org->tenant, .id = row->id, .from_at = o->from_ms, .to_at = o->to_ms,
		.due_at = o->due_ms, .late_to_at = o->late_to_ms, .provisional = o->provisional,
		.born_late = o->born_late, .state = next.state,
		.void_why = o->is_void && o->void_why ? str_of(o->void_why) : STR(""),
		.void_at = o->void_ms, .rung = next.rung, .wake_at = occur_wake_at(op, w, o, &next),
	}));
	TRY(q_occurrence_get(op, w->org->tenant, row->id, &next));
	tallies_of_occurrence(op, &next, &now);
	TRY(tallies_write(op, w->org->tenant, &was, &now));
	return occur_todo(op, w, &next);
}

/* No longer expected. What was done for it stays; the rest goes as if never born. */
static enum err occ_gone(struct op *op, const struct work *w, const struct q_occurrence_get *row)
{
	struct tally_lines was, none = { 0 };
	struct todo_lines empty = { 0 }, empty2 = { 0 };

	if (str_eq(row->state, STR("done")) || str_eq(row->state, STR("waived")) ||
			str_eq(row->state, STR("missed")))
		return ERR_OK;
	tallies_of_occurrence(op, row, &was);
	TRY(tallies_write(op, w->org->tenant, &was, &none));
	TRY(todo_write(op, w->org->tenant, "duty", row->id.v, STR(""), row->duty, &empty));
	TRY(todo_write(op, w->org->tenant, "oversee", row->id.v, STR(""), row->duty, &empty2));
	return q_occurrence_drop(op, w->org->tenant, row->id);
}

struct group { str subject, subject2; };
struct groups { struct group *at; size_t n, cap; };

static void group_note(struct arena *a, struct groups *gs, str s1, str s2)
{
	for (size_t i = gs->n; i-- > 0 && gs->n - i < 64; )
		if (str_eq(gs->at[i].subject, s1) && str_eq(gs->at[i].subject2, s2))
			return;
	struct group *g = VEC_PUSH(a, gs);
	*g = (struct group){ s1, s2 };
}

static int keyed_cmp(const void *x, const void *y)
{
	return str_cmp(((const struct keyed *)x)->key, ((const struct keyed *)y)->key);
}

static struct keyed *keyed_of(struct arena *a, const struct occurrences *os)
{
	struct keyed *k = NEW_N(a, os->n, struct keyed);

	for (size_t i = 0; i < os->n; i++)
		k[i] = (struct keyed){ occurrence_key(a, &os->at[i]), &os->at[i] };
	qsort(k, os->n, sizeof(k[0]), keyed_cmp);
	return k;
}

/*
 * Rows and expectations side by side, both by key. What is about a time before `from` is not
 * expanded any more and stays as it is: on 1 September nobody is let off August, which can still
 * be done late.
 */
static enum err occ_merge(struct op *op, const struct work *w, const struct q_occurrence_get *row,
			  size_t row_n, const struct occurrences *os, day_no from,
			  struct groups *touched)
{
	struct keyed *k = keyed_of(op->arena, os);
	size_t i = 0, n = 0;

	while (i < row_n || n < os->n) {
		int c = i == row_n ? 1 : n == os->n ? -1 : str_cmp(row[i].key, k[n].key);
		const struct q_occurrence_get *r = i < row_n ? &row[i] : NULL;

		if (c < 0) {
			if (r->period_end >= from)
				TRY(occ_gone(op, w, r));
		} else if (c > 0) {
			const struct occurrence *o = k[n].o;

			TRY(occ_insert(op, w, o, k[n].key));
			group_note(op->arena, touched, o->subject_n ? subject_key(op->arena,
					&o->subject[0]) : STR(""),
				   o->subject_n > 1 ? subject_key(op->arena,
				   		&o->subject[1]) : STR(""));
		} else if (!occ_same_time(r, k[n].o)) {
			TRY(occ_moved(op, w, r, k[n].o));
			group_note(op->arena, touched, r->subject, r->subject2);
		}
		i += c <= 0;
		n += c >= 0;
	}
	return ERR_OK;
}

static enum err groups_match(struct op *op, const struct work *w, const struct duty *d,
		const struct groups *gs)
{
	for (size_t i = 0; i < gs->n; i++)
		TRY(match_group(op, w, d, gs->at[i].subject, gs->at[i].subject2));
	return ERR_OK;
}

/*
 * The span that is kept expanded: from the start of this school year to its end; from July on
 * the next one too.
 */
static void span(const struct op *op, day_no *ret_from, day_no *ret_to)
{
	struct date d = date_from_day(instant_day(op->now_ms, op->clock->utc_offset_ms));
	int year = d.month >= 9 ? d.year : d.year - 1;

	*ret_from = day_of(year, 9, 1);
	*ret_to = day_of(year + (d.month == 7 || d.month == 8 ? 2 : 1), 8, 31);
}

static enum err duty_expand(struct op *op, const struct work *w, struct expand_in *in,
		const struct duty *d, struct occurrences *ret)
{
	in->only_duty = d->m.id;
	TRY(events_of_duty(op, w, d, in));
	expand(op->arena, in, ret);
	return ERR_OK;
}

static enum err duty_refresh(struct op *op, const struct work *w, struct expand_in *in,
		const struct duty *d)
{
	struct occurrences os = { 0 };
	struct q_occurrences_of_duty *row;
	struct groups touched = { 0 };
	size_t n;

	TRY(duty_expand(op, w, in, d, &os));
	TRY(q_occurrences_of_duty(op, w->org->tenant, d->m.id, &row, &n));
	TRY(occ_merge(op, w, occ_rows(op->arena, row, n), n, &os, in->from, &touched));
	return groups_match(op, w, d, &touched);
}

enum err duty_expected(struct op *op, const struct work *w, const struct duty *d,
		struct keyed **ret, size_t *ret_n, day_no *ret_from)
{
	struct expand_in in = work_expand_in(op, w);
	struct occurrences *os = NEW(op->arena, struct occurrences);

	span(op, &in.from, &in.to);
	TRY(duty_expand(op, w, &in, d, os));
	*ret = keyed_of(op->arena, os);
	*ret_n = os->n;
	*ret_from = in.from;
	return ERR_OK;
}

enum err occur_refresh(struct op *op, const struct work *w)
{
	struct expand_in in = work_expand_in(op, w);

	span(op, &in.from, &in.to);
	for (size_t i = 0; i < w->policy->duty_n; i++)
		TRY(duty_refresh(op, w, &in, &w->policy->duty[i]));
	return ERR_OK;
}

enum err occur_of_duty(struct op *op, const struct work *w, const struct duty *d)
{
	struct expand_in in = work_expand_in(op, w);

	span(op, &in.from, &in.to);
	return duty_refresh(op, w, &in, d);
}

enum err occur_of_record(struct rec *r)
{
	const struct work *w = r->w;
	struct expand_in in = work_expand_in(r->op, w);

	span(r->op, &in.from, &in.to);
	for (size_t i = 0; i < w->policy->duty_n; i++) {
		const struct duty *d = &w->policy->duty[i];
		struct occurrences os = { 0 };
		struct q_occurrence_get *row;
		struct groups touched = { 0 };
		size_t n;

		if (!duty_hears_loop(d, r->loop->m.id))
			continue;
		in.only_duty = d->m.id;
		events_of_record(r, d, &in);
		expand(r->op->arena, &in, &os);
		TRY(rows_of_record(r, d, &row, &n));
		TRY(occ_merge(r->op, w, row, n, &os, in.from, &touched));
		TRY(groups_match(r->op, w, d, &touched));
	}
	return ERR_OK;
}

enum err occur_windows(struct op *op, const struct work *w, str duty)
{
	struct expand_in in = work_expand_in(op, w);

	span(op, &in.from, &in.to);
	for (size_t i = 0; i < w->policy->duty_n; i++)
		if (duty_hears_window(&w->policy->duty[i], duty))
			TRY(duty_refresh(op, w, &in, &w->policy->duty[i]));
	return ERR_OK;
}

/* --- time acts --- */

enum err occ_record(struct op *op, const struct work *w, const struct occurrence *o,
		struct expand_in *in)
{
	struct rec *r = NEW(op->arena, struct rec);
	struct subject_record *sr = NEW(op->arena, struct subject_record);

	if (!o->subject_n || o->subject[0].kind != SUB_RECORD)
		return ERR_OK;
	enum err e = rec_load(op, w, (record_id){ o->subject[0].id }, r);
	if (e)
		return e == ERR_NOTFOUND ? ERR_OK : e;
	*sr = record_subject(r);
	in->record = sr;
	in->record_n = 1;
	return ERR_OK;
}

struct who_set occ_receivers(struct op *op, const struct expand_in *in, const struct occurrence *o,
		const struct rung *g)
{
	struct occurrence as = *o;
	struct duty d = *o->duty;
	struct who_set all = { 0 };

	as.duty = &d;
	for (size_t i = 0; i < g->to_n; i++) {
		d.who = g->to[i];
		struct who_set s = occurrence_owners(op->arena, in, &as, op->now_ms);

		for (size_t k = 0; k < s.n; k++)
			if (!who_has(&all, s.at[k].person)) {
				struct who_hit *h = VEC_PUSH(op->arena, &all);
				*h = s.at[k];
			}
	}
	return all;
}

static enum err occ_rung(struct op *op, const struct work *w, const struct occurrence *o,
		struct q_occurrence_get *row)
{
	struct expand_in in = work_expand_in(op, w);
	const struct ladder *l = duty_ladder(w, o->duty);

	TRY(occ_record(op, w, o, &in));
	struct who_set own = occurrence_owners(op->arena, &in, o, op->now_ms);
	struct who_set to = occ_receivers(op, &in, o, &l->at[row->rung]);
	int64_t at = rung_at(w, l, row);

	if (row->rung == 0 && own.n)
		row->owner_id = own.at[0].person;	/* lateness belongs to the holder at due */
	TRY(late_note(op, w, (record_id){ 0 }, row->key, STR("open"), row->rung, row->due_at, at,
			row->owner_id));
	TRY(late_tell(op, w, l->at[row->rung].remind ? &own : NULL, &to, (record_id){ 0 }, row->id,
			o->duty->m.label));
	row->rung++;
	return ERR_OK;
}

enum err occur_wake(struct op *op, const struct work *w, occurrence_id id)
{
	struct q_occurrence_get row, was;
	struct tally_lines tw, tn;
	struct occurrence o;

	TRY(q_occurrence_get(op, w->org->tenant, id, &row));
	was = row;
	if (!occ_from_row(op->arena, w->policy, &row, &o))
		return q_occurrence_drop(op, w->org->tenant, id);
	const struct ladder *l = duty_ladder(w, o.duty);
	while (str_eq(row.state, STR("open")) && (size_t)row.rung < l->n &&
	       row.due_at != INSTANT_OPEN && rung_at(w, l, &row) <= op->now_ms)
		TRY(occ_rung(op, w, &o, &row));
	if (occ_live(row.state))
		row.state = str_of(state_words[occurrence_state(&o, false, false, op->now_ms)]);
	TRY(q_occurrence_fill(op, &(struct q_occurrence_fill_in){
		.tenant = w->org->tenant, .id = id, .state = row.state, .how = row.how,
		.record = row.record_id, .done_at = row.done_at, .rung = row.rung,
		.owner_id = row.owner_id, .wake_at = occur_wake_at(op, w, &o, &row),
	}));
	tallies_of_occurrence(op, &was, &tw);
	tallies_of_occurrence(op, &row, &tn);
	TRY(tallies_write(op, w->org->tenant, &tw, &tn));
	TRY(occur_todo(op, w, &row));
	if (str_eq(was.state, row.state))
		return ERR_OK;
	return occur_windows(op, w, row.duty);
}
