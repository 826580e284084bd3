/*
 * satisfy: records against occurrences. A record is judged once into deeds (one row a
 * duty and subject); matching is then a pure function of the stored deeds, occurrences,
 * ticks and unticks of one duty and subject, whatever came first. A preview runs the
 * same with the record's deeds in memory and writes nothing.
 */
#include "work/occur.h"

#include <assert.h>

#include "gen/q_step.h"
#include "work/events.h"
#include "work/submit.h"

/* A preview's record: sorts behind every stored one of the same doing time. */
#define PREVIEW_ID INT64_MAX

static bool proof_hears(const struct proof *f, str loop)
{
	for (size_t i = 0; i < f->part_n; i++)
		if (proof_hears(&f->part[i], loop))
			return true;
	return str_eq(f->loop, loop);
}

static bool duty_proved_by(const struct duty *d, str loop)
{
	for (size_t i = 0; i < d->proof_n; i++)
		if (proof_hears(&d->proof[i], loop))
			return true;
	return false;
}

static struct judged_record judged(struct rec *r, const struct vmap *after)
{
	return (struct judged_record){
		.id = r->row.id.v ? r->row.id.v : PREVIEW_ID, .loop = r->loop, .fields = &r->fields,
		.after = after, .past = r->past, .past_n = r->past_n, .is_void = r->row.is_void,
		.unit = r->row.unit_id,
	};
}

str deed_subject(struct arena *a, const struct deed *d, size_t i)
{
	return i < d->subject_n ? subject_key(a, &d->subject[i]) : STR("");
}

/* --- deeds as rows --- */

static void deed_from_row(const struct q_deeds_of_subject *row, struct deed *ret)
{
	*ret = (struct deed){
		.record = row->record_id.v, .part = row->part, .done_ms = row->done_at,
		.accepted_ms = row->accepted_at, .period = row->period, .doer = row->doer_id,
	};
	for (int w = WHY_NONE; w <= WHY_FILLED; w++)
		if (str_eq(row->why, w ? str_of(why_word((enum why)w)) : STR("")))
			ret->why = (enum why)w;
	if (row->subject.len && subject_parse(row->subject, &ret->subject[0]))
		ret->subject_n = 1;
	if (ret->subject_n && row->subject2.len && subject_parse(row->subject2, &ret->subject[1]))
		ret->subject_n = 2;
}

static str deed_why(const struct deed *d)
{
	return d->why ? str_of(why_word(d->why)) : STR("");
}

static bool deed_same(struct arena *a, const struct q_deeds_of_record *o, const struct duty *duty,
		const struct deed *d)
{
	return str_eq(o->duty, duty->m.id) && str_eq(o->subject, deed_subject(a, d, 0)) &&
			str_eq(o->subject2, deed_subject(a, d, 1))
		&& o->part == d->part;
}

static enum err deed_put(struct rec *r, const struct duty *duty, const struct deed *d)
{
	struct arena *a = r->op->arena;

	return q_deed_add(r->op, &(struct q_deed_add_in){
		.tenant = r->tenant, .duty = duty->m.id, .subject = deed_subject(a, d, 0),
		.subject2 = deed_subject(a, d, 1), .record = r->row.id, .part = d->part,
		.done_at = d->done_ms, .accepted_at = d->accepted_ms, .period = d->period,
		.why = deed_why(d), .doer_id = d->doer,
	});
}

/* --- one duty and subject --- */

struct touch { const struct duty *duty; str s1, s2; };
struct touches { struct touch *at; size_t n, cap; };

static void touch_note(struct arena *a, struct touches *ts, const struct duty *d, str s1, str s2)
{
	for (size_t i = 0; i < ts->n; i++)
		if (ts->at[i].duty == d && str_eq(ts->at[i].s1, s1) && str_eq(ts->at[i].s2, s2))
			return;
	struct touch *t = VEC_PUSH(a, ts);
	*t = (struct touch){ d, s1, s2 };
}

