"""Draws what was measured: one SVG for each measure, from the last lines of `rapport measure`.

    rapport measure ingest --json | tail -1 >> docs/benchmarks.jsonl
    python -m tools.measure.plots                   # docs/pictures/measure-ingest.svg, ...

Of several lines of one measure the last counts. `learn` has charts of its own (docs/learning.md).
"""

import json
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

_DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 760, 300, 90, 44, 30
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#57606a}
.title{font-size:16px;font-weight:600;fill:#1f2328}
.ours{fill:#0969da} .other{fill:#8c959f}
@media(prefers-color-scheme:dark){text{fill:#9198a1}.title{fill:#f0f6fc}
.ours{fill:#58a6ff}.other{fill:#6e7781}}
"""


class Bars(NamedTuple):
    """rows: what, and where it is in the figures, as `lost.ours`; ours: how many of them, first."""

    title: str
    rows: Mapping[str, str]
    ours: int = 1
    times: float = 1  # a figure in the unit of the title


BARS = {
    "walkup": Bars(
        "From stepping near to the driver, adverts every 1.03 s, one in ten lost: p95, ms",
        {"ours": "p95_ms", "the floor: the wait for an advert": "floor_p95_ms"},
    ),
    "recognise": Bars(
        "Who is it: % of uses, % of times",
        {"another's settings": "wrong", "not sure after 10 s": "unsure"},
        2,
        100,
    ),
    "session": Bars(
        "From nothing to authenticated, ms",
        {"ours": "authenticated_ms", "bare: connect and discover": "bare_ms"},
    ),
    "device": Bars(
        "Heap that the whole firmware runs in, KB",
        {
            "code in flash, 32 bits as a board": "heap_in_flash_32_cap_kb",
            "code in flash, 64 bits": "heap_in_flash_cap_kb",
            "code in files, 64 bits": "heap_cap_kb",
        },
        3,
    ),
    "intent": Bars(
        "Newest human choices that are silently lost, %",
        {
            "ours": "lost.ours",
            "three-way merge": "lost.three_way",
            "wall clock": "lost.wall_clock",
            "shadow": "lost.shadow",
            "arrival order": "lost.arrival",
        },
        1,
        100,
    ),
    "sync": Bars(
        "Until others know, p95, ms",
        {
            "a hand, to the hub": "to_hub_p95_ms",
            "a visit, to the second device's flash": "to_second_device_p95_ms",
            "bare MQTT round trip": "bare_round_trip_p95_ms",
        },
        2,
    ),
    "ingest": Bars(
        "Messages a second into one hub; a bare subscriber keeps nothing",
        {"the hub, durable and once": "messages_per_s", "bare paho": "bare_paho_per_s"},
    ),
    "store": Bars(
        "One committed event, µs, by the number of customers",
        {"1,000": "event_us.1000", "10,000": "event_us.10000", "100,000": "event_us.100000"},
        3,
    ),
    "pages": Bars(
        "Pages at 100,000 customers, p99, ms",
        {"profile": "profile_p99_ms", "search": "search_p99_ms"},
        2,
    ),
    "fleet": Bars(
        "Processor for one event, µs",
        {"the hub": "cpu_us_per_event", "its broker": "broker_cpu_us_per_event"},
        2,
    ),
    "cluster": Bars(
        "The workers' processor for one message, µs",
        {
            "three nodes, three workers": "cpu_us_per_message",
            "three nodes, one worker": "cpu_us_by_part.nodes.workers",
            "one node, one worker": "one_cpu_us_per_message",
        },
    ),
    "flash": Bars(
        "Boards an hour",
        {"ours": "boards_per_h", "bare esptool": "bare_per_h"},
    ),
    "crash": Bars(
        "Power cuts, kills and rotten flash, and what they did",
        {"checked": "points", "lost": "lost", "counted twice": "twice", "made up": "phantom"},
        4,
    ),
}


def draw(bars: Bars, figures: Mapping[str, Any]) -> str:
    """An SVG of horizontal bars; what was not measured is left out."""
    found = {what: _at(figures, where) for what, where in bars.rows.items()}
    rows = {what: value * bars.times for what, value in found.items() if value is not None}
    most = max([*rows.values(), 1e-9])
    parts = [f'<text class="title" x="16" y="24">{escape(bars.title)}</text>']
    for number, (what, value) in enumerate(rows.items()):
        y = _TOP + _ROW * number
        wide = (_WIDTH - _LEFT - _RIGHT) * value / most
        kind = "ours" if list(bars.rows).index(what) < bars.ours else "other"
        parts += [
            f'<text x="{_LEFT - 12}" y="{y + 17}" text-anchor="end">{escape(what)}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{y + 3}" width="{wide:.1f}" height="20"/>',
            f'<text x="{_LEFT + wide + 8:.1f}" y="{y + 17}">{_shown(value)}</text>',
        ]
    height = _TOP + _ROW * len(rows) + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' width="{_WIDTH}" height="{height}"><title>{escape(bars.title)}</title>'
        f"<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def draw_all(lines: Path, folder: Path) -> list[Path]:
    """The files written. Raises OSError, or ValueError for a line that is none of a measure."""
    newest = {}
    for line in lines.read_text().splitlines():
        told = json.loads(line)
        newest[told["measure"]] = told["figures"]
    written = []
    for name, figures in newest.items():
        if name in BARS:
            written.append(folder / f"measure-{name}.svg")
            written[-1].write_text(draw(BARS[name], figures))
    return written


def _at(figures: Any, where: str) -> float | None:
    for key in where.split("."):
        figures = figures.get(key) if isinstance(figures, dict) else None
    return figures


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


if __name__ == "__main__":
    for path in draw_all(_DOCS / "benchmarks.jsonl", _DOCS / "pictures"):
        sys.stdout.write(f"{path}\n")
