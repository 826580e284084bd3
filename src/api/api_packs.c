/* api_packs: the policy in force, as its reader would look it up; adopting, and its numbers. */
#include "api/api_int.h"

#include "rules/diag.h"

static void pack(struct jw *w, const struct op *op, const struct pack_info *p)
{
	jw_kv(w, "id", p->id);
	jw_kv(w, "title", p->title);
	jw_kv(w, "version", p->version);
	jw_text(w, "level", p->level);
	jw_text(w, "source", p->source);
	if (p->basis != BASIS_UNSET)
		jw_kv(w, "basis", str_of(basis_word(p->basis)));
	jw_strs(w, "extends", &p->extends);
	jw_day(w, op, "valid_from", p->valid_from);
	jw_day(w, op, "valid_to", p->valid_to);
}

static bool in_force(const struct policy *p, str id)
{
	for (size_t i = 0; p && i < p->pack_n; i++)
		if (str_eq(p->pack[i].id, id))
			return true;
	return false;
}

static enum err policy_load(struct req *rq, const struct policy **ret_p)
{
	const struct work *work;
	enum err e = work_load(rq->op, rq->op->scope->tenant, &work);

	*ret_p = NULL;
	if (e == ERR_NOTFOUND) {	/* nothing adopted yet */
		op_clear_error(rq->op);
		return ERR_OK;
	}
	TRY(e);
	*ret_p = work->policy;
	return ERR_OK;
}

enum err api_packs(struct req *rq, struct reply *rp)
{
	const struct policy *p;
	struct embedded_pack *e;
	size_t n = packs_shipped(rq->op->arena, &e);
	struct jw w;

	TRY(policy_load(rq, &p));
	api_begin(rq, rp, &w);
	jw_key(&w, "packs");
	jw_arr(&w);
	for (size_t i = 0; p && i < p->pack_n; i++) {
		jw_obj(&w);
		pack(&w, rq->op, &p->pack[i]);
		jw_kv_bool(&w, "in_force", true);
		jw_end(&w);
	}
	for (size_t i = 0; i < n; i++) {
		if (in_force(p, e[i].id))
			continue;
		jw_obj(&w);
		jw_kv(&w, "id", e[i].id);
		jw_kv(&w, "version", e[i].version);
		jw_kv_bool(&w, "in_force", false);
		jw_end(&w);
	}
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

static enum err pack_of(struct req *rq, const struct policy **ret_p, const struct pack_info **ret_i)
{
	str id = rq_param(rq, STR("pack"));

	TRY(policy_load(rq, ret_p));
	for (size_t i = 0; *ret_p && i < (*ret_p)->pack_n; i++)
		if (str_eq((*ret_p)->pack[i].id, id)) {
			*ret_i = &(*ret_p)->pack[i];
			return ERR_OK;
		}
	return ERR_NOTFOUND;
}

enum err api_pack(struct req *rq, struct reply *rp)
{
	const struct policy *p;
	const struct pack_info *info;
	struct jw w;

	TRY(pack_of(rq, &p, &info));
	api_begin(rq, rp, &w);
	pack(&w, rq->op, info);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

static void clause(struct jw *w, const struct clause *c)
{
	jw_obj(w);
	jw_kv(w, "id", c->m.id);
	jw_text(w, "kind", c->kind);
	jw_text(w, "title", c->title);
	jw_text(w, "article", c->article);
	if (c->m.basis != BASIS_UNSET)
		jw_kv(w, "basis", str_of(basis_word(c->m.basis)));
	jw_text(w, "why", c->why);
	jw_end(w);
}

enum err api_pack_clauses(struct req *rq, struct reply *rp)
{
	const struct policy *p;
	const struct pack_info *info;
	struct jw w;

	TRY(pack_of(rq, &p, &info));
	api_begin(rq, rp, &w);
	jw_key(&w, "clauses");
	jw_arr(&w);
	for (size_t i = 0; i < p->clause_n; i++)
		if (str_eq(p->clause[i].m.pack, info->id))
			clause(&w, &p->clause[i]);
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

static void duty(struct jw *w, const struct policy *p, const struct duty *d)
{
	jw_obj(w);
	jw_kv(w, "id", d->m.id);
	jw_text(w, "label", d->m.label);
	jw_strs(w, "clauses", &d->m.clauses);
	if (policy_basis(p, &d->m) != BASIS_UNSET)
		jw_kv(w, "basis", str_of(basis_word(policy_basis(p, &d->m))));
	jw_text(w, "who", d->who_text);
	jw_key(w, "minutes");
	jw_obj(w);
	jw_kv_int(w, "do", d->minutes_do);
	jw_kv_int(w, "record", d->minutes_record);
	jw_end(w);
	jw_key(w, "fulfilled_by");
	jw_arr(w);
	for (size_t i = 0; i < d->proof_n; i++)
		if (d->proof[i].loop.len)
			jw_str(w, d->proof[i].loop);
	jw_end(w);
	jw_end(w);
}

enum err api_pack_duties(struct req *rq, struct reply *rp)
{
	const struct policy *p;
	const struct pack_info *info;
	struct jw w;

	TRY(pack_of(rq, &p, &info));
	api_begin(rq, rp, &w);
	jw_key(&w, "duties");
	jw_arr(&w);
	for (size_t i = 0; i < p->duty_n; i++)
		if (str_eq(p->duty[i].m.pack, info->id))
			duty(&w, p, &p->duty[i]);
	jw_end(&w);
	api_send(rq, rp, &w, STR_NONE);
	return ERR_OK;
}

/* --- adopting, and the unit's own numbers --- */

static enum err own_tenant(const struct req *rq)
{
	return rq->id == rq->op->scope->tenant.v ? ERR_OK : ERR_NOTFOUND;
}

struct adopting { str pack; int64_t from_ms; struct diags diags; struct once_call once; };

static enum err adopt_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct adopting *a = arg;