/* Keys of one duty and subject begin alike (rules/expand.h occurrence_key). */
static str key_prefix(struct arena *a, const struct touch *t)
{
	return str_fmt(a, "%.*s|%.*s%s%.*s|", STR_ARG(t->duty->m.id), STR_ARG(t->s1),
			t->s2.len ? "+" : "", STR_ARG(t->s2));
}

static str key_end(struct arena *a, str prefix)
{
	return str_fmt(a, "%.*s\x7f", STR_ARG(prefix));
}

struct group_rows {
	struct q_occurrence_get *row; struct occurrence *occ; size_t n;
	struct deed *deed; size_t deed_n;
	struct tick *tick; size_t tick_n;
	struct q_waived_between *waived; size_t waived_n;
};

static enum err group_ticks(struct op *op, const struct work *w, const struct touch *t,
			    const struct tick *more, size_t more_n, struct group_rows *g)
{
	struct q_ticks_between *row;
	size_t n;
	str from = key_prefix(op->arena, t), to = key_end(op->arena, from);

	TRY(q_ticks_between(op, w->org->tenant, from, to, &row, &n));
	g->tick = NEW_N(op->arena, n + more_n, struct tick);
	for (size_t i = 0; i < n; i++) {	/* the latest of a pair counts */
		size_t k = 0;

		while (k < g->tick_n && !(g->tick[k].record == row[i].record_id.v &&
				str_eq(g->tick[k].key, row[i].occurrence_key)))
			k++;
		g->tick[k] = (struct tick){ row[i].record_id.v, row[i].occurrence_key, row[i].un };
		if (k == g->tick_n)
			g->tick_n++;
	}
	for (size_t i = 0; i < more_n; i++)
		if (str_starts(more[i].key, from))
			g->tick[g->tick_n++] = more[i];
	return q_waived_between(op, w->org->tenant, from, to, &g->waived, &g->waived_n);
}

/* Occurrences, deeds (those of `mine` in place of its stored ones) and ticks of the group. */
static enum err group_load(struct op *op, const struct work *w, const struct touch *t,
			   const struct deeds *mine, int64_t mine_id, const struct tick *more,
			   size_t more_n, struct group_rows *g)
{
	struct q_occurrences_of_subject *row;
	struct q_deeds_of_subject *dr;
	size_t dn;

	*g = (struct group_rows){ 0 };
	TRY(q_occurrences_of_subject(op, w->org->tenant, t->duty->m.id, t->s1, t->s2, &row, &g->n));
	g->row = occ_rows(op->arena, row, g->n);
	g->occ = NEW_N(op->arena, g->n, struct occurrence);
	for (size_t i = 0; i < g->n; i++)
		if (!occ_from_row(op->arena, w->policy, &g->row[i], &g->occ[i]))
			return FAIL(op, ERR_CORRUPT, "任务 %.*s 的职责不在方案里", STR_ARG(g->row[i].key));
	TRY(q_deeds_of_subject(op, w->org->tenant, t->duty->m.id, t->s1, t->s2, &dr, &dn));
	g->deed = NEW_N(op->arena, dn + (mine ? mine->n : 0), struct deed);
	for (size_t i = 0; i < dn; i++)
		if (!mine || dr[i].record_id.v != mine_id)
			deed_from_row(&dr[i], &g->deed[g->deed_n++]);
	for (size_t i = 0; mine && i < mine->n; i++)
		if (str_eq(deed_subject(op->arena, &mine->at[i], 0), t->s1) &&
				str_eq(deed_subject(op->arena, &mine->at[i], 1), t->s2))
			g->deed[g->deed_n++] = mine->at[i];
	return group_ticks(op, w, t, more, more_n, g);
}

static void group_run(struct op *op, const struct work *w, const struct touch *t,
		const struct group_rows *g, struct match_out *out)
{
	match(op->arena, &(struct match_in){
		.duty = t->duty, .calendar = w->calendar, .occ = g->occ, .occ_n = g->n,
		.deed = g->deed, .deed_n = g->deed_n, .tick = g->tick, .tick_n = g->tick_n,
		.record_grace = work_duration(w, "record_grace", (struct duration){ 0, DUR_D }),
		.now_ms = op->now_ms,
	}, out);
}

