"""What a person's taste at one product says of another: the same trait, in its unit, on its grid.

Only traits with a dot in their name travel ("light.brightness"); a setting that names none is its
product's own. Nothing is guessed between different traits: measured, nothing carries between them.
A value travels if it was said, or learned surely enough for the cost of the setting that gets it.

    carried(seatlight, [(lamp, known_at_the_lamp)])  == {0: Source(4, "Lamp")}
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from protocol.decision import THRESHOLDS, Decision
from protocol.events import LEARNED, SAID
from protocol.fold import Known
from protocol.preference import PRIOR
from protocol.product import Product
from protocol.schema import Setting
from protocol.window import NO_DAYPART

# unit: (what it measures, how much of its base unit it is, where its zero lies there)
_UNITS = {
    "°C": ("temperature", Fraction(1), Fraction(0)),
    "0.1 °C": ("temperature", Fraction(1, 10), Fraction(0)),
    "°F": ("temperature", Fraction(5, 9), Fraction(-160, 9)),
    "0.1 °F": ("temperature", Fraction(1, 18), Fraction(-160, 9)),
    "K": ("temperature", Fraction(1), Fraction(-5463, 20)),
    "ml": ("volume", Fraction(1), Fraction(0)),
    "cl": ("volume", Fraction(10), Fraction(0)),
    "l": ("volume", Fraction(1000), Fraction(0)),
    "s": ("time", Fraction(1), Fraction(0)),
    "min": ("time", Fraction(60), Fraction(0)),
    "h": ("time", Fraction(3600), Fraction(0)),
    "mm": ("length", Fraction(1), Fraction(0)),
    "cm": ("length", Fraction(10), Fraction(0)),
    "g": ("mass", Fraction(1), Fraction(0)),
    "kg": ("mass", Fraction(1000), Fraction(0)),
}
_OF_THE_RANGE = ("%", "permille", "", "steps")  # such numbers mean a share of all there is


class Source(NamedTuple):
    """A code for a setting, and the title of the product where it was learned."""

    code: int
    origin: str


def carried(product: Product, others: Iterable[tuple[Product, Known]]) -> dict[int, Source]:
    """{index: Source} for the settings of a product, from what is known at others."""
    found: dict[int, tuple[tuple[bool, int, int], Source]] = {}
    for origin, known in others:
        decisions = known.decide(origin.settings, NO_DAYPART)
        for at, decision in enumerate(decisions):
            for index, setting in enumerate(product.settings):
                if origin is product and setting.retired == origin.settings[at].retired:
                    continue  # of a product itself only what took the place of another
                code = _carried(origin.settings[at], decision, setting)
                if code is None:
                    continue
                rank = (decision.source == SAID, decision.confidence, _newest(known, at))
                if index not in found or rank > found[index][0]:
                    found[index] = rank, Source(code, origin.title)
    return {index: found[index][1] for index in sorted(found)}


def convert(code: int, of: Setting, to: Setting) -> int | None:
    """A code of one setting as the nearest one of another; None where they are not comparable."""
    if of.kind != to.kind:
        return None
    if of.kind == "choice":
        return _same_option(of, code, to)
    if of.kind != "number" or of.unit == to.unit != "":
        return to.fit(code)
    if of.unit in _OF_THE_RANGE and to.unit in _OF_THE_RANGE:
        return to.fit(_round(_share(code, of) * (to.high - to.low)) + to.low)
    one, other = _UNITS.get(of.unit), _UNITS.get(to.unit)
    if one is None or other is None or one[0] != other[0]:
        return None
    return to.fit(_round((code * one[1] + one[2] - other[2]) / other[1]))


def _carried(of: Setting, decision: Decision, to: Setting) -> int | None:
    if of.trait != to.trait or "." not in to.trait:
        return None
    if decision.source not in (SAID, LEARNED) or decision.why == PRIOR:
        return None
    sure_enough = decision.confidence >= THRESHOLDS[to.cost] or of.cost == to.cost
    return convert(decision.code, of, to) if sure_enough else None


def _newest(known: Known, index: int) -> int:
    times = [row.stamp[0] for row in known.rows if any(v[0] == index for v in row.values)]
    return times[-1] if times else 0


def _same_option(of: Setting, code: int, to: Setting) -> int | None:
    option, options = of.show(code), to.options  # type: ignore[attr-defined]
    return options.index(option) if option in options else None


def _share(code: int, of: Setting) -> Fraction:
    return Fraction(code - of.low, of.high - of.low)


def _round(number: Fraction) -> int:
    """To the nearest whole number; a half goes up."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)
