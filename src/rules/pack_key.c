/*
 * pack_key: the table-driven reader of constructs, and identity: ids, names, meta.
 * Every key of the language passes keys_read(); so nothing is ever ignored: a key is
 * read, or it is of a later stage (B190), or it is unknown (B103).
 */
#include "rules/pack_int.h"

#include <assert.h>

#define STAGE 1 /* what this issue builds */

struct pos pos_of(const struct loader *L, const struct yaml *y)
{
	return (struct pos){ L->file, y ? y->line : 1, y ? y->col : 1 };
}

struct pos pos_of_key(const struct loader *L, const struct yaml *map, size_t i)
{
	assert(map->kind == YAML_MAP && i < map->n);
	return (struct pos){ L->file, map->key_line[i], map->key_col[i] };
}

void mark(struct loader *L, const void *what, const struct yaml *y)
{
	struct pos at = pos_of(L, y);

	if (y->kind == YAML_SCALAR && !y->plain)
		at.col++; /* behind the quote, so that an offset in the text adds up */
	if (what)
		*VEC_PUSH(L->a, &L->written) = (struct written){ what, at };
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters or digits in groups parted by `sep`; Han text never is an id. */
static bool id_shape(str s, char sep)
{
	char last = sep;

	if (str_empty(s) || s.len > 64 || !is_lower(s.ptr[0]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!is_lower(c) && !is_digit(c) && (c != sep || last == sep))
			return false;
		last = c;
	}
	return last != sep;
}

bool id_ok(struct loader *L, const struct yaml *y, str id)
{
	if (id_shape(id, '-'))
		return true;
	BAD(L, "B109", y,
	    "“%.*s”不是合格的标识：用小写字母、数字，词间用连字符（如 safety-office）",
	    STR_ARG(id));
	return false;
}

bool name_ok(struct loader *L, const struct yaml *y, str name)
{
	if (id_shape(name, '_'))
		return true;
	BAD(L, "B109", y, "“%.*s”不是合格的名称：用小写字母、数字，词间用下划线（如 due_on）",
	    STR_ARG(name));
	return false;
}

bool is_removed(struct loader *L, const char *kind, str id)
{
	str want = L->opt->remove;
	size_t n = strlen(kind);

	if (str_empty(want) || want.len != n + 1 + id.len || memcmp(want.ptr, kind, n) ||
	    want.ptr[n] != ':' || memcmp(want.ptr + n + 1, id.ptr, id.len))
		return false;
	L->removed_any = true;
	return true;
}

void strs_push(struct arena *a, struct strs *list, str s)
{
	str *at = NEW_N(a, list->n + 1, str);

	for (size_t i = 0; i < list->n; i++)
		at[i] = list->at[i];
	at[list->n] = s;
	*list = (struct strs){ at, list->n + 1 };
}

bool strs_has(const struct strs *list, str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], s))
			return true;
	return false;
}

void meta_init(struct loader *L, struct meta *m, const struct yaml *y, str id)
{
	m->id = id;
	m->pack = L->pack ? L->pack->id : STR_NONE;
	m->pos = pos_of(L, y);
}

/* --- keys that may stand on every construct --- */

static const char *const basis_words[] = { "law", "superior", "internal", "none", NULL };

static void meta_basis(struct loader *L, void *obj, const struct yaml *v)
{
	struct meta *m = obj;
	int i;

	if (read_word(L, v, basis_words, &i))
		m->basis = (enum basis)(BASIS_LAW + i);
}

static const struct key meta_keys[] = {
	{ "label", 1, KEY_TEXT, offsetof(struct meta, label), 0, NULL },
	{ "help", 1, KEY_TEXT, offsetof(struct meta, help), 0, NULL },
	{ "clauses", 1, KEY_WORDS, offsetof(struct meta, clauses), 0, NULL },
	{ "basis", 1, KEY_FN, 0, 0, meta_basis },
	{ "source", 1, KEY_TEXT, offsetof(struct meta, source), 0, NULL },
	{ "if", 1, KEY_EXPR, offsetof(struct meta, if_), 0, NULL },
	{ "mechanism", 1, KEY_TEXT, offsetof(struct meta, mechanism), 0, NULL },
};
static const struct keys meta_table = KEYS("", meta_keys);

static const struct key *find_key(const struct keys *ks, str name)
{
	for (size_t i = 0; ks && i < ks->n; i++)
		if (str_eq(str_of(ks->at[i].name), name))
			return &ks->at[i];
	return NULL;
}

