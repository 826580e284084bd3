/* The pages of the house: ledger, account, administration, gate, papers, errors. See preview.h. */
#include "preview.h"

#include "gen/html_account.h"
#include "gen/html_admin.h"
#include "gen/html_duties.h"
#include "gen/html_error.h"
#include "gen/html_gate.h"
#include "gen/html_ledger.h"
#include "gen/html_notices.h"
#include "gen/html_packs.h"
#include "gen/html_plaques.h"
#include "gen/html_print_record.h"
#include "gen/html_search.h"
#include "gen/html_slips.h"

static void page_ledger(struct buf *out, str theme)
{
	html_ledger(out, &(struct html_ledger){ .shell = preview_shell(STR("台账存证"), theme),
		.sub = S("青澜区实验小学的链"),
		.can_verify = true, .checked = true, .ok = true,
		.result = S("从第 1 条到第 18,204 条全部衔接一致，照片和文件也都对得上，用时 0.4 秒。"),
		ROWS(pair, facts, { .term = S("条数"), .value = S("18,204") }, { .term = S("最新摘要"),
			.value = S("9f3c 7be1 … a12e") },
			{ .term = S("算法"), .value = S("SHA-256") }),
		ROWS(event_row, rows, { .seq = S("18,204"), .at = S("11-18 09:12"), .kind = S("办理"),
			.text = S("YH-2026-0921 整改完成"), .url = S("/r"), .who = S("邱大川"),
				.leaf = S("9f3c7be1") },
			{ .seq = S("18,203"), .at = S("11-18 08:40"), .kind = S("查看"),
				.text = S("查看了 1 个受保护的字段"),
			.who = S("苏婉"), .leaf = S("17aa02fe") }),
		.shown = S("最新 50 条"), .next_url = S("?after=1") });
}

static void page_account(struct buf *out, str theme)
{
	html_account(out, &(struct html_account){ .shell = preview_shell(STR("我"), theme),
		.name = S("许嘉宁"),
		.mark = S("嘉宁"), .login = S("teacher1.sy"), ROWS(span_row, posts,
			{ .label = S("三(2)班班主任"),
		.span = S("2025-09-01 起") }), ROWS(opt, hats, { .value = S("1"),
			.label = S("三(2)班班主任") }), .size = S("lg"),
		ROWS(session_row, sessions, { .id = S("1"), .label = S("安卓手机 · Chrome"),
			.note = S("刚刚"), .current = true },
			{ .id = S("2"), .label = S("办公室电脑 · Edge"), .note = S("昨天 16:20") }),
		ROWS(act, links, { .url = S("/grid"), .label = S("责任网格"), .icon = S("sitemap") },
			{ .url = S("/year"), .label = S("年度安排"), .icon = S("calendar-event") }) });
}

static void page_admin(struct buf *out, str theme)
{
	html_admin(out, &(struct html_admin){ .shell = preview_shell(STR("管理"), theme),
		.sub = S("青澜区实验小学"),
		ROWS(stat, counts, { .url = S("?"), .label = S("账号"), .value = S("67") },
			{ .url = S("?new"),
			.label = S("未启用"), .value = S("5"), .note_bad = S("2 张启用条已过期") }),
		.backup_tone = S("green"), .backup = S("最近一次备份 今天 02:10，已试恢复，一切正常。"),
		ROWS(chip_link, filters, { .url = S("?"), .label = S("全部 67"), .current = true },
			{ .url = S("?new"),
			.label = S("未启用 5") }), ROWS(account_row, rows, { .id = S("1"),
				.name = S("许嘉宁"),
			.login = S("teacher1.sy"), .posts = S("三(2)班班主任"), .seen = S("今天 07:52"),
				.status = ONE(tag,
			.label = S("正常"), .tone = S("green")) }, { .id = S("2"), .name = S("周可欣"),
				.login = S("teacher9.sy"),
			.posts = S("二(4)班班主任"), .seen = S("—"), .status = ONE(tag,
				.label = S("未启用"), .tone = S("amber")) }),
		.shown = S("2 个"), ROWS(pair, health, { .term = S("磁盘剩余"), .value = S("61%") },
			{ .term = S("版本"),
			.value = S("1.0") }), ROWS(setting_row, settings, { .name = S("listen"),
				.label = S("监听地址"),
			.value = S("127.0.0.1:8080"), .origin = S("默认") }),
				.setup_url = S("/setup") });
}

