/*
 * todo: what falls on whom, one row per person and item, so that "my tasks" is one
 * indexed read. Written as a set by its difference; never by hand.
 */
#include "work/occur.h"

#include "gen/q_todo.h"

static int todo_cmp(const void *x, const void *y)
{
	const struct todo_line *a = x, *b = y;

	return (a->person.v > b->person.v) - (a->person.v < b->person.v);
}

static bool todo_same(const struct q_todo_of_ref *o, const struct todo_line *l)
{
	return str_eq(o->label, l->label) && str_eq(o->detail, l->detail) && str_eq(o->group_key,
			l->group_key)
		&& str_eq(o->post, l->post) && o->stand_in == l->stand_in &&
				o->from_at == l->from_ms && o->due_at == l->due_ms
		&& o->minutes_do == l->minutes_do && o->minutes_record == l->minutes_record;
}

/* One line a person: who is meant twice (two posts) has it once. */
static void todo_distinct(struct todo_lines *ls)
{
	size_t w = 0;

	if (ls->n)
		qsort(ls->at, ls->n, sizeof(ls->at[0]), todo_cmp);
	for (size_t i = 0; i < ls->n; i++)
		if (!w || todo_cmp(&ls->at[w - 1], &ls->at[i]))
			ls->at[w++] = ls->at[i];
	ls->n = w;
}

enum err todo_write(struct op *op, tenant_id tenant, const char *item, int64_t ref, str loop,
		str duty, struct todo_lines *now)
{
	struct q_todo_of_ref *old;
	size_t old_n, i = 0, k = 0;

	todo_distinct(now);
	TRY(q_todo_of_ref(op, tenant, ref, str_of(item), &old, &old_n));	/* by person */
	while (i < old_n || k < now->n) {
		const struct todo_line *l = k < now->n ? &now->at[k] : NULL;

		if (!l || (i < old_n && old[i].person_id.v < l->person.v)) {
			TRY(q_todo_drop(op, tenant, old[i].person_id, str_of(item), ref));
			i++;
			continue;
		}
		bool had = i < old_n && old[i].person_id.v == l->person.v;
		if (!had || !todo_same(&old[i], l))
			TRY(q_todo_put(op, &(struct q_todo_put_in){
				.tenant = tenant, .person = l->person, .item = str_of(item),
				.ref_id = ref, .loop = loop, .duty = duty, .label = l->label,
				.detail = l->detail, .group_key = l->group_key, .post = l->post,
				.stand_in = l->stand_in, .from_at = l->from_ms, .due_at = l->due_ms,
				.minutes_do = l->minutes_do, .minutes_record = l->minutes_record,
			}));
		i += had;
		k++;
	}
	return ERR_OK;
}

static void todo_push(struct arena *a, struct todo_lines *ls, const struct who_set *s,
		struct todo_line proto)
{
	for (size_t i = 0; i < s->n; i++) {
		struct todo_line *l = VEC_PUSH(a, ls);

		*l = proto;
		l->person = s->at[i].person;
		l->post = s->at[i].post;
		l->stand_in = s->at[i].stand_in;
	}
}

/* 东门 · 东门伸缩门轨道变形: the place and what it is about; sealed loops say neither. */
static str record_detail(struct rec *r)
{
	str place = r->row.place_id.v && !r->row.sealed ? place_name_of(r->w,
			r->row.place_id) : STR_NONE;

	if (!place.len)
		return r->row.title;
	return str_fmt(r->op->arena, "%.*s · %.*s", STR_ARG(place), STR_ARG(r->row.title));
}

void todo_lines_of_record(struct rec *r, struct todo_lines *own, struct todo_lines *over)
{
	struct arena *a = r->op->arena;
	struct machine_ctx c = rec_ctx(r);
	bool alone = false;
	int state = rec_state(r);

	*own = *over = (struct todo_lines){ 0 };
	if (r->row.final || r->row.is_void || state < 0)
		return;
	const struct state *st = &r->loop->state[state];
	struct todo_line proto = { .label = str_fmt(a, "%.*s：%.*s", STR_ARG(r->loop->m.label),
			STR_ARG(st->m.label)), .detail = record_detail(r),
		.from_ms = r->row.entered_at, .due_ms = r->row.due_at };
	struct who_set s = machine_owners(a, &c, &r->m, &alone);

	todo_push(a, own, &s, proto);
	for (int32_t g = 0; g < r->row.rung && (size_t)g < st->late.n; g++) {
		s = ladder_receivers(a, &c, &r->m, &st->late.at[g]);
		todo_push(a, over, &s, proto);
	}
	todo_distinct(own);
	todo_distinct(over);
}

