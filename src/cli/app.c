/* app: see app.h. */
#include "cli/app.h"

#include <assert.h>

#include "auth/scope.h"
#include "base/fsutil.h"
#include "base/hash.h"
#include "base/limits.h"
#include "job/sched.h"
#include "org/instance.h"
#include "store/migrate.h"

enum err app_init(struct op *op, struct app *app, const struct setting_flag *flag, size_t n)
{
	TRY(settings_load(op, flag, n, &app->settings));
	app->arena = op->arena;
	app->dir = settings_text(&app->settings, SET_DATA);
	clock_real(&app->clock, (int32_t)settings_number(&app->settings, SET_UTC_OFFSET));
	entropy_system(&app->entropy);
	entropy_system(&app->secrets);
	app->policies = policies_new();
	return ERR_OK;
}

/* A demonstration instance lives by its own clock, from the moment it was made for. */
static enum err demo_clock(struct app *app, struct op *op)
{
	int32_t off = app->clock.utc_offset_ms;
	str shift, now;
	int64_t ms;

	TRY(instance_get(op, "demo_shift_ms", &shift));
	TRY(instance_get(op, "clock_ms", &now));
	if (!shift.len)
		return ERR_OK;
	app->site.demo = true;
	if (app->clock_mode == CLOCK_MANUAL) {
		if (!str_to_i64(now, &ms))
			return FAIL(op, ERR_CORRUPT, "演示实例的时钟读不出来");
		clock_manual(&app->clock, ms, off);
		return ERR_OK;
	}
	if (!str_to_i64(shift, &ms))
		return FAIL(op, ERR_CORRUPT, "演示实例的时钟读不出来");
	app->clock_mode = CLOCK_DEMO;
	clock_shifted(&app->clock, clock_now(&app->clock) + ms, off);
	return ERR_OK;
}

static enum err clock_choose(struct app *app, struct op *op)
{
	TRY(app_read(app, op));
	enum err e = demo_clock(app, op);
	app_read_end(op);
	TRY(e);
	if (app->clock_mode == CLOCK_MANUAL && !app->site.demo)
		return FAIL(op, ERR_INVALID, "只有演示实例可以用手动时钟");
	return ERR_OK;
}

enum err app_open(struct op *op, struct app *app, bool create)
{
	struct migrate_result mr;

	TRY(store_open(op, app->dir, create, &app->db));
	enum err e = migrate_run(op, app->db, &mr);
	if (!e)
		e = clock_choose(app, op);
	if (!e)
		e = writer_start(op, &(struct writer_config){ .db = app->db, .clock = &app->clock,
					.entropy = &app->entropy }, &app->writer);
	if (e) {
		store_close(app->db);
		app->db = NULL;
		return e;
	}
	app->site.db = app->db;
	app->site.writer = app->writer;
	app->site.settings = &app->settings;
	app->site.version = BIHUAN_VERSION;
	app->site.manual_clock = app->clock_mode == CLOCK_MANUAL;
	return ERR_OK;
}

void app_close(struct app *app)
{
	writer_stop(app->writer);
	store_close(app->db);
	policies_free(app->policies);
	app->writer = NULL;
	app->db = NULL;
	app->policies = NULL;
}

void app_op(struct app *app, struct arena *arena, struct op *ret_op)
{
	*ret_op = (struct op){ .arena = arena, .clock = &app->clock, .scope = &scope_of_system,
			       .policies = app->policies, .now_ms = clock_now(&app->clock) };
}

enum err app_read(struct app *app, struct op *op)
{
	struct store *reader;

	assert(!op->store);
	TRY(store_reader_take(op, app->db, &reader));
	op->store = reader;
	enum err e = store_read_begin(op);
	if (e)
		app_read_end(op);
	return e;
}

void app_read_end(struct op *op)
{
	struct store *reader = op->store;

	store_read_end(op);
	op->store = NULL;
	store_reader_give(reader);
}

enum err app_unit(struct op *op, str code, tenant_id *ret)
{
	struct scope *s = NEW(op->arena, struct scope);

	TRY(instance_tenant(op, code, ret));
	*s = scope_of_system;	/* the operator looks at one unit */
	s->tenant = *ret;
	op->scope = s;
	return ERR_OK;
}

struct put_arg { const char *name; str value; };

static enum err put_run(struct op *op, void *arg)
{
	struct put_arg *p = arg;

	return instance_put(op, p->name, p->value);
}

enum err app_value_put(struct app *app, struct op *op, const char *name, str value)
{
	struct put_arg p = { name, value };
	struct op in = *op;

	in.tenant = (tenant_id){ 0 };
	in.store = NULL;
	enum err e = writer_do(app->writer, &in, WOP_NORMAL, put_run, &p);
	if (e)
		memcpy(op->errmsg, in.errmsg, sizeof(op->errmsg));
	return e;
}

/* --- the manual clock --- */

static int64_t next_midnight(const struct app *app, int64_t at_ms)
{
	int32_t off = app->clock.utc_offset_ms;

	return day_start_ms(instant_day(at_ms, off) + 1, off);
}

static struct sched_config sched_of(struct app *app)
{
	return (struct sched_config){ .db = app->db, .writer = app->writer,
				      .policies = app->policies, .clock = &app->clock,
				      .manual = true };
}

/* The day turns for all tenants: the expansion of a new day, and whom open items fall on. */
static enum err clock_step(struct app *app, struct op *op, int64_t at_ms, bool midnight,
			   int64_t until_ms, int64_t *ret_next)
{
	struct sched_config cf = sched_of(app);

	clock_set(&app->clock, at_ms);
	op->now_ms = at_ms;
	if (midnight)
		TRY(sched_turn_day(&cf, op));
	return sched_run_due(&cf, op, until_ms, ret_next);
}

enum err app_clock_move(struct app *app, struct op *op, int64_t at_ms)
{
	int64_t now = clock_now(&app->clock), next;

	if (app->clock_mode != CLOCK_MANUAL)
		return FAIL(op, ERR_INVALID, "时钟不是手动的：请用 serve --clock manual 启动");
	if (at_ms < now)
		return FAIL(op, ERR_INVALID, "时钟只能往前走");
	TRY(clock_step(app, op, now, false, at_ms, &next));
	while (now < at_ms) {
		int64_t midnight = next_midnight(app, now);
		int64_t to = next < midnight ? next : midnight;

		if (to <= now)
			to = now + 1;
		if (to > at_ms)
			to = at_ms;
		TRY(clock_step(app, op, to, to == midnight, at_ms, &next));
		now = to;
	}
	return app_value_put(app, op, "clock_ms", str_fmt(op->arena, "%lld", (long long)at_ms));
}
