#!/usr/bin/python3
"""The unit tier: every cmocka program, every saved input of the fuzzers, every Python
test of the tools. Prints only what failed, with the one command that runs it again, and
at the end the counts.

    tests/unit/run.py [tests/unit/test_x.c | tests/tools/test_x.py …]"""

import glob
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD_DIR", os.path.join(ROOT, "build/asan"))
SECONDS = 120


def run(argv, **more):
    try:
        p = subprocess.run(argv, cwd=ROOT, capture_output=True, timeout=SECONDS, check=False, **more)
        return p.returncode, (p.stdout + p.stderr).decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return -1, f"took longer than {SECONDS} s"


def run_c(name):
    """(passed, failed, skipped) of one cmocka program, from its TAP lines."""
    status, text = run([os.path.join(BUILD, "unit", name)], env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"))
    passed = len(re.findall(r"^ok \d+ - (?!.*# SKIP)", text, re.M))
    skipped = len(re.findall(r"^ok \d+ - .*# SKIP", text, re.M))
    failed = len(re.findall(r"^not ok", text, re.M))
    if status != 0 and failed == 0:
        failed = 1
    if failed:
        print(f"FAILED {name} (status {status}); again: ./dev test unit tests/unit/{name}.c")
        print("\n".join(line for line in text.split("\n") if not line.startswith("ok ")))
    return passed, failed, skipped


def run_replay(target):
    """The committed corpus of one fuzz target through its parser, in one process each hundred."""
    files = sorted(glob.glob(os.path.join(ROOT, "tests/fuzz/corpus", target, "*")))
    failed = 0
    for i in range(0, len(files), 100):
        status, text = run([os.path.join(BUILD, "replay", f"fuzz_{target}")] + files[i:i + 100])
        if status != 0:
            print(f"FAILED fuzz corpus {target}:\n{text[-4000:]}")
            failed += 1
    return len(files) - failed, failed, 0


def run_python(paths):
    sys.path.insert(0, os.path.join(ROOT, "tools"))
    os.chdir(ROOT)
    loader, suite = unittest.TestLoader(), unittest.TestSuite()
    for path in paths:
        suite.addTests(loader.discover(os.path.dirname(path), os.path.basename(path)))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors)
    return result.testsRun - failed - len(result.skipped), failed, len(result.skipped)


def main():
    wanted = [os.path.abspath(a) for a in sys.argv[1:]]
    every = wanted or glob.glob(os.path.join(ROOT, "tests/unit/test_*.c")) + \
        glob.glob(os.path.join(ROOT, "tests/tools/test_*.py"))
    c, py = ([p for p in every if p.endswith(end)] for end in (".c", ".py"))
    counts = [run_c(os.path.basename(p)[:-2]) for p in sorted(c)]
    if not wanted:
        for path in sorted(glob.glob(os.path.join(ROOT, "tests/fuzz/fuzz_*.c"))):
            counts.append(run_replay(os.path.basename(path)[5:-2]))
    if py:
        counts.append(run_python(sorted(py)))
    total = [sum(x) for x in zip(*counts)] if counts else [0, 0, 0]
    print("{} passed, {} failed, {} skipped".format(*total))
    sys.exit(1 if total[1] else 0)


if __name__ == "__main__":
    main()
