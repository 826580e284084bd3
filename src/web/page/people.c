/*
 * people: the people of the unit as of a day, and one of them: posts, places, absences, what is
 * open.
 */
#include "web/page/org.h"

#include "base/utf8.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_people.h"
#include "gen/html_person.h"

#define PEOPLE_MAX 300
#define TASKS_SHOWN 30

static str places_at(struct op *op, const struct work *w, person_id p, int64_t at_ms)
{
	VEC(str) all = { 0 };

	for (size_t i = 0; i < w->org->keeper_n && all.n < 4; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		/* Keepers are sorted by place: who owns and checks one has it once. */
		if (k->person.v == p.v && valid_at(k->from_ms, k->to_ms, at_ms) &&
		    !(all.n && str_eq(all.at[all.n - 1], place_name(w, k->place))))
			*VEC_PUSH(op->arena, &all) = place_name(w, k->place);
	}
	return str_join(op->arena, all.at, all.n < 3 ? all.n : 3, STR("、"));
}

static const struct ov_absence *absence_at(const struct work *w, person_id p, int64_t at_ms)
{
	for (size_t i = 0; i < w->org->absence_n; i++) {
		const struct ov_absence *a = &w->org->absence[i];

		if (a->person.v == p.v && valid_at(a->from_ms, a->to_ms, at_ms))
			return a;
	}
	return NULL;
}

static struct html_tag *status_of(struct op *op, const struct work *w, const struct ov_person *p,
	int64_t at_ms)
{
	struct html_tag *t = NEW(op->arena, struct html_tag);

	if (!valid_at(p->from_ms, p->to_ms, at_ms))
		*t = (struct html_tag){ .label = STR("不在岗") };
	else if (absence_at(w, p->id, at_ms))
		*t = (struct html_tag){ .label = STR("请假、外出"), .tone = STR("amber") };
	else
		*t = (struct html_tag){ .label = STR("在岗"), .tone = STR("green") };
	return t;
}

static bool wanted(struct op *op, const struct form_people *f, str name, str posts)
{
	(void)op;
	return !f->q.len || str_find(name, f->q, 0) >= 0 || str_find(posts, f->q, 0) >= 0;
}

static void fill_rows(struct op *op, const struct work *w, const struct form_people *f,
	struct html_people *v)
{
	VEC(struct html_person_row) rows = { 0 };
	int64_t at = moment_of(op, f->at);

	for (size_t i = 0; i < w->org->person_n && rows.n < PEOPLE_MAX; i++) {
		const struct ov_person *p = &w->org->person[i];
		struct html_who who = page_who(op->arena, p->id, p->name);
		str posts = posts_at(op, w, p->id, at);

		if ((!f->gone && !valid_at(p->from_ms, p->to_ms, at)) ||
		    !wanted(op, f, p->name, posts))
			continue;
		*VEC_PUSH(op->arena, &rows) = (struct html_person_row){
			.url = page_url(op, "/people/", p->id.v, ""), .name = p->name,
			.mark = who.mark, .tone = who.tone, .posts = posts.len ? posts : STR("—"),
			.places = places_at(op, w, p->id, at), .status = status_of(op, w, p, at),
		};
	}
	v->rows = rows.at;
	v->rows_n = rows.n;
	v->shown = str_fmt(op->arena, "%zu 人", rows.n);
	v->sub = v->shown;
}

enum err page_people(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_people *f = rq->form;
	struct html_people v = { .query = f->q, .action = STR("/people") };
	struct html_chip_link *c = NEW_N(op->arena, 2, struct html_chip_link);
	const struct work *w;

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(page_shell(rq, rp, w, STR("人员"), TAB_NONE, &v.shell));
	v.at = date_format(op->arena, f->at == DAY_NONE ? page_today(op) : f->at);
	c[0] = (struct html_chip_link){ .url = STR("/people"), .label = STR("在岗"),
		.current = !f->gone };
	c[1] = (struct html_chip_link){ .url = STR("/people?gone=1"), .label = STR("全部"),
		.current = f->gone };
	v.filters = c;
	v.filters_n = 2;
	if (scope_can(op->scope, CAP_ORGANISE)) {
		v.add_url = STR("/people/new");
		v.turn_url = STR("/turn");
		v.import_url = STR("/setup/people");
	}
	fill_rows(op, w, f, &v);
	html_people(&rp->body, &v);
	return ERR_OK;
}

/* --- one person --- */

