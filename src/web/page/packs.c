/*
 * packs: the policy in force, to read: each clause in our wording, its basis, and what
 * implements it here. Never the document's own text (DESIGN 5.12). And my duties, the same read
 * from the person's side.
 */
#include "web/page/org.h"

#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_duties.h"
#include "gen/html_pack.h"
#include "gen/html_packs.h"

static const struct pack_info *pack_of(const struct policy *p, str id)
{
	for (size_t i = 0; i < p->pack_n; i++)
		if (str_eq(p->pack[i].id, id))
			return &p->pack[i];
	return NULL;
}

static size_t clauses_in(const struct policy *p, str pack)
{
	size_t n = 0;

	for (size_t i = 0; i < p->clause_n; i++)
		n += str_eq(p->clause[i].m.pack, pack);
	return n;
}

enum err page_packs(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_packs v = { 0 };
	struct html_pack_row *rows;
	const struct work *w;

	TRY(work_load(op, op->scope->tenant, &w));
	TRY(page_shell(rq, rp, w, STR("制度方案"), TAB_NONE, &v.shell));
	rows = NEW_N(op->arena, w->policy->pack_n, struct html_pack_row);
	for (size_t i = 0; i < w->policy->pack_n; i++) {
		const struct pack_info *p = &w->policy->pack[i];

		rows[i] = (struct html_pack_row){
			.url = str_fmt(op->arena, "/packs/%.*s", STR_ARG(p->id)), .title = p->title,
			.sub = str_fmt(op->arena, "版本 %.*s · %s", STR_ARG(p->version),
				       basis_say(p->basis)),
			.counts = str_fmt(op->arena, "%zu 条", clauses_in(w->policy, p->id)),
		};
	}
	v.in_force = rows;
	v.in_force_n = w->policy->pack_n;
	v.sub = str_fmt(op->arena, "%zu 个方案在执行", w->policy->pack_n);
	html_packs(&rp->body, &v);
	return ERR_OK;
}

/* --- what implements a clause --- */

struct built { VEC(struct html_construct) v; str clause; const struct work *w; };

static bool has(const struct meta *m, str clause)
{
	for (size_t i = 0; i < m->clauses.n; i++)
		if (str_eq(m->clauses.at[i], clause))
			return true;
	return false;
}

static struct html_construct *add(struct op *op, struct built *b, const char *kind, str label)
{
	struct html_construct *c = VEC_PUSH(op->arena, &b->v);

	c->n = (int64_t)b->v.n;
	c->title = str_fmt(op->arena, "%s：%.*s", kind, STR_ARG(label));
	return c;
}

static void add_pair(struct html_construct *c, struct html_pair *pairs, const char *term, str value)
{
	if (value.len)
		pairs[c->rows_n++] = (struct html_pair){ .term = str_of(term), .value = value };
	c->rows = pairs;
}

static str every_say(struct op *op, const struct policy *p, const struct duty *d)
{
	str every = per_kind_say(d->every);

	if (d->every_param.len)
		return str_fmt(op->arena, "按参数：%.*s", STR_ARG(policy_parameter(p, d->every_param)
			? policy_parameter(p, d->every_param)->m.label : d->every_param));
	if (!d->has_every)
		return d->on_n ? STR("有事时") : STR_NONE;
	return d->times > 1 ? str_fmt(op->arena, "%.*s %d 次", STR_ARG(every), d->times)
			    : every;
}

/* The steps that somebody may take in a state, and not the clock. */
static str steps_from(struct op *op, const struct loop *lp, int state)
{
	VEC(str) label = { 0 };

	for (size_t i = 0; i < lp->step_n; i++)
		if (!lp->step[i].by_clock && lp->step[i].from >> state & 1)
			*VEC_PUSH(op->arena, &label) = lp->step[i].m.label;
	return str_join(op->arena, label.at, label.n, STR("、"));
}