static bool waived(const struct group_rows *g, str key)
{
	for (size_t i = 0; i < g->waived_n; i++)
		if (str_eq(g->waived[i].subject, key))
			return true;
	return false;
}

static const char *how_word(enum fill_how how)
{
	return how == FILL_ON_TIME ? "on-time" : how == FILL_LATE ? "late" : "entered-late";
}

static const char *occ_word(enum occ_state s)
{
	static const char *const word[] = { "planned", "open", "done", "missed", "waived", "void" };

	assert((size_t)s < sizeof(word) / sizeof(word[0]));
	return word[s];
}

static int64_t deed_time(const struct group_rows *g, int64_t record)
{
	int64_t at = 0;

	for (size_t i = 0; i < g->deed_n; i++)
		if (g->deed[i].record == record && g->deed[i].done_ms > at)
			at = g->deed[i].done_ms;
	return at;
}

/* --- writing the outcome --- */

static enum err occ_write(struct op *op, const struct work *w, const struct q_occurrence_get *was,
			  struct q_occurrence_get *now, const struct occurrence *o)
{
	struct tally_lines tw, tn;

	now->wake_at = occur_wake_at(op, w, o, now);
	if (str_eq(was->state, now->state) && str_eq(was->how, now->how) &&
	    was->record_id.v == now->record_id.v && was->done_at == now->done_at &&
	    was->wake_at == now->wake_at)
		return ERR_OK;
	TRY(q_occurrence_fill(op, &(struct q_occurrence_fill_in){
		.tenant = w->org->tenant, .id = now->id, .state = now->state, .how = now->how,
		.record = now->record_id, .done_at = now->done_at, .rung = now->rung,
		.owner_id = now->owner_id, .wake_at = now->wake_at,
	}));
	tallies_of_occurrence(op, was, &tw);
	tallies_of_occurrence(op, now, &tn);
	TRY(tallies_write(op, w->org->tenant, &tw, &tn));
	return occur_todo(op, w, now);
}

static enum err satisfaction_write(struct op *op, const struct work *w,
				   const struct q_occurrence_get *row, str duty,
				   const struct want *want, size_t n)
{
	struct q_satisfactions_of_occurrence *old;
	size_t old_n;

	TRY(q_satisfactions_of_occurrence(op, w->org->tenant, row->id, &old, &old_n));
	for (size_t i = 0; i < old_n; i++) {
		bool keep = false;

		for (size_t k = 0; k < n && !keep; k++)
			keep = want[k].record.v == old[i].record_id.v && str_eq(old[i].kind,
					str_of(want[k].kind))
				&& str_eq(old[i].how, str_of(want[k].how)) &&
						old[i].by_tick == want[k].by_tick;
		if (!keep)
			TRY(q_satisfaction_drop(op, w->org->tenant, old[i].record_id, row->id));
	}
	for (size_t k = 0; k < n; k++) {
		bool had = false;

		for (size_t i = 0; i < old_n && !had; i++)
			had = want[k].record.v == old[i].record_id.v && str_eq(old[i].kind,
					str_of(want[k].kind))
				&& str_eq(old[i].how, str_of(want[k].how)) &&
						old[i].by_tick == want[k].by_tick;
		if (!had)
			TRY(q_satisfaction_add(op, &(struct q_satisfaction_add_in){
				.tenant = w->org->tenant, .record = want[k].record,
				.occurrence = row->id, .kind = str_of(want[k].kind), .duty = duty,
				.how = str_of(want[k].how), .by_tick = want[k].by_tick,
			}));
	}
	return ERR_OK;
}

/* Who fills the occurrence, who proves it further, and its state by that. */
static struct settled occ_outcome(struct op *op, const struct group_rows *g,
		const struct match_out *out, size_t i)
{
	struct want *want = NEW_N(op->arena, 1 + out->further_n, struct want);
	struct settled s = { .was = g->row[i], .now = g->row[i], .want = want };
	struct q_occurrence_get *now = &s.now;

	now->how = STR("");
	now->record_id = (record_id){ 0 };
	now->done_at = 0;
	for (size_t k = 0; k < out->fill_n; k++) {
		if (out->fill[k].occ != i)
			continue;
		now->how = str_of(how_word(out->fill[k].how));
		now->record_id = (record_id){ out->fill[k].record };
		now->done_at = deed_time(g, out->fill[k].record);
		want[s.want_n++] = (struct want){ now->record_id, "fills",
				how_word(out->fill[k].how), out->fill[k].by_tick };
	}
	for (size_t k = 0; k < out->further_n; k++)
		if (out->further[k].occ == i)
			want[s.want_n++] = (struct want){ { out->further[k].record }, "further",
					"", false };
	if (g->occ[i].is_void)	/* a trigger cancelled after the deed takes nothing away */
		now->state = now->record_id.v ? STR("done") : STR("void");
	else
		now->state = str_of(occ_word(occurrence_state(&g->occ[i], now->record_id.v != 0,
				waived(g, now->key), op->now_ms)));
	return s;
}

/* *ret_undone: it was done and is not any more. */
static enum err occ_settle(struct op *op, const struct work *w, const struct touch *t,
			   const struct group_rows *g, const struct match_out *out, size_t i,
			   bool *ret_undone)
{
	struct settled s = occ_outcome(op, g, out, i);

	*ret_undone |= str_eq(s.was.state, STR("done")) && !str_eq(s.now.state, STR("done"));
	TRY(satisfaction_write(op, w, &s.was, t->duty->m.id, s.want, s.want_n));
	return occ_write(op, w, &s.was, &s.now, &g->occ[i]);
}

static enum err each_settle(struct op *op, const struct work *w, str duty);

static enum err group_settle(struct op *op, const struct work *w, const struct touch *t,
			     const struct group_rows *g, const struct match_out *out)
{
	bool undone = false;

	for (size_t i = 0; i < g->n; i++)
		TRY(occ_settle(op, w, t, g, out, i, &undone));
	if (undone)	/* what was kept only because it was done may not be expected any more */
		TRY(occur_of_duty(op, w, t->duty));
	TRY(each_settle(op, w, t->duty->m.id));
	return occur_windows(op, w, t->duty->m.id);
}

/* --- {each: {of: class, duty: d}}: done when all occurrences of d in the period are --- */

static bool each_of(const struct duty *d, str duty)
{
	return d->proof_n && d->proof[0].mode == PROOF_EACH && str_eq(d->proof[0].each_duty, duty);
}

/* False: it has no state of its own to settle. */
static bool each_outcome(struct op *op, const struct work *w, const struct q_occurrence_get *row,
		const struct q_occurrence_windows *win, size_t win_n, struct occurrence *o,
		struct q_occurrence_get *now)
{
	bool done = false;
	int64_t at = 0;

	*now = *row;
	for (size_t i = 0; i < win_n; i++)
		if (str_eq(win[i].period, row->period)) {
			done = win[i].total > 0 && win[i].done == win[i].total;
			at = win[i].last_done;
		}
	if (!occ_from_row(op->arena, w->policy, row, o) || o->is_void)
		return false;
	now->how = !done ? STR("") : at <= row->due_at ? STR("on-time") : STR("late");
	now->done_at = done ? at : 0;
	now->state = str_of(occ_word(occurrence_state(o, done, false, op->now_ms)));
	return true;
}

