/*
 * yaml: the one adapter of libyaml (yaml.h). Events become a tree by an explicit
 * stack, never by recursion, so that depth is a number that we check and not a
 * thread's stack. What YAML allows and people get wrong (anchors, tags, duplicate
 * keys, merge keys, directives) is refused where it stands, with line and column.
 * Before libyaml sees a byte, the text is checked for UTF-8, bidi overrides (a
 * reviewer must see what the program reads) and tabs in indentation, because
 * libyaml accepts some of them.
 */
#include "base/yaml.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/utf8.h"

/* A sequence or map that is still open. */
struct frame {
	struct yaml *node;
	VEC(struct yaml *) at;
	VEC(str) key;
	VEC(uint32_t) key_line;
	VEC(uint32_t) key_col;
};

struct reader {
	struct op *op;
	struct yaml_error *error;
	yaml_parser_t parser;
	struct frame frame[YAML_DEPTH_MAX];
	int depth;
	struct yaml *root;		/* of the document being read */
	VEC(struct yaml *) docs;
};

static enum err fault(struct reader *r, uint32_t line, uint32_t col, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static enum err fault(struct reader *r, uint32_t line, uint32_t col, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	assert(line > 0 && col > 0);
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(n >= 0);
	*r->error = (struct yaml_error){ line, col, str_dup(r->op->arena, str_of(text)) };
	return FAIL(r->op, ERR_INVALID, "第 %u 行第 %u 列：%s", line, col, text);
}

static enum err fault_at(struct reader *r, yaml_mark_t mark, const char *message)
{
	return fault(r, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1, "%s", message);
}

/* U+202A–202E, U+2066–2069: they make a line read otherwise than it is. */
static bool is_bidi_override(const char *p, size_t left)
{
	if (left < 3 || p[0] != '\xE2')
		return false;
	return (p[1] == '\x80' && p[2] >= '\xAA' && p[2] <= '\xAE') ||
	       (p[1] == '\x81' && p[2] >= '\xA6' && p[2] <= '\xA9');
}

static enum err check_line(struct reader *r, str line, uint32_t number)
{
	bool indent = true, tab = false;
	uint32_t col = 1, tab_col = 0;

	if (!utf8_valid(line))
		return fault(r, number, 1, "不是正确的 UTF-8 文本");
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];
		if (indent && c == '\t' && !tab) {
			tab = true;
			tab_col = col;
		}
		if (c != ' ' && c != '\t' && c != '\r') {
			if (indent && tab)
				return fault(r, number, tab_col, "缩进只能用空格，不能用制表符");
			indent = false;
		}
		if (is_bidi_override(line.ptr + i, line.len - i))
			return fault(r, number, col, "含有改变文字方向的不可见字符");
		if (((unsigned char)c & 0xC0) != 0x80)
			col++;
	}
	return ERR_OK;
}

static enum err check_text(struct reader *r, str text)
{
	str rest = text;
	uint32_t number = 0;

	while (rest.ptr) {
		str line = str_cut(&rest, '\n');
		TRY(check_line(r, line, ++number));
	}
	return ERR_OK;
}

static enum err check_plain_node(struct reader *r, const yaml_event_t *ev,
				 const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return fault_at(r, ev->start_mark, "不支持锚点（&）");
	if (tag)
		return fault_at(r, ev->start_mark, "不支持标签（!）");
	return ERR_OK;
}

static bool is_null_word(str s)
{
	return str_empty(s) || str_eq(s, STR("~")) || str_eq(s, STR("null"));
}

static struct yaml *node_new(struct reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml *y = NEW(r->op->arena, struct yaml);

	y->kind = kind;
	y->line = (uint32_t)mark.line + 1;
	y->col = (uint32_t)mark.column + 1;
	return y;
}

/* In a map, does a key come next (and not the value of the last key)? */
static bool wants_key(const struct frame *f)
{
	return f->node->kind == YAML_MAP && f->key.n == f->at.n;
}

