/*
 * What it would catch: any order of doings after which a derived row, a counter or the chain is
 * not what the facts say. Random people start any record, take any step that is theirs, undo,
 * void, correct, tick, go away, leave, change places; time goes on; audit and verify must hold.
 * BIHUAN_RANDOM_STEPS and BIHUAN_RANDOM_SEED make it longer or another one; a failure prints both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "gen/q_audit.h"
#include "gen/q_record.h"
#include "lib/school.h"
#include "rules/field.h"

#define STEPS 150
#define CHECK_EVERY 25
#define RECORDS_MAX 4096

static struct school s;
static struct entropy dice;
static record_id known[RECORDS_MAX];
static size_t known_n;
static int64_t taken, refused;

static uint32_t roll(uint32_t n)
{
	return entropy_below(&dice, n ? n : 1);
}

static enum who_is anybody(void)
{
	return (enum who_is)roll(PEOPLE_N);
}

/* --- values of forms --- */

static void write_id(struct jw *w, struct op *op, int64_t id)
{
	jw_str(w, pubid_make(op->arena, s.t, id));
}

static str some_choice(const struct policy *p, const struct field *f)
{
	const struct catalogue *c = f->of_catalogue.len ? policy_catalogue(p, f->of_catalogue)
		: NULL;

	if (f->choice_n)
		return f->choice[roll((uint32_t)f->choice_n)].value;
	return c && c->entry_n ? c->entry[roll((uint32_t)c->entry_n)].m.id : STR("other");
}

static void write_value(struct jw *w, struct op *op, const struct policy *p, const struct field *f);

static void write_row(struct jw *w, struct op *op, const struct policy *p, const struct field *f)
{
	size_t n;
	const struct field *col = field_columns(f, &n);

	jw_arr(w);
	jw_obj(w);
	for (size_t i = 0; i < n; i++) {
		if (col[i].type == F_FILES || col[i].type == F_CHECKLIST || col[i].type == F_ROWS)
			continue;
		jw_key_s(w, col[i].m.id);
		write_value(w, op, p, &col[i]);
	}
	jw_end(w);
	jw_end(w);
}

static void write_value(struct jw *w, struct op *op, const struct policy *p, const struct field *f)
{
	int32_t off = op->clock->utc_offset_ms;
	day_no today = instant_day(op->now_ms, off);

	switch (f->type) {
	case F_CHOICE: jw_str(w, some_choice(p, f)); return;
	case F_CHOICES: jw_arr(w); jw_str(w, some_choice(p, f)); jw_end(w); return;
	case F_PERSON: write_id(w, op, s.p[anybody()].v); return;
	case F_PEOPLE: jw_arr(w); write_id(w, op, s.p[anybody()].v); jw_end(w); return;
	case F_PLACE: write_id(w, op, s.place[roll(PLACES_N)].v); return;
	case F_CLASS: case F_UNIT: write_id(w, op, roll(2) ? s.class1.v : s.class2.v); return;
	case F_DATE: jw_str(w, date_format(op->arena, today - 3 + (day_no)roll(14))); return;
	case F_INSTANT:
		jw_str(w, instant_format(op->arena, op->now_ms - roll(5 * 86400) * 1000LL, off));
		return;
	case F_TIME: jw_str(w, STR("08:30")); return;
	case F_FLAG: jw_bool(w, roll(2)); return;
	case F_INT: case F_PERCENT: jw_int(w, f->has_range ? f->range_lo.num / NUM_SCALE
		: 3); return;
	case F_DECIMAL: case F_MONEY: jw_int(w, f->has_range ? f->range_lo.num / NUM_SCALE
		: 37); return;
	case F_PERIOD: jw_str(w, roll(2) ? STR("2026-10") : STR("2026-2027")); return;
	case F_POST: jw_str(w, STR("guard")); return;
	case F_ROWS: case F_CHECKLIST: write_row(w, op, p, f); return;
	case F_SIGNATURES: jw_str(w, STR("screen")); return;
	case F_PHONE: jw_str(w, STR("13800000000")); return;
	case F_FILES: case F_RECORDS: jw_arr(w); jw_end(w); return;
	case F_RECORD: case F_ASSET: case F_COMPUTED: case F_PARAMETERS: jw_null(w); return;
	case F_DURATION: jw_str(w, STR("3d")); return;
	case F_TEXT: case F_NOTE: case F_MASKED: break;
	case F_INTERVAL: case F_WHO: case F_LIST: case F_TABLE: break;
	}
	jw_str(w, str_fmt(op->arena, "情况%u", roll(5)));
}

