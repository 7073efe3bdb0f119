"""Small charts as SVG: lines over named places, and dots over named rows; for light and dark.

Numbers are percent. Each line is labelled at its end, each kind of dot in the first row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 56, 150, 64, 52
_APART = 16  # between two labels
_ROW = 26
_GREY = 4  # of the kinds in _STYLE
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#57606a}
.title{font-size:16px;font-weight:600;fill:#1f2328}
.grid{stroke:#d0d7de;stroke-width:1} .line{fill:none;stroke-width:2;stroke-linejoin:round}
.k0{stroke:#0969da;stroke-width:3.5} .k1{stroke:#bc4c00} .k2{stroke:#8250df;stroke-dasharray:7 4}
.k3{stroke:#1a7f37;stroke-dasharray:2 4} .k4{stroke:#6e7781}
.d0{fill:#0969da} .d1{fill:#bc4c00} .d2{fill:#8250df} .d3{fill:#1a7f37} .d4{fill:#6e7781}
.l0{fill:#0969da;font-weight:600} .l1{fill:#bc4c00} .l2{fill:#8250df} .l3{fill:#1a7f37}
@media(prefers-color-scheme:dark){text{fill:#9198a1}.title{fill:#f0f6fc}.grid{stroke:#3d444d}
.k0{stroke:#58a6ff}.k1{stroke:#f0883e}.k2{stroke:#bc8cff}.k3{stroke:#3fb950}.k4{stroke:#9198a1}
.d0{fill:#58a6ff}.d1{fill:#f0883e}.d2{fill:#bc8cff}.d3{fill:#3fb950}.d4{fill:#9198a1}
.l0{fill:#58a6ff}.l1{fill:#f0883e}.l2{fill:#bc8cff}.l3{fill:#3fb950}}
"""


class Line(NamedTuple):
    """percent: one for each place; None leaves a gap."""

    name: str
    percent: Sequence[float | None]


def lines(title: str, across: str, up: str, places: Sequence[str], drawn: Sequence[Line]) -> str:
    """An SVG of lines; across and up name the axes with their units."""
    height = 420
    top = max(p for line in drawn for p in line.percent if p is not None)
    scale = (height - _TOP - _BOTTOM) / max(20 * -(-top // 20), 20)
    x = [_LEFT + (_WIDTH - _LEFT - _RIGHT) * (at + 0.5) / len(places) for at in range(len(places))]

    def y(percent: float) -> float:
        return height - _BOTTOM - percent * scale

    parts = [_text(_LEFT, 42, up)]
    for percent in range(0, int(max(20 * -(-top // 20), 20)) + 1, 20):
        parts.append(_grid(_LEFT, y(percent), _WIDTH - _RIGHT, y(percent)))
        parts.append(_text(_LEFT - 8, y(percent) + 4, f"{percent}", anchor="end"))
    parts += [
        _text(at, height - 30, place, anchor="middle") for at, place in zip(x, places, strict=True)
    ]
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, height - 8, across, anchor="middle"))
    ends: list[tuple[float, int, str]] = []
    for kind, line in reversed(list(enumerate(drawn))):
        ups = zip(x, line.percent, strict=True)
        points = [(at, y(percent)) for at, percent in ups if percent is not None]
        path = " ".join(f"{at:.1f},{up:.1f}" for at, up in points)
        parts.append(f'<polyline class="line k{kind}" points="{path}"/>')
        ends.append((points[-1][1], kind, line.name))
    for place, kind, name in _apart(ends):
        parts.append(_text(_WIDTH - _RIGHT + 10, place + 4, name, kind=f"l{kind}"))
    return _svg(title, height, parts)


def dots(title: str, across: str, rows: Mapping[str, Mapping[str, float | None]]) -> str:
    """An SVG with a row of dots for each name; the kinds of dots are those of the first row.

    The last kind is grey: what the others are compared with.
    """
    names = list(next(iter(rows.values())))
    kinds = [*enumerate(names[:-1]), (_GREY, names[-1])]
    height = _TOP + 24 + _ROW * len(rows) + _BOTTOM
    left, right = 120, _WIDTH - 24
    bottom = height - _BOTTOM

    def x(percent: float) -> float:
        return left + (right - left) * percent / 100

    parts: list[str] = []
    for percent in range(0, 101, 20):
        parts.append(_grid(x(percent), _TOP + 12, x(percent), bottom))
        parts.append(_text(x(percent), height - 32, f"{percent}", anchor="middle"))
    parts.append(_text((left + right) / 2, height - 10, across, anchor="middle"))
    place = float(left)
    for kind, name in kinds:
        parts.append(f'<circle class="d{kind}" cx="{place:.0f}" cy="48" r="5"/>')
        parts.append(_text(place + 10, 52, name, kind=f"l{kind}"))
        place += 34 + 7.2 * len(name)
    for number, (row, values) in enumerate(rows.items()):
        y = _TOP + 30 + _ROW * number
        parts.append(_text(left - 10, y + 4, row, anchor="end"))
        found = [value for value in values.values() if value is not None]
        parts.append(_grid(x(min(found)), y, x(max(found)), y))
        for kind, name in reversed(kinds):
            value = values.get(name)
            if value is not None:
                size = 6 if kind == 0 else 4.5
                parts.append(f'<circle class="d{kind}" cx="{x(value):.1f}" cy="{y}" r="{size}"/>')
    return _svg(title, height, parts)


def _apart(ends: Iterable[tuple[float, int, str]]) -> Iterator[tuple[float, int, str]]:
    """The labels from top to bottom, none on another."""
    lowest = float("-inf")
    for place, kind, name in sorted(ends):
        lowest = max(place, lowest + _APART)
        yield lowest, kind, name


def _text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    class_ = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{class_}>{escape(words)}</text>'


def _grid(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _svg(title: str, height: float, parts: Iterable[str]) -> str:
    body = "\n".join([_text(16, 22, title, kind="title"), *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img"'
        f' width="{_WIDTH}" height="{height:.0f}"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )
