/*
 * The pages of the unit: grid, set-up, cockpit, year, pack reader, people and places. See
 * preview.h.
 */
#include "preview.h"

#include "gen/html_assign.h"
#include "gen/html_cockpit.h"
#include "gen/html_grid.h"
#include "gen/html_handover.h"
#include "gen/html_pack.h"
#include "gen/html_people.h"
#include "gen/html_person.h"
#include "gen/html_place.h"
#include "gen/html_places.h"
#include "gen/html_wiz_calendar.h"
#include "gen/html_wiz_done.h"
#include "gen/html_wiz_import.h"
#include "gen/html_wiz_packs.h"
#include "gen/html_wiz_posts.h"
#include "gen/html_wiz_unit.h"
#include "gen/html_wiz_upload.h"
#include "gen/html_year.h"

#define WHO(n, m, t) { .who = ONE(who, .name = S(n), .mark = S(m), .tone = S(t)) }
#define GAP(c, s, t) { .gap_code = S(c), .gap_sev = S(s), .gap_text = S(t), \
	.gap_url = S("/assign") }
#define TICK { .ok = true, .ok_label = S("已贴") }
#define SIGNED { .text = S("已签") }
#define FIX(l) .fix = ONE(post_act, .url = S("/keepers"), .label = S(l), \
	.kind = S("btn-sm btn-primary"))

static const struct html_hole holes[] = {
	{ .code = S("G101"), .sev = S("e"), .title = S("操场器材室 无区域责任人、无日查人"),
	  .why = S("闭环方案 3.3.3：每一区域必须有责任人"), .suggest = S("韩劲松"), .suggest_why = S("同区域，每周记 8 分"),
	  FIX("指派韩劲松") },
	{ .code = S("G101"), .sev = S("e"), .title = S("地下水泵房配电间 无日查人"), .why = S("重大风险区域应每日巡查"),
	  .suggest = S("李根生"), .suggest_why = S("夜班水电工，记 6 分"), FIX("指派李根生") },
	{ .code = S("G102"), .sev = S("e"), .title = S("食堂留样间 责任人周立群已于 8 月调离"), .why = S("责任书随之失效"),
	  .suggest = S("马桂芳"), .suggest_why = S("食堂管理员，已兼日查"), FIX("改派马桂芳") },
	{ .code = S("G203"), .sev = S("w"), .title = S("B 座三层 日查与复查为同一人"), .why = S("自查自验不算复查"),
	  .suggest = S("陶砚秋"), .suggest_why = S("同楼复查人"), FIX("换复查人") },
	{ .code = S("G305"), .sev = S("w"), .title = S("2 处责任书未签"),
	  .way = ONE(act, .url = S("/x"), .label = S("催签"), .kind = S("btn-sm")) },
	{ .code = S("G301"), .sev = S("i"), .title = S("2 处铭牌未贴"),
	  .way = ONE(act, .url = S("/plaques"), .label = S("打印"), .kind = S("btn-sm")) },
};
#define HOLES .holes = holes, .holes_n = sizeof(holes) / sizeof(holes[0])
#define COUNTS ROWS(tag, counts, TAG("3 错误", "red"), TAG("4 警告", "amber"), TAG("2 提示", "blue"))
#define LOW ONE(tag, .label = S("低"), .tone = S("blue"))
#define MID ONE(tag, .label = S("一般"), .tone = S("line"))
#define HIGH ONE(tag, .label = S("较大"), .tone = S("amber"))
#define TOP ONE(tag, .label = S("重大"), .tone = S("red"))

