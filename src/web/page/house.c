/* house: notices, search. */
#include "web/page/org.h"

#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_notices.h"
#include "gen/html_search.h"

#define NOTICES 50
#define HITS 10

/* --- notices --- */

enum err page_notices(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_notices v = { 0 };
	const struct work *w;
	struct notice_row *all;
	struct html_notice *rows;
	size_t n;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("通知"), TAB_NONE, &v.shell));
	TRY(notices_list(op, NOTICES, &all, &n));
	rows = NEW_N(op->arena, n, struct html_notice);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct html_notice){
			.url = all[i].record.v ? page_url(op, "/records/", all[i].record.v, "")
					       : STR("/tasks"),
			.icon = STR("bell"),
			.title = all[i].text,
			.at = say_moment(op, all[i].at_ms),
			.unread = true,
		};
	v.rows = rows;
	v.rows_n = n;
	v.csrf = v.shell.csrf;
	v.any_unread = n > 0;
	v.sub = n ? str_fmt(op->arena, "%lld 条未读，新的在前", (long long)v.shell.unread)
		  : STR("没有未读");
	html_notices(&rp->body, &v);
	return ERR_OK;
}

static enum err run_seen(struct op *op, void *arg)
{
	(void)arg;
	return notices_seen(op, NOTICES);
}

static enum err finish_seen(struct req *rq, struct reply *rp, enum err e)
{
	(void)rq;
	if (e != ERR_OK)
		return e;
	reply_redirect(rp, STR("/notices"));
	return ERR_OK;
}

enum err page_notices_read(struct req *rq, struct reply *rp)
{
	(void)rp;
	rq_write(rq, run_seen, NULL, finish_seen);
	return ERR_OK;
}

/* --- search --- */

static void add_group(struct html_search *v, struct html_search_group *g, const char *title,
		      const struct html_search_hit *rows, size_t n)
{
	if (n)
		g[v->groups_n++] = (struct html_search_group){ .title = str_of(title), .rows = rows,
			.rows_n = n };
}

static enum err find_records(struct op *op, str q, struct html_search *v,
	struct html_search_group *g)
{
	struct list_query query = { .q = q, .from = DAY_NONE, .to = DAY_NONE, .limit = HITS };
	struct html_search_hit *h;
	struct list l;

	TRY(records_list(op, &query, &l));
	h = NEW_N(op->arena, l.n, struct html_search_hit);
	for (size_t i = 0; i < l.n; i++)
		h[i] = (struct html_search_hit){
			.url = page_url(op, "/records/", l.at[i].id.v, ""),
			.icon = STR("file-text"),
			.title = l.at[i].title.len ? l.at[i].title : l.at[i].number,
			.note = str_fmt(op->arena, "%.*s · %.*s", STR_ARG(l.at[i].number),
					STR_ARG(l.at[i].state_label)),
		};
	add_group(v, g, "记录", h, l.n);
	return ERR_OK;
}

static void find_org(struct op *op, const struct work *w, str q, struct html_search *v,
		     struct html_search_group *g)
{
	struct html_search_hit *people = NEW_N(op->arena, HITS, struct html_search_hit);
	struct html_search_hit *places = NEW_N(op->arena, HITS, struct html_search_hit);
	struct html_search_hit *clauses = NEW_N(op->arena, HITS, struct html_search_hit);
	size_t a = 0, b = 0, c = 0;

	for (size_t i = 0; i < w->org->person_n && a < HITS; i++)
		if (str_find(w->org->person[i].name, q, 0) >= 0)
			people[a++] = (struct html_search_hit){
				.url = page_url(op, "/people/", w->org->person[i].id.v, ""),
				.icon = STR("user"), .title = w->org->person[i].name,
				.note = posts_at(op, w, w->org->person[i].id, op->now_ms),
			};
	for (size_t i = 0; i < w->org->place_n && b < HITS; i++)
		if (str_find(w->org->place[i].name, q, 0) >= 0 ||
		    str_find(w->org->place[i].code, q, 0) >= 0)
			places[b++] = (struct html_search_hit){
				.url = page_url(op, "/places/", w->org->place[i].id.v, ""),
				.icon = STR("map-pin"),
				.title = w->org->place[i].name,
				.note = w->org->place[i].code,
			};
	for (size_t i = 0; i < w->policy->clause_n && c < HITS; i++) {
		const struct clause *at = &w->policy->clause[i];

		if (str_find(at->title, q, 0) >= 0 || str_find(at->m.id, q, 0) >= 0)
			clauses[c++] = (struct html_search_hit){
				.url = str_fmt(op->arena, "/packs/%.*s?clause=%.*s",
					       STR_ARG(at->m.pack), STR_ARG(at->m.id)),
				.icon = STR("book-2"), .title = at->title, .note = at->m.id,
			};
	}
	add_group(v, g, "人员", people, a);
	add_group(v, g, "区域", places, b);
	add_group(v, g, "条款", clauses, c);
}

enum err page_search(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_places *f = rq->form;
	struct html_search v = { .query = f->q };
	struct html_search_group *g = NEW_N(op->arena, 4, struct html_search_group);
	const struct work *w;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("搜索"), TAB_NONE, &v.shell));
	v.shell.query = f->q;
	if (f->q.len && w) {
		TRY(find_records(op, f->q, &v, g));
		find_org(op, w, f->q, &v, g);
	}
	v.groups = g;
	html_search(&rp->body, &v);
	return ERR_OK;
}
