/*
 * record: the page of a record of any loop, from its declaration: where it stands, what
 * I may do now, what it holds, what has been done by whom in which post, what it satisfies. No
 * subject is named here; a loop that a pack brings tomorrow has this page.
 */
#include "web/page/record.h"

#include "base/pubid.h"
#include "web/forms.h"
#include "web/page/step.h"
#include "web/routes.h"

#include "gen/html_record.h"

#define PHOTOS_SHOWN 2
#define SEEN_SHOWN 4
#define HEAP_SEEN 100
#define HEAP_SOON_MS (14LL * 86400000)	/* what is due in months is no heap */
#define TAKERS_MAX 300

/* --- words --- */

static str say_field(struct op *op, const struct record_page *r, const struct field *f,
		     const struct value *v)
{
	struct resolver names = fields_names(r->work);

	return field_say(op->arena, r->v.policy, f, v, &names, page_utc(op));
}

static const struct file_row *file_of(const struct record_view *v, int64_t id)
{
	for (size_t i = 0; i < v->file_n; i++)
		if (v->file[i].id.v == id)
			return &v->file[i];
	return NULL;
}

static size_t photos_of(struct op *op, const struct record_page *r, const struct value *v,
			str label, bool after, struct html_photo *ret)
{
	size_t n = 0;

	for (size_t i = 0; v && v->kind == V_LIST && i < v->list.n; i++) {
		const struct file_row *f = file_of(&r->v, v->list.at[i].id);

		if (!f || !str_starts(f->type, STR("image/")))
			continue;
		ret[n].url = page_url(op, "/files/", f->id.v, "");
		ret[n].thumb = ret[n].url;
		ret[n].alt = label;
		ret[n].after = after;
		n++;
	}
	return n;
}

/* --- head --- */

static void fill_banner(struct op *op, const struct record_page *r, struct html_record *v)
{
	bool late = !r->v.final && r->v.due_ms <= op->now_ms;

	if (r->v.is_void) {
		v->banner_bold = STR("已作废");
		v->banner = STR("编号保留，不再计入任何统计");
		v->banner_tone = STR("amber");
		v->banner_icon = STR("ban");
		return;
	}
	if (!late)
		return;
	v->banner_bold = say_left(op, r->v.due_ms);
	v->banner = r->v.state->m.label;
	v->banner_tone = STR("red");
	v->banner_icon = STR("alert-triangle");
	v->due_text = say_due(op, r->v.due_ms, true);
}

static void fill_tags(struct op *op, const struct record_page *r, struct html_record *v)
{
	const struct loop *lp = r->v.loop;
	struct html_tag *tag = NEW_N(op->arena, lp->index.n + 2, struct html_tag);

	tag[v->tags_n++] = (struct html_tag){ .label = r->v.state->m.label,
					      .tone = r->v.final ? STR("green") : STR("blue") };
	for (size_t i = 0; i < lp->index.n; i++) {
		const struct field *f = loop_field(lp, lp->index.at[i]);
		const struct value *now = vmap_get(&r->v.fields, lp->index.at[i]);

		if (f && now && f->type == F_CHOICE)
			tag[v->tags_n++] = (struct html_tag){ .label = say_field(op, r, f, now),
							      .tone = STR("line") };
		if (v->tags_n && grave(tag[v->tags_n - 1].label)) {
			tag[v->tags_n - 1].tone = STR("solid-red");
			tag[v->tags_n - 1].icon = STR("alert-triangle");
		}
	}
	if (r->v.sealed)
		tag[v->tags_n++] = (struct html_tag){ .label = STR("限定范围"), .tone = STR("violet"),
						      .icon = STR("lock") };
	v->tags = tag;
}