/* Ids and names refer to other constructs; whether they exist is check's question. */
static void read_id(struct loader *L, const struct yaml *v, bool snake, str *ret)
{
	str s;

	if (read_text(L, v, &s) && (snake ? name_ok(L, v, s) : id_ok(L, v, s)))
		*ret = s;
}

static void read_number(struct loader *L, const struct yaml *v, const struct key *k, char *obj)
{
	int64_t n;
	bool small = k->type == KEY_I32;

	if (!read_i64(L, v, 0, small ? 1000000 : INT64_MAX / NUM_SCALE, &n))
		return;
	if (small)
		*(int32_t *)(void *)(obj + k->at) = (int32_t)n;
	else
		*(int64_t *)(void *)(obj + k->at) = n;
}

static void key_read(struct loader *L, const struct key *k, void *obj, const struct yaml *v)
{
	char *base = obj;
	void *at = base + k->at;
	bool ok = true;

	switch (k->type) {
	case KEY_LATER:
	case KEY_SKIP:
		return;
	case KEY_FN:
		k->read(L, obj, v);
		return;
	case KEY_TEXT:
		ok = read_text(L, v, at);
		break;
	case KEY_ID:
		read_id(L, v, false, at);
		break;
	case KEY_NAME:
		read_id(L, v, true, at);
		break;
	case KEY_WORDS:
		ok = read_words(L, v, at);
		break;
	case KEY_BOOL:
		ok = read_bool(L, v, at);
		break;
	case KEY_I32:
	case KEY_I64:
		read_number(L, v, k, base);
		break;
	case KEY_EXPR:
		ok = read_expr(L, v, at);
		break;
	case KEY_WHO:
		ok = read_who(L, v, at, NULL);
		break;
	case KEY_DURATION:
		ok = read_duration(L, v, at);
		break;
	}
	if (ok && k->has)
		*(bool *)(void *)(base + k->has) = true;
}

/* The known key that a mistyped one most resembles: same first letters, or one contains the other.
 */
static const char *near_key(const struct keys *ks, str name)
{
	const char *best = NULL;
	size_t best_same = 1;

	for (size_t i = 0; i < ks->n; i++) {
		str k = str_of(ks->at[i].name);
		size_t same = 0;

		while (same < k.len && same < name.len && k.ptr[same] == name.ptr[same])
			same++;
		if (same > best_same && ks->at[i].stage <= STAGE) {
			best_same = same;
			best = ks->at[i].name;
		}
	}
	return best;
}

static void unknown_key(struct loader *L, const struct keys *ks, str name, struct pos at)
{
	const char *near = near_key(ks, name);

	diag_add(L->op->arena, L->ds, "B103", at, "%s里没有“%.*s”这个键%s%s%s", ks->construct,
		 STR_ARG(name), near ? "，是不是想写“" : "", near ? near : "", near ? "”" : "");
}

bool keys_read(struct loader *L, const struct yaml *map, const struct keys *ks, void *obj,
	       struct meta *m)
{
	if (map->kind != YAML_MAP) {
		BAD(L, "B102", map, "%s要写成“键: 值”的形式", ks->construct);
		return false;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct key *k = find_key(ks, map->key[i]);
		void *to = obj;

		if (!k && m) {
			k = find_key(&meta_table, map->key[i]);
			to = m;
		}
		if (!k)
			unknown_key(L, ks, map->key[i], pos_of_key(L, map, i));
		else if (k->stage > STAGE)
			diag_add(L->op->arena, L->ds, "B190", pos_of_key(L, map, i),
				 "%s的“%s”要到第 %d 阶段才有（needs stage %d）", ks->construct,
				 k->name, k->stage, k->stage);
		else
			key_read(L, k, to, map->at[i]);
	}
	return true;
}

bool need_key(struct loader *L, const struct yaml *map, const char *key, const char *construct)
{
	if (yaml_get(map, str_of(key)))
		return true;
	BAD(L, "B104", map, "%s缺少“%s”", construct, key);
	return false;
}

void each_named(struct loader *L, const struct yaml *y, const char *construct,
		void (*each)(struct loader *L, void *ctx, str id, const struct yaml *y), void *ctx)
{
	if (y->kind == YAML_SCALAR && !y->null) {
		BAD(L, "B102", y, "%s要写成列表，或“标识: 内容”的形式", construct);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *id;

		if (y->kind == YAML_MAP) {
			each(L, ctx, y->key[i], y->at[i]);
			continue;
		}
		id = yaml_get(y->at[i], STR("id"));
		if (y->at[i]->kind != YAML_MAP || !id || id->kind != YAML_SCALAR)
			BAD(L, "B104", y->at[i], "%s缺少“id”", construct);
		else
			each(L, ctx, id->s, y->at[i]);
	}
}