enum err todo_of_record(struct rec *r)
{
	struct todo_lines own, over;

	todo_lines_of_record(r, &own, &over);
	TRY(todo_write(r->op, r->tenant, "step", r->row.id.v, r->loop->m.id, STR(""), &own));
	return todo_write(r->op, r->tenant, "oversee", r->row.id.v, r->loop->m.id, STR(""), &over);
}

/* --- occurrences --- */

/* Does one record of the proof's loop cover several subjects at once? */
static bool covers_many(const struct policy *p, const struct proof *f)
{
	const struct loop *lp = policy_loop(p, f->loop);

	for (size_t i = 0; i < f->same_n; i++) {
		const struct field *fd = lp ? loop_field(lp, f->same[i].path) : NULL;

		if (f->same[i].rows)
			return true;
		if (fd && (fd->type == F_CHOICES || fd->type == F_PEOPLE || fd->type == F_RECORDS))
			return true;
	}
	return false;
}

/*
 * Open occurrences with one key can be fulfilled by one submitted form: same loop, same
 * state or step, same condition; the subject too, unless a record covers many.
 */
str group_key_of(struct arena *a, const struct policy *p, const struct duty *d, str subject,
		str subject2)
{
	const struct proof *f = d->proof_n ? &d->proof[0] : NULL;

	if (!f || f->mode != PROOF_ONE || d->group == GROUP_NONE)
		return str_fmt(a, "%.*s|%.*s|%.*s", STR_ARG(d->m.id), STR_ARG(subject),
				STR_ARG(subject2));
	str key = str_fmt(a, "%.*s|%.*s%.*s|%.*s", STR_ARG(f->loop), STR_ARG(f->state),
			STR_ARG(f->step), STR_ARG(f->where_text));
	if (covers_many(p, f))
		return key;
	return str_fmt(a, "%.*s|%.*s|%.*s", STR_ARG(key), STR_ARG(subject), STR_ARG(subject2));
}

enum err todo_lines_of_occurrence(struct op *op, const struct work *w,
		const struct q_occurrence_get *row, struct todo_lines *own, struct todo_lines *over)
{
	struct arena *a = op->arena;
	struct occurrence o;

	*own = *over = (struct todo_lines){ 0 };
	if (!occ_live(row->state) || !occ_from_row(a, w->policy, row, &o)
	    || o.duty->group == GROUP_NONE)
		return ERR_OK;
	struct expand_in in = work_expand_in(op, w);
	TRY(occ_record(op, w, &o, &in));
	struct who_set s = occurrence_owners(a, &in, &o, op->now_ms);
	str about = occ_subject_say(op, w, row->subject);
	struct todo_line proto = {
		.label = o.duty->m.label,
		.from_ms = row->from_at,
		.due_ms = row->due_at,
		.detail = !row->subject2.len
				  ? about
				  : str_fmt(a, "%.*s · %.*s", STR_ARG(about),
					    STR_ARG(occ_subject_say(op, w, row->subject2))),
		.group_key = group_key_of(a, w->policy, o.duty, row->subject, row->subject2),
		.minutes_do = o.duty->minutes_do,
		.minutes_record = o.duty->minutes_record,
	};
	const struct ladder *l = duty_ladder(w, o.duty);

	todo_push(a, own, &s, proto);
	for (int32_t g = 0; g < row->rung && (size_t)g < l->n; g++) {
		s = occ_receivers(op, &in, &o, &l->at[g]);
		todo_push(a, over, &s, proto);
	}
	todo_distinct(own);
	todo_distinct(over);
	return ERR_OK;
}

enum err occur_todo(struct op *op, const struct work *w, const struct q_occurrence_get *row)
{
	struct todo_lines own, over;

	TRY(todo_lines_of_occurrence(op, w, row, &own, &over));
	TRY(todo_write(op, w->org->tenant, "duty", row->id.v, STR(""), row->duty, &own));
	return todo_write(op, w->org->tenant, "oversee", row->id.v, STR(""), row->duty, &over);
}

enum err occur_todo_all(struct op *op, const struct work *w)
{
	static const char *const states[] = { "planned", "open" };

	for (int k = 0; k < 2; k++)
		for (int64_t after = 0;;) {
			struct q_occurrences_live *row;
			size_t n;

			TRY(q_occurrences_live(op, w->org->tenant, str_of(states[k]), after, 500,
					&row, &n));
			for (size_t i = 0; i < n; i++) {
				struct q_occurrence_get o;

				TRY(q_occurrence_get(op, w->org->tenant, row[i].id, &o));
				TRY(occur_todo(op, w, &o));
			}
			if (n < 500)
				break;
			after = row[n - 1].id.v;
		}
	return ERR_OK;
}
