/* routes: the tables of web/routes.def and web/forms.def become data. */
#include "web/routes.h"

#include "web/forms.h"
#include "web/req.h"

#include "web/form_as_table.inc"
#include "web/forms.def"
#include "web/form_off.inc"

static const struct route PAGES[] = {
#define ROUTE ROUTE_ROW
#include "web/routes.def"
#undef ROUTE
};

const struct route_table web_pages = {
	.at = PAGES,
	.n = sizeof(PAGES) / sizeof(PAGES[0]),
	.prefix = { "/", 1 },
	.error = page_error,
};
