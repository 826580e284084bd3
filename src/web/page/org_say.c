/* org_say: words of people, places and holes. See org.h. */
#include "web/page/org.h"

#include "base/pubid.h"
#include "rules/expand.h"
#include "rules/field.h"

str role_label(str role)
{
	static const struct { const char *role, *label; } all[] = {
		{ "owner", "责任人" }, { "daily", "日查人" }, { "recheck", "复查人" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq(role, str_of(all[i].role)))
			return str_of(all[i].label);
	return role;
}

int64_t moment_of(struct op *op, day_no at)
{
	return at == DAY_NONE || at == page_today(op) ? op->now_ms
						      : day_start_ms(at + 1, page_utc(op)) - 1;
}

str span_say(struct op *op, int64_t from_ms, int64_t to_ms)
{
	str from = day_say(op->arena, instant_day(from_ms, page_utc(op))), to;

	if (to_ms == INSTANT_OPEN)
		return str_fmt(op->arena, "%.*s起", STR_ARG(from));
	to = day_say(op->arena, instant_day(to_ms - 1, page_utc(op)));
	return str_fmt(op->arena, "%.*s至%.*s", STR_ARG(from), STR_ARG(to));
}

str posts_at(struct op *op, const struct work *w, person_id p, int64_t at_ms)
{
	size_t first, n = ov_appointments(w->org, p, &first);
	VEC(str) all = { 0 };

	for (size_t i = first; i < first + n; i++) {
		const struct ov_appointment *a = &w->org->appointment[i];
		const struct post *post = policy_post(w->policy, a->post);

		if (valid_at(a->from_ms, a->to_ms, at_ms))
			*VEC_PUSH(op->arena, &all) = post ? post->m.label : a->post;
	}
	return str_join(op->arena, all.at, all.n, STR("、"));
}

struct html_tag risk_tag(str risk)
{
	static const struct { const char *risk, *label, *tone; } all[] = {
		{ "low", "低", "blue" }, { "general", "一般", "line" }, { "larger", "较大", "amber" },
		{ "major", "重大", "red" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq(risk, str_of(all[i].risk)))
			return (struct html_tag){ .label = str_of(all[i].label),
						  .tone = str_of(all[i].tone) };
	return (struct html_tag){ .label = risk, .tone = STR("line") };
}

str place_path(struct op *op, const struct work *w, const struct ov_place *p)
{
	str names[8];
	size_t n = 0;

	for (place_id up = p->parent; up.v && n < 8;) {
		const struct ov_place *at = ov_place(w->org, up);

		if (!at)
			break;
		names[7 - n++] = at->name;
		up = at->parent;
	}
	return str_join(op->arena, names + 8 - n, n, STR(" · "));
}

/* --- holes --- */

static bool keeps(const struct op *op, const struct work *w, place_id place, person_id who)
{
	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];

		if (k->place.v == place.v && k->person.v == who.v &&
		    valid_at(k->from_ms, k->to_ms, op->now_ms))
			return true;
	}
	return false;
}

/*
 * Who could keep the place: who keeps it in another role, else who keeps the place above or
 * beside it.
 */
static person_id candidate(struct op *op, const struct work *w, place_id place, str role)
{
	const struct ov_place *p = ov_place(w->org, place);
	person_id same = { 0 }, near = { 0 };
	bool recheck = str_eq(role, STR("recheck"));

	for (size_t i = 0; p && i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];
		const struct ov_place *other = ov_place(w->org, k->place);
		const struct ov_person *who = ov_person(w->org, k->person);

		if (!other || !who || !valid_at(k->from_ms, k->to_ms, op->now_ms) ||
		    !valid_at(who->from_ms, who->to_ms, op->now_ms))
			continue;
		if (k->place.v == place.v && !str_eq(k->role, role))
			same = k->person;
		else if (str_eq(k->role, role) && (other->parent.v == p->parent.v ||
			other->id.v == p->parent.v) && !(recheck && keeps(op, w, place, k->person)))
			near = k->person;
	}
	/* The re-checker must be somebody else than who checks daily. */
	return recheck || !same.v ? near : same;
}

