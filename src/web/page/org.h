/* org: what the pages of people and places share. */
#ifndef WEB_PAGE_ORG_H
#define WEB_PAGE_ORG_H

#include "web/page/page.h"

#include "gen/html_hole.h"
#include "gen/html_span_row.h"

/* 责任人, 日查人, 复查人; the word itself for other roles. */
str role_label(str role);
/* A moment "as of": the end of a day that was asked for, else now. */
int64_t moment_of(struct op *op, day_no at);
static inline bool valid_at(int64_t from_ms, int64_t to_ms, int64_t at_ms)
{
	return from_ms <= at_ms && at_ms < to_ms;
}
str span_say(struct op *op, int64_t from_ms, int64_t to_ms);	/* 2025 年 9 月 1 日 起 */
str posts_at(struct op *op, const struct work *w, person_id p, int64_t at_ms);
struct html_tag risk_tag(str risk);
/* The holes of one subject (any when NULL), with the fix that one click makes. */
/* "entry:place-kinds/laboratory", "unit:PUBLIC-ID": what a hole is about, in an address. */
str subject_outside(struct op *op, const struct subject *s);
struct html_hole *holes_view(struct req *rq, struct reply *rp, const struct work *w,
			     const struct holes *holes, const struct subject *about, size_t *ret_n);
str place_path(struct op *op, const struct work *w, const struct ov_place *p);	/* 综合楼 · 地下 */

#endif
