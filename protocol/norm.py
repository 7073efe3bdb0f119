"""How a product's learner begins: for each setting a preset, and what other people choose.

A Norm travels and is kept as (number of the preset, weights): one byte a rung that is likely at
all, in ascending order, together 256; None for no prior. It makes no sense without product.json,
and one that does not fit it is left alone.
"""

from protocol.preference import PRESETS, prior_of

PRESET_NAMES = ("universal", "sticky", "eager", "context", "habit")
_WHOLE = 256


def preset_of(setting, norm):
    """The preset: the hub's, else the product's own."""
    return PRESETS[PRESET_NAMES[norm[0]] if norm else setting.preset]


def cohort_of(setting, norm):
    """{rung: weight} of sum 256, what other people choose; None if nothing is said of it."""
    if not norm or norm[1] is None:
        return None
    rungs = sorted(prior_of(setting))
    if len(rungs) != len(norm[1]):
        return None
    return dict(zip(rungs, norm[1]))


def weights(setting, counts):
    """The weights for a Norm from {rung: how often}; None for nothing, or too many rungs."""
    rungs = sorted(prior_of(setting))
    total = sum([counts.get(rung, 0) for rung in rungs])
    if len(rungs) < 2 or not total:
        return None
    shares = [counts.get(rung, 0) * (_WHOLE - 1) // total for rung in rungs]
    shares[shares.index(max(shares))] += _WHOLE - 1 - sum(shares)
    shares[shares.index(min(shares))] += 1  # no weight is more than a byte
    return bytes(shares)
