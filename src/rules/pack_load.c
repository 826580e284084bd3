/*
 * pack_load: from sources to a policy. Packs are read in the order of `extends` (what
 * is extended comes first), each file by the reader of its name; then adoption, then
 * refinements, then the arrays are sealed and proved. The policy lives in one arena,
 * the syntax trees too: positions and names point into it. On any error the arena goes,
 * and only the diagnostics remain.
 */
#include "rules/pack.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "rules/pack_int.h"

/* --- files --- */

struct reader {
	const char *name; /* whole, or a folder ending in '/' */
	int stage;
	void (*read)(struct loader *L, const struct yaml *doc); /* NULL: nothing to read */
};

/* A file of loops holds loops, refinements and, later, reports. */
static void load_loop_doc(struct loader *L, const struct yaml *doc)
{
	const struct yaml *refine = yaml_get(doc, STR("refine"));

	if (yaml_get(doc, STR("loop"))) {
		load_loop(L, doc);
	} else if (refine && refine->kind == YAML_SCALAR) {
		*VEC_PUSH(L->a, &L->refine) =
			(struct refinement){ L->pack->id, L->file, refine->s, doc };
	} else if (yaml_get(doc, STR("report")) || yaml_get(doc, STR("assessment"))) {
		BAD(L, "B190", doc, "报表和考核要到第 2 阶段才有（needs stage 2）");
	} else {
		BAD(L, "B118", doc, "loops/ 里的每一篇要以 loop: 或 refine: 开头");
	}
}

static const struct reader readers[] = {
	{ "pack.yaml", 1, NULL },
	{ "README.md", 1, NULL },
	{ "tests/", 1, NULL },
	{ "prints/", 1, NULL },
	{ "clauses.yaml", 1, load_clauses },
	{ "kinds.yaml", 1, load_kinds },
	{ "links.yaml", 1, load_links },
	{ "bodies.yaml", 1, load_bodies },
	{ "parameters.yaml", 1, load_parameters },
	{ "catalogues/", 1, load_catalogue },
	{ "calendar.yaml", 1, load_calendar },
	{ "loops/", 1, load_loop_doc },
	{ "duties.yaml", 1, load_duties },
	{ "requires.yaml", 1, load_requires },
	{ "rosters.yaml", 1, load_rosters },
	{ "indicators.yaml", 1, load_indicators },
	{ "reports/", 2, NULL },
	{ "assessment.yaml", 2, NULL },
	{ "limits.yaml", 3, NULL },
};

/* "base/loops/hazard.yaml" of pack base → "loops/hazard.yaml" */
static str in_pack(const struct pack_source *src, str path)
{
	if (path.len > src->id.len && str_starts(path, src->id) && path.ptr[src->id.len] == '/')
		return str_slice(path, src->id.len + 1, path.len);
	return path;
}

static const struct reader *reader_of(str name)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		str n = str_of(readers[i].name);

		if (str_ends(n, STR("/")) ? str_starts(name, n) : str_eq(name, n))
			return &readers[i];
	}
	return NULL;
}

static bool read_docs(struct loader *L, str bytes, struct yaml_doc *ret)
{
	struct yaml_error bad = { 0 };

	if (bytes.len > YAML_BYTES_MAX) {
		diag_add(L->op->arena, L->ds, "B120", (struct pos){ L->file, 1, 1 },
			 "文件超过 1 MiB");
		return false;
	}
	if (!yaml_read(&L->inner, bytes, ret, &bad))
		return true;
	op_clear_error(&L->inner);
	diag_add(L->op->arena, L->ds, "B100", (struct pos){ L->file, bad.line, bad.col }, "%.*s",
		 STR_ARG(bad.message));
	return false;
}

static void load_file(struct loader *L, const struct pack_source *src, const struct pack_file *f)
{
	str name = in_pack(src, f->path);
	const struct reader *r = reader_of(name);
	struct pos start;
	struct yaml_doc docs = { 0 };

	L->file = str_dup(L->a, f->path);
	start = (struct pos){ L->file, 1, 1 };
	if (!r) {
		diag_add(L->op->arena, L->ds, "B101", start, "规则包里不该有“%.*s”", STR_ARG(name));
		return;
	}
	if (r->stage > 1) {
		diag_add(L->op->arena, L->ds, "B190", start,
			 "“%s”要到第 %d 阶段才有（needs stage %d）", r->name, r->stage, r->stage);
		return;
	}
	if (str_eq(str_of(r->name), STR("prints/"))) {
		if (str_ends(name, STR(".md")))
			load_print(L, str_dup(L->a, name), str_dup(L->a, f->bytes));
		else
			diag_add(L->op->arena, L->ds, "B101", start, "打印件的文件名以 .md 结尾");
		return;
	}
	if (!r->read || !read_docs(L, f->bytes, &docs))
		return;
	for (size_t i = 0; i < docs.n; i++)
		if (!docs.at[i]->null)
			r->read(L, docs.at[i]);
}

