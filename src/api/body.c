/* body: strict JSON bodies, query values and the headers of repeats and versions. See api_int.h. */
#include "api/api_int.h"

#include "base/pubid.h"
#include "web/guard.h"

static bool word_in(const char *words, str w)
{
	str rest = str_of(words);

	while (rest.ptr)
		if (str_eq(str_cut(&rest, ' '), w))
			return true;
	return false;
}

void body_open(struct req *rq, const char *known, struct input *ret)
{
	*ret = (struct input){ .rq = rq, .op = rq->op, .j = rq->json };
	for (size_t i = 0; rq->json && i < rq->json->n; i++)
		if (!word_in(known, rq->json->key[i]))
			ret->e = INVALID(rq->op, rq->json->key[i], "没有这一项");
}

static const struct json *get(const struct input *b, const char *name)
{
	const struct json *j = b->j ? json_get(b->j, str_of(name)) : NULL;

	return j && j->kind == JSON_NULL ? NULL : j;
}

bool body_has(const struct input *b, const char *name)
{
	return get(b, name) != NULL;
}

static void fault(struct input *b, const char *name, const char *say)
{
	b->e = INVALID(b->op, str_of(name), "%s", say);
}

str body_text(struct input *b, const char *name, bool need)
{
	const struct json *j = get(b, name);

	if (!j) {
		if (need)
			fault(b, name, "请填写这一项");
		return STR_NONE;
	}
	if (j->kind != JSON_STR) {
		fault(b, name, "应是文字");
		return STR_NONE;
	}
	if (need && !str_trim(j->s).len)
		fault(b, name, "请填写这一项");
	return j->s;
}

bool body_flag(struct input *b, const char *name)
{
	const struct json *j = get(b, name);

	if (j && j->kind != JSON_BOOL)
		fault(b, name, "应是 true 或 false");
	return j && j->kind == JSON_BOOL && j->b;
}

static const char *none_of(enum ref_kind kind)
{
	switch (kind) {
	case REF_PERSON: return "没有这个人";
	case REF_PLACE: return "没有这个区域";
	case REF_UNIT: return "没有这个单位";
	case REF_RECORD: return "没有这条记录";
	case REF_FILE: return "没有这个文件";
	case REF_APPOINTMENT: return "没有这个任职";
	}
	return "没有找到";
}

static enum err resolve(struct op *op, const char *name, str text, enum ref_kind kind,
			int64_t *ret_id)
{
	bool many = false;
	int64_t id = org_resolve(op, op->scope->tenant, kind, text, &many);

	if (many)
		return INVALID(op, str_of(name), "有几个同名的，请改用编号");
	if (!id)
		return INVALID(op, str_of(name), "%s", none_of(kind));
	*ret_id = id;
	return ERR_OK;
}

int64_t body_ref(struct input *b, const char *name, enum ref_kind kind, bool need)
{
	str text = body_text(b, name, need);
	int64_t id = 0;

	if (text.len && resolve(b->op, name, text, kind, &id))
		b->e = ERR_INVALID;
	return id;
}

int64_t body_moment(struct input *b, const char *name, bool end, int64_t otherwise)
{
	str text = body_text(b, name, false);
	int32_t off = b->op->clock->utc_offset_ms;
	int64_t at;
	day_no day;

	if (!text.ptr)
		return otherwise;
	if (date_parse(text, &day))
		return day_start_ms(end ? day + 1 : day, off);
	if (instant_parse_local(text, off, &at))
		return at;
	fault(b, name, "应是日期（2026-11-19）或时刻（2026-11-19T08:00:00+08:00）");
	return otherwise;
}

day_no body_day(struct input *b, const char *name, day_no otherwise)
{
	str text = body_text(b, name, false);
	day_no day;

	if (!text.ptr)
		return otherwise;
	if (date_parse(text, &day))
		return day;
	fault(b, name, "应是日期（2026-11-19）");
	return otherwise;
}

