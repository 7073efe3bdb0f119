"""Plays a panel: at each visit every rule says what it expects, from this person's past alone.

`ours` is protocol/preference.py with the product's own prior, as a device has it; a correction is
what ours did not expect, so its latch hears of it as on a device.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from protocol.preference import ONE, PRESETS, Prediction, Preset, predict, prior_of
from protocol.schema import Choice, Number
from protocol.window import MOST_ROWS
from tools.learn import rules
from tools.learn.panel import Panel, Series
from tools.learn.scale import Scale

OURS = "ours"
RULES = (*rules.NAMES, OURS)

Prior = dict[int, int]
Visits = list[tuple[int, int, int]]
"""(rung, daypart, corrected), oldest first."""


class Known(NamedTuple):
    """What is known of a setting before a person comes: from other people, or from the product."""

    setting: Choice | Number
    prior: Prior


class Outcome(NamedTuple):
    """One choice: which rules needed a correction, in the order of RULES, and how sure ours was."""

    person: str
    visit: int
    wrong: tuple[bool, ...]
    confidence: float
    value: int
    why: str


def known(panel: Panel, others: Panel) -> list[Known]:
    """For each setting, the product a maker would ship who knows what the others chose most."""
    made = []
    for number, scale in enumerate(panel.scales):
        counts = _counts(others, number) or _counts(panel, number)
        setting = _setting(scale, counts.most_common(1)[0][0])
        made.append(Known(setting, prior_of(setting)))
    return made


def cohort(panel: Panel, others: Panel) -> list[Known]:
    """As known, with the mean of the others' own distributions for a prior."""
    made = []
    for number, each in enumerate(known(panel, others)):
        series = [one for one in others.series if one.setting == number]
        made.append(each._replace(prior=_shares(series)) if series else each)
    return made


def play(panel: Panel, at: list[Known], preset: Preset = PRESETS["universal"]) -> list[Outcome]:
    """Every choice of a panel, person by person."""
    outcomes: list[Outcome] = []
    for series in panel.series:
        outcomes += _play(series, at[series.setting], preset)
    return outcomes


def replay(
    series: Series, of: Known, preset: Preset, seen: Callable[[Visits, int, Prediction], None]
) -> None:
    """Our learner along one series; seen(history, visit, prediction) before each choice."""
    history: Visits = []
    tolerance, bounds = of.setting.tolerance, of.setting.rungs()
    for number, event in enumerate(series.events):
        expected = predict(history, event.daypart, of.prior, tolerance, bounds, preset)
        seen(history, number, expected)
        corrected = abs(expected.value - event.rung) > tolerance
        history.append((event.rung, event.daypart, int(corrected)))
        del history[:-MOST_ROWS]


def _play(series: Series, of: Known, preset: Preset) -> list[Outcome]:
    simple = rules.Rules(of.setting.start, of.setting.tolerance)
    outcomes: list[Outcome] = []

    def seen(_history: Visits, number: int, expected: Prediction) -> None:
        event = series.events[number]
        answers = (*simple.answers(event.daypart), expected.value)
        wrong = tuple(abs(each - event.rung) > of.setting.tolerance for each in answers)
        confidence = expected.confidence / ONE
        outcomes.append(
            Outcome(series.person, number + 1, wrong, confidence, expected.value, expected.why)
        )
        simple.told(event.rung, event.daypart)

    replay(series, of, preset, seen)
    return outcomes


def _counts(panel: Panel, setting: int) -> Counter[int]:
    return Counter(
        event.rung
        for series in panel.series
        if series.setting == setting
        for event in series.events
    )


def _setting(scale: Scale, start: int) -> Choice | Number:
    if not scale.high:
        return Choice("only", ["0"])
    return Number("panel", 0, scale.high, start=start, tolerance=scale.tolerance)


def _shares(series: list[Series]) -> Prior:
    """{rung: weight} of sum 256: the mean of people's own shares."""
    shares: dict[int, float] = {}
    for each in series:
        for event in each.events:
            weight = 256 / (len(series) * len(each.events))
            shares[event.rung] = shares.get(event.rung, 0) + weight
    prior = {rung: int(share) for rung, share in shares.items() if share >= 1}
    top = max(shares, key=lambda rung: (shares[rung], -rung))
    prior[top] = prior.get(top, 0) + 256 - sum(prior.values())
    return prior
