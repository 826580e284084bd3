/*
 * form: see form.h. This file reads urlencoded bytes and binds values to declared
 * fields; multipart.c reads multipart bodies. Binding never stops at the first fault:
 * a person who made three mistakes wants to hear of three.
 */
#include "web/form.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/pubid.h"
#include "base/utf8.h"
#include "web/url.h"

static const struct form FORM_NONE_SPEC = { .name = { "none", 4 } };
static const struct form FORM_JSON_SPEC = { .name = { "json", 4 }, .body = BODY_JSON };
static const struct form FORM_UPLOAD_SPEC = { .name = { "upload", 6 }, .body = BODY_UPLOAD };

const struct form *form_none_spec(void) { return &FORM_NONE_SPEC; }
const struct form *form_json_spec(void) { return &FORM_JSON_SPEC; }
const struct form *form_upload_spec(void) { return &FORM_UPLOAD_SPEC; }

enum err upload_bytes(struct op *op, const struct upload *up, str *ret_bytes)
{
	char *p = arena_alloc(op->arena, (size_t)up->size + 1);
	int64_t got = 0;

	assert(up->size >= 0 && up->size <= (int64_t)HTTP_BODY_MAX);
	while (got < up->size) {
		ssize_t n = pread(up->fd, p + got, (size_t)(up->size - got), got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FAIL(op, ERR_IO, "读不到刚上传的文件，请再试一次。");
		got += n;
	}
	*ret_bytes = (str){ p, (size_t)up->size };
	return ERR_OK;
}

str form_typed(const struct form_raw *raw, str name)
{
	for (size_t i = 0; raw && i < raw->pair.n; i++)
		if (str_eq(raw->pair.at[i].name, name))
			return raw->pair.at[i].value;
	return STR_NONE;
}

/* Long texts (a pasted list) raise the ceiling of the form that declares them, and of no other. */
size_t form_bytes_max(const struct form *form)
{
	size_t max = FORM_BYTES_MAX;

	for (size_t i = 0; i < form->field_n; i++) {
		const struct form_input *f = &form->field[i];
		if ((f->kind == FORM_TEXT || f->kind == FORM_NOTE) && f->max > NOTE_MAX)
			max += (size_t)f->max * 4;
	}
	assert(max < HTTP_BODY_MAX);
	return max;
}

/* ---- urlencoded ------------------------------------------------------------------- */

/* False on a broken escape, or bytes that are no UTF-8 without NUL. */
static bool word_decode(struct arena *a, str s, str *ret_s)
{
	return url_decode(a, s, true, ret_s) && utf8_valid(*ret_s);
}

enum err form_read_urlencoded(struct op *op, str bytes, size_t bytes_max, struct form_raw *raw)
{
	str rest = bytes;

	while (rest.ptr && rest.len) {
		str value = str_cut(&rest, '&');
		struct form_pair *p;
		str name;
		if (value.len == 0)
			continue;
		if (raw->pair.n == FORM_FIELDS_MAX)
			return FAIL(op, ERR_LIMIT, "一次提交的内容太多，请分几次提交。");
		p = VEC_PUSH(op->arena, &raw->pair);
		name = str_cut(&value, '=');
		if (name.len > 3 * FORM_NAME_MAX || !word_decode(op->arena, name, &p->name) ||
		    !word_decode(op->arena, value, &p->value)) {
			raw->pair.n--;
			return FAIL(op, ERR_INVALID, "提交的内容不是有效的文字，请返回上一页重新填写。");
		}
		raw->bytes += p->name.len + p->value.len;
		if (raw->bytes > bytes_max)
			return FAIL(op, ERR_LIMIT, "填写的内容太长，请分几次提交。");
	}
	return ERR_OK;
}

/* ---- binding ------------------------------------------------------------------------ */

struct binding {
	struct op *op;
	const struct form_raw *raw;
	const struct form_input *f;
	void *to;
};

/* How many values a name has; *ret_v is the first. */
static size_t values_of(const struct binding *b, str *ret_v)
{
	size_t n = 0;

	for (size_t i = 0; i < b->raw->pair.n; i++) {
		if (!str_eq(b->raw->pair.at[i].name, b->f->name))
			continue;
		if (n++ == 0)
			*ret_v = b->raw->pair.at[i].value;
	}
	return n;
}

static bool is_choice(enum form_kind k)
{
	return k == FORM_CHOICE || k == FORM_ID || k == FORM_IDS || k == FORM_DATE ||
	       k == FORM_MOMENT;
}

static enum err missing(struct binding *b)
{
	if (b->f->need == OPTIONAL)
		return ERR_OK;
	if (b->f->kind == FORM_FILE || b->f->kind == FORM_FILES)
		return INVALID(b->op, b->f->name, "请添加%.*s。", STR_ARG(b->f->label));
	return INVALID(b->op, b->f->name, "请%s%.*s。", is_choice(b->f->kind) ? "选择" : "填写",
		       STR_ARG(b->f->label));
}

static enum err bind_text(struct binding *b, str v)
{
	bool many_lines = b->f->kind == FORM_NOTE;
	str clean;

