/*
 * yaml: YAML 1.2 core schema as a tree with positions, over libyaml events
 * (base/yaml.c is its one adapter). Refused, with line and column: duplicate keys,
 * anchors, aliases, tags, merge keys, tabs in indentation, more than YAML_BYTES_MAX
 * or YAML_DEPTH_MAX. Scalars stay text; `plain` says whether quotes were absent, so
 * the reader of a typed key decides (only true and false are booleans). Several
 * documents in a file are parted by `---`.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct op;
struct arena;

enum yaml_kind { YAML_SCALAR, YAML_SEQ, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	bool plain;		/* scalar: without quotes */
	bool null;		/* plain and empty, ~ or null */
	uint32_t line, col;	/* from 1; a key's position is that of its key node, see key_line */
	str s;			/* scalar */
	size_t n;
	struct yaml **at;	/* SEQ items, MAP values */
	str *key;		/* MAP */
	uint32_t *key_line, *key_col;
};

struct yaml_doc { struct yaml **at; size_t n; };

struct yaml_error { uint32_t line, col; str message; };

/*
 * Read all documents. On a fault in the text: ERR_INVALID, *ret_error filled (the
 * caller words it as a diagnostic B1xx), op's message set too.
 */
MUST_CHECK enum err yaml_read(struct op *op, str text, struct yaml_doc *ret_docs,
		struct yaml_error *ret_error);
const struct yaml *yaml_get(const struct yaml *map, str key);	/* NULL when absent or not a map */
/* true/false plain scalars only. */
bool yaml_bool(const struct yaml *y, bool *ret_b);

#endif
