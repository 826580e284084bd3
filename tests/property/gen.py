"""Random cases from a seed, and the text in which they go to the C side.

A case is `KIND:SEED`, KIND one of C (calendar), E (expand), M (match); the same name is the same case for
ever. What it makes stays inside what the checker lets through: no window of a leap day, no two stretches
of a record in one window, parameters of the type that their place wants.
"""

import random

from ref_calendar import NEVER, OPEN, Calendar, day_of

HOUR = 3600000
DAY = 24 * HOUR
SHORT = ("day", "school-day", "week")
KINDS = SHORT + ("month", "month", "quarter", "half-year", "year", "term", "school-year")


def chance(r, p):
    return r.random() < p


# ---- calendars -------------------------------------------------------------------------------------

def calendar(r):
    known = [y for y in range(2024, 2030) if not chance(r, 0.15)]
    work, school = {}, {}
    for y in range(2025, 2029):
        if y not in known:
            continue
        spring, dragon = 5 + r.randrange(20), 10 + r.randrange(15)
        holidays = ((1, 1, 3), (2, spring, 8), (4, 4, 3), (5, 1, 5), (6, dragon, 3), (10, 1, 7))
        for m, d, n in holidays:
            first = day_of(y, m, d)
            for x in range(first, first + n):
                work[x] = False
            if chance(r, 0.6):
                work[first - 1 - r.randrange(5)] = True
            if chance(r, 0.6):
                work[first + n + r.randrange(5)] = True
    for _ in range(r.choice((0, 0, 2, 6))):
        first = day_of(r.choice((2026, 2027)), 1 + r.randrange(12), 1 + r.randrange(28))
        free = chance(r, 0.7)
        for x in range(first, first + r.choice((1, 1, 3, 7))):
            school[x] = not free
    terms = []
    for sy in range(2024, 2024 + r.choice((3, 4, 5))):
        terms.append((day_of(sy, 9, 1) + r.randrange(-1, 6), day_of(sy + 1, 1, 10) + r.randrange(20), sy, 1))
        terms.append((day_of(sy + 1, 2, 15) + r.randrange(18), day_of(sy + 1, 6, 28) + r.randrange(12), sy, 2))
    if chance(r, 0.03):
        terms = terms[:1]
    nodes = [("fixed", day_of(y, 1 + r.randrange(12), 1 + r.randrange(28)))
             for y in range(2025, 2029) if chance(r, 0.8)]
    nodes += [("open", day_of(y, 4 + r.randrange(3), 1 + r.randrange(28))) for y in range(2025, 2029) if chance(r, 0.6)]
    periods = []
    day = day_of(2025, 3, 1) + r.randrange(300)
    for _ in range(r.randrange(4)):
        end = day + r.choice((0, 3, 10, 45, 120))
        periods.append(("epidemic", day, end))
        day = end + 40 + r.randrange(300)
    return Calendar(8 * HOUR, not chance(r, 0.06), known, work, school, terms, nodes, periods)


def duration(r, units="d sd wd", most=10):
    unit = r.choice(units.split())
    return (r.choice((0, 0, 1, 2, 3, 5, r.randrange(most + 1))), unit)


def moment(r, day):
    return day * DAY - 8 * HOUR + r.choice((0, 0, 8 * HOUR, 10 * HOUR, 18 * HOUR, 24 * HOUR - 1, r.randrange(DAY)))


def case_calendar(r):
    cal = calendar(r)
    ask = []
    base = day_of(2026, 1, 1) + r.randrange(700)
    for _ in range(6):
        day = base + r.randrange(-60, 60)
        n, unit = duration(r, "m h d sd wd", 40)
        ask.append(("limit", moment(r, day), n * r.choice((1, 1, -1)), unit))
        kind = r.choice(KINDS)
        ask.append(("period", kind, day))
        ask.append(("days", day, day + r.randrange(30)))
    return {"kind": "C", "cal": cal, "ask": ask}


# ---- worlds for expand -----------------------------------------------------------------------------

