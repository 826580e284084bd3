/* The pages of a day: sign-in, tasks, report, record, list, form. See preview.h. */
#include "preview.h"

#include "gen/html_activate.h"
#include "gen/html_activate_password.h"
#include "gen/html_first_run.h"
#include "gen/html_form_page.h"
#include "gen/html_list.h"
#include "gen/html_login.h"
#include "gen/html_receipt_page.h"
#include "gen/html_record.h"
#include "gen/html_snap.h"
#include "gen/html_tasks.h"

static const struct html_nav_group nav[] = {
	{ ROWS(nav_item, items,
		{ .url = S("/cockpit"), .icon = S("layout-dashboard"), .label = S("学校驾驶舱") },
		{ .url = S("/tasks"), .icon = S("checklist"), .label = S("我的任务"), .count = S("8"),
			.current = true }) },
	{ .title = S("闭环"), ROWS(nav_item, items,
		{ .url = S("/report"), .icon = S("camera"), .label = S("随手拍") },
		{ .url = S("/loops/hazard"), .icon = S("rotate-clockwise"), .label = S("隐患"),
			.count = S("7"),
		  .tone = S("n-red") },
		{ .url = S("/loops/inspection"), .icon = S("clipboard-check"),
			.label = S("巡查检查") }) },
	{ .title = S("责任"), ROWS(nav_item, items,
		{ .url = S("/grid"), .icon = S("sitemap"), .label = S("责任网格"), .count = S("9"),
			.tone = S("n-red") },
		{ .url = S("/people"), .icon = S("users"), .label = S("人员") },
		{ .url = S("/places"), .icon = S("map-pin"), .label = S("区域") },
		{ .url = S("/packs"), .icon = S("book-2"), .label = S("制度方案") }) },
	{ .title = S("记录"), ROWS(nav_item, items,
		{ .url = S("/year"), .icon = S("calendar-event"), .label = S("年度安排") },
		{ .url = S("/ledger"), .icon = S("database"), .label = S("台账存证") }) },
};

static const struct html_hat hats[] = {
	{ .id = S("1"), .label = S("三(2)班班主任"), .current = true },
	{ .id = S("2"), .label = S("语文教师") },
};
static const struct html_crumb crumbs[] = {
	{ .label = S("隐患"), .url = S("/loops/hazard") },
	{ .label = S("YH-2026-0921") },
};

struct html_shell preview_shell(str title, str theme)
{
	return (struct html_shell){ .title = title, .theme = theme, .who = S("p1"), .csrf = S("t"),
		.here = S("/tasks"),
		.unit = S("青澜区实验小学"), .person = S("许嘉宁"), .person_mark = S("嘉宁"),
			.hat = S("三(2)班班主任"),
		.hats = hats, .hats_n = 2, .nav = nav, .nav_n = sizeof(nav) / sizeof(nav[0]),
			.crumbs = crumbs,
		.crumbs_n = 2, .unread = 2, .tab_tasks = true,
			.clock = S("2026 年 11 月 18 日 08:00") };
}

static void page_login(struct buf *out, str theme)
{
	html_login(out, &(struct html_login){ .door = { .title = S("登录"), .theme = theme,
		.unit = S("青澜区实验小学") },
		.login = S("safety.sy"), .error = S("账号或密码不对，请核对后再试。") });
}

static void page_activate(struct buf *out, str theme)
{
	html_activate(out, &(struct html_activate){ .door = { .title = S("用启用条激活账号"),
		.theme = theme,
		.unit = S("青澜区实验小学") }, .code = S("7K2M-Q9TX-4HWA") });
}

static void page_activate_password(struct buf *out, str theme)
{
	html_activate_password(out, &(struct html_activate_password){ .door = { .title = S("设置密码"),
		.theme = theme,
		.unit = S("青澜区实验小学") }, .person = S("许嘉宁"), .post = S("三(2)班班主任"),
			.login = S("teacher1.sy") });
}

static void page_first_run(struct buf *out, str theme)
{
	html_first_run(out, &(struct html_first_run){ .door = { .title = S("开始使用闭环"),
		.theme = theme } });
}

