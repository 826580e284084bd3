/*
 * who_eval: whom a people expression means as of a moment. Each leaf gives the people
 * as named; what an expression makes of its leaves (union, first, without) is done at
 * one *level* at a time: those present, else their named stand-ins, else the stand-in
 * of the post, else the head of the department; the first level with an answer is the
 * answer, and none at all is a hole (G200), never silence. Parts of all() go through
 * the levels each for itself, since every one of them must act.
 *
 * People meant as persons (a keeper, a field) have no post that could be stood in for:
 * after their named stand-in comes the head of their department (boundary case 10);
 * only for a head himself, above whom there is none, the stand-in of his post.
 */
#include "rules/who.h"

#include <assert.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/org_view.h"
#include "rules/policy.h"
#include "rules/expr.h"
#include "rules/who_int.h"

enum level {
	LEVEL_NAMED,
	LEVEL_PRESENT,
	LEVEL_STAND_IN,
	LEVEL_POST,
	LEVEL_HEAD,
	LEVEL_LAST,
	LEVEL_N
};

struct wev {
	struct arena *a;
	const struct who_ctx *c;
	enum level level;
	int params;
};

struct posts { str *at; size_t n, cap; };

static struct who_set people(const struct wev *ev, const struct who *w);

/* --- sets --- */

static void add(const struct wev *ev, struct who_set *s, struct who_hit h)
{
	if (!h.person.v)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].person.v == h.person.v && s->at[i].appointment.v == h.appointment.v &&
		    str_eq(s->at[i].post, h.post))
			return;
	*VEC_PUSH(ev->a, s) = h;
}

static void add_person(const struct wev *ev, struct who_set *s, person_id p)
{
	add(ev, s, (struct who_hit){ .person = p });
}

static void join(const struct wev *ev, struct who_set *to, const struct who_set *from)
{
	for (size_t i = 0; i < from->n; i++)
		add(ev, to, from->at[i]);
	to->missing = to->missing || from->missing;
}

bool who_has(const struct who_set *s, person_id p)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].person.v == p.v)
			return true;
	return false;
}

/* --- posts --- */

static bool has_str(const struct strs *list, str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], s))
			return true;
	return false;
}

static bool posts_add(struct arena *a, struct posts *ps, str id)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq(ps->at[i], id))
			return false;
	*VEC_PUSH(a, ps) = id;
	return true;
}

static str post_canonical(const struct policy *p, str id)
{
	const struct post *post = p ? policy_post(p, id) : NULL;

	return post ? post->m.id : id;
}

/* All posts whose holders answer for `asked`: itself, what it `is`, and whatever `includes` one of
 * these. */
static struct posts posts_covering(struct arena *a, const struct policy *p, str asked)
{
	struct posts ps = { 0 };

	posts_add(a, &ps, post_canonical(p, asked));
	for (size_t i = 0; p && i < ps.n; i++) {
		const struct post *post = policy_post(p, ps.at[i]);

		for (size_t k = 0; post && k < post->is.n; k++)
			posts_add(a, &ps, post_canonical(p, post->is.at[k]));
		for (size_t k = 0; k < p->post_n; k++)
			if (has_str(&p->post[k].includes, ps.at[i]))
				posts_add(a, &ps, p->post[k].m.id);
	}
	return ps;
}

void posts_prepare(struct arena *a, struct policy *p)
{
	struct post *post = NEW_N(a, p->post_n, struct post);

	for (size_t i = 0; i < p->post_n; i++) {
		struct posts ps = posts_covering(a, p, p->post[i].m.id);

		post[i] = p->post[i];
		post[i].covered_by = (struct strs){ ps.at, ps.n };
	}
	p->post = post;
}

static bool covers(const struct policy *p, str held, str asked, int depth)
{
	const struct post *h = policy_post(p, held), *q = policy_post(p, asked);

	if (str_eq(held, asked) || (h && q && h == q))
		return true;
	if (depth <= 0)
		return false;
	for (size_t i = 0; h && i < h->includes.n; i++)
		if (covers(p, h->includes.at[i], asked, depth - 1))
			return true;
	for (size_t i = 0; q && i < q->is.n; i++)
		if (covers(p, held, q->is.at[i], depth - 1))
			return true;
	return false;
}

