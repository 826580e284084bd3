/*
 * harness: the pure core behind a text. Reads cases as tests/property/gen.py writes them (tab
 * separated, one fact a line, from `case` to `run`), builds the structs of the rules directly and
 * prints what calendar, expand and match say. What it must not do is think: a rule that stood here
 * would be compared with itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "rules/expand.h"
#include "rules/expr.h"
#include "rules/match.h"

#define WORDS_MAX 40
#define MAX 64 /* of each kind of thing in a case */
#define DAYS_MAX 400

#define ID(x)                                                                                      \
	{                                                                                          \
		.id = { x, sizeof(x) - 1 }                                                         \
	}

struct world {
	struct arena *a;
	str w[WORDS_MAX];
	size_t n; /* the words of the line */
	struct calendar cal;
	int32_t known[MAX];
	struct cal_day work[DAYS_MAX], school[DAYS_MAX];
	struct cal_term term[MAX];
	struct cal_node node[MAX];
	struct cal_period period[MAX];
	struct node_spec node_spec[MAX];
	struct period_spec period_spec[MAX];
	struct parameter param[MAX];
	struct post post[MAX];
	struct catalogue cat;
	struct entry entry[MAX];
	struct policy policy;
	struct vmap params;
	struct param_value dated[MAX];
	size_t dated_n;
	struct org_view org;
	struct ov_person person[MAX];
	struct ov_place place[MAX];
	struct ov_unit unit[MAX];
	struct ov_appointment appointment[MAX];
	struct subject_record record[MAX];
	size_t record_n;
	struct event event[MAX];
	size_t event_n;
	struct adoption adoption;
	struct duty duty;
	struct trigger on[MAX];
	struct proof proof;
	struct same same;
	struct occurrence occ[MAX];
	size_t occ_n;
	struct deed deed[MAX];
	size_t deed_n;
	struct tick tick[MAX];
	size_t tick_n;
	struct duration grace;
	int64_t now;
};

static const struct state STATES[] = { { .m = ID("on") }, { .m = ID("off") } };
static const struct loop LOOP = { .m = ID("rec"), .state = STATES, .state_n = 2 };

static void die(const char *what, str about)
{
	fprintf(stderr, "harness: %s: %.*s\n", what, STR_ARG(about));
	exit(70);
}

/* --- words --- */

static int64_t number(str s)
{
	int64_t v = 0;

	if (!str_to_i64(s, &v))
		die("no number", s);
	return v;
}

static int64_t num(const struct world *x, size_t i)
{
	return number(x->w[i]);
}

static str word(const struct world *x, size_t i)
{
	return i >= x->n || str_eq(x->w[i], STR("-")) ? STR("") : x->w[i];
}

static struct duration duration(str s)
{
	struct duration d = { 0 };

	if (!duration_parse(s, &d))
		die("no duration", s);
	return d;
}

static int index_of(str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(words[i])))
			return (int)i;
	die("unknown word", s);
	return -1;
}

#define INDEX(s, words) index_of(s, words, sizeof(words) / sizeof((words)[0]))

static const struct expr *expression(struct world *x, str text)
{
	struct expr *e = NULL;
	struct expr_error err;

	if (expr_parse(x->a, text, &e, &err))
		die("no expression", text);
	return e;
}

static struct value a_value(struct world *x, str s)
{
	struct value v[MAX];
	str kind = str_cut(&s, ':');
	size_t n = 0;

	if (str_eq(kind, STR("text")))
		return value_text(s);
	while (s.len)
		v[n++] = value_text(str_cut(&s, ','));
	return value_list(x->a, v, n);
}

static size_t days(str s, struct cal_day *ret)
{
	size_t n = 0;

	while (s.len && n < DAYS_MAX && !str_eq(s, STR("-"))) {
		str one = str_cut(&s, ',');
		str day = str_cut(&one, ':');

		ret[n++] = (struct cal_day){ (day_no)number(day), number(one) != 0 };
	}
	return n;
}

/* --- the calendar and the pack --- */

static void at_cal(struct world *x)
{
	str s = word(x, 3);
	size_t n = 0;

	while (s.len && n < MAX)
		x->known[n++] = (int32_t)number(str_cut(&s, ','));
	x->cal = (struct calendar){ .utc_offset_ms = (int32_t)num(x, 1),
				    .has_pupils = num(x, 2) != 0,
				    .known_year = x->known,
				    .known_year_n = n,
				    .work = x->work,
				    .school = x->school,
				    .term = x->term,
				    .node = x->node,
				    .period = x->period };
}

