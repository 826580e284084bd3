/*
 * What it would catch: a row lost without a word, a heading not found, a person made twice, a
 * guess taken for a fact, half a list taken in, a class that has two units.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/limits.h"
#include "gen/q_person.h"
#include "ledger/ledger.h"
#include "lib/instance.h"
#include "org/class_no.h"
#include "org/import.h"

#define NOW INSTANCE_AT
#define DAY MS_DAY
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* As a pack would give them. */
static const str alias_teacher[] = { STR("学科教师"), STR("科任教师"), STR("教师") };
static const str alias_safety[] = { STR("安全办"), STR("保卫处") };
static const struct import_name posts[] = {
	{ .id = STR("principal"), .label = STR("校长") },
	{ .id = STR("safety-office"), .label = STR("安全办主任"), .alias = alias_safety, .alias_n = 2 },
	{ .id = STR("class-teacher"), .label = STR("班主任"), .where = IN_CLASS },
	{ .id = STR("grade-leader"), .label = STR("年级组长"), .where = IN_GRADE },
	{ .id = STR("subject-teacher"), .label = STR("任课教师"), .alias = alias_teacher,
			.alias_n = 3 },
	{ .id = STR("guard"), .label = STR("保安") },
};
static const struct import_name staff_kinds[] = {
	{ .id = STR("permanent"), .label = STR("在编") }, { .id = STR("contract"),
			.label = STR("聘用") },
	{ .id = STR("hired"), .label = STR("外聘") },
};
static const struct import_name place_kinds[] = {
	{ .id = STR("gate"), .label = STR("校门"), .risk = STR("general") },
	{ .id = STR("classroom"), .label = STR("教室"), .risk = STR("low") },
	{ .id = STR("special-room"), .label = STR("专用教室"), .risk = STR("general") },
	{ .id = STR("laboratory"), .label = STR("实验室"), .risk = STR("larger") },
	{ .id = STR("store"), .label = STR("库房与器材室"), .risk = STR("general") },
	{ .id = STR("playground"), .label = STR("操场"), .risk = STR("general") },
};
static const struct import_name risks[] = {
	{ .id = STR("low"), .label = STR("低") }, { .id = STR("general"), .label = STR("一般") },
	{ .id = STR("larger"), .label = STR("较大") }, { .id = STR("major"), .label = STR("重大") },
};
static const str alias_owner[] = { STR("责任人"), STR("负责人"), STR("包干责任人") };
static const str alias_daily[] = { STR("日查人"), STR("巡查人"), STR("检查人") };
static const struct import_name roles[] = {
	{ .id = STR("owner"), .label = STR("区域责任人"), .alias = alias_owner, .alias_n = 3 },
	{ .id = STR("daily"), .label = STR("日常责任人"), .alias = alias_daily, .alias_n = 3 },
	{ .id = STR("recheck"), .label = STR("复查人") },
};
static const struct import_words words = {
	.post = { posts, COUNT(posts) }, .staff_kind = { staff_kinds, COUNT(staff_kinds) },
	.place_kind = { place_kinds, COUNT(place_kinds) }, .risk = { risks, COUNT(risks) },
	.role = { roles, COUNT(roles) },
};

struct fix {
	struct instance in;
	tenant_id t;
	const char *kind, *csv;
	int64_t draft;
	size_t row, col;
	str text;
	bool skip;
	struct import_result result;
	struct op last;		/* how the last operation ended */
};

static void ok(enum err e, const struct op *op)
{
	if (e)
		fail_msg("%s: %s (%s)", err_word(e), op->errmsg, op->errat ? op->errat : "?");
}

typedef enum err (*run_fn)(struct op *op, void *arg);

static enum err run(struct fix *f, run_fn fn)
{
	instance_op(&f->in, &f->last);
	f->last.tenant = f->t;
	return writer_do(f->in.writer, &f->last, WOP_NORMAL, fn, f);
}

static enum err make_school(struct op *op, void *arg)
{
	struct fix *f = arg;
	unit_id id;

	TRY(org_tenant_add(op, &(struct new_unit){ .kind = STR("school"), .code = STR("sy"),
			   .name = STR("实验小学"), .from_ms = NOW - 400 * DAY }, &id));
	f->t.v = id.v;
	return ERR_OK;
}

