/* pack_dir: see the header. Files come sorted by path, as gen/packs.h has them. */
#include "lib/pack_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

struct files {
	struct pack_file *at;
	size_t n, cap;
};

static str slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *bytes;
	long n;

	if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0)
		panic("cannot read %s", path);
	rewind(f);
	bytes = arena_alloc(a, (size_t)n + 1);
	if (fread(bytes, 1, (size_t)n, f) != (size_t)n)
		panic("cannot read %s", path);
	fclose(f);
	return (str){ bytes, (size_t)n };
}

static void walk(struct arena *a, const char *dir, str prefix, struct files *out)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort);

	if (n < 0)
		panic("cannot open %s", dir);
	for (int i = 0; i < n; i++) {
		str name = str_dup(a, str_of(list[i]->d_name));
		str path = str_fmt(a, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(name));
		const char *full = str_c(a, str_fmt(a, "%s/%.*s", dir, STR_ARG(name)));
		bool folder = list[i]->d_type == DT_DIR;

		free(list[i]);
		if (name.ptr[0] == '.')
			continue;
		if (folder)
			walk(a, full, path, out);
		else
			*VEC_PUSH(a, out) = (struct pack_file){ path, slurp(a, full) };
	}
	free(list);
}

struct pack_source pack_dir(struct arena *a, const char *dir)
{
	str id = str_dup(a, str_of(dir)), rest = id;
	struct files files = { 0 };

	while (rest.ptr)
		id = str_cut(&rest, '/');
	walk(a, dir, id, &files);
	return (struct pack_source){ id, files.at, files.n };
}

void test_op_init(struct op *op)
{
	memset(op, 0, sizeof(*op));
	op->arena = arena_new(ARENA_OP_MAX);
}

void test_op_release(struct op *op)
{
	arena_free(op->arena);
	op->arena = NULL;
}
