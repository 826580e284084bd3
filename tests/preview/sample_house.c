/* The pages of the house. See preview.h. */
#include "preview.h"

const struct preview preview_house[] = { { NULL, NULL } };