static void add_duty(struct op *op, struct built *b, const struct duty *d)
{
	struct html_construct *c = add(op, b, "职责", d->m.label);
	struct html_pair *p = NEW_N(op->arena, 4, struct html_pair);

	add_pair(c, p, "谁", say_people(op, b->w->policy, d->who_text));
	add_pair(c, p, "多久", every_say(op, b->w->policy, d));
	add_pair(c, p, "用时", say_minutes(op->arena, d->minutes_do, d->minutes_record));
	add_pair(c, p, "依据", str_of(basis_say(policy_basis(b->w->policy, &d->m))));
}

static void add_loop(struct op *op, struct built *b, const struct loop *lp)
{
	struct html_pair *p;
	struct html_construct *c;

	if (has(&lp->m, b->clause)) {
		c = add(op, b, "记录", lp->m.label);
		p = NEW_N(op->arena, 1, struct html_pair);
		add_pair(c, p, "状态", str_fmt(op->arena, "%zu 个状态，%zu 个步骤", lp->state_n,
			lp->step_n));
	}
	for (size_t i = 0; i < lp->step_n; i++) {
		if (!has(&lp->step[i].m, b->clause))
			continue;
		c = add(op, b, "办理", str_fmt(op->arena, "%.*s · %.*s", STR_ARG(lp->m.label),
					       STR_ARG(lp->step[i].m.label)));
		p = NEW_N(op->arena, 1, struct html_pair);
		add_pair(c, p, "谁", say_people(op, b->w->policy, lp->step[i].by_text));
	}
	for (size_t i = 0; i < lp->field_n; i++)
		if (has(&lp->field[i].m, b->clause))
			add(op, b, "内容", str_fmt(op->arena, "%.*s · %.*s", STR_ARG(lp->m.label),
						   STR_ARG(lp->field[i].m.label)));
}

static void fill_built(struct op *op, struct built *b)
{
	const struct policy *p = b->w->policy;

	for (size_t i = 0; i < p->duty_n; i++)
		if (has(&p->duty[i].m, b->clause))
			add_duty(op, b, &p->duty[i]);
	for (size_t i = 0; i < p->loop_n; i++)
		add_loop(op, b, &p->loop[i]);
	for (size_t i = 0; i < p->require_n; i++)
		if (has(&p->require[i].m, b->clause))
			add(op, b, "必须有",
			    str_fmt(op->arena, "%.*s %.*s", STR_ARG(p->require[i].m.id),
				    STR_ARG(p->require[i].m.label)));
	for (size_t i = 0; i < p->roster_n; i++)
		if (has(&p->roster[i].m, b->clause))
			add(op, b, "值班", p->roster[i].m.label);
	for (size_t i = 0; i < p->parameter_n; i++)
		if (has(&p->parameter[i].m, b->clause))
			add(op, b, "参数", p->parameter[i].m.label);
	for (size_t i = 0; i < p->post_n; i++)
		if (has(&p->post[i].m, b->clause))
			add(op, b, "岗位", p->post[i].m.label);
	for (size_t i = 0; i < p->body_n; i++)
		if (has(&p->body[i].m, b->clause))
			add(op, b, "组织", p->body[i].m.label);
	for (size_t i = 0; i < p->indicator_n; i++)
		if (has(&p->indicator[i].m, b->clause))
			add(op, b, "指标", p->indicator[i].m.label);
	for (size_t i = 0; i < p->print_n; i++)
		if (has(&p->print[i].m, b->clause))
			add(op, b, "打印", p->print[i].m.label);
	for (size_t k = 0; k < p->catalogue_n; k++)
		for (size_t i = 0; i < p->catalogue[k].entry_n; i++)
			if (has(&p->catalogue[k].entry[i].m, b->clause))
				add(op, b, "清单", p->catalogue[k].entry[i].m.label);
}

/* --- the tree --- */

static bool is_principle(const struct clause *c)
{
	return str_eq(c->kind, STR("goal")) || str_eq(c->kind, STR("context"));
}

