/*
 * field: the boundary of typed values. Everything that comes from outside as JSON is
 * read here by the type that a pack declares, and refused in words that say what to do;
 * what was stored is read back strictly (anything odd is corruption, not input). The
 * other direction is in field_say.c. Nothing here knows which step is being taken:
 * needs, ranges over several fields and rights are the machine's.
 */
#include "rules/field.h"

#include <assert.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/pubid.h"
#include "base/utf8.h"
#include "rules/calendar.h"
#include "rules/field_int.h"

#define LIST_MAX 500		/* people, rows */
#define MASKED_MAX 100
#define PHONE_MAX 20


/* --- columns that come with a type --- */

static const struct choice RESULTS[] = {
	{ { "good", 4 }, { "正常", 6 } },
	{ { "bad", 3 }, { "有问题", 9 } },
	{ { "na", 2 }, { "不涉及", 9 } },
};

#define COLUMN(id_, label_)                                                                        \
	.m = { .id = { id_, sizeof(id_) - 1 }, .label = { label_, sizeof(label_) - 1 } }
static const struct field CHECKLIST_COLUMNS[] = {
	{ COLUMN("item", "项目"), .type = F_TEXT, .max = 60 },
	{ COLUMN("result", "结果"), .type = F_CHOICE, .choice = RESULTS, .choice_n = 3 },
	{ COLUMN("note", "说明"), .type = F_TEXT, .max = 200 },
	{ COLUMN("text", "内容"), .type = F_TEXT, .max = TEXT_MAX },
};
static const struct field SIGNATURE_COLUMNS[] = {
	{ COLUMN("person", "签名人"), .type = F_PERSON },
	{ COLUMN("at", "时间"), .type = F_INSTANT },
	{ COLUMN("how", "方式"), .type = F_TEXT, .max = 10 },
	{ COLUMN("file", "笔迹"), .type = F_FILES, .max = 1 },
};

const struct field *field_columns(const struct field *f, size_t *ret_n)
{
	*ret_n = f->column_n;
	if (f->column_n)
		return f->column;
	if (f->type == F_CHECKLIST) {
		*ret_n = sizeof(CHECKLIST_COLUMNS) / sizeof(CHECKLIST_COLUMNS[0]);
		return CHECKLIST_COLUMNS;
	}
	if (f->type == F_SIGNATURES) {
		*ret_n = sizeof(SIGNATURE_COLUMNS) / sizeof(SIGNATURE_COLUMNS[0]);
		return SIGNATURE_COLUMNS;
	}
	return NULL;
}

const struct field *field_column(const struct field *f, str name)
{
	size_t n;
	const struct field *c = field_columns(f, &n);

	for (size_t i = 0; i < n; i++)
		if (str_eq(c[i].m.id, name))
			return &c[i];
	return NULL;
}

bool field_ref(const struct field *f, enum ref_kind *ret_kind)
{
	switch (f->type) {
	case F_PERSON: case F_PEOPLE:
		*ret_kind = REF_PERSON;
		return true;
	case F_PLACE:
		*ret_kind = REF_PLACE;
		return true;
	case F_UNIT: case F_CLASS:
		*ret_kind = REF_UNIT;
		return true;
	case F_RECORD: case F_RECORDS: case F_ASSET:
		*ret_kind = REF_RECORD;
		return true;
	case F_FILES:
		*ret_kind = REF_FILE;
		return true;
	default:
		return false;
	}
}

static const char *ref_say(enum ref_kind kind)
{
	switch (kind) {
	case REF_PERSON:
		return "人员";
	case REF_PLACE:
		return "区域";
	case REF_UNIT:
		return "部门或班级";
	case REF_RECORD:
		return "记录";
	case REF_FILE:
		return "文件";
	case REF_APPOINTMENT:
		return "任职";
	}
	return "";
}

/* --- numbers --- */

