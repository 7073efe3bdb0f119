"""The plots of a run: by panel, by visit, after a change of mind, calibration."""

from pathlib import Path

from tools.learn import change, curve
from tools.learn.chart import Line, dots, lines
from tools.learn.play import RULES
from tools.learn.run import Run

_CORRECTIONS = "corrections per 100 choices"
_SHOWN = ("ours", "last used", "user mode", "last in daypart", "default")


def draw(of: Run, folder: Path) -> list[Path]:
    """Write the plots into a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {
        "learn-panels": _panels(of),
        "learn-curve": _curve(of),
        "learn-change": _change(of),
        "learn-calibration": _calibration(of),
    }
    for name, svg in drawn.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return [folder / f"{name}.svg" for name in drawn]


def _panels(of: Run) -> str:
    rows = {
        each.name: {
            "ours": 100 * each.ours,
            "last used": 100 * each.last_used,
            "boosting, from other people": each.reference and 100 * each.reference,
            "default": 100 * each.rates[RULES.index("default")],
        }
        for each in of.studies
    }
    return dots("What people had to correct, panel by panel", _CORRECTIONS, rows)


def _curve(of: Run) -> str:
    bands = list(curve.by_visit([row for each in of.studies for row in each.outcomes]))
    drawn = [Line(name, [100 * band.rates[RULES.index(name)] for band in bands]) for name in _SHOWN]
    places = [band.visits for band in bands]
    return lines("The more visits, the fewer corrections", "visit", _CORRECTIONS, places, drawn)


def _change(of: Run) -> str:
    tally = change.added([each.change for each in of.studies])
    rates = [change.rates(counts) for counts in tally]
    order = [
        change.RULES.index(name) for name in ("ours", "last used", "recency mode", "user mode")
    ]
    drawn = [Line(change.RULES[rule], [100 * rate[rule] for rate in rates]) for rule in order]
    places = [str(number) for number in range(1, len(tally) + 1)]
    title = f"A change of mind, after {change.BEFORE} visits of the old habit"
    return lines(title, "visit after the change", _CORRECTIONS, places, drawn)


def _calibration(of: Run) -> str:
    real = [row for each in of.studies if not each.made_up for row in each.outcomes]
    rows = real or [row for each in of.studies for row in each.outcomes]
    bins = [each for each in curve.deciles(rows) if each.events > len(rows) // 100]
    drawn = [
        Line("right", [100 * each.right for each in bins]),
        Line("said", [100 * each.confidence for each in bins]),
    ]
    places = [f"{100 * each.confidence:.0f}" for each in bins]
    title = "How sure it says it is, and how often it is right"
    return lines(title, "confidence, %", "right, %", places, drawn)
