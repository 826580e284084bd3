/* fsutil: see fsutil.h. Every descriptor is O_CLOEXEC and closed on every way out. */
#include "base/fsutil.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/op.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#define FD_SCOPE(name) int name CLEANUP(close_fd) = -1

/* A path as C wants it; paths come from settings and arguments, so a NUL in one is a fault. */
static enum err path_c(struct op *op, str path, const char **ret_path)
{
	assert(op && op->arena);
	if (path.len == 0 || memchr(path.ptr, '\0', path.len))
		return FAIL(op, ERR_INVALID, "路径是空的或含有空字符");
	*ret_path = str_c(op->arena, path);
	return ERR_OK;
}

static enum err read_all(struct op *op, int fd, str path, size_t max, str *ret_bytes)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return FAIL(op, ERR_IO, "读不了 %.*s（%m）", STR_ARG(path));
	if (S_ISDIR(st.st_mode))
		return FAIL(op, ERR_INVALID, "%.*s 是文件夹，不是文件", STR_ARG(path));
	if (st.st_size > 0 && (uint64_t)st.st_size > max)
		return FAIL(op, ERR_LIMIT, "%.*s 太大，最多 %zu 字节", STR_ARG(path), max);
	/* A file may grow under us, and /proc files have no size: read until its end. */
	size_t cap = (size_t)st.st_size + 1, len = 0;
	char *p = arena_alloc(op->arena, cap + 1);
	for (;;) {
		ssize_t n = read(fd, p + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FAIL(op, ERR_IO, "读不了 %.*s（%m）", STR_ARG(path));
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return FAIL(op, ERR_LIMIT, "%.*s 太大，最多 %zu 字节", STR_ARG(path), max);
		if (len < cap)
			continue;
		char *more = arena_alloc(op->arena, cap * 2 + 1);
		memcpy(more, p, len);
		p = more;
		cap *= 2;
	}
	p[len] = '\0';
	*ret_bytes = (str){ p, len };
	return ERR_OK;
}

enum err fs_read(struct op *op, str path, size_t max, str *ret_bytes)
{
	const char *name;
	FD_SCOPE(fd);

	assert(ret_bytes);
	TRY(path_c(op, path, &name));
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return FAIL(op, ERR_NOTFOUND, "没有文件 %.*s", STR_ARG(path));
	if (fd < 0)
		return FAIL(op, ERR_IO, "打不开 %.*s（%m）", STR_ARG(path));
	return read_all(op, fd, path, max, ret_bytes);
}

enum err fs_write_fd(struct op *op, int fd, str bytes)
{
	assert(fd >= 0);
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EDQUOT))
			return FAIL(op, ERR_BUSY, "服务器的磁盘满了，没有保存。请管理员腾出空间后再试。");
		if (n <= 0)
			return FAIL(op, ERR_IO, "写文件失败（%m）");
		bytes = str_slice(bytes, (size_t)n, bytes.len);
	}
	return ERR_OK;
}

enum err fs_sync_fd(struct op *op, int fd)
{
	assert(fd >= 0);
	if (fsync(fd) == 0)
		return ERR_OK;
	op->sync_failed = true;
	return FAIL(op, ERR_IO, "磁盘没有确认写入（fsync：%m）。请停止使用，检查磁盘");
}

enum err fs_sync_dir(struct op *op, str dir)
{
	const char *name;
	FD_SCOPE(fd);

	TRY(path_c(op, dir, &name));
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return FAIL(op, ERR_IO, "打不开文件夹 %.*s（%m）", STR_ARG(dir));
	return fs_sync_fd(op, fd);
}

/* The folder that a path stands in: "." for a bare name, "/" at the root. */
static str dir_of(str path)
{
	size_t n = path.len;

	while (n > 1 && path.ptr[n - 1] == '/')
		n--;
	while (n > 0 && path.ptr[n - 1] != '/')
		n--;
	while (n > 1 && path.ptr[n - 1] == '/')
		n--;
	return n ? str_slice(path, 0, n) : STR(".");
}

static enum err write_temp(struct op *op, char *temp, str bytes, mode_t mode)
{
	FD_SCOPE(fd);

	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return FAIL(op, ERR_IO, "不能新建文件 %s（%m）", temp);
	enum err e = fs_write_fd(op, fd, bytes);
	if (!e && fchmod(fd, mode) != 0)
		e = FAIL(op, ERR_IO, "不能设置文件权限（%m）");
	if (!e)
		e = fs_sync_fd(op, fd);
	if (e)
		unlink(temp);
	return e;
}

