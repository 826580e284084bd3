#!/usr/bin/python3
"""gen_queries: src/store/query/*.sql and src/store/schema/*.sql become typed C.

    gen_queries.py OUT_DIR [--check]

Writes q_FILE.{c,h} for each query file (one function a statement), statements.{c,h}
(the table of all statements: store/store_int.h), schema.{c,h} (migrations and tables).

No SQL text is built when the program runs; so everything that can be wrong with a
statement is found here: it is prepared by SQLite against the schema, its $n are counted
against `-- in:`, its columns and their declared types against `-- out:`, and every tenant
table it touches must be bound to one tenant (tools/sqltext.py). The head and the types are
described in HACKING.md. Rejected: reading rows at run time by name (errors appear late),
and an own query language (a second thing to learn)."""

import os
import re
import sys

import genfile
import sqltext

SCHEMA, QUERY, IDS = "src/store/schema", "src/store/query", "src/base/ids.h"

# type → (C type, letter, SQL types it may be stored in)
PLAIN = {
    "i64": ("int64_t", "i", {"BIGINT", "INTEGER"}),
    "int": ("int32_t", "i", {"INTEGER"}),
    "flag": ("bool", "i", {"INTEGER"}),
    "text": ("str", "t", {"TEXT"}),
    "instant": ("int64_t", "i", {"BIGINT"}),
    "day": ("day_no", "i", {"INTEGER"}),
    "blob": ("str", "b", {"BYTEA"}),
    "hash": ("struct hash", "b", {"BYTEA"}),
    "salt": ("struct salt", "b", {"BYTEA"}),
}
ARGUMENTS_MAX = 5
RESERVED = set("""auto break case char const continue default do double else enum extern float for goto if inline
int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile
while bool true false op in str""".split())


def id_types():
    text = open(IDS, encoding="utf-8").read()
    return re.findall(r"^ID_TYPE\((\w+)\)", text, re.M)


class Statement:
    """A query with what SQLite and the proof of rule 13 say about it."""

    def __init__(self, query, number):
        self.q, self.id = query, number
        self.write, self.tenant_n = False, 0
        self.reads, self.writes, self.kinds = [], [], 0


def examine(query, number, db, tables, types, faults):
    st = Statement(query, number)
    message, params, decl, reads, writes = db.describe(query.sql)
    if message:
        query.fault(faults, message)
        return st
    st.write = bool(writes)
    st.reads, st.writes = sorted(reads), sorted(writes)
    for t in st.writes:
        st.kinds |= 1 << sqltext.KINDS.index(tables[t].kind) if t in tables else 0
    check_signature(query, params, decl, types, faults)
    n, bad = sqltext.tenant_binding(query.sql, tables)
    if not query.system:
        for b in bad:
            query.fault(faults, b)
        st.tenant_n = n
        if n and n <= len(query.ins) and query.ins[n - 1][0] != "tenant_id":
            query.fault(faults, f"${n} binds the tenant, its type is tenant_id, not {query.ins[n - 1][0]}")
    return st


def check_signature(query, params, decl, types, faults):
    for kind, name in query.ins + query.outs:
        if kind not in types:
            query.fault(faults, f"type {kind} of {name} is unknown")
        if name in RESERVED or name.startswith("ret_"):
            query.fault(faults, f"the name {name} is taken in C")
    for fields in (query.ins, query.outs):
        names = [n for _, n in fields]
        for name in sorted({n for n in names if names.count(n) > 1}):
            query.fault(faults, f"the name {name} stands twice")
    want = {f"${i + 1}" for i in range(len(query.ins))}
    if set(params) != want:
        query.fault(faults, f"uses {' '.join(sorted(params)) or 'no parameter'}, but `in:` has {len(query.ins)}")
    if len(decl) != len(query.outs):
        query.fault(faults, f"gives {len(decl)} columns, but `out:` has {len(query.outs)}")
        return
    if (query.mode in ("one", "many")) != bool(query.outs):
        query.fault(faults, f":{query.mode} {'needs' if query.mode in ('one', 'many') else 'has no'} `-- out:`")
    for (kind, name), declared in zip(query.outs, decl):
        if declared and kind in types and declared not in types[kind][2]:
            query.fault(faults, f"{name} is {kind}, but the column is {declared}")


