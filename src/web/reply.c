/*
 * reply: see reply.h. Everything here is pure filling of a struct; http_mhd.c sends it.
 */
#include "web/reply.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "web/req.h"

void reply_header(struct reply *rp, const char *name, str value)
{
	assert(rp->header_n < REPLY_HEADERS_MAX);
	for (size_t i = 0; i < value.len; i++)
		assert((unsigned char)value.ptr[i] >= 0x20 && value.ptr[i] != 0x7f);
	rp->header[rp->header_n++] = (struct reply_header){ name, value };
}

void reply_reset(struct reply *rp)
{
	if (rp->fd >= 0)
		close(rp->fd);
	buf_clear(&rp->body);
	rp->fd = -1;
	rp->status = 0;
	rp->type = rp->bytes = rp->cache = STR_NONE;
	rp->sandbox = false;
	rp->header_n = 0;
}

/* A browser reads "/\evil" and "//evil" as another host. */
bool reply_is_local(str to)
{
	if (to.len == 0 || to.len > 2000 || to.ptr[0] != '/')
		return false;
	if (to.len > 1 && (to.ptr[1] == '/' || to.ptr[1] == '\\'))
		return false;
	for (size_t i = 0; i < to.len; i++)
		if ((unsigned char)to.ptr[i] <= 0x20 || (unsigned char)to.ptr[i] >= 0x7f ||
		    to.ptr[i] == '\\')
			return false;
	return true;
}

void reply_redirect(struct reply *rp, str to)
{
	rp->status = 303;
	reply_header(rp, "Location", reply_is_local(to) ? str_dup(rp->arena, to) : STR("/"));
}

struct buf *reply_json(struct reply *rp)
{
	rp->type = STR("application/json");
	return &rp->body;
}

void reply_text(struct reply *rp, str text)
{
	rp->type = STR("text/plain; charset=utf-8");
	rp->bytes = text;
}

/* ---- files --------------------------------------------------------------------------- */

/* RFC 6266: an ASCII name for the old, the whole one in UTF-8 for the rest. */
static str disposition(struct arena *a, str filename, bool attachment)
{
	struct buf b;
	str out;

	buf_init(&b, 4096);
	buf_add(&b, attachment ? STR("attachment") : STR("inline"));
	if (filename.len) {
		buf_add(&b, STR("; filename=\""));
		for (size_t i = 0; i < filename.len && i < 200; i++) {
			char c = filename.ptr[i];
			bool plain = c >= 0x20 && c < 0x7f && !strchr("\"\\/%;", c);
			if (((unsigned char)c & 0xC0) != 0x80)
				buf_addc(&b, plain ? c : '_');
		}
		buf_add(&b, STR("\"; filename*=UTF-8''"));
		buf_add_url(&b, filename);
	}
	out = b.failed ? STR("attachment") : str_dup(a, (str){ b.ptr, b.len });
	buf_release(&b);
	return out;
}

void reply_file(struct reply *rp, int fd, int64_t size, str type, str filename, bool attachment)
{
	assert(fd >= 0 && size >= 0);
	rp->fd = fd;
	rp->fd_size = size;
	rp->type = type;
	rp->sandbox = true;
	reply_header(rp, "Content-Disposition", disposition(rp->arena, filename, attachment));
}

void reply_download(struct reply *rp, str bytes, str type, str filename)
{
	rp->bytes = bytes.ptr ? bytes : STR("");
	rp->type = type;
	rp->sandbox = true;
	reply_header(rp, "Content-Disposition", disposition(rp->arena, filename, true));
}

/* ---- versions --------------------------------------------------------------------------- */

/* Is the quoted tag among those of an If-None-Match? A weak mark does not matter here. */
static bool tag_listed(str list, str quoted)
{
	while (list.ptr) {
		str one = str_trim(str_cut(&list, ','));
		if (str_starts(one, STR("W/")))
			one = str_slice(one, 2, one.len);
		if (str_eq(one, quoted) || str_eq(one, STR("*")))
			return true;
	}
	return false;
}

bool reply_etag(struct req *rq, struct reply *rp, str tag)
{
	str quoted = str_fmt(rp->arena, "\"%.*s\"", STR_ARG(tag));

	reply_header(rp, "ETag", quoted);
	if (!rp->cache.ptr)
		rp->cache = STR("private, no-cache");
	if (!tag_listed(guard_header(rq->guard, STR("if-none-match")), quoted))
		return false;
	rp->status = 304;
	return true;
}

/* ---- cookies ------------------------------------------------------------------------------ */

