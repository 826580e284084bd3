/*
 * What it would catch: input that is taken though it does not have its type, a refusal
 * without words, a value that is not the same after it was stored.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "lib/paper_school.h"
#include "rules/field.h"

#define N(x) (sizeof(x) / sizeof((x)[0]))
#define ID(x) .m = { .id = { x, sizeof(x) - 1 }, .label = { x, sizeof(x) - 1 } }

static struct paper_school s;

static int set_up(void **state)
{
	(void)state;
	paper_open(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	paper_close(&s);
	return 0;
}

static const struct choice GRADES[] = { { { "general", 7 }, { "一般", 6 } },
					{ { "major", 5 }, { "重大", 6 } } };
static const str HOW[] = { { "screen", 6 }, { "paper", 5 } };
static const struct field COLUMNS[] = {
	{ ID("place"), .type = F_PLACE },
	{ ID("n"), .type = F_INT },
	{ ID("items"), .type = F_CHECKLIST, .choice = GRADES, .choice_n = 2 },
};
static const struct field FIELDS[] = {
	{ ID("text"), .type = F_TEXT, .max = 5 },
	{ ID("note"), .type = F_NOTE },
	{ ID("int"), .type = F_INT, .has_range = true,
	  .range_lo = { .kind = V_NUM, .num = 1 * NUM_SCALE },
	  .range_hi = { .kind = V_NUM, .num = 60 * NUM_SCALE }, .unit = { "人", 3 } },
	{ ID("decimal"), .type = F_DECIMAL },
	{ ID("money"), .type = F_MONEY },
	{ ID("percent"), .type = F_PERCENT },
	{ ID("date"), .type = F_DATE },
	{ ID("time"), .type = F_TIME },
	{ ID("instant"), .type = F_INSTANT },
	{ ID("duration"), .type = F_DURATION },
	{ ID("choice"), .type = F_CHOICE, .choice = GRADES, .choice_n = 2 },
	{ ID("entry"), .type = F_CHOICE, .of_catalogue = { "hazard-categories", 17 } },
	{ ID("choices"), .type = F_CHOICES, .choice = GRADES, .choice_n = 2 },
	{ ID("flag"), .type = F_FLAG },
	{ ID("person"), .type = F_PERSON },
	{ ID("people"), .type = F_PEOPLE },
	{ ID("post"), .type = F_POST },
	{ ID("place"), .type = F_PLACE },
	{ ID("period"), .type = F_PERIOD },
	{ ID("phone"), .type = F_PHONE },
	{ ID("files"), .type = F_FILES, .max = 2 },
	{ ID("rows"), .type = F_ROWS, .column = COLUMNS, .column_n = 3, .key = { "place", 5 } },
	{ ID("list"), .type = F_CHECKLIST, .choice = GRADES, .choice_n = 2 },
	{ ID("signed"), .type = F_SIGNATURES, .how = { HOW, 2 } },
	{ ID("sets"), .type = F_PARAMETERS,
	  .of_text = { "[recheck_limit, swept_kinds, reviewer, sweep_interval, rectify_days, "
		       "arrival_times]",
		       83 } },
	{ ID("computed"), .type = F_COMPUTED },
};

static int64_t resolve(void *ctx, enum ref_kind kind, str of, str text, bool *ret_many)
{
	(void)ctx;
	(void)of;
	*ret_many = str_eq(text, STR("高"));
	for (size_t i = 0; kind == REF_PERSON && i < s.org.person_n; i++)
		if (str_eq(s.person[i].name, text))
			return s.person[i].id.v;
	for (size_t i = 0; kind == REF_PLACE && i < s.org.place_n; i++)
		if (str_eq(s.place[i].name, text) || str_eq(s.place[i].code, text))
			return s.place[i].id.v;
	return kind == REF_FILE && text.len == 1 ? text.ptr[0] : 0;
}

static str name_of(void *ctx, enum ref_kind kind, int64_t id)
{
	const struct ov_person *p = ov_person(&s.org, (person_id){ id });
	const struct ov_place *place = ov_place(&s.org, (place_id){ id });

	(void)ctx;
	return kind == REF_PERSON && p	    ? p->name
	       : kind == REF_PLACE && place ? place->name
					    : STR("?");
}

static const struct resolver R = { .resolve = resolve, .name = name_of };

static const struct field *field(const char *name)
{
	for (size_t i = 0; i < N(FIELDS); i++)
		if (str_eq(FIELDS[i].m.id, str_of(name)))
			return &FIELDS[i];
	fail_msg("no field %s", name);
	return NULL;
}

/* What comes in, what is stored of it (NULL: refused at this path, "" for unset), and how it is
 * said. */