static void keeper_fix(struct req *rq, struct reply *rp, const struct work *w, const struct hole *h,
		       struct html_hole *v)
{
	struct op *op = rq->op;
	place_id place = { h->subject.id };
	/* of two who must differ, the latter is changed: who checks what was mended */
	bool two = h->require && h->require->need == NEED_DISTINCT && h->require->words.n;
	str role = two ? h->require->words.at[h->require->words.n - 1]
		: h->missing.len ? h->missing : STR("owner");
	person_id who = candidate(op, w, place, role);
	str name = person_name(w, who), pub = page_id(op, place.v);

	if (who.v) {
		struct html_post_act *fix = NEW(op->arena, struct html_post_act);

		*fix = (struct html_post_act){
			.url = str_fmt(op->arena, "/keepers/%.*s/%.*s", STR_ARG(pub),
				       STR_ARG(role)),
			.csrf = rq_csrf(rq, rp),
			.key = page_key(op),
			.name = STR("person"),
			.value = page_id(op, who.v),
			.label = str_fmt(op->arena, "指派%.*s", STR_ARG(name)),
			.kind = h->severity == SEV_ERROR ? STR("btn-sm btn-primary")
							 : STR("btn-sm"),
		};
		v->fix = fix;
		v->suggest = name;
		v->suggest_why = posts_at(op, w, who, op->now_ms);
	} else {
		struct html_act *way = NEW(op->arena, struct html_act);

		*way = (struct html_act){
			.url = str_fmt(op->arena, "/assign/%.*s/%.*s", STR_ARG(pub), STR_ARG(role)),
			.label = STR("去指派"), .kind = STR("btn-sm"),
		};
		v->way = way;
	}
}

str subject_outside(struct op *op, const struct subject *s)
{
	str key = subject_key(op->arena, s), word = str_cut(&(str){ key.ptr, key.len }, ':');

	return s->id ? str_fmt(op->arena, "%.*s:%.*s", STR_ARG(word), STR_ARG(page_id(op, s->id)))
		     : key;
}

/* What I may begin and which posts I hold, looked up once for all holes. */
struct offered {
	const struct work *w;
	struct start *start; size_t start_n;
	struct who_hit *mine; size_t mine_n;
};

/* The form whose record fills the hole, when I may begin it. */
static bool start_way(struct op *op, const struct offered *o, const struct hole *h,
		      struct html_act *way)
{
	const struct work *w = o->w;
	const struct require *r = h->require;
	const struct duty *d = r && r->need == NEED_FULFILLED
		? policy_duty(w->policy, r->duty) : NULL;
	str loop = r && r->need == NEED_RECORD ? r->loop
		: d && d->proof_n ? d->proof[0].loop : STR("");
	const char *about = h->subject.kind == SUB_PLACE ? "?place="
		: h->subject.kind == SUB_PERSON ? "?person=" : "";

	if (str_eq(h->fix, STR("remind")))
		return false;	/* it has been begun: who delays is asked, not a second one made */
	for (size_t i = 0; loop.len && i < o->start_n; i++)
		if (str_eq(o->start[i].loop->m.id, loop)) {
			way->url = str_fmt(op->arena, "/start/%.*s/%.*s%s%.*s", STR_ARG(loop),
				STR_ARG(o->start[i].step->m.id), about,
				STR_ARG(*about ? page_id(op, h->subject.id) : STR("")));
			way->label = o->start[i].step->m.label;
			return true;
		}
	return false;
}

/* What the pack lets my post sign away: the school has none. */
static bool waive_way(struct op *op, const struct offered *o, const struct hole *h,
		      struct html_act *way)
{
	if (!h->require || !h->require->waive_by.len || !scope_can(op->scope, CAP_ADOPT))
		return false;
	for (size_t i = 0; i < o->mine_n; i++)
		if (post_covers(o->w->policy, o->mine[i].post, h->require->waive_by)) {
			str key = subject_outside(op, &h->subject);

			way->url = str_fmt(op->arena, "/waive?code=%.*s&subject=%.*s",
				STR_ARG(h->code), STR_ARG(key));
			way->label = STR("确认没有");
			return true;
		}
	return false;
}

