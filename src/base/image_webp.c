/*
 * image_webp: WebP (RFC 9649). Kept: the one picture (VP8 or VP8L) with its alpha, and
 * an EXIF with the orientation alone; the extended header is written anew to match.
 * An animation is refused: its frames are not bounded by the size of the canvas.
 */
#include "base/image_int.h"

#include <assert.h>
#include <string.h>

#include "base/op.h"

#define FLAG_ANIMATED 0x02
#define FLAG_EXIF 0x08
#define FLAG_ALPHA 0x10

struct webp { struct strip *s; str extended, alpha, picture; bool lossless; };

static void put_le32(char *p, size_t v)
{
	assert(v <= UINT32_MAX);
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> (8 * i));
}

static void put_chunk(struct strip *s, const char *type, str data)
{
	char head[8];

	memcpy(head, type, 4);
	put_le32(head + 4, data.len);
	strip_put(s, (str){ head, 8 });
	strip_put(s, data);
	if (data.len % 2)
		strip_put(s, STR("\0"));
}

static enum strip_end on_chunk(struct webp *w, str type, str d)
{
	str *part = NULL;

	if (str_eq(type, STR("ANIM")) || str_eq(type, STR("ANMF")))
		return STRIP_ANIMATED;
	if (str_eq(type, STR("EXIF"))) {
		if (str_starts(d, STR("Exif\0\0")))
			d = str_slice(d, 6, d.len);
		w->s->img.orientation = tiff_orientation(d);
		return STRIP_OK;
	}
	if (str_eq(type, STR("VP8X")))
		part = &w->extended;
	else if (str_eq(type, STR("ALPH")))
		part = &w->alpha;
	else if (str_eq(type, STR("VP8 ")) || str_eq(type, STR("VP8L")))
		part = &w->picture;
	if (!part)
		return STRIP_OK;
	if (part->ptr || (part == &w->extended && d.len != 10))
		return STRIP_DAMAGED;
	*part = d;
	if (part == &w->picture)
		w->lossless = type.ptr[3] == 'L';
	return STRIP_OK;
}

static enum strip_end read_chunks(struct webp *w)
{
	struct strip *s = w->s;
	size_t end = (size_t)le32(s->in.ptr + 4) + 8;

	if (end > s->in.len || end < 20)
		return STRIP_DAMAGED;
	for (s->at = 12; s->at + 8 <= end;) {
		size_t len = le32(s->in.ptr + s->at + 4);
		if (len > end - s->at - 8)
			return STRIP_DAMAGED;
		enum strip_end e = on_chunk(w, str_slice(s->in, s->at, s->at + 4),
					    str_slice(s->in, s->at + 8, s->at + 8 + len));
		if (e != STRIP_OK)
			return e;
		s->at += 8 + len + len % 2;
	}
	return w->picture.ptr ? STRIP_OK : STRIP_DAMAGED;
}

/* The size that the picture itself states; 0 × 0 when it is none. */
static void picture_size(const struct webp *w, uint32_t *ret_width, uint32_t *ret_height)
{
	const char *p = w->picture.ptr;

	*ret_width = *ret_height = 0;
	if (w->lossless && w->picture.len >= 5 && p[0] == 0x2F) {
		uint32_t bits = le32(p + 1);
		*ret_width = (bits & 0x3FFF) + 1;
		*ret_height = (bits >> 14 & 0x3FFF) + 1;
	} else if (!w->lossless && w->picture.len >= 10 && !(p[0] & 1) &&
		   memcmp(p + 3, "\x9D\x01\x2A", 3) == 0) {
		uint32_t dims = le32(p + 6);
		*ret_width = dims & 0x3FFF;
		*ret_height = dims >> 16 & 0x3FFF;
	}
}

static uint32_t le24(const char *p)
{
	return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
	       (uint32_t)(unsigned char)p[2] << 16;
}

static void put_extended(struct webp *w)
{
	char x[10] = "";
	bool alpha = w->alpha.ptr || (w->extended.ptr[0] & FLAG_ALPHA);

	x[0] = (char)((alpha ? FLAG_ALPHA : 0) | (w->s->img.orientation != 1 ? FLAG_EXIF : 0));
	memcpy(x + 4, w->extended.ptr + 4, 6);
	put_chunk(w->s, "VP8X", (str){ x, sizeof(x) });
}

enum strip_end strip_webp(struct strip *s)
{
	struct webp w = { .s = s };
	uint32_t width, height;
	char tiff[TIFF_LEN];

	if (s->in.len < 20)
		return STRIP_DAMAGED;
	enum strip_end end = read_chunks(&w);
	if (end != STRIP_OK)
		return end;
	picture_size(&w, &width, &height);
	if (width == 0 || height == 0)
		return STRIP_DAMAGED;
	if (w.extended.ptr && (w.extended.ptr[0] & FLAG_ANIMATED))
		return STRIP_ANIMATED;
	if (w.extended.ptr && (le24(w.extended.ptr + 4) + 1 != width ||
			       le24(w.extended.ptr + 7) + 1 != height))
		return STRIP_DAMAGED;
	if (!strip_size(s, width, height))
		return STRIP_TOO_BIG;
	if (!w.extended.ptr)		/* the plain file format has neither */
		s->img.orientation = 1;
	strip_put(s, STR("RIFF\0\0\0\0WEBP"));
	if (w.extended.ptr)
		put_extended(&w);
	if (w.extended.ptr && w.alpha.ptr && !w.lossless)
		put_chunk(s, "ALPH", w.alpha);
	put_chunk(s, w.lossless ? "VP8L" : "VP8 ", w.picture);
	if (s->img.orientation != 1) {
		tiff_make(s->img.orientation, tiff);
		put_chunk(s, "EXIF", (str){ tiff, TIFF_LEN });
	}
	put_le32(s->out + 4, s->n - 8);
	return STRIP_OK;
}
