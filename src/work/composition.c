/*
 * composition: see composition.h and policies.c. Parts are separated by ';', the kind of
 * a choice by ':', an alias by '='; pack ids, versions and construct ids contain none of
 * them; the names of aliases are checked when they are set.
 */
#include "work/composition.h"

#include "base/buf.h"
#include "base/idgen.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "gen/packs.h"
#include "gen/q_policy.h"
#include "rules/policy.h"
#include "work/policies.h"

#define COMPOSITION_BYTES_MAX (64 * KIB)

enum err composition_text(struct op *op, tenant_id tenant, int64_t at_ms, str *ret_text)
{
	struct q_adoptions_in_force *ad;
	struct q_adoption_choices *ch;
	size_t ad_n, ch_n;
	struct buf b CLEANUP(buf_release);
	str text;

	buf_init(&b, COMPOSITION_BYTES_MAX);
	TRY(q_adoptions_in_force(op, tenant, at_ms, &ad, &ad_n));
	TRY(q_adoption_choices(op, tenant, at_ms, &ch, &ch_n));
	for (size_t i = 0; i < ad_n; i++)
		buf_addf(&b, "%.*s@%.*s;", STR_ARG(ad[i].pack), STR_ARG(ad[i].version));
	for (size_t i = 0; i < ch_n; i++)
		buf_addf(&b, "%.*s:%.*s=%.*s;", STR_ARG(ch[i].kind), STR_ARG(ch[i].subject),
				STR_ARG(ch[i].value));
	TRY(buf_finish(&b, &text));
	*ret_text = str_dup(op->arena, text);
	return ERR_OK;
}

static void choice_read(struct arena *a, str part, struct pack_options *o, struct alias *alias,
			str *off)
{
	str rest = part;
	str kind = str_cut(&rest, ':');
	str subject = str_cut(&rest, '=');

	if (str_eq(kind, STR("alias")))
		alias[o->alias_n++] = (struct alias){ str_dup(a, subject), str_dup(a, rest) };
	else if (str_eq(kind, STR("off")))
		off[o->off_n++] = str_dup(a, subject);
}

enum err composition_read(struct op *op, str text, struct composition *ret_c)
{
	size_t max = 1, used = 0;

	for (size_t i = 0; i < text.len; i++)
		max += text.ptr[i] == ';';
	struct pinned_pack *pack = NEW_N(op->arena, max, struct pinned_pack);
	struct alias *alias = NEW_N(op->arena, max, struct alias);
	str *off = NEW_N(op->arena, max, str);
	struct composition c = { .pack = pack, .options = { .alias = alias, .off = off } };

	for (str rest = text; rest.ptr && rest.len; ) {
		str part = str_cut(&rest, ';');

		if (!str_has(part, '@') || (str_has(part, ':') && str_find(part, STR(":"),
				0) < str_find(part, STR("@"), 0))) {
			choice_read(op->arena, part, &c.options, alias, off);
			continue;
		}
		str id = str_cut(&part, '@');
		pack[used++] = (struct pinned_pack){
			str_dup(op->arena, id), str_dup(op->arena, part),
		};
	}
	if (!used)
		return FAIL(op, ERR_CORRUPT, "方案的登记读不出来");
	c.pack_n = used;
	*ret_c = c;
	return ERR_OK;
}

enum err composition_ensure(struct op *op, tenant_id tenant, int64_t at_ms, int64_t *ret_id)
{
	struct q_composition_find found;
	str text;

	TRY(composition_text(op, tenant, at_ms, &text));
	enum err e = q_composition_find(op, tenant, text, &found);
	if (e == ERR_OK) {
		*ret_id = found.id;
		return ERR_OK;
	}
	if (e != ERR_NOTFOUND)
		return e;
	*ret_id = idgen_next(op->idgen, op->now_ms);
	return q_composition_add(op, *ret_id, tenant, text, op->now_ms);
}

bool pack_shipped(struct arena *a, str pack, struct pack_source *ret_src)
{
	str prefix = str_fmt(a, "%.*s/", STR_ARG(pack));
	struct pack_file *file = NEW_N(a, EMBEDDED_PACK_N, struct pack_file);
	size_t n = 0;

	for (size_t i = 0; i < EMBEDDED_PACK_N; i++)
		if (str_starts(embedded_packs[i].path, prefix))
			file[n++] = (struct pack_file){ embedded_packs[i].path,
					embedded_packs[i].bytes };
	*ret_src = (struct pack_source){ .id = str_dup(a, pack), .file = file, .file_n = n };
	return n > 0;
}

