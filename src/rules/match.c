/*
 * match: see match.h. Judging looks at one record; matching at sets. The order of the
 * arrays that come in never matters: everything is sorted by (doing time, record) and
 * (due, slot, key) first.
 */
#include "rules/match.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/date.h"

/* --- words --- */

static const struct { const char *word, *say; } whys[] = {
	[WHY_NONE] = { "", "" },
	[WHY_STATE] = { "state", "还没办到要求的那一步" },
	[WHY_WHERE] = { "where", "内容不合要求的条件" },
	[WHY_PERIOD] = { "period", "时间不在要求的期间内" },
	[WHY_PLACE] = { "place", "不是要求的区域" },
	[WHY_CLASS] = { "class", "不是要求的班级" },
	[WHY_PERSON] = { "person", "不是要求的人" },
	[WHY_ENTRY] = { "entry", "不是要求的主题或项目" },
	[WHY_UNIT] = { "unit", "不是要求的单位" },
	[WHY_APART] = { "apart", "与上一次间隔太近" },
	[WHY_UNTICKED] = { "unticked", "办理人没有勾选" },
	[WHY_FILLED] = { "already-filled", "已由别的记录完成" },
};

const char *why_word(enum why w)
{
	assert((size_t)w < sizeof(whys) / sizeof(whys[0]));
	return whys[w].word;
}

const char *why_say(enum why w)
{
	assert((size_t)w < sizeof(whys) / sizeof(whys[0]));
	return whys[w].say;
}

enum occ_state occurrence_state(const struct occurrence *o, bool filled, bool waived,
		int64_t now_ms)
{
	if (waived)
		return OCC_WAIVED;
	if (filled)
		return OCC_DONE;
	if (o->is_void)
		return OCC_VOID;
	if (now_ms < o->from_ms)
		return OCC_PLANNED;
	return now_ms >= o->late_to_ms ? OCC_MISSED : OCC_OPEN;
}

/* --- matching --- */

struct task {
	const struct match_in *in;
	struct arena *a;
	const struct deed **deed; size_t deed_n;	/* candidates, by (doing time, record) */
	const struct occurrence **occ;			/* by (due, slot, period) */
	size_t *occ_at;					/* their index in match_in.occ */
	int64_t *by;					/* record that fills occ[i], 0 none */
	bool *ticked;
	int64_t *filled_at; size_t filled_n;		/* doing times of what fills, for `apart` */
	struct match_out *out;
	size_t fill_cap, almost_cap, further_cap;
};

static int deed_cmp(const void *x, const void *y)
{
	const struct deed *a = *(const struct deed *const *)x, *b = *(const struct deed *const *)y;

	if (a->done_ms != b->done_ms)
		return a->done_ms < b->done_ms ? -1 : 1;
	return (a->record > b->record) - (a->record < b->record);
}

static int occ_cmp(const void *x, const void *y)
{
	const struct occurrence *a = *(const struct occurrence *const *)x,
			*b = *(const struct occurrence *const *)y;
	int c;

	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	c = str_cmp(a->period, b->period);
	return c ? c : str_cmp(a->trigger, b->trigger);
}

/* Of two parts: done when the later was, accepted when the later was. */
static void take_last(struct deed *all, const struct deed *d)
{
	int64_t accepted = all->accepted_ms > d->accepted_ms ? all->accepted_ms : d->accepted_ms;

	if (!all->record || d->done_ms > all->done_ms
	    || (d->done_ms == all->done_ms && d->record > all->record))
		*all = *d;
	all->accepted_ms = accepted;
}

/* {all: […]}: the n-th deed of every part together are one, done when the last of them was. */
static size_t combine(struct task *t, struct deed *ret)
{
	const struct proof *f = t->in->duty->proof_n ? &t->in->duty->proof[0] : NULL;
	size_t parts = f && f->mode == PROOF_ALL ? f->part_n : 0, n = 0;

	for (size_t round = 0; parts; round++) {
		struct deed all = { .record = 0 };
		size_t have = 0;

		for (size_t p = 0; p < parts; p++) {
			size_t seen = 0;

			for (size_t i = 0; i < t->deed_n; i++) {
				const struct deed *d = t->deed[i];

				if ((size_t)d->part != p || seen++ != round)
					continue;
				have++;
				take_last(&all, d);
			}
		}
		if (have < parts)
			break;
		ret[n++] = all;
	}
	return n;
}

static void candidates(struct task *t)
{
	const struct match_in *in = t->in;

	t->deed = NEW_N(t->a, in->deed_n, const struct deed *);
	for (size_t i = 0; i < in->deed_n; i++)
		if (in->deed[i].why == WHY_NONE)
			t->deed[t->deed_n++] = &in->deed[i];
	qsort(t->deed, t->deed_n, sizeof(t->deed[0]), deed_cmp);
	if (!in->duty->proof_n || in->duty->proof[0].mode != PROOF_ALL)
		return;
	struct deed *whole = NEW_N(t->a, t->deed_n, struct deed);
	size_t n = combine(t, whole);
	for (size_t i = 0; i < n; i++)
		t->deed[i] = &whole[i];
	t->deed_n = n;
}

