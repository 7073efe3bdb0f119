"""How people are spread over the values of each setting, and which are corrected most. k-anonymous.

A person stands where the middle of their newest visits stands, and counts once. A bar of fewer than
`fewest` people is not told; nor are so many others that it follows from the sum.
"""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median_low
from typing import Any

from hub.insight.bins import bins
from hub.insight.digest import Digest
from hub.insight.features import FEWEST_VISITS
from hub.learning.presets import Window
from protocol.product import Product
from protocol.schema import Setting


def spreads(users: Sequence[Digest], product: Product, fewest: int) -> dict[str, Any]:
    """{setting: [{text, people}]}, people None for too few; without settings of which all are."""
    found = {}
    for index, setting in enumerate(product.settings):
        places = Counter(_place(setting, window) for window in _windows(users, index))
        texts = bins(setting).texts
        told = _told([places[at] for at in range(len(texts))], fewest)
        bars = [{"text": t, "people": count} for t, count in zip(texts, told, strict=True)]
        if any(bar["people"] for bar in bars):
            found[setting.name] = bars
    return found


def corrected(users: Sequence[Digest], product: Product, fewest: int) -> list[dict[str, Any]]:
    """[{setting, share, people}]: of visits in which a hand moved it, the mean of the people; the
    most corrected first."""
    found = []
    for index, setting in enumerate(product.settings):
        shares = [
            sum(bool(by_hand) for _, _, by_hand in window) / len(window)
            for window in _windows(users, index)
        ]
        moved = sum(share > 0 for share in shares)
        if len(shares) >= fewest and not 0 < moved < fewest:
            found.append(
                {"setting": setting.name, "share": round(fmean(shares), 4), "people": len(shares)}
            )
    return sorted(found, key=lambda one: -one["share"])


def _windows(users: Sequence[Digest], index: int) -> list[Window]:
    found = [user.windows.get(index, []) for user in users]
    return [window for window in found if len(window) >= FEWEST_VISITS]


def _place(setting: Setting, window: Window) -> int:
    usual = median_low([rung for rung, _, _ in window])
    if setting.kind in ("choice", "switch", "colour"):  # they have no middle
        usual = Counter(rung for rung, _, _ in window).most_common(1)[0][0]
    return bins(setting).of(setting.code(usual))


def _told(counts: Sequence[int], fewest: int) -> list[int | None]:
    """None for what is hidden: at least `fewest` people in at least two bars, or nobody."""
    hidden = {at for at, count in enumerate(counts) if 0 < count < fewest}
    while hidden and (len(hidden) < 2 or sum(counts[at] for at in hidden) < fewest):
        rest = [at for at, count in enumerate(counts) if count and at not in hidden]
        if not rest:
            break
        hidden.add(min(rest, key=lambda at: counts[at]))
    return [None if at in hidden else count for at, count in enumerate(counts)]
