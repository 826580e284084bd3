#!/usr/bin/python3
"""gen_templates: src/web/html/*.html become C.

    gen_templates.py OUT_DIR

Writes html_NAME.{c,h}: `struct html_NAME` from the fields of the head, and
`void html_NAME(struct buf *out, const struct html_NAME *v)`. A layout (its body holds
`{% body %}`) gives html_NAME_begin and html_NAME_end instead.

A value is escaped for the place where it stands, which tools/htmlstate.py knows; an
author cannot ask for less. A branch must end where it began. The language is small on
purpose: what a page computes, it computes in C.

Head, before anything else:
  {% layout shell %}                          member `struct html_shell shell`
  {% field text|int|flag|html NAME %}         str, int64_t, bool, struct html
  {% field list NAME ITEM %}                  const struct html_ITEM *NAME; size_t NAME_n (ITEM may be `text`;
                                              NAME_n can be printed and compared as an int)
  {% field sub NAME ITEM %}                   const struct html_ITEM *NAME, may be NULL
Body:
  {{ a.b }}  {# comment #}
  {% if [not] x [== y] [and|or …] %} {% elif … %} {% else %} {% end %}
  {% for row in rows %} … {% else %} (when empty) … {% end %}
  {% include ITEM path %}   {% include ITEM name=path name="text" name=3 %}
  {% icon NAME %}  {% icon = path %}  {% asset FILE %}  {% body %}"""

import os
import re
import sys

import genfile
from htmlstate import Bad, State

HTML = "src/web/html"
PIECE = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.S)
C_WORDS = set("""auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
bool true false str""".split())
C_TYPE = {"text": "str", "int": "int64_t", "flag": "bool", "html": "struct html"}


class Type:
    """text int flag html, or struct (with its template), list (with its item)."""

    def __init__(self, kind, item=""):
        self.kind, self.item = kind, item

    def __str__(self):
        return f"{self.kind} {self.item}".strip()


class Template:
    def __init__(self, name, path):
        self.name, self.path = name, path
        self.fields, self.layout, self.pieces, self.is_layout = {}, "", [], False


def asset_macro(name):
    return "ASSET_" + re.sub(r"[^A-Za-z0-9]", "_", name).upper()


# ---- reading ------------------------------------------------------------------


def split_source(text):
    """[(kind, text, line)]; kind is lit, {{, {% . A directive alone on a line takes the line with it."""
    out, line = [], 1
    parts = PIECE.split(text)
    for i, part in enumerate(parts):
        if i % 2 == 0:
            for stray in ("{{", "}}", "{%", "%}"):
                if stray in part:
                    at = line + part[:part.index(stray)].count("\n")
                    raise Bad(f"{at}: `{stray}` without its other half")
            out.append(["lit", part, line])
        elif part[1] != "#":
            out.append([part[:2], part[2:-2].strip(), line])
        else:
            out.append(["{#", "", line])
        line += part.count("\n")
    trim_lines(out)
    return [tuple(p) for p in out if p[0] != "{#" and not (p[0] == "lit" and p[1] == "")]


def trim_lines(out):
    fresh = True  # nothing stands on this line before the literal
    for i in range(1, len(out) - 1, 2):
        before, after, last = out[i - 1][1], out[i + 1][1], i + 2 == len(out)
        alone = out[i][0] == "{#" or (out[i][0] == "{%" and not re.match(r"(asset|icon)\b", out[i][1]))
        blank = before.split("\n")[-1].strip(" \t") == "" and ("\n" in before or fresh)
        m = re.match(r"[ \t]*(\n|\Z)" if last else r"[ \t]*\n", after)
        fresh = bool(alone and blank and m)
        if fresh:
            out[i - 1][1] = before.rstrip(" \t")
            out[i + 1][2] += after[:m.end()].count("\n")
            out[i + 1][1] = after[m.end():]


