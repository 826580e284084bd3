/*
 * cmd: commands as a table (cli/cmds.def) and what a command sees. The same function runs
 * in three places: in a process of its own with the lock of the folder, inside the server through
 * the control socket (cli/control.h), and in tests. So it never touches stdout, stderr, the
 * working directory or exit(): it writes through cmd_out() and cmd_err(), resolves paths by
 * cmd_path(), and returns its exit status.
 *
 * Options are declared in the table and parsed here; what is not declared is a usage error.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/op.h"
#include "base/str.h"

/* Exit statuses of interfaces §2. */
enum cmd_exit {
	CMD_DONE = 0,
	CMD_FOUND = 1,		/* what it looks for: a diagnostic, a hole, a broken chain */
	CMD_USAGE = 2,
	CMD_BAD_DATA = 65,
	CMD_UNAVAILABLE = 69,
	CMD_BUG = 70,
	CMD_IO = 74,
	CMD_BUSY = 75,
	CMD_DENIED = 77,
	CMD_CONFIG = 78,
};

enum cmd_where {
	CMD_PURE,   /* no data folder: check, clauses, help */
	CMD_ALONE,  /* makes or holds the folder itself: init, demo, serve; not beside a server */
	CMD_EITHER, /* inside the server when there is one, else with the lock */
	CMD_SERVER, /* only inside a server: clock */
};

struct cmd;

struct command {
	str name;
	enum cmd_where where;
	int (*run)(struct cmd *c);
	str args;		/* for people: "PACK…", "KIND FILE" */
	str options;		/* "--unit= --at= --json": with '=' it takes a value */
	str help;		/* one line, Chinese */
};

#define CMD_DECLARE(name, where, args, options, help) int cmd_##name(struct cmd *c);
#define CMD_STR(s) { s, sizeof(s) - 1 }
#define CMD_ROW(name, where, args, options, help) \
	{ CMD_STR(#name), CMD_##where, cmd_##name, CMD_STR(args), CMD_STR(options), CMD_STR(help) },

#define CMD CMD_DECLARE
#include "cli/cmds.def"
#undef CMD

extern const struct command
	cmd_table[]; /* cli/cmds.def; a name written with '_' is typed with '-' */
extern const size_t cmd_table_n;

/* Where output goes: stream 1 or 2. `gone`: nobody listens any more; may be NULL. */
struct cmd_sink {
	void (*write)(void *to, int stream, str bytes);
	bool (*gone)(void *to);
	void *to;
};

struct cmd_opt { str name, value; };

struct cmd {
	struct op *op; /* arena, clock, scope of the system; store as the caller set it */
	void *app;			/* what main built: store, writer, packs … */
	const struct command *command;
	str cwd;			/* of the person who typed it */
	bool json;			/* --json */
	VEC(str) arg;			/* what is no option */
	VEC(struct cmd_opt) opt;
	struct cmd_sink sink;
	struct buf out;
};

/* argv[0] is the command's name. Parses, runs, flushes; the exit status. */
int cmd_run(const struct command *table, size_t n, struct op *op, void *app, const str *argv,
	    size_t argc, str cwd, const struct cmd_sink *sink);
const struct command *cmd_find(const struct command *table, size_t n, str name); /* NULL: none */
const struct cmd_sink *cmd_sink_process(void);	/* file descriptors 1 and 2 of this process */

void cmd_out(struct cmd *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cmd_out_str(struct cmd *c, str s);
void cmd_err(struct cmd *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3))); /* adds "\n" */
void cmd_flush(struct cmd *c);
bool cmd_gone(struct cmd *c); /* stop: nobody waits for this, or the server ends */
str cmd_opt(const struct cmd *c, str name);	/* STR_NONE when not given; the last one wins */
bool cmd_has(const struct cmd *c, str name);
str cmd_arg(const struct cmd *c, size_t i);	/* STR_NONE past the end */
/* A path as the person meant it, absolute, NUL-terminated in the arena. */
const char *cmd_path(const struct cmd *c, str path);
/* Says op's message (and faults by field) on stderr, gives the exit status. */
int cmd_fail(struct cmd *c, enum err e);
int cmd_exit_of(enum err e);

#endif
