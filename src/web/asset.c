/*
 * asset: the embedded files (gen/assets.h) under /a/NAME-HASH.EXT. The address changes with
 * the content, so a cache may keep them for ever; the compressed form was made at build time.
 */
#include "gen/assets.h"
#include "web/req.h"
#include "web/routes.h"

static void fill(struct req *rq, struct reply *rp, const struct asset *as, str cache)
{
	str accepted = guard_header(rq->guard, STR("accept-encoding"));

	rp->type = as->type;
	rp->cache = cache;
	rp->bytes = as->bytes;
	if (!as->gzip.len)
		return;
	reply_header(rp, "Vary", STR("Accept-Encoding"));
	while (accepted.ptr) {
		str one = str_trim(str_cut(&accepted, ','));
		if (!ascii_eq(str_trim(str_cut(&one, ';')), STR("gzip")))
			continue;
		if (ascii_eq(str_trim(one), STR("q=0")))
			return;
		reply_header(rp, "Content-Encoding", STR("gzip"));
		rp->bytes = as->gzip;
		return;
	}
}

enum err page_asset(struct req *rq, struct reply *rp)
{
	for (size_t i = 0; i < ASSET_N; i++)
		if (str_eq(assets[i].url, rq->path)) {
			fill(rq, rp, &assets[i], STR("public, max-age=31536000, immutable"));
			return ERR_OK;
		}
	return ERR_NOTFOUND;
}

enum err page_healthz(struct req *rq, struct reply *rp)
{
	(void)rq;
	reply_text(rp, STR("ok\n"));
	return ERR_OK;
}