static const struct html_grid_section sections[] = {
	{ .label = S("A 座教学楼"), .note = S("8 区 · 无缺口"), .url = S("?open=1"), .whole = true,
		.folded = true, .span = 9 },
	{ .label = S("B 座教学楼"), .note = S("9 区 · 1 缺口"), .url = S("?open=2"), .span = 9,
		ROWS(grid_row, rows,
		{ .url = S("/p"), .label = S("一层 大厅与楼梯"), .risk = LOW, ROWS(grid_cell, cells,
			{ .text = S("林若兰") },
			{ .text = S("陶砚秋") }, WHO("方知远", "方", "c"), WHO("孙长福", "孙", ""), WHO("陶砚秋",
				"陶", ""),
			TICK, SIGNED) },
		{ .url = S("/p"), .label = S("三层 教室与连廊"), .sev = S("w"), .risk = MID,
			ROWS(grid_cell, cells,
			{ .text = S("林若兰") }, { .text = S("陶砚秋") }, WHO("梁以宁", "梁", "b"), WHO("梁以宁",
				"梁", "b"),
			GAP("G203", "w", "同日查人"), TICK, SIGNED) }) },
	{ .label = S("综合楼"), .note = S("8 区 · 3 缺口"), .url = S("?open=3"), .span = 9, ROWS(grid_row,
		rows,
		{ .url = S("/p"), .label = S("一层 食堂留样间"), .sev = S("e"), .risk = HIGH,
			ROWS(grid_cell, cells,
			{ .text = S("贺文清") }, { .text = S("邱大川") }, GAP("G102", "e", "周立群已调离"),
				WHO("马桂芳", "马", ""),
			WHO("邱大川", "邱", "c"), TICK, { .text = S("失效"), .tone = S("red") }) },
		{ .url = S("/p"), .label = S("地下 水泵房配电间"), .sev = S("e"), .risk = TOP,
			ROWS(grid_cell, cells,
			{ .text = S("贺文清") }, { .text = S("邱大川") }, WHO("邱大川", "邱", "c"),
				GAP("G101", "e", "无日查人"),
			WHO("贺文清", "贺", "b"), TICK, SIGNED) },
		{ .url = S("/p"), .label = S("三层 科学实验室"), .sev = S("i"), .risk = HIGH,
			ROWS(grid_cell, cells,
			{ .text = S("林若兰") }, { .text = S("陶砚秋") }, WHO("方知远", "方", "c"), WHO("方知远",
				"方", "c"),
			WHO("陶砚秋", "陶", ""), GAP("G301", "i", "未贴"), SIGNED) }) },
};

static void page_grid(struct buf *out, str theme)
{
	html_grid(out, &(struct html_grid){ .shell = preview_shell(STR("责任网格"), theme),
		.sub = S("34 处区域 · 41 名责任人 · 覆盖 96%"), ROWS(view_tab, views,
			{ .url = S("?"), .icon = S("table"), .label = S("矩阵"), .current = true },
			{ .url = S("?v=tree"), .icon = S("list-tree"), .label = S("树") },
			{ .url = S("?v=people"), .icon = S("users"), .label = S("按人") }),
		.plaques_url = S("/plaques"), .check_url = S("/grid"), ROWS(chip_link, filters,
			{ .url = S("?"), .label = S("全部 34"), .current = true }, { .url = S("?f=h"),
				.label = S("有缺口 7") },
			{ .url = S("?f=r"), .label = S("重大风险 3") }, { .url = S("?f=m"),
				.label = S("我负责的") }),
		ROWS(head_cell, heads, { .label = S("校级") }, { .label = S("部门") },
			{ .label = S("区域责任人") },
			{ .label = S("日查") }, { .label = S("复查") }, { .label = S("铭牌") },
				{ .label = S("责任书") }),
		.sections = sections, .sections_n = 3, COUNTS, HOLES,
			.all_note = S("采纳全部 3 条错误建议，覆盖升至 100%"),
		.all = ONE(post_act, .url = S("/x"), .label = S("全部采纳"),
			.kind = S("btn-sm btn-primary")) });
}

static void page_assign(struct buf *out, str theme)
{
	html_assign(out, &(struct html_assign){ .shell = preview_shell(STR("指派"), theme),
		.heading = S("操场器材室 由谁负责"), .sub = S("区域责任人 · G101"), .why = S("每一区域必须有责任人。"),
			ROWS(candidate,
			candidates, { .value = S("1"), .name = S("韩劲松"), .mark = S("韩"),
				.note = S("体育组组长，同区域"),
			.minutes = S("每周记 8 分"), .best = true }, { .value = S("2"),
				.name = S("贺文清"), .mark = S("贺"),
			.note = S("副校长"), .minutes = S("每周记 12 分") }), .from = S("2026-11-18") });
}

static const struct html_wiz wiz_frame = { .unit = S("青澜区第三小学"), .later_url = S("/tasks"),
	ROWS(wiz_step, steps,
	{ .n = 1, .label = S("单位"), .url = S("/setup/unit"), .done = true }, { .n = 2,
		.label = S("人员"), .now = true },
	{ .n = 3, .label = S("区域") }, { .n = 4, .label = S("分工") }, { .n = 5, .label = S("方案") },
	{ .n = 6, .label = S("校历") }, { .n = 7, .label = S("完成") }), .back_url = S("/setup/unit") };

