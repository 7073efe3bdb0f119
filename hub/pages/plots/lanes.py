"""The timeline as lanes, one for each device: when it was used, set by hand, asked for something.

x and width are percent of the drawing's width, so that it fits any screen without being scaled.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

LANE_PX, AXIS_PX = 44, 24
HUB = "at the hub"
MOST_LANES = 8

_MOST_TICKS = 4
_DAY_MS = 86_400_000
_THINNEST = 0.4  # percent
_LEFT, _RIGHT = 1.0, 99.0  # percent: a mark at the edge is seen whole
_FORMS = {"visit": "bar", "adjusted": "tick", "stated": "tick"}  # all else is a dot


class Mark(NamedTuple):
    """form: bar (as long as the visit), tick (a hand) or dot (whatever else)."""

    form: str
    x: float
    width: float
    text: str


class Lane(NamedTuple):
    """counts: of visits, of what was set by hand, of all else."""

    name: str
    y: int
    marks: list[Mark]
    counts: tuple[int, int, int]


class Lanes(NamedTuple):
    """ticks: (x, text) of the axis of time; more: lanes that are not drawn."""

    lanes: list[Lane]
    ticks: list[tuple[float, str]]
    height: int
    more: int
    sentence: str


def lanes(
    entries: Sequence[dict[str, Any]], devices: Sequence[str], zone: tzinfo, now_ms: int
) -> Lanes | None:
    """entries: lines of the timeline, in any order, undone ones left out; devices: those that have
    a lane in any case. What no device told has a lane of its own."""
    told = [entry for entry in entries if not entry.get("undone")]
    if not told:
        return None
    from_ms = min(min(entry["at_ms"] for entry in told), now_ms - _DAY_MS)
    to_ms = max(now_ms, *(entry["at_ms"] for entry in told))
    names = list(dict.fromkeys([*devices, *sorted({one["device"] or HUB for one in told} - {HUB})]))
    names += [HUB] * any(entry["device"] is None for entry in told)
    made = [
        _lane(name, at, [one for one in told if (one["device"] or HUB) == name], from_ms, to_ms)
        for at, name in enumerate(names[:MOST_LANES])
    ]
    height = LANE_PX * len(made) + AXIS_PX
    more = max(0, len(names) - MOST_LANES)
    return Lanes(made, _ticks(from_ms, to_ms, zone), height, more, _sentence(made, told, zone))


def _lane(name: str, at: int, entries: list[dict[str, Any]], from_ms: int, to_ms: int) -> Lane:
    marks = [_mark(entry, from_ms, to_ms) for entry in entries]
    counts = [sum(mark.form == form for mark in marks) for form in ("bar", "tick", "dot")]
    return Lane(name, at * LANE_PX, marks, (counts[0], counts[1], counts[2]))


def _mark(entry: dict[str, Any], from_ms: int, to_ms: int) -> Mark:
    form = _FORMS.get(entry["kind"], "dot")
    long_ms = 1000 * entry["details"].get("seconds", 0) if form == "bar" else 0
    x = _x(entry["at_ms"] - long_ms, from_ms, to_ms)
    width = max(_THINNEST, _x(entry["at_ms"], from_ms, to_ms) - x)
    return Mark(form, round(x, 2), round(width, 2), entry["text"])


def _x(at_ms: int, from_ms: int, to_ms: int) -> float:
    share = (max(at_ms, from_ms) - from_ms) / (to_ms - from_ms)
    return _LEFT + (_RIGHT - _LEFT) * share


def _ticks(from_ms: int, to_ms: int, zone: tzinfo) -> list[tuple[float, str]]:
    """The beginnings of some days, evenly apart."""
    first = datetime.fromtimestamp(from_ms / 1000, zone)
    day = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = max(1, (to_ms - from_ms) // _DAY_MS)
    apart = timedelta(days=-(-days // _MOST_TICKS))
    found: list[tuple[float, str]] = []
    while day.timestamp() * 1000 <= to_ms:
        x = _x(round(day.timestamp() * 1000), from_ms, to_ms)
        found.append((round(x, 2), f"{day.day} {day:%b}"))
        day += apart
    return found


def _sentence(made: list[Lane], told: list[dict[str, Any]], zone: tzinfo) -> str:
    first = datetime.fromtimestamp(min(one["at_ms"] for one in told) / 1000, zone)
    visits, hands = (sum(lane.counts[at] for lane in made) for at in (0, 1))
    said = f"{visits or 'no'} visit{'s' * (visits != 1)}"
    by_hand = f"{hands or 'nothing'} set by hand"
    return f"Since {first.day} {first:%B}: {said}, {by_hand}."