# ---- C ------------------------------------------------------------------------


class Emitter:
    def __init__(self, types, id_names):
        self.types, self.ids = types, set(id_names)

    def c(self, kind):
        return self.types[kind][0]

    def decl(self, kind, name):
        return f"{self.c(kind)} {name}"

    def prototype(self, q):
        args = ["struct op *op"]
        if len(q.ins) > ARGUMENTS_MAX:
            args.append(f"const struct q_{q.name}_in *in")
        else:
            args += [self.decl(k, n) for k, n in q.ins]
        if q.mode == "one":
            args.append(f"struct q_{q.name} *ret_row")
        elif q.mode == "many":
            args += [f"struct q_{q.name} **ret_rows", "size_t *ret_n"]
        elif q.mode == "execrows":
            args.append("int64_t *ret_changed")
        return f"enum err q_{q.name}({', '.join(args)})"

    def header_part(self, q):
        out = []
        notes = [n for n in q.notes if n]
        if notes:
            out.append("/*\n" + "".join(f" * {n.replace('*/', '* /')}\n" for n in notes) + " */")
        if len(q.ins) > ARGUMENTS_MAX:
            out.append(self.struct(f"q_{q.name}_in", q.ins))
        if q.outs:
            out.append(self.struct(f"q_{q.name}", q.outs))
        out.append(f"MUST_CHECK {self.prototype(q)};\n")
        return "\n".join(out)

    def struct(self, name, fields):
        lines = "".join(f"\t{self.decl(k, n)};\n" for k, n in fields)
        return f"struct {name} {{\n{lines}}};"

    def bind(self, q, number, kind, name):
        value = f"in->{name}" if len(q.ins) > ARGUMENTS_MAX else name
        if kind in self.ids:
            return f"stmt_bind_i64(&cur_, {number}, {value}.v);"
        if kind == "day":
            return f"stmt_bind_i64(&cur_, {number}, {value} == DAY_NONE ? 0 : day_to_yyyymmdd({value}));"
        if kind == "text":
            return f"stmt_bind_text(&cur_, {number}, {value});"
        if kind == "blob":
            return f"stmt_bind_blob(&cur_, {number}, {value});"
        if kind in ("hash", "salt"):
            return f"stmt_bind_blob(&cur_, {number}, (str){{ (const char *){value}.b, sizeof({value}.b) }});"
        return f"stmt_bind_i64(&cur_, {number}, {value});"

    def column(self, number, kind, target):
        if kind in self.ids:
            return f"{target}.v = stmt_col_i64(&cur_, {number});"
        if kind == "text":
            return f"{target} = str_dup(op->arena, stmt_col_text(&cur_, {number}));"
        if kind == "blob":
            return f"{target} = str_dup(op->arena, stmt_col_blob(&cur_, {number}));"
        if kind in ("hash", "salt"):
            return f"stmt_col_bytes(&cur_, {number}, {target}.b, sizeof({target}.b));"
        call = {"int": "stmt_col_int", "flag": "stmt_col_flag", "day": "stmt_col_day"}.get(kind, "stmt_col_i64")
        return f"{target} = {call}(&cur_, {number});"

    def columns(self, q, row, indent):
        return "".join(f"{indent}{self.column(i, k, f'{row}{n}')}\n" for i, (k, n) in enumerate(q.outs))

    def function(self, q):
        head = f"{self.prototype(q)}\n{{\n\tstruct store_cursor cur_;\n"
        start = f"\n\tTRY(stmt_begin(op, &store_statements[STMT_{q.name}], &cur_));\n" + "".join(
            f"\t{self.bind(q, i + 1, k, n)}\n" for i, (k, n) in enumerate(q.ins))
        body = {"one": self.body_one, "many": self.body_many}.get(q.mode, self.body_exec)(q)
        return head + body[0] + start + body[1] + "\treturn ERR_OK;\n}\n"

    def body_one(self, q):
        return (f"\tstruct q_{q.name} row_;\n\tbool found_;\n\n\tmemset(&row_, 0, sizeof(row_));",
                "\tTRY(stmt_step(&cur_, &found_));\n\tif (found_) {\n" + self.columns(q, "row_.", "\t\t") +
                "\t}\n\tTRY(stmt_end(&cur_, NULL));\n\tif (!found_)\n\t\treturn ERR_NOTFOUND;\n\t*ret_row = row_;\n")

    def body_many(self, q):
        return (f"\tVEC(struct q_{q.name}) rows_ = {{ 0 }};\n\tbool found_;\n",
                "\tfor (;;) {\n\t\tTRY(stmt_step(&cur_, &found_));\n\t\tif (!found_)\n\t\t\tbreak;\n"
                f"\t\tstruct q_{q.name} *row_ = VEC_PUSH(op->arena, &rows_);\n" + self.columns(q, "row_->", "\t\t") +
                "\t}\n\tTRY(stmt_end(&cur_, NULL));\n\t*ret_rows = rows_.at;\n\t*ret_n = rows_.n;\n")

    def body_exec(self, q):
        if q.mode == "execrows":
            return ("\tbool found_;\n\tint64_t changed_ = 0;\n",
                    "\tTRY(stmt_step(&cur_, &found_));\n\tTRY(stmt_end(&cur_, &changed_));\n"
                    "\t*ret_changed = changed_;\n")
        return "\tbool found_;\n", "\tTRY(stmt_step(&cur_, &found_));\n\tTRY(stmt_end(&cur_, NULL));\n"


