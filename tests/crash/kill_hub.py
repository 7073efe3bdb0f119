"""kill -9 of hub and broker while devices talk, and whether every visit is counted once.

    python -m tests.crash.kill_hub 200 50 20000      # hub kills, broker kills, events

The hub is the whole one (hub.start.serve), forked from a process that has made all of it once
(warm_hub.py): what a start costs then is opening. One in fifty is `rapport hub` from nothing.
"""

import asyncio
import contextlib
import faulthandler
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from hub import intake
from hub.config import Settings
from hub.devices.device import Device
from hub.draft import Draft
from hub.link.broker import Broker
from hub.link.certificates import Certificates
from hub.past.use import Use, read_use
from hub.people.customer import Customer
from hub.start import build, serve
from tests.conftest import ROOT
from tests.crash.publisher import Publisher

_DEVICES = 6
_HEARD_S = 60.0  # a hub that hears nothing for so long has not come back
_UNDER_WAY_S = 0.02  # what the last hub said may still arrive
_COLD_IN = 50  # one start in so many is a cold one
_LOG = "hub.log"  # what the hub that was started last has to say
_FORKS = multiprocessing.get_context("forkserver")


def run_hub(data: Path, port: int, straight: int) -> None:
    """What the forked process does until it is killed. straight: see hub/intake.py."""
    intake.STRAIGHT = straight
    sys.stdout = sys.stderr = told = (data / _LOG).open("w")
    faulthandler.enable(told)
    settings = Settings(data=data, port=0, broker="127.0.0.1", broker_port=port)
    asyncio.run(serve(settings, lambda url: None))


