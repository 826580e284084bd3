/*
 * pubid: ids as they are seen outside: 26 characters of Crockford base32 over
 * (tenant, id). 25 digits carry 125 bits: 62 of the tenant (ids reach bit 62 only
 * in 2054; asserted) and 63 of the id; the last character is a check character over
 * the 25. No secrecy is meant. Reading accepts lower case and I, L, O, and refuses
 * a wrong check character, another length, and the id 0, which is nobody's.
 */
#ifndef BASE_PUBID_H
#define BASE_PUBID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ids.h"
#include "base/str.h"

struct arena;
struct buf;
#define PUBID_LEN 26

str pubid_make(struct arena *a, tenant_id tenant, int64_t id);
bool pubid_read(str s, tenant_id *ret_tenant, int64_t *ret_id);

#endif
