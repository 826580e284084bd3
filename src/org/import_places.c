/*
 * import_places: what a row of a list of places means. A kind that is not written is read
 * from the name where only one fits; a building and a floor become places above.
 */
#include "org/import_int.h"

#include "gen/q_person.h"
#include "gen/q_place.h"

#define OFFERED_MAX 20

static size_t col_of(const struct import_look *l, const char *field)
{
	return import_col(l->body, str_of(field));
}

static str plain_cell(struct import_look *l, size_t row, const char *field)
{
	return import_plain(l->op->arena, import_cell_text(l, row, col_of(l, field)));
}

static void read_name(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "name");

	l->plan[row].name = import_unpad(l->op->arena, plain_cell(l, row, "name"));
	if (l->plan[row].name.len == 0)
		import_wrong(l, row, col, "没有名称。");
	else if (utf8_len(l->plan[row].name) > NAME_MAX_CHARS)
		import_wrong(l, row, col, "名称太长了，请缩短。");
}

static void read_kind(struct import_look *l, size_t row)
{
	struct plan_row *p = &l->plan[row];
	size_t col = col_of(l, "kind");
	str text = import_cell_text(l, row, col);
	bool sure = false, written = text.len > 0;
	const struct import_name *k = NULL;
	struct class_no c;
	str rest;

	p->kind = STR("");
	if (p->name.len == 0 || (p->place.v && !written))
		return;		/* it is there, and has one */
	k = import_name_of(l->op->arena, &l->w->place_kind, written ? text : p->name, &sure);
	if (!k && written)	/* the name may say what the word leaves open */
		k = import_name_of(l->op->arena, &l->w->place_kind, p->name, &sure);
	if (!k && !written && class_no_find(l->op->arena, p->name, &c, &rest) && c.no)
		k = import_name_of(l->op->arena, &l->w->place_kind, STR("教室"), &sure);
	if (!k) {
		if (written)
			import_wrong(l, row, col, "没有“%.*s”这一类，请选一类。", STR_ARG(text));
		else
			import_wrong(l, row, col, "从名称看不出类别，请选一类。");
		import_options(l, row, col, &l->w->place_kind, written ? text : p->name, true);
		return;
	}
	p->kind = k->id;
	p->risk = k->risk.ptr ? k->risk : STR("");
	if (!written || !sure)
		import_note(l, row, col, "按“%.*s”处理。", STR_ARG(k->label));
}

static void read_risk(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "risk");
	str text = import_cell_text(l, row, col);
	bool sure;

	if (text.len == 0)
		return;
	const struct import_name *r = import_name_of(l->op->arena, &l->w->risk, text, &sure);
	if (r) {
		l->plan[row].risk = r->id;
		return;
	}
	import_wrong(l, row, col, "没有“%.*s”这一级，请选一级，或者先不填。", STR_ARG(text));
	import_options(l, row, col, &l->w->risk, text, false);
	import_propose(l, row, col, CELL_EMPTY);
}

static void read_class(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "class");
	str text = import_cell_text(l, row, col);
	struct class_no c;

	if (text.len == 0)
		return;
	if (class_no_is(l->op->arena, text, &c))
		*VEC_PUSH(l->op->arena, &l->plan[row].class) = c;
	else
		import_note(l, row, col, "看不出是哪个班，这一格不用。");
}

/* ---- keepers ------------------------------------------------------------------ */

/* "李静 13800000001", "李静（安全办）": the name before a blank, a digit or a bracket. */
static str leading_name(struct arena *a, str text)
{
	str s = import_plain(a, text);

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == ' ' || s.ptr[i] == '(' || s.ptr[i] == '\n' ||
		    (i > 0 && s.ptr[i] >= '0' && s.ptr[i] <= '9'))
			return str_slice(s, 0, i);
	return s;
}

/* How many characters two names share at their places: 黄海坡 and 黄海波 two of three. */
static size_t alike(str x, str y)
{
	size_t n = 0;

	if (x.len != y.len)
		return 0;
	for (size_t i = 0; i + 3 <= x.len; i += 3)
		n += str_eq(str_slice(x, i, i + 3), str_slice(y, i, i + 3));
	return n;
}

/* The people who are named in the cell; else those whose name differs in one character. */
static void offer_people(struct import_look *l, size_t row, size_t col, str text)
{
	VEC(struct import_option) o = { 0 };
	str rest = text, part;
	person_id id;

	*VEC_PUSH(l->op->arena, &o) = (struct import_option){ CELL_EMPTY, STR("先不填，以后再指派") };
	while (import_next_part(&rest, &part) && o.n < OFFERED_MAX)
		if (import_people_named(l, part, &id) == 1)
			*VEC_PUSH(l->op->arena, &o) = (struct import_option){ part, part };
	for (size_t i = 0; i < l->org.person_n && o.n < OFFERED_MAX; i++) {
		str name = l->org.person[i].name;
		if (alike(name, text) + 1 == utf8_len(name) && utf8_len(name) > 1)
			*VEC_PUSH(l->op->arena, &o) = (struct import_option){ name, name };
	}
	l->cell[row][col].option = o.at;
	l->cell[row][col].option_n = o.n;
	import_propose(l, row, col, o.n == 2 || (o.n > 2 && !str_eq(text, o.at[1].value) &&
			str_starts(text, o.at[1].value)) ? o.at[1].value : CELL_EMPTY);
}

