"""The gate, over all time zones there are, held against an oracle that looks at finished logs."""

import ast
import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from hub.relation.days import DAY_MS, days_later, month_later, next_day, out_of
from hub.relation.gate import Contact, Request, may
from tests.conftest import many

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
BEGIN_MS, END_MS = 946_684_800_000, 2_145_916_800_000  # the years 2000 to 2037
BERLIN = ZoneInfo("Europe/Berlin")
MESSAGE = Request("notice")


def ms(text, zone=BERLIN, fold=0):
    local = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return round(local.timestamp() * 1000)


def contact(most=2, period="week", quiet=None, **more):
    return Contact(most, period, quiet, **more)


# The oracle: knows offsets from UTC and counts on its fingers


class Wall:
    """What the clock on the wall says, as plain numbers."""

    def __init__(self, at_ms, zone):
        offset = zone.utcoffset(datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone))
        minutes = (at_ms // 1000 + round(offset.total_seconds())) // 60
        self.ms = at_ms + round(offset.total_seconds()) * 1000
        self.day, self.minute = divmod(minutes, 1440)
        self.date = date(1970, 1, 1) + timedelta(days=self.day)
        self.week = (self.day + 3) // 7  # 1970-01-01 was a Thursday

    @property
    def month(self):
        return self.date.year, self.date.month


def is_quiet(wall, quiet):
    return quiet is not None and wall.minute in minutes_of(quiet)


@cache
def minutes_of(quiet):
    minutes, at = set(), quiet[0]
    while at != quiet[1]:
        minutes.add(at)
        at = (at + 1) % 1440
    return frozenset(minutes)


def too_many(walls, most, period):
    """Is there a week or month, of the calendar or of its own, with more than `most`?"""
    whole = [wall.week if period == "week" else wall.month for wall in walls]
    if any(whole.count(one) > most for one in set(whole)):
        return True
    return any(
        not is_over(first, later, period) for first, later in zip(walls, walls[most:], strict=False)
    )


def is_over(first, later, period):
    """Has a period passed by the clock on the wall?"""
    if period == "week":
        return later.ms - first.ms >= 7 * DAY_MS
    months = later.date.year * 12 + later.date.month - first.date.year * 12 - first.date.month
    if months != 1:
        return months > 1
    if later.date.day != first.date.day and (later.date + timedelta(days=1)).day != 1:
        return later.date.day > first.date.day
    is_later = later.date.day > first.date.day
    return is_later or later.ms % DAY_MS >= first.ms % DAY_MS


# What is tried


def moments(zone, dice):
    """Days on which calendars and clocks do odd things there, in a year of its own."""
    year = dice.randrange(2001, 2036)
    begin_ms = round(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
    days = [begin_ms + day * DAY_MS for day in range(366)]
    offsets = [Wall(at_ms, zone).ms - at_ms for at_ms in days]
    odd = [at_ms for at_ms, a, b in zip(days, offsets, offsets[1:], strict=False) if a != b]
    leap = year // 4 * 4
    ends = [
        datetime(leap, 2, 28, tzinfo=UTC),
        datetime(year, dice.randrange(1, 13), 28, tzinfo=UTC),
    ]
    return [*odd, *(round(one.timestamp() * 1000) for one in ends)]


def someone(dice):
    period = dice.choice(("week", "month"))
    most = dice.choice((1, 1, 2, 3, 7, 31))
    quiet = None
    if dice.random() < 0.8:
        quiet = dice.randrange(1440), dice.randrange(1440)
        quiet = (120, 119) if quiet[0] == quiet[1] else quiet
    return contact(most, period, quiet)


def steps(dice, at_ms):
    """Moments at which something is to be sent: mostly at once, sometimes days later."""
    while True:
        at_ms += dice.choice((1, 7, 40, 300, 1500, 5000)) * dice.randrange(1, 3 * MINUTE_MS)
        yield at_ms


@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_requests_in_all_time_zones_break_no_limit_and_no_quiet_hours(part):
    dice, asked, said_no = random.Random(part), 0, 0
    names = sorted(available_timezones())[part::4]
    every = [*names]
    while names or asked < many(10_000) / 4:
        zone = ZoneInfo(names.pop() if names else dice.choice(every))
        for begin_ms in dice.sample(moments(zone, dice), 2):
            person, sent = someone(dice), []
            for _, at_ms in zip(range(dice.randrange(5, 40)), steps(dice, begin_ms), strict=False):
                verdict = may(MESSAGE, person, dice.sample(sent, len(sent)), at_ms, zone)
                asked, said_no = asked + 1, said_no + (not verdict.go)
                if verdict.go:
                    sent.append(at_ms)
                else:
                    check_refused(person, sent, at_ms, verdict.next_ms, zone, dice)
            walls = [Wall(at_ms, zone) for at_ms in sent]
            assert not any(is_quiet(wall, person.quiet) for wall in walls), (zone, person, sent)
            assert not too_many(walls, person.most, person.period), (zone, person, sent)
    assert said_no > asked / 10


def check_refused(person, sent, at_ms, next_ms, zone, dice):
    """There is a reason now and at every moment until `next_ms`, and none then."""
    assert next_ms > at_ms
    for when_ms in (at_ms, dice.randrange(at_ms, next_ms), next_ms - 1):
        wall = Wall(when_ms, zone)
        walls = [Wall(one, zone) for one in sent]
        assert (
            is_quiet(wall, person.quiet)
            or too_many([*walls, wall], person.most, person.period)
            or is_again(when_ms, zone)
        ), (zone, person, sent, when_ms)
    assert may(MESSAGE, person, sent, next_ms, zone).go
    assert not may(MESSAGE, person, sent, next_ms - 1, zone).go


def is_again(at_ms, zone):
    """Clocks were put back lately: what the wall says now it said before, and may say once more."""
    near = [Wall(at_ms + hours * HOUR_MS, zone).ms - hours * HOUR_MS for hours in (-26, 0, 26)]
    return len({one - at_ms for one in near}) > 1


def test_the_limit_of_a_week_ends_at_the_same_time_of_day_a_week_later():
    sent = [ms("2026-10-20 09:00"), ms("2026-10-22 09:00")]
    verdict = may(MESSAGE, contact(2), sent, ms("2026-10-26 09:00"), BERLIN)
    assert (verdict.go, verdict.next_ms) == (False, ms("2026-10-27 09:00"))
    assert verdict.text == (
        "No more than 2 may go out in a week: not before 27 October 2026, 09:00 where they live."
    )


@pytest.mark.parametrize(
    ("sent", "until"),
    [
        ("2027-01-31 09:00", "2027-02-28 09:00"),
        ("2028-01-31 09:00", "2028-02-29 09:00"),
        ("2028-02-29 09:00", "2028-03-29 09:00"),
        ("2026-12-31 23:59", "2027-01-31 23:59"),
        ("2027-02-28 02:30", "2027-03-28 03:30"),  # there is no 02:30 on that day
    ],
)
def test_the_limit_of_a_month_ends_on_the_same_day_or_the_last(sent, until):
    assert month_later(ms(sent), BERLIN) == ms(until)
    person = contact(1, "month")
    assert not may(MESSAGE, person, [ms(sent)], ms(until) - 1, BERLIN).go
    assert may(MESSAGE, person, [ms(sent)], ms(until), BERLIN).go


def test_a_time_that_is_there_twice_counts_until_the_second():
    sent_ms = ms("2026-10-18 02:30")
    assert days_later(sent_ms, 7, BERLIN) == ms("2026-10-25 02:30", fold=1)


@pytest.mark.parametrize(
    ("at", "quiet", "until"),
    [
        ("2026-06-01 23:00", (1320, 480), "2026-06-02 08:00"),
        ("2026-06-01 07:59", (1320, 480), "2026-06-01 08:00"),
        ("2026-06-01 08:00", (1320, 480), "2026-06-01 08:00"),
        ("2026-03-29 01:59", (60, 150), "2026-03-29 03:00"),  # 02:30 is left out
        ("2026-10-25 02:10", (120, 180), "2026-10-25 03:00"),  # an hour that is there twice
        ("2026-03-28 12:00", (180, 120), "2026-03-30 02:00"),  # free only in the hour left out
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(at, quiet, until):
    assert out_of(ms(at), quiet, BERLIN) == ms(until)


def test_a_whole_day_that_is_left_out_is_one_day_fewer_to_wait():
    samoa = ZoneInfo("Pacific/Apia")  # there was no 30 December 2011
    sent_ms = ms("2011-12-23 12:00", samoa)
    assert days_later(sent_ms, 7, samoa) == ms("2011-12-31 12:00", samoa)


def test_who_did_not_agree_or_does_not_want_it_is_never_asked_again_when():
    service = Request("service", "service")
    now_ms = ms("2026-06-01 12:00")
    for person, word in (
        (contact(), "agreed"),
        (contact(agreed=frozenset(["service"]), off=frozenset(["service"])), "this kind"),
        (contact(0, agreed=frozenset(["service"])), "never"),
    ):
        verdict = may(service, person, [], now_ms, BERLIN)
        assert (verdict.go, verdict.next_ms) == (False, None)
        assert word in verdict.text
    assert may(service, contact(agreed=frozenset(["service"])), [], now_ms, BERLIN).go


@pytest.mark.parametrize(
    ("today", "day", "there"),
    [
        ("2027-02-01", 31, "2027-02-28"),
        ("2028-02-01", 31, "2028-02-29"),
        ("2026-04-30", 31, "2026-04-30"),
        ("2026-12-16", 15, "2027-01-15"),
        ("2027-01-31", 30, "2027-02-28"),
    ],
)
def test_an_invoice_of_the_31st_comes_on_the_last_day_of_a_short_month(today, day, there):
    assert next_day(date.fromisoformat(today), day) == date.fromisoformat(there)


def imported(path):
    """(module, name) of everything that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_there_is_no_way_out_to_people_but_through_the_gate():
    hub = Path(__file__).resolve().parents[2] / "hub"
    files = {path.relative_to(hub).as_posix(): path for path in hub.rglob("*.py")}
    uses = {name: set(imported(path)) for name, path in files.items()}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}

    def importing(module, *names):
        return {at for at, of in uses.items() for one in names if (module, one) in of}

    assert importing("hub.relation.gate", "may") == {"relation/outgoing.py"}, "one asks the gate"
    reads = importing("hub.relation.outgoing", "messages")
    assert reads == {"relation/turns.py", "privacy/retention.py", "privacy/related.py"}, (
        "told to hooks, let go of, moved"
    )
    assert importing("hub.relation.hooks", "sign") == {"relation/hooks_out.py"}, "one signs"
    assert {at for at, text in texts.items() if ".broadcast(" in text} == {"relation/hooks_out.py"}
    ways = ("http.client", "smtplib", "urllib.request", "requests", "aiohttp")
    assert {at for way in ways for at in importing(way, "")} <= {"relation/hooks_out.py"}
    writes = {at for at, text in texts.items() if '"messages", MOST' in text}
    assert writes == {"relation/outgoing.py"}, "one table, written by one module"
