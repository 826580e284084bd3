/*
 * backup: see backup.h. The file has three parts, in this order, and nothing else:
 * bihuan.db, any number of blobs/ab/cdef…, MANIFEST. The reader takes no other name, so
 * a file made by somebody else cannot write outside of the folder.
 */
#include "store/backup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fsutil.h"
#include "base/limits.h"
#include "store/blob.h"
#include "store/db_int.h"
#include "store/tar.h"

#define MANIFEST "MANIFEST"
#define DB_NAME "bihuan.db"
#define MANIFEST_MAX (128 * MIB)	/* about 800,000 files */

struct pack {			/* while writing */
	struct op *op;
	const struct store_db *db;
	int fd;
	struct arena *scratch;	/* for one member */
	struct buf manifest;
	struct backup_result r;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static const char *sub(struct arena *a, const char *dir, const char *name)
{
	return str_fmt(a, "%s/%s", dir, name).ptr;
}

static enum err sync_parent(struct op *op, str path)
{
	while (path.len && path.ptr[path.len - 1] != '/')
		path.len--;
	return fs_sync_dir(op, path.len ? path : STR("."));
}

/* ---- writing ------------------------------------------------------------------ */

static void manifest_line(struct buf *b, struct arena *a, struct hash h, int64_t size, str name)
{
	buf_add(b, hash_hex(a, h));
	buf_addf(b, " %lld %.*s\n", (long long)size, STR_ARG(name));
}

static enum err add_member(struct pack *p, str name, int from, int64_t size)
{
	struct hash h;

	TRY(tar_add_file(p->op, p->fd, name, from, size, &h));
	manifest_line(&p->manifest, p->scratch, h, size, name);
	p->r.files++;
	p->r.bytes += size;
	return ERR_OK;
}

/*
 * The copy is checked before it is packed: a backup of a damaged database says so now, not when
 * it is needed.
 */
static enum err add_database(struct pack *p, const char *temp)
{
	struct stat st;

	TRY(store_copy(p->op, (struct store_db *)p->db, temp));
	TRY(store_check_file(p->op, temp));
	int fd CLEANUP(close_fd) = open(temp, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return FAIL(p->op, ERR_IO, "备份的数据库读不出来。");
	return add_member(p, STR(DB_NAME), fd, st.st_size);
}

static enum err add_blob(struct op *op, void *arg, struct hash h, int64_t size, int64_t changed_ms)
{
	struct pack *p = arg;
	struct op scratch = { .arena = p->scratch };
	int fd CLEANUP(close_fd) = -1;
	int64_t now_size;

	(void)size;
	(void)changed_ms;
	arena_reset(p->scratch);
	enum err e = blob_open(&scratch, p->db, h, &fd, &now_size);
	if (e == ERR_NOTFOUND)	/* an orphan that was removed meanwhile */
		return ERR_OK;
	if (e)
		return op_fail(op, e, scratch.errat, "%s", scratch.errmsg);
	str hex = hash_hex(p->scratch, h);
	return add_member(p, str_fmt(p->scratch, "blobs/%.2s/%s", hex.ptr, hex.ptr + 2), fd,
			  now_size);
}

static enum err write_members(struct pack *p)
{
	const char *temp = str_fmt(p->op->arena, "%s/backup-copy.db", store_dir(p->db).ptr).ptr;
	str manifest;
	enum err e;

	unlink(temp);	/* of a process that died */
	e = add_database(p, temp);
	unlink(temp);
	if (e)
		return e;
	TRY(blob_each(p->op, p->db, add_blob, p));
	if (buf_finish(&p->manifest, &manifest))
		return FAIL(p->op, ERR_LIMIT, "文件太多，备份不下。");
	TRY(tar_add_bytes(p->op, p->fd, STR(MANIFEST), manifest));
	TRY(tar_finish(p->op, p->fd));
	return fs_sync_fd(p->op, p->fd);
}

enum err backup_write(struct op *op, struct store_db *db, str file,
		      struct backup_result *ret_result)
{
	const char *path = str_c(op->arena, file);
	struct pack p = { .op = op, .db = db };
	struct backup_result again;
	enum err e;

