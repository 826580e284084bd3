/*
 * audit: everything derived is computed again from facts, with the functions that wrote it,
 * and compared with the rows: what a record holds as the fold of its steps, values and text
 * of lists, deeds, the expansion, what fills what, states of occurrences, on whom
 * what falls, counters. It writes nothing. 0 differences is the statement that nothing
 * drifted, whatever came in which order.
 *
 * What time has brought about but no job has written yet is pending, not different: a row
 * whose wake_at has passed; whom things fall on, until the day has turned; whom a roster
 * names at this hour. Work is done in chunks with an arena of their own: memory is bounded
 * by the counters and the tasks of one tenant.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "gen/q_audit.h"
#include "gen/q_policy.h"
#include "gen/q_record.h"
#include "store/store.h"
#include "work/events.h"
#include "work/submit.h"

#define CHUNK 200
#define CHUNK_ARENA_MAX (256 * MIB)

struct todo_row { person_id person; str item; int64_t ref; struct todo_line line; };
struct refs { int64_t *at; size_t n, cap; };
struct audit {
	struct op *op;			/* of the caller: what lasts */
	struct op in;			/* of the chunk */
	const struct work *w;
	struct audit_report *r;
	bool day_turned;		/* people and expansion are up to date */
	VEC(struct todo_row) todo;
	struct refs moving;		/* whom a roster names: not compared */
	struct tally_lines tally;
};

static void differ(struct audit *a, str where, const char *what)
{
	if (!a->r->differences++)
		a->r->first = str_fmt(a->op->arena, "%.*s：%s", STR_ARG(where), what);
}

static void check(struct audit *a, bool same, str where, const char *what)
{
	a->r->rows++;
	if (!same)
		differ(a, where, what);
}

/* --- chunks --- */

static void chunk_begin(struct audit *a)
{
	a->in = *a->op;
	a->in.arena = arena_new(CHUNK_ARENA_MAX);
}

static enum err chunk_end(struct audit *a, enum err e)
{
	if (e && a->in.errmsg[0]) {
		memcpy(a->op->errmsg, a->in.errmsg, sizeof(a->op->errmsg));
		a->op->errat = a->in.errat;
	}
	arena_free(a->in.arena);
	return e;
}

/* --- counters: gathered, then compared --- */

static int tally_order(const void *x, const void *y)
{
	const struct tally_line *a = x, *b = y;
	int c = str_cmp(a->metric, b->metric);

	c = c ? c : str_cmp(a->dim, b->dim);
	c = c ? c : str_cmp(a->value, b->value);
	return c ? c : (a->day > b->day) - (a->day < b->day);
}

/* In order, each once; lines of nought go. */
static void tally_press(struct tally_lines *t)
{
	size_t w = 0;

	if (t->n)
		qsort(t->at, t->n, sizeof(t->at[0]), tally_order);
	for (size_t i = 0; i < t->n; ) {
		struct tally_line l = t->at[i];
		size_t k = i + 1;

		for (; k < t->n && !tally_order(&l, &t->at[k]); k++)
			l.n += t->at[k].n;
		if (l.n)
			t->at[w++] = l;
		i = k;
	}
	t->n = w;
}

static void tally_gather(struct audit *a, const struct tally_lines *more)
{
	struct arena *ar = a->op->arena;

	for (size_t i = 0; i < more->n; i++) {
		struct tally_line *l;

		if (a->tally.n > 4096 && a->tally.n == a->tally.cap)
			tally_press(&a->tally);
		l = VEC_PUSH(ar, &a->tally);
		*l = more->at[i];
		l->metric = str_dup(ar, l->metric);
		l->dim = str_dup(ar, l->dim);
		l->value = str_dup(ar, l->value);
	}
}

static enum err tally_compare(struct audit *a)
{
	struct q_audit_tally_in q = {
		.tenant = a->w->org->tenant, .after_metric = STR(""), .after_dim = STR(""),
		.after_value = STR(""), .after_day = DAY_NONE, .limit = 1000,
	};
	size_t i = 0;