def read_template(name, path, text):
    t = Template(name, path)
    pieces = split_source(text)
    i = 0
    while i < len(pieces):
        kind, body, line = pieces[i]
        words = body.split()
        if kind == "lit" and body.isspace():
            i += 1
        elif kind == "{%" and words and words[0] == "layout":
            if len(words) != 2:
                raise Bad(f"{line}: {{% layout NAME %}}")
            t.layout = words[1]
            add_field(t, words[1], Type("layout", words[1]), line)
            i += 1
        elif kind == "{%" and words and words[0] == "field":
            read_field(t, words[1:], line)
            i += 1
        else:
            break
    t.pieces = pieces[i:]
    t.is_layout = any(k == "{%" and b == "body" for k, b, _ in t.pieces)
    for kind, body, line in t.pieces:
        if kind == "{%" and re.match(r"(field|layout)\b", body):
            raise Bad(f"{line}: fields stand at the top of the file")
    return t


def read_field(t, words, line):
    if len(words) == 2 and words[0] in C_TYPE:
        add_field(t, words[1], Type(words[0]), line)
    elif len(words) == 3 and words[0] in ("list", "sub"):
        add_field(t, words[1], Type(words[0], words[2]), line)
    else:
        raise Bad(f"{line}: {{% field text|int|flag|html NAME %}} or {{% field list|sub NAME ITEM %}}")


def add_field(t, name, type_, line):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in C_WORDS:
        raise Bad(f"{line}: `{name}` cannot be the name of a field")
    if name in t.fields:
        raise Bad(f"{line}: the field {name} stands twice")
    t.fields[name] = type_
    for other, o in t.fields.items():
        if o.kind == "list" and other + "_n" in t.fields:
            raise Bad(f"{line}: {other}_n is the length of the list {other} already; it needs no field")


# ---- C of a body ----------------------------------------------------------------


