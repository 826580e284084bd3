"""The slow reference of expand: pack-language §2 Recurrences and §4 Duties, read word by word.

It walks periods one after another and asks of each the questions of the text in their order: is the
duty on, does the subject exist, what is the window, was it cut and does enough of it remain, when is
it due. Choices that the text leaves open stand in README.md under the same numbers.

A world is a dictionary (see gen.py): cal, params {name: value}, dated [(name, value, from)], adopted,
persons / places / classes [(id, from, to, kind)], entries [(id, columns, window)], posts, records,
nodes {id: spec}, periods {id: (fm, fd, tm, td)}, closing, duty, events, first, last, now.
"""

from ref_calendar import NEVER, OPEN, civil, day_of, month_end, weekday

FOREVER = day_of(2199, 12, 31)
REACH = {"day": 60, "school-day": 60, "week": 120, "month": 150}


def value_at(w, name, ms):
    """The value in force: the last dated one, else (nothing dated) the present one, else the default."""
    dated = [(f, i, v) for i, (n, v, f) in enumerate(w["dated"]) if n == name]
    if dated:
        past = [x for x in dated if x[0] <= ms]
        return max(past)[2] if past else w["defaults"][name]
    return w["params"].get(name, w["defaults"][name])


# ---- who and what it is about ------------------------------------------------------------------

def subjects_of(w, kind):
    """[(key, from, to, facts)]: every subject of one kind with the time in which it exists."""
    if kind == "unit":
        return [("unit:1", NEVER, OPEN, {})]
    if kind in ("person", "place", "class"):
        return [("%s:%d" % (kind, i), f, t, {kind + ".kind": k}) for i, f, t, k in w[kind]]
    if kind == "post":
        return [("post:" + p, f, t, {"post": p}) for p, f, t in w["post"]]
    if kind == "entry":
        return [("entry:cat/" + i, NEVER, OPEN, {"entry.audience": a, "entry.window": win}) for i, a, win in w["entry"]]
    if kind == "record":
        # One subject per stretch of time in which the record is in the state that `where` names.
        return [("record:%d" % i, f, t, {"record": True}) for i, f, t in w["record"]]
    raise ValueError(kind)


def product(w, per, choices):
    """All subjects: one per kind, or the product of two; it exists while all its parts do."""
    out = [("", NEVER, OPEN, {})]
    for kind in per:
        out = [((k + "+" if k else "") + k2, max(f, f2), min(t, t2), {**facts, **facts2})
               for k, f, t, facts in out for k2, f2, t2, facts2 in choices(kind)]
    return [s for s in out if s[1] < s[2]]


def holds(w, cond, facts, ms):
    """The conditions that gen.py writes; facts of the subject, parameters as of the moment."""
    if cond is None:
        return True
    op, a, b = cond
    if op == "in-param":
        return facts.get(a) in value_at(w, b, ms)
    if op == "eq":
        return facts.get(a) == b
    if op == "param-on":
        return value_at(w, a, ms) != b
    if op == "state-on":
        return True  # the record's stretches are those of the state
    raise ValueError(op)


# ---- nodes and windows ----------------------------------------------------------------------------

def node_days(w, node):
    """All days on which a node falls: set by people, or computed."""
    cal = w["cal"]
    spec = w["nodes"][node]
    if spec[0] == "set":
        return sorted(d for n, d in cal.nodes if n == node)
    if spec[0] == "term":  # the first school day of each term
        firsts = (next((d for d in range(t[0], t[1] + 1) if cal.school_day(d)), None) for t in cal.terms)
        return [d for d in firsts if d is not None]
    years = range(civil(w["first"])[0] - 3, civil(w["last"])[0] + 4)
    if spec[0] == "date":
        return [day_of(y, spec[1], spec[2]) for y in years]
    if spec[0] == "after":  # the first school day after a date
        out = []
        for y in years:
            d = day_of(y, spec[1], spec[2])
            found = next((x for x in range(d + 1, d + 401) if cal.school_day(x)), None)
            if found is not None:
                out.append(found)
        return out
    raise ValueError(spec)


