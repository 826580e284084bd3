/*
 * import: people and places from a table as a school has it. A file or pasted rows become
 * a draft (table import_draft); what the program could not read is mended cell by cell or
 * left out; then the draft is accepted in one write operation, or not at all.
 *
 * What a row means is worked out anew at every look, from the cells as they are now and
 * the organisation as it is now: nothing derived is stored, so a draft cannot be stale.
 * Somebody who is there already is not made twice: his posts are added. Cells of columns
 * that nobody needs (identity card, address, birthday …) are not even kept in the draft.
 *
 * Posts, kinds, risks and roles are the pack's: the caller gives their ids and names.
 */
#ifndef ORG_IMPORT_H
#define ORG_IMPORT_H

#include "base/sheet.h"
#include "org/org.h"

/* Where an appointment to a post is: the unit itself, a class, a grade. */
enum import_where { IN_UNIT, IN_CLASS, IN_GRADE };
struct import_name {
	str id, label;
	const str *alias; size_t alias_n;
	enum import_where where;	/* posts */
	str risk;			/* kinds of places: the risk of a new one */
};
struct import_names { const struct import_name *at; size_t n; };
struct import_words {
	struct import_names post, staff_kind;		/* people */
	const struct import_name *other_post;	/* for a title that is no post of the pack; NULL */
	struct import_names place_kind, risk, role;	/* places; role: of keepers */
};

struct import_column {
	str title;		/* as in the file */
	str field, label;	/* what it means here; "" and "" when it is left out */
};
struct import_option { str value, label; };
struct import_cell {
	str text;
	str error;		/* in words; "" when it can be taken */
	str note;		/* how it was understood, where that is not plain */
	const struct import_option *option; size_t option_n;	/* what may be meant */
	str propose;		/* the option that is most likely meant; "" when none is */
	bool must;		/* it cannot be left empty */
};
struct import_row {
	int32_t line;		/* in the file, as its program counts */
	bool skip, bad;
	const struct import_cell *cell;	/* one for each column */
};
struct import_draft {
	int64_t id;
	str kind, name, state;	/* people | places; the file's name; open | accepted | dropped */
	int64_t version;	/* grows with every change */
	const struct import_column *column; size_t column_n;
	struct import_row *row; size_t row_n;
	const str *left_out; size_t left_out_n;		/* 第 1 行是标题，没有导入 */
	size_t good_n, bad_n, skip_n;
};

/* What a kind of import may map a column to: for the page, and for the empty sheet. */
size_t import_fields(struct op *op, str kind, const struct import_words *words,
		struct import_option **ret);

/* kind: people | places. ERR_INVALID when it is no such table: what was looked for is said. */
MUST_CHECK enum err import_draft_make(struct op *op, str kind, const struct sheet *sheet, str name,
		const struct import_words *words, int64_t *ret_id);
/* Reader or writer. With everything that is wrong now. */
MUST_CHECK enum err import_draft_load(struct op *op, tenant_id tenant, int64_t id,
		const struct import_words *words, struct import_draft *ret);
/* Row and column from 0, as in struct import_draft. Write. */
MUST_CHECK enum err import_draft_set(struct op *op, int64_t id, size_t row, size_t col, str text);
MUST_CHECK enum err import_draft_skip(struct op *op, int64_t id, size_t row, bool skip);
/* The column means `field` (import_fields()), "" nothing; what meant it before does not. */
MUST_CHECK enum err import_draft_map(struct op *op, int64_t id, size_t col, str field);
/* Empties the wrong cells of a row that may be empty. Write. */
MUST_CHECK enum err import_draft_blank(struct op *op, int64_t id, size_t row,
		const struct import_words *words);
MUST_CHECK enum err import_draft_drop(struct op *op, int64_t id);

struct import_result {
	size_t rows;			/* taken */
	size_t people, appointments, units, places, keepers;	/* made */
	size_t left;			/* bad ones that stay in the draft */
};
/*
 * Take the draft in, valid from `from_ms` (0: now). One bad row refuses the whole
 * (ERR_INVALID, a field error for each, field "line.N") unless skip_bad: then the bad ones
 * stay in the draft, which remains open. Write.
 */
MUST_CHECK enum err import_accept(struct op *op, int64_t id, const struct import_words *words,
		bool skip_bad, int64_t from_ms, struct import_result *ret);

/* What stays of lists that were taken in part: a list that is gone on with. Newest first. */
struct import_open { int64_t id; str name; };
MUST_CHECK enum err import_drafts_open(struct op *op, tenant_id tenant, str kind,
		struct import_open **ret, size_t *ret_n);

/* An empty sheet as CSV: a byte order mark (programs of tables need it), headings, hints. */
MUST_CHECK enum err import_template(struct op *op, str kind, const struct import_words *words,
		str *ret_csv);

#endif
