/* record: what the pages round one record share. */
#ifndef WEB_PAGE_RECORD_H
#define WEB_PAGE_RECORD_H

#include "web/page/page.h"

struct form_step;

struct record_page {
	const struct work *work;
	struct record_view v;
	const struct form_step *typed;		/* a step that came back with a fault,
		or asked for a preview */
	const struct submitted *preview;
};

/* The record of ":id". */
MUST_CHECK enum err record_read(struct req *rq, struct record_page *ret);
MUST_CHECK enum err record_show(struct req *rq, struct reply *rp, const struct record_page *r);
/* The receipt of a new record. */
MUST_CHECK enum err receipt_show(struct req *rq, struct reply *rp, const struct record_page *r);

#endif
