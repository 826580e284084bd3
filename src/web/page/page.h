/*
 * page: what all pages share: the frame round them, the words for time and people, the
 * toast after an act. A page reads by services, fills one template struct, and renders;
 * it decides nothing. Everything is in op->arena.
 */
#ifndef WEB_PAGE_PAGE_H
#define WEB_PAGE_PAGE_H

#include "rules/policy.h"
#include "web/req.h"
#include "web/reply.h"
#include "web/site.h"
#include "work/policies.h"
#include "work/work.h"

#include "gen/html_loop_ring.h"
#include "gen/html_opt.h"
#include "gen/html_shell.h"
#include "gen/html_tag.h"
#include "gen/html_who.h"

/* What rq->app points at: filled by `serve`. */
static inline const struct site *page_site(const struct req *rq)
{
	return rq->app;
}

/* --- the frame --- */
/* Which tab of the phone is lit. */
enum page_tab { TAB_NONE, TAB_TASKS, TAB_LOOPS, TAB_SNAP, TAB_DUTY, TAB_ME };
/*
 * The shell of a signed-in page. `w` may be NULL (nothing adopted yet). Takes the toast of the
 * act before, if there was one.
 */
MUST_CHECK enum err page_shell(struct req *rq, struct reply *rp, const struct work *w, str title,
			       enum page_tab tab, struct html_shell *ret);
/* The path above the page: label, url, label, url, …, STR_NONE; the last url may be "". */
void page_crumbs(struct req *rq, struct html_shell *shell, const str *pairs);
/* A redirect with a word of what was done; `undo` (may be 0): the record whose last step it was. */
void page_said(struct req *rq, struct reply *rp, str to, str message, record_id undo,
	int64_t version);
/* A key for a form: the same form sent twice is the same operation. */
str page_key(struct op *op);

/* The view of the tenant, or NULL when it has adopted nothing yet. */
MUST_CHECK enum err page_work(struct op *op, const struct work **ret_w);

/* --- words --- */
int32_t page_utc(const struct op *op);
day_no page_today(const struct op *op);
str say_date(struct op *op, int64_t at_ms);		/* 11 月 18 日,
	with the year when it is not this */
str say_moment(struct op *op, int64_t at_ms);		/* 今天 16:25, 昨天 17:00, 11 月 18 日 09:12 */
/* Where people reach us, for papers: what is set, else the address of this very request. */
str page_address(struct req *rq);
/* 重大, the word of the law for what must not wait: of a hazard, of a place. */
bool grave(str label);
str say_due(struct op *op, int64_t due_ms, bool late);	/* 今天 16:25 前, 周五内, 应于昨天前 */
str say_left(struct op *op, int64_t due_ms);		/* 剩 22 天, 今天到期, 逾期 1 天 */
str say_minutes(struct arena *a, int32_t doing, int32_t recording);	/* 做 3 分 · 记 1 分 */
str say_weekday(day_no d);				/* 星期三 */
str say_number(struct arena *a, int64_t n);		/* 18,204 */
/* S1-3.1.2a、S1-3.1.1d; what stands for an entry's own clause is not one. */
str say_clauses(struct arena *a, const struct strs *ids);
/* A people expression of a pack in words: keeper(place, daily) is 区域日查人. */
str say_people(struct op *op, const struct policy *p, str text);
/* param.c: a parameter's value in words, and what a form offers for it (0: it is typed). */
str say_parameter(struct op *op, const struct policy *pol, const struct parameter *p,
		  const struct value *v);
struct html_opt;
size_t parameter_options(struct op *op, const struct policy *pol, const struct parameter *p,
			 str now, const struct html_opt **ret);

/* --- people, places, states --- */
str page_mark(struct arena *a, str name, size_t chars);	/* the last characters of a name */
struct html_who page_who(struct arena *a, person_id id, str name);
str person_name(const struct work *w, person_id id);
str place_name(const struct work *w, place_id id);
str page_id(struct op *op, int64_t id);			/* public id in this tenant */
str page_url(struct op *op, const char *before, int64_t id, const char *after);
/* The ring of a record: its stage and whether it is late. */
struct html_loop_ring page_ring(struct op *op, int8_t ring, str state_label, bool final, bool late);
/* Has the loop stations to draw, or does it only get filed? */
bool loop_has_stages(const struct loop *lp);
extern const char *const stage_names[5];		/* 发现 派单 整改 复查 销号 */

#endif
