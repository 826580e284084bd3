/*
 * What it would catch: a value that becomes markup, a print of a shipped pack that does not
 * render, a paper that shows what its reader may not see, a QR without an address, a PDF whose
 * bytes or words depend on the hour.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fsutil.h"
#include "lib/school.h"
#include "report/html.h"
#include "report/markdown.h"
#include "report/pdf.h"
#include "report/print.h"
#include "work/policies.h"

/*
 * Two leaks are not ours, and only these two are excused: fontconfig keeps what it read of its
 * configuration, and cairo loses 768 bytes for each font that it embeds while finishing a PDF.
 * Whole stacks are recorded, so that an object of theirs which we forget is still a failure.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:cairo_surface_finish\nleak:FcInitLoadConfigAndFonts\n";
}
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0:malloc_context_size=40";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

static struct school s;

static int setup(void **state)
{
	school_new(&s);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	school_free(&s);
	return 0;
}

static void ok(enum err e, const struct op *op)
{
	if (e)
		fail_msg("%s: %s (%s)", err_word(e), op->errmsg, op->errat ? op->errat : "?");
}

static void has(str all, const char *part)
{
	if (str_find(all, str_of(part), 0) < 0)
		fail_msg("no \"%s\" in:\n%.*s", part, STR_ARG(all));
}

static str html_of(struct op *op, const struct document *d)
{
	struct html h;

	ok(document_html(op, d, &h), op);
	return h.bytes;
}

/* --- the block model -------------------------------------------------------------- */

static void block__a_value_is_never_markup(void **state)
{
	struct op op = { .arena = s.in.arena };
	struct arena *a = op.arena;
	struct document d;
	struct sheet *sh;
	const struct fact fact[] = { { STR("区域"), text_of(a, STR("<b>东门</b>")) } };
	const struct sign_line sign[] = { { STR("校长"), STR(""), STR("") } };

	(void)state;
	document_begin(&d, a, STR("t"), PAPER_A4, 0);
	sh = document_sheet(&d, STR("标题 & <x>"));
	sheet_heading(a, sh, 2, STR("一、说明"));
	sheet_para(a, sh, STR("第一行\n第二行"));
	sheet_facts(a, sh, fact, 1);
	sheet_signs(a, sh, sign, 1);
	str got = html_of(&op, &d);
	const char *want =
		"<article class=\"paper a4\"><h1 class=\"doc-title\">标题 &amp; &lt;x&gt;</h1>\n"
		"<h2>一、说明</h2>\n<p>第一行<br>第二行</p>\n"
		"<table class=\"doc-table doc-facts\"><tbody>\n<tr><th scope=\"row\">区域</th>"
		"<td>&lt;b&gt;东门&lt;/b&gt;</td></tr>\n</tbody></table>\n"
		"<div class=\"sign3\"><div><span class=\"k\">校长</span></div></div>\n</article>\n";
	if (!str_eq(got, str_of(want)))
		fail_msg("%.*s", STR_ARG(got));
}

static void markdown__blocks_and_runs(void **state)
{
	struct op op = { .arena = s.in.arena };
	struct md_block *b;
	size_t n;

	(void)state;
	ok(markdown_read(&op, STR("# 题\n\n甲\n乙 **重**点 {{ x }}\\*\n\n- 一\n- 二\n\n| a | {{f.x}} |\n"
				  "| --- | --- |\n| 1 | \\| |\n\n---\n<b>"), &b, &n), &op);
	assert_int_equal(n, 7);
	assert_int_equal(b[0].kind, MD_HEADING);
	assert_int_equal(b[1].kind, MD_PARA);
	assert_int_equal(b[1].text.n, 5);
	assert_true(str_eq(b[1].text.run[0].text, STR("甲乙 ")));
	assert_true(b[1].text.run[1].strong);
	assert_true(b[1].text.run[3].field && str_eq(b[1].text.run[3].text, STR("x")));
	assert_true(str_eq(b[1].text.run[4].text, STR("*")));
	assert_int_equal(b[2].kind, MD_ITEM);
	assert_int_equal(b[4].kind, MD_TABLE);
	assert_int_equal(b[4].row_n, 2);
	assert_true(str_eq(b[4].cell[3].run[0].text, STR("|")));
	assert_int_equal(b[5].kind, MD_RULE);
	assert_true(str_eq(b[6].text.run[0].text, STR("<b>")));
}

