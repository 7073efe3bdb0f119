"""Staged roll-outs: to how many, when they stop, and what is known of each device."""

from collections import Counter
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.devices import rollout
from hub.devices.bundles import Bundle, read
from hub.devices.rollout import Plan
from hub.errors import ConflictError, InvalidError, UnknownError
from hub.link import Message
from protocol import messages, topics
from protocol.errors import ProtocolError
from protocol.update import CHUNK_BYTES, STATES, Fetch, Progress, read_head
from tests.hub.living import Hub
from tools.factory import ota
from tools.factory.layout import slot_files

HOUR_MS = 3_600_000
FILES = slot_files({"main.py": b"# new\n", "firmware/radio.mpy": bytes(3_000)})


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


@cache
def bundle(version: int = 2, product: str = "lamp") -> Bundle:
    return ota.signed(product, version, 1, FILES, key())


class Lamp:
    """A device with version 1; what a version does to it is for `breaks` to say."""

    def __init__(self, hub: Hub, name: str, breaks: Any = lambda version: False) -> None:
        self.unit, self.hub, self.name, self.breaks = hub.lamp(name), hub, name, breaks
        self.version, self.tried, self.fetched = 1, Counter[int](), 0
        self.hangs = False
        self.hello()

    def hello(self) -> None:
        self.hub.hear(Message(self.name, topics.ONLINE, b"1"))
        self.answer(self.unit.hello(version=self.version))

    def answer(self, said: list[Any]) -> None:
        for message in said:
            if message.device == self.name and message.kind == topics.OFFER:
                self.offered(messages.decode(topics.OFFER, message.payload))

    def offered(self, offer: Any) -> None:
        head = read_head(offer.head)
        if head.version == self.version:
            return self.say(head.version, "done")
        if self.tried[head.version]:
            return self.say(head.version, "rolled_back")
        if not self.fetch(head):
            return self.say(head.version, "stopped")
        self.say(head.version, "ready")
        self.say(head.version, "trial")
        self.tried[head.version] += 1
        if not self.breaks(head.version):
            self.version = head.version
        if not self.hangs:
            self.hello()
        return None

    def fetch(self, head: Any) -> bool:
        body = b""
        while len(body) < head.body_bytes:
            count = min(CHUNK_BYTES, head.body_bytes - len(body))
            chunk = self.ask(Fetch(head.version, len(body), count))
            if not chunk.data:
                return False
            body += chunk.data
        self.fetched += len(body)
        assert body == bundle(head.version).body
        return True

    def ask(self, fetch: Fetch) -> Any:
        (said,) = self.unit.say(topics.FETCH, fetch)
        return messages.decode(topics.CHUNK, said.payload)

    def say(self, version: int, state: str, text: str = "") -> None:
        self.unit.say(topics.PROGRESS, Progress(version, STATES.index(state), 0, text))


class Fleet:
    def __init__(self, count: int, breaks: Any = lambda version: False) -> None:
        self.hub = Hub()
        self.updates = self.hub.ingest.updates
        self.lamps = {f"lamp-{n:03}": Lamp(self.hub, f"lamp-{n:03}", breaks) for n in range(count)}

    def publish(self, version: int = 2, **plan: Any) -> None:
        self.updates.publish(bundle(version).content(), Plan(**plan))
        self.go_on()

    def go_on(self) -> None:
        """Until nobody is asked any more."""
        while said := self.updates.offer_next():
            for device, kind, payload in said:
                self.lamps[device].answer([Message(device, kind, payload)])

    def counts(self) -> dict[str, int]:
        return {k: n for k, n in self.updates.rollouts()[0]["counts"].items() if n}

    def versions(self) -> Counter[int]:
        return Counter(lamp.version for lamp in self.lamps.values())

    @property
    def state(self) -> tuple[str, str]:
        current = self.updates.rollouts()[0]
        return current["state"], current["why"]


def test_two_hundred_devices_meet_a_bad_version_and_few_of_them_try_it():
    fleet = Fleet(200, breaks=lambda version: version == 2)
    fleet.publish(at_once=5)
    assert fleet.state == ("stopped", "3 of 3 devices failed")
    tried = sum(lamp.tried[2] for lamp in fleet.lamps.values())
    assert 3 <= tried <= 3 + 5
    assert fleet.versions() == {1: 200}
    for lamp in fleet.lamps.values():
        lamp.hello()
    assert sum(lamp.tried[2] for lamp in fleet.lamps.values()) == tried, "nobody else begins"
    about = [fleet.hub.profiles.device(name) for name in fleet.lamps]
    notes = [note["text"] for one in about for note in one["notes"]]
    assert len(notes) == tried and "did not prove itself" in notes[0]
    fleet.publish(3)
    assert fleet.versions() == {3: 200}
    assert fleet.counts() == {"done": 200}


def test_a_few_failures_among_many_stop_nothing():
    fleet = Fleet(200)
    weak = [lamp for name, lamp in fleet.lamps.items() if name.endswith("50")]
    for lamp in weak:
        lamp.breaks = lambda version: True
    fleet.publish(stop_failed=2, stop_percent=5.0)
    assert fleet.state == ("running", "")
    assert fleet.counts() == {"done": 198, "rolled_back": 2}
    assert len(weak) == 2