def stretch(r, lo, hi):
    """A time of existence: mostly always, else begun or ended within lo…hi."""
    f, t = NEVER, OPEN
    if chance(r, 0.45):
        f = (lo + r.randrange(max(1, hi - lo))) * DAY - 8 * HOUR
    if chance(r, 0.3):
        t = (lo + r.randrange(max(1, hi - lo))) * DAY - 8 * HOUR
        if f != NEVER and t <= f:
            t = f + DAY * (1 + r.randrange(60))
    return f, t


def window(r, kind, entry):
    if kind in ("day", "school-day", "week") and chance(r, 0.7):
        return None
    pick = r.randrange(8)
    if pick == 0 and kind not in ("term", "half-year", "quarter"):
        return ("month", 1 + r.randrange(12))
    if pick == 1:
        return ("dates",) + r.choice(((4, 1, 9, 30), (11, 1, 3, 31), (9, 10, 9, 20), (6, 1, 9, 15)))
    if pick == 2:
        return ("period", r.choice(("flood", "epidemic")))
    if pick == 3 and kind not in SHORT:
        unit = r.choice(("d", "d", "sd", "wd"))
        node = r.choice(("start", "fixed", "open", "after", "date"))
        return ("node", node, (-r.randrange(8), unit), (r.randrange(8), unit))
    if pick == 4 and entry:
        return ("entry",)
    return None


def due(r, kind):
    pick = r.randrange(12)
    if pick < 4:
        return None
    if pick == 4:
        return ("end", (0, "d"))
    if pick == 5 and kind == "month":
        return ("day", r.choice((1, 5, 10, 28, 31)), r.choice(("this", "next")))
    if pick < 8:
        return ("start", duration(r, "d d sd wd h", 30))
    if pick == 8:
        n, unit = duration(r, "d d sd wd h", 10)
        return ("end", (n * r.choice((1, 1, -1)), unit))
    if pick == 9:
        return ("closing", r.choice(((0, "m"), (30, "m"), (2, "h"))))
    if pick == 10:
        return (r.choice(("period.start", "period.end")), duration(r, "d sd wd", 10))
    return (r.choice(("start-node", "fixed-node")), duration(r, "d sd wd", 10)) if kind not in SHORT else None


def node_due(d):
    return ({"start-node": "term-begin", "fixed-node": "fixed"}[d[0]], d[1]) if d and d[0].endswith("-node") else d


def duty_every(r, w, span):
    kind = r.choice(KINDS if span > 100 else SHORT + KINDS)
    per = r.choice((["unit"], ["place"], ["place"], ["class"], ["person"], ["person"], ["post"], ["record"],
                    ["entry"], ["class", "entry"], ["person", "entry"], ["place", "entry"]))
    if "record" in per and kind not in SHORT:
        kind = r.choice(("week", "month"))
    d = base_duty(r, per)
    d["every"] = kind
    if chance(r, 0.12) and kind != "once":
        d["every"], d["every_param"] = "", "iv"
    if chance(r, 0.04) and per != ["record"]:
        d["every"] = "once"
        d["every_param"] = ""
    if kind not in SHORT and d["every"] == kind and chance(r, 0.25):
        d["times"], d["spread"] = 2 + r.randrange(2), chance(r, 0.5)
    if d["every"] == kind:
        d["window"] = window(r, kind, "entry" in per)
    d["due"] = node_due(due(r, d["every"]))
    if d["every"] == "once" and d["due"] and d["due"][0] not in ("start", "end"):
        d["due"] = None
    if chance(r, 0.15):
        d["early"] = duration(r, "d sd wd h", 6)
    d["names_period"] = chance(r, 0.4)
    if chance(r, 0.2):
        d["by"] = (r.choice((10, 30)), r.choice(("d", "d", "sd", "wd")))
    if "person" in per and chance(r, 0.5):
        d["joins"] = r.choice((("always",), ("left", (r.choice((5, 10, 30)), r.choice(("d", "sd", "wd"))))))
    d["in"] = r.choice(("", "", "school-time", "always"))
    return d


