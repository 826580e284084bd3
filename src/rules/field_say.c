/*
 * field_say: typed values on their way out: back from the stored body (strictly: we wrote
 * it, so anything odd is corruption), in words for people, and as the JSON of the API.
 */
#include "rules/field.h"

#include <assert.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/op.h"
#include "base/pubid.h"

/* --- stored bodies --- */

static bool load(struct op *op, const struct field *f, const struct json *in, struct value *ret_v);

static bool load_num(const struct json *in, int64_t *ret_num)
{
	str rest = in->s, whole = str_cut(&rest, '.');
	int64_t n, frac = 0, scale = NUM_SCALE;
	bool neg;

	if (in->kind == JSON_INT)
		return !__builtin_mul_overflow(in->i, (int64_t)NUM_SCALE, ret_num);
	if (in->kind != JSON_REAL || !str_to_i64(whole, &n) || rest.len > 4)
		return false;
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
			return false;
		scale /= 10;
		frac += (rest.ptr[i] - '0') * scale;
	}
	neg = str_starts(whole, STR("-"));
	return !__builtin_mul_overflow(n, (int64_t)NUM_SCALE, &n) &&
	       !__builtin_add_overflow(n, neg ? -frac : frac, ret_num);
}

static bool load_time(const struct field *f, const struct json *in, struct value *ret_v)
{
	day_no day;
	int minutes;

	if (f->type == F_INSTANT && in->kind == JSON_INT) {
		*ret_v = value_instant(in->i);
		return true;
	}
	if (in->kind != JSON_STR)
		return false;
	if (f->type == F_DATE && date_parse(in->s, &day)) {
		*ret_v = value_date(day);
		return true;
	}
	if (f->type == F_TIME && time_parse(in->s, &minutes)) {
		*ret_v = (struct value){ .kind = V_TIME, .minute = minutes };
		return true;
	}
	ret_v->kind = V_DURATION;
	return f->type == F_DURATION && duration_parse(in->s, &ret_v->dur);
}

static bool load_list(struct op *op, const struct field *f, const struct json *in,
		      struct value *ret_v)
{
	struct value *at = NEW_N(op->arena, in->n, struct value);
	enum ref_kind kind;
	bool ref = field_ref(f, &kind);

	if (in->kind != JSON_ARR)
		return false;
	for (size_t i = 0; i < in->n; i++) {
		const struct json *x = in->at[i];

		if (ref && x->kind == JSON_INT)
			at[i] = value_ref(kind, x->i);
		else if (!ref && x->kind == JSON_STR)
			at[i] = value_text(x->s);
		else
			return false;
	}
	*ret_v = (struct value){ .kind = V_LIST, .list = { at, in->n } };
	return true;
}

/* Cells of columns that are gone are left out, as fields are. */
static bool load_row(struct op *op, const struct field *f, const struct json *in,
		     struct row *ret_row)
{
	str *name = NEW_N(op->arena, in->n, str);
	struct value *cell = NEW_N(op->arena, in->n, struct value);
	size_t kept = 0;

	if (in->kind != JSON_OBJ)
		return false;
	for (size_t i = 0; i < in->n; i++) {
		const struct field *c = field_column(f, in->key[i]);

		if (!c || in->at[i]->kind == JSON_NULL)
			continue;
		if (!load(op, c, in->at[i], &cell[kept]))
			return false;
		name[kept++] = c->m.id;
	}
	*ret_row = (struct row){ .name = name, .cell = cell, .n = kept };
	return true;
}

static bool load_rows(struct op *op, const struct field *f, const struct json *in,
		      struct value *ret_v)
{
	struct row *at = NEW_N(op->arena, in->n, struct row);

	if (in->kind != JSON_ARR)
		return false;
	for (size_t i = 0; i < in->n; i++)
		if (!load_row(op, f, in->at[i], &at[i]))
			return false;
	*ret_v = (struct value){ .kind = V_ROWS, .rows = { at, in->n } };
	return true;
}

/* Without a declaration, by what stands there: parameters and computed values. */
static bool load_any(struct op *op, const struct json *in, struct value *ret_v)
{
	struct duration d;
	struct value *at;

	switch (in->kind) {
	case JSON_BOOL:
		*ret_v = value_flag(in->b);
		return true;
	case JSON_INT: case JSON_REAL:
		ret_v->kind = V_NUM;
		return load_num(in, &ret_v->num);
	case JSON_STR:
		*ret_v = duration_parse(in->s, &d) ? (struct value){ .kind = V_DURATION, .dur = d }
						   : value_text(in->s);
		return true;
	case JSON_ARR:
		at = NEW_N(op->arena, in->n, struct value);
		for (size_t i = 0; i < in->n; i++)
			if (!load_any(op, in->at[i], &at[i]))
				return false;
		*ret_v = (struct value){ .kind = V_LIST, .list = { at, in->n } };
		return true;
	case JSON_NULL: case JSON_OBJ:
		break;
	}
	return false;
}