static enum err each_settle(struct op *op, const struct work *w, str duty)
{
	for (size_t i = 0; i < w->policy->duty_n; i++) {
		const struct duty *d = &w->policy->duty[i];
		struct q_occurrences_of_duty *row;
		struct q_occurrence_windows *win;
		size_t n, win_n;

		if (!each_of(d, duty))
			continue;
		TRY(q_occurrences_of_duty(op, w->org->tenant, d->m.id, &row, &n));
		TRY(q_occurrence_windows(op, w->org->tenant, duty, &win, &win_n));
		struct q_occurrence_get *g = occ_rows(op->arena, row, n);
		for (size_t k = 0; k < n; k++) {
			struct q_occurrence_get now;
			struct occurrence o;

			if (each_outcome(op, w, &g[k], win, win_n, &o, &now))
				TRY(occ_write(op, w, &g[k], &now, &o));
		}
	}
	return ERR_OK;
}

/* --- doors --- */

static enum err each_settled(struct op *op, const struct work *w, const struct duty *d,
		str subject, str subject2, struct settled **ret, size_t *ret_n)
{
	struct q_occurrences_of_subject *row;
	struct q_occurrence_windows *win;
	size_t n, win_n;

	TRY(q_occurrences_of_subject(op, w->org->tenant, d->m.id, subject, subject2, &row, &n));
	TRY(q_occurrence_windows(op, w->org->tenant, d->proof[0].each_duty, &win, &win_n));
	struct q_occurrence_get *g = occ_rows(op->arena, row, n);
	*ret = NEW_N(op->arena, n, struct settled);
	*ret_n = n;
	for (size_t i = 0; i < n; i++) {
		struct occurrence o;

		(*ret)[i].was = g[i];
		(void)each_outcome(op, w, &g[i], win, win_n, &o, &(*ret)[i].now);
	}
	return ERR_OK;
}

enum err group_settled(struct op *op, const struct work *w, const struct duty *d, str subject,
		str subject2, struct settled **ret, size_t *ret_n)
{
	struct touch t = { d, subject, subject2 };
	struct group_rows g;
	struct match_out out = { 0 };

	if (d->proof_n && d->proof[0].mode == PROOF_EACH)
		return each_settled(op, w, d, subject, subject2, ret, ret_n);
	TRY(group_load(op, w, &t, NULL, 0, NULL, 0, &g));
	group_run(op, w, &t, &g, &out);
	*ret = NEW_N(op->arena, g.n, struct settled);
	*ret_n = g.n;
	for (size_t i = 0; i < g.n; i++)
		(*ret)[i] = occ_outcome(op, &g, &out, i);
	return ERR_OK;
}

enum err match_group(struct op *op, const struct work *w, const struct duty *d, str subject,
		str subject2)
{
	struct touch t = { d, subject, subject2 };
	struct group_rows g;
	struct match_out out = { 0 };

	if (d->proof_n && d->proof[0].mode == PROOF_EACH)
		return each_settle(op, w, d->proof[0].each_duty);
	TRY(group_load(op, w, &t, NULL, 0, NULL, 0, &g));
	if (!g.n)
		return ERR_OK;
	group_run(op, w, &t, &g, &out);
	return group_settle(op, w, &t, &g, &out);
}

static enum err deeds_write(struct rec *r, const struct duty_deeds *dd, size_t dd_n,
		struct touches *ts)
{
	struct q_deeds_of_record *old;
	size_t old_n;

	TRY(q_deeds_of_record(r->op, r->tenant, r->row.id, &old, &old_n));
	for (size_t i = 0; i < old_n; i++) {
		bool keep = false;
		const struct duty *d = policy_duty(r->w->policy, old[i].duty);

		if (d)
			touch_note(r->op->arena, ts, d, old[i].subject, old[i].subject2);
		for (size_t k = 0; k < dd_n && !keep; k++)
			for (size_t m = 0; m < dd[k].deeds.n && !keep; m++)
				keep = deed_same(r->op->arena, &old[i], dd[k].duty,
						&dd[k].deeds.at[m]);
		if (!keep)
			TRY(q_deed_drop(r->op, &(struct q_deed_drop_in){
				.tenant = r->tenant, .duty = old[i].duty, .subject = old[i].subject,
				.subject2 = old[i].subject2, .record = r->row.id,
				.part = old[i].part,
			}));
	}
	for (size_t k = 0; k < dd_n; k++)
		for (size_t m = 0; m < dd[k].deeds.n; m++)
			TRY(deed_put(r, dd[k].duty, &dd[k].deeds.at[m]));
	return ERR_OK;
}