static const struct html_burden burden = { .minutes = S("12"), .cap = S("15"), .percent = 80,
	.bars_label = S("记录用时：周一 2 分，周二 3 分，周三 3 分已用 1 分"), ROWS(bar, bars,
		{ .day = S("一"), .planned = 50, .done = 50 }, { .day = S("二"), .planned = 75,
			.done = 75 },
		{ .day = S("三"), .planned = 75, .done = 25, .now = true }, { .day = S("四"),
			.planned = 25 },
		{ .day = S("五"), .planned = 75 }),
	.summary = S("做 1 小时 26 分 · 记 12 分"), .saved = S("已为您省 42 分钟"),
	.saved_how = S("11 项要求合并为 6 次记录，2 项由系统自动生成") };

static const struct html_task_row today[] = {
	{ .url = S("/tasks/1"), .title = S("放学前提醒：用火用电安全"), .icon = S("speakerphone"),
		.min = S("做 1 分 · 记 1 分"),
	  .due = S("今天 16:25 前"), ROWS(task_fact, facts, { .text = S("岗位清单第 4 条") }), .merged = 3,
	  ROWS(merge_line, merges, { .text = S("闭环方案 3.4.1 “1530” 安全教育") },
		{ .text = S("十一月主题 消防安全 第 2 项") }, { .text = S("学校消防安全管理规定 宣传教育") }),
	  .finish = ONE(post_act, .url = S("/records"), .label = S("已讲，记录"), .icon = S("check"),
		.kind = S("btn-primary")),
	  ROWS(act, acts, { .url = S("/x"), .label = S("看讲稿") }) },
	{ .url = S("/tasks/2"), .title = S("午检与缺课追踪"), .icon = S("mood-sick"),
		.min = S("做 2 分 · 记 1 分"),
	  .due = S("今天 13:40 前"), ROWS(task_fact, facts, { .text = S("缺课追踪第 2 条") }),
	  .known = S("晨检已带入：应到 46，实到 45，病假 1（家长已确认）") },
	{ .url = S("/tasks/3"), .title = S("课间楼梯值守 · B 座东楼梯二层"), .icon = S("stairs"),
		.min = S("做 20 分 · 记 0 分"),
	  .due = S("今天 10:05–10:25"), ROWS(task_fact, facts, { .text = S("值班表 · 德育处") }) },
};
static const struct html_task_row week[] = {
	{ .url = S("/tasks/4"), .title = S("班级教室安全自查（12 项）"), .icon = S("clipboard-check"),
	  .min = S("做 5 分 · 记 1 分"), .due = S("周五前"), ROWS(task_fact, facts,
		{ .text = S("区域责任人 · 每周") }),
	  .merged = 2, ROWS(merge_line, merges, { .text = S("闭环方案 3.3.1 每周自查") },
		{ .text = S("班主任责任书 第 3 条") }) },
	{ .url = S("/tasks/5"), .title = S("消防月家长信回执"), .icon = S("file-text"),
		.min = S("做 2 分 · 记 1 分"),
	  .due = S("周四前"), ROWS(task_fact, facts, { .text = S("十一月主题 第 5 项") }),
	  .progress = ONE(meter, .percent = 85, .label = S("已回 39 份，共 46 份")),
		.progress_text = S("39 / 46 已回") },
	{ .url = S("/tasks/6"), .title = S("签署《班主任安全责任书》"), .icon = S("writing-sign"),
	  .min = S("做 3 分 · 记 1 分"), .due = S("周五前"), ROWS(task_fact, facts,
		{ .text = S("一岗双责 · 每学年") }) },
};

