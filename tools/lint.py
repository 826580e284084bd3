#!/usr/bin/python3
"""lint: the rules of the house that a program can check (HACKING.md, style.md).

    tools/lint.py

Prints `file:line: message` for each fault and closes with `N passed, N failed, N skipped`,
a rule counting as one. A rule looks at text, not at meaning; where a rule is wrong, the
rule is changed, there are no ignore comments."""

import fnmatch
import glob
import os
import re
import sys

import yaml

import gen_queries
import gen_templates
import genfile
import lint_coverage

FUNCTION_MAX, COLUMNS_MAX, FILE_MAX = 70, 100, 1000
HAN = r"[\u3400-\u9fff\u3007\uf900-\ufaff]"
# ASCII punctuation that touches a Han character, but 三(2)班, times such as 8:00, and `bihuan: `.
PUNCTUATION = re.compile(rf"{HAN}\s?[,:;?!()]|[,;?!()]\s?{HAN}|(?<!\d):{HAN}")
# Addresses; and what is to be typed as it stands, in quotes: “名称: 值”.
ADDRESS = re.compile(r"[a-z]+://[^\s，。；、）]*|“[^”：，。]*”")
CLASS_NAME = re.compile(r"[一二三四五六七八九十初高]{1,2}[（(]\d{1,2}[)）]班")


def sources(*patterns):
    out = []
    for p in patterns:
        out += glob.glob(p, recursive=True)
    return sorted(set(out))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


C_FILES = sources("src/**/*.c", "src/**/*.h")
C_TESTS = sources("tests/**/*.c", "tests/**/*.h", "bench/*.c")


# ---- C text -----------------------------------------------------------------------

C_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'', re.S)


def blanked(text, keep_strings=False):
    """Comments (and strings) become blanks of the same shape, so that lines stay."""
    def blank(m):
        t = m.group(0)
        if keep_strings and t.startswith('"'):
            return t
        return re.sub(r"[^\n]", " ", t)
    return C_TOKEN.sub(blank, text)


def lines_of(text, pattern):
    for n, line in enumerate(text.split("\n"), 1):
        if re.search(pattern, line):
            yield n, line


# ---- rules --------------------------------------------------------------------------


class Layers:
    def __init__(self):
        self.rank, self.peers, self.may, self.gen, self.never, self.lib, self.vouch = {}, {}, {}, [], [], [], []
        rank = 0
        for line in read("tools/layers.txt").split("\n"):
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] in ("may", "gen", "never", "lib", "vouch"):
                self._special(words)
                continue
            for w in words:
                self.rank[w] = rank
            rank += 1

    def _special(self, words):
        if words[0] == "may":
            self.may[words[1]] = set(words[2:])
        elif words[0] == "vouch":
            self.vouch = words[1:]
        else:
            getattr(self, words[0]).append((words[1], words[2:]))

    def room(self, include):
        for pattern, rooms in self.gen:
            if fnmatch.fnmatch(include, pattern):
                return rooms[0]
        return include.split("/")[0]


INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def includes(text):
    for m in INCLUDE.finditer(text):
        yield text.count("\n", 0, m.start()) + 1, m.group(1), m.group(2)


def rule_layers(faults):
    """No include upward or between peers; _int.h only at home."""
    layers = Layers()
    for path in C_FILES:
        home = path.split("/")[1]
        if home not in layers.rank:
            faults.add(path, 1, f"the room src/{home} is not in tools/layers.txt")
            continue
        for line, ours, _system in includes(read(path)):
            if ours and not ours.endswith(".def"):
                include_ok(layers, path, home, line, ours, faults)


