/*
 * What it would catch: a path that reaches the wrong handler, an encoded way out, a route that
 * contradicts itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/pubid.h"
#include "web/forms.h"
#include "web/router.h"
#include "web/routes.h"

static enum err h(struct req *rq, struct reply *rp)
{
	(void)rq, (void)rp;
	return ERR_OK;
}
#define r_list h
#define r_new h
#define r_one h
#define r_step h
#define r_loop h

static const struct route routes[] = {
	ROUTE_ROW(GET,  "/records",            INLINE, SIGNED_IN, NONE, none, r_list)
	ROUTE_ROW(GET,  "/records/:id",        INLINE, SIGNED_IN, NONE, none, r_one)
	ROUTE_ROW(GET,  "/records/new",        INLINE, SIGNED_IN, NONE, none, r_new)
	ROUTE_ROW(POST, "/records/:id/steps",  WORKER, SIGNED_IN, CSRF, none, r_step)
	ROUTE_ROW(GET,  "/loops/:loop/:id",    INLINE, SIGNED_IN, NONE, none, r_loop)
	ROUTE_ROW(GET,  "/",                   STATIC, PUBLIC,    NONE, none, r_list)
};
static const struct route_table pages = { .at = routes, .n = 6, .prefix = { "/", 1 } };
static const struct route_table api = {
	.at = routes, .n = 0, .api = true, .prefix = { "/api/", 5 }
};
static const struct route_table *const tables[] = { &pages, &api };

static struct arena *a;
static struct router *router;
static str id;

static int set_up(void **state)
{
	(void)state;
	a = arena_new(16 << 20);
	router = router_new(a, tables, 2);
	id = pubid_make(a, (tenant_id){ 7 }, 99);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct route_match find(enum http_method m, str path)
{
	struct route_match rm;

	router_find(router, a, m, path, &rm);
	return rm;
}

static void router__finds(void **state)
{
	struct route_match m;

	(void)state;
	assert_true(find(HTTP_GET, STR("/")).route == &routes[5]);
	assert_true(find(HTTP_GET, STR("/records")).route == &routes[0]);
	assert_true(find(HTTP_HEAD, STR("/records")).route == &routes[0]);
	assert_true(find(HTTP_GET, STR("/records/new")).route ==
		    &routes[2]); /* literal beats parameter */
	assert_true(find(HTTP_GET, STR("/%72ecords/new")).route == &routes[2]);
	m = find(HTTP_GET, str_fmt(a, "/records/%.*s", STR_ARG(id)));
	assert_true(m.route == &routes[1] && m.tenant.v == 7 && m.id == 99);
	m = find(HTTP_GET, str_fmt(a, "/loops/hazard/%.*s", STR_ARG(id)));
	assert_true(m.route == &routes[4] && m.param_n == 2 &&
		    str_eq(m.param[0].value, STR("hazard")));
}

static void router__refuses(void **state)
{
	static const char *const none[] = {
		"/records/",
		"//records",
		"/records//new",
		"/records/99",
		"/x",
		"/records/new/",
		"/./records",
		"/records/..",
		"/records/%2e%2e",
		"/records/%2e%2e%2frecords",
		"/records%2fnew",
		"/records/%00",
		"/records/n%65w%",
		"/records/%256eew",
		"/records/%c0%ae",
		"/records\\new",
		"/records/%5cnew",
		"/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/1/2/3/4/5/6/7/8/9",
	};
	struct route_match m = find(HTTP_POST, STR("/records/new"));

	(void)state;
	assert_true(!m.route && m.found && m.methods == 1U << HTTP_GET);	/* 405 */
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		m = find(HTTP_GET, str_of(none[i]));
		if (m.route || m.found)
			fail_msg("found %s", none[i]);
		assert_true(m.table == &pages);
	}
	assert_true(find(HTTP_GET, STR("/api/v9")).table == &api);
}

/* The real table: router_new() would panic on a page that writes without CSRF, or on two alike. */
static void router__pages_hold(void **state)
{
	static const struct route_table *const real[] = { &web_pages };

	(void)state;
	assert_non_null(router_new(a, real, 1));
	for (size_t i = 0; i < web_pages.n; i++)
		assert_non_null(web_pages.at[i].form());
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { T(router__finds), T(router__refuses),
					    T(router__pages_hold) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
