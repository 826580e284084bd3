/*
 * policies: see policies.h. Two caches behind one lock: compiled packs by composition
 * text, kept for the life of the process (a school knows a handful), and views of
 * tenants, counted by references and replaced when tenant_version has moved. A view is
 * loaded outside the lock; two readers may load the same one, the later is kept.
 *
 * A composition is a text: "base@1.0+ab12cd34;primary…@…;off:pack/duty;alias:office=校办".
 * The hash behind the + is of the pack's sources, so that a text means one thing for ever.
 */
#include "work/policies.h"

#include <pthread.h>

#include "auth/scope.h"
#include "base/buf.h"
#include "base/limits.h"
#include "gen/packs.h"
#include "gen/q_policy.h"
#include "rules/field.h"
#include "work/composition.h"
#include "work/memo.h"
#include "work/rec.h"

#define COMPILED_MAX 256
#define VIEWS_MAX 512

struct compiled { str key; struct policy *policy; };

struct view {
	struct arena *arena;
	int refs;		/* of the cache and of operations */
	tenant_id tenant;
	int64_t version;
	int32_t from_year;	/* the school year before which history is left out */
	int64_t composition;
	const struct policy *policy;
	struct param_value *dated; size_t dated_n;
	struct org_view org;
	struct calendar calendar;
	struct adoption *adoption; size_t adoption_n;
	struct waiver *waiver; size_t waiver_n;
	struct roster_plans plans;
};

struct policies {
	pthread_mutex_t lock;
	str without;				/* a construct that tests leave out; '' = none */
	struct arena *arena;			/* keys; only under the lock */
	struct compiled compiled[COMPILED_MAX]; size_t compiled_n;
	struct view *view[VIEWS_MAX]; size_t view_n, next_out;
	struct memos *memos;
};

struct view_ref { struct policies *ps; struct view *v; };

struct policies *policies_new(void)
{
	struct arena *a = arena_new(64 * MIB);
	struct policies *ps = NEW(a, struct policies);

	ps->arena = a;
	ps->memos = memos_new(a);
	pthread_mutex_init(&ps->lock, NULL);
	return ps;
}

void policies_leave_out(struct policies *ps, str construct)
{
	ps->without = str_dup(ps->arena, construct);
}

static void view_drop(struct view *v)	/* under the lock, or the last user */
{
	if (--v->refs == 0)
		arena_free(v->arena);
}

void policies_free(struct policies *ps)
{
	if (!ps)
		return;
	memos_free(ps->memos);
	for (size_t i = 0; i < ps->view_n; i++)
		view_drop(ps->view[i]);
	for (size_t i = 0; i < ps->compiled_n; i++)
		policy_free(ps->compiled[i].policy);
	pthread_mutex_destroy(&ps->lock);
	arena_free(ps->arena);
}

struct memos *policies_memos(struct policies *ps)
{
	return ps->memos;
}

/* --- compiled packs --- */

static struct policy *compiled_find(struct policies *ps, str key)
{
	for (size_t i = 0; i < ps->compiled_n; i++)
		if (str_eq(ps->compiled[i].key, key))
			return ps->compiled[i].policy;
	return NULL;
}

static enum err stored_source(struct op *op, str pack, str version, struct pack_source *ret)
{
	struct q_pack_files *row;
	size_t n;

	TRY(q_pack_files(op, pack, version, &row, &n));
	if (!n)
		return FAIL(op, ERR_CORRUPT, "方案 %.*s %.*s 的原文不在库中", STR_ARG(pack),
				STR_ARG(version));
	struct pack_file *file = NEW_N(op->arena, n, struct pack_file);
	for (size_t i = 0; i < n; i++)
		file[i] = (struct pack_file){ row[i].path, row[i].body };
	*ret = (struct pack_source){ .id = pack, .file = file, .file_n = n };
	return ERR_OK;
}

static enum err compile_text(struct op *op, str text, struct policy **ret_p)
{
	struct composition c;
	struct diags ds = { 0 };