static bool load_parameters(struct op *op, const struct json *in, struct value *ret_v)
{
	const struct json *obj = in->kind == JSON_ARR && in->n == 1 ? in->at[0] : NULL;
	struct row *row = NEW(op->arena, struct row);
	struct value *cell;

	if (!obj || obj->kind != JSON_OBJ)
		return false;
	cell = NEW_N(op->arena, obj->n, struct value);
	for (size_t i = 0; i < obj->n; i++) {
		if (obj->at[i]->kind != JSON_STR)
			return false;
		cell[i] = value_text(obj->at[i]->s);
	}
	*row = (struct row){ .name = obj->key, .cell = cell, .n = obj->n };
	*ret_v = (struct value){ .kind = V_ROWS, .rows = { row, 1 } };
	return true;
}

static str any_name(void *ctx, const struct expr_name *n)
{
	(void)ctx;
	(void)n;
	return STR("any");
}

/* A computed value has the type of its expression, as far as that is certain. */
static bool load_computed(struct op *op, const struct field *f, const struct json *in,
			  struct value *ret_v)
{
	const struct expr_types any = { .type_of = any_name };
	struct expr_error error;
	str type = f->value ? expr_type(op->arena, f->value, &any, &error) : STR_NONE;

	if (in->kind == JSON_INT && str_eq(type, STR("person"))) {
		*ret_v = value_ref(REF_PERSON, in->i);
		return true;
	}
	if (in->kind == JSON_INT && str_eq(type, STR("instant"))) {
		*ret_v = value_instant(in->i);
		return true;
	}
	return load_any(op, in, ret_v);
}

static bool load_text(const struct json *in, struct value *ret_v)
{
	*ret_v = value_text(in->s);
	return in->kind == JSON_STR;
}

static bool load_one_ref(const struct field *f, const struct json *in, struct value *ret_v)
{
	enum ref_kind kind;

	if (in->kind != JSON_INT || in->i <= 0 || !field_ref(f, &kind))
		return false;
	*ret_v = value_ref(kind, in->i);
	return true;
}

static bool load(struct op *op, const struct field *f, const struct json *in, struct value *ret_v)
{
	switch (f->type) {
	case F_TEXT:
	case F_NOTE:
	case F_PHONE:
	case F_MASKED:
	case F_CHOICE:
	case F_POST:
	case F_PERIOD:
		return load_text(in, ret_v);
	case F_INT: case F_DECIMAL: case F_MONEY: case F_PERCENT:
		ret_v->kind = V_NUM;
		return load_num(in, &ret_v->num);
	case F_DATE: case F_TIME: case F_INSTANT: case F_DURATION:
		return load_time(f, in, ret_v);
	case F_FLAG:
		*ret_v = value_flag(in->b);
		return in->kind == JSON_BOOL;
	case F_PERSON: case F_PLACE: case F_UNIT: case F_CLASS: case F_ASSET: case F_RECORD:
		return load_one_ref(f, in, ret_v);
	case F_CHOICES: case F_PEOPLE: case F_RECORDS: case F_FILES:
		return load_list(op, f, in, ret_v);
	case F_ROWS: case F_CHECKLIST: case F_SIGNATURES:
		return load_rows(op, f, in, ret_v);
	case F_PARAMETERS:
		return load_parameters(op, in, ret_v);
	case F_COMPUTED:
		return load_computed(op, f, in, ret_v);
	case F_INTERVAL: case F_WHO: case F_LIST: case F_TABLE:
		break;
	}
	return load_any(op, in, ret_v);
}

static const struct field *field_in(const struct field *f, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(f[i].m.id, name))
			return &f[i];
	return NULL;
}

enum err fields_load(struct op *op, const struct field *f, size_t n, str json_body,
		     struct vmap *ret_fields)
{
	struct vmap m = { 0 };
	struct json *body;

	assert(op && ret_fields);
	if (json_read(op, json_body, &body) || body->kind != JSON_OBJ) {
		op_clear_error(op);
		return FAIL(op, ERR_CORRUPT, "a stored body is not a JSON object");
	}
	for (size_t i = 0; i < body->n; i++) {
		const struct field *x = field_in(f, n, body->key[i]);
		struct value v = VALUE_NONE;

		if (!x || body->at[i]->kind == JSON_NULL)
			continue;
		if (!load(op, x, body->at[i], &v))
			return FAIL(op, ERR_CORRUPT, "the stored field %.*s does not have its type",
				    STR_ARG(x->m.id));
		vmap_set(op->arena, &m, x->m.id, v);
	}
	*ret_fields = m;
	return ERR_OK;
}

