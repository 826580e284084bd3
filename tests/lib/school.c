/* school: see school.h. */
#include "lib/school.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "gen/q_occurrence.h"
#include "ledger/ledger.h"
#include "store/store.h"

#define OFFSET_MS (8 * MS_HOUR)

static const struct { const char *name, *post; } people[PEOPLE_N] = {
	[PRINCIPAL] = { "钱校长", "principal" }, [SECRETARY] = { "周书记", "party-secretary" },
	[VICE] = { "孙副校", "vice-principal" }, [SAFETY] = { "安主任", "safety-office" },
	[MORAL] = { "德主任", "moral-education" }, [OFFICE] = { "办主任", "office" },
	[ACADEMIC] = { "教主任", "academic" }, [RESEARCH] = { "研主任", "research" },
	[LOGISTICS] = { "总主任", "logistics" }, [UNION] = { "会主席", "union" },
	[TEACHER1] = { "王一班", "class-teacher" }, [TEACHER2] = { "李二班", "class-teacher" },
	[TEACHER3] = { "赵老师", "subject-teacher" }, [GUARD1] = { "门卫甲", "guard" },
	[GUARD2] = { "门卫乙", "guard" }, [CLEANER] = { "保洁员", "cleaner" },
	[DOCTOR] = { "校医生", "doctor" }, [ARCHIVIST] = { "档案员", "archivist" },
};

static const struct { const char *name, *kind, *code; enum who_is owner, daily, recheck; }
places[PLACES_N] = {
	[GATE] = { "东门", "gate", "G01", SAFETY, GUARD1, VICE },
	[LAB] = { "科学实验室", "laboratory", "L01", ACADEMIC, TEACHER3, SAFETY },
	[ROOM1] = { "三(1)班教室", "classroom", "R31", MORAL, TEACHER1, SAFETY },
	[ROOM2] = { "三(2)班教室", "classroom", "R32", MORAL, TEACHER2, SAFETY },
	[CORRIDOR] = { "三楼走廊", "corridor", "C03", LOGISTICS, TEACHER1, SAFETY },
	[GUARD_ROOM] = { "门卫室", "guard-room", "D01", SAFETY, GUARD1, LOGISTICS },
};

int64_t school_ms(int year, int month, int day, int hour, int minute)
{
	return day_start_ms(day_of(year, month, day),
		OFFSET_MS) + hour * MS_HOUR + minute * MS_MINUTE;
}

/* --- ops --- */

static const struct scope *scope_of(struct school *s, struct op *op, enum who_is who)
{
	struct scope *sc = NEW(op->arena, struct scope);

	if (who == PEOPLE_N) {
		*sc = scope_of_system;
		sc->tenant = s->t;
		return sc;
	}
	*sc = (struct scope){ .tenant = s->t, .account = { s->p[who].v + 1 }, .person = s->p[who],
		.person_name = str_of(people[who].name), .login = str_of(people[who].post) };
	return sc;
}

static void op_of(struct school *s, enum who_is who, struct op *ret_op)
{
	instance_op(&s->in, ret_op);
	if (s->scratch)
		ret_op->arena = s->scratch;
	ret_op->policies = s->ps;
	ret_op->tenant = s->t;
	ret_op->scope = scope_of(s, ret_op, who);
}

void school_read(struct school *s, enum who_is who, struct op *ret_op)
{
	struct scope *sc;

	op_of(s, who, ret_op);
	assert_int_equal(store_reader_take(ret_op, s->in.db, &s->in.reader), ERR_OK);
	ret_op->store = s->in.reader;
	assert_int_equal(store_read_begin(ret_op), ERR_OK);
	sc = (struct scope *)(uintptr_t)ret_op->scope;
	if (who != PEOPLE_N)
		sc->caps = work_caps(NULL, ret_op, s->t, s->p[who], ret_op->now_ms);
}

void school_read_end(struct school *s, struct op *op)
{
	instance_read_end(&s->in, op);
}

static char said[1024];

str school_said(const struct school *s)
{
	(void)s;
	return str_of(said);
}

enum err school_write(struct school *s, enum who_is who, enum err (*run)(struct op *op, void *arg),
		      void *arg)
{
	struct op op;
	uint64_t caps;

	school_read(s, who, &op);	/* rights, and the view into the cache */
	caps = op.scope->caps;
	school_read_end(s, &op);
	op_of(s, who, &op);
	((struct scope *)(uintptr_t)op.scope)->caps = caps;
	enum err e = writer_do(s->in.writer, &op, WOP_NORMAL, run, arg);
	const struct field_error *fe = op.field_errors;
	snprintf(said, sizeof(said), "%s%s%.*s%s%.*s", op.errmsg, fe ? " [" : "",
		 fe ? (int)fe->field.len : 0, fe ? fe->field.ptr : "", fe ? "] " : "",
		 fe ? (int)fe->message.len : 0, fe ? fe->message.ptr : "");
	return e;
}

/* --- building --- */