static const struct html_tasks tasks_page = {
	.greeting = S("许老师，早上好"), .sub = S("11 月 18 日 星期三 · 第 12 周 · 三(2)班班主任"), .burden = &burden,
	ROWS(tab, tabs, { .url = S("?"), .id = S("all"), .label = S("全部 7"), .current = true },
		{ .url = S("?g=late"), .id = S("late"), .label = S("逾期 1"), .red = true },
		{ .url = S("?g=today"), .id = S("today"), .label = S("今天 3") },
		{ .url = S("?g=week"), .id = S("week"), .label = S("本周 3") }),
	ROWS(task_group, groups,
		{ .id = S("late"), .title = S("逾期"), .note = S("1"), .tone = S("red"),
			ROWS(task_row, rows,
			{ .url = S("/records/1"), .title = S("复查：三(2)班后门闭门器失效"), .late = true,
			  .ring = ONE(loop_ring, .stage = 4, .state = S("is-late"),
				.label = S("闭环进度 4/5：复查")),
			  .min = S("做 3 分 · 记 1 分"), .due = S("应于昨天 17:00 前"),
			  ROWS(task_fact, facts, { .text = S("您是本隐患复查人") }),
			  ROWS(act, acts, { .url = S("/records/1#next"), .label = S("复查"),
				.icon = S("check"),
				.kind = S("btn-primary") }, { .url = S("/records/1#ask"),
					.label = S("申请延期") }) }) },
		{ .id = S("today"), .title = S("今天"), .note = S("3 项 · 做 23 分 · 记 2 分"),
			.rows = today, .rows_n = 3 },
		{ .id = S("week"), .title = S("本周内"), .note = S("3 项 · 做 10 分 · 记 3 分"),
			.rows = week, .rows_n = 3 }),
	ROWS(done_row, done, { .url = S("/r"), .label = S("晨检：应到 46，实到 45"), .at = S("07:52") },
		{ .url = S("/r"), .label = S("校门护学岗（东门）"), .at = S("07:45") }), .done_count = 2,
	ROWS(area_row, areas, { .url = S("/p"), .label = S("三(2)班教室"), .status = ONE(tag,
		.label = S("本周未自查"), .tone = S("amber")) },
		{ .url = S("/p"), .label = S("B 座二层东侧走廊（协管）"), .status = ONE(tag, .label = S("正常"),
			.tone = S("green")) }),
	.areas_note = S("2 处"),
	ROWS(pair, sources, { .term = S("岗位清单"), .value = S("4 项 · 班主任岗位") },
		{ .term = S("本月主题"), .value = S("2 项 · 消防安全") }, { .term = S("隐患"),
			.value = S("1 项 · 复查人") }),
};

static void page_tasks(struct buf *out, str theme)
{
	struct html_tasks v = tasks_page;
	v.shell = preview_shell(STR("我的任务"), theme);
	v.shell.crumbs = &crumbs[1];
	v.shell.crumbs_n = 0;
	html_tasks(out, &v);
}

static void page_tasks_empty(struct buf *out, str theme)
{
	struct html_tasks v = { .shell = preview_shell(STR("我的任务"), theme),
		.greeting = S("周老师，下午好"),
		.sub = S("11 月 18 日 星期三"), .next_note = S("下一件在周五：班级教室安全自查") };
	v.shell.toast = ONE(toast, .message = S("已记录：放学前提醒"), .undo_url = S("/records/1/undo"));
	html_tasks(out, &v);
}

#define OPT(v, l) { .value = S(v), .label = S(l) }
#define CHIP(n, v, l, i) { .name = S(n), .value = S(v), .label = S(l), .icon = S(i) }

static const struct html_field photos = { .id = S("f-photos"), .name = S("f.photos"),
	.label = S("现场照片"),
	.note = S("可不拍"), .is_files = true, .value = S("拍照或选图"), .max_files = 9,
		.accept = S("image/*"),
	.camera = true };
static const struct html_field place = { .id = S("f-place"), .name = S("f.place"), .label = S("区域"),
	.need = true,
	.is_search = true, ROWS(chip, chips,
		{ .name = S("f.place"), .value = S("1"), .label = S("三(2)班教室"), .on = true },
		CHIP("f.place", "2", "B 座二层东侧走廊", ""), CHIP("f.place", "3", "东门", ""),
		CHIP("f.place", "4", "操场", ""), CHIP("f.place", "5", "食堂", "")),
	ROWS(opt, options, OPT("B2-E07", "B 座二层东侧走廊"), OPT("W-N03", "北围墙")) };
static const struct html_field what = { .id = S("f-what"), .name = S("f.what"), .label = S("隐患情况"),
	.note = S("一句话即可"), .need = true, .is_area = true, .max_length = 500,
	.phrases = (const str[]){ S("已联系责任人"), S("已设警示") }, .phrases_n = 2 };
