"""Means, shares and differences with their 95 % intervals, as one says them.

    mean([0, 1, 1, 0]).low

The interval of a mean is Student's (the quantile after Cornish and Fisher, good to 1 % from five
values on), that of a share Wilson's (1927), that of the difference of two shares Newcombe's (1998).
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import Any, NamedTuple

Z95 = NormalDist().inv_cdf(0.975)


class Estimate(NamedTuple):
    """of: how many; low and high: None where there is too little for an interval."""

    mean: float
    low: float | None
    high: float | None
    of: int

    @property
    def is_above(self) -> bool:
        """Above nought, beyond doubt."""
        return self.low is not None and self.low > 0

    @property
    def is_below(self) -> bool:
        return self.high is not None and self.high < 0

    def shown(self) -> dict[str, Any]:
        low, high = (None if one is None else round(one, 4) for one in (self.low, self.high))
        return {"mean": round(self.mean, 4), "low": low, "high": high, "of": self.of}


def mean(values: Sequence[float]) -> Estimate:
    """Of none at all: nought, without an interval."""
    count = len(values)
    if count < 2:
        return Estimate(fmean(values) if values else 0.0, None, None, count)
    middle, error = fmean(values), stdev(values) / sqrt(count)
    half = _student(count - 1) * error
    return Estimate(middle, middle - half, middle + half, count)


def difference(these: Sequence[float], those: Sequence[float]) -> Estimate:
    """Mean of these less that of those (Welch); both need two values for an interval."""
    count = len(these) + len(those)
    if min(len(these), len(those)) < 2:
        return Estimate(fmean(these or [0]) - fmean(those or [0]), None, None, count)
    middle = fmean(these) - fmean(those)
    parts = [stdev(some) ** 2 / len(some) for some in (these, those)]
    half = _student(min(len(these), len(those)) - 1) * sqrt(sum(parts))
    return Estimate(middle, middle - half, middle + half, count)


def share(hits: int, of: int) -> Estimate:
    if not of:
        return Estimate(0.0, None, None, 0)
    rate, z2 = hits / of, Z95 * Z95
    centre = (rate + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 / (1 + z2 / of) * sqrt(rate * (1 - rate) / of + z2 / (4 * of * of))
    return Estimate(rate, max(0.0, centre - half), min(1.0, centre + half), of)


def less(one: Estimate, other: Estimate) -> Estimate:
    """The share `one` less the share `other`."""
    middle, count = one.mean - other.mean, one.of + other.of
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Estimate(middle, None, None, count)
    down = sqrt((one.mean - one.low) ** 2 + (other.high - other.mean) ** 2)
    up = sqrt((one.high - one.mean) ** 2 + (other.mean - other.low) ** 2)
    return Estimate(middle, middle - down, middle + up, count)


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t."""
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