	p.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (p.fd < 0)
		return errno == EEXIST ? FAIL(op, ERR_CONFLICT, "%s 已经存在，不会覆盖。请换一个文件名。", path) :
			FAIL(op, ERR_IO, "不能建立备份文件 %s。", path);
	buf_init(&p.manifest, MANIFEST_MAX);
	p.scratch = arena_new(MIB);
	e = write_members(&p);
	arena_free(p.scratch);
	buf_release(&p.manifest);
	close(p.fd);
	if (!e)
		e = sync_parent(op, file);
	if (!e)
		e = backup_verify(op, file, &again);
	if (e) {
		unlink(path);
		return e;
	}
	assert(again.files == p.r.files && again.bytes == p.r.bytes);
	*ret_result = p.r;
	return ERR_OK;
}

/* ---- reading ------------------------------------------------------------------ */

struct unpack {
	struct op *op;
	int fd;
	const char *dir;	/* where to, or NULL: only look */
	struct arena *scratch;	/* for one member */
	struct buf seen;	/* the manifest as it must be */
	struct backup_result r;
};

/* blobs/ab/ and 62 hex digits: 71 bytes, and then the name is the hash. */
static bool blob_name(str name, struct hash *ret_h)
{
	char hex[64];

	if (name.len != 71 || !str_starts(name, STR("blobs/")) || name.ptr[8] != '/')
		return false;
	memcpy(hex, name.ptr + 6, 2);
	memcpy(hex + 2, name.ptr + 9, 62);
	return hash_from_hex((str){ hex, 64 }, ret_h);
}

static enum err make_target(struct unpack *u, const char *name, int *ret_fd)
{
	const char *path = sub(u->scratch, u->dir, name);
	char folder[10];

	if (str_starts(str_of(name), STR("blobs/"))) {
		memcpy(folder, name, 8);
		folder[8] = '\0';
		if (mkdir(sub(u->scratch, u->dir, folder), 0700) != 0 && errno != EEXIST)
			return FAIL(u->op, ERR_IO, "不能建立 %s。", path);
	}
	*ret_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? FAIL(u->op, ERR_IO, "不能建立 %s。", path) : ERR_OK;
}

static enum err take_member(struct unpack *u, const struct tar_entry *e)
{
	str name = str_of(e->name);
	int to CLEANUP(close_fd) = -1;
	struct hash h, named;
	bool blob = blob_name(name, &named);

	arena_reset(u->scratch);
	if (u->r.files == 0 ? !str_eq(name, STR(DB_NAME)) : !blob)
		return FAIL(u->op, ERR_CORRUPT, "备份文件里有不该有的 %s。", e->name);
	if (u->dir)
		TRY(make_target(u, e->name, &to));
	TRY(tar_copy(u->op, u->fd, e, to, &h));
	if (blob && !hash_eq(h, named))
		return FAIL(u->op, ERR_CORRUPT, "备份文件里的 %s 已损坏。", e->name);
	if (to >= 0)
		TRY(fs_sync_fd(u->op, to));
	manifest_line(&u->seen, u->scratch, h, e->size, name);
	u->r.files++;
	u->r.bytes += e->size;
	return ERR_OK;
}

/* Where the lines part, the member of that line is the first bad one. */
static enum err compare_manifest(struct unpack *u, str manifest)
{
	str seen;
	size_t at = 0, n;

	if (buf_finish(&u->seen, &seen))
		return FAIL(u->op, ERR_LIMIT, "备份文件里的文件太多。");
	if (str_eq(seen, manifest))
		return ERR_OK;
	for (str a = seen, b = manifest; a.ptr && b.ptr; at++)
		if (!str_eq(str_cut(&a, '\n'), str_cut(&b, '\n')))
			break;
	n = at + 1;
	return FAIL(u->op, ERR_CORRUPT, "备份文件里的第 %zu 个文件与清单不符。", n);
}

static enum err unpack_all(struct unpack *u)
{
	struct tar_entry e;
	str manifest;
	bool more;

