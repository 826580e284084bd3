"""What the generators share: writing a file only when its text changes (so that
nothing is compiled again without need), C literals, and faults as `file:line: message`."""

import os
import sys


class Faults:
    """Collects every fault before giving up: one run shows all of them."""

    def __init__(self):
        self.lines = []

    def add(self, path, line, message):
        self.lines.append(f"{path}:{line}: error: {message}")

    def stop_if_any(self):
        if self.lines:
            print("\n".join(self.lines), file=sys.stderr)
            sys.exit(1)


def write_if_changed(path, text):
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        with open(path, "rb") as f:
            if f.read() == data:
                return False
    except FileNotFoundError:
        pass
    part = path + ".part"
    with open(part, "wb") as f:
        f.write(data)
    os.replace(part, path)
    return True


def remove_stale(folder, prefix, keep):
    """Delete generated files with this prefix that no source stands for any more."""
    for name in os.listdir(folder):
        if name.startswith(prefix) and name.endswith((".c", ".h")) and name not in keep:
            os.remove(os.path.join(folder, name))


def c_literal(text):
    """A C string literal of the UTF-8 bytes; other than printable ASCII in octal, which
    cannot run on into the next character as hexadecimal escapes would."""
    out = []
    for b in text.encode("utf-8"):
        ch = chr(b)
        if ch in '"\\':
            out.append("\\" + ch)
        elif ch == "\n":
            out.append("\\n")
        elif ch == "\t":
            out.append("\\t")
        elif 32 <= b < 127:
            out.append(ch)
        else:
            out.append(f"\\{b:03o}")
    return '"' + "".join(out) + '"'


def c_lines(text, indent):
    """A long text as adjacent literals, one for each line."""
    lines = text.split("\n")
    parts = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return ("\n" + indent).join(c_literal(p) for p in parts) or '""'
