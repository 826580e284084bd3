#!/usr/bin/python3
"""The property tier: random cases through the slow reference and through the C core, compared.

    tests/property/run.py [--cases N] [--seed S] [--seconds T] [--only KIND:SEED]

It stops at the first difference of each kind, prints what each side says and the one command that reruns it,
and closes with `N passed, N failed, N skipped`. Cases that the time did not allow are skipped, and counted."""

import argparse
import multiprocessing
import os
import subprocess
import sys
import time

import boundary
import gen
import ref_expand
import ref_match

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD_DIR", os.path.join(ROOT, "build/asan"))
HARNESS = os.path.join(BUILD, "property", "harness")
MIX = "MMMMMEEEEC"  # of ten cases
CHUNK = 500


# ---- what the reference says, in the words of the harness -------------------------------------------

def say_period(cal, kind, p):
    return "period\t-" if p is None else "period\t%s\t%d\t%d\t1" % (cal.period_format(kind, p), p[0], p[1])


def say_calendar(c):
    cal = c["cal"]
    for a in c["ask"]:
        if a[0] == "limit":
            yield "limit\t%d" % cal.limit(*a[1:])
        elif a[0] == "period":
            p = cal.period_of(a[1], a[2])
            yield say_period(cal, a[1], p)
            yield say_period(cal, a[1], cal.period_next(a[1], p) if p else None)
        else:
            bits = "".join(str(cal.work_day(d) + 2 * cal.school_day(d)) for d in range(a[1], a[2] + 1))
            yield "%s\t%d" % (bits, cal.school_days(a[1], a[2]))


def say_expand(c):
    for o in ref_expand.expand(c):
        yield "occ\t%s\t%d\t%d\t%d\t%d\t%s\t%d%d\t%d\t%d" % (
            o["key"], max(o["from"], 0), o["to"], o["due"], o["late_to"], -1 if o["void"] is None else o["void"],
            o["born_late"], o["provisional"], o["first"], o["last"])


def say_match(c):
    out = ref_match.match(c)
    for k, rec, how, by_tick in out["fill"]:
        yield "fill\t%s\t%d\t%s\t%d" % (k, rec, how, by_tick)
    for k, rec in out["further"]:
        yield "further\t%s\t%d" % (k, rec)
    for k, rec, why in out["almost"]:
        yield "almost\t%s\t%d\t%s" % (k, rec, why)


def reference(name, c):
    lines = list({"C": say_calendar, "E": say_expand, "M": say_match}[c["kind"]](c))
    return lines if c["kind"] == "C" else sorted(lines)


# ---- what the C core says ------------------------------------------------------------------------------

def core(cases):
    """{name: lines} from one run of the harness; an error of it is the last case's."""
    text = "".join(gen.text(n, c) for n, c in cases)
    p = subprocess.run([HARNESS], input=text.encode(), capture_output=True, check=False)
    out, name = {}, None
    for line in p.stdout.decode().split("\n"):
        if line.startswith("case\t"):
            name = line[5:]
            out[name] = []
        elif line == "end":
            name = None
        elif name:
            out[name].append(line)
    if p.returncode:
        why = p.stderr.decode("utf-8", "replace").split("\n")[:30]
        out[name or cases[-1][0]] = ["the harness ended with %d" % p.returncode] + why
    return out


def compare(cases):
    """[(name, reference, core)] of those that differ."""
    told = core(cases)
    bad = []
    for n, c in cases:
        want = reference(n, c)
        got = told.get(n, ["(nothing: the harness ended before)"])
        if (got if c["kind"] == "C" else sorted(got)) != want:
            bad.append((n, want, got))
    return bad


def show(bad, c):
    name, want, got = bad
    print("DIFFERENT %s; again: /usr/bin/python3 tests/property/run.py --only %s" % (name, name))
    for line in want:
        print("  %s %s" % (" " if line in got else "-", line))
    for line in got:
        if line not in want:
            print("  + %s" % line)
    print("  (- the reference only, + the core only)")


def chunk(args):
    seed, mix, first, n = args
    cases = []
    for i in range(first, first + n):
        name = "%s:%d" % (mix[i % len(mix)], seed * 10000000 + i)
        cases.append((name, gen.case(name)))
    return n, compare(cases)


# ---- the runs -------------------------------------------------------------------------------------------

def run_boundary():
    """Both sides must give what the table of the language says. [(name, want, got)]"""
    bad = []
    for name, c, want in boundary.CASES:
        want = sorted(want)
        for side, got in (("reference", reference(name, c)), ("core", core([(name, c)]).get(name, []))):
            got = sorted(boundary.short(c, got))
            if got != want:
                bad.append((name + " " + side, want, got))
    return len(boundary.CASES), bad


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cases", type=int, default=100000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--seconds", type=float, default=0)
    ap.add_argument("--mix", default=MIX, help="letters C, E, M: which kinds, how often")
    ap.add_argument("--only")
    ap.add_argument("file", nargs="*")
    a = ap.parse_args()
    if a.only:
        c = gen.case(a.only)
        print(gen.text(a.only, c), end="")
        bad = compare([(a.only, c)])
        for b in bad:
            show(b, c)
        if not bad:
            print("\n".join(reference(a.only, c)))
        print("%d passed, %d failed, 0 skipped" % (not bad, len(bad)))
        return bool(bad)

    passed, bad = run_boundary()
    failed = len({b[0].rsplit(" ", 1)[0] for b in bad})
    passed -= failed
    for name, want, got in bad:
        print("BOUNDARY %s" % name)
        for line in sorted(set(want) ^ set(got)):
            print("  %s %s" % ("-" if line in want else "+", line))
    began = time.time()
    todo = [(a.seed, a.mix, i, min(CHUNK, a.cases - i)) for i in range(0, a.cases, CHUNK)]
    done, kinds = 0, {}
    with multiprocessing.Pool(os.cpu_count() or 1) as pool:
        for n, some in pool.imap_unordered(chunk, todo):
            done += n
            passed += n - len(some)
            failed += len(some)
            for b in some:
                kinds.setdefault(b[0][0], []).append(b)
            if failed > 200 or (a.seconds and time.time() - began > a.seconds):
                break
        pool.terminate()
    for some in kinds.values():
        some.sort(key=lambda b: len(b[1]) + len(b[2]))
        for b in some[:8]:
            show(b, None)
    print("seed %d, %d cases in %.0f s" % (a.seed, done, time.time() - began))
    print("%d passed, %d failed, %d skipped" % (passed, failed, a.cases - done if not failed else 0))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