static bool num_text(str s, int64_t *ret_num)
{
	bool neg = str_starts(s, STR("-"));
	str rest = str_slice(s, neg, s.len), whole = str_cut(&rest, '.');
	int64_t n, scale = NUM_SCALE, frac = 0;

	if (!whole.len || str_has(whole, '-') || !str_to_i64(whole, &n))
		return false;
	if (rest.ptr && (!rest.len || rest.len > 4))
		return false;
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
			return false;
		scale /= 10;
		frac += (rest.ptr[i] - '0') * scale;
	}
	if (__builtin_mul_overflow(n, (int64_t)NUM_SCALE, &n) ||
	    __builtin_add_overflow(n, frac, &n))
		return false;
	*ret_num = neg ? -n : n;
	return true;
}

static bool num_json(const struct json *in, int64_t *ret_num)
{
	if (in->kind == JSON_INT)
		return !__builtin_mul_overflow(in->i, (int64_t)NUM_SCALE, ret_num);
	if (in->kind == JSON_REAL || in->kind == JSON_STR)
		return num_text(str_trim(in->s), ret_num);
	return false;
}

static enum err bad_range(const struct reader *rd, const struct field *f)
{
	struct arena *a = rd->op->arena;
	str lo = num_format(a, f->range_lo.num), hi = num_format(a, f->range_hi.num);
	bool has_lo = f->range_lo.kind == V_NUM, has_hi = f->range_hi.kind == V_NUM;

	if (has_lo && has_hi)
		return INVALID(rd->op, rd->path, "请填 %.*s 到 %.*s 之间的数", STR_ARG(lo),
			       STR_ARG(hi));
	if (has_lo)
		return INVALID(rd->op, rd->path, "请填不小于 %.*s 的数", STR_ARG(lo));
	return INVALID(rd->op, rd->path, "请填不大于 %.*s 的数", STR_ARG(hi));
}

static enum err check_range(const struct reader *rd, const struct field *f, const struct value *v)
{
	int order;

	if (!f->has_range)
		return ERR_OK;
	if (value_order(v, &f->range_lo, &order) && order < 0) {
		if (v->kind == V_NUM)
			return bad_range(rd, f);
		return INVALID(rd->op, rd->path, "填得太小、太早或太短");
	}
	if (value_order(v, &f->range_hi, &order) && order > 0) {
		if (v->kind == V_NUM)
			return bad_range(rd, f);
		return INVALID(rd->op, rd->path, "填得太大、太晚或太长");
	}
	return ERR_OK;
}

static enum err read_num(const struct reader *rd, const struct field *f, const struct json *in,
			 struct value *ret_v)
{
	struct value v = { .kind = V_NUM };

	if (!num_json(in, &v.num))
		return INVALID(rd->op, rd->path,
			       f->type == F_INT ? "请填整数" : "请填数字，小数最多四位");
	if (f->type == F_INT && v.num % NUM_SCALE)
		return INVALID(rd->op, rd->path, "请填整数");
	if (f->type == F_MONEY && v.num < 0)
		return INVALID(rd->op, rd->path, "金额不能是负数");
	if (f->type == F_MONEY && v.num % 100)
		return INVALID(rd->op, rd->path, "金额请填到分，小数最多两位");
	TRY(check_range(rd, f, &v));
	*ret_v = v;
	return ERR_OK;
}

/* --- words --- */

/* A string; a whole number counts as the text that it is (a room 302, a card 12). */
static bool text_json(const struct reader *rd, const struct json *in, str *ret_s)
{
	if (in->kind == JSON_INT)
		*ret_s = str_fmt(rd->op->arena, "%lld", (long long)in->i);
	else if (in->kind == JSON_STR)
		*ret_s = in->s;
	else
		return false;
	return true;
}

static enum err read_text(const struct reader *rd, const struct field *f, const struct json *in,
			  struct value *ret_v)
{
	size_t max = f->max > 0		   ? (size_t)f->max
		     : f->type == F_NOTE   ? NOTE_MAX
		     : f->type == F_MASKED ? MASKED_MAX
		     : f->type == F_PHONE  ? PHONE_MAX
					   : TEXT_MAX;
	str s;

	if (!text_json(rd, in, &s))
		return INVALID(rd->op, rd->path, "请填文字");
	TRY(utf8_clean(rd->op, rd->path, s, max, f->type == F_NOTE || f->type == F_TEXT, &s));
	for (size_t i = 0; f->type == F_PHONE && i < s.len; i++)
		if (!strchr("0123456789+-() ", s.ptr[i]))
			return INVALID(rd->op, rd->path, "电话只写数字、加号和短横");
	*ret_v = s.len ? value_text(s) : VALUE_NONE;
	return ERR_OK;
}

