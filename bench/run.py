#!/usr/bin/env python3
"""bench/run.py [ROW…]: the figures of the architecture beside their limits, each with its
reference measured in the same run, as a table and as build/bench.json. Called by ./dev bench after
a release build. ROW: tasks report inside slow year ledger; all without a name.

The data set is a district (`bihuan demo --large`): 120 schools, 10,000 people, 300,000 occurrences,
36,000 hazards, made once (a minute) and kept under build/bench until schema, packs or demonstration
change. Every run works on copies. Two processors serve the server and the load generator alike, so
ratios are what counts: what is compared is measured in turns, some rounds each.
"""
import hashlib
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

from server import BIN, DIR, Server, load, load_end, load_start, program, sessions, set_clock

AT = "2026-09-16T08:00:00+08:00"
AT_MS = 1789516800000
HAZARDS, SCHOOLS = 36000, 120
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
SECTIONS = ("tasks", "report", "inside", "slow", "year", "ledger")


# ---- the district -----------------------------------------------------------------


def district():
    key = hashlib.sha256()
    for top in ("src/store/schema", "packs", "src/cli/demo"):
        for where, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                with open(os.path.join(where, name), "rb") as f:
                    key.update(f.read())
    path = f"{DIR}/district-{key.hexdigest()[:12]}"
    if not os.path.exists(path):
        for old in os.listdir(DIR):
            if old.startswith("district-"):
                shutil.rmtree(f"{DIR}/{old}")
        print("bench: making the district (once, about a minute)", file=sys.stderr, flush=True)
        subprocess.run([BIN, "demo", "-d", path + ".part", "--large", f"--hazards={HAZARDS}",
                        f"--at={AT}"], check=True, stdout=subprocess.DEVNULL)
        os.rename(path + ".part", path)
    return path


def copy(name):
    path = f"{DIR}/{name}"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(district(), path)
    set_clock(path, AT_MS)
    # The backup of the day is there already: else a server begins with it, beside the load.
    os.makedirs(f"{path}/backup", exist_ok=True)
    with open(f"{path}/backup/bihuan-{AT[:10]}.tar", "w"):
        pass
    return path


def served(name):
    """A server on a copy, the seconds of its start, and sessions: [(login without school, line)]."""
    path = copy(name)
    live = [(login.split(".")[0], ("GET", "/tasks", cookie, ""))
            for login, cookie in sessions(path, AT_MS)]
    server = Server(path)
    os.sync()       # the copy itself is not what is measured
    return server, server.start(), live


def logins(server, name):
    """Of this one in every school."""
    with open(server.where + "/demo-accounts.tsv") as f:
        return [x for x in (line.split("\t")[0] for line in f) if x.split(".")[0] == name]


# ---- rows: [what, limit, measured, beside, met] -----------------------------------


def row(what, limit, got, ok, beside="", unit=""):
    sign, bound = ("≥", got >= ok) if limit == "≥" else ("≤", got <= ok)
    digits = 0 if got == int(got) or abs(got) >= 100 else 1 if abs(got) >= 3 else 2
    return {"figure": what, "limit": f"{sign} {ok:,}{unit}",
            "measured": f"{got:,.{digits}f}{unit}",
            "value": got, "beside": beside, "ok": bound}


def constant_like(server, cookie, size):
    """Two embedded assets, for the rate of a constant answer of `size` bytes between them."""
    _, page = server.ask("GET", "/tasks", headers={"Cookie": cookie})
    paths = sorted(set(re.findall(r"/a/[A-Za-z0-9._-]+", page.decode())))
    sizes = sorted((int(server.ask("GET", p)[0].getheader("Content-Length")), p) for p in paths)
    over = next((i for i, s in enumerate(sizes) if s[0] >= size), len(sizes) - 1)
    return sizes[max(over - 1, 0)][1], sizes[over][1]


def constant_us(small, large, size):
    """Microseconds of a constant answer of this size, between the two that were measured."""
    us = [1e6 / x["per_s"] for x in (small, large)]
    if small["bytes"] == large["bytes"]:
        return us[0]
    return us[0] + (us[1] - us[0]) * (size - small["bytes"]) / (large["bytes"] - small["bytes"])


def mean(rounds, key):
    return sum(r[key] for r in rounds) / len(rounds)


def middle(rounds, key):
    return statistics.median(r[key] for r in rounds)