bool post_covers(const struct policy *p, str held, str asked)
{
	assert(p);
	return covers(p, held, asked, 8);
}

static bool posts_have(const struct posts *ps, str id)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq(ps->at[i], id))
			return true;
	return false;
}

static bool valid_at(int64_t from_ms, int64_t to_ms, int64_t at_ms)
{
	return from_ms <= at_ms && at_ms < to_ms;
}

/* Holders of any of the posts, in one unit when `unit` is not 0. */
static void add_holders(const struct wev *ev, struct who_set *s, const struct posts *ps,
			unit_id unit)
{
	const struct org_view *v = ev->c->org;

	for (size_t i = 0; v && i < v->appointment_n; i++) {
		const struct ov_appointment *x = &v->appointment[i];

		if (!valid_at(x->from_ms, x->to_ms, ev->c->at_ms) ||
		    (unit.v && x->unit.v != unit.v))
			continue;
		if (posts_have(ps, x->post))
			add(ev, s,
			    (struct who_hit){ .person = x->person,
					      .post = x->post,
					      .appointment = x->id,
					      .unit = x->unit });
	}
}

static void add_post(const struct wev *ev, struct who_set *s, str post, unit_id unit)
{
	const struct post *known = ev->c->policy ? policy_post(ev->c->policy, post) : NULL;
	struct posts ps;

	if (known && known->covered_by.n)
		ps = (struct posts){ .at = (str *)(uintptr_t)known->covered_by.at,	/* read */
				     .n = known->covered_by.n };
	else
		ps = posts_covering(ev->a, ev->c->policy, post);
	add_holders(ev, s, &ps, unit);
}

static void hits_up(struct arena *a, const struct policy *p, const struct ov_appointment *x,
		    struct who_set *s, struct posts *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct post *post = policy_post(p, ps->at[i]);

		*VEC_PUSH(a, s) = (struct who_hit){ .person = x->person,
						    .post = ps->at[i],
						    .appointment = x->id,
						    .unit = x->unit };
		for (size_t k = 0; post && k < post->includes.n; k++)
			posts_add(a, ps, post_canonical(p, post->includes.at[k]));
		for (size_t k = 0; k < p->post_n; k++)
			if (has_str(&p->post[k].is, ps->at[i]))
				posts_add(a, ps, p->post[k].m.id);
	}
}

size_t who_posts(struct arena *a, const struct policy *p, const struct org_view *v,
		 person_id person, int64_t at_ms, struct who_hit **ret_hits)
{
	struct who_set s = { 0 };
	size_t first, n = ov_appointments(v, person, &first);

	assert(p && ret_hits);
	for (size_t i = first; i < first + n; i++) {
		struct posts ps = { 0 };

		if (!valid_at(v->appointment[i].from_ms, v->appointment[i].to_ms, at_ms))
			continue;
		posts_add(a, &ps, post_canonical(p, v->appointment[i].post));
		hits_up(a, p, &v->appointment[i], &s, &ps);
	}
	*ret_hits = s.at;
	return s.n;
}

/* --- presence --- */

static bool appointed(const struct wev *ev, person_id p)
{
	const struct org_view *v = ev->c->org;
	size_t first, n = ov_appointments(v, p, &first);

	for (size_t i = first; i < first + n; i++)
		if (valid_at(v->appointment[i].from_ms, v->appointment[i].to_ms, ev->c->at_ms))
			return true;
	return false;
}

static bool present(const struct wev *ev, person_id p)
{
	const struct ov_person *x = ov_person(ev->c->org, p);

	return x && valid_at(x->from_ms, x->to_ms, ev->c->at_ms) && appointed(ev, p) &&
	       !ov_absent(ev->c->org, p, ev->c->at_ms, NULL);
}

static struct who_set only_present(const struct wev *ev, const struct who_set *s)
{
	struct who_set out = { 0 };

	for (size_t i = 0; i < s->n; i++)
		if (present(ev, s->at[i].person))
			add(ev, &out, s->at[i]);
	return out;
}

static struct who_set stand_ins(const struct wev *ev, const struct who_set *named)
{
	struct who_set out = { 0 };

