/*
 * api: the table, errors as RFC 9457 documents, liveness and metrics. A 404 is a constant:
 * what is absent and what one may not see are the same bytes, so no operation id stands in it.
 */
#include "api/api.h"

#include "api/api_int.h"
#include "web/forms.h"

#include "web/form_as_table.inc"
#include "api/api_forms.def"
#include "web/form_off.inc"

/* An act that needs no words: no body, or {}. */
static const struct form *form_api_empty_spec(void)
{
	static const struct form form = { .name = { "api_empty", 9 }, .body = BODY_JSON,
					  .may_be_empty = true };

	return &form;
}

static const struct route ROUTES[] = {
#define ROUTE ROUTE_ROW
#include "api/api.def"
#undef ROUTE
};

static enum err api_error(struct req *rq, struct reply *rp, int status, enum err e);

const struct route_table api_routes = {
	.at = ROUTES,
	.n = sizeof(ROUTES) / sizeof(ROUTES[0]),
	.api = true,
	.prefix = { "/api/", 5 },
	.error = api_error,
};

/* The word of interfaces §3; statuses that no service gives have their own. */
static str code_of(int status, enum err e)
{
	switch (status) {
	case 400: return STR("malformed");
	case 401: return STR("not_signed_in");
	case 404: return STR("not_found");
	case 405: return STR("method");
	case 415: return STR("media_type");
	case 421: return STR("host");
	case 429: return STR("limit");
	case 500: return STR("internal");
	default: return str_of(err_word(e));
	}
}

static str detail_of(const struct req *rq, int status)
{
	switch (status) {
	case 401: return STR("请带上有效的令牌：Authorization: Bearer …");
	case 405: return STR("这个地址不接受这种方法");
	case 415: return STR("请用 Content-Type: application/json 发送，文件除外");
	default: break;
	}
	if (status >= 500 || status == 404 || !rq->op->errmsg[0])
		return status == 404 ? STR("没有找到，或不在您的查看范围内") : reply_status_advice(status);
	return str_of(rq->op->errmsg);
}

static void write_faults(struct jw *w, const struct field_error *f)
{
	if (!f)
		return;
	jw_key(w, "errors");
	jw_arr(w);
	for (; f; f = f->next) {
		jw_obj(w);
		jw_kv(w, "field", f->field);
		jw_kv(w, "message", f->message);
		jw_end(w);
	}
	jw_end(w);
}

static str problem_title(int status)
{
	switch (status) {
	case 404: return STR("没有找到");
	case 405: return STR("方法不对");
	case 415: return STR("格式不对");
	default: return reply_status_title(status);
	}
}

static enum err api_error(struct req *rq, struct reply *rp, int status, enum err e)
{
	struct jw w;

	rp->type = STR("application/problem+json");
	if (status == 401)
		reply_header(rp, "WWW-Authenticate", STR("Bearer"));
	jw_start(&w, &rp->body);
	jw_obj(&w);
	jw_kv(&w, "type", STR("about:blank"));
	jw_kv(&w, "title", problem_title(status));
	jw_kv_int(&w, "status", status);
	jw_kv(&w, "code", code_of(status, e));
	jw_kv(&w, "detail", detail_of(rq, status));
	if (status == 422)
		write_faults(&w, rq->op->field_errors);
	if (status >= 500)
		jw_kv(&w, "instance",
		      str_fmt(rq->op->arena, "urn:op:%llx", (unsigned long long)rq->op->id));
	jw_end(&w);
	return ERR_OK;
}

enum err api_healthz(struct req *rq, struct reply *rp)
{
	(void)rq;
	reply_text(rp, STR("ok\n"));
	return ERR_OK;
}
