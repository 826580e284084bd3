/*
 * step: drawing the form of a step, and taking it. See step.h. The answer to a form that
 * does not fit is the same form with what was typed; pictures that were sent are kept and
 * named by their id, so that nobody takes them twice.
 */
#include "web/page/step.h"

#include "auth/auth.h"
#include "base/hash.h"
#include "base/image.h"
#include "base/pubid.h"
#include "rules/match.h"
#include "store/blob.h"
#include "web/forms.h"

#include "gen/html_almost.h"
#include "gen/html_field_error.h"
#include "gen/html_hidden.h"
#include "gen/html_hit.h"
#include "gen/html_preview.h"

#define PASSWORD_FRESH_MS (10 * MS_MINUTE)

str step_icon(const struct loop *lp, const struct step *step)
{
	if (step->by_clock)
		return STR("clock");
	if (step->sign)
		return STR("signature");
	if (step->to >= 0 && lp->state[step->to].final)
		return STR("circle-check");
	return step->from_start ? STR("edit") : STR("arrow-right");
}

/* --- what it satisfies --- */

static void hit_view(struct op *op, const struct satisfied *s, struct html_hit *h)
{
	str clauses = say_clauses(op->arena, &s->clauses);

	*h = (struct html_hit){
		.id = s->occurrence.v ? page_id(op, s->occurrence.v) : STR_NONE,
		.label = s->occurrence.v
			 ? str_fmt(op->arena, "%.*s%s%.*s%s%.*s", STR_ARG(s->label),
				   s->subject.len ? " · " : "", STR_ARG(s->subject),
				   clauses.len ? " · " : "", STR_ARG(clauses))
			 : str_fmt(op->arena, "%.*s %.*s", STR_ARG(clauses), STR_ARG(s->label)),
		.reason = s->reason, .on = true, .credited = !s->occurrence.v,
	};
}

const struct html_preview *satisfied_view(struct op *op, const struct satisfied *sat, size_t n,
					  const struct almost_row *almost, size_t almost_n,
					  bool after)
{
	struct html_preview *p = NEW(op->arena, struct html_preview);
	struct html_hit *hits = NEW_N(op->arena, n, struct html_hit);
	struct html_almost *rows = NEW_N(op->arena, almost_n, struct html_almost);

	for (size_t i = 0; i < n; i++) {
		hit_view(op, &sat[i], &hits[i]);
		hits[i].credited |= after;	/* it is done: nothing to untick here */
	}
	for (size_t i = 0; i < almost_n; i++)
		rows[i] = (struct html_almost){
			.label = str_fmt(op->arena, "%.*s%s%.*s", STR_ARG(almost[i].label),
					 almost[i].subject.len ? " · " : "",
					 STR_ARG(almost[i].subject)),
			.why = almost[i].say.len ? almost[i].say : str_of(why_say(almost[i].why)),
		};
	*p = (struct html_preview){ .n = (int64_t)n, .hits = hits, .hits_n = n, .almosts = rows,
				    .almosts_n = almost_n, .after = after };
	return n || almost_n ? p : NULL;
}

/* --- the form --- */

static void fill_errors(struct op *op, struct html_step_form *h)
{
	VEC(struct html_field_error) all = { 0 };

	for (const struct field_error *e = op->field_errors; e; e = e->next) {
		str rest = e->field, name = str_cut(&rest, '.');

		*VEC_PUSH(op->arena, &all) = (struct html_field_error){
			.id = name.len ? str_fmt(op->arena, "f-%.*s-set", STR_ARG(name)) : h->id,
			.message = e->message,
		};
	}
	if (!all.n && op->errmsg[0])
		*VEC_PUSH(op->arena, &all) = (struct html_field_error){ .id = h->id,
							.message = str_of(op->errmsg) };
	h->errors = all.at;
	h->errors_n = all.n;
}

/* Only when more than one of my posts fits must I say which. */
static void fill_hats(struct op *op, const struct step_page *s, struct html_step_form *h)
{
	struct html_opt *o = NEW_N(op->arena, s->next->hat_n, struct html_opt);

	if (s->next->hat_n < 2)
		return;
	for (size_t i = 0; i < s->next->hat_n; i++) {
		const struct who_hit *hat = &s->next->hats[i];
		const struct post *post = policy_post(s->work->policy, hat->post);

		o[i] = (struct html_opt){ .value = page_id(op, hat->appointment.v),
					  .label = post ? post->m.label : hat->post,
					  .on = hat->appointment.v == op->scope->appointment.v };
	}
	h->hats = o;
	h->hats_n = s->next->hat_n;
}

