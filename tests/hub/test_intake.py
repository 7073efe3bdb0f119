"""A burst is durable and acknowledged at once, and folded behind it, each message once."""

import asyncio
from pathlib import Path

import pytest

from hub.intake import STRAIGHT, Intake
from hub.link import Message
from hub.store import StoreError
from hub.store.memory import MemoryStore
from hub.store.tiny import TinyStore
from protocol import messages, topics
from protocol.messages import Ack, Events, Welcome
from tests.hub.living import Hub, subject_of
from tools.bench.wait import until

FAR_MORE = 5 * STRAIGHT


class Home:
    """Ana and her lamp, and a hub that may be started anew."""

    def __init__(self, folder: Path | None) -> None:
        self.folder, self.told = folder, []
        self.hub = Hub(self._store())
        self.lamp = self.hub.lamp()
        self.ana = self.hub.profiles.welcome("Ana")
        self.hub.profiles.link(self.ana, "lamp-1")
        self.lamp.hello()
        self.lamp.listen()
        self.subject = subject_of(self.hub, self.ana)
        self.start()

    def start(self) -> None:
        self.hub.start()
        hub, products = self.hub, self.hub.products
        self.intake = Intake(
            hub.ingest, hub.store, products, lambda *said: self.told.append(Message(*said))
        )

    def restart(self) -> None:
        self.hub.store.close()
        self.hub.store = self._store()
        self.start()

    def burst(self, visits: int = FAR_MORE) -> list[Message]:
        """So many visits, each in a message of its own."""
        first = len(self.lamp.records) + 1
        for _ in range(visits):
            self.lamp.use(self.subject, 60)
        return [self.lamp.batch(at, 1) for at in range(first, len(self.lamp.records) + 1)]

    def acked(self) -> list[int]:
        return [at.upto for at in self.answers(topics.ACK) if isinstance(at, Ack)]

    def answers(self, kind: str) -> list:
        return [messages.decode(kind, one.payload) for one in self.told if one.kind == kind]

    def visits(self) -> int:
        used = self.hub.profiles.about(self.ana)["use"]
        return used[0]["visits"] if used else 0

    def _store(self):
        return TinyStore(self.folder / "store") if self.folder else MemoryStore()


@pytest.fixture
def home(tmp_path: Path):
    home = Home(tmp_path)
    yield home
    home.hub.store.close()


def test_what_comes_alone_is_folded_at_once(home: Home):
    home.intake.heard(home.burst(STRAIGHT))
    assert (home.acked(), home.visits(), home.intake.waiting) == ([STRAIGHT], STRAIGHT, 0)


def test_a_burst_is_acknowledged_before_it_is_folded(home: Home):
    home.intake.heard(home.burst())
    assert home.acked() == [FAR_MORE]
    assert (home.intake.waiting, home.visits()) == (FAR_MORE, 0)
    home.intake.settle()
    assert (home.intake.waiting, home.visits()) == (0, FAR_MORE)
    assert home.acked() == [FAR_MORE]  # not said twice


def test_folded_behind_or_at_once_it_comes_to_the_same(home: Home, tmp_path: Path):
    other = Home(None)  # a store without an inbox
    for one in (home, other):
        one.intake.heard([*one.burst(), *one.burst(3)])
        one.intake.heard(one.burst(2))
        one.intake.settle()
    assert other.intake.waiting == 0
    assert other.acked()[-1] == home.acked()[-1] == FAR_MORE + 5
    first, second = (one.hub.profiles.about(one.ana)["settings"] for one in (home, other))
    assert first == second


def test_what_comes_behind_a_burst_waits_its_turn(home: Home):
    burst = home.burst(FAR_MORE + 1)
    home.intake.heard(burst[:-1])
    home.intake.heard(burst[-1:])
    assert (home.acked(), home.visits()) == ([FAR_MORE, FAR_MORE + 1], 0)
    home.intake.settle()
    assert home.visits() == FAR_MORE + 1


def test_after_a_restart_what_waited_is_folded_once(home: Home):
    home.intake.heard(home.burst())
    home.intake._fold()
    folded = home.visits()
    assert 0 < folded < FAR_MORE
    home.restart()
    assert home.intake.waiting == FAR_MORE - folded
    home.intake.settle()
    assert home.visits() == FAR_MORE
    home.restart()
    assert (home.intake.waiting, home.visits()) == (0, FAR_MORE)


