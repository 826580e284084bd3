"""bench/server.py: a server of the program under measurement, and what speaks to it."""
import hashlib
import http.client
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time

OUT = os.environ.get("OUT", "build")
BIN = f"{OUT}/release/bihuan"
DIR = f"{OUT}/bench"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def set_clock(where, at_ms):
    """A demonstration lives by a shifted clock: let it be `at_ms` now, however old the folder is."""
    with sqlite3.connect(where + "/bihuan.db") as db:
        db.execute("UPDATE instance_value SET value = ? WHERE name = 'demo_shift_ms'",
                   (str(at_ms - int(time.time() * 1000)),))
    db.close()


def sessions(where, at_ms):
    """A live session of everybody, as signing in leaves it, in a mixed order: (login, cookie).

    Written into the folder before it is served: ten thousand password hashes would take minutes,
    and are not what is measured."""
    rows = []
    with sqlite3.connect(where + "/bihuan.db") as db:
        people = db.execute("SELECT tenant_id, id, login FROM account WHERE person_id <> 0 "
                            "ORDER BY id").fetchall()
        random.Random(1).shuffle(people)
        for i, (tenant, account, login) in enumerate(people):
            token = f"bench-session-{i:032d}"
            rows.append((login, f"Cookie: sid={token}"))
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, 1, 'bench', 0, ?, ?, ?, ?)",
                       (hashlib.sha256(token.encode()).digest(), i + 1, tenant, account, "c" * 32,
                        at_ms, at_ms, at_ms, at_ms + 30 * 86400000))
    db.close()
    return rows


class Server:
    """serve on a folder, from start() to stop() or kill()."""

    def __init__(self, where):
        self.where, self.port, self.process = where, free_port(), None

    def start(self):
        """Seconds from exec to the first answer."""
        t = time.monotonic()
        with open(f"{DIR}/serve.log", "a") as log:
            self.process = subprocess.Popen(
                [BIN, "serve", "-d", self.where, "--listen", f"127.0.0.1:{self.port}"],
                stdout=log, stderr=log, env={**os.environ, "BIHUAN_LOG_LEVEL": "warn"})
        while time.monotonic() - t < 30:
            try:
                self.ask("GET", "/healthz")
                return time.monotonic() - t
            except OSError:
                time.sleep(0.002)
        self.kill()
        sys.exit(f"bench: the server did not answer; see {DIR}/serve.log")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        data = r.read()
        c.close()
        return r, data

    def token(self, login):
        r = subprocess.run([BIN, "token", "-d", self.where, f"--account={login}"],
                           stdout=subprocess.PIPE, text=True, check=True)
        return r.stdout.split("：")[-1].strip()

    def cpu_us(self):
        """Processor time of the server so far: less shaken by what else the machine does."""
        with open(f"/proc/{self.process.pid}/stat") as f:
            user, system = f.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) * 1e6 / os.sysconf("SC_CLK_TCK")

    def rss_mb(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024


def load_start(server, connections, seconds, requests, name, acks=None):
    """The load generator on lines of (method, path, headers, body), see bench/load.c."""
    file = f"{DIR}/{name}.requests"
    with open(file, "w") as f:
        f.writelines("\t".join(r) + "\n" for r in requests)
    args = [f"{OUT}/release/bench/load", str(server.port), str(connections), str(seconds), file]
    return subprocess.Popen(args + ([acks] if acks else []), stdout=subprocess.PIPE, text=True)


def load_end(p):
    out = p.communicate()[0]
    if p.returncode:
        sys.exit(f"bench: load failed: {out}")
    return json.loads(out)


def load(server, *args, **named):
    before = server.cpu_us()
    r = load_end(load_start(server, *args, **named))
    r["cpu_us"] = (server.cpu_us() - before) / max(r["n"], 1)
    return r


def program(name, *args):
    r = subprocess.run([f"{OUT}/release/bench/{name}", *map(str, args)], stdout=subprocess.PIPE,
                       text=True, check=True)
    return json.loads(r.stdout.splitlines()[-1])