static int setup(void **state)
{
	static struct fix f;

	f = (struct fix){ .kind = "people" };
	instance_new(&f.in);
	instance_serve(&f.in);
	assert_int_equal(instance_write(&f.in, (tenant_id){ 0 }, make_school, &f), ERR_OK);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	struct ledger_opener *opener;
	struct ledger_report report;
	struct op op;

	instance_read(&f->in, &op);
	size_t n = org_openers(&op, &opener);
	ok(ledger_verify(&op, f->t, opener, n, &report), &op);
	assert_true(report.ok);
	instance_read_end(&f->in, &op);
	instance_free(&f->in);
	return 0;
}

static enum err do_make(struct op *op, void *arg)
{
	struct fix *f = arg;
	struct sheet s;

	TRY(csv_read(op, str_of(f->csv), &s));
	return import_draft_make(op, str_of(f->kind), &s, STR("名单.csv"), &words, &f->draft);
}

static enum err do_set(struct op *op, void *arg)
{
	struct fix *f = arg;

	return import_draft_set(op, f->draft, f->row, f->col, f->text);
}

static enum err do_skip(struct op *op, void *arg)
{
	struct fix *f = arg;

	return import_draft_skip(op, f->draft, f->row, f->skip);
}

static enum err do_map(struct op *op, void *arg)
{
	struct fix *f = arg;

	return import_draft_map(op, f->draft, f->col, f->text);
}

static enum err do_accept(struct op *op, void *arg)
{
	struct fix *f = arg;

	return import_accept(op, f->draft, &words, f->skip, NOW, &f->result);
}

static void make(struct fix *f, const char *kind, const char *csv)
{
	f->kind = kind;
	f->csv = csv;
	ok(run(f, do_make), &f->last);
}

/* The draft as it is now; in the test's own arena. */
static struct import_draft load(struct fix *f)
{
	struct import_draft d;
	struct op op;

	instance_read(&f->in, &op);
	ok(import_draft_load(&op, f->t, f->draft, &words, &d), &op);
	instance_read_end(&f->in, &op);
	return d;
}

static void take(struct fix *f)
{
	f->skip = false;
	enum err e = run(f, do_accept);
	for (const struct field_error *x = f->last.field_errors; e && x; x = x->next)
		print_message("%.*s\n", STR_ARG(x->message));
	ok(e, &f->last);
}

static struct org_view view(struct fix *f)
{
	struct org_view v;
	struct op op;

	instance_read(&f->in, &op);
	ok(org_view_load(&op, f->t, NOW, NOW + 1, INSTANT_OPEN, &v), &op);
	instance_read_end(&f->in, &op);
	return v;
}

static const struct ov_person *person(const struct org_view *v, const char *name)
{
	for (size_t i = 0; i < v->person_n; i++)
		if (str_eq(v->person[i].name, str_of(name)))
			return &v->person[i];
	fail_msg("nobody is called %s", name);
	return NULL;
}

static bool holds(const struct org_view *v, const char *name, const char *post, const char *unit)
{
	person_id p = person(v, name)->id;

	for (size_t i = 0; i < v->appointment_n; i++)
		if (v->appointment[i].person.v == p.v && str_eq(v->appointment[i].post,
				str_of(post)) &&
		    str_eq(ov_unit(v, v->appointment[i].unit)->name, str_of(unit)))
			return true;
	return false;
}

static const struct ov_place *place(const struct org_view *v, const char *name)
{
	for (size_t i = 0; i < v->place_n; i++)
		if (str_eq(v->place[i].name, str_of(name)))
			return &v->place[i];
	fail_msg("no place is called %s", name);
	return NULL;
}

/* ---- people ------------------------------------------------------------------- */

