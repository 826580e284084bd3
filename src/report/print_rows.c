/*
 * print_rows: what `rows:` of a print asks for:
 *
 *	places | people | duties(person) | records(LOOP [where EXPRESSION] [order by FIELD [desc]])
 *
 * Records are read through the list of work, so each is judged for its reader; the
 * condition is evaluated over the fields that he sees, with `state` beside them.
 */
#include "report/print_int.h"

#include <stdlib.h>

#include "base/limits.h"

struct things { struct thing *at; size_t n, cap; };

static void rows_places(struct press *p, struct things *out)
{
	for (size_t i = 0; i < p->org->place_n && out->n < PRINT_ROWS_MAX; i++) {
		const struct ov_place *x = &p->org->place[i];

		if (x->from_ms <= p->at_ms && p->at_ms < x->to_ms)
			*VEC_PUSH(p->a, out) = (struct thing){ .about = ABOUT_PLACE,
							       .id = x->id.v };
	}
}

static void rows_people(struct press *p, struct things *out)
{
	for (size_t i = 0; i < p->org->person_n && out->n < PRINT_ROWS_MAX; i++) {
		const struct ov_person *x = &p->org->person[i];

		if (x->from_ms <= p->at_ms && p->at_ms < x->to_ms)
			*VEC_PUSH(p->a, out) =
				(struct thing){ .about = ABOUT_PERSON, .id = x->id.v };
	}
}

static enum err rows_duties(struct press *p, struct things *out)
{
	const struct duty **d;
	size_t n;

	if (p->about.about != ABOUT_PERSON)
		return INVALID(p->op, STR("print"), "职责清单要对着一个人打印");
	TRY(duties_list(p->op, (person_id){ p->about.id }, &d, &n));
	for (size_t i = 0; i < n; i++)
		*VEC_PUSH(p->a, out) = (struct thing){ .about = ABOUT_DUTY, .duty = d[i] };
	return ERR_OK;
}

/* --- records ---------------------------------------------------------------------- */

struct query { str loop, order; bool desc; const struct expr *where; };

/* "hazard where grade = major order by due_on desc" */
static enum err query_read(struct press *p, str text, struct query *ret)
{
	ptrdiff_t order = str_find(text, STR(" order by "), 0);
	ptrdiff_t where = str_find(text, STR(" where "), 0);
	size_t head = where >= 0 ? (size_t)where : order >= 0 ? (size_t)order : text.len;
	struct expr_error bad;
	struct expr *x;

	*ret = (struct query){ .loop = str_trim(str_slice(text, 0, head)) };
	if (order >= 0) {
		ret->order = str_trim(str_slice(text, (size_t)order + 10, text.len));
		ret->desc = str_ends(ret->order, STR(" desc"));
		if (ret->desc)
			ret->order = str_trim(str_slice(ret->order, 0, ret->order.len - 5));
	}
	if (where < 0)
		return ERR_OK;
	text = str_slice(text, (size_t)where + 7, order > where ? (size_t)order : text.len);
	if (expr_parse(p->a, str_trim(text), &x, &bad))
		return INVALID(p->op, STR("print"), "打印件的条件读不懂：%.*s", STR_ARG(bad.message));
	ret->where = x;
	return ERR_OK;
}

static bool query_holds(struct press *p, const struct query *q, const struct record_view *r)
{
	struct vmap fields = vmap_copy(p->a, &r->fields);
	struct expr_env env = { .policy = r->policy, .params = &p->w->params, .fields = &fields,
				.declared = r->loop->field, .declared_n = r->loop->field_n,
				.calendar = p->w->calendar, .now_ms = p->at_ms,
				.utc_offset_ms = p->op->clock->utc_offset_ms };

	vmap_set(p->a, &fields, STR("state"), value_text(r->state->m.id));
	return !r->is_void && expr_true(p->a, q->where, &env);
}

/* Insertion by the field; what has none comes last. The list comes newest first, and stays so. */
static void query_sort(const struct query *q, struct things *out)
{
	for (size_t i = 1; q->order.len && i < out->n; i++) {
		struct thing x = out->at[i];
		const struct value *v = vmap_get(&x.rec->fields, q->order);
		size_t k = i;

		while (v && k > 0) {
			const struct value *u = vmap_get(&out->at[k - 1].rec->fields, q->order);
			int order = 0;

			if (u && (!value_order(u, v, &order) ||
				  (q->desc ? order >= 0 : order <= 0)))
				break;
			out->at[k] = out->at[k - 1];
			k--;
		}
		out->at[k] = x;
	}
}

static enum err rows_records(struct press *p, str text, struct things *out)
{
	struct query q;
	struct list_query list = { .limit = LIST_LIMIT_MAX };
	struct list page = { .more = true };

	TRY(query_read(p, text, &q));
	list.loop = q.loop;
	while (page.more) {
		TRY(records_list(p->op, &list, &page));
		for (size_t i = 0; i < page.n; i++) {
			struct record_view *r = NEW(p->a, struct record_view);

			TRY(record_view(p->op, page.at[i].id, r));
			if (r->sealed || !query_holds(p, &q, r))
				continue;
			if (out->n == PRINT_ROWS_MAX)
				return FAIL(p->op, ERR_LIMIT, "超过 %d 条，请分段打印",
					    PRINT_ROWS_MAX);
			*VEC_PUSH(p->a, out) = (struct thing){ .about = ABOUT_RECORD,
							       .id = r->id.v, .rec = r };
		}
		list.after = page.after;
	}
	query_sort(&q, out);
	return ERR_OK;
}

enum err press_rows(struct press *p, const struct thing **ret, size_t *ret_n)
{
	str rows = p->print->rows;
	struct things out = { 0 };

	if (str_eq(rows, STR("places")))
		rows_places(p, &out);
	else if (str_eq(rows, STR("people")))
		rows_people(p, &out);
	else if (str_starts(rows, STR("duties(")))
		TRY(rows_duties(p, &out));
	else if (str_starts(rows, STR("records(")) && str_ends(rows, STR(")")))
		TRY(rows_records(p, str_slice(rows, 8, rows.len - 1), &out));
	else
		return INVALID(p->op, STR("print"), "打印件的 rows 读不懂：%.*s", STR_ARG(rows));
	*ret = out.at;
	*ret_n = out.n;
	return ERR_OK;
}
