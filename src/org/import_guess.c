/*
 * import_guess: what is likely where nothing is certain. A heading that is no known word often ends
 * in one (安全责任人, 处室/年级组) or holds one (任教班级及学科); a cell that is empty below a merged
 * one means what stands above it. A guess is shown where it was taken: the mapping of columns can
 * be changed on the page, and what was filled down is said.
 */
#include "org/import_int.h"

#define LIKE_CHARS 12		/* a longer one is a sentence or a title */

struct head { const char *kind, *field, *words; };
static const struct head heads[] = {
#define HEAD(kind, field, label, hint, words) { kind, field, words },
#define DROP(words) { "", "", words },
#include "org/import_heads.def"
#undef HEAD
#undef DROP
};
#define HEADS_N (sizeof(heads) / sizeof(heads[0]))

/* ---- headings ----------------------------------------------------------------- */

enum fit { FIT_END, FIT_WITHIN };

/* Bytes of the longest of `words` that fits; a word of one character says too little. */
static size_t longest(str words, str folded, enum fit fit)
{
	size_t best = 0;

	while (words.ptr) {
		str w = str_cut(&words, ' ');
		bool hit = w.len && utf8_len(w) > 1 && (unsigned char)w.ptr[0] >= 0x80 &&
			(fit == FIT_END ? str_ends(folded, w) : str_find(folded, w, 0) >= 0);
		if (hit && w.len > best)
			best = w.len;
	}
	return best;
}

static str like_head(str kind, str folded, enum fit fit)
{
	size_t best = 0;
	str field = STR("");

	for (size_t i = 0; i < HEADS_N; i++) {
		if (!str_eq(str_of(heads[i].kind), kind))
			continue;
		/* 部门人员, 职务名单: that somebody is named somewhere within names nobody. */
		if (fit == FIT_WITHIN && str_eq(str_of(heads[i].field), STR("name")))
			continue;
		size_t n = longest(str_of(heads[i].words), folded, fit);
		if (n > best) {
			best = n;
			field = str_of(heads[i].field);
		}
	}
	return field;
}

static str like_role(struct op *op, const struct import_words *w, str folded)
{
	size_t best = 0;
	str field = STR("");

	for (size_t i = 0; i < w->role.n; i++)
		for (size_t k = 0; k <= w->role.at[i].alias_n; k++) {
			str word = import_fold(op->arena, k ? w->role.at[i].alias[k - 1] :
					w->role.at[i].label);
			if (utf8_len(word) < 2 || !str_ends(folded, word) || word.len <= best)
				continue;
			best = word.len;
			field = str_fmt(op->arena, "keeper:%.*s", STR_ARG(w->role.at[i].id));
		}
	return field;
}

str import_field_like(struct op *op, str kind, const struct import_words *w, str title,
		bool *ret_drop)
{
	str folded = import_fold(op->arena, title);
	bool places = str_eq(kind, STR("places"));

	*ret_drop = false;
	for (size_t i = 0; i < 2; i++) {	/* 责任人签字 */
		str tail = i ? STR("姓名") : STR("签字");
		if (places && str_ends(folded, tail))
			folded = str_slice(folded, 0, folded.len - tail.len);
	}
	if (utf8_len(folded) > LIKE_CHARS || utf8_len(folded) < 2)
		return STR("");
	for (size_t i = 0; i < HEADS_N; i++)
		if (!heads[i].kind[0] && longest(str_of(heads[i].words), folded, FIT_WITHIN)) {
			*ret_drop = true;
			return STR("");
		}
	str field = places ? like_role(op, w, folded) : STR("");
	if (!field.len)
		field = like_head(kind, folded, FIT_END);
	if (!field.len && !places)	/* 责任人电话 is no 责任人: a place keeps to the end */
		field = like_head(kind, folded, FIT_WITHIN);
	return field;
}

/* ---- merged cells that a file or a paste did not keep -------------------------- */

/*
 * Written once and empty below, never the same twice in a row: that is a merged cell. Where
 * people write each row, two neighbours of one department say the same.
 */
static bool looks_merged(const struct import_body *b, size_t col)
{
	size_t empty = 0;

	if (b->row.n < 2 || b->row.at[0].cell[col].len == 0)
		return false;
	for (size_t r = 1; r < b->row.n; r++) {
		str now = b->row.at[r].cell[col];
		if (now.len == 0)
			empty++;
		else if (str_eq(now, b->row.at[r - 1].cell[col]))
			return false;
	}
	return empty * 3 >= b->row.n;
}

/* A floor ends where a building begins. */
static void fill_col(struct import_body *b, size_t col, size_t above)
{
	str last = STR("");

	for (size_t r = 0; r < b->row.n; r++) {
		if (above != SIZE_MAX && (r == 0 || !str_eq(b->row.at[r].cell[above],
				b->row.at[r - 1].cell[above])))
			last = STR("");
		if (b->row.at[r].cell[col].len)
			last = b->row.at[r].cell[col];
		else
			b->row.at[r].cell[col] = last;
	}
}

void import_fill_merged(struct op *op, struct import_body *b)
{
	static const char *const fields[] = { "building", "floor", "unit" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t col = import_col(b, str_of(fields[i]));
		if (col == SIZE_MAX || !looks_merged(b, col))
			continue;
		fill_col(b, col, i == 1 ? import_col(b, STR("building")) : SIZE_MAX);
		*VEC_PUSH(op->arena, &b->left_out) = str_fmt(op->arena,
			"“%.*s”一列像是合并的单元格，空着的格子沿用上面的内容。",
			STR_ARG(import_unpad(op->arena, b->column.at[col].title)));
	}
}

/* ---- cells -------------------------------------------------------------------- */

/* "校  园", "门 卫 室": blanks between two characters of Chinese are padding. */
str import_unpad(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == ' ' || s.ptr[i] == '\n') {
			size_t k = i;
			while (k < s.len && (s.ptr[k] == ' ' || s.ptr[k] == '\n'))
				k++;
			bool han = n && (unsigned char)p[n - 1] >= 0x80 && k < s.len &&
				(unsigned char)s.ptr[k] >= 0x80;
			if (han) {
				i = k - 1;
				continue;
			}
		}
		p[n++] = s.ptr[i];
	}
	return (str){ p, n };
}
