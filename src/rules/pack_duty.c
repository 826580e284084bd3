/*
 * pack_duty: duties, and what they share with requires and rosters: subjects (per),
 * triggers (on), matching (same), proofs (fulfilled_by).
 */
#include "rules/pack_int.h"

/* --- per: and for: --- */

static const char *const subject_words[] = { [SUB_UNIT] = "unit",     [SUB_PLACE] = "place",
					     [SUB_CLASS] = "class",   [SUB_GRADE] = "grade",
					     [SUB_PERSON] = "person", [SUB_POST] = "post",
					     [SUB_ASSET] = "asset",   NULL };

static bool one_per(struct loader *L, const struct yaml *y, struct per *ret)
{
	static const struct {
		const char *prefix;
		enum subject_kind kind;
	} of[] = {
		{ "body:", SUB_BODY },
		{ "catalogue:", SUB_ENTRY },
		{ "record:", SUB_RECORD },
	};
	int i;

	if (y->kind == YAML_MAP) {
		BAD(L, "B190", y, "“每个下属单位”这样的对象要到第 3 阶段才有（needs stage 3）");
		return false;
	}
	for (size_t n = 0; y->kind == YAML_SCALAR && n < sizeof(of) / sizeof(*of); n++)
		if (str_starts(y->s, str_of(of[n].prefix))) {
			*ret = (struct per){ of[n].kind,
					     str_slice(y->s, strlen(of[n].prefix), y->s.len) };
			return true;
		}
	if (y->kind == YAML_SCALAR && str_eq(y->s, STR("assigned"))) {
		BAD(L, "B190", y, "对象 assigned 要到第 3 阶段才有（needs stage 3）");
		return false;
	}
	if (!read_word(L, y, subject_words, &i))
		return false;
	*ret = (struct per){ (enum subject_kind)i, STR_NONE };
	return true;
}

bool read_per(struct loader *L, const struct yaml *y, struct per *ret, size_t max, size_t *ret_n)
{
	if (y->kind != YAML_SEQ) {
		if (!one_per(L, y, &ret[0]))
			return false;
		*ret_n = 1;
		return true;
	}
	if (y->n == 0 || y->n > max) {
		BAD(L, "B105", y, "对象最多是 %zu 种的组合", max);
		return false;
	}
	for (size_t i = 0; i < y->n; i++)
		if (!one_per(L, y->at[i], &ret[i]))
			return false;
	*ret_n = y->n;
	return true;
}

/* --- on: --- */

/* {KEY: VALUE}: the key that tells the kind, and the word that it demands (NULL: an id). */
static const struct {
	const char *key, *word;
	enum trig_kind kind;
} triggers[] = {
	{ "any", "final", TRIG_ANY_FINAL },
	{ "appointed", NULL, TRIG_APPOINTED },
	{ "leaves", NULL, TRIG_LEAVES },
	{ "absent", NULL, TRIG_ABSENT },
	{ "keeper", "changed", TRIG_KEEPER_CHANGED },
	{ "place", "added", TRIG_PLACE_ADDED },
	{ "place", "closed", TRIG_PLACE_CLOSED },
	{ "class", "added", TRIG_CLASS_ADDED },
	{ "duties", "changed", TRIG_DUTIES_CHANGED },
	{ "date", NULL, TRIG_DATE },
	{ "node", NULL, TRIG_NODE },
	{ "period", NULL, TRIG_PERIOD },
	{ "window", NULL, TRIG_WINDOW_CLOSED },
	{ "parameter", NULL, TRIG_PARAMETER },
	{ "adopted", NULL, TRIG_ADOPTED },
};

