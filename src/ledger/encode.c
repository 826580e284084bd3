/* encode: see encode.h. The writer and the strict reader stand side by side, value by value. */
#include "ledger/encode.h"

#include <assert.h>

#include "base/arena.h"

#define EVENT_VERSION 1

/* ---- writing ------------------------------------------------------------------ */

static void put_u32(struct buf *b, uint32_t v)
{
	char be[4] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };

	buf_add(b, (str){ be, sizeof(be) });
}

void ledger_put_i64(struct buf *b, int64_t v)
{
	uint64_t u = (uint64_t)v;
	char be[8];

	for (int i = 0; i < 8; i++)
		be[i] = (char)(u >> (56 - 8 * i));
	buf_add(b, (str){ be, sizeof(be) });
}

void ledger_put_str(struct buf *b, str s)
{
	assert(s.len <= UINT32_MAX);
	put_u32(b, (uint32_t)s.len);
	buf_add(b, s);
}

void ledger_put_hash(struct buf *b, struct hash h)
{
	buf_add(b, (str){ (const char *)h.b, sizeof(h.b) });
}

void ledger_encode(struct buf *b, const struct ledger_event *e)
{
	assert(e->kind.len > 0);
	assert(e->facts_n <= LEDGER_FACTS_MAX);
	assert(e->facts || e->facts_n == 0);
	buf_addc(b, EVENT_VERSION);
	ledger_put_i64(b, e->tenant.v);
	ledger_put_i64(b, e->seq);
	ledger_put_i64(b, e->at_ms);
	ledger_put_str(b, e->kind);
	ledger_put_i64(b, e->account.v);
	ledger_put_i64(b, e->person.v);
	ledger_put_i64(b, e->appointment.v);
	ledger_put_str(b, e->subject_kind);
	ledger_put_i64(b, e->subject);
	ledger_put_hash(b, e->commitment);
	put_u32(b, (uint32_t)e->facts_n);
	for (size_t i = 0; i < e->facts_n; i++) {
		ledger_put_str(b, e->facts[i].key);
		ledger_put_str(b, e->facts[i].value);
	}
}

/* ---- reading ------------------------------------------------------------------ */

struct in { str rest; bool bad; };

static str take(struct in *in, size_t n)
{
	if (in->bad || in->rest.len < n) {
		in->bad = true;
		return STR_NONE;
	}
	assert(in->rest.ptr || n == 0);
	str s = { in->rest.ptr, n };
	in->rest.ptr += n;
	in->rest.len -= n;
	return s;
}

static uint64_t take_be(struct in *in, size_t n)
{
	str s = take(in, n);
	uint64_t v = 0;

	assert(n <= sizeof(v));
	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | (uint8_t)s.ptr[i];
	return v;
}

static int64_t take_i64(struct in *in)
{
	return (int64_t)take_be(in, 8);
}

static str take_str(struct in *in)
{
	return take(in, (size_t)take_be(in, 4));
}

static void take_facts(struct in *in, struct arena *a, struct ledger_event *e)
{
	size_t n = (size_t)take_be(in, 4);

	if (in->bad || n > LEDGER_FACTS_MAX) {
		in->bad = true;
		return;
	}
	if (n == 0)
		return;
	struct ledger_fact *f = NEW_N(a, n, struct ledger_fact);
	for (size_t i = 0; i < n; i++) {
		f[i].key = take_str(in);
		f[i].value = take_str(in);
	}
	e->facts = f;
	e->facts_n = n;
}

bool ledger_decode(struct arena *a, str bytes, struct ledger_event *ret_e)
{
	struct in in = { bytes, false };
	struct ledger_event e = { 0 };

	assert(a && ret_e);
	if (take_be(&in, 1) != EVENT_VERSION)
		return false;
	e.tenant.v = take_i64(&in);
	e.seq = take_i64(&in);
	e.at_ms = take_i64(&in);
	e.kind = take_str(&in);
	e.account.v = take_i64(&in);
	e.person.v = take_i64(&in);
	e.appointment.v = take_i64(&in);
	e.subject_kind = take_str(&in);
	e.subject = take_i64(&in);
	str c = take(&in, sizeof(e.commitment.b));
	if (!in.bad)
		memcpy(e.commitment.b, c.ptr, sizeof(e.commitment.b));
	take_facts(&in, a, &e);
	if (in.bad || in.rest.len != 0)
		return false;
	*ret_e = e;
	return true;
}
