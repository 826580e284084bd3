/*
 * test_check: each file of tests/packs/bad is a small pack with faults. Every
 * diagnostic that it gives must be announced, and every one announced must come:
 * `#! B203` at the end of the line where it stands, or `#expect B115 bad/pack.yaml:1`
 * in the head. A file is cut into the files of a pack by lines `#= path`; what it does
 * not bring comes from tests/packs/frame, when the head says `#frame`. Heads may also
 * adopt: `#override name value`, `#alias id name`, `#off pack/duty`, `#remove kind:id`;
 * `#hold post person` appoints somebody, and the pack is judged as adopted by that school.
 * In the end, each code of the catalogue that a compiler can give has been given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/hash.h"
#include "lib/pack_dir.h"
#include "rules/org_view.h"

#define CODES_MAX 256
static bool provoked[CODES_MAX];

struct expected {
	str code, file;
	int64_t line;
	bool seen;
};

struct bad_pack {
	struct arena *a;
	str name;
	VEC(struct pack_file) file;
	VEC(struct expected) expect;
	VEC(struct override) override;
	VEC(struct alias) alias;
	VEC(str) off;
	str remove;
	VEC(struct alias) hold; /* post, person */
	bool frame;
};

/* --- reading a bad pack --- */

static str line_of(str *rest)
{
	return str_cut(rest, '\n');
}

static bool head(str line, const char *word, str *ret_value)
{
	str w = str_of(word);

	if (!str_starts(line, w))
		return false;
	*ret_value = str_trim(str_slice(line, w.len, line.len));
	return true;
}

static void expect_at(struct bad_pack *b, str code, str where)
{
	str line = where, file = str_cut(&line, ':');
	struct expected *e = VEC_PUSH(b->a, &b->expect);

	e->code = code;
	e->file = file;
	if (!str_to_i64(line, &e->line))
		panic("%.*s: bad #expect", STR_ARG(b->name));
}

static void read_head(struct bad_pack *b, str line)
{
	str v;

	if (head(line, "#expect ", &v)) {
		str code = str_cut(&v, ' ');

		expect_at(b, code, v);
	} else if (head(line, "#override ", &v)) {
		struct override *o = VEC_PUSH(b->a, &b->override);

		o->parameter = str_cut(&v, ' ');
		o->yaml = v;
	} else if (head(line, "#alias ", &v)) {
		struct alias *al = VEC_PUSH(b->a, &b->alias);

		al->id = str_cut(&v, ' ');
		al->name = v;
	} else if (head(line, "#hold ", &v)) {
		struct alias *h = VEC_PUSH(b->a, &b->hold);

		h->id = str_cut(&v, ' ');
		h->name = v;
	} else if (head(line, "#off ", &v)) {
		*VEC_PUSH(b->a, &b->off) = v;
	} else if (head(line, "#remove ", &v)) {
		b->remove = v;
	} else if (str_starts(line, STR("#frame"))) {
		b->frame = true;
	}
}

/* Codes behind `#!` belong to this line of this file. */
static void read_marks(struct bad_pack *b, str line, str file, int64_t no)
{
	ptrdiff_t at = str_find(line, STR("#!"), 0);
	str rest;

	if (at < 0)
		return;
	rest = str_trim(str_slice(line, (size_t)at + 2, line.len));
	while (rest.ptr) {
		struct expected *e = VEC_PUSH(b->a, &b->expect);

		e->code = str_cut(&rest, ' ');
		e->file = file;
		e->line = no;
	}
}

static void read_bad(struct bad_pack *b, str text)
{
	str rest = text, file = STR_NONE, value;
	int64_t no = 0;

	while (rest.ptr) {
		const char *start = rest.ptr;
		str line = line_of(&rest);

		if (head(line, "#= ", &value)) {
			struct pack_file *f = VEC_PUSH(b->a, &b->file);

			file = value;
			f->path = file;
			f->bytes = (str){ line.ptr + line.len + 1, 0 };
			no = 0;
		} else if (b->file.n == 0) {
			read_head(b, line);
		} else {
			str *bytes = &b->file.at[b->file.n - 1].bytes;

			bytes->len = (size_t)(start + line.len - bytes->ptr) + (rest.ptr != NULL);
			read_marks(b, line, file, ++no);
		}
	}
}

/* Files of the frame, moved into the folder of the bad pack, that it does not bring itself. */
static void add_frame(struct bad_pack *b)
{
	struct pack_source frame = pack_dir(b->a, "tests/packs/frame");

	for (size_t i = 0; i < frame.file_n; i++) {
		struct pack_file f = frame.file[i];
		bool own = false;

		f.path = str_fmt(b->a, "bad%.*s", STR_ARG(str_slice(f.path, 5, f.path.len)));
		for (size_t k = 0; k < b->file.n; k++)
			own = own || str_eq(b->file.at[k].path, f.path);
		if (str_ends(f.path, STR("/pack.yaml")))
			f.bytes = STR("id: bad\ntitle: 试验\nversion: \"1\"\nlevel: school\nbasis: "
				      "internal\n");
		if (!own)
			*VEC_PUSH(b->a, &b->file) = f;
	}
}

