/*
 * blob: files by the SHA-256 of their bytes, DIR/blobs/ab/cdef…. Written to a
 * temporary name in the same folder, fsynced, renamed, the folder fsynced, all on a
 * worker and before the operation that names them is queued: a committed row always
 * has its file. The reverse (a file without a row) is an orphan and harmless;
 * blob_each() finds them. A blob is never changed; its name carries no user's word.
 */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include "base/hash.h"
#include "store/store.h"

/*
 * Keep `bytes` durably. Keeping the same bytes again is cheap and fine. ERR_IO: nothing may be
 * acknowledged.
 */
MUST_CHECK enum err blob_put(struct op *op, const struct store_db *db, str bytes,
		struct hash *ret_hash);
/*
 * The bytes in op->arena (at most UPLOAD_BYTES_MAX). ERR_NOTFOUND; ERR_CORRUPT when they are
 * not what the name says.
 */
MUST_CHECK enum err blob_get(struct op *op, const struct store_db *db, struct hash h,
		str *ret_bytes);
/* An open file to send, at most once per request; the caller closes it. Not hashed. */
MUST_CHECK enum err blob_open(struct op *op, const struct store_db *db, struct hash h,
			      int *ret_fd, int64_t *ret_size);
/* Hashes the file again: ERR_NOTFOUND or ERR_CORRUPT. */
MUST_CHECK enum err blob_verify(struct op *op, const struct store_db *db, struct hash h);
/*
 * Calls `each` for every blob file; a non-OK answer stops and is returned. Left-over temporary
 * files older than a day (by `op->clock`) are removed on the way.
 */
MUST_CHECK enum err blob_each(struct op *op, const struct store_db *db,
			      enum err (*each)(struct op *op, void *arg, struct hash h,
					       int64_t size, int64_t changed_ms),
			      void *arg);
MUST_CHECK enum err blob_remove(struct op *op, const struct store_db *db, struct hash h);
/* Free and whole bytes of the file system under the folder. */
MUST_CHECK enum err blob_disk(struct op *op, const struct store_db *db, int64_t *ret_free,
		int64_t *ret_whole);

#endif
