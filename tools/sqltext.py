"""Reading of src/store/schema/*.sql and src/store/query/*.sql, and what can be proved of
them without running: kinds of tables, shape of keys (sql-rules 5, 6, 11), the dialect
(rules 4-24), and that every tenant table of a statement is bound to one tenant (rule 13).

The proof of rule 13 is a union of equalities: within each SELECT scope, `a.tenant_id = $n`
and `a.tenant_id = b.tenant_id` count when they are conjuncts of WHERE or ON; an equality
inside OR, NOT or plain parentheses does not. That refuses some true statements, and
accepts no false one. SQLite itself, through its C interface, says the rest: numbers of
parameters, columns and their declared types, tables read and written."""

import ctypes
import glob
import os
import re

KINDS = ("fact", "derived", "operational", "reference")
TYPES_SQL = {"BIGINT", "INTEGER", "TEXT", "DOUBLE PRECISION", "BYTEA"}

# ---- schema -----------------------------------------------------------------


class Table:
    def __init__(self, name, kinds, path, line):
        self.name, self.kinds, self.path, self.line = name, kinds, path, line
        self.tenant = False

    @property
    def kind(self):
        return self.kinds[0]


def read_schema(folder, faults):
    """[(version, name, sql, path)], {table: Table}."""
    migrations, tables = [], {}
    for path in sorted(glob.glob(os.path.join(folder, "*.sql"))):
        base = os.path.basename(path)[:-4]
        m = re.fullmatch(r"(\d{4})_[a-z0-9_]+", base)
        text = open(path, encoding="utf-8").read()
        if not m or int(m.group(1)) != len(migrations) + 1:
            faults.add(path, 1, f"migrations are named 0001_name.sql … without gaps, not {base}")
        migrations.append((len(migrations) + 1, base, text, path))
        _kinds_of_tables(path, text, tables, faults)
    return migrations, tables


def _kinds_of_tables(path, text, tables, faults):
    kinds = None
    for number, line in enumerate(text.split("\n"), 1):
        m = re.match(r"\s*--\s*kind:\s*(.*)$", line)
        if m and kinds is None:  # the first counts; a later one explains a column
            kinds = re.split(r"[,\s]+", m.group(1).strip())
            if any(k not in KINDS for k in kinds):
                faults.add(path, number, f"kind is one of {', '.join(KINDS)}, not '{m.group(1)}'")
                kinds = None
            continue
        m = re.match(r"\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", line, re.I)
        if m:
            if kinds is None:
                faults.add(path, number, f"table {m.group(1)} has no `-- kind: …` line before it")
            tables[m.group(1)] = Table(m.group(1), kinds or ["fact"], path, number)
        if line.strip() and not line.lstrip().startswith("--"):
            kinds = None


def check_tables(db, tables, faults):
    """Shape of every table as it stands after the last migration."""
    for name in list(tables):
        t = tables[name]
        cols = db.rows(f"PRAGMA table_info({name})")
        if not cols:  # dropped later
            del tables[name]
            continue
        first = cols[0][1]
        t.tenant = first == "tenant_id" and "reference" not in t.kinds
        if t.kind in ("fact", "derived") and "reference" not in t.kinds and not t.tenant:
            faults.add(t.path, t.line, f"{name} is {t.kind}: its first column is tenant_id (rule 11)")
        for col in cols:
            if col[2].upper() not in TYPES_SQL:
                faults.add(t.path, t.line, f"{name}.{col[1]}: type {col[2] or '(none)'} is not portable (rule 5)")
            if col[3] != "1" and col[5] == "0":
                faults.add(t.path, t.line, f"{name}.{col[1]} may be NULL; absent is 0, '' or the open end")
        _check_keys(db, t, tables, faults)


