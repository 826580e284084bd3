/*
 * pack_int: what the files of the loader share; for src/rules/pack*.c and check*.c only.
 *
 * A construct is read by a table of its keys (struct key): name, the stage that brings
 * it, how its value is read and where it goes. So an unknown key, a key of a later stage
 * and a value of the wrong shape are found in one place, with their position, and the
 * table is the list of pack-language §9. The loader collects constructs in growing
 * arrays; pack_load.c seals them into the policy. Everything lives in the policy's
 * arena; only diagnostics live in the operation's, for they outlive a refused policy.
 */
#ifndef RULES_PACK_INT_H
#define RULES_PACK_INT_H

#include "base/arena.h"
#include "base/op.h"
#include "base/yaml.h"
#include "rules/pack.h"

/* A document `refine: LOOP`, kept until every loop is read. */
struct refinement {
	str pack, file;
	str loop;
	const struct yaml *doc;
};

struct loader {
	struct op *op;	 /* diagnostics */
	struct op inner; /* the same operation on the policy's arena: readers allocate there */
	struct arena *a; /* the policy's */
	struct diags *ds;
	const struct pack_options *opt;
	const struct pack_info *pack; /* whose file is read now */
	str file;
	bool in_refine;	  /* keys of a construct say what is tightened */
	bool removed_any; /* the mutation found its construct */
	VEC(struct pack_info) packs;
	VEC(struct clause) clause;
	VEC(struct parameter) parameter;
	VEC(struct catalogue) catalogue;
	VEC(struct unit_kind) unit_kind;
	VEC(struct unit_link) unit_link;
	VEC(struct post) post;
	VEC(struct body) body;
	VEC(struct node_spec) node;
	VEC(struct period_spec) period;
	VEC(struct loop) loop;
	VEC(struct duty) duty;
	VEC(struct require) require;
	VEC(struct roster) roster;
	VEC(struct indicator) indicator;
	VEC(struct print) print;
	VEC(struct refinement) refine;
	VEC(struct written) written;
	int32_t closing_minute;
	bool has_closing;
};

/* --- diagnostics --- */
struct pos pos_of(const struct loader *L, const struct yaml *y);
struct pos pos_of_key(const struct loader *L, const struct yaml *map, size_t i);
/* Remember where something stands, for diagnostics of the proofs. */
void mark(struct loader *L, const void *what, const struct yaml *y);
#define BAD(L, code, y, ...)                                                                       \
	diag_add((L)->op->arena, (L)->ds, (code), pos_of((L), (y)), __VA_ARGS__)

/* --- tables of keys --- */
enum key_type {
	KEY_LATER,    /* known, but of a later stage: only `stage` counts */
	KEY_FN,	      /* read() */
	KEY_TEXT,     /* str */
	KEY_ID,	      /* str, kebab-case */
	KEY_NAME,     /* str, snake_case */
	KEY_WORDS,    /* struct strs: one word or a list of words */
	KEY_BOOL,     /* bool */
	KEY_I32,      /* int32_t */
	KEY_I64,      /* int64_t */
	KEY_EXPR,     /* const struct expr * */
	KEY_WHO,      /* const struct who * */
	KEY_DURATION, /* struct duration; `has`: a bool that says it is set */
	KEY_SKIP,     /* read elsewhere */
};
struct key {
	const char *name;
	int stage;
	enum key_type type;
	size_t at;  /* offset in the construct */
	size_t has; /* offset of a bool, or 0 */
	void (*read)(struct loader *L, void *obj, const struct yaml *v);
};
struct keys {
	const char *construct;
	const struct key *at;
	size_t n;
};
#define KEYS(word, table)                                                                          \
	{                                                                                          \
		(word), (table), sizeof(table) / sizeof(*(table))                                  \
	}

/*
 * Read a map into obj. With meta, the keys that may stand on every construct (label,
 * help, clauses, basis, source, if, mechanism) go there. False: not a map.
 */
bool keys_read(struct loader *L, const struct yaml *map, const struct keys *ks, void *obj,
	       struct meta *m);
/* Complain when a key is missing; true when it is there. */
bool need_key(struct loader *L, const struct yaml *map, const char *key, const char *construct);
void meta_init(struct loader *L, struct meta *m, const struct yaml *y, str id);
/* kebab-case id or snake_case name; a diagnostic and false otherwise. */
bool id_ok(struct loader *L, const struct yaml *y, str id);
bool name_ok(struct loader *L, const struct yaml *y, str name);
/* Is this construct the one that a mutation leaves out? `kind` "duty", id "hazard-sweep". */
bool is_removed(struct loader *L, const char *kind, str id);