static void set_cookie(struct req *rq, struct reply *rp, str name, str value, int64_t max_age_s,
		       bool end)
{
	str age = STR("");

	for (size_t i = 0; i < value.len; i++)
		assert(value.ptr[i] > 0x20 && !strchr("\",;\\", value.ptr[i]));
	if (end)
		age = STR("; Max-Age=0");
	else if (max_age_s > 0)
		age = str_fmt(rp->arena, "; Max-Age=%lld", (long long)max_age_s);
	reply_header(rp, "Set-Cookie",
		     str_fmt(rp->arena, "%s%.*s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%.*s",
			     rq->secure ? "__Host-" : "", STR_ARG(name), STR_ARG(value),
			     rq->secure ? "; Secure" : "", STR_ARG(age)));
}

void reply_cookie(struct req *rq, struct reply *rp, str name, str value, int64_t max_age_s)
{
	assert(!rq->api);	/* a token never becomes a cookie */
	set_cookie(rq, rp, name, value, max_age_s, false);
}

void reply_cookie_end(struct req *rq, struct reply *rp, str name)
{
	set_cookie(rq, rp, name, STR(""), 0, true);
}

void reply_session(struct req *rq, struct reply *rp, str token, int64_t max_age_s)
{
	assert(token.len >= 26);
	reply_cookie(rq, rp, STR("sid"), token, max_age_s);
}

void reply_session_end(struct req *rq, struct reply *rp)
{
	reply_cookie_end(rq, rp, STR("sid"));
}

/* ---- errors --------------------------------------------------------------------------------- */

int reply_status(enum err e, bool if_match)
{
	switch (e) {
	case ERR_OK:
		return 200;
	case ERR_INVALID:
		return 422;
	case ERR_DENIED:
		return 403;
	case ERR_NOTFOUND:
		return 404;
	case ERR_CONFLICT:
		return if_match ? 412 : 409;
	case ERR_LIMIT:
		return 413;
	case ERR_BUSY:
		return 503;
	case ERR_IO:
	case ERR_CORRUPT:
		return 500;
	}
	panic("an error outside of its enum");
}

static str status_text(int status, bool advice)
{
	switch (status) {
#define TEXT(n, t, a) case n: return advice ? STR(a) : STR(t);
	TEXT(400, "请求有误", "请返回上一页，刷新后再试一次。")
	TEXT(401, "请先登录", "登录后会回到这一页。")
	TEXT(403, "这一步不归您办", "如果您认为应该由您办理，请与本校管理员联系。")
	TEXT(404, "没有找到这一页", "它可能已被移走，也可能不在您的查看范围内。")
	TEXT(405, "不能这样打开", "请从页面上的按钮进入。")
	TEXT(409, "内容已经变了", "有人先办了一步。请刷新页面，看过最新情况再办。")
	TEXT(412, "内容已经变了", "有人先办了一步。请刷新页面，看过最新情况再办。")
	TEXT(413, "内容太大", "请减少文字或照片，分几次提交。")
	TEXT(415, "格式不对", "请从页面上的表单提交。")
	TEXT(421, "地址不对", "请用管理员公布的网址打开。")
	TEXT(422, "有几处需要改", "请按提示修改后再提交。")
	TEXT(429, "操作太频繁", "请稍等一会儿再试。")
	TEXT(503, "系统正忙", "请过几秒再试，刚才的内容没有提交。")
#undef TEXT
	default:
		return advice ? STR("请稍后再试。如果一直这样，请把下面的编号告诉管理员。") : STR("系统出了问题");
	}
}

str reply_status_title(int status)
{
	return status_text(status, false);
}

str reply_status_advice(int status)
{
	return status_text(status, true);
}

void reply_plain_error(struct reply *rp, int status, str message, uint64_t op_id)
{
	struct buf *b = &rp->body;

	rp->status = status;
	rp->type = STR("text/html; charset=utf-8");
	buf_add(b, STR("<!doctype html>\n<html lang=\"zh-Hans\"><head><meta charset=\"utf-8\">"
		       "<meta name=\"viewport\" "
		       "content=\"width=device-width,initial-scale=1\"><title>"));
	buf_add_html(b, reply_status_title(status));
	buf_add(b, STR(" · 闭环</title></head><body><main><h1>"));
	buf_add_html(b, reply_status_title(status));
	buf_add(b, STR("</h1><p>"));
	buf_add_html(b, message.len ? message : reply_status_advice(status));
	buf_add(b, STR("</p><p><a href=\"/\">回到首页</a></p>"));
	if (status != 404)	/* absent and invisible: the same bytes */
		buf_addf(b, "<p><small>编号 %llx</small></p>", (unsigned long long)op_id);
	buf_add(b, STR("</main></body></html>\n"));
}