class Siege:
    def __init__(self, folder: Path, seed: int, kills: int, broker_kills: int, events: int) -> None:
        self.tally: Counter[str] = Counter()
        self._random = Random(seed)
        self._data, self._folder = folder / "data", folder / "devices"
        self._kills, self._broker_kills, self._events = kills, broker_kills, events
        self._people: dict[str, bytes] = {}  # customer -> subject at their device
        self._devices: list[Publisher] = []
        self._broker: Any = None
        self._allowed = self._made = 0
        self._cold_s: list[float] = []
        self._killed: int | None = None  # the broker that was killed last

    async def run(self) -> Counter[str]:
        _FORKS.set_forkserver_preload(["tests.crash.warm_hub"])
        certificates = Certificates(self._data / "certificates")
        subjects = self._settle_in()
        self._broker = Broker(self._data / "broker", certificates)
        await self._broker.admit(subjects)
        await self._broker.start()
        try:
            await self._besiege(certificates, subjects)
        finally:
            for device in self._devices:
                await device.close()
            await self._broker.stop()
        self._count(subjects)
        return self.tally

    def _settle_in(self) -> dict[str, tuple[str, bytes]]:
        """{device: (customer, subject)}, in a store that no hub has opened yet."""
        with self._parts() as parts:
            found = {}
            for number in range(_DEVICES):
                name = f"lamp-{number + 1}"
                parts.profiles.register(name, "lamp")
                customer = parts.profiles.welcome(f"Customer {number + 1}")
                parts.profiles.link(customer, name)
                share = parts.profiles.credential(customer)["devices"][name]
                found[name] = customer, bytes.fromhex(share["subject"])
            self._lamp = parts.products["lamp"]
            return found

    @contextlib.contextmanager
    def _parts(self) -> Any:
        parts = build(Settings(data=self._data, broker="127.0.0.1"))
        try:
            yield parts
        finally:
            parts.store.close()

    async def _besiege(self, certificates: Certificates, subjects: dict[str, Any]) -> None:
        for name, (_, subject) in subjects.items():
            where, port = self._folder / name, self._broker.port
            identity = certificates.device(name)
            self._devices.append(Publisher(name, self._lamp, subject, where, port, identity))
        living = asyncio.create_task(self._live())
        for kill in range(self._kills):
            self._allowed = self._events * (kill + 1) // self._kills
            if kill * self._broker_kills // self._kills != (
                (kill + 1) * self._broker_kills // self._kills
            ):
                await self._kill_broker()
            await self._one_hub(cold=kill % _COLD_IN == _COLD_IN - 1)
        await self._last_hub(living)

    async def _live(self) -> None:
        """Visits everywhere, as many as are allowed by now."""
        while self._made < self._events:
            for device in self._devices:
                if self._made < self._allowed and device.visit():
                    self._made += 1
            await asyncio.sleep(0.002)

    async def _one_hub(self, cold: bool) -> None:
        """A hub that lives until it has committed something, and a moment more."""
        start_s = time.monotonic()
        with self._hub(cold) as pid:
            await self._heard(pid)
            if cold:
                self._cold_s.append(time.monotonic() - start_s)
            await asyncio.sleep(self._random.random() * 0.1)
        self.tally["hub_kills"] += 1

    async def _last_hub(self, living: asyncio.Task[None]) -> None:
        with self._hub(cold=False):
            await living
            deadline = time.monotonic() + 3 * _HEARD_S
            while any(device.journal.waiting() for device in self._devices):
                assert time.monotonic() < deadline, "the devices never get rid of their events"
                await asyncio.sleep(0.02)

    async def _heard(self, pid: int) -> None:
        await asyncio.sleep(_UNDER_WAY_S)
        before = sum(device.acks for device in self._devices)
        deadline = time.monotonic() + _HEARD_S
        while sum(device.acks for device in self._devices) == before:
            if self._made == self._allowed and not any(d.journal.waiting() for d in self._devices):
                self._allowed += 1  # there is nothing left to hear
            if time.monotonic() > deadline:
                raise AssertionError(await self._why_not(pid))
            await asyncio.sleep(0.005)

    async def _why_not(self, pid: int) -> str:
        """What there is to see of a hub that hears nothing, and of its devices."""
        os.kill(pid, signal.SIGABRT)  # faulthandler says where each of its threads is
        await asyncio.sleep(1)
        hub = (self._data / _LOG).read_text()[-4000:]
        devices = [f"{device.journal.waiting()} wait, {device.link}" for device in self._devices]
        return "\n".join([f"no hub comes back, broker {self._broker.pid}", hub, *devices])

    async def _kill_broker(self) -> None:
        deadline = time.monotonic() + _HEARD_S
        while self._broker.pid in (None, self._killed):  # it is about to come back
            assert time.monotonic() < deadline, "the broker does not come back"
            await asyncio.sleep(0.005)
        self._killed = self._broker.pid
        os.kill(self._killed, signal.SIGKILL)
        self.tally["broker_kills"] += 1

    @contextlib.contextmanager
    def _hub(self, cold: bool) -> Any:
        process: Any = self._cold() if cold else self._forked()
        try:
            yield process.pid
        finally:
            process.kill()
            process.wait() if cold else process.join()

    def _forked(self) -> Any:
        straight = self._random.choice((0, intake.STRAIGHT))  # every other one takes it as a burst
        told = self._data, self._broker.port, straight
        process = _FORKS.Process(target=run_hub, args=told, daemon=True)
        process.start()
        return process

    def _cold(self) -> Any:
        settings = {
            "RAPPORT_DATA": str(self._data),
            "RAPPORT_PORT": "0",
            "RAPPORT_BROKER": "127.0.0.1",
            "RAPPORT_BROKER_PORT": str(self._broker.port),
        }
        with (self._data / _LOG).open("w") as told:
            return subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tools.cli", "hub"],
                cwd=ROOT,
                env={**os.environ, **settings},
                stdout=told,
                stderr=told,
            )

    def _count(self, subjects: dict[str, Any]) -> None:
        """What the hub has, beside what the devices had accepted."""
        with self._parts() as parts:
            parts.intake.settle()
            draft = Draft(parts.store)
            for device, (name, (customer, _)) in zip(self._devices, subjects.items(), strict=True):
                state, use = Device(draft, name), _use(Customer(draft, customer))
                unheard = sum(state.first_time(uid) for uid in device.accepted)
                visits = len(device.accepted)
                seconds = sum(event.body[1] for event in device.accepted.values())
                self.tally["points"] += visits
                self.tally["lost"] += max(unheard, visits - use.visits)
                self.tally["twice"] += max(use.visits - visits, 0)
                self.tally["phantom"] += use.seconds > seconds and use.visits <= visits
        if self._cold_s:
            self.tally["cold_start_ms"] = int(1000 * sum(self._cold_s) / len(self._cold_s))


def _use(customer: Customer) -> Use:
    return read_use(customer.use_of("lamp"), customer.generation)


def besiege(kills: int, broker_kills: int, events: int, seed: int = 1) -> Counter[str]:
    with tempfile.TemporaryDirectory(prefix="rapport-") as folder:
        siege = Siege(Path(folder), seed, kills, broker_kills, events)
        return asyncio.run(siege.run())


if __name__ == "__main__":
    print(json.dumps(besiege(*map(int, sys.argv[1:4]))))  # noqa: T201
