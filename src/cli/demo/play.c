/*
 * play: the events in their order, each by its person at its moment, and between them all
 * that time does by itself: steps by clock, limits that pass, tasks that open. The clock
 * moves only here. An event that is refused ends the building, named by its line: a story
 * that no longer fits the packs must be seen at once.
 */
#include "cli/demo/demo_int.h"

#include <string.h>

#include "base/image.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "store/blob.h"
#include "work/orgchange.h"
#include "work/work.h"

#define WAKES_MAX 10000 /* at one moment; more is an endless one */

/* --- who acts --- */

struct actor_row *demo_actor(struct demo *d, str login)
{
	str whole = str_has(login, '.') ? login : str_fmt(d->one, "%.*s.sy", STR_ARG(login));

	for (size_t i = 0; i < d->actor.n; i++)
		if (str_eq(d->actor.at[i].login, whole))
			return &d->actor.at[i];
	return NULL;
}

/* An operation at the moment of the clock: of a person, or of the system (who NULL). */
void demo_op(struct demo *d, const struct actor_row *who, struct scope *ret_scope,
	     struct op *ret_op)
{
	int64_t now = clock_now(d->clock);

	*ret_scope = scope_of_system;
	if (who)
		*ret_scope = (struct scope){ .tenant = who->tenant,
					     .account = who->account,
					     .person = who->person,
					     .caps = UINT64_MAX,
					     .login = who->login,
					     .person_name = who->name,
					     .role = who->role,
					     .password_at_ms = now };
	*ret_op = (struct op){ .arena = d->one,
			       .clock = d->clock,
			       .scope = ret_scope,
			       .policies = d->op->policies,
			       .now_ms = now,
			       .tenant = who ? who->tenant : d->school };
}

/* --- time --- */

static enum err wake_once(struct op *op, void *arg)
{
	return work_wake(op, op->tenant, arg);
}

static enum err wake_tenant(struct demo *d, tenant_id tenant)
{
	struct scope sc;
	struct op op;
	bool more = true;

	for (int i = 0; more && i < WAKES_MAX; i++) {
		demo_op(d, NULL, &sc, &op);
		op.tenant = tenant;
		enum err e = writer_do(d->wr, &op, WOP_JOB, wake_once, &more);
		if (e)
			return FAIL(
				d->op, e, "演示时钟走到 %.*s 时出错：%s（%s）",
				STR_ARG(instant_format(d->one, op.now_ms, d->clock->utc_offset_ms)),
				op.errmsg, op.errat ? op.errat : "");
		arena_reset(d->one);
	}
	return more ? FAIL(d->op, ERR_CORRUPT, "到点的事情没有尽头") : ERR_OK;
}

/* The next moment at which something happens by itself; the view of the school is loaded too. */
static enum err look_ahead(struct demo *d, int64_t until_ms, int64_t *ret_at, tenant_id *ret_tenant)
{
	const struct work *w;
	struct scope sc;
	struct op op;

	demo_op(d, NULL, &sc, &op);
	TRY(store_reader_take(&op, d->db, &op.store));
	struct store *reader = op.store;
	enum err e = store_read_begin(&op);
	if (!e)
		e = work_next_wake(&op, until_ms, ret_at, ret_tenant);
	if (!e && work_load(&op, d->school, &w)) /* before the adoption there is none */
		op_clear_error(&op);
	store_read_end(&op);
	store_reader_give(reader);
	if (e)
		return FAIL(d->op, e, "%s", op.errmsg);
	arena_reset(d->one);
	return ERR_OK;
}

static enum err time_passes(struct demo *d, int64_t until_ms)
{
	for (int i = 0; i < WAKES_MAX; i++) {
		int64_t at, now = clock_now(d->clock);
		day_no next_day = instant_day(now, d->clock->utc_offset_ms) + 1;
		int64_t midnight = demo_at(d, next_day, 0);
		tenant_id tenant;

		TRY(look_ahead(d, until_ms, &at, &tenant));
		if (midnight <= until_ms && (!tenant.v || midnight <= at)) {
			at = midnight;
			tenant = d->school;
		}
		if (!tenant.v || at > until_ms)
			break;
		if (at > now)
			d->clock->manual_ms = at;
		TRY(wake_tenant(d, tenant));
	}
	if (until_ms > clock_now(d->clock))
		d->clock->manual_ms = until_ms;
	return ERR_OK;
}

/* --- names in fields --- */

