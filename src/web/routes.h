/* routes: the handlers of web/routes.def, declared once. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/router.h"

#define ROUTE ROUTE_DECLARE
#include "web/routes.def"
#undef ROUTE

/* Shows the form of a step again: FORM_END(step, …). */
page_fn page_step_again, page_login_again, page_activate_again, page_first_run_again,
	page_password_again;
/* The error page (route_table.error). */
enum err page_error(struct req *rq, struct reply *rp, int status, enum err e);

#endif