static bool in_distinct(const struct step *st, const struct field *f)
{
	for (size_t i = 0; i < st->distinct.n; i++)
		if (str_eq(st->distinct.at[i], f->m.id))
			return true;
	return false;
}

/*
 * Two fields that must differ, and one has its rule applied only on sending: a person proposed for
 * the other now may turn out to be the same one. Then both are left to their rules.
 */
static const struct form_field *undecided(struct op *op, const struct step_page *s)
{
	const struct next_step *n = s->next;
	struct form_field *form = NEW_N(op->arena, n->form_n, struct form_field);
	bool later = false;

	memcpy(form, n->form, n->form_n * sizeof(*form));
	for (size_t i = 0; i < n->form_n; i++)
		later |= in_distinct(n->step, form[i].field) && form[i].preset.kind == V_NONE &&
			(form[i].field->dflt || form[i].field->dflt_who);
	for (size_t i = 0; i < n->form_n && later; i++)
		if (in_distinct(n->step, form[i].field) && form[i].field->dflt_who &&
		    !(s->known && vmap_get(s->known, form[i].field->m.id)))
			form[i].preset = VALUE_NONE;
	return form;
}

static enum err fill_fields(struct op *op, const struct step_page *s, struct html_step_form *h)
{
	struct fields c = {
		.work = s->work, .policy = s->policy, .loop = s->loop, .known = s->known,
		.person = op->scope->person, .typed = s->typed ? &s->typed->f : NULL,
		.more = s->typed ? s->typed->more : STR_NONE,
	};
	struct html_field *first, *more;
	const struct form_field *form = undecided(op, s);

	TRY(fields_view(op, &c, form, s->next->form_n, true, &first, &h->fields_n));
	TRY(fields_view(op, &c, form, s->next->form_n, false, &more, &h->more_n));
	h->fields = first;
	h->more = more;
	return ERR_OK;
}

enum err step_form_view(struct req *rq, struct reply *rp, const struct step_page *s,
			struct html_step_form *ret)
{
	struct op *op = rq->op;
	const struct step *step = s->next->step;
	bool back = s->next->verdict == MAY_OVERRIDE;
	struct html_step_form h = {
		.id = str_fmt(op->arena, "s-%.*s", STR_ARG(step->m.id)),
		.url = s->url,
		.csrf = rq_csrf(rq, rp),
		.step = step->m.id,
		.help = step->m.help,
		.key = s->typed && s->typed->key.len ? s->typed->key : page_key(op),
		.version =
			s->record.v ? str_fmt(op->arena, "%lld", (long long)s->version) : STR_NONE,
		.draft = s->record.v ? str_fmt(op->arena, "%.*s.%lld", STR_ARG(step->m.id),
					       (long long)s->record.v)
				     : str_fmt(op->arena, "%.*s.%.*s", STR_ARG(s->loop->m.id),
					       STR_ARG(step->m.id)),
		.kept = s->typed != NULL,
		.button = step->m.label,
		.button_kind = STR("btn-primary"),
		.can_preview = true,
		.override = back ? STR("现在还不满足办理条件。确需办理，请写明理由") : STR_NONE,
		.ask_password =
			step->sign && op->now_ms - op->scope->password_at_ms > PASSWORD_FRESH_MS,
		.password_error = s->typed ? rq_fault(rq, STR("password")) : STR_NONE,
	};

	if (s->typed)
		fill_errors(op, &h);
	fill_hats(op, s, &h);
	TRY(fill_fields(op, s, &h));
	if (s->preview)
		h.preview = satisfied_view(op, s->preview->satisfied, s->preview->satisfied_n,
					   s->preview->almost, s->preview->almost_n, false);
	*ret = h;
	return ERR_OK;
}

/* --- taking it --- */

static enum err keep_file(struct req *rq, const struct upload *up, struct new_file *ret)
{
	struct op *op = rq->op;
	struct image image;
	str bytes;

	TRY(upload_bytes(op, up, &bytes));
	*ret = (struct new_file){ .type = STR("application/octet-stream"), .name = up->name };
	if (image_sniff(bytes) != IMAGE_NONE) {
		TRY(image_strip(op, up->field, bytes, &image));
		bytes = image.bytes;
		ret->type = image_type(image.kind);
		ret->width = (int32_t)image.width;
		ret->height = (int32_t)image.height;
	}
	ret->size = (int64_t)bytes.len;
	return blob_put(op, page_site(rq)->db, bytes, &ret->hash);
}

