/*
 * api_int: what the files of the API share: strict bodies in, JSON out. Inside api only.
 *
 * A body says only what its handler declares: an unknown member is a fault, like a wrong
 * type, so that a misspelt word is never silently nothing. Faults are collected, all of
 * them are told at once.
 */
#ifndef API_API_INT_H
#define API_API_INT_H

#include <assert.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "rules/policy.h"
#include "web/req.h"
#include "work/orgchange.h"
#include "work/work.h"

#include "web/form_as_struct.inc"
#include "api/api_forms.def"
#include "web/form_off.inc"

#define FORM(name) const struct form *form_##name##_spec(void);
#define TEXT(...)
#define INT(...)
#define DATE(...)
#define ID(...)
#define CHOICE(...)
#define FLAG(...)
#define FORM_END(...)
#include "api/api_forms.def"
#include "web/form_off.inc"

#define ROUTE ROUTE_DECLARE
#include "api/api.def"
#undef ROUTE

/* --- bodies --- */
struct input { struct req *rq; struct op *op; const struct json *j; enum err e; };

/* `known`: the members that it may have, blanks between; "fields" may hold anything. */
void body_open(struct req *rq, const char *known, struct input *ret);
bool body_has(const struct input *b, const char *name);	/* present and not null */
str body_text(struct input *b, const char *name, bool need);
bool body_flag(struct input *b, const char *name);
/* ERR by field when it names nothing, or several; 0 when absent. A unit, person or place. */
int64_t body_ref(struct input *b, const char *name, enum ref_kind kind, bool need);
/*
 * An instant, or a date: its start, or with `end` its end (24:00): "to 31 March" holds through the
 * day. `otherwise` when absent.
 */
int64_t body_moment(struct input *b, const char *name, bool end, int64_t otherwise);
day_no body_day(struct input *b, const char *name, day_no otherwise);
/* A list of texts; one text is a list of one. */
struct strs body_texts(struct input *b, const char *name);
const struct json *body_object(struct input *b, const char *name);
MUST_CHECK enum err body_done(const struct input *b);

/* --- Idempotency-Key and If-Match --- */
/* The key, checked: printable, at most 200 bytes; "" without one. */
MUST_CHECK enum err key_of(struct req *rq, str *ret_key);
/* What makes a repeat the same: method, path and body. */
struct hash key_hash(const struct req *rq);
/* The version that If-Match names ("3", "3-1f2e…"); 0 when there is no header, or "*". */
MUST_CHECK enum err if_match_of(struct req *rq, int64_t *ret_version);

/* --- queries --- */
/* An RFC 3339 moment or a date (its start) of a query; `+` may have become a blank. */
MUST_CHECK enum err query_moment(struct op *op, const char *name, str text, int64_t otherwise,
				 int64_t *ret_ms);
MUST_CHECK enum err query_ref(struct op *op, const char *name, str text, enum ref_kind kind,
			      int64_t *ret_id);
/* Units of :id and of queries: before the hierarchy each sees his own tenant's. */
MUST_CHECK enum err own_unit(struct req *rq, const struct org_view *v, unit_id id);

/* --- answers --- */
/* {…} begun in rp's body; end it with api_send(). */
void api_begin(struct req *rq, struct reply *rp, struct jw *w);
/*
 * Ends the object. With `tag` (a version, or "") an ETag of the bytes is set, and what the client
 * has already becomes a 304.
 */
void api_send(struct req *rq, struct reply *rp, struct jw *w, str tag);
void api_send_status(struct reply *rp, struct jw *w, int status);

void jw_id(struct jw *w, const struct op *op, const char *key, int64_t id);	/* 0: nothing */
void jw_id_value(struct jw *w, const struct op *op, int64_t id);
/* An open end writes nothing. */
void jw_moment(struct jw *w, const struct op *op, const char *key, int64_t at_ms);
void jw_day(struct jw *w, const struct op *op, const char *key, day_no day);
void jw_text(struct jw *w, const char *key, str s);	/* "" writes nothing */
void jw_strs(struct jw *w, const char *key, const struct strs *s);
/* key: {id, name}; nothing when id is 0. */
void jw_ref(struct jw *w, const struct op *op, const char *key, int64_t id, str name);
void jw_person(struct jw *w, const struct op *op, const char *key, const struct org_view *v,
	       person_id p);
void jw_place(struct jw *w, const struct op *op, const char *key, const struct org_view *v,
	      place_id p);
void jw_unit(struct jw *w, const struct op *op, const char *key, const struct org_view *v,
	     unit_id u);
void jw_satisfied(struct jw *w, const struct op *op, const char *key, const struct satisfied *s,
		  size_t n);
void jw_hole(struct jw *w, const struct op *op, const struct hole *h);
void jw_form_field(struct jw *w, const struct op *op, const struct policy *p,
		   const struct form_field *f);
void jw_field_kind(struct jw *w, const struct policy *p, const struct field *f);
/* The members of an answer to a submission. */
void jw_submitted(struct jw *w, const struct op *op, const struct submitted *s);

/* --- writes that are not submissions --- */
/*
 * One write with its Idempotency-Key (work/once.h): a repeat does not run `run` again; `made` is
 * what the first one made.
 */
struct once_call {
	enum err (*run)(struct op *op, void *arg, int64_t *ret_made);
	void *arg;
	str key;
	struct hash hash;
	int64_t made;
	bool replayed;
};
MUST_CHECK enum err once_write(struct req *rq, struct once_call *c,
			       enum err (*run)(struct op *op, void *arg, int64_t *ret_made),
			       void *arg, finish_fn *finish);

#endif