static void fill_metas(struct op *op, const struct record_page *r, struct html_record *v)
{
	struct html_task_fact *m = NEW_N(op->arena, 4, struct html_task_fact);
	str place = place_name(r->work, r->v.place), who = person_name(r->work, r->v.creator);
	str at = say_moment(op, r->v.created_ms);

	if (place.len)
		m[v->metas_n++].text = place;
	m[v->metas_n++].text = str_fmt(op->arena, "%.*s %.*s", STR_ARG(who), STR_ARG(at));
	if (!r->v.final && r->v.due_ms != INSTANT_OPEN)
		m[v->metas_n++].text = say_left(op, r->v.due_ms);
	if (r->v.again_n)
		m[v->metas_n++] = (struct html_task_fact){
			.text = str_fmt(op->arena, "同处第 %d 次出现", r->v.again_n + 1),
			.tone = STR("amber"),
		};
	v->metas = m;
}

/* --- stations --- */

static int8_t ring_of(const struct loop *lp, str state)
{
	int i = loop_state(lp, state);

	return i < 0 ? 0 : lp->state[i].ring;
}

/* The step that left station `n` behind, the latest one. */
static const struct step_row *step_past(const struct record_page *r, int8_t n)
{
	const struct step_row *found = NULL;

	for (size_t i = 0; i < r->v.step_n; i++) {
		const struct step_row *s = &r->v.step[i];
		int8_t from = ring_of(r->v.loop, s->from_state), to = ring_of(r->v.loop,
			s->to_state);

		if (!s->undone &&
		    ((from <= n && to > n) || (n == 5 && to == 5) || (n == 1 && !found)))
			found = s;
	}
	return found;
}

static void fill_stages(struct op *op, const struct record_page *r, struct html_record *v)
{
	struct html_stage *st = NEW_N(op->arena, 5, struct html_stage);
	int8_t now = r->v.state->ring;

	v->state_note = str_fmt(op->arena, "现在：%.*s", STR_ARG(r->v.state->m.label));
	if (!loop_has_stages(r->v.loop) || !now)
		return;
	for (int8_t n = 1; n <= 5; n++) {
		bool done = n < now || r->v.final;
		const struct step_row *s = done ? step_past(r, n) : NULL;

		st[n - 1] = (struct html_stage){
			.n = n, .label = str_of(stage_names[n - 1]), .done = done,
			.now = n == now && !r->v.final,
			.date = s ? say_date(op, s->at_ms) : STR_NONE,
			.who = s ? s->doer_name : STR_NONE,
		};
		if (n == now && !r->v.final && r->v.owners.n)
			st[n - 1].who = person_name(r->work, r->v.owners.at[0].person);
	}
	v->stages = st;
	v->stages_n = 5;
}

/* --- what it holds --- */

static const struct step_row *correction_of(const struct record_page *r, str field)
{
	const struct step_row *found = NULL;

	for (size_t i = 0; i < r->v.step_n; i++)
		if (str_eq(r->v.step[i].step, STR("correct")) &&
		    vmap_named(&r->v.step[i].fields, field))
			found = &r->v.step[i];
	return found;
}

/* What a field held before a step. */
static const struct value *value_before(const struct record_page *r, const struct step_row *at,
	str field)
{
	const struct value *v = NULL;

	for (const struct step_row *s = r->v.step; s != at; s++)
		if (!s->undone && vmap_named(&s->fields, field))
			v = vmap_get(&s->fields, field);
	return v;
}

static void fact_view(struct op *op, const struct record_page *r, const struct field *f,
		      const struct value *now, struct html_fact *h)
{
	const struct step_row *fixed = correction_of(r, f->m.id);
	const struct value *old = fixed ? value_before(r, fixed, f->m.id) : NULL;

	*h = (struct html_fact){ .label = f->m.label };
	if (f->type == F_FILES) {
		struct html_photo *photos = NEW_N(op->arena, now->kind == V_LIST ? now->list.n : 0,
						  struct html_photo);

		h->photos_n = photos_of(op, r, now, f->m.label, false, photos);
		h->photos = photos;
		return;
	}
	h->value = say_field(op, r, f, now);
	if (f->type == F_PLACE && now->kind == V_REF)
		h->value_url = page_url(op, "/places/", now->id, "");
	if ((f->type == F_RECORD || f->type == F_ASSET) && now->kind == V_REF)
		h->value_url = page_url(op, "/records/", now->id, "");
	if (old && !value_eq(old, now)) {
		h->old = say_field(op, r, f, old);
		h->old_why = str_fmt(op->arena, "%.*s %.*s", STR_ARG(fixed->doer_name),
			STR_ARG(fixed->body));
	}
}

