/*
 * print_word: what {{a name}} stands for. Fields come from the record as its reader sees
 * them; the other words are a closed list, the same that `check` knows (rules/check_print.c).
 * Who is responsible is asked as of the paper's moment.
 */
#include "report/print_int.h"

#include "base/utf8.h"

/* --- people and time ------------------------------------------------------------ */

str press_day(const struct press *p, int64_t at_ms)
{
	return day_say(p->a, instant_day(at_ms, p->op->clock->utc_offset_ms));
}

str press_moment(const struct press *p, int64_t at_ms)
{
	return instant_say(p->a, at_ms, p->op->clock->utc_offset_ms);
}

str press_person(const struct press *p, int64_t id)
{
	const struct ov_person *x = id ? ov_person(p->org, (person_id){ id }) : NULL;

	if (!x && id)
		x = ov_person(p->w->org, (person_id){ id });
	return x ? x->name : STR_NONE;
}

str press_unit(const struct press *p, int64_t id)
{
	const struct ov_unit *u = ov_unit(p->org, (unit_id){ id ? id : p->org->unit.v });

	return u ? u->name : STR_NONE;
}

static bool valid(const struct press *p, int64_t from_ms, int64_t to_ms)
{
	return from_ms <= p->at_ms && p->at_ms < to_ms;
}

static str post_say(const struct press *p, const struct ov_appointment *at)
{
	const struct post *post = policy_post(p->policy, at->post);
	str label = post ? post->m.label : at->post;

	if (!at->unit.v || at->unit.v == p->org->unit.v)
		return label;
	return str_fmt(p->a, "%.*s%.*s", STR_ARG(press_unit(p, at->unit.v)), STR_ARG(label));
}

str press_posts(const struct press *p, int64_t person)
{
	size_t first, n = ov_appointments(p->org, (person_id){ person }, &first), kept = 0;
	str *part = NEW_N(p->a, n, str);

	for (size_t i = first; i < first + n; i++)
		if (valid(p, p->org->appointment[i].from_ms, p->org->appointment[i].to_ms))
			part[kept++] = post_say(p, &p->org->appointment[i]);
	return str_join(p->a, part, kept, STR("、"));
}

static int64_t keeper_of(const struct press *p, int64_t place, const char *role)
{
	for (size_t i = 0; i < p->org->keeper_n; i++) {
		const struct ov_keeper *k = &p->org->keeper[i];

		if (k->place.v == place && str_eq(k->role, str_of(role)) &&
		    valid(p, k->from_ms, k->to_ms))
			return k->person.v;
	}
	return 0;
}

str keeper_name(const struct press *p, int64_t place, const char *role)
{
	return press_person(p, keeper_of(p, place, role));
}

static str keeper_posts(const struct press *p, int64_t place, const char *role)
{
	int64_t person = keeper_of(p, place, role);

	return person ? press_posts(p, person) : STR_NONE;
}

/* --- values --------------------------------------------------------------------- */

/* The first character, then two stars: who it is can be checked, not read off. */
static str masked(struct arena *a, str s)
{
	return s.len ? str_fmt(a, "%.*s＊＊", STR_ARG(utf8_cut(s, 1))) : s;
}

/* A computed list of duties: one a line, numbered. False when it is not one. */
static bool duty_list(const struct press *p, const struct value *v, str *ret)
{
	str *line = NEW_N(p->a, v->list.n, str);

	for (size_t i = 0; i < v->list.n; i++) {
		const struct value *x = &v->list.at[i];
		const struct duty *d = x->kind == V_TEXT ? policy_duty(p->policy, x->text) : NULL;

		if (!d)
			return false;
		line[i] = str_fmt(p->a, "%zu. %.*s", i + 1, STR_ARG(d->m.label));
	}
	*ret = str_join(p->a, line, v->list.n, STR("\n"));
	return true;
}

str press_value(const struct press *p, const struct field *f, const struct value *v)
{
	str list;

	if (!v)
		return STR_NONE;
	if (f->type == F_COMPUTED && v->kind == V_LIST && duty_list(p, v, &list))
		return list;
	list = field_say(p->a, p->policy, f, v, &p->names, p->op->clock->utc_offset_ms);
	return f->type == F_MASKED ? masked(p->a, list) : list;
}

/* --- records -------------------------------------------------------------------- */

