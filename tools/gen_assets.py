#!/usr/bin/python3
"""gen_assets: what the program carries with it becomes C.

    gen_assets.py OUT_DIR

Assets: src/web/asset/*, the npm files of tools/assets.list, and sprite.svg, which holds
the Tabler icons that templates use ({% icon NAME %}) or src/web/asset/icons.list names
(one a line, for icons chosen at run time). Each is served as /a/NAME-HASH.EXT, immutable:
the address changes with the content, so a cache is never wrong. Packs and the data of the
demonstration: every file under packs/ and src/cli/demo/data/, by its path there.

assets.h has a macro with the address of each asset (ASSET_BIHUAN_CSS) and the table;
packs.h and demo.h the tables of files. The bytes come in by .incbin: a C array of a megabyte takes
the compiler seconds, this takes none."""

import gzip
import hashlib
import os
import re
import sys

import genfile
import gen_templates

ASSET, PACKS, NODE, LIST = "src/web/asset", "packs", "node_modules", "tools/assets.list"
DEMO = "src/cli/demo/data"
TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
    ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".ico": "image/x-icon",
    ".json": "application/json", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def listed(path):
    """[(line number, words)] of a list file; empty when there is none."""
    if not os.path.exists(path):
        return []
    lines = enumerate(read(path).decode("utf-8").split("\n"), 1)
    return [(n, text.split()) for n, text in lines if text.strip() and not text.startswith("#")]


def icon_symbol(name, place, faults):
    """One <symbol>; Tabler draws with strokes of currentColor, set once on class ic."""
    base, folder = (name[:-7], "filled") if name.endswith("-filled") else (name, "outline")
    path = os.path.join(NODE, "@tabler/icons/icons", folder, base + ".svg")
    if not os.path.exists(path):
        file, line = place.rsplit(":", 1)
        faults.add(file, line, f"Tabler has no icon {name}")
        return ""
    svg = re.sub(r"<!--.*?-->", "", read(path).decode("utf-8"), flags=re.S)
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S).group(1)
    inner = re.sub(r"\s*<path stroke=\"none\" d=\"M0 0h24v24H0z\" fill=\"none\" ?/>", "", inner)
    inner = re.sub(r"\s*\n\s*", "", inner)
    paint = 'fill="currentColor"' if folder == "filled" else \
        'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{inner}</symbol>'


def sprite(icons, faults):
    symbols = "\n".join(icon_symbol(n, icons[n], faults) for n in sorted(icons))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'.encode()


def collect(faults):
    """{name: bytes} of all assets."""
    sources = gen_templates.read_sources()
    _files, icons, used = gen_templates.compile_all(sources, genfile.Faults())
    found = {}
    for name in sorted(os.listdir(ASSET)) if os.path.isdir(ASSET) else []:
        path = os.path.join(ASSET, name)
        if name != "icons.list" and not name.startswith(".") and os.path.isfile(path):
            found[name] = read(path)
    for number, words in listed(LIST):
        path = os.path.join(NODE, words[0])
        if len(words) != 2 or not os.path.exists(path):
            faults.add(LIST, number, f"{path} is missing: run npm ci")
        else:
            found[words[1]] = read(path)
    list_path = os.path.join(ASSET, "icons.list")
    for number, words in listed(list_path):
        for word in words:
            icons.setdefault(word, f"{list_path}:{number}")
    found["sprite.svg"] = sprite(icons, faults)
    for name, place in used.items():
        if name not in found:
            faults.add(place, 1, f"there is no asset {name}")
    return found


def incbin(symbol, path):
    return (f'\t".globl {symbol}\\n.hidden {symbol}\\n{symbol}:\\n.incbin \\"{path}\\"\\n.byte 0\\n"\n')


def assembler(lines):
    return "__asm__(\n\t\".section .rodata\\n\"\n" + "".join(lines) + "\t\".previous\\n\");\n\n" if lines else ""


