"""What devices say, taken in exactly once however often it arrives.

A batch is one commit: the effect of every event, its uid and how far its journal was heard are kept
together or not at all, and nothing is answered before. A device then drops from its journal only
what is durable here, and only if its own digest says that both mean the same records.

    says = Ingest(store, profiles, clock).heard([Message("lamp-0001", "events", payload)])
"""

import logging
import struct
from collections import Counter

from hub import wishes
from hub.devices import Device, registered
from hub.draft import Draft
from hub.link import Message
from hub.outbox import ROWS, WORDS, Outbox, Said, renew_keys
from hub.people import Customer
from hub.profiles import Changed, Clock, Profiles
from hub.sound import sound
from hub.store import Store
from hub.timeline import entry, of_event, of_gap
from protocol import chain, messages, topics
from protocol.errors import ProtocolError
from protocol.events import KIND_NAMES, Event, decode_event
from protocol.messages import Ack, Events, Hello, Told, Welcome
from protocol.product import Product

_log = logging.getLogger(__name__)

_MOST_NAMED = 1000  # devices and reasons that are counted and logged; then only the total counts


class Ingest:
    """changed("customer" or "device", id) is called after each commit that changed them.

    Counters: `refused` messages, and `poison` events, by (device, reason).
    """

    def __init__(
        self,
        store: Store,
        profiles: Profiles,
        clock: Clock,
        changed: Changed = lambda kind, name: None,
    ) -> None:
        self.refused: Counter[tuple[str, str]] = Counter()
        self.poison: Counter[tuple[str, str]] = Counter()
        self._store, self._profiles, self._clock = store, profiles, clock
        self._changed = changed

    def heard(self, batch: list[Message]) -> list[Said]:
        """Take a batch in; what to say, now that all of it is durable.

        Raises StoreError with nothing changed: then the batch must come again.
        """
        act = _Act(self, Draft(self._store), self._clock(), self._profiles)
        for message in batch:
            act.heard(message)
        says = act.conclude()
        for kind, name in act.changed:
            self._changed(kind, name)
        return says

    def count(
        self, counter: Counter[tuple[str, str]], device: str, reason: str, detail: object = ""
    ) -> None:
        """Count what is wrong with a device, and log it the first time."""
        place = (device, reason)
        if place not in counter:
            if len(counter) >= _MOST_NAMED:
                place = ("", "others")
            else:
                _log.warning("%s %s %s", device, reason, detail)
        counter[place] += 1


