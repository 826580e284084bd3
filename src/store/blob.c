/*
 * blob: see blob.h. Names are made from the hash alone. A file is written once, under a
 * temporary name in the folder in which it will stand, made durable, and only then gets
 * its name (fs_write_atomic); new folders are synced too. An fsync that failed is never
 * retried: the caller gets ERR_IO with op->sync_failed and acknowledges nothing.
 */
#include "store/blob.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fsutil.h"
#include "base/limits.h"

#define NAME_LEN 62 /* of a blob's file; fs_write_atomic() adds ".XXXXXX" for its temporary one */
#define TEMP_AGE_MS MS_DAY
#define COPY_BYTES (64 * KIB)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static enum err io_error(struct op *op, const char *at)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return op_fail(op, ERR_BUSY, at, "服务器的磁盘满了，文件没有保存。请管理员腾出空间后再试。");
	return op_fail(op, ERR_IO, at, "服务器的磁盘读写出错，文件没有保存。请马上联系管理员。");
}
#define IO_ERROR(op) io_error((op), OP_AT)

static str blob_path(struct op *op, const struct store_db *db, struct hash h)
{
	str hex = hash_hex(op->arena, h);

	return str_fmt(op->arena, "%s/blobs/%.2s/%s", store_dir(db).ptr, hex.ptr, hex.ptr + 2);
}

/* A new folder is itself an entry of its parent, which must reach the disk too. */
static enum err make_folder(struct op *op, str path, str parent)
{
	if (mkdir(path.ptr, 0700) == 0)
		return fs_sync_dir(op, parent);
	return errno == EEXIST ? ERR_OK : IO_ERROR(op);
}

enum err blob_put(struct op *op, const struct store_db *db, str bytes, struct hash *ret_hash)
{
	struct hash h = hash_of(bytes);
	str root = str_fmt(op->arena, "%s/blobs", store_dir(db).ptr);
	str path = blob_path(op, db, h);
	str folder = str_dup(op->arena, str_slice(path, 0, path.len - NAME_LEN - 1));
	struct stat st;

	assert(bytes.len <= UPLOAD_BYTES_MAX);
	/*
	 * Known already: but its folder may not have reached the disk when the first keeper
	 * died.
	 */
	if (stat(path.ptr, &st) == 0 && st.st_size == (off_t)bytes.len) {
		TRY(fs_sync_dir(op, folder));
	} else {
		TRY(make_folder(op, root, store_dir(db)));
		TRY(make_folder(op, folder, root));
		TRY(fs_write_atomic(op, path, bytes, 0600));
	}
	*ret_hash = h;
	return ERR_OK;
}

enum err blob_open(struct op *op, const struct store_db *db, struct hash h, int *ret_fd,
		   int64_t *ret_size)
{
	int fd = open(blob_path(op, db, h).ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? FAIL(op, ERR_NOTFOUND, "文件不在了。") : IO_ERROR(op);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return IO_ERROR(op);
	}
	*ret_fd = fd;
	*ret_size = st.st_size;
	return ERR_OK;
}