/* The value of a choice by its value or its label; an entry that is hidden or has no title is not
 * offered. */
bool field_choice(const struct policy *p, const struct field *f, str s, str *ret_value)
{
	const struct catalogue *c =
		f->of_catalogue.len ? policy_catalogue(p, f->of_catalogue) : NULL;

	for (size_t i = 0; i < f->choice_n; i++) {
		if (!str_eq(f->choice[i].value, s) && !str_eq(f->choice[i].label, s))
			continue;
		*ret_value = f->choice[i].value;
		return true;
	}
	for (size_t i = 0; c && i < c->entry_n; i++) {
		const struct entry *e = &c->entry[i];

		if (e->hidden || !e->m.label.len || (!str_eq(e->m.id, s) && !str_eq(e->m.label, s)))
			continue;
		*ret_value = e->m.id;
		return true;
	}
	return false;
}

static enum err read_choice(const struct reader *rd, const struct field *f, const struct json *in,
			    struct value *ret_v)
{
	str s, value;

	if (!text_json(rd, in, &s))
		return INVALID(rd->op, rd->path, "请从列表中选择");
	s = str_trim(s);
	if (!field_choice(rd->p, f, s, &value))
		return INVALID(rd->op, rd->path, "没有“%.*s”这一项，请从列表中选择",
			       STR_ARG(utf8_valid(s) ? utf8_cut(s, 20) : STR("?")));
	*ret_v = value_text(value);
	return ERR_OK;
}

static enum err read_flag(const struct reader *rd, const struct json *in, struct value *ret_v)
{
	static const char *const yes[] = { "true", "on", "1", "yes", "是" }, *const no[] = {
		"false", "off", "0", "no", "否"
	};

	if (in->kind == JSON_BOOL) {
		*ret_v = value_flag(in->b);
		return ERR_OK;
	}
	for (size_t i = 0; in->kind == JSON_STR && i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (str_eq(in->s, str_of(yes[i])) || str_eq(in->s, str_of(no[i]))) {
			*ret_v = value_flag(str_eq(in->s, str_of(yes[i])));
			return ERR_OK;
		}
	}
	return INVALID(rd->op, rd->path, "请选“是”或“否”");
}

static enum err read_post(const struct reader *rd, const struct json *in, struct value *ret_v)
{
	const struct post *post;
	str s;

	if (!text_json(rd, in, &s) || !(post = policy_post(rd->p, str_trim(s))))
		return INVALID(rd->op, rd->path, "没有这个岗位，请从列表中选择");
	*ret_v = value_text(post->m.id);
	return ERR_OK;
}

/* Whether such a period can be; which terms a school has is not asked: it may not be set yet. */
static bool period_shaped(str s)
{
	static const struct calendar any;
	struct period p;
	bool term = s.len == 11 && s.ptr[9] == '/' && s.ptr[10] >= '1' && s.ptr[10] <= '3';

	return s.len && s.ptr[0] != 'o' && period_parse(&any, term ? str_slice(s, 0, 9) : s, &p);
}

static enum err read_period(const struct reader *rd, const struct json *in, struct value *ret_v)
{
	str s;

	if (!text_json(rd, in, &s))
		return INVALID(rd->op, rd->path, "请选时段");
	s = str_trim(s);
	if (!period_shaped(s))
		return INVALID(rd->op, rd->path, "时段要写成 2026-11、2026Q4、2026-2027 这样");
	*ret_v = value_text(s);
	return ERR_OK;
}

/* --- time --- */

static enum err read_time(const struct reader *rd, const struct field *f, const struct json *in,
			  struct value *ret_v)
{
	str s = in->kind == JSON_STR ? str_trim(in->s) : STR_NONE;
	struct value v = VALUE_NONE;
	int64_t at_ms;
	int minutes;
	day_no day;