enum err fs_write_atomic(struct op *op, str path, str bytes, mode_t mode)
{
	const char *name;

	TRY(path_c(op, path, &name));
	str temp = str_fmt(op->arena, "%.*s.XXXXXX", STR_ARG(path));
	char *temp_c = (char *)(uintptr_t)temp.ptr;	/* ours, and NUL-terminated */
	TRY(write_temp(op, temp_c, bytes, mode));
	if (rename(temp_c, name) != 0) {
		enum err e = FAIL(op, ERR_IO, "不能写入 %.*s（%m）", STR_ARG(path));
		unlink(temp_c);
		return e;
	}
	return fs_sync_dir(op, dir_of(path));
}

enum err fs_mkdirs(struct op *op, str path)
{
	const char *name;

	TRY(path_c(op, path, &name));
	char *p = (char *)(uintptr_t)str_c(op->arena, path);
	for (size_t i = 1; i <= path.len; i++) {
		if (p[i] != '/' && p[i] != '\0')
			continue;
		p[i] = '\0';
		if (mkdir(p, 0700) != 0 && errno != EEXIST)
			return FAIL(op, ERR_IO, "不能新建文件夹 %s（%m）", p);
		p[i] = i < path.len ? '/' : '\0';
	}
	if (!fs_is_dir(path))
		return FAIL(op, ERR_IO, "%.*s 不是文件夹", STR_ARG(path));
	return ERR_OK;
}

/* stat() of a view, for the questions that are asked without an op. */
static bool stat_of(str path, struct stat *ret_st)
{
	char name[4096];

	if (path.len == 0 || path.len >= sizeof(name) || memchr(path.ptr, '\0', path.len))
		return false;
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	return stat(name, ret_st) == 0;
}

bool fs_exists(str path)
{
	struct stat st;

	return stat_of(path, &st);
}

bool fs_is_dir(str path)
{
	struct stat st;

	return stat_of(path, &st) && S_ISDIR(st.st_mode);
}

static int str_cmp_v(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

enum err fs_list(struct op *op, str dir, str **ret_names, size_t *ret_n)
{
	const char *name;
	const struct dirent *de;
	VEC(str) names = { 0 };

	assert(ret_names && ret_n);
	TRY(path_c(op, dir, &name));
	DIR *d CLEANUP(close_dir) = opendir(name);
	if (!d && (errno == ENOENT || errno == ENOTDIR))
		return FAIL(op, ERR_NOTFOUND, "没有文件夹 %.*s", STR_ARG(dir));
	if (!d)
		return FAIL(op, ERR_IO, "打不开文件夹 %.*s（%m）", STR_ARG(dir));
	for (errno = 0; (de = readdir(d)) != NULL; errno = 0)
		if (de->d_name[0] != '.')
			*VEC_PUSH(op->arena, &names) = str_dup(op->arena, str_of(de->d_name));
	if (errno)
		return FAIL(op, ERR_IO, "读不了文件夹 %.*s（%m）", STR_ARG(dir));
	if (names.n)
		qsort(names.at, names.n, sizeof(*names.at), str_cmp_v);
	*ret_names = names.at;
	*ret_n = names.n;
	return ERR_OK;
}

enum err fs_remove(struct op *op, str path)
{
	const char *name;

	TRY(path_c(op, path, &name));
	if (unlink(name) != 0 && errno != ENOENT)
		return FAIL(op, ERR_IO, "不能删除 %.*s（%m）", STR_ARG(path));
	return ERR_OK;
}

str fs_join(struct arena *a, str dir, str name)
{
	assert(name.len > 0);
	if (dir.len == 0)
		return str_dup(a, name);
	return str_fmt(a, str_ends(dir, STR("/")) ? "%.*s%.*s" : "%.*s/%.*s",
		       STR_ARG(dir), STR_ARG(name));
}

enum err fs_lock(struct op *op, str path, int *ret_fd)
{
	const char *name;

	assert(ret_fd);
	TRY(path_c(op, path, &name));
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return FAIL(op, ERR_IO, "打不开 %.*s（%m）", STR_ARG(path));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum err e = errno == EWOULDBLOCK
			? FAIL(op, ERR_BUSY, "另一个程序正在使用这个数据文件夹")
			: FAIL(op, ERR_IO, "不能锁定 %.*s（%m）", STR_ARG(path));
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return ERR_OK;
}

void fs_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}