/*
 * pubid: see pubid.h. The check character makes the 26 digits a code word over
 * GF(32): the sum of weight(i) * digit(i) is 0, where the weights are different
 * powers of a generator and the check's own weight is 1. Multiplying by a weight
 * that is not 0 loses nothing, so every wrong single character is caught; the
 * weights differ, so every exchange of two different characters is caught too.
 * A sum modulo 31 or 32 does not have both properties (0 and Z fall together, or
 * even weights lose bits); the unit test tries every fault.
 */
#include "base/pubid.h"

#include <assert.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

#define DIGITS (PUBID_LEN - 1)
#define TENANT_MAX ((1LL << 62) - 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Multiply by x in GF(2)[x] / (x^5 + x^2 + 1); x generates all 31 units. */
static unsigned times_x(unsigned v)
{
	assert(v < 32);
	v <<= 1;
	return v & 32 ? v ^ 0x25 : v;
}

/* Horner from the first digit on: the first has weight x^25, the last x^1. */
static unsigned check_of(const unsigned char digit[DIGITS])
{
	unsigned sum = 0;

	for (int i = 0; i < DIGITS; i++)
		sum = times_x(sum ^ digit[i]);
	assert(sum < 32);
	return sum;
}

static void encode(tenant_id tenant, int64_t id, char ret_text[PUBID_LEN])
{
	unsigned char digit[DIGITS];

	assert(tenant.v >= 0 && tenant.v <= TENANT_MAX);
	assert(id >= 0);
	unsigned __int128 v = (unsigned __int128)tenant.v << 63 | (unsigned __int128)id;
	for (int i = DIGITS - 1; i >= 0; i--) {
		digit[i] = (unsigned char)(v & 31);
		v >>= 5;
	}
	for (int i = 0; i < DIGITS; i++)
		ret_text[i] = alphabet[digit[i]];
	ret_text[DIGITS] = alphabet[check_of(digit)];
}

str pubid_make(struct arena *a, tenant_id tenant, int64_t id)
{
	char text[PUBID_LEN];

	encode(tenant, id, text);
	return str_dup(a, (str){ text, PUBID_LEN });
}

/* The value of a digit, forgiving what people misread; -1 for what is none. */
static int digit_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'O')
		c = '0';
	for (int i = 0; i < 32; i++)
		if (alphabet[i] == c)
			return i;
	return -1;
}

bool pubid_read(str s, tenant_id *ret_tenant, int64_t *ret_id)
{
	unsigned char digit[DIGITS];
	unsigned __int128 v = 0;

	assert(ret_tenant && ret_id);
	if (s.len != PUBID_LEN)
		return false;
	for (int i = 0; i < DIGITS; i++) {
		int d = digit_of(s.ptr[i]);
		if (d < 0)
			return false;
		digit[i] = (unsigned char)d;
		v = v << 5 | (unsigned)d;
	}
	if (digit_of(s.ptr[DIGITS]) != (int)check_of(digit))
		return false;
	assert(v >> 125 == 0);
	if ((v & INT64_MAX) == 0)
		return false;	/* nothing has the id 0: it means none everywhere */
	*ret_tenant = (tenant_id){ (int64_t)(v >> 63) };
	*ret_id = (int64_t)(v & INT64_MAX);
	return true;
}
