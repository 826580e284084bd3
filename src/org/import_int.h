/* import_int: what the files of the import share. A body is the draft as it is stored. */
#ifndef ORG_IMPORT_INT_H
#define ORG_IMPORT_INT_H

#include "org/class_no.h"
#include "org/import.h"
#include "org/org_int.h"

#define IMPORT_COLS_MAX 40
#define IMPORT_CELL_CHARS 200
#define CELL_EMPTY STR(" ")	/* as an option: a blank, which is trimmed to nothing */

struct body_row { int32_t line; bool skip; str *cell; };
struct import_body {
	VEC(struct import_column) column;	/* title and field; labels are not stored */
	VEC(struct body_row) row;
	VEC(str) left_out;
};

/* The heading as compared: folded, without blanks, stars and brackets. */
str import_fold(struct arena *a, str title);
/* The field of a heading, "" when none; *ret_drop: not even to be kept. */
str import_field_of(struct op *op, str kind, const struct import_words *w, str title,
		bool *ret_drop);
/* The field that a heading most likely means, for one that is no known word; see import_guess.c. */
str import_field_like(struct op *op, str kind, const struct import_words *w, str title,
		bool *ret_drop);
/* Columns of merged cells: what is empty below means what stands above; said in left_out. */
void import_fill_merged(struct op *op, struct import_body *b);
/* Without the blanks between two characters of Chinese. */
str import_unpad(struct arena *a, str s);
str import_label_of(struct op *op, str kind, const struct import_words *w, str field);

MUST_CHECK enum err import_read_sheet(struct op *op, str kind, const struct sheet *s,
		const struct import_words *w, struct import_body *ret);
MUST_CHECK enum err import_body_write(struct op *op, const struct import_body *b, str *ret_json);
MUST_CHECK enum err import_body_read(struct op *op, str json, struct import_body *ret);

/* --- what a row means --- */
struct plan_post { const struct import_name *post; struct class_no at; };
struct plan_keeper { str role; person_id person; };
struct plan_row {
	/* people */
	person_id person;			/* there already */
	size_t same_as;				/* the row (from 1) of the same person above; 0 */
	str name, phone, staff_no, kind;
	str department;				/* a unit by name; "" */
	VEC(struct class_no) class;		/* of the columns 班级 and 部门 */
	int64_t joined_ms;
	VEC(struct plan_post) post;
	/* places */
	place_id place;				/* there already */
	str code, risk, building, floor;
	VEC(struct plan_keeper) keeper;
};

/* The organisation and the draft, with what makes looking up in them quick. */
struct import_look {
	struct op *op;
	tenant_id tenant;
	str kind;
	const struct import_words *w;
	const struct import_body *body;
	struct import_cell **cell;		/* [row][column] */
	struct plan_row *plan;
	struct org_view org;
	size_t *by_name;			/* rows in the order of names */
	const struct ov_person **person_by_name;
};
/* Cells and plans of all rows. */
MUST_CHECK enum err import_look_make(struct op *op, tenant_id tenant, str kind,
		const struct import_words *w, const struct import_body *b, struct import_look *ret);
bool import_row_bad(const struct import_look *l, size_t row);
str import_cell_text(const struct import_look *l, size_t row, size_t col);	/* or "" */
/* Full-width letters, digits and signs as plain ones. */
str import_plain(struct arena *a, str s);
/* Cuts the next part off a list written with 、，；/ and the like; false at the end. */
bool import_next_part(str *rest, str *ret_part);
/* The column that means `field`, or SIZE_MAX. */
size_t import_col(const struct import_body *b, str field);
void import_row_people(struct import_look *l, size_t row);
void import_row_place(struct import_look *l, size_t row);
/* Present people of that name; *ret_first is the first. */
size_t import_people_named(const struct import_look *l, str name, person_id *ret_first);

/* Set what is wrong with a cell, or how it was understood; the first wins. */
void import_wrong(struct import_look *l, size_t row, size_t col, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void import_note(struct import_look *l, size_t row, size_t col, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/*
 * What may be meant by a cell that is wrong: `must`: one of the names; else it may stay empty too
 * (CELL_EMPTY), and that is what is proposed.
 */
void import_options(struct import_look *l, size_t row, size_t col, const struct import_names *n,
		    str like, bool must);
/* A name must be there, and the kind of a place. */
bool import_may_be_empty(const struct import_look *l, size_t row, size_t col);
void import_propose(struct import_look *l, size_t row, size_t col, str value);
/*
 * The name meant by `text`: its id, label or an alias; else the only one that has it within.
 * NULL when none or several; *ret_sure false when it was only within.
 */
const struct import_name *import_name_of(struct arena *a, const struct import_names *n, str text,
					 bool *ret_sure);

MUST_CHECK enum err import_take(struct op *op, const struct import_look *l, int64_t from_ms,
		struct import_result *ret);

#endif
