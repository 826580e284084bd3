/*
 * What it would catch: a wrong round constant, a wrong padding, a stream cut at an unlucky
 * place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/crypto_int.h"
#include "base/hash.h"

static char bytes[1000];

static struct hash reference(size_t n)
{
	struct hash h;

	crypto_hash_sha256(h.b, (const unsigned char *)bytes, n);
	return h;
}

static void sha256__every_length(void **state)
{
	(void)state;
	for (size_t n = 0; n <= sizeof(bytes); n++)
		assert_true(hash_eq(hash_of((str){ bytes, n }), reference(n)));
	assert_true(hash_eq(hash_of(STR_NONE), reference(0)));
}

/* Each way to cut a text into three parts. */
static void sha256__every_cut(void **state)
{
	struct hash_state st;

	(void)state;
	for (size_t n = 0; n <= 200; n += 7) {
		for (size_t i = 0; i <= n; i++) {
			for (size_t j = i; j <= n; j += 1 + j / 9) {
				hash_begin(&st);
				hash_add(&st, (str){ bytes, i });
				hash_add(&st, (str){ bytes + i, j - i });
				hash_add(&st, (str){ bytes + j, n - j });
				assert_true(hash_eq(hash_end(&st), reference(n)));
			}
		}
	}
}

/* FIPS 180-4, and the million of 'a'. */
static void sha256__known_answers(void **state)
{
	struct arena *a = arena_new(1 << 22);
	struct hash_state st;

	(void)state;
	assert_true(
		str_eq(hash_hex(a, hash_of(STR("abc"))),
		       STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
	char *million = arena_alloc(a, 1000000);
	memset(million, 'a', 1000000);
	hash_begin(&st);
	for (size_t i = 0; i < 1000; i++)
		hash_add(&st, (str){ million, 1000 });
	assert_true(
		str_eq(hash_hex(a, hash_end(&st)),
		       STR("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")));
	print_message("in hardware: %s\n", sha256_in_hardware() ? "yes" : "no");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256__every_length),
		cmocka_unit_test(sha256__every_cut),
		cmocka_unit_test(sha256__known_answers),
	};

	crypto_start();
	randombytes_buf_deterministic(bytes, sizeof(bytes),
				      (const unsigned char[randombytes_SEEDBYTES]){ 1 });
	return cmocka_run_group_tests(tests, NULL, NULL);
}
