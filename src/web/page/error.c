/*
 * error: the page that says what went wrong and what to do next. A 404 has no operation id:
 * what is absent and what one may not see are the same bytes.
 */
#include "gen/html_error.h"
#include "web/req.h"
#include "web/routes.h"

static str message_of(const struct req *rq, int status)
{
	/* What broke inside is for the log; of a 404 there is nothing to tell. */
	if (status >= 500 || status == 404 || !rq->op->errmsg[0])
		return reply_status_advice(status);
	return str_of(rq->op->errmsg);
}

enum err page_error(struct req *rq, struct reply *rp, int status, enum err e)
{
	struct arena *a = rq->op->arena;
	struct html_error v = {
		.bare = { .title = reply_status_title(status), .theme = rq->theme },
		.code = str_fmt(a, "%d", status),
		.heading = reply_status_title(status),
		.text = message_of(rq, status),
		.back_url = STR("/"),
		.back_label = STR("回到首页"),
		.op = status == 404 ? STR("-") : str_fmt(a, "%llx", (unsigned long long)rq->op->id),
	};

	(void)e;
	if (status == 401) {
		v.back_url = STR("/login");
		v.back_label = STR("去登录");
	}
	html_error(&rp->body, &v);
	return ERR_OK;
}
