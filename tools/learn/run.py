"""A whole run: loads the panels, studies each, and gathers the figures."""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tools.learn import bootstrap, builtin, change, curve, figures, parity, record, study
from tools.learn.panel import Panel
from tools.learn.play import RULES
from tools.learn.study import Fresh, Study

PEOPLE = 100  # of a half, of each panel
QUICK_PEOPLE = 30
FRESH = 2  # more halves

_LEAST = 1e-3  # a rate below which a ratio says nothing

Track = Callable[[Iterable[Any], str], Iterable[Any]]


class Run(NamedTuple):
    """What was measured; skipped: what could not be, and why."""

    studies: list[Study]
    fresh: dict[int, list[Fresh]]
    parity: parity.Parity | None
    versus: dict[str, bootstrap.Range]
    figures: dict[str, Any]
    skipped: list[str]


def run(
    panels: Sequence[Callable[[], Panel]],
    seed: int,
    people: int,
    quick: bool,
    folder: Path,
    track: Track,
) -> Run:
    """people: of each panel at most, 0 is the usual; quick: no fresh halves and no forest."""
    people = people or (QUICK_PEOPLE if quick else PEOPLE)
    loaded = [load() for load in track(panels, "reading")]
    studies = [study.study(each, seed, people, quick) for each in track(loaded, "studying")]
    seeds = [] if quick else range(seed + 1, seed + 1 + FRESH)
    fresh = {
        number: [study.fresh(each, number, people) for each in track(loaded, f"halves {number}")]
        for number in seeds
    }
    same = parity.parity([each.parity for each in studies], folder)
    versus = _versus(studies, seed)
    skipped = [f"{package} is not installed: its column is empty" for package in study.absent()]
    if same is None:
        skipped.append("micropython is not installed: not compared with a board's interpreter")
    return Run(studies, fresh, same, versus, _figures(studies, fresh, same, versus), skipped)


def built_in(names: Sequence[str]) -> tuple[list[Callable[[], Panel]], list[str]]:
    """(loaders, what is left out and why) of the panels of these names."""
    lacking = {name: package for name in names if (package := builtin.missing(name))}
    left_out = [f"{name}: {package} is not installed" for name, package in lacking.items()]
    return [builtin.PANELS[name] for name in names if name not in lacking], left_out


def _versus(studies: list[Study], seed: int) -> dict[str, bootstrap.Range]:
    """Ours against last used: each panel by its name, and groups of them."""
    random = Random(seed)
    found = {each.name: bootstrap.against(each.by_person, random) for each in studies}
    real = [each for each in studies if not each.made_up] or studies
    groups = {
        "real": real,
        "plain": [each for each in real if not each.rhythm],
        "all": studies if any(each.rhythm for each in studies) else [],
    }
    for group, members in groups.items():
        if members:
            found[f"<{group}>"] = bootstrap.geometric([m.by_person for m in members], random)
    return found


def _figures(
    studies: list[Study],
    fresh: dict[int, list[Fresh]],
    same: parity.Parity | None,
    versus: dict[str, bootstrap.Range],
) -> dict[str, Any]:
    seams = change.added([each.change for each in studies])
    real = [row for each in studies if not each.made_up for row in each.outcomes]
    forests = [each.forest for each in studies if each.forest]
    geo = {group: found.value for group, found in versus.items()}
    return {
        "panels": {each.name: _panel(each) for each in studies},
        "geo_vs_last": geo["<real>"],
        "geo_vs_last_plain": geo.get("<plain>"),
        "geo_vs_last_with_rhythm": geo.get("<all>"),
        "geo_vs_last_with_hub": _with_hub(studies) if "<all>" in versus else None,
        "worst_pp": max(100 * (each.ours - each.last_used) for each in studies),
        "geo_vs_reference": _against_reference(studies),
        "better_than_forest": sum(o < f for o, f in forests) / len(forests) if forests else None,
        "third_visit_after_change": change.rates(seams[2])[-1] if seams[0][-1] else None,
        "calibration_worst": curve.worst(
            curve.deciles(real or [row for each in studies for row in each.outcomes])
        ),
        "state_bytes": record.state_bytes(),
        "parity_differ": same and same.differ,
        "predict_ms": same and same.predict_ms,
        "unexplained": sum(each.explained.failed for each in studies),
        "fresh": {str(seed): _fresh(found) for seed, found in fresh.items()},
        "bad_rows": sum(len(each.faults) for each in studies),
    }


def _panel(of: Study) -> dict[str, Any]:
    rates = {name.replace(" ", "_"): rate for name, rate in zip(RULES, of.rates, strict=True)}
    return {
        **rates,
        "with_hub": of.with_hub,
        "reference": of.reference,
        "forest": of.forest and of.forest[1],
        "people": of.people,
        "choices": len(of.outcomes),
    }


def _fresh(found: list[Fresh]) -> dict[str, float | None]:
    real = [each for each in found if not each.name.startswith(study.MADE_UP)] or found
    return {
        "geo_vs_last": _geometric([(each.ours, each.last_used) for each in real]),
        "worst_pp": max(100 * (each.ours - each.last_used) for each in found),
        "geo_vs_reference": _against_reference(found),
    }


def _with_hub(studies: list[Study]) -> float | None:
    pairs = [(each.with_hub, each.last_used) for each in studies if each.with_hub is not None]
    return _geometric(pairs) if len(pairs) == len(studies) else None


def _against_reference(found: Sequence[Study | Fresh]) -> float | None:
    pairs = [(each.ours, each.reference) for each in found if each.reference is not None]
    return _geometric(pairs) if pairs else None


def _geometric(pairs: Sequence[tuple[float, float]]) -> float:
    logs = [math.log(max(one, _LEAST) / max(two, _LEAST)) for one, two in pairs]
    return math.exp(sum(logs) / len(logs)) - 1


def reached(of: Run) -> list[figures.Figure]:
    return figures.figures(of.figures)
