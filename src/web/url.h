/*
 * url: what stands percent-encoded in a path or a form. Decoded once and never again: what
 * would decode further is judged by whoever asked.
 */
#ifndef WEB_URL_H
#define WEB_URL_H

#include "base/arena.h"
#include "base/str.h"

/* In a form '+' is a blank. False on a broken escape. The bytes are not judged: any may come. */
bool url_decode(struct arena *a, str s, bool plus_is_blank, str *ret_s);

#endif
