/*
 * gate: visitors of every school day: who comes tells whom he wants to see, that person
 * answers, the gate lends a card and takes it back.
 */
#include "cli/demo/demo_int.h"

#include "rules/calendar.h"

static struct deed_row *at_gate(struct demo *d, int64_t at, str who, const char *loop,
				const char *step, str ref, struct json *fields)
{
	struct deed_row *e = demo_event(d, at, who, str_of(loop), str_of(step), ref);

	e->fields = fields;
	e->source = STR("gate.c");
	return e;
}

static void visit(struct demo *d, const struct yaml *y, size_t no, day_no day, size_t of_day)
{
	struct arena *a = d->op->arena;
	const struct yaml *family = yaml_get(y, STR("surnames")),
			  *given = yaml_get(y, STR("given")), *for_ = yaml_get(y, STR("for"));
	const struct yaml *why = for_->at[no % for_->n];
	str guard = of_day % 2 ? STR("guard3") : STR("guard1"), ref = str_fmt(a, "visit-%zu", no);
	struct json *f = demo_obj(a), *g = demo_obj(a);
	int64_t at = demo_at(d, day, 530 + (int)of_day * 190 + (int)demo_dice(d, 90));

	demo_put_s(a, f, "name",
		   str_fmt(a, "%.*s%.*s", STR_ARG(demo_word(family, no % family->n)),
			   STR_ARG(demo_word(given, (no * 5 + no / family->n) % given->n))));
	demo_put_s(a, f, "company", demo_word(why, 1));
	demo_put_s(a, f, "host", str_fmt(a, "%.*s.sy", STR_ARG(demo_word(why, 2))));
	demo_put_s(a, f, "purpose", demo_word(why, 0));
	at_gate(d, at, guard, "visitor", "arrive", ref, f);
	at_gate(d, at + (2 + demo_dice(d, 5)) * MS_MINUTE, demo_word(why, 2), "", "agree", ref,
		NULL);
	demo_put_s(a, g, "card", str_fmt(a, "V%02zu", 1 + no % 40));
	at_gate(d, at + 8 * MS_MINUTE, guard, "", "admit", ref, g);
	at_gate(d, at + (25 + demo_dice(d, 50)) * MS_MINUTE, guard, "", "leave", ref, NULL);
}

enum err demo_gate_make(struct demo *d)
{
	day_no last = instant_day(d->o->at_ms, d->clock->utc_offset_ms) - 1;
	const struct yaml *y;
	struct calendar cal;
	size_t no = 0;

	TRY(demo_yaml(d, "routine.yaml", &y));
	TRY(demo_calendar(d, &cal));
	for (day_no day = day_of(2026, 9, 1); day <= last; day++)
		for (size_t i = 0; cal_school_day(&cal, day) && i < 2; i++)
			visit(d, yaml_get(y, STR("visitor")), no++, day, i);
	return ERR_OK;
}