static str key_of(struct task *t, size_t i)
{
	return occurrence_key(t->a, t->occ[i]);
}

static bool unticked(struct task *t, size_t i, int64_t record)
{
	str key = STR_NONE;

	for (size_t k = 0; k < t->in->tick_n; k++) {
		if (!t->in->tick[k].un || t->in->tick[k].record != record)
			continue;
		key = key.len ? key : key_of(t, i);
		if (str_eq(t->in->tick[k].key, key))
			return true;
	}
	return false;
}

static bool takes(const struct occurrence *o, const struct deed *d)
{
	return !o->is_void || d->done_ms < o->void_ms;
}

/*
 * What the record says it is about, where its way of proving asks. A duty born of a closed
 * window is about that window: its key ends with the day on which the window begins.
 */
static bool period_fits(const struct task *t, const struct occurrence *o, const struct deed *d)
{
	str rest = o->trigger, word = STR_NONE;
	struct period p;
	int64_t day;

	if (!d->period.len || str_eq(o->period, d->period))
		return true;
	if (!str_starts(rest, STR("window:")) || !period_parse(t->in->calendar, d->period, &p))
		return false;
	while (rest.ptr)
		word = str_cut(&rest, ':');
	return str_to_i64(word, &day) && p.start == day;
}

static bool in_window(const struct occurrence *o, const struct deed *d)
{
	return o->from_ms <= d->done_ms && d->done_ms < o->to_ms;
}

static bool too_near(const struct task *t, const struct deed *d)
{
	struct duration apart = t->in->duty->apart;
	bool exact = apart.unit == DUR_M || apart.unit == DUR_H;
	const struct calendar *c = t->in->calendar;

	for (size_t i = 0; t->in->duty->has_apart && i < t->filled_n; i++) {
		int64_t a = d->done_ms, b = t->filled_at[i];
		int64_t early = a < b ? a : b, late = a < b ? b : a;
		int64_t limit = apart.n || exact ? cal_limit(c, early, apart) : early;

		/* in days, days are counted: the whole of the last one will do */
		if (limit == INSTANT_OPEN || (!exact && apart.n
		    ? instant_day(late, c->utc_offset_ms) < instant_day(limit - 1, c->utc_offset_ms)
		    : late < limit))
			return true;
	}
	return false;
}

static bool fills_already(const struct task *t, int64_t record)
{
	for (size_t i = 0; i < t->in->occ_n; i++)
		if (t->by[i] == record)
			return true;
	return false;
}

static enum fill_how how_of(const struct task *t, const struct occurrence *o, const struct deed *d)
{
	if (o->due_ms == INSTANT_OPEN)
		return FILL_ON_TIME;
	if (d->done_ms >= o->due_ms)
		return FILL_LATE;
	/* in days from the day that the due ends; an hour is exact */
	bool exact = t->in->record_grace.unit == DUR_M || t->in->record_grace.unit == DUR_H;
	int64_t limit = cal_limit(t->in->calendar, exact ? o->due_ms : o->due_ms - 1,
			t->in->record_grace);
	return d->accepted_ms < limit ? FILL_ON_TIME : FILL_ENTERED_LATE;
}

static void fill(struct task *t, size_t i, const struct deed *d, bool by_tick)
{
	t->by[i] = d->record;
	t->ticked[i] = by_tick;
	t->filled_at[t->filled_n++] = d->done_ms;
	struct match_out *o = t->out;
	struct filled *f = &o->fill[o->fill_n++];
	*f = (struct filled){ .occ = t->occ_at[i], .record = d->record, .by_tick = by_tick };
	f->how = how_of(t, t->occ[i], d);
}

static bool named(struct task *t, size_t i, int64_t record)
{
	str key = key_of(t, i);

	for (size_t k = 0; k < t->in->tick_n; k++)
		if (!t->in->tick[k].un && t->in->tick[k].record == record &&
				str_eq(t->in->tick[k].key, key))
			return true;
	return false;
}

static void almost(struct task *t, size_t i, int64_t record, enum why why)
{
	t->out->almost[t->out->almost_n++] = (struct almost){ t->occ_at[i], record, why };
}

static bool said(const struct task *t, int64_t record)
{
	for (size_t i = 0; i < t->out->almost_n; i++)
		if (t->out->almost[i].record == record)
			return true;
	return false;
}

/*
 * What people named: earliest doing time first; until late-to, also outside the window. A tick
 * stands for the window only: what `same` and `apart` ask is asked of it too.
 */
