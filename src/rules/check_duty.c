/*
 * check_duty: every demand is whole: clause, basis, proof, minutes; it comes round or is
 * triggered; what fulfils it exists and says for which subject; it is not more than a
 * school can bear.
 */
#include "rules/check_int.h"

#include <string.h>

/* --- subjects --- */

static const char *const subject_names[] = {
	[SUB_UNIT] = "unit",	 [SUB_PLACE] = "place",	  [SUB_CLASS] = "class",
	[SUB_GRADE] = "grade",	 [SUB_PERSON] = "person", [SUB_POST] = "post",
	[SUB_ASSET] = "asset",	 [SUB_BODY] = "body",	  [SUB_ENTRY] = "entry",
	[SUB_RECORD] = "record",
};

void check_per(const struct check *c, const struct per *per, struct pos otherwise)
{
	struct pos at = at_text(c, per->of, otherwise);

	if (per->kind == SUB_BODY && !policy_body(c->p, per->of))
		SAY(c, "B302", at, "没有组织“%.*s”", STR_ARG(per->of));
	if (per->kind == SUB_ENTRY && !policy_catalogue(c->p, per->of))
		SAY(c, "B122", at, "没有目录“%.*s”", STR_ARG(per->of));
	if (per->kind == SUB_RECORD && !policy_loop(c->p, per->of))
		SAY(c, "B224", at, "没有闭环“%.*s”", STR_ARG(per->of));
}

static const struct loop *subject_loop(const struct check *c, const struct duty *d)
{
	for (size_t i = 0; i < d->per_n; i++)
		if (d->per[i].kind == SUB_RECORD)
			return policy_loop(c->p, d->per[i].of);
	return NULL;
}

/* --- same --- */

static bool type_is(const struct field *f, enum ftype one, enum ftype many)
{
	return f->type == one || f->type == many || f->type == F_COMPUTED;
}

/* Does this field hold the subject that a duty or require names? */
static bool holds_subject(const struct field *f, str subject, const struct per *per, size_t per_n)
{
	if (str_eq(subject, STR("place")))
		return type_is(f, F_PLACE, F_PLACE);
	if (str_eq(subject, STR("class")))
		return type_is(f, F_CLASS, F_UNIT);
	if (str_eq(subject, STR("unit")) || str_eq(subject, STR("grade")))
		return type_is(f, F_UNIT, F_CLASS);
	if (str_eq(subject, STR("person")))
		return type_is(f, F_PERSON, F_PEOPLE);
	if (str_eq(subject, STR("post")))
		return type_is(f, F_POST, F_CHOICE);
	if (str_eq(subject, STR("asset")))
		return type_is(f, F_ASSET, F_ASSET);
	if (str_eq(subject, STR("period")))
		return type_is(f, F_PERIOD, F_PERIOD);
	for (size_t i = 0; i < per_n; i++) {
		if (str_eq(subject, STR("entry")) && per[i].kind == SUB_ENTRY)
			return type_is(f, F_CHOICE, F_CHOICES) &&
			       (f->type == F_COMPUTED || str_eq(f->of_catalogue, per[i].of));
		if (str_eq(subject, STR("record")) && per[i].kind == SUB_RECORD)
			return type_is(f, F_RECORD, F_RECORDS) && str_eq(f->of_loop, per[i].of);
	}
	return f->type == F_CHOICE || f->type == F_CHOICES || f->type == F_TEXT;
}

/* `record: record` is the record itself; `unit: unit` the unit in which it was made. */
static bool is_itself(const struct loop *lp, const struct same *s, const struct per *per,
		      size_t per_n)
{
	if (str_eq(s->path, STR("unit")) && str_eq(s->subject, STR("unit")))
		return true;
	for (size_t i = 0; str_eq(s->path, STR("record")) && i < per_n; i++)
		if (per[i].kind == SUB_RECORD && str_eq(per[i].of, lp->m.id))
			return true;
	return false;
}

void check_same(const struct check *c, const struct loop *lp, const struct same *s, size_t n,
		const struct per *per, size_t per_n, struct pos otherwise)
{
	struct scope scope = { .loop = lp };

	for (size_t i = 0; i < n; i++) {
		const struct field *f = scope_field(&scope, s[i].path);
		struct pos at = at_text(c, s[i].path, otherwise);

		if (is_itself(lp, &s[i], per, per_n))
			continue;
		if (!f)
			SAY(c, "B413", at, "闭环“%.*s”没有“%.*s”", STR_ARG(lp->m.id),
			    STR_ARG(s[i].path));
		else if (!holds_subject(f, s[i].subject, per, per_n))
			SAY(c, "B413", at, "“%.*s”里不是 %.*s", STR_ARG(s[i].path),
			    STR_ARG(s[i].subject));
	}
}