def _check_keys(db, t, tables, faults):
    if not t.tenant:
        return
    for index in db.rows(f"PRAGMA index_list({t.name})"):
        info = db.rows(f"PRAGMA index_info({index[1]})")
        if index[2] == "1" and info[0][2] != "tenant_id":
            faults.add(t.path, t.line, f"unique key {index[1]} of {t.name} does not begin with tenant_id (rule 11)")
    keys = {}
    for fk in db.rows(f"PRAGMA foreign_key_list({t.name})"):
        keys.setdefault((fk[0], fk[2]), set()).add(fk[3])
    for (_, target), columns in keys.items():
        other = tables.get(target)
        if other is not None and other.tenant and "tenant_id" not in columns:
            faults.add(t.path, t.line, f"foreign key of {t.name} to {target} lacks tenant_id (rule 11)")


# ---- query files --------------------------------------------------------------


class Query:
    def __init__(self, path, line, name, mode):
        self.path, self.line, self.name, self.mode = path, line, name, mode
        self.notes, self.ins, self.outs = [], [], []
        self.system = self.list = False
        self.scan = ""    # why reading a whole table or tenant is right here
        self.sql, self.sql_line = "", line

    def fault(self, faults, message):
        faults.add(self.path, self.line, f"{self.name}: {message}")


def read_queries(folder, faults):
    queries = []
    for path in sorted(glob.glob(os.path.join(folder, "*.sql"))):
        queries += read_query_file(path, open(path, encoding="utf-8").read(), faults)
    seen = {}
    for q in queries:
        if q.name in seen:
            q.fault(faults, f"the name stands already in {seen[q.name].path}:{seen[q.name].line}")
        seen[q.name] = q
    return queries


def read_query_file(path, text, faults):
    out, q, last = [], None, None
    for number, line in enumerate(text.split("\n"), 1):
        m = re.match(r"--\s*name:\s*(\w+)\s+:(one|many|exec|execrows)\s*$", line)
        if m:
            q, last = Query(path, number, m.group(1), m.group(2)), None
            out.append(q)
        elif line.startswith("-- name:"):
            faults.add(path, number, "a head reads `-- name: snake_case :one|:many|:exec|:execrows`")
            q = None
        elif q is not None and line.startswith("--") and not q.sql:
            last = _head_line(q, number, line[2:].strip(), last, faults)
        elif q is not None:
            if not q.sql.strip():
                if not line.strip():
                    continue
                q.sql_line = number
            q.sql += line.rstrip() + "\n"
        elif line.strip() and not line.startswith("--"):
            faults.add(path, number, "SQL before the first `-- name:` head")
    for q in out:
        q.sql = q.sql.strip()
        _check_text(q, faults)
    return out


def _head_line(q, number, text, last, faults):
    m = re.match(r"(in|out|scope|list|scan)(?::\s*(.*))?$", text)
    if m and (m.group(1) == "list" or m.group(2) is not None):
        key, value = m.group(1), (m.group(2) or "").strip()
        if key == "list":
            q.list = True
            return None
        if key == "scan":
            q.scan = value
            return None
        if key == "scope":
            if value != "system":
                faults.add(q.path, number, "the only scope that is written is `-- scope: system`")
            q.system = True
            return None
        target = q.ins if key == "in" else q.outs
        return _add_fields(q, number, target, value, faults)
    if last is not None:  # continues a list that ended in a comma
        return _add_fields(q, number, last, text, faults)
    q.notes.append(text)
    return None


def _add_fields(q, number, target, value, faults):
    for part in (p.strip() for p in value.split(",")):
        if not part:
            continue
        m = re.fullmatch(r"(\w+)\s+([a-z]\w*)", part)
        if not m:
            faults.add(q.path, number, f"`{part}` is not `type name`")
            continue
        target.append((m.group(1), m.group(2)))
    return target if value.endswith(",") else None


