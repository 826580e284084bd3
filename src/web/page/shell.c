/*
 * shell: the frame of a signed-in page. What the navigation offers follows from
 * capabilities, never from a name of a post. The toast of the act before travels in a cookie of
 * half a minute: text and a public id, checked again here, so that nothing in it can do
 * more than show words and offer an undo that the service judges anyway.
 */
#include "web/page/page.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/pubid.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "rules/field.h"

#include "gen/html_crumb.h"
#include "gen/html_hat.h"
#include "gen/html_nav_group.h"
#include "gen/html_nav_item.h"
#include "gen/html_toast.h"

#define UNREAD_MAX 99
#define SAID_SECONDS 30
#define SAID_MAX 120		/* code points of a toast */

enum err page_work(struct op *op, const struct work **ret_w)
{
	enum err e = work_load(op, op->scope->tenant, ret_w);

	if (e != ERR_NOTFOUND)
		return e;
	op_clear_error(op);
	*ret_w = NULL;
	return ERR_OK;
}

/* --- navigation --- */

/* acts: for a person, not for an account that only administers. */
struct nav { const char *url, *icon, *label; enum cap cap; bool acts; };

static const struct nav first[] = {
	{ "/cockpit", "layout-dashboard", "学校驾驶舱", CAP_SEE_UNIT, false },
	{ "/tasks", "checklist", "我的任务", CAP_SIGNED_IN, false },
};
static const struct nav loops[] = {
	{ "/report", "camera", "随手拍", CAP_SIGNED_IN, true },
	{ "/start", "plus", "记一件事", CAP_SIGNED_IN, true },
	{ "/records", "rotate-clockwise", "全部记录", CAP_SIGNED_IN, false },
};
static const struct nav duties[] = {
	{ "/duties", "id-badge-2", "我的职责", CAP_SIGNED_IN, true },
	{ "/grid", "sitemap", "责任网格", CAP_SEE_UNIT, false },
	{ "/people", "users", "人员", CAP_SIGNED_IN, false },
	{ "/places", "map-pin", "区域", CAP_SIGNED_IN, false },
	{ "/packs", "book-2", "制度方案", CAP_SIGNED_IN, false },
};
static const struct nav daily[] = {
	{ "/gate", "door-enter", "门卫台", CAP_GATE, false },
	{ "/year", "calendar-event", "年度安排", CAP_SEE_UNIT, false },
	{ "/ledger", "database", "台账存证", CAP_AUDIT, false },
	{ "/admin", "settings", "管理", CAP_ACCOUNTS, false },
};

#define GROUP(title, items) { title, items, sizeof(items) / sizeof(items[0]) }
static const struct { const char *title; const struct nav *item; size_t n; } groups[] = {
	GROUP("", first), GROUP("闭环", loops), GROUP("责任", duties), GROUP("日常", daily),
};

static void nav_group(struct req *rq, const struct nav *from, size_t n, struct html_nav_group *g)
{
	struct html_nav_item *items = NEW_N(rq->op->arena, n, struct html_nav_item);

	g->items = items;
	for (size_t i = 0; i < n; i++) {
		str url = str_of(from[i].url);

		if (!scope_can(rq->op->scope, from[i].cap) ||
		    (from[i].acts && !rq->op->scope->person.v))
			continue;
		items[g->items_n++] = (struct html_nav_item){
			.url = url, .icon = str_of(from[i].icon), .label = str_of(from[i].label),
			.current = str_eq(rq->path, url) ||
				   (str_starts(rq->path, url) && rq->path.ptr[url.len] == '/'),
		};
	}
}

static void fill_nav(struct req *rq, struct html_shell *s)
{
	size_t n = sizeof(groups) / sizeof(groups[0]);
	struct html_nav_group *g = NEW_N(rq->op->arena, n, struct html_nav_group);

	for (size_t i = 0; i < n; i++) {
		g[s->nav_n].title = str_of(groups[i].title);
		nav_group(rq, groups[i].item, groups[i].n, &g[s->nav_n]);
		s->nav_n += g[s->nav_n].items_n > 0;
	}
	s->nav = g;
}

/* --- who and where --- */

static str post_label(const struct work *w, const struct ov_appointment *at)
{
	const struct post *p = policy_post(w->policy, at->post);

	return p && p->m.label.len ? p->m.label : at->post;
}

