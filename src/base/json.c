/*
 * json: the one adapter of jansson for reading; our own writer (json.h). Depth is
 * counted over the bytes before jansson recurses. jansson keeps keys in the order
 * of the text. It gives a real as a double only, so `s` of a JSON_REAL is the
 * shortest plain decimal that reads back as the same double: for what people write
 * (up to 15 digits) that is the number they wrote, without trailing zeros.
 */
#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* jansson's names for two kinds are ours too. */
#define JSON_REAL JSON_REAL_
#define JSON_NULL JSON_NULL_
#include <jansson.h>
#undef JSON_REAL
#undef JSON_NULL

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"

/* ---- reading ---- */

/* The deepest nesting of brackets outside strings. Malformed text is jansson's to refuse. */
static size_t depth_of(str text)
{
	size_t depth = 0, deepest = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c == '"')
			in_string = true;
		else if ((c == '[' || c == '{') && ++depth > deepest)
			deepest = depth;
		else if ((c == ']' || c == '}') && depth)
			depth--;
	}
	return deepest;
}

static str real_text(struct arena *a, double d)
{
	char text[40];

	d += 0.0;	/* -0 is 0 */
	for (int digits = 15; digits <= 17; digits++) {
		int n = snprintf(text, sizeof(text), "%.*g", digits, d);
		assert(n > 0 && (size_t)n < sizeof(text));
		if (strtod(text, NULL) == d)
			break;
	}
	return strchr(text, 'e') ? STR_NONE : str_dup(a, str_of(text));
}

/* A node that waits to be filled from jansson's. */
struct pending { json_t *from; struct json *to; };
struct work { struct arena *a; VEC(struct pending) list; };

static struct json *child(struct work *w, json_t *from)
{
	struct json *to = NEW(w->a, struct json);

	*VEC_PUSH(w->a, &w->list) = (struct pending){ from, to };
	return to;
}

static void fill_array(struct work *w, json_t *from, struct json *to)
{
	to->kind = JSON_ARR;
	to->n = json_array_size(from);
	to->at = NEW_N(w->a, to->n, struct json *);
	for (size_t i = 0; i < to->n; i++)
		to->at[i] = child(w, json_array_get(from, i));
}

static void fill_object(struct work *w, json_t *from, struct json *to)
{
	size_t i = 0;
	const char *key;
	json_t *value;

	to->kind = JSON_OBJ;
	to->n = json_object_size(from);
	to->at = NEW_N(w->a, to->n, struct json *);
	to->key = NEW_N(w->a, to->n, str);
	json_object_foreach(from, key, value) {
		to->key[i] = str_dup(w->a, str_of(key));
		to->at[i++] = child(w, value);
	}
	assert(i == to->n);
}

static void fill(struct work *w, json_t *from, struct json *to)
{
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		fill_object(w, from, to);
		return;
	case JSON_ARRAY:
		fill_array(w, from, to);
		return;
	case JSON_STRING:
		to->kind = JSON_STR;
		to->s = str_dup(w->a, (str){ json_string_value(from), json_string_length(from) });
		return;
	case JSON_INTEGER:
		to->kind = JSON_INT;
		to->i = json_integer_value(from);
		to->d = (double)to->i;
		return;
	case JSON_REAL_:
		to->kind = JSON_REAL;
		to->d = json_real_value(from);
		to->s = real_text(w->a, to->d);
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		to->kind = JSON_BOOL;
		to->b = json_is_true(from);
		return;
	case JSON_NULL_:
		to->kind = JSON_NULL;
		return;
	}
	panic("json: type %d", (int)json_typeof(from));
}

static struct json *convert(struct arena *a, json_t *root)
{
	struct work w = { .a = a };
	struct json *top = child(&w, root);

	while (w.list.n) {
		struct pending p = w.list.at[--w.list.n];
		fill(&w, p.from, p.to);
	}
	return top;
}

enum err json_read(struct op *op, str text, struct json **ret_json)
{
	json_error_t fault;

	assert(op && ret_json);
	if (text.len > JSON_BYTES_MAX)
		return FAIL(op, ERR_LIMIT, "JSON 超过 %lu KiB", JSON_BYTES_MAX / KIB);
	if (depth_of(text) > JSON_DEPTH_MAX)
		return FAIL(op, ERR_LIMIT, "JSON 嵌套超过 %d 层", JSON_DEPTH_MAX);
	json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len,
				  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
	if (!root && json_error_code(&fault) == json_error_out_of_memory)
		return FAIL(op, ERR_LIMIT, "内存不足，读不了这段 JSON");
	if (!root)
		return FAIL(op, ERR_INVALID, "第 %d 行不是正确的 JSON", fault.line > 0 ? fault.line : 1);
	*ret_json = convert(op->arena, root);
	json_decref(root);
	return ERR_OK;
}

const struct json *json_get(const struct json *obj, str key)
{
	if (!obj || obj->kind != JSON_OBJ)
		return NULL;
	for (size_t i = 0; i < obj->n; i++)
		if (str_eq(obj->key[i], key))
			return obj->at[i];
	return NULL;
}

