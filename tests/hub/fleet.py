"""A made-up fleet whose differences are known, because they were planted.

What people do is drawn, not measured: each has tastes of their own, a rhythm and some noise.
"""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from hub.insight.features import DAYPARTS
from hub.insight.fleet import Person, Use
from hub.insight.ledger import Ledger
from hub.past.visits import Hand, Value, Visit
from protocol.events import LEARNED
from protocol.product import Product
from tests.hub.living import KETTLE, LAMP, NOON_MS

PRODUCTS: dict[str, Product] = {"lamp": LAMP, "kettle": KETTLE}
DAY_MS = 86_400_000
BRIGHTNESS, MOOD, NIGHT_LIGHT = range(3)
EVENING = DAYPARTS.index("evening")
MORNING = DAYPARTS.index("morning")


class Taste(NamedTuple):
    """One person: how bright at each time of day, how likely the bright mood and the night light;
    visits a day; when (weights of the dayparts); visits at weekends only, or not."""

    brightness: list[float]
    mood: float
    night_light: float
    often: float
    when: list[float]
    owns: frozenset[str]


Plant = Callable[[Taste, random.Random, int], Taste]


def taste(dice: random.Random) -> Taste:
    usual = dice.gauss(55, 12)
    return Taste(
        [usual + dice.gauss(0, 6) for _ in DAYPARTS],
        dice.betavariate(2, 2),
        dice.betavariate(1, 4),
        dice.uniform(0.5, 2),
        [dice.uniform(0.2, 1) for _ in DAYPARTS],
        frozenset(["kettle"] if dice.random() < 0.3 else []),
    )


def person(number: int, dice: random.Random, plant: Plant, days: int = 30) -> Person:
    likes = plant(taste(dice), dice, number)
    visits = [visit(likes, dice, day) for day in range(days) for _ in range(_count(likes, dice))]
    lamp = Use(sorted(visits), {}, Ledger(), 1)
    uses = {"lamp": lamp} | {name: Use([], {}, Ledger(), 1) for name in likes.owns}
    since_ms = NOON_MS - dice.randrange(400) * DAY_MS
    return Person(f"c-{number:012x}", f"Customer {number}", since_ms, True, uses)


def visit(likes: Taste, dice: random.Random, day: int, **other: Any) -> Visit:
    (part,) = dice.choices(range(4), likes.when)
    bright = LAMP.settings[BRIGHTNESS].fit(round(dice.gauss(likes.brightness[part], 5)))
    mood = int(dice.random() < likes.mood)
    night = int(dice.random() < likes.night_light)
    right = dice.random() < 0.8  # of what the learner applied
    applied = bright if right else LAMP.settings[BRIGHTNESS].fit(bright + dice.choice((-20, 20)))
    values = (
        Value(BRIGHTNESS, bright, LEARNED, applied),
        Value(MOOD, mood, LEARNED, mood if dice.random() < 0.9 else 1 - mood),
        Value(NIGHT_LIGHT, night, LEARNED, night if dice.random() < 0.9 else 1 - night),
    )
    hands = tuple(Hand(v.setting, v.code, v.applied) for v in values if v.code != v.applied)
    at_ms = NOON_MS + day * DAY_MS + (3, 8, 13, 19)[part] * 3_600_000 + dice.randrange(3_600_000)
    made = Visit(at_ms, part, day % 7 >= 5, "lamp-1", 600, values, hands, ((0, 600),))
    return made._replace(**other)


def fleet(size: int, seed: int, plant: Plant = lambda likes, dice, number: likes) -> list[Person]:
    dice = random.Random(seed)
    return [person(number, dice, plant) for number in range(size)]


def _count(likes: Taste, dice: random.Random) -> int:
    return int(likes.often) + (dice.random() < likes.often % 1)