def pages_rows(server, what, pages, small, large):
    """Rate and p99 of these pages, in turns with a constant page of the same size."""
    ratio, rounds, constant = [], [], []
    for _ in range(5):
        a = load(server, 64, SECONDS / 4, [("GET", small, "X-A: b", "")], "small")
        b = load(server, 64, SECONDS / 4, [("GET", large, "X-A: b", "")], "large")
        rounds.append(load(server, 64, SECONDS / 2, pages, "tasks"))
        constant.append(b)
        ratio.append(100 * constant_us(a, b, rounds[-1]["bytes"]) * rounds[-1]["per_s"] / 1e6)
    return [
        row(f"my tasks, 64 connections, {what}: rate of a constant page of the same size", "≥",
            statistics.median(ratio), 40, f"{middle(rounds, 'bytes'):.0f} bytes, "
            f"{middle(rounds, 'per_s'):.0f}/s; processor of the server "
            f"{middle(rounds, 'cpu_us'):.0f} µs a page, constant {middle(constant, 'cpu_us'):.0f};"
            f" rounds {' '.join(f'{r:.0f}' for r in sorted(ratio))}", " %"),
        row("the same: p99", "≤", middle(rounds, "p99_ms"), 15,
            f"constant {middle(constant, 'p99_ms'):.1f} ms", " ms"),
    ]


def tasks_rows():
    """Row 1 and the last: start, my tasks, memory after that."""
    server, first, live = served("tasks")
    try:
        every = [page for _, page in live]
        some = [page for login, page in live if login in ("safety", "t12")]
        warm = load(server, 64, 2, every, "tasks")
        small, large = constant_like(server, every[0][2][8:], warm["bytes"])
        rows = pages_rows(server, "240 people of 120 schools, nothing written meanwhile", some,
                          small, large)
        rows += pages_rows(server, "10,000 people in turn, each page built anew", every, small,
                           large)
        memory = server.rss_mb()
    finally:
        server.stop()
    binary = os.path.getsize(BIN) / 1e6
    return rows + [
        row("start to first answer, with the district", "≤", first, 0.3, "", " s"),
        row("resident memory, with the district loaded", "≤", memory, 128, "", " MB"),
        row("binary", "≤", binary, 15, "", " MB"),
    ]


def reports(server):
    """One reporter of each school, by token; lines of the load, and the tenants they belong to."""
    lines = []
    for login in logins(server, "subject1"):
        head = "|".join((f"Authorization: Bearer {server.token(login)}",
                         "Content-Type: application/json", "Idempotency-Key: bench-http-@"))
        for place in ("A1-C01", "B1-S01", "Z1-K01"):
            lines.append((login.split(".")[1], ("POST", "/api/v1/records", head, json.dumps({
                "loop": "hazard", "step": "report", "fields": {
                    "place": place, "what": "走廊尽头的灯不亮，地上有水（@）"}}))))
    return [x[0] for x in lines], [x[1] for x in lines]


def warm_views(server, lines):
    """Every school is asked for once, so that its view is there, as in any running server."""
    load(server, 16, 1, [("GET", "/api/v1/tasks", x[2].split("|")[0], "") for x in lines], "warm")


def kept(where, codes, file):
    """How many numbers were acknowledged, and how many of them the database has."""
    db = sqlite3.connect(where + "/bihuan.db")
    have = set(db.execute("SELECT u.code, r.number FROM record AS r JOIN unit AS u "
                          "ON u.id = r.tenant_id WHERE r.loop = 'hazard'"))
    db.close()
    with open(file) as f:
        acked = [line.rstrip("\n").split("\t") for line in f]
    return len(acked), sum((codes[int(line)], number) in have for line, number in acked)


def killed(server, codes, lines):
    """kill -9 in the midst of it, start again, and look for every number that was given."""
    acks = f"{DIR}/acks.tsv"
    run = load_start(server, 64, 20, lines, "killed", acks)
    time.sleep(2)
    server.kill()
    load_end(run)
    again = Server(server.where)
    again.start()
    again.stop()
    acked, there = kept(server.where, codes, acks)
    verified = subprocess.run([BIN, "verify", "-d", server.where], stdout=subprocess.DEVNULL)
    return acked, there, verified.returncode == 0


def report_rows(inside):
    """Row 2, beside the in-process rate that row 3 has just measured."""
    server, _, _ = served("report")
    codes, lines = reports(server)
    warm_views(server, lines)
    over = load(server, 64, 2 * SECONDS, lines, "report")
    acked, there, verified = killed(server, codes, lines)
    return [
        row("hazard report over HTTP, 64 connections, 120 schools, after the commit: rate of the "
            "same in-process", "≥", 100 * over["per_s"] / inside, 50,
            f"{over['per_s']:.0f}/s of {inside:.0f}/s; processor of "
            f"the server {over['cpu_us']:.0f} µs", " %"),
        row("the same: p99", "≤", over["p99_ms"], 50, f"p50 {over['p50_ms']:.1f} ms", " ms"),
        row("the same: lost on kill -9", "≤", acked - there, 0, f"{acked} numbers acknowledged, "
            f"{there} found after the restart; verify {'clean' if verified else 'NOT clean'}"),
    ]