static struct html_wiz frame(str title, str theme, str next)
{
	struct html_wiz w = wiz_frame;
	w.title = title;
	w.theme = theme;
	w.next_label = next;
	return w;
}

static void page_wiz_unit(struct buf *out, str theme)
{
	html_wiz_unit(out, &(struct html_wiz_unit){ .wiz = frame(STR("学校信息"), theme, STR("下一步")),
		ROWS(field, fields,
		{ .id = S("a"), .name = S("name"), .label = S("学校全称"), .need = true,
			.is_line = true,
		  .value = S("青澜区第三小学") },
		{ .id = S("b"), .name = S("short"), .label = S("简称"), .is_line = true },
		{ .id = S("c"), .name = S("boards"), .label = S("有住宿生"), .is_box = true }) });
}

static void page_wiz_upload(struct buf *out, str theme)
{
	html_wiz_upload(out, &(struct html_wiz_upload){ .wiz = frame(STR("导入教职工"), theme,
		STR("核对名单")),
		.heading = S("导入教职工"), .sub = S("人事名单、通讯录都行，列名不用改"), .template_url = S("/t"),
		.hint = S("姓名\t岗位\t部门\t手机"), ROWS(pair, columns, { .term = S("姓名"),
			.value = S("必有") },
			{ .term = S("岗位"), .value = S("职务、任职") }, { .term = S("部门"),
				.value = S("处室") },
			{ .term = S("手机"), .value = S("联系电话") }) });
}

#define CELL(v) { .value = S(v) }
static const struct html_imp_row imp_rows[] = {
	{ .state = S("ok"), .number = S("3"), ROWS(imp_cell, cells, { .value = S("梁以宁"),
		.bold = true }, CELL("五(1)班班主任"),
		CELL("德育处"), CELL("139 **** 4410")) },
	{ .state = S("bad"), .number = S("4"), ROWS(imp_cell, cells, { .value = S("周立群"),
		.bold = true },
		{ .is_select = true, .name = S("c.4.post"), .label = S("周立群 的岗位"),
			.error = S("岗位为空，请选一个或跳过") },
		CELL("总务处"), CELL("137 **** 9022")), .act_name = S("skip"), .act_value = S("4"),
			.act_label = S("跳过") },
	{ .state = S("bad"), .number = S("9"), ROWS(imp_cell, cells, { .value = S("韩劲松"),
		.bold = true }, CELL("体育组组长"),
		CELL("体育组"), { .value = S("1390000"), .is_line = true, .name = S("c.9.phone"),
			.label = S("韩劲松 的手机号"),
		.error = S("手机号少 4 位") }), .act_name = S("blank"), .act_value = S("9.phone"),
			.act_label = S("先不填") },
	{ .state = S("fixed"), .number = S("31"), ROWS(imp_cell, cells, { .value = S("叶知秋"),
		.bold = true },
		CELL("三(5)班班主任"), CELL("德育处"), { .value = S("186 **** 7751"),
		.note = S("与第 31 行重名，已合并为一人两岗") }), .act_name = S("split"), .act_value = S("31"),
	  .act_label = S("拆开") },
};

static void page_wiz_import(struct buf *out, str theme)
{
	struct html_wiz_import v = { .wiz = frame(STR("导入教职工"), theme, STR("采纳 83 行并继续")),
		.heading = S("导入教职工"),
		.sub = S("教职工名单.xlsx · 86 行 · 已识别 4 列"), .other_url = S("/up"),
		.progress = S("83 / 86 行通过，3 行需要您看一下"), .percent = 96, .list_title = S("需要确认的 3 行"),
		.list_note = S("前后各带一行，便于对照"), ROWS(view_tab, views,
			{ .url = S("?"), .label = S("有问题"), .current = true }, { .url = S("?all"),
				.label = S("全部 86") }),
		ROWS(head_cell, heads, { .label = S("姓名") }, { .label = S("岗位") },
			{ .label = S("部门") }, { .label = S("手机") }),
		.rows = imp_rows, .rows_n = 4, ROWS(imp_map, maps, { .name = S("m.0"),
			.from = S("职务"),
			.sample = S("五(1)班班主任"), ROWS(opt, options, { .value = S("post"),
				.label = S("岗位"), .on = true }) },
			{ .name = S("m.1"), .from = S("联系电话"), .sample = S("139 **** 4410"),
				ROWS(opt, options,
			{ .value = S("phone"), .label = S("手机"), .on = true }) }),
		ROWS(outcome, outcome, { .icon = S("id-badge-2"), .count = S("14"),
			.text = S("种岗位的安全职责清单") },
			{ .icon = S("users"), .count = S("83"), .text = S("张启用条（打印，14 天有效）") }),
		.privacy = S("手机号加密保存，仅用于联系本人。") };
	v.wiz.foot_note = STR("先采纳 83 行，其余 3 行留在草稿里");
	html_wiz_import(out, &v);
}

