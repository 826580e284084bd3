/* qr: see qr.h. */
#include "base/qr.h"

#include <assert.h>
#include <string.h>

#include <qrencode.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/op.h"

#define QR_TEXT_MAX 1000
#define QR_PATH_MAX (1 * MIB)

enum err qr_make(struct op *op, str text, struct qr *ret_qr)
{
	assert(op->arena && ret_qr);
	if (text.len == 0 || memchr(text.ptr, '\0', text.len))
		return FAIL(op, ERR_INVALID, "二维码的内容是空的");
	if (text.len > QR_TEXT_MAX)
		return FAIL(op, ERR_LIMIT, "二维码的内容太长");
	QRcode *code = QRcode_encodeString(str_c(op->arena, text), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (!code)
		return FAIL(op, ERR_LIMIT, "生成不了二维码");
	assert(code->width >= 21 && code->width <= 177);
	size_t n = (size_t)code->width * (size_t)code->width;
	uint8_t *dark = arena_alloc(op->arena, n);
	for (size_t i = 0; i < n; i++)
		dark[i] = code->data[i] & 1;
	*ret_qr = (struct qr){ code->width, dark };
	QRcode_free(code);
	return ERR_OK;
}

/* One rectangle per run of dark modules in a row: short, and no hairlines between modules. */
static void add_row(struct buf *b, const struct qr *q, int row)
{
	for (int col = 0; col < q->size;) {
		int from = col;
		while (col < q->size && qr_dark(q, row, col))
			col++;
		if (col > from)
			buf_addf(b, "M%d %dh%dv1h-%dz", from + QR_QUIET, row + QR_QUIET,
				 col - from, col - from);
		else
			col++;
	}
}

str qr_svg_path(struct arena *a, const struct qr *q)
{
	struct buf b;
	str path;

	assert(q->size > 0 && q->dark);
	buf_init(&b, QR_PATH_MAX);
	for (int row = 0; row < q->size; row++)
		add_row(&b, q, row);
	if (buf_finish(&b, &path) != ERR_OK)
		panic("qr: no memory for a path");
	path = str_dup(a, path);
	buf_release(&b);
	return path;
}
