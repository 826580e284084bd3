#!/usr/bin/python3
"""run.py [doors.txt]: every route and every command, tried at a real server of the demonstration.

Of each route in routes.def and api.def, without being told: a stranger is turned away; who lacks
the capability is told so; an id of the other school, and one that is none, is not there; a form
without its token is refused. What works, and what is bad input, stands in doors.txt, a row a try:

    ok   teacher1 POST /people/{teacher1}/absence  from=2026-11-20 to=2026-11-21
    bad  teacher1 POST /people/{teacher1}/absence  from=tomorrow to=              -> 422
    ok   cleaner  POST /api/v1/records  {"loop": "hazard", …}                     => h
    ok   bihuan who --unit sy --place 东门

The second word is a login (`.sy` is left out; `teacher1+`: on a second device; `-`: nobody); then
the method, the path, and what is sent: fields of a form, JSON, or @FILE. `{东门}`, `{teacher1}`,
`{unit}` are public ids, `{password.teacher1}` is a password; `=> h` keeps the id of what was made,
`=> code REGEX` what the answer shows. `ok` is a status below 400, for a command 0 or 1; `bad` is 422,
or as `-> 404` says. tools/lint.py reads the same rows and fails where a route or a command has none."""

import http.cookiejar
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests/stories"), os.path.join(ROOT, "tools")]
os.chdir(ROOT)
os.environ["BIHUAN_PUBLIC_URL"] = "http://127.0.0.1"  # plaques lead there

import lint_coverage  # noqa: E402
import run as stories  # noqa: E402

# Somebody who has the capability; who has none of them.
HAS = {"SIGNED_IN": "cleaner", "SEE_UNIT": "principal", "ORGANISE": "office", "ADOPT": "principal",
       "ACCOUNTS": "admin", "GATE": "guard1", "AUDIT": "principal", "ADMIN": "admin"}
LACKS = "cleaner"
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NONE = "0" * 26  # well formed, but the id 0 is nobody's
ROW = re.compile(r"(ok|bad)\s+(?:(bihuan)\s+(.*)|(\S+)\s+(GET|POST|PATCH)\s+(\S+)\s*(.*))$")


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


class Browser:
    """One person's session: cookies, and the token of its forms."""

    def __init__(self, base):
        self.base, self.csrf = base, ""
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, method, path, data=None, kind=None, bearer=None):
        req = urllib.request.Request(self.base + urllib.parse.quote(path, safe="/?&=%:+"), data, method=method)
        req.add_header("Origin", self.base)
        if kind:
            req.add_header("Content-Type", kind)
        if bearer:
            req.add_header("Authorization", "Bearer " + bearer)
        try:
            with self.opener.open(req, timeout=60) as f:
                return f.status, f.headers, f.read().decode(errors="replace")
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read().decode(errors="replace")

    def token(self, page):
        found = re.search(r'name="csrf" value="([^"]+)"', self.ask("GET", page)[2])
        self.csrf = found.group(1) if found else ""

    def form(self, method, path, pairs):
        return self.ask(method, path, urllib.parse.urlencode(pairs + [("csrf", self.csrf)]).encode(),
                        "application/x-www-form-urlencoded")