	if (f->type == F_DATE && date_parse(s, &day))
		v = value_date(day);
	else if (f->type == F_TIME && time_parse(s, &minutes) && minutes < 1440)
		v = (struct value){ .kind = V_TIME, .minute = minutes };
	else if (f->type == F_INSTANT && instant_parse_local(s, rd->utc_offset_ms, &at_ms))
		v = value_instant(at_ms);
	else if (f->type == F_DURATION && duration_parse(s, &v.dur))
		v.kind = V_DURATION;
	switch (v.kind == V_NONE ? f->type : F_FLAG) {
	case F_DATE:
		return INVALID(rd->op, rd->path, "日期要写成 2026-11-19 这样");
	case F_TIME:
		return INVALID(rd->op, rd->path, "时刻要写成 07:20 这样");
	case F_INSTANT:
		return INVALID(rd->op, rd->path, "时间要写成 2026-11-19 08:30 这样");
	case F_DURATION:
		return INVALID(rd->op, rd->path, "时长要写成 3d、5sd、2h 这样");
	default:
		break;
	}
	TRY(check_range(rd, f, &v));
	*ret_v = v;
	return ERR_OK;
}

/* --- references --- */

static enum err read_ref(const struct reader *rd, const struct field *f, enum ref_kind kind,
			 const struct json *in, struct value *ret_v)
{
	bool many = false;
	int64_t id;
	str s;

	if (!text_json(rd, in, &s))
		return INVALID(rd->op, rd->path, "请选%s", ref_say(kind));
	s = str_trim(s);
	if (!utf8_valid(s))
		return INVALID(rd->op, rd->path, "请选%s", ref_say(kind));
	id = rd->r && rd->r->resolve ? rd->r->resolve(rd->r->ctx, kind, f->of_loop, s, &many)
				  : 0;
	if (!id && many)
		return INVALID(rd->op, rd->path, "有几个%s都叫“%.*s”，请从列表中选一个",
			       ref_say(kind), STR_ARG(utf8_cut(s, 20)));
	if (!id)
		return INVALID(rd->op, rd->path, "找不到%s“%.*s”，请从列表中选", ref_say(kind),
			       STR_ARG(utf8_cut(s, 20)));
	*ret_v = value_ref(kind, id);
	return ERR_OK;
}

bool json_unset(const struct json *in)
{
	return in->kind == JSON_NULL || (in->kind == JSON_STR && str_empty(str_trim(in->s))) ||
	       (in->kind == JSON_ARR && !in->n);
}

static enum err read_element(const struct reader *rd, const struct field *f, const struct json *in,
			     struct value *ret_v)
{
	enum ref_kind kind;

	if (field_ref(f, &kind))
		return read_ref(rd, f, kind, in, ret_v);
	return read_choice(rd, f, in, ret_v);
}

/* One or many: an array, or a single value. Twice the same counts once. */
static enum err read_list(const struct reader *rd, const struct field *f, const struct json *in,
			  struct value *ret_v)
{
	size_t n = in->kind == JSON_ARR ? in->n : 1, kept = 0;
	size_t max =
		f->type == F_FILES ? (f->max > 0 ? (size_t)f->max : FILES_PER_STEP_MAX) : LIST_MAX;
	struct value *at = NEW_N(rd->op->arena, n, struct value);

	if (n > max)
		return INVALID(rd->op, rd->path, "最多 %zu 个", max);
	for (size_t i = 0; i < n; i++) {
		const struct json *one = in->kind == JSON_ARR ? in->at[i] : in;
		bool again = false;

		if (json_unset(one))
			continue;
		TRY(read_element(rd, f, one, &at[kept]));
		for (size_t k = 0; k < kept && !again; k++)
			again = value_eq(&at[k], &at[kept]);
		kept += !again;
	}
	*ret_v = kept ? (struct value){ .kind = V_LIST, .list = { at, kept } } : VALUE_NONE;
	return ERR_OK;
}

/* --- rows --- */

static struct reader inside(const struct reader *rd, size_t i, str column)
{
	struct reader in = *rd;

	in.path = str_fmt(rd->op->arena, "%.*s.%zu.%.*s", STR_ARG(rd->path), i, STR_ARG(column));
	return in;
}

static enum err unknown_columns(const struct reader *rd, const struct field *f,
				const struct json *in, size_t i)
{
	for (size_t k = 0; k < in->n; k++) {
		struct reader at = inside(rd, i, in->key[k]);

		if (!field_column(f, in->key[k]))
			return INVALID(rd->op, at.path, "没有这一列");
	}
	return ERR_OK;
}

