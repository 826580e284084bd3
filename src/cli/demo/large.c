/*
 * large: a district for the bench: many schools like sy, each a little larger, two weeks into its
 * year, with hazards that were seen, mended and confirmed. Built through the services like the
 * story, but by the school and not by the event: many steps in one operation, time passes once,
 * in the end. The same seed, moment and number give the same content.
 *
 * One password for all: ten thousand hashes would take minutes, and nobody lives here.
 */
#include "cli/demo/demo_int.h"

#include "auth/auth.h"
#include "base/hash.h"
#include "base/limits.h"
#include "job/sched.h"
#include "store/store.h"
#include "work/orgchange.h"

#define SCHOOLS_DEFAULT 120
#define HAZARDS_DEFAULT 120000
#define DAYS 15			/* of the year, before "now" */
#define OPEN_EVERY 30		/* of so many hazards one is still to be looked at */
#define FINDER_FROM 12		/* of sy.yaml: after the leaders, */
#define FINDERS 46		/* the staff; guards, cleaners and newcomers come after them */
#define ROUND 10		/* hazards of one school in one operation */

struct school_row {
	tenant_id tenant;
	size_t actor_from, actor_n;	/* of demo.actor */
	const struct actor_row *safety;
};

struct district {
	struct demo *d;
	struct school_row *school;
	size_t school_n;
	const struct yaml *hazard, *place;
	size_t hazard_done;
};

/* One operation for one school. */
struct turn {
	struct district *dt;
	struct school_row *s;
	size_t hazard_n;
};

static enum err write_for(struct district *dt, struct school_row *s,
			  enum err (*run)(struct op *op, void *arg), void *arg, const char *what)
{
	struct demo *d = dt->d;
	struct scope sc;
	struct op op;

	demo_op(d, NULL, &sc, &op);
	op.tenant = s->tenant;
	enum err e = writer_do(d->wr, &op, WOP_JOB, run, arg);
	arena_reset(d->one);
	return e ? FAIL(d->op, e, "%s：%s（%s）", what, op.errmsg, op.errat ? op.errat : "") : ERR_OK;
}

/* The view of the school into the cache: the writer itself keeps none. */
static enum err view_warm(struct district *dt, tenant_id tenant)
{
	struct demo *d = dt->d;
	const struct work *w;
	struct scope sc;
	struct op op;

	demo_op(d, NULL, &sc, &op);
	TRY(store_reader_take(&op, d->db, &op.store));
	struct store *reader = op.store;
	enum err e = store_read_begin(&op);
	if (!e)
		e = work_load(&op, tenant, &w);
	store_read_end(&op);
	store_reader_give(reader);
	arena_reset(d->one);
	return e ? FAIL(d->op, e, "%s", op.errmsg) : ERR_OK;
}

/* --- schools --- */

static enum err accounts_run(struct op *op, void *arg)
{
	struct turn *t = arg;
	TX_SCOPE(tx);

	TRY(tx_begin_write(op, t->s->tenant, &tx));
	for (size_t i = 0; i < t->s->actor_n; i++) {
		struct actor_row *a = &t->dt->d->actor.at[t->s->actor_from + i];

		TRY(account_add(op, a->person, a->login, a->role, &a->account));
		TRY(account_set_password(op, a->account, a->encoded));
	}
	return tx_commit(&tx);
}

static enum err adopt_run(struct op *op, void *arg)
{
	struct diags ds = { 0 };

	(void)arg;
	return change_adopt(op, STR("primary-closed-loop"), op->now_ms, &ds);
}

static enum err school_build(struct district *dt, size_t i, str password, str encoded)
{
	struct demo *d = dt->d;
	struct school_row *s = &dt->school[i];
	struct turn t = { dt, s, 0 };
	str code = str_fmt(d->op->arena, "x%03zu", i + 1);
	str name = str_fmt(d->op->arena, "青澜区第%zu小学", i + 1);

	s->actor_from = d->actor.n;
	TRY(demo_school_like_sy(d, code, name, &s->tenant));
	if (!d->school.v) {	/* of all, but written by an operation of one */
		d->school = s->tenant;
		TRY(demo_holidays(d));
	}
	s->actor_n = d->actor.n - s->actor_from;
	for (size_t k = s->actor_from; k < d->actor.n; k++) {
		d->actor.at[k].password = password;
		d->actor.at[k].encoded = encoded;
	}
	TRY(write_for(dt, s, accounts_run, &t, "账号"));
	TRY(write_for(dt, s, adopt_run, NULL, "采用方案"));
	return view_warm(dt, s->tenant);
}

static const struct actor_row *actor_of(const struct district *dt, const struct school_row *s,
					str login)
{
	for (size_t i = 0; i < s->actor_n; i++) {
		const struct actor_row *a = &dt->d->actor.at[s->actor_from + i];

		if (str_starts(a->login, login) && a->login.ptr[login.len] == '.')
			return a;
	}
	return NULL;
}

static enum err schools_build(struct district *dt)
{
	struct demo *d = dt->d;
	str password = str_lower(d->op->arena, entropy_token(d->o->secrets, d->op->arena, 8));
	str encoded = password_hash(d->op->arena, password);