static void page_wiz_posts(struct buf *out, str theme)
{
	html_wiz_posts(out, &(struct html_wiz_posts){ .wiz = frame(STR("分工"), theme, STR("下一步")),
		.sub = S("14 个岗位已按名单里的职务认出，2 个要您指定"), ROWS(wiz_post, missing,
			{ .name = S("p.1"), .label = S("安全办主任"), .duties = S("核定隐患、每月专题会议等 9 项"),
				.missing = true },
			{ .name = S("p.2"), .label = S("校医"), .duties = S("晨午检、缺课追踪等 4 项"),
				.missing = true }),
		ROWS(wiz_post, guessed, { .name = S("p.3"), .label = S("校长"), .duties = S("第一责任人"),
			.guess = S("名单第 2 行：校长") }), .guessed_note = S("14 个岗位已认出，点开核对"),
		.holes = holes, .holes_n = 2, .holes_note = S("2 处"), .fix_all = ONE(post_act,
			.url = S("/x"),
			.label = S("按建议全部指派"), .kind = S("btn-sm btn-primary")) });
}

static void page_wiz_packs(struct buf *out, str theme)
{
	html_wiz_packs(out, &(struct html_wiz_packs){ .wiz = frame(STR("制度方案"), theme, STR("下一步")),
		ROWS(pack_choice,
		packs, { .name = S("pack"), .value = S("base"), .title = S("基础"),
			.sub = S("岗位、隐患、会议等公共部分"),
		.on = true, .fixed = true }, { .name = S("pack"), .value = S("p"),
			.title = S("小学安全闭环管理"),
		.sub = S("95 条，77 条要落实"), .counts = S("36 项职责、14 种记录"), .on = true,
		.burden = S("班主任每周记 12 分，安全办每周记 25 分") }), .from = S("2026-11-18"), ROWS(param,
			params,
		{ .name = S("a"), .label = S("一般隐患整改期限"), .value = S("7"), .unit = S("天"),
			.range = S("1–30 天"),
		  .basis = S("学校自定") }) });
}

static void page_wiz_calendar(struct buf *out, str theme)
{
	html_wiz_calendar(out, &(struct html_wiz_calendar){ .wiz = frame(STR("校历"), theme,
		STR("下一步")),
		.holidays = S("2026 年节假日已载入。2027 年的安排国务院还没有公布，先按估算排，公布后自动重排。"),
		.holidays_tone = S("amber"), ROWS(term_row, terms, { .name = S("t.1"),
			.label = S("2026–2027 学年 第一学期"),
			.first = S("2026-09-01"), .last = S("2027-01-20") }) });
}

static void page_wiz_done(struct buf *out, str theme)
{
	html_wiz_done(out, &(struct html_wiz_done){ .wiz = frame(STR("完成"), theme, STR("进入我的任务")),
		.sub = S("0 个错误，3 个提醒可以以后再处理"), ROWS(outcome, outcome, { .icon = S("users"),
			.count = S("83"),
		.text = S("名教职工") }, { .icon = S("map-pin"), .count = S("34"), .text = S("处区域") }),
			COUNTS, HOLES,
		.slips_url = S("/slips"), .plaques_url = S("/plaques") });
}

static const struct html_event ev_ok = { .label = S("周巡查"), .tone = S("ev-g"), .url = S("/x") };
#define DAY(n, w, ...) { .number = S(n), .name = S(w), __VA_ARGS__ }

