/*
 * diag: diagnostics and their one catalogue (diag.def). A code that is not in the
 * catalogue cannot be given: diag_add() panics, and a test provokes every code.
 */
#include "rules/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"

static const struct diag_code codes[] = {
#define DIAG(code, severity, sentence, cause, cure, example)                                       \
	{ code, DIAG_##severity, sentence, cause, cure, example },
#include "rules/diag.def"
#undef DIAG
};
#define CODE_N (sizeof(codes) / sizeof(*codes))

const struct diag_code *diag_codes(size_t *ret_n)
{
	*ret_n = CODE_N;
	return codes;
}

const struct diag_code *diag_code(str code)
{
	for (size_t i = 0; i < CODE_N; i++)
		if (str_eq(str_of(codes[i].code), code))
			return &codes[i];
	return NULL;
}

/* A message that was cut must not end inside a character. */
static void cut_whole(char *text)
{
	size_t n = strlen(text);

	while (n && ((unsigned char)text[n - 1] & 0xC0) == 0x80)
		n--;
	if (n && ((unsigned char)text[n - 1] & 0x80))
		n--;
	text[n] = '\0';
}

/* Everything is copied to `a`: the diagnostics of a refused pack outlive it. */
void diag_add(struct arena *a, struct diags *ds, const char *code, struct pos pos, const char *fmt,
	      ...)
{
	const struct diag_code *c = diag_code(str_of(code));
	char text[1024];
	struct diag *d;
	va_list ap;
	int n;

	if (!c)
		panic("no such diagnostic: %s", code);
	ds->errors += c->severity == DIAG_ERROR;
	if (ds->n == DIAGS_MAX)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if (n >= (int)sizeof(text))
		cut_whole(text);
	d = VEC_PUSH(a, ds);
	d->code = c;
	d->pos = pos;
	d->pos.file = str_dup(a, pos.file);
	d->message = str_dup(a, str_of(text));
}

static const char *severity_word(enum severity s)
{
	switch (s) {
	case DIAG_ERROR:
		return "error";
	case DIAG_WARNING:
		return "warning";
	case DIAG_INFO:
		return "info";
	}
	return "";
}

str diag_format(struct arena *a, const struct diag *d)
{
	return str_fmt(a, "%.*s:%u:%u: %s[%s]: %.*s", STR_ARG(d->pos.file), (unsigned)d->pos.line,
		       (unsigned)d->pos.col, severity_word(d->code->severity), d->code->code,
		       STR_ARG(d->message));
}
