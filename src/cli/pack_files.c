/* pack_files: see the header. Sources stay in the command's arena. */
#include "cli/pack_files.h"

#include <stdlib.h>

#include "base/fsutil.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "gen/packs.h"

/* Files of one pack: text only, and few; a tree of something else is refused early. */
#define FILES_MAX 512
#define DEPTH_MAX 3

struct file_list {
	struct pack_file *at;
	size_t n, cap;
};

static enum err read_tree(struct op *op, str dir, str prefix, int depth, struct file_list *out)
{
	str *names;
	size_t n;

	if (depth > DEPTH_MAX)
		return FAIL(op, ERR_LIMIT, "文件夹 %.*s 层次太深，不像规则包", STR_ARG(dir));
	TRY(fs_list(op, dir, &names, &n));
	for (size_t i = 0; i < n; i++) {
		str path = fs_join(op->arena, dir, names[i]);
		str name = str_fmt(op->arena, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(names[i]));
		str bytes;

		if (fs_is_dir(path)) {
			TRY(read_tree(op, path, name, depth + 1, out));
			continue;
		}
		if (out->n == FILES_MAX)
			return FAIL(op, ERR_LIMIT, "规则包里的文件超过 %d 个", FILES_MAX);
		TRY(fs_read(op, path, YAML_BYTES_MAX + 1, &bytes));
		*VEC_PUSH(op->arena, out) = (struct pack_file){ name, bytes };
	}
	return ERR_OK;
}

static bool has(const struct found_packs *f, str id)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->at[i].id, id))
			return true;
	return false;
}

static bool shipped(struct arena *a, str id, struct pack_source *ret)
{
	str prefix = str_fmt(a, "%.*s/", STR_ARG(id));
	struct file_list files = { 0 };

	for (size_t i = 0; i < EMBEDDED_PACK_N; i++)
		if (str_starts(embedded_packs[i].path, prefix))
			*VEC_PUSH(a, &files) = (struct pack_file){ embedded_packs[i].path,
								   embedded_packs[i].bytes };
	*ret = (struct pack_source){ str_dup(a, id), files.at, files.n };
	return files.n > 0;
}

static enum err add(struct cmd *c, const struct pack_source *src, str dir, struct found_packs *f);

/* "packs/base" → "packs"; "base" → "." */
static str parent(struct arena *a, str dir)
{
	size_t n = dir.len;

	while (n && dir.ptr[n - 1] != '/')
		n--;
	return n > 1 ? str_slice(dir, 0, n - 1) : n == 1 ? STR("/") : str_dup(a, STR("."));
}

static bool is_pack_dir(struct cmd *c, str dir)
{
	str real = str_of(cmd_path(c, fs_join(c->op->arena, dir, STR("pack.yaml"))));

	return fs_exists(real);
}

static enum err add_dir(struct cmd *c, str dir, struct found_packs *f)
{
	struct file_list files = { 0 };
	str rest = dir, id = dir;

	while (rest.ptr)
		id = str_cut(&rest, '/');
	if (has(f, id))
		return ERR_OK;
	TRY(read_tree(c->op, str_of(cmd_path(c, dir)), id, 0, &files));
	return add(c, &(struct pack_source){ id, files.at, files.n }, dir, f);
}

/* What is not found stays out: the compiler says so, with the line (B115). */
static enum err add_base(struct cmd *c, str id, str beside, struct found_packs *f)
{
	str dir = STR_NONE;
	struct pack_source src;

	if (has(f, id))
		return ERR_OK;
	if (beside.len)
		dir = fs_join(c->op->arena, parent(c->op->arena, beside), id);
	if (dir.ptr && is_pack_dir(c, dir))
		return add_dir(c, dir, f);
	return shipped(c->op->arena, id, &src) ? add(c, &src, STR(""), f) : ERR_OK;
}

static enum err add(struct cmd *c, const struct pack_source *src, str dir, struct found_packs *f)
{
	if (f->n == PACKS_MAX)
		return FAIL(c->op, ERR_LIMIT, "一次最多 %d 个规则包", PACKS_MAX);
	f->dir[f->n] = dir;
	f->at[f->n++] = *src;
	for (size_t i = 0; i < src->file_n; i++) {
		struct yaml_error bad;
		struct yaml_doc docs;
		const struct yaml *ext;

		if (!str_ends(src->file[i].path, STR("/pack.yaml")))
			continue;
		if (yaml_read(c->op, src->file[i].bytes, &docs, &bad)) {
			op_clear_error(c->op); /* the compiler says it better */
			continue;
		}
		ext = docs.n ? yaml_get(docs.at[0], STR("extends")) : NULL;
		if (ext && ext->kind == YAML_SCALAR)
			TRY(add_base(c, ext->s, dir, f));
		for (size_t k = 0; ext && ext->kind == YAML_SEQ && k < ext->n; k++)
			TRY(add_base(c, ext->at[k]->s, dir, f));
	}
	return ERR_OK;
}

enum err packs_find(struct cmd *c, str name, struct found_packs *ret)
{
	struct pack_source src;

	while (name.len > 1 && name.ptr[name.len - 1] == '/')
		name = str_slice(name, 0, name.len - 1);
	if (is_pack_dir(c, name))
		return add_dir(c, name, ret);
	if (shipped(c->op->arena, name, &src))
		return has(ret, name) ? ERR_OK : add(c, &src, STR(""), ret);
	return FAIL(c->op, ERR_NOTFOUND,
		    "%.*s 既不是规则包的文件夹（里面有 pack.yaml），也不是随附的规则包",
		    STR_ARG(name));
}

enum err packs_of_args(struct cmd *c, struct found_packs *ret)
{
	for (size_t i = 0; i < c->arg.n; i++)
		TRY(packs_find(c, c->arg.at[i], ret));
	if (ret->n == 0)
		return FAIL(c->op, ERR_INVALID, "要写规则包的文件夹或名称，如 primary-closed-loop");
	return ERR_OK;
}

struct pos packs_place(struct arena *a, const struct found_packs *f, struct pos pos)
{
	for (size_t i = 0; i < f->n; i++) {
		str id = f->at[i].id;

		if (str_empty(f->dir[i]) || !str_starts(pos.file, id) || pos.file.len <= id.len ||
		    pos.file.ptr[id.len] != '/')
			continue;
		pos.file = fs_join(a, f->dir[i], str_slice(pos.file, id.len + 1, pos.file.len));
		return pos;
	}
	return pos;
}
