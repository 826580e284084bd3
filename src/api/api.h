/*
 * api: the JSON door, /api/v1 (interfaces §3): the same services as the pages, other words
 * at the border. It holds no policy, no rights and no SQL: a handler reads a strict body,
 * calls one service and writes what came back. main registers the table beside the pages.
 */
#ifndef API_API_H
#define API_API_H

#include "web/router.h"

extern const struct route_table api_routes;

#endif
