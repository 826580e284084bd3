/* demo_int: what the parts of the demonstration share while it is being built. */
#ifndef CLI_DEMO_DEMO_INT_H
#define CLI_DEMO_DEMO_INT_H

#include "base/date.h"
#include "base/json.h"
#include "base/rand.h"
#include "base/yaml.h"
#include "cli/demo/demo.h"
#include "auth/scope.h"

/* One person with an account: who acts, and a line of the file of accounts. */
struct actor_row {
	str login;		/* whole: safety.sy */
	str name, posts, unit;	/* as the file of accounts says them */
	str role;		/* "" or that of an administrator */
	tenant_id tenant;
	person_id person;
	account_id account;
	appointment_id hat[4];
	size_t hat_n;
	str password, encoded;
};

/* A record that the story named. */
struct saved { str name; record_id id; };

/* One thing that somebody does. */
struct deed_row {
	int64_t at_ms;
	uint32_t order;		/* of reading: keeps events of one moment in their order */
	str as;			/* login without the school */
	str on_behalf;		/* the same, or "" */
	str loop;		/* of a new record, or "" */
	str step;
	str ref;		/* the saved record that the step is for; of a new one: its name */
	str reason;
	struct json *fields;	/* object, or NULL */
	str source;		/* "story.yaml:120", for the message when it is refused */
	/* Changes of the organisation instead of a step: see change_run(). */
	str change;		/* "" or: appoint, end-post, keeper, absent, node */
};

struct demo {
	struct op *op;		/* the caller's; its arena lives as long as the building */
	struct arena *one;	/* of one event, reset after it */
	struct writer *wr;
	struct store_db *db;
	struct clock *clock;
	const struct demo_options *o;
	struct entropy dice;
	tenant_id school;	/* sy: the school of the story */
	VEC(struct actor_row) actor;
	VEC(struct saved) saved;
	VEC(struct deed_row) event;
	int64_t started_ms;	/* the moment from which the virtual clock runs */
	int year;		/* of dates written without one */
};

/* --- data --- */
str demo_file(const char *path);	/* STR_NONE when there is none */
MUST_CHECK enum err demo_yaml(struct demo *d, const char *path, const struct yaml **ret);
str demo_word(const struct yaml *list, size_t i);	/* "" past the end */
struct json *demo_json(struct arena *a, const struct yaml *y);	/* scalars stay words */
/* "09-21 07:38" or "09-21" (00:00) of the year of the story, or a whole date. */
bool demo_time(const struct demo *d, str s, int64_t *ret_ms);
int64_t demo_at(const struct demo *d, day_no day, int minute);
uint32_t demo_dice(struct demo *d, uint32_t n);		/* 0 … n-1 */
struct json *demo_obj(struct arena *a);
void demo_put(struct arena *a, struct json *obj, const char *key, struct json *v);
void demo_put_s(struct arena *a, struct json *obj, const char *key, str s);
struct json *demo_arr(struct arena *a);
void demo_push(struct arena *a, struct json *arr, struct json *v);
struct json *demo_str(struct arena *a, str s);
struct json *demo_flag(struct arena *a, bool b);

/* --- who --- */
struct actor_row *demo_actor(struct demo *d, str login);	/* without school: of sy */
void demo_op(struct demo *d, const struct actor_row *who, struct scope *ret_scope,
	     struct op *ret_op);

struct calendar;
MUST_CHECK enum err demo_calendar(struct demo *d, struct calendar *ret);

/* --- parts --- */
MUST_CHECK enum err demo_org_build(struct demo *d);
MUST_CHECK enum err demo_accounts_build(struct demo *d);
MUST_CHECK enum err demo_accounts_write(struct demo *d);
MUST_CHECK enum err demo_story_read(struct demo *d);
MUST_CHECK enum err demo_hazards_read(struct demo *d);
MUST_CHECK enum err demo_routine_make(struct demo *d);
MUST_CHECK enum err demo_people_make(struct demo *d);
MUST_CHECK enum err demo_lessons_make(struct demo *d);
MUST_CHECK enum err demo_gate_make(struct demo *d);
MUST_CHECK enum err demo_play(struct demo *d);

/* --- the large district (large.c) --- */
int64_t demo_large_start(int64_t at_ms);	/* from when its clock runs */
MUST_CHECK enum err demo_large_build(struct demo *d);
MUST_CHECK enum err demo_holidays(struct demo *d);
/* The people and places of sy and of large.yaml, other names, under a code of its own. */
MUST_CHECK enum err demo_school_like_sy(struct demo *d, str code, str name, tenant_id *ret_tenant);

/* A new event in reading order; its fields are NULL. */
struct deed_row *demo_event(struct demo *d, int64_t at_ms, str as, str loop, str step, str ref);

#endif
