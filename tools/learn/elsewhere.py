"""What it costs when a device does not know the newest, or nothing at all.

Stale: the last visit has not arrived yet. New: a unit the person never used; with their profile
carried to it, and without.
"""

from random import Random
from typing import NamedTuple

from protocol.preference import PRESETS, Prediction, predict
from tools.learn.panel import Panel, Series
from tools.learn.play import Known, Visits, replay

_FROM_VISIT = 4  # on a new unit: whoever buys a second one has used the first

_UNIVERSAL = PRESETS["universal"]


class Stale(NamedTuple):
    """Corrections needed at `visits` visits: with all known, and without the last visit."""

    visits: int
    fresh: int
    stale: int


class New(NamedTuple):
    """Corrections in the first session on a new unit, of so many people."""

    people: int
    carried: int
    default: int


def stale(panel: Panel, at: list[Known]) -> Stale:
    """One visit late, at every visit but each person's first two."""
    visits = fresh = late = 0

    def seen(history: Visits, number: int, expected: Prediction) -> None:
        nonlocal visits, fresh, late
        if len(history) < 2:
            return
        event = series.events[number]
        visits += 1
        fresh += _wrong(of, expected.value, event.rung)
        late += _wrong(of, _expected(of, history[:-1], event.daypart), event.rung)

    for series in panel.series:
        of = at[series.setting]
        replay(series, of, _UNIVERSAL, seen)
    return Stale(visits, fresh, late)


def new(panel: Panel, at: list[Known], seed: int) -> New:
    """At one visit of each person, drawn: as if it were on a unit they never used."""
    random = Random(seed)
    people = carried = default = 0
    for series in panel.series:
        if len(series.events) < _FROM_VISIT:
            continue
        of = at[series.setting]
        cut = random.randrange(_FROM_VISIT - 1, len(series.events))
        event = series.events[cut]
        people += 1
        carried += _wrong(
            of, _last_expected(series._replace(events=series.events[: cut + 1]), of), event.rung
        )
        default += _wrong(of, of.setting.start, event.rung)
    return New(people, carried, default)


def _last_expected(series: Series, of: Known) -> int:
    values: list[int] = []
    replay(
        series, of, _UNIVERSAL, lambda _history, _number, expected: values.append(expected.value)
    )
    return values[-1]


def _expected(of: Known, history: Visits, daypart: int) -> int:
    setting = of.setting
    return predict(history, daypart, of.prior, setting.tolerance, setting.rungs()).value


def _wrong(of: Known, value: int, chosen: int) -> bool:
    return abs(value - chosen) > of.setting.tolerance