	for (size_t i = 0; i < named->n; i++) {
		struct who_hit h = named->at[i];
		person_id other = { 0 };

		if (!ov_absent(ev->c->org, h.person, ev->c->at_ms, &other) || !other.v ||
		    !present(ev, other))
			continue;
		h.person = other;
		h.stand_in = true;
		add(ev, &out, h);
	}
	return out;
}

/* The posts of a person: those held now, else the last one held. */
static void add_posts_of(const struct wev *ev, struct posts *ps, person_id p)
{
	const struct org_view *v = ev->c->org;
	size_t first, n = ov_appointments(v, p, &first), before = ps->n;
	const struct ov_appointment *last = NULL;

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *x = &v->appointment[i];

		if (valid_at(x->from_ms, x->to_ms, ev->c->at_ms))
			posts_add(ev->a, ps, post_canonical(ev->c->policy, x->post));
		else if (x->to_ms <= ev->c->at_ms && (!last || x->to_ms > last->to_ms))
			last = x;
	}
	if (ps->n == before && last)
		posts_add(ev->a, ps, post_canonical(ev->c->policy, last->post));
}

static struct who_set post_stand_ins(const struct wev *ev, const struct posts *ps)
{
	struct who_set all = { 0 }, out;

	for (size_t i = 0; i < ps->n; i++) {
		const struct post *post =
			ev->c->policy ? policy_post(ev->c->policy, ps->at[i]) : NULL;

		if (post && post->stand_in.len)
			add_post(ev, &all, post->stand_in, (unit_id){ 0 });
	}
	out = only_present(ev, &all);
	for (size_t i = 0; i < out.n; i++)
		out.at[i].stand_in = true;
	return out;
}

/* Holders of the posts that head a department (`of` names it). */
static void add_heads_of(const struct wev *ev, struct who_set *s, str department)
{
	const struct policy *p = ev->c->policy;
	struct posts ps = { 0 };

	for (size_t i = 0; p && department.len && i < p->post_n; i++)
		if (p->post[i].head && str_eq(p->post[i].of, department))
			posts_add(ev->a, &ps, p->post[i].m.id);
	if (ps.n)
		add_holders(ev, s, &ps, (unit_id){ 0 });
}

static struct who_set heads_of_posts(const struct wev *ev, const struct posts *ps)
{
	struct who_set out = { 0 };

	for (size_t i = 0; i < ps->n; i++) {
		const struct post *post =
			ev->c->policy ? policy_post(ev->c->policy, ps->at[i]) : NULL;

		if (post)
			add_heads_of(ev, &out, post->of);
	}
	return out;
}

/* --- words in brackets: fields of the record, else of the subject --- */

struct values { const struct value *at; size_t n; };

/* A field, or `rows.column`, as a plain array of values. */
static struct values field_values(const struct wev *ev, str name)
{
	str rest = name, head = str_cut(&rest, '.');
	const struct value *v = vmap_get(ev->c->fields, head);
	struct value *at;
	size_t n = 0;

	if (!v)
		return (struct values){ NULL, 0 };
	if (v->kind == V_LIST)
		return (struct values){ v->list.at, v->list.n };
	if (v->kind != V_ROWS)
		return (struct values){ v, 1 };
	at = NEW_N(ev->a, v->rows.n, struct value);
	for (size_t i = 0; i < v->rows.n; i++) { /* signatures are rows with a column `person` */
		const struct value *cell = row_get(&v->rows.at[i], rest.ptr ? rest : STR("person"));

		if (cell)
			at[n++] = *cell;
	}
	return (struct values){ at, n };
}

static unit_id unit_of_word(const struct wev *ev, str w)
{
	struct values vs = field_values(ev, w);
	const struct org_view *v = ev->c->org;

	if (vs.n && vs.at[0].kind == V_REF && vs.at[0].ref == REF_UNIT)
		return (unit_id){ vs.at[0].id };
	if (str_eq(w, STR("unit")) || str_eq(w, STR("class")))
		return ev->c->unit;
	for (size_t i = 0; v && i < v->unit_n; i++)
		if (str_eq(v->unit_at[i].code, w) || str_eq(v->unit_at[i].name, w))
			return v->unit_at[i].id;
	return (unit_id){ 0 };
}

/* --- leaves --- */

