/*
 * routine: what recurs in a term: plates on the walls, rosters, the sweep of each keeper
 * every month, the rounds of the property staff every week, the daily confirmation of the
 * shifts. Days without school are those of the calendar.
 */
#include "cli/demo/demo_int.h"

#include "org/org.h"
#include "store/store.h"

struct routine {
	struct demo *d;
	const struct yaml *y, *places, *people;
	struct calendar cal;
	day_no first, last; /* of the story: 1 September to the day of "now" */
};

static struct deed_row *made(struct routine *r, int64_t at, str who, const char *loop,
			     const char *step, str ref, struct json *fields)
{
	struct deed_row *e = demo_event(r->d, at, who, str_of(loop), str_of(step), ref);

	e->fields = fields;
	e->source = STR("routine.yaml");
	return e;
}

static str place_word(const struct yaml *row, size_t i)
{
	return demo_word(row, i);
}

/* --- plates --- */

static void plates(struct routine *r)
{
	struct arena *a = r->d->op->arena;
	const struct yaml *spots = yaml_get(r->y, STR("spots"));
	day_no printed = day_of(2026, 9, 3), posted = day_of(2026, 9, 8);

	for (size_t i = 0; i < r->places->n; i++) {
		str code = place_word(r->places->at[i], 0), ref = str_fmt(a, "plate-%zu", i);
		struct json *f = demo_obj(a), *g = demo_obj(a);

		/* two hang nowhere yet (G301) */
		if (str_eq(code, STR("W-P02")) || str_eq(code, STR("Z3-B01")))
			continue;
		demo_put_s(a, f, "place", code);
		made(r, demo_at(r->d, printed, 540 + (int)i), STR("logistics"), "plate", "print",
		     ref, f);
		demo_put_s(a, g, "spot", demo_word(spots, i % spots->n));
		made(r, demo_at(r->d, posted, 900 + (int)i), STR("logistics"), "", "post", ref, g);
	}
}

/* --- sweeps by checklist --- */

static struct json *swept(struct routine *r, const struct yaml *place)
{
	struct arena *a = r->d->op->arena;
	const struct yaml *items = yaml_get(yaml_get(r->y, STR("items")), place_word(place, 1));
	struct json *row = demo_obj(a), *list = demo_arr(a);

	demo_put_s(a, row, "place", place_word(place, 0));
	demo_put_s(a, row, "result", STR("good"));
	for (size_t i = 0; items && i < items->n; i++) {
		struct json *it = demo_obj(a);

		demo_put_s(a, it, "item", demo_word(items, i));
		demo_put_s(a, it, "result", STR("good"));
		demo_push(a, list, it);
	}
	demo_put(a, row, "items", list);
	return row;
}

/* Who looks at a place: its daily keeper; where there is none, his chief does it for now. */
static str sweeper(const struct yaml *place)
{
	str who = place_word(place, 6);

	if (!str_eq(who, STR("-")))
		return who;
	return str_eq(place_word(place, 0), STR("W-P02")) ? STR("subject1") : STR("logistics");
}

static void sweep_of(struct routine *r, str who, int64_t at)
{
	struct arena *a = r->d->op->arena;
	struct json *f = demo_obj(a), *rows = demo_arr(a);

	for (size_t i = 0; i < r->places->n; i++)
		if (str_eq(sweeper(r->places->at[i]), who))
			demo_push(a, rows, swept(r, r->places->at[i]));
	if (!rows->n)
		return;
	demo_put_s(a, f, "done_at",
		   instant_format(a, at - 10 * MS_MINUTE, r->d->clock->utc_offset_ms));
	demo_put(a, f, "rows", rows);
	made(r, at, who, "inspection", "file", STR(""), f);
}

