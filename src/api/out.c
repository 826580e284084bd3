/* out: JSON of the things that many answers hold. See api_int.h. */
#include "api/api_int.h"

#include "base/pubid.h"
#include "rules/field.h"
#include "work/once.h"

void api_begin(struct req *rq, struct reply *rp, struct jw *w)
{
	(void)rq;
	jw_start(w, reply_json(rp));
	jw_obj(w);
}

void api_send(struct req *rq, struct reply *rp, struct jw *w, str tag)
{
	str bytes, hex;

	jw_end(w);
	bytes = (str){ rp->body.ptr, rp->body.len };
	hex = str_slice(hash_hex(rq->op->arena, hash_of(bytes)), 0, 16);
	tag = tag.len ? str_fmt(rq->op->arena, "%.*s-%.*s", STR_ARG(tag), STR_ARG(hex)) : hex;
	if (reply_etag(rq, rp, tag))
		buf_clear(&rp->body);
}

void api_send_status(struct reply *rp, struct jw *w, int status)
{
	jw_end(w);
	rp->status = status;
}

void jw_id_value(struct jw *w, const struct op *op, int64_t id)
{
	jw_str(w, pubid_make(op->arena, op->scope->tenant, id));
}

void jw_id(struct jw *w, const struct op *op, const char *key, int64_t id)
{
	if (!id)
		return;
	jw_key(w, key);
	jw_id_value(w, op, id);
}

void jw_moment(struct jw *w, const struct op *op, const char *key, int64_t at_ms)
{
	if (at_ms == INSTANT_OPEN || at_ms == INSTANT_NONE || at_ms == 0)
		return;
	jw_kv(w, key, instant_format(op->arena, at_ms, op->clock->utc_offset_ms));
}

void jw_day(struct jw *w, const struct op *op, const char *key, day_no day)
{
	if (day != DAY_NONE)
		jw_kv(w, key, date_format(op->arena, day));
}

void jw_text(struct jw *w, const char *key, str s)
{
	if (s.len)
		jw_kv(w, key, s);
}

void jw_strs(struct jw *w, const char *key, const struct strs *s)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < s->n; i++)
		jw_str(w, s->at[i]);
	jw_end(w);
}

void jw_ref(struct jw *w, const struct op *op, const char *key, int64_t id, str name)
{
	if (!id)
		return;
	jw_key(w, key);
	jw_obj(w);
	jw_id(w, op, "id", id);
	jw_text(w, "name", name);
	jw_end(w);
}

void jw_person(struct jw *w, const struct op *op, const char *key, const struct org_view *v,
	       person_id p)
{
	const struct ov_person *x = ov_person(v, p);

	jw_ref(w, op, key, p.v, x ? x->name : STR_NONE);
}

void jw_place(struct jw *w, const struct op *op, const char *key, const struct org_view *v,
	      place_id p)
{
	const struct ov_place *x = ov_place(v, p);

	jw_ref(w, op, key, p.v, x ? x->name : STR_NONE);
}

void jw_unit(struct jw *w, const struct op *op, const char *key, const struct org_view *v,
	     unit_id u)
{
	const struct ov_unit *x = ov_unit(v, u);

	jw_ref(w, op, key, u.v, x ? x->name : STR_NONE);
}

static void satisfied_one(struct jw *w, const struct op *op, const struct satisfied *s)
{
	jw_obj(w);
	jw_id(w, op, "occurrence", s->occurrence.v);
	jw_text(w, "duty", s->duty);
	jw_text(w, "label", s->label);
	jw_strs(w, "clauses", &s->clauses);
	if (s->basis != BASIS_UNSET)
		jw_kv(w, "basis", str_of(basis_word(s->basis)));
	jw_text(w, "reason", s->reason);
	jw_text(w, "how", s->how);
	jw_text(w, "subject", s->subject);
	jw_text(w, "period", s->period);
	if (s->occurrence.v)
		jw_moment(w, op, "due", s->due_ms);
	if (s->ticked)
		jw_kv_bool(w, "ticked", true);
	jw_end(w);
}

void jw_satisfied(struct jw *w, const struct op *op, const char *key, const struct satisfied *s,
		  size_t n)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		satisfied_one(w, op, &s[i]);
	jw_end(w);
}

