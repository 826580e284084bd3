/*
 * view: one record as a person may see it: fields, history, files, what it satisfies, and
 * what he may do now, with the forms. Absent and invisible are the same answer.
 */
#include "work/once.h"
#include "work/submit.h"

#include "base/idgen.h"
#include "base/json.h"
#include "base/limits.h"
#include "gen/q_step.h"
#include "store/store.h"

static str post_label(const struct policy *p, str post)
{
	const struct post *x = policy_post(p, post);

	return x ? x->m.label : post;
}

static str state_label(const struct loop *lp, str state)
{
	int i = loop_state(lp, state);

	return i < 0 ? state : lp->state[i].m.label;
}

static str act_label(str name)
{
	static const struct { const char *name, *label; } acts[] = {
		{ "undo", "撤销" }, { "void", "作废" }, { "correct", "更正" }, { "reassign", "改派" },
		{ "remind", "催办" }, { "comment", "留言" }, { "replace", "被新记录代替" },
	};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (str_eq(name, str_of(acts[i].name)))
			return str_of(acts[i].label);
	return name;
}

static enum err steps_fill(struct rec *r, struct record_view *v)
{
	struct step_row *row = NEW_N(r->op->arena, r->step_n, struct step_row);

	for (size_t i = 0; i < r->step_n; i++) {
		const struct q_steps_of *s = &r->step[i];
		int step = s->built_in ? -1 : loop_step_index(r->loop, s->step);

		row[i] = (struct step_row){
			.id = s->id, .step = s->step, .built_in = s->built_in, .undone = s->undone,
			.from_state = s->from_state, .to_state = s->to_state,
			.to_label = state_label(r->loop, s->to_state), .at_ms = s->at,
			.doer = s->doer_id, .typist = s->typist_id, .doer_name = s->doer_name,
			.doer_post = s->doer_post,
			.post_label = post_label(r->policy, s->doer_post),
			.typist_name = s->typist_name, .event_seq = s->event_seq, .body = s->body,
			.label = step < 0 ? act_label(s->step) : r->loop->step[step].m.label,
		};
		TRY(fields_load(r->op, r->loop->field, r->loop->field_n, s->body, &row[i].fields));
	}
	v->step = row;
	v->step_n = r->step_n;
	return ERR_OK;
}

static enum err files_fill(struct rec *r, struct record_view *v)
{
	struct q_files_of *f;

	TRY(q_files_of(r->op, r->tenant, r->row.id, &f, &v->file_n));
	struct file_row *row = NEW_N(r->op->arena, v->file_n, struct file_row);
	for (size_t i = 0; i < v->file_n; i++)
		row[i] = (struct file_row){
			f[i].id, f[i].hash, f[i].size, f[i].type, f[i].name, f[i].width,
			f[i].height, f[i].step_id,
		};
	v->file = row;
	return ERR_OK;
}

static enum err late_fill(struct rec *r, struct record_view *v)
{
	struct q_lateness_of_record *l;

	TRY(q_lateness_of_record(r->op, r->tenant, r->row.id, &l, &v->late_n));
	struct late_row *row = NEW_N(r->op->arena, v->late_n, struct late_row);
	for (size_t i = 0; i < v->late_n; i++)
		row[i] = (struct late_row){ l[i].state, l[i].rung, l[i].due_at, l[i].at,
				l[i].owner_id };
	v->late = row;
	return ERR_OK;
}

static enum err satisfied_fill(struct rec *r, struct record_view *v)
{
	struct q_satisfactions_of_record *s;
	size_t n, used = 0;

	TRY(q_satisfactions_of_record(r->op, r->tenant, r->row.id, &s, &n));
	struct satisfied *sat = NEW_N(r->op->arena, n, struct satisfied);
	for (size_t i = 0; i < n; i++) {
		struct q_occurrence_get o;

		if (!str_eq(s[i].kind, STR("fills")))
			continue;
		TRY(q_occurrence_get(r->op, r->tenant, s[i].occurrence_id, &o));
		sat[used] = satisfied_of(r->op, r->w, &o, s[i].how);
		sat[used++].ticked = s[i].by_tick;
	}
	v->satisfied = sat;
	v->satisfied_n = used;
	return ERR_OK;
}