class Doors:
    def __init__(self):
        self.server = stories.Server(stories.NOW)
        self.tmp = tempfile.mkdtemp(prefix="bihuan-doors-")
        self.people, self.saved, self.ids = {}, {"tmp": self.tmp, "data": self.server.data}, {}
        with open(os.path.join(self.server.data, "demo-accounts.tsv"), encoding="utf-8") as f:
            self.passwords = {line.split("\t")[0]: line.split("\t")[1] for line in f if "\t" in line}

    # --- who, and what is meant ---
    def browser(self, who):
        if who not in self.people or who == "-":
            b = self.people[who] = Browser(self.server.base)
            b.token("/login")
            if who != "-":
                status, _h, text = b.form("POST", "/login", [("login", who.replace("+", "")),
                                                             ("password", self.passwords[who.replace("+", "")])])
                if status != 303:
                    raise stories.Failed(f"{who} cannot sign in: {status} {text[:300]}")
                b.token("/account")
        return self.people[who]

    def meant(self, name):
        if name in self.saved:
            return self.saved[name]
        if name.startswith("password."):
            return self.passwords[login(name.partition(".")[2])]
        if name not in self.ids:
            school = name.split(".")[1] if "." in name else "sy"
            reader = "principal." + school
            if name == "nothing":
                self.ids[name] = another(self.meant("unit"))
            elif name.startswith("unit"):
                self.ids[name] = self.server.unit(reader, school)
            elif login(name) in self.passwords:
                self.ids[name] = self.server.person(login(name))
            else:
                unit = self.server.unit(reader, school)
                _s, r = self.server.call(reader, "GET", f"/units/{unit}/places")
                self.ids[name] = next(p["id"] for p in r["places"] if p["name"] == name.split(".")[0])
        return self.ids[name]

    def filled(self, text):
        return re.sub(r"\{([^{}\s\":,]+)\}", lambda m: self.meant(m.group(1)), text)

    # --- one request ---
    def request(self, who, method, path, sent):
        if path.startswith("/api/"):
            bearer = None if who == "-" else self.server.token(who)
            data, kind = (sent.encode(), "application/json") if sent else (None, None)
            if sent.startswith("@"):
                with open(sent[1:], "rb") as f:
                    data, kind = f.read(), "application/octet-stream"
            return Browser(self.server.base).ask(method, path, data, kind, bearer)
        if method == "GET":
            return self.browser(who).ask(method, path)
        pairs = [tuple(p.replace("\\n", "\n").replace("\\t", "\t").replace("\\s", " ").split("=", 1))
                 for p in sent.split()]
        return self.browser(who).form(method, path, pairs)

    def command(self, sent):
        words = [self.filled(w) for w in sent.split()]
        if words[0] not in ("help", "check", "clauses") and "-d" not in words:
            words += ["-d", self.server.data]
        r = subprocess.run([stories.BIN, *words], capture_output=True, text=True, env=stories.ENV, timeout=300)
        return r.returncode, r.stdout, r.stderr


def login(name):
    return name if "." in name or name == "-" else name.replace("+", "") + ".sy" + "+" * name.count("+")


def another(public_id):
    """A well-formed id of the same tenant that nothing has (base/pubid.c)."""
    v = sum(DIGITS.index(c) << 5 * (24 - i) for i, c in enumerate(public_id[:25]))
    v = v >> 63 << 63 | 12345
    digits = [v >> 5 * (24 - i) & 31 for i in range(25)]
    check = 0
    for d in digits:
        check = (check ^ d) << 1
        check ^= 0x25 if check & 32 else 0
    return "".join(DIGITS[d] for d in digits + [check])


def keep(doors, name, headers, text):
    name, _, regex = name.partition(" ")
    where = (headers.get("Location") or "") if headers else ""
    if regex:
        found = re.search(regex, text)
    else:
        found = re.search(r'"id": ?"([0-9A-Z]{26})"', text) or re.search(r"/([0-9A-Z]{26})", where)
    if not found:
        raise stories.Failed(f"nothing to keep as {name}: {where} {text[:200]}")
    doors.saved[name] = found.group(1) if found.groups() else found.group(0)


def try_row(doors, row):
    """None, or what went wrong."""
    kind, is_command, words, who, method, path, rest = ROW.match(row).groups()
    rest = words if is_command else rest
    rest, _, name = rest.partition("=> ")
    rest, _, want = rest.partition("-> ")
    if is_command:
        status, text, said = doors.command(rest)
        good = status in (0, 1) if kind == "ok" else status not in (0, 1, 70) and said.strip()
        headers = None
    else:
        status, headers, text = doors.request(login(who), method, doors.filled(path), doors.filled(rest.strip()))
        good = status < 400 if kind == "ok" else status == int(want or 422)
        if kind == "ok" and "/login?next" in (headers.get("Location") or ""):
            good = False
    if good and name:
        keep(doors, name.strip(), headers, text)
    if good:
        return None
    more = said if is_command else headers.get("Location") or ""
    return f"{status} came: {more} {plain(text)[:300]}"


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", text[text.find("<main"):], flags=re.S)).strip()