/* The posts of the person; a switcher only when there are several. */
static void fill_hats(struct req *rq, const struct work *w, struct html_shell *s)
{
	struct op *op = rq->op;
	size_t from, n = ov_appointments(w->org, op->scope->person, &from), kept = 0;
	struct html_hat *hats = NEW_N(op->arena, n, struct html_hat);

	for (size_t i = from; i < from + n; i++) {
		const struct ov_appointment *at = &w->org->appointment[i];
		bool mine = at->id.v == op->scope->appointment.v;

		if (at->from_ms > op->now_ms || at->to_ms <= op->now_ms)
			continue;
		hats[kept] = (struct html_hat){ .id = page_id(op, at->id.v),
						.label = post_label(w, at), .current = mine };
		if (mine || !kept)
			s->hat = hats[kept].label;
		kept++;
	}
	s->hats = hats;
	s->hats_n = kept > 1 ? kept : 0;
}

static void fill_person(struct req *rq, const struct work *w, struct html_shell *s)
{
	const struct scope *scope = rq->op->scope;
	const struct ov_unit *unit = w ? ov_unit(w->org, w->org->unit) : NULL;

	s->who = page_id(rq->op, scope->person.v ? scope->person.v : scope->account.v);
	s->person = scope->person_name.len ? scope->person_name : scope->login;
	s->acts = scope->person.v != 0;
	s->person_mark = page_mark(rq->op->arena, s->person, 2);
	s->unit = unit ? unit->name : STR("闭环");
	if (w && scope->person.v)
		fill_hats(rq, w, s);
	if (page_site(rq)->demo)
		s->clock = instant_say(rq->op->arena, rq->op->now_ms, page_utc(rq->op));
	s->insecure = rq->insecure || page_site(rq)->insecure_lan;
}

str page_key(struct op *op)
{
	return entropy_token(op->entropy, op->arena, 16);
}

/* --- the toast --- */

void page_said(struct req *rq, struct reply *rp, str to, str message, record_id undo,
	int64_t version)
{
	struct arena *a = rq->op->arena;
	str words = bytes_hex(a, utf8_cut(message, SAID_MAX));
	str id = undo.v ? page_id(rq->op, undo.v) : STR("-");

	reply_redirect(rp, to);
	reply_cookie(rq, rp, STR("said"), str_fmt(a, "%.*s.%.*s.%lld", STR_ARG(words), STR_ARG(id),
						  (long long)version), SAID_SECONDS);
}

static void fill_toast(struct req *rq, struct reply *rp, struct html_shell *s)
{
	struct arena *a = rq->op->arena;
	str rest = rq_cookie(rq, STR("said")), hex, words, id, version = STR_NONE;
	struct html_toast *t;
	tenant_id tenant;
	int64_t record;

	if (!rest.len)
		return;
	hex = str_cut(&rest, '.');
	words = (str){ arena_alloc(a, hex.len / 2 + 1), hex.len / 2 };
	id = str_cut(&rest, '.');
	version = rest;
	reply_cookie_end(rq, rp, STR("said"));
	if (!words.len || !bytes_from_hex(hex, (uint8_t *)words.ptr, words.len) ||
	    !utf8_valid(words))
		return;
	t = NEW(a, struct html_toast);
	t->message = utf8_cut(words, SAID_MAX);
	t->csrf = s->csrf;
	if (pubid_read(id, &tenant, &record) && str_to_i64(version, &record)) {
		t->undo_url = str_fmt(a, "/records/%.*s/undo", STR_ARG(id));
		t->version = version;
	}
	s->toast = t;
}

/* --- all of it --- */

enum err page_shell(struct req *rq, struct reply *rp, const struct work *w, str title,
		    enum page_tab tab, struct html_shell *ret)
{
	struct html_shell s = {
		.title = title, .theme = rq->theme, .csrf = rq_csrf(rq, rp), .here = rq->path,
		.size = rq_cookie(rq, STR("size")),
		.tab_tasks = tab == TAB_TASKS, .tab_loops = tab == TAB_LOOPS,
		.tab_snap = tab == TAB_SNAP, .tab_duty = tab == TAB_DUTY, .tab_me = tab == TAB_ME,
	};

	if (!str_eq(s.size, STR("lg")) && !str_eq(s.size, STR("xl")))
		s.size = STR_NONE;
	fill_nav(rq, &s);
	fill_person(rq, w, &s);
	fill_toast(rq, rp, &s);
	if (rq->op->scope->person.v)
		TRY(notices_unread(rq->op, UNREAD_MAX, &s.unread));
	*ret = s;
	page_crumbs(rq, ret, (const str[]){ title, STR_NONE, STR_NONE });
	return ERR_OK;
}

void page_crumbs(struct req *rq, struct html_shell *shell, const str *pairs)
{
	size_t n = 0;
	struct html_crumb *c;

	while (pairs[2 * n].ptr)
		n++;
	c = NEW_N(rq->op->arena, n, struct html_crumb);
	for (size_t i = 0; i < n; i++)
		c[i] = (struct html_crumb){ .label = pairs[2 * i], .url = pairs[2 * i + 1] };
	shell->crumbs = c;
	shell->crumbs_n = n;
}