	TRY(composition_read(op, text, &c));
	struct pack_source *src = NEW_N(op->arena, c.pack_n, struct pack_source);
	for (size_t i = 0; i < c.pack_n; i++)
		TRY(stored_source(op, c.pack[i].id, c.pack[i].version, &src[i]));
	c.options.remove = op->policies->without;
	enum err e = pack_compile(op, src, c.pack_n, &c.options, &ds, ret_p);
	if (e && ds.n)
		return FAIL(op, ERR_CORRUPT, "已采用的方案编译不过：%.*s", STR_ARG(diag_format(op->arena,
				&ds.at[0])));
	return e;
}

static enum err compiled_get(struct op *op, str text, const struct policy **ret_p)
{
	struct policies *ps = op->policies;
	struct policy *made;

	assert_policies(ps);
	pthread_mutex_lock(&ps->lock);
	struct policy *p = compiled_find(ps, text);
	pthread_mutex_unlock(&ps->lock);
	if (p) {
		*ret_p = p;
		return ERR_OK;
	}
	TRY(compile_text(op, text, &made));
	pthread_mutex_lock(&ps->lock);
	p = compiled_find(ps, text);
	if (!p && ps->compiled_n < COMPILED_MAX) {
		p = made;
		ps->compiled[ps->compiled_n++] = (struct compiled){ str_dup(ps->arena, text),
				made };
	}
	pthread_mutex_unlock(&ps->lock);
	if (!p) {	/* the cache is full: it lives with the operation */
		arena_defer(op->arena, (void (*)(void *))policy_free, made);
		p = made;
	} else if (p != made) {
		policy_free(made);
	}
	*ret_p = p;
	return ERR_OK;
}

enum err work_policy_of(struct op *op, tenant_id tenant, int64_t composition,
		const struct policy **ret_p)
{
	struct q_composition_get row;

	enum err e = q_composition_get(op, tenant, composition, &row);
	if (e == ERR_NOTFOUND)
		return FAIL(op, ERR_CORRUPT, "记录所依据的方案不在库中");
	TRY(e);
	return compiled_get(op, row.packs, ret_p);
}

/* --- a tenant's view --- */

static int32_t history_year(const struct op *op)
{
	struct date d = date_from_day(instant_day(op->now_ms, op->clock->utc_offset_ms));

	return d.month >= 9 ? d.year : d.year - 1;	/* school years begin on 1 September */
}

static enum err view_policy(struct op *op, struct view *v)
{
	struct q_adoptions_in_force *ad;
	size_t ad_n;
	str text;
	struct q_composition_find found;

	TRY(q_adoptions_in_force(op, v->tenant, op->now_ms, &ad, &ad_n));
	if (!ad_n)
		return FAIL(op, ERR_NOTFOUND, "还没有采用任何制度方案");
	v->adoption = NEW_N(op->arena, ad_n, struct adoption);
	for (size_t i = 0; i < ad_n; i++)
		v->adoption[i] = (struct adoption){ .pack = ad[i].pack,
				.from_ms = ad[i].valid_from };
	v->adoption_n = ad_n;
	TRY(composition_text(op, v->tenant, op->now_ms, &text));
	enum err e = q_composition_find(op, v->tenant, text, &found);
	if (e == ERR_NOTFOUND)
		return FAIL(op, ERR_CORRUPT, "采用的方案没有登记");
	TRY(e);
	v->composition = found.id;
	return compiled_get(op, text, &v->policy);
}

static enum err view_params(struct op *op, struct view *v)
{
	struct q_adoption_parameters *row;
	size_t n;
	struct { struct param_value *at; size_t n, cap; } all = { 0 };

