"""The traits that products share: a taste for one moves to every product that has it.

A trait is told in one unit everywhere, or in one that can be converted. What heats or moves is at
least `careful`: it waits until the product is sure who is there.
"""

from typing import NamedTuple

from protocol.schema import CAREFUL, CHEAP


class Trait(NamedTuple):
    kinds: tuple[str, ...]
    units: tuple[str, ...] = ("",)  # of a number
    cost: str = CHEAP  # the least it should have


# units that hub/learning/carry.py converts into each other
_LEVEL = ("%", "permille", "steps")
_WARM = ("°C", "0.1 °C", "°F", "0.1 °F")
_VOLUME = ("ml", "cl", "l")
_LENGTH = ("mm", "cm")

TRAITS = {
    "air.fan": Trait(("number", "choice"), _LEVEL),
    "air.humidity": Trait(("number",), _LEVEL),
    "air.temperature": Trait(("number",), _WARM, CAREFUL),
    "bed.firmness": Trait(("number", "choice"), _LEVEL, CAREFUL),
    "blind.position": Trait(("number",), _LEVEL, CAREFUL),
    "coffee.strength": Trait(("choice",)),
    "coffee.temperature": Trait(("number",), _WARM, CAREFUL),
    "coffee.volume": Trait(("number",), _VOLUME),
    "desk.height": Trait(("number",), _LENGTH, CAREFUL),
    "light.brightness": Trait(("number",), _LEVEL),
    "light.colour": Trait(("colour",)),
    "light.warmth": Trait(("number",), ("K",)),
    "screen.brightness": Trait(("number",), _LEVEL),
    "seat.heat": Trait(("number", "choice"), _LEVEL, CAREFUL),
    "seat.height": Trait(("number",), _LENGTH, CAREFUL),
    "sound.bass": Trait(("number",), ("dB",)),
    "sound.treble": Trait(("number",), ("dB",)),
    "sound.volume": Trait(("number",), _LEVEL),
    "toast.browning": Trait(("number", "choice"), _LEVEL),
    "wake.time": Trait(("time",)),
    "water.flow": Trait(("number", "choice"), _LEVEL),
    "water.temperature": Trait(("number",), _WARM, CAREFUL),
}