static void add_values(const struct wev *ev, struct who_set *s, struct values vs)
{
	for (size_t i = 0; i < vs.n; i++) {
		if (vs.at[i].kind == V_REF && vs.at[i].ref == REF_PERSON)
			add_person(ev, s, (person_id){ vs.at[i].id });
		else if (vs.at[i].kind == V_TEXT) /* a field of type post, or choices of posts */
			add_post(ev, s, vs.at[i].text, (unit_id){ 0 });
	}
}

static void add_everybody(const struct wev *ev, struct who_set *s)
{
	const struct org_view *v = ev->c->org;

	for (size_t i = 0; v && i < v->person_n; i++)
		if (valid_at(v->person[i].from_ms, v->person[i].to_ms, ev->c->at_ms))
			*VEC_PUSH(ev->a, s) = (struct who_hit){ .person = v->person[i].id };
}

static void add_subject(const struct wev *ev, struct who_set *s)
{
	if (ev->c->subject.v)
		add_person(ev, s, ev->c->subject);
	else
		add_values(ev, s, field_values(ev, STR("person")));
	if (!s->n && ev->c->subject_post.len)
		add_post(ev, s, ev->c->subject_post, (unit_id){ 0 });
}

static void add_members(const struct wev *ev, struct who_set *s, str department)
{
	const struct policy *p = ev->c->policy;
	unit_id unit = unit_of_word(ev, department);
	const struct org_view *v = ev->c->org;
	const struct ov_unit *u = ov_unit(v, unit);
	str code = u ? u->code : post_canonical(p, department);

	for (size_t i = 0; v && i < v->appointment_n; i++) {
		const struct ov_appointment *x = &v->appointment[i];
		const struct post *post = p ? policy_post(p, x->post) : NULL;
		bool of = post && code.len && str_eq(post->of, code);

		if (valid_at(x->from_ms, x->to_ms, ev->c->at_ms) &&
		    (of || (unit.v && x->unit.v == unit.v)))
			add(ev, s,
			    (struct who_hit){ .person = x->person,
					      .post = x->post,
					      .appointment = x->id,
					      .unit = x->unit });
	}
}

static void add_head_of_unit(const struct wev *ev, struct who_set *s, unit_id unit)
{
	const struct org_view *v = ev->c->org;
	const struct ov_unit *u = ov_unit(v, unit);

	for (size_t i = 0; v && i < v->appointment_n; i++) {
		const struct ov_appointment *x = &v->appointment[i];
		const struct post *post =
			ev->c->policy ? policy_post(ev->c->policy, x->post) : NULL;

		if (post && post->head && x->unit.v == unit.v &&
		    valid_at(x->from_ms, x->to_ms, ev->c->at_ms))
			add(ev, s,
			    (struct who_hit){ .person = x->person,
					      .post = x->post,
					      .appointment = x->id,
					      .unit = x->unit });
	}
	if (u)
		add_heads_of(ev, s, u->code);
}

/* head(post), head(person), head(unit) */
static void add_head(const struct wev *ev, struct who_set *s, const struct who *of)
{
	struct wev named = *ev;
	struct posts ps = { 0 };
	unit_id unit = { 0 };
	struct who_set found;

	named.level = LEVEL_NAMED;
	if (of->kind == W_POST && ev->c->policy && policy_post(ev->c->policy, of->name)) {
		posts_add(ev->a, &ps, post_canonical(ev->c->policy, of->name));
	} else if (of->kind == W_POST && (unit = unit_of_word(ev, of->name)).v) {
		add_head_of_unit(ev, s, unit);
		return;
	} else {
		found = people(&named, of);
		for (size_t i = 0; i < found.n; i++)
			add_posts_of(ev, &ps, found.at[i].person);
	}
	found = heads_of_posts(ev, &ps);
	join(ev, s, &found);
}

static void add_seats(const struct wev *ev, struct who_set *s, const struct body *b, unit_id unit)
{
	for (size_t i = 0; i < b->member_n; i++)
		if (b->member[i].post.len)
			add_post(ev, s, b->member[i].post, unit);
}