static void must(enum err e, const struct op *op)
{
	if (e)
		fail_msg("%s: %s (%s) %.*s", err_word(e), op->errmsg, op->errat ? op->errat : "?",
			 op->field_errors ? (int)op->field_errors->message.len : 0,
			 op->field_errors ? op->field_errors->message.ptr : "");
}

static enum err make_tenant(struct op *op, void *arg)
{
	struct school *s = arg;
	unit_id id;

	TRY(org_tenant_add(op, &(struct new_unit){ .kind = STR("school"), .code = STR("sy"),
		.name = STR("实验小学"), .from_ms = school_ms(2020, 9, 1, 0, 0) }, &id));
	s->t.v = id.v;
	return ERR_OK;
}

static enum err make_class(struct op *op, const char *name, const char *code, unit_id *ret)
{
	return org_unit_add(op, &(struct new_unit){ .kind = STR("class"), .code = str_of(code),
		.name = str_of(name), .from_ms = school_ms(2026, 9, 1, 0, 0) }, ret);
}

static enum err make_person(struct op *op, struct school *s, size_t i)
{
	int64_t from = school_ms(2020, 9, 1, 0, 0);
	unit_id unit = i == TEACHER1 ? s->class1 : i == TEACHER2 ? s->class2 : (unit_id){ s->t.v };
	appointment_id id;

	TRY(org_person_add(op, &(struct new_person){ .name = str_of(people[i].name),
		.staff_no = str_fmt(op->arena, "%zu", 1000 + i), .kind = STR("permanent"),
		.joined_ms = from }, &s->p[i]));
	return org_appoint(op, &(struct new_appointment){ .person = s->p[i],
		.post = str_of(people[i].post), .unit = unit,
		.from_ms = unit.v == s->t.v ? from : school_ms(2026, 9, 1, 0, 0) }, &id);
}

static enum err make_keepers(struct op *op, struct school *s, size_t i)
{
	const struct { const char *role; enum who_is who; } k[] = {
		{ "owner", places[i].owner }, { "daily", places[i].daily }, { "recheck",
			places[i].recheck },
	};

	for (size_t n = 0; n < 3; n++) {
		keeper_id id;

		TRY(org_keeper_set(op, &(struct new_keeper){ .place = s->place[i],
			.person = s->p[k[n].who], .role = str_of(k[n].role),
			.from_ms = school_ms(2026, 9, 1, 0, 0) }, &id));
	}
	return ERR_OK;
}

static enum err make_school(struct op *op, void *arg)
{
	struct school *s = arg;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, s->t, &tx));
	TRY(org_term_set(op, 2026, 1, day_of(2026, 9, 1), day_of(2027, 1, 20)));
	TRY(org_term_set(op, 2026, 2, day_of(2027, 2, 22), day_of(2027, 7, 2)));
	TRY(make_class(op, "三(1)班", "C31", &s->class1));
	TRY(make_class(op, "三(2)班", "C32", &s->class2));
	for (size_t i = 0; i < PEOPLE_N; i++)
		TRY(make_person(op, s, i));
	for (size_t i = 0; i < PLACES_N; i++) {
		TRY(org_place_add(op, &(struct new_place){ .kind = str_of(places[i].kind),
			.code = str_of(places[i].code), .name = str_of(places[i].name),
			.from_ms = school_ms(2026, 9, 1, 0, 0) }, &s->place[i]));
		TRY(make_keepers(op, s, i));
	}
	return tx_commit(&tx);
}

static enum err make_holidays(struct op *op, void *arg)
{
	(void)arg;
	return org_holidays_ship(op);
}

static enum err make_adoption(struct op *op, void *arg)
{
	struct school *s = arg;
	struct diags ds = { 0 };

	enum err e = change_adopt(op, STR("primary-closed-loop"), s->adopted_ms, &ds);
	for (size_t i = 0; e && i < ds.n && i < 5; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(diag_format(op->arena, &ds.at[i])));
	return e;
}

/* Without a person: before anything is adopted nobody has rights. */
static void build(struct school *s, enum err (*run)(struct op *op, void *arg))
{
	struct op op;

	op_of(s, PEOPLE_N, &op);
	must(writer_do(s->in.writer, &op, WOP_NORMAL, run, s), &op);
}

static struct school made;	/* the one that is copied */
static char made_dir[256];

static void remove_made(void)
{
	remove_tree(made_dir);
}

static void make_once(void)
{
	struct school *s = &made;

	instance_new(&s->in);
	s->ps = policies_new();
	s->adopted_ms = AT(10, 1, 0, 0);
	s->in.clock.manual_ms = AT(10, 1, 7, 0);
	instance_serve(&s->in);
	build(s, make_tenant);
	build(s, make_holidays);
	build(s, make_school);
	build(s, make_adoption);
	snprintf(made_dir, sizeof(made_dir), "%.*s", STR_ARG(s->in.dir));
	instance_stop(&s->in);
	atexit(remove_made);
}

