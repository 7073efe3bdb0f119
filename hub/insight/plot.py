"""The ranked differences as a picture: an SVG that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

MOST = 12

_WIDTH, _ROW, _TOP, _LEFT, _RIGHT = 960, 44, 56, 24, 24
_LONGEST = 104  # letters of a row's sentence
_INK, _QUIET, _BAR, _SURE, _PAPER = "#1f2933", "#52606d", "#9fc3e8", "#1a5fa8", "#ffffff"


def ranked(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The strongest, each with the lengths of its bars in percent of the longest: long, dark."""
    drawn = rows[:MOST]
    most = max((abs(row["effect"]) for row in drawn), default=1.0)
    return [
        {
            **row,
            "long": round(100 * abs(row["effect"]) / most, 1),
            "dark": round(100 * row["sure"] / most, 1),
        }
        for row in drawn
    ]


def picture(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """rows: as Difference.shown(), the strongest first.

    A bar for each: light as long as its effect, dark as far as it is beyond doubt.
    """
    drawn = rows[:MOST]
    height = _TOP + _ROW * max(1, len(drawn)) + 12
    most = max((abs(row["effect"]) for row in drawn), default=1.0)
    lines = [_row(at, row, most) for at, row in enumerate(drawn)]
    if not drawn:
        lines = [_text(_LEFT, _TOP + 20, "Nothing that they do differently is beyond doubt.", _INK)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
            f' aria-labelledby="title" font-family="system-ui, sans-serif">',
            f'<title id="title">{escape(title)}</title>',
            f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
            _text(_LEFT, 26, title, _INK, 17),
            _text(_LEFT, 44, "effect in standard deviations; dark: beyond doubt", _QUIET, 12),
            *lines,
            "</svg>",
        ]
    )


def _row(at: int, row: Mapping[str, Any], most: float) -> str:
    top, room = _TOP + at * _ROW, _WIDTH - _LEFT - _RIGHT - 120
    effect, sure = room * abs(row["effect"]) / most, room * row["sure"] / most
    numbers = f"{row['effect']:+.2f}, {row['customers']} people"
    said = row["text"]
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    return "\n".join(
        [
            _text(_LEFT, top + 16, said, _INK, 13),
            f'<rect x="{_LEFT}" y="{top + 22}" width="{effect:.1f}" height="10" fill="{_BAR}"/>',
            f'<rect x="{_LEFT}" y="{top + 22}" width="{sure:.1f}" height="10" fill="{_SURE}"/>',
            _text(_LEFT + effect + 8, top + 31, numbers, _QUIET, 12),
        ]
    )


def _text(x: float, y: float, text: str, ink: str, size: int = 14) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{ink}">{escape(text)}</text>'
