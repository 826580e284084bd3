/*
 * api_record: one record as its reader may see it, and pages of records. A look at sealed
 * or masked content is an event: it is written first, then shown.
 */
#include "api/api_int.h"

#include "rules/field.h"

/* --- one record --- */

/* A field of a step: what narrows its sight narrows it in the history too. */
static bool field_shown(const struct record_view *v, const struct field *f)
{
	if (!f->see && f->type != F_MASKED)
		return true;
	return vmap_get(&v->fields, f->m.id) != NULL;
}

static void fields(struct jw *w, const struct op *op, const struct record_view *v,
		   const struct vmap *m)
{
	jw_key(w, "fields");
	jw_obj(w);
	for (size_t i = 0; i < v->loop->field_n; i++) {
		const struct field *f = &v->loop->field[i];
		const struct value *x = vmap_get(m, f->m.id);

		if (!x || !field_shown(v, f))
			continue;
		jw_key_s(w, f->m.id);
		field_write_api(w, op->arena, v->tenant, f, x, op->clock->utc_offset_ms);
	}
	jw_end(w);
}

static void step(struct jw *w, const struct op *op, const struct record_view *v,
		 const struct step_row *s)
{
	jw_obj(w);
	jw_id(w, op, "id", s->id.v);
	jw_kv(w, "step", s->step);
	jw_kv(w, "label", s->label);
	jw_text(w, "from", s->from_state);
	jw_text(w, "to", s->to_state);
	jw_moment(w, op, "at", s->at_ms);
	jw_ref(w, op, "doer", s->doer.v, s->doer_name);
	jw_text(w, "post", s->doer_post);
	if (s->typist.v != s->doer.v)
		jw_ref(w, op, "typist", s->typist.v, s->typist_name);
	if (s->built_in)
		jw_kv_bool(w, "built_in", true);
	if (s->undone)
		jw_kv_bool(w, "undone", true);
	jw_kv_int(w, "event", s->event_seq);
	fields(w, op, v, &s->fields);
	jw_end(w);
}

static void steps(struct jw *w, const struct op *op, const struct record_view *v)
{
	jw_key(w, "steps");
	jw_arr(w);
	for (size_t i = 0; i < v->step_n; i++)
		step(w, op, v, &v->step[i]);
	jw_end(w);
}

static void files(struct jw *w, const struct op *op, const struct record_view *v)
{
	jw_key(w, "files");
	jw_arr(w);
	for (size_t i = 0; i < v->file_n; i++) {
		jw_obj(w);
		jw_id(w, op, "id", v->file[i].id.v);
		jw_kv(w, "sha256", hash_hex(op->arena, v->file[i].hash));
		jw_kv_int(w, "size", v->file[i].size);
		jw_kv(w, "type", v->file[i].type);
		jw_text(w, "name", v->file[i].name);
		jw_end(w);
	}
	jw_end(w);
}

static void lates(struct jw *w, const struct op *op, const struct work *work,
		  const struct record_view *v)
{
	jw_key(w, "lates");
	jw_arr(w);
	for (size_t i = 0; i < v->late_n; i++) {
		jw_obj(w);
		jw_kv(w, "state", v->late[i].state);
		jw_kv_int(w, "rung", v->late[i].rung);
		jw_moment(w, op, "due", v->late[i].due_ms);
		jw_moment(w, op, "at", v->late[i].at_ms);
		jw_person(w, op, "owner", work->org, v->late[i].owner);
		jw_end(w);
	}
	jw_end(w);
}