class Body:
    """Turns the pieces of one template into C statements."""

    def __init__(self, template, all_templates, icons, assets):
        self.t, self.all = template, all_templates
        self.icons, self.assets = icons, assets
        self.pos, self.state = 0, State()
        self.vars, self.known = {}, set()   # loop variables; subs proved not NULL here
        self.out, self.literal, self.literal_line = [], [], 0
        self.depth, self.line, self.split_at, self.loops = 1, 1, None, 0

    def bad(self, message):
        raise Bad(f"{self.line}: {message}")

    # output -------------------------------------------------------------------

    def emit(self, code, line=None):
        self.flush()
        self._at(self.line if line is None else line)
        self.out.append("\t" * self.depth + code)

    def _at(self, line):
        self.out.append(f'#line {line} "{self.t.path[4:] if self.t.path.startswith("src/") else self.t.path}"')

    def text(self, c_expression):
        """A literal, already in C, printed with its neighbours by one call."""
        if not self.literal:
            self.literal_line = self.line
        self.literal.append(c_expression)

    def flush(self):
        if self.literal:
            parts = self.literal
            self.literal = []
            self._at(self.literal_line)
            self.out.append("\t" * self.depth + f"buf_add(out, STR({' '.join(parts)}));")

    # names ----------------------------------------------------------------------

    def path(self, text):
        """(C expression, Type) of `a.b.c`."""
        parts = text.split(".")
        if not all(re.fullmatch(r"[a-z][a-z0-9_]*", p) for p in parts):
            self.bad(f"`{text}` is not a name")
        if parts[0] in self.vars:
            expr, type_ = self.vars[parts[0]]
        else:
            expr, type_ = self._member("v->", self.t, parts[0])
        for i, p in enumerate(parts[1:], 1):
            if type_.kind == "sub" and ".".join(parts[:i]) not in self.known:
                self.bad(f"{'.'.join(parts[:i])} may be missing: use it within {{% if {'.'.join(parts[:i])} %}}")
            if type_.kind not in ("item", "sub", "layout"):
                self.bad(f"{'.'.join(parts[:i])} ({type_}) has no parts")
            joint = "." if type_.kind == "layout" else "->"
            expr, type_ = self._member(expr + joint, self.template(type_.item), p)
        return expr, type_

    def _member(self, prefix, template, name):
        length = template.fields.get(name[:-2]) if name.endswith("_n") else None
        if length is not None and length.kind == "list":
            return f"(int64_t){prefix}{name}", Type("int")
        if name not in template.fields:
            self.bad(f"{template.name} has no field {name}")
        return prefix + name, template.fields[name]

    def template(self, name):
        if name not in self.all:
            self.bad(f"there is no template {name}.html")
        return self.all[name]

    # blocks ---------------------------------------------------------------------

    def block(self, ends):
        """Statements up to one of the directives in `ends`; returns its words."""
        while self.pos < len(self.t.pieces):
            kind, body, self.line = self.t.pieces[self.pos]
            self.pos += 1
            try:
                words = self._piece(kind, body, ends)
            except Bad as e:
                raise e if re.match(r"\d+: ", str(e)) else Bad(f"{self.line}: {e}")
            if words:
                self.flush()
                return words
        if ends:
            self.bad("{% end %} is missing")
        return None

    def _piece(self, kind, body, ends):
        if kind == "lit":
            shown = self.state.feed(body)
            if shown:
                self.text(genfile.c_lines(shown, "\t" * (self.depth + 1)))
        elif kind == "{{":
            self.value(body)
        else:
            words = body.split()
            word = words[0] if words else ""
            if word in ("end", "else", "elif"):
                if word not in ends:
                    self.bad(f"{{% {word} %}} without its beginning")
                return words
            handler = getattr(self, "do_" + word, None)
            if handler is None:
                self.bad(f"{{% {word} %}} is unknown")
            handler(body[len(word):].strip())
        return None

    def value(self, name):
        expr, type_ = self.path(name)
        where = self.state.hole()
        if type_.kind == "text":
            call = {"text": "buf_add_html", "rcdata": "buf_add_html", "attr": "buf_add_html",
                    "href": "buf_add_href", "url": "buf_add_url"}[where]
            self.emit(f"{call}(out, {expr});")
        elif type_.kind == "int":
            if where == "href":
                self.bad("a number is no address")
            self.emit(f"buf_add_i64(out, {expr});")
        elif type_.kind == "html":
            if where != "text":
                self.bad("markup stands in text only")
            self.emit(f"buf_add(out, {expr}.bytes);")
        else:
            self.bad(f"{name} ({type_}) is no value to print")

    # if -------------------------------------------------------------------------

    def condition(self, text):
        """(C expression, subs that are there when it holds)."""
        words = re.findall(r'"[^"]*"|==|!=|[^\s"=!]+', text)
        if "and" in words and "or" in words:
            self.bad("`and` and `or` in one condition; compute it in C")
        joint = "or" if "or" in words else "and"
        terms, known, term = [], set(), []
        for w in words + [joint]:
            if w != joint:
                term.append(w)
                continue
            code, sub = self._term(term)
            terms.append(code)
            if sub and joint == "and":
                known.add(sub)
            term = []
        if len(terms) > 1:
            terms = [t if t.startswith("!") else f"({t})" for t in terms]
        return (" && " if joint == "and" else " || ").join(terms), known

    def _term(self, words):
        negate = bool(words) and words[0] == "not"
        words = words[1:] if negate else words
        if len(words) == 1:
            expr, type_ = self.path(words[0])
            code = {"text": f"{expr}.len != 0", "int": f"{expr} != 0", "flag": expr, "html": f"{expr}.bytes.len != 0",
                    "list": f"{expr}_n != 0", "sub": f"{expr} != NULL"}.get(type_.kind)
            if code is None:
                self.bad(f"{words[0]} ({type_}) is no condition")
            sub = words[0] if type_.kind == "sub" and not negate else None
            return (f"!({code})" if negate else code), sub
        if len(words) == 3 and words[1] in ("==", "!="):
            return self._compare(words, negate), None
        return self.bad("a condition is `x`, `not x`, `x == y` or `x != y`, joined by `and` or `or`")

    def _compare(self, words, negate):
        expr, type_ = self.path(words[0])
        other, other_type = self.constant(words[2])
        if type_.kind != other_type.kind or type_.kind not in ("text", "int"):
            self.bad(f"{words[0]} ({type_}) cannot be compared with {words[2]} ({other_type})")
        code = f"str_eq({expr}, {other})" if type_.kind == "text" else f"{expr} == {other}"
        return f"!({code})" if negate != (words[1] == "!=") else code

    def constant(self, word):
        if word.startswith('"') and word.endswith('"') and len(word) >= 2:
            return f"STR({genfile.c_literal(word[1:-1])})", Type("text")
        if re.fullmatch(r"-?\d+", word):
            return word, Type("int")
        return self.path(word)

    def branch(self, begin, ends, known):
        """One branch from the state `begin`; leaves self.state at its end."""
        self.state = begin.copy()
        before = self.known
        self.known = before | known
        self.depth += 1
        words = self.block(ends)
        self.depth -= 1
        self.known = before
        self.state.settle()
        return words

    def same(self, a, b, what):
        if a.key() != b.key():
            self.bad(f"{what} ends in another place of the page than it began ({b.at} instead of {a.at})")
        b.space, b.bol = b.space or a.space, b.bol and a.bol
        return b

    def do_if(self, text):
        code, known = self.condition(text)
        begin = self.state.settle().copy()
        self.emit(f"if ({code}) {{")
        words = self.branch(begin, ("else", "elif", "end"), known)
        first = self.state
        while words[0] == "elif":
            code, known = self.condition(" ".join(words[1:]))
            self.out.append("\t" * self.depth + f"}} else if ({code}) {{")
            words = self.branch(begin, ("else", "elif", "end"), known)
            first = self.same(first, self.state, "a branch")
        if words[0] == "else":
            self.out.append("\t" * self.depth + "} else {")
            self.branch(begin, ("end",), set())
            self.state = self.same(first, self.state, "a branch")
        else:
            self.state = self.same(begin, first, "{% if %} without {% else %}")
        self.out.append("\t" * self.depth + "}")

    def do_for(self, text):
        m = re.fullmatch(r"(\w+)\s+in\s+([\w.]+)", text)
        if not m:
            self.bad("{% for NAME in LIST %}")
        name, (expr, type_) = m.group(1), self.path(m.group(2))
        if type_.kind != "list":
            self.bad(f"{m.group(2)} ({type_}) is no list")
        if name in self.vars or name in self.t.fields or name in C_WORDS:
            self.bad(f"the name {name} is taken")
        self.loops += 1
        i = f"i{self.loops}"
        begin = self.state.settle().copy()
        self.emit(f"for (size_t {i} = 0; {i} < {expr}_n; {i}++) {{")
        if type_.item == "text":
            self.vars[name] = (f"{expr}[{i}]", Type("text"))
        else:
            self.template(type_.item)
            self.vars[name] = (f"(&{expr}[{i}])", Type("item", type_.item))
        words = self.branch(begin, ("else", "end"), set())
        self.state = self.same(begin, self.state, "{% for %}")
        del self.vars[name]
        self.out.append("\t" * self.depth + "}")
        if words[0] == "else":
            self.out.append("\t" * self.depth + f"if ({expr}_n == 0) {{")
            self.branch(begin, ("end",), set())
            self.state = self.same(begin, self.state, "{% else %} of {% for %}")
            self.out.append("\t" * self.depth + "}")

    # the rest -------------------------------------------------------------------

    def in_text(self, what):
        self.state.bol = False
        if self.state.at != "text":
            self.bad(f"{what} stands in text, not within a tag")

    def do_include(self, text):
        self.in_text("{% include %}")
        words = re.findall(r'\w+="[^"]*"|\S+', text)
        target = self.template(words[0] if words else "")
        if target.is_layout:
            self.bad(f"{target.name} is a layout")
        if len(words) == 2 and "=" not in words[1]:
            expr, type_ = self.path(words[1])
            if type_.kind not in ("item", "sub") or type_.item != target.name:
                self.bad(f"{words[1]} ({type_}) is not of the template {target.name}")
            test = f"if ({expr})\n{chr(9) * (self.depth + 1)}" if type_.kind == "sub" else ""
            self.emit(f"{test}html_{target.name}(out, {expr});")
            return
        self.emit(f"html_{target.name}(out, &(struct html_{target.name}){{{self._given(target, words[1:])}}});")

    def _given(self, target, words):
        given = {}
        for w in words:
            name, sep, value = w.partition("=")
            if not sep or name not in target.fields or name in given:
                self.bad(f"`{w}`: {target.name} has no field {name}, or it stands twice")
            want = target.fields[name]
            expr, type_ = self.constant(value)
            if (type_.kind, type_.item) != (want.kind, want.item) and not (
                    want.kind == "sub" and type_.kind == "item" and want.item == type_.item):
                self.bad(f"{name} is {want}, {value} is {type_}")
            given[name] = expr
            if want.kind == "list":
                given[name + "_n"] = expr + "_n"
        missing = [f for f in target.fields if f not in given]
        if missing:
            self.bad(f"{target.name} also needs {', '.join(missing)}")
        return " " + ", ".join(f".{n} = {e}" for n, e in given.items()) + " " if given else " 0 "

    def do_icon(self, text):
        self.in_text("{% icon %}")
        head, tail = '<svg class="ic" aria-hidden="true"><use href="', '"/></svg>'
        self.assets.add("sprite.svg")
        m = re.fullmatch(r"=\s*([\w.]+)", text)
        if m:
            expr, type_ = self.path(m.group(1))
            if type_.kind != "text":
                self.bad(f"{m.group(1)} ({type_}) is no name of an icon")
            self.text(f'{genfile.c_literal(head)} ASSET_SPRITE_SVG "#"')
            self.emit(f"buf_add_url(out, {expr});")
            self.text(genfile.c_literal(tail))
        elif re.fullmatch(r"[a-z0-9-]+", text):
            self.icons.setdefault(text, f"{self.t.path}:{self.line}")
            self.text(f'{genfile.c_literal(head)} ASSET_SPRITE_SVG {genfile.c_literal("#" + text + tail)}')
        else:
            self.bad("{% icon tabler-name %} or {% icon = path %}")

    def do_asset(self, text):
        if not re.fullmatch(r"[\w.-]+", text):
            self.bad("{% asset FILE %}")
        if self.state.at != "value":
            self.bad("{% asset %} stands in a quoted attribute")
        self.state.feed("/a/asset")
        self.assets.add(text)
        self.text(asset_macro(text))

    def do_body(self, text):
        if text or self.depth != 1 or self.split_at is not None:
            self.bad("{% body %} stands once, outside of all branches")
        self.in_text("{% body %}")
        self.flush()
        self.split_at = len(self.out)

    def compile(self):
        self.block(())
        self.flush()
        if self.state.at != "text" or self.state.pre:
            self.bad(f"the template ends within {'<pre>' if self.state.pre else 'a tag or attribute'}")
        return self.out