static const struct { const char *name, *in, *stored, *say;
} READS[] = {
	{ "text", "\" 门坏了 \"", "\"门坏了\"", "门坏了" },
	{ "text", "302", "\"302\"", "302" },
	{ "text", "\"\"", "", "" },
	{ "text", "null", "", "" },
	{ "text", "\"一二三四五六\"", NULL, "text" },
	{ "text", "true", NULL, "text" },
	{ "text", "[\"a\"]", NULL, "text" },
	{ "note", "\"a\\nb\"", "\"a\\nb\"", "a\nb" },
	{ "int", "12", "12", "12人" },
	{ "int", "\"12\"", "12", "12人" },
	{ "int", "12.5", NULL, "int" },
	{ "int", "0", NULL, "int" },
	{ "int", "61", NULL, "int" },
	{ "int", "\"x\"", NULL, "int" },
	{ "int", "12.0", "12", "12人" },
	{ "int", "\"--1\"", NULL, "int" },
	{ "decimal", "36.5", "36.5", "36.5" },
	{ "decimal", "-0.25", "-0.25", "-0.25" },
	{ "decimal", "0.12345", NULL, "decimal" },
	{ "decimal", "922337203685478", NULL, "decimal" },
	{ "money", "1200.5", "1200.5", "1200.5元" },
	{ "money", "1.234", NULL, "money" },
	{ "percent", "95", "95", "95%" },
	{ "date", "\"2026-11-19\"", "\"2026-11-19\"", "2026年11月19日" },
	{ "date", "\"2026-02-30\"", NULL, "date" },
	{ "date", "20261119", NULL, "date" },
	{ "time", "\"07:20\"", "\"07:20\"", "7:20" },
	{ "time", "\"24:00\"", NULL, "time" },
	{ "instant", "\"2026-11-18T08:00:00+08:00\"", "1794960000000", "2026年11月18日 8:00" },
	{ "instant", "\"2026-11-18 08:00\"", "1794960000000", "2026年11月18日 8:00" },
	{ "instant", "\"tomorrow\"", NULL, "instant" },
	{ "duration", "\"5sd\"", "\"5sd\"", "5个上课日" },
	{ "duration", "\"5x\"", NULL, "duration" },
	{ "choice", "\"general\"", "\"general\"", "一般" },
	{ "choice", "\"重大\"", "\"major\"", "重大" },
	{ "choice", "\"small\"", NULL, "choice" },
	{ "entry", "\"fire\"", "\"fire\"", NULL },
	{ "entry", "\"nothing\"", NULL, "entry" },
	{ "choices", "[\"general\", \"major\", \"general\"]", "[\"general\",\"major\"]",
	  "一般、重大" },
	{ "choices", "\"major\"", "[\"major\"]", "重大" },
	{ "choices", "[]", "", "" },
	{ "choices", "[\"\"]", "", "" },
	{ "flag", "true", "true", "是" },
	{ "flag", "\"on\"", "true", "是" },
	{ "flag", "\"0\"", "false", "否" },
	{ "flag", "2", NULL, "flag" },
	{ "person", "\"王芳\"", "4", "王芳" },
	{ "person", "\"高\"", NULL, "person" },
	{ "person", "\"某人\"", NULL, "person" },
	{ "person", "{}", NULL, "person" },
	{ "people", "[\"王芳\", \"李伟\"]", "[4,5]", "王芳、李伟" },
	{ "people", "[\"王芳\", \"某人\"]", NULL, "people" },
	{ "post", "\"保卫处\"", "\"safety-office\"", "安全办主任" },
	{ "post", "\"king\"", NULL, "post" },
	{ "place", "\"G1\"", "101", "东门" },
	{ "period", "\"2026-11\"", "\"2026-11\"", "2026年11月" },
	{ "period", "\"2026-2027/1\"", "\"2026-2027/1\"", "2026—2027学年第一学期" },
	{ "period", "\"x\"", NULL, "period" },
	{ "phone", "\"0513-8888\"", "\"0513-8888\"", "0513-8888" },
	{ "phone", "\"call me\"", NULL, "phone" },
	{ "files", "[\"a\", \"b\"]", "[97,98]", "2 个文件" },
	{ "files", "[\"a\", \"b\", \"c\"]", NULL, "files" },
	{ "rows", "[{\"place\": \"东门\", \"n\": 3}, {\"n\": \"\"}]", "[{\"place\":101,\"n\":3}]",
	  "东门，3" },
	{ "rows", "[{\"place\": \"东门\"}, {\"place\": \"G1\"}]", NULL, "rows.1.place" },
	{ "rows", "[{\"place\": \"东门\"}, {\"n\": \"x\"}]", NULL, "rows.1.n" },
	{ "rows", "[{\"other\": 1}]", NULL, "rows.0.other" },
	{ "rows", "[3]", NULL, "rows" },
	{ "rows", "{}", NULL, "rows" },
	{ "rows", "[]", "", "" },
	{ "rows", "[{\"items\": [{\"item\": \"major\", \"result\": \"bad\", \"note\": \"裂\"}]}]",
	  "[{\"items\":[{\"result\":\"bad\",\"note\":\"裂\",\"item\":\"major\",\"text\":"
	  "\"重大：裂\"}]}]",
	  "有问题，重大：裂" },
	{ "rows", "[{\"items\": [{\"item\": \"x\"}]}]", NULL, "rows.0.items.0.item" },
	{ "list", "[{\"item\": \"一般\", \"result\": \"good\"}]",
	  "[{\"result\":\"good\",\"item\":\"general\",\"text\":\"一般\"}]", "正常，一般" },
	{ "list", "[{\"item\": \"major\", \"result\": \"bad\", \"text\": \" 扶手松动 \"}]",
	  "[{\"result\":\"bad\",\"text\":\"扶手松动\",\"item\":\"major\"}]", "有问题，扶手松动" },
	{ "signed", "\"screen\"", "[{\"how\":\"screen\"}]", "screen" },
	{ "signed", "\"stamp\"", NULL, "signed" },
	{ "signed", "[{\"person\": \"王芳\", \"how\": \"paper\"}]",
	  "[{\"person\":4,\"how\":\"paper\"}]", NULL },
	{ "sets", "{\"recheck_limit\": \"5d\"}", "[{\"recheck_limit\":\"5d\"}]", "复查时限：5天" },
	{ "sets", "{\"recheck_limit\": \"20d\"}", NULL, "sets.recheck_limit" },
	{ "sets", "{\"triage_limit\": \"1wd\"}", NULL, "sets.triage_limit" },
	{ "sets", "{\"swept_kinds\": [\"gate\", \"yard\"]}", "[{\"swept_kinds\":\"[gate, yard]\"}]",
	  NULL },
	{ "sets", "{\"swept_kinds\": \"gate, yard\"}", "[{\"swept_kinds\":\"[gate, yard]\"}]",
	  NULL },
	{ "sets", "{\"swept_kinds\": [\"moon\"]}", NULL, "sets.swept_kinds" },
	{ "sets", "{\"sweep_interval\": \"week\"}", "[{\"sweep_interval\":\"week\"}]", NULL },
	{ "sets", "{\"sweep_interval\": \"hour\"}", NULL, "sets.sweep_interval" },
	{ "sets", "{\"reviewer\": \"logistics\"}", "[{\"reviewer\":\"logistics\"}]", NULL },
	{ "sets", "{\"reviewer\": [\"logistics\", \"office\"]}",
	  "[{\"reviewer\":\"[logistics, office]\"}]", NULL },
	{ "sets", "{\"reviewer\": \"king\"}", NULL, "sets.reviewer" },
	{ "sets", "{\"reviewer\": \"creator\"}", NULL, "sets.reviewer" },
	{ "sets", "{\"rectify_days\": {\"general\": \"5d\", \"major\": \"20d\"}}",
	  "[{\"rectify_days\":\"{general: 5d, major: 20d}\"}]", NULL },
	{ "sets", "{\"rectify_days\": \"general: 5d\"}", "[{\"rectify_days\":\"{general: 5d}\"}]",
	  NULL },
	{ "sets", "{\"rectify_days\": {\"huge\": \"5d\"}}", NULL, "sets.rectify_days.huge" },
	{ "sets", "{\"rectify_days\": {\"general\": \"soon\"}}", NULL,
	  "sets.rectify_days.general" },
	{ "sets", "{\"arrival_times\": [\"07:20-08:00\"]}",
	  "[{\"arrival_times\":\"[\\\"07:20-08:00\\\"]\"}]", NULL },
	{ "computed", "1", NULL, "computed" },
};