static void fill_facts(struct op *op, const struct record_page *r, struct html_record *v)
{
	const struct loop *lp = r->v.loop;
	struct html_fact *facts = NEW_N(op->arena, lp->field_n, struct html_fact);

	for (size_t i = 0; i < lp->field_n; i++) {
		const struct value *now = vmap_get(&r->v.fields, lp->field[i].m.id);

		if (now && !(now->kind == V_FLAG && !now->flag))
			fact_view(op, r, &lp->field[i], now, &facts[v->facts_n++]);
	}
	v->facts = facts;
}

/* Whoever decides sees the pictures where he decides. */
static void fill_seen(struct op *op, struct html_record *v)
{
	struct html_photo *p = NEW_N(op->arena, SEEN_SHOWN, struct html_photo);

	v->seen = p;
	for (size_t i = 0; i < v->facts_n && !v->before_n; i++)
		for (size_t k = 0; k < v->facts[i].photos_n && v->seen_n < SEEN_SHOWN; k++)
			p[v->seen_n++] = v->facts[i].photos[k];
}

/* The first picture of the first step that has one, and the last one: before and after. */
static void fill_photos(struct op *op, const struct record_page *r, struct html_record *v)
{
	struct html_photo *p = NEW_N(op->arena, PHOTOS_SHOWN, struct html_photo);
	size_t images = 0;

	for (size_t i = 0; i < r->v.file_n; i++) {
		const struct file_row *f = &r->v.file[i];

		if (!str_starts(f->type, STR("image/")))
			continue;
		images++;
		p[images > 1] = (struct html_photo){
			.url = page_url(op, "/files/", f->id.v, ""),
			.thumb = page_url(op, "/files/", f->id.v, ""),
			.alt = images > 1 ? STR("最后一张照片") : STR("第一张照片"), .after = images > 1,
			.label = images > 1 ? STR("最新") : STR("最初"),
		};
	}
	v->before = p;
	v->before_n = images > 1 ? PHOTOS_SHOWN : 0;
	v->photos_note = str_fmt(op->arena, "共 %zu 张", images);
}

/* --- what has been done --- */

static str tone_of(const struct record_page *r, const struct step_row *s, bool newest)
{
	int8_t from = ring_of(r->v.loop, s->from_state), to = ring_of(r->v.loop, s->to_state);

	if (newest && !r->v.final)
		return STR("now");
	return from && to && to < from ? STR("bad") : STR("ok");
}

static str icon_of(const struct record_page *r, const struct step_row *s)
{
	static const struct { const char *word, *icon; } acts[] = {
		{ "undo", "arrow-back-up" }, { "void", "ban" }, { "correct", "edit" },
		{ "reassign", "user-share" }, { "remind", "bell-ringing" }, { "comment",
			"message" },
		{ "lapse", "clock" },
	};
	int i;

	for (size_t k = 0; s->built_in && k < sizeof(acts) / sizeof(acts[0]); k++)
		if (str_eq(s->step, str_of(acts[k].word)))
			return str_of(acts[k].icon);
	i = loop_step_index(r->v.loop, s->step);
	return i < 0 ? STR("circle-dot") : step_icon(r->v.loop, &r->v.loop->step[i]);
}

static void item_facts(struct op *op, const struct record_page *r, const struct step_row *s,
		       struct html_tl_item *h)
{
	const struct loop *lp = r->v.loop;
	struct html_fact *facts = NEW_N(op->arena, lp->field_n, struct html_fact);

