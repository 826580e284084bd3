/*
 * once: the Idempotency-Key of writes that make no record, step or file (those carry it in
 * their own row: record_submit(), file_add()). The first time notes what was made, in the
 * operation that made it; a repeat finds it; the same key with another body is refused.
 */
#ifndef WORK_ONCE_H
#define WORK_ONCE_H

#include "base/hash.h"
#include "base/op.h"

/*
 * Both write (inside wop.run, outside of a TX_SCOPE); without a key or an account they do
 * nothing.
 */
MUST_CHECK enum err once_find(struct op *op, str key, struct hash hash, bool *ret_yes,
			      int64_t *ret_made);
MUST_CHECK enum err once_note(struct op *op, str key, struct hash hash, int64_t made);

/* Where a key may stand: a key is one, wherever what it made keeps it. */
enum key_home { KEY_RECORD = 1, KEY_STEP = 2, KEY_FILE = 4, KEY_CHANGE = 8 };
/* INVALID when the key stands anywhere but in `but`. */
MUST_CHECK enum err key_is_free(struct op *op, str key, int but);

#endif
