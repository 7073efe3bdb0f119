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


def figures(of: Mapping[str, Any]) -> list[Figure]:
    """One line for each figure to reach; `of` are the figures of the JSON line."""
    return [
        _most(
            "against last used, plain preferences", of["geo_vs_last_plain"], PLAIN_MOST, _percent
        ),
        _most(
            "the same, a daily rhythm among them",
            of["geo_vs_last_with_rhythm"],
            RHYTHM_MOST,
            _percent,
        ),
        _most("and with a hub", of["geo_vs_last_with_hub"], RHYTHM_MOST, _percent),
        _most("worst panel against last used", of["worst_pp"], WORST_MOST_PP, _points),
        _most("against gradient boosting", of["geo_vs_reference"], REFERENCE_MOST, _percent),
        _least("panels better than adaptive forest", of["better_than_forest"], FOREST_LEAST),
        _most("third visit after a change", of["third_visit_after_change"], CHANGE_MOST, _share),
        _most("calibration, worst decile", of["calibration_worst"], CALIBRATION_MOST, _hundredths),
        _most("both interpreters: what differs", of["parity_differ"], 0, _plain),
        _most("one prediction on MicroPython", of["predict_ms"], PREDICT_MOST_MS, _ms),
        _most("a person's six settings in flash", of["state_bytes"], STATE_MOST_BYTES, _bytes),
        _most("decisions without a replayable reason", of["unexplained"], 0, _plain),
    ]


def _most(what: str, value: float | None, most: float, show: Any) -> Figure:
    if value is None:
        return Figure(what, "-", f"at most {show(most)}", None)
    return Figure(what, show(value), f"at most {show(most)}", value <= most)


def _least(what: str, value: float | None, least: float) -> Figure:
    if value is None:
        return Figure(what, "-", f"at least {_share(least)}", None)
    return Figure(what, _share(value), f"at least {_share(least)}", value >= least)


def _percent(value: float) -> str:
    return f"{100 * value:+.1f} %"


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _points(value: float) -> str:
    return f"{value:+.1f} points"


def _hundredths(value: float) -> str:
    return f"{100 * value:.1f} points"


def _plain(value: float) -> str:
    return f"{value:.0f}"


def _ms(value: float) -> str:
    return f"{value:.1f} ms"


def _bytes(value: float) -> str:
    return f"{value:.0f} B"
