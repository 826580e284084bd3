/*
 * people: what everybody gets in September: a responsibility letter that both sides sign,
 * and a work card. Two letters are not signed on 18 November (G305): one was rewritten in
 * November, one has been waiting since the autumn.
 */
#include "cli/demo/demo_int.h"

struct kind_row {
	const char *kind, *party, *post[9];
};

static const struct kind_row kinds[] = {
	{ "head", "", { "principal", "party-secretary" } },
	{ "leader", "principal", { "vice-principal" } },
	{ "department",
	  "principal",
	  { "safety-office", "moral-education", "office", "academic", "research", "logistics",
	    "union", "party-branch" } },
	{ "class-teacher", "moral", { "class-teacher" } },
	{ "teacher", "academic", { "subject-teacher", "youth-league" } },
	{ "worker", "logistics", { "doctor", "archivist", "canteen", "repairer" } },
	{ "guard", "safety", { "guard" } },
	{ "outsourced", "logistics", { "cleaner", "hired" } },
};

struct letters {
	struct demo *d;
	const struct yaml *people;
	size_t n; /* letters so far: spreads the days */
};

static struct deed_row *made(struct letters *l, int64_t at, str who, const char *loop,
			     const char *step, str ref, struct json *fields)
{
	struct deed_row *e = demo_event(l->d, at, who, str_of(loop), str_of(step), ref);

	e->fields = fields;
	e->source = STR("people.c");
	return e;
}

static bool of_kind(const struct kind_row *k, const struct yaml *person)
{
	str post = demo_word(person, 6);

	post = str_cut(&post, '@');
	for (size_t i = 0; i < 9 && k->post[i]; i++)
		if (str_eq(post, str_of(k->post[i])))
			return true;
	return false;
}

static bool later(const struct demo *d, const struct yaml *person)
{
	int64_t joined;

	return demo_time(d, demo_word(person, 5), &joined) && joined > d->started_ms + 10 * MS_DAY;
}

static str party_of(const struct kind_row *k, str login)
{
	if (*k->party)
		return str_of(k->party);
	return str_eq(login, STR("principal")) ? STR("secretary") : STR("principal");
}

static void signed_by(struct letters *l, int64_t at, str who, str ref)
{
	struct json *f = demo_obj(l->d->op->arena);

	demo_put_s(l->d->op->arena, f, "signed", STR("screen"));
	made(l, at, who, "", "sign", ref, f);
}

/* Offered on `day`, signed by him and then by the other side, filed when the archive comes by. */
static void letter(struct letters *l, const struct kind_row *k, const struct yaml *p, str ref,
		   day_no day)
{
	struct arena *a = l->d->op->arena;
	struct json *f = demo_obj(a);
	str login = demo_word(p, 0);
	bool waits = str_eq(login, STR("guard1")) || str_eq(login, STR("teacher1"));
	int64_t at = demo_at(l->d, day, 540 + (int)(l->n % 40));
	int64_t own = at + MS_DAY + (int64_t)demo_dice(l->d, 5) * MS_HOUR;
	int64_t other = demo_at(l->d, day + 6, 900 + (int)(l->n % 60));

	l->n++;
	made(l, at, STR("office"), "", "offer", ref, NULL);
	if (!waits)
		signed_by(l, own, login, ref);
	signed_by(l, other, party_of(k, login), ref);
	if (waits)
		return;
	demo_put_s(a, f, "paper_place", str_fmt(a, "1 柜 3 盒第 %zu 份", l->n));
	made(l, other + 7 * MS_DAY, STR("archivist"), "", "file", ref, f);
}

static void batch(struct letters *l, const struct kind_row *k)
{
	struct arena *a = l->d->op->arena;
	struct json *f = demo_obj(a), *who = demo_arr(a);
	str ref = str_fmt(a, "letters-%s", k->kind);
	day_no start = day_of(2026, 9, 1);

	demo_put_s(a, f, "kind", str_of(k->kind));
	demo_put_s(a, f, "period", STR("2026-2027"));
	for (size_t i = 0; i < l->people->n; i++) {
		const struct yaml *p = l->people->at[i];

		if (!of_kind(k, p) || later(l->d, p))
			continue;
		demo_push(a, who, demo_str(a, str_fmt(a, "%.*s.sy", STR_ARG(demo_word(p, 0)))));
		letter(l, k, p, str_fmt(a, "%.*s.%zu", STR_ARG(ref), who->n), start + 1);
	}
	demo_put(a, f, "people", who);
	made(l, demo_at(l->d, start, 870 + (int)(k - kinds)), STR("office"), "letter-batch",
	     "start-batch", ref, f);
}

/* Who came later: one letter of his own. */
static void late_letters(struct letters *l)
{
	struct arena *a = l->d->op->arena;

	for (size_t i = 0; i < l->people->n; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			const struct yaml *p = l->people->at[i];
			struct json *f = demo_obj(a);
			str ref = str_fmt(a, "letter-%.*s", STR_ARG(demo_word(p, 0)));
			int64_t joined;

			if (!of_kind(&kinds[k], p) || !later(l->d, p) ||
			    !demo_time(l->d, demo_word(p, 5), &joined))
				continue;
			demo_put_s(a, f, "person", str_fmt(a, "%.*s.sy", STR_ARG(demo_word(p, 0))));
			demo_put_s(a, f, "kind", str_of(kinds[k].kind));
			demo_put_s(a, f, "period", STR("2026-2027"));
			made(l, joined + 9 * MS_HOUR, STR("office"), "letter", "draft", ref, f);
			letter(l, &kinds[k], p, ref,
			       instant_day(joined, l->d->clock->utc_offset_ms) + 1);
		}
}

/* --- cards --- */

static void cards(struct letters *l)
{
	struct arena *a = l->d->op->arena;

	for (size_t i = 0; i < l->people->n; i++) {
		const struct yaml *p = l->people->at[i];
		struct json *f = demo_obj(a), *g = demo_obj(a);
		str ref = str_fmt(a, "card-%.*s", STR_ARG(demo_word(p, 0)));
		int64_t joined, at = demo_at(l->d, day_of(2026, 8, 26), 540 + (int)i);

		if (demo_time(l->d, demo_word(p, 5), &joined) && joined > l->d->started_ms)
			at = joined + 9 * MS_HOUR + (int64_t)i * MS_MINUTE;
		demo_put_s(a, f, "person", str_fmt(a, "%.*s.sy", STR_ARG(demo_word(p, 0))));
		demo_put_s(a, f, "kind", demo_word(p, 3));
		made(l, at, STR("office"), "card", "request", ref, f);
		demo_put_s(a, g, "card_no", demo_word(p, 2));
		made(l, at + 26 * MS_HOUR, STR("office"), "", "issue", ref, g);
	}
}

enum err demo_people_make(struct demo *d)
{
	struct letters l = { .d = d };
	const struct yaml *org;

	TRY(demo_yaml(d, "sy.yaml", &org));
	l.people = yaml_get(org, STR("people"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		batch(&l, &kinds[i]);
	late_letters(&l);
	cards(&l);
	return ERR_OK;
}
