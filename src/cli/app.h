/*
 * app: one opened instance: settings, folder, writer, compiled packs, and the clock that it
 * lives by. Built by main and by serve, handed to commands as cmd->app. Everything in it is made
 * once and torn down in the order of app_close().
 */
#ifndef CLI_APP_H
#define CLI_APP_H

#include "base/clock.h"
#include "base/op.h"
#include "base/rand.h"
#include "base/settings.h"
#include "store/store.h"
#include "store/writer.h"
#include "web/site.h"
#include "work/policies.h"

struct sched;
struct web;

#define BIHUAN_VERSION "0.1"

enum clock_mode { CLOCK_REAL, CLOCK_DEMO, CLOCK_MANUAL };

struct app {
	struct site site;	/* first: rq->app of the pages */
	struct arena *arena;	/* as long as the process */
	struct settings settings;
	str dir;
	struct clock clock;
	enum clock_mode clock_mode;
	struct entropy entropy;	/* the writer's */
	struct entropy secrets;	/* for codes and tokens; guarded by app_token() */
	struct store_db *db;
	struct writer *writer;
	struct policies *policies;
	struct sched *sched;	/* while serving */
	struct web *web;
	struct store *reader[64];	/* of each thread of the server */
};

/* Settings, clock; the folder is not touched. */
MUST_CHECK enum err app_init(struct op *op, struct app *app, const struct setting_flag *flag,
			     size_t n);
/* Lock, open, migrate, start the writer; with `create` an empty instance. */
MUST_CHECK enum err app_open(struct op *op, struct app *app, bool create);
void app_close(struct app *app);
/* An op of the system on `arena`: clock, packs, now. No store: app_read() takes one. */
void app_op(struct app *app, struct arena *arena, struct op *ret_op);
/* A read scope on a reader of its own; app_read_end() gives it back. */
MUST_CHECK enum err app_read(struct app *app, struct op *op);
void app_read_end(struct op *op);
/* The tenant of a unit's code; ERR_INVALID in words. */
MUST_CHECK enum err app_unit(struct op *op, str code, tenant_id *ret);
/* A value of the instance (table instance_value); "" when unset. */
MUST_CHECK enum err app_value_put(struct app *app, struct op *op, const char *name, str value);
/* Move a manual clock to `at_ms`, doing what falls due on the way, in order. */
MUST_CHECK enum err app_clock_move(struct app *app, struct op *op, int64_t at_ms);

#endif
