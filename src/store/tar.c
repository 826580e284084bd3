/*
 * tar: see tar.h. Writer and reader share one header layout; the reader accepts only what the
 * writer makes.
 */
#include "store/tar.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fsutil.h"
#include "base/limits.h"

#define BLOCK 512
#define CHUNK (128 * KIB)
#define OCTAL_MAX 077777777777LL	/* eleven octal digits: 8 GiB - 1 */

struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], owner[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct tar_header) == BLOCK, "a tar header is one block");

static enum err broken(struct op *op)
{
	return FAIL(op, ERR_CORRUPT, "备份文件不完整，或不是 bihuan 的备份。");
}

static enum err write_all(struct op *op, int fd, const void *bytes, size_t len)
{
	return fs_write_fd(op, fd, (str){ bytes, len });
}

/* ERR_CORRUPT at an early end: a backup that was cut off. */
static enum err read_all(struct op *op, int fd, void *to, size_t len)
{
	char *p = to;

	while (len) {
		ssize_t n = read(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FAIL(op, ERR_IO, "备份文件读不出来。");
		if (n == 0)
			return broken(op);
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

/* ---- headers ------------------------------------------------------------------ */

static unsigned header_sum(const struct tar_header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	unsigned sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= offsetof(struct tar_header, sum) &&
				       i < offsetof(struct tar_header, type)
			       ? ' '
			       : p[i];
	return sum;
}

static void put_size(char to[12], int64_t size)
{
	if (size <= OCTAL_MAX) {
		char text[24];
		snprintf(text, sizeof(text), "%011llo", (unsigned long long)size);
		memcpy(to, text, 12);
		return;
	}
	to[0] = (char)0x80;
	for (int i = 11; i >= 4; i--, size >>= 8)
		to[i] = (char)(size & 0xff);
}

static void make_header(struct tar_header *h, str name, int64_t size)
{
	char text[12];

	memset(h, 0, sizeof(*h));
	memcpy(h->name, name.ptr, name.len);
	memcpy(h->mode, "0000600", 8);
	memcpy(h->uid, "0000000", 8);
	memcpy(h->gid, "0000000", 8);
	put_size(h->size, size);
	memcpy(h->mtime, "00000000000", 12);
	h->type = '0';
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	snprintf(text, sizeof(text), "%06o", header_sum(h));
	memcpy(h->sum, text, 7);
	h->sum[7] = ' ';
}

static int64_t get_size(const char from[12])
{
	int64_t v = 0;

	if ((unsigned char)from[0] == 0x80) {
		for (int i = 4; i < 12; i++)
			v = v << 8 | (unsigned char)from[i];
		return v;
	}
	for (int i = 0; i < 11; i++)
		v = v << 3 | (from[i] - '0');
	return v;
}

/* ---- writing ------------------------------------------------------------------ */

static enum err pad(struct op *op, int to, int64_t size)
{
	static const char zero[BLOCK];
	size_t rest = (size_t)(size % BLOCK);

	return rest ? write_all(op, to, zero, BLOCK - rest) : ERR_OK;
}

enum err tar_add_file(struct op *op, int to, str name, int from, int64_t size,
		      struct hash *ret_hash)
{
	struct arena *a = arena_new(MIB);
	char *chunk = arena_alloc(a, CHUNK);
	struct tar_header h;
	struct hash_state st;
	enum err e;

	assert(name.len > 0 && name.len <= TAR_NAME_MAX && size >= 0);
	make_header(&h, name, size);
	hash_begin(&st);
	e = write_all(op, to, &h, sizeof(h));
	for (int64_t left = size; left > 0 && !e; ) {
		size_t n = left > (int64_t)CHUNK ? CHUNK : (size_t)left;
		e = read_all(op, from, chunk, n);
		if (!e)
			e = write_all(op, to, chunk, n);
		hash_add(&st, (str){ chunk, n });
		left -= (int64_t)n;
	}
	arena_free(a);
	if (e)
		return e;
	*ret_hash = hash_end(&st);
	return pad(op, to, size);
}

enum err tar_add_bytes(struct op *op, int to, str name, str bytes)
{
	struct tar_header h;

	assert(name.len > 0 && name.len <= TAR_NAME_MAX);
	make_header(&h, name, (int64_t)bytes.len);
	TRY(write_all(op, to, &h, sizeof(h)));
	TRY(write_all(op, to, bytes.ptr, bytes.len));
	return pad(op, to, (int64_t)bytes.len);
}

enum err tar_finish(struct op *op, int to)
{
	static const char zero[2 * BLOCK];

	return write_all(op, to, zero, sizeof(zero));
}

/* ---- reading ------------------------------------------------------------------ */

static bool all_zero(const struct tar_header *h)
{
	const char *p = (const char *)h;

	for (size_t i = 0; i < BLOCK; i++)
		if (p[i])
			return false;
	return true;
}

/* A header is ours if and only if making it again gives the same bytes. */
enum err tar_next(struct op *op, int from, bool *ret_more, struct tar_entry *ret_entry)
{
	struct tar_header h, again;
	struct tar_entry e = { 0 };

	TRY(read_all(op, from, &h, sizeof(h)));
	if (all_zero(&h)) {
		*ret_more = false;
		return ERR_OK;
	}
	if (h.name[TAR_NAME_MAX] != '\0' || h.name[0] == '\0')
		return broken(op);
	memcpy(e.name, h.name, sizeof(h.name));
	e.size = get_size(h.size);
	if (e.size < 0)
		return broken(op);
	make_header(&again, str_of(e.name), e.size);
	if (memcmp(&h, &again, sizeof(h)) != 0)
		return broken(op);
	*ret_entry = e;
	*ret_more = true;
	return ERR_OK;
}

static enum err skip_pad(struct op *op, int from, int64_t size)
{
	char bytes[BLOCK];
	size_t rest = (size_t)(size % BLOCK);

	return rest ? read_all(op, from, bytes, BLOCK - rest) : ERR_OK;
}

enum err tar_copy(struct op *op, int from, const struct tar_entry *entry, int to,
		  struct hash *ret_hash)
{
	struct arena *a = arena_new(MIB);
	char *chunk = arena_alloc(a, CHUNK);
	struct hash_state st;
	enum err e = ERR_OK;

	hash_begin(&st);
	for (int64_t left = entry->size; left > 0 && !e; ) {
		size_t n = left > (int64_t)CHUNK ? CHUNK : (size_t)left;
		e = read_all(op, from, chunk, n);
		if (!e && to >= 0)
			e = write_all(op, to, chunk, n);
		hash_add(&st, (str){ chunk, n });
		left -= (int64_t)n;
	}
	arena_free(a);
	if (e)
		return e;
	*ret_hash = hash_end(&st);
	return skip_pad(op, from, entry->size);
}

enum err tar_read(struct op *op, int from, const struct tar_entry *e, int64_t max, str *ret_bytes)
{
	char *bytes;

	if (e->size > max)
		return FAIL(op, ERR_LIMIT, "备份文件里的 %s 太大。", e->name);
	bytes = arena_alloc(op->arena, (size_t)e->size + 1);
	TRY(read_all(op, from, bytes, (size_t)e->size));
	TRY(skip_pad(op, from, e->size));
	*ret_bytes = (str){ bytes, (size_t)e->size };
	return ERR_OK;
}