/* --- pack.yaml --- */

static void pack_valid(struct loader *L, void *obj, const struct yaml *v)
{
	struct pack_info *p = obj;

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "valid 要写成 {from: \"2026-09-01\", to: …}");
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		bool from = str_eq(v->key[i], STR("from"));
		day_no *to = from ? &p->valid_from : &p->valid_to;

		if (!from && !str_eq(v->key[i], STR("to")))
			diag_add(L->op->arena, L->ds, "B103", pos_of_key(L, v, i),
				 "valid 里只有 from 和 to");
		else if (v->at[i]->kind != YAML_SCALAR || !date_parse(v->at[i]->s, to))
			BAD(L, "B107", v->at[i], "这里要写日期，如 \"2026-09-01\"");
	}
}

static void pack_basis(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const words[] = { "law", "superior", "internal", "none", NULL };
	int i;

	if (read_word(L, v, words, &i))
		((struct pack_info *)obj)->basis = (enum basis)(BASIS_LAW + i);
}

static const struct key pack_keys[] = {
	{ "id", 1, KEY_ID, offsetof(struct pack_info, id), 0, NULL },
	{ "title", 1, KEY_TEXT, offsetof(struct pack_info, title), 0, NULL },
	{ "version", 1, KEY_TEXT, offsetof(struct pack_info, version), 0, NULL },
	{ "level", 1, KEY_ID, offsetof(struct pack_info, level), 0, NULL },
	{ "valid", 1, KEY_FN, 0, 0, pack_valid },
	{ "extends", 1, KEY_WORDS, offsetof(struct pack_info, extends), 0, NULL },
	{ "basis", 1, KEY_FN, 0, 0, pack_basis },
	{ "source", 1, KEY_TEXT, offsetof(struct pack_info, source), 0, NULL },
	{ "binds", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys pack_table = KEYS("pack.yaml ", pack_keys);

static void read_pack_info(struct loader *L, const struct pack_source *src, struct pack_info *ret)
{
	static const char *const must[] = { "id", "title", "version", "level", "basis" };
	struct pack_info p = { .valid_from = DAY_NONE, .valid_to = DAY_NONE,
		/* nothing of a policy points into its sources: they die with the operation */
		.id = str_dup(L->a, src->id) };
	str id = p.id;
	const struct pack_file *f = NULL;
	struct yaml_doc docs;

	for (size_t i = 0; i < src->file_n; i++)
		if (str_eq(in_pack(src, src->file[i].path), STR("pack.yaml")))
			f = &src->file[i];
	L->file = str_fmt(L->a, "%.*s/pack.yaml", STR_ARG(src->id));
	*ret = p;
	if (!f) {
		diag_add(L->op->arena, L->ds, "B116", (struct pos){ L->file, 1, 1 },
			 "规则包“%.*s”没有 pack.yaml", STR_ARG(src->id));
		return;
	}
	L->file = str_dup(L->a, f->path);
	if (!read_docs(L, f->bytes, &docs) || docs.n != 1 ||
	    !keys_read(L, docs.at[0], &pack_table, &p, NULL))
		return;
	for (size_t i = 0; i < sizeof(must) / sizeof(*must); i++)
		(void)need_key(L, docs.at[0], must[i], "pack.yaml ");
	if (!str_eq(p.id, src->id))
		BAD(L, "B116", docs.at[0], "pack.yaml 的 id“%.*s”和文件夹名“%.*s”不同",
		    STR_ARG(p.id), STR_ARG(src->id));
	p.id = id;
	*ret = p;
}

/* --- order --- */

static const struct pack_info *info_of(const struct pack_info *info, size_t n, str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(info[i].id, id))
			return &info[i];
	return NULL;
}

static bool placed(const struct loader *L, str id)
{
	for (size_t i = 0; i < L->packs.n; i++)
		if (str_eq(L->packs.at[i].id, id))
			return true;
	return false;
}

static bool ready(const struct loader *L, const struct pack_info *info, size_t n,
		  const struct pack_info *p)
{
	for (size_t i = 0; i < p->extends.n; i++)
		if (info_of(info, n, p->extends.at[i]) && !placed(L, p->extends.at[i]))
			return false;
	return true;
}

/* Repeatedly take the packs whose bases are placed; what never becomes ready extends itself in a
 * circle. */
static void order_packs(struct loader *L, const struct pack_info *info, size_t n)
{
	bool moved = true;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < info[i].extends.n; k++)
			if (!info_of(info, n, info[i].extends.at[k]))
				diag_add(L->op->arena, L->ds, "B115",
					 (struct pos){ str_fmt(L->a, "%.*s/pack.yaml",
							       STR_ARG(info[i].id)),
						       1, 1 },
					 "“%.*s”建立在规则包“%.*s”之上，但没有给出它",
					 STR_ARG(info[i].id), STR_ARG(info[i].extends.at[k]));
	while (moved) {
		moved = false;
		for (size_t i = 0; i < n; i++)
			if (!placed(L, info[i].id) && ready(L, info, n, &info[i])) {
				*VEC_PUSH(L->a, &L->packs) = info[i];
				moved = true;
			}
	}
	for (size_t i = 0; i < n; i++)
		if (!placed(L, info[i].id))
			diag_add(L->op->arena, L->ds, "B117",
				 (struct pos){ str_fmt(L->a, "%.*s/pack.yaml", STR_ARG(info[i].id)),
					       1, 1 },
				 "“%.*s”绕了一圈又建立在自己之上", STR_ARG(info[i].id));
}

