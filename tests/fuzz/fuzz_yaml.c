/* fuzz_yaml: any bytes → a tree or one refusal with a position, never more. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct yaml *root)
{
	const struct yaml *open[YAML_DEPTH_MAX + 1] = { root };
	size_t at[YAML_DEPTH_MAX + 1] = { 0 };
	int depth = 0;

	while (depth >= 0) {
		const struct yaml *y = open[depth];
		assert(y->line > 0 && y->col > 0);
		if (y->kind == YAML_SCALAR || at[depth] == y->n) {
			depth--;
			continue;
		}
		size_t i = at[depth]++;
		if (y->kind == YAML_MAP) {
			assert(y->key[i].len > 0 && y->key_line[i] > 0);
			assert(yaml_get(y, y->key[i]) == y->at[i]);	/* no duplicates */
		}
		assert(depth < YAML_DEPTH_MAX);
		open[++depth] = y->at[i];
		at[depth] = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct op op = { .arena = arena_new(ARENA_OP_MAX) };
	struct yaml_doc docs;
	struct yaml_error error = { 0 };

	enum err e = yaml_read(&op, (str){ (const char *)data, size }, &docs, &error);
	if (e == ERR_OK)
		for (size_t i = 0; i < docs.n && size < 10000; i++)
			walk(docs.at[i]);
	else
		assert(e == ERR_INVALID && error.line > 0 && error.col > 0 && op.errmsg[0]);
	arena_free(op.arena);
	return 0;
}
