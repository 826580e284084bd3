/*
 * html: markup that needs no escaping. Templates print a `str` escaped for the place
 * where it stands, and only a `struct html` as it is. So the type is made by html_vouch()
 * alone, in the few files that tools/lint.py lists: each is a sanitizer or prints nothing
 * but what it escaped itself. It stands in base because report makes it and web prints it.
 */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/str.h"

struct html { str bytes; };

static inline struct html html_vouch(str bytes)
{
	return (struct html){ bytes };
}

#endif