/* Hats in which a step may be taken: posts of the person that `by:` names. */
static void next_push(struct rec *r, int step, struct next_step *ret, size_t *n)
{
	struct arena *a = r->op->arena;
	struct machine_ctx c = rec_ctx(r);
	struct actor who = { .person = r->op->scope->person, .typist = r->op->scope->person,
			.prefer = r->op->scope->appointment };
	struct who_hit hat;
	size_t hats = 0;
	struct form_field *form;
	enum verdict v = machine_may(a, &c, &r->m, step, who, &hat, &hats);

	if (v != MAY && v != MAY_OVERRIDE)
		return;
	struct next_step *x = &ret[(*n)++];
	*x = (struct next_step){ .step = &r->loop->step[step], .verdict = v };
	x->form_n = machine_form(a, &c, &r->m, step, &form);
	x->form = form;
	if (hats > 1) {
		struct who_hit *hit;

		x->hat_n = who_posts(a, r->policy, r->w->org, who.person, r->op->now_ms, &hit);
		x->hats = hit;
	}
}

static void next_fill(struct rec *r, struct record_view *v)
{
	struct next_step *next = NEW_N(r->op->arena, r->loop->step_n, struct next_step);
	size_t n = 0;

	for (size_t i = 0; r->op->scope->person.v && !r->row.is_void && i < r->loop->step_n; i++)
		if (!r->loop->step[i].by_clock)
			next_push(r, (int)i, next, &n);
	v->next = next;
	v->next_n = n;
}

static void rights_fill(struct rec *r, struct record_view *v)
{
	const struct q_steps_of *last;
	person_id me = r->op->scope->person;

	if (!me.v)
		return;
	last = undoable(r, me);
	v->can_undo = last != NULL;
	v->undo_until_ms = last ? last->at + UNDO_MS : 0;
	v->can_void = voidable(r, me);
	v->can_correct = correctable(r, me);
	v->oversees = oversees(r, me);
}

static void fields_fill(struct rec *r, struct record_view *v)
{
	struct machine_ctx c = rec_ctx(r);
	struct vmap all = machine_fields(r->op->arena, &c, &r->m);

	for (size_t i = 0; i < r->loop->field_n; i++) {
		const struct field *f = &r->loop->field[i];
		const struct value *x = vmap_get(&all, f->m.id);

		if (x && (r->op->scope->system || machine_sees_field(r->op->arena, &c, &r->m, f,
				r->op->scope->person)))
			vmap_set(r->op->arena, &v->fields, f->m.id, *x);
	}
}

static enum err children_fill(struct rec *r, struct record_view *v)
{
	struct q_record_children *row;

	TRY(q_record_children(r->op, r->tenant, r->row.id, &row, &v->child_n));
	record_id *id = NEW_N(r->op->arena, v->child_n, record_id);
	for (size_t i = 0; i < v->child_n; i++)
		id[i] = row[i].id;
	v->child = id;
	return ERR_OK;
}

static void view_base(struct rec *r, struct record_view *v)
{
	struct machine_ctx c = rec_ctx(r);
	bool alone;

	*v = (struct record_view){
		.id = r->row.id, .tenant = r->tenant, .policy = r->policy, .loop = r->loop,
		.number = r->row.number, .title = r->row.title,
		.state = &r->loop->state[rec_state(r)], .final = r->row.final,
		.is_void = r->row.is_void, .sealed = r->row.sealed, .version = r->row.version,
		.unit = r->row.unit_id, .place = r->row.place_id, .creator = r->row.creator_id,
		.typist = r->row.typist_id, .created_ms = r->row.created_at,
		.changed_ms = r->row.changed_at, .entered_ms = r->row.entered_at,
		.due_ms = r->row.due_at, .rung = r->row.rung, .again_of = r->row.again_of,
		.again_n = r->row.again_n, .parent = r->row.parent_id,
	};
	if (!v->final && !v->is_void)
		v->owners = machine_owners(r->op->arena, &c, &r->m, &alone);
}