static void next_one(struct jw *w, const struct op *op, const struct record_view *v,
		     const struct next_step *n)
{
	jw_obj(w);
	jw_kv(w, "step", n->step->m.id);
	jw_kv(w, "label", n->step->m.label);
	if (n->verdict == MAY_OVERRIDE)
		jw_kv_bool(w, "override", true);
	if (n->step->sign)
		jw_kv_bool(w, "sign", true);
	jw_key(w, "form");
	jw_arr(w);
	for (size_t i = 0; i < n->form_n; i++)
		jw_form_field(w, op, v->policy, &n->form[i]);
	jw_end(w);
	if (n->hat_n) {
		jw_key(w, "hats");
		jw_arr(w);
		for (size_t i = 0; i < n->hat_n; i++) {
			jw_obj(w);
			jw_id(w, op, "id", n->hats[i].appointment.v);
			jw_kv(w, "post", n->hats[i].post);
			jw_end(w);
		}
		jw_end(w);
	}
	jw_end(w);
}

static void next(struct jw *w, const struct op *op, const struct record_view *v)
{
	jw_key(w, "next");
	jw_arr(w);
	for (size_t i = 0; i < v->next_n; i++)
		next_one(w, op, v, &v->next[i]);
	jw_end(w);
	jw_key(w, "may");
	jw_obj(w);
	jw_kv_bool(w, "undo", v->can_undo);
	if (v->can_undo)
		jw_moment(w, op, "undo_until", v->undo_until_ms);
	jw_kv_bool(w, "void", v->can_void);
	jw_kv_bool(w, "correct", v->can_correct);
	jw_kv_bool(w, "oversee", v->oversees);
	jw_end(w);
}

static void head(struct jw *w, const struct op *op, const struct work *work,
		 const struct record_view *v)
{
	jw_id(w, op, "id", v->id.v);
	jw_text(w, "number", v->number);
	jw_kv(w, "loop", v->loop->m.id);
	jw_kv(w, "label", v->loop->m.label);
	jw_text(w, "title", v->title);
	jw_kv(w, "state", v->state->m.id);
	jw_text(w, "state_label", v->state->m.label);
	jw_kv_int(w, "ring", v->state->ring);
	jw_kv_bool(w, "final", v->final);
	jw_kv_bool(w, "void", v->is_void);
	jw_kv_bool(w, "sealed", v->sealed);
	jw_kv_int(w, "version", v->version);
	jw_unit(w, op, "unit", work->org, v->unit);
	jw_place(w, op, "place", work->org, v->place);
	jw_person(w, op, "creator", work->org, v->creator);
	jw_moment(w, op, "created_at", v->created_ms);
	jw_moment(w, op, "changed_at", v->changed_ms);
	jw_moment(w, op, "entered_at", v->entered_ms);
	jw_moment(w, op, "due", v->due_ms);
	jw_kv_bool(w, "late", v->rung > 0);
	jw_id(w, op, "again_of", v->again_of.v);
	if (v->again_n)
		jw_kv_int(w, "again_n", v->again_n);
	jw_id(w, op, "parent", v->parent.v);
}

static void owners(struct jw *w, const struct op *op, const struct work *work,
		   const struct record_view *v)
{
	jw_key(w, "owners");
	jw_arr(w);
	for (size_t i = 0; i < v->owners.n; i++) {
		const struct ov_person *p = ov_person(work->org, v->owners.at[i].person);

		jw_obj(w);
		jw_id(w, op, "id", v->owners.at[i].person.v);
		jw_text(w, "name", p ? p->name : STR_NONE);
		jw_text(w, "post", v->owners.at[i].post);
		if (v->owners.at[i].stand_in)
			jw_kv_bool(w, "stand_in", true);
		jw_end(w);
	}
	jw_end(w);
	jw_key(w, "children");
	jw_arr(w);
	for (size_t i = 0; i < v->child_n; i++)
		jw_id_value(w, op, v->child[i].v);
	jw_end(w);
}

static enum err show(struct req *rq, struct reply *rp, const struct record_view *v)
{
	struct op *op = rq->op;
	const struct work *work;
	struct jw w;

	TRY(work_load(op, op->scope->tenant, &work));
	api_begin(rq, rp, &w);
	head(&w, op, work, v);
	fields(&w, op, v, &v->fields);
	steps(&w, op, v);
	files(&w, op, v);
	lates(&w, op, work, v);
	jw_satisfied(&w, op, "satisfied", v->satisfied, v->satisfied_n);
	owners(&w, op, work, v);
	next(&w, op, v);
	api_send(rq, rp, &w, str_fmt(op->arena, "%lld", (long long)v->version));
	return ERR_OK;
}

