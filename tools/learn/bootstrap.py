"""How sure a figure is: people are drawn again and again, and the figure is taken of each draw."""

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

DRAWS = 1000

Pairs = Sequence[tuple[int, int]]
"""For each person the corrections that two rules needed: (ours, the other's)."""


class Range(NamedTuple):
    """95 % of the draws lie between low and high."""

    value: float
    low: float
    high: float


def against(people: Pairs, random: Random) -> Range:
    """Our corrections relative to the other's, less one: -0.2 is a fifth fewer."""
    return _range(_ratio(people), _draws(people, random))


def geometric(panels: Sequence[Pairs], random: Random) -> Range:
    """The same over several panels: the geometric mean of their ratios, less one."""
    drawn = [_draws(people, random) for people in panels]
    means = [_mean(ratios) for ratios in zip(*drawn, strict=True)]
    return _range(_mean([_ratio(people) for people in panels]), means)


def _draws(people: Pairs, random: Random) -> list[float]:
    return [_ratio(random.choices(people, k=len(people))) for _ in range(DRAWS)]


def _ratio(people: Pairs) -> float:
    ours, other = sum(each[0] for each in people), sum(each[1] for each in people)
    # half a correction more on both sides: a panel where nobody ever corrects has a ratio, too
    return (ours + 0.5) / (other + 0.5)


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def _range(value: float, draws: list[float]) -> Range:
    ranked = sorted(draws)
    low, high = ranked[len(ranked) * 25 // 1000], ranked[len(ranked) * 975 // 1000]
    return Range(value - 1, low - 1, high - 1)