static void sweeps(struct routine *r)
{
	for (size_t i = 0; i < r->people->n; i++)
		for (int month = 9; month <= 11; month++) {
			day_no from = day_of(2026, month, month == 11 ? 9 : 14);
			day_no day = from + (day_no)demo_dice(r->d, month == 11 ? 14 : 10);

			while (!cal_school_day(&r->cal, day))
				day++;
			sweep_of(r, demo_word(r->people->at[i], 0),
				 demo_at(r->d, day, 960 + (int)demo_dice(r->d, 60)));
		}
}

/* --- rounds of the property staff, once a week --- */

static void round_of(struct routine *r, const struct yaml *route, int64_t at)
{
	struct arena *a = r->d->op->arena;
	struct json *f = demo_obj(a), *rows = demo_arr(a);

	for (size_t i = 2; i < route->n; i++) {
		struct json *row = demo_obj(a);

		demo_put_s(a, row, "place", demo_word(route, i));
		demo_push(a, rows, row);
	}
	demo_put_s(a, f, "team", demo_word(route, 1));
	demo_put_s(a, f, "done_at",
		   instant_format(a, at - 5 * MS_MINUTE, r->d->clock->utc_offset_ms));
	demo_put(a, f, "rows", rows);
	made(r, at, demo_word(route, 0), "round", "file", STR(""), f);
}

static void rounds(struct routine *r)
{
	const struct yaml *routes = yaml_get(r->y, STR("routes"));

	for (day_no d = r->first; d <= r->last; d++)
		for (size_t i = 0; day_weekday(d) == 2 && i < routes->n; i++)
			round_of(r, routes->at[i], demo_at(r->d, d, 420 + 20 * (int)i));
	/* the guard who came in October goes the way of guard1 */
	for (day_no d = day_of(2026, 10, 13); d <= r->last; d++) {
		struct yaml route = *routes->at[3];
		struct yaml *words[4] = { &(struct yaml){ .s = STR("guard4") }, route.at[1],
					  route.at[2], route.at[3] };

		route.at = words;
		if (day_weekday(d) == 4)
			round_of(r, &route, demo_at(r->d, d, 1180));
	}
}

/* --- the shifts of the day, confirmed once --- */

static void confirmations(struct routine *r)
{
	static const char *const leader[] = { "",	  "vice",      "safety", "moral",
					      "academic", "logistics", "office", "office" };
	struct arena *a = r->d->op->arena;

	for (day_no d = r->first; d <= r->last; d++) {
		struct json *f = demo_obj(a);

		if (!cal_school_day(&r->cal, d))
			continue;
		demo_put_s(a, f, "roster", STR("duty-day"));
		demo_put_s(a, f, "day", date_format(a, d));
		made(r, demo_at(r->d, d, 1095), str_of(leader[day_weekday(d)]), "shift-log",
		     "confirm", STR(""), f);
	}
}

/* --- rosters: each teacher has one day a week --- */

static void seat(struct routine *r, struct json *rows, const char *roster, const char *weekday,
		 str place, str who, const char *slot)
{
	struct arena *a = r->d->op->arena;
	struct json *row = demo_obj(a), *days = demo_arr(a);

	demo_put_s(a, row, "roster", str_of(roster));
	if (weekday) {
		demo_push(a, days, demo_str(a, str_of(weekday)));
		demo_put(a, row, "weekday", days);
	}
	if (place.len)
		demo_put_s(a, row, "place", place);
	if (slot)
		demo_put_s(a, row, "slot", str_of(slot));
	demo_put_s(a, row, "person", str_fmt(a, "%.*s.sy", STR_ARG(who)));
	demo_push(a, rows, row);
}

#define TEACHERS_FROM 12 /* rows of sy.yaml: 24 class teachers, then 17 others */
#define TEACHERS_N 41

