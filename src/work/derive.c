/* derive: see derive.h. */
#include "work/derive.h"

#include <assert.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gen/q_todo.h"

#define SEARCH_BYTES_MAX (64 * KIB)

str value_key(struct arena *a, const struct value *v)
{
	switch (v->kind) {
	case V_TEXT: return v->text;
	case V_REF: return str_fmt(a, "%lld", (long long)v->id);
	case V_FLAG: return v->flag ? STR("true") : STR("false");
	case V_DATE: return date_format(a, v->day);
	case V_NUM: return num_format(a, v->num);
	case V_NONE: case V_TIME: case V_INSTANT: case V_DURATION: case V_LIST: case V_ROWS: break;
	}
	return STR_NONE;
}

/* --- values: what lists filter by and what links point at --- */

static void value_push(struct arena *a, struct value_lines *ls, str field, str value)
{
	if (!value.len)
		return;
	struct value_line *l = VEC_PUSH(a, ls);
	*l = (struct value_line){ field, value };
}

static void value_push_each(struct arena *a, struct value_lines *ls, str field,
		const struct value *v)
{
	if (!v)
		return;
	if (v->kind != V_LIST) {
		value_push(a, ls, field, value_key(a, v));
		return;
	}
	for (size_t i = 0; i < v->list.n; i++)
		value_push(a, ls, field, value_key(a, &v->list.at[i]));
}

static int value_line_cmp(const void *x, const void *y)
{
	const struct value_line *a = x, *b = y;
	int c = str_cmp(a->field, b->field);

	return c ? c : str_cmp(a->value, b->value);
}

str again_key(struct rec *r)
{
	struct arena *a = r->op->arena;
	str key = STR("");

	for (size_t i = 0; i < r->loop->again_same.n; i++) {
		const struct value *v = vmap_get(&r->fields, r->loop->again_same.at[i]);
		str k = v ? value_key(a, v) : STR_NONE;

		if (!k.len)
			return STR_NONE;
		key = str_fmt(a, "%.*s%s%.*s=%.*s", STR_ARG(key), i ? "|" : "",
				STR_ARG(r->loop->again_same.at[i]), STR_ARG(k));
	}
	return key;
}

static bool strs_same(const struct strs *a, const struct strs *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (!str_eq(a->at[i], b->at[i]))
			return false;
	return a->n == b->n;
}

static bool unique_same(const struct unique *a, const struct unique *b)
{
	return a->set == b->set && a->clash == b->clash && str_eq(a->to, b->to) &&
		str_eq(a->each_field, b->each_field) && strs_same(&a->per, &b->per);
}

/*
 * A place is what `unique:` says, not the state that says it: states of a loop with the same
 * `unique:` share it, and a record holds it in any of them. It bears the name of the first.
 */
static str place_name(const struct loop *lp, const struct unique *u)
{
	for (size_t i = 0; i < lp->state_n; i++)
		if (unique_same(&lp->state[i].unique, u))
			return lp->state[i].m.id;
	assert(!"a place that no state names");
	return STR_NONE;
}

/* One key for each element of the field named by each(), else one. */
size_t unique_keys(struct rec *r, int state, const struct vmap *fields, str **ret_keys)
{
	struct arena *a = r->op->arena;
	const struct state *st = state < 0 ? NULL : &r->loop->state[state];
	const struct value *each;
	size_t n = 0;

	if (!st || !st->unique.set)
		return 0;
	str base = place_name(r->loop, &st->unique);
	for (size_t i = 0; i < st->unique.per.n; i++) {
		const struct value *v = vmap_get(fields, st->unique.per.at[i]);
		str k = v ? value_key(a, v) : STR_NONE;

		if (str_eq(st->unique.per.at[i], STR("unit")))
			continue;	/* one tenant: its unit is always the same */
		if (!k.len)
			return 0;
		base = str_fmt(a, "%.*s|%.*s=%.*s", STR_ARG(base), STR_ARG(st->unique.per.at[i]),
				STR_ARG(k));
	}
	each = st->unique.each_field.len ? vmap_get(fields, st->unique.each_field) : NULL;
	size_t max = each && each->kind == V_LIST ? each->list.n : 1;
	*ret_keys = NEW_N(a, max, str);
	if (!st->unique.each_field.len)
		(*ret_keys)[n++] = base;
	for (size_t i = 0; each && i < max; i++) {
		const struct value *v = each->kind == V_LIST ? &each->list.at[i] : each;

		(*ret_keys)[n++] = str_fmt(a, "%.*s|%.*s=%.*s", STR_ARG(base),
				STR_ARG(st->unique.each_field), STR_ARG(value_key(a, v)));
	}
	return n;
}

