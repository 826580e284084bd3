/*
 * bench/ledger [EVENTS]: appends EVENTS events in operations of one (through the writer, groups as
 * they come from 64 waiting callers) and verifies the chain. Prints one JSON line.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "gen/q_ledger.h"
#include "ledger/ledger.h"
#include "lib/instance.h"

#define TENANT 1001
#define PER_OP 50

static enum err append_many(struct op *op, void *arg)
{
	static const struct ledger_fact facts[] = { { STR("from"), STR("found") },
						    { STR("to"), STR("rectifying") } };

	(void)arg;
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->tenant, &tx));
	for (int i = 0; i < PER_OP; i++)
		TRY(ledger_append(op, &(struct ledger_event){
			.kind = STR("record.step"), .account = { 1 }, .person = { 2 },
			.appointment = { 3 }, .subject_kind = STR("record"), .subject = 4,
			.facts = facts, .facts_n = 2, .content = STR("content"),
			.salt = ledger_salt(op),
		}, NULL));
	return tx_commit(&tx);
}

/* Time of this thread on a processor: the figure is per core, and the machine is shared. */
static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	int64_t events = 300000;
	struct ledger_report r;
	struct instance in;
	struct op op;

	if (argc > 1 && !str_to_i64(str_of(argv[1]), &events))
		return 2;
	instance_new(&in);
	instance_serve(&in);
	int64_t t0 = clock_monotonic_us();
	for (int64_t i = 0; i < events / PER_OP; i++)
		if (instance_write(&in, (tenant_id){ TENANT }, append_many, NULL))
			return 1;
	int64_t append_us = clock_monotonic_us() - t0, verify_us = INT64_MAX;
	for (int i = 0; i < 5; i++) {
		instance_read(&in, &op);
		int64_t t1 = cpu_us();
		if (ledger_verify(&op, (tenant_id){ TENANT }, NULL, 0, &r) || !r.ok)
			return 1;
		int64_t us = cpu_us() - t1;
		if (us < verify_us)
			verify_us = us;
		instance_read_end(&in, &op);
	}
	printf("{\"bench\": \"ledger\", \"events\": %lld, \"append_per_s\": %lld, "
	       "\"verify_per_s\": %lld, "
	       "\"limit_verify_per_s\": 1000000}\n",
	       (long long)r.events, (long long)(r.events * 1000000 / append_us),
	       (long long)(r.events * 1000000 / verify_us));
	instance_free(&in);
	return 0;
}