static const struct html_gate_group waiting = { .place = S("g-wait"), .title = S("等待接待人确认"),
	.count = S("1"),
	.count_tone = S("amber"), ROWS(gate_card, cards, { .name = S("彭程远"), .mark = S("程远"),
		.tone = S("b"),
		.from = S("教材配送 · 文华书店"), .to_see = S("找 林若兰（德育处），已通知"), .waited = S("+02:13"),
			.waited_s = -133,
		.waited_tone = S("amber"), ROWS(post_act, acts, { .url = S("/x"),
			.label = S("确认放入"), .icon = S("check"),
		.kind = S("btn-lg btn-ok") }, { .url = S("/x"), .label = S("不放入"),
			.kind = S("btn-lg btn-danger") }),
		.help = S("超过 5 分钟未确认，转给带班领导 贺文清") }) };
static const struct html_gate_group inside = { .place = S("g-vis"), .title = S("在校访客"),
	.count = S("2"),
	ROWS(gate_row, rows, { .url = S("/r"), .name = S("董云舟"), .mark = S("云舟"),
		.from = S("家长 · 五(1)班"),
		ROWS(task_fact, facts, { .text = S("接待 梁以宁") }, { .text = S("10:48 入校") },
			{ .text = S("45 分钟") }),
		.leave = ONE(post_act, .url = S("/x"), .label = S("签离"), .kind = S("btn-lg")) },
		{ .url = S("/r"), .name = S("凌海生"), .mark = S("海生"), .tone = S("c"),
			.from = S("饮水机维保"),
		ROWS(task_fact, facts, { .text = S("接待 邱大川") }, { .text = S("超时，2 小时 18 分"),
			.tone = S("amber") }),
		.leave = ONE(post_act, .url = S("/x"), .label = S("签离"), .kind = S("btn-lg")) }),
	.foot = S("今天入校 23 人，已离校 21 人"), .foot_url = S("/loops/visit") };

static void page_gate(struct buf *out, str theme)
{
	html_gate(out, &(struct html_gate){ .bare = { .title = S("门卫台"), .theme = theme },
		.place = S("东门 · 门卫台"),
		.shift = S("孙长福 当班 07:00–15:00"), .clock = S("11:33"), .demo_clock = S("1"),
			.back_url = S("/tasks"),
		ROWS(gate_tile, tiles, { .url = S("/x"), .icon = S("user-plus"), .label = S("访客登记"),
			.note = S("约 20 秒"),
			.kind = S("tile-p") }, { .url = S("/x"), .icon = S("door-exit"),
				.label = S("学生离校"),
			.note = S("凭离校条") }, { .url = S("/x"), .icon = S("package"),
				.label = S("物品与车辆"),
			.note = S("今天 6 件") }, { .url = S("/x"), .icon = S("urgent"),
				.label = S("紧急情况"),
			.note = S("先打 110，再点这里"), .kind = S("tile-r") }),
		.left = &inside, .left_n = 1, .right = &waiting, .right_n = 1 });
}

static void page_error(struct buf *out, str theme)
{
	html_error(out, &(struct html_error){ .bare = { .title = S("没有找到"), .theme = theme },
		.code = S("404"),
		.heading = S("没有找到这一页"), .text = S("它可能不存在，也可能不在您能看的范围里。"),
		.next = S("如果是别人发来的链接，请确认您用的是自己的账号。"), .back_url = S("/tasks"),
			.back_label = S("回到我的任务"),
		.op = S("0k3f-92aa") });
}

static void page_print(struct buf *out, str theme)
{
	(void)theme;
	html_print_record(out, &(struct html_print_record){ .sheet = { .title = S("YH-2026-0921"),
		.back_url = S("/r") },
		.heading = S("安全隐患整改档案"), .sub = S("编号 YH-2026-0921"), ROWS(print_block, blocks,
			{ ROWS(print_fact, facts,
			{ .label = S("区域"), .value = S("北围墙 W-N03") }, { .label = S("等级"),
				.value = S("重大") },
			{ .label = S("隐患情况"), .value = S("北侧围墙约 12 米段向内倾斜，墙体贯通裂缝。") }) },
			{ .heading = S("一、办理过程"), .heads = (const str[]){ S("时间"), S("办理"), S("人员"),
				S("说明") }, .heads_n = 4,
			ROWS(print_row, rows, { ROWS(print_cell, cells,
				{ .text = S("9 月 21 日 07:38") }, { .text = S("上报") },
			{ .text = S("孙长福（门卫）") }, { .text = S("晨巡发现") }) }) }, { ROWS(print_sign,
				signs,
			{ .role = S("整改责任人"), .name = S("邱大川"), .at = S("11 月 17 日") },
				{ .role = S("复查人") },
			{ .role = S("校长") }) }),
		.foot = S("台账第 18,204 条 · 摘要 9f3c 7be1 … a12e · 2026 年 11 月 18 日打印") });
}