static const struct html_field category = { .id = S("f-cat"), .name = S("f.category"),
	.label = S("类别"),
	.note = S("按区域猜测，可改"), .is_chips = true, ROWS(chip, chips,
		{ .name = S("f.category"), .value = S("fire"), .label = S("消防"), .icon = S("flame"),
			.on = true },
		CHIP("f.category", "power", "用电", "bolt"), CHIP("f.category", "building", "建筑",
			"building"),
		CHIP("f.category", "gear", "设施设备", "tools"), CHIP("f.category", "food", "食品",
			"tools-kitchen-2"),
		CHIP("f.category", "traffic", "交通", "bus"), CHIP("f.category", "other", "其他",
			"dots")) };
static const struct html_field small = { .id = S("f-small"), .name = S("f.small"),
	.label = S("小问题"), .is_box = true,
	.help = S("不影响安全，顺手就能修好") };

static void page_snap(struct buf *out, str theme)
{
	struct html_snap v = { .shell = preview_shell(STR("隐患随手拍"), theme), .heading = S("隐患随手拍"),
		.url = S("/report"),
		.draft = S("hazard.report"), .photos = &photos, .place = &place,
		.fields = (const struct html_field[]){ what, small }, .fields_n = 2,
			.more = &category, .more_n = 1,
		.alt_url = S("/report?step=fix-now"), .alt_label = S("现场已处理完"),
		.alt_help = S("按立即整改登记，可补一张“整改后”，也可不补"),
		.destiny = S("将由安全办核定等级，同时告知方知远（区域责任人）"), .button = S("提交") };
	v.shell.back = STR("/tasks");
	v.shell.no_tabs = v.shell.has_act = true;
	html_snap(out, &v);
}

static void page_receipt(struct buf *out, str theme)
{
	struct html_receipt_page v = { .shell = preview_shell(STR("已上报"), theme),
		.receipt = ONE(receipt,
		.number = S("YH-2026-0922"), .label = S("隐患已上报"), .what = S("东门 · 东门伸缩门轨道变形"),
		.next = S("安全办将在 11 月 19 日前核定；每一步都会告诉您。"), .again_label = S("再报一条"),
			.again_url = S("/report"),
		.url = S("/r"), .undo = ONE(post_act, .url = S("/u"), .label = S("撤销"),
			.kind = S("btn-sm")),
		.undo_note = S("1 分钟内可撤销"), .satisfied = ONE(preview, .n = 1, .after = true,
			ROWS(hit, hits,
			{ .label = S("闭环方案 3.3.4 随时上报"), .reason = S("谁都可以上报，随步骤计入"),
				.credited = true }))) };
	html_receipt_page(out, &v);
}

static const struct html_who safety = { .name = S("陶砚秋"), .mark = S("陶") };
static const struct html_who logistics = { .name = S("邱大川"), .mark = S("邱"), .tone = S("c") };
static const struct html_who guard = { .name = S("孙长福"), .mark = S("孙"), .tone = S("b") };

static const struct html_tl_item timeline[] = {
	{ .icon = S("calendar-event"), .future = true, .title = S("复查"), .at = S("11 月 21 日前"),
	  .said = S("复查人 陶砚秋。合格后销号。") },
	{ .icon = S("tools"), .tone = S("now"), .title = S("整改完成"), .at = S("11 月 17 日 16:40"),
		.who = &logistics,
	  .post = S("总务主任"), .said = S("斜撑间距已改为 1.4 米，警示牌补齐。"),
	  ROWS(photo, photos, { .url = S("/photos/wall-guard.jpg"),
		.thumb = S("/photos/wall-guard.jpg"),
		.alt = S("围挡和斜撑"), .label = S("整改后"), .after = true, .note = S("11-17 16:38") }) },
	{ .icon = S("rotate"), .tone = S("bad"), .title = S("退回重改"), .at = S("10 月 28 日 14:20"),
		.who = &safety,
	  .post = S("安全办主任"), .said = S("斜撑间距 2.4 米，方案要求不超过 1.5 米；警示牌缺 1 块。") },
	{ .icon = S("gavel"), .tone = S("ok"), .title = S("核定派单"), .at = S("9 月 21 日 08:05"),
		.who = &safety,
	  .post = S("安全办主任"), ROWS(fact, facts, { .label = S("等级"), .value = S("重大"),
		.old = S("一般"),
		.old_why = S("复测后改定") }, { .label = S("期限"), .value = S("12 月 10 日") }) },
	{ .icon = S("camera"), .tone = S("ok"), .title = S("上报"), .at = S("9 月 21 日 07:38"),
		.who = &guard,
	  .post = S("门卫"), .behalf = S("孙长福口述，陶砚秋代录"), .at_note = S("补录") },
};