static enum err judge_all(struct rec *r, struct duty_deeds **ret, size_t *ret_n, struct touches *ts)
{
	struct arena *a = r->op->arena;
	struct duty_deeds *dd = NEW_N(a, r->w->policy->duty_n, struct duty_deeds);
	struct expand_in in = work_expand_in(r->op, r->w);
	const struct vmap *after = NULL;
	size_t n = 0;

	if (r->past_n > 1)	/* after the only step it holds what it holds */
		TRY(steps_after(r, &after));
	struct judged_record jr = judged(r, after);
	for (size_t i = 0; i < r->w->policy->duty_n; i++) {
		const struct duty *d = &r->w->policy->duty[i];

		if (!duty_proved_by(d, r->loop->m.id))
			continue;
		dd[n].duty = d;
		judge(a, &in, d, &jr, &dd[n].deeds);
		for (size_t k = 0; k < dd[n].deeds.n; k++)
			touch_note(a, ts, d, deed_subject(a, &dd[n].deeds.at[k], 0), deed_subject(a,
					&dd[n].deeds.at[k], 1));
		n++;
	}
	*ret = dd;
	*ret_n = n;
	return ERR_OK;
}

enum err deeds_judged(struct rec *r, struct duty_deeds **ret, size_t *ret_n)
{
	struct touches ts = { 0 };

	return judge_all(r, ret, ret_n, &ts);
}

static const struct deeds *deeds_for(const struct duty_deeds *dd, size_t n, const struct duty *d)
{
	static const struct deeds none;

	for (size_t i = 0; i < n; i++)
		if (dd[i].duty == d)
			return &dd[i].deeds;
	return &none;
}

static void result_add(struct op *op, const struct group_rows *g, const struct match_out *out,
		int64_t id, struct match_result *ret)
{
	for (size_t k = 0; k < out->fill_n; k++)
		if (out->fill[k].record == id) {
			struct match_fill *f = VEC_PUSH(op->arena, &ret->fill);

			*f = (struct match_fill){ g->row[out->fill[k].occ],
					how_word(out->fill[k].how), out->fill[k].by_tick };
		}
	for (size_t k = 0; k < out->almost_n; k++)
		if (out->almost[k].record == id) {
			struct match_almost *m = VEC_PUSH(op->arena, &ret->almost);

			*m = (struct match_almost){ g->row[out->almost[k].occ],
					out->almost[k].why };
		}
	for (size_t k = 0; k < out->further_n; k++)	/* further proof of what is done already */
		if (out->further[k].record == id) {
			struct match_almost *m = VEC_PUSH(op->arena, &ret->almost);

			*m = (struct match_almost){ g->row[out->further[k].occ], WHY_FILLED };
		}
}

enum err match_record(struct rec *r, const struct tick *tick, size_t tick_n, bool write,
		struct match_result *ret)
{
	struct touches ts = { 0 };
	size_t dd_n;
	int64_t id = r->row.id.v ? r->row.id.v : PREVIEW_ID;
	struct duty_deeds *dd;

	*ret = (struct match_result){ 0 };
	TRY(judge_all(r, &dd, &dd_n, &ts));
	if (write)
		TRY(deeds_write(r, dd, dd_n, &ts));
	for (size_t i = 0; i < ts.n; i++) {
		const struct touch *t = &ts.at[i];
		struct group_rows g;
		struct match_out out = { 0 };

		TRY(group_load(r->op, r->w, t, deeds_for(dd, dd_n, t->duty), id, tick, tick_n, &g));
		group_run(r->op, r->w, t, &g, &out);
		result_add(r->op, &g, &out, id, ret);
		if (write)
			TRY(group_settle(r->op, r->w, t, &g, &out));
	}
	return ERR_OK;
}