/* --- words --- */

str day_say(struct arena *a, day_no day)
{
	struct date d = date_from_day(day);

	return str_fmt(a, "%d年%d月%d日", d.year, d.month, d.day);
}

str instant_say(struct arena *a, int64_t at_ms, int32_t utc_offset_ms)
{
	int m = instant_minute(at_ms, utc_offset_ms);
	str day = day_say(a, instant_day(at_ms, utc_offset_ms));

	return str_fmt(a, "%.*s %d:%02d", STR_ARG(day), m / 60, m % 60);
}

/* 2026-2027[/1] */
static str school_year_say(struct arena *a, str s)
{
	const char *term = s.len < 11 ? "" : s.ptr[10] == '1' ? "第一学期" : "第二学期";

	return str_fmt(a, "%.*s—%.*s学年%s", STR_ARG(str_slice(s, 0, 4)),
		       STR_ARG(str_slice(s, 5, 9)), term);
}

str period_say(struct arena *a, str s)
{
	str year = str_slice(s, 0, 4);
	int64_t n;
	day_no day;

	if (s.len == 4 && str_to_i64(s, &n))
		return str_fmt(a, "%.*s年", STR_ARG(year));
	if (date_parse(s, &day))
		return day_say(a, day);
	if (s.len >= 9 && s.ptr[4] == '-' && s.len <= 11)
		return school_year_say(a, s);
	if (s.len == 7 && s.ptr[4] == '-' && str_to_i64(str_slice(s, 5, 7), &n))
		return str_fmt(a, "%.*s年%d月", STR_ARG(year), (int)n);
	if (s.len == 8 && s.ptr[5] == 'W' && str_to_i64(str_slice(s, 6, 8), &n))
		return str_fmt(a, "%.*s年第%d周", STR_ARG(year), (int)n);
	if (s.len == 6 && s.ptr[4] == 'Q')
		return str_fmt(a, "%.*s年第%c季度", STR_ARG(year), s.ptr[5]);
	if (s.len == 6 && s.ptr[4] == 'H')
		return str_fmt(a, "%.*s年%s半年", STR_ARG(year), s.ptr[5] == '1' ? "上" : "下");
	return s;
}

static str say_num(struct arena *a, const struct field *f, int64_t num)
{
	str n = num_format(a, num);

	if (f->type == F_MONEY)
		return str_fmt(a, "%.*s元", STR_ARG(n));
	if (f->type == F_PERCENT)
		return str_fmt(a, "%.*s%%", STR_ARG(n));
	return f->unit.len ? str_fmt(a, "%.*s%.*s", STR_ARG(n), STR_ARG(f->unit)) : n;
}

static str say_text(const struct policy *p, struct arena *a, const struct field *f, str s)
{
	const struct post *post;
	const struct duty *duty;

	switch (f->type) {
	case F_CHOICE: case F_CHOICES:
		return choice_label(p, f, s);
	case F_POST:
		post = p ? policy_post(p, s) : NULL;
		return post ? post->m.label : s;
	case F_PERIOD:
		return period_say(a, s);
	case F_COMPUTED:	/* a list of duties is worked out as their ids */
		duty = p ? policy_duty(p, s) : NULL;
		return duty ? duty->m.label : s;
	default:
		return s;
	}
}

struct say_ctx {
	struct arena *a;
	const struct policy *p;
	const struct resolver *r;
	int32_t utc_offset_ms;
};

static str say(const struct say_ctx *c, const struct field *f, const struct value *v);

static str say_list(const struct say_ctx *c, const struct field *f, const struct value *v)
{
	str *parts = NEW_N(c->a, v->list.n, str);

	if (f->type == F_FILES)
		return str_fmt(c->a, "%zu 个文件", v->list.n);
	for (size_t i = 0; i < v->list.n; i++)
		parts[i] = say(c, f, &v->list.at[i]);
	return str_join(c->a, parts, v->list.n, STR("、"));
}

/* How one signed; what a form holds before that (the bare word) stays as it is. */
static str how_say(str how)
{
	return str_eq(how, STR("screen")) ? STR("在屏幕上签")
	       : str_eq(how, STR("paper")) ? STR("在纸上签") : how;
}

/* Rows line by line, cells parted by commas: for plain text; pages and prints show tables. */
static str say_rows(const struct say_ctx *c, const struct field *f, const struct value *v)
{
	str *lines = NEW_N(c->a, v->rows.n, str);

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct row *r = &v->rows.at[i];
		str *cells = NEW_N(c->a, r->n, str);
		size_t kept = 0;

		for (size_t k = 0; k < r->n; k++) {
			const struct field *col = field_column(f, r->name[k]);
			const struct field plain = { .m = { .id = r->name[k] }, .type = F_TEXT };

			if (f->type == F_CHECKLIST &&
			    (str_eq(r->name[k], STR("item")) || str_eq(r->name[k], STR("note"))))
				continue;	/* both stand in `text` */
			cells[kept++] = say(c, col ? col : &plain, &r->cell[k]);
			if (f->type == F_SIGNATURES && r->n > 1)
				cells[kept - 1] = how_say(cells[kept - 1]);
		}
		lines[i] = str_join(c->a, cells, kept, STR("，"));
	}
	return str_join(c->a, lines, v->rows.n, STR("；"));
}