static const char messy[] =
	"青澜区实验小学教职工安全工作名册（2026年秋）,,,,,,,\n"
	"填表单位：实验小学,,,,,,,\n"
	"序号,教职工姓名*,联系方式,,职务（岗位）,所在部门,人员类别,身份证号\n"
	",,手机,办公电话,,,,\n"
	"1,李　静,１３８００００００１1,,校长,校长室,在编,330000199001010000\n"
	"2,王芳,138 0000 0002,8881234,安全办主任、学科教师,安全办,在编,x\n"
	",,,,,,,\n"
	"后勤组,,,,,,,\n"
	"3,赵强,,,保安,,外聘,x\n"
	"4,孙丽,13800000004,,三(2)班班主任、任课教师,三年级,在编,x\n"
	"序号,教职工姓名*,手机,办公电话,职务（岗位）,所在部门,人员类别,身份证号\n"
	"5,周明,13800000005,,班主任(三2班),3年级,聘用,x\n"
	"6,吴静,13800000006,,三年级组长；语文教师,三年级,在编,x\n"
	"合计,6人,,,,,,\n"
	"注：本表由办公室填写,,,,,,,\n";

static void people__a_list_as_schools_write_it(void **state)
{
	struct fix *f = *state;

	make(f, "people", messy);
	struct import_draft d = load(f);
	assert_int_equal(d.row_n, 6);
	assert_int_equal(d.bad_n, 0);
	assert_int_equal(d.row[0].line, 5);
	assert_int_equal(d.row[5].line, 13);
	assert_int_equal(d.left_out_n, 6);	/* titles, group, heading, total, note */
	for (size_t c = 0; c < d.column_n; c++)	/* what nobody needs is not even in the draft */
		assert_false(str_eq(d.column[c].title, STR("身份证号")));
	take(f);
	assert_int_equal(f->result.people, 6);
	struct org_view v = view(f);
	assert_true(holds(&v, "李静", "principal", "实验小学"));
	assert_true(holds(&v, "王芳", "safety-office", "实验小学"));
	assert_true(holds(&v, "王芳", "subject-teacher", "实验小学"));
	assert_true(holds(&v, "孙丽", "class-teacher", "三（2）班"));
	assert_true(holds(&v, "周明", "class-teacher", "三（2）班"));
	assert_true(holds(&v, "吴静", "grade-leader", "三年级"));
	assert_true(holds(&v, "吴静", "subject-teacher", "实验小学"));
	assert_true(str_eq(person(&v, "赵强")->kind, STR("hired")));
	/* One class, one grade, two departments, and the school. */
	assert_int_equal(v.unit_n, 5);
	d = load(f);
	assert_true(str_eq(d.state, STR("accepted")));
	assert_int_equal(d.row_n, 0);		/* and the list is not kept twice */
	assert_int_equal(run(f, do_accept), ERR_CONFLICT);
}

static void people__phones_are_plain(void **state)
{
	struct fix *f = *state;
	struct q_person_contact_get contact;
	struct op op;

	make(f, "people", messy);
	take(f);
	struct org_view v = view(f);
	instance_read(&f->in, &op);
	ok(q_person_contact_get(&op, f->t, person(&v, "李静")->id, &contact), &op);
	assert_true(str_eq(contact.phone, STR("13800000011")));
	ok(q_person_contact_get(&op, f->t, person(&v, "王芳")->id, &contact), &op);
	assert_true(str_eq(contact.phone, STR("13800000002")));
	instance_read_end(&f->in, &op);
}

static void people__refused_as_a_whole_mended_then_taken(void **state)
{
	struct fix *f = *state;

	make(f, "people",
	     "姓名,手机,岗位,工号\n"
	     "李静,1380000001,校长,1\n"		/* ten digits */
	     "王芳,13800000002,安全员,2\n"		/* no such post */
	     "赵强2,13800000003,保安,3\n"		/* a digit in the name */
	     "孙丽,1.38E+10,班主任,4\n"		/* a number as a sum; a class is missing */
	     "周明,,,5\n");
	struct import_draft d = load(f);
	assert_int_equal(d.bad_n, 4);
	assert_true(d.row[0].cell[1].error.len && d.row[1].cell[2].error.len);
	assert_true(d.row[1].cell[2].option_n > 0);	/* what might be meant */
	assert_true(d.row[2].cell[0].error.len);
	assert_true(d.row[3].cell[1].error.len && d.row[3].cell[2].error.len);
	assert_true(d.row[4].cell[2].note.len);
	assert_int_equal(run(f, do_accept), ERR_INVALID);
	size_t said = 0;
	for (const struct field_error *x = f->last.field_errors; x; x = x->next)
		said += str_starts(x->field, STR("line."));
	assert_int_equal(said, 4);
	assert_int_equal(view(f).person_n, 0);		/* nothing of it was taken */
	static const struct { size_t row, col; str text; } mend[] = {
		{ 0, 1, STR("13800000001") }, { 1, 2, STR("保卫处") }, { 2, 0, STR("赵强") },
		{ 3, 1, STR("") }, { 3, 2, STR("302班主任") },
	};
	int64_t version = d.version;
	for (size_t i = 0; i < COUNT(mend); i++) {
		f->row = mend[i].row;
		f->col = mend[i].col;
		f->text = mend[i].text;
		assert_int_equal(run(f, do_set), ERR_OK);
	}
	d = load(f);
	assert_int_equal(d.bad_n, 0);
	assert_true(d.version > version);
	f->row = 4;
	f->skip = true;
	assert_int_equal(run(f, do_skip), ERR_OK);
	take(f);
	struct org_view v = view(f);
	assert_int_equal(v.person_n, 4);
	assert_true(holds(&v, "王芳", "safety-office", "实验小学"));
	assert_true(holds(&v, "孙丽", "class-teacher", "三（2）班"));
}