	tally_press(&a->tally);
	for (;;) {
		struct q_audit_tally *row;
		size_t n;

		TRY(q_audit_tally(a->op, &q, &row, &n));
		for (size_t k = 0; k < n; k++) {
			struct tally_line l = { row[k].metric, row[k].dim, row[k].value,
				row[k].day, row[k].n };

			for (; i < a->tally.n && tally_order(&a->tally.at[i], &l) < 0; i++)
				check(a, false, a->tally.at[i].metric, "计数缺一行");
			bool hit = i < a->tally.n && !tally_order(&a->tally.at[i], &l);
			check(a, hit && a->tally.at[i].n == l.n, l.metric, hit ? "计数不符" : "计数多一行");
			i += hit;
		}
		if (n < 1000)
			break;
		q.after_metric = row[n - 1].metric;
		q.after_dim = row[n - 1].dim;
		q.after_value = row[n - 1].value;
		q.after_day = row[n - 1].day;
	}
	for (; i < a->tally.n; i++)
		check(a, false, a->tally.at[i].metric, "计数缺一行");
	return ERR_OK;
}

/* --- tasks: gathered, then compared --- */

static void names_roster(void *ctx, const char *kind, str name)
{
	(void)name;
	if (str_eq(str_of(kind), STR("roster")))
		*(bool *)ctx = true;
}

static bool moves(const struct who *w)
{
	bool yes = false;

	if (w)
		who_names(w, names_roster, &yes);
	return yes;
}

static bool ladder_moves(const struct ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->at[i].to_n; k++)
			if (moves(l->at[i].to[k]))
				return true;
	return false;
}

static void todo_gather(struct audit *a, const char *item, int64_t ref, const struct todo_lines *ls)
{
	struct arena *ar = a->op->arena;

	for (size_t i = 0; i < ls->n; i++) {
		struct todo_row *r = VEC_PUSH(ar, &a->todo);
		struct todo_line *l = &r->line;

		*r = (struct todo_row){ ls->at[i].person, str_of(item), ref, ls->at[i] };
		l->label = str_dup(ar, l->label);
		l->detail = str_dup(ar, l->detail);
		l->group_key = str_dup(ar, l->group_key);
		l->post = str_dup(ar, l->post);
	}
}

static int todo_order(const void *x, const void *y)
{
	const struct todo_row *a = x, *b = y;
	int c = (a->person.v > b->person.v) - (a->person.v < b->person.v);

	c = c ? c : str_cmp(a->item, b->item);
	return c ? c : (a->ref > b->ref) - (a->ref < b->ref);
}