static str stored_form(const struct value *v)
{
	struct buf b;
	struct jw w;
	str out;

	buf_init(&b, 1 << 16);
	jw_start(&w, &b);
	value_write(&w, v);
	assert_int_equal(buf_finish(&b, &out), ERR_OK);
	out = str_dup(s.op.arena, out);
	buf_release(&b);
	return out;
}

static void check_refused(const char *name, const char *in, const char *path)
{
	const struct field_error *e = s.op.field_errors;

	if (!e || !str_eq(e->field, str_of(path)) || !e->message.len)
		fail_msg("%s %s: refused by %.*s", name, in,
			 STR_ARG(e ? e->field : STR("nothing")));
	op_clear_error(&s.op);
}

/* Back from the stored form, as the same value, and in words. */
static void check_stored(const struct field *f, const char *in, const struct value *v,
			 const char *say)
{
	str form = stored_form(v), body = str_fmt(s.op.arena, "{\"%.*s\":%.*s,\"gone\":1}",
						  STR_ARG(f->m.id), STR_ARG(form));
	struct vmap m;
	str said;

	assert_int_equal(fields_load(&s.op, FIELDS, N(FIELDS), body, &m), ERR_OK);
	assert_int_equal(m.n, 1);
	if (!value_eq(vmap_get(&m, f->m.id), v))
		fail_msg("%.*s %s is not the same after storing", STR_ARG(f->m.id), in);
	said = field_say(s.op.arena, s.policy, f, v, &R, SCHOOL_OFFSET);
	if (say && !str_eq(said, str_of(say)))
		fail_msg("%.*s %s is said %.*s", STR_ARG(f->m.id), in, STR_ARG(said));
}

