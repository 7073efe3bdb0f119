"""What the hub would work out of many people with a lamp, among whom some differ."""

from functools import cache
from random import Random
from typing import Any

from hub.insight.digest import digest
from hub.insight.fleet import Person
from hub.insight.report import report
from hub.learning.beginning import Options
from protocol.fold import corrected
from tests.hub.fleet import EVENING, PRODUCTS, Taste, fleet
from tests.hub.living import LAMP, NOON_MS

_WINDOW = 6  # visits


@cache
def of_a_fleet(size: int) -> dict[str, Any]:
    """The document that is kept of the product."""
    users = [digest(with_windows(one), LAMP) for one in fleet(size, 1, _planted)]
    return report(users, PRODUCTS, "lamp", {}, Options(), NOON_MS).document


def with_windows(person: Person) -> Person:
    """As the learner sees the visits of somebody of a made-up fleet."""
    windows: dict[int, list[tuple[int, int, int]]] = {}
    for visit in person.uses["lamp"].visits[-_WINDOW:]:
        for index, code, _, applied in visit.values:
            setting = LAMP.settings[index]
            row = setting.rung(code), visit.daypart, corrected(setting, applied, code)
            windows.setdefault(index, []).append(row)
    lamp = person.uses["lamp"]._replace(windows=windows)
    return person._replace(uses=person.uses | {"lamp": lamp})


def _planted(likes: Taste, dice: Random, number: int) -> Taste:
    """Kettles go with dim evenings; who uses it often likes the night light."""
    brightness = list(likes.brightness)
    if "kettle" in likes.owns:
        brightness[EVENING] -= 30
    if likes.often > 1.5:
        likes = likes._replace(night_light=dice.betavariate(8, 3))
    return likes._replace(brightness=brightness)