static void people__good_rows_first_the_rest_stays(void **state)
{
	struct fix *f = *state;

	make(f, "people", "姓名,岗位\n李静,校长\n王芳,吹哨员\n");
	f->skip = true;
	ok(run(f, do_accept), &f->last);
	assert_int_equal(f->result.rows, 1);
	assert_int_equal(f->result.left, 1);
	struct import_draft d = load(f);
	assert_true(str_eq(d.state, STR("open")));
	assert_int_equal(d.row_n, 1);
	assert_true(str_eq(d.row[0].cell[0].text, STR("王芳")));
	assert_int_equal(d.row[0].line, 3);	/* still the line of the file */
}

static void people__same_names_need_what_tells_them_apart(void **state)
{
	struct fix *f = *state;

	make(f, "people",
	     "姓名,手机,岗位,工号\n"
	     "王芳,,校长,1\n"
	     "王芳,,保安,2\n"		/* another one */
	     "王芳,,教师,1\n"		/* the first again */
	     "李静,,校长,\n"
	     "李静,,保安,\n"		/* who knows */
	     "赵强,,保安,1\n");		/* the number of another */
	struct import_draft d = load(f);
	assert_false(d.row[0].bad || d.row[1].bad || d.row[2].bad || d.row[3].bad);
	assert_true(d.row[4].bad && d.row[5].bad);
	f->skip = true;
	ok(run(f, do_accept), &f->last);
	assert_int_equal(f->result.people, 3);
	assert_int_equal(f->result.appointments, 4);
}

static void people__twice_the_same_list_makes_nobody_twice(void **state)
{
	struct fix *f = *state;

	make(f, "people", messy);
	take(f);
	make(f, "people", "姓名,岗位,工号\n李静,\"校长,保安\",1001\n新人,保安,\n");
	take(f);
	assert_int_equal(f->result.people, 1);
	assert_int_equal(f->result.appointments, 2);
	struct org_view v = view(f);
	assert_int_equal(v.person_n, 7);
	assert_true(holds(&v, "李静", "guard", "实验小学"));
	make(f, "people", "姓名,岗位,工号\n王芳,保安,1001\n");	/* his number is known now */
	assert_int_equal(load(f).bad_n, 1);
}

static void people__columns_can_be_told(void **state)
{
	struct fix *f = *state;
	struct import_draft d;

	make(f, "people", "姓名,干什么的\n李静,校长\n");
	d = load(f);
	assert_true(str_empty(d.column[1].field));
	f->col = 1;
	f->text = STR("post");
	assert_int_equal(run(f, do_map), ERR_OK);
	d = load(f);
	assert_true(str_eq(d.column[1].label, STR("岗位")));
	f->col = 0;
	f->text = STR("");
	assert_int_equal(run(f, do_map), ERR_INVALID);	/* a name there must be */
	take(f);
	struct org_view v = view(f);
	assert_true(holds(&v, "李静", "principal", "实验小学"));
}

