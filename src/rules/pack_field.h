/* pack_field: values written for a field; for the loader only. */
#ifndef RULES_PACK_FIELD_H
#define RULES_PACK_FIELD_H

#include "rules/pack_int.h"

/* What `set:` or `default:` writes for the field f (NULL: unknown), among the fields `all`. */
bool read_for_field(struct loader *L, const struct yaml *y, const struct field *f,
		    const struct field *all, size_t n, const struct expr **ret);

#endif