static void copy_file(const char *from, const char *to)
{
	char buf[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		assert_int_equal(write(out, buf, (size_t)n), n);
	close(in);
	close(out);
}

/* The rows and their log; folders (blobs) are empty as yet. */
static void copy_dir(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *ent;

	assert_non_null(d);
	while ((ent = readdir(d))) {
		char x[1024], y[1024];

		if (strncmp(ent->d_name, "bihuan.db", 9) != 0)
			continue;
		snprintf(x, sizeof(x), "%s/%s", from, ent->d_name);
		snprintf(y, sizeof(y), "%s/%s", to, ent->d_name);
		copy_file(x, y);
	}
	closedir(d);
}

void school_new(struct school *s)
{
	char dir[] = "/tmp/bihuan-school-XXXXXX";

	if (!made_dir[0])
		make_once();
	assert_non_null(mkdtemp(dir));
	copy_dir(made_dir, dir);
	*s = made;
	instance_open(&s->in, str_of(dir));
	s->in.clock.manual_ms = AT(10, 1, 7, 0);
	s->scratch = arena_new(ARENA_OP_MAX);
	instance_serve(&s->in);
}

void school_free(struct school *s)
{
	struct op op;

	if (s->in.reader) {	/* a failed assertion left it open */
		op_of(s, PEOPLE_N, &op);
		op.store = s->in.reader;
		instance_read_end(&s->in, &op);
	}
	arena_free(s->scratch);	/* views that ops hold go with it */
	instance_free(&s->in);
}

void school_forget(struct school *s)
{
	arena_reset(s->scratch);
}

/* --- time --- */

void school_wait(struct school *s, int64_t until_ms)
{
	struct sched_config cf = { .db = s->in.db, .writer = s->in.writer, .policies = s->ps,
		.clock = &s->in.clock, .manual = true };
	struct arena *a = arena_new(ARENA_OP_MAX);

	for (;;) {
		struct op op;
		int64_t next = INSTANT_OPEN;

		school_read(s, PEOPLE_N, &op);	/* the view into the cache */
		(void)work_caps(NULL, &op, s->t, s->p[0], op.now_ms);
		school_read_end(s, &op);
		op_of(s, PEOPLE_N, &op);
		op.arena = a;
		must(sched_run_due(&cf, &op, until_ms, &next), &op);
		arena_reset(a);
		if (next > until_ms)
			break;
		s->in.clock.manual_ms = next;
	}
	s->in.clock.manual_ms = until_ms;
	struct op op;
	op_of(s, PEOPLE_N, &op);
	op.arena = a;
	must(sched_turn_day(&cf, &op), &op);
	arena_free(a);
}

/* --- people --- */

struct submitting { struct submit in; struct submitted *ret; };

static enum err run_submit(struct op *op, void *arg)
{
	struct submitting *s = arg;

	return record_submit(op, &s->in, s->ret);
}

enum err school_submit(struct school *s, enum who_is who, struct submit *in, const char *fields,
		       struct submitted *ret)
{
	struct submitting arg = { *in, ret };
	struct json *j;
	struct op op;

	op_of(s, who, &op);
	must(json_read(&op, str_of(fields), &j), &op);
	arg.in.fields = j;
	arg.in.password_fresh = true;
	s->in.clock.manual_ms += MS_SECOND;	/* one second a write, as in stories */
	return school_write(s, who, run_submit, &arg);
}

enum err school_new_record(struct school *s, enum who_is who, const char *loop, const char *step,
			   const char *fields, struct submitted *ret)
{
	struct submit in = { .loop = str_of(loop), .step = str_of(step) };

	return school_submit(s, who, &in, fields, ret);
}

enum err school_step(struct school *s, enum who_is who, record_id id, const char *step,
		     const char *fields, struct submitted *ret)
{
	struct submit in = { .record = id, .step = str_of(step) };

	return school_submit(s, who, &in, fields, ret);
}

/* --- looking --- */

void school_check(struct school *s)
{
	struct audit_report a;
	struct ledger_report v;
	struct ledger_opener *opener;
	struct op op;

	school_read(s, PEOPLE_N, &op);
	store_read_budget(&op, 0);
	must(work_audit(&op, s->t, &a), &op);
	if (a.differences)
		fail_msg("audit: %lld of %lld differ; the first: %.*s", (long long)a.differences,
			 (long long)a.rows, STR_ARG(a.first));
	size_t n = work_openers(&op, &opener);
	must(ledger_verify(&op, s->t, opener, n, &v), &op);
	if (!v.ok)
		fail_msg("event %lld: %.*s", (long long)v.bad_seq, STR_ARG(v.bad_what));
	assert_int_equal(v.unopened, 0);
	school_read_end(s, &op);
}

bool school_occurrence(struct school *s, str key, struct seen_occurrence *ret)
{
	struct q_occurrence_by_key by;
	struct q_occurrence_get row;
	struct op op;
	bool found = false;

	school_read(s, PEOPLE_N, &op);
	if (!q_occurrence_by_key(&op, s->t, key, &by)) {
		must(q_occurrence_get(&op, s->t, by.id, &row), &op);
		*ret = (struct seen_occurrence){ row.state, row.how, row.due_at, row.record_id,
			row.rung };
		found = true;
	}
	school_read_end(s, &op);
	return found;
}