	for (size_t i = 0; i < dt->school_n; i++)
		TRY(school_build(dt, i, password, encoded));
	for (size_t i = 0; i < dt->school_n; i++) {	/* the rows stand still now */
		dt->school[i].safety = actor_of(dt, &dt->school[i], STR("safety"));
		if (!dt->school[i].safety)
			return FAIL(d->op, ERR_CORRUPT, "演示数据里没有安全办主任");
	}
	return ERR_OK;
}

/* --- hazards --- */

static struct scope scope_as(const struct actor_row *who)
{
	return (struct scope){ .tenant = who->tenant, .account = who->account,
			       .person = who->person, .caps = UINT64_MAX, .login = who->login,
			       .person_name = who->name, .role = who->role };
}

/* A finding of the story's list, at some place, by somebody of the staff. */
static enum err hazard_seen(struct op *op, struct turn *t, bool mended, record_id *ret_id)
{
	struct demo *d = t->dt->d;
	const struct yaml *h = t->dt->hazard->at[demo_dice(d, (uint32_t)t->dt->hazard->n)];
	const struct yaml *p = t->dt->place->at[demo_dice(d, (uint32_t)t->dt->place->n)];
	const struct actor_row *who = &d->actor.at[t->s->actor_from + FINDER_FROM +
						   demo_dice(d, FINDERS)];
	struct scope sc = scope_as(who);
	struct json *f = demo_obj(op->arena);
	struct submitted out;

	demo_put_s(op->arena, f, "place", demo_word(p, 0));
	demo_put_s(op->arena, f, "what",
		   str_fmt(op->arena, "%.*s（%zu）", STR_ARG(demo_word(h, 5)), t->dt->hazard_done));
	if (mended)
		demo_put_s(op->arena, f, "done", demo_word(h, 7));
	op->scope = &sc;
	enum err e = record_submit(op, &(struct submit){ .loop = STR("hazard"), .fields = f,
		.step = mended ? STR("fix-now") : STR("report") }, &out);
	op->scope = &scope_of_system;
	*ret_id = out.record;
	return e;
}

static enum err hazards_run(struct op *op, void *arg)
{
	struct turn *t = arg;
	struct scope safety = scope_as(t->s->safety);

	for (size_t i = 0; i < t->hazard_n; i++) {
		bool mended = ++t->dt->hazard_done % OPEN_EVERY != 0;
		struct submitted out;
		record_id id;

		TRY(hazard_seen(op, t, mended, &id));
		if (!mended)
			continue;
		op->scope = &safety;
		enum err e = record_submit(op, &(struct submit){ .record = id,
							 .step = STR("confirm") }, &out);
		op->scope = &scope_of_system;
		TRY(e);
	}
	return ERR_OK;
}

/* Round by round through the schools, so that their rows lie mixed as in real use. */
static enum err hazards_build(struct district *dt, int64_t n)
{
	struct demo *d = dt->d;
	int64_t each = (int64_t)dt->school_n * ROUND;
	int64_t rounds = (n + each - 1) / each, left = n;
	int64_t from = clock_now(d->clock), span = DAYS * MS_DAY - MS_DAY;

	for (int64_t r = 0; r < rounds; r++) {
		d->clock->manual_ms = from + span * r / rounds;
		for (size_t i = 0; i < dt->school_n && left > 0; i++) {
			struct turn t = { dt, &dt->school[i],
					  left < ROUND ? (size_t)left : ROUND };

			TRY(write_for(dt, t.s, hazards_run, &t, "隐患"));
			left -= ROUND;
		}
	}
	return ERR_OK;
}

static enum err time_passes(struct district *dt)
{
	struct demo *d = dt->d;
	struct sched_config cf = { .db = d->db, .writer = d->wr, .policies = d->op->policies,
				   .clock = d->clock, .manual = true };
	struct scope sc;
	struct op op;
	int64_t next;

	d->clock->manual_ms = d->o->at_ms;
	demo_op(d, NULL, &sc, &op);
	enum err e = sched_turn_day(&cf, &op);
	if (!e)
		e = sched_run_due(&cf, &op, d->o->at_ms, &next);
	arena_reset(d->one);
	return e ? FAIL(d->op, e, "%s", op.errmsg) : ERR_OK;
}

int64_t demo_large_start(int64_t at_ms)
{
	return at_ms - DAYS * MS_DAY;
}

enum err demo_large_build(struct demo *d)
{
	struct district *dt = NEW(d->op->arena, struct district);
	const struct yaml *y;

	dt->d = d;
	dt->school_n = d->o->schools ? d->o->schools : SCHOOLS_DEFAULT;
	dt->school = NEW_N(d->op->arena, dt->school_n, struct school_row);
	TRY(demo_yaml(d, "hazards.yaml", &y));
	dt->hazard = y;
	TRY(demo_yaml(d, "sy.yaml", &y));
	dt->place = yaml_get(y, STR("places"));
	TRY(schools_build(dt));
	TRY(hazards_build(dt, d->o->hazards ? d->o->hazards : HAZARDS_DEFAULT));
	return time_passes(dt);
}
