#!/usr/bin/env python3
"""stories: acceptance as data (interfaces section 4). A black box over HTTP.

    tests/stories/run.py [FILE | FILE:LINE]…      all of tests/stories and packs/*/tests without one

A story is one YAML document. Verbs and expectations are closed: anything else is an error of the
story, not something to pass over. Each story gets a copy of one prepared demonstration instance,
a server on a free port with a manual clock, and acts as the people it names. It sees what any
client sees: the API, and the commands `token`, `clock`, `verify`, `audit`.

Beyond interfaces section 4 a step may say `key:` (Idempotency-Key) and `if_match:`; `post:` may
send `raw:` bytes with a `type:`; `as: nobody` sends no token; a step without `expect:` must
succeed. `has`/`lacks` look at record, step, duty, label, and also subject, clause, item.

What a story proves: its clauses that stand in an expectation of a step which held. They go to
build/stories.json, for `clauses --mutate`."""

import argparse
import concurrent.futures
import fnmatch
import glob
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARALLEL = 2
START_S, COMMAND_S, ANSWER_S, DEMO_S = 30, 120, 30, 600

STORY = {"story", "clauses", "at", "steps", "covers"}
VERBS = {
    "new": {"loop", "step", "fields", "for", "tick", "untick", "as", "unit", "reason", "files"},
    "step": {"record", "step", "fields", "for", "tick", "untick", "as", "reason", "files"},
    "undo": {"record"},
    "appoint": {"person", "post", "unit", "place", "role", "from", "to"},
    "leave": {"person", "on", "to", "dry_run"},
    "absent": {"person", "from", "to", "stand_in"},
    "adopt": {"unit", "pack", "from"},
    "import": {"kind", "unit", "file", "rows"},
    "wait": None,
    "settle": None,
    "tasks": {"late", "done", "has", "lacks", "person", "unit", "on"},
    "who": {"place", "duty", "at", "known"},
    "coverage": {"unit", "at"},
    "indicators": {"unit", "period"},
    "get": None,
    "post": {"path", "body", "raw", "type"},
    "verify": None,
}
BESIDE = {"as", "save", "expect", "key", "if_match"}
EXPECT = {"status", "error", "state", "number", "version", "satisfied_clauses", "satisfied_duties",
          "almost", "person", "codes", "json", "only"}
MATCH = {"record", "step", "duty", "label", "subject", "clause", "item"}
WAIT = re.compile(r"(\d+[mhd])+")


class StoryError(Exception):
    """The story itself is wrong."""


class Failed(Exception):
    """What the program did is not what the story expects."""


# ---- YAML 1.2, core schema: only true and false are booleans, dates are text ------------------

class Loader(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        out = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in out:
                raise StoryError(f"line {key_node.start_mark.line + 1}: {key} twice")
            out[key] = self.construct_object(value_node, deep=True)
        return out


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|~|)$"), ["n", "~", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))
Loader.add_constructor("tag:yaml.org,2002:map", lambda ld, node: ld.construct_mapping(node))


class Story:
    def __init__(self, path, node, data):
        self.path, self.line, self.data = path, node.start_mark.line + 1, data
        self.step_lines = []
        for key, value in node.value:
            if key.value == "steps":
                self.step_lines = [n.start_mark.line + 1 for n in value.value]
        self.title = data.get("story", "?")

    def check(self):
        unknown = set(self.data) - STORY
        if unknown:
            raise StoryError(f"unknown key {', '.join(sorted(unknown))}")
        for key in ("story", "at", "steps"):
            if key not in self.data:
                raise StoryError(f"{key}: is missing")
        for i, step in enumerate(self.data["steps"]):
            self.check_step(step, self.step_lines[i])

    def check_step(self, step, line):
        verbs = [k for k in step if k in VERBS]
        unknown = set(step) - set(VERBS) - BESIDE
        if unknown or len(verbs) != 1:
            raise StoryError(f"line {line}: " + (f"unknown {', '.join(sorted(unknown))}" if unknown
                                                 else "one verb a step"))
        verb = verbs[0]
        allowed = VERBS[verb]
        if allowed is not None:
            odd = set(step[verb]) - allowed
            if odd:
                raise StoryError(f"line {line}: {verb} has no {', '.join(sorted(odd))}")
        odd = set(step.get("expect", {})) - EXPECT
        if odd:
            raise StoryError(f"line {line}: nothing to expect called {', '.join(sorted(odd))}")
        if verb not in ("wait", "settle", "verify") and "as" not in step:
            raise StoryError(f"line {line}: as whom?")
        if verb == "wait" and not WAIT.fullmatch(str(step["wait"])):
            raise StoryError(f"line {line}: wait: 4d, 3h, 30m")
        if verb == "tasks":
            for side in ("has", "lacks"):
                for m in as_list(step["tasks"].get(side, [])):
                    odd = set(m) - MATCH
                    if odd:
                        raise StoryError(f"line {line}: {side} has no {', '.join(sorted(odd))}")


