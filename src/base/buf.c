/*
 * buf: see buf.h. Growth doubles, bounded by `max`; one byte beyond is kept for
 * the '\0', so that ptr may be read as a C string. Every escaper is here and
 * nowhere else, so that one test covers all that is written into pages.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
	assert(max > 0 && max < SIZE_MAX / 4);
	*b = (struct buf){ .max = max };
}

void buf_release(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
	assert(b->len <= b->cap && b->cap <= b->max);
	b->len = 0;
	b->failed = false;
	if (b->cap)
		b->ptr[0] = '\0';
}

/* Room for n more bytes, or `failed`. */
static bool make_room(struct buf *b, size_t n)
{
	assert(b->max > 0 && b->len <= b->cap && b->cap <= b->max);
	if (b->failed)
		return false;
	if (n > b->max - b->len) {
		b->failed = true;
		return false;
	}
	if (n <= b->cap - b->len && b->cap)
		return true;
	size_t cap = b->cap * 2 > 256 ? b->cap * 2 : 256;
	if (cap < b->len + n)
		cap = b->len + n;
	if (cap > b->max)
		cap = b->max;
	char *p = realloc(b->ptr, cap + 1);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->ptr = p;
	b->cap = cap;
	b->ptr[b->len] = '\0';
	return true;
}

void buf_add(struct buf *b, str s)
{
	assert(s.ptr || s.len == 0);
	if (s.len == 0 || !make_room(b, s.len))
		return;
	memcpy(b->ptr + b->len, s.ptr, s.len);
	b->len += s.len;
	b->ptr[b->len] = '\0';
}

void buf_addc(struct buf *b, char c)
{
	if (!make_room(b, 1))
		return;
	b->ptr[b->len++] = c;
	b->ptr[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char small[256];

	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n < sizeof(small)) {
		buf_add(b, (str){ small, (size_t)n });
		return;
	}
	if (!make_room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	int written = vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	assert(written == n);
	b->len += (size_t)n;
}

void buf_add_i64(struct buf *b, int64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		buf_addc(b, '-');
	buf_add(b, (str){ digits + at, sizeof(digits) - at });
}

static str html_escape_of(char c)
{
	switch (c) {
	case '&': return STR("&amp;");
	case '<': return STR("&lt;");
	case '>': return STR("&gt;");
	case '"': return STR("&quot;");
	case '\'': return STR("&#39;");
	default: return STR_NONE;
	}
}

void buf_add_html(struct buf *b, str s)
{
	size_t from = 0;

	assert(s.ptr || s.len == 0);
	for (size_t i = 0; i < s.len; i++) {
		str esc = html_escape_of(s.ptr[i]);
		if (!esc.ptr)
			continue;
		buf_add(b, str_slice(s, from, i));
		buf_add(b, esc);
		from = i + 1;
	}
	buf_add(b, str_slice(s, from, s.len));
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void buf_add_url(struct buf *b, str s)
{
	static const char hex[] = "0123456789ABCDEF";

	assert(s.ptr || s.len == 0);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
			buf_addc(b, c);
			continue;
		}
		buf_addc(b, '%');
		buf_addc(b, hex[(unsigned char)c >> 4]);
		buf_addc(b, hex[(unsigned char)c & 15]);
	}
}

static bool scheme_is(str s, str scheme)
{
	if (s.len != scheme.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != scheme.ptr[i])
			return false;
	}
	return true;
}

/*
 * Browsers drop tabs, newlines and leading blanks before they look for a scheme,
 * and read `\` as `/`: so control characters and blanks at the start refuse the
 * address, and `//host`, `/\host` count as another site, not as relative.
 */
static bool href_allowed(str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return false;
	if (s.len && s.ptr[0] == ' ')
		return false;
	if (s.len >= 2 && (s.ptr[0] == '/' || s.ptr[0] == '\\') &&
	    (s.ptr[1] == '/' || s.ptr[1] == '\\'))
		return false;
	for (i = 0; i < s.len && s.ptr[i] != ':'; i++)
		if (s.ptr[i] == '/' || s.ptr[i] == '?' || s.ptr[i] == '#')
			return true;
	if (i == s.len)
		return true;
	str scheme = str_slice(s, 0, i);
	return scheme_is(scheme, STR("http")) || scheme_is(scheme, STR("https")) ||
	       scheme_is(scheme, STR("mailto")) || scheme_is(scheme, STR("tel"));
}

void buf_add_href(struct buf *b, str s)
{
	assert(s.ptr || s.len == 0);
	if (href_allowed(s))
		buf_add_html(b, s);
	else
		buf_addc(b, '#');
}

/* The bytes that U+2028 and U+2029 start with: line ends to JavaScript, not to JSON. */
static bool is_js_line_end(str s, size_t i)
{
	return i + 2 < s.len && s.ptr[i] == '\xE2' && s.ptr[i + 1] == '\x80' &&
	       (s.ptr[i + 2] == '\xA8' || s.ptr[i + 2] == '\xA9');
}

static void add_json_char(struct buf *b, char c)
{
	switch (c) {
	case '"': buf_add(b, STR("\\\"")); return;
	case '\\': buf_add(b, STR("\\\\")); return;
	case '\n': buf_add(b, STR("\\n")); return;
	case '\r': buf_add(b, STR("\\r")); return;
	case '\t': buf_add(b, STR("\\t")); return;
	case '<': case '>': case '&':
		buf_addf(b, "\\u%04x", (unsigned)(unsigned char)c);
		return;
	default:
		if ((unsigned char)c < 0x20 || c == 0x7f)
			buf_addf(b, "\\u%04x", (unsigned)(unsigned char)c);
		else
			buf_addc(b, c);
	}
}

void buf_add_json(struct buf *b, str s)
{
	assert(s.ptr || s.len == 0);
	buf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (is_js_line_end(s, i)) {
			buf_add(b, s.ptr[i + 2] == '\xA8' ? STR("\\u2028") : STR("\\u2029"));
			i += 2;
			continue;
		}
		add_json_char(b, s.ptr[i]);
	}
	buf_addc(b, '"');
}

enum err buf_finish(const struct buf *b, str *ret_s)
{
	assert(b->len <= b->cap && b->cap <= b->max);
	if (b->failed)
		return ERR_LIMIT;
	*ret_s = b->ptr ? (str){ b->ptr, b->len } : STR("");
	return ERR_OK;
}
