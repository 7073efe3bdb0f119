"""Which of the learner's presets suits a product's setting: what its customers chose decides.

Every customer's window is replayed under each preset. Another than the universal one is taken only
if it saves corrections beyond doubt enough, and customers enough stand behind it: without that rule
a hub takes noise for taste (docs/learning.md).

    choose([window.of_setting(rows, index) ...], preference.prior_of(setting))
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, stdev
from typing import NamedTuple

from protocol.preference import PRESETS, Preset, predict

UNIVERSAL = "universal"
FEWEST_CUSTOMERS = 30
FEWEST_VISITS = 3  # in a window that says anything

_DOUBT = 0.5  # standard errors that a gain must exceed

Window = Sequence[tuple[int, int, int]]
"""(rung, daypart, corrected), oldest first: one customer's newest visits."""


class Choice(NamedTuple):
    """preset: its name; gain: corrections it saves per visit beside universal, and how sure that
    is (one standard error); customers: whose windows said something."""

    preset: str
    gain: float
    error: float
    customers: int


def choose(
    windows: Iterable[Window],
    prior: Mapping[int, int],
    tolerance: int = 0,
    bounds: tuple[int, int] | None = None,
) -> Choice:
    """The preset for one setting of one product.

    Takes about 50 ms of processor time for each customer: give it a sample of some hundred.
    """
    told = [window for window in windows if len(window) >= FEWEST_VISITS]
    none = Choice(UNIVERSAL, 0.0, 0.0, len(told))
    if len(told) < FEWEST_CUSTOMERS:
        return none
    needed = {
        name: [_needed(window, prior, tolerance, bounds, PRESETS[name]) for window in told]
        for name in PRESETS
    }
    found = [none]
    for name, rates in needed.items():
        gains = [usual - rate for usual, rate in zip(needed[UNIVERSAL], rates, strict=True)]
        choice = Choice(name, fmean(gains), stdev(gains) / len(gains) ** 0.5, len(gains))
        if choice.gain > _DOUBT * choice.error:
            found.append(choice)
    return max(found, key=lambda choice: choice.gain)


def _needed(
    window: Window,
    prior: Mapping[int, int],
    tolerance: int,
    bounds: tuple[int, int] | None,
    preset: Preset,
) -> float:
    """Corrections per visit that this customer would have needed."""
    wrong = 0
    for at, (rung, daypart, _) in enumerate(window):
        value = predict(window[:at], daypart, prior, tolerance, bounds, preset).value
        wrong += abs(value - rung) > tolerance
    return wrong / len(window)
