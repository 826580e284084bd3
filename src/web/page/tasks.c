/*
 * tasks: my tasks, by urgency. What one form can serve is one line already (work groups
 * it); here lines become groups 逾期, 今天, 本周, 以后, and get the words: whose clause, how many
 * minutes, what is left. The first page that most people see, so it reads once.
 */
#include "web/page/org.h"

#include "base/limits.h"
#include "rules/expand.h"
#include "rules/match.h"
#include "web/routes.h"
#include "work/memo.h"

#include "gen/html_tasks.h"
#include "gen/html_tasks_rest.h"

#define TASKS_SHOWN 200
#define MERGES_SHOWN 12

#define FAR_DAYS 60

enum urgency { LATE, TODAY, WEEK, LATER, FAR, URGENCIES };

static const struct { const char *id, *title, *tone; } groups[URGENCIES] = {
	{ "late", "逾期", "red" }, { "today", "今天", "" }, { "week", "本周内", "" },
	{ "later", "以后", "" }, { "far", "还早的", "" },
};

struct sorted {
	VEC(struct html_task_row) row[URGENCIES];
	int32_t doing[URGENCIES], recording[URGENCIES];
};

static enum urgency urgency_of(struct op *op, const struct task *t)
{
	day_no today = page_today(op), due, sunday = today + 7 - day_weekday(today);

	if (t->late)
		return LATE;
	if (t->due_ms == INSTANT_OPEN)
		return LATER;
	due = instant_day(t->due_ms - 1, page_utc(op));
	return due <= today ? TODAY : due <= sunday ? WEEK : due <= today + FAR_DAYS ? LATER : FAR;
}

/* The glyph says what sort of thing it is, not which subject. */
static str icon_of(const struct task *t)
{
	if (str_eq(t->item, STR("oversee")))
		return STR("eye-exclamation");
	if (t->record.v)
		return STR("clipboard-list");
	if (t->start && t->start->sign)
		return STR("writing-sign");
	if (t->duty && t->duty->per_n && t->duty->per[0].kind == SUB_PLACE)
		return STR("map-pin");
	if (t->duty && t->duty->per_n && t->duty->per[0].kind == SUB_CLASS)
		return STR("school");
	return STR("clipboard-check");
}

/* A demand that a record of mine waits for (my letter, to be signed): that record. */
static const struct task *waiting(const struct tasks *all, const struct task *t)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].record.v && all->at[i].loop == t->loop &&
		    str_eq(all->at[i].item, STR("step")))
			return &all->at[i];
	return NULL;
}

static bool signs(const struct task *t)
{
	for (size_t i = 0; t->loop && i < t->step_ids.n; i++) {
		int at = loop_step_index(t->loop, t->step_ids.at[i]);
		if (at >= 0 && t->loop->step[at].sign)
			return true;
	}
	return false;
}

/* A demand that only that record can meet is not a second line: the line bears its haste. */
static bool folds_into(struct tasks *all, const struct task *t)
{
	const struct task *other = t->loop && !t->start && !t->record.v &&
		!str_eq(t->item, STR("oversee")) ? waiting(all, t) : NULL;
	struct task *into;

	if (!other)
		return false;
	into = &all->at[other - all->at];
	into->late |= t->late;
	into->due_ms = t->due_ms < into->due_ms ? t->due_ms : into->due_ms;
	into->minutes_do += t->minutes_do;
	into->minutes_record += t->minutes_record;
	return true;
}

static str url_of(struct op *op, const struct tasks *all, const struct task *t)
{
	bool mine = !str_eq(t->item, STR("oversee"));
	const struct task *other = mine && t->loop ? waiting(all, t) : NULL;
	struct subject s = { 0 };
	bool about = t->about.len && subject_parse(t->about, &s);

	if (t->record.v)	/* what is to be signed is read from its beginning */
		return page_url(op, "/records/", t->record.v, signs(t) ? "" : "#next");
	if (mine && t->loop && t->start)
		return str_fmt(op->arena, "/start/%.*s/%.*s?task=%.*s", STR_ARG(t->loop->m.id),
			       STR_ARG(t->start->m.id), STR_ARG(page_id(op, t->occurrence.v)));
	if (other)
		return page_url(op, "/records/", other->record.v, "#next");
	if (about && s.kind == SUB_PLACE)
		return page_url(op, "/places/", s.id, "");
	if (about && s.kind == SUB_PERSON)
		return page_url(op, "/people/", s.id, "");
	return t->loop ? str_fmt(op->arena, "/loops/%.*s", STR_ARG(t->loop->m.id)) : STR("/start");
}