static const struct html_step_form verify = { .id = S("s-verify"), .url = S("/records/1/steps"),
	.draft = S("v"),
	.fields = (const struct html_field[]){
		{ .id = S("f-effect"), .name = S("f.effect"), .label = S("复查结果"), .need = true,
			.is_chips = true,
		  ROWS(chip, chips, CHIP("f.effect", "good", "已消除", ""), CHIP("f.effect", "held",
			"已控制", "")) },
		{ .id = S("f-after"), .name = S("f.after_photos"), .label = S("整改后照片"),
			.note = S("可不拍"), .is_files = true,
		  .value = S("拍照或选图"), .max_files = 9, .accept = S("image/*") } }, .fields_n = 2,
	.preview = ONE(preview, .n = 2, ROWS(hit, hits,
		{ .id = S("o1"), .label = S("闭环方案 7.5 隐患复查"), .reason = S("同一区域，在复查期限内"),
			.on = true },
		{ .label = S("闭环方案 7.5d 整改人与复查人分开"), .reason = S("随步骤计入"), .credited = true }),
		ROWS(almost, almosts, { .label = S("十一月围墙专项检查"), .why = S("区域不同：要求的是东围墙") })),
	.can_preview = true, .button = S("复查合格，销号"), .button_icon = S("check"),
		.button_kind = S("btn-primary") };
static const struct html_step_form give_back = { .id = S("s-return"), .url = S("/records/1/steps"),
	.fields = (const struct html_field[]){
		{ .id = S("f-reason"), .name = S("f.reason"), .label = S("理由"), .need = true,
			.is_area = true,
		  .error = S("请写明哪里不合格，整改人要照着改。") },
		{ .id = S("f-due"), .name = S("f.due_on"), .label = S("整改期限"), .need = true,
			.is_line = true, .is_date = true,
		  .value = S("2026-11-25") } }, .fields_n = 2,
	.button = S("退回重改"), .button_kind = S("btn-danger") };

