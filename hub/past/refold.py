"""What is known of a customer at one product, folded from their history (history.py). Pure.

Taking in each new entry and folding all of them anew give the same; the second is what an undo, a
new version of the product and a replay need. What is undone is left out, as if it had never been.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hub.past.history import Entries
from hub.past.sound import sound
from hub.past.use import Marks, Use, read_entries, read_rules, read_stamp, read_use
from hub.store import Document
from protocol import events
from protocol.errors import ProtocolError
from protocol.events import Event, decode_event, visit_uid
from protocol.product import Product
from protocol.rules import ALL, Undone


class LeftOut(NamedTuple):
    """entries: their numbers; marks: what of a visit, up to which stamp."""

    entries: set[int]
    marks: Marks


def left_out(entries: Entries) -> LeftOut:
    """What of this history is undone; an undo that was itself undone undoes nothing."""
    numbers: set[int] = set()
    for number, entry in reversed(entries):
        if entry["kind"] == "undone" and number not in numbers:
            numbers.update(entry["entries"])
    return LeftOut(numbers, marks_of(entries, numbers))


def marks_of(entries: Entries, but: set[int]) -> Marks:
    """What these entries undo of visits, but for the entries with these numbers."""
    marks: Marks = {}
    for number, entry in entries:
        if number not in but:
            marks |= _marks(entry)
    return marks


def refold(
    snapshot: Document | None,
    entries: Entries,
    product: Product,
    generation: int,
    without: LeftOut | None = None,
) -> Use:
    """The Use that this history of one product comes to.

    without: what is left out of it; if not given, what the entries themselves say is undone.
    """
    without, use = without or left_out(entries), read_use(snapshot, generation)
    use.undone |= without.marks
    use.version = product.version
    for number, entry in entries:
        if number not in without.entries:
            take(use, entry, product)
    return use


def take(use: Use, entry: Document, product: Product) -> None:
    """Take in one entry. What this version of the product does not know is left out."""
    known, generation = use.known, use.known.registers.generation
    match entry["kind"]:
        case "event":
            _take_event(use, entry, product)
        case "word":
            known.merge(generation, (), read_entries({entry["index"]: entry["word"]}))
            use.ledger.wished(entry["index"], entry["at_ms"])
        case "rule":
            words = read_entries({entry["index"]: entry["word"]} if entry["word"] else {})
            known.merge(generation, (), words, read_rules({entry["index"]: entry["rule"]}))
            use.ledger.rules += 1
        case "undone":
            stamp = (entry["stamp"][0], entry["stamp"][1])
            marks = [Undone(stamp, bytes.fromhex(v), i, on) for v, i, on in entry["marks"]]
            words, rules = read_entries(entry["words"]), read_rules(entry["rules"])
            known.merge(generation, (), words, rules, marks)
            use.ledger.undone += 1


def remaining(event: Event, marks: Marks) -> Event | None:
    """What is left of an event without what was undone of its visit; None for nothing."""
    visit = visit_uid(event.uid, event.visit)

    def gone(index: int) -> bool:
        return any(event.stamp <= marks.get((visit, i), (-1, 0)) for i in (index, ALL))

    if event.kind in (events.ADJUSTED, events.STATED):
        return None if gone(event.body[0]) else event
    if event.kind != events.VISIT:
        return event
    if gone(ALL):
        return None
    values = tuple(value for value in event.body[2] if not gone(value[0]))
    return event._replace(body=(*event.body[:2], values, *event.body[3:]))


def events_of(entries: Entries) -> Iterable[tuple[int, Document, Event]]:
    """(number, entry, event) of those entries that are events."""
    for number, entry in entries:
        if entry["kind"] == "event":
            yield number, entry, event_of(entry)


def event_of(entry: Document) -> Event:
    return event_in(bytes.fromhex(entry["payload"]))


@lru_cache(maxsize=1)  # what is heard is folded next
def event_in(payload: bytes) -> Event:
    """The event in a record of a journal, or ProtocolError."""
    return decode_event(payload)


def _take_event(use: Use, entry: Document, product: Product) -> None:
    try:
        event = sound(event_of(entry), product)
    except ProtocolError:
        return  # of a setting that another version of the product has
    left = remaining(event, use.undone)
    if left is None:
        use.pass_over(event)
    else:
        use.fold(left, entry["device"], product, read_stamp(entry["base"]))
        use.ledger.happened(left, product, entry["at_ms"])


def _marks(entry: Document) -> Marks:
    if entry["kind"] == "undone":
        stamp = (entry["stamp"][0], entry["stamp"][1])
        return {(bytes.fromhex(uid), index): stamp for uid, index in entry["visits"]}
    if entry["kind"] != "event":
        return {}
    event = event_of(entry)
    if event.kind != events.UNDONE:
        return {}
    return {(event.body[1], event.body[0]): event.stamp}