static const struct html_cockpit cockpit = {
	.sub = S("11 月 18 日 星期三 11:33 · 第 12 周"), .clock_title = S("突发事件处置中"),
	.clock_text = S("三(5)班学生课间跌落，10:12"), .clock_left = S("38:24"), .clock_seconds = 2304,
		.clock_url = S("/x"),
	ROWS(stat, stats,
		{ .url = S("/x"), .label = S("本月闭环率"), .value = S("94.6"), .unit = S("%"),
			.note_good = S("较上月 +2.1"),
		  .note = S("53 / 56") },
		{ .url = S("/x"), .label = S("未闭环隐患"), .value = S("7"), .unit = S("条"),
			.note_bad = S("逾期 2"),
		  .note = S("重大 1") },
		{ .url = S("/grid"), .label = S("责任缺口"), .value = S("9"), .unit = S("处"),
			.note_bad = S("错误 3"),
		  .note = S("警告 4 · 提示 2") },
		{ .url = S("/tasks"), .label = S("今日任务"), .value = S("61"), .unit = S("/ 88"),
		  .meter = ONE(meter, .percent = 69, .label = S("69%")) },
		{ .url = S("/year"), .label = S("人均记录用时"), .value = S("9"), .unit = S("分钟 / 周"),
			.note = S("超限 1 人") },
		{ .url = S("/x"), .label = S("会议与演练"), .value = S("按期"), .note = S("本月 3 / 3") }),
	ROWS(worst, worst,
		{ .n = 1, .tone = S("e"), .url = S("/r"), .title = S("三(2)班后门闭门器失效，复查逾期 1 天"),
		  .why = S("YH-2026-0919 · 待复查"), .owner = ONE(who, .name = S("许嘉宁"),
			.mark = S("许")),
		  .act = ONE(post_act, .url = S("/x"), .label = S("催办"), .kind = S("btn-sm")) },
		{ .n = 2, .tone = S("e"), .url = S("/r"), .title = S("北侧围墙约 12 米段倾斜开裂，重大"),
			.why = S("剩 22 天") },
		{ .n = 3, .tone = S("w"), .url = S("/grid"), .title = S("操场器材室没有人负责"),
			.why = S("G101") }),
	.calendar_note = S("11 月主题 消防安全"), ROWS(day, days,
		DAY("16", "一", .past = true, .events = &ev_ok, .events_n = 1), DAY("17", "二",
			.past = true),
		DAY("18", "三", .now = true, ROWS(event, events, { .url = S("/x"),
			.label = S("消防演练 14:30"), .tone = S("ev-b") },
			{ .url = S("/x"), .label = S("书面报告"), .tone = S("ev-r") })), DAY("19", "四",
				ROWS(event, events,
			{ .url = S("/x"), .label = S("家长信回执"), .tone = S("ev-a"), .n = S("24") })),
				DAY("20", "五"),
		DAY("21", "六", .off = true), DAY("22", "日", .off = true), DAY("23", "一"), DAY("24",
			"二"), DAY("25", "三"),
		DAY("26", "四"), DAY("27", "五"), DAY("28", "六", .off = true), DAY("29", "日",
			.off = true)),
	.loop_label = S("隐患闭环"), .loop_note = S("本月 56 条"), .loop_url = S("/x"), ROWS(pipe_step,
		pipe,
		{ .n = 1, .label = S("发现") }, { .n = 0, .label = S("派单") }, { .n = 3,
			.label = S("整改") },
		{ .n = 2, .label = S("复查") }, { .n = 53, .label = S("销号") }),
	ROWS(open_row, open, { .url = S("/r"), .title = S("北侧围墙约 12 米段倾斜开裂"),
		.ring = ONE(loop_ring, .stage = 3, .label = S("3/5")), .grade = ONE(tag,
			.label = S("重大"),
		.tone = S("solid-red"), .icon = S("alert-triangle")), .who = S("邱大川"),
			.left = S("剩 22 天") },
		{ .url = S("/r"), .title = S("三(2)班后门闭门器失效"), .ring = ONE(loop_ring, .stage = 4,
			.state = S("is-late"),
		.label = S("4/5")), .grade = ONE(tag, .label = S("一般"), .tone = S("blue")),
			.who = S("许嘉宁"),
		.left = S("逾期 1 天"), .tone = S("red") }),
	.holes_note = S("9 处，覆盖 96%"), ROWS(hole_row, holes, { .url = S("/grid"), .code = S("G101"),
		.sev = S("e"),
		.title = S("操场器材室 无区域责任人") }, { .url = S("/grid"), .code = S("G203"), .sev = S("w"),
		.title = S("B 座三层 日查与复查为同一人") }), .holes_more = S("另有 4 处：铭牌未贴 2、责任书未签 2"),
	.duty_note = S("7 岗在位"), ROWS(duty_row, on_duty, { .name = S("贺文清"), .mark = S("文清"),
		.post = S("带班领导"),
		.status = ONE(tag, .label = S("在位"), .tone = S("green")) }, { .name = S("孙长福"),
			.mark = S("长福"),
		.tone = S("c"), .post = S("门卫 · 东门") }), .duty_foot = S("16:10 放学护学 6 人，西门缺 1 人"),
	.theme_title = S("十一月主题：消防安全"), .theme_count = S("2 / 4"), ROWS(theme_row, theme,
		{ .url = S("/x"), .label = S("消防日升旗讲话"), .note = S("11-09"), .state = S("done") },
		{ .url = S("/x"), .label = S("全校消防疏散演练"), .note = S("今天 14:30"),
			.state = S("now") },
		{ .url = S("/x"), .label = S("电气线路检测"), .note = S("11-27") }),
	ROWS(load_row, loads, { .label = S("班主任"), .percent = 38, .cap_percent = 48,
		.figures = S("记 12 / 15") },
		{ .label = S("总务后勤"), .percent = 76, .cap_percent = 79, .warn = true,
			.figures = S("记 24 / 25") }),
	.loads_note = S("合并与自动生成本周共省 61 人时"), ROWS(news_row, news, { .at = S("11:20"),
		.url = S("/x"),
		.text = S("苏婉 记录：家长已到医院") }, { .at = S("09:40"), .url = S("/x"),
			.text = S("邱大川 整改完成：东楼梯扶手") }),
};

