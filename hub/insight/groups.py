"""By what people can be told apart before one looks at what they set: groups with names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hub.insight.digest import Digest
from hub.insight.features import DAYPARTS, OFTEN, WHEN, Feature, Features
from protocol.product import Product

_NEW_MS = 60 * 86_400_000
_MOSTLY = 0.5
_TIMES = dict(
    zip(DAYPARTS, ("at night", "in the morning", "at midday", "in the evening"), strict=True)
)


class Group(NamedTuple):
    """name: as one says it of people ("who also have a Seat light"); members: their places in the
    list; about: what in them follows from how the group was made, and is no difference."""

    name: str
    members: frozenset[int]
    about: frozenset[str]


def groups(
    users: Sequence[Digest], products: Mapping[str, Product], product: str, now_ms: int
) -> list[Group]:
    """Those of one product, whose users these are."""
    made = [
        _group(f"who also have a {other.title}", [name in user.owns for user in users])
        for name, other in products.items()
        if name != product
    ]
    found = [user.features for user in users]
    made.append(_group("who have several of them", [user.devices > 1 for user in users]))
    new = [user.since_ms > now_ms - _NEW_MS for user in users]
    made.append(_group("who are new, for less than 60 days", new, OFTEN))
    often = _highest_third(found, Feature(OFTEN, "visits", "", "a week"))
    made.append(_group("who use it often, the upper third", often, OFTEN))
    for name in DAYPARTS:
        mostly = _above(found, Feature(WHEN, f"visits, {name}", "", "share"), _MOSTLY)
        made.append(_group(f"who use it mostly {_TIMES[name]}", mostly, WHEN, OFTEN))
    weekend = _above(found, Feature(WHEN, "visits at weekends", "", "share"), _MOSTLY)
    made.append(_group("who use it mostly at weekends", weekend, WHEN, OFTEN))
    return [group for group in made if group.members]


def _group(name: str, belongs: Iterable[bool], *about: str) -> Group:
    members = frozenset(at for at, one in enumerate(belongs) if one)
    return Group(name, members, frozenset(about))


def _above(found: Sequence[Features], feature: Feature, bound: float) -> list[bool]:
    return [one.get(feature, 0.0) > bound for one in found]


def _highest_third(found: Sequence[Features], feature: Feature) -> list[bool]:
    values = sorted(one[feature] for one in found if feature in one)
    if len(values) < 3:
        return [False] * len(found)
    return _above(found, feature, values[2 * len(values) // 3])