static record_id saved_get(const struct demo *d, str name)
{
	for (size_t i = d->saved.n; i-- > 0;)
		if (str_eq(d->saved.at[i].name, name))
			return d->saved.at[i].id;
	return (record_id){ 0 };
}

static void saved_put(struct demo *d, str name, record_id id)
{
	struct saved *s = VEC_PUSH(d->op->arena, &d->saved);

	*s = (struct saved){ str_dup(d->op->arena, name), id };
}

struct new_photo {
	struct new_file file;
	file_id id;
};

static enum err photo_run(struct op *op, void *arg)
{
	struct new_photo *p = arg;

	return file_add(op, &p->file, &p->id);
}

/* "photo:wall-before.jpg": our own picture, stripped and kept like one that came by phone. */
static enum err photo_add(struct demo *d, const struct actor_row *who, str name, str *ret_id)
{
	struct new_photo p = { .file = { .type = STR("image/jpeg"), .name = name } };
	struct image im;
	struct scope sc;
	struct op op;
	str bytes = demo_file(str_fmt(d->one, "photos/%.*s", STR_ARG(name)).ptr);

	demo_op(d, who, &sc, &op);
	if (!bytes.ptr)
		return FAIL(d->op, ERR_CORRUPT, "演示数据缺少照片 %.*s", STR_ARG(name));
	enum err e = image_strip(&op, STR("photos"), bytes, &im);
	if (!e)
		e = blob_put(&op, d->db, im.bytes, &p.file.hash);
	if (!e) {
		p.file.size = (int64_t)im.bytes.len;
		p.file.width = (int32_t)im.width;
		p.file.height = (int32_t)im.height;
		e = writer_do(d->wr, &op, WOP_NORMAL, photo_run, &p);
	}
	if (e)
		return FAIL(d->op, e, "照片 %.*s：%s", STR_ARG(name), op.errmsg);
	*ret_id = pubid_make(d->one, who->tenant, p.id.v);
	return ERR_OK;
}

/* $name: a saved record; photo:…: a file. People and places are named as people name them. */
static enum err names_resolve(struct demo *d, const struct actor_row *who, struct json *j)
{
	for (size_t i = 0; (j->kind == JSON_ARR || j->kind == JSON_OBJ) && i < j->n; i++)
		TRY(names_resolve(d, who, j->at[i]));
	if (j->kind != JSON_STR)
		return ERR_OK;
	if (str_starts(j->s, STR("photo:")))
		return photo_add(d, who, str_slice(j->s, 6, j->s.len), &j->s);
	if (str_starts(j->s, STR("$"))) {
		record_id id = saved_get(d, str_slice(j->s, 1, j->s.len));

		if (!id.v)
			return FAIL(d->op, ERR_CORRUPT, "没有名为 %.*s 的记录", STR_ARG(j->s));
		j->s = pubid_make(d->one, who->tenant, id.v);
	}
	return ERR_OK;
}

/* --- one event --- */

struct play {
	struct submit in;
	struct submitted out;
};

static enum err submit_run(struct op *op, void *arg)
{
	struct play *p = arg;

	return record_submit(op, &p->in, &p->out);
}

static str first_fault(const struct op *op)
{
	if (!op->field_errors)
		return str_of(op->errmsg);
	return str_fmt(op->arena, "%.*s：%.*s", STR_ARG(op->field_errors->field),
		       STR_ARG(op->field_errors->message));
}

static enum err event_refused(struct demo *d, const struct deed_row *e, const struct op *op,
			      enum err why)
{
	str when = instant_format(d->one, e->at_ms, d->clock->utc_offset_ms);

	op_clear_error(d->op);
	return FAIL(d->op, why, "%.*s %.*s %.*s %.*s%.*s %.*s：%.*s（%s）", STR_ARG(e->source),
		    STR_ARG(when), STR_ARG(e->as), STR_ARG(e->loop), STR_ARG(e->ref),
		    STR_ARG(e->step), STR_ARG(first_fault(op)), op->errat ? op->errat : "");
}

/* Several hats fit: the first of his appointments that may take the step is the one. */
static enum err submit_in_some_hat(struct demo *d, const struct actor_row *who, struct op *op,
				   struct play *p)
{
	enum err e = writer_do(d->wr, op, WOP_NORMAL, submit_run, p);
	bool hat =
		e == ERR_INVALID && op->field_errors && str_eq(op->field_errors->field, STR("as"));

	for (size_t i = 0; hat && e && i < who->hat_n; i++) {
		op_clear_error(op);
		p->in.as = who->hat[i];
		e = writer_do(d->wr, op, WOP_NORMAL, submit_run, p);
	}
	return e;
}

