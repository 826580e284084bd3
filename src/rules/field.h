/*
 * field: from what came in (JSON of the API, strings of a form, a body as stored) to
 * typed values, and back to words for people. Names and codes of people, places and
 * units are resolved by a function of the shell, inside the tenant.
 */
#ifndef RULES_FIELD_H
#define RULES_FIELD_H

#include "base/err.h"
#include "rules/policy.h"

struct op;
struct json;

/* `text` is a public id, a code, a login or a name that is unique in the unit; 0 when nothing or
 * several fit (*ret_many). `of`: the loop of which a record must be, empty for any. A record that
 * whoever asks may not see does not fit: it is as good as absent. */
struct resolver {
	int64_t (*resolve)(void *ctx, enum ref_kind kind, str of, str text, bool *ret_many);
	str (*name)(void *ctx, enum ref_kind kind, int64_t id);	/* for people: 王芳, 东门 */
	void *ctx;
};

/*
 * Read one field from outside; faults by field name into op (INVALID), `ret` untouched then. JSON
 * null and "" unset (V_NONE: keep it with vmap_put, so that a step can empty a field). From the
 * strings of an HTML form the caller gathers JSON: arrays for lists, "name.0.col" into rows. A
 * local time without offset is at `utc_offset_ms`. A choice takes its value or its label.
 * Signatures take "screen" or "paper", or rows
 * {person, how, file}. Parameters become one row of texts as an adoption writes them:
 * {recheck_limit: "5d"}.
 */
MUST_CHECK enum err field_read(struct op *op, const struct policy *p, const struct field *f,
			       const struct json *in, const struct resolver *r,
			       int32_t utc_offset_ms, struct value *ret_v);
/* Read a body as stored (value_write) of a loop's fields; unknown names are kept out. ERR_CORRUPT
 * on anything odd. */
MUST_CHECK enum err fields_load(struct op *op, const struct field *f, size_t n, str json_body,
				struct vmap *ret_fields);
/* Words for people: 一般, 2026年11月19日, 3天, 王芳, 东门. Lists joined by 、. */
str field_say(struct arena *a, const struct policy *p, const struct field *f, const struct value *v,
	      const struct resolver *r, int32_t utc_offset_ms);
str instant_say(struct arena *a, int64_t at_ms, int32_t utc_offset_ms);	/* 2026年11月19日 8:05 */
str day_say(struct arena *a, day_no day);				/* 2026年11月19日 */
str period_say(struct arena *a, str period); /* 2026年11月, 2026—2027学年第一学期 */
/* The JSON of the API: dates and instants RFC 3339, refs as public ids. */
void field_write_api(struct jw *w, struct arena *a, tenant_id tenant, const struct field *f,
		     const struct value *v, int32_t utc_offset_ms);

/*
 * The columns of rows, checklist and signatures. A checklist without columns of its own has item
 * (an entry), result (good, bad, na), note, and text (what was seen; unset, field_read fills in the
 * item's title with the note); signatures have person, at, how, file.
 */
const struct field *field_columns(const struct field *f, size_t *ret_n);
const struct field *field_column(const struct field *f, str name); /* NULL when there is none */
/* What a type refers to; false for types that hold no reference. */
bool field_ref(const struct field *f, enum ref_kind *ret_kind);

#endif