static void people__no_heading_says_what_is_looked_for(void **state)
{
	struct fix *f = *state;

	f->kind = "people";
	f->csv = "李静,校长\n王芳,保安\n";
	assert_int_equal(run(f, do_make), ERR_INVALID);
	assert_non_null(strstr(f->last.errmsg, "姓名"));
	f->csv = "姓名,岗位\n";
	assert_int_equal(run(f, do_make), ERR_INVALID);
	f->kind = "pupils";
	assert_int_equal(run(f, do_make), ERR_INVALID);
}

/* ---- places ------------------------------------------------------------------- */

static void places__tree_kinds_and_keepers(void **state)
{
	struct fix *f = *state;

	make(f, "people", messy);
	take(f);
	make(f, "places",
	     "区域清单,,,,,,\n"
	     "区域名称,楼栋,楼层,责任人,日查人,复查人,风险等级\n"
	     "东门,,,王芳,赵强,,\n"
	     "科学实验室,教学楼,三楼,李静 13800000011,孙丽,王芳,重大\n"
	     "体育器材室,教学楼,一楼,周明,周明,,\n"
	     "302教室,教学楼,三楼,孙丽,,,\n"
	     "音乐专用教室,教学楼,二楼,李静,,,\n"
	     "小花园,,,李静,,,\n"			/* no kind in the name */
	     "操场,,,没有这人,,,\n");
	struct import_draft d = load(f);
	size_t kind = d.column_n - 1;	/* there was no such column: it was added to be mended */
	assert_true(str_eq(d.column[kind].field, STR("kind")));
	assert_int_equal(d.bad_n, 3);
	assert_true(d.row[0].cell[kind].error.len == 0 || d.row[0].bad);
	for (size_t i = 0; i < d.row_n; i++) {
		if (!d.row[i].cell[kind].error.len)
			continue;
		f->row = i;
		f->col = kind;
		f->text = i == 0 ? STR("校门") : STR("操场");
		assert_int_equal(run(f, do_set), ERR_OK);
	}
	f->row = 6;
	f->col = 3;
	f->text = STR("王芳");
	assert_int_equal(run(f, do_set), ERR_OK);
	take(f);
	struct org_view v = view(f);
	assert_int_equal(f->result.keepers, 11);
	assert_true(str_eq(place(&v, "科学实验室")->kind, STR("laboratory")));
	assert_true(str_eq(place(&v, "科学实验室")->risk, STR("major")));
	assert_true(str_eq(place(&v, "体育器材室")->kind, STR("store")));
	assert_true(str_eq(place(&v, "体育器材室")->risk, STR("general")));
	assert_true(str_eq(place(&v, "302教室")->kind, STR("classroom")));
	assert_true(str_eq(place(&v, "音乐专用教室")->kind, STR("special-room")));
	const struct ov_place *floor = ov_place(&v, place(&v, "科学实验室")->parent);
	assert_true(str_eq(floor->name, STR("三楼")));
	assert_true(str_eq(ov_place(&v, floor->parent)->name, STR("教学楼")));
	assert_int_equal(place(&v, "302教室")->parent.v, floor->id.v);
	assert_int_equal(v.place_n, 7 + 1 + 3);
	/* The same list again: keepers change, no place is made twice. */
	make(f, "places", "名称,责任人\n东门,李静\n");
	take(f);
	assert_int_equal(f->result.places, 0);
	v = view(f);
	for (size_t i = 0; i < v.keeper_n; i++)
		if (v.keeper[i].place.v == place(&v, "东门")->id.v && str_eq(v.keeper[i].role,
				STR("owner")))
			assert_int_equal(v.keeper[i].person.v, person(&v, "李静")->id.v);
}

static void places__twins_and_codes(void **state)
{
	struct fix *f = *state;

	make(f, "places",
	     "名称,类别,编号\n东门,校门,G1\n西门,校门,G1\n操场,操场,\n操场,操场,\n南门,校门,Ｇ２\n");
	struct import_draft d = load(f);
	assert_true(d.row[1].bad && d.row[3].bad);
	assert_int_equal(d.bad_n, 2);
	f->skip = true;
	ok(run(f, do_accept), &f->last);
	struct org_view v = view(f);
	assert_true(str_eq(place(&v, "南门")->code, STR("G2")));
	assert_true(str_eq(place(&v, "操场")->code, STR("P001")));
	make(f, "places", "名称,类别,编号\n北门,校门,G1\n");
	assert_int_equal(load(f).bad_n, 1);
}

