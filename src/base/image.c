/*
 * image: see image.h. Allow-lists, not deny-lists: a segment or chunk that is not
 * known to draw the picture is dropped, or, where a decoder would not skip it, the
 * file is refused. Every loop moves forward in the input, so the work is linear.
 */
#include "base/image.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/image_int.h"
#include "base/limits.h"
#include "base/op.h"

enum image_kind image_sniff(str bytes)
{
	if (str_starts(bytes, STR("\xFF\xD8\xFF")))
		return IMAGE_JPEG;
	if (str_starts(bytes, STR("\x89PNG\r\n\x1A\n")))
		return IMAGE_PNG;
	if (str_starts(bytes, STR("RIFF")) && str_eq(str_slice(bytes, 8, 12), STR("WEBP")))
		return IMAGE_WEBP;
	return IMAGE_NONE;
}

str image_type(enum image_kind kind)
{
	switch (kind) {
	case IMAGE_NONE: return STR("application/octet-stream");
	case IMAGE_JPEG: return STR("image/jpeg");
	case IMAGE_PNG: return STR("image/png");
	case IMAGE_WEBP: return STR("image/webp");
	}
	panic("image kind %d", (int)kind);
}

/* ---- shared by the formats ---- */

uint32_t be16(const char *p)
{
	return (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

uint32_t be32(const char *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static uint32_t le16(const char *p)
{
	return (uint32_t)(unsigned char)p[1] << 8 | (unsigned char)p[0];
}

uint32_t le32(const char *p)
{
	return le16(p + 2) << 16 | le16(p);
}

void strip_put(struct strip *s, str bytes)
{
	assert(s->n + bytes.len <= s->in.len + IMAGE_ROOM);
	if (bytes.len)
		memcpy(s->out + s->n, bytes.ptr, bytes.len);
	s->n += bytes.len;
}

bool strip_size(struct strip *s, uint32_t width, uint32_t height)
{
	s->img.width = width;
	s->img.height = height;
	return (uint64_t)width * height <= IMAGE_PIXELS_MAX;
}

/* IFD0 only: that is where the orientation of the picture stands; IFD1 is its thumbnail. */
int tiff_orientation(str tiff)
{
	if (tiff.len < 8)
		return 1;
	bool big = str_starts(tiff, STR("MM\0*"));
	if (!big && !str_starts(tiff, STR("II*\0")))
		return 1;
	uint32_t at = big ? be32(tiff.ptr + 4) : le32(tiff.ptr + 4);
	if (at > tiff.len - 2)
		return 1;
	const char *p = tiff.ptr + at;
	uint32_t n = big ? be16(p) : le16(p);
	for (uint32_t i = 0; i < n && at + 2 + 12 * (size_t)(i + 1) <= tiff.len; i++) {
		const char *entry = p + 2 + 12 * i;
		uint32_t tag = big ? be16(entry) : le16(entry);
		uint32_t type = big ? be16(entry + 2) : le16(entry + 2);
		uint32_t v = big ? be16(entry + 8) : le16(entry + 8);
		if (tag == 0x0112)
			return type == 3 && v >= 1 && v <= 8 ? (int)v : 1;
	}
	return 1;
}

void tiff_make(int orientation, char ret_tiff[TIFF_LEN])
{
	static const char block[TIFF_LEN] = "MM\0*\0\0\0\x08" "\0\x01"	/* one entry at 8 */
		"\x01\x12\0\x03\0\0\0\x01\0\0\0\0" "\0\0\0";		/* no next IFD */

	assert(orientation >= 1 && orientation <= 8);
	memcpy(ret_tiff, block, TIFF_LEN);
	ret_tiff[19] = (char)orientation;
}

/* ---- the door ---- */

static enum err not_a_picture(struct op *op, str field, str bytes)
{
	str brand = str_slice(bytes, 4, 12);

	if (str_eq(brand, STR("ftypheic")) || str_eq(brand, STR("ftypheix")) ||
	    str_eq(brand, STR("ftypmif1")))
		return INVALID(op, field, "这是 HEIC 照片，这里打不开。请在手机相机设置里选“兼容性最佳”后重拍，"
			       "或转成 JPEG 再上传。");
	return INVALID(op, field, "只收 JPEG、PNG、WebP 图片，这个文件不是。");
}

static enum strip_end strip_by_kind(struct strip *s)
{
	switch (s->img.kind) {
	case IMAGE_JPEG: return strip_jpeg(s);
	case IMAGE_PNG: return strip_png(s);
	case IMAGE_WEBP: return strip_webp(s);
	case IMAGE_NONE: break;
	}
	return STRIP_UNKNOWN;
}

static enum err answer(struct op *op, str field, enum strip_end end)
{
	switch (end) {
	case STRIP_OK:
		return ERR_OK;
	case STRIP_DAMAGED:
		return INVALID(op, field, "图片不完整或已损坏，请重新上传。");
	case STRIP_ANIMATED:
		return INVALID(op, field, "不收动图，请上传静态图片。");
	case STRIP_UNKNOWN:
		return INVALID(op, field, "不支持这种图片，请另存为普通的 JPEG 或 PNG 再上传。");
	case STRIP_TOO_BIG:
		(void)INVALID(op, field, "图片太大，最多 %lu 万像素。", IMAGE_PIXELS_MAX / 10000);
		return ERR_LIMIT;
	}
	panic("image end %d", (int)end);
}

enum err image_strip(struct op *op, str field, str bytes, struct image *ret_image)
{
	struct strip s = { .op = op, .field = field, .in = bytes };

	assert(op->arena && ret_image);
	if (bytes.len > UPLOAD_BYTES_MAX)
		return FAIL(op, ERR_LIMIT, "文件太大，最多 %lu MB", UPLOAD_BYTES_MAX / MIB);
	s.img.kind = image_sniff(bytes);
	s.img.orientation = 1;
	if (s.img.kind == IMAGE_NONE)
		return not_a_picture(op, field, bytes);
	s.out = arena_alloc(op->arena, bytes.len + IMAGE_ROOM);
	TRY(answer(op, field, strip_by_kind(&s)));
	assert(s.img.width > 0 && s.img.height > 0 && s.n > 0);
	s.img.bytes = (str){ s.out, s.n };
	*ret_image = s.img;
	return ERR_OK;
}
