"""Groups that nobody named: where a number of many people falls into two heaps.

The range of the number is cut into twelve (fewer where it has few values, so that each part holds
several). There are two heaps if between two of these lies one that holds less than half as many
people as the smaller of them, by five standard errors: neither a normal nor an even distribution
has such a valley.
"""

from collections.abc import Sequence
from math import sqrt

from hub.insight.features import Feature, Features
from hub.insight.groups import Group

_ALIKE = 0.6  # of the members of two groups together are in both: it is one kind of people
_FEWEST_BINS, _MOST_BINS = 3, 12
_VALLEY = 0.45
_SURE = 5  # standard errors


def kinds(found: Sequence[Features], every: Sequence[Feature], fewest: int) -> list[Group]:
    """Each a minority with the numbers that mark it; none with less than `fewest` people."""
    made: list[tuple[Feature, bool, frozenset[int]]] = []
    for feature in every:
        places = [at for at, one in enumerate(found) if feature in one]
        values = [found[at][feature] for at in places]
        bound = split(values, fewest)
        if bound is None:
            continue
        high = [at for at, value in zip(places, values, strict=True) if value > bound]
        low = [at for at, value in zip(places, values, strict=True) if value <= bound]
        made.append((feature, len(high) <= len(low), frozenset(min(high, low, key=len))))
    return _together(made)


def split(values: Sequence[float], fewest: int) -> float | None:
    """The number between the two heaps; None if there are no two."""
    if len(values) < 2 * fewest:
        return None
    ordered, outliers = sorted(values), len(values) // 100
    low, high = ordered[outliers], ordered[-1 - outliers]
    bins = min(max(len(set(ordered)) // 2, _FEWEST_BINS), _MOST_BINS)
    width = (high - low) / bins
    if not width:
        return None
    counts = [0] * bins
    for value in ordered:
        counts[min(max(int((value - low) / width), 0), bins - 1)] += 1
    depth, valley = max((_depth(counts, at), at) for at in range(1, bins - 1))
    bound = low + (valley + 0.5) * width
    above = sum(value > bound for value in ordered)
    return bound if depth and fewest <= above <= len(ordered) - fewest else None


def _depth(counts: Sequence[int], at: int) -> int:
    """How many people fewer are here than in the heaps on both sides; 0 if that is no valley."""
    here, heap = counts[at], min(max(counts[:at]), max(counts[at + 1 :]))
    is_valley = here <= _VALLEY * heap and heap - here > _SURE * sqrt(heap + here)
    return heap - here if is_valley else 0


def _together(made: Sequence[tuple[Feature, bool, frozenset[int]]]) -> list[Group]:
    """Heaps of the same people are one kind."""
    groups: list[Group] = []
    for feature, is_high, members in made:
        for at, group in enumerate(groups):
            if len(members & group.members) >= _ALIKE * len(members | group.members):
                groups[at] = group._replace(about=group.about | {feature.about})
                break
        else:
            groups.append(Group(_name(feature, is_high), members, frozenset({feature.about})))
    return groups


def _name(feature: Feature, is_high: bool) -> str:
    part = f" ({feature.part})" if feature.part else ""
    return f"of a kind: {'high' if is_high else 'low'} {feature.what}{part}"
