/* block: see block.h. */
#include "report/block.h"

#include <assert.h>

#include "base/err.h"

bool paper_parse(str s, enum paper *ret_p)
{
	static const struct { const char *word; enum paper p; } words[] = {
		{ "", PAPER_A4 }, { "A4", PAPER_A4 }, { "A5", PAPER_A5 }, { "plate", PAPER_PLATE },
		{ "card", PAPER_CARD },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(s, str_of(words[i].word))) {
			*ret_p = words[i].p;
			return true;
		}
	return false;
}

void document_begin(struct document *d, struct arena *a, str title, enum paper size,
		    int64_t made_ms)
{
	*d = (struct document){ .arena = a, .title = title, .size = size, .made_ms = made_ms };
}

struct sheet *document_sheet(struct document *d, str title)
{
	struct sheet *s = VEC_PUSH(d->arena, &d->sheet);

	s->title = title;
	return s;
}

struct text text_of(struct arena *a, str s)
{
	struct run *r;

	if (str_empty(s))
		return (struct text){ NULL, 0 };
	r = NEW(a, struct run);
	r->text = s;
	return (struct text){ r, 1 };
}

bool text_empty(const struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->run[i].text.len)
			return false;
	return true;
}

str text_plain(struct arena *a, const struct text *t)
{
	str *part = NEW_N(a, t->n, str);

	for (size_t i = 0; i < t->n; i++)
		part[i] = t->run[i].text;
	return str_join(a, part, t->n, STR(""));
}

struct block *sheet_add(struct arena *a, struct sheet *s, enum block_kind kind)
{
	struct block *b = VEC_PUSH(a, &s->block);

	b->kind = kind;
	return b;
}

void sheet_heading(struct arena *a, struct sheet *s, int level, str text)
{
	struct block *b = sheet_add(a, s, BLOCK_HEADING);

	b->level = level;
	b->text = text_of(a, text);
}

void sheet_para(struct arena *a, struct sheet *s, str text)
{
	sheet_add(a, s, BLOCK_PARA)->text = text_of(a, text);
}

void sheet_facts(struct arena *a, struct sheet *s, const struct fact *f, size_t n)
{
	struct block *b;

	if (!n)
		return;
	b = sheet_add(a, s, BLOCK_FACTS);
	b->fact = f;
	b->fact_n = n;
}

void sheet_signs(struct arena *a, struct sheet *s, const struct sign_line *l, size_t n)
{
	struct block *b;

	if (!n)
		return;
	b = sheet_add(a, s, BLOCK_SIGNS);
	b->sign = l;
	b->sign_n = n;
}

void table_begin(struct table_make *t, struct arena *a, const char *const *head, size_t col_n)
{
	assert(col_n > 0 && col_n <= TABLE_COLS_MAX);
	*t = (struct table_make){ .arena = a, .head = NEW_N(a, col_n, struct text),
				  .col_n = col_n };
	for (size_t i = 0; i < col_n; i++)
		t->head[i] = text_of(a, str_of(head[i]));
}

void table_text(struct table_make *t, struct text text)
{
	*VEC_PUSH(t->arena, &t->cell) = text;
}

void table_cell(struct table_make *t, str text)
{
	table_text(t, text_of(t->arena, text));
}

void table_end(struct table_make *t, struct sheet *s)
{
	struct block *b = sheet_add(t->arena, s, BLOCK_TABLE);

	assert(t->cell.n % t->col_n == 0);
	b->table = (struct table){ .caption = t->caption, .head = t->head, .cell = t->cell.at,
				   .col_n = t->col_n, .row_n = t->cell.n / t->col_n,
				   .num = t->num, .sum = t->sum };
}

str provenance_line(struct arena *a, const struct provenance *p)
{
	str part[6];
	size_t n = 0;

	if (p->number.len)
		part[n++] = str_fmt(a, "编号 %.*s", STR_ARG(p->number));
	if (p->unit.len)
		part[n++] = p->unit;
	if (p->as_of.len)
		part[n++] = str_fmt(a, "数据截至 %.*s", STR_ARG(p->as_of));
	if (p->seq)
		part[n++] = str_fmt(a, "台账第 %lld 条", (long long)p->seq);
	if (p->printed_at.len)
		part[n++] = str_fmt(a, "%.*s %.*s打印", STR_ARG(p->printed_at),
				    STR_ARG(p->printed_by));
	return str_join(a, part, n, STR(" · "));
}
