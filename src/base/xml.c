/* xml: see xml.h. */
#include "base/xml.h"

#include <assert.h>
#include <limits.h>

#include <expat.h>

#include "base/limits.h"
#include "base/op.h"

struct reader {
	struct op *op;
	XML_Parser parser;
	const struct xml_handler *h;
	int depth;
	enum err failed;	/* of a handler, or ours */
};

static void stop(struct reader *r, enum err e)
{
	assert(e != ERR_OK);
	if (r->failed)
		return;
	r->failed = e;
	XML_StopParser(r->parser, XML_FALSE);
}

static str local_name(const char *name)
{
	str s = str_of(name), local = s;

	while (s.ptr) {
		str part = str_cut(&s, ':');
		local = part;
	}
	return local;
}

static void XMLCALL on_start(void *arg, const char *name, const char **attrs)
{
	struct reader *r = arg;

	if (r->failed)
		return;
	if (++r->depth > XML_DEPTH_MAX) {
		stop(r, FAIL(r->op, ERR_LIMIT, "文件里的嵌套超过 %d 层", XML_DEPTH_MAX));
		return;
	}
	if (XML_GetSpecifiedAttributeCount(r->parser) / 2 > XML_ATTRS_MAX) {
		stop(r, FAIL(r->op, ERR_LIMIT, "文件里有一处属性超过 %d 个", XML_ATTRS_MAX));
		return;
	}
	enum err e = r->h->start(r->h->arg, local_name(name), attrs);
	if (e)
		stop(r, e);
}

static void XMLCALL on_end(void *arg, const char *name)
{
	struct reader *r = arg;

	if (r->failed)
		return;
	assert(r->depth > 0);
	r->depth--;
	enum err e = r->h->end ? r->h->end(r->h->arg, local_name(name)) : ERR_OK;
	if (e)
		stop(r, e);
}

static void XMLCALL on_text(void *arg, const char *text, int len)
{
	struct reader *r = arg;

	if (r->failed || !r->h->text)
		return;
	assert(len >= 0);
	enum err e = r->h->text(r->h->arg, (str){ text, (size_t)len });
	if (e)
		stop(r, e);
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *sysid, const char *pubid,
			       int has_internal_subset)
{
	struct reader *r = arg;

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	if (!r->failed)
		stop(r, FAIL(r->op, ERR_INVALID, "文件含有不允许的声明（DOCTYPE）"));
}

str xml_attr(const char **attrs, str name)
{
	assert(attrs && name.len);
	for (; attrs[0]; attrs += 2)
		if (str_eq(local_name(attrs[0]), name))
			return str_of(attrs[1]);
	return STR_NONE;
}

enum err xml_read(struct op *op, str bytes, const struct xml_handler *h)
{
	struct reader r = { .op = op, .h = h };

	assert(h && h->start);
	assert(bytes.len <= INT_MAX);
	r.parser = XML_ParserCreate(NULL);
	if (!r.parser)
		return FAIL(op, ERR_LIMIT, "内存不足，读不了文件");
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	enum XML_Status status = XML_Parse(r.parser, bytes.ptr, (int)bytes.len, XML_TRUE);
	enum XML_Error code = XML_GetErrorCode(r.parser);
	XML_ParserFree(r.parser);
	if (r.failed)
		return r.failed;
	if (status != XML_STATUS_OK && code == XML_ERROR_NO_MEMORY)
		return FAIL(op, ERR_LIMIT, "内存不足，读不了文件");
	if (status != XML_STATUS_OK)
		return FAIL(op, ERR_INVALID, "文件已损坏，读不了。请重新保存后再上传");
	return ERR_OK;
}
