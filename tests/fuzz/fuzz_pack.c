/*
 * fuzz_pack: whatever the files of packs hold, they compile or are refused with
 * diagnostics that have a code and a place; a policy that comes out is proved, its
 * constructs can be walked, and leaving one out does no harm either. The input is cut
 * into files by lines `#= pack/path`, as tests/packs/bad is.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/op.h"
#include "rules/pack.h"

#define FILES_MAX 64
#define PACKS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t cut_files(struct arena *a, str text, struct pack_file *file)
{
	str rest = text;
	size_t n = 0;

	while (rest.ptr) {
		const char *start = rest.ptr;
		str line = str_cut(&rest, '\n');

		if (str_starts(line, STR("#= ")) && n < FILES_MAX) {
			file[n].path = str_dup(a, str_trim(str_slice(line, 3, line.len)));
			file[n++].bytes = (str){ rest.ptr ? rest.ptr : start, 0 };
		} else if (n) {
			file[n - 1].bytes.len = (size_t)(start + line.len - file[n - 1].bytes.ptr);
		}
	}
	return n;
}

static size_t group(struct arena *a, const struct pack_file *file, size_t n,
		    struct pack_source *src)
{
	size_t packs = 0;

	for (size_t i = 0; i < n; i++) {
		str rest = file[i].path, id = str_cut(&rest, '/');
		struct pack_file *files;
		size_t k = 0;

		while (k < packs && !str_eq(src[k].id, id))
			k++;
		if (k == PACKS_MAX)
			continue;
		if (k == packs)
			src[packs++] = (struct pack_source){ id, NEW_N(a, n, struct pack_file), 0 };
		files = (struct pack_file *)(uintptr_t)src[k].file;
		files[src[k].file_n++] = file[i];
	}
	return packs;
}

static struct policy *compile(struct op *op, const struct pack_source *src, size_t n, str remove)
{
	struct pack_options opt = { .remove = remove };
	struct diags ds = { 0 };
	struct policy *p = NULL;
	enum err e = pack_compile(op, src, n, &opt, &ds, &p);

	assert(e == ERR_OK || e == ERR_INVALID);
	assert((e == ERR_OK) == (ds.errors == 0));
	for (size_t i = 0; i < ds.n; i++) {
		assert(ds.at[i].pos.line > 0 && ds.at[i].message.len > 0);
		assert(diag_format(op->arena, &ds.at[i]).len > 0);
	}
	op_clear_error(op);
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct pack_file file[FILES_MAX] = { 0 };
	struct pack_source src[PACKS_MAX];
	struct clause_use *use;
	struct policy *p;
	size_t n, uses;

	if (!started)
		crypto_start();
	started = true;
	n = cut_files(op.arena, (str){ (const char *)data, size }, file);
	n = group(op.arena, file, n, src);
	p = compile(&op, src, n, STR_NONE);
	if (p) {
		policy_clause_uses(op.arena, p, &use, &uses);
		if (uses && use[0].construct_n)
			policy_free(compile(&op, src, n, use[0].construct[0]));
		for (size_t i = 0; i < p->duty_n; i++)
			assert(duty_model_count(p, &p->duty[i]) >= 0);
	}
	policy_free(p);
	arena_free(op.arena);
	return 0;
}