static void page_cockpit(struct buf *out, str theme)
{
	struct html_cockpit v = cockpit;
	v.shell = preview_shell(STR("学校驾驶舱"), theme);
	html_cockpit(out, &v);
}

#define M(t) { .text = S(t) }
static void page_year(struct buf *out, str theme)
{
	html_year(out, &(struct html_year){ .shell = preview_shell(STR("年度安排"), theme),
		.heading = S("2026–2027 学年安排"),
		.sub = S("36 项职责 · 1,204 次 · 合并后 612 次记录"), .prev_url = S("?y=1"),
			.next_url = S("?y=2"),
		.provisional = S("2027 年节假日尚未公布，1 月以后按估算排，公布后自动重排。"), ROWS(chip_link, filters,
			{ .url = S("?"), .label = S("全部岗位"), .current = true }, { .url = S("?p"),
				.label = S("我的") }),
		ROWS(month_head, months, { .label = S("9 月") }, { .label = S("10 月") },
			{ .label = S("11 月"), .now = true },
			{ .label = S("12 月") }, { .label = S("1 月") }, { .label = S("2 月") },
				{ .label = S("3 月") },
			{ .label = S("4 月") }, { .label = S("5 月") }, { .label = S("6 月") },
				{ .label = S("7 月") },
			{ .label = S("8 月") }),
		.total = S("点一项看依据"), ROWS(year_group, groups, { .label = S("隐患排查"),
			.note = S("3 项"), .span = 13,
			ROWS(year_row, rows, { .url = S("/d"), .label = S("按清单排查"),
				.who = S("区域日查人"),
				.minutes = S("做 6 分 · 记 1 分"), .clause = S("3.3.1b"),
					ROWS(month_cell, months,
				{ .text = S("34"), .note = S("34 已办"), .tone = S("ev-g") },
					{ .text = S("34"), .tone = S("ev-g") },
				{ .text = S("34"), .note = S("20 已办"), .now = true }, M("34"),
					M("34"), M(""), M("34"), M("34"), M("34"),
				M("34"), M(""), M("")) }) }),
		ROWS(burden_row, people, { .url = S("/p"), .name = S("许嘉宁"), .post = S("三(2)班班主任"),
			.usual = S("12 分"),
			.worst = S("18 分"), .worst_week = S("第 36 周"), .doing = S("2 小时 10 分"),
				.over = true,
			.meter = ONE(meter, .percent = 100, .tone = S("bad"),
				.label = S("120%")) }),
		.people_note = S("上限每周 15 分钟") });
}