def include_ok(layers, path, home, line, ours, faults):
    room = layers.room(ours)
    if room not in layers.rank:
        faults.add(path, line, f'"{ours}": paths start at src/')
        return
    if room != home and room not in layers.may.get(home, ()) and layers.rank[room] >= layers.rank[home]:
        faults.add(path, line, f"{home} does not include {room} ({ours}): a layer sees only what is below it")
    if ours.endswith("_int.h") and os.path.dirname(ours) != os.path.dirname(path)[4:]:
        faults.add(path, line, f"{ours} is includable only in its own folder")
    for who, patterns in layers.never:
        if who == home and any(fnmatch.fnmatch(ours, p) for p in patterns):
            faults.add(path, line, f"{home} does not include {ours} (tools/layers.txt)")


def rule_adapters(faults):
    """A foreign library is known to one file."""
    layers = Layers()
    for path in C_FILES:
        for line, _ours, system in includes(read(path)):
            for pattern, files in layers.lib:
                if system and fnmatch.fnmatch(system, pattern) and \
                        not any(fnmatch.fnmatch(path, f) for f in files):
                    faults.add(path, line, f"<{system}> is included only by {' '.join(files)}")
        for line, text in lines_of(blanked(read(path)), r"\bhtml_vouch\s*\("):
            if not any(fnmatch.fnmatch(path, v) for v in layers.vouch):
                faults.add(path, line, "html_vouch: only the files in tools/layers.txt make markup")


BANNED = [
    (r"\b(alloca|gets|strtok_r|setjmp|longjmp|vfork|tmpnam|mktemp|ctime|asctime)\s*\(", "is banned",
     ("src/base/banned.h",)),
    (r"\b(exit|_exit|abort)\s*\(", "ends the process: only base/err.c, the writer and cli do",
     ("src/base/err.c", "src/cli/*.c", "src/store/writer.c")),
    (r"#\s*undef\s+(strcpy|strcat|sprintf|gets|system|popen|malloc|time|rand|getenv)\b", "lifts a ban",
     ("src/base/*",)),
    (r"\bNDEBUG\b", "asserts stay on", ()),
]


def rule_banned(faults):
    """Beside base/banned.h, which the compiler enforces."""
    for path in C_FILES:
        text = blanked(read(path))
        for pattern, why, files in BANNED:
            if not any(fnmatch.fnmatch(path, f) for f in files):
                for line, found in lines_of(text, pattern):
                    faults.add(path, line, f"{re.search(pattern, found).group(0).strip()} {why}")


def rule_functions(faults):
    """70 lines at most, brace to brace."""
    for path in C_FILES + C_TESTS:
        start = None
        for n, line in enumerate(blanked(read(path)).split("\n"), 1):
            if line.startswith("{"):
                start = n
            elif line.startswith("}") and start is not None:
                if n - start + 1 > FUNCTION_MAX and line.rstrip() == "}":
                    faults.add(path, start, f"a function of {n - start + 1} lines; {FUNCTION_MAX} at most")
                start = None


def width(line):
    return len(line.expandtabs(8))


def rule_columns(faults):
    """100 columns in C."""
    for path in C_FILES + C_TESTS:
        for n, line in enumerate(read(path).split("\n"), 1):
            if width(line) > COLUMNS_MAX:
                faults.add(path, n, f"{width(line)} columns; {COLUMNS_MAX} at most")


def rule_lines(faults):
    """Columns of scripts, blanks at the end, tabs for indentation, length of files.

    Rows of a .def table are as long as they are."""
    python = sources("tools/*.py", "tests/**/*.py", "bench/*.py")
    for path in C_FILES + C_TESTS + python + sources("src/**/*.def", "tests/**/*.mjs"):
        lines = read(path).split("\n")
        if len(lines) - 1 > FILE_MAX:
            faults.add(path, 1, f"{len(lines) - 1} lines; {FILE_MAX} at most")
        for n, line in enumerate(lines, 1):
            if width(line) > 120 and not path.endswith((".c", ".h", ".def")):
                faults.add(path, n, f"{width(line)} columns; 120 at most")
            if line != line.rstrip():
                faults.add(path, n, "blanks at the end of the line")
            if path.endswith((".c", ".h")) and re.match(r" {2,}[^ *]", line):
                faults.add(path, n, "indentation is by tabs")


