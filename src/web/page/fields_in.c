/*
 * fields_in: from the pairs of an HTML form to JSON. The type of a field says what shape
 * its names have; values stay text, because rules/field.h reads and judges them. A name
 * that no field of the loop has is dropped: the API would call it a fault, a page cannot
 * send one.
 */
#include "web/page/fields.h"

#include "base/json.h"
#include "base/limits.h"

#define ROWS_MAX 500

typedef VEC(struct json *) jsons;
struct object { VEC(struct json *) at; VEC(str) key; };

static struct json *text_node(struct arena *a, str s)
{
	struct json *j = NEW(a, struct json);

	*j = (struct json){ .kind = JSON_STR, .s = s };
	return j;
}

static void object_put(struct arena *a, struct object *o, str key, struct json *v)
{
	if (!v)
		return;
	*VEC_PUSH(a, &o->at) = v;
	*VEC_PUSH(a, &o->key) = key;
}

static struct json *object_node(struct arena *a, const struct object *o)
{
	struct json *j = NEW(a, struct json);

	*j = (struct json){ .kind = JSON_OBJ, .n = o->at.n, .at = o->at.at, .key = o->key.at };
	return j;
}

static str path_of(struct arena *a, str path, str name)
{
	return str_fmt(a, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
}

/* The last value of a name: a hidden one stands before its box. NULL when it was not sent. */
static const str *last_of(const struct form_pairs *in, str name)
{
	const str *found = NULL;

	for (size_t i = 0; in && i < in->n; i++)
		if (str_eq(in->at[i].name, name))
			found = &in->at[i].value;
	return found;
}

static void all_of(struct arena *a, const struct form_pairs *in, str name, jsons *ret,
	bool *ret_sent)
{
	for (size_t i = 0; in && i < in->n; i++) {
		if (!str_eq(in->at[i].name, name))
			continue;
		*ret_sent = true;
		if (in->at[i].value.len)
			*VEC_PUSH(a, ret) = text_node(a, in->at[i].value);
	}
}

static struct json *list_node(struct arena *a, const struct form_pairs *sent,
			      const struct form_pairs *stored, str name)
{
	struct json *j = NEW(a, struct json);
	jsons all = { 0 };
	bool was_sent = false;

	all_of(a, sent, name, &all, &was_sent);
	all_of(a, stored, name, &all, &was_sent);
	*j = (struct json){ .kind = JSON_ARR, .n = all.n, .at = all.at };
	return was_sent ? j : NULL;
}

/* What was typed into the search wins over the chip that is still marked. */
static struct json *single_node(struct arena *a, const struct field *f,
				const struct form_pairs *sent, str name)
{
	const str *typed = last_of(sent, path_of(a, name, STR("q"))), *chosen = last_of(sent, name);

	if (typed && str_trim(*typed).len)
		return text_node(a, str_trim(*typed));
	/* Left blank where the pack has a default: not given, so that the default holds. */
	if (chosen && !chosen->len && (f->dflt || f->dflt_who))
		return NULL;
	return chosen ? text_node(a, *chosen) : NULL;
}

/* One more than the highest row that was sent: "rows.4.what" gives 5. */
static size_t row_count(const struct form_pairs *sent, str name)
{
	size_t n = 0;

	for (size_t i = 0; sent && i < sent->n; i++) {
		str rest = sent->at[i].name;
		int64_t row;

		if (!str_starts(rest, name) || rest.len <= name.len || rest.ptr[name.len] != '.')
			continue;
		rest = str_slice(rest, name.len + 1, rest.len);
		if (str_to_i64(str_cut(&rest, '.'), &row) && row >= 0 && row < ROWS_MAX &&
		    (size_t)row + 1 > n)
			n = (size_t)row + 1;
	}
	return n;
}

static struct json *node(struct arena *a, const struct field *f, str name,
			 const struct form_pairs *sent, const struct form_pairs *stored);

/* An item of a checklist that nobody answered is no row. */
static bool unanswered(const struct field *f, const struct json *row)
{
	return f->type == F_CHECKLIST && !json_get_str(row, STR("result")).len &&
	       !json_get_str(row, STR("note")).len;
}

static struct json *rows_node(struct arena *a, const struct field *f, str name,
			      const struct form_pairs *sent, const struct form_pairs *stored)
{
	struct json *j = NEW(a, struct json);
	size_t n = row_count(sent, name), columns;
	const struct field *c = field_columns(f, &columns);
	jsons rows = { 0 };

	if (!n && !last_of(sent, name))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		str at = str_fmt(a, "%.*s.%zu", STR_ARG(name), i);
		struct object row = { 0 };
		struct json *made;

		for (size_t k = 0; k < columns; k++)
			object_put(a, &row, c[k].m.id,
				   node(a, &c[k], path_of(a, at, c[k].m.id), sent, stored));
		made = object_node(a, &row);
		*VEC_PUSH(a, &rows) = unanswered(f, made) ? object_node(a,
			&(struct object){ 0 }) : made;
	}
	*j = (struct json){ .kind = JSON_ARR, .n = rows.n, .at = rows.at };
	return j;
}

/* f.rule.rectify_days: whatever stands behind the name; the reader knows which are allowed. */
static struct json *parameters_node(struct arena *a, str name, const struct form_pairs *sent)
{
	str prefix = str_fmt(a, "%.*s.", STR_ARG(name));
	struct object all = { 0 };

	for (size_t i = 0; sent && i < sent->n; i++)
		if (str_starts(sent->at[i].name, prefix))
			object_put(a, &all, str_slice(sent->at[i].name, prefix.len,
				sent->at[i].name.len),
				   text_node(a, sent->at[i].value));
	return all.at.n ? object_node(a, &all) : NULL;
}

static struct json *node(struct arena *a, const struct field *f, str name,
			 const struct form_pairs *sent, const struct form_pairs *stored)
{
	switch (f->type) {
	case F_COMPUTED:
		return NULL;
	case F_CHOICES: case F_PEOPLE: case F_RECORDS: case F_FILES:
		return list_node(a, sent, stored, name);
	case F_ROWS: case F_CHECKLIST:
		return rows_node(a, f, name, sent, stored);
	case F_PARAMETERS:
		return parameters_node(a, name, sent);
	default:
		return single_node(a, f, sent, name);
	}
}

const struct json *fields_json(struct op *op, const struct loop *lp, const struct form_pairs *sent,
			       const struct form_pairs *stored)
{
	struct object all = { 0 };

	for (size_t i = 0; i < lp->field_n; i++)
		object_put(op->arena, &all, lp->field[i].m.id,
			   node(op->arena, &lp->field[i], lp->field[i].m.id, sent, stored));
	return object_node(op->arena, &all);
}