def test_a_stage_adds_to_the_one_before():
    fleet = Fleet(200)
    fleet.publish(percent=10)
    first = {name for name, lamp in fleet.lamps.items() if lamp.version == 2}
    assert 8 <= len(first) <= 40
    assert fleet.counts() == {"done": len(first)}
    fleet.updates.go("lamp", percent=50.0)
    fleet.go_on()
    second = {name for name, lamp in fleet.lamps.items() if lamp.version == 2}
    assert first < second and 70 <= len(second) <= 130
    fleet.updates.go("lamp", percent=100.0)
    fleet.go_on()
    assert fleet.versions() == {2: 200}


def test_one_at_a_time_the_next_begins_as_soon_as_one_is_done():
    fleet = Fleet(3)
    fleet.publish(at_once=1)
    assert fleet.versions() == {2: 3}


def test_a_group_is_named_by_its_ids():
    fleet = Fleet(20)
    fleet.publish(only=("lamp-00[0-3]", "lamp-011"))
    had = {name for name, lamp in fleet.lamps.items() if lamp.version == 2}
    assert had == {"lamp-000", "lamp-001", "lamp-002", "lamp-003", "lamp-011"}


def test_who_was_away_is_asked_when_it_is_back_and_who_is_asked_twice_does_it_once():
    fleet = Fleet(3)
    away = fleet.lamps["lamp-001"]
    fleet.hub.hear(Message(away.name, topics.ONLINE, b"0"))
    fleet.publish()
    assert fleet.versions() == {2: 2, 1: 1}
    away.hello()
    away.hello()
    assert (away.version, away.tried) == (2, {2: 1})
    assert fleet.counts() == {"done": 3}


def test_who_restarts_and_is_never_heard_again_has_failed_and_may_still_come_back():
    fleet = Fleet(3)
    gone = fleet.lamps["lamp-001"]
    gone.hangs = True
    fleet.publish()
    fleet.updates.look_for_missing()
    assert fleet.counts() == {"done": 2, "trial": 1}
    fleet.hub.now_ms += 2 * HOUR_MS
    fleet.updates.look_for_missing()
    assert fleet.counts() == {"done": 2, "failed": 1}
    row = fleet.updates.rollout("lamp")["devices"][1]
    assert (row["id"], row["state"], row["text"]) == (
        "lamp-001", "failed", "silent since its restart"
    )  # fmt: skip


def test_a_stop_ends_who_is_fetching_and_going_on_takes_up_again():
    fleet = Fleet(2)
    fleet.updates.publish(bundle().content(), Plan())
    offers = fleet.updates.offer_next()
    fleet.updates.stop("lamp")
    for device, kind, payload in offers:
        fleet.lamps[device].answer([Message(device, kind, payload)])
    assert fleet.counts() == {"stopped": 2}
    assert fleet.versions() == {1: 2}
    fleet.updates.go("lamp")
    fleet.go_on()
    assert fleet.counts() == {"done": 2}


def test_a_hub_that_restarts_goes_on_where_it_was():
    fleet = Fleet(30)
    fleet.publish(percent=30)
    fleet.hub.start()
    fleet.updates = fleet.hub.ingest.updates
    fleet.updates.go("lamp", percent=100.0)
    fleet.go_on()
    assert fleet.counts() == {"done": 30}


def test_only_what_is_whole_and_newer_is_published():
    hub = Hub()
    updates = hub.ingest.updates
    content = bundle().content()
    for wrong in (b"", content[:-1], content[:50], content[:-1] + b"\x01", b"\x83" + content):
        with pytest.raises(InvalidError, match="make it again"):
            read(wrong)
    for at in range(0, len(content), 97):
        broken = content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]
        if at > 500:  # head and signature are for a device to check
            with pytest.raises(InvalidError):
                read(broken)
    updates.publish(content, Plan())
    with pytest.raises(ConflictError, match="publish a higher one"):
        updates.publish(content, Plan())
    with pytest.raises(UnknownError, match="no product 'toaster'"):
        updates.publish(bundle(product="toaster").content(), Plan())
    with pytest.raises(UnknownError, match="no update of 'kettle'"):
        updates.stop("kettle")
    with pytest.raises(InvalidError, match="0 to 100"):
        updates.publish(bundle(3).content(), Plan(percent=120))


def test_a_device_gets_nothing_of_what_is_not_there():
    fleet = Fleet(1)
    lamp = fleet.lamps["lamp-000"]
    assert lamp.ask(Fetch(2, 0, 100)).data == b""
    fleet.updates.publish(bundle().content(), Plan())
    assert len(lamp.ask(Fetch(2, 0, 100)).data) == 100
    assert lamp.ask(Fetch(2, 1 << 30, 100)).data == b""
    assert lamp.ask(Fetch(1, 0, 100)).data == b""
    with pytest.raises(ProtocolError):
        messages.decode(topics.FETCH, messages.encode(Fetch(2, 0, CHUNK_BYTES + 1)))


def test_percent_is_of_all_devices_and_every_version_has_others_first():
    names = [f"lamp-{n}" for n in range(2_000)]
    chosen = [
        {n for n in names if rollout.is_meant({"only": [], "version": v, "percent": 10}, n)}
        for v in (2, 3)
    ]
    assert all(150 <= len(some) <= 250 for some in chosen)
    assert len(chosen[0] & chosen[1]) < 60
