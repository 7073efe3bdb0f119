"""How the learning of a product begins, worked out from those who agreed to it. Pure.

    found = begin(lamp, windows, {0: Standing(weights, marks)}, Options(cohort=True))
    {index: one.norm for index, one in found.items()}

Presets come from what the learner would have got right (hub/learning/presets.py), priors from what
people choose (hub/learning/cohort.py). Each is found with its evidence, which is kept beside it and
shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hub.learning.cohort import Prior, Standing, prior
from hub.learning.norms import Norm
from hub.learning.presets import UNIVERSAL, Choice, Window, choose
from protocol import norm
from protocol.preference import prior_of
from protocol.product import Product
from protocol.schema import Setting

FEWEST = 10  # customers: less is never said of a group
_MOST_REPLAYED = 100  # customers a setting: about 5 s of processor time


class Options(NamedTuple):
    """cohort, presets: whether devices are told of them; fewest: customers in any group."""

    cohort: bool = False
    presets: bool = True
    fewest: int = FEWEST


class Begin(NamedTuple):
    norm: Norm | None  # None: as product.json says
    choice: Choice
    prior: Prior

    def shown(self, setting: Setting) -> dict[str, Any]:
        weights = self.norm[1] if self.norm else None
        return {
            "setting": setting.name,
            "preset": norm.PRESET_NAMES[self.norm[0]] if self.norm else setting.preset,
            "preset_evidence": {
                "best": self.choice.preset,
                "corrections_saved_per_visit": round(self.choice.gain, 4),
                "standard_error": round(self.choice.error, 4),
                "customers": self.choice.customers,
            },
            "cohort": weights is not None,
            "cohort_evidence": {
                "customers": self.prior.customers,
                "values_merged": self.prior.merged,
                "why_not": self.prior.why or None,
            },
            "most_use": _shown(setting, weights),
        }


def begin(
    product: Product,
    windows: Mapping[int, Sequence[Window]],
    standing: Mapping[int, Standing],
    options: Options,
) -> dict[int, Begin]:
    """windows: for each setting those of the customers, in an order that stays; rungs, not codes.

    standing: the priors that devices have been told. Takes seconds.
    """
    return {
        index: _begin(setting, windows.get(index, ()), standing.get(index), options)
        for index, setting in enumerate(product.settings)
        if not setting.retired
    }


def _begin(
    setting: Setting, windows: Sequence[Window], standing: Standing | None, options: Options
) -> Begin:
    people = [Counter(rung for rung, _, _ in window) for window in windows]
    found = prior(setting, people, options.fewest, standing)
    if not options.cohort:
        found = found._replace(standing=None, why="switched off")
    own = prior_of(setting)
    cohort = norm.cohort_of(setting, (0, found.weights)) or own
    sample = windows[:_MOST_REPLAYED] if options.presets else ()
    choice = choose(sample, cohort, setting.tolerance, setting.rungs())
    name = choice.preset if choice.preset != UNIVERSAL else setting.preset
    if name == setting.preset and found.weights is None:
        return Begin(None, choice, found)
    return Begin((norm.PRESET_NAMES.index(name), found.weights), choice, found)


def _shown(setting: Setting, weights: bytes | None) -> list[dict[str, Any]] | None:
    """The likeliest values, with their share in per cent."""
    prior = norm.cohort_of(setting, (0, weights))
    if prior is None:
        return None
    likely = sorted(prior, key=lambda rung: (-prior[rung], rung))[:5]
    return [
        {"value": setting.show(setting.code(rung)), "share_pct": round(prior[rung] / 2.56)}  # type: ignore[attr-defined]
        for rung in likely
    ]
