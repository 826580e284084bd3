/*
 * http_mhd: the one adapter of GNU libmicrohttpd. Its contract is web/web.h; nothing else is
 * public.
 */
#ifndef WEB_HTTP_MHD_H
#define WEB_HTTP_MHD_H

#include "web/web.h"

#endif
