/*
 * What it would catch: a table read into the wrong cells, an upload that is not refused,
 * a picture that still says where it was taken. Reads tests/fuzz/corpus by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/fsutil.h"
#include "base/image.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/qr.h"
#include "base/sheet.h"
#include "base/xml.h"

static struct op op;

static int set_up(void **state)
{
	(void)state;
	op = (struct op){ .arena = arena_new(ARENA_OP_MAX) };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(op.arena);
	return 0;
}

static str corpus(const char *folder, const char *name)
{
	str bytes;

	op_clear_error(&op);
	if (fs_read(&op, str_fmt(op.arena, "tests/fuzz/corpus/%s/%s", folder, name), 32 * MIB,
		    &bytes))
		fail_msg("%s (run from the root of the tree)", op.errmsg);
	return bytes;
}

static void cell_is(const struct sheet *s, size_t row, size_t col, const char *want)
{
	str got = sheet_cell(s, row, col);

	if (!str_eq(got, str_of(want)))
		fail_msg("cell %zu,%zu: `%.*s`, not `%s`", row, col, STR_ARG(got), want);
}

static struct sheet csv(const char *name)
{
	struct sheet s;

	if (csv_read(&op, corpus("csv", name), &s))
		fail_msg("%s: %s", name, op.errmsg);
	return s;
}

static void csv__encodings_and_delimiters(void **state)
{
	const char *same[] = { "utf8.csv", "bom.csv", "gb18030.csv", "utf16.csv", "utf16be.csv",
		"semicolon.csv" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct sheet s = csv(same[i]);
		assert_int_equal(s.rows, 3);
		assert_int_equal(s.cols, 3);
		cell_is(&s, 0, 1, "部门");
		cell_is(&s, 1, 2, "13800000001");
		cell_is(&s, 2, 0, "李四");
		cell_is(&s, 2, 2, "");
	}
	struct sheet rare = csv("gb18030-rare.csv");
	cell_is(&rare, 1, 0, "𠮷");
	cell_is(&rare, 2, 0, "䶮");
}

static void csv__fields(void **state)
{
	struct sheet s = csv("quotes.csv");

	(void)state;
	assert_int_equal(s.rows, 2);
	cell_is(&s, 0, 1, "b \"x\" c");
	cell_is(&s, 0, 2, "d\ne");
	cell_is(&s, 1, 0, "");
	cell_is(&s, 1, 1, "x\"y");
	cell_is(&s, 1, 2, "pq");
	s = csv("pasted.tsv");
	assert_int_equal(s.rows, 2);
	cell_is(&s, 1, 1, "一行\n二行, \"引\"");
	s = csv("formula-text.csv");
	cell_is(&s, 1, 0, "0012");
	cell_is(&s, 2, 0, "=1+1");
	s = csv("sep.csv");
	assert_int_equal(s.rows, 1);
	cell_is(&s, 0, 1, "b,c");
	s = csv("old-mac.csv");
	cell_is(&s, 1, 1, "d");
	s = csv("blank-lines.csv");	/* rows keep the numbers that the person sees */
	assert_int_equal(s.rows, 5);
	cell_is(&s, 4, 1, "2");
	s = csv("empty.csv");
	assert_int_equal(s.rows, 0);
}

static void csv__refusals(void **state)
{
	struct { const char *name; enum err e; const char *word;
	} bad[] = {
		{ "open-quote.csv", ERR_INVALID, "第 2 行" },
		{ "open-pair.csv", ERR_INVALID, "第 1 行" },
		{ "binary.csv", ERR_INVALID, "认不出" },
		{ "broken-gb.csv", ERR_INVALID, "认不出" },
		{ "wide.csv", ERR_LIMIT, "列" },
		{ "tall.csv", ERR_LIMIT, "第 6001 行" },
	};
	struct sheet s = { .rows = 99 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(csv_read(&op, corpus("csv", bad[i].name), &s), bad[i].e);
		if (!strstr(op.errmsg, bad[i].word))
			fail_msg("%s: %s", bad[i].name, op.errmsg);
		assert_int_equal(s.rows, 99);
	}
}

static struct sheet xlsx(const char *name)
{
	struct sheet s;

	if (sheet_open(&op, corpus("sheet", name), STR("x.xlsx"), &s))
		fail_msg("%s: %s", name, op.errmsg);
	return s;
}

