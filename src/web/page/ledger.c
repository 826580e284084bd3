/*
 * ledger: the chain as people read it, and its check from the first entry on. Each entry is told
 * in words from the facts of its event, which hold nothing personal; of a loop that is sealed
 * the page says that something was done, and neither what nor with which number.
 */
#include "web/page/org.h"

#include "auth/auth.h"
#include "ledger/ledger.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_ledger.h"

#define ENTRIES 50

/* --- an entry in words --- */

/* By the beginning of the kind; the longer ones first. */
static const struct kind_word { const char *lead, *group, *act; } kinds[] = {
	{ "record.step", "记录", "" }, { "record.undo", "记录", "撤销" },
	{ "record.void", "记录", "作废" }, { "record.correct", "记录", "更正" },
	{ "record.reassign", "记录", "改派" }, { "record.remind", "记录", "催办" },
	{ "record.comment", "记录", "留言" }, { "record.replace", "记录", "被新记录代替" },
	{ "record.", "记录", "办理" }, { "late", "逾期", "" }, { "look", "查看", "看了密封的记录" },
	{ "file.", "文件", "存入照片或文件" }, { "untick", "要求", "不算满足" },
	{ "tick", "要求", "补勾为满足" }, { "waiver.", "要求", "免除" },
	{ "person.add", "人员", "登记" }, { "person.leave", "人员", "离校" },
	{ "person.", "人员", "修改" }, { "contact.", "人员", "联系方式" },
	{ "appointment.add", "任职", "任" }, { "appointment.end", "任职", "免" },
	{ "absence.add", "请假", "请假" }, { "absence.end", "请假", "销假" },
	{ "keeper.set", "区域责任", "" }, { "keeper.end", "区域责任", "结束" },
	{ "place.add", "区域", "登记" }, { "place.close", "区域", "停用" },
	{ "place.", "区域", "修改" }, { "unit.add", "单位", "建立" },
	{ "unit.end", "单位", "结束" }, { "unit.rename", "单位", "改名" },
	{ "adoption.", "制度方案", "采用" }, { "choice.", "制度方案", "选择" },
	{ "parameter.", "制度方案", "设定" }, { "term.", "校历", "学期" },
	{ "holidays.", "校历", "载入节假日" }, { "school-day.", "校历", "调整上课日" },
	{ "mark.", "校历", "重点时段" }, { "account.add", "账号", "开账号" },
	{ "account.password", "账号", "改密码" }, { "account.activate", "账号", "启用" },
	{ "account.disable", "账号", "停用" }, { "account.enable", "账号", "恢复" },
	{ "slip.", "账号", "打印启用条" }, { "setup-code.make", "账号", "打印设置码" },
	{ "setup-code.use", "账号", "用设置码" }, { "token.", "账号", "发接口令牌" },
	{ "ledger.erase", "台账", "按规定清除内容" },
};

static struct kind_word kind_word(str kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(kind, str_of(kinds[i].lead)))
			return kinds[i];
	return (struct kind_word){ "", "其他", "" };
}

static str fact(const struct ledger_entry *e, const char *key)
{
	for (size_t i = 0; i < e->facts_n; i++)
		if (str_eq(e->facts[i].key, str_of(key)))
			return e->facts[i].value;
	return STR_NONE;
}

static int64_t fact_id(const struct ledger_entry *e, const char *key)
{
	int64_t id;

	return str_to_i64(fact(e, key), &id) ? id : 0;
}

static bool loop_sealed(const struct loop *lp)
{
	for (size_t i = 0; i < lp->state_n; i++)
		if (lp->state[i].sealed)
			return true;
	return lp->sealed;
}

/* 隐患 YH-2026-0196：核定派单 */
static str record_say(struct op *op, const struct work *w, const struct ledger_entry *e, str act)
{
	const struct loop *lp = policy_loop(w->policy, fact(e, "loop"));
	str number = fact(e, "number");
	int step = lp ? loop_step_index(lp, fact(e, "step")) : -1;

	if (!lp)
		return act.len ? act : STR("办理");
	if (loop_sealed(lp))
		return STR("密封的记录");
	if (!act.len)
		act = step < 0 ? STR("办理") : lp->step[step].m.label;
	return str_fmt(op->arena, "%.*s%s%.*s：%.*s", STR_ARG(lp->m.label), number.len ? " " : "",
		       STR_ARG(number), STR_ARG(act));
}

/* The key of an occurrence begins with the id of its duty (work/occur.c). */
static str late_say(struct op *op, const struct work *w, const struct ledger_entry *e)
{
	str key = fact(e, "occurrence");
	const struct duty *d = key.len ? policy_duty(w->policy, str_cut(&key, '|')) : NULL;

	return d ? str_fmt(op->arena, "%.*s：逾期", STR_ARG(d->m.label))
		 : fact(e, "occurrence").len ? STR("一项任务逾期") : STR("一件记录逾期");
}

