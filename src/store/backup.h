/*
 * backup: the whole instance in one file, while it serves. The file is a plain POSIX
 * tar (so that it can be unpacked without us): the rows as one clean database made by
 * VACUUM INTO on a connection of its own, then the blobs, and last MANIFEST, one line
 * `sha256 size path` per member; a file that was cut off has no MANIFEST and is
 * refused. Keys are not in it: who finds the file must not be able to sign with it.
 * Rows first, blobs after: a blob is on disk before its row commits, so every row in
 * the copy finds its blob.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

struct backup_result { int64_t files, bytes; };

/* Writes `file` (must not exist), reads it back and verifies it; on failure removes it. */
MUST_CHECK enum err backup_write(struct op *op, struct store_db *db, str file,
		struct backup_result *ret_result);
/* Every member against the MANIFEST. ERR_CORRUPT names the first bad one. */
MUST_CHECK enum err backup_verify(struct op *op, str file, struct backup_result *ret_result);
/*
 * Into `dir`, which must be absent or empty (ERR_CONFLICT). Unpacked beside it, verified,
 * then renamed: either the whole instance is there or nothing.
 */
MUST_CHECK enum err backup_restore(struct op *op, str file, str dir,
		struct backup_result *ret_result);

#endif