def base_duty(r, per):
    where = None
    if "place" in per and chance(r, 0.5):
        where = ("in-param", "place.kind", "kinds")
    elif "entry" in per and chance(r, 0.5):
        where = ("eq", "entry.audience", "home")
    elif per == ["person"] and chance(r, 0.3):
        where = ("eq", "person.kind", "staff")
    elif per == ["post"] and chance(r, 0.5):
        where = ("in-param", "post", "kinds")
    elif per == ["record"]:
        where = ("state-on", "", "")
    return {"id": "d", "per": per, "every": "", "every_param": "", "times": 1, "spread": False, "window": None,
            "due": None,
            "early": None, "late_to": duration(r, "d sd wd h", 40) if chance(r, 0.2) else None, "in": "",
            "roll": r.choice(("", "", "none", "next", "prev")),
            "basis": r.choice(("law", "superior", "internal", "none")),
            "joins": None, "by": None, "names_period": False, "where": where,
            "if": ("param-on", "sw", "off") if chance(r, 0.15) else None, "on": [], "within": None, "before": None}


TRIGGERS = ("state", "step", "any-final", "appointed", "leaves", "place-added", "class-added", "keeper", "date", "node",
            "node", "period", "adopted")


def trigger(r):
    kind = r.choice(TRIGGERS)
    loop = "act" if kind in ("state", "step", "date") else ""
    name = {"state": "on", "step": "go", "appointed": "p1", "leaves": "p1", "date": "until", "adopted": "pk",
            "period": "flood",
            "node": r.choice(("term-begin", "fixed", "after", "date"))}.get(kind, "")
    return {"kind": kind, "loop": loop, "name": name, "each": kind in ("state", "step") and chance(r, 0.4),
            "ends": kind == "period" and chance(r, 0.5)}


def subject_of_event(kind):
    return {"state": "record", "step": "record", "any-final": "record", "date": "record", "appointed": "person",
            "leaves": "person",
            "place-added": "place", "keeper": "place", "class-added": "class"}.get(kind)


def duty_on(r, w, lo, hi):
    trigs = [trigger(r)]
    about = subject_of_event(trigs[0]["kind"])
    per = [about] if about and about != "record" and chance(r, 0.8) else ["unit"]
    if about is None and chance(r, 0.6):
        per = [r.choice(("class", "place", "person"))]
    if chance(r, 0.3):
        t = trigger(r)
        if subject_of_event(t["kind"]) == about:
            trigs.append(t)
    d = base_duty(r, per)
    d["on"] = trigs
    fields = {}
    if about == "record" and chance(r, 0.5):
        anchor = "starts_at"
    else:
        anchor = ""
    n, unit = duration(r, "d sd wd h m", 20)
    if chance(r, 0.35):
        d["before"] = (anchor, (r.choice((0, 0, n)), unit))
    else:
        d["within"] = (anchor, (n, unit))
    if chance(r, 0.15):
        d["by"] = (r.choice((10, 30)), "d")
    events = []
    for t in trigs:
        if t["kind"] in ("node", "period"):
            continue
        for _ in range(r.randrange(5)):
            at = moment(r, lo + r.randrange(max(1, hi - lo)))
            kind = subject_of_event(t["kind"])
            obj = 1 + r.randrange(3)
            about_now = []
            if kind in ("person", "place", "class"):
                ids = [x[0] for x in w[kind]]
                if not ids:
                    continue
                obj = r.choice(ids)
                about_now = ["%s:%d" % (kind, obj)]
            elif kind == "record":
                about_now = ["record:%d" % obj]
            fields = {}
            if kind == "record" and chance(r, 0.85):
                day = instant = lo + r.randrange(max(1, hi - lo))
                fields["starts_at"] = ("date", day) if chance(r, 0.4) else ("instant", moment(r, instant))
            events.append({"kind": t["kind"], "loop": t["loop"], "name": t["name"], "object": obj, "entry": 1, "at": at,
                           "known": at + r.choice((0, 0, 0, DAY, 9 * DAY, 40 * DAY)), "cancelled": chance(r, 0.2),
                           "about": about_now, "fields": fields})
    events.sort(key=lambda e: e["at"])
    count = {}
    for e in events:  # entries are numbered as they happened
        k = (e["kind"], e["object"])
        e["entry"] = count[k] = count.get(k, 0) + 1
    # Two entries at one moment would be no two entries.
    seen, kept = set(), []
    for e in events:
        k = (e["kind"], e["name"], e["object"], e["at"])
        if k not in seen:
            seen.add(k)
            kept.append(e)
    r.shuffle(kept)
    return d, kept