static str keeper_say(struct op *op, const struct work *w, const struct ledger_entry *e, str act)
{
	const struct ov_place *p = ov_place(w->org, (place_id){ fact_id(e, "place") });

	return str_fmt(op->arena, "%s%.*s %.*s：%.*s", act.len ? "结束 " : "",
		       STR_ARG(p ? p->name : STR_NONE), STR_ARG(role_label(fact(e, "role"))),
		       STR_ARG(person_name(w, (person_id){ fact_id(e, "person") })));
}

/* What the act was done to, as far as it has a name today. */
static str subject_say(const struct work *w, const struct ledger_entry *e)
{
	const struct ov_place *p = ov_place(w->org, (place_id){ e->subject });
	const struct parameter *n = policy_parameter(w->policy, fact(e, "name"));
	int64_t person = fact_id(e, "person");

	if (str_starts(e->kind, STR("place.")))
		return p ? p->name : STR_NONE;
	if (str_starts(e->kind, STR("parameter.")))
		return n ? n->m.label : STR_NONE;
	if (str_starts(e->kind, STR("person.")))
		person = e->subject;
	return person_name(w, (person_id){ person });
}

static str entry_say(struct op *op, const struct work *w, const struct ledger_entry *e, str act)
{
	str subject;

	if (!w)
		return act;
	if (str_starts(e->kind, STR("record.")))
		return record_say(op, w, e, act);
	if (str_starts(e->kind, STR("late")))
		return late_say(op, w, e);
	if (str_starts(e->kind, STR("keeper.")))
		return keeper_say(op, w, e, act);
	subject = subject_say(w, e);
	return subject.len ? str_fmt(op->arena, "%.*s：%.*s", STR_ARG(act), STR_ARG(subject)) : act;
}

static void fill_entries(struct op *op, const struct work *w, const struct ledger_entry *e,
			 size_t n, struct html_ledger *v)
{
	struct html_event_row *rows = NEW_N(op->arena, n, struct html_event_row);

	for (size_t i = 0; i < n; i++) {
		struct kind_word k = kind_word(e[i].kind);
		str who = person_name(w, e[i].person);

		rows[i] = (struct html_event_row){
			.seq = say_number(op->arena, e[i].seq), .at = say_moment(op, e[i].at_ms),
			.kind = str_of(k.group), .text = entry_say(op, w, &e[i], str_of(k.act)),
			.who = who.len ? who : STR("系统"),
			.leaf = str_slice(hash_hex(op->arena, e[i].link), 0, 12),
		};
	}
	v->rows = rows;
	v->rows_n = n;
}

/* --- the page --- */

static enum err ledger_show(struct req *rq, struct reply *rp, const struct ledger_report *report)
{
	struct op *op = rq->op;
	const struct form_ledger *f = report ? NULL : rq->form;
	struct html_ledger v = { .can_verify = true, .sub = STR("每件事都在这里，一条接一条") };
	struct html_pair *p = NEW_N(op->arena, 3, struct html_pair);
	int64_t before = f && f->from != FORM_ABSENT ? f->from + 1 : INT64_MAX;
	const struct work *w;
	struct ledger_entry *e;
	size_t n;

	TRY(page_work(op, &w));
	TRY(page_shell(rq, rp, w, STR("台账存证"), TAB_NONE, &v.shell));
	v.csrf = v.shell.csrf;
	TRY(ledger_newest(op, op->scope->tenant, before, ENTRIES, &e, &n));
	fill_entries(op, w, e, n, &v);
	if (n) {
		p[v.facts_n++] = (struct html_pair){ STR("这一页从"), str_fmt(op->arena, "第 %lld 条",
									   (long long)e[0].seq) };
		p[v.facts_n++] = (struct html_pair){ STR("它的摘要"), str_slice(hash_hex(op->arena,
			e[0].link), 0, 16) };
		p[v.facts_n++] = (struct html_pair){ STR("算法"), STR("SHA-256") };
	}
	v.facts = p;
	v.shown = str_fmt(op->arena, "%zu 条，最新在前", n);
	if (before != INT64_MAX)
		v.first_url = STR("/ledger");
	if (n == ENTRIES && e[n - 1].seq > 1)
		v.next_url = str_fmt(op->arena, "/ledger?from=%lld", (long long)e[n - 1].seq - 1);
	if (report) {
		v.checked = true;
		v.ok = report->ok;
		v.result =
			report->ok
				? str_fmt(op->arena, "从第 1 条到第 %lld 条，全部衔接一致。",
					  (long long)report->events)
				: str_fmt(op->arena,
					  "第 %lld 条起对不上：%.*s。请马上告诉管理员，不要再改动数据文件夹。",
					  (long long)report->bad_seq, STR_ARG(report->bad_what));
	}
	html_ledger(&rp->body, &v);
	return ERR_OK;
}

enum err page_ledger(struct req *rq, struct reply *rp)
{
	return ledger_show(rq, rp, NULL);
}

enum err page_ledger_verify(struct req *rq, struct reply *rp)
{
	struct ledger_opener *all;
	struct ledger_report report;
	size_t n = work_openers(rq->op, &all);

	TRY(ledger_verify(rq->op, rq->op->scope->tenant, all, n, &report));
	return ledger_show(rq, rp, &report);
}
