"""One panel, looked at from all sides: people of the test half, with the other half for others."""

import importlib.util
from collections.abc import Sequence
from typing import NamedTuple

from hub.learning.presets import UNIVERSAL, choose
from protocol.preference import PRESETS
from protocol.window import MOST_ROWS
from tools.learn import boosting, change, curve, elsewhere, forest, record
from tools.learn.panel import Fault, Panel, halves
from tools.learn.parity import sample
from tools.learn.play import OURS, RULES, Known, Outcome, Visits, cohort, known, play

MADE_UP = "sim_"

_LAST, _OURS, _DAYPART = (RULES.index(name) for name in ("last used", OURS, "last in daypart"))
_RHYTHM = 0.9  # of last used's corrections: fewer, if the last of the daypart is better known
_OTHERS = 20  # people below which nothing is learned from the others
_ALONE = f"fewer than {_OTHERS} other people: nothing is learned from them"
_CUSTOMERS = 60  # of the hub's sample
_FOREST_PEOPLE, _SIDE_PEOPLE, _PARITY_PEOPLE = 40, 40, 4


class Study(NamedTuple):
    """Rates are corrections per choice; None where it was not measured."""

    name: str
    people: int
    outcomes: list[Outcome]
    reference: float | None
    with_hub: float | None
    preset: str
    forest: tuple[float, float] | None
    change: change.Tally
    stale: elsewhere.Stale
    new: elsewhere.New
    explained: record.Explained
    parity: tuple[Panel, list[Known]]
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        return curve.rates(self.outcomes)

    @property
    def last_used(self) -> float:
        return self.rates[_LAST]

    @property
    def ours(self) -> float:
        return self.rates[_OURS]

    @property
    def made_up(self) -> bool:
        return self.name.startswith(MADE_UP)

    @property
    def rhythm(self) -> bool:
        """Does the time of day say a lot about what people choose?"""
        return self.rates[_DAYPART] < _RHYTHM * self.rates[_LAST]

    @property
    def by_person(self) -> list[tuple[int, int]]:
        """For each person the corrections of (ours, last used)."""
        return by_person(self.outcomes)


class Fresh(NamedTuple):
    """A panel on other halves: corrections per choice, and by person (ours, last used)."""

    name: str
    ours: float
    last_used: float
    reference: float | None
    by_person: list[tuple[int, int]]


def study(panel: Panel, seed: int, people: int, quick: bool) -> Study:
    """Everything of one panel. ImportError never: a package that is absent is left out."""
    others, test = halves(panel, seed, people)
    _, whole = halves(panel, seed)
    at = known(test, others)
    side = test.of(set(test.people[:_SIDE_PEOPLE]))
    preset, with_hub = _with_hub(test, others)
    return Study(
        panel.name,
        len(test.people),
        play(test, at),
        _reference(test, others, at),
        with_hub,
        preset,
        None if quick else _forest(test.of(set(test.people[:_FOREST_PEOPLE])), at),
        change.tally(test if quick else whole, at, seed),
        elsewhere.stale(side, at),
        elsewhere.new(test, at, seed),
        record.explained(sample(test, _PARITY_PEOPLE), at),
        (sample(test, _PARITY_PEOPLE), at),
        (*test.notes, _ALONE) if len(others.people) < _OTHERS else test.notes,
        panel.faults,
    )


def fresh(panel: Panel, seed: int, people: int) -> Fresh:
    """The main figures on other halves."""
    others, test = halves(panel, seed, people)
    at = known(test, others)
    outcomes = play(test, at)
    rates = curve.rates(outcomes)
    reference = _reference(test, others, at)
    return Fresh(panel.name, rates[_OURS], rates[_LAST], reference, by_person(outcomes))


def by_person(outcomes: Sequence[Outcome]) -> list[tuple[int, int]]:
    """For each person the corrections of (ours, last used)."""
    counts: dict[str, tuple[int, int]] = {}
    for each in outcomes:
        ours, last = counts.get(each.person, (0, 0))
        counts[each.person] = ours + each.wrong[_OURS], last + each.wrong[_LAST]
    return list(counts.values())


def absent() -> list[str]:
    """The distributions of references that are not installed."""
    return [
        each.PACKAGE for each in (boosting, forest) if importlib.util.find_spec(each.MODULE) is None
    ]


def _reference(test: Panel, others: Panel, at: list[Known]) -> float | None:
    if boosting.PACKAGE in absent() or len(others.people) < _OTHERS:
        return None
    wrong = boosting.wrong(test, others, at)
    return sum(wrong) / len(wrong)


def _forest(test: Panel, at: list[Known]) -> tuple[float, float] | None:
    """(ours, forest) on the same people."""
    if forest.PACKAGE in absent():
        return None
    wrong = forest.wrong(test, at)
    return curve.rates(play(test, at))[_OURS], sum(wrong) / len(wrong)


def _with_hub(test: Panel, others: Panel) -> tuple[str, float | None]:
    """(presets, corrections per choice) where a hub told what its other customers chose."""
    if len(others.people) < _OTHERS:
        return UNIVERSAL, None
    at = cohort(test, others)
    windows: list[list[Visits]] = [[] for _ in at]
    for series in others.of(set(others.people[:_CUSTOMERS])).series:
        newest = series.events[-MOST_ROWS:]
        windows[series.setting].append([(each.rung, each.daypart, 0) for each in newest])
    outcomes: list[Outcome] = []
    chosen: list[str] = []
    for number, of in enumerate(at):
        setting = of.setting
        chosen.append(choose(windows[number], of.prior, setting.tolerance, setting.rungs()).preset)
        series = [each for each in test.series if each.setting == number]
        outcomes += play(test._replace(series=series), at, PRESETS[chosen[-1]])
    return ", ".join(sorted(set(chosen))), curve.rates(outcomes)[_OURS]