static const struct key trigger_keys[] = {
	{ "loop", 1, KEY_ID, offsetof(struct trigger, loop), 0, NULL },
	{ "state", 1, KEY_SKIP, 0, 0, NULL },
	{ "step", 1, KEY_SKIP, 0, 0, NULL },
	{ "edge", 1, KEY_SKIP, 0, 0, NULL },
	{ "each", 1, KEY_SKIP, 0, 0, NULL },
	{ "any", 1, KEY_SKIP, 0, 0, NULL },
	{ "appointed", 1, KEY_SKIP, 0, 0, NULL },
	{ "leaves", 1, KEY_SKIP, 0, 0, NULL },
	{ "absent", 1, KEY_SKIP, 0, 0, NULL },
	{ "keeper", 1, KEY_SKIP, 0, 0, NULL },
	{ "place", 1, KEY_SKIP, 0, 0, NULL },
	{ "class", 1, KEY_SKIP, 0, 0, NULL },
	{ "duties", 1, KEY_SKIP, 0, 0, NULL },
	{ "date", 1, KEY_SKIP, 0, 0, NULL },
	{ "node", 1, KEY_SKIP, 0, 0, NULL },
	{ "period", 1, KEY_SKIP, 0, 0, NULL },
	{ "window", 1, KEY_SKIP, 0, 0, NULL },
	{ "parameter", 1, KEY_SKIP, 0, 0, NULL },
	{ "adopted", 1, KEY_SKIP, 0, 0, NULL },
	{ "roster", 3, KEY_LATER, 0, 0, NULL },
	{ "link", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys trigger_table = KEYS("触发 on ", trigger_keys);

static bool trigger_each(struct loader *L, const struct yaml *y, struct trigger *t)
{
	static const char *const words[] = { "entry", NULL };
	const struct yaml *v = yaml_get(y, STR("each"));
	int i;

	if (!v)
		return true;
	t->each_entry = read_word(L, v, words, &i);
	return t->each_entry;
}

static bool trigger_edge(struct loader *L, const struct yaml *y, struct trigger *t)
{
	static const char *const period_edge[] = { "begins", "ends", NULL };
	static const char *const window_edge[] = { "closed", NULL };
	const struct yaml *v = yaml_get(y, STR("edge"));
	int i = 0;

	if (t->kind != TRIG_PERIOD && t->kind != TRIG_WINDOW_CLOSED) {
		if (v)
			BAD(L, "B103", v, "只有 period 和 window 有 edge");
		return !v;
	}
	if (!v || !read_word(L, v, t->kind == TRIG_PERIOD ? period_edge : window_edge, &i)) {
		if (!v)
			BAD(L, "B104", y, "缺少“edge”：写 begins、ends 或 closed");
		return false;
	}
	t->ends = i == 1;
	return true;
}

static bool trigger_kind(struct loader *L, const struct yaml *y, struct trigger *t)
{
	const struct yaml *state = yaml_get(y, STR("state")), *step = yaml_get(y, STR("step"));

	if (state || step) {
		t->kind = state ? TRIG_STATE : TRIG_STEP;
		return need_key(L, y, "loop", "触发") &&
		       read_text(L, state ? state : step, &t->name);
	}
	for (size_t i = 0; i < sizeof(triggers) / sizeof(*triggers); i++) {
		const struct yaml *v = yaml_get(y, str_of(triggers[i].key));

		if (!v || (triggers[i].word && !str_eq(v->s, str_of(triggers[i].word))))
			continue;
		t->kind = triggers[i].kind;
		return triggers[i].word || read_text(L, v, &t->name);
	}
	BAD(L, "B105", y,
	    "看不出是什么触发：写 {loop: …, state: …}、{appointed: 岗位}、{node: 节点} 等");
	return false;
}

static bool one_trigger(struct loader *L, const struct yaml *y, struct trigger *ret)
{
	return keys_read(L, y, &trigger_table, ret, NULL) && trigger_kind(L, y, ret) &&
	       trigger_edge(L, y, ret) && trigger_each(L, y, ret);
}

bool read_triggers(struct loader *L, const struct yaml *y, const struct trigger **ret,
		   size_t *ret_n)
{
	size_t n = y->kind == YAML_SEQ ? y->n : 1;
	struct trigger *at = NEW_N(L->a, n, struct trigger);
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		ok = one_trigger(L, y->kind == YAML_SEQ ? y->at[i] : y, &at[i]) && ok;
	if (!ok)
		return false;
	*ret = at;
	*ret_n = n;
	return true;
}

/* --- same: --- */

static const char *const same_words[] = { "unit",   "place", "class", "grade",	"person", "entry",
					  "record", "asset", "post",  "period", "body",	  NULL };

static void same_path(struct same *s, str path)
{
	str col = path, row = str_cut(&col, '.');

	s->path = path;
	s->rows = col.ptr != NULL;
	s->rows_field = s->rows ? row : STR_NONE;
	s->rows_col = s->rows ? col : STR_NONE;
}

static bool same_subject(struct loader *L, const struct yaml *at, str subject)
{
	struct yaml word = *at;
	int i;

	if (str_eq(subject, STR("assignee"))) {
		BAD(L, "B190", at, "same 的 assignee 要到第 3 阶段才有（needs stage 3）");
		return false;
	}
	word.kind = YAML_SCALAR;
	word.s = subject;
	return read_word(L, &word, same_words, &i);
}

/* {place: rows.place, person: doer} or [place, period]. */
bool read_same(struct loader *L, const struct yaml *y, const struct same **ret, size_t *ret_n,
	       bool *ret_doer)
{
	struct strs words;
	struct same *at;
	size_t n = 0;

	if (y->kind != YAML_MAP) {
		if (!read_words(L, y, &words))
			return false;
		at = NEW_N(L->a, words.n, struct same);
		for (; n < words.n; n++) {
			if (!same_subject(L, y, words.at[n]))
				return false;
			at[n].subject = words.at[n];
			same_path(&at[n], words.at[n]);
		}
	} else {
		at = NEW_N(L->a, y->n, struct same);
		for (size_t i = 0; i < y->n; i++) {
			str path;

			if (!same_subject(L, y->at[i], y->key[i]) || !read_text(L, y->at[i], &path))
				return false;
			if (ret_doer && str_eq(y->key[i], STR("person")) &&
			    str_eq(path, STR("doer"))) {
				*ret_doer = true;
				continue;
			}
			at[n].subject = y->key[i];
			same_path(&at[n++], path);
		}
	}
	*ret = at;
	*ret_n = n;
	return true;
}

/* --- fulfilled_by: --- */

static void proof_same(struct loader *L, void *obj, const struct yaml *v)
{
	struct proof *p = obj;

	(void)read_same(L, v, &p->same, &p->same_n, &p->person_doer);
}

static void proof_doer(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_who(L, v, &((struct proof *)obj)->doer, NULL);
}

static bool one_proof(struct loader *L, const struct yaml *y, struct proof *ret, bool nested);

static void proof_all(struct loader *L, void *obj, const struct yaml *v)
{
	struct proof *p = obj, *part;

	if (v->kind != YAML_SEQ || v->n < 2) {
		BAD(L, "B102", v, "all 要列出两个以上的完成方式");
		return;
	}
	part = NEW_N(L->a, v->n, struct proof);
	for (size_t i = 0; i < v->n; i++)
		if (!one_proof(L, v->at[i], &part[i], true))
			return;
	p->mode = PROOF_ALL;
	p->part = part;
	p->part_n = v->n;
}

static const struct key each_keys[] = {
	{ "of", 1, KEY_ID, offsetof(struct proof, each_of), 0, NULL },
	{ "duty", 1, KEY_ID, offsetof(struct proof, each_duty), 0, NULL },
};
static const struct keys each_table = KEYS("each ", each_keys);

static void proof_each(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &each_table, obj, NULL) && need_key(L, v, "duty", "each"))
		((struct proof *)obj)->mode = PROOF_EACH;
}