static void seats_of_day(struct routine *r, struct json *rows, size_t day, const char *weekday)
{
	static const char *const gate[] = { "W-E01", "W-W02" }, *const by[] = { "guard1",
										"guard3" };
	static const char *const at_gate[] = { "arrival", "noon", "dismissal" };
	static const char *const breaks[] = { "A1-S01", "A1-S02", "B1-S01", "B1-S02", "W-P01" };
	static const char *const leader[] = { "vice", "safety", "moral", "academic", "logistics" };
	size_t next = day * 8;

	for (size_t g = 0; g < 2; g++)
		for (size_t k = 0; k < 3; k++) {
			for (size_t i = 0; i < 4; i++)
				seat(r, rows, at_gate[k], weekday, str_of(gate[g]),
				     demo_word(r->people->at[TEACHERS_FROM +
							     (next + g * 4 + i) % TEACHERS_N],
					       0),
				     NULL);
			seat(r, rows, at_gate[k], weekday, str_of(gate[g]), str_of(by[g]), NULL);
		}
	for (size_t i = 0; i < 5; i++)
		seat(r, rows, "breaks", weekday, str_of(breaks[i]),
		     demo_word(r->people->at[TEACHERS_FROM + (next + 9 + i * 5) % TEACHERS_N], 0),
		     NULL);
	seat(r, rows, "duty-day", weekday, STR(""), str_of(leader[day]), NULL);
}

static void roster(struct routine *r, const char *title, day_no from, day_no to, day_no drawn)
{
	static const char *const week[] = { "mon", "tue", "wed", "thu", "fri" };
	struct arena *a = r->d->op->arena;
	struct json *f = demo_obj(a), *rows = demo_arr(a), *g = demo_obj(a);
	str ref = str_fmt(a, "roster-%s", title);

	demo_put_s(a, f, "title", str_of(title));
	demo_put_s(a, f, "from_on", date_format(a, from));
	demo_put_s(a, f, "to_on", date_format(a, to));
	made(r, demo_at(r->d, drawn, 840), STR("moral"), "roster-plan", "draft", ref, f);
	for (size_t i = 0; i < 5; i++)
		seats_of_day(r, rows, i, week[i]);
	seat(r, rows, "gate-watch", NULL, STR("W-E02"), STR("guard1"), "06:30-18:30");
	seat(r, rows, "gate-watch", NULL, STR("W-E02"), STR("guard2"), "18:30-06:30");
	demo_put(a, g, "shifts", rows);
	made(r, demo_at(r->d, drawn, 900), STR("moral"), "", "issue", ref, g);
}

/* --- all --- */

enum err demo_calendar(struct demo *d, struct calendar *ret)
{
	struct scope sc;
	struct op op;

	demo_op(d, NULL, &sc, &op);
	op.arena = d->op->arena;
	TRY(store_reader_take(&op, d->db, &op.store));
	struct store *reader = op.store;
	enum err e = store_read_begin(&op);
	if (!e)
		e = org_calendar_load(&op, d->school, ret);
	store_read_end(&op);
	store_reader_give(reader);
	return e ? FAIL(d->op, e, "%s", op.errmsg) : ERR_OK;
}

enum err demo_routine_make(struct demo *d)
{
	struct routine r = { .d = d,
			     .first = day_of(2026, 9, 1),
			     .last = instant_day(d->o->at_ms, d->clock->utc_offset_ms) - 1 };
	const struct yaml *org;

	TRY(demo_yaml(d, "routine.yaml", &r.y));
	TRY(demo_yaml(d, "sy.yaml", &org));
	TRY(demo_calendar(d, &r.cal));
	r.places = yaml_get(org, STR("places"));
	r.people = yaml_get(org, STR("people"));
	plates(&r);
	sweeps(&r);
	rounds(&r);
	confirmations(&r);
	roster(&r, "九月值守排班", r.first, day_of(2026, 9, 30), day_of(2026, 8, 27));
	roster(&r, "十月值守排班", day_of(2026, 10, 1), day_of(2026, 10, 31), day_of(2026, 9, 24));
	roster(&r, "十一月值守排班", day_of(2026, 11, 1), day_of(2026, 11, 30),
	       day_of(2026, 10, 27));
	return ERR_OK;
}