static bool names_subject(const struct proof *p, enum subject_kind k)
{
	if (k == SUB_UNIT || (k == SUB_PERSON && p->person_doer))
		return true;
	for (size_t i = 0; i < p->same_n; i++)
		if (str_eq(p->same[i].subject, str_of(subject_names[k])))
			return true;
	return false;
}

/* --- proofs --- */

static void check_proof(const struct check *c, const struct duty *d, const struct proof *p);

static void proof_of_duties(const struct check *c, const struct duty *d, const struct proof *p)
{
	for (size_t i = 0; i < p->part_n; i++)
		check_proof(c, d, &p->part[i]);
	if (p->mode == PROOF_EACH && !policy_duty(c->p, p->each_duty))
		SAY(c, "B411", at_text(c, p->each_duty, d->m.pos), "没有职责“%.*s”",
		    STR_ARG(p->each_duty));
}

static void proof_words(const struct check *c, const struct duty *d, const struct proof *p,
			const struct loop *lp)
{
	const struct field *f = str_empty(p->at) ? NULL : loop_field(lp, p->at);

	if (!str_empty(p->state) && loop_state(lp, p->state) < 0)
		SAY(c, "B215", at_text(c, p->state, d->m.pos), "闭环“%.*s”没有状态“%.*s”",
		    STR_ARG(lp->m.id), STR_ARG(p->state));
	if (!str_empty(p->step) && loop_step_index(lp, p->step) < 0)
		SAY(c, "B216", at_text(c, p->step, d->m.pos), "闭环“%.*s”没有步骤“%.*s”",
		    STR_ARG(lp->m.id), STR_ARG(p->step));
	if (!str_empty(p->at) &&
	    (!f || (f->type != F_DATE && f->type != F_INSTANT && f->type != F_COMPUTED)))
		SAY(c, "B413", at_text(c, p->at, d->m.pos), "办理时间“%.*s”要是日期或时刻字段",
		    STR_ARG(p->at));
}

/* A record fills one occurrence of a duty and subject: what recurs needs a record each time. */
static void proof_recurs(const struct check *c, const struct duty *d, const struct proof *p,
			 const struct loop *lp)
{
	for (size_t i = 0; (d->has_every || d->every_param.len) && i < p->same_n; i++)
		if (str_eq(p->same[i].subject, STR("record")) &&
		    is_itself(lp, &p->same[i], d->per, d->per_n))
			SAY(c, "B418", d->m.pos, "职责“%.*s”会重复，而完成它的总是同一份“%.*s”",
			    STR_ARG(d->m.label), STR_ARG(lp->m.label));
}

static void check_proof(const struct check *c, const struct duty *d, const struct proof *p)
{
	const struct loop *lp = policy_loop(c->p, p->loop);
	struct scope s = { .loop = lp, .per = d->per, .per_n = d->per_n, .any_row = true };

	if (p->mode != PROOF_ONE) {
		proof_of_duties(c, d, p);
		return;
	}
	if (!lp) {
		SAY(c, "B224", at_text(c, p->loop, d->m.pos), "没有闭环“%.*s”", STR_ARG(p->loop));
		return;
	}
	proof_words(c, d, p, lp);
	check_expr(c, &s, p->where, "flag", d->m.pos);
	check_who(c, &s, p->doer, d->m.pos);
	check_same(c, lp, p->same, p->same_n, d->per, d->per_n, d->m.pos);
	proof_recurs(c, d, p, lp);
	for (size_t i = 0; i < d->per_n; i++)
		if (!names_subject(p, d->per[i].kind))
			SAY(c, "B403", d->m.pos,
			    "职责“%.*s”按 %s 要求，完成它的“%.*s”没有指明是哪一个（same）",
			    STR_ARG(d->m.label), subject_names[d->per[i].kind], STR_ARG(p->loop));
}

/* --- triggers --- */

static void missing(const struct check *c, const char *code, const char *what, str name,
		    struct pos otherwise)
{
	SAY(c, code, at_text(c, name, otherwise), "没有%s“%.*s”", what, STR_ARG(name));
}

