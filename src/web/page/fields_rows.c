/*
 * fields_rows: tables, cards and checklists. A table whose rows hold a checklist is drawn as
 * cards; when it is new and has a column of places, it starts with one card for each
 * place that the person keeps, so that one form covers all his rooms (pack-language §4,
 * "What the teacher sees").
 */
#include "web/page/fields_int.h"

#include "base/pubid.h"

#define BLANK_ROWS 2	/* to begin with, without a script */
#define CELL_CHIPS 4	/* a choice of so few is drawn as chips in a card */

static str under(struct arena *a, str path, str name)
{
	return str_fmt(a, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
}

/* How many rows were sent. */
static size_t typed_rows(const struct fields *c, str name)
{
	size_t n = 0;

	for (size_t i = 0; c->typed && i < c->typed->n; i++) {
		str rest = c->typed->at[i].name;
		int64_t row;

		if (!str_starts(rest, name) || rest.len <= name.len || rest.ptr[name.len] != '.')
			continue;
		rest = str_slice(rest, name.len + 1, rest.len);
		if (str_to_i64(str_cut(&rest, '.'), &row) && row >= 0 && row < 500 &&
			(size_t)row >= n)
			n = (size_t)row + 1;
	}
	return n;
}

static const struct field *column_of_type(const struct field *f, enum ftype type)
{
	size_t n;
	const struct field *c = field_columns(f, &n);

	for (size_t i = 0; i < n; i++)
		if (c[i].type == type)
			return &c[i];
	return NULL;
}

/* What a column holds before anybody has written. */
static struct value column_default(struct op *op, const struct fields *c, const struct field *f)
{
	const struct expr_env env = {
		.policy = c->policy, .params = &c->work->params, .calendar = c->work->calendar,
		.now_ms = op->now_ms, .utc_offset_ms = c->work->calendar->utc_offset_ms,
	};

	return f->dflt ? expr_eval(op->arena, f->dflt, &env) : VALUE_NONE;
}

static void cell_chips(struct op *op, const struct fields *c, const struct field *f, str path,
		       const struct value *v, struct html_cell *h, const struct options *o)
{
	struct html_chip *chip = NEW_N(op->arena, o->v.n, struct html_chip);
	bool many = f->type == F_CHOICES;

	for (size_t i = 0; i < o->v.n; i++) {
		bool on = o->v.at[i].on;

		if (many && c->typed)
			on = field_was(c, path, o->v.at[i].value);
		else if (many && v && v->kind == V_LIST)
			on = value_has(v, &(struct value){ .kind = V_TEXT,
				.text = o->v.at[i].value });
		chip[i] = (struct html_chip){
			.many = many, .name = h->name, .value = o->v.at[i].value,
			.label = o->v.at[i].label, .on = on,
		};
	}
	h->is_chips = true;
	h->chips = chip;
	h->chips_n = o->v.n;
}

static enum err cell_choice(struct op *op, const struct fields *c, const struct field *f, str path,
			    const struct value *v, bool card, struct html_cell *h)
{
	struct options o = { 0 };

	TRY(field_options(op, c, f, field_now(op, c, path, v), &o));
	if (f->type == F_CHOICES || (card && f->type == F_CHOICE && o.v.n <= CELL_CHIPS)) {
		cell_chips(op, c, f, path, v, h, &o);
		return ERR_OK;
	}
	h->is_select = !o.too_many;
	h->is_line = o.too_many;	/* a name or a code */
	h->options = o.v.at;
	h->options_n = o.v.n;
	return ERR_OK;
}

static enum err cell_view(struct op *op, const struct fields *c, const struct field *f, str path,
			  const struct value *v, bool card, struct html_cell *h)
{
	*h = (struct html_cell){ .name = str_fmt(op->arena, "f.%.*s", STR_ARG(path)),
				 .label = f->m.label, .error = field_fault(op, path) };
	switch (f->type) {
	case F_CHOICE: case F_CHOICES: case F_PERSON: case F_PLACE: case F_UNIT: case F_CLASS:
	case F_POST: case F_RECORD: case F_ASSET: case F_PERIOD:
		return cell_choice(op, c, f, path, v, card, h);
	case F_FLAG:
		h->is_box = true;
		h->on = str_eq(field_now(op, c, path, v), STR("1"));
		return ERR_OK;
	default:
		h->is_line = true;
		h->is_number = f->type == F_INT || f->type == F_DECIMAL || f->type == F_MONEY ||
			       f->type == F_PERCENT;
		h->is_date = f->type == F_DATE;
		h->is_time = f->type == F_TIME;
		h->value = field_now(op, c, path, v);
		return ERR_OK;
	}
}

/* --- checklists --- */

/* Is the item for this key? An item without a word in the column is for all. */
static bool item_fits(const struct entry *e, str column, str key)
{
	const struct value *v = vmap_get(&e->columns, column), want = value_text(key);

	return !key.len || !v || value_eq(v, &want) || value_has(v, &want);
}

static str key_column(const struct field *f)
{
	str rest = f->key, last = f->key;

	while (rest.ptr)
		last = str_cut(&rest, '.');
	return last;
}

str checklist_key(const struct fields *c, const struct field *f, const struct row *row,
		  const struct ov_place *place)
{
	const struct value *v = row ? row_get(row, f->key) : NULL;

	if (str_eq(f->key, STR("place.kind")))
		return place ? place->kind : STR_NONE;
	if (!v && c->known && f->key.len)
		v = vmap_get(c->known, f->key);
	return v && v->kind == V_TEXT ? v->text : STR_NONE;
}

static const struct row *answer_of(const struct value *v, str item)
{
	for (size_t i = 0; v && v->kind == V_ROWS && i < v->rows.n; i++) {
		const struct value *at = row_get(&v->rows.at[i], STR("item"));

		if (at && at->kind == V_TEXT && str_eq(at->text, item))
			return &v->rows.at[i];
	}
	return NULL;
}

static void item_view(struct op *op, const struct fields *c, const struct entry *e, str path,
		      const struct row *was, bool good, struct html_check_item *h)
{
	struct arena *a = op->arena;
	str result = field_now(op, c, under(a, path, STR("result")), was ? row_get(was,
		STR("result")) : NULL);
	size_t n = e->m.clauses.n;

	if (good && !was && !c->typed)
		result = STR("good");
	*h = (struct html_check_item){
		.name = str_fmt(a, "f.%.*s", STR_ARG(path)), .item = e->m.id, .title = e->m.label,
		.clause = n ? str_join(a, e->m.clauses.at, n, STR("、")) : STR_NONE,
		.note = field_now(op, c, under(a, path, STR("note")), was ? row_get(was,
			STR("note")) : NULL),
		.error = field_fault(op, under(a, path, STR("result"))),
		.good = str_eq(result, STR("good")), .bad = str_eq(result, STR("bad")),
		.absent = str_eq(result, STR("na")),
	};
}

void checklist_view(struct op *op, const struct fields *c, const struct field *f, str name,
		    const struct value *v, str key, bool good,
		    struct html_check_item **ret, size_t *ret_n)
{
	const struct catalogue *cat = policy_catalogue(c->policy, f->of_catalogue);
	VEC(struct html_check_item) items = { 0 };
	str column = key_column(f);

	for (size_t i = 0; cat && i < cat->entry_n; i++) {
		const struct entry *e = &cat->entry[i];
		str path;

		if (e->hidden || !e->m.label.len || !item_fits(e, column, key))
			continue;
		path = str_fmt(op->arena, "%.*s.%zu", STR_ARG(name), items.n);
		item_view(op, c, e, path, answer_of(v, e->m.id), good,
			  VEC_PUSH(op->arena, &items));
	}
	*ret = items.at;
	*ret_n = items.n;
}

/* --- cards --- */

static const struct ov_place *place_now(struct op *op, const struct fields *c,
					const struct field *col, str row_path,
					const struct value *v)
{
	tenant_id tenant;
	place_id id;
	str now;

	if (!col)
		return NULL;
	now = field_now(op, c, under(op->arena, row_path, col->m.id), v);
	return pubid_read(now, &tenant, &id.v) ? ov_place(c->work->org, id) : NULL;
}

static void card_title(struct op *op, const struct ov_place *place, const struct org_view *v,
		       str name, struct html_card *h)
{
	struct html_hidden *hidden = NEW(op->arena, struct html_hidden);

	hidden->name = name;
	hidden->value = pubid_make(op->arena, v->tenant, place->id.v);
	h->hidden = hidden;
	h->hidden_n = 1;
	h->title = place->name;
}

/* One row as a card. `mine`: the place that a new row is about, else NULL. */
static enum err card_view(struct op *op, const struct fields *c, const struct field *f, str path,
			  const struct row *row, const struct ov_place *mine, struct html_card *h)
{
	const struct field *places = column_of_type(f, F_PLACE);
	const struct ov_place *place = mine;
	struct html_cell *cells = NEW_N(op->arena, f->column_n, struct html_cell);

	if (!place && places)
		place = place_now(op, c, places, path, row ? row_get(row, places->m.id) : NULL);
	*h = (struct html_card){ .cells = cells };
	for (size_t i = 0; i < f->column_n; i++) {
		const struct field *col = &f->column[i];
		str at = under(op->arena, path, col->m.id);
		struct value dflt = column_default(op, c, col);
		const struct value *v = row ? row_get(row, col->m.id) : &dflt;

		if (col->type == F_COMPUTED)
			continue;
		if (col == places && place)
			card_title(op, place, c->work->org, str_fmt(op->arena, "f.%.*s",
				STR_ARG(at)), h);
		else if (col->type != F_CHECKLIST)
			TRY(cell_view(op, c, col, at, v, true, &cells[h->cells_n++]));
		else {
			struct html_check_item *items;

			str key = checklist_key(c, col, row, place);

			checklist_view(op, c, col, at, row ? v : NULL, key, true, &items,
				       &h->checks_n);
			h->checks = items;
			h->checks_note = str_fmt(op->arena, "%.*s %zu 项，默认正常，有问题的点开改",
						 STR_ARG(col->m.label), h->checks_n);
			h->checks_open = field_fault(op, at).len > 0;
		}
	}
	return ERR_OK;
}

static enum err cards_view(struct op *op, const struct fields *c, const struct form_field *ff,
			   struct html_field *h)
{
	const struct field *f = ff->field;
	const struct value *v = &ff->preset;
	const struct ov_place **mine = NULL;
	size_t known = v->kind == V_ROWS ? v->rows.n : 0, n = c->typed ? typed_rows(c,
		f->m.id) : known;
	struct html_card *cards;

	if (!c->typed && !known && column_of_type(f, F_PLACE))
		n = places_of(op, c, &mine);
	n += n == 0 || str_eq(c->more, h->name);
	cards = NEW_N(op->arena, n, struct html_card);
	for (size_t i = 0; i < n; i++) {
		str path = str_fmt(op->arena, "%.*s.%zu", STR_ARG(f->m.id), i);

		TRY(card_view(op, c, f, path, i < known ? &v->rows.at[i] : NULL,
			      mine ? mine[i] : NULL, &cards[i]));
	}
	h->is_cards = true;
	h->cards = cards;
	h->cards_n = n;
	return ERR_OK;
}

/* --- tables --- */

static enum err row_view(struct op *op, const struct fields *c, const struct field *f, str path,
			 const struct row *row, struct html_cell_row *h)
{
	struct html_cell *cells = NEW_N(op->arena, f->column_n, struct html_cell);
	size_t n = 0;

	for (size_t i = 0; i < f->column_n; i++) {
		const struct field *col = &f->column[i];
		struct value dflt = column_default(op, c, col);
		const struct value *v = row ? row_get(row, col->m.id) : &dflt;

		if (col->type == F_COMPUTED)
			continue;
		TRY(cell_view(op, c, col, under(op->arena, path, col->m.id), v, false,
			&cells[n++]));
	}
	h->cells = cells;
	h->cells_n = n;
	return ERR_OK;
}

static enum err table_view(struct op *op, const struct fields *c, const struct form_field *ff,
			   struct html_field *h)
{
	const struct field *f = ff->field;
	const struct value *v = &ff->preset;
	size_t known = v->kind == V_ROWS ? v->rows.n : 0, n = c->typed ? typed_rows(c,
		f->m.id) : known;
	struct html_head_cell *heads = NEW_N(op->arena, f->column_n, struct html_head_cell);
	struct html_cell_row *rows;

	n = n ? n + str_eq(c->more, h->name) : BLANK_ROWS;
	rows = NEW_N(op->arena, n, struct html_cell_row);
	for (size_t i = 0; i < f->column_n; i++)
		if (f->column[i].type != F_COMPUTED)
			heads[h->heads_n++].label = f->column[i].m.label;
	for (size_t i = 0; i < n; i++)
		TRY(row_view(op, c, f, str_fmt(op->arena, "%.*s.%zu", STR_ARG(f->m.id), i),
			     i < known ? &v->rows.at[i] : NULL, &rows[i]));
	h->is_rows = true;
	h->heads = heads;
	h->rows = rows;
	h->rows_n = n;
	return ERR_OK;
}

enum err rows_view(struct op *op, const struct fields *c, const struct form_field *ff,
		   struct html_field *h)
{
	struct html_check_item *items;

	if (ff->field->type == F_ROWS)
		return column_of_type(ff->field, F_CHECKLIST) ? cards_view(op, c, ff, h)
							      : table_view(op, c, ff, h);
	checklist_view(op, c, ff->field, ff->field->m.id, &ff->preset,
		       checklist_key(c, ff->field, NULL, NULL), false, &items, &h->checks_n);
	h->checks = items;
	h->is_checks = true;
	return ERR_OK;
}
