/* utf8: the adapter of utf8proc. Text from outside passes utf8_clean() once, at the door. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct op;
struct arena;

bool utf8_valid(str s);				/* also refuses NUL */
size_t utf8_len(str s);				/* code points; s valid */
str utf8_nfc(struct arena *a, str s);
/*
 * Valid, without NUL and without control characters (but \n and \t where `multiline`),
 * bidi overrides removed, NFC, trimmed; at most `max` code points. Else ERR_INVALID
 * by `field`, in words for people.
 */
MUST_CHECK enum err utf8_clean(struct op *op, str field, str raw, size_t max, bool multiline,
		str *ret_s);
str utf8_fold(struct arena *a, str s);		/* for searching: NFKC casefold */
str utf8_cut(str s, size_t chars);		/* the first `chars` code points */
size_t utf8_width(str s);			/* columns in a terminal; a Han character is 2 */

#endif
