/*
 * field_param: a field that sets parameters (a school's rule text *is* its numbers). Each
 * value is checked by the type of its parameter and kept as the text that an adoption
 * would write ("5d", "[gate, stairs]", "{general: 5d, major: 20d}"): putting the rule into
 * force is then the same override as any other, read by the same loader.
 */
#include "rules/field.h"

#include <assert.h>

#include "base/json.h"
#include "base/op.h"
#include "base/utf8.h"
#include "rules/field_int.h"

#define PARAM_TEXT_MAX 500	/* code points of one word of a parameter */
#define PARAM_PARTS_MAX 200

struct texts { str *at; size_t n, cap; };

/* Is the parameter one of `of`, as written: "[a, b]"? */
static const struct parameter *parameter_of(const struct reader *rd, const struct field *f,
					    str name)
{
	str rest = f->of_text;

	while (rest.ptr) {
		str one = str_trim(str_cut(&rest, ','));

		if (str_starts(one, STR("[")))
			one = str_trim(str_slice(one, 1, one.len));
		if (str_ends(one, STR("]")))
			one = str_trim(str_slice(one, 0, one.len - 1));
		if (str_eq(one, name))
			return policy_parameter(rd->p, name);
	}
	return NULL;
}

/* As YAML reads it back: quoted where a bare word would mean something else. */
static str written(struct arena *a, str s)
{
	bool plain = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		plain = plain && !strchr(":#[]{},&*!|>'\"%@`\\ \n", s.ptr[i]);
	if (plain)
		return s;
	struct buf b;
	str out;
	buf_init(&b, 8 * PARAM_TEXT_MAX + 16);
	buf_add_json(&b, s);
	out = buf_finish(&b, &out) ? STR("\"\"") : str_dup(a, out);
	buf_release(&b);
	return out;
}

static str scalar_text(struct arena *a, const struct value *v)
{
	switch (v->kind) {
	case V_FLAG:
		return v->flag ? STR("true") : STR("false");
	case V_NUM:
		return num_format(a, v->num);
	case V_TEXT:
		return written(a, v->text);
	case V_DATE:
		return written(a, date_format(a, v->day));
	case V_TIME:
		return str_fmt(a, "\"%02d:%02d\"", v->minute / 60, v->minute % 60);
	case V_DURATION:
		return duration_format(a, v->dur);
	default:
		return STR("");
	}
}

static void check_post(void *ctx, const char *kind, str name)
{
	const struct policy **p = ctx;

	if (*p && str_eq(str_of(kind), STR("post")) && !policy_post(*p, name))
		*p = NULL;
}

/* A people expression, as text or as a list of texts. Posts must exist; nothing of a record may
 * stand in it. */
static enum err who_text(const struct reader *rd, const struct json *in, str *ret_s)
{
	const struct policy *p = rd->p;
	struct expr_error error;
	struct texts t = { 0 };
	struct who *w;
	str s;

	for (size_t i = 0; in->kind == JSON_ARR && i < in->n; i++)
		*VEC_PUSH(rd->op->arena, &t) =
			in->at[i]->kind == JSON_STR ? in->at[i]->s : STR("?");
	s = in->kind == JSON_STR ? str_trim(in->s)
				 : str_fmt(rd->op->arena, "[%.*s]",
					   STR_ARG(str_join(rd->op->arena, t.at, t.n, STR(", "))));
	if (!utf8_valid(s) || who_parse(rd->op->arena, s, &w, &error) || who_needs_record(w))
		return INVALID(rd->op, rd->path, "请写岗位，几个岗位用逗号分开");
	who_names(w, check_post, &p);
	if (!p)
		return INVALID(rd->op, rd->path, "有不认识的岗位，请从岗位表中选");
	*ret_s = str_starts(s, STR("[")) ? s : written(rd->op->arena, s);
	return ERR_OK;
}

static struct field as_field(const struct parameter *p, enum ftype type)
{
	return (struct field){ .m = p->m,
			       .type = type,
			       .max = PARAM_TEXT_MAX,
			       .has_range = p->has_range,
			       .range_lo = p->range_lo,
			       .range_hi = p->range_hi,
			       .unit = p->unit,
			       .choice = p->choice,
			       .choice_n = p->choice_n,
			       .of_catalogue = p->of_catalogue };
}

static enum err scalar(const struct reader *rd, const struct field *f, const struct json *in,
		       str *ret_s)
{
	struct value v;

	TRY(field_value(rd, f, in, &v));
	*ret_s = scalar_text(rd->op->arena, &v);
	return ERR_OK;
}

/* A form sends one line of text for a list or a table: cut it into parts. */
static struct texts parts(const struct reader *rd, str s)
{
	struct texts t = { 0 };
	str rest = str_trim(s);

	if (rest.len >= 2 && (str_starts(rest, STR("[")) || str_starts(rest, STR("{"))))
		rest = str_slice(rest, 1, rest.len - 1);
	while (rest.ptr && t.n <= PARAM_PARTS_MAX) {
		str one = str_trim(str_cut(&rest, ','));

		if (one.len)
			*VEC_PUSH(rd->op->arena, &t) = one;
	}
	return t;
}

static struct json json_text(str s)
{
	return (struct json){ .kind = JSON_STR, .s = s };
}