static const struct pack_source *source_of(const struct pack_source *source, size_t n, str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(source[i].id, id))
			return &source[i];
	return NULL;
}

static void load_packs(struct loader *L, const struct pack_source *source, size_t n)
{
	struct pack_info *info = NEW_N(L->a, n, struct pack_info);

	for (size_t i = 0; i < n; i++) {
		read_pack_info(L, &source[i], &info[i]);
		for (size_t k = 0; k < i; k++)
			if (str_eq(info[k].id, info[i].id))
				diag_add(L->op->arena, L->ds, "B108", (struct pos){ L->file, 1, 1 },
					 "规则包“%.*s”给了两次", STR_ARG(info[i].id));
	}
	order_packs(L, info, n);
	for (size_t i = 0; i < L->packs.n; i++) {
		const struct pack_source *src = source_of(source, n, L->packs.at[i].id);

		L->pack = &L->packs.at[i];
		for (size_t f = 0; f < src->file_n; f++)
			load_file(L, src, &src->file[f]);
	}
}

/* --- sealing --- */

/* Every construct begins with its meta, so one walk serves all arrays. */
static const struct meta *meta_at(const void *base, size_t stride, size_t i)
{
	return (const struct meta *)(const void *)((const char *)base + stride * i);
}

static void find_doubles(struct loader *L, const void *base, size_t stride, size_t n,
			 const char *what)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct meta *a = meta_at(base, stride, i);
			const struct meta *b = meta_at(base, stride, k);

			if (!str_eq(a->id, b->id))
				continue;
			diag_add(L->op->arena, L->ds, "B108", a->pos,
				 "%s“%.*s”重复，前一个在 %.*s:%u", what, STR_ARG(a->id),
				 STR_ARG(b->pos.file), (unsigned)b->pos.line);
			break;
		}
}

#define SEAL(p, L, name, what)                                                                     \
	do {                                                                                       \
		(p)->name = (L)->name.at;                                                          \
		(p)->name##_n = (L)->name.n;                                                       \
		find_doubles((L), (L)->name.at, sizeof(*(L)->name.at), (L)->name.n, (what));       \
	} while (0)

/* A mutation has marked what it leaves out; the numbers of the others stay. */
static void drop_removed(struct loader *L)
{
	size_t n = 0;

	for (size_t i = 0; i < L->require.n; i++)
		if (!L->require.at[i].m.removed)
			L->require.at[n++] = L->require.at[i];
	L->require.n = n;
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct written *)a)->what,
		  y = (uintptr_t)((const struct written *)b)->what;

	return (x > y) - (x < y);
}

static struct policy *seal(struct loader *L)
{
	struct policy *p = NEW(L->a, struct policy);

	drop_removed(L);
	p->arena = L->a;
	p->closing_minute = L->has_closing ? L->closing_minute : 18 * 60;
	if (L->written.n)
		qsort(L->written.at, L->written.n, sizeof(*L->written.at), by_address);
	p->written = L->written.at;
	p->written_n = L->written.n;
	p->pack = L->packs.at;
	p->pack_n = L->packs.n;
	SEAL(p, L, clause, "条款");
	SEAL(p, L, parameter, "参数");
	SEAL(p, L, catalogue, "目录");
	SEAL(p, L, unit_kind, "单位类别");
	SEAL(p, L, unit_link, "单位关系");
	SEAL(p, L, post, "岗位");
	SEAL(p, L, body, "组织");
	SEAL(p, L, node, "节点");
	SEAL(p, L, period, "时期");
	SEAL(p, L, loop, "闭环");
	SEAL(p, L, duty, "职责");
	p->require = L->require.at; /* a code may stand several times */
	p->require_n = L->require.n;
	SEAL(p, L, roster, "值班");
	SEAL(p, L, indicator, "指标");
	SEAL(p, L, print, "打印件");
	for (size_t i = 0; i < p->loop_n; i++) {
		const struct loop *lp = &p->loop[i];

		find_doubles(L, lp->state, sizeof(*lp->state), lp->state_n, "状态");
		find_doubles(L, lp->step, sizeof(*lp->step), lp->step_n, "步骤");
	}
	return p;
}

