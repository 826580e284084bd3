/*
 * bench/hazard DIR OPERATIONS: hazard reports queued in-process on a district (`demo --large`), by
 * 64 waiting callers over all its schools: what a request does once it has been read, through the
 * same service and the same writer, durable. Prints one JSON line with the time by phase; judging
 * is what a preview of the same report takes, so what is left of the run is writing.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "lib/instance.h"
#include "org/instance.h"
#include "work/policies.h"
#include "work/work.h"

#define CALLERS 64
#define SCHOOLS_MAX 256
#define AT_MS 1789516800000LL	/* as run.py makes the district */
#define PREVIEWS 2000

struct reporter {
	struct scope scope;
	str place[64];		/* codes */
	size_t place_n;
};

struct caller {
	struct wop w;
	struct arena *arena;
	struct submit in;
	struct submitted out;
};

static struct instance in;
static struct policies *ps;
static struct reporter reporter[SCHOOLS_MAX];
static size_t reporter_n;
static _Atomic int64_t left, answered, failed, begun, statements;

static void must(enum err e, const struct op *op)
{
	if (e)
		panic("%s: %s (%s)", err_word(e), op->errmsg, op->errat ? op->errat : "?");
}

/* ---- who reports ----------------------------------------------------------------- */

static enum err reporter_read(struct op *op, tenant_id tenant, struct reporter *ret)
{
	const struct work *w;
	struct account *a;
	size_t n, of = 0;

	TRY(work_load(op, tenant, &w));	/* and the view stays in the cache, as in a server */
	const struct ov_person *p = &w->org->person[w->org->person_n / 2];
	TRY(accounts_list(op, tenant, (account_id){ 0 }, 100, &a, &n));
	while (of < n && a[of].person.v != p->id.v)
		of++;
	if (of == n)
		return FAIL(op, ERR_NOTFOUND, "no account");
	ret->scope = (struct scope){ .tenant = tenant, .account = a[of].id, .person = p->id,
				     .caps = UINT64_MAX, .role = STR(""),
				     .login = str_dup(in.arena, a[of].login),
				     .person_name = str_dup(in.arena, p->name) };
	for (size_t i = 0; i < w->org->place_n && i < 64; i++)
		ret->place[ret->place_n++] = str_dup(in.arena, w->org->place[i].code);
	return ERR_OK;
}

static void reporters_read(void)
{
	struct tenant_row *t;
	struct op op;
	size_t n;

	instance_read(&in, &op);
	op.scope = &scope_of_system;
	op.policies = ps;
	must(instance_tenants(&op, &t, &n), &op);
	for (size_t i = 0; i < n && reporter_n < SCHOOLS_MAX; i++)
		must(reporter_read(&op, t[i].id, &reporter[reporter_n++]), &op);
	instance_read_end(&in, &op);
}

/* ---- one report ------------------------------------------------------------------ */

static struct json *text(struct arena *a, str s)
{
	struct json *j = NEW(a, struct json);

	*j = (struct json){ .kind = JSON_STR, .s = s };
	return j;
}

static void report_of(struct op *op, int64_t no, struct submit *ret)
{
	const struct reporter *r = &reporter[(size_t)no % reporter_n];
	struct json *f = NEW(op->arena, struct json);
	size_t place = (size_t)no / reporter_n % r->place_n;

	*f = (struct json){ .kind = JSON_OBJ, .n = 2, .key = NEW_N(op->arena, 2, str),
			    .at = NEW_N(op->arena, 2, struct json *) };
	f->key[0] = STR("place");
	f->at[0] = text(op->arena, r->place[place]);
	f->key[1] = STR("what");
	f->at[1] = text(op->arena, str_fmt(op->arena, "走廊尽头的灯不亮，地上有水（%lld）",
					   (long long)no));
	*ret = (struct submit){ .loop = STR("hazard"), .step = STR("report"), .fields = f,
				.client_key = str_fmt(op->arena, "bench-%lld", (long long)no) };
	op->scope = &r->scope;
	op->tenant = r->scope.tenant;
	op->policies = ps;
}

static enum err report_run(struct op *op, void *arg)
{
	struct caller *c = arg;
	int64_t before = store_queries(op->store);
	enum err e = record_submit(op, &c->in, &c->out);

	statements += store_queries(op->store) - before;
	return e;
}

static void submit_next(struct caller *c)
{
	arena_reset(c->arena);
	c->w.op = (struct op){ .arena = c->arena };
	report_of(&c->w.op, begun++, &c->in);
	if (writer_submit(in.writer, &c->w))
		failed++;
}

static void again(struct wop *w, enum err e)
{
	answered++;
	if (e && !failed++)
		fprintf(stderr, "hazard: %s (%s)\n", w->op.errmsg, w->op.errat ? w->op.errat : "?");
	if (left-- > 0)
		submit_next(w->user);
}

static int64_t run_ops(int64_t ops)
{
	static struct caller c[CALLERS];
	int64_t start = clock_monotonic_us();

	left = ops - CALLERS;
	for (int i = 0; i < CALLERS; i++) {
		c[i].arena = arena_new(ARENA_OP_MAX);
		c[i].w = (struct wop){ .run = report_run, .arg = &c[i], .class = WOP_NORMAL,
				       .done = again, .user = &c[i] };
		submit_next(&c[i]);
	}
	while (answered < ops)
		usleep(200);
	return clock_monotonic_us() - start;
}

static int64_t run_previews(void)
{
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct submitted out;
	struct submit sub;
	struct op op;

	instance_read(&in, &op);
	op.arena = a;
	store_read_budget(&op, 0);
	int64_t start = clock_monotonic_us();
	for (int i = 0; i < PREVIEWS; i++) {
		report_of(&op, i, &sub);
		must(record_preview(&op, &sub, &out), &op);
		arena_reset(a);
	}
	int64_t us = clock_monotonic_us() - start;
	instance_read_end(&in, &op);
	arena_free(a);
	return us;
}

int main(int argc, char **argv)
{
	struct writer_stats st;
	int64_t ops = 5000;

	if (argc < 2 || (argc > 2 && !str_to_i64(str_of(argv[2]), &ops)) || ops < CALLERS)
		return 2;
	instance_open(&in, str_of(argv[1]));
	in.clock.manual_ms = AT_MS;
	ps = policies_new();
	instance_serve(&in);
	reporters_read();
	double judge = (double)run_previews() / PREVIEWS;
	int64_t us = run_ops(ops);
	writer_stats(in.writer, &st);
	instance_stop(&in);
	double run = (double)st.run_us / (double)ops;
	printf("{\"ops\": %lld, \"per_s\": %lld, \"seconds\": %.3f, \"failed\": %lld, "
	       "\"statements\": %.1f, "
	       "\"us\": {\"judge and match\": %.0f, \"write\": %.0f, \"commit\": %.0f, "
	       "\"checkpoint\": %.0f}, \"group\": %.1f}\n",
	       (long long)ops, (long long)(ops * 1000000 / us), (double)us / 1e6,
	       (long long)failed,
	       (double)statements / (double)ops, judge, run - judge,
	       (double)st.commit_us / (double)ops, (double)st.checkpoint_us / (double)ops,
	       (double)ops / (double)st.groups);
	return failed ? 1 : 0;
}