static void trigger_loop(const struct check *c, const struct trigger *t, struct pos at)
{
	const struct loop *lp = policy_loop(c->p, t->loop);

	if (!lp)
		missing(c, "B224", "闭环", t->loop, at);
	else if (t->kind == TRIG_STATE && loop_state(lp, t->name) < 0)
		missing(c, "B215", "状态", t->name, at);
	else if (t->kind == TRIG_STEP && loop_step_index(lp, t->name) < 0)
		missing(c, "B216", "步骤", t->name, at);
}

static void trigger_post(const struct check *c, const struct trigger *t, struct pos at)
{
	if (!str_eq(t->name, STR("first")) && !str_eq(t->name, STR("any")) &&
	    !policy_post(c->p, t->name))
		missing(c, "B301", "岗位", t->name, at);
}

/* {date: PATH}: "loop.field". */
static void trigger_date(const struct check *c, const struct trigger *t, struct pos at)
{
	str name = t->name, loop = str_cut(&name, '.');
	const struct loop *lp = policy_loop(c->p, loop);
	const struct field *f = lp && name.ptr ? loop_field(lp, name) : NULL;

	if (!f || f->type != F_DATE)
		SAY(c, "B413", at_text(c, t->name, at),
		    "“%.*s”不是闭环的日期字段（写成 闭环.字段）", STR_ARG(t->name));
}

void check_triggers(const struct check *c, const struct trigger *on, size_t n, struct pos at)
{
	for (size_t i = 0; i < n; i++) {
		const struct trigger *t = &on[i];

		switch (t->kind) {
		case TRIG_STATE:
		case TRIG_STEP:
			trigger_loop(c, t, at);
			break;
		case TRIG_APPOINTED:
		case TRIG_LEAVES:
		case TRIG_ABSENT:
			trigger_post(c, t, at);
			break;
		case TRIG_DATE:
			trigger_date(c, t, at);
			break;
		case TRIG_NODE:
			if (!policy_node(c->p, t->name))
				missing(c, "B312", "节点", t->name, at);
			break;
		case TRIG_PERIOD:
			if (!policy_period(c->p, t->name))
				missing(c, "B312", "时期", t->name, at);
			break;
		case TRIG_WINDOW_CLOSED:
			if (!policy_duty(c->p, t->name))
				missing(c, "B411", "职责", t->name, at);
			break;
		case TRIG_PARAMETER:
			if (!policy_parameter(c->p, t->name))
				missing(c, "B114", "参数", t->name, at);
			break;
		case TRIG_ANY_FINAL:
		case TRIG_KEEPER_CHANGED:
		case TRIG_PLACE_ADDED:
		case TRIG_PLACE_CLOSED:
		case TRIG_CLASS_ADDED:
		case TRIG_DUTIES_CHANGED:
		case TRIG_ADOPTED:
			break;
		}
	}
}

/* --- time --- */

static bool anchor_known(const struct check *c, const struct duty *d, str anchor)
{
	static const char *const words[] = {
		"start",       "end",	      "period.start",	"period.end",
		"closing",     "enter",	      "appointed_from", "leaves_on",
		"absent_from", "keeper_from", "added_on",	"closed_on",
	};

	if (str_empty(anchor) || policy_node(c->p, anchor))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq(anchor, str_of(words[i])))
			return true;
	for (size_t i = 0; i < d->on_n; i++) {
		const struct loop *lp = policy_loop(c->p, d->on[i].loop);
		const struct field *f = lp ? loop_field(lp, anchor) : NULL;

		if (f && (f->type == F_DATE || f->type == F_INSTANT))
			return true;
	}
	return false;
}

static void need_anchor(const struct check *c, const struct duty *d, str anchor)
{
	if (!anchor_known(c, d, anchor))
		SAY(c, "B314", at_text(c, anchor, d->m.pos), "职责“%.*s”没有起点“%.*s”",
		    STR_ARG(d->m.label), STR_ARG(anchor));
}

static int period_days(enum per_kind k)
{
	static const int days[] = {
		[PER_DAY] = 1,		 [PER_SCHOOL_DAY] = 1,	[PER_WEEK] = 7,	  [PER_MONTH] = 28,
		[PER_QUARTER] = 90,	 [PER_HALF_YEAR] = 181, [PER_YEAR] = 365, [PER_TERM] = 120,
		[PER_SCHOOL_YEAR] = 365, [PER_ONCE] = 3650,
	};

	return days[k];
}