def phases(us):
    return ", ".join(f"{k} {v:.0f}" for k, v in us.items())


def inside_rows():
    """Row 3: rounds of the service and of plain SQL in turns, each on its own folder."""
    ours, theirs, ops = copy("inside"), copy("raw"), 2000
    os.sync()
    a, b = [], []
    for _ in range(4):
        a.append(program("hazard", ours, ops))
        b.append(program("raw", theirs, ours, ops))
    s, r = sum(x["seconds"] for x in a), sum(x["seconds"] for x in b)
    us = [{k: mean([x["us"] for x in runs], k) for k in runs[0]["us"]} for runs in (a, b)]
    rate = 4 * ops / s
    return rate, [row(
        "the same in-process, groups of 64: rate of raw SQL writing the same rows", "≥",
        100 * r / s, 60, f"{rate:.0f}/s of {4 * ops / r:.0f}/s, {b[0]['rows_of_one']:.0f} rows; µs "
        f"by phase: {phases(us[0])}; raw: {phases(us[1])}", " %")]


def slow_rows():
    """Row 4: three clients bring sheets of 5,000 people, over and over; sixteen look at tasks."""
    server, _, live = served("slow")
    took, stop = [], threading.Event()
    sheet = "姓名,工号,岗位\n" + "".join(f"张三{chr(0x4e00 + i % 2000)},Q{i},任课教师\n"
                                     for i in range(5000))
    body = json.dumps({"name": "a.csv", "text": sheet}).encode()

    def bring(token):
        while not stop.is_set():
            t = time.monotonic()
            r, said = server.ask("POST", "/api/v1/imports/people", body, {
                "Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            if r.status != 201:
                sys.exit(f"bench: import: {r.status} {said[:200]}")
            took.append(time.monotonic() - t)

    try:
        pages = [page for login, page in live if login == "t12"]
        alone = load(server, 16, SECONDS, pages, "tasks")
        threads = [threading.Thread(target=bring, args=(server.token(login),))
                   for login in logins(server, "office")[:3]]
        for t in threads:
            t.start()
        beside = load(server, 16, 2 * SECONDS, pages, "tasks")
        stop.set()
        for t in threads:
            t.join()
    finally:
        server.stop()
    return [row("a slow neighbour: 3 clients on imports of 5,000 rows, 16 on my tasks: p99 of "
                "these", "≤", beside["p99_ms"], 15, f"alone {alone['p99_ms']:.1f} ms; an import "
                f"took {1000 * sum(took) / len(took):.0f} ms", " ms")]


def year_rows():
    e = program("expand", district())
    two = e["twice"]
    return [
        row(f"expand one school year, {e['pairs']} pairs of duty and subject", "≤", e["ms"], 10,
            f"{e['occurrences']} occurrences", " ms"),
        row("the same, time of one occurrence when there are twice as many", "≤", e["growth"], 1.3,
            f"{two['occurrences']} in {two['ms']:.1f} ms", " times"),
    ]


def ledger_rows():
    v = program("ledger", 100000)
    return [row("verify the ledger, per core", "≥", v["verify_per_s"], 1000000,
                f"append {v['append_per_s']:,}/s", "/s")]


def main():
    os.makedirs(DIR, exist_ok=True)
    wanted = sys.argv[1:] or SECTIONS
    if set(wanted) - set(SECTIONS):
        sys.exit(f"./dev bench [ROW…]: {' '.join(SECTIONS)}")
    rows = []
    for name, measure in (("tasks", tasks_rows), ("slow", slow_rows), ("year", year_rows),
                          ("ledger", ledger_rows)):
        if name in wanted:
            rows += measure()
    if "inside" in wanted or "report" in wanted:
        rate, inside = inside_rows()
        rows += inside + (report_rows(rate) if "report" in wanted else [])
    for r in rows:
        print(f"{'ok  ' if r['ok'] else 'MISS'}  {r['measured']:>12}  {r['limit']:>12}  "
              f"{r['figure']}" + (f" ({r['beside']})" if r["beside"] else ""))
    with open(f"{DIR}/../bench.json", "w") as f:
        json.dump({"figures": rows}, f, ensure_ascii=False, indent=1)
    for name in ("tasks", "report", "inside", "raw", "slow"):
        shutil.rmtree(f"{DIR}/{name}", ignore_errors=True)
    sys.exit(0 if all(r["ok"] for r in rows) else 1)


main()
