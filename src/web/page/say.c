/* say: time, numbers and names in the words of a good colleague. See page.h. */
#include "web/page/page.h"

#include "base/buf.h"
#include "base/pubid.h"
#include "base/utf8.h"
#include "store/store.h"

int32_t page_utc(const struct op *op)
{
	return op->clock->utc_offset_ms;
}

day_no page_today(const struct op *op)
{
	return instant_day(op->now_ms, page_utc(op));
}

str say_weekday(day_no d)
{
	static const char *const names[] = { "星期一", "星期二", "星期三", "星期四", "星期五", "星期六",
					     "星期日" };

	return str_of(names[day_weekday(d) - 1]);
}

/* 今天, 昨天, 明天, 周五 within this week, else 11 月 18 日, with another year before it. */
static str say_day(struct op *op, day_no d)
{
	static const char *const week[] = { "周一", "周二", "周三", "周四", "周五", "周六", "周日" };
	day_no today = page_today(op), monday = today - (day_weekday(today) - 1);
	struct date at = date_from_day(d);

	if (d >= today - 1 && d <= today + 1)
		return d == today ? STR("今天") : d < today ? STR("昨天") : STR("明天");
	if (d >= monday && d < monday + 7 && d > today)
		return str_of(week[day_weekday(d) - 1]);
	if (at.year == date_from_day(today).year)
		return str_fmt(op->arena, "%d 月 %d 日", at.month, at.day);
	return str_fmt(op->arena, "%d 年 %d 月 %d 日", at.year, at.month, at.day);
}

str say_date(struct op *op, int64_t at_ms)
{
	struct date at = date_from_day(instant_day(at_ms, page_utc(op)));

	if (at.year == date_from_day(page_today(op)).year)
		return str_fmt(op->arena, "%d 月 %d 日", at.month, at.day);
	return str_fmt(op->arena, "%d 年 %d 月 %d 日", at.year, at.month, at.day);
}

static str say_clock(struct op *op, int64_t at_ms)
{
	int minute = instant_minute(at_ms, page_utc(op));

	return str_fmt(op->arena, "%02d:%02d", minute / 60, minute % 60);
}

str say_moment(struct op *op, int64_t at_ms)
{
	str day = say_day(op, instant_day(at_ms, page_utc(op))), clock = say_clock(op, at_ms);

	return str_fmt(op->arena, "%.*s %.*s", STR_ARG(day), STR_ARG(clock));
}

/* A limit at 24:00 is the end of the day before: 周五内 means until Friday is over. */
bool grave(str label)
{
	return str_eq(label, STR("重大"));
}

str say_due(struct op *op, int64_t due_ms, bool late)
{
	str day, clock;

	if (due_ms == INSTANT_OPEN)
		return STR_NONE;
	day = say_day(op, instant_day(due_ms - 1, page_utc(op)));
	clock = instant_minute(due_ms, page_utc(op)) == 0 ? STR_NONE : say_clock(op, due_ms);
	if (clock.len)
		day = str_fmt(op->arena, "%.*s %.*s", STR_ARG(day), STR_ARG(clock));
	if (late)
		return str_fmt(op->arena, "应于%.*s%s前", STR_ARG(day), clock.len ? " " : "");
	return clock.len ? str_fmt(op->arena, "%.*s 前", STR_ARG(day))
			 : str_fmt(op->arena, "%.*s内", STR_ARG(day));
}

static str say_span(struct op *op, int64_t ms)
{
	if (ms < MS_HOUR)
		return str_fmt(op->arena, "%lld 分钟", (long long)(ms / MS_MINUTE));
	if (ms < MS_DAY)
		return str_fmt(op->arena, "%lld 小时", (long long)(ms / MS_HOUR));
	return str_fmt(op->arena, "%lld 天", (long long)(ms / MS_DAY));
}

str say_left(struct op *op, int64_t due_ms)
{
	day_no due_on, today = page_today(op);
	str span;

	if (due_ms == INSTANT_OPEN)
		return STR_NONE;
	due_on = instant_day(due_ms - 1, page_utc(op));
	if (due_ms <= op->now_ms) {
		span = say_span(op, op->now_ms - due_ms);
		return str_fmt(op->arena, "逾期 %.*s", STR_ARG(span));
	}
	if (due_on == today && instant_minute(due_ms, page_utc(op)) == 0)
		return STR("今天到期");
	if (due_on > today)
		return str_fmt(op->arena, "剩 %d 天", due_on - today);
	span = say_span(op, due_ms - op->now_ms);
	return str_fmt(op->arena, "剩 %.*s", STR_ARG(span));
}

str say_minutes(struct arena *a, int32_t doing, int32_t recording)
{
	if (!doing && !recording)
		return STR_NONE;
	if (doing >= 60 && doing % 60 == 0)
		return str_fmt(a, "做 %d 小时 · 记 %d 分", doing / 60, recording);
	if (doing >= 60)
		return str_fmt(a, "做 %d 小时 %d 分 · 记 %d 分", doing / 60, doing % 60, recording);
	return str_fmt(a, "做 %d 分 · 记 %d 分", doing, recording);
}

