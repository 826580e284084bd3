/*
 * fields: a form of any loop, between its declaration in a pack and the page. Two
 * directions that agree on the names, and nothing else knows them:
 *
 *	fields_view()	the fields of a step, with what they hold, as html_field
 *	fields_json()	what that form sent, as the JSON object of interfaces.md §3
 *
 * A name is "f." and the field: f.place; repeated for lists; f.rows.0.what for a cell,
 * f.rows.0.items.3.result for a checklist within a row; f.place.q is what was typed into a
 * search and wins over the choice. FORM_OPEN has cut the "f." off. Empty rows keep
 * their number, so that a fault's path ("rows.2.what") names the cell that the person sees.
 */
#ifndef WEB_PAGE_FIELDS_H
#define WEB_PAGE_FIELDS_H

#include "base/op.h"
#include "rules/field.h"
#include "rules/machine.h"
#include "web/form.h"
#include "work/policies.h"

#include "gen/html_field.h"

struct fields {
	const struct work *work;	/* the organisation to choose from */
	const struct policy *policy;	/* of the record */
	const struct loop *loop;
	const struct vmap *known;	/* fields of the record, or NULL for a new one */
	person_id person;		/* whose places come first */
	const struct form_pairs *typed;	/* what came back with a fault; NULL: show what is known */
	str more;			/* the table that shall have one row more, or "" */
};

/*
 * `quick`: only the fields of the short form (true) or only the others (false) when the step has
 * a short form; without one all come with quick = true. Faults in op->field_errors stand beside
 * their fields.
 */
MUST_CHECK enum err fields_view(struct op *op, const struct fields *c,
				const struct form_field *form, size_t n, bool quick,
				struct html_field **ret, size_t *ret_n);

/* `stored`: files already kept, by field and public id. Fields that were not sent are not there. */
const struct json *fields_json(struct op *op, const struct loop *lp, const struct form_pairs *sent,
			       const struct form_pairs *stored);

/* Names of people, places and units, for field_say(). */
struct resolver fields_names(const struct work *w);

/* The text of a value in a control: 2026-11-19, 2026-11-19T08:30, 07:20, 3d, a public id. */
str fields_control(struct arena *a, tenant_id tenant, const struct value *v, int32_t utc_offset_ms);

#endif