static bool links(const struct field *f)
{
	return f->type == F_RECORD || f->type == F_RECORDS;
}

void values_of(struct rec *r, struct value_lines *ret)
{
	struct arena *a = r->op->arena;
	str *key;
	size_t w = 0;

	*ret = (struct value_lines){ 0 };
	if (r->row.is_void)
		return;
	for (size_t i = 0; i < r->loop->index.n; i++)
		value_push_each(a, ret, r->loop->index.at[i], vmap_get(&r->fields,
				r->loop->index.at[i]));
	for (size_t i = 0; i < r->loop->field_n; i++)
		if (links(&r->loop->field[i]))
			value_push_each(a, ret, r->loop->field[i].m.id, vmap_get(&r->fields,
					r->loop->field[i].m.id));
	if (r->row.parent_id.v && r->row.parent_link.len)
		value_push(a, ret, r->row.parent_link, str_fmt(a, "%lld",
				(long long)r->row.parent_id.v));
	if (r->loop->again_same.n)
		value_push(a, ret, STR("#again"), again_key(r));
	size_t n = unique_keys(r, rec_state(r), &r->fields, &key);
	for (size_t i = 0; i < n; i++)
		value_push(a, ret, STR("#unique"), key[i]);
	if (ret->n)
		qsort(ret->at, ret->n, sizeof(ret->at[0]), value_line_cmp);
	for (size_t i = 0; i < ret->n; i++)
		if (!w || value_line_cmp(&ret->at[w - 1], &ret->at[i]))
			ret->at[w++] = ret->at[i];
	ret->n = w;
}

static enum err values_write(struct rec *r)
{
	struct q_record_values_of *old;
	struct value_lines now;
	size_t old_n, i = 0, k = 0;

	values_of(r, &now);
	TRY(q_record_values_of(r->op, r->tenant, r->row.id, &old, &old_n));
	while (i < old_n || k < now.n) {
		struct value_line o = i < old_n ? (struct value_line){ old[i].field,
				old[i].value } : (struct value_line){ 0 };
		int c = i == old_n ? 1 : k == now.n ? -1 : value_line_cmp(&o, &now.at[k]);

		if (c < 0)
			TRY(q_record_value_drop(r->op, r->tenant, r->loop->m.id, o.field, o.value,
					r->row.id));
		else if (c > 0)
			TRY(q_record_value_add(r->op, r->tenant, r->loop->m.id, now.at[k].field,
					now.at[k].value, r->row.id));
		i += c <= 0;
		k += c >= 0;
	}
	return ERR_OK;
}

/* --- search --- */

static bool searchable(const struct field *f)
{
	return !f->see && (f->type == F_TEXT || f->type == F_NOTE || f->type == F_CHOICE ||
			f->type == F_CHOICES || f->type == F_PLACE);
}

str search_of(struct rec *r)
{
	struct buf b CLEANUP(buf_release);
	struct resolver names = work_resolver(r->op, r->w);
	str text;

	buf_init(&b, SEARCH_BYTES_MAX);
	buf_add(&b, r->row.number);
	for (size_t i = 0; !r->loop->sealed && i < r->loop->field_n; i++) {
		const struct field *f = &r->loop->field[i];
		const struct value *v = vmap_get(&r->fields, f->m.id);

		if (!v || !searchable(f))
			continue;
		buf_addc(&b, ' ');
		buf_add(&b, field_say(r->op->arena, r->policy, f, v, &names,
				r->op->clock->utc_offset_ms));
	}
	if (buf_finish(&b, &text))
		text = r->row.number;	/* longer than anybody searches: its number is enough */
	return utf8_fold(r->op->arena, text);
}

static enum err search_write(struct rec *r)
{
	struct q_record_search_get old;
	str now = search_of(r);

	enum err e = q_record_search_get(r->op, r->tenant, r->row.id, &old);
	if (!e && str_eq(old.text, now))
		return ERR_OK;
	if (e && e != ERR_NOTFOUND)
		return e;
	return q_record_search_put(r->op, r->tenant, r->row.id, r->loop->m.id, now);
}

/* --- counters --- */

static void tally_push(struct arena *a, struct tally_lines *ls, str metric, str dim, str value,
		day_no day)
{
	struct tally_line *l = VEC_PUSH(a, ls);

	*l = (struct tally_line){ metric, dim, value, day, 1 };
}

/* The counter as a whole, and narrowed by each index field. */
static void tally_push_dims(struct rec *r, struct tally_lines *ls, str metric, day_no day)
{
	struct arena *a = r->op->arena;

	tally_push(a, ls, metric, STR(""), STR(""), day);
	for (size_t i = 0; i < r->loop->index.n; i++) {
		struct value_lines vl = { 0 };

		value_push_each(a, &vl, r->loop->index.at[i], vmap_get(&r->fields,
				r->loop->index.at[i]));
		for (size_t k = 0; k < vl.n; k++)
			tally_push(a, ls, metric, vl.at[k].field, vl.at[k].value, day);
	}
}

