#!/usr/bin/python3
"""run.py [FILE…]: stories, acceptance as data (grammar: HACKING.md). Black box, over HTTP.

Each story gets a copy of one prepared demonstration instance, a server of its own with a standing
clock, and acts as the people that it names. Verbs and expectations are closed: anything else is an
error of the story. A failing story prints the command that runs it alone. Writes
build/stories.json: which clauses and duties a passed story proves."""

import concurrent.futures
import datetime
import fnmatch
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import yaml

OUT = os.environ.get("OUT", "build")
BIN = os.path.abspath(f"{OUT}/asan/bihuan")
NOW = "2026-11-18T08:00:00+08:00"
VERBS = {"new", "step", "undo", "appoint", "leave", "absent", "adopt", "import", "wait", "settle",
         "tasks", "who", "coverage", "indicators", "get", "post", "verify"}
EXPECT = {"status", "error", "state", "number", "version", "satisfied_clauses", "satisfied_duties",
          "almost", "person", "codes", "json", "only"}
ENV = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:abort_on_error=1", UBSAN_OPTIONS="halt_on_error=1")


class Loader(yaml.SafeLoader):
    """YAML 1.2 core: words such as on, no and yes, dates and times stay text."""


Loader.yaml_implicit_resolvers = {
    k: [(t, r) for t, r in v if t not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp",
                                          "tag:yaml.org,2002:int", "tag:yaml.org,2002:float")]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?[0-9]+$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))


class Failed(Exception):
    pass


def as_list(x):
    return x if isinstance(x, list) else []


def command(*args):
    r = subprocess.run([BIN, *args], capture_output=True, text=True, env=ENV, timeout=300)
    return r


def prepared(at):
    """A demonstration instance for the moment: made once, kept in build/stories."""
    key = hashlib.sha256((str(os.path.getmtime(BIN)) + at).encode()).hexdigest()[:12]
    path = os.path.abspath(f"{OUT}/stories/{at[:16].replace(':', '')}-{key}")
    if not os.path.isdir(path):
        part = f"{path}.part"
        shutil.rmtree(part, ignore_errors=True)
        for old in glob.glob(f"{OUT}/stories/{at[:16].replace(':', '')}-*"):
            shutil.rmtree(old, ignore_errors=True)
        r = command("demo", "-d", part, "--at", at)
        if r.returncode:
            raise Failed(f"demo --at {at}: {r.stderr.strip()[-300:]}")
        os.rename(part, path)
    return path


class Server:
    def __init__(self, at, without=None):
        self.headers = {}
        early = at < NOW
        source = prepared(at if early else NOW)
        self.dir = tempfile.mkdtemp(prefix="bihuan-story-")
        self.data = os.path.join(self.dir, "data")
        shutil.copytree(source, self.data)
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.without = without
        self.tokens, self.ids = {}, {}
        self.start()
        if not early and at != NOW:
            self.clock(at)

    def start(self):
        words = [BIN, "serve", "-d", self.data, "--listen", "127.0.0.1:0", "--clock", "manual", "--log-level", "error"]
        words += ["--without", self.without] if self.without else []
        self.proc = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, text=True, env=ENV)
        self.base = self.proc.stdout.readline().strip()
        if not self.base.startswith("http"):
            raise Failed("the server did not start: " + self.said())

    def said(self):
        self.log.seek(0)
        return self.log.read()[-1500:]

    def clock(self, to):
        r = command("clock", "-d", self.data, to)
        if r.returncode:
            raise Failed(f"clock {to}: {r.stderr.strip()} {self.said()}")

    def token(self, login):
        if login not in self.tokens:
            r = command("token", "-d", self.data, "--account", login, "--ttl", "365d")
            if r.returncode:
                raise Failed(f"no login {login}: {r.stderr.strip()}")
            self.tokens[login] = r.stdout.strip()
        return self.tokens[login]

    def call(self, login, method, path, body=None, headers=None):
        url = self.base + "/api/v1" + urllib.parse.quote(path, safe="/?&=%:+")
        req = urllib.request.Request(url, method=method)
        req.add_header("Authorization", "Bearer " + self.token(login))
        for k, v in ((headers or {}) | self.headers).items():
            req.add_header(k, v)
        data = None
        if body is not None:
            req.add_header("Content-Type", "application/json")
            data = json.dumps(body, ensure_ascii=False).encode()
        try:
            with urllib.request.urlopen(req, data, timeout=60) as f:
                text = f.read()
                return f.status, json.loads(text) if text else {}
        except urllib.error.HTTPError as e:
            text = e.read()
            try:
                return e.code, json.loads(text) if text else {}
            except ValueError:
                return e.code, {"text": text.decode(errors="replace")}
        except OSError as e:
            raise Failed(f"{method} {path}: {e} {self.said()}") from e

    def person(self, login):
        if login not in self.ids:
            s, me = self.call(login, "GET", "/me")
            if s != 200:
                raise Failed(f"{login} cannot look at itself: {me}")
            self.ids[login] = me["person"]["id"]
        return self.ids[login]

    def unit(self, login, code):
        s, r = self.call(login, "GET", "/units")
        for u in r.get("units", []):
            if code in (u.get("code"), u.get("id")):
                return u["id"]
        raise Failed(f"no unit {code}")

    def close(self):
        self.proc.send_signal(signal.SIGTERM)
        try:
            self.proc.wait(30)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        said = self.said()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
        if self.proc.returncode not in (0, -15):
            raise Failed(f"the server ended with {self.proc.returncode}: {said}")


