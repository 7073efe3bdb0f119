"""Corrections over visits for the whole fleet: what people change, beside what they would have.

Lengths are units of the drawing, which the page scales; (0, 0) is its upper left corner.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT = 328, 196
LEFT, RIGHT, TOP, BOTTOM = 32, 320, 28, 156

_LINES = (
    ("default", "as new"),
    ("last_used", "as last time"),
    ("corrections", "Rapport"),
)
_APART = 16  # of the names of the lines


class Line(NamedTuple):
    """points: as a polyline has them; end: where it ends; label_y: where its name stands."""

    name: str
    text: str
    points: str
    end: tuple[float, float]
    label_y: float


class Curve(NamedTuple):
    """marks: (y, number) of the upright axis, ticks: (x, visit) of the lower one."""

    lines: list[Line]
    points: list[dict[str, Any]]
    marks: list[tuple[float, str]]
    ticks: list[tuple[float, int]]
    sentence: str


def curve(points: Sequence[dict[str, Any]]) -> Curve | None:
    """Of `curve` in Insights.of_product; None for fewer than two points."""
    if len(points) < 2:
        return None
    most = max(point[name]["mean"] for point in points for name, _ in _LINES) or 1.0
    xs = [LEFT + (RIGHT - LEFT) * at / (len(points) - 1) for at in range(len(points))]
    made: list[Line] = []
    for name, text in _LINES:
        ys = [_up(point[name]["mean"], most) for point in points]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
        made.append(Line(name, text, drawn, (xs[-1], ys[-1]), ys[-1]))
    ticks = [(x, point["from_visit"]) for x, point in zip(xs, points, strict=True)]
    marks = [(_up(most * part / 2, most), f"{most * part / 2:.1f}") for part in range(3)]
    return Curve(_apart(made), list(points), marks, ticks, _sentence(points))


def _apart(lines: list[Line]) -> list[Line]:
    """Their names above the ends of the lines, none upon another."""
    found: list[Line] = []
    above = TOP - _APART
    for line in sorted(lines, key=lambda one: one.end[1]):
        label_y = max(line.end[1] - 8, above + _APART)
        above = label_y
        found.append(line._replace(label_y=round(label_y, 1)))
    return found


def _up(value: float, most: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / most, 1)


def _sentence(points: Sequence[dict[str, Any]]) -> str:
    first, last = (point["corrections"]["mean"] for point in (points[0], points[-1]))
    without = points[-1]["default"]["mean"]
    return (
        f"From visit {points[-1]['from_visit']} on, {last:.2f} settings a visit are corrected by"
        f" hand; in the first visits it is {first:.2f}, and as new {without:.2f}."
    )
