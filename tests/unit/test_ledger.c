/*
 * What it would catch: a change of any stored byte, a removed, doubled, moved or foreign entry, a
 * content exchanged or silently erased, an event that reads back as another one, a wrong tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "ledger/chain.h"
#include "ledger/encode.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "lib/instance.h"

static const tenant_id T1 = { 1001 }, T2 = { 2002 };

/* ---- encoding ----------------------------------------------------------------- */

static struct ledger_event sample(struct arena *a, struct entropy *e)
{
	static const str kinds[] = { STR("record.step"), STR("keeper.set"), STR("x"), STR("成员") };
	struct ledger_fact *f = NEW_N(a, 4, struct ledger_fact);
	struct ledger_event ev = { .tenant = { (int64_t)(entropy_u64(e) >> 2) },
				   .seq = (int64_t)(entropy_u64(e) >> 1),
				   .at_ms = (int64_t)entropy_u64(e),
				   .kind = kinds[entropy_below(e, 4)],
				   .account = { (int64_t)entropy_u64(e) },
				   .person = { entropy_below(e, 3) },
				   .appointment = { entropy_below(e, 3) },
				   .subject_kind = kinds[entropy_below(e, 4)],
				   .subject = (int64_t)entropy_u64(e),
				   .facts = f,
				   .facts_n = entropy_below(e, 5) };

	entropy_bytes(e, ev.commitment.b, 32);
	for (size_t i = 0; i < ev.facts_n; i++)
		f[i] = (struct ledger_fact){ kinds[entropy_below(e, 4)],
					     kinds[entropy_below(e, 4)] };
	return ev;
}

static str encoded(struct arena *a, const struct ledger_event *e)
{
	struct buf b;
	str s;

	buf_init(&b, LEDGER_EVENT_MAX);
	ledger_encode(&b, e);
	assert_int_equal(buf_finish(&b, &s), ERR_OK);
	s = str_dup(a, s);
	buf_release(&b);
	return s;
}

static void encode__one_form_for_one_event(void **state)
{
	struct arena *a = arena_new(64 * MIB);
	struct entropy en;

	(void)state;
	entropy_seeded(&en, 3);
	for (int i = 0; i < 2000; i++) {
		struct ledger_event e = sample(a, &en), back;
		str s = encoded(a, &e);
		assert_true(ledger_decode(a, s, &back));
		assert_true(str_eq(encoded(a, &back), s));
		assert_true(str_eq(back.kind, e.kind) && back.at_ms == e.at_ms &&
			    back.facts_n == e.facts_n);
		/* Cut anywhere, or with anything after it, it is no event. */
		for (size_t n = 0; n < s.len; n += 1 + n / 5)
			assert_false(ledger_decode(a, (str){ s.ptr, n }, &back));
		char *longer = arena_alloc(a, s.len + 1);
		memcpy(longer, s.ptr, s.len);
		assert_false(ledger_decode(a, (str){ longer, s.len + 1 }, &back));
		if (i % 100 == 0)
			arena_reset(a);
	}
	arena_free(a);
}

static void encode__hostile_bytes(void **state)
{
	struct arena *a = arena_new(64 * MIB);
	struct ledger_event back;
	struct entropy en;
	char bytes[400];

	(void)state;
	entropy_seeded(&en, 4);
	for (int i = 0; i < 20000; i++) {
		size_t n = entropy_below(&en, sizeof(bytes));
		entropy_bytes(&en, bytes, n);
		bytes[0] = 1;
		ledger_decode(a, (str){ bytes, n }, &back);
		struct ledger_event e = sample(a, &en);
		str s = encoded(a, &e);
		memcpy(bytes, s.ptr, s.len < sizeof(bytes) ? s.len : sizeof(bytes));
		bytes[entropy_below(&en, (uint32_t)s.len)] ^= (char)(1 << entropy_below(&en, 8));
		str flipped = { bytes, s.len };
		/* Either refused, or another event with its own one form. */
		if (ledger_decode(a, flipped, &back))
			assert_true(str_eq(encoded(a, &back), flipped));
		arena_reset(a);
	}
	arena_free(a);
}