/* 整改时限：5天；排查范围：[gate, stairs] */
static str say_parameters(const struct say_ctx *c, const struct value *v)
{
	const struct row *r = &v->rows.at[0];
	str *lines = NEW_N(c->a, r->n, str);

	for (size_t i = 0; i < r->n; i++) {
		const struct parameter *p = c->p ? policy_parameter(c->p, r->name[i]) : NULL;
		str text = r->cell[i].kind == V_TEXT ? r->cell[i].text : STR("");
		struct duration d;

		if (duration_parse(text, &d))
			text = duration_say(c->a, d);
		lines[i] = str_fmt(c->a, "%.*s：%.*s", STR_ARG(p ? p->m.label : r->name[i]),
				   STR_ARG(text));
	}
	return str_join(c->a, lines, r->n, STR("；"));
}

static str say(const struct say_ctx *c, const struct field *f, const struct value *v)
{
	switch (v->kind) {
	case V_NONE:
		return STR("");
	case V_FLAG:
		return v->flag ? STR("是") : STR("否");
	case V_NUM:
		return say_num(c->a, f, v->num);
	case V_TEXT:
		return say_text(c->p, c->a, f, v->text);
	case V_DATE:
		return day_say(c->a, v->day);
	case V_TIME:
		return str_fmt(c->a, "%d:%02d", v->minute / 60, v->minute % 60);
	case V_INSTANT:
		return instant_say(c->a, v->at_ms, c->utc_offset_ms);
	case V_DURATION:
		return duration_say(c->a, v->dur);
	case V_REF:
		return c->r && c->r->name ? c->r->name(c->r->ctx, v->ref, v->id) : STR("");
	case V_LIST:
		return say_list(c, f, v);
	case V_ROWS:
		if (f->type == F_PARAMETERS && v->rows.n == 1)
			return say_parameters(c, v);
		return say_rows(c, f, v);
	}
	return STR("");
}

str field_say(struct arena *a, const struct policy *p, const struct field *f, const struct value *v,
	      const struct resolver *r, int32_t utc_offset_ms)
{
	const struct say_ctx c = { a, p, r, utc_offset_ms };

	assert(a && f);
	return v ? say(&c, f, v) : STR("");
}

/* --- the API --- */

static void api_rows(struct jw *w, struct arena *a, tenant_id tenant, const struct field *f,
		     const struct value *v, int32_t utc_offset_ms)
{
	jw_arr(w);
	for (size_t i = 0; i < v->rows.n; i++) {
		const struct row *r = &v->rows.at[i];

		jw_obj(w);
		for (size_t k = 0; k < r->n; k++) {
			const struct field *c = field_column(f, r->name[k]);

			jw_key_s(w, r->name[k]);
			field_write_api(w, a, tenant, c ? c : f, &r->cell[k], utc_offset_ms);
		}
		jw_end(w);
	}
	jw_end(w);
}

static void api_parameters(struct jw *w, const struct row *r)
{
	jw_obj(w);
	for (size_t i = 0; i < r->n; i++) {
		jw_key_s(w, r->name[i]);
		value_write(w, &r->cell[i]);
	}
	jw_end(w);
}

void field_write_api(struct jw *w, struct arena *a, tenant_id tenant, const struct field *f,
		     const struct value *v, int32_t utc_offset_ms)
{
	switch (v->kind) {
	case V_REF:
		jw_str(w, pubid_make(a, tenant, v->id));
		return;
	case V_INSTANT:
		jw_str(w, instant_format(a, v->at_ms, utc_offset_ms));
		return;
	case V_LIST:
		jw_arr(w);
		for (size_t i = 0; i < v->list.n; i++)
			field_write_api(w, a, tenant, f, &v->list.at[i], utc_offset_ms);
		jw_end(w);
		return;
	case V_ROWS:
		if (f->type == F_PARAMETERS && v->rows.n == 1) {
			api_parameters(w, &v->rows.at[0]);
			return;
		}
		api_rows(w, a, tenant, f, v, utc_offset_ms);
		return;
	case V_NONE:
	case V_FLAG:
	case V_NUM:
	case V_TEXT:
	case V_DATE:
	case V_TIME:
	case V_DURATION:
		value_write(w, v);
		return;
	}
}
