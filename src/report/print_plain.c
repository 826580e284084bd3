/*
 * print_plain: a paper without a print of a pack: everything that is known of a record,
 * by its declaration: what it holds, what was done by whom, what it satisfied, who signed,
 * its photos. So every loop of every pack prints from the first day.
 */
#include "report/print_int.h"

#include "base/pubid.h"

static void fact_add(struct press *p, struct fact *f, size_t *n, const char *label, str value)
{
	if (value.len)
		f[(*n)++] = (struct fact){ str_of(label), text_of(p->a, value) };
}

static bool own_table(const struct field *f, const struct value *v)
{
	return v && v->kind == V_ROWS &&
	       (f->type == F_ROWS || f->type == F_CHECKLIST || f->type == F_SIGNATURES);
}

static void plain_facts(struct press *p, struct sheet *s)
{
	const struct record_view *r = p->about.rec;
	struct fact *f = NEW_N(p->a, r->loop->field_n + 6, struct fact);
	const struct ov_place *place = ov_place(p->org, r->place);
	size_t n = 0;

	fact_add(p, f, &n, "编号", r->number);
	fact_add(p, f, &n, "现在", r->is_void ? STR("已作废，编号保留") : r->state->m.label);
	if (!loop_field(r->loop, STR("place")))
		fact_add(p, f, &n, "区域", place ? place->name : STR_NONE);
	fact_add(p, f, &n, "发起", str_fmt(p->a, "%.*s　%.*s",
		 STR_ARG(press_person(p, r->creator.v)), STR_ARG(press_moment(p, r->created_ms))));
	for (size_t i = 0; i < r->loop->field_n; i++) {
		const struct field *x = &r->loop->field[i];
		const struct value *v = vmap_get(&r->fields, x->m.id);

		if (v && !own_table(x, v) && x->type != F_FILES)
			f[n++] = (struct fact){ x->m.label, text_of(p->a, press_value(p, x, v)) };
	}
	sheet_facts(p->a, s, f, n);
}

static void plain_rows(struct press *p, struct sheet *s, const struct field *f,
		       const struct value *v)
{
	size_t col_n;
	const struct field *col = field_columns(f, &col_n);
	struct table_make t = { .arena = p->a, .caption = f->m.label };

	if (!col_n || !v->rows.n)
		return;
	if (col_n > TABLE_COLS_MAX)
		col_n = TABLE_COLS_MAX;
	t.col_n = col_n;
	t.head = NEW_N(p->a, col_n, struct text);
	for (size_t i = 0; i < col_n; i++)
		t.head[i] = text_of(p->a, col[i].m.label);
	for (size_t i = 0; i < v->rows.n; i++)
		for (size_t k = 0; k < col_n; k++)
			table_cell(&t, press_value(p, &col[k],
						   row_get(&v->rows.at[i], col[k].m.id)));
	table_end(&t, s);
}

static void plain_steps(struct press *p, struct sheet *s)
{
	static const char *const head[] = { "时间", "办理", "办理人", "之后" };
	const struct record_view *r = p->about.rec;
	struct table_make t;

	table_begin(&t, p->a, head, 4);
	for (size_t i = 0; i < r->step_n; i++) {
		const struct step_row *x = &r->step[i];
		str who = x->doer_name.len ? x->doer_name : STR("到时自动办理");

		if (x->post_label.len)
			who = str_fmt(p->a, "%.*s（%.*s）", STR_ARG(who), STR_ARG(x->post_label));
		table_cell(&t, press_moment(p, x->at_ms));
		table_cell(&t, x->undone ? str_fmt(p->a, "%.*s（已撤销）", STR_ARG(x->label))
					 : x->label);
		table_cell(&t, who);
		table_cell(&t, x->to_label);
	}
	sheet_heading(p->a, s, 2, STR("办理过程"));
	table_end(&t, s);
}

static void plain_satisfied(struct press *p, struct sheet *s)
{
	static const char *const head[] = { "满足的要求", "对象", "时段", "依据", "情况" };
	const struct record_view *r = p->about.rec;
	struct table_make t;

	if (!r->satisfied_n)
		return;
	table_begin(&t, p->a, head, 5);
	for (size_t i = 0; i < r->satisfied_n; i++) {
		const struct satisfied *x = &r->satisfied[i];

		table_cell(&t, x->label);
		table_cell(&t, x->subject);
		table_cell(&t, x->period);
		table_cell(&t, str_join(p->a, x->clauses.at, x->clauses.n, STR("、")));
		table_cell(&t, x->reason);
	}
	sheet_heading(p->a, s, 2, STR("一次记录，满足的要求"));
	table_end(&t, s);
}

static void plain_photos(struct press *p, struct sheet *s)
{
	const struct record_view *r = p->about.rec;

	for (size_t i = 0; i < r->file_n; i++) {
		const struct file_row *f = &r->file[i];
		struct photo *x;

		if (!str_starts(f->type, STR("image/")))
			continue;
		x = &sheet_add(p->a, s, BLOCK_PHOTO)->photo;
		*x = (struct photo){ .type = f->type, .caption = f->name, .hash = f->hash,
				     .width = f->width, .height = f->height };
		x->url = str_fmt(p->a, "/files/%.*s",
				 STR_ARG(pubid_make(p->a, r->tenant, f->id.v)));
	}
}

void press_plain(struct press *p, struct document *d)
{
	const struct record_view *r = p->about.rec;
	struct sheet *s = document_sheet(d, r->loop->m.label);

	if (!r->sealed && r->title.len && !str_eq(r->title, r->loop->m.label))
		s->sub = r->title;
	plain_facts(p, s);
	for (size_t i = 0; i < r->loop->field_n; i++) {
		const struct field *f = &r->loop->field[i];
		const struct value *v = vmap_get(&r->fields, f->m.id);

		if (own_table(f, v))
			plain_rows(p, s, f, v);
	}
	plain_steps(p, s);
	plain_satisfied(p, s);
	plain_photos(p, s);
}