static void event_saved(struct demo *d, const struct deed_row *e, const struct submitted *out)
{
	if (e->loop.len && e->ref.len)
		saved_put(d, e->ref, out->record);
	for (size_t i = 0; e->ref.len && i < out->spawned_n; i++)
		saved_put(d, str_fmt(d->one, "%.*s.%zu", STR_ARG(e->ref), i + 1), out->spawned[i]);
}

static enum err event_step(struct demo *d, const struct deed_row *e)
{
	const struct actor_row *who = demo_actor(d, e->as);
	const struct actor_row *for_ = e->on_behalf.len ? demo_actor(d, e->on_behalf) : NULL;
	struct play p = { .in = { .loop = e->loop,
				  .step = e->step,
				  .fields = e->fields,
				  .reason = e->reason,
				  .password_fresh = true } };
	struct scope sc;
	struct op op = { .errmsg = "" };

	if (!who || (e->on_behalf.len && !for_))
		return event_refused(d, e, &op, ERR_CORRUPT);
	if (e->fields) {
		enum err bad = names_resolve(d, who, e->fields);

		if (bad)
			return bad;
	}
	if (for_)
		p.in.on_behalf = for_->person;
	if (!e->loop.len)
		p.in.record = saved_get(d, e->ref);
	demo_op(d, who, &sc, &op);
	enum err bad = submit_in_some_hat(d, who, &op, &p);
	if (bad)
		return event_refused(d, e, &op, bad);
	event_saved(d, e, &p.out);
	return ERR_OK;
}

/* --- changes of the organisation in the course of the story --- */

struct change {
	struct demo *d;
	const struct deed_row *e;
	const struct actor_row *whom;
};

static str change_word(const struct deed_row *e, const char *key)
{
	return e->fields ? json_get_str(e->fields, str_of(key)) : STR_NONE;
}

static int64_t change_time(const struct change *c, const char *key, int64_t otherwise)
{
	int64_t at;

	return demo_time(c->d, change_word(c->e, key), &at) ? at : otherwise;
}

static enum err change_run(struct op *op, void *arg)
{
	struct change *c = arg;
	int64_t from = change_time(c, "from", op->now_ms), to = change_time(c, "to", INSTANT_OPEN);
	int64_t id;
	str kind = c->e->change;

	if (str_eq(kind, STR("end-post")))
		return change_appointment_end(op, c->whom->hat[0], from);
	if (str_eq(kind, STR("absent")))
		return change_absence(op, &(struct new_absence){
			.person = c->whom->person, .from_ms = from, .to_ms = to,
		}, &id);
	if (str_eq(kind, STR("node"))) {
		day_no day = instant_day(from, op->clock->utc_offset_ms);

		return change_mark(op, STR("node"), change_word(c->e, "name"), day, day);
	}
	return FAIL(op, ERR_CORRUPT, "演示数据里的变动 %.*s 不认识", STR_ARG(kind));
}

static enum err event_change(struct demo *d, const struct deed_row *e)
{
	struct change c = { d, e, demo_actor(d, change_word(e, "person")) };
	struct scope sc;
	struct op op;

	demo_op(d, demo_actor(d, e->as), &sc, &op);
	enum err bad = writer_do(d->wr, &op, WOP_NORMAL, change_run, &c);
	return bad ? event_refused(d, e, &op, bad) : ERR_OK;
}

/* --- all of them --- */

struct deed_row *demo_event(struct demo *d, int64_t at_ms, str as, str loop, str step, str ref)
{
	struct deed_row *e = VEC_PUSH(d->op->arena, &d->event);

	*e = (struct deed_row){ .at_ms = at_ms,
				.order = (uint32_t)d->event.n,
				.as = as,
				.loop = loop,
				.step = step,
				.ref = ref,
				.source = STR("") };
	return e;
}

static int by_time(const void *a, const void *b)
{
	const struct deed_row *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

enum err demo_play(struct demo *d)
{
	if (d->event.n)
		qsort(d->event.at, d->event.n, sizeof(d->event.at[0]), by_time);
	for (size_t i = 0; i < d->event.n && d->event.at[i].at_ms <= d->o->at_ms; i++) {
		const struct deed_row *e = &d->event.at[i];

		TRY(time_passes(d, e->at_ms));
		TRY(e->change.len ? event_change(d, e) : event_step(d, e));
		arena_reset(d->one);
	}
	return time_passes(d, d->o->at_ms);
}
