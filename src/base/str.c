/* str: see str.h. Nothing here allocates but through the arena that is handed in. */
#include "base/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

int str_cmp(str a, str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	if (c)
		return c < 0 ? -1 : 1;
	return (a.len > b.len) - (a.len < b.len);
}

str str_of(const char *c_string)
{
	if (!c_string)
		return STR_NONE;
	return (str){ c_string, strlen(c_string) };
}

bool str_starts(str s, str prefix)
{
	return s.len >= prefix.len && str_eq((str){ s.ptr, prefix.len }, prefix);
}

bool str_ends(str s, str suffix)
{
	if (s.len < suffix.len)
		return false;
	return str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool str_has(str s, char c)
{
	return s.len && memchr(s.ptr, c, s.len);
}

ptrdiff_t str_find(str s, str needle, size_t from)
{
	assert(s.ptr || s.len == 0);
	if (from > s.len)
		return -1;
	if (needle.len == 0)
		return (ptrdiff_t)from;
	if (s.len == 0)
		return -1;
	const char *p = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
	return p ? p - s.ptr : -1;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim(str s)
{
	while (s.len && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

str str_slice(str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	assert(from <= to && to <= s.len);
	return s.ptr ? (str){ s.ptr + from, to - from } : STR_NONE;
}

str str_cut(str *rest, char sep)
{
	str part = *rest;

	assert(rest->ptr || rest->len == 0);
	const char *p = part.len ? memchr(part.ptr, sep, part.len) : NULL;
	if (!p) {
		*rest = STR_NONE;
		return part;
	}
	part.len = (size_t)(p - part.ptr);
	*rest = (str){ p + 1, rest->len - part.len - 1 };
	return part;
}

bool str_to_i64(str s, int64_t *ret_value)
{
	int64_t v = 0;
	bool minus = s.len > 1 && s.ptr[0] == '-';

	assert(ret_value);
	if (s.len == 0)
		return false;
	for (size_t i = minus ? 1 : 0; i < s.len; i++) {
		int digit = s.ptr[i] - '0';
		if (digit < 0 || digit > 9)
			return false;
		/* Counted downwards: INT64_MIN has no positive twin. */
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v))
			return false;
	}
	if (!minus && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*ret_value = v;
	return true;
}

str str_dup(struct arena *a, str s)
{
	if (!s.ptr)
		return STR_NONE;
	assert(s.len < SIZE_MAX);
	char *p = arena_alloc(a, s.len + 1);
	memcpy(p, s.ptr, s.len);
	return (str){ p, s.len };
}

const char *str_c(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (s.len)
		memcpy(p, s.ptr, s.len);
	return p;
}

str str_join(struct arena *a, const str *parts, size_t n, str sep)
{
	size_t len = 0, at = 0;

	assert(parts || n == 0);
	for (size_t i = 0; i < n; i++)
		len += parts[i].len + (i ? sep.len : 0);
	char *p = arena_alloc(a, len + 1);
	for (size_t i = 0; i < n; i++) {
		if (i && sep.len) {
			memcpy(p + at, sep.ptr, sep.len);
			at += sep.len;
		}
		if (parts[i].len)
			memcpy(p + at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	assert(at == len);
	return (str){ p, len };
}

str str_decimal(char room[STR_DECIMAL_MAX], int64_t n)
{
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	size_t at = STR_DECIMAL_MAX;

	do {
		assert(at > 0);
		room[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (n < 0)
		room[--at] = '-';
	return (str){ room + at, STR_DECIMAL_MAX - at };
}

str str_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;

	assert(a && fmt);
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	char *p = arena_alloc(a, (size_t)n + 1);
	int written = vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	assert(written == n);
	return (str){ p, (size_t)n };
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

str str_lower(struct arena *a, str s)
{
	str out = str_dup(a, s);
	char *p = (char *)(uintptr_t)out.ptr;

	for (size_t i = 0; i < out.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return out;
}

static str replace_char(struct arena *a, str s, char from, char to)
{
	str out = str_dup(a, s);
	char *p = (char *)(uintptr_t)out.ptr;

	for (size_t i = 0; i < out.len; i++)
		if (p[i] == from)
			p[i] = to;
	return out;
}

str str_kebab(struct arena *a, str s)
{
	return replace_char(a, s, '_', '-');
}