	for (size_t i = 0; i < lp->field_n; i++) {
		const struct value *v = vmap_get(&s->fields, lp->field[i].m.id);

		if (!v || lp->field[i].type == F_COMPUTED || (v->kind == V_FLAG && !v->flag))
			continue;
		facts[h->facts_n] = (struct html_fact){ .label = lp->field[i].m.label };
		if (lp->field[i].type == F_FILES) {
			struct html_photo *p = NEW_N(op->arena, v->kind == V_LIST ? v->list.n : 0,
						     struct html_photo);

			facts[h->facts_n].photos_n = photos_of(op, r, v, lp->field[i].m.label,
				false, p);
			facts[h->facts_n].photos = p;
		} else {
			facts[h->facts_n].value = say_field(op, r, &lp->field[i], v);
		}
		h->facts_n++;
	}
	h->facts = facts;
}

static void item_view(struct op *op, const struct record_page *r, const struct step_row *s,
		      bool newest, struct html_tl_item *h)
{
	struct html_who *who = NEW(op->arena, struct html_who);

	*who = page_who(op->arena, s->doer, s->doer_name);
	*h = (struct html_tl_item){
		.icon = icon_of(r, s), .tone = tone_of(r, s, newest), .title = s->label,
		.at = say_moment(op, s->at_ms), .who = s->doer_name.len ? who : NULL,
		.post = s->post_label.len ? s->post_label : s->doer_post,
		.said = s->built_in ? s->body : STR_NONE, .undone = s->undone,
	};
	if (s->typist.v && s->typist.v != s->doer.v)
		h->behalf = str_fmt(op->arena, "%.*s代录", STR_ARG(s->typist_name));
	if (!s->doer_name.len)
		h->post = STR("系统按期自动办理");
	if (s != r->v.step)	/* the first step is what stands under 内容 */
		item_facts(op, r, s, h);
}

static void fill_timeline(struct op *op, const struct record_page *r, struct html_record *v)
{
	struct html_tl_item *items = NEW_N(op->arena, r->v.step_n + 1, struct html_tl_item);
	size_t n = 0;

	if (!r->v.final && r->v.due_ms != INSTANT_OPEN) {
		str who = r->v.owners.n ? person_name(r->work,
			r->v.owners.at[0].person) : STR("还没有人");

		items[n++] = (struct html_tl_item){
			.icon = STR("calendar-event"), .future = true, .title = r->v.state->m.label,
			.at = say_due(op, r->v.due_ms, r->v.due_ms <= op->now_ms),
			.said = str_fmt(op->arena, "由 %.*s 办理", STR_ARG(who)),
		};
	}
	for (size_t i = r->v.step_n; i-- > 0;)
		item_view(op, r, &r->v.step[i], i == r->v.step_n - 1, &items[n++]);
	v->timeline = items;
	v->timeline_n = n;
	v->timeline_note = str_fmt(op->arena, "%zu 条，最新在前", r->v.step_n);
}

/* --- what may be done --- */

/*
 * How far a step leads from here; going back comes last. The usual next one is the shortest way
 * on.
 */
static int reach(const struct record_page *r, const struct step *step)
{
	int here = r->v.state->ring, to = step->to < 0 ? here : r->v.loop->state[step->to].ring;

	return to > here ? to - here : to == here ? 10 : 20;
}

static size_t usual_step(const struct record_page *r)
{
	size_t best = 0;

	for (size_t i = 1; i < r->v.next_n; i++)
		if (reach(r, r->v.next[i].step) < reach(r, r->v.next[best].step))
			best = i;
	return best;
}

static enum err fill_steps(struct req *rq, struct reply *rp, const struct record_page *r,
			   struct html_record *v)
{
	struct op *op = rq->op;
	struct html_fold_form *f = NEW_N(op->arena, r->v.next_n, struct html_fold_form);