static const struct html qr = { S("<svg viewBox=\"0 0 21 21\">"
	"<path d=\"M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0z\"/></svg>") };

static void page_plaques(struct buf *out, str theme)
{
	(void)theme;
	html_plaques(out, &(struct html_plaques){ .sheet = { .title = S("区域铭牌"),
		.back_url = S("/grid") }, ROWS(plaque,
		plaques, { .unit = S("青澜区实验小学"), .label = S("B 座二层东侧走廊"), .code = S("B2-E07"),
			.qr = qr,
		ROWS(pair, keepers, { .term = S("区域责任人"), .value = S("方知远") }, { .term = S("日查"),
		.value = S("孙长福") }), .url = S("https://anquan.example.cn/p/7K2M") }) });
}

#define SLIP(n, p, l, c) { .unit = S("青澜区实验小学"), .name = S(n), .post = S(p), .login = S(l), \
	.code = S(c), .qr = qr, \
	.until = S("12 月 2 日"), .url = S("anquan.example.cn/activate") }
static void page_slips(struct buf *out, str theme)
{
	(void)theme;
	html_slips(out, &(struct html_slips){ .sheet = { .title = S("启用条"),
		.back_url = S("/admin") }, ROWS(slip, slips,
		SLIP("许嘉宁", "三(2)班班主任", "teacher1.sy", "7K2M-Q9TX-4HWA"),
		SLIP("孙长福", "门卫", "guard1.sy", "M4TQ-2XK9-PPWA"), SLIP("苏婉", "校医", "doctor.sy",
			"9WQH-77KM-TX2A")) });
}

static void page_search(struct buf *out, str theme)
{
	html_search(out, &(struct html_search){ .shell = preview_shell(STR("搜索"), theme),
		.query = S("围墙"),
		ROWS(search_group, groups, { .title = S("记录"), ROWS(search_hit, rows,
			{ .url = S("/r"),
		.icon = S("rotate-clockwise"), .title = S("北侧围墙约 12 米段倾斜开裂"),
			.note = S("YH-2026-0921 · 整改中") }) }) });
}

static void page_notices(struct buf *out, str theme)
{
	html_notices(out, &(struct html_notices){ .shell = preview_shell(STR("通知"), theme),
		.sub = S("2 条未读"),
		.any_unread = true, ROWS(notice, rows, { .url = S("/r"), .icon = S("bell-ringing"),
			.title = S("复查已到期 1 天"),
		.note = S("三(2)班后门闭门器失效"), .at = S("08:00"), .unread = true }, { .url = S("/r"),
			.icon = S("message"),
		.title = S("贺文清 留言"), .note = S("今天放学前请看一下"), .at = S("昨天") }) });
}

static void page_packs(struct buf *out, str theme)
{
	html_packs(out, &(struct html_packs){ .shell = preview_shell(STR("制度方案"), theme),
		.sub = S("2 个方案在执行"),
		ROWS(pack_row, in_force, { .url = S("/p"), .title = S("小学安全闭环管理"),
			.sub = S("2026-09-01 起"),
		.counts = S("95 条"), .status = ONE(tag, .label = S("执行中"),
			.tone = S("green")) }) });
}

static void page_duties(struct buf *out, str theme)
{
	html_duties(out, &(struct html_duties){ .shell = preview_shell(STR("我的职责"), theme),
		.heading = S("我的职责"),
		.sub = S("2 个岗位"), ROWS(duty_group, posts, { .post = S("三(2)班班主任"),
			.since = S("2025-09-01 起"),
		.minutes = S("每周 做 86 分 · 记 12 分"), ROWS(construct, rows, { .n = 1,
			.title = S("放学前一分钟提醒"), ROWS(pair,
		rows, { .term = S("多久"), .value = S("每个上课日") }, { .term = S("依据"),
			.value = S("闭环方案 3.4.1") }) }) }) });
}

const struct preview preview_house[] = {
	{ "ledger", page_ledger }, { "account", page_account }, { "admin", page_admin }, { "gate",
		page_gate },
	{ "error", page_error }, { "print", page_print }, { "plaques", page_plaques }, { "slips",
		page_slips },
	{ "search", page_search }, { "notices", page_notices }, { "packs", page_packs }, { "duties",
		page_duties },
	{ NULL, NULL },
};