struct strs body_texts(struct input *b, const char *name)
{
	const struct json *j = get(b, name);
	str *at;

	if (!j)
		return (struct strs){ 0 };
	if (j->kind == JSON_STR) {
		at = NEW(b->op->arena, str);
		at[0] = j->s;
		return (struct strs){ at, 1 };
	}
	if (j->kind != JSON_ARR || j->n > FORM_FIELDS_MAX) {
		fault(b, name, "应是一组编号");
		return (struct strs){ 0 };
	}
	at = NEW_N(b->op->arena, j->n, str);
	for (size_t i = 0; i < j->n; i++) {
		if (j->at[i]->kind != JSON_STR)
			fault(b, name, "应是一组编号");
		at[i] = j->at[i]->s;
	}
	return (struct strs){ at, j->n };
}

const struct json *body_object(struct input *b, const char *name)
{
	const struct json *j = get(b, name);

	if (j && j->kind != JSON_OBJ) {
		fault(b, name, "应是一个对象");
		return NULL;
	}
	return j;
}

enum err body_done(const struct input *b)
{
	return b->e;
}

/* --- repeats and versions --- */

enum err key_of(struct req *rq, str *ret_key)
{
	str key = str_trim(rq->idempotency_key);

	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] <= 0x20 || key.ptr[i] >= 0x7f)
			return INVALID(rq->op, STR("Idempotency-Key"), "提交编号只能用可见的英文字符");
	if (key.len > 200)
		return INVALID(rq->op, STR("Idempotency-Key"), "提交编号最多 200 个字符");
	*ret_key = str_dup(rq->op->arena, key);
	return ERR_OK;
}

struct hash key_hash(const struct req *rq)
{
	struct hash_state st;

	hash_begin(&st);
	hash_add(&st, rq->path);
	hash_add(&st, STR("\n"));
	hash_add(&st, rq->body);
	return hash_end(&st);
}

enum err if_match_of(struct req *rq, int64_t *ret_version)
{
	str tag = str_trim(rq->if_match);
	str version;

	*ret_version = 0;
	if (!tag.len || str_eq(tag, STR("*")))
		return ERR_OK;
	if (str_starts(tag, STR("W/")))
		tag = str_slice(tag, 2, tag.len);
	if (tag.len > 2 && tag.ptr[0] == '"' && tag.ptr[tag.len - 1] == '"')
		tag = str_slice(tag, 1, tag.len - 1);
	version = str_cut(&tag, '-');
	if (!str_to_i64(version, ret_version) || *ret_version <= 0)
		return INVALID(rq->op, STR("If-Match"), "应是记录的版本号，如 \"3\"");
	return ERR_OK;
}

/* --- queries --- */

enum err query_moment(struct op *op, const char *name, str text, int64_t otherwise,
		      int64_t *ret_ms)
{
	int32_t off = op->clock->utc_offset_ms;
	ptrdiff_t blank;

	*ret_ms = otherwise;
	if (!text.len || instant_parse_local(text, off, ret_ms))
		return ERR_OK;
	blank = str_find(text, STR(" "), 11);	/* "+08:00" that was not escaped */
	if (blank > 0) {
		str plus = str_fmt(op->arena, "%.*s+%.*s", (int)blank, text.ptr,
				   STR_ARG(str_slice(text, (size_t)blank + 1, text.len)));
		if (instant_parse_local(plus, off, ret_ms))
			return ERR_OK;
	}
	return INVALID(op, str_of(name), "应是日期（2026-11-19）或时刻（2026-11-19T08:00:00+08:00）");
}

enum err query_ref(struct op *op, const char *name, str text, enum ref_kind kind, int64_t *ret_id)
{
	*ret_id = 0;
	return text.len ? resolve(op, name, text, kind, ret_id) : ERR_OK;
}

enum err own_unit(struct req *rq, const struct org_view *v, unit_id id)
{
	const struct ov_unit *u = ov_unit(v, id);

	(void)rq;
	return u ? ERR_OK : ERR_NOTFOUND;
}