static void field__reads_by_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(READS); i++) {
		const struct field *f = field(READS[i].name);
		struct value v = value_int(99);
		struct json *in;
		enum err err;

		if (json_read(&s.op, str_of(READS[i].in), &in))
			fail_msg("%s", READS[i].in);
		err = field_read(&s.op, s.policy, f, in, &R, SCHOOL_OFFSET, &v);
		if (!READS[i].stored) {
			assert_int_equal(err, ERR_INVALID);
			assert_int_equal(v.num, 99 * NUM_SCALE);
			check_refused(READS[i].name, READS[i].in, READS[i].say);
			continue;
		}
		if (err)
			fail_msg("%s %s: %.*s", READS[i].name, READS[i].in,
				 STR_ARG(s.op.field_errors->message));
		if (!READS[i].stored[0]) {
			assert_int_equal(v.kind, V_NONE);
			continue;
		}
		if (!str_eq(stored_form(&v), str_of(READS[i].stored)))
			fail_msg("%s %s is stored as %.*s", READS[i].name, READS[i].in,
				 STR_ARG(stored_form(&v)));
		check_stored(f, READS[i].in, &v, READS[i].say);
	}
}

static const char *const CORRUPT[] = {
	"",
	"[]",
	"{\"int\":\"x\"}",
	"{\"int\":1.23456}",
	"{\"date\":\"2026-13-01\"}",
	"{\"person\":\"4\"}",
	"{\"person\":0}",
	"{\"flag\":1}",
	"{\"choices\":\"general\"}",
	"{\"people\":[\"x\"]}",
	"{\"rows\":[1]}",
	"{\"rows\":[{\"n\":\"x\"}]}",
	"{\"instant\":\"now\"}",
	"{\"text\":5}",
	"{\"duration\":\"5\"}",
	"{\"sets\":{}}",
	"{\"sets\":[{\"a\":1}]}",
};

