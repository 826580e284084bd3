/*
 * cmd_clauses: `bihuan clauses`: each clause of a document and what implements it, or the
 * reason why nothing does; the last line counts. With --mutate each implementing construct
 * is left out in turn and the packs are compiled again: what the checker does not notice
 * is listed, for a story must notice it then.
 */
#include "cli/cmd.h"

#include <string.h>

#include "base/fsutil.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "cli/pack_files.h"
#include "rules/pack.h"

/* One clause of the document: from the inventory (zh, type) or a pack's clauses.yaml (title, kind).
 */
struct asked {
	str id, title, kind;
	const struct clause_use *use; /* NULL: no pack knows it */
};
struct inventory {
	VEC(struct asked) at;
};

static str text_of(const struct yaml *y, const char *one, const char *other)
{
	const struct yaml *v = yaml_get(y, str_of(one));

	if (!v)
		v = yaml_get(y, str_of(other));
	return v && v->kind == YAML_SCALAR ? v->s : STR("");
}

static str document(str id)
{
	str rest = id;

	return str_cut(&rest, '-');
}

/* Clauses of documents that these packs speak of: an inventory may hold others. */
static bool spoken_of(const struct clause_use *use, size_t n, str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(document(use[i].id), document(id)))
			return true;
	return false;
}

static const struct clause_use *use_of(const struct clause_use *use, size_t n, str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(use[i].id, id))
			return &use[i];
	return NULL;
}

static enum err read_inventory(struct cmd *c, str path, const struct clause_use *use, size_t n,
			       struct inventory *ret)
{
	struct yaml_error bad = { 0 };
	struct yaml_doc docs;
	str bytes;

	TRY(fs_read(c->op, str_of(cmd_path(c, path)), YAML_BYTES_MAX, &bytes));
	if (yaml_read(c->op, bytes, &docs, &bad)) {
		op_clear_error(c->op);
		return FAIL(c->op, ERR_INVALID, "%.*s:%u:%u: %.*s", STR_ARG(path), bad.line,
			    bad.col, STR_ARG(bad.message));
	}
	for (size_t d = 0; d < docs.n; d++)
		for (size_t i = 0; docs.at[d]->kind == YAML_SEQ && i < docs.at[d]->n; i++) {
			const struct yaml *y = docs.at[d]->at[i];
			struct asked q = { text_of(y, "id", "id"), text_of(y, "zh", "title"),
					   text_of(y, "type", "kind"), NULL };

			q.use = use_of(use, n, q.id);
			if (q.id.len && (q.use || spoken_of(use, n, q.id)))
				*VEC_PUSH(c->op->arena, &ret->at) = q;
		}
	if (ret->at.n == 0)
		return FAIL(c->op, ERR_INVALID, "%.*s 里没有这些规则包的条款", STR_ARG(path));
	return ERR_OK;
}

static void own_inventory(struct cmd *c, const struct clause_use *use, size_t n,
			  struct inventory *ret)
{
	for (size_t i = 0; i < n; i++)
		*VEC_PUSH(c->op->arena, &ret->at) =
			(struct asked){ use[i].id, use[i].title, use[i].kind, &use[i] };
}

/* --- the account --- */

/* What asks something of people must be done by something; only goals and context may rest on a
 * reason. */
static bool must_work(str kind)
{
	return str_eq(kind, STR("obligation")) || str_eq(kind, STR("rule")) ||
	       str_eq(kind, STR("structure"));
}

static bool accounted(const struct asked *q)
{
	return q->use && (q->use->construct_n || q->use->clause->why.len);
}

static void say_clause(struct cmd *c, const struct asked *q)
{
	str list = STR_NONE;

	if (q->use && q->use->construct_n)
		list = str_join(c->op->arena, q->use->construct, q->use->construct_n, STR(" "));
	else if (q->use && q->use->clause->why.len)
		list = str_fmt(c->op->arena, "why: %.*s", STR_ARG(q->use->clause->why));
	else
		list = q->use ? STR("没有着落") : STR("规则包里没有这一条");
	cmd_out(c, "%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(q->id), STR_ARG(q->kind), STR_ARG(q->title),
		STR_ARG(list));
}