/* --- prints ------------------------------------------------------------------------- */

static record_id hazard(void)
{
	struct submitted r;

	school_wait(&s, AT(11, 16, 8, 0));
	if (school_new_record(&s, CLEANER, "hazard", "report",
			      "{\"place\":\"东门\",\"what\":\"轨道变形<script>\"}", &r))
		fail_msg("%.*s", STR_ARG(school_said(&s)));
	return r.record;
}

static void print__a_record_by_its_print_and_plain(void **state)
{
	struct print_ask ask = { .about = ABOUT_RECORD, .id = hazard().v };
	struct document d;
	struct op op;

	(void)state;
	school_read(&s, SAFETY, &op);
	ok(print_make(&op, &ask, &d), &op);
	str h = html_of(&op, &d);
	has(h, "隐患整改通知单");
	has(h, "YH-2026-0001");
	has(h, "轨道变形&lt;script&gt;");
	has(h, "台账第");
	ask.print = STR("plain");
	ok(print_make(&op, &ask, &d), &op);
	h = html_of(&op, &d);
	has(h, "办理过程");
	has(h, "东门");
	ask.print = STR("area-plaque");
	assert_int_equal(print_make(&op, &ask, &d), ERR_INVALID);
	school_read_end(&s, &op);
}

static void print__plaques_need_an_address(void **state)
{
	struct print_ask ask = { .about = ABOUT_PLACE };
	struct document d;
	struct op op;

	(void)state;
	school_read(&s, SAFETY, &op);
	assert_int_equal(print_places(&op, &ask, NULL, 0, &d), ERR_INVALID);
	op_clear_error(&op);
	ask.public_url = STR("https://aq.example.cn");
	ok(print_places(&op, &ask, NULL, 0, &d), &op);
	assert_int_equal(d.sheet.n, PLACES_N);
	str h = html_of(&op, &d);
	has(h, "<svg viewBox");
	has(h, "东门");
	school_read_end(&s, &op);
}

static void print__duties_and_areas(void **state)
{
	struct print_ask ask = { .about = ABOUT_PERSON, .id = s.p[SAFETY].v };
	struct document d;
	struct op op;

	(void)state;
	school_read(&s, SAFETY, &op);
	ok(print_make(&op, &ask, &d), &op);
	str h = html_of(&op, &d);
	has(h, "岗位安全职责清单");
	has(h, "S1-");
	ask = (struct print_ask){ .about = ABOUT_UNIT };
	ok(print_make(&op, &ask, &d), &op);
	has(html_of(&op, &d), "全区域安全包干明细表");
	school_read_end(&s, &op);
	school_read(&s, CLEANER, &op);	/* another's list is not for everybody */
	ask = (struct print_ask){ .about = ABOUT_PERSON, .id = s.p[SAFETY].v };
	assert_int_equal(print_make(&op, &ask, &d), ERR_DENIED);
	school_read_end(&s, &op);
}

static void print__a_list(void **state)
{
	struct list_query q = { .loop = STR("hazard") };
	struct document d;
	struct op op;

	(void)state;
	(void)hazard();
	school_read(&s, SAFETY, &op);
	ok(print_list(&op, &q, &d), &op);
	has(html_of(&op, &d), "共 1 条");
	school_read_end(&s, &op);
}

/* The same document gives the same bytes, and begins and ends as a PDF does. */
static void pdf__same_document_same_bytes(void **state)
{
	struct print_ask ask = { .about = ABOUT_RECORD, .id = hazard().v };
	struct document d;
	struct op op;
	str one, two;

	(void)state;
	school_read(&s, SAFETY, &op);
	ok(print_make(&op, &ask, &d), &op);
	ok(document_pdf(&op, &d, NULL, &one), &op);
	ok(document_pdf(&op, &d, NULL, &two), &op);
	assert_true(str_starts(one, STR("%PDF-")));
	assert_true(str_eq(one, two));
	ask.print = STR("plain");
	ok(print_make(&op, &ask, &d), &op);
	ok(document_pdf(&op, &d, NULL, &one), &op);
	school_read_end(&s, &op);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(block__a_value_is_never_markup), CASE(markdown__blocks_and_runs),
		CASE(print__a_record_by_its_print_and_plain), CASE(print__plaques_need_an_address),
		CASE(print__duties_and_areas), CASE(print__a_list),
		CASE(pdf__same_document_same_bytes),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