def case_expand(r):
    cal = calendar(r)
    span = r.choice((1, 10, 31, 31, 60, 120, 366))
    first = day_of(2026, 1, 10) + r.randrange(500)
    last = first + span - 1
    lo, hi = first - 40, last + 20
    w = {"kind": "E", "cal": cal, "first": first, "last": last, "now": moment(r, first + r.randrange(span)),
         "adopted": ((lo + r.randrange(hi - lo)) if chance(r, 0.4) else lo - 400) * DAY - 8 * HOUR, "closing": 18 * 60,
         "nodes": {"fixed": ("set",), "open": ("set",), "term-begin": ("term",), "start": ("term",),
                   "after": ("after", 10, 1),
                   "date": ("date", 3, 15)},
         "periods": {"flood": (6, 1, 9, 15), "epidemic": None},
         "defaults": {"iv": r.choice(("week", "month", "month", "quarter", "term", "off")),
                      "kinds": ["room", "p1"], "sw": "on"},
         "params": {}, "dated": []}
    for name, values in (("iv", ("week", "month", "quarter", "term", "school-day", "off")),
                         ("kinds", (["room"], ["gate", "p2"], [])),
                         ("sw", ("on", "off"))):
        if chance(r, 0.2):
            w["params"][name] = r.choice(values)
        days = sorted({lo + r.randrange(hi - lo) for _ in range(r.choice((0, 0, 1, 2, 3)))})
        w["dated"] += [(name, r.choice(values), d * DAY - 8 * HOUR + r.choice((0, 0, 9 * HOUR))) for d in days]
    for kind, words in (("person", ("staff", "hired")), ("place", ("room", "gate")), ("class", ("class",))):
        w[kind] = [(10 * (1 + "person place class".split().index(kind)) + i,) + stretch(r, lo, hi) + (r.choice(words),)
                   for i in range(1 + r.randrange(2))]
    w["post"] = [(p,) + ((NEVER, OPEN) if chance(r, 0.7) else stretch(r, lo, hi))
                 for p in ("p1", "p2")[:1 + r.randrange(2)]]
    w["entry"] = [("e%d" % i, r.choice(("home", "class")),
                   r.choice((None, ("month", 8), ("month", 1 + r.randrange(12)), ("dates", 9, 10, 10, 20))))
                  for i in range(1 + r.randrange(2))]
    w["record"] = []
    for i in range(1 + r.randrange(2)):
        f = (lo + r.randrange(hi - lo)) * DAY - 8 * HOUR + r.choice((0, 10 * HOUR))
        w["record"].append((1 + i, f, OPEN if chance(r, 0.4) else f + (1 + r.randrange(60)) * DAY))
    if chance(r, 0.7):
        w["duty"], w["events"] = duty_every(r, w, span), []
    else:
        w["duty"], w["events"] = duty_on(r, w, lo, hi)
    return w


# ---- match ------------------------------------------------------------------------------------------

WHYS = ("state", "where", "place", "class", "person", "entry", "unit")


