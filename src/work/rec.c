/*
 * rec: see rec.h. Facts that an expression asks for are looked up one by one, each by
 * one indexed query in the home tenant: the only place where the pure core's questions
 * meet the database.
 */
#include "work/rec.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/pubid.h"
#include "base/utf8.h"

#define TITLE_CHARS 60

/* --- loading --- */

static void past_fill(struct rec *r)
{
	r->past = NEW_N(r->op->arena, r->step_n, struct past_step);
	for (size_t i = 0; i < r->step_n; i++) {
		const struct q_steps_of *s = &r->step[i];

		r->past[i] = (struct past_step){
			.step = s->built_in ? -1 : loop_step_index(r->loop, s->step),
			.built_in = s->built_in ? s->step : STR_NONE,
			.from = s->from_state.len ? loop_state(r->loop, s->from_state) : -1,
			.to = loop_state(r->loop, s->to_state),
			.doer = s->doer_id, .typist = s->typist_id, .at_ms = s->at,
			.undone = s->undone, .version = (int32_t)s->version,
		};
	}
	r->past_n = r->step_n;
}

static bool rec_has_signed(void *ctx, str field, person_id p)
{
	const struct rec *r = ctx;
	const struct value *v = vmap_get(&r->fields, field);

	if (!v || v->kind != V_ROWS)
		return false;
	for (size_t i = 0; i < v->rows.n; i++) {
		const struct value *who = row_get(&v->rows.at[i], STR("person"));

		if (who && who->kind == V_REF && who->id == p.v)
			return true;
	}
	return false;
}

static void machine_fill(struct rec *r)
{
	r->m = (struct machine_record){
		.loop = r->loop, .state = r->row.id.v ? loop_state(r->loop, r->row.state) : -1,
		.entered_ms = r->row.entered_at, .is_void = r->row.is_void,
		.creator = r->row.creator_id, .fields = &r->fields, .past = r->past,
		.past_n = r->past_n, .version = (int32_t)r->row.version, .fact = rec_fact,
		.has_signed = rec_has_signed, .on_duty = rec_on_duty, .ctx = r,
	};
}

enum err rec_load(struct op *op, const struct work *w, record_id id, struct rec *ret)
{
	struct q_steps_of *step;

	*ret = (struct rec){ .op = op, .tenant = w->org->tenant, .w = w };
	TRY(q_record_get(op, ret->tenant, id, &ret->row));
	if (ret->row.composition_id == w->composition)
		ret->policy = w->policy;
	else
		TRY(work_policy_of(op, ret->tenant, ret->row.composition_id, &ret->policy));
	ret->loop = policy_loop(ret->policy, ret->row.loop);
	if (!ret->loop || loop_state(ret->loop, ret->row.state) < 0)
		return FAIL(op, ERR_CORRUPT, "记录 %.*s 的闭环不在它的方案里", STR_ARG(ret->row.number));
	TRY(fields_load(op, ret->loop->field, ret->loop->field_n, ret->row.body, &ret->fields));
	TRY(q_steps_of(op, ret->tenant, id, &step, &ret->step_n));
	ret->step = step;
	past_fill(ret);
	machine_fill(ret);
	return ERR_OK;
}

enum err rec_begin(struct op *op, const struct work *w, str loop, struct rec *ret)
{
	const struct loop *lp = policy_loop(w->policy, loop);

	if (!lp)
		return INVALID(op, STR("loop"), "没有名为“%.*s”的闭环", STR_ARG(loop));
	*ret = (struct rec){ .op = op, .tenant = w->org->tenant, .w = w, .policy = w->policy,
			.loop = lp };
	ret->row.composition_id = w->composition;
	ret->row.loop = lp->m.id;
	ret->row.unit_id = w->org->unit;
	machine_fill(ret);
	return ERR_OK;
}

struct machine_ctx rec_ctx(const struct rec *r)
{
	return work_machine_ctx(r->op, r->w, r->policy);
}

int rec_state(const struct rec *r)
{
	return r->m.state;
}

bool rec_visible(const struct rec *r)
{
	struct machine_ctx c = rec_ctx(r);
	const struct scope *s = r->op->scope;

	if (s->system)
		return true;
	if (s->tenant.v != r->tenant.v)
		return false;
	return s->person.v && machine_sees(r->op->arena, &c, &r->m, s->person);
}

/* --- names --- */

struct names { struct op *op; const struct work *w; };

static int64_t resolve_pubid(const struct names *nm, str text)
{
	tenant_id tenant;
	int64_t id;

	return pubid_read(text, &tenant, &id) && tenant.v == nm->w->org->tenant.v ? id : 0;
}