def yearly(lo, hi, fm, fd, tm, td):
    """Instances of a stretch of the year (it may wrap over new year) that touch lo…hi."""
    out = []
    for y in range(civil(lo)[0] - 1, civil(hi)[0] + 1):
        a = day_of(y, fm, fd)
        ty = y if (tm, td) >= (fm, fd) else y + 1
        b = min(day_of(ty, tm, 1) + td - 1, month_end(ty, tm))
        if a <= hi and b >= lo:
            out.append((a, a, b))
    return out


def instances(w, win, facts, lo, hi):
    """[(day by which it belongs to a period, first, last)]: a window by its beginning, one round a node by it."""
    cal = w["cal"]
    kind = win[0]
    if kind == "entry":
        return instances(w, facts["entry.window"], facts, lo, hi) if facts.get("entry.window") else []
    if kind == "month":
        return yearly(lo, hi, win[1], 1, win[1], 31)
    if kind == "dates":
        return yearly(lo, hi, *win[1:])
    if kind == "period":
        spec = w["periods"][win[1]]
        return yearly(lo, hi, *spec) if spec else sorted((a, a, b) for n, a, b in cal.periods if n == win[1])
    if kind == "node":
        out = []
        for d in node_days(w, win[1]):
            a, b = cal.nth_day(d, *win[2]), cal.nth_day(d, *win[3])
            if a is not None and b is not None:
                out.append((d, a, b))
        return out
    raise ValueError(win)


def narrow(w, win, facts, kind, first, last):
    """`window:` narrows the period; None when it has none of it. A long period has the instance that belongs to it,
    whole; a short one what lies in it."""
    if win is None:
        return first, last
    for by, a, b in instances(w, win, facts, first, last):
        if a > b:
            continue
        if kind in ("half-year", "year", "term", "school-year", "once"):
            if first <= by <= last:
                return a, b
        elif a <= last and b >= first:
            return max(a, first), min(b, last)
    return None


def periods(w, duty):
    """Each (kind, first, last) whose window could touch the range."""
    cal = w["cal"]
    if duty["every"] == "once":
        yield "once", cal.day(w["adopted"]), FOREVER
        return
    if not duty["every_param"]:
        kind = duty["every"]
        reach = REACH.get(kind, 800) + (150 if duty["names_period"] else 0) + (450 if duty["early"] else 0)
        day = w["first"] - reach
        while day <= w["last"] + reach:
            p = cal.period_of(kind, day)
            if p and p[0] >= w["first"] - reach:
                yield kind, p[0], p[1]
            day = p[1] + 1 if p else day + 1
        return
    # An interval: a period begins where none runs and the value of that day has one that starts there.
    name = duty["every_param"]
    changes = [cal.day(f) for n, v, f in w["dated"] if n == name]
    day = min([w["first"]] + changes) - 800
    while day <= w["last"] + 800:
        kind = value_at(w, name, cal.start_ms(day))
        p = cal.period_of(kind, day) if kind != "off" else None
        if p and p[0] == day:
            yield kind, p[0], p[1]
            day = p[1] + 1
        else:
            day += 1


# ---- due and the rest ------------------------------------------------------------------------------

def roll(w, duty, due):
    """A due on a non-working day; for a due set on a day only (README, choice of the lead)."""
    cal = w["cal"]
    mode = duty["roll"] or {"law": "none", "superior": "none", "internal": "next", "none": "next"}[duty["basis"]]
    if mode == "none" or due == OPEN:
        return due
    day = cal.day(due - 1)
    while not cal.work_day(day):
        day += 1 if mode == "next" else -1
    return cal.end_ms(day)


def offset_due(w, duty, first_ms, last_day, n, unit, from_end):
    """{start: N} counts from the start; {end: N} from the end of the last day."""
    cal = w["cal"]
    if unit in ("m", "h"):  # exact, from the moment of the start, or of 24:00 of the last day
        return cal.limit(cal.end_ms(last_day) if from_end else first_ms, n, unit)
    if from_end and n == 0:
        return cal.end_ms(last_day)  # the end itself is no due set on a day
    return roll(w, duty, cal.limit(cal.start_ms(last_day) if from_end else first_ms, n, unit))


