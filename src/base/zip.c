/* zip: see zip.h. */
#include "base/zip.h"

#include <assert.h>
#include <stdint.h>

#include <zip.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"

struct archive { zip_t *zip; size_t inflate_left; };

static void archive_close(void *arg)
{
	struct archive *a = arg;

	zip_discard(a->zip);
}

static enum err damaged(struct op *op)
{
	return FAIL(op, ERR_INVALID, "文件已损坏，打不开。请重新保存后再上传");
}

enum err archive_open(struct op *op, str bytes, size_t inflate_max, struct archive **ret_a)
{
	zip_error_t fault;

	assert(op->arena && bytes.ptr && ret_a);
	zip_error_init(&fault);
	zip_source_t *source = zip_source_buffer_create(bytes.ptr, bytes.len, 0, &fault);
	if (!source)
		return FAIL(op, ERR_LIMIT, "内存不足，打不开文件");
	zip_t *zip = zip_open_from_source(source, ZIP_RDONLY, &fault);
	zip_error_fini(&fault);
	if (!zip) {
		zip_source_free(source);
		return damaged(op);
	}
	struct archive *a = NEW(op->arena, struct archive);
	*a = (struct archive){ .zip = zip, .inflate_left = inflate_max };
	arena_defer(op->arena, archive_close, a);
	zip_int64_t n = zip_get_num_entries(zip, 0);
	if (n < 0 || n > ZIP_ENTRIES_MAX)
		return FAIL(op, ERR_LIMIT, "压缩包里的文件太多");
	*ret_a = a;
	return ERR_OK;
}

static void close_entry(zip_file_t **f)
{
	if (*f)
		zip_fclose(*f);
}

/* Reads until the end of the entry, not until the size that its header claims. */
static enum err inflate(struct op *op, struct archive *a, zip_file_t *f, size_t claimed,
			str *ret_bytes)
{
	size_t len = 0;

	if (claimed > a->inflate_left)
		return FAIL(op, ERR_LIMIT, "文件解开后太大");
	char *p = arena_alloc(op->arena, claimed + 1);
	for (;;) {
		zip_int64_t n = zip_fread(f, p + len, claimed + 1 - len);
		if (n < 0)
			return damaged(op);
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > claimed)
			return damaged(op);
	}
	a->inflate_left -= len;
	p[len] = '\0';
	*ret_bytes = (str){ p, len };
	return ERR_OK;
}

enum err archive_read(struct op *op, struct archive *a, str name, str *ret_bytes)
{
	zip_stat_t st;

	assert(a && ret_bytes);
	if (name.len == 0)
		return ERR_NOTFOUND;
	zip_int64_t at = zip_name_locate(a->zip, str_c(op->arena, name), ZIP_FL_ENC_RAW);
	if (at < 0)
		return ERR_NOTFOUND;
	zip_stat_init(&st);
	if (zip_stat_index(a->zip, (zip_uint64_t)at, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE))
		return damaged(op);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return FAIL(op, ERR_INVALID, "文件加了密码。请去掉密码后再上传");
	if ((st.valid & ZIP_STAT_COMP_METHOD) && st.comp_method != ZIP_CM_STORE &&
	    st.comp_method != ZIP_CM_DEFLATE)
		return damaged(op);
	zip_file_t *f CLEANUP(close_entry) = zip_fopen_index(a->zip, (zip_uint64_t)at, 0);
	if (!f)
		return damaged(op);
	return inflate(op, a, f, st.size > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)st.size,
		ret_bytes);
}
