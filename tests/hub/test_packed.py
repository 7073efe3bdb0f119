"""Devices and hubs that pack events and that do not: each pair understands the other."""

from collections.abc import Callable

import pytest

from firmware.sync import Sync
from hub.link import Message
from hub.link.incoming import Incoming
from protocol import cbor, messages, topics
from protocol.events import ADJUSTED, DEFAULT, EXACT, VISIT, Event, encode_event
from protocol.messages import Events
from protocol.packed import pack
from tests.hub.living import LAMP, NOON_MS, Hub, subject_of
from tests.hub.test_ingest import visits
from tools.fleet.journal import Journal

LATER_MS = 6_000  # then a device says it again
BOOT = b"boot"


class Lamp:
    """The device's own sync with a journal in memory; `said`: (kind, payload) on their way.

    `hub_says(payload)` is what becomes of a welcome on its way, `hub_hears(kind)` whether the hub
    knows of such messages: how older versions are told apart from this one.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub, self.now_ms, self.number, self.visit = hub, 0, 0, 0
        self.incoming = Incoming()
        self.said: list[tuple[str, bytes]] = []
        self.kinds: list[str] = []
        self.hub_says: Callable[[bytes], bytes] = lambda payload: payload
        self.hub_hears: Callable[[str], bool] = lambda kind: True
        self.journal = Journal(b"a stream")
        self.sync = Sync(self.journal, LAMP, BOOT, self._say, 0)

    def use(self, subject: bytes, code: int) -> None:
        """A visit in which a hand set the brightness."""
        self._event(ADJUSTED, (0, code, 60, DEFAULT), subject)
        self._event(VISIT, (2, 60, ((0, code, DEFAULT, 60),), ((0, 60),)), subject)
        self.visit += 1
        self.talk()

    def talk(self) -> None:
        """All that there is to say at present, and the answers."""
        self.sync.passed(self.now_ms)
        while self.said:
            kind, payload = self.said.pop(0)
            self.kinds.append(kind)
            if not self.hub_hears(kind):
                continue
            message = self.incoming.read(topics.up("lamp-1", kind), payload)
            for answer in self.hub.hear(message) if message else ():
                self._hear(answer)

    def _hear(self, answer: Message) -> None:
        payload = answer.payload
        if answer.kind == topics.WELCOME:
            payload = self.hub_says(payload)
        message = self.sync.heard(answer.kind, payload, self.now_ms)
        if answer.kind in (topics.PERSON, topics.FORGET) and message:
            self.sync.kept(message.revision)

    def _event(self, kind: int, body: tuple, subject: bytes) -> None:
        self.number += 1
        uid = BOOT + self.number.to_bytes(4, "big")
        stamp = (NOON_MS + self.number, 0)
        event = Event(kind, uid, stamp, EXACT, self.number, subject, self.visit, body)
        self.journal.append(encode_event(event))

    def _say(self, kind: str, payload: bytes) -> bool:
        self.said.append((kind, payload))
        return True


def first_fields(many: int) -> Callable[[bytes], bytes]:
    """A welcome as a hub said it that knew so many fields, the version among them."""
    return lambda payload: cbor.dumps(cbor.load_list(payload, many)[:many])


@pytest.fixture
def home() -> tuple[Lamp, str, bytes]:
    hub = Hub()
    hub.profiles.register("lamp-1", "lamp")
    ana = hub.profiles.welcome("Ana")
    hub.profiles.link(ana, "lamp-1")
    return Lamp(hub), ana, subject_of(hub, ana)


def join(lamp: Lamp) -> None:
    lamp.sync.joined(lamp.now_ms)
    lamp.talk()
    assert lamp.sync.welcomed
    lamp.kinds.clear()


def test_both_of_this_version_say_events_packed_only(home):
    lamp, ana, subject = home
    join(lamp)
    lamp.use(subject, 40)
    assert topics.PACKED in lamp.kinds
    assert topics.EVENTS not in lamp.kinds
    assert visits(lamp.hub, ana) == 1
    assert not lamp.journal.waiting()


@pytest.mark.parametrize("known", [7, 8])
def test_a_hub_of_either_version_before_is_told_in_full(home, known):
    lamp, ana, subject = home
    lamp.hub_says = first_fields(known)
    join(lamp)
    lamp.use(subject, 40)
    assert topics.EVENTS in lamp.kinds
    assert topics.PACKED not in lamp.kinds
    assert visits(lamp.hub, ana) == 1
    assert not lamp.journal.waiting()


def test_a_device_of_a_version_before_is_heard_as_ever(home):
    lamp, ana, subject = home
    join(lamp)
    lamp.sync._packs = False  # it never asks what a hub can read
    lamp.use(subject, 40)
    assert topics.PACKED not in lamp.kinds
    assert visits(lamp.hub, ana) == 1


def test_a_hub_that_became_an_older_one_unseen_hears_in_full_what_it_did_not_understand(home):
    lamp, ana, subject = home
    join(lamp)
    lamp.hub_hears = lambda kind: kind != topics.PACKED
    lamp.use(subject, 40)
    assert (lamp.kinds.count(topics.PACKED), visits(lamp.hub, ana)) == (1, 0)
    lamp.now_ms += LATER_MS
    lamp.talk()
    assert topics.EVENTS in lamp.kinds
    assert visits(lamp.hub, ana) == 1
    assert not lamp.journal.waiting()


def test_what_was_said_packed_and_again_in_full_counts_once(home):
    lamp, ana, subject = home
    join(lamp)
    lamp.use(subject, 40)
    records = [(1, encode_event(event_of(lamp, subject)))]
    whole = messages.encode(Events(lamp.journal.stream, 3, records))
    for kind, payload in ((topics.PACKED, pack(whole)), (topics.EVENTS, whole)) * 2:
        message = lamp.incoming.read(topics.up("lamp-1", kind), payload)
        assert message == Message("lamp-1", topics.EVENTS, whole)
        lamp.hub.hear(message)
    assert visits(lamp.hub, ana) == 2


def event_of(lamp: Lamp, subject: bytes) -> Event:
    body = (2, 60, ((0, 40, DEFAULT, 60),), ((0, 60),))
    return Event(VISIT, BOOT + bytes(3) + b"\x09", (NOON_MS + 9, 0), EXACT, 9, subject, 7, body)


def test_a_damaged_packing_is_refused_and_counted_and_the_hub_never_hears_of_it():
    incoming = Incoming()
    packed = bytearray(pack(messages.encode(Events(b"a stream", 3, []))))
    packed[4] ^= 1
    assert incoming.read(topics.up("lamp-1", topics.PACKED), bytes(packed)) is None
    assert incoming.refused == 1
