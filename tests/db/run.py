#!/usr/bin/python3
"""The db tier: keeps the SQL honest on both engines, and the plans of lists short.

    tests/db/run.py [--golden]      --golden writes tests/golden/plans.txt anew

1. Every migration runs on, and every statement is prepared by, SQLite (tools/gen_queries.py)
   and a throw-away PostgreSQL 15, with the parameter types that its driver would give.
   Would catch a dialect slip long before the driver for PostgreSQL comes.
2. The plan of every statement on SQLite, with the figures that the program gives its planner:
   none reads a whole tenant table without a reason in its head; a `-- list` sorts by its
   index, without a temporary b-tree; those of :many statements are a golden file, so that a
   lost index shows in the diff."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import gen_queries  # noqa: E402
import genfile  # noqa: E402
import sqltext  # noqa: E402

PG_BIN = "/usr/lib/postgresql/15/bin"
GOLDEN = "tests/golden/plans.txt"
PG_TYPE = {"i": "bigint", "t": "text", "b": "bytea"}


class Counts:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, ok, message):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {message}")
        return ok


class Postgres:
    """A server of our own in a folder of /tmp: unix socket only, gone afterwards."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="bihuan-pg-")
        self.prefix = []
        if os.geteuid() == 0:  # initdb refuses root
            shutil.chown(self.folder, "postgres", "postgres")
            self.prefix = ["runuser", "-u", "postgres", "--"]
        self.data = os.path.join(self.folder, "data")

    def run(self, argv, **more):
        return subprocess.run(self.prefix + argv, cwd="/", capture_output=True, text=True, timeout=120,
                              check=False, **more)

    def __enter__(self):
        options = f"-c listen_addresses= -k {self.folder} -c fsync=off -c full_page_writes=off"
        for argv in ([f"{PG_BIN}/initdb", "-D", self.data, "--locale=C", "--encoding=UTF8", "-A", "trust", "--no-sync"],
                     [f"{PG_BIN}/pg_ctl", "-D", self.data, "-w", "-l", f"{self.folder}/log", "-o", options, "start"]):
            p = self.run(argv)
            if p.returncode != 0:
                self.__exit__()
                raise RuntimeError(f"{argv[0]}: {p.stdout}{p.stderr}")
        return self

    def __exit__(self, *_):
        self.run([f"{PG_BIN}/pg_ctl", "-D", self.data, "-m", "immediate", "stop"])
        shutil.rmtree(self.folder, ignore_errors=True)

    def script(self, sql):
        """psql's messages, each with the line of the script."""
        p = self.run([f"{PG_BIN}/psql", "-h", self.folder, "-d", "postgres", "-q", "-X", "-f", "-"], input=sql)
        return [line for line in p.stderr.split("\n") if re.search(r"ERROR|FATAL", line)]


def postgres_part(migrations, statements, types, counts):
    with Postgres() as pg:
        for _version, name, sql, path in migrations:
            errors = pg.script(sql)
            counts.check(not errors, f"{path} on PostgreSQL: " + "; ".join(errors[:5]))
        script, at, line = "", {}, 1
        for st in statements:
            kinds = ", ".join(PG_TYPE[types[k][1]] for k, _n in st.q.ins)
            text = f"PREPARE q_{st.q.name}{f' ({kinds})' if kinds else ''} AS {st.q.sql};\n"
            for i in range(text.count("\n")):
                at[line + i] = st
            line += text.count("\n")
            script += text
        bad = {}
        for error in pg.script(script):
            m = re.search(r"<stdin>:(\d+): (.*)", error)
            st = at.get(int(m.group(1))) if m else None
            bad.setdefault(st.q.name if st else "?", []).append(m.group(2) if m else error)
        for st in statements:
            counts.check(st.q.name not in bad, f"{st.q.path}:{st.q.line}: {st.q.name} on PostgreSQL: "
                         + "; ".join(bad.get(st.q.name, [])))
        counts.check("?" not in bad, "PostgreSQL: " + "; ".join(bad.get("?", [])))


def scanned(st, plan, tables, db):
    """Tenant tables of which the plan reads all rows, or all of one tenant, unless that is one row."""
    binding = sqltext.Binding(tables)
    sqltext._query(sqltext.tokens(st.q.sql), None, binding)
    alias = {node[2]: table for node, table, tenant in binding.uses if tenant}
    out = []
    for line in plan:
        m = re.match(r"\s*(?:SCAN (\w+)|SEARCH (\w+) .*(?:\(tenant_id=\?\)$|\(ANY\())", line)
        table = alias.get(m.group(1) or m.group(2)) if m else None
        if table and (m.group(1) or one_key(db, table) != ["tenant_id"]):
            out.append(table)
    return out


def one_key(db, table):
    return [r[1] for r in db.rows(f"PRAGMA table_info({table})") if r[5] != "0"]


def plans_part(statements, tables, db, counts, write):
    text = ""
    for st in statements:
        plan = db.plan(st.q.sql)
        where = f"{st.q.path}:{st.q.line}: {st.q.name}"
        full = scanned(st, plan, tables, db)
        counts.check(not full or st.q.scan, f"{where} reads all of {', '.join(full)}: give it an index, or say "
                     "why in its head: `-- scan: reason`")
        counts.check(full or not st.q.scan, f"{where} scans nothing; take `-- scan:` away")
        if st.q.list:
            counts.check(not any("TEMP B-TREE" in line for line in plan), f"{where} sorts in a temporary b-tree")
        if st.q.mode == "many":
            text += f"{st.q.name}\n" + "".join(f"  {line}\n" for line in plan)
    path = os.path.join(ROOT, GOLDEN)
    if write:
        genfile.write_if_changed(path, text)
    golden = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
    for name in compare(golden, text):
        counts.check(False, f"the plan of {name} differs from {GOLDEN}; look, then tests/db/run.py --golden")
    counts.passed += text.count("\n") and 1


def compare(old, new):
    def split(text):
        return {b.split("\n")[0]: b for b in re.split(r"\n(?=\w)", text.strip()) if b}
    a, b = split(old), split(new)
    return sorted(name for name in set(a) | set(b) if a.get(name) != b.get(name))


def main():
    os.chdir(ROOT)
    counts, faults = Counts(), genfile.Faults()
    migrations, tables, statements, types, _ids, db = gen_queries.load(faults)
    for line in faults.lines:
        counts.check(False, line)
    db.script(sqltext.plan_stats(db, tables))
    counts.passed += len(migrations) + len(statements)  # SQLite took them, or load() had said so
    plans_part(statements, tables, db, counts, "--golden" in sys.argv[1:])
    if os.path.exists(f"{PG_BIN}/initdb"):
        postgres_part(migrations, statements, types, counts)
    else:
        counts.check(False, "postgresql-15 is not installed (./dev test db installs it)")
    print(f"{counts.passed} passed, {counts.failed} failed, 0 skipped")
    sys.exit(1 if counts.failed else 0)


if __name__ == "__main__":
    main()
