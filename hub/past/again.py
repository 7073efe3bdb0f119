"""A person's own later wish outlasts what a hand had set before it, though it had not seen it.

A hand at a device beats a wish that had not seen it (protocol/registers.py), since a wish of
somebody else must not undo a person. Where the person wished it themselves, and both times are
known exactly, what they chose last is what they want: the hub asks for it again in their name, now
having seen the hand. Both stay visible: as the conflict, and in the timeline.
"""

from hub.devices.device import Device
from hub.devices.outbox import WORDS, Outbox
from hub.draft import Draft
from hub.past.refold import event_of
from hub.people import circle, wishes
from hub.people.customer import Customer
from protocol.events import ADJUSTED, EXACT, STATED
from protocol.product import Product
from protocol.registers import HAND, Entry


def ask_again(
    draft: Draft, customer: Customer, device: Device, product: Product, now_ms: int
) -> dict[str, list[int]]:
    """After news of a device's hand: {device: numbers of wishes} that are told it once more."""
    told: dict[str, list[int]] = {}
    registers = circle.use(draft, customer, product).known.registers
    for index, lost in list(registers.conflicts.items()):
        stands = registers.entries[index]
        found = _own(draft, customer, lost)
        if stands.author != HAND or stands.stamp[2] != device.id or found is None:
            continue
        asker, number, asked_ms = found
        if asked_ms > stands.stamp[0] and _timed_exactly(customer, product, device.id, stands):
            for name in _again(draft, asker, number, product, stands, now_ms):
                told.setdefault(name, []).append(number)
    return told


def _own(draft: Draft, customer: Customer, lost: Entry) -> tuple[Customer, int, int] | None:
    """(who asked, number, when) of a wish that a person made themselves."""
    if lost.author == HAND:
        return None
    for member in circle.members(draft, customer):
        for number, made in member.wishes.newest(wishes.ALL):
            if made["stamp"] == list(lost.stamp) and made.get("own") and not made.get("undone"):
                return member, number, made["at_ms"]
    return None


def _timed_exactly(customer: Customer, product: Product, device: str, stands: Entry) -> bool:
    for _, entry in reversed(customer.history.entries(product.name)):
        if entry["kind"] != "event" or entry["device"] != device:
            continue
        event = event_of(entry)
        if event.stamp == stands.stamp[:2] and event.kind in (ADJUSTED, STATED):
            return event.trust == EXACT
    return False


def _again(
    draft: Draft, asker: Customer, number: int, product: Product, stands: Entry, now_ms: int
) -> list[str]:
    homes = [name for name in sorted(asker.devices) if Device(draft, name).product == product.name]
    wishes.again(asker, product, number, homes, stands, now_ms)
    for name in homes:
        Outbox(draft, Device(draft, name)).person(asker.devices[name]["subject"], [WORDS], [number])
    return homes