static void fill_posts(struct op *op, const struct work *w, person_id p, int64_t at, bool may,
		       struct html_person *v)
{
	size_t first, n = ov_appointments(w->org, p, &first);
	struct html_span_row *rows = NEW_N(op->arena, n, struct html_span_row);

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];
		const struct post *post = policy_post(w->policy, a->post);
		const struct ov_unit *unit = ov_unit(w->org, a->unit);
		struct html_act *way = NEW(op->arena, struct html_act);

		if (!valid_at(a->from_ms, a->to_ms, at))
			continue;
		*way = (struct html_act){ .url = page_url(op, "/appointments/", a->id.v, "/end"),
					  .label = STR("结束"), .kind = STR("btn-sm") };
		rows[v->posts_n++] = (struct html_span_row){
			.label = post ? post->m.label : a->post,
			.note = unit && unit->id.v != w->org->unit.v ? unit->name : STR_NONE,
			.span = span_say(op, a->from_ms, a->to_ms), .way = may ? way : NULL,
		};
	}
	v->posts = rows;
}

static void fill_places(struct op *op, const struct work *w, person_id p, int64_t at,
	struct html_person *v)
{
	VEC(struct html_span_row) rows = { 0 };

	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (k->person.v == p.v && valid_at(k->from_ms, k->to_ms, at))
			*VEC_PUSH(op->arena, &rows) = (struct html_span_row){
				.label = place_name(w, k->place), .note = role_label(k->role),
				.url = page_url(op, "/places/", k->place.v, ""),
				.span = span_say(op, k->from_ms, k->to_ms),
			};
	}
	v->places = rows.at;
	v->places_n = rows.n;
}

static void fill_absences(struct op *op, const struct work *w, person_id p, struct html_person *v)
{
	VEC(struct html_span_row) rows = { 0 };

	for (size_t i = 0; i < w->org->absence_n; i++) {
		const struct ov_absence *a = &w->org->absence[i];
		str by = person_name(w, a->stand_in);

		if (a->person.v == p.v && a->to_ms > op->now_ms)
			*VEC_PUSH(op->arena, &rows) = (struct html_span_row){
				.label = STR("请假、外出"),
				.span = span_say(op, a->from_ms, a->to_ms),
				.note = by.len ? str_fmt(op->arena, "由 %.*s 代", STR_ARG(by))
					       : STR_NONE,
			};
	}
	v->absences = rows.at;
	v->absences_n = rows.n;
}

/* What is open of hers: for herself, and for who may see the unit. */
static enum err fill_open(struct op *op, person_id p, struct html_person *v)
{
	struct tasks t = { 0 };
	struct html_rec_row *rows;

	if (p.v != op->scope->person.v && !scope_can(op->scope, CAP_SEE_UNIT))
		return ERR_OK;
	TRY(tasks_list(op, TASKS_OPEN, p, 0, 0, TASKS_SHOWN, &t));
	rows = NEW_N(op->arena, t.n, struct html_rec_row);
	for (size_t i = 0; i < t.n; i++)
		rows[i] = (struct html_rec_row){
			.url = t.at[i].record.v ? page_url(op, "/records/", t.at[i].record.v, "")
						: STR("/tasks"),
			.icon = STR("clipboard-check"),
			.title = t.at[i].label,
			.number = t.at[i].number,
			.left = say_left(op, t.at[i].due_ms),
			.left_tone = t.at[i].late ? STR("red") : STR_NONE,
		};
	v->open = rows;
	v->open_n = t.n;
	return ERR_OK;
}

static void fill_links(struct op *op, person_id p, struct html_person *v)
{
	if (scope_can(op->scope, CAP_ORGANISE)) {
		v->appoint_url = page_url(op, "/people/", p.v, "/appoint");
		v->absent_url = page_url(op, "/people/", p.v, "/absence");
		v->leave_url = page_url(op, "/people/", p.v, "/leave");
	} else if (p.v == op->scope->person.v) {
		v->absent_url = page_url(op, "/people/", p.v, "/absence");
	}
}

enum err page_person(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_people *f = rq->form;
	struct html_person v = { 0 };
	const struct work *w;
	const struct ov_person *p;
	int64_t at = moment_of(op, f->at);

	TRY(work_load(op, op->scope->tenant, &w));
	p = ov_person(w->org, (person_id){ rq->id });
	if (!p)
		return ERR_NOTFOUND;
	TRY(page_shell(rq, rp, w, p->name, TAB_NONE, &v.shell));
	v.shell.back = STR("/people");
	page_crumbs(rq, &v.shell, (const str[]){ STR("人员"), STR("/people"), p->name, STR_NONE,
		STR_NONE });
	v.name = p->name;
	v.mark = page_mark(op->arena, p->name, 2);
	v.sub = posts_at(op, w, p->id, at);
	v.at = date_format(op->arena, f->at == DAY_NONE ? page_today(op) : f->at);
	v.at_url = page_url(op, "/people/", p->id.v, "");
	v.status = status_of(op, w, p, at);
	fill_posts(op, w, p->id, at, scope_can(op->scope, CAP_ORGANISE), &v);
	fill_places(op, w, p->id, at, &v);
	fill_absences(op, w, p->id, &v);
	fill_links(op, p->id, &v);
	TRY(fill_open(op, p->id, &v));
	html_person(&rp->body, &v);
	return ERR_OK;
}
