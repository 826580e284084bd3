/*
 * pack_cal: calendar.yaml: nodes (days that mean something), named periods, and the
 * hour at which a unit closes. What is `set_by` somebody does not occur until it is set.
 */
#include "rules/pack_int.h"

static void node_date(struct loader *L, void *obj, const struct yaml *v)
{
	struct node_spec *n = obj;

	(void)read_month_day(L, v, &n->month, &n->day);
}

static void nth_i8(struct loader *L, const struct yaml *v, int64_t lo, int64_t hi, int8_t *ret)
{
	int64_t n;

	if (read_i64(L, v, lo, hi, &n))
		*ret = (int8_t)n;
}

static void nth_no(struct loader *L, void *obj, const struct yaml *v)
{
	nth_i8(L, v, -1, 5, &((struct node_spec *)obj)->nth);
}

static void nth_weekday(struct loader *L, void *obj, const struct yaml *v)
{
	nth_i8(L, v, 1, 7, &((struct node_spec *)obj)->weekday);
}

static void nth_month(struct loader *L, void *obj, const struct yaml *v)
{
	nth_i8(L, v, 1, 12, &((struct node_spec *)obj)->month);
}

/* {no: -1, weekday: 1, month: 3}: the last Monday of March. */
static const struct key nth_keys[] = {
	{ "no", 1, KEY_FN, 0, 0, nth_no },
	{ "weekday", 1, KEY_FN, 0, 0, nth_weekday },
	{ "month", 1, KEY_FN, 0, 0, nth_month },
};
static const struct keys nth_table = KEYS("nth ", nth_keys);

static void node_nth(struct loader *L, void *obj, const struct yaml *v)
{
	struct node_spec *n = obj;

	if (!keys_read(L, v, &nth_table, n, NULL))
		return;
	if (!n->nth || !n->weekday || !n->month)
		BAD(L, "B104", v,
		    "nth 要写全 {no: 第几个（-1 是最后一个）, weekday: 星期几, month: 月}");
}

static void node_first_of(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "term", "school-year", NULL };
	struct node_spec *n = obj;
	int i;

	if (read_word(L, v, words, &i))
		n->first_school_day_of = v->s;
}

static void node_first_after(struct loader *L, void *obj, const struct yaml *v)
{
	struct node_spec *n = obj;

	(void)read_month_day(L, v, &n->after_month, &n->after_day);
}

static const struct key node_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "date", 1, KEY_FN, 0, 0, node_date },
	{ "nth", 1, KEY_FN, 0, 0, node_nth },
	{ "first_school_day_of", 1, KEY_FN, 0, 0, node_first_of },
	{ "first_school_day_after", 1, KEY_FN, 0, 0, node_first_after },
	{ "set_by", 1, KEY_ID, offsetof(struct node_spec, set_by), 0, NULL },
};
static const struct keys node_table = KEYS("节点", node_keys);

static void one_node(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct node_spec n = { 0 };
	int ways;

	(void)ctx;
	if (is_removed(L, "node", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &n.m, y, id);
	if (!keys_read(L, y, &node_table, &n, &n.m))
		return;
	ways = (n.month != 0) + !str_empty(n.first_school_day_of) + (n.after_month != 0) +
	       !str_empty(n.set_by);
	if (ways != 1)
		BAD(L, "B313", y,
		    "节点“%.*s”要有且只有一种定法：date、nth、first_school_day_of、"
		    "first_school_day_after 或 set_by",
		    STR_ARG(id));
	*VEC_PUSH(L->a, &L->node) = n;
}

static void period_from(struct loader *L, void *obj, const struct yaml *v)
{
	struct period_spec *p = obj;

	(void)read_month_day(L, v, &p->from_month, &p->from_day);
}

static void period_to(struct loader *L, void *obj, const struct yaml *v)
{
	struct period_spec *p = obj;

	(void)read_month_day(L, v, &p->to_month, &p->to_day);
}

static const struct key period_record_keys[] = {
	{ "loop", 1, KEY_ID, offsetof(struct period_spec, record_loop), 0, NULL },
	{ "state", 1, KEY_ID, offsetof(struct period_spec, record_state), 0, NULL },
	{ "where", 1, KEY_EXPR, offsetof(struct period_spec, record_where), 0, NULL },
};
static const struct keys period_record_table = KEYS("record ", period_record_keys);

static void period_record(struct loader *L, void *obj, const struct yaml *v)
{
	if (keys_read(L, v, &period_record_table, obj, NULL))
		(void)(need_key(L, v, "loop", "record") && need_key(L, v, "state", "record"));
}

static const struct key period_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "from", 1, KEY_FN, 0, 0, period_from },
	{ "to", 1, KEY_FN, 0, 0, period_to },
	{ "set_by", 1, KEY_ID, offsetof(struct period_spec, set_by), 0, NULL },
	{ "record", 1, KEY_FN, 0, 0, period_record },
};
static const struct keys period_table = KEYS("时期", period_keys);

static void one_period(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct period_spec p = { 0 };
	bool dated;

	(void)ctx;
	if (is_removed(L, "period", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &p.m, y, id);
	if (!keys_read(L, y, &period_table, &p, &p.m))
		return;
	dated = p.from_month && p.to_month;
	if (!dated && str_empty(p.set_by))
		BAD(L, "B313", y, "时期“%.*s”要有起止日期，或写明由谁开始（set_by）", STR_ARG(id));
	*VEC_PUSH(L->a, &L->period) = p;
}

static void cal_nodes(struct loader *L, void *obj, const struct yaml *v)
{
	(void)obj;
	each_named(L, v, "节点", one_node, NULL);
}

static void cal_periods(struct loader *L, void *obj, const struct yaml *v)
{
	(void)obj;
	each_named(L, v, "时期", one_period, NULL);
}

static void cal_closing(struct loader *L, void *obj, const struct yaml *v)
{
	int minutes;

	(void)obj;
	if (v->kind != YAML_SCALAR || !time_parse(v->s, &minutes)) {
		BAD(L, "B107", v, "closing 要写成 \"18:00\"");
		return;
	}
	L->closing_minute = minutes;
	L->has_closing = true;
}

static const struct key calendar_keys[] = {
	{ "nodes", 1, KEY_FN, 0, 0, cal_nodes },
	{ "periods", 1, KEY_FN, 0, 0, cal_periods },
	{ "closing", 1, KEY_FN, 0, 0, cal_closing },
};
static const struct keys calendar_table = KEYS("日历", calendar_keys);

void load_calendar(struct loader *L, const struct yaml *doc)
{
	(void)keys_read(L, doc, &calendar_table, L, NULL);
}