/* ---- merkle ------------------------------------------------------------------- */

static struct hash node_of(struct hash l, struct hash r)
{
	char b[65];

	b[0] = 1;
	memcpy(b + 1, l.b, 32);
	memcpy(b + 33, r.b, 32);
	return hash_of((str){ b, 65 });
}

/* RFC 6962, 2.1, word for word: k is the largest power of two smaller than n. */
static struct hash mth(const struct hash *d, size_t n)
{
	size_t k = 1;

	if (n == 1)
		return d[0];
	while (k * 2 < n)
		k *= 2;
	return node_of(mth(d, k), mth(d + k, n - k));
}

static void merkle__is_rfc6962(void **state)
{
	struct hash leaf[130], work[130];

	(void)state;
	for (size_t n = 1; n <= 130; n++) {
		char c = (char)n;
		leaf[n - 1] = ledger_leaf((str){ &c, 1 });
		memcpy(work, leaf, sizeof(leaf));
		assert_true(hash_eq(ledger_root(work, n), mth(leaf, n)));
	}
	/*
	 * The first vectors of the certificate transparency test suite: leaf of "", root over
	 * "" and 0x00.
	 */
	struct arena *a = arena_new(MIB);
	struct hash two[2] = { ledger_leaf(STR("")), ledger_leaf((str){ "", 1 }) };
	assert_true(
		str_eq(hash_hex(a, two[0]),
		       STR("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")));
	assert_true(
		str_eq(hash_hex(a, ledger_root(two, 2)),
		       STR("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")));
	arena_free(a);
}

/* ---- a small ledger ------------------------------------------------------------ */

#define EVENTS 6

struct keep { str body[EVENTS + 1]; struct salt salt[EVENTS + 1]; bool erased[EVENTS + 1]; };
static struct keep kept;

/* As an owner of contents does it: salt and content stay with it. */
static enum err append_sample(struct op *op, void *arg)
{
	struct ledger_fact facts[] = { { STR("from"), STR("found") },
				       { STR("to"), STR("rectifying") } };
	int64_t seq, n = *(int64_t *)arg;
	struct ledger_event e = { .kind = STR("record.step"),
				  .account = { 11 },
				  .person = { 22 },
				  .appointment = { 33 },
				  .subject_kind = STR("record"),
				  .subject = 100 + n,
				  .facts = facts,
				  .facts_n = 2 };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	if (n != 3) {	/* one without content */
		e.content = kept.body[n];
		e.salt = kept.salt[n] = ledger_salt(op);
	}
	TRY(ledger_append(op, &e, &seq));
	assert_int_equal(seq, n);
	return tx_commit(&tx);
}

static enum err open_kept(struct op *op, void *arg, const struct ledger_event *e,
			  struct ledger_content *ret_c)
{
	struct keep *k = arg;

	if (!k->body[e->seq].ptr)
		return FAIL(op, ERR_NOTFOUND, "no content");
	ret_c->state = k->erased[e->seq] ? LEDGER_CONTENT_ERASED : LEDGER_CONTENT_HERE;
	ret_c->bytes = k->body[e->seq];
	ret_c->salt = k->salt[e->seq];
	return ERR_OK;
}

static const struct ledger_opener openers[] = { { STR("record."), open_kept, &kept } };

/* The folder with a small ledger of two tenants, closed, and opened for tampering. */
static sqlite3 *small(struct instance *in)
{
	sqlite3 *h;

	instance_new(in);
	instance_serve(in);
	kept = (struct keep){ 0 };
	for (int64_t n = 1; n <= EVENTS; n++) {
		kept.body[n] = str_fmt(in->arena, "东门伸缩门轨道变形，第 %lld 次", (long long)n);
		assert_int_equal(instance_write(in, T2, append_sample, &n), ERR_OK);
		assert_int_equal(instance_write(in, T1, append_sample, &n), ERR_OK);
		in->clock.manual_ms += 1000;
	}
	instance_stop(in);
	str file = str_fmt(in->arena, "%s/bihuan.db", in->dir.ptr);
	assert_int_equal(sqlite3_open(file.ptr, &h), SQLITE_OK);
	return h;
}