static const struct html_record record_page = {
	.banner_bold = S("重大隐患"), .banner = S("负责人 沈立衡"), .banner_tone = S("red"),
	.banner_icon = S("alert-triangle"), .due_text = S("复查期限 11 月 21 日"), .due_left = S("剩 3 天"),
	.number = S("YH-2026-0921"), .heading = S("北侧围墙约 12 米段倾斜开裂"),
	ROWS(tag, tags, { .label = S("重大"), .tone = S("solid-red"), .icon = S("alert-triangle") },
		TAG("限期整改", "line"), TAG("建筑", "line")),
	ROWS(task_fact, metas, { .text = S("北围墙 W-N03") }, { .text = S("发现至今 58 天") },
		{ .text = S("已退回 1 次") }),
	.print_url = S("/print"), .mend = ONE(mend, .undo_url = S("/u"),
		.undo_label = S("撤销刚才的“整改完成”，还剩 40 秒"),
		.void_url = S("/v"), .void_note = S("编号保留"), .correct_url = S("/c")),
	ROWS(stage, stages, { .n = 1, .label = S("发现"), .date = S("9-21"), .who = S("孙长福 · 门卫"),
		.done = true },
		{ .n = 2, .label = S("派单"), .date = S("9-21"), .who = S("陶砚秋 · 安全办"),
			.done = true },
		{ .n = 3, .label = S("整改"), .date = S("11-17"), .who = S("邱大川 · 总务"),
			.done = true },
		{ .n = 4, .label = S("复查"), .date = S("限 11-21"), .who = S("陶砚秋 · 安全办"),
			.now = true },
		{ .n = 5, .label = S("销号") }),
	ROWS(fold_form, steps,
		{ .id = S("verify"), .label = S("复查合格"), .hint = S("合格即销号"),
			.icon = S("circle-check"), .open = true,
		  .form = &verify },
		{ .id = S("return"), .label = S("退回重改"), .icon = S("rotate"), .form = &give_back }),
	.steps_note = S("您是复查人"),
	ROWS(photo, before, { .url = S("/photos/wall-before.jpg"),
		.thumb = S("/photos/wall-before.jpg"),
		.alt = S("整改前：墙体裂缝"), .label = S("整改前"), .note = S("9-21 07:38 · 孙长福") },
		{ .url = S("/photos/wall-guard.jpg"), .thumb = S("/photos/wall-guard.jpg"),
			.alt = S("整改后：隔离和斜撑"),
		  .label = S("整改后"), .after = true, .note = S("11-17 16:38 · 邱大川") }),
			.photos_note = S("共 9 张"),
	ROWS(fact, facts, { .label = S("区域"), .value = S("北围墙 W-N03"), .value_url = S("/p") },
		{ .label = S("隐患情况"), .value = S("北侧围墙约 12 米段向内倾斜，墙体贯通裂缝，紧邻学生通道。") },
		{ .label = S("等级"), .value = S("重大"), .old = S("一般"),
			.old_why = S("陶砚秋 9 月 21 日：复测倾斜 3.1%") },
		{ .label = S("资金"), .value = S("18.6 万元") }, { .label = S("整改措施"),
			.value = S("钢斜撑加固并注浆") }),
	.timeline = timeline, .timeline_n = sizeof(timeline) / sizeof(timeline[0]),
		.timeline_note = S("5 条，最新在前"),
	.oversee = ONE(oversee, .why = S("复查已到期 1 天。按规定告知您督促，但不能代为复查。"), .url = S("/o"),
		.owner = S("陶砚秋"), .owner_note = S("办理人 陶砚秋"), ROWS(opt, takers, OPT("1", "贺文清"))),
	.proof = ONE(proof, .number = S("18,204"), .digest = S("9f3c 7be1 … a12e"), .checked = true,
		.ok = true,
		.checked_at = S("11 月 18 日 09:12"), .url = S("/ledger")),
	.satisfied_count = 2, ROWS(satisfied, satisfied, { .label = S("闭环方案 3.3.4 隐患闭环"),
		.reason = S("随步骤计入") },
		{ .label = S("十月 围墙专项检查"), .reason = S("同一区域，期限内"), .url = S("/o") }),
	ROWS(almost, almosts, { .label = S("第四季度排查"), .why = S("时间不在期内") }),
	ROWS(blocked, blocked, { .label = S("同意延期"), .why = S("整改人还没有申请延期") }),
	ROWS(linked, links, { .url = S("/r"), .number = S("YH-2026-0311"), .label = S("北围墙下沉"),
		.how = S("90 天内同处再次发现"),
		.ring = ONE(loop_ring, .stage = 5, .label = S("已销号")) }),
	ROWS(pair, clauses, { .term = S("S1-3.3.4"), .value = S("发现隐患随时上报，限期整改，复查销号") }),
	.act_label = S("复查"), .act_url = S("#next"),
};

static void page_record(struct buf *out, str theme)
{
	struct html_record v = record_page;
	v.shell = preview_shell(STR("YH-2026-0921"), theme);
	v.shell.back = STR("/loops/hazard");
	v.shell.no_tabs = v.shell.has_act = true;
	html_record(out, &v);
}

