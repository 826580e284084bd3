/*
 * pack_files: packs for commands: folders on the disk, or names of those that ship, with
 * everything they extend. What a folder extends is looked for beside it first, then
 * among those that ship.
 */
#ifndef CLI_PACK_FILES_H
#define CLI_PACK_FILES_H

#include "cli/cmd.h"
#include "rules/pack.h"

#define PACKS_MAX 16

struct found_packs {
	struct pack_source at[PACKS_MAX];
	str dir[PACKS_MAX]; /* the folder as typed; "" for what ships */
	size_t n;
};

/* `name`: as typed on the command line. ERR_NOTFOUND when it is neither a pack's folder nor a name.
 */
MUST_CHECK enum err packs_find(struct cmd *c, str name, struct found_packs *ret);
/* Every pack of the command line; ERR_INVALID when there is none. */
MUST_CHECK enum err packs_of_args(struct cmd *c, struct found_packs *ret);
/* The place of a diagnostic as the person would open it. */
struct pos packs_place(struct arena *a, const struct found_packs *f, struct pos pos);

#endif