static void duty_window(const struct check *c, const struct duty *d)
{
	const struct window_spec *w = d->window;
	bool entry = false;

	if (!w)
		return;
	if (!str_empty(w->node) && !policy_node(c->p, w->node))
		missing(c, "B312", "节点", w->node, d->m.pos);
	if (!str_empty(w->period) && !policy_period(c->p, w->period))
		missing(c, "B312", "时期", w->period, d->m.pos);
	for (size_t i = 0; i < d->per_n; i++)
		entry = entry || d->per[i].kind == SUB_ENTRY;
	if (w->entry && !entry)
		SAY(c, "B406", d->m.pos, "window: entry.window 只用于按目录条目的职责");
}

static void duty_recurrence(const struct check *c, const struct duty *d)
{
	const struct parameter *q =
		str_empty(d->every_param) ? NULL : policy_parameter(c->p, d->every_param);

	if (!str_empty(d->every_param) && !q)
		missing(c, "B114", "参数 $", d->every_param, d->m.pos);
	else if (q && q->type != F_INTERVAL)
		SAY(c, "B124", at_text(c, d->every_param, d->m.pos),
		    "every 要用周期参数，$%.*s 是 %s", STR_ARG(q->m.id), ftype_word(q->type));
	if (d->has_every == (d->on_n > 0))
		SAY(c, "B405", d->m.pos, "职责“%.*s”要写 every（周期）或 on（触发），二者选一",
		    STR_ARG(d->m.label));
	else if (d->on_n && !d->within.set && !d->before.set)
		SAY(c, "B406", d->m.pos, "触发的职责“%.*s”要写 within 或 before",
		    STR_ARG(d->m.label));
	else if (d->has_every && (d->within.set || d->before.set))
		SAY(c, "B406", d->m.pos, "周期的职责“%.*s”用 due，不用 within 和 before",
		    STR_ARG(d->m.label));
	if (d->has_every && !q && d->has_apart && d->apart.unit >= DUR_D && d->times > 1 &&
	    (int64_t)d->apart.n * (d->times - 1) >= period_days(d->every))
		SAY(c, "B417", d->m.pos, "职责“%.*s”一个周期 %d 次、相隔 %d 天，放不下",
		    STR_ARG(d->m.label), (int)d->times, (int)d->apart.n);
}

static void duty_time(const struct check *c, const struct scope *s, const struct duty *d)
{
	duty_recurrence(c, d);
	duty_window(c, d);
	need_anchor(c, d, d->within.anchor);
	need_anchor(c, d, d->before.anchor);
	if (d->due.set && !d->due.day)
		need_anchor(c, d, d->due.anchor);
	check_expr(c, s, d->within.expr, "duration", d->m.pos);
	check_expr(c, s, d->before.expr, "duration", d->m.pos);
	check_duration(c, &d->m, d->within.d);
	check_duration(c, &d->m, d->before.d);
	check_duration(c, &d->m, d->due.d);
	check_duration(c, &d->m, d->late_to);
	check_duration(c, &d->m, d->early);
	check_ladder(c, s, &d->m, &d->late);
	if (!pack_has_pupils(c->p, d->m.pack) &&
	    (d->in == IN_SCHOOL_TIME ||
	     (d->has_every && str_empty(d->every_param) && d->every == PER_SCHOOL_DAY)))
		SAY(c, "B322", d->m.pos, "“%.*s”按上课日计，可是这一级单位没有学生",
		    STR_ARG(d->m.label));
}

/* --- wholeness --- */

static bool has_basis(const struct check *c, const struct duty *d)
{
	if (d->m.basis != BASIS_UNSET)
		return true;
	for (size_t i = 0; i < d->m.clauses.n; i++) {
		const struct clause *cl = policy_clause(c->p, d->m.clauses.at[i]);

		if (cl && cl->m.basis != BASIS_UNSET)
			return true;
	}
	return false;
}

static void duty_whole(const struct check *c, const struct duty *d)
{
	const char *lacks = NULL;

	if (!d->m.clauses.n)
		lacks = "条款（clauses）";
	else if (!has_basis(c, d))
		lacks = "依据（basis）";
	else if (!d->proof_n)
		lacks = "完成方式（fulfilled_by）";
	else if (!d->has_minutes)
		lacks = "用时（minutes）";
	if (lacks)
		SAY(c, "B404", d->m.pos, "职责“%.*s”没有说%s", STR_ARG(d->m.label), lacks);
}

