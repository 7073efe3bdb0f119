"""What a measure gives: a table for people, and the same figures for machines."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.table import Table

Track = Callable[[Iterable[Any], str], Iterable[Any]]
"""track(rounds, what) goes through the rounds and shows how far it is."""


class MeasureError(ValueError):
    """It cannot be measured so; the text says why."""


class Result(NamedTuple):
    """figures: times in ms, memory in KB, shares as fractions; keys stay as they are."""

    table: RenderableType
    figures: dict[str, Any]


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least `percent` in a hundred do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(-(-len(ranked) * percent // 100) - 1, 0)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def table(title: str, *headings: str, caption: str = "") -> Table:
    """A table whose first column says what, and whose others are numbers."""
    made = Table(title=title, caption=caption, caption_justify="left")
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if number else "left")
    return made
