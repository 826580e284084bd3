/*
 * str: a view of bytes, passed by value. It owns nothing; what it points at
 * lives in an arena, in a literal or in the caller's frame. Not NUL-terminated
 * unless a comment says so. Chosen over char * so that lengths are known, slices
 * are free and NUL bytes from outside cannot shorten a value.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

typedef struct { const char *ptr; size_t len; } str;
struct strs { const str *at; size_t n; };

#define STR(lit) ((str){ (lit), sizeof(lit) - 1 })	/* a literal */
#define STR_NONE ((str){ NULL, 0 })
#define STR_ARG(s) (int)(s).len, (s).ptr		/* for "%.*s" */

static inline bool str_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_empty(str s)
{
	return s.len == 0;
}

/* Bytes as unsigned, shorter first on a tie: the order of SQLite BINARY and of PostgreSQL's C. */
int str_cmp(str a, str b);
str str_of(const char *c_string);		/* NULL gives STR_NONE */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
bool str_has(str s, char c);
/* Byte offset of the first `needle` at or after `from`, or -1. */
ptrdiff_t str_find(str s, str needle, size_t from);
str str_trim(str s);				/* ASCII white space at both ends */
str str_slice(str s, size_t from, size_t to);	/* clamps to the length */
/*
 * Cut the part before the first `sep` off *rest and return it; *rest becomes
 * what follows, or STR_NONE after the last part. Loop: while (rest.ptr) { … }
 */
str str_cut(str *rest, char sep);
/* Decimal with optional '-', nothing else; false when malformed or out of range. */
bool str_to_i64(str s, int64_t *ret_value);
str str_dup(struct arena *a, str s);		/* NUL-terminated copy; STR_NONE stays so */
const char *str_c(struct arena *a, str s);	/* NUL-terminated copy */
str str_join(struct arena *a, const str *parts, size_t n, str sep);
str str_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For what is made by the ten thousand, without the walk through a format. */
#define STR_DECIMAL_MAX 20
/* The digits of `n` at the end of `room`, not terminated. */
str str_decimal(char room[STR_DECIMAL_MAX], int64_t n);
/* 0 to 15 of a hexadecimal digit in either case; -1 of anything else. */
int hex_digit(char c);
/* ASCII only; the rest of the bytes stays. */
str str_lower(struct arena *a, str s);
/* '-' becomes '_' and back: pack ids are kebab-case, form fields and SQL snake_case. */
str str_kebab(struct arena *a, str s);

#endif
