"""Panels with a strong daily rhythm, made up: no package holds such settings of known people.

Each person has one value for each of two to four parts of the day, drawn from a few that people
like; a visit takes the value of its daypart, with a little noise, now and then something else, and
about every 60 visits one of the values changes for good. Said wherever a figure of theirs stands.
"""

from random import Random

from protocol.window import NO_DAYPART
from tools.learn.panel import Event, Panel, Series
from tools.learn.scale import Scale

_PEOPLE = 400
_SEED = 20261122
_OFTEN = (1, 4, 2, 5)  # how often people come at night, in the morning, at midday, in the evening
_ODD = 0.06  # visits that want something else altogether
_DRIFT = 1 / 60


def brightness() -> Panel:
    """20 steps of brightness, one step near is the same; half of the people have two values."""
    return _panel("sim_rhythm", high=20, tolerance=1, noise=0.25, visits=(8, 60))


def doses() -> Panel:
    """A dose of 0 to 30, met exactly; a value for every daypart, as insulin by the meal."""
    return _panel("sim_doses", high=30, tolerance=0, noise=0.12, visits=(12, 80))


def _panel(name: str, high: int, tolerance: int, noise: float, visits: tuple[int, int]) -> Panel:
    random = Random(f"{_SEED} {name}")
    liked = [random.randint(0, high) for _ in range(7)]
    series = []
    for number in range(_PEOPLE):
        wants = _wants(random, liked, every_part=not tolerance)
        events = []
        for _ in range(random.randint(*visits)):
            if random.random() < _DRIFT:
                wants[random.randrange(4)] = random.choice(liked)
            events.append(_visit(random, wants, high, noise))
        series.append(Series(f"{name} {number}", 0, events))
    return Panel(name, [Scale(name, {}, high, tolerance)], series, ("made up, not real people's",))


def _wants(random: Random, liked: list[int], every_part: bool) -> list[int]:
    """By daypart: a value for each, or one for the day and one for evening and night."""
    if every_part:
        return [random.choice(liked) for _ in range(NO_DAYPART)]
    day = random.choice(liked)
    late = random.choice(liked) if random.random() < 0.5 else day
    return [late, day, day, late]


def _visit(random: Random, wants: list[int], high: int, noise: float) -> Event:
    part = random.choices(range(NO_DAYPART), _OFTEN)[0]
    if random.random() < _ODD:
        return Event(random.randint(0, high), part)
    off = random.choice((-1, 1)) if random.random() < noise else 0
    return Event(min(max(wants[part] + off, 0), high), part)