def rule_opening(faults):
    """A file opens with what it owns and why."""
    for path in C_FILES + C_TESTS:
        if not read(path).startswith("/*"):
            faults.add(path, 1, "opens with a comment: what it owns, its invariant, why")
    for path in sources("tools/*.py", "tests/**/*.py"):
        if not re.match(r'(#![^\n]*\n)?"""', read(path)):
            faults.add(path, 1, "opens with a docstring: what it is for")


def rule_own_header(faults):
    """A .c includes its own header first: that proves it self-contained."""
    for path in C_FILES:
        own = path[4:-2] + ".h"
        if path.endswith(".c") and os.path.exists("src/" + own):
            first = next((o or s for _n, o, s in includes(read(path))), None)
            if first not in (own, own[:-2] + "_int.h"):
                faults.add(path, 1, f'includes "{own}" first, not {first}')


def rule_guards(faults):
    """Every header has the guard of its path, but those of macros alone: they come in again."""
    for path in C_FILES:
        lines = [x for x in blanked(read(path)).replace("\\\n", " ").split("\n") if x.strip()]
        if path.endswith(".h") and not all(x.startswith("#") for x in lines):
            guard = re.sub(r"[^A-Z0-9]", "_", path[4:].upper())
            if f"#ifndef {guard}\n#define {guard}\n" not in read(path):
                faults.add(path, 1, f"the guard is {guard}")


def rule_sql(faults):
    """Kinds of tables, keys, every statement against the schema, one tenant a statement."""
    inner = genfile.Faults()
    try:
        gen_queries.load(inner)
    except SystemExit:
        pass
    faults.lines += inner.lines
    for path in C_FILES:
        for line, _t in lines_of(blanked(read(path), True),
                                 r'"\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s)'):
            if not path.startswith("src/store/"):
                faults.add(path, line, "SQL stands in src/store/query only")


def rule_templates(faults):
    """Every template compiles."""
    gen_templates.compile_all(gen_templates.read_sources(), faults)


def bad_punctuation(text):
    return PUNCTUATION.search(CLASS_NAME.sub("某班", ADDRESS.sub("", text)))


def rule_punctuation(faults):
    """Beside Han characters, punctuation is full-width: in C strings, templates, packs, guides."""
    typed = ("src/rules/diag.def", "src/rules/pack_*.c")  # the checker shows YAML as it is typed
    for path in C_FILES + sources("src/**/*.def"):
        if any(fnmatch.fnmatch(path, t) for t in typed):
            continue
        for n, line in enumerate(blanked(read(path), True).split("\n"), 1):
            for s in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
                punctuation_in(path, n, s.replace("\\n", "\n"), faults)
    for path in sources("src/web/html/*.html"):
        text = re.sub(r"\{#.*?#\}", lambda m: "\n" * m.group(0).count("\n"), read(path), flags=re.S)
        for n, line in enumerate(text.split("\n"), 1):
            punctuation_in(path, n, re.sub(r"\{[{%].*?[}%]\}", "\x01", line), faults)
    for path in sources("packs/**/*.md", "docs/user/**/*.md"):
        for n, line in enumerate(read(path).split("\n"), 1):
            punctuation_in(path, n, re.sub(r"`[^`]*`|\{\{.*?\}\}|\]\([^)]*\)", "\x01", line), faults)
    for path in sources("packs/**/*.yaml"):
        for line, scalar in scalars(path, faults):
            punctuation_in(path, line, scalar, faults)


def punctuation_in(path, line, text, faults):
    m = bad_punctuation(text)
    if m:
        faults.add(path, line, f"half-width punctuation beside Han: {text[max(0, m.start() - 8):m.end() + 8]!r}")