static void sql(sqlite3 *h, const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(h, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
}

static void look(struct instance *in, tenant_id t, struct ledger_report *ret_r)
{
	struct op op;

	instance_read(in, &op);
	/* `kept` holds the contents of T1, which was written last. */
	assert_int_equal(ledger_verify(&op, t, openers, t.v == T1.v, ret_r), ERR_OK);
	instance_read_end(in, &op);
}

static struct ledger_report verdict(struct instance *in, tenant_id t)
{
	struct ledger_report r;

	instance_reopen(in);
	look(in, t, &r);
	instance_stop(in);
	return r;
}

static void ledger__whole_is_clean(void **state)
{
	struct ledger_report r1, r2, none;
	struct instance in;

	(void)state;
	sqlite3_close(small(&in));
	r1 = verdict(&in, T1);
	assert_true(r1.ok);
	assert_int_equal(r1.events, EVENTS);
	assert_int_equal(r1.opened, EVENTS - 1);
	r2 = verdict(&in, T2);
	assert_true(r2.ok);
	assert_int_equal(r2.unopened, EVENTS - 1);
	assert_false(hash_eq(r1.head, r2.head));
	none = verdict(&in, (tenant_id){ 3003 });
	assert_true(none.ok);
	assert_int_equal(none.events, 0);
	instance_free(&in);
}

static sqlite3_int64 row_of(struct instance *in, sqlite3 *h, const char *table, int64_t seq)
{
	str find = str_fmt(in->arena, "SELECT rowid FROM %s WHERE tenant_id = 1001 AND seq = %lld",
			   table, (long long)seq);
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(h, find.ptr, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	sqlite3_int64 row = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return row;
}

/* Flip one bit of byte `i`; false past the end. Closing the handle commits. */
static bool flip(sqlite3 *h, const char *table, const char *column, sqlite3_int64 row, int i)
{
	sqlite3_blob *b;
	char c;

	assert_int_equal(sqlite3_blob_open(h, "main", table, column, row, 1, &b), SQLITE_OK);
	bool in = i < sqlite3_blob_bytes(b);
	if (in) {
		sqlite3_blob_read(b, &c, 1, i);
		c = (char)(c ^ (1 << i % 8));
		sqlite3_blob_write(b, &c, 1, i);
	}
	assert_int_equal(sqlite3_blob_close(b), SQLITE_OK);
	return in;
}

/* Every byte of a stored blob in turn: found, and by the number of its entry. */
static void flip_all(struct instance *in, sqlite3 *h, const char *table, const char *column,
		     int64_t seq, int64_t bad)
{
	sqlite3_int64 row = row_of(in, h, table, seq);
	struct ledger_report r;

	for (int i = 0; flip(h, table, column, row, i); i++) {
		look(in, T1, &r);
		if (r.ok || r.bad_seq != bad)
			fail_msg("%s.%s byte %d of entry %d: %s at %d", table, column, i, (int)seq,
				 r.ok ? "not found" : "found", (int)r.bad_seq);
		flip(h, table, column, row, i);
	}
}

static void ledger__every_byte_counts(void **state)
{
	static const char *const columns[] = { "event", "commitment", "leaf", "link" };
	struct ledger_report r;
	struct instance in;
	sqlite3 *h;

	(void)state;
	h = small(&in);
	instance_reopen(&in);	/* the tampering goes on beside us, as an intruder's would */
	for (int64_t seq = 1; seq <= EVENTS; seq += 1 + (seq == 3))
		for (size_t c = 0; c < 4; c++)
			flip_all(&in, h, "ledger_event", columns[c], seq, seq);
	flip_all(&in, h, "ledger_head", "link", EVENTS, EVENTS + 1);
	look(&in, T1, &r);
	assert_true(r.ok);
	assert_int_equal(r.events, EVENTS);
	assert_int_equal(r.opened, EVENTS - 1);
	sqlite3_close(h);
	instance_free(&in);
}

/* One tampering each, in SQL, on a ledger of its own. */
static const struct { const char *name, *sql; int64_t bad;
} attacks[] = {
	{ "column at", "UPDATE ledger_event SET at = at + 1 WHERE tenant_id=1001 AND seq=2", 2 },
	{ "column kind",
	  "UPDATE ledger_event SET kind = 'record.stop' WHERE tenant_id=1001 AND seq=2", 2 },
	{ "column subject", "UPDATE ledger_event SET subject_id = 1 WHERE tenant_id=1001 AND seq=4",
	  4 },
	{ "column account", "UPDATE ledger_event SET account_id = 1 WHERE tenant_id=1001 AND seq=4",
	  4 },
	{ "column person", "UPDATE ledger_event SET person_id = 1 WHERE tenant_id=1001 AND seq=4",
	  4 },
	{ "first removed", "DELETE FROM ledger_event WHERE tenant_id=1001 AND seq=1", 1 },
	{ "middle removed", "DELETE FROM ledger_event WHERE tenant_id=1001 AND seq=3", 3 },
	{ "last removed", "DELETE FROM ledger_event WHERE tenant_id=1001 AND seq=6", 6 },
	{ "removed and renumbered",
	  "DELETE FROM ledger_event WHERE tenant_id=1001 AND seq=3;"
	  "UPDATE ledger_event SET seq=seq-1 WHERE tenant_id=1001 AND seq>3",
	  3 },
	{ "neighbours exchanged",
	  "UPDATE ledger_event SET seq=99 WHERE tenant_id=1001 AND seq=2;"
	  "UPDATE ledger_event SET seq=2 WHERE tenant_id=1001 AND seq=3;"
	  "UPDATE ledger_event SET seq=3 WHERE tenant_id=1001 AND seq=99",
	  2 },
	{ "ledgers exchanged",
	  "UPDATE ledger_event SET tenant_id=9 WHERE tenant_id=1001;"
	  "UPDATE ledger_event SET tenant_id=1001 WHERE tenant_id=2002",
	  1 },
	{ "heads and ledgers exchanged",
	  "UPDATE ledger_event SET tenant_id=9 WHERE tenant_id=1001;"
	  "UPDATE ledger_event SET tenant_id=1001 WHERE tenant_id=2002; DELETE FROM ledger_head "
	  "WHERE tenant_id=1001;"
	  "UPDATE ledger_head SET tenant_id=1001 WHERE tenant_id=2002",
	  1 },
	{ "entry of another tenant",
	  "DELETE FROM ledger_event WHERE tenant_id=1001 AND seq=5;"
	  "INSERT INTO ledger_event (tenant_id, seq, at, kind, subject_id, account_id, person_id, "
	  "event, commitment, leaf, link)"
	  " SELECT 1001, seq, at, kind, subject_id, account_id, person_id, event, commitment, "
	  "leaf, link"
	  " FROM ledger_event WHERE tenant_id=2002 AND seq=5",
	  5 },
	{ "last doubled",
	  "INSERT INTO ledger_event (tenant_id, seq, at, kind, subject_id, account_id, person_id, "
	  "event,"
	  " commitment, leaf, link) SELECT 1001, 7, at, kind, subject_id, account_id, person_id, "
	  "event, commitment, leaf,"
	  " link FROM ledger_event WHERE tenant_id=1001 AND seq=6",
	  7 },
	{ "entry before the first",
	  "INSERT INTO ledger_event (tenant_id, seq, at, kind, subject_id, account_id, person_id, "
	  "event, commitment, leaf, link) SELECT 1001, 0, at, kind, subject_id, account_id, "
	  "person_id, event, commitment, leaf, link FROM ledger_event "
	  "WHERE tenant_id=1001 AND seq=6",
	  1 },
	{ "head removed", "DELETE FROM ledger_head WHERE tenant_id=1001", 7 },
	{ "head set back", "UPDATE ledger_head SET seq=5 WHERE tenant_id=1001", 7 },
	{ "head ahead", "UPDATE ledger_head SET seq=7 WHERE tenant_id=1001", 7 },
	{ "everything removed", "DELETE FROM ledger_event WHERE tenant_id=1001", 1 },
};

static void ledger__tampering_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct instance in;
		sqlite3 *h = small(&in);

		sql(h, attacks[i].sql);
		sqlite3_close(h);
		struct ledger_report r = verdict(&in, T1);
		if (r.ok || r.bad_seq != attacks[i].bad)
			fail_msg("%s: %s at %d", attacks[i].name, r.ok ? "not found" : "found",
				 (int)r.bad_seq);
		assert_true(r.bad_what.len > 0);
		assert_int_equal(r.events, attacks[i].bad - 1);
		instance_free(&in);
	}
}

