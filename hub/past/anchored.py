"""A device was told what time it is: what it said before, in the same boot, gets its place.

Its stamps are set right where they were written down, and what follows from them is folded anew, as
if the device had known the time all along.
"""

from typing import Any

from hub.devices.device import Device
from hub.draft import Draft
from hub.past.record import anew
from hub.past.refold import event_of
from hub.past.use import read_use, write_use
from hub.people.customer import Customer
from protocol.anchor import Anchor, moved, restamp
from protocol.events import Event, encode_event
from protocol.product import Product


def anchored(draft: Draft, device: Device, event: Event, product: Product) -> list[Customer]:
    """Take an ANCHORED event in; returns everyone whom it concerns."""
    people = [Customer(draft, name) for name in device.people().values()]
    return [one for one in people if _set_right(one, device.id, event, product)]


def _set_right(customer: Customer, device: str, event: Event, product: Product) -> bool:
    history, anchor = customer.history, Anchor(*event.body[:3])
    moved_any = _snapshot(customer, device, event, product)
    for number, entry in history.entries(product.name):
        if entry["kind"] != "event" or entry["device"] != device:
            continue
        said = event_of(entry)
        stamp = moved(said.stamp, anchor)
        if said.uid[:4] != event.uid[:4] or stamp == said.stamp:
            continue
        right = said._replace(stamp=stamp, trust=max(said.trust, event.trust))
        base = entry["base"] and _base(entry["base"], anchor, device)
        history.put(number, entry | {"payload": encode_event(right).hex(), "base": base})
        _tell_when(customer, entry["line"], right)
        moved_any = True
    if moved_any:
        anew(customer, product)
    return moved_any


def _snapshot(customer: Customer, device: str, event: Event, product: Product) -> bool:
    """What has been compacted moves where it is."""
    document = customer.history.snapshot(product.name)
    if document is None:
        return False
    use = read_use(document, customer.generation)
    if not restamp(use.known, event.uid, event.body, device):
        return False
    customer.history.compact(customer.history.first - 1, {product.name: write_use(use)})
    return True


def _base(stamp: list[Any], anchor: Anchor, device: str) -> list[Any]:
    return list(moved(tuple(stamp), anchor)) if stamp[2] == device else stamp


def _tell_when(customer: Customer, line: int, event: Event) -> None:
    told = customer.timeline.get(line)
    if told:
        right = {"at_ms": event.stamp[0], "time_trust": event.trust}
        customer.timeline.put(line, told | right)
