/*
 * bench/expand DIR: the occurrences of one school year, from the policy and a school of a district
 * in DIR (`demo --large`), by the pure function alone. The places of the school are doubled until
 * there are 1,000 pairs of a duty and its subject, and once more for twice as much: the time must
 * grow as what it gives. Prints one JSON line: pairs, occurrences, ms (the best of some runs).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/limits.h"
#include "lib/instance.h"
#include "org/instance.h"
#include "work/policies.h"
#include "work/work.h"

#define AT_MS 1789516800000LL	/* as run.py makes the district */
#define PAIRS 1000
#define RUNS 30

struct figure { size_t pairs, occurrences, places; double ms; };

static void must(enum err e, const struct op *op)
{
	if (e)
		panic("%s: %s (%s)", err_word(e), op->errmsg, op->errat ? op->errat : "?");
}

/* Pairs of duty and subject: the occurrences come ordered by key, so equal ones are neighbours. */
static size_t pairs_of(struct arena *a, const struct occurrences *os)
{
	size_t n = 0;
	str was = STR("");

	for (size_t i = 0; i < os->n; i++) {
		str key = occurrence_key(a, &os->at[i]), rest = key;
		str duty = str_cut(&rest, '|'), subject = str_cut(&rest, '|');
		str pair = { duty.ptr, (size_t)(subject.ptr + subject.len - duty.ptr) };

		n += !str_eq(pair, was);
		was = pair;
	}
	return n;
}

/* The organisation with its places `times` over, each kept by the same people. */
static struct org_view *enlarged(struct arena *a, const struct org_view *v, size_t times)
{
	struct org_view *big = NEW(a, struct org_view);
	struct ov_place *place = NEW_N(a, v->place_n * times, struct ov_place);
	struct ov_keeper *keeper = NEW_N(a, v->keeper_n * times, struct ov_keeper);
	int64_t far = v->place[v->place_n - 1].id.v - v->place[0].id.v + 1;

	*big = *v;
	for (size_t i = 0; i < v->place_n * times; i++) {
		place[i] = v->place[i % v->place_n];
		place[i].id.v += far * (int64_t)(i / v->place_n);
	}
	for (size_t i = 0; i < v->keeper_n * times; i++) {
		keeper[i] = v->keeper[i % v->keeper_n];
		keeper[i].place.v += far * (int64_t)(i / v->keeper_n);
	}
	big->place = place;
	big->place_n = v->place_n * times;
	big->keeper = keeper;
	big->keeper_n = v->keeper_n * times;
	return big;
}

/* Time of this thread on a processor: it does nothing else, and the machine is shared. */
static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct figure measure(struct arena *a, const struct expand_in *in)
{
	struct figure f = { .places = in->org->place_n, .ms = 1e9 };

	for (int i = 0; i < RUNS; i++) {
		struct occurrences os = { 0 };
		int64_t start = cpu_us();

		expand(a, in, &os);
		double ms = (double)(cpu_us() - start) / 1000;
		if (ms < f.ms)
			f.ms = ms;
		f.occurrences = os.n;
		if (i + 1 == RUNS)
			f.pairs = pairs_of(a, &os);
		arena_reset(a);
	}
	return f;
}

static struct figure measure_times(struct op *op, struct arena *a, const struct work *w,
				   size_t times)
{
	struct expand_in in = work_expand_in(op, w);

	in.org = enlarged(op->arena, w->org, times);
	in.from = day_of(2026, 9, 1);
	in.to = day_of(2027, 8, 31);
	return measure(a, &in);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct figure one = { 0 }, two;
	const struct work *w;
	struct tenant_row *t;
	struct instance in;
	struct op op;
	size_t n, times = 1;

	if (argc < 2)
		return 2;
	instance_open(&in, str_of(argv[1]));
	in.clock.manual_ms = AT_MS;
	instance_read(&in, &op);
	op.scope = &scope_of_system;
	op.policies = policies_new();
	must(instance_tenants(&op, &t, &n), &op);
	must(work_load(&op, t[0].id, &w), &op);
	while ((one = measure_times(&op, a, w, times)).pairs < PAIRS)
		times++;
	two = measure_times(&op, a, w, times * 2);
	printf("{\"pairs\": %zu, \"occurrences\": %zu, \"ms\": %.2f, \"twice\": {\"pairs\": %zu, "
	       "\"occurrences\": %zu, \"ms\": %.2f}, \"growth\": %.2f}\n", one.pairs,
	       one.occurrences, one.ms, two.pairs, two.occurrences, two.ms,
	       two.ms / one.ms * (double)one.occurrences / (double)two.occurrences);
	return 0;
}
