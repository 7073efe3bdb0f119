"""The distribution of a setting: a bar for each of its values, and where somebody stands in it.

Lengths are units of the drawing, which the page scales; (0, 0) is its upper left corner.
"""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, LEFT, TOP, ROW = 328, 104, 24, 26
_ROOM = 132  # for the longest bar; the words behind it need the rest
_LONGEST = 14  # letters of a label


class Bar(NamedTuple):
    """text: the value or values; number: None where it is too small to be told."""

    text: str
    label: str
    number: int | None
    y: int
    width: float
    is_here: bool


class Spread(NamedTuple):
    """of: what is counted ("visits", "people"); here: what stands beside the bar of who looks."""

    bars: list[Bar]
    of: str
    here: str
    height: int
    sentence: str


def spread(
    rows: Sequence[tuple[str, int | None]],
    here: int | None = None,
    of: str = "visits",
    said: str = "you are here",
) -> Spread | None:
    """rows: (value as people say it, how many) in the order of the values, also those that nobody
    has; None for too few to be told. here: the place of who looks; said: how that is told."""
    told = [count or 0 for _, count in rows]
    if not any(told):
        return None
    bars = [
        Bar(
            text,
            text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…",
            count,
            TOP + at * ROW,
            round(_ROOM * (count or 0) / max(told), 1),
            at == here,
        )
        for at, (text, count) in enumerate(rows)
    ]
    return Spread(bars, of, said, TOP + ROW * len(bars) + 4, _sentence(bars, of, said))


def _sentence(bars: list[Bar], of: str, said: str) -> str:
    most = max(bars, key=lambda bar: bar.number or 0)
    whole = "" if any(bar.number is None for bar in bars) else f" of {sum(_numbers(bars))}"
    sentence = f"Most often {most.text}: {most.number}{whole} {of}"
    mine = next((bar for bar in bars if bar.is_here), None)
    if mine is None:
        return sentence + "."
    return f"{sentence}; {said}{', too' if mine is most else f' at {mine.text}'}."


def _numbers(bars: list[Bar]) -> list[int]:
    return [bar.number or 0 for bar in bars]