def subset(want, got):
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and subset(v, got[k]) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and all(any(subset(w, g) for g in got) for w in want)
    if isinstance(want, str) and isinstance(got, str):
        return fnmatch.fnmatchcase(got, want)
    return want == got


class Story:
    def __init__(self, file, n, doc, without=None):
        self.file, self.n, self.doc, self.without = file, n, doc, without
        self.name = doc.get("story", "?")
        self.saved, self.proved = {}, {"clauses": set(), "duties": set()}

    def run(self):
        extra = set(self.doc) - {"story", "clauses", "at", "steps"}
        if extra:
            raise Failed(f"a story has no {sorted(extra)}")
        self.server = Server(self.doc.get("at", NOW), self.without)
        try:
            for i, step in enumerate(self.doc["steps"], 1):
                try:
                    self.step(step)
                except Failed as e:
                    raise Failed(f"step {i} {json.dumps(step, ensure_ascii=False)[:300]}\n    {e}") from e
        finally:
            self.server.close()

    # --- references ---
    def value(self, v):
        if isinstance(v, dict):
            return {k: self.value(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.value(x) for x in v]
        if isinstance(v, str) and v.startswith("$"):
            name = v[1:]
            if name in self.saved:
                return self.saved[name]
            return self.server.person(name)
        if isinstance(v, str) and "$" in v:
            return re.sub(r"\$([a-z0-9_]+)", lambda m: self.saved.get(m.group(1), m.group(0)), v)
        return v

    def who(self, login, v):
        v = self.value(v)
        if re.fullmatch(r"[0-9A-Z]{26}", str(v)):
            return v
        unit = self.server.unit(login, login.split(".")[-1])
        s, r = self.server.call(login, "GET", f"/units/{unit}/people")
        hits = [p["id"] for p in r.get("people", []) if p["name"] == v]
        if len(hits) != 1:
            raise Failed(f"{v}: {len(hits)} people of this name")
        return hits[0]

    # --- verbs ---
    def step(self, step):
        verbs = set(step) & VERBS
        extra = set(step) - VERBS - {"as", "save", "expect", "key", "if_match"}
        if len(verbs) != 1 or extra:
            raise Failed(f"one verb is wanted, not {sorted(verbs)} with {sorted(extra)}")
        verb = verbs.pop()
        login = step.get("as", "")
        self.server.headers = {name: str(step[k]) for k, name in
                               (("key", "Idempotency-Key"), ("if_match", "If-Match")) if k in step}
        status, body = getattr(self, "do_" + verb)(login, step[verb])
        self.server.headers = {}
        if "save" in step:
            first = (body.get("records") or [{}])[0]  # of a list: the first
            self.saved[step["save"]] = body.get("id") or first.get("id", "")
        self.expect(step.get("expect"), status, body, verb)

    def do_new(self, login, v):
        return self.server.call(login, "POST", "/records", self.submission(login, v))

    def do_step(self, login, v):
        v = dict(v)
        record = self.value(v.pop("record"))
        return self.server.call(login, "POST", f"/records/{record}/steps", self.submission(login, v))

    def submission(self, login, v):
        body = self.value(v)
        body.setdefault("fields", {})
        if "for" in body:
            body["for"] = self.who(login, body["for"])
        return body

    def do_undo(self, login, v):
        return self.server.call(login, "POST", f"/records/{self.value(v['record'])}/undo", {})

    def do_appoint(self, login, v):
        body = self.value(v)
        body["person"] = self.who(login, body["person"])
        return self.server.call(login, "POST", "/keepers" if "place" in body else "/appointments", body)

    def do_leave(self, login, v):
        body = self.value(v)
        person = self.who(login, body.pop("person"))
        return self.server.call(login, "POST", f"/people/{person}/leave", body)

    def do_absent(self, login, v):
        body = self.value(v)
        person = self.who(login, body.pop("person"))
        return self.server.call(login, "POST", f"/people/{person}/absence", body)

    def do_adopt(self, login, v):
        body = dict(v)
        unit = self.server.unit(login, body.pop("unit"))
        return self.server.call(login, "POST", f"/units/{unit}/adoptions", body)

    def do_import(self, login, v):
        body = self.value(v)
        status, got = self.server.call(login, "POST", f"/imports/{body.pop('kind')}", body)
        if status != 201 or got.get("bad"):
            return status, got
        return self.server.call(login, "POST", f"/imports/{got['id']}/accept", {})

    def do_wait(self, login, v):
        self.server.clock("+" + str(v))
        return 200, {}

    def do_settle(self, login, v):
        return 200, {}  # one tenant: its outbox is empty

    def do_tasks(self, login, v):
        state = "late" if v.get("late") else "open"
        s, r = self.server.call(login, "GET", f"/tasks?state={state}&limit=100")
        page = r
        while s == 200 and page.get("after"):  # all pages: a story asks what falls on a person
            s, page = self.server.call(login, "GET", f"/tasks?state={state}&limit=100&after={page['after']}")
            r["tasks"] += page.get("tasks", [])
        if set(v) - {"late", "has", "lacks"}:
            raise Failed(f"tasks has no {sorted(v)}")
        for key, wanted in (("has", True), ("lacks", False)):
            if key in v and any(self.task(v[key], t) for t in r.get("tasks", [])) != wanted:
                raise Failed(f"tasks {key} {v[key]}: {json.dumps(r.get('tasks', []), ensure_ascii=False)[:900]}")
        return s, r

    def task(self, want, t):
        ok = True
        for k, v in want.items():
            v = self.value(v)
            if k == "step":
                ok &= v in (t.get("item"), t.get("step")) or v in t.get("steps", [])
            elif k == "record":
                ok &= t.get("record") == v
            elif k == "duty":
                ok &= v == t.get("duty") or any(d.get("duty") == v for d in t.get("demands", []))
            elif k == "label":
                ok &= str(v) in t.get("label", "") + t.get("detail", "")
            else:
                raise Failed(f"a task has no {k}")
        return ok

    def do_who(self, login, v):
        return self.server.call(login, "GET", "/who?" + "&".join(f"{k}={x}" for k, x in self.value(v).items()))

    def do_coverage(self, login, v):
        unit = self.server.unit(login, v["unit"])
        at = "?at=" + urllib.parse.quote(v["at"], safe="") if "at" in v else ""
        return self.server.call(login, "GET", f"/units/{unit}/coverage{at}")

    def do_indicators(self, login, v):
        unit = self.server.unit(login, v["unit"])
        return self.server.call(login, "GET", f"/units/{unit}/indicators?period={v['period']}")

    def do_get(self, login, v):
        return self.server.call(login, "GET", self.value(v))

    def do_post(self, login, v):
        return self.server.call(login, "POST", self.value(v["path"]), self.value(v.get("body", {})))

    def do_verify(self, login, v):
        for cmd in ("verify", "audit"):
            r = command(cmd, "-d", self.server.data)
            if r.returncode:
                raise Failed(f"{cmd}: {r.stdout.strip()[-600:]} {r.stderr.strip()[-300:]}")
        return 200, {}

    # --- expectations ---
    def expect(self, e, status, body, verb):
        if e is None:
            if verb not in ("tasks", "wait", "settle", "verify") and status >= 400:
                raise Failed(f"{status} {json.dumps(body, ensure_ascii=False)[:500]}")
            return
        if set(e) - EXPECT:
            raise Failed(f"nothing expects {sorted(set(e) - EXPECT)}")
        if "error" not in e and "status" not in e and status >= 400:
            raise Failed(f"{status} {json.dumps(body, ensure_ascii=False)[:500]}")
        got = {
            "status": status, "error": body.get("code"), "state": body.get("state"),
            "number": body.get("number"), "version": body.get("version"),
            "satisfied_clauses": [c for s in body.get("satisfied", []) for c in s.get("clauses", [])],
            "satisfied_duties": [s["duty"] for s in body.get("satisfied", []) if s.get("duty")],
            "almost": [a.get("why") for a in body.get("almost", [])],
            "person": [r.get("person", {}).get("id", r.get("person")) if isinstance(r.get("person"), dict)
                       else r.get("person") for r in as_list(body.get("people"))],
            "codes": [h.get("code") for h in body.get("holes", []) if not h.get("pending")],
            "json": body,
        }
        for k, want in e.items():
            if k == "only":
                continue
            want = self.value(want)
            have = got[k]
            if k == "person" and not isinstance(want, list):
                want = [want]
            if isinstance(have, list) and isinstance(want, list) and k != "json":
                ok = set(want) <= set(have) and (not e.get("only") or set(want) == set(have))
            else:
                ok = subset(want, have)
            if not ok:
                raise Failed(f"{k}: {json.dumps(want, ensure_ascii=False)} expected, "
                             f"{json.dumps(have, ensure_ascii=False)[:900]} came ({status})")
        self.proved["clauses"] |= set(e.get("satisfied_clauses", []))
        self.proved["duties"] |= set(e.get("satisfied_duties", []))


def story_files():
    return sorted(glob.glob("tests/stories/*.yaml") + glob.glob("packs/*/tests/*.yaml"))


def stories_of(files):
    for f in files:
        with open(f, encoding="utf-8") as text:
            for n, doc in enumerate(yaml.load_all(text, Loader), 1):
                if doc:
                    yield Story(f, n, doc)


def one(story):
    try:
        story.run()
        return story, None
    except Failed as e:
        return story, str(e)
    except Exception as e:  # a fault of the runner is a failure, never a pass
        return story, f"{type(e).__name__}: {e}"


def mutate():
    """Each construct of a clause that the checker would not miss is left out; a story must fail that names it."""
    r = command("clauses", "packs/primary-closed-loop", "--mutate", "--json")
    done = json.loads(r.stdout)
    stories = list(stories_of(story_files()))
    noticed = {m["construct"] for m in done["mutations"] if m["noticed"]}
    for m in done["mutations"]:
        if m["noticed"]:
            continue
        name = m["construct"].split(":", 1)[1].split(".")[-1]
        by, named = None, [s for s in stories if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", str(s.doc))]
        for s in named:
            if by is None:
                if one(s)[1] is None and (why := one(Story(s.file, s.n, s.doc, m["construct"]))[1]):
                    by = f"{s.file}#{s.n} {s.name}: {why.splitlines()[-1].strip()[:120]}"
        print(f"{m['construct']}\t{by or f'NOT NOTICED by the {len(named)} stories that name it'}", flush=True)
        noticed |= {m["construct"]} if by else set()
    must = [c for c in done["clauses"] if c["must_work"]]
    watched = [c for c in must if c["constructs"] and set(c["constructs"]) <= noticed]
    print(f"the checker or a story notices: {len(watched)} of {len(must)}")
    return 0 if len(watched) == len(must) else 1


def main():
    if sys.argv[1:] == ["--mutate"]:
        return mutate()
    named = [os.path.relpath(f) for f in sys.argv[1:]]
    files = named or story_files()
    todo = list(stories_of(files))
    passed, failed, proved = 0, 0, {"clauses": {}, "duties": {}}
    for at in sorted({min(s.doc.get("at", NOW), NOW) for s in todo}):
        prepared(at)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for story, why in pool.map(one, todo):
            if why:
                failed += 1
                print(f"FAILED {story.file} ({story.n}) {story.name}\n  {why}\n  again: ./dev test {story.file}")
            else:
                passed += 1
                for kind, names in story.proved.items():
                    for name in names:
                        proved[kind].setdefault(name, []).append(f"{story.file}#{story.n}")
    with open(f"{OUT}/stories.json", "w", encoding="utf-8") as f:
        json.dump(proved, f, ensure_ascii=False, indent=1, sort_keys=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