def query_file(out, base, queries, emitter):
    top = f"/* From {QUERY}/{base}.sql by tools/gen_queries.py. Do not edit. */\n"
    guard = f"GEN_Q_{base.upper()}_H"
    header = (f"{top}#ifndef {guard}\n#define {guard}\n\n#include <stdbool.h>\n#include <stddef.h>\n"
              "#include <stdint.h>\n\n#include \"base/date.h\"\n#include \"base/err.h\"\n#include \"base/hash.h\"\n"
              "#include \"base/ids.h\"\n#include \"base/str.h\"\n\nstruct op;\n\n")
    header += "\n".join(emitter.header_part(q) for q in queries) + "\n#endif\n"
    code = (f"{top}#include \"gen/q_{base}.h\"\n\n#include <string.h>\n\n#include \"base/arena.h\"\n"
            "#include \"base/op.h\"\n#include \"gen/statements.h\"\n#include \"store/store_int.h\"\n\n")
    code += "\n".join(emitter.function(q) for q in queries)
    genfile.write_if_changed(os.path.join(out, f"q_{base}.h"), header)
    genfile.write_if_changed(os.path.join(out, f"q_{base}.c"), code)
    return {f"q_{base}.h", f"q_{base}.c"}


def boolean(b):
    return "true" if b else "false"


def statements_table(out, statements, types):
    top = "/* All statements, from src/store/query by tools/gen_queries.py. Do not edit. */\n"
    names = "".join(f"\tSTMT_{st.q.name},\n" for st in statements)
    header = (f"{top}#ifndef GEN_STATEMENTS_H\n#define GEN_STATEMENTS_H\n\n#include \"store/store_int.h\"\n\n"
              f"enum store_statement_id {{\n{names}\tSTMT_N\n}};\n\n"
              "extern const struct store_statement store_statements[STMT_N + 1];\t/* one more: all zero */\n\n#endif\n")
    code = f"{top}#include \"gen/statements.h\"\n\nconst struct store_statement store_statements[STMT_N + 1] = {{\n"
    for st in statements:
        q = st.q
        letters = "".join(types[k][1] for k, _ in q.ins if k in types)
        code += (f"\t[STMT_{q.name}] = {{\n\t\t.id = STMT_{q.name}, .name = \"{q.name}\",\n"
                 f"\t\t.sql = {genfile.c_lines(q.sql, chr(9) * 3)},\n"
                 f"\t\t.types = \"{letters}\", .write = {boolean(st.write)}, .system = {boolean(q.system)},\n"
                 f"\t\t.in_n = {len(q.ins)}, .out_n = {len(q.outs)}, .tenant_n = {st.tenant_n}, .writes = {st.kinds},\n"
                 f"\t\t.reads = \"{''.join(t + ' ' for t in st.reads)}\", "
                 f".changes = \"{''.join(t + ' ' for t in st.writes)}\",\n\t}},\n")
    genfile.write_if_changed(os.path.join(out, "statements.h"), header)
    genfile.write_if_changed(os.path.join(out, "statements.c"), code + "};\n")