	for (;;) {
		TRY(tar_next(u->op, u->fd, &more, &e));
		if (!more)	/* the end without a manifest */
			return FAIL(u->op, ERR_CORRUPT, "备份文件里没有清单，不能使用。");
		if (str_eq(str_of(e.name), STR(MANIFEST)))
			break;
		TRY(take_member(u, &e));
	}
	TRY(tar_read(u->op, u->fd, &e, MANIFEST_MAX, &manifest));
	TRY(tar_next(u->op, u->fd, &more, &e));
	if (more)
		return FAIL(u->op, ERR_CORRUPT, "备份文件的清单之后还有别的内容。");
	return compare_manifest(u, manifest);
}

static enum err unpack_file(struct op *op, str file, const char *dir,
			    struct backup_result *ret_result)
{
	struct unpack u = { .op = op, .dir = dir };
	enum err e;

	u.fd = open(str_c(op->arena, file), O_RDONLY | O_CLOEXEC);
	if (u.fd < 0)
		return FAIL(op, ERR_NOTFOUND, "备份文件 %.*s 打不开。", STR_ARG(file));
	buf_init(&u.seen, MANIFEST_MAX);
	u.scratch = arena_new(MIB);
	e = unpack_all(&u);
	arena_free(u.scratch);
	buf_release(&u.seen);
	close(u.fd);
	if (!e)
		*ret_result = u.r;
	return e;
}

enum err backup_verify(struct op *op, str file, struct backup_result *ret_result)
{
	return unpack_file(op, file, NULL, ret_result);
}

/* ---- restoring ---------------------------------------------------------------- */

static bool folder_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool empty = true;

	if (!d)
		return errno == ENOENT;
	while ((ent = readdir(d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			empty = false;
	closedir(d);
	return empty;
}

/* Two levels of ours and no deeper; what is not ours stays and makes rmdir fail, which is right. */
static void remove_tree(struct op *op, const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *ent;

	if (!d)
		return;
	while ((ent = readdir(d))) {
		const char *path = sub(op->arena, dir, ent->d_name);
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		if (unlink(path) != 0 && depth > 0)
			remove_tree(op, path, depth - 1);
	}
	closedir(d);
	rmdir(dir);
}

/* The entries of the folders reach the disk before the folder gets its name. */
static enum err sync_tree(struct op *op, const char *dir)
{
	int fd CLEANUP(close_fd) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) != 0)
		return FAIL(op, ERR_IO, "%s 写不到磁盘上。", dir);
	return ERR_OK;
}

static enum err unpack_beside(struct op *op, str file, const char *temp,
			      struct backup_result *ret_r)
{
	if (mkdir(temp, 0700) != 0 || mkdir(sub(op->arena, temp, "blobs"), 0700) != 0)
		return FAIL(op, ERR_IO, "不能建立文件夹 %s。", temp);
	TRY(unpack_file(op, file, temp, ret_r));
	TRY(store_check_file(op, sub(op->arena, temp, DB_NAME)));
	return sync_tree(op, temp);
}

enum err backup_restore(struct op *op, str file, str dir, struct backup_result *ret_result)
{
	const char *to = str_c(op->arena, dir);
	const char *temp = str_fmt(op->arena, "%s.restoring", to).ptr;
	struct backup_result r;
	enum err e;

	if (!folder_empty(to))
		return FAIL(op, ERR_CONFLICT, "文件夹 %s 不是空的。恢复不会覆盖任何数据，请换一个空文件夹。", to);
	remove_tree(op, temp, 2);	/* of a restore that was broken off */
	e = unpack_beside(op, file, temp, &r);
	if (!e && rename(temp, to) != 0)	/* replaces an empty folder */
		e = FAIL(op, ERR_IO, "不能把恢复的数据放到 %s。", to);
	if (e) {
		remove_tree(op, temp, 2);
		return e;
	}
	TRY(sync_parent(op, dir));
	*ret_result = r;
	return ERR_OK;
}