static const struct html_list list_page = {
	.heading = S("隐患"), .sub = S("未闭环 7 条 · 逾期 2 条"), .new_url = S("/report"),
		.new_label = S("上报"),
	.csv_url = S("?csv"), .print_url = S("?print"), .filter_url = S("/loops/hazard"),
	ROWS(chip_link, states, { .url = S("?"), .label = S("未闭环 7"), .current = true },
		{ .url = S("?s=late"), .label = S("逾期 2"), .red = true }, { .url = S("?s=all"),
			.label = S("全部") }),
	ROWS(filter_select, filters, { .name = S("category"), .label = S("类别"), ROWS(opt, options,
		OPT("fire", "消防")) },
		{ .name = S("grade"), .label = S("等级"), ROWS(opt, options, OPT("major", "重大")) }),
	ROWS(rec_row, rows,
		{ .url = S("/r"), .number = S("YH-2026-0921"), .title = S("北侧围墙约 12 米段倾斜开裂"),
		  .ring = ONE(loop_ring, .stage = 3, .label = S("3/5")), ROWS(tag, tags,
			{ .label = S("重大"),
			.tone = S("solid-red"), .icon = S("alert-triangle") }), ROWS(task_fact,
				facts, { .text = S("北围墙") },
			{ .text = S("整改中") }), .left = S("剩 22 天"), .who = S("邱大川") },
		{ .url = S("/r"), .number = S("YH-2026-0919"), .title = S("三(2)班后门闭门器失效"),
		  .ring = ONE(loop_ring, .stage = 4, .state = S("is-late"), .label = S("4/5")),
		  ROWS(tag, tags, TAG("一般", "blue")), ROWS(task_fact, facts,
			{ .text = S("三(2)班教室") },
			{ .text = S("待复查") }), .left = S("逾期 1 天"), .left_tone = S("red"),
				.who = S("许嘉宁") },
		{ .url = S("/r"), .number = S("YH-2026-0917"), .title = S("综合楼配电箱门未关，线头外露"),
		  .ring = ONE(loop_ring, .stage = 1, .state = S("is-warn"), .label = S("1/5")),
		  ROWS(task_fact, facts, { .text = S("综合楼一层") }, { .text = S("待核定") }),
			.left = S("今天到期"),
		  .left_tone = S("amber"), .who = S("安全办") },
		{ .url = S("/r"), .number = S("YH-2026-0902"), .title = S("消火栓箱前堆放课桌"),
		  .ring = ONE(loop_ring, .stage = 5, .label = S("已销号")), ROWS(tag, tags, TAG("一般",
			"blue")),
		  ROWS(task_fact, facts, { .text = S("B 座二层东侧走廊") }, { .text = S("已销号") }),
			.left = S("9 月 20 日"),
		  .who = S("方知远") }),
	.shown = S("第 1–4 条，共 4 条"), .next_url = S("?after=x"),
};

static void page_list(struct buf *out, str theme)
{
	struct html_list v = list_page;
	v.shell = preview_shell(STR("隐患"), theme);
	html_list(out, &v);
}