static enum err list_text(const struct reader *rd, const struct parameter *p, const struct json *in,
			  str *ret_s)
{
	struct field f = as_field(p, p->choice_n || p->of_catalogue.len ? F_CHOICE : F_TEXT);
	struct texts t = in->kind == JSON_STR ? parts(rd, in->s) : (struct texts){ 0 };
	size_t n = in->kind == JSON_ARR ? in->n : t.n;
	str *out = NEW_N(rd->op->arena, n, str);

	if (!n || n > PARAM_PARTS_MAX)
		return INVALID(rd->op, rd->path, "请写一组值，用逗号分开");
	for (size_t i = 0; i < n; i++) {
		const struct json one = in->kind == JSON_ARR ? *in->at[i] : json_text(t.at[i]);

		TRY(scalar(rd, &f, &one, &out[i]));
	}
	*ret_s = str_fmt(rd->op->arena, "[%.*s]",
			 STR_ARG(str_join(rd->op->arena, out, n, STR(", "))));
	return ERR_OK;
}

static bool table_key(const struct parameter *p, str key)
{
	for (size_t i = 0; i < p->table_n; i++)
		if (str_eq(p->table[i].key, key))
			return true;
	return str_eq(key, STR("other"));
}

static enum err table_row_text(const struct reader *rd, const struct parameter *p, str key,
			       const struct json *in, str *ret_s)
{
	struct field f = as_field(p, p->to_type);
	struct reader at = *rd;
	str s;

	at.path = str_fmt(rd->op->arena, "%.*s.%.*s", STR_ARG(rd->path), STR_ARG(key));
	f.has_range = f.has_range && p->to_type != F_CHOICE;
	if (!table_key(p, key))
		return INVALID(rd->op, at.path, "没有这一项");
	if (str_eq(p->to, STR("who")))
		TRY(who_text(&at, in, &s));
	else
		TRY(scalar(&at, &f, in, &s));
	*ret_s = str_fmt(rd->op->arena, "%.*s: %.*s", STR_ARG(key), STR_ARG(s));
	return ERR_OK;
}

static enum err table_text(const struct reader *rd, const struct parameter *p,
			   const struct json *in, str *ret_s)
{
	struct texts t = in->kind == JSON_STR ? parts(rd, in->s) : (struct texts){ 0 };
	size_t n = in->kind == JSON_OBJ ? in->n : t.n;
	str *out = NEW_N(rd->op->arena, n, str);

	if (!n || n > PARAM_PARTS_MAX || str_eq(p->to, STR("ladder")))
		return INVALID(rd->op, rd->path, "请写成“名称：值”，用逗号分开");
	for (size_t i = 0; i < n; i++) {
		str rest = in->kind == JSON_OBJ ? STR_NONE : t.at[i];
		str key = in->kind == JSON_OBJ ? in->key[i] : str_trim(str_cut(&rest, ':'));
		const struct json one =
			in->kind == JSON_OBJ ? *in->at[i] : json_text(str_trim(rest));

		TRY(table_row_text(rd, p, key, &one, &out[i]));
	}
	*ret_s = str_fmt(rd->op->arena, "{%.*s}",
			 STR_ARG(str_join(rd->op->arena, out, n, STR(", "))));
	return ERR_OK;
}

static enum err interval_text(const struct reader *rd, const struct parameter *p,
			      const struct json *in, str *ret_s)
{
	enum per_kind k;
	str s = in->kind == JSON_STR ? str_trim(in->s) : STR_NONE;
	bool known = str_eq(s, STR("off")) || per_kind_parse(s, &k);

	bool offered = !p->range_words.n;

	for (size_t i = 0; i < p->range_words.n; i++)
		offered |= str_eq(p->range_words.at[i], s);
	known = known && offered;
	if (!known)
		return INVALID(rd->op, rd->path, "没有“%.*s”这种间隔，请从列表中选",
			       STR_ARG(utf8_valid(s) ? utf8_cut(s, 20) : STR("?")));
	*ret_s = s;
	return ERR_OK;
}

static enum err parameter_text(const struct reader *rd, const struct parameter *p,
			       const struct json *in, str *ret_s)
{
	const struct field f = as_field(p, p->type);

	switch (p->type) {
	case F_LIST:
		return list_text(rd, p, in, ret_s);
	case F_TABLE:
		return table_text(rd, p, in, ret_s);
	case F_WHO:
		return who_text(rd, in, ret_s);
	case F_INTERVAL:
		return interval_text(rd, p, in, ret_s);
	default:
		return scalar(rd, &f, in, ret_s);
	}
}

enum err field_parameters(const struct reader *rd, const struct field *f, const struct json *in,
			  struct value *ret_v)
{
	struct row *row = NEW(rd->op->arena, struct row);

	if (in->kind != JSON_OBJ)
		return INVALID(rd->op, rd->path, "参数要写成一组“名称：值”");
	for (size_t i = 0; i < in->n; i++) {
		const struct parameter *p = parameter_of(rd, f, in->key[i]);
		struct reader at = *rd;
		str s;

		at.path =
			str_fmt(rd->op->arena, "%.*s.%.*s", STR_ARG(rd->path), STR_ARG(in->key[i]));
		if (!p)
			return INVALID(rd->op, at.path, "这里不能定这个参数");
		if (json_unset(in->at[i]))
			continue;
		TRY(parameter_text(&at, p, in->at[i], &s));
		row_put(rd->op->arena, row, p->m.id, value_text(s));
	}
	*ret_v = row->n ? (struct value){ .kind = V_ROWS, .rows = { row, 1 } } : VALUE_NONE;
	return ERR_OK;
}
