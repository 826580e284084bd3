/*
 * What it would catch: a field that nobody declared getting through, a body cut differently when it
 * comes in pieces, lost typing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "web/form.h"

#include "web/form_as_struct.inc"
#include "test_form.def"
#include "web/form_off.inc"
const struct form *form_all_spec(void);
#include "web/form_as_table.inc"
#include "test_form.def"
#include "web/form_off.inc"

static struct op op;
static struct clock ck;
static struct form_raw raw;
static int tmp;

static int set_up(void **state)
{
	(void)state;
	clock_manual(&ck, 0, 8 * 3600 * 1000);
	op = (struct op){ .arena = arena_new(64 << 20), .clock = &ck };
	raw = (struct form_raw){ 0 };
	tmp = open("/tmp", O_DIRECTORY | O_RDONLY);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(op.arena);
	close(tmp);
	return 0;
}

static enum err bind_url(const char *text, const struct form_all **ret)
{
	const void *form = NULL;

	op_clear_error(&op);
	raw = (struct form_raw){ 0 };
	enum err e = form_read_urlencoded(&op, str_of(text), 1000, &raw);
	if (!e)
		e = form_bind(&op, form_all_spec(), &raw, &form);
	*ret = form;
	return e;
}

static void form__binds(void **state)
{
	const struct form_all *f;
	str id = pubid_make(op.arena, (tenant_id){ 3 }, 44);
	str in = str_fmt(op.arena,
			 "login=+%%E5%%BC%%A0+&secret=+a%%0Ab+&note=a%%0D%%0Ab&n=%%EF%%BC%%91%%EF%%"
			 "BC%%92&on=2026/11/9"
			 "&at=2026-11-19T08:00&who=%.*s&kind=red&ok=on&many=a&many=&many=b&f.x=1&f."
			 "y=&undeclared=1",
			 STR_ARG(id));

	(void)state;
	assert_int_equal(bind_url(in.ptr, &f), ERR_OK);
	assert_true(str_eq(f->login, STR("张")));
	assert_true(str_eq(f->secret, STR(" a\nb ")));	/* a secret is not touched */
	assert_true(str_eq(f->note, STR("a\nb")));
	assert_int_equal(f->n, 12);
	assert_int_equal(f->on, day_of(2026, 11, 9));
	assert_int_equal(f->at, day_of(2026, 11, 19) * MS_DAY);
	assert_true(f->who.tenant.v == 3 && f->who.id == 44);
	assert_true(str_eq(f->kind, STR("red")) && f->ok);
	assert_true(f->many.n == 2 && str_eq(f->many.at[1], STR("b")));
	assert_true(f->open.n == 2 && str_eq(f->open.at[0].name, STR("x")) &&
		    f->open.at[1].value.len == 0);
	assert_true(str_eq(form_typed(&raw, STR("note")), STR("a\r\nb")));	/* as typed */

	assert_int_equal(bind_url("login=x&on=2026年11月9日", &f), ERR_OK);
	assert_int_equal(f->on, day_of(2026, 11, 9));
	assert_int_equal(bind_url("login=x", &f), ERR_OK);
	assert_true(f->n == FORM_ABSENT && f->on == DAY_NONE && f->at == INSTANT_NONE &&
		    f->who.id == 0);
	assert_true(!f->ok && f->many.n == 0 && f->photos.n == 0 && !f->one);
}

static size_t faults(void)
{
	size_t n = 0;

	for (const struct field_error *e = op.field_errors; e; e = e->next)
		n++;
	return n;
}

static void form__refuses(void **state)
{
	static const char *const bad[] = {
		"login=",
		"",
		"login=x&login=y",
		"login=%E5%BC",
		"login=a%00b",
		"login=a%0Ab",
		"login=a&n=1x",
		"login=a&n=100",
		"login=a&on=2026-02-30",
		"login=a&on=2026-1",
		"login=a&on=1-2-3-4",
		"login=a&at=x",
		"login=a&who=1",
		"login=a&kind=re",
		"login=a&kind=red%7Cblue",
		"login=a&ok=maybe",
		"login=a&many=1&many=2&many=3&many=4",
		"login=a&f.x=%02",
		"login=0123456789x",
		"login=%zz",
		"login=%4",
		"login=a&photos=text%00",
	};
	const struct form_all *f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (bind_url(bad[i], &f) != ERR_INVALID || op.errmsg[0] == '\0')
			fail_msg("accepted: %s", bad[i]);
	/* All faults at once. */
	assert_int_equal(bind_url("login=&n=x&on=x&kind=x", &f), ERR_INVALID);
	assert_int_equal(faults(), 4);
	/* Bounds. */
	char big[2100];
	memset(big, 'a', sizeof(big));
	memcpy(big, "note=", 5);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(bind_url(big, &f), ERR_LIMIT);
	for (size_t i = 0; i + 2 < sizeof(big); i += 2)
		memcpy(big + i, "a&", 2);
	assert_int_equal(bind_url(big, &f), ERR_LIMIT);
}

static const char BODY[] =
	"--B\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\n\xE5\xBC\xA0\r\n"
	"--B\r\nContent-Disposition: form-data; name=\"photos\"; "
	"filename=\"C:\\x\\\xE9\x97\xA8.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
	"\r\n--\r\n--A\r\n\r-\r\n-\r\n--B\r\n" /* what is almost a boundary is data */
	"Content-Disposition: form-data; name=\"photos\"; filename=\"\"\r\n\r\n\r\n"
	"--B\r\nContent-Disposition: form-data; name=f.x\r\n\r\n\r\n"
	"--B--\r\n";