static size_t count_accounted(const struct inventory *inv)
{
	size_t n = 0;

	for (size_t i = 0; i < inv->at.n; i++)
		n += accounted(&inv->at.at[i]);
	return n;
}

/* --- mutation --- */

struct mutant {
	str construct;
	bool noticed;
	str first; /* the first diagnostic */
};
struct mutants {
	VEC(struct mutant) at;
};

static struct mutant *mutant_of(struct mutants *m, str construct)
{
	for (size_t i = 0; i < m->at.n; i++)
		if (str_eq(m->at.at[i].construct, construct))
			return &m->at.at[i];
	return NULL;
}

/* Compile without it, in an arena of its own: hundreds of compositions must not add up. */
static void try_without(struct cmd *c, const struct found_packs *f, struct mutant *m)
{
	struct pack_options opt = { .remove = m->construct };
	struct op op = *c->op;
	struct diags ds = { 0 };
	struct policy *p = NULL;

	op.arena = arena_new(ARENA_OP_MAX);
	if (!pack_compile(&op, f->at, f->n, &opt, &ds, &p))
		policy_free(p);
	m->noticed = ds.errors > 0;
	for (size_t i = 0; i < ds.n && !m->first.ptr; i++)
		if (ds.at[i].code->severity == DIAG_ERROR)
			m->first = str_dup(c->op->arena, diag_format(op.arena, &ds.at[i]));
	arena_free(op.arena);
}

static void mutate(struct cmd *c, const struct found_packs *f, const struct inventory *inv,
		   struct mutants *m)
{
	for (size_t i = 0; i < inv->at.n; i++) {
		const struct clause_use *use = inv->at.at[i].use;

		for (size_t k = 0; use && k < use->construct_n; k++)
			if (!mutant_of(m, use->construct[k]))
				VEC_PUSH(c->op->arena, &m->at)->construct = use->construct[k];
	}
	for (size_t i = 0; i < m->at.n && !cmd_gone(c); i++)
		try_without(c, f, &m->at.at[i]);
}

/* A clause is watched when leaving out any one of its constructs is noticed. */
static bool watched(struct mutants *m, const struct asked *q)
{
	bool all = q->use && q->use->construct_n;

	for (size_t k = 0; all && k < q->use->construct_n; k++)
		all = mutant_of(m, q->use->construct[k])->noticed;
	return all;
}

static void count_watched(const struct inventory *inv, struct mutants *m, size_t *ret_seen,
			  size_t *ret_of)
{
	*ret_seen = 0;
	*ret_of = 0;
	for (size_t i = 0; i < inv->at.n; i++)
		if (must_work(inv->at.at[i].kind)) {
			*ret_of += 1;
			*ret_seen += watched(m, &inv->at.at[i]);
		}
}

static void say_mutants(struct cmd *c, const struct mutants *m)
{
	for (size_t i = 0; i < m->at.n; i++)
		cmd_out(c, "%.*s\t%s\t%.*s\n", STR_ARG(m->at.at[i].construct),
			m->at.at[i].noticed ? "checker" : "未察觉", STR_ARG(m->at.at[i].first));
}

/* --- JSON --- */

static void json_clause(struct jw *w, const struct asked *q)
{
	jw_obj(w);
	jw_kv(w, "id", q->id);
	jw_kv(w, "kind", q->kind);
	jw_kv(w, "title", q->title);
	jw_key(w, "constructs");
	jw_arr(w);
	for (size_t k = 0; q->use && k < q->use->construct_n; k++)
		jw_str(w, q->use->construct[k]);
	jw_end(w);
	if (q->use && q->use->clause->why.len)
		jw_kv(w, "why", q->use->clause->why);
	jw_kv_bool(w, "accounted", accounted(q));
	jw_kv_bool(w, "must_work", must_work(q->kind));
	jw_end(w);
}

