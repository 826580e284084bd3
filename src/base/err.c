/* err: the words of the errors, and the one way to die (err.h). */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *err_word(enum err e)
{
	switch (e) {
	case ERR_OK: return "";
	case ERR_INVALID: return "invalid";
	case ERR_DENIED: return "not_allowed";
	case ERR_NOTFOUND: return "not_found";
	case ERR_CONFLICT: return "conflict";
	case ERR_LIMIT: return "limit";
	case ERR_BUSY: return "busy";
	case ERR_IO: return "io";
	case ERR_CORRUPT: return "corrupt";
	}
	panic("err_word: no error %d", (int)e);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	fputs("bihuan: panic: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