#define CLAUSE(n, t, c, l) { .url = S("?c"), .no = S(n), .title = S(t), .cover = S(c), \
	.cover_label = S(l) }
static void page_pack(struct buf *out, str theme)
{
	html_pack(out, &(struct html_pack){ .shell = preview_shell(STR("制度方案"), theme),
		.title = S("小学安全闭环管理"),
		.sub = S("2026 年 9 月 1 日起执行 · 版本 3"), .p_green = 62, .p_amber = 7, .p_red = 4,
			.p_none = 27,
		.coverage = S("已覆盖 35 · 部分 4 · 未覆盖 2 · 原则性 15"), .clause_count = S("56 条"),
			ROWS(chip_link, only,
			{ .url = S("?"), .label = S("全部"), .current = true }, { .url = S("?r"),
				.label = S("未覆盖 2") }),
		ROWS(clause_group, groups, { .title = S("责任体系"), .count = S("7 / 8"),
			ROWS(clause_link, clauses,
			CLAUSE("3.1.1", "领导小组", "g", "已覆盖"), CLAUSE("3.1.2", "责任书", "a", "部分覆盖")) },
			{ .title = S("巡查与隐患"), .count = S("12 / 13"), ROWS(clause_link, clauses,
				{ .url = S("?c"), .no = S("3.3.4"),
			.title = S("隐患闭环"), .cover = S("a"), .cover_label = S("部分覆盖"),
				.current = true },
			CLAUSE("3.3.5", "总目标", "n", "原则性")) }),
		.chapter = S("巡查与隐患"), .clause_title = S("3.3.4 隐患闭环"),
		.wording = S("谁发现隐患，谁随手登记，照片可选。安全办一日内核定等级和处理方式；一般隐患限期整改，重大隐患五落实。"
			"整改后由非整改人三日内复查，合格销号，不合格退回再改。"),
		ROWS(pair, basis, { .term = S("依据"), .value = S("上级文件 第 3.3.4 条") },
			{ .term = S("性质"), .value = S("必须做") }),
		.change_title = S("与上一版的差别"), .change_old = S("五日"), .change_new = S("三日"),
			.built_count = S("2 项"),
		.built_minutes = S("每周 做 9 分 · 记 2 分"), ROWS(construct, built, { .n = 1,
			.title = S("发现隐患随手登记"),
			ROWS(pair, rows, { .term = S("谁"), .value = S("全体教职工") }, { .term = S("多久"),
				.value = S("随时") }),
			.cover = ONE(tag, .label = S("已覆盖 67 / 67 人"), .tone = S("green"),
				.icon = S("check")) },
			{ .n = 2, .title = S("一般隐患 3 日内整改"), .state = S("a"), ROWS(pair, rows,
				{ .term = S("谁"),
			.value = S("区域责任人") }), .cover = ONE(tag, .label = S("部分：32 / 34 区，G101"),
				.tone = S("amber")),
			.way = ONE(act, .url = S("/grid"), .label = S("去责任网格"),
				.kind = S("btn-sm")) }),
		ROWS(param_row, params, { .label = S("一般隐患整改期限"), .value = S("7 天"),
			.usual = S("7 天"),
			.basis = S("学校自定"), .url = S("/x") }) });
}

static void page_people(struct buf *out, str theme)
{
	html_people(out, &(struct html_people){ .shell = preview_shell(STR("人员"), theme),
		.sub = S("67 人 · 3 人请假"),
		.at = S("2026-11-18"), .action = S("/people"), ROWS(chip_link, filters,
			{ .url = S("?"), .label = S("在岗 67"),
		.current = true }), ROWS(person_row, rows, { .url = S("/p"), .name = S("许嘉宁"),
			.mark = S("许"),
		.posts = S("三(2)班班主任、语文教师"), .places = S("三(2)班教室"), .load = S("12 分"),
		.status = ONE(tag, .label = S("在岗"), .tone = S("green")) }, { .url = S("/p"),
			.name = S("周立群"), .mark = S("周"),
		.tone = S("c"), .posts = S("—"), .status = ONE(tag, .label = S("8 月 20 日离岗")) }),
			.shown = S("2 人"),
		.add_url = S("/a"), .import_url = S("/i") });
}