static void json_mutant(struct jw *w, const struct inventory *inv, const struct mutant *m)
{
	jw_obj(w);
	jw_kv(w, "construct", m->construct);
	jw_kv_bool(w, "noticed", m->noticed);
	if (m->noticed)
		jw_kv(w, "by", m->first);
	jw_key(w, "clauses");
	jw_arr(w);
	for (size_t i = 0; i < inv->at.n; i++) {
		const struct clause_use *use = inv->at.at[i].use;

		for (size_t k = 0; use && k < use->construct_n; k++)
			if (str_eq(use->construct[k], m->construct))
				jw_str(w, use->id);
	}
	jw_end(w);
	jw_end(w);
}

static void print_json(struct cmd *c, const struct inventory *inv, const struct mutants *m)
{
	struct buf out;
	struct jw w;
	str text;

	buf_init(&out, 4UL << 20);
	jw_start(&w, &out);
	jw_obj(&w);
	jw_key(&w, "clauses");
	jw_arr(&w);
	for (size_t i = 0; i < inv->at.n; i++)
		json_clause(&w, &inv->at.at[i]);
	jw_end(&w);
	jw_kv_int(&w, "accounted", (int64_t)count_accounted(inv));
	jw_kv_int(&w, "existing", (int64_t)inv->at.n);
	if (m->at.n) {
		jw_key(&w, "mutations");
		jw_arr(&w);
		for (size_t i = 0; i < m->at.n; i++)
			json_mutant(&w, inv, &m->at.at[i]);
		jw_end(&w);
	}
	jw_end(&w);
	if (!buf_finish(&out, &text))
		cmd_out(c, "%.*s\n", STR_ARG(text));
	buf_release(&out);
}

static void print_text(struct cmd *c, const struct inventory *inv, struct mutants *m)
{
	size_t seen, of;

	for (size_t i = 0; i < inv->at.n; i++)
		say_clause(c, &inv->at.at[i]);
	if (m->at.n) {
		cmd_out(c, "\n");
		say_mutants(c, m);
		count_watched(inv, m, &seen, &of);
		cmd_out(c, "\n去掉任何一个构件，检查都会察觉的条款：%zu of %zu\n", seen, of);
	}
	cmd_out(c, "%zu of %zu\n", count_accounted(inv), inv->at.n);
}

static int report(struct cmd *c, const struct found_packs *f, const struct policy *p)
{
	struct clause_use *use;
	struct inventory inv = { 0 };
	struct mutants m = { 0 };
	str file = cmd_opt(c, STR("--against"));
	size_t n;

	policy_clause_uses(c->op->arena, p, &use, &n);
	if (file.ptr) {
		enum err e = read_inventory(c, file, use, n, &inv);

		if (e)
			return cmd_fail(c, e);
	} else {
		own_inventory(c, use, n, &inv);
	}
	if (cmd_has(c, STR("--mutate")))
		mutate(c, f, &inv, &m);
	if (c->json)
		print_json(c, &inv, &m);
	else
		print_text(c, &inv, &m);
	return count_accounted(&inv) == inv.at.n ? CMD_DONE : CMD_FOUND;
}

int cmd_clauses(struct cmd *c)
{
	struct found_packs f = { 0 };
	struct diags ds = { 0 };
	struct policy *p;
	enum err e = packs_of_args(c, &f);
	int status;

	if (e)
		return e == ERR_INVALID ? (cmd_err(c, "%s", c->op->errmsg), CMD_USAGE)
					: cmd_fail(c, e);
	if (pack_compile(c->op, f.at, f.n, NULL, &ds, &p)) {
		cmd_err(c, "规则包有 %zu 处错误，先用 bihuan check 看", ds.errors);
		return CMD_BAD_DATA;
	}
	status = report(c, &f, p);
	policy_free(p);
	return status;
}