static const struct html_cell_row form_rows[] = {
	{ ROWS(cell, cells, { .name = S("f.items.0.what"), .label = S("问题"), .is_line = true,
		.value = S("灭火器压力低") },
		{ .name = S("f.items.0.n"), .label = S("数量"), .is_line = true, .is_number = true,
			.value = S("2") },
		{ .name = S("f.items.0.result"), .label = S("结果"), .is_select = true, ROWS(opt,
			options, OPT("bad", "有问题")) },
		{ .name = S("f.items.0.ok"), .label = S("已换"), .is_box = true, .on = true }) },
};
static const struct html_field form_fields[] = {
	{ .id = S("f1"), .name = S("f.title"), .label = S("演练名称"), .need = true, .is_line = true,
		.value = S("全校消防疏散演练"),
	  .max_length = 100 },
	{ .id = S("f2"), .name = S("f.at"), .label = S("开始时间"), .need = true, .is_line = true,
		.is_instant = true,
	  .value = S("2026-11-18T14:30"), .error = S("时间在将来，做完再填。") },
	{ .id = S("f3"), .name = S("f.leader"), .label = S("总指挥"), .is_select = true,
		.long_list = true,
	  ROWS(opt, options, OPT("1", "沈立衡 · 校长"), OPT("2", "贺文清 · 副校长")) },
	{ .id = S("f4"), .name = S("f.people"), .label = S("参加人员"), .is_people = true,
		.marks_note = S("应到 67，实到 66"),
	  ROWS(mark, marks, { .name = S("f.people"), .value = S("1"), .label = S("沈立衡"),
		.on = true },
		{ .name = S("f.people"), .value = S("2"), .label = S("贺文清"), .on = true },
		{ .name = S("f.people"), .value = S("3"), .label = S("陶砚秋") }) },
	{ .id = S("f5"), .name = S("f.seconds"), .label = S("疏散用时"), .is_line = true,
		.is_number = true, .unit = S("秒"),
	  .value = S("186"), .help = S("从警报响到最后一班报到") },
	{ .id = S("f6"), .name = S("f.items"), .label = S("问题清单"), .is_rows = true, ROWS(head_cell,
		heads,
		{ .label = S("问题") }, { .label = S("数量") }, { .label = S("结果") },
			{ .label = S("已换") }),
	  .rows = form_rows, .rows_n = 1 },
	{ .id = S("f7"), .name = S("f.checks"), .label = S("检查表"), .is_checks = true,
		ROWS(check_item, checks,
		{ .name = S("f.checks.a"), .title = S("安全出口畅通，未上锁"), .clause = S("消防检查 第 3 条"),
			.good = true },
		{ .name = S("f.checks.b"), .title = S("应急灯完好"), .bad = true, .note = S("三层东侧不亮") },
		{ .name = S("f.checks.c"), .title = S("消火栓无遮挡"),
			.carried = S("11 月 17 日已查，带入") }) },
	{ .id = S("f8"), .name = S("f.sign"), .label = S("签字"), .is_signs = true, ROWS(sign_slot,
		signs,
		{ .name = S("f.sign.0"), .role = S("校长"), .person = S("沈立衡"),
			.signed_at = S("11-18 10:02 屏幕") },
		{ .name = S("f.sign.1"), .role = S("安全办主任"), .person = S("陶砚秋"), .mine = true,
			.screen = true, .paper = true }) },
	{ .id = S("f11"), .name = S("f.rows"), .label = S("区域"), .is_cards = true, ROWS(card, cards,
		{ .title = S("三(2)班教室"),
		ROWS(hidden, hidden, { .name = S("f.rows.0.place"), .value = S("1") }), ROWS(cell,
			cells,
		{ .name = S("f.rows.0.result"), .label = S("结果"), .is_chips = true, ROWS(chip,
			chips,
		{ .name = S("f.rows.0.result"), .value = S("good"), .label = S("正常"), .on = true },
		CHIP("f.rows.0.result", "bad", "有问题", ""), CHIP("f.rows.0.result", "not-there",
			"没进去", "")) },
		{ .name = S("f.rows.0.note"), .label = S("说明"), .is_line = true }), ROWS(check_item,
			checks,
		{ .name = S("f.rows.0.items.0"), .item = S("a"), .title = S("地面平整") }),
			.checks_note = S("逐项核对 8 项") }) },
	{ .id = S("f9"), .name = S("f.note"), .label = S("讲评"), .is_area = true },
	{ .id = S("f10"), .name = S("f.total"), .label = S("问题数"), .is_shown = true,
		.value = S("1 项") },
};

static void page_form(struct buf *out, str theme)
{
	struct html_form_page v = { .shell = preview_shell(STR("演练"), theme), .heading = S("记一次演练"),
		.sub = S("做 30 分 · 记 3 分"), .basis = S("依据：闭环方案 3.4.2 每月一练"), .form = ONE(step_form,
			.id = S("s"), .url = S("/x"), .fields = form_fields,
			.fields_n = sizeof(form_fields) / sizeof(form_fields[0]),
			ROWS(field_error, errors, { .id = S("f2"),
				.message = S("开始时间：时间在将来，做完再填。") }),
			.ask_password = true, .button = S("提交"), .button_kind = S("btn-primary"),
				.can_preview = true) };
	v.shell.back = STR("/tasks");
	html_form_page(out, &v);
}

const struct preview preview_day[] = {
	{ "login", page_login }, { "activate", page_activate }, { "activate_password",
		page_activate_password },
	{ "first_run", page_first_run }, { "tasks", page_tasks }, { "tasks_empty",
		page_tasks_empty },
	{ "snap", page_snap }, { "receipt", page_receipt }, { "record", page_record }, { "list",
		page_list },
	{ "form", page_form }, { NULL, NULL },
};