static bool needs_look(const struct record_view *v)
{
	for (size_t i = 0; i < v->loop->field_n; i++)
		if (v->loop->field[i].type == F_MASKED &&
		    vmap_get(&v->fields, v->loop->field[i].m.id))
			return true;
	return v->sealed;
}

static enum err look_run(struct op *op, void *arg)
{
	return record_look(op, *(const record_id *)arg, STR("api"));
}

static enum err look_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct record_view v;

	TRY(e);
	TRY(record_view(rq->op, *(const record_id *)rq->wop.arg, &v));
	return show(rq, rp, &v);
}

enum err api_record(struct req *rq, struct reply *rp)
{
	struct record_view v;
	record_id *id;

	TRY(record_view(rq->op, (record_id){ rq->id }, &v));
	if (!needs_look(&v))
		return show(rq, rp, &v);
	id = NEW(rq->op->arena, record_id);
	*id = v.id;
	rq_write(rq, look_run, id, look_finish);
	return ERR_OK;
}

/* --- pages of records --- */

static enum err query(struct req *rq, struct list_query *q)
{
	const struct form_api_records *f = rq->form;
	int64_t unit, place;

	TRY(query_ref(rq->op, "unit", f->unit, REF_UNIT, &unit));
	TRY(query_ref(rq->op, "place", f->place, REF_PLACE, &place));
	if (unit && unit != rq->op->scope->tenant.v)
		return INVALID(rq->op, STR("unit"), "请用学校本身的编号");
	if (f->after.id && f->after.tenant.v != rq->op->scope->tenant.v)
		return INVALID(rq->op, STR("after"), "游标不对，请从头读起");
	*q = (struct list_query){ .loop = f->loop, .state = f->state, .place = { place },
		.field = f->field, .value = f->value, .q = f->q, .from = f->from, .to = f->to,
		.mine = f->mine, .after = { f->after.id },
		.limit = f->limit == FORM_ABSENT ? 50 : f->limit };
	return ERR_OK;
}

static void row(struct jw *w, const struct op *op, const struct list_row *r)
{
	jw_obj(w);
	jw_id(w, op, "id", r->id.v);
	jw_text(w, "number", r->number);
	jw_kv(w, "loop", r->loop);
	jw_text(w, "title", r->title);
	jw_kv(w, "state", r->state);
	jw_text(w, "state_label", r->state_label);
	jw_kv_int(w, "ring", r->ring);
	jw_kv_bool(w, "final", r->final);
	jw_kv_bool(w, "late", r->late);
	jw_ref(w, op, "place", r->place.v, r->place_name);
	jw_ref(w, op, "creator", r->creator.v, r->creator_name);
	jw_text(w, "owner", r->owner_name);
	jw_moment(w, op, "created_at", r->created_ms);
	jw_moment(w, op, "changed_at", r->changed_ms);
	jw_moment(w, op, "due", r->due_ms);
	if (r->again_n)
		jw_kv_int(w, "again_n", r->again_n);
	jw_end(w);
}

enum err api_records(struct req *rq, struct reply *rp)
{
	struct list_query q;
	struct list l;
	struct jw w;

	TRY(query(rq, &q));
	enum err e = records_list(rq->op, &q, &l);
	if (e == ERR_NOTFOUND) {	/* no plan adopted yet: no records either */
		op_clear_error(rq->op);
		l = (struct list){ 0 };
		e = ERR_OK;
	}
	TRY(e);
	api_begin(rq, rp, &w);
	jw_key(&w, "records");
	jw_arr(&w);
	for (size_t i = 0; i < l.n; i++)
		row(&w, rq->op, &l.at[i]);
	jw_end(&w);
	if (l.more)
		jw_id(&w, rq->op, "after", l.after.v);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}