/* ---- the rest ----------------------------------------------------------------- */

static void template__reads_back_as_nothing_to_import(void **state)
{
	struct fix *f = *state;
	static const char *kinds[] = { "people", "places" };
	struct op op;
	str csv;

	for (size_t i = 0; i < 2; i++) {
		instance_op(&f->in, &op);
		ok(import_template(&op, str_of(kinds[i]), &words, &csv), &op);
		assert_true(str_starts(csv, STR("\xEF\xBB\xBF")));
		f->kind = kinds[i];
		f->csv = str_c(f->in.arena, csv);
		assert_int_equal(run(f, do_make), ERR_INVALID);	/* hints are no row */
		assert_non_null(strstr(f->last.errmsg, "下面没有内容"));
		f->csv = str_c(f->in.arena, str_fmt(f->in.arena, "%.*s新的,,,\r\n", STR_ARG(csv)));
		ok(run(f, do_make), &f->last);
		assert_int_equal(load(f).row_n, 1);
	}
}

static void class_no__spellings(void **state)
{
	static const struct { const char *text; int grade, no; const char *rest; } good[] = {
		{ "三(2)班", 3, 2, "" }, { "三（2）班", 3, 2, "" }, { "三年级2班", 3, 2, "" }, { "3年级二班", 3,
				2, "" },
		{ "302班", 3, 2, "" }, { "三2班", 3, 2, "" }, { "3.2班", 3, 2, "" }, { "3-2班", 3, 2,
				"" },
		{ "３（１２）班", 3, 12, "" }, { "三年级（十一）班", 3, 11, "" }, { "七（4）班", 7, 4, "" },
		{ "初一3班", 7, 3, "" }, { "高二（5）班", 11, 5, "" }, { "大一班", 24, 1, "" },
		{ "小（2）班", 22, 2, "" }, { "三(2)班班主任", 3, 2, "班主任" }, { "班主任(三2班)", 3, 2, "班主任()" },
		{ "三年级组长", 3, 0, "组长" }, { "六年级", 6, 0, "" }, { "初二年级", 8, 0, "" },
	};
	static const char *bad[] = { "12班", "班主任", "教导处", "大队辅导员", "三级教师", "小明", "高级教师", "",
				     "班", "三", "3", "1203", "初中部", "三楼" };
	struct arena *a = arena_new(MIB);
	struct class_no c;
	str rest;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!class_no_find(a, str_of(good[i].text), &c, &rest))
			fail_msg("%s was not read", good[i].text);
		assert_int_equal(c.grade, good[i].grade);
		assert_int_equal(c.no, good[i].no);
		assert_string_equal(str_c(a, rest), good[i].rest);
		struct class_no back;
		assert_true(class_no_is(a, class_no_name(a, c), &back));
		assert_int_equal(back.grade * 100 + back.no, c.grade * 100 + c.no);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (class_no_find(a, str_of(bad[i]), &c, &rest))
			fail_msg("%s was read as %d %d", bad[i], c.grade, c.no);
	arena_free(a);
}

static void resolve__classes_by_any_spelling(void **state)
{
	struct fix *f = *state;
	bool many;
	struct op op;

	make(f, "people", messy);
	take(f);
	instance_read(&f->in, &op);
	int64_t id = org_resolve(&op, f->t, REF_UNIT, STR("三(2)班"), &many);
	assert_true(id != 0);
	assert_int_equal(org_resolve(&op, f->t, REF_UNIT, STR("302班"), &many), id);
	assert_int_equal(org_resolve(&op, f->t, REF_UNIT, STR("三（2）班"), &many), id);
	assert_int_equal(org_resolve(&op, f->t, REF_UNIT, STR("三（3）班"), &many), 0);
	instance_read_end(&f->in, &op);
}

/* ---- what is guessed ---------------------------------------------------------- */

static size_t col_of(const struct import_draft *d, const char *field)
{
	for (size_t c = 0; c < d->column_n; c++)
		if (str_eq(d->column[c].field, str_of(field)))
			return c;
	fail_msg("no column means %s", field);
	return 0;
}

