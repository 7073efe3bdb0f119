"""Another hub worker stands in the way: what could not be taken in together is taken in apart."""

from collections.abc import Sequence

import pytest

from hub.store import Put, StaleError
from hub.store.memory import MemoryStore
from protocol import topics
from tests.hub.living import Hub, Unit

TRIES = 21  # of a message: in its batch or alone, and twenty alone


class Busy(MemoryStore):
    """Another worker comes first: so many times, or wherever more than `most` devices are in it."""

    times, most = 0, 99

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def commit(self, puts: Sequence[Put]) -> None:
        devices = sorted({put.vault for put in puts if put.vault.startswith("device/")})
        self.asked.append(devices)
        self.times -= 1
        if self.times >= 0 or len(devices) > self.most:
            raise StaleError("another worker was first")
        super().commit(puts)


def several(count: int) -> tuple[Hub, Busy, list[Unit]]:
    store = Busy()
    hub = Hub(store)
    lamps = [hub.lamp(f"lamp-{number}") for number in range(1, count + 1)]
    for lamp in lamps:
        lamp.hello()
        lamp.use(b"nobody", 40)
    store.asked.clear()
    return hub, store, lamps


def test_a_batch_that_stands_in_another_workers_way_is_halved_until_nothing_does():
    hub, store, lamps = several(5)
    store.most = 2
    says = hub.hear(*[lamp.batch() for lamp in lamps])
    assert [(said.device, said.kind) for said in says] == [
        (f"lamp-{number}", topics.ACK) for number in range(1, 6)
    ]
    assert [len(devices) for devices in store.asked] == [5, 2, 3, 1, 2]
    assert [hub.profiles.device(lamp.name)["last_seen_ms"] for lamp in lamps] == [hub.now_ms] * 5


def test_two_messages_are_taken_in_each_alone():
    hub, store, lamps = several(2)
    store.most = 1
    assert len(hub.hear(*[lamp.batch() for lamp in lamps])) == 2
    assert store.asked[1:] == [["device/lamp-1"], ["device/lamp-2"]]


def test_a_message_alone_is_tried_twenty_times_more():
    _, store, (lamp,) = several(1)
    store.times = TRIES - 1
    assert lamp.send().upto == 2
    assert len(store.asked) == TRIES


def test_a_message_that_never_gets_its_turn_is_not_answered_and_comes_again():
    _, store, (lamp,) = several(1)
    store.times = TRIES
    with pytest.raises(StaleError):
        lamp.send()
    assert len(store.asked) == TRIES
    assert lamp.send().upto == 2


def test_what_is_kept_with_a_batch_is_kept_with_the_last_part_of_it():
    hub, store, lamps = several(2)
    place, document = ("inbox", "folded", "upto"), {"number": 7}
    store.most = 1
    hub.ingest.heard([lamp.batch() for lamp in lamps], Put(*place, document))
    assert store.get(*place) == document
    store.times = 1 << 20
    with pytest.raises(StaleError):
        hub.ingest.heard([lamps[0].batch()], Put(*place, {"number": 8}))
    assert store.get(*place) == document
    for number, store.times in ((8, 1), (9, TRIES - 1)):
        hub.ingest.heard([lamps[0].batch()], Put(*place, {"number": number}))
        assert store.get(*place) == {"number": number}
