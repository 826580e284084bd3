"""bench/server.py: a server of the program under measurement, and what speaks to it."""
import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse

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

    def sign_in(self, login, password):
        """The cookies of a session, as one header."""
        r, page = self.ask("GET", "/login")
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.decode()).group(1)
        body = urllib.parse.urlencode({"csrf": csrf, "login": login, "password": password,
                                       "next": ""})
        r, _ = self.ask("POST", "/login", body, {
            "Cookie": r.getheader("Set-Cookie").split(";")[0],
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{self.port}"})
        if r.status != 303:
            sys.exit(f"bench: {login} is not let in: {r.status}")
        new = [v.split(";")[0] for k, v in r.getheaders() if k.lower() == "set-cookie"]
        return "Cookie: " + "; ".join(c for c in new if c.startswith("sid="))

    def sign_in_all(self, people):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda p: self.sign_in(*p), people))

    def token(self, login):
        r = subprocess.run([BIN, "token", "-d", self.where, f"--account={login}"],
                           stdout=subprocess.PIPE, text=True, check=True)
        return r.stdout.split("：")[-1].strip()

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


def load(*args, **named):
    return load_end(load_start(*args, **named))


def program(name, *args):
    r = subprocess.run([f"{OUT}/release/bench/{name}", *map(str, args)], stdout=subprocess.PIPE,
                       text=True, check=True)
    return json.loads(r.stdout.splitlines()[-1])