/* A pack for each folder named in the paths, in their order. */
static size_t sources(struct bad_pack *b, struct pack_source *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < b->file.n; i++) {
		str rest = b->file.at[i].path, id = str_cut(&rest, '/');
		struct pack_file *files;
		size_t k = 0;

		while (k < n && !str_eq(ret[k].id, id))
			k++;
		assert_true(k < max);
		if (k == n)
			ret[n++] = (struct pack_source){ id, NULL, 0 };
		files = NEW_N(b->a, ret[k].file_n + 1, struct pack_file);
		for (size_t f = 0; f < ret[k].file_n; f++)
			files[f] = ret[k].file[f];
		files[ret[k].file_n] = b->file.at[i];
		ret[k].file = files;
		ret[k].file_n++;
	}
	return n;
}

/* A school of the people named; one person may hold several posts. */
static void adopt(struct bad_pack *b, struct op *op, const struct policy *p, struct diags *ds)
{
	VEC(struct ov_person) person = { 0 };
	VEC(struct ov_appointment) hold = { 0 };
	struct org_view v = { .tenant = { 1 }, .unit = { 1 } };
	struct ov_unit unit = { .id = { 1 }, .kind = STR("school"), .to_ms = INT64_MAX };

	for (size_t i = 0; i < b->hold.n; i++) {
		size_t k = 0;

		while (k < person.n && !str_eq(person.at[k].name, b->hold.at[i].name))
			k++;
		if (k == person.n)
			*VEC_PUSH(b->a, &person) = (struct ov_person){ .id = { (int64_t)k + 10 },
								       .name = b->hold.at[i].name,
								       .to_ms = INT64_MAX };
		*VEC_PUSH(b->a, &hold) = (struct ov_appointment){ .id = { (int64_t)i + 100 },
								  .person = { (int64_t)k + 10 },
								  .post = b->hold.at[i].id,
								  .unit = { 1 },
								  .to_ms = INT64_MAX };
	}
	v.person = person.at;
	v.person_n = person.n;
	v.unit_at = &unit;
	v.unit_n = 1;
	v.appointment = hold.at;
	v.appointment_n = hold.n;
	check_adoption(op, p, &v, 1000, ds);
}

/* --- judging --- */

static void remember(const struct diag_code *code)
{
	size_t n;
	const struct diag_code *all = diag_codes(&n);

	assert_true(n <= CODES_MAX);
	provoked[code - all] = true;
}

static bool announced(struct bad_pack *b, const struct diag *d)
{
	for (size_t i = 0; i < b->expect.n; i++) {
		struct expected *e = &b->expect.at[i];

		if (!e->seen && str_eq(e->code, str_of(d->code->code)) &&
		    e->line == (int64_t)d->pos.line && str_eq(e->file, d->pos.file)) {
			e->seen = true;
			return true;
		}
	}
	return false;
}

static int judge_bad(struct bad_pack *b, struct op *op, const struct diags *ds)
{
	int faults = 0;

	for (size_t i = 0; i < ds->n; i++) {
		remember(ds->at[i].code);
		if (!announced(b, &ds->at[i])) {
			print_error("%.*s: not announced: %.*s\n", STR_ARG(b->name),
				    STR_ARG(diag_format(op->arena, &ds->at[i])));
			faults++;
		}
	}
	for (size_t i = 0; i < b->expect.n; i++)
		if (!b->expect.at[i].seen) {
			print_error("%.*s: did not come: %.*s %.*s:%lld\n", STR_ARG(b->name),
				    STR_ARG(b->expect.at[i].code), STR_ARG(b->expect.at[i].file),
				    (long long)b->expect.at[i].line);
			faults++;
		}
	return faults;
}

static int run_bad(struct arena *names, const struct pack_file *file)
{
	struct bad_pack b = { .name = file->path };
	struct pack_source src[8];
	struct pack_options opt = { 0 };
	struct diags ds = { 0 };
	struct policy *p = NULL;
	struct op op;
	size_t n;
	int faults;

	(void)names;
	test_op_init(&op);
	b.a = op.arena;
	read_bad(&b, file->bytes);
	if (b.frame)
		add_frame(&b);
	n = sources(&b, src, 8);
	opt = (struct pack_options){ b.override.at, b.override.n, b.alias.at, b.alias.n,
				     b.off.at,	    b.off.n,	  b.remove };
	if (!pack_compile(&op, src, n, &opt, &ds, &p)) {
		if (b.hold.n)
			adopt(&b, &op, p, &ds);
		policy_free(p);
	}
	faults = judge_bad(&b, &op, &ds);
	test_op_release(&op);
	return faults;
}

/* Each fault is found, on its line, under its code, and nothing else is. */
static void check__bad_packs(void **state)
{
	struct pack_source all;
	struct op op;
	int faults = 0;

	(void)state;
	test_op_init(&op);
	all = pack_dir(op.arena, "tests/packs/bad");
	for (size_t i = 0; i < all.file_n; i++)
		faults += run_bad(op.arena, &all.file[i]);
	test_op_release(&op);
	assert_int_equal(faults, 0);
}

/* Codes given while running (C, G) are provoked by the tests of calendar and coverage. */
static void check__every_code_provoked(void **state)
{
	size_t n;
	const struct diag_code *all = diag_codes(&n);
	int missing = 0;

	(void)state;
	for (size_t i = 0; i < n; i++)
		if ((all[i].code[0] == 'A' || all[i].code[0] == 'B') && !provoked[i]) {
			print_error("no test provokes %s (%s)\n", all[i].code, all[i].sentence);
			missing++;
		}
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check__bad_packs),
		cmocka_unit_test(check__every_code_provoked),
	};

	crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
