"""What no test names. Tables are read as text: routes.def, cmds.def, settings.def, loops of
packs, diagnostic codes. A test says what it covers, in a comment of its own or of a story:

    covers: POST /records/:id/steps ok refused bad
    covers: bihuan who

A route needs `ok` (it works), `refused` (another person or school is turned away) and
`bad` (a bad input gets its message); a route without input needs no `bad`, a PUBLIC one
no `refused`. Loops and codes count as covered where their id stands in a story or test."""

import glob
import os
import re

TESTS = ("tests/**/*.c", "tests/**/*.py", "tests/**/*.mjs", "tests/**/*.yaml", "packs/*/tests/*.yaml")
COVERS = re.compile(r"covers:\s*(.+)")


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


def covered():
    """{(method, path): {ok, refused, bad}} and the set of commands that tests claim."""
    routes, commands = {}, set()
    for claim in COVERS.findall(test_text()):
        for part in claim.split(";"):
            words = part.replace("*/", "").split()
            if len(words) >= 2 and words[0] in ("GET", "POST", "PATCH", "PUT", "DELETE"):
                routes.setdefault((words[0], words[1]), set()).update(w.strip(",|") for w in words[2:])
            elif len(words) >= 2 and words[0] == "bihuan":
                commands.update(words[1:])
    return routes, commands


def rule_routes(faults):
    """Every route has a test of success, of refusal and of bad input."""
    have = covered()[0]
    for path in ("src/web/routes.def", "src/api/api.def"):
        for line, args in table(path, r"(?:ROUTE|API)"):
            if len(args) < 6:
                faults.add(path, line, "a route has method, path, where, capability, csrf, form, handler")
                continue
            method, url, capability, form = args[0], args[1], args[3], args[5]
            want = {"ok"} | (set() if capability == "PUBLIC" else {"refused"}) | \
                (set() if form == "none" and ":" not in url else {"bad"})
            missing = want - have.get((method, url), set())
            if missing:
                faults.add(path, line, f"{method} {url}: no test covers {' '.join(sorted(missing))}")


def rule_commands(faults):
    """Every command is run by some test."""
    have = covered()[1]
    for line, args in table("src/cli/cmds.def", r"CMD\w*"):
        if args and args[0] not in have:
            faults.add("src/cli/cmds.def", line, f"no test covers bihuan {args[0]}")


def rule_loops(faults):
    """Every loop of the packs that ship is used by a story."""
    stories = "\n".join(read(p) for pattern in ("tests/stories/**/*.yaml", "packs/*/tests/*.yaml")
                        for p in glob.glob(pattern, recursive=True))
    for path in sorted(glob.glob("packs/*/loops/*.yaml")):
        for n, line in enumerate(read(path).split("\n"), 1):
            m = re.match(r"id:\s*([a-z0-9-]+)", line)
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
