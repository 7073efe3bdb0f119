"""What a product costs a person and what it saves them, folded from the same history. Pure.

Effort is what they had to do: hands on a setting, words said there, rules, things taken back,
wishes from afar, and how long these waited for a device. Benefit is what they did not have to do:
the corrections that the product's default, or the value of the last visit, would have needed for
the same choices, less those that were needed. (That the choices would have been the same nobody
knows; only the comparison does that a person agrees to, see hub/insight/holdout.py.)
"""

from dataclasses import dataclass, field
from typing import Any

from hub.store import Document
from protocol import events
from protocol.events import Event
from protocol.fold import corrected
from protocol.product import Product

_COUNTS = ("visits", "decisions", "corrected", "by_default", "by_last")
_INPUTS = ("hands", "stated", "rules", "undone", "wishes")
_WAITS = ("answered", "waited_ms")


@dataclass(slots=True)
class Ledger:
    """decisions: settings in visits; by_default, by_last: corrections that these would have needed;
    answered: wishes that a device answered, after waited_ms in all."""

    visits: int = 0
    decisions: int = 0
    corrected: int = 0
    by_default: int = 0
    by_last: int = 0
    hands: int = 0
    stated: int = 0
    rules: int = 0
    undone: int = 0
    wishes: int = 0
    answered: int = 0
    waited_ms: int = 0
    last: dict[int, int] = field(default_factory=dict)  # setting -> its code at the last visit
    asked: dict[int, int] = field(default_factory=dict)  # setting -> when it was wished, ms

    @property
    def inputs(self) -> int:
        return sum(getattr(self, name) for name in _INPUTS)

    def happened(self, event: Event, product: Product, at_ms: int) -> None:
        """Take in a sound event that the hub heard at `at_ms`."""
        match event.kind:
            case events.VISIT:
                self._visited(event.body[2], product)
            case events.ADJUSTED:
                self.hands += 1
            case events.STATED:
                self.stated += 1
            case events.RULED:
                self.rules += 1
            case events.UNDONE:
                self.undone += 1
            case events.ANSWERED if event.body[0] in self.asked:
                self.answered += 1
                self.waited_ms += max(0, at_ms - self.asked.pop(event.body[0]))

    def wished(self, index: int, at_ms: int) -> None:
        self.wishes += 1
        self.asked[index] = at_ms

    def add(self, other: "Ledger") -> None:
        """Another's sums."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def _visited(self, values: Any, product: Product) -> None:
        self.visits += 1
        for index, code, _, applied in (value[:4] for value in values):
            setting = product.settings[index]
            start = setting.start  # type: ignore[attr-defined]
            self.decisions += 1
            self.corrected += corrected(setting, applied, code)
            self.by_default += corrected(setting, start, code)
            self.by_last += corrected(setting, self.last.get(index, start), code)
            self.last[index] = code


_SUMS = (*_COUNTS, *_INPUTS, *_WAITS)


def shown(ledger: Ledger) -> dict[str, Any]:
    """Its sums, and what follows from them."""
    sums = {name: getattr(ledger, name) for name in _SUMS}
    return sums | {
        "inputs": ledger.inputs,
        "saved_beside_default": ledger.by_default - ledger.corrected,
        "saved_beside_last_used": ledger.by_last - ledger.corrected,
    }


def write_ledger(ledger: Ledger) -> Document:
    sums = {name: getattr(ledger, name) for name in _SUMS}
    return sums | {
        "last": {str(index): code for index, code in sorted(ledger.last.items())},
        "asked": {str(index): at_ms for index, at_ms in sorted(ledger.asked.items())},
    }


def read_ledger(document: Document) -> Ledger:
    made = Ledger()
    for name in _SUMS:
        setattr(made, name, document.get(name, 0))
    made.last = {int(index): code for index, code in document.get("last", {}).items()}
    made.asked = {int(index): at_ms for index, at_ms in document.get("asked", {}).items()}
    return made