# ---- what every route owes --------------------------------------------------------------


def refusals():
    """(who, method, path, the statuses that are right, with the form's token) for every route."""
    for table in ("src/web/routes.def", "src/api/api.def"):
        for _line, args in lint_coverage.table(table, "ROUTE"):
            method, path, capability, csrf = args[0], args[1], args[3], args[4]
            if capability == "PUBLIC":
                if csrf == "CSRF":
                    yield "-", method, path, (403,), False
                continue
            api = path.startswith("/api/")
            known = re.sub(r":(kind|role|loop|step|pack)\b", "x", path).replace(":id", "{unit.wy}")
            absent = known.replace("{unit.wy}", "{nothing}")
            yield "-", method, absent, ((401,) if api else (303,) if method == "GET" else (401, 403)), True
            if capability != "SIGNED_IN":
                yield LACKS, method, known.replace("{unit.wy}", "{unit}"), (403,), True
            if ":id" in path:  # 422: the form is read before the service is asked; 303: a plaque leads home
                for p in (known, absent):
                    yield HAS[capability], method, p, (404, 403, 422, 303), True
                yield HAS[capability], method, absent.replace("{nothing}", NONE), (404, 405), True
            if csrf == "CSRF":
                yield HAS[capability], method, known.replace("{unit.wy}", "{unit}"), (403, 404), False


def try_refusal(doors, who, method, path, right, token):
    path, who = doors.filled(path), login(who)
    if path.startswith("/api/"):
        status, headers, text = doors.request(who, method, path, "{}" if method != "GET" else "")
    else:
        b = doors.browser(who)
        kept, b.csrf = b.csrf, b.csrf if token else ""
        status, headers, text = b.ask(method, path) if method == "GET" else b.form(method, path, [])
        b.csrf = kept
    if status in right and (right != (303,) or "/login" in headers.get("Location", "")):
        return None
    return f"{status} came, not {' or '.join(map(str, right))}: {plain(text)[:200]}"


def try_tampered(doors):
    """`verify` and `audit` end with 1 where somebody wrote into the file: of the restored copy, by hand."""
    copy = os.path.join(doors.tmp, "restored")
    wrong = []
    for command, sql in (("audit", "DELETE FROM satisfaction"), ("verify", "UPDATE step SET at = at + 1")):
        status, _out, said = doors.command(f"{command} -d {copy if command == 'verify' else doors.server.data}")
        wrong += [f"{command} before that: {status} {said}"] if status else []
        with sqlite3.connect(os.path.join(copy, "bihuan.db")) as db:
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {trigger}")
            db.execute(sql)
        db.close()
        status, _out, said = doors.command(f"{command} -d {copy}")
        wrong += [f"{command} after {sql}: {status} {said}"] if status != 1 else []
    return "; ".join(wrong) or None


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "doors.txt")
    doors, passed, failed = Doors(), 0, 0
    tries = [(f"refused {w} {m} {p}", try_refusal, (doors, w, m, p, right, t)) for w, m, p, right, t in refusals()]
    with open(path, encoding="utf-8") as f:
        rows = [re.sub(r"\s+#\s.*", "", line.strip()) for line in f]
    tries += [(row, try_row, (doors, row)) for row in rows if row and not row.startswith("#")]
    if len(sys.argv) < 2:
        tries.append(("verify and audit of a copy that was written into", try_tampered, (doors,)))
    for label, run, args in tries:
        try:
            wrong = run(*args)
        except (stories.Failed, KeyError, StopIteration, ValueError, AttributeError, OSError) as e:
            wrong = f"{type(e).__name__}: {e}"
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        if wrong:
            print(f"FAILED {label}\n  {wrong}")
    said = doors.server.close()
    if said:
        print(f"FAILED the server: {said}")
        failed += 1
    if failed:
        print("again: ./dev test doors")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
