/*
 * file: a picture or document of a record. It came from a person: served with the type that we
 * found, in a sandbox, and only pictures are shown in the page.
 */
#include "web/page/page.h"

#include "store/blob.h"
#include "web/routes.h"

enum err page_file(struct req *rq, struct reply *rp)
{
	struct file_row f;
	int64_t size;
	int fd;
	bool picture;

	TRY(file_get(rq->op, (file_id){ rq->id }, &f));
	if (reply_etag(rq, rp, str_slice(hash_hex(rq->op->arena, f.hash), 0, 32)))
		return ERR_OK;
	TRY(blob_open(rq->op, page_site(rq)->db, f.hash, &fd, &size));
	picture = str_starts(f.type, STR("image/"));
	reply_file(rp, fd, size, f.type, f.name, !picture);
	rp->sandbox = true;
	rp->cache = STR("private, no-cache");
	return ERR_OK;
}