static void tallies_of_step(struct rec *r, const struct q_steps_of *s, struct tally_lines *ret)
{
	struct arena *a = r->op->arena;
	int32_t off = r->op->clock->utc_offset_ms;
	day_no day = instant_day(s->at, off);

	if (!s->built_in)
		tally_push_dims(r, ret, str_fmt(a, "%.*s.%.*s", STR_ARG(r->loop->m.id),
				STR_ARG(s->step)), day);
	if (str_eq(s->from_state, s->to_state))
		return;
	tally_push_dims(r, ret, str_fmt(a, "%.*s@%.*s", STR_ARG(r->loop->m.id),
			STR_ARG(s->to_state)), day);
	if (!s->from_state.len || s->left_due_at == INSTANT_OPEN)
		return;
	day_no due = instant_day(s->left_due_at - 1, off);
	str state = str_fmt(a, "%.*s@%.*s", STR_ARG(r->loop->m.id), STR_ARG(s->from_state));
	tally_push_dims(r, ret, str_fmt(a, "%.*s:due", STR_ARG(state)), due);
	if (s->at <= s->left_due_at)
		tally_push_dims(r, ret, str_fmt(a, "%.*s:met", STR_ARG(state)), due);
}

void tallies_of(struct rec *r, struct tally_lines *ret)
{
	*ret = (struct tally_lines){ 0 };
	if (r->row.is_void || !r->row.id.v)
		return;
	for (size_t i = 0; i < r->step_n; i++)
		if (!r->step[i].undone)
			tallies_of_step(r, &r->step[i], ret);
}

static void duty_tally(struct op *op, const struct q_occurrence_get *o, const char *what,
		struct tally_lines *ret)
{
	day_no day = instant_day(o->due_at - 1, op->clock->utc_offset_ms);

	tally_push(op->arena, ret, str_fmt(op->arena, "duty:%.*s:%s", STR_ARG(o->duty), what),
			STR(""), STR(""), day);
}

void tallies_of_occurrence(struct op *op, const struct q_occurrence_get *o, struct tally_lines *ret)
{
	*ret = (struct tally_lines){ 0 };
	if (str_eq(o->state, STR("void")) || o->due_at == INSTANT_OPEN)
		return;
	if (str_eq(o->state, STR("waived"))) {
		duty_tally(op, o, "waived", ret);
		return;
	}
	duty_tally(op, o, "due", ret);
	if (str_eq(o->state, STR("missed")))
		duty_tally(op, o, "missed", ret);
	else if (str_eq(o->how, STR("on-time")))
		duty_tally(op, o, "on-time", ret);
	else if (str_eq(o->how, STR("late")))
		duty_tally(op, o, "late", ret);
	else if (str_eq(o->how, STR("entered-late")))
		duty_tally(op, o, "entered-late", ret);
}

static int tally_cmp(const void *x, const void *y)
{
	const struct tally_line *a = x, *b = y;
	int c = str_cmp(a->metric, b->metric);

	c = c ? c : str_cmp(a->dim, b->dim);
	c = c ? c : str_cmp(a->value, b->value);
	return c ? c : (a->day > b->day) - (a->day < b->day);
}

enum err tallies_write(struct op *op, tenant_id tenant, const struct tally_lines *was,
		const struct tally_lines *now)
{
	size_t n = was->n + now->n;
	struct tally_line *all = NEW_N(op->arena, n, struct tally_line);

	for (size_t i = 0; i < was->n; i++) {
		all[i] = was->at[i];
		all[i].n = -was->at[i].n;
	}
	if (now->n)
		memcpy(all + was->n, now->at, now->n * sizeof(all[0]));
	qsort(all, n, sizeof(all[0]), tally_cmp);
	for (size_t i = 0; i < n; ) {
		int64_t sum = 0;
		size_t k = i;

		for (; k < n && !tally_cmp(&all[i], &all[k]); k++)
			sum += all[k].n;
		if (sum)
			TRY(q_tally_add(op, &(struct q_tally_add_in){
				.tenant = tenant, .metric = all[i].metric, .dim = all[i].dim,
				.value = all[i].value, .day = all[i].day, .n = sum,
			}));
		i = k;
	}
	return ERR_OK;
}

enum err derive_record(struct rec *r, const struct tally_lines *was)
{
	struct tally_lines now;

	TRY(values_write(r));
	TRY(search_write(r));
	tallies_of(r, &now);
	return tallies_write(r->op, r->tenant, was, &now);
}