	for (size_t k = 0, usual = usual_step(r); k < r->v.next_n; k++) {
		/* The usual step first, the others in their order. */
		size_t i = k == 0 ? usual : k <= usual ? k - 1 : k;
		const struct next_step *next = &r->v.next[i];
		bool asked = r->typed && str_eq(r->typed->step, next->step->m.id);
		struct html_step_form *form = NEW(op->arena, struct html_step_form);
		const struct step_page s = {
			.work = r->work, .policy = r->v.policy, .loop = r->v.loop, .next = next,
			.record = r->v.id, .version = r->v.version, .known = &r->v.fields,
			.typed = asked ? r->typed : NULL, .preview = asked ? r->preview : NULL,
			.url = page_url(op, "/records/", r->v.id.v, "/steps"),
		};

		TRY(step_form_view(rq, rp, &s, form));
		f[k] = (struct html_fold_form){
			.id = next->step->m.id, .label = next->step->m.label, .form = form,
			.icon = step_icon(r->v.loop, next->step),
			.hint = next->verdict == MAY_OVERRIDE ? STR("要写理由") : STR_NONE,
			.open = r->typed ? asked : k == 0,
		};
	}
	v->steps = f;
	v->steps_n = r->v.next_n;
	if (r->v.next_n) {
		v->read_first = r->v.next[usual_step(r)].step->sign;
		v->act_label = f[0].label;
		v->act_url = STR("#next");
		v->shell.has_act = v->shell.no_tabs = true;
	}
	return ERR_OK;
}

static void fill_wait(struct op *op, const struct record_page *r, struct html_record *v)
{
	VEC(str) names = { 0 };
	str all;

	if (r->v.final || r->v.is_void)
		return;
	for (size_t i = 0; i < r->v.owners.n; i++)
		*VEC_PUSH(op->arena, &names) = person_name(r->work, r->v.owners.at[i].person);
	all = str_join(op->arena, names.at, names.n, STR("、"));
	v->wait_note = names.n ? str_fmt(op->arena, "%.*s，现在由 %.*s 办理。",
					 STR_ARG(r->v.state->m.label), STR_ARG(all))
			       : str_fmt(op->arena, "%.*s，但现在没有人能办，请在责任网格里补上。",
					 STR_ARG(r->v.state->m.label));
}

/* The field whose person acts next, when the owner of the state is one: what can be reassigned. */
static str owner_field(const struct record_page *r)
{
	str text = r->v.state->owner_text, lead = STR("field:");

	return str_starts(text, lead) ? str_slice(text, lead.len, text.len) : STR_NONE;
}

static void fill_oversee(struct req *rq, struct reply *rp, const struct record_page *r,
			 struct html_record *v)
{
	struct op *op = rq->op;
	struct html_oversee *o = NEW(op->arena, struct html_oversee);
	VEC(struct html_opt) takers = { 0 };
	const struct org_view *org = r->work->org;

	if (!r->v.oversees)
		return;
	o->owner = r->v.owners.n ? person_name(r->work, r->v.owners.at[0].person) : STR("办理人");
	o->why = STR("这件事已经到期，按规定告知您督促。您可以催办、改派或留言，不能代为办理。");
	o->url = page_url(op, "/records/", r->v.id.v, "/oversee");
	o->csrf = rq_csrf(rq, rp);
	o->version = str_fmt(op->arena, "%lld", (long long)r->v.version);
	o->owner_note = str_fmt(op->arena, "办理人 %.*s", STR_ARG(o->owner));
	for (size_t i = 0; owner_field(r).len && i < org->person_n && takers.n < TAKERS_MAX; i++)
		if (org->person[i].from_ms <= op->now_ms && op->now_ms < org->person[i].to_ms)
			*VEC_PUSH(op->arena, &takers) = (struct html_opt){
				.value = page_id(op, org->person[i].id.v),
				.label = org->person[i].name,
			};
	o->takers = takers.at;
	o->takers_n = takers.n;
	v->oversee = o;
}