static const struct key proof_keys[] = {
	{ "loop", 1, KEY_ID, offsetof(struct proof, loop), 0, NULL },
	{ "state", 1, KEY_ID, offsetof(struct proof, state), 0, NULL },
	{ "step", 1, KEY_ID, offsetof(struct proof, step), 0, NULL },
	{ "where", 1, KEY_EXPR, offsetof(struct proof, where), 0, NULL },
	{ "at", 1, KEY_NAME, offsetof(struct proof, at), 0, NULL },
	{ "same", 1, KEY_FN, 0, 0, proof_same },
	{ "doer", 1, KEY_FN, 0, 0, proof_doer },
	{ "all", 1, KEY_FN, 0, 0, proof_all },
	{ "each", 1, KEY_FN, 0, 0, proof_each },
	{ "report", 2, KEY_LATER, 0, 0, NULL },
	{ "delivery", 3, KEY_LATER, 0, 0, NULL },
	{ "indicator", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys proof_table = KEYS("完成方式 fulfilled_by ", proof_keys);

static bool one_proof(struct loader *L, const struct yaml *y, struct proof *ret, bool nested)
{
	if (!keys_read(L, y, &proof_table, ret, NULL))
		return false;
	if (ret->mode != PROOF_ONE) {
		if (nested)
			BAD(L, "B105", y, "all 里不能再套 all 或 each");
		return !nested;
	}
	if (!need_key(L, y, "loop", "完成方式"))
		return false;
	const struct yaml *where = yaml_get(y, STR("where"));
	ret->where_text = where && where->kind == YAML_SCALAR ? where->s : STR("");
	if (str_empty(ret->state) == str_empty(ret->step)) {
		BAD(L, "B104", y, "完成方式要写 state 或 step，二者选一");
		return false;
	}
	return true;
}

static void duty_proof(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;
	size_t n = v->kind == YAML_SEQ ? v->n : 1;
	struct proof *at = NEW_N(L->a, n, struct proof);

	for (size_t i = 0; i < n; i++)
		if (!one_proof(L, v->kind == YAML_SEQ ? v->at[i] : v, &at[i], false))
			return;
	d->proof = at;
	d->proof_n = n;
}

/* --- the duty --- */

static void duty_who(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;

	(void)read_who(L, v, &d->who, &d->who_text);
}

static void duty_per(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;

	(void)read_per(L, v, d->per, 2, &d->per_n);
}

static void duty_every(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;
	const struct yaml *count;
	int64_t times = 1;
	str word;

	if (v->kind == YAML_SCALAR && str_starts(v->s, STR("$"))) {
		d->every_param = str_slice(v->s, 1, v->s.len);
		d->has_every = true;
		d->times = 1;
		return;
	}
	if (v->kind == YAML_MAP) {
		if (!read_pair(L, v, &word, &count) || !read_i64(L, count, 1, 366, &times))
			return;
	} else if (!read_text(L, v, &word)) {
		return;
	}
	d->has_every = per_kind_of(L, v, word, &d->every);
	d->times = (int32_t)times;
}

static void duty_on(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;

	(void)read_triggers(L, v, &d->on, &d->on_n);
}

static void duty_within(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_within(L, v, &((struct duty *)obj)->within);
}

static void duty_before(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_within(L, v, &((struct duty *)obj)->before);
}

static void duty_window(struct loader *L, void *obj, const struct yaml *v)
{
	(void)read_window(L, v, &((struct duty *)obj)->window);
}

/* {end: 0d}, {start: 30d}, {node: …}, or {day: 5, of: next}. */
static void duty_due(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const of_words[] = { "this", "next", NULL };
	struct due_spec due = { .set = true };
	const struct yaml *day = yaml_get(v, STR("day")), *of = yaml_get(v, STR("of")), *len;
	int64_t n;
	int i = 0;

	if (day) {
		if (v->n > (of ? 2U : 1U))
			BAD(L, "B103", v, "due 只能写 {day: 几号, of: this 或 next}");
		if (!read_i64(L, day, 1, 31, &n) || (of && !read_word(L, of, of_words, &i)))
			return;
		due.day = (int8_t)n;
		due.of = i ? DUE_OF_NEXT : DUE_OF_THIS;
	} else if (!read_pair(L, v, &due.anchor, &len) || !read_duration(L, len, &due.d)) {
		return;
	}
	((struct duty *)obj)->due = due;
}

/* 60d, or {end: 60d}: the end is that of the period. */
static void duty_late_to(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;
	const struct yaml *len = v;
	str anchor = STR("end");

	if (v->kind == YAML_MAP && !read_pair(L, v, &anchor, &len))
		return;
	if (!str_eq(anchor, STR("end")))
		BAD(L, "B314", v, "late_to 从周期结束（end）算起");
	else
		d->has_late_to = read_duration(L, len, &d->late_to);
}

static void duty_in(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "school-time", "always", NULL };
	int i;

	if (read_word(L, v, words, &i))
		((struct duty *)obj)->in = i ? IN_ALWAYS : IN_SCHOOL_TIME;
}

static void duty_roll(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "none", "next", "prev", NULL };
	struct duty *d = obj;
	int i;

	if (read_word(L, v, words, &i))
		d->roll = i == 0 ? ROLL_NONE : i == 1 ? ROLL_NEXT : ROLL_PREV;
}