/* A body of each class or grade is that of the unit in question. */
static void add_body(const struct wev *ev, struct who_set *s, str id, str part)
{
	const struct body *b = ev->c->policy ? policy_body(ev->c->policy, id) : NULL;
	bool whole = str_empty(part);
	unit_id unit = { 0 };

	if (!b)
		return;
	if (str_eq(b->per, STR("class")) || str_eq(b->per, STR("grade")))
		unit = unit_of_word(ev, STR("class"));
	if (b->leader.len && (whole || str_eq(part, STR("leader"))))
		add_post(ev, s, b->leader, unit);
	for (size_t i = 0; i < b->deputies.n; i++)
		if (whole || str_eq(part, STR("deputies")))
			add_post(ev, s, b->deputies.at[i], unit);
	if (whole || str_eq(part, STR("members")))
		add_seats(ev, s, b, unit);
	if (b->host.len && str_eq(part, STR("office")))
		add_post(ev, s, b->host, (unit_id){ 0 });
}

static void add_keepers_of(const struct wev *ev, struct who_set *s, int64_t place, str role)
{
	const struct org_view *v = ev->c->org;
	size_t lo = 0, hi = v ? v->keeper_n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->keeper[mid].place.v < place)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; v && lo < v->keeper_n && v->keeper[lo].place.v == place; lo++) {
		const struct ov_keeper *k = &v->keeper[lo];

		if (str_eq(k->role, role) && valid_at(k->from_ms, k->to_ms, ev->c->at_ms))
			add_person(ev, s, k->person);
	}
}

static void add_keepers(const struct wev *ev, struct who_set *s, str place, str role)
{
	struct values vs = field_values(ev, place);

	for (size_t i = 0; i < vs.n; i++)
		if (vs.at[i].kind == V_REF && vs.at[i].ref == REF_PLACE)
			add_keepers_of(ev, s, vs.at[i].id, role);
	if (!vs.n && ev->c->place.v && str_eq(place, STR("place")))
		add_keepers_of(ev, s, ev->c->place.v, role);
}

static void add_class_teachers(const struct wev *ev, struct who_set *s, str class)
{
	struct values vs = field_values(ev, class);
	unit_id unit;

	for (size_t i = 0; i < vs.n; i++)
		if (vs.at[i].kind == V_REF && vs.at[i].ref == REF_UNIT)
			add_post(ev, s, STR("class-teacher"), (unit_id){ vs.at[i].id });
	if (vs.n)
		return;
	unit = unit_of_word(ev, class);
	if (unit.v)
		add_post(ev, s, STR("class-teacher"), unit);
}

static void add_on_duty(const struct wev *ev, struct who_set *s, str roster)
{
	person_id found[ON_DUTY_MAX];
	size_t n = ev->c->on_duty ? ev->c->on_duty(ev->c->fn_ctx, roster, found, ON_DUTY_MAX) : 0;

	for (size_t i = 0; i < n && i < ON_DUTY_MAX; i++)
		add_person(ev, s, found[i]);
}

static void add_unsigned(const struct wev *ev, struct who_set *s, str field)
{
	const struct field *f = ev->c->loop ? loop_field(ev->c->loop, field) : NULL;
	struct values signed_by = field_values(ev, field);
	struct wev named = *ev;
	struct who_set asked = { 0 };

	named.level = LEVEL_NAMED;
	if (f && f->of_who)
		asked = people(&named, f->of_who);
	for (size_t i = 0; i < asked.n; i++) {
		const struct value p = value_ref(REF_PERSON, asked.at[i].person.v);
		bool done = ev->c->has_signed &&
			    ev->c->has_signed(ev->c->fn_ctx, field, asked.at[i].person);

		for (size_t k = 0; k < signed_by.n && !done; k++)
			done = value_eq(&signed_by.at[k], &p);
		if (!done)
			add(ev, s, asked.at[i]);
	}
}

static void add_word(const struct wev *ev, struct who_set *s, str name)
{
	if (ev->c->policy && policy_post(ev->c->policy, name))
		add_post(ev, s, name, (unit_id){ 0 });
	else
		add_values(ev, s, field_values(ev, name));
}

static void add_holder(const struct wev *ev, struct who_set *s, const struct who *w)
{
	unit_id unit = unit_of_word(ev, w->part);

	if (unit.v)
		add_post(ev, s, w->name, unit);
}

static struct who_set leaf_named(const struct wev *ev, const struct who *w)
{
	struct who_set s = { 0 };