def due_of(w, duty, period, ws, we, joined_ms):
    """None: the anchor is not set, so there is no occurrence (C102)."""
    cal = w["cal"]
    start_ms = joined_ms if joined_ms is not None else cal.start_ms(ws)
    spec = duty["due"] or ("end", (0, "d"))
    what = spec[0]
    if what == "day":
        y, m, _ = civil(period[0])
        if spec[2] == "next":
            y, m = civil(period[1] + 1)[:2]
        return roll(w, duty, cal.end_ms(min(day_of(y, m, 1) + spec[1] - 1, month_end(y, m))))
    n, unit = spec[1]
    if what == "start":
        return offset_due(w, duty, start_ms, None, n, unit, False)
    if what == "period.start":
        return offset_due(w, duty, cal.start_ms(period[0]), None, n, unit, False)
    if what == "end":
        return offset_due(w, duty, None, we, n, unit, True)
    if what == "period.end":
        return offset_due(w, duty, None, period[1], n, unit, True)
    if what == "closing":
        due = cal.limit(cal.start_ms(we) + w["closing"] * 60000, n, unit)
        return due if unit in ("m", "h") else roll(w, duty, due)
    days = [d for d in node_days(w, what) if period[0] <= d <= period[1]]
    return offset_due(w, duty, cal.start_ms(days[0]), None, n, unit, False) if days else None


def enough(remain, total):
    return remain > 0 and 2 * remain >= total


def school_time(duty):
    if duty["in"]:
        return duty["in"] == "school-time"
    return "class" in duty["per"] or duty["every"] == "school-day"


def from_every(w, duty):
    cal = w["cal"]
    for kind, first, last in periods(w, duty):
        for key, sf, st, facts in product(w, duty["per"], lambda k: subjects_of(w, k)):
            begin = first
            if kind == "once":  # it begins with the adoption, or with its subject
                begin = max(first, cal.day(sf)) if sf != NEVER else first
            win = narrow(w, duty["window"], facts, kind, begin, last)
            if win is None:
                continue
            ws, we = win
            n = duty["times"]
            for slot in range(1, n + 1):
                a, b = ws, we
                if duty["spread"]:
                    length = we - ws + 1
                    a, b = ws + length * (slot - 1) // n, ws + length * slot // n - 1
                    if a > b:
                        continue
                yield from in_window(w, duty, kind, (begin, last), a, b, slot, key, sf, st, facts)


def in_window(w, duty, kind, period, ws, we, slot, key, sf, st, facts):
    cal = w["cal"]
    ws_ms = cal.start_ms(ws)
    in_school = school_time(duty)
    end = we
    if in_school:
        while end >= ws and not cal.school_day(end):
            end -= 1
        if end < ws:
            return  # a window without a school day
    hi = cal.end_ms(end)
    if st <= ws_ms or sf >= hi or w["adopted"] >= hi:
        return  # had left before it began, or came after it ended

    def counts(ms):
        """Does enough remain of a window that is cut at this moment?"""
        a = max(ws, cal.day(ms))
        if in_school:
            total = sum(1 for d in range(ws, we + 1) if cal.lesson_day(d))
            return enough(cal.school_days(a, we), total)
        return enough(we - a + 1, we - ws + 1)

    front = ws_ms
    if in_school:
        if not counts(ws_ms):
            return  # cut by the term
        if cal.term_of(ws) is None:
            front = cal.start_ms(next(d for d in range(ws, end + 1) if cal.term_of(d)))
    if w["adopted"] > ws_ms:
        if duty["by"] and cal.limit(w["adopted"], *duty["by"]) > hi:
            return  # standing stock: what could only be had after the window is had in the next
        if not duty["by"] and not counts(w["adopted"]):
            return
    person = "person" in duty["per"]
    joined = sf > ws_ms
    if joined and not (joins(w, duty, cal.day(sf), end) if person and duty["joins"] else counts(sf)):
        return
    cut = max(front, w["adopted"], sf)
    if not holds(w, duty["if"], {}, max(ws_ms, w["adopted"], sf)):
        return
    if not holds(w, duty["where"], facts, max(ws_ms, w["adopted"], sf)):
        return
    due = due_of(w, duty, period, ws, end, sf if joined and person else None)
    if due is None:
        return
    if duty["by"] and w["adopted"] > ws_ms:  # standing stock: so long after adoption, if that is later
        due = max(due, roll(w, duty, cal.limit(w["adopted"], *duty["by"])))
    lo = cut
    if duty["early"] and front == ws_ms:
        n, unit = duty["early"]
        if unit in ("m", "h"):
            lo = cal.limit(ws_ms, -n, unit)
        else:
            d = cal.nth_day(ws, -n, unit)
            lo = ws_ms if d is None else cal.start_ms(d)
        lo = max(lo, w["adopted"], sf)
    if duty["names_period"] and due != OPEN:
        hi = max(hi, due)
    if duty["late_to"]:
        n, unit = duty["late_to"]
        late_to = cal.limit(cal.end_ms(end) if unit in ("m", "h") else cal.start_ms(end), n, unit)
    else:
        nxt = cal.period_next(kind, period) if kind != "once" else None
        late_to = cal.end_ms(nxt[1]) if nxt else OPEN
    late_to = max(late_to, due)
    name = "once" if kind == "once" else cal.period_format(kind, period)
    yield occurrence(w, duty, key, name, "", slot, lo, hi, due, late_to, st if st < late_to else None,
                     ws, max(we, cal.day(due - 1) if due != OPEN else 0), period)