/*
 * A record that the asker may see, or ERR_NOTFOUND. The rec lives in the arena: the view points
 * into it.
 */
static enum err visible(struct op *op, record_id id, struct rec **ret_r)
{
	const struct work *w;
	struct rec *r = NEW(op->arena, struct rec);

	TRY(work_load(op, op->scope->tenant, &w));
	enum err e = rec_load(op, w, id, r);
	if (e == ERR_NOTFOUND || (!e && !rec_visible(r)))
		return ERR_NOTFOUND;
	TRY(e);
	*ret_r = r;
	return ERR_OK;
}

enum err record_view(struct op *op, record_id id, struct record_view *ret)
{
	struct rec *r;

	TRY(visible(op, id, &r));
	view_base(r, ret);
	fields_fill(r, ret);
	TRY(steps_fill(r, ret));
	TRY(files_fill(r, ret));
	TRY(late_fill(r, ret));
	TRY(satisfied_fill(r, ret));
	TRY(children_fill(r, ret));
	next_fill(r, ret);
	rights_fill(r, ret);
	return ERR_OK;
}

enum err record_look(struct op *op, record_id id, str what)
{
	struct rec *r;
	int64_t seq;
	struct ledger_fact facts[] = { { STR("what"), what } };

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	TRY(visible(op, id, &r));
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = STR("look"), .account = op->scope->account, .person = op->scope->person,
		.subject_kind = STR("record"), .subject = id.v, .facts = facts, .facts_n = 1,
	}, &seq));
	return tx_commit(&tx);
}

/* --- starting --- */

static void presets_apply(struct op *op, const struct work *w, const struct loop *lp,
		const struct json *preset, struct form_field *f, size_t n)
{
	struct resolver names = work_resolver(op, w);

	(void)lp;
	for (size_t i = 0; preset && i < n; i++) {
		const struct json *j = json_get(preset, f[i].field->m.id);
		struct value v;

		if (!j)
			continue;
		if (field_read(op, w->policy, f[i].field, j, &names, op->clock->utc_offset_ms,
				&v) == ERR_OK)
			f[i].preset = v;
		else
			/* a stale link presets nothing; the form is empty there */
			op_clear_error(op);
	}
}

enum err start_form(struct op *op, str loop, str step, const struct json *preset,
		struct next_step *ret, const struct loop **ret_loop)
{
	const struct work *w;
	struct rec *r = NEW(op->arena, struct rec);
	struct next_step one[1];
	size_t n = 0;

	TRY(work_load(op, op->scope->tenant, &w));
	if (!policy_loop(w->policy, loop))
		return ERR_NOTFOUND;
	TRY(rec_begin(op, w, loop, r));
	r->m.creator = op->scope->person;
	int i = loop_step_index(r->loop, step);
	if (i < 0 || !r->loop->step[i].from_start)
		return ERR_NOTFOUND;
	next_push(r, i, one, &n);
	if (!n)
		return FAIL(op, ERR_DENIED, "“%.*s”不由您办理", STR_ARG(r->loop->step[i].m.label));
	presets_apply(op, w, r->loop, preset, (struct form_field *)(uintptr_t)one[0].form,
			one[0].form_n);
	*ret = one[0];
	*ret_loop = r->loop;
	return ERR_OK;
}

enum err starts_of(struct op *op, struct start **ret, size_t *ret_n)
{
	const struct work *w;
	struct { struct start *at; size_t n, cap; } all = { 0 };

