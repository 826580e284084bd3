#!/usr/bin/python3
"""run.py SEED [DAYS]: a school's year in minutes. What it would catch: a day on which the server answers
with a fault or stops, an acknowledged deed that a kill -9 loses, a derived row that differs after
it, an occurrence or a number that comes twice.

On a copy of the demonstration the clock goes on day by day. Seeded people do what their tasks name,
begin what they may begin, undo, void, correct, remind, go away; forms are filled with plausible and with
foolish values. Now and then the process is killed in the middle of a request. Each month, and after
each kill, verify and audit must hold. A failure prints the seed and the last 50 operations."""

import collections
import datetime
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "stories"))
import run as stories  # noqa: E402  (the server and its calls are those of the stories)

START = datetime.datetime.fromisoformat(stories.NOW)
DEEDS_A_DAY = 6
KILL_ONE_IN = 12  # days
LOGINS = """principal secretary vice safety logistics moral academic office guard1 guard2 duty1 grade2
teacher1 teacher2 teacher3 cleaner""".split()


class Wrong(Exception):
    pass


class Year:
    def __init__(self, seed, days):
        self.dice, self.seed, self.days = random.Random(seed), seed, days
        self.server = stories.Server(stories.NOW)
        self.last = collections.deque(maxlen=50)
        self.count = collections.Counter()
        self.kept = {}  # record -> the least version that was acknowledged
        self.now = START
        accounts = open(os.path.join(self.server.data, "demo-accounts.tsv"), encoding="utf-8").read()
        self.logins = [f"{x}.sy" for x in LOGINS if f"{x}.sy\t" in accounts]
        unit = self.server.unit(self.logins[0], "sy")
        self.people = [x["id"] for x in self.ask(self.logins[0], "GET", f"/units/{unit}/people")["people"]]
        self.places = [x["id"] for x in self.ask(self.logins[0], "GET", f"/units/{unit}/places")["places"]]
        units = self.ask(self.logins[0], "GET", "/units")["units"]
        self.classes = [x["id"] for x in units if x.get("kind") == "class"] or [unit]

    # --- calls ---

    def call(self, login, method, path, body=None):
        """(status, answer); a fault of the server is the end."""
        self.last.append(f"{self.now:%m-%d} {login} {method} {path} {body or ''}"[:300])
        status, r = self.server.call(login, method, path, body)
        self.last[-1] += f" -> {status} {r.get('detail') or r.get('number') or ''}"
        self.count["done" if status < 300 else "refused"] += 1
        if status >= 500:
            raise Wrong(f"{method} {path}: {status} {r}")
        return status, r

    def ask(self, login, method, path):
        status, r = self.call(login, method, path)
        if status != 200:
            raise Wrong(f"{method} {path}: {status} {r}")
        return r

    def note(self, r):
        if "id" in r and "version" in r:
            self.kept[r["id"]] = max(self.kept.get(r["id"], 0), r["version"])

    # --- forms ---

    def moment(self, days):
        at = self.now + datetime.timedelta(days=days, minutes=self.dice.randrange(-600, 0))
        return at.replace(microsecond=0).isoformat()

    def value(self, f):
        d, kind = self.dice, f["type"]
        if f.get("choices"):
            one = d.choice(f["choices"])["value"]
            return [one] if kind == "choices" else one
        made = {
            "person": lambda: d.choice(self.people), "people": lambda: d.sample(self.people, 2),
            "place": lambda: d.choice(self.places), "class": lambda: d.choice(self.classes),
            "unit": lambda: d.choice(self.classes), "date": lambda: self.moment(d.randrange(-3, 14))[:10],
            "instant": lambda: self.moment(-d.randrange(3)), "time": lambda: "08:30", "flag": lambda: d.random() < .7,
            "int": lambda: d.randrange(1, 60), "percent": lambda: d.randrange(101), "decimal": lambda: d.randrange(50),
            "money": lambda: d.randrange(500), "period": lambda: f"{self.now:%Y-%m}", "phone": lambda: "13800000000",
            "signatures": lambda: "screen", "files": list, "records": list, "duration": lambda: "3d",
        }.get(kind)
        if kind in ("rows", "checklist"):
            return [{c["name"]: self.value(c) for c in f.get("columns", []) if c["type"] not in ("files", "rows")}]
        if kind in ("record", "asset", "computed", "parameters"):
            return None
        return made() if made else f"第{d.randrange(10**6)}件：{d.choice(['已办', '有点松', '补齐', '看过'])}"

    def fields(self, form):
        got = {f["name"]: self.value(f) for f in form if f.get("need") or self.dice.random() < .3}
        if got and self.dice.random() < .05:  # a clumsy hand
            got[self.dice.choice(list(got))] = self.dice.choice([None, "", -1, "\u202e" * 5, [], {}, "x" * 5000])
        return {k: v for k, v in got.items() if v is not None or self.dice.random() < .1}

    # --- deeds ---

    def step(self, login, record):
        status, r = self.call(login, "GET", f"/records/{record}")
        if status == 200 and r.get("next"):
            n = self.dice.choice(r["next"])
            body = {"step": n["step"], "fields": self.fields(n["form"])}
            status, r = self.call(login, "POST", f"/records/{record}/steps", body)
            if status < 300:
                self.note(r)

    def begin(self, login, loop=None, step=None):
        """What one may begin, mostly; now and then what one may not."""
        mine = {x["id"]: x["starts"] for x in self.ask(login, "GET", "/loops")["loops"]}
        loop = loop or self.dice.choice([k for k, v in mine.items() if v or self.dice.random() < .05])
        lp = self.ask(login, "GET", f"/loops/{loop}")
        steps = [s for s in lp["steps"] if s["id"] in mine[loop]] or [s for s in lp["steps"] if "start" in s["from"]]
        s = self.dice.choice([s for s in steps if s["id"] == step] or steps)
        form = [{**f, "need": f["name"] in s["need"]} for f in lp["fields"] if f["name"] in s["form"]]
        status, r = self.call(login, "POST", "/records", {"loop": loop, "step": s["id"], "fields": self.fields(form)})
        if status < 300:
            self.note(r)

    def deed(self):
        d, login = self.dice, self.dice.choice(self.logins)
        what = d.random()
        if what < .6:
            tasks = self.ask(login, "GET", "/tasks?state=open")["tasks"]
            if tasks:
                t = d.choice(tasks)
                if t.get("record"):
                    return self.step(login, t["record"])
                if t.get("loop"):
                    return self.begin(login, t["loop"], t.get("step"))
        if what < .75 or not self.kept:
            return self.begin(login)
        record = d.choice(list(self.kept)[-40:])
        if what < .85:
            return self.step(login, record)
        if what < .93:
            return self.call(login, "POST", f"/records/{record}/undo", {})
        if what < .97:
            return self.call(login, "POST", f"/records/{record}/steps", {"step": "void", "fields": {"reason": "记错了"}})
        return self.call("vice.sy", "POST", f"/people/{d.choice(self.people)}/absence",
                         {"from": self.moment(0), "to": self.moment(3), "stand_in": d.choice(self.people)})

    # --- faults and what must hold ---

    def kill(self):
        """In the middle of whatever runs; what was answered before must be there after."""
        place = self.dice.choice(self.places)

        def busy():
            try:
                self.note(self.call("cleaner.sy", "POST", "/records",
                                    {"loop": "hazard", "step": "report", "fields": {"place": place, "what": "灯不亮"}})[1])
            except (stories.Failed, Wrong, OSError):
                pass
        t = threading.Thread(target=busy)
        t.start()
        t.join(self.dice.random() * .05)
        self.server.proc.kill()
        t.join()
        self.server.proc.wait()
        self.count["kills"] += 1
        self.last.append(f"{self.now:%m-%d} kill -9, start again")
        self.server.start()
        self.now += datetime.timedelta(hours=1)  # a manual clock starts where it was kept, not where it was killed
        self.server.clock(self.now.isoformat())
        for record, version in list(self.kept.items())[-60:]:
            r = self.ask("principal.sy", "GET", f"/records/{record}")
            if r["version"] < version:
                raise Wrong(f"{record}: version {version} was acknowledged, {r['version']} is there")
        self.hold()

    def hold(self):
        for what in ("verify", "audit"):
            r = stories.command(what, "-d", self.server.data)
            if r.returncode:
                raise Wrong(f"{what}: {r.stdout[-1500:]}{r.stderr[-500:]}")
            self.count[what] += 1

    def once(self):
        db = sqlite3.connect(f"file:{self.server.data}/bihuan.db?mode=ro", uri=True)
        for what, table in (("key", "occurrence"), ("number", "record WHERE number <> ''")):
            twice = db.execute(f"SELECT {what} FROM {table} GROUP BY tenant_id, {what} HAVING count(*) > 1").fetchall()
            if twice:
                raise Wrong(f"{what} twice: {twice[:5]}")
        self.count["occurrences"], = db.execute("SELECT count(*) FROM occurrence").fetchone()
        self.count["records"], = db.execute("SELECT count(*) FROM record").fetchone()
        db.close()

    def run(self):
        for day in range(1, self.days + 1):
            self.now = START + datetime.timedelta(days=day)
            self.server.clock(self.now.isoformat())
            for _ in range(DEEDS_A_DAY):
                self.deed()
            if self.dice.randrange(KILL_ONE_IN) == 0:
                self.kill()
            if self.now.day == 1:
                self.hold()
        self.hold()
        self.once()


def main():
    seed, days = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 365
    year = Year(seed, days)
    try:
        year.run()
    except (Wrong, stories.Failed) as e:
        print("\n".join(year.last))
        print(f"FAILED seed {seed}, {year.now:%Y-%m-%d}: {e}\nagain: ./dev sim {seed}")
        return 1
    finally:
        if year.server.proc.poll() is None:
            year.server.proc.send_signal(signal.SIGTERM)
            try:
                year.server.proc.wait(60)
            except subprocess.TimeoutExpired:
                year.server.proc.kill()
    print(f"seed {seed}: {days} days, {dict(year.count)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
