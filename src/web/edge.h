/*
 * edge: what depends on where a request came from: which hosts are ours, whom to believe
 * about the client's address, whether a form came from our own page, cookies, and the
 * headers that every answer carries (trust §3.D, 3.H).
 */
#ifndef WEB_EDGE_H
#define WEB_EDGE_H

#include "web/req.h"
#include "web/web.h"

struct call_from;

struct edge {
	str host[16];		/* lower case, without port */
	size_t host_n;
	str proxy[16];
	size_t proxy_n;
	bool insecure;
};

void edge_init(struct arena *a, const struct web_config *cf, struct edge *ret);
/* Fills client, secure, insecure. */
void edge_read(const struct edge *ed, const struct call_from *from, struct req *rq);
/* Is this Host one of ours? Names are listed; a number must be the one that was connected to. */
bool edge_host_ok(const struct edge *ed, const struct call_from *from, str host);
/*
 * Did our own page send this? Sec-Fetch-Site, Origin, Referer: whatever is there must say so, and
 * one must be there.
 */
bool edge_same_origin(const struct req *rq);
/* To the sign-in page, and back here afterwards. */
void edge_to_sign_in(struct req *rq, struct reply *rp);
size_t edge_headers(struct req *rq, struct reply *rp, struct reply_header *header, size_t max);
bool address_is_loopback(str address);

#endif
