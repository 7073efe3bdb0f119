"""Holds each group of people against the others, and ranks what they do differently.

The effect size is Hedges' g: the difference of the means in standard deviations, corrected for few.
A difference counts if it is beyond doubt for all that were looked at together (Bonferroni), and the
list is in the order of what is left of the effect at the near end of its interval: a large effect
in few people does not stand above a sound one in many.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import NormalDist, fmean, variance
from typing import Any, NamedTuple

from hub.insight.digest import Digest
from hub.insight.features import Feature, Features
from hub.insight.groups import Group, groups
from hub.insight.kinds import kinds
from protocol.product import Product

MOST = 100  # in the list
_DOUBT = 0.05
_LARGEST = 20.0  # effect, where nothing varies within the groups


class Difference(NamedTuple):
    """customers, others: in the group and beside it, of whom the number is known; mean,
    others_mean: of the feature; effect: Hedges' g, at least `sure` of it beyond doubt."""

    group: str
    about: str
    what: str
    part: str
    unit: str
    mean: float
    others_mean: float
    effect: float
    sure: float
    customers: int
    others: int

    @property
    def text(self) -> str:
        part = f", {self.part}" if self.part else ""
        if self.unit == "share":
            values = f"{100 * self.mean:.0f} % beside {100 * self.others_mean:.0f} %"
        else:
            values = f"{_number(self.mean)} beside {_number(self.others_mean)} {self.unit}".strip()
        return f"{self.what}{part}: {values}; those {self.group}."

    def shown(self) -> dict[str, Any]:
        parts = self._asdict()
        rounded = {n: round(v, 4) if isinstance(v, float) else v for n, v in parts.items()}
        return {"text": self.text} | rounded


def differences(
    users: Sequence[Digest],
    products: Mapping[str, Product],
    product: str,
    now_ms: int,
    fewest: int,
) -> list[Difference]:
    """The strongest first. users: of this product, who agreed to be counted with others."""
    found = [user.features for user in users]
    every = _supported(found, fewest)
    named = groups(users, products, product, now_ms)
    unnamed = kinds([user.fine for user in users], every, fewest)
    tried = [
        (group, feature)
        for group, own in [(one, False) for one in named] + [(one, True) for one in unnamed]
        if fewest <= len(group.members) <= len(users) - fewest
        for feature in every
        if own or feature.about not in group.about
    ]
    z = NormalDist().inv_cdf(1 - _DOUBT / 2 / max(1, len(tried)))
    made = [_difference(group, feature, found, z, fewest) for group, feature in tried]
    return sorted((one for one in made if one), key=lambda one: -one.sure)[:MOST]


def _supported(found: Sequence[Features], fewest: int) -> list[Feature]:
    """Features that say something of people enough; where nearly all have nought, too few do."""
    counts: dict[Feature, int] = {}
    for one in found:
        for feature, value in one.items():
            counts[feature] = counts.get(feature, 0) + (value != 0)
    return sorted(feature for feature, count in counts.items() if count >= fewest)


def _difference(
    group: Group, feature: Feature, found: Sequence[Features], z: float, fewest: int
) -> Difference | None:
    these = [one[feature] for at, one in enumerate(found) if feature in one and at in group.members]
    those = [
        one[feature] for at, one in enumerate(found) if feature in one and at not in group.members
    ]
    if min(len(these), len(those)) < fewest or _is_rare(these, fewest) or _is_rare(those, fewest):
        return None
    effect, error = _effect(these, those)
    sure = abs(effect) - z * error
    if sure <= 0:
        return None
    means = fmean(these), fmean(those)
    return Difference(group.name, *feature, *means, effect, sure, len(these), len(those))


def _is_rare(values: Sequence[float], fewest: int) -> bool:
    """Is what this number says done by so few that it says something of each?"""
    return 0 < sum(value != 0 for value in values) < fewest


def _effect(these: Sequence[float], those: Sequence[float]) -> tuple[float, float]:
    """(Hedges' g, its standard error)."""
    one, other = len(these), len(those)
    freedom = one + other - 2
    spread = sqrt(((one - 1) * variance(these) + (other - 1) * variance(those)) / freedom)
    apart = fmean(these) - fmean(those)
    if not spread:
        return (0.0 if not apart else _LARGEST if apart > 0 else -_LARGEST), 0.0
    effect = apart / spread * (1 - 3 / (4 * freedom - 1))
    effect = max(-_LARGEST, min(_LARGEST, effect))
    return effect, sqrt((one + other) / (one * other) + effect * effect / (2 * freedom))


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
