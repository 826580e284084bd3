/*
 * control: the control socket DIR/control (unix, 0600), by which a command runs inside the
 * server that holds the folder. The client sends one frame with the words typed and the working
 * directory; the server runs them through a function it was given and sends back frames of
 * stdout and stderr as they come, and last the exit status.
 *
 * A frame: u32 length (little-endian, of what follows the kind), u8 kind, bytes.
 *	'A' client: cwd NUL, then each argument NUL		'O', 'E' server: output
 *	'X' server: one byte, the exit status; the end
 *
 * Only the owner of the server's process, or root, is served (SO_PEERCRED beside the mode of the
 * file). At most CONTROL_CLIENTS_MAX commands run at once: the next is told to come again (75).
 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include "base/err.h"
#include "base/op.h"
#include "base/str.h"
#include "cli/cmd.h"

#define CONTROL_CLIENTS_MAX 4

struct control;

/* Runs a command on a thread of its own; the exit status. It opens and frees what it needs. */
typedef int control_run_fn(void *app, const str *argv, size_t argc, str cwd,
			   const struct cmd_sink *sink);

/* Call it with the lock of the folder held: a socket that lies there is then a dead one's. ERR_IO.
 */
MUST_CHECK enum err control_start(struct op *op, str dir, control_run_fn *run, void *app,
				  struct control **ret_ct);
/* No new commands; waits for those that run (their cmd_gone() says to stop). Accepts NULL. */
void control_stop(struct control *ct);

/*
 * As a client: ERR_NOTFOUND when no server is there (nothing was done); ERR_OK and the exit status;
 * ERR_IO when the server went away in between (the command may have done its work).
 */
MUST_CHECK enum err control_call(struct op *op, str dir, const str *argv, size_t argc, str cwd,
				 const struct cmd_sink *sink, int *ret_status);

/* The contents of an 'A' frame. False when it is none. *ret_argv in the arena. */
bool control_read_args(struct arena *a, str bytes, str *ret_cwd, str **ret_argv, size_t *ret_argc);

#endif