/* "S1-3.3.4e" → "S1-3.3", "S1-2.1a" → "S1-2": clauses of one chapter stand together. */
static str chapter_of(str id)
{
	ptrdiff_t first = str_find(id, STR("."), 0), second;

	if (first < 0)
		return id;
	second = str_find(id, STR("."), (size_t)first + 1);
	return str_slice(id, 0, (size_t)(second < 0 ? first : second));
}

/* Why nothing of the pack carries a clause by itself; the words of rules/pack_org.c. */
static str unbuilt_say(str why)
{
	static const struct { const char *why, *say; } all[] = {
		{ "context", "背景说明，没有要办的事。" },
		{ "goal", "目标：由各项职责合起来达到，看【学校驾驶舱】的指标。" },
		{ "structure", "架构：由下面各条分别落实。" },
		{ "authority", "属于上级或别的单位的职权，本校不办。" },
		{ "missing-text", "原文没有写出内容，等有了再落实。" },
		{ "outside", "在本系统之外办理。" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq(why, str_of(all[i].why)))
			return str_of(all[i].say);
	return why;
}

struct tally { size_t g, n; };

static void fill_tree(struct op *op, const struct work *w, str pack, const struct clause *now,
		      struct html_pack *v, struct tally *t)
{
	const struct policy *p = w->policy;
	struct html_clause_group *g = NEW_N(op->arena, p->clause_n, struct html_clause_group);
	struct html_clause_link *all = NEW_N(op->arena, p->clause_n, struct html_clause_link);
	str last = STR_NONE;
	size_t n = 0;

	for (size_t i = 0; i < p->clause_n; i++) {
		const struct clause *c = &p->clause[i];
		str chapter = chapter_of(c->m.id);
		bool principle = is_principle(c) || c->why.len;

		if (!str_eq(c->m.pack, pack))
			continue;
		if (!v->groups_n || !str_eq(chapter, last)) {
			g[v->groups_n++] = (struct html_clause_group){ .title = chapter,
				.clauses = &all[n] };
			last = chapter;
		}
		t->n += principle;
		t->g += !principle;
		all[n++] = (struct html_clause_link){
			.url = str_fmt(op->arena, "/packs/%.*s?clause=%.*s", STR_ARG(pack),
				       STR_ARG(c->m.id)),
			.no = c->m.id, .title = c->title, .cover = principle ? STR("n") : STR("g"),
			.cover_label = principle ? STR("原则、目标") : STR("已落实"), .current = c == now,
		};
		g[v->groups_n - 1].clauses_n++;
	}
	for (size_t i = 0; i < v->groups_n; i++)
		g[i].count = str_fmt(op->arena, "%zu", g[i].clauses_n);
	v->groups = g;
}

static void fill_clause(struct op *op, const struct work *w, const struct clause *c,
	struct html_pack *v)
{
	struct html_pair *p = NEW_N(op->arena, 4, struct html_pair);
	static const struct { const char *kind, *say; } kinds[] = {
		{ "obligation", "必须做" }, { "rule", "规定" }, { "structure", "组织" }, { "goal", "目标" },
		{ "context", "背景" },
	};

	v->chapter = chapter_of(c->m.id);
	v->clause_title = str_fmt(op->arena, "%.*s %.*s", STR_ARG(c->m.id), STR_ARG(c->title));
	v->wording = c->m.help;
	v->why = unbuilt_say(c->why);
	p[v->basis_n++] = (struct html_pair){ STR("依据"), str_of(basis_say(policy_basis(w->policy,
		&c->m))) };
	if (c->m.source.len)
		p[v->basis_n++] = (struct html_pair){ STR("出处"), c->m.source };
	if (c->article.len)
		p[v->basis_n++] = (struct html_pair){ STR("条次"), c->article };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(c->kind, str_of(kinds[i].kind)))
			p[v->basis_n++] = (struct html_pair){ STR("性质"), str_of(kinds[i].say) };
	v->basis = p;
}