static void form__multipart_any_split(void **state)
{
	(void)state;
	for (size_t step = 1; step < sizeof(BODY); step++) {
		const void *form;
		const struct form_all *f;
		str bytes;
		raw = (struct form_raw){ 0 };
		struct multipart *mp = multipart_start(&op, form_all_spec(), STR("B"), tmp, &raw);
		for (size_t at = 0; at < sizeof(BODY) - 1; at += step) {
			str part = str_slice((str){ BODY, sizeof(BODY) - 1 }, at, at + step);

			assert_int_equal(multipart_feed(&op, mp, part), ERR_OK);
		}
		assert_int_equal(multipart_end(&op, mp), ERR_OK);
		assert_int_equal(form_bind(&op, form_all_spec(), &raw, &form), ERR_OK);
		f = form;
		assert_true(str_eq(f->login, STR("张")));
		assert_true(f->open.n == 1 && f->open.at[0].value.len == 0);
		assert_int_equal(f->photos.n, 1);	/* the empty input is no file */
		assert_true(str_eq(f->photos.at[0]->name, STR("门.jpg")));
		assert_int_equal(upload_bytes(&op, f->photos.at[0], &bytes), ERR_OK);
		assert_true(str_eq(bytes, STR("\r\n--\r\n--A\r\n\r-\r\n-")));
	}
}

struct bad_body { const char *text; enum err e; };
#define PART "Content-Disposition: form-data; name="
static const struct bad_body bad_bodies[] = {
	{ "", ERR_INVALID },
	{ "--B", ERR_INVALID },
	{ "--B\r\n" PART "\"login\"\r\n\r\nx", ERR_INVALID },		/* unterminated */
	{ "x\r\n--B--\r\n", ERR_INVALID },				/* preamble */
	{ "--B\r\n" PART "\"login\"\r\n\r\nx\r\n--B--x", ERR_INVALID }, /* epilogue */
	{ "--B \r\n" PART "\"login\"\r\n\r\nx\r\n--B--", ERR_INVALID }, /* padding */
	{ "--B\n" PART "\"login\"\n\nx\n--B--", ERR_INVALID },		/* bare LF */
	{ "--B\r\n\r\nx\r\n--B--", ERR_INVALID },			/* no name */
	{ "--B\r\n" PART "\"\"\r\n\r\nx\r\n--B--", ERR_INVALID },
	{ "--B\r\n" PART "\"a\"; name=\"b\"\r\n\r\nx\r\n--B--", ERR_INVALID },
	{ "--B\r\n" PART "\"a\r\n\r\nx\r\n--B--", ERR_INVALID },
	{ "--B\r\n" PART "\"login\"; filename=\"x\"\r\n\r\nx\r\n--B--",
	  ERR_INVALID }, /* a file where none is taken */
	{ "--B\r\n" PART "\"one\"; filename=\"x\"\r\n\r\n0123456789abcdefg\r\n--B--", ERR_INVALID },
	{ "--B\r\n" PART "\"login\"\r\n\r\n\xff\r\n--B--", ERR_INVALID },
};

static void form__multipart_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_bodies) / sizeof(bad_bodies[0]); i++) {
		raw = (struct form_raw){ 0 };
		struct multipart *mp = multipart_start(&op, form_all_spec(), STR("B"), tmp, &raw);
		enum err e = multipart_feed(&op, mp, str_of(bad_bodies[i].text));
		if (!e)
			e = multipart_end(&op, mp);
		if (e != bad_bodies[i].e)
			fail_msg("case %zu gave %d", i, (int)e);
		op_clear_error(&op);
	}
}

/* A file that cannot be taken is a fault of its field; every word typed after it is kept. */
static void form__multipart_keeps_words(void **state)
{
	static const char text[] =
		"--B\r\n" PART "\"one\"; filename=\"x\"\r\n\r\n0123456789abcdefg\r\n"
		"--B\r\n" PART "\"login\"\r\n\r\nkept\r\n--B--";
	struct multipart *mp = multipart_start(&op, form_all_spec(), STR("B"), tmp, &raw);

	(void)state;
	assert_int_equal(multipart_feed(&op, mp, STR(text)), ERR_OK);
	assert_int_equal(multipart_end(&op, mp), ERR_INVALID);
	assert_true(op.field_errors && str_eq(op.field_errors->field, STR("one")));
	assert_true(str_eq(form_typed(&raw, STR("login")), STR("kept")));
	assert_int_equal(raw.file.n, 0);
}

static void form__boundary(void **state)
{
	str b;

	(void)state;
	assert_true(
		multipart_boundary(STR("Multipart/Form-Data; charset=x; boundary=\"a b\""), &b) &&
		str_eq(b, STR("a b")));
	assert_true(multipart_boundary(STR("multipart/form-data;boundary=----x"), &b) &&
		    str_eq(b, STR("----x")));
	assert_false(multipart_boundary(STR("multipart/form-data"), &b));
	assert_false(multipart_boundary(STR("multipart/form-data; boundary="), &b));
	assert_false(multipart_boundary(STR("multipart/form-data; boundary=a\rb"), &b));
	assert_false(multipart_boundary(STR("multipart/mixed; boundary=a"), &b));
	assert_false(multipart_boundary(STR("multipart/form-data; boundary="
		"01234567890123456789012345678901234567890123456789012345678901234567890"), &b));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(form__binds),
		T(form__refuses),
		T(form__multipart_any_split),
		T(form__multipart_refuses), T(form__multipart_keeps_words),
		T(form__boundary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
