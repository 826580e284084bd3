/* setup: what the stations of the set-up share. */
#ifndef WEB_PAGE_SETUP_H
#define WEB_PAGE_SETUP_H

#include "org/import.h"
#include "web/page/page.h"

#include "gen/html_wiz.h"

/* The frame of station `at`, from 0. */
MUST_CHECK enum err setup_frame(struct req *rq, struct reply *rp, size_t at, str title,
				struct html_wiz *ret);
/* The policy in force; before there is one, the first shipped pack of a school. */
MUST_CHECK enum err setup_policy(struct op *op, const struct policy **ret_p);
/* What posts, kinds and roles are called, for reading lists. */
MUST_CHECK enum err setup_words(struct op *op, struct import_words *ret);
/* The id of the pack that a school is offered, and its policy. */
MUST_CHECK enum err setup_offer(struct op *op, str *ret_pack, struct policy **ret_p);

#endif
