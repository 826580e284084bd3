/*
 * site: what pages and the API may know of the running instance beside the request: rq->app
 * points at one. Filled by src/cli at the start; constant while serving.
 */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include <stdbool.h>

#include "base/str.h"

struct settings;
struct store_db;
struct writer;

struct site {
	bool demo;		/* a demonstration instance: a banner says so, with its clock */
	bool manual_clock;
	bool insecure_lan;	/* permanent banner */
	str public_url;		/* without a slash at the end, or "" */
	const struct settings *settings;
	struct store_db *db;
	struct writer *writer;
	const char *version;
};

#endif
