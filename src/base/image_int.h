/* image_int: what the three formats share: a bounded reader, a writer, the orientation. */
#ifndef BASE_IMAGE_INT_H
#define BASE_IMAGE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/image.h"

/*
 * out has room for the whole input and IMAGE_ROOM more: kept parts are copied, one EXIF is
 * written.
 */
#define IMAGE_ROOM 128
struct strip { struct op *op; str field, in; size_t at; char *out; size_t n; struct image img; };

enum strip_end { STRIP_OK, STRIP_DAMAGED, STRIP_ANIMATED, STRIP_TOO_BIG, STRIP_UNKNOWN };

void strip_put(struct strip *s, str bytes);
bool strip_size(struct strip *s, uint32_t width, uint32_t height);	/* false past the limit */
uint32_t be16(const char *p);
uint32_t be32(const char *p);
uint32_t le32(const char *p);
#define TIFF_LEN 26
/* The orientation in a TIFF block, 1 when there is none; and a block with nothing else. */
int tiff_orientation(str tiff);
void tiff_make(int orientation, char ret_tiff[TIFF_LEN]);

enum strip_end strip_jpeg(struct strip *s);
enum strip_end strip_png(struct strip *s);
enum strip_end strip_webp(struct strip *s);

#endif
