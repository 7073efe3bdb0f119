"""One person's use of one product, as small as what is worked out of many needs it."""

from typing import NamedTuple

from hub.insight.features import SURE_VISITS, Features, features
from hub.insight.fleet import Person
from hub.insight.help import Needed, needed
from hub.insight.holdout import Compared, compared
from hub.insight.ledger import Ledger
from hub.learning.presets import Window
from protocol.product import Product


class Digest(NamedTuple):
    """owns: the names of all products they use; fine: the features that can be split."""

    since_ms: int
    owns: frozenset[str]
    devices: int
    features: Features
    fine: Features
    needed: list[Needed]
    compared: Compared
    windows: dict[int, Window]
    ledger: Ledger


def digest(person: Person, product: Product) -> Digest:
    """Of someone who uses this product."""
    use = person.uses[product.name]
    found, sure = features(use, product), features(use, product, SURE_VISITS)
    steady = {feature: value for feature, value in found.items() if feature.unit != "share"}
    return Digest(
        person.since_ms,
        frozenset(person.uses),
        use.devices,
        found,
        steady | sure,  # a share of few visits is a staircase
        needed(use.visits, product),
        compared([use.visits], product),
        use.windows,
        use.ledger,
    )
