"""Lamps, their hub and the line between them, in one process: the real runtime on CPython.

Nothing is faked but time, the driver, the radio's ear and a line that loses and repeats.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hub.link import Message
from hub.link.incoming import Incoming
from protocol import topics
from tests.hub.living import NOON_MS, Hub, subject_of
from tools.bench.host import lent_runtime, ticks


class _Driver:
    def __init__(self, act: object) -> None:
        self.hands: list[object] = []
        self.codes: tuple[int, ...] = ()

    def apply(self, codes: list[int]) -> None:
        self.codes = tuple(codes)

    def on(self) -> bool:
        return False


class _Radio:
    table: dict[bytes, bytes] = {}  # noqa: RUF012
    seeking = False


class Lamp:
    """A device, of the product that its name begins with, with its own folder as flash."""

    def __init__(self, home: "Home", name: str, folder: Path) -> None:
        self.home, self.name, self.folder = home, name, folder
        self.online = True
        self.sent: list[Message] = []
        folder.mkdir(parents=True)
        self.product = home.hub.products[name.rpartition("-")[0]]
        home.hub.profiles.register(name, self.product.name)
        self.power_on()

    def power_on(self) -> None:
        runtime = lent_runtime(self.home.random)
        self.power_off()
        self.sent.clear()
        self.runtime = runtime.Runtime(self.name, self.product, _Driver, str(self.folder))
        self.runtime._link, self.runtime._radio = self, _Radio()
        self.tick = self.runtime._tick()
        self.runtime.joined()

    def power_off(self) -> None:
        if hasattr(self, "runtime"):
            self.tick.close()
            self.runtime.journal.close()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        if self.online:
            message = Incoming().read(topic, payload)
            assert message, topic
            self.sent.append(message)
        return self.online

    def hear(self, message: Message) -> None:
        if self.online:
            self.runtime.told(topics.down(self.name, message.kind), message.payload)

    def near(self, subject: bytes) -> None:
        for _ in range(3):
            self.runtime.heard(subject, -50)

    def state(self, subject: bytes, index: int, code: int) -> None:
        """Somebody states a value, as in a session."""
        act = self.runtime
        act.carry_out(act.companion.said(index, code, act.prove(subject)))

    def away(self) -> None:
        """Who is here stays a while; then so long without a sight that nobody is any more."""
        self.home.pass_ms(20_000)
        for lamp in self.home.lamps.values():
            if lamp.runtime.recogniser.present:
                lamp.runtime.heard(lamp.runtime.recogniser.present, -50)
        self.home.pass_ms(200_000)

    def busy(self) -> bool:
        """There is something that the hub has not been told yet."""
        return bool(self.runtime.journal.waiting() or self.runtime.people.unlike)

    def knows(self, subject: bytes) -> bool:
        return subject in self.runtime.people.subjects

    def known(self, subject: bytes):
        return self.runtime.people.known(subject)


class Home:
    """now_ms: the hub's time at first; random(n): n bytes, wherever a device wants some."""

    def __init__(
        self,
        folder: Path,
        names: Sequence[str] = ("lamp-1", "lamp-2"),
        store: Any = None,
        now_ms: int = NOON_MS,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.random = random
        self.hub = Hub(store)
        self.hub.now_ms = now_ms
        self.down: list[Message] = []
        self.before: list[Message] = []  # what the hub said lately, lost or not
        self.hub.say = lambda device, kind, payload: self.down.append(  # type: ignore[method-assign]
            Message(device, kind, payload)
        )
        self.hub.start()
        self.lamps = {name: Lamp(self, name, folder / name) for name in names}
        self.quiet()

    def welcome(self, name: str) -> str:
        customer = self.hub.profiles.welcome(name)
        for lamp in self.lamps:
            self.hub.profiles.link(customer, lamp)
        return customer

    def subject(self, customer: str, lamp: str) -> bytes:
        return subject_of(self.hub, customer, lamp)

    def advance_ms(self, ms: int) -> None:
        """Time passes, and nobody has noticed yet."""
        ticks.now_ms += ms
        self.hub.now_ms += ms

    def pass_ms(self, ms: int) -> None:
        self.advance_ms(ms)
        for lamp in self.lamps.values():
            lamp.tick.send(None)

    def exchange(
        self, lost: frozenset[int] = frozenset(), twice: frozenset[int] = frozenset()
    ) -> int:
        """Carry what was said, but for the messages whose number is lost; how many there were."""
        up = [message for lamp in self.lamps.values() for message in lamp.sent]
        for lamp in self.lamps.values():
            lamp.sent.clear()
        for number, message in enumerate(up):
            for _ in range((number not in lost) + (number in twice)):
                answers = self.hub.ingest.heard([message])
                self.down += [Message(*answer) for answer in answers]
        down, self.down = self.down, []
        self.before = (self.before + down)[-30:]
        for number, message in enumerate(down, len(up)):
            lamp = self.lamps[message.device]
            for _ in range((number not in lost) + (number in twice)):
                lamp.hear(message)
        return len(up) + len(down)

    def quiet(self) -> None:
        """Everybody is on line and says all they have to say."""
        for lamp in self.lamps.values():
            lamp.online = True
            lamp.runtime.joined()
        for _ in range(40):
            if not self.exchange() and not any(lamp.busy() for lamp in self.lamps.values()):
                return
            self.pass_ms(6_000)
        raise AssertionError("they never stop talking")