static enum err read_row(const struct reader *rd, const struct field *f, const struct json *in,
			 size_t i, struct row *ret_row)
{
	size_t n, kept = 0;
	const struct field *c = field_columns(f, &n);
	str *name = NEW_N(rd->op->arena, n, str);
	struct value *cell = NEW_N(rd->op->arena, n, struct value);

	if (in->kind != JSON_OBJ)
		return INVALID(rd->op, rd->path, "表格的每一行要写成一组“列: 值”");
	TRY(unknown_columns(rd, f, in, i));
	for (size_t k = 0; k < n; k++) {
		const struct json *v = json_get(in, c[k].m.id);
		struct reader at = inside(rd, i, c[k].m.id);

		if (!v || json_unset(v))
			continue;
		TRY(field_value(&at, &c[k], v, &cell[kept]));
		if (cell[kept].kind != V_NONE)
			name[kept++] = c[k].m.id;
	}
	*ret_row = (struct row){ .name = name, .cell = cell, .n = kept };
	return ERR_OK;
}

static enum err check_key(const struct reader *rd, const struct field *f, const struct row *rows,
			  size_t n)
{
	const struct field *key = f->type == F_ROWS && f->key.len ? field_column(f, f->key) : NULL;

	for (size_t i = 0; key && i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			struct reader at = inside(rd, i, f->key);

			if (value_eq(row_get(&rows[i], f->key), row_get(&rows[k], f->key)))
				return INVALID(rd->op, at.path, "与第 %zu 行重复", k + 1);
		}
	}
	return ERR_OK;
}

static enum err read_rows(const struct reader *rd, const struct field *f, const struct json *in,
			  struct value *ret_v)
{
	size_t max = f->max > 0 ? (size_t)f->max : LIST_MAX, kept = 0;
	struct row *at;

	if (in->kind != JSON_ARR)
		return INVALID(rd->op, rd->path, "表格要写成一行一行");
	if (in->n > max)
		return INVALID(rd->op, rd->path, "最多 %zu 行", max);
	at = NEW_N(rd->op->arena, in->n, struct row);
	for (size_t i = 0; i < in->n; i++) {
		TRY(read_row(rd, f, in->at[i], i, &at[kept]));
		kept += at[kept].n > 0;
	}
	TRY(check_key(rd, f, at, kept));
	*ret_v = kept ? (struct value){ .kind = V_ROWS, .rows = { at, kept } } : VALUE_NONE;
	return ERR_OK;
}

void row_put(struct arena *a, struct row *r, str name, struct value v)
{
	str *names = NEW_N(a, r->n + 1, str);
	struct value *cells = NEW_N(a, r->n + 1, struct value);
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (str_eq(r->name[i], name))
			continue;
		names[n] = r->name[i];
		cells[n++] = r->cell[i];
	}
	names[n] = name;
	cells[n++] = v;
	*r = (struct row){ .name = names, .cell = cells, .n = n };
}

/*
 * Each item is one of the list. What becomes of the answer needs words: what was seen, where
 * somebody wrote it, else the item's own.
 */
static enum err check_item(const struct reader *rd, const struct field *f, struct row *r, size_t i)
{
	const struct value *item = row_get(r, STR("item")), *note = row_get(r, STR("note"));
	const struct value *seen = row_get(r, STR("text"));
	struct reader at = inside(rd, i, STR("item"));
	str value, text;

	if (!item || item->kind != V_TEXT || !field_choice(rd->p, f, item->text, &value))
		return INVALID(rd->op, at.path, "清单里没有这一项");
	text = choice_label(rd->p, f, value);
	if (note && note->kind == V_TEXT)
		text = str_fmt(rd->op->arena, "%.*s：%.*s", STR_ARG(text), STR_ARG(note->text));
	row_put(rd->op->arena, r, STR("item"), value_text(value));
	if (!seen)
		row_put(rd->op->arena, r, STR("text"), value_text(text));
	return ERR_OK;
}