static void almost(struct jw *w, const struct op *op, const struct almost_row *a, size_t n)
{
	jw_key(w, "almost");
	jw_arr(w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(w);
		jw_id(w, op, "occurrence", a[i].occurrence.v);
		jw_text(w, "duty", a[i].duty);
		jw_text(w, "label", a[i].label);
		jw_kv(w, "why", str_of(why_word(a[i].why)));
		jw_text(w, "say", a[i].say);
		jw_text(w, "subject", a[i].subject);
		jw_text(w, "period", a[i].period);
		jw_end(w);
	}
	jw_end(w);
}

void jw_submitted(struct jw *w, const struct op *op, const struct submitted *s)
{
	jw_id(w, op, "id", s->record.v);
	jw_text(w, "number", s->number);
	jw_kv(w, "loop", s->loop);
	jw_kv(w, "state", s->state);
	jw_kv_int(w, "version", s->version);
	jw_id(w, op, "step", s->step.v);
	jw_satisfied(w, op, "satisfied", s->satisfied, s->satisfied_n);
	almost(w, op, s->almost, s->almost_n);
	jw_id(w, op, "again_of", s->again_of.v);
	jw_text(w, "again_number", s->again_number);
	jw_key(w, "spawned");
	jw_arr(w);
	for (size_t i = 0; i < s->spawned_n; i++)
		jw_id_value(w, op, s->spawned[i].v);
	jw_end(w);
	jw_text(w, "warning", s->warning);
}

/* --- fields, as forms and as declarations --- */

static void choices(struct jw *w, const struct policy *p, const struct field *f)
{
	const struct catalogue *c = f->of_catalogue.len ? policy_catalogue(p, f->of_catalogue)
							: NULL;

	if (!c && !f->choice_n)
		return;
	jw_key(w, "choices");
	jw_arr(w);
	for (size_t i = 0; i < (c ? c->entry_n : f->choice_n); i++) {
		if (c && (c->entry[i].hidden || c->entry[i].why.len))
			continue;	/* a slot whose text is missing is not offered */
		jw_obj(w);
		jw_kv(w, "value", c ? c->entry[i].m.id : f->choice[i].value);
		jw_kv(w, "label", c ? c->entry[i].m.label : f->choice[i].label);
		jw_end(w);
	}
	jw_end(w);
}

void jw_field_kind(struct jw *w, const struct policy *p, const struct field *f)
{
	jw_kv(w, "name", f->m.id);
	jw_text(w, "label", f->m.label);
	jw_kv(w, "type", str_of(ftype_word(f->type)));
	jw_text(w, "help", f->m.help);
	jw_text(w, "unit", f->unit);
	if (f->max)
		jw_kv_int(w, "max", f->max);
	jw_text(w, "accept", f->accept);
	jw_text(w, "of", f->of_loop.len ? f->of_loop : f->of_catalogue.len ? STR_NONE : f->of_text);
	choices(w, p, f);
	if (f->column_n) {
		jw_key(w, "columns");
		jw_arr(w);
		for (size_t i = 0; i < f->column_n; i++) {
			jw_obj(w);
			jw_field_kind(w, p, &f->column[i]);
			jw_end(w);
		}
		jw_end(w);
	}
}

void jw_form_field(struct jw *w, const struct op *op, const struct policy *p,
		   const struct form_field *f)
{
	jw_obj(w);
	jw_field_kind(w, p, f->field);
	jw_kv_bool(w, "need", f->need);
	if (f->quick)
		jw_kv_bool(w, "quick", true);
	if (f->frozen)
		jw_kv_bool(w, "frozen", true);
	if (f->maybe)
		jw_kv_bool(w, "maybe", true);
	if (f->preset.kind != V_NONE) {
		jw_key(w, "preset");
		field_write_api(w, op->arena, op->scope->tenant, f->field, &f->preset,
				op->clock->utc_offset_ms);
	}
	jw_end(w);
}

/* --- writes with a key --- */

static enum err once_run(struct op *op, void *arg)
{
	struct once_call *c = arg;

	TRY(once_find(op, c->key, c->hash, &c->replayed, &c->made));
	if (c->replayed)
		return ERR_OK;
	TRY(c->run(op, c->arg, &c->made));
	return once_note(op, c->key, c->hash, c->made);
}

enum err once_write(struct req *rq, struct once_call *c,
		    enum err (*run)(struct op *op, void *arg, int64_t *ret_made), void *arg,
		    finish_fn *finish)
{
	*c = (struct once_call){ .run = run, .arg = arg, .hash = key_hash(rq) };
	TRY(key_of(rq, &c->key));
	rq_write(rq, once_run, c, finish);
	return ERR_OK;
}
