"""What the hub knows of one customer at one product: what devices decide from, and totals.

The fold of events is the device's own (protocol/fold.py); this adds what only the hub keeps.
"""

from dataclasses import dataclass, field
from typing import Any

from hub.store import Document
from protocol import events
from protocol.events import Event, visit_uid
from protocol.fields import read_entry, read_row
from protocol.fold import Known, corrected, fold
from protocol.product import Product
from protocol.registers import Entry, Registers

_MOST_CORRECTIONS = 200  # visits whose corrections are kept; the oldest goes


@dataclass(slots=True)
class Use:
    known: Known
    origins: dict[bytes, str] = field(default_factory=dict)  # uid of a row -> its device
    visits: int = 0
    seconds: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    corrections: list[list[int]] = field(default_factory=list)  # [at_ms, corrected, settings]

    def fold(self, event: Event, device: str, product: Product, unseen: Entry | None) -> None:
        """Take in a sound event. unseen: the wish that stood at the hub, not yet at the device."""
        words, index = self.known.registers, _index(event)
        if unseen:
            del words.entries[index]  # a hand there never let go of it: it was not there yet
        fold(self.known, event, device, product.settings)
        if unseen:
            words.merge(words.generation, {index: unseen})
        if event.kind == events.VISIT:
            self._visited(event, product)
        self.origins[visit_uid(event.uid, event.visit)] = device
        kept = {row.uid for row in self.known.rows}
        self.origins = {uid: at for uid, at in self.origins.items() if uid in kept}

    def rows_from_elsewhere(self, device: str) -> list[Any]:
        """The rows that another device has to tell this one."""
        return [row for row in self.known.rows if self.origins.get(row.uid) != device]

    def _visited(self, event: Event, product: Product) -> None:
        _, seconds, values, counters = event.body[:4]
        self.visits += 1
        self.seconds += seconds
        for index, count in (counter[:2] for counter in counters):
            name = product.counters[index].name
            self.counters[name] = self.counters.get(name, 0) + count
        settings = product.settings
        moved = [corrected(settings[i], applied, code) for i, code, _, applied in values]
        if moved:
            self.corrections.append([event.stamp[0], sum(moved), len(moved)])
            del self.corrections[:-_MOST_CORRECTIONS]


def _index(event: Event) -> int | None:
    return event.body[0] if event.kind != events.VISIT else None


def read_use(document: Document | None, generation: int) -> Use:
    """The Use in a document; an empty one for None."""
    if document is None:
        return Use(Known(registers=Registers(generation)))
    words = Registers(generation)
    words.entries = _read_entries(document["entries"])
    words.conflicts = _read_entries(document["conflicts"])
    rows = [read_row([bytes.fromhex(fields[0]), *fields[1:4]]) for fields in document["rows"]]
    return Use(
        Known(rows, words, document["frozen"]),
        {bytes.fromhex(fields[0]): fields[4] for fields in document["rows"]},
        document["visits"],
        document["seconds"],
        document["counters"],
        document["corrections"],
    )


def write_use(use: Use) -> Document:
    known = use.known
    return {
        "rows": [_row(use, row) for row in known.rows],
        "entries": _entries(known.registers.entries),
        "conflicts": _entries(known.registers.conflicts),
        "frozen": sorted(known.frozen),
        "visits": use.visits,
        "seconds": use.seconds,
        "counters": use.counters,
        "corrections": use.corrections,
    }


def _row(use: Use, row: Any) -> list[Any]:
    values = [list(value) for value in row.values]
    return [row.uid.hex(), list(row.stamp), row.daypart, values, use.origins.get(row.uid, "")]


def _entries(entries: dict[int, Entry]) -> Document:
    return {str(index): _entry(entry) for index, entry in entries.items()}


def _entry(entry: Entry) -> list[Any]:
    base = None if entry.base is None else list(entry.base)
    return [list(entry.stamp), base, entry.value, entry.author]


def _read_entries(document: Document) -> dict[int, Entry]:
    return {int(index): read_entry(fields) for index, fields in document.items()}