static void duty_waive(const struct check *c, const struct duty *d)
{
	enum basis b = policy_basis(c->p, &d->m);

	if (str_empty(d->waive_by))
		return;
	if (!policy_post(c->p, d->waive_by))
		missing(c, "B301", "岗位", d->waive_by, d->m.pos);
	if ((b == BASIS_LAW && !str_eq(d->waive_for, STR("no-subject"))) || b == BASIS_SUPERIOR)
		SAY(c, "B408", d->m.pos, "职责“%.*s”的依据是%s，本单位不能免办",
		    STR_ARG(d->m.label), basis_say(b));
}

/* --- how much --- */

/* The model school: a primary school of ordinary size, in one place so that the figure means the
 * same everywhere. */
static const int model_subjects[] = {
	[SUB_UNIT] = 1,	 [SUB_PLACE] = 34, [SUB_CLASS] = 18, [SUB_GRADE] = 6, [SUB_PERSON] = 67,
	[SUB_POST] = 30, [SUB_ASSET] = 40, [SUB_BODY] = 1,   [SUB_ENTRY] = 1, [SUB_RECORD] = 10,
};
static const int model_per_year[] = {
	[PER_DAY] = 365,       [PER_SCHOOL_DAY] = 195, [PER_WEEK] = 52, [PER_MONTH] = 12,
	[PER_QUARTER] = 4,     [PER_HALF_YEAR] = 2,    [PER_YEAR] = 1,	[PER_TERM] = 2,
	[PER_SCHOOL_YEAR] = 1, [PER_ONCE] = 1,
};

int64_t duty_model_count(const struct policy *p, const struct duty *d)
{
	const struct parameter *q =
		str_empty(d->every_param) ? NULL : policy_parameter(p, d->every_param);
	int64_t n = 1;

	for (size_t i = 0; i < d->per_n; i++) {
		const struct catalogue *cat =
			d->per[i].kind == SUB_ENTRY ? policy_catalogue(p, d->per[i].of) : NULL;

		n *= cat && cat->entry_n ? (int64_t)cat->entry_n : model_subjects[d->per[i].kind];
	}
	if (d->on_n)
		return n * (int64_t)d->on_n;
	if (q && q->interval_off)
		return 0;
	return n * model_per_year[q ? q->interval : d->every] *
	       (q && q->interval_times ? q->interval_times : d->times);
}

static void check_amount(const struct check *c)
{
	const struct parameter *max = policy_parameter(c->p, STR("max_occurrences"));
	int64_t sum = 0,
		limit = max && max->dflt.kind == V_NUM ? max->dflt.num / NUM_SCALE : INT64_MAX;

	for (size_t i = 0; i < c->p->duty_n; i++) {
		const struct duty *d = &c->p->duty[i];

		sum += duty_model_count(c->p, d);
		if (sum > limit) {
			SAY(c, "B409", d->m.pos,
			    "加上“%.*s”，示范学校全年有 %lld 项任务，超过 %lld",
			    STR_ARG(d->m.label), (long long)sum, (long long)limit);
			return;
		}
	}
}

/* --- the duty --- */

static void check_duty(const struct check *c, const struct duty *d)
{
	struct scope s = { .per = d->per, .per_n = d->per_n, .loop = subject_loop(c, d) };

	s.is_subject_record = s.loop != NULL;
	for (size_t i = 0; i < d->per_n; i++)
		check_per(c, &d->per[i], d->m.pos);
	check_who(c, &s, d->who, d->m.pos);
	check_expr(c, &s, d->where, "flag", d->m.pos);
	check_expr(c, &s, d->m.if_, "flag", d->m.pos);
	check_triggers(c, d->on, d->on_n, d->m.pos);
	duty_time(c, &s, d);
	for (size_t i = 0; i < d->proof_n; i++)
		check_proof(c, d, &d->proof[i]);
	duty_whole(c, d);
	duty_waive(c, d);
	if (d->m.basis == BASIS_LAW && str_empty(d->m.source))
		SAY(c, "B416", d->m.pos, "职责“%.*s”说是法律法规的要求，没有写出处（source）",
		    STR_ARG(d->m.label));
}

void check_duties(const struct check *c)
{
	for (size_t i = 0; i < c->p->duty_n; i++)
		check_duty(c, &c->p->duty[i]);
	check_amount(c);
}