static enum err read_all(struct op *op, int fd, char *to, size_t len)
{
	while (len) {
		ssize_t n = read(fd, to, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FAIL(op, ERR_IO, "文件读不出来，请联系管理员。");
		to += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

enum err blob_get(struct op *op, const struct store_db *db, struct hash h, str *ret_bytes)
{
	int fd CLEANUP(close_fd) = -1;
	int64_t size;
	char *to;

	TRY(blob_open(op, db, h, &fd, &size));
	if (size > (int64_t)UPLOAD_BYTES_MAX)
		return FAIL(op, ERR_CORRUPT, "文件的内容与存证不符，请联系管理员。");
	to = arena_alloc(op->arena, (size_t)size + 1);
	TRY(read_all(op, fd, to, (size_t)size));
	str bytes = { to, (size_t)size };
	if (!hash_eq(hash_of(bytes), h))
		return FAIL(op, ERR_CORRUPT, "文件的内容与存证不符，请联系管理员。");
	*ret_bytes = bytes;
	return ERR_OK;
}

enum err blob_verify(struct op *op, const struct store_db *db, struct hash h)
{
	int fd CLEANUP(close_fd) = -1;
	char *chunk = arena_alloc(op->arena, COPY_BYTES);
	struct hash_state st;
	int64_t left;

	TRY(blob_open(op, db, h, &fd, &left));
	hash_begin(&st);
	while (left > 0) {
		size_t n = left > (int64_t)COPY_BYTES ? COPY_BYTES : (size_t)left;
		TRY(read_all(op, fd, chunk, n));
		hash_add(&st, (str){ chunk, n });
		left -= (int64_t)n;
	}
	if (!hash_eq(hash_end(&st), h))
		return FAIL(op, ERR_CORRUPT, "文件 %s 的内容与存证不符。", hash_hex(op->arena, h).ptr);
	return ERR_OK;
}

enum err blob_remove(struct op *op, const struct store_db *db, struct hash h)
{
	if (unlink(blob_path(op, db, h).ptr) != 0)
		return errno == ENOENT ? FAIL(op, ERR_NOTFOUND, "文件不在了。") : IO_ERROR(op);
	return ERR_OK;
}

/* ---- all of them -------------------------------------------------------------- */

struct each {
	enum err (*fn)(struct op *op, void *arg, struct hash h, int64_t size, int64_t changed_ms);
	void *arg;
};

/*
 * `prefix` and `name` together are the hash; anything else in the folder is not ours and is
 * left alone.
 */
static enum err each_entry(struct op *op, const struct each *each, int dir_fd, const char *prefix,
			   const char *name)
{
	char hex[64];
	struct hash h;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return ERR_OK;
	int64_t changed = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (strlen(name) == NAME_LEN + 7 && name[NAME_LEN] == '.') {
		if (op->clock && changed < clock_now(op->clock) - TEMP_AGE_MS)
			unlinkat(dir_fd, name, 0);
		return ERR_OK;
	}
	if (strlen(prefix) != 2 || strlen(name) != NAME_LEN)
		return ERR_OK;
	memcpy(hex, prefix, 2);
	memcpy(hex + 2, name, NAME_LEN);
	if (!hash_from_hex((str){ hex, 64 }, &h))
		return ERR_OK;
	return each->fn(op, each->arg, h, st.st_size, changed);
}

static enum err each_in(struct op *op, const struct each *each, const char *root,
			const char *prefix)
{
	const char *path = str_fmt(op->arena, "%s/%s", root, prefix).ptr;
	DIR *d CLEANUP(close_dir) = opendir(path);
	struct dirent *ent;

	if (!d)
		return errno == ENOTDIR ? ERR_OK : IO_ERROR(op);
	while ((ent = readdir(d)))
		if (ent->d_name[0] != '.')
			TRY(each_entry(op, each, dirfd(d), prefix, ent->d_name));
	return ERR_OK;
}

enum err blob_each(struct op *op, const struct store_db *db,
		   enum err (*each)(struct op *op, void *arg, struct hash h, int64_t size,
				    int64_t changed_ms),
		   void *arg)
{
	const char *root = str_fmt(op->arena, "%s/blobs", store_dir(db).ptr).ptr;
	DIR *d CLEANUP(close_dir) = opendir(root);
	struct each it = { each, arg };
	struct dirent *ent;

	if (!d)
		return errno == ENOENT ? ERR_OK : IO_ERROR(op);
	while ((ent = readdir(d)))
		if (strlen(ent->d_name) == 2 && ent->d_name[0] != '.')
			TRY(each_in(op, &it, root, ent->d_name));
	return ERR_OK;
}

enum err blob_disk(struct op *op, const struct store_db *db, int64_t *ret_free, int64_t *ret_whole)
{
	struct statvfs vfs;

	if (statvfs(store_dir(db).ptr, &vfs) != 0)
		return IO_ERROR(op);
	*ret_free = (int64_t)(vfs.f_bavail * vfs.f_frsize);
	*ret_whole = (int64_t)(vfs.f_blocks * vfs.f_frsize);
	return ERR_OK;
}
