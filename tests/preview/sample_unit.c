/* The pages of the unit. See preview.h. */
#include "preview.h"

const struct preview preview_unit[] = { { NULL, NULL } };
