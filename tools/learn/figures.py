"""The figures to reach, and whether they are."""

from collections.abc import Mapping
from typing import Any, NamedTuple

PLAIN_MOST = -0.07
RHYTHM_MOST = -0.18
WORST_MOST_PP = 1.5
REFERENCE_MOST = 0.05
CHANGE_MOST = 0.10
CALIBRATION_MOST = 0.04
STATE_MOST_BYTES = 700
FOREST_LEAST = 0.75
PREDICT_MOST_MS = 2.0


class Figure(NamedTuple):
    """reached: None where it was not measured."""

    what: str
    here: str
    to_reach: str
    reached: bool | None


class _Unit(NamedTuple):
    """How a figure is shown: times so much, in a text."""

    times: int
    text: str

    def show(self, value: float) -> str:
        return self.text.format(self.times * value)


_PERCENT, _SHARE = _Unit(100, "{:+.1f} %"), _Unit(100, "{:.0f} %")
_POINTS, _HUNDREDTHS = _Unit(1, "{:+.1f} points"), _Unit(100, "{:.1f} points")
_PLAIN, _MS, _BYTES = _Unit(1, "{:.0f}"), _Unit(1, "{:.1f} ms"), _Unit(1, "{:.0f} B")


def figures(of: Mapping[str, Any]) -> list[Figure]:
    """One line for each figure to reach; `of` are the figures of the JSON line."""
    return [
        _most(
            "against last used, plain preferences", of["geo_vs_last_plain"], PLAIN_MOST, _PERCENT
        ),
        _most(
            "the same, a daily rhythm among them",
            of["geo_vs_last_with_rhythm"],
            RHYTHM_MOST,
            _PERCENT,
        ),
        _most("and with a hub", of["geo_vs_last_with_hub"], RHYTHM_MOST, _PERCENT),
        _most("worst panel against last used", of["worst_pp"], WORST_MOST_PP, _POINTS),
        _most("against gradient boosting", of["geo_vs_reference"], REFERENCE_MOST, _PERCENT),
        _least("panels better than adaptive forest", of["better_than_forest"], FOREST_LEAST),
        _most("third visit after a change", of["third_visit_after_change"], CHANGE_MOST, _SHARE),
        _most("calibration, worst decile", of["calibration_worst"], CALIBRATION_MOST, _HUNDREDTHS),
        _most("both interpreters: what differs", of["parity_differ"], 0, _PLAIN),
        _most("one prediction on MicroPython", of["predict_ms"], PREDICT_MOST_MS, _MS),
        _most("a person's six settings in flash", of["state_bytes"], STATE_MOST_BYTES, _BYTES),
        _most("decisions without a replayable reason", of["unexplained"], 0, _PLAIN),
    ]


def _most(what: str, value: float | None, most: float, unit: _Unit) -> Figure:
    if value is None:
        return Figure(what, "-", f"at most {unit.show(most)}", None)
    return Figure(what, unit.show(value), f"at most {unit.show(most)}", value <= most)


def _least(what: str, value: float | None, least: float) -> Figure:
    if value is None:
        return Figure(what, "-", f"at least {_SHARE.show(least)}", None)
    return Figure(what, _SHARE.show(value), f"at least {_SHARE.show(least)}", value >= least)