/* --- switched off --- */

static void switch_off(struct loader *L, struct policy *p, str which)
{
	str id = which, pack = str_cut(&id, '/');
	struct duty *kept = NEW_N(L->a, p->duty_n, struct duty);
	struct pos at = { STR("off"), 1, 1 };
	size_t n = 0;

	for (size_t i = 0; i < p->duty_n; i++) {
		const struct duty *d = &p->duty[i];
		enum basis b;

		if (!str_eq(d->m.pack, pack) || !str_eq(d->m.id, id)) {
			kept[n++] = *d;
			continue;
		}
		b = policy_basis(p, &d->m);
		if (b == BASIS_LAW || b == BASIS_SUPERIOR) {
			kept[n++] = *d;
			diag_add(L->op->arena, L->ds, "A103", at,
				 "“%.*s”的依据是%s，本单位不能停用", STR_ARG(d->m.label),
				 basis_say(b));
			return;
		}
	}
	if (n == p->duty_n)
		diag_add(L->op->arena, L->ds, "A101", at, "没有职责“%.*s”可停用", STR_ARG(which));
	p->duty = kept;
	p->duty_n = n;
}

/* --- key --- */

static void hash_part(struct hash_state *st, str s)
{
	uint64_t n = s.len;

	hash_add(st, (str){ (const char *)&n, sizeof(n) });
	hash_add(st, s);
}

/* Of the sources in the order composed, and of all that adoption adds: two equal keys are the same
 * policy. */
static str policy_key(const struct loader *L, const struct pack_source *source, size_t n)
{
	struct hash_state st;

	hash_begin(&st);
	for (size_t i = 0; i < L->packs.n; i++) {
		const struct pack_source *src = source_of(source, n, L->packs.at[i].id);

		hash_part(&st, src->id);
		for (size_t f = 0; f < src->file_n; f++) {
			hash_part(&st, in_pack(src, src->file[f].path));
			hash_part(&st, src->file[f].bytes);
		}
	}
	for (size_t i = 0; i < L->opt->override_n; i++) {
		hash_part(&st, L->opt->override[i].parameter);
		hash_part(&st, L->opt->override[i].yaml);
	}
	for (size_t i = 0; i < L->opt->alias_n; i++) {
		hash_part(&st, L->opt->alias[i].id);
		hash_part(&st, L->opt->alias[i].name);
	}
	for (size_t i = 0; i < L->opt->off_n; i++)
		hash_part(&st, L->opt->off[i]);
	hash_part(&st, L->opt->remove);
	return hash_hex(L->a, hash_end(&st));
}

/* --- the door --- */

static struct policy *compile(struct loader *L, const struct pack_source *source, size_t n)
{
	struct policy *p;

	load_packs(L, source, n);
	apply_options(L);
	apply_refinements(L);
	p = seal(L);
	for (size_t i = 0; i < L->opt->off_n; i++)
		switch_off(L, p, L->opt->off[i]);
	posts_prepare(L->a, p);
	p->key = policy_key(L, source, n);
	if (L->opt->remove.len && !L->removed_any)
		diag_add(L->op->arena, L->ds, "A101", (struct pos){ STR("remove"), 1, 1 },
			 "没有“%.*s”可去掉", STR_ARG(L->opt->remove));
	/* Proofs on half-read loops would only repeat, in other words, what was said. */
	if (!L->ds->errors)
		check_policy(L->op, p, L->ds);
	return p;
}

enum err pack_compile(struct op *op, const struct pack_source *source, size_t n,
		      const struct pack_options *opt, struct diags *ds, struct policy **ret_policy)
{
	static const struct pack_options none;
	struct loader L = { .op = op, .ds = ds, .opt = opt ? opt : &none };
	size_t before = ds->errors;
	struct policy *p;

	assert(op && ds && ret_policy);
	assert(n == 0 || source);
	L.a = arena_new(PACK_ARENA_MAX);
	L.inner = *op;
	L.inner.arena = L.a;
	p = compile(&L, source, n);
	if (ds->errors != before) {
		arena_free(L.a);
		return FAIL(op, ERR_INVALID, "规则包有 %zu 处错误", ds->errors - before);
	}
	*ret_policy = p;
	return ERR_OK;
}

void policy_free(struct policy *p)
{
	if (p)
		arena_free(p->arena);
}
