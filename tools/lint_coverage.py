"""What no test tries. Tables are read as text: routes.def, api.def, cmds.def, loops of packs,
diagnostic codes.

Routes and commands are tried by the rows of tests/doors/doors.txt, each of which is a real request
whose status is checked (tests/doors/run.py): every route has a row that works and, where it takes a
form, one with bad input; what is refused is tried for every route without a row. Every loop is used
by a step of a story. A diagnostic code stands in the text of some test: packs that are wrong in one
place each, with the code that must come (tests/packs, tests/unit/test_check.c)."""

import glob
import os
import re

TESTS = ("tests/**/*.c", "tests/**/*.py", "tests/**/*.mjs", "tests/**/*.yaml", "packs/*/tests/*.yaml")
RUN_BY_STORIES = ("demo", "serve")  # no story runs without them
ROW = re.compile(r"(ok|bad)\s+(?:bihuan\s+(\S+)|\S+\s+(GET|POST|PATCH)\s+([^\s?]+))")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def test_text():
    paths = {p for pattern in TESTS for p in glob.glob(pattern, recursive=True)}
    return "\n".join(read(p) for p in sorted(paths))


def table(path, macro):
    """[(line, [arguments])] of an X-macro table."""
    out = []
    if not os.path.exists(path):
        return out
    for n, line in enumerate(read(path).split("\n"), 1):
        m = re.match(rf"\s*{macro}\((.*)\)\s*(/\*.*)?$", line)
        if m:
            out.append((n, [a.strip().strip('"') for a in re.findall(r'"[^"]*"|[^,]+', m.group(1))]))
    return out


def settings():
    return [(n, a[0]) for n, a in table("src/base/settings.def", r"SETTING\w*")]


def rows():
    """[(line, kind, command, method, path)] of tests/doors/doors.txt."""
    out = []
    for n, line in enumerate(read("tests/doors/doors.txt").split("\n"), 1):
        m = ROW.match(line)
        if m:
            out.append((n, *m.groups()))
    return out


def matches(pattern, path):
    """Does the path of a row, {id} and all, stand for this route?"""
    a, b = pattern.split("/"), path.split("/")
    return len(a) == len(b) and all(x == y or x.startswith(":") for x, y in zip(a, b))


def tried():
    """{(method, path of the route): {ok, bad}}: a row counts for the most literal route only."""
    routes, out = [], {}
    for path in ("src/web/routes.def", "src/api/api.def"):
        routes += [(a[0], a[1]) for _n, a in table(path, "ROUTE")]
    for _n, kind, _command, method, path in rows():
        fits = [r for r in routes if r[0] == method and matches(r[1], path)]
        if fits:
            out.setdefault(min(fits, key=lambda r: r[1].count(":")), set()).add(kind)
    return out


def rule_routes(faults):
    """Every route has a row of tests/doors/doors.txt that works, and one with bad input."""
    have = tried()
    for path in ("src/web/routes.def", "src/api/api.def"):
        for line, args in table(path, "ROUTE"):
            if len(args) != 7:
                faults.add(path, line, "a route has method, path, where, capability, csrf, form, handler")
                continue
            want = {"ok"} | (set() if args[5] in ("none", "api_empty") else {"bad"})
            missing = want - have.get((args[0], args[1]), set())
            if missing:
                faults.add(path, line, f"{args[0]} {args[1]}: no row of tests/doors/doors.txt: "
                                       + " ".join(sorted(missing)))


def rule_commands(faults):
    """Every command has a row of tests/doors/doors.txt, with good words and with bad."""
    have = {(kind, command.replace("-", "_")) for _n, kind, command, _m, _p in rows() if command}
    for line, args in table("src/cli/cmds.def", r"CMD"):
        for kind in ("ok", "bad"):
            if (kind, args[0]) not in have and not (kind == "ok" and args[0] in RUN_BY_STORIES):
                faults.add("src/cli/cmds.def", line, f"bihuan {args[0]}: no row of tests/doors/doors.txt: {kind}")


def rule_loops(faults):
    """Every loop of the packs that ship is used by a story."""
    stories = "\n".join(read(p) for pattern in ("tests/stories/**/*.yaml", "packs/*/tests/*.yaml")
                        for p in glob.glob(pattern, recursive=True))
    for path in sorted(glob.glob("packs/*/loops/*.yaml")):
        for n, line in enumerate(read(path).split("\n"), 1):
            m = re.match(r"loop:\s*([a-z0-9-]+)", line)
            if m and not re.search(rf"loop:\s*{re.escape(m.group(1))}\b", stories):
                faults.add(path, n, f"no story uses the loop {m.group(1)}")


def rule_codes(faults):
    """Every diagnostic code of the checker is provoked by some test."""
    tests = test_text()
    seen = {}
    for path in sorted(glob.glob("src/rules/*.def") + glob.glob("src/rules/*.c")):
        for n, line in enumerate(read(path).split("\n"), 1):
            for code in re.findall(r"\b([BDACG]\d{3})\b", line):
                if re.search(r'DIAG|"' + code + '"', line):
                    seen.setdefault(code, (path, n))
    for code, (path, n) in sorted(seen.items()):
        if not re.search(rf"\b{code}\b", tests):
            faults.add(path, n, f"no test provokes {code}")


RULES = [rule_routes, rule_commands, rule_loops, rule_codes]