	if (b->f->kind == FORM_SECRET) {
		if (utf8_len(v) > (size_t)b->f->max)
			return INVALID(b->op, b->f->name, "%.*s不能超过 %lld 个字。",
				       STR_ARG(b->f->label), (long long)b->f->max);
		*(str *)b->to = v;
		return v.len ? ERR_OK : missing(b);
	}
	TRY(utf8_clean(b->op, b->f->name, v, (size_t)b->f->max, many_lines, &clean));
	*(str *)b->to = clean;
	return clean.len ? ERR_OK : missing(b);
}

static enum err bind_int(struct binding *b, str v)
{
	str s = str_trim(utf8_fold(b->op->arena, v));	/* full-width digits become plain ones */
	int64_t n;

	if (s.len == 0)
		return missing(b);
	if (!str_to_i64(s, &n))
		return INVALID(b->op, b->f->name, "%.*s请填整数。", STR_ARG(b->f->label));
	if (n < b->f->min || n > b->f->max)
		return INVALID(b->op, b->f->name, "%.*s应在 %lld 到 %lld 之间。", STR_ARG(b->f->label),
			       (long long)b->f->min, (long long)b->f->max);
	*(int64_t *)b->to = n;
	return ERR_OK;
}

/* Also 2026/11/9, 2026.11.9 and 2026年11月9日, as people write who have no date picker. */
static bool date_lenient(str s, day_no *ret_day)
{
	int part[3] = { 0 }, at = 0;
	bool digit = false;

	if (date_parse(s, ret_day))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c >= '0' && c <= '9') {
			if (at > 2 || part[at] > 9999)
				return false;
			part[at] = part[at] * 10 + (c - '0');
			digit = true;
			continue;
		}
		bool han = str_starts(str_slice(s, i, s.len), STR("年")) ||
			   str_starts(str_slice(s, i, s.len), STR("月")) ||
			   (str_starts(str_slice(s, i, s.len), STR("日")) && i + 3 == s.len);
		if (!digit || (!han && c != '/' && c != '.' && c != '-'))
			return false;
		i += han ? 2 : 0;
		digit = false;
		at++;
	}
	if (part[0] < 1900 || part[0] > 2199 || !date_valid(part[0], part[1], part[2]))
		return false;
	*ret_day = day_of(part[0], part[1], part[2]);
	return true;
}

static enum err bind_date(struct binding *b, str v)
{
	str s = str_trim(utf8_fold(b->op->arena, v));

	if (s.len == 0)
		return missing(b);
	if (!date_lenient(s, (day_no *)b->to))
		return INVALID(b->op, b->f->name, "%.*s请写成 2026-11-19 这样的日期。",
			       STR_ARG(b->f->label));
	return ERR_OK;
}

static enum err bind_moment(struct binding *b, str v)
{
	str s = str_trim(v);

	if (s.len == 0)
		return missing(b);
	if (!instant_parse_local(s, b->op->clock->utc_offset_ms, (int64_t *)b->to))
		return INVALID(b->op, b->f->name, "%.*s请写成 2026-11-19 08:00 这样的时间。",
			       STR_ARG(b->f->label));
	return ERR_OK;
}

static enum err read_id(struct binding *b, str v, struct form_id *ret_id)
{
	if (!pubid_read(v, &ret_id->tenant, &ret_id->id))
		return INVALID(b->op, b->f->name, "选中的%.*s已经无效，请重新选择。", STR_ARG(b->f->label));
	return ERR_OK;
}

static enum err bind_choice(struct binding *b, str v)
{
	str rest = b->f->choices;

	if (v.len == 0)
		return missing(b);
	while (rest.ptr) {
		str word = str_cut(&rest, '|');
		if (str_eq(word, v)) {
			*(str *)b->to = word;
			return ERR_OK;
		}
	}
	return INVALID(b->op, b->f->name, "%.*s没有这一项，请重新选择。", STR_ARG(b->f->label));
}

static enum err bind_flag(struct binding *b, str v)
{
	bool on = str_eq(v, STR("1")) || str_eq(v, STR("on")) || str_eq(v, STR("true")) ||
		  str_eq(v, STR("yes"));

	if (!on && v.len && !str_eq(v, STR("0")) && !str_eq(v, STR("false")) &&
	    !str_eq(v, STR("no")))
		return INVALID(b->op, b->f->name, "%.*s只能选或不选。", STR_ARG(b->f->label));
	*(bool *)b->to = on;
	return ERR_OK;
}

static enum err bind_one(struct binding *b)
{
	str v = STR_NONE;
	size_t n = values_of(b, &v);