static void xlsx__as_excel_saves_it(void **state)
{
	struct book b;
	struct sheet *s;

	(void)state;
	assert_int_equal(book_open(&op, corpus("sheet", "excel.xlsx"), STR("x"), &b), ERR_OK);
	assert_int_equal(b.n, 2);	/* the hidden one is not offered */
	s = &b.at[0];
	assert_string_equal(s->name.ptr, "名单");
	assert_string_equal(b.at[1].name.ptr, "第二");
	cell_is(&b.at[1], 0, 0, "second");
	assert_int_equal(s->rows, 5);
	cell_is(s, 0, 0, "实验小学教职工名单");
	cell_is(s, 0, 1, "");		/* merged across: one cell */
	cell_is(s, 1, 0, "");		/* a blank row keeps its number */
	cell_is(s, 2, 2, "电话");
	cell_is(s, 2, 3, "D");
	cell_is(s, 3, 0, "张三");	/* rich text */
	cell_is(s, 4, 0, "李四");	/* without its reading */
	cell_is(s, 3, 1, "教务处");
	cell_is(s, 4, 1, "教务处");	/* merged down */
	cell_is(s, 3, 2, "13800000001");
	cell_is(s, 4, 2, "13800000000");	/* 1.38E10 */
	cell_is(s, 3, 3, "2026-11-19");
	cell_is(s, 3, 4, "2026-11-19");
	cell_is(s, 3, 5, "2026-11-19 08:30");
	cell_is(s, 3, 6, "1.5");
	cell_is(s, 3, 7, "07:20");
	cell_is(s, 4, 3, "0.1");
	cell_is(s, 4, 4, "TRUE");
	cell_is(s, 4, 5, "#N/A");
	cell_is(s, 4, 6, " 一\n二&三 ");
	cell_is(s, 4, 7, "1900-01-01");
	cell_is(s, 4, 8, "");		/* a string that is not there */
	cell_is(s, 4, 9, "60");		/* 29 February 1900 never was */
}

static void xlsx__as_others_save_it(void **state)
{
	struct sheet s = xlsx("no-refs.xlsx");

	(void)state;
	cell_is(&s, 0, 0, "a");
	cell_is(&s, 0, 1, "2");
	cell_is(&s, 1, 1, "b");
	s = xlsx("date1904.xlsx");
	cell_is(&s, 0, 0, "2026-11-19");
	s = xlsx("prefixed.xlsx");
	cell_is(&s, 0, 0, "prefixed");
	s = xlsx("other-folder.xlsx");
	cell_is(&s, 0, 0, "x");
	s = xlsx("empty-sheet.xlsx");
	cell_is(&s, 1, 1, "x");
	s = xlsx("merges.xlsx");
	assert_int_equal(s.rows, 3);
	cell_is(&s, 2, 0, "x");
	s = xlsx("lines.csv");
	cell_is(&s, 1, 1, "2");
}

static void xlsx__refusals(void **state)
{
	struct { const char *name; enum err e; const char *word;
	} bad[] = {
		{ "doctype.xlsx", ERR_INVALID, "DOCTYPE" },
		{ "last-row.xlsx", ERR_LIMIT, "1048576" },
		{ "last-column.xlsx", ERR_LIMIT, "列" },
		{ "bad-ref.xlsx", ERR_INVALID, "损坏" },
		{ "deep.xlsx", ERR_LIMIT, "嵌套" },
		{ "cut-xml.xlsx", ERR_INVALID, "损坏" },
		{ "long-cell.xlsx", ERR_LIMIT, "太长" },
		{ "bomb.xlsx", ERR_LIMIT, "解开" },
		{ "far-corners.xlsx", ERR_LIMIT, "太大" },
		{ "many-tabs.xlsx", ERR_LIMIT, "工作表" },
		{ "no-workbook.zip", ERR_INVALID, "不是表格" },
		{ "empty-target.xlsx", ERR_INVALID, "不是表格" },
		{ "cut.xlsx", ERR_INVALID, "损坏" },
		{ "flipped.xlsx", ERR_INVALID, "损坏" },
		{ "old.xls", ERR_INVALID, ".xls" },
		{ "page.xls", ERR_INVALID, "网页" },
		{ "paper.pdf", ERR_INVALID, "PDF" },
		{ "nothing.xlsx", ERR_INVALID, "没有内容" },
	};
	struct sheet s = { .rows = 99 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		enum err e = sheet_open(&op, corpus("sheet", bad[i].name), STR("x"), &s);
		if (e != bad[i].e || !strstr(op.errmsg, bad[i].word))
			fail_msg("%s: %d %s", bad[i].name, e, op.errmsg);
		assert_int_equal(s.rows, 99);
		arena_reset(op.arena);
	}
	op_clear_error(&op);
	assert_int_equal(sheet_open(&op, STR(""), STR("x"), &s), ERR_INVALID);
}