static void add_fact(struct op *op, struct html_task_row *r, struct html_task_fact *facts, str text,
		     str tone)
{
	(void)op;
	if (text.len)
		facts[r->facts_n++] = (struct html_task_fact){ .text = text, .tone = tone };
}

static void fill_facts(struct op *op, const struct task *t, struct html_task_row *r)
{
	struct html_task_fact *facts = NEW_N(op->arena, 6, struct html_task_fact);

	r->facts = facts;
	add_fact(op, r, facts, t->subject, STR_NONE);
	if (t->record.v && t->loop)
		add_fact(op, r, facts, t->loop->m.label, STR_NONE);
	if (t->record.v)
		add_fact(op, r, facts, t->number, STR_NONE);
	if (str_eq(t->item, STR("oversee")) && t->steps.len)
		add_fact(op, r, facts, str_fmt(op->arena, "等待：%.*s", STR_ARG(t->steps)),
			STR("red"));
	if (t->clauses.n)
		add_fact(op, r, facts, str_fmt(op->arena, "%s · %.*s", basis_say(t->basis),
					       STR_ARG(t->clauses.at[0])), STR_NONE);
	if (t->stand_in)
		add_fact(op, r, facts, STR("代别人办理"), STR("amber"));
}

static void fill_merges(struct op *op, const struct task *t, struct html_task_row *r)
{
	size_t n = t->demand_n < MERGES_SHOWN ? t->demand_n : MERGES_SHOWN;
	struct html_merge_line *line = NEW_N(op->arena, n, struct html_merge_line);

	if (t->demand_n < 2)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct satisfied *d = &t->demand[i];
		str clauses = say_clauses(op->arena, &d->clauses);

		line[i].text = str_fmt(op->arena, "%.*s%s%.*s%s%.*s", STR_ARG(d->label),
				       d->subject.len ? " · " : "", STR_ARG(d->subject),
				       clauses.len ? " · " : "", STR_ARG(clauses));
	}
	r->merges = line;
	r->merges_n = n;
	r->merged = (int64_t)t->demand_n;
}

/* One button where the thing can be done at once: go straight to the form. */
static void fill_acts(struct op *op, const struct task *t, enum urgency u, struct html_task_row *r)
{
	struct html_act *act = NEW(op->arena, struct html_act);

	if (!t->late && (!t->record.v || u >= LATER))
		return;		/* what has months to go is a row */
	*act = (struct html_act){ .url = r->url, .icon = STR("check"), .kind = STR("btn-primary"),
				  .label = str_eq(t->item,
					STR("oversee")) ? STR("去督办") : STR("去办理") };
	r->acts = act;
	r->acts_n = 1;
}

static void fill_ring(struct op *op, const struct task *t, struct html_task_row *r)
{
	struct html_loop_ring *ring;

	if (!t->record.v || !t->loop || !loop_has_stages(t->loop))
		return;
	ring = NEW(op->arena, struct html_loop_ring);
	for (size_t i = 0; i < t->loop->state_n; i++)
		if (str_eq(t->loop->state[i].m.label, t->steps))
			*ring = page_ring(op, t->loop->state[i].ring, t->steps, false, t->late);
	r->ring = ring->label.len ? ring : NULL;
}

/* What it is about says more than what sort of record it is: 待核定：操场 · 单杠松动. */
static str title_of(struct op *op, const struct task *t)
{
	bool oversee = str_eq(t->item, STR("oversee"));

	if (!t->record.v || !t->detail.len || (!oversee && !t->steps.len))
		return t->label;
	return str_fmt(op->arena, "%.*s：%.*s", STR_ARG(oversee ? STR("督办") : t->steps),
		       STR_ARG(t->detail));
}