def as_list(x):
    return x if isinstance(x, list) else [x]


def read_stories(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    nodes = [n for n in yaml.compose_all(text, Loader) if n.tag != "tag:yaml.org,2002:null"]
    datas = [d for d in yaml.load_all(text, Loader) if d is not None]
    return [Story(path, n, d) for n, d in zip(nodes, datas)]


# ---- the instance ------------------------------------------------------------------------------

class Bench:
    """The program, and prepared instances by `at`, each made once."""

    def __init__(self, program, cache):
        self.program, self.cache = program, cache
        self.locks, self.lock = {}, threading.Lock()

    def prepared(self, at):
        with self.lock:
            lock = self.locks.setdefault(at, threading.Lock())
        with lock:
            stat = os.stat(self.program)
            name = hashlib.sha256(f"{at} {stat.st_mtime_ns} {stat.st_size}".encode()).hexdigest()[:16]
            folder = os.path.join(self.cache, name)
            if not os.path.exists(os.path.join(folder, "ready")):
                self.make(at, folder)
            return folder

    def make(self, at, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(self.cache, exist_ok=True)
        r = subprocess.run([self.program, "demo", "-d", folder, "--at", at], capture_output=True,
                           text=True, timeout=DEMO_S)
        if r.returncode != 0:
            raise Failed(f"bihuan demo --at {at}: exit {r.returncode}: {r.stderr.strip()[-500:]}")
        with open(os.path.join(folder, "ready"), "w", encoding="ascii") as f:
            f.write("1\n")

    def sweep(self, keep):
        """Folders of older programs go; those used now stay."""
        if os.path.isdir(self.cache):
            for name in os.listdir(self.cache):
                if os.path.join(self.cache, name) not in keep:
                    shutil.rmtree(os.path.join(self.cache, name), ignore_errors=True)


class Server:
    """One running copy: speaks HTTP, hands out tokens, moves the clock."""

    def __init__(self, bench, at, keep):
        self.bench, self.keep = bench, keep
        self.dir = tempfile.mkdtemp(prefix="bihuan-story-")
        self.data = os.path.join(self.dir, "data")
        shutil.copytree(bench.prepared(at), self.data)
        self.log = open(os.path.join(self.dir, "log"), "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [bench.program, "serve", "-d", self.data, "--listen", "127.0.0.1:0", "--clock", "manual"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.tokens, self.me_of, self.unit_ids = {}, {}, {}
        self.http = None
        self.host, self.port = self.wait_for_address()

    def wait_for_address(self):
        found = []
        t = threading.Thread(target=lambda: found.append(self.process.stdout.readline()), daemon=True)
        t.start()
        t.join(START_S)
        if not found or not found[0].startswith("http"):
            raise Failed(f"the server did not start: {self.tail()}")
        url = urllib.parse.urlsplit(found[0].strip())
        return url.hostname, url.port

    def tail(self):
        self.log.flush()
        with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()[-1500:].strip()

    def stop(self):
        if self.http:
            self.http.close()
        failed = None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                failed = "the server did not stop"
        if not failed and self.process.returncode != 0:
            failed = f"the server ended with {self.process.returncode}: {self.tail()}"
        self.process.stdout.close()
        self.log.close()
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        return failed

    def command(self, *words):
        r = subprocess.run([self.bench.program, words[0], "-d", self.data, *words[1:]],
                           capture_output=True, text=True, timeout=COMMAND_S)
        return r.returncode, r.stdout.strip(), r.stderr.strip()

    def token(self, login):
        if login == "nobody":
            return None
        if login not in self.tokens:
            code, out, err = self.command("token", "--account", login, "--ttl", "1000h")
            if code != 0:
                raise Failed(f"no token for {login}: {err}")
            self.tokens[login] = out.split()[-1]
        return self.tokens[login]

    def call(self, method, path, login, body=None, headers=None, raw=None, kind=None):
        """(status, JSON or text)."""
        head = dict(headers or {})
        token = self.token(login)
        if token:
            head["Authorization"] = f"Bearer {token}"
        data = None
        if raw is not None:
            data, head["Content-Type"] = raw.encode(), kind or "application/json"
        elif body is not None:
            data, head["Content-Type"] = json.dumps(body, ensure_ascii=False).encode(), "application/json"
        path = urllib.parse.quote(path, safe="/?&=%:+,~")
        for attempt in (0, 1):
            try:
                if not self.http:
                    self.http = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_S)
                self.http.request(method, path, body=data, headers=head)
                r = self.http.getresponse()
                text = r.read().decode("utf-8", "replace")
                if r.getheader("Connection", "").lower() == "close":
                    self.http.close()
                    self.http = None
                break
            except (http.client.HTTPException, OSError) as e:
                self.http = None
                if attempt or method != "GET" and not isinstance(e, http.client.RemoteDisconnected):
                    raise Failed(f"{method} {path}: {type(e).__name__} {e}; {self.tail()}") from e
        try:
            return r.status, json.loads(text), dict(r.getheaders())
        except ValueError:
            return r.status, text, dict(r.getheaders())

    def api(self, method, path, login, **more):
        return self.call(method, "/api/v1" + path, login, **more)

    def me(self, login):
        if login not in self.me_of:
            status, body, _ = self.api("GET", "/me", login)
            if status != 200:
                raise Failed(f"{login} cannot sign in: {status}")
            self.me_of[login] = body
        return self.me_of[login]

    def unit(self, code, login):
        """The id of a unit by its code."""
        if code not in self.unit_ids:
            for who in (login, f"admin.{code}"):
                for u in self.me(who).get("units", []):
                    self.unit_ids[u.get("code")] = u["id"]
                if code in self.unit_ids:
                    break
        if code not in self.unit_ids:
            raise StoryError(f"no unit {code}")
        return self.unit_ids[code]


# ---- one story ---------------------------------------------------------------------------------

def subset(want, got):
    """Is `want` part of `got`? Objects by member, lists by their members in any order, text by glob."""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and subset(v, got[k]) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and members(want, got, False) is None
    if isinstance(want, str) and isinstance(got, str):
        return want == got or ("*" in want and fnmatch.fnmatchcase(got, want))
    if isinstance(want, bool) or isinstance(got, bool):
        return want is got
    return want == got or str(want) == got


def members(want, got, only):
    """None, or what is missing or too much. Each member of `got` is used once."""
    left = list(got)
    for w in want:
        hit = next((g for g in left if subset(w, g)), None)
        if hit is None:
            return f"lacks {short(w)}"
        left.remove(hit)
    return f"also has {short(left)}" if only and left else None


def short(x):
    s = json.dumps(x, ensure_ascii=False)
    return s if len(s) < 600 else s[:600] + "…"


class Run:
    def __init__(self, story, server):
        self.story, self.server = story, server
        self.saved, self.proven = {}, set()

    # -- references

    def value(self, x, text=False):
        if isinstance(x, dict):
            return {k: self.value(v) for k, v in x.items()}
        if isinstance(x, list):
            return [self.value(v) for v in x]
        if isinstance(x, str) and x.startswith("$"):
            return self.named(x[1:])
        return x

    def named(self, name):
        base, _, member = name.partition(".")
        if name in self.saved:
            return self.saved[name]["id"]
        if base in self.saved:
            if member not in self.saved[base]:
                raise StoryError(f"${base} has no {member}")
            return self.saved[base][member]
        if re.fullmatch(r"[a-z][a-z0-9]*\.[a-z]+", name):
            person = self.server.me(name).get("person")
            if not person:
                raise StoryError(f"${name} is no person")
            return person["id"]
        raise StoryError(f"nothing is saved as ${name}")

    def in_path(self, path):
        return re.sub(r"\$([a-z0-9]+(?:\.[a-z_]+)*)", lambda m: str(self.named(m.group(1))), path)

    def person(self, x, login):
        """An id for a path: of $login, an id as it is, or a name of the unit."""
        v = self.value(x)
        if re.fullmatch(r"[0-9A-Z]{26}", v):
            return v
        unit = self.server.me(login)["units"][0]["id"]
        status, body, _ = self.server.api("GET", f"/units/{unit}/people", login)
        ids = [p["id"] for p in body.get("people", []) if p["name"] == v] if status == 200 else []
        if len(ids) != 1:
            raise StoryError(f"{len(ids)} people are called {v}")
        return ids[0]

    # -- verbs: each returns (status, body)

    def post(self, path, body, step):
        head = {}
        if "key" in step:
            head["Idempotency-Key"] = str(step["key"])
        if "if_match" in step:
            head["If-Match"] = f'"{self.value(step["if_match"])}"'
        status, got, _ = self.server.api("POST", path, step["as"], body=self.value(body), headers=head)
        return status, got

    def get(self, path, login):
        status, got, _ = self.server.api("GET", path, login)
        return status, got

    def do_new(self, v, step):
        return self.post("/records", v, step)

    def do_step(self, v, step):
        body = {k: x for k, x in v.items() if k != "record"}
        return self.post(f"/records/{self.value(v['record'])}/steps", body, step)

    def do_undo(self, v, step):
        return self.post(f"/records/{self.value(v['record'])}/undo", {}, step)

    def do_appoint(self, v, step):
        return self.post("/keepers" if "place" in v else "/appointments", v, step)

    def do_leave(self, v, step):
        body = {k: x for k, x in v.items() if k != "person"}
        return self.post(f"/people/{self.person(v['person'], step['as'])}/leave", body, step)

    def do_absent(self, v, step):
        body = {k: x for k, x in v.items() if k != "person"}
        return self.post(f"/people/{self.person(v['person'], step['as'])}/absence", body, step)

    def do_adopt(self, v, step):
        body = {k: x for k, x in v.items() if k != "unit"}
        return self.post(f"/units/{self.server.unit(v['unit'], step['as'])}/adoptions", body, step)

    def do_import(self, v, step):
        body = {"unit": self.server.unit(v["unit"], step["as"])}
        if "file" in v:
            with open(os.path.join(os.path.dirname(self.story.path), v["file"]), encoding="utf-8") as f:
                body["text"] = f.read()
        else:
            body["rows"] = self.value(v["rows"])
        status, got = self.post(f"/imports/{v['kind']}", body, step)
        if status != 201 or got.get("bad"):
            return status, got
        return self.post(f"/imports/{got['id']}/accept", {}, step)

    def do_wait(self, v, step):
        for part in re.findall(r"\d+[mhd]", str(v)):
            self.clock("+" + part)
        return 200, {}

    def do_settle(self, v, step):
        self.clock("+0m")
        return 200, {}

    def clock(self, by):
        code, out, err = self.server.command("clock", by)
        if code != 0:
            raise Failed(f"bihuan clock {by}: exit {code}: {err or out}; {self.server.tail()}")

    def do_verify(self, v, step):
        for what in ("verify", "audit"):
            code, out, err = self.server.command(what)
            if code != 0:
                raise Failed(f"bihuan {what}: exit {code}: {out} {err}")
        return 200, {}

    def do_who(self, v, step):
        return self.get("/who?" + self.query(v), step["as"])

    def do_coverage(self, v, step):
        unit = self.server.unit(v["unit"], step["as"])
        rest = {k: x for k, x in v.items() if k != "unit"}
        return self.get(f"/units/{unit}/coverage?" + self.query(rest), step["as"])

    def do_indicators(self, v, step):
        unit = self.server.unit(v["unit"], step["as"])
        return self.get(f"/units/{unit}/indicators?" + self.query({"period": v["period"]}), step["as"])

    def query(self, v):
        return "&".join(f"{k}={urllib.parse.quote(str(self.value(x)), safe='')}" for k, x in v.items())

    def do_get(self, v, step):
        return self.get(self.in_path(v), step["as"])

    def do_post(self, v, step):
        path = self.in_path(v["path"])
        if "raw" in v:
            status, got, _ = self.server.api("POST", path, step["as"], raw=v["raw"], kind=v.get("type"))
            return status, got
        return self.post(path, v.get("body", {}), step)

    def do_tasks(self, v, step):
        q = {"state": "late" if v.get("late") else "done" if v.get("done") else "open", "limit": 100}
        for name in ("person", "on"):
            if name in v:
                q[name] = v[name]
        if "unit" in v:
            q["unit"] = self.server.unit(v["unit"], step["as"])
        tasks, after = [], None
        while True:
            status, got = self.get("/tasks?" + self.query(q | ({"after": after} if after else {})), step["as"])
            if status != 200:
                return status, got
            tasks += got.get("tasks", []) + [t for p in got.get("people", []) for t in p["tasks"]]
            after = got.get("after")
            if not after:
                break
        self.look_at(v, tasks)
        return 200, {"tasks": tasks}

    def look_at(self, v, tasks):
        for m in as_list(v.get("has", [])):
            if not any(self.task_is(m, t) for t in tasks):
                raise Failed(f"no task {short(m)} among {short([self.task_say(t) for t in tasks])}")
        for m in as_list(v.get("lacks", [])):
            hit = next((t for t in tasks if self.task_is(m, t)), None)
            if hit:
                raise Failed(f"a task {short(m)}: {short(self.task_say(hit))}")

    @staticmethod
    def task_say(t):
        return {k: t[k] for k in ("item", "label", "subject", "detail", "duty", "record", "step", "due", "late")
                if k in t}

    def task_is(self, m, t):
        demands = t.get("demands", [])
        one = {
            "record": lambda x: t.get("record") == self.value(x),
            "step": lambda x: t.get("step") == x or (t["item"] != "oversee" and x in t.get("steps", [])),
            "duty": lambda x: t.get("duty") == x or any(d.get("duty") == x for d in demands),
            "label": lambda x: any(subset(x, s) for s in [t["label"]] + [d.get("label", "") for d in demands]),
            "subject": lambda x: any(subset(x, s) for s in [t.get("subject", ""), t.get("detail", "")]
                                     + [d.get("subject", "") for d in demands]),
            "clause": lambda x: x in t.get("clauses", []),
            "item": lambda x: t["item"] == x,
        }
        return all(one[k](x) for k, x in m.items())

    # -- expectations

    def expect(self, want, status, body):
        body = body if isinstance(body, dict) else {"text": body}
        only = want.get("only", False)
        if "status" in want and status != want["status"]:
            raise Failed(f"status {status}, not {want['status']}: {short(body)}")
        if "error" in want:
            if status < 400 or body.get("code") != want["error"]:
                raise Failed(f"not error {want['error']}: {status} {short(body)}")
        elif status >= 400 and want.get("status") != status:
            raise Failed(f"{status}: {short(body)}")
        self.expect_words(want, body)
        self.expect_lists(want, body, only)
        if "json" in want:
            self.expect_json(self.value(want["json"]), body, only)

    def expect_words(self, want, body):
        for name in ("state", "version"):
            if name in want and body.get(name) != self.value(want[name]):
                raise Failed(f"{name} is {body.get(name)}, not {want[name]}: {short(body)}")
        if "number" in want and not fnmatch.fnmatchcase(str(body.get("number")), want["number"]):
            raise Failed(f"number is {body.get('number')}, not {want['number']}")

    def expect_lists(self, want, body, only):
        sat = body.get("satisfied", [])
        lists = {
            "satisfied_clauses": sorted({c for s in sat for c in s.get("clauses", [])}),
            "satisfied_duties": sorted({s["duty"] for s in sat if s.get("duty")}),
            "codes": sorted({h["code"] for h in body.get("holes", []) if not h.get("pending")}),
        }
        for name, got in lists.items():
            if name not in want:
                continue
            wrong = members(as_list(want[name]), got, only)
            if wrong:
                raise Failed(f"{name} {wrong}; there are {short(got)}"
                             + (f"; almost {short(body.get('almost'))}" if body.get("almost") else ""))
        if "almost" in want:
            got = body.get("almost", [])
            rows = [{"duty": w} if isinstance(w, str) else self.value(w) for w in as_list(want["almost"])]
            wrong = members(rows, got, only)
            if wrong:
                raise Failed(f"almost {wrong}; there are {short(got)}")
        if "person" in want:
            self.expect_person(as_list(want["person"]), body, only)

    def expect_person(self, want, body, only):
        people = [p.get("person", p) for p in body.get("people", [])]
        got = [x for p in people for x in (p.get("id"), p.get("name"))]
        named = [self.value(w) for w in want]
        for n in named:
            if n not in got:
                raise Failed(f"{n} is not among {short(people)}")
        if only and len({p.get("id") for p in people}) != len(named):
            raise Failed(f"more than {short(named)}: {short(people)}")

    @staticmethod
    def expect_json(want, body, only):
        for k, w in want.items():
            if k not in body:
                raise Failed(f"no {k} in {short(body)}")
            if isinstance(w, list) and isinstance(body[k], list):
                wrong = members(w, body[k], only)
                if wrong:
                    raise Failed(f"{k} {wrong}; it is {short(body[k])}")
            elif not subset(w, body[k]):
                raise Failed(f"{k} is {short(body[k])}, not {short(w)}")

    # -- all of it

    def run(self):
        claimed = set(self.story.data.get("clauses", []))
        for i, step in enumerate(self.story.data["steps"]):
            verb = next(k for k in step if k in VERBS)
            try:
                status, body = getattr(self, "do_" + verb)(step[verb], step)
                self.expect(step.get("expect", {}), status, body)
            except (Failed, StoryError) as e:
                raise type(e)(f"{self.story.path}:{self.story.step_lines[i]}: {verb}: {e}") from e
            if "save" in step:
                if not isinstance(body, dict) or "id" not in body:
                    raise StoryError(f"{self.story.path}:{self.story.step_lines[i]}: nothing to save")
                self.saved[step["save"]] = body
            self.proven |= claimed & set(clause_ids(step.get("expect", {})) + clause_ids(
                step.get("tasks", {}).get("has", {}) if verb == "tasks" else {}))
        unproven = claimed - self.proven
        if unproven:
            raise StoryError(f"{self.story.path}:{self.story.line}: no expectation carries "
                             f"{', '.join(sorted(unproven))}")


def clause_ids(x):
    if isinstance(x, dict):
        return [c for v in x.values() for c in clause_ids(v)]
    if isinstance(x, list):
        return [c for v in x for c in clause_ids(v)]
    return [x] if isinstance(x, str) else []


def run_story(story, bench, keep):
    """(ok, message, proven)."""
    try:
        story.check()
        server = Server(bench, story.data["at"], keep)
    except (Failed, StoryError) as e:
        return False, f"{story.path}:{story.line}: {e}", set()
    run, message = Run(story, server), None
    try:
        run.run()
    except (Failed, StoryError) as e:
        message = str(e)
    except Exception as e:  # the runner's own fault is a failure too, and the server still stops
        message = f"{story.path}:{story.line}: runner: {type(e).__name__} {e}"
    ended = server.stop()
    if message and keep:
        message += f"\n    kept: {server.dir}"
    return not (message or ended), message or f"{story.path}:{story.line}: {ended}", run.proven


def find_program(given):
    names = [given] if given else [os.path.join(ROOT, "build", b, "bihuan") for b in ("asan", "debug", "release")]
    there = [n for n in names if os.path.exists(n)]
    if not there:
        sys.exit("stories: no program; ./dev build first")
    return max(there, key=os.path.getmtime)


def chosen(files):
    paths = files or sorted(glob.glob(os.path.join(ROOT, "tests/stories/**/*.yaml"), recursive=True)
                            + glob.glob(os.path.join(ROOT, "packs/*/tests/*.yaml")))
    stories, bad = [], []
    for p in paths:
        path, _, line = p.partition(":")
        try:
            found = read_stories(os.path.relpath(path) if os.path.isabs(path) else path)
        except (StoryError, yaml.YAMLError) as e:
            bad.append(f"{path}: {e}")
            continue
        stories += [s for s in found if not line or s.line == int(line)]
    return stories, bad


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ap.add_argument("files", nargs="*", help="FILE or FILE:LINE")
    ap.add_argument("--bin", help="the program")
    ap.add_argument("--out", default=os.path.join(ROOT, "build/stories.json"))
    ap.add_argument("--keep", action="store_true", help="keep folders and logs")
    ap.add_argument("-j", type=int, default=PARALLEL)
    args = ap.parse_args()
    stories, bad = chosen(args.files)
    bench = Bench(os.path.abspath(find_program(args.bin)), os.path.join(ROOT, "build/stories"))
    results, started = [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        futures = {pool.submit(run_story, s, bench, args.keep): s for s in stories}
        for f in concurrent.futures.as_completed(futures):
            s, (ok, message, proven) = futures[f], f.result()
            results.append((s, ok, proven))
            if not ok:
                print(f"FAIL {s.title}\n    {message}\n    again: tests/stories/run.py {s.path}:{s.line}", flush=True)
    for b in bad:
        print(f"FAIL {b}")
    write_proofs(args.out, results)
    if not args.files:
        bench.sweep({bench.prepared(at) for at in {s.data["at"] for s, ok, _ in results if ok}})
    passed = sum(ok for _, ok, _ in results)
    print(f"stories: {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {len(results) - passed + len(bad)} failed, 0 skipped")
    return 0 if passed == len(results) and not bad else 1


def write_proofs(path, results):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    proofs = [{"story": s.title, "file": s.path, "line": s.line, "passed": ok, "clauses": sorted(proven)}
              for s, ok, proven in sorted(results, key=lambda r: (r[0].path, r[0].line))]
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"stories": proofs}, f, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    sys.exit(main())
