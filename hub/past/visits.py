"""The visits of a customer at one product, from their history: what they got, and what they did.

visits(customer.history.entries("lamp"), lamp, zone)[-1].values
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import NamedTuple

from hub.past.history import Entries
from hub.past.refold import event_of, left_out, remaining
from hub.past.sound import sound
from hub.past.use import Marks
from hub.store import Document
from protocol.errors import ProtocolError
from protocol.events import ADJUSTED, VISIT, Event, visit_uid
from protocol.product import Product

_SATURDAY = 5


class Value(NamedTuple):
    """setting: its index; the code it ended with, the code applied, and from where."""

    setting: int
    code: int
    source: int
    applied: int


class Hand(NamedTuple):
    """A setting (its index) was set by hand."""

    setting: int
    code: int
    before: int


class Visit(NamedTuple):
    """hands: what was set, in order; counters: ((index, more), ...); weekend: by local time."""

    at_ms: int
    daypart: int
    weekend: bool
    device: str
    seconds: int
    values: tuple[Value, ...]
    hands: tuple[Hand, ...] = ()
    counters: tuple[tuple[int, int], ...] = ()


def visits(entries: Entries, product: Product, zone: tzinfo) -> list[Visit]:
    """In order of time, without what was undone."""
    found: list[Visit] = []
    hands: dict[bytes, list[Hand]] = {}
    for entry, event in _remaining(entries, product):
        uid = visit_uid(event.uid, event.visit)
        if event.kind == ADJUSTED:
            hands.setdefault(uid, []).append(Hand(*event.body[:3]))
        elif event.kind == VISIT:
            daypart, seconds, values, counters = event.body[:4]
            found.append(
                Visit(
                    event.stamp[0],
                    daypart,
                    is_weekend(event.stamp[0], zone),
                    entry["device"],
                    seconds,
                    tuple(Value(*value[:4]) for value in values),
                    tuple(hands.pop(uid, ())),
                    counters,
                )
            )
    return sorted(found, key=lambda visit: visit.at_ms)


def is_weekend(at_ms: int, zone: tzinfo) -> bool:
    return datetime.fromtimestamp(at_ms / 1000, zone).weekday() >= _SATURDAY


def _remaining(entries: Entries, product: Product) -> Iterator[tuple[Document, Event]]:
    gone = left_out(entries)
    marks: Marks = gone.marks
    for number, entry in entries:
        if entry["kind"] != "event" or number in gone.entries:
            continue
        try:
            left = remaining(sound(event_of(entry), product), marks)
        except ProtocolError:
            continue  # of a setting that another version of the product has
        if left is not None:
            yield entry, left
