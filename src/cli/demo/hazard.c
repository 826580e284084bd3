/*
 * hazard: the hazards of the term from their list (data/hazards.yaml), each walked through
 * its loop as it usually goes: seen, graded the same or the next morning, mended after some
 * days, checked by somebody else. The dice only choose hours and days.
 */
#include "cli/demo/demo_int.h"

struct course {
	str day, finder, place, category, fixer, what, measures, done, way;
};

static day_no work_day_after(day_no d, int n)
{
	for (; n > 0 || day_weekday(d) > 5; d++)
		n -= day_weekday(d + 1) <= 5 && n > 0;
	return d;
}

/* Who checks: the keeper named for rechecks, or somebody else when it was he who mended. */
static str checker_of(struct demo *d, const struct yaml *places, const struct course *c)
{
	str who = STR("safety");

	for (size_t i = 0; i < places->n; i++)
		if (str_eq(demo_word(places->at[i], 0), c->place))
			who = demo_word(places->at[i], 7);
	if (str_eq(who, c->fixer))
		who = str_eq(c->fixer, STR("vice")) ? STR("safety") : STR("vice");
	(void)d;
	return who;
}

static struct json *grading(struct demo *d, const struct course *c, str checker, day_no due)
{
	struct arena *a = d->op->arena;
	struct json *f = demo_obj(a);

	demo_put_s(a, f, "grade", STR("general"));
	demo_put_s(a, f, "handling", STR("by-date"));
	demo_put_s(a, f, "category", c->category);
	demo_put_s(a, f, "rectifier", str_fmt(a, "%.*s.sy", STR_ARG(c->fixer)));
	demo_put_s(a, f, "checker", str_fmt(a, "%.*s.sy", STR_ARG(checker)));
	demo_put_s(a, f, "measures", c->measures);
	demo_put_s(a, f, "due_on", date_format(a, due));
	return f;
}

static struct json *one_field(struct demo *d, const char *key, str value)
{
	struct json *f = demo_obj(d->op->arena);

	demo_put_s(d->op->arena, f, key, value);
	return f;
}

static struct json *seen(struct demo *d, const struct course *c, bool mended)
{
	struct json *f = one_field(d, "place", c->place);

	demo_put_s(d->op->arena, f, "what", c->what);
	if (mended)
		demo_put_s(d->op->arena, f, "done", c->done);
	return f;
}

static void step(struct demo *d, int64_t at, str who, const char *name, str ref,
		 struct json *fields)
{
	demo_event(d, at, who, STR(""), str_of(name), ref)->fields = fields;
}

static void mended_at_once(struct demo *d, const struct course *c, int64_t at, str ref)
{
	day_no day = instant_day(at, d->clock->utc_offset_ms);

	demo_event(d, at, c->finder, STR("hazard"), STR("fix-now"), ref)->fields = seen(d, c, true);
	step(d, demo_at(d, work_day_after(day, 1), 480 + (int)demo_dice(d, 60)), STR("safety"),
	     "confirm", ref, NULL);
}

/* The recheck sends it back once: mended again the day after. */
static int64_t sent_back(struct demo *d, const struct course *c, str checker, str ref, int64_t at)
{
	struct json *f = one_field(d, "reason", STR("水已改道，但接口处仍有渗水痕迹，请重新封堵"));
	day_no day = instant_day(at, d->clock->utc_offset_ms);

	demo_put_s(d->op->arena, f, "due_on", date_format(d->op->arena, day + 2));
	step(d, at, checker, "return", ref, f);
	step(d, at + 26 * MS_HOUR, c->fixer, "rectify", ref,
	     one_field(d, "done", STR("接口重新缠带打胶，观察一夜不渗")));
	return at + 48 * MS_HOUR;
}

static void asks_for_time(struct demo *d, const struct course *c, str ref, int64_t at, day_no due)
{
	struct json *f = one_field(d, "asked_due_on", date_format(d->op->arena, due + 4));

	demo_put_s(d->op->arena, f, "reason", STR("密封件要从厂家调，三天后到货"));
	step(d, at + 26 * MS_HOUR, c->fixer, "ask-extension", ref, f);
	step(d, at + 29 * MS_HOUR, STR("vice"), "grant-extension", ref, NULL);
}

static void walked(struct demo *d, const struct course *c, str checker, int64_t at, str ref)
{
	day_no day = instant_day(at, d->clock->utc_offset_ms), last = day_of(2026, 11, 17);
	bool slow = str_eq(c->way, STR("slow")) || str_eq(c->way, STR("extend"));
	day_no graded = demo_dice(d, 3) ? day : work_day_after(day, 1);
	day_no mend = work_day_after(graded, slow ? 5 : 1 + (int)demo_dice(d, 2));
	day_no check = work_day_after(mend, 1);
	int64_t g = graded == day ? at + 40 * MS_MINUTE : demo_at(d, graded, 490);
	int64_t checked;

	mend = mend >= last ? last - 1 : mend;
	check = check > last ? last : check;
	demo_event(d, at, c->finder, STR("hazard"), STR("report"), ref)->fields = seen(d, c, false);
	step(d, g, STR("safety"), "grade", ref,
	     grading(d, c, checker,
		     slow ? graded + 4 + 6 * !str_eq(c->way, STR("extend")) : graded + 7));
	if (str_eq(c->way, STR("extend")))
		asks_for_time(d, c, ref, g, graded + 4);
	step(d, demo_at(d, mend, 960 + (int)demo_dice(d, 60)), c->fixer, "rectify", ref,
	     one_field(d, "done", c->done));
	checked = demo_at(d, check, 560 + (int)demo_dice(d, 60));
	if (str_eq(c->way, STR("return")))
		checked = sent_back(d, c, checker, ref, checked);
	step(d, checked, checker, "verify", ref, one_field(d, "effect", STR("good")));
}

enum err demo_hazards_read(struct demo *d)
{
	const struct yaml *y, *org;

	TRY(demo_yaml(d, "hazards.yaml", &y));
	TRY(demo_yaml(d, "sy.yaml", &org));
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *r = y->at[i];
		struct course c = { demo_word(r, 0), demo_word(r, 1), demo_word(r, 2),
				    demo_word(r, 3), demo_word(r, 4), demo_word(r, 5),
				    demo_word(r, 6), demo_word(r, 7), demo_word(r, 8) };
		str ref = str_fmt(d->op->arena, "hazard-%zu", i + 1);
		int64_t at;

		if (!demo_time(d, c.day, &at))
			return FAIL(d->op, ERR_CORRUPT, "演示数据 hazards.yaml:%u：日期不对",
				    r->line);
		at += (int64_t)(450 + demo_dice(d, 500)) * MS_MINUTE;
		if (str_eq(c.way, STR("fix")))
			mended_at_once(d, &c, at, ref);
		else
			walked(d, &c, checker_of(d, yaml_get(org, STR("places")), &c), at, ref);
	}
	return ERR_OK;
}