static void at_work(struct world *x)
{
	x->cal.work_n = days(x->w[1], x->work);
}

static void at_school(struct world *x)
{
	x->cal.school_n = days(x->w[1], x->school);
}

static void at_term(struct world *x)
{
	x->term[x->cal.term_n++] = (struct cal_term){ (day_no)num(x, 1), (day_no)num(x, 2),
						      (int32_t)num(x, 3), (int8_t)num(x, 4) };
}

static void at_node(struct world *x)
{
	x->node[x->cal.node_n++] = (struct cal_node){ x->w[1], (day_no)num(x, 2) };
}

static void at_period(struct world *x)
{
	x->period[x->cal.period_n++] =
		(struct cal_period){ x->w[1], (day_no)num(x, 2), (day_no)num(x, 3) };
}

static void at_nodespec(struct world *x)
{
	struct node_spec *s = &x->node_spec[x->policy.node_n++];

	*s = (struct node_spec){ .m.id = x->w[1] };
	if (str_eq(x->w[2], STR("set"))) {
		s->set_by = STR("office");
	} else if (str_eq(x->w[2], STR("term"))) {
		s->first_school_day_of = STR("term");
	} else if (str_eq(x->w[2], STR("after"))) {
		s->after_month = (int8_t)num(x, 3);
		s->after_day = (int8_t)num(x, 4);
	} else {
		s->month = (int8_t)num(x, 3);
		s->day = (int8_t)num(x, 4);
	}
}

static void at_periodspec(struct world *x)
{
	struct period_spec *s = &x->period_spec[x->policy.period_n++];

	*s = (struct period_spec){ .m.id = x->w[1] };
	if (str_eq(x->w[2], STR("set")))
		s->set_by = STR("principal");
	else
		*s = (struct period_spec){ .m.id = x->w[1],
					   .from_month = (int8_t)num(x, 2),
					   .from_day = (int8_t)num(x, 3),
					   .to_month = (int8_t)num(x, 4),
					   .to_day = (int8_t)num(x, 5) };
}

static void at_default(struct world *x)
{
	struct parameter *p = &x->param[x->policy.parameter_n++];

	*p = (struct parameter){ .m.id = x->w[1], .dflt = a_value(x, x->w[2]) };
	p->type = str_eq(x->w[1], STR("iv"))   ? F_INTERVAL
		  : str_eq(x->w[1], STR("sw")) ? F_CHOICE
					       : F_LIST;
	p->interval_off = p->type == F_INTERVAL && str_eq(p->dflt.text, STR("off"));
	if (p->type == F_INTERVAL && !p->interval_off &&
	    !per_kind_parse(p->dflt.text, &p->interval))
		die("no interval", x->w[2]);
}

static void at_param(struct world *x)
{
	vmap_set(x->a, &x->params, x->w[1], a_value(x, x->w[2]));
}

static void at_dated(struct world *x)
{
	x->dated[x->dated_n++] = (struct param_value){ x->w[1], a_value(x, x->w[2]), num(x, 3) };
}

/* --- the organisation --- */

static void at_person(struct world *x)
{
	x->person[x->org.person_n++] = (struct ov_person){
		.id = { num(x, 1) }, .kind = x->w[4], .from_ms = num(x, 2), .to_ms = num(x, 3)
	};
}

static void at_place(struct world *x)
{
	x->place[x->org.place_n++] = (struct ov_place){
		.id = { num(x, 1) }, .kind = x->w[4], .from_ms = num(x, 2), .to_ms = num(x, 3)
	};
}

static void at_class(struct world *x)
{
	x->unit[x->org.unit_n++] = (struct ov_unit){ .id = { num(x, 1) },
						     .parent = { 1 },
						     .kind = x->w[4],
						     .from_ms = num(x, 2),
						     .to_ms = num(x, 3) };
}

static void at_post(struct world *x)
{
	x->post[x->policy.post_n++] = (struct post){ .m.id = x->w[1] };
	x->appointment[x->org.appointment_n++] = (struct ov_appointment){ .person = { 10 },
									  .post = x->w[1],
									  .unit = { 1 },
									  .from_ms = num(x, 2),
									  .to_ms = num(x, 3) };
}

