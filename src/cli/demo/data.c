/*
 * data: the embedded files of the demonstration as trees, and small builders of the JSON
 * that a step takes. Every scalar stays a word: the fields of the loop give it its type.
 */
#include "cli/demo/demo_int.h"

#include <string.h>

#include "gen/demo.h"

str demo_file(const char *path)
{
	for (size_t i = 0; i < EMBEDDED_DEMO_N; i++)
		if (str_eq(embedded_demo[i].path, str_of(path)))
			return embedded_demo[i].bytes;
	return STR_NONE;
}

enum err demo_yaml(struct demo *d, const char *path, const struct yaml **ret)
{
	struct yaml_error ye;
	struct yaml_doc doc;
	str text = demo_file(path);

	if (!text.ptr)
		return FAIL(d->op, ERR_CORRUPT, "演示数据缺少 %s", path);
	if (yaml_read(d->op, text, &doc, &ye) || doc.n != 1) {
		op_clear_error(d->op);
		return FAIL(d->op, ERR_CORRUPT, "演示数据 %s:%u: %.*s", path, ye.line,
			    STR_ARG(ye.message));
	}
	*ret = doc.at[0];
	return ERR_OK;
}

str demo_word(const struct yaml *list, size_t i)
{
	return list && list->kind == YAML_SEQ && i < list->n ? list->at[i]->s : STR("");
}

/* --- building JSON --- */

static struct json *node(struct arena *a, enum json_kind kind)
{
	struct json *j = NEW(a, struct json);

	j->kind = kind;
	return j;
}

struct json *demo_str(struct arena *a, str s)
{
	struct json *j = node(a, JSON_STR);

	j->s = s;
	return j;
}

struct json *demo_flag(struct arena *a, bool b)
{
	struct json *j = node(a, JSON_BOOL);

	j->b = b;
	return j;
}

struct json *demo_obj(struct arena *a)
{
	return node(a, JSON_OBJ);
}

struct json *demo_arr(struct arena *a)
{
	return node(a, JSON_ARR);
}

/* Grows by copying: these trees are small. */
static void grow(struct arena *a, struct json *j, str key, struct json *v)
{
	struct json **at = NEW_N(a, j->n + 1, struct json *);
	str *keys = j->kind == JSON_OBJ ? NEW_N(a, j->n + 1, str) : NULL;

	if (j->n)
		memcpy(at, j->at, j->n * sizeof(*at));
	if (j->n && keys)
		memcpy(keys, j->key, j->n * sizeof(*keys));
	at[j->n] = v;
	if (keys)
		keys[j->n] = key;
	j->at = at;
	j->key = keys;
	j->n++;
}

void demo_put(struct arena *a, struct json *obj, const char *key, struct json *v)
{
	grow(a, obj, str_of(key), v);
}

void demo_put_s(struct arena *a, struct json *obj, const char *key, str s)
{
	grow(a, obj, str_of(key), demo_str(a, s));
}

void demo_push(struct arena *a, struct json *arr, struct json *v)
{
	grow(a, arr, STR(""), v);
}

struct json *demo_json(struct arena *a, const struct yaml *y)
{
	struct json *j;
	bool b;

	switch (y->kind) {
	case YAML_SCALAR:
		return yaml_bool(y, &b) ? demo_flag(a, b) : demo_str(a, y->s);
	case YAML_SEQ:
		j = node(a, JSON_ARR);
		break;
	case YAML_MAP:
	default:
		j = node(a, JSON_OBJ);
		j->key = y->key;
		break;
	}
	j->n = y->n;
	j->at = NEW_N(a, y->n, struct json *);
	for (size_t i = 0; i < y->n; i++)
		j->at[i] = demo_json(a, y->at[i]);
	return j;
}

/* --- time and dice --- */

int64_t demo_at(const struct demo *d, day_no day, int minute)
{
	return day_start_ms(day, d->clock->utc_offset_ms) + minute * MS_MINUTE;
}

bool demo_time(const struct demo *d, str s, int64_t *ret_ms)
{
	char text[40];
	bool short_form = s.len >= 5 && s.ptr[2] == '-';
	int n = snprintf(text, sizeof(text), "%s%.*s", short_form ? "2026-" : "", STR_ARG(s));

	return n > 0 && (size_t)n < sizeof(text) &&
	       instant_parse_local(str_of(text), d->clock->utc_offset_ms, ret_ms);
}

uint32_t demo_dice(struct demo *d, uint32_t n)
{
	return entropy_below(&d->dice, n);
}
