/*
 * fuzz_expr: whatever text a pack holds, an expression and a people expression are parsed
 * or refused with a sentence, and what was parsed is typed and evaluated within its budget,
 * over fields of every kind, as a set of people over a small school.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/calendar.h"
#include "rules/expr.h"
#include "rules/org_view.h"
#include "rules/policy.h"

#define OFFSET (8 * 3600000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str any_type(void *ctx, const struct expr_name *n)
{
	static const char *const types[] = { "any",  "int",  "choice", "date",
					     "rows", "flag", "choices" };

	(void)ctx;
	return n->kind == NAME_WORD && n->name.len % 3 == 0 ? STR_NONE
							     : str_of(types[n->name.len % 7]);
}

static void count_name(void *ctx, const struct expr_name *n)
{
	assert(n->name.len > 0);
	++*(size_t *)ctx;
}

static bool fact(void *ctx, const struct fact_query *q, struct value *ret_v)
{
	(void)ctx;
	*ret_v = value_int((int64_t)q->name.len);
	return q->name.len % 2;
}

static struct vmap fields(struct arena *a)
{
	struct vmap m = { 0 };
	struct row *rows = NEW_N(a, 300, struct row);
	str *name = NEW(a, str);
	struct value *cell = NEW_N(a, 300, struct value);

	*name = STR("x");
	for (size_t i = 0; i < 300; i++) {
		cell[i] = value_int((int64_t)i);
		rows[i] = (struct row){ name, &cell[i], 1 };
	}
	vmap_set(a, &m, STR("r"), (struct value){ .kind = V_ROWS, .rows = { rows, 300 } });
	vmap_set(a, &m, STR("l"), value_list(a, cell, 50));
	vmap_set(a, &m, STR("n"), value_num(INT64_MAX));
	vmap_set(a, &m, STR("d"), value_date(day_of(2026, 11, 18)));
	vmap_set(a, &m, STR("t"), value_text(STR("now")));
	vmap_set(a, &m, STR("i"), value_instant(day_start_ms(day_of(2026, 11, 18), OFFSET)));
	vmap_set(a, &m, STR("p"), value_ref(REF_PERSON, 1));
	vmap_set(a, &m, STR("place"), value_ref(REF_PLACE, 1));
	return m;
}

static void try_expr(struct arena *a, str text)
{
	static const struct calendar calendar = { .utc_offset_ms = OFFSET, .has_pupils = true };
	static const struct policy policy = { 0 };
	static const struct field declared[] = { { .m = { .id = { "f", 1 } }, .type = F_FLAG },
						 { .m = { .id = { "n", 1 } }, .type = F_INT } };
	static const struct loop loop = { .field = declared, .field_n = 2 };
	const struct expr_types types = { .type_of = any_type };
	const struct vmap m = fields(a);
	const struct expr_env env = { .policy = &policy, .fields = &m, .declared = declared,
				      .declared_n = 2, .calendar = &calendar,
				      .now_ms = day_start_ms(day_of(2026, 11, 18), OFFSET),
				      .utc_offset_ms = OFFSET, .fact = fact };
	struct expr_error error = { 0 };
	struct expr *e;
	size_t names = 0;
	bool sure;

	if (expr_parse(a, text, &e, &error)) {
		assert(error.message.len && error.at <= text.len);
		return;
	}
	expr_names(e, count_name, &names);
	error = (struct expr_error){ 0 };
	assert(expr_type(a, e, &types, &error).ptr || error.message.len);
	(void)expr_eval(a, e, &env);
	(void)expr_true(a, e, &env);
	(void)expr_possible(a, &policy, &loop, e, e, &sure);
}

static void try_who(struct arena *a, str text)
{
	static const struct ov_person person[] = { { .id = { 1 }, .to_ms = INSTANT_OPEN } };
	static const struct ov_appointment held[] = {
		{ .id = { 9 }, .person = { 1 }, .post = { "p", 1 }, .to_ms = INSTANT_OPEN },
	};
	static const str self[] = { { "p", 1 }, { "q", 1 } };	/* posts in a circle */
	static const struct post posts[] = {
		{ .m = { .id = { "p", 1 }, .label = { "p", 1 } },
		  .includes = { self, 2 },
		  .is = { self, 2 },
		  .of = { "p", 1 },
		  .head = true },
		{ .m = { .id = { "q", 1 }, .label = { "q", 1 } },
		  .includes = { self, 2 },
		  .stand_in = { "p", 1 } },
	};
	static const struct policy policy = { .post = posts, .post_n = 2 };
	static const struct org_view org = {
		.person = person, .person_n = 1, .appointment = held, .appointment_n = 1
	};
	const struct vmap m = fields(a);
	const struct who_ctx c = { .policy = &policy, .org = &org, .fields = &m };
	struct expr_error error = { 0 };
	struct who *w;
	struct who_set named;

	if (who_parse(a, text, &w, &error)) {
		assert(error.message.len && error.at <= text.len);
		return;
	}
	named = who_eval(a, w, &c);
	for (size_t i = 0; i < named.n; i++)
		assert(named.at[i].person.v);
	(void)who_present(a, w, &c);
	assert(who_say(a, &policy, NULL, w).len || !text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(ARENA_OP_MAX);
	const str text = { (const char *)data, size };

	try_expr(a, text);
	try_who(a, text);
	arena_free(a);
	return 0;
}
