/*
 * import_check: what each row means, and what is wrong with it, cell by cell. A cell is
 * wrong when the program would have to guess; where one reading is the only one, it is
 * taken and said in a note. Rows are judged against the organisation as it is now and
 * against each other: two of one name need what tells them apart.
 */
#include "org/import_int.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "gen/q_person.h"
#include "gen/q_place.h"

#define OPTIONS_MAX 60

/* ---- saying ------------------------------------------------------------------- */

static str said(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static str said(struct arena *a, const char *fmt, va_list ap)
{
	char small[512];
	int n = vsnprintf(small, sizeof(small), fmt, ap);

	assert(n >= 0);
	str s = { small, (size_t)n < sizeof(small) ? (size_t)n : sizeof(small) - 1 };
	while (s.len && !utf8_valid(s))
		s.len--;
	return str_dup(a, s);
}

void import_wrong(struct import_look *l, size_t row, size_t col, const char *fmt, ...)
{
	va_list ap;

	if (col == SIZE_MAX)
		col = import_col(l->body, STR("name"));
	struct import_cell *c = &l->cell[row][col == SIZE_MAX ? 0 : col];
	if (c->error.len)
		return;
	va_start(ap, fmt);
	c->error = said(l->op->arena, fmt, ap);
	va_end(ap);
}

void import_note(struct import_look *l, size_t row, size_t col, const char *fmt, ...)
{
	va_list ap;

	if (col == SIZE_MAX || l->cell[row][col].note.len)
		return;
	va_start(ap, fmt);
	l->cell[row][col].note = said(l->op->arena, fmt, ap);
	va_end(ap);
}

bool import_may_be_empty(const struct import_look *l, size_t row, size_t col)
{
	return !l->cell[row][col].must && !str_eq(l->body->column.at[col].field, STR("name"));
}

bool import_row_bad(const struct import_look *l, size_t row)
{
	for (size_t c = 0; c < l->body->column.n; c++)
		if (l->cell[row][c].error.len)
			return true;
	return false;
}

/* ---- names of the pack -------------------------------------------------------- */

static bool contains(str s, str part)
{
	return part.len > 0 && str_find(s, part, 0) >= 0;
}

static bool name_is(struct arena *a, const struct import_name *n, str folded)
{
	if (str_eq(n->id, folded) || str_eq(import_fold(a, n->label), folded))
		return true;
	for (size_t i = 0; i < n->alias_n; i++)
		if (str_eq(import_fold(a, n->alias[i]), folded))
			return true;
	return false;
}

/* 水电工 for 水电维修工: the same beginning and end, and its characters in the same order. */
static bool short_for(str folded, str label)
{
	size_t at = 0;

	if (utf8_len(folded) < 3 || !str_starts(label, utf8_cut(folded, 2)))
		return false;
	for (size_t i = 0; i < label.len && at < folded.len; i++)
		at += label.ptr[i] == folded.ptr[at];
	return at == folded.len && label.ptr[label.len - 1] == folded.ptr[folded.len - 1];
}

/*
 * How much of the text a label explains: its own length when it stands in the text (also one
 * half of 库房与器材室), 1 when the text is a part of it, 0 when they share nothing.
 */
static size_t within(struct arena *a, str label, str folded)
{
	str l = import_fold(a, label), tail;
	static const str with = STR("与");
	ptrdiff_t cut = str_find(l, with, 0);

	if (contains(folded, l))
		return l.len;
	if (utf8_len(folded) >= 2 && (contains(l, folded) || short_for(folded, l)))
		return 1;
	if (cut <= 0)
		return 0;
	tail = str_slice(l, (size_t)cut + with.len, l.len);
	if (contains(folded, tail))
		return tail.len;
	return contains(folded, str_slice(l, 0, (size_t)cut)) ? (size_t)cut : 0;
}

static size_t name_within(struct arena *a, const struct import_name *n, str folded, bool aliases)
{
	size_t best = 0, w;

	if (!aliases)
		return within(a, n->label, folded);
	for (size_t i = 0; i < n->alias_n; i++)	/* 是 stands in too many words */
		if (utf8_len(n->alias[i]) > 1 && (w = within(a, n->alias[i], folded)) > best)
			best = w;
	return best;
}

const struct import_name *import_name_of(struct arena *a, const struct import_names *n, str text,
					 bool *ret_sure)
{
	str folded = import_fold(a, text);
	const struct import_name *hit;

	*ret_sure = true;
	for (size_t i = 0; i < n->n; i++)
		if (name_is(a, &n->at[i], folded))
			return &n->at[i];
	*ret_sure = false;
	size_t best = 0, hits = 0;
	hit = NULL;
	for (size_t i = 0; i < n->n; i++) {
		/* 专用教室 says more than 教室; of the same length a label says more than an alias. */
		size_t label = 2 * name_within(a, &n->at[i], folded, false),
			alias = 2 * name_within(a, &n->at[i], folded, true);
		size_t w = label && label >= alias ? label + 1 : alias;
		if (w == 0 || w < best)
			continue;
		hits = w == best ? hits + 1 : 1;
		best = w;
		hit = &n->at[i];
	}
	return hits == 1 ? hit : NULL;
}

/* What could be meant: those that share something with the text first, else all. */
void import_propose(struct import_look *l, size_t row, size_t col, str value)
{
	if (col != SIZE_MAX && l->cell[row][col].propose.len == 0)
		l->cell[row][col].propose = value;
}

void import_options(struct import_look *l, size_t row, size_t col, const struct import_names *n,
		    str like, bool must)
{
	struct arena *a = l->op->arena;
	VEC(struct import_option) near = { 0 };
	str folded = import_fold(a, like);

	if (col == SIZE_MAX || l->cell[row][col].option_n)
		return;
	l->cell[row][col].must = must;
	if (!must)
		*VEC_PUSH(a, &near) = (struct import_option){ CELL_EMPTY, STR("先不填") };
	size_t first = near.n;
	for (int pass = 0; pass < 2 && near.n == first; pass++)
		for (size_t i = 0; i < n->n && near.n < OPTIONS_MAX; i++)
			if (pass == 1 || name_within(a, &n->at[i], folded, false) ||
			    name_within(a, &n->at[i], folded, true))
				*VEC_PUSH(a, &near) = (struct import_option){ n->at[i].label,
										n->at[i].label };
	l->cell[row][col].option = near.at;
	l->cell[row][col].option_n = near.n;
	if (near.n == first + 1 && must)	/* the only one that has something in common */
		import_propose(l, row, col, near.at[first].value);
}

/* ---- people there already ------------------------------------------------------ */

static int by_name(const void *x, const void *y)
{
	const struct ov_person *a = *(const struct ov_person *const *)x;
	const struct ov_person *b = *(const struct ov_person *const *)y;
	int c = str_cmp(a->name, b->name);

	return c ? c : (a->id.v > b->id.v) - (a->id.v < b->id.v);
}

size_t import_people_named(const struct import_look *l, str name, person_id *ret_first)
{
	size_t lo = 0, hi = l->org.person_n, n = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (str_cmp(l->person_by_name[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < l->org.person_n && str_eq(l->person_by_name[lo]->name, name))
		*ret_first = l->person_by_name[lo]->id;
	while (lo + n < l->org.person_n && str_eq(l->person_by_name[lo + n]->name, name))
		n++;
	return n;
}

/* ---- all rows ----------------------------------------------------------------- */

struct order { str name; size_t row; };

static int by_row_name(const void *x, const void *y)
{
	const struct order *a = x, *b = y;
	int c = str_cmp(a->name, b->name);

	return c ? c : (a->row > b->row) - (a->row < b->row);
}

/*
 * Rows of one name: the same number or phone is the same person, other ones are others;
 * when nothing tells, the second is wrong.
 */
static void judge_pair(struct import_look *l, size_t above, size_t row, size_t name_col)
{
	struct plan_row *p = &l->plan[above], *q = &l->plan[row];
	bool number = p->staff_no.len && q->staff_no.len, phone = p->phone.len && q->phone.len;

	if (q->same_as)
		return;
	if ((number && str_eq(p->staff_no, q->staff_no)) ||
	    (!number && phone && str_eq(p->phone, q->phone))) {
		q->same_as = above + 1;
		import_note(l, row, name_col, "与第 %d 行是同一个人，岗位合在一起。",
			    (int)l->body->row.at[above].line);
		return;
	}
	if (p->person.v && p->person.v == q->person.v) {
		import_wrong(l, row, name_col, "已有一位%.*s，分不清是这里的哪一行。请先给他填上工号。",
			     STR_ARG(q->name));
		return;
	}
	if (number || phone)
		return;		/* two people */
	import_wrong(l, row, name_col,
		     "与第 %d 行同名。是同一个人就填一样的工号或手机，不是就各填各的。",
		     (int)l->body->row.at[above].line);
}

static void judge_same_names(struct import_look *l, size_t name_col)
{
	size_t n = 0, rows = l->body->row.n;
	struct order *o = NEW_N(l->op->arena, rows, struct order);

	for (size_t i = 0; i < rows; i++)
		if (!l->body->row.at[i].skip && l->plan[i].name.len)
			o[n++] = (struct order){ l->plan[i].name, i };
	if (n)
		qsort(o, n, sizeof(*o), by_row_name);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (!str_eq(o[i].name, o[first].name)) {
			first = i;
			continue;
		}
		for (size_t k = first; k < i; k++)	/* few share a name */
			if (!l->plan[o[k].row].same_as)
				judge_pair(l, o[k].row, o[i].row, name_col);
	}
}

/* A number or a code that stands for two things in the draft itself. */
static void judge_same_codes(struct import_look *l, size_t col, bool people)
{
	size_t n = 0, rows = l->body->row.n;
	struct order *o = NEW_N(l->op->arena, rows, struct order);

	for (size_t i = 0; i < rows; i++) {
		str code = people ? l->plan[i].staff_no : l->plan[i].code;
		if (!l->body->row.at[i].skip && code.len && !l->plan[i].same_as)
			o[n++] = (struct order){ code, i };
	}
	if (n)
		qsort(o, n, sizeof(*o), by_row_name);
	for (size_t i = 1; i < n; i++)
		if (str_eq(o[i].name, o[i - 1].name))
			import_wrong(l, o[i].row, col, "%s %.*s 与第 %d 行重复。", people ? "工号" : "编号",
				     STR_ARG(o[i].name), (int)l->body->row.at[o[i - 1].row].line);
}

static void prepare(struct import_look *l)
{
	struct arena *a = l->op->arena;
	size_t rows = l->body->row.n, cols = l->body->column.n;

	l->plan = NEW_N(a, rows, struct plan_row);
	l->cell = NEW_N(a, rows, struct import_cell *);
	for (size_t r = 0; r < rows; r++) {
		l->cell[r] = NEW_N(a, cols, struct import_cell);
		for (size_t c = 0; c < cols; c++)
			l->cell[r][c] = (struct import_cell){ .text = l->body->row.at[r].cell[c],
							      .error = STR(""), .note = STR(""),
							      .propose = STR("") };
	}
	l->person_by_name = NEW_N(a, l->org.person_n, const struct ov_person *);
	for (size_t i = 0; i < l->org.person_n; i++)
		l->person_by_name[i] = &l->org.person[i];
	if (l->org.person_n)
		qsort(l->person_by_name, l->org.person_n, sizeof(*l->person_by_name), by_name);
}

enum err import_look_make(struct op *op, tenant_id tenant, str kind, const struct import_words *w,
			  const struct import_body *b, struct import_look *ret)
{
	struct import_look l = { .op = op, .tenant = tenant, .kind = kind, .w = w, .body = b };
	bool people = str_eq(kind, STR("people"));

	TRY(org_view_load(op, tenant, op->now_ms, op->now_ms + 1, INSTANT_OPEN, &l.org));
	prepare(&l);
	for (size_t r = 0; r < b->row.n; r++) {
		if (people)
			import_row_people(&l, r);
		else
			import_row_place(&l, r);
	}
	if (people)
		judge_same_names(&l, import_col(b, STR("name")));
	judge_same_codes(&l, import_col(b, people ? STR("staff_no") : STR("code")), people);
	*ret = l;
	return ERR_OK;
}