static struct image strip(const char *name)
{
	struct image im, again;
	str raw = corpus("image", name);

	if (image_strip(&op, STR("photo"), raw, &im))
		fail_msg("%s: %s", name, op.errmsg);
	assert_int_equal(im.width, 24);
	assert_int_equal(im.height, 16);
	assert_true(str_find(im.bytes, STR("CANARY"), 0) < 0);
	assert_true(str_find(im.bytes, STR("GPS"), 0) < 0);
	assert_true(str_find(im.bytes, STR("<"), 0) < 0 || str_find(im.bytes, STR("html"), 0) < 0);
	assert_int_equal(image_strip(&op, STR("photo"), im.bytes, &again), ERR_OK);
	assert_true(str_eq(im.bytes, again.bytes));
	return im;
}

static void image__stripped(void **state)
{
	struct { const char *name; enum image_kind kind; int orientation;
	} good[] = {
		{ "plain.jpg", IMAGE_JPEG, 1 },
		{ "phone.jpg", IMAGE_JPEG, 6 },
		{ "turned-little-endian.jpg", IMAGE_JPEG, 8 },
		{ "fill-bytes.jpg", IMAGE_JPEG, 1 },
		{ "adobe.jpg", IMAGE_JPEG, 1 },
		{ "plain.png", IMAGE_PNG, 1 },
		{ "phone.png", IMAGE_PNG, 3 },
		{ "turned-after.png", IMAGE_PNG, 6 },
		{ "moving.png", IMAGE_PNG, 1 },
		{ "plain.webp", IMAGE_WEBP, 1 },
		{ "browser.webp", IMAGE_WEBP, 1 },
		{ "alpha.webp", IMAGE_WEBP, 1 },
		{ "phone.webp", IMAGE_WEBP, 6 },
		{ "lossless.webp", IMAGE_WEBP, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct image im = strip(good[i].name);
		if (im.kind != good[i].kind || im.orientation != good[i].orientation)
			fail_msg("%s: kind %d, orientation %d", good[i].name, im.kind,
				im.orientation);
		assert_int_equal(image_sniff(im.bytes), im.kind);
	}
	assert_true(str_find(strip("adobe.jpg").bytes, STR("Adobe"), 0) > 0);
	assert_true(str_find(strip("alpha.webp").bytes, STR("ALPH"), 0) > 0);
	assert_true(str_find(strip("moving.png").bytes, STR("acTL"), 0) < 0);
	assert_true(str_find(strip("phone.jpg").bytes, STR("Exif"), 0) > 0);
	assert_true(str_find(strip("plain.jpg").bytes, STR("JFIF"), 0) < 0);
}

static void image__refused(void **state)
{
	const char *bad[] = {
		"truncated.jpg", "no-scan.jpg", "scan-bomb.jpg", "zero.jpg", "lossless.jpg",
		"two-frames.jpg", "padded-table.jpg", "short-segment.jpg", "bad-sum.png",
		"huge-one-row.png", "unknown-critical.png", "split-data.png", "no-end.png",
		"long-chunk.png", "moving.webp", "flag-moving.webp", "other-canvas.webp",
		"two-pictures.webp", "no-picture.webp", "cut.webp", "photo.heic", "moving.gif",
		"page.html", "drawing.svg", "three-bytes.jpg", "empty",
	};
	struct image im = { .width = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		enum err e = image_strip(&op, STR("photo"), corpus("image", bad[i]), &im);
		if (e != ERR_INVALID || !op.field_errors)
			fail_msg("%s: %d", bad[i], e);
		assert_string_equal(op.field_errors->field.ptr, "photo");
	}
	assert_int_equal(image_strip(&op, STR("p"), corpus("image", "huge.jpg"), &im), ERR_LIMIT);
	assert_int_equal(image_strip(&op, STR("p"), corpus("image", "huge.png"), &im), ERR_LIMIT);
	assert_int_equal(im.width, 77);
	assert_string_equal(image_type(IMAGE_WEBP).ptr, "image/webp");
}

/* Every prefix of a picture with every kind of part ends in an answer, not in a crash. */
static void image__every_prefix(void **state)
{
	const char *names[] = { "phone.jpg", "phone.png", "phone.webp" };
	struct image im;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		str raw = str_dup(op.arena, corpus("image", names[i]));
		for (size_t n = 0; n < raw.len; n++) {
			char *exact = malloc(n + 1);	/* so that ASan sees a step too far */
			memcpy(exact, raw.ptr, n);
			op_clear_error(&op);
			(void)!image_strip(&op, STR("p"), (str){ exact, n }, &im);
			free(exact);
		}
	}
}

