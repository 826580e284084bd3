/* cmds: the table of cli/cmds.def becomes data; and `help`, which prints it. */
#include "cli/cmd.h"

#include "base/utf8.h"

const struct command cmd_table[] = {
#define CMD CMD_ROW
#include "cli/cmds.def"
#undef CMD
};
const size_t cmd_table_n = sizeof(cmd_table) / sizeof(cmd_table[0]);

int cmd_help(struct cmd *c)
{
	cmd_out(c, "bihuan 命令 [-d 数据文件夹] [选项]\n\n");
	for (size_t i = 0; i < cmd_table_n; i++) {
		const struct command *cm = &cmd_table[i];
		str line = str_fmt(c->op->arena, "%.*s%s%.*s",
				   STR_ARG(str_kebab(c->op->arena, cm->name)),
				   cm->args.len ? " " : "", STR_ARG(cm->args));
		size_t wide = utf8_width(line);
		cmd_out(c, "  %.*s%*s%.*s\n", STR_ARG(line), wide < 26 ? (int)(28 - wide) : 2, "",
			STR_ARG(cm->help));
		if (cm->options.len)
			cmd_out(c, "%30s%.*s\n", "", STR_ARG(cm->options));
	}
	return CMD_DONE;
}
