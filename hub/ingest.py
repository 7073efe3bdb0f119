"""What devices say, taken in exactly once however often it arrives.

A batch is one commit: the effect of every event, its uid and how far its journal was heard are kept
together or not at all, and nothing is answered before. A device then drops from its journal only
what is durable here, and only if its own digest says that both mean the same records.

    says = Ingest(store, profiles, clock).heard([Message("lamp-0001", "events", payload)])
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterable

from hub.ahead import ahead
from hub.devices import plain
from hub.devices.alike import unlike
from hub.devices.device import Device, registered
from hub.devices.heard import Heard, begun, beyond, heard_of, new_stream
from hub.devices.outbox import OWN_ROWS, Outbox, Said, renew_keys
from hub.devices.resale import begun_anew
from hub.devices.updates import Updates
from hub.draft import Draft
from hub.learning import norms
from hub.link import Message
from hub.office import Changed, Clock
from hub.past.happenings import Happenings
from hub.past.refold import event_in
from hub.people import wishes
from hub.people.bulletin import own_key
from hub.people.customer import Customer
from hub.privacy.receipt import confirmed
from hub.profiles import Profiles
from hub.store import Put, StaleError, Store
from protocol import chain, messages, packed, topics
from protocol.errors import ProtocolError
from protocol.messages import Ack, Defaults, Events, Hello, Told, Welcome
from protocol.product import Product
from protocol.update import Chunk, Fetch, Progress

_log = logging.getLogger(__name__)

_TRIES = 20  # to take in a message that another hub worker stands in the way of
_MOST_TIPS = 8  # of a device's journal, said and not heard yet
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
        updates: Updates | None = None,
    ) -> None:
        self.refused: Counter[tuple[str, str]] = Counter()
        self.poison: Counter[tuple[str, str]] = Counter()
        self._store, self._profiles, self._clock = store, profiles, clock
        self._changed = changed
        self.updates = updates or Updates(profiles.office, profiles.device_names)

    def heard(self, batch: list[Message], also: Put | None = None) -> list[Said]:
        """Take a batch in; what to say, now that all of it is durable.

        also: is kept by the same commit. Raises StoreError with nothing changed: then the batch
        must come again.
        """
        try:
            return self._taken_in(batch, also)
        except StaleError:  # several hub workers, one store
            return self._apart(batch, also)

    def _taken_in(self, batch: list[Message], also: Put | None) -> list[Said]:
        draft = Draft(self._store)
        if also and also.document:
            draft.put(also.vault, also.table, also.key, also.document)
        ahead(draft, batch)
        act = _Act(self, draft, self._clock(), self._profiles)
        for message in batch:
            act.heard(message)
        says = act.conclude()
        for kind, name in act.changed:
            self._changed(kind, name)
        return says

    def _apart(self, batch: list[Message], also: Put | None) -> list[Said]:
        """Halves stand in another worker's way less often, and each of the batch alone the least.

        What is durable of it when another part fails may come again: it is known then.
        """
        if len(batch) > 1:
            half = len(batch) // 2
            return self.heard(batch[:half]) + self.heard(batch[half:], also)
        for _ in range(_TRIES - 1):
            with contextlib.suppress(StaleError):
                return self._taken_in(batch, also)
        return self._taken_in(batch, also)

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
        self._ingest, self._draft, self._now_ms, self._profiles = ingest, draft, now_ms, profiles
        self._answers: dict[tuple[str, str], Said] = {}  # the last one of each kind says it all
        self._happenings = Happenings(draft, now_ms, profiles.products)

    @property
    def changed(self) -> Iterable[tuple[str, str]]:
        return self._happenings.changed

    def conclude(self) -> list[Said]:
        """Make it durable; everything there is to say."""
        waiting = [said for device in self._happenings.to_tell for said in self._waiting(device)]
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
            said = None if kind == topics.ONLINE else plain.read(kind, payload)
        except ProtocolError as error:
            return self._refuse(name, f"said an unreadable {kind}", error)
        if isinstance(said, Fetch):  # many, and nothing of them is to be kept
            chunk = self._ingest.updates.fetched(name, product.name, said)
            return self._answer(device, topics.CHUNK, chunk)
        device.state["last_seen_ms"] = self._now_ms
        device.keep()
        self._happenings.changed["device", name] = None
        match said:
            case None:
                device.state["online"] = payload == b"1"
            case Hello():
                self._hello(device, said, product)
            case Events():
                self._events(device, said, product)
            case Told():
                self._told(device, said.revision)
                if said.alike and said.revision == device.state["told"]:
                    self._compare(device, said.alike)
            case Progress():
                self._ingest.updates.progress(self._draft, device, product.name, said)
            case _:
                self._refuse(name, f"said {kind}, which only the hub says")
        return None

    # A device begins to speak

    def _hello(self, device: Device, hello: Hello, product: Product) -> None:
        if hello.product != product.name:
            return self._refuse(device.id, f"is no {product.name}, it says, but", hello.product)
        state, outbox = device.state, Outbox(self._draft, device)
        for name in begun_anew(self._draft, self._profiles.office, device, hello.life or 0):
            self._happenings.changed["customer", name] = None
        state["told_ms"] = max(self._now_ms, state.get("told_ms", 0))
        new_boot = state["boot"] != hello.boot.hex()
        if new_boot:
            self._happenings.left_open(device, product)
        state.update(online=True, boot=hello.boot.hex(), dropped=hello.dropped, differing={})
        state.update(product=hello.product, version=hello.version)
        if hello.revision > state["revision"]:
            state["lost"] = True  # it was told what we do not know any more
        if not state["told"] <= hello.revision <= state["revision"]:
            outbox.begin_again(hello.revision)
        else:
            self._told(device, hello.revision)
        was = heard_of(state)
        now = begun(was, hello)
        if was is None or was.stream != now.stream:
            self._new_stream(device, now.stream)
        if state["upto"] < now.upto:  # the gaps will say what that was
            state.update(upto=now.upto, chain=now.chain, lost=True)
        if hello.held:
            state["overflows"] = hello.held[2]
        known = max(state["next"], state["upto"] + 1)
        if new_boot and hello.next < known:
            self._older(device, hello.next - 1, hello.revision)
        if new_boot or hello.next >= known:  # else it came late
            state["next"] = hello.next
        ahead = [tip for tip in state["tips"] if tip[0] > state["upto"] + 1]
        state["tips"] = [*ahead, [hello.next, hello.chain]][-_MOST_TIPS:]
        renew_keys(self._draft, device, self._now_ms)
        self._happenings.to_tell[device.id] = None
        minutes = self._profiles.local_minutes()
        own = own_key(self._draft, device.id, self._profiles.office.random)
        at = hello.stream, hello.boot, state["upto"], state["chain"]
        answer = Welcome(*at, self._now_ms, minutes, own, packed.FORM)
        self._answer(device, topics.WELCOME, answer)
        told = norms.message(self._draft, product.name)
        if told:
            self._answer(device, topics.DEFAULTS, told)
        offers = self._ingest.updates.hello(self._draft, device, product.name, hello.version)
        self._answers.update({(name, kind): (name, kind, data) for name, kind, data in offers})
        return None

    def _older(self, device: Device, upto: int, revision: int) -> None:
        """It had more in its journal than it has: so its flash is what it once was."""
        text = f"Its memory is older than it was: what followed event {upto} is"
        device.note(self._now_ms, f"{text} told again, or lost.")
        device.state["tips"] = []
        Outbox(self._draft, device).begin_again(revision)
        self._happenings.to_tell[device.id] = None

    def _new_stream(self, device: Device, stream: bytes) -> None:
        state = device.state
        if state["stream"] is not None:
            text = f"A new journal after event {state['upto']}: what followed in the old one is"
            device.note(self._now_ms, f"{text} told again, or lost.")
            Outbox(self._draft, device).begin_again(state["told"])
            self._happenings.to_tell[device.id] = None
        begins = new_stream(stream)
        state.update(stream=stream.hex(), upto=0, chain=begins.chain, next=1, tips=[])

    def _told(self, device: Device, revision: int) -> None:
        for row in Outbox(self._draft, device).told(revision):
            if "forget" in row:
                confirmed(self._draft, device.id, row["subject"], self._now_ms)
            customer = self._happenings.whose(device, row["subject"])
            if customer is None:
                continue
            self._fence(customer, device, row.get("due", ()))
            for number in row.get("wishes", ()):
                if wishes.delivered(customer, number, device.id):
                    self._happenings.wish_changed(customer, number)

    def _compare(self, device: Device, alike: tuple[bytes, int, int]) -> None:
        if unlike(self._draft, device, alike, self._now_ms):
            self._happenings.to_tell[device.id] = None

    def _fence(self, customer: Customer, device: Device, due: Iterable[str]) -> None:
        """A new generation replaced what the device knew, and what it had not told yet with it."""
        share = customer.devices[device.id]
        if OWN_ROWS in due and "fence_ms" in share:
            share["fence_ms"] = self._now_ms
            customer.keep()

    # What happened at a device

    def _events(self, device: Device, said: Events, product: Product) -> None:
        state = device.state
        if said.stream.hex() != state["stream"]:
            if said.first != 1:
                # nothing of it is here: a digest that is never right makes it begin anew
                never = chain.start(said.stream) ^ 1
                return self._answer(device, topics.ACK, Ack(said.stream, 0, never))
            self._new_stream(device, said.stream)
        heard = Heard(said.stream, state["upto"], state["chain"])
        for number, kind, payload, after in beyond(heard, said):
            state.update(upto=number, chain=after)
            if any(at == number + 1 and tip != after for at, tip in state["tips"]):
                self._older(device, number, state["told"])
            self._record(device, kind, payload, product)
        return self._answer(device, topics.ACK, Ack(said.stream, state["upto"], state["chain"]))

    def _record(self, device: Device, kind: int, payload: bytes, product: Product) -> None:
        """Whatever is in a record of the journal: it must not hold up those that follow."""
        try:
            if kind == chain.GAP:
                self._happenings.gap(device, payload)
            elif kind == chain.EVENT:
                self._happenings.event(device, event_in(payload), product)
        except ProtocolError as error:
            self._ingest.count(self._ingest.poison, device.id, "recorded rubbish", error)

    # Below: how

    def _waiting(self, name: str) -> list[Said]:
        device = Device(self._draft, name)
        return Outbox(self._draft, device).messages(self._now_ms) if device.state["online"] else []

    def _answer(self, device: Device, kind: str, message: Welcome | Ack | Defaults | Chunk) -> None:
        self._answers[device.id, kind] = (device.id, kind, messages.encode(message))

    def _refuse(self, device: str, reason: str, detail: object = "") -> None:
        self._ingest.count(self._ingest.refused, device, reason, detail)