# What only one engine knows, or what both understand differently (sql-rules part 1).
DIALECT = [
    (r"::", "`::`; write CAST(… AS …) (rule 4)"),
    (r"\?\d*", "`?`; parameters are $1 … (rule 1)"),
    (r"\b(now|strftime|julianday|unixepoch|extract)\s*\(", "clocks; pass the time (rule 7)"),
    (r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|INTERVAL)\b", "clocks; pass the time (rule 7)"),
    (r"\bINSERT\s+OR\b|\bREPLACE\s+INTO\b", "INSERT OR / REPLACE INTO; use ON CONFLICT (rule 14)"),
    (r"\bFOR\s+UPDATE\b", "FOR UPDATE; compare and set the version (rule 16)"),
    (r"\b(MERGE|LATERAL|FETCH\s+FIRST|TRUNCATE)\b", "a construct that is not portable (rules 15, 19)"),
    (r"\b(GLOB|ILIKE|REGEXP|SIMILAR)\b", "a pattern operator of one engine (rule 21)"),
    (r"\b(GREATEST|LEAST|CONCAT|LEFT|RIGHT|INSTR|POSITION|GROUP_CONCAT|STRING_AGG|PRINTF|FORMAT|IIF|IFNULL|NVL|"
     r"CHR|ROUND|AVG|TOTAL|json_\w+)\s*\(", "a function that is not portable (rules 8, 21)"),
    (r"\b(MAX|MIN)\s*\([^()]*,", "MAX(a, b); write CASE (rule 21)"),
    (r"\bLIMIT\s+[^\s,]+\s*,", "LIMIT a, b; write LIMIT … OFFSET … (rule 18)"),
    (r"==", "`==` (rule 19)"),
    (r"\bCOLLATE\b", "COLLATE; the order of bytes is the order (rule 24)"),
    (r"\bIS\s+(NOT\s+)?\d", "IS with a number (rule 19)"),
    (r"\bUSING\b", "USING; write the condition (rule 13)"),
    (r'"', "a double quote (rule 12)"),
]


def _check_text(q, faults):
    if not q.sql.endswith(";") or ";" in strip_literals(q.sql)[:-1]:
        q.fault(faults, "holds exactly one statement, closed by `;`")
    q.sql = q.sql.rstrip().rstrip(";").rstrip()
    bare = strip_literals(q.sql)
    for pattern, what in DIALECT:
        if re.search(pattern, bare, re.I):
            q.fault(faults, f"uses {what}")
    if len(re.findall(r"\bLIKE\b", bare, re.I)) != len(re.findall(r"\bESCAPE\b", bare, re.I)):
        q.fault(faults, "LIKE needs ESCAPE '\\' (rule 22)")
    if re.search(r"\bORDER\s+BY\b", bare, re.I) is None and re.search(r"\bLIMIT\b", bare, re.I):
        q.fault(faults, "LIMIT without ORDER BY (rule 18)")


def strip_literals(sql):
    """Literals become '', comments a blank, so that searches see only the language."""
    sql = re.sub(r"'(?:[^']|'')*'", "''", sql)
    return re.sub(r"--[^\n]*", " ", sql)


# ---- rule 13: every tenant table is bound to $n --------------------------------