/* Put a finished or opened node where it belongs. */
static enum err place(struct reader *r, struct yaml *y)
{
	if (r->depth == 0) {
		assert(!r->root);
		r->root = y;
		return ERR_OK;
	}
	struct frame *f = &r->frame[r->depth - 1];
	if (wants_key(f))
		return fault(r, y->line, y->col, "键只能是一个词，不能是列表或映射");
	*VEC_PUSH(r->op->arena, &f->at) = y;
	assert(f->node->kind == YAML_SEQ || f->key.n == f->at.n);
	return ERR_OK;
}

static enum err add_key(struct reader *r, struct frame *f, const yaml_event_t *ev, str s)
{
	bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (str_empty(s))
		return fault_at(r, ev->start_mark, "键是空的");
	if (plain && str_eq(s, STR("<<")))
		return fault_at(r, ev->start_mark, "不支持合并键（<<）");
	*VEC_PUSH(r->op->arena, &f->key) = s;
	*VEC_PUSH(r->op->arena, &f->key_line) = (uint32_t)ev->start_mark.line + 1;
	*VEC_PUSH(r->op->arena, &f->key_col) = (uint32_t)ev->start_mark.column + 1;
	return ERR_OK;
}

static enum err on_scalar(struct reader *r, const yaml_event_t *ev)
{
	str raw = { (const char *)ev->data.scalar.value, ev->data.scalar.length };

	TRY(check_plain_node(r, ev, ev->data.scalar.anchor, ev->data.scalar.tag));
	if (memchr(raw.ptr, '\0', raw.len))
		return fault_at(r, ev->start_mark, "含有空字符（\\0）");
	str s = str_dup(r->op->arena, raw);
	if (r->depth && wants_key(&r->frame[r->depth - 1]))
		return add_key(r, &r->frame[r->depth - 1], ev, s);
	struct yaml *y = node_new(r, YAML_SCALAR, ev->start_mark);
	y->s = s;
	y->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	y->null = y->plain && is_null_word(s);
	return place(r, y);
}

static enum err on_open(struct reader *r, const yaml_event_t *ev, enum yaml_kind kind,
			const yaml_char_t *anchor, const yaml_char_t *tag)
{
	TRY(check_plain_node(r, ev, anchor, tag));
	struct yaml *y = node_new(r, kind, ev->start_mark);
	TRY(place(r, y));
	if (r->depth == YAML_DEPTH_MAX)
		return fault(r, y->line, y->col, "嵌套超过 %d 层", YAML_DEPTH_MAX);
	r->frame[r->depth++] = (struct frame){ .node = y };
	return ERR_OK;
}

struct key_ref { str key; size_t at; };

static int key_ref_cmp(const void *a, const void *b)
{
	const struct key_ref *x = a, *y = b;
	int c = str_cmp(x->key, y->key);

	return c ? c : (x->at > y->at) - (x->at < y->at);
}

/* Sorted, not compared pair by pair: a map of 100,000 keys must not take a minute. */
static enum err check_duplicates(struct reader *r, const struct frame *f)
{
	size_t n = f->key.n, first = SIZE_MAX;

	if (n < 2)
		return ERR_OK;
	struct key_ref *ref = NEW_N(r->op->arena, n, struct key_ref);
	for (size_t i = 0; i < n; i++)
		ref[i] = (struct key_ref){ f->key.at[i], i };
	qsort(ref, n, sizeof(*ref), key_ref_cmp);
	for (size_t i = 1; i < n; i++)
		if (str_eq(ref[i - 1].key, ref[i].key) && ref[i].at < first)
			first = ref[i].at;
	if (first == SIZE_MAX)
		return ERR_OK;
	return fault(r, f->key_line.at[first], f->key_col.at[first], "键“%.*s”重复了",
		     STR_ARG(utf8_cut(f->key.at[first], 30)));
}