def scalars(path, faults):
    try:
        for doc in yaml.compose_all(read(path), Loader=yaml.SafeLoader):
            stack = [doc] if doc else []
            while stack:
                node = stack.pop()
                if isinstance(node, yaml.ScalarNode):
                    yield node.start_mark.line + 1, node.value
                elif isinstance(node, yaml.SequenceNode):
                    stack += node.value
                else:
                    stack += [x for pair in node.value for x in pair]
    except yaml.YAMLError as e:
        faults.add(path, getattr(e, "problem_mark", None).line + 1 if getattr(e, "problem_mark", None) else 1, str(e))


DECLARED = re.compile(r"^(?:MUST_CHECK |extern )?[a-z_][\w *]*?[ *](\w+)\((?!\*)", re.M)


def rule_called(faults):
    """What a header offers, and every named query, is called by somebody."""
    words = {}
    for path in C_FILES + C_TESTS + sources("src/**/*.def", "tools/*.py"):
        text = blanked(read(path)) if not path.endswith(".py") else read(path)
        for word in re.findall(r"\w+", text):
            words[word] = words.get(word, 0) + 1
    for path in C_FILES:
        if path.endswith(".h") and path != "src/store/store_int.h":  # the generator puts its names together
            text = blanked(read(path))
            for m in DECLARED.finditer(text):
                pasted = re.fullmatch(r"form_\w+_spec", m.group(1))
                if m.group(1).islower() and words[m.group(1)] < 3 and not pasted and "inline" not in m.group(0):
                    faults.add(path, text.count("\n", 0, m.start()) + 1, f"{m.group(1)}() is called nowhere")
    for path in sources("src/store/query/*.sql"):
        for line, text in lines_of(read(path), r"^-- name: "):
            name = text.split()[2]
            if f"q_{name}" not in words:
                faults.add(path, line, f"q_{name}() is called nowhere")


def rule_settings(faults):
    """Every setting has a line of help and is described where the operator looks."""
    if os.path.isdir("docs/ops"):
        docs = "".join(read(p) for p in sources("docs/ops/**/*.md"))
        for line, name in lint_coverage.settings():
            if f"`{name}`" not in docs:
                faults.add("src/base/settings.def", line, f"the setting {name} is not described in docs/ops")


def rule_papers(faults):
    """The papers of the house name no folder or file that is gone."""
    for path in ("ARCHITECTURE.md", "HACKING.md", "README.md"):
        if not os.path.exists(path):
            continue
        for n, line in enumerate(read(path).split("\n"), 1):
            for name in re.findall(r"`((?:src|tools|tests|packs|docs|bench)/[\w./-]*[\w/])`", line):
                if not re.search(r"NAME|TARGET|FILE|KIND|000N", name) and not os.path.exists(name):
                    faults.add(path, n, f"{name} is not there")


def rule_npm(faults):
    """The lock names versions and hashes, no registry."""
    for path in ("package.json", "package-lock.json", ".npmrc"):
        for line, _t in lines_of(read(path) if os.path.exists(path) else "", r'"resolved"|registry\s*='):
            faults.add(path, line, "an address of a registry")


RULES = [v for k, v in sorted(globals().items()) if k.startswith("rule_")]


def density():
    """Asserts in a thousand lines, by room: a number to watch, not a rule."""
    out = []
    for room in sorted({p.split("/")[1] for p in C_FILES}):
        text = "".join(blanked(read(p)) for p in C_FILES if p.startswith(f"src/{room}/") and p.endswith(".c"))
        lines = sum(1 for line in text.split("\n") if line.strip())
        if lines:
            out.append(f"{room} {1000 * len(re.findall(r'assert *[(]', text)) / lines:.0f}")
    return "asserts in 1000 lines: " + ", ".join(out) if out else ""


def main():
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    passed = failed = 0
    for rule in RULES + lint_coverage.RULES:
        faults = genfile.Faults()
        rule(faults)
        if faults.lines:
            failed += 1
            print(f"{rule.__name__[5:]}: {rule.__doc__.split(chr(10))[0]}")
            print("  " + "\n  ".join(faults.lines))
        else:
            passed += 1
    if density():
        print(density())
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