static void field__odd_bodies_are_corrupt(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(CORRUPT); i++) {
		struct vmap m;

		if (fields_load(&s.op, FIELDS, N(FIELDS), str_of(CORRUPT[i]), &m) != ERR_CORRUPT)
			fail_msg("%s is loaded", CORRUPT[i]);
		op_clear_error(&s.op);
	}
}

static void field__api_form(void **state)
{
	const struct field *f = field("instant"), *p = field("person");
	const struct value at = value_instant(paper_ms(11, 18, 8, 0)),
			   who = value_ref(REF_PERSON, 4);
	struct buf b;
	struct jw w;
	str out;

	(void)state;
	buf_init(&b, 1 << 10);
	jw_start(&w, &b);
	jw_arr(&w);
	field_write_api(&w, s.op.arena, (tenant_id){ 1 }, f, &at, SCHOOL_OFFSET);
	field_write_api(&w, s.op.arena, (tenant_id){ 1 }, p, &who, SCHOOL_OFFSET);
	jw_end(&w);
	assert_int_equal(buf_finish(&b, &out), ERR_OK);
	assert_true(str_eq(out, str_fmt(s.op.arena, "[\"2026-11-18T08:00:00+08:00\",\"%.*s\"]",
					STR_ARG(pubid_make(s.op.arena, (tenant_id){ 1 }, 4)))));
	buf_release(&b);
}

static void field__numbers_are_exact(void **state)
{
	static const struct { int64_t num; const char *text;
	} nums[] = {
		{ 0, "0" },
		{ 1, "0.0001" },
		{ -1, "-0.0001" },
		{ 10000, "1" },
		{ 12345, "1.2345" },
		{ -12300, "-1.23" },
		{ INT64_MAX, "922337203685477.5807" },
		{ INT64_MIN, "-922337203685477.5808" },
	};

	(void)state;
	for (size_t i = 0; i < N(nums); i++) {
		const struct value v = value_num(nums[i].num);

		assert_true(str_eq(num_format(s.op.arena, nums[i].num), str_of(nums[i].text)));
		assert_true(str_eq(stored_form(&v), str_of(nums[i].text)));
	}
}

static void vmap__put_keeps_emptied(void **state)
{
	struct vmap m = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++)
		vmap_set(s.op.arena, &m, str_fmt(s.op.arena, "f%d", i), value_int(i));
	vmap_set(s.op.arena, &m, STR("f3"), VALUE_NONE);
	assert_int_equal(m.n, 19);
	assert_null(vmap_get(&m, STR("f3")));
	assert_false(vmap_named(&m, STR("f3")));
	vmap_put(s.op.arena, &m, STR("f4"), VALUE_NONE);
	assert_int_equal(m.n, 19);
	assert_null(vmap_get(&m, STR("f4")));
	assert_true(vmap_named(&m, STR("f4")));
	assert_int_equal(vmap_get(&m, STR("f19"))->num, 19 * NUM_SCALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field__reads_by_type),
		cmocka_unit_test(field__odd_bodies_are_corrupt),
		cmocka_unit_test(field__api_form),
		cmocka_unit_test(field__numbers_are_exact),
		cmocka_unit_test(vmap__put_keeps_emptied),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