/*
 * A named collection: a map id → construct, or a list of constructs with `id:`. Calls
 * `each` with the id and the node; a list item without id gets a diagnostic.
 */
void each_named(struct loader *L, const struct yaml *y, const char *construct,
		void (*each)(struct loader *L, void *ctx, str id, const struct yaml *y), void *ctx);

/* --- values of keys; each says what is wrong by itself, and then leaves ret untouched --- */
bool read_text(struct loader *L, const struct yaml *y, str *ret_s);
bool read_words(struct loader *L, const struct yaml *y, struct strs *ret);
bool read_bool(struct loader *L, const struct yaml *y, bool *ret);
bool read_i64(struct loader *L, const struct yaml *y, int64_t lo, int64_t hi, int64_t *ret);
bool read_duration(struct loader *L, const struct yaml *y, struct duration *ret);
bool read_duration_text(struct loader *L, const struct yaml *y, str s, struct duration *ret);
bool read_expr(struct loader *L, const struct yaml *y, const struct expr **ret);
bool read_who(struct loader *L, const struct yaml *y, const struct who **ret, str *ret_text);
bool read_within(struct loader *L, const struct yaml *y, struct within *ret);
bool read_ladder(struct loader *L, const struct yaml *y, struct ladder *ret);
/* The index of a word in a list of words ended by NULL; says which are allowed. */
bool read_word(struct loader *L, const struct yaml *y, const char *const *words, int *ret_i);
bool read_month_day(struct loader *L, const struct yaml *y, int8_t *ret_month, int8_t *ret_day);
bool read_window(struct loader *L, const struct yaml *y, struct window_spec **ret);
/* The one key and value of {KEY: VALUE}. */
bool read_pair(struct loader *L, const struct yaml *y, str *ret_key, const struct yaml **ret_value);
/* A typed literal: of a parameter, a column of an entry, the bound of a range. */
bool read_literal(struct loader *L, const struct yaml *y, enum ftype t, struct value *ret);
bool read_range(struct loader *L, const struct yaml *y, enum ftype t, struct value *ret_lo,
		struct value *ret_hi);
/* `of:` as a map value → label or a list of values. */
bool read_choices(struct loader *L, const struct yaml *y, const struct choice **ret, size_t *ret_n);
bool read_per(struct loader *L, const struct yaml *y, struct per *ret, size_t max, size_t *ret_n);
bool read_triggers(struct loader *L, const struct yaml *y, const struct trigger **ret,
		   size_t *ret_n);
bool read_same(struct loader *L, const struct yaml *y, const struct same **ret, size_t *ret_n,
	       bool *ret_doer);
bool per_kind_of(struct loader *L, const struct yaml *y, str word, enum per_kind *ret);
/* A copy of `list` with one more; lists are short and built once. */
void strs_push(struct arena *a, struct strs *list, str s);
bool strs_has(const struct strs *list, str s);
/* `fields:` or `columns:` of anything. */
void read_fields(struct loader *L, const struct yaml *y, bool column, const char *prefix,
		 const struct field **ret, size_t *ret_n);

/* --- constructs, one file each --- */
void load_clauses(struct loader *L, const struct yaml *doc);
void load_kinds(struct loader *L, const struct yaml *doc);
void load_links(struct loader *L, const struct yaml *doc);
void load_bodies(struct loader *L, const struct yaml *doc);
void load_parameters(struct loader *L, const struct yaml *doc);
void load_catalogue(struct loader *L, const struct yaml *doc);
void load_calendar(struct loader *L, const struct yaml *doc);
void load_loop(struct loader *L, const struct yaml *doc);
void load_duties(struct loader *L, const struct yaml *doc);
void load_requires(struct loader *L, const struct yaml *doc);
void load_rosters(struct loader *L, const struct yaml *doc);
void load_indicators(struct loader *L, const struct yaml *doc);
void load_print(struct loader *L, str path, str bytes);
/* Adoption: values of parameters, aliases. After all parameters are read. */
void apply_options(struct loader *L);
/* All refinements, in the order of the packs. */
void apply_refinements(struct loader *L);
/* Parts of a loop, also used by refinements. */
void loop_read_states(struct loader *L, const struct yaml *y, struct loop *lp);
void loop_read_steps(struct loader *L, const struct yaml *y, struct loop *lp);

#endif