static void guess__headings_that_are_no_known_words(void **state)
{
	struct fix *f = *state;

	make(f, "people", "编 号,教师姓名,处室/年级组,职 务,任教班级及学科,家庭详细住址,入职年月\n"
			  "1,李静（女）,校长室,\"保安（东门、白班）\",三（1）班语文,某地,43709\n"
			  "2,王芳,校长室,校长,音乐,某地,2019.9\n");
	struct import_draft d = load(f);
	assert_int_equal(d.bad_n, 0);
	assert_true(str_eq(d.row[0].cell[col_of(&d, "unit")].text, STR("校长室")));
	assert_true(str_eq(d.row[0].cell[col_of(&d, "class")].text, STR("三（1）班语文")));
	assert_true(d.row[1].cell[col_of(&d, "class")].note.len > 0);	/* no class, and no fault */
	(void)col_of(&d, "joined");
	for (size_t c = 0; c < d.column_n; c++)	/* what nobody needs is not even kept */
		assert_true(str_find(d.column[c].title, STR("住址"), 0) < 0);
	take(f);
	struct org_view v = view(f);
	assert_true(holds(&v, "李静", "guard", "实验小学"));
}

static void guess__merged_cells_are_filled_down_and_said(void **state)
{
	struct fix *f = *state;

	make(f, "places", "楼 栋,楼层,场所名称,安全责任人\n"
			  "教学楼,一楼,一（1）班教室,\n,,操场器材室,\n,二楼,科学实验室,\n,,校 门,\n");
	struct import_draft d = load(f);
	size_t building = col_of(&d, "building"), floor = col_of(&d, "floor");
	assert_true(str_eq(d.row[3].cell[building].text, STR("教学楼")));
	assert_true(str_eq(d.row[1].cell[floor].text, STR("一楼")));
	assert_true(str_eq(d.row[3].cell[floor].text, STR("二楼")));
	(void)col_of(&d, "keeper:owner");
	assert_int_equal(d.left_out_n, 2);	/* both columns are said */
	take(f);
	struct org_view v = view(f);
	(void)place(&v, "校门");		/* without the blank that pads it */
}

static void guess__a_list_in_two_halves(void **state)
{
	struct fix *f = *state;

	make(f, "people", "姓名,岗位,手机,姓名,岗位,手机\n"
			  "李静,校长,13800000001,王芳,保安,13800000002\n赵强,保安,13800000003,,,\n");
	struct import_draft d = load(f);
	assert_int_equal(d.row_n, 3);
	assert_int_equal(d.bad_n, 0);
	assert_true(str_eq(d.row[1].cell[0].text, STR("王芳")));
}

static void guess__a_title_that_is_no_post_gets_a_proposal(void **state)
{
	struct fix *f = *state;
	struct import_words w = words;

	w.other_post = &posts[4];
	make(f, "people", "姓名,岗位\n李静,\"吹哨员、保安\"\n");
	struct import_draft d;
	struct op op;
	instance_read(&f->in, &op);
	ok(import_draft_load(&op, f->t, f->draft, &w, &d), &op);
	assert_true(d.row[0].bad);
	assert_true(str_eq(d.row[0].cell[1].propose, STR("任课教师、保安")));	/* 保安 is kept */
	instance_read_end(&f->in, &op);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(people__a_list_as_schools_write_it),
		TEST(people__phones_are_plain),
		TEST(people__refused_as_a_whole_mended_then_taken),
		TEST(people__good_rows_first_the_rest_stays),
		TEST(people__same_names_need_what_tells_them_apart),
		TEST(people__twice_the_same_list_makes_nobody_twice),
		TEST(people__columns_can_be_told),
		TEST(people__no_heading_says_what_is_looked_for),
		TEST(places__tree_kinds_and_keepers),
		TEST(places__twins_and_codes),
		TEST(template__reads_back_as_nothing_to_import),
		cmocka_unit_test(class_no__spellings),
		TEST(resolve__classes_by_any_spelling),
		TEST(guess__headings_that_are_no_known_words),
		TEST(guess__merged_cells_are_filled_down_and_said),
		TEST(guess__a_list_in_two_halves),
		TEST(guess__a_title_that_is_no_post_gets_a_proposal),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
