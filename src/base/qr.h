/* qr: QR codes over libqrencode (base/qr.c is its one adapter): modules, and a path for SVG. */
#ifndef BASE_QR_H
#define BASE_QR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct op;
struct arena;

#define QR_QUIET 4	/* modules of white around; the standard asks for 4 */

/* size × size, row by row, 1 is dark, no quiet zone */
struct qr { int size; const uint8_t *dark; };

/* Error correction M (15 %): a plaque gets scratched. ERR_LIMIT when the text is too long. */
MUST_CHECK enum err qr_make(struct op *op, str text, struct qr *ret_qr);
static inline bool qr_dark(const struct qr *q, int row, int col)
{
	return q->dark[row * q->size + col];
}
/* The side of the picture with its quiet zone: viewBox="0 0 side side". */
static inline int qr_side(const struct qr *q)
{
	return q->size + 2 * QR_QUIET;
}
/* The dark modules as the `d` of one SVG path, in units of modules, quiet zone included. */
str qr_svg_path(struct arena *a, const struct qr *q);

#endif