def joins(w, duty, day, last):
    """`joins: always`, or {left: N}: so many days from the joining to the end, both counted."""
    mode = duty["joins"]
    if mode[0] == "always":
        return True
    n, unit = mode[1]
    return sum(1 for d in range(day, last + 1) if w["cal"].is_day(unit, d)) >= n


def occurrence(w, duty, key, period, trigger, slot, lo, hi, due, late_to, void, first, last, period_days=None):
    years = range(civil(first)[0], civil(last)[0] + 1)
    return {
        "key": "%s|%s|%s|%d" % (duty["id"], key, period or trigger, slot), "period": period, "slot": slot,
        "from": lo, "to": hi, "due": due, "late_to": late_to, "void": void, "born_late": False,
        "first": (period_days or (first, last))[0], "last": (period_days or (first, last))[1],
        "provisional": any(not w["cal"].year_known(y) for y in years),
    }


# ---- triggers ---------------------------------------------------------------------------------------

def trigger_key(trig, ev):
    kind = ev["kind"]
    name = ev["name"]
    if kind in ("state", "step", "date", "any-final") and ev["loop"]:
        name = ev["loop"] + ("." + ev["name"] if ev["name"] else "")
    key = "%s:%s:%d" % (kind, name, ev["object"])
    return key + ":%d" % ev["entry"] if trig["each"] else key


def fits(trig, ev):
    if trig["kind"] != ev["kind"]:
        return False
    if ev["kind"] in ("state", "step"):
        return trig["loop"] == ev["loop"] and trig["name"] == ev["name"]
    if ev["kind"] == "any-final":
        return True
    return not trig["name"] or trig["name"] == ev["name"]


def anchor_ms(w, ev, anchor):
    """The moment that an anchor names: a field of the event's record, or the event itself."""
    if anchor in ("", "start", "enter"):
        return ev["at"]
    if anchor in ev["fields"]:
        kind, v = ev["fields"][anchor]
        return w["cal"].start_ms(v) if kind == "date" else v
    return None if ev["kind"] in ("state", "step") else ev["at"]


def told_by_calendar(w, trig):
    """Nodes, and the edges of periods that the pack dates: in the civil years of the range. The others are told."""
    cal = w["cal"]
    years = range(civil(w["first"])[0], civil(w["last"])[0] + 1)
    out = []
    if trig["kind"] == "node":
        for d in node_days(w, trig["name"]):
            term = cal.term_of(d)
            obj = term[2] * 10 + term[3] if w["nodes"][trig["name"]][0] == "term" else civil(d)[0]
            out.append((obj, cal.start_ms(d), civil(d)[0] in years))
    elif trig["kind"] == "period":
        for y in [years[0] - 1] + list(years):
            for by, a, b in yearly(day_of(y, 1, 1), day_of(y, 12, 31), *w["periods"][trig["name"]]):
                d = b + 1 if trig["ends"] else a  # it ends at 24:00 of its last day
                out.append((d, cal.start_ms(d), True))
    return [{"kind": trig["kind"], "loop": "", "name": trig["name"], "object": obj, "entry": 0, "at": at, "known": at,
             "cancelled": False, "about": [], "fields": {}} for obj, at, here in out if here]


