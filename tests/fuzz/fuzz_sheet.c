/*
 * fuzz_sheet: an upload of any bytes → sheets within the bounds, or a refusal. Deflate
 * hides the XML from a fuzzer, so input that does not look like an archive is also
 * packed (stored, with right sums) as the one sheet of a workbook.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/sheet.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_bytes(str bytes)
{
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct book book;
	size_t area = 0;

	enum err e = book_open(&op, bytes, STR("x"), &book);
	if (e != ERR_OK) {
		assert(op.errmsg[0]);
		arena_free(op.arena);
		return;
	}
	assert(book.n <= SHEET_TABS_MAX);
	for (size_t i = 0; i < book.n; i++) {
		const struct sheet *s = &book.at[i];
		area += s->rows * s->cols;
		assert(s->rows <= SHEET_ROWS_MAX && s->cols <= SHEET_COLS_MAX);
		assert(area <= SHEET_AREA_MAX);
		for (size_t k = 0; k < s->rows * s->cols; k++)
			assert(utf8_valid(s->cell[k]));
	}
	arena_free(op.arena);
}

static uint32_t crc_of(str s)
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned char)s.ptr[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

static void le(char *p, size_t n, uint64_t v)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(v >> (8 * i));
}

struct pack { char *out; size_t n; char dir[1024]; size_t dir_n; int entries; };

static void add(struct pack *p, const char *name, str data)
{
	char *h = p->out + p->n, *d = p->dir + p->dir_n;
	size_t name_len = strlen(name);
	uint32_t crc = crc_of(data);

	memset(h, 0, 30);
	memcpy(h, "PK\x03\x04\x14", 5);
	le(h + 14, 4, crc);
	le(h + 18, 4, data.len);
	le(h + 22, 4, data.len);
	le(h + 26, 2, name_len);
	memcpy(h + 30, name, name_len);
	if (data.len)
		memcpy(h + 30 + name_len, data.ptr, data.len);
	memset(d, 0, 46);
	memcpy(d, "PK\x01\x02\x14\0\x14", 7);
	memcpy(d + 16, h + 14, 14);
	le(d + 42, 4, p->n);
	memcpy(d + 46, name, name_len);
	p->n += 30 + name_len + data.len;
	p->dir_n += 46 + name_len;
	p->entries++;
	assert(p->dir_n < sizeof(p->dir) - 100);
}

static void as_sheet(str xml)
{
	struct pack p = { .out = malloc(xml.len + 8192) };

	if (!p.out)
		return;
	add(&p, "_rels/.rels",
		STR("<R><Relationship Id='a' Type='/officeDocument' Target='w.xml'/></R>"));
	add(&p, "w.xml", STR("<w xmlns:r='r'><sheet name='s' r:id='s'/></w>"));
	add(&p, "_rels/w.xml.rels", STR("<R><Relationship Id='s' Type='/worksheet' Target='s.xml'/>"
		"<Relationship Id='t' Type='/sharedStrings' Target='s.xml'/>"
		"<Relationship Id='u' Type='/styles' Target='s.xml'/></R>"));
	add(&p, "s.xml", xml);
	size_t dir_at = p.n;
	memcpy(p.out + p.n, p.dir, p.dir_n);
	p.n += p.dir_n;
	char *e = p.out + p.n;
	memset(e, 0, 22);
	memcpy(e, "PK\x05\x06", 4);
	le(e + 8, 2, (uint64_t)p.entries);
	le(e + 10, 2, (uint64_t)p.entries);
	le(e + 12, 4, p.dir_n);
	le(e + 16, 4, dir_at);
	open_bytes((str){ p.out, p.n + 22 });
	free(p.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str bytes = { (const char *)data, size };

	open_bytes(bytes);
	if (!str_starts(bytes, STR("PK")) && size < 100000)
		as_sheet(bytes);
	return 0;
}
