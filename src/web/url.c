/*
 * url: see url.h. The one place where a percent sign means something.
 */
#include "web/url.h"

bool url_decode(struct arena *a, str s, bool plus_is_blank, str *ret_s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '+' && plus_is_blank) {
			c = ' ';
		} else if (c == '%') {
			int hi = i + 2 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
			int lo = i + 2 < s.len ? hex_digit(s.ptr[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		p[n++] = c;
	}
	*ret_s = (str){ p, n };
	return true;
}
