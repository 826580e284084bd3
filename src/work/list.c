/*
 * list: records of the tenant as lists. Every order × filter is a written-out query with
 * its own index; the rarest filter leads, the rest narrow within it. Newest first: ids are
 * ordered by time, so a page goes on below the last id, and a span of days is a span of ids.
 *
 * Who may see a record is judged on every look. A loop that everybody of the unit sees
 * (`see: {home: all}`) needs no look at the record; any other record is loaded and asked.
 * A page is filled up with what is visible, within a bound: who sees little of much reads
 * on from the cursor.
 */
#include "base/buf.h"
#include "base/idgen.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gen/q_list.h"
#include "gen/q_todo.h"
#include "work/occur.h"

#define ROUNDS_MAX 20		/* of reading on while nothing was visible */
#define WORDS_MAX 3		/* a search of more words narrows by the first three */

/* Every list gives rows of one shape: as those of q_list_all. */
_Static_assert(sizeof(struct q_list_loop) == sizeof(struct q_list_all), "one shape");
_Static_assert(sizeof(struct q_list_state) == sizeof(struct q_list_all), "one shape");
_Static_assert(sizeof(struct q_list_open) == sizeof(struct q_list_all), "one shape");
_Static_assert(sizeof(struct q_list_place) == sizeof(struct q_list_all), "one shape");
_Static_assert(sizeof(struct q_list_value) == sizeof(struct q_list_all), "one shape");
_Static_assert(sizeof(struct q_list_search) == sizeof(struct q_list_all), "one shape");
_Static_assert(sizeof(struct q_list_mine) == sizeof(struct q_list_all), "one shape");

struct rows { struct q_list_all *at; size_t n; };
struct span { record_id before, from; int64_t limit; };

static void rows_set(struct arena *a, struct rows *r, const void *at, size_t n)
{
	r->at = NEW_N(a, n, struct q_list_all);
	r->n = n;
	if (n)
		memcpy(r->at, at, n * sizeof(r->at[0]));
}

/* %词%, with the signs of LIKE taken as they are. */
static str like_of(struct arena *a, str word)
{
	struct buf b CLEANUP(buf_release);
	str s;

	buf_init(&b, 4 * KIB);
	buf_addc(&b, '%');
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '%' || word.ptr[i] == '_' || word.ptr[i] == '\\')
			buf_addc(&b, '\\');
		buf_addc(&b, word.ptr[i]);
	}
	buf_addc(&b, '%');
	return buf_finish(&b, &s) ? STR("%") : str_dup(a, s);
}

static void words_of(struct arena *a, str q, str ret[WORDS_MAX])
{
	str rest = str_trim(utf8_fold(a, q));
	size_t n = 0;

	for (size_t i = 0; i < WORDS_MAX; i++)
		ret[i] = STR("%");
	while (rest.ptr && rest.len && n < WORDS_MAX) {
		str word = str_trim(str_cut(&rest, ' '));

		if (word.len)
			ret[n++] = like_of(a, word);
	}
}