	TRY(change_adopt(op, a->pack, a->from_ms, &a->diags));
	*ret_made = op->scope->tenant.v;
	return ERR_OK;
}

static void diagnostics(struct jw *w, const struct diags *ds)
{
	jw_key(w, "diagnostics");
	jw_arr(w);
	for (size_t i = 0; i < ds->n; i++) {
		jw_obj(w);
		jw_kv(w, "code", str_of(ds->at[i].code->code));
		jw_kv(w, "message", ds->at[i].message);
		jw_text(w, "file", ds->at[i].pos.file);
		jw_kv_int(w, "line", ds->at[i].pos.line);
		jw_end(w);
	}
	jw_end(w);
}

static enum err adopt_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;
	struct adopting *a = c->arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_kv(&w, "pack", a->pack);
	jw_moment(&w, rq->op, "from", a->from_ms);
	diagnostics(&w, &a->diags);
	api_send_status(rp, &w, 201);
	return ERR_OK;
}

/*
 * Who may adopt by his post; the first plan of a school is its administrator's, as in the set-up
 * wizard: before it no post can do anything.
 */
static enum err may_adopt(struct op *op)
{
	const struct work *w;
	enum err e;

	if (scope_can(op->scope, CAP_ADOPT))
		return ERR_OK;
	e = work_load(op, op->scope->tenant, &w);
	if (e != ERR_NOTFOUND)
		return e ? e : scope_require(op, CAP_ADOPT);
	op_clear_error(op);
	return scope_require(op, CAP_ADMIN);
}

enum err api_adopt(struct req *rq, struct reply *rp)
{
	struct adopting *a = NEW(rq->op->arena, struct adopting);
	struct input b;

	(void)rp;
	TRY(own_tenant(rq));
	TRY(may_adopt(rq->op));
	body_open(rq, "pack from", &b);
	a->pack = body_text(&b, "pack", true);
	a->from_ms = body_moment(&b, "from", false, rq->op->now_ms);
	TRY(body_done(&b));
	return once_write(rq, &a->once, adopt_run, a, adopt_finish);
}

struct setting { str name, value; int64_t from_ms; struct once_call once; };

static enum err setting_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct setting *s = arg;

	TRY(change_parameter(op, s->name, s->value, s->from_ms));
	*ret_made = op->scope->tenant.v;
	return ERR_OK;
}

static enum err setting_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;
	struct setting *s = c->arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_kv(&w, "name", s->name);
	jw_kv(&w, "value", s->value);
	jw_moment(&w, rq->op, "from", s->from_ms);
	api_send_status(rp, &w, 201);
	return ERR_OK;
}

enum err api_parameter(struct req *rq, struct reply *rp)
{
	struct setting *s = NEW(rq->op->arena, struct setting);
	struct input b;

	(void)rp;
	TRY(own_tenant(rq));
	body_open(rq, "name value from", &b);
	s->name = body_text(&b, "name", true);
	s->value = body_text(&b, "value", true);	/* as a pack writes it: 5d, {general: 5d} */
	s->from_ms = body_moment(&b, "from", false, rq->op->now_ms);
	TRY(body_done(&b));
	return once_write(rq, &s->once, setting_run, s, setting_finish);
}

struct waiving { str code, subject, occurrence, reason; day_no from, to; struct once_call once; };

static enum err waiving_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct waiving *x = arg;

	if (x->occurrence.len)
		TRY(occurrence_waive(op, x->occurrence, x->reason));
	else
		TRY(change_waive(op, x->code, x->subject, x->reason, x->from, x->to));
	*ret_made = op->scope->tenant.v;
	return ERR_OK;
}

static enum err waiving_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;
	struct waiving *x = c->arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_text(&w, "occurrence", x->occurrence);
	if (x->occurrence.len) {
		api_send_status(rp, &w, 201);
		return ERR_OK;
	}
	jw_kv(&w, "code", x->code);
	jw_text(&w, "subject", x->subject);
	jw_day(&w, rq->op, "from", x->from);
	jw_day(&w, rq->op, "to", x->to);
	api_send_status(rp, &w, 201);
	return ERR_OK;
}

/*
 * A hole, for the school year that runs when no days are given (pack-language §5); or one
 * occurrence, by its id.
 */
enum err api_waiver(struct req *rq, struct reply *rp)
{
	struct waiving *x = NEW(rq->op->arena, struct waiving);
	day_no today = instant_day(rq->op->now_ms, rq->op->clock->utc_offset_ms);
	struct date d = date_from_day(today);
	int year = d.month >= 9 ? d.year : d.year - 1;
	struct input b;

	(void)rp;
	TRY(own_tenant(rq));
	body_open(rq, "code subject occurrence reason from to", &b);
	x->occurrence = body_text(&b, "occurrence", false);
	x->code = body_text(&b, "code", !x->occurrence.len);
	x->subject = body_text(&b, "subject", !x->occurrence.len);
	x->reason = body_text(&b, "reason", true);
	x->from = body_day(&b, "from", today);
	x->to = body_day(&b, "to", day_of(year + 1, 8, 31));
	TRY(body_done(&b));
	return once_write(rq, &x->once, waiving_run, x, waiving_finish);
}