str json_get_str(const struct json *obj, str key)
{
	const struct json *v = json_get(obj, key);

	return v && v->kind == JSON_STR ? v->s : STR_NONE;
}

int64_t json_get_int(const struct json *obj, str key, int64_t otherwise)
{
	const struct json *v = json_get(obj, key);

	return v && v->kind == JSON_INT ? v->i : otherwise;
}

/* ---- writing ---- */

#define JW_DEPTH_MAX 64		/* bits of jw.has */

void jw_start(struct jw *w, struct buf *b)
{
	assert(b && b->max > 0);
	*w = (struct jw){ .b = b };
}

static uint64_t level_bit(const struct jw *w)
{
	assert(w->depth > 0 && w->depth <= JW_DEPTH_MAX);
	return 1ULL << (w->depth - 1);
}

/* Before a value: in an array a comma, in an object only after its key. */
static void before_value(struct jw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->depth == 0)
		return;
	assert(!(w->obj & level_bit(w)));	/* a value in an object needs a key */
	if (w->has & level_bit(w))
		buf_addc(w->b, ',');
	w->has |= level_bit(w);
}

static void open_level(struct jw *w, bool obj)
{
	before_value(w);
	assert(w->depth < JW_DEPTH_MAX);
	w->depth++;
	w->has &= ~level_bit(w);
	w->obj = obj ? w->obj | level_bit(w) : w->obj & ~level_bit(w);
	buf_addc(w->b, obj ? '{' : '[');
}

void jw_obj(struct jw *w)
{
	open_level(w, true);
}

void jw_arr(struct jw *w)
{
	open_level(w, false);
}

void jw_end(struct jw *w)
{
	assert(w->depth > 0 && !w->after_key);
	buf_addc(w->b, w->obj & level_bit(w) ? '}' : ']');
	w->depth--;
}

void jw_key_s(struct jw *w, str key)
{
	assert(w->depth > 0 && !w->after_key);
	assert(w->obj & level_bit(w));
	if (w->has & level_bit(w))
		buf_addc(w->b, ',');
	w->has |= level_bit(w);
	buf_add_json(w->b, key);
	buf_addc(w->b, ':');
	w->after_key = true;
}

void jw_key(struct jw *w, const char *key)
{
	jw_key_s(w, str_of(key));
}

void jw_str(struct jw *w, str s)
{
	before_value(w);
	buf_add_json(w->b, s);
}

void jw_int(struct jw *w, int64_t v)
{
	before_value(w);
	buf_add_i64(w->b, v);
}

void jw_bool(struct jw *w, bool v)
{
	before_value(w);
	buf_add(w->b, v ? STR("true") : STR("false"));
}

void jw_null(struct jw *w)
{
	before_value(w);
	buf_add(w->b, STR("null"));
}

void jw_raw(struct jw *w, str json)
{
	assert(json.len > 0);
	before_value(w);
	buf_add(w->b, json);
}

void jw_kv(struct jw *w, const char *key, str s)
{
	jw_key(w, key);
	jw_str(w, s);
}

void jw_kv_int(struct jw *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_int(w, v);
}

void jw_kv_bool(struct jw *w, const char *key, bool v)
{
	jw_key(w, key);
	jw_bool(w, v);
}

static void write_scalar(struct jw *w, const struct json *j)
{
	char text[40];

	switch (j->kind) {
	case JSON_NULL: jw_null(w); return;
	case JSON_BOOL: jw_bool(w, j->b); return;
	case JSON_INT: jw_int(w, j->i); return;
	case JSON_STR: jw_str(w, j->s); return;
	case JSON_REAL: {
		assert(isfinite(j->d));
		int n = snprintf(text, sizeof(text), "%.17g", j->d);
		assert(n > 0 && (size_t)n < sizeof(text));
		jw_raw(w, j->s.len ? j->s : str_of(text));
		return;
	}
	case JSON_ARR:
	case JSON_OBJ:
		break;
	}
	panic("json: not a scalar");
}

void json_write(struct buf *b, const struct json *j)
{
	struct { const struct json *node; size_t next; } open[JW_DEPTH_MAX];
	int depth = 0;
	struct jw w;

	assert(j);
	jw_start(&w, b);
	for (const struct json *now = j;;) {
		if (now->kind == JSON_ARR || now->kind == JSON_OBJ) {
			assert(depth < JW_DEPTH_MAX);
			open_level(&w, now->kind == JSON_OBJ);
			open[depth].node = now;
			open[depth++].next = 0;
		} else {
			write_scalar(&w, now);
		}
		while (depth && open[depth - 1].next == open[depth - 1].node->n) {
			jw_end(&w);
			depth--;
		}
		if (depth == 0)
			return;
		const struct json *in = open[depth - 1].node;
		size_t i = open[depth - 1].next++;
		if (in->kind == JSON_OBJ)
			jw_key_s(&w, in->key[i]);
		now = in->at[i];
	}
}