static void duty_joins(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "half", "always", NULL };
	struct duty *d = obj;
	const struct yaml *len;
	str key;
	int i;

	if (v->kind == YAML_MAP) {
		if (!read_pair(L, v, &key, &len) || !read_duration(L, len, &d->joins_left))
			return;
		if (!str_eq(key, STR("left")))
			BAD(L, "B105", v, "joins 只能写 half、always 或 {left: 时长}");
		d->joins = JOINS_LEFT;
	} else if (read_word(L, v, words, &i)) {
		d->joins = i ? JOINS_ALWAYS : JOINS_HALF;
	}
}

static const struct key minutes_keys[] = {
	{ "do", 1, KEY_I32, offsetof(struct duty, minutes_do), 0, NULL },
	{ "record", 1, KEY_I32, offsetof(struct duty, minutes_record), 0, NULL },
};
static const struct keys minutes_table = KEYS("用时 minutes ", minutes_keys);

static void duty_minutes(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &minutes_table, obj, NULL))
		((struct duty *)obj)->has_minutes =
			need_key(L, v, "do", "minutes") && need_key(L, v, "record", "minutes");
}

static void duty_late(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;

	d->has_late = read_ladder(L, v, &d->late);
}

static void duty_group(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "task", "sheet", "none", NULL };
	struct duty *d = obj;
	int i;

	if (read_word(L, v, words, &i))
		d->group = i == 0 ? GROUP_TASK : i == 1 ? GROUP_SHEET : GROUP_NONE;
}