static const struct step_row *step_last(const struct record_view *r, str name, bool state)
{
	for (size_t i = r->step_n; i-- > 0;) {
		const struct step_row *s = &r->step[i];
		bool hit = state ? str_eq(s->to_state, name) && !str_eq(s->from_state, name)
				 : !s->built_in && str_eq(s->step, name);

		if (hit && !s->undone)
			return s;
	}
	return NULL;
}

static int64_t step_times(const struct record_view *r, str name)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->step_n; i++)
		n += !r->step[i].undone && !r->step[i].built_in && str_eq(r->step[i].step, name);
	return n;
}

/* at(step), doer(step), post(step), times(step), entered(state), sign(step) */
static str call_word(const struct press *p, const struct record_view *r, str name)
{
	str arg = name, fn = str_cut(&arg, '(');
	const struct step_row *s;

	arg = str_slice(arg, 0, arg.len - 1);
	if (str_eq(fn, STR("times")))
		return str_fmt(p->a, "%lld", (long long)step_times(r, arg));
	s = step_last(r, arg, str_eq(fn, STR("entered")));
	if (!s && loop_state(r->loop, arg) >= 0)
		s = step_last(r, arg, true);
	if (!s)
		return STR_NONE;
	if (str_eq(fn, STR("at")) || str_eq(fn, STR("entered")))
		return press_moment(p, s->at_ms);
	if (str_eq(fn, STR("post")))
		return s->post_label;
	if (str_eq(fn, STR("sign")))
		return str_fmt(p->a, "%.*s %.*s", STR_ARG(s->doer_name),
			       STR_ARG(press_day(p, s->at_ms)));
	return s->doer_name;
}

static str history(const struct press *p, const struct record_view *r)
{
	str *line = NEW_N(p->a, r->step_n, str);
	size_t n = 0;

	for (size_t i = 0; i < r->step_n; i++)
		if (!r->step[i].undone)
			line[n++] = str_fmt(p->a, "%.*s　%.*s　%.*s",
					    STR_ARG(press_moment(p, r->step[i].at_ms)),
					    STR_ARG(r->step[i].label),
					    STR_ARG(r->step[i].doer_name));
	return str_join(p->a, line, n, STR("\n"));
}

static str common_word(const struct press *p, str name)
{
	if (str_eq(name, STR("today")) || str_eq(name, STR("as_of")))
		return press_day(p, p->at_ms);
	if (str_eq(name, STR("printed_at")))
		return press_moment(p, p->op->now_ms);
	if (str_eq(name, STR("no")) && p->no)
		return str_fmt(p->a, "%zu", p->no);
	return STR_NONE;
}

static str record_word(const struct press *p, const struct record_view *r, str name)
{
	const struct field *f;

	if (str_ends(name, STR(")")) && str_has(name, '('))
		return call_word(p, r, name);
	f = loop_field(r->loop, name);
	if (f)
		return press_value(p, f, vmap_get(&r->fields, name));
	if (str_eq(name, STR("number")))
		return r->number;
	if (str_eq(name, STR("title")))
		return r->title;
	if (str_eq(name, STR("state")))
		return r->is_void ? STR("已作废") : r->state->m.label;
	if (str_eq(name, STR("created")))
		return press_moment(p, r->created_ms);
	if (str_eq(name, STR("creator")))
		return press_person(p, r->creator.v);
	if (str_eq(name, STR("unit")))
		return press_unit(p, r->unit.v);
	if (str_eq(name, STR("history")))
		return history(p, r);
	if (str_eq(name, STR("verify")))
		return r->step_n ? str_fmt(p->a, "台账第 %lld 条",
					   (long long)r->step[r->step_n - 1].event_seq)
				 : STR_NONE;
	return common_word(p, name);
}

/* --- places --------------------------------------------------------------------- */

/* Kinds and risks of places are choices of the one catalogue of kinds. */
static const struct catalogue *place_kinds(const struct press *p)
{
	return policy_catalogue(p->policy, STR("place-kinds"));
}

static str kind_say(const struct press *p, str kind)
{
	const struct catalogue *c = place_kinds(p);
	const struct entry *e = c ? catalogue_entry(c, kind) : NULL;

	return e ? e->m.label : kind;
}

static str risk_say(const struct press *p, str risk)
{
	const struct catalogue *c = place_kinds(p);

	for (size_t i = 0; c && i < c->column_n; i++)
		if (str_eq(c->column[i].m.id, STR("risk")))
			return choice_label(p->policy, &c->column[i], risk);
	return risk;
}

