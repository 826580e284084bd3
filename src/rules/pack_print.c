/*
 * pack_print: prints/NAME.md: a YAML head between two lines `---`, then CommonMark with
 * {{fields}}. The body is kept as written; report/ renders it.
 */
#include "rules/pack_int.h"

static const struct key print_keys[] = {
	{ "for", 1, KEY_TEXT, offsetof(struct print, for_), 0, NULL },
	{ "rows", 1, KEY_TEXT, offsetof(struct print, rows), 0, NULL },
	{ "as_of", 1, KEY_TEXT, offsetof(struct print, as_of), 0, NULL },
	{ "batch", 1, KEY_BOOL, offsetof(struct print, batch), 0, NULL },
	{ "size", 1, KEY_TEXT, offsetof(struct print, size), 0, NULL },
	{ "sign", 1, KEY_WORDS, offsetof(struct print, sign), 0, NULL },
	{ "grid", 1, KEY_TEXT, offsetof(struct print, grid), 0, NULL },
};
static const struct keys print_table = KEYS("打印件", print_keys);

/* "prints/area-plaque.md" → area-plaque */
static str file_stem(str path)
{
	str rest = path, part = STR_NONE;

	while (rest.ptr)
		part = str_cut(&rest, '/');
	return str_slice(part, 0, part.len - 3);
}

/* The head with its first `---`, so that positions are those of the file; false when there is none.
 */
static bool split_head(str bytes, str *ret_head, str *ret_body)
{
	ptrdiff_t end;

	if (!str_starts(bytes, STR("---\n")))
		return false;
	end = str_find(bytes, STR("\n---\n"), 3);
	if (end < 0)
		return false;
	*ret_head = str_slice(bytes, 0, (size_t)end + 1);
	*ret_body = str_slice(bytes, (size_t)end + 5, bytes.len);
	return true;
}

void load_print(struct loader *L, str path, str bytes)
{
	struct pos start = { L->file, 1, 1 };
	struct yaml_error bad = { 0 };
	struct yaml_doc docs = { 0 };
	struct print p = { 0 };
	str head, body;

	if (!split_head(bytes, &head, &body)) {
		diag_add(L->op->arena, L->ds, "B119", start, "打印件要以 --- 之间的头部开始");
		return;
	}
	if (yaml_read(&L->inner, head, &docs, &bad)) {
		op_clear_error(&L->inner);
		diag_add(L->op->arena, L->ds, "B100", (struct pos){ L->file, bad.line, bad.col },
			 "%.*s", STR_ARG(bad.message));
		return;
	}
	if (docs.n != 1 || docs.at[0]->null) {
		diag_add(L->op->arena, L->ds, "B119", start, "打印件的头部是空的");
		return;
	}
	p.m.id = file_stem(path);
	meta_init(L, &p.m, docs.at[0], p.m.id);
	if (!id_ok(L, docs.at[0], p.m.id) || is_removed(L, "print", p.m.id) ||
	    !keys_read(L, docs.at[0], &print_table, &p, &p.m))
		return;
	if (str_empty(p.for_) && str_empty(p.rows))
		(void)need_key(L, docs.at[0], "for", "打印件");
	p.body = str_dup(L->a, body);
	p.body_line = 2; /* the line behind the second --- */
	for (size_t i = 0; i < head.len; i++)
		p.body_line += head.ptr[i] == '\n';
	*VEC_PUSH(L->a, &L->print) = p;
}