static str param_value(struct op *op, const struct work *w, const struct parameter *p, bool dflt)
{
	const struct value *v = dflt ? NULL : vmap_get(&w->params, p->m.id);

	if (!v)
		v = &p->dflt;
	return say_parameter(op, w->policy, p, v);
}

static void fill_params(struct op *op, const struct work *w, str pack, struct html_pack *v)
{
	const struct policy *p = w->policy;
	struct html_param_row *rows = NEW_N(op->arena, p->parameter_n, struct html_param_row);

	for (size_t i = 0; i < p->parameter_n; i++)
		if (str_eq(p->parameter[i].m.pack, pack))
			rows[v->params_n++] = (struct html_param_row){
				.label = p->parameter[i].m.label,
				.value = param_value(op, w, &p->parameter[i], false),
				.usual = param_value(op, w, &p->parameter[i], true),
				.basis = str_fmt(op->arena, "%s%s%.*s",
						 basis_say(policy_basis(p, &p->parameter[i].m)),
						 p->parameter[i].m.source.len ? " · " : "",
						 STR_ARG(p->parameter[i].m.source)),
			};
	v->params = rows;
}

enum err page_pack(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	const struct form_pack *f = rq->form;
	str id = rq_param(rq, STR("pack"));
	struct html_pack v = { 0 };
	const struct pack_info *pack;
	const struct clause *c;
	struct built b = { 0 };
	struct tally t = { 0 };

	TRY(work_load(op, op->scope->tenant, &b.w));
	pack = pack_of(b.w->policy, id);
	if (!pack)
		return ERR_NOTFOUND;
	c = f->clause.len ? policy_clause(b.w->policy, f->clause) : NULL;
	for (size_t i = 0; i < b.w->policy->clause_n && !c; i++)
		if (str_eq(b.w->policy->clause[i].m.pack, id))
			c = &b.w->policy->clause[i];
	TRY(page_shell(rq, rp, b.w, pack->title, TAB_NONE, &v.shell));
	v.shell.back = STR("/packs");
	page_crumbs(rq, &v.shell, (const str[]){ STR("制度方案"), STR("/packs"), pack->title, STR_NONE,
		STR_NONE });
	v.title = pack->title;
	v.sub = str_fmt(op->arena, "版本 %.*s · %s%s%.*s", STR_ARG(pack->version),
			basis_say(pack->basis), pack->source.len ? " · " : "",
			STR_ARG(pack->source));
	fill_tree(op, b.w, id, c, &v, &t);
	v.clause_count = str_fmt(op->arena, "%zu 条", t.g + t.n);
	v.coverage = str_fmt(op->arena, "落实到职责、记录、规则的 %zu 条 · 原则和目标 %zu 条", t.g, t.n);
	v.p_green = t.g + t.n ? (int64_t)(t.g * 100 / (t.g + t.n)) : 0;
	v.p_none = 100 - v.p_green;
	if (c) {
		fill_clause(op, b.w, c, &v);
		b.clause = c->m.id;
		fill_built(op, &b);
		v.built = b.v.at;
		v.built_n = b.v.n;
		v.built_count = str_fmt(op->arena, "%zu 项", b.v.n);
	}
	fill_params(op, b.w, id, &v);
	html_pack(&rp->body, &v);
	return ERR_OK;
}

/* --- my duties --- */

static bool is_mine(const struct occurrence *o, const struct who_set *owners, person_id me)
{
	for (size_t i = 0; i < owners->n && !o->is_void; i++)
		if (owners->at[i].person.v == me.v)
			return true;
	return false;
}

/* Do my posts answer to the words of a `who`: a post, or several with blanks and commas? */
static bool names_me(const struct policy *p, const struct who_hit *mine, size_t n, str text)
{
	str rest = text;

	while (rest.len) {
		size_t end = 0;

		while (end < rest.len && !str_has(STR(" ,[]()"), rest.ptr[end]))
			end++;
		str word = str_slice(rest, 0, end);
		for (size_t i = 0; i < n && word.len && policy_post(p, word); i++)
			if (post_covers(p, mine[i].post, word))
				return true;
		rest = str_slice(rest, end + 1, rest.len);
	}
	return false;
}