/* What a hole leads to when one click is not enough. */
static str way_of(struct op *op, const struct hole *h)
{
	if (h->require && h->require->need == NEED_PLACE && scope_can(op->scope, CAP_ORGANISE))
		return STR("/places/new");
	if (h->subject.kind == SUB_PLACE)
		return page_url(op, "/places/", h->subject.id, "");
	if (h->subject.kind == SUB_PERSON)
		return page_url(op, "/people/", h->subject.id, "");
	if (h->subject.kind == SUB_RECORD)
		return page_url(op, "/records/", h->subject.id, "");
	return STR("/start");
}

static void hole_view(struct req *rq, struct reply *rp, const struct offered *o,
		      const struct hole *h, struct html_hole *v)
{
	const struct work *w = o->w;
	static const char *const sev[] = { "e", "w", "i" };
	const struct strs *clauses = h->require ? &h->require->m.clauses : NULL;

	*v = (struct html_hole){ .code = h->code, .sev = str_of(sev[h->severity]),
		.title = h->sentence };
	if (clauses && clauses->n) {
		const struct clause *c = policy_clause(w->policy, clauses->at[0]);

		v->why = str_fmt(rq->op->arena, "%.*s%s%.*s", STR_ARG(clauses->at[0]), c ? "：" : "",
				 STR_ARG(c ? c->title : STR_NONE));
	}
	if (scope_can(rq->op->scope, CAP_ORGANISE) && h->subject.kind == SUB_PLACE &&
	    str_eq(h->fix, STR("appoint-keeper"))) {
		keeper_fix(rq, rp, w, h, v);
	} else {
		struct html_act *way = NEW(rq->op->arena, struct html_act);

		*way = (struct html_act){ .url = way_of(rq->op, h), .label = STR("去看看"),
					  .kind = STR("btn-sm") };
		if (!waive_way(rq->op, o, h, way) && !start_way(rq->op, o, h, way) &&
		    str_eq(way->url, STR("/places/new")))
			way->label = STR("去登记");
		v->way = way;
	}
}

#define SAME_CODE 3	/* more holes of one code than this are one line, unless they are places */

static size_t same_code(const struct holes *holes, const struct hole *as)
{
	size_t n = 0;

	for (size_t i = 0; i < holes->n; i++)
		n += !holes->at[i].pending && str_eq(holes->at[i].code, as->code) &&
		     holes->at[i].subject.kind == as->subject.kind;
	return n;
}

static bool said(const struct html_hole *all, size_t n, str code)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].code, code))
			return true;
	return false;
}

struct html_hole *holes_view(struct req *rq, struct reply *rp, const struct work *w,
			     const struct holes *holes, const struct subject *about, size_t *ret_n)
{
	struct html_hole *all = NEW_N(rq->op->arena, holes->n, struct html_hole);
	struct op *op = rq->op;
	struct offered o = { .w = w };
	size_t n = 0;

	if (starts_of(op, &o.start, &o.start_n) != ERR_OK) {	/* an account that is nobody's */
		op_clear_error(op);
		o.start_n = 0;
	}
	o.mine_n = who_posts(op->arena, w->policy, w->org, op->scope->person, op->now_ms, &o.mine);

	for (int severity = SEV_ERROR; severity <= SEV_INFO; severity++)
		for (size_t i = 0; i < holes->n; i++) {
			const struct hole *h = &holes->at[i];
			size_t same = about ? 0 : same_code(holes, h);
			bool joined = same > SAME_CODE && !str_eq(h->fix, STR("appoint-keeper"));

			if (h->pending || h->severity != severity || (joined && said(all, n,
				h->code)))
				continue;
			if (about && (h->subject.kind != about->kind || h->subject.id != about->id))
				continue;
			hole_view(rq, rp, &o, h, &all[n]);
			if (joined)
				all[n].title = str_fmt(rq->op->arena, "%.*s，等 %zu 处",
					STR_ARG(h->sentence), same);
			n++;
		}
	*ret_n = n;
	return all;
}
