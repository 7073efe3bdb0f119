"""Gradient boosting that learned from the other people of a panel: what a server could know.

For each choice it ranks the values that the person had before and those that others choose most.
scikit-learn's HistGradientBoostingClassifier; only here, as a reference: it is no part of a
product.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.learn.panel import Event, Panel, Series
from tools.learn.play import Known

PACKAGE, MODULE = "scikit-learn", "sklearn"

_POPULAR = 3  # values of others among the candidates
_MOST_CANDIDATES = 24
_MOST_VISITS = 100  # of each of the people learned from
_CONTEXTS = 3
_FADES = (0.5, 0.8, 0.95)
_NEVER = 999  # visits ago


class _Asked(NamedTuple):
    """One choice: the candidates, a row of features for each, and what was chosen."""

    rungs: list[int]
    features: list[list[float]]
    chosen: int


def wrong(test: Panel, others: Panel, at: list[Known]) -> list[bool]:
    """Whether each choice of the test people, in order, would have needed a correction."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # threads that wait for a busy core cost more than they bring
        return _wrong(test, others, at)


def _wrong(test: Panel, others: Panel, at: list[Known]) -> list[bool]:
    popular = _popular(others)
    model = _trained(others, at, popular)
    missed: list[bool] = []
    for series in test.series:
        setting = at[series.setting].setting
        asked = list(_asked(series, setting.start, popular[series.setting]))
        rows = [row for each in asked for row in each.features]
        chances: list[float] = model.predict_proba(rows)[:, 1].tolist()
        first = 0
        for each in asked:
            mine = chances[first : first + len(each.rungs)]
            first += len(each.rungs)
            best = each.rungs[max(range(len(mine)), key=mine.__getitem__)]
            missed.append(abs(best - each.chosen) > setting.tolerance)
    return missed


def _trained(others: Panel, at: list[Known], popular: list[dict[int, float]]) -> Any:
    import numpy
    from sklearn.ensemble import HistGradientBoostingClassifier

    features, right = [], []
    for series in others.series:
        setting = at[series.setting].setting
        series = series._replace(events=series.events[:_MOST_VISITS])
        for each in _asked(series, setting.start, popular[series.setting]):
            features.append(numpy.array(each.features, numpy.float32))
            right += [abs(rung - each.chosen) <= setting.tolerance for rung in each.rungs]
    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.08, min_samples_leaf=30, l2_regularization=1, random_state=1
    )
    return model.fit(numpy.concatenate(features), right)


def _popular(others: Panel) -> list[dict[int, float]]:
    """For each setting, how large a share of the others' choices each rung has; largest first."""
    counts: list[Counter[int]] = [Counter() for _ in others.scales]
    for series in others.series:
        counts[series.setting].update(event.rung for event in series.events)
    return [{r: n / each.total() for r, n in each.most_common()} for each in counts]


def _asked(series: Series, start: int, popular: dict[int, float]) -> Iterator[_Asked]:
    person = _Person(start, popular)
    for event in series.events:
        rungs = person.candidates()
        yield _Asked(rungs, [person.features(rung, event) for rung in rungs], event.rung)
        person.told(event)


class _Person:
    """What a row of features is made of: one person's setting so far."""

    def __init__(self, start: int, popular: dict[int, float]) -> None:
        self._start, self._popular = start, popular
        self._usual = [start, *list(popular)[:_POPULAR]]
        self._events: list[int] = []
        self._fading: list[dict[int, float]] = [{} for _ in _FADES]
        self._when: dict[int, int] = {}
        self._after: dict[object, Counter[int]] = {}

    def candidates(self) -> list[int]:
        had = sorted(self._when, key=self._when.__getitem__)[-_MOST_CANDIDATES:]
        return sorted({*had, *self._usual})

    def features(self, rung: int, event: Event) -> list[float]:
        visits, last = len(self._events), self._events[-1:]
        shares = [each.get(rung, 0) / (sum(each.values()) or 1) for each in self._fading]
        for key in self._keys(event, last):
            counts = self._after.get(key, Counter())
            shares += [counts[rung] / (counts.total() or 1), counts.total()]
        return [
            *shares,
            visits,
            len(self._when),
            event.daypart,
            self._popular.get(rung, 0),
            rung == self._start,
            rung in last,
            rung in self._events[-2:-1],
            visits - self._when.get(rung, visits - _NEVER),
            abs(rung - last[0]) if last else -1,
        ]

    def told(self, event: Event) -> None:
        for key in self._keys(event, self._events[-1:]):
            self._after.setdefault(key, Counter())[event.rung] += 1
        for fade, counts in zip(_FADES, self._fading, strict=True):
            for known in counts:
                counts[known] *= fade
            counts[event.rung] = counts.get(event.rung, 0) + 1
        self._when[event.rung] = len(self._events)
        self._events.append(event.rung)

    @staticmethod
    def _keys(event: Event, last: list[int]) -> list[object]:
        """In what the person's own choices are counted: daypart, half of the day, context, last."""
        context = [(number, text) for number, text in enumerate(event.context[:_CONTEXTS])]
        return [event.daypart, ("day", event.daypart in (1, 2)), ("after", *last), *context]