def case_match(r):
    cal = calendar(r)
    occs = []
    kind = r.choice(("week", "month", "month", "quarter", "term", "trigger"))
    times = r.choice((1, 1, 1, 2, 3)) if kind != "trigger" else 1
    day = day_of(2026, 3, 1) + r.randrange(400)
    lo = day - 10
    period = cal.period_of(kind, day) if kind != "trigger" else None
    for i in range(1 + r.randrange(5)):
        if kind == "trigger":
            at = moment(r, day + r.randrange(60))
            due_ = cal.limit(at, *duration(r, "d sd wd h", 15))
            late = r.choice((OPEN, OPEN, cal.limit(due_ - 1, 10, "d"))) if due_ != OPEN else OPEN
            occs.append({"period": "", "trigger": "state:act.on:%d" % (i + 1), "slot": 1, "from": r.choice((at, 0)),
                         "to": OPEN, "due": due_, "late_to": late, "void": None})
            continue
        if not period:
            break
        nxt = cal.period_next(kind, period)
        f, t = cal.start_ms(period[0]), cal.end_ms(period[1])
        due_ = r.choice((t, t, t - 3 * DAY, t + 5 * DAY))
        for slot in range(1, times + 1):
            occs.append({"period": cal.period_format(kind, period), "trigger": "", "slot": slot,
                         "from": f - r.choice((0, 0, 0, 5 * DAY)), "to": max(t, due_) if chance(r, 0.3) else t,
                         "due": due_, "late_to": max(cal.end_ms(nxt[1]) if nxt else OPEN, due_),
                         "void": None})
        period = nxt
    for o in occs:
        o["key"] = "d|unit:1|%s|%d" % (o["period"] or o["trigger"], o["slot"])
        if chance(r, 0.08):
            o["void"] = r.choice((OPEN, moment(r, day + r.randrange(60))))
    hi = max([cal.day(o["due"] - 1) for o in occs if o["due"] != OPEN] + [day + 10]) + 20
    names = kind != "trigger" and chance(r, 0.3)
    deeds = []
    hours = [moment(r, lo + r.randrange(hi - lo)) for _ in range(4)]
    for i in range(r.randrange(8)):
        done = r.choice(hours) if chance(r, 0.25) else moment(r, lo + r.randrange(hi - lo))
        deeds.append({"record": i + 1, "done": done, "accepted": done + r.choice((0, 0, HOUR, DAY, 3 * DAY, 6 * DAY)),
                      "period": r.choice([o["period"] for o in occs] + [""]) if names else "",
                      "why": r.choice(WHYS) if chance(r, 0.12) else ""})
    ticks = set()
    for _ in range(r.choice((0, 0, 1, 2, 4))):
        if deeds and occs:
            ticks.add((r.choice(deeds)["record"], r.choice(occs)["key"], chance(r, 0.4)))
    ids = list(range(1, len(deeds) + 1))
    r.shuffle(ids)  # ids are not in the order of doing
    ids = {i + 1: x for i, x in enumerate(ids)}
    for d in deeds:
        d["record"] = ids[d["record"]]
    ticks = sorted((ids[a], b, c) for a, b, c in ticks)
    for x in (occs, deeds, ticks):
        r.shuffle(x)
    return {"kind": "M", "cal": cal, "occ": occs, "deeds": deeds, "ticks": ticks, "names_period": names,
            "apart": duration(r, "d d d sd wd h", 20) if chance(r, 0.35) else None, "ask": chance(r, 0.08),
            "grace": r.choice(((0, "d"), (1, "wd"), (2, "d"), (36, "h"))), "now": moment(r, lo + r.randrange(hi - lo))}


def case(name):
    kind, seed = name.split(":")
    r = random.Random("%s:%s" % (kind, seed))
    return {"C": case_calendar, "E": case_expand, "M": case_match}[kind](r)


# ---- the text --------------------------------------------------------------------------------------

def dur(d):
    return "%d%s" % d


def win_text(win):
    if win is None:
        return "-"
    return ":".join(dur(x) if isinstance(x, tuple) else str(x) for x in win)


def cond_text(c):
    if c is None:
        return "-"
    op, a, b = c
    return {"in-param": "%s in $%s" % (a, b), "eq": "%s = %s" % (a, b), "param-on": "$%s != %s" % (a, b),
            "state-on": "state = on"}[op]