	if (n > 1)
		return INVALID(b->op, b->f->name, "%.*s重复提交了，请重新填写。", STR_ARG(b->f->label));
	switch (b->f->kind) {
	case FORM_INT:
		return bind_int(b, v);
	case FORM_DATE:
		return bind_date(b, v);
	case FORM_MOMENT:
		return bind_moment(b, v);
	case FORM_ID:
		return v.len ? read_id(b, v, b->to) : missing(b);
	case FORM_CHOICE:
		return bind_choice(b, v);
	case FORM_FLAG:
		return bind_flag(b, v);
	default:
		return bind_text(b, v);
	}
}

static enum err too_many(struct binding *b)
{
	return INVALID(b->op, b->f->name, "%.*s最多 %zu 项。", STR_ARG(b->f->label), b->f->many_max);
}

static enum err bind_texts(struct binding *b)
{
	VEC(str) all = { 0 };
	VEC(struct form_id) ids = { 0 };

	for (size_t i = 0; i < b->raw->pair.n; i++) {
		const struct form_pair *p = &b->raw->pair.at[i];
		if (!str_eq(p->name, b->f->name) || p->value.len == 0)
			continue;
		if (all.n + ids.n == b->f->many_max)
			return too_many(b);
		if (b->f->kind == FORM_IDS)
			TRY(read_id(b, p->value, VEC_PUSH(b->op->arena, &ids)));
		else
			TRY(utf8_clean(b->op, b->f->name, p->value, (size_t)b->f->max, false,
				       VEC_PUSH(b->op->arena, &all)));
	}
	if (b->f->kind == FORM_IDS)
		*(struct form_ids *)b->to = (struct form_ids){ ids.at, ids.n };
	else
		*(struct strs *)b->to = (struct strs){ all.at, all.n };
	return all.n + ids.n ? ERR_OK : missing(b);
}

/* An empty value is kept: in a loop's form it says that a field was emptied. */
static enum err bind_open(struct binding *b)
{
	VEC(struct form_pair) all = { 0 };

	for (size_t i = 0; i < b->raw->pair.n; i++) {
		const struct form_pair *p = &b->raw->pair.at[i];
		struct form_pair *to;
		if (!str_starts(p->name, b->f->name))
			continue;
		if (all.n == b->f->many_max)
			return too_many(b);
		to = VEC_PUSH(b->op->arena, &all);
		to->name = str_slice(p->name, b->f->name.len, p->name.len);
		TRY(utf8_clean(b->op, p->name, p->value, (size_t)b->f->max, true, &to->value));
	}
	*(struct form_pairs *)b->to = (struct form_pairs){ all.at, all.n };
	return ERR_OK;
}

static enum err bind_files(struct binding *b)
{
	VEC(struct upload *) all = { 0 };
	bool open = b->f->kind == FORM_OPEN_FILES;

	for (size_t i = 0; i < b->raw->file.n; i++) {
		struct upload *up = b->raw->file.at[i];
		if (open ? !str_starts(up->field, b->f->name) : !str_eq(up->field, b->f->name))
			continue;
		if (all.n == b->f->many_max)
			return too_many(b);
		if (open)
			up->field = str_slice(up->field, b->f->name.len, up->field.len);
		*VEC_PUSH(b->op->arena, &all) = up;
	}
	if (b->f->kind == FORM_FILE)
		*(const struct upload **)b->to = all.n ? all.at[0] : NULL;
	else
		*(struct uploads *)b->to = (struct uploads){ all.at, all.n };
	return all.n ? ERR_OK : missing(b);
}

static enum err bind_field(struct binding *b)
{
	switch (b->f->kind) {
	case FORM_TEXTS:
	case FORM_IDS:
		return bind_texts(b);
	case FORM_OPEN:
		return bind_open(b);
	case FORM_FILE:
	case FORM_FILES:
	case FORM_OPEN_FILES:
		return bind_files(b);
	default:
		return bind_one(b);
	}
}

/* "Absent" is not always all bits zero. */
static void set_absent(const struct form_input *f, void *to)
{
	if (f->kind == FORM_INT)
		*(int64_t *)to = FORM_ABSENT;
	else if (f->kind == FORM_DATE)
		*(day_no *)to = DAY_NONE;
	else if (f->kind == FORM_MOMENT)
		*(int64_t *)to = INSTANT_NONE;
}

enum err form_bind(struct op *op, const struct form *form, const struct form_raw *raw,
		   const void **ret_form)
{
	char *to = arena_alloc(op->arena, form->size);
	enum err first = ERR_OK;

	assert(form->body == BODY_FORM);
	for (size_t i = 0; i < form->field_n; i++) {
		const struct form_input *f = &form->field[i];
		struct binding b = { op, raw, f, to + f->offset };
		assert(f->offset < form->size);
		set_absent(f, b.to);
		enum err e = bind_field(&b);
		if (e && e != ERR_INVALID)
			return e;
		first = first ? first : e;
	}
	if (first)
		return first;
	*ret_form = to;
	return ERR_OK;
}