/* Needs always, the rest now and then. */
static const char *form_json(struct op *op, const struct policy *p, const struct next_step *n)
{
	struct buf b;
	struct jw w;
	str text;

	buf_init(&b, JSON_BYTES_MAX);
	jw_start(&w, &b);
	jw_obj(&w);
	for (size_t i = 0; i < n->form_n; i++) {
		const struct form_field *f = &n->form[i];

		if (f->frozen || f->field->type == F_COMPUTED || (!f->need && roll(3)))
			continue;
		jw_key_s(&w, f->field->m.id);
		write_value(&w, op, p, f->field);
	}
	jw_end(&w);
	assert_int_equal(buf_finish(&b, &text), ERR_OK);
	const char *c = str_c(op->arena, text);
	buf_release(&b);
	return c;
}

static void outcome(enum err e, const char *what)
{
	taken += e == ERR_OK;
	refused += e != ERR_OK;
	if (e && e != ERR_DENIED && e != ERR_INVALID && e != ERR_CONFLICT && e != ERR_NOTFOUND)
		fail_msg("%s: %s: %.*s", what, err_word(e), STR_ARG(school_said(&s)));
}

static void know(const struct submitted *r)
{
	if (known_n < RECORDS_MAX)
		known[known_n++] = r->record;
	for (size_t i = 0; i < r->spawned_n && known_n < RECORDS_MAX; i++)
		known[known_n++] = r->spawned[i];
}

/* --- what people do --- */

static void do_start(void)
{
	enum who_is who = anybody();
	struct start *st;
	struct next_step n;
	const struct loop *lp;
	const struct work *w;
	struct submitted r;
	struct op op;
	size_t k;

	school_read(&s, who, &op);
	assert_int_equal(work_load(&op, s.t, &w), ERR_OK);
	assert_int_equal(starts_of(&op, &st, &k), ERR_OK);
	if (!k) {
		school_read_end(&s, &op);
		return;
	}
	const struct start *one = &st[roll((uint32_t)k)];
	enum err e = start_form(&op, one->loop->m.id, one->step->m.id, NULL, &n, &lp);
	const char *json = e ? "{}" : form_json(&op, w->policy, &n);
	const char *loop = str_c(op.arena, one->loop->m.id), *step = str_c(op.arena,
		one->step->m.id);
	school_read_end(&s, &op);
	e = school_new_record(&s, who, loop, step, json, &r);
	outcome(e, loop);
	if (!e)
		know(&r);
}

static record_id some_record(void)
{
	return known_n ? known[roll((uint32_t)known_n)] : (record_id){ 0 };
}

static void do_step(void)
{
	enum who_is who = anybody();
	record_id id = some_record();
	struct record_view v;
	struct submitted r;
	struct op op;

	if (!id.v)
		return;
	for (int tries = 0; tries < PEOPLE_N; tries++) {	/* whoever can act there */
		who = (enum who_is)((who + 1) % PEOPLE_N);
		school_read(&s, who, &op);
		enum err e = record_view(&op, id, &v);
		if (!e && v.next_n) {
			const struct next_step *n = &v.next[roll((uint32_t)v.next_n)];
			const char *json = form_json(&op, v.policy, n);
			const char *step = str_c(op.arena, n->step->m.id);

			school_read_end(&s, &op);
			e = school_step(&s, who, id, step, json, &r);
			outcome(e, step);
			if (!e)
				know(&r);
			return;
		}
		school_read_end(&s, &op);
	}
}

struct mend { record_id id; uint32_t what; enum who_is who; struct submitted r; };

static enum err run_mend(struct op *op, void *arg)
{
	struct mend *m = arg;

	switch (m->what) {
	case 0: return record_undo(op, m->id, &m->r);
	case 1: return record_void(op, m->id, STR("登记错了"), &m->r);
	case 2: return record_comment(op, m->id, STR("请注意"), &m->r);
	default: return record_remind(op, m->id, &m->r);
	}
}

static void do_mend(void)
{
	struct q_record_get row;
	struct mend m = { .id = some_record(), .what = roll(4) };
	struct op op;

	if (!m.id.v)
		return;
	if (m.what == 0 && known_n)
		m.id = known[known_n - 1];	/* only what is fresh can be undone */
	school_read(&s, PEOPLE_N, &op);
	assert_int_equal(q_record_get(&op, s.t, m.id, &row), ERR_OK);
	school_read_end(&s, &op);
	m.who = anybody();
	for (size_t i = 0; i < PEOPLE_N && roll(4); i++)	/* mostly who made it */
		if (s.p[i].v == row.creator_id.v)
			m.who = (enum who_is)i;
	outcome(school_write(&s, m.who, run_mend, &m), "mend");
}