static void a_window(str s, struct window_spec *ret)
{
	str kind = str_cut(&s, ':');
	int8_t *four[] = { &ret->from_month, &ret->from_day, &ret->to_month, &ret->to_day };

	*ret = (struct window_spec){ 0 };
	if (str_eq(kind, STR("month"))) {
		ret->month = (int8_t)number(s);
	} else if (str_eq(kind, STR("dates"))) {
		for (size_t i = 0; i < 4; i++)
			*four[i] = (int8_t)number(str_cut(&s, ':'));
	} else if (str_eq(kind, STR("period"))) {
		ret->period = s;
	} else if (str_eq(kind, STR("node"))) {
		ret->node = str_cut(&s, ':');
		ret->node_from = duration(str_cut(&s, ':'));
		ret->node_to = duration(s);
	} else {
		ret->entry = true;
	}
}

static void at_entry(struct world *x)
{
	struct entry *e = &x->entry[x->cat.entry_n++];

	*e = (struct entry){ .m.id = x->w[1] };
	vmap_set(x->a, &e->columns, STR("audience"), value_text(x->w[2]));
	if (word(x, 3).len) {
		e->window = NEW(x->a, struct window_spec);
		a_window(x->w[3], e->window);
	}
}

static void at_record(struct world *x)
{
	struct record_span *s = NEW_N(x->a, 2, struct record_span);
	struct subject_record *r = &x->record[x->record_n++];

	*r = (struct subject_record){ .id = num(x, 1), .loop = &LOOP, .span = s, .span_n = 1 };
	s[0] = (struct record_span){ 0, num(x, 2), num(x, 3) };
	if (s[0].to_ms != INSTANT_OPEN)
		s[r->span_n++] = (struct record_span){ 1, s[0].to_ms, INSTANT_OPEN };
}

static const char *const trig_words[] = {
	"state",  "step",	 "any-final",	 "appointed",	"leaves",	  "absent",
	"keeper", "place-added", "place-closed", "class-added", "duties-changed", "date",
	"node",	  "period",	 "window",	 "parameter",	"adopted"
};
static const char *const subject_words[] = { "unit", "place", "class", "grade", "person",
					     "post", "asset", "body",  "entry", "record" };

static const struct vmap *event_fields(struct world *x, str s)
{
	struct vmap *m = NEW(x->a, struct vmap);

	while (s.len) {
		str one = str_cut(&s, ',');
		str name = str_cut(&one, '=');
		str kind = str_cut(&one, ':');

		vmap_set(x->a, m, name,
			 str_eq(kind, STR("date")) ? value_date((day_no)number(one))
						   : value_instant(number(one)));
	}
	return m;
}

static void at_event(struct world *x)
{
	struct event *e = &x->event[x->event_n++];
	str about = word(x, 9);

	*e = (struct event){ .kind = (enum trig_kind)INDEX(x->w[1], trig_words),
			     .loop = word(x, 2),
			     .name = word(x, 3),
			     .object = num(x, 4),
			     .entry_no = (int32_t)num(x, 5),
			     .at_ms = num(x, 6),
			     .known_ms = num(x, 7),
			     .cancelled = num(x, 8) != 0,
			     .period = STR("") };
	while (about.len && e->about_n < 2) {
		str one = str_cut(&about, ',');
		str kind = str_cut(&one, ':');

		e->about[e->about_n++] =
			(struct subject){ .kind = (enum subject_kind)INDEX(kind, subject_words),
					  .id = number(one) };
	}
	if (e->kind == TRIG_STATE || e->kind == TRIG_STEP || e->kind == TRIG_DATE ||
	    e->kind == TRIG_ANY_FINAL)
		e->fields = event_fields(x, word(x, 10));
}

static void at_adopted(struct world *x)
{
	x->adoption = (struct adoption){ STR("pk"), num(x, 1) };
}

/* --- the duty --- */

static void duty_per(struct world *x)
{
	str s = x->w[2];

	while (s.len) {
		struct per *p = &x->duty.per[x->duty.per_n++];

		p->kind = (enum subject_kind)INDEX(str_cut(&s, ','), subject_words);
		p->of = p->kind == SUB_RECORD  ? STR("rec")
			: p->kind == SUB_ENTRY ? STR("cat")
					       : STR("");
	}
}

