/*
 * zip: reading an archive that lies in memory, over libzip (base/zip.c is its one
 * adapter). Nothing is ever unpacked to a path. The number of entries and the sum of
 * what was unpacked are bounded while unpacking, not by what the headers claim.
 */
#ifndef BASE_ZIP_H
#define BASE_ZIP_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct op;
struct archive;

/*
 * `bytes` must outlive the archive, which is closed with op->arena. `inflate_max`: over all
 * entries read.
 */
MUST_CHECK enum err archive_open(struct op *op, str bytes, size_t inflate_max,
	struct archive **ret_a);
/*
 * One entry by its whole name. ERR_NOTFOUND without message, ERR_LIMIT, ERR_INVALID when damaged.
 */
MUST_CHECK enum err archive_read(struct op *op, struct archive *a, str name, str *ret_bytes);

#endif