static enum err keep_files(struct req *rq, const struct form_step *f, struct taking *t)
{
	struct new_file *file = NEW_N(rq->op->arena, f->files.n, struct new_file);
	str *field = NEW_N(rq->op->arena, f->files.n, str);

	for (size_t i = 0; i < f->files.n; i++) {
		if (!f->files.at[i]->size)	/* an input that was left empty */
			continue;
		TRY(keep_file(rq, f->files.at[i], &file[t->file_n]));
		field[t->file_n++] = f->files.at[i]->field;
	}
	t->file = file;
	t->file_field = field;
	return ERR_OK;
}

/* Signing asks for the password again. Runs on a worker, where a slow hash harms nobody. */
static enum err check_password(struct req *rq, const struct step *step, const struct form_step *f,
			       struct taking *t)
{
	struct op *op = rq->op;
	struct origin from = { op->scope->login, rq->client, rq_cookie(rq, STR("device")) };
	struct sign_in account;

	if (!step->sign)
		return ERR_OK;
	if (op->now_ms - op->scope->password_at_ms <= PASSWORD_FRESH_MS) {
		t->in.password_fresh = true;
		return ERR_OK;
	}
	if (!f->password.len)
		return INVALID(op, STR("password"), "请输入登录密码，确认是您本人签字");
	TRY(sign_in_find(op, &from, &account));
	if (!account.known || !password_verify(account.encoded, f->password))
		return INVALID(op, STR("password"), "密码不对，请重新输入");
	t->in.password_fresh = true;
	t->password_ok = true;
	t->session = op->scope->session;
	return ERR_OK;
}

static bool has_word(const struct strs *all, str word)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->at[i], word))
			return true;
	return false;
}

/* Seen and not kept is unticked. */
static void fill_ticks(struct op *op, const struct form_step *f, struct submit *in)
{
	str *un = NEW_N(op->arena, f->seen.n, str);

	for (size_t i = 0; i < f->seen.n; i++)
		if (!has_word(&f->keep, f->seen.at[i]))
			un[in->ticks.untick_n++] = f->seen.at[i];
	in->ticks.untick = un;
	in->ticks.tick = f->tick.at;
	in->ticks.tick_n = f->tick.n;
}

/* What makes a repeat the same: every name and value but the token and the password. */
static struct hash hash_of_form(const struct req *rq)
{
	struct hash_state st;

	hash_begin(&st);
	for (size_t i = 0; i < rq->typed->pair.n; i++) {
		const struct form_pair *p = &rq->typed->pair.at[i];

		if (str_eq(p->name, STR("csrf")) || str_eq(p->name, STR("password")))
			continue;
		hash_add(&st, p->name);
		hash_add(&st, STR("="));
		hash_add(&st, p->value);
		hash_add(&st, STR("\n"));
	}
	return hash_end(&st);
}

enum err step_take(struct req *rq, const struct loop *lp, const struct step *step,
		   const struct submit *in, struct taking **ret)
{
	const struct form_step *f = rq->form;
	struct taking *t = NEW(rq->op->arena, struct taking);

	t->in = *in;
	t->loop = lp;
	t->form = f;
	t->back = reply_is_local(f->back) ? f->back : STR_NONE;
	t->in.as = (appointment_id){ f->as.id };
	t->in.on_behalf = (person_id){ f->behalf.id };
	t->in.reason = f->override_reason;
	t->in.client_key = f->key;
	t->in.client_hash = hash_of_form(rq);
	fill_ticks(rq->op, f, &t->in);
	TRY(check_password(rq, step, f, t));
	TRY(keep_files(rq, f, t));
	*ret = t;
	return ERR_OK;
}

enum err step_run(struct op *op, void *arg)
{
	struct taking *t = arg;
	struct form_pair *stored = NEW_N(op->arena, t->file_n, struct form_pair);
	struct form_pairs files = { stored, t->file_n };

	for (size_t i = 0; i < t->file_n; i++) {
		file_id id;

		TRY(file_add(op, &t->file[i], &id));
		stored[i] = (struct form_pair){ .name = t->file_field[i],
						.value = pubid_make(op->arena, op->tenant, id.v) };
	}
	if (t->password_ok)
		TRY(session_password_again(op, t->session));
	t->in.fields = fields_json(op, t->loop, &t->form->f, &files);
	return record_submit(op, &t->in, &t->out);
}
