/* plan: what a unit's year asks: occurrences by month, minutes by person and week. */
#include "base/date.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "work/work.h"

#define CMD CMD_DECLARE
#include "cli/cmds.def"
#undef CMD

static void pad(struct cmd *c, str s, size_t wide)
{
	size_t w = utf8_width(s);

	cmd_out(c, "%.*s%*s", STR_ARG(s), w < wide ? (int)(wide - w) : 1, "");
}

static void months_print(struct cmd *c, const struct year_plan *p)
{
	pad(c, STR("职责"), 36);
	for (int m = 0; m < p->months; m++)
		cmd_out(c, "%4d月", (p->first_month - 1 + m) % 12 + 1);
	cmd_out(c, "    合计\n");
	for (size_t i = 0; i < p->n; i++) {
		pad(c, p->at[i].duty->m.label, 36);
		for (int m = 0; m < p->months; m++)
			cmd_out(c, "%6d", p->at[i].due[m]);
		cmd_out(c, "%8d%s\n", p->at[i].total, p->at[i].provisional ? "（暂定）" : "");
	}
	cmd_out(c, "全年：做 %lld 小时，记 %lld 小时\n", (long long)(p->minutes_do / 60),
		(long long)(p->minutes_record / 60));
}

/* The busiest week of each person, busiest people first ten. */
static enum err burden_print(struct cmd *c, day_no from, day_no to)
{
	struct burden_line *b;
	size_t n;

	TRY(burden_of(c->op, from, to, &b, &n));
	cmd_out(c, "\n每人最忙的一周（记录分钟）\n");
	for (size_t i = 0; i < n && !cmd_gone(c); ) {
		size_t best = i, k = i;

		for (; k < n && b[k].person.v == b[i].person.v; k++)
			if (b[k].minutes_record > b[best].minutes_record)
				best = k;
		struct date d = date_from_day(b[best].week);
		pad(c, b[best].name, 12);
		cmd_out(c, "%d月%d日起：做 %d 分，记 %d 分，%d 件\n", d.month, d.day, b[best].minutes_do,
			b[best].minutes_record, b[best].count);
		i = k;
	}
	return ERR_OK;
}

static void duty_json(struct jw *w, const struct year_plan *p, const struct plan_line *l)
{
	jw_obj(w);
	jw_kv(w, "duty", l->duty->m.id);
	jw_kv(w, "label", l->duty->m.label);
	jw_key(w, "months");
	jw_arr(w);
	for (int m = 0; m < p->months; m++)
		jw_int(w, l->due[m]);
	jw_end(w);
	jw_kv_int(w, "total", l->total);
	jw_kv_bool(w, "provisional", l->provisional);
	jw_end(w);
}

/* The same two tables; weeks by their Monday. */
static enum err plan_json(struct cmd *c, const struct year_plan *p, day_no from, day_no to)
{
	struct buf b CLEANUP(buf_release);
	struct burden_line *line;
	struct jw w;
	size_t n;
	str s;

	TRY(burden_of(c->op, from, to, &line, &n));
	buf_init(&b, 16 * MIB);
	jw_start(&w, &b);
	jw_obj(&w);
	jw_key(&w, "duties");
	jw_arr(&w);
	for (size_t i = 0; i < p->n; i++)
		duty_json(&w, p, &p->at[i]);
	jw_end(&w);
	jw_key(&w, "weeks");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&w);
		jw_kv(&w, "name", line[i].name);
		jw_kv(&w, "week", date_format(c->op->arena, line[i].week));
		jw_kv_int(&w, "minutes_do", line[i].minutes_do);
		jw_kv_int(&w, "minutes_record", line[i].minutes_record);
		jw_end(&w);
	}
	jw_end(&w);
	jw_end(&w);
	TRY(buf_finish(&b, &s));
	cmd_out_str(c, s);
	cmd_out(c, "\n");
	return ERR_OK;
}

int cmd_plan(struct cmd *c)
{
	struct app *app = c->app;
	struct year_plan p;
	int64_t year;

	if (!str_to_i64(cmd_opt(c, STR("--year")), &year) || year < 2000 || year > 2100
	    || !cmd_opt(c, STR("--unit")).len) {
		cmd_err(c, "用法：bihuan plan --unit 编号 --year 2026 [--post 岗位]");
		return CMD_USAGE;
	}
	day_no from = day_of((int)year, 1, 1), to = day_of((int)year, 12, 31);
	enum err e = app_read(app, c->op);
	if (!e)
		e = app_unit(c->op, cmd_opt(c, STR("--unit")), &c->op->tenant);
	if (!e)
		e = plan_of(c->op, from, to, cmd_opt(c, STR("--post")), &p);
	if (!e && c->json) {
		e = plan_json(c, &p, from, to);
	} else if (!e) {
		months_print(c, &p);
		e = burden_print(c, from, to);
	}
	if (c->op->store)
		app_read_end(c->op);
	return e ? cmd_fail(c, e) : CMD_DONE;
}