static enum err rows_search(struct op *op, tenant_id t, const struct list_query *q,
			    const struct span *s, struct rows *ret)
{
	struct q_list_search *row;
	str word[WORDS_MAX];
	size_t n;

	words_of(op->arena, q->q, word);
	TRY(q_list_search(op, &(struct q_list_search_in){ .tenant = t, .a = word[0], .b = word[1],
		.c = word[2], .loop = q->loop, .state = q->state, .place = q->place,
		.before = s->before, .from = s->from, .limit = s->limit }, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

static enum err rows_mine(struct op *op, tenant_id t, const struct list_query *q,
			  const struct span *s, struct rows *ret)
{
	struct q_list_mine *row;
	size_t n;

	TRY(q_list_mine(op, &(struct q_list_mine_in){ .tenant = t, .person = op->scope->person,
		.loop = q->loop, .state = q->state, .place = q->place, .before = s->before,
		.from = s->from, .limit = s->limit }, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

static enum err rows_value(struct op *op, tenant_id t, const struct list_query *q,
			   const struct span *s, struct rows *ret)
{
	struct q_list_value *row;
	size_t n;

	TRY(q_list_value(op, &(struct q_list_value_in){ .tenant = t, .loop = q->loop,
		.field = q->field, .value = q->value, .state = q->state, .place = q->place,
		.before = s->before, .from = s->from, .limit = s->limit }, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

/* "open" and "late" are no states of a loop: something is owed, or its limit is over. */
static bool asks_open(const struct list_query *q)
{
	return str_eq(q->state, STR("open")) || str_eq(q->state, STR("late"));
}

static enum err rows_open(struct op *op, tenant_id t, const struct list_query *q,
			  const struct span *s, struct rows *ret)
{
	struct q_list_open *row;
	size_t n;
	bool late = str_eq(q->state, STR("late"));

	TRY(q_list_open(op, &(struct q_list_open_in){ .tenant = t, .loop = q->loop,
		.due_by = late ? op->now_ms : INSTANT_OPEN, .before = s->before, .from = s->from,
		.limit = s->limit }, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

static enum err rows_state(struct op *op, tenant_id t, const struct list_query *q,
			   const struct span *s, struct rows *ret)
{
	struct q_list_state *row;
	size_t n;

	TRY(q_list_state(op, &(struct q_list_state_in){ .tenant = t, .loop = q->loop,
		.state = q->state, .place = q->place, .before = s->before, .from = s->from,
		.limit = s->limit }, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

static enum err rows_place(struct op *op, tenant_id t, const struct list_query *q,
			   const struct span *s, struct rows *ret)
{
	struct q_list_place *row;
	size_t n;

	TRY(q_list_place(op, &(struct q_list_place_in){ .tenant = t, .loop = q->loop,
		.place = q->place, .before = s->before, .from = s->from, .limit = s->limit },
		&row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

static enum err rows_loop(struct op *op, tenant_id t, const struct list_query *q,
			  const struct span *s, struct rows *ret)
{
	struct q_list_loop *row;
	size_t n;

	TRY(q_list_loop(op, t, q->loop, s->before, s->from, s->limit, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

static enum err rows_all(struct op *op, tenant_id t, const struct span *s, struct rows *ret)
{
	struct q_list_all *row;
	size_t n;

	TRY(q_list_all(op, t, s->before, s->from, s->limit, &row, &n));
	rows_set(op->arena, ret, row, n);
	return ERR_OK;
}

/* The rarest filter leads: words, then an index value, then a state, a place, a loop. */
static enum err rows_read(struct op *op, tenant_id t, const struct list_query *q,
			  const struct span *s, struct rows *ret)
{
	if (q->q.len)
		return rows_search(op, t, q, s, ret);
	if (q->mine)
		return rows_mine(op, t, q, s, ret);
	if (q->field.len)
		return rows_value(op, t, q, s, ret);
	if (asks_open(q))
		return rows_open(op, t, q, s, ret);
	if (q->state.len)
		return rows_state(op, t, q, s, ret);
	if (q->place.v)
		return rows_place(op, t, q, s, ret);
	return q->loop.len ? rows_loop(op, t, q, s, ret) : rows_all(op, t, s, ret);
}

/* --- asking --- */

static enum err query_check(struct op *op, const struct work *w, const struct list_query *q)
{
	const struct loop *lp = q->loop.len ? policy_loop(w->policy, q->loop) : NULL;
	bool indexed = false;

	if (q->loop.len && !lp)
		return INVALID(op, STR("loop"), "没有名为“%.*s”的闭环", STR_ARG(q->loop));
	if (asks_open(q) && (q->place.v || q->field.len || q->q.len || q->mine))
		return INVALID(op, STR("state"), "未结和逾期的记录，不能再加别的筛选");
	if (((q->state.len && !asks_open(q)) || q->place.v || q->field.len) && !lp)
		return INVALID(op, STR("loop"), "按环节、区域或分类查看时，请先选一种记录");
	if (q->state.len && !asks_open(q) && loop_state(lp, q->state) < 0)
		return INVALID(op, STR("state"), "“%.*s”没有这个环节", STR_ARG(lp->m.label));
	for (size_t i = 0; q->field.len && i < lp->index.n; i++)
		indexed |= str_eq(lp->index.at[i], q->field);
	if (q->field.len && !indexed)
		return INVALID(op, q->field, "不能按这一项筛选");
	if (q->field.len && (q->q.len || q->mine))
		return INVALID(op, q->field, "查找和分类请分开用");
	return ERR_OK;
}

static struct span span_of(const struct op *op, const struct list_query *q)
{
	int32_t off = op->clock->utc_offset_ms;
	struct span s = { .before = { INT64_MAX }, .from = { 0 } };

	if (q->to > 0)
		s.before.v = idgen_floor(day_start_ms(q->to + 1, off));
	if (q->from > 0)
		s.from.v = idgen_floor(day_start_ms(q->from, off));
	if (q->after.v && q->after.v < s.before.v)
		s.before = q->after;
	return s;
}

/* --- seeing --- */

struct seeing { const struct policy *policy; const struct loop *loop; int64_t composition; };

static enum err loop_of_row(struct op *op, const struct work *w, const struct q_list_all *row,
			    struct seeing *ret)
{
	ret->policy = w->policy;
	if (row->composition_id != w->composition)
		TRY(work_policy_of(op, w->org->tenant, row->composition_id, &ret->policy));
	ret->loop = policy_loop(ret->policy, row->loop);
	if (!ret->loop || loop_state(ret->loop, row->state) < 0)
		return FAIL(op, ERR_CORRUPT, "记录 %.*s 的闭环不在它的方案里", STR_ARG(row->number));
	return ERR_OK;
}

static bool home_sees_all(const struct loop *lp)
{
	bool said = false;

	for (size_t i = 0; i < lp->see_n; i++)
		if (str_eq(lp->see[i].relation, STR("home"))) {
			said = true;
			if (lp->see[i].all)
				return true;
		}
	return !said;
}

static bool row_visible(struct op *op, const struct work *w, const struct q_list_all *row,
			const struct loop *lp)
{
	const struct ov_person *me = ov_person(w->org, op->scope->person);
	struct rec r;

	if (op->scope->system)
		return true;
	if (!me)
		return false;
	if (!row->sealed && !lp->sealed && home_sees_all(lp)
	    && me->from_ms <= op->now_ms && op->now_ms < me->to_ms)
		return true;
	return !rec_load(op, w, row->id, &r) && rec_visible(&r);
}

/* --- a row as people see it --- */

/* What the record was graded as: its last index field that is a choice. */
static enum err grade_say(struct op *op, const struct work *w, const struct q_list_all *row,
			  const struct seeing *s, str *ret)
{
	struct q_record_values_of *v;
	size_t n;
	const struct field *f = NULL;

	*ret = STR("");
	for (size_t i = 0; i < s->loop->index.n; i++) {
		const struct field *x = loop_field(s->loop, s->loop->index.at[i]);

		if (x && x->type == F_CHOICE && !x->see)
			f = x;
	}
	if (!f)
		return ERR_OK;
	TRY(q_record_values_of(op, w->org->tenant, row->id, &v, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].field, f->m.id))
			*ret = choice_label(s->policy, f, v[i].value);
	return ERR_OK;
}

static enum err owner_say(struct op *op, const struct work *w, record_id id, str *ret)
{
	struct q_todo_of_ref *t;
	size_t n;

	*ret = STR("");
	TRY(q_todo_of_ref(op, w->org->tenant, id.v, STR("step"), &t, &n));
	if (n == 1)
		*ret = person_name_of(w, t[0].person_id);
	else if (n)
		*ret = str_fmt(op->arena, "%.*s等%zu人", STR_ARG(person_name_of(w,
			t[0].person_id)), n);
	return ERR_OK;
}

static enum err row_fill(struct op *op, const struct work *w, const struct q_list_all *row,
			 const struct seeing *s, struct list_row *ret)
{
	const struct state *st = &s->loop->state[loop_state(s->loop, row->state)];

	*ret = (struct list_row){ .id = row->id, .loop = row->loop, .number = row->number,
		.title = row->title, .state = row->state, .state_label = st->m.label,
		.ring = st->ring, .final = row->final,
		.late = !row->final && row->due_at <= op->now_ms, .created_ms = row->created_at,
		.changed_ms = row->changed_at, .due_ms = row->due_at, .creator = row->creator_id,
		.creator_name = person_name_of(w, row->creator_id), .again_n = row->again_n };
	if (!row->sealed) {	/* a sealed one says its kind and its state */
		ret->place = row->place_id;
		ret->place_name = place_name_of(w, row->place_id);
		TRY(grade_say(op, w, row, s, &ret->grade));
	}
	return owner_say(op, w, row->id, &ret->owner_name);
}

/* *ret_done: the last row of all was read. */
static enum err page_read(struct op *op, const struct work *w, const struct list_query *q,
			  struct span *s, int64_t limit, struct list *ret, bool *ret_done)
{
	struct rows rows;

	TRY(rows_read(op, w->org->tenant, q, s, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		struct seeing see;

		TRY(loop_of_row(op, w, &rows.at[i], &see));
		if (!row_visible(op, w, &rows.at[i], see.loop)) {
			s->before = ret->after = rows.at[i].id;
			continue;
		}
		if ((int64_t)ret->n == limit) {
			ret->more = true;
			*ret_done = true;
			return ERR_OK;
		}
		TRY(row_fill(op, w, &rows.at[i], &see, &ret->at[ret->n++]));
		s->before = ret->after = rows.at[i].id;
	}
	*ret_done = (int64_t)rows.n < s->limit;
	return ERR_OK;
}

enum err records_list(struct op *op, const struct list_query *q, struct list *ret)
{
	const struct work *w;
	struct span s = span_of(op, q);
	int64_t limit = q->limit < 1 || q->limit > LIST_LIMIT_MAX ? LIST_LIMIT_MAX : q->limit;
	bool done = false;

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(query_check(op, w, q));
	*ret = (struct list){ .at = NEW_N(op->arena, (size_t)limit, struct list_row) };
	s.limit = limit + 1;
	for (int i = 0; i < ROUNDS_MAX && !done; i++)
		TRY(page_read(op, w, q, &s, limit, ret, &done));
	if (!done)
		ret->more = true;
	return ERR_OK;
}