	switch (w->kind) {
	case W_ANYONE:
		add_everybody(ev, &s);
		break;
	case W_CREATOR:
		add_person(ev, &s, ev->c->creator);
		break;
	case W_TYPIST:
		add_person(ev, &s, ev->c->typist);
		break;
	case W_SUBJECT:
		add_subject(ev, &s);
		break;
	case W_DOER:
		if (ev->c->doer)
			add_person(ev, &s, ev->c->doer(ev->c->fn_ctx, w->name));
		break;
	case W_FIELD: case W_EACH:
		add_values(ev, &s, field_values(ev, w->name));
		break;
	case W_POST:
		add_word(ev, &s, w->name);
		break;
	case W_HOLDER:
		add_holder(ev, &s, w);
		break;
	case W_MEMBERS:
		add_members(ev, &s, w->part);
		break;
	case W_HEAD:
		add_head(ev, &s, w->arg[0]);
		break;
	case W_BODY:
		add_body(ev, &s, w->name, w->part);
		break;
	case W_KEEPER:
		add_keepers(ev, &s, w->part, w->name);
		break;
	case W_CLASS_TEACHER:
		add_class_teachers(ev, &s, w->part);
		break;
	case W_ON_DUTY:
		add_on_duty(ev, &s, w->name);
		break;
	case W_UNSIGNED:
		add_unsigned(ev, &s, w->name);
		break;
	case W_ANY: case W_FIRST: case W_ALL: case W_NOT: case W_PARAM:
		assert(0);
	}
	return s;
}

/* The posts that an expression asks for by name; false when it means persons. */
static bool asked_posts(const struct wev *ev, const struct who *w, struct posts *ps)
{
	const struct policy *p = ev->c->policy;
	const struct body *b;

	switch (w->kind) {
	case W_POST:
		if (!p || !policy_post(p, w->name))
			return false;
		posts_add(ev->a, ps, post_canonical(p, w->name));
		break;
	case W_HOLDER:
		posts_add(ev->a, ps, post_canonical(p, w->name));
		break;
	case W_CLASS_TEACHER:
		posts_add(ev->a, ps, STR("class-teacher"));
		break;
	case W_BODY:
		b = p ? policy_body(p, w->name) : NULL;
		if (b && b->leader.len)
			posts_add(ev->a, ps, post_canonical(p, b->leader));
		break;
	default:
		return false;
	}
	for (size_t i = 0; p && i < ps->n;
	     i++) { /* a post that `is` others has their stand-ins and heads */
		const struct post *post = policy_post(p, ps->at[i]);

		for (size_t k = 0; post && k < post->is.n; k++)
			posts_add(ev->a, ps, post_canonical(p, post->is.at[k]));
	}
	return true;
}

static struct who_set without(const struct wev *ev, const struct who_set *s,
			      const struct who_set *minus)
{
	struct who_set out = { .all = s->all, .missing = s->missing };

	for (size_t i = 0; i < s->n; i++)
		if (!who_has(minus, s->at[i].person))
			add(ev, &out, s->at[i]);
	return out;
}

/* Whom the posts fall back on, at the levels behind the named stand-ins. */
static struct who_set fallback(const struct wev *ev, const struct who *w,
			       const struct who_set *named)
{
	struct posts ps = { 0 };
	bool by_post = asked_posts(ev, w, &ps);
	struct who_set s = { 0 }, heads;

	if (by_post && ev->level == LEVEL_POST)
		return post_stand_ins(ev, &ps);
	if (ev->level == LEVEL_POST || (by_post && ev->level == LEVEL_LAST))
		return s;
	for (size_t i = 0; i < named->n; i++)
		add_posts_of(ev, &ps, named->at[i].person);
	heads = heads_of_posts(ev, &ps);
	if (ev->level == LEVEL_HEAD) {
		s = only_present(ev, &heads);
		return without(ev, &s, named);
	}
	for (size_t i = 0; i < heads.n; i++)
		if (who_has(named, heads.at[i].person))
			return post_stand_ins(ev, &ps);
	return s;
}

static struct who_set leaf(const struct wev *ev, const struct who *w)
{
	struct who_set named = leaf_named(ev, w);

