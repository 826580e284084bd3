/*
 * cmd: see cmd.h. Output of a command is kept in order: what stands in `out` goes before any
 * message.
 */
#include "cli/cmd.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

#define OUT_MAX (256 * KIB)

/* ---- output ------------------------------------------------------------------------- */

void cmd_flush(struct cmd *c)
{
	if (c->out.len)
		c->sink.write(c->sink.to, 1, (str){ c->out.ptr, c->out.len });
	buf_clear(&c->out);
}

void cmd_out_str(struct cmd *c, str s)
{
	if (s.len > OUT_MAX / 2) {
		cmd_flush(c);
		c->sink.write(c->sink.to, 1, s);
		return;
	}
	if (c->out.len + s.len > OUT_MAX / 2)
		cmd_flush(c);
	buf_add(&c->out, s);
	assert(!c->out.failed);
}

static str format_line(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static str format_line(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	assert(n >= 0);
	p = arena_alloc(a, (size_t)n + 2);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	return (str){ p, (size_t)n };
}

void cmd_out(struct cmd *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cmd_out_str(c, format_line(c->op->arena, fmt, ap));
	va_end(ap);
}

void cmd_err(struct cmd *c, const char *fmt, ...)
{
	va_list ap;
	str s;

	va_start(ap, fmt);
	s = format_line(c->op->arena, fmt, ap);
	va_end(ap);
	((char *)(uintptr_t)s.ptr)[s.len] = '\n';	/* format_line() left room */
	s.len++;
	cmd_flush(c);
	c->sink.write(c->sink.to, 2, s);
}

static void write_process(void *to, int stream, str s)
{
	(void)to;
	while (s.len) {
		ssize_t n = write(stream, s.ptr, s.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s = str_slice(s, (size_t)n, s.len);
	}
}

static const struct cmd_sink PROCESS_SINK = { write_process, NULL, NULL };

const struct cmd_sink *cmd_sink_process(void)
{
	return &PROCESS_SINK;
}

bool cmd_gone(struct cmd *c)
{
	return c->sink.gone && c->sink.gone(c->sink.to);
}

/* ---- what was typed --------------------------------------------------------------------- */

str cmd_opt(const struct cmd *c, str name)
{
	for (size_t i = c->opt.n; i > 0; i--)
		if (str_eq(c->opt.at[i - 1].name, name))
			return c->opt.at[i - 1].value;
	return STR_NONE;
}

bool cmd_has(const struct cmd *c, str name)
{
	return cmd_opt(c, name).ptr != NULL;
}

str cmd_arg(const struct cmd *c, size_t i)
{
	return i < c->arg.n ? c->arg.at[i] : STR_NONE;
}

const char *cmd_path(const struct cmd *c, str path)
{
	if (str_starts(path, STR("/")) || c->cwd.len == 0)
		return str_c(c->op->arena, path);
	return str_fmt(c->op->arena, "%.*s/%.*s", STR_ARG(c->cwd), STR_ARG(path)).ptr;
}

enum opt_kind { OPT_UNKNOWN, OPT_BARE, OPT_VALUE };

static enum opt_kind opt_kind(const struct command *cm, str name)
{
	str rest = cm->options;

	while (rest.ptr) {
		str one = str_cut(&rest, ' ');
		if (str_eq(one, name))
			return OPT_BARE;
		if (str_ends(one, STR("=")) && str_eq(str_slice(one, 0, one.len - 1), name))
			return OPT_VALUE;
	}
	return OPT_UNKNOWN;
}

static int usage(struct cmd *c, const char *why, str what)
{
	const struct command *cm = c->command;

	cmd_err(c, "bihuan: %s%.*s", why, STR_ARG(what));
	cmd_err(c, "bihuan %.*s %.*s %.*s", STR_ARG(cm->name), STR_ARG(cm->args),
		STR_ARG(cm->options));
	return CMD_USAGE;
}

/* One word that begins with "--". *i moves over a value that stands apart. */
static int take_option(struct cmd *c, const str *argv, size_t argc, size_t *i)
{
	str value = argv[*i];
	str name = str_cut(&value, '=');
	struct cmd_opt *o;

	switch (opt_kind(c->command, name)) {
	case OPT_UNKNOWN:
		return usage(c, "没有这个选项：", name);
	case OPT_BARE:
		if (value.ptr)
			return usage(c, "这个选项不带值：", name);
		value = STR("");
		break;
	case OPT_VALUE:
		if (!value.ptr) {
			if (*i + 1 >= argc)
				return usage(c, "这个选项要带值：", name);
			value = argv[++*i];
		}
		break;
	}
	o = VEC_PUSH(c->op->arena, &c->opt);
	*o = (struct cmd_opt){ name, value };
	return CMD_DONE;
}

/* As many as the table names; "PACK…" is any number. */
static size_t args_max(const struct command *cm)
{
	str rest = cm->args;
	size_t n = 0;

	if (str_ends(rest, STR("…")))
		return SIZE_MAX;
	while (str_trim(rest).len) {
		rest = str_trim(rest);
		(void)str_cut(&rest, ' ');
		n++;
	}
	return n;
}

static int parse(struct cmd *c, const str *argv, size_t argc)
{
	bool only_args = false;

	for (size_t i = 1; i < argc; i++) {
		if (!only_args && str_eq(argv[i], STR("--"))) {
			only_args = true;
		} else if (!only_args && str_starts(argv[i], STR("--"))) {
			int status = take_option(c, argv, argc, &i);
			if (status)
				return status;
		} else if (!only_args && argv[i].len > 1 && argv[i].ptr[0] == '-' &&
			   (argv[i].ptr[1] < '0' || argv[i].ptr[1] > '9')) {
			return usage(c, "没有这个选项：", argv[i]);
		} else {
			*VEC_PUSH(c->op->arena, &c->arg) = argv[i];
		}
	}
	c->json = cmd_has(c, STR("--json"));
	if (c->arg.n > args_max(c->command))
		return usage(c, "多了一个词：", c->arg.at[args_max(c->command)]);
	return CMD_DONE;
}

const struct command *cmd_find(const struct command *table, size_t n, str name)
{
	for (size_t i = 0; i < n; i++) {
		str s = table[i].name;
		bool same = s.len == name.len;
		for (size_t k = 0; same && k < s.len; k++)
			same = s.ptr[k] == name.ptr[k] || (s.ptr[k] == '_' && name.ptr[k] == '-');
		if (same && !str_has(name, '_'))
			return &table[i];
	}
	return NULL;
}

int cmd_run(const struct command *table, size_t n, struct op *op, void *app, const str *argv,
	    size_t argc, str cwd, const struct cmd_sink *sink)
{
	struct cmd c = { .op = op, .app = app, .cwd = cwd, .sink = *sink };
	int status;

	assert(op->arena && sink->write);
	buf_init(&c.out, OUT_MAX);
	c.command = argc ? cmd_find(table, n, argv[0]) : NULL;
	if (!c.command) {
		cmd_err(&c, "bihuan: 没有“%.*s”这个命令；bihuan help 列出所有命令。",
			STR_ARG(argc ? argv[0] : STR("")));
		status = CMD_USAGE;
	} else {
		status = parse(&c, argv, argc);
		if (!status)
			status = c.command->run(&c);
	}
	cmd_flush(&c);
	buf_release(&c.out);
	return status;
}

int cmd_exit_of(enum err e)
{
	switch (e) {
	case ERR_OK:
		return CMD_DONE;
	case ERR_INVALID:
	case ERR_NOTFOUND:
	case ERR_CONFLICT:
	case ERR_LIMIT:
	case ERR_CORRUPT:
		return CMD_BAD_DATA;
	case ERR_DENIED:
		return CMD_DENIED;
	case ERR_BUSY:
		return CMD_BUSY;
	case ERR_IO:
		return CMD_IO;
	}
	panic("an error outside of its enum");
}

int cmd_fail(struct cmd *c, enum err e)
{
	const struct op *op = c->op;
	const struct field_error *f = op->field_errors;

	if (!f)
		cmd_err(c, "bihuan: %s", op->errmsg[0] ? op->errmsg : err_word(e));
	for (; f; f = f->next)
		cmd_err(c, "bihuan: %.*s%s%.*s", STR_ARG(f->field), f->field.len ? "：" : "",
			STR_ARG(f->message));
	return cmd_exit_of(e);
}
