/*
 * org_int: what the files of org share: writing the ledger event of a fact, raising the
 * tenant's version, cleaning what comes in, and reading long tables by pages.
 */
#ifndef ORG_ORG_INT_H
#define ORG_ORG_INT_H

#include "base/limits.h"
#include "base/utf8.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "store/store.h"

#define ORG_PAGE 500		/* rows read at once; a longer table takes several rounds */
#define NAME_MAX_CHARS 60
#define CODE_MAX_CHARS 40

/* Fixed facts of an event, gathered one by one. */
struct facts { struct ledger_fact at[LEDGER_FACTS_MAX]; size_t n; };
void fact_str(struct facts *f, const char *key, str value);
void fact_i64(struct op *op, struct facts *f, const char *key, int64_t value);
void fact_day(struct op *op, struct facts *f, const char *key, day_no day);
/* An open end says nothing. */
void fact_span(struct op *op, struct facts *f, int64_t from_ms, int64_t to_ms);

/*
 * Who acts comes from op->scope. `content` STR_NONE: nothing personal. Raises tenant_version
 * too.
 */
MUST_CHECK enum err org_event(struct op *op, const char *kind, const char *subject_kind,
			      int64_t subject, const struct facts *f);
MUST_CHECK enum err org_event_content(struct op *op, const char *kind, const char *subject_kind,
				      int64_t subject, const struct facts *f, str content,
				      struct salt salt);
int64_t org_id(struct op *op);		/* a new one */

/* One line of at most `max` characters; `empty` (NULL: may be empty) is what to say to none. */
MUST_CHECK enum err org_clean(struct op *op, const char *field, str raw, size_t max,
			      const char *empty, str *ret_s);
/* [from, to) holds together; to 0 becomes the open end. */
MUST_CHECK enum err org_span(struct op *op, int64_t from_ms, int64_t *to_ms);
/* The content of a person, a contact, a waiver as committed to. */
str org_person_content(struct op *op, str name, str staff_no);
str org_contact_content(struct op *op, str phone);
str org_waiver_content(struct op *op, str person_name, str reason);

#endif