# ---- files -------------------------------------------------------------------------


def struct_of(t):
    lines = []
    for name, type_ in t.fields.items():
        if type_.kind == "list":
            c = "str" if type_.item == "text" else f"struct html_{type_.item}"
            lines += [f"\tconst {c} *{name};", f"\tsize_t {name}_n;"]
        elif type_.kind == "sub":
            lines.append(f"\tconst struct html_{type_.item} *{name};\t/* may be NULL */")
        elif type_.kind == "layout":
            lines.append(f"\tstruct html_{type_.item} {name};")
        else:
            lines.append(f"\t{C_TYPE[type_.kind]} {name};")
    return "\n".join(lines) or "\tchar nothing;"


def used(t):
    return sorted({f.item for f in t.fields.values() if f.item and f.item not in ("text", t.name)})


def header_of(t):
    guard = f"GEN_HTML_{t.name.upper()}_H"
    forward = "".join(f"struct html_{n};\n" for n in used(t))
    includes = "".join(f'#include "gen/html_{n}.h"\n' for n in used(t))
    calls = (f"void html_{t.name}_begin(struct buf *out, const struct html_{t.name} *v);\n"
             f"void html_{t.name}_end(struct buf *out, const struct html_{t.name} *v);\n") if t.is_layout else \
        f"void html_{t.name}(struct buf *out, const struct html_{t.name} *v);\n"
    return (f"/* From {t.path} by tools/gen_templates.py. Do not edit. */\n#ifndef {guard}\n#define {guard}\n\n"
            "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n#include \"base/html.h\"\n"
            f"#include \"base/str.h\"\n\nstruct buf;\n{forward}{includes}\n"
            f"struct html_{t.name} {{\n{struct_of(t)}\n}};\n\n"
            f"{calls}\n#endif\n")