	TRY(q_adoption_parameters(op, v->tenant, &row, &n));
	for (size_t i = 0; i < n; i++) {
		const struct parameter *p = policy_parameter(v->policy, row[i].name);
		struct vmap vals = { 0 };

		if (!p || !parameter_values(op, p, row[i].value, &vals))
			continue;	/* a parameter of a pack that no longer binds */
		for (size_t k = 0; k < vals.n; k++) {
			struct param_value *d = VEC_PUSH(op->arena, &all);

			*d = (struct param_value){ vals.name[k], vals.val[k], row[i].valid_from };
		}
	}
	v->dated = all.at;
	v->dated_n = all.n;
	return ERR_OK;
}

static void work_fill(struct op *op, const struct view *v, struct work *w)
{
	*w = (struct work){ .policy = v->policy, .composition = v->composition, .dated = v->dated,
		.dated_n = v->dated_n, .org = &v->org, .calendar = &v->calendar,
		.adoption = v->adoption, .adoption_n = v->adoption_n, .waiver = v->waiver,
		.waiver_n = v->waiver_n, .plans = &v->plans, .version = v->version,
		.now_ms = op->now_ms };
	/* by name, then from: the last that has begun is in force */
	for (size_t i = 0; i < v->dated_n; i++)
		if (v->dated[i].from_ms <= op->now_ms)
			vmap_set(op->arena, &w->params, v->dated[i].name, v->dated[i].val);
}

static enum err view_fill(struct op *op, struct view *v)
{
	int64_t from = day_start_ms(day_of(v->from_year, 9, 1), op->clock->utc_offset_ms);
	struct work *w = NEW(op->arena, struct work);

	TRY(view_policy(op, v));
	TRY(view_params(op, v));
	TRY(org_view_load(op, v->tenant, from, INSTANT_OPEN, INT64_MAX, &v->org));
	TRY(org_calendar_load(op, v->tenant, &v->calendar));
	TRY(org_waivers_load(op, v->tenant, &v->waiver, &v->waiver_n));
	work_fill(op, v, w);
	return roster_plans_read(op, w, &v->plans);
}

/* Load with the view's own arena; the message of a failure goes to `op`. */
static enum err view_load(struct op *op, tenant_id tenant, int64_t version, struct view **ret_v)
{
	struct arena *a = arena_new(ARENA_OP_MAX);
	struct view *v = NEW(a, struct view);
	struct op in = *op;

	v->arena = a;
	v->refs = 1;
	v->tenant = tenant;
	v->version = version;
	v->from_year = history_year(op);
	in.arena = a;
	enum err e = view_fill(&in, v);
	if (e) {
		memcpy(op->errmsg, in.errmsg, sizeof(op->errmsg));
		op->errat = in.errat;
		arena_free(a);
		return e;
	}
	*ret_v = v;
	return ERR_OK;
}

static void view_unref(void *arg)
{
	struct view_ref *r = arg;

	pthread_mutex_lock(&r->ps->lock);
	view_drop(r->v);
	pthread_mutex_unlock(&r->ps->lock);
}

static struct view *view_cached(struct policies *ps, tenant_id tenant, int64_t version,
		int32_t from_year)
{
	for (size_t i = 0; i < ps->view_n; i++) {
		struct view *v = ps->view[i];

		if (v->tenant.v == tenant.v && v->version == version && v->from_year == from_year) {
			v->refs++;
			return v;
		}
	}
	return NULL;
}

/* Under the lock: in place of the tenant's old view, else of the one that came first. */
static void view_keep(struct policies *ps, struct view *v)
{
	size_t at = ps->view_n;

	for (size_t i = 0; i < ps->view_n; i++)
		if (ps->view[i]->tenant.v == v->tenant.v)
			at = i;
	if (at == VIEWS_MAX)
		at = ps->next_out++ % VIEWS_MAX;
	if (at < ps->view_n)
		view_drop(ps->view[at]);
	else
		ps->view_n++;
	ps->view[at] = v;
	v->refs++;
}

static enum err view_get(struct op *op, tenant_id tenant, int64_t version, struct view **ret_v)
{
	struct policies *ps = op->policies;