static enum err erase_4(struct op *op, void *arg)
{
	(void)arg;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(ledger_append_erase(op, (account_id){ 11 }, (person_id){ 22 }, 4, STR("本人要求"), NULL));
	return tx_commit(&tx);
}

static void ledger__contents(void **state)
{
	struct ledger_report r;
	struct instance in;

	(void)state;
	sqlite3_close(small(&in));
	r = verdict(&in, T1);
	assert_true(r.ok);
	assert_int_equal(r.opened, EVENTS - 1);

	kept.body[2] = STR("东门伸缩门轨道完好");	/* changed */
	r = verdict(&in, T1);
	assert_false(r.ok);
	assert_int_equal(r.bad_seq, 2);
	kept.body[2] = str_fmt(in.arena, "东门伸缩门轨道变形，第 2 次");

	kept.salt[5].b[0] ^= 1;			/* its salt exchanged */
	r = verdict(&in, T1);
	assert_int_equal(r.bad_seq, 5);
	kept.salt[5].b[0] ^= 1;

	str gone = kept.body[6];		/* not there at all */
	kept.body[6] = STR_NONE;
	r = verdict(&in, T1);
	assert_int_equal(r.bad_seq, 6);
	kept.body[6] = gone;

	kept.erased[4] = true;			/* erased, and nobody said so */
	r = verdict(&in, T1);
	assert_int_equal(r.bad_seq, 4);

	instance_reopen(&in);			/* erased with its event: clean */
	instance_serve(&in);
	assert_int_equal(instance_write(&in, T1, erase_4, NULL), ERR_OK);
	instance_stop(&in);
	r = verdict(&in, T1);
	assert_true(r.ok);
	assert_int_equal(r.events, EVENTS + 1);
	assert_int_equal(r.erased, 1);
	instance_free(&in);
}

/* A tampered head is noticed by the next append, and nothing is added. */
static void ledger__append_needs_its_head(void **state)
{
	struct instance in;
	int64_t n = 5;

	(void)state;
	sqlite3 *h = small(&in);
	sql(h, "UPDATE ledger_head SET seq=4 WHERE tenant_id=1001");
	sqlite3_close(h);
	instance_reopen(&in);
	instance_serve(&in);
	assert_int_not_equal(instance_write(&in, T1, append_sample, &n), ERR_OK);
	instance_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encode__one_form_for_one_event),
		cmocka_unit_test(encode__hostile_bytes),
		cmocka_unit_test(merkle__is_rfc6962),
		cmocka_unit_test(ledger__whole_is_clean),
		cmocka_unit_test(ledger__every_byte_counts),
		cmocka_unit_test(ledger__tampering_is_found),
		cmocka_unit_test(ledger__contents),
		cmocka_unit_test(ledger__append_needs_its_head),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