def function(name, t, lines):
    """A body that prints nothing still has its parameters."""
    unused = "" if any("v->" in line or "&v->" in line for line in lines) else "\t(void)v;\n"
    if not any("(out" in line for line in lines):
        unused += "\t(void)out;\n"
    return (f"void {name}(struct buf *out, const struct html_{t.name} *v)\n{{\n{unused}" + "\n".join(lines) +
            ("\n" if lines else "") + "}\n")


def code_of(t, templates, icons):
    assets = set()
    body = Body(t, templates, icons, assets)
    lines = body.compile()
    includes = sorted({m for line in lines for m in re.findall(r"html_(\w+)\(out", line)} - {t.name} - set(used(t)))
    top = f"/* From {t.path} by tools/gen_templates.py. Do not edit. */\n#include \"gen/html_{t.name}.h\"\n\n"
    top += "#include \"base/buf.h\"\n"
    if assets:
        top += "#include \"gen/assets.h\"\n"
    top += "".join(f'#include "gen/html_{n}.h"\n' for n in includes) + "\n"
    if t.is_layout:
        if t.layout:
            raise Bad("1: a layout has no layout")
        cut = body.split_at
        return top + function(f"html_{t.name}_begin", t, lines[:cut]) + "\n" + \
            function(f"html_{t.name}_end", t, lines[cut:]), assets
    if t.layout:
        if not templates[t.layout].is_layout:
            raise Bad(f"1: {t.layout}.html has no {{% body %}}")
        call = f"(out, &v->{t.layout});"
        lines = [f"\thtml_{t.layout}_begin{call}"] + lines + [f"\thtml_{t.layout}_end{call}"]
    return top + function(f"html_{t.name}", t, lines), assets


