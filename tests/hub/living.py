"""A hub's cores with a forgetful store, and a living fake of the devices that speak to them."""

import hashlib
from typing import Any, ClassVar

from hub.ingest import Ingest
from hub.link import Message
from hub.office import Office
from hub.profiles import Profiles
from hub.store.memory import MemoryStore
from protocol import chain, events, messages, topics
from protocol.events import ADJUSTED, ANSWERED, EXACT, VISIT, Event, encode_event
from protocol.fold import Known, fold
from protocol.messages import Events, Hello, Person, Told
from protocol.product import read_product

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 12 * 3_600_000
LAMP_JSON = {
    "product": "lamp",
    "title": "Lamp",
    "version": 1,
    "settings": [
        {"kind": "number", "name": "brightness", "low": 0, "high": 100, "step": 5, "unit": "%",
         "start": 60},
        {"kind": "choice", "name": "mood", "options": ["calm", "bright"]},
        {"kind": "switch", "name": "night_light"},
    ],
    "counters": [{"name": "time_on", "unit": "s"}],
}  # fmt: skip
LAMP = read_product(LAMP_JSON)
KETTLE = read_product(
    {"product": "kettle", "settings": [{"kind": "number", "name": "heat", "low": 60, "high": 100}]}
)


class Dice:
    """Randomness that is the same in every run."""

    def __init__(self) -> None:
        self.thrown = 0

    def __call__(self, size: int) -> bytes:
        self.thrown += 1
        return hashlib.shake_128(b"%d" % self.thrown).digest(size)


class Hub:
    products: ClassVar = {"lamp": LAMP, "kettle": KETTLE}

    def __init__(self, store: Any = None) -> None:
        self.now_ms = NOON_MS
        self.dice = Dice()
        self.store = store or MemoryStore()
        self.said: list[Message] = []
        self.changed: list[tuple[str, str]] = []
        self.start()

    def start(self) -> None:
        """What a restart does: everything but the store is new."""
        self.profiles = Profiles(
            Office(
                self.store,
                self.products,
                lambda: self.now_ms,
                self.dice,
                say=self.say,
                changed=lambda kind, name: self.changed.append((kind, name)),
            )
        )
        self.ingest = Ingest(self.store, self.profiles, lambda: self.now_ms)

    def say(self, device: str, kind: str, payload: bytes) -> None:
        self.said.append(Message(device, kind, payload))

    def hear(self, *batch: Message) -> list[Message]:
        says = [Message(*said) for said in self.ingest.heard(list(batch))]
        self.said += says
        return says

    def lamp(self, name: str = "lamp-1") -> "Unit":
        self.profiles.register(name, "lamp")
        return Unit(self, name)

    def setting(self, customer: str, name: str = "brightness") -> dict[str, Any]:
        settings = self.profiles.about(customer)["settings"]
        return next(one for one in settings if one["setting"] == name)

    def texts(self, customer: str) -> list[str]:
        return [entry["text"] for entry in self.profiles.about(customer)["timeline"]]


class Unit:
    """A device: its journal, and what it knows of people, as long as it has power."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.boot = hashlib.sha256(name.encode()).digest()[:4]
        self.new_stream(b"1")
        self.number = self.visit = self.revision = 0
        self.known: dict[bytes, Known] = {}
        self.keys: dict[bytes, Any] = {}
        self._taken = self.sent = 0

    def new_stream(self, mark: bytes) -> None:
        self.stream = hashlib.sha256(self.name.encode() + mark).digest()[:8]
        self.records: list[tuple[int, bytes]] = []

    def hello(self, **other: Any) -> list[Message]:
        value = chain.start(self.stream)
        for number, (kind, payload) in enumerate(self.records, 1):
            value = chain.link(value, number, kind, payload)
        hello = Hello("lamp", 1, self.stream, self.boot, len(self.records) + 1, value,
                      self.revision, 0, None, None)._replace(**other)  # fmt: skip
        return self.say(topics.HELLO, hello)

    def say(self, kind: str, message: Any) -> list[Message]:
        return self.hub.hear(Message(self.name, kind, messages.encode(message)))

    def event(self, kind: int, body: tuple, subject: bytes | None = None, **other: Any) -> Event:
        """Something happens here, and goes into the journal."""
        self.number += 1
        uid = self.boot + self.number.to_bytes(4, "big")
        event = Event(kind, uid, (self.hub.now_ms, 0), EXACT, 1000, subject, self.visit, body)
        event = event._replace(**other)
        self.records.append((chain.EVENT, encode_event(event)))
        if subject in self.known:
            fold(self.known[subject], event, self.name, LAMP.settings)
        self.hub.now_ms += 1000
        return event

    def adjust(self, subject: bytes, index: int, code: int, before: int) -> Event:
        return self.event(ADJUSTED, (index, code, before, events.DEFAULT), subject)

    def close(self, subject: bytes, values: tuple, seconds: int = 60) -> Event:
        """A visit ends with values ((index, code, source, applied), ...)."""
        event = self.event(VISIT, (2, seconds, values, ((0, seconds),)), subject)
        self.visit += 1
        return event

    def use(self, subject: bytes, code: int, applied: int = 60) -> None:
        """A whole visit in which the brightness ended at `code`."""
        if code != applied:
            self.adjust(subject, 0, code, applied)
        self.close(subject, ((0, code, events.DEFAULT, applied),))

    def batch(self, first: int = 1, most: int = 8) -> Message:
        records = [list(record) for record in self.records[first - 1 :][:most]]
        payload = messages.encode(Events(self.stream, first, records))
        return Message(self.name, topics.EVENTS, payload)

    def send(self, first: int = 1) -> Any:
        """Send what is in the journal from a number on; the last ack."""
        ack = None
        while first <= len(self.records):
            for said in self.hub.hear(self.batch(first)):
                if said.device == self.name and said.kind == topics.ACK:
                    ack = messages.decode(said.kind, said.payload)
            first += 8
        self.sent = len(self.records)
        return ack

    def listen(self) -> list[Any]:
        """Take what the hub said since the last time; confirm it. The messages of people."""
        heard = [one for one in self.hub.said[self._taken :] if one.device == self.name]
        self._taken = len(self.hub.said)
        taken = [messages.decode(one.kind, one.payload) for one in heard
                 if one.kind in (topics.PERSON, topics.FORGET)]  # fmt: skip
        for message in taken:
            if not message.since <= self.revision < message.revision:
                continue
            self.revision = message.revision
            self._take(message)
        if taken:
            self.say(topics.TOLD, Told(self.revision, None))
        return taken

    def _take(self, message: Any) -> None:
        if not isinstance(message, Person):
            self.known.pop(message.subject, None)
            self.keys.pop(message.subject, None)
            return
        known = self.known.setdefault(message.subject, Known())
        for index, wish in message.entries.items():
            stands = known.registers.verdict(message.generation, index, wish)
            if stands is None or wish.author == "hand" or wish.value is None:
                continue
            outcome = events.APPLIED if stands else events.REFUSED
            body = (index, wish.value, outcome, wish.value, *wish.stamp[:2])
            self.event(ANSWERED, body, message.subject)
        known.merge(
            message.generation,
            message.rows,
            message.entries,
            message.rules,
            message.undone,
            message.carried,
        )
        if message.keys:
            self.keys[message.subject] = message.keys


def subject_of(hub: Hub, customer: str, device: str = "lamp-1") -> bytes:
    return bytes.fromhex(hub.profiles.credential(customer)["devices"][device]["subject"])
