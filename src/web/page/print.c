/*
 * print: papers: a record, a place, a person, the unit, a list, by a print of the pack or
 * plain, as a page for the browser's printer or as PDF. What stands on them is decided in
 * report/; a look at a sealed record is written into the ledger before it is shown.
 */
#include "web/page/page.h"

#include "report/html.h"
#include "report/pdf.h"
#include "report/print.h"
#include "store/blob.h"
#include "web/forms.h"
#include "web/routes.h"

#include "gen/html_papers.h"

/* --- answering -------------------------------------------------------------------- */

static enum err photo_bytes(void *ctx, struct op *op, const struct photo *p, str *ret_bytes)
{
	struct req *rq = ctx;

	return blob_get(op, page_site(rq)->db, p->hash, ret_bytes);
}

static enum err answer_pdf(struct req *rq, struct reply *rp, const struct document *d)
{
	const struct pdf_photos photos = { photo_bytes, rq };
	str bytes;

	TRY(document_pdf(rq->op, d, &photos, &bytes));
	reply_download(rp, bytes, STR("application/pdf"),
		       str_fmt(rq->op->arena, "%.*s.pdf", STR_ARG(d->title)));
	return ERR_OK;
}

/* The same address, as PDF. */
static str pdf_url(struct req *rq)
{
	return str_fmt(rq->op->arena, "%.*s?%.*s%sformat=pdf", STR_ARG(rq->path),
		       STR_ARG(rq->query), rq->query.len ? "&" : "");
}

static enum err answer(struct req *rq, struct reply *rp, const struct document *d, str back)
{
	const struct form_print *f = rq->form;
	struct html_papers v = { .sheet = { .title = d->title, .back_url = back },
				 .pdf_url = pdf_url(rq) };

	if (str_eq(f->format, STR("pdf")))
		return answer_pdf(rq, rp, d);
	TRY(document_html(rq->op, d, &v.papers));
	html_papers(&rp->body, &v);
	return ERR_OK;
}

static struct print_ask ask_of(struct req *rq, enum print_about about)
{
	const struct form_print *f = rq->form;
	struct print_ask ask = { .about = about, .id = rq->id, .print = f->print,
				 .public_url = page_site(rq)->public_url };

	/* A demonstration prints codes that lead to itself; a real school is asked for it. */
	if (!ask.public_url.len && page_site(rq)->demo)
		ask.public_url = page_address(rq);

	/* as of a day: the end of it, or now while it lasts */
	if (f->as_of != DAY_NONE && f->as_of < page_today(rq->op))
		ask.as_of_ms = day_start_ms(f->as_of + 1, page_utc(rq->op)) - 1;
	return ask;
}

/* --- a record --------------------------------------------------------------------- */

static enum err record_show(struct req *rq, struct reply *rp, bool looked)
{
	struct print_ask ask = ask_of(rq, ABOUT_RECORD);
	struct document d;

	ask.looked = looked;
	TRY(print_make(rq->op, &ask, &d));
	return answer(rq, rp, &d, page_url(rq->op, "/records/", rq->id, ""));
}

static enum err look_run(struct op *op, void *arg)
{
	const record_id *id = arg;

	return record_look(op, *id, STR("print"));
}

static enum err look_finish(struct req *rq, struct reply *rp, enum err e)
{
	TRY(e);
	return record_show(rq, rp, true);
}

enum err page_print_record(struct req *rq, struct reply *rp)
{
	struct record_view v;
	record_id *id;

	TRY(record_view(rq->op, (record_id){ rq->id }, &v));
	if (!v.sealed)
		return record_show(rq, rp, false);
	id = NEW(rq->op->arena, record_id);
	id->v = rq->id;
	rq_write(rq, look_run, id, look_finish);
	return ERR_OK;
}

/* --- places, people, the unit --------------------------------------------------------- */

enum err page_print_place(struct req *rq, struct reply *rp)
{
	struct print_ask ask = ask_of(rq, ABOUT_PLACE);
	struct document d;

	TRY(print_make(rq->op, &ask, &d));
	return answer(rq, rp, &d, page_url(rq->op, "/places/", rq->id, ""));
}

enum err page_print_places(struct req *rq, struct reply *rp)
{
	struct print_ask ask = ask_of(rq, ABOUT_PLACE);
	struct document d;

	TRY(print_places(rq->op, &ask, NULL, 0, &d));
	return answer(rq, rp, &d, STR("/places"));
}

enum err page_print_person(struct req *rq, struct reply *rp)
{
	struct print_ask ask = ask_of(rq, ABOUT_PERSON);
	struct document d;

	TRY(print_make(rq->op, &ask, &d));
	return answer(rq, rp, &d, rq->id == rq->op->scope->person.v
					  ? STR("/duties")
					  : page_url(rq->op, "/people/", rq->id, ""));
}

enum err page_print_unit(struct req *rq, struct reply *rp)
{
	struct print_ask ask = ask_of(rq, ABOUT_UNIT);
	struct document d;

	TRY(print_make(rq->op, &ask, &d));
	return answer(rq, rp, &d, STR("/grid"));
}

enum err page_print_list(struct req *rq, struct reply *rp)
{
	const struct form_print *f = rq->form;
	struct list_query q = { .loop = rq_param(rq, STR("loop")), .state = f->state,
				.place = { f->place.id } };
	struct document d;

	TRY(print_list(rq->op, &q, &d));
	return answer(rq, rp, &d, str_fmt(rq->op->arena, "/loops/%.*s", STR_ARG(q.loop)));
}