/* The version that pack.yaml names; the loader checks it again. */
static str version_of(struct op *op, const struct pack_source *src)
{
	for (size_t i = 0; i < src->file_n; i++) {
		struct yaml_doc doc;
		struct yaml_error ye;

		if (!str_ends(src->file[i].path, STR("/pack.yaml")))
			continue;
		if (yaml_read(op, src->file[i].bytes, &doc, &ye) || !doc.n)
			return STR_NONE;
		const struct yaml *v = yaml_get(doc.at[0], STR("version"));
		return v && v->kind == YAML_SCALAR ? v->s : STR_NONE;
	}
	return STR_NONE;
}

static str version_with_hash(struct op *op, const struct pack_source *src)
{
	struct hash_state st;
	str v = version_of(op, src);

	hash_begin(&st);
	for (size_t i = 0; i < src->file_n; i++) {
		struct hash h = hash_of(src->file[i].bytes);

		hash_add(&st, src->file[i].path);
		hash_add(&st, (str){ (const char *)h.b, sizeof(h.b) });
	}
	return str_fmt(op->arena, "%.*s+%.8s", STR_ARG(v.len ? v : STR("")),
		       hash_hex(op->arena, hash_end(&st)).ptr);
}

enum err pack_store(struct op *op, str pack, str *ret_version)
{
	struct pack_source src;

	if (!pack_shipped(op->arena, pack, &src))
		return FAIL(op, ERR_NOTFOUND, "没有名为 %.*s 的制度方案", STR_ARG(pack));
	str version = version_with_hash(op, &src);
	for (size_t i = 0; i < src.file_n; i++)
		TRY(q_pack_file_put(op, pack, version, src.file[i].path, src.file[i].bytes));
	*ret_version = version;
	return ERR_OK;
}

static int pack_id_cmp(const void *x, const void *y)
{
	return str_cmp(((const struct embedded_pack *)x)->id,
			((const struct embedded_pack *)y)->id);
}

size_t packs_shipped(struct arena *a, struct embedded_pack **ret)
{
	struct embedded_pack *p = NEW_N(a, EMBEDDED_PACK_N, struct embedded_pack);
	size_t n = 0;

	for (size_t i = 0; i < EMBEDDED_PACK_N; i++) {
		str rest = embedded_packs[i].path;
		str id = str_cut(&rest, '/');

		if (str_eq(rest, STR("pack.yaml")))
			p[n++].id = id;
	}
	qsort(p, n, sizeof(p[0]), pack_id_cmp);
	*ret = p;
	return n;
}

/* The pack and what it extends, lowest first; `extends` is read from pack.yaml. */
static enum err shipped_closure(struct op *op, str pack, struct pack_source *src, size_t *n,
		int depth)
{
	struct pack_source s;

	for (size_t i = 0; i < *n; i++)
		if (str_eq(src[i].id, pack))
			return ERR_OK;
	if (depth > 8 || *n >= 16)
		return FAIL(op, ERR_LIMIT, "方案的继承太深");
	if (!pack_shipped(op->arena, pack, &s))
		return FAIL(op, ERR_NOTFOUND, "没有名为 %.*s 的制度方案", STR_ARG(pack));
	for (size_t i = 0; i < s.file_n; i++) {
		struct yaml_doc doc;
		struct yaml_error ye;

		if (!str_ends(s.file[i].path, STR("/pack.yaml")))
			continue;
		TRY(yaml_read(op, s.file[i].bytes, &doc, &ye));
		const struct yaml *ext = doc.n ? yaml_get(doc.at[0], STR("extends")) : NULL;
		for (size_t k = 0; ext && k < ext->n; k++)
			TRY(shipped_closure(op, ext->at[k]->s, src, n, depth + 1));
	}
	src[(*n)++] = s;
	return ERR_OK;
}

enum err packs_sources(struct op *op, str pack, struct pack_source **ret_src, size_t *ret_n)
{
	struct pack_source *src = NEW_N(op->arena, 16, struct pack_source);
	size_t n = 0;

	TRY(shipped_closure(op, pack, src, &n, 0));
	*ret_src = src;
	*ret_n = n;
	return ERR_OK;
}

enum err packs_compile_shipped(struct op *op, str pack, struct diags *ds, struct policy **ret_p)
{
	struct pack_source *src;
	size_t n;

	TRY(packs_sources(op, pack, &src, &n));
	return pack_compile(op, src, n, &(struct pack_options){ 0 }, ds, ret_p);
}