static str place_word(const struct press *p, int64_t id, str name)
{
	const struct ov_place *x = ov_place(p->org, (place_id){ id });

	for (size_t i = 0; i < KEEPER_ROLES; i++) {
		str role = str_of(keeper_roles[i]);

		if (str_eq(name, role))
			return keeper_name(p, id, keeper_roles[i]);
		if (str_starts(name, role) && str_ends(name, STR("_post")))
			return keeper_posts(p, id, keeper_roles[i]);
	}
	if (!x)
		return STR_NONE;
	if (str_eq(name, STR("name")) || str_eq(name, STR("label")) || str_eq(name, STR("title")))
		return x->name;
	if (str_eq(name, STR("code")))
		return x->code;
	if (str_eq(name, STR("kind")))
		return kind_say(p, x->kind);
	if (str_eq(name, STR("risk")))
		return risk_say(p, x->risk);
	if (str_eq(name, STR("unit")))
		return press_unit(p, x->unit.v);
	return common_word(p, name);
}

/* --- people, units, bodies --------------------------------------------------------- */

static str person_word(const struct press *p, int64_t id, str name)
{
	if (str_eq(name, STR("name")) || str_eq(name, STR("label")) || str_eq(name, STR("title")))
		return press_person(p, id);
	if (str_eq(name, STR("post")) || str_eq(name, STR("posts")))
		return press_posts(p, id);
	if (str_eq(name, STR("unit")))
		return press_unit(p, 0);
	return common_word(p, name);
}

static str unit_word(const struct press *p, int64_t id, str name)
{
	const struct ov_unit *u = ov_unit(p->org, (unit_id){ id ? id : p->org->unit.v });
	const struct unit_kind *k = u ? policy_unit_kind(p->policy, u->kind) : NULL;

	if (str_eq(name, STR("name")) || str_eq(name, STR("label")) || str_eq(name, STR("title")))
		return u ? u->name : STR_NONE;
	if (str_eq(name, STR("unit")))
		return press_unit(p, 0);
	if (str_eq(name, STR("code")))
		return u ? u->code : STR_NONE;
	if (str_eq(name, STR("kind")))
		return k ? k->m.label : u ? u->kind : STR_NONE;
	return common_word(p, name);
}

/* Everybody who holds one of the posts, by name. */
static str holders(const struct press *p, const str *post, size_t n)
{
	VEC(str) all = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct who_ctx c = { .policy = p->policy, .org = p->org, .at_ms = p->at_ms,
				     .params = &p->w->params, .unit = p->org->unit };
		struct expr_error bad;
		struct who *w;

		if (who_parse(p->a, post[i], &w, &bad))
			continue;
		struct who_set s = who_eval(p->a, w, &c);
		for (size_t k = 0; k < s.n; k++)
			*VEC_PUSH(p->a, &all) = press_person(p, s.at[k].person.v);
	}
	return str_join(p->a, all.at, all.n, STR("、"));
}

static str body_word(const struct press *p, const struct body *b, str name)
{
	str *post = NEW_N(p->a, b->member_n, str);

	if (str_eq(name, STR("name")) || str_eq(name, STR("label")) || str_eq(name, STR("title")))
		return b->m.label;
	if (str_eq(name, STR("leader")))
		return holders(p, &b->leader, 1);
	if (str_eq(name, STR("deputies")))
		return holders(p, b->deputies.at, b->deputies.n);
	if (str_eq(name, STR("host")))
		return holders(p, &b->host, 1);
	for (size_t i = 0; i < b->member_n; i++)
		post[i] = b->member[i].post;
	if (str_eq(name, STR("members")))
		return holders(p, post, b->member_n);
	return str_eq(name, STR("unit")) ? press_unit(p, 0) : common_word(p, name);
}

/* --- duties ------------------------------------------------------------------------- */

static str trigger_say(const struct press *p, const struct duty *d)
{
	const struct trigger *t = &d->on[0];
	const struct loop *lp = t->loop.len ? policy_loop(p->policy, t->loop) : NULL;

	if (lp)
		return str_fmt(p->a, "有“%.*s”时", STR_ARG(lp->m.label));
	switch (t->kind) {
	case TRIG_APPOINTED: return STR("有人到岗时");
	case TRIG_LEAVES: return STR("有人离岗时");
	case TRIG_ABSENT: return STR("有人请假时");
	case TRIG_KEEPER_CHANGED: return STR("换责任人时");
	case TRIG_PLACE_ADDED: case TRIG_PLACE_CLOSED: return STR("区域有变时");
	case TRIG_CLASS_ADDED: return STR("增班时");
	case TRIG_DUTIES_CHANGED: return STR("职责有变时");
	case TRIG_NODE: case TRIG_DATE: return STR("到规定的日子");
	case TRIG_PERIOD: return STR("规定的时期里");
	case TRIG_WINDOW_CLOSED: return STR("每轮结束后");
	case TRIG_PARAMETER: case TRIG_ADOPTED: return STR("制度有变时");
	case TRIG_STATE: case TRIG_STEP: case TRIG_ANY_FINAL: break;
	}
	return STR("有事时");
}

