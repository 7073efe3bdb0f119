"""What the hub knows of one customer at one product: what devices decide from, and totals.

The fold of events is the device's own (protocol/fold.py); this adds what only the hub keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.insight.ledger import Ledger, read_ledger, write_ledger
from hub.past import tally
from hub.store import Document
from protocol import events
from protocol.events import Event, visit_uid
from protocol.fields import read_entry, read_row
from protocol.fold import Known, corrected, fold
from protocol.product import Product
from protocol.registers import Entry, Registers
from protocol.rules import Rule, Undone
from protocol.totals import Totals
from protocol.window import Row

NODE = "hub"
"""Whose stamps those are that the hub makes."""

Marks = dict[tuple[bytes, int], tuple[int, int]]  # (visit, setting or ALL) -> up to this stamp

_MOST_CORRECTIONS = 200  # visits whose corrections are kept; the oldest goes


@dataclass(slots=True)
class Use:
    known: Known
    origins: dict[bytes, str] = field(default_factory=dict)  # uid of a row -> its device
    visits: int = 0
    seconds: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    corrections: list[list[int]] = field(default_factory=list)  # [at_ms, corrected, settings]
    undone: Marks = field(default_factory=dict)  # what was left out, see hub/past/refold.py
    version: int = 0  # of the product.json with which it was folded
    adjusted: int = 0  # hands that changed a setting, up to the last visit
    heard: tally.Heard = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def fold(self, event: Event, device: str, product: Product, base: Any) -> None:
        """Take in a sound event. base: the stamp of the word that the device had seen, or None."""
        if event.kind == events.TALLIED:
            return self._count(tally.new(self.heard, event.subject, event.body, None), product)
        words, index = self.known.registers, _index(event)
        standing = words.entries.pop(index, None)
        fold(self.known, event, device, product.settings)
        if index in words.entries:
            words.entries[index] = words.entries[index]._replace(base=base)
        if standing:
            words.merge(words.generation, {index: standing})
        if event.kind == events.VISIT:
            self._visited(event, product)
        self.origins[visit_uid(event.uid, event.visit)] = device
        kept = {row.uid for row in self.known.rows}
        self.origins = {uid: at for uid, at in self.origins.items() if uid in kept}
        return None

    def elsewhere(self, rows: list[Any], device: str) -> list[Any]:
        """Those of these rows that this device does not have of its own."""
        return [row for row in rows if self.origins.get(row.uid) != device]

    def pass_over(self, event: Event) -> None:
        """A sound event that is undone: what it says of totals is not to be added later."""
        if event.kind == events.VISIT:
            self._new(event)

    def _new(self, event: Event) -> Totals:
        """What a visit adds to the totals."""
        _, seconds, _, counters = event.body[:4]
        alone = Totals(0, 1, seconds, 0, counters)
        if len(event.body) < 5:
            return alone
        return tally.new(self.heard, event.subject, event.body[4], alone)

    def _count(self, more: Totals, product: Product) -> None:
        self.visits += more.visits
        self.seconds += more.seconds
        self.adjusted += more.adjusted
        for index, count in more.counters:
            name = product.counters[index].name
            self.counters[name] = self.counters.get(name, 0) + count

    def _visited(self, event: Event, product: Product) -> None:
        self._count(self._new(event), product)
        values = event.body[2]
        settings = product.settings
        moved = [corrected(settings[i], applied, code) for i, code, _, applied in values]
        if moved:
            self.corrections.append([event.stamp[0], sum(moved), len(moved)])
            del self.corrections[:-_MOST_CORRECTIONS]


def _index(event: Event) -> int | None:
    """The setting of which an event may say a word."""
    return event.body[0] if event.kind not in (events.VISIT, events.ANSWERED) else None


def read_use(document: Document | None, generation: int) -> Use:
    """The Use in a document; an empty one for None."""
    if document is None:
        return Use(Known(registers=Registers(generation)))
    words = Registers(generation)
    words.entries = read_entries(document["entries"])
    words.conflicts = read_entries(document["conflicts"])
    rows = [_read_row(*fields[:4]) for fields in document["rows"]]
    return Use(
        Known(
            rows,
            words,
            read_rules(document.get("rules", {})),
            _read_marks(document.get("marks", [])),
        ),
        {bytes.fromhex(fields[0]): fields[4] for fields in document["rows"]},
        document["visits"],
        document["seconds"],
        dict(document["counters"]),
        list(document["corrections"]),
        {
            (bytes.fromhex(uid), at): (ms, count)
            for uid, at, ms, count in document.get("undone", [])
        },
        document.get("version", 0),
        document.get("adjusted", 0),
        tally.read_heard(document.get("heard", {})),
        read_ledger(document.get("ledger", {})),
    )


def check_use(document: Document) -> None:
    """Raise ProtocolError unless these are rows as devices say them: for what others bring."""
    for fields in document["rows"]:
        read_row([bytes.fromhex(fields[0]), *fields[1:4]])


def write_use(use: Use) -> Document:
    known = use.known
    return {
        "rows": [_row(use, row) for row in known.rows],
        "entries": _entries(known.registers.entries),
        "conflicts": _entries(known.registers.conflicts),
        "rules": {str(index): write_rule(rule) for index, rule in sorted(known.rules.items())},
        "marks": [[list(m.stamp), m.visit.hex(), m.index, m.on] for m in known.undone],
        "visits": use.visits,
        "seconds": use.seconds,
        "counters": use.counters,
        "corrections": use.corrections,
        "undone": [
            [uid.hex(), index, *use.undone[uid, index]] for uid, index in sorted(use.undone)
        ],
        "version": use.version,
        "adjusted": use.adjusted,
        "heard": tally.write_heard(use.heard),
        "ledger": write_ledger(use.ledger),
    }


def _read_row(uid: str, stamp: Any, daypart: int, values: Any) -> Row:
    # of our own store, and so not checked: this is most of what an event costs
    return Row(bytes.fromhex(uid), tuple(stamp), daypart, tuple(map(tuple, values)))


def _row(use: Use, row: Any) -> list[Any]:
    values = [list(value) for value in row.values]
    return [row.uid.hex(), list(row.stamp), row.daypart, values, use.origins.get(row.uid, "")]


def _entries(entries: dict[int, Entry]) -> Document:
    return {str(index): write_entry(entry) for index, entry in sorted(entries.items())}


def write_entry(entry: Entry) -> list[Any]:
    base = None if entry.base is None else list(entry.base)
    return [list(entry.stamp), base, entry.value, entry.author]


def write_rule(rule: Rule) -> list[Any]:
    return [list(rule.stamp), rule.kind, rule.code, list(rule.forgotten)]


def read_rules(document: Mapping[Any, Any]) -> dict[int, Rule]:
    return {int(index): _read_rule(*fields) for index, fields in document.items()}


def _read_rule(stamp: Any, kind: int, code: int, forgotten: Any) -> Rule:
    return Rule(tuple(stamp), kind, code, tuple(forgotten))


def _read_marks(fields: list[Any]) -> list[Undone]:
    return [Undone(tuple(stamp), bytes.fromhex(uid), at, on) for stamp, uid, at, on in fields]


def read_entries(document: Mapping[Any, Any]) -> dict[int, Entry]:
    return {int(index): read_entry(fields) for index, fields in document.items()}


def read_stamp(fields: list[Any] | None) -> tuple[int, int, str] | None:
    """A register's stamp, from the list of its parts."""
    return None if fields is None else (fields[0], fields[1], fields[2])