def check_items(t, templates):
    for name, type_ in t.fields.items():
        if type_.item and type_.item not in templates and not (type_.kind == "list" and type_.item == "text"):
            raise Bad(f"1: field {name}: there is no template {type_.item}.html")
        if type_.kind in ("list", "sub") and type_.item in templates and templates[type_.item].is_layout:
            raise Bad(f"1: field {name}: {type_.item} is a layout")


def compile_all(sources, faults):
    """{name: (header, code)}, {icon: place}, {asset: place} of {name: (path, text)}."""
    templates, out, icons, assets = {}, {}, {}, {}

    def guarded(name, call):
        try:
            return call()
        except Bad as e:
            line, _, message = str(e).partition(": ")
            faults.add(sources[name][0], line, message)
            return None

    for name, (path, text) in sources.items():
        t = guarded(name, lambda: read_template(name, path, text))
        if t:
            templates[name] = t
    for name, t in templates.items():
        guarded(name, lambda: check_items(t, templates))
    if faults.lines:
        return out, icons, assets
    for name, t in templates.items():
        result = guarded(name, lambda: code_of(t, templates, icons))
        if result:
            out[name] = (header_of(t), result[0])
            for a in result[1]:
                assets.setdefault(a, t.path)
    return out, icons, assets


def read_sources():
    sources = {}
    for file in sorted(os.listdir(HTML)) if os.path.isdir(HTML) else []:
        if file.endswith(".html"):
            with open(os.path.join(HTML, file), encoding="utf-8") as f:
                sources[file[:-5]] = (os.path.join(HTML, file), f.read())
    return sources


def main():
    out, faults = sys.argv[1], genfile.Faults()
    files, _icons, _assets = compile_all(read_sources(), faults)
    faults.stop_if_any()
    os.makedirs(out, exist_ok=True)
    keep = set()
    for name, (header, code) in files.items():
        for suffix, text in ((".h", header), (".c", code)):
            genfile.write_if_changed(os.path.join(out, f"html_{name}{suffix}"), text)
            keep.add(f"html_{name}{suffix}")
    genfile.remove_stale(out, "html_", keep)


if __name__ == "__main__":
    main()