def schema_table(out, migrations, tables, stats):
    top = "/* Migrations and tables, from src/store/schema by tools/gen_queries.py. Do not edit. */\n"
    header = (f"{top}#ifndef GEN_SCHEMA_H\n#define GEN_SCHEMA_H\n\n#include \"store/store_int.h\"\n\n"
              f"#define STORE_MIGRATION_N {len(migrations)}\n#define STORE_TABLE_N {len(tables)}\n\n"
              "/* One more than they are: the last is all zero. */\n"
              "extern const struct store_migration store_migrations[STORE_MIGRATION_N + 1];\n"
              "extern const struct store_table store_tables[STORE_TABLE_N + 1];\t/* by name */\n"
              "/* SQLite: fixed figures for the planner; run when the schema has changed. */\n"
              "extern const char store_plan_stats[];\n\n#endif\n")
    code = f"{top}#include \"gen/schema.h\"\n\n" \
        "const struct store_migration store_migrations[STORE_MIGRATION_N + 1] = {\n"
    for version, name, sql, _path in migrations:
        code += f"\t{{ {version}, \"{name}\",\n\t\t{genfile.c_lines(sql, chr(9) * 2)} }},\n"
    code += "\t{ 0, NULL, NULL }\n};\n\nconst struct store_table store_tables[STORE_TABLE_N + 1] = {\n"
    for name in sorted(tables):
        t = tables[name]
        code += f"\t{{ \"{name}\", KIND_{t.kind.upper()}, {boolean(t.tenant)} }},\n"
    genfile.write_if_changed(os.path.join(out, "schema.h"), header)
    code += "\t{ NULL, KIND_FACT, false }\n};\n\n"
    code += f"const char store_plan_stats[] =\n\t{genfile.c_lines(stats, chr(9))};\n"
    genfile.write_if_changed(os.path.join(out, "schema.c"), code)


def load(faults):
    """Everything known about schema and statements: also for the lint and the db tier."""
    ids = id_types()
    types = dict(PLAIN)
    types.update({name: (name, "i", {"BIGINT"}) for name in ids})
    migrations, tables = sqltext.read_schema(SCHEMA, faults)
    db = sqltext.open_schema(migrations, faults)
    sqltext.check_tables(db, tables, faults)
    queries = sqltext.read_queries(QUERY, faults)
    faults.stop_if_any()  # what follows would only repeat it
    statements = [examine(q, i, db, tables, types, faults) for i, q in enumerate(queries)]
    return migrations, tables, statements, types, ids, db


def main():
    out = sys.argv[1]
    faults = genfile.Faults()
    migrations, tables, statements, types, ids, db = load(faults)
    faults.stop_if_any()
    os.makedirs(out, exist_ok=True)
    emitter, keep, files = Emitter(types, ids), set(), {}
    for st in statements:
        files.setdefault(os.path.basename(st.q.path)[:-4], []).append(st.q)
    for base, queries in files.items():
        keep |= query_file(out, base, queries, emitter)
    statements_table(out, statements, types)
    schema_table(out, migrations, tables, sqltext.plan_stats(db, tables))
    genfile.remove_stale(out, "q_", keep)


if __name__ == "__main__":
    main()
