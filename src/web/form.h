/*
 * form: what a person typed becomes a declared, typed, validated struct, or a list of
 * faults by field. A form is declared once, in a .def table (web/forms.def); the same
 * lines make the struct that the handler reads and the table by which bytes are judged.
 * What is not declared is unreachable: there is no "all parameters".
 *
 * Bytes come as application/x-www-form-urlencoded (also a query) or multipart/form-data;
 * both parsers are ours. Files of a multipart body go straight into nameless temporary
 * files (O_TMPFILE), never into memory; their descriptors close with the arena. Text is
 * decoded once, must be UTF-8, and passes utf8_clean(). What was typed is kept as typed
 * (form_typed) so that the page can be shown again; secrets are not.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/op.h"
#include "base/str.h"

struct req;
struct reply;

/* ---- what a handler finds in its struct ---------------------------------------- */

#define FORM_ABSENT INT64_MIN		/* an INT that was left empty */

struct form_id { tenant_id tenant; int64_t id; };	/* from a public id; id 0 = absent */
struct form_ids { const struct form_id *at; size_t n; };
struct form_pair { str name, value; };
struct form_pairs { const struct form_pair *at; size_t n; };

/*
 * A received file: nameless on disk, at its start. `name` is what the client calls it: a label,
 * never a path.
 */
struct upload { str field, name; int fd; int64_t size; };
struct uploads { struct upload *const *at; size_t n; };

/* All bytes of it in op->arena. ERR_IO. */
MUST_CHECK enum err upload_bytes(struct op *op, const struct upload *up, str *ret_bytes);

/* ---- declarations ---------------------------------------------------------------- */

enum form_kind {
	FORM_TEXT,		/* str: one line */
	FORM_NOTE,		/* str: several lines */
	FORM_SECRET,		/* str: as typed, only UTF-8 is checked; never shown again */
	FORM_INT,		/* int64_t */
	FORM_DATE,		/* day_no */
	FORM_MOMENT,		/* int64_t ms; local time of the instance */
	FORM_ID,		/* struct form_id */
	FORM_CHOICE,		/* str: one of "a|b|c" */
	FORM_FLAG,		/* bool */
	FORM_TEXTS,		/* struct strs: the same name again and again */
	FORM_IDS,		/* struct form_ids */
	FORM_FILE,		/* const struct upload *, NULL when absent */
	FORM_FILES,		/* struct uploads */
	FORM_OPEN,		/* struct form_pairs: all with a prefix, which is cut off */
	FORM_OPEN_FILES,	/* struct uploads: files with that prefix; field without it */
};

enum form_need { OPTIONAL, REQUIRED };

struct form_input {
	str name;			/* or the prefix */
	str label;			/* Chinese, for messages */
	enum form_kind kind;
	enum form_need need;
	int64_t min, max;		/* INT: value; texts: code points; files: bytes */
	size_t many_max;		/* TEXTS, IDS, FILES, OPEN */
	str choices;
	size_t offset;			/* in the struct */
};

enum form_body { BODY_FORM, BODY_JSON, BODY_UPLOAD };

struct form {
	str name;
	const struct form_input *field;
	size_t field_n, size;
	enum form_body body;
	/* BODY_JSON: no body at all is fine; then rq->json is NULL */
	bool may_be_empty;
	/* Shows the page again, with what was typed and op->field_errors; NULL: the error page. */
	enum err (*again)(struct req *rq, struct reply *rp);
};

const struct form *form_none_spec(void);	/* no field at all */
const struct form *form_json_spec(void);	/* rq->json, an object */
const struct form *form_upload_spec(void);	/* one file, multipart or bare: typed->file */

/* ---- bytes to values ---------------------------------------------------------------- */

struct form_raw {
	VEC(struct form_pair) pair;
	VEC(struct upload *) file;
	size_t bytes;			/* of all names and values */
};

/* The first value of a name as it was typed; STR_NONE when absent. */
str form_typed(const struct form_raw *raw, str name);
/* Bytes that a form may have in all, decoded, files apart. */
size_t form_bytes_max(const struct form *form);

/* Appends to *raw. ERR_INVALID on a broken escape or not UTF-8; ERR_LIMIT. */
MUST_CHECK enum err form_read_urlencoded(struct op *op, str bytes, size_t bytes_max,
					 struct form_raw *raw);

/* Fill *ret_form (form->size bytes in op->arena). All faults are collected in op->field_errors. */
MUST_CHECK enum err form_bind(struct op *op, const struct form *form, const struct form_raw *raw,
			      const void **ret_form);

/* ---- multipart, as it comes -------------------------------------------------------------- */

struct multipart;

/* "multipart/form-data; boundary=…" → boundary. False when it is not one. */
bool multipart_boundary(str content_type, str *ret_boundary);
/* `tmp_dir` is a folder's descriptor for temporary files. `form` decides which files are taken. */
struct multipart *multipart_start(struct op *op, const struct form *form, str boundary, int tmp_dir,
				  struct form_raw *raw);
/* Any split of the body gives the same result. ERR_INVALID, ERR_LIMIT, ERR_IO. */
MUST_CHECK enum err multipart_feed(struct op *op, struct multipart *mp, str bytes);
MUST_CHECK enum err multipart_end(struct op *op, struct multipart *mp);

/* A nameless file in tmp_dir that closes with the arena; for bodies that are one file. */
MUST_CHECK enum err upload_start(struct op *op, int tmp_dir, struct upload **ret_up);
MUST_CHECK enum err upload_add(struct op *op, struct upload *up, str bytes, int64_t size_max);
MUST_CHECK enum err upload_end(struct op *op, struct upload *up);

#endif
