"""Who struggles with a product, from what they do with it: signs, each with its numbers. Pure.

    signs(use, lamp, now_ms)        # [] for who gets on

A sign is something that goes on: one bad evening, a new product being tried out or a taste that
changes each time is none. The bounds are those at which planted cases of a made-up fleet were told
from people who explore, play or are new (tests/hub/test_struggle.py); no field data was there.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from hub.insight.fleet import Use
from hub.past.visits import Hand, Visit
from protocol.fold import corrected
from protocol.product import Product

FEWEST_VISITS = 6
_LOOKED_AT = 20  # newest visits
_RECENT_MS = 30 * 86_400_000
_OFTEN = 0.4  # of the visits
_MANY_HANDS = 5  # in one visit
_TURNS_BACK = 2  # of one setting in one visit: up, down, up
_MOSTLY = 0.6  # of the corrections of a setting lead to the same value
_REFUSED, _TAKEN_BACK = 3, 3  # in the newest 30 days


class Sign(NamedTuple):
    """kind: hunts, fights, refused or takes_back; text: a sentence for who wants to help."""

    kind: str
    text: str
    times: int
    of: int


def signs(use: Use, product: Product, now_ms: int) -> list[Sign]:
    found = [_refused(use, now_ms), _takes_back(use, now_ms)]
    visits = use.visits[-_LOOKED_AT:]
    if len(visits) >= FEWEST_VISITS:
        found += [_hunts(visits), *_fights(visits, product)]
    return [sign for sign in found if sign]


def _hunts(visits: Sequence[Visit]) -> Sign | None:
    """They turn to and fro, or try one value after the other, in visit after visit."""
    times = sum(_is_hunt(visit.hands) for visit in visits)
    if times < _OFTEN * len(visits):
        return None
    text = f"Searches for the right setting, to and fro, in {times} of {len(visits)} visits."
    return Sign("hunts", text, times, len(visits))


def _is_hunt(hands: Sequence[Hand]) -> bool:
    if len(hands) >= _MANY_HANDS:
        return True
    ways: dict[int, list[bool]] = defaultdict(list)
    for index, code, before in hands:
        ways[index].append(code > before)
    turns = [sum(a != b for a, b in pairwise(way)) for way in ways.values()]
    return max(turns, default=0) >= _TURNS_BACK


def _fights(visits: Sequence[Visit], product: Product) -> list[Sign]:
    """They set the same value again and again, and the device does not take it over."""
    found: list[Sign] = []
    for index, setting in enumerate(product.settings):
        values = [value for visit in visits for value in visit.values if value.setting == index]
        moved = [v.code for v in values if corrected(setting, v.applied, v.code)]
        if len(values) < FEWEST_VISITS or len(moved) < max(_OFTEN * len(values), 4):
            continue
        usual = max(set(moved), key=moved.count)
        same = sum(1 - corrected(setting, usual, code) for code in moved)
        if same < _MOSTLY * len(moved):
            continue  # they choose differently each time: that is no fight
        name = setting.name.replace("_", " ")
        text = f"Sets {name} by hand in {len(moved)} of {len(values)} visits, mostly to the same."
        found.append(Sign("fights", text, len(moved), len(values)))
    return found


def _refused(use: Use, now_ms: int) -> Sign | None:
    times = _lately(use.refused, now_ms)
    if times < _REFUSED:
        return None
    return Sign("refused", f"{times} wishes were limited or refused in 30 days.", times, times)


def _takes_back(use: Use, now_ms: int) -> Sign | None:
    times = _lately(use.undone, now_ms)
    if times < _TAKEN_BACK:
        return None
    return Sign("takes_back", f"Took something back {times} times in 30 days.", times, times)


def _lately(times_ms: Sequence[int], now_ms: int) -> int:
    return sum(at_ms > now_ms - _RECENT_MS for at_ms in times_ms)