static int ref_order(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

static bool is_moving(const struct audit *a, int64_t ref)
{
	return a->moving.n && bsearch(&ref, a->moving.at, a->moving.n, sizeof(ref), ref_order);
}

static bool todo_equal(const struct todo_line *l, const struct q_audit_todo *o)
{
	return str_eq(l->label, o->label) && str_eq(l->detail, o->detail)
		&& str_eq(l->group_key, o->group_key) && str_eq(l->post, o->post)
		&& l->stand_in == o->stand_in && l->from_ms == o->from_at && l->due_ms == o->due_at
		&& l->minutes_do == o->minutes_do && l->minutes_record == o->minutes_record;
}

static str todo_where(struct audit *a, person_id p, str item, str label)
{
	return str_fmt(a->op->arena, "%.*s的任务（%.*s，%.*s）", STR_ARG(person_name_of(a->w, p)),
		       STR_ARG(item), STR_ARG(label));
}

static void todo_missing(struct audit *a, const struct todo_row *r)
{
	if (!is_moving(a, r->ref))
		check(a, false, todo_where(a, r->person, r->item, r->line.label), "缺");
}

static void todo_row_compare(struct audit *a, const struct q_audit_todo *o, size_t *i)
{
	struct todo_row key = { .person = o->person_id, .item = o->item, .ref = o->ref_id };

	for (; *i < a->todo.n && todo_order(&a->todo.at[*i], &key) < 0; ++*i)
		todo_missing(a, &a->todo.at[*i]);
	bool hit = *i < a->todo.n && !todo_order(&a->todo.at[*i], &key);
	if (!is_moving(a, o->ref_id))
		check(a, hit && todo_equal(&a->todo.at[*i].line, o),
		      todo_where(a, o->person_id, o->item, o->label), hit ? "不符" : "多");
	*i += hit;
}

static enum err todo_compare(struct audit *a)
{
	struct todo_row q = { .item = STR("") };
	size_t i = 0;

	if (a->todo.n)
		qsort(a->todo.at, a->todo.n, sizeof(a->todo.at[0]), todo_order);
	if (a->moving.n)
		qsort(a->moving.at, a->moving.n, sizeof(a->moving.at[0]), ref_order);
	for (;;) {
		struct q_audit_todo *row;
		size_t n;

		TRY(q_audit_todo(a->op, a->w->org->tenant, q.person, q.item, q.ref,
				 1000, &row, &n));
		for (size_t k = 0; k < n; k++)
			todo_row_compare(a, &row[k], &i);
		if (n < 1000)
			break;
		q = (struct todo_row){ .person = row[n - 1].person_id, .item = row[n - 1].item,
			.ref = row[n - 1].ref_id };
	}
	for (; i < a->todo.n; i++)
		todo_missing(a, &a->todo.at[i]);
	return ERR_OK;
}

/* --- records --- */

static str where_of(struct audit *a, const struct rec *r)
{
	return str_fmt(a->in.arena, "%.*s %.*s", STR_ARG(r->loop->m.label),
		       STR_ARG(r->row.number.len ? r->row.number : r->row.title));
}

static bool value_same(struct arena *a, str name, const struct value *x, const struct value *y)
{
	struct vmap mx = { &name, (struct value[]){ *x }, 1, 1 };
	struct vmap my = { &name, (struct value[]){ *y }, 1, 1 };
	str sx, sy;

	return !fields_text(a, &mx, &sx) && !fields_text(a, &my, &sy) && str_eq(sx, sy);
}

/* The same names with the same values, whatever their order. */
static bool fields_same(struct arena *a, const struct vmap *x, const struct vmap *y)
{
	size_t nx = 0, ny = 0;

	for (size_t i = 0; i < x->n; i++) {
		const struct value *v = vmap_get(x, x->name[i]), *o = vmap_get(y, x->name[i]);

		nx += v != NULL;
		if (v && (!o || !value_same(a, x->name[i], v, o)))
			return false;
	}
	for (size_t i = 0; i < y->n; i++)
		ny += vmap_get(y, y->name[i]) != NULL;
	return nx == ny;
}

static enum err record_row(struct audit *a, struct rec *r)
{
	const struct state *st = &r->loop->state[rec_state(r)];
	const struct q_steps_of *last = r->step_n ? &r->step[r->step_n - 1] : NULL;
	const struct q_steps_of *first = r->step_n ? &r->step[0] : NULL;
	const struct value *place = vmap_get(&r->fields, STR("place"));
	bool has = place && place->kind == V_REF && place->ref == REF_PLACE;
	struct vmap folded;
	str where = where_of(a, r);

	TRY(steps_fold(r, &folded));
	check(a, fields_same(a->in.arena, &folded, &r->fields), where, "内容与各步所写不符");
	check(a, last && str_eq(last->to_state, r->row.state), where, "环节与最后一步不符");
	check(a,
	      first && first->doer_id.v == r->row.creator_id.v &&
		      first->typist_id.v == r->row.typist_id.v && first->at == r->row.created_at,
	      where, "登记人或登记时间与第一步不符");
	check(a, r->row.version == (int64_t)r->step_n, where, "版本与步数不符");
	check(a, r->row.final == st->final, where, "办结标记不符");
	check(a, r->row.sealed == (r->loop->sealed || st->sealed), where, "密件标记不符");
	check(a, r->row.place_id.v == (has ? place->id : 0), where, "区域不符");
	check(a, str_eq(r->row.title, rec_title(a->in.arena, r->policy, r->loop, &r->fields)),
	      where, "名称不符");
	if (r->row.wake_at > a->op->now_ms)
		check(a, record_wake_at(r, r->row.rung) == r->row.wake_at, where, "到点时间不符");
	return ERR_OK;
}

static enum err record_values(struct audit *a, struct rec *r)
{
	struct q_record_values_of *row;
	struct value_lines now;
	size_t n;
	bool same;

	values_of(r, &now);
	TRY(q_record_values_of(&a->in, r->tenant, r->row.id, &row, &n));
	same = n == now.n;
	for (size_t i = 0; same && i < n; i++)
		same = str_eq(row[i].field, now.at[i].field) && str_eq(row[i].value,
			now.at[i].value);
	check(a, same, where_of(a, r), "筛选用的值不符");
	return ERR_OK;
}

static enum err record_text(struct audit *a, struct rec *r)
{
	struct q_record_search_get row = { 0 };
	enum err e = q_record_search_get(&a->in, r->tenant, r->row.id, &row);

	if (e && e != ERR_NOTFOUND)
		return e;
	check(a, !e && str_eq(row.text, search_of(r)), where_of(a, r), "查找用的文字不符");
	return ERR_OK;
}

static bool deed_row_is(struct arena *a, const struct q_deeds_of_record *o, const struct duty *duty,
			const struct deed *d)
{
	str why = d->why ? str_of(why_word(d->why)) : STR("");

	return str_eq(o->duty, duty->m.id) && str_eq(o->subject, deed_subject(a, d, 0))
		&& str_eq(o->subject2, deed_subject(a, d, 1)) && o->part == d->part
		&& o->done_at == d->done_ms && o->accepted_at == d->accepted_ms
		&& str_eq(o->period, d->period) && str_eq(o->why, why) && o->doer_id.v == d->doer.v;
}

static enum err record_deeds(struct audit *a, struct rec *r)
{
	struct q_deeds_of_record *row;
	size_t n, dd_n, all = 0;
	struct duty_deeds *dd;

	TRY(deeds_judged(r, &dd, &dd_n));
	TRY(q_deeds_of_record(&a->in, r->tenant, r->row.id, &row, &n));
	for (size_t k = 0; k < dd_n; k++)
		for (size_t m = 0; m < dd[k].deeds.n; m++) {
			bool hit = false;

			for (size_t i = 0; i < n && !hit; i++)
				hit = deed_row_is(a->in.arena, &row[i], dd[k].duty,
					&dd[k].deeds.at[m]);
			check(a, hit, where_of(a, r), "对职责的判定不符");
			all++;
		}
	check(a, all == n, where_of(a, r), "对职责的判定条数不符");
	return ERR_OK;
}

static void moving_note(struct audit *a, int64_t ref)
{
	int64_t *at = VEC_PUSH(a->op->arena, &a->moving);

	*at = ref;
}

static enum err record_audit(struct audit *a, record_id id)
{
	struct rec r;
	struct tally_lines tl;
	struct todo_lines own, over;

	TRY(rec_load(&a->in, a->w, id, &r));
	r.m.ctx = &r;
	r.m.fields = &r.fields;
	TRY(record_row(a, &r));
	TRY(record_values(a, &r));
	TRY(record_text(a, &r));
	TRY(record_deeds(a, &r));
	tallies_of(&r, &tl);
	tally_gather(a, &tl);
	const struct state *st = &r.loop->state[rec_state(&r)];
	if (r.row.wake_at <= a->op->now_ms || moves(st->owner) || ladder_moves(&st->late))
		moving_note(a, id.v);
	todo_lines_of_record(&r, &own, &over);
	todo_gather(a, "step", id.v, &own);
	todo_gather(a, "oversee", id.v, &over);
	return ERR_OK;
}

static enum err records_audit(struct audit *a)
{
	for (record_id after = { 0 };;) {
		struct q_records_all *row;
		size_t n = 0;

		chunk_begin(a);
		enum err e = q_records_all(&a->in, a->w->org->tenant, after, CHUNK, &row, &n);
		for (size_t i = 0; !e && i < n; i++)
			e = record_audit(a, row[i].id);
		if (!e && n)
			after = row[n - 1].id;
		TRY(chunk_end(a, e));
		if (n < CHUNK)
			return ERR_OK;
	}
}

/* --- occurrences --- */

_Static_assert(sizeof(struct q_audit_occurrences) == sizeof(struct q_occurrence_get), "one shape");

static enum err occurrence_audit(struct audit *a, const struct q_occurrence_get *row)
{
	struct occurrence o;
	struct tally_lines tl;
	struct todo_lines own, over;

	tallies_of_occurrence(&a->in, row, &tl);
	tally_gather(a, &tl);
	if (!occ_from_row(a->in.arena, a->w->policy, row, &o)) {
		check(a, !occ_live(row->state), row->key, "职责已不在方案里");
		return ERR_OK;
	}
	if (row->wake_at > a->op->now_ms)
		check(a, occur_wake_at(&a->in, a->w, &o, row) == row->wake_at, row->key, "到点时间不符");
	if (row->wake_at <= a->op->now_ms || moves(o.duty->who)
	    || ladder_moves(duty_ladder(a->w, o.duty)))
		moving_note(a, row->id.v);
	TRY(todo_lines_of_occurrence(&a->in, a->w, row, &own, &over));
	todo_gather(a, "duty", row->id.v, &own);
	todo_gather(a, "oversee", row->id.v, &over);
	return ERR_OK;
}

static enum err occurrences_audit(struct audit *a)
{
	for (occurrence_id after = { 0 };;) {
		struct q_audit_occurrences *row;
		size_t n = 0;

		chunk_begin(a);
		enum err e = q_audit_occurrences(&a->in, a->w->org->tenant, after, CHUNK, &row, &n);
		struct q_occurrence_get *g = e ? NULL : occ_rows(a->in.arena, row, n);
		for (size_t i = 0; !e && i < n; i++)
			e = occurrence_audit(a, &g[i]);
		if (!e && n)
			after = row[n - 1].id;
		TRY(chunk_end(a, e));
		if (n < CHUNK)
			return ERR_OK;
	}
}

/* --- a duty: what should exist, and what fills it --- */

static bool history(const struct q_occurrence_get *row, day_no from)
{
	return row->period_end < from || str_eq(row->state, STR("done"))
		|| str_eq(row->state, STR("waived")) || str_eq(row->state, STR("missed"));
}

static enum err expansion_audit(struct audit *a, const struct duty *d,
				const struct q_occurrence_get *row, size_t row_n)
{
	struct keyed *k;
	size_t n, i = 0, m = 0;
	day_no from;

	TRY(duty_expected(&a->in, a->w, d, &k, &n, &from));
	while (i < row_n || m < n) {
		int c = i == row_n ? 1 : m == n ? -1 : str_cmp(row[i].key, k[m].key);

		if (c < 0)
			check(a, history(&row[i], from), row[i].key, "不该有这项任务");
		else if (c > 0)
			check(a, false, k[m].key, "缺这项任务");
		else
			check(a, occ_same_time(&row[i], k[m].o), row[i].key, "任务的时间不符");
		i += c <= 0;
		m += c >= 0;
	}
	return ERR_OK;
}

static bool time_word(str s)
{
	return str_eq(s, STR("planned")) || str_eq(s, STR("open")) || str_eq(s, STR("missed"));
}

static bool settled_same(const struct audit *a, const struct settled *s)
{
	if (!str_eq(s->was.how, s->now.how) || s->was.record_id.v != s->now.record_id.v
	    || s->was.done_at != s->now.done_at)
		return false;
	if (str_eq(s->was.state, s->now.state))
		return true;
	return s->was.wake_at <= a->op->now_ms && time_word(s->was.state)
		&& time_word(s->now.state);
}

static enum err satisfaction_audit(struct audit *a, const struct settled *s)
{
	struct q_satisfactions_of_occurrence *row;
	size_t n;

	TRY(q_satisfactions_of_occurrence(&a->in, a->w->org->tenant, s->was.id, &row, &n));
	bool same = n == s->want_n;
	for (size_t k = 0; same && k < s->want_n; k++) {
		const struct want *x = &s->want[k];
		bool hit = false;

		for (size_t i = 0; i < n && !hit; i++)
			hit = row[i].record_id.v == x->record.v && str_eq(row[i].kind,
				str_of(x->kind))
				&& str_eq(row[i].how, str_of(x->how))
					&& row[i].by_tick == x->by_tick;
		same = hit;
	}
	check(a, same, s->was.key, "满足关系不符");
	return ERR_OK;
}

static int subject_order(const void *x, const void *y)
{
	const struct q_occurrence_get *a = x, *b = y;
	int c = str_cmp(a->subject, b->subject);

	return c ? c : str_cmp(a->subject2, b->subject2);
}

static enum err group_audit(struct audit *a, const struct duty *d, str subject, str subject2)
{
	struct settled *s;
	size_t n;

	TRY(group_settled(&a->in, a->w, d, subject, subject2, &s, &n));
	for (size_t i = 0; i < n; i++) {
		check(a, settled_same(a, &s[i]), s[i].was.key, "任务的办理情况不符");
		TRY(satisfaction_audit(a, &s[i]));
	}
	return ERR_OK;
}

static enum err duty_audit(struct audit *a, const struct duty *d)
{
	struct q_occurrences_of_duty *row;
	size_t n;

	TRY(q_occurrences_of_duty(&a->in, a->w->org->tenant, d->m.id, &row, &n));
	struct q_occurrence_get *g = occ_rows(a->in.arena, row, n);
	if (a->day_turned)
		TRY(expansion_audit(a, d, g, n));
	if (n)
		qsort(g, n, sizeof(g[0]), subject_order);
	for (size_t i = 0; i < n; i++)
		if (!i || subject_order(&g[i - 1], &g[i]))
			TRY(group_audit(a, d, g[i].subject, g[i].subject2));
	return ERR_OK;
}

static enum err duties_audit(struct audit *a)
{
	for (size_t i = 0; i < a->w->policy->duty_n; i++) {
		chunk_begin(a);
		TRY(chunk_end(a, duty_audit(a, &a->w->policy->duty[i])));
	}
	return ERR_OK;
}

enum err work_audit(struct op *op, tenant_id tenant, struct audit_report *ret)
{
	struct audit a = { .op = op, .r = ret };
	struct q_tenant_version_get v;
	struct q_audit_orphans orphans;
	struct q_audit_steps_alone alone;

	*ret = (struct audit_report){ .first = STR("") };
	store_read_budget(op, 0);
	enum err e = work_load(op, tenant, &a.w);
	if (e == ERR_NOTFOUND) {	/* nothing adopted yet: nothing is derived */
		op_clear_error(op);
		return ERR_OK;
	}
	TRY(e);
	TRY(q_tenant_version_get(op, tenant, &v));
	a.day_turned = v.expanded_on == instant_day(op->now_ms, op->clock->utc_offset_ms) &&
		       op->now_ms < v.turn_at;
	TRY(records_audit(&a));
	TRY(duties_audit(&a));
	TRY(occurrences_audit(&a));
	if (a.day_turned)
		TRY(todo_compare(&a));
	TRY(tally_compare(&a));
	TRY(q_audit_orphans(op, tenant, &orphans));
	check(&a, orphans.n == 0, STR("推导的行"), "有的找不到它的记录");
	TRY(q_audit_steps_alone(op, tenant, &alone));
	check(&a, alone.n == 0, STR("记录的步骤"), "有的在台账里没有存证");
	return ERR_OK;
}
