#!/usr/bin/env python3
"""bench/run.py: figures of the architecture beside their limits, each with its reference measured
in the same run, as a table and as build/bench.json. Called by ./dev bench after a release build.

What it measures today runs on the demonstration instance (one school in full, a term of records),
made once for each build of the program and kept in build/bench. The figures that need a district of
10,000 people and 300,000 occurrences, a mix of 120 schools, or a 500 ms neighbour are NOT measured
yet: they are listed as such, never as met. A ratio on a small data set is a first look, no proof.
"""
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

OUT = os.environ.get("OUT", "build")
BIN = f"{OUT}/release/bihuan"
LOAD = f"{OUT}/release/bench/load"
CONNECTIONS, SECONDS = "64", os.environ.get("BENCH_SECONDS", "5")
PAGE = "/tasks"
MISSING = [
    ("my tasks with 10,000 people, 300,000 occurrences", "no data set of a district yet"),
    ("hazard report over HTTP against the same in-process", "not measured yet"),
    ("hazard report in-process against raw SQL", "not measured yet; the writer alone is, below"),
    ("a slow neighbour: 3 clients on 500 ms work", "not measured yet"),
    ("expand one school year", "not measured yet"),
    ("resident memory with a district loaded", "measured with one school only"),
]


def data_set():
    """The demonstration instance of this very program, built once."""
    with open(BIN, "rb") as f:
        key = hashlib.sha256(f.read()).hexdigest()[:16]
    where = f"{OUT}/bench/demo-{key}"
    if not os.path.exists(where):
        shutil.rmtree(where + ".part", ignore_errors=True)
        subprocess.run([BIN, "demo", "-d", where + ".part"], check=True, stdout=subprocess.DEVNULL)
        os.rename(where + ".part", where)
    return where


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, method, path, body=None, headers=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    c.request(method, path, body, headers or {})
    r = c.getresponse()
    return r, r.read().decode("utf-8", "replace")


def start(where, port):
    """Serve, and the time from exec to the first answer."""
    t = time.monotonic()
    with open(f"{OUT}/bench/serve.log", "w") as log:
        p = subprocess.Popen([BIN, "serve", "-d", where, "--listen", f"127.0.0.1:{port}"],
                             stdout=log, stderr=log)
    while time.monotonic() - t < 30:
        try:
            ask(port, "GET", "/healthz")
            return p, time.monotonic() - t
        except OSError:
            time.sleep(0.002)
    p.kill()
    sys.exit(f"bench: the server did not answer; see {OUT}/bench/serve.log")


def sign_in(where, port):
    """The cookie of the safety office of the school."""
    with open(where + "/demo-accounts.tsv") as f:
        rows = [line.split("\t") for line in f]
    password = next(r[1] for r in rows if r[0] == "safety.sy")
    r, page = ask(port, "GET", "/login")
    pre = r.getheader("Set-Cookie").split(";")[0]
    csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    body = urllib.parse.urlencode({"csrf": csrf, "login": "safety.sy", "password": password,
                                   "next": ""})
    r, page = ask(port, "POST", "/login", body, {
        "Cookie": pre, "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{port}"})
    if r.status != 303:
        sys.exit(f"bench: sign-in answered {r.status}")
    new = [v.split(";")[0] for k, v in r.getheaders() if k.lower() == "set-cookie"]
    return "Cookie: " + "; ".join(c for c in new if not c.endswith("="))


def load(port, path, header=None):
    args = [LOAD, str(port), CONNECTIONS, SECONDS, path] + ([header] if header else [])
    r = subprocess.run(args, stdout=subprocess.PIPE, text=True)
    if r.returncode:
        sys.exit(f"bench: load of {path} failed: {r.stdout}")
    return json.loads(r.stdout)


def constant_path(page, want):
    """The embedded asset that is nearest in size to the page (answers carry their heads)."""
    best = None
    for p in sorted(set(re.findall(r'/a/[A-Za-z0-9._-]+', page[0]))):
        r, _ = ask(page[1], "GET", p)
        size = int(r.getheader("Content-Length") or 0)
        if best is None or abs(size - want) < abs(best[1] - want):
            best = (p, size)
    return best


def rss_mb(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024


def measure():
    rows = []
    where, port = data_set(), free_port()
    server, first = start(where, port)
    try:
        cookie = sign_in(where, port)
        _, page = ask(port, "GET", PAGE, headers={"Cookie": cookie[8:]})
        path, size = constant_path((page, port), len(page.encode()))
        const, tasks = load(port, path), load(port, PAGE, cookie)
        per_s = 100 * tasks["per_s"] / const["per_s"]
        rows.append(["my tasks, 64 connections, one school: rate of a constant answer "
                     f"({tasks['bytes']} and {const['bytes']} bytes)", "≥ 40 %", f"{per_s:.1f} %",
                     f"{tasks['per_s']:.0f}/s of {const['per_s']:.0f}/s", per_s >= 40])
        rows.append(["the same, p99", "≤ 15 ms", f"{tasks['p99_ms']:.1f} ms",
                     f"constant {const['p99_ms']:.1f} ms", tasks["p99_ms"] <= 15])
        memory = rss_mb(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    rows.append(["start to first answer", "≤ 0.3 s", f"{first:.3f} s", "", first <= 0.3])
    rows.append(["resident memory, one school, after the load", "≤ 128 MB", f"{memory:.0f} MB", "",
                 memory <= 128])
    binary = os.path.getsize(BIN) / 1e6
    rows.append(["binary", "≤ 15 MB", f"{binary:.1f} MB", "", binary <= 15])
    return rows + programs()


def programs():
    def run(name, *args):
        r = subprocess.run([f"{OUT}/release/bench/{name}", *args], stdout=subprocess.PIPE,
                           text=True, check=True)
        return json.loads(r.stdout.splitlines()[-1])
    w, v = run("writer", "20000"), run("ledger", "100000")
    us = w["us_per_op"]
    return [["the writer alone (counter, tick, ledger event) against raw SQL of the same rows",
             "≥ 60 %", f"{w['percent_of_raw']} %",
             f"run {us['run']}, commit {us['commit']}, checkpoint {us['checkpoint']} µs an operation",
             w["percent_of_raw"] >= 60],
            ["verify the ledger, per core", "≥ 1,000,000/s", f"{v['verify_per_s']:,}/s", "",
             v["verify_per_s"] >= 1000000]]


def main():
    os.makedirs(f"{OUT}/bench", exist_ok=True)
    rows = measure()
    for what, limit, got, beside, ok in rows:
        print(f"{'ok  ' if ok else 'MISS'}  {got:>14}  {limit:>14}  {what}" +
              (f" ({beside})" if beside else ""))
    for what, why in MISSING:
        print(f"--    {'not measured':>14}  {'':>14}  {what}: {why}")
    keys = ("figure", "limit", "measured", "beside", "ok")
    with open(f"{OUT}/bench.json", "w") as f:
        json.dump({"figures": [dict(zip(keys, r)) for r in rows],
                   "not_measured": [dict(zip(("figure", "why"), m)) for m in MISSING]}, f,
                  ensure_ascii=False, indent=1)
    sys.exit(0 if all(r[4] for r in rows) else 1)


main()