static void by_ticks(struct task *t)
{
	for (size_t k = 0; k < t->deed_n && t->in->tick_n; k++)
		for (size_t i = 0; i < t->in->occ_n; i++) {
			const struct deed *d = t->deed[k];

			if (t->by[i] || fills_already(t, d->record) || !named(t, i, d->record) ||
					unticked(t, i, d->record) ||
					!period_fits(t, t->occ[i], d))
				continue;
			if (!takes(t->occ[i], d) || d->done_ms >= t->occ[i]->late_to_ms)
				continue;
			if (!too_near(t, d))
				fill(t, i, d, true);
			else if (!said(t, d->record))
				almost(t, i, d->record, WHY_APART);
		}
}

static bool eligible(struct task *t, size_t i, const struct deed *d)
{
	return !t->by[i] && takes(t->occ[i], d) && in_window(t->occ[i], d) &&
			period_fits(t, t->occ[i], d)
		&& !unticked(t, i, d->record);
}

/* The rest, each to the open occurrence with the earliest due whose window holds it. */
static void by_themselves(struct task *t)
{
	for (size_t k = 0; k < t->deed_n && !t->in->duty->tick_ask; k++) {
		const struct deed *d = t->deed[k];

		if (fills_already(t, d->record))
			continue;
		for (size_t i = 0; i < t->in->occ_n; i++) {
			if (!eligible(t, i, d))
				continue;
			if (!too_near(t, d))
				fill(t, i, d, false);
			else if (!said(t, d->record))
				almost(t, i, d->record, WHY_APART);
			break;
		}
	}
}

/* A deed that fills nothing: further proof of what another filled, or why it does not count. */
static void leftover(struct task *t, const struct deed *d)
{
	size_t open = SIZE_MAX;

	if (said(t, d->record))
		return;
	for (size_t i = 0; i < t->in->occ_n; i++) {
		/* "A pair under an untick is none": neither a filling nor further proof */
		if (in_window(t->occ[i], d) && unticked(t, i, d->record)) {
			almost(t, i, d->record, WHY_UNTICKED);
			return;
		}
		if (t->by[i] && d->why == WHY_NONE && in_window(t->occ[i], d) &&
				period_fits(t, t->occ[i], d)) {
			t->out->further[t->out->further_n].occ = t->occ_at[i];
			t->out->further[t->out->further_n++].record = d->record;
			return;
		}
		if (!t->by[i] && !t->occ[i]->is_void && open == SIZE_MAX &&
		    d->done_ms < t->occ[i]->late_to_ms && t->occ[i]->from_ms <= t->in->now_ms)
			open = i;
	}
	/* one whose window holds it is nearer than any other */
	for (size_t i = 0; i < t->in->occ_n; i++)
		if (!t->by[i] && !t->occ[i]->is_void && in_window(t->occ[i], d)) {
			open = i;
			break;
		}
	if (open == SIZE_MAX)
		return;
	/* off by default (tick: ask): nobody named it */
	bool asked = t->in->duty->tick_ask && in_window(t->occ[open], d) &&
			period_fits(t, t->occ[open], d);
	almost(t, open, d->record, d->why ? d->why : asked ? WHY_UNTICKED : WHY_PERIOD);
}

static void leftovers(struct task *t)
{
	for (size_t k = 0; k < t->deed_n; k++)
		if (!fills_already(t, t->deed[k]->record))
			leftover(t, t->deed[k]);
	for (size_t k = 0; k < t->in->deed_n; k++)
		if (t->in->deed[k].why != WHY_NONE && !fills_already(t, t->in->deed[k].record))
			leftover(t, &t->in->deed[k]);
}

static int index_cmp(const void *x, const void *y)
{
	const struct filled *a = x, *b = y;

	return (a->occ > b->occ) - (a->occ < b->occ);
}

void match(struct arena *a, const struct match_in *in, struct match_out *ret)
{
	struct task t = { .in = in, .a = a, .out = ret };
	struct { const struct occurrence *o; } *sorted;

	*ret = (struct match_out){ .fill = NEW_N(a, in->occ_n, struct filled), .almost = NEW_N(a,
			in->deed_n + in->occ_n, struct almost) };
	ret->further = arena_alloc_n(a, in->deed_n, sizeof(ret->further[0]));
	t.occ = NEW_N(a, in->occ_n, const struct occurrence *);
	t.occ_at = NEW_N(a, in->occ_n, size_t);
	t.by = NEW_N(a, in->occ_n, int64_t);
	t.ticked = NEW_N(a, in->occ_n, bool);
	t.filled_at = NEW_N(a, in->occ_n, int64_t);
	sorted = arena_alloc_n(a, in->occ_n, sizeof(sorted[0]));
	for (size_t i = 0; i < in->occ_n; i++)
		sorted[i].o = &in->occ[i];
	qsort(sorted, in->occ_n, sizeof(sorted[0]), occ_cmp);
	for (size_t i = 0; i < in->occ_n; i++) {
		t.occ[i] = sorted[i].o;
		t.occ_at[i] = (size_t)(sorted[i].o - in->occ);
	}
	candidates(&t);
	by_ticks(&t);
	by_themselves(&t);
	leftovers(&t);
	qsort(ret->fill, ret->fill_n, sizeof(ret->fill[0]), index_cmp);
}
