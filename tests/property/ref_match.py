"""The slow reference of match: pack-language §4 Match, read word by word. See README.md for choices.

match(case) takes plain dictionaries:
  cal      Calendar
  apart    (n, unit) or None;  ask: the duty is off by default (`tick: ask`);  now
  occ      [{key, period, slot, from, to, due, late_to, void (None or the moment)}]
  deeds    [{record, done, accepted, period, why}]   why: "" is a candidate
  ticks    [(record, occurrence key, un)]
  grace    (n, unit)
It gives fill {occurrence key: (record, how, by tick)}, further and almost as sorted lists.
"""

from ref_calendar import OPEN


def holds(occ, t):
    return occ["from"] <= t < occ["to"]


def alive(occ, t):
    """A deed before the occurrence became void still counts."""
    return occ["void"] is None or t < occ["void"]


def names_period(occ, deed):
    """`same: [period]`: the record names the period that the occurrence is about; "": its proof does not ask."""
    return deed["period"] in ("", occ["period"])


def far_enough(cal, apart, a, b):
    """`apart` is the least distance of doing times: in days, the days are counted, not the hours."""
    if apart is None:
        return True
    a, b = min(a, b), max(a, b)
    n, unit = apart
    if unit in ("m", "h"):
        return b >= cal.limit(a, n, unit)
    nth = cal.nth_day(cal.day(a), n, unit)
    return nth is not None and cal.day(b) >= nth


def how(cal, grace, occ, deed):
    if deed["done"] >= occ["due"]:
        return "late"
    if occ["due"] == OPEN:
        return "on-time"
    n, unit = grace
    if unit in ("m", "h"):
        limit = cal.limit(occ["due"], n, unit)
    else:
        limit = cal.limit(occ["due"] - 1, n, unit)  # the due ends its day: the next instant is another
    return "on-time" if deed["accepted"] < limit else "entered-late"


def leftover(case, occs, fill, unticked, why_not, d, further, almost):
    """What is said of a deed that fills nothing: further proof of what another filled, or why it does not count."""
    if not d["why"] and d["record"] in why_not:
        almost.add((why_not[d["record"]], d["record"], "apart"))
        return
    for o in occs:
        if not holds(o, d["done"]):
            continue
        if (d["record"], o["key"]) in unticked:
            almost.add((o["key"], d["record"], "unticked"))
            return
        if o["key"] in fill and not d["why"] and names_period(o, d):
            further.add((o["key"], d["record"]))
            return
    bare = [o for o in occs if o["key"] not in fill and o["void"] is None]
    near = [o for o in bare if holds(o, d["done"])]
    near = near or [o for o in bare if d["done"] < o["late_to"] and o["from"] <= case["now"]]
    if near:
        asked = case["ask"] and holds(near[0], d["done"]) and names_period(near[0], d)
        almost.add((near[0]["key"], d["record"], d["why"] or ("unticked" if asked else "period")))


def match(case):
    cal, apart = case["cal"], case["apart"]
    unticked = {(r, k) for r, k, un in case["ticks"] if un}
    ticked = {(r, k) for r, k, un in case["ticks"] if not un} - unticked
    occs = sorted(case["occ"], key=lambda o: (o["due"], o["slot"], o["key"]))
    deeds = sorted(case["deeds"], key=lambda d: (d["done"], d["record"], d["accepted"]))
    fill, used, why_not = {}, set(), {}

    def free(o, d):
        return (o["key"] not in fill and d["record"] not in used and not d["why"] and names_period(o, d)
                and alive(o, d["done"]) and (d["record"], o["key"]) not in unticked)

    def apart_ok(d):
        return all(far_enough(cal, apart, d["done"], f["done"]) for f, _ in fill.values())

    def take(o, d, by_tick):
        fill[o["key"]] = (d, by_tick)
        used.add(d["record"])

    for d in deeds:  # ticks first, earliest doing time first
        for o in occs:
            if (d["record"], o["key"]) in ticked and free(o, d) and d["done"] < o["late_to"]:
                if apart_ok(d):
                    take(o, d, True)
                else:
                    why_not.setdefault(d["record"], o["key"])
    for d in deeds:  # the rest, each to the open occurrence with the earliest due whose window holds it
        for o in occs:
            if free(o, d) and holds(o, d["done"]) and not case["ask"]:
                if apart_ok(d):
                    take(o, d, False)
                else:
                    why_not.setdefault(d["record"], o["key"])

    further, almost = set(), set()
    for d in deeds:
        if d["record"] not in used:
            leftover(case, occs, fill, unticked, why_not, d, further, almost)
    by_key = {o["key"]: o for o in occs}
    return {
        "fill": sorted((k, d["record"], how(cal, case["grace"], by_key[k], d), t) for k, (d, t) in fill.items()),
        "further": sorted(further),
        "almost": sorted(almost),
    }


def state(occ, filled, waived, now):
    """The derived state of an occurrence at a moment."""
    if filled:
        return "done"
    if waived:
        return "waived"
    if occ["void"] is not None:
        return "void"
    if now >= occ["late_to"]:
        return "missed"
    return "planned" if now < occ["from"] else "open"
