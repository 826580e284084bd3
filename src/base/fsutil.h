/*
 * fsutil: the few things that everyone does with files. What is written is on the
 * disk when the function returns: file, then folder, are fsynced. A failed fsync is
 * never retried (the kernel may have dropped the pages and marked them clean):
 * op->sync_failed is set beside ERR_IO, and the door stops and exits with 74.
 */
#ifndef BASE_FSUTIL_H
#define BASE_FSUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct op;
struct arena;

/* The whole file in op->arena, NUL-terminated. ERR_NOTFOUND, ERR_LIMIT above `max`, ERR_IO. */
MUST_CHECK enum err fs_read(struct op *op, str path, size_t max, str *ret_bytes);
/* Under a temporary name beside it, fsync, rename, fsync of the folder: old or new, never half. */
MUST_CHECK enum err fs_write_atomic(struct op *op, str path, str bytes, mode_t mode);
MUST_CHECK enum err fs_mkdirs(struct op *op, str path);		/* with parents, 0700 */
bool fs_exists(str path);
bool fs_is_dir(str path);
/* Names in a folder, sorted by bytes, without those that start with a dot. */
MUST_CHECK enum err fs_list(struct op *op, str dir, str **ret_names, size_t *ret_n);
MUST_CHECK enum err fs_remove(struct op *op, str path);		/* an absent file is no error */
str fs_join(struct arena *a, str dir, str name);

MUST_CHECK enum err fs_sync_fd(struct op *op, int fd);
MUST_CHECK enum err fs_sync_dir(struct op *op, str dir);
/* all of it; ERR_BUSY when the disk is full */
MUST_CHECK enum err fs_write_fd(struct op *op, int fd, str bytes);

/*
 * An exclusive lock (flock) that ends with the process or fs_unlock(). ERR_BUSY when another
 * holds it.
 */
MUST_CHECK enum err fs_lock(struct op *op, str path, int *ret_fd);
void fs_unlock(int fd);

#endif