def test_a_device_that_comes_back_within_the_burst_goes_on_where_it_was(home: Home):
    burst = home.burst()
    home.intake.heard(burst)
    home.lamp.boot = b"new!"
    home.lamp.hub = _To(home)  # type: ignore[assignment]
    home.lamp.hello()
    home.intake.heard([*home.burst(2), burst[0]])
    assert home.acked() == [FAR_MORE, FAR_MORE + 2]
    home.intake.settle()
    assert home.visits() == FAR_MORE + 2
    assert [at.upto for at in home.answers(topics.WELCOME) if isinstance(at, Welcome)] == [FAR_MORE]


def test_a_new_journal_within_the_burst_begins_at_one(home: Home):
    home.intake.heard(home.burst())
    home.lamp.new_stream(b"2")
    home.lamp.hub = _To(home)  # type: ignore[assignment]
    home.lamp.hello()
    home.intake.heard(home.burst(3))
    assert home.acked() == [FAR_MORE, 3]
    home.intake.settle()
    assert home.visits() == FAR_MORE + 3


def test_where_only_folding_can_tell_nothing_is_said_before(home: Home):
    """An unknown device, rubbish, a journal nobody heard of."""
    strange = messages.encode(Events(b"another!", 5, [(1, b"x")]))
    home.intake.heard(
        [Message("lamp-9", "events", b"x")] * FAR_MORE
        + [Message("lamp-1", "events", b"\xff"), Message("lamp-1", "events", strange)]
    )
    assert home.told == []
    home.intake.settle()
    (ack,) = home.answers(topics.ACK)
    assert isinstance(ack, Ack)
    assert (ack.stream, ack.upto) == (b"another!", 0)
    assert sum(home.hub.ingest.refused.values()) == FAR_MORE + 1


def test_what_the_disk_does_not_take_is_not_acknowledged(home: Home):
    burst = home.burst()
    home.hub.store._spare_bytes = 1 << 60
    with pytest.raises(StoreError):
        home.intake.heard(burst)
    assert (home.told, home.intake.waiting) == ([], 0)
    home.hub.store._spare_bytes = 0
    home.intake.heard(burst)
    home.intake.settle()
    assert (home.acked(), home.visits()) == ([FAR_MORE], FAR_MORE)


def test_when_too_much_waits_the_rest_has_to_come_again(home: Home, monkeypatch):
    monkeypatch.setattr("hub.intake._MOST_WAITING", FAR_MORE)
    burst = home.burst(FAR_MORE + 1)
    home.intake.heard(burst[:-1])
    with pytest.raises(StoreError, match="wait to be folded"):
        home.intake.heard(burst[-1:])
    home.intake.settle()
    home.intake.heard(burst[-1:])
    assert home.visits() == FAR_MORE + 1


def test_whoever_was_erased_meanwhile_stays_so(home: Home):
    home.intake.heard(home.burst())
    home.hub.profiles.forget(home.ana)
    home.intake.settle()
    assert home.hub.profiles.device_names() == ["lamp-1"]
    assert not [name for name in home.hub.store.vaults() if name.startswith("customer/")]


def test_it_is_folded_by_itself_and_again_after_a_failure(home: Home, monkeypatch):
    asyncio.run(fold_again(home, monkeypatch))


async def fold_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.intake._AGAIN_S", 0.01)
    home.intake.heard(home.burst())
    home.hub.store._spare_bytes = 1 << 60
    task = asyncio.create_task(home.intake.run())
    await until("it fails", lambda: home.intake.failing)
    home.hub.store._spare_bytes = 0
    await until("all is folded", lambda: not home.intake.waiting)
    assert (home.visits(), home.intake.failing) == (FAR_MORE, False)
    home.intake.heard(home.burst())
    await until("all is folded", lambda: not home.intake.waiting)
    assert home.visits() == 2 * FAR_MORE
    task.cancel()


class _To:
    """Whom a unit speaks to: the intake."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def now_ms(self) -> int:
        return self._home.hub.now_ms

    @now_ms.setter
    def now_ms(self, value: int) -> None:
        self._home.hub.now_ms = value

    def hear(self, *batch: Message) -> list[Message]:
        self._home.intake.heard(list(batch))
        return []
