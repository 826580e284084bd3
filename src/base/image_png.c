/*
 * image_png: PNG (ISO 15948). Kept: IHDR, PLTE, tRNS, IDAT, IEND, and an eXIf with the
 * orientation alone. Check sums are verified, so that a damaged picture is refused at
 * the door and not found years later. The chunks that make a PNG move are dropped:
 * its first picture stays.
 */
#include "base/image_int.h"

#include <assert.h>
#include <string.h>

#include "base/op.h"

struct png { struct strip *s; bool header, palette, data, data_over, trans, end; };

/* CRC-32 of ISO 3309, four bits at a time: a table of 16 needs no set-up. */
static uint32_t crc_of(str bytes)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158,
		0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4,
		0xA00AE278, 0xBDBDF21C,
	};
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= (unsigned char)bytes.ptr[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static void put_be32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> (24 - 8 * i));
}

static void put_exif(struct strip *s, int orientation)
{
	char chunk[12 + TIFF_LEN] = "";

	put_be32(chunk, TIFF_LEN);
	memcpy(chunk + 4, "eXIf", 4);
	tiff_make(orientation, chunk + 8);
	put_be32(chunk + 8 + TIFF_LEN, crc_of((str){ chunk + 4, 4 + TIFF_LEN }));
	strip_put(s, (str){ chunk, sizeof(chunk) });
}

static enum strip_end on_header(struct png *p, str d)
{
	if (p->header || d.len != 13)
		return STRIP_DAMAGED;
	unsigned depth = (unsigned char)d.ptr[8], color = (unsigned char)d.ptr[9];
	bool depth_ok = depth == 8 || (depth == 16 && color != 3) ||
			((depth == 1 || depth == 2 || depth == 4) && (color == 0 || color == 3));
	if (!depth_ok || color > 6 || color == 1 || color == 5 || d.ptr[10] || d.ptr[11] ||
	    (unsigned char)d.ptr[12] > 1)
		return STRIP_DAMAGED;
	uint32_t width = be32(d.ptr), height = be32(d.ptr + 4);
	if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
		return STRIP_DAMAGED;
	p->header = true;
	return strip_size(p->s, width, height) ? STRIP_OK : STRIP_TOO_BIG;
}

/* What to do with a chunk; *ret_keep tells whether it is copied. */
static enum strip_end on_chunk(struct png *p, str type, str d, bool *ret_keep)
{
	*ret_keep = true;
	if (!p->header && !str_eq(type, STR("IHDR")))
		return STRIP_DAMAGED;
	if (str_eq(type, STR("IDAT"))) {
		if (p->data_over)
			return STRIP_DAMAGED;
		p->data = true;
		return STRIP_OK;
	}
	p->data_over = p->data;
	if (str_eq(type, STR("IHDR")))
		return on_header(p, d);
	if (str_eq(type, STR("IEND"))) {
		p->end = true;
		return p->data && d.len == 0 ? STRIP_OK : STRIP_DAMAGED;
	}
	if (str_eq(type, STR("PLTE"))) {
		bool ok = !p->palette && !p->data && d.len % 3 == 0 && d.len && d.len <= 768;
		p->palette = true;
		return ok ? STRIP_OK : STRIP_DAMAGED;
	}
	if (str_eq(type, STR("tRNS"))) {
		bool ok = !p->trans && !p->data && d.len <= 256;
		p->trans = true;
		return ok ? STRIP_OK : STRIP_DAMAGED;
	}
	*ret_keep = false;
	if (str_eq(type, STR("eXIf")) && p->s->img.orientation == 1) {
		/* Where it stood: browsers turn the picture only if it comes before the data. */
		p->s->img.orientation = tiff_orientation(d);
		if (p->s->img.orientation != 1)
			put_exif(p->s, p->s->img.orientation);
		return STRIP_OK;
	}
	/* An upper-case first letter: a decoder may not skip it. */
	return type.ptr[0] >= 'a' ? STRIP_OK : STRIP_UNKNOWN;
}

static bool type_valid(str type)
{
	for (size_t i = 0; i < type.len; i++) {
		char c = type.ptr[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
			return false;
	}
	return true;
}

static enum strip_end next_chunk(struct png *p)
{
	struct strip *s = p->s;
	bool keep;

	if (s->in.len - s->at < 12)
		return STRIP_DAMAGED;
	uint32_t len = be32(s->in.ptr + s->at);
	if (len > s->in.len - s->at - 12)
		return STRIP_DAMAGED;
	str chunk = str_slice(s->in, s->at, s->at + 12 + len);
	str type = str_slice(chunk, 4, 8), data = str_slice(chunk, 8, 8 + len);
	s->at += 12 + (size_t)len;
	if (!type_valid(type))
		return STRIP_DAMAGED;
	enum strip_end end = on_chunk(p, type, data, &keep);
	if (end != STRIP_OK || !keep)
		return end;
	if (crc_of(str_slice(chunk, 4, 8 + len)) != be32(chunk.ptr + 8 + len))
		return STRIP_DAMAGED;
	strip_put(s, chunk);
	return STRIP_OK;
}

enum strip_end strip_png(struct strip *s)
{
	struct png p = { .s = s };

	assert(s->in.len >= 8);
	strip_put(s, str_slice(s->in, 0, 8));
	s->at = 8;
	while (!p.end) {
		enum strip_end end = next_chunk(&p);
		if (end != STRIP_OK)
			return end;
	}
	return STRIP_OK;
}
