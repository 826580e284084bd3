/*
 * tar: the little of POSIX ustar that a backup needs: regular files, written one after
 * another, read back strictly. Chosen over zip because it streams, has no size limit that
 * matters (sizes past 8 GB in base-256, as GNU and POSIX tar read it), needs no library, and
 * anybody can unpack it with `tar xf`. Names are ours and at most 99 bytes; owners and
 * times are not kept, so the same content gives the same bytes.
 */
#ifndef STORE_TAR_H
#define STORE_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/op.h"
#include "base/str.h"

#define TAR_NAME_MAX 99

/* Append the file open at `from`, of `size` bytes, under `name`; its hash comes back. */
MUST_CHECK enum err tar_add_file(struct op *op, int to, str name, int from, int64_t size,
				 struct hash *ret_hash);
MUST_CHECK enum err tar_add_bytes(struct op *op, int to, str name, str bytes);
MUST_CHECK enum err tar_finish(struct op *op, int to);

struct tar_entry { char name[TAR_NAME_MAX + 1]; int64_t size; };
/*
 * The next entry; *ret_more is false at the end mark. Then exactly one of tar_copy() or
 * tar_read(). ERR_CORRUPT for anything that tar_add_* would not have written.
 */
MUST_CHECK enum err tar_next(struct op *op, int from, bool *ret_more, struct tar_entry *ret_entry);
/* The content to `to` (-1: only hashed). */
MUST_CHECK enum err tar_copy(struct op *op, int from, const struct tar_entry *e, int to,
			     struct hash *ret_hash);
/* The content in op->arena; ERR_LIMIT past `max`. */
MUST_CHECK enum err tar_read(struct op *op, int from, const struct tar_entry *e, int64_t max,
			     str *ret_bytes);

#endif
