/*
 * Fuzz: what a person may have typed. The first byte chooses: a query, or a multipart body with
 * boundary "B". Oracles beyond "no crash": a multipart body gives the same however it is cut;
 * values
 * are UTF-8 without NUL; bound values keep their declared bounds.
 */
#include <assert.h>
#include <fcntl.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "web/form.h"

#include "web/form_as_struct.inc"
#include "unit/test_form.def"
#include "web/form_off.inc"
const struct form *form_all_spec(void);
#include "web/form_as_table.inc"
#include "unit/test_form.def"
#include "web/form_off.inc"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int tmp_dir = -1;

static enum err read_parts(struct op *op, str in, size_t step, struct form_raw *raw)
{
	struct multipart *mp = multipart_start(op, form_all_spec(), STR("B"), tmp_dir, raw);

	for (size_t at = 0; at < in.len; at += step)
		TRY(multipart_feed(op, mp, str_slice(in, at, at + step)));
	return multipart_end(op, mp);
}

static void check_same(const struct form_raw *a, const struct form_raw *b)
{
	assert(a->pair.n == b->pair.n && a->file.n == b->file.n && a->bytes == b->bytes);
	for (size_t i = 0; i < a->pair.n; i++) {
		assert(str_eq(a->pair.at[i].name, b->pair.at[i].name));
		assert(str_eq(a->pair.at[i].value, b->pair.at[i].value));
	}
	for (size_t i = 0; i < a->file.n; i++) {
		assert(str_eq(a->file.at[i]->field, b->file.at[i]->field));
		assert(str_eq(a->file.at[i]->name, b->file.at[i]->name));
		assert(a->file.at[i]->size == b->file.at[i]->size);
	}
}

static void check_form(const struct form_all *f)
{
	assert(f->login.len > 0 && utf8_len(f->login) <= 10 && utf8_valid(f->login));
	assert(f->n == FORM_ABSENT || (f->n >= 0 && f->n <= 99));
	assert(f->many.n <= 3 && f->ids.n <= 3 && f->open.n <= 5 && f->photos.n <= 3);
	assert(!f->one || f->one->size <= 16);
}

static void check_raw(struct op *op, const struct form_raw *raw)
{
	const void *form;

	assert(raw->pair.n <= FORM_FIELDS_MAX);
	for (size_t i = 0; i < raw->pair.n; i++)
		assert(utf8_valid(raw->pair.at[i].name) && utf8_valid(raw->pair.at[i].value));
	if (form_bind(op, form_all_spec(), raw, &form) == ERR_OK)
		check_form(form);
	else
		assert(op->errmsg[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct form_raw raw = { 0 }, again = { 0 };
	struct clock ck;
	str in;

	if (n == 0)
		return 0;
	if (tmp_dir < 0)
		tmp_dir = open("/tmp", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	clock_manual(&ck, 0, 8 * 3600 * 1000);
	struct op op = { .arena = arena_new(64 << 20), .clock = &ck };
	in = (str){ (const char *)data + 1, n - 1 };
	if (data[0] & 1) {
		enum err e = read_parts(&op, in, in.len ? in.len : 1, &raw);
		enum err e2 = read_parts(&op, in, (size_t)(data[0] >> 1) + 1, &again);
		assert(e == e2);
		op_clear_error(&op);
		if (!e)
			check_same(&raw, &again);
		if (!e)
			check_raw(&op, &raw);
	} else if (form_read_urlencoded(&op, in, FORM_BYTES_MAX, &raw) == ERR_OK) {
		check_raw(&op, &raw);
	} else {
		assert(op.errmsg[0]);
	}
	arena_free(op.arena);
	return 0;
}