static enum err read_checklist(const struct reader *rd, const struct field *f,
			       const struct json *in, struct value *ret_v)
{
	struct value v;
	struct row *rows;

	TRY(read_rows(rd, f, in, &v));
	if (v.kind == V_NONE) {
		*ret_v = v;
		return ERR_OK;
	}
	rows = NEW_N(rd->op->arena, v.rows.n, struct row);
	memcpy(rows, v.rows.at, v.rows.n * sizeof(*rows));
	for (size_t i = 0; i < v.rows.n; i++)
		TRY(check_item(rd, f, &rows[i], i));
	v.rows.at = rows;
	*ret_v = v;
	return ERR_OK;
}

static bool how_allowed(const struct field *f, str how)
{
	for (size_t i = 0; i < f->how.n; i++)
		if (str_eq(f->how.at[i], how))
			return true;
	return !f->how.n && (str_eq(how, STR("screen")) || str_eq(how, STR("paper")));
}

/* "screen", "paper", or rows; the machine fills in who and when, and judges whether he may. */
static enum err read_signatures(const struct reader *rd, const struct field *f,
				const struct json *in, struct value *ret_v)
{
	struct value v;
	struct row *row;

	if (in->kind == JSON_STR) {
		row = NEW(rd->op->arena, struct row);
		row_put(rd->op->arena, row, STR("how"), value_text(str_trim(in->s)));
		v = (struct value){ .kind = V_ROWS, .rows = { row, 1 } };
	} else {
		TRY(read_rows(rd, f, in, &v));
	}
	for (size_t i = 0; v.kind == V_ROWS && i < v.rows.n; i++) {
		const struct value *how = row_get(&v.rows.at[i], STR("how"));

		if (!how || !how_allowed(f, how->text))
			return INVALID(rd->op, rd->path, "请选签名方式：屏幕签名或纸面签名");
	}
	*ret_v = v;
	return ERR_OK;
}

enum err field_value(const struct reader *rd, const struct field *f, const struct json *in,
			   struct value *ret_v)
{
	enum ref_kind kind;

	switch (f->type) {
	case F_TEXT: case F_NOTE: case F_PHONE: case F_MASKED:
		return read_text(rd, f, in, ret_v);
	case F_INT: case F_DECIMAL: case F_MONEY: case F_PERCENT:
		return read_num(rd, f, in, ret_v);
	case F_DATE: case F_TIME: case F_INSTANT: case F_DURATION:
		return read_time(rd, f, in, ret_v);
	case F_CHOICE:
		return read_choice(rd, f, in, ret_v);
	case F_FLAG:
		return read_flag(rd, in, ret_v);
	case F_PERSON: case F_PLACE: case F_UNIT: case F_CLASS: case F_ASSET: case F_RECORD:
		field_ref(f, &kind);
		return read_ref(rd, f, kind, in, ret_v);
	case F_CHOICES: case F_PEOPLE: case F_RECORDS: case F_FILES:
		return read_list(rd, f, in, ret_v);
	case F_POST:
		return read_post(rd, in, ret_v);
	case F_PERIOD:
		return read_period(rd, in, ret_v);
	case F_ROWS:
		return read_rows(rd, f, in, ret_v);
	case F_CHECKLIST:
		return read_checklist(rd, f, in, ret_v);
	case F_SIGNATURES:
		return read_signatures(rd, f, in, ret_v);
	case F_PARAMETERS:
		return field_parameters(rd, f, in, ret_v);
	case F_COMPUTED:
		return INVALID(rd->op, rd->path, "这一项由系统算出，不用填");
	case F_INTERVAL: case F_WHO: case F_LIST: case F_TABLE:
		break;
	}
	return INVALID(rd->op, rd->path, "这一项不能在这里填");
}

enum err field_read(struct op *op, const struct policy *p, const struct field *f,
		    const struct json *in, const struct resolver *r, int32_t utc_offset_ms,
		    struct value *ret_v)
{
	const struct reader rd = {
		.op = op, .p = p, .r = r, .utc_offset_ms = utc_offset_ms, .path = f->m.id
	};
	struct value v = VALUE_NONE;

	assert(op && p && f && in && ret_v);
	if (!json_unset(in))
		TRY(field_value(&rd, f, in, &v));
	*ret_v = v;
	return ERR_OK;
}
