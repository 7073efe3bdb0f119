"""What an event of a device does to what is known of people: in their histories, and elsewhere."""

import struct
from typing import Any

from hub.devices.device import Device
from hub.devices.outbox import EVERYTHING, ROWS, WORDS, Outbox
from hub.draft import Draft
from hub.learning import carrying
from hub.past.again import ask_again
from hub.past.anchored import anchored
from hub.past.record import compact, happened, tidy
from hub.past.sound import UnknownSettingError, sound, timely
from hub.past.timeline import entry, of_event, of_gap
from hub.past.undo import mark
from hub.people import circle, wishes
from hub.people.customer import Customer
from hub.privacy.consent import LEARNING, REMEMBER, agreed
from hub.products import Products
from hub.store import Document
from protocol import chain
from protocol.errors import ProtocolError
from protocol.events import (
    ADJUSTED,
    ANCHORED,
    ANSWERED,
    KIND_NAMES,
    RULED,
    STATED,
    TALLIED,
    UNDONE,
    VISIT,
    Event,
    encode_event,
)
from protocol.product import Product
from protocol.rules import FORGET


class Happenings:
    """What one batch of messages brings about, in a draft.

    changed: ("customer" or "device", id) of what did; to_tell: devices for which there is news.
    """

    def __init__(self, draft: Draft, now_ms: int, products: Products) -> None:
        self.changed: dict[tuple[str, str], None] = {}
        self.to_tell: dict[str, None] = {}
        self._draft, self._now_ms, self._products = draft, now_ms, products

    def whose(self, device: Device, subject: str) -> Customer | None:
        name = device.customer(subject)
        return Customer(self._draft, name) if name else None

    def gap(self, device: Device, payload: bytes) -> None:
        try:
            text = of_gap(*struct.unpack(chain.GAP_FORMAT, payload))
        except struct.error:
            raise ProtocolError("a gap's payload is 9 bytes") from None
        device.state["lost"] = True
        if not device.note(self._now_ms, text):
            return
        for name in device.people().values():
            customer = Customer(self._draft, name)
            customer.timeline.add(entry(self._now_ms, "gap", text, device.id))
            self.changed["customer", name] = None

    def event(self, device: Device, event: Event, product: Product) -> None:
        if not device.first_time(event.uid) or event.kind not in KIND_NAMES:
            return
        came = timely(event, self._now_ms, device.state.get("told_ms", 0), device.state["boot"])
        try:
            event = sound(came, product)
        except UnknownSettingError:
            self._keep_for_later(device, came, product)
            raise
        kind = KIND_NAMES[event.kind]
        if kind == "totals":
            device.stand(product, event.body)
            return
        if event.kind == VISIT:
            device.count(product, event.body[3])
        if event.kind == ANCHORED:
            for customer in anchored(self._draft, device, event, product):
                self.changed["customer", customer.id] = None
                self._tell_others(customer, device, product)
                self._ask_again(customer, device, product)
            return
        customer = self.whose(device, event.subject.hex() if event.subject else "")
        if customer is None:
            return
        everyone = circle.members(self._draft, customer)
        kept, came_so = _as_agreed(event, everyone), _as_agreed(came, everyone)
        if kept is None or came_so is None:
            return
        event, came = kept, came_so
        base = self._base(customer, device, product, event)
        entry = self._entry(device, came) | {"base": base}
        happened(customer, product, entry, of_event(event, device.id, product, self._now_ms))
        if event.kind == UNDONE:
            mark(customer, product)
        if event.kind == RULED and event.body[1] == FORGET:
            compact(customer, self._products, customer.history.last)
        tidy(customer, self._products)
        self.changed["customer", customer.id] = None
        if kind == "answered":
            number = wishes.answered(customer, product, device.id, event.body)
            self.wish_changed(customer, number)
        if kind in ("visit", "undone", "ruled") or event.uid[:4].hex() != device.state["boot"]:
            self._tell_others(customer, device, product)
        if event.kind in (ADJUSTED, STATED):
            self._ask_again(customer, device, product)
        self._note_open(device, event)
        products = self._products
        self.to_tell.update(
            dict.fromkeys(carrying.renew(self._draft, customer, products, self._now_ms))
        )
        if event.stamp[0] <= customer.devices[device.id].get("fence_ms", -1):
            Outbox(self._draft, device).person(event.subject.hex(), EVERYTHING)
            self.to_tell[device.id] = None

    def _entry(self, device: Device, came: Event) -> Document:
        """What the history keeps of it."""
        return {
            "kind": "event",
            "at_ms": self._now_ms,
            "device": device.id,
            "version": device.state["version"],
            "payload": encode_event(came).hex(),
            "base": None,
        }

    def _keep_for_later(self, device: Device, came: Event, product: Product) -> None:
        """A newer version of the product will know what it is."""
        customer = self.whose(device, came.subject.hex() if came.subject else "")
        if customer and _as_agreed(came, circle.members(self._draft, customer)):
            where = {"product": product.name, "line": 0}
            customer.history.add(self._entry(device, came) | where)
            tidy(customer, self._products)

    def _note_open(self, device: Device, event: Event) -> None:
        """Remember whose visit goes on, for as long as it does."""
        is_open, subject = device.state.setdefault("open", []), event.subject.hex()
        if subject in is_open:
            is_open.remove(subject)
        if event.kind in (ADJUSTED, STATED) and event.uid[:4].hex() == device.state["boot"]:
            is_open.append(subject)

    def _base(self, customer: Customer, device: Device, product: Product, event: Event) -> Any:
        """The stamp of the word that a device had seen when a hand overruled it; None for none."""
        if event.kind in (VISIT, ANSWERED, TALLIED):
            return None
        everyone = circle.members(self._draft, customer)
        words = circle.use(self._draft, customer, product).known.registers.entries
        word = words.get(event.body[0])
        return list(word.stamp) if word and wishes.seen(everyone, word, device.id) else None

    def _tell_others(self, customer: Customer, device: Device, product: Product) -> None:
        """Every other device and phone of theirs conforms at the end of each visit."""
        for member in circle.members(self._draft, customer):
            for name, share in member.devices.items():
                other = Device(self._draft, name)
                at_home = name == device.id and member.id == customer.id
                if not at_home and other.product == product.name:
                    Outbox(self._draft, other).person(share["subject"], [ROWS, WORDS])
                    self.to_tell[name] = None

    def _ask_again(self, customer: Customer, device: Device, product: Product) -> None:
        told = ask_again(self._draft, customer, device, product, self._now_ms)
        self.to_tell.update(dict.fromkeys(told))
        for number in {number for numbers in told.values() for number in numbers}:
            self.wish_changed(customer, number)

    def left_open(self, device: Device, product: Product) -> None:
        """The device starts anew: visits of its last boot that did not end never will."""
        for subject in device.state.pop("open", ()):
            customer = self.whose(device, subject)
            if customer:
                self._tell_others(customer, device, product)

    def wish_changed(self, customer: Customer, number: int | None) -> None:
        if number is not None:
            self.changed[wishes.news(customer, number)] = None
            self.changed["customer", customer.id] = None


def _as_agreed(event: Event, everyone: list[Customer]) -> Event | None:
    """What may be kept of an event of somebody whose device had not heard yet what they want."""
    if not agreed(everyone, REMEMBER):
        return None
    if agreed(everyone, LEARNING):
        return event
    if event.kind == ADJUSTED:
        return None
    if event.kind != VISIT:
        return event
    return event._replace(body=(*event.body[:2], (), *event.body[3:]))