/* The interval in force: an override, else the pack's. */
static bool interval(const struct press *p, const struct duty *d, enum per_kind *ret,
		     int32_t *times)
{
	const struct parameter *pm = policy_parameter(p->policy, d->every_param);
	const struct value *v = vmap_get(&p->w->params, d->every_param);
	str word = v && v->kind == V_TEXT ? v->text : STR_NONE;

	if (!pm || (word.ptr && str_eq(word, STR("off"))) || (!word.ptr && pm->interval_off))
		return false;
	*ret = pm->interval;
	*times = pm->interval_times;
	if (word.ptr && per_kind_parse(word, ret))
		*times = 1;
	return true;
}

str duty_every(const struct press *p, const struct duty *d)
{
	enum per_kind k = d->every;
	int32_t times = d->times;

	if (d->every_param.len) {
		if (!interval(p, d, &k, &times))
			return STR("暂不要求");
	} else if (!d->has_every) {
		return d->on_n ? trigger_say(p, d) : STR_NONE;
	}
	str every = per_kind_say(k);

	return times > 1 ? str_fmt(p->a, "%.*s%d次", STR_ARG(every), times) : every;
}

static str minutes_say(const struct press *p, const struct duty *d)
{
	if (!d->has_minutes)
		return STR_NONE;
	return str_fmt(p->a, "做 %d 分，记 %d 分", d->minutes_do, d->minutes_record);
}

static str clauses_say(const struct press *p, const struct duty *d)
{
	str *part = NEW_N(p->a, d->m.clauses.n, str);
	size_t n = 0;

	for (size_t i = 0; i < d->m.clauses.n; i++)
		if (!str_starts(d->m.clauses.at[i], STR("entry.")))
			part[n++] = d->m.clauses.at[i];
	return n ? str_join(p->a, part, n, STR("、")) : d->m.source;
}

static str duty_word(const struct press *p, const struct duty *d, str name)
{
	if (str_eq(name, STR("label")) || str_eq(name, STR("name")) || str_eq(name, STR("title")))
		return d->m.label;
	if (str_eq(name, STR("every")))
		return duty_every(p, d);
	if (str_eq(name, STR("minutes")))
		return minutes_say(p, d);
	if (str_eq(name, STR("clauses")))
		return clauses_say(p, d);
	if (str_eq(name, STR("basis")))
		return str_of(basis_say(policy_basis(p->policy, &d->m)));
	if (str_eq(name, STR("help")))
		return d->m.help;
	if (str_eq(name, STR("source")))
		return d->m.source;
	return common_word(p, name);
}

str thing_word(const struct press *p, const struct thing *t, str name)
{
	switch (t->about) {
	case ABOUT_RECORD: return record_word(p, t->rec, name);
	case ABOUT_PLACE: return place_word(p, t->id, name);
	case ABOUT_PERSON: return person_word(p, t->id, name);
	case ABOUT_UNIT: case ABOUT_CLASS: return unit_word(p, t->id, name);
	case ABOUT_BODY: return body_word(p, t->body, name);
	case ABOUT_DUTY: return duty_word(p, t->duty, name);
	}
	return STR_NONE;
}

/* {{row.x}} of a query, {{f.x}} of a rows field, else a word of the subject. */
str press_word(const struct press *p, str name)
{
	ptrdiff_t dot = str_find(name, STR("."), 0);
	str first = dot > 0 ? str_slice(name, 0, (size_t)dot) : STR_NONE;
	str rest = dot > 0 ? str_slice(name, (size_t)dot + 1, name.len) : STR_NONE;

	if (p->thing && str_eq(first, STR("row")))
		return thing_word(p, p->thing, rest);
	if (p->row && str_eq(first, p->row_of->m.id)) {
		const struct field *col = field_column(p->row_of, rest);

		return col ? press_value(p, col, row_get(p->row, rest)) : STR_NONE;
	}
	return thing_word(p, &p->about, name);
}
