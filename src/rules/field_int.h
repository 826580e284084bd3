/* field_int: what the readers of fields share: field.c, field_param.c. */
#ifndef RULES_FIELD_INT_H
#define RULES_FIELD_INT_H

#include "rules/field.h"

struct reader {
	struct op *op;
	const struct policy *p;
	const struct resolver *r;
	int32_t utc_offset_ms;
	str path;		/* the name by which a fault is told: "items.2.what" */
};

/* By the type of the field; `in` is not unset. */
enum err field_value(const struct reader *rd, const struct field *f, const struct json *in,
		     struct value *ret_v);
enum err field_parameters(const struct reader *rd, const struct field *f, const struct json *in,
			  struct value *ret_v);
/*
 * The value of a choice by its value or its label; an entry that is hidden or has no title
 * is not offered.
 */
bool field_choice(const struct policy *p, const struct field *f, str s, str *ret_value);
bool json_unset(const struct json *in);	/* null, "", [] */
void row_put(struct arena *a, struct row *r, str name, struct value v);

#endif