static void duty_due(struct world *x)
{
	struct due_spec *u = &x->duty.due;
	str s = x->w[2];
	str anchor = str_cut(&s, ':');

	u->set = true;
	if (str_eq(anchor, STR("day"))) {
		u->day = (int8_t)number(str_cut(&s, ':'));
		u->of = str_eq(s, STR("next")) ? DUE_OF_NEXT : DUE_OF_THIS;
		return;
	}
	u->anchor = anchor;
	u->d = duration(s);
}

static void duty_on(struct world *x)
{
	x->on[x->duty.on_n++] =
		(struct trigger){ .kind = (enum trig_kind)INDEX(x->w[2], trig_words),
				  .loop = word(x, 3),
				  .name = word(x, 4),
				  .each_entry = num(x, 5) != 0,
				  .ends = num(x, 6) != 0 };
	x->duty.on = x->on;
}

static void duty_joins(struct world *x)
{
	str s = x->w[2];
	str kind = str_cut(&s, ':');

	x->duty.joins = str_eq(kind, STR("always")) ? JOINS_ALWAYS : JOINS_LEFT;
	if (x->duty.joins == JOINS_LEFT)
		x->duty.joins_left = duration(s);
}

static void duty_durations(struct world *x, str key)
{
	struct duty *d = &x->duty;

	if (str_eq(key, STR("early"))) {
		d->early = duration(x->w[2]);
		d->has_early = true;
	} else if (str_eq(key, STR("late_to"))) {
		d->late_to = duration(x->w[2]);
		d->has_late_to = true;
	} else if (str_eq(key, STR("by"))) {
		d->by_adopted = duration(x->w[2]);
		d->has_by_adopted = true;
	} else if (str_eq(key, STR("apart"))) {
		d->apart = duration(x->w[2]);
		d->has_apart = true;
	} else if (str_eq(key, STR("within"))) {
		d->within = (struct within){ .set = true,
					     .anchor = word(x, 2),
					     .d = duration(x->w[3]) };
	} else if (str_eq(key, STR("before"))) {
		d->before = (struct within){ .set = true,
					     .anchor = word(x, 2),
					     .d = duration(x->w[3]) };
	} else {
		die("unknown key of a duty", key);
	}
}

static void duty_words(struct world *x, str key)
{
	static const char *const ins[] = { "", "school-time", "always" };
	static const char *const rolls[] = { "", "none", "next", "prev" };
	static const char *const bases[] = { "", "law", "superior", "internal", "none" };
	struct duty *d = &x->duty;

	if (str_eq(key, STR("every"))) {
		d->has_every = per_kind_parse(x->w[2], &d->every);
	} else if (str_eq(key, STR("every_param"))) {
		d->every_param = x->w[2];
	} else if (str_eq(key, STR("in"))) {
		d->in = INDEX(x->w[2], ins);
	} else if (str_eq(key, STR("roll"))) {
		d->roll = INDEX(x->w[2], rolls);
	} else if (str_eq(key, STR("basis"))) {
		d->m.basis = (enum basis)INDEX(x->w[2], bases);
	} else if (str_eq(key, STR("where"))) {
		d->where = expression(x, x->w[2]);
	} else if (str_eq(key, STR("if"))) {
		d->m.if_ = expression(x, x->w[2]);
	} else if (str_eq(key, STR("window"))) {
		d->window = NEW(x->a, struct window_spec);
		a_window(x->w[2], d->window);
	} else {
		duty_durations(x, key);
	}
}

static void at_duty(struct world *x)
{
	str key = x->w[1];

	if (str_eq(key, STR("per"))) {
		duty_per(x);
	} else if (str_eq(key, STR("due"))) {
		duty_due(x);
	} else if (str_eq(key, STR("on"))) {
		duty_on(x);
	} else if (str_eq(key, STR("joins"))) {
		duty_joins(x);
	} else if (str_eq(key, STR("times"))) {
		x->duty.times = (int32_t)num(x, 2);
	} else if (str_eq(key, STR("spread"))) {
		x->duty.spread = true;
	} else if (str_eq(key, STR("ask"))) {
		x->duty.tick_ask = true;
	} else if (str_eq(key, STR("names_period"))) {
		x->same = (struct same){ .subject = STR("period"), .path = STR("period") };
		x->proof.same = &x->same;
		x->proof.same_n = 1;
	} else {
		duty_words(x, key);
	}
}

/* --- match --- */