TOKEN = re.compile(r"'(?:[^']|'')*'|\$\d+|[A-Za-z_]\w*|\d+(?:\.\d+)?|<=|>=|<>|!=|\|\||.", re.S)
FROM_ENDS = {"WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "WINDOW", "RETURNING", "SET", "CONFLICT"}
JOINS = {"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER", "NATURAL"}
NOT_ALIAS = FROM_ENDS | JOINS | {"ON", "AS", "VALUES", "SELECT", "UNION", "EXCEPT", "INTERSECT", "DEFAULT"}


def tokens(sql):
    """Nested lists: a parenthesis is a list inside the list."""
    stack = [[]]
    sql = re.sub(r"--[^\n]*", " ", sql)
    for m in TOKEN.finditer(sql):
        t = m.group(0)
        if t.isspace():
            continue
        if t == "(":
            stack.append([])
        elif t == ")" and len(stack) > 1:
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            stack[-1].append(t)
    return stack[0]


def up(t):
    return t.upper() if isinstance(t, str) else ""


class Binding:
    """Union-find over table uses and parameters of one statement."""

    def __init__(self, tables):
        self.tables, self.parent, self.uses = tables, {}, []

    def find(self, x):
        self.parent.setdefault(x, x)
        while self.parent[x] != x:
            x = self.parent[x]
        return x

    def join(self, a, b):
        if a is not None and b is not None:
            self.parent[self.find(a)] = self.find(b)

    def use(self, scope, alias, table):
        node = ("t", len(self.uses), alias)
        t = self.tables.get(table)
        self.uses.append((node, table, t is not None and t.tenant))
        scope.names[alias] = (node, t is None or t.tenant)
        return node


class Scope:
    def __init__(self, outer):
        self.outer, self.names = outer, {}

    def lookup(self, alias):
        s = self
        while s is not None:
            if alias in s.names:
                return s.names[alias][0]
            s = s.outer
        return None

    def only(self):
        """The one source that an unqualified tenant_id can mean."""
        s = self
        while s is not None:
            found = [n for n, has in s.names.values() if has]
            if len(found) == 1:
                return found[0]
            if found:
                return None
            s = s.outer
        return None


def tenant_binding(sql, tables):
    """(n, faults): the $n to which all tenant tables are bound, 0 when there are none."""
    b = Binding(tables)
    _query(tokens(sql), None, b)
    numbers, bad = set(), []
    params = [p for p in b.parent if isinstance(p, str)]
    for node, table, tenant in b.uses:
        if not tenant:
            continue
        mine = [p for p in params if b.find(p) == b.find(node)]
        if not mine:
            bad.append(f"{table} (as {node[2]}) is not bound by tenant_id = $n (rule 13)")
        numbers.update(int(p[1:]) for p in mine)
    if len(numbers) > 1:
        bad.append(f"tenant tables are bound to different parameters {sorted(numbers)} (rule 29)")
    return (min(numbers) if numbers else 0), bad


def _query(toks, outer, b):
    """A statement or a parenthesised query: parts between set operators, each its scope."""
    part, parts = [], []
    for t in toks:
        if up(t) in ("UNION", "EXCEPT", "INTERSECT"):
            parts.append(part)
            part = []
        else:
            part.append(t)
    for p in parts + [part]:
        _core(p, outer, b)


def _core(toks, outer, b):
    scope = Scope(outer)
    words = [up(t) for t in toks]
    insert = None
    if "INSERT" in words:
        insert = _insert_target(toks, words, scope, b)
    elif "UPDATE" in words and "SET" in words[words.index("UPDATE"):]:
        _source(toks, words.index("UPDATE") + 1, scope, b)
    _from_clauses(toks, words, scope, b)
    for clause in _conditions(toks, words):
        _equalities(clause, scope, b)
    if insert:
        _insert_values(toks, words, insert, scope, b)
    _subqueries(toks, scope, b)


def _subqueries(toks, scope, b):
    for t in toks:
        if isinstance(t, list):
            if t and up(t[0]) in ("SELECT", "WITH"):
                _query(t, scope, b)
            else:
                _subqueries(t, scope, b)


def _source(toks, i, scope, b):
    """One table or subquery at i with its alias; the index after it."""
    if i >= len(toks):
        return i
    table = toks[i]
    i += 1
    if i < len(toks) and up(toks[i]) == "AS":
        i += 1
    alias = table if isinstance(table, str) else None
    if i < len(toks) and isinstance(toks[i], str) and re.match(r"[A-Za-z_]", toks[i]) \
            and up(toks[i]) not in NOT_ALIAS:
        alias = toks[i]
        i += 1
    if isinstance(table, str):
        b.use(scope, alias, table)
    elif alias is not None:
        scope.names[alias] = (("d", id(table)), True)
    return i


def _from_clauses(toks, words, scope, b):
    i = 0
    while i < len(toks):
        if words[i] == "FROM" and not (i >= 1 and words[i - 1] == "DISTINCT" and "IS" in words[max(0, i - 3):i]):
            i = _source(toks, i + 1, scope, b)
            while i < len(toks) and words[i] not in FROM_ENDS:
                if words[i] == "JOIN" or toks[i] == ",":
                    i = _source(toks, i + 1, scope, b)
                else:
                    i += 1
        else:
            i += 1


def _conditions(toks, words):
    """WHERE and ON clauses, as flat lists that end where another clause begins."""
    out, current = [], None
    for i, w in enumerate(words):
        if w == "WHERE" or (w == "ON" and not (i + 1 < len(words) and words[i + 1] == "CONFLICT")):
            current = []
            out.append(current)
        elif w in FROM_ENDS or w in JOINS or toks[i] == "," or w == "ON":
            current = None
        elif current is not None:
            current.append(toks[i])
    return out


def _equalities(clause, scope, b):
    if any(up(t) == "OR" for t in clause):
        return
    term, between = [], False
    for t in clause + ["AND"]:
        if up(t) == "BETWEEN":
            between = True
        if up(t) == "AND" and between:
            between = False
        elif up(t) == "AND":
            if "=" in term:
                at = term.index("=")
                left = _tenant_ref(term[:at], scope)
                right = _tenant_ref(term[at + 1:], scope)
                b.join(left, right)
            term = []
            continue
        term.append(t)


def _tenant_ref(part, scope):
    if len(part) == 1 and isinstance(part[0], str) and part[0].startswith("$"):
        return part[0]
    if part == ["tenant_id"]:
        return scope.only()
    if len(part) == 3 and part[1] == "." and part[2] == "tenant_id":
        return scope.lookup(part[0])
    return None


def _insert_target(toks, words, scope, b):
    i = words.index("INTO") + 1
    table, columns = toks[i], []
    if i + 1 < len(toks) and isinstance(toks[i + 1], list):
        columns = [t for t in toks[i + 1] if t != ","]
    inner = Scope(None)
    node = b.use(inner, table, table)
    return node, columns


def _split(toks):
    out = [[]]
    for t in toks:
        if t == ",":
            out.append([])
        else:
            out[-1].append(t)
    return out


def _insert_values(toks, words, insert, scope, b):
    node, columns = insert
    if "tenant_id" not in columns:
        return
    at = columns.index("tenant_id")
    rows = []
    if "VALUES" in words:
        for t in toks[words.index("VALUES") + 1:]:
            if isinstance(t, list):
                rows.append(_split(t))
            elif t != ",":
                break
    elif "SELECT" in words:
        start = words.index("SELECT") + 1
        stop = words.index("FROM", start) if "FROM" in words[start:] else len(toks)
        rows.append(_split(toks[start:stop]))
    refs = [_tenant_ref(r[at], scope) if at < len(r) else None for r in rows]
    if all(r is not None for r in refs):
        for r in refs:
            b.join(node, r)


# ---- SQLite through its C interface ----------------------------------------------

_AUTH = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p,
                         ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)
