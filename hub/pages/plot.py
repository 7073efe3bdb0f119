"""The plot of corrections: a bar for each visit, and a line that shows where they are heading.

Lengths are units of the drawing, which the page scales; (0, 0) is its upper left corner.
"""

from typing import Any, NamedTuple

WIDTH, HEIGHT = 328, 188
LEFT, RIGHT, TOP, BOTTOM = 32, 320, 28, 148

MOST_VISITS = 48
_TOGETHER = 5  # visits of which the line is the mean
_LABEL = 144  # the width of the line's name
_MOST_MARKS = 4  # on the upright axis


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Plot(NamedTuple):
    """visits: those that are drawn, the oldest first. marks: (y, count) of the upright axis.

    line: the points of the mean, "" while there are too few visits for one; label_y: of its name.
    """

    visits: list[dict[str, Any]]
    bars: list[Bar]
    line: str
    end: tuple[float, float]
    label_y: float
    marks: list[tuple[float, int]]
    sentence: str


def corrections(visits: list[dict[str, Any]]) -> Plot | None:
    """Of `corrections` in Profiles.about, the oldest first; None if there are none to draw."""
    drawn = visits[-MOST_VISITS:]
    if not drawn:
        return None
    most = max(1, *(visit["corrected"] for visit in drawn))
    step = (RIGHT - LEFT) / len(drawn)
    points = [(LEFT + step * (at + 0.5), _up(mean, most)) for at, mean in enumerate(_means(drawn))]
    return Plot(
        drawn,
        [_bar(at, visit["corrected"], step, most) for at, visit in enumerate(drawn)],
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points) if drawn[_TOGETHER:] else "",
        points[-1],
        min((y for x, y in points if x > RIGHT - _LABEL), default=TOP) - 8,
        [(_up(count, most), count) for count in range(0, most + 1, -(-most // _MOST_MARKS))],
        _sentence(visits),
    )


def _bar(at: int, corrected: int, step: float, most: int) -> Bar:
    width, top = min(step * 0.7, 24), _up(corrected, most)
    x = LEFT + step * (at + 0.5) - width / 2
    return Bar(round(x, 1), round(top, 1), round(width, 1), round(BOTTOM - top, 1))


def _up(count: float, most: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * count / most


def _means(visits: list[dict[str, Any]]) -> list[float]:
    counts = [visit["corrected"] for visit in visits]
    parts = [counts[max(0, at - _TOGETHER + 1) : at + 1] for at in range(len(counts))]
    return [sum(part) / len(part) for part in parts]


def _sentence(visits: list[dict[str, Any]]) -> str:
    counts = [visit["corrected"] for visit in visits]
    if len(counts) < 2 * _TOGETHER:
        return f"{_changes(sum(counts))} by hand in {_visits(len(counts))}."
    first, last = sum(counts[:_TOGETHER]), sum(counts[-_TOGETHER:])
    way = "fewer than" if last < first else "more than" if last > first else "as many as"
    now = f"{_changes(last)} by hand in the last {_TOGETHER} visits"
    return f"{now}, {way} in the first {_TOGETHER} ({first})."


def _changes(count: int) -> str:
    return f"{count or 'No'} {'correction' if count == 1 else 'corrections'}"


def _visits(count: int) -> str:
    return "one visit" if count == 1 else f"{count} visits"