struct ticking { record_id record; str key; bool un; };

static enum err run_tick(struct op *op, void *arg)
{
	const struct ticking *t = arg;

	return occurrence_tick(op, t->record, t->key, t->un);
}

static void do_tick(void)
{
	struct q_audit_occurrences *row;
	struct ticking t = { .record = some_record(), .un = roll(2) };
	struct q_record_get rec;
	struct op op;
	size_t n;

	school_read(&s, PEOPLE_N, &op);
	assert_int_equal(q_audit_occurrences(&op, s.t, (occurrence_id){ 0 }, 400, &row, &n),
			 ERR_OK);
	bool can = n && t.record.v && !q_record_get(&op, s.t, t.record, &rec);
	if (can)
		t.key = row[roll((uint32_t)n)].key;
	school_read_end(&s, &op);
	enum who_is who = anybody();
	for (size_t i = 0; can && i < PEOPLE_N; i++)
		if (s.p[i].v == rec.creator_id.v)
			who = (enum who_is)i;
	if (can)
		outcome(school_write(&s, who, run_tick, &t), "tick");
}

static enum err run_change(struct op *op, void *arg)
{
	uint32_t what = *(uint32_t *)arg;
	keeper_id k;
	int64_t id, from = op->now_ms;
	appointment_id ap;

	if (what == 0)
		return change_keeper(op, &(struct new_keeper){ .place = s.place[roll(PLACES_N)],
			.person = s.p[anybody()], .role = roll(2) ? STR("daily") : STR("recheck"),
			.from_ms = from }, &k);
	if (what == 1)
		return change_absence(op, &(struct new_absence){ .person = s.p[anybody()],
			.stand_in = roll(2) ? s.p[anybody()] : (person_id){ 0 }, .from_ms = from,
			.to_ms = day_start_ms(instant_day(from, 8 * MS_HOUR) + 1 + (day_no)roll(4),
					      8 * MS_HOUR) }, &id);
	if (what == 2)
		return change_leave(op, s.p[TEACHER3 + roll(3)], from, roll(2) ? s.p[TEACHER1]
				    : (person_id){ 0 });
	return change_appoint(op, &(struct new_appointment){ .person = s.p[anybody()],
		.post = roll(2) ? STR("subject-teacher") : STR("safety-office"), .unit = { s.t.v },
		.from_ms = from }, &ap);
}

static void do_change(void)
{
	uint32_t what = roll(40) == 0 ? 2 : roll(2) ? 0 : roll(3) ? 1 : 3;

	s.in.clock.manual_ms += MS_SECOND;
	outcome(school_write(&s, VICE, run_change, &what), "change");
}

static int64_t setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);
	int64_t v;

	return text && str_to_i64(str_of(text), &v) ? v : otherwise;
}

static void test_walk(void **state)
{
	int64_t steps = setting("BIHUAN_RANDOM_STEPS", STEPS);

	(void)state;
	for (int64_t i = 0; i < steps; i++) {
		uint32_t what = roll(20);

		if (getenv("BIHUAN_RANDOM_SAY"))
			fprintf(stderr, "%lld %u\n", (long long)i, what);
		if (what < 6)
			do_start();
		else if (what < 14)
			do_step();
		else if (what < 16)
			do_mend();
		else if (what < 17)
			do_tick();
		else if (what < 18)
			do_change();
		else
			school_wait(&s, s.in.clock.manual_ms + (int64_t)roll(36 * 60) * MS_MINUTE);
		if (i % CHECK_EVERY == CHECK_EVERY - 1)
			school_check(&s);
		school_forget(&s);
	}
	school_check(&s);
	print_message("# %lld taken, %lld refused, %zu records\n", (long long)taken,
		      (long long)refused, known_n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_walk) };
	int64_t seed = setting("BIHUAN_RANDOM_SEED", 1);

	entropy_seeded(&dice, (uint64_t)seed);
	school_new(&s);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (failed)
		fprintf(stderr, "again: BIHUAN_RANDOM_SEED=%lld\n", (long long)seed);
	school_free(&s);
	return failed;
}
