/*
 * json: reading over jansson (base/json.c is its one adapter), writing by our own
 * streaming writer. Reading is strict: duplicates refused, depth and size bounded,
 * integers 64-bit, UTF-8 checked. A parsed tree lives in an arena and is immutable.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct op;
struct arena;

enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_STR, JSON_ARR, JSON_OBJ };

struct json {
	enum json_kind kind;
	bool b;
	int64_t i;
	/* JSON_REAL (and JSON_INT); `s` is the shortest plain decimal that reads back as it */
	double d;
	str s;			/* JSON_STR */
	size_t n;		/* JSON_ARR, JSON_OBJ */
	struct json **at;	/* values */
	str *key;		/* JSON_OBJ: keys, in the order written */
};

/* ERR_INVALID with the line, or ERR_LIMIT (limits.h: JSON_BYTES_MAX, JSON_DEPTH_MAX). */
MUST_CHECK enum err json_read(struct op *op, str text, struct json **ret_json);
/* NULL when absent or not an object */
const struct json *json_get(const struct json *obj, str key);
str json_get_str(const struct json *obj, str key);		/* STR_NONE unless a string */
int64_t json_get_int(const struct json *obj, str key, int64_t otherwise);
void json_write(struct buf *b, const struct json *j);		/* compact, keys in their order */

/* The writer: jw_obj, jw_key, values …, jw_end. Commas are its business. Asserts on misuse. */
struct jw { struct buf *b; uint64_t has; uint64_t obj; int depth; bool after_key; };
void jw_start(struct jw *w, struct buf *b);
void jw_obj(struct jw *w);
void jw_arr(struct jw *w);
void jw_end(struct jw *w);
void jw_key(struct jw *w, const char *key);
void jw_key_s(struct jw *w, str key);
void jw_str(struct jw *w, str s);
void jw_int(struct jw *w, int64_t v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_raw(struct jw *w, str json);	/* already JSON */
void jw_kv(struct jw *w, const char *key, str s);
void jw_kv_int(struct jw *w, const char *key, int64_t v);
void jw_kv_bool(struct jw *w, const char *key, bool v);

#endif
