/* faultvfs: see faultvfs.h. */
#include "lib/faultvfs.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include <sqlite3.h>

struct file {
	sqlite3_file base;
	const char *name;	/* SQLite's own, lives as long as the file */
	sqlite3_file real[];
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs shim;
static _Atomic int armed, left, hits, syncs_wal, syncs_all;
static const char *only;

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct file *)f)->real;
}

static int ends(const char *s, const char *suffix)
{
	size_t n = s ? strlen(s) : 0, m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static int struck(sqlite3_file *f, int a, int b)
{
	const char *name = ((struct file *)f)->name;

	if ((armed != a && armed != b) || !ends(name, only))
		return 0;
	if (left > 1) {
		left--;
		return 0;
	}
	hits++;
	return 1;
}

static int f_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	if (struck(f, FAULT_WRITE_FULL, FAULT_WRITE_IO))
		return armed == FAULT_WRITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
	syncs_all++;
	if (ends(((struct file *)f)->name, "-wal"))
		syncs_wal++;
	if (struck(f, FAULT_SYNC_IO, FAULT_SYNC_IO))
		return SQLITE_IOERR_FSYNC;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int f_lock(sqlite3_file *f, int l)
{
	return real_of(f)->pMethods->xLock(real_of(f), l);
}

static int f_unlock(sqlite3_file *f, int l)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), l);
}

static int f_check(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int f_control(sqlite3_file *f, int code, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), code, arg);
}

static int f_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int f_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **at)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, at);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_check,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_device,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct file *file = (struct file *)f;
	int rc;

	(void)v;
	file->name = name;
	rc = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
	f->pMethods = file->real->pMethods ? &methods : NULL;
	return rc;
}

void faultvfs_install(void)
{
	sqlite3_initialize();
	real_vfs = sqlite3_vfs_find(NULL);
	assert(real_vfs && real_vfs != &shim);
	shim = *real_vfs;
	shim.zName = "fault";
	shim.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
	shim.xOpen = v_open;
	sqlite3_vfs_register(&shim, 1);
}

void faultvfs_arm(enum fault_kind kind, int nth, const char *suffix)
{
	only = suffix;
	left = nth;
	hits = 0;
	armed = (int)kind;
}

void faultvfs_disarm(void)
{
	armed = FAULT_NONE;
}

int faultvfs_hits(void)
{
	return hits;
}

int faultvfs_syncs(bool wal)
{
	return wal ? syncs_wal : syncs_all;
}