	pthread_mutex_lock(&ps->lock);
	struct view *v = view_cached(ps, tenant, version, history_year(op));
	pthread_mutex_unlock(&ps->lock);
	if (!v) {
		TRY(view_load(op, tenant, version, &v));
		if (!op->tx_depth) {	/* what the writer sees may be rolled back */
			pthread_mutex_lock(&ps->lock);
			view_keep(ps, v);
			pthread_mutex_unlock(&ps->lock);
		}
	}
	struct view_ref *r = NEW(op->arena, struct view_ref);
	*r = (struct view_ref){ ps, v };
	arena_defer(op->arena, view_unref, r);
	*ret_v = v;
	return ERR_OK;
}

enum err work_load(struct op *op, tenant_id tenant, const struct work **ret_w)
{
	struct q_tenant_stand_get stand = { 0 };
	struct view *v;
	struct work *w;

	if (op->work && op->work->org->tenant.v == tenant.v && op->work->now_ms == op->now_ms) {
		*ret_w = op->work;	/* the scope is one snapshot: it cannot have moved */
		return ERR_OK;
	}
	assert_policies(op->policies);
	enum err e = q_tenant_stand_get(op, tenant, &stand);
	if (e && e != ERR_NOTFOUND)
		return e;
	TRY(view_get(op, tenant, stand.version, &v));
	w = NEW(op->arena, struct work);
	work_fill(op, v, w);
	w->writes = stand.writes;
	if (!op->idgen)		/* the writer moves it under its own feet */
		op->work = w;
	*ret_w = w;
	return ERR_OK;
}

struct machine_ctx work_machine_ctx(const struct op *op, const struct work *w,
		const struct policy *p)
{
	return (struct machine_ctx){
		.policy = p ? p : w->policy, .params = &w->params, .org = w->org,
		.calendar = w->calendar, .now_ms = op->now_ms,
	};
}

struct expand_in work_expand_in(struct op *op, const struct work *w)
{
	struct rec *r = NEW(op->arena, struct rec);	/* on-duty() asks with an op and a tenant */

	r->op = op;
	r->w = w;
	r->tenant = w->org->tenant;
	return (struct expand_in){
		.on_duty = rec_on_duty, .on_duty_ctx = r, .policy = w->policy, .params = &w->params,
		.dated = w->dated, .dated_n = w->dated_n, .org = w->org, .calendar = w->calendar,
		.adoption = w->adoption, .adoption_n = w->adoption_n, .now_ms = op->now_ms,
	};
}

struct duration work_duration(const struct work *w, const char *name, struct duration otherwise)
{
	const struct value *v = vmap_get(&w->params, str_of(name));
	const struct parameter *p = policy_parameter(w->policy, str_of(name));

	if (v && v->kind == V_DURATION)
		return v->dur;
	return p && p->dflt.kind == V_DURATION ? p->dflt.dur : otherwise;
}

/* --- capabilities --- */

static uint64_t post_caps(const struct policy *p, str id, int depth)
{
	const struct post *post = policy_post(p, id);
	uint64_t caps = 0;
	enum cap c;

	if (!post || depth > 8)
		return 0;
	for (size_t i = 0; i < post->can.n; i++)
		if (cap_parse(post->can.at[i], &c))
			caps |= 1ULL << c;
	for (size_t i = 0; i < post->includes.n; i++)
		caps |= post_caps(p, post->includes.at[i], depth + 1);
	return caps;
}

uint64_t work_caps(void *ctx, struct op *op, tenant_id tenant, person_id person, int64_t at_ms)
{
	const struct work *w;
	struct who_hit *hit;
	uint64_t caps = 0;

	(void)ctx;
	if (work_load(op, tenant, &w)) {	/* nothing adopted yet: no post gives anything */
		op_clear_error(op);
		return 0;
	}
	size_t n = who_posts(op->arena, w->policy, w->org, person, at_ms, &hit);
	for (size_t i = 0; i < n; i++)
		caps |= post_caps(w->policy, hit[i].post, 0);
	return caps;
}