static void duty_ask(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "gaps", NULL };
	int i;

	((struct duty *)obj)->ask_gaps = read_word(L, v, words, &i);
}

static void duty_tick(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "ask", NULL };
	int i;

	((struct duty *)obj)->tick_ask = read_word(L, v, words, &i);
}

static const struct key duty_waive_keys[] = {
	{ "by", 1, KEY_ID, offsetof(struct duty, waive_by), 0, NULL },
	{ "for", 1, KEY_TEXT, offsetof(struct duty, waive_for), 0, NULL },
	{ "tell", 1, KEY_TEXT, offsetof(struct duty, waive_tell), 0, NULL },
};
static const struct keys duty_waive_table = KEYS("免办 waive ", duty_waive_keys);

static void duty_waive(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &duty_waive_table, obj, NULL))
		(void)(need_key(L, v, "by", "waive") && need_key(L, v, "for", "waive"));
}

static void duty_by(struct loader *L, void *obj, const struct yaml *v)
{
	struct duty *d = obj;
	const struct yaml *len;
	str key;

	if (!read_pair(L, v, &key, &len))
		return;
	if (!str_eq(key, STR("adopted")))
		BAD(L, "B105", v, "职责的 by 只能写 {adopted: 时长}");
	else
		d->has_by_adopted = read_duration(L, len, &d->by_adopted);
}

static const struct key duty_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "who", 1, KEY_FN, 0, 0, duty_who },
	{ "per", 1, KEY_FN, 0, 0, duty_per },
	{ "where", 1, KEY_EXPR, offsetof(struct duty, where), 0, NULL },
	{ "every", 1, KEY_FN, 0, 0, duty_every },
	{ "on", 1, KEY_FN, 0, 0, duty_on },
	{ "within", 1, KEY_FN, 0, 0, duty_within },
	{ "before", 1, KEY_FN, 0, 0, duty_before },
	{ "window", 1, KEY_FN, 0, 0, duty_window },
	{ "early", 1, KEY_DURATION, offsetof(struct duty, early), offsetof(struct duty, has_early),
	  NULL },
	{ "due", 1, KEY_FN, 0, 0, duty_due },
	{ "late_to", 1, KEY_FN, 0, 0, duty_late_to },
	{ "in", 1, KEY_FN, 0, 0, duty_in },
	{ "roll", 1, KEY_FN, 0, 0, duty_roll },
	{ "joins", 1, KEY_FN, 0, 0, duty_joins },
	{ "apart", 1, KEY_DURATION, offsetof(struct duty, apart), offsetof(struct duty, has_apart),
	  NULL },
	{ "spread", 1, KEY_BOOL, offsetof(struct duty, spread), 0, NULL },
	{ "minutes", 1, KEY_FN, 0, 0, duty_minutes },
	{ "fulfilled_by", 1, KEY_FN, 0, 0, duty_proof },
	{ "late", 1, KEY_FN, 0, 0, duty_late },
	{ "group", 1, KEY_FN, 0, 0, duty_group },
	{ "ask", 1, KEY_FN, 0, 0, duty_ask },
	{ "tick", 1, KEY_FN, 0, 0, duty_tick },
	{ "waive", 1, KEY_FN, 0, 0, duty_waive },
	{ "by", 1, KEY_FN, 0, 0, duty_by },
	{ "checked_by", 2, KEY_LATER, 0, 0, NULL },
	{ "same_as", 2, KEY_LATER, 0, 0, NULL },
	{ "as", 3, KEY_LATER, 0, 0, NULL },
	{ "proxy", 3, KEY_LATER, 0, 0, NULL },
	{ "fan_out", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys duty_table = KEYS("职责", duty_keys);

static void one_duty(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct duty d = { .per = { { SUB_UNIT, STR_NONE } }, .per_n = 1, .times = 1 };

	(void)ctx;
	if (is_removed(L, "duty", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &d.m, y, id);
	if (!keys_read(L, y, &duty_table, &d, &d.m))
		return;
	if (!need_key(L, y, "label", "职责") || !need_key(L, y, "who", "职责"))
		return;
	*VEC_PUSH(L->a, &L->duty) = d;
}

void load_duties(struct loader *L, const struct yaml *doc)
{
	each_named(L, doc, "职责", one_duty, NULL);
}
