/*
 * step: a step of any loop as a form, and taking it. One way for a new record and for a step of
 * one that exists: the same form fields, the same upload of files, the same submission.
 */
#ifndef WEB_PAGE_STEP_H
#define WEB_PAGE_STEP_H

#include "web/page/fields.h"
#include "web/page/page.h"

#include "gen/html_step_form.h"

/* What a form is drawn for. */
struct step_page {
	const struct work *work;
	const struct policy *policy;
	const struct loop *loop;
	const struct next_step *next;
	record_id record;		/* 0: a new one */
	int64_t version;
	const struct vmap *known;	/* fields of the record */
	const struct form_step *typed;	/* the form that came back, or NULL */
	str url;
	const struct submitted *preview;	/* what it would satisfy, when asked */
};

MUST_CHECK enum err step_form_view(struct req *rq, struct reply *rp, const struct step_page *s,
				   struct html_step_form *ret);
/* The violet box. `after`: it has been sent. */
const struct html_preview *satisfied_view(struct op *op, const struct satisfied *sat, size_t n,
					  const struct almost_row *almost, size_t almost_n,
					  bool after);

/* What a POST of a step does: gathers files, queues the write. `finish` redirects. */
struct taking {
	struct submit in;
	const struct loop *loop;
	const struct form_step *form;
	const struct new_file *file;
	const str *file_field;
	size_t file_n;
	const char *password_hash;
	session_id session;
	bool password_ok;
	struct submitted out;
	str back;			/* where to go afterwards; "" = the record or the receipt */
};
/* `in` holds record or loop, and step. On a worker: files are kept, a password is verified. */
MUST_CHECK enum err step_take(struct req *rq, const struct loop *lp, const struct step *step,
			      const struct submit *in, struct taking **ret);
/* On the writer: finish_fn may find it in rq->wop.arg. */
enum err step_run(struct op *op, void *arg);

str step_icon(const struct loop *lp, const struct step *step);

#endif