/* A record of the loop asked for that whoever asks may see; else 0, as if there were none. */
static int64_t resolve_record(const struct names *nm, int64_t id, str of, str text)
{
	struct q_record_by_number row;
	struct rec r;

	if (!id && q_record_by_number(nm->op, nm->w->org->tenant, text, &row))
		return 0;
	id = id ? id : row.id.v;
	if (rec_load(nm->op, nm->w, (record_id){ id }, &r) || !rec_visible(&r))
		return 0;
	return !of.len || str_eq(r.loop->m.id, of) ? id : 0;
}

static int64_t resolve(void *ctx, enum ref_kind kind, str of, str text, bool *ret_many)
{
	struct names *nm = ctx;
	int64_t id = resolve_pubid(nm, text);

	*ret_many = false;
	if (kind == REF_FILE)
		return id;
	if (kind == REF_RECORD)
		return resolve_record(nm, id, of, text);
	return org_resolve(nm->op, nm->w->org->tenant, kind, text, ret_many);
}

static str name_of(void *ctx, enum ref_kind kind, int64_t id)
{
	struct names *nm = ctx;
	struct q_record_get row;

	switch (kind) {
	case REF_PERSON: return person_name_of(nm->w, (person_id){ id });
	case REF_PLACE: return place_name_of(nm->w, (place_id){ id });
	case REF_UNIT: return unit_name_of(nm->w, (unit_id){ id });
	case REF_RECORD:
		if (q_record_get(nm->op, nm->w->org->tenant, (record_id){ id }, &row))
			return STR_NONE;
		return row.number.len ? row.number : row.title;
	case REF_FILE:
	case REF_APPOINTMENT: return STR_NONE;
	}
	return STR_NONE;
}

struct resolver work_resolver(struct op *op, const struct work *w)
{
	struct names *nm = NEW(op->arena, struct names);

	*nm = (struct names){ op, w };
	return (struct resolver){ .resolve = resolve, .name = name_of, .ctx = nm };
}

str person_name_of(const struct work *w, person_id p)
{
	const struct ov_person *x = ov_person(w->org, p);

	return x ? x->name : STR("（已离开）");
}

str place_name_of(const struct work *w, place_id p)
{
	const struct ov_place *x = ov_place(w->org, p);

	return x ? x->name : STR_NONE;
}

str unit_name_of(const struct work *w, unit_id u)
{
	const struct ov_unit *x = ov_unit(w->org, u);

	return x ? x->name : STR_NONE;
}

/* --- title, body --- */

static bool title_type(enum ftype t)
{
	return t == F_TEXT || t == F_NOTE;
}

static str title_of_choice(struct arena *a, const struct policy *p, const struct field *f,
		const struct value *v)
{
	return field_say(a, p, f, v, NULL, 0);
}

/* One line of at most TITLE_CHARS characters. */
static str title_cut(struct arena *a, str text)
{
	str line = text;
	str first = str_cut(&line, '\n');
	str cut = utf8_cut(first, TITLE_CHARS);

	return cut.len < first.len ? str_fmt(a, "%.*s…", STR_ARG(cut)) : str_dup(a, first);
}

static bool listed(const struct strs *s, str id)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->at[i], id))
			return true;
	return false;
}

/* How well a field names its record: what one had to say at the beginning, what one could say. */
static int begins(const struct loop *lp, const struct field *f)
{
	int best = 0;

	for (size_t i = 0; i < lp->step_n; i++) {
		const struct step *st = &lp->step[i];

		if (!st->from_start)
			continue;
		for (size_t k = 0; k < st->need_n; k++)
			if (listed(&st->need[k].fields, f->m.id))
				return 2;
		if (f->type == F_TEXT && listed(&st->form, f->m.id))
			best = 1;
	}
	return best;
}

/* Said at the beginning, else the kind of it, else anything that was said. */
str rec_title(struct arena *a, const struct policy *p, const struct loop *lp,
		const struct vmap *fields)
{
	str choice = STR_NONE, said[3] = { STR_NONE, STR_NONE, STR_NONE };

	if (lp->sealed)
		return lp->m.label;
	for (size_t i = 0; i < lp->field_n; i++) {
		const struct field *f = &lp->field[i];
		const struct value *v = vmap_get(fields, f->m.id);

		if (!v || f->see)
			continue;
		if (title_type(f->type) && v->kind == V_TEXT && !said[begins(lp, f)].len)
			said[begins(lp, f)] = title_cut(a, v->text);
		if (!choice.len && (f->type == F_CHOICE || f->type == F_CHOICES))
			choice = title_of_choice(a, p, f, v);
	}
	for (int i = 2; i > 0; i--)
		if (said[i].len)
			return said[i];
	return choice.len ? choice : said[0].len ? said[0] : lp->m.label;
}

enum err fields_text(struct arena *a, const struct vmap *fields, str *ret_json)
{
	struct buf b CLEANUP(buf_release);
	struct jw w;
	str text;

	buf_init(&b, JSON_BYTES_MAX);
	jw_start(&w, &b);
	vmap_write(&w, fields);
	TRY(buf_finish(&b, &text));
	*ret_json = str_dup(a, text);
	return ERR_OK;
}