static void page_person(struct buf *out, str theme)
{
	html_person(out, &(struct html_person){ .shell = preview_shell(STR("许嘉宁"), theme),
		.name = S("许嘉宁"),
		.mark = S("嘉宁"), .sub = S("三(2)班班主任"), .at = S("2026-11-18"), ROWS(span_row, posts,
			{ .label = S("三(2)班班主任"),
		.note = S("德育处"), .span = S("2025-09-01 起"), .way = ONE(act, .url = S("/x"),
			.label = S("结束"),
		.kind = S("btn-sm")) }), ROWS(span_row, places, { .label = S("三(2)班教室"),
			.note = S("区域责任人"),
		.span = S("2025-09-01 起"), .url = S("/p") }), .leave_url = S("/l"),
			.absent_url = S("/a"), ROWS(fact, facts,
		{ .label = S("账号"), .value = S("teacher1.sy") }, { .label = S("手机"),
			.value = S("138 **** 2175"),
		.reveal = ONE(post_act, .url = S("/x"), .label = S("显示"),
			.kind = S("btn-sm")) }) });
}

static void page_handover(struct buf *out, str theme)
{
	html_handover(out, &(struct html_handover){ .shell = preview_shell(STR("离岗交接"), theme),
		.heading = S("邱大川 离岗交接"), .sub = S("总务主任 · 14 处区域 · 3 件未办"), .leaving = true,
		.from = S("2026-11-30"), ROWS(handover_row, rows, { .name = S("t.1"),
			.kind = S("区域"), .label = S("水泵房配电间"),
		.note = S("区域责任人"), ROWS(opt, takers, { .value = S("1"), .label = S("李根生"),
			.hint = S("建议"), .on = true }) },
		{ .name = S("t.2"), .kind = S("未办"), .label = S("YH-2026-0921 整改"),
			.note = S("12 月 10 日到期"),
		ROWS(opt, takers, { .value = S("1"), .label = S("李根生") }) }),
		.effect = S("交接从 12 月 1 日零时生效。空着的 1 项会成为缺口。"), .button = S("完成交接") });
}

static void page_places(struct buf *out, str theme)
{
	html_places(out, &(struct html_places){ .shell = preview_shell(STR("区域"), theme),
		.sub = S("34 处"),
		.action = S("/places"), ROWS(place_row, rows, { .depth = 0, .url = S("/p"),
			.label = S("综合楼"), .code = S("Z"),
		.kind = S("楼栋") }, { .depth = 1, .url = S("/p"), .label = S("水泵房配电间"),
			.code = S("Z-B01"),
		.kind = S("设备间"), .risk = TOP, .owner = S("邱大川"), .hole = ONE(tag,
			.label = S("G101"), .tone = S("red")) }),
		.plaques_url = S("/x"), .add_url = S("/a") });
}

static void page_place(struct buf *out, str theme)
{
	html_place(out, &(struct html_place){ .shell = preview_shell(STR("水泵房配电间"), theme),
		.label = S("水泵房配电间"), .sub = S("综合楼 · 地下 · Z-B01"), ROWS(tag, tags, TAG("重大风险",
			"red")),
		.report_url = S("/report"), .report_label = S("在这里报隐患"), .plaque_url = S("/x"),
			ROWS(span_row, keepers,
		{ .label = S("邱大川"), .note = S("区域责任人"), .span = S("2025-09-01 起") }),
			.holes = &holes[1], .holes_n = 1,
		ROWS(fact, facts, { .label = S("种类"), .value = S("设备间") }) });
}

const struct preview preview_unit[] = {
	{ "grid", page_grid }, { "assign", page_assign }, { "wiz_unit", page_wiz_unit },
		{ "wiz_upload", page_wiz_upload },
	{ "wiz_import", page_wiz_import }, { "wiz_posts", page_wiz_posts }, { "wiz_packs",
		page_wiz_packs },
	{ "wiz_calendar", page_wiz_calendar }, { "wiz_done", page_wiz_done }, { "cockpit",
		page_cockpit },
	{ "year", page_year }, { "pack", page_pack }, { "people", page_people }, { "person",
		page_person },
	{ "handover", page_handover }, { "places", page_places }, { "place", page_place }, { NULL,
		NULL },
};