def flags(days):
    return ",".join("%d:%d" % (d, v) for d, v in sorted(days.items())) or "-"


def value_text(v):
    return "list:" + ",".join(v) if isinstance(v, list) else "text:" + v


def cal_lines(cal):
    yield "cal", cal.off, int(cal.pupils), ",".join(map(str, sorted(cal.known))) or "-"
    yield "work", flags(cal.work)
    yield "school", flags(cal.school)
    for t in cal.terms:
        yield ("term",) + t
    for n in cal.nodes:
        yield ("node",) + n
    for p in cal.periods:
        yield ("period",) + p


def expand_lines(w):
    for name, spec in w["nodes"].items():
        yield ("nodespec", name) + spec
    for name, spec in w["periods"].items():
        yield ("periodspec", name) + (spec or ("set",))
    for name, v in w["defaults"].items():
        yield "default", name, value_text(v)
    for name, v in w["params"].items():
        yield "param", name, value_text(v)
    for name, v, f in w["dated"]:
        yield "dated", name, value_text(v), f
    for kind in ("person", "place", "class"):
        for i, f, t, k in w[kind]:
            yield kind, i, f, t, k
    for p, f, t in w["post"]:
        yield "post", p, f, t
    for i, a, win in w["entry"]:
        yield "entry", i, a, win_text(win)
    for i, f, t in w["record"]:
        yield "record", i, f, t
    for e in w["events"]:
        fields = ",".join("%s=%s:%d" % (k, t, v) for k, (t, v) in e["fields"].items())
        yield ("event", e["kind"], e["loop"] or "-", e["name"] or "-", e["object"], e["entry"], e["at"], e["known"],
               int(e["cancelled"]), ",".join(e["about"]) or "-", fields or "-")
    d = w["duty"]
    yield "adopted", w["adopted"]
    yield "duty", "per", ",".join(d["per"])
    for k in ("every", "every_param", "in", "roll", "basis"):
        if d[k]:
            yield "duty", k, d[k]
    yield "duty", "times", d["times"]
    for k in ("early", "late_to", "by"):
        if d[k]:
            yield "duty", k, dur(d[k])
    for k in ("within", "before"):
        if d[k]:
            yield "duty", k, d[k][0] or "-", dur(d[k][1])
    if d["window"]:
        yield "duty", "window", win_text(d["window"])
    if d["due"]:
        yield "duty", "due", win_text(d["due"])
    if d["joins"]:
        yield "duty", "joins", win_text(d["joins"])
    for k in ("where", "if"):
        if d[k]:
            yield "duty", k, cond_text(d[k])
    for k in ("spread", "names_period"):
        if d[k]:
            yield "duty", k, 1
    for t in d["on"]:
        yield "duty", "on", t["kind"], t["loop"] or "-", t["name"] or "-", int(t["each"]), int(t["ends"])
    yield "closing", w["closing"]
    yield "range", w["first"], w["last"], w["now"]


def match_lines(m):
    if m["apart"]:
        yield "duty", "apart", dur(m["apart"])
    for k in ("ask", "names_period"):
        if m[k]:
            yield "duty", k, 1
    yield "grace", dur(m["grace"])
    yield "now", m["now"]
    for o in m["occ"]:
        yield ("occ", o["period"] or "-", o["trigger"] or "-", o["slot"], o["from"], o["to"], o["due"], o["late_to"],
               "-" if o["void"] is None else o["void"])
    for d in m["deeds"]:
        yield "deed", d["record"], d["done"], d["accepted"], d["period"] or "-", d["why"] or "-"
    for rec, key, un in m["ticks"]:
        yield "tick", rec, key, int(un)


def text(name, c):
    lines = [("case", name)] + list(cal_lines(c["cal"]))
    if c["kind"] == "E":
        lines += expand_lines(c)
    elif c["kind"] == "M":
        lines += match_lines(c)
    else:
        lines += [("ask",) + a for a in c["ask"]]
    lines.append(("run",))
    return "".join("\t".join(map(str, x)) + "\n" for x in lines)
