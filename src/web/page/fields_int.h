/* fields_int: what the files of fields share. */
#ifndef WEB_PAGE_FIELDS_INT_H
#define WEB_PAGE_FIELDS_INT_H

#include "web/page/fields.h"

#define CHIPS_MAX 12	/* more choices become a list */
#define LONG_LIST 30	/* more options get a line to find them by */
#define OPTIONS_MAX 400	/* more are typed, by name or code */

/* What stands in a control: as typed, else the value. */
str field_now(struct op *op, const struct fields *c, str name, const struct value *v);
/* Was it sent? `value` among those of the name (lists). */
bool field_was(const struct fields *c, str name, str value);
/* The fault of a path, or STR_NONE. */
str field_fault(const struct op *op, str name);

struct options { VEC(struct html_opt) v; bool too_many; };
/* Everything that a field may hold, `now` chosen. Records are read. */
MUST_CHECK enum err field_options(struct op *op, const struct fields *c, const struct field *f,
				  str now, struct options *ret);
/* The choices of F_CHOICE and F_CHOICES. */
void choice_options(struct op *op, const struct policy *p, const struct field *f, str now,
		    struct options *ret);
str person_posts(struct arena *a, const struct op *op, const struct fields *c, person_id id);
bool is_here(const struct op *op, int64_t from_ms, int64_t to_ms);
/* Places that the person keeps now, most of his first, each once. */
size_t places_of(struct op *op, const struct fields *c, const struct ov_place ***ret);

MUST_CHECK enum err rows_view(struct op *op, const struct fields *c, const struct form_field *ff,
			      struct html_field *h);
/* `good`: what nobody has answered yet is taken as good, so that only exceptions are marked. */
void checklist_view(struct op *op, const struct fields *c, const struct field *f, str name,
		    const struct value *v, str key, bool good,
		    struct html_check_item **ret, size_t *ret_n);
/* The word by which a checklist is cut, from the row or the record. */
str checklist_key(const struct fields *c, const struct field *f, const struct row *row,
		  const struct ov_place *place);

#endif