/* What others bring to my post: 待核定 of a hazard, with its limit. */
static void add_waiting(struct op *op, struct built *b, const struct who_hit *mine, size_t n)
{
	for (size_t i = 0; i < b->w->policy->loop_n; i++)
		for (size_t k = 0; k < b->w->policy->loop[i].state_n; k++) {
			const struct loop *lp = &b->w->policy->loop[i];
			const struct state *st = &lp->state[k];
			struct html_construct *c;
			struct html_pair *p;

			if (st->final || !policy_post(b->w->policy, st->owner_text) ||
			    !names_me(b->w->policy, mine, n, st->owner_text))
				continue;
			c = add(op, b, "办理", str_fmt(op->arena, "%.*s · %.*s",
				STR_ARG(lp->m.label), STR_ARG(st->m.label)));
			p = NEW_N(op->arena, 2, struct html_pair);
			add_pair(c, p, "能办", steps_from(op, lp, (int)k));
			if (st->within.d.n)
				add_pair(c, p, "多久", str_fmt(op->arena, "%.*s内",
					STR_ARG(duration_say(op->arena, st->within.d))));
		}
}

/* What fell or falls on me within a year around today: the duties that I really have. */
enum err page_duties(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct html_duties v = { .heading = STR("我的职责") };
	struct html_duty_group *g = NEW_N(op->arena, 2, struct html_duty_group);
	struct built b = { 0 }, take = { 0 };
	struct who_hit *mine;
	size_t mine_n;
	struct occurrences all = { 0 };
	struct expand_in in;
	bool *seen;

	TRY(work_load(op, op->scope->tenant, &b.w));
	TRY(page_shell(rq, rp, b.w, v.heading, TAB_DUTY, &v.shell));
	in = work_expand_in(op, b.w);
	in.from = page_today(op) - 60;
	in.to = page_today(op) + 300;
	expand(op->arena, &in, &all);
	seen = NEW_N(op->arena, b.w->policy->duty_n, bool);
	mine_n = who_posts(op->arena, b.w->policy, b.w->org, op->scope->person, op->now_ms, &mine);
	for (size_t i = 0; i < all.n; i++) {
		size_t k = (size_t)(all.at[i].duty - b.w->policy->duty);
		struct who_set owners;

		if (seen[k])
			continue;
		owners = occurrence_owners(op->arena, &in, &all.at[i], op->now_ms);
		seen[k] = is_mine(&all.at[i], &owners, op->scope->person);
	}
	for (size_t i = 0; i < b.w->policy->duty_n; i++)
		/* what only an event brings (a newcomer) is mine before it happens */
		if (seen[i] || (b.w->policy->duty[i].on_n && names_me(b.w->policy, mine, mine_n,
				b.w->policy->duty[i].who_text)))
			add_duty(op, &b, &b.w->policy->duty[i]);
	v.sub = posts_at(op, b.w, op->scope->person, op->now_ms);
	*g = (struct html_duty_group){
		.post = v.sub.len ? v.sub : STR("我"), .rows = b.v.at, .rows_n = b.v.n,
		.since = str_fmt(op->arena, "%zu 项", b.v.n),
	};
	v.posts = g;
	v.posts_n = b.v.n > 0;
	take.w = b.w;
	add_waiting(op, &take, mine, mine_n);
	if (take.v.n)
		g[v.posts_n++] = (struct html_duty_group){ .post = STR("别人交到这个岗位来的"),
			.rows = take.v.at, .rows_n = take.v.n,
			.since = str_fmt(op->arena, "%zu 项", take.v.n) };
	html_duties(&rp->body, &v);
	return ERR_OK;
}