static void add_task(struct op *op, const struct tasks *all, const struct task *t,
		     struct sorted *s)
{
	enum urgency u = urgency_of(op, t);
	struct html_task_row *r = VEC_PUSH(op->arena, &s->row[u]);

	*r = (struct html_task_row){
		.url = url_of(op, all, t), .icon = icon_of(t), .title = title_of(op, t),
		.min = say_minutes(op->arena, t->minutes_do, t->minutes_record),
		.due = say_due(op, t->due_ms, t->late), .late = t->late, .known = t->record.v ||
			str_eq(t->detail, t->subject) ? STR_NONE : t->detail,
	};
	fill_facts(op, t, r);
	fill_merges(op, t, r);
	fill_ring(op, t, r);
	fill_acts(op, t, u, r);
	s->doing[u] += t->minutes_do;
	s->recording[u] += t->minutes_record;
}

static void fill_groups(struct op *op, const struct sorted *s, struct html_tasks_rest *v)
{
	struct html_task_group *g = NEW_N(op->arena, URGENCIES, struct html_task_group);
	struct html_tab *tab = NEW_N(op->arena, URGENCIES + 1, struct html_tab);
	size_t all = 0;

	v->groups = g;
	v->tabs = tab;
	for (int u = 0; u < URGENCIES; u++) {
		size_t n = s->row[u].n;
		str minutes = say_minutes(op->arena, s->doing[u], s->recording[u]);

		all += n;
		if (!n)
			continue;
		g[v->groups_n++] = (struct html_task_group){
			.id = str_of(groups[u].id), .title = str_of(groups[u].title),
			.tone = str_of(groups[u].tone), .folded = u == FAR,
			.rows = s->row[u].at, .rows_n = n,
			.note = str_fmt(op->arena, "%zu 项%s%.*s", n, minutes.len ? " · " : "",
					STR_ARG(minutes)),
		};
		if (u == FAR)
			continue;
		tab[++v->tabs_n] = (struct html_tab){
			.url = str_fmt(op->arena, "#g-%s", groups[u].id),
			.id = str_of(groups[u].id),
			.label = str_fmt(op->arena, "%s %zu", groups[u].title, n), .red = u == LATE,
		};
	}
	tab[0] = (struct html_tab){ .url = STR("/tasks"), .id = STR("all"), .current = true,
				    .label = str_fmt(op->arena, "全部 %zu", all) };
	v->tabs_n = v->tabs_n > 1 ? v->tabs_n + 1 : 0;
}

/* --- beside the tasks --- */

/* The recording of this week, done and to do, as the duties promise it. */
static enum err fill_burden(struct op *op, struct html_tasks_rest *v)
{
	day_no today = page_today(op), monday = today - (day_weekday(today) - 1);
	struct burden_line *line;
	struct html_burden *b = NEW(op->arena, struct html_burden);
	int32_t doing = 0, recording = 0;
	size_t n;

	TRY(burden_of(op, monday, monday + 6, &line, &n));
	for (size_t i = 0; i < n; i++) {
		if (line[i].person.v != op->scope->person.v)
			continue;
		doing += line[i].minutes_do;
		recording += line[i].minutes_record;
	}
	if (!doing && !recording)
		return ERR_OK;
	b->minutes = str_fmt(op->arena, "%d", recording);
	b->summary = say_minutes(op->arena, doing, recording);
	v->burden = b;
	return ERR_OK;
}


static void fill_areas(struct op *op, const struct work *w, struct html_tasks_rest *v)
{
	VEC(struct html_area_row) rows = { 0 };

	for (size_t i = 0; i < w->org->keeper_n; i++) {
		const struct ov_keeper *k = &w->org->keeper[i];
		str name = place_name(w, k->place), role = role_label(k->role);

		if (k->person.v != op->scope->person.v || k->from_ms > op->now_ms ||
		    k->to_ms <= op->now_ms)
			continue;
		*VEC_PUSH(op->arena, &rows) = (struct html_area_row){
			.url = page_url(op, "/places/", k->place.v, ""),
			.label = str_fmt(op->arena, "%.*s（%.*s）", STR_ARG(name), STR_ARG(role)),
		};
	}
	v->areas = rows.at;
	v->areas_n = rows.n;
	v->areas_note = str_fmt(op->arena, "%zu 处", rows.n);
}

