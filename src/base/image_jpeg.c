/*
 * image_jpeg: JPEG as ITU T.81 and the EXIF standard have it. Kept: quantisation and
 * Huffman tables, the frame (baseline, extended, progressive; 8 bits), restart
 * interval, scans, and Adobe's APP14, which says how colours are stored. The output
 * ends at the first EOI: what phones append (a film, a second picture) is gone.
 */
#include "base/image_int.h"

#include <assert.h>
#include <string.h>

#include "base/op.h"

#define SCANS_MAX 100		/* encoders write about 10; more is an attack on decoders */

enum {
	M_SOF0 = 0xC0, M_SOF1 = 0xC1, M_SOF2 = 0xC2, M_DHT = 0xC4, M_RST0 = 0xD0, M_RST7 = 0xD7,
	M_SOI = 0xD8, M_EOI = 0xD9, M_SOS = 0xDA, M_DQT = 0xDB, M_DNL = 0xDC, M_DRI = 0xDD,
	M_APP0 = 0xE0, M_APP1 = 0xE1, M_APP14 = 0xEE, M_APP15 = 0xEF, M_COM = 0xFE,
};

struct jpeg { struct strip *s; int frames, scans; bool oriented; };

static unsigned byte_at(const struct strip *s, size_t at)
{
	assert(at < s->in.len);
	return (unsigned char)s->in.ptr[at];
}

/* The next marker; fill bytes (FF FF …) before it are dropped. 0 at the end. */
static unsigned next_marker(struct strip *s)
{
	if (s->at + 2 > s->in.len || byte_at(s, s->at) != 0xFF)
		return 0;
	while (s->at + 1 < s->in.len && byte_at(s, s->at + 1) == 0xFF)
		s->at++;
	if (s->at + 2 > s->in.len)
		return 0;
	unsigned m = byte_at(s, s->at + 1);
	s->at += 2;
	return m;
}

static void put_segment(struct strip *s, unsigned marker, str payload)
{
	size_t len = payload.len + 2;
	char head[4] = { (char)0xFF, (char)marker, (char)(len >> 8), (char)(len & 0xFF) };

	assert(len <= 0xFFFF);
	strip_put(s, (str){ head, 4 });
	strip_put(s, payload);
}

/* Tables fill their segment exactly: no room for anything else in them. */
static bool dqt_exact(str p)
{
	while (p.len) {
		size_t need = (unsigned char)p.ptr[0] >> 4 ? 129 : 65;
		if (p.len < need)
			return false;
		p = str_slice(p, need, p.len);
	}
	return true;
}

static bool dht_exact(str p)
{
	while (p.len) {
		size_t need = 17;
		if (p.len < need)
			return false;
		for (int i = 1; i <= 16; i++)
			need += (unsigned char)p.ptr[i];
		if (p.len < need)
			return false;
		p = str_slice(p, need, p.len);
	}
	return true;
}

static enum strip_end on_frame(struct jpeg *j, unsigned marker, str p)
{
	if (++j->frames > 1 || p.len < 6)
		return STRIP_DAMAGED;
	unsigned components = (unsigned char)p.ptr[5];
	uint32_t height = be16(p.ptr + 1), width = be16(p.ptr + 3);
	if (p.ptr[0] != 8)
		return STRIP_UNKNOWN;
	if ((components != 1 && components != 3 && components != 4) ||
	    p.len != 6 + 3 * (size_t)components || width == 0 || height == 0)
		return STRIP_DAMAGED;
	if (!strip_size(j->s, width, height))
		return STRIP_TOO_BIG;
	put_segment(j->s, marker, p);
	return STRIP_OK;
}

/* The compressed bytes up to the next marker that is no restart. */
static void copy_scan(struct strip *s)
{
	size_t from = s->at;

	while (s->at + 1 < s->in.len) {
		const char *ff = memchr(s->in.ptr + s->at, 0xFF, s->in.len - 1 - s->at);
		if (!ff) {
			s->at = s->in.len;
			break;
		}
		s->at = (size_t)(ff - s->in.ptr);
		unsigned m = byte_at(s, s->at + 1);
		if (m != 0 && !(m >= M_RST0 && m <= M_RST7))
			break;
		s->at += 2;
	}
	strip_put(s, str_slice(s->in, from, s->at));
}

static enum strip_end on_scan(struct jpeg *j, str p)
{
	if (j->frames == 0 || p.len < 1 || ++j->scans > SCANS_MAX)
		return STRIP_DAMAGED;
	unsigned n = (unsigned char)p.ptr[0];
	if (n < 1 || n > 4 || p.len != 4 + 2 * (size_t)n)
		return STRIP_DAMAGED;
	put_segment(j->s, M_SOS, p);
	copy_scan(j->s);
	return STRIP_OK;
}

/* APP1 with EXIF: only the orientation lives on, once, before the tables. */
static void on_exif(struct jpeg *j, str p)
{
	char exif[6 + TIFF_LEN] = "Exif\0";

	if (j->oriented || j->frames || !str_starts(p, STR("Exif\0\0")))
		return;
	int turned = tiff_orientation(str_slice(p, 6, p.len));
	if (turned == 1)
		return;
	tiff_make(turned, exif + 6);
	put_segment(j->s, M_APP1, (str){ exif, sizeof(exif) });
	j->s->img.orientation = turned;
	j->oriented = true;
}

static enum strip_end on_segment(struct jpeg *j, unsigned marker, str p)
{
	switch (marker) {
	case M_SOF0:
	case M_SOF1:
	case M_SOF2:
		return on_frame(j, marker, p);
	case M_SOS:
		return on_scan(j, p);
	case M_DQT:
		if (!dqt_exact(p))
			return STRIP_DAMAGED;
		break;
	case M_DHT:
		if (!dht_exact(p))
			return STRIP_DAMAGED;
		break;
	case M_DRI:
		if (p.len != 2)
			return STRIP_DAMAGED;
		break;
	case M_APP1:
		on_exif(j, p);
		return STRIP_OK;
	case M_APP14:
		if (!str_starts(p, STR("Adobe")) || p.len < 12)
			return STRIP_OK;
		p = str_slice(p, 0, 12);
		break;
	default:
		/* Notes are dropped; another way of coding is none that browsers draw. */
		return marker == M_COM || (marker >= M_APP0 && marker <= M_APP15)
			? STRIP_OK : STRIP_UNKNOWN;
	}
	put_segment(j->s, marker, p);
	return STRIP_OK;
}

enum strip_end strip_jpeg(struct strip *s)
{
	struct jpeg j = { .s = s };

	strip_put(s, STR("\xFF\xD8"));
	s->at = 2;
	for (;;) {
		unsigned marker = next_marker(s);
		if (marker == M_EOI)
			break;
		if (marker < M_SOF0 || marker == M_SOI || marker == 0xFF ||
		    (marker >= M_RST0 && marker <= M_RST7) || s->at + 2 > s->in.len)
			return STRIP_DAMAGED;
		size_t len = be16(s->in.ptr + s->at);
		if (len < 2 || len > s->in.len - s->at)
			return STRIP_DAMAGED;
		str payload = str_slice(s->in, s->at + 2, s->at + len);
		s->at += len;
		enum strip_end end = on_segment(&j, marker, payload);
		if (end != STRIP_OK)
			return end;
	}
	if (j.frames != 1 || j.scans == 0)
		return STRIP_DAMAGED;
	strip_put(s, STR("\xFF\xD9"));
	return STRIP_OK;
}
