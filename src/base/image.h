/*
 * image: pictures as bytes. The server never decodes one (trust.md 3.I): it knows a
 * picture by its magic, reads its size from the header, and copies only the parts
 * that draw it. What is left holds no place, time, camera, comment, thumbnail, second
 * picture or appended file; the way it is turned (EXIF orientation) is kept, written
 * anew. Stripping twice gives the same bytes as stripping once.
 */
#ifndef BASE_IMAGE_H
#define BASE_IMAGE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct op;

enum image_kind { IMAGE_NONE, IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };

struct image {
	enum image_kind kind;
	uint32_t width, height;		/* as stored, before turning */
	int orientation;		/* EXIF: 1 upright … 8 */
	str bytes;			/* the stripped file */
};

enum image_kind image_sniff(str bytes);
str image_type(enum image_kind kind);	/* "image/jpeg" … */
/*
 * Strip into op->arena. ERR_INVALID by `field` when it is no picture of these kinds, damaged,
 * cut off or animated; ERR_LIMIT above IMAGE_PIXELS_MAX.
 */
MUST_CHECK enum err image_strip(struct op *op, str field, str bytes, struct image *ret_image);

#endif
