/*
 * fields_pick: what there is to choose from. Only what is there now: a person who has
 * left or a room that is closed is not offered (it stays readable where it was chosen).
 */
#include "web/page/fields_int.h"

#include "base/pubid.h"
#include "work/work.h"

#define RECORDS_MAX 50

bool is_here(const struct op *op, int64_t from_ms, int64_t to_ms)
{
	return from_ms <= op->now_ms && op->now_ms < to_ms;
}

static void add(struct op *op, struct options *o, str value, str label, str hint, str now)
{
	if (o->v.n >= OPTIONS_MAX) {
		o->too_many = true;
		return;
	}
	*VEC_PUSH(op->arena, &o->v) = (struct html_opt){
		.value = value, .label = label, .hint = hint, .on = value.len && str_eq(value, now),
	};
}

void choice_options(struct op *op, const struct policy *p, const struct field *f, str now,
		    struct options *ret)
{
	const struct catalogue *c = f->of_catalogue.len ? policy_catalogue(p,
		f->of_catalogue) : NULL;

	for (size_t i = 0; i < f->choice_n; i++)
		add(op, ret, f->choice[i].value, f->choice[i].label, STR_NONE, now);
	for (size_t i = 0; c && i < c->entry_n; i++)
		if (!c->entry[i].hidden && c->entry[i].m.label.len)
			add(op, ret, c->entry[i].m.id, c->entry[i].m.label, STR_NONE, now);
}

/* The posts that a person holds now: 安全办主任、德育处. */
str person_posts(struct arena *a, const struct op *op, const struct fields *c, person_id id)
{
	const struct org_view *v = c->work->org;
	size_t first, n = ov_appointments(v, id, &first);
	VEC(str) labels = { 0 };

	for (size_t i = first; i < first + n; i++) {
		const struct post *post = policy_post(c->work->policy, v->appointment[i].post);

		if (is_here(op, v->appointment[i].from_ms, v->appointment[i].to_ms))
			*VEC_PUSH(a, &labels) = post && post->m.label.len ? post->m.label
									  : v->appointment[i].post;
	}
	return str_join(a, labels.at, labels.n, STR("、"));
}

static void people(struct op *op, const struct fields *c, str now, struct options *ret)
{
	const struct org_view *v = c->work->org;

	for (size_t i = 0; i < v->person_n; i++)
		if (is_here(op, v->person[i].from_ms, v->person[i].to_ms))
			add(op, ret, pubid_make(op->arena, v->tenant, v->person[i].id.v),
			    v->person[i].name, person_posts(op->arena, op, c, v->person[i].id),
			    now);
}

static void places(struct op *op, const struct fields *c, str now, struct options *ret)
{
	const struct org_view *v = c->work->org;

	for (size_t i = 0; i < v->place_n; i++)
		if (is_here(op, v->place[i].from_ms, v->place[i].to_ms))
			add(op, ret, pubid_make(op->arena, v->tenant, v->place[i].id.v),
			    v->place[i].name, v->place[i].code, now);
}

static void units(struct op *op, const struct fields *c, bool classes, str now, struct options *ret)
{
	const struct org_view *v = c->work->org;

	for (size_t i = 0; i < v->unit_n; i++) {
		const struct ov_unit *u = &v->unit_at[i];

		if (is_here(op, u->from_ms, u->to_ms) &&
		    (!classes || str_eq(u->kind, STR("class"))))
			add(op, ret, pubid_make(op->arena, v->tenant, u->id.v), u->name, STR_NONE,
			    now);
	}
}

static void posts(struct op *op, const struct fields *c, str now, struct options *ret)
{
	const struct policy *p = c->work->policy;

	for (size_t i = 0; i < p->post_n; i++)
		add(op, ret, p->post[i].m.id, p->post[i].m.label, STR_NONE, now);
}

/*
 * The periods that people mean: this month and the last, this quarter, this year, this school
 * year.
 */
static void periods(struct op *op, const struct fields *c, str now, struct options *ret)
{
	struct arena *a = op->arena;
	day_no today = instant_day(op->now_ms, c->work->calendar->utc_offset_ms);
	struct date d = date_from_day(today), last = date_from_day(day_add_months(today, -1));
	int school_year = d.month >= 9 ? d.year : d.year - 1;
	const str all[] = {
		str_fmt(a, "%04d-%02d", d.year, d.month),
		str_fmt(a, "%04d-%02d", last.year, last.month),
		str_fmt(a, "%04dQ%d", d.year, (d.month + 2) / 3),
		str_fmt(a, "%04d-%04d/1", school_year, school_year + 1),
		str_fmt(a, "%04d-%04d/2", school_year, school_year + 1),
		str_fmt(a, "%04d-%04d", school_year, school_year + 1),
		str_fmt(a, "%04d", d.year),
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		add(op, ret, all[i], period_say(a, all[i]), STR_NONE, now);
}

static enum err records(struct op *op, const struct fields *c, const struct field *f, str now,
			struct options *ret)
{
	struct list_query q = { .loop = f->of_loop, .limit = RECORDS_MAX };
	struct list list = { 0 };

	TRY(records_list(op, &q, &list));
	for (size_t i = 0; i < list.n; i++)
		add(op, ret, pubid_make(op->arena, c->work->org->tenant, list.at[i].id.v),
		    list.at[i].title.len ? list.at[i].title : list.at[i].number, list.at[i].number,
		    now);
	ret->too_many |= list.more;
	return ERR_OK;
}

enum err field_options(struct op *op, const struct fields *c, const struct field *f, str now,
		       struct options *ret)
{
	switch (f->type) {
	case F_PERSON: case F_PEOPLE:
		people(op, c, now, ret);
		return ERR_OK;
	case F_PLACE:
		places(op, c, now, ret);
		return ERR_OK;
	case F_UNIT: case F_CLASS:
		units(op, c, f->type == F_CLASS, now, ret);
		return ERR_OK;
	case F_POST:
		posts(op, c, now, ret);
		return ERR_OK;
	case F_PERIOD:
		periods(op, c, now, ret);
		return ERR_OK;
	case F_RECORD: case F_RECORDS: case F_ASSET:
		return records(op, c, f, now, ret);
	default:
		choice_options(op, c->policy, f, now, ret);
		return ERR_OK;
	}
}

size_t places_of(struct op *op, const struct fields *c, const struct ov_place ***ret)
{
	const struct org_view *v = c->work->org;
	VEC(const struct ov_place *) mine = { 0 };

	for (size_t i = 0; i < v->keeper_n; i++) {
		const struct ov_keeper *k = &v->keeper[i];
		const struct ov_place *p = ov_place(v, k->place);

		if (k->person.v != c->person.v || !p || !is_here(op, k->from_ms, k->to_ms))
			continue;
		/* Keepers are sorted by place: the same place comes in a row. */
		if (!mine.n || mine.at[mine.n - 1] != p)
			*VEC_PUSH(op->arena, &mine) = p;
	}
	*ret = mine.at;
	return mine.n;
}