static enum err see(void *arg, str name, const char **attrs)
{
	(void)attrs;
	str *last = arg;
	*last = str_dup(op.arena, name);
	return str_eq(name, STR("stop")) ? ERR_CONFLICT : ERR_OK;
}

static void xml__reads_and_refuses(void **state)
{
	str last = STR("");
	struct xml_handler h = { .arg = &last, .start = see };

	(void)state;
	assert_int_equal(xml_read(&op, STR("<a><p:b xmlns:p='x'/></a>"), &h), ERR_OK);
	assert_string_equal(last.ptr, "b");
	assert_int_equal(xml_read(&op, STR("<a><stop/><c/></a>"), &h), ERR_CONFLICT);
	assert_string_equal(last.ptr, "stop");
	assert_int_equal(xml_read(&op, STR("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), &h),
		ERR_INVALID);
	assert_int_equal(xml_read(&op, STR("<a>&x;</a>"), &h), ERR_INVALID);
	str many = STR("<a");
	for (int i = 0; i < XML_ATTRS_MAX; i++)
		many = str_fmt(op.arena, "%.*s x%d=''", STR_ARG(many), i);
	str least = str_fmt(op.arena, "%.*s/>", STR_ARG(many));
	assert_int_equal(xml_read(&op, least, &h), ERR_OK);
	str over = str_fmt(op.arena, "%.*s y=''/>", STR_ARG(many));
	assert_int_equal(xml_read(&op, over, &h), ERR_LIMIT);
	assert_int_equal(xml_read(&op, STR("<a>"), &h), ERR_INVALID);
	assert_int_equal(xml_read(&op, STR(""), &h), ERR_INVALID);
}

static void qr__makes_modules(void **state)
{
	struct qr q;
	str path;

	(void)state;
	assert_int_equal(qr_make(&op, STR("https://example.cn/p/01ARZ3NDEKTSV4RRFFQ69G5FAV"), &q),
			 ERR_OK);
	assert_true(q.size >= 21 && q.size % 4 == 1);
	for (int i = 0; i < 7; i++)	/* the three finder patterns */
		assert_true(qr_dark(&q, 0, i) && qr_dark(&q, i, 0) && qr_dark(&q, 0,
			q.size - 1 - i) &&
			    qr_dark(&q, q.size - 1, i));
	assert_false(qr_dark(&q, 1, 1) || qr_dark(&q, 7, 7));
	path = qr_svg_path(op.arena, &q);
	assert_true(str_starts(path, STR("M4 4h7v1h-7z")));
	assert_int_equal(qr_side(&q), q.size + 8);
	char *longer = arena_alloc(op.arena, 2000);
	memset(longer, 'x', 2000);
	assert_int_equal(qr_make(&op, (str){ longer, 2000 }, &q), ERR_LIMIT);
	assert_int_equal(qr_make(&op, STR(""), &q), ERR_INVALID);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(csv__encodings_and_delimiters), T(csv__fields), T(csv__refusals),
		T(xlsx__as_excel_saves_it), T(xlsx__as_others_save_it), T(xlsx__refusals),
		T(image__stripped), T(image__refused), T(image__every_prefix),
		T(xml__reads_and_refuses), T(qr__makes_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
