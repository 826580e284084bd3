/*
 * lesson: safety in the classes: the theme of each month, with the first class meeting
 * after the holidays, and the counts of the learning platform. In November some classes
 * have yet to come.
 */
#include "cli/demo/demo_int.h"

#include "rules/calendar.h"

#define CLASSES_FROM 12 /* rows of sy.yaml: the class teachers */
#define CLASSES_N 24
#define PUPILS(i) (44 + (int)((i)*7 % 5))

struct lessons {
	struct demo *d;
	const struct yaml *y, *people;
	struct calendar cal;
};

static str class_code(const struct yaml *person)
{
	str post = demo_word(person, 6);

	(void)str_cut(&post, '@');
	return post;
}

static struct json *list_of(struct arena *a, const char *one, const char *two)
{
	struct json *l = demo_arr(a);

	demo_push(a, l, demo_str(a, str_of(one)));
	if (two)
		demo_push(a, l, demo_str(a, str_of(two)));
	return l;
}

static struct json *attended(struct lessons *l, size_t i)
{
	struct arena *a = l->d->op->arena;
	struct json *rows = demo_arr(a), *row = demo_obj(a);

	demo_put_s(a, row, "class", class_code(l->people->at[CLASSES_FROM + i]));
	demo_put_s(a, row, "expected", str_fmt(a, "%d", PUPILS(i)));
	demo_put_s(a, row, "present", str_fmt(a, "%d", PUPILS(i) - (int)demo_dice(l->d, 3)));
	demo_push(a, rows, row);
	return rows;
}

static void lesson(struct lessons *l, size_t i, const char *theme, const char *node, day_no day)
{
	struct arena *a = l->d->op->arena;
	const struct yaml *who = l->people->at[CLASSES_FROM + i],
			  *phrases = yaml_get(l->y, str_of(theme));
	struct json *f = demo_obj(a);
	int64_t at = demo_at(l->d, day, 870 + (int)demo_dice(l->d, 100));

	demo_put_s(a, f, "title",
		   str_fmt(a, "%.*s（%.*s）", STR_ARG(demo_word(phrases, i % 8)),
			   STR_ARG(demo_word(who, 1))));
	demo_put(a, f, "themes", list_of(a, theme, NULL));
	demo_put(a, f, "learning", list_of(a, "theme", "online"));
	if (node)
		demo_put_s(a, f, "node", str_of(node));
	demo_put_s(a, f, "way", STR("class-meeting"));
	demo_put(a, f, "classes", attended(l, i));
	demo_put_s(a, f, "held_at",
		   instant_format(a, at - 50 * MS_MINUTE, l->d->clock->utc_offset_ms));
	demo_put_s(a, f, "teacher", str_fmt(a, "%.*s.sy", STR_ARG(demo_word(who, 0))));
	struct deed_row *e =
		demo_event(l->d, at, demo_word(who, 0), STR("education"), STR("record"), STR(""));
	e->fields = f;
	e->source = STR("lesson.c");
}

/* Numbers of the families' part, read off the platform near the end of the month. */
static void counted(struct lessons *l, size_t i, const char *month, day_no day)
{
	struct arena *a = l->d->op->arena;
	const struct yaml *who = l->people->at[CLASSES_FROM + i];
	struct json *f = demo_obj(a);

	demo_put_s(a, f, "class", class_code(who));
	demo_put_s(a, f, "period", str_of(month));
	demo_put_s(a, f, "version", STR("home"));
	demo_put_s(a, f, "expected", str_fmt(a, "%d", PUPILS(i)));
	demo_put_s(a, f, "finished", str_fmt(a, "%d", PUPILS(i) - (int)demo_dice(l->d, 2)));
	struct deed_row *e = demo_event(l->d, demo_at(l->d, day, 980 + (int)i), demo_word(who, 0),
					STR("platform-count"), STR("count"), STR(""));
	e->fields = f;
	e->source = STR("lesson.c");
}

static day_no school_day(struct lessons *l, day_no d)
{
	while (!cal_school_day(&l->cal, d))
		d++;
	return d;
}

enum err demo_lessons_make(struct demo *d)
{
	struct lessons l = { .d = d };
	const struct yaml *org;

	TRY(demo_yaml(d, "routine.yaml", &l.y));
	TRY(demo_yaml(d, "sy.yaml", &org));
	TRY(demo_calendar(d, &l.cal));
	l.people = yaml_get(org, STR("people"));
	for (size_t i = 0; i < CLASSES_N; i++) {
		lesson(&l, i, "m09", "term-start", school_day(&l, day_of(2026, 9, 1) + (int)i % 3));
		lesson(&l, i, "m10", "after-national",
		       school_day(&l, day_of(2026, 10, 8) + (int)i % 3));
		if (i % 3)
			lesson(&l, i, "m11", NULL,
			       school_day(&l, day_of(2026, 11, 4) + (int)i % 12));
		counted(&l, i, "2026-09", school_day(&l, day_of(2026, 9, 22)));
		counted(&l, i, "2026-10", school_day(&l, day_of(2026, 10, 26)));
		if (i % 2)
			counted(&l, i, "2026-11", school_day(&l, day_of(2026, 11, 16)));
	}
	return ERR_OK;
}
