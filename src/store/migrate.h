/*
 * migrate: brings the rows of a folder to the schema of this program. Schema files
 * (store/schema/NNNN_*.sql) are embedded and applied forward only, each in one
 * transaction with its version. An older schema is first copied to
 * DIR/backup/pre-N.db; a newer one is refused (the door exits 78), because an older
 * program would silently ignore what it does not know.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store.h"

/* from == 0: new; backup: its path, or empty */
struct migrate_result { int from, to; str backup; };

/*
 * On the freshly opened folder, before the writer starts. ERR_CONFLICT when the schema is
 * newer than the program. Then prepares every statement of the program against it.
 */
MUST_CHECK enum err migrate_run(struct op *op, struct store_db *db,
		struct migrate_result *ret_result);

#endif
