"""What the learner is really worth: measured in visits that a person lets be compared.

They agree to it (hub/privacy/consent.py makes the rule by which devices know). Then, in every 25th
visit at a device, what they had last is applied where something else was learned; the event and the
sentence say so. Where a value was applied that differed from the last, either by the learner or, in
those visits, not, it is seen how often a hand corrected it. Which visit it is depends on nothing
but their number, so the two can be compared: unlike in a replay, people saw what they judged.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from hub.insight import estimate
from hub.insight.estimate import Estimate
from hub.past.visits import Visit
from protocol import events
from protocol.fold import corrected
from protocol.product import Product


class Compared(NamedTuple):
    """learned, last: how many were corrected of how many values that the learner had chosen
    otherwise than the last, and of those that were held as last time to compare."""

    learned: tuple[int, int]
    last: tuple[int, int]

    def shown(self) -> dict[str, Any]:
        learned, last = estimate.share(*self.learned), estimate.share(*self.last)
        saved: Estimate = estimate.less(last, learned)
        return {
            "learned": learned.shown(),
            "last_used": last.shown(),
            "saved": saved.shown(),
            "verdict": _verdict(saved),
        }


def compared(people: Iterable[list[Visit]], product: Product) -> Compared:
    """people: the visits of each, in order of time."""
    counts = {events.LEARNED: [0, 0], events.COMPARED: [0, 0]}
    for visits in people:
        last: dict[int, int] = {}
        for visit in visits:
            for value in visit.values:
                setting, before = product.settings[value.setting], last.get(value.setting)
                last[value.setting] = value.code
                if value.source == events.LEARNED and (
                    before is None or not corrected(setting, value.applied, before)
                ):
                    continue
                if value.source in counts:
                    counts[value.source][0] += corrected(setting, value.applied, value.code)
                    counts[value.source][1] += 1
    learned, held = counts[events.LEARNED], counts[events.COMPARED]
    return Compared((learned[0], learned[1]), (held[0], held[1]))


def _verdict(saved: Estimate) -> str:
    if saved.is_above:
        return "helps"
    return "harms" if saved.is_below else "not known yet"
