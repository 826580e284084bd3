/* large: the generated district for the bench is not there yet, and says so. */
#include "cli/demo/demo_int.h"

enum err demo_large_build(struct demo *d)
{
	return FAIL(d->op, ERR_INVALID, "--large 还没有做：这一版只能建普通的演示实例");
}