static void fill_mend(struct req *rq, struct reply *rp, const struct record_page *r,
		      struct html_record *v)
{
	struct op *op = rq->op;
	struct html_mend *m = NEW(op->arena, struct html_mend);
	int64_t left = (r->v.undo_until_ms - op->now_ms) / 1000;

	m->csrf = rq_csrf(rq, rp);
	m->version = str_fmt(op->arena, "%lld", (long long)r->v.version);
	if (r->v.can_undo && left > 0) {
		m->undo_url = page_url(op, "/records/", r->v.id.v, "/undo");
		m->undo_label = str_fmt(op->arena, "撤销刚才的办理，还剩 %lld 秒", (long long)left);
	}
	if (r->v.can_correct)
		m->correct_url = page_url(op, "/records/", r->v.id.v, "/correct");
	if (r->v.can_void) {
		m->void_url = page_url(op, "/records/", r->v.id.v, "/void");
		m->void_note = STR("编号保留");
	}
	if (m->undo_url.len || m->correct_url.len || m->void_url.len)
		v->mend = m;
}

/* --- what it is good for --- */

static void fill_satisfied(struct op *op, const struct record_page *r, struct html_record *v)
{
	struct html_satisfied *s = NEW_N(op->arena, r->v.satisfied_n, struct html_satisfied);

	for (size_t i = 0; i < r->v.satisfied_n; i++) {
		const struct satisfied *at = &r->v.satisfied[i];
		str clauses = say_clauses(op->arena, &at->clauses);

		s[i] = (struct html_satisfied){
			.label = str_fmt(op->arena, "%.*s%s%.*s%s%.*s", STR_ARG(at->label),
					 at->subject.len ? " · " : "", STR_ARG(at->subject),
					 clauses.len ? " · " : "", STR_ARG(clauses)),
			.reason = at->reason,
		};
	}
	v->satisfied = s;
	v->satisfied_n = r->v.satisfied_n;
	v->satisfied_count = (int64_t)r->v.satisfied_n;
}

static void fill_links(struct op *op, const struct record_page *r, struct html_record *v)
{
	struct html_linked *l = NEW_N(op->arena, r->v.child_n + 2, struct html_linked);

	if (r->v.parent.v)
		l[v->links_n++] = (struct html_linked){
			.url = page_url(op, "/records/", r->v.parent.v, ""), .label = STR("来自这条记录"),
			.how = STR("由它生成"),
		};
	if (r->v.again_of.v)
		l[v->links_n++] = (struct html_linked){ .url = page_url(op, "/records/",
			r->v.again_of.v, ""),
							.label = STR("上一次"), .how = STR("同处再次出现") };
	for (size_t i = 0; i < r->v.child_n; i++)
		l[v->links_n++] = (struct html_linked){
			.url = page_url(op, "/records/", r->v.child[i].v, ""),
			.label = STR("由这条生成的记录"), .how = STR("自动生成"),
		};
	v->links = l;
}

static void fill_clauses(struct op *op, const struct record_page *r, struct html_record *v)
{
	const struct strs *ids = &r->v.loop->m.clauses;
	struct html_pair *p = NEW_N(op->arena, ids->n, struct html_pair);

	for (size_t i = 0; i < ids->n; i++) {
		const struct clause *c = policy_clause(r->v.policy, ids->at[i]);

		if (c)
			p[v->clauses_n++] = (struct html_pair){ .term = ids->at[i],
				.value = c->title };
	}
	v->clauses = p;
}

static void fill_proof(struct op *op, const struct record_page *r, struct html_record *v)
{
	int64_t last = 0;
	struct html_proof *p = NEW(op->arena, struct html_proof);

	for (size_t i = 0; i < r->v.step_n; i++)
		last = r->v.step[i].event_seq > last ? r->v.step[i].event_seq : last;
	if (!last)
		return;
	p->number = say_number(op->arena, last);
	if (scope_can(op->scope, CAP_AUDIT))
		p->url = str_fmt(op->arena, "/ledger?from=%lld", (long long)last);
	v->proof = p;
}