	switch (ev->level) {
	case LEVEL_NAMED:
		return named;
	case LEVEL_PRESENT:
		return only_present(ev, &named);
	case LEVEL_STAND_IN:
		return stand_ins(ev, &named);
	case LEVEL_POST: case LEVEL_HEAD: case LEVEL_LAST:
		return fallback(ev, w, &named);
	case LEVEL_N:
		break;
	}
	assert(0);
	return named;
}

/* --- the whole --- */

static struct who_set param_text(const struct wev *ev, str text)
{
	struct expr_error error;
	struct who *w;

	if (who_parse(ev->a, text, &w, &error))
		return (struct who_set){ 0 };
	return people(ev, w);
}

static const struct who *table_who(const struct parameter *p, str key)
{
	const struct who *rest = NULL;

	for (size_t i = 0; i < p->table_n; i++) {
		if (str_eq(p->table[i].key, key))
			return p->table[i].who;
		if (str_eq(p->table[i].key, STR("other")))
			rest = p->table[i].who;
	}
	return rest;
}

static struct who_set param(const struct wev *ev, const struct who *w)
{
	const struct parameter *p = ev->c->policy ? policy_parameter(ev->c->policy, w->name) : NULL;
	struct wev inner = *ev;
	const struct value *set;
	struct values key = { NULL, 0 };
	str k = STR("");

	if (++inner.params > WHO_PARAM_DEPTH)
		return (struct who_set){ 0 };
	if (w->part.ptr)
		key = field_values(ev, w->part);
	if (key.n && key.at[0].kind == V_TEXT)
		k = key.at[0].text;
	set = vmap_get(ev->c->params,
		       w->part.ptr ? str_fmt(ev->a, "%.*s[%.*s]", STR_ARG(w->name), STR_ARG(k))
				   : w->name);
	if (set && set->kind == V_TEXT)
		return param_text(&inner, set->text);
	if (!p)
		return (struct who_set){ 0 };
	const struct who *x = w->part.ptr ? table_who(p, k) : p->who;
	return x ? people(&inner, x) : (struct who_set){ 0 };
}

static struct who_set present_of(const struct wev *ev, const struct who *w);

/* Every part by itself; a part without anybody is missing. */
static struct who_set everyone(const struct wev *ev, const struct who *w)
{
	struct who_set s = { .all = true };

	for (size_t i = 0; i < w->n; i++) {
		struct who_set part = ev->level == LEVEL_NAMED ? people(ev, w->arg[i])
							       : present_of(ev, w->arg[i]);

		join(ev, &s, &part);
		s.missing = s.missing || !part.n;
	}
	return s;
}

static struct who_set people(const struct wev *ev, const struct who *w)
{
	struct who_set s = { 0 }, part;
	struct wev named = *ev;

	switch (w->kind) {
	case W_ANY:
		for (size_t i = 0; i < w->n; i++) {
			part = people(ev, w->arg[i]);
			join(ev, &s, &part);
		}
		return s;
	case W_FIRST:
		for (size_t i = 0; i < w->n; i++) {
			s = people(ev, w->arg[i]);
			if (s.n)
				break;
		}
		return s;
	case W_ALL:
		return everyone(ev, w);
	case W_NOT:
		named.level = LEVEL_NAMED;
		s = people(ev, w->arg[0]);
		part = people(&named, w->arg[1]);
		return without(ev, &s, &part);
	case W_PARAM:
		return param(ev, w);
	default:
		s = leaf(ev, w);
		s.all = w->kind == W_EACH || w->kind == W_UNSIGNED;
		return s;
	}
}

static struct who_set present_of(const struct wev *ev, const struct who *w)
{
	struct wev at = *ev;
	struct who_set s = { 0 };

	for (at.level = LEVEL_PRESENT; at.level < LEVEL_N; at.level++) {
		s = people(&at, w);
		if (s.n)
			break;
	}
	return s;
}

struct who_set who_eval(struct arena *a, const struct who *w, const struct who_ctx *c)
{
	const struct wev ev = { .a = a, .c = c, .level = LEVEL_NAMED };

	assert(a && c);
	return w ? people(&ev, w) : (struct who_set){ 0 };
}

struct who_set who_present(struct arena *a, const struct who *w, const struct who_ctx *c)
{
	const struct wev ev = { .a = a, .c = c, .level = LEVEL_PRESENT };

	assert(a && c);
	return w ? present_of(&ev, w) : (struct who_set){ 0 };
}
