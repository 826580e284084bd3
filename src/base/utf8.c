/*
 * utf8: the one adapter of utf8proc (utf8.h). What a person typed is cleaned once,
 * at the door, so that everything behind it may compare bytes. Runs of combining
 * marks are bounded as Unicode's stream-safe format does: sorting them is quadratic,
 * and no writing needs more than 30.
 */
#include "base/utf8.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "base/arena.h"
#include "base/op.h"

#define COMBINING_RUN_MAX 30

/* The code point at s[at], its length in *ret_len; -1 when invalid. */
static int32_t point_at(str s, size_t at, size_t *ret_len)
{
	utf8proc_int32_t cp = -1;

	assert(at < s.len);
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + at,
					      (utf8proc_ssize_t)(s.len - at), &cp);
	if (n <= 0 || cp < 0)
		return -1;
	*ret_len = (size_t)n;
	return cp;
}

bool utf8_valid(str s)
{
	size_t len = 1;

	assert(s.ptr || s.len == 0);
	for (size_t at = 0; at < s.len; at += len) {
		if (s.ptr[at] > 0) {	/* ASCII, not NUL */
			len = 1;
			continue;
		}
		if (s.ptr[at] == 0 || point_at(s, at, &len) < 0)
			return false;
	}
	return true;
}

size_t utf8_len(str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return n;
}

str utf8_cut(str s, size_t chars)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++)
		if (((unsigned char)s.ptr[i] & 0xC0) != 0x80 && n++ == chars)
			break;
	assert(i <= s.len);
	return str_slice(s, 0, i);
}

static bool is_ascii(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

static str map(struct arena *a, str s, utf8proc_option_t options)
{
	utf8proc_uint8_t *out = NULL;

	if (s.len == 0)
		return s;
	assert(s.len <= INT32_MAX);
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len,
					  &out, options);
	if (n < 0)
		panic("utf8: %s", utf8proc_errmsg(n));
	str mapped = str_dup(a, (str){ (const char *)out, (size_t)n });
	free(out);
	return mapped;
}

str utf8_nfc(struct arena *a, str s)
{
	if (is_ascii(s))
		return s;
	return map(a, s, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

str utf8_fold(struct arena *a, str s)
{
	if (is_ascii(s))
		return str_lower(a, s);
	return map(a, s, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
			 UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

size_t utf8_width(str s)
{
	size_t width = 0, len = 1;

	for (size_t at = 0; at < s.len; at += len) {
		int32_t cp = point_at(s, at, &len);
		if (cp < 0) {
			len = 1;
			continue;
		}
		int w = utf8proc_charwidth(cp);
		width += w > 0 ? (size_t)w : 0;
	}
	return width;
}

enum point_kind { POINT_KEEP, POINT_DROP, POINT_NEWLINE, POINT_REFUSE };

static enum point_kind kind_of(int32_t cp)
{
	if ((cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF)
		return POINT_DROP;	/* bidi overrides and isolates; a stray byte order mark */
	if (cp == '\n' || cp == 0x2028 || cp == 0x2029)
		return POINT_NEWLINE;
	if (cp < 0x20 || (cp >= 0x7F && cp <= 0x9F))
		return POINT_REFUSE;
	if ((cp & 0xFFFE) == 0xFFFE || (cp >= 0xFDD0 && cp <= 0xFDEF))
		return POINT_REFUSE;	/* not characters */
	return POINT_KEEP;
}

/* White space as Chinese texts have it: also the full-width and the fixed blank. */
static bool is_blank(int32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x3000 || cp == 0xA0;
}

static str trim_wide(str s)
{
	size_t at = 0, end = 0, len = 1;
	bool started = false;

	for (size_t i = 0; i < s.len; i += len) {
		int32_t cp = point_at(s, i, &len);
		assert(cp >= 0);
		if (is_blank(cp))
			continue;
		if (!started)
			at = i;
		started = true;
		end = i + len;
	}
	return started ? str_slice(s, at, end) : STR("");
}

/* Copy what is kept; refuse what is not text. `out` has room for raw.len bytes. */
static enum err filter(struct op *op, str field, str raw, bool multiline, char *out, size_t *ret_n)
{
	size_t len = 1, n = 0, run = 0;

	for (size_t at = 0; at < raw.len; at += len) {
		int32_t cp = point_at(raw, at, &len);
		assert(cp > 0);
		if (cp == '\r' && at + 1 < raw.len && raw.ptr[at + 1] == '\n')
			continue;	/* how browsers end lines */
		enum point_kind kind = kind_of(cp);
		if (multiline && cp == '\t')
			kind = POINT_KEEP;
		if (kind == POINT_DROP)
			continue;
		if (kind == POINT_NEWLINE && !multiline)
			return INVALID(op, field, "这里只能写一行，请去掉换行。");
		if (kind == POINT_REFUSE)
			return INVALID(op, field, "含有看不见的控制字符，请删去后重新填写。");
		run = utf8proc_get_property(cp)->combining_class ? run + 1 : 0;
		if (run > COMBINING_RUN_MAX)
			return INVALID(op, field, "叠加的符号太多，请重新填写。");
		if (kind == POINT_NEWLINE)
			out[n++] = '\n';
		else
			for (size_t i = 0; i < len; i++)
				out[n++] = raw.ptr[at + i];
	}
	assert(n <= raw.len);
	*ret_n = n;
	return ERR_OK;
}

enum err utf8_clean(struct op *op, str field, str raw, size_t max, bool multiline, str *ret_s)
{
	size_t n = 0;

	assert(op && op->arena && ret_s);
	assert(max > 0);
	if (!utf8_valid(raw))
		return INVALID(op, field, "含有无法识别的字符，请重新填写。");
	/* Leading and trailing line ends are no second line. */
	raw = trim_wide(raw);
	char *out = arena_alloc(op->arena, raw.len + 1);
	TRY(filter(op, field, raw, multiline, out, &n));
	str s = trim_wide(utf8_nfc(op->arena, (str){ out, n }));
	if (utf8_len(s) > max)
		return INVALID(op, field, "最多 %zu 个字，现在是 %zu 个字。", max, utf8_len(s));
	*ret_s = s;
	return ERR_OK;
}