static void unknown_keeper(struct import_look *l, size_t row, size_t col, str text)
{
	import_wrong(l, row, col, "没有叫“%.*s”的人。可以先不填，以后在责任网格里指派。", STR_ARG(text));
	offer_people(l, row, col, text);
}

static void read_keeper(struct import_look *l, size_t row, size_t col, str role)
{
	str text = import_cell_text(l, row, col), rest = text, part = STR("");
	struct q_persons_numbered *found;
	person_id id = { 0 };
	size_t n = 0, parts = 0;

	while (import_next_part(&rest, &part))
		parts += part.len > 0;
	if (parts == 0)
		return;
	if (parts > 1) {
		import_wrong(l, row, col, "一处只写一个责任人，这里有 %zu 个。", parts);
		offer_people(l, row, col, text);
		return;
	}
	text = import_plain(l->op->arena, text);
	n = import_people_named(l, text, &id);
	if (n == 0)
		n = import_people_named(l, leading_name(l->op->arena, text), &id);
	if (n == 0 && !q_persons_numbered(l->op, l->tenant, text, l->op->now_ms, &found, &n) && n)
		id = found[0].id;
	if (n == 1)
		*VEC_PUSH(l->op->arena, &l->plan[row].keeper) = (struct plan_keeper){ role, id };
	else if (n == 0)
		unknown_keeper(l, row, col, text);
	else
		import_wrong(l, row, col, "有 %zu 位%.*s，请写工号。", n, STR_ARG(text));
}

static void read_keepers(struct import_look *l, size_t row)
{
	static const str prefix = STR("keeper:");

	for (size_t c = 0; c < l->body->column.n; c++) {
		str field = l->body->column.at[c].field;
		if (str_starts(field, prefix))
			read_keeper(l, row, c, str_slice(field, prefix.len, field.len));
	}
}

/* ---- there already ------------------------------------------------------------ */

static bool stands_in(const struct import_look *l, const struct ov_place *p, str above)
{
	if (above.len == 0)
		return true;
	for (int depth = 0; p->parent.v && depth < 16; depth++) {
		p = ov_place(&l->org, p->parent);
		if (!p)
			return false;
		if (str_eq(p->name, above))
			return true;
	}
	return false;
}

static void find_existing(struct import_look *l, size_t row)
{
	struct plan_row *p = &l->plan[row];
	struct q_place_by_code coded;
	size_t n = 0;

	if (p->code.len && !q_place_by_code(l->op, l->tenant, p->code, &coded)) {
		const struct ov_place *there = ov_place(&l->org, coded.id);
		if (there && str_eq(there->name, p->name))
			p->place = coded.id;
		else
			import_wrong(l, row, col_of(l, "code"), "编号 %.*s 已经是别的区域的了。",
				     STR_ARG(p->code));
	}
	for (size_t i = 0; i < l->org.place_n && !p->place.v && p->name.len && !p->code.len; i++) {
		const struct ov_place *x = &l->org.place[i];
		if (!str_eq(x->name, p->name) || !stands_in(l, x, p->building) ||
		    !stands_in(l, x, p->floor))
			continue;
		if (n++ == 0)
			p->place = x->id;
	}
	if (n > 1)
		import_wrong(l, row, col_of(l, "name"), "已有 %zu 处叫“%.*s”，请填编号。", n,
			     STR_ARG(p->name));
	else if (p->place.v)
		import_note(l, row, col_of(l, "name"), "已有这处，只补上责任人。");
}

/* Two rows that nothing tells apart. A draft has a few hundred places. */
static void find_twin(struct import_look *l, size_t row)
{
	const struct plan_row *p = &l->plan[row];

	for (size_t i = 0; i < row && p->name.len && p->code.len == 0; i++) {
		const struct plan_row *q = &l->plan[i];
		if (l->body->row.at[i].skip || !str_eq(q->name, p->name) || q->code.len ||
		    !str_eq(q->building, p->building) || !str_eq(q->floor, p->floor))
			continue;
		import_wrong(l, row, col_of(l, "name"), "与第 %d 行同名，请写上楼栋楼层，或者填编号。",
			     (int)l->body->row.at[i].line);
		return;
	}
}

void import_row_place(struct import_look *l, size_t row)
{
	struct plan_row *p = &l->plan[row];

	if (l->body->row.at[row].skip)
		return;
	p->risk = STR("");
	read_name(l, row);
	p->code = plain_cell(l, row, "code");
	p->building = import_unpad(l->op->arena, plain_cell(l, row, "building"));
	p->floor = import_unpad(l->op->arena, plain_cell(l, row, "floor"));
	if (utf8_len(p->code) > CODE_MAX_CHARS)
		import_wrong(l, row, col_of(l, "code"), "编号太长了，请核对。");
	if (utf8_len(p->building) > 30 || utf8_len(p->floor) > 30)
		import_wrong(l, row, col_of(l, p->building.len > 30 ? "building" : "floor"),
			     "楼栋、楼层的名称太长了。");
	find_existing(l, row);
	read_kind(l, row);
	read_risk(l, row);
	read_class(l, row);
	read_keepers(l, row);
	find_twin(l, row);
}