static enum err on_close(struct reader *r)
{
	assert(r->depth > 0);
	struct frame *f = &r->frame[--r->depth];
	struct yaml *y = f->node;

	if (y->kind == YAML_MAP) {
		assert(f->key.n == f->at.n);
		TRY(check_duplicates(r, f));
		y->key = f->key.at;
		y->key_line = f->key_line.at;
		y->key_col = f->key_col.at;
	}
	y->n = f->at.n;
	y->at = f->at.at;
	return ERR_OK;
}

static enum err on_document_start(struct reader *r, const yaml_event_t *ev)
{
	assert(r->depth == 0);
	if (ev->data.document_start.version_directive ||
	    ev->data.document_start.tag_directives.start !=
	    ev->data.document_start.tag_directives.end)
		return fault_at(r, ev->start_mark, "不支持以 % 开头的指令");
	r->root = NULL;
	return ERR_OK;
}

static enum err on_event(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
		return ERR_OK;
	case YAML_DOCUMENT_START_EVENT:
		return on_document_start(r, ev);
	case YAML_DOCUMENT_END_EVENT:
		assert(r->depth == 0 && r->root);
		*VEC_PUSH(r->op->arena, &r->docs) = r->root;
		return ERR_OK;
	case YAML_ALIAS_EVENT:
		return fault_at(r, ev->start_mark, "不支持别名（*）");
	case YAML_SCALAR_EVENT:
		return on_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(r, ev, YAML_SEQ, ev->data.sequence_start.anchor,
			       ev->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_open(r, ev, YAML_MAP, ev->data.mapping_start.anchor,
			       ev->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(r);
	}
	panic("yaml: event %d", (int)ev->type);
}

static enum err on_parser_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "?";

	if (p->error == YAML_MEMORY_ERROR)
		return FAIL(r->op, ERR_LIMIT, "内存不足，读不了这个文件");
	/* The reader knows no mark, only an offset; check_text() saw most of its faults. */
	return fault(r, (uint32_t)p->problem_mark.line + 1, (uint32_t)p->problem_mark.column + 1,
		     "YAML 写法有误（%s）", problem);
}

static enum err read_events(struct reader *r)
{
	for (;;) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&r->parser, &ev))
			return on_parser_error(r);
		bool last = ev.type == YAML_STREAM_END_EVENT;
		enum err e = on_event(r, &ev);
		yaml_event_delete(&ev);
		if (e || last)
			return e;
	}
}

enum err yaml_read(struct op *op, str text, struct yaml_doc *ret_docs,
		   struct yaml_error *ret_error)
{
	assert(op && ret_docs && ret_error);
	assert(text.ptr || text.len == 0);
	struct reader *r = NEW(op->arena, struct reader);
	r->op = op;
	r->error = ret_error;
	if (text.len > YAML_BYTES_MAX)
		return fault(r, 1, 1, "文件超过 %lu KiB", YAML_BYTES_MAX / KIB);
	TRY(check_text(r, text));
	if (!yaml_parser_initialize(&r->parser))
		return FAIL(op, ERR_LIMIT, "内存不足，读不了这个文件");
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)(text.ptr ? text.ptr : ""),
				     text.len);
	enum err e = read_events(r);
	yaml_parser_delete(&r->parser);
	if (e)
		return e;
	*ret_docs = (struct yaml_doc){ r->docs.at, r->docs.n };
	return ERR_OK;
}

const struct yaml *yaml_get(const struct yaml *map, str key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	assert(map->n == 0 || (map->key && map->at));
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->key[i], key))
			return map->at[i];
	return NULL;
}

bool yaml_bool(const struct yaml *y, bool *ret_b)
{
	assert(ret_b);
	if (!y || y->kind != YAML_SCALAR || !y->plain)
		return false;
	if (!str_eq(y->s, STR("true")) && !str_eq(y->s, STR("false")))
		return false;
	*ret_b = y->s.ptr[0] == 't';
	return true;
}