def speakers(w, duty, trig):
    """The events that count: since adoption (standing stock: always); once per object, the first that stands, else
    the first, unless each entry counts."""
    heard = {}
    for ev in w["events"] + told_by_calendar(w, trig):
        if not fits(trig, ev) or (ev["at"] < w["adopted"] and not duty["by"]):
            continue
        rank = (ev["cancelled"], ev["at"], ev["entry"])
        key = (ev["object"], ev["entry"] if trig["each"] else 0)
        if key not in heard or rank < heard[key][0]:
            heard[key] = (rank, ev)
    return [ev for _, ev in heard.values()]


def from_triggers(w, duty):
    for trig in duty["on"]:
        for ev in speakers(w, duty, trig):
            if not holds(w, duty["if"], {}, ev["at"]):
                continue
            about = dict(x.split(":", 1) for x in ev["about"])

            def choices(kind):
                named = kind in about
                return [s for s in subjects_of(w, kind)
                        if (s[0] == kind + ":" + about[kind] if named else s[1] <= ev["at"] < s[2])]

            for key, sf, st, facts in product(w, duty["per"], choices):
                if holds(w, duty["where"], facts, ev["at"]):
                    occ = of_event(w, duty, trig, ev, key, sf, st)
                    if occ is not None:
                        yield occ


def of_event(w, duty, trig, ev, key, sf, st):
    cal = w["cal"]
    if duty["within"]:
        anchor, (n, unit) = duty["within"]
        at = anchor_ms(w, ev, anchor)
        if at is None:
            return None  # the date is not known yet: nothing is expected yet
        due = cal.limit(at, n, unit)
        if unit not in ("m", "h"):
            due = roll(w, duty, due)
        lo = ev["at"]
    else:
        anchor, (n, unit) = duty["before"]
        at = anchor_ms(w, ev, anchor)
        if at is None:
            return None
        due = cal.limit(at, -n, unit)  # never rolled past what it must precede
        lo = NEVER
    if ev["at"] < w["adopted"]:
        due = max(due, roll(w, duty, cal.limit(w["adopted"], *duty["by"])))
    late_to = OPEN
    if duty["late_to"] and due != OPEN:
        late_to = cal.limit(due - 1, *duty["late_to"])
    void = None
    if ev["cancelled"]:
        void = OPEN  # open ones become void; every deed still counts
    elif ev["at"] < st < late_to and ev["kind"] not in ("leaves", "place-closed"):
        void = st  # who left does not owe it; a leaving that itself asks for something is no reason
    day = cal.day(ev["at"])
    occ = occurrence(w, duty, key, "", trigger_key(trig, ev), 1, lo, OPEN, due, late_to, void,
                     day, max(day, cal.day(due - 1)) if due != OPEN else day)
    occ["first"], occ["last"] = day, cal.day(due - 1) if due != OPEN else day
    occ["born_late"] = ev["known"] >= due
    return occ


# ---- the whole ----------------------------------------------------------------------------------------

def expand(w):
    """All occurrences of the duty whose period or window touches first…last, by key."""
    cal, duty = w["cal"], w["duty"]
    out = list(from_every(w, duty)) if duty["every"] or duty["every_param"] else []
    if duty["on"]:
        out += from_triggers(w, duty)
    lo, hi = cal.start_ms(w["first"]), cal.end_ms(w["last"])
    touched = {}
    for o in out:
        period = o["period"] and o["first"] <= w["last"] and o["last"] >= w["first"]
        told_later = not o["period"] and o["first"] > w["last"]
        if period or (o["from"] < hi and o["to"] > lo and not told_later):
            touched[o["key"]] = o
    return [touched[k] for k in sorted(touched)]
