/*
 * op: how an operation keeps its error (op.h). The first message wins: it was set
 * nearest to the fault, and what callers add on the way up knows less.
 */
#include "base/op.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* Cut a message that vsnprintf() shortened back to a whole UTF-8 character. */
static void cut_to_char(char *s, size_t len)
{
	size_t at = len;

	while (at > 0 && ((unsigned char)s[at - 1] & 0xC0) == 0x80)
		at--;
	if (at == 0)
		return;
	unsigned char lead = (unsigned char)s[at - 1];
	size_t want = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (at - 1 + want > len)
		s[at - 1] = '\0';
}

static void set_message(struct op *op, const char *at, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
static void set_message(struct op *op, const char *at, const char *fmt, va_list ap)
{
	assert(op && fmt);
	if (op->errmsg[0])
		return;
	int n = vsnprintf(op->errmsg, sizeof(op->errmsg), fmt, ap);
	assert(n >= 0);
	if ((size_t)n >= sizeof(op->errmsg))
		cut_to_char(op->errmsg, sizeof(op->errmsg) - 1);
	op->errat = at;
}

enum err op_fail(struct op *op, enum err e, const char *at, const char *fmt, ...)
{
	va_list ap;

	assert(e != ERR_OK && at);
	va_start(ap, fmt);
	set_message(op, at, fmt, ap);
	va_end(ap);
	return e;
}

enum err op_invalid(struct op *op, const char *at, str field, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	struct field_error **end = &op->field_errors;

	assert(op->arena && at);
	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n >= sizeof(small))
		cut_to_char(small, sizeof(small) - 1);
	struct field_error *fe = NEW(op->arena, struct field_error);
	fe->field = str_dup(op->arena, field);
	fe->message = str_dup(op->arena, str_of(small));
	while (*end)
		end = &(*end)->next;
	*end = fe;
	return op_fail(op, ERR_INVALID, at, "%s", small);
}

void op_clear_error(struct op *op)
{
	assert(op);
	op->errmsg[0] = '\0';
	op->errat = NULL;
	op->field_errors = NULL;
}
