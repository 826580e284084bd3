/*
 * ids: every identity is a one-field struct, so that the wrong id does not
 * compile. Values are 63-bit, time-ordered, made by idgen (base/idgen.h), never
 * reused; 0 means "none". A raw number never reaches a page: base/pubid.h.
 */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stdint.h>

#define ID_TYPE(name) typedef struct { int64_t v; } name
ID_TYPE(tenant_id);	/* = the unit_id of the unit that owns the rows */
/* Owns no rows but events that belong to no unit (set-up codes); made ids are never so small. */
#define INSTANCE_TENANT ((tenant_id){ 1 })
ID_TYPE(unit_id);
ID_TYPE(person_id);
ID_TYPE(account_id);
ID_TYPE(appointment_id);
ID_TYPE(place_id);
ID_TYPE(keeper_id);
ID_TYPE(record_id);
ID_TYPE(step_id);
ID_TYPE(file_id);
ID_TYPE(occurrence_id);
ID_TYPE(session_id);
ID_TYPE(event_id);

#endif