static void at_occ(struct world *x)
{
	struct occurrence *o = &x->occ[x->occ_n++];

	*o = (struct occurrence){ .duty = &x->duty,
				  .subject[0] = { .kind = SUB_UNIT, .id = 1 },
				  .subject_n = 1,
				  .period = word(x, 1),
				  .trigger = word(x, 2),
				  .slot = (int32_t)num(x, 3),
				  .from_ms = num(x, 4),
				  .to_ms = num(x, 5),
				  .due_ms = num(x, 6),
				  .late_to_ms = num(x, 7),
				  .is_void = word(x, 8).len > 0 };
	o->void_ms = o->is_void ? num(x, 8) : INSTANT_OPEN;
}

static void at_deed(struct world *x)
{
	struct deed *d = &x->deed[x->deed_n++];
	str why = word(x, 5);

	*d = (struct deed){ .record = num(x, 1),
			    .subject[0] = { .kind = SUB_UNIT, .id = 1 },
			    .subject_n = 1,
			    .done_ms = num(x, 2),
			    .accepted_ms = num(x, 3),
			    .period = word(x, 4) };
	while (why.len && !str_eq(str_of(why_word(d->why)), why))
		d->why++;
}

static void at_tick(struct world *x)
{
	x->tick[x->tick_n++] = (struct tick){ num(x, 1), x->w[2], num(x, 3) != 0 };
}

static void at_grace(struct world *x)
{
	x->grace = duration(x->w[1]);
}

static void at_now(struct world *x)
{
	x->now = num(x, 1);
}

static void run_match(struct world *x)
{
	static const char *const hows[] = { "on-time", "late", "entered-late" };
	struct match_in in = { .duty = &x->duty,
			       .calendar = &x->cal,
			       .occ = x->occ,
			       .occ_n = x->occ_n,
			       .deed = x->deed,
			       .deed_n = x->deed_n,
			       .tick = x->tick,
			       .tick_n = x->tick_n,
			       .record_grace = x->grace,
			       .now_ms = x->now };
	struct match_out out;

	match(x->a, &in, &out);
	for (size_t i = 0; i < out.fill_n; i++)
		printf("fill\t%.*s\t%lld\t%s\t%d\n",
		       STR_ARG(occurrence_key(x->a, &x->occ[out.fill[i].occ])),
		       (long long)out.fill[i].record, hows[out.fill[i].how], out.fill[i].by_tick);
	for (size_t i = 0; i < out.further_n; i++)
		printf("further\t%.*s\t%lld\n",
		       STR_ARG(occurrence_key(x->a, &x->occ[out.further[i].occ])),
		       (long long)out.further[i].record);
	for (size_t i = 0; i < out.almost_n; i++)
		printf("almost\t%.*s\t%lld\t%s\n",
		       STR_ARG(occurrence_key(x->a, &x->occ[out.almost[i].occ])),
		       (long long)out.almost[i].record, why_word(out.almost[i].why));
}

/* --- expand --- */

static void at_closing(struct world *x)
{
	x->policy.closing_minute = (int32_t)num(x, 1);
}

static void at_range(struct world *x)
{
	struct expand_in in = { .policy = &x->policy,
				.params = &x->params,
				.dated = x->dated,
				.dated_n = x->dated_n,
				.org = &x->org,
				.calendar = &x->cal,
				.adoption = &x->adoption,
				.adoption_n = 1,
				.event = x->event,
				.event_n = x->event_n,
				.record = x->record,
				.record_n = x->record_n,
				.from = (day_no)num(x, 1),
				.to = (day_no)num(x, 2),
				.now_ms = num(x, 3),
				.only_duty = STR_NONE };
	struct occurrences os;

	expand(x->a, &in, &os);
	for (size_t i = 0; i < os.n; i++) {
		const struct occurrence *o = &os.at[i];

		printf("occ\t%.*s\t%lld\t%lld\t%lld\t%lld\t%lld\t%d%d\t%d\t%d\n",
		       STR_ARG(occurrence_key(x->a, o)), (long long)o->from_ms, (long long)o->to_ms,
		       (long long)o->due_ms, (long long)o->late_to_ms,
		       o->is_void ? (long long)o->void_ms : -1LL, o->born_late, o->provisional,
		       (int)o->period_start, (int)o->period_end);
	}
}

/* --- the calendar asked directly --- */

static void print_period(struct world *x, bool have, const struct period *p)
{
	struct period again;

	if (!have) {
		printf("period\t-\n");
		return;
	}
	str name = period_format(x->a, &x->cal, p);
	bool back = period_parse(&x->cal, name, &again) && again.start == p->start &&
		    again.end == p->end;
	printf("period\t%.*s\t%d\t%d\t%d\n", STR_ARG(name), (int)p->start, (int)p->end, back);
}