_DELETE, _INSERT, _READ, _UPDATE = 9, 18, 20, 23
_ROW, _DONE = 100, 101


class Database:
    """An in-memory SQLite. Python's own module hides parameter names, columns of a
    statement that was not run, and declared types; the generator needs all three."""

    def __init__(self):
        self.lib = ctypes.CDLL("libsqlite3.so.0")
        for name, result in (("sqlite3_errmsg", ctypes.c_char_p), ("sqlite3_column_text", ctypes.c_char_p),
                             ("sqlite3_column_decltype", ctypes.c_char_p),
                             ("sqlite3_bind_parameter_name", ctypes.c_char_p)):
            getattr(self.lib, name).restype = result
        self.db = ctypes.c_void_p()
        self.lib.sqlite3_open(b":memory:", ctypes.byref(self.db))
        self.reads, self.writes = set(), set()
        self.callback = _AUTH(self._authorize)
        self.lib.sqlite3_set_authorizer(self.db, self.callback, None)

    def _authorize(self, _arg, action, a, _b, _c, _d):
        name = (a or b"").decode()
        if not name.startswith("sqlite_"):
            if action in (_INSERT, _UPDATE, _DELETE):
                self.writes.add(name)
            elif action == _READ:
                self.reads.add(name)
        return 0

    def error(self):
        return self.lib.sqlite3_errmsg(self.db).decode()

    def script(self, sql):
        """None, or SQLite's message."""
        return None if self.lib.sqlite3_exec(self.db, sql.encode(), None, None, None) == 0 else self.error()

    def _prepare(self, sql):
        st = ctypes.c_void_p()
        rc = self.lib.sqlite3_prepare_v2(self.db, sql.encode(), -1, ctypes.byref(st), None)
        return st if rc == 0 else None

    def rows(self, sql):
        st = self._prepare(sql)
        if st is None:
            raise ValueError(f"{self.error()}: {sql}")
        out = []
        while self.lib.sqlite3_step(st) == _ROW:
            row = []
            for i in range(self.lib.sqlite3_column_count(st)):
                v = self.lib.sqlite3_column_text(st, i)
                row.append(None if v is None else v.decode())
            out.append(row)
        self.lib.sqlite3_finalize(st)
        return out

    def describe(self, sql):
        """(message, params, [decltype], reads, writes); message None when it prepares."""
        self.reads, self.writes = set(), set()
        st = self._prepare(sql)
        if st is None:
            return self.error(), [], [], set(), set()
        params = []
        for i in range(1, self.lib.sqlite3_bind_parameter_count(st) + 1):
            params.append((self.lib.sqlite3_bind_parameter_name(st, i) or b"?").decode())
        decl = []
        for i in range(self.lib.sqlite3_column_count(st)):
            d = self.lib.sqlite3_column_decltype(st, i)
            decl.append(d.decode().upper() if d else None)
        self.lib.sqlite3_finalize(st)
        return None, params, decl, self.reads - self.writes, set(self.writes)

    def plan(self, sql):
        """EXPLAIN QUERY PLAN as indented lines."""
        depth, out = {"0": -1}, []
        for row in self.rows("EXPLAIN QUERY PLAN " + sql):
            depth[row[0]] = depth.get(row[1], -1) + 1
            out.append("  " * depth[row[0]] + row[3])
        return out