	TRY(work_load(op, op->scope->tenant, &w));
	for (size_t i = 0; i < w->policy->loop_n; i++) {
		struct rec *r = NEW(op->arena, struct rec);

		TRY(rec_begin(op, w, w->policy->loop[i].m.id, r));
		r->m.creator = op->scope->person;
		struct machine_ctx c = rec_ctx(r);
		for (size_t k = 0; k < r->loop->step_n; k++) {
			struct actor who = { .person = op->scope->person,
					.typist = op->scope->person,
					.prefer = op->scope->appointment };
			struct who_hit hat;
			size_t hats;

			if (!r->loop->step[k].from_start || r->loop->step[k].by_clock
			    || machine_may(op->arena, &c, &r->m, (int)k, who, &hat, &hats) != MAY)
				continue;
			struct start *s = VEC_PUSH(op->arena, &all);
			*s = (struct start){ r->loop, &r->loop->step[k] };
		}
	}
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}

/* --- files --- */

enum err file_add(struct op *op, const struct new_file *f, file_id *ret_id)
{
	int64_t id, seq;
	struct q_file_by_key had;

	TX_SCOPE(tx);
	TRY(tx_begin_write(op, op->scope->tenant, &tx));
	if (f->client_key.len) {
		enum err e = q_file_by_key(op, op->scope->tenant, op->scope->account, f->client_key,
					   &had);

		if (e == ERR_OK && !hash_eq(had.hash, f->hash))
			return INVALID(op, STR("Idempotency-Key"), "这个提交编号已经用过，文件却不一样");
		if (e == ERR_OK) {
			*ret_id = had.id;
			return tx_commit(&tx);
		}
		if (e != ERR_NOTFOUND)
			return e;
		TRY(key_is_free(op, f->client_key, KEY_FILE));
	}
	id = idgen_next(op->idgen, op->now_ms);
	struct ledger_fact facts[] = { { STR("sha256"), hash_hex(op->arena, f->hash) },
		{ STR("size"), str_fmt(op->arena, "%lld", (long long)f->size) }, { STR("type"),
				f->type } };
	TRY(ledger_append(op, &(struct ledger_event){
		.kind = STR("file.add"), .account = op->scope->account, .person = op->scope->person,
		.subject_kind = STR("file"), .subject = id, .facts = facts, .facts_n = 3,
	}, &seq));
	TRY(q_file_add(op, &(struct q_file_add_in){
		.tenant = op->scope->tenant, .id = { id }, .hash = f->hash, .size = f->size,
		.type = f->type, .name = f->name, .width = f->width, .height = f->height,
		.person = op->scope->person, .created_at = op->now_ms,
		.account = op->scope->account, .client_key = f->client_key,
	}));
	*ret_id = (file_id){ id };
	return tx_commit(&tx);
}

enum err file_get(struct op *op, file_id id, struct file_row *ret)
{
	struct q_file_get f;
	struct rec *r;

	TRY(q_file_get(op, op->scope->tenant, id, &f));
	if (f.record_id.v)
		TRY(visible(op, f.record_id, &r));
	else if (!op->scope->person.v || f.person_id.v != op->scope->person.v)
		return ERR_NOTFOUND;	/* accounts without a person are not one person */
	*ret = (struct file_row){ f.id, f.hash, f.size, f.type, f.name, f.width, f.height,
			f.step_id };
	return ERR_OK;
}

enum err files_hashes(struct op *op, tenant_id tenant, struct hash **ret, size_t *ret_n)
{
	struct { struct hash *at; size_t n, cap; } all = { 0 };

	for (file_id after = { 0 };;) {
		struct q_files_all *row;
		size_t n;

		TRY(q_files_all(op, tenant, after, 500, &row, &n));
		for (size_t i = 0; i < n; i++) {
			struct hash *h = VEC_PUSH(op->arena, &all);

			*h = row[i].hash;
		}
		if (n < 500)
			break;
		after = row[n - 1].id;
	}
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}
