/*
 * demo: see demo.h. The order of building: units and people, what the school adopts, the
 * accounts, then the story of the term, event after event, to the moment that is "now". The
 * large one is built in large.c.
 */
#include "cli/demo/demo_int.h"

#include "base/hash.h"
#include "base/limits.h"
#include "org/instance.h"
#include "work/orgchange.h"

/* The Monday on which the staff come back: everything before is history that was entered then. */
#define DEMO_START "2026-08-24 08:00"

struct adopt_arg {
	struct demo *d;
	int64_t from_ms;
};

static enum err adopt_run(struct op *op, void *arg)
{
	struct adopt_arg *a = arg;
	struct diags ds = { 0 };

	return change_adopt(op, STR("primary-closed-loop"), a->from_ms, &ds);
}

static enum err adopt(struct demo *d)
{
	day_no today = instant_day(d->started_ms, d->clock->utc_offset_ms);
	struct adopt_arg a = { d, demo_at(d, today, 0) };
	struct scope sc;
	struct op op;

	demo_op(d, demo_actor(d, STR("vice")), &sc, &op);
	enum err e = writer_do(d->wr, &op, WOP_NORMAL, adopt_run, &a);
	if (e)
		return FAIL(d->op, e, "采用方案：%s（%s）", op.errmsg, op.errat ? op.errat : "");
	arena_reset(d->one);
	return ERR_OK;
}

struct value_arg {
	const char *name;
	str value;
};

static enum err value_run(struct op *op, void *arg)
{
	const struct value_arg *v = arg;

	return instance_put(op, v->name, v->value);
}

static enum err value_put(struct demo *d, const char *name, str value)
{
	struct value_arg v = { name, value };
	struct scope sc;
	struct op op;

	demo_op(d, NULL, &sc, &op);
	op.tenant = (tenant_id){ 0 };
	enum err e = writer_do(d->wr, &op, WOP_NORMAL, value_run, &v);
	return e ? FAIL(d->op, e, "%s", op.errmsg) : ERR_OK;
}

/* What makes the folder a demonstration: its clock stands at `at` for who opens it first. */
static enum err values_write(struct demo *d)
{
	struct clock real;
	int64_t at = d->o->at_ms;

	clock_real(&real, d->clock->utc_offset_ms);
	TRY(value_put(d, "demo", STR("1")));
	TRY(value_put(d, "demo_at", instant_format(d->op->arena, at, d->clock->utc_offset_ms)));
	TRY(value_put(d, "clock_ms", str_fmt(d->op->arena, "%lld", (long long)at)));
	return value_put(d, "demo_shift_ms",
			 str_fmt(d->op->arena, "%lld", (long long)(at - clock_now(&real))));
}

static enum err events_make(struct demo *d)
{
	TRY(demo_story_read(d));
	TRY(demo_people_make(d));
	TRY(demo_routine_make(d));
	TRY(demo_hazards_read(d));
	TRY(demo_lessons_make(d));
	return demo_gate_make(d);
}

static enum err build(struct demo *d)
{
	if (d->o->large) {
		TRY(demo_large_build(d));
		TRY(values_write(d));
		return demo_accounts_write(d);
	}
	TRY(demo_org_build(d));
	TRY(demo_accounts_build(d));
	TRY(adopt(d));
	TRY(events_make(d));
	TRY(demo_play(d));
	TRY(values_write(d));
	return demo_accounts_write(d);
}

enum err demo_build(struct op *op, struct writer *wr, struct store_db *db, struct clock *clock,
		    const struct demo_options *o)
{
	struct demo d = { .op = op, .wr = wr, .db = db, .clock = clock, .o = o, .year = 2026 };

	entropy_seeded(&d.dice, o->seed);
	d.one = arena_new(ARENA_OP_MAX);
	if (!demo_time(&d, STR(DEMO_START), &d.started_ms) || o->at_ms <= d.started_ms) {
		arena_free(d.one);
		return FAIL(op, ERR_INVALID, "演示的时间要在 2026 年 8 月 24 日之后");
	}
	if (o->large)
		d.started_ms = demo_large_start(o->at_ms);
	clock_manual(clock, d.started_ms, clock->utc_offset_ms);
	enum err e = build(&d);
	arena_free(d.one);
	return e;
}