/* After one of a heap, the next: five reports are read without going back to the list. */
static enum err fill_more(struct req *rq, const struct record_page *r, struct html_record *v)
{
	struct op *op = rq->op;
	struct tasks open = { 0 };
	const struct task *next = NULL;
	size_t n = 0;

	if (!v->shell.toast || !op->scope->person.v)
		return ERR_OK;
	TRY(tasks_list(op, TASKS_OPEN, (person_id){ 0 }, 0, 0, HEAP_SEEN, &open));
	for (size_t i = 0; i < open.n; i++) {
		const struct task *t = &open.at[i];

		if (!t->record.v || !t->loop || !str_eq(t->loop->m.id, r->v.loop->m.id) ||
		    t->record.v == r->v.id.v || !str_eq(t->item, STR("step")) ||
		    (next && !str_eq(t->steps, next->steps)))
			continue;
		n++;
		next = next ? next : t;
	}
	if (!next || !r->v.step_n || next->due_ms > op->now_ms + HEAP_SOON_MS)
		return ERR_OK;
	v->more_text = str_fmt(op->arena, "还有 %zu 条%.*s：%.*s", n, STR_ARG(next->steps),
			       STR_ARG(next->detail));
	v->more_url = page_url(op, "/records/", next->record.v, "#next");
	for (size_t i = 0; i < next->step_ids.n && n > 1; i++) {
		int at = loop_step_index(next->loop, next->step_ids.at[i]);

		for (size_t k = 0; at >= 0 && next->loop->step[at].batch &&
		     k < next->loop->state_n; k++)
			if (str_eq(next->loop->state[k].m.label, next->steps))
				v->heap_url = str_fmt(op->arena, "/loops/%.*s?state=%.*s",
					STR_ARG(next->loop->m.id),
					STR_ARG(next->loop->state[k].m.id));
	}
	return ERR_OK;
}

/* --- all of it --- */

enum err record_show(struct req *rq, struct reply *rp, const struct record_page *r)
{
	struct op *op = rq->op;
	struct html_record v = { .number = r->v.number, .heading = r->v.title.len ? r->v.title
							       : r->v.loop->m.label };
	str list = str_fmt(op->arena, "/loops/%.*s", STR_ARG(r->v.loop->m.id));

	TRY(page_shell(rq, rp, r->work, r->v.number.len ? r->v.number : v.heading, TAB_LOOPS,
		&v.shell));
	v.shell.back = list;
	page_crumbs(rq, &v.shell, (const str[]){ r->v.loop->m.label, list, v.shell.title, STR_NONE,
						 STR_NONE });
	v.print_url = page_url(op, "/records/", r->v.id.v, "/print");
	fill_banner(op, r, &v);
	fill_tags(op, r, &v);
	fill_metas(op, r, &v);
	fill_stages(op, r, &v);
	TRY(fill_steps(rq, rp, r, &v));
	fill_wait(op, r, &v);
	fill_oversee(rq, rp, r, &v);
	fill_mend(rq, rp, r, &v);
	fill_photos(op, r, &v);
	fill_facts(op, r, &v);
	fill_seen(op, &v);
	TRY(fill_more(rq, r, &v));
	fill_timeline(op, r, &v);
	fill_satisfied(op, r, &v);
	fill_links(op, r, &v);
	fill_clauses(op, r, &v);
	fill_proof(op, r, &v);
	html_record(&rp->body, &v);
	return ERR_OK;
}

enum err record_read(struct req *rq, struct record_page *ret)
{
	struct record_page r = { 0 };

	TRY(work_load(rq->op, rq->op->scope->tenant, &r.work));
	TRY(record_view(rq->op, (record_id){ rq->id }, &r.v));
	*ret = r;
	return ERR_OK;
}

enum err page_record(struct req *rq, struct reply *rp)
{
	struct record_page r;

	TRY(record_read(rq, &r));
	return record_show(rq, rp, &r);
}
