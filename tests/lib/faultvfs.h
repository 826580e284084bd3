/*
 * faultvfs: a layer under SQLite that breaks the n-th write or sync of a file of our
 * choice. Everything else goes to the real one. One thread of the program writes (the
 * writer), so the counters need no lock; arming happens while it rests.
 */
#ifndef TESTS_LIB_FAULTVFS_H
#define TESTS_LIB_FAULTVFS_H

#include <stdbool.h>

enum fault_kind { FAULT_NONE, FAULT_WRITE_FULL, FAULT_WRITE_IO, FAULT_SYNC_IO };

void faultvfs_install(void);		/* before the first connection; becomes the default */
/*
 * The `nth` such call (1 = the next) on a file whose name ends in `suffix` fails, and all after
 * it until disarmed.
 */
void faultvfs_arm(enum fault_kind kind, int nth, const char *suffix);
void faultvfs_disarm(void);
int faultvfs_hits(void);		/* faults given since arming */
int faultvfs_syncs(bool wal); /* xSync calls since the start: on the log, or on everything */

#endif
