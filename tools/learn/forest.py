"""river's adaptive random forest (Gomes et al. 2017), one for each person, learning as they choose.

It knows what ours knows: the daypart, the last values, and how many visits there were. It takes
far more memory and time than a device has; it stands here as a reference.
"""

import warnings
from typing import Any

from tools.learn.panel import Event, Panel, Series
from tools.learn.play import Known

PACKAGE, MODULE = "river", "river"

_TREES = 10


def wrong(test: Panel, at: list[Known]) -> list[bool]:
    """Whether each choice of the people, in order, would have needed a correction."""
    missed: list[bool] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for series in test.series:
            missed += _missed(series, at[series.setting])
    return missed


def _missed(series: Series, of: Known) -> list[bool]:
    from river.forest import ARFClassifier  # type: ignore[import-untyped]

    model: Any = ARFClassifier(n_models=_TREES, grace_period=5, seed=1)
    before, missed = [-1, -1], []
    for number, event in enumerate(series.events):
        features = _features(number, before, event)
        answer: int | None = model.predict_one(features)
        expected = of.setting.start if answer is None else answer
        missed.append(abs(expected - event.rung) > of.setting.tolerance)
        model.learn_one(features, event.rung)
        before = [event.rung, before[0]]
    return missed


def _features(number: int, before: list[int], event: Event) -> dict[str, int | str]:
    context = {f"context {at}": text for at, text in enumerate(event.context)}
    seen = {"last": f"v{before[0]}", "before": f"v{before[1]}", "daypart": f"d{event.daypart}"}
    return {"visit": number, **seen, **context}
