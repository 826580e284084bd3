/*
 * instance: what belongs to the whole instance and to no tenant: single values (the clock of a
 * demonstration, the moment of the last backup), and the tenants themselves.
 */
#ifndef ORG_INSTANCE_H
#define ORG_INSTANCE_H

#include "base/op.h"

/* "" when unset. */
MUST_CHECK enum err instance_get(struct op *op, const char *name, str *ret_value);
/* A write operation of its own. */
MUST_CHECK enum err instance_put(struct op *op, const char *name, str value);
/* When a backup last succeeded; 0 = never. In the database, so that a restart does not forget. */
MUST_CHECK enum err instance_last_backup(struct op *op, int64_t *ret_ms);
/* One has succeeded now (op->now_ms). A write operation of its own. */
MUST_CHECK enum err instance_backed_up(struct op *op);
/* The tenant with this code; ERR_INVALID in words. */
MUST_CHECK enum err instance_tenant(struct op *op, str code, tenant_id *ret);
struct tenant_row { tenant_id id; str code, name, kind; };
MUST_CHECK enum err instance_tenants(struct op *op, struct tenant_row **ret, size_t *ret_n);

#endif