class _Act:
    """One batch being taken in."""

    def __init__(self, ingest: Ingest, draft: Draft, now_ms: int, profiles: Profiles) -> None:
        self.changed: dict[tuple[str, str], None] = {}
        self._ingest, self._draft, self._now_ms, self._profiles = ingest, draft, now_ms, profiles
        self._answers: dict[tuple[str, str], Said] = {}  # the last one of each kind says it all
        self._to_tell: dict[str, None] = {}

    def conclude(self) -> list[Said]:
        """Make it durable; everything there is to say."""
        waiting = [said for device in self._to_tell for said in self._waiting(device)]
        self._draft.commit()
        return [*self._answers.values(), *waiting]

    def heard(self, message: Message) -> None:
        """Take in one message; whatever is wrong with it is counted, and does no harm."""
        name, kind, payload = message
        known = registered(self._draft, name)
        if known is None:
            return self._refuse(name, "speaks, and is not registered")
        device, product = Device(self._draft, name), self._profiles.products.get(known["product"])
        if product is None:
            return self._refuse(name, f"is a {known['product']}, of which no product.json is here")
        try:
            said = None if kind == topics.ONLINE else messages.decode(kind, payload)
        except ProtocolError as error:
            return self._refuse(name, f"said an unreadable {kind}", error)
        device.state["last_seen_ms"] = self._now_ms
        device.keep()
        self.changed["device", name] = None
        match said:
            case None:
                device.state["online"] = payload == b"1"
            case Hello():
                self._hello(device, said, product)
            case Events():
                self._events(device, said, product)
            case Told():
                self._told(device, said.revision)
            case _:
                self._refuse(name, f"said {kind}, which only the hub says")
        return None

    # A device begins to speak

    def _hello(self, device: Device, hello: Hello, product: Product) -> None:
        if hello.product != product.name:
            return self._refuse(device.id, f"is no {product.name}, it says, but", hello.product)
        state = device.state
        state.update(online=True, boot=hello.boot.hex(), dropped=hello.dropped)
        state.update(product=hello.product, version=hello.version)
        if state["stream"] != hello.stream.hex():
            self._new_stream(device, hello.stream)
        if state["told"] <= hello.revision <= state["revision"]:
            self._told(device, hello.revision)
        else:
            Outbox(self._draft, device).begin_again(hello.revision)
        renew_keys(self._draft, device, self._now_ms)
        self._to_tell[device.id] = None
        minutes = self._profiles.local_minutes()
        answer = Welcome(
            hello.stream, hello.boot, state["upto"], state["chain"], self._now_ms, minutes
        )
        return self._answer(device, topics.WELCOME, answer)

    def _new_stream(self, device: Device, stream: bytes) -> None:
        state = device.state
        if state["upto"]:
            text = f"A new journal after event {state['upto']}: what followed in the old one is"
            device.note(self._now_ms, f"{text} told again, or lost.")
        state.update(stream=stream.hex(), upto=0, chain=chain.start(stream))

    def _told(self, device: Device, revision: int) -> None:
        for row in Outbox(self._draft, device).told(revision):
            customer = self._whose(device, row["subject"])
            if customer is None:
                continue
            for number in row.get("wishes", ()):
                wishes.delivered(customer, number, device.id)

    # What happened at a device

    def _events(self, device: Device, said: Events, product: Product) -> None:
        state = device.state
        if said.stream.hex() != state["stream"]:
            if said.first != 1:
                # nothing of it is here: a digest that is never right makes it begin anew
                never = chain.start(said.stream) ^ 1
                return self._answer(device, topics.ACK, Ack(said.stream, 0, never))
            self._new_stream(device, said.stream)
        for number, (kind, payload) in enumerate(said.records, said.first):
            if number > state["upto"] + 1:
                break
            if number == state["upto"] + 1:
                state["chain"] = chain.link(state["chain"], number, kind, payload)
                state["upto"] = number
                self._record(device, kind, payload, product)
        return self._answer(device, topics.ACK, Ack(said.stream, state["upto"], state["chain"]))

    def _record(self, device: Device, kind: int, payload: bytes, product: Product) -> None:
        """Whatever is in a record of the journal: it must not hold up those that follow."""
        try:
            if kind == chain.GAP:
                self._gap(device, payload)
            elif kind == chain.EVENT:
                self._event(device, decode_event(payload), product)
        except ProtocolError as error:
            self._ingest.count(self._ingest.poison, device.id, "recorded rubbish", error)

    def _gap(self, device: Device, payload: bytes) -> None:
        try:
            text = of_gap(*struct.unpack(chain.GAP_FORMAT, payload))
        except struct.error:
            raise ProtocolError("a gap's payload is 9 bytes") from None
        if not device.note(self._now_ms, text):
            return
        for name in device.people().values():
            customer = Customer(self._draft, name)
            customer.timeline.add(entry(self._now_ms, "gap", text, device.id))
            self.changed["customer", name] = None

    def _event(self, device: Device, event: Event, product: Product) -> None:
        if not device.first_time(event.uid) or event.kind not in KIND_NAMES:
            return
        event = sound(event, product, self._now_ms)
        kind = KIND_NAMES[event.kind]
        if kind == "totals":
            for index, total in event.body:
                device.state["totals"][product.counters[index].name] = total
            return
        customer = self._whose(device, event.subject.hex() if event.subject else "")
        if customer is None:
            return
        customer.timeline.add(of_event(event, device.id, product, self._now_ms))
        self.changed["customer", customer.id] = None
        if kind == "answered":
            index, asked, outcome = event.body[:3]
            wishes.answered(customer, product, device.id, index, asked, outcome)
            return
        use, unseen = customer.use(product.name), None
        if kind != "visit":
            unseen = wishes.unseen(customer, use, product, device.id, event.body[0])
        use.fold(event, device.id, product, unseen)
        customer.keep_use(product.name, use)
        if kind == "visit":
            self._tell_others(customer, device, product)

    def _tell_others(self, customer: Customer, device: Device, product: Product) -> None:
        """The customer's other devices of this product conform at the end of each visit."""
        for name, share in customer.devices.items():
            other = Device(self._draft, name)
            if name != device.id and other.product == product.name:
                Outbox(self._draft, other).person(share["subject"], [ROWS, WORDS])
                self._to_tell[name] = None

    # Below: how

    def _whose(self, device: Device, subject: str) -> Customer | None:
        name = device.customer(subject)
        return Customer(self._draft, name) if name else None

    def _waiting(self, name: str) -> list[Said]:
        device = Device(self._draft, name)
        return Outbox(self._draft, device).messages(self._now_ms) if device.state["online"] else []

    def _answer(self, device: Device, kind: str, message: Welcome | Ack) -> None:
        self._answers[device.id, kind] = (device.id, kind, messages.encode(message))

    def _refuse(self, device: str, reason: str, detail: object = "") -> None:
        self._ingest.count(self._ingest.refused, device, reason, detail)
