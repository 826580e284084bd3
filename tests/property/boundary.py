"""Cases of the table of boundary cases (pack-language.md), as data for the reference and the core.

Each is (name, case, what must be said). What is said is shortened to dates: an occurrence is `KEY FROM..TO due DUE
late LATE [void SINCE] [born late] [provisional]`, a day standing for its end (24:00) but in FROM; a filling `fill KEY
RECORD HOW`. Rows of the table that are about people, steps or tenants have their tests elsewhere."""

from ref_calendar import DAY_MS, NEVER, OPEN, Calendar, civil, day_of

HOUR = 3600000


def d(text):
    return day_of(*map(int, text.split("-")))


def at(text):
    """An instant of +08:00: a day is its 00:00."""
    day, _, time = text.partition(" ")
    h, m = time.split(":") if time else (0, 0)
    return d(day) * DAY_MS - 8 * HOUR + int(h) * HOUR + int(m) * 60000


def end(text):
    return at(text) + DAY_MS


def cal(known=(2025, 2026, 2027), term=None, **more):
    free = [("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3),
            ("2026-09-25", 3), ("2026-10-01", 7)]
    work = {d(first) + i: False for first, n in free for i in range(n)} if 2026 in known else {}
    if 2026 in known:
        made_up = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
        work.update({d(x): True for x in made_up})
    terms = [(d(term or "2026-09-01"), d("2027-01-22"), 2026, 1), (d("2027-02-22"), d("2027-07-02"), 2026, 2),
             (d("2026-03-02"), d("2026-07-03"), 2025, 2)]
    return Calendar(known=known, work=work, terms=terms, **more)


def duty(**more):
    base = {"id": "d", "per": ["unit"], "every": "", "every_param": "", "times": 1, "spread": False, "window": None,
            "due": None, "early": None, "late_to": None, "in": "", "roll": "", "basis": "superior", "joins": None,
            "by": None, "names_period": False, "where": None, "if": None, "on": [], "within": None, "before": None}
    assert not set(more) - set(base), more
    return {**base, **more}


def world(first, last, what, **more):
    base = {"kind": "E", "cal": cal(), "first": d(first), "last": d(last), "now": at(first),
            "adopted": at("2025-09-01"),
            "closing": 1080, "nodes": {"fixed": ("set",)}, "periods": {"flood": (6, 1, 9, 15)}, "params": {},
            "dated": [], "defaults": {"iv": "month", "kinds": ["room"], "sw": "on"}, "person": [], "place": [],
            "class": [(30, NEVER, OPEN, "class")], "post": [], "entry": [], "record": [], "events": [], "duty": what}
    return {**base, **more}


def event(kind, when, **more):
    base = {"kind": kind, "loop": "act" if kind in ("state", "step") else "",
            "name": "on" if kind == "state" else "", "object": 1, "entry": 1, "at": at(when), "known": at(when),
            "cancelled": False, "about": [], "fields": {}}
    return {**base, **more}


def on(kind, loop="", name="", each=False):
    return [{"kind": kind, "loop": loop, "name": name, "each": each, "ends": False}]


def occ(period, first, last, due=None, late="2027-12-31", slot=1):
    return {"period": period, "trigger": "", "slot": slot, "from": at(first), "to": end(last), "due": end(due or last),
            "late_to": end(late), "void": None, "key": "d|unit:1|%s|%d" % (period, slot)}


def deed(record, done, accepted=None, why=""):
    return {"record": record, "done": at(done), "accepted": at(accepted or done), "period": "", "why": why}


def matching(occs, deeds, ticks=(), **more):
    base = {"kind": "M", "cal": cal(), "occ": occs, "deeds": deeds, "ticks": list(ticks), "apart": None, "ask": False,
            "names_period": False, "grace": (1, "wd"), "now": at("2026-11-20")}
    return {**base, **more}


# ---- shortened ---------------------------------------------------------------------------------------

def say(ms, is_end=True):
    if ms == OPEN:
        return "open"
    if ms <= 0:
        return "ever"
    local = ms + 8 * HOUR - (1 if is_end else 0)
    text = "%04d-%02d-%02d" % civil(local // DAY_MS)
    rest = (ms + 8 * HOUR) % DAY_MS
    return text + (" %02d:%02d" % (rest // HOUR, rest // 60000 % 60) if rest else "")


def short(c, lines):
    out = []
    for line in lines:
        w = line.split("\t")
        if w[0] == "occ":
            text = "%s %s..%s due %s late %s" % ((w[1][2:], say(int(w[2]), False)) + tuple(say(int(x)) for x in w[3:6]))
            text += " void %s" % say(int(w[6]), False) if w[6] != "-1" else ""
            text += " born late" if w[7][0] == "1" else ""
            out.append(text + (" provisional" if w[7][1] == "1" else ""))
        elif w[0] == "fill":
            out.append("fill %s %s %s%s" % (w[1][9:], w[2], w[3], " by tick" if w[4] == "1" else ""))
        else:
            out.append(" ".join([w[0], w[1][9:]] + w[2:]) if w[0] in ("almost", "further") else line)
    return out


# ---- the table ----------------------------------------------------------------------------------------

OCT = occ("2026-10", "2026-10-01", "2026-10-31", late="2026-11-30")
NOV = occ("2026-11", "2026-11-01", "2026-11-30", late="2026-12-31")
QUARTER = [occ("2026Q4", "2026-10-01", "2026-12-31", slot=s) for s in (1, 2)]
ENTRIES = [event("state", "2026-11-0%d" % (2 * i), object=7, entry=i, about=["record:7"]) for i in (1, 2, 3)]
LETTER = duty(per=["person"], every="school-year", due=("start", (30, "d")), joins=("always",), by=(30, "d"))
PLAN = duty(on=on("state", "act", "on"), before=("starts_at", (0, "d")), basis="internal")
REPORT = {"every": "month", "due": ("day", 5, "next"), "names_period": True}


def plan_event(starts, **more):
    return [event("state", "2026-05-01", object=7, about=["record:7"], fields={"starts_at": ("date", d(starts))},
                  **more)]


CASES = [
    ("1 held 3 Nov, October's missing", matching([OCT, NOV], [deed(1, "2026-11-03 15:00")]),
     ["fill 2026-11|1 1 on-time"]),
    ("1 unless ticked", matching([OCT, NOV], [deed(1, "2026-11-03 15:00")], [(1, OCT["key"], False)]),
     ["fill 2026-10|1 1 late by tick"]),
    ("1 October is missed on 1 Dec", world("2026-10-01", "2026-10-31", duty(every="month", basis="internal")),
     ["unit:1|2026-10|1 2026-10-01..2026-10-31 due 2026-10-31 late 2026-11-30"]),
    ("2 held 30 Oct, entered 2 Nov", matching([OCT], [deed(1, "2026-10-30 15:00", "2026-11-02 09:00")]),
     ["fill 2026-10|1 1 on-time"]),
    ("2 entered 4 Nov", matching([OCT], [deed(1, "2026-10-30 15:00", "2026-11-04 09:00")]),
     ["fill 2026-10|1 1 entered-late"]),
    ("3 28 Oct after 30 Oct", matching([OCT], [deed(1, "2026-10-30 15:00"), deed(2, "2026-10-28 15:00", "2026-11-03")]),
     ["fill 2026-10|1 2 entered-late", "further 2026-10|1 1"]),
    ("4 apart", matching(QUARTER, [deed(1, "2026-10-03"), deed(2, "2026-10-05"), deed(3, "2026-12-20")], apart=(14,
         "d")),
     ["fill 2026Q4|1 1 on-time", "fill 2026Q4|2 3 on-time", "almost 2026Q4|2 2 apart"]),
    ("5 kind group", matching([OCT], [deed(1, "2026-10-09", why="where")]), ["almost 2026-10|1 1 where"]),
    ("8 unticked", matching([OCT], [deed(1, "2026-10-09")], [(1, OCT["key"], True)]), ["almost 2026-10|1 1 unticked"]),
    ("13 activity on 10 May, a Sunday", world("2026-05-01", "2026-05-31", PLAN, events=plan_event("2026-05-10")),
     ["unit:1|state:act.on:7|1 ever..open due 2026-05-10 late open"]),
    ("13 moved to 20 May", world("2026-05-01", "2026-05-31", PLAN, events=plan_event("2026-05-20")),
     ["unit:1|state:act.on:7|1 ever..open due 2026-05-20 late open"]),
    ("14 cancelled", world("2026-05-01", "2026-05-31", PLAN, events=plan_event("2026-05-20", cancelled=True)),
     ["unit:1|state:act.on:7|1 ever..open due 2026-05-20 late open void open"]),
    ("14 entered after it happened", world("2026-05-01", "2026-05-31", PLAN, events=plan_event("2026-05-05",
         known=at("2026-05-08"))),
     ["unit:1|state:act.on:7|1 ever..open due 2026-05-05 late open born late"]),
    ("15 trained before the appointment was entered",
     world("2026-08-01", "2026-09-30", duty(on=on("appointed", name="first"), before=("", (0, "d"))),
         events=[event("appointed", "2026-09-01", name="first", object=5, known=at("2026-09-03"))]),
     ["unit:1|appointed:first:5|1 ever..open due 2026-09-01 late open born late"]),
    ("16 entered three times", world("2026-11-01", "2026-11-30", duty(on=on("state", "act", "on"), within=("", (3,
         "sd"))), events=ENTRIES),
     ["unit:1|state:act.on:7|1 2026-11-02..open due 2026-11-05 late open"]),
    ("16 each entry", world("2026-11-01", "2026-11-30", duty(on=on("state", "act", "on", True), within=("", (3,
         "sd"))),
         events=ENTRIES),
     ["unit:1|state:act.on:7:%d|1 2026-11-0%d..open due %s late open" % (n, day, due)
      for n, day, due in ((1, 2, "2026-11-05"), (2, 4, "2026-11-09"), (3, 6, "2026-11-11"))]),
    ("17 class lesson in August", world("2026-08-01", "2026-08-31", duty(per=["class"], every="month")), []),
    ("17 home letter in August",
     world("2026-08-01", "2026-08-31", duty(per=["entry"], every="year", window=("entry",), **{"in": "always"}),
         entry=[("m08", "home", ("month", 8))]),
     ["entry:cat/m08|2026|1 2026-08-01..2026-08-31 due 2026-08-31 late 2027-12-31"]),
    ("17 report due 5 Oct, superior", world("2026-09-30", "2026-09-30", duty(**REPORT)),
     ["unit:1|2026-09|1 2026-09-01..2026-10-05 due 2026-10-05 late 2026-10-31"]),
    ("17 report due 5 Oct, internal", world("2026-09-30", "2026-09-30", duty(basis="internal", **REPORT)),
     ["unit:1|2026-09|1 2026-09-01..2026-10-08 due 2026-10-08 late 2026-10-31"]),
    ("18 ISO week 53", world("2026-12-31", "2027-01-02", duty(every="week")),
     ["unit:1|2026-W53|1 2026-12-28..2027-01-03 due 2027-01-03 late 2027-01-10"]),
    ("18 term starts on Wednesday", world("2026-08-31", "2026-09-06", duty(per=["class"], every="week"),
         cal=cal(term="2026-09-02")),
     ["class:30|2026-W36|1 2026-09-02..2026-09-04 due 2026-09-04 late 2026-09-13"]),
    ("18 term starts on Thursday", world("2026-08-31", "2026-09-06", duty(per=["class"], every="week"),
         cal=cal(term="2026-09-03")), []),
    ("19 month to week on 12 Oct", world("2026-10-20", "2026-11-10", duty(every_param="iv"), dated=[("iv", "week",
         at("2026-10-12"))]),
     ["unit:1|2026-10|1 2026-10-01..2026-10-31 due 2026-10-31 late 2026-11-30",
      "unit:1|2026-W45|1 2026-11-02..2026-11-08 due 2026-11-08 late 2026-11-15",
      "unit:1|2026-W46|1 2026-11-09..2026-11-15 due 2026-11-15 late 2026-11-22"]),
    ("20 adopted 20 Oct, October", world("2026-10-01", "2026-10-31", duty(every="month"), adopted=at("2026-10-20")),
     []),
    ("20 adopted 20 Oct, letters", world("2026-10-20", "2026-10-31", LETTER, adopted=at("2026-10-20"), person=[(10,
         NEVER, OPEN, "staff")]),
     ["person:10|2026-2027|1 2026-10-20..2027-08-31 due 2026-11-19 late 2028-08-31"]),
    ("20 adopted 24 Aug, letters", world("2026-08-24", "2026-09-30", LETTER, adopted=at("2026-08-24"), person=[(10,
         NEVER, OPEN, "staff")]),
     ["person:10|2026-2027|1 2026-09-01..2027-08-31 due 2026-10-01 late 2028-08-31"]),
    ("20 adopted 24 Mar, letters", world("2026-03-24", "2026-04-30", LETTER, adopted=at("2026-03-24"), person=[(10,
         NEVER, OPEN, "staff")]),
     ["person:10|2025-2026|1 2026-03-24..2026-08-31 due 2026-04-23 late 2027-08-31"]),
    ("20 adopted 20 Oct, events",
     world("2026-10-01", "2026-10-31", duty(on=on("state", "act", "on"), within=("", (3, "d"))),
         adopted=at("2026-10-20"),
         events=[event("state", "2026-10-19", object=1), event("state", "2026-10-20", object=2)]),
     ["unit:1|state:act.on:2|1 2026-10-20..open due 2026-10-23 late open"]),
    ("20 teacher joins 20 Oct, letter", world("2026-10-20", "2026-10-31", LETTER, person=[(10, at("2026-10-20"), OPEN,
         "staff")]),
     ["person:10|2026-2027|1 2026-10-20..2027-08-31 due 2026-11-19 late 2028-08-31"]),
    ("20 teacher joins 20 Oct, October",
     world("2026-10-01", "2026-10-31", duty(per=["person"], every="month"), person=[(10, at("2026-10-20"), OPEN,
         "staff")]), []),
    ("23 limits", {"kind": "C", "cal": cal(), "ask": [("limit", at("2026-11-16 10:00"), 3, "d"), ("limit",
         end("2026-11-19") - 1, 0, "d")]},
     ["limit\t%d" % end("2026-11-19"), "limit\t%d" % end("2026-11-19")]),
    ("31 a year without holiday table", world("2026-09-30", "2026-09-30", duty(basis="internal", **REPORT),
         cal=cal(known=(2025,))),
     ["unit:1|2026-09|1 2026-09-01..2026-10-05 due 2026-10-05 late 2026-10-31 provisional"]),
]