static enum err fill_done(struct op *op, struct html_tasks_rest *v)
{
	struct tasks done;
	struct html_done_row *rows;

	TRY(tasks_list(op, TASKS_DONE_TODAY, (person_id){ 0 }, 0, 0, 20, &done));
	rows = NEW_N(op->arena, done.n, struct html_done_row);
	for (size_t i = 0; i < done.n; i++)
		rows[i] = (struct html_done_row){
			.label = done.at[i].label, .at = done.at[i].subject,
			.url = done.at[i].record.v
			       ? page_url(op, "/records/", done.at[i].record.v, "") : STR("/tasks"),
		};
	v->done = rows;
	v->done_n = done.n;
	v->done_count = (int64_t)done.n;
	return ERR_OK;
}

static str greeting(struct op *op, str name)
{
	int minute = instant_minute(op->now_ms, page_utc(op));
	const char *part = minute < 5 * 60 ? "夜里好" : minute < 11 * 60 ? "早上好" :
			   minute < 13 * 60 ? "中午好" : minute < 18 * 60 ? "下午好" : "晚上好";

	return str_fmt(op->arena, "%.*s，%s", STR_ARG(name), part);
}

static str sub_line(struct op *op, str hat)
{
	day_no today = page_today(op);
	struct date d = date_from_day(today);
	str weekday = say_weekday(today);

	return str_fmt(op->arena, "%d 月 %d 日 %.*s%s%.*s", d.month, d.day, STR_ARG(weekday),
		       hat.len ? " · " : "", STR_ARG(hat));
}

static enum err rest_fill(struct op *op, const struct work *w, struct html_tasks_rest *v)
{
	bool *folded;
	struct tasks tasks = { 0 };
	struct sorted sorted = { 0 };

	TRY(tasks_list(op, TASKS_OPEN, (person_id){ 0 }, 0, 0, TASKS_SHOWN, &tasks));
	folded = NEW_N(op->arena, tasks.n, bool);
	for (size_t i = 0; i < tasks.n; i++)
		folded[i] = folds_into(&tasks, &tasks.at[i]);
	for (size_t i = 0; i < tasks.n; i++)
		if (!folded[i])
			add_task(op, &tasks, &tasks.at[i], &sorted);
	fill_groups(op, &sorted, v);
	TRY(fill_burden(op, v));
	fill_areas(op, w, v);
	return fill_done(op, v);
}

/* Rendered anew when anything in the school was written, or the minute turned. */
static enum err rest_of(struct op *op, const struct work *w, str *ret)
{
	struct memo_key key = { MEMO_TASKS, op->scope->person.v, op->now_ms / MS_MINUTE };
	struct html_tasks_rest v = { .acts = op->scope->person.v != 0 };
	bool his = w && op->scope->person.v;
	struct buf b CLEANUP(buf_release) = { 0 };
	str text;

	*ret = his ? memo_find(op, w, key) : STR_NONE;
	if (ret->ptr)
		return ERR_OK;
	v.next_note = w ? STR("有新的任务会出现在这里。") : STR("学校还没有选用制度方案，请管理员完成启用向导。");
	if (his)
		TRY(rest_fill(op, w, &v));
	buf_init(&b, PAGE_BYTES_MAX);
	html_tasks_rest(&b, &v);
	TRY(buf_finish(&b, &text));
	*ret = str_dup(op->arena, text);
	if (his)
		memo_keep(op, w, key, *ret);
	return ERR_OK;
}

enum err page_tasks(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_tasks v = { 0 };
	const struct work *w;
	str rest;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("我的任务"), TAB_TASKS, &v.shell));
	v.greeting = greeting(op, v.shell.person);
	v.sub = sub_line(op, v.shell.hat);
	TRY(rest_of(op, w, &rest));
	v.rest = html_vouch(rest);	/* a template wrote it */
	html_tasks(&rp->body, &v);
	return ERR_OK;
}

enum err page_home(struct req *rq, struct reply *rp)
{
	bool admin = !rq->op->scope->person.v && scope_can(rq->op->scope, CAP_ACCOUNTS);

	reply_redirect(rp, admin ? STR("/admin") : STR("/tasks"));
	return ERR_OK;
}