def assets_code(out, found, faults):
    folder = os.path.join(out, "asset")
    os.makedirs(folder, exist_ok=True)
    macros, asm, externs, rows = "", [], "", ""
    for i, (name, data) in enumerate(sorted(found.items())):
        stem, ext = os.path.splitext(name)
        if ext not in TYPES or not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
            faults.add(os.path.join(ASSET, name), 1, "names are lower case and end in one of " + " ".join(TYPES))
            continue
        url = f"/a/{stem}-{hashlib.sha256(data).hexdigest()[:12]}{ext}"
        packed = gzip.compress(data, 9, mtime=0) if TYPES[ext].startswith("text") or ext in (".svg", ".json") else b""
        if len(packed) >= len(data):
            packed = b""
        macros += f"#define {gen_templates.asset_macro(name)} \"{url}\"\n"
        part = {}
        for kind, content in (("b", data), ("z", packed)):
            path = os.path.join(folder, name + (".gz" if kind == "z" else ""))
            genfile.write_if_changed(path, content)
            symbol = f"asset_{kind}{i}"
            asm.append(incbin(symbol, path))
            externs += f"extern const char {symbol}[];\n"
            part[kind] = f"{{ {symbol}, {len(content)} }}"
        rows += f"\t{{ STR(\"{name}\"), STR(\"{url}\"), STR(\"{TYPES[ext]}\"), {part['b']}, {part['z']} }},\n"
    return macros, assembler(asm) + externs, rows, len(found)


def write_assets(out, found, faults):
    macros, bytes_, rows, n = assets_code(out, found, faults)
    top = "/* By tools/gen_assets.py. Do not edit. */\n"
    header = (f"{top}#ifndef GEN_ASSETS_H\n#define GEN_ASSETS_H\n\n#include \"base/str.h\"\n\n{macros}\n"
              "/* `gzip` is empty when it would not be shorter. Sorted by name. */\n"
              "struct asset { str name, url, type, bytes, gzip; };\n"
              f"#define ASSET_N {n}\nextern const struct asset assets[ASSET_N];\n\n#endif\n")
    constant = rows.replace("STR(", "STR_CONST(")
    code = (f"{top}#include \"gen/assets.h\"\n\n#define STR_CONST(s) {{ (s), sizeof(s) - 1 }}\n\n{bytes_}\n"
            f"const struct asset assets[ASSET_N] = {{\n{constant}}};\n")
    genfile.write_if_changed(os.path.join(out, "assets.h"), header)
    genfile.write_if_changed(os.path.join(out, "assets.c"), code)


def write_folder(out, stem, folder, symbol, macro):
    """A table of all files under a folder; a folder that is not there is empty."""
    files = []
    for at, _dirs, names in os.walk(folder):
        files += [os.path.join(at, n) for n in names if not n.startswith(".")]
    files = sorted(files, key=lambda p: p.encode())
    asm, externs, rows = [], "", ""
    for i, path in enumerate(files):
        asm.append(incbin(f"{stem}_b{i}", path))
        externs += f"extern const char {stem}_b{i}[];\n"
        name = genfile.c_literal(os.path.relpath(path, folder))
        rows += f"\t{{ STR_CONST({name}), {{ {stem}_b{i}, {os.path.getsize(path)} }} }},\n"
    top = "/* By tools/gen_assets.py. Do not edit. */\n"
    guard = f"GEN_{stem.upper()}_H"
    shape = "" if stem != "packs" else "struct embedded_file { str path; str bytes; };\n"
    include = "base/str.h" if stem == "packs" else "gen/packs.h"
    header = (f"{top}#ifndef {guard}\n#define {guard}\n\n#include \"{include}\"\n\n"
              f"/* Paths below {folder}/, sorted as bytes; the last row is empty. */\n{shape}"
              f"#define {macro} {len(files)}\n"
              f"extern const struct embedded_file {symbol}[{macro} + 1];\n\n#endif\n")
    # The sum makes the compiler see a changed byte: .incbin leaves no dependency.
    digest = hashlib.sha256(b"".join(read(p) for p in files)).hexdigest()
    code = (f"{top}/* {digest} */\n#include \"gen/{stem}.h\"\n\n#define STR_CONST(s) {{ (s), sizeof(s) - 1 }}\n\n"
            f"{assembler(asm)}{externs}\nconst struct embedded_file {symbol}[{macro} + 1] = {{\n{rows}"
            "\t{ { NULL, 0 }, { NULL, 0 } }\n};\n")
    genfile.write_if_changed(os.path.join(out, stem + ".h"), header)
    genfile.write_if_changed(os.path.join(out, stem + ".c"), code)


def main():
    out, faults = sys.argv[1], genfile.Faults()
    os.makedirs(out, exist_ok=True)
    found = collect(faults)
    faults.stop_if_any()
    write_assets(out, found, faults)
    faults.stop_if_any()
    write_folder(out, "packs", PACKS, "embedded_packs", "EMBEDDED_PACK_N")
    write_folder(out, "demo", DEMO, "embedded_demo", "EMBEDDED_DEMO_N")


if __name__ == "__main__":
    main()
