"""What can be said of a setting that a device could read: its grid, its trait, its cost."""

from collections.abc import Callable, Iterator
from typing import Any

from protocol.schema import COSTS, Number
from tools.factory.findings import Finding, fault, warning
from tools.factory.traits import TRAITS

Where = Callable[[str], str]  # field of this setting -> its place in the file


def advice(where: Where, setting: Any, item: dict[str, Any]) -> Iterator[Finding]:
    """setting: as protocol/schema.py read it; item: as it is written."""
    if setting.kind == "number":
        yield from _grid(where, setting, item)
    yield from _trait(where, setting)


def _grid(where: Where, setting: Number, item: dict[str, Any]) -> Iterator[Finding]:
    low, high, start = item["low"], item["high"], item.get("start", item["low"])
    if setting.high != high:
        yield warning(
            where("high"),
            f"{high} is no step of {setting.step} from {low}; the highest that can be set is"
            f" {setting.high}",
        )
    if not low <= start <= high:
        yield fault(
            where("start"), f"{start} is not within {low} to {high} {setting.unit}".rstrip()
        )
    elif start != setting.start:
        yield warning(where("start"), f"{start} is between two steps; it will be {setting.start}")
    if not setting.unit and setting.trait not in TRAITS:
        yield warning(where("unit"), "is missing: people see bare numbers")


def _trait(where: Where, setting: Any) -> Iterator[Finding]:
    trait = TRAITS.get(setting.trait)
    if trait is None:
        yield warning(
            where("trait"),
            f"{setting.trait!r} is no trait that products share, so a taste for it stays with this"
            f" product; shared are {', '.join(_near(setting.trait))}",
        )
        return
    if setting.kind not in trait.kinds:
        kinds = " or a ".join(trait.kinds)
        yield fault(where("kind"), f"{setting.trait} is a {kinds} everywhere, no {setting.kind}")
    elif setting.kind == "number" and setting.unit not in trait.units:
        units = " or ".join(trait.units)
        yield fault(where("unit"), f"{setting.trait} is told in {units}, not in {setting.unit!r}")
    if COSTS.index(setting.cost) < COSTS.index(trait.cost):
        yield warning(
            where("cost"),
            f"{setting.trait} heats or moves: {trait.cost!r} lets it wait until the product is sure"
            " who is there",
        )


def _near(trait: str) -> list[str]:
    """The shared traits of the same family, or else the families."""
    family = trait.partition(".")[0] + "."
    families = {name.partition(".")[0] + ".*" for name in TRAITS}
    return [name for name in TRAITS if name.startswith(family)] or sorted(families)