str say_number(struct arena *a, int64_t n)
{
	if (n < 1000)
		return str_fmt(a, "%lld", (long long)n);
	if (n < 1000000)
		return str_fmt(a, "%lld,%03lld", (long long)(n / 1000), (long long)(n % 1000));
	return str_fmt(a, "%lld,%03lld,%03lld", (long long)(n / 1000000),
		       (long long)(n / 1000 % 1000), (long long)(n % 1000));
}

/* --- people expressions --- */

static const struct { const char *word, *say; } people_words[] = {
	{ "anyone", "任何人" }, { "creator", "登记人" }, { "typist", "录入人" }, { "subject", "本人" },
	{ "person", "本人" }, { "place", "" }, { "class", "" }, { "owner", "责任人" }, { "daily",
		"日查人" },
	{ "recheck", "复查人" }, { "keeper", "区域" }, { "first", "" }, { "any", "" }, { "all", "都要：" },
	{ "on-duty", "当班：" }, { "members", "部门：" }, { "head", "负责人：" }, { "holder", "任职：" },
	{ "class-teacher", "班主任" }, { "each", "每位" }, { "unsigned", "未签的" }, { "doer", "办理人" },
	{ "not", "，除了" }, { "field", "" }, { "body", "" }, { "leader", "组长" }, { "or", "或" },
};

static str word_say(const struct policy *p, str word)
{
	const struct post *post = policy_post(p, word);
	const struct body *body = policy_body(p, word);
	const struct roster *roster = policy_roster(p, word);

	for (size_t i = 0; i < sizeof(people_words) / sizeof(people_words[0]); i++)
		if (str_eq(word, str_of(people_words[i].word)))
			return str_of(people_words[i].say);
	if (post && post->m.label.len)
		return post->m.label;
	if (body && body->m.label.len)
		return body->m.label;
	if (roster && roster->m.label.len)
		return roster->m.label;
	for (size_t i = 0; i < p->loop_n; i++) {
		const struct field *f = loop_field(&p->loop[i], word);

		if (f && f->m.label.len)
			return f->m.label;
	}
	for (size_t i = 0; i < p->parameter_n; i++)
		if (str_eq(p->parameter[i].m.id, word))
			return p->parameter[i].m.label;
	return word;
}

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

str say_clauses(struct arena *a, const struct strs *ids)
{
	str *part = NEW_N(a, ids->n, str);
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++)
		if (!str_starts(ids->at[i], STR("entry.")))
			part[n++] = ids->at[i];
	return str_join(a, part, n, STR("、"));
}

str say_people(struct op *op, const struct policy *p, str text)
{
	struct buf b;
	str out;

	buf_init(&b, 4096);
	for (size_t i = 0; i < text.len;) {
		size_t n = i;

		while (n < text.len && in_word(text.ptr[n]))
			n++;
		if (n > i)
			buf_add(&b, word_say(p, str_slice(text, i, n)));
		else if (text.ptr[i] == ',' && b.len && !str_ends((str){ b.ptr, b.len }, STR("区域")))
			buf_add(&b, STR("、"));
		i = n > i ? n : i + 1;
	}
	out = buf_finish(&b, &out) == ERR_OK ? str_dup(op->arena, out) : text;
	buf_release(&b);
	return out;
}

/* --- people and places --- */

str page_mark(struct arena *a, str name, size_t chars)
{
	size_t n = utf8_len(name);

	(void)a;
	return n <= chars ? name : str_slice(name, utf8_cut(name, n - chars).len, name.len);
}

/* The colour of a disc says nothing; it only tells people apart, always the same way. */
struct html_who page_who(struct arena *a, person_id id, str name)
{
	static const char *const tones[] = { "", "b", "c", "d" };

	(void)a;
	return (struct html_who){ .name = name, .mark = utf8_cut(name, 1),
				  .tone = str_of(tones[(id.v >> 2) % 4]) };
}

str person_name(const struct work *w, person_id id)
{
	const struct ov_person *p = w && id.v ? ov_person(w->org, id) : NULL;

	return p ? p->name : STR_NONE;
}

str place_name(const struct work *w, place_id id)
{
	const struct ov_place *p = w && id.v ? ov_place(w->org, id) : NULL;

	return p ? p->name : STR_NONE;
}

str page_id(struct op *op, int64_t id)
{
	return pubid_make(op->arena, op->scope->tenant, id);
}

str page_url(struct op *op, const char *before, int64_t id, const char *after)
{
	str pub = page_id(op, id);

	return str_fmt(op->arena, "%s%.*s%s", before, STR_ARG(pub), after);
}

/* --- rings --- */

const char *const stage_names[5] = { "发现", "派单", "整改", "复查", "销号" };

struct html_loop_ring page_ring(struct op *op, int8_t ring, str state_label, bool final, bool late)
{
	return (struct html_loop_ring){
		.stage = final ? 5 : ring,
		.state = late && !final ? STR("is-late") : STR_NONE,
		.label = final ? state_label
			       : str_fmt(op->arena, "进度 %d/5：%.*s%s", ring, STR_ARG(state_label),
					 late ? "，已逾期" : ""),
	};
}

bool loop_has_stages(const struct loop *lp)
{
	int8_t first = 0;

	for (size_t i = 0; i < lp->state_n; i++) {
		if (!lp->state[i].ring || lp->state[i].final)
			continue;
		if (first && first != lp->state[i].ring)
			return true;
		first = lp->state[i].ring;
	}
	return false;
}
