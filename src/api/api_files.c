/*
 * api_files: a file in, a file out. Pictures lose all that does not draw them before they
 * are kept (base/image.h); the blob is durable before the row that names it is queued.
 */
#include "api/api_int.h"

#include "base/image.h"
#include "base/pubid.h"
#include "store/blob.h"
#include "web/site.h"

struct keep { struct new_file file; file_id id; };

static str type_of(const struct req *rq)
{
	str rest = guard_header(rq->guard, STR("content-type"));
	str type = str_trim(str_cut(&rest, ';'));

	return str_eq(type, STR("application/pdf")) ? STR("application/pdf")
						    : STR("application/octet-stream");
}

static enum err keep_blob(struct req *rq, const struct upload *up, struct new_file *ret)
{
	const struct site *site = rq->app;
	struct image image;
	str bytes;

	TRY(upload_bytes(rq->op, up, &bytes));
	if (!bytes.len)
		return INVALID(rq->op, STR("file"), "文件是空的");
	*ret = (struct new_file){ .type = type_of(rq), .name = up->name };
	if (image_sniff(bytes) != IMAGE_NONE) {
		TRY(image_strip(rq->op, STR("file"), bytes, &image));
		bytes = image.bytes;
		ret->type = image_type(image.kind);
		ret->width = (int32_t)image.width;
		ret->height = (int32_t)image.height;
	}
	ret->size = (int64_t)bytes.len;
	return blob_put(rq->op, site->db, bytes, &ret->hash);
}

static enum err keep_run(struct op *op, void *arg)
{
	struct keep *k = arg;

	return file_add(op, &k->file, &k->id);
}

static enum err keep_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct keep *k = rq->wop.arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_id(&w, rq->op, "id", k->id.v);
	jw_kv(&w, "sha256", hash_hex(rq->op->arena, k->file.hash));
	jw_kv_int(&w, "size", k->file.size);
	jw_kv(&w, "type", k->file.type);
	api_send_status(rp, &w, 201);
	return ERR_OK;
}

enum err api_file_new(struct req *rq, struct reply *rp)
{
	struct keep *k = NEW(rq->op->arena, struct keep);
	str key;

	(void)rp;
	TRY(key_of(rq, &key));
	TRY(keep_blob(rq, rq->typed->file.at[0], &k->file));
	k->file.client_key = key;
	rq_write(rq, keep_run, k, keep_finish);
	return ERR_OK;
}

enum err api_file(struct req *rq, struct reply *rp)
{
	const struct site *site = rq->app;
	struct file_row f;
	int fd;
	int64_t size;

	TRY(file_get(rq->op, (file_id){ rq->id }, &f));
	if (reply_etag(rq, rp, hash_hex(rq->op->arena, f.hash)))
		return ERR_OK;
	TRY(blob_open(rq->op, site->db, f.hash, &fd, &size));
	reply_file(rp, fd, size, f.type, f.name, !str_starts(f.type, STR("image/")));
	return ERR_OK;
}