def open_schema(migrations, faults):
    db = Database()
    for _version, _name, sql, path in migrations:
        message = db.script(sql)
        if message:
            faults.add(path, 1, message)
    return db


ROWS, ROWS_TENANT, ROWS_NEXT = 1000000, 100000, 30


def plan_stats(db, tables):
    """A script that gives SQLite's planner fixed figures in place of ANALYZE.

    Without figures it takes `tenant_id = ?` for ten rows and then prefers whatever index
    gives the order, reading a whole tenant. With those of ANALYZE, plans would change with
    the data. These say: a million rows, a tenant has a tenth, each further column divides by
    30, a whole unique key is one row. So plans are the same in every instance and in tests."""
    out = ["ANALYZE sqlite_schema;", "DELETE FROM sqlite_stat1;"]
    for name in sorted(tables):
        for index in sorted(r[1] for r in db.rows(f"PRAGMA index_list({name})")):
            columns = [r[2] for r in db.rows(f"PRAGMA index_info({index})")]
            unique = any(r[1] == index and r[2] == "1" for r in db.rows(f"PRAGMA index_list({name})"))
            left, figures = ROWS, [ROWS]
            for i, column in enumerate(columns):
                left = ROWS_TENANT if i == 0 and column == "tenant_id" else max(2, left // ROWS_NEXT)
                figures.append(1 if unique and i + 1 == len(columns) else left)
            text = " ".join(str(f) for f in figures)
            out.append(f"INSERT INTO sqlite_stat1 VALUES ('{name}', '{index}', '{text}');")
    return "\n".join(out + ["ANALYZE sqlite_schema;"]) + "\n"