static void at_ask(struct world *x)
{
	str what = x->w[1];

	if (str_eq(what, STR("limit"))) {
		struct duration d =
			duration(str_fmt(x->a, "%.*s%.*s", STR_ARG(x->w[3]), STR_ARG(x->w[4])));

		printf("limit\t%lld\n", (long long)cal_limit(&x->cal, num(x, 2), d));
	} else if (str_eq(what, STR("period"))) {
		struct period p, next;
		enum per_kind k;

		if (!per_kind_parse(x->w[2], &k))
			die("no kind of period", x->w[2]);
		bool have = cal_period_of(&x->cal, k, (day_no)num(x, 3), &p);
		print_period(x, have, &p);
		print_period(x, have && cal_period_next(&x->cal, &p, &next), &next);
	} else {
		for (day_no d = (day_no)num(x, 2); d <= num(x, 3); d++)
			printf("%c",
			       "0123"[cal_work_day(&x->cal, d) + 2 * cal_school_day(&x->cal, d)]);
		printf("\t%d\n", cal_school_days(&x->cal, (day_no)num(x, 2), (day_no)num(x, 3)));
	}
}

/* --- lines --- */

static const struct {
	const char *word;
	void (*take)(struct world *x);
} lines[] = {
	{ "cal", at_cal },	     { "work", at_work },
	{ "school", at_school },     { "term", at_term },
	{ "node", at_node },	     { "period", at_period },
	{ "nodespec", at_nodespec }, { "periodspec", at_periodspec },
	{ "default", at_default },   { "param", at_param },
	{ "dated", at_dated },	     { "person", at_person },
	{ "place", at_place },	     { "class", at_class },
	{ "post", at_post },	     { "entry", at_entry },
	{ "record", at_record },     { "event", at_event },
	{ "adopted", at_adopted },   { "duty", at_duty },
	{ "closing", at_closing },   { "range", at_range },
	{ "occ", at_occ },	     { "deed", at_deed },
	{ "tick", at_tick },	     { "grace", at_grace },
	{ "now", at_now },	     { "ask", at_ask },
};

static void world_begin(struct world *x)
{
	struct arena *a = x->a;

	printf("case\t%.*s\n", STR_ARG(x->w[1]));
	arena_reset(a);
	*x = (struct world){ .a = a };
	x->unit[x->org.unit_n++] = (struct ov_unit){
		.id = { 1 }, .kind = STR("school"), .from_ms = INT64_MIN, .to_ms = INSTANT_OPEN
	};
	x->cat = (struct catalogue){ .m = ID("cat"), .entry = x->entry };
	x->org.unit = (unit_id){ 1 };
	x->org.person = x->person;
	x->org.place = x->place;
	x->org.unit_at = x->unit;
	x->org.appointment = x->appointment;
	x->policy = (struct policy){ .node = x->node_spec,
				     .period = x->period_spec,
				     .parameter = x->param,
				     .post = x->post,
				     .duty = &x->duty,
				     .duty_n = 1,
				     .catalogue = &x->cat,
				     .catalogue_n = 1,
				     .loop = &LOOP,
				     .loop_n = 1 };
	x->duty = (struct duty){ .m = { .id = STR("d"), .pack = STR("pk") },
				 .times = 1,
				 .proof = &x->proof,
				 .proof_n = 1 };
}

static void line_take(struct world *x, str line)
{
	x->n = 0;
	while (line.len && x->n < WORDS_MAX)
		x->w[x->n++] = str_cut(&line, '\t');
	if (!x->n)
		return;
	if (str_eq(x->w[0], STR("case"))) {
		world_begin(x);
		return;
	}
	if (str_eq(x->w[0], STR("run"))) {
		if (x->occ_n || x->deed_n)
			run_match(x);
		printf("end\n");
		return;
	}
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (str_eq(x->w[0], str_of(lines[i].word))) {
			lines[i].take(x);
			return;
		}
	die("unknown line", x->w[0]);
}

int main(void)
{
	static struct world x;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	x.a = arena_new(256UL << 20);
	while ((n = getline(&line, &size, stdin)) > 0) {
		str s = { line, (size_t)n - (line[n - 1] == '\n') };

		line_take(&x, str_dup(x.a, s));
	}
	free(line);
	arena_free(x.a);
	return 0;
}
