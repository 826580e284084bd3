/*
 * store_int: what the generated queries (gen/q_*.c) and the drivers share; nobody
 * else includes it. A statement is a constant made at build time by
 * tools/gen_queries.py, which has prepared it against the schema: the numbers of its
 * parameters, its columns and the tables it touches are known, so a driver checks
 * types and tenants, never text.
 *
 * Life of a cursor: stmt_begin, binds, stmt_step until *ret_row is false (or enough
 * rows were read), stmt_end. A bind or a column that fails is remembered, and the next
 * stmt_step or stmt_end reports it, so generated code is straight. A stmt_begin or
 * stmt_step that returns an error has closed the cursor already.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

struct op;

/* The kind that a migration declares for each table (style.md section 2.6). */
enum store_kind { KIND_FACT, KIND_DERIVED, KIND_OPERATIONAL, KIND_REFERENCE };

struct store_table {
	const char *name;
	enum store_kind kind;
	bool tenant;		/* its key starts with tenant_id: one write operation, one tenant */
};

struct store_migration {
	int version;		/* the leading number of the file, from 1 without gaps */
	const char *name;	/* "0001_base" */
	const char *sql;
};

struct store_statement {
	uint16_t id;		/* index in store_statements[] */
	const char *name;
	const char *sql;	/* one statement; parameters are $1 … $in_n */
	const char *types;	/* one letter for each parameter: i int64, t text, b bytes */
	bool write;
	bool system;		/* `-- scope: system`: may cross tenants (jobs, sign-in) */
	uint8_t in_n, out_n;
	/* the $n to which every tenant table is bound; 0: touches none, or system */
	uint8_t tenant_n;
	uint8_t writes;		/* 1 << store_kind of every table written */
	const char *reads, *changes;	/* table names, each followed by a space */
};

struct store_cursor {
	struct op *op;
	const struct store_statement *st;
	void *handle;		/* the driver's */
	enum err failed;	/* the first failure of a bind or a column */
};

MUST_CHECK enum err stmt_begin(struct op *op, const struct store_statement *st,
		struct store_cursor *ret_cur);
/* `n` is that of $n, from 1. Bytes must live until stmt_end(). */
void stmt_bind_i64(struct store_cursor *cur, int n, int64_t v);
void stmt_bind_text(struct store_cursor *cur, int n, str s);
void stmt_bind_blob(struct store_cursor *cur, int n, str bytes);
MUST_CHECK enum err stmt_step(struct store_cursor *cur, bool *ret_row);
/*
 * `col` from 0. Views are valid until the next step; ERR_CORRUPT is remembered for another
 * storage class.
 */
int64_t stmt_col_i64(struct store_cursor *cur, int col);
str stmt_col_text(struct store_cursor *cur, int col);
str stmt_col_blob(struct store_cursor *cur, int col);
/* Bytes of a fixed length; none (absent) gives zeros, another length is ERR_CORRUPT. */
static inline void stmt_col_bytes(struct store_cursor *cur, int col, void *ret, size_t len)
{
	str s = stmt_col_blob(cur, col);

	memset(ret, 0, len);
	if (s.len == len)
		memcpy(ret, s.ptr, len);
	else if (s.len != 0 && !cur->failed)
		cur->failed = ERR_CORRUPT;
}

static inline int32_t stmt_col_int(struct store_cursor *cur, int col)
{
	int64_t v = stmt_col_i64(cur, col);

	if (v >= INT32_MIN && v <= INT32_MAX)
		return (int32_t)v;
	if (!cur->failed)
		cur->failed = ERR_CORRUPT;
	return 0;
}

static inline bool stmt_col_flag(struct store_cursor *cur, int col)
{
	return stmt_col_i64(cur, col) != 0;
}

/* yyyymmdd, 0 when absent. */
static inline day_no stmt_col_day(struct store_cursor *cur, int col)
{
	int32_t v = stmt_col_int(cur, col);

	return v == 0 ? DAY_NONE : day_from_yyyymmdd(v);
}
/* Closes; *ret_changed (may be NULL): rows that the statement inserted, changed or deleted. */
MUST_CHECK enum err stmt_end(struct store_cursor *cur, int64_t *ret_changed);

#endif
