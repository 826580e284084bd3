/*
 * What it would catch: a public id that reads back as another, a fault that its check misses, an
 * id given twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/idgen.h"
#include "base/pubid.h"
#include "base/rand.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int64_t any(struct entropy *e, int bits)
{
	return (int64_t)(entropy_u64(e) >> (64 - bits));
}

static void pubid__round_trip(void **state)
{
	struct arena *a = arena_new(1 << 24);
	struct entropy e;
	tenant_id t;
	int64_t id;
	const int64_t edge[] = { 1, 31, 32, INT64_MAX >> 1, INT64_MAX };

	(void)state;
	entropy_seeded(&e, 1);
	for (int i = 0; i < 20000; i++) {
		tenant_id t0 = { any(&e, 62) };
		int64_t id0 = any(&e, 63);
		str s = pubid_make(a, t0, id0);
		assert_int_equal(s.len, PUBID_LEN);
		assert_true(pubid_read(s, &t, &id));
		assert_int_equal(t.v, t0.v);
		assert_int_equal(id, id0);
		assert_true(pubid_read(str_lower(a, s), &t, &id));
		assert_int_equal(id, id0);
	}
	for (size_t i = 0; i < sizeof(edge) / sizeof(*edge); i++) {
		assert_true(pubid_read(pubid_make(a, (tenant_id){ edge[i] >> 1 }, edge[i]), &t,
				       &id));
		assert_int_equal(id, edge[i]);
		assert_int_equal(t.v, edge[i] >> 1);
	}
	assert_false(pubid_read(pubid_make(a, (tenant_id){ 33 }, 0), &t, &id));
	arena_free(a);
}

/* Every single wrong character and every exchange of two, for many ids. */
static void pubid__faults_caught(void **state)
{
	struct arena *a = arena_new(1 << 24);
	struct entropy e;
	tenant_id t = { -1 };
	int64_t id = -1;

	(void)state;
	entropy_seeded(&e, 2);
	for (int n = 0; n < 200; n++) {
		char bad[PUBID_LEN];
		str s = pubid_make(a, (tenant_id){ any(&e, 62) }, any(&e, 63));
		for (int i = 0; i < PUBID_LEN; i++) {
			for (int d = 0; d < 32; d++) {
				memcpy(bad, s.ptr, PUBID_LEN);
				bad[i] = alphabet[d];
				if (alphabet[d] != s.ptr[i])
					assert_false(pubid_read((str){ bad, PUBID_LEN }, &t, &id));
			}
			for (int j = 0; j < i; j++) {
				memcpy(bad, s.ptr, PUBID_LEN);
				bad[i] = s.ptr[j];
				bad[j] = s.ptr[i];
				if (s.ptr[i] != s.ptr[j])
					assert_false(pubid_read((str){ bad, PUBID_LEN }, &t, &id));
			}
		}
	}
	assert_int_equal(t.v, -1);
	assert_int_equal(id, -1);
	arena_free(a);
}

static void pubid__reading(void **state)
{
	struct arena *a = arena_new(1 << 20);
	tenant_id t;
	int64_t id;
	str s = pubid_make(a, (tenant_id){ 33 }, 1);
	char look[PUBID_LEN + 1];

	(void)state;
	memcpy(look, s.ptr, PUBID_LEN);
	for (int i = 0; i < PUBID_LEN; i++)
		look[i] = look[i] == '1' ? 'l' : look[i] == '0' ? 'o' : look[i];
	assert_true(pubid_read((str){ look, PUBID_LEN }, &t, &id));
	assert_int_equal(t.v, 33);
	assert_int_equal(id, 1);
	assert_false(pubid_read(str_slice(s, 0, PUBID_LEN - 1), &t, &id));
	assert_false(pubid_read(str_fmt(a, "%s0", s.ptr), &t, &id));
	assert_false(pubid_read(STR_NONE, &t, &id));
	look[3] = 'U';
	assert_false(pubid_read((str){ look, PUBID_LEN }, &t, &id));
	arena_free(a);
}

static void idgen__floor_of_any_moment(void **state)
{
	(void)state;
	assert_true(idgen_floor(INT64_MIN) == 0);
	assert_true(idgen_floor(0) == 0);
	assert_true(idgen_floor(1577836800001LL) == 1LL << 22);
	assert_true(idgen_time(idgen_floor(1795000000123LL)) == 1795000000123LL);
	assert_true(idgen_floor(7226553600000LL) == INT64_MAX);	/* 2199: later than any id */
	assert_true(idgen_floor(INT64_MAX) == INT64_MAX);
}

static void idgen__grows_always(void **state)
{
	struct idgen g;
	struct entropy e;
	int64_t now = 1763280000000, last = 0;

	(void)state;
	entropy_seeded(&e, 3);
	idgen_start(&g, 0, 5);
	for (int i = 0; i < 100000; i++) {
		int64_t id = idgen_next(&g, now);
		assert_true(id > last);
		assert_int_equal(id >> 12 & 1023, 5);
		last = id;
		if (i % 5000 == 0)
			now += (int64_t)entropy_below(&e, 2000) - 1000;	/* set back, too */
		if (i % 20000 == 0)
			idgen_start(&g, last, 5);	/* a restart */
	}
	idgen_start(&g, last, 2);	/* moved to another node */
	assert_true(idgen_next(&g, now - 100000) > last);
	idgen_start(&g, 0, 0);
	assert_true(idgen_next(&g, 0) > 0);	/* a clock before 2020 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pubid__round_trip),
		cmocka_unit_test(pubid__faults_caught),
		cmocka_unit_test(pubid__reading),
		cmocka_unit_test(idgen__grows_always),
		cmocka_unit_test(idgen__floor_of_any_moment),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
