/*
 * cmd_check: `bihuan check`: a compiler of packs. Diagnostics go to stdout as a compiler
 * gives them, since they are what was asked for; the exit status is 1 when there was an
 * error. Warnings alone do not fail a pack.
 */
#include "cli/cmd.h"

#include "base/json.h"
#include "cli/pack_files.h"
#include "rules/pack.h"

/* --- --explain --- */

static void explain(struct cmd *c, const struct diag_code *code)
{
	static const char *const severity[] = { "错误", "提醒", "提示" };

	cmd_out(c, "%s（%s）%s\n\n", code->code, severity[code->severity], code->sentence);
	cmd_out(c, "为什么：%s\n", code->cause);
	cmd_out(c, "怎么办：%s\n", code->cure);
	cmd_out(c, "例如：\n%s\n", code->example);
}

/* A code of a hole that a pack declares is explained by the pack. */
static bool explain_hole(struct cmd *c, const struct policy *p, str code)
{
	static const char *const severity[] = { "错误", "提醒", "提示" };
	const struct require *r = policy_require(p, code);

	if (!r)
		return false;
	cmd_out(c, "%.*s（%s）%.*s\n", STR_ARG(code), severity[r->severity], STR_ARG(r->m.label));
	if (r->m.help.len)
		cmd_out(c, "%.*s\n", STR_ARG(r->m.help));
	cmd_out(c, "写在 %.*s:%u\n", STR_ARG(r->m.pos.file), (unsigned)r->m.pos.line);
	return true;
}

static int cmd_explain(struct cmd *c, str code)
{
	const struct diag_code *d = diag_code(code);
	struct found_packs f = { 0 };
	struct diags ds = { 0 };
	struct policy *p;
	bool found = false;

	if (d) {
		explain(c, d);
		return CMD_DONE;
	}
	if (c->arg.n && !packs_of_args(c, &f) && !pack_compile(c->op, f.at, f.n, NULL, &ds, &p)) {
		found = explain_hole(c, p, code);
		policy_free(p);
	}
	op_clear_error(c->op);
	if (found)
		return CMD_DONE;
	cmd_err(c, "没有编码 %.*s；规则包自己的缺口编码，请同时写出规则包", STR_ARG(code));
	return CMD_USAGE;
}

/* --- what was found --- */

static const char *severity_word(enum severity s)
{
	return s == DIAG_ERROR ? "error" : s == DIAG_WARNING ? "warning" : "info";
}

static void print_text(struct cmd *c, const struct found_packs *f, const struct diags *ds)
{
	for (size_t i = 0; i < ds->n; i++) {
		struct diag d = ds->at[i];

		d.pos = packs_place(c->op->arena, f, d.pos);
		cmd_out(c, "%.*s\n", STR_ARG(diag_format(c->op->arena, &d)));
	}
}

static int64_t yearly(const struct policy *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < p->duty_n; i++)
		n += duty_model_count(p, &p->duty[i]);
	return n;
}

static void print_sum(struct cmd *c, const struct policy *p, const struct diags *ds)
{
	size_t steps = 0;

	if (!p) {
		cmd_out(c, "%zu 处错误，%zu 处提醒\n", ds->errors, ds->n - ds->errors);
		return;
	}
	for (size_t i = 0; i < p->loop_n; i++)
		steps += p->loop[i].step_n;
	cmd_out(c,
		"%zu 个规则包：%zu 条条款，%zu 个闭环（%zu 个步骤），%zu 项职责，%zu "
		"项常备要求，%zu 个值班，"
		"%zu 个打印件\n",
		p->pack_n, p->clause_n, p->loop_n, steps, p->duty_n, p->require_n, p->roster_n,
		p->print_n);
	cmd_out(c, "示范学校一年约 %lld 项任务\n", (long long)yearly(p));
	cmd_out(c, "闭环都能闭上：0 处错误，%zu 处提醒\n", ds->n);
}

static void print_json(struct cmd *c, const struct found_packs *f, const struct policy *p,
		       const struct diags *ds)
{
	struct buf out;
	struct jw w;
	str text;

	buf_init(&out, 4UL << 20);
	jw_start(&w, &out);
	jw_obj(&w);
	jw_key(&w, "diagnostics");
	jw_arr(&w);
	for (size_t i = 0; i < ds->n; i++) {
		struct pos pos = packs_place(c->op->arena, f, ds->at[i].pos);

		jw_obj(&w);
		jw_kv(&w, "file", pos.file);
		jw_kv_int(&w, "line", pos.line);
		jw_kv_int(&w, "col", pos.col);
		jw_kv(&w, "severity", str_of(severity_word(ds->at[i].code->severity)));
		jw_kv(&w, "code", str_of(ds->at[i].code->code));
		jw_kv(&w, "message", ds->at[i].message);
		jw_end(&w);
	}
	jw_end(&w);
	jw_kv_int(&w, "errors", (int64_t)ds->errors);
	jw_kv_int(&w, "warnings", (int64_t)(ds->n - ds->errors));
	if (p)
		jw_kv_int(&w, "yearly", yearly(p));
	jw_end(&w);
	if (!buf_finish(&out, &text))
		cmd_out(c, "%.*s\n", STR_ARG(text));
	buf_release(&out);
}

int cmd_check(struct cmd *c)
{
	struct found_packs f = { 0 };
	struct diags ds = { 0 };
	struct policy *p = NULL;
	enum err e;

	if (cmd_has(c, STR("--explain")))
		return cmd_explain(c, cmd_opt(c, STR("--explain")));
	e = packs_of_args(c, &f);
	if (e)
		return e == ERR_INVALID ? (cmd_err(c, "%s", c->op->errmsg), CMD_USAGE)
					: cmd_fail(c, e);
	if (pack_compile(c->op, f.at, f.n, NULL, &ds, &p)) {
		p = NULL;
		op_clear_error(c->op);
	}
	if (c->json) {
		print_json(c, &f, p, &ds);
	} else {
		print_text(c, &f, &ds);
		print_sum(c, p, &ds);
	}
	policy_free(p);
	return ds.errors ? CMD_FOUND : CMD_DONE;
}
