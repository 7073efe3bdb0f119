"""What the outcomes of a panel, or of several, look like: by visit, by confidence, by threshold."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tools.learn.play import OURS, RULES, Outcome

BANDS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 8), (9, 15), (16, 31), (32, 10**9))
THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FEWEST = 1_000  # events in a bin that says anything

_OURS, _DEFAULT = RULES.index(OURS), RULES.index("default")


class Band(NamedTuple):
    """rates: corrections per choice of each rule, in the order of RULES."""

    visits: str
    choices: int
    rates: tuple[float, ...]


class Bin(NamedTuple):
    """Events of about this confidence: how sure on average, and how often right."""

    events: int
    confidence: float
    right: float

    @property
    def off(self) -> float:
        return abs(self.confidence - self.right)


class Threshold(NamedTuple):
    """What comes of holding the default while confidence is below `at`: shares of all choices."""

    at: float
    applied: float
    right_of_applied: float
    wrongly_applied: float
    corrections: float


def rates(outcomes: Sequence[Outcome]) -> tuple[float, ...]:
    """Corrections per choice of each rule."""
    return tuple(
        sum(each.wrong[rule] for each in outcomes) / len(outcomes) for rule in range(len(RULES))
    )


def by_visit(outcomes: Iterable[Outcome]) -> Iterator[Band]:
    """The learning curve; visits of a person are counted from 1."""
    for first, last in BANDS:
        rows = [each for each in outcomes if first <= each.visit <= last]
        if rows:
            name = (
                f"{first}" if first == last else f"{first}-{last}" if last < 10**9 else f"{first}+"
            )
            yield Band(name, len(rows), rates(rows))


def deciles(outcomes: Iterable[Outcome]) -> list[Bin]:
    """Ten bins by confidence, those that hold anything."""
    bins: list[list[Outcome]] = [[] for _ in range(10)]
    for each in outcomes:
        bins[min(int(each.confidence * 10), 9)].append(each)
    return [
        Bin(
            len(rows),
            sum(each.confidence for each in rows) / len(rows),
            1 - sum(each.wrong[_OURS] for each in rows) / len(rows),
        )
        for rows in bins
        if rows
    ]


def worst(bins: Iterable[Bin]) -> float | None:
    """How far a bin of enough events is off, at most; None if there is no such bin."""
    return max((each.off for each in bins if each.events > FEWEST), default=None)


def thresholds(outcomes: Sequence[Outcome]) -> Iterator[Threshold]:
    """One row for each of THRESHOLDS."""
    for at in THRESHOLDS:
        applied = [each for each in outcomes if each.confidence >= at]
        held = [each for each in outcomes if each.confidence < at]
        wrong = sum(each.wrong[_OURS] for each in applied)
        left = sum(each.wrong[_DEFAULT] for each in held)
        yield Threshold(
            at,
            len(applied) / len(outcomes),
            1 - wrong / len(applied) if applied else 0.0,
            wrong / len(outcomes),
            (wrong + left) / len(outcomes),
        )
