"""The whole relationship under every fault at once: real runtimes, real hub, and a seed.

    python -m tests.crash.relationship 500         # so many lives

A life is some sixty acts: people come, set, state, are asked for and are erased, while lines lose
and reorder, power is cut in the middle of a write, flash turns older, clocks jump and the hub dies
around a commit. Then everything is quiet, and nothing may be lost, counted twice, made up or left
of one who was erased; device and hub know the same. Lives of even seed are spared the harsh faults.
"""

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from hub.devices.device import Device
from hub.draft import Draft
from hub.link import Message
from hub.store.memory import MemoryStore
from hub.store.tiny import TinyStore
from tests.crash.agreement import Agreement
from tests.crash.tally import BrokenError, main
from tests.crash.truth import PowerCut, Truth
from tests.crash.unreliable import Crash, CrashingStore, Line
from tests.hub.living import NOON_MS
from tests.journeys.home import Home, Lamp

_ACTS = 60
_TEN_YEARS_MS = 3653 * 86_400_000
_STARTS_MS = (NOON_MS, NOON_MS, 2_147_483_600_000, 4_294_967_200_000)  # the ends of 32-bit seconds
_ON_FILES = 10  # one life in so many has its hub's store on disk


class Life:
    def __init__(self, seed: int, folder: Path) -> None:
        self.random, self.harsh = Random(seed), seed % 2 == 1
        self.tally: Counter[str] = Counter()
        self._folder, self._on_files = folder, seed % _ON_FILES == 0
        self.store = CrashingStore(self._open_store())
        names = [f"lamp-{n}" for n in range(1, 2 + self.random.randrange(3))]
        self.home = Home(
            folder, names, self.store, self.random.choice(_STARTS_MS), self.random.randbytes
        )
        self.up, self.down = Line(self.random), Line(self.random)
        self.truths = {name: Truth() for name in names}
        self.older: dict[str, set[bytes]] = {}  # device -> what it had accepted when copied
        for name in names:
            self._watch(name)
        self.people = {name: self.home.welcome(name) for name in ("Ana", "Ben")}
        self.gone: list[bytes] = []

    def act(self) -> None:
        """One thing happens, or goes wrong."""
        acts = (
            (self._visit, 14),
            (self._turn, 10),
            (self._leave, 8),
            (self._count, 5),
            (self._state, 3),
            (self._wish, 5),
            (self._erase, 1),
            (self._talk, 20),
            (self._wait, 10),
            (self._partition, 5),
            (self._cut_power, 4),
            (self._freeze, 2),
            (self._restart_hub, 2),
            (self._crash_hub, 4),
        )
        acts += self._harsh_acts() if self.harsh else ()
        (act,) = self.random.choices([act for act, _ in acts], [weight for _, weight in acts])
        self.tally[act.__name__.lstrip("_")] += 1
        act(self._lamp())

    def _harsh_acts(self) -> tuple[tuple[Any, int], ...]:
        return (
            (self._cut_power_in_a_write, 5),
            (self._copy_flash, 3),
            (self._restore_flash, 1),
            (self._jump, 2),
        )

    def end(self) -> None:
        """Everything comes back, everybody leaves, and nothing goes wrong any more."""
        self.store.crash = ""
        self.up.faulty = self.down.faulty = False
        for lamp in self.home.lamps.values():
            self.truths[lamp.name].cut_after = None
        self.home.pass_ms(200_000)
        self._talk(self._lamp())
        self.home.quiet()
        agreement = Agreement(self.home, self.store, self.truths, self.people)
        agreement.check()
        agreement.check_gone(self.gone)
        self.tally += agreement.tally

    def close(self) -> None:
        for lamp in self.home.lamps.values():
            lamp.power_off()
        self.store.close()

    # What people do

    def _visit(self, lamp: Lamp) -> None:
        subject = self._subject(lamp)
        if subject and lamp.knows(subject):
            self._at(lamp, lambda: lamp.near(subject))

    def _turn(self, lamp: Lamp) -> None:
        index, detents = self.random.randrange(3), self.random.choice((-3, -1, 1, 2))

        def turned() -> None:
            before = lamp.runtime.driver.codes
            lamp.runtime.turn(index, detents)
            if index == 0 and lamp.runtime.driver.codes == before and 0 < before[0] < 100:
                raise BrokenError("deaf", f"{lamp.name} does not follow a hand")

        self._at(lamp, turned)

    def _leave(self, lamp: Lamp) -> None:
        self._pass_ms(200_000)

    def _count(self, lamp: Lamp) -> None:
        self._at(lamp, lambda: lamp.runtime.count(0, self.random.randrange(1, 3600)))

    def _state(self, lamp: Lamp) -> None:
        subject = self._subject(lamp)
        if subject and lamp.knows(subject):
            code = self.random.randrange(21) * 5
            self._at(lamp, lambda: lamp.state(subject, 0, code))

    def _wish(self, lamp: Lamp) -> None:
        if self.people:
            customer, value = self._customer(), self.random.randrange(21) * 5
            profiles = self.home.hub.profiles
            self._hub(lambda: profiles.wish(customer, "lamp", "brightness", value, "Sam"))

    def _erase(self, lamp: Lamp) -> None:
        if len(self.people) < 2:
            return
        name = self.random.choice(sorted(self.people))
        customer = self.people.pop(name)
        self.gone += [self.home.subject(customer, lamp) for lamp in self.home.lamps]
        self.store.crash = ""  # a call that dies may be made again; here it is made once
        self.home.hub.profiles.forget(customer)

    # What goes on between them

    def _talk(self, lamp: Lamp) -> None:
        for device in self.home.lamps.values():
            self.up.put(device.sent)
            device.sent = []
        for message in self.up.take():
            self._hub(lambda: self._hear(message))  # noqa: B023
        self.down.put(self.home.down)
        self.home.down = []
        for message in self.down.take():
            there = self.home.lamps[message.device]
            self._at(there, lambda: there.hear(message))  # noqa: B023

    def _hear(self, message: Message) -> None:
        answers = self.home.hub.ingest.heard([message])
        self.home.down += [Message(*answer) for answer in answers]

    def _wait(self, lamp: Lamp) -> None:
        self._pass_ms(self.random.choice((500, 2_000, 6_000)))

    def _pass_ms(self, ms: int) -> None:
        self.home.advance_ms(ms)
        for lamp in self.home.lamps.values():
            self._at(lamp, lambda: lamp.tick.send(None))  # noqa: B023

    def _partition(self, lamp: Lamp) -> None:
        lamp.online = not lamp.online
        if lamp.online:
            self._at(lamp, lamp.runtime.joined)

    # What goes wrong

    def _cut_power(self, lamp: Lamp) -> None:
        self._power_on(lamp)

    def _cut_power_in_a_write(self, lamp: Lamp) -> None:
        self.truths[lamp.name].cut_after = self.random.randrange(8)

    def _copy_flash(self, lamp: Lamp) -> None:
        self._forget_copy(lamp)
        shutil.copytree(lamp.folder, self._copy_of(lamp))
        self.older[lamp.name] = set(self.truths[lamp.name].accepted)

    def _restore_flash(self, lamp: Lamp) -> None:
        if lamp.name not in self.older:
            return
        lamp.power_off()
        shutil.rmtree(lamp.folder)
        shutil.copytree(self._copy_of(lamp), lamp.folder)
        self.truths[lamp.name].restore(self.older[lamp.name])
        self._power_on(lamp)
        self._note_older(lamp)

    def _note_older(self, lamp: Lamp) -> None:
        """Flash is older than it was: the hub must say so where it heard of something newer."""
        state = Device(Draft(self.store), lamp.name).state
        known, journal = max(state["next"], state["upto"] + 1), lamp.runtime.journal
        if state["stream"] not in (None, journal.stream.hex()) or known > journal.next:
            self.truths[lamp.name].noted = state["notes"]

    def _jump(self, lamp: Lamp) -> None:
        """Somebody sets the hub's clock, far off."""
        by_ms = self.random.choice((-_TEN_YEARS_MS, _TEN_YEARS_MS, -3_600_000, 3_600_000))
        if self.home.hub.now_ms + by_ms > 0:
            self.home.hub.now_ms += by_ms

    def _freeze(self, lamp: Lamp) -> None:
        """Time passes, and no device counts it."""
        self.home.hub.now_ms += self.random.choice((1_000, 600_000))

    def _restart_hub(self, lamp: Lamp) -> None:
        self.home.down.clear()
        if self._on_files:
            self.store.close()
            self.store.store = self._open_store()
        self.home.hub.start()

    def _crash_hub(self, lamp: Lamp) -> None:
        self.store.crash = self.random.choice(("before", "after"))

    # How

    def _at(self, lamp: Lamp, act: Any) -> None:
        """Something happens at a device; the power may go meanwhile."""
        try:
            act()
        except PowerCut:
            self._power_on(lamp)

    def _hub(self, act: Any) -> None:
        try:
            act()
        except Crash:
            self._restart_hub(self._lamp())

    def _power_on(self, lamp: Lamp) -> None:
        lamp.power_on()
        self._watch(lamp.name)

    def _watch(self, name: str) -> None:
        self.truths[name].watch(self.home.lamps[name].runtime)

    def _lamp(self) -> Lamp:
        return self.home.lamps[self.random.choice(sorted(self.home.lamps))]

    def _customer(self) -> str:
        return self.people[self.random.choice(sorted(self.people))]

    def _subject(self, lamp: Lamp) -> bytes | None:
        return self.home.subject(self._customer(), lamp.name) if self.people else None

    def _copy_of(self, lamp: Lamp) -> Path:
        return self._folder / f"{lamp.name}-older"

    def _forget_copy(self, lamp: Lamp) -> None:
        shutil.rmtree(self._copy_of(lamp), ignore_errors=True)

    def _open_store(self) -> Any:
        return TinyStore(self._folder / "store") if self._on_files else MemoryStore()


def live(seed: int) -> Counter[str]:
    with tempfile.TemporaryDirectory(prefix="rapport-") as folder:
        life = Life(seed, Path(folder))
        try:
            for _ in range(_ACTS):
                life.act()
            life.end()
        finally:
            life.close()
        return life.tally


if __name__ == "__main__":
    main(live, 500)
